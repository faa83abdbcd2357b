/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of pages.
 *
 *       z¹₁ = x₁·w¹₁₁ + b¹₁                                      = 0.585
 *       ^ INDENT                                                 ^ result column
 */
#ifndef NABLA_FORMULA_LAYOUT_H
#define NABLA_FORMULA_LAYOUT_H

#include "base/sink.h"
#include "base/text.h"

#define LAYOUT_INDENT    7
#define LAYOUT_GAP       3 /* between columns */
#define LAYOUT_NARROWEST 40
#define LAYOUT_WIDEST    100

/* Columns of a page on this sink. */
size_t layout_columns(const struct sink *sink);

/* Where results stand, so that "= −1.23457e-05" ends at the margin: 66 of 80. */
size_t layout_result_column(const struct sink *sink, int digits);

/* A line: `left`, whose first `titled` bytes stand out, and `right` at the right
 * margin, or indented on a line of its own where both do not fit. */
void layout_head(struct sink *sink, const struct text *left, size_t titled, const char *right);

/* "LEFT SIGN RIGHT", broken before + and − where it is wider than the sink;
 * RIGHT's later lines stand below its first. */
void layout_equation(struct sink *sink, size_t indent, const char *left, const char *sign,
                     const char *right);

/* The lines of `text`, indented, and broken where they are too long. */
void layout_lines(struct sink *sink, const struct text *text);

/* Bytes of `string` that fit into `columns`, broken before an operator; all
 * where it fits or has no place to break. */
size_t layout_break(const char *string, size_t columns);

/* The last of a line, which stands at `column`: broken where it is too wide, further lines
 * below its first, behind its equals sign.  Writes the newline. */
void layout_rest(struct sink *sink, size_t column, const char *string);

/* Words from `column` on, and further lines from `indent`; writes the newline. */
void layout_words(struct sink *sink, size_t column, size_t indent, const char *words);
/* Words, indented and broken to the width. */
void layout_paragraph(struct sink *sink, size_t indent, const char *words);
/* A line that programs read, too: broken only for a person, and indented below. */
void layout_record(struct sink *sink, size_t indent, const char *line);

/* `line`, then the result "= VALUE" at column `column`; below it where the line
 * is longer.  Writes the newline. */
void layout_result(struct sink *sink, struct text *line, size_t column, const char *result);

/* Text of several columns, for aligning: each cell is padded to the widest. */
#define LAYOUT_CELLS 8
struct layout_row {
    struct text cell[LAYOUT_CELLS];
};
struct layout_table {
    struct layout_row *rows;
    size_t count, capacity;
    struct layout_row spare; /* stands in where memory ran out */
};
void layout_table_init(struct layout_table *table);
struct layout_row *layout_table_add(struct layout_table *table); /* an empty row, never NULL */
size_t layout_table_width(const struct layout_table *table, size_t column);
void layout_table_release(struct layout_table *table);

#endif
