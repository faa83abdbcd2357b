/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of the language: scalars, vectors, matrices of float64.
 *
 *     scalar  rank 0, 1×1        vector  rank 1, 1×n        matrix  rank 2, rows×cols
 *
 * A vector is one row, as one sample is.  Row-major; a value owns its numbers;
 * a zeroed struct is a valid value without numbers (rank 0, 0×0).
 */
#ifndef NABLA_LANG_VALUE_H
#define NABLA_LANG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define VALUE_MOST 100000000u /* elements of one value at the most */

struct value {
    int rank;
    size_t rows, cols;
    double *data;
};

/* Zeroed numbers; `value` is overwritten, not released. */
enum nb_status value_init(struct value *value, int rank, size_t rows, size_t cols,
                          struct nb_error *error);
enum nb_status value_scalar(struct value *value, double number, struct nb_error *error);
enum nb_status value_copy(struct value *copy, const struct value *value, struct nb_error *error);
void value_release(struct value *value);
bool value_equal(const struct value *a, const struct value *b); /* shape and numbers */

/* The exact form of `print`: a number, [a, b] or [[a, b], [c, d]]; no newline. */
void value_print(struct text *text, const struct value *value, int digits);

/* "a number", "a vector of 3", "a 3×2 matrix" (3x2 where not unicode). */
void value_describe(struct text *text, const struct value *value);

#endif
