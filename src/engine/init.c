/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing the first weights: each layer from a stream of its own. */
#include <math.h>

#include "base/rng.h"
#include "engine/net.h"

static double fan_in(size_t inputs, size_t units)
{
    (void)units;
    return 1 / (double)inputs;
}

static double glorot(size_t inputs, size_t units)
{
    return 2 / (double)(inputs + units);
}

static double he(size_t inputs, size_t units)
{
    (void)units;
    return 2 / (double)inputs;
}

/* Variance of the initialisers that go by the layer's size. */
static double (*const variances[])(size_t inputs, size_t units) = {
    [NB_INIT_FAN_IN] = fan_in,
    [NB_INIT_GLOROT] = glorot,
    [NB_INIT_HE] = he,
};

static struct nb_init init_for_layer(struct nb_init init, enum nb_activation activation)
{
    if (init.kind == NB_INIT_DEFAULT)
        init.kind =
            activation == NB_RELU || activation == NB_LEAKYRELU ? NB_INIT_HE : NB_INIT_FAN_IN;
    return init;
}

static double draw(struct nb_init init, struct rng *rng, size_t inputs, size_t units)
{
    switch (init.kind) {
    case NB_INIT_NORMAL:
        return init.a * rng_normal(rng);
    case NB_INIT_UNIFORM:
        return init.a + (init.b - init.a) * rng_uniform(rng);
    case NB_INIT_ZEROS:
        return 0;
    case NB_INIT_CONSTANT:
        return init.a;
    default:
        return sqrt(variances[init.kind](inputs, units)) * rng_normal(rng);
    }
}

/* Biases and shifts begin at 0, scales and running variances at 1. */
static void fill(struct nb_net *net, enum nb_quantity_kind kind, size_t layer, double value)
{
    struct cell *cell = net_find(net, kind, layer);
    for (size_t k = 0; k < cell->cols; k++)
        net->kernels->vector->set(cell->data, k, value);
    net_stamp(net, cell);
}

static bool init_layer(struct nb_net *net, struct nb_init init, uint64_t seed, size_t layer)
{
    const volatile sig_atomic_t *interrupt = net->spec.interrupt;
    struct cell *w = net_find(net, NB_W, layer);
    struct nb_init own = init_for_layer(init, net->layers[layer - 1].activation);
    struct rng rng;
    rng_init(&rng, seed, RNG_INIT, 0, layer);
    for (size_t i = 0; i < w->rows * w->cols; i++) {
        if (interrupt && *interrupt)
            return false;
        net->kernels->vector->set(w->data, i, draw(own, &rng, w->rows, w->cols));
    }
    net_stamp(net, w);
    fill(net, NB_B, layer, 0);
    if (!net->layers[layer - 1].batchnorm)
        return true;
    fill(net, NB_GAMMA, layer, 1);
    fill(net, NB_BETA, layer, 0);
    fill(net, NB_RMEAN, layer, 0);
    fill(net, NB_RVAR, layer, 1);
    return true;
}

void forget_optimizer(struct nb_net *net)
{
    net->state.updates = 0;
    for (size_t id = 0; id < net->count; id++) {
        enum block block = kind_row(net->state.cells[id].kind)->block;
        if (block == BLOCK_M || block == BLOCK_V)
            net->state.cells[id].stamp = 0;
    }
}

bool init_draw(struct nb_net *net, struct nb_init init, uint64_t seed)
{
    net->spec.init = net->state.init = init;
    net->spec.seed = net->state.seed = seed;
    for (size_t l = 1; l <= net->spec.layers; l++)
        if (!init_layer(net, init, seed, l))
            return false;
    forget_optimizer(net);
    net->state.cursor = 0;
    net->state.iteration = 0;
    return true;
}

void nb_net_init(struct nb_net *net, struct nb_init init, uint64_t seed)
{
    init_draw(net, init, seed);
}
