/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that judge a network; their rows stand in judge.c. */
#ifndef NABLA_COMMAND_JUDGE_H
#define NABLA_COMMAND_JUDGE_H

#include "command/command.h"

enum nb_status predict_command(struct session *session, const struct call *call,
                               struct nb_error *error);
enum nb_status worst_command(struct session *session, const struct call *call,
                             struct nb_error *error);
enum nb_status confusion_command(struct session *session, const struct call *call,
                                 struct nb_error *error);
enum nb_status doctor_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
