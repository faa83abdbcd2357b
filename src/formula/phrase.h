/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Phrases: words with mathematics in them, before it is known how they will be
 * set.  Content is put together from the things themselves, not from strings:
 *
 *     struct phrase phrase = PHRASE_INIT;
 *     phrase_words(&phrase, "How the loss changes with ");
 *     phrase_element(&phrase, w11);               w¹₁₁, w^{1}_{11}, <msubsup>…
 *     phrase_formula(&phrase, " = ");
 *     phrase_term(&phrase, term, RENDER_SYMBOLS, false);
 *
 * Words and formulas are written in Unicode, whatever they end up as.  In words
 * $…$ holds a formula: "It keeps the share $μ$ of what it was".  Formulas are
 * linear, as one would type them: "σ'(z) = σ(z)·(1 − σ(z))", "−Σₖ yₖ·ln ŷₖ",
 * "1 / (1 + e^−z)", "(1 \"where\" m = i)" with words in quotes: words.c has many.
 * Prefer a term to a formula wherever there is one.
 *
 * Ownership: a phrase owns its parts, and takes the terms it is given (NULL: memory
 * ran out, and the phrase has failed).  What takes a phrase leaves it empty.
 */
#ifndef NABLA_FORMULA_PHRASE_H
#define NABLA_FORMULA_PHRASE_H

#include "formula/local.h"
#include "formula/render.h"
#include "formula/symbol.h"

enum part_kind {
    PART_WORDS,
    PART_FORMULA,
    PART_CODE,    /* as typed: dw1[1,1], explain loss */
    PART_NUMBER,  /* with `digits` significant digits, 0: the style's */
    PART_ELEMENT, /* `top` */
    PART_WHOLE,   /* the whole quantity of `top`: w¹ */
    PART_PARTIAL, /* ∂top/∂bottom */
    PART_SETTING, /* η */
    PART_SAMPLE,  /* L⁽³⁾, the loss of one sample */
    PART_TERM,
    PART_BRACKET, /* `bracket`, which opens or closes */
    PART_ALIGN,   /* lines below each other are aligned here, not at their first relation */
    PART_BREAK,   /* what follows stands on the next line */
};

struct part {
    enum part_kind kind;
    struct text words;
    struct element top, bottom;
    double number;
    int digits;
    enum term_setting setting;
    struct term *term;
    int fold; /* as in struct render */
    bool collapse, factor;
    char bracket;
    bool closes;
    bool yhat, single; /* those of the phrase when it was added */
};

struct phrase {
    struct part *parts;
    size_t count, capacity;
    bool failed; /* memory ran out */
    bool yhat;   /* what is added from now on writes the last layer's activations as ŷ */
    bool single; /* and leaves out which sample of a batch it is about */
};
#define PHRASE_INIT                                                                                \
    {                                                                                              \
        NULL, 0, 0, false, false, false                                                            \
    }

void phrase_release(struct phrase *phrase); /* empty again, and usable */
bool phrase_is_empty(const struct phrase *phrase);

void phrase_words(struct phrase *phrase, const char *words);
void phrase_printf(struct phrase *phrase, const char *format, ...) PRINTF_LIKE(2, 3); /* words */
void phrase_formula(struct phrase *phrase, const char *formula);
void phrase_code(struct phrase *phrase, const char *typed);
void phrase_number(struct phrase *phrase, double value);
void phrase_number_to(struct phrase *phrase, double value, int digits);
void phrase_element(struct phrase *phrase, struct element element);
void phrase_typed(struct phrase *phrase, const struct notation *notation, struct element element);
void phrase_whole(struct phrase *phrase, size_t id);
void phrase_partial(struct phrase *phrase, struct element top, struct element bottom);
void phrase_setting(struct phrase *phrase, enum term_setting setting);
void phrase_sample_loss(struct phrase *phrase, size_t row);
void phrase_break(struct phrase *phrase);
void phrase_align(struct phrase *phrase);
void phrase_bracket(struct phrase *phrase, char bracket, bool closes); /* one that grows */

/* A term, folded and collapsed as struct render says; as a factor of a product
 * it gets the brackets that it needs there.  Takes the term. */
void phrase_term(struct phrase *phrase, struct term *term, int fold, bool collapse);
void phrase_factor(struct phrase *phrase, struct term *term, int fold);

/* Adds all of `other`, which is left empty. */
void phrase_append(struct phrase *phrase, struct phrase *other);

/* In a medium other than text: as words with formulas in them, and as a formula
 * with words in it, which has marks (medium.h). */
void phrase_prose(struct text *text, const struct notation *notation, const struct phrase *phrase);
void phrase_math(struct text *text, const struct notation *notation, const struct phrase *phrase);

/* The parts from *at to the next PART_BREAK, which *at is set behind; as a phrase
 * that borrows them: not to be released. */
struct phrase phrase_line(const struct phrase *phrase, size_t *at);

/* A copy; it has failed where memory ran out. */
void phrase_copy(struct phrase *copy, const struct phrase *phrase);

/* As text; `notation` says whether in Unicode. */
void phrase_text(struct text *text, const struct notation *notation, const struct phrase *phrase);

/* Columns that it takes as text. */
size_t phrase_width(const struct notation *notation, const struct phrase *phrase);

#endif
