/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The element type of a *_tmpl.c file, compiled once with NB_REAL=32 and once
 * with 64 (and with NB_V3 or NB_V4 for newer processors): real, its constants and its
 * names in libm and in CBLAS. */
#ifndef NABLA_NUM_REAL_H
#define NABLA_NUM_REAL_H

#include <cblas.h>
#include <math.h>

#include "num/kernels.h"

#if NB_REAL == 32
typedef float real;
#define R(x) x##f
#if defined(NB_V4)
#define REAL_NAME(x) x##_32_v4
#elif defined(NB_V3)
#define REAL_NAME(x) x##_32_v3
#else
#define REAL_NAME(x) x##_32
#endif
#define REAL_MATH(x) x##f
#define REAL_GEMM    cblas_sgemm
#elif NB_REAL == 64
typedef double real;
#define R(x) x
#if defined(NB_V4)
#define REAL_NAME(x) x##_64_v4
#elif defined(NB_V3)
#define REAL_NAME(x) x##_64_v3
#else
#define REAL_NAME(x) x##_64
#endif
#define REAL_MATH(x) x
#define REAL_GEMM    cblas_dgemm
#else
#error "compile with -DNB_REAL=32 or -DNB_REAL=64"
#endif

/* What each *_tmpl.c file exports; kernels_tmpl.c gathers them. */
extern const struct matrix_kernels REAL_NAME(matrix_kernels);
extern const struct slice_kernels REAL_NAME(slice_kernels);
extern const struct activation_kernel REAL_NAME(activation_kernels)[];
extern const struct loss_kernel REAL_NAME(loss_kernels)[];
extern const struct vector_kernels REAL_NAME(vector_kernels);
extern const struct batchnorm_kernels REAL_NAME(batchnorm_kernels);
extern const step_kernel REAL_NAME(step_kernels)[];

#endif
