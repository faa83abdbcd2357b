/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An iteration worked out by its formulas, with mistakes made on purpose.
 *
 *     x ─▶ z1 ─▶ a1 ─▶ z2 ─▶ a2 ─▶ …         as they are
 *                       ▲
 *                  a cause here: z2, a2, all that is made of them, is worked out anew
 *
 * Only what is asked for is worked out, once.
 */
#ifndef NABLA_FORMULA_SHEET_H
#define NABLA_FORMULA_SHEET_H

#include "formula/mistake.h"

/* The numbers without mistakes. */
struct sheet_base {
    const struct nb_net *net; /* in double, at the start of its update phase if it got there */
    size_t count;             /* quantities */
    struct nb_quantity *quantities; /* (count) */
    double **values;                /* by id, (rows, cols); NULL: there are none */
    size_t work;                    /* numbers that sheets have read so far */
};

/* Past so much work, seconds of it, sheets know no number any more. */
#define SHEET_WORK_MOST ((size_t)20000000)

enum nb_status sheet_base_init(struct sheet_base *base, const struct nb_net *net,
                               struct nb_error *error);
void sheet_base_release(struct sheet_base *base);

struct sheet;

/* How people come by f' on a rounded sheet: by the rounded a, by z, or by a and rounded. */
enum sheet_slope { SHEET_SLOPE_BY_A, SHEET_SLOPE_BY_Z, SHEET_SLOPE_ROUNDED, SHEET_SLOPES };

/* A sheet with `count` causes (at most 2); with `rounded`, a copy of the base's network that
 * rounds, all of it is worked out as that does, but that da, dh, gw and gb are not rounded where
 * `within`: they are parts of what is made of them.  With `held`, quantity `held_id` is taken to be
 * that, and the rest is made of it.  All but `sheet` is borrowed. */
struct sheet_plan {
    struct sheet_base *base;
    const struct cause *causes;
    size_t count;
    const double *held; /* (rows, cols), or NULL */
    size_t held_id;
    const struct nb_net *rounded;
    bool within;
    enum sheet_slope slope;
};
enum nb_status sheet_new(const struct sheet_plan *plan, struct sheet **sheet,
                         struct nb_error *error);
void sheet_free(struct sheet **sheet);

/* Does the number of a quantity depend on the causes? */
bool sheet_touches(const struct sheet *sheet, size_t id);

/* The number of an element; NaN where it cannot be had. */
double sheet_value(struct sheet *sheet, size_t id, size_t row, size_t col);

/* Likewise, of what a computed quantity would be without rounding it. */
double sheet_unrounded(struct sheet *sheet, size_t id, size_t row, size_t col);

/* What the update makes of an element of a parameter or of the optimiser's state, and that
 * before it is rounded. */
double sheet_updated(struct sheet *sheet, size_t id, size_t row, size_t col);
double sheet_updated_unrounded(struct sheet *sheet, size_t id, size_t row, size_t col);

/* The value of a term with the sheet's numbers. */
double sheet_evaluate(struct sheet *sheet, const struct term *term);

#endif
