/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the words of a question show, or tell to print: `=a2[1]` and `print z1, delta2`.
 *
 * Looking at that is no help that anybody would not have.
 */
#ifndef NABLA_COMMAND_SHOWN_H
#define NABLA_COMMAND_SHOWN_H

#include "command/session.h"
#include "lesson/lesson.h"

/* Do two canonical names stand for the same quantity, as yhat and a2 may? */
bool shown_same(struct session *session, const char *a, const char *b);

/* Is the name, or another one of the same quantity, in source[span]? */
bool shown_in(struct session *session, const char *source, struct lang_span span, const char *name);

/* Is the name in what the question, or one of its first `hints` hints, shows or tells to print? */
bool shown_names(struct session *session, const struct ask *ask, size_t hints, const char *name);

/* What the question and its hints tell to print can be printed.  error->at is a place in the
 * lesson's source where it fails. */
enum nb_status shown_prove(struct session *session, const struct lesson *lesson,
                           const struct ask *ask, struct nb_error *error);

#endif
