/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/chain.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "formula/build.h"

static size_t find(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(net, kind, layer);
}

static void links_release(struct links *links)
{
    for (size_t i = 0; i < links->count; i++)
        term_free(&links->items[i].factor);
    free(links->items);
    *links = (struct links){ .items = NULL };
}

void chain_release(struct chain *chain)
{
    links_release(&chain->stem);
    links_release(&chain->tail);
    for (size_t i = 0; i < CHAIN_PATHS_MOST; i++)
        links_release(&chain->branch[i]);
    chain->branches = 0;
}

/* Takes the factor. */
static bool links_add(struct links *links, struct element from, struct element to,
                      struct term *factor)
{
    struct link *grown =
        factor ? array_grow(links->items, links->count, &links->capacity, sizeof *grown) : NULL;
    if (!grown) {
        term_free(&factor);
        return false;
    }
    links->items = grown;
    links->items[links->count++] = (struct link){ from, to, factor };
    return true;
}

static bool add_local(const struct nb_net *net, struct links *links, struct element from,
                      struct element to)
{
    struct local local = { to, from };
    return links_add(links, from, to, local_term(net, &local));
}

/* The plan takes δ of the output at once: the path ends at z. */
static bool ends_at_z(const struct nb_net *net, size_t layer)
{
    const struct nb_spec *spec = nb_net_spec(net);
    struct nb_quantity delta;
    nb_quantity_get(net, find(net, NB_DELTA, layer), &delta);
    return layer == spec->layers && nb_plan_op(net, delta.op)->kind != NB_OP_DELTA;
}

static struct term *delta_at_once(const struct nb_net *net, size_t layer, size_t col)
{
    struct nb_quantity delta;
    size_t id = find(net, NB_DELTA, layer);
    nb_quantity_get(net, id, &delta);
    if (nb_plan_op(net, delta.op)->kind == NB_OP_DELTA_SOFTMAX)
        return term_element(id, 0, col); /* the whole Jacobian is too long for a factor */
    struct site site = { net, nb_plan_op(net, delta.op), id, 0, col, NULL };
    return build_term(&site);
}

/* From a to h, where the layer has dropout. */
static bool pass_mask(const struct nb_net *net, struct links *links, size_t layer,
                      struct element *at)
{
    struct element a = *at, h = { build_output(net, layer), 0, at->col };
    *at = h;
    return h.id == a.id || add_local(net, links, a, h);
}

/* Adds links from z of a unit on to its a, or to the loss; *at follows. */
static bool pass_unit(const struct nb_net *net, struct links *links, size_t layer,
                      struct element *at)
{
    struct element loss = { find(net, NB_LOSS_VALUE, 0), 0, 0 };
    struct element a = { find(net, NB_A, layer), 0, at->col }, z = *at;
    if (ends_at_z(net, layer)) {
        *at = loss;
        return links_add(links, z, loss, delta_at_once(net, layer, z.col));
    }
    *at = a;
    return add_local(net, links, z, a) && pass_mask(net, links, layer, at);
}

/* From a of a unit to the loss, or to z of a unit above. */
static bool leave_unit(const struct nb_net *net, struct links *links, size_t layer, size_t unit,
                       struct element *at)
{
    struct element from = *at;
    if (layer == nb_net_spec(net)->layers)
        *at = (struct element){ find(net, NB_LOSS_VALUE, 0), 0, 0 };
    else
        *at = (struct element){ find(net, NB_Z, layer + 1), 0, unit };
    return add_local(net, links, from, *at);
}

static bool is_loss(const struct nb_net *net, struct element element)
{
    return element.id == find(net, NB_LOSS_VALUE, 0);
}

/* A straight way from `at`, in `layer`, up to the loss or to an a that fans out. */
static bool go_straight(const struct nb_net *net, struct links *links, size_t *layer,
                        struct element *at)
{
    for (;;) {
        if (at->id == find(net, NB_Z, *layer) && !pass_unit(net, links, *layer, at))
            return false;
        if (at->id == find(net, NB_A, *layer) && !pass_mask(net, links, *layer, at))
            return false;
        if (is_loss(net, *at))
            return true;
        if (*layer < nb_net_spec(net)->layers && build_units(net, *layer + 1) > 1)
            return true;
        if (!leave_unit(net, links, *layer, 0, at))
            return false;
        if (is_loss(net, *at))
            return true;
        ++*layer;
    }
}

static bool fan_out(const struct nb_net *net, struct chain *chain, size_t *layer,
                    struct element *at)
{
    struct element from = *at;
    chain->layer = *layer + 1;
    chain->branches = build_units(net, chain->layer);
    for (size_t u = 0; u < chain->branches; u++) {
        struct links *links = &chain->branch[u];
        *at = from;
        if (!leave_unit(net, links, *layer, u, at) || !pass_unit(net, links, chain->layer, at))
            return false;
        if (!is_loss(net, *at) && !leave_unit(net, links, chain->layer, 0, at))
            return false;
    }
    *layer += 2;
    return is_loss(net, *at) || go_straight(net, &chain->tail, layer, at);
}

/* Layers above `layer` that have more than one unit, and the most of units. */
static bool is_narrow(const struct nb_net *net, size_t layer)
{
    size_t wide = 0;
    for (size_t l = layer + 1; l <= nb_net_spec(net)->layers; l++) {
        wide += build_units(net, l) > 1;
        if (build_units(net, l) > CHAIN_PATHS_MOST)
            return false;
    }
    return wide <= 1;
}

static bool build(const struct nb_net *net, struct chain *chain, size_t layer)
{
    struct element at = chain->start, z = { find(net, NB_Z, layer), 0, at.col };
    if (at.id == find(net, NB_W, layer) || at.id == find(net, NB_B, layer)) {
        if (!add_local(net, &chain->stem, at, z))
            return false;
        at = z;
    }
    if (!go_straight(net, &chain->stem, &layer, &at))
        return false;
    return is_loss(net, at) || fan_out(net, chain, &layer, &at);
}

enum nb_status chain_build(const struct nb_net *net, struct element start, struct chain *chain,
                           bool *fits, struct nb_error *error)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, start.id, &quantity);
    *chain = (struct chain){ .start = start };
    *fits = build_rows(net) == 1 && is_narrow(net, quantity.layer);
    if (!*fits || build(net, chain, quantity.layer))
        return NB_OK;
    chain_release(chain);
    return error_memory(error);
}
