/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/npzpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/memory.h"

#define MAGIC     "\x93NUMPY\x01"
#define ALIGNMENT 64

struct npz_packer {
    struct archive *archive;
    struct text *bytes;
};

static la_ssize_t take(struct archive *archive, void *context, const void *bytes, size_t length)
{
    struct npz_packer *packer = context;
    (void)archive;
    text_add_part(packer->bytes, bytes, length);
    return packer->bytes->failed ? -1 : (la_ssize_t)length;
}

static enum nb_status failed(const struct npz_packer *packer, struct nb_error *error)
{
    const char *why = archive_error_string(packer->archive);
    return packer->bytes->failed
               ? error_memory(error)
               : error_set(error, NB_SYSTEM, "cannot pack the arrays: %s", why ? why : "zip");
}

enum nb_status npz_pack_new(struct text *bytes, struct npz_packer **packer, struct nb_error *error)
{
    *packer = memory_new(1, sizeof **packer);
    struct archive *archive = *packer ? archive_write_new() : NULL;
    if (!archive) {
        free(*packer);
        *packer = NULL;
        return error_memory(error);
    }
    (*packer)->archive = archive;
    (*packer)->bytes = bytes;
    enum nb_status status = NB_OK;
    if (archive_write_set_format_zip(archive) != ARCHIVE_OK ||
        archive_write_zip_set_compression_store(archive) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
        archive_write_open(archive, *packer, NULL, take, NULL) != ARCHIVE_OK) {
        status = failed(*packer, error);
        archive_write_free(archive);
        free(*packer);
        *packer = NULL;
    }
    return status;
}

/* One .npy file: magic, version, length of the header, header, numbers. */
static void add_header(struct text *npy, bool single, bool vector, size_t rows, size_t cols)
{
    struct text header = TEXT_INIT;
    text_printf(&header, "{'descr': '<f%d', 'fortran_order': False, 'shape': (", single ? 4 : 8);
    if (!vector)
        text_printf(&header, "%zu, ", rows);
    text_printf(&header, "%zu%s), }", cols, vector ? "," : "");
    size_t begun = strlen(MAGIC) + 3, length = begun + header.length + 1;
    text_repeat(&header, " ", (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT);
    text_add_char(&header, '\n');
    text_add(npy, MAGIC);
    text_add_char(npy, '\0');
    text_add_char(npy, (char)(header.length & 255));
    text_add_char(npy, (char)(header.length >> 8));
    text_add_part(npy, header.bytes, header.length);
    text_release(&header);
}

static void add_number(struct text *npy, bool single, double value)
{
    char bytes[8];
    float less = (float)value;
    uint32_t low;
    uint64_t bits;
    memcpy(&low, &less, sizeof low);
    memcpy(&bits, &value, sizeof bits);
    if (single)
        bits = low;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(unsigned char)(bits >> (8 * i));
    text_add_part(npy, bytes, single ? 4 : 8);
}

static bool add_entry(struct npz_packer *packer, const char *name, const struct text *npy)
{
    struct text path = TEXT_INIT;
    struct archive_entry *entry = archive_entry_new();
    text_printf(&path, "%s.npy", name);
    bool ok = entry && !path.failed && !npy->failed;
    if (ok) {
        archive_entry_set_pathname(entry, path.bytes);
        archive_entry_set_size(entry, (la_int64_t)npy->length);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        ok =
            archive_write_header(packer->archive, entry) == ARCHIVE_OK &&
            archive_write_data(packer->archive, npy->bytes, npy->length) == (la_ssize_t)npy->length;
    }
    archive_entry_free(entry);
    text_release(&path);
    return ok;
}

enum nb_status npz_pack_add(struct npz_packer *packer, const char *name, bool single, bool vector,
                            size_t rows, size_t cols, const double *values, struct nb_error *error)
{
    struct text npy = TEXT_INIT;
    add_header(&npy, single, vector, rows, cols);
    for (size_t i = 0; i < rows * cols; i++)
        add_number(&npy, single, values[i]);
    enum nb_status status = text_status(&npy, error);
    if (!status && !add_entry(packer, name, &npy))
        status = failed(packer, error);
    text_release(&npy);
    return status;
}

enum nb_status npz_pack_end(struct npz_packer **packer, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    if (archive_write_close((*packer)->archive) != ARCHIVE_OK)
        status = failed(*packer, error);
    archive_write_free((*packer)->archive);
    free(*packer);
    *packer = NULL;
    return status;
}
