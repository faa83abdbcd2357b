/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson begins the same whatever a person has set: the settings of the session's
 * beginning, no break, no watch, no display, no run.  The person's own come back after it.
 * So does each section, and one that is played again, whatever a person has done since. */
#ifndef NABLA_COMMAND_ONSET_H
#define NABLA_COMMAND_ONSET_H

#include "command/session.h"
#include "lesson/lesson.h"

/* A lesson that varies keeps the seed, which tells the variant. */
enum nb_status onset_begin(struct session *session, const struct lesson *lesson,
                           struct nb_error *error);

/* Before anything is shown: where the section to come begins, for onset_return. */
void onset_mark(struct session *session);

/* Before the section to come is played again: the numbers, settings and data are as they
 * were when it began.  Where undo and redo lead there no more, the lesson runs from its
 * beginning up to here; what fails in it has been reported, and `error` is empty then. */
enum nb_status onset_return(struct session *session, struct nb_error *error);

/* After what was shown of the lesson: how it leaves things, for onset_resume. */
void onset_leave_off(struct session *session);

/* Before the section to come: where a person has moved numbers since the one before, or taken
 * names of the lesson, all that was changed since is undone, and breaks set since are deleted.
 * Names and the display of numbers alone stay as the person has them. */
enum nb_status onset_resume(struct session *session, struct nb_error *error);

/* Before a lesson's block writes a file: where it is there already, and not of this lesson,
 * the person is asked.  NB_FAILED: it stays as it is. */
enum nb_status onset_check_write(struct session *session, const char *path, struct nb_error *error);

/* Where one has begun; what has gone wrong is said. */
void onset_end(struct session *session);

#endif
