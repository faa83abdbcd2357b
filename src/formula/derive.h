/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives by way of deltas: what comes back to each z.
 *
 *     δ¹₁      = (w²₁₁·δ²₁ + w²₁₂·δ²₂)·a¹₁·(1 − a¹₁)
 *              = (0.4·(−0.0243475) + 0.45·0.115693) · 0.229774 = 0.0097247
 */
#ifndef NABLA_FORMULA_DERIVE_H
#define NABLA_FORMULA_DERIVE_H

#include "base/sink.h"
#include "formula/layout.h"
#include "formula/local.h"
#include "formula/symbol.h"

/* The lines from the deltas that it needs (one layer up where all are too
 * many) down to a dw, db, delta or da. */
void derive_print(const struct notation *notation, struct element element, struct sink *sink);

/* The lines of a derivation, gathered and then printed in columns. */
enum { DERIVE_NAME, DERIVE_SYMBOLS, DERIVE_NUMBERS, DERIVE_RESULT };
void derive_add(struct layout_table *table, const struct notation *notation,
                struct element element);
void derive_print_table(const struct layout_table *table, const struct notation *notation,
                        struct sink *sink);

#endif
