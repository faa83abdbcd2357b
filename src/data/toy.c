/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/set.h"

#define LINEAR_ROWS  100
#define ROUND_ROWS   200 /* circle, spiral */
#define DRAWN_MOST   ((size_t)1000000)
#define XOR_STEPS    10
#define TWO_PI       6.283185307179586
#define DISC_RADIUS  0.5 /* of circle: class 1 within it, */
#define RING_RADIUS  0.7 /* class 0 from here to 1 */
#define SPIRAL_TURNS 1.75

/* Room for `rows` points of the plane in two classes; *part receives it. */
static enum nb_status toy_begin(struct dataset *set, size_t rows, struct part **part,
                                struct nb_error *error)
{
    set->features = 2;
    set->outputs = 1;
    set->classes = 2;
    *part = &set->parts[DATASET_TRAIN];
    (*part)->values = memory_new(rows * 2, sizeof *(*part)->values);
    (*part)->labels = memory_new(rows, sizeof *(*part)->labels);
    return (*part)->values && (*part)->labels ? NB_OK : error_memory(error);
}

static void toy_add(struct part *part, double x1, double x2, int label)
{
    part->values[2 * part->rows] = x1;
    part->values[2 * part->rows + 1] = x2;
    part->labels[part->rows++] = (uint16_t)label;
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

/* ---- Drawn points ---- */

/* Room for as many points as the options ask for. */
static enum nb_status drawing_begin(struct dataset *set, const struct dataset_options *options,
                                    size_t fallback, size_t *rows, struct part **part,
                                    struct nb_error *error)
{
    *rows = options->n ? options->n : fallback;
    if (*rows > DRAWN_MOST)
        return error_set(error, NB_FAILED, "n is %zu, expected 1..%zu", *rows, DRAWN_MOST);
    return toy_begin(set, *rows, part, error);
}

/* Moves every point by normal noise; a stream of its own, so that the points
 * under it are those without noise. */
static void add_noise(struct part *part, const struct dataset_options *options)
{
    struct rng rng;
    rng_init(&rng, options->seed, RNG_TOY, 1, 0);
    for (size_t i = 0; i < 2 * part->rows && options->noise > 0; i++)
        part->values[i] += options->noise * rng_normal(&rng);
}

enum nb_status toy_linear(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error)
{
    struct part *part;
    struct rng rng;
    size_t rows;
    enum nb_status status = drawing_begin(set, options, LINEAR_ROWS, &rows, &part, error);
    (void)loader;
    if (status)
        return status;
    rng_init(&rng, options->seed, RNG_TOY, 0, 0);
    for (size_t i = 0; i < rows; i++) {
        double x1 = rng_uniform(&rng), x2 = rng_uniform(&rng);
        toy_add(part, x1, x2, x1 > x2);
    }
    add_noise(part, options);
    return NB_OK;
}

enum nb_status toy_circle(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error)
{
    struct part *part;
    struct rng rng;
    size_t rows;
    enum nb_status status = drawing_begin(set, options, ROUND_ROWS, &rows, &part, error);
    (void)loader;
    if (status)
        return status;
    rng_init(&rng, options->seed, RNG_TOY, 0, 0);
    for (size_t i = 0; i < rows; i++) {
        double share = rng_uniform(&rng), angle = TWO_PI * rng_uniform(&rng);
        double radius = i % 2 ? DISC_RADIUS * share : RING_RADIUS + (1 - RING_RADIUS) * share;
        toy_add(part, radius * cos(angle), radius * sin(angle), i % 2 == 1);
    }
    add_noise(part, options);
    return NB_OK;
}

enum nb_status toy_spiral(const struct dataset_loader *loader, struct dataset *set,
                          const struct dataset_options *options, struct nb_error *error)
{
    struct part *part;
    size_t rows;
    enum nb_status status = drawing_begin(set, options, ROUND_ROWS, &rows, &part, error);
    (void)loader;
    if (status)
        return status;
    for (size_t i = 0; i < rows; i++) {
        double radius = (double)(i / 2 + 1) / (double)((rows + 1) / 2);
        double angle = TWO_PI * (SPIRAL_TURNS * radius + (i % 2 ? 0.5 : 0));
        toy_add(part, radius * sin(angle), radius * cos(angle), i % 2 == 1);
    }
    add_noise(part, options);
    return NB_OK;
}
