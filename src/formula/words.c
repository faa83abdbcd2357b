/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/words.h"

#include <string.h>

#include "formula/build.h"

const char *const words_of_phase[3] = {
    [NB_FORWARD] = "forward", [NB_BACKWARD] = "backward", [NB_UPDATE] = "update"
};

static const struct activation_words activation_words[] = {
    [NB_LINEAR] = { "id", NULL, "id'(z) = 1" },
    [NB_SIGMOID] = { "σ", "σ(z) = 1 / (1 + e^−z)", "σ'(z) = σ(z)·(1 − σ(z))" },
    [NB_TANH] = { "tanh", "tanh z = (e^z − e^−z) / (e^z + e^−z)", "tanh'(z) = 1 − tanh(z)²" },
    [NB_LECUN] = { "lecun", "lecun(z) = 1.7159·tanh(2·z/3)",
                   "lecun'(z) = 1.7159·2/3·(1 − tanh(2·z/3)²)" },
    [NB_RELU] = { "relu", NULL, "relu'(z) = 1 above 0, else 0" },
    [NB_LEAKYRELU] = { "leakyrelu", "leakyrelu(z) = z above 0, else 0.01·z",
                       "leakyrelu'(z) = 1 above 0, else 0.01" },
    [NB_SOFTMAX] = { "softmax", NULL, NULL },
};

static const struct loss_words loss_words[] = {
    [NB_HALF_SSE] = { "half the squared error", "½Σ(ŷ − y)²", "ŷ − y", NULL },
    [NB_SSE] = { "squared error", "Σ(ŷ − y)²", "2·(ŷ − y)", NULL },
    [NB_MSE] = { "mean squared error", "Σ(ŷ − y)²/C", "2·(ŷ − y)/C", NULL },
    [NB_CROSS_ENTROPY] = { "cross-entropy", "−Σ y·ln ŷ", "−y/ŷ", "−y·(1 − ŷ)" },
    [NB_BINARY_CROSS_ENTROPY] = { "binary cross-entropy", "−Σ [y·ln ŷ + (1 − y)·ln(1 − ŷ)]",
                                  "(1 − y)/(1 − ŷ) − y/ŷ", "ŷ − y" },
};

static size_t layers_of(const struct nb_net *net)
{
    return nb_net_spec(net)->layers;
}

const struct activation_words *words_of_activation(const struct nb_net *net, size_t layer)
{
    return &activation_words[nb_net_spec(net)->layer[layer - 1].activation];
}

const struct loss_words *words_of_loss(const struct nb_net *net)
{
    return &loss_words[nb_net_spec(net)->loss];
}

static const char *activation_name(const struct nb_net *net, size_t layer)
{
    size_t count;
    return nb_activations(&count)[nb_net_spec(net)->layer[layer - 1].activation].name;
}

static const char *const softmax_lines[] = {
    "ŷₖ depends on every z of its layer:",
    "∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)          ∂ŷₘ/∂zₖ = −ŷₘ·ŷₖ for the others",
    "∂L/∂zₖ = Σₘ ∂L/∂ŷₘ·∂ŷₘ/∂zₖ = ŷₖ·(∂L/∂ŷₖ − Σₘ ∂L/∂ŷₘ·ŷₘ)",
    NULL,
};
static const char *const softmax_direct_lines[] = {
    "ŷₖ depends on every z of its layer:",
    "∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)          ∂ŷₘ/∂zₖ = −ŷₘ·ŷₖ for the others",
    "∂L/∂ŷₖ  = −yₖ/ŷₖ",
    "In ∂L/∂zₖ = Σₘ ∂L/∂ŷₘ·∂ŷₘ/∂zₖ each ŷₘ below the line cancels:",
    "∂L/∂zₖ  = ŷₖ·Σₘ yₘ − yₖ, which is ŷₖ − yₖ where targets sum to 1",
    NULL,
};
static const char *const sigmoid_lines[] = {
    "∂L/∂ŷₖ  = −yₖ/ŷₖ",
    "∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)",
    "∂L/∂zₖ  = −yₖ·(1 − ŷₖ)          ŷₖ cancels",
    NULL,
};
static const char *const binary_lines[] = {
    "∂L/∂ŷₖ  = (1 − yₖ)/(1 − ŷₖ) − yₖ/ŷₖ = (ŷₖ − yₖ)/(ŷₖ·(1 − ŷₖ))",
    "∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)",
    "∂L/∂zₖ  = ŷₖ − yₖ          ŷₖ·(1 − ŷₖ) cancels",
    NULL,
};

const char *const *words_of_output_delta(const struct nb_net *net)
{
    const struct nb_spec *spec = nb_net_spec(net);
    bool softmax = spec->layer[spec->layers - 1].activation == NB_SOFTMAX;
    if (spec->loss == NB_BINARY_CROSS_ENTROPY)
        return binary_lines;
    if (spec->loss == NB_CROSS_ENTROPY)
        return softmax ? softmax_direct_lines : sigmoid_lines;
    return softmax ? softmax_lines : NULL;
}

/* ---- Summaries ---- */

static void summarize_activation(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "%s, layer %zu", activation_name(net, layer), layer);
    if (layer == layers_of(net))
        text_add(text, ": the output ŷ");
}

static void summarize_loss(struct text *text, const struct nb_net *net)
{
    text_add(text, words_of_loss(net)->name);
    if (build_rows(net) > 1)
        text_printf(text, ", mean of %zu samples", build_rows(net));
}

static void summarize_delta(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "back through the %s of layer %zu", activation_name(net, layer), layer);
}

static void summarize_direct(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "back through %s and %s", words_of_loss(net)->name,
                activation_name(net, layer));
}

static void summarize_update(struct text *text, const struct nb_net *net, size_t layer)
{
    bool w = nb_frozen(net, nb_quantity_id(net, NB_W, layer));
    bool b = nb_frozen(net, nb_quantity_id(net, NB_B, layer));
    text_printf(text,
                w && b ? "layer %zu is frozen and stays as it is"
                       : "one step down the slope, layer %zu",
                layer);
}

/* Summaries that need the number of the layer at most. */
static const char *const summaries[NB_OP_KINDS] = {
    [NB_OP_AFFINE] = "weighted sum, layer %zu",
    [NB_OP_BATCHNORM] = "batch norm, layer %zu",
    [NB_OP_DROPOUT] = "dropout, layer %zu",
    [NB_OP_PENALTY] = "what large weights cost",
    [NB_OP_LOSS_GRAD] = "how the loss changes with each output",
    [NB_OP_DROPOUT_GRAD] = "back through the dropout of layer %zu",
    [NB_OP_BATCHNORM_GRAD] = "back through the batch norm of layer %zu",
    [NB_OP_GRAD_W] = "how the loss changes with each weight of layer %zu",
    [NB_OP_GRAD_B] = "how the loss changes with each bias of layer %zu",
    [NB_OP_CLIP] = "all gradients, cut to the norm that clip allows",
    [NB_OP_REGULARIZE] = "the gradient of layer %zu with its penalty",
    [NB_OP_STATISTICS] = "the running statistics of layer %zu",
};

static void add_with_layer(struct text *text, const char *format, size_t layer)
{
    const char *place = strstr(format, "%zu");
    text_add_part(text, format, place ? (size_t)(place - format) : strlen(format));
    if (place)
        text_printf(text, "%zu%s", layer, place + strlen("%zu"));
}

/* The summary in Unicode. */
static void summarize(struct text *text, const struct nb_net *net, const struct nb_op *op)
{
    size_t layer = op->layer;
    switch (op->kind) {
    case NB_OP_ACTIVATION:
        summarize_activation(text, net, layer);
        break;
    case NB_OP_LOSS:
        summarize_loss(text, net);
        break;
    case NB_OP_DELTA:
    case NB_OP_DELTA_SOFTMAX:
        summarize_delta(text, net, layer);
        break;
    case NB_OP_DELTA_DIRECT:
        summarize_direct(text, net, layer);
        break;
    case NB_OP_GRAD_A:
        text_printf(text, "what layer %zu sends back to the outputs of layer %zu", layer,
                    layer - 1);
        break;
    case NB_OP_UPDATE:
        summarize_update(text, net, layer);
        break;
    default:
        add_with_layer(text, summaries[op->kind], layer);
        break;
    }
}

void words_op_summary(struct text *text, const struct nb_net *net, size_t op,
                      const struct formula_style *style)
{
    (void)style;
    summarize(text, net, nb_plan_op(net, op));
}

void words_op_name(struct text *text, const struct nb_net *net, size_t op)
{
    const struct nb_op *row = nb_plan_op(net, op);
    for (size_t i = 0; i < row->nwrites; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, row->writes[i], &quantity);
        text_printf(text, "%s%s", i ? ", " : "", quantity.name);
    }
}

void formula_op_summary(const struct nb_net *net, size_t op, const struct formula_style *style,
                        bool unicode, struct text *text)
{
    struct text words = TEXT_INIT;
    words_op_name(&words, net, op);
    text_add(&words, ": ");
    words_op_summary(&words, net, op, style);
    symbol_words(text, unicode, words.bytes);
    text_release(&words);
}

/* ---- Short formulas ---- */

/* x, or the name of the activations below. */
static void add_below(struct text *text, size_t layer)
{
    if (layer == 1)
        text_add(text, "x");
    else
        text_printf(text, "a%zu", layer - 1);
}

static void short_affine(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    add_below(text, layer);
    text_printf(text, "·w%zu + b%zu", layer, layer);
}

static void short_activation(struct text *text, const struct nb_net *net, size_t layer)
{
    if (nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR)
        text_printf(text, "z%zu", layer);
    else
        text_printf(text, "%s(z%zu)", words_of_activation(net, layer)->sign, layer);
}

static void short_loss(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)layer;
    text_printf(text, "%s%s", build_rows(net) > 1 ? "mean of " : "", words_of_loss(net)->formula);
}

static void divide_by_rows(struct text *text, const struct nb_net *net, const char *formula)
{
    if (build_rows(net) == 1)
        text_add(text, formula);
    else
        text_printf(text, "(%s)/n", formula);
}

static void short_loss_grad(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)layer;
    divide_by_rows(text, net, words_of_loss(net)->slope);
}

static void short_delta(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "da%zu", layer);
    if (nb_net_spec(net)->layer[layer - 1].activation != NB_LINEAR)
        text_printf(text, " * %s'(z%zu)", words_of_activation(net, layer)->sign, layer);
}

static void short_delta_softmax(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    text_printf(text, "a%zu * (da%zu − Σ da%zu·a%zu)", layer, layer, layer, layer);
}

static void short_delta_direct(struct text *text, const struct nb_net *net, size_t layer)
{
    bool softmax = nb_net_spec(net)->layer[layer - 1].activation == NB_SOFTMAX;
    const char *softmax_words = build_targets_sum_to_one(net, TERM_I) ? "ŷ − y" : "ŷ·Σy − y";
    divide_by_rows(text, net, softmax ? softmax_words : words_of_loss(net)->direct);
}

static void short_grad_w(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    add_below(text, layer);
    text_printf(text, "ᵀ·delta%zu", layer);
}

static void short_grad_b(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "%sdelta%zu", build_rows(net) > 1 ? "Σ " : "", layer);
}

static void short_grad_a(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    text_printf(text, "delta%zu·w%zuᵀ", layer, layer);
}

/* With w[k,j] a weight matrix has a row for each unit. */
static void turned_affine(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    add_below(text, layer);
    text_printf(text, "·w%zuᵀ + b%zu", layer, layer);
}

static void turned_grad_w(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    text_printf(text, "delta%zuᵀ·", layer);
    add_below(text, layer);
}

static void turned_grad_a(struct text *text, const struct nb_net *net, size_t layer)
{
    (void)net;
    text_printf(text, "delta%zu·w%zu", layer, layer);
}

/* In place of the next, where weights are written w[k,j]. */
static void (*const turned_shorts[NB_OP_KINDS])(struct text *, const struct nb_net *, size_t) = {
    [NB_OP_AFFINE] = turned_affine,
    [NB_OP_GRAD_W] = turned_grad_w,
    [NB_OP_GRAD_A] = turned_grad_a,
};

static void (*const shorts[NB_OP_KINDS])(struct text *, const struct nb_net *, size_t) = {
    [NB_OP_AFFINE] = short_affine,
    [NB_OP_ACTIVATION] = short_activation,
    [NB_OP_LOSS] = short_loss,
    [NB_OP_LOSS_GRAD] = short_loss_grad,
    [NB_OP_DELTA] = short_delta,
    [NB_OP_DELTA_SOFTMAX] = short_delta_softmax,
    [NB_OP_DELTA_DIRECT] = short_delta_direct,
    [NB_OP_GRAD_W] = short_grad_w,
    [NB_OP_GRAD_B] = short_grad_b,
    [NB_OP_GRAD_A] = short_grad_a,
};

/* "w1 ← w1 − η·dw1, b1 frozen" */
static void add_update(struct text *text, const struct nb_net *net, const struct nb_op *op)
{
    for (size_t i = 0; i < op->nwrites; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, op->writes[i], &quantity);
        const char *name = quantity.name;
        text_add(text, i ? ", " : "");
        if (nb_frozen(net, op->writes[i]))
            text_printf(text, "%s frozen", name);
        else
            text_printf(text, "%s ← %s − η·d%s", name, name, name);
    }
}

void formula_op_short(const struct nb_net *net, size_t op, const struct formula_style *style,
                      bool unicode, struct text *text)
{
    const struct nb_op *row = nb_plan_op(net, op);
    bool turned = style->to_from && turned_shorts[row->kind];
    struct text words = TEXT_INIT;
    if (row->kind == NB_OP_UPDATE) {
        add_update(&words, net, row);
    } else {
        words_op_name(&words, net, op);
        text_add(&words, " = ");
        (turned ? turned_shorts : shorts)[row->kind](&words, net, row->layer);
    }
    symbol_words(text, unicode, words.bytes);
    text_release(&words);
}

void formula_net_title(const struct nb_net *net, struct text *text)
{
    const struct nb_spec *spec = nb_net_spec(net);
    text_printf(text, "%zu", spec->inputs);
    for (size_t l = 0; l < spec->layers; l++)
        text_printf(text, "-%zu", spec->layer[l].units);
    text_printf(text, " %s", activation_name(net, 1));
    for (size_t l = 2; l <= spec->layers; l++)
        if (spec->layer[l - 1].activation != spec->layer[l - 2].activation)
            text_printf(text, l == spec->layers ? ", %s output" : ", %s", activation_name(net, l));
}
