/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text that grows, as git's strbuf: always a valid C string.
 *
 *     struct text line = TEXT_INIT;
 *     text_printf(&line, "%s = %g", name, value);
 *     puts(line.bytes);
 *     text_release(&line);
 *
 * Invariants: bytes[length] == '\0'; bytes is never NULL.  Where memory runs
 * out the text keeps what it has, `failed` is set and stays set: write freely,
 * then look once with text_status().
 */
#ifndef NABLA_BASE_TEXT_H
#define NABLA_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "nabla.h"

struct text {
    char *bytes;
    size_t length, capacity; /* capacity 0: bytes is not on the heap */
    bool failed;
};

extern char text_empty[]; /* the bytes of every empty text */
#define TEXT_INIT                                                                                  \
    {                                                                                              \
        text_empty, 0, 0, false                                                                    \
    }

void text_init(struct text *text);
void text_release(struct text *text);            /* empty again, and usable */
void text_clear(struct text *text);              /* keeps the memory */
void text_cut(struct text *text, size_t length); /* no longer than `length` */

void text_add(struct text *text, const char *string);
void text_add_part(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_repeat(struct text *text, const char *string, size_t times);
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vprintf(struct text *text, const char *format, va_list arguments);

/* Adds spaces until the text's last line is `column` columns wide (UTF-8). */
void text_pad(struct text *text, size_t column);

/* Adds `string` so that the text's last line ends at `column`, or behind it. */
void text_add_right(struct text *text, size_t column, const char *string);

enum nb_status text_status(const struct text *text, struct nb_error *error);

/* Takes the string out, for free(); the text is empty again.  NULL: memory. */
char *text_take(struct text *text);

/* How many lines end among `length` bytes. */
size_t text_lines(const char *bytes, size_t length);

/* ---- UTF-8 ---- */

/* Decodes one character of bytes[0..length); its length, or 0 for malformed
 * bytes or none. */
size_t utf8_decode(const char *bytes, size_t length, unsigned *codepoint);
size_t utf8_width(const char *bytes, size_t length); /* columns; combining marks take none */
bool utf8_valid(const char *bytes, size_t length);

#endif
