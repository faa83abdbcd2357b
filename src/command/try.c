/* SPDX-License-Identifier: GPL-3.0-or-later */
/* try: an assignment on a copy, and what it would change. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/names.h"
#include "command/place.h"
#include "command/settings.h"
#include "command/step.h"
#include "command/walk.h"

#define ELEMENTS_MOST 16 /* of one quantity; where more change, its norm is shown */

struct trial {
    struct session *session;
    struct nb_net *before, *after;
};

/* ---- The assignment on the copy ---- */

static enum nb_status assign_setting(struct trial *trial, const struct setting *setting,
                                     const struct lang_assignment *assignment,
                                     struct nb_error *error)
{
    const struct value *value = &assignment->value;
    struct session changed = *trial->session;
    if (assignment->indices > 0 || value->rank != 0 || !(value->data[0] >= setting->least) ||
        value->data[0] > setting->most) {
        struct text range = TEXT_INIT;
        range_add(&range, setting->least, setting->most);
        enum nb_status status =
            error_set(error, NB_FAILED, "%s is one number from %s: try %s = %s", setting->name,
                      range.bytes, setting->name, setting->fallback);
        text_release(&range);
        return status;
    }
    setting->set(&changed.settings, value->data[0]);
    const struct nb_learning learning = session_learning(&changed);
    return nb_net_set_learning(trial->after, &learning, error);
}

/* Part of a quantity, in the orientation in which it is shown. */
static enum nb_status assign_part(struct trial *trial, size_t id,
                                  const struct lang_assignment *assignment, struct nb_error *error)
{
    struct nb_quantity quantity;
    struct value value = { 0 };
    nb_quantity_get(trial->after, id, &quantity);
    bool turned = quantity_transposed(trial->session, &quantity);
    enum nb_status status = assignment->indices > 0
                                ? session_read(trial->session, trial->after, id, &value, error)
                                : value_copy(&value, &assignment->value, error);
    if (status == NB_OK && assignment->indices > 0)
        status = lang_assign_part(&value, assignment, &assignment->value, error);
    if (status == NB_OK && turned && value.rank == 2)
        status = value_transpose(&value, error);
    if (status == NB_OK)
        status = nb_assign(trial->after, id, value.rows, value.cols, value.data, error);
    value_release(&value);
    return status;
}

static enum nb_status assign(struct trial *trial, const struct lang_assignment *assignment,
                             struct nb_error *error)
{
    struct nb_quantity quantity;
    size_t id;
    const char *name = assignment->name.text;
    const struct setting *setting = setting_named(name);
    if (setting)
        return assign_setting(trial, setting, assignment, error);
    enum nb_status status = session_quantity(trial->session, name, &id, error);
    if (status != NB_OK)
        return status;
    nb_quantity_get(trial->after, id, &quantity);
    if (quantity.role == NB_COMPUTED || quantity.role == NB_STATE)
        return error_set(error, NB_FAILED,
                         "%s is computed; try a value for x, y, lr, a weight or a bias", name);
    return assign_part(trial, id, assignment, error);
}

/* ---- The table ---- */

static void print_row(struct trial *trial, const char *name, double before, double after)
{
    struct text line = TEXT_INIT;
    int digits = trial->session->settings.digits;
    size_t width = (size_t)(digits > 6 ? digits : 6) + 8;
    text_printf(&line, "  %s", name);
    const double numbers[] = { before, after, after - before };
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct text number = TEXT_INIT;
        number_add(&number, numbers[i], digits);
        text_pad(&line, 14 + (i + 1) * width - utf8_width(number.bytes, number.length));
        text_add_part(&line, number.bytes, number.length);
        text_release(&number);
    }
    text_add_char(&line, '\n');
    sink_text(trial->session->out, &line);
    text_release(&line);
}

static double norm_of(const struct nb_net *net, size_t id, const struct nb_quantity *quantity)
{
    double sum = 0;
    for (size_t row = 0; row < quantity->rows; row++)
        for (size_t col = 0; col < quantity->cols; col++)
            sum += nb_value(net, id, row, col) * nb_value(net, id, row, col);
    return sqrt(sum);
}

static void print_element(struct trial *trial, size_t id, const struct nb_quantity *quantity,
                          size_t row, size_t col)
{
    double before = nb_value(trial->before, id, row, col);
    double after = nb_value(trial->after, id, row, col);
    struct text name = TEXT_INIT;
    struct nb_quantity named = *quantity;
    if (quantity->kind == NB_A)
        snprintf(named.name, sizeof named.name, "yhat");
    place_add_element(trial->session, &named, row, col, &name);
    if (before != after)
        print_row(trial, name.bytes, before, after);
    text_release(&name);
}

static size_t count_changed(const struct trial *trial, size_t id,
                            const struct nb_quantity *quantity)
{
    size_t count = 0;
    for (size_t row = 0; row < quantity->rows; row++)
        for (size_t col = 0; col < quantity->cols; col++)
            count += nb_value(trial->before, id, row, col) != nb_value(trial->after, id, row, col);
    return count;
}

static void print_norm(struct trial *trial, size_t id, const struct nb_quantity *quantity)
{
    char name[40];
    snprintf(name, sizeof name, "norm(%s)", quantity->name);
    print_row(trial, name, norm_of(trial->before, id, quantity),
              norm_of(trial->after, id, quantity));
}

/* The elements that differ, or the norm where they are many. */
static void print_quantity(struct trial *trial, size_t id)
{
    struct nb_quantity before, after;
    nb_quantity_get(trial->before, id, &before);
    nb_quantity_get(trial->after, id, &after);
    if (before.rows != after.rows || before.state == NB_UNSET)
        return;
    if (count_changed(trial, id, &after) > ELEMENTS_MOST) {
        print_norm(trial, id, &after);
        return;
    }
    for (size_t row = 0; row < after.rows; row++)
        for (size_t col = 0; col < after.cols; col++)
            print_element(trial, id, &after, row, col);
}

static double loss_of(const struct nb_net *net)
{
    return nb_value(net, nb_quantity_id(net, NB_LOSS_VALUE, 0), 0, 0);
}

/* What is given and what follows from it, in the order of a sheet. */
static void print_changes(struct trial *trial)
{
    static const enum nb_quantity_kind layered[] = { NB_GAMMA, NB_BETA, NB_W,      NB_B,
                                                     NB_DW,    NB_DB,   NB_DGAMMA, NB_DBETA };
    size_t layers = nb_net_spec(trial->after)->layers;
    print_quantity(trial, nb_quantity_id(trial->after, NB_X, 0));
    print_quantity(trial, nb_quantity_id(trial->after, NB_Y, 0));
    for (size_t kind = 0; kind < COUNT_OF(layered); kind++) {
        for (size_t layer = 1; layer <= layers; layer++)
            if (nb_quantity_id(trial->after, layered[kind], layer) != NB_NOWHERE)
                print_quantity(trial, nb_quantity_id(trial->after, layered[kind], layer));
        if (layered[kind] == NB_B) {
            print_quantity(trial, nb_quantity_id(trial->after, NB_A, layers));
            print_row(trial, "loss", loss_of(trial->before), loss_of(trial->after));
        }
    }
}

/* Runs to the first operation of a phase, through the end of the plan if need be. */
static enum nb_status run_to(struct nb_net *net, enum nb_phase phase, struct nb_error *error)
{
    size_t start = nb_plan_start(net, phase), cursor = nb_cursor(net);
    return nb_exec(net, start + (start > cursor ? 0 : nb_plan_length(net)) - cursor, error);
}

static enum nb_status run_both(struct trial *trial, enum nb_phase phase, struct nb_error *error)
{
    enum nb_status status = run_to(trial->before, phase, error);
    return status == NB_OK ? run_to(trial->after, phase, error) : status;
}

static enum nb_status show(struct trial *trial, struct nb_error *error)
{
    struct sink *out = trial->session->out;
    enum nb_status status = run_both(trial, NB_UPDATE, error);
    if (status != NB_OK)
        return status;
    int width = trial->session->settings.digits > 6 ? trial->session->settings.digits : 6;
    sink_puts(out, "on a copy; nothing of it is kept\n\n");
    sink_printf(out, "%*s%*s%*s\n", 14 + width + 8, "before", width + 8, "after", width + 8,
                "change");
    print_changes(trial);
    status = run_both(trial, NB_BACKWARD, error);
    if (status != NB_OK)
        return status;
    sink_puts(out, "\n  after one update\n");
    print_row(trial, "loss", loss_of(trial->before), loss_of(trial->after));
    return NB_OK;
}

enum nb_status try_command(struct session *session, const struct call *call, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_assignment assignment = { 0 };
    struct trial trial = { .session = session };
    enum nb_status status =
        lang_parse_assignment(call->source, call->rest, &names, &assignment, error);
    if (status != NB_OK)
        return status;
    error_clear(error);
    status = walk_copy(session, &trial.before, error);
    if (status == NB_OK)
        status = nb_net_clone(trial.before, NB_AUTO, &trial.after, error);
    if (status == NB_OK) {
        status = assign(&trial, &assignment, error);
        if (status != NB_OK && error->at == NB_NOWHERE)
            error->at = assignment.name.at;
    }
    if (status == NB_OK)
        status = walk_check_target(trial.before, error);
    if (status == NB_OK)
        status = walk_check_target(trial.after, error);
    if (status == NB_OK) {
        nb_seek(trial.after, 0);
        status = show(&trial, error);
    }
    nb_net_free(&trial.before);
    nb_net_free(&trial.after);
    lang_assignment_release(&assignment);
    return status;
}
