/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The element type of a *_tmpl.c file, compiled once with NB_REAL=32 and once
 * with 64: real, its constants and its names in libm and in CBLAS. */
#ifndef NABLA_NUM_REAL_H
#define NABLA_NUM_REAL_H

#include <cblas.h>
#include <math.h>

#if NB_REAL == 32
typedef float real;
#define R(x)         x##f
#define REAL_NAME(x) x##_32
#define REAL_MATH(x) x##f
#define REAL_GEMM    cblas_sgemm
#elif NB_REAL == 64
typedef double real;
#define R(x)         x
#define REAL_NAME(x) x##_64
#define REAL_MATH(x) x
#define REAL_GEMM    cblas_dgemm
#else
#error "compile with -DNB_REAL=32 or -DNB_REAL=64"
#endif

#endif
