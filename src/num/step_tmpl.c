/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optimisers' steps, as PyTorch defines them. */
#include "num/kernels.h"

#include "num/real.h"

#define STEP(name)                                                                                 \
    static void name(void *w_, void *m_, void *v_, const void *g_, const struct step_rule *rule,   \
                     size_t count)

/* w -= η·g */
STEP(sgd)
{
    real *w = w_, eta = (real)rule->eta;
    const real *g = g_;
    (void)m_, (void)v_;
    for (size_t i = 0; i < count; i++)
        w[i] -= eta * g[i];
}

/* v = μ·v + g; w -= η·v */
STEP(momentum)
{
    real *w = w_, *v = v_, eta = (real)rule->eta, mu = (real)rule->mu;
    const real *g = g_;
    (void)m_;
    for (size_t i = 0; i < count; i++) {
        v[i] = mu * v[i] + g[i];
        w[i] -= eta * v[i];
    }
}

/* v = μ·v + g; w -= η·(g + μ·v) */
STEP(nesterov)
{
    real *w = w_, *v = v_, eta = (real)rule->eta, mu = (real)rule->mu;
    const real *g = g_;
    (void)m_;
    for (size_t i = 0; i < count; i++) {
        v[i] = mu * v[i] + g[i];
        w[i] -= eta * (g[i] + mu * v[i]);
    }
}

/* v = ρ·v + (1-ρ)·g²; w -= η·g/(√v + ε) */
STEP(rmsprop)
{
    real *w = w_, *v = v_, eta = (real)rule->eta, epsilon = (real)rule->epsilon;
    real rho = (real)rule->rho, rest = (real)(1 - rule->rho);
    const real *g = g_;
    (void)m_;
    for (size_t i = 0; i < count; i++) {
        v[i] = rho * v[i] + rest * g[i] * g[i];
        w[i] -= eta * g[i] / (REAL_MATH(sqrt)(v[i]) + epsilon);
    }
}

/* m = β1·m + (1-β1)·g; v = β2·v + (1-β2)·g²;
 * w -= η·(m/(1-β1^t))/(√(v/(1-β2^t)) + ε) */
STEP(adam)
{
    real *w = w_, *m = m_, *v = v_, epsilon = (real)rule->epsilon;
    real beta1 = (real)rule->beta1, rest1 = (real)(1 - rule->beta1);
    real beta2 = (real)rule->beta2, rest2 = (real)(1 - rule->beta2);
    real eta = (real)(rule->eta / rule->correction1);
    real root = (real)(1 / sqrt(rule->correction2));
    const real *g = g_;
    for (size_t i = 0; i < count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        w[i] -= eta * m[i] / (REAL_MATH(sqrt)(v[i]) * root + epsilon);
    }
}

/* w -= η·λ·w, then adam */
STEP(adamw)
{
    real *w = w_, shrink = (real)(1 - rule->eta * rule->decay);
    for (size_t i = 0; rule->decay != 0 && i < count; i++)
        w[i] *= shrink;
    adam(w_, m_, v_, g_, rule, count);
}

const step_kernel REAL_NAME(step_kernels)[] = {
    [NB_SGD] = sgd,         [NB_MOMENTUM] = momentum, [NB_NESTEROV] = nesterov,
    [NB_RMSPROP] = rmsprop, [NB_ADAM] = adam,         [NB_ADAMW] = adamw,
};
