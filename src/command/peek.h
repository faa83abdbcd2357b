/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How names are read in an expression that is looked at again and again: the
 * condition of a break, what display shows, until= of train.  Nothing fails
 * there only because a number is not computed yet.
 */
#ifndef NABLA_COMMAND_PEEK_H
#define NABLA_COMMAND_PEEK_H

#include "command/session.h"

struct peek {
    const struct nb_progress *epoch; /* loss, accuracy and epoch are its numbers; NULL: not */
    bool dry;                        /* could it be read at all?  What is not fresh reads as 0 */
    bool batch;                      /* in train: what a batch computes is fresh for it, */
    bool fused;                      /* but for the gradients of weights */
    const struct nb_op *op;          /* that has just run; NULL: none */
    /* What was seen: */
    bool unfresh;  /* something was not fresh, so there is no value (but for a dry one) */
    bool reads;    /* a quantity, */
    bool written;  /* one that op has written, */
    bool gradient; /* one that a fused update leaves unwritten: dw, gw */
};

/* Evaluates by `peek`, whose last part it fills. */
enum nb_status peek_evaluate(struct session *session, struct peek *peek,
                             const struct lang_tree *tree, struct value *value,
                             struct nb_error *error);

/* Likewise a condition: true where its value is one number and not 0.  NB_FAILED
 * where it is several, or cannot be read; not fresh is false and NB_OK. */
enum nb_status peek_true(struct session *session, struct peek *peek, const struct lang_tree *tree,
                         bool *result, struct nb_error *error);

/* Parses source[at..end) and makes sure that it can be read, be it fresh or not:
 * NB_USAGE, NB_FAILED, with a place.  `peek` says what it reads. */
enum nb_status peek_parse(struct session *session, const char *source, size_t at, size_t end,
                          bool condition, struct lang_tree **tree, struct peek *peek,
                          struct nb_error *error);

/* For the reading of names: loss, accuracy or epoch of `peek->epoch`. */
bool peek_epoch(const struct peek *peek, const char *name, double *value);
/* Notes that a quantity of `net` is read, and whether it may be: NB_FAILED never. */
bool peek_admits(struct peek *peek, const struct session *session, const struct nb_net *net,
                 size_t id, struct nb_quantity *quantity);

#endif
