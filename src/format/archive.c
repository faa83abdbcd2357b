/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* zlib unpacks, since it verifies the checksum, and libarchive reads the tar. */
struct input {
    struct stream stream;
    struct archive *archive;
    const char *path;
    enum nb_status status; /* of the stream; `error` says why */
    struct nb_error *error;
    uint8_t bytes[65536];
};

static la_ssize_t input_next(struct archive *archive, void *context, const void **bytes)
{
    struct input *input = context;
    size_t got = 0;
    input->status =
        stream_next(&input->stream, input->bytes, sizeof input->bytes, &got, input->error);
    if (input->status)
        archive_set_error(archive, EIO, "damaged");
    *bytes = input->bytes;
    return input->status ? -1 : (la_ssize_t)got;
}

static enum nb_status archive_damaged(struct input *input)
{
    const char *why = archive_error_string(input->archive);
    if (input->status)
        return input->status;
    return error_set(input->error, NB_SYSTEM, "%s: byte %ld: %s, expected .tar.gz", input->path,
                     stream_offset(&input->stream), why ? why : "damaged");
}

static enum nb_status read_member(struct input *input, const char *name, int64_t size,
                                  struct block *block)
{
    if (block->bytes)
        return error_set(input->error, NB_SYSTEM, "%s: %s is there twice", input->path, name);
    if (size < 0 || (uint64_t)size > STREAM_MOST)
        return error_set(input->error, NB_SYSTEM, "%s: %s is larger than %zu bytes", input->path,
                         name, STREAM_MOST);
    block->bytes = memory_resize(NULL, (size_t)size, 1);
    if (!block->bytes)
        return error_memory(input->error);
    while (block->length < (size_t)size) {
        la_ssize_t got = archive_read_data(input->archive, block->bytes + block->length,
                                           (size_t)size - block->length);
        if (got <= 0)
            return archive_damaged(input);
        block->length += (size_t)got;
    }
    return NB_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum nb_status take_entry(struct input *input, struct archive_entry *entry,
                                 const char *const *names, size_t count, struct block *blocks)
{
    const char *packed = archive_entry_pathname(entry);
    if (!packed || archive_entry_filetype(entry) != AE_IFREG)
        return NB_OK;
    for (size_t i = 0; i < count; i++)
        if (strcmp(last_part(packed), names[i]) == 0)
            return read_member(input, names[i], archive_entry_size(entry), &blocks[i]);
    return NB_OK;
}

/* The tar ends before the file does; the checksum stands at the very end. */
static enum nb_status read_rest(struct input *input)
{
    size_t got = 1;
    enum nb_status status = NB_OK;
    while (got && !status)
        status = stream_next(&input->stream, input->bytes, sizeof input->bytes, &got, input->error);
    return status;
}

static enum nb_status read_entries(struct input *input, const char *const *names, size_t count,
                                   struct block *blocks)
{
    struct archive_entry *entry;
    enum nb_status status = NB_OK;
    int code;
    while (!status && (code = archive_read_next_header(input->archive, &entry)) != ARCHIVE_EOF) {
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            return archive_damaged(input);
        status = take_entry(input, entry, names, count, blocks);
    }
    if (!status)
        status = read_rest(input);
    for (size_t i = 0; i < count && !status; i++)
        if (!blocks[i].bytes)
            status = error_set(input->error, NB_SYSTEM, "%s: %s is missing", input->path, names[i]);
    return status;
}

static enum nb_status read_input(struct input *input, const char *const *names, size_t count,
                                 struct block *blocks)
{
    archive_read_support_format_tar(input->archive);
    if (archive_read_open(input->archive, input, NULL, input_next, NULL) != ARCHIVE_OK)
        return archive_damaged(input);
    return read_entries(input, names, count, blocks);
}

enum nb_status archive_read(const char *path, const char *const *names, size_t count,
                            struct block *blocks, struct nb_error *error)
{
    memset(blocks, 0, count * sizeof *blocks);
    struct input *input = memory_new(1, sizeof *input);
    if (!input)
        return error_memory(error);
    input->path = path;
    input->error = error;
    enum nb_status status = stream_open(&input->stream, path, error);
    if (!status && !(input->archive = archive_read_new()))
        status = error_memory(error);
    if (!status)
        status = read_input(input, names, count, blocks);
    archive_read_free(input->archive);
    stream_close(&input->stream);
    free(input);
    for (size_t i = 0; i < count && status; i++)
        block_release(&blocks[i]);
    return status;
}
