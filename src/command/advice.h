/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may help where a loss was not finite. */
#ifndef NABLA_COMMAND_ADVICE_H
#define NABLA_COMMAND_ADVICE_H

#include "command/trainoptions.h"

/* Adds a sentence without its full stop, after the rows that the run had, its
 * options and where it failed. */
void advice_add(struct text *text, const struct session *session,
                const struct train_options *options, const struct nb_progress *last);

#endif
