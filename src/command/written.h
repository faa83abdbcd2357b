/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer as it is handed in: names have no meaning where answers are graded. */
#ifndef NABLA_COMMAND_WRITTEN_H
#define NABLA_COMMAND_WRITTEN_H

#include "command/asking.h"

/* Adds source[span], which was judged to be `answer`, on one line and in numbers, so that
 * grading judges it alike: as it was typed, else with numbers for its names, else its value. */
void written_answer(struct asking *asking, const char *source, struct lang_span span,
                    const struct asking_answer *answer, struct text *text);

#endif
