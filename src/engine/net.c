/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, copying and ending networks; their blocks of numbers. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

#define ZEROED            ((size_t)1 << 26) /* bytes, between looks at the interrupt */
#define UNITS_MOST        1000000u
#define LAYERS_MOST       1000u
#define PARAMETERS_MOST   ((size_t)1 << 32)
#define SINGLE_PARAMETERS 20000u /* auto precision: single from here on */

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
        bool last = l + 1 == spec->layers;
        double dropout = spec->layer[l].dropout;
        if (spec->layer[l].activation == NB_SOFTMAX && !last)
            return error_set(error, NB_USAGE, "softmax is for the last layer only");
        if (!(dropout >= 0 && dropout < 1))
            return error_set(error, NB_USAGE, "dropout(p) leaves out a share p: 0 <= p < 1");
        if (dropout > 0 && last)
            return error_set(error, NB_USAGE,
                             "dropout is for hidden layers: the last layer is "
                             "the output");
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

static enum nb_status check_parameters(const struct nb_spec *spec, struct nb_error *error)
{
    size_t sum = 0, below = spec->inputs;
    for (size_t l = 0; l < spec->layers; l++) { /* at most 10^12 each */
        sum += (below + 1 + (spec->layer[l].batchnorm ? 2 : 0)) * spec->layer[l].units;
        below = spec->layer[l].units;
        if (sum > PARAMETERS_MOST)
            return error_set(error, NB_USAGE,
                             "the network would have over %zu parameters; make it smaller",
                             PARAMETERS_MOST);
    }
    return NB_OK;
}

/* ---- Quantities and blocks ---- */

static bool has_quantity(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    if (!quantity_row(kind)->layered || !layer)
        return !quantity_row(kind)->layered && !layer;
    const struct nb_layer *own = &net->layers[layer - 1];
    if (kind == NB_DA && layer == net->spec.layers) /* softmax takes its delta directly */
        return !(net_delta_direct(&net->spec) && own->activation == NB_SOFTMAX);
    switch (kind_row(kind)->belongs) {
    case BELONGS_BATCHNORM:
        return own->batchnorm;
    case BELONGS_DROPOUT:
        return own->dropout > 0;
    default:
        return true;
    }
}

static void cell_shape(const struct nb_net *net, struct cell *cell)
{
    size_t below = cell->layer ? layer_units(net, cell->layer - 1) : 0;
    size_t units = layer_units(net, cell->layer), outputs = layer_units(net, net->spec.layers);
    const struct {
        size_t rows, cols;
    } shapes[] = {
        [SHAPE_X] = { 0, net->spec.inputs }, [SHAPE_Y] = { 0, outputs },
        [SHAPE_SCALAR] = { 1, 1 },           [SHAPE_WEIGHTS] = { below, units },
        [SHAPE_UNITS] = { 1, units },        [SHAPE_SAMPLES] = { 0, units },
    };
    cell->rows = shapes[kind_row(cell->kind)->shape].rows;
    cell->cols = shapes[kind_row(cell->kind)->shape].cols;
}

/* Numbers of a cell in one row of its block. */
static size_t cell_width(const struct cell *cell)
{
    return (quantity_row(cell->kind)->per_sample ? 1 : cell->rows) * cell->cols;
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
            *cell = (struct cell){ .kind = (enum nb_quantity_kind)kind, .layer = l };
            cell_shape(net, cell);
            net->width[kind_row(cell->kind)->block] += cell_width(cell);
        }
    return NB_OK;
}

/* Points the cells into their blocks, in the order of their ids. */
static void place_cells(const struct nb_net *net, struct state *state)
{
    size_t offsets[BLOCKS] = { 0 }, size = net->kernels->vector->size;
    for (size_t id = 0; id < net->count; id++) {
        struct cell *cell = &state->cells[id];
        enum block block = kind_row(cell->kind)->block;
        char *base = state->blocks[block];
        cell->data = base ? base + offsets[block] * size : NULL;
        offsets[block] += cell_width(cell) * state->capacity[block];
    }
}

static bool is_interrupted(const struct nb_net *net)
{
    return net->spec.interrupt && *net->spec.interrupt;
}

static enum nb_status interrupted(struct nb_error *error)
{
    return error_set(error, NB_INTERRUPTED, "interrupted before the weights were drawn");
}

/* Touching gigabytes for the first time takes seconds. */
static enum nb_status zero(const struct nb_net *net, char *numbers, size_t bytes,
                           struct nb_error *error)
{
    for (size_t at = 0; at < bytes; at += ZEROED) {
        if (is_interrupted(net))
            return interrupted(error);
        memset(numbers + at, 0, bytes - at < ZEROED ? bytes - at : ZEROED);
    }
    return NB_OK;
}

enum nb_status net_reserve(struct nb_net *net, enum block block, size_t rows,
                           struct nb_error *error)
{
    struct state *state = &net->state;
    size_t count;
    if (rows <= state->capacity[block])
        return NB_OK;
    void *grown = size_multiply(rows, net->width[block], &count)
                      ? memory_aligned(count, net->kernels->vector->size)
                      : NULL;
    if (!grown)
        return error_memory(error);
    enum nb_status status = zero(net, grown, count * net->kernels->vector->size, error);
    if (status) {
        free(grown);
        return status;
    }
    free(state->blocks[block]);
    state->blocks[block] = grown;
    state->capacity[block] = rows;
    place_cells(net, state);
    return NB_OK;
}

static enum nb_status make_blocks(struct nb_net *net, struct nb_error *error)
{
    const enum block fixed[] = { BLOCK_PARAMETER, BLOCK_GRADIENT, BLOCK_STATISTIC, BLOCK_SCALAR };
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < COUNT_OF(fixed) && !status; i++)
        status = net_reserve(net, fixed[i], 1, error);
    for (size_t id = 0; id < net->count && !status; id++)
        if (quantity_row(net->state.cells[id].kind)->role == NB_PARAMETER)
            net_stamp(net, &net->state.cells[id]);
    return status;
}

/* x and y change place when their block grows, and are written right after. */
enum nb_status net_set_rows(struct nb_net *net, enum nb_quantity_kind kind, size_t rows,
                            struct nb_error *error)
{
    enum nb_status status = net_reserve(net, kind_row(kind)->block, rows, error);
    if (!status && kind == NB_X)
        status = net_reserve(net, BLOCK_SAMPLE, rows, error);
    if (status)
        return status;
    net_find(net, kind, 0)->rows = rows;
    for (size_t id = 0; kind == NB_X && id < net->count; id++) {
        struct cell *cell = &net->state.cells[id];
        if (kind_row(cell->kind)->block != BLOCK_SAMPLE)
            continue;
        cell->rows = rows;
        cell->stamp = 0;
    }
    return NB_OK;
}

/* ---- Copies of the state ---- */

static size_t block_bytes(const struct nb_net *net, enum block block)
{
    return net->state.capacity[block] * net->width[block] * net->kernels->vector->size;
}

enum nb_status state_copy(const struct nb_net *net, struct state *copy, struct nb_error *error)
{
    const struct state *from = &net->state;
    bool ok = true;
    *copy = *from;
    copy->cells = memory_copy(from->cells, net->count, sizeof *from->cells);
    for (enum block block = 0; block < BLOCKS; block++) {
        copy->blocks[block] = NULL;
        if (!from->blocks[block])
            continue;
        copy->blocks[block] = memory_aligned(block_bytes(net, block), 1);
        ok = ok && copy->blocks[block];
        if (copy->blocks[block])
            memcpy(copy->blocks[block], from->blocks[block], block_bytes(net, block));
    }
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
    for (enum block block = 0; block < BLOCKS; block++)
        free(state->blocks[block]);
    *state = (struct state){ 0 };
}

size_t state_bytes(const struct nb_net *net)
{
    size_t bytes = net->count * sizeof(struct cell);
    for (enum block block = 0; block < BLOCKS; block++)
        bytes += block_bytes(net, block);
    return bytes;
}

/* ---- The handle ---- */

static enum nb_status net_make(struct nb_net *net, const struct nb_spec *spec,
                               struct nb_error *error)
{
    net->spec = *spec;
    net->learning = nb_learning_default();
    net->decimals = NB_EXACT;
    net->layers = memory_copy(spec->layer, spec->layers, sizeof *spec->layer);
    if (!net->layers)
        return error_memory(error);
    net->spec.layer = net->layers;
    enum nb_status status = make_cells(net, error);
    if (status)
        return status;
    if (spec->precision == NB_AUTO)
        net->spec.precision =
            net->width[BLOCK_PARAMETER] < SINGLE_PARAMETERS ? NB_DOUBLE : NB_SINGLE;
    net->kernels = kernels_of(net->spec.precision);
    status = make_blocks(net, error);
    return status ? status : plan_build(net, error);
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
        status = check_parameters(spec, error);
    if (!status)
        status = net_new_blank(spec, net, error);
    if (!status && !init_draw(*net, spec->init, spec->seed)) {
        nb_net_free(net);
        return interrupted(error);
    }
    if (!status)
        (*net)->spec.interrupt = NULL;
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
    free((*net)->operands);
    free((*net)->computed_by);
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
    target->decimals = source->decimals;
    target->frozen = source->frozen;
    free(values);
    return NB_OK;
}

static enum nb_status net_convert(const struct nb_net *from, struct nb_net *to,
                                  struct nb_error *error)
{
    enum nb_status status = NB_OK;
    const enum nb_quantity_kind given[] = { NB_X, NB_Y };
    for (size_t i = 0; i < COUNT_OF(given) && !status; i++)
        if (net_find(from, given[i], 0)->stamp)
            status = net_set_rows(to, given[i], net_find(from, given[i], 0)->rows, error);
    for (enum block block = BLOCK_PARAMETER; block < BLOCKS && !status; block++)
        status = net_reserve(to, block, from->state.capacity[block], error);
    for (size_t id = 0; id < from->count && !status; id++)
        if (net_cell(from, id)->stamp && net_cell(to, id)->data)
            status = cell_convert(from, to, id, error);
    struct state *state = &to->state;
    state->cursor = from->state.cursor;
    state->iteration = from->state.iteration;
    state->optimizer = from->state.optimizer;
    state->updates = from->state.updates;
    state->init = from->state.init;
    state->seed = from->state.seed;
    return status;
}

static enum nb_status clone_values(const struct nb_net *net, struct nb_net *copy,
                                   struct nb_error *error)
{
    struct state state;
    if (copy->spec.precision != net->spec.precision)
        return net_convert(net, copy, error);
    enum nb_status status = state_copy(net, &state, error);
    if (status)
        return status;
    state_release(&copy->state);
    copy->state = state;
    return NB_OK;
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
    (*copy)->decimals = net->decimals;
    status = nb_net_set_learning(*copy, &net->learning, error);
    if (!status)
        status = clone_values(net, *copy, error);
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
    return net->width[BLOCK_PARAMETER];
}
