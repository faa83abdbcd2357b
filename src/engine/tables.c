/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's choices: one row each, in the order of the enums. */
#include "base/compiler.h"
#include "nabla.h"

const struct nb_choice *nb_activations(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_LINEAR] = { "linear", "z" },
        [NB_SIGMOID] = { "sigmoid", "1/(1 + e^-z)" },
        [NB_TANH] = { "tanh", "tanh(z)" },
        [NB_LECUN] = { "lecun", "1.7159·tanh(2z/3), the improved sigmoid" },
        [NB_RELU] = { "relu", "max(0, z), derivative 0 at 0" },
        [NB_LEAKYRELU] = { "leakyrelu", "z above 0, 0.01·z below, derivative 0.01 at 0" },
        [NB_SOFTMAX] = { "softmax", "e^z over the sum of all e^z, for the last layer" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct nb_choice *nb_losses(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_HALF_SSE] = { "half-sse", "½·Σ(ŷ − y)², the mean over the rows" },
        [NB_SSE] = { "sse", "Σ(ŷ − y)², the mean over the rows" },
        [NB_MSE] = { "mse", "(1/C)·Σ(ŷ − y)², the mean over the rows" },
        [NB_CROSS_ENTROPY] = { "cross-entropy", "−Σ y·ln ŷ, for softmax or sigmoid outputs" },
        [NB_BINARY_CROSS_ENTROPY] = { "binary-cross-entropy",
                                      "−Σ [y·ln ŷ + (1 − y)·ln(1 − ŷ)], for sigmoid outputs" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct nb_choice *nb_initializers(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_INIT_FAN_IN] = { "fan-in", "N(0, 1/inputs of the layer)" },
        [NB_INIT_GLOROT] = { "glorot", "N(0, 2/(inputs + units))" },
        [NB_INIT_HE] = { "he", "N(0, 2/inputs of the layer)" },
        [NB_INIT_NORMAL] = { "normal", "normal(σ): N(0, σ²)" },
        [NB_INIT_UNIFORM] = { "uniform", "uniform(a,b): even between a and b" },
        [NB_INIT_ZEROS] = { "zeros", "all 0" },
        [NB_INIT_CONSTANT] = { "constant", "constant(c): all c" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct nb_choice *nb_optimizers(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_SGD] = { "sgd", "w ← w − η·g" },
        [NB_MOMENTUM] = { "momentum", "v ← μ·v + g, w ← w − η·v" },
        [NB_NESTEROV] = { "nesterov", "v ← μ·v + g, w ← w − η·(g + μ·v)" },
        [NB_RMSPROP] = { "rmsprop", "v ← ρ·v + (1−ρ)·g², w ← w − η·g/(√v + ε)" },
        [NB_ADAM] = { "adam", "w ← w − η·m̂/(√v̂ + ε), m and v means of g and g²" },
        [NB_ADAMW] = { "adamw", "w ← w − η·λ·w, then adam without l2 in g" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct nb_choice *nb_l2_forms(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_L2_HALF] = { "half", "λ/2·Σw², gradient λ·w" },
        [NB_L2_FULL] = { "full", "λ·Σw², gradient 2λ·w" },
        [NB_L2_PER_SAMPLE] = { "per-sample", "λ/(2N)·Σw², gradient λ/N·w, N training samples" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct nb_choice *nb_precisions(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_DOUBLE] = { "double", "64 bits a number" },
        [NB_SINGLE] = { "single", "32 bits a number" },
        [NB_AUTO] = { "auto", "double under 20,000 parameters, single from there on" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const char *nb_version(void)
{
    return NB_VERSION;
}
