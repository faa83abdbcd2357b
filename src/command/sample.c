/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample: rows of the data set as x and y of one's own. */
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/history.h"
#include "command/rows.h"
#include "command/step.h"

struct range {
    uint64_t first, last; /* from 1 */
    bool single;
};

static bool range_parse(const char *text, struct range *range)
{
    const char *colon = strchr(text, ':');
    size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
    range->single = colon == NULL;
    if (!number_parse_whole(text, length, UINT32_MAX, &range->first))
        return false;
    range->last = range->first;
    return colon == NULL ||
           number_parse_whole(colon + 1, strlen(colon + 1), UINT32_MAX, &range->last);
}

static enum nb_status range_check(const struct session *session, const struct range *range,
                                  enum dataset_part part, size_t at, struct nb_error *error)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    const char *name = dataset_part_names[part];
    if (info.rows[part] == 0)
        return error_at(error, NB_FAILED, at, "%s has no %s part", info.name, name);
    if (range->first == 0)
        return error_at(error, NB_FAILED, at, "rows start at 1, found 0");
    if (range->last > info.rows[part])
        return error_at(error, NB_FAILED, at, "the %s part of %s has rows 1 to %zu, found %llu",
                        name, info.name, info.rows[part], (unsigned long long)range->last);
    if (range->last < range->first)
        return error_at(error, NB_FAILED, at, "the range is empty: write the smaller row first");
    return NB_OK;
}

static enum nb_status give(struct session *session, enum nb_quantity_kind kind, int rank,
                           size_t rows, size_t cols, double *numbers, struct nb_error *error)
{
    /* a view: session_give copies */
    struct value value = { .rank = rank, .rows = rows, .cols = cols, .data = numbers };
    return session_give(session, kind, &value, error);
}

static void say(struct session *session, const struct range *range, enum dataset_part part,
                const struct rows *rows)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    if (range->single)
        sink_printf(session->out, "x, y  row %llu of the %s part of %s",
                    (unsigned long long)range->first, dataset_part_names[part], info.name);
    else
        sink_printf(session->out, "x, y  rows %llu to %llu of the %s part of %s, a batch of %zu",
                    (unsigned long long)range->first, (unsigned long long)range->last,
                    dataset_part_names[part], info.name, rows->count);
    size_t best = 0;
    for (size_t k = 1; k < rows->outputs; k++)
        if (rows->y[k] > rows->y[best])
            best = k;
    if (range->single && info.classes > 2 && info.class_names != NULL)
        sink_printf(session->out, ", class %zu (%s)", best + 1, info.class_names[best]);
    sink_puts(session->out, "; reset goes back to the data set's own order\n");
}

enum nb_status sample_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    const struct argument *argument = call_argument(call, "rows");
    enum dataset_part part = (enum dataset_part)call_choice(call, "part", DATASET_TRAIN);
    struct range range;
    struct rows rows = { 0 };
    if (!range_parse(argument->text, &range))
        return error_at(error, NB_USAGE, argument->span.at,
                        "expected a row (7) or a range of rows (1:32), found %.40s",
                        argument->text);
    enum nb_status status = range_check(session, &range, part, argument->span.at, error);
    if (status != NB_OK)
        return status;
    size_t count = (size_t)(range.last - range.first + 1);
    status = rows_range(session, part, (size_t)range.first - 1, count, &rows, error);
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
