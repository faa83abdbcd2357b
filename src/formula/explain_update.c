/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation of one update of one parameter: gradient, state, step. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/explain.h"
#include "formula/formula.h"
#include "formula/general.h"

#define CLIPPED_TO 1e-4 /* how near the norm of what CLIP has cut is to the limit */
#define DIGITS     6    /* of what was set */

/* An optimiser's state, in words. */
static const struct state_words {
    const char *title, *words;
} state_words[] = {
    [NB_MOMENTUM] = { "The velocity",
                      "It keeps the share $μ$ of what it was, and the gradient is added." },
    [NB_NESTEROV] = { "The velocity",
                      "It keeps the share $μ$ of what it was, and the gradient is added." },
    [NB_RMSPROP] = { "The mean of squares",
                     "It follows the squared gradient slowly: how large it is as a rule." },
    [NB_ADAM] = { "The two moments", "They follow the gradient and its square slowly: where it "
                                     "points as a rule, and how large it is." },
    [NB_ADAMW] = { "The two moments", "They follow the gradient and its square slowly: where it "
                                      "points as a rule, and how large it is." },
};

static const char *const step_words[] = {
    [NB_SGD] = "The rate $η$ times the gradient is taken off.",
    [NB_MOMENTUM] = "The rate $η$ times the velocity is taken off.",
    [NB_NESTEROV] = "The rate $η$ times the gradient and, once more, the velocity's share is taken "
                    "off: a look at where the velocity leads.",
    [NB_RMSPROP] = "The gradient is divided by its usual size, so that every parameter moves by "
                   "steps of about $η$.",
    [NB_ADAM] =
        "$1 − β₁ᵗ$ and $1 − β₂ᵗ$ make up for moments that began at 0; the quotient is about 1 "
        "where the gradient keeps its direction.",
    [NB_ADAMW] = "The penalty for squares is no part of the gradient: $η·λ·w$ is taken off by "
                 "itself. $1 − β₁ᵗ$ and $1 − β₂ᵗ$ make up for moments that began at 0.",
};

static const char spared_words[] =
    "adamw shrinks weights alone: here nothing but Adam's step is made. $1 − β₁ᵗ$ and $1 − β₂ᵗ$ "
    "make up for moments that began at 0.";

static const char *words_of_step(const struct explanation *explanation)
{
    const struct nb_learning *learning = nb_net_learning(explanation->notation.net);
    if (learning->optimizer != NB_ADAMW)
        return step_words[learning->optimizer];
    if (learning->l2 == 0)
        return step_words[NB_ADAM];
    return explanation->quantity.kind == NB_W ? step_words[NB_ADAMW] : spared_words;
}

static size_t op_of(const struct nb_net *net, size_t layer)
{
    size_t op = nb_plan_start(net, NB_UPDATE);
    while (nb_plan_op(net, op)->kind != NB_OP_UPDATE || nb_plan_op(net, op)->layer != layer)
        op++;
    return op;
}

/* The element of `id` by an operation, as a block. */
static void add_entry(struct explanation *explanation, const struct nb_op *op, size_t id,
                      double result)
{
    struct element at = explanation->element;
    struct site site = { explanation->notation.net, op, id, at.row, at.col, NULL };
    struct entry *entry = document_entry(explanation->document, DOCUMENT_BLOCKS, op->kind);
    phrase_element(&entry->name, (struct element){ id, at.row, at.col });
    entry->term = build_term(&site);
    entry->result = result;
}

/* "∂L/∂w¹₁₁ = 0.00486235" */
static void add_number(struct explanation *explanation, size_t id)
{
    struct element at = explanation->element;
    struct phrase name = PHRASE_INIT, number = PHRASE_INIT;
    phrase_element(&name, (struct element){ id, at.row, at.col });
    phrase_number(&number, nb_value(explanation->notation.net, id, at.row, at.col));
    document_equation(explanation->document, &name, "=", &number);
}

/* Where all gradients together are as long as clip allows, it has cut them. */
static void say_clipped(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    double clip = nb_net_learning(net)->clip;
    for (size_t op = 0; op < nb_plan_length(net) && clip != 0; op++) {
        struct phrase words = PHRASE_INIT;
        if (nb_plan_op(net, op)->kind != NB_OP_CLIP ||
            fabs(build_gradient_norm(net, nb_plan_op(net, op)) - clip) > CLIPPED_TO * clip)
            continue;
        phrase_words(&words, "All gradients together have been cut to the norm that clip allows, ");
        phrase_number(&words, clip);
        phrase_words(&words, ".");
        document_gap(explanation->document);
        document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
    }
}

static void add_gradient(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    struct document *document = explanation->document;
    const struct nb_quantity *parameter = &explanation->quantity;
    struct element at = explanation->element;
    size_t plain = nb_quantity_id(net, NB_DW + (parameter->kind - NB_W), parameter->layer);
    size_t used = build_gradient(net, parameter->kind, parameter->layer);
    struct nb_quantity quantity;
    struct phrase words = PHRASE_INIT;
    nb_quantity_get(net, used, &quantity);
    document_section(document, "The gradient");
    add_number(explanation, plain);
    if (used != plain) {
        document_gap(document);
        document_paragraph(document, "With the penalty's gradient:");
        document_gap(document);
        add_entry(explanation, nb_plan_op(net, quantity.op), used,
                  nb_value(net, used, at.row, at.col));
    }
    say_clipped(explanation);
    phrase_words(&words, "Where it comes from: ");
    explain_see(&words, explanation, (struct element){ plain, at.row, at.col });
    document_gap(document);
    document_phrase(document, BLOCK_PARAGRAPH, &words);
}

/* m and v, as the update moves them; `after` is the network behind it. */
static void add_state(struct explanation *explanation, const struct nb_op *op,
                      const struct nb_net *after)
{
    const struct nb_net *net = explanation->notation.net;
    struct document *document = explanation->document;
    const struct nb_quantity *parameter = &explanation->quantity;
    enum nb_optimizer optimizer = nb_net_learning(net)->optimizer;
    const struct state_words *words = &state_words[optimizer];
    struct element at = explanation->element;
    static const enum nb_quantity_kind states[] = { NB_MW, NB_VW };
    bool moments = optimizer == NB_ADAM || optimizer == NB_ADAMW;
    if (!words->title)
        return;
    document_section(document, words->title);
    document_paragraph(document, words->words);
    if (nb_net_updates(net) == 0)
        document_paragraph(document, moments ? "This is the first update: they begin at 0."
                                             : "This is the first update: it begins at 0.");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        enum nb_quantity_kind kind = states[i] + (parameter->kind - NB_W);
        size_t id = nb_quantity_id(net, kind, parameter->layer);
        if (id == NB_NOWHERE)
            continue;
        document_gap(document);
        add_entry(explanation, op, id, nb_value(after, id, at.row, at.col));
    }
}

/* 0.1·0.5^2, what a schedule has made of lr */
static void add_schedule(struct text *text, const struct formula_rate *rate)
{
    const struct nb_schedule *schedule = &rate->schedule;
    unsigned long long t = rate->t;
    number_add(text, rate->lr, DIGITS);
    switch (schedule->kind) {
    case NB_SCHEDULE_EXP:
        text_add(text, "·e^(−");
        number_add(text, schedule->a, DIGITS);
        text_printf(text, "·%llu)", t);
        break;
    case NB_SCHEDULE_STEP:
        text_add(text, "·");
        number_add(text, schedule->a, DIGITS);
        text_printf(text, "^%llu", t / (schedule->every ? schedule->every : 1));
        break;
    case NB_SCHEDULE_INVERSE:
        text_add(text, "/(1 + ");
        number_add(text, schedule->a, DIGITS);
        text_printf(text, "·%llu)", t);
        break;
    default:
        text_printf(text, "·(1 + cos(π·%llu/%llu))/2", t, (unsigned long long)rate->total);
        break;
    }
}

/* "The schedule has changed η over 4 epochs:  η = 0.1·0.5^2 = 0.025" */
static void say_rate(struct explanation *explanation, const struct formula_rate *rate)
{
    struct phrase words = PHRASE_INIT, left = PHRASE_INIT, right = PHRASE_INIT;
    struct text formula = TEXT_INIT;
    if (rate->schedule.kind == NB_SCHEDULE_NONE)
        return;
    phrase_printf(&words, "The schedule has changed $η$ over %llu ", (unsigned long long)rate->t);
    phrase_words(&words, rate->schedule.per_step ? "update" : "epoch");
    phrase_words(&words, rate->t > 1 ? "s:" : ":");
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
    document_gap(explanation->document);
    add_schedule(&formula, rate);
    phrase_setting(&left, TERM_RATE);
    phrase_formula(&right, formula.bytes);
    phrase_formula(&right, " = ");
    phrase_number(&right, nb_net_lr(explanation->notation.net));
    document_equation(explanation->document, &left, "=", &right);
    text_release(&formula);
}

static void add_step(struct explanation *explanation, const struct formula_rate *rate, size_t op,
                     double value)
{
    const struct nb_net *net = explanation->notation.net;
    struct document *document = explanation->document;
    struct phrase aside = PHRASE_INIT;
    enum nb_optimizer optimizer = nb_net_learning(net)->optimizer;
    document_section(document, "The step");
    document_paragraph(document, words_of_step(explanation));
    say_rate(explanation, rate);
    document_gap(document);
    if (optimizer != NB_SGD || rate->schedule.kind == NB_SCHEDULE_NONE)
        general_aside(&aside, &explanation->notation, op);
    if (optimizer == NB_ADAM || optimizer == NB_ADAMW)
        phrase_printf(&aside, ", here $t = %llu$", (unsigned long long)nb_net_updates(net) + 1);
    if (!phrase_is_empty(&aside))
        document_phrase(document, BLOCK_NOTE, &aside);
    document_gap(document);
    add_entry(explanation, nb_plan_op(net, op), explanation->element.id, value);
}

/* "w¹₁₁ after the update                           update w1[1,1]", and a sentence */
static void add_title(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT, words = PHRASE_INIT;
    size_t count;
    enum nb_optimizer optimizer = nb_net_learning(notation->net)->optimizer;
    phrase_element(&left, explanation->element);
    phrase_words(&left, " after the update");
    phrase_code(&right, "update ");
    phrase_typed(&right, notation, explanation->element);
    document_title(explanation->document, &left, &right);
    phrase_printf(&words, "What the update of iteration %llu makes of ",
                  (unsigned long long)nb_iteration(notation->net) + 1);
    explain_parameter(&words, explanation, explanation->quantity.kind);
    phrase_printf(&words, ", by %s.", nb_optimizers(&count)[optimizer].name);
    document_phrase(explanation->document, BLOCK_SENTENCE, &words);
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

static void add_all(struct explanation *explanation, const struct formula_rate *rate,
                    const struct nb_net *after, size_t op)
{
    struct element at = explanation->element;
    double updated = nb_value(after, at.id, at.row, at.col);
    struct phrase words = PHRASE_INIT;
    struct text value = TEXT_INIT;
    add_title(explanation);
    if (nb_frozen(explanation->held, at.id)) {
        phrase_code(&words, explanation->quantity.name);
        phrase_words(&words, " is frozen: the update leaves it as it is.");
        document_gap(explanation->document);
        document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
    } else {
        add_gradient(explanation);
        add_state(explanation, nb_plan_op(explanation->held, op), after);
        add_step(explanation, rate, op, updated);
    }
    number_add(&value, updated, explanation->notation.style->digits);
    document_closing(explanation->document, value.bytes, NULL, NULL);
    text_release(&value);
}

enum nb_status formula_explain_update(const struct nb_net *before,
                                      const struct formula_update *update,
                                      const struct formula_style *style, struct sink *sink,
                                      struct nb_error *error)
{
    struct document document;
    const struct formula_request request = { .old = update->made };
    struct explanation explanation = { .document = &document,
                                       .request = &request,
                                       .element = { update->id, update->row, update->col },
                                       .held = before,
                                       .clipped = 1 };
    struct nb_net *after = NULL;
    document_init(&document, before, style, sink);
    explanation.notation = document.notation;
    nb_quantity_get(before, update->id, &explanation.quantity);
    enum nb_status status = check(&explanation, error);
    if (!status) {
        size_t op = op_of(before, explanation.quantity.layer);
        status = run_copy(before, op, &after, error);
        if (!status)
            add_all(&explanation, &update->rate, after, op);
    }
    if (!status)
        status = document_finish(&document, sink, error);
    document_release(&document);
    nb_net_free(&after);
    return status;
}
