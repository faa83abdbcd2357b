/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/advice.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"

#define INPUT_LARGE 20.0 /* a standardised input hardly exceeds it */
#define LR_SMALL    0.005
#define ROWS_SEEN   100

/* The largest |x| of the first rows. */
static double largest_input(const struct session *session)
{
    struct nb_source source;
    uint32_t index[ROWS_SEEN];
    double largest = 0;
    if (!session->data) {
        for (size_t i = 0; i < session->x.rows * session->x.cols; i++)
            largest = fmax(largest, fabs(session->x.data[i]));
        return largest;
    }
    dataset_source(session->data, DATASET_TRAIN, &source);
    size_t rows = source.rows < ROWS_SEEN ? source.rows : ROWS_SEEN;
    double *x = memory_new(rows * source.inputs, sizeof *x);
    double *y = memory_new(rows * source.outputs, sizeof *y);
    for (size_t i = 0; i < rows; i++)
        index[i] = (uint32_t)i;
    if (x && y) {
        source.fill(source.context, index, rows, NB_DOUBLE, x, y);
        for (size_t i = 0; i < rows * source.inputs; i++)
            largest = fmax(largest, fabs(x[i]));
    }
    free(x);
    free(y);
    return largest;
}

void advice_add(struct text *text, const struct session *session,
                const struct train_options *options, const struct nb_progress *last)
{
    double largest = largest_input(session), lr = options->learning.lr;
    if (largest > INPUT_LARGE) {
        text_add(text, "The inputs reach ");
        number_add(text, largest, 3);
        text_add(text, session->data ? ": scale standard brings them near 1"
                                     : ": divide x so that they come near 1");
    } else if (last->step == 0) {
        text_add(text, "This was before the first update, so the weights are too large: init "
                       "draws new ones");
    } else if (lr <= LR_SMALL && options->learning.clip == 0) {
        text_add(text, "Keep the gradients small with clip=1, or take a smaller lr, such as lr=");
        number_add(text, lr / 10, 3);
    } else {
        text_add(text, "Take a smaller lr, such as lr=");
        number_add(text, lr / 10, 3);
    }
}
