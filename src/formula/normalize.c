/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terms of batch norm and dropout. */
#include "formula/build.h"

static size_t find(const struct site *site, enum nb_quantity_kind kind)
{
    return nb_quantity_id(site->net, kind, site->op->layer);
}

static enum nb_quantity_kind kind_of(const struct site *site)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, site->id, &quantity);
    return quantity.kind;
}

/* Of the unit, which batch norm has for all rows together. */
static struct term *unit(const struct site *site, enum nb_quantity_kind kind)
{
    return term_element(find(site, kind), 0, site->col);
}

struct term *build_deviation(const struct nb_net *net, size_t layer, size_t col)
{
    struct term *var = term_element(nb_quantity_id(net, NB_VAR, layer), 0, col);
    return term_apply(TERM_ROOT, term_sum(var, term_setting(TERM_EPSILON, NB_VARIANCE_EPSILON)));
}

/* ---- Forward ---- */

/* μ[k] = Σ_i z[i,k]/n */
static struct term *build_mu(const struct site *site)
{
    struct term *z = term_element(find(site, NB_Z), TERM_I, site->col);
    return build_mean(site->net, term_series(TERM_I, build_rows(site->net), z));
}

/* var[k] = Σ_i (z[i,k] − μ[k])²/n */
static struct term *build_var(const struct site *site)
{
    struct term *away =
        term_difference(term_element(find(site, NB_Z), TERM_I, site->col), unit(site, NB_MU));
    return build_mean(site->net, term_series(TERM_I, build_rows(site->net), term_square(away)));
}

/* x̂[i,k] = (z[i,k] − μ[k]) / √(var[k] + ε) */
static struct term *build_xhat(const struct site *site)
{
    struct term *away = term_difference(build_element(site, NB_Z), unit(site, NB_MU));
    struct term *deviation = build_deviation(site->net, site->op->layer, site->col);
    return term_shaped(term_quotient(away, deviation), TERM_WIDE);
}

/* u[i,k] = γ[k]·x̂[i,k] + β[k] */
static struct term *build_u(const struct site *site)
{
    return term_sum(term_product(unit(site, NB_GAMMA), build_element(site, NB_XHAT)),
                    unit(site, NB_BETA));
}

struct term *build_batchnorm(const struct site *site)
{
    switch (kind_of(site)) {
    case NB_MU:
        return build_mu(site);
    case NB_VAR:
        return build_var(site);
    case NB_XHAT:
        return build_xhat(site);
    default:
        return build_u(site);
    }
}

/* A mask is drawn; h[i,k] = a[i,k]·mask[i,k] */
struct term *build_dropout(const struct site *site)
{
    if (kind_of(site) == NB_MASK)
        return build_element(site, NB_MASK);
    return term_product(build_element(site, NB_A), build_element(site, NB_MASK));
}

/* ---- Backward ---- */

struct term *build_dropout_grad(const struct site *site)
{
    return term_product(build_element(site, NB_DH), build_element(site, NB_MASK));
}

/* dγ[k] = Σ_i du[i,k]·x̂[i,k], dβ[k] = Σ_i du[i,k] */
static struct term *build_sum(const struct site *site, bool scaled)
{
    struct term *body = term_element(find(site, NB_DU), TERM_I, site->col);
    if (scaled)
        body = term_product(body, term_element(find(site, NB_XHAT), TERM_I, site->col));
    return term_series(TERM_I, build_rows(site->net), body);
}

/* δ[i,k] = γ[k]·(du[i,k] − (dβ[k] + x̂[i,k]·dγ[k])/n) / √(var[k] + ε) */
struct term *build_batchnorm_grad(const struct site *site)
{
    enum nb_quantity_kind kind = kind_of(site);
    if (kind != NB_DELTA)
        return build_sum(site, kind == NB_DGAMMA);
    struct term *stretch = term_product(build_element(site, NB_XHAT), unit(site, NB_DGAMMA));
    struct term *shared = build_mean(site->net, term_sum(unit(site, NB_DBETA), stretch));
    struct term *rest = term_difference(build_element(site, NB_DU), shared);
    return term_shaped(term_quotient(term_product(unit(site, NB_GAMMA), rest),
                                     build_deviation(site->net, site->op->layer, site->col)),
                       TERM_WIDE);
}

/* ((1 on the diagonal) − 1/n − x̂·x̂') / √(var + ε), with γ in front where scaled */
struct term *build_batchnorm_slope(const struct nb_net *net, size_t layer, size_t row, size_t col,
                                   size_t z_row, size_t z_col, bool scaled)
{
    if (col != z_col)
        return term_number(0);
    size_t xhat = nb_quantity_id(net, NB_XHAT, layer);
    struct term *product =
        term_product(term_element(xhat, row, col), term_element(xhat, z_row, col));
    struct term *own =
        term_difference(term_number(row == z_row ? 1 : 0), build_mean(net, term_number(1)));
    struct term *share = term_quotient(term_difference(own, build_mean(net, product)),
                                       build_deviation(net, layer, col));
    if (!scaled)
        return share;
    return term_product(term_element(nb_quantity_id(net, NB_GAMMA, layer), 0, col), share);
}
