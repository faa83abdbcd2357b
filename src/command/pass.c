/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forward, backward, update: to the end of a phase; continue: to a break; sheet: an
 * iteration on a copy. */
#include "base/error.h"
#include "base/number.h"
#include "command/history.h"
#include "command/names.h"
#include "command/place.h"
#include "command/step.h"
#include "command/stops.h"
#include "command/walk.h"

#define ITERATIONS_MOST 100000 /* that continue runs through without a break */

/* Runs up to the operation `end`, or to a break. */
static enum nb_status run_to(struct session *session, size_t end, enum walk_show show,
                             struct nb_error *error)
{
    enum nb_status status = NB_OK;
    do
        status = walk_one(session, show, error);
    while (status == NB_OK && nb_cursor(session->net) != end && !stops_reached(session));
    return status;
}

/* At a break amid a pass. */
static enum nb_status stop_here(struct session *session)
{
    stops_say(session);
    place_print_next(session, false);
    displays_print(session, DISPLAY_STEPPED);
    return NB_OK;
}

static void print_heading(const struct session *session, enum nb_phase phase)
{
    struct formula_style style = place_style(session);
    formula_pass_heading(session->net, phase, &style, session->out);
}

/* Of a pass that ran to its end. */
static void print_closing(struct session *session, enum nb_phase phase)
{
    struct formula_style style = place_style(session);
    formula_pass_closing(session->net, phase, &style, session->out);
    stop_here(session);
}

static double number_of(const struct nb_net *net, enum nb_quantity_kind kind)
{
    return nb_value(net, nb_quantity_id(net, kind, 0), 0, 0);
}

static void add_loss(const struct session *session, struct text *line)
{
    text_add(line, "loss ");
    number_add(line, number_of(session->net, NB_LOSS_VALUE), session->settings.digits);
}

static enum nb_status print_line(struct session *session, struct text *line, struct nb_error *error)
{
    enum nb_status status = text_status(line, error);
    text_add_char(line, '\n');
    if (status == NB_OK)
        sink_text(session->out, line);
    text_release(line);
    return status;
}

/* The line of a quiet pass, and what stands below it. */
static enum nb_status print_quiet(struct session *session, struct text *line,
                                  struct nb_error *error)
{
    enum nb_status status = print_line(session, line, error);
    stops_say(session);
    displays_print(session, DISPLAY_STEPPED);
    return status;
}

/* ---- forward ---- */

static const char no_target[] = "no target yet, so the pass stops before the loss: "
                                "target 0.9 0.1, say, sets y";

/* The first operation that forward does not run. */
static size_t forward_end(const struct session *session)
{
    const struct nb_net *net = session->net;
    return walk_has(net, NB_Y) ? nb_plan_start(net, NB_BACKWARD) : walk_loss_op(net);
}

/* Readies the rows and puts the cursor where a forward pass goes on, or at the
 * start where it has run to its end. */
static enum nb_status forward_ready(struct session *session, struct nb_error *error)
{
    enum nb_status status = walk_ready(session, error);
    if (status == NB_OK && walk_has(session->net, NB_Y))
        status = walk_check_target(session->net, error);
    if (status != NB_OK || nb_cursor(session->net) < forward_end(session))
        return status;
    status = walk_seek(session, 0, error);
    return status == NB_OK ? walk_ready(session, error) : status;
}

static enum nb_status forward_line(struct session *session, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    text_add(&line, "forward: ");
    if (walk_has(session->net, NB_Y))
        add_loss(session, &line);
    else
        text_add(&line, no_target);
    return print_quiet(session, &line, error);
}

enum nb_status forward_command(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    bool quiet = call_has(call, "quiet");
    enum nb_status status = forward_ready(session, error);
    if (status != NB_OK)
        return status;
    if (!quiet)
        print_heading(session, NB_FORWARD);
    status = run_to(session, forward_end(session), quiet ? WALK_SILENT : WALK_COMPACT, error);
    if (status != NB_OK)
        return status;
    if (nb_cursor(session->net) != forward_end(session))
        return stop_here(session);
    if (quiet)
        return forward_line(session, error);
    if (!walk_has(session->net, NB_Y))
        sink_printf(session->out, "%s\n", no_target);
    print_closing(session, NB_FORWARD);
    return NB_OK;
}

/* ---- backward ---- */

static bool loss_is_fresh(const struct nb_net *net)
{
    struct nb_quantity loss;
    nb_quantity_get(net, nb_quantity_id(net, NB_LOSS_VALUE, 0), &loss);
    return loss.state == NB_FRESH;
}

/* Puts the cursor into the backward phase, running forward where that must
 * come first, which *ran tells. */
static enum nb_status backward_ready(struct session *session, bool *ran, struct nb_error *error)
{
    size_t start = nb_plan_start(session->net, NB_BACKWARD);
    enum nb_status status = walk_ready(session, error);
    if (status == NB_OK)
        status = walk_check_target(session->net, error);
    *ran = status == NB_OK && (walk_phase(session) == NB_FORWARD || !loss_is_fresh(session->net));
    if (status != NB_OK)
        return status;
    if (*ran && walk_phase(session) != NB_FORWARD)
        status = walk_seek(session, 0, error);
    if (*ran && status == NB_OK)
        return run_to(session, start, WALK_SILENT, error);
    if (walk_phase(session) == NB_UPDATE)
        status = walk_seek(session, start, error);
    return status;
}

static enum nb_status backward_line(struct session *session, bool ran, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    text_add(&line, ran ? "backward, forward having been run first: " : "backward: ");
    text_printf(&line, "%zu operations, the gradient of ",
                nb_plan_start(session->net, NB_UPDATE) - nb_plan_start(session->net, NB_BACKWARD));
    add_loss(session, &line);
    return print_quiet(session, &line, error);
}

static enum nb_status say_forward_first(struct session *session, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    text_add(&line, "forward comes first, so it was run: ");
    add_loss(session, &line);
    text_add_char(&line, '\n');
    return print_line(session, &line, error);
}

enum nb_status backward_command(struct session *session, const struct call *call,
                                struct nb_error *error)
{
    bool quiet = call_has(call, "quiet"), ran = false;
    size_t end = nb_plan_start(session->net, NB_UPDATE);
    enum nb_status status = backward_ready(session, &ran, error);
    if (status == NB_OK && stops_reached(session))
        return stop_here(session);
    if (status == NB_OK && ran && !quiet)
        status = say_forward_first(session, error);
    if (status != NB_OK)
        return status;
    if (!quiet)
        print_heading(session, NB_BACKWARD);
    status = run_to(session, end, quiet ? WALK_SILENT : WALK_COMPACT, error);
    if (status != NB_OK)
        return status;
    if (nb_cursor(session->net) != end)
        return stop_here(session);
    if (quiet)
        return backward_line(session, ran, error);
    print_closing(session, NB_BACKWARD);
    return NB_OK;
}

/* ---- update ---- */

static enum nb_status update_ready(const struct session *session, struct nb_error *error)
{
    if (walk_phase(session) == NB_UPDATE)
        return NB_OK;
    if (nb_cursor(session->net) == 0 && nb_iteration(session->net) > 0)
        return error_set(error, NB_FAILED,
                         "update %llu has been made; forward and backward come before the next",
                         (unsigned long long)nb_iteration(session->net));
    return error_set(error, NB_FAILED, "update comes after backward: type backward first");
}

static size_t frozen_parameters(const struct nb_net *net)
{
    size_t count = 0;
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        if (quantity.role == NB_PARAMETER && nb_frozen(net, id))
            count += quantity.rows * quantity.cols;
    }
    return count;
}

static enum nb_status update_line(struct session *session, struct nb_error *error)
{
    struct text line = TEXT_INIT;
    text_printf(&line, "update %llu: ", (unsigned long long)nb_iteration(session->net));
    size_t frozen = frozen_parameters(session->net);
    size_t moved = nb_net_parameters(session->net) - frozen;
    text_printf(&line, "%zu parameter%s moved against %s gradient, lr ", moved,
                moved == 1 ? "" : "s", moved == 1 ? "its" : "their");
    number_add(&line, session->settings.lr, session->settings.digits);
    if (frozen)
        text_printf(&line, "; %zu frozen", frozen);
    return print_quiet(session, &line, error);
}

enum nb_status update_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    bool quiet = call_has(call, "quiet");
    enum nb_status status = update_ready(session, error);
    if (status != NB_OK)
        return status;
    if (!quiet)
        print_heading(session, NB_UPDATE);
    do /* an update is never left half made: breaks are told of at its end */
        status = walk_one(session, quiet ? WALK_SILENT : WALK_COMPACT, error);
    while (status == NB_OK && nb_cursor(session->net) != 0);
    if (status != NB_OK)
        return status;
    if (quiet)
        return update_line(session, error);
    print_closing(session, NB_UPDATE);
    return NB_OK;
}

/* ---- continue ---- */

enum nb_status continue_command(struct session *session, const struct call *call,
                                struct nb_error *error)
{
    (void)call;
    uint64_t first = nb_iteration(session->net), run = 0;
    bool any = stops_any(session);
    enum nb_status status;
    do {
        status = walk_one(session, WALK_REACHED, error);
        run = nb_iteration(session->net) - first;
    } while (status == NB_OK && !stops_reached(session) &&
             (any ? run < ITERATIONS_MOST : nb_cursor(session->net) != 0));
    if (status != NB_OK)
        return status;
    if (!any)
        sink_printf(session->out, "no break is set: this is the end of iteration %llu\n",
                    (unsigned long long)nb_iteration(session->net));
    else if (!stops_reached(session))
        sink_printf(session->out, "no break was reached in %d iterations\n", ITERATIONS_MOST);
    stops_say(session);
    place_print_next(session, true);
    displays_print(session, DISPLAY_STEPPED);
    return NB_OK;
}

/* ---- sheet ---- */

static enum nb_status sheet_phase(struct session *session, struct nb_net *net, enum nb_phase phase,
                                  struct nb_error *error)
{
    struct formula_style style = place_style(session);
    enum nb_status status = NB_OK;
    formula_pass_heading(net, phase, &style, session->out);
    do {
        struct formula_page *page;
        status = formula_page_new(net, nb_cursor(net), &page, error);
        if (status == NB_OK)
            status = nb_exec(net, 1, error);
        if (status == NB_OK)
            formula_page_print(page, net, false, &style, session->out);
        formula_page_free(&page);
    } while (status == NB_OK && nb_cursor(net) != 0 &&
             nb_plan_op(net, nb_cursor(net))->phase == phase);
    if (status == NB_OK)
        formula_pass_closing(net, phase, &style, session->out);
    return status;
}

enum nb_status sheet_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    (void)call;
    struct nb_net *copy;
    enum nb_status status = walk_copy(session, &copy, error);
    if (status == NB_OK)
        status = walk_check_target(copy, error);
    for (enum nb_phase phase = NB_FORWARD; status == NB_OK && phase <= NB_UPDATE; phase++) {
        if (phase == NB_BACKWARD)
            sink_puts(session->out, "\n");
        status = sheet_phase(session, copy, phase, error);
    }
    nb_net_free(&copy);
    return status;
}
