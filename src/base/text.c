/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

char text_empty[] = "";

void text_init(struct text *text)
{
    *text = (struct text)TEXT_INIT;
}

void text_release(struct text *text)
{
    if (text->capacity)
        free(text->bytes);
    text_init(text);
}

void text_clear(struct text *text)
{
    text_cut(text, 0);
    text->failed = false;
}

void text_cut(struct text *text, size_t length)
{
    if (length >= text->length)
        return;
    text->length = length;
    text->bytes[length] = '\0';
}

static bool text_reserve(struct text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 2 - text->length)
        return !(text->failed = true);
    size_t wanted = text->length + more + 1;
    if (wanted <= text->capacity)
        return true;
    size_t capacity = text->capacity ? text->capacity * 2 : 64;
    if (capacity < wanted)
        capacity = wanted;
    char *grown = memory_resize(text->capacity ? text->bytes : NULL, capacity, 1);
    if (!grown)
        return !(text->failed = true);
    if (!text->capacity)
        grown[0] = '\0';
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void text_add(struct text *text, const char *string)
{
    text_add_part(text, string, strlen(string));
}

void text_add_part(struct text *text, const char *bytes, size_t length)
{
    if (!length || !text_reserve(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_char(struct text *text, char c)
{
    text_add_part(text, &c, 1);
}

void text_repeat(struct text *text, const char *string, size_t times)
{
    size_t length = strlen(string);
    for (size_t i = 0; i < times; i++)
        text_add_part(text, string, length);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(text, format, arguments);
    va_end(arguments);
}

void text_vprintf(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        text->failed = true;
    } else if (length && text_reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_pad(struct text *text, size_t column)
{
    const char *newline = strrchr(text->bytes, '\n');
    const char *line = newline ? newline + 1 : text->bytes;
    size_t width = utf8_width(line, strlen(line));
    if (width < column)
        text_repeat(text, " ", column - width);
}

void text_add_right(struct text *text, size_t column, const char *string)
{
    size_t width = utf8_width(string, strlen(string));
    text_pad(text, column > width ? column - width : 0);
    text_add(text, string);
}

enum nb_status text_status(const struct text *text, struct nb_error *error)
{
    return text->failed ? error_memory(error) : NB_OK;
}

char *text_take(struct text *text)
{
    char *taken = text->failed ? NULL : string_copy_part(text->bytes, text->length);
    text_release(text);
    return taken;
}

size_t text_lines(const char *bytes, size_t length)
{
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

size_t utf8_decode(const char *bytes, size_t length, unsigned *codepoint)
{
    static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (!length)
        return 0;
    unsigned char first = (unsigned char)bytes[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (!size || size > length)
        return 0;
    unsigned value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3fu);
    }
    if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *codepoint = value;
    return size;
}

static bool is_combining(unsigned codepoint)
{
    return (codepoint >= 0x300 && codepoint < 0x370) || codepoint == 0x200d ||
           (codepoint >= 0xfe00 && codepoint < 0xfe10);
}

static bool is_wide(unsigned codepoint)
{
    return (codepoint >= 0x1100 && codepoint < 0x1160) ||
           (codepoint >= 0x2e80 && codepoint < 0xa4d0) ||
           (codepoint >= 0xac00 && codepoint < 0xd7a4) ||
           (codepoint >= 0xf900 && codepoint < 0xfb00) ||
           (codepoint >= 0xfe30 && codepoint < 0xfe70) ||
           (codepoint >= 0xff00 && codepoint < 0xff61) ||
           (codepoint >= 0x1f300 && codepoint < 0x1f650) || codepoint >= 0x20000;
}

size_t utf8_width(const char *bytes, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length;) {
        unsigned codepoint = 0xfffd;
        size_t size = utf8_decode(bytes + i, length - i, &codepoint);
        i += size ? size : 1;
        width += is_combining(codepoint) ? 0 : is_wide(codepoint) ? 2 : 1;
    }
    return width;
}

bool utf8_valid(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned codepoint;
        size_t size = utf8_decode(bytes + i, length - i, &codepoint);
        if (!size)
            return false;
        i += size;
    }
    return true;
}
