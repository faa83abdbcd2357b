/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formula of an operation for a general index: z¹ₖ = Σⱼ xⱼ·w¹ⱼₖ + b¹ₖ. */
#ifndef NABLA_FORMULA_GENERAL_H
#define NABLA_FORMULA_GENERAL_H

#include "base/sink.h"
#include "formula/symbol.h"

/* With sums as Σ; several formulas on a line each. */
void general_full(struct text *text, const struct notation *notation, size_t op);

/* Term by term where that takes no more than `columns`. */
void general_compact(struct text *text, const struct notation *notation, size_t op, size_t columns);

/* The lines of such a text, indented. */
void general_print(struct sink *sink, const struct text *text);

/* The formula of one of the operation's writes. */
void general_write(struct text *text, const struct notation *notation, size_t op, size_t id);

/* A word about it: "one term for each unit that a¹ⱼ feeds"; may be empty. */
void general_aside(struct text *text, const struct notation *notation, size_t op);

#endif
