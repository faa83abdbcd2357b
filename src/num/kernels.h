/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arithmetic, once per element type.  Above this layer nobody knows which
 * it is: numbers are void pointers, row-major, and single values are double.
 * Argument order: outputs, inputs, sizes.  n rows, `in` and `out` units.
 */
#ifndef NABLA_NUM_KERNELS_H
#define NABLA_NUM_KERNELS_H

#include <stddef.h>

#include "nabla.h"

struct matrix_kernels {
    /* z (n, out) = a (n, in) · w (in, out) + b (out) */
    void (*affine)(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                   size_t out);
    /* dw (in, out) = aᵀ · delta */
    void (*grad_w)(void *dw, const void *a, const void *delta, size_t n, size_t in, size_t out);
    /* db (out) = column sums of delta (n, out) */
    void (*grad_b)(void *db, const void *delta, size_t n, size_t out);
    /* da (n, in) = delta · wᵀ */
    void (*grad_a)(void *da, const void *delta, const void *w, size_t n, size_t in, size_t out);
};

struct activation_kernel {
    /* a (n, c) = f(z) */
    void (*forward)(void *a, const void *z, size_t n, size_t c);
    /* delta (n, c) = da ∘ f'(z), for softmax da times its Jacobian */
    void (*backward)(void *delta, const void *da, const void *z, const void *a, size_t n, size_t c);
};

struct loss_kernel {
    /* The loss: the mean over n rows.  A cross-entropy reads z and knows from
     * `softmax` whether the outputs are that or sigmoids. */
    double (*value)(const void *a, const void *z, const void *y, size_t n, size_t c, bool softmax);
    /* da (n, c) = ∂loss/∂a */
    void (*grad)(void *da, const void *a, const void *z, const void *y, size_t n, size_t c);
    /* delta (n, c) = ∂loss/∂z straight from a and y; NULL: by way of da */
    void (*delta)(void *delta, const void *a, const void *y, size_t n, size_t c, bool softmax);
};

struct vector_kernels {
    size_t size;                                                   /* bytes of one element */
    void (*sgd)(void *w, const void *g, double eta, size_t count); /* w -= eta·g */
    double (*get)(const void *from, size_t index);
    void (*set)(void *to, size_t index, double value);
    void (*read)(double *to, const void *from, size_t count);
    void (*write)(void *to, const double *from, size_t count);
    /* Rows whose prediction is right: arg max where c > 1, else threshold 0.5. */
    size_t (*correct)(const void *a, const void *y, size_t n, size_t c);
};

struct kernels {
    const struct matrix_kernels *matrix;
    const struct activation_kernel *activation; /* by enum nb_activation */
    const struct loss_kernel *loss;             /* by enum nb_loss */
    const struct vector_kernels *vector;
};

/* precision is NB_SINGLE or NB_DOUBLE. */
const struct kernels *kernels_of(enum nb_precision precision);

/* Threads for products; 0: one per core. */
void kernels_set_threads(int threads);
int kernels_threads(void);

/* What each *_tmpl.c file exports. */
extern const struct matrix_kernels matrix_kernels_32, matrix_kernels_64;
extern const struct activation_kernel activation_kernels_32[], activation_kernels_64[];
extern const struct loss_kernel loss_kernels_32[], loss_kernels_64[];
extern const struct vector_kernels vector_kernels_32, vector_kernels_64;

#endif
