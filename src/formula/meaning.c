/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What quantities mean, in sentences. */
#include <string.h>

#include "formula/build.h"
#include "formula/explain.h"
#include "formula/words.h"

/* A place, counted from 1, or its letter. */
static void add_place(struct phrase *phrase, size_t place)
{
    if (term_is_letter(place))
        explain_letter(phrase, place);
    else
        phrase_printf(phrase, "%zu", place + 1);
}

static void add_unit(struct phrase *phrase, size_t layer, size_t unit)
{
    phrase_words(phrase, "unit ");
    add_place(phrase, unit);
    phrase_printf(phrase, " of layer %zu", layer);
}

/* Where a weight comes from: x₁, or a unit of the layer below. */
static void add_source(struct phrase *phrase, const struct explanation *explanation, size_t layer,
                       size_t source)
{
    size_t x = nb_quantity_id(explanation->notation.net, NB_X, 0);
    bool single = phrase->single;
    if (layer > 1) {
        add_unit(phrase, layer - 1, source);
        return;
    }
    phrase->single = true;
    phrase_element(phrase, (struct element){ x, 0, source });
    phrase->single = single;
}

static void add_weight(struct phrase *phrase, const struct explanation *explanation)
{
    size_t layer = explanation->quantity.layer;
    phrase_words(phrase, "the weight from ");
    add_source(phrase, explanation, layer, explanation->element.row);
    phrase_words(phrase, " to ");
    add_unit(phrase, layer, explanation->element.col);
}

void explain_parameter(struct phrase *phrase, const struct explanation *explanation,
                       enum nb_quantity_kind parameter)
{
    static const char *const names[NB_QUANTITY_KINDS] = {
        [NB_B] = "the bias of ",
        [NB_GAMMA] = "the scale (gamma) of batch norm of ",
        [NB_BETA] = "the shift (beta) of batch norm of ",
    };
    if (parameter == NB_W) {
        add_weight(phrase, explanation);
        return;
    }
    phrase_words(phrase, names[parameter]);
    add_unit(phrase, explanation->quantity.layer, explanation->element.col);
}

/* "a¹₁, the output of unit 1 of layer 1," */
static void add_inner(struct phrase *phrase, const struct explanation *explanation,
                      enum nb_quantity_kind kind, const char *what)
{
    size_t layer = explanation->quantity.layer;
    size_t id = nb_quantity_id(explanation->notation.net, kind, layer);
    phrase_element(phrase,
                   (struct element){ id, explanation->element.row, explanation->element.col });
    phrase_printf(phrase, ", %s of ", what);
    add_unit(phrase, layer, explanation->element.col);
    phrase_words(phrase, ",");
}

void explain_named(struct phrase *phrase, const struct explanation *explanation,
                   struct element element)
{
    static const char *const what[NB_QUANTITY_KINDS] = {
        [NB_Z] = "the weighted sum",
        [NB_U] = "what batch norm makes of the sum",
        [NB_A] = "the output",
        [NB_H] = "the output after dropout",
        [NB_MU] = "the mean",
        [NB_VAR] = "the variance",
        [NB_XHAT] = "the sum with mean 0 and variance 1",
    };
    struct explanation of = *explanation;
    of.element = element;
    nb_quantity_get(explanation->notation.net, element.id, &of.quantity);
    if (what[of.quantity.kind])
        add_inner(phrase, &of, of.quantity.kind, what[of.quantity.kind]);
    else if (of.quantity.role == NB_PARAMETER)
        explain_parameter(phrase, &of, of.quantity.kind);
    else
        phrase_element(phrase, element);
}

static const char *activation_name(const struct explanation *explanation)
{
    size_t count;
    const struct nb_spec *spec = nb_net_spec(explanation->notation.net);
    return nb_activations(&count)[spec->layer[explanation->quantity.layer - 1].activation].name;
}

/* What the unit hands on, or the output of the network, is. */
static void mean_activation(struct phrase *phrase, const struct explanation *explanation)
{
    size_t col = explanation->element.col, layer = explanation->quantity.layer;
    const struct nb_net *net = explanation->notation.net;
    bool output = layer == nb_net_spec(net)->layers;
    bool batchnorm = build_before(net, layer) != nb_quantity_id(net, NB_Z, layer);
    const char *does = batchnorm ? "adds up, after batch norm" : "adds up";
    phrase_words(phrase, output ? "Output " : "What ");
    if (output)
        add_place(phrase, col);
    if (output)
        phrase_words(phrase, " of the network");
    else
        add_unit(phrase, layer, col);
    phrase_printf(phrase, "%s: the %s of what ", output ? "" : " hands on",
                  activation_name(explanation));
    if (output)
        add_unit(phrase, layer, col);
    phrase_printf(phrase, output ? " %s" : "it %s", does);
}

/* Sentences of which the unit is the object. */
static const char *const unit_sentences[NB_QUANTITY_KINDS] = {
    [NB_MU] = "The mean over the batch of what %s adds up",
    [NB_VAR] = "The variance over the batch of what %s adds up",
    [NB_XHAT] = "What %s adds up, moved and stretched to mean 0 and variance 1 over the batch",
    [NB_U] = "What %s adds up, after batch norm: scaled by gamma and shifted by beta",
    [NB_MASK] = "Whether dropout keeps %s: 0, or $1/(1 − p)$ so that the mean stays the same",
    [NB_H] = "What %s hands on after dropout",
    [NB_RMEAN] = "The running mean of what %s adds up, for evaluation",
    [NB_RVAR] = "The running variance of what %s adds up, for evaluation",
    [NB_Z] = "What %s adds up: its inputs times their weights, and its bias",
};

static void mean_of_unit(struct phrase *phrase, const struct explanation *explanation)
{
    struct text words = TEXT_INIT;
    const char *sentence = unit_sentences[explanation->quantity.kind];
    const char *place = strstr(sentence, "%s");
    text_add_part(&words, sentence, (size_t)(place - sentence));
    phrase_words(phrase, words.bytes);
    add_unit(phrase, explanation->quantity.layer, explanation->element.col);
    phrase_words(phrase, place + strlen("%s"));
    text_release(&words);
}

/* Of gw, gb and the optimiser's state: what it is, and the parameter's name. */
static void mean_of_parameter(struct phrase *phrase, const struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    enum nb_optimizer optimizer = nb_net_learning(explanation->notation.net)->optimizer;
    bool velocity = optimizer == NB_MOMENTUM || optimizer == NB_NESTEROV;
    enum nb_quantity_kind base = kind >= NB_VW ? NB_VW : kind >= NB_MW ? NB_MW : NB_GW;
    if (base == NB_GW)
        phrase_words(phrase,
                     "What the optimiser goes by, the derivative of the loss and that of the "
                     "penalty, for ");
    else if (base == NB_MW)
        phrase_words(phrase, "The optimiser's running mean of the gradient of ");
    else
        phrase_words(phrase, velocity ? "The optimiser's velocity of "
                                      : "The optimiser's running mean of the squared gradient of ");
    explain_parameter(phrase, explanation, NB_W + (kind - base));
}

static void mean_forward(struct phrase *phrase, const struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    if (kind == NB_A)
        mean_activation(phrase, explanation);
    else if (kind == NB_PENALTY)
        phrase_words(phrase,
                     "What the penalty for large weights comes to; the loss does not hold it");
    else if (unit_sentences[kind])
        mean_of_unit(phrase, explanation);
    else
        mean_of_parameter(phrase, explanation);
}

static void mean_loss(struct phrase *phrase, const struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    phrase_printf(phrase, "How far the output is from the target: %s", words_of_loss(net)->name);
    if (build_rows(net) > 1)
        phrase_printf(phrase, ", the mean over %zu samples", build_rows(net));
}

static void mean_derivative(struct phrase *phrase, const struct explanation *explanation)
{
    phrase_words(phrase, "How fast the loss grows when ");
    explain_named(phrase, explanation,
                  explain_nudged(explanation->notation.net, explanation->element));
    phrase_words(phrase, " grows");
}

/* "The bias of unit 1": what began with a small letter. */
static void begin_sentence(struct phrase *phrase)
{
    char *first = phrase->count ? phrase->parts[0].words.bytes : NULL;
    if (first && first[0] >= 'a' && first[0] <= 'z' && first[1] != ':')
        first[0] = (char)(first[0] - 'a' + 'A');
}

static void mean_given(struct phrase *phrase, const struct explanation *explanation)
{
    size_t col = explanation->element.col;
    switch (explanation->quantity.kind) {
    case NB_X:
        phrase_words(phrase, "Input ");
        add_place(phrase, col);
        phrase_words(phrase, ": a given number");
        break;
    case NB_Y:
        phrase_words(phrase, "What output ");
        add_place(phrase, col);
        phrase_words(phrase, " should be: a given number");
        break;
    default:
        explain_parameter(phrase, explanation, explanation->quantity.kind);
        phrase_words(phrase, ": a number that training changes");
        break;
    }
    begin_sentence(phrase);
}

void explain_meaning(struct explanation *explanation)
{
    struct phrase phrase = PHRASE_INIT;
    const struct nb_quantity *quantity = &explanation->quantity;
    bool batch = explanation->notation.style->batch;
    bool per_sample = nb_quantity_rows()[quantity->kind].per_sample;
    size_t rows = build_rows(explanation->notation.net);
    if (explain_is_derivative(quantity->kind))
        mean_derivative(&phrase, explanation);
    else if (quantity->kind == NB_LOSS_VALUE)
        mean_loss(&phrase, explanation);
    else if (quantity->role == NB_COMPUTED || quantity->role == NB_STATE)
        mean_forward(&phrase, explanation);
    else
        mean_given(&phrase, explanation);
    if (per_sample && batch)
        phrase_words(&phrase, ", for sample ");
    if (per_sample && batch)
        add_place(&phrase, explanation->element.row);
    phrase_words(&phrase, ".");
    document_phrase(explanation->document, BLOCK_SENTENCE, &phrase);
    if (!explain_is_derivative(quantity->kind) || rows == 1)
        return;
    phrase_printf(&phrase, "The loss is the mean over %zu samples%s.", rows,
                  per_sample ? "" : ", so each of them adds its share");
    document_phrase(explanation->document, BLOCK_SENTENCE, &phrase);
}

void explain_meaning_of_all(struct explanation *explanation)
{
    const struct nb_quantity *quantity = &explanation->quantity;
    size_t rows = quantity->rows, cols = quantity->cols;
    bool swap = explanation->notation.style->to_from && symbol_is_matrix(quantity->kind);
    struct phrase phrase = PHRASE_INIT;
    phrase_words(&phrase, nb_quantity_rows()[quantity->kind].summary);
    begin_sentence(&phrase);
    phrase_words(&phrase, quantity->layer ? ". Layer " : ". ");
    if (quantity->layer)
        phrase_printf(&phrase, "%zu, ", quantity->layer);
    phrase_printf(&phrase, "%zu×%zu.", swap ? cols : rows, swap ? rows : cols);
    document_phrase(explanation->document, BLOCK_SENTENCE, &phrase);
}
