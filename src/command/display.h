/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bare expression's value, for reading: aligned, labelled, cut where it is large. */
#ifndef NABLA_COMMAND_DISPLAY_H
#define NABLA_COMMAND_DISPLAY_H

#include "command/session.h"

enum nb_status display_value(struct session *session, const struct lang_tree *tree,
                             const struct value *value, struct nb_error *error);

/* The same after a label: "1: w1" and its value. */
enum nb_status display_labelled(struct session *session, const char *label,
                                const struct lang_tree *tree, const struct value *value,
                                struct nb_error *error);

/* Adds 1234567 as 1,234,567. */
void display_count(struct text *text, size_t count);

#endif
