/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/display.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/names.h"

#define ROWS_MOST      20 /* a matrix with more rows is cut ... */
#define ROWS_FIRST     10 /* ... to so many, */
#define ROWS_LAST      3  /* ... and so many at the end */
#define COLUMNS_LOOK   32 /* columns whose width is looked at, and shown, at the most */
#define ELEMENTS_MOST  12 /* a longer vector is cut ... */
#define ELEMENTS_FIRST 8

/* What stands around the number of a row or column. */
struct label {
    const char *before, *after;
};

/* What the rows and columns of a matrix are called. */
struct labels {
    struct label row, col;
};

struct grid {
    const struct value *value;
    struct labels labels;
    int digits;
    bool unicode;
    size_t rows_first, rows_last; /* shown; all where their sum is rows */
    size_t cols_first, cols_last;
    size_t label_width, width; /* columns of text */
};

void display_count(struct text *text, size_t count)
{
    char digits[32];
    int length = 0;
    do
        digits[length++] = (char)('0' + count % 10);
    while (count /= 10);
    while (length--) {
        text_add_char(text, digits[length]);
        if (length && length % 3 == 0)
            text_add_char(text, ',');
    }
}

static struct labels labels_of(const struct session *session, const struct nb_quantity *quantity)
{
    struct label from = { quantity->layer == 1 ? "input " : "from unit ", "" };
    struct label to = { session->settings.to_from ? "to unit " : "unit ", "" };
    struct label sample = { "sample ", "" }, input = { "input ", "" }, output = { "output ", "" };
    switch (quantity->kind) {
    case NB_W:
    case NB_DW:
    case NB_GW:
    case NB_MW:
    case NB_VW:
        return session->settings.to_from ? (struct labels){ to, from }
                                         : (struct labels){ from, to };
    case NB_X:
        return (struct labels){ sample, input };
    case NB_Y:
        return (struct labels){ sample, output };
    default:
        return (struct labels){ sample, { "unit ", "" } };
    }
}

static void add_label(struct text *text, struct label label, size_t number)
{
    text_printf(text, "%s%zu%s", label.before, number, label.after);
}

static size_t cell_width(const struct grid *grid, size_t row, size_t col)
{
    struct text text = TEXT_INIT;
    number_add(&text, grid->value->data[row * grid->value->cols + col], grid->digits);
    size_t width = text.length;
    text_release(&text);
    return width;
}

static size_t label_width(struct label label, size_t number)
{
    struct text text = TEXT_INIT;
    add_label(&text, label, number);
    size_t width = text.length;
    text_release(&text);
    return width;
}

static size_t shown_row(const struct grid *grid, size_t i)
{
    return i < grid->rows_first ? i : grid->value->rows - grid->rows_last + (i - grid->rows_first);
}

static size_t shown_col(const struct grid *grid, size_t i)
{
    return i < grid->cols_first ? i : grid->value->cols - grid->cols_last + (i - grid->cols_first);
}

static void widen(size_t *width, size_t wanted)
{
    if (*width < wanted)
        *width = wanted;
}

/* One width for all columns; as many of them as fit into `room`. */
static void grid_measure(struct grid *grid, size_t room)
{
    const struct value *value = grid->value;
    bool many = value->rows > ROWS_MOST;
    grid->rows_first = many ? ROWS_FIRST : value->rows;
    grid->rows_last = many ? ROWS_LAST : 0;
    grid->cols_first = value->cols < COLUMNS_LOOK ? value->cols : COLUMNS_LOOK;
    grid->cols_last = value->cols > COLUMNS_LOOK;
    grid->label_width = label_width(grid->labels.row, value->rows);
    grid->width = label_width(grid->labels.col, value->cols);
    for (size_t i = 0; i < grid->rows_first + grid->rows_last; i++)
        for (size_t j = 0; j < grid->cols_first + grid->cols_last; j++)
            widen(&grid->width, cell_width(grid, shown_row(grid, i), shown_col(grid, j)));
    size_t fit = room > grid->label_width ? (room - grid->label_width) / (grid->width + 2) : 1;
    if (fit < 3)
        fit = 3;
    if (value->cols > fit || value->cols > COLUMNS_LOOK) {
        grid->cols_first = (fit < COLUMNS_LOOK ? fit : COLUMNS_LOOK) - 2;
        grid->cols_last = 1;
    }
}

static bool grid_cut(const struct grid *grid)
{
    return grid->rows_last || grid->cols_last;
}

static const char *ellipsis(bool unicode)
{
    return unicode ? "…" : "...";
}

/* Adds `string` so that it ends at the column `end` of its line. */
static void add_right(struct text *text, const char *string, size_t end)
{
    size_t width = utf8_width(string, strlen(string));
    text_pad(text, end > width ? end - width : 0);
    text_add(text, string);
}

/* One line: the label, then for each shown column what `cell` adds. */
static void add_line(const struct grid *grid, struct text *text, size_t indent, const char *label,
                     void (*cell)(const struct grid *grid, size_t row, size_t col,
                                  struct text *text),
                     size_t row)
{
    size_t end = indent + grid->label_width;
    struct text one = TEXT_INIT;
    text_pad(text, indent);
    text_add(text, label);
    for (size_t j = 0; j < grid->cols_first + grid->cols_last; j++) {
        if (j == grid->cols_first) {
            end += 2 + utf8_width(ellipsis(grid->unicode), 3);
            add_right(text, ellipsis(grid->unicode), end);
        }
        end += 2 + grid->width;
        text_clear(&one);
        cell(grid, row, shown_col(grid, j), &one);
        add_right(text, one.bytes, end);
    }
    text_add_char(text, '\n');
    text_release(&one);
}

static void head_cell(const struct grid *grid, size_t row, size_t col, struct text *text)
{
    (void)row;
    add_label(text, grid->labels.col, col + 1);
}

static void number_cell(const struct grid *grid, size_t row, size_t col, struct text *text)
{
    number_add(text, grid->value->data[row * grid->value->cols + col], grid->digits);
}

static void add_cut(const struct session *session, const char *name, const struct value *value,
                    struct text *text)
{
    text_add(text, "  (");
    if (value->rank == 2)
        text_printf(text, "%zu%s%zu", value->rows, session->out->unicode ? "×" : "x", value->cols);
    else
        text_printf(text, "%zu numbers", value->cols);
    text_printf(text, "; print %s shows all)\n", name ? name : "...");
}

/* `label` stands before `=`; `name` is what `print` would take. */
static void add_matrix(const struct session *session, const char *label, const char *name,
                       struct labels labels, const struct value *value, struct text *text)
{
    struct grid grid = { .value = value,
                         .labels = labels,
                         .digits = session->settings.digits,
                         .unicode = session->out->unicode };
    size_t indent = label ? utf8_width(label, strlen(label)) + 3 : 0;
    grid_measure(&grid,
                 (size_t)session->out->width > indent ? (size_t)session->out->width - indent : 0);
    if (label)
        text_printf(text, "%s = ", label);
    add_line(&grid, text, indent, "", head_cell, 0);
    for (size_t i = 0; i < grid.rows_first + grid.rows_last; i++) {
        struct text row_label = TEXT_INIT;
        size_t row = shown_row(&grid, i);
        if (i == grid.rows_first) {
            text_pad(text, indent);
            text_printf(text, "%s\n", ellipsis(grid.unicode));
        }
        add_label(&row_label, labels.row, row + 1);
        add_line(&grid, text, indent, row_label.bytes, number_cell, row);
        text_release(&row_label);
    }
    if (grid_cut(&grid))
        add_cut(session, name, value, text);
}

static void add_vector(const struct session *session, const char *label, const char *name,
                       const struct value *value, struct text *text)
{
    bool cut = value->cols > ELEMENTS_MOST;
    if (label)
        text_printf(text, "%s = ", label);
    if (!cut) {
        value_print(text, value, session->settings.digits);
        text_add_char(text, '\n');
        return;
    }
    text_add_char(text, '[');
    for (size_t i = 0; i < ELEMENTS_FIRST; i++) {
        number_add(text, value->data[i], session->settings.digits);
        text_add(text, ", ");
    }
    text_printf(text, "%s, ", ellipsis(session->out->unicode));
    number_add(text, value->data[value->cols - 1], session->settings.digits);
    text_add_char(text, ']');
    add_cut(session, name, value, text);
}

/* What a plain name's rows and columns are called; plain numbers otherwise. */
static struct labels labels_named(struct session *session, const char *name)
{
    struct nb_quantity quantity;
    struct nb_error ignored;
    enum nb_quantity_kind kind;
    size_t layer, id;
    if (name && quantity_parse(name, &kind, &layer) && session->net &&
        !session_quantity(session, name, &id, &ignored)) {
        nb_quantity_get(session->net, id, &quantity);
        return labels_of(session, &quantity);
    }
    return (struct labels){ { "[", ",:]" }, { "[:,", "]" } };
}

static enum nb_status print_value(struct session *session, const char *label, const char *name,
                                  const struct value *value, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    if (value->rank == 2 && value->rows && value->cols)
        add_matrix(session, label, name, labels_named(session, name), value, &text);
    else
        add_vector(session, label, name, value, &text);
    enum nb_status status = text_status(&text, error);
    if (!status)
        sink_text(session->out, &text);
    text_release(&text);
    return status;
}

enum nb_status display_value(struct session *session, const struct lang_tree *tree,
                             const struct value *value, struct nb_error *error)
{
    struct lang_name spelled;
    const char *name = lang_tree_name(tree, &spelled) ? spelled.text : NULL;
    return print_value(session, name, name, value, error);
}

enum nb_status display_labelled(struct session *session, const char *label,
                                const struct lang_tree *tree, const struct value *value,
                                struct nb_error *error)
{
    struct lang_name spelled;
    const char *name = lang_tree_name(tree, &spelled) ? spelled.text : NULL;
    return print_value(session, label, name, value, error);
}
