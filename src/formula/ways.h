/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways by which a nudge reaches the loss, stage by stage:
 *
 *     w¹₁₁ ──▶ z¹₁⁽ⁱ⁾ ──▶ a¹₁⁽ⁱ⁾ ──▶ z²ₖ⁽ⁱ⁾        δ²ₖ⁽ⁱ⁾
 *              each i                each k        what comes back there
 *
 * Every element of a stage leads on to as many of the next as any other, so ways are
 * counted off, and none is held, however many there are.
 */
#ifndef NABLA_FORMULA_WAYS_H
#define NABLA_FORMULA_WAYS_H

#include "formula/local.h"

#define WAYS_STAGES_MOST 64
#define WAYS_ALL         SIZE_MAX /* as deep as can be */

enum ways_spread { WAYS_ONE, WAYS_SAMPLES, WAYS_UNITS };

struct ways_stage {
    size_t id;
    enum ways_spread spread;   /* over which of its elements the stage before leads on */
    size_t count;              /* of those */
    size_t letter;             /* that stands for them */
    bool fixed_row, fixed_col; /* those of `top` */
};

struct ways {
    const struct nb_net *net;
    struct element start, top; /* top: the loss, or what a local derivative is of */
    struct ways_stage stages[WAYS_STAGES_MOST];
    size_t count;
    double paths; /* how many ways */
    size_t rest;  /* the derivative of the loss by the last stage, where ways end before
                     the loss; else NB_NOWHERE */
};

/* From a parameter, z, u, a or h through `depth` layers above its own; at least one
 * stage.  `softmax`: through the outputs of one where the plan has a shorter way.
 * What would be too deep to be written is cut. */
void ways_to_loss(struct ways *ways, const struct nb_net *net, struct element start, size_t depth,
                  bool softmax);
/* Up to an element that depends on it; false where that is too deep to be written. */
bool ways_to_element(struct ways *ways, const struct nb_net *net, struct element start,
                     struct element top);

/* One of the ways: its place in the spread of each stage. */
struct way {
    size_t at[WAYS_STAGES_MOST];
};
void way_first(const struct ways *ways, struct way *way);
void way_last(const struct ways *ways, struct way *way);
void way_next(const struct ways *ways, struct way *way);

/* Do ways part before this stage, counted from 1? */
bool ways_part(const struct ways *ways, size_t stage);

/* The element of a stage, 0 the start; of all ways at once with letters. */
struct element way_element(const struct ways *ways, const struct way *way, size_t stage);
struct element ways_element(const struct ways *ways, size_t stage);

/* The local derivative on the way to stage 1..count; behind the last one what comes
 * back, where there is that.  NULL: memory ran out. */
struct term *way_factor(const struct ways *ways, const struct way *way, size_t stage);
size_t ways_factors(const struct ways *ways);

#endif
