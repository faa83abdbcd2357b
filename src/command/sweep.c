/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sweep`: a run for every combination, on networks of its own. */
#include "command/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/command.h"
#include "command/runs.h"
#include "command/session.h"
#include "command/train.h"
#include "command/wrap.h"

struct sweep {
    struct session *session;
    const struct call *call;
    struct sweep_axes axes;
    struct train_options *options; /* (axes.runs) */
    struct run_record **records;   /* (axes.runs) */
    size_t done;
    size_t name_width;
};

/* ---- Reading ---- */

/* The options of one run, through train's own rows. */
static enum nb_status read_options(struct sweep *sweep, size_t index, struct nb_error *error)
{
    struct text source = TEXT_INIT, name = TEXT_INIT;
    struct train_options *options = &sweep->options[index];
    struct call *call = memory_new(1, sizeof *call);
    text_add(&source, "train ");
    sweep_add(&sweep->axes, index, SWEEP_OPTIONS, &source);
    sweep_add(&sweep->axes, index, SWEEP_NAME, &name);
    struct lang_span all = { 0, source.length };
    enum nb_status status = call ? text_status(&source, error) : error_memory(error);
    if (!status)
        status =
            call_parse(sweep->session, command_find("train", 5), source.bytes, all, call, error);
    if (!status)
        status = train_options_read(sweep->session, call, NULL, options, error);
    if (status && error->at != NB_NOWHERE)
        error->at = sweep->call->rest.at;
    options->quiet = true;
    options->first_epoch = 0;
    snprintf(options->name, sizeof options->name, "%s", name.bytes);
    size_t width = utf8_width(options->name, strlen(options->name));
    if (width > sweep->name_width)
        sweep->name_width = width;
    if (call)
        call_release(call);
    free(call);
    text_release(&source);
    text_release(&name);
    return status;
}

static const struct sweep_axis *find_axis(const struct sweep *sweep, bool hidden)
{
    for (size_t i = 0; i < sweep->axes.count; i++) {
        const struct sweep_axis *axis = &sweep->axes.axes[i];
        if (hidden ? axis->hidden : axis->seeds)
            return axis;
    }
    return NULL;
}

/* The present network drawn anew, with the hidden sizes of the run. */
static enum nb_status make_net(const struct sweep *sweep, size_t index, struct nb_net **net,
                               struct nb_error *error)
{
    struct nb_spec spec = *nb_net_spec(sweep->session->net);
    const struct sweep_axis *hidden = find_axis(sweep, true);
    struct nb_layer *layer = NULL;
    enum nb_status status = NB_OK;
    if (hidden) {
        const char *sizes = sweep_item(&sweep->axes, hidden, index) + strlen("hidden=");
        status = sweep_hidden(&spec, sizes, &layer, &spec.layers, error);
        if (status == NB_USAGE)
            error->at = hidden->at;
        spec.layer = layer;
    }
    if (find_axis(sweep, false))
        spec.seed = sweep->options[index].seed;
    if (!status)
        status = nb_net_new(&spec, net, error);
    free(layer);
    return status;
}

/* Everything is looked at before the first run begins. */
static enum nb_status prepare(struct sweep *sweep, struct nb_error *error)
{
    const struct sweep_axis *hidden = find_axis(sweep, true);
    size_t layers;
    struct nb_layer *layer;
    sweep->options = memory_new(sweep->axes.runs, sizeof *sweep->options);
    sweep->records = memory_new(sweep->axes.runs, sizeof *sweep->records);
    enum nb_status status = sweep->options && sweep->records ? NB_OK : error_memory(error);
    for (size_t i = 0; hidden && i < hidden->count && !status; i++) {
        layer = NULL;
        status = sweep_hidden(nb_net_spec(sweep->session->net),
                              hidden->items[i] + strlen("hidden="), &layer, &layers, error);
        if (status == NB_USAGE)
            error->at = hidden->at;
        free(layer);
    }
    for (size_t i = 0; i < sweep->axes.runs && !status; i++) {
        status = read_options(sweep, i, error);
        if (!status)
            status = train_check_batch(sweep->session, &sweep->options[i], error);
    }
    return status;
}

/* ---- Telling ---- */

/* May the runs take different numbers of epochs? */
static bool epochs_differ(const struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->axes.runs; i++) {
        const struct train_options *options = &sweep->options[i];
        if (options->until[0] || options->patience || options->epochs != sweep->options[0].epochs)
            return true;
    }
    return false;
}

static void add_number(struct text *text, size_t *column, size_t width, double value,
                       const char *title, bool share)
{
    struct text cell = TEXT_INIT;
    *column += width;
    if (title)
        text_add(&cell, title);
    else if (share && !isnan(value))
        text_printf(&cell, "%.4f", value);
    else if (!isnan(value))
        number_add(&cell, value, 6);
    size_t wide = utf8_width(cell.bytes, cell.length);
    text_pad(text, *column > wide ? *column - wide : 0);
    text_add(text, cell.bytes);
    text_release(&cell);
}

#define RUN_WIDTH    5 /* columns of the table */
#define EPOCHS_WIDTH 10
#define HELD_WIDTH   22
#define REST_WIDTH   33 /* the loss and the accuracy of training, how it ended */

/* At a terminal too narrow for a run's name beside its numbers it stands above them. */
static bool is_stacked(const struct sweep *sweep)
{
    const struct sink *out = sweep->session->out;
    size_t width = RUN_WIDTH + 2 + sweep->name_width + REST_WIDTH;
    width += epochs_differ(sweep) ? EPOCHS_WIDTH : 0;
    width += sweep->options[0].validate != VALIDATE_OFF ? HELD_WIDTH : 0;
    return out->terminal && width > (size_t)out->width;
}

/* A run's line; NULL: the titles. */
static void print_line(const struct sweep *sweep, const struct run_record *record)
{
    const struct run_state *state = record ? &record->state : NULL;
    enum train_validate validate = sweep->options[0].validate;
    const char *held = validate == VALIDATE_TEST ? "test loss" : "val loss";
    bool stacked = is_stacked(sweep);
    size_t column = RUN_WIDTH + (stacked ? 0 : 2 + sweep->name_width);
    struct text text = TEXT_INIT;
    if (record)
        text_printf(&text, "%*zu", RUN_WIDTH, record->number);
    else
        text_add(&text, "  run");
    text_printf(&text, "  %s%s", record ? state->options.name : "", record && stacked ? "\n" : "");
    if (epochs_differ(sweep))
        add_number(&text, &column, EPOCHS_WIDTH, state ? (double)state->progress.epoch : 0,
                   state ? NULL : "epochs", false);
    add_number(&text, &column, 13, state ? state->progress.loss : 0, state ? NULL : "train loss",
               false);
    add_number(&text, &column, 10, state ? state->progress.accuracy : 0, state ? NULL : "accuracy",
               true);
    if (validate != VALIDATE_OFF) {
        add_number(&text, &column, 12, state ? state->validation_loss : 0, state ? NULL : held,
                   false);
        add_number(&text, &column, 10, state ? state->validation_accuracy : 0,
                   state ? NULL : "accuracy", true);
    }
    column += 2;
    text_pad(&text, column);
    text_add(&text, state ? run_ending_names[state->ending] : "status");
    text_add(&text, "\n");
    sink_styled(sweep->session->out, state ? STYLE_PLAIN : STYLE_FAINT, text.bytes);
    text_release(&text);
}

/* ---- Mean and standard deviation over seeds ---- */

struct spread {
    double sum, squares;
    size_t count;
};

static void spread_note(struct spread *spread, double value)
{
    if (!isfinite(value))
        return;
    double before = spread->count ? spread->sum / (double)spread->count : 0;
    spread->sum += value;
    spread->count++;
    spread->squares += (value - before) * (value - spread->sum / (double)spread->count);
}

static void spread_add(const struct spread *spread, const char *what, struct text *text,
                       bool unicode)
{
    if (!spread->count)
        return;
    text_printf(text, "  %s ", what);
    number_add(text, spread->sum / (double)spread->count, 5);
    text_add(text, unicode ? " ± " : " +- ");
    number_add(text, spread->count > 1 ? sqrt(spread->squares / (double)(spread->count - 1)) : 0,
               2);
}

/* Is there an earlier run that differs in the seed only? */
static bool seen_before(const struct sweep *sweep, size_t index, const char *name)
{
    struct text other = TEXT_INIT;
    bool seen = false;
    for (size_t i = 0; i < index && !seen; i++) {
        text_clear(&other);
        sweep_add(&sweep->axes, i, SWEEP_NAME_WITHOUT_SEED, &other);
        seen = strcmp(other.bytes, name) == 0;
    }
    text_release(&other);
    return seen;
}

static void print_group(const struct sweep *sweep, size_t first, const char *name)
{
    struct spread loss = { 0 }, accuracy = { 0 }, held_loss = { 0 }, held_accuracy = { 0 };
    struct text other = TEXT_INIT, text = TEXT_INIT;
    size_t diverged = 0, all = 0;
    for (size_t i = first; i < sweep->done; i++) {
        const struct run_state *state = &sweep->records[i]->state;
        text_clear(&other);
        sweep_add(&sweep->axes, i, SWEEP_NAME_WITHOUT_SEED, &other);
        if (strcmp(other.bytes, name) != 0)
            continue;
        all++;
        if (state->ending == RUN_DIVERGED) {
            diverged++;
            continue;
        }
        spread_note(&loss, state->progress.loss);
        spread_note(&accuracy, state->progress.accuracy);
        spread_note(&held_loss, state->validation_loss);
        spread_note(&held_accuracy, state->validation_accuracy);
    }
    bool unicode = sweep->session->out->unicode;
    text_printf(&text, "%s%s%zu seeds:", name, name[0] ? ", " : "", all);
    spread_add(&loss, "loss", &text, unicode);
    spread_add(&accuracy, "accuracy", &text, unicode);
    spread_add(&held_loss, sweep->options[0].validate == VALIDATE_TEST ? "test loss" : "val loss",
               &text, unicode);
    spread_add(&held_accuracy, "accuracy", &text, unicode);
    if (diverged)
        text_printf(&text, "  (%zu diverged)", diverged);
    wrap_note(sweep->session->out, "%s\n", text.bytes);
    text_release(&other);
    text_release(&text);
}

static void print_seeds(const struct sweep *sweep)
{
    struct text name = TEXT_INIT;
    if (find_axis(sweep, false))
        for (size_t i = 0; i < sweep->done; i++) {
            text_clear(&name);
            sweep_add(&sweep->axes, i, SWEEP_NAME_WITHOUT_SEED, &name);
            if (!seen_before(sweep, i, name.bytes))
                print_group(sweep, i, name.bytes);
        }
    text_release(&name);
}

/* ---- Running ---- */

static void discard(void *context, const char *bytes, size_t length)
{
    (void)context, (void)bytes, (void)length;
}

/* The session lends its place to the run's network, and has it back as it was. */
static enum nb_status run_one(struct sweep *sweep, size_t index, struct nb_error *error)
{
    struct session *session = sweep->session;
    struct nb_net *net = NULL, *own = session->net, *old = session->old;
    const struct step_place place = session->place;
    const uint64_t epochs = session->epochs;
    struct sink *out = session->out;
    struct sink silent = *out;
    struct stops *stops = session->stops;
    size_t before = runs_count(session);
    enum nb_status status = make_net(sweep, index, &net, error);
    if (status)
        return status;
    silent.write = discard;
    session->net = net;
    session->old = NULL;
    session->out = &silent;
    snprintf(session->run_label, sizeof session->run_label, "run %zu/%zu ", index + 1,
             sweep->axes.runs);
    session->stops = NULL; /* a break is of one run */
    status = train_put_rows(session, error);
    if (!status)
        status = train_run(session, &sweep->options[index], NULL, NULL, NULL, error);
    nb_net_free(&session->old);
    session->net = own;
    session->old = old;
    session->out = out;
    session->run_label[0] = '\0';
    session->stops = stops;
    session->place = place;
    session->epochs = epochs;
    nb_net_free(&net);
    if (runs_count(session) == before)
        return status;
    sweep->records[sweep->done++] = runs_last(session);
    print_line(sweep, runs_last(session));
    return status;
}

/* At the prompt that is no failure. */
static enum nb_status interrupted(const struct sweep *sweep, struct nb_error *error)
{
    error_set(error, NB_INTERRUPTED, "interrupted in run %zu of %zu; runs lists those made",
              sweep->done, sweep->axes.runs);
    if (!sweep->session->prompting)
        return NB_INTERRUPTED;
    sink_printf(sweep->session->out, "%s\n", error->text);
    error_clear(error);
    return NB_OK;
}

static enum nb_status run_all(struct sweep *sweep, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    sink_printf(sweep->session->out, "%zu run%s\n", sweep->axes.runs,
                sweep->axes.runs == 1 ? "" : "s");
    print_line(sweep, NULL);
    for (size_t i = 0; i < sweep->axes.runs && !status; i++) {
        status = run_one(sweep, i, error);
        enum run_ending ending =
            sweep->done ? sweep->records[sweep->done - 1]->state.ending : RUN_FAILED;
        if (status == NB_FAILED && ending == RUN_DIVERGED)
            status = NB_OK;
        if (ending == RUN_INTERRUPTED)
            return interrupted(sweep, error);
    }
    print_seeds(sweep);
    return status;
}

static enum nb_status sweep_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct sweep *sweep = memory_new(1, sizeof *sweep);
    if (!sweep)
        return error_memory(error);
    sweep->session = session;
    sweep->call = call;
    sweep->name_width = 4;
    enum nb_status status = train_check_rows(session, error);
    if (!status)
        status = sweep_parse(call->source, call->rest, &sweep->axes, error);
    if (!status)
        status = prepare(sweep, error);
    if (!status)
        status = run_all(sweep, error);
    sweep_release(&sweep->axes);
    free(sweep->options);
    free(sweep->records);
    free(sweep);
    return status;
}

const struct command sweep_commands[] = {
    { .name = "sweep",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET | TAKES_LISTS | MOVES_NUMBERS,
      .usage = "sweep lr=1e-6,1e-2,1 hidden=4-4,10-10 (optimizer=adam lr=0.001) seeds=1..5 ...",
      .summary = "train every combination of options, and compare",
      .help = "Takes the options of train, each with one value or with several between commas, "
              "and trains every combination: each on the present network drawn anew from its seed, "
              "so that only the options differ. hidden= replaces the hidden sizes; one number "
              "stands for all of them. Groups in brackets belong together: (optimizer=adam "
              "lr=0.001) (optimizer=sgd lr=0.1) are two. seeds=1..5 makes each run with five "
              "seeds, for weights and shuffles, and gives mean and standard deviation. A run that "
              "diverges is noted as such, and the sweep goes on. Where runs may end at different "
              "epochs, the table has a column for them. runs lists each of them; your own "
              "network stays as it is.",
      .example = "sweep lr=0.1,1 hidden=2,3 epochs=2",
      .run = sweep_command,
      .arguments = { { .name = "options",
                       .kind = ARG_REST,
                       .required = true,
                       .help = "of train, with several values" } } },
    { .name = NULL },
};
