/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `sweep` is told, as the runs that come of it.
 *
 *     lr=0.1,1 hidden=4-4,10-10 epochs=5     two axes of two, one of one: 4 runs
 *     (optimizer=adam lr=0.001) (lr=0.1)     the groups are one axis
 */
#ifndef NABLA_COMMAND_SWEEP_H
#define NABLA_COMMAND_SWEEP_H

#include "lang/lang.h"

enum { SWEEP_AXES_MOST = 24, SWEEP_ITEMS_MOST = 100, SWEEP_RUNS_MOST = 1000 };

struct sweep_axis {
    char *items[SWEEP_ITEMS_MOST]; /* "lr=0.1"; a group: "optimizer=adam lr=0.001" */
    size_t count;
    size_t at; /* in the source, for errors */
    bool hidden, seeds, groups;
};

struct sweep_axes {
    struct sweep_axis axes[SWEEP_AXES_MOST];
    size_t count;
    size_t runs; /* the product */
};

/* Reads source[span].  NB_USAGE with a place. */
enum nb_status sweep_parse(const char *source, struct lang_span span, struct sweep_axes *axes,
                           struct nb_error *error);
void sweep_release(struct sweep_axes *axes);

/* Adds the items of run `index` (the last axis changes fastest), blanks between
 * them: those that train takes, or those that tell the run from others (with or
 * without the axis of seeds). */
enum sweep_words { SWEEP_OPTIONS, SWEEP_NAME, SWEEP_NAME_WITHOUT_SEED };
void sweep_add(const struct sweep_axes *axes, size_t index, enum sweep_words words,
               struct text *text);
/* The axis's item in run `index`. */
const char *sweep_item(const struct sweep_axes *axes, const struct sweep_axis *axis, size_t index);

/* The layers of `spec` with the hidden ones that `hidden` says ("4-4", "64x3", or
 * one number for all of them), kinds as they were; `layer` is the caller's to free. */
enum nb_status sweep_hidden(const struct nb_spec *spec, const char *hidden, struct nb_layer **layer,
                            size_t *layers, struct nb_error *error);

#endif
