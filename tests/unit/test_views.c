/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Split, limit, scale and mirroring: which rows are in which part, and as what.
 * Expected orders and coins come from a second generator in Python. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "data/dataset.h"

#ifndef NB_LESSONS_SOURCE
#define NB_LESSONS_SOURCE "lessons"
#endif

#define XOR_ROWS 21

static struct dataset *load(const char *name)
{
    char folder[512];
    const char *lessons = getenv("NABLA_LESSONS"), *folders[] = { folder, NULL };
    struct dataset *set;
    struct nb_error error = { 0 };
    snprintf(folder, sizeof folder, "%s/data", lessons ? lessons : NB_LESSONS_SOURCE);
    const struct dataset_options options = { .folders = folders };
    if (dataset_load(name, &options, &set, &error))
        fail_msg("%s", error.text);
    return set;
}

static void use_rules(struct dataset *set, const struct dataset_rules *rules)
{
    struct dataset_view *view;
    struct nb_error error = { 0 };
    if (dataset_view_new(set, rules, &view, &error))
        fail_msg("%s", error.text);
    assert_true(dataset_view_bytes(set, view) > 0);
    dataset_view_swap(set, &view);
    dataset_view_free(&view);
}

static void assert_rows(const struct dataset *set, size_t train, size_t validation, size_t test)
{
    const size_t expected[DATASET_PARTS] = { train, validation, test };
    struct dataset_info info;
    dataset_describe(set, &info);
    for (int part = 0; part < DATASET_PARTS; part++) {
        struct nb_source source;
        dataset_source(set, (enum dataset_part)part, &source);
        assert_int_equal(info.rows[part], expected[part]);
        assert_int_equal(source.rows, expected[part]);
    }
}

/* Row `row` of a part of xor must be loaded row `loaded`. */
static void assert_row(const struct dataset *set, enum dataset_part part, uint32_t row,
                       const double *all, size_t loaded)
{
    double x[2], y, raw[2], target;
    struct nb_source source;
    dataset_source(set, part, &source);
    source.fill(source.context, &row, 1, NB_DOUBLE, x, &y);
    dataset_inputs(set, part, row, raw);
    dataset_targets(set, part, row, &target);
    assert_true(x[0] == all[3 * loaded] && x[1] == all[3 * loaded + 1]);
    assert_true(raw[0] == x[0] && raw[1] == x[1]);
    assert_true(y == all[3 * loaded + 2] && target == y);
    assert_int_equal(dataset_label(set, part, row), (size_t)y);
    assert_null(dataset_pixels(set, part, row));
}

static void read_all(const struct dataset *set, double *all)
{
    for (size_t i = 0; i < XOR_ROWS; i++) {
        dataset_inputs(set, DATASET_TRAIN, i, all + 3 * i);
        dataset_targets(set, DATASET_TRAIN, i, all + 3 * i + 2);
    }
}

/* ---- Rows ------------------------------------------------------------- */

static void test_split(void **state)
{
    static const size_t orders[][XOR_ROWS] = {
        { 7, 5, 11, 18, 9, 16, 17, 19, 14, 10, 2, 1, 13, 0, 15, 8, 3, 6, 4, 20, 12 },
        { 12, 7, 15, 3, 19, 5, 18, 20, 13, 17, 16, 0, 11, 2, 10, 8, 4, 9, 6, 14, 1 },
    };
    static const struct {
        double train, validation;
        size_t seed, order, rows[2];
    } rows[] = {
        { 15, 6, 1, 0, { 15, 6 } },     { 15, 6, 5, 1, { 15, 6 } },
        { 3, 4, 5, 1, { 3, 4 } },       { 0.5, 0.5, 1, 0, { 10, 11 } }, /* 10.5: both upwards */
        { 0.7, 0.3, 1, 0, { 15, 6 } },  { 0.9, 0.1, 5, 1, { 19, 2 } },
        { 0.5, 0.25, 5, 1, { 11, 5 } }, { 20, 0, 1, 0, { 20, 0 } },
        { 1, 20, 1, 0, { 1, 20 } },     { 0.5, 3, 1, 0, { 11, 3 } },
    };
    double all[3 * XOR_ROWS];
    struct dataset *set = load("xor");
    (void)state;
    read_all(set, all);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const size_t *order = orders[rows[i].order];
        use_rules(set, &(struct dataset_rules){ .train = rows[i].train,
                                                .validation = rows[i].validation,
                                                .seed = rows[i].seed });
        assert_rows(set, rows[i].rows[0], rows[i].rows[1], 0);
        for (size_t k = 0; k < rows[i].rows[0]; k++)
            assert_row(set, DATASET_TRAIN, (uint32_t)k, all, order[k]);
        for (size_t k = 0; k < rows[i].rows[1]; k++)
            assert_row(set, DATASET_VALIDATION, (uint32_t)k, all,
                       order[XOR_ROWS - rows[i].rows[1] + k]);
    }
    dataset_free(&set);
}

/* Each acts on what the one before left. */
static void test_split_and_limit(void **state)
{
    static const size_t first[] = { 9, 6, 1, 5, 0, 4, 7, 2, 8, 3 }; /* seed 1, 10 rows */
    static const size_t all_of_it[] = { 7, 5, 11, 18, 9 };          /* seed 1, 21 rows */
    double all[3 * XOR_ROWS];
    struct dataset *set = load("xor");
    struct dataset_rules rules = {
        .train = 0.8, .validation = 0.2, .seed = 1, .limit_train = 10, .limit_first = true
    };
    (void)state;
    read_all(set, all);
    use_rules(set, &rules);
    assert_rows(set, 8, 2, 0);
    for (uint32_t k = 0; k < 8; k++)
        assert_row(set, DATASET_TRAIN, k, all, first[k]);
    assert_row(set, DATASET_VALIDATION, 0, all, first[8]);
    rules.limit_first = false;
    rules.limit_train = 5;
    use_rules(set, &rules);
    assert_rows(set, 5, 4, 0);
    for (uint32_t k = 0; k < 5; k++)
        assert_row(set, DATASET_TRAIN, k, all, all_of_it[k]);
    use_rules(set, &(struct dataset_rules){ .limit_train = 3 });
    assert_rows(set, 3, 0, 0);
    for (uint32_t k = 0; k < 3; k++)
        assert_row(set, DATASET_TRAIN, k, all, k);
    dataset_free(&set);
}

static void test_refused_rules(void **state)
{
    static const struct {
        struct dataset_rules rules;
        const char *says;
    } rows[] = {
        { { .train = 20, .validation = 2 }, "20 + 2 rows, but the training part of xor has 21" },
        { { .train = 22, .validation = 0 }, "more than there are" },
        { { .train = 1e300, .validation = 1 }, "more than there are" },
        { { .train = 0.8, .validation = 0.3 }, "more than there are" },
        { { .train = 0.01, .validation = 0.5 }, "without rows: 0 + 11" },
        { { .train = 0.9, .validation = 0.01 }, "without rows: 19 + 0" },
        { { .train = 9, .validation = 1, .limit_train = 5, .limit_first = true },
          "of the 5 training" },
        { { .train = 5, .validation = 1, .limit_train = 9 }, "limit asks for 9 training rows" },
        { { .limit_train = 22 }, "limit asks for 22 training rows, but xor has 21" },
        { { .limit_train = 2, .limit_test = 1 }, "limit asks for 1 test rows, but xor has 0" },
    };
    struct dataset *set = load("xor");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset_view *view;
        struct nb_error error = { 0 };
        assert_int_equal(dataset_view_new(set, &rows[i].rules, &view, &error), NB_FAILED);
        assert_null(view);
        if (!strstr(error.text, rows[i].says))
            fail_msg("'%s' does not say '%s'", error.text, rows[i].says);
        assert_rows(set, XOR_ROWS, 0, 0);
    }
    dataset_free(&set);
}

/* ---- Statistics ------------------------------------------------------- */

/* In standard scale the training part has mean 0 and deviation 1, whatever is
 * split off, and the bytes of every row are those it had before. */
static void test_statistics_of_what_trains(void **state)
{
    static const struct dataset_rules rules[] = {
        { .scale = SCALE_STANDARD, .train = 0.5, .validation = 0.5, .seed = 3 },
        { .scale = SCALE_STANDARD, .limit_train = 100, .limit_test = 50 },
        { .scale = SCALE_STANDARD, .train = 200, .validation = 10, .limit_train = 20 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct dataset *set = load("cifar10-mini");
        struct nb_source source;
        size_t before = dataset_bytes(set), feature = 1500;
        double sum = 0, square = 0, y[10], *x = calloc(3072, sizeof *x);
        assert_non_null(x);
        use_rules(set, &rules[i]);
        dataset_source(set, DATASET_TRAIN, &source);
        for (uint32_t row = 0; row < source.rows; row++) {
            source.fill(source.context, &row, 1, NB_DOUBLE, x, y);
            sum += x[feature];
            square += x[feature] * x[feature];
        }
        assert_true(fabs(sum) < 1e-9);
        assert_true(fabs(square / (double)source.rows - 1) < 1e-9);
        assert_true(dataset_bytes(set) >= before);
        assert_true(dataset_bytes(set) - before < 8 * 1010); /* row numbers, no rows */
        free(x);
        dataset_free(&set);
    }
}

static void test_counts_of_classes(void **state)
{
    struct dataset *set = load("mnist-mini");
    size_t counts[10], sums[2] = { 0 }, labels[10] = { 0 };
    (void)state;
    use_rules(set, &(struct dataset_rules){ .train = 400, .validation = 600, .seed = 2 });
    for (size_t p = 0; p < 2; p++) {
        dataset_count_classes(set, p ? DATASET_VALIDATION : DATASET_TRAIN, counts);
        for (size_t i = 0; i < 10; i++)
            sums[p] += counts[i];
    }
    assert_int_equal(sums[0], 400);
    assert_int_equal(sums[1], 600);
    for (size_t row = 0; row < 600; row++)
        labels[dataset_label(set, DATASET_VALIDATION, row)]++;
    assert_memory_equal(labels, counts, sizeof counts);
    dataset_free(&set);
}

/* Swapping there and back leaves the first view. */
static void test_swapping(void **state)
{
    struct dataset *set = load("xor");
    struct dataset_view *view;
    double all[3 * XOR_ROWS];
    (void)state;
    read_all(set, all);
    assert_int_equal(
        dataset_view_new(set, &(struct dataset_rules){ .limit_train = 4 }, &view, NULL), NB_OK);
    dataset_view_swap(set, &view);
    assert_rows(set, 4, 0, 0);
    dataset_view_swap(set, &view);
    assert_rows(set, XOR_ROWS, 0, 0);
    for (uint32_t row = 0; row < XOR_ROWS; row++)
        assert_row(set, DATASET_TRAIN, row, all, row);
    dataset_view_free(&view);
    dataset_free(&set);
}

/* ---- Mirroring -------------------------------------------------------- */

static void test_mirrored_rows(void **state)
{
    static const int coins[2][16] = { { 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0 },
                                      { 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0 } };
    static const char *const names[] = { "mnist-mini", "cifar10-mini" };
    (void)state;
    for (size_t n = 0; n < 2 * COUNT_OF(names); n++) {
        struct dataset *set = load(names[n / 2]);
        struct dataset_augmented augmented = { .seed = 3, .epoch = n % 2 };
        struct dataset_info info;
        struct nb_source source;
        double y[10], *x = calloc(3072, sizeof *x);
        float fy[10], *fx = calloc(3072, sizeof *fx);
        assert_true(x && fx);
        assert_int_equal(dataset_set_scale(set, SCALE_UNIT, NULL), NB_OK);
        dataset_describe(set, &info);
        dataset_source_augmented(set, DATASET_TRAIN, &augmented, &source);
        for (uint32_t row = 0; row < 16; row++) {
            const uint8_t *bytes = dataset_pixels(set, DATASET_TRAIN, row);
            size_t width = info.width;
            source.fill(source.context, &row, 1, NB_DOUBLE, x, y);
            source.fill(source.context, &row, 1, NB_SINGLE, fx, fy);
            for (size_t i = 0; i < info.features; i++) {
                size_t from = coins[n % 2][row] ? i - i % width + width - 1 - i % width : i;
                assert_true(fabs(x[i] - bytes[from] / 255.0) < 1e-15);
                assert_true(fabs((double)fx[i] - x[i]) < 1e-7);
            }
            assert_true(y[dataset_label(set, DATASET_TRAIN, row)] == 1);
        }
        free(x);
        free(fx);
        dataset_free(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_and_limit),
        cmocka_unit_test(test_refused_rules),
        cmocka_unit_test(test_statistics_of_what_trains),
        cmocka_unit_test(test_counts_of_classes),
        cmocka_unit_test(test_swapping),
        cmocka_unit_test(test_mirrored_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
