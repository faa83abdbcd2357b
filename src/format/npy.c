/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/npy.h"

#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"

#define MAGIC        "\x93NUMPY"
#define MAGIC_LENGTH 6
#define HEADER_MOST  ((size_t)1 << 20)

struct npy_type {
    const char *name; /* as in descr, without the byte order */
    size_t bytes;
    double (*read)(const uint8_t *bytes);
};

static uint64_t read_word(const uint8_t *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = count; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

static double read_f4(const uint8_t *bytes)
{
    uint32_t word = (uint32_t)read_word(bytes, 4);
    float value;
    memcpy(&value, &word, sizeof value);
    return (double)value;
}

static double read_f8(const uint8_t *bytes)
{
    uint64_t word = read_word(bytes, 8);
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static double read_u1(const uint8_t *bytes)
{
    return bytes[0];
}

/* Two's complement, without relying on what a cast does. */
static double read_signed(const uint8_t *bytes, size_t count)
{
    uint64_t word = read_word(bytes, count), sign = (uint64_t)1 << (8 * count - 1);
    return word & sign ? -(double)(sign - (word ^ sign)) : (double)word;
}

static double read_i4(const uint8_t *bytes)
{
    return read_signed(bytes, 4);
}

static double read_i8(const uint8_t *bytes)
{
    return read_signed(bytes, 8);
}

static double read_b1(const uint8_t *bytes)
{
    return bytes[0] != 0;
}

enum { F4, F8, U1, I4, I8, B1, TYPES };

static const struct npy_type types[TYPES] = {
    [F4] = { "f4", 4, read_f4 }, [F8] = { "f8", 8, read_f8 }, [U1] = { "u1", 1, read_u1 },
    [I4] = { "i4", 4, read_i4 }, [I8] = { "i8", 8, read_i8 }, [B1] = { "b1", 1, read_b1 },
};

/* ---- The header: a literal of Python ---- */

struct header {
    const uint8_t *bytes; /* of the whole file */
    size_t at, end;       /* of the header in it */
    const char *name;
    struct nb_error *error;
};

static enum nb_status damaged(const struct header *header, const char *what)
{
    return error_set(header->error, NB_SYSTEM, "%s: byte %zu: %s", header->name, header->at, what);
}

static void skip_blanks(struct header *header)
{
    while (header->at < header->end && strchr(" \n", header->bytes[header->at]) &&
           header->bytes[header->at])
        header->at++;
}

/* Skips blanks and then `word`, if it stands there. */
static bool take(struct header *header, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(header);
    if (header->end - header->at < length || memcmp(header->bytes + header->at, word, length) != 0)
        return false;
    header->at += length;
    return true;
}

static enum nb_status read_descr(struct header *header, struct npy *npy)
{
    static const char *const orders[] = { "'<", "'|" };
    size_t start = header->at;
    for (size_t o = 0; o < COUNT_OF(orders); o++)
        for (size_t i = 0; i < TYPES; i++) {
            header->at = start;
            if (take(header, orders[o]) && take(header, types[i].name) && take(header, "'")) {
                npy->type = &types[i];
                return NB_OK;
            }
        }
    header->at = start;
    if (take(header, "'>"))
        return damaged(header, "the numbers are big endian, expected little endian: save "
                               "x.astype('<f4')");
    return damaged(header, "expected numbers of the type f4, f8, u1, i4, i8 or b1");
}

static enum nb_status read_order(struct header *header, struct npy *npy)
{
    npy->fortran = take(header, "True");
    return npy->fortran || take(header, "False") ? NB_OK
                                                 : damaged(header, "expected True or False");
}

static enum nb_status read_size(struct header *header, size_t *size)
{
    size_t digits = 0;
    skip_blanks(header);
    for (*size = 0; header->at < header->end; header->at++, digits++) {
        unsigned digit = header->bytes[header->at] - (unsigned)'0';
        if (digit > 9)
            break;
        if (!size_multiply(*size, 10, size) || *size > SIZE_MAX - digit)
            return damaged(header, "a size beyond what memory holds");
        *size += digit;
    }
    return digits ? NB_OK : damaged(header, "expected a size");
}

static enum nb_status read_shape(struct header *header, struct npy *npy)
{
    if (!take(header, "("))
        return damaged(header, "expected a shape, as (3, 4)");
    while (!take(header, ")")) {
        if (npy->dimensions == NPY_DIMENSIONS)
            return damaged(header, "more dimensions than 8");
        enum nb_status status = read_size(header, &npy->size[npy->dimensions++]);
        if (status)
            return status;
        if (!take(header, ",")) {
            if (take(header, ")"))
                break;
            return damaged(header, "expected , or )");
        }
    }
    return NB_OK;
}

static enum nb_status read_header(struct header *header, struct npy *npy)
{
    static const struct {
        const char *key;
        enum nb_status (*read)(struct header *, struct npy *);
    } keys[] = { { "'descr':", read_descr },
                 { "'fortran_order':", read_order },
                 { "'shape':", read_shape } };
    bool seen[COUNT_OF(keys)] = { false };
    if (!take(header, "{"))
        return damaged(header, "expected {'descr': ..., 'fortran_order': ..., 'shape': ...}");
    while (!take(header, "}")) {
        size_t i = 0;
        while (i < COUNT_OF(keys) && !take(header, keys[i].key))
            i++;
        if (i == COUNT_OF(keys) || seen[i])
            return damaged(header, "expected descr, fortran_order and shape, each once");
        seen[i] = true;
        enum nb_status status = keys[i].read(header, npy);
        if (status)
            return status;
        take(header, ",");
    }
    if (!seen[0] || !seen[1] || !seen[2])
        return damaged(header, "expected descr, fortran_order and shape, each once");
    skip_blanks(header);
    return header->at == header->end ? NB_OK : damaged(header, "expected the end of the header");
}

/* Where the header is. */
static enum nb_status find_header(struct header *header, const uint8_t *bytes, size_t length)
{
    if (length < MAGIC_LENGTH + 4 || memcmp(bytes, MAGIC, MAGIC_LENGTH) != 0)
        return damaged(header, "expected an array of numpy, which begins 93 'NUMPY'");
    header->at = MAGIC_LENGTH;
    uint8_t version = bytes[MAGIC_LENGTH];
    if (version < 1 || version > 3 || bytes[MAGIC_LENGTH + 1] != 0)
        return damaged(header, "expected the version 1.0, 2.0 or 3.0");
    size_t width = version == 1 ? 2 : 4;
    header->at += 2;
    if (length - header->at < width)
        return damaged(header, "the file ends within the header");
    size_t size = (size_t)read_word(bytes + header->at, width);
    header->at += width;
    if (size > HEADER_MOST || size > length - header->at)
        return damaged(header, "the file ends within the header");
    header->end = header->at + size;
    return NB_OK;
}

static enum nb_status check_length(const struct header *header, size_t length, struct npy *npy)
{
    size_t bytes;
    npy->count = 1;
    for (size_t i = 0; i < npy->dimensions; i++)
        if (!size_multiply(npy->count, npy->size[i], &npy->count))
            return damaged(header, "more numbers than memory holds");
    if (!size_multiply(npy->count, npy->type->bytes, &bytes))
        return damaged(header, "more numbers than memory holds");
    if (bytes != length - header->end)
        return error_set(header->error, NB_SYSTEM,
                         "%s: byte %zu: expected %zu bytes of numbers, found %zu", header->name,
                         header->end, bytes, length - header->end);
    npy->values = header->bytes + header->end;
    return NB_OK;
}

enum nb_status npy_parse(const uint8_t *bytes, size_t length, const char *name, struct npy *npy,
                         struct nb_error *error)
{
    struct header header = { .bytes = bytes, .name = name, .error = error };
    *npy = (struct npy){ 0 };
    enum nb_status status = find_header(&header, bytes, length);
    if (!status)
        status = read_header(&header, npy);
    return status ? status : check_length(&header, length, npy);
}

bool npy_is_bytes(const struct npy *npy)
{
    return npy->type == &types[U1] && (!npy->fortran || npy->dimensions < 2);
}

bool npy_is_single(const struct npy *npy)
{
    return npy->type == &types[F4];
}

void npy_read(const struct npy *npy, double *values)
{
    size_t index[NPY_DIMENSIONS] = { 0 };
    for (size_t i = 0; i < npy->count; i++) {
        size_t at = i, step = 1;
        if (npy->fortran)
            at = 0;
        for (size_t d = 0; npy->fortran && d < npy->dimensions; step *= npy->size[d++])
            at += index[d] * step;
        values[i] = npy->type->read(npy->values + at * npy->type->bytes);
        for (size_t d = npy->dimensions; d-- > 0;) {
            if (++index[d] < npy->size[d])
                break;
            index[d] = 0;
        }
    }
}
