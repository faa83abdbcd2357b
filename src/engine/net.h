/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a network, shared by the files of the engine.
 *
 *     struct nb_net ── spec, kernels        fixed when it is made
 *         ├── learning, plan                changed together
 *         └── struct state ── cells, blocks what computing changes
 *
 * Numbers live in blocks, a quantity (cell) is a part of one:
 *
 *     parameter  | w1 b1 gamma1 beta1 | w2 b2 ...       gradient, m and v the same
 *     sample     | z1 a1 delta1 da1 ...                 `capacity` rows each
 *
 * One clock: every write stamps its cell.  A computed quantity is fresh when
 * its operands are, none of them was written later than it, and it was rounded
 * as the network rounds now.
 */
#ifndef NABLA_ENGINE_NET_H
#define NABLA_ENGINE_NET_H

#include "nabla.h"
#include "num/kernels.h"

enum block {
    BLOCK_X,
    BLOCK_Y,
    BLOCK_SAMPLE,
    BLOCK_PARAMETER,
    BLOCK_GRADIENT,
    BLOCK_PENALIZED, /* gw gb; only with a penalty */
    BLOCK_M,         /* only with an optimiser that has it, as v */
    BLOCK_V,
    BLOCK_STATISTIC, /* mu var rmean rvar */
    BLOCK_SCALAR,    /* loss penalty */
    BLOCKS
};

/* How a quantity is shaped, and which layers have it. */
enum shape { SHAPE_X, SHAPE_Y, SHAPE_SCALAR, SHAPE_WEIGHTS, SHAPE_UNITS, SHAPE_SAMPLES };
enum belongs { BELONGS_ALWAYS, BELONGS_BATCHNORM, BELONGS_DROPOUT };

struct kind_row {
    enum shape shape;
    enum block block;
    enum belongs belongs;
};

struct cell { /* one quantity */
    enum nb_quantity_kind kind;
    size_t layer, rows, cols;
    uint64_t stamp; /* 0: never written */
    int decimals;   /* that it was rounded to, or NB_EXACT */
    bool frozen;
    void *data; /* (rows, cols) in its block; NULL while the block has no room */
};

struct state {
    struct cell *cells; /* (count) by id */
    void *blocks[BLOCKS];
    size_t capacity[BLOCKS]; /* rows of BLOCK_X, _Y, _SAMPLE; else 0 or 1 */
    size_t cursor;
    uint64_t iteration;
    enum nb_optimizer optimizer; /* whose state m and v are */
    uint64_t updates;            /* t: made by it */
    struct nb_init init;
    uint64_t seed;
};

struct nb_net {
    struct nb_spec spec;
    struct nb_layer *layers; /* what spec.layer points to */
    const struct kernels *kernels;
    size_t count;         /* cells */
    size_t *ids;          /* [kind * (L + 1) + layer] → id or NB_NOWHERE */
    size_t width[BLOCKS]; /* numbers of one row of a block */
    struct nb_learning learning;
    struct nb_op *plan;
    size_t *operands;        /* what the plan's reads and writes point into */
    size_t *computed_by;     /* (count) operation by id, or NB_NOWHERE */
    size_t length, start[3]; /* first operation of each phase */
    bool evaluating;         /* running statistics, no dropout */
    int decimals;            /* that stepping rounds to, or NB_EXACT */
    uint64_t clock;
    struct state state;
};

/* learning.c */
bool learning_has_m(const struct nb_learning *learning);
bool learning_has_v(const struct nb_learning *learning);
bool learning_has_penalty(const struct nb_learning *learning);
bool learning_penalizes(const struct nb_learning *learning, enum nb_quantity_kind kind); /* gw gb */
/* The penalty is c·‖w‖² + l1·Σ|w|, its gradient 2c·w + l1·sign(w). */
double learning_l2_share(const struct nb_net *net);

/* plan.c: replaces the plan; the cursor stays at its operation, or goes to 0 */
enum nb_status plan_build(struct nb_net *net, struct nb_error *error);
bool net_delta_direct(const struct nb_spec *spec); /* a cross-entropy on its own outputs */

/* init.c: the moments are unset, t is 0 */
void forget_optimizer(struct nb_net *net);
/* nb_net_init; false where the spec's interrupt was raised, the weights not all drawn. */
bool init_draw(struct nb_net *net, struct nb_init init, uint64_t seed);

/* exec.c: runs one operation, wherever the cursor is, and stamps what it writes */
void op_run(struct nb_net *net, const struct nb_op *op);
void iteration_end(struct nb_net *net); /* after the last operation of the plan */
/* May operations up to `last` run? */
enum nb_status exec_check(const struct nb_net *net, size_t last, struct nb_error *error);
bool net_has_batchnorm(const struct nb_net *net);

/* The optimiser's step for a part of parameter `index` of an UPDATE, by gradient g.
 * A frozen one stays, though its moments begin at 0 with the others. */
void update_slice(struct nb_net *net, const struct nb_op *op, size_t index, const void *g,
                  size_t offset, size_t count);
void update_begin(struct nb_net *net); /* another optimiser's state is forgotten */
/* The rest of an UPDATE where w has had its own, and its stamps. */
void update_but_weights(struct nb_net *net, const struct nb_op *op);

/* Likewise, rounding as the network does.  NB_SYSTEM: memory, for an UPDATE; nothing has run. */
enum nb_status op_step(struct nb_net *net, const struct nb_op *op, struct nb_error *error);

/* round.c: what op_step does where the network rounds */
enum nb_status op_run_rounded(struct nb_net *net, const struct nb_op *op, struct nb_error *error);

/* nudge.c: keeps in `side` on which side of its kink each z stands, or compares with
 * what was kept; (samples) of them, as many as a row of the sample block has numbers. */
bool net_sides_differ(const struct nb_net *net, bool *side, bool keep);

/* quantity.c */
const struct kind_row *kind_row(enum nb_quantity_kind kind);
const struct nb_quantity_row *quantity_row(enum nb_quantity_kind kind);
struct cell *net_cell(const struct nb_net *net, size_t id);
struct cell *net_find(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer);
struct cell *net_before_activation(const struct nb_net *net, size_t layer); /* u, or z */
bool net_fresh(const struct nb_net *net, size_t id);
void net_stamp(struct nb_net *net, struct cell *cell);
void cursor_to_stale(struct nb_net *net); /* back to the first operation whose result is */

/* net.c: rows and blocks */
size_t layer_units(const struct nb_net *net, size_t layer); /* 0: the inputs */
/* Makes room for `rows` rows and sets their number, for y alone or, with x,
 * for a whole batch: what was computed from the rows is unset. */
enum nb_status net_set_rows(struct nb_net *net, enum nb_quantity_kind kind, size_t rows,
                            struct nb_error *error);
/* Room in a block; where it has too little, a new and zeroed one. */
enum nb_status net_reserve(struct nb_net *net, enum block block, size_t rows,
                           struct nb_error *error);
enum nb_status state_copy(const struct nb_net *net, struct state *copy, struct nb_error *error);
void state_release(struct state *state);
size_t state_bytes(const struct nb_net *net);

#endif
