/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a break or watch is reached. */
#include "command/stops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/names.h"
#include "command/peek.h"
#include "command/place.h"

/* What is looked at: an operation that has run, or a batch of train. */
struct moment {
    struct session *session;
    const struct nb_op *op; /* NULL: a batch */
    bool gradients;         /* dw and gw hold numbers of the batch */
};

void stops_free(struct stops **stops)
{
    if (!*stops)
        return;
    for (size_t i = 0; i < (*stops)->count; i++) {
        free((*stops)->stops[i].text);
        free((*stops)->stops[i].before);
        lang_tree_free(&(*stops)->stops[i].tree);
    }
    for (size_t i = 0; i < (*stops)->display_count; i++) {
        free((*stops)->displays[i].text);
        lang_tree_free(&(*stops)->displays[i].tree);
    }
    text_release(&(*stops)->said);
    free((*stops)->stops);
    free((*stops)->displays);
    free(*stops);
    *stops = NULL;
}

struct stops *stops_of(struct session *session)
{
    if (!session->stops && (session->stops = memory_new(1, sizeof *session->stops)))
        text_init(&session->stops->said);
    return session->stops;
}

/* ---- Quantities ---- */

/* The quantity in the present network; NB_NOWHERE where that has none. */
static size_t stop_id(const struct session *session, const struct stop *stop)
{
    return nb_quantity_id(session->net, stop->named, stop->layer);
}

static bool op_writes(const struct nb_net *net, const struct nb_op *op, size_t id)
{
    for (size_t i = 0; i < op->nwrites; i++)
        if (op->writes[i] == id)
            return !nb_frozen(net, id);
    return false;
}

/* Has the moment written this quantity? */
static bool is_written(const struct moment *moment, size_t id)
{
    const struct nb_net *net = moment->session->net;
    struct nb_quantity quantity;
    if (id == NB_NOWHERE)
        return false;
    if (moment->op)
        return op_writes(net, moment->op, id);
    nb_quantity_get(net, id, &quantity);
    bool fused = quantity.kind == NB_DW || quantity.kind == NB_GW;
    return quantity.role != NB_GIVEN && quantity.rows && !nb_frozen(net, id) &&
           (moment->gradients || !fused);
}

/* ---- watch ---- */

static bool has_numbers(const struct moment *moment, const struct nb_quantity *quantity)
{
    return quantity->rows && (quantity->state != NB_UNSET || !moment->op);
}

/* Keeps the numbers of what is watched; of one element that alone. */
static enum nb_status watch_keep(const struct moment *moment, struct stop *stop,
                                 struct nb_error *error)
{
    const struct nb_net *net = moment->session->net;
    struct nb_quantity quantity;
    size_t id = stop_id(moment->session, stop);
    stop->rows = stop->cols = 0;
    if (id == NB_NOWHERE)
        return NB_OK;
    nb_quantity_get(net, id, &quantity);
    if (!has_numbers(moment, &quantity) ||
        (stop->element && (stop->row >= quantity.rows || stop->col >= quantity.cols)))
        return NB_OK;
    size_t count = stop->element ? 1 : quantity.rows * quantity.cols;
    double *before = memory_resize(stop->before, count, sizeof *before);
    if (!before)
        return error_memory(error);
    stop->before = before;
    stop->rows = quantity.rows;
    stop->cols = quantity.cols;
    if (stop->element)
        *before = nb_value(net, id, stop->row, stop->col);
    else
        nb_values(net, id, before);
    return NB_OK;
}

static void add_change(const struct session *session, const double *before, double after,
                       struct text *line)
{
    bool unicode = session->out->unicode;
    if (before)
        number_add(line, *before, session->settings.digits);
    else
        text_add(line, unicode ? "—" : "-");
    text_add(line, unicode ? " → " : " -> ");
    number_add(line, after, session->settings.digits);
}

/* "w1[1,1] 0.15 → 0.149514 and 5 more" */
static void add_changes(const struct session *session, const struct stop *stop,
                        const struct nb_quantity *quantity, size_t first, double after,
                        size_t count, struct text *line)
{
    const double *before = stop->rows ? &stop->before[stop->element ? 0 : first] : NULL;
    text_add(line, ": ");
    if (!stop->element && quantity->rows * quantity->cols > 1) {
        place_add_element(session, quantity, first / quantity->cols, first % quantity->cols, line);
        text_add(line, " ");
    }
    add_change(session, before, after, line);
    if (count > 1)
        text_printf(line, " and %zu more", count - 1);
}

/* Bits differ, or there were none. */
static bool is_changed(const double *before, double after)
{
    return !before || memcmp(before, &after, sizeof after) != 0;
}

static bool test_watch(const struct moment *moment, struct stop *stop, struct text *line)
{
    const struct nb_net *net = moment->session->net;
    struct nb_quantity quantity;
    size_t id = stop_id(moment->session, stop), first = 0, count = 0;
    double first_after = 0;
    if (!is_written(moment, id))
        return false;
    nb_quantity_get(net, id, &quantity);
    bool same_shape = stop->rows == quantity.rows && stop->cols == quantity.cols;
    if (stop->element && (stop->row >= quantity.rows || stop->col >= quantity.cols))
        return false;
    if (!same_shape)
        stop->rows = 0;
    size_t from = stop->element ? stop->row * quantity.cols + stop->col : 0;
    size_t end = stop->element ? from + 1 : quantity.rows * quantity.cols;
    for (size_t i = from; i < end; i++) {
        const double *before = stop->rows ? &stop->before[i - from] : NULL;
        double after = nb_value(net, id, i / quantity.cols, i % quantity.cols);
        if (!is_changed(before, after) || count++)
            continue;
        first = i;
        first_after = after;
    }
    if (count)
        add_changes(moment->session, stop, &quantity, first, first_after, count, line);
    return count > 0;
}

/* ---- break ---- */

/* Its condition, which must hold as well.  One that cannot be read stops, and says why. */
static bool test_condition(const struct moment *moment, const struct stop *stop, bool anywhere,
                           struct text *line)
{
    struct peek peek = { .op = moment->op, .batch = !moment->op, .fused = !moment->gradients };
    struct nb_error error;
    bool result;
    enum nb_status status = peek_true(moment->session, &peek, stop->tree, &result, &error);
    if (anywhere && moment->op && peek.reads && !peek.written)
        return false;
    if (status)
        text_printf(line, ", which cannot be told (%s)", error.text);
    return status || result;
}

static bool test_break(const struct moment *moment, struct stop *stop, struct text *line)
{
    return is_written(moment, stop_id(moment->session, stop)) &&
           (!stop->tree || test_condition(moment, stop, false, line));
}

static bool test_if(const struct moment *moment, struct stop *stop, struct text *line)
{
    return test_condition(moment, stop, true, line);
}

/* The first number of a quantity that is not finite. */
static bool find_nan(const struct session *session, size_t id, struct text *line)
{
    struct nb_quantity quantity;
    nb_quantity_get(session->net, id, &quantity);
    for (size_t i = 0; i < quantity.rows * quantity.cols; i++) {
        double value = nb_value(session->net, id, i / quantity.cols, i % quantity.cols);
        if (isfinite(value))
            continue;
        text_add(line, ": ");
        place_add_element(session, &quantity, i / quantity.cols, i % quantity.cols, line);
        text_add(line, " is ");
        number_add(line, value, session->settings.digits);
        return true;
    }
    return false;
}

static bool test_nan(const struct moment *moment, struct stop *stop, struct text *line)
{
    (void)stop;
    for (size_t id = 0; id < nb_quantity_count(moment->session->net); id++)
        if (is_written(moment, id) && find_nan(moment->session, id, line))
            return true;
    return false;
}

/* ---- Any of them ---- */

static const struct {
    const char *name, *heading;
    bool (*test)(const struct moment *moment, struct stop *stop, struct text *line);
} kind_rows[STOP_KINDS] = {
    [STOP_BREAK] = { "breakpoint", "Breakpoint", test_break },
    [STOP_IF] = { "breakpoint", "Breakpoint", test_if },
    [STOP_NAN] = { "breakpoint", "Breakpoint", test_nan },
    [STOP_WATCH] = { "watchpoint", "Watchpoint", test_watch },
};

const char *stop_kind_name(enum stop_kind kind)
{
    return kind_rows[kind].name;
}

/* Tests all of them; the lines of those that are reached go to `said`. */
static bool test_all(const struct moment *moment, const char *where, struct text *said)
{
    const struct sink *out = moment->session->out;
    struct stops *stops = moment->session->stops;
    bool reached = false;
    for (size_t i = 0; i < stops->count; i++) {
        struct stop *stop = &stops->stops[i];
        struct text detail = TEXT_INIT;
        if (kind_rows[stop->kind].test(moment, stop, &detail)) {
            stop->hits++;
            reached = true;
            text_printf(said, "%s%s %u%s, %s%s%s\n", style_escape(out->color, STYLE_TITLE),
                        kind_rows[stop->kind].heading, stop->number,
                        style_escape(out->color, STYLE_PLAIN), stop->text, detail.bytes, where);
        }
        text_release(&detail);
    }
    return reached;
}

bool stops_any(const struct session *session)
{
    return session->stops && session->stops->count > 0;
}

enum nb_status stops_before(struct session *session, size_t op, struct nb_error *error)
{
    const struct moment moment = { session, nb_plan_op(session->net, op), true };
    enum nb_status status = NB_OK;
    for (size_t i = 0; stops_any(session) && i < session->stops->count && !status; i++) {
        struct stop *stop = &session->stops->stops[i];
        if (stop->kind == STOP_WATCH && is_written(&moment, stop_id(session, stop)))
            status = watch_keep(&moment, stop, error);
    }
    return status;
}

void stops_after(struct session *session, size_t op)
{
    const struct moment moment = { session, nb_plan_op(session->net, op), true };
    size_t length = nb_plan_length(session->net);
    struct text where = TEXT_INIT;
    if (!stops_any(session))
        return;
    text_printf(&where, ", operation %zu of %zu, iteration %llu", op + 1, length,
                (unsigned long long)(nb_iteration(session->net) + (op + 1 < length)));
    test_all(&moment, where.bytes, &session->stops->said);
    text_release(&where);
}

bool stops_reached(const struct session *session)
{
    return session->stops && session->stops->said.length > 0;
}

void stops_forget(struct session *session)
{
    if (session->stops)
        text_clear(&session->stops->said);
}

void stops_say(struct session *session)
{
    if (stops_reached(session))
        sink_text(session->out, &session->stops->said);
    stops_forget(session);
}

/* ---- Training ---- */

bool stops_need_gradients(const struct session *session)
{
    for (size_t i = 0; stops_any(session) && i < session->stops->count; i++)
        if (session->stops->stops[i].gradient)
            return true;
    return false;
}

static enum nb_status keep_watched(const struct moment *moment, struct nb_error *error)
{
    struct stops *stops = moment->session->stops;
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < stops->count && !status; i++)
        if (stops->stops[i].kind == STOP_WATCH)
            status = watch_keep(moment, &stops->stops[i], error);
    return status;
}

enum nb_status stops_train_begin(struct session *session, struct nb_error *error)
{
    const struct moment moment = { session, nb_plan_op(session->net, 0), true };
    return stops_any(session) ? keep_watched(&moment, error) : NB_OK;
}

bool stops_batch(struct session *session, bool gradients, struct text *said, struct nb_error *error)
{
    const struct moment moment = { session, NULL, gradients };
    if (!stops_any(session))
        return false;
    bool reached = test_all(&moment, "", said);
    keep_watched(&moment, error);
    if (reached && session->stops->display_count) {
        struct sink *out = session->out, captured = sink_to_text(said, out->unicode, out->width);
        session->out = &captured;
        displays_print(session, gradients ? DISPLAY_BATCH : DISPLAY_FUSED_BATCH);
        session->out = out;
    }
    return reached;
}
