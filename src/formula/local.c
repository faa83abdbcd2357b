/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local derivatives: of what one operation of the forward pass makes by what it reads. */
#include "formula/local.h"
#include "base/error.h"
#include "formula/build.h"
#include "formula/formula.h"

struct term *local_term(const struct nb_net *net, const struct local *local)
{
    struct nb_quantity top, bottom;
    nb_quantity_get(net, local->top.id, &top);
    nb_quantity_get(net, local->bottom.id, &bottom);
    size_t row = local->top.row, col = local->top.col;
    bool same_row = row == local->bottom.row, same_col = col == local->bottom.col;
    size_t layer = top.layer;
    bool below = local->bottom.id == (layer ? build_below(net, layer) : NB_NOWHERE);
    if (top.kind == NB_Z && below)
        return same_row ? term_element(nb_quantity_id(net, NB_W, layer), local->bottom.col, col)
                        : term_number(0);
    if (top.kind == NB_Z && bottom.kind == NB_W && bottom.layer == layer)
        return same_col ? term_element(build_below(net, layer), row, local->bottom.row)
                        : term_number(0);
    if (top.kind == NB_Z && bottom.kind == NB_B && bottom.layer == layer)
        return term_number(same_col ? 1 : 0);
    if (top.kind == NB_A && bottom.kind == NB_Z && bottom.layer == layer)
        return build_activation_slope(net, layer, row, col, local->bottom.row, local->bottom.col);
    if (top.kind == NB_LOSS_VALUE && bottom.layer == nb_net_spec(net)->layers &&
        bottom.kind == NB_A)
        return build_loss_gradient(net, local->bottom.row, local->bottom.col);
    return NULL;
}

enum nb_status formula_local(const struct nb_net *net, size_t top, size_t top_row, size_t top_col,
                             size_t bottom, size_t bottom_row, size_t bottom_col, double *value,
                             struct nb_error *error)
{
    struct local local = { { top, top_row, top_col }, { bottom, bottom_row, bottom_col } };
    struct nb_quantity quantities[2];
    nb_quantity_get(net, top, &quantities[0]);
    nb_quantity_get(net, bottom, &quantities[1]);
    for (size_t i = 0; i < COUNT_OF(quantities); i++)
        if (quantities[i].state == NB_UNSET)
            return error_set(error, NB_FAILED, "%s has no value yet: type forward",
                             quantities[i].name);
    struct term *term = local_term(net, &local);
    if (!term)
        return error_set(error, NB_FAILED,
                         "%s is not made from %s directly: local derivatives are of neighbours, "
                         "as dz2[1]/da1[1], da2[1]/dz2[1], dz1[1]/dw1[1,1], dL/da2[1]",
                         quantities[0].name, quantities[1].name);
    *value = term_value(net, term);
    term_free(&term);
    return NB_OK;
}
