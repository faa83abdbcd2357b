/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/confirm.h"

#include <string.h>

#include "command/present.h"
#include "command/transcript.h"

#define CTRL_D '\004'

/* The line's first character, small; 'q' where it is given up. */
static char read_answer(const struct keyboard *keyboard, struct sink *out)
{
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
        sink_write(out, &key, 1);
    }
}

static bool ask(const struct session *session, struct sink *out, const char *question)
{
    for (;;) {
        sink_printf(out, "%s (y or n) ", question);
        char answer = read_answer(session->keyboard, out);
        sink_puts(out, "\n");
        if (answer && strchr("yYnNq", answer))
            return answer == 'y' || answer == 'Y';
    }
}

bool session_confirm(const struct session *session, const char *question)
{
    if (!session->keyboard || !session->prompting || session->origin)
        return true;
    bool yes = ask(session, session->out, question);
    (yes ? transcript_leave_output : transcript_leave_out)(session);
    return yes;
}

bool session_confirm_lesson(const struct session *session, const char *question)
{
    if (!session->keyboard || !session->interactive || session->presenting)
        return true;
    bool yes = ask(session, session->err, question);
    if (!yes)
        transcript_leave_out(session);
    return yes;
}
