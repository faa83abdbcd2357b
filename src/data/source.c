/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "base/compiler.h"
#include "base/rng.h"
#include "data/set.h"

#define BLOCK 16  /* a constant count, so that the loops become vector instructions */
#define CHUNK 256 /* pixels mirrored at a time */
#define AHEAD 4   /* rows: the next of a shuffled batch are fetched while one is scaled */
#define LINE  64  /* bytes of a cache line */

/* out = (bytes - shift) ∘ factor, all (n) */
static inline void scale_floats(const uint8_t *restrict bytes, const float *restrict shift,
                                const float *restrict factor, size_t n, float *restrict out)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t k = i; k < i + BLOCK; k++)
            out[k] = ((float)bytes[k] - shift[k]) * factor[k];
    for (; i < n; i++)
        out[i] = ((float)bytes[i] - shift[i]) * factor[i];
}

#ifdef FOR_V3
FOR_V3 static void scale_floats_v3(const uint8_t *restrict bytes, const float *restrict shift,
                                   const float *restrict factor, size_t n, float *restrict out)
{
    scale_floats(bytes, shift, factor, n, out);
}
#endif

static void scale_single(const uint8_t *bytes, const float *shift, const float *factor, size_t n,
                         float *out)
{
#ifdef FOR_V3
    if (CPU_HAS_V3()) {
        scale_floats_v3(bytes, shift, factor, n, out);
        return;
    }
#endif
    scale_floats(bytes, shift, factor, n, out);
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

/* Features first..first+n-1 of a row of bytes; x is where the row begins. */
static void fill_bytes(const struct dataset_view *view, const uint8_t *bytes, size_t first,
                       size_t n, enum nb_precision precision, size_t at, void *x)
{
    if (precision == NB_SINGLE)
        scale_single(bytes, view->single_shift + first, view->single_factor + first, n,
                     (float *)x + at + first);
    else
        scale_double(bytes, view->shift + first, view->factor + first, n, (double *)x + at + first);
}

static void fill_inputs(const struct part *home, size_t row, enum nb_precision precision, size_t at,
                        void *x)
{
    const struct dataset_view *view = home->set->view;
    size_t n = home->set->features;
    if (home->pixels) {
        fill_bytes(view, home->pixels[row], 0, n, precision, at, x);
        return;
    }
    const double *values = home->values + row * n;
    for (size_t i = 0; i < n; i++)
        put(x, precision, at + i, (values[i] - view->shift[i]) * view->factor[i]);
}

/* Which number of a line of pixels comes to be at `place`; the numbers of a pixel
 * stay together. */
static size_t mirrored(size_t place, size_t width, size_t together)
{
    return width - together - place + (together > 1 ? 2 * (place % together) : 0);
}

/* Each pixel takes the scale of the place where it comes to be. */
static void fill_mirrored(const struct part *home, size_t row, enum nb_precision precision,
                          size_t at, void *x)
{
    const struct dataset *set = home->set;
    size_t together = set->interleaved ? set->channels : 1, width = set->width * together;
    uint8_t bytes[CHUNK];
    for (size_t line = 0; line < set->features; line += width)
        for (size_t first = 0; first < width; first += CHUNK) {
            size_t n = width - first < CHUNK ? width - first : CHUNK;
            for (size_t i = 0; i < n && home->pixels; i++)
                bytes[i] = home->pixels[row][line + mirrored(first + i, width, together)];
            if (home->pixels)
                fill_bytes(set->view, bytes, line + first, n, precision, at, x);
            for (size_t i = first; i < first + n && home->values; i++) {
                double value =
                    home->values[row * set->features + line + mirrored(i, width, together)];
                put(x, precision, at + line + i,
                    (value - set->view->shift[line + i]) * set->view->factor[line + i]);
            }
        }
}

static double target(const struct part *home, size_t row, size_t column)
{
    size_t columns = home->set->outputs;
    if (home->targets)
        return home->targets[row * columns + column];
    return columns == 1 ? home->labels[row] : home->labels[row] == column;
}

static void fill_targets(const struct part *home, size_t row, enum nb_precision precision,
                         size_t at, void *y)
{
    for (size_t i = 0; i < home->set->outputs; i++)
        put(y, precision, at + i, target(home, row, i));
}

static void fetch_inputs(const struct part *home, size_t row)
{
    for (size_t i = 0; home->pixels && i < home->set->features; i += LINE)
        PREFETCH(home->pixels[row] + i);
}

static void source_fill(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                        void *x, void *y)
{
    const struct part *part = context, *home = part_home(part);
    const struct dataset *set = part->set;
    for (size_t i = 0; i < n; i++) {
        assert(index[i] < set->view->rows[part - set->parts]);
        size_t row = part_row(part, index[i]);
        if (i + AHEAD < n)
            fetch_inputs(home, part_row(part, index[i + AHEAD]));
        fill_inputs(home, row, precision, i * set->features, x);
        fill_targets(home, row, precision, i * set->outputs, y);
    }
}

static bool is_mirrored(const struct dataset_augmented *augmented, size_t row)
{
    struct rng rng;
    rng_init(&rng, augmented->seed, RNG_FLIP, augmented->epoch, row);
    return rng_next(&rng) >> 63;
}

static void augmented_fill(void *context, const uint32_t *index, size_t n,
                           enum nb_precision precision, void *x, void *y)
{
    const struct dataset_augmented *augmented = context;
    const struct part *part = augmented->part, *home = part_home(part);
    const struct dataset *set = part->set;
    for (size_t i = 0; i < n; i++) {
        size_t row = part_row(part, index[i]);
        (is_mirrored(augmented, index[i]) ? fill_mirrored : fill_inputs)(home, row, precision,
                                                                         i * set->features, x);
        fill_targets(home, row, precision, i * set->outputs, y);
    }
}

void dataset_source(const struct dataset *set, enum dataset_part part, struct nb_source *source)
{
    *source = (struct nb_source){
        .context = (void *)&set->parts[part],
        .rows = set->view->rows[part],
        .inputs = set->features,
        .outputs = set->outputs,
        .classes = set->classes > 0,
        .fill = source_fill,
    };
}

void dataset_source_augmented(const struct dataset *set, enum dataset_part part,
                              struct dataset_augmented *augmented, struct nb_source *source)
{
    assert(set->channels);
    dataset_source(set, part, source);
    augmented->part = &set->parts[part];
    source->context = augmented;
    source->varies = true;
    source->fill = augmented_fill;
}

void dataset_inputs(const struct dataset *set, enum dataset_part part, size_t row, double *values)
{
    const struct part *home = part_home(&set->parts[part]);
    size_t at = part_row(&set->parts[part], row);
    for (size_t i = 0; i < set->features; i++)
        values[i] = home->pixels ? home->pixels[at][i] : home->values[at * set->features + i];
}

void dataset_targets(const struct dataset *set, enum dataset_part part, size_t row, double *values)
{
    fill_targets(part_home(&set->parts[part]), part_row(&set->parts[part], row), NB_DOUBLE, 0,
                 values);
}

size_t dataset_label(const struct dataset *set, enum dataset_part part, size_t row)
{
    const struct part *home = part_home(&set->parts[part]);
    return home->labels ? home->labels[part_row(&set->parts[part], row)] : DATASET_NO_CLASS;
}

const uint8_t *dataset_pixels(const struct dataset *set, enum dataset_part part, size_t row)
{
    const struct part *home = part_home(&set->parts[part]);
    return home->pixels ? home->pixels[part_row(&set->parts[part], row)] : NULL;
}
