/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `data`, `split`, `limit` and `scale`. */
#include "command/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/fetch.h"
#include "command/folders.h"
#include "command/history.h"
#include "command/session.h"
#include "command/wrap.h"
#include "data/dataset.h"
#include "formula/layout.h"

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

#define LISTED_MOST 20 /* classes and columns that are named */
#define CLASSES     "  classes   "

static void describe_classes(const struct dataset *set, const struct dataset_info *info,
                             size_t width, struct text *text)
{
    size_t *counts = memory_new(info->classes, sizeof *counts);
    struct text items = TEXT_INIT, lines = TEXT_INIT;
    if (!counts)
        return;
    dataset_count_classes(set, DATASET_TRAIN, counts);
    text_printf(&items, "%zu: ", info->classes);
    for (size_t i = 0; i < info->classes && i < LISTED_MOST; i++) {
        text_add(&items, i ? ", " : "");
        if (info->class_names)
            text_add(&items, info->class_names[i]);
        else
            text_printf(&items, "%zu", i);
        text_add(&items, " (");
        add_grouped(&items, counts[i]);
        text_add(&items, i ? ")" : " rows)");
    }
    text_add(&items, info->classes > LISTED_MOST ? ", ..." : "");
    text_wrap_items(&lines, items.bytes, ", ", width - strlen(CLASSES));
    text_add(text, CLASSES);
    for (const char *at = lines.bytes; *at; at++) {
        text_add_char(text, *at);
        text_repeat(text, " ", at[0] == '\n' && at[1] ? strlen(CLASSES) : 0);
    }
    free(counts);
    text_release(&items);
    text_release(&lines);
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

static void describe_columns(const struct dataset_info *info, struct text *text)
{
    if (!info->column_names)
        return;
    const struct {
        const char *name;
        size_t first, count;
    } rows[] = { { "x", 0, info->features },
                 { "y", info->features, info->columns - info->features } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_printf(text, "  %-10s", rows[i].name);
        for (size_t k = 0; k < rows[i].count && k < LISTED_MOST; k++)
            text_printf(text, "%s%s", k ? ", " : "", info->column_names[rows[i].first + k]);
        text_add(text, rows[i].count > LISTED_MOST ? ", ...\n" : "\n");
    }
}

static void describe_rules(const struct dataset_rules *rules, struct text *text)
{
    if (rules->train > 0) {
        text_add(text, "  split     ");
        number_add(text, rules->train, 10);
        text_add(text, " + ");
        number_add(text, rules->validation, 10);
        text_printf(text, " of the training part, shuffled by seed %llu\n",
                    (unsigned long long)rules->seed);
    }
    if (rules->limit_train) {
        text_add(text, "  limit     the first ");
        add_grouped(text, rules->limit_train);
        text_add(text, " training rows");
        if (rules->limit_test) {
            text_add(text, ", the first ");
            add_grouped(text, rules->limit_test);
            text_add(text, " test rows");
        }
        text_add(text, "\n");
    }
}

/* "unit: each feature from 0 to 1", with what becomes of pixels only where there are any. */
static void add_scale(const struct dataset *set, enum dataset_scale scale, struct text *text)
{
    size_t count;
    const struct nb_choice *row = &dataset_scales(&count)[scale];
    bool pixels = dataset_pixels(set, DATASET_TRAIN, 0) != NULL;
    size_t length = pixels ? strlen(row->summary) : strcspn(row->summary, ";");
    text_printf(text, "%s: %.*s\n", row->name, (int)length, row->summary);
}

static void describe(struct session *session)
{
    struct dataset_info info;
    struct text text = TEXT_INIT;
    dataset_describe(session->data, &info);
    text_printf(&text, "%s\n", info.name);
    describe_rows(&info, &text);
    text_add(&text, "  features  ");
    add_grouped(&text, info.features);
    if (info.height)
        text_printf(&text, ": %zu×%zu pixels, %zu channel%s", info.height, info.width,
                    info.channels, info.channels == 1 ? "" : "s");
    text_printf(&text, "; outputs %zu\n", info.outputs);
    describe_columns(&info, &text);
    if (info.classes)
        describe_classes(session->data, &info, layout_columns(session->out), &text);
    describe_rules(&info.rules, &text);
    text_add(&text, "  scale     ");
    add_scale(session->data, info.scale, &text);
    wrap_print(session->out, &text);
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

/* Only options that the set takes. */
static enum nb_status check_options(const struct call *call, const char *name,
                                    struct nb_error *error)
{
    static const struct {
        const char *option;
        unsigned takes;
        const char *instead;
    } rows[] = {
        { "n", TAKES_DRAWING, "sets that are drawn, as data linear n=100" },
        { "noise", TAKES_DRAWING, "sets that are drawn, as data circle noise=0.1" },
        { "seed", TAKES_DRAWING, "sets that are drawn, as data linear seed=2" },
        { "target", TAKES_TARGET, "tables, as data csv FILE target=COL" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct argument *given = call_argument(call, rows[i].option);
        if (given && !(dataset_takes(name) & rows[i].takes))
            return error_at(error, NB_USAGE, given->span.at, "%s= is for %s; %s takes none",
                            rows[i].option, rows[i].instead, name);
    }
    return NB_OK;
}

static enum nb_status load(struct session *session, const struct call *call, struct dataset **set,
                           struct nb_error *error)
{
    struct text folders[FOLDERS_MOST] = { TEXT_INIT, TEXT_INIT, TEXT_INIT };
    const char *paths[FOLDERS_MOST + 1] = { NULL };
    size_t count = 0, loaders;
    const char *name = dataset_names(&loaders)[call_choice(call, "name", 0)].name;
    bool file = dataset_takes(name) & TAKES_FILE;
    enum nb_status status = check_options(call, name, error);
    if (status)
        return status;
    data_folders(folders);
    for (size_t i = 0; i < FOLDERS_MOST; i++)
        if (folders[i].length)
            paths[count++] = folders[i].bytes;
    const struct dataset_options options = {
        .folder = file ? NULL : call_text(call, "dir"),
        .folders = paths,
        .file = file ? call_text(call, "dir") : NULL,
        .target = call_text(call, "target"),
        .n = (size_t)call_number(call, "n", 0),
        .noise = call_number(call, "noise", 0),
        .seed = (uint64_t)call_number(call, "seed", (double)session->settings.seed),
    };
    status = dataset_load(name, &options, set, error);
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

static enum nb_status load_and_forget(struct session *session, const struct call *call,
                                      struct nb_error *error)
{
    struct dataset *set = NULL;
    enum nb_status status = load(session, call, &set, error);
    if (!status && session->net)
        status = history_save_net(session, NULL, error);
    if (status) {
        dataset_free(&set);
        return status;
    }
    status = history_replace_data(session, set, error);
    if (!status)
        forget_given_rows(session);
    return status;
}

enum nb_status data_no_part(const struct dataset_info *info, enum dataset_part part, size_t at,
                            struct nb_error *error)
{
    return error_at(error, NB_FAILED, at, "%s has no %s part%s", info->name,
                    dataset_part_names[part],
                    part == DATASET_VALIDATION ? "; split makes one" : "");
}

enum nb_status data_missing(struct nb_error *error)
{
    return error_set(error, NB_FAILED,
                     "no data set is loaded; type for example data xor, data mnist-mini or "
                     "data cifar10 FOLDER");
}

/* Into the first of the folders that are looked in. */
static enum nb_status fetch(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    struct text folders[FOLDERS_MOST] = { TEXT_INIT, TEXT_INIT, TEXT_INIT };
    data_folders(folders);
    enum nb_status status =
        data_fetch(session, call, folders[0].length ? folders[0].bytes : folders[1].bytes, error);
    for (size_t i = 0; i < FOLDERS_MOST; i++)
        text_release(&folders[i]);
    return status;
}

static enum nb_status data_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct argument *folder = call_argument(call, "dir"), *from = call_argument(call, "from");
    if (call_has(call, "show"))
        return data_show(session, call, error);
    if (call_has(call, "fetch"))
        return fetch(session, call, error);
    if (from)
        return error_at(error, NB_USAGE, from->span.at,
                        "from= is for fetching: data fetch mnist from=URL");
    if (folder && !call_has(call, "name")) /* a first word that is no name reads as a folder */
        return choice_error("data set", dataset_names, folder->text, strlen(folder->text),
                            folder->span.at, error);
    if (!call_has(call, "name") && !session->data)
        return data_missing(error);
    if (call_has(call, "name")) {
        enum nb_status status = load_and_forget(session, call, error);
        if (status)
            return status;
    }
    describe(session);
    return NB_OK;
}

/* ---- Views ---- */

/* Rows of the data set that are in the network were those of another view. */
static enum nb_status take_view(struct session *session, struct dataset_view *view,
                                struct nb_error *error)
{
    bool taken = session->net && !session->pinned;
    enum nb_status status = taken ? history_save_net(session, NULL, error) : NB_OK;
    if (status) {
        dataset_view_free(&view);
        return status;
    }
    status = history_replace_view(session, view, error);
    if (status || !taken)
        return status;
    session->place.batched = false;
    nb_unset(session->net, nb_quantity_id(session->net, NB_X, 0));
    nb_unset(session->net, nb_quantity_id(session->net, NB_Y, 0));
    return NB_OK;
}

enum nb_status data_take_view(struct session *session, struct dataset_view *view,
                              struct nb_error *error)
{
    enum nb_status status = take_view(session, view, error);
    if (!status)
        session->data_epoch = session->data_row = 0;
    return status;
}

/* Other rows. */
static enum nb_status replace_rows(struct session *session, const struct dataset_rules *rules,
                                   struct nb_error *error)
{
    struct dataset_info info;
    struct dataset_view *view;
    struct text text = TEXT_INIT;
    enum nb_status status = dataset_view_new(session->data, rules, &view, error);
    if (!status)
        status = data_take_view(session, view, error);
    if (status)
        return status;
    dataset_describe(session->data, &info);
    describe_rows(&info, &text);
    sink_text(session->out, &text);
    text_release(&text);
    return NB_OK;
}

static void add_limit(struct text *text, const struct dataset_rules *rules)
{
    if (!rules->limit_train)
        return;
    text_printf(text, "limit %zu", rules->limit_train);
    if (rules->limit_test)
        text_printf(text, " %zu", rules->limit_test);
    text_add(text, ", ");
}

void data_add_rules(struct text *text, const struct dataset_rules *rules)
{
    size_t count;
    if (rules->limit_first)
        add_limit(text, rules);
    if (rules->train > 0) {
        text_add(text, "split ");
        number_add_exact(text, rules->train);
        text_add(text, " ");
        number_add_exact(text, rules->validation);
        text_add(text, ", ");
    }
    if (!rules->limit_first)
        add_limit(text, rules);
    text_printf(text, "scale %s", dataset_scales(&count)[rules->scale].name);
}

static enum nb_status scale_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct dataset_info info;
    struct text text = TEXT_INIT;
    dataset_describe(session->data, &info);
    if (call_has(call, "kind")) {
        struct dataset_view *view;
        info.rules.scale = (enum dataset_scale)call_choice(call, "kind", SCALE_NONE);
        enum nb_status status = dataset_view_new(session->data, &info.rules, &view, error);
        if (!status)
            status = take_view(session, view, error);
        if (status)
            return status;
    }
    text_add(&text, "scale ");
    add_scale(session->data, info.rules.scale, &text);
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

/* A count of rows, or a share below 1. */
static enum nb_status check_share(const struct argument *given, bool none, struct nb_error *error)
{
    double value = given->number;
    if ((value > 0 || (none && value == 0)) &&
        (value < 1 || (value == floor(value) && value <= UINT32_MAX)))
        return NB_OK;
    return error_at(error, NB_USAGE, given->span.at,
                    "%s is a number of rows from %d, or a share below 1: split 45000 5000 or "
                    "split 0.9 0.1",
                    given->row->name, !none);
}

static enum nb_status split_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    const struct argument *train = call_argument(call, "train"),
                          *validation = call_argument(call, "validation");
    struct dataset_info info;
    enum nb_status status = check_share(train, false, error);
    if (!status)
        status = check_share(validation, true, error);
    if (status)
        return status;
    dataset_describe(session->data, &info);
    info.rules.train = train->number;
    info.rules.validation = validation->number;
    info.rules.seed = session->settings.seed;
    info.rules.limit_first = true;
    return replace_rows(session, &info.rules, error);
}

static enum nb_status limit_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    info.rules.limit_train = (size_t)call_number(call, "train", 0);
    info.rules.limit_test = (size_t)call_number(call, "test", 0);
    info.rules.limit_first = false;
    return replace_rows(session, &info.rules, error);
}

/* ---- The rows ---- */

const struct command data_commands[] = {
    { .name = "data",
      .group = GROUP_TRAIN,
      .needs = CHANGES_STATE,
      .usage = "data [NAME [DIR|FILE]] [n= noise= seed= target=], data show N [PART], "
               "data fetch mnist|cifar10 [from=URL]",
      .summary = "load a data set, or describe the one that is loaded",
      .help =
          "Loads a data set by name and describes it: rows, features, classes, split, scaling. "
          "Alone it describes the one that is loaded. Image sets are read from DIR (the folder "
          "itself or its parent); without DIR from $NABLA_DATA, then from "
          "$XDG_DATA_HOME/nabla; mnist-mini and cifar10-mini ship with nabla. While a data "
          "set is loaded and you gave no x, each iteration takes the next batch of it, and "
          "train trains on it.\n\n"
          "csv reads a table of numbers separated by commas, plain or .gz. Its first line is a "
          "header where none of its fields is a number, or target= names a column. target= is a "
          "column by name or number, or several: 3:5, a,b. A single target is one 0/1 column "
          "(two classes) where it holds only 0 and 1; a class for each different word or, where "
          "there are three or more whole numbers up to 1000 and nothing else, for each of "
          "these; else a number. Several targets are classes where each row has a single 1 "
          "and else 0, else numbers.\n\n"
          "npz reads the arrays x and y (or x_train and y_train) and, if they are there, x_test "
          "and y_test: a row of the set for each row of the array, y by the same rules. Rows of "
          "(height, width), with 1 or 3 channels before or behind, are images.\n\n"
          "data show draws a row of an image set, or prints the numbers of another.\n\n"
          "data fetch downloads mnist or cifar10 into $NABLA_DATA, or $XDG_DATA_HOME/nabla. A file "
          "takes its name when its SHA-256 is the published one; what came of one that was cut "
          "waits as NAME.part and is gone on with. from= is another place of the files: an http, "
          "https or file address.",
      .example = "data xor",
      .run = data_command,
      .arguments = {
          { .name = "name", .kind = ARG_CHOICE, .choices = dataset_names, .moves = true,
            .help = "which data set" },
          { .name = "dir", .kind = ARG_FILE,
            .help = "the folder that holds its files; the file of csv and npz; the row to show" },
          { .name = "show", .kind = ARG_FLAG, .help = "draw a row" },
          { .name = "fetch", .kind = ARG_FLAG, .help = "download mnist or cifar10" },
          { .name = "from", .kind = ARG_WORD, .keyed = true,
            .fallback = "where the set is published",
            .help = "the folder of the files, as an address" },
          { .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices, .fallback = "train",
            .help = "the part of the row to show" },
          { .name = "n", .kind = ARG_COUNT, .keyed = true, .least = 1, .most = 1000000,
            .fallback = "100 of linear, else 200", .help = "points of a drawn data set" },
          { .name = "noise", .kind = ARG_NUMBER, .keyed = true, .least = 0, .most = 1000,
            .fallback = "0", .help = "standard deviation of what moves drawn points" },
          { .name = "target", .kind = ARG_WORD, .keyed = true,
            .help = "the columns of a table that are y" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .setting = "seed", .help = "seed of a drawn data set" },
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
                       .moves = true,
                       .help = "the scaling" } } },
    { .name = "split",
      .group = GROUP_TRAIN,
      .needs = NEEDS_DATA | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "split TRAIN VAL",
      .summary = "hold rows of the training part back for validation",
      .help = "Shuffles the training part by the setting seed; its first TRAIN rows stay, its last "
              "VAL rows become the validation part. Both are counts, or shares below 1 of the "
              "training part; rows between them are left out. Another split takes the place of "
              "the one before. Statistics of scale are those of the new training part. split and "
              "limit act in the order in which they were typed.",
      .example = "data xor; split 15 6; undo; split 0.8 0.2",
      .run = split_command,
      .arguments = { { .name = "train", .kind = ARG_NUMBER, .required = true,
                       .help = "rows that train, or their share" },
                     { .name = "validation", .kind = ARG_NUMBER, .required = true,
                       .help = "rows that validate, or their share" } } },
    { .name = "limit",
      .group = GROUP_TRAIN,
      .needs = NEEDS_DATA | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "limit TRAIN [TEST]",
      .summary = "keep the first rows of the data set only",
      .help = "Keeps the first TRAIN rows of the training part and the first TEST rows of the "
              "test part (without TEST all of it). Another limit takes the place of the one "
              "before, and undo takes it back. Statistics of scale are those of the rows that "
              "stay.",
      .example = "data linear; limit 20",
      .run = limit_command,
      .arguments = { { .name = "train", .kind = ARG_COUNT, .least = 1, .most = UINT32_MAX,
                       .required = true, .help = "rows of the training part" },
                     { .name = "test", .kind = ARG_COUNT, .least = 1, .most = UINT32_MAX,
                       .help = "rows of the test part" } } },
    { .name = NULL },
};
