/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/walk.h"

#include "base/error.h"
#include "command/history.h"
#include "command/place.h"
#include "command/rows.h"
#include "command/stops.h"

enum nb_phase walk_phase(const struct session *session)
{
    return nb_plan_op(session->net, nb_cursor(session->net))->phase;
}

size_t walk_loss_op(const struct nb_net *net)
{
    struct nb_quantity loss;
    nb_quantity_get(net, nb_quantity_id(net, NB_LOSS_VALUE, 0), &loss);
    return loss.op;
}

static void quantity_of(const struct nb_net *net, enum nb_quantity_kind kind,
                        struct nb_quantity *quantity)
{
    nb_quantity_get(net, nb_quantity_id(net, kind, 0), quantity);
}

bool walk_has(const struct nb_net *net, enum nb_quantity_kind kind)
{
    struct nb_quantity quantity;
    quantity_of(net, kind, &quantity);
    return quantity.state != NB_UNSET;
}

bool walk_normalizes(const struct nb_net *net)
{
    const struct nb_spec *spec = nb_net_spec(net);
    for (size_t l = 0; l < spec->layers; l++)
        if (spec->layer[l].batchnorm)
            return true;
    return false;
}

/* "0.1 0.2 0.3": what to type for so many numbers. */
static const char *example_numbers(size_t count)
{
    static const char *const examples[] = { "", "0.1", "0.1 0.2", "0.1 0.2 0.3",
                                            "0.1 0.2 0.3 0.4" };
    return count < COUNT_OF(examples) ? examples[count] : "0.1 0.2 0.3 ...";
}

enum nb_status walk_check_rows(const struct nb_net *net, struct nb_error *error)
{
    struct nb_quantity x;
    quantity_of(net, NB_X, &x);
    if (x.rows != 1 || !walk_normalizes(net))
        return NB_OK;
    return error_set(error, NB_FAILED,
                     "batch norm: one row has no variance; take several, as sample 1:32 does");
}

static enum nb_status check_input(const struct nb_net *net, struct nb_error *error)
{
    struct nb_quantity x;
    quantity_of(net, NB_X, &x);
    if (x.state != NB_UNSET)
        return walk_check_rows(net, error);
    return error_set(error, NB_FAILED,
                     "no input yet: give x its %zu number%s, as input %s, or load a data set",
                     x.cols, x.cols == 1 ? "" : "s", example_numbers(x.cols));
}

enum nb_status walk_check_target(const struct nb_net *net, struct nb_error *error)
{
    struct nb_quantity x, y;
    quantity_of(net, NB_X, &x);
    quantity_of(net, NB_Y, &y);
    if (y.state == NB_UNSET)
        return error_set(
            error, NB_FAILED,
            "no target yet, so there is no loss: give y its %zu number%s, as target %s", y.cols,
            y.cols == 1 ? "" : "s", example_numbers(y.cols));
    if (x.rows != y.rows)
        return error_set(error, NB_FAILED,
                         "x has %zu row%s and y has %zu: give both the same number of rows", x.rows,
                         x.rows == 1 ? "" : "s", y.rows);
    return NB_OK;
}

/* ---- Rows of the data set ---- */

static enum nb_status take_rows(struct session *session, struct nb_error *error)
{
    struct rows rows;
    enum nb_status status = rows_next(session, &rows, error);
    if (status != NB_OK)
        return status;
    struct nb_quantity x, y;
    quantity_of(session->net, NB_X, &x);
    quantity_of(session->net, NB_Y, &y);
    bool fits =
        x.state != NB_UNSET && y.state != NB_UNSET && x.rows == rows.count && y.rows == rows.count;
    status = history_save_rows(session, !fits, error);
    if (status == NB_OK)
        status = rows_put(&rows, session->net, error);
    if (status == NB_OK) {
        session->data_epoch = rows.epoch;
        session->data_row = rows.row;
        session->place.batched = true;
        session->place.batched_iteration = nb_iteration(session->net);
    }
    rows_release(&rows);
    return status;
}

enum nb_status walk_ready(struct session *session, struct nb_error *error)
{
    if (nb_cursor(session->net) == 0 && rows_due(session)) {
        enum nb_status status = take_rows(session, error);
        if (status != NB_OK)
            return status;
    }
    return check_input(session->net, error);
}

enum nb_status walk_copy(const struct session *session, struct nb_net **copy,
                         struct nb_error *error)
{
    *copy = NULL;
    struct rows rows = { 0 };
    bool due = rows_due(session) && (nb_cursor(session->net) == 0 || !walk_has(session->net, NB_X));
    enum nb_status status = due ? rows_next(session, &rows, error) : NB_OK;
    if (status == NB_OK)
        status = nb_net_clone(session->net, NB_AUTO, copy, error);
    if (status == NB_OK && due)
        status = rows_put(&rows, *copy, error);
    if (status == NB_OK)
        status = check_input(*copy, error);
    if (status == NB_OK)
        nb_seek(*copy, 0);
    else
        nb_net_free(copy);
    rows_release(&rows);
    return status;
}

/* ---- One operation ---- */

enum nb_status walk_seek(struct session *session, size_t op, struct nb_error *error)
{
    enum nb_status status = history_save_cursor(session, error);
    if (status == NB_OK)
        nb_seek(session->net, op);
    return status;
}

static enum nb_status keep_old(struct session *session, struct nb_error *error)
{
    struct nb_net *old;
    enum nb_status status = nb_net_clone(session->net, NB_AUTO, &old, error);
    return status != NB_OK ? status : history_replace_old(session, old, error);
}

static enum nb_status walk_prepare(struct session *session, size_t op, struct nb_error *error)
{
    if (session->interrupt != NULL && *session->interrupt)
        return error_set(error, NB_INTERRUPTED, "interrupted before operation %zu", op + 1);
    enum nb_status status = walk_ready(session, error);
    if (status == NB_OK && op >= walk_loss_op(session->net))
        status = walk_check_target(session->net, error);
    if (status == NB_OK && op == nb_plan_start(session->net, NB_UPDATE))
        status = keep_old(session, error);
    return status;
}

static enum nb_status walk_run(struct session *session, size_t op, struct nb_error *error)
{
    enum nb_status status = stops_before(session, op, error);
    if (status == NB_OK)
        status = history_save_op(session, op, error);
    if (status == NB_OK)
        status = nb_exec(session->net, 1, error);
    if (status != NB_OK)
        return status;
    session->place.op = op;
    session->place.units = 0;
    stops_after(session, op);
    return NB_OK;
}

enum nb_status walk_one(struct session *session, enum walk_show show, struct nb_error *error)
{
    size_t op = nb_cursor(session->net);
    struct formula_page *page = NULL;
    bool paged = show == WALK_REACHED ? stops_any(session) : show != WALK_SILENT;
    enum nb_status status = walk_prepare(session, op, error);
    if (status == NB_OK && paged)
        status = formula_page_new(session->net, op, &page, error);
    if (status == NB_OK)
        status = walk_run(session, op, error);
    if (status == NB_OK && paged && (show != WALK_REACHED || stops_reached(session))) {
        struct formula_style style = place_style(session);
        formula_page_print(page, session->net, show != WALK_COMPACT, &style, session->out);
    }
    if (status != NB_OK)
        stops_forget(session);
    formula_page_free(&page);
    return status;
}
