/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IDX, the format of MNIST: big-endian words, then bytes.
 *
 *     00 00 08 D   magic: unsigned bytes in D dimensions
 *     size(1) ... size(D)   32 bits each
 *     the bytes, row-major
 */
#ifndef NABLA_FORMAT_IDX_H
#define NABLA_FORMAT_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

#define IDX_DIMENSIONS 3

struct idx {
    size_t size[IDX_DIMENSIONS]; /* 1 beyond the file's dimensions */
    const uint8_t *values;       /* (size[0], size[1], size[2]), within the parsed bytes */
};

/* Parses a whole file that must have `dimensions` (1..IDX_DIMENSIONS) and at
 * least one value; `name` is what errors call it.  NB_SYSTEM: damaged. */
enum nb_status idx_parse(const uint8_t *bytes, size_t length, const char *name, size_t dimensions,
                         struct idx *idx, struct nb_error *error);

/* NB_SYSTEM unless all labels of a parsed one-dimensional file are below `classes`. */
enum nb_status idx_check_labels(const struct idx *idx, const char *name, size_t classes,
                                struct nb_error *error);

#endif
