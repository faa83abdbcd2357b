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

void nb_net_init(struct nb_net *net, struct nb_init init, uint64_t seed)
{
    net->spec.init = net->state.init = init;
    net->spec.seed = net->state.seed = seed;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        struct cell *w = net_find(net, NB_W, l), *b = net_find(net, NB_B, l);
        struct nb_init own = init_for_layer(init, net->layers[l - 1].activation);
        struct rng rng;
        rng_init(&rng, seed, RNG_INIT, 0, l);
        for (size_t i = 0; i < w->rows * w->cols; i++)
            net->kernels->vector->set(w->data, i, draw(own, &rng, w->rows, w->cols));
        for (size_t k = 0; k < b->cols; k++)
            net->kernels->vector->set(b->data, k, 0);
        net_stamp(net, w);
        net_stamp(net, b);
    }
    net->state.cursor = 0;
    net->state.iteration = 0;
}
