/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/render.h"

/* Where a term stands, by how tightly what is around it binds. */
enum place {
    PLACE_FREE,    /* alone, or first in a sum */
    PLACE_SUMMAND, /* behind + or − */
    PLACE_FACTOR,  /* in a product or below a fraction line */
    PLACE_BASE,    /* of a power */
};

/* One walk over a term. */
struct walk {
    struct text *text;
    const struct render *render;
    struct term_binding binding;
};

static void walk_term(struct walk *walk, const struct term *term, enum place place);

static bool is_unicode(const struct walk *walk)
{
    return walk->render->notation->unicode;
}

static void say(struct walk *walk, const char *words)
{
    symbol_words(walk->text, is_unicode(walk), words);
}

static bool is_folded(const struct walk *walk, const struct term *term)
{
    return walk->render->fold >= 0 && term->kind != TERM_NUMBER &&
           term_height(term) <= (size_t)walk->render->fold;
}

static void walk_number(struct walk *walk, double value, enum place place)
{
    bool bracket = value < 0 && place != PLACE_FREE;
    if (bracket)
        text_add_char(walk->text, '(');
    symbol_number(walk->text, walk->render->notation, value);
    if (bracket)
        text_add_char(walk->text, ')');
}

static void walk_leaf(struct walk *walk, const struct term *term)
{
    const struct notation *notation = walk->render->notation;
    if (term->kind == TERM_SETTING)
        symbol_setting(walk->text, notation->unicode, term->setting);
    else if (term->kind == TERM_ELEMENT)
        symbol_element(walk->text, notation, term->id, term_bound(&walk->binding, term->row),
                       term_bound(&walk->binding, term->col));
    else if (term->name && (term->number < 1 || walk->render->collapse))
        say(walk, term->name);
    else
        symbol_constant(walk->text, notation, term->number);
}

/* ---- Sums ---- */

/* Both call themselves through a series within a sum. */
static void walk_summand(struct walk *walk, const struct term *term, bool first, bool negative);

static void walk_series_terms(struct walk *walk, const struct term *term, bool first)
{
    bool elide = term->count > RENDER_SUMMANDS_MOST;
    size_t *at = &walk->binding.at[term->index - TERM_I];
    size_t outer = *at;
    for (size_t i = 0; i < term->count; i++) {
        if (elide && i == 2) {
            say(walk, " + …");
            i = term->count - 1;
        }
        *at = i;
        if (is_folded(walk, term->child[0])) {
            say(walk, first && i == 0 ? "" : " + ");
            walk_term(walk, term->child[0], first && i == 0 ? PLACE_FREE : PLACE_SUMMAND);
        } else {
            walk_summand(walk, term->child[0], first && i == 0, false);
        }
    }
    *at = outer;
}

static bool is_collapsed(const struct walk *walk, const struct term *series)
{
    return walk->render->collapse || (series->shape & TERM_CLOSED);
}

static bool is_open_series(const struct walk *walk, const struct term *term)
{
    return term->kind == TERM_SERIES && !is_collapsed(walk, term) && !is_folded(walk, term);
}

static void walk_summand(struct walk *walk, const struct term *term, bool first, bool negative)
{
    if (term->kind == TERM_NEGATION && !negative && !first) {
        walk_summand(walk, term->child[0], first, true);
        return;
    }
    if (!negative && is_open_series(walk, term)) {
        walk_series_terms(walk, term, first);
        return;
    }
    if (!first)
        say(walk, negative ? " − " : " + ");
    bool sum = (term->kind == TERM_SUM || is_open_series(walk, term)) && negative;
    walk_term(walk, term, sum ? PLACE_FACTOR : first ? PLACE_FREE : PLACE_SUMMAND);
}

static void walk_sum(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR, square = term->shape & TERM_BRACKETS;
    if (bracket)
        text_add_char(walk->text, square ? '[' : '(');
    if (term->kind == TERM_SERIES)
        walk_series_terms(walk, term, true);
    else
        for (size_t i = 0; i < term->children; i++)
            walk_summand(walk, term->child[i], i == 0, false);
    if (bracket)
        text_add_char(walk->text, square ? ']' : ')');
}

static void walk_collapsed(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR;
    if (bracket)
        text_add_char(walk->text, '(');
    say(walk, "Σ");
    symbol_letter(walk->text, walk->render->notation, term->index);
    text_add_char(walk->text, ' ');
    walk_term(walk, term->child[0], term->child[0]->kind == TERM_SUM ? PLACE_FACTOR : PLACE_FREE);
    if (bracket)
        text_add_char(walk->text, ')');
}

static void walk_series(struct walk *walk, const struct term *term, enum place place)
{
    if (is_collapsed(walk, term))
        walk_collapsed(walk, term, place);
    else if (term->count > 1 || (term->shape & TERM_BRACKETS))
        walk_sum(walk, term, place);
    else {
        size_t *at = &walk->binding.at[term->index - TERM_I], outer = *at;
        *at = 0;
        walk_term(walk, term->child[0], place);
        *at = outer;
    }
}

/* ---- Products, fractions, powers, functions ---- */

static void walk_product(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place == PLACE_BASE;
    if (bracket)
        text_add_char(walk->text, '(');
    for (size_t i = 0; i < term->children; i++) {
        const struct term *child = term->child[i];
        bool last = i + 1 == term->children;
        bool bare = last && walk->render->collapse && child->kind == TERM_SERIES;
        if (i)
            say(walk, term->shape & TERM_WIDE ? " · " : "·");
        walk_term(walk, child, bare ? PLACE_FREE : PLACE_FACTOR);
    }
    if (bracket)
        text_add_char(walk->text, ')');
}

static void walk_quotient(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR;
    if (bracket)
        text_add_char(walk->text, '(');
    walk_term(walk, term->child[0], PLACE_FACTOR);
    say(walk, term->shape & TERM_WIDE ? " / " : "/");
    const struct term *below = term->child[1];
    bool product = below->kind == TERM_PRODUCT && !is_folded(walk, below);
    bool series = below->kind == TERM_SERIES && walk->render->collapse;
    walk_term(walk, below, product ? PLACE_BASE : series ? PLACE_FREE : PLACE_FACTOR);
    if (bracket)
        text_add_char(walk->text, ')');
}

/* a¹₂⁽¹⁾² would be read as one index, ∂L/∂w¹₁₁² as the square of w. */
static bool needs_brackets(const struct walk *walk, const struct term *base)
{
    struct nb_quantity quantity;
    if (base->kind != TERM_ELEMENT || is_folded(walk, base))
        return false;
    nb_quantity_get(walk->render->notation->net, base->id, &quantity);
    bool sample =
        walk->render->notation->style->batch && nb_quantity_rows()[quantity.kind].per_sample;
    return sample || symbol_is_partial(quantity.kind);
}

static void walk_square(struct walk *walk, const struct term *term)
{
    const struct term *base = term->child[0];
    bool bracket = needs_brackets(walk, base);
    say(walk, bracket ? "(" : "");
    walk_term(walk, base, PLACE_BASE);
    say(walk, bracket ? ")" : "");
    say(walk, "²");
}

/* β₁ᵗ in symbols, 0.9³ in numbers */
static void walk_power(struct walk *walk, const struct term *term)
{
    bool numbers = walk->render->fold >= 0;
    walk_term(walk, term->child[0], PLACE_BASE);
    symbol_exponent(walk->text, is_unicode(walk), numbers ? term->count : 0);
}

static void walk_negation(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place != PLACE_FREE;
    if (bracket)
        text_add_char(walk->text, '(');
    say(walk, "−");
    const struct term *child = term->child[0];
    bool sum = child->kind == TERM_SUM || (child->kind == TERM_SERIES && !walk->render->collapse);
    walk_term(walk, child, sum ? PLACE_FACTOR : PLACE_SUMMAND);
    if (bracket)
        text_add_char(walk->text, ')');
}

static const char *const function_opens[TERM_FUNCTIONS] = {
    [TERM_SIGMOID] = "σ(",
    [TERM_TANH] = "tanh(",
    [TERM_LECUN] = "lecun(",
    [TERM_RELU] = "max(0, ",
    [TERM_LEAKYRELU] = "leakyrelu(",
    [TERM_RELU_SLOPE] = "relu'(",
    [TERM_LEAKYRELU_SLOPE] = "leakyrelu'(",
    [TERM_EXP] = "e^",
    [TERM_LN] = "ln ",
    [TERM_LN_REST] = "ln(1 − ",
    [TERM_ROOT] = "√(",
    [TERM_ABSOLUTE] = "|",
    [TERM_SIGN] = "sign(",
};

static bool is_simple(const struct walk *walk, const struct term *term)
{
    return term_height(term) == 0 || is_folded(walk, term);
}

static void walk_function(struct walk *walk, const struct term *term, enum place place)
{
    const struct term *argument = term->child[0];
    bool open = term->function == TERM_EXP || term->function == TERM_LN;
    bool bracket = open && !is_simple(walk, argument);
    (void)place;
    say(walk, function_opens[term->function]);
    if (bracket)
        text_add_char(walk->text, '(');
    walk_term(walk, argument, term->function == TERM_LN_REST ? PLACE_SUMMAND : PLACE_FREE);
    if (bracket || !open)
        text_add_char(walk->text, term->function == TERM_ABSOLUTE ? '|' : ')');
}

static void walk_term(struct walk *walk, const struct term *term, enum place place)
{
    if (is_folded(walk, term)) {
        walk_number(walk, term_value_bound(walk->render->notation->net, term, &walk->binding),
                    place);
        return;
    }
    switch (term->kind) {
    case TERM_NUMBER:
    case TERM_SETTING:
    case TERM_ELEMENT:
        walk_leaf(walk, term);
        break;
    case TERM_SUM:
        walk_sum(walk, term, place);
        break;
    case TERM_SERIES:
        walk_series(walk, term, place);
        break;
    case TERM_PRODUCT:
        walk_product(walk, term, place);
        break;
    case TERM_QUOTIENT:
        walk_quotient(walk, term, place);
        break;
    case TERM_SQUARE:
        walk_square(walk, term);
        break;
    case TERM_POWER:
        walk_power(walk, term);
        break;
    case TERM_NEGATION:
        walk_negation(walk, term, place);
        break;
    case TERM_FUNCTION:
        walk_function(walk, term, place);
        break;
    }
}

static void render_at(struct text *text, const struct render *render, const struct term *term,
                      enum place place)
{
    struct walk walk = { text, render, term_unbound };
    walk_term(&walk, term, place);
}

/* A product with its factors folded, but for a series. */
static void render_factors(struct text *text, const struct render *render, const struct term *term)
{
    struct render open = *render, closed = *render;
    open.fold = 0;
    closed.fold = RENDER_VALUES;
    if (term->kind != TERM_PRODUCT) {
        render_at(text, &open, term, PLACE_FREE);
        return;
    }
    for (size_t i = 0; i < term->children; i++) {
        const struct term *child = term->child[i];
        if (i)
            symbol_words(text, render->notation->unicode, " · ");
        render_at(text, child->kind == TERM_SERIES ? &open : &closed, child, PLACE_FACTOR);
    }
}

void render_term(struct text *text, const struct render *render, const struct term *term)
{
    if (render->fold == RENDER_FACTORS)
        render_factors(text, render, term);
    else
        render_at(text, render, term, PLACE_FREE);
}

void render_factor(struct text *text, const struct render *render, const struct term *term)
{
    render_at(text, render, term, PLACE_FACTOR);
}
