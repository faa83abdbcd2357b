/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: which quantity, of which moment, in what form. */
#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "command/names.h"
#include "command/place.h"
#include "command/runs.h"
#include "command/step.h"

#define FILE_COLUMNS 80

static enum nb_status parse_target(struct session *session, const struct call *call,
                                   struct lang_target *target, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_span span = call_argument(call, "quantity")->span;
    return lang_parse_target(call->source, span.at, span.at + span.length, &names, target, error);
}

/* The index that a letter stands for, or the place that was typed. */
static size_t letter_index(char letter, size_t place)
{
    static const struct {
        char letter;
        size_t index;
    } letters[] = {
        { 'i', TERM_I }, { 'j', TERM_J }, { 'k', TERM_K }, { 'm', TERM_M },
        { 'p', TERM_P }, { 'r', TERM_R }, { 's', TERM_S },
    };
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].letter == letter)
            return letters[i].index;
    return place;
}

static bool is_general(const struct lang_target *target)
{
    return target->letter[0] || target->letter[1];
}

/* Two indices that could not be told apart would be confused with those of sums. */
static enum nb_status check_letters(const struct lang_target *target, const struct place *place,
                                    struct nb_error *error)
{
    if (!target->letter[0] || target->letter[0] != target->letter[1])
        return NB_OK;
    return error_at(error, NB_FAILED, place->name.at,
                    "each index needs a letter of its own: explain %s[j,k]", place->quantity.name);
}

/* Letters stand where indices do: of a weight that is shown turned the other way round. */
static void put_letters(const struct session *session, const struct lang_target *target,
                        const struct place *place, struct formula_request *request)
{
    int rank = quantity_rank(session, &place->quantity);
    bool turned = quantity_transposed(session, &place->quantity);
    if (rank == 2)
        request->row = letter_index(target->letter[turned], request->row);
    request->col = letter_index(target->letter[rank == 2 && !turned], request->col);
}

const struct nb_net *step_before_update(const struct session *session)
{
    bool pending = nb_cursor(session->net) == nb_plan_start(session->net, NB_UPDATE);
    return pending ? session->net : session->old;
}

/* What is asked for, and where it goes. */
struct asking {
    struct session *session;
    const struct call *call;
    struct lang_target target;
    struct formula_style style;
    struct sink *sink;
};

/* Of the last update of the last run, whose network has not moved since, what the schedule
 * made the rate of. */
static struct formula_rate rate_of_run(const struct session *session)
{
    const struct formula_rate none = { .schedule.kind = NB_SCHEDULE_NONE };
    const struct run_record *run = runs_last(session);
    if (!run || nb_net_lr(session->old) != run->state.progress.lr ||
        weights_mark(session->net) != run->mark)
        return none;
    const struct train_options *options = &run->state.options;
    const struct nb_progress *progress = &run->state.progress;
    bool per_step = options->schedule.per_step; /* an epoch is an update */
    struct formula_rate rate = { .schedule = options->schedule,
                                 .lr = options->learning.lr,
                                 .t = (per_step ? progress->step : progress->epoch) - 1,
                                 .total = per_step && options->steps ? options->steps
                                                                     : options->epochs };
    return rate.t > 0 ? rate : none;
}

/* An update has no paths to go along. */
static enum nb_status check_update_options(const struct call *call, struct nb_error *error)
{
    static const char *const options[] = { "jacobian", "depth" };
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (call_has(call, options[i]))
            return error_at(error, NB_USAGE, call_argument(call, options[i])->span.at,
                            "explain update takes no %s: it begins with the gradient, which "
                            "explain dw1[1,1] derives",
                            options[i]);
    return NB_OK;
}

static enum nb_status explain_update(const struct asking *asking, struct nb_error *error)
{
    struct session *session = asking->session;
    struct place place;
    if (check_update_options(asking->call, error) != NB_OK)
        return NB_USAGE;
    if (asking->target.local)
        return error_at(error, NB_USAGE, asking->target.at,
                        "an update is of a parameter: explain update w1[1,1]");
    if (asking->target.old)
        return error_at(error, NB_USAGE, asking->target.at,
                        "explain update is about the update itself: leave old(...) out");
    enum nb_status status = place_of_target(session, &asking->target, &place, error);
    if (status != NB_OK)
        return status;
    const struct nb_net *before = step_before_update(session);
    if (before == NULL)
        return error_set(error, NB_FAILED,
                         "no update is pending and none has been made: type "
                         "backward, then explain update shows the next one");
    bool several = !place.element && place.quantity.rows * place.quantity.cols > 1;
    if (several || is_general(&asking->target))
        return error_at(error, NB_FAILED, place.name.at,
                        "one element is wanted here, as in explain update %s%s",
                        place.quantity.name, place.quantity.kind == NB_W ? "[1,1]" : "[1]");
    struct formula_update update = {
        .id = place.id, .row = place.row, .col = place.col, .made = before == session->old
    };
    if (update.made)
        update.rate = rate_of_run(session);
    status = formula_explain_update(before, &update, &asking->style, asking->sink, error);
    if (status != NB_OK && error->at == NB_NOWHERE)
        error->at = place.name.at;
    return status;
}

static struct formula_request request_of(const struct asking *asking)
{
    const struct call *call = asking->call;
    return (struct formula_request){
        .old = asking->target.old,
        .jacobian = call_has(call, "jacobian"),
        .depth = call_has(call, "depth") ? (size_t)call_number(call, "depth", 0) : FORMULA_DEPTH,
    };
}

static enum nb_status explain_quotient(const struct asking *asking, struct nb_error *error)
{
    struct formula_request request = request_of(asking);
    struct local_place place;
    enum nb_status status = session_local(asking->session, &asking->target.quotient, &place, error);
    if (status != NB_OK) {
        error->at = error->at == NB_NOWHERE ? asking->target.at : error->at;
        return status;
    }
    request.local = true;
    request.id = place.top;
    request.row = place.top_row;
    request.col = place.top_col;
    request.bottom = place.bottom;
    request.bottom_row = place.bottom_row;
    request.bottom_col = place.bottom_col;
    return formula_explain(place.net, &request, &asking->style, asking->sink, error);
}

/* In symbols or matrices, which need no numbers, only shapes. */
static bool is_of_all(const struct lang_target *target, const struct place *place)
{
    const struct nb_quantity *quantity = &place->quantity;
    return is_general(target) || (!place->element && quantity->role == NB_COMPUTED &&
                                  quantity->rows * quantity->cols > 1);
}

static enum nb_status explain_target(const struct asking *asking, struct nb_error *error)
{
    struct formula_request request = request_of(asking);
    struct place place;
    if (asking->target.local)
        return explain_quotient(asking, error);
    enum nb_status status = place_of_target(asking->session, &asking->target, &place, error);
    if (status == NB_OK && !is_of_all(&asking->target, &place))
        status = place_check_fresh(asking->session, &place, error);
    if (status == NB_OK)
        status = check_letters(&asking->target, &place, error);
    if (status != NB_OK)
        return status;
    request.id = place.id;
    request.row = place.row;
    request.col = place.col;
    request.element = place.element;
    put_letters(asking->session, &asking->target, &place, &request);
    return formula_explain(place.net, &request, &asking->style, asking->sink, error);
}

/* The explanation as a file of its own. */
static enum nb_status write_file(struct session *session, const struct argument *path,
                                 enum formula_medium medium, const char *title,
                                 const struct text *body, struct nb_error *error)
{
    struct text file = TEXT_INIT;
    formula_begin_file(&file, medium, title);
    text_add_part(&file, body->bytes, body->length);
    formula_end_file(&file, medium);
    enum nb_status status = text_status(&file, error);
    if (status == NB_OK)
        status = file_write(path->text, file.bytes, file.length, error);
    if (status == NB_OK)
        sink_printf(session->out, "%s to %s\n", title, path->text);
    text_release(&file);
    return status;
}

enum nb_status explain_command(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    struct text body = TEXT_INIT, title = TEXT_INIT;
    const struct argument *to = call_argument(call, "to");
    struct sink file = sink_to_text(&body, session->out->unicode, FILE_COLUMNS);
    bool update = call_has(call, "update");
    struct asking asking = { .session = session,
                             .call = call,
                             .style = place_style(session),
                             .sink = to ? &file : session->out };
    asking.style.medium = (enum formula_medium)call_choice(
        call, "as", to ? formula_medium_of_file(to->text) : FORMULA_TEXT);
    enum nb_status status = parse_target(session, call, &asking.target, error);
    if (status == NB_OK)
        status = (update ? explain_update : explain_target)(&asking, error);
    text_printf(&title, "explain %s%s", update ? "update " : "", call_text(call, "quantity"));
    if (status == NB_OK && to)
        status = write_file(session, to, asking.style.medium, title.bytes, &body, error);
    text_release(&body);
    text_release(&title);
    return status;
}
