/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing an .npz file, as numpy.load reads it: a zip of .npy files. */
#ifndef NABLA_FORMAT_NPZPACK_H
#define NABLA_FORMAT_NPZPACK_H

#include <stdbool.h>

#include "base/text.h"
#include "nabla.h"

struct npz_packer;

/* The file goes into `bytes`, which is empty and outlives the packer. */
enum nb_status npz_pack_new(struct text *bytes, struct npz_packer **packer, struct nb_error *error);
/* Adds values (rows, cols) as the array `name`, in single or double precision; a
 * vector has the shape (cols,). */
enum nb_status npz_pack_add(struct npz_packer *packer, const char *name, bool single, bool vector,
                            size_t rows, size_t cols, const double *values, struct nb_error *error);
/* Ends the file, and the packer either way. */
enum nb_status npz_pack_end(struct npz_packer **packer, struct nb_error *error);

#endif
