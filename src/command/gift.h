/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions of a lesson in GIFT, as Moodle imports them. */
#ifndef NABLA_COMMAND_GIFT_H
#define NABLA_COMMAND_GIFT_H

#include "command/session.h"

/* Plays the lesson begun last once more, out of sight and by the session's seed, and
 * writes its questions: numerical ones with the tolerance that the lesson asks for, one for
 * each element of a vector or matrix, and multiple choice.  What is wrong in the lesson
 * earns nothing and gets its advice; hints are the general feedback.
 * NB_FAILED: no lesson was begun, or it asks nothing or cannot be played. */
enum nb_status gift_write(struct session *session, const char *path, struct nb_error *error);

#endif
