/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network's parameters and running statistics as the arrays of an .npz file,
 * named w1, b1 ... as everywhere. */
#ifndef NABLA_COMMAND_KEEPARRAYS_H
#define NABLA_COMMAND_KEEPARRAYS_H

#include "command/session.h"

/* NB_SYSTEM: the file cannot be written, the old one is whole. */
enum nb_status arrays_write(const struct nb_net *net, const char *path, struct nb_error *error);

/* Into the present network.  NB_FAILED: there is none, or an array is missing or of
 * another shape than it has; NB_SYSTEM: damaged; nothing changes. */
enum nb_status arrays_load(struct session *session, const char *path, struct nb_error *error);

#endif
