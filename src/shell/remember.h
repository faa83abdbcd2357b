/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines typed in earlier sessions, in $XDG_STATE_HOME/nabla/history.  A
 * file that cannot be read or written is done without, silently. */
#ifndef NABLA_SHELL_REMEMBER_H
#define NABLA_SHELL_REMEMBER_H

#include "base/text.h"

/* Adds the lines of the file, each with its newline. */
void remember_read(struct text *lines);

/* Appends lines (each with its newline) in one write, so that sessions that end
 * together keep each other's; a file grown too long loses its older half. */
void remember_append(const struct text *lines);

#endif
