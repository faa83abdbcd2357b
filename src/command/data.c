/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `data` and `scale`. */
#include "command/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/folders.h"
#include "command/history.h"
#include "command/session.h"
#include "data/dataset.h"

const struct nb_choice *data_part_choices(size_t *count)
{
    static const struct nb_choice rows[DATASET_PARTS] = {
        [DATASET_TRAIN] = { "train", "the rows that train" },
        [DATASET_VALIDATION] = { "validation", "rows held back from training" },
        [DATASET_TEST] = { "test", "the rows that only judge" },
    };
    *count = DATASET_PARTS;
    return rows;
}

void add_grouped(struct text *text, size_t number)
{
    if (number >= 1000) {
        add_grouped(text, number / 1000);
        text_printf(text, ",%03zu", number % 1000);
    } else {
        text_printf(text, "%zu", number);
    }
}

/* ---- Describing ---- */

static void describe_classes(const struct dataset *set, const struct dataset_info *info,
                             struct text *text)
{
    size_t *counts = memory_new(info->classes, sizeof *counts);
    if (!counts)
        return;
    dataset_count_classes(set, DATASET_TRAIN, counts);
    text_printf(text, "  classes   %zu", info->classes);
    for (size_t i = 0; i < info->classes; i++) {
        text_add(text, i == 0 ? ": " : i % 5 == 0 ? ",\n            " : ", ");
        if (info->class_names)
            text_printf(text, "%s ", info->class_names[i]);
        else
            text_printf(text, "%zu: ", i);
        add_grouped(text, counts[i]);
    }
    text_add(text, "\n");
    free(counts);
}

static void describe_rows(const struct dataset_info *info, struct text *text)
{
    const char *between = "";
    text_add(text, "  rows      ");
    for (int part = 0; part < DATASET_PARTS; part++) {
        if (!info->rows[part])
            continue;
        text_printf(text, "%s%s ", between, dataset_part_names[part]);
        add_grouped(text, info->rows[part]);
        between = ", ";
    }
    text_add(text, "\n");
}

static void describe(struct session *session)
{
    struct dataset_info info;
    struct text text = TEXT_INIT;
    size_t count;
    dataset_describe(session->data, &info);
    text_printf(&text, "%s\n", info.name);
    describe_rows(&info, &text);
    text_add(&text, "  features  ");
    add_grouped(&text, info.features);
    if (info.height)
        text_printf(&text, ": %zu×%zu pixels, %zu channel%s", info.height, info.width,
                    info.channels, info.channels == 1 ? "" : "s");
    text_printf(&text, "; outputs %zu\n", info.outputs);
    if (info.classes)
        describe_classes(session->data, &info, &text);
    const struct nb_choice *scale = &dataset_scales(&count)[info.scale];
    text_printf(&text, "  scale     %s: %s\n", scale->name, scale->summary);
    sink_text(session->out, &text);
    text_release(&text);
}

/* ---- Loading ---- */

enum { FOLDERS_MOST = 3 };

/* Where data sets are looked for: $NABLA_DATA, the user's data folder, nabla's own. */
static void data_folders(struct text folders[FOLDERS_MOST])
{
    const char *data = getenv("NABLA_DATA");
    if (data && data[0])
        text_add(&folders[0], data);
    if (!path_xdg(&folders[1], "XDG_DATA_HOME", ".local/share"))
        text_clear(&folders[1]);
    if (folder_lessons(&folders[2], NULL) == NB_OK)
        text_add(&folders[2], "/data");
}

/* A set that is not drawn has its own number of rows. */
static enum nb_status check_drawn(const struct call *call, struct dataset **set,
                                  struct nb_error *error)
{
    const struct argument *n = call_argument(call, "n");
    struct dataset_info info;
    dataset_describe(*set, &info);
    size_t rows = info.rows[DATASET_TRAIN];
    if (rows == (size_t)n->number)
        return NB_OK;
    error_at(error, NB_USAGE, n->span.at,
             "n= is for sets that are drawn, as data linear n=100; %s has %zu rows", info.name,
             rows);
    dataset_free(set);
    return NB_USAGE;
}

static enum nb_status load(struct session *session, const struct call *call, struct dataset **set,
                           struct nb_error *error)
{
    struct text folders[FOLDERS_MOST] = { TEXT_INIT, TEXT_INIT, TEXT_INIT };
    const char *paths[FOLDERS_MOST + 1] = { NULL };
    size_t count = 0;
    data_folders(folders);
    for (size_t i = 0; i < FOLDERS_MOST; i++)
        if (folders[i].length)
            paths[count++] = folders[i].bytes;
    const struct dataset_options options = {
        .folder = call_text(call, "dir"),
        .folders = paths,
        .n = (size_t)call_number(call, "n", 0),
        .seed = (uint64_t)call_number(call, "seed", (double)session->settings.seed),
    };
    size_t loaders;
    const char *name = dataset_names(&loaders)[call_choice(call, "name", 0)].name;
    enum nb_status status = dataset_load(name, &options, set, error);
    if (!status && options.n)
        status = check_drawn(call, set, error);
    for (size_t i = 0; i < FOLDERS_MOST; i++)
        text_release(&folders[i]);
    return status;
}

/* The data set's own rows take over from the user's. */
static void forget_given_rows(struct session *session)
{
    value_release(&session->x);
    value_release(&session->y);
    session->pinned = false;
    session->place.batched = false;
    session->data_epoch = session->data_row = 0;
    if (!session->net)
        return;
    nb_unset(session->net, nb_quantity_id(session->net, NB_X, 0));
    nb_unset(session->net, nb_quantity_id(session->net, NB_Y, 0));
}

enum nb_status data_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    struct dataset *set = NULL;
    struct dataset_info info;
    enum nb_status status = NB_OK;
    const struct argument *folder = call_argument(call, "dir");
    if (folder && !call_has(call, "name")) /* a first word that is no name reads as a folder */
        return choice_error("data set", dataset_names, folder->text, strlen(folder->text),
                            folder->span.at, error);
    if (!call_has(call, "name") && !session->data)
        return error_set(error, NB_FAILED,
                         "no data set is loaded; type for example data xor, data mnist-mini or "
                         "data cifar10 FOLDER");
    if (call_has(call, "name")) {
        status = load(session, call, &set, error);
        if (!status && session->net)
            status = history_save_net(session, NULL, error);
        if (status) {
            dataset_free(&set);
            return status;
        }
        status = history_replace_data(session, set, error);
        if (status)
            return status;
        dataset_describe(set, &info);
        session->settings.scale = info.scale;
        forget_given_rows(session);
    }
    describe(session);
    return NB_OK;
}

enum nb_status scale_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    struct dataset_info info;
    size_t count;
    const struct nb_choice *rows = dataset_scales(&count);
    dataset_describe(session->data, &info);
    if (call_has(call, "kind")) {
        enum dataset_scale scale = (enum dataset_scale)call_choice(call, "kind", SCALE_NONE);
        enum nb_status status = history_save_session(session, error);
        if (!status)
            status = dataset_set_scale(session->data, scale, error);
        if (status)
            return status;
        session->settings.scale = scale;
        if (!session->pinned && session->net) { /* rows of the old scale */
            status = history_save_net(session, NULL, error);
            if (status)
                return status;
            session->place.batched = false;
            nb_unset(session->net, nb_quantity_id(session->net, NB_X, 0));
        }
        dataset_describe(session->data, &info);
    }
    sink_printf(session->out, "scale %s: %s\n", rows[info.scale].name, rows[info.scale].summary);
    return NB_OK;
}

/* ---- The rows ---- */

const struct command data_commands[] = {
    { .name = "data",
      .group = GROUP_TRAIN,
      .needs = CHANGES_STATE,
      .usage = "data [NAME [DIR]] [n=N] [seed=N]",
      .summary = "load a data set, or describe the one that is loaded",
      .help = "Loads a data set by name and describes it: rows, features, classes, scaling. Alone "
              "it describes the one that is loaded. Image sets are read from DIR (the folder "
              "itself or its parent); without DIR from $NABLA_DATA, then from "
              "$XDG_DATA_HOME/nabla; mnist-mini and cifar10-mini ship with nabla. While a data "
              "set is loaded and you gave no x, each iteration takes the next batch of it, and "
              "train trains on it.",
      .example = "data xor",
      .run = data_command,
      .arguments = {
          { .name = "name", .kind = ARG_CHOICE, .choices = dataset_names,
            .help = "which data set" },
          { .name = "dir", .kind = ARG_FILE, .help = "the folder that holds its files" },
          { .name = "n", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1000000,
            .fallback = "100", .help = "points of a drawn data set" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .least = 0, .most = 9007199254740992,
            .fallback = "the setting seed", .help = "seed of a drawn data set" },
      } },
    { .name = "scale",
      .group = GROUP_TRAIN,
      .needs = NEEDS_DATA | CHANGES_STATE,
      .usage = "scale [none|unit|standard|mean]",
      .summary = "how the data set's inputs are scaled",
      .help = "Statistics are taken per feature, from the training part only, and used for every "
              "part. Images begin with standard, toys with none. Alone it says which is in "
              "force.",
      .example = "data xor; scale standard",
      .run = scale_command,
      .arguments = { { .name = "kind", .kind = ARG_CHOICE, .choices = dataset_scales,
                       .help = "the scaling" } } },
    { .name = NULL },
};
