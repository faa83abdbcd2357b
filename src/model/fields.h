/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Members of a structure as named texts of a file, by a table of rows:
 *
 *     { "lr", FIELD_NUMBER, offsetof(struct nb_learning, lr) }   learning.lr = "0.1"
 *
 * What is written comes back bit for bit, NaN and infinities included.
 */
#ifndef NABLA_MODEL_FIELDS_H
#define NABLA_MODEL_FIELDS_H

#include "format/safetensors.h"
#include "nabla.h"

enum field_kind {
    FIELD_WHOLE,  /* uint64_t */
    FIELD_SIZE,   /* size_t */
    FIELD_FLAG,   /* bool: 0 or 1 */
    FIELD_NUMBER, /* double */
    FIELD_CODE,   /* an enum, as its number, 0..most */
    FIELD_CHOICE, /* an enum, by the name of its row */
    FIELD_TEXT,   /* char [most], its end within */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    size_t most;
    const struct nb_choice *(*choices)(size_t *count);
};

/* Adds PREFIX + name for every row. */
void fields_add(struct safetensors *file, const char *prefix, const struct field *rows,
                size_t count, const void *object);

/* Reads them all.  NB_SYSTEM: one is missing or cannot be read; `name` is what
 * errors call the file. */
enum nb_status fields_read(const struct safetensors *file, const char *name, const char *prefix,
                           const struct field *rows, size_t count, void *object,
                           struct nb_error *error);

#endif
