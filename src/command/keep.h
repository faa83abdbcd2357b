/* SPDX-License-Identifier: GPL-3.0-or-later */
/* save, load, and going on with a run. */
#ifndef NABLA_COMMAND_KEEP_H
#define NABLA_COMMAND_KEEP_H

#include "command/command.h"
#include "command/session.h"

/* NB_USAGE, with a place, unless the path ends as the files here do. */
enum nb_status keep_check_name(const struct argument *file, struct nb_error *error);

/* `train resume`: goes on with the last run, which was interrupted here or came
 * from a checkpoint.  Of a finished one it says so (NB_OK).  NB_FAILED: there is
 * none, or the weights or rows are no longer those of the run. */
enum nb_status keep_resume(struct session *session, struct nb_error *error);

#endif
