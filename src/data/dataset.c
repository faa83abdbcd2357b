/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/set.h"

const char *const dataset_part_names[DATASET_PARTS] = {
    [DATASET_TRAIN] = "train",
    [DATASET_VALIDATION] = "validation",
    [DATASET_TEST] = "test",
};

enum loader {
    XOR,
    LINEAR,
    CIRCLE,
    SPIRAL,
    MNIST_MINI,
    CIFAR10_MINI,
    MNIST,
    CIFAR10,
    CSV,
    NPZ,
    LOADERS
};

static const struct nb_choice names[LOADERS] = {
    [XOR] = { "xor", "the lab's 21 points on two crossing lines, two classes" },
    [LINEAR] = { "linear", "uniform points, labelled 1 where x1 > x2, two classes" },
    [CIRCLE] = { "circle", "a disc inside a ring, two classes" },
    [SPIRAL] = { "spiral", "two arms that wind around each other, two classes" },
    [MNIST_MINI] = { "mnist-mini", "5,000 + 1,000 digits of MNIST, shipped with nabla" },
    [CIFAR10_MINI] = { "cifar10-mini", "1,000 + 250 photographs of CIFAR-10, shipped with nabla" },
    [MNIST] = { "mnist", "60,000 + 10,000 handwritten digits, 28 by 28, ten classes" },
    [CIFAR10] = { "cifar10", "50,000 + 10,000 colour photographs, 32 by 32, ten classes" },
    [CSV] = { "csv", "a table of your own: data csv FILE target=COL" },
    [NPZ] = { "npz", "arrays x, y of numpy, and x_test, y_test: data npz FILE" },
};

static const struct dataset_loader loaders[LOADERS] = {
    [XOR] = { 0, toy_xor, NULL },
    [LINEAR] = { TAKES_DRAWING, toy_linear, NULL },
    [CIRCLE] = { TAKES_DRAWING, toy_circle, NULL },
    [SPIRAL] = { TAKES_DRAWING, toy_spiral, NULL },
    [MNIST_MINI] = { TAKES_FOLDER, image_load, &image_mnist_mini },
    [CIFAR10_MINI] = { TAKES_FOLDER, image_load, &image_cifar10_mini },
    [MNIST] = { TAKES_FOLDER, image_load, &image_mnist },
    [CIFAR10] = { TAKES_FOLDER, image_load, &image_cifar10 },
    [CSV] = { TAKES_FILE | TAKES_TARGET, table_csv, NULL },
    [NPZ] = { TAKES_FILE, table_npz, NULL },
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

unsigned dataset_takes(const char *name)
{
    size_t which = loader_find(name);
    return which < LOADERS ? loaders[which].takes : 0;
}

/* A set begins with a view of everything that was loaded. */
static enum nb_status load_into(const struct dataset_loader *loader, struct dataset *set,
                                const struct dataset_options *options, struct nb_error *error)
{
    struct dataset_rules rules = { .scale = SCALE_NONE };
    for (size_t i = 0; i < DATASET_PARTS; i++)
        set->parts[i].set = set;
    enum nb_status status = loader->load(loader, set, options, error);
    if (set->height) /* images */
        rules.scale = SCALE_STANDARD;
    return status ? status : dataset_view_new(set, &rules, &set->view, error);
}

static enum nb_status check_options(const char *name, unsigned takes,
                                    const struct dataset_options *options, struct nb_error *error)
{
    if (options->folder && !(takes & TAKES_FOLDER))
        return error_set(error, NB_USAGE, "%s is made, not read: type data %s without a folder",
                         name, name);
    if (!options->file && takes & TAKES_FILE)
        return error_set(error, NB_USAGE, "%s wants a file: type data %s FILE%s", name, name,
                         takes & TAKES_TARGET ? " target=COL" : "");
    if (!options->target && takes & TAKES_TARGET)
        return error_set(error, NB_USAGE,
                         "which column is the target? Type data %s %s target=COL with its name or "
                         "number, or target=3:5 for several",
                         name, options->file);
    return NB_OK;
}

/* A word of a command, in quotes where it would not be a single one. */
static void add_word(struct text *text, const char *before, const char *word)
{
    bool plain = word[strcspn(word, " \t;#=()[]{}'\\")] == '\0';
    text_printf(text, plain ? "%s%s" : "%s\"%s\"", before, word);
}

/* What data would be told to load the set again, whatever the settings are then. */
static enum nb_status add_recipe(struct dataset *set, const char *name, unsigned takes,
                                 const struct dataset_options *options, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    text_add(&text, name);
    if (options->file || options->folder)
        add_word(&text, " ", options->file ? options->file : options->folder);
    if (takes & TAKES_TARGET)
        add_word(&text, " target=", options->target);
    if (takes & TAKES_DRAWING) {
        text_printf(&text, " n=%zu", set->parts[DATASET_TRAIN].rows);
        if (options->noise > 0)
            text_add(&text, " noise=");
        if (options->noise > 0)
            number_add_exact(&text, options->noise);
        text_printf(&text, " seed=%llu", (unsigned long long)options->seed);
    }
    set->recipe = text_take(&text);
    return set->recipe ? NB_OK : error_memory(error);
}

enum nb_status dataset_load(const char *name, const struct dataset_options *options,
                            struct dataset **set, struct nb_error *error)
{
    size_t which = loader_find(name);
    *set = NULL;
    if (which == LOADERS)
        return unknown_name(name, error);
    enum nb_status status = check_options(name, loaders[which].takes, options, error);
    if (status)
        return status;
    struct dataset *made = memory_new(1, sizeof *made);
    if (!made)
        return error_memory(error);
    made->name = names[which].name;
    status = load_into(&loaders[which], made, options, error);
    if (!status)
        status = add_recipe(made, names[which].name, loaders[which].takes, options, error);
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
    free(part->targets);
}

void dataset_free(struct dataset **set)
{
    struct dataset *old = *set;
    if (!old)
        return;
    for (size_t i = 0; i < DATASET_PARTS; i++)
        part_release(&old->parts[i]);
    dataset_view_free(&old->view);
    names_release(&old->classes_own);
    names_release(&old->columns_own);
    free(old->own_name);
    free(old->recipe);
    free(old);
    *set = NULL;
}

void dataset_describe(const struct dataset *set, struct dataset_info *info)
{
    *info = (struct dataset_info){
        .name = set->name,
        .recipe = set->recipe,
        .features = set->features,
        .outputs = set->outputs,
        .classes = set->classes,
        .class_names = set->class_names,
        .column_names = (const char *const *)set->columns_own.items,
        .columns = set->columns_own.count,
        .channels = set->channels,
        .height = set->height,
        .width = set->width,
        .interleaved = set->interleaved,
        .scale = set->view->rules.scale,
        .rules = set->view->rules,
    };
    for (size_t i = 0; i < DATASET_PARTS; i++)
        info->rows[i] = set->view->rows[i];
}

size_t dataset_bytes(const struct dataset *set)
{
    size_t bytes = dataset_view_bytes(set, set->view);
    for (size_t i = 0; i < DATASET_PARTS; i++) {
        const struct part *part = &set->parts[i];
        size_t number = part->pixels ? 1 : sizeof *part->values;
        size_t target = part->labels ? sizeof *part->labels : set->outputs * sizeof *part->targets;
        bytes += part->rows * (set->features * number + target);
    }
    return bytes;
}

void dataset_count_classes(const struct dataset *set, enum dataset_part part, size_t *counts)
{
    memset(counts, 0, set->classes * sizeof *counts);
    for (size_t i = 0; i < set->view->rows[part] && set->classes; i++)
        counts[dataset_label(set, part, i)]++;
}

/* ---- Names ---- */

enum nb_status set_name(struct dataset *set, const char *path, struct nb_error *error)
{
    const char *slash = strrchr(path, '/');
    set->own_name = string_copy(slash ? slash + 1 : path);
    if (set->own_name)
        set->name = set->own_name;
    return set->own_name ? NB_OK : error_memory(error);
}

enum nb_status names_add(struct names *list, const char *bytes, size_t length,
                         struct nb_error *error)
{
    char **items = array_grow(list->items, list->count, &list->capacity, sizeof *items);
    if (!items)
        return error_memory(error);
    list->items = items;
    items[list->count] = string_copy_part(bytes, length);
    return items[list->count++] ? NB_OK : error_memory(error);
}

void names_release(struct names *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct names){ 0 };
}
