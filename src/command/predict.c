/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `predict` and `worst`: rows with what the network says of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/data.h"
#include "command/judge.h"
#include "command/rows.h"
#include "command/verdict.h"
#include "command/wrap.h"
#include "formula/layout.h"

#define PROBABILITY_DIGITS 4
#define SINGLE_DIGITS      9 /* read back as the same float, the same double */
#define DOUBLE_DIGITS      17

/* ---- A table of rows ---- */

enum column { ROW, LOSS, TARGET, PREDICTED, PROBABILITY, COLUMNS };

static const struct {
    const char *name;
    bool right; /* aligned */
} columns[COLUMNS] = {
    [ROW] = { "row", true },
    [LOSS] = { "loss", true },
    [TARGET] = { "target", false },
    [PREDICTED] = { "predicted", false },
    [PROBABILITY] = { "probability", true },
};

/* [0.1, 0.2, …]: as many as fit into `width` columns. */
static void add_numbers(struct text *text, const double *numbers, size_t count, int digits,
                        size_t width)
{
    if (count == 1) {
        number_add(text, numbers[0], digits);
        return;
    }
    text_add(text, "[");
    for (size_t k = 0; k < count; k++) {
        struct text number = TEXT_INIT;
        number_add(&number, numbers[k], digits);
        bool fits = text->length + number.length + 5 <= width;
        text_printf(text, "%s%s", k ? ", " : "", fits ? number.bytes : "...");
        text_release(&number);
        if (!fits)
            break;
    }
    text_add(text, "]");
}

static void add_side(const struct verdict *verdict, const double *numbers, struct text *text)
{
    const struct session *session = verdict->session;
    if (verdict->classes)
        verdict_add_class(verdict, verdict_class(verdict, numbers), text);
    else
        add_numbers(text, numbers, verdict->outputs, session->settings.digits,
                    (layout_columns(session->out) - 10) / 2);
}

static void add_row(const struct verdict *verdict, size_t row, bool loss,
                    struct layout_table *table)
{
    struct text *cells = layout_table_add(table)->cell;
    double probability;
    add_grouped(&cells[ROW], verdict->first + row + 1);
    if (loss)
        number_add(&cells[LOSS], verdict->loss[row], PROBABILITY_DIGITS);
    if (verdict->targets)
        add_side(verdict, verdict->target + row * verdict->outputs, &cells[TARGET]);
    add_side(verdict, verdict->output + row * verdict->outputs, &cells[PREDICTED]);
    if (verdict->classes && verdict_probability(verdict, row, &probability))
        text_printf(&cells[PROBABILITY], "%.*f", PROBABILITY_DIGITS, probability);
    if (verdict->classes && verdict->targets && !verdict_right(verdict, row))
        text_add(&cells[COLUMNS], "wrong");
}

static void add_header(struct layout_table *table)
{
    struct text *cells = layout_table_add(table)->cell;
    for (size_t i = 0; i < COLUMNS; i++)
        text_add(&cells[i], columns[i].name);
}

static void add_cell(struct text *line, const struct text *cell, size_t width, bool right)
{
    size_t at = utf8_width(line->bytes, line->length) + 2, own;
    own = utf8_width(cell->bytes, cell->length);
    text_pad(line, right ? at + width - own : at);
    text_add_part(line, cell->bytes, cell->length);
}

static void line_add(const struct layout_row *row, const size_t widths[COLUMNS], struct text *text)
{
    struct text line = TEXT_INIT;
    size_t end = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (!widths[i])
            continue;
        end += 2 + widths[i];
        add_cell(&line, &row->cell[i], widths[i], columns[i].right);
        if (row->cell[COLUMNS].length || i + 1 < COLUMNS)
            text_pad(&line, end);
    }
    if (row->cell[COLUMNS].length)
        text_printf(&line, "  %s", row->cell[COLUMNS].bytes);
    while (line.length && line.bytes[line.length - 1] == ' ')
        text_cut(&line, line.length - 1);
    text_printf(text, "%s\n", line.bytes);
    text_release(&line);
}

/* Columns that only their name stands in are left out. */
static void measure(const struct layout_table *table, size_t widths[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        widths[i] = 0;
        for (size_t row = 1; row < table->count && !widths[i]; row++)
            if (table->rows[row].cell[i].length)
                widths[i] = layout_table_width(table, i);
    }
}

/* `order`: the rows to show, with their losses and, of images, pictures; NULL: all. */
static enum nb_status print_rows(const struct verdict *verdict, const size_t *order, size_t count,
                                 struct nb_error *error)
{
    struct sink *out = verdict->session->out;
    struct layout_table table;
    size_t widths[COLUMNS];
    enum nb_status status = NB_OK;
    bool pictures = order && verdict->info.name && verdict->info.channels;
    layout_table_init(&table);
    add_header(&table);
    for (size_t i = 0; i < count; i++)
        add_row(verdict, order ? order[i] : i, order, &table);
    measure(&table, widths);
    for (size_t i = 0; i < table.count && !status; i++) {
        struct text line = TEXT_INIT;
        line_add(&table.rows[i], widths, &line);
        sink_text(out, &line);
        text_release(&line);
        if (i && pictures)
            status = data_draw(verdict->session, verdict->part, order[i - 1], error);
    }
    layout_table_release(&table);
    return status;
}

/* ---- CSV ---- */

/* One field, in quotes where it needs them. */
static void add_field(struct text *text, const struct text *field)
{
    if (!strpbrk(field->bytes, ",\"\n\r")) {
        text_add_part(text, field->bytes, field->length);
        return;
    }
    text_add(text, "\"");
    for (const char *c = field->bytes; *c; c++) {
        if (*c == '"')
            text_add(text, "\"");
        text_add_char(text, *c);
    }
    text_add(text, "\"");
}

/* A class, or numbers with blanks between. */
static void add_csv_side(const struct verdict *verdict, const double *numbers, int digits,
                         struct text *text)
{
    struct text field = TEXT_INIT;
    if (verdict->classes)
        verdict_add_class(verdict, verdict_class(verdict, numbers), &field);
    for (size_t k = 0; k < verdict->outputs && !verdict->classes; k++) {
        text_add(&field, k ? " " : "");
        number_add(&field, numbers[k], digits);
    }
    add_field(text, &field);
    text_release(&field);
}

static void csv_make(const struct verdict *verdict, struct text *text)
{
    bool single = nb_net_spec(verdict->session->net)->precision == NB_SINGLE;
    int digits = single ? SINGLE_DIGITS : DOUBLE_DIGITS;
    text_add(text, "row,target,predicted");
    for (size_t k = 1; k <= verdict->outputs; k++)
        text_printf(text, ",output_%zu", k);
    text_add(text, "\n");
    for (size_t i = 0; i < verdict->rows; i++) {
        const double *output = verdict->output + i * verdict->outputs;
        text_printf(text, "%zu,", verdict->first + i + 1);
        if (verdict->targets)
            add_csv_side(verdict, verdict->target + i * verdict->outputs, digits, text);
        text_add(text, ",");
        add_csv_side(verdict, output, digits, text);
        for (size_t k = 0; k < verdict->outputs; k++) {
            text_add(text, ",");
            number_add(text, output[k], digits);
        }
        text_add(text, "\n");
    }
}

static enum nb_status csv_write(const struct verdict *verdict, const char *path,
                                struct nb_error *error)
{
    struct text text = TEXT_INIT;
    csv_make(verdict, &text);
    enum nb_status status = text_status(&text, error);
    if (!status)
        status = file_write(path, text.bytes, text.length, error);
    text_clear(&text);
    text_add(&text, "wrote ");
    add_grouped(&text, verdict->rows);
    text_printf(&text, " row%s to %s\n", verdict->rows == 1 ? "" : "s", path);
    if (!status)
        sink_text(verdict->session->out, &text);
    text_release(&text);
    return status;
}

/* ---- predict ---- */

static void conclude(const struct verdict *verdict)
{
    struct text text = TEXT_INIT;
    size_t right = 0;
    if (!verdict->classes || !verdict->targets || verdict->rows < 2)
        return;
    for (size_t i = 0; i < verdict->rows; i++)
        right += verdict_right(verdict, i);
    add_grouped(&text, right);
    text_add(&text, " of ");
    add_grouped(&text, verdict->rows);
    text_add(&text, " right\n");
    sink_text(verdict->session->out, &text);
    text_release(&text);
}

static enum nb_status open_expression(struct session *session, const struct argument *argument,
                                      struct verdict *verdict, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    enum nb_status status =
        lang_parse(argument->text, 0, strlen(argument->text), &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, &value, error);
    if (!status)
        status = verdict_open_value(session, &value, verdict, error);
    if (status && error->at != NB_NOWHERE)
        error->at += argument->span.at;
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

static enum nb_status predict_open(struct session *session, const struct call *call,
                                   struct verdict *verdict, struct row_range *range,
                                   struct nb_error *error)
{
    const struct argument *rows = call_argument(call, "rows"), *x = call_argument(call, "x");
    struct text name = TEXT_INIT;
    if (x && (rows || call_has(call, "part")))
        return error_at(error, NB_USAGE, x->span.at,
                        "x= are rows of your own: leave the rows of the data set out");
    enum nb_status status = x ? open_expression(session, x, verdict, error)
                              : verdict_open(session, call, verdict, error);
    if (status)
        return status;
    *range = (struct row_range){ 0, verdict->source.rows, false };
    if (verdict->info.name)
        text_printf(&name, "the %s part of %s", dataset_part_names[verdict->part],
                    verdict->info.name);
    else
        text_add(&name, "x");
    if (rows)
        status = row_range_read(rows, verdict->source.rows, name.bytes, range, error);
    text_release(&name);
    return status;
}

#define SHOWN_MOST 20 /* rows that a terminal has unless they are asked for */

/* At a terminal only the first of all the rows; files and programs have every one. */
static enum nb_status print_predicted(const struct verdict *verdict, bool asked, const char *part,
                                      struct nb_error *error)
{
    struct sink *out = verdict->session->out;
    struct text rows = TEXT_INIT;
    bool all = asked || !out->terminal || verdict->rows <= SHOWN_MOST;
    enum nb_status status = print_rows(verdict, NULL, all ? verdict->rows : SHOWN_MOST, error);
    if (all || status)
        return status;
    add_grouped(&rows, verdict->rows - SHOWN_MOST);
    sink_style(out, STYLE_FAINT);
    wrap_note(out, "%s %s more: predict 1:%zu%s%s shows all, predict to FILE.csv writes them\n",
              out->unicode ? "…" : "...", rows.bytes, verdict->rows, part ? " " : "",
              part ? part : "");
    sink_style(out, STYLE_PLAIN);
    text_release(&rows);
    return NB_OK;
}

enum nb_status predict_command(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    struct verdict verdict = { 0 };
    struct row_range range;
    enum nb_status status = predict_open(session, call, &verdict, &range, error);
    if (!status)
        status = verdict_take(&verdict, range.first, range.count, error);
    if (!status && call_has(call, "to"))
        status = csv_write(&verdict, call_text(call, "to"), error);
    else if (!status)
        status = print_predicted(&verdict, call_has(call, "rows") || call_has(call, "x"),
                                 call_has(call, "part") ? dataset_part_names[verdict.part] : NULL,
                                 error);
    if (!status)
        conclude(&verdict);
    verdict_release(&verdict);
    return status;
}

/* ---- worst ---- */

struct judged_row {
    double loss;
    size_t row;
};

/* The largest loss first, what is no number before all; equal ones by row. */
static int compare_losses(const void *a_, const void *b_)
{
    const struct judged_row *a = a_, *b = b_;
    if (isnan(a->loss) != isnan(b->loss))
        return isnan(a->loss) ? -1 : 1;
    if (a->loss != b->loss && !isnan(a->loss))
        return a->loss > b->loss ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static size_t *sort_by_loss(const struct verdict *verdict)
{
    struct judged_row *rows = memory_new(verdict->rows, sizeof *rows);
    size_t *order = memory_new(verdict->rows, sizeof *order);
    if (rows && order) {
        for (size_t i = 0; i < verdict->rows; i++)
            rows[i] = (struct judged_row){ verdict->loss[i], i };
        qsort(rows, verdict->rows, sizeof *rows, compare_losses);
        for (size_t i = 0; i < verdict->rows; i++)
            order[i] = rows[i].row;
    } else {
        free(order);
        order = NULL;
    }
    free(rows);
    return order;
}

enum nb_status worst_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    struct verdict verdict = { 0 };
    struct text text = TEXT_INIT;
    size_t *order = NULL, count = (size_t)call_number(call, "N", 5);
    enum nb_status status = verdict_open(session, call, &verdict, error);
    if (!status)
        status = verdict_need(&verdict, false, error);
    if (!status)
        status = verdict_take(&verdict, 0, verdict.source.rows, error);
    if (!status && !(order = sort_by_loss(&verdict)))
        status = error_memory(error);
    if (!status) {
        verdict_add_name(&verdict, &text);
        text_printf(&text, ": the largest losses of ");
        add_grouped(&text, verdict.rows);
        text_printf(&text, " row%s\n", verdict.rows == 1 ? "" : "s");
        sink_text(session->out, &text);
        status = print_rows(&verdict, order, count < verdict.rows ? count : verdict.rows, error);
    }
    free(order);
    text_release(&text);
    verdict_release(&verdict);
    return status;
}
