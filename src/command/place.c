/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/place.h"

#include <string.h>

#include "base/error.h"
#include "command/history.h"
#include "command/names.h"
#include "command/walk.h"

static const char *const phase_names[] = {
    [NB_FORWARD] = "forward", [NB_BACKWARD] = "backward", [NB_UPDATE] = "update"
};

struct formula_style place_style(const struct session *session)
{
    struct nb_quantity x;
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_X, 0), &x);
    return (struct formula_style){ .to_from = session->settings.to_from,
                                   .batch = quantity_rank(session, &x) == 2,
                                   .digits = session->settings.digits };
}

/* ---- Elements as typed ---- */

/* 0-based indices of one element; a letter counts as 1. */
static enum nb_status single_indices(const struct place *place, const struct lang_index index[2],
                                     const char letter[2], size_t indices, size_t at[2],
                                     struct nb_error *error)
{
    for (size_t i = 0; i < indices; i++) {
        if (!index[i].single && !letter[i])
            return error_set(error, NB_FAILED,
                             "one element or the whole of %s is wanted here, not a part of it",
                             place->name.text);
        at[i] = letter[i] ? 0 : index[i].first;
    }
    return NB_OK;
}

/* Before there are rows an element is known by letters alone. */
static enum nb_status resolve_unset(struct session *session, const struct place *place,
                                    const char letter[2], size_t indices, struct nb_error *error)
{
    struct value value = { 0 };
    size_t rank = (size_t)quantity_rank(session, &place->quantity);
    if (indices == rank && letter[0] && (rank == 1 || letter[1]))
        return NB_OK;
    enum nb_status status = session_read(session, place->net, place->id, &value, error);
    value_release(&value);
    return status;
}

static enum nb_status resolve(struct session *session, struct place *place, bool old,
                              const struct lang_index index[2], const char letter[2],
                              size_t indices, struct nb_error *error)
{
    size_t at[2] = { 0, 0 };
    enum nb_status status = session_quantity(session, place->name.text, &place->id, error);
    if (status == NB_OK && !place->net)
        status = session_net_for(session, place->name.text, old, &place->net, error);
    if (status != NB_OK)
        return status;
    nb_quantity_get(place->net, place->id, &place->quantity);
    place->element = indices > 0 || quantity_rank(session, &place->quantity) == 0;
    place->row = place->col = 0;
    if (indices == 0)
        return NB_OK;
    status = single_indices(place, index, letter, indices, at, error);
    if (status == NB_OK && place->quantity.rows == 0)
        return resolve_unset(session, place, letter, indices, error);
    return status != NB_OK ? status
                           : session_element(session, place->net, place->id, place->name.text,
                                             indices, at, &place->row, &place->col, error);
}

static enum nb_status resolve_at(struct session *session, struct place *place, bool old,
                                 const struct lang_index index[2], const char letter[2],
                                 size_t indices, struct nb_error *error)
{
    error_clear(error);
    enum nb_status status = resolve(session, place, old, index, letter, indices, error);
    if (status != NB_OK && error->at == NB_NOWHERE)
        error->at = place->name.at;
    return status;
}

enum nb_status place_parse(struct session *session, const struct call *call,
                           const struct nb_net *net, struct place *place, struct nb_error *error)
{
    static const char no_letters[2];
    struct lang_names names = session_names(session);
    struct lang_index index[2];
    size_t indices = 0;
    place->net = net;
    enum nb_status status =
        lang_parse_place(call->source, call->rest.at, call->rest.at + call->rest.length, &names,
                         &place->name, index, &indices, error);
    return status != NB_OK ? status
                           : resolve_at(session, place, false, index, no_letters, indices, error);
}

enum nb_status place_of_target(struct session *session, const struct lang_target *target,
                               struct place *place, struct nb_error *error)
{
    place->name = target->name;
    place->net = NULL;
    return resolve_at(session, place, target->old, target->index, target->letter, target->indices,
                      error);
}

enum nb_status place_check_fresh(struct session *session, const struct place *place,
                                 struct nb_error *error)
{
    struct value value = { 0 };
    enum nb_status status = NB_OK;
    if (place->quantity.state != NB_FRESH) /* the message is that of reading it */
        status = session_read_as(session, place->net, place->id, place->name.text, &value, error);
    value_release(&value);
    if (status != NB_OK && error->at == NB_NOWHERE)
        error->at = place->name.at;
    return status;
}

void place_add_element(const struct session *session, const struct nb_quantity *quantity,
                       size_t row, size_t col, struct text *text)
{
    int rank = quantity_rank(session, quantity);
    text_add(text, quantity->name);
    if (rank == 1)
        text_printf(text, "[%zu]", col + 1);
    else if (rank == 2 && quantity_transposed(session, quantity))
        text_printf(text, "[%zu,%zu]", col + 1, row + 1);
    else if (rank == 2)
        text_printf(text, "[%zu,%zu]", row + 1, col + 1);
}

/* ---- Where the cursor stands ---- */

void place_print_next(const struct session *session, bool full)
{
    struct formula_style style = place_style(session);
    formula_next(session->net, full, &style, session->out);
}

#define NAMES_COLUMN   7
#define FORMULA_COLUMN 16 /* at least */
#define FORMULA_WIDTH  40 /* of the update of a layer with two digits */
#define KIND_WIDTH     19 /* of "batch norm gradient" */

/* Behind the longest list of names. */
static size_t formula_column(const struct session *session)
{
    size_t column = FORMULA_COLUMN;
    for (size_t op = 0; op < nb_plan_length(session->net); op++) {
        struct text names = TEXT_INIT;
        formula_op_writes(session->net, op, " ", &names);
        if (NAMES_COLUMN + names.length + 2 > column)
            column = NAMES_COLUMN + names.length + 2;
        text_release(&names);
    }
    return column;
}

static void plan_heading(const struct session *session)
{
    sink_style(session->out, STYLE_TITLE);
    sink_printf(session->out, "Plan of one iteration: %zu operations",
                nb_plan_length(session->net));
    sink_style(session->out, STYLE_PLAIN);
    sink_printf(session->out, "; the cursor is in iteration %llu\n",
                (unsigned long long)nb_iteration(session->net) + 1);
}

/* The formula; names of several results stand before it already. */
static void plan_formula(const struct session *session, size_t op,
                         const struct formula_style *style, struct text *formula)
{
    struct text names = TEXT_INIT;
    bool several = nb_plan_op(session->net, op)->nwrites > 1;
    formula_op_writes(session->net, op, ", ", &names);
    text_add(&names, " = ");
    formula_op_short(session->net, op, style, session->out->unicode, formula);
    if (several && strncmp(formula->bytes, names.bytes, names.length) == 0) {
        memmove(formula->bytes, formula->bytes + names.length, formula->length - names.length + 1);
        formula->length -= names.length;
    }
    text_release(&names);
}

/* Adds formula and kind behind `column`; what does not fit the width goes on below. */
static void plan_fit(const struct session *session, const char *formula, const char *kind,
                     size_t column, struct text *line)
{
    size_t width = (size_t)session->out->width, kind_width = utf8_width(kind, strlen(kind));
    size_t wide = column + utf8_width(formula, strlen(formula)) + 2 + kind_width;
    size_t kinds = column + FORMULA_WIDTH;
    const char *comma = wide > width ? strchr(formula, ',') : NULL;
    if (kinds + 2 + KIND_WIDTH > width)
        kinds = width > column + 2 + KIND_WIDTH ? width - 2 - KIND_WIDTH : column;
    text_pad(line, column);
    if (comma) {
        text_add_part(line, formula, (size_t)(comma + 1 - formula));
        text_add_char(line, '\n');
        text_pad(line, column);
        formula = comma + 2;
        wide = column + utf8_width(formula, strlen(formula)) + 2 + kind_width;
    }
    text_add(line, formula);
    if (wide > width)
        text_add_char(line, '\n');
    text_pad(line, kinds);
    text_printf(line, "  %s\n", kind);
}

static void plan_row(const struct session *session, size_t op, const struct formula_style *style,
                     size_t column, struct text *line)
{
    const struct nb_op *row = nb_plan_op(session->net, op);
    struct text formula = TEXT_INIT;
    text_clear(line);
    text_printf(line, " %s %2zu  ",
                op != nb_cursor(session->net) ? " "
                : session->out->unicode       ? "▶"
                                              : ">",
                op + 1);
    formula_op_writes(session->net, op, " ", line);
    plan_formula(session, op, style, &formula);
    plan_fit(session, formula.bytes, nb_op_rows()[row->kind].name, column, line);
    text_release(&formula);
}

enum nb_status plan_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    (void)call;
    struct formula_style style = place_style(session);
    struct text line = TEXT_INIT;
    size_t column = formula_column(session);
    plan_heading(session);
    for (size_t op = 0; op < nb_plan_length(session->net); op++) {
        enum nb_phase phase = nb_plan_op(session->net, op)->phase;
        if (op == nb_plan_start(session->net, phase)) {
            sink_puts(session->out, "\n  ");
            sink_styled(session->out, STYLE_TITLE, phase_names[phase]);
            sink_puts(session->out, "\n");
        }
        bool here = op == nb_cursor(session->net);
        plan_row(session, op, &style, column, &line);
        if (here)
            sink_style(session->out, STYLE_NAME);
        sink_text(session->out, &line);
        if (here)
            sink_style(session->out, STYLE_PLAIN);
    }
    enum nb_status status = text_status(&line, error);
    text_release(&line);
    return status;
}

enum nb_status where_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    (void)call;
    size_t op = nb_cursor(session->net);
    struct formula_style style = place_style(session);
    struct text line = TEXT_INIT;
    text_printf(&line, "iteration %llu, %s, before operation %zu of %zu: ",
                (unsigned long long)nb_iteration(session->net) + 1,
                phase_names[walk_phase(session)], op + 1, nb_plan_length(session->net));
    formula_op_short(session->net, op, &style, session->out->unicode, &line);
    text_add_char(&line, '\n');
    enum nb_status status = text_status(&line, error);
    if (status == NB_OK)
        sink_text(session->out, &line);
    text_release(&line);
    return status;
}

/* With a data set the rows that were given by hand give way to its own. */
static enum nb_status unpin(struct session *session, struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    if (status != NB_OK)
        return status;
    session->pinned = false;
    session->place.batched = false;
    value_release(&session->x);
    value_release(&session->y);
    sink_puts(session->out, "x and y come from the data set again\n");
    return NB_OK;
}

enum nb_status reset_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    (void)call;
    enum nb_status status = NB_OK;
    bool pinned = session->data != NULL && session->pinned;
    if (nb_cursor(session->net) != 0 || pinned)
        status = walk_seek(session, 0, error);
    if (status == NB_OK && pinned)
        status = unpin(session, error);
    if (status == NB_OK)
        place_print_next(session, true);
    return status;
}
