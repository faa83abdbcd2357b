/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents as text for a terminal: the parts of set_text(). */
#ifndef NABLA_FORMULA_SET_H
#define NABLA_FORMULA_SET_H

#include "formula/document.h"

void set_text(const struct document *document, struct sink *sink);

/* Entries, by their layout; true where a blank line ends them. */
bool set_entries(const struct block *block, const struct notation *notation, struct sink *sink);

void set_paths(const struct block *block, const struct notation *notation, struct sink *sink);

/* The drawing of a chain, and its rule as built-up fractions. */
void set_diagram(const struct chain *chain, const struct notation *notation, struct sink *sink);
void set_rule(const struct chain *chain, const struct notation *notation, struct sink *sink);
void set_fractions(const struct block *block, const struct notation *notation, struct sink *sink);

#endif
