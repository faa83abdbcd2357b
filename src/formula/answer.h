/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging numbers that a person worked out: are they right, and if not, which
 * mistakes give them?  A mistake, or two at once, is put to the test by working
 * the sheet out with it and comparing to the digits written.
 *
 *     struct judgement judgement;
 *     answer_judge(&subject, &given, &judgement, error) → answer_print(...)
 *     judgement_release(&judgement);
 */
#ifndef NABLA_FORMULA_ANSWER_H
#define NABLA_FORMULA_ANSWER_H

#include "base/sink.h"
#include "formula/local.h"
#include "formula/mistake.h"
#include "formula/symbol.h"

enum subject_kind {
    SUBJECT_QUANTITY,
    SUBJECT_UPDATE, /* what the update makes of a parameter */
    SUBJECT_LOCAL,  /* ∂top/∂bottom */
};

/* What was asked: an element, or a whole quantity. */
struct subject {
    enum subject_kind kind;
    /* The network in double, at the start of its update phase where it got there. */
    const struct nb_net *net;
    size_t id;    /* of the quantity or parameter */
    bool element; /* only (row, col) of it */
    size_t row, col;
    struct local local;  /* of SUBJECT_LOCAL, which is an element */
    size_t rows, cols;   /* of what follows; 1, 1 for an element */
    const double *right; /* (rows, cols) the right numbers */
    double precision;    /* to which they are right, relatively: 1e-9, 1e-4 */
    double nothing;      /* and what cannot be told from 0 */
    bool unclipped;      /* CLIP has not cut them yet */
    bool past;           /* they are from before the last update: old(…) */
};

/* What was answered. */
struct given {
    const double *numbers; /* (rows, cols) */
    const double *half;    /* (rows, cols) half a unit of the last digit written, 0: exact */
};

/* What explains the numbers: a mistake or two. */
#define FINDING_CAUSES 2
struct finding {
    struct cause cause[FINDING_CAUSES];
    size_t count;
    bool partly;  /* of a whole quantity: made only where it is wrong */
    size_t index; /* of a whole quantity: it explains this number; NB_NOWHERE: all of them */
};

/* neighbour in a whole quantity: its transpose, or other elements here and there;
 * in an element the variant is the other's place, row·cols + col */
#define NEIGHBOUR_TRANSPOSED (SIZE_MAX - 1)
#define NEIGHBOURS_MIXED     (SIZE_MAX - 2)

/* Factors of an update are of its step; from here on, of the new number as it stands. */
#define FACTOR_OF_ALL 16

#define FINDINGS_MOST 8
#define NEXT_MOST     6
struct judgement {
    bool right;
    size_t count, wrong_count;
    bool *wrong; /* (count) */
    struct finding findings[FINDINGS_MOST];
    size_t findings_count;          /* each mistake once; 0: none fits */
    bool doubtful;                  /* with so few digits something might fit by chance */
    struct element next[NEXT_MOST]; /* the computed numbers that the first wrong one is made of */
    size_t next_count;
    bool next_whole; /* they are many: whole quantities */
};

enum nb_status answer_judge(const struct subject *subject, const struct given *given,
                            struct judgement *judgement, struct nb_error *error);
void judgement_release(struct judgement *judgement);

/* Does a number agree with another to the digits written, and within 5 %?  And how far away from
 * the other that is at most. */
bool answer_agrees(const struct subject *subject, double number, double half, double other);
double answer_tolerance(const struct subject *subject, double half, double other);

/* "mistake: SLUG — what to do instead of cause[index]", broken where a person looks; `within` names
 * the array that it is in, where the finding names no element, or is NULL. */
void answer_line(struct sink *sink, const struct subject *subject,
                 const struct judgement *judgement, const struct finding *finding, size_t index,
                 const char *within, const struct notation *notation);

/* The formula of what is asked, of a whole quantity for a general index; empty for a local
 * derivative. */
void answer_formula(struct text *text, const struct subject *subject,
                    const struct notation *notation);

/* `right` or `wrong`, the lines `mistake: SLUG — advice`, and below them how the number comes
 * out, or where to look next.  Never the right number. */
void answer_print(const struct subject *subject, const struct given *given,
                  const struct judgement *judgement, const struct notation *notation,
                  struct sink *sink);

#endif
