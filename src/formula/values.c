/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/values.h"

#include <stdlib.h>

#include "base/memory.h"

#define SHOWN_MOST  8
#define SHOWN_FIRST 3

/* The next of `count` places to show after `at`; the gap is SHOWN_FIRST. */
static size_t place_after(size_t at, size_t count)
{
    return count > SHOWN_MOST && at == SHOWN_FIRST ? count - 1 : at + 1;
}

static bool is_gap(size_t at, size_t count)
{
    return count > SHOWN_MOST && at == SHOWN_FIRST;
}

/* Of `count` places those that are shown, the gap counted. */
static size_t shown_places(size_t count)
{
    return count > SHOWN_MOST ? SHOWN_FIRST + 2 : count;
}

static void add_cell(struct phrase *cell, bool gap, double value)
{
    if (gap)
        phrase_formula(cell, "…");
    else
        phrase_number(cell, value);
}

void values_add(struct document *document, struct phrase *name, size_t rows, size_t cols,
                const double *values)
{
    struct grid *grid;
    size_t row = 0;
    bool made = document_grid(document, shown_places(rows), shown_places(cols), &grid);
    document_name_grid(document, name);
    if (!made)
        return;
    grid->brackets = true;
    for (size_t r = 0; r < rows; r = place_after(r, rows), row++) {
        size_t col = 0;
        for (size_t c = 0; c < cols; c = place_after(c, cols), col++)
            add_cell(grid_at(grid, row, col), is_gap(r, rows) || is_gap(c, cols),
                     values[r * cols + c]);
    }
}

void values_add_quantity(struct document *document, size_t id)
{
    const struct nb_net *net = document->notation.net;
    struct nb_quantity quantity;
    struct phrase name = PHRASE_INIT;
    nb_quantity_get(net, id, &quantity);
    bool turned = document->notation.style->to_from && symbol_is_matrix(quantity.kind);
    size_t rows = turned ? quantity.cols : quantity.rows, count;
    size_t cols = turned ? quantity.rows : quantity.cols;
    double *values = size_multiply(rows, cols, &count) ? memory_new(count, sizeof *values) : NULL;
    if (!values) {
        document->failed = true;
        return;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++)
            values[r * cols + c] = nb_value(net, id, turned ? c : r, turned ? r : c);
    phrase_whole(&name, id);
    values_add(document, &name, rows, cols, values);
    free(values);
}
