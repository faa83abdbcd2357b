/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How things are written in formulas: z¹₁, w¹₁₂,₃, δ²₁, ∂L/∂a¹₁, ŷ₁, in a batch
 * z¹₁⁽³⁾ for sample 3; in ASCII z1[1], w1[12,3], delta2[1], dL/da1[1], yhat[1],
 * z1[3,1].  Other media than text, formula_style says which, get the same built up.
 */
#ifndef NABLA_FORMULA_SYMBOL_H
#define NABLA_FORMULA_SYMBOL_H

#include "base/text.h"
#include "formula/formula.h"

struct notation {
    const struct nb_net *net;
    const struct formula_style *style;
    bool unicode;
    bool yhat; /* write the activations of the last layer as ŷ */
};

/* Adds words written in Unicode, spelled out in ASCII where `unicode` is false. */
void symbol_words(struct text *text, bool unicode, const char *words);

/* A number with style->digits significant digits and a real minus sign. */
void symbol_number(struct text *text, const struct notation *notation, double value);

/* A constant of a formula, in full. */
void symbol_constant(struct text *text, const struct notation *notation, double value);

/* η, μ, β₁: lr, momentum, beta1 in ASCII. */
void symbol_setting(struct text *text, const struct notation *notation, enum term_setting setting);

/* ᵗ where `exponent` is 0, else the number raised: ^t, ^3 in ASCII; t, 3 where it is
 * the medium that raises it. */
void symbol_exponent(struct text *text, const struct notation *notation, size_t exponent);

/* An element as in formulas; row and col may be letters, col NB_NOWHERE: all of the row. */
void symbol_element(struct text *text, const struct notation *notation, size_t id, size_t row,
                    size_t col);

/* Has the quantity a source and a destination index: w, dw, gw, mw, vw? */
bool symbol_is_matrix(enum nb_quantity_kind kind);

/* Is it written as a derivative, ∂L/∂w? */
bool symbol_is_partial(enum nb_quantity_kind kind);

/* A whole quantity as in formulas: w¹, ∂L/∂w¹, δ². */
void symbol_whole(struct text *text, const struct notation *notation, size_t id);

/* An element as typed: dw1[1,1], delta2[1]; in a batch z1[3,1]. */
void symbol_typed(struct text *text, const struct notation *notation, size_t id, size_t row,
                  size_t col);

/* Σ with the letter of its index, Σⱼ or sum_j, and a blank. */
void symbol_sum(struct text *text, const struct notation *notation, size_t letter);

/* The loss of one sample: L⁽³⁾, L[3]. */
void symbol_sample_loss(struct text *text, const struct notation *notation, size_t row);

/* ∂z¹₁/∂w¹₁₁: the quotient of two elements, "L" for top == the loss. */
void symbol_partial(struct text *text, const struct notation *notation, size_t top, size_t top_row,
                    size_t top_col, size_t bottom, size_t bottom_row, size_t bottom_col);

/* The d-names of a fraction, "∂z¹₁". */
void symbol_d(struct text *text, const struct notation *notation, size_t id, size_t row,
              size_t col);

/* Columns that a text takes. */
size_t symbol_width(const struct text *text);

#endif
