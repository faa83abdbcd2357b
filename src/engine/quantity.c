/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities: their table, their state, their values. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "engine/net.h"

/* A batch-norm or dropout quantity is there where its layer has that. */
static const struct kind_row kind_rows[NB_QUANTITY_KINDS] = {
    [NB_X] = { SHAPE_X, BLOCK_X, BELONGS_ALWAYS },
    [NB_Y] = { SHAPE_Y, BLOCK_Y, BELONGS_ALWAYS },
    [NB_LOSS_VALUE] = { SHAPE_SCALAR, BLOCK_SCALAR, BELONGS_ALWAYS },
    [NB_PENALTY] = { SHAPE_SCALAR, BLOCK_SCALAR, BELONGS_ALWAYS },
    [NB_W] = { SHAPE_WEIGHTS, BLOCK_PARAMETER, BELONGS_ALWAYS },
    [NB_B] = { SHAPE_UNITS, BLOCK_PARAMETER, BELONGS_ALWAYS },
    [NB_GAMMA] = { SHAPE_UNITS, BLOCK_PARAMETER, BELONGS_BATCHNORM },
    [NB_BETA] = { SHAPE_UNITS, BLOCK_PARAMETER, BELONGS_BATCHNORM },
    [NB_Z] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_ALWAYS },
    [NB_MU] = { SHAPE_UNITS, BLOCK_STATISTIC, BELONGS_BATCHNORM },
    [NB_VAR] = { SHAPE_UNITS, BLOCK_STATISTIC, BELONGS_BATCHNORM },
    [NB_XHAT] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_BATCHNORM },
    [NB_U] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_BATCHNORM },
    [NB_A] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_ALWAYS },
    [NB_MASK] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_DROPOUT },
    [NB_H] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_DROPOUT },
    [NB_DELTA] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_ALWAYS },
    [NB_DU] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_BATCHNORM },
    [NB_DA] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_ALWAYS },
    [NB_DH] = { SHAPE_SAMPLES, BLOCK_SAMPLE, BELONGS_DROPOUT },
    [NB_DW] = { SHAPE_WEIGHTS, BLOCK_GRADIENT, BELONGS_ALWAYS },
    [NB_DB] = { SHAPE_UNITS, BLOCK_GRADIENT, BELONGS_ALWAYS },
    [NB_DGAMMA] = { SHAPE_UNITS, BLOCK_GRADIENT, BELONGS_BATCHNORM },
    [NB_DBETA] = { SHAPE_UNITS, BLOCK_GRADIENT, BELONGS_BATCHNORM },
    [NB_GW] = { SHAPE_WEIGHTS, BLOCK_PENALIZED, BELONGS_ALWAYS },
    [NB_GB] = { SHAPE_UNITS, BLOCK_PENALIZED, BELONGS_ALWAYS },
    [NB_MW] = { SHAPE_WEIGHTS, BLOCK_M, BELONGS_ALWAYS },
    [NB_MB] = { SHAPE_UNITS, BLOCK_M, BELONGS_ALWAYS },
    [NB_MGAMMA] = { SHAPE_UNITS, BLOCK_M, BELONGS_BATCHNORM },
    [NB_MBETA] = { SHAPE_UNITS, BLOCK_M, BELONGS_BATCHNORM },
    [NB_VW] = { SHAPE_WEIGHTS, BLOCK_V, BELONGS_ALWAYS },
    [NB_VB] = { SHAPE_UNITS, BLOCK_V, BELONGS_ALWAYS },
    [NB_VGAMMA] = { SHAPE_UNITS, BLOCK_V, BELONGS_BATCHNORM },
    [NB_VBETA] = { SHAPE_UNITS, BLOCK_V, BELONGS_BATCHNORM },
    [NB_RMEAN] = { SHAPE_UNITS, BLOCK_STATISTIC, BELONGS_BATCHNORM },
    [NB_RVAR] = { SHAPE_UNITS, BLOCK_STATISTIC, BELONGS_BATCHNORM },
};

/* Columns: stem, summary, role, layered, per sample. */
static const struct nb_quantity_row quantity_rows[NB_QUANTITY_KINDS] = {
    [NB_X] = { "x", "the input, one row a sample", NB_GIVEN, false, true },
    [NB_Y] = { "y", "the target, one row a sample", NB_GIVEN, false, true },
    [NB_LOSS_VALUE] = { "loss", "how far the output is from the target", NB_COMPUTED, false,
                        false },
    [NB_PENALTY] = { "penalty", "what l1 and l2 add for large weights", NB_COMPUTED, false, false },
    [NB_W] = { "w", "weights: w[j,k] joins source j to destination k", NB_PARAMETER, true, false },
    [NB_B] = { "b", "biases, one for each unit", NB_PARAMETER, true, false },
    [NB_GAMMA] = { "gamma", "scales of batch norm, one for each unit", NB_PARAMETER, true, false },
    [NB_BETA] = { "beta", "shifts of batch norm, one for each unit", NB_PARAMETER, true, false },
    [NB_Z] = { "z", "weighted sums, before the activation", NB_COMPUTED, true, true },
    [NB_MU] = { "mu", "means of z over the batch", NB_COMPUTED, true, false },
    [NB_VAR] = { "var", "variances of z over the batch", NB_COMPUTED, true, false },
    [NB_XHAT] = { "xhat", "normalised z: mean 0 and variance 1 over the batch", NB_COMPUTED, true,
                  true },
    [NB_U] = { "u", "what the activation gets: xhat scaled and shifted", NB_COMPUTED, true, true },
    [NB_A] = { "a", "activations: the outputs of a layer", NB_COMPUTED, true, true },
    [NB_MASK] = { "mask", "dropout: 0, or 1/(1 - p) where a unit is kept", NB_COMPUTED, true,
                  true },
    [NB_H] = { "h", "activations that dropout kept", NB_COMPUTED, true, true },
    [NB_DELTA] = { "delta", "derivative of the loss with respect to z", NB_COMPUTED, true, true },
    [NB_DU] = { "du", "derivative of the loss with respect to u", NB_COMPUTED, true, true },
    [NB_DA] = { "da", "derivative of the loss with respect to a", NB_COMPUTED, true, true },
    [NB_DH] = { "dh", "derivative of the loss with respect to h", NB_COMPUTED, true, true },
    [NB_DW] = { "dw", "derivative of the loss with respect to the weights", NB_COMPUTED, true,
                false },
    [NB_DB] = { "db", "derivative of the loss with respect to the biases", NB_COMPUTED, true,
                false },
    [NB_DGAMMA] = { "dgamma", "derivative of the loss with respect to gamma", NB_COMPUTED, true,
                    false },
    [NB_DBETA] = { "dbeta", "derivative of the loss with respect to beta", NB_COMPUTED, true,
                   false },
    [NB_GW] = { "gw", "what the optimiser uses: dw and the penalty's gradient", NB_COMPUTED, true,
                false },
    [NB_GB] = { "gb", "what the optimiser uses: db and the penalty's gradient", NB_COMPUTED, true,
                false },
    [NB_MW] = { "mw", "the optimiser's first moment of w", NB_STATE, true, false },
    [NB_MB] = { "mb", "the optimiser's first moment of b", NB_STATE, true, false },
    [NB_MGAMMA] = { "mgamma", "the optimiser's first moment of gamma", NB_STATE, true, false },
    [NB_MBETA] = { "mbeta", "the optimiser's first moment of beta", NB_STATE, true, false },
    [NB_VW] = { "vw", "the optimiser's velocity or second moment of w", NB_STATE, true, false },
    [NB_VB] = { "vb", "the optimiser's velocity or second moment of b", NB_STATE, true, false },
    [NB_VGAMMA] = { "vgamma", "the optimiser's velocity or second moment of gamma", NB_STATE, true,
                    false },
    [NB_VBETA] = { "vbeta", "the optimiser's velocity or second moment of beta", NB_STATE, true,
                   false },
    [NB_RMEAN] = { "rmean", "running mean of z, for evaluation", NB_STATE, true, false },
    [NB_RVAR] = { "rvar", "running variance of z, for evaluation", NB_STATE, true, false },
};

const struct kind_row *kind_row(enum nb_quantity_kind kind)
{
    return &kind_rows[kind];
}

const struct nb_quantity_row *nb_quantity_rows(void)
{
    return quantity_rows;
}

const struct nb_quantity_row *quantity_row(enum nb_quantity_kind kind)
{
    return &quantity_rows[kind];
}

struct cell *net_cell(const struct nb_net *net, size_t id)
{
    assert(id < net->count);
    return &net->state.cells[id];
}

size_t nb_quantity_count(const struct nb_net *net)
{
    return net->count;
}

static bool is_active(const struct nb_net *net, enum nb_quantity_kind kind)
{
    switch (kind_rows[kind].block) {
    case BLOCK_PENALIZED:
        return learning_penalizes(&net->learning, kind);
    case BLOCK_M:
        return learning_has_m(&net->learning);
    case BLOCK_V:
        return learning_has_v(&net->learning);
    default:
        return kind != NB_PENALTY || learning_has_penalty(&net->learning);
    }
}

size_t nb_quantity_id(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    if ((unsigned)kind >= NB_QUANTITY_KINDS || layer > net->spec.layers || !is_active(net, kind))
        return NB_NOWHERE;
    return net->ids[(size_t)kind * (net->spec.layers + 1) + layer];
}

struct cell *net_find(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return net_cell(net, nb_quantity_id(net, kind, layer));
}

struct cell *net_before_activation(const struct nb_net *net, size_t layer)
{
    return net_find(net, net->layers[layer - 1].batchnorm ? NB_U : NB_Z, layer);
}

void net_stamp(struct nb_net *net, struct cell *cell)
{
    cell->stamp = ++net->clock;
    cell->decimals = NB_EXACT;
}

bool net_fresh(const struct nb_net *net, size_t id)
{
    const struct cell *cell = net_cell(net, id);
    if (!cell->stamp || net->computed_by[id] == NB_NOWHERE)
        return cell->stamp != 0;
    if (cell->decimals != net->decimals)
        return false;
    const struct nb_op *op = &net->plan[net->computed_by[id]];
    for (size_t i = 0; i < op->nreads; i++)
        if (net_cell(net, op->reads[i])->stamp > cell->stamp || !net_fresh(net, op->reads[i]))
            return false;
    return true;
}

/* Is it there: written, by settings that the network still has? */
static bool is_there(const struct nb_net *net, size_t id)
{
    const struct cell *cell = net_cell(net, id);
    enum block block = kind_rows[cell->kind].block;
    bool moment = block == BLOCK_M || block == BLOCK_V;
    return cell->stamp && is_active(net, cell->kind) &&
           (!moment || net->state.optimizer == net->learning.optimizer);
}

static enum nb_state cell_state(const struct nb_net *net, size_t id)
{
    if (!is_there(net, id))
        return NB_UNSET;
    return net_fresh(net, id) ? NB_FRESH : NB_STALE;
}

void nb_quantity_get(const struct nb_net *net, size_t id, struct nb_quantity *quantity)
{
    const struct cell *cell = net_cell(net, id);
    const struct nb_quantity_row *row = &quantity_rows[cell->kind];
    *quantity = (struct nb_quantity){ .kind = cell->kind,
                                      .layer = cell->layer,
                                      .rows = cell->data ? cell->rows : 0,
                                      .cols = cell->cols,
                                      .role = row->role,
                                      .state = cell_state(net, id),
                                      .active = is_active(net, cell->kind),
                                      .decimals = cell->decimals,
                                      .op = net->computed_by[id] };
    if (row->layered)
        snprintf(quantity->name, sizeof quantity->name, "%s%zu", row->stem, cell->layer);
    else
        snprintf(quantity->name, sizeof quantity->name, "%s", row->stem);
}

double nb_value(const struct nb_net *net, size_t id, size_t row, size_t col)
{
    const struct cell *cell = net_cell(net, id);
    assert(row < cell->rows && col < cell->cols);
    return net->kernels->vector->get(cell->data, row * cell->cols + col);
}

void nb_values(const struct nb_net *net, size_t id, double *values)
{
    const struct cell *cell = net_cell(net, id);
    net->kernels->vector->read(values, cell->data, cell->rows * cell->cols);
}

void cursor_to_stale(struct nb_net *net)
{
    for (size_t i = 0; i < net->state.cursor && i < net->start[NB_UPDATE]; i++)
        if (!net_fresh(net, net->plan[i].writes[0])) {
            net->state.cursor = i;
            return;
        }
}

static enum nb_status assign_check(const struct cell *cell, const char *name, size_t rows,
                                   size_t cols, struct nb_error *error)
{
    enum nb_role role = quantity_rows[cell->kind].role;
    if (role == NB_COMPUTED || role == NB_STATE)
        return error_set(error, NB_FAILED, "%s is computed, it can't be assigned", name);
    bool given = role == NB_GIVEN;
    if (cols == cell->cols && rows > 0 && (given || rows == cell->rows))
        return NB_OK;
    if (given)
        return error_set(error, NB_FAILED, "%s has %zu columns, %zu were given", name, cell->cols,
                         cols);
    return error_set(error, NB_FAILED, "%s is %zu×%zu, a %zu×%zu was given", name, cell->rows,
                     cell->cols, rows, cols);
}

enum nb_status nb_assign(struct nb_net *net, size_t id, size_t rows, size_t cols,
                         const double *values, struct nb_error *error)
{
    struct cell *cell = net_cell(net, id);
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    enum nb_status status = assign_check(cell, quantity.name, rows, cols, error);
    if (!status && quantity.role == NB_GIVEN && (!cell->stamp || rows != cell->rows))
        status = net_set_rows(net, cell->kind, rows, error);
    if (status)
        return status;
    net->kernels->vector->write(cell->data, values, rows * cols);
    net_stamp(net, cell);
    cursor_to_stale(net);
    return NB_OK;
}

enum nb_status nb_restore(struct nb_net *net, size_t id, size_t rows, size_t cols,
                          const double *values, struct nb_error *error)
{
    struct cell *cell = net_cell(net, id);
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    if (quantity.role != NB_STATE || !quantity.active)
        return error_set(error, NB_FAILED, "%s is not carried from update to update here",
                         quantity.name);
    if (rows != cell->rows || cols != cell->cols)
        return error_set(error, NB_FAILED, "%s is %zu×%zu, a %zu×%zu was given", quantity.name,
                         cell->rows, cell->cols, rows, cols);
    net->kernels->vector->write(cell->data, values, rows * cols);
    net_stamp(net, cell);
    return NB_OK;
}

struct nb_counters nb_net_counters(const struct nb_net *net)
{
    return (struct nb_counters){ net->state.iteration, net->state.updates, net->state.optimizer };
}

void nb_net_set_counters(struct nb_net *net, const struct nb_counters *counters)
{
    net->state.iteration = counters->iteration;
    net->state.updates = counters->updates;
    net->state.optimizer = counters->optimizer;
}

void nb_unset(struct nb_net *net, size_t id)
{
    struct cell *cell = net_cell(net, id);
    assert(quantity_rows[cell->kind].role == NB_GIVEN);
    cell->stamp = 0;
    cell->rows = 0;
    cursor_to_stale(net);
}

void nb_freeze(struct nb_net *net, size_t id, bool frozen)
{
    net_cell(net, id)->frozen = frozen;
}

bool nb_frozen(const struct nb_net *net, size_t id)
{
    return net_cell(net, id)->frozen;
}
