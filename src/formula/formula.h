/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operations as formulas.  Each kind of operation builds the term of one
 * element of what it writes; the term prints as a step, grows into a
 * derivation, and a test holds it against the kernel's number.
 */
#ifndef NABLA_FORMULA_FORMULA_H
#define NABLA_FORMULA_FORMULA_H

#include "base/sink.h"
#include "formula/term.h"
#include "nabla.h"

/* What things are written in.  LaTeX needs amsmath, MathML stands in HTML. */
enum formula_medium {
    FORMULA_TEXT,
    FORMULA_LATEX,
    FORMULA_MATHML,
    FORMULA_MEASURE, /* text of which only the width counts */
};
const struct nb_choice *formula_media(size_t *count);         /* without the last */
enum formula_medium formula_medium_of_file(const char *path); /* by its ending; else text */

/* Around what is to be a file of its own: a preamble, a page's head and style. */
void formula_begin_file(struct text *text, enum formula_medium medium, const char *title);
void formula_end_file(struct text *text, enum formula_medium medium);

/* How things are written. */
struct formula_style {
    bool to_from; /* `set index to-from`: weights are written w[k,j]; rows and columns
                     in this header always mean the stored w[j,k] */
    bool batch;   /* x is a batch: per-sample quantities carry the sample's index */
    int digits;   /* significant digits of numbers */
    enum formula_medium medium;
};

/* The term of element (row, col) of quantity `id` by the operation `op` (a plan
 * index) that writes it.  CLIP, STATISTICS and UPDATE overwrite what they read:
 * call it before running them.  Parts of batch norm are made of each other: call
 * it for them after. */
enum nb_status formula_term(const struct nb_net *net, size_t op, size_t id, size_t row, size_t col,
                            struct term **term, struct nb_error *error);

/* The page of one operation.  Made before the operation runs, to keep what
 * it overwrites; printed after it. */
struct formula_page;
enum nb_status formula_page_new(const struct nb_net *net, size_t op, struct formula_page **page,
                                struct nb_error *error);
/* `full`: the long form of `step` (numbered, symbols, numbers, partial products);
 * else the compact block of `forward`, `backward`, `update`, `sheet`.  Either ends with a blank
 * line; the line `next …` is formula_next's. */
void formula_page_print(const struct formula_page *page, const struct nb_net *net, bool full,
                        const struct formula_style *style, struct sink *sink);
void formula_page_free(struct formula_page **page);

/* The operation's elements as units: the destination neurons of what it writes
 * (times the samples of a batch), the loss one.  Prints the part of the page
 * that belongs to one of them, as `step unit` does. */
size_t formula_page_units(const struct formula_page *page);
void formula_page_print_unit(const struct formula_page *page, const struct nb_net *net, size_t unit,
                             const struct formula_style *style, struct sink *sink);

/* One line that names an operation: "da2: how the loss changes with each output". */
void formula_op_summary(const struct nb_net *net, size_t op, const struct formula_style *style,
                        bool unicode, struct text *text);

/* What the operation is about, as typed, `between` them: "mu1, var1, xhat1, u1"; of UPDATE
 * the parameters, of many gradients cut by CLIP the first and the last. */
void formula_op_writes(const struct nb_net *net, size_t op, const char *between, struct text *text);

/* The operation in short, in names as typed: "a1 = σ(z1)", "dw1 = xᵀ·delta1". */
void formula_op_short(const struct nb_net *net, size_t op, const struct formula_style *style,
                      bool unicode, struct text *text);

/* "3-2-2 sigmoid", "784-64-10 lecun softmax": what `net` would take. */
void formula_net_title(const struct nb_net *net, struct text *text);

/* Around the compact pages of a pass.  The heading: "Forward pass   3-2-2 sigmoid ·
 * loss ½Σ(ŷ − y)² · one sample" and a blank line.  The closing, of the pass that
 * has just run: output, target and loss where there are any. */
void formula_pass_heading(const struct nb_net *net, enum nb_phase phase,
                          const struct formula_style *style, struct sink *sink);
void formula_pass_closing(const struct nb_net *net, enum nb_phase phase,
                          const struct formula_style *style, struct sink *sink);

/* The line that says what the cursor points at: after full pages
 * " next  a1 = σ(z1)", after a pass "next   da2: how the loss changes …   (step, or backward)". */
void formula_next(const struct nb_net *net, bool full, const struct formula_style *style,
                  struct sink *sink);

/* What is to be derived, and how far. */
struct formula_request {
    size_t id, row, col; /* letters (TERM_J): for every index, in symbols */
    bool local;          /* ∂ of it by the element below, computed before it */
    size_t bottom, bottom_row, bottom_col;
    bool element;  /* one, else the whole quantity */
    bool old;      /* `net` is as it was before the last update, and the page says so */
    bool jacobian; /* δ of a softmax through each of its outputs */
    size_t depth;  /* layers above its own that the chain rule goes through */
};
#define FORMULA_DEPTH SIZE_MAX /* as many as the paths can be shown in */

/* The derivation of one element, of a whole quantity in matrices with their shapes, or of
 * a local derivative, ending with the exact line `value V; difference quotient Q; relative error
 * E`. */
enum nb_status formula_explain(const struct nb_net *net, const struct formula_request *request,
                               const struct formula_style *style, struct sink *sink,
                               struct nb_error *error);

/* How a schedule came to the rate of an update: `lr` as the run began, t as nb_schedule_lr(). */
struct formula_rate {
    struct nb_schedule schedule; /* NB_SCHEDULE_NONE: the rate is as it was set */
    double lr;
    uint64_t t, total;
};

/* What is to be explained of an update. */
struct formula_update {
    size_t id, row, col;
    bool made; /* its numbers are called old(...) by now */
    struct formula_rate rate;
};

/* The derivation of what the update makes of an element of a w, b, gamma or beta: gradient,
 * penalty, the optimiser's state, the step.  `before` is the network as it stands before
 * the first operation of its update phase.  The last line is as above, the value that of
 * the parameter after the update.  NB_FAILED: no parameter, its gradient is not fresh. */
enum nb_status formula_explain_update(const struct nb_net *before,
                                      const struct formula_update *update,
                                      const struct formula_style *style, struct sink *sink,
                                      struct nb_error *error);

/* One iteration from the network's present weights on, with the rows of x and y that it
 * has: given numbers, every operation worked out, new weights; as a whole file in the
 * style's medium, added to `file`. */
enum nb_status formula_exercise(const struct nb_net *net, const struct formula_style *style,
                                struct text *file, struct nb_error *error);

/* Does `top` depend on `bottom` in the forward pass?  NB_FAILED: no, and what to type instead. */
enum nb_status formula_local_exists(const struct nb_net *net, size_t top, size_t bottom,
                                    struct nb_error *error);

/* ∂top/∂bottom, where it exists, and both have been computed; where they are no neighbours,
 * through all that lies between.  0 where the elements do not meet. */
enum nb_status formula_local(const struct nb_net *net, size_t top, size_t top_row, size_t top_col,
                             size_t bottom, size_t bottom_row, size_t bottom_col, double *value,
                             struct nb_error *error);

#endif
