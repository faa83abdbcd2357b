/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging the answer to a question of a lesson.
 *
 *     asking_open → asking_judge → asking_print ... → asking_close
 *
 * What is right and what is wrong is worked out when the question is opened, if
 * need be ahead, on a copy; nothing of the session changes by it.
 */
#ifndef NABLA_COMMAND_ASKING_H
#define NABLA_COMMAND_ASKING_H

#include "command/question.h"
#include "lesson/lesson.h"
#include "lesson/render.h"

#define ANSWER_MOST ((size_t)1000) /* bytes */

/* A question, opened.  It points into the lesson, which outlives it. */
struct asking {
    struct session *session;
    const struct lesson *lesson;
    const struct ask *ask;
    struct value right;       /* not of a choice */
    struct value *wrong;      /* (ask->wrong_count) not of choices */
    bool named;               /* a quantity is asked for: the catalogue of mistakes knows it */
    struct question question; /* where named */
};

/* NB_USAGE, NB_FAILED: an expression of the block cannot be worked out, or what
 * is wrong has another shape than the answer; error->at is a place in the
 * lesson's source. */
enum nb_status asking_open(struct session *session, const struct lesson *lesson,
                           const struct ask *ask, struct asking *asking, struct nb_error *error);
void asking_close(struct asking *asking);

/* The first wrong: that is the answer itself, to the digits asked; NB_NOWHERE: none. */
size_t asking_collision(const struct asking *asking);

enum asking_verdict {
    ASKING_UNPARSABLE, /* no answer: no number or arithmetic, none of the choices, another shape */
    ASKING_REFUSED,    /* names what may not be named when grading */
    ASKING_COARSE,     /* right as far as it goes, with fewer digits than are asked for */
    ASKING_WRONG,
    ASKING_RIGHT,
};

struct asking_answer {
    enum asking_verdict verdict;
    bool assisted;    /* it names a computed quantity, or what is asked for */
    double share;     /* of the elements asked for that are right, 0 to 1 */
    size_t choice;    /* with choices: which, from 0 */
    size_t wrong;     /* the wrong: that it is; NB_NOWHERE: none */
    bool judged;      /* by the catalogue: a wrong number that is none of wrong: */
    const char *slip; /* what has gone wrong in writing the number down; NULL: nothing such */
    struct answer catalogue;
};

/* Judges source[span].  NB_USAGE, NB_FAILED where it is UNPARSABLE or REFUSED,
 * error->at being a place in source.  When grading an answer is made of numbers and
 * arithmetic; no name counts. */
enum nb_status asking_judge(struct asking *asking, const char *source, struct lang_span span,
                            bool grading, struct asking_answer *answer, struct nb_error *error);
void asking_answer_release(struct asking_answer *answer);

/* right or wrong, and the advice of the lesson or of the catalogue. */
void asking_print(const struct asking *asking, const struct asking_answer *answer,
                  const struct lesson_values *values, struct sink *sink);

/* The right answer as people read it: -0.02435 to the digits asked, [1, 2], or
 * the words of a choice. */
void asking_right(const struct asking *asking, struct text *text);

/* The right answer with its derivation. */
void asking_reveal(const struct asking *asking, struct sink *sink);

/* Does an expression, or a list of some, name a quantity that the network computes, other
 * than what the question and its first `hints` hints show? */
bool asking_looks(const struct asking *asking, size_t hints, const char *source,
                  struct lang_span span);

/* Does a `check` of source[span] judge what is asked for?  Of other numbers it says only
 * whether they are right, as the advice after a wrong answer tells to ask it. */
bool asking_checks(const struct asking *asking, const char *source, struct lang_span span);

#endif
