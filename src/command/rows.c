/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/walk.h"

bool rows_due(const struct session *session)
{
    const struct step_place *place = &session->place;
    if (session->data == NULL || session->pinned)
        return false;
    return !place->batched || place->batched_iteration != nb_iteration(session->net) ||
           !walk_has(session->net, NB_X) || !walk_has(session->net, NB_Y);
}

static enum nb_status rows_new(struct rows *rows, const struct nb_source *source, size_t count,
                               struct nb_error *error)
{
    *rows = (struct rows){ .count = count, .inputs = source->inputs, .outputs = source->outputs };
    size_t x, y;
    if (!size_multiply(count, source->inputs, &x) || !size_multiply(count, source->outputs, &y))
        return error_memory(error);
    rows->x = memory_new(x, sizeof *rows->x);
    rows->y = memory_new(y, sizeof *rows->y);
    if (rows->x != NULL && rows->y != NULL)
        return NB_OK;
    rows_release(rows);
    return error_memory(error);
}

void rows_release(struct rows *rows)
{
    free(rows->x);
    free(rows->y);
    *rows = (struct rows){ 0 };
}

enum nb_status rows_check(const struct rows *rows, const struct nb_net *net, struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(net);
    size_t outputs = spec->layer[spec->layers - 1].units;
    if (rows->inputs == spec->inputs && rows->outputs == outputs)
        return NB_OK;
    return error_set(error, NB_FAILED,
                     "the data set has %zu inputs and %zu output%s, the network %zu and %zu: "
                     "type net %zu-...-%zu, or give x and y yourself",
                     rows->inputs, rows->outputs, rows->outputs == 1 ? "" : "s", spec->inputs,
                     outputs, rows->inputs, rows->outputs);
}

enum nb_status rows_next(const struct session *session, struct rows *rows, struct nb_error *error)
{
    struct nb_source source;
    dataset_source(session->data, DATASET_TRAIN, &source);
    *rows = (struct rows){ .inputs = source.inputs, .outputs = source.outputs };
    enum nb_status status = rows_check(rows, session->net, error);
    if (status != NB_OK)
        return status;
    size_t first = session->data_row < source.rows ? session->data_row : 0;
    size_t count = source.rows - first, batch = session->settings.batch;
    if (batch > 0 && count > batch)
        count = batch;
    uint32_t *order = memory_new(source.rows, sizeof *order);
    status = order == NULL ? error_memory(error) : rows_new(rows, &source, count, error);
    if (status == NB_OK) {
        nb_shuffle(session->settings.seed, session->epochs + session->data_epoch, source.rows,
                   order);
        source.fill(source.context, order + first, count, NB_DOUBLE, rows->x, rows->y);
        bool ends = first + count == source.rows;
        rows->epoch = session->data_epoch + ends;
        rows->row = ends ? 0 : first + count;
    }
    free(order);
    return status;
}

enum nb_status rows_range(const struct session *session, enum dataset_part part, size_t first,
                          size_t count, struct rows *rows, struct nb_error *error)
{
    *rows = (struct rows){ 0 };
    struct nb_source source;
    dataset_source(session->data, part, &source);
    uint32_t *order = memory_new(count, sizeof *order);
    enum nb_status status =
        order == NULL ? error_memory(error) : rows_new(rows, &source, count, error);
    if (status == NB_OK) {
        for (size_t i = 0; i < count; i++)
            order[i] = (uint32_t)(first + i);
        source.fill(source.context, order, count, NB_DOUBLE, rows->x, rows->y);
    }
    free(order);
    return status;
}

enum nb_status rows_drawn(const struct session *session, enum dataset_part part, size_t most,
                          struct rows *rows, struct nb_error *error)
{
    *rows = (struct rows){ 0 };
    struct nb_source source;
    dataset_source(session->data, part, &source);
    size_t count = source.rows < most ? source.rows : most;
    uint32_t *order = memory_new(source.rows, sizeof *order);
    enum nb_status status =
        order == NULL ? error_memory(error) : rows_new(rows, &source, count, error);
    if (status == NB_OK) {
        nb_shuffle(session->settings.seed, session->epochs, source.rows, order);
        source.fill(source.context, order, count, NB_DOUBLE, rows->x, rows->y);
    }
    free(order);
    return status;
}

enum nb_status rows_put(const struct rows *rows, struct nb_net *net, struct nb_error *error)
{
    enum nb_status status =
        nb_assign(net, nb_quantity_id(net, NB_X, 0), rows->count, rows->inputs, rows->x, error);
    if (status == NB_OK)
        status = nb_assign(net, nb_quantity_id(net, NB_Y, 0), rows->count, rows->outputs, rows->y,
                           error);
    return status;
}

static bool range_parse(const char *text, uint64_t *first, uint64_t *last)
{
    const char *colon = strchr(text, ':');
    size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
    if (!number_parse_whole(text, length, UINT32_MAX, first))
        return false;
    *last = *first;
    return colon == NULL || number_parse_whole(colon + 1, strlen(colon + 1), UINT32_MAX, last);
}

enum nb_status row_range_read(const struct argument *argument, size_t rows, const char *where,
                              struct row_range *range, struct nb_error *error)
{
    uint64_t first, last;
    size_t at = argument->span.at;
    if (!range_parse(argument->text, &first, &last))
        return error_at(error, NB_USAGE, at,
                        "expected a row (7) or a range of rows (1:32), found %.40s",
                        argument->text);
    if (rows == 0)
        return error_at(error, NB_FAILED, at, "%s has no rows", where);
    if (first == 0)
        return error_at(error, NB_FAILED, at, "rows start at 1, found 0");
    if (last > rows)
        return error_at(error, NB_FAILED, at, "%s has rows 1 to %zu, found %llu", where, rows,
                        (unsigned long long)last);
    if (last < first)
        return error_at(error, NB_FAILED, at, "the range is empty: write the smaller row first");
    *range = (struct row_range){ (size_t)first - 1, (size_t)(last - first + 1),
                                 strchr(argument->text, ':') == NULL };
    return NB_OK;
}
