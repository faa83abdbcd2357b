/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of the products on processors with 512-bit vectors, which the kernels
 * that CBLAS libraries choose do not all use, and with what a plan knows and a
 * library can't: that w is read once a step, so packing it must not cost a
 * second pass, and that a batch is a few strips high.
 *
 *           b packed: depth × WIDE           A tile of c is TALL rows of WIDE
 *              ┌──┬──┬──┐                    columns in registers; a strip of a
 *     a  ┌──┐  │  │  │  │                    runs down a panel of b.  The depth
 *   TALL ├──┤  └──┴──┴──┘                    is taken DEPTH at a time, so that
 *        ├──┤  ┌──┬──┬──┐                    the panel stays in the first cache.
 *        └──┘  └──┴──┴──┘ c
 */
#include "num/kernels.h"

#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "num/real.h"
#include "num/rows.h"

#define LANES 16          /* numbers of a vector */
#define WIDE  (2 * LANES) /* columns of a tile */
#define TALL  8           /* rows of a tile */
#define DEPTH 256         /* of a packed panel */
#define BLOCK 96          /* rows of w whose share of aᵀ is packed at a time */

/* A panel of b, a row behind the other, and which lanes of its vectors are columns. */
struct panel {
    __m512 at[DEPTH * WIDE / LANES];
    size_t vectors; /* of a row */
    __mmask16 lanes[WIDE / LANES];
};

/* The rows of a that make a tile: element (row, k) at [row·across + k·along]. */
struct strip {
    const real *at;
    size_t across, along;
};

/* c (rows, vectors · LANES) = keep·c + factor·(strip · panel); where keep is 0 it does
 * not matter what c held. */
#define TILE(rows, vectors)                                                                        \
    static void tile_##rows##_##vectors(real *c, size_t step, const struct strip *strip,           \
                                        const struct panel *panel, size_t depth, real keep,        \
                                        real factor)                                               \
    {                                                                                              \
        __m512 sums[rows][vectors];                                                                \
        const real *a = strip->at;                                                                 \
        const __m512 *b = panel->at;                                                               \
        for (size_t r = 0; r < rows; r++)                                                          \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                sums[r][v] = _mm512_setzero_ps();                                                  \
                PREFETCH_WRITE(c + r * step + v * LANES);                                          \
            }                                                                                      \
        for (size_t k = 0; k < depth; k++, a += strip->along, b += vectors)                        \
            for (size_t r = 0; r < rows; r++)                                                      \
                for (size_t v = 0; v < vectors; v++)                                               \
                    sums[r][v] += a[r * strip->across] * b[v];                                     \
        for (size_t r = 0; r < rows; r++)                                                          \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                real *at = c + r * step + v * LANES;                                               \
                __m512 sum = factor * sums[r][v];                                                  \
                if (keep != R(0.0))                                                                \
                    sum += keep * _mm512_maskz_loadu_ps(panel->lanes[v], at);                      \
                _mm512_mask_storeu_ps(at, panel->lanes[v], sum);                                   \
            }                                                                                      \
    }

#define TILES(vectors)                                                                             \
    TILE(1, vectors)                                                                               \
    TILE(2, vectors)                                                                               \
    TILE(3, vectors)                                                                               \
    TILE(4, vectors) TILE(5, vectors) TILE(6, vectors) TILE(7, vectors) TILE(8, vectors)

TILES(1)
TILES(2)

typedef void (*tile_kernel)(real *c, size_t step, const struct strip *strip,
                            const struct panel *panel, size_t depth, real keep, real factor);

/* By the vectors of a row, less one, and the rows, less one. */
static const tile_kernel tiles[2][TALL] = {
    { tile_1_1, tile_2_1, tile_3_1, tile_4_1, tile_5_1, tile_6_1, tile_7_1, tile_8_1 },
    { tile_1_2, tile_2_2, tile_3_2, tile_4_2, tile_5_2, tile_6_2, tile_7_2, tile_8_2 },
};

static void tile_add(real *c, size_t step, size_t rows, const struct strip *strip,
                     const struct panel *panel, size_t depth, real keep, real factor)
{
    tiles[panel->vectors - 1][rows - 1](c, step, strip, panel, depth, keep, factor);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Of cols columns, at most WIDE. */
static void panel_begin(struct panel *panel, size_t cols)
{
    unsigned lanes = (unsigned)((1ull << cols) - 1);
    panel->vectors = cols > LANES ? 2 : 1;
    panel->lanes[0] = (__mmask16)lanes;
    panel->lanes[1] = (__mmask16)(lanes >> LANES);
}

/* Takes cols columns of b, with `step` numbers from row to row; those at `next` are
 * fetched meanwhile. */
static void panel_pack(struct panel *panel, const real *b, const real *next, size_t step,
                       size_t depth, size_t cols)
{
    __m512 *to = panel->at;
    panel_begin(panel, cols);
    for (size_t k = 0; k < depth; k++, b += step, next += step) {
        PREFETCH(next);
        PREFETCH(next + LANES);
        *to++ = _mm512_maskz_loadu_ps(panel->lanes[0], b);
        if (panel->vectors > 1)
            *to++ = _mm512_maskz_loadu_ps(panel->lanes[1], b + LANES);
    }
}

/* The same of bᵀ: takes cols rows of b. */
static void panel_turn(struct panel *panel, const real *b, size_t step, size_t depth, size_t cols)
{
    panel_begin(panel, cols);
    real *to = (real *)panel->at;
    size_t wide = panel->vectors * LANES;
    for (size_t i = 0; i < wide; i++)
        for (size_t k = 0; k < depth; k++)
            to[k * wide + i] = i < cols ? b[i * step + k] : R(0.0);
}

/* Columns of c (n, ..) = keep·c + a·panel, of a (n, depth); both with the step from
 * row to row. */
static void strips_add(real *c, size_t c_step, const real *a, size_t a_step, size_t n,
                       const struct panel *panel, size_t depth, real keep)
{
    size_t strips = (n + TALL - 1) / TALL;
    for (size_t s = 0; s < strips; s++) { /* as even as can be */
        size_t row = n * s / strips, rows = n * (s + 1) / strips - row;
        struct strip strip = { a + row * a_step, a_step, 1 };
        tile_add(c + row * c_step, c_step, rows, &strip, panel, depth, keep, R(1.0));
    }
}

/* Columns [left, right) of z += a·w over the sources [first, last). */
static void multiply_slice(real *z, const real *a, const real *w, size_t n, size_t in, size_t out,
                           size_t first, size_t last, size_t left, size_t right)
{
    struct panel panel;
    for (size_t k = first; k < last; k += DEPTH)
        for (size_t j = left; j < right; j += WIDE) {
            size_t depth = least(last - k, DEPTH), below = least(k + DEPTH, last - depth);
            const real *at = w + k * out + j;
            const real *next = j + WIDE < right ? at + WIDE : w + below * out + left;
            panel_pack(&panel, at, next, out, depth, least(right - j, WIDE));
            strips_add(z + j, out, a + k, in, n, &panel, depth, R(1.0));
        }
}

static void affine_slice(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    begin_rows(z, b, n, out, first, last);
    multiply_slice(z, a, w, n, in, out, 0, in, first, last);
}

static void partial_slice(void *z, const void *a, const void *w, const void *b, size_t n, size_t in,
                          size_t out, size_t first, size_t last)
{
    begin_rows(z, b, n, out, 0, out);
    multiply_slice(z, a, w, n, in, out, first, last, 0, out);
}

/* Columns of a (depth, in) as strips of TALL, one behind the other; the BLOCK that
 * follows is fetched meanwhile. */
static void block_pack(real *to, const real *a, size_t in, size_t depth, size_t rows)
{
    for (size_t k = 0; k < depth; k++, a += in) {
        for (size_t s = 0; s < BLOCK; s += LANES)
            PREFETCH(a + BLOCK + s);
        size_t s = 0;
        for (; s + TALL <= rows; s += TALL) /* of a size that is known: a move, not a call */
            memcpy(to + s * depth + k * TALL, a + s, TALL * sizeof *a);
        if (s < rows)
            memcpy(to + s * depth + k * TALL, a + s, (rows - s) * sizeof *a);
    }
}

/* Rows [first, last) of w (in, out) = keep·w + factor·aᵀ·delta */
static void outer_slice(real *w, const real *a, const real *delta, real keep, real factor, size_t n,
                        size_t in, size_t out, size_t first, size_t last)
{
    struct panel panel;
    real block[DEPTH * BLOCK];
    for (size_t k = 0; k < n; k += DEPTH)
        for (size_t i = first; i < last; i += BLOCK) {
            size_t depth = least(n - k, DEPTH), rows = least(last - i, BLOCK);
            block_pack(block, a + k * in + i, in, depth, rows);
            for (size_t j = 0; j < out; j += WIDE) {
                const real *at = delta + k * out + j;
                panel_pack(&panel, at, at, out, depth, least(out - j, WIDE));
                for (size_t s = 0; s < rows; s += TALL) {
                    struct strip strip = { block + s * depth, 1, TALL };
                    tile_add(w + (i + s) * out + j, out, least(rows - s, TALL), &strip, &panel,
                             depth, k ? R(1.0) : keep, factor);
                }
            }
        }
}

static void grad_w_slice(void *dw, const void *a, const void *delta, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    outer_slice(dw, a, delta, R(0.0), R(1.0), n, in, out, first, last);
}

static void sgd_slice(void *w, const void *a, const void *delta, double keep, double eta, size_t n,
                      size_t in, size_t out, size_t first, size_t last)
{
    outer_slice(w, a, delta, (real)keep, (real)-eta, n, in, out, first, last);
}

static void grad_a_slice(void *da_, const void *delta_, const void *w_, size_t n, size_t in,
                         size_t out, size_t first, size_t last)
{
    real *da = da_;
    const real *delta = delta_, *w = w_;
    struct panel panel;
    begin_rows(da, NULL, n, in, first, last);
    for (size_t j = first; j < last; j += WIDE)
        for (size_t k = 0; k < out; k += DEPTH) {
            size_t depth = least(out - k, DEPTH);
            panel_turn(&panel, w + j * out + k, out, depth, least(last - j, WIDE));
            strips_add(da + j, in, delta + k, out, n, &panel, depth, R(1.0));
        }
}

const struct slice_kernels REAL_NAME(slice_kernels) = {
    affine_slice, partial_slice, grad_w_slice, grad_a_slice, sgd_slice,
};
