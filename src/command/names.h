/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What names mean in a session, beyond what session.h tells everyone. */
#ifndef NABLA_COMMAND_NAMES_H
#define NABLA_COMMAND_NAMES_H

#include "command/session.h"

/* "no network yet: type net 3-2-2 sigmoid", NB_FAILED. */
enum nb_status names_no_network(struct nb_error *error);

/* Is the canonical name reserved: a quantity of some network, present or not,
 * or a numeric setting (lr, l2)? */
bool names_reserved(const char *name);

/* Does it stand for a number: quantity, setting or variable? */
bool names_known(const struct session *session, const char *name);

/* w11, w_11, w1_11: "w1[1,1]"; false for others. */
bool names_suggest(const char *name, char suggestion[64]);

/* The nearest quantity of the present network, setting or variable; "" where
 * none is near.  Valid until the session changes; `room` may hold it. */
const char *names_nearest(const struct session *session, const char *word, char room[64]);

/* As session_read, of what was typed as `name`: errors say yhat where that was. */
enum nb_status session_read_as(struct session *session, const struct nb_net *net, size_t id,
                               const char *name, struct value *value, struct nb_error *error);

/* The error for a name that means nothing here: reserved, or unknown (with the
 * nearest known ones).  NB_FAILED. */
enum nb_status names_unknown(const struct session *session, const char *name,
                             struct nb_error *error);

/* The error for a quantity that this network has not: why, and what to type.  NB_FAILED. */
enum nb_status names_missing(const struct session *session, const char *name,
                             enum nb_quantity_kind kind, size_t layer, struct nb_error *error);

/* Is it a matrix from sources to destinations: w, dw, gw, mw, vw? */
bool quantity_is_weights(enum nb_quantity_kind kind);

/* The rank that a quantity's value has, and whether it is shown transposed. */
int quantity_rank(const struct session *session, const struct nb_quantity *quantity);
bool quantity_transposed(const struct session *session, const struct nb_quantity *quantity);

/* value = its transpose, both matrices. */
enum nb_status value_transpose(struct value *value, struct nb_error *error);

/* The network to read: the present one, or that before the last update.  NB_FAILED:
 * there was none yet. */
enum nb_status session_net_for(const struct session *session, const char *name, bool old,
                               const struct nb_net **net, struct nb_error *error);

/* The two elements of a local derivative, in the network that it is read from: the
 * present one, or that before the last update. */
struct local_place {
    const struct nb_net *net;
    size_t top, top_row, top_col;
    size_t bottom, bottom_row, bottom_col;
};
/* NB_FAILED: no such quantity or element, one does not depend on the other, not fresh. */
enum nb_status session_local(struct session *session, const struct lang_local *local,
                             struct local_place *place, struct nb_error *error);

/* The command that computes a computed quantity: "forward", "backward" or "update". */
const char *quantity_command(const struct nb_net *net, const struct nb_quantity *quantity);

#endif
