/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the vitals of a network suggest: a check a thing. */
#include <math.h>

#include "base/compiler.h"
#include "base/number.h"
#include "command/vitals.h"

#define FAR        5.0  /* means and deviations of x beyond are too large to learn from */
#define FADED      1e-3 /* gradients per weight, against the last layer's */
#define DEAD       0.3  /* share of a layer's relu units */
#define FLAT       0.5  /* share of a layer's activations */
#define USUAL      1e-3 /* norm of an update over the norm of the weights */
#define RATIO_HIGH 5e-2
#define RATIO_LOW  1e-4
#define STUCK      0.98 /* of what guessing gives */
#define WORSE      2.0

static bool not_finite(const struct vitals *vitals, struct text *text)
{
    if (isfinite(vitals->loss))
        return false;
    text_add(text, "The loss is not a finite number: numbers overflowed on the way up. Draw new "
                   "weights (init), take a smaller lr, or scale the input.");
    return true;
}

static bool input_unscaled(const struct vitals *vitals, struct text *text)
{
    if (fabs(vitals->x_mean) <= FAR && vitals->x_deviation <= FAR)
        return false;
    text_add(text, "The input is not scaled: its mean is ");
    number_add(text, vitals->x_mean, 3);
    text_add(text, ", its deviation ");
    number_add(text, vitals->x_deviation, 3);
    text_add(text, vitals->data ? ". Type scale standard."
                                : ". Numbers near 0 with a deviation near 1 learn best.");
    return true;
}

static double gradient_per_weight(const struct layer_vitals *layer)
{
    return layer->w > 0 ? layer->dw / layer->w : NAN;
}

static void add_norms(const struct vitals *vitals, struct text *text)
{
    text_add(text, "norm(dw1) is ");
    number_add(text, vitals->layer[0].dw, 3);
    text_printf(text, " and norm(dw%zu) ", vitals->layers);
    number_add(text, vitals->layer[vitals->layers - 1].dw, 3);
}

static bool gradient_vanishes(const struct vitals *vitals, struct text *text)
{
    size_t top = vitals->layers - 1;
    double first = gradient_per_weight(&vitals->layer[0]);
    double last = gradient_per_weight(&vitals->layer[top]);
    if (!top || vitals->layer[0].dw == 0 || !(first < FADED * last))
        return false;
    text_add(text, "The gradient vanishes on its way down: ");
    add_norms(vitals, text);
    if (vitals->layer[0].activation == NB_SIGMOID)
        text_add(text, ". Each sigmoid multiplies it by at most 1/4: take relu or lecun, put "
                       "batchnorm between, or use fewer layers.");
    else
        text_add(text, ". Draw larger weights (init he or init glorot), put batchnorm between, or "
                       "use fewer layers.");
    return true;
}

static bool gradient_explodes(const struct vitals *vitals, struct text *text)
{
    size_t top = vitals->layers - 1;
    double first = gradient_per_weight(&vitals->layer[0]);
    double last = gradient_per_weight(&vitals->layer[top]);
    if (!top || !(last < FADED * first) || vitals->layer[top].dw == 0)
        return false;
    text_add(text, "The gradient explodes on its way down: ");
    add_norms(vitals, text);
    text_add(text, ". Draw smaller weights (init he), put batchnorm between, or train with "
                   "clip=1.");
    return true;
}

/* No gradient at all comes down to layer 1. */
static bool gradient_stops(const struct vitals *vitals, struct text *text)
{
    if (vitals->layer[0].dw != 0)
        return false;
    text_add(text, vitals->loss == 0
                       ? "The loss is 0: there is nothing left to learn from these rows."
                       : "No gradient reaches layer 1: norm(dw1) is 0, so w1 cannot learn. Draw "
                         "other weights (init), or take leakyrelu.");
    return true;
}

/* "40 % of the relu units in layer 1, 35 % in layer 2": those beyond the limit; false
 * where none is. */
static bool add_layers_off(const struct vitals *vitals, bool relu, double limit, const char *what,
                           struct text *text)
{
    size_t count = 0;
    for (size_t l = 0; l < vitals->layers; l++) {
        const struct layer_vitals *layer = &vitals->layer[l];
        if ((layer->activation == NB_RELU) != relu || layer->off <= limit)
            continue;
        text_printf(text, "%s%.0f %%%s in layer %zu", count ? ", " : "", 100 * layer->off,
                    count ? "" : what, l + 1);
        count++;
    }
    return count > 0;
}

static bool units_dead(const struct vitals *vitals, struct text *text)
{
    if (!add_layers_off(vitals, true, DEAD, " of the relu units", text))
        return false;
    text_add(text,
             " are 0 for every row (dead) and learn nothing. Draw new weights (init he), take "
             "a smaller lr, or leakyrelu.");
    return true;
}

static bool units_saturated(const struct vitals *vitals, struct text *text)
{
    if (!add_layers_off(vitals, false, FLAT, " of the activations", text))
        return false;
    text_add(text, " are saturated: the slope there is almost 0 (flat), and so is the gradient. "
                   "Draw smaller weights (init fan-in), or scale the input.");
    return true;
}

static bool weights_alike(const struct vitals *vitals, struct text *text)
{
    for (size_t l = 0; l < vitals->layers; l++)
        if (vitals->layer[l].alike && l + 1 < vitals->layers) {
            text_printf(text,
                        "All units of layer %zu have the same weights, get the same gradient and "
                        "stay the same. Draw random ones: init fan-in.",
                        l + 1);
            return true;
        }
    return false;
}

/* The layer whose weights move most. */
static size_t fastest(const struct vitals *vitals)
{
    size_t best = 0;
    for (size_t l = 1; l < vitals->layers; l++)
        if (isnan(vitals->layer[best].ratio) || vitals->layer[l].ratio > vitals->layer[best].ratio)
            best = l;
    return best;
}

static void add_rate(const struct vitals *vitals, size_t l, const char *how, struct text *text)
{
    double ratio = vitals->layer[l].ratio;
    text_printf(text, "lr is rather %s: update/w of w%zu is ", how, l + 1);
    number_add(text, ratio, 2);
    text_add(text, ", and about 0.001 is usual. Try lr = ");
    number_add(text, vitals->lr * USUAL / ratio, 1);
    text_add(text, ".");
}

static bool rate_high(const struct vitals *vitals, struct text *text)
{
    size_t l = fastest(vitals);
    if (!(vitals->layer[l].ratio > RATIO_HIGH))
        return false;
    add_rate(vitals, l, "high", text);
    return true;
}

/* Where there is much left to learn: at the end small updates are right. */
static bool rate_low(const struct vitals *vitals, struct text *text)
{
    size_t l = fastest(vitals);
    double ratio = vitals->layer[l].ratio;
    if (!(ratio < RATIO_LOW) || !(ratio > 0) || !(vitals->loss > 0.5 * vitals->guess))
        return false;
    add_rate(vitals, l, "low", text);
    return true;
}

/* Outputs near 0 begin far from targets that are not: that is no fault. */
static bool loss_worse(const struct vitals *vitals, struct text *text)
{
    if (vitals->guess_mean || !(vitals->loss > WORSE * vitals->guess))
        return false;
    text_add(text, vitals->trained
                       ? "The loss is far above guessing: training has gone astray. Go back (init "
                         "again) and take a smaller lr."
                       : "The loss is far above guessing before any training: draw smaller weights "
                         "(init fan-in), or scale the input.");
    return true;
}

static bool loss_stuck(const struct vitals *vitals, struct text *text)
{
    bool worse = vitals->loss > WORSE * vitals->guess && !vitals->guess_mean;
    if (!vitals->trained || !(vitals->loss > STUCK * vitals->guess) || worse)
        return false;
    text_printf(text,
                "The loss is %s: nothing has been learned yet. See what stands above, or "
                "train longer with a larger lr.",
                vitals->guess_mean ? "no better than that of the mean target"
                                   : "still what guessing gives");
    return true;
}

static bool (*const checks[])(const struct vitals *vitals, struct text *text) = {
    not_finite,     input_unscaled, gradient_vanishes, gradient_explodes,
    gradient_stops, units_dead,     units_saturated,   weights_alike,
    rate_high,      rate_low,       loss_worse,        loss_stuck,
};

size_t vitals_checks(void)
{
    return COUNT_OF(checks) + 1;
}

bool vitals_check(const struct vitals *vitals, size_t index, struct text *text)
{
    struct text other = TEXT_INIT;
    bool found = false;
    if (index < COUNT_OF(checks))
        return checks[index](vitals, text);
    for (size_t i = 0; i < COUNT_OF(checks) && !found; i++)
        found = checks[i](vitals, &other);
    text_release(&other);
    if (!found)
        text_add(text, "Nothing stands out.");
    return !found;
}
