/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole iteration worked out, as LaTeX or as a page. */
#ifndef NABLA_COMMAND_SOLUTION_H
#define NABLA_COMMAND_SOLUTION_H

#include "command/session.h"

/* The iteration just made, else that from the present weights on, with the rows of x and
 * y; by the ending of its name FILE.tex or FILE.html.  Needs a network, x and y. */
enum nb_status solution_write(struct session *session, const char *path, struct nb_error *error);

#endif
