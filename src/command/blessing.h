/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson's output blocks, written anew from what a session prints. */
#ifndef NABLA_COMMAND_BLESSING_H
#define NABLA_COMMAND_BLESSING_H

#include "nabla.h"

struct session;

/* Plays the lesson in this session, writes it where outputs differed, and says so on
 * session->out, and how many of its outputs vary with the seed.  A failing block has been reported
 * already (`error` has no text then), and the file is as it was. */
enum nb_status session_bless_lesson(struct session *session, const char *path,
                                    struct nb_error *error);

#endif
