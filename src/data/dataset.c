/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set.h"

const char *const dataset_part_names[DATASET_PARTS] = {
    [DATASET_TRAIN] = "train",
    [DATASET_VALIDATION] = "validation",
    [DATASET_TEST] = "test",
};

enum loader { XOR, LINEAR, MNIST_MINI, CIFAR10_MINI, MNIST, CIFAR10, LOADERS };

static const struct nb_choice names[LOADERS] = {
    [XOR] = { "xor", "the lab's 21 points on two crossing lines, two classes" },
    [LINEAR] = { "linear", "uniform points, labelled 1 where x1 > x2, two classes" },
    [MNIST_MINI] = { "mnist-mini", "5,000 + 1,000 digits of MNIST, shipped with nabla" },
    [CIFAR10_MINI] = { "cifar10-mini", "1,000 + 250 photographs of CIFAR-10, shipped with nabla" },
    [MNIST] = { "mnist", "60,000 + 10,000 handwritten digits, 28 by 28, ten classes" },
    [CIFAR10] = { "cifar10", "50,000 + 10,000 colour photographs, 32 by 32, ten classes" },
};

static const struct dataset_loader loaders[LOADERS] = {
    [XOR] = { toy_xor, SCALE_NONE, NULL },
    [LINEAR] = { toy_linear, SCALE_NONE, NULL },
    [MNIST_MINI] = { image_load, SCALE_STANDARD, &image_mnist_mini },
    [CIFAR10_MINI] = { image_load, SCALE_STANDARD, &image_cifar10_mini },
    [MNIST] = { image_load, SCALE_STANDARD, &image_mnist },
    [CIFAR10] = { image_load, SCALE_STANDARD, &image_cifar10 },
};

const struct nb_choice *dataset_names(size_t *count)
{
    *count = LOADERS;
    return names;
}

static size_t loader_find(const char *name)
{
    size_t i = 0;
    while (i < LOADERS && strcmp(names[i].name, name) != 0)
        i++;
    return i;
}

static enum nb_status unknown_name(const char *name, struct nb_error *error)
{
    struct text list = TEXT_INIT;
    for (size_t i = 0; i < LOADERS; i++)
        text_printf(&list, "%s%s", i ? ", " : "", names[i].name);
    enum nb_status status = text_status(&list, error);
    if (!status)
        status = error_set(error, NB_USAGE, "unknown data set '%.60s', expected one of %s", name,
                           list.bytes);
    text_release(&list);
    return status;
}

static enum nb_status load_into(const struct dataset_loader *loader, struct dataset *set,
                                const struct dataset_options *options, struct nb_error *error)
{
    for (size_t i = 0; i < DATASET_PARTS; i++)
        set->parts[i].set = set;
    enum nb_status status = loader->load(loader, set, options, error);
    if (status)
        return status;
    set->shift = memory_new(set->features, sizeof *set->shift);
    set->factor = memory_new(set->features, sizeof *set->factor);
    set->single_shift = memory_new(set->features, sizeof *set->single_shift);
    set->single_factor = memory_new(set->features, sizeof *set->single_factor);
    if (!set->shift || !set->factor || !set->single_shift || !set->single_factor)
        return error_memory(error);
    return dataset_set_scale(set, loader->scale, error);
}

enum nb_status dataset_load(const char *name, const struct dataset_options *options,
                            struct dataset **set, struct nb_error *error)
{
    size_t which = loader_find(name);
    *set = NULL;
    if (which == LOADERS)
        return unknown_name(name, error);
    if (options->folder && !loaders[which].images)
        return error_set(error, NB_USAGE, "%s is made, not read: type data %s without a folder",
                         name, name);
    struct dataset *made = memory_new(1, sizeof *made);
    if (!made)
        return error_memory(error);
    made->name = names[which].name;
    enum nb_status status = load_into(&loaders[which], made, options, error);
    if (status)
        dataset_free(&made);
    *set = made;
    return status;
}

static void part_release(struct part *part)
{
    for (size_t i = 0; i < PART_BLOCKS; i++)
        block_release(&part->blocks[i]);
    free(part->pixels);
    free(part->values);
    free(part->labels);
}

void dataset_free(struct dataset **set)
{
    struct dataset *old = *set;
    if (!old)
        return;
    for (size_t i = 0; i < DATASET_PARTS; i++)
        part_release(&old->parts[i]);
    free(old->shift);
    free(old->factor);
    free(old->single_shift);
    free(old->single_factor);
    free(old);
    *set = NULL;
}

void dataset_describe(const struct dataset *set, struct dataset_info *info)
{
    *info = (struct dataset_info){
        .name = set->name,
        .features = set->features,
        .outputs = set->outputs,
        .classes = set->classes,
        .class_names = set->class_names,
        .channels = set->channels,
        .height = set->height,
        .width = set->width,
        .scale = set->scale,
    };
    for (size_t i = 0; i < DATASET_PARTS; i++)
        info->rows[i] = set->parts[i].rows;
}

void dataset_count_classes(const struct dataset *set, enum dataset_part part, size_t *counts)
{
    const struct part *rows = &set->parts[part];
    memset(counts, 0, set->classes * sizeof *counts);
    for (size_t i = 0; i < rows->rows; i++)
        counts[rows->labels[i]]++;
}
