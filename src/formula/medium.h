/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Media: what mathematics is written in.  A term, an element, a phrase goes to a
 * text through the pen of a medium:
 *
 *                  text            LaTeX                     MathML
 *     sign         δ               \delta                    <mi>δ</mi>
 *     scripts      z¹₁             z^{1}_{1}                 <msubsup>…
 *     fraction     a/b             \frac{a}{b}               <mfrac>…
 *
 * Text is linear: a fraction needs brackets around sums.  The others are built up:
 * the fraction's line holds its parts together.  What built-up media write has marks
 * in it, bytes that display.c makes use of or drops: where a line may be broken,
 * where lines are aligned, which brackets belong together.
 */
#ifndef NABLA_FORMULA_MEDIUM_H
#define NABLA_FORMULA_MEDIUM_H

#include "base/text.h"
#include "formula/formula.h"

enum structure {
    STRUCTURE_FRACTION, /* above, below */
    STRUCTURE_ROOT,     /* of what */
    STRUCTURE_RAISED,   /* base, exponent */
    STRUCTURE_ARROW,    /* what stands on it */
    STRUCTURE_CASES,    /* lines below each other in braces */
    STRUCTURES
};

/* Where in a structure. */
enum edge { EDGE_OPEN, EDGE_BETWEEN, EDGE_CLOSE, EDGES };

#define MARK_BREAK "\1" /* a line may be broken here */
#define MARK_ALIGN "\2" /* before a relation: lines are aligned here */
#define MARK_OPEN  "\3" /* before a bracket that opens ... */
#define MARK_CLOSE "\4" /* ... and one that closes */
#define MARK_OVER  "\5" /* around a fraction, whose width is that of its wider part: */
#define MARK_UNDER "\6" /* opens, between, closes; in the measure alone */
#define MARK_DONE  "\7"
#define IS_MARK(c) ((c) > 0 && (c) <= 7)

struct medium {
    bool built_up;
    bool marks;
    const char *structures[STRUCTURES][EDGES];

    /* Signs, names and numbers in Unicode, with nothing built up in them: "σ", " + ", "½". */
    void (*say)(struct text *text, const char *formula);
    /* `base` with indices; what is empty is left out.  All are in the medium already. */
    void (*scripts)(struct text *text, const char *base, const char *raised, const char *lowered);
    /* Round, square or straight: ( ) [ ] |; where the medium has marks, with one before it. */
    void (*bracket)(struct text *text, char bracket, bool closes);
    /* Such a bracket, once it is known whether what it holds is taller than a letter. */
    void (*grow)(struct text *text, char bracket, bool closes, bool tall);
    /* Words within a formula, and formula (all of it) and code within words. */
    void (*words)(struct text *text, const char *words);
    void (*prose)(struct text *text, const char *words);
    void (*inset)(struct text *text, const char *formula);
    void (*code)(struct text *text, const char *typed);
};

/* Text in Unicode, in ASCII; the two in which only the width counts; and the others. */
extern const struct medium medium_unicode, medium_ascii, medium_measure;
extern const struct medium medium_latex, medium_mathml;

const struct medium *medium_of(enum formula_medium medium, bool unicode);

/* A sign above ASCII, or a name of letters, as the media write it. */
struct sign {
    const char *sign, *ascii;
    const char *latex;
    bool letter; /* a name, in MathML <mi>; else <mo> */
};

/* The sign that begins bytes[0..length), or NULL; *size: its bytes. */
const struct sign *sign_at(const char *bytes, size_t length, size_t *size);

#endif
