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

bool explain_is_derivative(enum nb_quantity_kind kind)
{
    return kind == NB_DW || kind == NB_DB || kind == NB_DELTA || kind == NB_DA;
}

struct element explain_nudged(const struct nb_net *net, struct element element)
{
    static const enum nb_quantity_kind nudged[NB_QUANTITY_KINDS] = {
        [NB_DW] = NB_W, [NB_DB] = NB_B, [NB_DELTA] = NB_Z, [NB_DA] = NB_A
    };
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    element.id = nb_quantity_id(net, nudged[quantity.kind], quantity.layer);
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

/* Does δ of the layer come by way of da? */
static bool reads_da(const struct nb_net *net, size_t layer)
{
    struct nb_quantity delta;
    nb_quantity_get(net, nb_quantity_id(net, NB_DELTA, layer), &delta);
    return nb_plan_op(net, delta.op)->kind != NB_OP_DELTA_DIRECT;
}

static void print_why_of_output(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    const char *const *lines = words_of_output_delta(net);
    struct text line = TEXT_INIT;
    if (explanation->quantity.kind != NB_DELTA || !lines ||
        explanation->quantity.layer != nb_net_spec(net)->layers)
        return;
    explain_section(explanation, "Why that is so");
    for (; *lines; lines++) {
        text_clear(&line);
        symbol_words(&line, explanation->notation.unicode, *lines);
        layout_equation(explanation->sink, LAYOUT_INDENT, "", "", line.bytes);
    }
    text_release(&line);
}

/* The rules of a layer, where the paths are too many to write down. */
static void explain_recursion(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_quantity *quantity = &explanation->quantity;
    struct element element = explanation->element;
    bool parameter = quantity->kind == NB_DW || quantity->kind == NB_DB;
    size_t sample = !parameter ? element.row : build_rows(net) > 1 ? TERM_I : 0;
    explain_section(explanation, "The chain rule, a layer at a time");
    if (parameter)
        print_rule(explanation, quantity->kind, element.row, element.col);
    if (quantity->kind != NB_DA)
        print_rule(explanation, NB_DELTA, sample, element.col);
    if (quantity->kind == NB_DA || reads_da(net, quantity->layer))
        print_rule(explanation, NB_DA, sample, element.col);
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
    print_why_of_output(explanation);
    explain_section(explanation, "With numbers");
    derive_print(&explanation->notation, element, explanation->sink);
}

static void explain_nudge(struct explanation *explanation, const struct nb_nudge *nudge)
{
    struct notation notation = explanation->notation;
    struct formula_style style = *notation.style;
    struct text name = TEXT_INIT, line = TEXT_INIT, words = TEXT_INIT;
    bool parameter = explanation->quantity.kind == NB_DW || explanation->quantity.kind == NB_DB;
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
    if (explanation->quantity.kind == NB_DW || explanation->quantity.kind == NB_DB)
        explain_use(explanation);
    int digits = explanation->notation.style->digits;
    number_add(&value, nb_value(net, element.id, element.row, element.col), digits);
    number_add(&quotient, nudge.quotient, digits);
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
    else
        explain_given(explanation);
    number_add(&value, nb_value(explanation->notation.net, element.id, element.row, element.col),
               explanation->notation.style->digits);
    explain_last_line(explanation, value.bytes, NULL, NULL);
    text_release(&value);
    return NB_OK;
}

enum nb_status formula_explain(const struct nb_net *net, size_t id, bool element, size_t row,
                               size_t col, const struct formula_style *style, struct sink *sink,
                               struct nb_error *error)
{
    struct explanation explanation = { .notation = { net, style, sink->unicode, false },
                                       .sink = sink,
                                       .element = { id, row, col } };
    nb_quantity_get(net, id, &explanation.quantity);
    if (explanation.quantity.rows * explanation.quantity.cols == 1) {
        explanation.element = (struct element){ id, 0, 0 };
        return explain_element(&explanation, error);
    }
    if (element)
        return explain_element(&explanation, error);
    explain_title(&explanation, false);
    explain_meaning_of_all(&explanation);
    return explain_all(&explanation, error);
}
