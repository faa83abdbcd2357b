/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The catalogue of mistakes.  A mistake is a rewriting of a formula:
 *
 *     δ¹₁ = ∂L/∂a¹₁ · σ'(z¹₁)      missing-derivative      ∂L/∂a¹₁
 *     z¹₁ = Σⱼ xⱼ·w¹ⱼ₁ + b¹₁        missing-bias            Σⱼ xⱼ·w¹ⱼ₁
 *
 * One table holds them all; a sheet (sheet.h) works an iteration out with some
 * of them made on purpose.
 */
#ifndef NABLA_FORMULA_MISTAKE_H
#define NABLA_FORMULA_MISTAKE_H

#include "formula/build.h"

enum mistake_id {
    MISTAKE_FACTOR_2,
    MISTAKE_FACTOR_HALF,
    MISTAKE_MISSING_DERIVATIVE,
    MISTAKE_WRONG_SIGN,
    MISTAKE_DERIVATIVE_AT_ACTIVATION,
    MISTAKE_TRANSPOSED_WEIGHTS,
    MISTAKE_ONE_PATH,
    MISTAKE_UPDATED_WEIGHTS,
    MISTAKE_MISSING_BIAS,
    MISTAKE_MISSING_INPUT,
    MISTAKE_SUM_NOT_MEAN,
    MISTAKE_MEAN_NOT_SUM,
    MISTAKE_ROUNDED_EARLY,
    MISTAKE_NEIGHBOUR,
    MISTAKE_WRONG_LOSS,
    MISTAKE_MISSING_REGULARIZATION,
    MISTAKES
};

/* Where a mistake is made: in the formula of one quantity, or in those of all
 * layers, or of all but the last. */
#define PLACE_EVERYWHERE (SIZE_MAX - 1)
#define PLACE_HIDDEN     (SIZE_MAX - 2)

/* One mistake, made.  Most can be made in one way only, variant 0. */
struct cause {
    enum mistake_id mistake;
    size_t variant;
    size_t place; /* a quantity's id, or one of the above */
};

/* Each by name, and what it breaks: "factor-2", "twice the right value". */
const struct nb_choice *mistake_choices(size_t *count);
const char *mistake_slug(enum mistake_id id);

struct mistake {
    /* How many variants the network knows at most. */
    size_t (*variants)(const struct nb_net *net);

    /* A rewriting: can this variant be made in the formula of the site's element?  Then
     * the broken formula (the term is taken; NULL where memory ran out).  Where it is made in
     * every layer, `loose`, a variant that a layer has not stands for its last. */
    bool (*applies)(const struct site *site, size_t variant, bool loose);
    struct term *(*rewrite)(const struct site *site, struct term *term, size_t variant);

    /* Or a factor: by what the quantity is multiplied; 0: this variant is none. */
    double (*factor)(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant);
};
extern const struct mistake mistakes[MISTAKES];

/* transposed-weights: on the way forward, back, both, and in the update */
enum { TRANSPOSED_FORWARD, TRANSPOSED_BACKWARD, TRANSPOSED_BOTH, TRANSPOSED_UPDATE };

/* one-path: through unit `variant` of the next layer, or the one of the unit's own number */
#define PATH_MOST 16 /* units that are tried one by one */
size_t mistake_path(const struct site *site, size_t variant);

/* sum-not-mean, mean-not-sum: the rows, the outputs, or both */
enum { SHARED_ROWS, SHARED_OUTPUTS, SHARED_BOTH, SHARED_VARIANTS };

/* rounded-early: the decimals */
#define ROUNDED_MOST 4

/* f'(a) of a layer, in place of f'(z); not of softmax, linear and relu. */
struct term *mistake_slope_elsewhere(const struct site *site);

/* Is a cause made in the formula of this site's element? */
bool mistake_is_made(const struct cause *cause, const struct site *site);

/* Do the rows of these mistakes only multiply? */
bool mistake_is_factor(enum mistake_id id);

/* wrong-loss: which */
enum nb_loss mistake_loss(size_t variant);

#endif
