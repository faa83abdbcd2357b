/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments: to variables, settings, x and y, weights and biases. */
#include "command/assign.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/asked.h"
#include "command/command.h"
#include "command/history.h"
#include "command/names.h"
#include "command/settings.h"
#include "command/variables.h"

/* ---- What `init again` goes back to ---- */

/* Values set by hand are kept under the quantity's name behind a blank. */
static void start_name(const struct nb_quantity *quantity, char name[32])
{
    snprintf(name, 32, " %s", quantity->name);
}

static enum nb_status start_keep(struct session *session, size_t id, struct nb_error *error)
{
    struct nb_quantity quantity;
    struct value value = { 0 };
    char name[32];
    nb_quantity_get(session->net, id, &quantity);
    start_name(&quantity, name);
    enum nb_status status = value_init(&value, 2, quantity.rows, quantity.cols, error);
    if (status)
        return status;
    nb_values(session->net, id, value.data);
    return variables_set(session->variables, name, &value, error);
}

/* Before any update only `id` differs from what the seed draws. */
static enum nb_status start_note(struct session *session, size_t id, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    if (nb_iteration(session->net) == 0 && session->epochs == 0)
        return start_keep(session, id, error);
    for (size_t i = 0; i < nb_quantity_count(session->net) && !status; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(session->net, i, &quantity);
        if (quantity.role == NB_PARAMETER)
            status = start_keep(session, i, error);
    }
    return status;
}

enum nb_status start_restore(struct session *session, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < nb_quantity_count(session->net) && !status; i++) {
        struct nb_quantity quantity;
        char name[32];
        nb_quantity_get(session->net, i, &quantity);
        start_name(&quantity, name);
        const struct value *kept = variables_find(session->variables, name);
        if (kept)
            status = nb_assign(session->net, i, kept->rows, kept->cols, kept->data, error);
    }
    return status;
}

void start_forget(struct session *session)
{
    for (size_t i = variables_count(session->variables); i-- > 0;) {
        const char *name = variables_name(session->variables, i);
        if (name[0] == ' ')
            variables_drop(session->variables, name);
    }
}

void start_add_names(const struct session *session, struct text *text)
{
    for (size_t i = 0; i < variables_count(session->variables); i++) {
        const char *name = variables_name(session->variables, i);
        if (name[0] == ' ')
            text_printf(text, "%s%s", text->length ? ", " : "", name + 1);
    }
}

/* ---- x and y ---- */

static size_t rows_wide(const struct session *session, enum nb_quantity_kind kind)
{
    const struct nb_spec *spec = nb_net_spec(session->net);
    return kind == NB_X ? spec->inputs : spec->layer[spec->layers - 1].units;
}

static enum nb_status check_width(const struct session *session, enum nb_quantity_kind kind,
                                  const struct value *value, struct nb_error *error)
{
    size_t wanted = rows_wide(session, kind), found = value->cols;
    const char *name = nb_quantity_rows()[kind].stem, *what = kind == NB_X ? "input" : "output";
    if (found == wanted)
        return NB_OK;
    const char *hint = value->rank == 2 && value->rows == wanted
                           ? "; one row is one sample, so transpose it with '"
                           : "";
    return error_set(error, NB_FAILED, "%s is %zu wide here, one number for each %s, found %zu%s",
                     name, wanted, what, found, hint);
}

enum nb_status session_give(struct session *session, enum nb_quantity_kind kind,
                            const struct value *value, struct nb_error *error)
{
    struct value *slot = kind == NB_X ? &session->x : &session->y, copy = { 0 };
    enum nb_status status = NB_OK;
    if (value->rows == 0 || value->cols == 0)
        return error_set(error, NB_FAILED, "%s has no numbers", nb_quantity_rows()[kind].stem);
    if (session->net)
        status = check_width(session, kind, value, error);
    if (!status)
        status = value_copy(&copy, value, error);
    if (status)
        return status;
    if (copy.rank == 0)
        copy.rank = 1;
    if (session->net)
        status = nb_assign(session->net, nb_quantity_id(session->net, kind, 0), copy.rows,
                           copy.cols, copy.data, error);
    if (status) {
        value_release(&copy);
        return status;
    }
    value_release(slot);
    *slot = copy;
    if (kind == NB_X)
        session->pinned = true;
    return NB_OK;
}

static void echo_rows(struct session *session, enum nb_quantity_kind kind)
{
    const struct value *value = kind == NB_X ? &session->x : &session->y;
    const char *name = nb_quantity_rows()[kind].stem;
    const char *times = session->out->unicode ? "×" : "x";
    sink_printf(session->out, "%s  %zu%s%zu, ", name, value->rows, times, value->cols);
    if (value->rank == 2)
        sink_printf(session->out, "a batch of %zu sample%s\n", value->rows,
                    value->rows == 1 ? "" : "s");
    else
        sink_printf(session->out, "one sample\n");
}

enum nb_status assign_rows(struct session *session, enum nb_quantity_kind kind,
                           const struct value *value, struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    if (!status && session->net)
        status = history_save_net(
            session, kind == NB_X ? "the assignment of x" : "the assignment of y", error);
    if (!status)
        status = session_give(session, kind, value, error);
    if (!status)
        echo_rows(session, kind);
    return status;
}

static enum nb_status assign_given(struct session *session, enum nb_quantity_kind kind,
                                   const struct lang_assignment *assignment, struct nb_error *error)
{
    const struct value *present = kind == NB_X ? &session->x : &session->y;
    struct value changed = { 0 };
    enum nb_status status = asked_check_change(session, assignment->name.text, error);
    if (status)
        return status;
    if (!assignment->indices)
        return assign_rows(session, kind, &assignment->value, error);
    if (!present->data)
        return error_set(error, NB_FAILED,
                         "%s is not set, so it has no elements: give all of it "
                         "first",
                         nb_quantity_rows()[kind].stem);
    status = value_copy(&changed, present, error);
    if (!status)
        status = lang_assign_part(&changed, assignment, &assignment->value, error);
    if (!status)
        status = assign_rows(session, kind, &changed, error);
    value_release(&changed);
    return status;
}

/* ---- Weights and biases ---- */

/* "3×2 (3 inputs → 2 units)", as it is shown. */
static void add_shape(const struct session *session, const struct nb_quantity *quantity,
                      struct text *text)
{
    bool unicode = session->out->unicode, turned = quantity_transposed(session, quantity);
    const char *times = unicode ? "×" : "x", *arrow = unicode ? "→" : "->";
    size_t from = quantity->rows, to = quantity->cols;
    if (quantity->kind != NB_W)
        text_printf(text, "%zu unit%s", to, to == 1 ? "" : "s");
    else if (turned)
        text_printf(text, "%zu%s%zu (to-from: %zu units from %zu inputs)", to, times, from, to,
                    from);
    else
        text_printf(text, "%zu%s%zu (%zu inputs %s %zu units)", from, times, to, from, arrow, to);
}

static enum nb_status wrong_shape(const struct session *session, const struct nb_quantity *quantity,
                                  const struct value *value, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    text_printf(&text, "%s is ", quantity->name);
    add_shape(session, quantity, &text);
    text_add(&text, ", found ");
    value_describe(&text, value);
    bool turned = quantity_transposed(session, quantity);
    size_t rows = turned ? quantity->cols : quantity->rows;
    size_t cols = turned ? quantity->rows : quantity->cols;
    if (quantity->kind == NB_W && value->rows == cols && value->cols == rows && value->rank)
        text_printf(&text, ", the other orientation: transpose it with ', or type set index %s",
                    turned ? "from-to" : "to-from");
    enum nb_status status = error_set(error, NB_FAILED, "%s", text.bytes);
    text_release(&text);
    return status;
}

static void echo_parameter(struct session *session, const struct nb_quantity *quantity,
                           const struct lang_assignment *assignment, const struct value *value)
{
    struct text text = TEXT_INIT;
    const struct lang_index *index = assignment->index;
    const char *arrow = session->out->unicode ? "→" : "->";
    text_printf(&text, "%s  ", quantity->name);
    if (quantity->kind != NB_W)
        text_printf(&text, "%zu unit%s", quantity->cols, quantity->cols == 1 ? "" : "s");
    else
        text_printf(&text, "%zu input%s %s %zu unit%s", quantity->rows,
                    quantity->rows == 1 ? "" : "s", arrow, quantity->cols,
                    quantity->cols == 1 ? "" : "s");
    if (assignment->indices == 2 && index[0].single && index[1].single) {
        size_t place = index[0].first * value->cols + index[1].first;
        text_printf(&text, ", [%zu,%zu] = ", index[0].first + 1, index[1].first + 1);
        number_add(&text, value->data[place], session->settings.digits);
    } else if (assignment->indices == 1 && index[0].single && value->rows == 1) {
        text_printf(&text, ", [%zu] = ", index[0].first + 1);
        number_add(&text, value->data[index[0].first], session->settings.digits);
    }
    text_add_char(&text, '\n');
    sink_text(session->out, &text);
    text_release(&text);
}

static enum nb_status fill(struct value *value, size_t rows, size_t cols, double number,
                           struct nb_error *error)
{
    enum nb_status status = value_init(value, 2, rows, cols, error);
    for (size_t i = 0; !status && i < rows * cols; i++)
        value->data[i] = number;
    return status;
}

/* The whole new value, as it is shown. */
static enum nb_status changed_parameter(struct session *session, size_t id,
                                        const struct nb_quantity *quantity,
                                        const struct lang_assignment *assignment,
                                        struct value *changed, struct nb_error *error)
{
    const struct value *value = &assignment->value;
    if (assignment->indices) {
        enum nb_status status = session_read(session, session->net, id, changed, error);
        return status ? status : lang_assign_part(changed, assignment, value, error);
    }
    bool turned = quantity_transposed(session, quantity);
    size_t rows = turned ? quantity->cols : quantity->rows;
    size_t cols = turned ? quantity->rows : quantity->cols;
    if (value->rank == 0)
        return fill(changed, rows, cols, value->data[0], error);
    if (value->rows != rows || value->cols != cols)
        return wrong_shape(session, quantity, value, error);
    return value_copy(changed, value, error);
}

static enum nb_status assign_parameter(struct session *session, size_t id,
                                       const struct lang_assignment *assignment,
                                       struct nb_error *error)
{
    struct nb_quantity quantity;
    struct value shown = { 0 }, stored = { 0 };
    char why[64];
    nb_quantity_get(session->net, id, &quantity);
    snprintf(why, sizeof why, "the assignment of %s", quantity.name);
    enum nb_status status = asked_check_change(session, quantity.name, error);
    if (!status)
        status = changed_parameter(session, id, &quantity, assignment, &shown, error);
    if (!status)
        status = value_copy(&stored, &shown, error);
    if (!status && quantity_transposed(session, &quantity))
        status = value_transpose(&stored, error);
    if (!status)
        status = history_save_session(session, error);
    if (!status)
        status = history_save_quantities(session, &id, 1, why, error);
    if (!status)
        status = nb_assign(session->net, id, stored.rows, stored.cols, stored.data, error);
    if (!status)
        status = start_note(session, id, error);
    if (!status)
        echo_parameter(session, &quantity, assignment, &shown);
    value_release(&shown);
    value_release(&stored);
    return status;
}

static enum nb_status assign_quantity(struct session *session, enum nb_quantity_kind kind,
                                      const struct lang_assignment *assignment,
                                      struct nb_error *error)
{
    struct nb_quantity quantity;
    const char *name = assignment->name.text;
    size_t id;
    if (kind == NB_X || kind == NB_Y)
        return assign_given(session, kind, assignment, error);
    if (strcmp(name, "yhat") == 0)
        return error_set(error, NB_FAILED,
                         "yhat is the output, which forward computes; the "
                         "target is y here: write y = ...");
    enum nb_status status = session_quantity(session, name, &id, error);
    if (status)
        return status;
    nb_quantity_get(session->net, id, &quantity);
    if (quantity.role == NB_PARAMETER)
        return assign_parameter(session, id, assignment, error);
    return error_set(error, NB_FAILED,
                     "%s is computed by %s, it can't be assigned; x, y, weights "
                     "and biases can",
                     name, quantity_command(session->net, &quantity));
}

/* ---- Settings and variables ---- */

static enum nb_status assign_setting(struct session *session, const struct setting *setting,
                                     const struct lang_assignment *assignment,
                                     struct nb_error *error)
{
    struct text text = TEXT_INIT;
    if (assignment->indices || assignment->value.rank != 0)
        return error_set(error, NB_FAILED, "%s is one number: %s = %s", setting->name,
                         setting->name, setting->fallback);
    number_add(&text, assignment->value.data[0], 17);
    enum nb_status status = history_save_session(session, error);
    if (!status)
        status = setting_set(session, setting->name, text.bytes, error);
    text_clear(&text);
    text_printf(&text, "%s  ", setting->name);
    number_add(&text, setting->get(&session->settings), session->settings.digits);
    text_add_char(&text, '\n');
    size_t length = text.length;
    setting_add_note(setting, session, &text);
    if (text.length > length)
        text_add_char(&text, '\n');
    if (!status)
        sink_text(session->out, &text);
    text_release(&text);
    return status;
}

static void echo_variable(struct session *session, const char *name, const struct value *value)
{
    struct text text = TEXT_INIT;
    const char *times = session->out->unicode ? "×" : "x";
    if (value->rank == 0) {
        text_printf(&text, "%s  a number, ", name);
        number_add(&text, value->data[0], session->settings.digits);
    } else {
        text_printf(&text, "%s  %zu%s%zu", name, value->rows, times, value->cols);
    }
    if (setting_find(name))
        text_printf(&text, "; a variable: the setting changes with set %s ...", name);
    text_add_char(&text, '\n');
    sink_text(session->out, &text);
    text_release(&text);
}

static enum nb_status assign_variable(struct session *session,
                                      const struct lang_assignment *assignment,
                                      struct nb_error *error)
{
    const char *name = assignment->name.text;
    const struct value *present = variables_find(session->variables, name);
    struct value changed = { 0 };
    enum nb_status status = asked_check_variable(session, name, error);
    if (status)
        return status;
    if (assignment->indices && !present)
        return error_set(error, NB_FAILED,
                         "%s has no value yet, so it has no elements: %s = [...] "
                         "first",
                         name, name);
    status = value_copy(&changed, assignment->indices ? present : &assignment->value, error);
    if (!status && assignment->indices)
        status = lang_assign_part(&changed, assignment, &assignment->value, error);
    if (!status)
        status = history_save_session(session, error);
    if (!status) {
        echo_variable(session, name, &changed);
        return variables_set(session->variables, name, &changed, error);
    }
    value_release(&changed);
    return status;
}

static enum nb_status assign_name(struct session *session, const struct lang_assignment *assignment,
                                  struct nb_error *error)
{
    enum nb_quantity_kind kind;
    size_t layer;
    char indexed[64];
    const char *name = assignment->name.text;
    const struct setting *setting = setting_named(name);
    if (setting)
        return assign_setting(session, setting, assignment, error);
    if (quantity_parse(name, &kind, &layer))
        return assign_quantity(session, kind, assignment, error);
    if (names_reserved(name) || names_suggest(name, indexed))
        return names_unknown(session, name, error);
    return assign_variable(session, assignment, error);
}

enum nb_status session_assign(struct session *session, const char *source,
                              struct lang_span statement, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_assignment assignment = { 0 };
    enum nb_status status = lang_parse_assignment(source, statement, &names, &assignment, error);
    if (status)
        return status;
    error_clear(error);
    status = assign_name(session, &assignment, error);
    if (status && error->at == NB_NOWHERE)
        error->at = assignment.name.at;
    lang_assignment_release(&assignment);
    return status;
}
