/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/keeparrays.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/history.h"
#include "format/npy.h"
#include "format/npz.h"
#include "format/npzpack.h"

/* The quantities that the file holds, in the order of the network. */
struct arrays {
    const struct nb_net *net;
    size_t count;
    struct nb_quantity *quantities;
    size_t *ids;
    const char **names;
    struct block *blocks; /* the .npy files, as they were read */
    double **values;
};

static bool is_kept(const struct nb_quantity *quantity)
{
    return quantity->role == NB_PARAMETER || quantity->kind == NB_RMEAN ||
           quantity->kind == NB_RVAR;
}

static void arrays_release(struct arrays *arrays)
{
    for (size_t i = 0; i < arrays->count; i++) {
        if (arrays->blocks)
            block_release(&arrays->blocks[i]);
        if (arrays->values)
            free(arrays->values[i]);
    }
    free(arrays->quantities);
    free(arrays->ids);
    free(arrays->names);
    free(arrays->blocks);
    free(arrays->values);
}

static enum nb_status arrays_init(struct arrays *arrays, const struct nb_net *net,
                                  struct nb_error *error)
{
    size_t all = nb_quantity_count(net), count = 0;
    *arrays = (struct arrays){
        .net = net,
        .quantities = memory_new(all, sizeof *arrays->quantities),
        .ids = memory_new(all, sizeof *arrays->ids),
        .names = memory_new(all, sizeof *arrays->names),
        .blocks = memory_new(all, sizeof *arrays->blocks),
        .values = memory_new(all, sizeof *arrays->values),
    };
    if (!arrays->quantities || !arrays->ids || !arrays->names || !arrays->blocks ||
        !arrays->values) {
        arrays_release(arrays);
        return error_memory(error);
    }
    for (size_t id = 0; id < all; id++) {
        nb_quantity_get(net, id, &arrays->quantities[count]);
        if (!is_kept(&arrays->quantities[count]))
            continue;
        arrays->ids[count] = id;
        arrays->names[count] = arrays->quantities[count].name;
        count++;
    }
    arrays->count = count;
    return NB_OK;
}

/* Room for the numbers of array i. */
static double *arrays_room(struct arrays *arrays, size_t i)
{
    const struct nb_quantity *quantity = &arrays->quantities[i];
    arrays->values[i] = memory_new(quantity->rows * quantity->cols, sizeof **arrays->values);
    return arrays->values[i];
}

/* ---- Writing ---- */

static enum nb_status pack(struct arrays *arrays, struct text *bytes, struct nb_error *error)
{
    struct npz_packer *packer;
    struct nb_error failure;
    bool single = nb_net_spec(arrays->net)->precision == NB_SINGLE;
    enum nb_status status = npz_pack_new(bytes, &packer, error);
    if (status)
        return status;
    for (size_t i = 0; i < arrays->count && !status; i++) {
        const struct nb_quantity *quantity = &arrays->quantities[i];
        if (!arrays_room(arrays, i)) {
            status = error_memory(error);
            break;
        }
        nb_values(arrays->net, arrays->ids[i], arrays->values[i]);
        status = npz_pack_add(packer, quantity->name, single, quantity->kind != NB_W,
                              quantity->rows, quantity->cols, arrays->values[i], error);
    }
    enum nb_status ended = npz_pack_end(&packer, &failure);
    if (status || !ended)
        return status;
    return error_set(error, ended, "%s", failure.text);
}

enum nb_status arrays_write(const struct nb_net *net, const char *path, struct nb_error *error)
{
    struct arrays arrays;
    struct text bytes = TEXT_INIT;
    enum nb_status status = arrays_init(&arrays, net, error);
    if (status)
        return status;
    status = pack(&arrays, &bytes, error);
    if (!status)
        status = file_write(path, bytes.bytes, bytes.length, error);
    arrays_release(&arrays);
    text_release(&bytes);
    return status;
}

/* ---- Reading ---- */

/* A vector may be (n,) or (1, n). */
static bool has_shape(const struct npy *npy, const struct nb_quantity *quantity)
{
    if (npy->dimensions == 1)
        return quantity->kind != NB_W && npy->size[0] == quantity->cols;
    return npy->dimensions == 2 && npy->size[0] == quantity->rows && npy->size[1] == quantity->cols;
}

static enum nb_status read_one(struct arrays *arrays, size_t i, const char *path,
                               struct nb_error *error)
{
    const struct nb_quantity *quantity = &arrays->quantities[i];
    const struct block *block = &arrays->blocks[i];
    struct npy npy;
    if (!block->bytes)
        return error_set(error, NB_FAILED, "%s has no array %s, which the network has", path,
                         quantity->name);
    enum nb_status status = npy_parse(block->bytes, block->length, path, &npy, error);
    if (status)
        return status;
    if (!has_shape(&npy, quantity))
        return error_set(error, NB_FAILED,
                         "the array %s of %s is not %zu×%zu, as the network has it", quantity->name,
                         path, quantity->rows, quantity->cols);
    if (!arrays_room(arrays, i))
        return error_memory(error);
    npy_read(&npy, arrays->values[i]);
    return NB_OK;
}

static enum nb_status read_all(struct arrays *arrays, const char *path, struct nb_error *error)
{
    struct block file = { NULL, 0 };
    enum nb_status status = stream_read(path, &file, error);
    if (!status)
        status = npz_unpack(file.bytes, file.length, path, arrays->names, arrays->count,
                            arrays->blocks, error);
    block_release(&file);
    for (size_t i = 0; i < arrays->count && !status; i++)
        status = read_one(arrays, i, path, error);
    return status;
}

static enum nb_status put_all(const struct arrays *arrays, struct nb_net *net,
                              struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < arrays->count && !status; i++) {
        const struct nb_quantity *quantity = &arrays->quantities[i];
        bool parameter = quantity->role == NB_PARAMETER;
        status = (parameter ? nb_assign : nb_restore)(net, arrays->ids[i], quantity->rows,
                                                      quantity->cols, arrays->values[i], error);
    }
    return status;
}

enum nb_status arrays_load(struct session *session, const char *path, struct nb_error *error)
{
    struct arrays arrays;
    if (!session->net)
        return error_set(error, NB_FAILED,
                         "an .npz file has weights but no network: type net 3-2-2 sigmoid, or as "
                         "theirs was, and load again");
    enum nb_status status = arrays_init(&arrays, session->net, error);
    if (status)
        return status;
    status = read_all(&arrays, path, error);
    if (!status)
        status = history_replace_old(session, NULL, error);
    if (!status)
        status = history_save_net(session, NULL, error);
    if (!status)
        status = put_all(&arrays, session->net, error);
    arrays_release(&arrays);
    return status;
}
