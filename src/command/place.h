/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places: elements of quantities as typed, and where the cursor stands. */
#ifndef NABLA_COMMAND_PLACE_H
#define NABLA_COMMAND_PLACE_H

#include "command/command.h"
#include "command/session.h"
#include "formula/formula.h"

struct place {
    const struct nb_net *net; /* the present one, as it was before the last update, or a copy */
    struct nb_quantity quantity;
    size_t id;
    bool element;    /* one element, or the loss; else the whole quantity */
    size_t row, col; /* in the stored matrix */
    struct lang_name name;
};

struct formula_style place_style(const struct session *session);

/* All behind the command's name as a place in `net`, a copy of the session's network that
 * has the rows, or NULL: in the present one.  NB_USAGE: no place; NB_FAILED: no such
 * quantity here, an index out of range. */
enum nb_status place_parse(struct session *session, const struct call *call,
                           const struct nb_net *net, struct place *place, struct nb_error *error);

/* Likewise of a target that is no local derivative; its letters are as element 1. */
enum nb_status place_of_target(struct session *session, const struct lang_target *target,
                               struct place *place, struct nb_error *error);

/* Can the place be read?  NB_FAILED, at its name: no, and what to type. */
enum nb_status place_check_fresh(struct session *session, const struct place *place,
                                 struct nb_error *error);

/* "dw1[2,1]", "z1[2]", "loss": an element as people type it. */
void place_add_element(const struct session *session, const struct nb_quantity *quantity,
                       size_t row, size_t col, struct text *text);

/* The line that says what comes next: after pages of step (full) or of a pass. */
void place_print_next(const struct session *session, bool full);

enum nb_status plan_command(struct session *session, const struct call *call,
                            struct nb_error *error);
enum nb_status where_command(struct session *session, const struct call *call,
                             struct nb_error *error);
enum nb_status reset_command(struct session *session, const struct call *call,
                             struct nb_error *error);

#endif
