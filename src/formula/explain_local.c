/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local derivatives: of what an operation makes by what it reads, and through more of
 * the forward pass. */
#include "base/error.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/explain.h"
#include "formula/words.h"

#define NUDGE 1e-4

/* One local derivative on its way. */
struct derivation {
    struct explanation *explanation;
    struct local local;
    struct nb_quantity top, bottom;
    double value;
};

/* "da2[1]/dz2[1]" */
static void add_typed(struct phrase *phrase, const struct derivation *derivation)
{
    const struct explanation *explanation = derivation->explanation;
    phrase_code(phrase, explanation->request->old ? "old(d" : "d");
    phrase_typed(phrase, &explanation->notation, derivation->local.top);
    phrase_code(phrase, "/d");
    phrase_typed(phrase, &explanation->notation, derivation->local.bottom);
    phrase_code(phrase, explanation->request->old ? ")" : "");
}

static void add_title(const struct derivation *derivation)
{
    struct explanation *explanation = derivation->explanation;
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT, words = PHRASE_INIT;
    phrase_partial(&left, derivation->local.top, derivation->local.bottom);
    if (explanation->request->old)
        phrase_words(&left, ", as it was before the last update");
    add_typed(&right, derivation);
    document_title(explanation->document, &left, &right);
    phrase_words(&words, "How fast ");
    explain_named(&words, explanation, derivation->local.top);
    phrase_words(&words, " grows when ");
    explain_named(&words, explanation, derivation->local.bottom);
    phrase_words(&words, " grows.");
    document_phrase(explanation->document, BLOCK_SENTENCE, &words);
}

static struct term *term_of(const struct derivation *derivation, struct element element, size_t op)
{
    const struct nb_net *net = derivation->explanation->notation.net;
    struct site site = { net, nb_plan_op(net, op), element.id, element.row, element.col, NULL };
    return build_term(&site);
}

/* ---- Of neighbours ---- */

static void add_line(struct document *document, const char *words)
{
    struct phrase phrase = PHRASE_INIT;
    phrase_words(&phrase, words);
    document_phrase(document, BLOCK_NOTE, &phrase);
}

/* What makes the one out of the other. */
static void add_definition(const struct derivation *derivation)
{
    struct document *document = derivation->explanation->document;
    const struct nb_net *net = derivation->explanation->notation.net;
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT;
    document_section(document, "The definition");
    phrase_element(&left, derivation->local.top);
    phrase_term(&right, term_of(derivation, derivation->local.top, derivation->top.op),
                RENDER_SYMBOLS, false);
    document_equation(document, &left, "=", &right);
    if (derivation->top.kind == NB_A && words_of_activation(net, derivation->top.layer)->definition)
        add_line(document, words_of_activation(net, derivation->top.layer)->definition);
}

static bool is_softmax(const struct derivation *derivation)
{
    const struct nb_spec *spec = nb_net_spec(derivation->explanation->notation.net);
    return derivation->top.kind == NB_A &&
           spec->layer[derivation->top.layer - 1].activation == NB_SOFTMAX;
}

/* "Of the sum only the part with w¹₁₁ changes: what it is multiplied with is left." */
static void say_sum(const struct derivation *derivation)
{
    struct phrase words = PHRASE_INIT;
    phrase_words(&words, "Of the sum only the part with ");
    phrase_element(&words, derivation->local.bottom);
    phrase_words(&words, derivation->bottom.kind == NB_B || derivation->bottom.kind == NB_BETA
                             ? " changes, and by as much."
                             : " changes: what that is multiplied with is left.");
    document_phrase(derivation->explanation->document, BLOCK_PARAGRAPH, &words);
    document_gap(derivation->explanation->document);
}

/* "z¹₂ is not made from w¹₁₁: it stays as it is when that grows." */
static void say_apart(const struct derivation *derivation)
{
    struct phrase words = PHRASE_INIT;
    phrase_element(&words, derivation->local.top);
    phrase_words(&words, " is not made from ");
    phrase_element(&words, derivation->local.bottom);
    phrase_words(&words, ": it stays as it is when that grows.");
    document_phrase(derivation->explanation->document, BLOCK_PARAGRAPH, &words);
    document_gap(derivation->explanation->document);
}

/* The rule that is used, where there is one. */
static void add_reason(const struct derivation *derivation, bool meets)
{
    struct document *document = derivation->explanation->document;
    const struct nb_net *net = derivation->explanation->notation.net;
    enum nb_quantity_kind top = derivation->top.kind;
    bool mixes = derivation->bottom.kind == NB_Z && (top == NB_U || top == NB_XHAT);
    if (!meets)
        say_apart(derivation);
    else if (is_softmax(derivation))
        add_line(document, "$∂aₖ/∂zₖ = aₖ·(1 − aₖ)$          $∂aₘ/∂zₖ = −aₘ·aₖ$ for the others");
    else if (top == NB_A)
        add_line(document, words_of_activation(net, derivation->top.layer)->slope);
    else if (mixes)
        add_line(document, words_of_batchnorm_delta[1]);
    else if (top == NB_VAR)
        add_line(document, "The mean moves too, but $Σᵢ (z⁽ⁱ⁾ − μ)$ is 0: that cancels.");
    else if (top == NB_Z || top == NB_U || top == NB_MU)
        say_sum(derivation);
}

static void explain_neighbours(const struct derivation *derivation, struct term *term)
{
    struct document *document = derivation->explanation->document;
    bool meets = term->kind != TERM_NUMBER || term->number != 0;
    add_definition(derivation);
    document_section(document, "Its derivative");
    add_reason(derivation, meets);
    struct entry *entry = document_entry(document, DOCUMENT_BLOCKS, NB_OP_AFFINE);
    phrase_partial(&entry->name, derivation->local.top, derivation->local.bottom);
    entry->term = term;
    entry->result = derivation->value;
}

/* ---- Through more ---- */

static void explain_through(const struct derivation *derivation)
{
    struct explanation *explanation = derivation->explanation;
    struct phrase name = PHRASE_INIT;
    struct ways ways;
    if (!ways_to_element(&ways, explanation->notation.net, derivation->local.bottom,
                         derivation->local.top)) {
        document_gap(explanation->document);
        document_paragraph(explanation->document,
                           "So much lies between that the paths are not written down.");
        return;
    }
    phrase_partial(&name, derivation->local.top, derivation->local.bottom);
    explain_ways_rule(explanation, &ways);
    explain_ways_numbers(explanation, &ways, &name, derivation->value);
}

/* ---- The test ---- */

static void add_test(const struct derivation *derivation, const struct nb_nudge *nudge)
{
    struct document *document = derivation->explanation->document;
    struct phrase title = PHRASE_INIT;
    phrase_words(&title, "Test: nudge ");
    phrase_element(&title, derivation->local.bottom);
    phrase_words(&title, " by $h = $");
    explain_nudge_size(&title, derivation->explanation, nudge);
    phrase_words(&title, " both ways and look at ");
    phrase_element(&title, derivation->local.top);
    document_section_of(document, &title);
    struct block *block = document_add(document, BLOCK_QUOTIENT);
    phrase_element(&block->first, derivation->local.top);
    block->nudge = *nudge;
    explain_kink(derivation->explanation, nudge);
}

/* Where one operation makes both there is no nudging the one alone. */
static void add_end(const struct derivation *derivation)
{
    const struct explanation *explanation = derivation->explanation;
    const struct local *local = &derivation->local;
    struct nb_element top = { local->top.id, local->top.row, local->top.col };
    struct nb_element bottom = { local->bottom.id, local->bottom.row, local->bottom.col };
    struct nb_nudge nudge;
    struct text value = TEXT_INIT, quotient = TEXT_INIT;
    bool tested = nb_partial_nudge(explanation->notation.net, top, bottom, derivation->value, NUDGE,
                                   &nudge, NULL) == NB_OK;
    int digits = explanation->notation.style->digits;
    if (tested)
        add_test(derivation, &nudge);
    number_add(&value, derivation->value, digits);
    if (tested)
        number_add(&quotient, nudge.quotient, digits);
    document_closing(explanation->document, value.bytes, tested ? quotient.bytes : NULL,
                     tested ? &nudge.error : NULL);
    text_release(&value);
    text_release(&quotient);
}

enum nb_status explain_local(struct explanation *explanation, struct nb_error *error)
{
    const struct nb_net *net = explanation->notation.net;
    const struct formula_request *request = explanation->request;
    struct derivation derivation = { .explanation = explanation,
                                     .local = { explanation->element,
                                                { request->bottom, request->bottom_row,
                                                  request->bottom_col } } };
    enum nb_status status =
        formula_local(net, request->id, request->row, request->col, request->bottom,
                      request->bottom_row, request->bottom_col, &derivation.value, error);
    if (status)
        return status;
    struct term *term = local_term(net, &derivation.local);
    nb_quantity_get(net, request->id, &derivation.top);
    nb_quantity_get(net, request->bottom, &derivation.bottom);
    add_title(&derivation);
    if (term)
        explain_neighbours(&derivation, term);
    else
        explain_through(&derivation);
    add_end(&derivation);
    return NB_OK;
}
