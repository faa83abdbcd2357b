/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/ops.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define COLUMNS 256 /* of a product, at a time */
#define SOURCES 64
#define FEW     4 /* of them in registers */

/* ---- Element by element ---- */

static double add(double a, double b)
{
    return a + b;
}
static double subtract(double a, double b)
{
    return a - b;
}
static double multiply(double a, double b)
{
    return a * b;
}
static double divide(double a, double b)
{
    return a / b;
}
static double equal(double a, double b)
{
    return a == b;
}
static double unequal(double a, double b)
{
    return a != b;
}
static double less(double a, double b)
{
    return a < b;
}
static double less_equal(double a, double b)
{
    return a <= b;
}
static double greater(double a, double b)
{
    return a > b;
}
static double greater_equal(double a, double b)
{
    return a >= b;
}
static double both(double a, double b)
{
    return a != 0 && b != 0;
}
static double either(double a, double b)
{
    return a != 0 || b != 0;
}

static const struct operation {
    const char *symbol;
    double (*of)(double, double);
} operations[TOKEN_KINDS] = {
    [TOKEN_PLUS] = { "+", add },
    [TOKEN_MINUS] = { "-", subtract },
    [TOKEN_TIMES] = { "*", multiply },
    [TOKEN_DIVIDE] = { "/", divide },
    [TOKEN_POWER] = { "^", pow },
    [TOKEN_EQUAL] = { "==", equal },
    [TOKEN_UNEQUAL] = { "!=", unequal },
    [TOKEN_LESS] = { "<", less },
    [TOKEN_LESS_EQUAL] = { "<=", less_equal },
    [TOKEN_GREATER] = { ">", greater },
    [TOKEN_GREATER_EQUAL] = { ">=", greater_equal },
    [TOKEN_AND] = { "and", both },
    [TOKEN_OR] = { "or", either },
};

static bool stretches(size_t a, size_t b)
{
    return a == b || a == 1 || b == 1;
}

static size_t stretched(size_t a, size_t b)
{
    return a == 1 ? b : a;
}

/* "x is 1×3 (a vector), w1 is 3×2" */
static void add_shape(struct text *text, const char *name, const struct value *value)
{
    text_printf(text, "%s is %zu×%zu%s", name, value->rows, value->cols,
                value->rank == 1   ? " (a vector is one row)"
                : value->rank == 0 ? " (a number)"
                                   : "");
}

/* Which of a transposed, b transposed, both would fit; not told for functions. */
static enum nb_status shape_error(bool (*fits)(size_t, size_t, size_t, size_t),
                                  const struct value *a, const struct value *b, const char *symbol,
                                  const struct op_names *names, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const char *or_else = "; ";
    text_printf(&text, "the shapes do not fit for %s: ", symbol);
    add_shape(&text, names->left, a);
    text_add(&text, ", ");
    add_shape(&text, names->right, b);
    bool function = symbol[0] >= 'a' && symbol[0] <= 'z';
    for (int way = 1; way < 4 && !function; way++) {
        bool left = way & 2, right = way & 1;
        if (!fits(left ? a->cols : a->rows, left ? a->rows : a->cols, right ? b->cols : b->rows,
                  right ? b->rows : b->cols) ||
            (way == 3 && or_else[0] == ' '))
            continue;
        text_printf(&text, "%s%s%s %s %s%s", or_else, names->left, left ? "'" : "", symbol,
                    names->right, right ? "'" : "");
        or_else = " or ";
    }
    text_add(&text, or_else[0] == ' ' ? " would fit" : "");
    enum nb_status status = text_status(&text, error);
    if (status == NB_OK)
        status = error_set(error, NB_FAILED, "%s", text.bytes);
    text_release(&text);
    return status;
}

static bool broadcasts(size_t rows_a, size_t cols_a, size_t rows_b, size_t cols_b)
{
    return stretches(rows_a, rows_b) && stretches(cols_a, cols_b);
}

static bool multiplies(size_t rows_a, size_t cols_a, size_t rows_b, size_t cols_b)
{
    (void)rows_a, (void)cols_b;
    return cols_a == rows_b;
}

enum nb_status op_broadcast(double (*f)(double, double), const struct value *a,
                            const struct value *b, const char *symbol, const struct op_names *names,
                            struct value *result, struct nb_error *error)
{
    if (!broadcasts(a->rows, a->cols, b->rows, b->cols))
        return shape_error(broadcasts, a, b, symbol, names, error);
    size_t rows = stretched(a->rows, b->rows), cols = stretched(a->cols, b->cols);
    int rank = a->rank > b->rank ? a->rank : b->rank;
    enum nb_status status = value_init(result, rank, rows, cols, error);
    if (status != NB_OK)
        return status;
    for (size_t i = 0; i < rows; i++) {
        const double *left = a->data + (a->rows == 1 ? 0 : i * a->cols);
        const double *right = b->data + (b->rows == 1 ? 0 : i * b->cols);
        for (size_t j = 0; j < cols; j++)
            result->data[i * cols + j] = f(left[a->cols == 1 ? 0 : j], right[b->cols == 1 ? 0 : j]);
    }
    return NB_OK;
}

/* ---- The matrix product ---- */

/* A 1×1 product is a number; a row out of a vector or a number stays a vector. */
static int product_rank(const struct value *a, const struct value *b)
{
    if (a->rows == 1 && b->cols == 1)
        return 0;
    if (a->rank == 1 || (a->rank == 0 && b->rank < 2))
        return 1;
    return 2;
}

/* sums += row·b for FEW sources, each sum in their order. */
static void add_few(double *restrict sums, const double *restrict row, const double *restrict b,
                    size_t cols, size_t columns)
{
    for (size_t c = 0; c < columns; c++) {
        double sum = sums[c];
        for (size_t k = 0; k < FEW; k++)
            sum += row[k] * b[k * cols + c];
        sums[c] = sum;
    }
}

static void add_one(double *restrict sums, double factor, const double *restrict b, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        sums[c] += factor * b[c];
}

/* result += a·b for row i, the columns j..j+COLUMNS and the sources k..k+SOURCES: a part
 * of b that stays in the cache. */
static void add_products(const struct value *a, const struct value *b, size_t i, size_t j, size_t k,
                         struct value *result)
{
    size_t columns = b->cols - j < COLUMNS ? b->cols - j : COLUMNS;
    size_t last = a->cols - k < SOURCES ? a->cols : k + SOURCES;
    double *sums = result->data + i * b->cols + j;
    const double *row = a->data + i * a->cols, *part = b->data + j;
    for (; k + FEW <= last; k += FEW)
        add_few(sums, row + k, part + k * b->cols, b->cols, columns);
    for (; k < last; k++)
        add_one(sums, row[k], part + k * b->cols, columns);
}

static enum nb_status product(const struct value *a, const struct value *b,
                              const struct op_names *names, const volatile sig_atomic_t *interrupt,
                              struct value *result, struct nb_error *error)
{
    if (!multiplies(a->rows, a->cols, b->rows, b->cols))
        return shape_error(multiplies, a, b, "@", names, error);
    enum nb_status status = value_init(result, product_rank(a, b), a->rows, b->cols, error);
    if (status != NB_OK)
        return status;
    for (size_t j = 0; j < b->cols; j += COLUMNS)
        for (size_t k = 0; k < a->cols; k += SOURCES)
            for (size_t i = 0; i < a->rows; i++) {
                if (interrupt && *interrupt)
                    return error_set(error, NB_INTERRUPTED, "interrupted");
                add_products(a, b, i, j, k, result);
            }
    return NB_OK;
}

enum nb_status op_binary(enum token_kind symbol, const struct value *a, const struct value *b,
                         const struct op_names *names, const volatile sig_atomic_t *interrupt,
                         struct value *result, struct nb_error *error)
{
    if (symbol == TOKEN_PRODUCT)
        return product(a, b, names, interrupt, result, error);
    const struct operation *operation = &operations[symbol];
    return op_broadcast(operation->of, a, b, operation->symbol, names, result, error);
}

/* ---- One operand ---- */

static enum nb_status transpose(struct value *value, struct nb_error *error)
{
    struct value turned;
    if (value->rank == 0)
        return NB_OK;
    enum nb_status status = value_init(&turned, 2, value->cols, value->rows, error);
    if (status != NB_OK)
        return status;
    for (size_t i = 0; i < value->rows; i++)
        for (size_t j = 0; j < value->cols; j++)
            turned.data[j * value->rows + i] = value->data[i * value->cols + j];
    value_release(value);
    *value = turned;
    return NB_OK;
}

enum nb_status op_unary(enum token_kind symbol, struct value *value, struct nb_error *error)
{
    if (symbol == TOKEN_QUOTE)
        return transpose(value, error);
    for (size_t i = 0; i < value->rows * value->cols; i++)
        value->data[i] = symbol == TOKEN_MINUS ? -value->data[i] : value->data[i] == 0;
    return NB_OK;
}
