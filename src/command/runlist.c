/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `runs`: the table on the screen and in files; and weights brought back. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "command/history.h"
#include "command/runs.h"
#include "command/runtable.h"
#include "command/wrap.h"

/* ---- Forms ---- */

/* The cell of a run; NULL: the column's title. */
static void cell_make(const struct runtable *table, size_t column, const struct run_record *run,
                      struct text *cell)
{
    text_clear(cell);
    if (run)
        runtable_add_cell(table, column, run, cell);
    else
        text_add(cell, runtable_title(table, column));
}

static void add_line(const struct runtable *table, const size_t width[RUNTABLE_COLUMNS],
                     const struct run_record *run, struct text *text)
{
    struct text cell = TEXT_INIT;
    size_t column = 0;
    for (size_t c = 0; c < table->columns; c++) {
        cell_make(table, c, run, &cell);
        size_t wide = utf8_width(cell.bytes, cell.length);
        text_pad(text, runtable_is_number(table, c) ? column + width[c] - wide : column);
        text_add(text, cell.bytes);
        column += width[c] + 2;
    }
    while (text->length && text->bytes[text->length - 1] == ' ')
        text_cut(text, text->length - 1);
    text_add(text, "\n");
    text_release(&cell);
}

static void add_screen(const struct runtable *table, struct text *text)
{
    size_t width[RUNTABLE_COLUMNS];
    for (size_t c = 0; c < table->columns; c++)
        width[c] = runtable_width(table, c);
    add_line(table, width, NULL, text);
    for (size_t i = 0; i < table->rows; i++)
        add_line(table, width, table->runs[i], text);
}

/* All the columns that are asked for; of others, those that a terminal has room for. */
static void print_screen(struct sink *out, struct runtable *table, bool asked)
{
    struct text text = TEXT_INIT, left_out = TEXT_INIT, note = TEXT_INIT;
    if (!asked && out->terminal)
        runtable_fit(table, (size_t)out->width, &left_out);
    add_screen(table, &text);
    sink_text(out, &text);
    if (left_out.length) {
        text_printf(&note,
                    "left out: %s. columns= names those to show, runs to FILE.csv has all.\n",
                    left_out.bytes);
        sink_style(out, STYLE_FAINT);
        wrap_print(out, &note);
        sink_style(out, STYLE_PLAIN);
    }
    text_release(&note);
    text_release(&left_out);
    text_release(&text);
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
        if (*cell == '\\')
            text_add(text, "\\textbackslash{}");
        else
            text_printf(text,
                        strchr("^~", *cell)        ? "\\%c{}"
                        : strchr("&%$#_{}", *cell) ? "\\%c"
                                                   : "%c",
                        *cell);
}

static const struct form {
    const char *ending, *begin, *between, *end;
    void (*cell)(struct text *text, const char *cell);
} forms[] = {
    { ".md", "| ", " | ", " |\n", add_markdown },
    { ".csv", "", ",", "\n", add_csv },
    { ".tex", "  ", " & ", " \\\\\n", add_latex },
};

static void add_row(const struct runtable *table, const struct form *form,
                    const struct run_record *run, struct text *text)
{
    struct text cell = TEXT_INIT;
    for (size_t c = 0; c < table->columns; c++) {
        cell_make(table, c, run, &cell);
        text_add(text, c ? form->between : form->begin);
        form->cell(text, cell.bytes);
    }
    text_add(text, form->end);
    text_release(&cell);
}

/* What stands below the titles of a Markdown table, and around a LaTeX one. */
static void add_alignment(const struct runtable *table, const char *left, const char *right,
                          struct text *text)
{
    for (size_t c = 0; c < table->columns; c++)
        text_add(text, runtable_is_number(table, c) ? right : left);
}

static void add_file(const struct runtable *table, const struct form *form, struct text *text)
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

#define PAGE_WIDTH 62 /* columns that fit between the margins of a page of LaTeX */

/* What a page has no room for is left out as on the screen. */
static void fit_page(struct session *session, struct runtable *table)
{
    struct text left_out = TEXT_INIT;
    runtable_fit(table, PAGE_WIDTH, &left_out);
    if (left_out.length)
        wrap_note(session->out, "left out: %s. columns= names those to write.\n", left_out.bytes);
    text_release(&left_out);
}

static enum nb_status write_file(struct session *session, struct runtable *table,
                                 const struct argument *path, bool asked, struct nb_error *error)
{
    const char *dot = strrchr(path->text, '.');
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!dot || strcmp(dot, forms[i].ending) != 0)
            continue;
        if (forms[i].cell == add_latex && !asked)
            fit_page(session, table);
        add_file(table, &forms[i], &text);
        enum nb_status status = text_status(&text, error);
        if (!status)
            status = file_write(path->text, text.bytes, text.length, error);
        text_release(&text);
        if (!status)
            wrap_note(session->out, "%zu run%s to %s\n", table->rows, table->rows == 1 ? "" : "s",
                      path->text);
        return status;
    }
    return error_at(error, NB_USAGE, path->span.at,
                    "runs to FILE wants a name that ends in .md, .csv or .tex, not %.80s",
                    path->text);
}

/* ---- The command ---- */

static enum nb_status restore(struct session *session, const struct argument *given,
                              struct nb_error *error)
{
    size_t number_given = (size_t)given->number;
    if (number_given < 1 || number_given > runs_count(session))
        return error_at(error, NB_FAILED, given->span.at, "there is no run %zu: runs lists %zu",
                        number_given, runs_count(session));
    struct run_record *run = runs_at(session, number_given - 1);
    if (!run->end)
        return error_at(error, NB_FAILED, given->span.at,
                        "the weights of run %zu were let go to keep within %zu MB", run->number,
                        RUNS_BYTES >> 20);
    enum nb_status status = train_take_weights(session, run->end, error);
    if (!status)
        wrap_note(session->out, "the network and weights of run %zu, %s: %s\n", run->number,
                  run->state.options.name, run->network);
    return status;
}

static enum nb_status show(struct session *session, const struct call *call, struct nb_error *error)
{
    struct runtable table;
    const struct argument *named = call_argument(call, "columns"),
                          *sort = call_argument(call, "sort"), *to = call_argument(call, "to");
    enum nb_status status = runtable_init(&table, session, error);
    if (!status && named)
        status = runtable_choose(&table, named, error);
    else if (!status)
        runtable_choose_filled(&table);
    if (!status && sort)
        status = runtable_sort(&table, sort, error);
    if (!status && to)
        status = write_file(session, &table, to, named != NULL, error);
    if (!status && !to && table.rows)
        print_screen(session->out, &table, named != NULL);
    else if (!status && !to)
        sink_puts(session->out, "no run yet: train makes the first\n");
    runtable_release(&table);
    return status;
}

static enum nb_status exchange(struct session *session, bool anew, struct nb_error *error)
{
    size_t before = runs_count(session);
    enum nb_status status = anew ? runs_set_aside(session, error) : runs_bring_back(session, error);
    size_t count = anew ? before : runs_count(session);
    if (!status)
        sink_printf(session->out, "%zu run%s %s\n", count, count == 1 ? "" : "s",
                    anew ? "set aside: runs back brings them back" : "listed again");
    return status;
}

static enum nb_status runs_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct argument *number = call_argument(call, "restore");
    bool anew = call_has(call, "anew"), back = call_has(call, "back");
    if ((anew || back) && call->count > 1)
        return error_set(error, NB_USAGE, "runs anew and runs back take nothing else");
    if (anew || back)
        return exchange(session, anew, error);
    if (!runs_count(session) && (number || call_has(call, "to")))
        return error_set(error, NB_FAILED, "there is no run yet: train makes the first");
    return number ? restore(session, number, error) : show(session, call, error);
}

const struct command runs_commands[] = {
    { .name = "runs",
      .group = GROUP_TRAIN,
      .needs = CHANGES_STATE,
      .usage = "runs [columns=NAME,...] [sort=[-]COLUMN] | to FILE.md|csv|tex | restore N | "
               "anew | back",
      .summary = "every run of the session as a table",
      .help = "Lists what was trained: network, options, the last epoch's training loss and "
              "accuracy, those of the rows that judged, seconds, and how it ended. Columns that "
              "are empty for every run are left out, and on a terminal those that it has no room "
              "for; columns= names those to show. sort=loss "
              "rises, sort=-accuracy falls. Where patience= brought back the weights of an epoch "
              "before the last, status names it: the validation loss and accuracy are of that "
              "one, loss and accuracy of the last. to writes the table as Markdown, CSV or LaTeX: "
              "a tabular to \\input into a document, which needs no packages, with the columns "
              "that a page has room for, or those of columns=. restore "
              "N brings the network of run N back with the weights that it ended with. anew sets the "
              "list aside and begins an empty one, as a lesson does; back brings it back, with the "
              "runs since behind the others.",
      .example = "train epochs=2 quiet; runs",
      .run = runs_command,
      .arguments = {
          { .name = "columns", .kind = ARG_WORD, .keyed = true,
            .fallback = "all that are filled", .help = "names with commas: name,lr,loss" },
          { .name = "sort", .kind = ARG_WORD, .keyed = true, .fallback = "run",
            .help = "the column to sort by, -COLUMN for falling order" },
          { .name = "to", .kind = ARG_OUTPUT, .led = true, .help = "the file to write" },
          { .name = "restore", .kind = ARG_COUNT, .led = true, .moves = true, .least = 1, .most = 1e9,
            .help = "the run whose weights come back" },
          { .name = "anew", .kind = ARG_FLAG, .moves = true,
            .help = "set the list aside, and begin an empty one" },
          { .name = "back", .kind = ARG_FLAG, .moves = true,
            .help = "bring the list set aside last back" },
      } },
    { .name = NULL },
};
