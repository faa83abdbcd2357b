/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson before an audience: large spacing, revealed line by line. */
#ifndef NABLA_COMMAND_PRESENT_H
#define NABLA_COMMAND_PRESENT_H

#include "command/session.h"

/* Keys that a person presses, one by one; of the shell. */
struct keyboard {
    void *context;
    char (*next)(void *context); /* 'q' where there is none to come */
    int (*rows)(void *context);  /* of the screen */
};

/* Presents the lesson being played from where it stands: Space and Enter reveal a
 * line, b and Backspace take one back, q ends it.  Questions show their answers.
 * What fails has been reported, and ends it. */
enum nb_status session_present(struct session *session);

#endif
