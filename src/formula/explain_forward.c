/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations of given numbers, and of what the forward pass computes. */
#include "formula/build.h"
#include "formula/explain.h"
#include "formula/general.h"

#define OPERANDS_MOST 12 /* lines about what a number is made of, if no depth is asked for */
#define MANY          8  /* units of a layer, or samples, that have a line each */
#define MANY_FIRST    2  /* of more */

static size_t find(const struct explanation *explanation, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(explanation->notation.net, kind, layer);
}

/* "… 7 more" */
static void add_more(struct explanation *explanation, size_t count)
{
    struct phrase words = PHRASE_INIT;
    phrase_printf(&words, "… %zu more", count);
    document_phrase(explanation->document, BLOCK_ELIDED, &words);
}

/* The entry of an element that an operation computes. */
static void add_entry(struct explanation *explanation, enum document_layout layout,
                      struct element element)
{
    const struct nb_net *net = explanation->notation.net;
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    struct site site = { net, nb_plan_op(net, quantity.op), element.id, element.row, element.col,
                         NULL };
    struct entry *entry = document_entry(explanation->document, layout, site.op->kind);
    phrase_element(&entry->name, element);
    entry->term = build_term(&site);
    if (quantity.kind == NB_A)
        entry->in_full = build_activation_in_full(&site);
    entry->result = nb_value(net, element.id, element.row, element.col);
    entry->last_round = quantity.kind == NB_LOSS_VALUE && build_rows(net) > 1;
}

/* The formula of an operation's write, with a word about it. */
static void add_definition(struct explanation *explanation, const struct notation *notation,
                           size_t op)
{
    struct block *block = document_add(explanation->document, BLOCK_FORMULA);
    general_write(&block->first, notation, op, explanation->element.id);
    bool others = nb_plan_op(notation->net, op)->kind == NB_OP_BATCHNORM &&
                  explanation->quantity.kind != NB_XHAT; /* have no ε */
    if (!others)
        general_aside(&block->second, notation, op);
}

/* L⁽¹⁾, L⁽²⁾ ... of a batch: what is averaged. */
static void add_samples(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t rows = build_rows(net);
    for (size_t i = 0; i < rows; i++) {
        if (rows > MANY && i == MANY_FIRST) {
            add_more(explanation, rows - MANY_FIRST - 1);
            i = rows - 1;
        }
        struct entry *entry = document_entry(explanation->document, DOCUMENT_COMPACT, NB_OP_LOSS);
        phrase_sample_loss(&entry->name, i);
        entry->term = build_sample_loss(net, i);
        entry->result = entry->term ? term_value(net, entry->term) : 0;
    }
}

static void explain_definition(struct explanation *explanation)
{
    struct notation notation = explanation->notation;
    notation.yhat = explanation->quantity.kind == NB_LOSS_VALUE;
    document_section(explanation->document, "The definition");
    add_definition(explanation, &notation, explanation->quantity.op);
    document_section(explanation->document, "With numbers");
    if (explanation->quantity.kind == NB_LOSS_VALUE && build_rows(notation.net) > 1)
        add_samples(explanation);
    add_entry(explanation, DOCUMENT_BLOCKS, explanation->element);
}

/* All z or all a of a layer, or `only` one of them, for the element's sample; of a wide
 * layer two, and the last. */
static void add_layer(struct explanation *explanation, enum nb_quantity_kind kind, size_t layer,
                      size_t only)
{
    size_t id = find(explanation, kind, layer), row = explanation->element.row;
    size_t units = build_units(explanation->notation.net, layer);
    size_t first = only == NB_NOWHERE ? 0 : only, last = only == NB_NOWHERE ? units : only + 1;
    for (size_t k = first; k < last; k++) {
        if (last - first > MANY && k == MANY_FIRST) {
            add_more(explanation, units - MANY_FIRST - 1);
            k = last - 1;
        }
        add_entry(explanation, DOCUMENT_COMPACT, (struct element){ id, row, k });
    }
}

/* A number that the element is made of, of another operation or an earlier line. */
static size_t operand_of(const struct explanation *explanation)
{
    static const enum nb_quantity_kind operands[NB_QUANTITY_KINDS] = {
        [NB_MU] = NB_Z, [NB_VAR] = NB_MU, [NB_XHAT] = NB_VAR, [NB_U] = NB_XHAT,
        [NB_H] = NB_A,  [NB_GW] = NB_DW,  [NB_GB] = NB_DB,
    };
    const struct nb_net *net = explanation->notation.net;
    size_t layer = explanation->quantity.layer;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    if (kind == NB_LOSS_VALUE)
        return find(explanation, NB_A, nb_net_spec(net)->layers);
    if (kind == NB_A)
        return build_before(net, layer);
    return kind == NB_Z ? build_below(net, layer) : find(explanation, operands[kind], layer);
}

/* An element of a quantity that the element is made of: in its row, and in its
 * column where that is the same unit. */
static void say_operand(struct explanation *explanation)
{
    struct nb_quantity operand;
    struct phrase words = PHRASE_INIT;
    size_t id = operand_of(explanation), row = explanation->element.row;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    nb_quantity_get(explanation->notation.net, id, &operand);
    bool own = kind != NB_Z && kind != NB_LOSS_VALUE;
    struct element element = { id, row < operand.rows ? row : 0,
                               own ? explanation->element.col : 0 };
    phrase_printf(&words, "Each number put in comes from %s: ",
                  operand.op == explanation->quantity.op ? "a line before it"
                                                         : "the operation before it");
    explain_see(&words, explanation, element);
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
}

/* Has a layer up to `last` batch norm or dropout? */
static bool has_more(const struct nb_net *net, size_t last)
{
    for (size_t l = 1; l <= last && l <= nb_net_spec(net)->layers; l++)
        if (build_before(net, l) != nb_quantity_id(net, NB_Z, l) ||
            build_output(net, l) != nb_quantity_id(net, NB_A, l))
            return true;
    return false;
}

static bool is_softmax(const struct nb_net *net, size_t layer)
{
    return nb_net_spec(net)->layer[layer - 1].activation == NB_SOFTMAX;
}

/* How many layers below the element are shown: as many as are asked for, else all if
 * there are few lines to them; NB_NOWHERE: none of it. */
static size_t layers_shown(const struct explanation *explanation, size_t layer)
{
    const struct nb_net *net = explanation->notation.net;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    bool loss = kind == NB_LOSS_VALUE, own = kind == NB_A, plain = loss || own || kind == NB_Z;
    if (!plain || has_more(net, layer) || (loss && build_rows(net) > 1))
        return NB_NOWHERE;
    size_t lines = own ? is_softmax(net, layer) ? build_units(net, layer) : 1 : 0;
    size_t depth = explanation->request->depth;
    if (depth != FORMULA_DEPTH)
        return depth < layer - 1 ? depth : layer - 1;
    for (size_t l = 1; l < layer; l++)
        lines += 2 * build_units(net, l);
    return lines > OPERANDS_MOST ? NB_NOWHERE : layer - 1;
}

/* The numbers it is made of, from the first layer that is shown to its own. */
static void explain_operands(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    bool loss = kind == NB_LOSS_VALUE, own = kind == NB_A;
    size_t layer = loss ? nb_net_spec(net)->layers + 1 : explanation->quantity.layer;
    bool first = kind == NB_Z && layer == 1; /* made of given numbers */
    if (first || kind == NB_PENALTY || explanation->request->depth == 0)
        return;
    size_t shown = layers_shown(explanation, layer);
    document_section(explanation->document, "What it is made of");
    if (shown == NB_NOWHERE) {
        say_operand(explanation);
        return;
    }
    for (size_t l = layer - shown; l <= layer; l++) {
        if (l < layer || own)
            add_layer(explanation, NB_Z, l,
                      l < layer || is_softmax(net, layer) ? NB_NOWHERE : explanation->element.col);
        if (l < layer)
            add_layer(explanation, NB_A, l, NB_NOWHERE);
    }
}

/* "mask¹₁ = 2" */
static void add_value(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    struct element element = explanation->element;
    struct phrase name = PHRASE_INIT, number = PHRASE_INIT;
    phrase_element(&name, element);
    phrase_number(&number, nb_value(net, element.id, element.row, element.col));
    document_gap(explanation->document);
    document_equation(explanation->document, &name, "=", &number);
    document_gap(explanation->document);
}

static void explain_mask(struct explanation *explanation)
{
    struct document *document = explanation->document;
    struct phrase aside = PHRASE_INIT;
    add_value(explanation);
    document_paragraph(document, "It is drawn anew in every iteration, by the seed; asking "
                                 "twice in one gives the same:");
    document_gap(document);
    general_aside(&aside, &explanation->notation, explanation->quantity.op);
    document_phrase(document, BLOCK_NOTE, &aside);
}

void explain_forward(struct explanation *explanation)
{
    if (explanation->quantity.kind == NB_MASK) {
        explain_mask(explanation);
        return;
    }
    explain_definition(explanation);
    explain_operands(explanation);
}

/* ---- Numbers that updates carry on ---- */

size_t explain_writer(const struct nb_net *net, size_t id)
{
    for (size_t op = nb_plan_start(net, NB_UPDATE); op < nb_plan_length(net); op++)
        for (size_t i = 0; i < nb_plan_op(net, op)->nwrites; i++)
            if (nb_plan_op(net, op)->writes[i] == id)
                return op;
    return NB_NOWHERE;
}

void explain_state(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct document *document = explanation->document;
    size_t op = explain_writer(notation->net, explanation->element.id);
    add_value(explanation);
    if (op == NB_NOWHERE) {
        document_paragraph(document, "The optimiser that kept it is not in use now.");
        return;
    }
    document_paragraph(document, "Every update carries it on:");
    document_gap(document);
    add_definition(explanation, notation, op);
}

/* ---- Given numbers ---- */

/* "It stands in z¹₁ = x₁·w¹₁₁ + … + b¹₁." */
static void add_reader(struct explanation *explanation, enum nb_quantity_kind kind, size_t layer)
{
    const struct nb_net *net = explanation->notation.net;
    struct nb_quantity quantity;
    size_t id = find(explanation, kind, layer);
    nb_quantity_get(net, id, &quantity);
    bool parameter = explanation->quantity.role == NB_PARAMETER;
    bool loss = kind == NB_LOSS_VALUE;
    struct site site = { net,
                         nb_plan_op(net, quantity.op),
                         id,
                         parameter || loss ? 0 : explanation->element.row,
                         parameter ? explanation->element.col : 0,
                         NULL };
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT;
    left.yhat = right.yhat = loss;
    phrase_element(&left, (struct element){ id, site.row, site.col });
    phrase_term(&right, build_term(&site), RENDER_SYMBOLS, false);
    document_equation(explanation->document, &left, "=", &right);
}

/* The derivative by a parameter. */
static size_t gradient_of(const struct explanation *explanation)
{
    enum nb_quantity_kind kind = NB_DW + (explanation->quantity.kind - NB_W);
    return find(explanation, kind, explanation->quantity.layer);
}

/* What puts a given number in. */
static void add_use(struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    bool scaled = kind == NB_GAMMA || kind == NB_BETA;
    if (kind == NB_Y)
        add_reader(explanation, NB_LOSS_VALUE, 0);
    else if (kind == NB_X)
        add_reader(explanation, NB_Z, 1);
    else
        add_reader(explanation, scaled ? NB_U : NB_Z, explanation->quantity.layer);
}

void explain_given(struct explanation *explanation)
{
    struct document *document = explanation->document;
    struct element element = explanation->element;
    bool target = explanation->quantity.kind == NB_Y, input = explanation->quantity.kind == NB_X;
    struct phrase line = PHRASE_INIT;
    add_value(explanation);
    document_paragraph(document, target  ? "The loss compares the output with it:"
                                 : input ? "Every unit of layer 1 reads it; the first one:"
                                         : "Its unit puts it in:");
    document_gap(document);
    add_use(explanation);
    if (explanation->quantity.role != NB_PARAMETER)
        return;
    element.id = gradient_of(explanation);
    phrase_words(&line, "How the loss changes with it: ");
    explain_see(&line, explanation, element);
    document_gap(document);
    document_phrase(document, BLOCK_PARAGRAPH, &line);
}
