/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A question of a lesson, as its block says it:
 *
 *     ```ask d21 points=2 tries=3
 *     question: What is δ2[1]?
 *     answer: delta2[1]
 *     digits: 4
 *     wrong: a2[1] - y[1] => That is ∂L/∂a; multiply by a(1 − a).
 *     hint: δ = ∂L/∂a · ∂a/∂z
 *     ```
 *
 * A line that begins with a blank goes on with the words before it.  wrong and
 * hint may be said several times.  With `choices: a | b | c` the answer and
 * what is wrong are choices, by their words or their numbers.
 */
#ifndef NABLA_LESSON_ASK_H
#define NABLA_LESSON_ASK_H

#include "lang/lang.h"

#define ASK_POINTS 1 /* where the block gives none */
#define ASK_TRIES  3

/* Words of a block.  Places are bytes of the lesson's source; what may go on in
 * further lines has its span in the first. */
struct ask_words {
    char *text;
    struct lang_span span;
};

struct ask_wrong {
    struct ask_words number; /* the expression, or the choice */
    struct ask_words advice;
    size_t choice; /* with choices: which, from 0 */
};

enum ask_exactness {
    ASK_AS_WRITTEN, /* to the digits that the answer is written with, as check has it */
    ASK_DIGITS,     /* to so many significant digits */
    ASK_TOLERANCE,  /* within an absolute difference */
};

struct ask {
    struct ask_words id;
    double points;
    size_t tries;
    struct ask_words question;
    struct ask_words answer; /* an expression, or `update PLACE`; with choices one of them */
    enum ask_exactness exactness;
    struct lang_span exactness_span;
    size_t digits;
    double tolerance;
    struct ask_wrong *wrong;
    size_t wrong_count, wrong_capacity;
    struct ask_words *hints;
    size_t hint_count, hint_capacity;
    struct ask_words *choices; /* none: a number is asked for */
    size_t choice_count, choice_capacity;
    struct lang_span choices_span;
    size_t choice; /* with choices: the right one, from 0 */
};

/* Reads the block whose contents are source[at..at + length), and whose words
 * behind ```ask begin at `info`.  NB_USAGE: error->at is a place in source.
 * *ask is NULL where it fails. */
enum nb_status ask_parse(const char *source, size_t info, size_t at, size_t length,
                         struct ask **ask, struct nb_error *error);
void ask_free(struct ask **ask);

/* Which choice words mean: its number from 1, or its words in any case, in
 * quotes or not.  False: none of them. */
bool ask_choice(const struct ask *ask, const char *words, size_t length, size_t *choice);

#endif
