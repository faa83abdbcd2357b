/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways by which a nudge reaches the loss, for networks where they are few:
 *
 *          stem              branches           tail
 *     w ──▶ z ──▶ a ─┬─▶ z ──▶ a ─┬─▶ z ──▶ a ──▶ L
 *                    └─▶ z ──▶ a ─┘
 *
 * Each arrow is a link, with its local derivative.  A layer of two or three
 * units may fan out once; all layers above it have one unit.
 */
#ifndef NABLA_FORMULA_CHAIN_H
#define NABLA_FORMULA_CHAIN_H

#include "formula/local.h"
#include "formula/symbol.h"

#define CHAIN_PATHS_MOST 3

struct link {
    struct element from, to;
    struct term *factor; /* ∂to/∂from */
};

struct links {
    struct link *items;
    size_t count, capacity;
};

struct chain {
    struct element start; /* of w, b, z or a: what is nudged */
    struct links stem, branch[CHAIN_PATHS_MOST], tail;
    size_t branches; /* 0: a single path, all of it stem */
    size_t layer;    /* of the units that branches pass through */
};

/* The chain of one row of a batch of one.  *fits is false, and the chain empty,
 * where there are more paths. */
enum nb_status chain_build(const struct nb_net *net, struct element start, struct chain *chain,
                           bool *fits, struct nb_error *error);
void chain_release(struct chain *chain);

/* Do the drawing and the rule take no more than `columns` as text? */
bool chain_is_printable(const struct chain *chain, const struct notation *notation, size_t columns);

#endif
