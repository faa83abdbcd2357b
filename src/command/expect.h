/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NABLA_COMMAND_EXPECT_H
#define NABLA_COMMAND_EXPECT_H

#include "command/command.h"

/* expect EXPR [~ EXPR] [within TOL], and expect fails STATUS "COMMAND".
 * NB_WRONG where it is not so, with the values. */
enum nb_status expect_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
