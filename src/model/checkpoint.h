/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network in a safetensors file, with all that it needs to go on bit for bit.
 *
 *     texts    nabla             the form of the file
 *              net.inputs ...    its description; layer1.units ...
 *              learning.lr ...   how it learns
 *              counters.updates  how far it came
 *              frozen            "w1 b1"
 *     arrays   w1 b1 gamma1 ...  parameters
 *              mw1 vw1 rmean1    the optimiser's state, running statistics
 *
 * The rows of x and y are no part of it.
 */
#ifndef NABLA_MODEL_CHECKPOINT_H
#define NABLA_MODEL_CHECKPOINT_H

#include "format/safetensors.h"
#include "model/fields.h"
#include "nabla.h"

/* Members of struct nb_learning, for others that keep one. */
extern const struct field learning_fields[];
extern const size_t learning_field_count;

/* Adds all of a network.  NB_SYSTEM: memory. */
enum nb_status checkpoint_add(struct safetensors *file, const struct nb_net *net,
                              struct nb_error *error);
/* Adds its numbers alone, under names that begin with `prefix`: another state
 * of a network that is there already. */
enum nb_status checkpoint_add_numbers(struct safetensors *file, const char *prefix,
                                      const struct nb_net *net, struct nb_error *error);

/* Makes the network.  NB_SYSTEM, nothing made: the file is not of nabla, or
 * says what no network is, or lacks something; `name` is what errors call it. */
enum nb_status checkpoint_net(const struct safetensors *file, const char *name, struct nb_net **net,
                              struct nb_error *error);
/* Puts the numbers of `prefix` into a network of that description. */
enum nb_status checkpoint_put_numbers(const struct safetensors *file, const char *name,
                                      const char *prefix, struct nb_net *net,
                                      struct nb_error *error);

#endif
