/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terms of penalties and of the update phase.  What works in place is
 * written with the values from before: those of the site's struct before, or
 * where the operation has not run yet the network's own.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "formula/build.h"

#define CLIP_EPSILON 1e-6
#define SQUARES_MOST 8 /* as many are written one by one in a penalty */

enum moment { MOMENT_NONE, MOMENT_M, MOMENT_V };

static bool is_concrete(const struct site *site)
{
    return !term_is_letter(site->row) && !term_is_letter(site->col);
}

static const struct nb_learning *learning_of(const struct site *site)
{
    return site->before ? &site->before->learning : nb_net_learning(site->net);
}

bool build_is_in_place(enum nb_op_kind kind)
{
    return kind == NB_OP_CLIP || kind == NB_OP_STATISTICS || kind == NB_OP_UPDATE;
}

/* ---- Before ---- */

static bool is_moment(enum nb_quantity_kind kind)
{
    return kind >= NB_MW && kind <= NB_VBETA;
}

/* The first update of an optimiser begins with moments of 0, whatever they hold. */
static bool begins_at_zero(const struct nb_net *net, enum nb_quantity_kind kind)
{
    return is_moment(kind) && nb_net_updates(net) == 0;
}

double build_gradient_norm(const struct nb_net *net, const struct nb_op *op)
{
    double squares = 0;
    for (size_t i = 0; i < op->nwrites; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, op->writes[i], &quantity);
        for (size_t r = 0; r < quantity.rows; r++)
            for (size_t c = 0; c < quantity.cols; c++)
                squares += pow(nb_value(net, op->writes[i], r, c), 2);
    }
    return sqrt(squares);
}

static bool keep_values(struct before *before, const struct nb_net *net, size_t index, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    double *values = memory_new(quantity.rows * quantity.cols, sizeof *values);
    before->values[index] = values;
    if (values && !begins_at_zero(net, quantity.kind))
        nb_values(net, id, values);
    return values != NULL;
}

struct before *before_new(const struct nb_net *net, const struct nb_op *op)
{
    struct before *before = memory_new(1, sizeof *before);
    if (!before)
        return NULL;
    before->learning = *nb_net_learning(net);
    before->t = (size_t)nb_net_updates(net) + 1;
    before->norm = op->kind == NB_OP_CLIP ? build_gradient_norm(net, op) : 0;
    before->values = memory_new(op->nwrites, sizeof *before->values);
    bool whole = before->values != NULL;
    before->count = whole ? op->nwrites : 0;
    for (size_t i = 0; i < before->count; i++)
        whole = keep_values(before, net, i, op->writes[i]) && whole;
    if (!whole)
        before_free(&before);
    return before;
}

void before_free(struct before **before)
{
    if (!*before)
        return;
    for (size_t i = 0; i < (*before)->count; i++)
        free((*before)->values[i]);
    free((*before)->values);
    free(*before);
    *before = NULL;
}

/* The value that the operation finds. */
static double value_before(const struct site *site, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, id, &quantity);
    for (size_t i = 0; site->before && i < site->before->count; i++)
        if (site->op->writes[i] == id)
            return site->before->values[i][site->row * quantity.cols + site->col];
    return begins_at_zero(site->net, quantity.kind) ? 0
                                                    : nb_value(site->net, id, site->row, site->col);
}

/* An element with the value that the operation finds. */
static struct term *found(const struct site *site, size_t id)
{
    struct term *element = term_element(id, site->row, site->col);
    return is_concrete(site) ? term_fixed(element, value_before(site, id)) : element;
}

/* ---- Penalties ---- */

/* What the squares are multiplied with (twice as much: what their weights are). */
static struct term *l2_share(const struct site *site, bool gradient)
{
    const struct nb_learning *learning = learning_of(site);
    size_t samples = learning->samples ? learning->samples : build_rows(site->net);
    struct term *l2 = term_setting(TERM_L2, learning->l2);
    struct term *n = term_setting(TERM_SAMPLES, (double)samples);
    switch (learning->l2_form) {
    case NB_L2_HALF:
        term_free(&n);
        return gradient ? l2 : term_quotient(l2, term_number(2));
    case NB_L2_FULL:
        term_free(&n);
        return gradient ? term_product(term_number(2), l2) : l2;
    default:
        return term_quotient(l2, gradient ? n : term_product(term_number(2), n));
    }
}

static size_t count_all(const struct site *site)
{
    size_t count = 0;
    for (size_t i = 0; i < site->op->nreads; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(site->net, site->op->reads[i], &quantity);
        count += quantity.rows * quantity.cols;
    }
    return count;
}

/* Σ w² or Σ |w| over everything that is penalised. */
static struct term *sum_of_all(const struct site *site, bool squares)
{
    struct term *all = NULL;
    bool closed = count_all(site) > SQUARES_MOST;
    for (size_t i = 0; i < site->op->nreads; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(site->net, site->op->reads[i], &quantity);
        bool matrix = quantity.kind == NB_W;
        struct term *element = term_element(site->op->reads[i], matrix ? TERM_J : 0, TERM_K);
        struct term *body = squares ? term_square(element) : term_apply(TERM_ABSOLUTE, element);
        struct term *sum = term_series(TERM_K, quantity.cols, body);
        sum = term_shaped(sum, closed ? TERM_CLOSED : 0);
        if (matrix)
            sum = term_shaped(term_series(TERM_J, quantity.rows, sum), closed ? TERM_CLOSED : 0);
        all = i ? term_sum(all, sum) : sum;
    }
    return term_shaped(all, TERM_BRACKETS);
}

static bool uses_l2(const struct nb_learning *learning)
{
    return learning->l2 != 0 && learning->optimizer != NB_ADAMW;
}

/* share·Σw² + λ₁·Σ|w| */
struct term *build_penalty(const struct site *site)
{
    const struct nb_learning *learning = learning_of(site);
    struct term *squares = NULL, *absolute = NULL;
    if (uses_l2(learning))
        squares = term_product(l2_share(site, false), sum_of_all(site, true));
    if (learning->l1 != 0)
        absolute = term_product(term_setting(TERM_L1, learning->l1), sum_of_all(site, false));
    if (uses_l2(learning) && learning->l1 != 0)
        return term_sum(squares, absolute);
    return squares ? squares : absolute;
}

/* gw = dw + 2·share·w + λ₁·sign(w) */
struct term *build_regularize(const struct site *site)
{
    const struct nb_learning *learning = learning_of(site);
    struct nb_quantity quantity;
    nb_quantity_get(site->net, site->id, &quantity);
    bool weights = quantity.kind == NB_GW;
    enum nb_quantity_kind parameter = weights ? NB_W : NB_B;
    struct term *sum = build_element(site, weights ? NB_DW : NB_DB);
    if (uses_l2(learning))
        sum = term_sum(sum, term_product(l2_share(site, true), build_element(site, parameter)));
    if (learning->l1 != 0)
        sum = term_sum(sum, term_product(term_setting(TERM_L1, learning->l1),
                                         term_apply(TERM_SIGN, build_element(site, parameter))));
    return sum;
}

/* ---- Clip ---- */

static double norm_of(const struct site *site)
{
    return site->before ? site->before->norm : build_gradient_norm(site->net, site->op);
}

double build_clip_factor(const struct site *site)
{
    return fmin(1, learning_of(site)->clip / (norm_of(site) + CLIP_EPSILON));
}

/* g·clip/(‖g‖ + 1e-6), g where that is no less */
struct term *build_clip(const struct site *site)
{
    if (is_concrete(site) && build_clip_factor(site) >= 1)
        return found(site, site->id);
    double norm = is_concrete(site) ? norm_of(site) : 0;
    struct term *below = term_sum(term_setting(TERM_NORM, norm), term_number(CLIP_EPSILON));
    return term_quotient(
        term_product(found(site, site->id), term_setting(TERM_CLIP, learning_of(site)->clip)),
        below);
}

/* ---- Running statistics ---- */

/* rmean ← 0.9·rmean + 0.1·μ, rvar ← 0.9·rvar + 0.1·n/(n − 1)·var */
struct term *build_statistics(const struct site *site)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, site->id, &quantity);
    double n = (double)build_rows(site->net);
    struct term *kept = term_product(term_number(NB_STATISTICS_KEPT), found(site, site->id));
    struct term *share = term_number(0.1);
    if (quantity.kind == NB_RMEAN)
        return term_sum(kept, term_product(share, build_element(site, NB_MU)));
    struct term *unbiased =
        term_quotient(term_named(n, "n"), term_difference(term_named(n, "n"), term_number(1)));
    return term_sum(kept, term_product3(share, unbiased, build_element(site, NB_VAR)));
}

/* ---- The optimiser's step ---- */

size_t build_gradient(const struct nb_net *net, enum nb_quantity_kind parameter, size_t layer)
{
    size_t plain = nb_quantity_id(net, NB_DW + (parameter - NB_W), layer);
    if (parameter != NB_W && parameter != NB_B)
        return plain;
    size_t penalized = nb_quantity_id(net, NB_GW + (parameter - NB_W), layer);
    return penalized != NB_NOWHERE ? penalized : plain;
}

/* One update of one parameter. */
struct stepping {
    const struct site *site;
    const struct nb_learning *learning;
    enum nb_quantity_kind parameter; /* w, b, gamma or beta */
    size_t t;
};

static struct stepping stepping_of(const struct site *site, enum moment *moment)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, site->id, &quantity);
    enum nb_quantity_kind base = quantity.kind >= NB_VW   ? NB_VW
                                 : quantity.kind >= NB_MW ? NB_MW
                                                          : NB_W;
    *moment = base == NB_VW ? MOMENT_V : base == NB_MW ? MOMENT_M : MOMENT_NONE;
    size_t t = site->before ? site->before->t : (size_t)nb_net_updates(site->net) + 1;
    return (struct stepping){ site, learning_of(site), NB_W + (quantity.kind - base), t };
}

static size_t moment_id(const struct stepping *stepping, enum moment moment)
{
    enum nb_quantity_kind base = moment == MOMENT_M ? NB_MW : NB_VW;
    return nb_quantity_id(stepping->site->net, base + (stepping->parameter - NB_W),
                          stepping->site->op->layer);
}

static struct term *gradient(const struct stepping *stepping)
{
    const struct site *site = stepping->site;
    return term_element(build_gradient(site->net, stepping->parameter, site->op->layer), site->row,
                        site->col);
}

static struct term *rate(const struct stepping *stepping)
{
    return term_setting(TERM_RATE, stepping->learning->lr);
}

static struct term *epsilon(const struct stepping *stepping)
{
    return term_setting(TERM_EPSILON, stepping->learning->epsilon);
}

/* s·old + (1 − s)·g, or g² */
static struct term *average(const struct stepping *stepping, enum moment moment,
                            enum term_setting setting, double s)
{
    struct term *g = gradient(stepping);
    struct term *old = found(stepping->site, moment_id(stepping, moment));
    struct term *rest = term_difference(term_number(1), term_setting(setting, s));
    return term_sum(term_product(term_setting(setting, s), old),
                    term_product(rest, moment == MOMENT_V ? term_square(g) : g));
}

/* What becomes of m or v. */
static struct term *build_moment(const struct stepping *stepping, enum moment moment)
{
    const struct nb_learning *learning = stepping->learning;
    if (moment == MOMENT_M)
        return average(stepping, moment, TERM_BETA1, learning->beta1);
    if (learning->optimizer == NB_RMSPROP)
        return average(stepping, moment, TERM_RHO, learning->rho);
    if (learning->optimizer == NB_ADAM || learning->optimizer == NB_ADAMW)
        return average(stepping, moment, TERM_BETA2, learning->beta2);
    struct term *old = found(stepping->site, moment_id(stepping, moment));
    return term_sum(term_product(term_setting(TERM_MOMENTUM, learning->momentum), old),
                    gradient(stepping));
}

/* m or v as the step uses it: with what has just become of it. */
static struct term *moved(const struct stepping *stepping, enum moment moment)
{
    const struct site *site = stepping->site;
    struct term *element = term_element(moment_id(stepping, moment), site->row, site->col);
    if (!is_concrete(site))
        return element;
    struct term *term = build_moment(stepping, moment);
    if (!term) {
        term_free(&element);
        return NULL;
    }
    bool velocity = stepping->learning->optimizer <= NB_NESTEROV;
    double value = term_value(site->net, term);
    element = term_fixed(element, velocity ? nb_rounded(site->net, value) : value);
    term_free(&term);
    return element;
}

static struct term *step_of_sgd(const struct stepping *stepping)
{
    return term_product(rate(stepping), gradient(stepping));
}

static struct term *step_of_momentum(const struct stepping *stepping)
{
    return term_product(rate(stepping), moved(stepping, MOMENT_V));
}

static struct term *step_of_nesterov(const struct stepping *stepping)
{
    struct term *ahead = term_product(term_setting(TERM_MOMENTUM, stepping->learning->momentum),
                                      moved(stepping, MOMENT_V));
    return term_product(rate(stepping), term_sum(gradient(stepping), ahead));
}

static struct term *step_of_rmsprop(const struct stepping *stepping)
{
    struct term *root = term_apply(TERM_ROOT, moved(stepping, MOMENT_V));
    return term_quotient(step_of_sgd(stepping), term_sum(root, epsilon(stepping)));
}

/* moment / (1 − βᵗ) */
static struct term *corrected(const struct stepping *stepping, enum moment moment,
                              enum term_setting setting, double beta)
{
    struct term *power = term_power(term_setting(setting, beta), stepping->t);
    return term_quotient(moved(stepping, moment), term_difference(term_number(1), power));
}

static struct term *step_of_adam(const struct stepping *stepping)
{
    const struct nb_learning *learning = stepping->learning;
    struct term *m = corrected(stepping, MOMENT_M, TERM_BETA1, learning->beta1);
    struct term *v = corrected(stepping, MOMENT_V, TERM_BETA2, learning->beta2);
    struct term *below = term_sum(term_apply(TERM_ROOT, v), epsilon(stepping));
    return term_shaped(term_quotient(term_product(rate(stepping), m), below), TERM_WIDE);
}

/* What is taken off the parameter. */
static struct term *build_step(const struct stepping *stepping)
{
    static struct term *(*const steps[])(const struct stepping *) = {
        [NB_SGD] = step_of_sgd,           [NB_MOMENTUM] = step_of_momentum,
        [NB_NESTEROV] = step_of_nesterov, [NB_RMSPROP] = step_of_rmsprop,
        [NB_ADAM] = step_of_adam,         [NB_ADAMW] = step_of_adam,
    };
    return steps[stepping->learning->optimizer](stepping);
}

/* η·λ·w: what adamw takes off first */
static struct term *build_decay(const struct stepping *stepping)
{
    return term_product3(rate(stepping), term_setting(TERM_L2, stepping->learning->l2),
                         found(stepping->site, stepping->site->id));
}

struct term *build_update(const struct site *site)
{
    enum moment moment;
    struct stepping stepping = stepping_of(site, &moment);
    const struct nb_learning *learning = stepping.learning;
    if (nb_frozen(site->net, nb_quantity_id(site->net, stepping.parameter, site->op->layer)))
        return found(site, site->id);
    if (moment != MOMENT_NONE)
        return build_moment(&stepping, moment);
    struct term *w = found(site, site->id);
    if (learning->optimizer == NB_ADAMW && stepping.parameter == NB_W && learning->l2 != 0)
        w = term_difference(w, build_decay(&stepping));
    return term_difference(w, build_step(&stepping));
}

/* The moments of a parameter come before it, the sums of batch norm before delta. */
size_t build_order(const struct nb_op *op, size_t index)
{
    if (op->kind == NB_OP_BATCHNORM_GRAD)
        return op->nwrites - 1 - index;
    if (op->kind != NB_OP_UPDATE)
        return index;
    size_t parameters = op->nreads / 2, parts = op->nwrites / parameters;
    return (index % parts + 1) % parts * parameters + index / parts;
}
