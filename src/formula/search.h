/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The search for mistakes that give a person's numbers.
 *
 *     own       in the formula of the quantity itself (and of the da within a delta)
 *     every     in that of every layer
 *     carried   in the formula of one number that it is made of
 *     pairs     two of these at once
 *
 * In this order, the likeliest first.  Many formulas hit any number sooner or later, so only as
 * many are tried as a number drawn at random would seldom meet at the digits written:
 *
 *     digits   numbers that cannot be told from one      mistakes tried
 *     4        1 in 2,000 of its magnitude               all, and some pairs
 *     3        1 in 200                                  some 20 numbers
 *     2        1 in 20                                   what is done most, some 3
 */
#ifndef NABLA_FORMULA_SEARCH_H
#define NABLA_FORMULA_SEARCH_H

#include "formula/answer.h"
#include "formula/sheet.h"

#define SUSPECTS_MOST 200
#define FACTORS_MOST  16

/* Up to what sum of such shares is tried what is done most, what else is one mistake, two. */
#define CHANCE_LIKELY   0.2
#define CHANCE_MOST     0.1
#define CHANCE_PAIRS    0.005
#define CHANCE_DOUBTFUL 0.02 /* from here on a person is told */

/* A mistake that multiplies; in an update the step, or all of the new number. */
struct factor {
    struct cause cause;
    double by;
    bool of_all;
    bool unlikely; /* tried only where nothing else fits */
};

struct search {
    const struct subject *subject;
    const struct given *given;
    struct judgement *judgement;
    struct sheet_base base;
    struct sheet *plain; /* without causes */
    struct term *local;  /* of SUBJECT_LOCAL, where an operation makes one from the other */
    bool *upstream;      /* by id: the subject is made of it */

    struct cause suspects[SUSPECTS_MOST]; /* rewritings: own, then every, then carried */
    size_t suspect_count, own, every;     /* in all; up to the end of own, of every */
    struct factor factors[FACTORS_MOST];
    size_t factor_count;

    size_t first;  /* the first number that is wrong */
    double share;  /* of the numbers of this magnitude that cannot be told from the given */
    double chance; /* that one at random would be met by what was tried */
    double tried[SUSPECTS_MOST];
    size_t tried_count;
};

/* A way to come by the numbers: a sheet with causes, then a factor. */
struct trial {
    struct sheet *sheet;         /* NULL: the right numbers */
    const struct factor *factor; /* or NULL */
    bool unrounded;              /* the last operation's result is not rounded */
};

/* Fills the findings of a judgement whose numbers are wrong; `looks` are taken in all, each at
 * other numbers. */
enum nb_status search_run(const struct subject *subject, const struct given *given, double looks,
                          struct judgement *judgement, struct nb_error *error);

/* Is quantity `id` worked out within the subject's own formula: da within delta, gw
 * within an update? */
bool search_is_own(const struct subject *subject, size_t id);

/* search.c */
struct element search_place(const struct subject *subject, size_t index);
double search_value(const struct search *search, const struct trial *trial, size_t index);
double search_multiplied(const struct subject *subject, const struct factor *factor,
                         struct element place, double value);
double search_number(const struct search *search, const struct trial *trial, struct element place);
bool search_meets(const struct search *search, size_t index, double value);
bool search_fits(const struct search *search, const struct trial *trial, bool partly);
/* What share of the numbers between half and twice the given one cannot be told from it? */
double search_share(const struct search *search, size_t index);
/* Adds the chance that a number at random would be met by one that is tried now. */
void search_count(struct search *search, double value);
void search_found(struct search *search, const struct cause *causes, size_t count, bool partly);
enum nb_status search_sheet(struct search *search, const struct cause *causes, size_t count,
                            struct sheet **sheet, struct nb_error *error);

/* suspects.c: what can have been done wrong where */
void suspects_list(struct search *search);

/* neighbours.c: other elements of the same quantity.  Calls `use` for each that may be
 * meant, with its number. */
void neighbours_each(struct search *search, void *context,
                     void (*use)(struct search *search, void *context, struct element other,
                                 double value));
struct cause neighbour_cause(const struct search *search, struct element other);
void neighbours_try(struct search *search);

/* locals.c: what is particular to ∂top/∂bottom */
void locals_try(struct search *search);

/* pairs.c */
enum nb_status pairs_try(struct search *search, struct nb_error *error);

#endif
