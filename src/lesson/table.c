/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/table.h"

#include <string.h>

#include "base/ascii.h"

#define COLUMNS_MOST 16
#define GAP          2 /* blanks between columns */
#define NARROW       8 /* a column is not broken further */

enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_MIDDLE };

struct cell {
    const char *at;
    size_t length;
};

struct row {
    struct cell cell[COLUMNS_MOST];
    size_t count;
};

struct table {
    const char *bytes;
    size_t length, columns;
    bool unicode;
    enum side side[COLUMNS_MOST];
    size_t width[COLUMNS_MOST];
};

static void trim(struct cell *cell)
{
    while (cell->length && strchr(" \t\r", cell->at[0])) {
        cell->at++;
        cell->length--;
    }
    while (cell->length && strchr(" \t\r", cell->at[cell->length - 1]))
        cell->length--;
}

/* The cells of the line at *at, which goes on behind it. */
static struct row next_row(const struct table *table, size_t *at)
{
    struct row row = { .count = 0 };
    const char *line = table->bytes + *at, *end = memchr(line, '\n', table->length - *at);
    size_t length = end ? (size_t)(end - line) : table->length - *at;
    struct cell whole = { line, length };
    *at += length + (end != NULL);
    trim(&whole);
    size_t from = whole.length && whole.at[0] == '|';
    while (from < whole.length && row.count < COLUMNS_MOST) {
        size_t to = from;
        while (to < whole.length && (whole.at[to] != '|' || (to && whole.at[to - 1] == '\\')))
            to++;
        struct cell cell = { whole.at + from, to - from };
        trim(&cell);
        row.cell[row.count++] = cell;
        from = to + 1;
    }
    return row;
}

/* :--, --: or :-: */
static bool read_side(const struct cell *cell, enum side *side)
{
    bool left = cell->length && cell->at[0] == ':';
    bool right = cell->length && cell->at[cell->length - 1] == ':';
    size_t dashes = cell->length - left - (right && cell->length > 1);
    *side = !right ? SIDE_LEFT : left ? SIDE_MIDDLE : SIDE_RIGHT;
    return dashes > 0 && strspn(cell->at + left, "-") >= dashes;
}

static bool read_sides(struct table *table)
{
    size_t at = 0;
    struct row head = next_row(table, &at);
    if (at >= table->length)
        return false;
    struct row sides = next_row(table, &at);
    table->columns = head.count;
    for (size_t i = 0; i < sides.count; i++)
        if (!read_side(&sides.cell[i], &table->side[i]))
            return false;
    return head.count > 0 && sides.count == head.count;
}

static void measure(struct table *table)
{
    for (size_t at = 0, line = 0; at < table->length; line++) {
        struct row row = next_row(table, &at);
        for (size_t i = 0; i < table->columns && i < row.count && line != 1; i++) {
            size_t width = ascii_width(row.cell[i].at, row.cell[i].length, table->unicode);
            if (width > table->width[i])
                table->width[i] = width;
        }
    }
}

/* Makes the widest column narrower until all have room. */
static void fit(struct table *table, size_t room)
{
    for (;;) {
        size_t sum = GAP * (table->columns - 1), widest = 0;
        for (size_t i = 0; i < table->columns; i++) {
            sum += table->width[i];
            if (table->width[i] > table->width[widest])
                widest = i;
        }
        if (sum <= room || table->width[widest] <= NARROW)
            return;
        table->width[widest]--;
    }
}

/* As many words of the cell as have room, one at least; they are taken off it. */
static struct cell take_words(const struct table *table, struct cell *cell, size_t width)
{
    struct cell taken = { cell->at, 0 };
    for (size_t end = 0; end < cell->length;) {
        while (end < cell->length && cell->at[end] == ' ')
            end++;
        while (end < cell->length && cell->at[end] != ' ')
            end++;
        if (taken.length && ascii_width(cell->at, end, table->unicode) > width)
            break;
        taken.length = end;
    }
    cell->at += taken.length;
    cell->length -= taken.length;
    trim(cell);
    return taken;
}

static void add_cell(const struct table *table, struct text *text, const struct cell *cell,
                     size_t column)
{
    enum side side = table->side[column];
    size_t own = ascii_width(cell->at, cell->length, table->unicode);
    size_t rest = table->width[column] > own ? table->width[column] - own : 0;
    size_t before = side == SIDE_RIGHT ? rest : side == SIDE_MIDDLE ? rest / 2 : 0;
    text_repeat(text, " ", before);
    text_add_part(text, cell->at, cell->length);
    text_repeat(text, " ", rest - before);
}

static void end_line(struct text *text)
{
    while (text->length && text->bytes[text->length - 1] == ' ')
        text_cut(text, text->length - 1);
    text_add_char(text, '\n');
}

static void add_row(const struct table *table, struct row row, struct text *text)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < table->columns; i++) {
            struct cell none = { "", 0 };
            struct cell part =
                i < row.count ? take_words(table, &row.cell[i], table->width[i]) : none;
            text_repeat(text, " ", i ? GAP : 0);
            add_cell(table, text, &part, i);
            more = more || (i < row.count && row.cell[i].length);
        }
        end_line(text);
    }
}

bool table_set(const char *bytes, size_t length, size_t width, bool unicode, struct text *text)
{
    struct table table = { .bytes = bytes, .length = length, .unicode = unicode };
    if (!read_sides(&table))
        return false;
    measure(&table);
    fit(&table, width);
    for (size_t at = 0, line = 0; at < length; line++) {
        struct row row = next_row(&table, &at);
        if (line != 1) {
            add_row(&table, row, text);
            continue;
        }
        for (size_t i = 0; i < table.columns; i++) {
            text_repeat(text, " ", i ? GAP : 0);
            text_repeat(text, unicode ? "─" : "-", table.width[i]);
        }
        text_add_char(text, '\n');
    }
    return true;
}
