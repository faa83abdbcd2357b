/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking a person before much is lost. */
#ifndef NABLA_COMMAND_CONFIRM_H
#define NABLA_COMMAND_CONFIRM_H

#include "command/session.h"

/* "delete all breaks? (y or n)", until it is answered by one of the two and Enter, or given
 * up.  Who is not typing this at a terminal is not asked: true. */
bool session_confirm(const struct session *session, const char *question);

/* Likewise of what a lesson is about to do, whose output may be hidden: asked beside it. */
bool session_confirm_lesson(const struct session *session, const char *question);

#endif
