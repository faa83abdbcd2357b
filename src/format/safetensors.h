/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * safetensors: named arrays and named texts in one file.
 *
 *     length of the header   64 bits, little-endian
 *     header                 JSON: {"__metadata__": {NAME: TEXT, ...},
 *                              NAME: {"dtype": "F64", "shape": [3, 2],
 *                                     "data_offsets": [0, 48]}, ...}
 *     the numbers            little-endian, row-major, one array after the other
 *
 * One structure serves writing and reading; its memory is its own.
 */
#ifndef NABLA_FORMAT_SAFETENSORS_H
#define NABLA_FORMAT_SAFETENSORS_H

#include "base/text.h"
#include "nabla.h"

#define TENSOR_RANK   8
#define TENSOR_NAME   64 /* bytes, with the end */
#define TENSOR_HEADER ((size_t)100 << 20)

enum tensor_type { TENSOR_F64, TENSOR_F32, TENSOR_I64, TENSOR_U8, TENSOR_TYPES };

struct tensor {
    char name[TENSOR_NAME];
    enum tensor_type type;
    size_t rank, shape[TENSOR_RANK];
    size_t count;  /* numbers: the product of the shape */
    size_t offset; /* of the first byte in struct safetensors.numbers */
};

struct safetensors_text {
    char *name, *value;
};

struct safetensors {
    struct tensor *tensors; /* (count) */
    size_t count, capacity;
    struct safetensors_text *texts; /* (text_count) __metadata__ */
    size_t text_count, text_capacity;
    struct text numbers;
    bool failed; /* memory ran out while something was added; looked at in the end */
};

void safetensors_init(struct safetensors *file);
void safetensors_release(struct safetensors *file);

/* ---- Writing ---- */

/* Adds a named text, and an array of rows × cols numbers as `type`; names are new
 * ones and shorter than TENSOR_NAME. */
void safetensors_add_text(struct safetensors *file, const char *name, const char *value);
void safetensors_add(struct safetensors *file, const char *name, enum tensor_type type, size_t rows,
                     size_t cols, const double *values);

/* The whole file into an empty text.  NB_SYSTEM: memory, a text that is no UTF-8. */
enum nb_status safetensors_write(const struct safetensors *file, struct text *bytes,
                                 struct nb_error *error);

/* ---- Reading ---- */

/* Reads bytes[0..length) into an initialised `file`; `name` is what errors call
 * it.  NB_SYSTEM: not such a file or damaged (which says where): every array must
 * have a known type, fit its place, and together they must fill the rest of the
 * file without a gap.  Release `file` either way. */
enum nb_status safetensors_parse(struct safetensors *file, const char *name, const char *bytes,
                                 size_t length, struct nb_error *error);

const char *safetensors_text(const struct safetensors *file, const char *name); /* NULL: none */
const struct tensor *safetensors_find(const struct safetensors *file, const char *name);
/* All of its numbers as double, each exact but for I64 beyond 2^53. */
void safetensors_values(const struct safetensors *file, const struct tensor *tensor,
                        double *values /* (count) */);

#endif
