/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a learning-rate schedule is written: none, exp(1e-4), step(0.5,10),
 * inverse(0.01), cosine. */
#ifndef NABLA_COMMAND_SCHEDULESPEC_H
#define NABLA_COMMAND_SCHEDULESPEC_H

#include "base/text.h"
#include "lang/lang.h"
#include "nabla.h"

/* Reads source[span], without quotes; step(0.92) is step(0.92,1).  per_step stays
 * as it is.  NB_USAGE with a place. */
enum nb_status schedule_parse(const char *source, struct lang_span span,
                              struct nb_schedule *schedule, struct nb_error *error);

/* Adds "step(0.5,10)", as schedule_parse reads it. */
void schedule_add(struct text *text, const struct nb_schedule *schedule);

/* The forms, for help: "exp(k)", what it does. */
const struct nb_choice *schedule_forms(size_t *count);

#endif
