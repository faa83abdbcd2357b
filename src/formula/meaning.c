/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What quantities mean, in sentences. */
#include <string.h>

#include "formula/build.h"
#include "formula/explain.h"
#include "formula/words.h"

static void add_unit(struct text *text, size_t layer, size_t unit)
{
    text_printf(text, "unit %zu of layer %zu", unit + 1, layer);
}

/* Where a weight comes from: x₁, or a unit of the layer below. */
static void add_source(struct text *text, const struct explanation *explanation, size_t layer,
                       size_t source)
{
    struct formula_style style = *explanation->notation.style;
    struct notation notation = explanation->notation;
    style.batch = false;
    notation.style = &style;
    if (layer > 1)
        add_unit(text, layer - 1, source);
    else
        symbol_element(text, &notation, nb_quantity_id(notation.net, NB_X, 0), 0, source);
}

static void add_weight(struct text *text, const struct explanation *explanation)
{
    size_t layer = explanation->quantity.layer;
    text_add(text, "the weight from ");
    add_source(text, explanation, layer, explanation->element.row);
    text_add(text, " to ");
    add_unit(text, layer, explanation->element.col);
}

void explain_parameter(struct text *text, const struct explanation *explanation,
                       enum nb_quantity_kind parameter)
{
    static const char *const names[NB_QUANTITY_KINDS] = {
        [NB_B] = "the bias of ",
        [NB_GAMMA] = "the scale (gamma) of batch norm of ",
        [NB_BETA] = "the shift (beta) of batch norm of ",
    };
    if (parameter == NB_W) {
        add_weight(text, explanation);
        return;
    }
    text_add(text, names[parameter]);
    add_unit(text, explanation->quantity.layer, explanation->element.col);
}

/* "a¹₁, the output of unit 1 of layer 1," */
static void add_inner(struct text *text, const struct explanation *explanation,
                      enum nb_quantity_kind kind, const char *what)
{
    size_t layer = explanation->quantity.layer;
    symbol_element(text, &explanation->notation,
                   nb_quantity_id(explanation->notation.net, kind, layer), explanation->element.row,
                   explanation->element.col);
    text_printf(text, ", %s of ", what);
    add_unit(text, layer, explanation->element.col);
    text_add(text, ",");
}

static const char *activation_name(const struct explanation *explanation)
{
    size_t count;
    const struct nb_spec *spec = nb_net_spec(explanation->notation.net);
    return nb_activations(&count)[spec->layer[explanation->quantity.layer - 1].activation].name;
}

/* What the unit hands on, or the output of the network, is. */
static void mean_activation(struct text *text, const struct explanation *explanation)
{
    size_t col = explanation->element.col, layer = explanation->quantity.layer;
    const struct nb_net *net = explanation->notation.net;
    bool output = layer == nb_net_spec(net)->layers;
    bool batchnorm = build_before(net, layer) != nb_quantity_id(net, NB_Z, layer);
    const char *does = batchnorm ? "adds up, after batch norm" : "adds up";
    text_add(text, output ? "Output " : "What ");
    if (output)
        text_printf(text, "%zu of the network", col + 1);
    else
        add_unit(text, layer, col);
    text_printf(text, "%s: the %s of what ", output ? "" : " hands on",
                activation_name(explanation));
    if (output)
        add_unit(text, layer, col);
    text_printf(text, output ? " %s" : "it %s", does);
}

/* Sentences of which the unit is the object. */
static const char *const unit_sentences[NB_QUANTITY_KINDS] = {
    [NB_MU] = "The mean over the batch of what %s adds up",
    [NB_VAR] = "The variance over the batch of what %s adds up",
    [NB_XHAT] = "What %s adds up, moved and stretched to mean 0 and variance 1 over the batch",
    [NB_U] = "What %s adds up, after batch norm: scaled by gamma and shifted by beta",
    [NB_MASK] = "Whether dropout keeps %s: 0, or 1/(1 - p) so that the mean stays the same",
    [NB_H] = "What %s hands on after dropout",
    [NB_RMEAN] = "The running mean of what %s adds up, for evaluation",
    [NB_RVAR] = "The running variance of what %s adds up, for evaluation",
    [NB_Z] = "What %s adds up: its inputs times their weights, and its bias",
};

static void mean_of_unit(struct text *text, const struct explanation *explanation)
{
    struct text unit = TEXT_INIT;
    const char *sentence = unit_sentences[explanation->quantity.kind];
    const char *place = strstr(sentence, "%s");
    add_unit(&unit, explanation->quantity.layer, explanation->element.col);
    text_add_part(text, sentence, (size_t)(place - sentence));
    text_add(text, unit.bytes);
    text_add(text, place + strlen("%s"));
    text_release(&unit);
}

/* Of gw, gb and the optimiser's state: what it is, and the parameter's name. */
static void mean_of_parameter(struct text *text, const struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    enum nb_optimizer optimizer = nb_net_learning(explanation->notation.net)->optimizer;
    bool velocity = optimizer == NB_MOMENTUM || optimizer == NB_NESTEROV;
    enum nb_quantity_kind base = kind >= NB_VW ? NB_VW : kind >= NB_MW ? NB_MW : NB_GW;
    if (base == NB_GW)
        text_add(text, "What the optimiser goes by, the derivative of the loss and that of the "
                       "penalty, for ");
    else if (base == NB_MW)
        text_add(text, "The optimiser's running mean of the gradient of ");
    else
        text_add(text, velocity ? "The optimiser's velocity of "
                                : "The optimiser's running mean of the squared gradient of ");
    explain_parameter(text, explanation, NB_W + (kind - base));
}

static void mean_forward(struct text *text, const struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    if (kind == NB_A)
        mean_activation(text, explanation);
    else if (kind == NB_PENALTY)
        text_add(text, "What the penalty for large weights comes to; the loss does not hold it");
    else if (unit_sentences[kind])
        mean_of_unit(text, explanation);
    else
        mean_of_parameter(text, explanation);
}

static void mean_loss(struct text *text, const struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    text_printf(text, "How far the output is from the target: %s", words_of_loss(net)->name);
    if (build_rows(net) > 1)
        text_printf(text, ", the mean over %zu samples", build_rows(net));
}

static void mean_derivative(struct text *text, const struct explanation *explanation)
{
    text_add(text, "How fast the loss grows when ");
    switch (explanation->quantity.kind) {
    case NB_DELTA:
        add_inner(text, explanation, NB_Z, "the weighted sum");
        break;
    case NB_DU:
        add_inner(text, explanation, NB_U, "what batch norm makes of the sum");
        break;
    case NB_DA:
        add_inner(text, explanation, NB_A, "the output");
        break;
    case NB_DH:
        add_inner(text, explanation, NB_H, "the output after dropout");
        break;
    default:
        explain_parameter(text, explanation, NB_W + (explanation->quantity.kind - NB_DW));
        break;
    }
    text_add(text, " grows");
}

static void mean_given(struct text *text, const struct explanation *explanation)
{
    size_t col = explanation->element.col;
    switch (explanation->quantity.kind) {
    case NB_X:
        text_printf(text, "Input %zu: a given number", col + 1);
        break;
    case NB_Y:
        text_printf(text, "What output %zu should be: a given number", col + 1);
        break;
    default:
        explain_parameter(text, explanation, explanation->quantity.kind);
        text_add(text, ": a number that training changes");
        break;
    }
    if (text->length && text->bytes[0] == 't')
        text->bytes[0] = 'T';
}

void explain_meaning(struct explanation *explanation)
{
    struct text text = TEXT_INIT;
    const struct nb_quantity *quantity = &explanation->quantity;
    bool batch = explanation->notation.style->batch;
    if (explain_is_derivative(quantity->kind))
        mean_derivative(&text, explanation);
    else if (quantity->kind == NB_LOSS_VALUE)
        mean_loss(&text, explanation);
    else if (quantity->role == NB_COMPUTED || quantity->role == NB_STATE)
        mean_forward(&text, explanation);
    else
        mean_given(&text, explanation);
    if (nb_quantity_rows()[quantity->kind].per_sample && batch)
        text_printf(&text, ", for sample %zu", explanation->element.row + 1);
    text_add_char(&text, '.');
    explain_sentence(explanation, text.bytes);
    if (explain_is_derivative(quantity->kind) && build_rows(explanation->notation.net) > 1)
        sink_printf(explanation->sink, "The loss is the mean over %zu samples%s.\n",
                    build_rows(explanation->notation.net),
                    !nb_quantity_rows()[quantity->kind].per_sample
                        ? ", so each of them adds its share"
                        : "");
    text_release(&text);
}

void explain_meaning_of_all(struct explanation *explanation)
{
    const struct nb_quantity *quantity = &explanation->quantity;
    size_t rows = quantity->rows, cols = quantity->cols;
    bool swap = explanation->notation.style->to_from && symbol_is_matrix(quantity->kind);
    struct text text = TEXT_INIT, shape = TEXT_INIT;
    text_printf(&text, "%s", nb_quantity_rows()[quantity->kind].summary);
    if (text.length && text.bytes[0] >= 'a' && text.bytes[0] <= 'z' && text.bytes[1] != ':')
        text.bytes[0] = (char)(text.bytes[0] - 'a' + 'A');
    text_add(&text, quantity->layer ? ". Layer " : ". ");
    if (quantity->layer)
        text_printf(&text, "%zu, ", quantity->layer);
    text_printf(&shape, "%zu×%zu.", swap ? cols : rows, swap ? rows : cols);
    symbol_words(&text, explanation->notation.unicode, shape.bytes);
    explain_sentence(explanation, text.bytes);
    text_release(&text);
    text_release(&shape);
}
