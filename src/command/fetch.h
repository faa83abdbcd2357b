/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `data fetch`. */
#ifndef NABLA_COMMAND_FETCH_H
#define NABLA_COMMAND_FETCH_H

#include "command/command.h"

/* Downloads the set that the call of `data` names into `folder` ("": there is none). */
enum nb_status data_fetch(struct session *session, const struct call *call, const char *folder,
                          struct nb_error *error);

#endif
