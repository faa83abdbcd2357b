/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words with numbers in brackets: normal(0.1), step(0.5,10), fan-in. */
#ifndef NABLA_COMMAND_WORDSPEC_H
#define NABLA_COMMAND_WORDSPEC_H

#include "lang/lang.h"
#include "nabla.h"

/* How one of the words is written. */
struct word_shape {
    size_t least, most; /* numbers in its brackets; 0: it has none */
    const char *example;
    bool (*valid)(const double numbers[2]); /* NULL: any numbers will do */
};

/* Words of one kind: rows[i] has the shape shapes[i]. */
struct word_kind {
    const char *name; /* "schedule" */
    const struct nb_choice *(*rows)(size_t *count);
    const struct nb_choice *(*forms)(size_t *count); /* that an error lists */
    const struct word_shape *shapes;
};

/* Reads source[span], without quotes: which row, and the numbers that are there (the
 * others stay as they are).  NB_USAGE with a place. */
enum nb_status word_parse(const struct word_kind *kind, const char *source, struct lang_span span,
                          size_t *row, double numbers[2], struct nb_error *error);

/* Reads the numbers of "(-1, 1)", at most two, and tells how many: none in
 * nothing at all, SIZE_MAX where it is no such list. */
size_t word_numbers(const char *text, size_t length, double numbers[2]);

#endif
