/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers of the defining commands; define.c has the rows of all of them. */
#ifndef NABLA_COMMAND_DEFINE_H
#define NABLA_COMMAND_DEFINE_H

#include "command/command.h"
#include "command/session.h"

/* The session's network becomes `net` (taken, also on failure), with the rows that
 * were given, where they fit; undo brings the old one back. */
enum nb_status define_adopt(struct session *session, struct nb_net *net, struct nb_error *error);

/* input.c */
enum nb_status input_command(struct session *session, const struct call *call,
                             struct nb_error *error);
enum nb_status target_command(struct session *session, const struct call *call,
                              struct nb_error *error);

/* freeze.c; thaw, too, by the command's name */
enum nb_status freeze_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
