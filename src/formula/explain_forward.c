/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations of given numbers, and of what the forward pass computes. */
#include "formula/build.h"
#include "formula/entry.h"
#include "formula/explain.h"
#include "formula/general.h"
#include "formula/layout.h"
#include "formula/render.h"

#define OPERANDS_MOST 12 /* lines about what a number is made of */

static size_t find(const struct explanation *explanation, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(explanation->notation.net, kind, layer);
}

/* The entry of an element that an operation computes. */
static void add_entry(struct entry_list *list, const struct explanation *explanation,
                      struct element element)
{
    const struct nb_net *net = explanation->notation.net;
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    struct site site = { net, nb_plan_op(net, quantity.op), element.id, element.row, element.col,
                         NULL };
    struct entry *entry = entry_list_add(list);
    symbol_element(&entry->name, &explanation->notation, element.id, element.row, element.col);
    entry->term = build_term(&site);
    if (quantity.kind == NB_A)
        entry->in_full = build_activation_in_full(&site);
    entry->result = nb_value(net, element.id, element.row, element.col);
    entry->last_round = quantity.kind == NB_LOSS_VALUE && build_rows(net) > 1;
}

static enum nb_op_kind kind_of(const struct explanation *explanation, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(explanation->notation.net, id, &quantity);
    return nb_plan_op(explanation->notation.net, quantity.op)->kind;
}

static void print_definition(struct explanation *explanation)
{
    struct notation notation = explanation->notation;
    struct text line = TEXT_INIT, aside = TEXT_INIT;
    struct entry_list list;
    notation.yhat = explanation->quantity.kind == NB_LOSS_VALUE;
    explain_section(explanation, "The definition");
    general_write(&line, &notation, explanation->quantity.op, explanation->element.id);
    general_print(explanation->sink, &line);
    general_aside(&aside, &notation, explanation->quantity.op);
    if (aside.length)
        general_print(explanation->sink, &aside);
    explain_section(explanation, "With numbers");
    entry_list_init(&list);
    struct explanation shown = *explanation;
    shown.notation = notation;
    add_entry(&list, &shown, explanation->element);
    entry_list_print_blocks(&list, &notation, kind_of(explanation, explanation->element.id),
                            explanation->sink);
    entry_list_release(&list);
    text_release(&line);
    text_release(&aside);
}

/* All z or all a of a layer, or `only` one of them, for the element's sample. */
static void print_layer(struct explanation *explanation, enum nb_quantity_kind kind, size_t layer,
                        size_t only)
{
    struct entry_list list;
    size_t id = find(explanation, kind, layer);
    entry_list_init(&list);
    size_t first = only == NB_NOWHERE ? 0 : only;
    size_t last = only == NB_NOWHERE ? build_units(explanation->notation.net, layer) : only + 1;
    for (size_t k = first; k < last; k++)
        add_entry(&list, explanation, (struct element){ id, explanation->element.row, k });
    entry_list_print_compact(&list, &explanation->notation, kind_of(explanation, id),
                             explanation->sink);
    entry_list_release(&list);
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
    struct text words = TEXT_INIT;
    size_t id = operand_of(explanation), row = explanation->element.row;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    nb_quantity_get(explanation->notation.net, id, &operand);
    bool own = kind != NB_Z && kind != NB_LOSS_VALUE;
    text_printf(&words, "Each number that is put in comes from %s: ",
                operand.op == explanation->quantity.op ? "a line before it"
                                                       : "the operation before it");
    symbol_typed(&words, &explanation->notation, id, row < operand.rows ? row : 0,
                 own ? explanation->element.col : 0);
    text_add(&words, ", for one, has its own explanation.");
    explain_paragraph(explanation, words.bytes);
    text_release(&words);
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

/* How many layers stand wholly below, and whether the element's own z does. */
static void print_operands(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    bool loss = kind == NB_LOSS_VALUE, own = kind == NB_A;
    bool plain = loss || own || kind == NB_Z;
    size_t layer = loss ? nb_net_spec(net)->layers + 1 : explanation->quantity.layer, lines = 0;
    for (size_t l = 1; l < layer; l++)
        lines += 2 * build_units(net, l);
    bool softmax = own && nb_net_spec(net)->layer[layer - 1].activation == NB_SOFTMAX;
    lines += softmax ? build_units(net, layer) : own;
    if ((plain && !lines) || kind == NB_PENALTY)
        return;
    explain_section(explanation, "What it is made of");
    if (!plain || has_more(net, layer) || lines > OPERANDS_MOST || (loss && build_rows(net) > 1)) {
        say_operand(explanation);
        return;
    }
    for (size_t l = 1; l <= layer; l++) {
        if (l < layer || own)
            print_layer(explanation, NB_Z, l,
                        l < layer || softmax ? NB_NOWHERE : explanation->element.col);
        if (l < layer)
            print_layer(explanation, NB_A, l, NB_NOWHERE);
    }
}

/* "mask¹₁ = 2" */
static void print_value(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct element element = explanation->element;
    struct text line = TEXT_INIT, number = TEXT_INIT;
    symbol_element(&line, notation, element.id, element.row, element.col);
    symbol_number(&number, notation, nb_value(notation->net, element.id, element.row, element.col));
    sink_puts(explanation->sink, "\n");
    layout_equation(explanation->sink, LAYOUT_INDENT, line.bytes, "=", number.bytes);
    sink_puts(explanation->sink, "\n");
    text_release(&line);
    text_release(&number);
}

static void explain_mask(struct explanation *explanation)
{
    struct text aside = TEXT_INIT;
    print_value(explanation);
    explain_paragraph(explanation, "It is drawn anew in every iteration, by the seed; asking "
                                   "twice in one gives the same:");
    sink_puts(explanation->sink, "\n");
    general_aside(&aside, &explanation->notation, explanation->quantity.op);
    general_print(explanation->sink, &aside);
    text_release(&aside);
}

void explain_forward(struct explanation *explanation)
{
    if (explanation->quantity.kind == NB_MASK) {
        explain_mask(explanation);
        return;
    }
    print_definition(explanation);
    print_operands(explanation);
}

/* ---- Numbers that updates carry on ---- */

/* The operation of the update phase that writes a quantity. */
static size_t writer_of(const struct nb_net *net, size_t id)
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
    size_t op = writer_of(notation->net, explanation->element.id);
    struct text line = TEXT_INIT;
    print_value(explanation);
    if (op == NB_NOWHERE) {
        explain_paragraph(explanation, "The optimiser that kept it is not in use now.");
        return;
    }
    explain_paragraph(explanation, "Every update carries it on:");
    sink_puts(explanation->sink, "\n");
    general_write(&line, notation, op, explanation->element.id);
    general_print(explanation->sink, &line);
    text_clear(&line);
    general_aside(&line, notation, op);
    general_print(explanation->sink, &line);
    text_release(&line);
}

/* ---- Given numbers ---- */

/* "It stands in z¹₁ = x₁·w¹₁₁ + … + b¹₁." */
static void print_reader(struct explanation *explanation, enum nb_quantity_kind kind, size_t layer)
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
    struct notation notation = explanation->notation;
    struct text left = TEXT_INIT, right = TEXT_INIT;
    notation.yhat = loss;
    struct render render = { &notation, RENDER_SYMBOLS, false };
    struct term *term = build_term(&site);
    symbol_element(&left, &notation, id, site.row, site.col);
    if (term)
        render_term(&right, &render, term);
    layout_equation(explanation->sink, LAYOUT_INDENT, left.bytes, "=", right.bytes);
    term_free(&term);
    text_release(&left);
    text_release(&right);
}

/* The derivative by a parameter. */
static size_t gradient_of(const struct explanation *explanation)
{
    enum nb_quantity_kind kind = NB_DW + (explanation->quantity.kind - NB_W);
    return find(explanation, kind, explanation->quantity.layer);
}

/* What puts a given number in. */
static void print_use(struct explanation *explanation)
{
    enum nb_quantity_kind kind = explanation->quantity.kind;
    bool scaled = kind == NB_GAMMA || kind == NB_BETA;
    if (kind == NB_Y)
        print_reader(explanation, NB_LOSS_VALUE, 0);
    else if (kind == NB_X)
        print_reader(explanation, NB_Z, 1);
    else
        print_reader(explanation, scaled ? NB_U : NB_Z, explanation->quantity.layer);
}

void explain_given(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct element element = explanation->element;
    bool target = explanation->quantity.kind == NB_Y, input = explanation->quantity.kind == NB_X;
    print_value(explanation);
    explain_paragraph(explanation, target  ? "The loss compares the output with it:"
                                   : input ? "Every unit of layer 1 reads it; the first one:"
                                           : "Its unit puts it in:");
    sink_puts(explanation->sink, "\n");
    print_use(explanation);
    if (explanation->quantity.role == NB_PARAMETER) {
        struct text line = TEXT_INIT;
        text_add(&line, "How the loss changes with it: explain ");
        symbol_typed(&line, notation, gradient_of(explanation), element.row, element.col);
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, line.bytes);
        text_release(&line);
    }
}
