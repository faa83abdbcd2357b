/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `net` and `init` are told, read into the engine's terms.
 *
 *     3-2-2 sigmoid                      one activation for all layers
 *     784-64x10-10 lecun softmax         hidden layers, output; 64x10 is ten layers of 64
 *     784 - 64 batchnorm relu dropout(0.4) - 10 softmax
 *                                        the long form: behind each size batchnorm,
 *                                        activation and dropout, in this order
 */
#ifndef NABLA_COMMAND_NETSPEC_H
#define NABLA_COMMAND_NETSPEC_H

#include "lang/lang.h"
#include "nabla.h"

#define NETSPEC_LAYERS_MOST 1000
#define NETSPEC_SIZE_MOST   1000000

struct netspec {
    size_t inputs, count;
    struct nb_layer layers[NETSPEC_LAYERS_MOST];
};

/* Reads source[span].  NB_USAGE with a place. */
enum nb_status netspec_parse(const char *source, struct lang_span span, struct netspec *spec,
                             struct nb_error *error);

/* What may stand behind source[span], the beginning of such sizes. */
enum netspec_next {
    NEXT_BATCHNORM = 1,
    NEXT_ACTIVATION = 2, /* one that hidden layers may have */
    NEXT_SOFTMAX = 4,
    NEXT_DROPOUT = 8,
    NEXT_OPTION = 16, /* the sizes may end here */
};
unsigned netspec_next(const char *source, struct lang_span span);

/* "fan-in", "normal(0.1)", "uniform(-1,1)" of source[span], without quotes. */
enum nb_status init_parse(const char *source, struct lang_span span, struct nb_init *init,
                          struct nb_error *error);

/* Adds "3-2-2", and how weights are drawn: "normal(0.1)". */
void netspec_add_sizes(struct text *text, const struct nb_spec *spec);
/* Adds "3 - 2 batchnorm relu dropout(0.4) - 2 softmax". */
void netspec_add_long(struct text *text, const struct nb_spec *spec);
bool netspec_modified(const struct nb_spec *spec); /* batchnorm or dropout somewhere */
void init_add(struct text *text, const struct nb_spec *spec, struct nb_init init);

#endif
