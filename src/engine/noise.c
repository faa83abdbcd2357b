/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far rounding moves the loss, to first order: each number v of the forward
 * pass is off by some e(v) of its own, which moves the loss by ∂L/∂v·e(v), and
 * the errors are taken as independent.  With u = 2^-53:
 *
 *     z = Σ_j a_j·w_j + b, m terms   e = u·√m·(‖a‖·‖w‖ + |b|), as no partial sum is
 *                                    larger than ‖a‖·‖w‖; w and b the largest of the layer
 *     u of batch norm, n rows        e = u·n·(|u| + |beta| + |gamma|/√(var + ε)·(|z| + |mu|)),
 *                                    for what mu and var have lost is common to all rows
 *     a = f(u)                       e = 4u·|a|, but of no output whose loss is made of z
 *     h = a·mask                     e = u·|h|
 *     loss, squared                  e = u·(4 + √(n·C))·loss
 *     loss, cross-entropies          e = u·(4 + √n)·loss, and u·4·(1 + max_k |z_k|) for each
 *                                    logarithm of a row, as ln Σe^z - z_k cancels
 */
#include <float.h>
#include <math.h>

#include "engine/noise.h"

#define UNIT (DBL_EPSILON / 2)
#define FEW  4 /* roundings inside an exponential, a logarithm, a division */

static const double *numbers(const struct cell *cell)
{
    return cell->data;
}

static double squared(double x)
{
    return x * x;
}

/* ∂L/∂ of a quantity, or NULL where the plan does not compute it. */
static const double *slopes(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    size_t id = nb_quantity_id(net, kind, layer);
    return id == NB_NOWHERE ? NULL : net_cell(net, id)->data;
}

static double norm(const double *v, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += squared(v[i * stride]);
    return sqrt(sum);
}

/* What layer `layer` reads: h or a of the one below, or x. */
static const struct cell *layer_input(const struct nb_net *net, size_t layer)
{
    if (layer == 1)
        return net_find(net, NB_X, 0);
    return net_find(net, net->layers[layer - 2].dropout > 0 ? NB_H : NB_A, layer - 1);
}

static double largest(const double *v, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(v[i]));
    return most;
}

static double largest_column(const struct cell *w)
{
    double most = 0;
    for (size_t k = 0; k < w->cols; k++)
        most = fmax(most, norm(numbers(w) + k, w->rows, w->cols));
    return most;
}

static double affine_variance(const struct nb_net *net, size_t layer)
{
    const struct cell *a = layer_input(net, layer), *w = net_find(net, NB_W, layer);
    const double *delta = slopes(net, NB_DELTA, layer);
    double column = largest_column(w), sum = 0;
    double bias = largest(net_find(net, NB_B, layer)->data, w->cols);
    for (size_t i = 0; i < a->rows; i++)
        sum += squared(norm(delta + i * w->cols, w->cols, 1) *
                       (norm(numbers(a) + i * a->cols, a->cols, 1) * column + bias));
    return sum * squared(UNIT) * (double)(w->rows + 1);
}

static double batchnorm_variance(const struct nb_net *net, size_t layer)
{
    const struct cell *u = net_find(net, NB_U, layer);
    const double *z = net_find(net, NB_Z, layer)->data, *mu = net_find(net, NB_MU, layer)->data;
    const double *var = net_find(net, NB_VAR, layer)->data, *du = slopes(net, NB_DU, layer);
    const double *gamma = net_find(net, NB_GAMMA, layer)->data;
    const double *beta = net_find(net, NB_BETA, layer)->data;
    double sum = 0;
    for (size_t i = 0; i < u->rows * u->cols; i++) {
        size_t k = i % u->cols;
        double scale =
            fabs(gamma[k]) / sqrt(var[k] + NB_VARIANCE_EPSILON) * (fabs(z[i]) + fabs(mu[k]));
        sum += squared(du[i] * (fabs(numbers(u)[i]) + fabs(beta[k]) + scale));
    }
    return sum * squared(UNIT * (double)u->rows);
}

static double relative_variance(const struct cell *cell, const double *slope, double roundings)
{
    double sum = 0;
    for (size_t i = 0; slope && i < cell->rows * cell->cols; i++)
        sum += squared(slope[i] * numbers(cell)[i]);
    return sum * squared(UNIT * roundings);
}

/* The logarithms of each row: its targets are their weights. */
static double logarithm_variance(const struct nb_net *net)
{
    const struct cell *z = net_before_activation(net, net->spec.layers);
    const double *y = net_find(net, NB_Y, 0)->data;
    double sum = 0;
    for (size_t i = 0; i < z->rows; i++) {
        double weight = 0;
        for (size_t k = 0; k < z->cols; k++)
            weight += net->spec.loss == NB_BINARY_CROSS_ENTROPY ? 1 : fabs(y[i * z->cols + k]);
        sum += squared(weight * (1 + largest(numbers(z) + i * z->cols, z->cols)));
    }
    return sum * squared(FEW * UNIT / (double)z->rows);
}

static double loss_variance(const struct nb_net *net)
{
    double loss = *numbers(net_find(net, NB_LOSS_VALUE, 0));
    const struct cell *y = net_find(net, NB_Y, 0);
    bool logarithms = net_delta_direct(&net->spec);
    double terms = (double)y->rows * (logarithms ? 1 : (double)y->cols);
    return squared(UNIT * (FEW + sqrt(terms)) * loss) + (logarithms ? logarithm_variance(net) : 0);
}

double net_loss_noise(const struct nb_net *net)
{
    double sum = loss_variance(net);
    for (size_t l = 1; l <= net->spec.layers; l++) {
        sum += affine_variance(net, l);
        if (net->layers[l - 1].batchnorm)
            sum += batchnorm_variance(net, l);
        if (l < net->spec.layers || !net_delta_direct(&net->spec)) /* that reads z */
            sum += relative_variance(net_find(net, NB_A, l), slopes(net, NB_DA, l), FEW);
        if (net->layers[l - 1].dropout > 0)
            sum += relative_variance(net_find(net, NB_H, l), slopes(net, NB_DH, l), 1);
    }
    return sqrt(sum);
}
