/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a data set is made of; for the files of this folder only.
 *
 * Images keep the bytes of their files: blocks own them and pixels[i] points
 * into them.  Others keep doubles.  What the trainer gets is
 * (stored - shift[f]) · factor[f] for each feature f.
 */
#ifndef NABLA_DATA_SET_H
#define NABLA_DATA_SET_H

#include "data/dataset.h"
#include "format/stream.h"

#define PART_BLOCKS  5
#define FILES_MOST   6
#define CLASSES_MOST 1000 /* of a table */
#define ROWS_MOST    ((size_t)UINT32_MAX)

/* Rows as they were loaded; a view says which of them are in which part. */
struct part {
    const struct dataset *set;
    size_t rows;
    struct block blocks[PART_BLOCKS];
    const uint8_t **pixels; /* (rows), each (features); NULL where rows are numbers */
    double *values;         /* (rows, features); NULL where they are bytes */
    uint16_t *labels;       /* (rows), below the set's classes; NULL: no classes */
    double *targets;        /* (rows, outputs) where there are no classes, else NULL */
};

struct dataset_view {
    struct dataset_rules rules;
    size_t rows[DATASET_PARTS];
    uint32_t *index[DATASET_PARTS];      /* rows of the loaded part; NULL: all in their order */
    double *shift, *factor;              /* (features) */
    float *single_shift, *single_factor; /* (features): the same, rounded */
};

/* Strings on the heap. */
struct names {
    char **items;
    size_t count, capacity;
};
enum nb_status names_add(struct names *names, const char *bytes, size_t length,
                         struct nb_error *error);
void names_release(struct names *names);

struct dataset {
    const char *name;
    char *own_name; /* NULL: `name` is constant */
    char *recipe;
    size_t features, outputs, classes;
    const char *const *class_names;
    struct names classes_own, columns_own; /* of tables */
    size_t channels, height, width;
    bool interleaved;                 /* (height, width, channels), else the channels are first */
    struct part parts[DATASET_PARTS]; /* as loaded: validation is empty */
    struct dataset_view *view;
};

/* The set is called as the last part of the path. */
enum nb_status set_name(struct dataset *set, const char *path, struct nb_error *error);

/* The loaded part that holds the rows of a part of the view. */
const struct part *part_home(const struct part *part);
/* ... and the row in it. */
static inline size_t part_row(const struct part *part, size_t row)
{
    const uint32_t *index = part->set->view->index[part - part->set->parts];
    return index ? index[row] : row;
}

/* The view's statistics, from its training rows. */
enum nb_status scale_measure(const struct dataset *set, struct dataset_view *view,
                             struct nb_error *error);

/* Decides what the numbers in the parts' targets are, by the rules of `data csv`:
 * one column of 0 and 1 is two classes; one of three or more different whole
 * numbers from 0 to CLASSES_MOST is as many classes, named so; several columns
 * with a single 1 a row are as many classes; else they stay numbers. */
enum nb_status target_classify(struct dataset *set, struct nb_error *error);

struct image_files;

/* A set of images: its files, and how they become parts. */
struct image_set {
    const char *folder;                /* "mnist", sought below a data folder */
    bool own_folder;                   /* a searched folder may hold the files itself */
    const char *archive;               /* a .tar.gz that may hold all files, or NULL */
    const char *files[FILES_MOST + 1]; /* NULL-terminated; plain or .gz */
    size_t rows[FILES_MOST];           /* in each of them */
    /* Takes the blocks it keeps into the set's parts and empties them. */
    enum nb_status (*take)(struct image_files *files, struct nb_error *error);
};

/* The files of a set as they were read. */
struct image_files {
    const struct image_set *images;
    struct dataset *set;
    struct block blocks[FILES_MOST];
    char *names[FILES_MOST + 1]; /* NULL-terminated: what errors call the blocks */
    bool any_rows;               /* fewer rows than the set has will do */
};

/* How a data set is made; the rows stand in dataset.c. */
struct dataset_loader {
    unsigned takes; /* enum dataset_takes */
    enum nb_status (*load)(const struct dataset_loader *loader, struct dataset *set,
                           const struct dataset_options *options, struct nb_error *error);
    const struct image_set *images; /* NULL for toys */
};

/* Where a set of images is: its files, or the archive (else NULL). */
struct found {
    char *files[FILES_MOST];
    char *archive;
};
enum nb_status search_images(const char *name, const struct image_set *images,
                             const struct dataset_options *options, struct found *found,
                             struct nb_error *error);
void found_release(struct found *found);

extern const struct image_set image_mnist, image_mnist_mini, image_cifar10, image_cifar10_mini;
enum nb_status image_load(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error);
enum nb_status table_csv(const struct dataset_loader *loader, struct dataset *set,
                         const struct dataset_options *options, struct nb_error *error);
enum nb_status table_npz(const struct dataset_loader *loader, struct dataset *set,
                         const struct dataset_options *options, struct nb_error *error);
enum nb_status toy_xor(const struct dataset_loader *loader, struct dataset *set,
                       const struct dataset_options *options, struct nb_error *error);
enum nb_status toy_linear(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error);
enum nb_status toy_circle(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error);
enum nb_status toy_spiral(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error);

#endif
