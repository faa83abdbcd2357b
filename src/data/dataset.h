/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data sets: rows of numbers in up to three parts, handed to the trainer
 * through struct nb_source.  Pixels stay bytes until they are in a batch.
 */
#ifndef NABLA_DATA_DATASET_H
#define NABLA_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

enum dataset_part { DATASET_TRAIN, DATASET_VALIDATION, DATASET_TEST, DATASET_PARTS };
extern const char *const dataset_part_names[DATASET_PARTS]; /* train validation test */

enum dataset_scale { SCALE_NONE, SCALE_UNIT, SCALE_STANDARD, SCALE_MEAN };
const struct nb_choice *dataset_scales(size_t *count);

/* How the parts are made of the rows that were loaded.  Split and limit act one
 * after the other, each on what the other left. */
struct dataset_rules {
    enum dataset_scale scale;
    /* The training part is shuffled by `seed`; its first rows train, its last
     * ones validate.  Counts, or shares below 1; both 0: no split. */
    double train, validation;
    uint64_t seed;
    size_t limit_train, limit_test; /* so many rows from the beginning; 0: all */
    bool limit_first;               /* limit acts before split */
};

struct dataset;

/* What `data` alone describes. */
struct dataset_info {
    const char *name;                /* "cifar10", "iris.csv" */
    const char *recipe;              /* what data loads it again by: "circle n=200 seed=1" */
    size_t features;                 /* per row */
    size_t outputs;                  /* columns of y: 10 one-hot, 1 for two classes of a toy */
    size_t classes;                  /* 0: targets are no classes */
    const char *const *class_names;  /* (classes) or NULL */
    const char *const *column_names; /* (columns): features, then targets; or NULL */
    size_t columns;
    size_t rows[DATASET_PARTS];
    size_t channels, height, width; /* 0 where rows are no images */
    bool interleaved;               /* rows are (height, width, channels), else channels first */
    enum dataset_scale scale;
    struct dataset_rules rules;
};

/* The names that dataset_load takes. */
const struct nb_choice *dataset_names(size_t *count);

/* Which options a data set takes. */
enum dataset_takes {
    TAKES_FOLDER = 1,
    TAKES_FILE = 2,
    TAKES_DRAWING = 4, /* n, seed, noise */
    TAKES_TARGET = 8
};
unsigned dataset_takes(const char *name); /* 0 where unknown */

/* Options; zeros mean the loader's default. */
struct dataset_options {
    const char *folder;         /* NULL: look in `folders` */
    const char *const *folders; /* NULL-terminated: where to look, in order */
    const char *file;           /* csv, npz */
    const char *target;         /* csv: columns, "5", "label", "3:5", "a,b" */
    size_t n;
    double noise; /* standard deviation of what is added to the points */
    uint64_t seed;
    bool any_rows; /* files of a known set may hold fewer rows than the set has */
};

/* Loads by name.  NB_USAGE: unknown name, an option it does not take or lacks;
 * NB_FAILED: n out of range, no such column; NB_SYSTEM: missing or damaged
 * files, naming file and place.  A folder is the one that holds the files, or
 * the one above it. */
enum nb_status dataset_load(const char *name, const struct dataset_options *options,
                            struct dataset **set, struct nb_error *error);
void dataset_free(struct dataset **set);
void dataset_describe(const struct dataset *set, struct dataset_info *info);
size_t dataset_bytes(const struct dataset *set); /* of memory, about */

/* ---- Views: which rows are in which part, and their scale ---- */

/* Row numbers and statistics, cheap beside the rows.  A data set always has one,
 * and takes another by swapping, which cannot fail. */
struct dataset_view;

/* NB_FAILED: more rows asked for than there are, or a part left empty. */
enum nb_status dataset_view_new(const struct dataset *set, const struct dataset_rules *rules,
                                struct dataset_view **view, struct nb_error *error);
void dataset_view_free(struct dataset_view **view);
size_t dataset_view_bytes(const struct dataset *set, const struct dataset_view *view);
void dataset_view_swap(struct dataset *set, struct dataset_view **view);

/* A new view with this scale; statistics come from the training part only. */
enum nb_status dataset_set_scale(struct dataset *set, enum dataset_scale scale,
                                 struct nb_error *error);

/* ---- Rows, of a part as it is now ---- */

/* Rows per class of a part: counts[0..classes). */
void dataset_count_classes(const struct dataset *set, enum dataset_part part, size_t *counts);

/* The part as the trainer takes it, in the scale of the moment of each fill;
 * valid as long as the set, and to be filled from one thread at a time. */
void dataset_source(const struct dataset *set, enum dataset_part part, struct nb_source *source);

/* The same, with about half of the images mirrored left to right: which, is a
 * function of (seed, epoch, row).  The caller owns `augmented` as long as the
 * source is used, and says there which epoch it is.  For images only. */
struct dataset_augmented {
    const struct part *part; /* set by dataset_source_augmented */
    uint64_t seed, epoch;
};
void dataset_source_augmented(const struct dataset *set, enum dataset_part part,
                              struct dataset_augmented *augmented, struct nb_source *source);

/* Row `row` (from 0) as it was loaded, without scaling. */
void dataset_inputs(const struct dataset *set, enum dataset_part part, size_t row,
                    double *values /* (features) */);
void dataset_targets(const struct dataset *set, enum dataset_part part, size_t row,
                     double *values /* (outputs) */);
/* Its class, from 0; DATASET_NO_CLASS where targets are no classes. */
#define DATASET_NO_CLASS SIZE_MAX
size_t dataset_label(const struct dataset *set, enum dataset_part part, size_t row);
/* The bytes of an image, in the order of its row; NULL where rows are no bytes. */
const uint8_t *dataset_pixels(const struct dataset *set, enum dataset_part part, size_t row);

#endif
