/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Grading what was handed in.  The lesson is played once for each variant, out of
 * sight, and every student's answers are judged where the question stands.
 *
 * A question gives all of its points or, where a vector or matrix is asked for, the
 * share of its elements that are right.  In a recorded session the first right answer
 * counts among as many as the question has tries.
 */
#ifndef NABLA_COMMAND_GRADING_H
#define NABLA_COMMAND_GRADING_H

#include <stdbool.h>
#include <stddef.h>

#include "nabla.h"

struct session;

struct grading_request {
    const char *lesson;       /* its path */
    const char *const *files; /* answers, (count) */
    size_t count;
    const char *student;            /* whose they are; NULL: as the files say */
    bool seeded;                    /* the session's seed was asked for */
    const char *json, *junit, *csv; /* files to write, or NULL */
};

/* Grades, writes the files, and prints a sheet on session->out.  What is wrong with an
 * answers file is said on session->err with its line, and makes NB_USAGE (NB_SYSTEM: one
 * cannot be read) of the status, with everything graded all the same.  Otherwise the
 * lesson could not be played, and `error` is empty if that has been reported. */
enum nb_status session_grade(struct session *session, const struct grading_request *request,
                             struct nb_error *error);

/* Is it an ID that can stand in a file: one line of text?  NB_USAGE. */
enum nb_status student_check(const char *student, struct nb_error *error);

#endif
