/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The signs of TeX's mathematics, and what they are to their neighbours. */
#ifndef NABLA_LESSON_SIGNS_H
#define NABLA_LESSON_SIGNS_H

#include <stdbool.h>
#include <stddef.h>

enum math_kind {
    MATH_OPERAND, /* a letter, a name, something in brackets of its own */
    MATH_NUMBER,
    MATH_HALF,     /* ½ */
    MATH_FRACTION, /* a/b, without brackets */
    MATH_ROOT,     /* √x, without brackets */
    MATH_WORD,     /* ln, max: goes with what follows */
    MATH_BIG,      /* Σ, Π */
    MATH_PARTIAL,  /* ∂ */
    MATH_OPEN,
    MATH_CLOSE,
    MATH_BAR,  /* | or ‖, which will be one of the two before */
    MATH_SIGN, /* +, −, ± */
    MATH_TIMES,
    MATH_OPERATOR, /* any other: /, ∘ */
    MATH_RELATION, /* =, ≤, → and what parts: commas */
    MATH_PART,     /* words and wide blanks between formulas */
    MATH_BLANK,
    MATH_NOTHING /* no neighbour */
};

struct math_sign {
    const char *name, *unicode;
    enum math_kind kind;
};

/* What \name shows, or NULL. */
const struct math_sign *math_symbol(const char *name, size_t length);

/* A character that is no plain MATH_OPERAND, or NULL. */
const struct math_sign *math_character(const char *bytes, size_t length);

/* The raised or lowered form of a character; "" where there is none. */
const char *math_script(const char *bytes, size_t length, bool raised);

#endif
