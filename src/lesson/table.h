/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of Markdown, whose second line says `---`, `:--`, `--:` or `:-:`. */
#ifndef NABLA_LESSON_TABLE_H
#define NABLA_LESSON_TABLE_H

#include <stdbool.h>

#include "base/text.h"

/* Sets the table that the lines are, in columns no wider than `width` in all: what is
 * longer is broken within its cell; without `unicode` as wide as its ASCII will be.  False: the
 * lines are no table, and text is as before. */
bool table_set(const char *bytes, size_t length, size_t width, bool unicode, struct text *text);

#endif
