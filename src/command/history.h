/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going back.  A change is something that can be swapped with the present:
 * swap once and the state is as before, swap again and it is as after.  The
 * timeline is the stack of changes that make up the present; `unstep` pops
 * from it.  An entry for undo is what one statement pushed and popped.
 *
 *     step      pushes change c1                 undo: swaps and pops it
 *     unstep    swaps c1 and pops it             undo: swaps and pushes it
 *
 * A change belongs to the timeline and to entries at once, and is counted
 * once: all together keep within HISTORY_BYTES, the oldest dropped first.
 */
#ifndef NABLA_COMMAND_HISTORY_H
#define NABLA_COMMAND_HISTORY_H

#include "nabla.h"

#define HISTORY_BYTES ((size_t)256 << 20)

struct dataset;
struct dataset_view;
struct history;
struct session;

enum nb_status history_new(struct history **history, struct nb_error *error);
void history_free(struct history **history);
size_t history_bytes(const struct history *history);   /* held by all changes */
size_t history_entries(const struct history *history); /* that undo can revert */

/* Around every statement that may change something: what happens between is
 * one entry for undo (none if nothing changed).  `label` is what undo says.
 * A pair within a pair (a file of commands) makes entries of its own. */
void history_begin(struct session *session, const char *label, size_t length);
void history_end(struct session *session);

/* Before the fact, inside begin/end.  Each saves what the next action changes;
 * those of the network and the data set save the session's own parts, too.
 * `why` names it where unstep stops at it; NULL: the statement as typed. */
enum nb_status history_save_op(struct session *session, size_t op, struct nb_error *error);
enum nb_status history_save_net(struct session *session,
                                const char *why, /* all numbers of the net */
                                struct nb_error *error);
/* Only these quantities, where nothing but their numbers will change (w1[1,1] = 0.2). */
enum nb_status history_save_quantities(struct session *session, const size_t *ids, size_t count,
                                       const char *why, struct nb_error *error);
/* The numbers and how the network learns and rounds: before another optimiser or penalty,
 * and so another plan, or before other rounding.  unstep passes it, but for one within an update.
 */
enum nb_status history_save_learning(struct session *session, struct nb_error *error);
enum nb_status history_save_session(struct session *session, struct nb_error *error);
/* settings, variables, x, y, pinned, counters, data cursor; what stays as it was is let go */
enum nb_status history_replace_net(struct session *session, struct nb_net *net,
                                   struct nb_error *error); /* takes net, also on failure; keeps
                                                               the old one; unsets session->old */
enum nb_status history_replace_data(struct session *session, struct dataset *data,
                                    struct nb_error *error); /* likewise for the data set,
                                                                with its cursor at the start */
enum nb_status history_replace_view(struct session *session, struct dataset_view *view,
                                    struct nb_error *error); /* likewise for its split, limit
                                                                and scale; moves no cursor */

/* For stepping.  Rows taken from the data set before an operation: they go back
 * with it.  Moves of the cursor alone: they go back with the operation below. */
enum nb_status history_save_rows(struct session *session, bool all, struct nb_error *error);
enum nb_status history_save_cursor(struct session *session, struct nb_error *error);
enum nb_status history_save_unit(struct session *session, struct nb_error *error);
/* session->old becomes `old` (taken, also on failure), together with the next
 * operation; NULL: it is forgotten, by a statement of its own. */
enum nb_status history_replace_old(struct session *session, struct nb_net *old,
                                   struct nb_error *error);

/* Print what they reverted or did again; with nothing to do they say so (NB_OK). */
enum nb_status history_undo(struct session *session, struct nb_error *error);
enum nb_status history_redo(struct session *session, struct nb_error *error);

/* The present, for history_way: what undo would revert now. */
uint64_t history_mark(const struct session *session);
/* How many times undo, or else redo, leads to where history_mark() was `mark`.  False:
 * nothing does any more. */
bool history_way(const struct session *session, uint64_t mark, size_t *undos, size_t *redos);
/* Has something since then touched the network or the data, and not only settings, variables
 * and counters?  True also where undo does not lead there. */
bool history_touched(const struct session *session, uint64_t mark);

/* What history_unstep would walk back over: the plan index of the operation
 * (the plan's length where it has none such any more), or NB_NOWHERE at a barrier, whose name
 * *barrier receives ("the assignment of w1"; NULL: the beginning, or what the memory limit left of
 * it). */
size_t history_last_op(const struct session *session, const char **barrier);

/* Walks back over one operation (of which history_last_op told), or with `unit`
 * over one unit of it that was shown after the first. */
enum nb_status history_unstep(struct session *session, bool unit, struct nb_error *error);
bool history_cut(const struct session *session); /* did the limit drop something? */

#endif
