/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from the tables: help, topics, conventions. */
#ifndef NABLA_COMMAND_INFORM_H
#define NABLA_COMMAND_INFORM_H

#include "command/command.h"

/* A page of help that is no command's. */
struct topic {
    const char *name, *summary;
    const char *text; /* as it is printed; NULL where only the table counts */
    const struct nb_choice *(*table)(size_t *count); /* rows to list below, or NULL */
};
const struct topic *topics(size_t *count);
const struct topic *topic_find(const char *name); /* NULL where there is none */

/* Adds `string` filled to `width`, each line behind `indent` blanks; the first
 * goes on where the text stands.  A single newline is a blank, two begin a
 * paragraph. */
void text_wrap(struct text *text, const char *string, size_t indent, size_t width);

enum nb_status help_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status apropos_command(struct session *session, const struct call *call,
                               struct nb_error *error);
enum nb_status conventions_command(struct session *session, const struct call *call,
                                   struct nb_error *error);

#endif
