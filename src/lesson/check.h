/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does a block print what the lesson says?
 *
 *     0.2435      matches 0.243513, not 0.24357    numbers, to the digits written
 *     loss ...    matches loss 0.25 after 3        `...` stands for anything
 *     ...         alone on a line: for any lines, also for none
 *
 * Blanks are as good as any other blanks; empty lines don't count.
 */
#ifndef NABLA_LESSON_CHECK_H
#define NABLA_LESSON_CHECK_H

#include "base/text.h"

/* The first line that differs, as far as the two could be laid side by side. */
struct output_difference {
    size_t line;               /* of what was expected, from 1 */
    struct text expected, got; /* words in brackets where there is none; behind `...` the
                                  lines that might have been meant, a line each */
};

/* NB_WRONG: they differ, and *difference (overwritten) says where. */
enum nb_status output_check(const char *expected, size_t expected_length, const char *got,
                            size_t got_length, struct output_difference *difference);
void output_difference_release(struct output_difference *difference);

#endif
