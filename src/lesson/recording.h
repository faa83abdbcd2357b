/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session as a lesson: what was typed, and what it printed.
 *
 *     ```nabla         statements that went well, with their output behind them
 *     ```nabla fails   a statement that did not
 *     ```answers       what was answered to a question of a lesson: id: value
 *
 * What differs from one run to the next (times, absolute paths) becomes `...`.
 */
#ifndef NABLA_LESSON_RECORDING_H
#define NABLA_LESSON_RECORDING_H

#include "base/text.h"

enum record_kind {
    RECORD_RUN,    /* went well */
    RECORD_FAILED, /* fails again when it is run again */
    RECORD_ANSWER, /* statement: what was answered; `lead` says to what */
    RECORD_LEFT,   /* cannot be run again: interrupted */
    RECORD_OUTSIDE /* likewise: writes outside of the working folder */
};

struct record {
    enum record_kind kind;
    char *statement, *output, *lead; /* lead: RECORD_ANSWER only, else NULL */
};

struct recording {
    struct text setup; /* commands that come first: settings of the command line */
    struct record *records;
    size_t count, capacity;
    size_t bytes;  /* of all texts */
    bool overflow; /* there was more than a lesson can hold; it was not kept */
    bool loose;    /* something was left out: what comes after it may print something else */
};

void recording_init(struct recording *recording);
void recording_release(struct recording *recording);

/* Adds a statement and what it printed.  `exact` false: of the output nothing is known
 * that holds elsewhere. */
enum nb_status recording_add(struct recording *recording, enum record_kind kind, const char *lead,
                             const char *statement, size_t length, const struct text *output,
                             bool exact, struct nb_error *error);

/* Adds the lesson to `text`.  What comes before record `from` is run silently.
 * NB_FAILED: more than a lesson can hold. */
enum nb_status recording_write(const struct recording *recording, size_t from, struct text *text,
                               struct nb_error *error);

#endif
