/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output a screen at a time.  It counts the rows that text takes on the screen
 * and asks, when that is full and more text comes, whether to go on.
 */
#ifndef NABLA_SHELL_PAGER_H
#define NABLA_SHELL_PAGER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct pager {
    bool on;           /* else everything fits */
    bool stopped;      /* no more of this output is wanted */
    int rows, columns; /* of the screen; rows 0: not known, everything fits */
    int row, column;   /* where this screenful ends */
    bool escape;       /* in the middle of an ANSI escape */
};

/* Begins a screenful, wanted whole or in pages. */
void pager_begin(struct pager *pager, bool on);

/* How many of the bytes (UTF-8, with ANSI escapes) still fit on the screen. */
size_t pager_fits(struct pager *pager, const char *bytes, size_t length);

/* Waits for a key at the terminal: Space and Enter begin the next screenful;
 * q, the end of input and Ctrl-C (*interrupt) stop the output. */
void pager_ask(struct pager *pager, const volatile sig_atomic_t *interrupt);

/* The next key at the terminal, without Enter behind it; q where none can come, and
 * for Ctrl-C. */
char pager_key(const volatile sig_atomic_t *interrupt);

#endif
