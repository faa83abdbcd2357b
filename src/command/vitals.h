/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a network is doing, for `doctor`: measured in one iteration, and judged. */
#ifndef NABLA_COMMAND_VITALS_H
#define NABLA_COMMAND_VITALS_H

#include "base/text.h"
#include "nabla.h"

struct layer_vitals {
    size_t units;
    enum nb_activation activation;
    double w, dw;           /* norms */
    double ratio;           /* norm of the update of w over that of w; NaN: none */
    double mean, deviation; /* of the activations */
    double off;             /* share of relu units that are 0 for every row; else of
                               activations whose slope is below 5 % of its largest */
    bool frozen, alike;     /* alike: every unit has the same weights */
};

struct vitals {
    size_t inputs, rows, layers;
    struct layer_vitals *layer; /* (layers) */
    double x_mean, x_deviation;
    double loss, guess;     /* what a network that knows nothing gets; NaN: not known */
    const char *guess_name; /* "guessing gives ln C =" */
    bool guess_mean;        /* what always answering the mean target gets: targets decide */
    double lr;
    bool data, trained; /* the rows are a data set's; updates were made */
};

/* Runs one iteration of `net` from its start and measures it; `net` is a copy
 * with rows, and is changed. */
enum nb_status vitals_take(struct nb_net *net, struct vitals *vitals, struct nb_error *error);
void vitals_release(struct vitals *vitals);

/* What the numbers suggest, one thing each: true where check `index` has
 * something to say.  The last says so where the others have not. */
size_t vitals_checks(void);
bool vitals_check(const struct vitals *vitals, size_t index, struct text *text);

#endif
