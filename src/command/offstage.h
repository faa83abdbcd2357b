/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lesson that is played out of sight, in a session of its own: for grading and export.
 *
 *     offstage_open → offstage_run, offstage_ask part by part → offstage_close
 */
#ifndef NABLA_COMMAND_OFFSTAGE_H
#define NABLA_COMMAND_OFFSTAGE_H

#include "command/asking.h"
#include "command/session.h"
#include "lesson/player.h"

struct offstage {
    struct sink unseen;
    struct session *session;
    struct lesson_host host;
    struct lesson_player *player; /* the session's */
    const char *missing;          /* the data of a block that was left out, or NULL */
};

/* Reads the lesson; numbers are drawn by `seed`, and failures reported on watching->err:
 * `error` is empty then.  It must not move until it is closed, which it needs only where
 * this is NB_OK. */
enum nb_status offstage_open(struct session *watching, const char *path, uint64_t seed,
                             struct offstage *stage, struct nb_error *error);
void offstage_close(struct offstage *stage);

/* Runs a block of commands, or leaves it out for want of data; nothing for other parts. */
enum nb_status offstage_run(struct offstage *stage, const struct lesson_part *part,
                            struct nb_error *error);

/* Opens a question, for asking_close. */
enum nb_status offstage_ask(struct offstage *stage, const struct ask *ask, struct asking *asking,
                            struct nb_error *error);

#endif
