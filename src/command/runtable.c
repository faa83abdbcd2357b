/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `runs`: the list as a table, on the screen and in files; and weights brought back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/history.h"
#include "command/runs.h"
#include "command/schedulespec.h"

/* ---- Columns ---- */

typedef double (*read_number)(const struct run_record *run);
typedef void (*add_text)(const struct run_record *run, struct text *text);

static double number(const struct run_record *run)
{
    return (double)run->number;
}

static double lr(const struct run_record *run)
{
    return run->state.options.learning.lr;
}

static double l2(const struct run_record *run)
{
    return run->state.options.learning.l2;
}

static double l1(const struct run_record *run)
{
    return run->state.options.learning.l1;
}

static double epochs(const struct run_record *run)
{
    return (double)run->state.progress.epoch;
}

static double loss(const struct run_record *run)
{
    return run->state.progress.samples ? run->state.progress.loss : NAN;
}

static double accuracy(const struct run_record *run)
{
    return run->state.progress.samples ? run->state.progress.accuracy : NAN;
}

static double held(const struct run_record *run, enum train_validate part, double value)
{
    return run->state.options.validate == part ? value : NAN;
}

static double validation_loss(const struct run_record *run)
{
    return held(run, VALIDATE_VALIDATION, run->state.validation_loss);
}

static double validation_accuracy(const struct run_record *run)
{
    return held(run, VALIDATE_VALIDATION, run->state.validation_accuracy);
}

static double test_loss(const struct run_record *run)
{
    return held(run, VALIDATE_TEST, run->state.validation_loss);
}

static double test_accuracy(const struct run_record *run)
{
    return held(run, VALIDATE_TEST, run->state.validation_accuracy);
}

static double seconds(const struct run_record *run)
{
    return run->state.seconds;
}

static void add_name(const struct run_record *run, struct text *text)
{
    text_add(text, run->state.options.name);
}

static void add_network(const struct run_record *run, struct text *text)
{
    text_add(text, run->network);
}

static void add_optimizer(const struct run_record *run, struct text *text)
{
    size_t count;
    text_add(text, nb_optimizers(&count)[run->state.options.learning.optimizer].name);
}

static void add_schedule(const struct run_record *run, struct text *text)
{
    if (run->state.options.schedule.kind != NB_SCHEDULE_NONE)
        schedule_add(text, &run->state.options.schedule);
}

static void add_batch(const struct run_record *run, struct text *text)
{
    if (run->state.options.batch)
        text_printf(text, "%llu", (unsigned long long)run->state.options.batch);
    else
        text_add(text, "full");
}

static void add_status(const struct run_record *run, struct text *text)
{
    text_add(text, run_ending_names[run->state.ending]);
}

/* A number (0 is shown as nothing where `blank`) or a text. */
static const struct column {
    const char *title;
    read_number number;
    add_text text;
    const char *format; /* NULL: 6 digits */
    bool blank;
} columns[] = {
    { "run", number, NULL, NULL, false },
    { "name", NULL, add_name, NULL, false },
    { "network", NULL, add_network, NULL, false },
    { "optimizer", NULL, add_optimizer, NULL, false },
    { "lr", lr, NULL, NULL, false },
    { "schedule", NULL, add_schedule, NULL, false },
    { "l2", l2, NULL, NULL, true },
    { "l1", l1, NULL, NULL, true },
    { "batch", NULL, add_batch, NULL, false },
    { "epochs", epochs, NULL, NULL, false },
    { "loss", loss, NULL, NULL, false },
    { "accuracy", accuracy, NULL, "%.4f", false },
    { "val-loss", validation_loss, NULL, NULL, false },
    { "val-accuracy", validation_accuracy, NULL, "%.4f", false },
    { "test-loss", test_loss, NULL, NULL, false },
    { "test-accuracy", test_accuracy, NULL, "%.4f", false },
    { "seconds", seconds, NULL, "%.2f", false },
    { "status", NULL, add_status, NULL, false },
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

const struct nb_choice *runs_columns(size_t *count)
{
    static const struct nb_choice rows[COLUMNS] = {
        { "run", "its number" },
        { "name", "its name" },
        { "network", "sizes and activations" },
        { "optimizer", "how it learned" },
        { "lr", "the learning rate it began with" },
        { "schedule", "how the rate fell" },
        { "l2", "penalty on squares" },
        { "l1", "penalty on sizes" },
        { "batch", "rows an update" },
        { "epochs", "how many it made" },
        { "loss", "mean training loss of the last epoch" },
        { "accuracy", "training accuracy of the last epoch" },
        { "val-loss", "validation loss at the end" },
        { "val-accuracy", "validation accuracy at the end" },
        { "test-loss", "test loss at the end, with validate=test" },
        { "test-accuracy", "test accuracy at the end, with validate=test" },
        { "seconds", "of training" },
        { "status", "how it ended" },
    };
    *count = COLUMNS;
    return rows;
}

static void add_cell(const struct column *column, const struct run_record *run, struct text *text)
{
    if (column->text) {
        column->text(run, text);
        return;
    }
    double value = column->number(run);
    if (isnan(value) || (column->blank && value == 0))
        return;
    if (column->format && isfinite(value))
        text_printf(text, strcmp(column->format, "%.2f") == 0 ? "%.2f" : "%.4f", value);
    else
        number_add(text, value, 6);
}

/* ---- The table: which columns, which order ---- */

struct table {
    size_t column[COLUMNS], width[COLUMNS], columns;
    const struct run_record **runs;
    size_t rows;
};

static void table_release(struct table *table)
{
    free(table->runs);
}

static enum nb_status table_init(struct table *table, const struct session *session, size_t first,
                                 struct nb_error *error)
{
    *table = (struct table){ .rows = runs_count(session) - first };
    table->runs = memory_new(table->rows, sizeof *table->runs);
    if (!table->runs)
        return error_memory(error);
    for (size_t i = 0; i < table->rows; i++)
        table->runs[i] = runs_at(session, first + i);
    return NB_OK;
}

/* All but those that are empty for every run. */
static void choose_filled(struct table *table)
{
    struct text cell = TEXT_INIT;
    for (size_t c = 0; c < COLUMNS; c++) {
        bool filled = false;
        for (size_t i = 0; i < table->rows && !filled; i++) {
            text_clear(&cell);
            add_cell(&columns[c], table->runs[i], &cell);
            filled = cell.length > 0;
        }
        if (filled)
            table->column[table->columns++] = c;
    }
    text_release(&cell);
}

static bool find_column(const char *name, size_t length, size_t *column)
{
    for (size_t c = 0; c < COLUMNS; c++)
        if (strlen(columns[c].title) == length && memcmp(columns[c].title, name, length) == 0) {
            *column = c;
            return true;
        }
    return false;
}

/* columns=name,lr,loss */
static enum nb_status choose_named(struct table *table, const struct argument *given,
                                   struct nb_error *error)
{
    const char *text = given->text;
    struct lang_span item;
    size_t at = 0, end = strlen(text);
    while (lang_next_item(text, end, &at, &item)) {
        size_t column;
        if (!find_column(text + item.at, item.length, &column))
            return choice_error("column", runs_columns, text + item.at, item.length,
                                given->span.at + item.at, error);
        if (table->columns == COLUMNS)
            return error_at(error, NB_USAGE, given->span.at, "columns= has at most %d columns",
                            COLUMNS);
        table->column[table->columns++] = column;
    }
    return NB_OK;
}

static bool comes_before(const struct column *column, bool falling, const struct run_record *a,
                         const struct run_record *b)
{
    struct text left = TEXT_INIT, right = TEXT_INIT;
    bool before;
    if (column->number) {
        double x = column->number(a), y = column->number(b);
        before = isnan(x) ? false : isnan(y) || (falling ? x > y : x < y);
    } else {
        column->text(a, &left);
        column->text(b, &right);
        int order = strcmp(left.bytes, right.bytes);
        before = falling ? order > 0 : order < 0;
    }
    text_release(&left);
    text_release(&right);
    return before;
}

/* sort=loss rises, sort=-accuracy falls; runs that are equal there stay in their order. */
static enum nb_status sort_rows(struct table *table, const struct argument *given,
                                struct nb_error *error)
{
    bool falling = given->text[0] == '-';
    const char *name = given->text + falling;
    size_t column;
    if (!find_column(name, strlen(name), &column))
        return choice_error("column", runs_columns, name, strlen(name), given->span.at + falling,
                            error);
    for (size_t i = 1; i < table->rows; i++) {
        const struct run_record *run = table->runs[i];
        size_t to = i;
        for (; to > 0 && comes_before(&columns[column], falling, run, table->runs[to - 1]); to--)
            table->runs[to] = table->runs[to - 1];
        table->runs[to] = run;
    }
    return NB_OK;
}

/* ---- Forms ---- */

static void add_screen(const struct table *table, struct text *text)
{
    struct text cell = TEXT_INIT;
    size_t width[COLUMNS];
    for (size_t c = 0; c < table->columns; c++)
        width[c] = strlen(columns[table->column[c]].title);
    for (size_t i = 0; i <= table->rows * 2 + 1; i++) {
        bool measure = i < table->rows;
        const struct run_record *run = measure           ? table->runs[i]
                                       : i > table->rows ? table->runs[i - table->rows - 1]
                                                         : NULL;
        size_t start = text->length, end = 0;
        for (size_t c = 0; c < table->columns; c++) {
            const struct column *column = &columns[table->column[c]];
            text_clear(&cell);
            if (run)
                add_cell(column, run, &cell);
            else
                text_add(&cell, column->title);
            size_t wide = utf8_width(cell.bytes, cell.length);
            if (measure) {
                width[c] = wide > width[c] ? wide : width[c];
                continue;
            }
            end += c ? 2 : 0;
            text_pad(text, column->number ? end + width[c] - wide : end);
            text_add(text, cell.bytes);
            end += width[c];
        }
        if (!measure && text->length > start)
            text_add(text, "\n");
        if (i == table->rows * 2)
            break;
    }
    text_release(&cell);
}

/* A cell as each format wants it. */
static void add_markdown(struct text *text, const char *cell)
{
    for (; *cell; cell++)
        text_printf(text, *cell == '|' ? "\\%c" : "%c", *cell);
}

static void add_csv(struct text *text, const char *cell)
{
    bool quoted = strpbrk(cell, ",\"\n") != NULL;
    text_add(text, quoted ? "\"" : "");
    for (; *cell; cell++)
        text_printf(text, *cell == '"' ? "%c\"" : "%c", *cell);
    text_add(text, quoted ? "\"" : "");
}

static void add_latex(struct text *text, const char *cell)
{
    for (; *cell; cell++)
        text_printf(text, strchr("&%$#_{}", *cell) ? "\\%c" : "%c", *cell);
}

static const struct form {
    const char *ending, *begin, *between, *end;
    void (*cell)(struct text *text, const char *cell);
} forms[] = {
    { ".md", "| ", " | ", " |\n", add_markdown },
    { ".csv", "", ",", "\n", add_csv },
    { ".tex", "  ", " & ", " \\\\\n", add_latex },
};

static void add_row(const struct table *table, const struct form *form,
                    const struct run_record *run, struct text *text)
{
    struct text cell = TEXT_INIT;
    for (size_t c = 0; c < table->columns; c++) {
        const struct column *column = &columns[table->column[c]];
        text_clear(&cell);
        if (run)
            add_cell(column, run, &cell);
        else
            text_add(&cell, column->title);
        text_add(text, c ? form->between : form->begin);
        form->cell(text, cell.bytes);
    }
    text_add(text, form->end);
}

/* What stands below the titles of a Markdown table, and around a LaTeX one. */
static void add_alignment(const struct table *table, const char *left, const char *right,
                          struct text *text)
{
    for (size_t c = 0; c < table->columns; c++)
        text_add(text, columns[table->column[c]].number ? right : left);
}

static void add_file(const struct table *table, const struct form *form, struct text *text)
{
    bool markdown = form->cell == add_markdown, latex = form->cell == add_latex;
    if (latex) {
        text_add(text, "\\begin{tabular}{");
        add_alignment(table, "l", "r", text);
        text_add(text, "}\n  \\hline\n");
    }
    add_row(table, form, NULL, text);
    if (markdown) {
        text_add(text, "|");
        add_alignment(table, " --- |", " ---: |", text);
        text_add(text, "\n");
    } else if (latex) {
        text_add(text, "  \\hline\n");
    }
    for (size_t i = 0; i < table->rows; i++)
        add_row(table, form, table->runs[i], text);
    if (latex)
        text_add(text, "  \\hline\n\\end{tabular}\n");
}

static enum nb_status write_file(struct session *session, const struct table *table,
                                 const struct argument *path, struct nb_error *error)
{
    const char *dot = strrchr(path->text, '.');
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!dot || strcmp(dot, forms[i].ending) != 0)
            continue;
        add_file(table, &forms[i], &text);
        enum nb_status status = text_status(&text, error);
        if (!status)
            status = file_write(path->text, text.bytes, text.length, error);
        text_release(&text);
        if (!status)
            sink_printf(session->out, "%zu run%s to %s\n", table->rows, table->rows == 1 ? "" : "s",
                        path->text);
        return status;
    }
    return error_at(error, NB_USAGE, path->span.at,
                    "runs to FILE wants a name that ends in .md, .csv or .tex, not %.80s",
                    path->text);
}

enum nb_status runs_print(struct session *session, size_t first, struct nb_error *error)
{
    struct table table;
    struct text text = TEXT_INIT;
    enum nb_status status = table_init(&table, session, first, error);
    if (!status) {
        choose_filled(&table);
        add_screen(&table, &text);
        status = text_status(&text, error);
    }
    if (!status)
        sink_text(session->out, &text);
    text_release(&text);
    table_release(&table);
    return status;
}

/* ---- The command ---- */

static enum nb_status restore(struct session *session, const struct argument *given,
                              struct nb_error *error)
{
    size_t number_given = (size_t)given->number;
    struct nb_net *net;
    if (number_given < 1 || number_given > runs_count(session))
        return error_at(error, NB_FAILED, given->span.at, "there is no run %zu: runs lists %zu",
                        number_given, runs_count(session));
    struct run_record *run = runs_at(session, number_given - 1);
    if (!run->end)
        return error_at(error, NB_FAILED, given->span.at,
                        "the weights of run %zu were let go to keep within %zu MB", run->number,
                        RUNS_BYTES >> 20);
    enum nb_status status = weights_net(run->end, &net, error);
    if (!status)
        status = history_replace_net(session, net, error);
    if (!status)
        status = session_apply_settings(session, error);
    if (!status)
        status = train_put_rows(session, error);
    if (!status)
        sink_printf(session->out, "the network and weights of run %zu, %s: %s\n", run->number,
                    run->state.options.name, run->network);
    return status;
}

static enum nb_status show(struct session *session, const struct call *call, struct nb_error *error)
{
    struct table table;
    struct text text = TEXT_INIT;
    const struct argument *named = call_argument(call, "columns"),
                          *sort = call_argument(call, "sort"), *to = call_argument(call, "to");
    enum nb_status status = table_init(&table, session, 0, error);
    if (!status && named)
        status = choose_named(&table, named, error);
    else if (!status)
        choose_filled(&table);
    if (!status && sort)
        status = sort_rows(&table, sort, error);
    if (!status && to)
        status = write_file(session, &table, to, error);
    if (!status && !to) {
        add_screen(&table, &text);
        status = text_status(&text, error);
        sink_text(session->out, &text);
    }
    text_release(&text);
    table_release(&table);
    return status;
}

static enum nb_status runs_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct argument *number_given = call_argument(call, "restore");
    if (!runs_count(session) && (number_given || call_has(call, "to")))
        return error_set(error, NB_FAILED, "there is no run yet: train makes the first");
    if (!runs_count(session)) {
        sink_puts(session->out, "no run yet: train makes the first\n");
        return NB_OK;
    }
    return number_given ? restore(session, number_given, error) : show(session, call, error);
}

const struct command runs_commands[] = {
    { .name = "runs",
      .group = GROUP_TRAIN,
      .needs = CHANGES_STATE,
      .usage = "runs [columns=NAME,...] [sort=[-]COLUMN] | to FILE.md|csv|tex | restore N",
      .summary = "every run of the session as a table",
      .help = "Lists what was trained: network, options, the last epoch's training loss and "
              "accuracy, those of the rows that judged, seconds, and how it ended. Columns that "
              "are empty for every run are left out; columns= names those to show. sort=loss "
              "rises, sort=-accuracy falls. to writes the table as Markdown, CSV or LaTeX. restore "
              "N brings the network of run N back with the weights that it ended with.",
      .example = "train epochs=2 quiet; runs",
      .run = runs_command,
      .arguments = {
          { .name = "columns", .kind = ARG_WORD, .keyed = true,
            .fallback = "all that are filled", .help = "names with commas: name,lr,loss" },
          { .name = "sort", .kind = ARG_WORD, .keyed = true, .fallback = "run",
            .help = "the column to sort by, -COLUMN for falling order" },
          { .name = "to", .kind = ARG_FILE, .led = true, .help = "the file to write" },
          { .name = "restore", .kind = ARG_COUNT, .led = true, .least = 1, .most = 1e9,
            .help = "the run whose weights come back" },
      } },
    { .name = NULL },
};
