/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stepping with rounded numbers, as on paper.  An operation that writes several
 * quantities makes the later ones of the earlier ones, so these are rounded
 * before:
 *
 *     BATCHNORM       mu → var → xhat → u           DROPOUT   mask → h
 *     BATCHNORM_GRAD  dgamma, dbeta → delta         UPDATE    velocity v → w
 *
 * The logarithms of a cross-entropy, too, are those of the rounded outputs.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

#define SEEN_DOUBLE 12 /* digits: sums of a few numbers are right to these */
#define SEEN_SINGLE FLT_DIG

static double get(const struct nb_net *net, const struct cell *cell, size_t index)
{
    return net->kernels->vector->get(cell->data, index);
}

double nb_rounded(const struct nb_net *net, double value)
{
    int seen = net->spec.precision == NB_SINGLE ? SEEN_SINGLE : SEEN_DOUBLE;
    return net->decimals == NB_EXACT ? value : decimal_round(value, net->decimals, seen);
}

static void put(const struct nb_net *net, const struct cell *cell, size_t index, double value)
{
    net->kernels->vector->set(cell->data, index, nb_rounded(net, value));
}

static void round_cell(const struct nb_net *net, const struct cell *cell)
{
    for (size_t i = 0; i < cell->rows * cell->cols; i++)
        put(net, cell, i, get(net, cell, i));
}

static const struct cell *written(const struct nb_net *net, const struct nb_op *op, size_t index)
{
    return net_cell(net, op->writes[index]);
}

static const struct cell *operand(const struct nb_net *net, const struct nb_op *op, size_t index)
{
    return net_cell(net, op->reads[index]);
}

/* ---- Batch norm and dropout ---- */

static void round_variance(const struct nb_net *net, const struct cell *var, const struct cell *z,
                           const struct cell *mu)
{
    for (size_t k = 0; k < z->cols; k++) {
        double sum = 0;
        for (size_t i = 0; i < z->rows; i++)
            sum += pow(get(net, z, i * z->cols + k) - get(net, mu, k), 2);
        put(net, var, k, sum / (double)z->rows);
    }
}

static double deviation(const struct nb_net *net, const struct cell *var, size_t col)
{
    return sqrt(get(net, var, col) + NB_VARIANCE_EPSILON);
}

static void round_batchnorm(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *z = operand(net, op, 0), *gamma = operand(net, op, 1);
    const struct cell *beta = operand(net, op, 2), *mu = written(net, op, 0);
    const struct cell *var = written(net, op, 1), *xhat = written(net, op, 2);
    round_cell(net, mu);
    round_variance(net, var, z, mu);
    for (size_t i = 0; i < z->rows * z->cols; i++) {
        size_t k = i % z->cols;
        put(net, xhat, i, (get(net, z, i) - get(net, mu, k)) / deviation(net, var, k));
        put(net, written(net, op, 3), i,
            get(net, gamma, k) * get(net, xhat, i) + get(net, beta, k));
    }
}

static void round_batchnorm_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *du = operand(net, op, 0), *xhat = operand(net, op, 1);
    const struct cell *var = operand(net, op, 2), *gamma = operand(net, op, 3);
    const struct cell *dgamma = written(net, op, 1), *dbeta = written(net, op, 2);
    round_cell(net, dgamma);
    round_cell(net, dbeta);
    for (size_t i = 0; i < du->rows * du->cols; i++) {
        size_t k = i % du->cols;
        double shared = get(net, dbeta, k) + get(net, xhat, i) * get(net, dgamma, k);
        put(net, written(net, op, 0), i,
            get(net, gamma, k) * (get(net, du, i) - shared / (double)du->rows) /
                deviation(net, var, k));
    }
}

static void round_dropout(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = operand(net, op, 0), *mask = written(net, op, 0);
    round_cell(net, mask);
    for (size_t i = 0; i < a->rows * a->cols; i++)
        put(net, written(net, op, 1), i, get(net, a, i) * get(net, mask, i));
}

/* ---- Cross-entropies ---- */

/* ln a, or ln(1 - a) where sign is -1, by z: 0 has no logarithm, but what was rounded to it has. */
static double ln_by_z(const struct nb_net *net, size_t index, int sign)
{
    const struct cell *z = net_before_activation(net, net->spec.layers);
    double at = get(net, z, index), sum = 0;
    if (net->layers[net->spec.layers - 1].activation == NB_SIGMOID)
        return -(fmax(-sign * at, 0) + log1p(exp(-fabs(at))));
    for (size_t k = index - index % z->cols, end = k + z->cols; k < end; k++)
        sum += exp(get(net, z, k) - at);
    return -log(sum);
}

static double ln_of(const struct nb_net *net, size_t index, double output, int sign)
{
    double ln = sign > 0 ? log(output) : log1p(-output);
    return isfinite(ln) ? ln : ln_by_z(net, index, sign);
}

static void round_entropy(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = operand(net, op, 0), *y = net_find(net, NB_Y, 0);
    bool binary = net->spec.loss == NB_BINARY_CROSS_ENTROPY;
    double sum = 0;
    for (size_t i = 0; i < a->rows * a->cols; i++) {
        double output = get(net, a, i), target = get(net, y, i);
        if (target != 0)
            sum -= target * ln_of(net, i, output, 1);
        if (binary && target != 1)
            sum -= (1 - target) * ln_of(net, i, output, -1);
    }
    put(net, written(net, op, 0), 0, sum / (double)a->rows);
}

/* A slope at an output that was rounded to 0 or 1 stays as the kernel has it. */
static void round_entropy_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = operand(net, op, 0), *y = net_find(net, NB_Y, 0);
    const struct cell *da = written(net, op, 0);
    bool binary = net->spec.loss == NB_BINARY_CROSS_ENTROPY;
    for (size_t i = 0; i < a->rows * a->cols; i++) {
        double output = get(net, a, i), target = get(net, y, i);
        double slope = target == 0 ? 0 : -target / output;
        slope += !binary || target == 1 ? 0 : (1 - target) / (1 - output);
        slope /= (double)a->rows;
        put(net, da, i, isfinite(slope) ? slope : get(net, da, i));
    }
}

/* ---- The optimiser's step ---- */

/* A velocity is taken off as it is rounded.  Not so what is divided by √v: of a
 * small gradient v may be rounded to 0. */
static bool takes_velocity(const struct nb_net *net)
{
    return net->learning.optimizer == NB_MOMENTUM || net->learning.optimizer == NB_NESTEROV;
}

/* Parameter `index` of an UPDATE: as `before`, then a step by the velocity. */
static void round_parameter(struct nb_net *net, const struct nb_op *op, size_t index,
                            const double *before)
{
    const struct nb_learning *learning = &net->learning;
    const struct cell *w = written(net, op, index);
    size_t n = op->nreads / 2;
    const struct cell *g = operand(net, op, n + index), *v = written(net, op, n + index);
    for (size_t i = 0; i < w->rows * w->cols; i++) {
        put(net, v, i, get(net, v, i));
        double step = get(net, v, i);
        if (learning->optimizer == NB_NESTEROV)
            step = get(net, g, i) + learning->momentum * step;
        put(net, w, i, before[i] - learning->lr * step);
    }
}

/* The parameters before the update: all of the layer, one after the other. */
static double *parameters_of(const struct nb_net *net, const struct nb_op *op)
{
    size_t count = 0;
    for (size_t i = 0; i < op->nreads / 2; i++)
        count += written(net, op, i)->rows * written(net, op, i)->cols;
    double *all = memory_new(count, sizeof *all);
    for (size_t i = 0, at = 0; all && i < op->nreads / 2; i++) {
        const struct cell *w = written(net, op, i);
        net->kernels->vector->read(all + at, w->data, w->rows * w->cols);
        at += w->rows * w->cols;
    }
    return all;
}

static void round_update(struct nb_net *net, const struct nb_op *op, const double *before)
{
    for (size_t i = 0; i < op->nreads / 2; i++) {
        const struct cell *w = written(net, op, i);
        if (!w->frozen)
            round_parameter(net, op, i, before);
        before += w->rows * w->cols;
    }
}

/* ---- Any operation ---- */

static void round_writes(struct nb_net *net, const struct nb_op *op)
{
    size_t n = op->nreads / 2;
    for (size_t i = 0; i < op->nwrites; i++) {
        bool still = op->kind == NB_OP_UPDATE && written(net, op, i % n)->frozen;
        if (!still)
            round_cell(net, written(net, op, i));
    }
}

/* How an operation is rounded that is not rounded number by number. */
static void (*rounding_of(const struct nb_net *net, enum nb_op_kind kind))(struct nb_net *,
                                                                           const struct nb_op *)
{
    bool entropy = net_delta_direct(&net->spec);
    switch (kind) {
    case NB_OP_BATCHNORM:
        return round_batchnorm;
    case NB_OP_BATCHNORM_GRAD:
        return round_batchnorm_grad;
    case NB_OP_DROPOUT:
        return round_dropout;
    case NB_OP_LOSS:
        return entropy ? round_entropy : round_writes;
    case NB_OP_LOSS_GRAD:
        return entropy ? round_entropy_grad : round_writes;
    default:
        return round_writes;
    }
}

enum nb_status op_run_rounded(struct nb_net *net, const struct nb_op *op, struct nb_error *error)
{
    double *before = NULL;
    if (op->kind == NB_OP_UPDATE && takes_velocity(net) && !(before = parameters_of(net, op)))
        return error_memory(error);
    op_run(net, op);
    if (before)
        round_update(net, op, before);
    else
        rounding_of(net, op->kind)(net, op);
    for (size_t i = 0; i < op->nwrites; i++)
        net_cell(net, op->writes[i])->decimals = net->decimals;
    free(before);
    return NB_OK;
}

void nb_net_set_round(struct nb_net *net, int decimals)
{
    decimals = decimals < 0 || decimals > NB_ROUND_MOST ? NB_EXACT : decimals;
    if (decimals == net->decimals)
        return;
    net->decimals = decimals;
    cursor_to_stale(net);
}

int nb_net_round(const struct nb_net *net)
{
    return net->decimals;
}
