/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chosen arrays of an .npz file: a zip of .npy files. */
#ifndef NABLA_FORMAT_NPZ_H
#define NABLA_FORMAT_NPZ_H

#include "format/stream.h"

/* Unpacks the arrays names[0..count) (as numpy calls them, without .npy, in
 * capitals or not) of a whole file into blocks[0..count); those that are missing
 * stay empty.  `name` is what errors call it.  NB_SYSTEM: no zip, damaged, an array
 * there twice or larger than STREAM_MOST; all blocks are empty then. */
enum nb_status npz_unpack(const uint8_t *bytes, size_t length, const char *name,
                          const char *const *names, size_t count, struct block *blocks,
                          struct nb_error *error);

#endif
