/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user's own names.  Values are never changed in place, so a copy of all
 * variables shares them with the original and costs almost nothing.  Names
 * that begin with a blank are the session's own and no one else's.
 */
#ifndef NABLA_COMMAND_VARIABLES_H
#define NABLA_COMMAND_VARIABLES_H

#include "lang/value.h"
#include "nabla.h"

struct variables;

enum nb_status variables_new(struct variables **variables, struct nb_error *error);
void variables_free(struct variables **variables);
enum nb_status variables_copy(const struct variables *variables, struct variables **copy,
                              struct nb_error *error);

/* NULL where there is none of that name; valid until it is set or dropped. */
const struct value *variables_find(const struct variables *variables, const char *name);

/* Takes the numbers of `value`, which is empty afterwards, also on failure. */
enum nb_status variables_set(struct variables *variables, const char *name, struct value *value,
                             struct nb_error *error);
void variables_drop(struct variables *variables, const char *name); /* none: nothing */

size_t variables_count(const struct variables *variables);
const char *variables_name(const struct variables *variables, size_t index);

#endif
