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

static enum nb_status stream_damaged(struct stream *stream, struct nb_error *error)
{
    int saved = errno, code;
    gzerror(stream->file, &code);
    errno = saved;
    if (code == Z_ERRNO)
        return error_file(error, "read", stream->path);
    if (code == Z_MEM_ERROR)
        return error_memory(error);
    return error_set(error, NB_SYSTEM, "%s: byte %ld: %s", stream->path, stream_offset(stream),
                     code == Z_BUF_ERROR ? "the file ends inside the compressed data"
                                         : "the compressed data are damaged, expected gzip");
}

enum nb_status stream_open(struct stream *stream, const char *path, struct nb_error *error)
{
    *stream = (struct stream){ NULL, path };
    if (folder_exists(path))
        return error_set(error, NB_SYSTEM, "%s is a folder, not a file", path);
    errno = ENOMEM; /* what zlib leaves unsaid */
    stream->file = gzopen(path, "rb");
    if (!stream->file)
        return error_file(error, "open", path);
    gzbuffer(stream->file, LEAST_ROOM);
    return NB_OK;
}

enum nb_status stream_next(struct stream *stream, uint8_t *bytes, size_t most, size_t *got,
                           struct nb_error *error)
{
    int count = gzread(stream->file, bytes, (unsigned)most), code = Z_OK;
    if (count == 0)
        gzerror(stream->file, &code); /* an early end is no failure of gzread */
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
        return stream_damaged(stream, error);
    if (named_gz(stream->path) && gzdirect(stream->file))
        return error_set(error, NB_SYSTEM, "%s: byte 0: expected gzip, which begins 1f 8b",
                         stream->path);
    *got = (size_t)count;
    return NB_OK;
}

long stream_offset(const struct stream *stream)
{
    return (long)gzoffset(stream->file);
}

void stream_close(struct stream *stream)
{
    if (stream->file)
        gzclose(stream->file);
    stream->file = NULL;
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

static enum nb_status read_all(struct stream *stream, struct block *block, struct nb_error *error)
{
    size_t room = first_room(stream->path), got;
    if (!block_grow(block, room))
        return error_memory(error);
    for (;;) {
        size_t left = room - block->length;
        enum nb_status status = stream_next(stream, block->bytes + block->length,
                                            left < CHUNK ? left : CHUNK, &got, error);
        if (status || !got)
            return status;
        block->length += got;
        if (block->length > STREAM_MOST)
            return error_set(error, NB_SYSTEM, "%s is larger than %zu bytes", stream->path,
                             STREAM_MOST);
        if (block->length < room)
            continue;
        room = room > STREAM_MOST / 2 ? STREAM_MOST + 1 : room * 2;
        if (!block_grow(block, room))
            return error_memory(error);
    }
}

enum nb_status stream_read(const char *path, struct block *block, struct nb_error *error)
{
    struct stream stream;
    *block = (struct block){ 0 };
    enum nb_status status = stream_open(&stream, path, error);
    if (!status)
        status = read_all(&stream, block, error);
    stream_close(&stream);
    if (status)
        block_release(block);
    else
        block_grow(block, block->length); /* gives back what is over; may fail */
    return status;
}
