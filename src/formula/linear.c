/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/linear.h"

#include <stdlib.h>
#include <string.h>

/* One reading of a formula. */
struct reading {
    const struct notation *notation;
    const struct medium *medium;
    struct lexeme now;
};

/* What has been read as one factor. */
struct factor {
    struct text whole;  /* with its brackets */
    struct text inside; /* without, where it is nothing but a pair of them; else empty */
};

static void read_factor(struct reading *reading, struct factor *factor);
static void read_until(struct reading *reading, struct text *text, const char *end);

static void advance(struct reading *reading)
{
    reading->now = lexeme_next(reading->now.at + reading->now.length);
}

static bool is_now(const struct reading *reading, const char *string)
{
    return reading->now.kind == LEXEME_SIGN && lexeme_is(&reading->now, string);
}

static void factor_init(struct factor *factor)
{
    text_init(&factor->whole);
    text_init(&factor->inside);
}

static void factor_release(struct factor *factor)
{
    text_release(&factor->whole);
    text_release(&factor->inside);
}

static void say_lexeme(struct text *text, const struct reading *reading,
                       const struct lexeme *lexeme)
{
    struct text string = TEXT_INIT;
    bool joins =
        lexeme->kind == LEXEME_SIGN && !lexeme_is(lexeme, ",") && lexeme->at[lexeme->length] == ' ';
    text_add(&string, joins ? " " : "");
    text_add_part(&string, lexeme->at, lexeme->length);
    reading->medium->say(text, string.bytes);
    text_release(&string);
}

static void add_structure(struct text *text, const struct medium *medium, enum structure structure,
                          const struct text *first, const struct text *second)
{
    const char *const *pieces = medium->structures[structure];
    text_add(text, pieces[EDGE_OPEN]);
    text_add(text, first->bytes);
    text_add(text, pieces[EDGE_BETWEEN]);
    text_add(text, second ? second->bytes : "");
    text_add(text, pieces[EDGE_CLOSE]);
}

static const struct text *bare(const struct factor *factor)
{
    return factor->inside.length ? &factor->inside : &factor->whole;
}

/* ---- Names ---- */

static size_t find_quantity(const struct reading *reading, const struct lexeme *name)
{
    const struct nb_net *net = reading->notation->net;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.layer && lexeme_is(name, quantity.name))
            return id;
    }
    return NB_NOWHERE;
}

static bool is_word(const struct reading *reading, const struct lexeme *name)
{
    return name->kind == LEXEME_NAME && name->length > 1 && !name->hat &&
           !lexeme_is_function(name) && !lexeme_is(name, "var") && !lexeme_is(name, "clip") &&
           !lexeme_is(name, "l1") && find_quantity(reading, name) == NB_NOWHERE;
}

/* "batch norm of ", with the blanks around it. */
static void read_words(struct reading *reading, struct text *text)
{
    struct text words = TEXT_INIT;
    if (text->length)
        text_add_char(&words, ' ');
    for (;;) {
        struct lexeme space;
        text_add_part(&words, reading->now.at, reading->now.length);
        advance(reading);
        space = reading->now;
        if (space.kind != LEXEME_SPACE)
            break;
        text_add_char(&words, ' ');
        advance(reading);
        if (!is_word(reading, &reading->now))
            break;
    }
    reading->medium->words(text, words.bytes);
    text_release(&words);
}

static void read_name(struct reading *reading, struct text *text)
{
    size_t id = find_quantity(reading, &reading->now);
    if (is_word(reading, &reading->now)) {
        read_words(reading, text);
        return;
    }
    if (id != NB_NOWHERE)
        symbol_whole(text, reading->notation, id);
    else if (lexeme_is(&reading->now, "l1"))
        symbol_setting(text, reading->notation, TERM_L1);
    else
        say_lexeme(text, reading, &reading->now);
    advance(reading);
}

/* ---- Factors ---- */

/* What stands in brackets, | and ‖ among them; false where none begin here. */
static bool read_brackets(struct reading *reading, struct factor *factor)
{
    static const struct {
        const char *open, *close;
    } pairs[] = { { "(", ")" }, { "[", "]" }, { "|", "|" }, { "‖", "‖" } };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (!is_now(reading, pairs[i].open))
            continue;
        bool plain = strlen(pairs[i].open) == 1;
        if (!strstr(reading->now.at + reading->now.length, pairs[i].close))
            return false;
        advance(reading);
        read_until(reading, &factor->inside, pairs[i].close);
        if (plain)
            reading->medium->bracket(&factor->whole, pairs[i].open[0], false);
        else
            reading->medium->say(&factor->whole, pairs[i].open);
        text_add(&factor->whole, factor->inside.bytes);
        if (plain)
            reading->medium->bracket(&factor->whole, pairs[i].close[0], true);
        else
            reading->medium->say(&factor->whole, pairs[i].close);
        if (i)
            text_clear(&factor->inside);
        return true;
    }
    return false;
}

/* Indices behind what has been read; ² of a bracket is a power, and so is that of all. */
static void read_scripts(struct reading *reading, struct text *text)
{
    struct text raised = TEXT_INIT, lowered = TEXT_INIT, plain = TEXT_INIT, base = TEXT_INIT;
    while (reading->now.kind == LEXEME_RAISED || reading->now.kind == LEXEME_LOWERED) {
        text_clear(&plain);
        lexeme_plain(&plain, &reading->now);
        bool up = reading->now.kind == LEXEME_RAISED;
        reading->medium->say(up ? &raised : &lowered, plain.bytes);
        advance(reading);
    }
    text_add(&base, text->bytes);
    text_clear(text);
    reading->medium->scripts(text, base.bytes, raised.bytes, lowered.bytes);
    text_release(&raised);
    text_release(&lowered);
    text_release(&plain);
    text_release(&base);
}

/* e^−z: a sign and a factor above */
static void read_exponent(struct reading *reading, struct text *text)
{
    struct text base = TEXT_INIT, exponent = TEXT_INIT;
    struct factor factor;
    advance(reading);
    if (is_now(reading, "−")) {
        reading->medium->say(&exponent, "−");
        advance(reading);
    }
    factor_init(&factor);
    read_factor(reading, &factor);
    text_add(&exponent, bare(&factor)->bytes);
    text_add(&base, text->bytes);
    text_clear(text);
    add_structure(text, reading->medium, STRUCTURE_RAISED, &base, &exponent);
    factor_release(&factor);
    text_release(&base);
    text_release(&exponent);
}

/* ∂ŷₖ, √(var + ε): a sign and what it belongs to; false where it is no such sign. */
static bool read_prefixed(struct reading *reading, struct text *text)
{
    struct factor factor;
    bool root = is_now(reading, "√");
    if (!root && !is_now(reading, "∂"))
        return false;
    factor_init(&factor);
    if (!root)
        say_lexeme(text, reading, &reading->now);
    advance(reading);
    read_factor(reading, &factor);
    if (root)
        add_structure(text, reading->medium, STRUCTURE_ROOT, bare(&factor), NULL);
    else
        text_add(text, factor.whole.bytes);
    factor_release(&factor);
    return true;
}

/* The arguments of a function belong to it: σ'(z). */
static void read_call(struct reading *reading, struct text *text)
{
    struct factor arguments;
    if (is_now(reading, "'")) {
        say_lexeme(text, reading, &reading->now);
        advance(reading);
    }
    factor_init(&arguments);
    if (is_now(reading, "(") && read_brackets(reading, &arguments))
        text_add(text, arguments.whole.bytes);
    factor_release(&arguments);
}

static void read_factor(struct reading *reading, struct factor *factor)
{
    struct text *text = &factor->whole;
    bool sum = is_now(reading, "Σ");
    if (read_prefixed(reading, text))
        return;
    if (!read_brackets(reading, factor)) {
        bool name = reading->now.kind == LEXEME_NAME || is_now(reading, "σ");
        if (reading->now.kind == LEXEME_NAME) {
            read_name(reading, text);
        } else if (reading->now.kind == LEXEME_NUMBER) {
            symbol_constant(text, reading->notation, strtod(reading->now.at, NULL));
            advance(reading);
        } else {
            say_lexeme(text, reading, &reading->now);
            advance(reading);
        }
        if (name)
            read_call(reading, text);
    }
    if (reading->now.kind == LEXEME_RAISED || reading->now.kind == LEXEME_LOWERED) {
        text_clear(&factor->inside);
        read_scripts(reading, text);
    }
    if (!sum && is_now(reading, "^")) {
        text_clear(&factor->inside);
        read_exponent(reading, text);
    }
}

/* ---- The rest ---- */

/* Past a slash, and the blanks around it; false where there is none. */
static bool pass_slash(struct reading *reading)
{
    struct lexeme next = reading->now;
    if (next.kind == LEXEME_SPACE)
        next = lexeme_next(next.at + next.length);
    if (next.kind != LEXEME_SIGN || !lexeme_is(&next, "/"))
        return false;
    reading->now = next;
    advance(reading);
    if (reading->now.kind == LEXEME_SPACE)
        advance(reading);
    return true;
}

/* A factor, and what it is divided by. */
static void read_fraction(struct reading *reading, struct text *text)
{
    struct factor above, below;
    factor_init(&above);
    factor_init(&below);
    read_factor(reading, &above);
    if (pass_slash(reading)) {
        read_factor(reading, &below);
        add_structure(text, reading->medium, STRUCTURE_FRACTION, bare(&above), bare(&below));
    } else {
        text_add(text, above.whole.bytes);
    }
    factor_release(&above);
    factor_release(&below);
}

static void read_quoted(struct reading *reading, struct text *text)
{
    struct text words = TEXT_INIT;
    text_add_char(&words, ' ');
    text_add_part(&words, reading->now.at + 1, reading->now.length - 2);
    text_add_char(&words, ' ');
    reading->medium->words(text, words.bytes);
    advance(reading);
    text_release(&words);
}

static bool is_factor(const struct reading *reading)
{
    static const char *const signs[] = { "(", "[", "|", "‖", "∂", "√", "Σ", "σ" };
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (is_now(reading, signs[i]))
            return true;
    const struct lexeme *now = &reading->now;
    return now->kind == LEXEME_NAME || now->kind == LEXEME_NUMBER ||
           (now->sign && now->sign->letter);
}

/* As far as the sign `end`, which is passed; "" for all of it. */
static void read_until(struct reading *reading, struct text *text, const char *end)
{
    while (reading->now.kind) {
        if (*end && is_now(reading, end)) {
            advance(reading);
            return;
        }
        if (is_factor(reading) && !(*end == '|' && is_now(reading, "|"))) {
            if (is_word(reading, &reading->now))
                read_words(reading, text);
            else
                read_fraction(reading, text);
        } else if (reading->now.kind == LEXEME_QUOTED) {
            read_quoted(reading, text);
        } else {
            say_lexeme(text, reading, &reading->now);
            advance(reading);
        }
    }
}

void linear_add(struct text *text, const struct notation *notation, const char *formula)
{
    const struct medium *medium = medium_of(notation->style->medium, notation->unicode);
    struct reading reading = { notation, medium, lexeme_next(formula) };
    read_until(&reading, text, "");
}
