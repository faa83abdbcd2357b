/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions about the numbers of a network, and judging what is answered: what
 * check and quiz do, and whoever else asks.
 *
 *     question_open → question_judge → question_print ... → question_close
 *
 * Nothing of the session changes by it.
 */
#ifndef NABLA_COMMAND_QUESTION_H
#define NABLA_COMMAND_QUESTION_H

#include "command/given.h"
#include "formula/answer.h"

struct question {
    struct session *session;
    struct nb_net *net;       /* in double, its backward phase done where it can be */
    struct text name;         /* as typed: delta1[1], update w1[1,1] */
    struct nb_quantity asked; /* the quantity, of a local derivative the top */
    struct subject subject;
    double *right;
};

/* How to open it. */
enum question_mode {
    QUESTION_PRESENT, /* the number must be there and fresh, else NB_FAILED says what to type */
    QUESTION_UPDATE,  /* what the pending update, or the one just made, makes of a parameter */
    QUESTION_AHEAD,   /* worked out ahead on a copy */
};

/* What `span` names: an element, a whole quantity, a local derivative.  NB_USAGE: it
 * names none; NB_FAILED: there is none such, or no number of it. */
enum nb_status question_open(struct session *session, const char *source, struct lang_span span,
                             enum question_mode mode, struct question *question,
                             struct nb_error *error);
void question_close(struct question *question);

/* An answer, in the shape in which the quantity is stored. */
struct answer {
    struct given_value numbers;
    struct judgement judgement;
};

/* Judges an expression.  NB_FAILED: another shape (and which transposition would fit). */
enum nb_status question_judge(const struct question *question, const char *source,
                              struct lang_span span, struct answer *answer, struct nb_error *error);
void answer_release(struct answer *answer);

/* right or wrong, the lines of mistakes, and what there is to say about it. */
void question_print(const struct question *question, const struct answer *answer,
                    struct sink *sink);

#endif
