/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every session is recorded as it goes, so that `transcript` can write it as a
 * lesson.  A statement stands between transcript_begin and transcript_end; only
 * the innermost of what source and lesson run is kept, not what expect runs.
 */
#ifndef NABLA_COMMAND_TRANSCRIPT_H
#define NABLA_COMMAND_TRANSCRIPT_H

#include "command/command.h"
#include "command/session.h"

enum nb_status transcript_new(struct transcript **transcript, struct nb_error *error);
/* Writes what is still to be written.  NB_SYSTEM, NB_FAILED: it could not be, which has
 * been reported. */
enum nb_status transcript_close(struct session *session);

/* One statement while it runs: what it prints goes to where it went, and is kept. */
struct transcript_scope {
    bool kept, answered, left_out, varies, outside;
    struct lang_span statement, word;
    const struct command *command; /* NULL: no command */
    struct sink tee, *out;
    struct text output;
};
void transcript_begin(struct session *session, struct lang_span statement, struct lang_span word,
                      const struct command *command, struct transcript_scope *scope);
void transcript_end(struct session *session, struct transcript_scope *scope, const char *source,
                    enum nb_status status, const struct nb_error *error);

/* The statement that is running answers a question of a lesson: it is kept as that, below
 * the lines `lead`, and does not run again.  What the lesson runs next is kept, too. */
void transcript_answered(struct session *session, const char *lead, const char *answer,
                         size_t length);

/* The statement that is running is left out: it does nothing, for a reason that there is not
 * where the transcript is played (a question is open, a person said no). */
void transcript_leave_out(const struct session *session);
/* What it has printed so far is left out: only a person is asked. */
void transcript_leave_output(const struct session *session);
/* What it prints is not compared: it is of the person or the machine. */
void transcript_vary(const struct session *session);
/* It writes a file outside of the working folder, which no lesson may: it is there to be
 * read, and does not run. */
void transcript_outside(const struct session *session);

/* Where to say what belongs to no statement: a transcript does not record it. */
struct sink *transcript_aside(const struct session *session);

/* Whether statements are left out from here on; returns what it was before. */
bool transcript_hush(struct session *session, bool hushed);

enum nb_status transcript_command(struct session *session, const struct call *call,
                                  struct nb_error *error);

/* Records that settings became the present ones all at once, by no statement. */
void transcript_settings(struct session *session, const struct settings *before);

#endif
