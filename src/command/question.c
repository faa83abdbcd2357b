/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "command/names.h"
#include "command/place.h"
#include "command/step.h"
#include "command/walk.h"

#define PRECISION_DOUBLE 1e-9 /* relative, to which the network's own numbers are right */
#define PRECISION_SINGLE 1e-5
#define NOTHING          0.1 /* of that, relative to the largest number: what is as good as 0 */

void question_close(struct question *question)
{
    nb_net_free(&question->net);
    text_release(&question->name);
    free(question->right);
    question->right = NULL;
}

/* ---- The copy ---- */

/* In double, run to the start of its update phase; where that fails (no y), as far as it is. */
static enum nb_status copy_ahead(struct question *question, const struct nb_net *net,
                                 struct nb_error *error)
{
    question->subject.past = net == question->session->old;
    enum nb_status status = nb_net_clone(net, NB_DOUBLE, &question->net, error);
    size_t start = nb_plan_start(net, NB_UPDATE), cursor = nb_cursor(net);
    if (!status && cursor < start)
        (void)nb_exec(question->net, start - cursor, NULL);
    return status;
}

/* ---- Right numbers ---- */

static void set_precision(struct question *question, const struct nb_net *net)
{
    struct subject *subject = &question->subject;
    bool single = nb_net_spec(net)->precision == NB_SINGLE;
    double largest = 0;
    for (size_t i = 0; i < subject->rows * subject->cols; i++)
        largest = fmax(largest, fabs(question->right[i]));
    subject->precision = single ? PRECISION_SINGLE : PRECISION_DOUBLE;
    subject->nothing = subject->precision * NOTHING * largest;
    subject->right = question->right;
}

/* Those of a network, an element or all. */
static enum nb_status read_right(struct question *question, const struct nb_net *net,
                                 struct nb_error *error)
{
    struct subject *subject = &question->subject;
    struct nb_quantity quantity;
    nb_quantity_get(net, subject->id, &quantity);
    subject->rows = subject->element ? 1 : quantity.rows;
    subject->cols = subject->element ? 1 : quantity.cols;
    question->right = memory_new(subject->rows * subject->cols, sizeof *question->right);
    if (!question->right)
        return error_memory(error);
    if (subject->element)
        question->right[0] = nb_value(net, subject->id, subject->row, subject->col);
    else
        nb_values(net, subject->id, question->right);
    set_precision(question, net);
    return NB_OK;
}

/* CLIP has not yet cut what the copy holds cut. */
static bool is_unclipped(const struct question *question, const struct nb_net *net)
{
    const struct subject *subject = &question->subject;
    enum nb_quantity_kind kind = question->asked.kind;
    bool gradient = kind >= NB_DW && kind <= NB_DBETA && nb_net_learning(net)->clip != 0;
    for (size_t i = 0; gradient && i < subject->rows * subject->cols; i++) {
        size_t row = subject->element ? subject->row : i / subject->cols;
        size_t col = subject->element ? subject->col : i % subject->cols;
        if (!answer_agrees(subject, question->right[i], 0,
                           nb_value(question->net, subject->id, row, col)))
            return true;
    }
    return false;
}

/* ---- Updates ---- */

/* The weights that the update writes. */
static enum nb_status read_updated(struct question *question, const struct nb_net *before,
                                   struct nb_error *error)
{
    struct nb_net *after;
    enum nb_status status = nb_net_clone(before, NB_AUTO, &after, error);
    if (!status)
        status = nb_exec(after, nb_plan_length(after) - nb_cursor(after), error);
    if (!status)
        status = read_right(question, after, error);
    nb_net_free(&after);
    question->subject.kind = SUBJECT_UPDATE;
    return status;
}

static enum nb_status open_update(struct question *question, const struct place *place,
                                  struct nb_error *error)
{
    const struct nb_net *before = step_before_update(question->session);
    if (place->quantity.role != NB_PARAMETER)
        return error_at(error, NB_FAILED, place->name.at,
                        "%s is no parameter: check update is about a weight or bias, as in "
                        "check update w1[1,1] = 0.15",
                        place->quantity.name);
    if (before == NULL)
        return error_set(error, NB_FAILED,
                         "no update is pending and none has been made: type backward, then check "
                         "update judges what the update would write");
    enum nb_status status = copy_ahead(question, before, error);
    return status ? status : read_updated(question, before, error);
}

/* Has the last update written the numbers that a parameter has now? */
static bool is_updated(struct question *question, const struct place *place)
{
    const struct session *session = question->session;
    struct nb_net *after = NULL;
    bool same = place->quantity.role == NB_PARAMETER && session->old != NULL &&
                place->net == session->net && !nb_net_clone(session->old, NB_AUTO, &after, NULL) &&
                !nb_exec(after, nb_plan_length(after) - nb_cursor(after), NULL);
    for (size_t row = 0; same && row < place->quantity.rows; row++)
        for (size_t col = 0; same && col < place->quantity.cols; col++)
            same =
                nb_value(after, place->id, row, col) == nb_value(session->net, place->id, row, col);
    nb_net_free(&after);
    return same;
}

/* ---- Opening ---- */

static enum nb_status open_present(struct question *question, const struct place *place,
                                   struct nb_error *error)
{
    enum nb_status status = place_check_fresh(question->session, place, error);
    if (status)
        return status;
    bool updated = is_updated(question, place);
    status = copy_ahead(question, updated ? question->session->old : place->net, error);
    if (!status)
        status = read_right(question, place->net, error);
    if (updated)
        question->subject.kind = SUBJECT_UPDATE;
    return status;
}

/* Of a copy that is run from the start of its iteration. */
static enum nb_status open_ahead(struct question *question, const struct place *place,
                                 struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = walk_copy(question->session, &copy, error);
    bool loss = place->quantity.op != NB_NOWHERE &&
                place->quantity.op >= walk_loss_op(question->session->net);
    if (!status && loss)
        status = walk_check_target(copy, error);
    if (!status)
        status = copy_ahead(question, copy, error);
    if (!status)
        status = read_right(question, question->net, error);
    nb_net_free(&copy);
    return status;
}

static enum nb_status open_place(struct question *question, const struct lang_target *target,
                                 enum question_mode mode, struct nb_error *error)
{
    static enum nb_status (*const open[])(struct question *, const struct place *,
                                          struct nb_error *) = {
        [QUESTION_PRESENT] = open_present,
        [QUESTION_UPDATE] = open_update,
        [QUESTION_AHEAD] = open_ahead,
    };
    struct place place;
    enum nb_status status = place_of_target(question->session, target, &place, error);
    if (status)
        return status;
    question->asked = place.quantity;
    question->subject.id = place.id;
    question->subject.row = place.row;
    question->subject.col = place.col;
    question->subject.element = place.element;
    return open[mode](question, &place, error);
}

static enum nb_status open_local(struct question *question, const struct lang_target *target,
                                 struct nb_error *error)
{
    struct subject *subject = &question->subject;
    struct local_place place;
    enum nb_status status = session_local(question->session, &target->quotient, &place, error);
    if (status && error->at == NB_NOWHERE)
        error->at = target->at;
    if (!status)
        status = copy_ahead(question, place.net, error);
    if (status)
        return status;
    subject->kind = SUBJECT_LOCAL;
    subject->element = true;
    subject->id = place.top;
    subject->row = place.top_row;
    subject->col = place.top_col;
    subject->local = (struct local){ { place.top, place.top_row, place.top_col },
                                     { place.bottom, place.bottom_row, place.bottom_col } };
    nb_quantity_get(place.net, place.top, &question->asked);
    status = read_right(question, place.net, error);
    if (!status)
        status = formula_local(place.net, place.top, place.top_row, place.top_col, place.bottom,
                               place.bottom_row, place.bottom_col, question->right, error);
    if (!status)
        set_precision(question, place.net);
    return status;
}

enum nb_status question_open(struct session *session, const char *source, struct lang_span span,
                             enum question_mode mode, struct question *question,
                             struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_target target;
    *question = (struct question){ .session = session, .name = TEXT_INIT };
    enum nb_status status =
        lang_parse_target(source, span.at, span.at + span.length, &names, &target, error);
    if (!status && (target.letter[0] || target.letter[1]))
        status = error_at(error, NB_USAGE, target.at,
                          "expected one quantity or an element of it, such as w1 or delta1[2]");
    if (!status && target.local && mode == QUESTION_UPDATE)
        status = error_at(error, NB_USAGE, target.at,
                          "expected a parameter, as in check update w1[1,1] = 0.15");
    text_add_part(&question->name, source + span.at, span.length);
    if (!status)
        status = target.local ? open_local(question, &target, error)
                              : open_place(question, &target, mode, error);
    if (!status) {
        question->subject.net = question->net;
        question->subject.unclipped =
            question->subject.kind == SUBJECT_QUANTITY && is_unclipped(question, question->net);
    }
    if (status)
        question_close(question);
    return status;
}

/* ---- Judging ---- */

static bool is_shown_turned(const struct question *question)
{
    const struct subject *subject = &question->subject;
    return !subject->element && quantity_transposed(question->session, &question->asked);
}

/* "x is a vector of 3, what was given a 3×1 matrix: its transpose would fit" */
static enum nb_status other_shape(const struct question *question, const struct value *value,
                                  size_t rows, size_t cols, size_t at, struct nb_error *error)
{
    struct text wanted = TEXT_INIT, found = TEXT_INIT;
    struct value shape = { .rows = rows, .cols = cols };
    shape.rank = question->subject.element || (rows == 1 && cols == 1)
                     ? 0
                     : quantity_rank(question->session, &question->asked);
    value_describe(&wanted, &shape);
    value_describe(&found, value);
    bool turned = value->rows == cols && value->cols == rows;
    error_at(error, NB_FAILED, at, "%s is %s, found %s%s", question->name.bytes, wanted.bytes,
             found.bytes,
             turned ? ": its transpose would fit, write ' behind it"
                    : ": give every number, or name one element");
    text_release(&wanted);
    text_release(&found);
    return NB_FAILED;
}

static enum nb_status check_shape(const struct question *question, struct answer *answer, size_t at,
                                  struct nb_error *error)
{
    const struct subject *subject = &question->subject;
    struct value *value = &answer->numbers.value;
    bool turned = is_shown_turned(question);
    size_t rows = turned ? subject->cols : subject->rows;
    size_t cols = turned ? subject->rows : subject->cols;
    if (value->rows != rows || value->cols != cols)
        return other_shape(question, value, rows, cols, at, error);
    enum nb_status status = turned ? value_transpose(value, error) : NB_OK;
    return status || !turned ? status : value_transpose(&answer->numbers.half, error);
}

enum nb_status question_judge(const struct question *question, const char *source,
                              struct lang_span span, struct answer *answer, struct nb_error *error)
{
    *answer = (struct answer){ .judgement = { .right = false } };
    enum nb_status status = given_parse(question->session, source, span, &answer->numbers, error);
    if (!status)
        status = check_shape(question, answer, span.at, error);
    if (!status) {
        struct given given = { answer->numbers.value.data, answer->numbers.half.data };
        status = answer_judge(&question->subject, &given, &answer->judgement, error);
    }
    if (status)
        answer_release(answer);
    return status;
}

void answer_release(struct answer *answer)
{
    given_release(&answer->numbers);
    judgement_release(&answer->judgement);
}

/* ---- Printing ---- */

void question_print(const struct question *question, const struct answer *answer, struct sink *sink)
{
    struct formula_style style = place_style(question->session);
    struct notation notation = { question->net, &style, sink->unicode, false };
    struct given given = { answer->numbers.value.data, answer->numbers.half.data };
    answer_print(&question->subject, &given, &answer->judgement, &notation, sink);
}
