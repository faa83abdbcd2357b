/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One change: a part of the session's state as it was, to be swapped with the
 * part as it is.  Swapping is its own inverse, so swaps undone in the reverse
 * order restore everything bit by bit.  Counted by those who refer to it.
 */
#ifndef NABLA_COMMAND_CHANGE_H
#define NABLA_COMMAND_CHANGE_H

#include "command/session.h"

enum change_kind {
    CHANGE_NUMBERS, /* quantities, cursor, iteration, place of stepping */
    CHANGE_NET,     /* the network itself, the old one, place of stepping */
    CHANGE_OLD,     /* the network before the last update */
    CHANGE_DATA,    /* the data set, the cursor in it, place of stepping */
    CHANGE_VIEW,    /* its split, limit and scale */
    CHANGE_SETTINGS,
    CHANGE_VARIABLES,
    CHANGE_ROWS,     /* x and y as given, pinned */
    CHANGE_COUNTERS, /* data cursor, epochs, draws */
    CHANGE_KINDS
};

/* How unstep meets it. */
enum change_class {
    CHANGE_OPERATION, /* walks back over it */
    CHANGE_PRELUDE,   /* goes back with the operation above it */
    CHANGE_LOOSE,     /* goes back with the operation below it */
    CHANGE_UNIT,      /* likewise, or alone by `unstep unit` */
    CHANGE_ASIDE,     /* stays as it is: a setting */
    CHANGE_BARRIER    /* stops at it */
};

struct change_counters {
    uint64_t data_epoch, epochs, draws;
    size_t data_row;
};

/* An operation, whatever plan it stands in. */
struct change_op {
    enum nb_op_kind kind;
    enum nb_phase phase;
    size_t layer;
};

struct change {
    enum change_kind kind;
    enum change_class class;
    unsigned references;
    uint64_t serial;     /* its age among changes and entries */
    struct change_op op; /* CHANGE_OPERATION */
    size_t bytes;        /* of memory, about */
    char *why;           /* CHANGE_BARRIER: its name */
    union {
        struct {
            struct nb_snapshot *snapshot; /* NULL where there is no network */
            struct change_op cursor;
            bool learns; /* `learning` and rounding go back, too */
            struct nb_learning learning;
            int decimals;
            struct step_place place;
        } numbers;
        struct {
            struct nb_net *net, *old;
            struct step_place place;
        } net;
        struct nb_net *old;
        struct {
            struct dataset *set;
            struct step_place place;
            uint64_t epoch;
            size_t row;
        } data;
        struct dataset_view *view;
        struct settings settings;
        struct variables *variables;
        struct {
            struct value x, y;
            bool pinned;
        } rows;
        struct change_counters counters;
    } held;
};

struct change_op change_op_at(const struct nb_net *net, size_t index);
/* Its place in the network's plan; NB_NOWHERE where that has none such. */
size_t change_op_find(const struct nb_net *net, const struct change_op *op);

/* Quantities of CHANGE_NUMBERS: `count` of `ids`, all where ids is NULL.  Other
 * kinds take no ids.  CHANGE_NET, _OLD, _DATA and _VIEW hold nothing at first. */
enum nb_status change_new(const struct session *session, enum change_kind kind, const size_t *ids,
                          size_t count, struct change **change, struct nb_error *error);
void change_release(struct change *change); /* one reference fewer */
void change_swap(struct session *session, struct change *change);

/* Is what a change of the session's own parts holds just as it is now? */
bool change_same(const struct session *session, const struct change *change);

/* Counts `bytes` anew, after what it holds was replaced. */
void change_measure(const struct session *session, struct change *change);

#endif
