/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the network says of rows: of a part of the data set, of x and y, or of
 * numbers of one's own.  Nothing of the session changes by it.
 *
 *     struct verdict verdict = { 0 };
 *     verdict_open → verdict_take → verdict.output ... → verdict_release
 */
#ifndef NABLA_COMMAND_VERDICT_H
#define NABLA_COMMAND_VERDICT_H

#include "command/command.h"
#include "command/session.h"

struct verdict {
    const struct session *session;
    struct nb_source source;
    struct dataset_info info; /* name NULL: the rows are x and y, or given ones */
    enum dataset_part part;
    bool targets;       /* the rows have targets */
    bool classes;       /* outputs stand for classes */
    size_t class_count; /* 2 where there is one output */
    size_t first, rows; /* those that were judged, first from 0 */
    size_t outputs;
    double *output, *target; /* (rows, outputs); target NULL without targets */
    double *loss;            /* (rows), NULL without targets */
    double *x, *y;           /* of the given rows: (source.rows, inputs), (source.rows, outputs) */
};

/* Chooses the rows: the part named in the call (argument `part`), else the test
 * part, else the training part; without a data set x and, where given, y.
 * NB_FAILED: a part without data set, or without rows; no x. */
enum nb_status verdict_open(struct session *session, const struct call *call,
                            struct verdict *verdict, struct nb_error *error);

/* Rows of numbers instead: one sample a row.  NB_FAILED: another number of inputs. */
enum nb_status verdict_open_value(struct session *session, const struct value *x,
                                  struct verdict *verdict, struct nb_error *error);

/* NB_FAILED without targets, or (classes) where they are no classes. */
enum nb_status verdict_need(const struct verdict *verdict, bool classes, struct nb_error *error);

/* Judges rows first .. first+rows-1. */
enum nb_status verdict_take(struct verdict *verdict, size_t first, size_t rows,
                            struct nb_error *error);
void verdict_release(struct verdict *verdict);

/* The class that a row of outputs or targets stands for: the largest, or with
 * one number whether it is above 0.5; class_count where one is not a number. */
size_t verdict_class(const struct verdict *verdict, const double *numbers);
bool verdict_right(const struct verdict *verdict, size_t row);

/* The probability of the predicted class; false where outputs are no probabilities, or
 * stand for no class. */
bool verdict_probability(const struct verdict *verdict, size_t row, double *probability);

/* The name of a class; its number where it has none; "NaN" of class_count. */
void verdict_add_class(const struct verdict *verdict, size_t class, struct text *text);

/* "xor, test part", "x and y". */
void verdict_add_name(const struct verdict *verdict, struct text *text);

#endif
