/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prompt at a terminal: line editing, completion, history. */
#ifndef NABLA_SHELL_PROMPT_H
#define NABLA_SHELL_PROMPT_H

#include <signal.h>

#include "command/session.h"
#include "shell/terminal.h"

/* Reads and runs lines until `quit` or Ctrl-D.  Ctrl-C drops the line.
 * *interrupts counts the Ctrl-C of the handler that is installed; it is set
 * to 0 before each line runs. */
void prompt_loop(struct session *session, struct terminal *terminal,
                 volatile sig_atomic_t *interrupts);

#endif
