/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prose set for the terminal, wrapped to the sink's width. */
#ifndef NABLA_LESSON_RENDER_H
#define NABLA_LESSON_RENDER_H

#include "base/sink.h"
#include "lesson/lesson.h"

/* Who knows the values that stand in prose as `=x[1]`. */
struct lesson_values {
    void *context;
    /* Adds the value of an expression; where it has none what was written is shown. */
    enum nb_status (*add)(void *context, const char *expression, struct text *text);
};

/* One block of prose, and a blank line behind it. */
void lesson_render(const struct lesson *lesson, const struct lesson_part *part,
                   const struct lesson_values *values, struct sink *sink);

/* Words of a block as Markdown, indented, without a blank line behind them.  Of a
 * list of choices `number` stands before each, 0: none. */
void lesson_render_words(const char *words, size_t number, const struct lesson_values *values,
                         struct sink *sink);

/* The same words on one line, without styles, for files. */
void lesson_plain_words(const char *words, const struct lesson_values *values, struct text *text);

#endif
