/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of a quantity as people see them: turned where w[k,j] is asked for, and
 * of large ones the beginning and the end. */
#ifndef NABLA_FORMULA_VALUES_H
#define NABLA_FORMULA_VALUES_H

#include "formula/document.h"

/* As a matrix; `name` before it may be empty, and is left so. */
void values_add(struct document *document, struct phrase *name, size_t rows, size_t cols,
                const double *values /* (rows, cols) */);

/* Those of a whole quantity, with its name. */
void values_add_quantity(struct document *document, size_t id);

#endif
