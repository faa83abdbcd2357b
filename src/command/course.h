/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person has done of a lesson, kept in $XDG_STATE_HOME/nabla/progress.json:
 *
 *     { "/…/01-pen-and-paper.md": { "section": 3, "sections": 12, "done": false, "seed": 0,
 *         "of": 9, "answers": { "d21": { "state": "right", "tries": 1, "hints": 0,
 *                                        "assisted": false, "points": 2 } } } }
 */
#ifndef NABLA_COMMAND_COURSE_H
#define NABLA_COMMAND_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

struct course;

enum course_state { COURSE_OPEN, COURSE_RIGHT, COURSE_REVEALED, COURSE_SKIPPED };

struct course_answer {
    enum course_state state;
    size_t tries, hints; /* wrong answers, and hints seen */
    bool assisted;       /* computed numbers were looked at, or named in the answer */
    double points;       /* earned */
};

struct course_lesson {
    size_t section, sections; /* shown so far, of */
    bool done;
    uint64_t seed;
    double points, of; /* earned, of */
    size_t assisted;   /* answers */
};

/* Reads what is kept of the lesson in the file `path`; of one that varies, what is kept
 * of the variant with this seed, else NULL.  NB_SYSTEM: it cannot be read; *course then
 * begins empty, and is NULL only where memory ran out. */
enum nb_status course_open(const char *path, const uint64_t *seed, struct course **course,
                           struct nb_error *error);
void course_free(struct course **course);

/* Forgets everything. */
void course_begin(struct course *course, uint64_t seed);
/* What there is to be done now. */
void course_measure(struct course *course, size_t sections, double of);

/* False: nothing is kept. */
bool course_get(const struct course *course, struct course_lesson *lesson);
void course_reach(struct course *course, size_t section, bool done);

/* An answer that is not kept is COURSE_OPEN. */
struct course_answer course_answer(const struct course *course, const char *id);
void course_set_answer(struct course *course, const char *id, const struct course_answer *answer);

/* What was answered last, as written; NULL: nothing.  It belongs to the course. */
const char *course_given(const struct course *course, const char *id);
void course_give(struct course *course, const char *id, const char *answer);

/* Writes it beside what is kept of other lessons. */
enum nb_status course_save(struct course *course, struct nb_error *error);

#endif
