/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Elements on a page: a name, the term behind it, and the number.
 *
 *     z¹₁ = x₁·w¹₁₁ + x₂·w¹₂₁ + b¹₁          symbols
 *         = 0.5·0.15 + 0.5·0.25 + 0.35       round 0: numbers put in
 *         = 0.075 + 0.125 + 0.35             round 1: as far as height 1
 *         = 0.55                             the result
 */
#ifndef NABLA_FORMULA_ENTRY_H
#define NABLA_FORMULA_ENTRY_H

#include "base/sink.h"
#include "formula/symbol.h"

struct entry {
    struct text name;
    struct term *term;    /* NULL where memory ran out: not printed */
    struct term *in_full; /* what a function's name stands for, or NULL */
    double result;
    bool last_round; /* only the last round is of interest */
};

struct entry_list {
    struct entry *items;
    size_t count, capacity;
    struct entry spare; /* stands in where memory ran out */
};

void entry_list_init(struct entry_list *list);
struct entry *entry_list_add(struct entry_list *list); /* never NULL */
void entry_list_release(struct entry_list *list);      /* empty again, with its terms */

/* Operations whose elements are one product or difference: a line does. */
bool entry_is_short(enum nb_op_kind kind);

/* As `step` prints them; true where a blank line ends them. */
bool entry_list_print_full(const struct entry_list *list, const struct notation *notation,
                           enum nb_op_kind kind, struct sink *sink);

/* The same, each in several lines, without blank lines after the last. */
void entry_list_print_blocks(const struct entry_list *list, const struct notation *notation,
                             enum nb_op_kind kind, struct sink *sink);

/* As `forward` prints them: a line each where it fits. */
void entry_list_print_compact(const struct entry_list *list, const struct notation *notation,
                              enum nb_op_kind kind, struct sink *sink);

#endif
