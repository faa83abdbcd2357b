/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/fetch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "data/download.h"
#include "format/stream.h"

#define PIECE      65536
#define MNIST_MOST 20000000
#define CIFAR_MOST 200000000

/* MNIST by the sums of the four files unpacked, CIFAR-10 by that of the archive. */
static const struct fetch_set sets[] = {
    { "mnist",
      "https://ossci-datasets.s3.amazonaws.com/mnist",
      "mnist",
      { { "train-images-idx3-ubyte.gz",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", true, MNIST_MOST },
        { "train-labels-idx1-ubyte.gz",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", true, MNIST_MOST },
        { "t10k-images-idx3-ubyte.gz",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", true, MNIST_MOST },
        { "t10k-labels-idx1-ubyte.gz",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", true,
          MNIST_MOST } } },
    { "cifar10",
      "https://www.cs.toronto.edu/~kriz",
      "",
      { { "cifar-10-binary.tar.gz",
          "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", false,
          CIFAR_MOST } } },
};

const struct nb_choice *fetch_names(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "mnist", "four files, 12 MB" },
        { "cifar10", "an archive of 170 MB" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

const struct fetch_set *fetch_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        if (strcmp(sets[i].name, name) == 0)
            return &sets[i];
    return NULL;
}

/* ---- Sums ---- */

static enum nb_status add_unpacked(const char *path, struct sha256 *sha, struct nb_error *error)
{
    uint8_t bytes[PIECE];
    struct stream stream;
    size_t got;
    enum nb_status status = stream_open(&stream, path, error);
    if (status)
        return status;
    while (!(status = stream_next(&stream, bytes, sizeof bytes, &got, error)) && got) {
        sha256_add(sha, bytes, got);
        if (gzdirect(stream.file))
            status = error_set(error, NB_SYSTEM, "it is no gzip");
        else if (sha->length > STREAM_MOST)
            status = error_set(error, NB_SYSTEM, "it unpacks to more than %zu bytes", STREAM_MOST);
        if (status)
            break;
    }
    stream_close(&stream);
    return status;
}

static enum nb_status add_plain(const char *path, struct sha256 *sha, struct nb_error *error)
{
    uint8_t bytes[PIECE];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_file(error, "open", path);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        sha256_add(sha, bytes, got);
    enum nb_status status = ferror(file) ? error_file(error, "read", path) : NB_OK;
    fclose(file);
    return status;
}

/* NB_SYSTEM where the sum is another, or it is no gzip that has one. */
static enum nb_status verify(const struct fetch_file *file, const char *path,
                             struct nb_error *error)
{
    struct sha256 sha;
    struct stat info;
    char sum[SHA256_TEXT];
    sha256_init(&sha);
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return error_file(error, "read", path);
    enum nb_status status = (file->unpacked ? add_unpacked : add_plain)(path, &sha, error);
    if (status)
        return status;
    sha256_end(&sha, sum);
    if (strcmp(sum, file->sha256) == 0)
        return NB_OK;
    return error_set(error, NB_SYSTEM, "its SHA-256%s is %s, expected %s",
                     file->unpacked ? ", unpacked," : "", sum, file->sha256);
}

/* ---- Addresses ---- */

static bool is_address(const char *from)
{
    static const char *const kinds[] = { "http://", "https://", "file://" };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strncmp(from, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

static void add_address(struct text *url, const char *from, const char *name)
{
    size_t length = strlen(from), tail = strlen(name);
    text_add(url, from);
    if (length > tail && from[length - tail - 1] == '/' && strcmp(from + length - tail, name) == 0)
        return;
    if (from[length - 1] != '/')
        text_add_char(url, '/');
    text_add(url, name);
}

/* ---- One file ---- */

struct fetch {
    const struct fetch_file *file;
    const struct fetch_watch *watch;
    struct text target, part, url;
};

static void progress(void *context, uint64_t done, uint64_t total)
{
    const struct fetch *fetch = context;
    if (fetch->watch->progress)
        fetch->watch->progress(fetch->watch->context, fetch->file->name, done, total);
}

static void tell(const struct fetch *fetch, bool before)
{
    struct stat info;
    uint64_t bytes = stat(fetch->target.bytes, &info) == 0 ? (uint64_t)info.st_size : 0;
    if (fetch->watch->file)
        fetch->watch->file(fetch->watch->context, fetch->file->name, bytes, before);
}

/* Into the part, which has the right sum where that succeeds.  What was gone on
 * with and came out wrong is begun once more. */
static enum nb_status bring(struct fetch *fetch, struct nb_error *error)
{
    struct nb_error why;
    struct download download = {
        .url = fetch->url.bytes,
        .path = fetch->part.bytes,
        .most = fetch->file->most,
        .interrupt = fetch->watch->interrupt,
        .progress = progress,
        .context = fetch,
    };
    do {
        enum nb_status status = download_run(&download, error);
        if (status)
            return status;
        if (verify(fetch->file, fetch->part.bytes, &why) == NB_OK)
            return NB_OK;
        unlink(fetch->part.bytes);
    } while (download.resumed);
    return error_set(error, NB_SYSTEM, "%s is not the published file and was not kept: %s",
                     fetch->url.bytes, why.text);
}

static enum nb_status fetch_file(struct fetch *fetch, struct nb_error *error)
{
    bool before =
        file_exists(fetch->target.bytes) && verify(fetch->file, fetch->target.bytes, NULL) == NB_OK;
    enum nb_status status = NB_OK;
    if (!before && verify(fetch->file, fetch->part.bytes, NULL) != NB_OK)
        status = bring(fetch, error);
    if (!status && !before && rename(fetch->part.bytes, fetch->target.bytes) != 0)
        status = error_file(error, "write", fetch->target.bytes);
    if (!status)
        tell(fetch, before);
    return status;
}

enum nb_status fetch_run(const struct fetch_set *set, const char *from, const char *folder,
                         const struct fetch_watch *watch, struct nb_error *error)
{
    struct text below = TEXT_INIT;
    if (from && !is_address(from))
        return error_set(error, NB_USAGE,
                         "from= is an address: http://..., https://... or file:///FOLDER, found "
                         "%.200s",
                         from);
    path_join(&below, folder, set->folder);
    enum nb_status status = text_status(&below, error);
    if (!status)
        status = folder_make(below.bytes, error);
    for (size_t i = 0; set->files[i].name && !status; i++) {
        struct fetch fetch = { &set->files[i], watch, TEXT_INIT, TEXT_INIT, TEXT_INIT };
        path_join(&fetch.target, below.bytes, set->files[i].name);
        text_printf(&fetch.part, "%s.part", fetch.target.bytes);
        add_address(&fetch.url, from ? from : set->url, set->files[i].name);
        status = text_status(fetch.url.failed ? &fetch.url : &fetch.part, error);
        if (!status)
            status = fetch_file(&fetch, error);
        text_release(&fetch.target);
        text_release(&fetch.part);
        text_release(&fetch.url);
    }
    text_release(&below);
    return status;
}
