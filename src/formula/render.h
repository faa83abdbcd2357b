/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terms as text, in symbols or with numbers put in. */
#ifndef NABLA_FORMULA_RENDER_H
#define NABLA_FORMULA_RENDER_H

#include "formula/symbol.h"

#define RENDER_SYMBOLS       (-1)
#define RENDER_FACTORS       (-2) /* factors worked out, but a sum of products left to see */
#define RENDER_VALUES        1000 /* higher than any term: all is worked out */
#define RENDER_SUMMANDS_MOST 8    /* a longer sum shows its first two and its last */

struct render {
    const struct notation *notation;
    int fold;      /* RENDER_…; else all below height `fold` is worked out: 0 puts numbers in */
    bool collapse; /* sums as Σⱼ, not term by term */
};

void render_term(struct text *text, const struct render *render, const struct term *term);

/* As a factor of a product: sums, fractions and negative numbers in brackets. */
void render_factor(struct text *text, const struct render *render, const struct term *term);

#endif
