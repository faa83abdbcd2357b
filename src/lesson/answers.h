/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What somebody hands in.  An answers file has a line for each question:
 *
 *     # lesson: 01-pen-and-paper        who and what; these lines may be missing
 *     # student: 4711
 *     # seed: 2166136261
 *     # assisted: d21                   computed numbers were looked at: no points
 *     d21: 0.0243
 *     shape: 2
 *
 * A recorded session (FILE.md) has such lines in its ```answers blocks, where an id that
 * comes again is another try; blocks that name another lesson are passed over.
 */
#ifndef NABLA_LESSON_ANSWERS_H
#define NABLA_LESSON_ANSWERS_H

#include "lang/lang.h"
#include "lesson/lesson.h"

#define ANSWERS_MOST     LESSON_MOST    /* bytes of a file */
#define ANSWER_LINE_MOST ((size_t)1000) /* bytes of one line */

struct answer_given {
    const struct ask *ask;
    struct lang_span value; /* in answers->source */
    size_t line;            /* from 1 */
    bool assisted;          /* the file says so */
};

/* Something that is wrong with a file. */
struct answers_fault {
    size_t at; /* a place in answers->source */
    char *text;
};

struct answers {
    char *path;
    struct text source;
    bool session;  /* a recorded one: there may be several tries */
    bool foreign;  /* the head says that these are answers to something else */
    char *student; /* NULL: not said */
    size_t student_at, seed_at;
    bool has_seed;
    uint64_t seed;
    struct answer_given *given;
    size_t count, capacity;
    struct answers_fault *faults;
    size_t fault_count, fault_capacity;
};

/* Reads a file; *answers is overwritten and needs answers_release either way.  Lines that
 * are no answer, and ids that the lesson does not have or that come twice, become faults;
 * none of the answers to a question that is answered twice counts.
 * NB_SYSTEM: cannot be read, too large.  NB_USAGE: no text. */
enum nb_status answers_read(const char *path, const struct lesson *lesson, struct answers *answers,
                            struct nb_error *error);
void answers_release(struct answers *answers);

/* Adds a fault at a place in answers->source. */
enum nb_status answers_fault(struct answers *answers, size_t at, const char *text,
                             struct nb_error *error);

/* The name by which hand-ins know a lesson: its file's, without folder and .md. */
void answers_add_lesson(struct text *text, const struct lesson *lesson);

/* The lines that say who and what; seed and student where there are any. */
void answers_add_head(struct text *text, const struct lesson *lesson, const char *student,
                      const uint64_t *seed);

/* The seed of a student: FNV-1a, 32 bits, of the bytes of the ID. */
uint64_t answers_student_seed(const char *student);

#endif
