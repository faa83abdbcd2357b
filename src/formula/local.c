/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local derivatives: of what one operation of the forward pass makes by what it reads. */
#include "formula/local.h"
#include "base/error.h"
#include "formula/build.h"
#include "formula/formula.h"

/* z by what the layer below hands up, by w, by b */
static struct term *weighted_sum(const struct nb_net *net, const struct local *local,
                                 const struct nb_quantity *top, const struct nb_quantity *bottom)
{
    size_t layer = top->layer, row = local->top.row, col = local->top.col;
    bool same_col = col == local->bottom.col;
    if (local->bottom.id == build_below(net, layer))
        return row == local->bottom.row
                   ? term_element(nb_quantity_id(net, NB_W, layer), local->bottom.col, col)
                   : term_number(0);
    if (bottom->layer != layer)
        return NULL;
    if (bottom->kind == NB_W)
        return same_col ? term_element(build_below(net, layer), row, local->bottom.row)
                        : term_number(0);
    return bottom->kind == NB_B ? term_number(same_col ? 1 : 0) : NULL;
}

/* mu or var by z: 1/n, 2·(z − mu)/n */
static struct term *statistic(const struct nb_net *net, const struct local *local,
                              const struct nb_quantity *top)
{
    size_t col = local->top.col;
    if (col != local->bottom.col)
        return term_number(0);
    if (top->kind == NB_MU)
        return build_mean(net, term_number(1));
    struct term *away =
        term_difference(term_element(local->bottom.id, local->bottom.row, col),
                        term_element(nb_quantity_id(net, NB_MU, top->layer), 0, col));
    return build_mean(net, term_product(term_number(2), away));
}

/* xhat by z; u by z, xhat, gamma, beta */
static struct term *normalized(const struct nb_net *net, const struct local *local,
                               const struct nb_quantity *top, const struct nb_quantity *bottom)
{
    size_t layer = top->layer, row = local->top.row, col = local->top.col;
    bool same_col = col == local->bottom.col, same_row = row == local->bottom.row;
    if (bottom->kind == NB_Z)
        return build_batchnorm_slope(net, layer, row, col, local->bottom.row, local->bottom.col,
                                     top->kind == NB_U);
    if (top->kind != NB_U)
        return NULL;
    if (bottom->kind == NB_XHAT)
        return same_col && same_row ? term_element(nb_quantity_id(net, NB_GAMMA, layer), 0, col)
                                    : term_number(0);
    if (bottom->kind == NB_GAMMA)
        return same_col ? term_element(nb_quantity_id(net, NB_XHAT, layer), row, col)
                        : term_number(0);
    return bottom->kind == NB_BETA ? term_number(same_col ? 1 : 0) : NULL;
}

struct term *local_term(const struct nb_net *net, const struct local *local)
{
    struct nb_quantity top, bottom;
    nb_quantity_get(net, local->top.id, &top);
    nb_quantity_get(net, local->bottom.id, &bottom);
    size_t row = local->top.row, col = local->top.col, layer = top.layer;
    bool same = row == local->bottom.row && col == local->bottom.col;
    if (top.kind == NB_Z)
        return weighted_sum(net, local, &top, &bottom);
    if (top.kind == NB_LOSS_VALUE)
        return bottom.layer == nb_net_spec(net)->layers && bottom.kind == NB_A
                   ? build_loss_gradient(net, local->bottom.row, local->bottom.col)
                   : NULL;
    if (bottom.layer != layer)
        return NULL;
    if (top.kind == NB_A && local->bottom.id == build_before(net, layer))
        return build_activation_slope(net, layer, row, col, local->bottom.row, local->bottom.col);
    if (top.kind == NB_H && bottom.kind == NB_A)
        return same ? term_element(nb_quantity_id(net, NB_MASK, layer), row, col) : term_number(0);
    if ((top.kind == NB_MU || top.kind == NB_VAR) && bottom.kind == NB_Z)
        return statistic(net, local, &top);
    if (top.kind == NB_XHAT || top.kind == NB_U)
        return normalized(net, local, &top, &bottom);
    return NULL;
}

/* As typed by one who means a quotient of two derivatives: "da1[1] / da2[1]". */
static enum nb_status is_none(const struct nb_quantity *from, const struct nb_quantity *by,
                              struct nb_error *error)
{
    const char *top = from->name, *bottom = by->name;
    if (from->kind == NB_PENALTY && (by->kind == NB_W || by->kind == NB_B))
        return error_set(error, NB_FAILED,
                         "d%s/d%s has no number of its own: after backward, g%s - d%s is it", top,
                         bottom, bottom, bottom);
    return error_set(error, NB_FAILED,
                     "d%s/d%s is no local derivative: %s is not made from %s; the quotient of two "
                     "derivatives is written with blanks, d%s / d%s",
                     top, bottom, top, bottom, top, bottom);
}

enum nb_status formula_local_exists(const struct nb_net *net, size_t top, size_t bottom,
                                    struct nb_error *error)
{
    struct local local = { { top, 0, 0 }, { bottom, 0, 0 } };
    struct nb_quantity quantities[2];
    nb_quantity_get(net, top, &quantities[0]);
    nb_quantity_get(net, bottom, &quantities[1]);
    struct term *term = local_term(net, &local);
    bool exists = term != NULL || nb_partial_exists(net, top, bottom);
    term_free(&term);
    return exists ? NB_OK : is_none(&quantities[0], &quantities[1], error);
}

enum nb_status formula_local(const struct nb_net *net, size_t top, size_t top_row, size_t top_col,
                             size_t bottom, size_t bottom_row, size_t bottom_col, double *value,
                             struct nb_error *error)
{
    struct local local = { { top, top_row, top_col }, { bottom, bottom_row, bottom_col } };
    struct term *term = local_term(net, &local);
    if (!term)
        return nb_partial(net, (struct nb_element){ top, top_row, top_col },
                          (struct nb_element){ bottom, bottom_row, bottom_col }, value, error);
    *value = term_value(net, term);
    term_free(&term);
    return NB_OK;
}
