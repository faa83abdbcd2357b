/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of a chain: every factor, then path by path. */
#include <stdint.h>
#include <string.h>

#include "formula/chain.h"
#include "formula/layout.h"
#include "formula/render.h"

#define ALL_FOLDED 1000 /* higher than any term */

static void render_fold(struct text *text, const struct notation *notation, int fold,
                        const struct term *term, bool factor)
{
    struct render render = { notation, fold, false };
    if (factor)
        render_factor(text, &render, term);
    else
        render_term(text, &render, term);
}

/* ---- Each factor ---- */

enum { CELL_NAME, CELL_SYMBOLS, CELL_NUMBERS, CELL_VALUE };

static void add_factor_row(struct layout_table *table, const struct notation *notation,
                           const struct link *link)
{
    struct layout_row *row = layout_table_add(table);
    symbol_partial(&row->cell[CELL_NAME], notation, link->to.id, link->to.row, link->to.col,
                   link->from.id, link->from.row, link->from.col);
    render_fold(&row->cell[CELL_VALUE], notation, ALL_FOLDED, link->factor, false);
    render_fold(&row->cell[CELL_SYMBOLS], notation, RENDER_SYMBOLS, link->factor, false);
    render_fold(&row->cell[CELL_NUMBERS], notation, 0, link->factor, false);
    if (strcmp(row->cell[CELL_SYMBOLS].bytes, row->cell[CELL_VALUE].bytes) == 0)
        text_clear(&row->cell[CELL_SYMBOLS]);
    if (strcmp(row->cell[CELL_NUMBERS].bytes, row->cell[CELL_VALUE].bytes) == 0)
        text_clear(&row->cell[CELL_NUMBERS]);
}

static void gather_factors(struct layout_table *table, const struct notation *notation,
                           const struct chain *chain)
{
    const struct links *all[2 + CHAIN_PATHS_MOST] = { &chain->stem };
    size_t count = 1;
    for (size_t i = 0; i < chain->branches; i++)
        all[count++] = &chain->branch[i];
    all[count++] = &chain->tail;
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < all[i]->count; l++)
            add_factor_row(table, notation, &all[i]->items[l]);
}

/* Name, symbols, numbers, value; the numbers below the symbols where the line
 * would be too long. */
static void print_factor(const struct layout_table *table, const struct layout_row *row,
                         struct sink *sink)
{
    struct text line = TEXT_INIT;
    size_t second = LAYOUT_INDENT + layout_table_width(table, CELL_NAME) + 2;
    size_t third = second + layout_table_width(table, CELL_SYMBOLS) + 3;
    size_t numbers = layout_table_width(table, CELL_NUMBERS);
    size_t last = third + (numbers ? numbers + 3 : 0);
    bool broken = last + 2 + layout_table_width(table, CELL_VALUE) > layout_columns(sink);
    text_pad(&line, LAYOUT_INDENT);
    text_add(&line, row->cell[CELL_NAME].bytes);
    text_pad(&line, second);
    if (row->cell[CELL_SYMBOLS].length)
        text_printf(&line, "= %s", row->cell[CELL_SYMBOLS].bytes);
    if (row->cell[CELL_NUMBERS].length) {
        text_add(&line, broken ? "\n" : "");
        text_pad(&line, broken ? second : third);
        text_printf(&line, "= %s", row->cell[CELL_NUMBERS].bytes);
    }
    layout_result(sink, &line, broken ? second + numbers + 3 : last, row->cell[CELL_VALUE].bytes);
    text_release(&line);
}

static size_t print_group(const struct layout_table *table, size_t at, const struct links *links,
                          struct sink *sink)
{
    for (size_t i = 0; i < links->count && at < table->count; i++)
        print_factor(table, &table->rows[at++], sink);
    return at;
}

void chain_print_factors(const struct chain *chain, const struct notation *notation,
                         struct sink *sink)
{
    struct layout_table table;
    layout_table_init(&table);
    gather_factors(&table, notation, chain);
    size_t at = print_group(&table, 0, &chain->stem, sink);
    for (size_t i = 0; i < chain->branches; i++) {
        sink_printf(sink, "%s%*spath %zu, through unit %zu of layer %zu\n", at ? "\n" : "",
                    LAYOUT_INDENT, "", i + 1, i + 1, chain->layer);
        at = print_group(&table, at, &chain->branch[i], sink);
    }
    if (chain->tail.count) {
        sink_printf(sink, "\n%*sthen, on every path\n", LAYOUT_INDENT, "");
        print_group(&table, at, &chain->tail, sink);
    }
    layout_table_release(&table);
}

/* ---- Path by path ---- */

/* One path: its factors in order, and their product. */
struct path {
    struct text product;
    double value;
};

/* Widths of the columns that the factors of all paths share. */
static size_t factor_width(const struct chain *chain, const struct notation *notation, size_t at)
{
    size_t widest = 0;
    for (size_t i = 0; i < chain->branches; i++) {
        struct text text = TEXT_INIT;
        render_fold(&text, notation, ALL_FOLDED, chain->branch[i].items[at].factor, true);
        widest = symbol_width(&text) > widest ? symbol_width(&text) : widest;
        text_release(&text);
    }
    return widest;
}

static void path_add(struct path *path, const struct chain *chain, const struct notation *notation,
                     const struct links *links, bool aligned)
{
    for (size_t i = 0; i < links->count; i++) {
        if (path->product.length)
            symbol_words(&path->product, notation->unicode, " · ");
        size_t column = symbol_width(&path->product);
        render_fold(&path->product, notation, ALL_FOLDED, links->items[i].factor, true);
        if (aligned)
            text_pad(&path->product, column + factor_width(chain, notation, i));
        path->value *= term_value(notation->net, links->items[i].factor);
    }
}

static void path_init(struct path *path, const struct chain *chain, const struct notation *notation,
                      size_t branch)
{
    *path = (struct path){ TEXT_INIT, 1 };
    path_add(path, chain, notation, &chain->stem, false);
    if (chain->branches)
        path_add(path, chain, notation, &chain->branch[branch], true);
    path_add(path, chain, notation, &chain->tail, false);
}

/* "path 1   PRODUCT  =  −0.0011": values below each other, minus signs before
 * them.  A long product goes on on the next line. */
static void print_path(struct sink *sink, const struct notation *notation, size_t number,
                       const struct path *path, size_t column)
{
    struct text line = TEXT_INIT;
    text_pad(&line, LAYOUT_INDENT);
    text_printf(&line, "path %zu   ", number);
    size_t margin = symbol_width(&line);
    for (const char *rest = path->product.bytes;;) {
        size_t part = layout_break(rest, column - margin);
        text_add_part(&line, rest, part);
        rest += part;
        if (!*rest)
            break;
        while (line.length && line.bytes[line.length - 1] == ' ')
            text_cut(&line, line.length - 1);
        text_add_char(&line, '\n');
        text_pad(&line, margin);
        rest += *rest == ' ';
    }
    text_pad(&line, column);
    text_printf(&line, "  =  %s", path->value < 0 ? "" : " ");
    symbol_number(&line, notation, path->value);
    text_add_char(&line, '\n');
    sink_text(sink, &line);
    text_release(&line);
}

static void print_total(struct sink *sink, const struct notation *notation, const char *name,
                        double value, size_t column, size_t width)
{
    struct text line = TEXT_INIT;
    text_pad(&line, column + 2);
    for (size_t i = 0; i < width; i++)
        symbol_words(&line, notation->unicode, "─");
    text_add_char(&line, '\n');
    size_t taken = utf8_width(name, strlen(name));
    text_pad(&line, column + 1 > taken ? column + 1 - taken : 0);
    text_printf(&line, "%s =  %s", name, value < 0 ? "" : " ");
    sink_text(sink, &line);
    text_clear(&line);
    symbol_number(&line, notation, value);
    sink_styled(sink, STYLE_RESULT, line.bytes);
    sink_puts(sink, "\n");
    text_release(&line);
}

static void print_single(const struct chain *chain, const struct notation *notation,
                         const char *name, double value, struct sink *sink)
{
    struct path path;
    struct text line = TEXT_INIT, number = TEXT_INIT;
    path_init(&path, chain, notation, 0);
    text_pad(&line, LAYOUT_INDENT);
    text_printf(&line, "%s = %s ", name, path.product.bytes);
    symbol_number(&number, notation, value);
    layout_result(sink, &line, symbol_width(&line), number.bytes);
    text_release(&path.product);
    text_release(&line);
    text_release(&number);
}

void chain_print_paths(const struct chain *chain, const struct notation *notation, const char *name,
                       double value, struct sink *sink)
{
    struct path paths[CHAIN_PATHS_MOST];
    size_t column = 0, width = 0, left = LAYOUT_INDENT + strlen("path 1   ");
    if (!chain->branches) {
        print_single(chain, notation, name, value, sink);
        return;
    }
    for (size_t i = 0; i < chain->branches; i++) {
        struct text number = TEXT_INIT;
        path_init(&paths[i], chain, notation, i);
        size_t wide = left + symbol_width(&paths[i].product);
        column = wide > column ? wide : column;
        symbol_number(&number, notation, paths[i].value);
        size_t taken = symbol_width(&number) + (paths[i].value >= 0);
        width = taken > width ? taken : width;
        text_release(&number);
    }
    size_t most = layout_columns(sink) - width - 5;
    column = column < most ? column : most;
    for (size_t i = 0; i < chain->branches; i++) {
        print_path(sink, notation, i + 1, &paths[i], column);
        text_release(&paths[i].product);
    }
    print_total(sink, notation, name, value, column, width + 3);
}
