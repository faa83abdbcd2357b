/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/keep.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "command/data.h"
#include "command/define.h"
#include "command/export.h"
#include "command/history.h"
#include "command/keeparrays.h"
#include "command/runfile.h"
#include "command/wrap.h"
#include "formula/formula.h"

#define EXTENSION ".safetensors"
#define ARRAYS    ".npz"

static bool ends_as(const char *path, const char *extension)
{
    size_t length = strlen(path), least = strlen(extension);
    return length > least && strcmp(path + length - least, extension) == 0;
}

enum nb_status keep_check_name(const struct argument *file, struct nb_error *error)
{
    if (ends_as(file->text, EXTENSION))
        return NB_OK;
    return error_at(error, NB_USAGE, file->span.at,
                    "a checkpoint is a FILE" EXTENSION ": name it so, found %.200s", file->text);
}

static enum nb_status check_kind(const struct argument *file, struct nb_error *error)
{
    if (ends_as(file->text, EXTENSION) || ends_as(file->text, ARRAYS))
        return NB_OK;
    return error_at(error, NB_USAGE, file->span.at,
                    "the kind of file goes by its name: FILE" EXTENSION ", or FILE" ARRAYS
                    " for the weights alone, found %.200s",
                    file->text);
}

/* ---- The rows of a run ---- */

/* The data set as the run looked at it, where it is the right one; else NULL. */
static struct dataset_view *view_of(const struct session *session, const struct run_record *record)
{
    const struct run_state *state = &record->state;
    struct dataset_view *view = NULL;
    if (!session->data || !record->data[0] ||
        dataset_view_new(session->data, &state->rules, &view, NULL))
        return NULL;
    dataset_view_swap(session->data, &view);
    bool same = runfile_rows_mark(session) == state->rows_mark;
    dataset_view_swap(session->data, &view);
    if (!same)
        dataset_view_free(&view);
    return view;
}

/* Are the rows there?  *view receives the one to take first; NULL: they are as they are. */
static bool have_rows(const struct session *session, const struct run_record *record,
                      struct dataset_view **view)
{
    *view = NULL;
    if (train_check_rows(session, NULL))
        return false;
    if (runfile_rows_mark(session) == record->state.rows_mark)
        return true;
    *view = view_of(session, record);
    return *view != NULL;
}

/* Says what to type where the rows are others. */
static enum nb_status other_rows(const struct session *session, const struct run_record *record,
                                 struct nb_error *error)
{
    const struct run_state *state = &record->state;
    const char *name = state->options.name, *recipe = state->recipe;
    struct dataset_info info = { 0 };
    if (session->data)
        dataset_describe(session->data, &info);
    if (session->data && record->data[0] && strcmp(info.recipe, recipe) == 0)
        return error_set(error, NB_FAILED,
                         "data %s is loaded, but these are not the rows that %s trains on: its "
                         "files were changed since",
                         recipe, name);
    if (record->data[0])
        return error_set(error, NB_FAILED, "%s %s trains on: type data %s, then train resume",
                         session->data ? "these are not the rows that"
                                       : "no data set is loaded, which",
                         name, recipe[0] ? recipe : record->data);
    if (session->data)
        return error_set(error, NB_FAILED,
                         "%s trains on x and y, and data %s is loaded: undo takes it back, or "
                         "load the run where there is none",
                         name, info.recipe);
    return error_set(error, NB_FAILED,
                     "these are not the rows that %s trains on: it had x and y, give the same",
                     name);
}

/* Split, limit and scale as the run had them come back by themselves. */
static enum nb_status restore_view(struct session *session, const struct run_record *record,
                                   struct dataset_view *view, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    enum nb_status status = data_take_view(session, view, error);
    text_printf(&text, "the rows are those of %s again: ", record->state.options.name);
    data_add_rules(&text, &record->state.rules);
    text_add(&text, "\n");
    if (!status)
        wrap_note(session->out, "%s", text.bytes);
    text_release(&text);
    return status;
}

/* ---- save ---- */

static enum nb_status save_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct argument *file = call_argument(call, "FILE");
    struct text title = TEXT_INIT;
    bool arrays = ends_as(file->text, ARRAYS);
    enum nb_status status = check_kind(file, error);
    if (!status)
        status = arrays ? arrays_write(session->net, file->text, error)
                        : runfile_write(session, file->text, NULL, NULL, error);
    if (status)
        return status;
    formula_net_title(session->net, &title);
    wrap_note(session->out, "saved %s to %s\n", title.bytes, file->text);
    text_release(&title);
    return NB_OK;
}

/* ---- load ---- */

/* Whether the run may go on, and from where. */
static void add_standing(const struct session *session, struct text *text,
                         const struct run_record *record)
{
    const struct run_state *state = &record->state;
    const struct nb_progress *progress = &state->progress;
    text_printf(text, "%s ", state->options.name);
    if (state->ending != RUN_INTERRUPTED) {
        text_printf(text, "%s after %llu epoch%s\n", run_ending_names[state->ending],
                    (unsigned long long)progress->epoch, progress->epoch == 1 ? "" : "s");
        return;
    }
    if (progress->epoch)
        text_printf(text, "stands in epoch %llu of %llu after batch %llu of %llu",
                    (unsigned long long)progress->epoch, (unsigned long long)state->options.epochs,
                    (unsigned long long)progress->batch, (unsigned long long)progress->batches);
    else
        text_add(text, "stands at its beginning");
    struct dataset_view *view;
    if (have_rows(session, record, &view))
        text_add(text, ": train resume goes on\n");
    else if (state->recipe[0])
        text_printf(text, ": type data %s, then train resume\n", state->recipe);
    else
        text_add(text, ": with its x and y, train resume goes on\n");
    dataset_view_free(&view);
}

/* The run of a checkpoint becomes the session's last.  As after an interrupt the
 * network has its best weights, and the run its own. */
static enum nb_status adopt_run(struct session *session, struct runfile *file,
                                struct run_record **result, struct nb_error *error)
{
    const struct nb_learning before = *nb_net_learning(session->net);
    struct run_record *record;
    struct weights *own = NULL;
    enum nb_status status = nb_net_set_learning(session->net, &file->state.options.learning, error);
    if (!status)
        status = runs_begin(session, &file->state.options, &record, error);
    if (status)
        return status;
    weights_free(&record->start); /* those of the beginning are not known */
    record->state = file->state;
    snprintf(record->data, sizeof record->data, "%s", file->data);
    if (file->state.ending == RUN_UNFINISHED)
        record->state.ending = RUN_INTERRUPTED;
    if (file->best)
        status = weights_keep(session->net, &own, error);
    if (!status && file->best)
        status = weights_swap(session->net, file->best, error);
    record->own = own;
    if (!status)
        status = runs_end(session, record, error);
    if (!status)
        status = nb_net_set_learning(session->net, &before, error);
    *result = record;
    return status;
}

static enum nb_status adopt(struct session *session, struct runfile *file, const char *path,
                            struct nb_error *error)
{
    struct text text = TEXT_INIT;
    struct run_record *record = NULL;
    struct nb_net *net = file->net;
    file->net = NULL;
    enum nb_status status = history_replace_old(session, NULL, error);
    if (status)
        nb_net_free(&net);
    else
        status = define_adopt(session, net, error);
    if (status)
        return status;
    session->settings = file->settings;
    session->epochs = file->epochs;
    status = session_apply_settings(session, error);
    if (!status && file->has_run)
        status = adopt_run(session, file, &record, error);
    if (status)
        return status;
    text_printf(&text, "loaded %s: ", path);
    formula_net_title(session->net, &text);
    text_printf(&text, ", iteration %llu\n", (unsigned long long)nb_iteration(session->net));
    if (record)
        add_standing(session, &text, record);
    wrap_note(session->out, "%s", text.bytes);
    text_release(&text);
    return NB_OK;
}

static enum nb_status load_arrays(struct session *session, const char *path, struct nb_error *error)
{
    enum nb_status status = arrays_load(session, path, error);
    if (!status)
        wrap_note(session->out, "loaded the weights of %s\n", path);
    return status;
}

static enum nb_status load_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct argument *path = call_argument(call, "FILE");
    struct runfile file;
    if (ends_as(path->text, ARRAYS))
        return load_arrays(session, path->text, error);
    enum nb_status status = check_kind(path, error);
    if (!status)
        status = runfile_read(session, path->text, &file, error);
    if (status)
        return status;
    status = adopt(session, &file, path->text, error);
    runfile_release(&file);
    return status;
}

/* ---- train resume ---- */

/* *view receives the one of the data set to go on with; NULL: the present one. */
static enum nb_status check_resumable(const struct session *session,
                                      const struct run_record *record, struct dataset_view **view,
                                      struct nb_error *error)
{
    const char *name = record->state.options.name;
    if (record->state.ending != RUN_INTERRUPTED)
        return error_set(error, NB_FAILED, "%s %s, it cannot go on: train begins another run", name,
                         run_ending_names[record->state.ending]);
    if (weights_mark(session->net) != record->mark)
        return error_set(error, NB_FAILED,
                         "the weights are not those that %s left: they were changed since, or the "
                         "network is another. undo goes back to them; train begins another run",
                         name);
    return have_rows(session, record, view) ? NB_OK : other_rows(session, record, error);
}

/* The run's own numbers go into the network, its best ones beside. */
static enum nb_status go_on(struct session *session, struct run_record *record,
                            struct nb_error *error)
{
    struct run_state state = record->state;
    enum nb_status status = nb_net_set_learning(session->net, &state.options.learning, error);
    if (!status && record->own)
        status = weights_swap(session->net, record->own, error);
    if (status)
        return status;
    record->state.ending = RUN_UNFINISHED;
    struct weights *best = record->own;
    record->own = NULL;
    status = train_run(session, &state.options, &state, best, record, error);
    bool begun = record->own || record->state.ending != RUN_INTERRUPTED;
    if (best && !begun && weights_swap(session->net, best, NULL) == NB_OK) {
        record->own = best;
        best = NULL;
    }
    weights_free(&best);
    return status;
}

enum nb_status keep_resume(struct session *session, struct nb_error *error)
{
    struct run_record *record = runs_last(session);
    if (!record)
        return error_set(error, NB_FAILED,
                         "there is no run to go on with: train begins one, load brings back the "
                         "one of a checkpoint");
    if (record->state.ending == RUN_FINISHED || record->state.ending == RUN_STOPPED) {
        wrap_note(session->out, "%s is finished: there is nothing to go on with\n",
                  record->state.options.name);
        return NB_OK;
    }
    struct dataset_view *view = NULL;
    enum nb_status status = check_resumable(session, record, &view, error);
    if (!status)
        status = history_replace_old(session, NULL, error);
    if (!status)
        status = history_save_net(session, "the training", error);
    if (!status && view)
        status = restore_view(session, record, view, error);
    else
        dataset_view_free(&view);
    if (status)
        return status;
    status = go_on(session, record, error);
    struct nb_error failure;
    enum nb_status applied = session_apply_settings(session, &failure);
    if (status || !applied)
        return status;
    *error = failure;
    return applied;
}

/* ---- The rows ---- */

const struct command keep_commands[] = {
    { .name = "save",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "save FILE.safetensors|FILE.npz",
      .summary = "write the network to a file",
      .help = "Weights, network, running statistics, frozen parameters, the optimiser's state and "
              "the settings it learns by, all exact: load brings the same bits back. x, y and the "
              "data set are not in it. The file is written beside and renamed; where that fails "
              "the old one stays whole. Other programs read it with any safetensors library.\n\n"
              "FILE.npz has the weights and running statistics alone, as numpy.load reads them.",
      .example = "save exercise.safetensors",
      .run = save_command,
      .arguments = { { .name = "FILE",
                       .kind = ARG_OUTPUT,
                       .required = true,
                       .help = "a name that ends in .safetensors or .npz" } } },
    { .name = "export",
      .group = GROUP_TRAIN,
      .usage = "export FILE.tex|FILE.html|FILE.gift",
      .summary = "write an exercise worked out, or a lesson's questions",
      .help =
          "FILE.tex and FILE.html work an iteration out: the network, the given numbers, every "
          "operation with its formula and the numbers put in, the chain rule of a weight of the "
          "first and of the last layer, the update and the new weights. It is the iteration "
          "just made, else the one from the present weights on; nothing changes. The first is "
          "for pdflatex, with amsmath and geometry, the second a page that needs nothing "
          "else.\n\nFILE.gift has the questions of the lesson played last, as Moodle imports "
          "them: the numbers of the present seed, the tolerance that is asked for, the advice "
          "for what is wrong, hints as feedback. Files are written beside and renamed.",
      .example = "export exercise.html; expect fails 3 \"export questions.gift\"",
      .run = export_command,
      .arguments = { { .name = "FILE",
                       .kind = ARG_OUTPUT,
                       .required = true,
                       .help = "a name that ends in .tex, .html or .gift" } } },
    { .name = "load",
      .group = GROUP_TRAIN,
      .needs = CHANGES_STATE | MOVES_NUMBERS,
      .usage = "load FILE.safetensors|FILE.npz",
      .summary = "read a network that save or train checkpoint= wrote",
      .help = "The network of the file takes the place of the present one, with the settings it "
              "learns by; undo brings the present one back. A file that is damaged or of another "
              "program is refused, and nothing changes. With a checkpoint comes its run: with its "
              "data set loaded, before or after, train resume goes on with it to the same bits as "
              "if it had never been cut; split, limit and scale come back by themselves.\n\n"
              "FILE.npz, also one of numpy.savez, puts its arrays w1, b1, ... into the present "
              "network.",
      .example = "save exercise.safetensors; w1[1,1] = 5; load exercise.safetensors",
      .run = load_command,
      .arguments = { { .name = "FILE",
                       .kind = ARG_FILE,
                       .required = true,
                       .help = "a file of nabla's save or train checkpoint=" } } },
    { .name = NULL },
};
