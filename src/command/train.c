/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `train` and `evaluate`, and the rows of the group. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/command.h"
#include "command/data.h"
#include "command/history.h"
#include "command/progress.h"
#include "command/rows.h"
#include "command/session.h"
#include "formula/formula.h"

#define UNTIL_EPOCHS   100000.0 /* the limit where until= stands without epochs= */
#define DEFAULT_EPOCHS 10.0

/* One run of `train`. */
struct run {
    struct session *session;
    const struct call *call;
    struct nb_train train;
    struct nb_source source;
    struct progress progress;
    struct lang_tree *until;       /* NULL: no condition */
    bool reached;                  /* the condition became true */
    const struct nb_progress *now; /* while the condition is being read */
    struct nb_error error;         /* of the condition */
};

static const struct nb_choice *shuffle_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "on", "a new order each epoch" },
        { "off", "the rows in their own order" },
    };
    *count = 2;
    return rows;
}

/* ---- until= ---- */

/* What a condition reads besides the session's names. */
static bool epoch_value(const struct nb_progress *now, const char *name, double *value)
{
    const struct {
        const char *name;
        double value;
    } rows[] = { { "loss", now->loss },
                 { "accuracy", now->accuracy },
                 { "epoch", (double)now->epoch } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *value = rows[i].value;
            return true;
        }
    return false;
}

static enum nb_status until_read(void *context, const char *name, bool old, struct value *value,
                                 struct nb_error *error)
{
    struct run *run = context;
    double number;
    if (!old && epoch_value(run->now, name, &number))
        return value_scalar(value, number, error);
    struct lang_names names = session_names(run->session);
    return names.read(names.context, name, old, value, error);
}

/* Is the condition true after this epoch?  A failure ends the run. */
static bool until_true(struct run *run, const struct nb_progress *now)
{
    struct lang_names names = session_names(run->session);
    struct value value = { 0 };
    names.context = run;
    names.read = until_read;
    names.read_element = NULL;
    run->now = now;
    if (lang_evaluate(run->until, &names, &value, &run->error))
        return true;
    run->reached = value.rows * value.cols == 1 && value.data[0] != 0;
    if (value.rows * value.cols != 1)
        error_set(&run->error, NB_FAILED,
                  "until= wants a condition that is one number, as in "
                  "until=\"loss < 0.005\"");
    value_release(&value);
    return run->reached || run->error.status;
}

static enum nb_status until_parse(struct run *run, struct nb_error *error)
{
    const struct nb_progress none = { .loss = NAN, .accuracy = NAN };
    const char *condition = call_text(run->call, "until");
    if (!condition)
        return NB_OK;
    struct lang_names names = session_names(run->session);
    enum nb_status status = lang_parse(condition, 0, strlen(condition), &names, &run->until, error);
    if (!status && until_true(run, &none) && run->error.status) {
        *error = run->error; /* better now than after the first epoch */
        status = error->status;
    }
    run->reached = false;
    if (status && error->at != NB_NOWHERE) /* behind the opening quote */
        error->at += call_argument(run->call, "until")->span.at + 1;
    return status;
}

/* ---- Callbacks ---- */

static bool on_batch(void *context, const struct nb_progress *now)
{
    struct run *run = context;
    progress_batch(&run->progress, now);
    return true;
}

static bool on_epoch(void *context, const struct nb_progress *now)
{
    struct run *run = context;
    progress_epoch(&run->progress, now);
    return !run->progress.status && !(run->until && until_true(run, now));
}

/* ---- Setting up ---- */

static enum nb_status parse_batch(const struct run *run, size_t *batch, struct nb_error *error)
{
    const struct argument *given = call_argument(run->call, "batch");
    uint64_t value;
    *batch = run->session->settings.batch;
    if (!given)
        return NB_OK;
    if (strcmp(given->text, "full") == 0)
        *batch = 0;
    else if (number_parse_whole(given->text, strlen(given->text), 1000000000, &value) && value)
        *batch = (size_t)value;
    else
        return error_at(error, NB_USAGE, given->span.at,
                        "batch= wants a number of rows from 1, or full, not %s", given->text);
    return NB_OK;
}

static enum nb_status run_prepare(struct run *run, struct nb_error *error)
{
    const struct call *call = run->call;
    struct session *session = run->session;
    double epochs =
        call_number(call, "epochs", call_has(call, "until") ? UNTIL_EPOCHS : DEFAULT_EPOCHS);
    run->train = (struct nb_train){
        .epochs = (uint64_t)epochs,
        .seed = (uint64_t)call_number(call, "seed", (double)session->settings.seed),
        .first_epoch = session->epochs,
        .shuffle = call_choice(call, "shuffle", 0) == 0,
        .interrupt = session->interrupt,
        .context = run,
    };
    run->progress = (struct progress){
        .out = session->out,
        .err = session->err,
        .table = !call_has(call, "quiet"),
        .bar = session->terminal && !call_has(call, "quiet"),
        .epochs = run->train.epochs,
        .every = (uint64_t)call_number(call, "every", (double)progress_every(run->train.epochs)),
        .log = call_text(call, "log"),
    };
    if (run->progress.bar)
        run->train.on_batch = on_batch;
    if (run->progress.table || run->progress.log || run->until)
        run->train.on_epoch = on_epoch;
    if (session->data) {
        dataset_source(session->data, DATASET_TRAIN, &run->source);
        run->train.source = &run->source;
    }
    return parse_batch(run, &run->train.batch, error);
}

static enum nb_status check_widths(const struct session *session, struct nb_error *error)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    const struct rows rows = { .inputs = info.features, .outputs = info.outputs };
    return rows_check(&rows, session->net, error);
}

/* Without a data set the rows are those of x and y. */
static enum nb_status check_rows(const struct session *session, struct nb_error *error)
{
    struct nb_quantity x, y;
    if (session->data)
        return check_widths(session, error);
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_X, 0), &x);
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_Y, 0), &y);
    if (x.state == NB_UNSET || y.state == NB_UNSET)
        return error_set(error, NB_FAILED,
                         "nothing to train on: load a data set (data xor, data cifar10 FOLDER) or "
                         "give x and y");
    if (x.rows != y.rows)
        return error_set(error, NB_FAILED, "x has %zu row%s and y has %zu: give both as many",
                         x.rows, x.rows == 1 ? "" : "s", y.rows);
    return NB_OK;
}

/* ---- Telling ---- */

static void add_rows(const struct run *run, struct text *text)
{
    struct nb_quantity x;
    struct dataset_info info;
    if (run->session->data) {
        dataset_describe(run->session->data, &info);
        add_grouped(text, info.rows[DATASET_TRAIN]);
        text_printf(text, " rows of %s", info.name);
        return;
    }
    nb_quantity_get(run->session->net, nb_quantity_id(run->session->net, NB_X, 0), &x);
    text_add(text, "the ");
    add_grouped(text, x.rows);
    text_printf(text, " row%s of x and y", x.rows == 1 ? "" : "s");
}

static void add_options(const struct run *run, struct text *text, const char *dot)
{
    const struct nb_train *train = &run->train;
    size_t count;
    text_printf(text, "%s %s lr ", nb_optimizers(&count)[NB_SGD].name, dot);
    number_add(text, nb_net_lr(run->session->net), 6);
    text_printf(text, " %s batch ", dot);
    if (!train->source || !train->batch)
        text_add(text, "full");
    else
        text_printf(text, "%zu", train->batch);
    text_printf(text, " %s ", dot);
    if (run->until)
        text_printf(text, "until %s, at most ", call_text(run->call, "until"));
    add_grouped(text, (size_t)train->epochs);
    text_printf(text, " epoch%s", train->epochs == 1 ? "" : "s");
    if (train->source && train->shuffle)
        text_printf(text, " %s shuffled by seed %llu", dot, (unsigned long long)train->seed);
    else if (train->source)
        text_printf(text, " %s not shuffled", dot);
}

static void announce(const struct run *run)
{
    const struct sink *out = run->session->out;
    const char *dot = out->unicode ? "·" : "-";
    struct text text = TEXT_INIT;
    size_t count;
    if (call_has(run->call, "quiet"))
        return;
    text_add(&text, "Training on ");
    add_rows(run, &text);
    text_printf(&text, " %s ", dot);
    formula_net_title(run->session->net, &text);
    text_printf(&text, ", %s precision\n",
                nb_precisions(&count)[nb_net_spec(run->session->net)->precision].name);
    add_options(run, &text, dot);
    text_add(&text, "\n");
    sink_text(run->session->out, &text);
    text_release(&text);
}

/* One line where there was no table; how it ended where that is not plain. */
static void conclude(const struct run *run, const struct nb_progress *last)
{
    struct sink *out = run->session->out;
    struct text text = TEXT_INIT;
    if (call_has(run->call, "quiet") && last->samples) {
        text_add(&text, "trained ");
        add_grouped(&text, (size_t)last->epoch);
        text_printf(&text, " epoch%s: loss ", last->epoch == 1 ? "" : "s");
        number_add(&text, last->loss, 6);
        if (!isnan(last->accuracy))
            text_printf(&text, " accuracy %.4f", last->accuracy);
        text_add(&text, "\n");
    }
    if (run->reached)
        text_printf(&text, "stopped after %llu epochs: %s\n", (unsigned long long)last->epoch,
                    call_text(run->call, "until"));
    else if (run->until && last->epoch == run->train.epochs)
        text_printf(&text, "the limit of %llu epochs came before %s\n",
                    (unsigned long long)last->epoch, call_text(run->call, "until"));
    sink_text(out, &text);
    text_release(&text);
}

/* ---- Running ---- */

/* The user's own rows come back after a data set's batches. */
static enum nb_status restore_rows(struct session *session, struct nb_error *error)
{
    const struct {
        enum nb_quantity_kind kind;
        const struct value *value;
    } given[] = { { NB_X, &session->x }, { NB_Y, &session->y } };
    enum nb_status status = NB_OK;
    session->place.batched = false;
    for (size_t i = 0; i < 2 && !status && session->pinned; i++)
        if (given[i].value->data)
            status =
                nb_assign(session->net, nb_quantity_id(session->net, given[i].kind, 0),
                          given[i].value->rows, given[i].value->cols, given[i].value->data, error);
    return status;
}

/* At the prompt an interrupt is no failure: the weights are there, go on. */
static enum nb_status interrupted(struct session *session, const struct nb_progress *last,
                                  struct nb_error *error)
{
    enum nb_status status =
        error_set(error, NB_INTERRUPTED,
                  "interrupted in epoch %llu after batch %llu of %llu; the weights "
                  "are kept",
                  (unsigned long long)last->epoch, (unsigned long long)last->batch,
                  (unsigned long long)last->batches);
    if (!session->prompting)
        return status;
    sink_printf(session->out, "%s\n", error->text);
    error_clear(error);
    return NB_OK;
}

static enum nb_status run_train(struct run *run, struct nb_error *error)
{
    struct session *session = run->session;
    struct nb_progress last;
    struct nb_error ignored;
    enum nb_status status = history_replace_old(session, NULL, error);
    if (!status)
        status = history_save_net(session, "the training", error);
    if (!status)
        status = progress_init(&run->progress, error);
    if (status)
        return status;
    nb_net_set_lr(session->net, call_number(run->call, "lr", session->settings.lr));
    announce(run);
    status = nb_train(session->net, &run->train, &last, error);
    enum nb_status logged = progress_end(&run->progress, &last, status ? &ignored : error);
    enum nb_status restored = restore_rows(session, status || logged ? &ignored : error);
    session->epochs += last.batch == last.batches ? last.epoch : last.epoch ? last.epoch - 1 : 0;
    nb_net_set_lr(session->net, session->settings.lr);
    if (status == NB_INTERRUPTED)
        return interrupted(session, &last, error);
    if (status || logged || restored)
        return status ? status : logged ? logged : restored;
    if (run->error.status) {
        *error = run->error;
        return error->status;
    }
    conclude(run, &last);
    return NB_OK;
}

static enum nb_status train_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct run run = { .session = session, .call = call };
    enum nb_status status = check_rows(session, error);
    if (!status)
        status = until_parse(&run, error);
    if (!status)
        status = run_prepare(&run, error);
    if (!status)
        status = run_train(&run, error);
    progress_release(&run.progress);
    lang_tree_free(&run.until);
    return status;
}

/* ---- evaluate ---- */

static enum nb_status evaluate_command(struct session *session, const struct call *call,
                                       struct nb_error *error)
{
    struct nb_source source;
    struct dataset_info info;
    struct text text = TEXT_INIT;
    double loss, accuracy;
    if (call_has(call, "part") && !session->data)
        return error_set(error, NB_FAILED,
                         "no data set is loaded; without one, evaluate alone judges x and y");
    enum nb_status status = check_rows(session, error);
    if (status)
        return status;
    if (session->data) {
        dataset_describe(session->data, &info);
        enum dataset_part part = (enum dataset_part)call_choice(
            call, "part", info.rows[DATASET_TEST] ? DATASET_TEST : DATASET_TRAIN);
        if (!info.rows[part])
            return error_set(error, NB_FAILED, "%s has no %s part", info.name,
                             dataset_part_names[part]);
        dataset_source(session->data, part, &source);
        text_printf(&text, "%s, %s part, ", info.name, dataset_part_names[part]);
        add_grouped(&text, source.rows);
        text_add(&text, " rows\n");
    }
    status = nb_evaluate(session->net, session->data ? &source : NULL, &loss, &accuracy, error);
    text_add(&text, "loss ");
    number_add(&text, loss, session->settings.digits);
    text_add(&text, " accuracy ");
    number_add(&text, accuracy, session->settings.digits);
    text_add(&text, "\n");
    if (!status)
        sink_text(session->out, &text);
    text_release(&text);
    return status;
}

/* ---- The rows ---- */

const struct command train_commands[] = {
    { .name = "train",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET | CHANGES_STATE,
      .usage = "train [epochs=10] [batch=64|full] [lr=] [seed=] [shuffle=on|off] "
               "[until=\"loss < 0.005\"] [log=FILE.csv] [every=N] [quiet]",
      .summary = "train on the data set, or on the rows of x and y",
      .help = "Begins where the weights stand, with the plan that step uses. With no data set "
              "loaded it uses the rows of x and y as one batch. Options hold for this run. A "
              "table shows mean loss and accuracy of each epoch; Ctrl-C ends the run after the "
              "current batch and keeps the weights. until= reads the epoch's loss, accuracy and "
              "number, and without epochs= lifts the limit to 100,000 epochs. log= writes a line "
              "an epoch as CSV.",
      .example = "train epochs=3",
      .run = train_command,
      .arguments = {
          { .name = "epochs", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1e12,
            .fallback = "10", .help = "how often every row is used" },
          { .name = "batch", .kind = ARG_WORD, .keyed = true, .fallback = "the setting batch, 64",
            .help = "rows an update, or full" },
          { .name = "lr", .kind = ARG_NUMBER, .keyed = true, .least = 0, .most = 1e30,
            .fallback = "the setting lr, 0.1", .help = "learning rate of this run" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .least = 0, .most = 9007199254740992,
            .fallback = "the setting seed, 1", .help = "seed of the shuffles" },
          { .name = "shuffle", .kind = ARG_CHOICE, .keyed = true, .fallback = "on",
            .choices = shuffle_choices, .help = "whether each epoch has an order of its own" },
          { .name = "until", .kind = ARG_EXPRESSION, .keyed = true,
            .help = "a condition that ends the run after an epoch" },
          { .name = "log", .kind = ARG_FILE, .keyed = true, .help = "CSV file, a line an epoch" },
          { .name = "every", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1e12,
            .fallback = "so that the table has at most some 25 lines",
            .help = "epochs between lines of the table" },
          { .name = "quiet", .kind = ARG_FLAG, .help = "one line instead of the table" },
      } },
    { .name = "evaluate",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "evaluate [train|validation|test]",
      .summary = "mean loss and accuracy over a part of the data set",
      .help = "Without a part: the test part where there is one, else the training part; with no "
              "data set loaded the rows of x and y. Changes nothing. Accuracy goes by the "
              "largest output, or by 0.5 where there is one output; it is NaN where targets are "
              "no classes.",
      .example = "evaluate",
      .run = evaluate_command,
      .arguments = { { .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices,
                       .help = "the rows to judge by" } } },
    { .name = NULL },
};
