/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Jacobian of a softmax with its numbers, and how it cancels in a cross-entropy. */
#include <stdlib.h>

#include "base/memory.h"
#include "formula/build.h"
#include "formula/explain.h"
#include "formula/values.h"

#define OUTPUTS_MOST 8 /* whose terms are written one by one */

static size_t layers_of(const struct explanation *explanation)
{
    return nb_net_spec(explanation->notation.net)->layers;
}

/* ∂ŷₘ/∂zₖ, with m down and k across. */
static void add_matrix(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = layers_of(explanation), outputs = build_units(net, layer), count;
    size_t row = explanation->element.row < build_rows(net) ? explanation->element.row : 0;
    double *values = NULL;
    if (size_multiply(outputs, outputs, &count))
        values = memory_new(count, sizeof *values);
    if (!values) {
        explanation->document->failed = true;
        return;
    }
    for (size_t at = 0; at < count; at++) {
        struct term *slope =
            build_activation_slope(net, layer, row, at / outputs, row, at % outputs);
        values[at] = slope ? term_value(net, slope) : 0;
        explanation->document->failed |= !slope;
        term_free(&slope);
    }
    struct phrase none = PHRASE_INIT;
    values_add(explanation->document, &none, outputs, outputs, values);
    free(values);
}

/* One line of a derivation: K stands for ŷ of the element's own output and k for its y,
 * M and m for those of any other. */
static void add_pattern(struct phrase *phrase, const struct explanation *explanation,
                        const char *pattern, size_t other)
{
    const struct nb_net *net = explanation->notation.net;
    size_t outputs = nb_quantity_id(net, NB_A, layers_of(explanation));
    size_t targets = nb_quantity_id(net, NB_Y, 0), row = explanation->element.row;
    for (; *pattern; pattern++) {
        const char at[] = { *pattern, '\0' };
        bool own = *pattern == 'k' || *pattern == 'K';
        size_t unit = own ? explanation->element.col : other;
        if (*pattern == '(' || *pattern == ')')
            phrase_bracket(phrase, *pattern, *pattern == ')');
        else if (*pattern == 'K' || *pattern == 'M')
            phrase_element(phrase, (struct element){ outputs, row, unit });
        else if (*pattern == 'k' || *pattern == 'm')
            phrase_element(phrase, (struct element){ targets, row, unit });
        else if (*pattern == '-')
            phrase_formula(phrase, "−");
        else
            phrase_formula(phrase, *pattern == '*' ? "·" : at);
    }
}

/* The line for every output, added up. */
static void add_sum(struct phrase *phrase, const struct explanation *explanation, const char *own,
                    const char *other)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = layers_of(explanation), outputs = build_units(net, layer);
    for (size_t m = 0; m < outputs; m++) {
        if (m)
            phrase_formula(phrase, " + ");
        add_pattern(phrase, explanation, m == explanation->element.col ? own : other, m);
    }
}

/* ∂L/∂ŷ₁·∂ŷ₁/∂z³₁ + ... */
static void add_factors(struct phrase *phrase, const struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = layers_of(explanation), a = nb_quantity_id(net, NB_A, layer);
    struct element loss = { nb_quantity_id(net, NB_LOSS_VALUE, 0), 0, 0 };
    struct element z = { build_before(net, layer), explanation->element.row,
                         explanation->element.col };
    for (size_t m = 0; m < build_units(net, layer); m++) {
        struct element output = { a, explanation->element.row, m };
        phrase_formula(phrase, m ? " + " : "");
        phrase_partial(phrase, loss, output);
        phrase_formula(phrase, "·");
        phrase_partial(phrase, output, z);
    }
}

/* ŷ₁·(y₁ + y₂) − y₁, in symbols or in numbers */
static void add_rest(struct phrase *phrase, const struct explanation *explanation, bool numbers)
{
    const struct nb_net *net = explanation->notation.net;
    struct element element = explanation->element;
    size_t layer = layers_of(explanation), y = nb_quantity_id(net, NB_Y, 0);
    size_t a = nb_quantity_id(net, NB_A, layer);
    if (numbers)
        phrase_number(phrase, nb_value(net, a, element.row, element.col));
    else
        add_pattern(phrase, explanation, "K", 0);
    phrase_formula(phrase, "·");
    phrase_bracket(phrase, '(', false);
    for (size_t m = 0; m < build_units(net, layer); m++) {
        phrase_formula(phrase, m ? " + " : "");
        if (numbers)
            phrase_number(phrase, nb_value(net, y, element.row, m));
        else
            add_pattern(phrase, explanation, "m", m);
    }
    phrase_bracket(phrase, ')', true);
    phrase_formula(phrase, " − ");
    if (numbers)
        phrase_number(phrase, nb_value(net, y, element.row, element.col));
    else
        add_pattern(phrase, explanation, "k", 0);
}

static struct phrase begun(void)
{
    struct phrase phrase = PHRASE_INIT;
    phrase.yhat = phrase.single = true;
    return phrase;
}

/* "= right", below the sign of the first line; its left may be empty. */
static void add_line(struct explanation *explanation, size_t margin, struct phrase *left,
                     struct phrase *right)
{
    bool first = !phrase_is_empty(left);
    struct document *document = explanation->document;
    document_equation(document, left, "=", right);
    if (!first)
        document->blocks[document->count - 1].indent += margin;
}

/* In a batch all of it is for one sample, and divided by n. */
static void add_cancellation(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    struct element element = explanation->element;
    struct phrase words = PHRASE_INIT, left = begun(), line = begun(), none = PHRASE_INIT;
    size_t rows = build_rows(net);
    document_section(explanation->document, "The cancellation");
    if (rows > 1) {
        phrase_printf(&words, "Of sample %zu alone: $L$ is its loss, ", element.row + 1);
        phrase_printf(&words, "and the mean divides by $n = %zu$.", rows);
        document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
        document_gap(explanation->document);
        phrase_formula(&left, "n·");
    }
    phrase_element(&left, element);
    size_t margin = phrase_width(&explanation->notation, &left);
    add_factors(&line, explanation);
    add_line(explanation, margin, &left, &line);
    line = begun();
    add_sum(&line, explanation, "(-k/K)*K*(1 - K)", "(-m/M)*(-M*K)");
    add_line(explanation, margin, &none, &line);
    line = begun();
    add_sum(&line, explanation, element.col ? "(-k*(1 - K))" : "-k*(1 - K)", "m*K");
    add_line(explanation, margin, &none, &line);
    line = begun();
    add_rest(&line, explanation, false);
    add_line(explanation, margin, &none, &line);
    add_rest(&line, explanation, true);
    add_line(explanation, margin, &none, &line);
    phrase_number(&line, nb_value(net, element.id, element.row, element.col) * (double)rows);
    add_line(explanation, margin, &none, &line);
}

void explain_jacobian(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = layers_of(explanation);
    bool own = explanation->element.id == build_before_slope(net, layer);
    document_section(explanation->document, "The Jacobian of the softmax");
    document_paragraph(explanation->document,
                       "A row for each output $ŷₘ$, a column for each $zₖ$: in it $∂ŷₘ/∂zₖ$.");
    document_gap(explanation->document);
    add_matrix(explanation);
    if (own && nb_net_spec(net)->loss == NB_CROSS_ENTROPY &&
        build_units(net, layer) <= OUTPUTS_MOST)
        add_cancellation(explanation);
}
