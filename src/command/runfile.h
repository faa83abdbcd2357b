/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of a network and, in a checkpoint, of the run that trains it.
 *
 *     session->net   ─▶ checkpoint.h                w1 b1 ... vw1
 *     settings       ─▶ texts                       setting.lr, epochs
 *     run_record     ─▶ texts, the best weights     run.options.batch, best.w1
 */
#ifndef NABLA_COMMAND_RUNFILE_H
#define NABLA_COMMAND_RUNFILE_H

#include "command/runs.h"

/* Writes the present network beside and renames it: FILE is the old one or the
 * new one.  `record` (may be NULL) is the run that it is in, `best` (may be NULL,
 * stays as it is) the run's best weights.  NB_SYSTEM. */
enum nb_status runfile_write(const struct session *session, const char *path,
                             const struct run_record *record, struct weights *best,
                             struct nb_error *error);

/* What a file held. */
struct runfile {
    struct nb_net *net;
    struct settings settings; /* the session's, changed as the file says */
    uint64_t epochs;          /* of the session */
    bool has_run;             /* the rest is there */
    struct run_state state;
    char data[80];        /* the data set's name, or "" */
    struct weights *best; /* NULL: none, or the network's own */
};

/* NB_SYSTEM: it cannot be read, is another kind of file, or damaged. */
enum nb_status runfile_read(const struct session *session, const char *path, struct runfile *file,
                            struct nb_error *error);
void runfile_release(struct runfile *file);

/* A number that differs where the rows to train on do: the data set, its parts
 * and scale, or x and y. */
uint64_t runfile_rows_mark(const struct session *session);

/* ---- Checkpoints while a run goes on ---- */

struct keeper {
    const char *path; /* "": none */
    double last;      /* seconds: when it was last written */
    double took;      /* and how long that took */
    bool failed;
};

/* Within an epoch every few seconds; at an epoch's end unless writing would take
 * more than a twentieth of the time. */
bool keeper_due(const struct keeper *keeper, bool epoch_ends);
enum nb_status keeper_write(struct keeper *keeper, const struct session *session,
                            const struct run_record *record, struct weights *best,
                            struct nb_error *error);

#endif
