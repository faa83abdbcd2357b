/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/build.h"

#include <math.h>

#include "base/error.h"
#include "formula/formula.h"

#define SAFE_EXPONENT 700 /* e^z overflows soon after */

static size_t find(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(net, kind, layer);
}

static size_t layers_of(const struct nb_net *net)
{
    return nb_net_spec(net)->layers;
}

size_t build_units(const struct nb_net *net, size_t layer)
{
    const struct nb_spec *spec = nb_net_spec(net);
    return layer ? spec->layer[layer - 1].units : spec->inputs;
}

size_t build_rows(const struct nb_net *net)
{
    struct nb_quantity x;
    nb_quantity_get(net, find(net, NB_X, 0), &x);
    return x.rows ? x.rows : 1;
}

size_t build_either(const struct nb_net *net, enum nb_quantity_kind first,
                    enum nb_quantity_kind second, size_t layer)
{
    size_t id = find(net, first, layer);
    return id != NB_NOWHERE ? id : find(net, second, layer);
}

size_t build_output(const struct nb_net *net, size_t layer)
{
    return build_either(net, NB_H, NB_A, layer);
}

size_t build_output_slope(const struct nb_net *net, size_t layer)
{
    return build_either(net, NB_DH, NB_DA, layer);
}

size_t build_before(const struct nb_net *net, size_t layer)
{
    return build_either(net, NB_U, NB_Z, layer);
}

size_t build_before_slope(const struct nb_net *net, size_t layer)
{
    return build_either(net, NB_DU, NB_DELTA, layer);
}

size_t build_below(const struct nb_net *net, size_t layer)
{
    return layer > 1 ? build_output(net, layer - 1) : find(net, NB_X, 0);
}

static enum nb_activation activation_of(const struct nb_net *net, size_t layer)
{
    return nb_net_spec(net)->layer[layer - 1].activation;
}

struct term *build_element(const struct site *site, enum nb_quantity_kind kind)
{
    return term_element(find(site->net, kind, site->op->layer), site->row, site->col);
}

/* What the activation reads, at the site. */
static struct term *before_activation(const struct site *site)
{
    return term_element(build_before(site->net, site->op->layer), site->row, site->col);
}

/* ---- Forward ---- */

/* z[i,k] = Σ_j a[i,j]·w[j,k] + b[k] */
static struct term *build_affine(const struct site *site)
{
    size_t layer = site->op->layer;
    struct term *product =
        term_product(term_element(build_below(site->net, layer), site->row, TERM_J),
                     term_element(find(site->net, NB_W, layer), TERM_J, site->col));
    return term_sum(term_series(TERM_J, build_units(site->net, layer - 1), product),
                    term_element(find(site->net, NB_B, layer), 0, site->col));
}

/* What must be taken off every z of a row so that no e^z overflows: 0 as a rule. */
static double softmax_shift(const struct nb_net *net, size_t z, size_t row, size_t units)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, z, &quantity);
    if (term_is_letter(row) || quantity.state == NB_UNSET)
        return 0;
    double most = nb_value(net, z, row, 0);
    for (size_t k = 1; k < units; k++)
        most = fmax(most, nb_value(net, z, row, k));
    return fabs(most) > SAFE_EXPONENT ? most : 0;
}

static struct term *exponential(size_t z, size_t row, size_t col, double shift)
{
    struct term *at = term_element(z, row, col);
    if (shift != 0)
        at = term_difference(at, term_number(shift));
    return term_apply(TERM_EXP, at);
}

/* e^z_k / Σ_m e^z_m */
static struct term *build_softmax(const struct site *site)
{
    size_t layer = site->op->layer, z = build_before(site->net, layer);
    size_t units = build_units(site->net, layer);
    double shift = softmax_shift(site->net, z, site->row, units);
    struct term *sum = term_series(TERM_M, units, exponential(z, site->row, TERM_M, shift));
    return term_shaped(term_quotient(exponential(z, site->row, site->col, shift), sum), TERM_WIDE);
}

/* Which side of 0 a concrete z lies on decides how leaky relu is written. */
static bool is_known(const struct site *site, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, id, &quantity);
    return quantity.state != NB_UNSET && !term_is_letter(site->row) && !term_is_letter(site->col);
}

static struct term *build_leakyrelu(const struct site *site)
{
    size_t z = build_before(site->net, site->op->layer);
    if (!is_known(site, z))
        return term_apply(TERM_LEAKYRELU, before_activation(site));
    if (nb_value(site->net, z, site->row, site->col) > 0)
        return before_activation(site);
    return term_product(term_number(0.01), before_activation(site));
}

static struct term *build_activation(const struct site *site)
{
    static const enum term_function functions[] = {
        [NB_SIGMOID] = TERM_SIGMOID,
        [NB_TANH] = TERM_TANH,
        [NB_LECUN] = TERM_LECUN,
        [NB_RELU] = TERM_RELU,
    };
    enum nb_activation activation = activation_of(site->net, site->op->layer);
    if (activation == NB_LINEAR)
        return before_activation(site);
    if (activation == NB_SOFTMAX)
        return build_softmax(site);
    if (activation == NB_LEAKYRELU)
        return build_leakyrelu(site);
    return term_apply(functions[activation], before_activation(site));
}

struct term *build_activation_in_full(const struct site *site)
{
    enum nb_activation activation = activation_of(site->net, site->op->layer);
    if (activation == NB_LECUN)
        return term_product(
            term_number(1.7159),
            term_apply(TERM_TANH,
                       term_quotient(term_product(term_number(2), before_activation(site)),
                                     term_number(3))));
    if (activation != NB_SIGMOID)
        return NULL;
    struct term *power = term_apply(TERM_EXP, term_negation(before_activation(site)));
    return term_shaped(term_quotient(term_number(1), term_sum(term_number(1), power)), TERM_WIDE);
}

/* ---- Losses ---- */

static size_t output(const struct nb_net *net)
{
    return find(net, NB_A, layers_of(net));
}

static struct term *target(const struct nb_net *net, size_t row, size_t col)
{
    return term_element(find(net, NB_Y, 0), row, col);
}

static struct term *outputs_count(const struct nb_net *net)
{
    return term_named((double)build_units(net, layers_of(net)), "C");
}

/* Σ_k (ŷ_k − y_k)² */
static struct term *squares(const struct nb_net *net, size_t row)
{
    struct term *difference =
        term_difference(term_element(output(net), row, TERM_K), target(net, row, TERM_K));
    return term_shaped(
        term_series(TERM_K, build_units(net, layers_of(net)), term_square(difference)),
        TERM_BRACKETS);
}

static struct term *half_sse_loss(const struct nb_net *net, size_t row)
{
    return term_product(term_named(0.5, "½"), squares(net, row));
}

static struct term *mse_loss(const struct nb_net *net, size_t row)
{
    if (build_units(net, layers_of(net)) == 1)
        return squares(net, row);
    return term_shaped(term_quotient(squares(net, row), outputs_count(net)), TERM_WIDE);
}

static struct term *weighted_ln(struct term *weight, enum term_function ln,
                                const struct nb_net *net, size_t row)
{
    return term_product(weight, term_apply(ln, term_element(output(net), row, TERM_K)));
}

/* −Σ_k y_k·ln ŷ_k */
static struct term *cross_entropy_loss(const struct nb_net *net, size_t row)
{
    struct term *body = weighted_ln(target(net, row, TERM_K), TERM_LN, net, row);
    return term_negation(
        term_shaped(term_series(TERM_K, build_units(net, layers_of(net)), body), TERM_BRACKETS));
}

/* −Σ_k [y_k·ln ŷ_k + (1 − y_k)·ln(1 − ŷ_k)] */
static struct term *binary_loss(const struct nb_net *net, size_t row)
{
    struct term *rest = term_difference(term_number(1), target(net, row, TERM_K));
    struct term *body = term_sum(weighted_ln(target(net, row, TERM_K), TERM_LN, net, row),
                                 weighted_ln(rest, TERM_LN_REST, net, row));
    return term_negation(term_shaped(
        term_series(TERM_K, build_units(net, layers_of(net)), term_shaped(body, TERM_BRACKETS)),
        TERM_BRACKETS));
}

static struct term *difference(const struct nb_net *net, size_t row, size_t col)
{
    return term_difference(term_element(output(net), row, col), target(net, row, col));
}

static struct term *twice_difference(const struct nb_net *net, size_t row, size_t col)
{
    return term_product(term_number(2), difference(net, row, col));
}

/* −y/ŷ */
static struct term *cross_entropy_slope(const struct nb_net *net, size_t row, size_t col)
{
    return term_negation(term_quotient(target(net, row, col), term_element(output(net), row, col)));
}

/* (1 − y)/(1 − ŷ) − y/ŷ */
static struct term *binary_slope(const struct nb_net *net, size_t row, size_t col)
{
    struct term *on = term_quotient(target(net, row, col), term_element(output(net), row, col));
    struct term *off =
        term_quotient(term_difference(term_number(1), target(net, row, col)),
                      term_difference(term_number(1), term_element(output(net), row, col)));
    return term_difference(off, on);
}

/* A loss: of one sample, and its derivative by ŷ_k but for the divisors. */
static const struct loss_builder {
    struct term *(*value)(const struct nb_net *net, size_t row);
    struct term *(*slope)(const struct nb_net *net, size_t row, size_t col);
    bool divides; /* by the number of outputs */
} loss_builders[] = {
    [NB_HALF_SSE] = { half_sse_loss, difference, false },
    [NB_SSE] = { squares, twice_difference, false },
    [NB_MSE] = { mse_loss, twice_difference, true },
    [NB_CROSS_ENTROPY] = { cross_entropy_loss, cross_entropy_slope, false },
    [NB_BINARY_CROSS_ENTROPY] = { binary_loss, binary_slope, false },
};

struct term *build_sample_loss(const struct nb_net *net, size_t row)
{
    return loss_builders[nb_net_spec(net)->loss].value(net, row);
}

static struct term *rows_count(const struct nb_net *net)
{
    return term_named((double)build_rows(net), "n");
}

struct term *build_mean(const struct nb_net *net, struct term *sum)
{
    return term_quotient(sum, rows_count(net));
}

/* The mean over the rows. */
struct term *build_loss_of(const struct nb_net *net, enum nb_loss loss)
{
    size_t rows = build_rows(net);
    if (rows == 1)
        return loss_builders[loss].value(net, 0);
    return build_mean(net, term_series(TERM_I, rows, loss_builders[loss].value(net, TERM_I)));
}

static struct term *build_loss(const struct site *site)
{
    return build_loss_of(site->net, nb_net_spec(site->net)->loss);
}

/* Divides by n in a batch and, where the loss does, by the number of outputs. */
static struct term *divided(const struct nb_net *net, struct term *term, bool by_outputs)
{
    bool by_rows = build_rows(net) > 1;
    by_outputs = by_outputs && build_units(net, layers_of(net)) > 1;
    if (by_rows && by_outputs)
        return term_quotient(term, term_product(outputs_count(net), rows_count(net)));
    if (by_rows)
        return term_quotient(term, rows_count(net));
    return by_outputs ? term_quotient(term, outputs_count(net)) : term;
}

struct term *build_loss_gradient_of(const struct nb_net *net, enum nb_loss loss, size_t row,
                                    size_t col)
{
    const struct loss_builder *builder = &loss_builders[loss];
    return divided(net, builder->slope(net, row, col), builder->divides);
}

struct term *build_loss_gradient(const struct nb_net *net, size_t row, size_t col)
{
    return build_loss_gradient_of(net, nb_net_spec(net)->loss, row, col);
}

static struct term *build_loss_grad(const struct site *site)
{
    return build_loss_gradient(site->net, site->row, site->col);
}

/* ---- Backward ---- */

/* 1 − x² */
static struct term *one_minus_square(struct term *x)
{
    return term_difference(term_number(1), term_square(x));
}

/* 1.7159·2/3·(1 − (a/1.7159)²) */
static struct term *lecun_slope(struct term *a)
{
    struct term *scaled = term_quotient(a, term_number(1.7159));
    struct term *scale = term_quotient(term_number(2), term_number(3));
    return term_product3(term_number(1.7159), scale, one_minus_square(scaled));
}

struct term *build_slope(const struct nb_net *net, size_t layer, size_t row, size_t col)
{
    struct term *a = term_element(find(net, NB_A, layer), row, col), *slope = NULL;
    switch (activation_of(net, layer)) {
    case NB_SIGMOID:
        slope = term_product(term_clone(a), term_difference(term_number(1), a));
        break;
    case NB_TANH:
        slope = one_minus_square(a);
        break;
    case NB_LECUN:
        slope = lecun_slope(a);
        break;
    case NB_RELU:
    case NB_LEAKYRELU:
        term_free(&a);
        slope = term_apply(activation_of(net, layer) == NB_RELU ? TERM_RELU_SLOPE
                                                                : TERM_LEAKYRELU_SLOPE,
                           term_element(build_before(net, layer), row, col));
        break;
    case NB_LINEAR:
    case NB_SOFTMAX:
        term_free(&a);
        slope = term_number(1);
        break;
    }
    return term_shaped(slope, TERM_UNIT);
}

/* softmax: a_k·(1 − a_k) on the diagonal, −a_k·a_m beside it */
struct term *build_activation_slope(const struct nb_net *net, size_t layer, size_t row, size_t col,
                                    size_t z_row, size_t z_col)
{
    size_t a = find(net, NB_A, layer);
    bool softmax = activation_of(net, layer) == NB_SOFTMAX;
    if (row != z_row || (col != z_col && !softmax))
        return term_number(0);
    if (!softmax)
        return build_slope(net, layer, row, col);
    if (col != z_col)
        return term_negation(term_product(term_element(a, row, col), term_element(a, row, z_col)));
    return term_shaped(term_product(term_element(a, row, col),
                                    term_difference(term_number(1), term_element(a, row, col))),
                       TERM_UNIT);
}

/* δ[i,k] = da[i,k]·f'(z[i,k]) */
static struct term *build_delta(const struct site *site)
{
    if (activation_of(site->net, site->op->layer) == NB_LINEAR)
        return build_element(site, NB_DA);
    struct term *slope = build_slope(site->net, site->op->layer, site->row, site->col);
    return term_shaped(term_product(build_element(site, NB_DA), slope), TERM_WIDE);
}

/* δ[i,k] = a[i,k]·(da[i,k] − Σ_m da[i,m]·a[i,m]) */
static struct term *build_delta_softmax(const struct site *site)
{
    size_t layer = site->op->layer, units = build_units(site->net, layer);
    size_t a = find(site->net, NB_A, layer), da = find(site->net, NB_DA, layer);
    struct term *product =
        term_product(term_element(da, site->row, TERM_M), term_element(a, site->row, TERM_M));
    struct term *centred =
        term_difference(build_element(site, NB_DA), term_series(TERM_M, units, product));
    return term_product(build_element(site, NB_A), term_shaped(centred, TERM_BRACKETS));
}

bool build_targets_sum_to_one(const struct nb_net *net, size_t row)
{
    size_t y = find(net, NB_Y, 0), units = build_units(net, layers_of(net));
    struct nb_quantity quantity;
    nb_quantity_get(net, y, &quantity);
    if (quantity.state == NB_UNSET)
        return true;
    size_t first = term_is_letter(row) ? 0 : row;
    size_t last = term_is_letter(row) ? quantity.rows : row + 1;
    for (size_t i = first; i < last; i++) {
        double sum = 0;
        for (size_t k = 0; k < units; k++)
            sum += nb_value(net, y, i, k);
        if (fabs(sum - 1) > 1e-14 * (double)units)
            return false;
    }
    return true;
}

/* Softmax: ŷ·Σ_m y_m − y; sigmoid: −y·(1 − ŷ), with binary cross-entropy ŷ − y */
static struct term *build_delta_direct(const struct site *site)
{
    const struct nb_net *net = site->net;
    size_t row = site->row, col = site->col;
    bool softmax = activation_of(net, site->op->layer) == NB_SOFTMAX;
    struct term *delta;
    if (nb_net_spec(net)->loss == NB_BINARY_CROSS_ENTROPY ||
        (softmax && build_targets_sum_to_one(net, row)))
        delta = difference(net, row, col);
    else if (softmax)
        delta = term_difference(term_product(term_element(output(net), row, col),
                                             term_series(TERM_M, build_units(net, site->op->layer),
                                                         target(net, row, TERM_M))),
                                target(net, row, col));
    else
        delta = term_negation(
            term_product(target(net, row, col),
                         term_difference(term_number(1), term_element(output(net), row, col))));
    return divided(net, delta, false);
}

/* dw[j,k] = Σ_i a[i,j]·δ[i,k] */
static struct term *build_grad_w(const struct site *site)
{
    size_t rows = build_rows(site->net), layer = site->op->layer, row = rows > 1 ? TERM_I : 0;
    struct term *product =
        term_product(term_element(build_below(site->net, layer), row, site->row),
                     term_element(find(site->net, NB_DELTA, layer), row, site->col));
    return rows > 1 ? term_series(TERM_I, rows, product) : product;
}

/* db[k] = Σ_i δ[i,k] */
static struct term *build_grad_b(const struct site *site)
{
    size_t rows = build_rows(site->net);
    size_t delta = find(site->net, NB_DELTA, site->op->layer);
    struct term *body = term_element(delta, rows > 1 ? TERM_I : 0, site->col);
    return rows > 1 ? term_series(TERM_I, rows, body) : body;
}

/* da[i,j] of the layer below = Σ_k w[j,k]·δ[i,k] */
static struct term *build_grad_a(const struct site *site)
{
    size_t layer = site->op->layer;
    struct term *product =
        term_product(term_element(find(site->net, NB_W, layer), site->col, TERM_K),
                     term_element(find(site->net, NB_DELTA, layer), site->row, TERM_K));
    return term_series(TERM_K, build_units(site->net, layer), product);
}

struct term *build_term(const struct site *site)
{
    static struct term *(*const builders[NB_OP_KINDS])(const struct site *) = {
        [NB_OP_AFFINE] = build_affine,
        [NB_OP_BATCHNORM] = build_batchnorm,
        [NB_OP_ACTIVATION] = build_activation,
        [NB_OP_DROPOUT] = build_dropout,
        [NB_OP_LOSS] = build_loss,
        [NB_OP_PENALTY] = build_penalty,
        [NB_OP_LOSS_GRAD] = build_loss_grad,
        [NB_OP_DROPOUT_GRAD] = build_dropout_grad,
        [NB_OP_DELTA] = build_delta,
        [NB_OP_DELTA_SOFTMAX] = build_delta_softmax,
        [NB_OP_DELTA_DIRECT] = build_delta_direct,
        [NB_OP_BATCHNORM_GRAD] = build_batchnorm_grad,
        [NB_OP_GRAD_W] = build_grad_w,
        [NB_OP_GRAD_B] = build_grad_b,
        [NB_OP_GRAD_A] = build_grad_a,
        [NB_OP_CLIP] = build_clip,
        [NB_OP_REGULARIZE] = build_regularize,
        [NB_OP_STATISTICS] = build_statistics,
        [NB_OP_UPDATE] = build_update,
    };
    return builders[site->op->kind](site);
}

enum nb_status formula_term(const struct nb_net *net, size_t op, size_t id, size_t row, size_t col,
                            struct term **term, struct nb_error *error)
{
    struct site site = { net, nb_plan_op(net, op), id, row, col, NULL };
    *term = build_term(&site);
    return *term ? NB_OK : error_memory(error);
}
