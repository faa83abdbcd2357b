/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/advice.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"

#define INPUT_LARGE 10.0 /* standardised inputs have 1 */
#define LR_LARGE    10.0
#define LR_USUAL    0.1
#define LR_SMALL    0.005
#define ROWS_SEEN   100

static double root_mean_square(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] * values[i];
    return count ? sqrt(sum / (double)count) : 0;
}

/* How large the inputs of the first rows are. */
static double input_size(const struct session *session)
{
    struct nb_source source;
    uint32_t index[ROWS_SEEN];
    double size = 0;
    if (!session->data)
        return root_mean_square(session->x.data, session->x.rows * session->x.cols);
    dataset_source(session->data, DATASET_TRAIN, &source);
    size_t rows = source.rows < ROWS_SEEN ? source.rows : ROWS_SEEN;
    double *x = memory_new(rows * source.inputs, sizeof *x);
    double *y = memory_new(rows * source.outputs, sizeof *y);
    for (size_t i = 0; i < rows; i++)
        index[i] = (uint32_t)i;
    if (x && y) {
        source.fill(source.context, index, rows, NB_DOUBLE, x, y);
        size = root_mean_square(x, rows * source.inputs);
    }
    free(x);
    free(y);
    return size;
}

static bool is_finite(const struct nb_net *net, size_t id, const struct nb_quantity *quantity)
{
    for (size_t i = 0; i < quantity->rows; i++)
        for (size_t j = 0; j < quantity->cols; j++)
            if (!isfinite(nb_value(net, id, i, j)))
                return false;
    return true;
}

/* The first update was not reached: by parameters that were no numbers, or too large ones. */
static void add_about_weights(struct text *text, const struct nb_net *net)
{
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        if (quantity.active && quantity.role == NB_PARAMETER && !is_finite(net, id, &quantity)) {
            text_printf(text, "%s has numbers that are not finite: init draws new ones",
                        quantity.name);
            return;
        }
    }
    text_add(text, "This was before the first update, so the weights are too large: init draws new "
                   "ones");
}

void advice_add(struct text *text, const struct session *session,
                const struct train_options *options, const struct nb_progress *last)
{
    double size = input_size(session), lr = options->learning.lr;
    if (size > INPUT_LARGE && lr <= LR_LARGE) {
        text_add(text, "The inputs are about as large as ");
        number_add(text, size, 2);
        text_add(text, session->data ? ": scale standard brings them near 1"
                                     : ": divide x so that they come near 1");
    } else if (last->step == 0 && isnan(size)) {
        text_add(text, "x has numbers that are not finite");
    } else if (last->step == 0) {
        add_about_weights(text, session->net);
    } else if (lr <= LR_SMALL && options->learning.clip == 0) {
        text_add(text, "Keep the gradients small with clip=1, or take a smaller lr, such as lr=");
        number_add(text, lr / 10, 3);
    } else {
        text_add(text, "Take a smaller lr, such as lr=");
        number_add(text, lr > 1 ? LR_USUAL : lr / 10, 3);
    }
}
