/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries and paths as text, in their layouts. */
#include <stdint.h>
#include <string.h>

#include "formula/layout.h"
#include "formula/set.h"

static void render_at(struct text *text, const struct notation *notation, int fold,
                      const struct term *term)
{
    struct render render = { notation, fold, false };
    render_term(text, &render, term);
}

static bool same(const struct text *a, const struct text *b)
{
    return strcmp(a->bytes, b->bytes) == 0;
}

static void add_sign(struct text *text, const struct notation *notation, enum nb_op_kind kind)
{
    symbol_words(text, notation->unicode, entry_sign(kind));
}

static void set_line(struct sink *sink, struct text *line)
{
    text_add_char(line, '\n');
    sink_text(sink, line);
    text_clear(line);
}

/* ---- Blocks: a round on a line each ---- */

static void set_one_block(const struct entry *entry, const struct notation *notation,
                          enum nb_op_kind kind, struct sink *sink)
{
    struct rounds rounds;
    struct text name = TEXT_INIT, sign = TEXT_INIT, margin = TEXT_INIT;
    phrase_text(&name, notation, &entry->name);
    add_sign(&sign, notation, kind);
    rounds_init(&rounds, notation, entry->result);
    rounds_add_all(&rounds, notation, entry);
    text_repeat(&margin, " ", symbol_width(&name) + symbol_width(&sign) - 1);
    for (size_t i = 0; i < rounds.count; i++)
        layout_equation(sink, LAYOUT_INDENT, i ? margin.bytes : name.bytes, i ? "=" : sign.bytes,
                        rounds.round[i].text.bytes);
    sink_printf(sink, "%*s%s %s ", LAYOUT_INDENT, "", rounds.count ? margin.bytes : name.bytes,
                rounds.count ? "=" : sign.bytes);
    sink_styled(sink, STYLE_RESULT, rounds.result.bytes);
    sink_puts(sink, "\n");
    rounds_release(&rounds);
    text_release(&name);
    text_release(&sign);
    text_release(&margin);
}

static void set_blocks(const struct block *block, const struct notation *notation,
                       struct sink *sink)
{
    for (size_t i = 0; i < block->list.count; i++) {
        if (i)
            sink_puts(sink, "\n");
        if (block->list.items[i].term)
            set_one_block(&block->list.items[i], notation, block->op_kind, sink);
    }
}

/* ---- Columns ---- */

enum { CELL_NAME, CELL_SYMBOLS, CELL_NUMBERS, CELL_RESULT, CELLS };

static void fill_row(struct layout_row *row, const struct notation *notation,
                     const struct entry *entry, int numbers)
{
    phrase_text(&row->cell[CELL_NAME], notation, &entry->name);
    symbol_number(&row->cell[CELL_RESULT], notation, entry->result);
    if (!entry->term)
        return;
    render_at(&row->cell[CELL_SYMBOLS], notation, RENDER_SYMBOLS, entry->term);
    render_at(&row->cell[CELL_NUMBERS], notation, numbers, entry->term);
    if (same(&row->cell[CELL_NUMBERS], &row->cell[CELL_RESULT]))
        text_clear(&row->cell[CELL_NUMBERS]);
}

static void fill_table(struct layout_table *table, const struct block *block,
                       const struct notation *notation, int numbers)
{
    layout_table_init(table);
    for (size_t i = 0; i < block->list.count; i++)
        fill_row(layout_table_add(table), notation, &block->list.items[i], numbers);
}

static void set_row(const struct layout_table *table, const struct layout_row *row,
                    const char *sign, struct sink *sink)
{
    struct text line = TEXT_INIT;
    size_t column = LAYOUT_INDENT;
    text_pad(&line, column);
    for (size_t i = 0; i < CELL_RESULT; i++) {
        size_t width = layout_table_width(table, i);
        if (!width)
            continue;
        if (i && row->cell[i].length)
            text_printf(&line, " %s ", i == CELL_SYMBOLS ? sign : "=");
        text_add(&line, row->cell[i].bytes);
        column += width + (i ? i == CELL_SYMBOLS ? 2 + utf8_width(sign, strlen(sign)) : 3 : 0);
        text_pad(&line, column);
    }
    sink_text(sink, &line);
    sink_puts(sink, " = ");
    sink_styled(sink, STYLE_RESULT, row->cell[CELL_RESULT].bytes);
    sink_puts(sink, "\n");
    text_release(&line);
}

/* A line each, in columns; false where one would be too long. */
static bool set_rows(const struct block *block, const struct notation *notation, struct sink *sink)
{
    struct layout_table table;
    struct text sign = TEXT_INIT;
    size_t total = LAYOUT_INDENT;
    fill_table(&table, block, notation, 0);
    add_sign(&sign, notation, block->op_kind);
    for (size_t i = 0; i < CELLS; i++)
        total += layout_table_width(&table, i) + 3;
    if (layout_table_width(&table, CELL_SYMBOLS))
        total += symbol_width(&sign) - 1; /* in ASCII an arrow takes two */
    bool fits = total - 3 <= layout_columns(sink);
    for (size_t i = 0; fits && i < table.count; i++)
        set_row(&table, &table.rows[i], sign.bytes, sink);
    layout_table_release(&table);
    text_release(&sign);
    return fits;
}

/* Words behind `line`, on as many lines as they need; `line` is left holding the last. */
static void break_words(struct text *line, const char *words, size_t columns, struct sink *sink)
{
    size_t margin = symbol_width(line);
    for (const char *rest = words;;) {
        size_t part = layout_break(rest, columns > margin + 20 ? columns - margin : 20);
        text_add_part(line, rest, part);
        rest += part;
        if (!*rest)
            return;
        rest += *rest == ' ';
        set_line(sink, line);
        text_pad(line, margin);
    }
}

/* Name, symbols, numbers, value; the numbers below the symbols where the line
 * would be too long. */
static void set_factor(const struct layout_table *table, const struct layout_row *row,
                       struct sink *sink)
{
    struct text line = TEXT_INIT;
    size_t second = LAYOUT_INDENT + layout_table_width(table, CELL_NAME) + 2;
    size_t third = second + layout_table_width(table, CELL_SYMBOLS) + 3;
    size_t numbers = layout_table_width(table, CELL_NUMBERS);
    size_t last = third + (numbers ? numbers + 3 : 0);
    size_t most = layout_columns(sink) - 2 - layout_table_width(table, CELL_RESULT);
    bool broken = last > most;
    text_pad(&line, LAYOUT_INDENT);
    text_add(&line, row->cell[CELL_NAME].bytes);
    text_pad(&line, second);
    if (row->cell[CELL_SYMBOLS].length) {
        text_add(&line, "= ");
        break_words(&line, row->cell[CELL_SYMBOLS].bytes, layout_columns(sink), sink);
    }
    if (row->cell[CELL_NUMBERS].length) {
        if (broken)
            set_line(sink, &line);
        text_pad(&line, broken ? second : third);
        text_add(&line, "= ");
        break_words(&line, row->cell[CELL_NUMBERS].bytes, layout_columns(sink), sink);
    }
    if (broken)
        last = second + 2 + numbers + 1 < most ? second + 2 + numbers + 1 : most;
    layout_result(sink, &line, last, row->cell[CELL_RESULT].bytes);
    text_release(&line);
}

static void set_factors(const struct block *block, const struct notation *notation,
                        struct sink *sink)
{
    struct layout_table table;
    fill_table(&table, block, notation, 0);
    for (size_t i = 0; i < table.count; i++) {
        struct layout_row *row = &table.rows[i];
        if (same(&row->cell[CELL_SYMBOLS], &row->cell[CELL_RESULT]) ||
            same(&row->cell[CELL_SYMBOLS], &row->cell[CELL_NAME]))
            text_clear(&row->cell[CELL_SYMBOLS]);
    }
    for (size_t i = 0; i < table.count; i++) {
        struct text heading = TEXT_INIT;
        phrase_text(&heading, notation, &block->list.items[i].heading);
        if (heading.length && i)
            sink_puts(sink, "\n");
        if (heading.length)
            layout_paragraph(sink, LAYOUT_INDENT, heading.bytes);
        set_factor(&table, &table.rows[i], sink);
        text_release(&heading);
    }
    layout_table_release(&table);
}

/* ---- Derived: symbols, and below them numbers ---- */

static void set_derived_row(const struct layout_row *row, size_t margin, size_t column,
                            struct sink *sink)
{
    struct text line = TEXT_INIT;
    text_pad(&line, LAYOUT_INDENT);
    text_add(&line, row->cell[CELL_NAME].bytes);
    text_pad(&line, margin);
    text_add(&line, "= ");
    break_words(&line, row->cell[CELL_SYMBOLS].bytes, layout_columns(sink), sink);
    if (row->cell[CELL_NUMBERS].length) {
        set_line(sink, &line);
        text_pad(&line, margin);
        text_add(&line, "= ");
        break_words(&line, row->cell[CELL_NUMBERS].bytes, layout_columns(sink), sink);
    }
    layout_result(sink, &line, column, row->cell[CELL_RESULT].bytes);
    text_release(&line);
}

static void set_derived(const struct block *block, const struct notation *notation,
                        struct sink *sink)
{
    struct layout_table table;
    fill_table(&table, block, notation, RENDER_FACTORS);
    size_t margin = LAYOUT_INDENT + layout_table_width(&table, CELL_NAME) + 1;
    size_t most = layout_result_column(sink, notation->style->digits);
    size_t wide = layout_table_width(&table, CELL_NUMBERS), column = margin + 2 + wide + 1;
    for (size_t i = 0; i < table.count; i++) {
        const struct text *symbols = &table.rows[i].cell[CELL_SYMBOLS];
        bool alone = !table.rows[i].cell[CELL_NUMBERS].length;
        if (alone && margin + 3 + symbol_width(symbols) > column)
            column = margin + 3 + symbol_width(symbols);
    }
    column = column < most ? column : most;
    for (size_t i = 0; i < table.count; i++)
        set_derived_row(&table.rows[i], margin, column, sink);
    layout_table_release(&table);
}

/* ---- Compact ---- */

/* Several rounds stand side by side where that leaves room for the result. */
static bool join_rounds(struct text *line, const struct rounds *rounds, size_t column,
                        size_t second)
{
    struct text joined = TEXT_INIT;
    text_add(&joined, line->bytes);
    for (size_t i = 0; i < rounds->count; i++) {
        if (i == 1)
            text_pad(&joined, second);
        text_add(&joined, i ? i == 1 ? "= " : " = " : "");
        text_add(&joined, rounds->round[i].text.bytes);
    }
    bool fits = symbol_width(&joined) < column;
    if (fits) {
        text_clear(line);
        text_add(line, joined.bytes);
    }
    text_release(&joined);
    return fits;
}

static void set_compact_lines(struct text *line, const struct rounds *rounds, size_t margin,
                              struct sink *sink)
{
    for (size_t i = 0; i < rounds->count; i++) {
        if (i) {
            set_line(sink, line);
            text_pad(line, margin);
            text_add(line, "= ");
        }
        break_words(line, rounds->round[i].text.bytes, layout_columns(sink), sink);
    }
}

static void set_compact(const struct entry *entry, const struct notation *notation,
                        enum nb_op_kind kind, struct sink *sink)
{
    struct rounds rounds;
    struct text line = TEXT_INIT;
    size_t column = layout_result_column(sink, notation->style->digits);
    bool apart = kind == NB_OP_LOSS && !notation->style->batch;
    rounds_init(&rounds, notation, entry->result);
    rounds_add_compact(&rounds, notation, entry, apart);
    text_pad(&line, LAYOUT_INDENT);
    phrase_text(&line, notation, &entry->name);
    text_add_char(&line, ' ');
    size_t name = line.length;
    add_sign(&line, notation, kind);
    text_add_char(&line, ' ');
    size_t margin = symbol_width(&line) - 2;
    size_t second = margin + 2 + (size_t)notation->style->digits + 10;
    if (!rounds.count)
        text_cut(&line, name);
    else if (apart || !join_rounds(&line, &rounds, column, second))
        set_compact_lines(&line, &rounds, margin, sink);
    layout_result(sink, &line, column, rounds.result.bytes);
    rounds_release(&rounds);
    text_release(&line);
}

bool set_entries(const struct block *block, const struct notation *notation, struct sink *sink)
{
    struct notation with = *notation;
    with.yhat = block_writes_yhat(block);
    switch (block->layout) {
    case DOCUMENT_FULL:
        if (entry_is_short(block->op_kind) && set_rows(block, &with, sink))
            return false;
        set_blocks(block, &with, sink);
        sink_puts(sink, "\n");
        return true;
    case DOCUMENT_BLOCKS:
        set_blocks(block, &with, sink);
        return false;
    case DOCUMENT_COMPACT:
        for (size_t i = 0; i < block->list.count; i++)
            if (block->list.items[i].term)
                set_compact(&block->list.items[i], &with, block->op_kind, sink);
        return false;
    case DOCUMENT_FACTORS:
        set_factors(block, &with, sink);
        return false;
    case DOCUMENT_DERIVED:
        set_derived(block, &with, sink);
        return false;
    }
    return false;
}

/* ---- Path by path ---- */

static size_t factor_width(const struct block *block, const struct notation *notation, size_t at)
{
    size_t widest = 0;
    for (size_t i = 0; i < block->count; i++) {
        struct render render = { notation, RENDER_VALUES, false };
        struct text text = TEXT_INIT;
        if (at < block->paths[i].count)
            render_factor(&text, &render, block->paths[i].factors[at]);
        widest = symbol_width(&text) > widest ? symbol_width(&text) : widest;
        text_release(&text);
    }
    return widest;
}

/* The factors of a path, those of several below each other. */
static void add_product(struct text *text, const struct block *block,
                        const struct notation *notation, const struct path *path)
{
    struct render render = { notation, RENDER_VALUES, false };
    for (size_t i = 0; i < path->count; i++) {
        if (i)
            symbol_words(text, notation->unicode, " · ");
        size_t column = symbol_width(text);
        render_factor(text, &render, path->factors[i]);
        if (i + 1 < path->count)
            text_pad(text, column + factor_width(block, notation, i));
    }
}

/* Where products begin: behind the longest "path 12   ". */
static size_t path_margin(const struct block *block)
{
    struct text label = TEXT_INIT;
    text_printf(&label, "path %.0f   ", block->paths[block->count - 1].number);
    size_t margin = LAYOUT_INDENT + label.length;
    text_release(&label);
    return margin;
}

static void add_path_value(struct text *line, const struct notation *notation, double value,
                           size_t column)
{
    text_pad(line, column);
    text_printf(line, "  =  %s", value < 0 ? "" : " ");
    symbol_number(line, notation, value);
}

/* "…        and 9 more paths  =  0.0012": those between two that are shown. */
static void set_elided(struct sink *sink, const struct notation *notation, double count,
                       double value, size_t margin, size_t column)
{
    struct text line = TEXT_INIT;
    text_pad(&line, LAYOUT_INDENT);
    symbol_words(&line, notation->unicode, "…");
    text_pad(&line, margin);
    text_printf(&line, count == 1 ? "and one more path" : "and %.0f more paths", count);
    add_path_value(&line, notation, value, column);
    set_line(sink, &line);
    text_release(&line);
}

/* "path 1   PRODUCT  =  −0.0011": values below each other, minus signs before
 * them.  A long product goes on on the next line. */
static void set_path(struct sink *sink, const struct notation *notation, double number,
                     const char *product, double value, size_t margin, size_t column)
{
    struct text line = TEXT_INIT;
    text_pad(&line, LAYOUT_INDENT);
    text_printf(&line, "path %.0f", number);
    text_pad(&line, margin);
    for (const char *rest = product;;) {
        size_t part = layout_break(rest, column - margin);
        text_add_part(&line, rest, part);
        rest += part;
        if (!*rest)
            break;
        while (line.length && line.bytes[line.length - 1] == ' ')
            text_cut(&line, line.length - 1);
        set_line(sink, &line);
        text_pad(&line, margin);
        rest += *rest == ' ';
    }
    add_path_value(&line, notation, value, column);
    set_line(sink, &line);
    text_release(&line);
}

static void set_total(struct sink *sink, const struct notation *notation, const struct block *block,
                      size_t column, size_t width)
{
    struct text line = TEXT_INIT, name = TEXT_INIT;
    phrase_text(&name, notation, &block->first);
    text_pad(&line, column + 2);
    for (size_t i = 0; i < width; i++)
        symbol_words(&line, notation->unicode, "─");
    set_line(sink, &line);
    size_t taken = symbol_width(&name);
    text_pad(&line, column + 1 > taken ? column + 1 - taken : 0);
    text_printf(&line, "%s =  %s", name.bytes, block->value < 0 ? "" : " ");
    sink_text(sink, &line);
    text_clear(&line);
    symbol_number(&line, notation, block->value);
    sink_styled(sink, STYLE_RESULT, line.bytes);
    sink_puts(sink, "\n");
    text_release(&line);
    text_release(&name);
}

static void set_single(const struct block *block, const struct notation *notation,
                       struct sink *sink)
{
    struct text name = TEXT_INIT, line = TEXT_INIT, product = TEXT_INIT, number = TEXT_INIT;
    add_product(&product, block, notation, &block->paths[0]);
    phrase_text(&name, notation, &block->first);
    text_pad(&line, LAYOUT_INDENT);
    text_printf(&line, "%s = %s ", name.bytes, product.bytes);
    symbol_number(&number, notation, block->value);
    if (symbol_width(&line) + 2 + symbol_width(&number) <= layout_columns(sink)) {
        layout_result(sink, &line, symbol_width(&line), number.bytes);
    } else {
        text_printf(&product, " = %s", number.bytes);
        layout_equation(sink, LAYOUT_INDENT, name.bytes, "=", product.bytes);
    }
    text_release(&name);
    text_release(&line);
    text_release(&product);
    text_release(&number);
}

/* Columns of a value, with the blank in place of its minus sign. */
static size_t value_width(const struct notation *notation, double value)
{
    struct text number = TEXT_INIT;
    symbol_number(&number, notation, value);
    size_t width = symbol_width(&number) + (value >= 0);
    text_release(&number);
    return width;
}

/* Where the values stand, and how wide the widest is. */
static size_t path_column(const struct block *block, const struct notation *notation,
                          size_t columns, size_t *width)
{
    size_t column = 0, margin = path_margin(block);
    *width = value_width(notation, block->value);
    for (size_t i = 0; i < block->count; i++) {
        struct text product = TEXT_INIT;
        add_product(&product, block, notation, &block->paths[i]);
        size_t wide = margin + symbol_width(&product);
        column = wide > column ? wide : column;
        size_t taken = value_width(notation, path_value(notation->net, &block->paths[i]));
        *width = taken > *width ? taken : *width;
        taken = value_width(notation, block->paths[i].before);
        *width = block_left_out(block, i) > 0 && taken > *width ? taken : *width;
        text_release(&product);
    }
    size_t most = columns - *width - 5;
    return column < most ? column : most;
}

void set_paths(const struct block *block, const struct notation *notation, struct sink *sink)
{
    if (block->count == 1) {
        set_single(block, notation, sink);
        return;
    }
    size_t width, column = path_column(block, notation, layout_columns(sink), &width);
    size_t margin = path_margin(block);
    for (size_t i = 0; i < block->count; i++) {
        const struct path *path = &block->paths[i];
        struct text product = TEXT_INIT;
        if (block_left_out(block, i) > 0)
            set_elided(sink, notation, block_left_out(block, i), path->before, margin, column);
        add_product(&product, block, notation, path);
        set_path(sink, notation, path->number, product.bytes, path_value(notation->net, path),
                 margin, column);
        text_release(&product);
    }
    set_total(sink, notation, block, column, width + 3);
}
