/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lessons in a session: src/lesson/ plays and judges, the session runs the blocks. */
#ifndef NABLA_COMMAND_LESSON_H
#define NABLA_COMMAND_LESSON_H

#include "lesson/test.h"
#include "nabla.h"

struct session;

/* NB_FAILED while a block of a lesson runs: it cannot end what it runs in. */
enum nb_status session_check_outside(const struct session *session, struct nb_error *error);

/* How a player has its blocks run in this session. */
struct lesson_host session_lesson_host(struct session *session);

/* Begins the lesson in the file `path`, or goes on where a person left it, and shows
 * a section; where the session is not interactive, all of it.  A failing block
 * has been reported already (`error` has no text then). */
enum nb_status session_begin_lesson(struct session *session, const char *path,
                                    struct nb_error *error);

/* Goes on to the next section of the lesson that is being played, or through the
 * rest of the present one, up to a question; where one waits, it reminds of it.
 * After the last section the lesson is over. */
enum nb_status session_next_section(struct session *session);

/* Writes what has been done of the lesson; says once where that fails. */
void session_keep_progress(struct session *session);

/* Are the numbers of the lesson in this file drawn, others with another seed? */
bool session_lesson_varies(const char *path);

/* Ends the lesson that is being played, if any. */
void session_leave_lesson(struct session *session);

/* Plays a lesson as a test, in this session, adding to *tally.  What is wrong
 * is said on session->err with file and line.  NB_WRONG: something failed;
 * otherwise the lesson could not be read. */
enum nb_status session_test_lesson(struct session *session, const char *path,
                                   struct lesson_tally *tally, struct nb_error *error);

#endif
