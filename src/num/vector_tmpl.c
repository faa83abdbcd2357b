/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Element by element: masks, penalties, and the way in and out of the type. */
#include "num/kernels.h"

#include "base/rng.h"
#include "num/real.h"

static void multiply(void *out_, const void *a_, const void *b_, size_t count)
{
    real *out = out_;
    const real *a = a_, *b = b_;
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * b[i];
}

/* Two 32-bit halves of each draw are compared with p·2^32. */
static void mask(void *mask_, double p, uint64_t seed, uint64_t iteration, uint64_t layer,
                 size_t count)
{
    real *out = mask_, kept = (real)(1 / (1 - p));
    uint64_t limit = (uint64_t)(p * 0x1p32);
    struct rng rng;
    rng_init(&rng, seed, RNG_MASK, iteration, layer);
    for (size_t i = 0; i < count; i += 2) {
        uint64_t draw = rng_next(&rng);
        out[i] = (draw & 0xffffffffu) < limit ? R(0.0) : kept;
        if (i + 1 < count)
            out[i + 1] = draw >> 32 < limit ? R(0.0) : kept;
    }
}

static void add(void *sum_, const void *more_, size_t count)
{
    real *restrict sum = sum_;
    const real *restrict more = more_;
    for (size_t i = 0; i < count; i++)
        sum[i] += more[i];
}

static real sign(real x)
{
    return (real)((x > 0) - (x < 0));
}

static void regularize(void *out_, const void *g_, const void *w_, double l2, double l1,
                       size_t count)
{
    real *out = out_, square = (real)l2, absolute = (real)l1;
    const real *g = g_, *w = w_;
    for (size_t i = 0; i < count; i++)
        out[i] = g[i] + square * w[i] + absolute * sign(w[i]);
}

static void sums(const void *w_, size_t count, double *absolute, double *squares)
{
    const real *w = w_;
    for (size_t i = 0; i < count; i++) {
        *absolute += fabs((double)w[i]);
        *squares += (double)w[i] * (double)w[i];
    }
}

static void scale(void *w_, double factor, size_t count)
{
    real *w = w_, by = (real)factor;
    for (size_t i = 0; i < count; i++)
        w[i] *= by;
}

static double get(const void *from, size_t index)
{
    return (double)((const real *)from)[index];
}

static void set(void *to, size_t index, double value)
{
    ((real *)to)[index] = (real)value;
}

static void read(double *to, const void *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = get(from, i);
}

static void write(void *to, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set(to, i, from[i]);
}

static size_t arg_max(const real *row, size_t c)
{
    size_t best = 0;
    for (size_t k = 1; k < c; k++)
        if (row[k] > row[best])
            best = k;
    return best;
}

static bool has_nan(const real *row, size_t c)
{
    bool found = false;
    for (size_t k = 0; k < c; k++)
        found |= row[k] != row[k];
    return found;
}

static bool is_right(const real *a, const real *y, size_t c)
{
    if (has_nan(a, c))
        return false;
    return c > 1 ? arg_max(a, c) == arg_max(y, c) : (a[0] > R(0.5)) == (y[0] > R(0.5));
}

static size_t correct(const void *a_, const void *y_, size_t n, size_t c)
{
    const real *a = a_, *y = y_;
    size_t right = 0;
    for (size_t i = 0; i < n; i++, a += c, y += c)
        right += is_right(a, y, c);
    return right;
}

const struct vector_kernels REAL_NAME(vector_kernels) = {
    sizeof(real), multiply, mask, add, regularize, sums, scale, get, set, read, write, correct,
};
