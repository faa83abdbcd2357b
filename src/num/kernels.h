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

/* Parts of the products, for threads that share one: columns or rows first..last-1. */
struct slice_kernels {
    /* columns of z = a·w + b */
    void (*affine)(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                   size_t out, size_t first, size_t last);
    /* z (n, out) = a·w over the sources first..last-1 only, + b where it is not NULL */
    void (*partial)(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                    size_t out, size_t first, size_t last);
    /* rows of dw = aᵀ·delta */
    void (*grad_w)(void *dw, const void *a, const void *delta, size_t n, size_t in, size_t out,
                   size_t first, size_t last);
    /* columns of da = delta·wᵀ */
    void (*grad_a)(void *da, const void *delta, const void *w, size_t n, size_t in, size_t out,
                   size_t first, size_t last);
    /* rows of w = keep·w - eta·aᵀ·delta: a whole step of sgd in one product */
    void (*sgd)(void *w, const void *a, const void *delta, double keep, double eta, size_t n,
                size_t in, size_t out, size_t first, size_t last);
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

/* What an optimiser's step needs besides the numbers. */
struct step_rule {
    double eta, mu, rho, beta1, beta2, epsilon;
    double correction1, correction2; /* 1 - β1^t, 1 - β2^t */
    double decay;                    /* adamw: λ */
};

/* One step for `count` parameters w with gradient g; m and v are the
 * optimiser's state, which optimisers without it do not touch. */
typedef void (*step_kernel)(void *w, void *m, void *v, const void *g, const struct step_rule *rule,
                            size_t count);

struct batchnorm_kernels {
    /* mu, var (c) of the rows of z (n, c), biased; xhat = (z - mu)/√(var + ε), u = γ·xhat + β */
    void (*forward)(void *u, void *xhat, void *mu, void *var, const void *z, const void *gamma,
                    const void *beta, size_t n, size_t c);
    /* the same with statistics that are given */
    void (*evaluate)(void *u, void *xhat, const void *mu, const void *var, const void *z,
                     const void *gamma, const void *beta, size_t n, size_t c);
    /* delta, dgamma, dbeta from du */
    void (*backward)(void *delta, void *dgamma, void *dbeta, const void *du, const void *xhat,
                     const void *var, const void *gamma, size_t n, size_t c);
    /* rmean, rvar ← 0.9·running + 0.1·batch, the variance unbiased: n/(n - 1) */
    void (*follow)(void *rmean, void *rvar, const void *mu, const void *var, size_t n, size_t c);
};

struct vector_kernels {
    size_t size; /* bytes of one element */
    /* out = a ∘ b */
    void (*multiply)(void *out, const void *a, const void *b, size_t count);
    /* mask: 0 with probability p, else 1/(1 - p); a function of the key alone */
    void (*mask)(void *mask, double p, uint64_t seed, uint64_t iteration, uint64_t layer,
                 size_t count);
    void (*add)(void *sum, const void *more, size_t count); /* sum += more */
    /* out = g + l2·w + l1·sign(w) */
    void (*regularize)(void *out, const void *g, const void *w, double l2, double l1, size_t count);
    void (*sums)(const void *w, size_t count, double *absolute, double *squares); /* adds to both */
    void (*scale)(void *w, double factor, size_t count);
    double (*get)(const void *from, size_t index);
    void (*set)(void *to, size_t index, double value);
    void (*read)(double *to, const void *from, size_t count);
    void (*write)(void *to, const double *from, size_t count);
    /* Rows whose prediction is right: arg max where c > 1, else threshold 0.5.  One with
     * NaN predicts nothing. */
    size_t (*correct)(const void *a, const void *y, size_t n, size_t c);
};

struct kernels {
    const struct matrix_kernels *matrix;
    const struct slice_kernels *slice;
    const struct activation_kernel *activation; /* by enum nb_activation */
    const struct loss_kernel *loss;             /* by enum nb_loss */
    const struct vector_kernels *vector;
    const struct batchnorm_kernels *batchnorm;
    const step_kernel *step; /* by enum nb_optimizer */
};

/* precision is NB_SINGLE or NB_DOUBLE. */
const struct kernels *kernels_of(enum nb_precision precision);

/* Threads for products; 0: one per core. */
void kernels_set_threads(int threads);
int kernels_threads(void);

/* What the *_tmpl.c files make of these: for doubles and for floats, and for
 * processors of the third level (x86-64-v3: AVX2, FMA) and of the fourth (AVX-512). */
extern const struct kernels kernels_64, kernels_64_v3, kernels_64_v4;
extern const struct kernels kernels_32, kernels_32_v3, kernels_32_v4;

#endif
