/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define LEAST_ROOM 65536u
#define CHUNK      ((size_t)1 << 28) /* gzread counts in int */

void block_release(struct block *block)
{
    free(block->bytes);
    block->bytes = NULL;
    block->length = 0;
}

static bool named_gz(const char *path)
{
    size_t length = strlen(path);
    return length >= 3 && strcmp(path + length - 3, ".gz") == 0;
}

static enum nb_status stream_damaged(gzFile file, const char *path, struct nb_error *error)
{
    int saved = errno, code;
    gzerror(file, &code);
    errno = saved;
    if (code == Z_ERRNO)
        return error_file(error, "read", path);
    if (code == Z_MEM_ERROR)
        return error_memory(error);
    return error_set(error, NB_SYSTEM, "%s: byte %ld: %s", path, (long)gzoffset(file),
                     code == Z_BUF_ERROR ? "the file ends inside the compressed data"
                                         : "the compressed data are damaged, expected gzip");
}

/* A plain file has its own size and one byte, in which the end shows itself. */
static size_t first_room(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || info.st_size < (off_t)LEAST_ROOM)
        return LEAST_ROOM;
    return (uintmax_t)info.st_size > STREAM_MOST ? STREAM_MOST : (size_t)info.st_size + 1;
}

static bool block_grow(struct block *block, size_t room)
{
    uint8_t *grown = memory_resize(block->bytes, room, 1);
    if (grown)
        block->bytes = grown;
    return grown != NULL;
}

static enum nb_status read_all(gzFile file, const char *path, struct block *block,
                               struct nb_error *error)
{
    size_t room = first_room(path);
    if (!block_grow(block, room))
        return error_memory(error);
    for (;;) {
        size_t left = room - block->length;
        int got =
            gzread(file, block->bytes + block->length, (unsigned)(left < CHUNK ? left : CHUNK));
        if (got <= 0)
            return got < 0 ? stream_damaged(file, path, error) : NB_OK;
        block->length += (size_t)got;
        if (block->length > STREAM_MOST)
            return error_set(error, NB_SYSTEM, "%s is larger than %zu bytes", path, STREAM_MOST);
        if (block->length < room)
            continue;
        room = room > STREAM_MOST / 2 ? STREAM_MOST + 1 : room * 2;
        if (!block_grow(block, room))
            return error_memory(error);
    }
}

static enum nb_status read_checked(gzFile file, const char *path, struct block *block,
                                   struct nb_error *error)
{
    enum nb_status status = read_all(file, path, block, error);
    int code;
    if (status)
        return status;
    gzerror(file, &code); /* an early end gives what there is first, and no failure */
    if (code != Z_OK && code != Z_STREAM_END)
        return stream_damaged(file, path, error);
    if (named_gz(path) && gzdirect(file))
        return error_set(error, NB_SYSTEM, "%s: byte 0: expected gzip, which begins 1f 8b", path);
    block_grow(block, block->length); /* gives back what is over; may fail */
    return NB_OK;
}

enum nb_status stream_read(const char *path, struct block *block, struct nb_error *error)
{
    *block = (struct block){ 0 };
    if (folder_exists(path))
        return error_set(error, NB_SYSTEM, "%s is a folder, not a file", path);
    gzFile file = gzopen(path, "rb");
    if (!file)
        return error_file(error, "open", path);
    gzbuffer(file, LEAST_ROOM);
    enum nb_status status = read_checked(file, path, block, error);
    gzclose(file);
    if (status)
        block_release(block);
    return status;
}
