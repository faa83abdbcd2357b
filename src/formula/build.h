/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terms of operations: one builder per kind, of one element of what it
 * writes.  Row and column may be letters (TERM_I, TERM_K ...), which gives the
 * general formula.  All return NULL where memory runs out.
 */
#ifndef NABLA_FORMULA_BUILD_H
#define NABLA_FORMULA_BUILD_H

#include "formula/term.h"

/* What an operation that works in place goes by, kept from before it ran. */
struct before {
    struct nb_learning learning;
    size_t t;        /* of the update, counted from 1 */
    double norm;     /* of all gradients, where it is CLIP */
    size_t count;    /* writes */
    double **values; /* (count) of (rows, cols) each */
};

/* One element of what an operation writes. */
struct site {
    const struct nb_net *net;
    const struct nb_op *op;
    size_t id, row, col;
    const struct before
        *before; /* NULL: the operation has not run yet, or does not work in place */
};

/* Does an operation overwrite what it reads: CLIP, STATISTICS, UPDATE? */
bool build_is_in_place(enum nb_op_kind kind);

/* Copies what an operation in place overwrites; NULL where memory ran out. */
struct before *before_new(const struct nb_net *net, const struct nb_op *op);
void before_free(struct before **before);

struct term *build_term(const struct site *site);

/* The formula behind the name of an activation, 1 / (1 + e^−z) for σ; NULL
 * also where the name says it all. */
struct term *build_activation_in_full(const struct site *site);

/* f'(z) of a layer (f'(u) with batch norm), by a: a·(1 − a); not of softmax. */
struct term *build_slope(const struct nb_net *net, size_t layer, size_t row, size_t col);

/* ∂a/∂z (∂a/∂u) of one layer, softmax included; 0 where they are of other units or rows. */
struct term *build_activation_slope(const struct nb_net *net, size_t layer, size_t row, size_t col,
                                    size_t z_row, size_t z_col);

/* The loss of one row of the batch. */
struct term *build_sample_loss(const struct nb_net *net, size_t row);

/* ∂L/∂a of an output, whatever the plan does. */
struct term *build_loss_gradient(const struct nb_net *net, size_t row, size_t col);

/* The loss, and ∂L/∂a of an output, if it were this one. */
struct term *build_loss_of(const struct nb_net *net, enum nb_loss loss);
struct term *build_loss_gradient_of(const struct nb_net *net, enum nb_loss loss, size_t row,
                                    size_t col);

/* Do the targets of a row (TERM_I: of every row) sum to 1? */
bool build_targets_sum_to_one(const struct nb_net *net, size_t row);

/* What the layer below hands up: its h or a, x for the first. */
size_t build_below(const struct nb_net *net, size_t layer);

/* What a layer hands up, h or a, and its derivative, dh or da. */
size_t build_output(const struct nb_net *net, size_t layer);
size_t build_output_slope(const struct nb_net *net, size_t layer);

/* What the activation of a layer reads, u or z, and its derivative, du or delta. */
size_t build_before(const struct nb_net *net, size_t layer);
size_t build_before_slope(const struct nb_net *net, size_t layer);

/* The quantity of a layer, or another where the network has none. */
size_t build_either(const struct nb_net *net, enum nb_quantity_kind first,
                    enum nb_quantity_kind second, size_t layer);

/* What the optimiser uses for a parameter: gw, or dw. */
size_t build_gradient(const struct nb_net *net, enum nb_quantity_kind parameter, size_t layer);

/* In which order the writes of an operation are worked out: a place in `writes`. */
size_t build_order(const struct nb_op *op, size_t index);

/* An element of a quantity of the site's layer, at the site. */
struct term *build_element(const struct site *site, enum nb_quantity_kind kind);

/* A sum over the rows, divided by their number. */
struct term *build_mean(const struct nb_net *net, struct term *sum);

/* 1/√(var + ε) of batch norm stands below this: √(var + ε). */
struct term *build_deviation(const struct nb_net *net, size_t layer, size_t col);

/* normalize.c: batch norm and dropout */
struct term *build_batchnorm(const struct site *site);
struct term *build_batchnorm_grad(const struct site *site);
struct term *build_dropout(const struct site *site);
struct term *build_dropout_grad(const struct site *site);
/* ∂u/∂z, x̂ for u alike: through x̂, the mean and the variance. */
struct term *build_batchnorm_slope(const struct nb_net *net, size_t layer, size_t row, size_t col,
                                   size_t z_row, size_t z_col, bool scaled);

/* learn.c: what the update phase and penalties do */
struct term *build_penalty(const struct site *site);
struct term *build_clip(const struct site *site);
struct term *build_regularize(const struct site *site);
struct term *build_statistics(const struct site *site);
struct term *build_update(const struct site *site);
/* What CLIP multiplies every gradient with, at most 1. */
double build_clip_factor(const struct site *site);
double build_gradient_norm(const struct nb_net *net, const struct nb_op *op);

/* Rows of the batch, at least 1. */
size_t build_rows(const struct nb_net *net);

/* Units of a layer, the inputs for 0. */
size_t build_units(const struct nb_net *net, size_t layer);

#endif
