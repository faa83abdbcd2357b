/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question that waits for its number: the next expression is the answer. */
#ifndef NABLA_COMMAND_QUIZ_H
#define NABLA_COMMAND_QUIZ_H

#include "command/session.h"

/* Judges the statement as the answer to the open question, and shows the number.  Where it
 * cannot be judged the question stays open. */
enum nb_status quiz_answer(struct session *session, const char *source, struct lang_span statement,
                           struct nb_error *error);

/* Forgets the open question, if there is one: the network has changed. */
void quiz_drop(struct session *session);

#endif
