/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation of one element: what it means, where it comes from, a test. */
#include "formula/explain.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/chain.h"
#include "formula/derive.h"
#include "formula/layout.h"
#include "formula/render.h"
#include "formula/words.h"

#define NUDGE            1e-4
#define NUDGE_DIGITS     10 /* of θ ± h */
#define LOSS_DIGITS      12
#define PARAGRAPH_INDENT 3

/* What a derivative is taken by; NB_X: the kind is none. */
static enum nb_quantity_kind nudged_kind(enum nb_quantity_kind kind)
{
    static const enum nb_quantity_kind nudged[NB_QUANTITY_KINDS] = {
        [NB_DW] = NB_W,    [NB_DB] = NB_B, [NB_DGAMMA] = NB_GAMMA, [NB_DBETA] = NB_BETA,
        [NB_DELTA] = NB_Z, [NB_DU] = NB_U, [NB_DA] = NB_A,         [NB_DH] = NB_H,
    };
    return nudged[kind];
}

bool explain_is_derivative(enum nb_quantity_kind kind)
{
    return nudged_kind(kind) != NB_X;
}

static bool is_of_parameter(enum nb_quantity_kind kind)
{
    return explain_is_derivative(kind) && !nb_quantity_rows()[kind].per_sample;
}

struct element explain_nudged(const struct nb_net *net, struct element element)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    element.id = nb_quantity_id(net, nudged_kind(quantity.kind), quantity.layer);
    return element;
}

/* ---- Lines ---- */

void explain_section(struct explanation *explanation, const char *title)
{
    struct text line = TEXT_INIT;
    sink_printf(explanation->sink, "\n%zu  ", ++explanation->section);
    symbol_words(&line, explanation->notation.unicode, title);
    sink_styled(explanation->sink, STYLE_TITLE, line.bytes);
    sink_puts(explanation->sink, "\n\n");
    text_release(&line);
}

static void print_wrapped(struct explanation *explanation, size_t indent, const char *words)
{
    struct text text = TEXT_INIT;
    size_t columns = layout_columns(explanation->sink), column = indent;
    symbol_words(&text, explanation->notation.unicode, words);
    sink_printf(explanation->sink, "%*s", (int)indent, "");
    for (const char *at = text.bytes; *at;) {
        size_t length = strcspn(at, " "), width = utf8_width(at, length);
        if (column > indent && column + 1 + width > columns) {
            sink_printf(explanation->sink, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            sink_puts(explanation->sink, " ");
            column++;
        }
        sink_write(explanation->sink, at, length);
        column += width;
        at += length + (at[length] == ' ');
    }
    sink_puts(explanation->sink, "\n");
    text_release(&text);
}

void explain_sentence(struct explanation *explanation, const char *words)
{
    print_wrapped(explanation, 0, words);
}

void explain_paragraph(struct explanation *explanation, const char *words)
{
    print_wrapped(explanation, PARAGRAPH_INDENT, words);
}

void explain_last_line(struct explanation *explanation, const char *value, const char *quotient,
                       const double *error)
{
    struct text line = TEXT_INIT;
    text_printf(&line, "\nvalue %s; difference quotient %s; relative error ", value,
                quotient ? quotient : "none");
    if (error)
        number_add(&line, *error, explanation->notation.style->digits);
    else
        text_add(&line, "none");
    text_add_char(&line, '\n');
    sink_text(explanation->sink, &line);
    text_release(&line);
}

static void add_element(struct text *text, const struct notation *notation, struct element element)
{
    symbol_element(text, notation, element.id, element.row, element.col);
}

/* ---- A derivative ---- */

static void explain_paths(struct explanation *explanation, const struct chain *chain)
{
    const struct notation *notation = &explanation->notation;
    struct element element = explanation->element;
    struct text name = TEXT_INIT;
    add_element(&name, notation, element);
    double value = nb_value(notation->net, element.id, element.row, element.col);
    explain_section(explanation, explanation->quantity.kind == NB_DW
                                     ? "The way from the weight to the loss"
                                     : "The way to the loss");
    chain_print_diagram(chain, notation, explanation->sink);
    sink_puts(explanation->sink, "\n");
    explain_paragraph(explanation,
                      chain->branches
                          ? "Along a path the factors multiply; where paths meet again, they add."
                          : "Along a path the factors multiply.");
    explain_section(explanation, "The chain rule");
    chain_print_rule(chain, notation, explanation->sink);
    explain_section(explanation, "Each factor");
    chain_print_factors(chain, notation, explanation->sink);
    explain_section(explanation, chain->branches ? "Path by path" : "Multiplied");
    chain_print_paths(chain, notation, name.bytes, value, explanation->sink);
    explain_section(explanation, "The same, shorter: name what comes back to each z a delta");
    derive_print(notation, element, explanation->sink);
    text_release(&name);
}

/* An element by its operation, with sums as Σ. */
static void print_rule(struct explanation *explanation, enum nb_quantity_kind kind, size_t row,
                       size_t col)
{
    const struct notation *notation = &explanation->notation;
    struct nb_quantity quantity;
    size_t id = nb_quantity_id(notation->net, kind, explanation->quantity.layer);
    nb_quantity_get(notation->net, id, &quantity);
    struct site site = {
        notation->net, nb_plan_op(notation->net, quantity.op), id, row, col, NULL
    };
    struct render render = { notation, RENDER_SYMBOLS, true };
    struct text name = TEXT_INIT, words = TEXT_INIT;
    struct term *term = build_term(&site);
    symbol_element(&name, notation, id, row, col);
    if (term)
        render_term(&words, &render, term);
    layout_equation(explanation->sink, LAYOUT_INDENT, name.bytes, "=", words.bytes);
    term_free(&term);
    text_release(&name);
    text_release(&words);
}

static bool has(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(net, kind, layer) != NB_NOWHERE;
}

/* Does what comes back to z, or u, come by way of da? */
static bool reads_da(const struct nb_net *net, size_t layer)
{
    struct nb_quantity before;
    nb_quantity_get(net, build_before_slope(net, layer), &before);
    return nb_plan_op(net, before.op)->kind != NB_OP_DELTA_DIRECT;
}

/* The lines are about z; with batch norm u stands in its place. */
static void print_lines(struct explanation *explanation, const char *const *lines, bool batchnorm)
{
    struct text line = TEXT_INIT;
    for (; *lines; lines++) {
        text_clear(&line);
        symbol_words(&line, explanation->notation.unicode, *lines);
        for (size_t i = 0; batchnorm && i < line.length; i++)
            if (line.bytes[i] == 'z')
                line.bytes[i] = 'u';
        layout_equation(explanation->sink, LAYOUT_INDENT, "", "", line.bytes);
    }
    text_release(&line);
}

static void print_why(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = explanation->quantity.layer;
    bool batchnorm = has(net, NB_DU, layer), output = layer == nb_net_spec(net)->layers;
    const char *const *lines = words_of_output_delta(net);
    if (explanation->quantity.kind == NB_DELTA && batchnorm) {
        explain_section(explanation, "Why that is so");
        print_lines(explanation, words_of_batchnorm_delta, false);
    } else if (explanation->element.id == build_before_slope(net, layer) && output && lines) {
        explain_section(explanation, "Why that is so");
        print_lines(explanation, lines, batchnorm);
    }
}

/* The rules from the quantity back to what comes from the layer above. */
static void print_rules(struct explanation *explanation)
{
    static const enum nb_quantity_kind back[] = {
        NB_DELTA, NB_DGAMMA, NB_DBETA, NB_DU, NB_DA, NB_DH
    };
    const struct nb_net *net = explanation->notation.net;
    enum nb_quantity_kind kind = explanation->quantity.kind;
    size_t layer = explanation->quantity.layer, row = explanation->element.row;
    bool parameter = is_of_parameter(kind), sums = kind == NB_DGAMMA || kind == NB_DBETA;
    size_t sample = !parameter ? row : build_rows(net) > 1 ? TERM_I : 0;
    if (parameter)
        print_rule(explanation, kind, row, explanation->element.col);
    bool begun = kind == NB_DW || kind == NB_DB;
    for (size_t i = 0; i < COUNT_OF(back); i++) {
        bool by_da = back[i] == NB_DA || back[i] == NB_DH;
        begun = begun || back[i] == kind || (sums && back[i] == NB_DU);
        if (!begun || !has(net, back[i], layer) ||
            (by_da && kind != NB_DA && kind != NB_DH && !reads_da(net, layer)))
            continue;
        print_rule(explanation, back[i], back[i] == NB_DGAMMA || back[i] == NB_DBETA ? 0 : sample,
                   explanation->element.col);
    }
}

/* The rules of a layer, where the paths are too many to write down. */
static void explain_recursion(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_quantity *quantity = &explanation->quantity;
    explain_section(explanation, "The chain rule, a layer at a time");
    print_rules(explanation);
    if (quantity->layer < nb_net_spec(net)->layers) {
        size_t units = build_units(net, quantity->layer + 1);
        struct text words = TEXT_INIT;
        text_printf(&words,
                    "Every unit of layer %zu feeds %s%zu %s of layer %zu: what comes back "
                    "adds up, and it came there in the same way.",
                    quantity->layer, units > 1 ? "all " : "", units, units > 1 ? "units" : "unit",
                    quantity->layer + 1);
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, words.bytes);
        text_release(&words);
    }
    print_why(explanation);
    explain_section(explanation, "With numbers");
    derive_print(&explanation->notation, explanation->element, explanation->sink);
}

static void explain_nudge(struct explanation *explanation, const struct nb_nudge *nudge)
{
    struct notation notation = explanation->notation;
    struct formula_style style = *notation.style;
    struct text name = TEXT_INIT, line = TEXT_INIT, words = TEXT_INIT;
    bool parameter = is_of_parameter(explanation->quantity.kind);
    add_element(&name, &notation, explain_nudged(notation.net, explanation->element));
    text_printf(&words, "Test: nudge %s by h = %.*g both ways and run %s", name.bytes, style.digits,
                nudge->h, parameter ? "forward again" : "on from there");
    explain_section(explanation, words.bytes);
    int digits = style.digits;
    style.digits = digits > NUDGE_DIGITS ? digits : NUDGE_DIGITS;
    notation.style = &style;
    text_pad(&line, LAYOUT_INDENT);
    text_add(&line, "[L(");
    symbol_number(&line, &notation, nudge->theta + nudge->h);
    symbol_words(&line, notation.unicode, ") − L(");
    symbol_number(&line, &notation, nudge->theta - nudge->h);
    text_printf(&line, ")] / %.*g\n%*s= [", digits, 2 * nudge->h, LAYOUT_INDENT, "");
    style.digits = digits > LOSS_DIGITS ? digits : LOSS_DIGITS;
    symbol_number(&line, &notation, nudge->plus);
    symbol_words(&line, notation.unicode, " − ");
    symbol_number(&line, &notation, nudge->minus);
    text_printf(&line, "] / %.*g  = ", digits, 2 * nudge->h);
    style.digits = digits;
    symbol_number(&line, &notation, nudge->quotient);
    text_add_char(&line, '\n');
    sink_text(explanation->sink, &line);
    if (nudge->kink) {
        sink_puts(explanation->sink, "\n");
        explain_paragraph(explanation, "Between the two a relu turned its corner: this quotient "
                                       "is no test of the derivative.");
    }
    text_release(&name);
    text_release(&line);
    text_release(&words);
}

/* Does the update take off η times the derivative, and no more? */
static bool is_plain_update(const struct explanation *explanation,
                            const struct nb_quantity *parameter)
{
    const struct nb_learning *learning = nb_net_learning(explanation->held);
    size_t used = build_gradient(explanation->held, parameter->kind, parameter->layer);
    return learning->optimizer == NB_SGD && learning->clip == 0 && used == explanation->element.id;
}

/* "‖g‖ ..., clip: every gradient times 0.188" */
void explain_clip(struct explanation *explanation)
{
    struct text words = TEXT_INIT;
    if (explanation->clipped == 1)
        return;
    explain_section(explanation, "Then clip");
    text_add(&words, "The norm of all gradients together was more than clip = ");
    symbol_number(&words, &explanation->notation, nb_net_learning(explanation->held)->clip);
    text_add(&words, ": every one was multiplied by ");
    symbol_number(&words, &explanation->notation, explanation->clipped);
    text_add(&words, ", and so are the value and the quotient below.");
    explain_paragraph(explanation, words.bytes);
    text_release(&words);
}

/* "With it: w¹₁₁ ← w¹₁₁ − η·∂L/∂w¹₁₁ = 0.15 − 0.1·0.00486235 = 0.149514" */
static void explain_use(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    const struct nb_net *net = notation->net;
    struct element element = explanation->element, nudged = explain_nudged(net, element);
    struct text line = TEXT_INIT, left = TEXT_INIT, words = TEXT_INIT;
    struct nb_quantity parameter;
    nb_quantity_get(net, nudged.id, &parameter);
    sink_puts(explanation->sink, "\n");
    if (nb_frozen(net, nudged.id)) {
        sink_printf(explanation->sink, "%s is frozen: the update leaves it as it is\n",
                    parameter.name);
        return;
    }
    if (!is_plain_update(explanation, &parameter)) {
        text_add(&words, "What the update makes of it: explain update ");
        symbol_typed(&words, notation, nudged.id, nudged.row, nudged.col);
        sink_printf(explanation->sink, "%s\n", words.bytes);
        text_release(&words);
        return;
    }
    struct term *term =
        term_difference(term_element(nudged.id, nudged.row, nudged.col),
                        term_product(term_setting(TERM_RATE, nb_net_lr(net)),
                                     term_element(element.id, element.row, element.col)));
    text_add(&left, "With it: ");
    add_element(&left, notation, nudged);
    struct render render = { notation, RENDER_SYMBOLS, false };
    if (term) {
        render_term(&line, &render, term);
        text_add(&line, " = ");
        render.fold = 0;
        render_term(&line, &render, term);
        text_add(&line, " = ");
        symbol_number(&line, notation, term_value(net, term));
        layout_equation(explanation->sink, 0, left.bytes, notation->unicode ? "←" : "<-",
                        line.bytes);
    }
    term_free(&term);
    text_release(&line);
    text_release(&left);
    text_release(&words);
}

enum nb_status explain_derivative(struct explanation *explanation, struct nb_error *error)
{
    const struct nb_net *net = explanation->notation.net;
    struct element element = explanation->element;
    struct nb_nudger *nudger = NULL;
    struct nb_nudge nudge;
    struct chain chain;
    struct text value = TEXT_INIT, quotient = TEXT_INIT;
    bool fits;
    enum nb_status status = chain_build(net, explain_nudged(net, element), &chain, &fits, error);
    if (status)
        return status;
    status = nb_nudger_new(net, &nudger, error);
    if (!status)
        status = nb_nudge(nudger, element.id, element.row, element.col, NUDGE, &nudge, error);
    if (status)
        goto done;
    bool several = chain.stem.count > 1 || chain.branches; /* a single link is no chain */
    if (fits && several && chain_is_printable(&chain, &explanation->notation, explanation->sink))
        explain_paths(explanation, &chain);
    else
        explain_recursion(explanation);
    explain_nudge(explanation, &nudge);
    explain_clip(explanation);
    if (is_of_parameter(explanation->quantity.kind))
        explain_use(explanation);
    int digits = explanation->notation.style->digits;
    number_add(&value, nb_value(explanation->held, element.id, element.row, element.col), digits);
    number_add(&quotient, nudge.quotient * explanation->clipped, digits);
    explain_last_line(explanation, value.bytes, quotient.bytes, &nudge.error);
done:
    nb_nudger_free(&nudger);
    chain_release(&chain);
    text_release(&value);
    text_release(&quotient);
    return status;
}

/* ---- All ---- */

/* "∂L/∂w¹₁₁                                  dw1[1,1]" */
static void explain_title(struct explanation *explanation, bool element)
{
    const struct notation *notation = &explanation->notation;
    struct text left = TEXT_INIT, right = TEXT_INIT;
    if (element) {
        add_element(&left, notation, explanation->element);
        symbol_typed(&right, notation, explanation->element.id, explanation->element.row,
                     explanation->element.col);
    } else {
        symbol_whole(&left, notation, explanation->element.id);
        text_add(&right, explanation->quantity.name);
    }
    layout_head(explanation->sink, &left, left.length, right.bytes);
    text_release(&left);
    text_release(&right);
}

static enum nb_status explain_element(struct explanation *explanation, struct nb_error *error)
{
    struct element element = explanation->element;
    struct text value = TEXT_INIT;
    explain_title(explanation, true);
    explain_meaning(explanation);
    if (explain_is_derivative(explanation->quantity.kind))
        return explain_derivative(explanation, error);
    if (explanation->quantity.role == NB_COMPUTED)
        explain_forward(explanation);
    else if (explanation->quantity.role == NB_STATE)
        explain_state(explanation);
    else
        explain_given(explanation);
    number_add(&value, nb_value(explanation->notation.net, element.id, element.row, element.col),
               explanation->notation.style->digits);
    explain_last_line(explanation, value.bytes, NULL, NULL);
    text_release(&value);
    return NB_OK;
}

static enum nb_status explain_either(struct explanation *explanation, bool element,
                                     struct nb_error *error)
{
    const struct nb_quantity *quantity = &explanation->quantity;
    if (quantity->rows * quantity->cols == 1) {
        explanation->element.row = explanation->element.col = 0;
        return explain_element(explanation, error);
    }
    if (element)
        return explain_element(explanation, error);
    explain_title(explanation, false);
    explain_meaning_of_all(explanation);
    return explain_all(explanation, error);
}

/* By how much CLIP has multiplied the gradients of `held`: where they are those
 * of `free` it has not come yet. */
static double clipped_by(const struct nb_net *held, const struct nb_net *free, size_t id)
{
    struct nb_quantity quantity;
    double of_held = 0, of_free = 0;
    nb_quantity_get(held, id, &quantity);
    for (size_t r = 0; r < quantity.rows; r++)
        for (size_t c = 0; c < quantity.cols; c++) {
            of_held += fabs(nb_value(held, id, r, c));
            of_free += fabs(nb_value(free, id, r, c));
        }
    bool same = !is_of_parameter(quantity.kind) || fabs(of_held - of_free) <= 1e-6 * of_free;
    return same ? 1 : of_held / of_free;
}

/* A derivative is explained as it was before CLIP: on a copy without that. */
static enum nb_status explain_unclipped(struct explanation *explanation, bool element,
                                        struct nb_error *error)
{
    struct nb_learning learning = *nb_net_learning(explanation->held);
    struct nb_net *copy = NULL;
    enum nb_status status = nb_net_clone(explanation->held, NB_AUTO, &copy, error);
    learning.clip = 0;
    if (!status)
        status = nb_net_set_learning(copy, &learning, error);
    if (!status) {
        nb_seek(copy, 0);
        status = nb_exec(copy, nb_plan_start(copy, NB_UPDATE), error);
    }
    if (!status) {
        explanation->notation.net = copy;
        nb_quantity_get(copy, explanation->element.id, &explanation->quantity);
        explanation->clipped = clipped_by(explanation->held, copy, explanation->element.id);
        status = explain_either(explanation, element, error);
    }
    nb_net_free(&copy);
    return status;
}

enum nb_status formula_explain(const struct nb_net *net, size_t id, bool element, size_t row,
                               size_t col, const struct formula_style *style, struct sink *sink,
                               struct nb_error *error)
{
    struct explanation explanation = { .notation = { net, style, sink->unicode, false },
                                       .sink = sink,
                                       .element = { id, row, col },
                                       .held = net,
                                       .clipped = 1 };
    nb_quantity_get(net, id, &explanation.quantity);
    if (nb_net_learning(net)->clip != 0 && explain_is_derivative(explanation.quantity.kind))
        return explain_unclipped(&explanation, element, error);
    return explain_either(&explanation, element, error);
}
