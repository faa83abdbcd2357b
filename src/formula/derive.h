/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives by way of deltas: what comes back to each z.
 *
 *     δ¹₁      = (w²₁₁·δ²₁ + w²₁₂·δ²₂)·a¹₁·(1 − a¹₁)
 *              = (0.4·(−0.0243475) + 0.45·0.115693) · 0.229774 = 0.0097247
 */
#ifndef NABLA_FORMULA_DERIVE_H
#define NABLA_FORMULA_DERIVE_H

#include "formula/document.h"

/* The lines from the deltas that it needs (one layer up where all are too
 * many) down to a dw, db, delta or da. */
void derive_element(struct document *document, struct element element);

/* One such line. */
void derive_add(struct document *document, struct element element);

#endif
