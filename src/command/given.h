/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as people write them, and how exact they are.
 *
 *     0.0097                    half a unit of the last digit: 0.00005
 *     [0.0097, 0.0118]          each its own
 *     0.5 * 0.0097              what the result owes to 0.0097; 0.5 is x[1] and exact
 *     w2[1,1] * delta2[1]       exact
 */
#ifndef NABLA_COMMAND_GIVEN_H
#define NABLA_COMMAND_GIVEN_H

#include "command/session.h"

/* The value of an expression, and by how much each of its numbers may be off: `half` has
 * the value's shape.  In arithmetic, literals that are whole or a number of the network
 * count as exact. */
struct given_value {
    struct value value, half;
};
enum nb_status given_parse(struct session *session, const char *source, struct lang_span span,
                           struct given_value *given, struct nb_error *error);
void given_release(struct given_value *given);

#endif
