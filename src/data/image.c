/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set.h"
#include "format/archive.h"
#include "format/cifar.h"
#include "format/idx.h"

#define CLASSES  10
#define IDX_SIDE 28

static const char *const digit_names[CLASSES] = {
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
};

static const char *const cifar_names[CLASSES] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
};

/* Room for `rows` more pointers and labels. */
static enum nb_status part_extend(struct part *part, size_t rows, struct nb_error *error)
{
    const uint8_t **pixels = memory_resize((void *)part->pixels, part->rows + rows, sizeof *pixels);
    if (pixels)
        part->pixels = pixels;
    uint16_t *labels = memory_resize(part->labels, part->rows + rows, sizeof *labels);
    if (labels)
        part->labels = labels;
    return pixels && labels ? NB_OK : error_memory(error);
}

static void part_add(struct part *part, const uint8_t *pixels, uint8_t label)
{
    part->pixels[part->rows] = pixels;
    part->labels[part->rows++] = label;
}

static struct block block_take(struct block *block)
{
    struct block taken = *block;
    *block = (struct block){ 0 };
    return taken;
}

static void set_images(struct dataset *set, const char *const *names, size_t channels, size_t side)
{
    set->classes = set->outputs = CLASSES;
    set->class_names = names;
    set->channels = channels;
    set->height = set->width = side;
    set->features = channels * side * side;
}

/* NB_SYSTEM unless file `i` has as many rows as the set's own has. */
static enum nb_status check_rows(const struct image_files *files, size_t i, size_t at, size_t rows,
                                 const char *what, struct nb_error *error)
{
    size_t expected = files->images->rows[i];
    if (files->any_rows || rows == expected)
        return NB_OK;
    return error_set(error, NB_SYSTEM, "%s: byte %zu: %zu %s, expected the %zu of %s",
                     files->names[i], at, rows, what, expected, files->set->name);
}

/* ---- MNIST: two files a part ------------------------------------------ */

static enum nb_status mnist_parse(const struct image_files *files, size_t first, struct idx *images,
                                  struct idx *labels, struct nb_error *error)
{
    const struct block *blocks = files->blocks + first;
    char *const *names = files->names + first;
    enum nb_status status =
        idx_parse(blocks[0].bytes, blocks[0].length, names[0], 3, images, error);
    if (!status)
        status = idx_parse(blocks[1].bytes, blocks[1].length, names[1], 1, labels, error);
    if (status)
        return status;
    for (size_t i = 1; i < 3; i++)
        if (images->size[i] != IDX_SIDE)
            return error_set(error, NB_SYSTEM, "%s: byte %zu: size %zu, expected %d", names[0],
                             4 + 4 * i, images->size[i], IDX_SIDE);
    if (labels->size[0] != images->size[0])
        return error_set(error, NB_SYSTEM,
                         "%s: byte 4: %zu labels, expected %zu, one for each image of %s", names[1],
                         labels->size[0], images->size[0], names[0]);
    status = check_rows(files, first, 4, images->size[0], "images", error);
    return status ? status : idx_check_labels(labels, names[1], CLASSES, error);
}

static enum nb_status mnist_part(struct part *part, struct image_files *files, size_t first,
                                 struct nb_error *error)
{
    struct idx images, labels;
    enum nb_status status = mnist_parse(files, first, &images, &labels, error);
    if (!status)
        status = part_extend(part, images.size[0], error);
    if (status)
        return status;
    for (size_t i = 0; i < images.size[0]; i++)
        part_add(part, images.values + i * IDX_SIDE * IDX_SIDE, labels.values[i]);
    part->blocks[0] = block_take(&files->blocks[first]);
    return NB_OK;
}

static enum nb_status mnist_take(struct image_files *files, struct nb_error *error)
{
    struct dataset *set = files->set;
    set_images(set, digit_names, 1, IDX_SIDE);
    enum nb_status status = mnist_part(&set->parts[DATASET_TRAIN], files, 0, error);
    if (!status)
        status = mnist_part(&set->parts[DATASET_TEST], files, 2, error);
    return status;
}

/* ---- CIFAR-10: the last file is the test part ------------------------- */

static enum nb_status cifar_add(struct part *part, struct block *kept, struct image_files *files,
                                size_t i, struct nb_error *error)
{
    struct block *block = &files->blocks[i];
    size_t rows;
    enum nb_status status = cifar_check(block->bytes, block->length, files->names[i], &rows, error);
    if (!status)
        status = check_rows(files, i, block->length, rows, "records", error);
    if (!status)
        status = part_extend(part, rows, error);
    if (status)
        return status;
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *record = block->bytes + row * CIFAR_RECORD;
        part_add(part, record + 1, record[0]);
    }
    *kept = block_take(block);
    return NB_OK;
}

static enum nb_status cifar_take(struct image_files *files, struct nb_error *error)
{
    struct dataset *set = files->set;
    set_images(set, cifar_names, CIFAR_CHANNELS, CIFAR_SIDE);
    enum nb_status status = NB_OK;
    for (size_t i = 0; files->names[i] && !status; i++) {
        bool last = !files->names[i + 1];
        struct part *part = &set->parts[last ? DATASET_TEST : DATASET_TRAIN];
        status = cifar_add(part, &part->blocks[last ? 0 : i], files, i, error);
    }
    return status;
}

/* ---- The sets --------------------------------------------------------- */

#define MNIST_ROWS(train, test)                                                                    \
    {                                                                                              \
        train, train, test, test                                                                   \
    }

#define MNIST_FILES                                                                                \
    {                                                                                              \
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",            \
            "t10k-labels-idx1-ubyte"                                                               \
    }

const struct image_set image_mnist = {
    .folder = "mnist",
    .own_folder = true,
    .files = MNIST_FILES,
    .rows = MNIST_ROWS(60000, 10000),
    .take = mnist_take,
};

const struct image_set image_mnist_mini = {
    .folder = "mnist-mini",
    .files = MNIST_FILES,
    .rows = MNIST_ROWS(5000, 1000),
    .take = mnist_take,
};

const struct image_set image_cifar10 = {
    .folder = "cifar-10-batches-bin",
    .own_folder = true,
    .archive = "cifar-10-binary.tar.gz",
    .files = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
               "data_batch_5.bin", "test_batch.bin" },
    .rows = { 10000, 10000, 10000, 10000, 10000, 10000 },
    .take = cifar_take,
};

const struct image_set image_cifar10_mini = {
    .folder = "cifar10-mini",
    .archive = "cifar-10-binary.tar.gz",
    .files = { "data_batch_1.bin", "test_batch.bin" },
    .rows = { 1000, 250 },
    .take = cifar_take,
};

/* Fills the blocks from what was found, and their names. */
static enum nb_status read_found(const struct found *found, struct image_files *files,
                                 struct nb_error *error)
{
    const char *const *wanted = files->images->files;
    size_t count = 0;
    enum nb_status status = NB_OK;
    for (; wanted[count]; count++) {
        struct text name = TEXT_INIT;
        text_add(&name, found->archive ? found->archive : found->files[count]);
        if (found->archive)
            text_printf(&name, ": %s", wanted[count]);
        files->names[count] = text_take(&name);
        if (!files->names[count])
            return error_memory(error);
    }
    if (found->archive)
        return archive_read(found->archive, wanted, count, files->blocks, error);
    for (size_t i = 0; i < count && !status; i++)
        status = stream_read(found->files[i], &files->blocks[i], error);
    return status;
}

enum nb_status image_load(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error)
{
    struct found found = { 0 };
    struct image_files files = { .images = loader->images,
                                 .set = set,
                                 .any_rows = options->any_rows };
    enum nb_status status = search_images(set->name, loader->images, options, &found, error);
    if (!status)
        status = read_found(&found, &files, error);
    if (!status)
        status = loader->images->take(&files, error);
    for (size_t i = 0; i < FILES_MOST; i++) {
        block_release(&files.blocks[i]);
        free(files.names[i]);
    }
    found_release(&found);
    return status;
}
