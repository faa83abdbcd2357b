/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gradcheck: every derivative against central differences. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "command/place.h"
#include "command/step.h"
#include "command/walk.h"

#define EPS       1e-5
#define TOLERANCE 1e-6

struct check {
    struct session *session;
    struct nb_nudger *nudger;
    double eps, tolerance;
    bool any;                  /* something was judged */
    struct nb_gradcheck worst; /* of all */
};

static bool is_derivative(enum nb_quantity_kind kind)
{
    return kind >= NB_DELTA && kind <= NB_DH;
}

static bool passes(const struct check *check, double error)
{
    return error <= check->tolerance; /* not so for NaN */
}

/* Elements past a kink or lost in rounding are not judged. */
static size_t judged_of(const struct nb_gradcheck *result)
{
    return result->checked - result->kinks - result->blurred;
}

static void note(struct check *check, const struct nb_gradcheck *result)
{
    bool judged = judged_of(result) > 0;
    bool worse = !check->any || !(result->worst.error <= check->worst.worst.error);
    bool settled = check->any && (!judged || isnan(check->worst.worst.error));
    if (worse && !settled)
        check->worst = *result;
    check->any = check->any || judged;
}

static void add_place(const struct check *check, const struct nb_gradcheck *result,
                      struct text *line)
{
    struct nb_quantity quantity;
    nb_quantity_get(check->session->net, result->id, &quantity);
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
    if (result->kinks > 0)
        text_printf(line, "; %zu past a relu kink, left out", result->kinks);
    if (result->blurred > 0)
        text_printf(line, "; %zu too small for a quotient, left out", result->blurred);
}

static void print_result(const struct check *check, const struct nb_gradcheck *result)
{
    struct text line = TEXT_INIT;
    struct nb_quantity quantity;
    nb_quantity_get(check->session->net, result->id, &quantity);
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

static enum nb_status check_all(struct check *check, struct nb_error *error)
{
    const struct nb_net *net = check->session->net;
    enum nb_status status = NB_OK;
    print_columns(check);
    for (size_t id = 0; id < nb_quantity_count(net) && status == NB_OK; id++) {
        struct nb_quantity quantity;
        struct nb_gradcheck result;
        nb_quantity_get(net, id, &quantity);
        if (!is_derivative(quantity.kind))
            continue;
        if (check->session->interrupt != NULL && *check->session->interrupt)
            return error_set(error, NB_INTERRUPTED, "interrupted before %s", quantity.name);
        status = nb_gradcheck(check->nudger, id, check->eps, &result, error);
        if (status == NB_OK) {
            note(check, &result);
            print_result(check, &result);
        }
    }
    return status;
}

static enum nb_status check_place(struct check *check, const struct place *place,
                                  struct nb_error *error)
{
    if (!is_derivative(place->quantity.kind))
        return error_at(error, NB_FAILED, place->name.at,
                        "%s is no derivative of the loss: check a dw, db, delta or da",
                        place->quantity.name);
    struct nb_gradcheck result = {
        .id = place->id, .elements = 1, .checked = 1, .row = place->row, .col = place->col
    };
    enum nb_status status =
        place->element ? nb_nudge(check->nudger, place->id, place->row, place->col, check->eps,
                                  &result.worst, error)
                       : nb_gradcheck(check->nudger, place->id, check->eps, &result, error);
    if (status != NB_OK)
        return status;
    if (place->element) {
        result.kinks = result.worst.kink;
        result.blurred = result.worst.blurred;
    }
    note(check, &result);
    print_columns(check);
    print_result(check, &result);
    return NB_OK;
}

/* What has not been judged is not right. */
static enum nb_status conclude_nothing(const struct check *check, struct nb_error *error)
{
    sink_puts(check->session->out, "gradcheck: FAILED, nothing could be judged\n");
    return error_set(error, NB_FAILED,
                     check->worst.kinks > 0
                         ? "every nudge crosses a relu kink: try a smaller eps="
                         : "every quotient is lost in rounding: try a larger eps=");
}

static enum nb_status conclude(const struct check *check, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    bool ok = passes(check, check->worst.worst.error);
    if (!check->any)
        return conclude_nothing(check, error);
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
                          check->tolerance);
}

/* The optional place in front of the options. */
static enum nb_status optional_place(struct session *session, const struct call *call,
                                     struct place *place, struct nb_error *error)
{
    const struct argument *argument = call_argument(call, "quantity");
    struct call behind = *call;
    behind.rest = argument->span;
    return place_parse(session, &behind, place, error);
}

enum nb_status gradcheck_command(struct session *session, const struct call *call,
                                 struct nb_error *error)
{
    struct check check = { .session = session,
                           .eps = call_number(call, "eps", EPS),
                           .tolerance = call_number(call, "tol", TOLERANCE) };
    struct nb_net *copy = NULL;
    struct place place;
    bool one = call_has(call, "quantity");
    enum nb_status status = one ? optional_place(session, call, &place, error) : NB_OK;
    if (status == NB_OK)
        status = walk_copy(session, &copy, error);
    if (status == NB_OK)
        status = walk_check_target(copy, error);
    if (status == NB_OK)
        status = nb_nudger_new(copy, &check.nudger, error);
    if (status == NB_OK)
        status = one ? check_place(&check, &place, error) : check_all(&check, error);
    if (status == NB_OK)
        status = conclude(&check, error);
    nb_nudger_free(&check.nudger);
    nb_net_free(&copy);
    return status;
}
