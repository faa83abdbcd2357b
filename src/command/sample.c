/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample: rows of the data set as x and y of one's own. */
#include "command/history.h"
#include "command/rows.h"
#include "command/step.h"
#include "command/wrap.h"

static enum nb_status give(struct session *session, enum nb_quantity_kind kind, int rank,
                           size_t rows, size_t cols, double *numbers, struct nb_error *error)
{
    /* a view: session_give copies */
    struct value value = { .rank = rank, .rows = rows, .cols = cols, .data = numbers };
    return session_give(session, kind, &value, error);
}

static void say(struct session *session, const struct row_range *range, enum dataset_part part,
                const struct rows *rows)
{
    struct dataset_info info;
    struct text text = TEXT_INIT;
    dataset_describe(session->data, &info);
    if (range->single)
        text_printf(&text, "x, y  row %zu of the %s part of %s", range->first + 1,
                    dataset_part_names[part], info.name);
    else
        text_printf(&text, "x, y  rows %zu to %zu of the %s part of %s, a batch of %zu",
                    range->first + 1, range->first + range->count, dataset_part_names[part],
                    info.name, rows->count);
    size_t best = 0;
    for (size_t k = 1; k < rows->outputs; k++)
        if (rows->y[k] > rows->y[best])
            best = k;
    if (range->single && info.classes > 2 && info.class_names != NULL)
        text_printf(&text, ", class %zu (%s)", best + 1, info.class_names[best]);
    text_add(&text, "; reset goes back to the data set's own order\n");
    wrap_print(session->out, &text);
    text_release(&text);
}

enum nb_status sample_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    const struct argument *argument = call_argument(call, "rows");
    enum dataset_part part = (enum dataset_part)call_choice(call, "part", DATASET_TRAIN);
    struct dataset_info info;
    struct row_range range;
    struct rows rows = { 0 };
    struct text name = TEXT_INIT;
    dataset_describe(session->data, &info);
    text_printf(&name, "the %s part of %s", dataset_part_names[part], info.name);
    enum nb_status status = row_range_read(argument, info.rows[part], name.bytes, &range, error);
    text_release(&name);
    if (status != NB_OK)
        return status;
    size_t count = range.count;
    status = rows_range(session, part, range.first, count, &rows, error);
    if (status == NB_OK && session->net != NULL)
        status = rows_check(&rows, session->net, error);
    if (status == NB_OK)
        status = history_save_net(session, NULL, error);
    int rank = range.single ? 1 : 2;
    if (status == NB_OK)
        status = give(session, NB_X, rank, count, rows.inputs, rows.x, error);
    if (status == NB_OK)
        status = give(session, NB_Y, rank, count, rows.outputs, rows.y, error);
    if (status == NB_OK)
        say(session, &range, part, &rows);
    rows_release(&rows);
    return status;
}
