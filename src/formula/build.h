/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terms of operations: one builder per kind, of one element of what it
 * writes.  Row and column may be letters (TERM_I, TERM_K ...), which gives the
 * general formula.  All return NULL where memory runs out.
 */
#ifndef NABLA_FORMULA_BUILD_H
#define NABLA_FORMULA_BUILD_H

#include "formula/term.h"

/* One element of what an operation writes. */
struct site {
    const struct nb_net *net;
    const struct nb_op *op;
    size_t id, row, col;
};

struct term *build_term(const struct site *site);

/* The formula behind the name of an activation, 1 / (1 + e^−z) for σ; NULL
 * also where the name says it all. */
struct term *build_activation_in_full(const struct site *site);

/* f'(z) of layer `layer`, by a: a·(1 − a); not of softmax. */
struct term *build_slope(const struct nb_net *net, size_t layer, size_t row, size_t col);

/* ∂a/∂z of one layer, softmax included; 0 where they are of other units or rows. */
struct term *build_activation_slope(const struct nb_net *net, size_t layer, size_t row, size_t col,
                                    size_t z_row, size_t z_col);

/* The loss of one row of the batch. */
struct term *build_sample_loss(const struct nb_net *net, size_t row);

/* ∂L/∂a of an output, whatever the plan does. */
struct term *build_loss_gradient(const struct nb_net *net, size_t row, size_t col);

/* Do the targets of a row (TERM_I: of every row) sum to 1? */
bool build_targets_sum_to_one(const struct nb_net *net, size_t row);

/* a of the layer below, x for the first. */
size_t build_below(const struct nb_net *net, size_t layer);

/* Rows of the batch, at least 1. */
size_t build_rows(const struct nb_net *net);

/* Units of a layer, the inputs for 0. */
size_t build_units(const struct nb_net *net, size_t layer);

#endif
