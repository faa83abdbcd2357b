/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/idx.h"

#include "base/error.h"
#include "base/memory.h"

#define WORD        4u
#define MAGIC_BYTES 0x0800u

static size_t read_word(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static enum nb_status parse_sizes(const uint8_t *bytes, const char *name, size_t dimensions,
                                  struct idx *idx, size_t *values, struct nb_error *error)
{
    *values = 1;
    for (size_t i = 0; i < IDX_DIMENSIONS; i++) {
        size_t at = WORD + i * WORD;
        idx->size[i] = i < dimensions ? read_word(bytes + at) : 1;
        if (idx->size[i] == 0)
            return error_set(error, NB_SYSTEM, "%s: byte %zu: size 0, expected at least 1", name,
                             at);
        if (!size_multiply(*values, idx->size[i], values))
            return error_set(error, NB_SYSTEM, "%s: byte %zu: size %zu is more than memory holds",
                             name, at, idx->size[i]);
    }
    return NB_OK;
}

enum nb_status idx_parse(const uint8_t *bytes, size_t length, const char *name, size_t dimensions,
                         struct idx *idx, struct nb_error *error)
{
    size_t header = WORD + dimensions * WORD, values, expected = MAGIC_BYTES | dimensions;
    if (length >= WORD && read_word(bytes) != expected)
        return error_set(error, NB_SYSTEM, "%s: byte 0: magic %08zx, expected %08zx", name,
                         read_word(bytes), expected);
    if (length < header)
        return error_set(error, NB_SYSTEM,
                         "%s: byte %zu: the file ends, expected a header of %zu bytes", name,
                         length, header);
    enum nb_status status = parse_sizes(bytes, name, dimensions, idx, &values, error);
    if (status)
        return status;
    if (length - header < values)
        return error_set(error, NB_SYSTEM,
                         "%s: byte %zu: the file ends, expected %zu bytes and a header of %zu",
                         name, length, values, header);
    if (length - header > values)
        return error_set(error, NB_SYSTEM, "%s: byte %zu: expected the end, found %zu more bytes",
                         name, header + values, length - header - values);
    idx->values = bytes + header;
    return NB_OK;
}

enum nb_status idx_check_labels(const struct idx *idx, const char *name, size_t classes,
                                struct nb_error *error)
{
    for (size_t i = 0; i < idx->size[0]; i++)
        if (idx->values[i] >= classes)
            return error_set(error, NB_SYSTEM, "%s: byte %zu: label %d, expected 0..%zu", name,
                             2 * WORD + i, idx->values[i], classes - 1);
    return NB_OK;
}
