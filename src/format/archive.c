/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define INPUT_BYTES 65536

static enum nb_status archive_damaged(struct archive *archive, const char *path,
                                      struct nb_error *error)
{
    const char *why = archive_error_string(archive);
    return error_set(error, NB_SYSTEM, "%s: byte %lld: %s, expected .tar.gz", path,
                     (long long)archive_filter_bytes(archive, -1), why ? why : "damaged");
}

static enum nb_status read_member(struct archive *archive, const char *path, const char *name,
                                  int64_t size, struct block *block, struct nb_error *error)
{
    if (block->bytes)
        return error_set(error, NB_SYSTEM, "%s: %s is there twice", path, name);
    if (size < 0 || (uint64_t)size > STREAM_MOST)
        return error_set(error, NB_SYSTEM, "%s: %s is larger than %zu bytes", path, name,
                         STREAM_MOST);
    block->bytes = memory_resize(NULL, (size_t)size, 1);
    if (!block->bytes)
        return error_memory(error);
    while (block->length < (size_t)size) {
        la_ssize_t got =
            archive_read_data(archive, block->bytes + block->length, (size_t)size - block->length);
        if (got <= 0)
            return archive_damaged(archive, path, error);
        block->length += (size_t)got;
    }
    return NB_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum nb_status take_entry(struct archive *archive, struct archive_entry *entry,
                                 const char *path, const char *const *names, size_t count,
                                 struct block *blocks, struct nb_error *error)
{
    const char *packed = archive_entry_pathname(entry);
    if (!packed || archive_entry_filetype(entry) != AE_IFREG)
        return NB_OK;
    for (size_t i = 0; i < count; i++)
        if (strcmp(last_part(packed), names[i]) == 0)
            return read_member(archive, path, names[i], archive_entry_size(entry), &blocks[i],
                               error);
    return NB_OK;
}

static enum nb_status read_entries(struct archive *archive, const char *path,
                                   const char *const *names, size_t count, struct block *blocks,
                                   struct nb_error *error)
{
    struct archive_entry *entry;
    enum nb_status status = NB_OK;
    int code;
    while (!status && (code = archive_read_next_header(archive, &entry)) != ARCHIVE_EOF) {
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            return archive_damaged(archive, path, error);
        status = take_entry(archive, entry, path, names, count, blocks, error);
    }
    for (size_t i = 0; i < count && !status; i++)
        if (!blocks[i].bytes)
            status = error_set(error, NB_SYSTEM, "%s: %s is missing", path, names[i]);
    return status;
}

enum nb_status archive_read(const char *path, const char *const *names, size_t count,
                            struct block *blocks, struct nb_error *error)
{
    memset(blocks, 0, count * sizeof *blocks);
    if (folder_exists(path))
        return error_set(error, NB_SYSTEM, "%s is a folder, not a file", path);
    struct archive *archive = archive_read_new();
    if (!archive)
        return error_memory(error);
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    enum nb_status status;
    if (archive_read_open_filename(archive, path, INPUT_BYTES) != ARCHIVE_OK)
        status = archive_damaged(archive, path, error);
    else
        status = read_entries(archive, path, names, count, blocks, error);
    archive_read_free(archive);
    for (size_t i = 0; i < count && status; i++)
        block_release(&blocks[i]);
    return status;
}
