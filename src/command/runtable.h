/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs as a table: which columns, in which order, and their cells. */
#ifndef NABLA_COMMAND_RUNTABLE_H
#define NABLA_COMMAND_RUNTABLE_H

#include "command/runs.h"

enum { RUNTABLE_COLUMNS = 18 };

struct runtable {
    size_t column[RUNTABLE_COLUMNS], columns; /* those shown, by their place in the list */
    const struct run_record **runs;           /* (rows) */
    size_t rows;
    size_t sorted; /* the column that it is sorted by; RUNTABLE_COLUMNS: by none */
};

/* The runs of the session; no columns are chosen yet. */
enum nb_status runtable_init(struct runtable *table, const struct session *session,
                             struct nb_error *error);
void runtable_release(struct runtable *table);

/* All columns but those that are empty for every run; or those given: name,lr,loss. */
void runtable_choose_filled(struct runtable *table);
/* Leaves columns out until the table is `width` wide, those first that are the same for
 * every run, and never the one that it is sorted by; their names go to `left_out`, with
 * commas. */
void runtable_fit(struct runtable *table, size_t width, struct text *left_out);
enum nb_status runtable_choose(struct runtable *table, const struct argument *given,
                               struct nb_error *error);
/* loss rises, -accuracy falls; runs that are equal there stay in their order. */
enum nb_status runtable_sort(struct runtable *table, const struct argument *given,
                             struct nb_error *error);

/* Of the column at `place` among those shown. */
const char *runtable_title(const struct runtable *table, size_t place);
bool runtable_is_number(const struct runtable *table, size_t place);
void runtable_add_cell(const struct runtable *table, size_t place, const struct run_record *run,
                       struct text *text);
size_t runtable_width(const struct runtable *table, size_t place); /* with its title */

#endif
