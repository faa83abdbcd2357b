/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a product is added to; for the *_tmpl.c files that have slices of products. */
#ifndef NABLA_NUM_ROWS_H
#define NABLA_NUM_ROWS_H

#include <string.h>

#include "num/real.h"

/* Columns [first, last) of every row of z (n, out) become those of b; without one 0. */
static inline void begin_rows(real *z, const real *b, size_t n, size_t out, size_t first,
                              size_t last)
{
    for (size_t i = 0; i < n; i++)
        if (b)
            memcpy(z + i * out + first, b + first, (last - first) * sizeof *z);
        else
            memset(z + i * out + first, 0, (last - first) * sizeof *z);
}

#endif
