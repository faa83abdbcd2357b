/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products.  Above SMALL multiplications they are slices that are whole; below it
 * calling costs more than multiplying, and plain loops do it. */
#include "num/kernels.h"

#include <string.h>

#include "num/real.h"

#define SMALL 2048

static bool is_small(size_t n, size_t in, size_t out)
{
    return n * in * out <= SMALL;
}

/* The plain loops take FEW columns at a time, whose sums stay in registers, and
 * then what is left one by one; each sum in the order of the formula. */
#define FEW 4
#define BY_COLUMNS(columns, out, some, one)                                                        \
    do {                                                                                           \
        size_t columns = 0;                                                                        \
        for (; columns + FEW <= (out); columns += FEW)                                             \
            some;                                                                                  \
        for (; columns < (out); columns++)                                                         \
            one;                                                                                   \
    } while (0)

static inline void affine_columns(real *restrict z, const real *restrict a, const real *restrict w,
                                  const real *restrict b, size_t in, size_t out, size_t columns)
{
    real sums[FEW];
    for (size_t k = 0; k < columns; k++)
        sums[k] = b[k];
    for (size_t j = 0; j < in; j++)
        for (size_t k = 0; k < columns; k++)
            sums[k] += a[j] * w[j * out + k];
    for (size_t k = 0; k < columns; k++)
        z[k] = sums[k];
}

static void affine_small(real *z, const real *a, const real *w, const real *b, size_t n, size_t in,
                         size_t out)
{
    for (size_t i = 0; i < n; i++, z += out, a += in)
        BY_COLUMNS(k, out, affine_columns(z + k, a, w + k, b + k, in, out, FEW),
                   affine_columns(z + k, a, w + k, b + k, in, out, 1));
}

static void affine(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                   size_t out)
{
    if (is_small(n, in, out))
        affine_small(z, a, w, b, n, in, out);
    else
        REAL_NAME(slice_kernels).affine(z, a, w, b, n, in, out, 0, out);
}

static inline void grad_w_columns(real *restrict dw, const real *restrict a,
                                  const real *restrict delta, size_t n, size_t in, size_t out,
                                  size_t columns)
{
    real sums[FEW];
    for (size_t k = 0; k < columns; k++)
        sums[k] = a[0] * delta[k];
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < columns; k++)
            sums[k] += a[i * in] * delta[i * out + k];
    for (size_t k = 0; k < columns; k++)
        dw[k] = sums[k];
}

static void grad_w_small(real *dw, const real *a, const real *delta, size_t n, size_t in,
                         size_t out)
{
    for (size_t j = 0; j < in; j++, dw += out, a++)
        BY_COLUMNS(k, out, grad_w_columns(dw + k, a, delta + k, n, in, out, FEW),
                   grad_w_columns(dw + k, a, delta + k, n, in, out, 1));
}

static void grad_w(void *dw, const void *a, const void *delta, size_t n, size_t in, size_t out)
{
    if (is_small(n, in, out))
        grad_w_small(dw, a, delta, n, in, out);
    else
        REAL_NAME(slice_kernels).grad_w(dw, a, delta, n, in, out, 0, in);
}

static inline void grad_b_columns(real *restrict db, const real *restrict delta, size_t n,
                                  size_t out, size_t columns)
{
    real sums[FEW];
    for (size_t k = 0; k < columns; k++)
        sums[k] = delta[k];
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < columns; k++)
            sums[k] += delta[i * out + k];
    for (size_t k = 0; k < columns; k++)
        db[k] = sums[k];
}

static void grad_b_rows(real *restrict db, const real *restrict delta, size_t n, size_t out)
{
    memcpy(db, delta, out * sizeof *db);
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < out; k++)
            db[k] += delta[i * out + k];
}

static void grad_b(void *db_, const void *delta_, size_t n, size_t out)
{
    real *db = db_;
    const real *delta = delta_;
    if (is_small(n, 1, out))
        BY_COLUMNS(k, out, grad_b_columns(db + k, delta + k, n, out, FEW),
                   grad_b_columns(db + k, delta + k, n, out, 1));
    else
        grad_b_rows(db, delta, n, out);
}

static inline void grad_a_columns(real *restrict da, const real *restrict delta,
                                  const real *restrict w, size_t out, size_t columns)
{
    real sums[FEW];
    for (size_t j = 0; j < columns; j++)
        sums[j] = delta[0] * w[j * out];
    for (size_t k = 1; k < out; k++)
        for (size_t j = 0; j < columns; j++)
            sums[j] += delta[k] * w[j * out + k];
    for (size_t j = 0; j < columns; j++)
        da[j] = sums[j];
}

static void grad_a_small(real *da, const real *delta, const real *w, size_t n, size_t in,
                         size_t out)
{
    for (size_t i = 0; i < n; i++, da += in, delta += out)
        BY_COLUMNS(j, in, grad_a_columns(da + j, delta, w + j * out, out, FEW),
                   grad_a_columns(da + j, delta, w + j * out, out, 1));
}

static void grad_a(void *da, const void *delta, const void *w, size_t n, size_t in, size_t out)
{
    if (is_small(n, in, out))
        grad_a_small(da, delta, w, n, in, out);
    else
        REAL_NAME(slice_kernels).grad_a(da, delta, w, n, in, out, 0, in);
}

const struct matrix_kernels REAL_NAME(matrix_kernels) = { affine, grad_w, grad_b, grad_a };
