/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging what a person, or a person's program, has worked out. */
#ifndef NABLA_COMMAND_CHECK_H
#define NABLA_COMMAND_CHECK_H

#include "command/command.h"

/* checkfile.c: the arrays of an .npz file. */
enum nb_status check_file(struct session *session, const char *path, struct nb_error *error);

/* quiz.c */
enum nb_status quiz_command(struct session *session, const struct call *call,
                            struct nb_error *error);

/* A wrong answer has been printed: NB_WRONG, which stops no script. */
enum nb_status check_wrong(struct session *session);

#endif
