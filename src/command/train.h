/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run of `train`, from its options to its end, and going on with one that was
 * cut short.
 *
 *     options ─▶ train_run ─▶ struct run_record in session->runs (runs.h)
 *                    ▲              │ state, weights
 *                    └── resume ◀───┘ or a checkpoint
 */
#ifndef NABLA_COMMAND_TRAIN_H
#define NABLA_COMMAND_TRAIN_H

#include "command/early.h"
#include "command/trainoptions.h"
#include "command/weights.h"

enum run_ending {
    RUN_UNFINISHED,  /* while it runs; in a checkpoint */
    RUN_FINISHED,    /* every epoch or update was made */
    RUN_STOPPED,     /* by until= or patience= */
    RUN_INTERRUPTED, /* may go on */
    RUN_DIVERGED,    /* the loss was not finite */
    RUN_FAILED,      /* a file, or memory */
};
extern const char *const run_ending_names[];

/* Where a run stands: with the network's numbers, all that going on takes. */
struct run_state {
    struct train_options options;
    struct nb_progress progress;
    struct early_state early;
    double seconds; /* of the epochs that have ended, without evaluation */
    double validation_loss, validation_accuracy; /* of the last epoch; NaN: none */
    enum run_ending ending;
    /* The rows it trains on: runfile_rows_mark(), and of a data set what data is
     * told to load it (else ""), its split, limit and scale. */
    uint64_t rows_mark;
    struct dataset_rules rules;
    char recipe[1200];
};

/* Trains session->net.  `resume`: goes on from there, the network holding the
 * numbers of that moment, `best` (may be NULL; swapped, not taken) those of the
 * best epoch; `record` (may be NULL) receives how it ended.  Nothing is kept
 * for undo here.  The learning of the network is as before when it returns. */
struct run_record;
enum nb_status train_run(struct session *session, const struct train_options *options,
                         const struct run_state *resume, struct weights *best,
                         struct run_record *record, struct nb_error *error);

struct weights; /* weights.h */

/* Prints the rows, the network and every option in force; nothing where quiet. */
void train_announce(const struct session *session, const struct train_options *options,
                    bool resumed);
/* NB_FAILED: no rows to train on, or they do not fit the network. */
enum nb_status train_check_rows(const struct session *session, struct nb_error *error);
/* NB_FAILED: batches of one row under batch norm. */
enum nb_status train_check_batch(const struct session *session, const struct train_options *options,
                                 struct nb_error *error);
/* The rows that the user gave go into the present network. */
enum nb_status train_put_rows(struct session *session, struct nb_error *error);
/* The network of a run, with these weights of it, takes the place of the present
 * one; settings and rows stay. */
enum nb_status train_take_weights(struct session *session, struct weights *weights,
                                  struct nb_error *error);

#endif
