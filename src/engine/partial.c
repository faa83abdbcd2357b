/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of one element of the forward pass by an earlier one, through all
 * that lies between: the plan's own backward operations, begun with 1 at the top
 * in place of what the loss sends back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/nudge.h"

static double *numbers_of(const struct cell *cell)
{
    return cell->data;
}

static size_t index_of(const struct nb_net *net, struct nb_element element)
{
    return element.row * net_cell(net, element.id)->cols + element.col;
}

/* Where the derivative by a quantity stands; NULL where nothing computes one. */
static struct cell *derivative_by(const struct nb_net *net, const struct cell *cell)
{
    static const enum nb_quantity_kind derivatives[NB_QUANTITY_KINDS] = {
        [NB_W] = NB_DW,       [NB_B] = NB_DB,    [NB_GAMMA] = NB_DGAMMA,
        [NB_BETA] = NB_DBETA, [NB_Z] = NB_DELTA, [NB_U] = NB_DU,
        [NB_A] = NB_DA,       [NB_H] = NB_DH,    [NB_X] = NB_DELTA,
    };
    enum nb_quantity_kind kind = derivatives[cell->kind];
    size_t layer = cell->kind == NB_X ? 1 : cell->layer;
    size_t id = kind ? nb_quantity_id(net, kind, layer) : NB_NOWHERE;
    return id == NB_NOWHERE ? NULL : net_cell(net, id);
}

static size_t computed_by(const struct nb_net *net, const struct cell *cell)
{
    return net->computed_by[cell - net->state.cells];
}

/* Where the way back from `top` begins: the derivative by its z or u. */
static struct cell *seed_cell(const struct nb_net *net, const struct cell *top)
{
    bool by_z = top->kind == NB_Z || !net->layers[top->layer - 1].batchnorm;
    return net_find(net, by_z ? NB_DELTA : NB_DU, top->layer);
}

/* ∂a/∂u of the whole row, times the mask where it is h that is asked about. */
static enum nb_status seed_by_activation(struct nb_net *net, struct cell *seed,
                                         const struct cell *top, size_t index,
                                         struct nb_error *error)
{
    const struct cell *u = net_before_activation(net, top->layer);
    const struct cell *a = net_find(net, NB_A, top->layer);
    double *da = memory_new(a->rows * a->cols, sizeof *da);
    if (!da)
        return error_memory(error);
    da[index] = top->kind == NB_H ? numbers_of(net_find(net, NB_MASK, top->layer))[index] : 1;
    net->kernels->activation[net->layers[top->layer - 1].activation].backward(
        seed->data, da, u->data, a->data, a->rows, a->cols);
    free(da);
    return NB_OK;
}

static enum nb_status seed_with_one(struct nb_net *net, struct cell *seed, const struct cell *top,
                                    size_t index, struct nb_error *error)
{
    memset(seed->data, 0, seed->rows * seed->cols * sizeof(double));
    if (top->kind == NB_A || top->kind == NB_H)
        return seed_by_activation(net, seed, top, index, error);
    numbers_of(seed)[index] = 1;
    return NB_OK;
}

static void run_back(struct nb_net *net, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++) {
        const struct nb_op *op = &net->plan[i];
        if (i == to || (op->kind != NB_OP_GRAD_W && op->kind != NB_OP_GRAD_B))
            op_run(net, op);
    }
}

/* What reached z1 goes on to x along its weights. */
static double through_weights(const struct nb_net *net, struct nb_element x)
{
    const struct cell *w = net_find(net, NB_W, 1), *delta = net_find(net, NB_DELTA, 1);
    double sum = 0;
    for (size_t k = 0; k < w->cols; k++)
        sum += numbers_of(w)[x.col * w->cols + k] * numbers_of(delta)[x.row * w->cols + k];
    return sum;
}

static bool is_top(enum nb_quantity_kind kind)
{
    return kind == NB_Z || kind == NB_U || kind == NB_A || kind == NB_H;
}

bool nb_partial_exists(const struct nb_net *net, size_t top, size_t bottom)
{
    const struct cell *above = net_cell(net, top), *below = net_cell(net, bottom);
    const struct cell *derivative = derivative_by(net, below);
    if (top == bottom || !derivative || !is_top(above->kind))
        return false;
    const struct cell *seed = seed_cell(net, above);
    return derivative == seed || computed_by(net, derivative) > computed_by(net, seed);
}

enum nb_status nb_partial(const struct nb_net *net, struct nb_element top, struct nb_element bottom,
                          double *value, struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = nb_net_clone(net, NB_DOUBLE, &copy, error);
    if (status)
        return status;
    const struct cell *above = net_cell(copy, top.id), *below = net_cell(copy, bottom.id);
    struct cell *seed = seed_cell(copy, above), *end = derivative_by(copy, below);
    status = seed_with_one(copy, seed, above, index_of(copy, top), error);
    if (!status) {
        run_back(copy, computed_by(copy, seed) + 1, computed_by(copy, end));
        *value = below->kind == NB_X ? through_weights(copy, bottom)
                                     : numbers_of(end)[index_of(copy, bottom)];
    }
    nb_net_free(&copy);
    return status;
}

/* ---- The quotient ---- */

/* Operations behind the one that makes `bottom`, up to `last`. */
static void run_between(struct nb_net *net, size_t bottom, size_t last)
{
    size_t from = net->computed_by[bottom] == NB_NOWHERE ? 0 : net->computed_by[bottom] + 1;
    for (size_t i = from; i <= last; i++)
        if (i == last || net->plan[i].kind != NB_OP_LOSS)
            op_run(net, &net->plan[i]);
}

static double value_at(struct nb_net *net, struct nb_element top, struct nb_element bottom,
                       double theta)
{
    numbers_of(net_cell(net, bottom.id))[index_of(net, bottom)] = theta;
    run_between(net, bottom.id, net->computed_by[top.id]);
    return numbers_of(net_cell(net, top.id))[index_of(net, top)];
}

static void nudge_both_ways(struct nb_net *net, struct nb_element top, struct nb_element bottom,
                            bool *sides, struct nb_nudge *result)
{
    result->plus = value_at(net, top, bottom, result->theta + result->h);
    net_sides_differ(net, sides, true);
    result->minus = value_at(net, top, bottom, result->theta - result->h);
    result->kink = net_sides_differ(net, sides, false);
    result->quotient = (result->plus - result->minus) / (2 * result->h);
    result->error = nudge_error(result->value, result->quotient);
}

enum nb_status nb_partial_nudge(const struct nb_net *net, struct nb_element top,
                                struct nb_element bottom, double value, double eps,
                                struct nb_nudge *result, struct nb_error *error)
{
    struct nb_net *copy;
    size_t last = net->computed_by[top.id];
    if (last == net->computed_by[bottom.id])
        return error_set(error, NB_FAILED,
                         "the same operation makes both: one cannot be nudged "
                         "without the other");
    enum nb_status status = nb_net_clone(net, NB_DOUBLE, &copy, error);
    if (status)
        return status;
    bool *sides =
        memory_new(copy->state.capacity[BLOCK_SAMPLE] * copy->width[BLOCK_SAMPLE], sizeof *sides);
    if (sides) {
        for (size_t i = 0; i <= last; i++)
            if (i == last || copy->plan[i].kind != NB_OP_LOSS)
                op_run(copy, &copy->plan[i]);
        double theta = nb_value(copy, bottom.id, bottom.row, bottom.col);
        *result =
            (struct nb_nudge){ .value = value, .theta = theta, .h = eps * fmax(1, fabs(theta)) };
        nudge_both_ways(copy, top, bottom, sides, result);
    } else {
        status = error_memory(error);
    }
    free(sides);
    nb_net_free(&copy);
    return status;
}
