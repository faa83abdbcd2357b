/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a data set is made of; for the files of this folder only.
 *
 * Images keep the bytes of their files: blocks own them and pixels[i] points
 * into them.  Toys keep doubles.  What the trainer gets is
 * (stored - shift[f]) · factor[f] for each feature f.
 */
#ifndef NABLA_DATA_SET_H
#define NABLA_DATA_SET_H

#include "data/dataset.h"
#include "format/stream.h"

#define PART_BLOCKS 5
#define FILES_MOST  6

struct part {
    const struct dataset *set;
    size_t rows;
    struct block blocks[PART_BLOCKS];
    const uint8_t **pixels; /* (rows), each (features); NULL for toys */
    double *values;         /* (rows, features); NULL for images */
    uint8_t *labels;        /* (rows), below the set's classes */
};

struct dataset {
    const char *name;
    size_t features, outputs, classes;
    const char *const *class_names;
    size_t channels, height, width;
    enum dataset_scale scale;
    double *shift, *factor;              /* (features) */
    float *single_shift, *single_factor; /* (features): the same, rounded */
    struct part parts[DATASET_PARTS];
};

/* A set of images: its files, and how they become parts. */
struct image_set {
    const char *folder;                /* "mnist", sought below a data folder */
    bool own_folder;                   /* a searched folder may hold the files itself */
    const char *archive;               /* a .tar.gz that may hold all files, or NULL */
    const char *files[FILES_MOST + 1]; /* NULL-terminated; plain or .gz */
    /* Takes the blocks it keeps into the parts and empties them; names[i] is
     * what errors call blocks[i]. */
    enum nb_status (*take)(struct dataset *set, struct block *blocks, char *const *names,
                           struct nb_error *error);
};

/* How a data set is made; the rows stand in dataset.c. */
struct dataset_loader {
    enum nb_status (*load)(const struct dataset_loader *loader, struct dataset *set,
                           const struct dataset_options *options, struct nb_error *error);
    enum dataset_scale scale;       /* what it begins with */
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
enum nb_status toy_xor(const struct dataset_loader *loader, struct dataset *set,
                       const struct dataset_options *options, struct nb_error *error);
enum nb_status toy_linear(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error);

#endif
