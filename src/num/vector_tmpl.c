/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates, and the way in and out of the element type. */
#include "num/kernels.h"

#include "num/real.h"

static void sgd(void *w_, const void *g_, double eta, size_t count)
{
    real *w = w_, rate = (real)eta;
    const real *g = g_;
    for (size_t i = 0; i < count; i++)
        w[i] -= rate * g[i];
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

static size_t correct(const void *a_, const void *y_, size_t n, size_t c)
{
    const real *a = a_, *y = y_;
    size_t right = 0;
    for (size_t i = 0; i < n; i++, a += c, y += c)
        right += c > 1 ? arg_max(a, c) == arg_max(y, c) : (a[0] > R(0.5)) == (y[0] > R(0.5));
    return right;
}

const struct vector_kernels REAL_NAME(vector_kernels) = { sizeof(real), sgd,   get,    set,
                                                          read,         write, correct };
