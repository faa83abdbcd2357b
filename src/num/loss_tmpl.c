/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Losses: value, ∂L/∂a and, for the cross-entropies, ∂L/∂z at once.  Sums run
 * in double.  The cross-entropies are computed from z, so that no finite z
 * overflows, with 0·ln 0 = 0.
 */
#include "num/kernels.h"

#include "num/exp.h"
#include "num/real.h"

#define SOME 32

static double sum_of_squares(const real *a, const real *y, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)a[i] - (double)y[i];
        sum += difference * difference;
    }
    return sum;
}

static void scaled_difference(real *out, const real *a, const real *y, size_t count, double scale)
{
    real factor = (real)scale;
    for (size_t i = 0; i < count; i++)
        out[i] = factor * (a[i] - y[i]);
}

/* scale·Σ(a - y)²/n and its derivative 2·scale·(a - y)/n */
#define SQUARED(name, scale)                                                                       \
    static double name##_value(const void *a, const void *z, const void *y, size_t n, size_t c,    \
                               bool softmax)                                                       \
    {                                                                                              \
        (void)z, (void)softmax;                                                                    \
        return (scale)*sum_of_squares(a, y, n * c) / (double)n;                                    \
    }                                                                                              \
    static void name##_grad(void *da, const void *a, const void *z, const void *y, size_t n,       \
                            size_t c)                                                              \
    {                                                                                              \
        (void)z;                                                                                   \
        scaled_difference(da, a, y, n *c, 2 * (scale) / (double)n);                                \
    }

SQUARED(half_sse, 0.5)
SQUARED(sse, 1.0)
SQUARED(mse, 1.0 / (double)c)

/* ln(1 + e^x) */
static double softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exponential(-fabs(x)));
}

/* ln Σ_k e^z_k; some powers at a time, as the processor has vectors of them */
static double log_sum_exp(const real *z, size_t c)
{
    real most = z[0], powers[SOME];
    double sum = 0;
    for (size_t k = 1; k < c; k++)
        most = z[k] > most ? z[k] : most;
    for (size_t first = 0; first < c; first += SOME) {
        size_t count = c - first < SOME ? c - first : SOME;
        for (size_t k = 0; k < count; k++)
            powers[k] = real_exp(z[first + k] - most);
        for (size_t k = 0; k < count; k++)
            sum += (double)powers[k];
    }
    return (double)most + log(sum);
}

/* -Σ_k y_k·ln a_k: ln softmax = z - ln Σe^z, ln σ = -softplus(-z) */
static double cross_entropy_value(const void *a, const void *z_, const void *y_, size_t n, size_t c,
                                  bool softmax)
{
    const real *z = z_, *y = y_;
    double sum = 0;
    (void)a;
    for (size_t i = 0; i < n; i++, z += c, y += c) {
        double normalizer = softmax ? log_sum_exp(z, c) : 0;
        for (size_t k = 0; k < c; k++)
            if (y[k] != 0)
                sum +=
                    (double)y[k] * (softmax ? normalizer - (double)z[k] : softplus(-(double)z[k]));
    }
    return sum / (double)n;
}

/* ∂L/∂a = -y/a/n, with 1/σ(z) = 1 + e^-z */
static void cross_entropy_grad(void *da_, const void *a, const void *z_, const void *y_, size_t n,
                               size_t c)
{
    real *da = da_;
    const real *z = z_, *y = y_;
    (void)a;
    for (size_t i = 0; i < n * c; i++)
        da[i] = y[i] == 0 ? R(0.0)
                          : (real)(-(double)y[i] * (1 + exponential(-(double)z[i])) / (double)n);
}

/* softmax: (a·Σ_k y_k - y)/n; sigmoid: -y·(1 - a)/n */
static void cross_entropy_delta(void *delta_, const void *a_, const void *y_, size_t n, size_t c,
                                bool softmax)
{
    real *delta = delta_, scale = (real)(1 / (double)n);
    const real *a = a_, *y = y_;
    for (size_t i = 0; i < n; i++, delta += c, a += c, y += c) {
        real total = 0;
        for (size_t k = 0; softmax && k < c; k++)
            total += y[k];
        for (size_t k = 0; k < c; k++)
            delta[k] = scale * (softmax ? a[k] * total - y[k] : -y[k] * (R(1.0) - a[k]));
    }
}

/* -Σ_k [y_k·ln σ(z_k) + (1 - y_k)·ln(1 - σ(z_k))] */
static double binary_value(const void *a, const void *z_, const void *y_, size_t n, size_t c,
                           bool softmax)
{
    const real *z = z_, *y = y_;
    double sum = 0;
    (void)a, (void)softmax;
    for (size_t i = 0; i < n * c; i++)
        sum += (double)y[i] * softplus(-(double)z[i]) + (1 - (double)y[i]) * softplus((double)z[i]);
    return sum / (double)n;
}

/* ∂L/∂a = [-y/a + (1 - y)/(1 - a)]/n, with 1/(1 - σ(z)) = 1 + e^z */
static void binary_grad(void *da_, const void *a, const void *z_, const void *y_, size_t n,
                        size_t c)
{
    real *da = da_;
    const real *z = z_, *y = y_;
    (void)a;
    for (size_t i = 0; i < n * c; i++) {
        double t = (double)y[i], s = (double)z[i];
        double on = t == 0 ? 0 : -t * (1 + exponential(-s)),
               off = t == 1 ? 0 : (1 - t) * (1 + exponential(s));
        da[i] = (real)((on + off) / (double)n);
    }
}

static void binary_delta(void *delta, const void *a, const void *y, size_t n, size_t c,
                         bool softmax)
{
    (void)softmax;
    scaled_difference(delta, a, y, n * c, 1 / (double)n);
}

const struct loss_kernel REAL_NAME(loss_kernels)[] = {
    [NB_HALF_SSE] = { half_sse_value, half_sse_grad, NULL },
    [NB_SSE] = { sse_value, sse_grad, NULL },
    [NB_MSE] = { mse_value, mse_grad, NULL },
    [NB_CROSS_ENTROPY] = { cross_entropy_value, cross_entropy_grad, cross_entropy_delta },
    [NB_BINARY_CROSS_ENTROPY] = { binary_value, binary_grad, binary_delta },
};
