/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gradcheck: every derivative against central differences. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "command/place.h"
#include "command/step.h"
#include "command/walk.h"

#define TOLERANCE 1e-6

struct check {
    struct session *session;
    struct nb_net *net; /* a copy that has its rows */
    struct nb_nudger *nudger;
    struct nb_judging judging;
    size_t quantities, judged; /* how many of them */
    struct nb_gradcheck worst; /* of all */
};

/* Why elements are left out, as it is said. */
static const char *const left_out[NB_FINDINGS] = {
    [NB_KINKED] = "past a relu kink",
    [NB_BLURRED] = "too small for a quotient",
    [NB_BENT] = "too bent for a quotient",
};

/* What to do where all of them are. */
static const char *const advice[NB_FINDINGS] = {
    [NB_KINKED] = "every nudge crosses a relu kink: try a smaller eps=",
    [NB_BLURRED] = "every quotient is lost in rounding: try a larger eps=",
    [NB_BENT] = "the loss bends too much within every nudge: try a smaller eps=",
};

static bool is_derivative(enum nb_quantity_kind kind)
{
    return kind >= NB_DELTA && kind <= NB_DH;
}

static bool passes(const struct check *check, double error)
{
    return error <= check->judging.tolerance; /* not so for NaN */
}

static size_t judged_of(const struct nb_gradcheck *result)
{
    return result->found[NB_AGREES] + result->found[NB_DIFFERS];
}

static void note(struct check *check, const struct nb_gradcheck *result)
{
    bool judged = judged_of(result) > 0, first = check->judged == 0;
    bool worse = first || !(result->worst.error <= check->worst.worst.error);
    bool settled = !first && (!judged || isnan(check->worst.worst.error));
    if (worse && !settled)
        check->worst = *result;
    check->quantities++;
    check->judged += judged;
}

static void add_place(const struct check *check, const struct nb_gradcheck *result,
                      struct text *line)
{
    struct nb_quantity quantity;
    nb_quantity_get(check->net, result->id, &quantity);
    place_add_element(check->session, &quantity, result->row, result->col, line);
}

static void add_verdict(const struct check *check, const struct nb_gradcheck *result,
                        struct text *line)
{
    if (!judged_of(result))
        text_add(line, "not judged");
    else
        text_add(line, passes(check, result->worst.error) ? "ok" : "FAILED");
    if (result->checked < result->elements && !isnan(result->worst.error))
        text_printf(line, "; %zu of %zu elements sampled", result->checked, result->elements);
    for (size_t i = 0; i < NB_FINDINGS; i++)
        if (left_out[i] && result->found[i] > 0)
            text_printf(line, "; %zu %s, left out", result->found[i], left_out[i]);
}

static void print_result(const struct check *check, const struct nb_gradcheck *result)
{
    struct text line = TEXT_INIT;
    struct nb_quantity quantity;
    nb_quantity_get(check->net, result->id, &quantity);
    text_printf(&line, "  %s", quantity.name);
    text_pad(&line, 11);
    if (judged_of(result))
        number_add(&line, result->worst.error, 3);
    text_pad(&line, 23);
    if (judged_of(result))
        add_place(check, result, &line);
    text_pad(&line, 40);
    add_verdict(check, result, &line);
    text_add_char(&line, '\n');
    sink_text(check->session->out, &line);
    text_release(&line);
}

static void print_columns(const struct check *check)
{
    sink_puts(check->session->out, "  quantity worst error at               verdict\n");
}

static enum nb_status interrupted(const struct check *check, size_t id, struct nb_error *error)
{
    struct nb_quantity quantity;
    nb_quantity_get(check->net, id, &quantity);
    error_clear(error);
    return error_set(error, NB_INTERRUPTED, "interrupted at %s", quantity.name);
}

static enum nb_status check_quantity(struct check *check, size_t id, struct nb_error *error)
{
    struct nb_gradcheck result;
    enum nb_status status = nb_gradcheck(check->nudger, id, &check->judging, &result, error);
    if (status == NB_INTERRUPTED)
        return interrupted(check, id, error);
    if (status == NB_OK) {
        note(check, &result);
        print_result(check, &result);
    }
    return status;
}

static enum nb_status check_all(struct check *check, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t id = 0; id < nb_quantity_count(check->net) && status == NB_OK; id++) {
        struct nb_quantity quantity;
        nb_quantity_get(check->net, id, &quantity);
        if (is_derivative(quantity.kind))
            status = check_quantity(check, id, error);
    }
    return status;
}

static enum nb_status check_element(struct check *check, const struct place *place,
                                    struct nb_error *error)
{
    struct nb_gradcheck result = {
        .id = place->id, .elements = 1, .checked = 1, .row = place->row, .col = place->col
    };
    enum nb_finding finding;
    double value = nb_value(nb_nudger_net(check->nudger), place->id, place->row, place->col);
    enum nb_status status = nb_judge(check->nudger, place->id, place->row, place->col, value,
                                     &check->judging, &result.worst, &finding, error);
    if (status != NB_OK)
        return status;
    result.found[finding] = 1;
    note(check, &result);
    print_result(check, &result);
    return NB_OK;
}

static enum nb_status check_place(struct check *check, const struct place *place,
                                  struct nb_error *error)
{
    if (!is_derivative(place->quantity.kind))
        return error_at(error, NB_FAILED, place->name.at,
                        "%s is no derivative of the loss: check a dw, db, delta or da",
                        place->quantity.name);
    print_columns(check);
    return place->element ? check_element(check, place, error)
                          : check_quantity(check, place->id, error);
}

/* What has not been judged is not right. */
static enum nb_status conclude_nothing(const struct check *check, struct nb_error *error)
{
    size_t reason = NB_KINKED;
    for (size_t i = reason; i < NB_FINDINGS; i++)
        if (check->worst.found[i] > check->worst.found[reason])
            reason = i;
    sink_puts(check->session->out, "gradcheck: FAILED, nothing could be judged\n");
    return error_set(error, NB_FAILED, "%s", advice[reason]);
}

static enum nb_status conclude(const struct check *check, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    bool ok = passes(check, check->worst.worst.error);
    if (check->judged == 0)
        return conclude_nothing(check, error);
    if (check->judged < check->quantities)
        text_printf(&line, "%zu of %zu quantities could not be judged\n",
                    check->quantities - check->judged, check->quantities);
    text_printf(&line, "gradcheck: %s, worst relative error ", ok ? "ok" : "FAILED");
    number_add(&line, check->worst.worst.error, check->session->settings.digits);
    text_add(&line, " at ");
    add_place(check, &check->worst, &line);
    text_add_char(&line, '\n');
    sink_text(check->session->out, &line);
    text_release(&line);
    return ok ? NB_OK
              : error_set(error, NB_FAILED,
                          "a derivative and its difference quotient differ by more than tol=%g",
                          check->judging.tolerance);
}

/* The optional place in front of the options. */
static enum nb_status optional_place(const struct check *check, const struct call *call,
                                     struct place *place, struct nb_error *error)
{
    const struct argument *argument = call_argument(call, "quantity");
    struct call behind = *call;
    behind.rest = argument->span;
    return place_parse(check->session, &behind, check->net, place, error);
}

static enum nb_status run(struct check *check, const struct place *place, struct nb_error *error)
{
    enum nb_status status = walk_check_target(check->net, error);
    if (status == NB_OK)
        status = nb_nudger_new(check->net, &check->nudger, error);
    if (status == NB_OK && place) {
        status = check_place(check, place, error);
    } else if (status == NB_OK) {
        print_columns(check);
        status = check_all(check, error);
    }
    return status != NB_OK ? status : conclude(check, error);
}

enum nb_status gradcheck_command(struct session *session, const struct call *call,
                                 struct nb_error *error)
{
    struct check check = { .session = session,
                           .judging = { .eps = call_number(call, "eps", 0),
                                        .tolerance = call_number(call, "tol", TOLERANCE),
                                        .interrupt = session->interrupt } };
    struct place place;
    bool one = call_has(call, "quantity");
    struct nb_error no_rows;
    enum nb_status copied = walk_copy(session, &check.net, &no_rows);
    enum nb_status status = one ? optional_place(&check, call, &place, error) : NB_OK;
    if (status == NB_OK && copied != NB_OK) {
        *error = no_rows;
        status = copied;
    }
    if (status == NB_OK)
        status = run(&check, one ? &place : NULL, error);
    nb_nudger_free(&check.nudger);
    nb_net_free(&check.net);
    return status;
}
