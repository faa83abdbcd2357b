/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The condition that ends a run: until="loss < 0.005". */
#ifndef NABLA_COMMAND_UNTIL_H
#define NABLA_COMMAND_UNTIL_H

#include "command/session.h"

struct until {
    struct session *session;
    struct lang_tree *tree; /* NULL: no condition */
    struct nb_error error;  /* what reading it came to, NB_OK: nothing wrong */
};

/* "" is no condition.  It is read once here, so that an error comes before the
 * first epoch; its place is one in `condition`. */
enum nb_status until_init(struct until *until, struct session *session, const char *condition,
                          struct nb_error *error);
/* Is it true after this epoch?  Its mean loss, accuracy and number are read as
 * loss, accuracy and epoch.  False, with until->error, where it fails. */
bool until_true(struct until *until, const struct nb_progress *now);
void until_release(struct until *until);

#endif
