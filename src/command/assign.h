/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignment: `name = EXPR`, `name[i,j] = EXPR`, and what `init again` needs of it. */
#ifndef NABLA_COMMAND_ASSIGN_H
#define NABLA_COMMAND_ASSIGN_H

#include "command/session.h"

/* Runs one assignment and echoes name and shape. */
enum nb_status session_assign(struct session *session, const char *source,
                              struct lang_span statement, struct nb_error *error);

/* Gives x or y with the history and the echo of an assignment. */
enum nb_status assign_rows(struct session *session, enum nb_quantity_kind kind,
                           const struct value *value, struct nb_error *error);

/* Weights set by hand since the last draw are part of what a run begins with. */
enum nb_status start_restore(struct session *session, struct nb_error *error);
void start_forget(struct session *session);
void start_add_names(const struct session *session, struct text *text); /* "w1, b1" */

#endif
