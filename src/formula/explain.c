/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation of one element: what it means, where it comes from, a test. */
#include "formula/explain.h"

#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/derive.h"
#include "formula/factors.h"
#include "formula/words.h"

#define NUDGE        1e-4
#define TITLE_DIGITS 6
#define SMALLEST     1e-8 /* that a relative error is taken of */

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

/* ---- A derivative ---- */

static void explain_shorter(struct explanation *explanation)
{
    document_section(explanation->document,
                     "The same, shorter: name what comes back to each $z$ a delta");
    derive_element(explanation->document, explanation->element);
}

/* Below the paths: they add up exactly, and a sheet has rounded what stands between. */
static void explain_rounding(struct explanation *explanation, double value)
{
    struct document *document = explanation->document;
    struct block *paths = &document->blocks[document->count - 1];
    int decimals = nb_net_round(explanation->notation.net);
    struct phrase words = PHRASE_INIT;
    if (decimals == NB_EXACT)
        return;
    paths->value = 0;
    for (size_t i = 0; i < paths->count; i++)
        paths->value +=
            paths->paths[i].before + path_value(explanation->notation.net, &paths->paths[i]);
    phrase_printf(&words, "Rounded to %d decimal%s at every operation, the sheet has ", decimals,
                  decimals == 1 ? "" : "s");
    phrase_number(&words, value);
    phrase_words(&words, ".");
    document_gap(document);
    document_phrase(document, BLOCK_PARAGRAPH, &words);
}

static void explain_paths(struct explanation *explanation, const struct chain *chain)
{
    struct document *document = explanation->document;
    struct element element = explanation->element;
    double value = nb_value(explanation->notation.net, element.id, element.row, element.col);
    document_section(document, explanation->quantity.kind == NB_DW
                                   ? "The way from the weight to the loss"
                                   : "The way to the loss");
    document_add(document, BLOCK_DIAGRAM)->chain = chain;
    document_gap(document);
    document_paragraph(document, chain->branches ? "Along a path the factors multiply; where "
                                                   "paths meet again, they add."
                                                 : "Along a path the factors multiply.");
    document_section(document, "The chain rule");
    document_add(document, BLOCK_RULE)->chain = chain;
    document_section(document, "Each factor");
    factors_add(document, chain);
    document_section(document, chain->branches ? "Path by path" : "Multiplied");
    factors_add_paths(document, chain, element, value);
    explain_rounding(explanation, value);
    explain_shorter(explanation);
}

/* An element by its operation, with sums as Σ. */
static void add_rule(struct explanation *explanation, struct element element)
{
    const struct nb_net *net = explanation->notation.net;
    struct site site = { net,         nb_plan_op(net, explanation->quantity.op),
                         element.id,  element.row,
                         element.col, NULL };
    struct phrase name = PHRASE_INIT, rule = PHRASE_INIT;
    phrase_element(&name, element);
    phrase_term(&rule, build_term(&site), RENDER_SYMBOLS, true);
    document_equation(explanation->document, &name, "=", &rule);
}

static bool has(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(net, kind, layer) != NB_NOWHERE;
}

/* The lines are about z; with batch norm u stands in its place. */
static void add_lines(struct explanation *explanation, const char *const *lines, bool batchnorm)
{
    for (; *lines; lines++) {
        struct text line = TEXT_INIT;
        struct phrase phrase = PHRASE_INIT;
        text_add(&line, *lines);
        for (size_t i = 0; batchnorm && i < line.length; i++)
            if (line.bytes[i] == 'z')
                line.bytes[i] = 'u';
        phrase_words(&phrase, line.bytes);
        document_phrase(explanation->document, BLOCK_NOTE, &phrase);
        text_release(&line);
    }
}

static void add_why(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = explanation->quantity.layer;
    bool batchnorm = has(net, NB_DU, layer), output = layer == nb_net_spec(net)->layers;
    const char *const *lines = words_of_output_delta(net);
    if (explanation->quantity.kind == NB_DELTA && batchnorm) {
        document_section(explanation->document, "Why that is so");
        add_lines(explanation, words_of_batchnorm_delta, false);
    } else if (explanation->element.id == build_before_slope(net, layer) && output && lines) {
        document_section(explanation->document, "Why that is so");
        add_lines(explanation, lines, batchnorm);
    }
}

/* All ways, where there are too many for a drawing, or they are asked for to a depth. */
static void explain_along_ways(struct explanation *explanation, const struct ways *ways)
{
    struct element element = explanation->element;
    struct phrase name = PHRASE_INIT;
    phrase_element(&name, element);
    explain_ways_rule(explanation, ways);
    add_why(explanation);
    if (explanation->request->jacobian)
        explain_jacobian(explanation);
    double value = nb_value(explanation->notation.net, element.id, element.row, element.col);
    explain_ways_numbers(explanation, ways, &name, value);
    explain_rounding(explanation, value);
    explain_shorter(explanation);
}

/* A derivative that the plan has at once: of the output, by the loss alone. */
static void explain_at_once(struct explanation *explanation)
{
    document_section(explanation->document, "The definition");
    add_rule(explanation, explanation->element);
    add_why(explanation);
    document_section(explanation->document, "With numbers");
    derive_element(explanation->document, explanation->element);
}

enum nb_status explain_test(const struct explanation *explanation, struct nb_nudger *nudger,
                            struct element element, struct nb_nudge *nudge, struct nb_error *error)
{
    const struct nb_net *net = explanation->notation.net;
    enum nb_status status =
        nb_nudge(nudger, element.id, element.row, element.col, NUDGE, nudge, error);
    if (status || nb_net_round(net) == NB_EXACT)
        return status;
    nudge->value = nb_value(net, element.id, element.row, element.col);
    nudge->error = fabs(nudge->value - nudge->quotient) /
                   fmax(fmax(fabs(nudge->value), fabs(nudge->quotient)), SMALLEST);
    return NB_OK;
}

void explain_kink(struct explanation *explanation, const struct nb_nudge *nudge)
{
    if (!nudge->kink)
        return;
    document_gap(explanation->document);
    document_paragraph(explanation->document,
                       "Between the two a relu turned its corner: this quotient "
                       "is no test of the derivative.");
}

void explain_nudge_size(struct phrase *title, const struct explanation *explanation,
                        const struct nb_nudge *nudge)
{
    int digits = explanation->notation.style->digits;
    phrase_number_to(title, nudge->h, digits < TITLE_DIGITS ? digits : TITLE_DIGITS);
}

static void explain_nudge(struct explanation *explanation, const struct nb_nudge *nudge)
{
    struct document *document = explanation->document;
    struct phrase title = PHRASE_INIT;
    bool parameter = is_of_parameter(explanation->quantity.kind);
    phrase_words(&title, "Test: nudge ");
    phrase_element(&title, explain_nudged(explanation->notation.net, explanation->element));
    phrase_words(&title, " by $h = $");
    explain_nudge_size(&title, explanation, nudge);
    phrase_printf(&title, " both ways and run %s", parameter ? "forward again" : "on from there");
    document_section_of(document, &title);
    document_add(document, BLOCK_QUOTIENT)->nudge = *nudge;
    explain_kink(explanation, nudge);
    if (nb_net_round(explanation->notation.net) != NB_EXACT) {
        document_gap(document);
        document_paragraph(document, "The test runs without rounding.");
    }
}

bool explain_is_plain_update(const struct explanation *explanation)
{
    const struct nb_learning *learning = nb_net_learning(explanation->held);
    const struct nb_quantity *quantity = &explanation->quantity;
    size_t used = build_gradient(explanation->held, nudged_kind(quantity->kind), quantity->layer);
    return learning->optimizer == NB_SGD && learning->clip == 0 && used == explanation->request->id;
}

/* "‖g‖ ..., clip: every gradient times 0.188" */
void explain_clip(struct explanation *explanation)
{
    struct phrase words = PHRASE_INIT;
    if (explanation->clipped == 1)
        return;
    document_section(explanation->document, "Then clip");
    phrase_words(&words, "The norm of all gradients together was more than $clip = $");
    phrase_number(&words, nb_net_learning(explanation->held)->clip);
    phrase_words(&words, ": every one was multiplied by ");
    phrase_number(&words, explanation->clipped);
    phrase_words(&words, ", and so are the value and the quotient below.");
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
}

/* w − η·∂L/∂w */
static struct term *plain_step(const struct explanation *explanation, struct element nudged)
{
    struct element element = explanation->element;
    return term_difference(
        term_element(nudged.id, nudged.row, nudged.col),
        term_product(term_setting(TERM_RATE, nb_net_lr(explanation->notation.net)),
                     term_element(element.id, element.row, element.col)));
}

/* "With it: w¹₁₁ ← w¹₁₁ − η·∂L/∂w¹₁₁ = 0.15 − 0.1·0.00486235 = 0.149514" */
static void add_plain_step(struct explanation *explanation, struct element nudged)
{
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT;
    struct term *term = plain_step(explanation, nudged);
    double value = term ? term_value(explanation->notation.net, term) : 0;
    phrase_words(&left, "With it: ");
    phrase_element(&left, nudged);
    phrase_term(&right, term_clone(term), RENDER_SYMBOLS, false);
    phrase_formula(&right, " = ");
    phrase_term(&right, term, 0, false);
    phrase_formula(&right, " = ");
    phrase_number(&right, nb_rounded(explanation->notation.net, value));
    document_equation(explanation->document, &left, "←", &right);
    explanation->document->blocks[explanation->document->count - 1].indent = 0;
}

static void explain_use(struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    struct element nudged = explain_nudged(net, explanation->element);
    struct phrase words = PHRASE_INIT;
    struct nb_quantity parameter;
    nb_quantity_get(net, nudged.id, &parameter);
    document_gap(explanation->document);
    if (nb_frozen(net, nudged.id)) {
        phrase_code(&words, parameter.name);
        phrase_words(&words, " is frozen: the update leaves it as it is");
    } else if (!explain_is_plain_update(explanation)) {
        phrase_words(&words, "What the update makes of it: ");
        phrase_code(&words, "explain update ");
        phrase_typed(&words, &explanation->notation, nudged);
    } else {
        add_plain_step(explanation, nudged);
        return;
    }
    document_phrase(explanation->document, BLOCK_SENTENCE, &words);
}

/* Along a drawing where there is room for one, and nothing else was asked for. */
static void add_derivation(struct explanation *explanation, bool fits)
{
    const struct formula_request *request = explanation->request;
    const struct chain *chain = &explanation->document->chain;
    bool several = chain->stem.count > 1 || chain->branches; /* a single link is no chain */
    size_t layers = nb_net_spec(explanation->notation.net)->layers;
    bool whole =
        request->depth > layers - explanation->quantity.layer; /* the depth limits nothing */
    bool plain = whole && !request->jacobian;
    struct ways ways;
    explain_ways_find(explanation, explain_nudged(explanation->notation.net, explanation->element),
                      &ways);
    if (fits && several && plain &&
        chain_is_printable(chain, &explanation->notation, explanation->document->columns))
        explain_paths(explanation, chain);
    else if (ways_factors(&ways) > 1)
        explain_along_ways(explanation, &ways);
    else
        explain_at_once(explanation);
}

enum nb_status explain_derivative(struct explanation *explanation, struct nb_error *error)
{
    const struct nb_net *net = explanation->notation.net;
    struct element element = explanation->element;
    struct nb_nudger *nudger = NULL;
    struct nb_nudge nudge;
    struct chain *chain = &explanation->document->chain;
    struct text value = TEXT_INIT, quotient = TEXT_INIT;
    bool fits;
    enum nb_status status = chain_build(net, explain_nudged(net, element), chain, &fits, error);
    if (status)
        return status;
    status = nb_nudger_new(net, &nudger, error);
    if (!status)
        status = explain_test(explanation, nudger, element, &nudge, error);
    if (status)
        goto done;
    add_derivation(explanation, fits);
    explain_nudge(explanation, &nudge);
    explain_clip(explanation);
    if (is_of_parameter(explanation->quantity.kind))
        explain_use(explanation);
    int digits = explanation->notation.style->digits;
    number_add(&value, nb_value(explanation->held, element.id, element.row, element.col), digits);
    number_add(&quotient, nudge.quotient * explanation->clipped, digits);
    document_closing(explanation->document, value.bytes, quotient.bytes, &nudge.error);
done:
    nb_nudger_free(&nudger);
    text_release(&value);
    text_release(&quotient);
    return status;
}

/* ---- All ---- */

/* "dw1[1,1]", "old(dw1)" */
static void add_typed(struct phrase *phrase, const struct explanation *explanation, bool element)
{
    bool old = explanation->request->old;
    phrase_code(phrase, old ? "old(" : "");
    if (element)
        phrase_typed(phrase, &explanation->notation, explanation->element);
    else
        phrase_code(phrase, explanation->quantity.name);
    phrase_code(phrase, old ? ")" : "");
}

void explain_see(struct phrase *phrase, const struct explanation *explanation,
                 struct element element)
{
    phrase_code(phrase, explanation->request->old ? "explain old(" : "explain ");
    phrase_typed(phrase, &explanation->notation, element);
    phrase_code(phrase, explanation->request->old ? ")" : "");
}

/* "∂L/∂w¹₁₁                                  dw1[1,1]" */
static void explain_title(struct explanation *explanation, bool element)
{
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT;
    if (element)
        phrase_element(&left, explanation->element);
    else
        phrase_whole(&left, explanation->element.id);
    if (explanation->request->old)
        phrase_words(&left, ", as it was before the last update");
    add_typed(&right, explanation, element);
    document_title(explanation->document, &left, &right);
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
    document_closing(explanation->document, value.bytes, NULL, NULL);
    text_release(&value);
    return NB_OK;
}

/* In symbols, for every index at once; the last line is about all, where they are known. */
static enum nb_status explain_in_general(struct explanation *explanation, struct nb_error *error)
{
    struct element element = explanation->element;
    explain_title(explanation, true);
    explain_meaning(explanation);
    explain_general(explanation, element);
    explanation->element.row = explanation->element.col = 0;
    if (explanation->quantity.state == NB_FRESH)
        return explain_end_of_all(explanation, error);
    document_closing(explanation->document, "none", NULL, NULL);
    return NB_OK;
}

static bool is_general(const struct formula_request *request)
{
    return term_is_letter(request->row) || term_is_letter(request->col);
}

static enum nb_status explain_either(struct explanation *explanation, struct nb_error *error)
{
    if (is_general(explanation->request))
        return explain_in_general(explanation, error);
    const struct nb_quantity *quantity = &explanation->quantity;
    if (quantity->rows * quantity->cols == 1) {
        explanation->element.row = explanation->element.col = 0;
        return explain_element(explanation, error);
    }
    if (explanation->request->element)
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
static enum nb_status explain_unclipped(struct explanation *explanation, struct nb_error *error)
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
    if (status) {
        nb_net_free(&copy);
        return status;
    }
    document_keep(explanation->document, copy);
    explanation->notation.net = copy;
    nb_quantity_get(copy, explanation->element.id, &explanation->quantity);
    explanation->clipped = clipped_by(explanation->held, copy, explanation->element.id);
    return explain_either(explanation, error);
}

/* Only what comes back through a softmax has its Jacobian. */
static enum nb_status check_jacobian(const struct explanation *explanation, struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(explanation->held);
    bool softmax = spec->layer[spec->layers - 1].activation == NB_SOFTMAX;
    bool derivative = explain_is_derivative(explanation->quantity.kind);
    bool element = explanation->request->element && !is_general(explanation->request);
    if (!explanation->request->jacobian || (softmax && derivative && element))
        return NB_OK;
    return error_set(error, NB_FAILED,
                     softmax ? "jacobian is for an element of a derivative, as in "
                               "explain delta%zu[1] jacobian"
                             : "jacobian is for softmax outputs: each unit of layer %zu has one "
                               "output of its own, and a single way",
                     spec->layers);
}

enum nb_status formula_explain(const struct nb_net *net, const struct formula_request *request,
                               const struct formula_style *style, struct sink *sink,
                               struct nb_error *error)
{
    struct document document;
    struct explanation explanation = { .document = &document,
                                       .request = request,
                                       .element = { request->id, request->row, request->col },
                                       .held = net,
                                       .clipped = 1 };
    document_init(&document, net, style, sink);
    explanation.notation = document.notation;
    nb_quantity_get(net, request->id, &explanation.quantity);
    bool unclipped = nb_net_learning(net)->clip != 0 &&
                     explain_is_derivative(explanation.quantity.kind) &&
                     explanation.quantity.state == NB_FRESH;
    enum nb_status status = check_jacobian(&explanation, error);
    if (!status)
        status = (request->local ? explain_local
                  : unclipped    ? explain_unclipped
                                 : explain_either)(&explanation, error);
    if (!status)
        status = document_finish(&document, sink, error);
    document_release(&document);
    return status;
}
