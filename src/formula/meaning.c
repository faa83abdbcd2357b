/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What quantities mean, in sentences. */
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

static void add_bias(struct text *text, const struct explanation *explanation)
{
    text_add(text, "the bias of ");
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

static void mean_forward(struct text *text, const struct explanation *explanation)
{
    size_t col = explanation->element.col, layer = explanation->quantity.layer;
    bool output = layer == nb_net_spec(explanation->notation.net)->layers;
    if (explanation->quantity.kind == NB_Z) {
        text_add(text, "What ");
        add_unit(text, layer, col);
        text_add(text, " adds up: its inputs times their weights, and its bias");
    } else {
        text_add(text, output ? "Output " : "What ");
        if (output)
            text_printf(text, "%zu of the network", col + 1);
        else
            add_unit(text, layer, col);
        text_printf(text, "%s: the %s of what ", output ? "" : " hands on",
                    activation_name(explanation));
        if (output)
            add_unit(text, layer, col);
        text_add(text, output ? " adds up" : "it adds up");
    }
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
    case NB_DW:
        add_weight(text, explanation);
        break;
    case NB_DB:
        add_bias(text, explanation);
        break;
    case NB_DELTA:
        add_inner(text, explanation, NB_Z, "the weighted sum");
        break;
    default:
        add_inner(text, explanation, NB_A, "the output");
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
    case NB_W:
        add_weight(text, explanation);
        text_add(text, ": a number that training changes");
        break;
    default:
        add_bias(text, explanation);
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
    else if (quantity->role == NB_COMPUTED)
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
                    quantity->kind == NB_DW || quantity->kind == NB_DB
                        ? ", so each of them adds its share"
                        : "");
    text_release(&text);
}

void explain_meaning_of_all(struct explanation *explanation)
{
    const struct nb_quantity *quantity = &explanation->quantity;
    size_t rows = quantity->rows, cols = quantity->cols;
    bool swap =
        explanation->notation.style->to_from && (quantity->kind == NB_W || quantity->kind == NB_DW);
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
