/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text within the width of where it goes. */
#ifndef NABLA_COMMAND_WRAP_H
#define NABLA_COMMAND_WRAP_H

#include "base/sink.h"
#include "command/wrap.h"

/* Adds `string` filled to `width`, each line behind `indent` blanks; the first
 * goes on where the text stands.  A single newline is a blank, two begin a
 * paragraph. */
void text_wrap(struct text *text, const char *string, size_t indent, size_t width);

/* Adds items with `between` (" · ") between them, filled to `width`: a line ends
 * behind the mark.  A newline follows the last. */
void text_wrap_items(struct text *text, const char *items, const char *between, size_t width);

/* Prints a page of lines that were set for wide sinks.  Where a line is wider than
 * this one it is broken at blanks: prose flows on into the lines below it, the
 * others go on under their second column. */
void wrap_print(struct sink *sink, const struct text *page);

/* Prints a line that a terminal has between words; files and programs have it whole. */
void wrap_note(struct sink *sink, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
