/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NABLA_LANG_EVAL_H
#define NABLA_LANG_EVAL_H

#include "lang/tree.h"

/* Runs the whole tree.  Its last value goes to *value (NULL: it leaves none);
 * below it lie the bounds of `place` (NULL: none), which go to index. */
enum nb_status evaluate_with_place(const struct lang_tree *tree, const struct lang_names *names,
                                   const struct place *place, struct lang_index index[2],
                                   struct value *value, struct nb_error *error);

/* Runs a tree whose last step is STEP_LOCAL up to it: which two elements it is of. */
enum nb_status evaluate_local(const struct lang_tree *tree, const struct lang_names *names,
                              struct lang_local *local, struct nb_error *error);

#endif
