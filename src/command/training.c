/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `train` and `evaluate`: from words to a run, and the rows of the group. */
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/command.h"
#include "command/data.h"
#include "command/history.h"
#include "command/keep.h"
#include "command/rows.h"
#include "command/runs.h"
#include "command/session.h"
#include "command/train.h"
#include "command/until.h"
#include "command/walk.h"

static const struct nb_choice *shuffle_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "on", "a new order each epoch" },
        { "off", "the rows in their own order" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static const struct nb_choice *per_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "epoch", "the schedule counts epochs" },
        { "step", "the schedule counts updates" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static const struct nb_choice *validate_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        [VALIDATE_VALIDATION] = { "validation", "judges by the rows that split held back" },
        [VALIDATE_TEST] = { "test", "judges by the test set, and says so" },
        [VALIDATE_OFF] = { "off", "judges by no rows" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static const struct nb_choice *augment_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "off", "the images as they are" },
        { "flip", "each image mirrored, or not, anew in each epoch" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

/* ---- Rows ---- */

static enum nb_status check_widths(const struct session *session, struct nb_error *error)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    const struct rows rows = { .inputs = info.features, .outputs = info.outputs };
    return rows_check(&rows, session->net, error);
}

/* Without a data set the rows are those of x and y. */
enum nb_status train_check_rows(const struct session *session, struct nb_error *error)
{
    struct nb_quantity x, y;
    if (session->data)
        return check_widths(session, error);
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_X, 0), &x);
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_Y, 0), &y);
    if (x.state == NB_UNSET || y.state == NB_UNSET)
        return error_set(error, NB_FAILED,
                         "there are no rows: load a data set (data xor, data cifar10 FOLDER) or "
                         "give x and y");
    if (x.rows != y.rows)
        return error_set(error, NB_FAILED, "x has %zu row%s and y has %zu: give both as many",
                         x.rows, x.rows == 1 ? "" : "s", y.rows);
    return NB_OK;
}

enum nb_status train_check_batch(const struct session *session, const struct train_options *options,
                                 struct nb_error *error)
{
    struct dataset_info info;
    if (!walk_normalizes(session->net))
        return NB_OK;
    if (!session->data)
        return walk_check_rows(session->net, error);
    dataset_describe(session->data, &info);
    if (options->batch != 1 && info.rows[DATASET_TRAIN] > 1)
        return NB_OK;
    return error_set(error, NB_FAILED,
                     "batch norm: one row has no variance; take batches of at least two");
}

/* ---- train ---- */

/* An error in the condition has its place in the command. */
static enum nb_status check_until(struct session *session, const struct call *call,
                                  struct nb_error *error)
{
    struct until until;
    const struct argument *given = call_argument(call, "until");
    if (!given)
        return NB_OK;
    enum nb_status status = until_init(&until, session, given->text, error);
    until_release(&until);
    if (status && error->at != NB_NOWHERE) /* behind the opening quote */
        error->at += given->span.at + (call->source[given->span.at] == '"');
    return status;
}

/* The network of that run, with the weights that it began with, takes the place
 * of the present one. */
static enum nb_status begin_like(struct session *session, struct run_record *record,
                                 struct nb_error *error)
{
    if (!record->start)
        return error_set(error, NB_FAILED,
                         "the weights of run %zu were let go: its options can be typed again, "
                         "its network is %s",
                         record->number, record->network);
    return train_take_weights(session, record->start, error);
}

static enum nb_status save_for_undo(struct session *session, struct run_record *like,
                                    struct nb_error *error)
{
    enum nb_status status = history_replace_old(session, NULL, error);
    if (!status && like)
        status = begin_like(session, like, error);
    return status ? status : history_save_net(session, "the training", error);
}

/* It has the options that it began with. */
static enum nb_status resume(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    for (size_t i = 0; i < call->count; i++)
        if (call->arguments[i].row->kind != ARG_FLAG ||
            strcmp(call->arguments[i].row->name, "resume") != 0)
            return error_at(error, NB_USAGE, call->arguments[i].span.at,
                            "train resume goes on with the options the run began with: leave the "
                            "others out");
    return keep_resume(session, error);
}

static enum nb_status train_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct train_options options;
    struct run_record *like = NULL;
    if (call_has(call, "resume"))
        return resume(session, call, error);
    const struct argument *name = call_argument(call, "like");
    enum nb_status status = name ? runs_find(session, name->text, &like, error) : NB_OK;
    if (status) {
        error->at = name->span.at;
        return status;
    }
    if (!like)
        status = train_check_rows(session, error);
    if (!status && call_has(call, "checkpoint"))
        status = keep_check_name(call_argument(call, "checkpoint"), error);
    if (!status)
        status = check_until(session, call, error);
    if (!status)
        status =
            train_options_read(session, call, like ? &like->state.options : NULL, &options, error);
    if (!status)
        status = save_for_undo(session, like, error);
    if (!status && like)
        status = train_check_rows(session, error);
    if (!status)
        status = train_check_batch(session, &options, error);
    return status ? status : train_run(session, &options, NULL, NULL, NULL, error);
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
    enum nb_status status = train_check_rows(session, error);
    if (status)
        return status;
    if (session->data) {
        dataset_describe(session->data, &info);
        enum dataset_part part = (enum dataset_part)call_choice(
            call, "part", info.rows[DATASET_TEST] ? DATASET_TEST : DATASET_TRAIN);
        if (!info.rows[part])
            return data_no_part(&info, part, NB_NOWHERE, error);
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
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "train [epochs=10|steps=N] [batch=64|full] [optimizer=] [lr=] [OPTION=...] [quiet], "
               "or train resume",
      .summary = "train on the data set, or on the rows of x and y",
      .help = "Begins where the weights stand, with the plan that step uses. With no data set "
              "loaded it uses the rows of x and y as one batch. Options hold for this run; what is "
              "not given is as the settings have it. A table shows mean loss and accuracy of each "
              "epoch, and those of the validation part where split made one; Ctrl-C ends the run "
              "after the current batch and keeps the weights.\n\n"
              "until= reads the epoch's loss, accuracy and number, and without epochs= lifts the "
              "limit to 100,000 epochs. patience= ends the run when the validation loss was not "
              "better for so many epochs, and brings the best weights back. like= begins again as "
              "an earlier run did, with its network, starting weights, seed and options, changed "
              "as given. log= writes a line an epoch as CSV. A loss that is not finite ends the "
              "run, and the last good weights come back. runs lists what was trained.\n\n"
              "train resume, alone, goes on with the last run where it was interrupted, to the same "
              "bits as if it had not been. checkpoint= writes what that takes to a file, beside and "
              "renamed, so that a run that was killed goes on in a new session: load the data set, "
              "load FILE, train resume.",
      .example = "train epochs=3 optimizer=adam lr=0.01 schedule=exp(1e-4)",
      .run = train_command,
      .arguments = {
          { .name = "epochs", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1e12,
            .fallback = "10", .help = "how often every row is used" },
          { .name = "steps", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1e12,
            .help = "updates to make, in place of epochs" },
          { .name = "batch", .kind = ARG_WORD, .keyed = true, .setting = "batch",
            .help = "rows an update, or full" },
          { .name = "optimizer", .kind = ARG_CHOICE, .keyed = true, .choices = nb_optimizers,
            .setting = "optimizer", .help = "how weights follow gradients" },
          { .name = "lr", .kind = ARG_NUMBER, .keyed = true, .setting = "lr",
            .help = "learning rate of this run" },
          { .name = "momentum", .kind = ARG_NUMBER, .keyed = true, .setting = "momentum",
            .help = "μ of momentum and nesterov" },
          { .name = "rho", .kind = ARG_NUMBER, .keyed = true, .setting = "rho",
            .help = "ρ of rmsprop" },
          { .name = "beta1", .kind = ARG_NUMBER, .keyed = true, .setting = "adam-beta1",
            .help = "β1 of adam and adamw" },
          { .name = "beta2", .kind = ARG_NUMBER, .keyed = true, .setting = "adam-beta2",
            .help = "β2 of adam and adamw" },
          { .name = "epsilon", .kind = ARG_NUMBER, .keyed = true, .setting = "epsilon",
            .help = "ε of rmsprop, adam and adamw" },
          { .name = "l2", .kind = ARG_NUMBER, .keyed = true, .setting = "l2",
            .help = "penalty on the squares of the weights" },
          { .name = "l1", .kind = ARG_NUMBER, .keyed = true, .setting = "l1",
            .help = "penalty on the sizes of the weights" },
          { .name = "schedule", .kind = ARG_EXPRESSION, .keyed = true,
            .setting = "schedule",
            .help = "how lr falls: exp(k), step(c,every), inverse(k), cosine, none" },
          { .name = "per", .kind = ARG_CHOICE, .keyed = true, .choices = per_choices,
            .fallback = "epoch", .help = "what the schedule counts" },
          { .name = "shuffle", .kind = ARG_CHOICE, .keyed = true, .fallback = "on",
            .choices = shuffle_choices, .help = "whether each epoch has an order of its own" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .setting = "seed",
            .help = "seed of the shuffles" },
          { .name = "clip", .kind = ARG_NUMBER, .keyed = true, .least = 0, .most = 1e30,
            .fallback = "0", .help = "most norm of all gradients together; 0: no limit" },
          { .name = "until", .kind = ARG_EXPRESSION, .keyed = true,
            .help = "a condition that ends the run after an epoch" },
          { .name = "validate", .kind = ARG_CHOICE, .keyed = true, .choices = validate_choices,
            .fallback = "validation, where there is such a part",
            .help = "the rows that judge each epoch" },
          { .name = "patience", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1e9,
            .fallback = "no early stopping",
            .help = "epochs without a better validation loss that end the run" },
          { .name = "like", .kind = ARG_WORD, .keyed = true,
            .help = "an earlier run to begin again: its name or number" },
          { .name = "checkpoint", .kind = ARG_OUTPUT, .keyed = true,
            .help = "file to go on from: .safetensors, written every few seconds and each epoch" },
          { .name = "log", .kind = ARG_OUTPUT, .keyed = true, .help = "CSV file, a line an epoch" },
          { .name = "name", .kind = ARG_WORD, .keyed = true, .fallback = "Exp. and its number",
            .help = "what runs calls it" },
          { .name = "augment", .kind = ARG_CHOICE, .keyed = true, .choices = augment_choices,
            .fallback = "off", .help = "changes to the images of the training part" },
          { .name = "every", .kind = ARG_WORD, .keyed = true,
            .fallback = "so that the table has at most some 25 lines",
            .help = "epochs between lines of the table, or updates: 40steps" },
          { .name = "quiet", .kind = ARG_FLAG, .help = "one line instead of the table" },
          { .name = "resume", .kind = ARG_FLAG,
            .help = "go on with the run that was interrupted, or whose checkpoint was loaded" },
      } },
    { .name = "evaluate",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "evaluate [train|validation|test]",
      .summary = "mean loss and accuracy over a part of the data set",
      .help = "Without a part: the test part where there is one, else the training part; with no "
              "data set loaded the rows of x and y. Changes nothing. Accuracy goes by the "
              "largest output, or by 0.5 where there is one output; it is NaN where targets are "
              "no classes. A row whose output is NaN is wrong.\n\nIn an expression, say behind expect, the accuracy of the rows "
              "that forward has run on is mean(argmax(yhat, 2) == argmax(y, 2)), with one output "
              "mean((yhat >= 0.5) == y). forward drops units where there is dropout, and norms by "
              "its own rows; evaluate does neither.",
      .example = "evaluate",
      .run = evaluate_command,
      .arguments = { { .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices,
                       .help = "the rows to judge by" } } },
    { .name = NULL },
};
