/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a network, shared by the files of the engine.
 *
 *     struct nb_net ── spec, plan, kernels          fixed when it is made
 *         └── struct state ── quantities, blocks    what computing changes
 *
 *     parameters  | w1 b1 | w2 b2 | ...      one block
 *     gradients   | dw1 db1 | dw2 db2 | ...  one block, in the same order
 *     samples     | z1 a1 delta1 da1 | ...   one block, `capacity` rows each
 *     x, y        blocks of their own
 *
 * One clock: every write stamps its quantity.  A computed quantity is fresh
 * when its operands are, and none of them was written later than it.
 */
#ifndef NABLA_ENGINE_NET_H
#define NABLA_ENGINE_NET_H

#include "nabla.h"
#include "num/kernels.h"

struct cell { /* one quantity */
    enum nb_quantity_kind kind;
    size_t layer, rows, cols;
    size_t op;      /* that computes it, or NB_NOWHERE */
    uint64_t stamp; /* 0: never written */
    bool frozen;
    void *data; /* (rows, cols), in one of the blocks */
};

struct state {
    struct cell *cells; /* (count) by id */
    void *parameters, *gradients, *samples, *x, *y, *loss;
    size_t capacity;               /* rows that `samples` holds */
    size_t x_capacity, y_capacity; /* rows that x and y hold */
    size_t cursor;
    uint64_t iteration;
    struct nb_init init;
    uint64_t seed;
};

struct nb_net {
    struct nb_spec spec;
    struct nb_layer *layers; /* what spec.layer points to */
    const struct kernels *kernels;
    size_t count; /* quantities */
    size_t *ids;  /* [kind * (L + 1) + layer] → id or NB_NOWHERE */
    struct nb_op *plan;
    size_t length, start[3]; /* first operation of each phase */
    size_t parameters;       /* numbers in the parameter block */
    size_t sample_width;     /* numbers of one row in the sample block */
    uint64_t clock;
    double lr;
    struct state state;
};

/* plan.c */
enum nb_status plan_build(struct nb_net *net, struct nb_error *error);
struct nb_quantity_row const *quantity_row(enum nb_quantity_kind kind);

/* exec.c: runs one operation, wherever the cursor is, and stamps what it writes */
void op_run(struct nb_net *net, const struct nb_op *op);
bool net_delta_direct(const struct nb_spec *spec); /* a cross-entropy on its own outputs */

/* quantity.c */
struct cell *net_cell(const struct nb_net *net, size_t id);
struct cell *net_find(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer);
bool net_fresh(const struct nb_net *net, size_t id);
void net_stamp(struct nb_net *net, struct cell *cell);

/* net.c: rows and blocks */
size_t layer_units(const struct nb_net *net, size_t layer); /* 0: the inputs */
/* Makes room for `rows` rows and sets their number, for x or y alone or, with
 * the samples, for a whole batch; what was computed is unset. */
enum nb_status net_set_rows(struct nb_net *net, enum nb_quantity_kind kind, size_t rows,
                            struct nb_error *error);
enum nb_status state_copy(const struct nb_net *net, struct state *copy, struct nb_error *error);
void state_release(struct state *state);
size_t state_bytes(const struct nb_net *net);
enum nb_status exec_check(const struct nb_net *net, size_t last, struct nb_error *error);

#endif
