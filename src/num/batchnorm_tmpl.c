/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batch normalisation over the rows of a batch (Ioffe and Szegedy, 2015).
 * Column sums run row by row, so that memory is read in order. */
#include "num/kernels.h"

#include <string.h>

#include "num/real.h"

static real inverse_deviation(real var)
{
    return (real)(1 / sqrt((double)var + NB_VARIANCE_EPSILON));
}

/* x̂ = (z - μ)/√(σ² + ε), u = γ·x̂ + β */
static void evaluate(void *u_, void *xhat_, const void *mu_, const void *var_, const void *z_,
                     const void *gamma_, const void *beta_, size_t n, size_t c)
{
    real *u = u_, *xhat = xhat_;
    const real *mu = mu_, *var = var_, *z = z_, *gamma = gamma_, *beta = beta_;
    for (size_t i = 0; i < n; i++, z += c, xhat += c, u += c)
        for (size_t k = 0; k < c; k++) {
            xhat[k] = (z[k] - mu[k]) * inverse_deviation(var[k]);
            u[k] = gamma[k] * xhat[k] + beta[k];
        }
}

/* μ = Σz/n, σ² = Σ(z - μ)²/n */
static void statistics(real *mu, real *var, const real *z, size_t n, size_t c)
{
    real share = (real)(1 / (double)n);
    memset(mu, 0, c * sizeof *mu);
    memset(var, 0, c * sizeof *var);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c; k++)
            mu[k] += z[i * c + k];
    for (size_t k = 0; k < c; k++)
        mu[k] *= share;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c; k++) {
            real away = z[i * c + k] - mu[k];
            var[k] += away * away;
        }
    for (size_t k = 0; k < c; k++)
        var[k] *= share;
}

static void forward(void *u, void *xhat, void *mu, void *var, const void *z, const void *gamma,
                    const void *beta, size_t n, size_t c)
{
    statistics(mu, var, z, n, c);
    evaluate(u, xhat, mu, var, z, gamma, beta, n, c);
}

/* dβ = Σdu, dγ = Σdu·x̂, δ = γ/√(σ² + ε)·(du - dβ/n - x̂·dγ/n) */
static void backward(void *delta_, void *dgamma_, void *dbeta_, const void *du_, const void *xhat_,
                     const void *var_, const void *gamma_, size_t n, size_t c)
{
    real *delta = delta_, *dgamma = dgamma_, *dbeta = dbeta_, share = (real)(1 / (double)n);
    const real *du = du_, *xhat = xhat_, *var = var_, *gamma = gamma_;
    memset(dgamma, 0, c * sizeof *dgamma);
    memset(dbeta, 0, c * sizeof *dbeta);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c; k++) {
            dbeta[k] += du[i * c + k];
            dgamma[k] += du[i * c + k] * xhat[i * c + k];
        }
    for (size_t i = 0; i < n; i++, delta += c, du += c, xhat += c)
        for (size_t k = 0; k < c; k++)
            delta[k] = gamma[k] * inverse_deviation(var[k]) *
                       (du[k] - share * dbeta[k] - xhat[k] * share * dgamma[k]);
}

static void follow(void *rmean_, void *rvar_, const void *mu_, const void *var_, size_t n, size_t c)
{
    real *rmean = rmean_, *rvar = rvar_, kept = (real)NB_STATISTICS_KEPT,
         rest = (real)(1 - NB_STATISTICS_KEPT);
    real unbiased = (real)((double)n / ((double)n - 1));
    const real *mu = mu_, *var = var_;
    for (size_t k = 0; k < c; k++) {
        rmean[k] = kept * rmean[k] + rest * mu[k];
        rvar[k] = kept * rvar[k] + rest * unbiased * var[k];
    }
}

const struct batchnorm_kernels REAL_NAME(batchnorm_kernels) = { forward, evaluate, backward,
                                                                follow };
