/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/progress.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "command/data.h"

#define BAR_SECONDS 0.1 /* at most 10 times a second */
#define LOG_SECONDS 1.0
#define BAR_WIDTH   30
#define LINES_MOST  25
#define LOG_DIGITS  10
#define LOG_HEADER                                                                                 \
    "epoch,step,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds\n"

static double now_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

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

static void log_add(struct progress *progress, const struct nb_progress *now)
{
    struct text *lines = &progress->lines;
    text_printf(lines, "%llu,%llu,", (unsigned long long)now->epoch, (unsigned long long)now->step);
    number_add(lines, now->lr, LOG_DIGITS);
    text_add(lines, ",");
    number_add(lines, now->loss, LOG_DIGITS);
    text_add(lines, ",");
    if (!isnan(now->accuracy))
        number_add(lines, now->accuracy, LOG_DIGITS);
    text_add(lines, ",,,");
    number_add(lines, now->seconds, 6);
    text_add(lines, "\n");
}

/* The whole file each time, beside and renamed: it is never half a file. */
static void log_write(struct progress *progress, bool last)
{
    double time = now_seconds();
    if (!progress->log || progress->status || (!last && time - progress->log_time < LOG_SECONDS))
        return;
    progress->log_time = time;
    progress->status = text_status(&progress->lines, &progress->error);
    if (!progress->status)
        progress->status = file_write(progress->log, progress->lines.bytes, progress->lines.length,
                                      &progress->error);
}

/* ---- The bar ---- */

static void bar_clear(struct progress *progress)
{
    if (progress->bar_shown)
        sink_puts(progress->err, "\r\033[K");
    progress->bar_shown = false;
}

static void add_duration(struct text *text, double seconds)
{
    unsigned long long whole = seconds < 1e9 ? (unsigned long long)(seconds + 0.5) : 999999999;
    if (whole >= 3600)
        text_printf(text, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        text_printf(text, "%llu:%02llu", whole / 60, whole % 60);
}

static void bar_draw(struct progress *progress, const struct nb_progress *now)
{
    const char *full = progress->err->unicode ? "━" : "#",
               *rest = progress->err->unicode ? "─" : ".";
    double epoch_part = (double)now->batch / (double)now->batches;
    double done = ((double)(now->epoch - 1) + epoch_part) / (double)progress->epochs;
    double spent = progress->seconds + now->seconds;
    size_t filled = (size_t)(epoch_part * BAR_WIDTH);
    struct text text = TEXT_INIT;
    text_printf(&text, "\repoch %llu/%llu ", (unsigned long long)now->epoch,
                (unsigned long long)progress->epochs);
    text_repeat(&text, full, filled);
    text_repeat(&text, rest, BAR_WIDTH - filled);
    text_printf(&text, "  loss %.4g  ETA ", now->loss);
    add_duration(&text, done > 0 ? spent * (1 - done) / done : 0);
    text_add(&text, "\033[K");
    sink_text(progress->err, &text);
    text_release(&text);
    progress->bar_shown = true;
}

void progress_batch(struct progress *progress, const struct nb_progress *now)
{
    double time = now_seconds();
    if (!progress->bar || time - progress->bar_time < BAR_SECONDS)
        return;
    progress->bar_time = time;
    bar_draw(progress, now);
}

/* ---- The table ---- */

static void add_right(struct text *text, size_t column, const char *cell)
{
    size_t width = utf8_width(cell, strlen(cell));
    text_pad(text, column > width ? column - width : 0);
    text_add(text, cell);
}

enum { COLUMNS = 6 };
static const size_t column_ends[COLUMNS] = { 7, 17, 30, 41, 51, 63 };

static void table_row(struct progress *progress, struct text cells[COLUMNS], enum sink_style style)
{
    struct text line = TEXT_INIT;
    for (size_t i = 0; i < COLUMNS; i++)
        add_right(&line, column_ends[i], cells[i].bytes);
    sink_styled(progress->out, style, line.bytes);
    sink_puts(progress->out, "\n");
    text_release(&line);
    for (size_t i = 0; i < COLUMNS; i++)
        text_release(&cells[i]);
}

static void table_header(struct progress *progress)
{
    static const char *const names[COLUMNS] = { "epoch",    "lr",      "train loss",
                                                "accuracy", "seconds", "samples/s" };
    struct text cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        text_init(&cells[i]);
        text_add(&cells[i], names[i]);
    }
    table_row(progress, cells, STYLE_FAINT);
    progress->header_shown = true;
}

static void table_line(struct progress *progress, const struct nb_progress *now)
{
    struct text cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        text_init(&cells[i]);
    if (!progress->header_shown)
        table_header(progress);
    add_grouped(&cells[0], (size_t)now->epoch);
    number_add(&cells[1], now->lr, 6);
    number_add(&cells[2], now->loss, 6);
    if (!isnan(now->accuracy))
        text_printf(&cells[3], "%.4f", now->accuracy);
    text_printf(&cells[4], "%.2f", now->seconds);
    if (now->seconds > 0)
        add_grouped(&cells[5], (size_t)((double)now->samples / now->seconds));
    bar_clear(progress);
    table_row(progress, cells, STYLE_PLAIN);
    progress->last_line = *now;
}

/* ---- The run ---- */

enum nb_status progress_init(struct progress *progress, struct nb_error *error)
{
    text_init(&progress->lines);
    text_add(&progress->lines, LOG_HEADER);
    log_write(progress, true);
    if (progress->status)
        *error = progress->error;
    return progress->status;
}

void progress_epoch(struct progress *progress, const struct nb_progress *now)
{
    progress->seconds += now->seconds;
    if (progress->log) {
        log_add(progress, now);
        log_write(progress, false);
    }
    if (!progress->table)
        return;
    if (now->epoch == 1 || now->epoch % progress->every == 0 || now->epoch == progress->epochs)
        table_line(progress, now);
}

enum nb_status progress_end(struct progress *progress, const struct nb_progress *last,
                            struct nb_error *error)
{
    bar_clear(progress);
    if (progress->table && last->samples && last->epoch != progress->last_line.epoch)
        table_line(progress, last);
    log_write(progress, true);
    if (progress->status)
        *error = progress->error;
    return progress->status;
}

void progress_release(struct progress *progress)
{
    text_release(&progress->lines);
}
