/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/render.h"

#include <string.h>

#include "base/number.h"
#include "formula/display.h"
#include "formula/medium.h"

#define FRACTION_MOST 64 /* columns of what stands above a fraction line */

/* Where a term stands, by how tightly what is around it binds. */
enum place {
    PLACE_FREE,    /* alone, or first in a sum */
    PLACE_SUMMAND, /* behind + or − */
    PLACE_FACTOR,  /* in a product, or in a line of text below a fraction line */
    PLACE_BASE,    /* of a power */
};

/* One walk over a term. */
struct walk {
    struct text *text;
    const struct render *render;
    const struct medium *medium;
    size_t depth; /* structures around: no line is broken within one */
    struct term_binding binding;
};

static void walk_term(struct walk *walk, const struct term *term, enum place place);

static void say(struct walk *walk, const char *words)
{
    walk->medium->say(walk->text, words);
}

static void open_bracket(struct walk *walk, bool wanted, char bracket)
{
    if (wanted)
        walk->medium->bracket(walk->text, bracket, false);
}

static void close_bracket(struct walk *walk, bool wanted, char bracket)
{
    if (wanted)
        walk->medium->bracket(walk->text, bracket, true);
}

static void edge(struct walk *walk, enum structure structure, enum edge edge)
{
    walk->depth += edge == EDGE_OPEN;
    walk->depth -= edge == EDGE_CLOSE;
    text_add(walk->text, walk->medium->structures[structure][edge]);
}

static void may_break(struct walk *walk)
{
    if (walk->medium->marks && walk->depth == 0)
        text_add(walk->text, MARK_BREAK);
}

static bool is_folded(const struct walk *walk, const struct term *term)
{
    return walk->render->fold >= 0 && term->kind != TERM_NUMBER &&
           term_height(term) <= (size_t)walk->render->fold;
}

/* 1.2·10⁻⁵ to a power needs brackets where it is written out. */
static bool is_product(const struct walk *walk, double value)
{
    struct text number = TEXT_INIT;
    if (!walk->medium->built_up)
        return false;
    number_add(&number, value, walk->render->notation->style->digits);
    bool product = strchr(number.bytes, 'e') != NULL;
    text_release(&number);
    return product;
}

static void walk_number(struct walk *walk, double value, enum place place)
{
    bool bracket =
        (value < 0 && place != PLACE_FREE) || (place == PLACE_BASE && is_product(walk, value));
    open_bracket(walk, bracket, '(');
    symbol_number(walk->text, walk->render->notation, value);
    close_bracket(walk, bracket, ')');
}

static void walk_leaf(struct walk *walk, const struct term *term)
{
    const struct notation *notation = walk->render->notation;
    if (term->kind == TERM_SETTING)
        symbol_setting(walk->text, notation, term->setting);
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

static void say_plus(struct walk *walk, bool first)
{
    if (first)
        return;
    may_break(walk);
    say(walk, " + ");
}

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
            say_plus(walk, first && i == 0);
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
    if (negative && !first) {
        may_break(walk);
        say(walk, " − ");
    } else {
        say_plus(walk, first);
    }
    bool sum = (term->kind == TERM_SUM || is_open_series(walk, term)) && negative;
    walk_term(walk, term, sum ? PLACE_FACTOR : first ? PLACE_FREE : PLACE_SUMMAND);
}

static void walk_sum(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR, square = term->shape & TERM_BRACKETS;
    open_bracket(walk, bracket, square ? '[' : '(');
    if (term->kind == TERM_SERIES)
        walk_series_terms(walk, term, true);
    else
        for (size_t i = 0; i < term->children; i++)
            walk_summand(walk, term->child[i], i == 0, false);
    close_bracket(walk, bracket, square ? ']' : ')');
}

/* −Σᵢ Σₖ … for Σᵢ −Σₖ … */
static void walk_collapsed(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR;
    const struct term *body = term->child[0];
    open_bracket(walk, bracket, '(');
    if (body->kind == TERM_NEGATION) {
        say(walk, "−");
        body = body->child[0];
    }
    symbol_sum(walk->text, walk->render->notation, term->index);
    walk_term(walk, body, body->kind == TERM_SUM ? PLACE_FACTOR : PLACE_FREE);
    close_bracket(walk, bracket, ')');
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
    open_bracket(walk, bracket, '(');
    for (size_t i = 0; i < term->children; i++) {
        const struct term *child = term->child[i];
        bool last = i + 1 == term->children;
        bool bare = last && walk->render->collapse && child->kind == TERM_SERIES;
        if (i)
            say(walk, term->shape & TERM_WIDE ? " · " : "·");
        walk_term(walk, child, bare ? PLACE_FREE : PLACE_FACTOR);
    }
    close_bracket(walk, bracket, ')');
}

static void walk_slash(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place >= PLACE_FACTOR;
    open_bracket(walk, bracket, '(');
    walk_term(walk, term->child[0], PLACE_FACTOR);
    say(walk, term->shape & TERM_WIDE ? " / " : "/");
    const struct term *below = term->child[1];
    bool product = below->kind == TERM_PRODUCT && !is_folded(walk, below);
    bool series = below->kind == TERM_SERIES && walk->render->collapse;
    walk_term(walk, below, product ? PLACE_BASE : series ? PLACE_FREE : PLACE_FACTOR);
    close_bracket(walk, bracket, ')');
}

static void walk_fraction(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place == PLACE_BASE;
    open_bracket(walk, bracket, '(');
    edge(walk, STRUCTURE_FRACTION, EDGE_OPEN);
    walk_term(walk, term->child[0], PLACE_FREE);
    edge(walk, STRUCTURE_FRACTION, EDGE_BETWEEN);
    walk_term(walk, term->child[1], PLACE_FREE);
    edge(walk, STRUCTURE_FRACTION, EDGE_CLOSE);
    close_bracket(walk, bracket, ')');
}

/* Is it too wide for a line below or above a fraction line, where nothing is broken? */
static bool is_too_wide(const struct walk *walk, const struct term *term)
{
    struct formula_style style = *walk->render->notation->style;
    struct notation notation = *walk->render->notation;
    struct render render = *walk->render;
    struct text text = TEXT_INIT;
    style.medium = FORMULA_MEASURE;
    notation.style = &style;
    render.notation = &notation;
    struct walk measure = { &text, &render, &medium_measure, 1, walk->binding };
    walk_term(&measure, term, PLACE_FREE);
    bool wide = display_width(&text) > FRACTION_MOST;
    text_release(&text);
    return wide;
}

/* A long sum is divided in a line, which can be broken. */
static void walk_quotient(struct walk *walk, const struct term *term, enum place place)
{
    if (!walk->medium->built_up || (walk->depth == 0 && is_too_wide(walk, term->child[0])))
        walk_slash(walk, term, place);
    else
        walk_fraction(walk, term, place);
}

/* a¹₂⁽¹⁾² would be read as one index, ∂L/∂w¹₁₁² as the square of w; with indices
 * raised by the medium, z¹² as those of z. */
static bool needs_brackets(const struct walk *walk, const struct term *base)
{
    struct nb_quantity quantity;
    if (base->kind != TERM_ELEMENT || is_folded(walk, base))
        return false;
    nb_quantity_get(walk->render->notation->net, base->id, &quantity);
    bool sample =
        walk->render->notation->style->batch && nb_quantity_rows()[quantity.kind].per_sample;
    bool raised = walk->medium->built_up && quantity.layer > 0;
    return sample || raised || symbol_is_partial(quantity.kind);
}

static void walk_square(struct walk *walk, const struct term *term)
{
    const struct term *base = term->child[0];
    bool bracket = needs_brackets(walk, base);
    walk->depth++;
    edge(walk, STRUCTURE_RAISED, EDGE_OPEN);
    open_bracket(walk, bracket, '(');
    walk_term(walk, base, PLACE_BASE);
    close_bracket(walk, bracket, ')');
    edge(walk, STRUCTURE_RAISED, EDGE_BETWEEN);
    say(walk, walk->medium->built_up ? "2" : "²");
    edge(walk, STRUCTURE_RAISED, EDGE_CLOSE);
    walk->depth--;
}

/* β₁ᵗ in symbols, 0.9³ in numbers */
static void walk_power(struct walk *walk, const struct term *term)
{
    bool numbers = walk->render->fold >= 0;
    edge(walk, STRUCTURE_RAISED, EDGE_OPEN);
    walk_term(walk, term->child[0], PLACE_BASE);
    edge(walk, STRUCTURE_RAISED, EDGE_BETWEEN);
    symbol_exponent(walk->text, walk->render->notation, numbers ? term->count : 0);
    edge(walk, STRUCTURE_RAISED, EDGE_CLOSE);
}

static void walk_negation(struct walk *walk, const struct term *term, enum place place)
{
    bool bracket = place != PLACE_FREE;
    open_bracket(walk, bracket, '(');
    say(walk, "−");
    const struct term *child = term->child[0];
    bool sum = child->kind == TERM_SUM || (child->kind == TERM_SERIES && !walk->render->collapse);
    walk_term(walk, child, sum ? PLACE_FACTOR : PLACE_SUMMAND);
    close_bracket(walk, bracket, ')');
}

static bool is_simple(const struct walk *walk, const struct term *term)
{
    return term_height(term) == 0 || is_folded(walk, term);
}

/* How a function is written: its name, the brackets around the argument, '\0' for none,
 * and what stands in them before it. */
static const struct function_row {
    const char *name;
    char bracket;
    const char *before;
} function_rows[TERM_FUNCTIONS] = {
    [TERM_SIGMOID] = { "σ", '(', "" },
    [TERM_TANH] = { "tanh", '(', "" },
    [TERM_LECUN] = { "lecun", '(', "" },
    [TERM_RELU] = { "max", '(', "0, " },
    [TERM_LEAKYRELU] = { "leakyrelu", '(', "" },
    [TERM_RELU_SLOPE] = { "relu'", '(', "" },
    [TERM_LEAKYRELU_SLOPE] = { "leakyrelu'", '(', "" },
    [TERM_EXP] = { "e^", '\0', "" },
    [TERM_LN] = { "ln ", '\0', "" },
    [TERM_LN_REST] = { "ln", '(', "1 − " },
    [TERM_ROOT] = { "√", '(', "" },
    [TERM_ABSOLUTE] = { "", '|', "" },
    [TERM_SIGN] = { "sign", '(', "" },
};

/* e^z and √z where the medium builds them up. */
static void walk_built_function(struct walk *walk, const struct term *term)
{
    bool root = term->function == TERM_ROOT;
    enum structure structure = root ? STRUCTURE_ROOT : STRUCTURE_RAISED;
    edge(walk, structure, EDGE_OPEN);
    if (!root)
        say(walk, "e");
    if (!root)
        edge(walk, structure, EDGE_BETWEEN);
    walk_term(walk, term->child[0], PLACE_FREE);
    edge(walk, structure, EDGE_CLOSE);
}

static void walk_function(struct walk *walk, const struct term *term)
{
    const struct function_row *row = &function_rows[term->function];
    const struct term *argument = term->child[0];
    bool bracket = row->bracket || !is_simple(walk, argument);
    char open = row->bracket ? row->bracket : '(', close = open == '(' ? ')' : open;
    walk->depth++;
    if (walk->medium->built_up && (term->function == TERM_EXP || term->function == TERM_ROOT)) {
        walk_built_function(walk, term);
        walk->depth--;
        return;
    }
    say(walk, row->name);
    open_bracket(walk, bracket, open);
    say(walk, row->before);
    walk_term(walk, argument, *row->before == '1' ? PLACE_SUMMAND : PLACE_FREE);
    close_bracket(walk, bracket, close);
    walk->depth--;
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
        walk_function(walk, term);
        break;
    }
}

static void render_at(struct text *text, const struct render *render, const struct term *term,
                      enum place place)
{
    const struct notation *notation = render->notation;
    const struct medium *medium = medium_of(notation->style->medium, notation->unicode);
    struct walk walk = { text, render, medium, 0, term_unbound };
    walk_term(&walk, term, place);
}

/* A product with its factors folded, but for a series. */
static void render_factors(struct text *text, const struct render *render, const struct term *term)
{
    const struct notation *notation = render->notation;
    const struct medium *medium = medium_of(notation->style->medium, notation->unicode);
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
            medium->say(text, " · ");
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
