/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/npz.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"

#define LEAST_ROOM 4096u

struct npz {
    struct archive *archive;
    const char *name;
    struct nb_error *error;
};

static enum nb_status npz_damaged(const struct npz *npz)
{
    const char *why = archive_error_string(npz->archive);
    return error_set(npz->error, NB_SYSTEM, "%s: %s, expected .npz, as numpy.savez writes it",
                     npz->name, why ? why : "damaged");
}

/* To the very end, where the checksum is looked at; what the entry says of its
 * size is not believed. */
static enum nb_status read_member(const struct npz *npz, const char *array, struct block *block)
{
    size_t room = 0;
    if (block->bytes)
        return error_set(npz->error, NB_SYSTEM, "%s: the array %s is there twice", npz->name,
                         array);
    for (;;) {
        if (block->length == room) {
            room = room ? 2 * room : LEAST_ROOM;
            uint8_t *grown = memory_resize(block->bytes, room, 1);
            if (!grown)
                return error_memory(npz->error);
            block->bytes = grown;
        }
        la_ssize_t got =
            archive_read_data(npz->archive, block->bytes + block->length, room - block->length);
        if (got < 0)
            return npz_damaged(npz);
        if (got == 0)
            return NB_OK;
        block->length += (size_t)got;
        if (block->length > STREAM_MOST)
            return error_set(npz->error, NB_SYSTEM, "%s: the array %s is larger than %zu bytes",
                             npz->name, array, STREAM_MOST);
    }
}

static bool is_array(const char *packed, const char *array)
{
    size_t length = strlen(array);
    return strncasecmp(packed, array, length) == 0 && strcmp(packed + length, ".npy") == 0;
}

static enum nb_status read_members(const struct npz *npz, const char *const *names, size_t count,
                                   struct block *blocks)
{
    struct archive_entry *entry;
    enum nb_status status = NB_OK;
    int code;
    while (!status && (code = archive_read_next_header(npz->archive, &entry)) != ARCHIVE_EOF) {
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            return npz_damaged(npz);
        const char *packed = archive_entry_pathname(entry);
        for (size_t i = 0; packed && i < count && !status; i++)
            if (is_array(packed, names[i]))
                status = read_member(npz, names[i], &blocks[i]);
    }
    return status;
}

enum nb_status npz_unpack(const uint8_t *bytes, size_t length, const char *name,
                          const char *const *names, size_t count, struct block *blocks,
                          struct nb_error *error)
{
    struct npz npz = { archive_read_new(), name, error };
    memset(blocks, 0, count * sizeof *blocks);
    if (!npz.archive)
        return error_memory(error);
    archive_read_support_format_zip(npz.archive);
    enum nb_status status = NB_OK;
    if (archive_read_open_memory(npz.archive, (void *)bytes, length) != ARCHIVE_OK)
        status = npz_damaged(&npz);
    else
        status = read_members(&npz, names, count, blocks);
    archive_read_free(npz.archive);
    for (size_t i = 0; i < count && status; i++)
        block_release(&blocks[i]);
    return status;
}
