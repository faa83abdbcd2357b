/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix products of expressions: made by parts, in the order of the sources, and
 * stopped by the interrupt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
#include <cmocka.h>
/* clang-format on */

#include "lang/lang.h"

/* a is 3×SOURCES, b SOURCES×COLUMNS: more than one part of each, and some left over. */
#define ROWS    3
#define SOURCES 135
#define COLUMNS 519

static double number(size_t i, size_t j)
{
    return 1.0 / (double)(3 * i + 7 * j + 1) - 0.01;
}

static enum nb_status read_matrix(void *context, const char *name, bool old, struct value *value,
                                  struct nb_error *error)
{
    (void)context, (void)old;
    bool left = strcmp(name, "a") == 0;
    enum nb_status status =
        value_init(value, 2, left ? ROWS : SOURCES, left ? SOURCES : COLUMNS, error);
    for (size_t i = 0; status == NB_OK && i < value->rows * value->cols; i++)
        value->data[i] = number(i / value->cols, i % value->cols);
    return status;
}

static enum nb_status product(const volatile sig_atomic_t *interrupt, struct value *value)
{
    static const char source[] = "a @ b";
    const struct lang_names names = { .read = read_matrix, .interrupt = interrupt };
    struct lang_tree *tree = NULL;
    assert_int_equal(lang_parse(source, 0, strlen(source), &names, &tree, NULL), NB_OK);
    enum nb_status status = lang_evaluate(tree, &names, value, NULL);
    lang_tree_free(&tree);
    return status;
}

static void sums_run_in_the_order_of_the_sources(void **state)
{
    (void)state;
    struct value value = { 0 };
    assert_int_equal(product(NULL, &value), NB_OK);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (size_t k = 0; k < SOURCES; k++)
                sum += number(i, k) * number(k, j);
            assert_true(value.data[i * COLUMNS + j] == sum);
        }
    value_release(&value);
}

static void products_can_be_interrupted(void **state)
{
    (void)state;
    volatile sig_atomic_t raised = 1;
    struct value value = { 0 };
    assert_int_equal(product(&raised, &value), NB_INTERRUPTED);
    assert_null(value.data);
    raised = 0;
    assert_int_equal(product(&raised, &value), NB_OK);
    value_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_run_in_the_order_of_the_sources),
        cmocka_unit_test(products_can_be_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
