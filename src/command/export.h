/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files for other programs; the kind goes by the name. */
#ifndef NABLA_COMMAND_EXPORT_H
#define NABLA_COMMAND_EXPORT_H

#include "command/command.h"
#include "command/session.h"

enum nb_status export_command(struct session *session, const struct call *call,
                              struct nb_error *error);

#endif
