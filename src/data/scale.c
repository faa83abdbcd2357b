/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/set.h"

#define BLOCK      16    /* a constant count, so that the loops become vector instructions */
#define BATCH_ROWS 65536 /* as many squares of bytes as 32 bits can sum */

/* The training part. */
struct rows {
    const struct part *part;
    const uint32_t *index; /* (count), or NULL: all in their order */
    size_t count;
};

static size_t rows_at(const struct rows *rows, size_t i)
{
    return rows->index ? rows->index[i] : i;
}

/* What one feature is in the training part. */
struct feature {
    double mean, deviation; /* of the whole part, not an estimate from a sample */
    double least, most;     /* of bytes: what they can hold */
    double unit;            /* 1/255 for bytes, 1 for other numbers */
};

struct affine {
    double shift, factor;
};

static struct affine scale_none(const struct feature *f)
{
    (void)f;
    return (struct affine){ 0, 1 };
}

static struct affine scale_unit(const struct feature *f)
{
    return (struct affine){ f->least, f->most > f->least ? 1 / (f->most - f->least) : 1 };
}

static struct affine scale_standard(const struct feature *f)
{
    return (struct affine){ f->mean, f->deviation > 0 ? 1 / f->deviation : f->unit };
}

static struct affine scale_mean(const struct feature *f)
{
    return (struct affine){ f->mean, f->unit };
}

static const struct nb_choice scales[] = {
    [SCALE_NONE] = { "none", "values as they are; pixels 0..255" },
    [SCALE_UNIT] = { "unit", "each feature from 0 to 1; pixels / 255" },
    [SCALE_STANDARD] = { "standard",
                         "each feature with mean 0 and deviation 1 in the training part" },
    [SCALE_MEAN] = { "mean", "each feature less its mean in the training part; of pixels / 255" },
};

static struct affine (*const scale_functions[COUNT_OF(scales)])(const struct feature *) = {
    [SCALE_NONE] = scale_none,
    [SCALE_UNIT] = scale_unit,
    [SCALE_STANDARD] = scale_standard,
    [SCALE_MEAN] = scale_mean,
};

const struct nb_choice *dataset_scales(size_t *count)
{
    *count = COUNT_OF(scales);
    return scales;
}

/* sums[i] += bytes[i], squares[i] += bytes[i]² */
static void add_bytes(const uint8_t *restrict bytes, size_t n, uint32_t *restrict sums,
                      uint32_t *restrict squares)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t k = i; k < i + BLOCK; k++) {
            sums[k] += bytes[k];
            squares[k] += (uint16_t)(bytes[k] * bytes[k]);
        }
    for (; i < n; i++) {
        sums[i] += bytes[i];
        squares[i] += (uint32_t)bytes[i] * bytes[i];
    }
}

/* Exact sums over the whole part: totals[0..n) of bytes, totals[n..2n) of squares. */
static enum nb_status sum_bytes(const struct rows *rows, size_t n, uint64_t *totals,
                                struct nb_error *error)
{
    uint32_t *sums = memory_new(2 * n, sizeof *sums);
    if (!sums)
        return error_memory(error);
    for (size_t row = 0; row < rows->count;) {
        size_t end = rows->count - row > BATCH_ROWS ? row + BATCH_ROWS : rows->count;
        memset(sums, 0, 2 * n * sizeof *sums);
        for (; row < end; row++)
            add_bytes(rows->part->pixels[rows_at(rows, row)], n, sums, sums + n);
        for (size_t i = 0; i < 2 * n; i++)
            totals[i] += sums[i];
    }
    free(sums);
    return NB_OK;
}

static enum nb_status measure_bytes(const struct rows *rows, size_t n, struct feature *features,
                                    struct nb_error *error)
{
    uint64_t *totals = memory_new(2 * n, sizeof *totals);
    enum nb_status status = totals ? sum_bytes(rows, n, totals, error) : error_memory(error);
    double count = (double)rows->count;
    for (size_t i = 0; i < n && !status; i++) {
        /* In integers, so that a feature that never changes has exactly 0. */
        uint64_t spread = rows->count * totals[n + i] - totals[i] * totals[i];
        features[i] = (struct feature){ (double)totals[i] / count, sqrt((double)spread) / count, 0,
                                        UINT8_MAX, 1.0 / UINT8_MAX };
    }
    free(totals);
    return status;
}

static void measure_values(const struct rows *rows, size_t n, struct feature *features)
{
    const double *values = rows->part->values;
    double count = (double)rows->count;
    for (size_t i = 0; i < n; i++) {
        double first = values[rows_at(rows, 0) * n + i];
        struct feature f = { 0, 0, first, first, 1 };
        for (size_t row = 0; row < rows->count; row++) {
            double value = values[rows_at(rows, row) * n + i];
            f.mean += value / count;
            f.least = fmin(f.least, value);
            f.most = fmax(f.most, value);
        }
        for (size_t row = 0; row < rows->count; row++) {
            double off = values[rows_at(rows, row) * n + i] - f.mean;
            f.deviation += off * off;
        }
        f.deviation = f.most > f.least ? sqrt(f.deviation / count) : 0;
        features[i] = f;
    }
}

enum nb_status scale_measure(const struct dataset *set, struct dataset_view *view,
                             struct nb_error *error)
{
    const struct rows rows = { &set->parts[DATASET_TRAIN], view->index[DATASET_TRAIN],
                               view->rows[DATASET_TRAIN] };
    size_t n = set->features;
    struct feature *features = memory_new(n, sizeof *features);
    if (!features)
        return error_memory(error);
    enum nb_status status = NB_OK;
    if (rows.part->pixels)
        status = measure_bytes(&rows, n, features, error);
    else
        measure_values(&rows, n, features);
    for (size_t i = 0; i < n && !status; i++) {
        struct affine affine = scale_functions[view->rules.scale](&features[i]);
        view->shift[i] = affine.shift;
        view->factor[i] = affine.factor;
        view->single_shift[i] = (float)affine.shift;
        view->single_factor[i] = (float)affine.factor;
    }
    free(features);
    return status;
}
