/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers of the stepping commands; step.c has the rows of all of them. */
#ifndef NABLA_COMMAND_STEP_H
#define NABLA_COMMAND_STEP_H

#include "command/command.h"
#include "command/session.h"

/* pass.c */
enum nb_status forward_command(struct session *session, const struct call *call,
                               struct nb_error *error);
enum nb_status backward_command(struct session *session, const struct call *call,
                                struct nb_error *error);
enum nb_status update_command(struct session *session, const struct call *call,
                              struct nb_error *error);
enum nb_status continue_command(struct session *session, const struct call *call,
                                struct nb_error *error);
enum nb_status sheet_command(struct session *session, const struct call *call,
                             struct nb_error *error);

/* explain.c, try.c, gradcheck.c, sample.c */
enum nb_status explain_command(struct session *session, const struct call *call,
                               struct nb_error *error);
enum nb_status try_command(struct session *session, const struct call *call,
                           struct nb_error *error);
enum nb_status gradcheck_command(struct session *session, const struct call *call,
                                 struct nb_error *error);
enum nb_status sample_command(struct session *session, const struct call *call,
                              struct nb_error *error);

/* The network before the update that is pending, where its gradients are done, else before
 * the one made last; NULL: there is none. */
const struct nb_net *step_before_update(const struct session *session);

#endif
