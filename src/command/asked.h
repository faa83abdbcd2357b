/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The question that holds the lesson being played, and what a person does about
 * it: an answer, hint, skip, reveal, or a look at the numbers.
 */
#ifndef NABLA_COMMAND_ASKED_H
#define NABLA_COMMAND_ASKED_H

#include "command/command.h"
#include "command/session.h"
#include "lesson/player.h"

/* As struct lesson_host has them; the context is the session. */
enum nb_status asked_show(void *context, const struct lesson *lesson,
                          const struct lesson_part *part, bool *holds, struct nb_error *error);
enum nb_status asked_prove(void *context, const struct lesson *lesson,
                           const struct lesson_part *part, struct nb_error *error);
enum nb_status asked_value(void *context, const char *expression, struct text *text);

/* Does a question wait for what is typed now? */
bool asked_waits(const struct session *session);
/* Is this one of its choices, or a number that is to be one? */
bool asked_chooses(const struct session *session, const char *source, struct lang_span statement);
/* Is it a number that is asked for? */
bool asked_wants_number(const struct session *session);
/* delta2[1] = -0.0243 where delta2[1] is asked for: then *value is what stands behind =. */
bool asked_spells(const struct session *session, const char *source, struct lang_span statement,
                  struct lang_span *value);

/* NB_FAILED where a question waits, which asks about the numbers as they are: what
 * would change them (a command, a setting) does not run until it is dealt with. */
enum nb_status asked_check_change(const struct session *session, const char *what,
                                  struct nb_error *error);
/* Likewise of a variable that the lesson's questions reckon with; others are free. */
enum nb_status asked_check_variable(const struct session *session, const char *name,
                                    struct nb_error *error);

/* Judges a statement as the answer, after which the lesson may go on. */
enum nb_status asked_answer(struct session *session, const char *source, struct lang_span statement,
                            struct nb_error *error);

/* Notes that a statement, a command or none, has shown computed numbers, if it has. */
void asked_note(struct session *session, const struct command *command, const char *source,
                struct lang_span statement);

/* The line that reminds of the question that waits. */
void asked_remind(struct session *session);
/* Forgets the question, which stays unanswered. */
void asked_drop(struct session *session);

/* hint, skip, reveal */
enum nb_status hint_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status skip_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status reveal_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
