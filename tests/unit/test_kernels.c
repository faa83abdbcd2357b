/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of every processor that this one can stand for, against sums written
 * down as the formulas have them, in double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "base/exponential.h"
#include "num/kernels.h"

/* Odd sizes at every edge of tiles, panels and blocks. */
static const struct shape {
    size_t n, in, out;
} shapes[] = {
    { 1, 1, 1 },    { 1, 3, 2 },     { 2, 40, 60 },   { 5, 100, 16 },  { 7, 33, 17 },
    { 8, 256, 32 }, { 9, 257, 33 },  { 13, 300, 31 }, { 16, 97, 100 }, { 31, 513, 48 },
    { 32, 96, 10 }, { 64, 130, 49 }, { 300, 95, 20 }, { 3, 700, 5 },
};

static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) / (double)(1 << 24) - 0.5;
}

/* Numbers in the kernels' type and, the same, in double. */
struct numbers {
    size_t count;
    void *data;
    double *exact;
};

static struct numbers numbers_new(const struct kernels *kernels, size_t count, uint64_t seed)
{
    struct numbers numbers = { count, calloc(count, kernels->vector->size),
                               calloc(count, sizeof(double)) };
    assert_true(numbers.data && numbers.exact);
    for (size_t i = 0; i < count; i++)
        kernels->vector->set(numbers.data, i, noise(&seed));
    kernels->vector->read(numbers.exact, numbers.data, count);
    return numbers;
}

static void numbers_free(struct numbers *numbers)
{
    free(numbers->data);
    free(numbers->exact);
}

static void assert_close(const struct kernels *kernels, const void *data, const double *expected,
                         size_t count, size_t summands)
{
    double unit = kernels->vector->size == sizeof(float) ? 0x1p-24 : 0x1p-53;
    for (size_t i = 0; i < count; i++)
        assert_true(fabs(kernels->vector->get(data, i) - expected[i]) <=
                    unit * (double)(summands + 2));
}

/* c (rows, cols) = Σ_k a(row, k)·b(k, col), with the steps from one to the next of each */
static void multiply(double *c, const double *a, size_t a_row, size_t a_k, const double *b,
                     size_t b_k, size_t b_col, size_t rows, size_t cols, size_t depth)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < cols; k++) {
            c[i * cols + k] = 0;
            for (size_t j = 0; j < depth; j++)
                c[i * cols + k] += a[i * a_row + j * a_k] * b[j * b_k + k * b_col];
        }
}

static void check_forward(const struct kernels *kernels, const struct shape *s)
{
    struct numbers a = numbers_new(kernels, s->n * s->in, 1);
    struct numbers w = numbers_new(kernels, s->in * s->out, 2);
    struct numbers b = numbers_new(kernels, s->out, 3), z = numbers_new(kernels, s->n * s->out, 4);
    struct numbers rest = numbers_new(kernels, s->n * s->out, 5);
    size_t cut = s->out / 3, middle = s->in / 3;
    multiply(z.exact, a.exact, s->in, 1, w.exact, s->out, 1, s->n, s->out, s->in);
    for (size_t i = 0; i < s->n * s->out; i++)
        z.exact[i] += b.exact[i % s->out];
    kernels->matrix->affine(z.data, a.data, w.data, b.data, s->n, s->in, s->out);
    assert_close(kernels, z.data, z.exact, z.count, s->in);
    memset(z.data, 0xff, z.count * kernels->vector->size); /* NaN */
    if (cut)
        kernels->slice->affine(z.data, a.data, w.data, b.data, s->n, s->in, s->out, 0, cut);
    kernels->slice->affine(z.data, a.data, w.data, b.data, s->n, s->in, s->out, cut, s->out);
    assert_close(kernels, z.data, z.exact, z.count, s->in);
    memset(z.data, 0xff, z.count * kernels->vector->size);
    kernels->slice->partial(z.data, a.data, w.data, b.data, s->n, s->in, s->out, middle, s->in);
    if (middle) {
        kernels->slice->partial(rest.data, a.data, w.data, NULL, s->n, s->in, s->out, 0, middle);
        kernels->vector->add(z.data, rest.data, z.count);
    }
    assert_close(kernels, z.data, z.exact, z.count, s->in);
    numbers_free(&a), numbers_free(&w), numbers_free(&b), numbers_free(&z), numbers_free(&rest);
}

static void check_backward(const struct kernels *kernels, const struct shape *s)
{
    struct numbers a = numbers_new(kernels, s->n * s->in, 6);
    struct numbers w = numbers_new(kernels, s->in * s->out, 7);
    struct numbers delta = numbers_new(kernels, s->n * s->out, 8);
    struct numbers dw = numbers_new(kernels, s->in * s->out, 9);
    struct numbers da = numbers_new(kernels, s->n * s->in, 10);
    size_t cut = s->in / 3;
    multiply(da.exact, delta.exact, s->out, 1, w.exact, 1, s->out, s->n, s->in, s->out);
    multiply(dw.exact, a.exact, 1, s->in, delta.exact, s->out, 1, s->in, s->out, s->n);
    kernels->matrix->grad_a(da.data, delta.data, w.data, s->n, s->in, s->out);
    assert_close(kernels, da.data, da.exact, da.count, s->out);
    kernels->matrix->grad_w(dw.data, a.data, delta.data, s->n, s->in, s->out);
    assert_close(kernels, dw.data, dw.exact, dw.count, s->n);
    memset(da.data, 0xff, da.count * kernels->vector->size);
    memset(dw.data, 0xff, dw.count * kernels->vector->size);
    for (size_t part = cut ? 0 : 1; part < 2; part++) {
        size_t first = part ? cut : 0, last = part ? s->in : cut;
        kernels->slice->grad_a(da.data, delta.data, w.data, s->n, s->in, s->out, first, last);
        kernels->slice->grad_w(dw.data, a.data, delta.data, s->n, s->in, s->out, first, last);
        kernels->slice->sgd(w.data, a.data, delta.data, 0.9, 0.1, s->n, s->in, s->out, first, last);
    }
    assert_close(kernels, da.data, da.exact, da.count, s->out);
    assert_close(kernels, dw.data, dw.exact, dw.count, s->n);
    for (size_t i = 0; i < w.count; i++)
        w.exact[i] = 0.9 * w.exact[i] - 0.1 * dw.exact[i];
    assert_close(kernels, w.data, w.exact, w.count, s->n);
    numbers_free(&a), numbers_free(&w), numbers_free(&delta), numbers_free(&dw), numbers_free(&da);
}

static size_t variants(const struct kernels *found[6])
{
    size_t count = 0;
    found[count++] = &kernels_64;
    found[count++] = &kernels_32;
#ifdef NB_HAVE_V3
    if (CPU_HAS_V3()) {
        found[count++] = &kernels_64_v3;
        found[count++] = &kernels_32_v3;
    }
#endif
#ifdef NB_HAVE_V4
    if (CPU_HAS_V4()) {
        found[count++] = &kernels_64_v4;
        found[count++] = &kernels_32_v4;
    }
#endif
    return count;
}

static void test_products(void **state)
{
    const struct kernels *found[6];
    (void)state;
    for (size_t i = variants(found); i--;)
        for (size_t s = 0; s < COUNT_OF(shapes); s++) {
            check_forward(found[i], &shapes[s]);
            check_backward(found[i], &shapes[s]);
        }
}

/* Of doubles every variant yields the same bits. */
static void test_doubles_alike(void **state)
{
    const struct kernels *found[6];
    double z[200], first[200], a[200];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(z); i++)
        z[i] = ((double)i - 100) * 0.37;
    kernels_64.activation[NB_SIGMOID].forward(first, z, 20, 10);
    for (size_t i = variants(found); i--;)
        if (found[i]->vector->size == sizeof(double)) {
            found[i]->activation[NB_SIGMOID].forward(a, z, 20, 10);
            assert_memory_equal(a, first, sizeof a);
        }
}

/* Of floats: e^-x as 1/σ(x) - 1 is not to be had exactly, σ itself is near 1/(1 + e^-x). */
static void test_float_sigmoid(void **state)
{
    const struct kernels *found[6];
    float z[2000], a[2000];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(z); i++)
        z[i] = ((float)i - 1000) * 0.089f;
    for (size_t i = variants(found); i--;) {
        if (found[i]->vector->size != sizeof(float))
            continue;
        found[i]->activation[NB_SIGMOID].forward(a, z, 200, 10);
        for (size_t k = 0; k < COUNT_OF(z); k++) {
            double exact = 1 / (1 + exp(-(double)z[k]));
            assert_true(fabs((double)a[k] - exact) <= 3e-7 * exact);
        }
    }
}

/* Against libm, which is right to 0.52 units; and the ends. */
static void test_exponential(void **state)
{
    uint64_t seed = 11;
    (void)state;
    for (size_t i = 0; i < 1000000; i++) {
        double x = noise(&seed) * (i % 2 ? 1400 : 4), y = exp(x);
        if (y > 0x1p-1022 && y < 0x1p1023)
            assert_true(fabs(exponential(x) - y) <= 0x1p-52 * y);
    }
    assert_true(exponential(0) == 1);
    assert_true(exponential(1) == 2.718281828459045);
    assert_true(exponential(-INFINITY) == 0);
    assert_true(isinf(exponential(INFINITY)) && isinf(exponential(710)));
    assert_true(isnan(exponential(NAN)));
    assert_true(exponential(-745) > 0 && exponential(-746) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_doubles_alike),
        cmocka_unit_test(test_float_sigmoid),
        cmocka_unit_test(test_exponential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
