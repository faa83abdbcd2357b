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

#include "formula/phrase.h"

struct entry {
    struct phrase heading; /* a line above it, or empty */
    struct phrase name;
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

/* = for all but what works in place: ←. */
const char *entry_sign(enum nb_op_kind kind);

/* ---- What stands between the name and the result ---- */

#define ROUNDS_MOST 9

struct round {
    const struct term *term; /* of the entry */
    int fold;
    struct text text;
};

/* The rounds worth printing: none says what the one before it or the result says. */
struct rounds {
    size_t count;
    struct round round[ROUNDS_MOST];
    struct text result;
};

void rounds_init(struct rounds *rounds, const struct notation *notation, double result);
void rounds_release(struct rounds *rounds);

/* Adds the term with that fold, unless that says nothing new. */
void rounds_add(struct rounds *rounds, const struct notation *notation, const struct term *term,
                int fold);

/* Symbols and every round. */
void rounds_add_all(struct rounds *rounds, const struct notation *notation,
                    const struct entry *entry);

/* Numbers; of a loss, `every` one of its rounds. */
void rounds_add_compact(struct rounds *rounds, const struct notation *notation,
                        const struct entry *entry, bool every);

#endif
