/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nabla.h - the engine: networks that can be stepped through and trained.
 *
 * A network is compiled into a plan: a flat list of operations for one
 * training iteration, with a cursor.  nb_exec() runs operations from the
 * cursor; running all of them is training, running one and looking is
 * stepping.  Every number that has a name is a quantity:
 *
 *        x ──▶ z1 ──▶ a1 ──▶ z2 ──▶ a2 = yhat ──▶ loss        forward
 *              ▲             ▲                      │
 *            w1 b1         w2 b2                    ▼
 *            dw1 db1 ◀─ delta1 ◀─ da1 ◀─ delta2 ◀─ da2        backward
 *
 * Shapes: n is the number of rows (samples) in the batch, n0 the inputs,
 * n(l) the units of layer l = 1..L.  Matrices are row-major.  Indices in this
 * header start at 0; only text that people read counts from 1.
 *
 * Ownership: nb_*_new() gives a handle to the caller, who ends it with the
 * matching nb_*_free(), which takes its address and sets it to NULL.  Arrays
 * that go in are copied, arrays that come out are the caller's.
 *
 * Errors: functions that can fail return enum nb_status and fill the struct
 * nb_error they are given (which may be NULL).  Nothing here prints, exits,
 * reads the environment or keeps global state.
 */
#ifndef NABLA_H
#define NABLA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NB_API __attribute__((visibility("default")))
#else
#define NB_API
#endif

/* ---- Status and errors ------------------------------------------------ */

/* How a call ended; the numbers are nabla's exit statuses. */
enum nb_status {
    NB_OK = 0,
    NB_WRONG = 1,         /* an expectation failed, an answer was wrong */
    NB_USAGE = 2,         /* could not be parsed or called */
    NB_FAILED = 3,        /* well formed, but cannot be done: shapes, order, ranges */
    NB_SYSTEM = 4,        /* a file, memory or the system failed */
    NB_INTERRUPTED = 130, /* the interrupt flag was raised */
};

#define NB_NOWHERE SIZE_MAX /* "no such place": error offsets, ids, operations */

/* What went wrong.  Reporting never allocates; long texts are cut. */
struct nb_error {
    enum nb_status status;
    size_t at; /* byte offset in the text that was parsed, or NB_NOWHERE */
    char text[1000];
};

/* ---- Choices: the rows of the engine's tables ------------------------- */

/* One named row of a table, for help, completion and error messages. */
struct nb_choice {
    const char *name;
    const char *summary;
};

enum nb_activation { NB_LINEAR, NB_SIGMOID, NB_TANH, NB_LECUN, NB_RELU, NB_LEAKYRELU, NB_SOFTMAX };
enum nb_loss { NB_HALF_SSE, NB_SSE, NB_MSE, NB_CROSS_ENTROPY, NB_BINARY_CROSS_ENTROPY };
enum nb_initializer {
    NB_INIT_FAN_IN,
    NB_INIT_GLOROT,
    NB_INIT_HE,
    NB_INIT_NORMAL,
    NB_INIT_UNIFORM,
    NB_INIT_ZEROS,
    NB_INIT_CONSTANT,
    NB_INIT_DEFAULT, /* he before relu and leakyrelu, fan-in otherwise; not a row */
};
enum nb_optimizer { NB_SGD, NB_MOMENTUM, NB_NESTEROV, NB_RMSPROP, NB_ADAM, NB_ADAMW };
enum nb_l2_form { NB_L2_HALF, NB_L2_FULL, NB_L2_PER_SAMPLE };
enum nb_precision { NB_DOUBLE, NB_SINGLE, NB_AUTO /* double under 20,000 parameters */ };

/* The tables, indexed by the enums above; *count receives the rows. */
NB_API const struct nb_choice *nb_activations(size_t *count);
NB_API const struct nb_choice *nb_losses(size_t *count);
NB_API const struct nb_choice *nb_initializers(size_t *count);
NB_API const struct nb_choice *nb_optimizers(size_t *count);
NB_API const struct nb_choice *nb_l2_forms(size_t *count);
NB_API const struct nb_choice *nb_precisions(size_t *count);

/* ---- Defining a network ----------------------------------------------- */

/* How weights are drawn: normal(a = σ), uniform(a, b), constant(a).  Biases start at 0. */
struct nb_init {
    enum nb_initializer kind;
    double a, b;
};

/* z → batchnorm u = γ·x̂ + β → a = f(u) → dropout h = a·mask; without them u is
 * z and h is a. */
struct nb_layer {
    size_t units; /* 1..1,000,000 */
    enum nb_activation activation;
    bool batchnorm;
    double dropout; /* the share p of units left out, 0 <= p < 1; 0 in the last layer */
};

struct nb_spec {
    size_t inputs;                /* 1..1,000,000 */
    size_t layers;                /* L, at least 1 */
    const struct nb_layer *layer; /* (L); softmax only in the last */
    enum nb_loss loss;
    struct nb_init init;
    enum nb_precision precision;
    uint64_t seed; /* the same seed draws the same weights on every machine */
    /* For nb_net_new: NULL, or nonzero: stop drawing.  NULL in a network's own. */
    const volatile sig_atomic_t *interrupt;
};

struct nb_net;

/* Makes a network with drawn weights, rows unset, cursor at 0.
 * NB_USAGE: sizes out of range, softmax before the last layer, a cross-entropy
 * without softmax or sigmoid outputs (binary: sigmoid only).  NB_SYSTEM: memory.
 * NB_INTERRUPTED. */
NB_API enum nb_status nb_net_new(const struct nb_spec *spec, struct nb_net **net,
                                 struct nb_error *error);
NB_API void nb_net_free(struct nb_net **net);

/* A copy with all values, stamps, cursor and settings, its numbers held in
 * `precision` (NB_AUTO: as they are). */
NB_API enum nb_status nb_net_clone(const struct nb_net *net, enum nb_precision precision,
                                   struct nb_net **copy, struct nb_error *error);

/* The network's own description; `layer` lives as long as the network,
 * precision is never NB_AUTO. */
NB_API const struct nb_spec *nb_net_spec(const struct nb_net *net);
NB_API size_t nb_net_parameters(const struct nb_net *net);

/* Draws new weights.  Sets init and seed of the spec; iteration goes to 0. */
NB_API void nb_net_init(struct nb_net *net, struct nb_init init, uint64_t seed);

/* How parameters learn.  Formulas: w ← w − the step, with g = dw and the
 * gradient of the penalty, t counted from 1:
 *
 *   sgd       η·g
 *   momentum  v = μ·v + g              η·v
 *   nesterov  v = μ·v + g              η·(g + μ·v)
 *   rmsprop   v = ρ·v + (1−ρ)·g²       η·g/(√v + ε)
 *   adam      m = β1·m + (1−β1)·g, v = β2·v + (1−β2)·g²
 *                                      η·(m/(1−β1^t))/(√(v/(1−β2^t)) + ε)
 *   adamw     w ← w − η·λ·w first, then adam without l2 in g
 *
 * All as PyTorch defines them. */
struct nb_learning {
    enum nb_optimizer optimizer; /* sgd */
    double lr;                   /* η, 0.1 */
    double momentum;             /* μ, 0.9 */
    double rho, epsilon;         /* 0.99, 1e-8 */
    double beta1, beta2;         /* 0.9, 0.999 */
    double l1, l2;               /* λ, 0: no penalty */
    enum nb_l2_form l2_form; /* half: λ/2·‖w‖², full: λ·‖w‖², per-sample: λ/(2N)·‖w‖² */
    bool regularize_bias; /* penalise b as well; gamma and beta never are */
    double clip;          /* most norm of all gradients together; 0: no limit */
    size_t samples;       /* N of per-sample; 0: the rows of x */
};
NB_API struct nb_learning nb_learning_default(void);

/* The learning rate of a run, from the rate η it begins with.  t counts completed
 * epochs, or with per_step updates, from 0; T is how many the run has.
 *
 *   exp      η·e^(−a·t)          inverse  η/(1 + a·t)
 *   step     η·a^⌊t/every⌋       cosine   η·(1 + cos(π·t/T))/2 */
enum nb_schedule_kind {
    NB_SCHEDULE_NONE,
    NB_SCHEDULE_EXP,
    NB_SCHEDULE_STEP,
    NB_SCHEDULE_INVERSE,
    NB_SCHEDULE_COSINE
};
struct nb_schedule {
    enum nb_schedule_kind kind;
    double a;
    uint64_t every; /* step: at least 1 */
    bool per_step;
};
NB_API const struct nb_choice *nb_schedules(size_t *count);
NB_API double nb_schedule_lr(const struct nb_schedule *schedule, double lr, uint64_t t,
                             uint64_t total);

/* The plan has PENALTY and REGULARIZE operations while l1 or l2 is not 0, CLIP
 * while clip is not 0.  The cursor stays at its operation; where the penalty or
 * clipping changed, what they gave is unset and it goes back to compute that,
 * unless a layer has been updated already.  The optimiser's state goes on while
 * the optimiser stays the same between updates. */
NB_API enum nb_status nb_net_set_learning(struct nb_net *net, const struct nb_learning *learning,
                                          struct nb_error *error);
NB_API const struct nb_learning *nb_net_learning(const struct nb_net *net);
NB_API void nb_net_set_lr(struct nb_net *net, double lr); /* only the rate; cheap */
NB_API double nb_net_lr(const struct nb_net *net);
NB_API uint64_t nb_net_updates(const struct nb_net *net); /* t: by this optimiser so far */

/* Batch norm, x̂ = (z - μ)/√(σ² + ε), and what its running statistics keep at each
 * update: rmean ← KEPT·rmean + (1 - KEPT)·μ; as PyTorch has them by default. */
#define NB_VARIANCE_EPSILON 1e-5
#define NB_STATISTICS_KEPT  0.9

/* ---- Quantities ------------------------------------------------------- */

/* Parameters, their gradients and the optimiser's state follow one order: w, b,
 * gamma, beta. */
enum nb_quantity_kind {
    NB_X,
    NB_Y,
    NB_LOSS_VALUE,
    NB_PENALTY,
    NB_W,
    NB_B,
    NB_GAMMA,
    NB_BETA,
    NB_Z,
    NB_MU, /* batch norm: mean and variance of the batch, normalised, scaled */
    NB_VAR,
    NB_XHAT,
    NB_U,
    NB_A,
    NB_MASK, /* dropout: 0, or 1/(1−p) where the unit is kept */
    NB_H,
    NB_DELTA,
    NB_DU,
    NB_DW,
    NB_DB,
    NB_DGAMMA,
    NB_DBETA,
    NB_DA,
    NB_DH,
    NB_GW, /* dw, db and the penalty's gradient */
    NB_GB,
    NB_MW,
    NB_MB,
    NB_MGAMMA,
    NB_MBETA,
    NB_VW,
    NB_VB,
    NB_VGAMMA,
    NB_VBETA,
    NB_RMEAN, /* batch norm: running statistics, for evaluation */
    NB_RVAR,
    NB_QUANTITY_KINDS
};

enum nb_role {
    NB_GIVEN, /* x, y */
    NB_PARAMETER,
    NB_COMPUTED,
    NB_STATE, /* carried from update to update: mw, vw, rmean, rvar */
};

/* UNSET: not given or not computed yet; STALE: an operand was written later, or it was
 * rounded in another way. */
enum nb_state { NB_UNSET, NB_STALE, NB_FRESH };

/* A row of the table of quantities, for every network. */
struct nb_quantity_row {
    const char *stem;    /* "dw"; the name is stem + layer: dw1 */
    const char *summary; /* "derivative of the loss with respect to the weights" */
    enum nb_role role;
    bool layered;    /* has one quantity per layer */
    bool per_sample; /* one row a sample */
};
NB_API const struct nb_quantity_row *nb_quantity_rows(void); /* NB_QUANTITY_KINDS rows */

/* One quantity of one network.  A vector (b, db) is 1 × n(l), the loss 1 × 1. */
struct nb_quantity {
    char name[24]; /* x, loss, dw1 */
    enum nb_quantity_kind kind;
    size_t layer;      /* 1..L; 0 for x, y, loss */
    size_t rows, cols; /* rows is 0 for per-sample quantities before x is set */
    enum nb_role role;
    enum nb_state state;
    bool active;  /* the network's learning has it now */
    int decimals; /* that it was rounded to, or NB_EXACT */
    size_t op;    /* the operation that computes it, or NB_NOWHERE */
};

/* Ids are 0..count-1 and never change.  nb_quantity_id: NB_NOWHERE where the
 * network has none (a w3 in two layers; the da of a softmax layer under
 * cross-entropy) or its learning needs none (gw without a penalty, mw under sgd);
 * the latter have an id all the same and are UNSET. */
NB_API size_t nb_quantity_count(const struct nb_net *net);
NB_API size_t nb_quantity_id(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer);
NB_API void nb_quantity_get(const struct nb_net *net, size_t id, struct nb_quantity *quantity);

/* Values as double.  The quantity must not be UNSET and the place must exist. */
NB_API double nb_value(const struct nb_net *net, size_t id, size_t row, size_t col);
NB_API void nb_values(const struct nb_net *net, size_t id, double *values /* (rows, cols) */);

/* Writes a whole quantity that is not computed: x, y (any number of rows), w, b, gamma, beta.
 * Moves the cursor back to the first operation whose result is now stale.
 * NB_FAILED: a computed quantity, or another shape. */
NB_API enum nb_status nb_assign(struct nb_net *net, size_t id, size_t rows, size_t cols,
                                const double *values, struct nb_error *error);
NB_API void nb_unset(struct nb_net *net, size_t id); /* forgets x or y */

/* ---- Putting back what a file kept ---- */

/* How far a network came, and whose the moments are. */
struct nb_counters {
    uint64_t iteration; /* updates completed */
    uint64_t updates;   /* t: those by `optimizer` */
    enum nb_optimizer optimizer;
};
NB_API struct nb_counters nb_net_counters(const struct nb_net *net);
NB_API void nb_net_set_counters(struct nb_net *net, const struct nb_counters *counters);

/* Writes a quantity that is carried from update to update (NB_STATE) and that
 * the network's learning has.  NB_FAILED: another quantity, or another shape. */
NB_API enum nb_status nb_restore(struct nb_net *net, size_t id, size_t rows, size_t cols,
                                 const double *values, struct nb_error *error);

/* A frozen parameter is left out of updates. */
NB_API void nb_freeze(struct nb_net *net, size_t id, bool frozen);
NB_API bool nb_frozen(const struct nb_net *net, size_t id);

/* ---- Plan and executor ------------------------------------------------ */

/* a′ is what the layer below hands up: its h, a, or x; u is z without batch
 * norm; du is delta and dh is da likewise. */
enum nb_op_kind {
    NB_OP_AFFINE,         /* z = a′·w + b                           reads a′ w b           */
    NB_OP_BATCHNORM,      /* u = gamma·xhat + beta                  reads z gamma beta     */
    NB_OP_ACTIVATION,     /* a = f(u)                               reads u                */
    NB_OP_DROPOUT,        /* h = a ∘ mask                           reads a                */
    NB_OP_LOSS,           /* loss                                   reads a u y            */
    NB_OP_PENALTY,        /* penalty                                reads every w (and b)  */
    NB_OP_LOSS_GRAD,      /* da = ∂L/∂a of the output               reads a u y            */
    NB_OP_DROPOUT_GRAD,   /* da = dh ∘ mask                         reads dh mask          */
    NB_OP_DELTA,          /* du = da ∘ f'(u)                        reads da u a           */
    NB_OP_DELTA_SOFTMAX,  /* du = the Jacobian of softmax × da      reads da a             */
    NB_OP_DELTA_DIRECT,   /* du from yhat and y: softmax or sigmoid under a cross-entropy  */
    NB_OP_BATCHNORM_GRAD, /* delta, dgamma, dbeta                   reads du xhat var gamma */
    NB_OP_GRAD_W,         /* dw = a′ᵀ·delta                         reads a′ delta         */
    NB_OP_GRAD_B,         /* db = column sums of delta              reads delta            */
    NB_OP_GRAD_A,         /* dh of the layer below = delta·wᵀ       reads delta w          */
    NB_OP_CLIP,           /* every dw, db, dgamma, dbeta scaled together, in place         */
    NB_OP_REGULARIZE,     /* gw = dw + ∂penalty/∂w (gb likewise)    reads dw w             */
    NB_OP_STATISTICS,     /* rmean, rvar follow mu, var             reads mu var           */
    NB_OP_UPDATE,         /* the optimiser's step for a layer's parameters                 */
    NB_OP_KINDS
};

enum nb_phase { NB_FORWARD, NB_BACKWARD, NB_UPDATE };

struct nb_op {
    enum nb_op_kind kind;
    enum nb_phase phase; /* LOSS and PENALTY belong to the forward phase */
    size_t layer;        /* 1..L; L for LOSS, PENALTY, LOSS_GRAD and CLIP */
    size_t nreads, nwrites;
    const size_t *reads, *writes; /* quantity ids; they live as long as the plan */
};

/* Rows of the table of operations: name and formula in matrices. */
NB_API const struct nb_choice *nb_op_rows(void); /* NB_OP_KINDS rows */

NB_API size_t nb_plan_length(const struct nb_net *net);
NB_API const struct nb_op *nb_plan_op(const struct nb_net *net, size_t index);
NB_API size_t nb_plan_start(const struct nb_net *net, enum nb_phase phase); /* first op */

NB_API size_t nb_cursor(const struct nb_net *net);      /* 0..length-1 */
NB_API uint64_t nb_iteration(const struct nb_net *net); /* updates completed */
NB_API void nb_seek(struct nb_net *net, size_t index);  /* moves the cursor, computes nothing */

/* Runs `count` operations from the cursor; after the last one of the plan the
 * cursor is 0 again and the iteration one higher.
 * NB_FAILED: x unset; at LOSS: y unset, or of other rows than x; batch norm
 * with a batch of one row. */
NB_API enum nb_status nb_exec(struct nb_net *net, size_t count, struct nb_error *error);

/* Rounds by hand: what nb_exec writes from now on, updated parameters included, is
 * rounded to `decimals` (0..15) decimals, half away from zero on the decimal number that
 * people see: 0.5·0.0097 is 0.0049 to four.  What one operation writes after another
 * quantity of its own is made of that one rounded, but for steps divided by √v.
 * NB_EXACT: no rounding.  Quantities computed with another rounding are stale, and the
 * cursor goes back to the first.  Training, evaluation and nudging never round.
 *
 * The iteration with early rounding, beside the exact one: nb_net_clone,
 * nb_net_set_round, nb_seek to 0, nb_exec. */
#define NB_EXACT      (-1)
#define NB_ROUND_MOST 15
NB_API void nb_net_set_round(struct nb_net *net, int decimals);
NB_API int nb_net_round(const struct nb_net *net);
NB_API double nb_rounded(const struct nb_net *net, double value); /* as it would be written */

/* ---- Going back: snapshots -------------------------------------------- */

struct nb_snapshot;

/* Holds the present values and stamps of `count` quantities (NULL: of all,
 * with the number of rows and everything else that changes), cursor and
 * iteration.  nb_snapshot_swap exchanges what it holds with the network's
 * present state: once goes back, twice comes forward again, bit for bit. */
NB_API enum nb_status nb_snapshot_new(const struct nb_net *net, const size_t *ids, size_t count,
                                      struct nb_snapshot **snapshot, struct nb_error *error);
NB_API void nb_snapshot_swap(struct nb_net *net, struct nb_snapshot *snapshot);
NB_API size_t nb_snapshot_bytes(const struct nb_snapshot *snapshot);
NB_API void nb_snapshot_free(struct nb_snapshot **snapshot);

/* ---- Derivatives by nudging ------------------------------------------- */

/* Works on a scratch copy in double: L(θ ± h) by the plan's own operations. */
struct nb_nudger;

struct nb_nudge {
    double value;       /* the derivative that the plan computed */
    double theta, h;    /* what was nudged, and how far */
    double plus, minus; /* L(θ+h), L(θ-h) */
    double quotient;    /* (plus - minus) / 2h */
    double error;       /* |value - quotient| / max(|value|, |quotient|, 1e-8) */
    double noise;       /* how far the rounding of plus and minus may move the quotient */
    bool kink;          /* a relu or leakyrelu changed sides between θ-h and θ+h */
};

/* Runs forward and backward on the copy.  NB_FAILED: x or y unset, rows differ. */
NB_API enum nb_status nb_nudger_new(const struct nb_net *net, struct nb_nudger **nudger,
                                    struct nb_error *error);
/* The element of a dw, db, dgamma, dbeta, delta, du, da or dh; h is eps·max(1, |θ|). */
NB_API enum nb_status nb_nudge(struct nb_nudger *nudger, size_t id, size_t row, size_t col,
                               double eps, struct nb_nudge *result, struct nb_error *error);
NB_API void nb_nudger_free(struct nb_nudger **nudger);
/* The copy: every derivative of its rows, not rounded and not clipped. */
NB_API const struct nb_net *nb_nudger_net(const struct nb_nudger *nudger);

/* What a difference quotient says of a derivative.  Only the first two are judgements. */
enum nb_finding {
    NB_AGREES,  /* the error is at most the tolerance */
    NB_DIFFERS, /* by more than rounding and the bend of the loss account for, or not finite */
    NB_KINKED,  /* the nudge crosses a kink */
    NB_BLURRED, /* the difference may be the quotient's rounding */
    NB_BENT,    /* the difference may come from L bending between θ-h and θ+h */
    NB_FINDINGS
};

struct nb_judging {
    double eps;       /* 0: 1e-5, and where that cannot tell, wider and narrower nudges */
    double tolerance; /* of the relative error: 1e-6 */
    const volatile sig_atomic_t *interrupt; /* NULL, or nonzero: nb_gradcheck stops */
};

/* Judges `value` as an element of a derivative.  *nudge is the nudge that decided; where
 * that was not the first one, its quotient is extrapolated from two widths. */
NB_API enum nb_status nb_judge(struct nb_nudger *nudger, size_t id, size_t row, size_t col,
                               double value, const struct nb_judging *judging,
                               struct nb_nudge *nudge, enum nb_finding *finding,
                               struct nb_error *error);

/* The worst of a tensor: all its elements, or 200 seeded ones of a larger one. */
struct nb_gradcheck {
    size_t id;
    size_t elements, checked;
    size_t found[NB_FINDINGS]; /* of those checked */
    size_t row, col;           /* of the worst that is judged */
    struct nb_nudge worst;
};
/* NB_INTERRUPTED: *result holds what was judged so far. */
NB_API enum nb_status nb_gradcheck(struct nb_nudger *nudger, size_t id,
                                   const struct nb_judging *judging, struct nb_gradcheck *result,
                                   struct nb_error *error);

/* ---- Local derivatives ------------------------------------------------ */

struct nb_element {
    size_t id, row, col;
};

/* ∂top/∂bottom through every operation of the forward pass between them, by the plan's
 * own backward operations, begun with 1 at the top; 0 where they are of samples or units
 * that do not meet.  `top` is a z, u, a or h; `bottom` one of those, x or a parameter,
 * computed before it: nb_partial_exists.  All between must be fresh. */
NB_API bool nb_partial_exists(const struct nb_net *net, size_t top, size_t bottom);
NB_API enum nb_status nb_partial(const struct nb_net *net, struct nb_element top,
                                 struct nb_element bottom, double *value, struct nb_error *error);

/* Tests `value`: bottom nudged both ways, and the forward pass run on from there up to
 * `top`, any but the loss.  x must be set.  NB_FAILED: one operation makes both. */
NB_API enum nb_status nb_partial_nudge(const struct nb_net *net, struct nb_element top,
                                       struct nb_element bottom, double value, double eps,
                                       struct nb_nudge *result, struct nb_error *error);

/* ---- Training --------------------------------------------------------- */

/* Rows for the trainer.  fill writes rows index[0..n) as numbers of
 * `precision`: x (n, inputs), y (n, outputs).  It must not fail, and several
 * threads may call it at once, each for rows of its own. */
struct nb_source {
    void *context;
    size_t rows, inputs, outputs;
    bool classes; /* y is one-hot, or 0 and 1 in one column: accuracy has a meaning */
    void (*fill)(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                 void *x, void *y);
    bool varies; /* a row may be other numbers in another epoch */
};

/* Where a run stands; with it an interrupted run goes on bit for bit. */
struct nb_progress {
    uint64_t epoch;          /* 1 is the first of this run */
    uint64_t step;           /* updates of this run */
    uint64_t batch, batches; /* within the epoch */
    double lr;
    double loss;       /* mean over the epoch so far, weighted by rows */
    double accuracy;   /* likewise; NaN where targets are no classes */
    double seconds;    /* this epoch's training so far, without callbacks */
    uint64_t samples;  /* rows of this epoch so far */
    uint64_t left_out; /* rows an epoch leaves out: a last batch of one row under batch norm */
    double loss_sum, right_sum; /* over the samples: what the means are made of */
};

struct nb_train {
    const struct nb_source *source; /* NULL: the rows of x and y, full batch, never shuffled */
    size_t batch;                   /* rows a batch; 0 or more than there are: all */
    uint64_t epochs;                /* at least 1 */
    uint64_t steps;                 /* 0: no limit; else stops after so many updates */
    uint64_t seed;                  /* of the shuffles */
    uint64_t first_epoch;           /* epochs before this run: shuffles go on from there */
    bool shuffle;
    bool plain; /* nothing is fused, so that on_batch finds every gradient of its batch */
    struct nb_schedule schedule; /* zeroed: the rate stays */
    /* NULL, or how an interrupted run of the same options ended: goes on from there. */
    const struct nb_progress *resume;
    const volatile sig_atomic_t *interrupt; /* NULL, or nonzero: stop after this batch */
    /* Called after each batch and each epoch; false ends the run.  May be NULL. */
    bool (*on_batch)(void *context, const struct nb_progress *progress);
    bool (*on_epoch)(void *context, const struct nb_progress *progress);
    void *context;
};

/* Trains from where the weights stand; the cursor ends at 0.  With a source
 * x and y are unset afterwards.  Allocates before the first batch only.
 * NB_FAILED: no rows, shapes differ, loss not finite (stopped before the
 * update); NB_INTERRUPTED.  *last receives the state at the end either way;
 * the network's own learning rate is as before. */
NB_API enum nb_status nb_train(struct nb_net *net, const struct nb_train *run,
                               struct nb_progress *last, struct nb_error *error);

/* The order in which an epoch (from 0) takes its rows. */
NB_API void nb_shuffle(uint64_t seed, uint64_t epoch, size_t rows, uint32_t *order /* (rows) */);

/* Mean loss and accuracy (NaN: no classes) over a source (NULL: x and y);
 * works on a copy, so that no value or stamp of `net` changes. */
NB_API enum nb_status nb_evaluate(const struct nb_net *net, const struct nb_source *source,
                                  double *loss, double *accuracy, struct nb_error *error);

/* What a network says of n rows; any of the arrays may be NULL. */
struct nb_prediction {
    double *outputs; /* (n, outputs) */
    double *targets; /* (n, outputs) */
    double *losses;  /* (n) of each row alone */
};

/* Rows index[0..n) of a source, forward as nb_evaluate does, on a copy. */
NB_API enum nb_status nb_predict(const struct nb_net *net, const struct nb_source *source,
                                 const uint32_t *index, size_t n,
                                 const struct nb_prediction *result, struct nb_error *error);

/* Number of threads for products; 0: one per core. */
NB_API void nb_set_threads(int threads);
NB_API int nb_threads(void);

NB_API const char *nb_version(void);

#ifdef __cplusplus
}
#endif
#endif
