/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers of the defining commands; define.c has the rows of all of them. */
#ifndef NABLA_COMMAND_DEFINE_H
#define NABLA_COMMAND_DEFINE_H

#include "command/command.h"
#include "command/session.h"

/* input.c */
enum nb_status input_command(struct session *session, const struct call *call,
                             struct nb_error *error);
enum nb_status target_command(struct session *session, const struct call *call,
                              struct nb_error *error);

/* freeze.c; thaw, too, by the command's name */
enum nb_status freeze_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
