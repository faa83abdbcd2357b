/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/runtable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
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
    const struct nb_progress *last = &run->state.progress;
    return run->state.seconds + (last->batch < last->batches ? last->seconds : 0);
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
    const struct run_state *state = &run->state;
    uint64_t best = state->options.patience ? state->early.best_epoch : 0;
    text_add(text, run_ending_names[state->ending]);
    if (best && best != state->progress.epoch)
        text_printf(text, ", best %llu", (unsigned long long)best);
}

/* A number (0 is shown as nothing where `blank`) or a text. */
static const struct column {
    const char *title;
    read_number number;
    add_text text;
    int decimals; /* 0: 6 digits */
    bool blank;
} columns[RUNTABLE_COLUMNS] = {
    { "run", number, NULL, 0, false },
    { "name", NULL, add_name, 0, false },
    { "network", NULL, add_network, 0, false },
    { "optimizer", NULL, add_optimizer, 0, false },
    { "lr", lr, NULL, 0, false },
    { "schedule", NULL, add_schedule, 0, false },
    { "l2", l2, NULL, 0, true },
    { "l1", l1, NULL, 0, true },
    { "batch", NULL, add_batch, 0, false },
    { "epochs", epochs, NULL, 0, false },
    { "loss", loss, NULL, 0, false },
    { "accuracy", accuracy, NULL, 4, false },
    { "val-loss", validation_loss, NULL, 0, false },
    { "val-accuracy", validation_accuracy, NULL, 4, false },
    { "test-loss", test_loss, NULL, 0, false },
    { "test-accuracy", test_accuracy, NULL, 4, false },
    { "seconds", seconds, NULL, 2, false },
    { "status", NULL, add_status, 0, false },
};

const struct nb_choice *runs_columns(size_t *count)
{
    static const struct nb_choice rows[RUNTABLE_COLUMNS] = {
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
        { "val-loss", "validation loss at the end, of the best epoch that status names" },
        { "val-accuracy", "validation accuracy, likewise" },
        { "test-loss", "test loss at the end, with validate=test" },
        { "test-accuracy", "test accuracy at the end, with validate=test" },
        { "seconds", "of training" },
        { "status", "how it ended, and with patience= the epoch whose weights came back" },
    };
    *count = RUNTABLE_COLUMNS;
    return rows;
}

const char *runtable_title(const struct runtable *table, size_t place)
{
    return columns[table->column[place]].title;
}

bool runtable_is_number(const struct runtable *table, size_t place)
{
    return columns[table->column[place]].number != NULL;
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
    if (column->decimals && isfinite(value))
        text_printf(text, "%.*f", column->decimals, value);
    else
        number_add(text, value, 6);
}

/* ---- The table: which columns, which order ---- */

void runtable_add_cell(const struct runtable *table, size_t place, const struct run_record *run,
                       struct text *text)
{
    add_cell(&columns[table->column[place]], run, text);
}

void runtable_release(struct runtable *table)
{
    free(table->runs);
}

enum nb_status runtable_init(struct runtable *table, const struct session *session,
                             struct nb_error *error)
{
    *table = (struct runtable){ .rows = runs_count(session), .sorted = RUNTABLE_COLUMNS };
    table->runs = memory_new(table->rows, sizeof *table->runs);
    if (!table->runs)
        return error_memory(error);
    for (size_t i = 0; i < table->rows; i++)
        table->runs[i] = runs_at(session, i);
    return NB_OK;
}

void runtable_choose_filled(struct runtable *table)
{
    struct text cell = TEXT_INIT;
    for (size_t c = 0; c < RUNTABLE_COLUMNS; c++) {
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

size_t runtable_width(const struct runtable *table, size_t place)
{
    struct text cell = TEXT_INIT;
    size_t most = strlen(runtable_title(table, place));
    for (size_t i = 0; i < table->rows; i++) {
        text_clear(&cell);
        runtable_add_cell(table, place, table->runs[i], &cell);
        size_t wide = utf8_width(cell.bytes, cell.length);
        most = wide > most ? wide : most;
    }
    text_release(&cell);
    return most;
}

/* ---- Fitting ---- */

/* What a table can do without, the most dispensable first. */
static const char *const dispensable[] = { "seconds",  "optimizer", "l1",          "l2",
                                           "batch",    "schedule",  "network",     "lr",
                                           "val-loss", "test-loss", "accuracy",    "epochs",
                                           "status",   "loss",      "val-accuracy" };

static bool is_alike(const struct runtable *table, size_t place)
{
    struct text first = TEXT_INIT, other = TEXT_INIT;
    bool alike = true;
    for (size_t i = 0; i < table->rows && alike; i++) {
        text_clear(&other);
        runtable_add_cell(table, place, table->runs[i], i ? &other : &first);
        alike = !i || !strcmp(first.bytes, other.bytes);
    }
    text_release(&first);
    text_release(&other);
    return alike;
}

static size_t full_width(const struct runtable *table)
{
    size_t width = 0;
    for (size_t c = 0; c < table->columns; c++)
        width += runtable_width(table, c) + (c ? 2 : 0);
    return width;
}

static void leave_out(struct runtable *table, size_t place, struct text *left_out)
{
    text_printf(left_out, "%s%s", left_out->length ? ", " : "", runtable_title(table, place));
    table->columns--;
    for (size_t c = place; c < table->columns; c++)
        table->column[c] = table->column[c + 1];
}

void runtable_fit(struct runtable *table, size_t width, struct text *left_out)
{
    for (int alike = 1; alike >= 0; alike--)
        for (size_t i = 0; i < COUNT_OF(dispensable); i++)
            for (size_t c = 0; c < table->columns; c++)
                if (!strcmp(runtable_title(table, c), dispensable[i]) &&
                    table->column[c] != table->sorted && full_width(table) > width &&
                    (!alike || is_alike(table, c)))
                    leave_out(table, c, left_out);
}

/* ---- Choosing ---- */

static bool find_column(const char *name, size_t length, size_t *column)
{
    for (size_t c = 0; c < RUNTABLE_COLUMNS; c++)
        if (strlen(columns[c].title) == length && memcmp(columns[c].title, name, length) == 0) {
            *column = c;
            return true;
        }
    return false;
}

enum nb_status runtable_choose(struct runtable *table, const struct argument *given,
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
        if (table->columns == RUNTABLE_COLUMNS)
            return error_at(error, NB_USAGE, given->span.at, "columns= has at most %d columns",
                            RUNTABLE_COLUMNS);
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

enum nb_status runtable_sort(struct runtable *table, const struct argument *given,
                             struct nb_error *error)
{
    bool falling = given->text[0] == '-';
    const char *name = given->text + falling;
    size_t column;
    if (!find_column(name, strlen(name), &column))
        return choice_error("column", runs_columns, name, strlen(name), given->span.at + falling,
                            error);
    table->sorted = column;
    for (size_t i = 1; i < table->rows; i++) {
        const struct run_record *run = table->runs[i];
        size_t to = i;
        for (; to > 0 && comes_before(&columns[column], falling, run, table->runs[to - 1]); to--)
            table->runs[to] = table->runs[to - 1];
        table->runs[to] = run;
    }
    return NB_OK;
}
