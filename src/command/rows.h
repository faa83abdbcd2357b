/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the data set on their way into a network. */
#ifndef NABLA_COMMAND_ROWS_H
#define NABLA_COMMAND_ROWS_H

#include "command/command.h"
#include "command/session.h"

struct rows {
    size_t count, inputs, outputs;
    double *x, *y;  /* (count, inputs), (count, outputs) */
    uint64_t epoch; /* rows_next: where the next batch begins */
    size_t row;
};

/* Does an iteration that begins now take the next batch of the training order? */
bool rows_due(const struct session *session);

/* The next batch; moves nothing.  NB_FAILED: the data set does not fit the network. */
enum nb_status rows_next(const struct session *session, struct rows *rows, struct nb_error *error);

/* "7" or "1:32" as people count, from 1. */
struct row_range {
    size_t first, count; /* first from 0 */
    bool single;
};

/* Reads an argument as rows of `where` ("the test part of xor"), which has
 * `rows`.  NB_USAGE: no rows; NB_FAILED: out of range, or none. */
enum nb_status row_range_read(const struct argument *argument, size_t rows, const char *where,
                              struct row_range *range, struct nb_error *error);

/* Rows first..first+count-1 of a part, in the order of the data set. */
enum nb_status rows_range(const struct session *session, enum dataset_part part, size_t first,
                          size_t count, struct rows *rows, struct nb_error *error);

/* At most `most` rows of a part, drawn by the seed as training would. */
enum nb_status rows_drawn(const struct session *session, enum dataset_part part, size_t most,
                          struct rows *rows, struct nb_error *error);

/* NB_FAILED where the rows do not fit the network. */
enum nb_status rows_check(const struct rows *rows, const struct nb_net *net,
                          struct nb_error *error);

/* Assigns x and y. */
enum nb_status rows_put(const struct rows *rows, struct nb_net *net, struct nb_error *error);
void rows_release(struct rows *rows);

#endif
