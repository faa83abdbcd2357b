/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a training run: the table of epochs, the bar, the log. */
#ifndef NABLA_COMMAND_PROGRESS_H
#define NABLA_COMMAND_PROGRESS_H

#include "base/sink.h"
#include "base/text.h"
#include "nabla.h"

struct progress {
    struct sink *out, *err;
    bool table, bar;     /* the table on out; the bar on err */
    const char *label;   /* what stands before the bar, or "" */
    uint64_t epochs;     /* of the run: the last one always gets its line */
    uint64_t steps;      /* updates of the run, where they limit it; 0: the epochs do */
    bool may_end;        /* before: by until= or patience= */
    uint64_t every;      /* epochs between lines, or updates */
    bool every_steps;    /* updates */
    const char *held;    /* the part that judges, "validation"; NULL: none */
    uint64_t ended;      /* epochs before, of a run that goes on: their lines stay in the log */
    const char *log;     /* path, or NULL */
    uint64_t first_step; /* updates before */
    uint64_t last_step;  /* of the table's last line */
    struct text lines;   /* that the log has not yet */
    double start_time;
    double bar_time, log_time; /* when each was last written */
    bool bar_shown, header_shown;
    enum nb_status status; /* the first failure to write the log */
    struct nb_error error;
};

/* What the rows of the judging part came to; NaN where there was no judging. */
struct held_out {
    double loss, accuracy;
};

/* Begins; writes the log's first line, so that a bad path fails now. */
enum nb_status progress_init(struct progress *progress, struct nb_error *error);
void progress_batch(struct progress *progress, const struct nb_progress *now);
/* Will the next call of progress_line show or log this moment?  `ends`: the epoch does. */
bool progress_due(const struct progress *progress, const struct nb_progress *now, bool ends);
void progress_line(struct progress *progress, const struct nb_progress *now, bool ends,
                   struct held_out held);
/* The log has every epoch that has ended: before a checkpoint that goes on behind them. */
enum nb_status progress_keep(struct progress *progress, struct nb_error *error);
/* Clears the bar, prints the last line if it was not, ends the log. */
enum nb_status progress_end(struct progress *progress, const struct nb_progress *last,
                            struct held_out held, struct nb_error *error);
void progress_release(struct progress *progress);

/* Epochs between lines so that a table has at most some 25: 1, 2, 5, 10, 20 ... */
uint64_t progress_every(uint64_t epochs);

#endif
