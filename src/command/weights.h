/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network's parameters, running statistics and optimiser state, put aside: far
 * smaller than the network with its rows. */
#ifndef NABLA_COMMAND_WEIGHTS_H
#define NABLA_COMMAND_WEIGHTS_H

#include "nabla.h"

struct weights;

/* Those that the network has with its present learning, with its iteration. */
enum nb_status weights_keep(const struct nb_net *net, struct weights **weights,
                            struct nb_error *error);
/* Exchanges them with the network's own; what is computed from them goes stale.
 * The network must be of the same description and learning. */
enum nb_status weights_swap(struct nb_net *net, struct weights *weights, struct nb_error *error);
/* A new network of the description and learning they were kept with. */
enum nb_status weights_net(struct weights *weights, struct nb_net **net, struct nb_error *error);
size_t weights_bytes(const struct weights *weights);
void weights_free(struct weights **weights);

/* A number that differs where a parameter does: was it changed by hand since? */
uint64_t weights_mark(const struct nb_net *net);

#endif
