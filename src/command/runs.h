/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runs of a session, numbered from 1: what they were told, how they ended,
 * and their weights, as long as all together keep within RUNS_BYTES (the oldest
 * are let go first).
 */
#ifndef NABLA_COMMAND_RUNS_H
#define NABLA_COMMAND_RUNS_H

#include "command/train.h"

#define RUNS_BYTES ((size_t)256 << 20)

struct run_record {
    size_t number;
    struct run_state state;
    char network[200]; /* "784-64-10 lecun softmax" */
    char data[80];     /* the data set's name, or "" */
    /* As the run began and ended; NULL: let go, or the run never ended. */
    struct weights *start, *end;
    /* The numbers it would go on from where those at its end are better ones;
     * NULL: it goes on from its end. */
    struct weights *own;
    uint64_t mark;            /* weights_mark() of the network as the run left it */
    struct nb_learning usual; /* by the settings, whose place the run's options took */
};

/* A new record for a run that begins with these options and the network as it
 * is; an empty name becomes "Exp. NUMBER".  It lives as long as the session. */
enum nb_status runs_begin(struct session *session, const struct train_options *options,
                          struct run_record **record, struct nb_error *error);
/* The run has ended as record->state says: keeps the network's weights, and lets
 * the oldest go where there are too many, saying so. */
enum nb_status runs_end(struct session *session, struct run_record *record, struct nb_error *error);

size_t runs_count(const struct session *session);
struct run_record *runs_at(const struct session *session, size_t index); /* from 0 */
struct run_record *runs_last(const struct session *session);             /* NULL: none yet */
/* The last run, where the network stands as it left it and the settings are as they were;
 * NULL: none is. */
struct run_record *runs_present(const struct session *session);
/* The newest of that name, or by number ("3", "Exp. 3").  NB_FAILED: says which there are. */
enum nb_status runs_find(const struct session *session, const char *name,
                         struct run_record **record, struct nb_error *error);

/* Sets the list aside and begins an empty one; again and again, if asked. */
enum nb_status runs_set_aside(struct session *session, struct nb_error *error);
/* The list set aside last comes back, with the present runs behind its own: they are numbered
 * anew.  NB_FAILED: none was set aside. */
enum nb_status runs_bring_back(struct session *session, struct nb_error *error);

struct runs;
void runs_free(struct runs **runs);

/* The columns of the table of runs: names, and their cells. */
const struct nb_choice *runs_columns(size_t *count);

#endif
