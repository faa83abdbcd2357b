/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files of bytes, plain or gzip, read into the block that keeps them. */
#ifndef NABLA_FORMAT_STREAM_H
#define NABLA_FORMAT_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "nabla.h"

#define STREAM_MOST ((size_t)1 << 30) /* no file unpacks to more bytes than these */

/* Bytes on the heap, for free(); NULL and 0 where nothing was read. */
struct block {
    uint8_t *bytes;
    size_t length;
};

void block_release(struct block *block); /* empty again */

/* Reads the file `path` whole; one that is named *.gz must be gzip.
 * NB_SYSTEM: cannot be read, a folder, damaged, larger than STREAM_MOST; the
 * block is empty then. */
enum nb_status stream_read(const char *path, struct block *block, struct nb_error *error);

/* ---- Piece by piece ---- */

struct stream {
    gzFile file;
    const char *path; /* the caller's, alive as long as the stream */
};

/* The same with pieces: *got of at most `most` bytes (not above INT_MAX), 0 at
 * the end, where gzip's checksum has been verified. */
enum nb_status stream_open(struct stream *stream, const char *path, struct nb_error *error);
enum nb_status stream_next(struct stream *stream, uint8_t *bytes, size_t most, size_t *got,
                           struct nb_error *error);
long stream_offset(const struct stream *stream); /* in the file, as it is packed */
void stream_close(struct stream *stream);

#endif
