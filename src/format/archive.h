/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chosen members of a .tar.gz, in whatever order they are packed. */
#ifndef NABLA_FORMAT_ARCHIVE_H
#define NABLA_FORMAT_ARCHIVE_H

#include "format/stream.h"

/* Reads the members names[0..count), in any folder of the archive, into
 * blocks[0..count).  NB_SYSTEM: cannot be read, damaged, a member missing,
 * there twice or larger than STREAM_MOST; the blocks are empty then. */
enum nb_status archive_read(const char *path, const char *const *names, size_t count,
                            struct block *blocks, struct nb_error *error);

#endif
