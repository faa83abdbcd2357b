/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double exercise_weights[14] = {
    .15, .2, .25, .3, .35, .4, .35, .3, .4, .45, .5, .55, .6, .65
};

bool loss_allows(enum nb_loss loss, enum nb_activation output)
{
    if (loss == NB_CROSS_ENTROPY)
        return output == NB_SOFTMAX || output == NB_SIGMOID;
    if (loss == NB_BINARY_CROSS_ENTROPY)
        return output == NB_SIGMOID;
    return true;
}

static enum nb_status try_with(const struct net_shape *shape, size_t norms, double dropout,
                               struct nb_net **net)
{
    struct nb_layer layer[4];
    struct nb_spec spec = { .inputs = shape->inputs,
                            .layers = shape->layers,
                            .layer = layer,
                            .loss = shape->loss,
                            .init = { .kind = NB_INIT_DEFAULT },
                            .precision = shape->precision,
                            .seed = shape->seed };
    for (size_t l = 0; l < shape->layers; l++)
        layer[l] = (struct nb_layer){ .units = shape->units[l],
                                      .activation = shape->hidden,
                                      .batchnorm = norms >> l & 1,
                                      .dropout = l + 1 < shape->layers ? dropout : 0 };
    layer[shape->layers - 1].activation = shape->output;
    return nb_net_new(&spec, net, NULL);
}

enum nb_status net_try(const struct net_shape *shape, struct nb_net **net)
{
    return try_with(shape, 0, 0, net);
}

struct nb_net *net_with(const struct net_shape *shape, size_t norms, double dropout)
{
    struct nb_net *net = NULL;
    assert_int_equal(try_with(shape, norms, dropout, &net), NB_OK);
    assert_non_null(net);
    return net;
}

struct nb_net *net_make(const struct net_shape *shape)
{
    return net_with(shape, 0, 0);
}

/* Layers with everything that a layer can have. */
struct features {
    enum nb_activation hidden, output;
    enum nb_loss loss;
    bool batchnorm, last_too;
    double dropout;
};

static const struct features feature_rows[NET_FEATURES] = {
    { NB_SIGMOID, NB_SIGMOID, NB_HALF_SSE, true, true, 0 },
    { NB_LEAKYRELU, NB_SOFTMAX, NB_CROSS_ENTROPY, true, true, 0.3 },
    { NB_RELU, NB_LINEAR, NB_MSE, false, false, 0.5 },
    { NB_LECUN, NB_SOFTMAX, NB_SSE, true, true, 0.4 },
    { NB_TANH, NB_SIGMOID, NB_BINARY_CROSS_ENTROPY, true, true, 0.2 },
    { NB_LINEAR, NB_SIGMOID, NB_CROSS_ENTROPY, true, false, 0.25 },
};

struct nb_net *net_featured(size_t row, size_t rows)
{
    const struct features *features = &feature_rows[row];
    struct nb_layer layer[3] = { { 4, features->hidden, features->batchnorm, features->dropout },
                                 { 3, features->hidden, features->batchnorm, 0 },
                                 { 2, features->output, features->last_too, 0 } };
    struct nb_spec spec = { .inputs = 3,
                            .layers = 3,
                            .layer = layer,
                            .loss = features->loss,
                            .init = { .kind = NB_INIT_DEFAULT },
                            .precision = NB_DOUBLE,
                            .seed = 5 };
    struct nb_net *net = NULL;
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    net_give_rows(net, rows, 21);
    return net;
}

/* Every optimiser with every form of penalty, clipped and not. */
static const struct {
    double l1, l2, clip;
    enum nb_l2_form form;
    bool biases;
    size_t samples;
} regularizers[NET_REGULARIZERS] = {
    { 0, 0, 0, NB_L2_HALF, false, 0 },     { 0, 0.1, 0, NB_L2_HALF, false, 0 },
    { 0, 0.1, 0.01, NB_L2_FULL, true, 0 }, { 0, 0.1, 100, NB_L2_PER_SAMPLE, false, 0 },
    { 0.05, 0, 0, NB_L2_HALF, true, 0 },   { 0.05, 0.1, 0.02, NB_L2_PER_SAMPLE, true, 50 },
};
struct nb_learning net_learning_row(int optimizer, size_t regularizer)
{
    struct nb_learning learning = nb_learning_default();
    learning.optimizer = (enum nb_optimizer)optimizer;
    learning.l1 = regularizers[regularizer].l1;
    learning.l2 = regularizers[regularizer].l2;
    learning.clip = regularizers[regularizer].clip;
    learning.l2_form = regularizers[regularizer].form;
    learning.regularize_bias = regularizers[regularizer].biases;
    learning.samples = regularizers[regularizer].samples;
    return learning;
}

struct nb_net *net_exercise(enum nb_precision precision)
{
    const struct net_shape shape = { 3,          2,           { 2, 2 },  NB_SIGMOID,
                                     NB_SIGMOID, NB_HALF_SSE, precision, 1 };
    struct nb_net *net = net_make(&shape);
    const double *at = exercise_weights;
    net_assign(net, NB_W, 1, 3, 2, at);
    net_assign(net, NB_B, 1, 1, 2, at + 6);
    net_assign(net, NB_W, 2, 2, 2, at + 8);
    net_assign(net, NB_B, 2, 1, 2, at + 12);
    net_assign(net, NB_X, 0, 1, 3, (const double[]){ .5, .5, .1 });
    net_assign(net, NB_Y, 0, 1, 2, (const double[]){ .9, .1 });
    return net;
}

size_t net_id(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    size_t id = nb_quantity_id(net, kind, layer);
    assert_true(id < nb_quantity_count(net));
    return id;
}

struct nb_quantity net_quantity(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, net_id(net, kind, layer), &quantity);
    return quantity;
}

double net_value(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer, size_t row,
                 size_t col)
{
    return nb_value(net, net_id(net, kind, layer), row, col);
}

void net_assign(struct nb_net *net, enum nb_quantity_kind kind, size_t layer, size_t rows,
                size_t cols, const double *values)
{
    assert_int_equal(nb_assign(net, net_id(net, kind, layer), rows, cols, values, NULL), NB_OK);
}

/* A number in (0, 1) from a counter: a Weyl sequence, mixed a little. */
static double number(uint64_t seed, size_t at)
{
    double t = (double)(at + 1) * 0.6180339887498949 + (double)seed * 0.7548776662466927;
    t += 0.3 * sin(17.0 * (double)at + (double)seed);
    return 0.05 + 0.9 * (t - floor(t));
}

void net_give_rows(struct nb_net *net, size_t rows, uint64_t seed)
{
    const struct nb_spec *spec = nb_net_spec(net);
    size_t in = spec->inputs, out = spec->layer[spec->layers - 1].units;
    double *x = calloc(rows * in, sizeof *x), *y = calloc(rows * out, sizeof *y);
    assert_non_null(x);
    assert_non_null(y);
    for (size_t i = 0; i < rows * in; i++)
        x[i] = 3 * number(seed, i) - 1.5;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t k = 0; k < out; k++)
            sum += y[i * out + k] = number(seed + 1, i * out + k);
        for (size_t k = 0; k < out; k++)
            y[i * out + k] /= out > 1 ? sum : 1;
    }
    net_assign(net, NB_X, 0, rows, in, x);
    net_assign(net, NB_Y, 0, rows, out, y);
    free(x);
    free(y);
}

void net_run(struct nb_net *net, size_t operations)
{
    struct nb_error error = { .text = "" };
    if (nb_exec(net, operations, &error) != NB_OK)
        fail_msg("nb_exec: %s", error.text);
}

void net_learn(struct nb_net *net, const struct nb_learning *learning)
{
    assert_int_equal(nb_net_set_learning(net, learning, NULL), NB_OK);
}

void net_iterate(struct nb_net *net, size_t count)
{
    assert_int_equal(nb_cursor(net), 0);
    net_run(net, count * nb_plan_length(net));
}

struct nb_net *net_scalar(enum nb_precision precision)
{
    const struct net_shape shape = { 1, 1, { 1 }, NB_LINEAR, NB_LINEAR, NB_HALF_SSE, precision, 1 };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 0.5 });
    net_assign(net, NB_B, 1, 1, 1, (const double[]){ 0.25 });
    net_assign(net, NB_X, 0, 1, 1, (const double[]){ 2 });
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 3 });
    return net;
}

/* ---- Pictures --------------------------------------------------------- */

struct picture {
    size_t count, cursor;
    uint64_t iteration;
    struct picture_cell {
        enum nb_state state;
        size_t rows, cols;
        double *values; /* NULL where unset */
    } * cells;
};

struct picture *picture_new(const struct nb_net *net)
{
    struct picture *picture = calloc(1, sizeof *picture);
    assert_non_null(picture);
    picture->count = nb_quantity_count(net);
    picture->cursor = nb_cursor(net);
    picture->iteration = nb_iteration(net);
    picture->cells = calloc(picture->count, sizeof *picture->cells);
    assert_non_null(picture->cells);
    for (size_t id = 0; id < picture->count; id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        struct picture_cell *cell = &picture->cells[id];
        *cell = (struct picture_cell){ quantity.state, quantity.rows, quantity.cols, NULL };
        if (quantity.state == NB_UNSET)
            continue;
        cell->values = calloc(cell->rows * cell->cols, sizeof *cell->values);
        assert_non_null(cell->values);
        nb_values(net, id, cell->values);
    }
    return picture;
}

void picture_free(struct picture *picture)
{
    for (size_t id = 0; id < picture->count; id++)
        free(picture->cells[id].values);
    free(picture->cells);
    free(picture);
}

bool picture_same(const struct picture *a, const struct picture *b, size_t id)
{
    const struct picture_cell *p = &a->cells[id], *q = &b->cells[id];
    if (!p->values || !q->values)
        return !p->values && !q->values;
    return p->rows == q->rows && p->cols == q->cols &&
           memcmp(p->values, q->values, p->rows * p->cols * sizeof *p->values) == 0;
}

bool picture_all_same(const struct picture *a, const struct picture *b)
{
    if (a->count != b->count || a->cursor != b->cursor || a->iteration != b->iteration)
        return false;
    for (size_t id = 0; id < a->count; id++)
        if (a->cells[id].state != b->cells[id].state || !picture_same(a, b, id))
            return false;
    return true;
}

double picture_distance(const struct picture *a, const struct picture *b)
{
    double worst = 0;
    assert_int_equal(a->count, b->count);
    for (size_t id = 0; id < a->count; id++) {
        const struct picture_cell *p = &a->cells[id], *q = &b->cells[id];
        assert_int_equal(!p->values, !q->values);
        for (size_t i = 0; p->values && i < p->rows * p->cols; i++) {
            double distance = fabs(p->values[i] - q->values[i]) / fmax(1, fabs(p->values[i]));
            worst = distance <= worst ? worst : distance; /* a NaN stays */
        }
    }
    return worst;
}

void assert_pictures_same(struct picture *a, struct picture *b)
{
    bool same = picture_all_same(a, b);
    picture_free(a);
    picture_free(b);
    assert_true(same);
}

void assert_near_at(double value, double expected, double tolerance, const char *what,
                    const char *file, int line)
{
    if (fabs(value - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    print_error("%s is %.17g, expected %.17g\n", what, value, expected);
    _fail(file, line);
}
