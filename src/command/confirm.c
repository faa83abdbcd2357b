/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/confirm.h"

#include <string.h>

#include "command/present.h"
#include "command/transcript.h"

#define CTRL_D '\004'

/* The line's first character, small; 'q' where it is given up. */
static char read_answer(const struct session *session)
{
    const struct keyboard *keyboard = session->keyboard;
    char first = '\0';
    for (;;) {
        char key = keyboard->next(keyboard->context);
        if (key == '\r' || key == '\n')
            return first;
        if (!first && (key == 'q' || key == CTRL_D))
            return 'q';
        if (key < ' ' || key > '~')
            continue;
        first = first ? first : key;
        sink_write(session->out, &key, 1);
    }
}

bool session_confirm(const struct session *session, const char *question)
{
    if (!session->keyboard || !session->prompting || session->origin)
        return true;
    for (;;) {
        sink_printf(session->out, "%s (y or n) ", question);
        char answer = read_answer(session);
        sink_puts(session->out, "\n");
        if (!answer || !strchr("yYnNq", answer))
            continue;
        bool yes = answer == 'y' || answer == 'Y';
        (yes ? transcript_leave_output : transcript_leave_out)(session);
        return yes;
    }
}
