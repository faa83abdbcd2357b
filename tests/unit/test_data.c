/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets.  Expected numbers of the small sets come from numpy, those of the
 * toys from their definitions and a second generator in Python. */
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

/* Where the build does not say where the lessons are. */
#ifndef NB_LESSONS_SOURCE
#define NB_LESSONS_SOURCE "lessons"
#endif

#define CLASSES     10
#define PATH_LENGTH 512

static void path_of(char path[PATH_LENGTH], const char *folder, const char *name)
{
    assert_true(snprintf(path, PATH_LENGTH, "%s/%s", folder, name) < PATH_LENGTH);
}

static const char *mini_folder(char path[PATH_LENGTH])
{
    const char *lessons = getenv("NABLA_LESSONS");
    path_of(path, lessons ? lessons : NB_LESSONS_SOURCE, "data");
    return path;
}

static struct dataset *load(const char *name, const struct dataset_options *options)
{
    struct dataset *set;
    struct nb_error error = { 0 };
    if (dataset_load(name, options, &set, &error))
        fail_msg("%s: %s", name, error.text);
    return set;
}

static struct dataset *load_mini(const char *name)
{
    char folder[PATH_LENGTH];
    const char *folders[] = { mini_folder(folder), NULL };
    return load(name, &(struct dataset_options){ .folders = folders });
}

/* All rows of a part in double: x (rows, inputs), y (rows, outputs), for free(). */
static void part_values(const struct dataset *set, enum dataset_part part, double **x, double **y)
{
    struct nb_source source;
    dataset_source(set, part, &source);
    *x = calloc(source.rows * source.inputs + 1, sizeof **x);
    *y = calloc(source.rows * source.outputs + 1, sizeof **y);
    uint32_t *index = calloc(source.rows + 1, sizeof *index);
    assert_true(*x && *y && index);
    for (size_t i = 0; i < source.rows; i++)
        index[i] = (uint32_t)i;
    source.fill(source.context, index, source.rows, NB_DOUBLE, *x, *y);
    free(index);
}

/* ---- The table -------------------------------------------------------- */

static void test_every_loader(void **state)
{
    char folder[PATH_LENGTH];
    const char *folders[] = { mini_folder(folder), NULL };
    struct dataset_options options = { .folders = folders };
    size_t count, loaded = 0;
    const struct nb_choice *names = dataset_names(&count);
    (void)state;
    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        assert_true(names[i].name[0] && names[i].summary[0]);
        if (dataset_takes(names[i].name) & TAKES_FILE) {
            assert_int_equal(dataset_load(names[i].name, &options, &set, &error), NB_USAGE);
            assert_non_null(strstr(error.text, "FILE"));
            continue;
        }
        enum nb_status status = dataset_load(names[i].name, &options, &set, &error);
        if (status) { /* the real sets are not among the lessons */
            assert_int_equal(status, NB_SYSTEM);
            assert_null(set);
            assert_non_null(strstr(error.text, folder));
            assert_non_null(strstr(error.text, "NABLA_DATA"));
            continue;
        }
        struct dataset_info info;
        struct nb_source source;
        dataset_describe(set, &info);
        assert_string_equal(info.name, names[i].name);
        assert_int_equal(info.scale, info.height ? SCALE_STANDARD : SCALE_NONE);
        assert_int_equal(info.rows[DATASET_VALIDATION], 0);
        dataset_source(set, DATASET_TRAIN, &source);
        assert_int_equal(source.rows, info.rows[DATASET_TRAIN]);
        assert_int_equal(source.inputs, info.features);
        assert_int_equal(source.outputs, info.outputs);
        assert_true(source.classes);
        dataset_free(&set);
        assert_null(set);
        loaded++;
    }
    assert_int_equal(loaded, 6);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name;
        struct dataset_options options;
        enum nb_status status;
        const char *says;
    } rows[] = {
        { "circles", { 0 }, NB_USAGE, "unknown data set 'circles', expected one of xor, linear" },
        { "xor", { .folder = "." }, NB_USAGE, "without a folder" },
        { "linear", { .n = 1000001 }, NB_FAILED, "n is 1000001, expected 1..1000000" },
        { "cifar10", { .folder = "/nowhere" }, NB_SYSTEM, "looked in /nowhere" },
        { "cifar10",
          { .folder = "/nowhere" },
          NB_SYSTEM,
          "type data cifar10 DIR, or set NABLA_DATA" },
        { "cifar10", { .folder = "/nowhere" }, NB_SYSTEM, "or cifar-10-binary.tar.gz" },
        { "mnist", { 0 }, NB_SYSTEM, "expected train-images-idx3-ubyte, train-labels-idx1-ubyte" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        assert_int_equal(dataset_load(rows[i].name, &rows[i].options, &set, &error),
                         rows[i].status);
        assert_null(set);
        if (!strstr(error.text, rows[i].says))
            fail_msg("'%s' does not say '%s'", error.text, rows[i].says);
        assert_int_equal(dataset_load(rows[i].name, &rows[i].options, &set, NULL), rows[i].status);
    }
}

/* ---- Toys ------------------------------------------------------------- */

static void test_xor(void **state)
{
    static const double points[21][3] = {
        { 0.0, 0.0, 0 }, { 0.0, 1.0, 1 }, { 0.1, 0.1, 0 }, { 0.1, 0.9, 1 }, { 0.2, 0.2, 0 },
        { 0.2, 0.8, 1 }, { 0.3, 0.3, 0 }, { 0.3, 0.7, 1 }, { 0.4, 0.4, 0 }, { 0.4, 0.6, 1 },
        { 0.5, 0.5, 0 }, { 0.6, 0.6, 0 }, { 0.6, 0.4, 1 }, { 0.7, 0.7, 0 }, { 0.7, 0.3, 1 },
        { 0.8, 0.8, 0 }, { 0.8, 0.2, 1 }, { 0.9, 0.9, 0 }, { 0.9, 0.1, 1 }, { 1.0, 1.0, 0 },
        { 1.0, 0.0, 1 },
    };
    struct dataset *set = load("xor", &(struct dataset_options){ 0 });
    struct dataset_info info;
    double *x, *y;
    size_t counts[2];
    (void)state;
    dataset_describe(set, &info);
    assert_int_equal(info.rows[DATASET_TRAIN], 21);
    assert_int_equal(info.rows[DATASET_TEST], 0);
    assert_int_equal(info.features, 2);
    assert_int_equal(info.outputs, 1);
    assert_int_equal(info.classes, 2);
    assert_int_equal(info.channels, 0);
    part_values(set, DATASET_TRAIN, &x, &y);
    for (size_t i = 0; i < 21; i++) {
        assert_true(x[2 * i] == points[i][0] && x[2 * i + 1] == points[i][1]);
        assert_true(y[i] == points[i][2]);
    }
    dataset_count_classes(set, DATASET_TRAIN, counts);
    assert_int_equal(counts[0], 11);
    assert_int_equal(counts[1], 10);
    free(x);
    free(y);
    dataset_free(&set);
}

static void test_linear(void **state)
{
    static const struct {
        uint64_t seed;
        double first[2], last[2];
        size_t ones;
    } rows[] = {
        { 0,
          { 0.018956477530229665, 0.81280746587204167 },
          { 0.070340759700803557, 0.020958579849242764 },
          58 },
        { 7,
          { 0.48832266953911385, 0.80811615267498549 },
          { 0.34943425438051967, 0.3342248713245235 },
          51 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set = load("linear", &(struct dataset_options){ .seed = rows[i].seed });
        struct dataset_info info;
        double *x, *y;
        size_t counts[2];
        dataset_describe(set, &info);
        assert_int_equal(info.rows[DATASET_TRAIN], 100);
        part_values(set, DATASET_TRAIN, &x, &y);
        assert_true(x[0] == rows[i].first[0] && x[1] == rows[i].first[1]);
        assert_true(x[198] == rows[i].last[0] && x[199] == rows[i].last[1]);
        for (size_t row = 0; row < 100; row++)
            assert_true(y[row] == (x[2 * row] > x[2 * row + 1] ? 1 : 0));
        dataset_count_classes(set, DATASET_TRAIN, counts);
        assert_int_equal(counts[1], rows[i].ones);
        free(x);
        free(y);
        dataset_free(&set);
    }
    struct dataset *set = load("linear", &(struct dataset_options){ .n = 7 });
    struct dataset_info info;
    dataset_describe(set, &info);
    assert_int_equal(info.rows[DATASET_TRAIN], 7);
    dataset_free(&set);
}

static void test_circle(void **state)
{
    static const struct {
        uint64_t seed;
        double first[2], second[2], last[2];
    } rows[] = {
        { 0,
          { 0.27131371442416763, -0.65144679771389591 },
          { 0.043285228378442196, 0.0034715565315901141 },
          { 0.002585100158860181, 0.014750937895317295 } },
        { 7,
          { 0.30227864520227904, -0.79068606572003353 },
          { 0.075860163011099518, 0.12307640207349131 },
          { 0.35302179363197905, -0.32977995057730602 } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set = load("circle", &(struct dataset_options){ .seed = rows[i].seed });
        double *x, *y;
        part_values(set, DATASET_TRAIN, &x, &y);
        for (size_t k = 0; k < 2; k++) {
            assert_true(fabs(x[k] - rows[i].first[k]) < 1e-15);
            assert_true(fabs(x[2 + k] - rows[i].second[k]) < 1e-15);
            assert_true(fabs(x[398 + k] - rows[i].last[k]) < 1e-15);
        }
        for (size_t row = 0; row < 200; row++) {
            double radius = hypot(x[2 * row], x[2 * row + 1]);
            assert_true(y[row] == (double)(row % 2));
            assert_true(y[row] == 1 ? radius <= 0.5 : radius >= 0.7 - 1e-15 && radius <= 1);
        }
        free(x);
        free(y);
        dataset_free(&set);
    }
}

/* Point i of arm k has the radius (i + 1) / 100 and the angle of 1.75 turns times
 * that, the second arm half a turn on. */
static void test_spiral(void **state)
{
    struct dataset *set = load("spiral", &(struct dataset_options){ 0 });
    double *x, *y;
    (void)state;
    part_values(set, DATASET_TRAIN, &x, &y);
    assert_true(fabs(x[0] - 0.01 * sin(0.0175 * 2 * 3.141592653589793)) < 1e-15);
    for (size_t row = 0; row < 200; row += 2) {
        double radius = (double)(row / 2 + 1) / 100;
        assert_true(fabs(hypot(x[2 * row], x[2 * row + 1]) - radius) < 1e-15);
        assert_true(fabs(x[2 * row] + x[2 * row + 2]) < 1e-14); /* opposite each other */
        assert_true(fabs(x[2 * row + 1] + x[2 * row + 3]) < 1e-14);
        assert_true(y[row] == 0 && y[row + 1] == 1);
    }
    assert_true(fabs(x[396] + 1) < 1e-14 && fabs(x[397]) < 1e-14); /* 1.75 turns: to the left */
    free(x);
    free(y);
    dataset_free(&set);
}

/* Noise moves points by a normal of that deviation and leaves labels alone. */
static void test_noise(void **state)
{
    static const char *const names[] = { "linear", "circle", "spiral" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct dataset_options options = { .n = 20000, .seed = 4 };
        struct dataset *still = load(names[i], &options);
        options.noise = 0.25;
        struct dataset *moved = load(names[i], &options);
        double *x[2], *y[2], mean = 0, square = 0;
        part_values(still, DATASET_TRAIN, &x[0], &y[0]);
        part_values(moved, DATASET_TRAIN, &x[1], &y[1]);
        for (size_t k = 0; k < 40000; k++) {
            mean += (x[1][k] - x[0][k]) / 40000;
            square += (x[1][k] - x[0][k]) * (x[1][k] - x[0][k]) / 40000;
        }
        assert_true(fabs(mean) < 0.005); /* four deviations of the mean */
        assert_true(fabs(sqrt(square) - 0.25) < 0.005);
        assert_memory_equal(y[0], y[1], 20000 * sizeof *y[0]);
        for (size_t k = 0; k < 2; k++) {
            free(x[k]);
            free(y[k]);
        }
        dataset_free(&still);
        dataset_free(&moved);
    }
}

/* ---- The small sets --------------------------------------------------- */

/* The values of one feature in the first and last training row and the first
 * test row: the bytes, and scaled. */
static const struct mini {
    const char *name;
    size_t channels, side, feature;
    size_t rows[2], train_counts[CLASSES], test_counts[CLASSES], labels[5];
    double bytes[3];
    struct {
        enum dataset_scale scale;
        double first, last, test; /* NaN: not known from elsewhere */
    } scaled[4];
    size_t constant; /* features that never change in the training part */
    double sums[2];  /* of all bytes */
} minis[] = {
    { "mnist-mini",
      1,
      28,
      350,
      { 5000, 1000 },
      { 479, 563, 488, 493, 535, 434, 501, 550, 462, 495 },
      { 85, 126, 116, 107, 110, 87, 87, 99, 89, 94 },
      { 5, 0, 4, 1, 9 },
      { 70, 0, 0 },
      { { SCALE_NONE, 70, 0, 0 },
        { SCALE_UNIT, 0.274509803922, 0, 0 },
        { SCALE_STANDARD, -0.148662816908, -0.797562061379, -0.797562061379 },
        { SCALE_MEAN, -0.0628901960784, -0.3374, -0.3374 } },
      121,
      { 130170281, 24443134 } },
    { "cifar10-mini",
      3,
      32,
      1500,
      { 1000, 250 },
      { 100, 100, 100, 100, 100, 100, 100, 100, 100, 100 },
      { 25, 25, 25, 25, 25, 25, 25, 25, 25, 25 },
      { 5, 7, 0, 0, 4 },
      { 16, 214, 210 },
      { { SCALE_NONE, 16, 214, 210 },
        { SCALE_UNIT, 0.0627450980392, 0.839215686275, 0.823529411765 },
        { SCALE_STANDARD, -1.79825025271, 1.52630809606, 1.45914530113 },
        { SCALE_MEAN, -0.419992156863, 0.356478431373, 0.340792156863 } },
      0,
      { 375158059, 93761503 } },
};

static void test_minis(void **state)
{
    static const enum dataset_part parts[] = { DATASET_TRAIN, DATASET_TEST };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(minis); i++) {
        const struct mini *mini = &minis[i];
        struct dataset *set = load_mini(mini->name);
        struct dataset_info info;
        dataset_describe(set, &info);
        assert_int_equal(info.channels, mini->channels);
        assert_int_equal(info.height, mini->side);
        assert_int_equal(info.width, mini->side);
        assert_int_equal(info.features, mini->channels * mini->side * mini->side);
        assert_int_equal(info.outputs, CLASSES);
        assert_int_equal(info.classes, CLASSES);
        assert_non_null(info.class_names);
        assert_int_equal(dataset_set_scale(set, SCALE_NONE, NULL), NB_OK);
        for (size_t p = 0; p < COUNT_OF(parts); p++) {
            size_t rows = mini->rows[p], counts[CLASSES];
            double *x, *y, sum = 0, ones = 0;
            assert_int_equal(info.rows[parts[p]], rows);
            dataset_count_classes(set, parts[p], counts);
            assert_memory_equal(counts, p ? mini->test_counts : mini->train_counts, sizeof counts);
            part_values(set, parts[p], &x, &y);
            for (size_t k = 0; k < rows * info.features; k++)
                sum += x[k];
            for (size_t k = 0; k < rows * CLASSES; k++)
                ones += y[k];
            assert_true(sum == mini->sums[p]);
            assert_true(ones == (double)rows);
            for (size_t k = 0; k < 5 && !p; k++)
                assert_true(y[k * CLASSES + mini->labels[k]] == 1);
            free(x);
            free(y);
        }
        dataset_free(&set);
    }
}

static void test_class_names(void **state)
{
    struct dataset *set = load_mini("cifar10-mini");
    struct dataset_info info;
    (void)state;
    dataset_describe(set, &info);
    assert_string_equal(info.class_names[0], "airplane");
    assert_string_equal(info.class_names[9], "truck");
    dataset_free(&set);
    set = load_mini("mnist-mini");
    dataset_describe(set, &info);
    assert_string_equal(info.class_names[7], "7");
    dataset_free(&set);
}

/* ---- Scaling ---------------------------------------------------------- */

static void test_scales_of_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(minis); i++) {
        const struct mini *mini = &minis[i];
        struct dataset *set = load_mini(mini->name);
        size_t features = mini->channels * mini->side * mini->side;
        for (size_t k = 0; k < COUNT_OF(mini->scaled); k++) {
            double *x, *y;
            assert_int_equal(dataset_set_scale(set, mini->scaled[k].scale, NULL), NB_OK);
            part_values(set, DATASET_TRAIN, &x, &y);
            assert_true(fabs(x[mini->feature] - mini->scaled[k].first) < 1e-11);
            double last = x[(mini->rows[0] - 1) * features + mini->feature];
            assert_true(fabs(last - mini->scaled[k].last) < 1e-11);
            free(x);
            free(y);
            part_values(set, DATASET_TEST, &x, &y);
            assert_true(fabs(x[mini->feature] - mini->scaled[k].test) < 1e-11);
            free(x);
            free(y);
        }
        dataset_free(&set);
    }
}

static void test_standard_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(minis); i++) {
        struct dataset *set = load_mini(minis[i].name); /* standard is the default */
        size_t n = minis[i].channels * minis[i].side * minis[i].side, rows = minis[i].rows[0];
        size_t constant = 0;
        double *x, *y;
        part_values(set, DATASET_TRAIN, &x, &y);
        for (size_t f = 0; f < n; f++) {
            double mean = 0, square = 0;
            for (size_t row = 0; row < rows; row++) {
                mean += x[row * n + f] / (double)rows;
                square += x[row * n + f] * x[row * n + f] / (double)rows;
            }
            assert_true(fabs(mean) < 1e-12);
            if (square == 0)
                constant++;
            else
                assert_true(fabs(square - 1) < 1e-10);
        }
        assert_int_equal(constant, minis[i].constant);
        free(x);
        free(y);
        dataset_free(&set);
    }
}

/* Feature 280 of mnist-mini is 0 in the training part, but not in the test part. */
static void test_constant_feature(void **state)
{
    struct dataset *set = load_mini("mnist-mini");
    double *raw, *x, *y, most = 0;
    (void)state;
    part_values(set, DATASET_TEST, &x, &y);
    free(y);
    assert_int_equal(dataset_set_scale(set, SCALE_NONE, NULL), NB_OK);
    part_values(set, DATASET_TEST, &raw, &y);
    for (size_t row = 0; row < 1000; row++) {
        assert_true(fabs(x[row * 784 + 280] - raw[row * 784 + 280] / 255) < 1e-15);
        most = fmax(most, raw[row * 784 + 280]);
    }
    assert_true(most > 0);
    free(raw);
    free(x);
    free(y);
    dataset_free(&set);
}

/* The 21 points of xor have mean 0.5 in both features, from 0 to 1; the sum of
 * squares around it is 2·(2·(.25+.16+.09+.04+.01)) = 2.2. */
static void test_scales_of_toys(void **state)
{
    static const struct {
        enum dataset_scale scale;
        double first; /* of the point (0, 0) */
    } rows[] = {
        { SCALE_NONE, 0 },
        { SCALE_UNIT, 0 },
        { SCALE_STANDARD, -1.5447859516333115 }, /* -0.5 / sqrt(2.2 / 21) */
        { SCALE_MEAN, -0.5 },
    };
    struct dataset *set = load("xor", &(struct dataset_options){ 0 });
    size_t count;
    const struct nb_choice *scales = dataset_scales(&count);
    (void)state;
    assert_int_equal(count, COUNT_OF(rows));
    for (size_t i = 0; i < count; i++) {
        double *x, *y;
        struct dataset_info info;
        assert_true(scales[i].name[0] && scales[i].summary[0]);
        assert_int_equal(dataset_set_scale(set, rows[i].scale, NULL), NB_OK);
        dataset_describe(set, &info);
        assert_int_equal(info.scale, rows[i].scale);
        part_values(set, DATASET_TRAIN, &x, &y);
        assert_true(fabs(x[0] - rows[i].first) < 1e-14);
        assert_true(fabs(x[1] - rows[i].first) < 1e-14);
        free(x);
        free(y);
    }
    dataset_free(&set);
}

/* One point has no spread: its values become 0. */
static void test_single_point(void **state)
{
    struct dataset *set = load("linear", &(struct dataset_options){ .n = 1 });
    (void)state;
    for (int scale = SCALE_UNIT; scale <= SCALE_MEAN; scale++) {
        double *x, *y;
        assert_int_equal(dataset_set_scale(set, (enum dataset_scale)scale, NULL), NB_OK);
        part_values(set, DATASET_TRAIN, &x, &y);
        assert_true(x[0] == 0 && x[1] == 0);
        free(x);
        free(y);
    }
    dataset_free(&set);
}

static void test_single_agrees(void **state)
{
    static const char *const names[] = { "xor", "linear", "mnist-mini", "cifar10-mini" };
    static const uint32_t index[] = { 20, 3, 3, 0 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        for (int scale = SCALE_NONE; scale <= SCALE_MEAN; scale++) {
            struct dataset *set = load_mini(names[i]);
            struct nb_source source;
            assert_int_equal(dataset_set_scale(set, (enum dataset_scale)scale, NULL), NB_OK);
            dataset_source(set, DATASET_TRAIN, &source);
            size_t n = COUNT_OF(index), inputs = n * source.inputs, outputs = n * source.outputs;
            double *x = calloc(inputs, sizeof *x), *y = calloc(outputs, sizeof *y);
            float *fx = calloc(inputs, sizeof *fx), *fy = calloc(outputs, sizeof *fy);
            assert_true(x && y && fx && fy);
            source.fill(source.context, index, n, NB_DOUBLE, x, y);
            source.fill(source.context, index, n, NB_SINGLE, fx, fy);
            for (size_t k = 0; k < inputs; k++)
                assert_true(fabs(x[k] - (double)fx[k]) <= 1e-6 * fmax(1, fabs(x[k])));
            for (size_t k = 0; k < outputs; k++)
                assert_true(y[k] == (double)fy[k]);
            assert_memory_equal(x + source.inputs, x + 2 * source.inputs,
                                source.inputs * sizeof *x); /* row 3, twice */
            free(x);
            free(y);
            free(fx);
            free(fy);
            dataset_free(&set);
        }
}

/* ---- The real sets ---------------------------------------------------- */

static void test_real_sets(void **state)
{
    static const struct {
        const char *name;
        size_t train, test, first_train, first_test; /* rows, and rows of class 0 */
        double sum;                                  /* of all training pixels */
    } rows[] = {
        { "mnist", 60000, 10000, 5923, 980, 1567298545 },
        { "cifar10", 50000, 10000, 5000, 1000, 18537712937 },
    };
    const char *folder = getenv("NABLA_DATA");
    (void)state;
    if (!folder || !folder[0]) {
        print_message("skipped: NABLA_DATA is not set\n");
        skip();
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set = load(rows[i].name, &(struct dataset_options){ .folder = folder });
        struct dataset_info info;
        struct nb_source source;
        size_t counts[CLASSES];
        dataset_describe(set, &info);
        assert_int_equal(info.rows[DATASET_TRAIN], rows[i].train);
        assert_int_equal(info.rows[DATASET_TEST], rows[i].test);
        dataset_count_classes(set, DATASET_TRAIN, counts);
        assert_int_equal(counts[0], rows[i].first_train);
        dataset_count_classes(set, DATASET_TEST, counts);
        assert_int_equal(counts[0], rows[i].first_test);
        assert_int_equal(dataset_set_scale(set, SCALE_NONE, NULL), NB_OK);
        dataset_source(set, DATASET_TRAIN, &source);
        double *x = calloc(source.inputs, sizeof *x), y[CLASSES], sum = 0;
        assert_non_null(x);
        for (uint32_t row = 0; row < source.rows; row++) {
            source.fill(source.context, &row, 1, NB_DOUBLE, x, y);
            for (size_t k = 0; k < source.inputs; k++)
                sum += x[k];
        }
        assert_true(sum == rows[i].sum);
        free(x);
        dataset_free(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_loader),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_xor),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_circle),
        cmocka_unit_test(test_spiral),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_minis),
        cmocka_unit_test(test_class_names),
        cmocka_unit_test(test_scales_of_images),
        cmocka_unit_test(test_standard_moments),
        cmocka_unit_test(test_constant_feature),
        cmocka_unit_test(test_scales_of_toys),
        cmocka_unit_test(test_single_point),
        cmocka_unit_test(test_single_agrees),
        cmocka_unit_test(test_real_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
