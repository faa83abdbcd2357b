/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard output and standard error as sinks.  Output is buffered; it is
 * flushed before anything goes to standard error and before each prompt.
 *
 *     struct terminal terminal;
 *     terminal_init(&terminal);
 *     sink_puts(&terminal.out, "∇");      becomes ASCII where the locale asks for it
 *     status = terminal_finish(&terminal, &error);
 */
#ifndef NABLA_SHELL_TERMINAL_H
#define NABLA_SHELL_TERMINAL_H

#include <signal.h>
#include <time.h>

#include "base/sink.h"
#include "command/session.h"
#include "shell/pager.h"

struct terminal {
    struct sink out, err;
    bool input, output, errors;       /* stdin, stdout, stderr are terminals */
    bool smart;                       /* TERM is there and not "dumb" */
    struct pager pager;               /* what of the output a person wants to see */
    struct text pending;              /* bytes for standard output, not written yet */
    struct timespec flushed;          /* when it last was */
    int failure;                      /* errno of the first failed write; 0: none */
    volatile sig_atomic_t *interrupt; /* raised when output fails: stop soon */
};

/* Reads the locale (LC_CTYPE only), the environment and the width. */
void terminal_init(struct terminal *terminal, volatile sig_atomic_t *interrupt);

/* Colours after the setting; auto: on a terminal, without NO_COLOR, not TERM=dumb. */
void terminal_set_color(struct terminal *terminal, enum color_choice choice);

/* The window may have another width now. */
void terminal_measure(struct terminal *terminal);

/* Begins output that pauses where the screen is full, or goes on to its end. */
void terminal_page(struct terminal *terminal, bool wanted);

void terminal_flush(struct terminal *terminal);

/* Flushes and frees.  NB_SYSTEM where any output was lost; a closed pipe is
 * such a loss, but one without a message. */
enum nb_status terminal_finish(struct terminal *terminal, struct nb_error *error);

#endif
