/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights that a run comes back to: the best by the validation loss, and the
 * last good ones before the loss blew up. */
#ifndef NABLA_COMMAND_EARLY_H
#define NABLA_COMMAND_EARLY_H

#include "command/weights.h"

/* ---- Early stopping ---- */

struct early_state {
    uint64_t best_epoch; /* 0: none yet */
    uint64_t waited;     /* epochs since */
    double best_loss;
};

enum early_verdict { EARLY_BETTER, EARLY_WORSE, EARLY_STOP /* worse, `patience` epochs long */ };

/* What the loss after `epoch` means; NaN is never better. */
enum early_verdict early_judge(struct early_state *state, uint64_t patience, uint64_t epoch,
                               double loss);

/* ---- The weights before the last update ---- */

/* Of a run whose epochs are one update each; kept only where the next update may be
 * the last. */
struct previous {
    struct weights *before, *latest;
};

/* An epoch has ended, or with `begins` the run begins; may the next be the last? */
enum nb_status previous_epoch(struct previous *previous, const struct nb_net *net, bool begins,
                              bool may_be_last, struct nb_error *error);
/* The network as it was before the last update, at the rate `lr`, all computed that
 * an update goes by; NULL where the weights were not kept. */
enum nb_status previous_net(struct previous *previous, const struct nb_net *net, double lr,
                            struct nb_net **old, struct nb_error *error);
void previous_release(struct previous *previous);

/* ---- The last good weights ---- */

/* Weights at the end of an epoch are good once the next epoch's mean loss did
 * not blow up.  They are kept after every epoch at first, later ever more rarely. */
struct good {
    struct weights *good, *next; /* `next` is not known to be good yet */
    uint64_t good_epoch, next_epoch;
    bool next_good;
    double least; /* the least mean loss so far; 0: none */
};

enum nb_status good_begin(struct good *good, const struct nb_net *net, uint64_t epoch,
                          struct nb_error *error);
/* After an epoch of mean loss `loss`. */
enum nb_status good_epoch(struct good *good, const struct nb_net *net, uint64_t epoch, double loss,
                          struct nb_error *error);
/* Puts the last good weights into the network, whose present epoch came to the
 * mean loss `loss` before it failed (NaN: in its first batch); *epoch receives
 * the epoch that they ended. */
enum nb_status good_restore(struct good *good, struct nb_net *net, double loss, uint64_t *epoch,
                            struct nb_error *error);
void good_release(struct good *good);

#endif
