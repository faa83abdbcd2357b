/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formulas typed in a line, for media that build them up:
 *
 *     "1 / (1 + e^−z)"     \frac{1}{1 + {e}^{-z}}
 *     "∂L/∂ŷₖ"             \frac{\partial L}{\partial \hat{y}_{k}}
 *     "dw1 = xᵀ·delta1"    names of quantities as the symbols that they have
 *
 * A fraction takes the one factor before and behind the slash; brackets around a
 * whole part of it fall away.  "…" in quotes, and words that are no names, are words.
 */
#ifndef NABLA_FORMULA_LINEAR_H
#define NABLA_FORMULA_LINEAR_H

#include "formula/medium.h"
#include "formula/symbol.h"

void linear_add(struct text *text, const struct notation *notation, const char *formula);

/* ---- What formulas are made of ---- */

enum lexeme_kind {
    LEXEME_END,
    LEXEME_SPACE,
    LEXEME_NAME,    /* Latin letters and the digits behind them, or one with a hat */
    LEXEME_NUMBER,  /* 0.5, 1e-05 */
    LEXEME_SIGN,    /* any other character */
    LEXEME_RAISED,  /* ¹⁽ᵐ⁾ */
    LEXEME_LOWERED, /* ₁₂,₃ */
    LEXEME_QUOTED,  /* with its quotes */
    LEXEME_KINDS
};

struct lexeme {
    enum lexeme_kind kind;
    const char *at;
    size_t length;
    const struct sign *sign; /* LEXEME_SIGN above ASCII; NULL where it is not known */
    bool hat;                /* a name with a hat: of one letter */
};

struct lexeme lexeme_next(const char *at);

/* Writes all of `formula`, each lexeme by the writer of its kind; `first`: it begins the
 * formula. */
void lexemes_write(struct text *text, const char *formula,
                   void (*const writers[LEXEME_KINDS])(struct text *text,
                                                       const struct lexeme *lexeme, bool first));

/* Raised or lowered characters as plain ones: "1(m)", "12,3". */
void lexeme_plain(struct text *text, const struct lexeme *lexeme);

bool lexeme_is(const struct lexeme *lexeme, const char *string);

/* Functions that formulas name: tanh, max ... */
bool lexeme_is_function(const struct lexeme *lexeme);

/* = and its like. */
bool lexeme_is_relation(const struct lexeme *lexeme);

#endif
