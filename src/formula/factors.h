/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of a chain, as blocks of a document. */
#ifndef NABLA_FORMULA_FACTORS_H
#define NABLA_FORMULA_FACTORS_H

#include "formula/document.h"

/* Every factor with its value, under a heading for each path. */
void factors_add(struct document *document, const struct chain *chain);

/* Path by path, and the sum: that of the derivative `element`, `value`. */
void factors_add_paths(struct document *document, const struct chain *chain, struct element element,
                       double value);

#endif
