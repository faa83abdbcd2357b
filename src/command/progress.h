/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a training run: the table of epochs, the bar, the log. */
#ifndef NABLA_COMMAND_PROGRESS_H
#define NABLA_COMMAND_PROGRESS_H

#include "base/sink.h"
#include "nabla.h"

struct progress {
    struct sink *out, *err;
    bool table, bar;           /* the table on out; the bar on err */
    uint64_t epochs;           /* of the run: the last one always gets its line */
    uint64_t every;            /* epochs between lines */
    const char *log;           /* path, or NULL */
    struct text lines;         /* of the log */
    double bar_time, log_time; /* when each was last written */
    double seconds;            /* of the epochs that have ended */
    bool bar_shown, header_shown;
    struct nb_progress last_line; /* what the table's last line showed */
    enum nb_status status;        /* the first failure to write the log */
    struct nb_error error;
};

/* Begins; writes the log's first line, so that a bad path fails now. */
enum nb_status progress_init(struct progress *progress, struct nb_error *error);
void progress_batch(struct progress *progress, const struct nb_progress *now);
void progress_epoch(struct progress *progress, const struct nb_progress *now);
/* Clears the bar, prints the last epoch's line if it was not, ends the log. */
enum nb_status progress_end(struct progress *progress, const struct nb_progress *last,
                            struct nb_error *error);
void progress_release(struct progress *progress);

/* Epochs between lines so that a table has at most some 25: 1, 2, 5, 10, 20 ... */
uint64_t progress_every(uint64_t epochs);

#endif
