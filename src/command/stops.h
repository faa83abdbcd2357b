/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where stepping and training stop by themselves, and what is shown there:
 * break, watch, display.  They belong to the session, whatever its network,
 * and undo does not touch them.
 *
 *     walk_one:   stops_before ─▶ nb_exec ─▶ stops_after ─▶ stops_reached?
 *     train:      stops_train_begin ─▶ batch ─▶ stops_batch ─▶ batch ─▶ ...
 */
#ifndef NABLA_COMMAND_STOPS_H
#define NABLA_COMMAND_STOPS_H

#include "command/session.h"

enum stop_kind { STOP_BREAK, STOP_IF, STOP_NAN, STOP_WATCH, STOP_KINDS };

/* A break, or a watch. */
struct stop {
    enum stop_kind kind;
    unsigned number; /* from 1, never used again */
    uint64_t hits;
    char *text;                  /* as typed: "delta1", "if loss > 2", "w1[1,1]" */
    size_t name, condition;      /* of it: the bytes of the quantity, where the condition begins */
    enum nb_quantity_kind named; /* STOP_BREAK, STOP_WATCH: the quantity, */
    size_t layer;
    bool element; /* of which only one element */
    size_t row, col;
    struct lang_tree *tree; /* the condition; NULL: none */
    bool gradient;          /* it reads a gradient of weights */
    double *before;         /* STOP_WATCH: the numbers before the operation, or the batch */
    size_t rows, cols;      /* of before; 0: there were none */
};

struct display {
    unsigned number;
    char *text;
    struct lang_tree *tree;
};

struct stops {
    struct stop *stops;
    size_t count, capacity;
    struct display *displays;
    size_t display_count, display_capacity;
    unsigned last_stop, last_display; /* numbers given so far */
    struct text said;                 /* lines of what was reached; "" nothing */
};

void stops_free(struct stops **stops);

/* The session's, made where there are none yet; NULL: memory. */
struct stops *stops_of(struct session *session);
const char *stop_kind_name(enum stop_kind kind); /* "breakpoint" */

/* ---- Stepping ---- */

/* Keeps what is watched, before an operation runs. */
enum nb_status stops_before(struct session *session, size_t op, struct nb_error *error);
void stops_after(struct session *session, size_t op); /* it has run */
bool stops_any(const struct session *session);        /* is a break or watch set? */
bool stops_reached(const struct session *session);
void stops_forget(struct session *session); /* what was reached */
void stops_say(struct session *session);    /* prints what was reached, and forgets it */

/* ---- Training: looked at after each batch ---- */

/* Do they need every gradient, so that updates may not be fused with them? */
bool stops_need_gradients(const struct session *session);
enum nb_status stops_train_begin(struct session *session, struct nb_error *error);
/* Is one reached by the batch?  Then `said` receives its lines and what display shows. */
bool stops_batch(struct session *session, bool gradients, struct text *said,
                 struct nb_error *error);

/* ---- display ---- */

/* Whether numbers are those of stepping, or as a batch of train has left them. */
enum display_mode { DISPLAY_STEPPED, DISPLAY_BATCH, DISPLAY_FUSED_BATCH };

/* Prints each expression with its value, "—" for what is not fresh. */
void displays_print(struct session *session, enum display_mode mode);

#endif
