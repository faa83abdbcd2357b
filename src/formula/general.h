/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formula of an operation for a general index: z¹ₖ = Σⱼ xⱼ·w¹ⱼₖ + b¹ₖ. */
#ifndef NABLA_FORMULA_GENERAL_H
#define NABLA_FORMULA_GENERAL_H

#include "formula/document.h"

/* With sums as Σ; several formulas on a line each. */
void general_full(struct phrase *phrase, const struct notation *notation, size_t op);

/* From long to short: term by term, with what a function's name stands for; with
 * sums as Σ; with names alone. */
void general_forms(struct phrase forms[TITLE_FORMS], const struct notation *notation, size_t op);

/* The formula of one of the operation's writes. */
void general_write(struct phrase *phrase, const struct notation *notation, size_t op, size_t id);

/* A word about it: "one term for each unit that a¹ⱼ feeds"; may be empty. */
void general_aside(struct phrase *phrase, const struct notation *notation, size_t op);

/* The term of an element whose row and column may be letters, its sums over others. */
struct term *general_term(const struct nb_net *net, size_t op, struct element element);

#endif
