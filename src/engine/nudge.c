/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives by nudging: L(θ+h) and L(θ-h) through the plan's own operations,
 * on a scratch copy in double.  What is nudged for dw, db, delta, da is w, b,
 * z, a; then all that follows it up to the loss runs again.
 */
#include "engine/nudge.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "engine/noise.h"

#define DEVIATIONS 4 /* that rounding errors may be from their typical size */

struct nb_nudger {
    struct nb_net *net;
    bool *sides;  /* (samples) which side of its kink each z stands on */
    double noise; /* the typical rounding error of the loss */
};

static bool has_kink(const struct nb_net *net, size_t layer)
{
    enum nb_activation activation = net->layers[layer - 1].activation;
    return activation == NB_RELU || activation == NB_LEAKYRELU;
}

/* Derivatives are those of the loss: what clip or rounding makes of them is none. */
static enum nb_status run_plainly(struct nb_net *copy, struct nb_error *error)
{
    struct nb_learning learning = copy->learning;
    learning.clip = 0;
    copy->decimals = NB_EXACT;
    enum nb_status status = nb_net_set_learning(copy, &learning, error);
    nb_seek(copy, 0);
    return status ? status : nb_exec(copy, copy->start[NB_UPDATE], error);
}

enum nb_status nb_nudger_new(const struct nb_net *net, struct nb_nudger **nudger,
                             struct nb_error *error)
{
    *nudger = memory_new(1, sizeof **nudger);
    if (!*nudger)
        return error_memory(error);
    enum nb_status status = nb_net_clone(net, NB_DOUBLE, &(*nudger)->net, error);
    if (!status)
        status = run_plainly((*nudger)->net, error);
    if (!status) {
        struct nb_net *copy = (*nudger)->net;
        (*nudger)->sides = memory_new(
            copy->state.capacity[BLOCK_SAMPLE] * copy->width[BLOCK_SAMPLE], sizeof(bool));
        (*nudger)->noise = net_loss_noise(copy);
        if (!(*nudger)->sides)
            status = error_memory(error);
    }
    if (status)
        nb_nudger_free(nudger);
    return status;
}

void nb_nudger_free(struct nb_nudger **nudger)
{
    if (!*nudger)
        return;
    nb_net_free(&(*nudger)->net);
    free((*nudger)->sides);
    free(*nudger);
    *nudger = NULL;
}

/* What a derivative is taken with respect to. */
static size_t nudged_id(const struct nb_net *net, size_t id)
{
    static const enum nb_quantity_kind nudged[NB_QUANTITY_KINDS] = {
        [NB_DW] = NB_W,    [NB_DB] = NB_B, [NB_DGAMMA] = NB_GAMMA, [NB_DBETA] = NB_BETA,
        [NB_DELTA] = NB_Z, [NB_DU] = NB_U, [NB_DA] = NB_A,         [NB_DH] = NB_H,
    };
    const struct cell *cell = net_cell(net, id);
    enum nb_quantity_kind kind = nudged[cell->kind];
    return kind ? nb_quantity_id(net, kind, cell->layer) : NB_NOWHERE;
}

/* The first operation that reads a quantity. */
static size_t first_reader(const struct nb_net *net, size_t id)
{
    for (size_t i = 0; i < net->start[NB_BACKWARD]; i++)
        for (size_t r = 0; r < net->plan[i].nreads; r++)
            if (net->plan[i].reads[r] == id)
                return i;
    return net->start[NB_BACKWARD];
}

bool net_sides_differ(const struct nb_net *net, bool *side, bool keep)
{
    bool differ = false;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        const struct cell *z = net_before_activation(net, l);
        if (!has_kink(net, l))
            continue;
        for (size_t i = 0; i < z->rows * z->cols; i++, side++) {
            bool above = ((const double *)z->data)[i] > 0;
            differ = differ || (!keep && above != *side);
            *side = above;
        }
    }
    return differ;
}

/* A cross-entropy reads the output's z: a nudged a = σ(z) takes its z along. */
static void follow_logit(struct nb_net *net, const struct cell *a, size_t index)
{
    if (a->kind != NB_A || a->layer != net->spec.layers || !net_delta_direct(&net->spec))
        return;
    double *z = net_before_activation(net, a->layer)->data, s = ((const double *)a->data)[index];
    z[index] = log(s / (1 - s));
}

static double loss_at(struct nb_net *net, struct cell *theta, size_t index, double value,
                      size_t from)
{
    ((double *)theta->data)[index] = value;
    follow_logit(net, theta, index);
    for (size_t i = from; i < net->start[NB_BACKWARD]; i++)
        op_run(net, &net->plan[i]);
    return *(const double *)net_find(net, NB_LOSS_VALUE, 0)->data;
}

/* An output under a cross-entropy must stay inside (0, 1). */
static double nudge_width(const struct nb_net *net, const struct cell *theta, double value,
                          double eps)
{
    double h = eps * fmax(1, fabs(value));
    if (theta->kind == NB_A && theta->layer == net->spec.layers && net_delta_direct(&net->spec))
        h = fmin(h, fmin(value, 1 - value) / 2);
    return h;
}

double nudge_error(double value, double quotient)
{
    return fabs(value - quotient) / nudge_scale(value, quotient);
}

double nudge_scale(double value, double quotient)
{
    return fmax(fmax(fabs(value), fabs(quotient)), SMALLEST);
}

/* Both losses are rounded, where they may be larger than at θ, and θ ± h is. */
static double quotient_noise(const struct nb_nudger *nudger, const struct nb_nudge *nudge)
{
    double moved = fabs(nudge->theta * nudge->quotient);
    double most = fmax(fabs(nudge->plus), fabs(nudge->minus));
    return DEVIATIONS * (nudger->noise + DBL_EPSILON * (moved + most)) / nudge->h;
}

const struct nb_net *nb_nudger_net(const struct nb_nudger *nudger)
{
    return nudger->net;
}

enum nb_status nb_nudge(struct nb_nudger *nudger, size_t id, size_t row, size_t col, double eps,
                        struct nb_nudge *result, struct nb_error *error)
{
    struct nb_net *net = nudger->net;
    size_t nudged = nudged_id(net, id);
    if (nudged == NB_NOWHERE)
        return error_set(error, NB_FAILED,
                         "not a derivative of the loss: choose a dw, db, delta "
                         "or da");
    struct cell *theta = net_cell(net, nudged);
    size_t index = row * theta->cols + col, from = first_reader(net, nudged);
    double value = ((const double *)theta->data)[index];
    struct cell *z = net_before_activation(net, net->spec.layers);
    double logit = theta->kind == NB_A && theta->layer == net->spec.layers
                       ? ((const double *)z->data)[index]
                       : 0;
    *result = (struct nb_nudge){ .value = nb_value(net, id, row, col),
                                 .theta = value,
                                 .h = nudge_width(net, theta, value, eps) };
    result->plus = loss_at(net, theta, index, value + result->h, from);
    net_sides_differ(net, nudger->sides, true);
    result->minus = loss_at(net, theta, index, value - result->h, from);
    result->kink = net_sides_differ(net, nudger->sides, false);
    loss_at(net, theta, index, value, from);
    if (theta->kind == NB_A && theta->layer == net->spec.layers)
        ((double *)z->data)[index] = logit;
    result->quotient = (result->plus - result->minus) / (2 * result->h);
    result->error = nudge_error(result->value, result->quotient);
    result->noise = quotient_noise(nudger, result);
    return NB_OK;
}
