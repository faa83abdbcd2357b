/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/phrase.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formula/display.h"
#include "formula/linear.h"

void phrase_release(struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++) {
        text_release(&phrase->parts[i].words);
        term_free(&phrase->parts[i].term);
    }
    free(phrase->parts);
    *phrase = (struct phrase)PHRASE_INIT;
}

bool phrase_is_empty(const struct phrase *phrase)
{
    return phrase->count == 0;
}

/* A new part at the end; NULL where memory ran out. */
static struct part *add_part(struct phrase *phrase, enum part_kind kind)
{
    struct part *grown =
        array_grow(phrase->parts, phrase->count, &phrase->capacity, sizeof *phrase->parts);
    if (!grown) {
        phrase->failed = true;
        return NULL;
    }
    phrase->parts = grown;
    struct part *part = &grown[phrase->count++];
    *part = (struct part){ .kind = kind, .words = TEXT_INIT };
    part->yhat = phrase->yhat;
    part->single = phrase->single;
    return part;
}

static void add_string(struct phrase *phrase, enum part_kind kind, const char *bytes, size_t length)
{
    if (!length)
        return;
    struct part *last = phrase->count ? &phrase->parts[phrase->count - 1] : NULL;
    if (!last || last->kind != kind)
        last = add_part(phrase, kind);
    if (!last)
        return;
    text_add_part(&last->words, bytes, length);
    phrase->failed = phrase->failed || last->words.failed;
}

/* " = ", "·": what joins formulas is one, also among words. */
static bool is_joint(const char *words)
{
    static const char *const signs[] = { "=", "·", " + ", "−", "Σ", "←" };
    for (const char *at = words; *at; at++)
        if ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || strchr(":;$", *at))
            return false;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (strstr(words, signs[i]))
            return true;
    return false;
}

void phrase_words(struct phrase *phrase, const char *words)
{
    bool formula = is_joint(words);
    for (const char *at = words; *at; formula = !formula) {
        size_t length = strcspn(at, "$");
        add_string(phrase, formula ? PART_FORMULA : PART_WORDS, at, length);
        at += length + (at[length] == '$');
    }
}

void phrase_printf(struct phrase *phrase, const char *format, ...)
{
    struct text words = TEXT_INIT;
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&words, format, arguments);
    va_end(arguments);
    phrase->failed = phrase->failed || words.failed;
    phrase_words(phrase, words.bytes);
    text_release(&words);
}

void phrase_formula(struct phrase *phrase, const char *formula)
{
    add_string(phrase, PART_FORMULA, formula, strlen(formula));
}

void phrase_code(struct phrase *phrase, const char *typed)
{
    add_string(phrase, PART_CODE, typed, strlen(typed));
}

void phrase_number(struct phrase *phrase, double value)
{
    phrase_number_to(phrase, value, 0);
}

void phrase_number_to(struct phrase *phrase, double value, int digits)
{
    struct part *part = add_part(phrase, PART_NUMBER);
    if (!part)
        return;
    part->number = value;
    part->digits = digits;
}

static void add_element(struct phrase *phrase, enum part_kind kind, struct element top,
                        struct element bottom)
{
    struct part *part = add_part(phrase, kind);
    if (!part)
        return;
    part->top = top;
    part->bottom = bottom;
}

void phrase_element(struct phrase *phrase, struct element element)
{
    add_element(phrase, PART_ELEMENT, element, element);
}

void phrase_typed(struct phrase *phrase, const struct notation *notation, struct element element)
{
    struct text typed = TEXT_INIT;
    symbol_typed(&typed, notation, element.id, element.row, element.col);
    phrase_code(phrase, typed.bytes);
    text_release(&typed);
}

void phrase_whole(struct phrase *phrase, size_t id)
{
    struct element element = { id, 0, 0 };
    add_element(phrase, PART_WHOLE, element, element);
}

void phrase_partial(struct phrase *phrase, struct element top, struct element bottom)
{
    add_element(phrase, PART_PARTIAL, top, bottom);
}

void phrase_setting(struct phrase *phrase, enum term_setting setting)
{
    struct part *part = add_part(phrase, PART_SETTING);
    if (part)
        part->setting = setting;
}

void phrase_sample_loss(struct phrase *phrase, size_t row)
{
    struct element element = { 0, row, 0 };
    add_element(phrase, PART_SAMPLE, element, element);
}

void phrase_break(struct phrase *phrase)
{
    add_part(phrase, PART_BREAK);
}

void phrase_align(struct phrase *phrase)
{
    add_part(phrase, PART_ALIGN);
}

void phrase_bracket(struct phrase *phrase, char bracket, bool closes)
{
    struct part *part = add_part(phrase, PART_BRACKET);
    if (!part)
        return;
    part->bracket = bracket;
    part->closes = closes;
}

static void add_term(struct phrase *phrase, struct term *term, int fold, bool collapse, bool factor)
{
    struct part *part = term ? add_part(phrase, PART_TERM) : NULL;
    if (!part) {
        phrase->failed = true;
        term_free(&term);
        return;
    }
    part->term = term;
    part->fold = fold;
    part->collapse = collapse;
    part->factor = factor;
}

void phrase_term(struct phrase *phrase, struct term *term, int fold, bool collapse)
{
    add_term(phrase, term, fold, collapse, false);
}

void phrase_factor(struct phrase *phrase, struct term *term, int fold)
{
    add_term(phrase, term, fold, false, true);
}

void phrase_append(struct phrase *phrase, struct phrase *other)
{
    for (size_t i = 0; i < other->count; i++) {
        struct part *part = add_part(phrase, other->parts[i].kind);
        if (!part)
            break;
        *part = other->parts[i];
        other->parts[i] = (struct part){ .words = TEXT_INIT };
    }
    phrase->failed = phrase->failed || other->failed;
    phrase_release(other);
}

/* ---- As text ---- */

static void part_number(struct text *text, const struct notation *notation, const struct part *part)
{
    struct formula_style style = *notation->style;
    struct notation with = *notation;
    style.digits = part->digits ? part->digits : style.digits;
    with.style = &style;
    symbol_number(text, &with, part->number);
}

/* Without the quotes around words. */
static void part_formula(struct text *text, const struct notation *notation, const char *formula)
{
    struct text bare = TEXT_INIT;
    for (const char *at = formula; *at; at++)
        if (*at != '"')
            text_add_char(&bare, *at);
    symbol_words(text, notation->unicode, bare.bytes);
    text_release(&bare);
}

static void part_text(struct text *text, const struct notation *notation, const struct part *part)
{
    switch (part->kind) {
    case PART_WORDS:
        symbol_words(text, notation->unicode, part->words.bytes);
        break;
    case PART_FORMULA:
        part_formula(text, notation, part->words.bytes);
        break;
    case PART_CODE:
        text_add(text, part->words.bytes);
        break;
    case PART_NUMBER:
        part_number(text, notation, part);
        break;
    case PART_ELEMENT:
        symbol_element(text, notation, part->top.id, part->top.row, part->top.col);
        break;
    case PART_WHOLE:
        symbol_whole(text, notation, part->top.id);
        break;
    case PART_PARTIAL:
        symbol_partial(text, notation, part->top.id, part->top.row, part->top.col, part->bottom.id,
                       part->bottom.row, part->bottom.col);
        break;
    case PART_SETTING:
        symbol_setting(text, notation, part->setting);
        break;
    case PART_SAMPLE:
        symbol_sample_loss(text, notation, part->top.row);
        break;
    case PART_TERM: {
        struct render render = { notation, part->fold, part->collapse };
        (part->factor ? render_factor : render_term)(text, &render, part->term);
        break;
    }
    case PART_BRACKET:
        text_add_char(text, part->bracket);
        break;
    case PART_ALIGN:
        break;
    case PART_BREAK:
        text_add_char(text, '\n');
        break;
    }
}

/* What the part was added with. */
static struct notation notation_of(const struct notation *notation, const struct part *part,
                                   struct formula_style *style)
{
    struct notation with = *notation;
    *style = *notation->style;
    style->batch = style->batch && !part->single;
    with.style = style;
    with.yhat = part->yhat;
    return with;
}

void phrase_text(struct text *text, const struct notation *notation, const struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++) {
        struct formula_style style;
        struct notation with = notation_of(notation, &phrase->parts[i], &style);
        part_text(text, &with, &phrase->parts[i]);
    }
}

size_t phrase_width(const struct notation *notation, const struct phrase *phrase)
{
    struct text text = TEXT_INIT;
    phrase_text(&text, notation, phrase);
    size_t width = symbol_width(&text);
    text_release(&text);
    return width;
}

/* ---- In other media ---- */

static bool is_math(const struct part *part)
{
    return part->kind != PART_WORDS && part->kind != PART_CODE && part->kind != PART_BREAK;
}

/* A formula that joins others may go on on the next line. */
static bool joins(const char *formula)
{
    return formula[0] == ' ' && formula[1];
}

static void part_math(struct text *text, const struct notation *notation, const struct part *part)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    if (part->kind == PART_WORDS || part->kind == PART_CODE) {
        medium->words(text, part->words.bytes);
    } else if (part->kind == PART_BRACKET) {
        medium->bracket(text, part->bracket, part->closes);
    } else if (part->kind == PART_FORMULA) {
        text_add(text, joins(part->words.bytes) ? MARK_BREAK : "");
        (medium->built_up ? linear_add : part_formula)(text, notation, part->words.bytes);
    } else if (part->kind == PART_ALIGN) {
        text_add(text, MARK_ALIGN);
    } else if (part->kind != PART_BREAK) {
        part_text(text, notation, part);
    }
}

void phrase_math(struct text *text, const struct notation *notation, const struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++) {
        struct formula_style style;
        struct notation with = notation_of(notation, &phrase->parts[i], &style);
        part_math(text, &with, &phrase->parts[i]);
    }
}

static void prose_formula(struct text *text, const struct notation *notation,
                          const struct part *parts, size_t count)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    struct phrase formula = { (struct part *)parts, count, 0, false, false, false };
    struct text math = TEXT_INIT, finished = TEXT_INIT;
    phrase_math(&math, notation, &formula);
    display_finish(&finished, medium, math.bytes);
    medium->inset(text, finished.bytes);
    text_release(&math);
    text_release(&finished);
}

void phrase_prose(struct text *text, const struct notation *notation, const struct phrase *phrase)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    for (size_t i = 0; i < phrase->count;) {
        const struct part *part = &phrase->parts[i];
        size_t end = i + 1;
        while (is_math(part) && end < phrase->count && is_math(&phrase->parts[end]))
            end++;
        if (is_math(part))
            prose_formula(text, notation, part, end - i);
        else if (part->kind == PART_CODE)
            medium->code(text, part->words.bytes);
        else
            medium->prose(text, part->kind == PART_WORDS ? part->words.bytes : " ");
        i = end;
    }
}

struct phrase phrase_line(const struct phrase *phrase, size_t *at)
{
    struct phrase line = PHRASE_INIT;
    line.parts = phrase->parts + *at;
    while (*at < phrase->count && phrase->parts[*at].kind != PART_BREAK) {
        line.count++;
        ++*at;
    }
    *at += *at < phrase->count;
    return line;
}

void phrase_copy(struct phrase *copy, const struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++) {
        const struct part *from = &phrase->parts[i];
        struct part *to = add_part(copy, from->kind);
        if (!to)
            return;
        *to = *from;
        text_init(&to->words);
        text_add(&to->words, from->words.bytes);
        to->term = term_clone(from->term);
        copy->failed = copy->failed || to->words.failed || (from->term && !to->term);
    }
    copy->failed = copy->failed || phrase->failed;
}
