/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of functions. */
#ifndef NABLA_LANG_FUNCTIONS_H
#define NABLA_LANG_FUNCTIONS_H

#include "lang/lang.h"

struct function;

/* One call: the arguments are the caller's, the result is empty. */
struct call_frame {
    const struct function *function;
    const struct value *argument; /* (count) */
    size_t count;
    const struct lang_names *names; /* for rand and randn */
    struct value *result;
    struct nb_error *error;
};

struct function {
    const char *name;
    int least, most; /* arguments */
    enum nb_status (*run)(const struct call_frame *frame);
    double (*map)(double x);            /* works element by element */
    double (*slope)(double x);          /* an activation's derivative */
    double (*pair)(double a, double b); /* of two arguments, element by element */
    double (*reduce)(const double *data, size_t count, size_t stride);
};

/* By name, also σ (folded: sigma); false where there is none. */
bool function_find(const char *name, size_t *index);
const struct function *function_at(size_t index);

/* Runs it, or with `slope` its derivative. */
enum nb_status function_call(const struct call_frame *frame, bool slope);

#endif
