/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, copying and ending networks; their blocks of numbers. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

#define UNITS_MOST        1000000u
#define LAYERS_MOST       1000u
#define PARAMETERS_MOST   ((size_t)1 << 32)
#define SINGLE_PARAMETERS 20000u /* auto precision: single from here on */
#define DEFAULT_LR        0.1

size_t layer_units(const struct nb_net *net, size_t layer)
{
    return layer ? net->layers[layer - 1].units : net->spec.inputs;
}

/* ---- The specification ---- */

static enum nb_status check_layers(const struct nb_spec *spec, struct nb_error *error)
{
    if (spec->layers < 1 || spec->layers > LAYERS_MOST)
        return error_set(error, NB_USAGE, "a network has 1 to %u layers after the input, not %zu",
                         LAYERS_MOST, spec->layers);
    if (spec->inputs < 1 || spec->inputs > UNITS_MOST)
        return error_set(error, NB_USAGE, "a layer has 1 to 1,000,000 units, not %zu",
                         spec->inputs);
    for (size_t l = 0; l < spec->layers; l++) {
        if (spec->layer[l].units < 1 || spec->layer[l].units > UNITS_MOST)
            return error_set(error, NB_USAGE, "a layer has 1 to 1,000,000 units, not %zu",
                             spec->layer[l].units);
        if (spec->layer[l].activation == NB_SOFTMAX && l + 1 < spec->layers)
            return error_set(error, NB_USAGE, "softmax is for the last layer only");
    }
    return NB_OK;
}

static enum nb_status check_loss(const struct nb_spec *spec, struct nb_error *error)
{
    enum nb_activation output = spec->layer[spec->layers - 1].activation;
    if (spec->loss == NB_CROSS_ENTROPY && output != NB_SOFTMAX && output != NB_SIGMOID)
        return error_set(error, NB_USAGE, "cross-entropy wants softmax or sigmoid outputs");
    if (spec->loss == NB_BINARY_CROSS_ENTROPY && output != NB_SIGMOID)
        return error_set(error, NB_USAGE, "binary-cross-entropy wants sigmoid outputs");
    return NB_OK;
}

static enum nb_status count_parameters(const struct nb_spec *spec, size_t *count,
                                       struct nb_error *error)
{
    size_t sum = 0, below = spec->inputs;
    for (size_t l = 0; l < spec->layers; l++) {
        sum += (below + 1) * spec->layer[l].units; /* at most 10^12 each */
        below = spec->layer[l].units;
        if (sum > PARAMETERS_MOST)
            return error_set(error, NB_USAGE,
                             "the network would have over %zu parameters; make it smaller",
                             PARAMETERS_MOST);
    }
    *count = sum;
    return NB_OK;
}

/* ---- Quantities and blocks ---- */

static bool has_quantity(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    if (!quantity_row(kind)->layered)
        return layer == 0;
    bool output = layer == net->spec.layers;
    if (kind == NB_DA && output) /* softmax under cross-entropy takes its delta directly */
        return !(net_delta_direct(&net->spec) && net->layers[layer - 1].activation == NB_SOFTMAX);
    return layer >= 1;
}

static void cell_shape(const struct nb_net *net, struct cell *cell)
{
    size_t below = cell->layer ? layer_units(net, cell->layer - 1) : 0;
    size_t units = layer_units(net, cell->layer), outputs = layer_units(net, net->spec.layers);
    switch (cell->kind) {
    case NB_X:
        cell->cols = net->spec.inputs;
        break;
    case NB_Y:
        cell->cols = outputs;
        break;
    case NB_LOSS_VALUE:
        cell->rows = cell->cols = 1;
        break;
    case NB_W:
    case NB_DW:
        cell->rows = below;
        cell->cols = units;
        break;
    case NB_B:
    case NB_DB:
        cell->rows = 1;
        cell->cols = units;
        break;
    default: /* one row a sample */
        cell->cols = units;
        break;
    }
}

/* Ids by layer, within a layer in the order of the kinds. */
static enum nb_status make_cells(struct nb_net *net, struct nb_error *error)
{
    size_t layers = net->spec.layers, most = (layers + 1) * NB_QUANTITY_KINDS;
    net->ids = memory_new(most, sizeof *net->ids);
    net->state.cells = memory_new(most, sizeof *net->state.cells);
    if (!net->ids || !net->state.cells)
        return error_memory(error);
    for (size_t l = 0; l <= layers; l++)
        for (size_t kind = 0; kind < NB_QUANTITY_KINDS; kind++) {
            size_t *id = &net->ids[kind * (layers + 1) + l];
            *id = NB_NOWHERE;
            if (!has_quantity(net, (enum nb_quantity_kind)kind, l))
                continue;
            *id = net->count++;
            struct cell *cell = &net->state.cells[*id];
            *cell =
                (struct cell){ .kind = (enum nb_quantity_kind)kind, .layer = l, .op = NB_NOWHERE };
            cell_shape(net, cell);
            if (quantity_row(cell->kind)->per_sample && quantity_row(cell->kind)->layered)
                net->sample_width += cell->cols;
        }
    return NB_OK;
}

static void *at_offset(const struct nb_net *net, void *block, size_t offset)
{
    return block ? (char *)block + offset * net->kernels->vector->size : NULL;
}

/* Points the cells of a block's kinds into it, in order of layer. */
static void place_cells(const struct nb_net *net, struct state *state)
{
    size_t parameter = 0, gradient = 0, sample = 0;
    for (size_t id = 0; id < net->count; id++) {
        struct cell *cell = &state->cells[id];
        switch (cell->kind) {
        case NB_X:
            cell->data = state->x;
            break;
        case NB_Y:
            cell->data = state->y;
            break;
        case NB_LOSS_VALUE:
            cell->data = state->loss;
            break;
        case NB_W:
        case NB_B:
            cell->data = at_offset(net, state->parameters, parameter);
            parameter += cell->rows * cell->cols;
            break;
        case NB_DW:
        case NB_DB:
            cell->data = at_offset(net, state->gradients, gradient);
            gradient += cell->rows * cell->cols;
            break;
        default:
            cell->data = at_offset(net, state->samples, sample);
            sample += state->capacity * cell->cols;
            break;
        }
    }
}

static enum nb_status make_blocks(struct nb_net *net, struct nb_error *error)
{
    size_t size = net->kernels->vector->size;
    struct state *state = &net->state;
    state->parameters = memory_aligned(net->parameters, size);
    state->gradients = memory_aligned(net->parameters, size);
    state->loss = memory_aligned(1, size);
    if (!state->parameters || !state->gradients || !state->loss)
        return error_memory(error);
    place_cells(net, state);
    for (size_t id = 0; id < net->count; id++)
        if (quantity_row(state->cells[id].kind)->role == NB_PARAMETER)
            net_stamp(net, &state->cells[id]);
    return NB_OK;
}

static enum nb_status grow_block(const struct nb_net *net, void **block, size_t *capacity,
                                 size_t rows, size_t width, struct nb_error *error)
{
    size_t count;
    if (rows <= *capacity)
        return NB_OK;
    void *grown = size_multiply(rows, width, &count)
                      ? memory_aligned(count, net->kernels->vector->size)
                      : NULL;
    if (!grown)
        return error_memory(error);
    free(*block);
    *block = grown;
    *capacity = rows;
    return NB_OK;
}

/* x and y change place when their block grows, and are written right after. */
enum nb_status net_set_rows(struct nb_net *net, enum nb_quantity_kind kind, size_t rows,
                            struct nb_error *error)
{
    struct state *state = &net->state;
    struct cell *given = net_find(net, kind, 0);
    enum nb_status status =
        kind == NB_X ? grow_block(net, &state->x, &state->x_capacity, rows, given->cols, error)
                     : grow_block(net, &state->y, &state->y_capacity, rows, given->cols, error);
    if (!status && kind == NB_X)
        status = grow_block(net, &state->samples, &state->capacity, rows, net->sample_width, error);
    place_cells(net, state);
    if (status)
        return status;
    given->rows = rows;
    for (size_t id = 0; kind == NB_X && id < net->count; id++) {
        struct cell *cell = &state->cells[id];
        if (cell->op == NB_NOWHERE || !quantity_row(cell->kind)->per_sample)
            continue;
        cell->rows = rows;
        cell->stamp = 0;
    }
    return NB_OK;
}

/* ---- Copies of the state ---- */

static void *block_copy(const struct nb_net *net, const void *block, size_t count, bool *ok)
{
    size_t size = net->kernels->vector->size;
    if (!block)
        return NULL;
    void *copy = memory_aligned(count, size);
    if (copy)
        memcpy(copy, block, count * size);
    *ok = *ok && copy;
    return copy;
}

static size_t given_width(const struct nb_net *net, enum nb_quantity_kind kind)
{
    return net_find(net, kind, 0)->cols;
}

enum nb_status state_copy(const struct nb_net *net, struct state *copy, struct nb_error *error)
{
    const struct state *from = &net->state;
    bool ok = true;
    *copy = *from;
    copy->cells = memory_copy(from->cells, net->count, sizeof *from->cells);
    copy->parameters = block_copy(net, from->parameters, net->parameters, &ok);
    copy->gradients = block_copy(net, from->gradients, net->parameters, &ok);
    copy->loss = block_copy(net, from->loss, 1, &ok);
    copy->samples = block_copy(net, from->samples, from->capacity * net->sample_width, &ok);
    copy->x = block_copy(net, from->x, from->x_capacity * given_width(net, NB_X), &ok);
    copy->y = block_copy(net, from->y, from->y_capacity * given_width(net, NB_Y), &ok);
    if (!copy->cells || !ok) {
        state_release(copy);
        return error_memory(error);
    }
    place_cells(net, copy);
    return NB_OK;
}

void state_release(struct state *state)
{
    free(state->cells);
    free(state->parameters);
    free(state->gradients);
    free(state->loss);
    free(state->samples);
    free(state->x);
    free(state->y);
    *state = (struct state){ 0 };
}

size_t state_bytes(const struct nb_net *net)
{
    const struct state *state = &net->state;
    size_t numbers = 2 * net->parameters + 1 + state->capacity * net->sample_width +
                     state->x_capacity * given_width(net, NB_X) +
                     state->y_capacity * given_width(net, NB_Y);
    return numbers * net->kernels->vector->size + net->count * sizeof(struct cell);
}

/* ---- The handle ---- */

static enum nb_status net_make(struct nb_net *net, const struct nb_spec *spec,
                               struct nb_error *error)
{
    net->spec = *spec;
    net->lr = DEFAULT_LR;
    net->layers = memory_copy(spec->layer, spec->layers, sizeof *spec->layer);
    if (!net->layers)
        return error_memory(error);
    net->spec.layer = net->layers;
    enum nb_status status = count_parameters(spec, &net->parameters, error);
    if (status)
        return status;
    if (spec->precision == NB_AUTO)
        net->spec.precision = net->parameters < SINGLE_PARAMETERS ? NB_DOUBLE : NB_SINGLE;
    net->kernels = kernels_of(net->spec.precision);
    status = make_cells(net, error);
    if (!status)
        status = make_blocks(net, error);
    if (!status)
        status = plan_build(net, error);
    return status;
}

static enum nb_status net_new_blank(const struct nb_spec *spec, struct nb_net **net,
                                    struct nb_error *error)
{
    *net = memory_new(1, sizeof **net);
    if (!*net)
        return error_memory(error);
    enum nb_status status = net_make(*net, spec, error);
    if (status)
        nb_net_free(net);
    return status;
}

enum nb_status nb_net_new(const struct nb_spec *spec, struct nb_net **net, struct nb_error *error)
{
    *net = NULL;
    enum nb_status status = check_layers(spec, error);
    if (!status)
        status = check_loss(spec, error);
    if (!status)
        status = net_new_blank(spec, net, error);
    if (!status)
        nb_net_init(*net, spec->init, spec->seed);
    return status;
}

void nb_net_free(struct nb_net **net)
{
    if (!*net)
        return;
    state_release(&(*net)->state);
    free((*net)->layers);
    free((*net)->ids);
    free((*net)->plan);
    free(*net);
    *net = NULL;
}

/* Copies one quantity between networks of any precision. */
static enum nb_status cell_convert(const struct nb_net *from, struct nb_net *to, size_t id,
                                   struct nb_error *error)
{
    const struct cell *source = net_cell(from, id);
    struct cell *target = net_cell(to, id);
    size_t count = source->rows * source->cols;
    double *values = memory_new(count, sizeof *values);
    if (!values)
        return error_memory(error);
    from->kernels->vector->read(values, source->data, count);
    to->kernels->vector->write(target->data, values, count);
    target->stamp = source->stamp;
    target->frozen = source->frozen;
    free(values);
    return NB_OK;
}

static enum nb_status net_convert(const struct nb_net *from, struct nb_net *to,
                                  struct nb_error *error)
{
    enum nb_status status = NB_OK;
    const enum nb_quantity_kind given[] = { NB_X, NB_Y };
    for (size_t i = 0; i < 2 && !status; i++)
        if (net_find(from, given[i], 0)->stamp)
            status = net_set_rows(to, given[i], net_find(from, given[i], 0)->rows, error);
    for (size_t id = 0; id < from->count && !status; id++)
        if (net_cell(from, id)->stamp)
            status = cell_convert(from, to, id, error);
    to->state.cursor = from->state.cursor;
    to->state.iteration = from->state.iteration;
    to->state.init = from->state.init;
    to->state.seed = from->state.seed;
    return status;
}

enum nb_status nb_net_clone(const struct nb_net *net, enum nb_precision precision,
                            struct nb_net **copy, struct nb_error *error)
{
    struct nb_spec spec = net->spec;
    if (precision != NB_AUTO)
        spec.precision = precision;
    enum nb_status status = net_new_blank(&spec, copy, error);
    if (status)
        return status;
    (*copy)->clock = net->clock;
    (*copy)->lr = net->lr;
    if (spec.precision == net->spec.precision) {
        struct state state;
        status = state_copy(net, &state, error);
        if (!status) {
            state_release(&(*copy)->state);
            (*copy)->state = state;
        }
    } else {
        status = net_convert(net, *copy, error);
    }
    if (status)
        nb_net_free(copy);
    return status;
}

const struct nb_spec *nb_net_spec(const struct nb_net *net)
{
    return &net->spec;
}

size_t nb_net_parameters(const struct nb_net *net)
{
    return net->parameters;
}

void nb_net_set_lr(struct nb_net *net, double lr)
{
    net->lr = lr;
}

double nb_net_lr(const struct nb_net *net)
{
    return net->lr;
}
