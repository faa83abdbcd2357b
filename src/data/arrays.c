/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets from arrays of numpy: `data npz`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set.h"
#include "format/npy.h"
#include "format/npz.h"

#define FEATURES_MOST ((size_t)1000000)
#define BYTE_ROWS     ((size_t)10000000) /* so many rows of bytes have exact sums of squares */

enum array { X, X_TRAIN, Y, Y_TRAIN, X_TEST, Y_TEST, ARRAYS };

static const char *const array_names[ARRAYS] = {
    [X] = "x",           [X_TRAIN] = "x_train", [Y] = "y", [Y_TRAIN] = "y_train",
    [X_TEST] = "x_test", [Y_TEST] = "y_test",
};

/* A file while it is read. */
struct arrays {
    const char *name; /* what errors call it */
    struct block blocks[ARRAYS];
    struct npy npy[ARRAYS];
};

static bool is_there(const struct arrays *arrays, enum array which)
{
    return arrays->blocks[which].bytes != NULL;
}

static enum nb_status parse_all(struct arrays *arrays, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < ARRAYS && !status; i++) {
        struct text name = TEXT_INIT;
        if (!is_there(arrays, (enum array)i))
            continue;
        text_printf(&name, "%s: %s", arrays->name, array_names[i]);
        status = text_status(&name, error);
        if (!status)
            status = npy_parse(arrays->blocks[i].bytes, arrays->blocks[i].length, name.bytes,
                               &arrays->npy[i], error);
        text_release(&name);
    }
    return status;
}

/* Numbers in a row of the array: the product of all sizes but the first. */
static size_t row_numbers(const struct npy *npy)
{
    size_t numbers = 1;
    for (size_t i = 1; i < npy->dimensions; i++)
        numbers *= npy->size[i]; /* no more than npy->count, which was checked */
    return numbers;
}

static enum nb_status check_array(const struct arrays *arrays, enum array which,
                                  struct nb_error *error)
{
    const struct npy *npy = &arrays->npy[which];
    if (npy->dimensions == 0 || npy->count == 0)
        return error_set(error, NB_SYSTEM, "%s: %s has no rows", arrays->name, array_names[which]);
    if (npy->size[0] > ROWS_MOST || row_numbers(npy) > FEATURES_MOST)
        return error_set(error, NB_SYSTEM, "%s: %s has %zu rows of %zu numbers: too many",
                         arrays->name, array_names[which], npy->size[0], row_numbers(npy));
    return NB_OK;
}

/* Pairs fit each other, and those for testing those for training. */
static enum nb_status check_pair(const struct arrays *arrays, enum array x, enum array y,
                                 struct nb_error *error)
{
    enum nb_status status = check_array(arrays, x, error);
    if (!status)
        status = check_array(arrays, y, error);
    if (!status && arrays->npy[x].size[0] != arrays->npy[y].size[0])
        status = error_set(error, NB_SYSTEM, "%s: %s has %zu rows, but %s has %zu", arrays->name,
                           array_names[x], arrays->npy[x].size[0], array_names[y],
                           arrays->npy[y].size[0]);
    return status;
}

static enum nb_status check_test(const struct arrays *arrays, const struct dataset *set,
                                 struct nb_error *error)
{
    const struct {
        enum array which;
        size_t numbers;
    } rows[] = { { X_TEST, set->features }, { Y_TEST, set->outputs } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (row_numbers(&arrays->npy[rows[i].which]) != rows[i].numbers)
            return error_set(error, NB_SYSTEM,
                             "%s: %s has %zu numbers a row, but the training part has %zu",
                             arrays->name, array_names[rows[i].which],
                             row_numbers(&arrays->npy[rows[i].which]), rows[i].numbers);
    return NB_OK;
}

/* ---- Making the parts ---- */

/* All numbers of an array, which must be finite. */
static enum nb_status read_numbers(const struct arrays *arrays, enum array which, double **numbers,
                                   struct nb_error *error)
{
    const struct npy *npy = &arrays->npy[which];
    *numbers = memory_new(npy->count, sizeof **numbers);
    if (!*numbers)
        return error_memory(error);
    npy_read(npy, *numbers);
    for (size_t i = 0; i < npy->count; i++)
        if (!isfinite((*numbers)[i]))
            return error_set(error, NB_SYSTEM,
                             "%s: %s, row %zu: number %zu of it is not finite, expected a number",
                             arrays->name, array_names[which], i / row_numbers(npy) + 1,
                             i % row_numbers(npy) + 1);
    return NB_OK;
}

static enum nb_status point_at_rows(struct arrays *arrays, enum array which, struct part *part,
                                    struct nb_error *error)
{
    const struct npy *npy = &arrays->npy[which];
    part->pixels = memory_new(npy->size[0], sizeof *part->pixels);
    if (!part->pixels)
        return error_memory(error);
    for (size_t i = 0; i < npy->size[0]; i++)
        part->pixels[i] = npy->values + i * row_numbers(npy);
    part->blocks[0] = arrays->blocks[which];
    arrays->blocks[which] = (struct block){ 0 };
    return NB_OK;
}

static enum nb_status make_part(struct arrays *arrays, enum array x, enum array y, bool bytes,
                                struct part *part, struct nb_error *error)
{
    enum nb_status status = bytes ? point_at_rows(arrays, x, part, error)
                                  : read_numbers(arrays, x, &part->values, error);
    if (!status)
        status = read_numbers(arrays, y, &part->targets, error);
    part->rows = arrays->npy[x].size[0];
    return status;
}

static bool are_channels(size_t count)
{
    return count == 1 || count == 3;
}

/* (rows, height, width), (rows, channels, height, width) and (rows, height, width,
 * channels) are images. */
static void find_shape(const struct npy *npy, struct dataset *set)
{
    const size_t *size = npy->size;
    if (npy->dimensions == 3 || (npy->dimensions == 4 && are_channels(size[1]))) {
        set->channels = npy->dimensions == 3 ? 1 : size[1];
        set->height = size[npy->dimensions - 2];
        set->width = size[npy->dimensions - 1];
    } else if (npy->dimensions == 4 && are_channels(size[3])) {
        set->channels = size[3];
        set->height = size[1];
        set->width = size[2];
        set->interleaved = true;
    }
}

/* Both parts keep bytes, or none does: scaling treats them alike. */
static bool keeps_bytes(const struct npy *train, const struct npy *test)
{
    return npy_is_bytes(train) && train->size[0] <= BYTE_ROWS && (!test || npy_is_bytes(test));
}

static enum nb_status arrays_make(struct arrays *arrays, struct dataset *set,
                                  struct nb_error *error)
{
    enum array x = is_there(arrays, X) ? X : X_TRAIN, y = is_there(arrays, Y) ? Y : Y_TRAIN;
    bool test = is_there(arrays, X_TEST) && is_there(arrays, Y_TEST);
    if (!is_there(arrays, x) || !is_there(arrays, y))
        return error_set(error, NB_SYSTEM,
                         "%s has no %s: expected the arrays x and y, or x_train "
                         "and y_train",
                         arrays->name, is_there(arrays, x) ? "y" : "x");
    enum nb_status status = parse_all(arrays, error);
    if (!status)
        status = check_pair(arrays, x, y, error);
    if (!status && test)
        status = check_pair(arrays, X_TEST, Y_TEST, error);
    if (status)
        return status;
    set->features = row_numbers(&arrays->npy[x]);
    set->outputs = row_numbers(&arrays->npy[y]);
    find_shape(&arrays->npy[x], set);
    bool bytes = keeps_bytes(&arrays->npy[x], test ? &arrays->npy[X_TEST] : NULL);
    if (test)
        status = check_test(arrays, set, error);
    if (!status)
        status = make_part(arrays, x, y, bytes, &set->parts[DATASET_TRAIN], error);
    if (!status && test)
        status = make_part(arrays, X_TEST, Y_TEST, bytes, &set->parts[DATASET_TEST], error);
    return status ? status : target_classify(set, error);
}

enum nb_status table_npz(const struct dataset_loader *loader, struct dataset *set,
                         const struct dataset_options *options, struct nb_error *error)
{
    struct arrays arrays = { .name = options->file };
    struct block file = { 0 };
    (void)loader;
    enum nb_status status = set_name(set, options->file, error);
    if (!status)
        status = stream_read(options->file, &file, error);
    if (!status)
        status = npz_unpack(file.bytes, file.length, options->file, array_names, ARRAYS,
                            arrays.blocks, error);
    block_release(&file);
    if (!status)
        status = arrays_make(&arrays, set, error);
    for (size_t i = 0; i < ARRAYS; i++)
        block_release(&arrays.blocks[i]);
    return status;
}
