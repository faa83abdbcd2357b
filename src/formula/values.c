/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formula/layout.h"

#define SHOWN_MOST  8
#define SHOWN_FIRST 3

/* Which of `count` rows or columns are shown: all, or the first and the last with a gap. */
struct places {
    size_t count, first; /* first == count: all */
};

static size_t place_after(size_t at, const struct places *places)
{
    return at == places->first ? places->count - 1 : at + 1;
}

static bool is_gap(size_t at, const struct places *places)
{
    return at == places->first;
}

/* How many, the gap counted. */
static size_t shown_places(const struct places *places)
{
    return places->first == places->count ? places->count : places->first + 2;
}

static struct places places_of(size_t count)
{
    return (struct places){ count, count > SHOWN_MOST ? SHOWN_FIRST : count };
}

static void add_cell(struct phrase *cell, bool gap, double value)
{
    if (gap)
        phrase_formula(cell, "…");
    else
        phrase_number(cell, value);
}

/* Columns of a line that a column of values takes, of the rows that are shown. */
static size_t value_width(const struct document *document, const struct places *rows, size_t cols,
                          size_t col, const double *values)
{
    size_t widest = 0;
    for (size_t r = 0; r < rows->count; r = place_after(r, rows)) {
        struct phrase cell = PHRASE_INIT;
        add_cell(&cell, is_gap(r, rows), values[r * cols + col]);
        size_t width = phrase_width(&document->notation, &cell);
        widest = width > widest ? width : widest;
        phrase_release(&cell);
    }
    return widest;
}

static bool do_fit(const struct document *document, const struct places *rows,
                   const struct places *cols, const double *values)
{
    size_t total = LAYOUT_INDENT;
    for (size_t c = 0; c < cols->count; c = place_after(c, cols))
        total +=
            LAYOUT_GAP +
            (is_gap(c, cols) ? strlen("...") : value_width(document, rows, cols->count, c, values));
    return total <= document->columns + LAYOUT_GAP;
}

/* As many columns as a line of text has room for. */
static struct places fitting_columns(const struct document *document, const struct places *rows,
                                     size_t count, const double *values)
{
    struct places cols = places_of(count);
    if (document->medium != FORMULA_TEXT || count < 3)
        return cols;
    size_t first = count - 2 < SHOWN_FIRST ? count - 2 : SHOWN_FIRST;
    for (; first && !do_fit(document, rows, &cols, values); first--)
        cols.first = first;
    return cols;
}

void values_add(struct document *document, struct phrase *name, size_t rows, size_t cols,
                const double *values)
{
    struct places down = places_of(rows);
    struct places across = fitting_columns(document, &down, cols, values);
    struct grid *grid;
    size_t row = 0;
    bool made = document_grid(document, shown_places(&down), shown_places(&across), &grid);
    document_name_grid(document, name);
    if (!made)
        return;
    grid->brackets = true;
    for (size_t r = 0; r < rows; r = place_after(r, &down), row++) {
        size_t col = 0;
        for (size_t c = 0; c < cols; c = place_after(c, &across), col++)
            add_cell(grid_at(grid, row, col), is_gap(r, &down) || is_gap(c, &across),
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
