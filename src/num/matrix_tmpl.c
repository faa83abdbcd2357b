/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products.  Above SMALL multiplications they are slices that are whole; below it
 * calling costs more than multiplying, and plain loops do it. */
#include "num/kernels.h"

#include "num/real.h"

#define SMALL 2048

static bool is_small(size_t n, size_t in, size_t out)
{
    return n * in * out <= SMALL;
}

static void affine_small(real *z, const real *a, const real *w, const real *b, size_t n, size_t in,
                         size_t out)
{
    for (size_t i = 0; i < n; i++, z += out, a += in) {
        for (size_t k = 0; k < out; k++)
            z[k] = b[k];
        for (size_t j = 0; j < in; j++)
            for (size_t k = 0; k < out; k++)
                z[k] += a[j] * w[j * out + k];
    }
}

static void affine(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                   size_t out)
{
    if (is_small(n, in, out))
        affine_small(z, a, w, b, n, in, out);
    else
        REAL_NAME(slice_kernels).affine(z, a, w, b, n, in, out, 0, out);
}

static void grad_w_small(real *dw, const real *a, const real *delta, size_t n, size_t in,
                         size_t out)
{
    for (size_t j = 0; j < in; j++)
        for (size_t k = 0; k < out; k++)
            dw[j * out + k] = a[j] * delta[k];
    for (size_t i = 1; i < n; i++)
        for (size_t j = 0; j < in; j++)
            for (size_t k = 0; k < out; k++)
                dw[j * out + k] += a[i * in + j] * delta[i * out + k];
}

static void grad_w(void *dw, const void *a, const void *delta, size_t n, size_t in, size_t out)
{
    if (is_small(n, in, out))
        grad_w_small(dw, a, delta, n, in, out);
    else
        REAL_NAME(slice_kernels).grad_w(dw, a, delta, n, in, out, 0, in);
}

static void grad_b(void *db_, const void *delta_, size_t n, size_t out)
{
    real *db = db_;
    const real *delta = delta_;
    for (size_t k = 0; k < out; k++)
        db[k] = delta[k];
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < out; k++)
            db[k] += delta[i * out + k];
}

static void grad_a_small(real *da, const real *delta, const real *w, size_t n, size_t in,
                         size_t out)
{
    for (size_t i = 0; i < n; i++, da += in, delta += out)
        for (size_t j = 0; j < in; j++) {
            real sum = 0;
            for (size_t k = 0; k < out; k++)
                sum += delta[k] * w[j * out + k];
            da[j] = sum;
        }
}

static void grad_a(void *da, const void *delta, const void *w, size_t n, size_t in, size_t out)
{
    if (is_small(n, in, out))
        grad_a_small(da, delta, w, n, in, out);
    else
        REAL_NAME(slice_kernels).grad_a(da, delta, w, n, in, out, 0, in);
}

const struct matrix_kernels REAL_NAME(matrix_kernels) = { affine, grad_w, grad_b, grad_a };
