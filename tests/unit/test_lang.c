/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions: values by hand or from numpy, and every way to be refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/error.h"
#include "lang/functions.h"
#include "lang/lang.h"

/* ---- The names that the tests read ---- */

static const struct {
    const char *name;
    int rank;
    size_t rows, cols;
    double data[12];
} world[] = {
    { "x", 1, 1, 3, { 0.5, 0.5, 0.1 } }, { "w1", 2, 3, 2, { 0.15, 0.2, 0.25, 0.3, 0.35, 0.4 } },
    { "b1", 1, 1, 2, { 0.35, 0.3 } },    { "loss", 0, 1, 1, { 0.25 } },
    { "lr", 0, 1, 1, { 0.1 } },          { "delta2", 1, 1, 2, { -1, 2 } },
    { "dw1", 2, 1, 2, { 7, 8 } },        { "batch", 2, 2, 3, { 1, 2, 3, 4, 5, 6 } },
    { "Foo", 0, 1, 1, { 42 } },          { "da1", 1, 1, 2, { 8, 4 } },
    { "c", 2, 2, 1, { 10, 20 } },
};

static enum nb_status world_read(void *context, const char *name, bool old, struct value *value,
                                 struct nb_error *error)
{
    (void)context;
    for (size_t i = 0; i < COUNT_OF(world); i++) {
        if (strcmp(world[i].name, name) != 0)
            continue;
        enum nb_status status =
            value_init(value, world[i].rank, world[i].rows, world[i].cols, error);
        for (size_t j = 0; !status && j < world[i].rows * world[i].cols; j++)
            value->data[j] = world[i].data[j] + (old ? 100 : 0);
        return status;
    }
    return error_set(error, NB_FAILED, "unknown name %s", name);
}

/* 1000·top + bottom and the indices, so that the test sees what arrived. */
static enum nb_status world_local(void *context, const struct lang_local *local, double *value,
                                  struct nb_error *error)
{
    (void)context;
    if (strcmp(local->top, "x") == 0)
        return error_set(error, NB_FAILED, "x depends on nothing");
    assert_int_equal(local->top[0], local->top_indices ? 'a' : 'z');
    *value = (local->old ? 10000 : 0) + 1000 * atof(local->top + 1) +
             100 * (double)(local->top_indices ? local->top_index[0] + 1 : 0) +
             10 * (double)(local->bottom_indices ? local->bottom_index[0] + 1 : 0) +
             (double)(local->bottom_indices == 2 ? local->bottom_index[1] + 1 : 0) +
             (local->bottom[0] == 'w' ? 0.5 : 0.25);
    return NB_OK;
}

static void world_random(void *context, bool normal, double *data, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        data[i] = (normal ? -1 : 1) * (double)(i + 1);
}

static const struct lang_names names = { .read = world_read,
                                         .local = world_local,
                                         .random = world_random };

/* The printed value with 10 digits, or the status and text of the error. */
static enum nb_status evaluate(const char *source, struct text *printed, struct nb_error *error)
{
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    error_clear(error);
    enum nb_status status = lang_parse(source, 0, strlen(source), &names, &tree, error);
    if (status == NB_OK)
        status = lang_evaluate(tree, &names, &value, error);
    if (status == NB_OK)
        value_print(printed, &value, 10);
    else
        assert_null(value.data);
    lang_tree_free(&tree);
    value_release(&value);
    return status;
}

static void check_value(const char *source, const char *expected)
{
    struct text printed = TEXT_INIT;
    struct nb_error error;
    if (evaluate(source, &printed, &error) != NB_OK)
        fail_msg("%s: %s", source, error.text);
    if (strcmp(printed.bytes, expected) != 0)
        fail_msg("%s gave %s, expected %s", source, printed.bytes, expected);
    text_release(&printed);
}

struct pair {
    const char *source, *expected;
};

static void check_values(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_value(pairs[i].source, pairs[i].expected);
}

/* ---- Values ---- */

static void test_precedence(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "1 + 2 * 3", "7" },
        { "(1 + 2) * 3", "9" },
        { "2 - 3 - 4", "-5" },
        { "16 / 4 / 2", "2" },
        { "-2^2", "-4" },
        { "(-2)^2", "4" },
        { "2^-1", "0.5" },
        { "2^3^2", "512" },
        { "-2^-2", "-0.25" },
        { "2 * -3", "-6" },
        { "--3", "3" },
        { "+-+3", "-3" },
        { "1 - -1", "2" },
        { "1 + 1 == 2", "1" },
        { "(3 > 2) == 1", "1" },
        { "not 1 == 2", "1" },
        { "not not 5", "1" },
        { "1 or 0 and 0", "1" },
        { "(1 or 0) and 0", "0" },
        { "not 0 and 0", "0" },
        { "1 == 1 and 2 != 2 or 3 <= 3", "1" },
        { "0 or 0.0", "0" },
        { "2 < 3", "1" },
        { "2 >= 3", "0" },
        { "2 ≤ 2 and 3 ≥ 3 and 1 ≠ 2", "1" },
        { "3 − 1", "2" },
        { "-[1, 2]'", "[[-1], [-2]]" },
        { "2^[1, 2][2]", "4" },
        { "[1, 2]''", "[[1, 2]]" },
        { "2 * [1, 2] @ [3; 4]", "22" },
    };
    check_values(pairs, COUNT_OF(pairs));
}

static void test_literals(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "1", "1" },
        { ".5", "0.5" },
        { "5.", "5" },
        { "1e-3", "0.001" },
        { "1.5E+2", "150" },
        { "pi", "3.141592654" },
        { "π", "3.141592654" },
        { "e", "2.718281828" },
        { "-inf", "-Infinity" },
        { "Infinity", "Infinity" },
        { "NaN", "NaN" },
        { "nan", "NaN" },
        { "-0", "0" },
        { "[1]", "[1]" },
        { "[1, 2, 3]", "[1, 2, 3]" },
        { "[1, 2; 3, 4]", "[[1, 2], [3, 4]]" },
        { "[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]" },
        { "[[1, 2]; [3, 4]]", "[[1, 2], [3, 4]]" },
        { "[[1, 2, 3]]", "[[1, 2, 3]]" },
        { "[1; 2; 3]", "[[1], [2], [3]]" },
        { "[[1], [2]]", "[[1], [2]]" },
        { "[1, # one\n 2]", "[1, 2]" },
        { "[1, \\\n 2]", "[1, 2]" },
        { "[1 - 2, -3]", "[-1, -3]" },
        { "[1-2]", "[-1]" },
        { "[x, 1]", "[0.5, 0.5, 0.1, 1]" },
        { "[0, b1, 1]", "[0, 0.35, 0.3, 1]" },
        { "[b1, b1]", "[[0.35, 0.3], [0.35, 0.3]]" },
        { "[b1; 1, 2]", "[[0.35, 0.3], [1, 2]]" },
        { "[b1', b1']", "[[0.35, 0.35], [0.3, 0.3]]" },
        { "[c, c; 1, 2]", "[[10, 10], [20, 20], [1, 2]]" },
        { "[batch; batch]", "[[1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6]]" },
    };
    check_values(pairs, COUNT_OF(pairs));
}

static void test_shapes(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "x @ w1", "[0.235, 0.29]" },
        { "x @ w1 + b1", "[0.585, 0.59]" },
        { "delta2 @ w1'", "[0.25, 0.35, 0.45]" },
        { "x'", "[[0.5], [0.5], [0.1]]" },
        { "x' @ b1", "[[0.175, 0.15], [0.175, 0.15], [0.035, 0.03]]" },
        { "x @ x'", "0.51" },
        { "w1' @ w1", "[[0.2075, 0.245], [0.245, 0.29]]" },
        { "batch @ w1", "[[1.7, 2], [3.95, 4.7]]" },
        { "[[1, 2, 3]] @ w1", "[[1.7, 2]]" },
        { "2 @ 3", "6" },
        { "0.1 @ [1, 2]", "[0.1, 0.2]" },
        { "c @ 2", "[[20], [40]]" },
        { "[5]' @ [1, 2]", "[[5, 10]]" },
        { "b1 * 2", "[0.7, 0.6]" },
        { "1 / b1'", "[[2.857142857], [3.333333333]]" },
        { "batch + [10, 20, 30]", "[[11, 22, 33], [14, 25, 36]]" },
        { "batch + c", "[[11, 12, 13], [24, 25, 26]]" },
        { "[1, 2, 3] + c", "[[11, 12, 13], [21, 22, 23]]" },
        { "[1, 2, 3] > 2", "[0, 0, 1]" },
        { "not [0, 1]", "[1, 0]" },
        { "[1, 0] and [1, 1] or [0, 0]", "[1, 0]" },
        { "[2, 3]^2", "[4, 9]" },
        { "2^[[1, 2], [3, 4]]", "[[2, 4], [8, 16]]" },
    };
    check_values(pairs, COUNT_OF(pairs));
}

static void test_indices(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "w1[1,1]", "0.15" },
        { "w1[3,2]", "0.4" },
        { "w1[1][2]", "0.2" },
        { "W1[2]", "[0.25, 0.3]" },
        { "w1[2,:]", "[0.25, 0.3]" },
        { "w1[:,2]", "[[0.2], [0.3], [0.4]]" },
        { "w1[:]", "[[0.15, 0.2], [0.25, 0.3], [0.35, 0.4]]" },
        { "w1[2:3]", "[[0.25, 0.3], [0.35, 0.4]]" },
        { "w1[2:3,1]", "[[0.25], [0.35]]" },
        { "w1[1,1:2]", "[0.15, 0.2]" },
        { "w1[1:1,1:1]", "[[0.15]]" },
        { "x[3]", "0.1" },
        { "x[2:3]", "[0.5, 0.1]" },
        { "x[:]", "[0.5, 0.5, 0.1]" },
        { "x[1+1*2]", "0.1" },
        { "(x @ w1)[2]", "0.29" },
        { "w1'[2,3]", "0.4" },
        { "w1'[2][3]", "0.4" },
        { "batch[2, 3]", "6" },
        { "[4, 5, 6][2]", "5" },
        { "x[argmax([1, 9, 3])]", "0.5" },
        { "x @ w1[:,1]", "0.235" },
        { "old(loss)", "100.25" },
        { "old(x[1] + loss) - loss", "200.5" },
        { "old(w1[1,1])", "100.15" },
        { "old(loss) - loss", "100" },
    };
    check_values(pairs, COUNT_OF(pairs));
}

static void test_spellings(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        { "X[1]", "0.5" },
        { "δ2", "[-1, 2]" },
        { "dL/dz2", "[-1, 2]" },
        { "dz2", "[-1, 2]" },
        { "∂L/∂z2[2]", "2" },
        { "∂C/∂w1", "[[7, 8]]" },
        { "∇w1", "[[7, 8]]" },
        { "dW1[1,2]", "8" },
        { "dJ/dw1[1,1] + 1", "8" },
        { "η", "0.1" },
        { "α + eta + alpha", "0.3" },
        { "Foo", "42" },
        { "da1 / da1", "[1, 1]" },
        { "da2[1]/dz2[1]", "2110.25" },
        { "∂a2[1]/∂w1[3,2]", "2132.5" },
        { "2*da1[2]/dz1[1]", "2420.5" },
        { "da2[1]/dz2[1] + 1", "2111.25" },
        { "old(da2[1]/dz2[1]) + da2[1]/dz2[1]", "14220.5" },
        { "dz1/dx", "1000.25" },
        { "da1[1] / da1[2]", "2" },
        { "σ(0)", "0.5" },
        { "σ'(0)", "0.25" },
        { "sigmoid'(0) * 4", "1" },
    };
    check_values(pairs, COUNT_OF(pairs));
}

/* ---- Functions ---- */

/* At least one row for every function of the table. */
static const struct call_row {
    const char *name, *source, *expected;
} calls[] = {
    { "sigmoid", "sigmoid([0.585, 0.59])", "[0.642217093, 0.6433651457]" },
    { "sigmoid", "sigmoid'(0.585)", "0.2297742985" },
    { "sigmoid", "sigmoid(-1000) + sigmoid(1000)", "1" },
    { "sigmoid", "sigmoid(-40)", "4.248354255e-18" },
    { "sigmoid", "sigmoid'(-1000)", "0" },
    { "tanh", "tanh(0.5)", "0.4621171573" },
    { "tanh", "tanh'(0.5)", "0.786447733" },
    { "lecun", "lecun(1.5)", "1.306819412" },
    { "lecun", "lecun'(1.5)", "0.4804226485" },
    { "relu", "relu([-1, 0, 2])", "[0, 0, 2]" },
    { "relu", "relu'([-1, 0, 2])", "[0, 0, 1]" },
    { "relu", "relu(nan)", "NaN" },
    { "leakyrelu", "leakyrelu([-2, 0, 2])", "[-0.02, 0, 2]" },
    { "leakyrelu", "leakyrelu'([-2, 0, 2])", "[0.01, 0.01, 1]" },
    { "softmax", "softmax([1, 2, 3])", "[0.09003057317, 0.2447284711, 0.6652409558]" },
    { "softmax", "softmax([1000, 1000, -1000])", "[0.5, 0.5, 0]" },
    { "softmax", "softmax([0, 0; 1, 1])", "[[0.5, 0.5], [0.5, 0.5]]" },
    { "exp", "exp(1.5)", "4.48168907" },
    { "log", "log(10)", "2.302585093" },
    { "log", "log([0, -1])", "[-Infinity, NaN]" },
    { "sqrt", "sqrt(2)", "1.414213562" },
    { "abs", "abs([-1, 2])", "[1, 2]" },
    { "sin", "sin(1)", "0.8414709848" },
    { "cos", "cos(1)", "0.5403023059" },
    { "sign", "sign([-3, 0, 0.1])", "[-1, 0, 1]" },
    { "round", "round(2.675, 2)", "2.68" },
    { "round", "round(0.5 * 0.0097, 4)", "0.0049" },
    { "round", "round(-0.00485, 4)", "-0.0049" },
    { "round", "round([0.5, 1.5, -2.5, 0.49])", "[1, 2, -3, 0]" },
    { "round", "round(1.005, 2)", "1.01" },
    { "round", "round(1.1 * 1.15, 2)", "1.27" },
    { "round", "round(9.999, 2)", "10" },
    { "round", "round(1234.5, -2)", "1200" },
    { "round", "round(0.123456789, 20)", "0.123456789" },
    { "round", "round(1e-9, 3)", "0" },
    { "round", "round(0.04, 1)", "0" },
    { "round", "round(0.05, 1)", "0.1" },
    { "round", "round(1e300, 2)", "1e+300" },
    { "round", "round(nan) + inf", "NaN" },
    { "min", "min([3, 1, 2])", "1" },
    { "min", "min(batch, 1)", "[1, 2, 3]" },
    { "min", "min(batch, 2)", "[[1], [4]]" },
    { "min", "min([3, 1], [2, 2])", "[2, 1]" },
    { "min", "min([1, nan])", "NaN" },
    { "max", "max([3, 1, 2])", "3" },
    { "max", "max(batch, 2)", "[[3], [6]]" },
    { "max", "max(batch, 1)", "[4, 5, 6]" },
    { "max", "max([-1, 2], 0)", "[0, 2]" },
    { "max", "max(0.5, 1)", "1" },
    { "max", "max(c, [15, 5])", "[[15, 10], [20, 20]]" },
    { "sum", "sum(batch)", "21" },
    { "sum", "sum(batch, 1)", "[5, 7, 9]" },
    { "sum", "sum(batch, 2)", "[[6], [15]]" },
    { "sum", "sum([1, 2, 3], 2)", "6" },
    { "sum", "sum([1, 2, 3], 1)", "[1, 2, 3]" },
    { "sum", "sum(5)", "5" },
    { "mean", "mean(w1)", "0.275" },
    { "mean", "mean(w1, 1)", "[0.25, 0.3]" },
    { "mean", "mean(w1, 2)", "[[0.175], [0.275], [0.375]]" },
    { "argmax", "argmax([0.1, 0.7, 0.2])", "2" },
    { "argmax", "argmax([1, 5; 7, 2], 2)", "[[2], [1]]" },
    { "argmax", "argmax([1, 5; 7, 2], 1)", "[2, 1]" },
    { "argmax", "argmax([3, 3])", "1" },
    { "norm", "norm([3, 4])", "5" },
    { "norm", "norm(w1)", "0.705336799" },
    { "norm", "norm([3e200, 4e200])", "5e+200" },
    { "norm", "norm([0, 0])", "0" },
    { "outer", "outer([1, 2], [3, 4, 5])", "[[3, 4, 5], [6, 8, 10]]" },
    { "outer", "outer([1, 2]', [3, 4]')", "[[3, 4], [6, 8]]" },
    { "onehot", "onehot(2, 3)", "[0, 1, 0]" },
    { "onehot", "onehot([3, 1], 3)", "[[0, 0, 1], [1, 0, 0]]" },
    { "zeros", "zeros(2)", "[0, 0]" },
    { "zeros", "zeros(1, 2)", "[[0, 0]]" },
    { "ones", "ones(2, 3)", "[[1, 1, 1], [1, 1, 1]]" },
    { "rand", "rand()", "1" },
    { "rand", "rand(3)", "[1, 2, 3]" },
    { "randn", "randn(2, 2)", "[[-1, -2], [-3, -4]]" },
    { "linspace", "linspace(0, 1, 5)", "[0, 0.25, 0.5, 0.75, 1]" },
    { "linspace", "linspace(2, 9, 1)", "[9]" },
    { "linspace", "cols(linspace(0, 1))", "100" },
    { "rows", "rows(w1)", "3" },
    { "cols", "cols(w1)", "2" },
    { "cols", "cols(x) + rows(x)", "4" },
};

static void test_functions(void **state)
{
    (void)state;
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        check_value(calls[i].source, calls[i].expected);
    for (size_t i = 0; i < count; i++) {
        bool tested = false;
        for (size_t j = 0; j < COUNT_OF(calls); j++)
            tested |= strcmp(calls[j].name, rows[i].name) == 0;
        if (!tested)
            fail_msg("the function %s has no test", rows[i].name);
        assert_true(rows[i].summary[0]);
        assert_string_equal(rows[i].name, function_at(i)->name);
    }
}

/* Each function refuses fewer and more arguments than its row says. */
static void test_argument_counts(void **state)
{
    (void)state;
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    for (size_t i = 0; i < count; i++)
        for (int given = 0; given < 5; given++) {
            struct text source = TEXT_INIT, printed = TEXT_INIT;
            struct nb_error error;
            bool fits = given >= function_at(i)->least && given <= function_at(i)->most;
            text_printf(&source, "%s(", rows[i].name);
            for (int j = 0; j < given; j++)
                text_printf(&source, "%s1", j ? ", " : "");
            text_add(&source, ")");
            assert_int_equal(evaluate(source.bytes, &printed, &error), fits ? NB_OK : NB_USAGE);
            if (!fits)
                assert_non_null(strstr(error.text, rows[i].name));
            text_release(&source);
            text_release(&printed);
        }
}

static void test_slopes(void **state)
{
    (void)state;
    static const double at[] = { -3, -0.7, 0.2, 1.9 };
    size_t count;
    lang_functions(&count);
    for (size_t i = 0; i < count; i++) {
        const struct function *function = function_at(i);
        for (size_t j = 0; function->slope && j < COUNT_OF(at); j++) {
            double h = 1e-6;
            double quotient = (function->map(at[j] + h) - function->map(at[j] - h)) / (2 * h);
            assert_true(fabs(quotient - function->slope(at[j])) < 1e-8);
        }
    }
}

/* ---- Errors ---- */

static const struct error_row {
    const char *source;
    enum nb_status status;
    size_t at;
    const char *part; /* of the message */
} errors[] = {
    { "", NB_USAGE, 0, "expected a number or a name here, found the end" },
    { "1 +", NB_USAGE, 3, "found the end" },
    { "1 + * 2", NB_USAGE, 4, "expected a number or a name, found *" },
    { "(1 + 2", NB_USAGE, 0, "never closed: add )" },
    { "w1[1", NB_USAGE, 2, "never closed: add ]" },
    { "[1, 2", NB_USAGE, 0, "never closed: add ]" },
    { "exp(1", NB_USAGE, 3, "never closed" },
    { "1)", NB_USAGE, 1, "closes nothing" },
    { "(1]", NB_USAGE, 2, "expected an operator or ), found ]" },
    { "1 2", NB_USAGE, 2, "expected an operator" },
    { "2x", NB_USAGE, 1, "a product is written with *" },
    { "1 < 2 < 3", NB_USAGE, 6, "write a < b and b < c" },
    { "1 + not 0", NB_USAGE, 4, "(not ...)" },
    { "x = 3", NB_USAGE, 2, "== compares" },
    { "x += 1", NB_USAGE, 2, "w1 = w1 - lr * dw1" },
    { "(1, 2)", NB_USAGE, 2, "vectors stand in [ ]" },
    { "1e999", NB_USAGE, 0, "too large" },
    { "[[1, 2], [3]]", NB_USAGE, 1, "row 1 has 2 numbers, row 2 has 1" },
    { "[1, 2; 3]", NB_USAGE, 0, "row 1 has 2 numbers, row 2 has 1" },
    { "[[1, 2], 3]", NB_USAGE, 1, "equally long" },
    { "[[[1]]]", NB_USAGE, 1, "two deep" },
    { "[1 2]", NB_USAGE, 3, "a comma between two elements" },
    { "[1 -2]", NB_USAGE, 3, "blanks on both sides" },
    { "[]", NB_USAGE, 1, "at least one element" },
    { "[1, 2,]", NB_USAGE, 6, "expected a number" },
    { "[1, 2;]", NB_USAGE, 6, "another row" },
    { "x[]", NB_USAGE, 2, "an index" },
    { "x[1", NB_USAGE, 1, "never closed" },
    { "x[:3]", NB_USAGE, 3, "expected" },
    { "sigmod(1)", NB_USAGE, 0, "did you mean sigmoid?" },
    { "qqqq(1)", NB_USAGE, 0, "help functions" },
    { "w1(1,1)", NB_USAGE, 0, "square brackets" },
    { "softmax'(x)", NB_USAGE, 0, "has a derivative" },
    { "exp'(x)", NB_USAGE, 0, "sigmoid'(z)" },
    { "round(1, 2, 3)", NB_USAGE, 0, "1 or 2 arguments, found 3" },
    { "round(1, 0.5)", NB_USAGE, 0, "whole number" },
    { "sum(x, 3)", NB_USAGE, 0, "axis" },
    { "zeros(0)", NB_USAGE, 0, "from 1 to 1000000" },
    { "zeros(1000001)", NB_USAGE, 0, "from 1 to 1000000" },
    { "zeros(2.5)", NB_USAGE, 0, "whole number" },
    { "zeros(x)", NB_USAGE, 0, "whole number" },
    { "zeros(1000000, 1000000)", NB_FAILED, 0, "a value can hold" },
    { "ones(1000000)' @ ones(1000000)", NB_FAILED, 15, "a value can hold" },
    { "onehot(0, 3)", NB_FAILED, 0, "classes go from 1 to 3" },
    { "onehot(1.5, 3)", NB_FAILED, 0, "classes go from 1 to 3" },
    { "outer(w1, x)", NB_FAILED, 0, "two vectors" },
    { "linspace(x, 1)", NB_FAILED, 0, "argument 1 of linspace is a number" },
    { "2**3", NB_USAGE, 1, "^" },
    { "x.*x", NB_USAGE, 1, "element by element already" },
    { "x && x", NB_USAGE, 2, "write and" },
    { "x | x", NB_USAGE, 2, "write or" },
    { "!x", NB_USAGE, 0, "has no meaning" },
    { "x · w1", NB_USAGE, 2, "@ for the matrix product" },
    { "xᵀ", NB_USAGE, 1, "x'" },
    { "{1}", NB_USAGE, 0, "[ and ]" },
    { "\"text\"", NB_USAGE, 0, "only in commands" },
    { "1 + \x01", NB_USAGE, 4, "control character" },
    { "1 + \xff", NB_USAGE, 4, "not UTF-8" },
    { "x \\ 2", NB_USAGE, 2, "continues a line" },
    { "foo", NB_FAILED, 0, "unknown name foo" },
    { "1 + foo", NB_FAILED, 4, "unknown name foo" },
    { "x[foo]", NB_FAILED, 2, "unknown name foo" },
    { "dx[1]/dz1[1]", NB_FAILED, 0, "x depends on nothing" },
    { "da1[1:2]/dz1[1]", NB_USAGE, 4, "one element by one element" },
    { "w1[0,1]", NB_FAILED, 3, "indices start at 1, found 0" },
    { "w1[1,-1]", NB_FAILED, 5, "indices start at 1, found -1" },
    { "x[1.5]", NB_FAILED, 2, "whole number" },
    { "x[nan]", NB_FAILED, 2, "whole number" },
    { "x[inf]", NB_FAILED, 2, "whole number" },
    { "x[1e300]", NB_FAILED, 2, "x has 3 elements" },
    { "x[4]", NB_FAILED, 2, "x has 3 elements, found index 4" },
    { "x[2:4]", NB_FAILED, 2, "found index 4" },
    { "[[1, 2]][2]", NB_FAILED, 9, "this has 1 row, found index 2" },
    { "x[3:2]", NB_FAILED, 2, "runs backwards" },
    { "x[x]", NB_FAILED, 2, "an index is a number" },
    { "w1[4,1]", NB_FAILED, 3, "w1 has 3 rows, found index 4" },
    { "w1[1,3]", NB_FAILED, 5, "w1 has 2 columns" },
    { "w1[1,1,1]", NB_FAILED, 7, "too many indices" },
    { "w1[1][1][1]", NB_FAILED, 9, "no indices" },
    { "x[1,1]", NB_FAILED, 4, "one index, not two" },
    { "loss[1]", NB_FAILED, 5, "loss is a number" },
    { "(x + 1)[9]", NB_FAILED, 8, "this has 3 elements" },
    { "x @ x", NB_FAILED, 2, "x @ x' or x' @ x would fit" },
    { "w1 @ x", NB_FAILED, 3, "w1' @ x' would fit" },
    { "b1 @ w1", NB_FAILED, 3, "b1 @ w1' would fit" },
    { "batch @ batch", NB_FAILED, 6, "batch @ batch' or batch' @ batch would fit" },
    { "x + b1", NB_FAILED, 2, "x + b1' or x' + b1 would fit" },
    { "x + (b1 + b1)", NB_FAILED, 2, "x is 1×3" },
    { "w1 * batch", NB_FAILED, 3, "w1 * batch' or w1' * batch would fit" },
    { "max(x, b1)", NB_FAILED, 0, "for max: the first argument is 1×3" },
    { "[x', b1']", NB_FAILED, 1, "equally many rows" },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct text printed = TEXT_INIT;
        struct nb_error error;
        const struct error_row *row = &errors[i];
        enum nb_status status = evaluate(row->source, &printed, &error);
        if (status != row->status || error.status != row->status || error.at != row->at)
            fail_msg("%s: status %d at %zu: %s %s", row->source, status, error.at, error.text,
                     printed.bytes);
        if (!strstr(error.text, row->part))
            fail_msg("%s: \"%s\" lacks \"%s\"", row->source, error.text, row->part);
        assert_int_not_equal(error.text[strlen(error.text) - 1], '.');
        text_release(&printed);
    }
}

/* ---- Places and assignments ---- */

static void test_places(void **state)
{
    (void)state;
    static const char source[] = "print  W1[2,1:2] , b1[2], δ2, w1[3][1], x[:]";
    struct lang_name name;
    struct lang_index index[2];
    struct nb_error error;
    size_t indices;
    assert_int_equal(lang_parse_place(source, 6, 17, &names, &name, index, &indices, &error),
                     NB_OK);
    assert_string_equal(name.text, "w1");
    assert_int_equal(name.at, 7);
    assert_int_equal(indices, 2);
    assert_true(index[0].single && index[0].first == 1 && index[0].last == 2);
    assert_true(!index[1].single && !index[1].whole && index[1].first == 0 && index[1].last == 2);
    assert_int_equal(index[1].at, 12);
    const char *at = strstr(source, "δ2");
    size_t from = (size_t)(at - source);
    assert_int_equal(
        lang_parse_place(source, from, from + 3, &names, &name, index, &indices, &error), NB_OK);
    assert_string_equal(name.text, "delta2");
    assert_int_equal(indices, 0);
    assert_int_equal(name.length, 3);
    from = (size_t)(strstr(source, "w1[3]") - source);
    assert_int_equal(
        lang_parse_place(source, from, from + 8, &names, &name, index, &indices, &error), NB_OK);
    assert_int_equal(indices, 2);
    assert_true(index[0].first == 2 && index[1].first == 0 && index[1].single);
    from = (size_t)(strstr(source, "x[:]") - source);
    assert_int_equal(
        lang_parse_place(source, from, from + 4, &names, &name, index, &indices, &error), NB_OK);
    assert_true(indices == 1 && index[0].whole);
}

static void test_no_places(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum nb_status status;
    } rows[] = {
        { "", NB_USAGE },       { "3", NB_USAGE },        { "w1 + 1", NB_USAGE },
        { "w1'", NB_USAGE },    { "w1[0]", NB_FAILED },   { "w1[1,2,3]", NB_FAILED },
        { "exp(1)", NB_USAGE }, { "w1[foo]", NB_FAILED }, { "da2[1]/dz2[1]", NB_USAGE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lang_name name;
        struct lang_index index[2];
        struct nb_error error;
        size_t indices;
        assert_int_equal(lang_parse_place(rows[i].source, 0, strlen(rows[i].source), &names, &name,
                                          index, &indices, &error),
                         rows[i].status);
        assert_int_not_equal(error.at, NB_NOWHERE);
    }
}

static enum nb_status assign(const char *source, struct lang_assignment *assignment,
                             struct nb_error *error)
{
    struct lang_span all = { 0, strlen(source) };
    error_clear(error);
    return lang_parse_assignment(source, all, &names, assignment, error);
}

static void test_assignments(void **state)
{
    (void)state;
    struct lang_assignment assignment;
    struct nb_error error;
    assert_int_equal(assign("ŷ = [1, 2]", &assignment, &error), NB_OK);
    assert_string_equal(assignment.name.text, "yhat");
    assert_int_equal(assignment.indices, 0);
    assert_int_equal(assignment.value.cols, 2);
    lang_assignment_release(&assignment);
    assert_int_equal(assign("w1[1, 2] = x[1] + w1[2,:][1]", &assignment, &error), NB_OK);
    assert_string_equal(assignment.name.text, "w1");
    assert_int_equal(assignment.indices, 2);
    assert_true(assignment.index[1].single && assignment.index[1].first == 1);
    assert_true(assignment.value.data[0] == 0.75);
    lang_assignment_release(&assignment);
}

static void test_bad_assignments(void **state)
{
    (void)state;
    static const struct error_row rows[] = {
        { "w1 =", NB_USAGE, 4, "found the end" },
        { "w1 3", NB_USAGE, 3, "expected =" },
        { "w1 = 3 4", NB_USAGE, 7, "expected an operator" },
        { "2 = 3", NB_USAGE, 0, "expected a name, found 2" },
        { "w1[0,1] = 3", NB_FAILED, 3, "indices start at 1" },
        { "w1[1] = foo", NB_FAILED, 8, "unknown name foo" },
        { "pi = 3", NB_FAILED, 0, "reserved" },
        { "e = 3", NB_FAILED, 0, "reserved" },
        { "old = 3", NB_FAILED, 0, "reserved" },
        { "and = 3", NB_USAGE, 0, "expected a name, found and" },
        { "w1 = w1 = 3", NB_USAGE, 8, "==" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lang_assignment assignment;
        struct nb_error error;
        assert_int_equal(assign(rows[i].source, &assignment, &error), rows[i].status);
        assert_int_equal(error.at, rows[i].at);
        if (!strstr(error.text, rows[i].part))
            fail_msg("%s: %s", rows[i].source, error.text);
        lang_assignment_release(&assignment);
    }
}

/* What batch or x becomes when the statement assigns to it. */
static const struct part_row {
    const char *statement, *expected;
    enum nb_status status;
} parts[] = {
    { "batch[1,2] = 9", "[[1, 9, 3], [4, 5, 6]]", NB_OK },
    { "batch[2] = [7, 8, 9]", "[[1, 2, 3], [7, 8, 9]]", NB_OK },
    { "batch[:,1] = 0", "[[0, 2, 3], [0, 5, 6]]", NB_OK },
    { "batch[:,1] = [7, 8]", "[[7, 2, 3], [8, 5, 6]]", NB_OK },
    { "batch[:,1] = [7; 8]", "[[7, 2, 3], [8, 5, 6]]", NB_OK },
    { "batch[1:2,2:3] = [10, 20; 30, 40]", "[[1, 10, 20], [4, 30, 40]]", NB_OK },
    { "batch[1:2] = 1", "[[1, 1, 1], [1, 1, 1]]", NB_OK },
    { "x[2] = -1", "[0.5, -1, 0.1]", NB_OK },
    { "x[2:3] = [1, 2]", "[0.5, 1, 2]", NB_OK },
    { "batch[3,1] = 0", "2 rows", NB_FAILED },
    { "batch[1] = [1, 2]", "the part is 1×3, the value 1×2", NB_FAILED },
    { "batch[1] = [1; 2; 3]", "transposed", NB_FAILED },
    { "x[1,1] = 0", "one index", NB_FAILED },
    { "loss[1] = 0", "no indices", NB_FAILED },
};

static void test_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct lang_assignment assignment;
        struct nb_error error;
        struct value target;
        struct text printed = TEXT_INIT;
        assert_int_equal(assign(parts[i].statement, &assignment, &error), NB_OK);
        assert_int_equal(world_read(NULL, assignment.name.text, false, &target, &error), NB_OK);
        assert_int_equal(lang_assign_part(&target, &assignment, &assignment.value, &error),
                         parts[i].status);
        value_print(&printed, &target, 6);
        if (!strstr(parts[i].status ? error.text : printed.bytes, parts[i].expected))
            fail_msg("%s: %s %s", parts[i].statement, error.text, printed.bytes);
        text_release(&printed);
        value_release(&target);
        lang_assignment_release(&assignment);
    }
}

static void test_trees(void **state)
{
    (void)state;
    static const struct {
        const char *source, *name;
    } rows[] = {
        { "dL/dz2", "delta2" }, { " W1 ", "w1" },    { "w1[1]", NULL },
        { "-w1", NULL },        { "old(w1)", NULL }, { "pi", NULL },
    };
    struct nb_error error;
    struct lang_tree *tree;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lang_name name;
        assert_int_equal(
            lang_parse(rows[i].source, 0, strlen(rows[i].source), &names, &tree, &error), NB_OK);
        assert_int_equal(lang_tree_name(tree, &name), rows[i].name != NULL);
        if (rows[i].name)
            assert_string_equal(name.text, rows[i].name);
        lang_tree_free(&tree);
    }
}

static void test_printing(void **state)
{
    (void)state;
    static const struct {
        const char *source, *expected, *described;
        int digits;
    } rows[] = {
        { "0.1 + 0.2", "0.30000000000000004", "a number", 17 },
        { "1/3", "0.333333", "a number", 6 },
        { "[1/3, 1e10]", "[0.33, 1e+10]", "a vector of 2", 2 },
        { "[nan, inf; -inf, -0]", "[[NaN, Infinity], [-Infinity, 0]]", "a 2×2 matrix", 6 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct nb_error error;
        struct lang_tree *tree;
        struct value value, copy;
        struct text text = TEXT_INIT;
        assert_int_equal(
            lang_parse(rows[i].source, 0, strlen(rows[i].source), &names, &tree, &error), NB_OK);
        assert_int_equal(lang_evaluate(tree, &names, &value, &error), NB_OK);
        value_print(&text, &value, rows[i].digits);
        assert_string_equal(text.bytes, rows[i].expected);
        text_clear(&text);
        value_describe(&text, &value);
        assert_string_equal(text.bytes, rows[i].described);
        assert_int_equal(value_copy(&copy, &value, &error), NB_OK);
        assert_true(value_equal(&copy, &value));
        copy.data[0] += 1;
        assert_true(value_equal(&copy, &value) == (isnan(copy.data[0]) != 0));
        value_release(&copy);
        value_release(&value);
        lang_tree_free(&tree);
        text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),      cmocka_unit_test(test_literals),
        cmocka_unit_test(test_shapes),          cmocka_unit_test(test_indices),
        cmocka_unit_test(test_spellings),       cmocka_unit_test(test_functions),
        cmocka_unit_test(test_argument_counts), cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_errors),          cmocka_unit_test(test_places),
        cmocka_unit_test(test_no_places),       cmocka_unit_test(test_assignments),
        cmocka_unit_test(test_bad_assignments), cmocka_unit_test(test_parts),
        cmocka_unit_test(test_trees),           cmocka_unit_test(test_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
