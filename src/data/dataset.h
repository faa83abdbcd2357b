/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data sets: rows of numbers in up to three parts, handed to the trainer
 * through struct nb_source.  Pixels stay bytes until they are in a batch.
 */
#ifndef NABLA_DATA_DATASET_H
#define NABLA_DATA_DATASET_H

#include "nabla.h"

enum dataset_part { DATASET_TRAIN, DATASET_VALIDATION, DATASET_TEST, DATASET_PARTS };
extern const char *const dataset_part_names[DATASET_PARTS]; /* train validation test */

enum dataset_scale { SCALE_NONE, SCALE_UNIT, SCALE_STANDARD, SCALE_MEAN };
const struct nb_choice *dataset_scales(size_t *count);

struct dataset;

/* What `data` alone describes. */
struct dataset_info {
    const char *name;               /* "cifar10" */
    size_t features;                /* per row */
    size_t outputs;                 /* columns of y: 10 one-hot, 1 for two classes of a toy */
    size_t classes;                 /* 0: targets are no classes */
    const char *const *class_names; /* (classes) or NULL */
    size_t rows[DATASET_PARTS];
    size_t channels, height, width; /* 0 where rows are no images */
    enum dataset_scale scale;
};

/* The names that dataset_load takes. */
const struct nb_choice *dataset_names(size_t *count);

/* Options; zeros mean the loader's default. */
struct dataset_options {
    const char *folder;         /* NULL: look in `folders` */
    const char *const *folders; /* NULL-terminated: where to look, in order */
    size_t n;
    uint64_t seed;
};

/* Loads by name.  NB_USAGE: unknown name, a folder for a toy; NB_FAILED: n out of
 * range; NB_SYSTEM: missing or damaged files, naming file and offset.  A folder
 * is the one that holds the files, or the one above it. */
enum nb_status dataset_load(const char *name, const struct dataset_options *options,
                            struct dataset **set, struct nb_error *error);
void dataset_free(struct dataset **set);
void dataset_describe(const struct dataset *set, struct dataset_info *info);

/* Statistics come from the training part only. */
enum nb_status dataset_set_scale(struct dataset *set, enum dataset_scale scale,
                                 struct nb_error *error);

/* Rows per class of a part: counts[0..classes). */
void dataset_count_classes(const struct dataset *set, enum dataset_part part, size_t *counts);

/* The part as the trainer takes it, in the scale of the moment of each fill;
 * valid as long as the set, and to be filled from one thread at a time. */
void dataset_source(const struct dataset *set, enum dataset_part part, struct nb_source *source);

#endif
