/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data set of a session, for `data`, `scale`, `train`, `evaluate`. */
#ifndef NABLA_COMMAND_DATA_H
#define NABLA_COMMAND_DATA_H

#include "command/command.h"

/* The parts as choices, for argument rows. */
const struct nb_choice *data_part_choices(size_t *count);

/* "50,000" */
void add_grouped(struct text *text, size_t number);

#endif
