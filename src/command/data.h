/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data set of a session, for `data`, `scale`, `train`, `evaluate`. */
#ifndef NABLA_COMMAND_DATA_H
#define NABLA_COMMAND_DATA_H

#include "command/command.h"

enum nb_status data_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status scale_command(struct session *session, const struct call *call,
                             struct nb_error *error);

/* The parts as choices, for argument rows. */
const struct nb_choice *data_part_choices(size_t *count);

/* "50,000" */
void add_grouped(struct text *text, size_t number);

#endif
