/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct weights {
    struct nb_spec spec;
    struct nb_layer *layers; /* what spec.layer points to */
    struct nb_learning learning;
    struct nb_snapshot *snapshot;
};

static bool is_kept(const struct nb_quantity *quantity)
{
    return (quantity->role == NB_PARAMETER || quantity->role == NB_STATE) && quantity->active &&
           quantity->rows;
}

static enum nb_status keep_numbers(const struct nb_net *net, struct nb_snapshot **snapshot,
                                   struct nb_error *error)
{
    size_t all = nb_quantity_count(net), count = 0;
    size_t *ids = memory_new(all, sizeof *ids);
    struct nb_quantity quantity;
    if (!ids)
        return error_memory(error);
    for (size_t id = 0; id < all; id++) {
        nb_quantity_get(net, id, &quantity);
        if (is_kept(&quantity))
            ids[count++] = id;
    }
    enum nb_status status = nb_snapshot_new(net, ids, count, snapshot, error);
    free(ids);
    return status;
}

enum nb_status weights_keep(const struct nb_net *net, struct weights **weights,
                            struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(net);
    *weights = memory_new(1, sizeof **weights);
    if (!*weights)
        return error_memory(error);
    (*weights)->spec = *spec;
    (*weights)->learning = *nb_net_learning(net);
    (*weights)->layers = memory_copy(spec->layer, spec->layers, sizeof *spec->layer);
    (*weights)->spec.layer = (*weights)->layers;
    enum nb_status status =
        (*weights)->layers ? keep_numbers(net, &(*weights)->snapshot, error) : error_memory(error);
    if (status)
        weights_free(weights);
    return status;
}

/* Writes every parameter as it is: what was computed before is older then. */
static enum nb_status touch_parameters(struct nb_net *net, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net) && !status; id++) {
        nb_quantity_get(net, id, &quantity);
        size_t count = quantity.rows * quantity.cols;
        if (quantity.role != NB_PARAMETER || !count)
            continue;
        double *values = memory_new(count, sizeof *values);
        if (!values)
            return error_memory(error);
        nb_values(net, id, values);
        status = nb_assign(net, id, quantity.rows, quantity.cols, values, error);
        free(values);
    }
    return status;
}

enum nb_status weights_swap(struct nb_net *net, struct weights *weights, struct nb_error *error)
{
    nb_snapshot_swap(net, weights->snapshot);
    enum nb_status status = touch_parameters(net, error);
    nb_seek(net, 0);
    return status;
}

enum nb_status weights_net(struct weights *weights, struct nb_net **net, struct nb_error *error)
{
    struct nb_snapshot *again = NULL;
    enum nb_status status = nb_net_new(&weights->spec, net, error);
    if (status)
        return status;
    status = nb_net_set_learning(*net, &weights->learning, error);
    if (!status) {
        nb_snapshot_swap(*net, weights->snapshot);
        status = keep_numbers(*net, &again, error);
        if (status) {
            nb_snapshot_swap(*net, weights->snapshot);
        } else {
            nb_snapshot_free(&weights->snapshot);
            weights->snapshot = again;
            status = touch_parameters(*net, error);
        }
    }
    if (status)
        nb_net_free(net);
    else
        nb_seek(*net, 0);
    return status;
}

size_t weights_bytes(const struct weights *weights)
{
    return nb_snapshot_bytes(weights->snapshot) + sizeof *weights;
}

void weights_free(struct weights **weights)
{
    if (!*weights)
        return;
    nb_snapshot_free(&(*weights)->snapshot);
    free((*weights)->layers);
    free(*weights);
    *weights = NULL;
}

uint64_t weights_mark(const struct nb_net *net)
{
    uint64_t mark = 14695981039346656037u; /* FNV-1a, 64 bits */
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        if (quantity.role != NB_PARAMETER)
            continue;
        for (size_t i = 0; i < quantity.rows; i++)
            for (size_t j = 0; j < quantity.cols; j++) {
                double value = nb_value(net, id, i, j);
                uint64_t bits;
                memcpy(&bits, &value, sizeof bits);
                mark = (mark ^ bits) * 1099511628211u;
            }
    }
    return mark;
}
