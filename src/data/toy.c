/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/set.h"

#define LINEAR_ROWS 100
#define ROWS_MOST   ((size_t)1000000)
#define XOR_STEPS   10

/* Room for `rows` points of the plane in two classes; *part receives it. */
static enum nb_status toy_begin(struct dataset *set, size_t rows, struct part **part,
                                struct nb_error *error)
{
    set->features = 2;
    set->outputs = 1;
    set->classes = 2;
    *part = &set->parts[DATASET_TRAIN];
    (*part)->values = memory_new(rows * 2, sizeof *(*part)->values);
    (*part)->labels = memory_new(rows, 1);
    return (*part)->values && (*part)->labels ? NB_OK : error_memory(error);
}

static void toy_add(struct part *part, double x1, double x2, int label)
{
    part->values[2 * part->rows] = x1;
    part->values[2 * part->rows + 1] = x2;
    part->labels[part->rows++] = (uint8_t)label;
}

enum nb_status toy_xor(const struct dataset_loader *loader, struct dataset *set,
                       const struct dataset_options *options, struct nb_error *error)
{
    struct part *part;
    enum nb_status status = toy_begin(set, 2 * XOR_STEPS + 1, &part, error);
    (void)loader;
    (void)options;
    for (int i = 0; i <= XOR_STEPS && !status; i++) {
        double x = (double)i / XOR_STEPS;
        toy_add(part, x, x, 0);
        if (2 * i != XOR_STEPS) /* the lines cross there */
            toy_add(part, x, (double)(XOR_STEPS - i) / XOR_STEPS, 1);
    }
    return status;
}

enum nb_status toy_linear(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error)
{
    size_t rows = options->n ? options->n : LINEAR_ROWS;
    if (rows > ROWS_MOST)
        return error_set(error, NB_FAILED, "n is %zu, expected 1..%zu", rows, ROWS_MOST);
    struct part *part;
    enum nb_status status = toy_begin(set, rows, &part, error);
    struct rng rng;
    rng_init(&rng, options->seed, RNG_TOY, 0, 0);
    (void)loader;
    for (size_t i = 0; i < rows && !status; i++) {
        double x1 = rng_uniform(&rng), x2 = rng_uniform(&rng);
        toy_add(part, x1, x2, x1 > x2);
    }
    return status;
}
