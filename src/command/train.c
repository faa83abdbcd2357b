/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run, from its options to its end. */
#include "command/train.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/advice.h"
#include "command/data.h"
#include "command/folders.h"
#include "command/history.h"
#include "command/progress.h"
#include "command/runfile.h"
#include "command/runs.h"
#include "command/stops.h"
#include "command/until.h"
#include "command/weights.h"
#include "command/wrap.h"

const char *const run_ending_names[] = {
    [RUN_UNFINISHED] = "unfinished",   [RUN_FINISHED] = "finished", [RUN_STOPPED] = "stopped",
    [RUN_INTERRUPTED] = "interrupted", [RUN_DIVERGED] = "diverged", [RUN_FAILED] = "failed",
};

struct run {
    struct session *session;
    struct run_record *record;
    const struct train_options *options; /* the record's */
    struct nb_train train;
    struct nb_source source, held_source;
    struct dataset_augmented augmented; /* of the source, with augment=flip */
    const char *held;                   /* the part that judges; NULL: none */
    struct progress progress;
    struct keeper keeper;
    struct until until;
    struct previous previous;
    struct good good;
    struct weights *best; /* with patience */
    bool reached, waited; /* ended by until=, by patience= */
    bool broken;          /* by a break, */
    struct text said;     /* which says so */
    uint64_t judged;      /* the update after which the judging rows were last asked, */
    struct held_out last_held, best_held; /* and what they came to */
    struct nb_error error;                /* of the callbacks */
};

/* ---- Callbacks ---- */

/* Once after an update, however often it is asked. */
static struct held_out judge(struct run *run, const struct nb_progress *now)
{
    struct held_out *held = &run->last_held;
    if (run->judged == now->step)
        return *held;
    run->judged = now->step;
    *held = (struct held_out){ NAN, NAN };
    if (run->held && !run->error.status)
        nb_evaluate(run->session->net, &run->held_source, &held->loss, &held->accuracy,
                    &run->error);
    run->record->state.validation_loss = held->loss;
    run->record->state.validation_accuracy = held->accuracy;
    return *held;
}

/* The checkpoint: where the run stands now, and its best weights with how they did. */
static void keep(struct run *run, const struct nb_progress *now)
{
    struct run_state *state = &run->record->state;
    state->progress = *now;
    if (run->best) {
        state->validation_loss = run->best_held.loss;
        state->validation_accuracy = run->best_held.accuracy;
    }
    if (!progress_keep(&run->progress, &run->error))
        keeper_write(&run->keeper, run->session, run->record, run->best, &run->error);
}

/* Do dw and gw hold numbers of the batch?  Fused updates leave them out. */
static bool has_gradients(const struct run *run)
{
    return run->train.plain || nb_net_spec(run->session->net)->precision == NB_DOUBLE;
}

static bool on_batch(void *context, const struct nb_progress *now)
{
    struct run *run = context;
    progress_batch(&run->progress, now);
    if (now->batch < now->batches && progress_due(&run->progress, now, false))
        progress_line(&run->progress, now, false, judge(run, now));
    if (now->batch < now->batches && !run->error.status && keeper_due(&run->keeper, false))
        keep(run, now);
    if (!run->error.status && stops_any(run->session))
        run->broken = stops_batch(run->session, has_gradients(run), &run->said, &run->error);
    return !run->error.status && !run->broken;
}

/* Keeps the best weights; true where they are too long ago. */
static bool stop_early(struct run *run, const struct nb_progress *now, struct held_out held)
{
    struct early_state *state = &run->record->state.early;
    switch (early_judge(state, run->options->patience, now->epoch, held.loss)) {
    case EARLY_BETTER:
        run->best_held = held;
        weights_free(&run->best);
        weights_keep(run->session->net, &run->best, &run->error);
        return false;
    case EARLY_WORSE:
        return false;
    case EARLY_STOP:
        break;
    }
    return true;
}

/* Of rows of one's own every epoch is an update; a data set has no `old`. */
static enum nb_status keep_previous(struct run *run, const struct nb_progress *now, bool begins,
                                    struct nb_error *error)
{
    const struct train_options *options = run->options;
    bool last = options->until[0] || now->epoch + 1 == options->epochs ||
                (options->steps && now->step + 1 == options->steps);
    return run->session->data
               ? NB_OK
               : previous_epoch(&run->previous, run->session->net, begins, last, error);
}

/* What old(...) shows from now on; it was forgotten when the run began. */
static enum nb_status end_previous(struct run *run, const struct nb_progress *last,
                                   struct nb_error *error)
{
    enum run_ending ending = run->record->state.ending;
    if (ending != RUN_FINISHED && ending != RUN_STOPPED)
        return NB_OK;
    return previous_net(&run->previous, run->session->net, last->lr, &run->session->old, error);
}

static bool on_epoch(void *context, const struct nb_progress *now)
{
    struct run *run = context;
    struct held_out held = { NAN, NAN };
    bool patient = run->options->patience > 0;
    run->record->state.progress = *now;
    run->record->state.seconds += now->seconds;
    run->augmented.epoch = run->options->first_epoch + now->epoch;
    if (patient || progress_due(&run->progress, now, true))
        held = judge(run, now);
    progress_line(&run->progress, now, true, held);
    if (!run->error.status)
        good_epoch(&run->good, run->session->net, now->epoch, now->loss, &run->error);
    if (!run->error.status)
        keep_previous(run, now, false, &run->error);
    if (run->error.status || run->progress.status)
        return false;
    run->waited = patient && stop_early(run, now, held);
    run->reached = until_true(&run->until, now);
    if (run->until.error.status)
        run->error = run->until.error;
    run->error.at = NB_NOWHERE; /* a place in the condition is none in the command */
    if (!run->error.status && keeper_due(&run->keeper, true))
        keep(run, now);
    return !run->waited && !run->reached && !run->error.status;
}

/* ---- Setting up ---- */

static void prepare_rows(struct run *run, const struct nb_progress *from)
{
    struct session *session = run->session;
    static const enum dataset_part parts[] = {
        [VALIDATE_VALIDATION] = DATASET_VALIDATION, [VALIDATE_TEST] = DATASET_TEST
    };
    if (!session->data)
        return;
    bool within = from && from->batch < from->batches; /* an epoch that has begun */
    run->augmented.seed = run->options->seed;
    run->augmented.epoch = run->options->first_epoch + (from ? from->epoch - within : 0);
    if (run->options->flip)
        dataset_source_augmented(session->data, DATASET_TRAIN, &run->augmented, &run->source);
    else
        dataset_source(session->data, DATASET_TRAIN, &run->source);
    run->train.source = &run->source;
    if (run->options->validate == VALIDATE_OFF)
        return;
    enum dataset_part part = parts[run->options->validate];
    dataset_source(session->data, part, &run->held_source);
    run->held = dataset_part_names[part];
}

static void prepare(struct run *run, const struct run_state *resume)
{
    struct session *session = run->session;
    const struct train_options *options = run->options;
    run->train = (struct nb_train){
        .batch = (size_t)options->batch,
        .epochs = options->epochs,
        .steps = options->steps,
        .seed = options->seed,
        .first_epoch = options->first_epoch,
        .shuffle = options->shuffle,
        .plain = stops_need_gradients(session),
        .schedule = options->schedule,
        .resume = resume ? &resume->progress : NULL,
        .interrupt = session->interrupt,
        .on_epoch = on_epoch,
        .context = run,
    };
    prepare_rows(run, resume ? &resume->progress : NULL);
    run->progress = (struct progress){
        .out = session->out,
        .err = session->err,
        .table = !options->quiet,
        .bar = session->terminal && (!options->quiet || session->run_label[0]),
        .label = session->run_label,
        .epochs = options->epochs,
        .steps = options->steps,
        .may_end = options->until[0] || options->patience,
        .every = options->every,
        .every_steps = options->every_steps,
        .held = run->held,
        .log = options->log[0] ? options->log : NULL,
        .first_step = resume ? resume->progress.step : 0,
        .last_step = resume ? resume->progress.step : 0,
        .ended = resume
                     ? resume->progress.epoch - (resume->progress.batch < resume->progress.batches)
                     : 0,
    };
    run->keeper.path = options->checkpoint;
    if (run->progress.bar || (run->progress.table && options->every_steps) ||
        options->checkpoint[0] || stops_any(session))
        run->train.on_batch = on_batch;
}

/* ---- Telling ---- */

/* One line where there was no table. */
static void add_summary(const struct run *run, const struct nb_progress *last, struct text *text)
{
    if (!run->options->quiet || !last->samples)
        return;
    text_add(text, "trained ");
    add_grouped(text, (size_t)last->epoch);
    text_printf(text, " epoch%s: loss ", last->epoch == 1 ? "" : "s");
    number_add(text, last->loss, 6);
    if (!isnan(last->accuracy))
        text_printf(text, " accuracy %.4f", last->accuracy);
    text_add(text, "\n");
}

static void conclude(const struct run *run, const struct nb_progress *last)
{
    struct text text = TEXT_INIT;
    unsigned long long epochs = (unsigned long long)last->epoch;
    add_summary(run, last, &text);
    if (last->left_out && !run->options->quiet)
        text_add(&text, "each epoch left out a last batch of one row, which has no variance\n");
    if (run->reached)
        text_printf(&text, "stopped after %llu epochs: %s\n", epochs, run->options->until);
    else if (run->waited)
        text_printf(&text,
                    "stopped after %llu epochs: no better validation loss since epoch %llu\n",
                    epochs, (unsigned long long)run->record->state.early.best_epoch);
    else if (run->options->until[0] && last->epoch == run->options->epochs)
        text_printf(&text, "the limit of %llu epochs came before %s\n", epochs,
                    run->options->until);
    sink_text(run->session->out, &text);
    text_release(&text);
}

/* ---- Ending ---- */

/* The user's own rows come back after a data set's batches. */
enum nb_status train_put_rows(struct session *session, struct nb_error *error)
{
    const struct {
        enum nb_quantity_kind kind;
        const struct value *value;
    } given[] = { { NB_X, &session->x }, { NB_Y, &session->y } };
    enum nb_status status = NB_OK;
    struct nb_quantity quantity;
    session->place.batched = false;
    for (size_t i = 0; i < 2 && !status && session->pinned; i++) {
        const struct value *value = given[i].value;
        size_t id = nb_quantity_id(session->net, given[i].kind, 0);
        nb_quantity_get(session->net, id, &quantity);
        if (value->data && value->cols == quantity.cols)
            status = nb_assign(session->net, id, value->rows, value->cols, value->data, error);
    }
    return status;
}

enum nb_status train_take_weights(struct session *session, struct weights *weights,
                                  struct nb_error *error)
{
    struct nb_net *net;
    enum nb_status status = weights_net(weights, &net, error);
    if (!status)
        status = history_replace_net(session, net, error);
    if (!status)
        status = session_apply_settings(session, error);
    return status ? status : train_put_rows(session, error);
}

/* The best weights come back on every way out; the run's own stay with it. */
static enum nb_status restore_best(struct run *run, const struct nb_progress *last,
                                   struct nb_error *error)
{
    struct run_record *record = run->record;
    enum nb_status status = weights_swap(run->session->net, run->best, error);
    weights_free(&record->own);
    record->own = run->best;
    run->best = NULL;
    record->state.validation_loss = run->best_held.loss;
    record->state.validation_accuracy = run->best_held.accuracy;
    if (!status && record->state.early.best_epoch != last->epoch)
        sink_printf(run->session->out, "restored the weights of epoch %llu\n",
                    (unsigned long long)record->state.early.best_epoch);
    return status;
}

/* What is said of a loss that is not finite: what overflowed, what was done, what helps. */
static enum nb_status diverged(struct run *run, const struct nb_progress *last,
                               struct nb_error *error)
{
    struct text text = TEXT_INIT;
    struct nb_error failure;
    uint64_t epoch = run->record->state.early.best_epoch;
    enum nb_status status = NB_OK;
    text_add(&text, error->text);
    text_printf(&text, " in epoch %llu", (unsigned long long)last->epoch);
    if (!run->best) {
        status = good_restore(&run->good, run->session->net, last->loss, &epoch, &failure);
        if (epoch > 0)
            text_printf(&text, "; restored the weights of epoch %llu", (unsigned long long)epoch);
        else
            text_add(&text, "; restored the weights from before the run");
    }
    text_add(&text, ". ");
    advice_add(&text, run->session, run->options, last);
    if (status)
        *error = failure;
    else
        status = error_set(error, NB_FAILED, "%s", text.bytes);
    text_release(&text);
    return status;
}

/* At the prompt an interrupt is no failure: the weights are there, go on. */
static enum nb_status interrupted(struct session *session, const struct nb_progress *last,
                                  struct nb_error *error)
{
    enum nb_status status =
        error_set(error, NB_INTERRUPTED,
                  "interrupted in epoch %llu after batch %llu of %llu; the weights are kept: "
                  "train resume goes on",
                  (unsigned long long)last->epoch, (unsigned long long)last->batch,
                  (unsigned long long)last->batches);
    if (!session->prompting)
        return status;
    wrap_note(session->out, "%s\n", error->text);
    error_clear(error);
    return NB_OK;
}

/* Nor is a break, wherever it was set. */
static enum nb_status stopped_at_break(const struct run *run, const struct nb_progress *last)
{
    struct sink *out = run->session->out;
    sink_text(out, &run->said);
    wrap_note(out, "stopped in epoch %llu after batch %llu of %llu: train resume goes on\n",
              (unsigned long long)last->epoch, (unsigned long long)last->batch,
              (unsigned long long)last->batches);
    return NB_OK;
}

/* Has every epoch been made, or every step? */
static bool is_over(const struct run *run, const struct nb_progress *last)
{
    const struct train_options *options = run->options;
    return (options->steps && last->step >= options->steps) ||
           (last->epoch >= options->epochs && last->batch == last->batches);
}

static enum run_ending ending_of(const struct run *run, const struct nb_progress *last,
                                 enum nb_status status)
{
    if (status == NB_INTERRUPTED || run->keeper.failed) /* it may go on all the same */
        return RUN_INTERRUPTED;
    if (status == NB_FAILED && last->batches)
        return RUN_DIVERGED;
    if (status || run->error.status || run->progress.status)
        return RUN_FAILED;
    if (run->reached || run->waited)
        return RUN_STOPPED;
    return run->broken && !is_over(run, last) ? RUN_INTERRUPTED : RUN_FINISHED;
}

/* What is said of the end, and kept of it. */
static enum nb_status tell_end(struct run *run, const struct nb_progress *last,
                               enum nb_status status, struct nb_error *error)
{
    enum run_ending ending = run->record->state.ending;
    struct held_out held = { NAN, NAN };
    struct nb_error failure;
    if (last->samples && ending != RUN_DIVERGED)
        held = judge(run, last);
    if (run->best && ending == RUN_FINISHED && last->batch < last->batches)
        stop_early(run, last, held); /* the end by steps= may be better than the epochs before */
    if (progress_end(&run->progress, last, held, &failure) && !run->error.status)
        run->error = failure;
    if (ending == RUN_DIVERGED)
        return diverged(run, last, error);
    if (ending == RUN_FINISHED || ending == RUN_STOPPED) {
        conclude(run, last);
        sink_text(run->session->out, &run->said);
    }
    if (run->keeper.path[0] && ending != RUN_FAILED && !run->keeper.failed)
        keep(run, last);
    return status;
}

static void note_failure(enum nb_status status, const struct nb_error *failure,
                         struct nb_error *first)
{
    if (status && !first->status)
        *first = *failure;
}

/* Everything comes back to its place, whatever fails; `first` receives what did first. */
static void put_back(struct run *run, const struct nb_learning *before,
                     const struct nb_progress *last, struct nb_error *first)
{
    struct session *session = run->session;
    struct nb_error failure;
    bool within = last->batch < last->batches; /* an epoch that has not ended */
    if (run->best)
        note_failure(restore_best(run, last, &failure), &failure, first);
    note_failure(runs_end(session, run->record, &failure), &failure, first);
    note_failure(train_put_rows(session, &failure), &failure, first);
    note_failure(end_previous(run, last, &failure), &failure, first);
    note_failure(nb_net_set_learning(session->net, before, &failure), &failure, first);
    session->epochs = run->options->first_epoch + last->epoch - (last->epoch && within);
}

/* The status is that of the training, unless it went well. */
static enum nb_status finish(struct run *run, const struct nb_learning *before,
                             const struct nb_progress *last, enum nb_status status,
                             struct nb_error *error)
{
    struct run_state *state = &run->record->state;
    state->ending = ending_of(run, last, status);
    state->progress = *last;
    status = tell_end(run, last, status, error);
    bool failed = run->error.status != NB_OK;
    put_back(run, before, last, &run->error);
    if (state->ending == RUN_INTERRUPTED && !failed)
        return run->broken && !status ? stopped_at_break(run, last)
                                      : interrupted(run->session, last, error);
    if (run->error.status && (!status || (status == NB_INTERRUPTED && failed))) {
        *error = run->error;
        status = error->status;
    }
    return status;
}

static void note_rows(const struct session *session, struct run_state *state)
{
    struct dataset_info info;
    state->rows_mark = runfile_rows_mark(session);
    if (!session->data)
        return;
    dataset_describe(session->data, &info);
    state->rules = info.rules;
    if (strlen(info.recipe) < sizeof state->recipe)
        strcpy(state->recipe, info.recipe);
}

/* A run that is gone on with has its paths from a file. */
static enum nb_status check_paths(const struct run *run, struct nb_error *error)
{
    const char *const paths[] = { run->options->checkpoint, run->options->log };
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < COUNT_OF(paths) && !status; i++)
        if (paths[i][0])
            status = folder_check_write(run->session, paths[i], error);
    return status;
}

static enum nb_status begin(struct run *run, const struct run_state *resume, struct weights *best,
                            struct nb_error *error)
{
    enum nb_status status = check_paths(run, error);
    if (!status)
        status = until_init(&run->until, run->session, run->options->until, error);
    if (!status)
        status = progress_init(&run->progress, error);
    if (!status)
        status =
            good_begin(&run->good, run->session->net, resume ? resume->progress.epoch : 0, error);
    if (!status)
        status = keep_previous(run, resume ? &resume->progress : &(struct nb_progress){ 0 }, true,
                               error);
    if (resume)
        run->best_held = (struct held_out){ resume->validation_loss, resume->validation_accuracy };
    else
        note_rows(run->session, &run->record->state);
    if (!status && best) { /* a copy: the caller's stays the caller's */
        status = weights_swap(run->session->net, best, error);
        if (!status)
            status = weights_keep(run->session->net, &run->best, error);
        if (!status)
            status = weights_swap(run->session->net, best, error);
    }
    if (!status)
        status = stops_train_begin(run->session, error);
    if (!status && run->keeper.path[0]) /* so that a path that cannot be fails now */
        status = keeper_write(&run->keeper, run->session, run->record, run->best, error);
    return status;
}

enum nb_status train_run(struct session *session, const struct train_options *options,
                         const struct run_state *resume, struct weights *best,
                         struct run_record *record, struct nb_error *error)
{
    const struct nb_learning before = *nb_net_learning(session->net);
    struct run run = { .session = session, .record = record, .said = TEXT_INIT };
    struct nb_progress last = { 0 };
    enum nb_status status = nb_net_set_learning(session->net, &options->learning, error);
    if (!status && !record)
        status = runs_begin(session, options, &run.record, error);
    if (status) {
        nb_net_set_learning(session->net, &before, NULL);
        return status;
    }
    run.options = &run.record->state.options;
    run.record->usual = session_learning(session);
    prepare(&run, resume);
    status = begin(&run, resume, best, error);
    if (!status) {
        train_announce(session, run.options, resume != NULL);
        status = nb_train(session->net, &run.train, &last, error);
        status = finish(&run, &before, &last, status, error);
    } else {
        run.record->state.ending = resume ? resume->ending : RUN_FAILED; /* it may go on yet */
        nb_net_set_learning(session->net, &before, NULL);
    }
    progress_release(&run.progress);
    until_release(&run.until);
    good_release(&run.good);
    previous_release(&run.previous);
    weights_free(&run.best);
    text_release(&run.said);
    return status;
}
