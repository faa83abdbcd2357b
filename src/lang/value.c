/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

enum nb_status value_init(struct value *value, int rank, size_t rows, size_t cols,
                          struct nb_error *error)
{
    size_t count;
    *value = (struct value){ 0 };
    if (!size_multiply(rows, cols, &count) || count > VALUE_MOST)
        return error_set(error, NB_FAILED, "%zu×%zu numbers are more than the %u a value can hold",
                         rows, cols, VALUE_MOST);
    double *data = memory_new(count, sizeof *data);
    if (!data)
        return error_memory(error);
    *value = (struct value){ rank, rows, cols, data };
    return NB_OK;
}

enum nb_status value_scalar(struct value *value, double number, struct nb_error *error)
{
    enum nb_status status = value_init(value, 0, 1, 1, error);
    if (status == NB_OK)
        value->data[0] = number;
    return status;
}

enum nb_status value_copy(struct value *copy, const struct value *value, struct nb_error *error)
{
    if (!value->data) {
        *copy = (struct value){ 0 };
        return NB_OK;
    }
    enum nb_status status = value_init(copy, value->rank, value->rows, value->cols, error);
    size_t count = value->rows * value->cols;
    if (status == NB_OK && count)
        memcpy(copy->data, value->data, count * sizeof *copy->data);
    return status;
}

void value_release(struct value *value)
{
    free(value->data);
    *value = (struct value){ 0 };
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->rank != b->rank || a->rows != b->rows || a->cols != b->cols)
        return false;
    for (size_t i = 0; i < a->rows * a->cols; i++)
        if (a->data[i] != b->data[i] && !(isnan(a->data[i]) && isnan(b->data[i])))
            return false;
    return true;
}

static void print_row(struct text *text, const double *row, size_t cols, int digits)
{
    text_add_char(text, '[');
    for (size_t i = 0; i < cols; i++) {
        if (i)
            text_add(text, ", ");
        number_add(text, row[i], digits);
    }
    text_add_char(text, ']');
}

void value_print(struct text *text, const struct value *value, int digits)
{
    if (value->rank == 0 && value->data) {
        number_add(text, value->data[0], digits);
        return;
    }
    if (value->rank < 2) {
        print_row(text, value->data, value->cols, digits);
        return;
    }
    text_add_char(text, '[');
    for (size_t i = 0; i < value->rows; i++) {
        if (i)
            text_add(text, ", ");
        print_row(text, value->data + i * value->cols, value->cols, digits);
    }
    text_add_char(text, ']');
}

void value_describe(struct text *text, const struct value *value)
{
    if (value->rank == 0)
        text_add(text, "a number");
    else if (value->rank == 1)
        text_printf(text, "a vector of %zu", value->cols);
    else
        text_printf(text, "a %zu×%zu matrix", value->rows, value->cols);
}
