/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running operations one at a time, journalled and printed.  Every command
 * that steps goes through walk_one.
 */
#ifndef NABLA_COMMAND_WALK_H
#define NABLA_COMMAND_WALK_H

#include "command/session.h"
#include "formula/formula.h"

/* WALK_REACHED: in full, but only an operation that reaches a break. */
enum walk_show { WALK_SILENT, WALK_COMPACT, WALK_FULL, WALK_REACHED };

/* Runs the operation at the cursor.  At the start of an iteration it takes the
 * data set's next rows where they are due; before the first update it keeps the
 * network in session->old.  NB_FAILED: no x; at the loss no y, or other rows;
 * NB_INTERRUPTED.  A failure leaves the operation undone.  Where it reaches a
 * break, stops_reached() tells. */
enum nb_status walk_one(struct session *session, enum walk_show show, struct nb_error *error);

/* Readies the rows for the operation at the cursor: takes those that are due;
 * NB_FAILED without x, or of one row under batch norm. */
enum nb_status walk_ready(struct session *session, struct nb_error *error);

/* NB_FAILED where batch norm has a single row of x. */
enum nb_status walk_check_rows(const struct nb_net *net, struct nb_error *error);

/* NB_FAILED where the loss cannot be computed: no y, or of other rows than x. */
enum nb_status walk_check_target(const struct nb_net *net, struct nb_error *error);

/* Moves the cursor to the start of the iteration, or of the backward phase. */
enum nb_status walk_seek(struct session *session, size_t op, struct nb_error *error);

/* A copy of the network with rows, its cursor at 0: for what leaves nothing
 * behind.  NB_FAILED as walk_ready.  Ends with nb_net_free. */
enum nb_status walk_copy(const struct session *session, struct nb_net **copy,
                         struct nb_error *error);

size_t walk_loss_op(const struct nb_net *net);           /* the operation of the loss */
enum nb_phase walk_phase(const struct session *session); /* of the operation at the cursor */
bool walk_has(const struct nb_net *net, enum nb_quantity_kind kind); /* x or y given? */
bool walk_normalizes(const struct nb_net *net);                      /* batch norm somewhere? */

#endif
