/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson begins the same whatever a person has set: the settings of the session's
 * beginning, no break, no watch, no display.  The person's own come back after it. */
#ifndef NABLA_COMMAND_ONSET_H
#define NABLA_COMMAND_ONSET_H

#include "command/session.h"
#include "lesson/lesson.h"

/* A lesson that varies keeps the seed, which tells the variant. */
enum nb_status onset_begin(struct session *session, const struct lesson *lesson,
                           struct nb_error *error);

/* Where one has begun; what has gone wrong is said. */
void onset_end(struct session *session);

#endif
