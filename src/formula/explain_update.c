/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation of one update of one parameter: gradient, state, step. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/entry.h"
#include "formula/explain.h"
#include "formula/formula.h"
#include "formula/general.h"
#include "formula/layout.h"

#define CLIPPED_TO 1e-4 /* how near the norm of what CLIP has cut is to the limit */

/* An optimiser's state, in words. */
static const struct state_words {
    const char *title, *words;
} state_words[] = {
    [NB_MOMENTUM] = { "The velocity",
                      "It keeps the share μ of what it was, and the gradient is added." },
    [NB_NESTEROV] = { "The velocity",
                      "It keeps the share μ of what it was, and the gradient is added." },
    [NB_RMSPROP] = { "The mean of squares",
                     "It follows the squared gradient slowly: how large it is as a rule." },
    [NB_ADAM] = { "The two moments", "They follow the gradient and its square slowly: where it "
                                     "points as a rule, and how large it is." },
    [NB_ADAMW] = { "The two moments", "They follow the gradient and its square slowly: where it "
                                      "points as a rule, and how large it is." },
};

static const char *const step_words[] = {
    [NB_SGD] = "The rate η times the gradient is taken off.",
    [NB_MOMENTUM] = "The rate η times the velocity is taken off.",
    [NB_NESTEROV] = "The rate η times the gradient and, once more, the velocity's share is taken "
                    "off: a look at where the velocity leads.",
    [NB_RMSPROP] = "The gradient is divided by its usual size, so that every parameter moves by "
                   "steps of about η.",
    [NB_ADAM] = "1 − β₁ᵗ and 1 − β₂ᵗ make up for moments that began at 0; the quotient is about 1 "
                "where the gradient keeps its direction.",
    [NB_ADAMW] = "The penalty is no part of the gradient: η·λ·w is taken off by itself. 1 − β₁ᵗ "
                 "and 1 − β₂ᵗ make up for moments that began at 0.",
};

static size_t op_of(const struct nb_net *net, size_t layer)
{
    size_t op = nb_plan_start(net, NB_UPDATE);
    while (nb_plan_op(net, op)->kind != NB_OP_UPDATE || nb_plan_op(net, op)->layer != layer)
        op++;
    return op;
}

/* The element of `id` by an operation, as a block. */
static void add_entry(struct entry_list *list, const struct explanation *explanation,
                      const struct nb_op *op, size_t id, double result)
{
    struct element at = explanation->element;
    struct site site = { explanation->notation.net, op, id, at.row, at.col, NULL };
    struct entry *entry = entry_list_add(list);
    symbol_element(&entry->name, &explanation->notation, id, at.row, at.col);
    entry->term = build_term(&site);
    entry->result = result;
}

static void print_entry(struct explanation *explanation, const struct nb_op *op, size_t id,
                        double result)
{
    struct entry_list list;
    entry_list_init(&list);
    add_entry(&list, explanation, op, id, result);
    entry_list_print_blocks(&list, &explanation->notation, op->kind, explanation->sink);
    entry_list_release(&list);
}

/* "∂L/∂w¹₁₁ = 0.00486235" */
static void print_number(struct explanation *explanation, size_t id)
{
    const struct notation *notation = &explanation->notation;
    struct element at = explanation->element;
    struct text name = TEXT_INIT, number = TEXT_INIT;
    symbol_element(&name, notation, id, at.row, at.col);
    symbol_number(&number, notation, nb_value(notation->net, id, at.row, at.col));
    layout_equation(explanation->sink, LAYOUT_INDENT, name.bytes, "=", number.bytes);
    text_release(&name);
    text_release(&number);
}

/* Where all gradients together are as long as clip allows, it has cut them. */
static void say_clipped(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    double clip = nb_net_learning(net)->clip;
    struct text words = TEXT_INIT;
    for (size_t op = 0; op < nb_plan_length(net) && clip != 0; op++) {
        if (nb_plan_op(net, op)->kind != NB_OP_CLIP ||
            fabs(build_gradient_norm(net, nb_plan_op(net, op)) - clip) > CLIPPED_TO * clip)
            continue;
        text_add(&words, "All gradients together have been cut to the norm that clip allows, ");
        symbol_number(&words, &explanation->notation, clip);
        text_add_char(&words, '.');
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, words.bytes);
    }
    text_release(&words);
}

static void print_gradient(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_quantity *parameter = &explanation->quantity;
    struct element at = explanation->element;
    size_t plain = nb_quantity_id(net, NB_DW + (parameter->kind - NB_W), parameter->layer);
    size_t used = build_gradient(net, parameter->kind, parameter->layer);
    struct nb_quantity quantity;
    struct text words = TEXT_INIT;
    nb_quantity_get(net, used, &quantity);
    explain_section(explanation, "The gradient");
    print_number(explanation, plain);
    if (used != plain) {
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, "With the penalty's gradient:");
        sink_puts(explanation->sink, "\n");
        print_entry(explanation, nb_plan_op(net, quantity.op), used,
                    nb_value(net, used, at.row, at.col));
    }
    say_clipped(explanation);
    text_add(&words, "Where it comes from: explain ");
    symbol_typed(&words, &explanation->notation, plain, at.row, at.col);
    sink_puts(explanation->sink, "\n");
    explain_paragraph(explanation, words.bytes);
    text_release(&words);
}

/* m and v, as the update moves them; `after` is the network behind it. */
static void print_state(struct explanation *explanation, const struct nb_op *op,
                        const struct nb_net *after)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_quantity *parameter = &explanation->quantity;
    const struct state_words *words = &state_words[nb_net_learning(net)->optimizer];
    struct element at = explanation->element;
    static const enum nb_quantity_kind states[] = { NB_MW, NB_VW };
    if (!words->title)
        return;
    explain_section(explanation, words->title);
    explain_paragraph(explanation, words->words);
    if (nb_net_updates(net) == 0)
        explain_paragraph(explanation, "This is the first update: it begins at 0.");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        enum nb_quantity_kind kind = states[i] + (parameter->kind - NB_W);
        size_t id = nb_quantity_id(net, kind, parameter->layer);
        if (id == NB_NOWHERE)
            continue;
        sink_puts(explanation->sink, "\n");
        print_entry(explanation, op, id, nb_value(after, id, at.row, at.col));
    }
}

static void print_step(struct explanation *explanation, size_t op, double value)
{
    const struct nb_net *net = explanation->notation.net;
    struct text aside = TEXT_INIT;
    explain_section(explanation, "The step");
    explain_paragraph(explanation, step_words[nb_net_learning(net)->optimizer]);
    sink_puts(explanation->sink, "\n");
    general_aside(&aside, &explanation->notation, op);
    general_print(explanation->sink, &aside);
    sink_puts(explanation->sink, "\n");
    print_entry(explanation, nb_plan_op(net, op), explanation->element.id, value);
    text_release(&aside);
}

/* "w¹₁₁ after the update                           update w1[1,1]", and a sentence */
static void print_title(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct element at = explanation->element;
    struct text left = TEXT_INIT, right = TEXT_INIT, words = TEXT_INIT;
    size_t count;
    enum nb_optimizer optimizer = nb_net_learning(notation->net)->optimizer;
    symbol_element(&left, notation, at.id, at.row, at.col);
    text_add(&left, " after the update");
    text_add(&right, "update ");
    symbol_typed(&right, notation, at.id, at.row, at.col);
    layout_head(explanation->sink, &left, left.length, right.bytes);
    text_printf(&words, "What the update of iteration %llu makes of ",
                (unsigned long long)nb_iteration(notation->net) + 1);
    explain_parameter(&words, explanation, explanation->quantity.kind);
    text_printf(&words, ", by %s.", nb_optimizers(&count)[optimizer].name);
    explain_sentence(explanation, words.bytes);
    text_release(&left);
    text_release(&right);
    text_release(&words);
}

static enum nb_status check(const struct explanation *explanation, struct nb_error *error)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_quantity *quantity = &explanation->quantity;
    struct nb_quantity gradient;
    if (quantity->role != NB_PARAMETER)
        return error_set(error, NB_FAILED,
                         "%s is no parameter: an update is of w1[1,1], b1[2] or another of those",
                         quantity->name);
    nb_quantity_get(net, build_gradient(net, quantity->kind, quantity->layer), &gradient);
    if (gradient.state != NB_FRESH)
        return error_set(error, NB_FAILED, "the update needs %s: type backward", gradient.name);
    return NB_OK;
}

/* The network behind the update. */
static enum nb_status run_copy(const struct nb_net *net, size_t op, struct nb_net **after,
                               struct nb_error *error)
{
    enum nb_status status = nb_net_clone(net, NB_AUTO, after, error);
    if (status)
        return status;
    nb_seek(*after, op);
    return nb_exec(*after, 1, error);
}

enum nb_status formula_explain_update(const struct nb_net *before, size_t id, size_t row,
                                      size_t col, const struct formula_style *style,
                                      struct sink *sink, struct nb_error *error)
{
    struct explanation explanation = { .notation = { before, style, sink->unicode, false },
                                       .sink = sink,
                                       .element = { id, row, col },
                                       .held = before,
                                       .clipped = 1 };
    struct nb_net *after = NULL;
    struct text value = TEXT_INIT;
    nb_quantity_get(before, id, &explanation.quantity);
    enum nb_status status = check(&explanation, error);
    if (status)
        return status;
    size_t op = op_of(before, explanation.quantity.layer);
    status = run_copy(before, op, &after, error);
    if (status)
        goto done;
    print_title(&explanation);
    if (nb_frozen(before, id)) {
        sink_printf(sink, "\n   %s is frozen: the update leaves it as it is.\n",
                    explanation.quantity.name);
    } else {
        print_gradient(&explanation);
        print_state(&explanation, nb_plan_op(before, op), after);
        print_step(&explanation, op, nb_value(after, id, row, col));
    }
    number_add(&value, nb_value(after, id, row, col), style->digits);
    explain_last_line(&explanation, value.bytes, NULL, NULL);
done:
    nb_net_free(&after);
    text_release(&value);
    return status;
}
