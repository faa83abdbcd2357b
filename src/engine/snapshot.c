/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going back: a part of the state, or all of it, that swaps with the present. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

struct saved { /* one quantity */
    size_t id, bytes, offset;
    uint64_t stamp;
    int decimals;
};

struct nb_snapshot {
    bool whole;
    struct state state;  /* whole */
    struct saved *saved; /* else (count) */
    size_t count, size;
    unsigned char *bytes; /* (size) the numbers of all of them */
    size_t cursor;
    uint64_t iteration, updates;
    enum nb_optimizer optimizer;
};

static size_t cell_bytes(const struct nb_net *net, const struct cell *cell)
{
    if (!cell->data)
        return 0;
    return cell->rows * cell->cols * net->kernels->vector->size;
}

static enum nb_status save_some(const struct nb_net *net, const size_t *ids, size_t count,
                                struct nb_snapshot *snapshot, struct nb_error *error)
{
    snapshot->count = count;
    snapshot->cursor = net->state.cursor;
    snapshot->iteration = net->state.iteration;
    snapshot->updates = net->state.updates;
    snapshot->optimizer = net->state.optimizer;
    snapshot->saved = memory_new(count, sizeof *snapshot->saved);
    if (!snapshot->saved)
        return error_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = net_cell(net, ids[i]);
        struct saved saved = { ids[i], cell_bytes(net, cell), snapshot->size, cell->stamp,
                               cell->decimals };
        snapshot->saved[i] = saved;
        snapshot->size += saved.bytes;
    }
    snapshot->bytes = memory_new(snapshot->size, 1);
    if (!snapshot->bytes)
        return error_memory(error);
    for (size_t i = 0; i < count; i++)
        if (snapshot->saved[i].bytes)
            memcpy(snapshot->bytes + snapshot->saved[i].offset, net_cell(net, ids[i])->data,
                   snapshot->saved[i].bytes);
    return NB_OK;
}

enum nb_status nb_snapshot_new(const struct nb_net *net, const size_t *ids, size_t count,
                               struct nb_snapshot **snapshot, struct nb_error *error)
{
    *snapshot = memory_new(1, sizeof **snapshot);
    if (!*snapshot)
        return error_memory(error);
    (*snapshot)->whole = !ids;
    enum nb_status status = ids ? save_some(net, ids, count, *snapshot, error)
                                : state_copy(net, &(*snapshot)->state, error);
    if (!status && !ids)
        (*snapshot)->size = state_bytes(net);
    if (status)
        nb_snapshot_free(snapshot);
    return status;
}

static void swap_bytes(unsigned char *a, unsigned char *b, size_t count)
{
    unsigned char part[4096];
    while (count) {
        size_t size = count < sizeof part ? count : sizeof part;
        memcpy(part, a, size);
        memcpy(a, b, size);
        memcpy(b, part, size);
        a += size;
        b += size;
        count -= size;
    }
}

static void swap_some(struct nb_net *net, struct nb_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        struct saved *saved = &snapshot->saved[i];
        struct cell *cell = net_cell(net, saved->id);
        assert(cell_bytes(net, cell) == saved->bytes);
        swap_bytes(cell->data, snapshot->bytes + saved->offset, saved->bytes);
        uint64_t stamp = cell->stamp;
        int decimals = cell->decimals;
        cell->stamp = saved->stamp;
        cell->decimals = saved->decimals;
        saved->stamp = stamp;
        saved->decimals = decimals;
    }
    struct nb_snapshot held = *snapshot;
    snapshot->cursor = net->state.cursor;
    snapshot->iteration = net->state.iteration;
    snapshot->updates = net->state.updates;
    snapshot->optimizer = net->state.optimizer;
    net->state.cursor = held.cursor;
    net->state.iteration = held.iteration;
    net->state.updates = held.updates;
    net->state.optimizer = held.optimizer;
}

void nb_snapshot_swap(struct nb_net *net, struct nb_snapshot *snapshot)
{
    if (!snapshot->whole) {
        swap_some(net, snapshot);
        return;
    }
    struct state state = net->state;
    net->state = snapshot->state;
    snapshot->state = state;
    net->spec.init = net->state.init;
    net->spec.seed = net->state.seed;
}

size_t nb_snapshot_bytes(const struct nb_snapshot *snapshot)
{
    return snapshot->size + snapshot->count * sizeof *snapshot->saved + sizeof *snapshot;
}

void nb_snapshot_free(struct nb_snapshot **snapshot)
{
    if (!*snapshot)
        return;
    if ((*snapshot)->whole)
        state_release(&(*snapshot)->state);
    free((*snapshot)->saved);
    free((*snapshot)->bytes);
    free(*snapshot);
    *snapshot = NULL;
}
