/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "data/set.h"

#define BLOCK 16 /* a constant count, so that the loops become vector instructions */

/* out = (bytes - shift) ∘ factor, all (n) */
static void scale_single(const uint8_t *restrict bytes, const float *restrict shift,
                         const float *restrict factor, size_t n, float *restrict out)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t k = i; k < i + BLOCK; k++)
            out[k] = ((float)bytes[k] - shift[k]) * factor[k];
    for (; i < n; i++)
        out[i] = ((float)bytes[i] - shift[i]) * factor[i];
}

static void scale_double(const uint8_t *restrict bytes, const double *restrict shift,
                         const double *restrict factor, size_t n, double *restrict out)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t k = i; k < i + BLOCK; k++)
            out[k] = (bytes[k] - shift[k]) * factor[k];
    for (; i < n; i++)
        out[i] = (bytes[i] - shift[i]) * factor[i];
}

static void put(void *numbers, enum nb_precision precision, size_t at, double value)
{
    if (precision == NB_SINGLE)
        ((float *)numbers)[at] = (float)value;
    else
        ((double *)numbers)[at] = value;
}

static void fill_inputs(const struct part *part, uint32_t row, enum nb_precision precision,
                        size_t at, void *x)
{
    const struct dataset *set = part->set;
    size_t n = set->features;
    if (part->values)
        for (size_t i = 0; i < n; i++)
            put(x, precision, at + i, (part->values[row * n + i] - set->shift[i]) * set->factor[i]);
    else if (precision == NB_SINGLE)
        scale_single(part->pixels[row], set->single_shift, set->single_factor, n, (float *)x + at);
    else
        scale_double(part->pixels[row], set->shift, set->factor, n, (double *)x + at);
}

static void fill_targets(const struct part *part, uint32_t row, enum nb_precision precision,
                         size_t at, void *y)
{
    size_t columns = part->set->outputs;
    for (size_t i = 0; i < columns; i++)
        put(y, precision, at + i, columns == 1 ? part->labels[row] : part->labels[row] == i);
}

static void source_fill(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                        void *x, void *y)
{
    const struct part *part = context;
    for (size_t i = 0; i < n; i++) {
        assert(index[i] < part->rows);
        fill_inputs(part, index[i], precision, i * part->set->features, x);
        fill_targets(part, index[i], precision, i * part->set->outputs, y);
    }
}

void dataset_source(const struct dataset *set, enum dataset_part part, struct nb_source *source)
{
    *source = (struct nb_source){
        .context = (void *)&set->parts[part],
        .rows = set->parts[part].rows,
        .inputs = set->features,
        .outputs = set->outputs,
        .classes = set->classes > 0,
        .fill = source_fill,
    };
}
