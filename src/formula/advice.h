/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words about mistakes, in the symbols of the network at hand. */
#ifndef NABLA_FORMULA_ADVICE_H
#define NABLA_FORMULA_ADVICE_H

#include "formula/answer.h"

/* One mistake, and the formula in which it was made. */
struct advice {
    const struct subject *subject;
    const struct notation *notation;
    struct cause cause;
    struct site site; /* of the element in whose formula it was made */
    struct site told; /* whose formula is told: of the delta, where that is its da */
    bool own;         /* in the subject's own formula */
};
struct advice advice_of(const struct subject *subject, const struct judgement *judgement,
                        const struct notation *notation, const struct finding *finding,
                        size_t cause);

/* The number that a finding is spoken about with: the one it explains, or the first wrong one. */
size_t advice_index(const struct judgement *judgement, const struct finding *finding);

/* Adds `words`, with {things} put in: */
void advice_say(const struct advice *advice, struct text *text, const char *words);

/* Is the formula told ∂L/∂a · f', with an f' of its own? */
bool advice_has_slope(const struct advice *advice);

/* A term in symbols, as a factor where it stands in a product; with numbers put in. */
void advice_symbols(const struct advice *advice, struct text *text, const struct term *term,
                    bool factor);
void advice_numbers(const struct advice *advice, struct text *text, const struct term *term,
                    bool factor);

#endif
