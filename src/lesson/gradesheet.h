/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was scored, as people, Gradescope, test runners and spreadsheets read it. */
#ifndef NABLA_LESSON_GRADESHEET_H
#define NABLA_LESSON_GRADESHEET_H

#include "base/sink.h"
#include "lesson/ask.h"
#include "lesson/lesson.h"

enum grade_standing { GRADE_MISSING, GRADE_REFUSED, GRADE_WRONG, GRADE_ASSISTED, GRADE_RIGHT };

/* One question of one student. */
struct grade {
    const struct ask *ask;
    enum grade_standing standing;
    double share;         /* of the points, 0 to 1 */
    size_t tries, line;   /* of the answer that counts, in its file; 0: none */
    struct text question; /* as the student reads it, with its numbers */
    struct text given;    /* that answer */
    struct text feedback; /* what there is to say about it; never the right number */
};

/* One student. */
struct gradesheet {
    char *student;    /* as reports name them */
    const char *file; /* the answers' */
    bool varies;      /* the numbers were drawn by the seed */
    uint64_t seed;
    struct grade *grades; /* (count) in the order of the lesson */
    size_t count;
    struct text faults; /* what was wrong with the file, a line each */
};

enum nb_status gradesheet_init(struct gradesheet *sheet, const struct lesson *lesson,
                               struct nb_error *error);
void gradesheet_release(struct gradesheet *sheet);

double gradesheet_score(const struct gradesheet *sheet);
double gradesheet_most(const struct gradesheet *sheet);

/* A table of questions; for several students a line each. */
void gradesheet_print(const struct gradesheet *sheet, const struct lesson *lesson,
                      struct sink *sink);
void gradesheets_print(const struct gradesheet *sheets, size_t count, struct sink *sink);

/* results.json, of the fields that Gradescope documents. */
enum nb_status gradesheet_json(const struct gradesheet *sheet, const struct lesson *lesson,
                               struct text *text, struct nb_error *error);
/* JUnit XML: a suite for each student, a case for each question. */
void gradesheets_junit(const struct gradesheet *sheets, size_t count, const struct lesson *lesson,
                       struct text *text);
/* student,file,seed,score,max_score and a column of points for each question. */
void gradesheets_csv(const struct gradesheet *sheets, size_t count, struct text *text);

#endif
