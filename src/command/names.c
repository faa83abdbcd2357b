/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: which quantity, setting or variable one stands for, and its value. */
#include "command/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/rng.h"
#include "command/history.h"
#include "command/peek.h"
#include "command/rows.h"
#include "command/settings.h"
#include "command/variables.h"
#include "formula/formula.h"

/* Is it `stem` and digits?  Receives their number. */
static bool stem_number(const char *name, const char *stem, size_t *number)
{
    size_t length = strlen(stem);
    uint64_t whole;
    if (strncmp(name, stem, length) != 0 ||
        !number_parse_whole(name + length, strlen(name + length), 1000000000, &whole))
        return false;
    *number = (size_t)whole;
    return true;
}

/* ŷ, and ∂L/∂ŷ: of the last layer, whichever that is. */
static bool is_output(const char *name)
{
    return strcmp(name, "yhat") == 0 || strcmp(name, "dyhat") == 0;
}

bool quantity_parse(const char *name, enum nb_quantity_kind *kind, size_t *layer)
{
    const struct nb_quantity_row *rows = nb_quantity_rows();
    *layer = 0;
    if (is_output(name)) {
        *kind = *name == 'd' ? NB_DA : NB_A;
        return true;
    }
    for (size_t i = 0; i < NB_QUANTITY_KINDS; i++)
        if (rows[i].layered ? stem_number(name, rows[i].stem, layer)
                            : strcmp(name, rows[i].stem) == 0) {
            bool input = (enum nb_quantity_kind)i == NB_A && *layer == 0; /* a0 is x */
            *kind = input ? NB_X : (enum nb_quantity_kind)i;
            return true;
        }
    return false;
}

static bool row_matches(const char *name, const char *stem, bool layered)
{
    size_t number;
    return stem_number(name, stem, &number) || (!layered && strcmp(name, stem) == 0);
}

bool names_reserved(const char *name)
{
    const struct nb_quantity_row *rows = nb_quantity_rows();
    size_t number;
    for (size_t i = 0; i < NB_QUANTITY_KINDS; i++)
        if (row_matches(name, rows[i].stem, rows[i].layered))
            return true;
    return is_output(name) || setting_named(name) || stem_number(name, "yhat", &number);
}

bool names_known(const struct session *session, const char *name)
{
    return names_reserved(name) || variables_find(session->variables, name) != NULL;
}

bool names_suggest(const char *name, char suggestion[64])
{
    struct text text = TEXT_INIT;
    bool found = lang_suggest_indexed(name, &text);
    snprintf(suggestion, 64, "%s", text.bytes);
    text_release(&text);
    return found;
}

const char *names_nearest(const struct session *session, const char *word, char room[64])
{
    size_t count = session->net ? nb_quantity_count(session->net) : 0, used = 0;
    size_t settings_used, most = variables_count(session->variables) + count;
    const struct setting *settings = settings_table(&settings_used);
    most += settings_used + 3;
    char(*names)[64] = memory_new(most, sizeof *names);
    const char **rows = memory_new(most, sizeof *rows);
    room[0] = '\0';
    if (!names || !rows)
        goto done;
    static const char *const always[] = { "x", "y", "yhat" };
    for (size_t i = 0; i < COUNT_OF(always); i++)
        rows[used++] = always[i];
    for (size_t i = 0; i < settings_used; i++)
        if (settings[i].named)
            rows[used++] = settings[i].name;
    for (size_t i = 0; i < variables_count(session->variables); i++)
        rows[used++] = variables_name(session->variables, i);
    for (size_t i = 0; i < count; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(session->net, i, &quantity);
        if (!quantity.active)
            continue;
        snprintf(names[i], sizeof names[i], "%s", quantity.name);
        rows[used++] = names[i];
    }
    snprintf(room, 64, "%s", lang_nearest(word, rows, sizeof *rows, used));
done:
    free(names);
    free(rows);
    return room;
}

enum nb_status names_no_network(struct nb_error *error)
{
    return error_set(error, NB_FAILED, "no network yet: type net 3-2-2 sigmoid");
}

static bool is_setting(const struct session *session, const char *name)
{
    (void)session;
    return setting_named(name) != NULL;
}

static bool is_reserved(const struct session *session, const char *name)
{
    (void)session;
    return names_reserved(name);
}

static bool is_optimizer(const struct session *session, const char *name)
{
    size_t count;
    const struct nb_choice *rows = nb_optimizers(&count);
    (void)session;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

static bool is_command(const struct session *session, const char *name)
{
    (void)session;
    return command_find(name, strlen(name)) != NULL;
}

static bool is_function(const struct session *session, const char *name)
{
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    (void)session;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

static bool is_variable(const struct session *session, const char *name)
{
    return variables_find(session->variables, name) != NULL;
}

/* What a name is that is no quantity of this network; the first row that fits. */
static const struct {
    bool (*fits)(const struct session *session, const char *name);
    const char *is;
} others[] = {
    { is_setting, "is a setting, not a quantity of the network" },
    { is_reserved, "is a reserved name and not part of this network" },
    { is_optimizer, "is an optimizer, not a value: show settings has what it goes by" },
    { is_function, "is a function, not a value: give it something in brackets, as in exp(1)" },
    { is_command, "is a command, not a value: help tells what it does" },
    { is_variable, "is a variable of your own, not a quantity of the network" },
};

/* x1, y2, yhat1: NB_OK where it is none. */
static enum nb_status reserved_element(const char *name, struct nb_error *error)
{
    static const char *const stems[] = { "x", "y", "yhat" };
    size_t number;
    for (size_t i = 0; i < COUNT_OF(stems); i++)
        if (stem_number(name, stems[i], &number))
            return error_set(error, NB_FAILED, "%s is reserved; element %zu is %s[%zu]", name,
                             number, stems[i], number);
    return NB_OK;
}

enum nb_status names_unknown(const struct session *session, const char *name,
                             struct nb_error *error)
{
    char room[64];
    enum nb_status status = reserved_element(name, error);
    for (size_t i = 0; i < COUNT_OF(others) && !status; i++)
        if (others[i].fits(session, name))
            status = error_set(error, NB_FAILED, "%s %s", name, others[i].is);
    if (status)
        return status;
    if (names_suggest(name, room) || names_nearest(session, name, room)[0])
        return error_set(error, NB_FAILED, "unknown name %s: did you mean %s?", name, room);
    return error_set(error, NB_FAILED, "unknown name %s: a variable needs a value first, %s = 0.5",
                     name, name);
}

enum nb_status session_quantity(struct session *session, const char *name, size_t *id,
                                struct nb_error *error)
{
    enum nb_quantity_kind kind;
    size_t layer;
    char indexed[64];
    if (!quantity_parse(name, &kind, &layer))
        return names_unknown(session, name, error);
    if (!session->net && layer > 9 && names_suggest(name, indexed))
        return error_set(error, NB_FAILED,
                         "did you mean %s? There is no network yet either: type net 3-2-2 sigmoid",
                         indexed);
    if (!session->net)
        return names_no_network(error);
    if (is_output(name))
        layer = nb_net_spec(session->net)->layers;
    *id = NB_NOWHERE;
    if (layer >= 1 || !nb_quantity_rows()[kind].layered)
        *id = nb_quantity_id(session->net, kind, layer);
    if (*id == NB_NOWHERE && layer >= 1 && (kind == NB_GW || kind == NB_GB)) /* no penalty */
        *id = nb_quantity_id(session->net, kind == NB_GW ? NB_DW : NB_DB, layer);
    return *id == NB_NOWHERE ? names_missing(session, name, kind, layer, error) : NB_OK;
}

/* ---- Values of quantities ---- */

bool quantity_is_weights(enum nb_quantity_kind kind)
{
    return kind == NB_W || kind == NB_DW || kind == NB_GW || kind == NB_MW || kind == NB_VW;
}

int quantity_rank(const struct session *session, const struct nb_quantity *quantity)
{
    if (quantity->kind == NB_LOSS_VALUE || quantity->kind == NB_PENALTY)
        return 0;
    if (!nb_quantity_rows()[quantity->kind].per_sample)
        return quantity_is_weights(quantity->kind) ? 2 : 1;
    int given = quantity->kind == NB_Y ? session->y.rank : session->x.rank;
    return quantity->rows > 1 || given == 2 ? 2 : 1;
}

bool quantity_transposed(const struct session *session, const struct nb_quantity *quantity)
{
    return session->settings.to_from && quantity_is_weights(quantity->kind);
}

/* Is it computed behind the loss? */
static bool is_behind_loss(const struct nb_net *net, const struct nb_quantity *quantity)
{
    return quantity->op != NB_NOWHERE && nb_plan_op(net, quantity->op)->phase != NB_FORWARD;
}

const char *quantity_command(const struct nb_net *net, const struct nb_quantity *quantity)
{
    if (quantity->op == NB_NOWHERE)
        return "update";
    return is_behind_loss(net, quantity) ? "backward" : "forward";
}

enum nb_status value_transpose(struct value *value, struct nb_error *error)
{
    struct value turned;
    enum nb_status status = value_init(&turned, 2, value->cols, value->rows, error);
    if (status)
        return status;
    for (size_t i = 0; i < value->rows; i++)
        for (size_t j = 0; j < value->cols; j++)
            turned.data[j * value->rows + i] = value->data[i * value->cols + j];
    value_release(value);
    *value = turned;
    return NB_OK;
}

static enum nb_status given_unset(const char *name, struct nb_error *error)
{
    bool input = strcmp(name, "x") == 0;
    return error_set(error, NB_FAILED, "%s is not set: type %s, or %s = [...]", name,
                     input ? "input 0.5 0.5 0.1" : "target 0.9 0.1", name);
}

/* Does it still hold the numbers from before the last update? */
static bool is_old(const struct session *session, const struct nb_net *net, size_t id)
{
    struct nb_quantity now, old;
    if (!session->old || session->old == net)
        return false;
    nb_quantity_get(net, id, &now);
    nb_quantity_get(session->old, id, &old);
    if (old.state != NB_FRESH || now.state != NB_STALE || old.rows != now.rows)
        return false;
    for (size_t i = 0; i < now.rows; i++)
        for (size_t j = 0; j < now.cols; j++)
            if (nb_value(net, id, i, j) != nb_value(session->old, id, i, j))
                return false;
    return true;
}

static enum nb_status not_fresh(const struct session *session, const struct nb_net *net, size_t id,
                                const char *name, const struct nb_quantity *quantity,
                                struct nb_error *error)
{
    if (quantity->role == NB_GIVEN)
        return given_unset(quantity->name, error);
    const char *command = quantity_command(net, quantity);
    struct nb_quantity y;
    nb_quantity_get(net, nb_quantity_id(net, NB_Y, 0), &y);
    bool needs_y = y.state == NB_UNSET && !rows_due(session) &&
                   (is_behind_loss(net, quantity) || quantity->kind == NB_LOSS_VALUE);
    if (net == session->old)
        return error_set(error, NB_FAILED, "%s was not computed before the last update", name);
    const char *barrier;
    bool walks = history_last_op(session, &barrier) != NB_NOWHERE; /* not over train */
    if (is_old(session, net, id))
        return error_set(error, NB_FAILED,
                         "%s is stale since the update: %s computes it anew; old(%s) %s the last",
                         name, command, name, walks ? "and unstep show" : "shows");
    if (quantity->state == NB_STALE && quantity->op != NB_NOWHERE &&
        quantity->decimals != nb_net_round(net))
        return error_set(error, NB_FAILED,
                         "%s is stale, it was rounded in another way: %s computes it anew", name,
                         command);
    if (quantity->state == NB_STALE)
        return error_set(error, NB_FAILED,
                         "%s is stale, something it depends on has changed: %s computes it anew",
                         name, command);
    return error_set(error, NB_FAILED, "%s is not computed yet: %s%s computes it", name,
                     needs_y ? "give a target (target 0.9 0.1), then " : "", command);
}

/* The quantity's description, where it can be read; errors call the output as it was typed. */
static enum nb_status readable(const struct session *session, const struct nb_net *net, size_t id,
                               const char *name, struct nb_quantity *quantity,
                               struct nb_error *error)
{
    nb_quantity_get(net, id, quantity);
    bool moment = quantity->kind >= NB_MW && quantity->kind <= NB_VBETA;
    if (moment && nb_net_updates(net) == 0) /* it is another optimiser's */
        quantity->state = NB_UNSET;
    if (session->peek && peek_admits(session->peek, session, net, id, quantity))
        return NB_OK;
    if (quantity->state == NB_FRESH)
        return NB_OK;
    bool output = name && strcmp(name, "yhat") == 0;
    return not_fresh(session, net, id, output ? name : quantity->name, quantity, error);
}

enum nb_status session_read(struct session *session, const struct nb_net *net, size_t id,
                            struct value *value, struct nb_error *error)
{
    return session_read_as(session, net, id, NULL, value, error);
}

enum nb_status session_read_as(struct session *session, const struct nb_net *net, size_t id,
                               const char *name, struct value *value, struct nb_error *error)
{
    struct nb_quantity quantity;
    enum nb_status status = readable(session, net, id, name, &quantity, error);
    if (!status)
        status = value_init(value, quantity_rank(session, &quantity), quantity.rows, quantity.cols,
                            error);
    if (status)
        return status;
    if (!session->peek || !session->peek->dry)
        nb_values(net, id, value->data);
    if (quantity_transposed(session, &quantity))
        status = value_transpose(value, error);
    if (status)
        value_release(value);
    return status;
}

/* ---- The evaluator's callbacks ---- */

enum nb_status session_net_for(const struct session *session, const char *name, bool old,
                               const struct nb_net **net, struct nb_error *error)
{
    *net = old ? session->old : session->net;
    if (!*net && old && session->peek) {
        session->peek->unfresh = true;
        *net = session->peek->dry ? session->net : NULL;
    }
    if (*net || !old)
        return NB_OK;
    if (session->data)
        return error_set(error, NB_FAILED,
                         "no update was stepped, and train on a data set keeps none: after step 1 "
                         "iteration old(%s) is %s as it was before the update",
                         name, name);
    return error_set(error, NB_FAILED,
                     "no update was stepped yet: old(%s) is %s as it was before one", name, name);
}

/* x and y that were given before any network. */
static const struct value *kept_rows(const struct session *session, const char *name)
{
    const struct value *value = strcmp(name, "x") == 0   ? &session->x
                                : strcmp(name, "y") == 0 ? &session->y
                                                         : NULL;
    return value && !session->net && value->data ? value : NULL;
}

static enum nb_status read_quantity(struct session *session, const char *name, bool old,
                                    struct value *value, struct nb_error *error)
{
    const struct nb_net *net;
    size_t id;
    const struct value *kept = kept_rows(session, name);
    if (kept && !old)
        return value_copy(value, kept, error);
    if (!session->net && (strcmp(name, "x") == 0 || strcmp(name, "y") == 0))
        return given_unset(name, error);
    enum nb_status status = NB_OK;
    bool none = session->net && strcmp(name, "penalty") == 0 &&
                nb_quantity_id(session->net, NB_PENALTY, 0) == NB_NOWHERE;
    if (none)
        return value_scalar(value, 0, error);
    status = session_quantity(session, name, &id, error);
    if (!status)
        status = session_net_for(session, name, old, &net, error);
    return status ? status : session_read_as(session, net, id, name, value, error);
}

/* Before the last update: the settings that it went by. */
static enum nb_status read_setting(const struct session *session, const struct setting *setting,
                                   bool old, struct value *value, struct nb_error *error)
{
    const struct nb_net *net = session->net;
    struct settings settings = session->settings;
    enum nb_status status = old ? session_net_for(session, setting->name, old, &net, error) : NB_OK;
    if (status)
        return status;
    if (old)
        settings_learn(&settings, nb_net_learning(net));
    return value_scalar(value, setting->get(&settings), error);
}

static enum nb_status names_read(void *context, const char *name, bool old, struct value *value,
                                 struct nb_error *error)
{
    struct session *session = context;
    enum nb_quantity_kind kind;
    size_t layer;
    double number;
    if (!old && peek_epoch(session->peek, name, &number))
        return value_scalar(value, number, error);
    const struct value *variable = variables_find(session->variables, name);
    if (variable)
        return value_copy(value, variable, error);
    const struct setting *setting = setting_named(name);
    if (setting)
        return read_setting(session, setting, old, value, error);
    if (quantity_parse(name, &kind, &layer))
        return read_quantity(session, name, old, value, error);
    return names_unknown(session, name, error);
}

static enum nb_status outside(const char *name, size_t index, size_t most, const char *what,
                              struct nb_error *error)
{
    return error_set(error, NB_FAILED, "%s has %s 1 to %zu, found %zu", name, what, most,
                     index + 1);
}

/* Checks 0-based indices as typed; receives row and column of what is shown. */
static enum nb_status shown_place(const char *name, int rank, size_t rows, size_t cols,
                                  size_t indices, const size_t index[2], size_t *row, size_t *col,
                                  struct nb_error *error)
{
    if (indices != (size_t)rank)
        return error_set(error, NB_FAILED, "%s takes %d %s, found %zu", name, rank,
                         rank == 1 ? "index" : "indices", indices);
    *row = rank == 2 ? index[0] : 0;
    *col = rank == 2 ? index[1] : rank ? index[0] : 0;
    if (*row >= rows)
        return outside(name, *row, rows, "rows", error);
    if (*col >= cols)
        return outside(name, *col, cols, rank == 2 ? "columns" : "elements", error);
    return NB_OK;
}

static enum nb_status value_element(const struct value *given, const char *name, size_t indices,
                                    const size_t index[2], double *value, struct nb_error *error)
{
    size_t row, col;
    enum nb_status status =
        shown_place(name, given->rank, given->rows, given->cols, indices, index, &row, &col, error);
    if (!status)
        *value = given->data[row * given->cols + col];
    return status;
}

enum nb_status session_element(struct session *session, const struct nb_net *net, size_t id,
                               const char *name, size_t indices, const size_t index[2], size_t *row,
                               size_t *col, struct nb_error *error)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    bool turned = quantity_transposed(session, &quantity);
    if (session->peek && session->peek->dry)
        quantity.rows += quantity.rows == 0;
    size_t rows = turned ? quantity.cols : quantity.rows;
    size_t cols = turned ? quantity.rows : quantity.cols;
    enum nb_status status = shown_place(name, quantity_rank(session, &quantity), rows, cols,
                                        indices, index, row, col, error);
    if (!status && turned) {
        size_t swap = *row;
        *row = *col;
        *col = swap;
    }
    return status;
}

/* One element without a copy of the whole. */
static enum nb_status names_read_element(void *context, const char *name, bool old, size_t indices,
                                         const size_t index[2], double *value,
                                         struct nb_error *error)
{
    struct session *session = context;
    struct nb_quantity quantity;
    const struct nb_net *net = NULL;
    size_t id, row, col;
    const struct value *given = variables_find(session->variables, name);
    if (!given)
        given = kept_rows(session, name);
    if (given)
        return value_element(given, name, indices, index, value, error);
    enum nb_status status = session_quantity(session, name, &id, error);
    if (!status)
        status = session_net_for(session, name, old, &net, error);
    if (!status)
        status = readable(session, net, id, name, &quantity, error);
    if (!status)
        status = session_element(session, net, id, name, indices, index, &row, &col, error);
    if (!status)
        *value = session->peek && session->peek->dry ? 0 : nb_value(net, id, row, col);
    return status;
}

static enum nb_status local_place(struct session *session, const struct nb_net *net, size_t id,
                                  const char *name, size_t indices, const size_t index[2],
                                  size_t *row, size_t *col, struct nb_error *error)
{
    struct nb_quantity quantity;
    enum nb_status status = readable(session, net, id, name, &quantity, error);
    if (!status && !indices && quantity_rank(session, &quantity))
        return error_set(error, NB_FAILED,
                         "a local derivative is of one element by one element, da2[1]/dz2[1]: "
                         "which of %s is meant?",
                         name);
    return status ? status
                  : session_element(session, net, id, name, indices, index, row, col, error);
}

enum nb_status session_local(struct session *session, const struct lang_local *local,
                             struct local_place *place, struct nb_error *error)
{
    enum nb_status status = session_quantity(session, local->top, &place->top, error);
    if (!status)
        status = session_quantity(session, local->bottom, &place->bottom, error);
    if (!status)
        status = formula_local_exists(session->net, place->top, place->bottom, error);
    if (!status)
        status = session_net_for(session, local->top, local->old, &place->net, error);
    if (!status)
        status = local_place(session, place->net, place->top, local->top, local->top_indices,
                             local->top_index, &place->top_row, &place->top_col, error);
    return status ? status
                  : local_place(session, place->net, place->bottom, local->bottom,
                                local->bottom_indices, local->bottom_index, &place->bottom_row,
                                &place->bottom_col, error);
}

static enum nb_status names_local(void *context, const struct lang_local *local, double *value,
                                  struct nb_error *error)
{
    struct session *session = context;
    struct local_place place;
    enum nb_status status = session_local(session, local, &place, error);
    if (!status && session->peek && session->peek->dry) {
        *value = 0;
        return NB_OK;
    }
    if (!status && session->peek && session->peek->batch) {
        session->peek->unfresh = true; /* the weights have moved on since */
        return error_set(error, NB_FAILED, "no local derivatives in train");
    }
    return status ? status
                  : formula_local(place.net, place.top, place.top_row, place.top_col, place.bottom,
                                  place.bottom_row, place.bottom_col, value, error);
}

static bool names_is_quantity(void *context, const char *name)
{
    enum nb_quantity_kind kind;
    size_t layer;
    (void)context;
    return quantity_parse(name, &kind, &layer);
}

static void names_random(void *context, bool normal, double *data, size_t count)
{
    struct session *session = context;
    struct rng rng;
    uint64_t draw = session->varying ? session->block_draws++ : session->draws++;
    rng_init(&rng, session->settings.seed, RNG_USER, draw, session->varying ? session->block : 0);
    for (size_t i = 0; i < count && !(session->interrupt && *session->interrupt); i++)
        data[i] = normal ? rng_normal(&rng) : rng_uniform(&rng);
}

struct lang_names session_names(struct session *session)
{
    return (struct lang_names){ .context = session,
                                .read = names_read,
                                .read_element = names_read_element,
                                .is_quantity = names_is_quantity,
                                .local = names_local,
                                .random = names_random,
                                .interrupt = session->interrupt };
}
