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

enum nb_status help_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status apropos_command(struct session *session, const struct call *call,
                               struct nb_error *error);
enum nb_status conventions_command(struct session *session, const struct call *call,
                                   struct nb_error *error);

#endif
