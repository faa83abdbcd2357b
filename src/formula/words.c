/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/words.h"

#include <string.h>

#include "formula/build.h"

#define CLIPPED_MOST 4 /* gradients that are named; of more the first and the last */

const char *const words_of_phase[3] = {
    [NB_FORWARD] = "forward", [NB_BACKWARD] = "backward", [NB_UPDATE] = "update"
};

static const struct activation_words activation_words[] = {
    [NB_LINEAR] = { "id", NULL, "$id'(z) = 1$" },
    [NB_SIGMOID] = { "σ", "$σ(z) = 1 / (1 + e^−z)$", "$σ'(z) = σ(z)·(1 − σ(z))$" },
    [NB_TANH] = { "tanh", "$tanh z = (e^z − e^−z) / (e^z + e^−z)$", "$tanh'(z) = 1 − tanh(z)²$" },
    [NB_LECUN] = { "lecun", "$lecun(z) = 1.7159·tanh(2·z/3)$",
                   "$lecun'(z) = 1.7159·2/3·(1 − tanh(2·z/3)²)$" },
    [NB_RELU] = { "relu", NULL, "$relu'(z) = 1$ above 0, else 0" },
    [NB_LEAKYRELU] = { "leakyrelu", "$leakyrelu(z) = z$ above 0, else $0.01·z$",
                       "$leakyrelu'(z) = 1$ above 0, else 0.01" },
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
    return words_of_any_loss(nb_net_spec(net)->loss);
}

const struct loss_words *words_of_any_loss(enum nb_loss loss)
{
    return &loss_words[loss];
}

static const char *activation_name(const struct nb_net *net, size_t layer)
{
    size_t count;
    return nb_activations(&count)[nb_net_spec(net)->layer[layer - 1].activation].name;
}

static const char *const softmax_lines[] = {
    "$ŷₖ$ depends on every $z$ of its layer:",
    "$∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)          ∂ŷₘ/∂zₖ = −ŷₘ·ŷₖ$ for the others",
    "$∂L/∂zₖ = Σₘ ∂L/∂ŷₘ·∂ŷₘ/∂zₖ = ŷₖ·(∂L/∂ŷₖ − Σₘ ∂L/∂ŷₘ·ŷₘ)$",
    NULL,
};
static const char *const softmax_direct_lines[] = {
    "$ŷₖ$ depends on every $z$ of its layer:",
    "$∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)          ∂ŷₘ/∂zₖ = −ŷₘ·ŷₖ$ for the others",
    "$∂L/∂ŷₖ  = −yₖ/ŷₖ$",
    "In $∂L/∂zₖ = Σₘ ∂L/∂ŷₘ·∂ŷₘ/∂zₖ$ each $ŷₘ$ below the line cancels:",
    "$∂L/∂zₖ  = ŷₖ·Σₘ yₘ − yₖ$, which is $ŷₖ − yₖ$ where targets sum to 1",
    NULL,
};
static const char *const sigmoid_lines[] = {
    "$∂L/∂ŷₖ  = −yₖ/ŷₖ$",
    "$∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)$",
    "$∂L/∂zₖ  = −yₖ·(1 − ŷₖ)          ŷₖ$ cancels",
    NULL,
};
static const char *const binary_lines[] = {
    "$∂L/∂ŷₖ  = (1 − yₖ)/(1 − ŷₖ) − yₖ/ŷₖ = (ŷₖ − yₖ)/(ŷₖ·(1 − ŷₖ))$",
    "$∂ŷₖ/∂zₖ = ŷₖ·(1 − ŷₖ)$",
    "$∂L/∂zₖ  = ŷₖ − yₖ          ŷₖ·(1 − ŷₖ)$ cancels",
    NULL,
};

const char *const words_of_batchnorm_delta[] = {
    "Each $z$ moves mean and variance too, and so every $x̂$ of its unit:",
    "$∂x̂⁽ᵐ⁾/∂z⁽ⁱ⁾ = ((1 \"where\" m = i) − 1/n − x̂⁽ⁱ⁾·x̂⁽ᵐ⁾/n) / √(var + ε)$",
    "$∂L/∂z⁽ⁱ⁾ = Σₘ ∂L/∂u⁽ᵐ⁾·γ·∂x̂⁽ᵐ⁾/∂z⁽ⁱ⁾$",
    "Of its sums $Σₘ ∂L/∂u⁽ᵐ⁾$ is $∂L/∂β$, and $Σₘ ∂L/∂u⁽ᵐ⁾·x̂⁽ᵐ⁾$ is $∂L/∂γ$.",
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

static void summarize_update(struct text *text, const struct nb_net *net, const struct nb_op *op)
{
    size_t count;
    const char *optimizer = nb_optimizers(&count)[nb_net_learning(net)->optimizer].name;
    bool frozen = true, sgd = nb_net_learning(net)->optimizer == NB_SGD;
    for (size_t i = 0; i < op->nreads / 2; i++)
        frozen = frozen && nb_frozen(net, op->reads[i]);
    text_printf(text,
                frozen ? "layer %zu is frozen and stays as it is"
                       : "one step down the slope, layer %zu",
                op->layer);
    if (!frozen && !sgd)
        text_printf(text, ", by %s", optimizer);
}

/* Summaries that need the number of the layer at most. */
static const char *const summaries[NB_OP_KINDS] = {
    [NB_OP_AFFINE] = "weighted sum, layer %zu",
    [NB_OP_BATCHNORM] = "batch norm, layer %zu",
    [NB_OP_DROPOUT] = "dropout, layer %zu",
    [NB_OP_PENALTY] = "what large weights cost",
    [NB_OP_LOSS_GRAD] = "how the loss changes with each output",
    [NB_OP_DROPOUT_GRAD] = "back through the dropout of layer %zu",
    [NB_OP_BATCHNORM_GRAD] = "back through batch norm, layer %zu",
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
        summarize_update(text, net, op);
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

static const char *name_of(const struct nb_net *net, size_t id, struct nb_quantity *quantity)
{
    nb_quantity_get(net, id, quantity);
    return quantity->name;
}

void formula_op_writes(const struct nb_net *net, size_t op, const char *between, struct text *text)
{
    const struct nb_op *row = nb_plan_op(net, op);
    struct nb_quantity quantity;
    size_t count = row->kind == NB_OP_UPDATE ? row->nreads / 2 : row->nwrites;
    for (size_t i = 0; i < count; i++) {
        if (row->kind == NB_OP_CLIP && count > CLIPPED_MOST && i == 1) {
            text_printf(text, "%s...", between);
            i = count - 1;
        }
        text_printf(text, "%s%s", i ? between : "", name_of(net, row->writes[i], &quantity));
    }
}

void words_op_name(struct text *text, const struct nb_net *net, size_t op)
{
    formula_op_writes(net, op, ", ", text);
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

/* x, or the name of what the layer below hands up. */
static void add_below(struct text *text, const struct nb_net *net, size_t layer)
{
    struct nb_quantity quantity;
    text_add(text, name_of(net, build_below(net, layer), &quantity));
}

/* What the activation reads: z2, u2. */
static void add_before(struct text *text, const struct nb_net *net, size_t layer)
{
    struct nb_quantity quantity;
    text_add(text, name_of(net, build_before(net, layer), &quantity));
}

static void short_affine(struct text *text, const struct nb_net *net, size_t layer)
{
    add_below(text, net, layer);
    text_printf(text, "·w%zu + b%zu", layer, layer);
}

static void short_activation(struct text *text, const struct nb_net *net, size_t layer)
{
    bool linear = nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR;
    if (!linear)
        text_printf(text, "%s(", words_of_activation(net, layer)->sign);
    add_before(text, net, layer);
    text_add(text, linear ? "" : ")");
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
    if (nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR)
        return;
    text_printf(text, " * %s'(", words_of_activation(net, layer)->sign);
    add_before(text, net, layer);
    text_add(text, ")");
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
    add_below(text, net, layer);
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
    add_below(text, net, layer);
    text_printf(text, "·w%zuᵀ + b%zu", layer, layer);
}

static void turned_grad_w(struct text *text, const struct nb_net *net, size_t layer)
{
    text_printf(text, "delta%zuᵀ·", layer);
    add_below(text, net, layer);
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

static void short_penalty(struct text *text, const struct nb_net *net, size_t layer)
{
    static const char *const squares[] = {
        [NB_L2_HALF] = "λ/2·Σw²", [NB_L2_FULL] = "λ·Σw²", [NB_L2_PER_SAMPLE] = "λ/(2·N)·Σw²"
    };
    const struct nb_learning *learning = nb_net_learning(net);
    bool l2 = learning->l2 != 0 && learning->optimizer != NB_ADAMW;
    (void)layer;
    text_add(text, l2 ? squares[learning->l2_form] : "");
    if (learning->l1 != 0)
        text_printf(text, "%sl1·Σ|w|", l2 ? " + " : "");
}

/* Formulas that need the number of the layer at most. */
static const char *const short_formulas[NB_OP_KINDS] = {
    [NB_OP_BATCHNORM] = "batch norm of z%zu",
    [NB_OP_DROPOUT] = "a%zu * mask",
    [NB_OP_DROPOUT_GRAD] = "dh%zu * mask",
    [NB_OP_BATCHNORM_GRAD] = "batch norm's gradient of du%zu",
    [NB_OP_CLIP] = "each · min(1, clip/‖g‖)",
};

static void (*const shorts[NB_OP_KINDS])(struct text *, const struct nb_net *, size_t) = {
    [NB_OP_AFFINE] = short_affine,
    [NB_OP_ACTIVATION] = short_activation,
    [NB_OP_LOSS] = short_loss,
    [NB_OP_PENALTY] = short_penalty,
    [NB_OP_LOSS_GRAD] = short_loss_grad,
    [NB_OP_DELTA] = short_delta,
    [NB_OP_DELTA_SOFTMAX] = short_delta_softmax,
    [NB_OP_DELTA_DIRECT] = short_delta_direct,
    [NB_OP_GRAD_W] = short_grad_w,
    [NB_OP_GRAD_B] = short_grad_b,
    [NB_OP_GRAD_A] = short_grad_a,
};

/* "gw1 = dw1 + λ·w1 + l1·sign(w1), gb1 likewise" */
static void add_regularize(struct text *text, const struct nb_net *net, const struct nb_op *op)
{
    static const char *const shares[] = {
        [NB_L2_HALF] = "λ", [NB_L2_FULL] = "2·λ", [NB_L2_PER_SAMPLE] = "λ/N"
    };
    const struct nb_learning *learning = nb_net_learning(net);
    size_t l = op->layer;
    text_printf(text, "gw%zu = dw%zu", l, l);
    if (learning->l2 != 0 && learning->optimizer != NB_ADAMW)
        text_printf(text, " + %s·w%zu", shares[learning->l2_form], l);
    if (learning->l1 != 0)
        text_printf(text, " + l1·sign(w%zu)", l);
    if (op->nwrites > 1)
        text_printf(text, ", gb%zu likewise", l);
}

/* What the optimiser takes off a parameter; %s: its velocity, its gradient. */
static void add_step(struct text *text, const struct nb_net *net, const char *name,
                     const char *gradient)
{
    switch (nb_net_learning(net)->optimizer) {
    case NB_SGD:
        text_printf(text, "η·%s", gradient);
        break;
    case NB_MOMENTUM:
        text_printf(text, "η·v%s", name);
        break;
    case NB_NESTEROV:
        text_printf(text, "η·(%s + μ·v%s)", gradient, name);
        break;
    case NB_RMSPROP:
        text_printf(text, "η·%s/√v%s", gradient, name);
        break;
    default:
        text_printf(text, "η·m%s/√v%s", name, name);
        break;
    }
}

/* "w1 ← w1 − η·dw1, b1 frozen"; but for sgd "w1 ← w1 − η·vw1, b1, gamma1 likewise" */
static void add_update(struct text *text, const struct nb_net *net, const struct nb_op *op)
{
    size_t parameters = op->nreads / 2;
    bool all = nb_net_learning(net)->optimizer == NB_SGD && parameters == 2;
    bool said = false, likewise = false; /* one is written out; names behind it are like it */
    for (size_t i = 0; i < parameters; i++) {
        struct nb_quantity parameter, gradient;
        nb_quantity_get(net, op->reads[parameters + i], &gradient);
        const char *name = name_of(net, op->reads[i], &parameter);
        bool frozen = nb_frozen(net, op->reads[i]);
        text_printf(text, "%s%s%s", likewise && frozen ? " likewise" : "", i ? ", " : "", name);
        likewise = !frozen && said && !all;
        if (frozen) {
            text_add(text, " frozen");
        } else if (!likewise) {
            text_printf(text, " ← %s − ", name);
            add_step(text, net, name, gradient.name);
            said = true;
        }
    }
    text_add(text, likewise ? " likewise" : "");
}

void formula_op_short(const struct nb_net *net, size_t op, const struct formula_style *style,
                      bool unicode, struct text *text)
{
    const struct nb_op *row = nb_plan_op(net, op);
    bool turned = style->to_from && turned_shorts[row->kind];
    struct text words = TEXT_INIT;
    if (row->kind == NB_OP_UPDATE) {
        add_update(&words, net, row);
    } else if (row->kind == NB_OP_REGULARIZE) {
        add_regularize(&words, net, row);
    } else if (row->kind == NB_OP_STATISTICS) {
        text_printf(&words, "rmean%zu ← 0.9·rmean%zu + 0.1·mu%zu", row->layer, row->layer,
                    row->layer);
    } else {
        words_op_name(&words, net, op);
        text_add(&words, " = ");
        if (short_formulas[row->kind])
            add_with_layer(&words, short_formulas[row->kind], row->layer);
        else
            (turned ? turned_shorts : shorts)[row->kind](&words, net, row->layer);
    }
    symbol_words(text, unicode, words.bytes);
    text_release(&words);
}

/* ", batch norm, dropout 0.4" */
static void add_features(struct text *text, const struct nb_spec *spec)
{
    double dropout = 0;
    bool batchnorm = false, same = true;
    for (size_t l = 0; l < spec->layers; l++) {
        double p = spec->layer[l].dropout;
        batchnorm = batchnorm || spec->layer[l].batchnorm;
        same = same && (p == 0 || dropout == 0 || p == dropout);
        dropout = p > 0 ? p : dropout;
    }
    text_add(text, batchnorm ? ", batch norm" : "");
    if (dropout > 0)
        text_add(text, ", dropout");
    if (dropout > 0 && same)
        text_printf(text, " %g", dropout);
}

/* "relu softmax" as net takes it; where hidden layers differ, "relu, tanh, softmax". */
static void add_activations(struct text *text, const struct nb_net *net)
{
    const struct nb_spec *spec = nb_net_spec(net);
    size_t last = spec->layers;
    bool mixed = false;
    for (size_t l = 2; l < last; l++)
        mixed = mixed || spec->layer[l - 1].activation != spec->layer[0].activation;
    for (size_t l = 1; mixed && l < last; l++)
        text_printf(text, " %s,", activation_name(net, l));
    if (!mixed && last > 1 && spec->layer[0].activation != spec->layer[last - 1].activation)
        text_printf(text, " %s", activation_name(net, 1));
    text_printf(text, " %s", activation_name(net, last));
}

void formula_net_title(const struct nb_net *net, struct text *text)
{
    const struct nb_spec *spec = nb_net_spec(net);
    text_printf(text, "%zu", spec->inputs);
    for (size_t l = 0; l < spec->layers; l++)
        text_printf(text, "-%zu", spec->layer[l].units);
    add_activations(text, net);
    add_features(text, spec);
}
