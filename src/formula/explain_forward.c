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
    general_full(&line, &notation, explanation->quantity.op);
    layout_equation(explanation->sink, LAYOUT_INDENT, "", "", line.bytes);
    general_aside(&aside, &notation, explanation->quantity.op);
    if (aside.length)
        layout_equation(explanation->sink, LAYOUT_INDENT, "", "", aside.bytes);
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

/* How many layers stand wholly below, and whether the element's own z does. */
static void print_operands(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    bool loss = explanation->quantity.kind == NB_LOSS_VALUE;
    size_t layer = loss ? nb_net_spec(net)->layers + 1 : explanation->quantity.layer, lines = 0;
    bool own = explanation->quantity.kind == NB_A;
    for (size_t l = 1; l < layer; l++)
        lines += 2 * build_units(net, l);
    bool softmax = own && nb_net_spec(net)->layer[layer - 1].activation == NB_SOFTMAX;
    lines += softmax ? build_units(net, layer) : own;
    if (!lines)
        return;
    explain_section(explanation, "What it is made of");
    if (lines > OPERANDS_MOST || (loss && build_rows(net) > 1)) {
        struct text words = TEXT_INIT;
        text_add(&words, "Each number that is put in comes from the operation before it: ");
        symbol_typed(&words, &explanation->notation,
                     find(explanation, own ? NB_Z : NB_A, own ? layer : layer - 1),
                     explanation->element.row, own ? explanation->element.col : 0);
        text_add(&words, ", for one, has its own explanation.");
        explain_paragraph(explanation, words.bytes);
        text_release(&words);
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

void explain_forward(struct explanation *explanation)
{
    print_definition(explanation);
    print_operands(explanation);
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

void explain_given(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct element element = explanation->element;
    struct text line = TEXT_INIT, number = TEXT_INIT;
    symbol_element(&line, notation, element.id, element.row, element.col);
    symbol_number(&number, notation, nb_value(notation->net, element.id, element.row, element.col));
    sink_puts(explanation->sink, "\n");
    layout_equation(explanation->sink, LAYOUT_INDENT, line.bytes, "=", number.bytes);
    sink_puts(explanation->sink, "\n");
    bool target = explanation->quantity.kind == NB_Y, input = explanation->quantity.kind == NB_X;
    explain_paragraph(explanation, target  ? "The loss compares the output with it:"
                                   : input ? "Every unit of layer 1 reads it; the first one:"
                                           : "Its unit puts it in:");
    sink_puts(explanation->sink, "\n");
    print_reader(explanation, target ? NB_LOSS_VALUE : NB_Z,
                 target  ? 0
                 : input ? 1
                         : explanation->quantity.layer);
    if (explanation->quantity.role == NB_PARAMETER) {
        size_t gradient = find(explanation, explanation->quantity.kind == NB_W ? NB_DW : NB_DB,
                               explanation->quantity.layer);
        text_clear(&line);
        text_add(&line, "How the loss changes with it: explain ");
        symbol_typed(&line, notation, gradient, element.row, element.col);
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, line.bytes);
    }
    text_release(&line);
    text_release(&number);
}
