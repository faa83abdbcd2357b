/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a student has answered, kept with the lesson's progress, as a file to hand in. */
#ifndef NABLA_COMMAND_HANDIN_H
#define NABLA_COMMAND_HANDIN_H

#include "command/command.h"
#include "command/session.h"
#include "lesson/lesson.h"

/* `answer` was given to question `id` of the lesson that is played: for `answers to` and the
 * transcript. */
void handin_note(struct session *session, const char *id, const struct text *answer, bool assisted);

/* The lesson that is begun: the one whose answers are handed in.  A student's numbers
 * are drawn by the student's seed. */
enum nb_status handin_begin(struct session *session, const struct lesson *lesson,
                            struct nb_error *error);

enum nb_status answers_command(struct session *session, const struct call *call,
                               struct nb_error *error);

#endif
