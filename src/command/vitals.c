/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/vitals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#define FLAT 0.05 /* of the largest slope: saturated */

/* ---- Measuring ---- */

/* The numbers of a quantity, for free(); NULL: memory. */
static double *numbers_of(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer,
                          size_t *rows, size_t *cols)
{
    struct nb_quantity quantity;
    size_t id = nb_quantity_id(net, kind, layer);
    nb_quantity_get(net, id, &quantity);
    double *numbers = memory_new(quantity.rows * quantity.cols, sizeof *numbers);
    if (numbers)
        nb_values(net, id, numbers);
    *rows = quantity.rows;
    *cols = quantity.cols;
    return numbers;
}

static double norm(const double *numbers, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += numbers[i] * numbers[i];
    return sqrt(sum);
}

static void mean_and_deviation(const double *numbers, size_t count, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += numbers[i];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (numbers[i] - *mean) * (numbers[i] - *mean);
    *deviation = sqrt(squares / (double)count);
}

/* f'(z) from a = f(z), as a share of the largest; 1 where it is never flat. */
static double slope_share(enum nb_activation activation, double a)
{
    switch (activation) {
    case NB_SIGMOID:
        return 4 * a * (1 - a);
    case NB_TANH:
        return 1 - a * a;
    case NB_LECUN:
        return 1 - a / 1.7159 * (a / 1.7159);
    default:
        return 1;
    }
}

static double flat_share(enum nb_activation activation, const double *a, size_t count)
{
    size_t flat = 0;
    for (size_t i = 0; i < count; i++)
        flat += slope_share(activation, a[i]) < FLAT;
    return (double)flat / (double)count;
}

static double dead_share(const double *a, size_t rows, size_t units)
{
    size_t dead = 0;
    for (size_t k = 0; k < units; k++) {
        size_t i = 0;
        while (i < rows && a[i * units + k] == 0)
            i++;
        dead += i == rows;
    }
    return (double)dead / (double)units;
}

static bool units_alike(const double *w, size_t sources, size_t units)
{
    for (size_t j = 0; j < sources; j++)
        for (size_t k = 1; k < units; k++)
            if (w[j * units + k] != w[j * units])
                return false;
    return units > 1;
}

static enum nb_status take_activations(const struct nb_net *net, size_t l,
                                       struct layer_vitals *layer, struct nb_error *error)
{
    size_t rows, units;
    double *a = numbers_of(net, NB_A, l, &rows, &units);
    if (!a)
        return error_memory(error);
    mean_and_deviation(a, rows * units, &layer->mean, &layer->deviation);
    layer->off = layer->activation == NB_RELU ? dead_share(a, rows, units)
                                              : flat_share(layer->activation, a, rows * units);
    free(a);
    return NB_OK;
}

static enum nb_status take_gradient(const struct nb_net *net, size_t l, struct layer_vitals *layer,
                                    struct nb_error *error)
{
    size_t sources, units;
    double *dw = numbers_of(net, NB_DW, l, &sources, &units);
    if (!dw)
        return error_memory(error);
    layer->dw = norm(dw, sources * units);
    free(dw);
    return NB_OK;
}

static enum nb_status take_rows(const struct nb_net *net, struct vitals *vitals,
                                struct nb_error *error)
{
    double *x = numbers_of(net, NB_X, 0, &vitals->rows, &vitals->inputs);
    if (!x)
        return error_memory(error);
    mean_and_deviation(x, vitals->rows * vitals->inputs, &vitals->x_mean, &vitals->x_deviation);
    free(x);
    return NB_OK;
}

/* ½·Σ(ŷ − y)² and its kin, where the answer is always the mean target. */
static enum nb_status guess_mean(const struct nb_net *net, double factor, struct vitals *vitals,
                                 struct nb_error *error)
{
    size_t rows, outputs;
    double *y = numbers_of(net, NB_Y, 0, &rows, &outputs), sum = 0;
    if (!y)
        return error_memory(error);
    for (size_t k = 0; k < outputs; k++) {
        double mean = 0;
        for (size_t i = 0; i < rows; i++)
            mean += y[i * outputs + k] / (double)rows;
        for (size_t i = 0; i < rows; i++)
            sum += (y[i * outputs + k] - mean) * (y[i * outputs + k] - mean);
    }
    vitals->guess = rows > 1 ? factor * sum / (double)rows : NAN;
    vitals->guess_name = "always answering the mean target gives";
    vitals->guess_mean = true;
    free(y);
    return NB_OK;
}

static enum nb_status take_guess(const struct nb_net *net, struct vitals *vitals,
                                 struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(net);
    const struct nb_layer *top = &spec->layer[spec->layers - 1];
    double outputs = (double)top->units;
    const double factors[] = { [NB_HALF_SSE] = 0.5, [NB_SSE] = 1, [NB_MSE] = 1 / outputs };
    vitals->guess = NAN;
    if (spec->loss < COUNT_OF(factors))
        return guess_mean(net, factors[spec->loss], vitals, error);
    if (spec->loss == NB_CROSS_ENTROPY && top->activation == NB_SOFTMAX && top->units > 1) {
        vitals->guess = log(outputs);
        vitals->guess_name = "guessing gives ln C =";
    } else if (spec->loss == NB_BINARY_CROSS_ENTROPY) {
        vitals->guess = outputs * log(2);
        vitals->guess_name = top->units > 1 ? "guessing gives C ln 2 =" : "guessing gives ln 2 =";
    }
    return NB_OK;
}

/* The update itself, so that it holds for every optimiser and its state. */
static enum nb_status take_update(struct nb_net *net, double *before, struct vitals *vitals,
                                  struct nb_error *error)
{
    size_t sources, units;
    enum nb_status status = nb_exec(net, nb_plan_length(net) - nb_cursor(net), error);
    for (size_t l = 1; l <= vitals->layers && !status; l++) {
        struct layer_vitals *layer = &vitals->layer[l - 1];
        double *w = numbers_of(net, NB_W, l, &sources, &units);
        if (!w)
            return error_memory(error);
        for (size_t i = 0; i < sources * units; i++)
            before[i] -= w[i];
        layer->ratio = layer->w > 0 ? norm(before, sources * units) / layer->w : NAN;
        before += sources * units;
        free(w);
    }
    return status;
}

static enum nb_status take_weights(const struct nb_net *net, double *before, struct vitals *vitals,
                                   struct nb_error *error)
{
    size_t sources, units;
    for (size_t l = 1; l <= vitals->layers; l++) {
        struct layer_vitals *layer = &vitals->layer[l - 1];
        double *w = numbers_of(net, NB_W, l, &sources, &units);
        if (!w)
            return error_memory(error);
        memcpy(before, w, sources * units * sizeof *w);
        before += sources * units;
        layer->units = units;
        layer->activation = nb_net_spec(net)->layer[l - 1].activation;
        layer->w = norm(w, sources * units);
        layer->alike = units_alike(w, sources, units);
        layer->frozen = nb_frozen(net, nb_quantity_id(net, NB_W, l));
        layer->ratio = NAN;
        free(w);
    }
    return NB_OK;
}

enum nb_status vitals_take(struct nb_net *net, struct vitals *vitals, struct nb_error *error)
{
    double *before = memory_new(nb_net_parameters(net), sizeof *before);
    vitals->layers = nb_net_spec(net)->layers;
    vitals->layer = memory_new(vitals->layers, sizeof *vitals->layer);
    vitals->lr = nb_net_lr(net);
    enum nb_status status =
        before && vitals->layer ? take_weights(net, before, vitals, error) : error_memory(error);
    nb_seek(net, 0);
    if (!status)
        status = nb_exec(net, nb_plan_start(net, NB_UPDATE), error);
    if (!status)
        status = take_rows(net, vitals, error);
    if (!status)
        status = take_guess(net, vitals, error);
    for (size_t l = 1; l <= vitals->layers && !status; l++) {
        status = take_activations(net, l, &vitals->layer[l - 1], error);
        if (!status)
            status = take_gradient(net, l, &vitals->layer[l - 1], error);
    }
    if (!status) {
        vitals->loss = nb_value(net, nb_quantity_id(net, NB_LOSS_VALUE, 0), 0, 0);
        status = isfinite(vitals->loss) ? take_update(net, before, vitals, error) : NB_OK;
    }
    free(before);
    return status;
}

void vitals_release(struct vitals *vitals)
{
    free(vitals->layer);
    *vitals = (struct vitals){ 0 };
}
