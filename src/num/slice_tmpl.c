/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the products, by CBLAS; tile_tmpl.c has them for wider processors. */
#include "num/kernels.h"

#include <string.h>

#include "num/real.h"
#include "num/rows.h"

static void affine_slice(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    begin_rows(z, b, n, out, first, last);
    REAL_GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)(last - first), (int)in,
              R(1.0), a, (int)in, (const real *)w + first, (int)out, R(1.0), (real *)z + first,
              (int)out);
}

static void partial_slice(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                          size_t out, size_t first, size_t last)
{
    begin_rows(z, b, n, out, 0, out);
    REAL_GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)out, (int)(last - first),
              R(1.0), (const real *)a + first, (int)in, (const real *)w + first * out, (int)out,
              R(1.0), z, (int)out);
}

static void grad_w_slice(void *dw, const void *a, const void *delta, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    REAL_GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)(last - first), (int)out, (int)n,
              R(1.0), (const real *)a + first, (int)in, delta, (int)out, R(0.0),
              (real *)dw + first * out, (int)out);
}

static void grad_a_slice(void *da, const void *delta, const void *w, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    REAL_GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)(last - first), (int)out,
              R(1.0), delta, (int)out, (const real *)w + first * out, (int)out, R(0.0),
              (real *)da + first, (int)in);
}

static void sgd_slice(void *w, const void *a, const void *delta, double keep, double eta, size_t n,
                      size_t in, size_t out, size_t first, size_t last)
{
    REAL_GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)(last - first), (int)out, (int)n,
              (real)-eta, (const real *)a + first, (int)in, delta, (int)out, (real)keep,
              (real *)w + first * out, (int)out);
}

const struct slice_kernels REAL_NAME(slice_kernels) = {
    affine_slice, partial_slice, grad_w_slice, grad_a_slice, sgd_slice,
};
