/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activations, each forward beside its derivative.  No finite z overflows. */
#include "num/kernels.h"

#include "num/exp.h"
#include "num/real.h"

#define LEAK        R(0.01)
#define LECUN_SCALE R(1.7159)
#define LECUN_SLOPE (R(2.0) / R(3.0))

/* σ(z) = 1/(1 + e^-z); below 0 as e^z/(1 + e^z), so that e^|z| never appears */
static real sigmoid(real z)
{
    real e = real_exp(-REAL_MATH(fabs)(z)), r = R(1.0) / (R(1.0) + e);
    return z >= 0 ? r : e * r;
}

/* One element: f(z), and f'(z) by z and a = f(z). */
#define ELEMENTWISE(name, value, derivative)                                                       \
    static void name##_forward(void *a_, const void *z_, size_t n, size_t c)                       \
    {                                                                                              \
        real *a_out = a_;                                                                          \
        const real *z_in = z_;                                                                     \
        for (size_t i = 0; i < n * c; i++) {                                                       \
            real z = z_in[i];                                                                      \
            a_out[i] = value;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void name##_backward(void *delta_, const void *da_, const void *z_, const void *a_,     \
                                size_t n, size_t c)                                                \
    {                                                                                              \
        real *delta = delta_;                                                                      \
        const real *da = da_, *z_in = z_, *a_in = a_;                                              \
        for (size_t i = 0; i < n * c; i++) {                                                       \
            real z = z_in[i], a = a_in[i];                                                         \
            (void)z, (void)a;                                                                      \
            delta[i] = da[i] * (derivative);                                                       \
        }                                                                                          \
    }

ELEMENTWISE(linear, z, R(1.0))
ELEMENTWISE(sigmoid, sigmoid(z), a *(R(1.0) - a))
ELEMENTWISE(tanh, REAL_MATH(tanh)(z), R(1.0) - a * a)
ELEMENTWISE(lecun, LECUN_SCALE *REAL_MATH(tanh)(LECUN_SLOPE *z),
            LECUN_SCALE *LECUN_SLOPE *(R(1.0) - (a / LECUN_SCALE) * (a / LECUN_SCALE)))
ELEMENTWISE(relu, z > 0 || z != z ? z : R(0.0), z > 0 ? R(1.0) : R(0.0))
ELEMENTWISE(leakyrelu, z > 0 ? z : LEAK * z, z > 0 ? R(1.0) : LEAK)

/* a_k = e^(z_k - max z) / Σ_m e^(z_m - max z) */
static void softmax_forward(void *a_, const void *z_, size_t n, size_t c)
{
    real *a = a_;
    const real *z = z_;
    for (size_t i = 0; i < n; i++, a += c, z += c) {
        real most = z[0], sum = 0;
        for (size_t k = 1; k < c; k++)
            most = z[k] > most ? z[k] : most;
        for (size_t k = 0; k < c; k++)
            a[k] = real_exp(z[k] - most);
        for (size_t k = 0; k < c; k++)
            sum += a[k];
        for (size_t k = 0; k < c; k++)
            a[k] /= sum;
    }
}

/* delta_k = a_k·(da_k - Σ_m da_m·a_m) */
static void softmax_backward(void *delta_, const void *da_, const void *z, const void *a_, size_t n,
                             size_t c)
{
    real *delta = delta_;
    const real *da = da_, *a = a_;
    (void)z;
    for (size_t i = 0; i < n; i++, delta += c, da += c, a += c) {
        real dot = 0;
        for (size_t k = 0; k < c; k++)
            dot += da[k] * a[k];
        for (size_t k = 0; k < c; k++)
            delta[k] = a[k] * (da[k] - dot);
    }
}

const struct activation_kernel REAL_NAME(activation_kernels)[] = {
    [NB_LINEAR] = { linear_forward, linear_backward },
    [NB_SIGMOID] = { sigmoid_forward, sigmoid_backward },
    [NB_TANH] = { tanh_forward, tanh_backward },
    [NB_LECUN] = { lecun_forward, lecun_backward },
    [NB_RELU] = { relu_forward, relu_backward },
    [NB_LEAKYRELU] = { leakyrelu_forward, leakyrelu_backward },
    [NB_SOFTMAX] = { softmax_forward, softmax_backward },
};
