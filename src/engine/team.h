/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan for training in single precision: the same operations, shared by a
 * team of threads, each of which takes its part of an operation.
 *
 *     plan   ... DELTA2 GRAD_W2 GRAD_B2 GRAD_A2 DELTA1 GRAD_W1 GRAD_B1 UPDATE1 UPDATE2
 *     team   ... DELTA2 GRAD_B2 GRAD_A2 [GRAD_W2 UPDATE2] DELTA1 GRAD_B1 [GRAD_W1 UPDATE1]
 *
 * The bracketed ones are fused: under sgd one product straight into w, else
 * slices of dw that the optimiser uses while they are in cache.  The numbers
 * agree with the plain plan to rounding; dw itself may stay unwritten.  Where a
 * layer has many more sources than units, a thread takes in AFFINE the sources
 * whose rows of w it updates later, and the sums are added up behind.
 */
#ifndef NABLA_ENGINE_TEAM_H
#define NABLA_ENGINE_TEAM_H

#include "engine/net.h"

struct team;

/* *team is NULL where the plain plan is the one to run: double precision, small
 * layers, clipping, penalised biases. */
enum nb_status team_new(struct nb_net *net, struct team **team, struct nb_error *error);
void team_free(struct team **team);
/* Fills x and y, which have n rows, with rows index[0..n) of the source, and
 * runs to the loss. */
void team_forward(struct team *team, const struct nb_source *source, const uint32_t *index,
                  size_t n);
void team_backward(struct team *team); /* backward and update */

#endif
