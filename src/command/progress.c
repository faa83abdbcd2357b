/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/progress.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "command/bar.h"
#include "command/data.h"
#include "formula/layout.h"

#define LOG_SECONDS    1.0
#define LINES_MOST     25
#define LOG_DIGITS     10
#define LOG_BYTES_MOST ((size_t)1 << 30)
#define LOG_HEADER                                                                                 \
    "epoch,step,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds\n"

uint64_t progress_every(uint64_t epochs)
{
    static const uint64_t steps[] = { 2, 5 };
    for (uint64_t power = 1;; power *= 10) {
        if (epochs / power <= LINES_MOST)
            return power;
        for (size_t i = 0; i < 2; i++)
            if (epochs / (power * steps[i]) <= LINES_MOST)
                return power * steps[i];
    }
}

/* ---- The log ---- */

static void log_cell(struct text *lines, double value)
{
    if (!isnan(value))
        number_add(lines, value, LOG_DIGITS);
    text_add(lines, ",");
}

static void log_add(struct progress *progress, const struct nb_progress *now, struct held_out held)
{
    struct text *lines = &progress->lines;
    text_printf(lines, "%llu,%llu,", (unsigned long long)now->epoch, (unsigned long long)now->step);
    number_add(lines, now->lr, LOG_DIGITS);
    text_add(lines, ",");
    number_add(lines, now->loss, LOG_DIGITS);
    text_add(lines, ",");
    log_cell(lines, now->accuracy);
    log_cell(lines, held.loss);
    log_cell(lines, held.accuracy);
    number_add(lines, now->seconds, 6);
    text_add(lines, "\n");
}

/* The lines that the file has not. */
static void log_flush(struct progress *progress)
{
    struct text *lines = &progress->lines;
    if (!progress->log || progress->status || !lines->length)
        return;
    progress->log_time = clock_seconds();
    progress->status = text_status(lines, &progress->error);
    if (!progress->status)
        progress->status =
            file_append(progress->log, lines->bytes, lines->length, &progress->error);
    text_clear(lines);
}

/* ---- The bar ---- */

static void clear(struct progress *progress)
{
    if (progress->bar_shown)
        bar_clear(progress->err);
    progress->bar_shown = false;
}

/* The bar and the time left are those of the run; how fast it goes is what was seen of it here. */
static void draw(struct progress *progress, const struct nb_progress *now, double time)
{
    double total =
        progress->steps ? (double)progress->steps : (double)progress->epochs * (double)now->batches;
    double made = (double)(now->step - progress->first_step);
    double left = total - (double)now->step;
    struct text head = TEXT_INIT, tail = TEXT_INIT;
    text_printf(&head, "%sepoch %llu/%llu ", progress->label, (unsigned long long)now->epoch,
                (unsigned long long)progress->epochs);
    text_printf(&tail, "  loss %.4g  ETA %s", now->loss, progress->may_end ? "at most " : "");
    duration_add(&tail, (time - progress->start_time) / made * left);
    bar_draw(progress->err, head.bytes, (double)now->step / total, tail.bytes);
    text_release(&head);
    text_release(&tail);
    progress->bar_shown = true;
}

void progress_batch(struct progress *progress, const struct nb_progress *now)
{
    double time = clock_seconds();
    if (!progress->bar || time - progress->bar_time < BAR_SECONDS)
        return;
    progress->bar_time = time;
    draw(progress, now, time);
}

/* ---- The table ---- */

static void add_right(struct text *text, size_t column, const char *cell)
{
    size_t width = utf8_width(cell, strlen(cell));
    text_pad(text, column > width ? column - width : 0);
    text_add(text, cell);
}

enum {
    COLUMN_EPOCH,
    COLUMN_STEP,
    COLUMN_LR,
    COLUMN_LOSS,
    COLUMN_ACCURACY,
    COLUMN_HELD_LOSS,
    COLUMN_HELD_ACCURACY,
    COLUMN_SECONDS,
    COLUMN_SPEED,
    COLUMNS
};

/* What a terminal too narrow for all can do without, the most dispensable first. */
static const size_t dispensable[] = { COLUMN_SPEED,    COLUMN_SECONDS, COLUMN_LR,
                                      COLUMN_ACCURACY, COLUMN_STEP,    COLUMN_HELD_ACCURACY };

static size_t total_width(const size_t widths[COLUMNS])
{
    size_t total = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        total += widths[i];
    return total;
}

static void fit_columns(const struct sink *out, size_t widths[COLUMNS])
{
    for (size_t i = 0; i < COUNT_OF(dispensable) && out->terminal; i++)
        if (total_width(widths) > (size_t)out->width)
            widths[dispensable[i]] = 0;
}

/* How wide each would be, blanks before it included; 0: it is not of this table. */
static void column_widths(const struct progress *progress, size_t widths[COLUMNS])
{
    static const size_t wide[COLUMNS] = {
        [COLUMN_EPOCH] = 7,     [COLUMN_LR] = 10,      [COLUMN_LOSS] = 13,
        [COLUMN_ACCURACY] = 11, [COLUMN_SECONDS] = 10, [COLUMN_SPEED] = 12,
    };
    static const size_t narrow[COLUMNS] = {
        [COLUMN_EPOCH] = 7,     [COLUMN_LR] = 10,        [COLUMN_LOSS] = 12,
        [COLUMN_ACCURACY] = 10, [COLUMN_HELD_LOSS] = 11, [COLUMN_HELD_ACCURACY] = 10,
        [COLUMN_SECONDS] = 9,   [COLUMN_SPEED] = 11,
    };
    memcpy(widths, progress->held ? narrow : wide, sizeof wide);
    if (!progress->every_steps)
        return;
    widths[COLUMN_STEP] = 8;
    widths[COLUMN_SPEED] = progress->held ? 0 : widths[COLUMN_SPEED];
}

static void table_row(struct progress *progress, struct text cells[COLUMNS], enum sink_style style)
{
    struct text line = TEXT_INIT;
    size_t widths[COLUMNS], end = 0;
    column_widths(progress, widths);
    fit_columns(progress->out, widths);
    for (size_t i = 0; i < COLUMNS; i++) {
        end += widths[i];
        if (widths[i])
            add_right(&line, end, cells[i].bytes);
        text_release(&cells[i]);
    }
    sink_styled(progress->out, style, line.bytes);
    sink_puts(progress->out, "\n");
    text_release(&line);
}

/* On a terminal: what it has no room for. */
static void say_left_out(struct progress *progress, const char *const names[COLUMNS])
{
    struct text line = TEXT_INIT;
    size_t widths[COLUMNS], fitting[COLUMNS];
    column_widths(progress, widths);
    memcpy(fitting, widths, sizeof fitting);
    fit_columns(progress->out, fitting);
    for (size_t i = 0; i < COLUMNS; i++)
        if (widths[i] != fitting[i])
            text_printf(&line, "%s%s%s", line.length ? ", " : "left out: ",
                        i == COLUMN_ACCURACY && progress->held ? "train " : "", names[i]);
    sink_style(progress->out, STYLE_FAINT);
    if (line.length)
        layout_record(progress->out, strlen("left out: "), line.bytes);
    sink_style(progress->out, STYLE_PLAIN);
    text_release(&line);
}

static void table_header(struct progress *progress)
{
    bool test = progress->held && strcmp(progress->held, "test") == 0;
    const char *const names[COLUMNS] = {
        [COLUMN_EPOCH] = "epoch",
        [COLUMN_STEP] = "step",
        [COLUMN_LR] = "lr",
        [COLUMN_LOSS] = "train loss",
        [COLUMN_ACCURACY] = "accuracy",
        [COLUMN_HELD_LOSS] = test ? "test loss" : "val loss",
        [COLUMN_HELD_ACCURACY] = "accuracy",
        [COLUMN_SECONDS] = "seconds",
        [COLUMN_SPEED] = "samples/s",
    };
    struct text cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        text_init(&cells[i]);
        text_add(&cells[i], names[i]);
    }
    say_left_out(progress, names);
    table_row(progress, cells, STYLE_FAINT);
    progress->header_shown = true;
}

static void add_share(struct text *cell, double accuracy)
{
    if (!isnan(accuracy))
        text_printf(cell, "%.4f", accuracy);
}

static void table_line(struct progress *progress, const struct nb_progress *now,
                       struct held_out held)
{
    struct text cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        text_init(&cells[i]);
    clear(progress);
    if (!progress->header_shown)
        table_header(progress);
    add_grouped(&cells[COLUMN_EPOCH], (size_t)now->epoch);
    add_grouped(&cells[COLUMN_STEP], (size_t)now->step);
    number_add(&cells[COLUMN_LR], now->lr, 4);
    number_add(&cells[COLUMN_LOSS], now->loss, 6);
    add_share(&cells[COLUMN_ACCURACY], now->accuracy);
    if (!isnan(held.loss))
        number_add(&cells[COLUMN_HELD_LOSS], held.loss, 5);
    add_share(&cells[COLUMN_HELD_ACCURACY], held.accuracy);
    text_printf(&cells[COLUMN_SECONDS], "%.2f", now->seconds);
    if (now->seconds > 0)
        add_grouped(&cells[COLUMN_SPEED], (size_t)((double)now->samples / now->seconds));
    table_row(progress, cells, STYLE_PLAIN);
    progress->last_step = now->step;
}

/* ---- The run ---- */

/* The lines of the epochs that had ended, where the file is that log. */
static void log_go_on(struct progress *progress)
{
    struct text file = TEXT_INIT;
    uint64_t epoch;
    if (file_read(progress->log, LOG_BYTES_MOST, &file, NULL) ||
        strncmp(file.bytes, LOG_HEADER, strlen(LOG_HEADER)) != 0)
        goto done;
    for (const char *line = file.bytes + strlen(LOG_HEADER); *line;) {
        size_t length = strcspn(line, "\n");
        bool whole = line[length] == '\n';
        if (whole && number_parse_whole(line, strcspn(line, ","), UINT64_MAX, &epoch) &&
            epoch <= progress->ended)
            text_add_part(&progress->lines, line, length + 1);
        line += length + whole;
    }
done:
    text_release(&file);
}

enum nb_status progress_init(struct progress *progress, struct nb_error *error)
{
    struct text *lines = &progress->lines;
    text_init(lines);
    progress->start_time = progress->log_time = clock_seconds();
    if (!progress->log)
        return NB_OK;
    text_add(lines, LOG_HEADER);
    if (progress->ended)
        log_go_on(progress);
    enum nb_status status = text_status(lines, error);
    if (!status)
        status = file_write(progress->log, lines->bytes, lines->length, error);
    text_clear(lines);
    return status;
}

/* Does the table have a line for this moment? */
static bool line_due(const struct progress *progress, const struct nb_progress *now, bool ends)
{
    if (!progress->table)
        return false;
    if (progress->every_steps)
        return now->step % progress->every == 0;
    return ends &&
           (now->epoch == 1 || now->epoch % progress->every == 0 || now->epoch == progress->epochs);
}

bool progress_due(const struct progress *progress, const struct nb_progress *now, bool ends)
{
    return line_due(progress, now, ends) || (progress->log && ends);
}

void progress_line(struct progress *progress, const struct nb_progress *now, bool ends,
                   struct held_out held)
{
    if (progress->log && ends)
        log_add(progress, now, held);
    if (clock_seconds() - progress->log_time >= LOG_SECONDS)
        log_flush(progress);
    if (line_due(progress, now, ends))
        table_line(progress, now, held);
}

enum nb_status progress_keep(struct progress *progress, struct nb_error *error)
{
    log_flush(progress);
    if (progress->status)
        *error = progress->error;
    return progress->status;
}

enum nb_status progress_end(struct progress *progress, const struct nb_progress *last,
                            struct held_out held, struct nb_error *error)
{
    clear(progress);
    if (progress->table && last->samples && last->step != progress->last_step)
        table_line(progress, last, held);
    return progress_keep(progress, error);
}

void progress_release(struct progress *progress)
{
    text_release(&progress->lines);
}
