/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static size_t width_of(const char *string)
{
    return utf8_width(string, strlen(string));
}

size_t layout_columns(const struct sink *sink)
{
    size_t columns = sink->width > LAYOUT_NARROWEST ? (size_t)sink->width : LAYOUT_NARROWEST;
    return columns < LAYOUT_WIDEST ? columns : LAYOUT_WIDEST;
}

size_t layout_result_column(const struct sink *sink, int digits)
{
    size_t columns = layout_columns(sink), wanted = (size_t)digits + 8;
    return columns > wanted + 30 ? columns - wanted : 30;
}

static void add_spaces(struct sink *sink, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sink_puts(sink, " ");
}

void layout_head(struct sink *sink, const struct text *left, size_t titled, const char *right)
{
    size_t columns = layout_columns(sink), taken = utf8_width(left->bytes, left->length);
    size_t wanted = width_of(right);
    titled = titled < left->length ? titled : left->length;
    sink_style(sink, STYLE_TITLE);
    sink_write(sink, left->bytes, titled);
    sink_style(sink, STYLE_PLAIN);
    sink_write(sink, left->bytes + titled, left->length - titled);
    if (*right && taken + 2 + wanted <= columns) {
        add_spaces(sink, columns - taken - wanted);
        sink_puts(sink, right);
    } else if (*right) {
        sink_puts(sink, "\n\n");
        layout_equation(sink, LAYOUT_INDENT, "", "", right);
        return;
    }
    sink_puts(sink, "\n");
}

static bool is_operator(const char *at)
{
    static const char *const operators[] = { " + ", " − ", " - ", " · ", " * " };
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (strncmp(at, operators[i], strlen(operators[i])) == 0)
            return true;
    return false;
}

/* Relations, then two for every bracket around; deeper ones count as this deep. */
#define LEVELS 17

/* Where a line could be broken at the latest, by how tightly that place holds. */
struct breaks {
    size_t bytes[LEVELS], widths[LEVELS]; /* 0: nowhere */
};

/* Before an equals sign is best; outside brackets is better than within, and between
 * summands better than within a product, unless it wastes most of the line. */
static size_t best_break(const struct breaks *breaks, size_t columns)
{
    size_t latest = 0;
    for (size_t level = 0; level < LEVELS; level++) {
        if (breaks->bytes[level] && 3 * breaks->widths[level] >= columns)
            return breaks->bytes[level];
        latest = breaks->bytes[level] > latest ? breaks->bytes[level] : latest;
    }
    return latest;
}

/* How tightly a place holds; LEVELS: no line is broken there. */
static size_t level_of(const char *at, size_t depth)
{
    bool product =
        strncmp(at, "·", strlen("·")) == 0 || *at == '*' || strncmp(at, " / ", strlen(" / ")) == 0;
    size_t level = 1 + 2 * depth + product;
    if (depth == 0 && strncmp(at, " = ", strlen(" = ")) == 0)
        return 0;
    return !product && !is_operator(at) ? LEVELS : level < LEVELS ? level : LEVELS - 1;
}

size_t layout_break(const char *string, size_t columns)
{
    size_t length = strlen(string), width = 0, depth = 0;
    struct breaks breaks = { { 0 }, { 0 } };
    bool found = false;
    for (size_t i = 0; i < length && (width <= columns || !found);) {
        size_t level = i ? level_of(string + i, depth) : LEVELS;
        if (level < LEVELS) {
            breaks.bytes[level] = i;
            breaks.widths[level] = width;
            found = true;
        }
        depth += string[i] == '(' || string[i] == '[';
        depth -= depth && (string[i] == ')' || string[i] == ']');
        unsigned codepoint;
        size_t size = utf8_decode(string + i, length - i, &codepoint);
        size += !size;
        width += utf8_width(string + i, size);
        i += size;
    }
    return width <= columns || !found ? length : best_break(&breaks, columns);
}

/* As layout_break(), and between words where there is no operator. */
static size_t break_anywhere(const char *string, size_t columns)
{
    size_t part = layout_break(string, columns), blank = 0;
    if (utf8_width(string, part) <= columns)
        return part;
    for (size_t at = 1; string[at] && utf8_width(string, at) <= columns; at++)
        if (string[at] == ' ' && string[at - 1] != ' ')
            blank = at;
    return blank ? blank : part;
}

/* From `column` on, further lines from `margin` on, none with blanks at its end. */
static void write_broken(struct sink *sink, const char *string, size_t column, size_t margin)
{
    size_t columns = layout_columns(sink);
    for (const char *rest = string;; column = margin) {
        size_t part = break_anywhere(rest, columns > column + 20 ? columns - column : 20);
        size_t written = part;
        while (written && rest[written - 1] == ' ')
            written--;
        sink_write(sink, rest, written);
        sink_puts(sink, "\n");
        rest += part;
        if (!*rest)
            return;
        rest += *rest == ' ';
        add_spaces(sink, margin);
    }
}

void layout_equation(struct sink *sink, size_t indent, const char *left, const char *sign,
                     const char *right)
{
    size_t margin = indent + width_of(left) + width_of(sign) + (*sign ? 2 : 0);
    add_spaces(sink, indent);
    sink_puts(sink, left);
    if (*sign)
        sink_printf(sink, " %s ", sign);
    write_broken(sink, right, margin, margin);
}

void layout_rest(struct sink *sink, size_t column, const char *string)
{
    size_t blanks = strspn(string, " ");
    bool equation = strncmp(string + blanks, "= ", 2) == 0;
    write_broken(sink, string, column, column + blanks + (equation ? 2 : 0));
}

/* What does not fit goes on behind the sign. */
static void add_line(struct sink *sink, const char *line)
{
    static const char *const signs[] = { "=", "←", "<-" };
    struct text left = TEXT_INIT;
    const char *right = line, *sign = "";
    for (size_t i = 0; i < COUNT_OF(signs) && !*sign; i++) {
        const char *at = strstr(line, signs[i]), *behind = at ? at + strlen(signs[i]) : NULL;
        if (!at || at == line || at[-1] != ' ' || *behind != ' ')
            continue;
        text_add_part(&left, line, (size_t)(at - line) - 1);
        sign = signs[i];
        right = behind + 1;
    }
    layout_equation(sink, LAYOUT_INDENT, left.bytes, sign, right);
    text_release(&left);
}

void layout_lines(struct sink *sink, const struct text *text)
{
    struct text line = TEXT_INIT;
    for (const char *at = text->bytes; *at;) {
        size_t length = strcspn(at, "\n");
        text_clear(&line);
        text_add_part(&line, at, length);
        add_line(sink, line.bytes);
        at += length + (at[length] == '\n');
    }
    text_release(&line);
}

void layout_words(struct sink *sink, size_t column, size_t indent, const char *words)
{
    size_t columns = layout_columns(sink);
    bool begun = false;
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " "), width = utf8_width(at, length);
        if (begun && column + 1 + width > columns) {
            sink_puts(sink, "\n");
            add_spaces(sink, indent);
            column = indent;
        } else if (begun) {
            sink_puts(sink, " ");
            column++;
        }
        sink_write(sink, at, length);
        column += width;
        begun = true;
        at += length + (at[length] == ' ');
    }
    sink_puts(sink, "\n");
}

void layout_paragraph(struct sink *sink, size_t indent, const char *words)
{
    add_spaces(sink, indent);
    layout_words(sink, indent, indent, words);
}

void layout_record(struct sink *sink, size_t indent, const char *line)
{
    if (sink->terminal)
        layout_words(sink, 0, indent, line);
    else
        sink_printf(sink, "%s\n", line);
}

void layout_result(struct sink *sink, struct text *line, size_t column, const char *result)
{
    size_t taken = utf8_width(line->bytes, line->length);
    taken += line->length && line->bytes[line->length - 1] != ' ';
    if (taken > column) {
        sink_text(sink, line);
        sink_puts(sink, "\n");
        text_clear(line);
    }
    text_pad(line, column);
    sink_text(sink, line);
    sink_puts(sink, "= ");
    sink_styled(sink, STYLE_RESULT, result);
    sink_puts(sink, "\n");
}

/* ---- Tables ---- */

static void row_init(struct layout_row *row)
{
    for (size_t i = 0; i < LAYOUT_CELLS; i++)
        text_init(&row->cell[i]);
}

static void row_release(struct layout_row *row)
{
    for (size_t i = 0; i < LAYOUT_CELLS; i++)
        text_release(&row->cell[i]);
}

void layout_table_init(struct layout_table *table)
{
    *table = (struct layout_table){ .rows = NULL };
    row_init(&table->spare);
}

struct layout_row *layout_table_add(struct layout_table *table)
{
    struct layout_row *grown =
        array_grow(table->rows, table->count, &table->capacity, sizeof *table->rows);
    if (!grown) {
        row_release(&table->spare);
        return &table->spare;
    }
    table->rows = grown;
    row_init(&table->rows[table->count]);
    return &table->rows[table->count++];
}

size_t layout_table_width(const struct layout_table *table, size_t column)
{
    size_t widest = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct text *cell = &table->rows[i].cell[column];
        size_t width = utf8_width(cell->bytes, cell->length);
        widest = width > widest ? width : widest;
    }
    return widest;
}

void layout_table_release(struct layout_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        row_release(&table->rows[i]);
    free(table->rows);
    row_release(&table->spare);
    layout_table_init(table);
}
