/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One array of numpy:
 *
 *     93 'NUMPY', version 1 0 (2 0, 3 0), length of the header: 2 bytes (4), little endian
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 *     the numbers
 */
#ifndef NABLA_FORMAT_NPY_H
#define NABLA_FORMAT_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

#define NPY_DIMENSIONS 8

struct npy_type;

struct npy {
    const struct npy_type *type;
    bool fortran;      /* the first index runs fastest */
    size_t dimensions; /* 0: a single number */
    size_t size[NPY_DIMENSIONS];
    size_t count;          /* of numbers */
    const uint8_t *values; /* within the parsed bytes */
};

/* Parses a whole file; `name` is what errors call it.  NB_SYSTEM: damaged, a type
 * that is none of f4 f8 u1 i4 i8 b1, big endian. */
enum nb_status npy_parse(const uint8_t *bytes, size_t length, const char *name, struct npy *npy,
                         struct nb_error *error);

/* Are the numbers bytes (u1), in C order? */
bool npy_is_bytes(const struct npy *npy);

/* Are they of single precision (f4)? */
bool npy_is_single(const struct npy *npy);

/* All numbers in C order, the last index fastest. */
void npy_read(const struct npy *npy, double *values /* (count) */);

#endif
