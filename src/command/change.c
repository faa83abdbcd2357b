/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/variables.h"

#define SWAP(type, a, b)                                                                           \
    do {                                                                                           \
        type swapped = (a);                                                                        \
        (a) = (b);                                                                                 \
        (b) = swapped;                                                                             \
    } while (0)

struct kind_row {
    enum nb_status (*save)(const struct session *session, struct change *change,
                           struct nb_error *error);
    void (*swap)(struct session *session, struct change *change);
    void (*release)(struct change *change);
    size_t (*bytes)(const struct session *session, const struct change *change);
    bool (*same)(const struct session *session, const struct change *change);
};

/* Numbers of a network, by its quantities; stamps and tables are small beside them. */
static size_t net_bytes(const struct nb_net *net)
{
    if (net == NULL)
        return 0;
    size_t numbers = 0;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        numbers += quantity.rows * quantity.cols;
    }
    size_t size = nb_net_spec(net)->precision == NB_SINGLE ? sizeof(float) : sizeof(double);
    return numbers * size + nb_quantity_count(net) * sizeof(struct nb_quantity);
}

static size_t value_bytes(const struct value *value)
{
    return value->rows * value->cols * sizeof(double);
}

/* The same bits; a value shared by two holders needs no look. */
static bool value_same(const struct value *a, const struct value *b)
{
    return a->rank == b->rank && a->rows == b->rows && a->cols == b->cols &&
           (a->data == b->data || value_bytes(a) == 0 ||
            memcmp(a->data, b->data, value_bytes(a)) == 0);
}

/* ---- Numbers ---- */

struct change_op change_op_at(const struct nb_net *net, size_t index)
{
    const struct nb_op *op = nb_plan_op(net, index);
    return (struct change_op){ op->kind, op->phase, op->layer };
}

size_t change_op_find(const struct nb_net *net, const struct change_op *op)
{
    for (size_t i = 0; i < nb_plan_length(net); i++) {
        const struct nb_op *row = nb_plan_op(net, i);
        if (row->kind == op->kind && row->layer == op->layer)
            return i;
    }
    return NB_NOWHERE;
}

/* What can be missing stands at the end of its phase. */
static void cursor_seek(struct nb_net *net, const struct change_op *op)
{
    size_t index = change_op_find(net, op);
    bool last = op->phase == NB_UPDATE;
    if (index == NB_NOWHERE)
        index = last ? 0 : nb_plan_start(net, (enum nb_phase)(op->phase + 1));
    nb_seek(net, index);
}

/* Another plan unsets numbers of the present, so these are kept apart first.
 * Without memory the plan stays. */
static void learning_exchange(struct nb_net *net, struct change *change)
{
    struct nb_snapshot *present;
    struct nb_learning learning = *nb_net_learning(net);
    int decimals = nb_net_round(net);
    if (nb_snapshot_new(net, NULL, 0, &present, NULL) != NB_OK)
        return;
    if (nb_net_set_learning(net, &change->held.numbers.learning, NULL) != NB_OK) {
        nb_snapshot_free(&present);
        return;
    }
    nb_net_set_round(net, change->held.numbers.decimals);
    nb_snapshot_swap(net, change->held.numbers.snapshot);
    nb_snapshot_free(&change->held.numbers.snapshot);
    change->held.numbers.snapshot = present;
    change->held.numbers.learning = learning;
    change->held.numbers.decimals = decimals;
}

/* Without memory for what the optimiser of now needs, all stays as it is. */
static void snapshot_exchange(struct nb_net *net, struct change *change)
{
    struct change_op present = change_op_at(net, nb_cursor(net));
    if (change->held.numbers.learns)
        learning_exchange(net, change);
    else
        nb_snapshot_swap(net, change->held.numbers.snapshot);
    cursor_seek(net, &change->held.numbers.cursor);
    change->held.numbers.cursor = present;
    struct nb_learning learning = *nb_net_learning(net);
    if (nb_net_set_learning(net, &learning, NULL) != NB_OK)
        nb_snapshot_swap(net, change->held.numbers.snapshot);
}

/* Has the operation written what it writes at all, by the rounding of now? */
static bool is_set(const struct nb_net *net, size_t op, bool *fresh)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, nb_plan_op(net, op)->writes[0], &quantity);
    *fresh = quantity.state == NB_FRESH;
    return quantity.state != NB_UNSET && quantity.decimals == nb_net_round(net);
}

/* Going back over operations but not over a `set` since, numbers of the penalty
 * of then are unset, and those of its rounding stale: the cursor goes on to where
 * the first is missing. */
static void cursor_to_missing(struct nb_net *net)
{
    size_t end = nb_cursor(net), update = nb_plan_start(net, NB_UPDATE), first = end;
    bool missing = false, fresh;
    for (size_t i = end < update ? end : update; i-- > 0;) {
        missing = !is_set(net, i, &fresh) || missing;
        first = fresh ? first : i;
    }
    if (missing)
        nb_seek(net, first);
}

static void numbers_swap(struct session *session, struct change *change)
{
    SWAP(struct step_place, session->place, change->held.numbers.place);
    if (change->held.numbers.snapshot == NULL)
        return;
    snapshot_exchange(session->net, change);
    cursor_to_missing(session->net);
}

static enum nb_status numbers_save(const struct session *session, const size_t *ids, size_t count,
                                   struct change *change, struct nb_error *error)
{
    change->held.numbers.place = session->place;
    if (session->net == NULL)
        return NB_OK;
    change->held.numbers.cursor = change_op_at(session->net, nb_cursor(session->net));
    change->held.numbers.learning = *nb_net_learning(session->net);
    change->held.numbers.decimals = nb_net_round(session->net);
    return nb_snapshot_new(session->net, ids, count, &change->held.numbers.snapshot, error);
}

static void numbers_release(struct change *change)
{
    nb_snapshot_free(&change->held.numbers.snapshot);
}

static size_t numbers_bytes(const struct session *session, const struct change *change)
{
    (void)session;
    const struct nb_snapshot *snapshot = change->held.numbers.snapshot;
    return snapshot == NULL ? 0 : nb_snapshot_bytes(snapshot);
}

/* ---- The network, the old one, the data set ---- */

static void net_swap(struct session *session, struct change *change)
{
    SWAP(struct nb_net *, session->net, change->held.net.net);
    SWAP(struct nb_net *, session->old, change->held.net.old);
    SWAP(struct step_place, session->place, change->held.net.place);
    session_restore_settings(session);
}

static void net_release(struct change *change)
{
    nb_net_free(&change->held.net.net);
    nb_net_free(&change->held.net.old);
}

static size_t net_held_bytes(const struct session *session, const struct change *change)
{
    (void)session;
    return net_bytes(change->held.net.net) + net_bytes(change->held.net.old);
}

static void old_swap(struct session *session, struct change *change)
{
    SWAP(struct nb_net *, session->old, change->held.old);
}

static void old_release(struct change *change)
{
    nb_net_free(&change->held.old);
}

static size_t old_bytes(const struct session *session, const struct change *change)
{
    (void)session;
    return net_bytes(change->held.old);
}

static void data_swap(struct session *session, struct change *change)
{
    SWAP(struct dataset *, session->data, change->held.data.set);
    SWAP(struct step_place, session->place, change->held.data.place);
    SWAP(uint64_t, session->data_epoch, change->held.data.epoch);
    SWAP(size_t, session->data_row, change->held.data.row);
}

static void data_release(struct change *change)
{
    dataset_free(&change->held.data.set);
}

static size_t data_bytes(const struct session *session, const struct change *change)
{
    (void)session;
    if (change->held.data.set == NULL)
        return 0;
    return dataset_bytes(change->held.data.set);
}

static void view_swap(struct session *session, struct change *change)
{
    dataset_view_swap(session->data, &change->held.view);
}

static void view_release(struct change *change)
{
    dataset_view_free(&change->held.view);
}

static size_t view_bytes(const struct session *session, const struct change *change)
{
    return change->held.view == NULL ? 0 : dataset_view_bytes(session->data, change->held.view);
}

/* ---- Settings, variables, rows, counters ---- */

static enum nb_status settings_save(const struct session *session, struct change *change,
                                    struct nb_error *error)
{
    (void)error;
    memcpy(&change->held.settings, &session->settings, sizeof session->settings);
    return NB_OK;
}

static void settings_swap(struct session *session, struct change *change)
{
    struct settings present;
    memcpy(&present, &session->settings, sizeof present);
    memcpy(&session->settings, &change->held.settings, sizeof present);
    memcpy(&change->held.settings, &present, sizeof present);
    session->settings.unsafe_paths = present.unsafe_paths; /* turned on by typing alone */
    session_restore_settings(session);
}

static bool settings_same(const struct session *session, const struct change *change)
{
    struct settings held;
    memcpy(&held, &change->held.settings, sizeof held);
    held.unsafe_paths = session->settings.unsafe_paths;
    return memcmp(&held, &session->settings, sizeof held) == 0;
}

static enum nb_status variables_save(const struct session *session, struct change *change,
                                     struct nb_error *error)
{
    return variables_copy(session->variables, &change->held.variables, error);
}

static void variables_swap(struct session *session, struct change *change)
{
    SWAP(struct variables *, session->variables, change->held.variables);
}

static void variables_release(struct change *change)
{
    variables_free(&change->held.variables);
}

/* The value of the session's variable of that name, where it is the very same. */
static bool variable_shared(const struct session *session, const char *name,
                            const struct value *value)
{
    const struct value *present = variables_find(session->variables, name);
    return present != NULL && value_same(present, value);
}

/* Values that both have are held once. */
static size_t variables_held_bytes(const struct session *session, const struct change *change)
{
    size_t bytes = 0;
    for (size_t i = 0; i < variables_count(change->held.variables); i++) {
        const char *name = variables_name(change->held.variables, i);
        const struct value *value = variables_find(change->held.variables, name);
        if (!variable_shared(session, name, value))
            bytes += value_bytes(value);
    }
    return bytes;
}

static bool variables_same(const struct session *session, const struct change *change)
{
    const struct variables *held = change->held.variables;
    if (variables_count(held) != variables_count(session->variables))
        return false;
    for (size_t i = 0; i < variables_count(held); i++) {
        const char *name = variables_name(held, i);
        if (!variable_shared(session, name, variables_find(held, name)))
            return false;
    }
    return true;
}

static enum nb_status rows_save(const struct session *session, struct change *change,
                                struct nb_error *error)
{
    change->held.rows.pinned = session->pinned;
    enum nb_status status = value_copy(&change->held.rows.x, &session->x, error);
    return status != NB_OK ? status : value_copy(&change->held.rows.y, &session->y, error);
}

static void rows_swap(struct session *session, struct change *change)
{
    SWAP(struct value, session->x, change->held.rows.x);
    SWAP(struct value, session->y, change->held.rows.y);
    SWAP(bool, session->pinned, change->held.rows.pinned);
}

static void rows_release(struct change *change)
{
    value_release(&change->held.rows.x);
    value_release(&change->held.rows.y);
}

static size_t rows_bytes(const struct session *session, const struct change *change)
{
    (void)session;
    return value_bytes(&change->held.rows.x) + value_bytes(&change->held.rows.y);
}

static bool rows_same(const struct session *session, const struct change *change)
{
    return session->pinned == change->held.rows.pinned &&
           value_same(&session->x, &change->held.rows.x) &&
           value_same(&session->y, &change->held.rows.y);
}

static struct change_counters counters_of(const struct session *session)
{
    return (struct change_counters){ .data_epoch = session->data_epoch,
                                     .epochs = session->epochs,
                                     .draws = session->draws,
                                     .data_row = session->data_row };
}

static enum nb_status counters_save(const struct session *session, struct change *change,
                                    struct nb_error *error)
{
    (void)error;
    change->held.counters = counters_of(session);
    return NB_OK;
}

static void counters_swap(struct session *session, struct change *change)
{
    struct change_counters present = counters_of(session), held = change->held.counters;
    session->data_epoch = held.data_epoch;
    session->epochs = held.epochs;
    session->draws = held.draws;
    session->data_row = held.data_row;
    change->held.counters = present;
}

static bool counters_same(const struct session *session, const struct change *change)
{
    const struct change_counters *held = &change->held.counters;
    return session->data_epoch == held->data_epoch && session->epochs == held->epochs &&
           session->draws == held->draws && session->data_row == held->data_row;
}

static const struct kind_row kinds[CHANGE_KINDS] = {
    [CHANGE_NUMBERS] = { NULL, numbers_swap, numbers_release, numbers_bytes, NULL },
    [CHANGE_NET] = { NULL, net_swap, net_release, net_held_bytes, NULL },
    [CHANGE_OLD] = { NULL, old_swap, old_release, old_bytes, NULL },
    [CHANGE_DATA] = { NULL, data_swap, data_release, data_bytes, NULL },
    [CHANGE_VIEW] = { NULL, view_swap, view_release, view_bytes, NULL },
    [CHANGE_SETTINGS] = { settings_save, settings_swap, NULL, NULL, settings_same },
    [CHANGE_VARIABLES] = { variables_save, variables_swap, variables_release, variables_held_bytes,
                           variables_same },
    [CHANGE_ROWS] = { rows_save, rows_swap, rows_release, rows_bytes, rows_same },
    [CHANGE_COUNTERS] = { counters_save, counters_swap, NULL, NULL, counters_same },
};

/* ---- Any change ---- */

enum nb_status change_new(const struct session *session, enum change_kind kind, const size_t *ids,
                          size_t count, struct change **result, struct nb_error *error)
{
    struct change *change = memory_new(1, sizeof *change);
    if (change == NULL)
        return error_memory(error);
    change->kind = kind;
    change->references = 1;
    enum nb_status status = NB_OK;
    if (kind == CHANGE_NUMBERS)
        status = numbers_save(session, ids, count, change, error);
    else if (kinds[kind].save != NULL)
        status = kinds[kind].save(session, change, error);
    if (status != NB_OK) {
        change_release(change);
        return status;
    }
    change_measure(session, change);
    *result = change;
    return NB_OK;
}

void change_release(struct change *change)
{
    if (--change->references > 0)
        return;
    if (kinds[change->kind].release != NULL)
        kinds[change->kind].release(change);
    free(change->why);
    free(change);
}

void change_swap(struct session *session, struct change *change)
{
    kinds[change->kind].swap(session, change);
    change_measure(session, change);
}

bool change_same(const struct session *session, const struct change *change)
{
    return kinds[change->kind].same != NULL && kinds[change->kind].same(session, change);
}

void change_measure(const struct session *session, struct change *change)
{
    change->bytes = sizeof *change;
    if (kinds[change->kind].bytes != NULL)
        change->bytes += kinds[change->kind].bytes(session, change);
}
