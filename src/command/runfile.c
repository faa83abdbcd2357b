/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/runfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/bar.h"
#include "command/settings.h"
#include "model/checkpoint.h"

#define FILE_MOST    ((size_t)1 << 40)
#define KEEP_SECONDS 3.0
#define KEEP_SHARE   0.05
#define MARK_ROWS    64
#define FNV_BASIS    14695981039346656037u
#define FNV_PRIME    1099511628211u
#define SETTING      "setting."
#define BEST         "best."
#define RUN          "run."

/* ---- The tables ---- */

/* Settings that a network learns by; how things are shown stays the session's. */
static const char *const setting_names[] = {
    "lr", "momentum", "rho",   "epsilon",         "adam-beta1", "adam-beta2", "l1",
    "l2", "l2-form",  "batch", "regularize-bias", "optimizer",  "seed",
};

static const struct nb_choice *schedule_kinds(size_t *count)
{
    return nb_schedules(count);
}

static const struct field schedule_fields[] = {
    { "kind", FIELD_CHOICE, offsetof(struct nb_schedule, kind), 0, schedule_kinds },
    { "a", FIELD_NUMBER, offsetof(struct nb_schedule, a), 0, NULL },
    { "every", FIELD_WHOLE, offsetof(struct nb_schedule, every), 0, NULL },
    { "per_step", FIELD_FLAG, offsetof(struct nb_schedule, per_step), 0, NULL },
};

#define OPTION(name, kind) #name, kind, offsetof(struct train_options, name)
#define OPTION_TEXT(name)                                                                          \
    OPTION(name, FIELD_TEXT), sizeof(((struct train_options *)NULL)->name), NULL

static const struct field option_fields[] = {
    { OPTION(epochs, FIELD_WHOLE), 0, NULL },
    { OPTION(steps, FIELD_WHOLE), 0, NULL },
    { OPTION(batch, FIELD_WHOLE), 0, NULL },
    { OPTION(seed, FIELD_WHOLE), 0, NULL },
    { OPTION(first_epoch, FIELD_WHOLE), 0, NULL },
    { OPTION(shuffle, FIELD_FLAG), 0, NULL },
    { OPTION(flip, FIELD_FLAG), 0, NULL },
    { OPTION(quiet, FIELD_FLAG), 0, NULL },
    { OPTION(validate, FIELD_CODE), VALIDATE_OFF, NULL },
    { OPTION(patience, FIELD_WHOLE), 0, NULL },
    { OPTION(every, FIELD_WHOLE), 0, NULL },
    { OPTION(every_steps, FIELD_FLAG), 0, NULL },
    { OPTION_TEXT(name) },
    { OPTION_TEXT(until) },
    { OPTION_TEXT(log) },
};

#define RULE(name, kind, choices) #name, kind, offsetof(struct dataset_rules, name), 0, choices

static const struct field rule_fields[] = {
    { RULE(scale, FIELD_CHOICE, dataset_scales) }, { RULE(train, FIELD_NUMBER, NULL) },
    { RULE(validation, FIELD_NUMBER, NULL) },      { RULE(seed, FIELD_WHOLE, NULL) },
    { RULE(limit_train, FIELD_SIZE, NULL) },       { RULE(limit_test, FIELD_SIZE, NULL) },
    { RULE(limit_first, FIELD_FLAG, NULL) },
};

#define PROGRESS(name, kind) #name, kind, offsetof(struct nb_progress, name), 0, NULL

static const struct field progress_fields[] = {
    { PROGRESS(epoch, FIELD_WHOLE) },     { PROGRESS(step, FIELD_WHOLE) },
    { PROGRESS(batch, FIELD_WHOLE) },     { PROGRESS(batches, FIELD_WHOLE) },
    { PROGRESS(lr, FIELD_NUMBER) },       { PROGRESS(loss, FIELD_NUMBER) },
    { PROGRESS(accuracy, FIELD_NUMBER) }, { PROGRESS(seconds, FIELD_NUMBER) },
    { PROGRESS(samples, FIELD_WHOLE) },   { PROGRESS(left_out, FIELD_WHOLE) },
    { PROGRESS(loss_sum, FIELD_NUMBER) }, { PROGRESS(right_sum, FIELD_NUMBER) },
};

static const struct field state_fields[] = {
    { "best_epoch", FIELD_WHOLE, offsetof(struct run_state, early.best_epoch), 0, NULL },
    { "waited", FIELD_WHOLE, offsetof(struct run_state, early.waited), 0, NULL },
    { "best_loss", FIELD_NUMBER, offsetof(struct run_state, early.best_loss), 0, NULL },
    { "seconds", FIELD_NUMBER, offsetof(struct run_state, seconds), 0, NULL },
    { "validation_loss", FIELD_NUMBER, offsetof(struct run_state, validation_loss), 0, NULL },
    { "validation_accuracy", FIELD_NUMBER, offsetof(struct run_state, validation_accuracy), 0,
      NULL },
    { "ending", FIELD_CODE, offsetof(struct run_state, ending), RUN_FAILED, NULL },
    { "rows_mark", FIELD_WHOLE, offsetof(struct run_state, rows_mark), 0, NULL },
    { "recipe", FIELD_TEXT, offsetof(struct run_state, recipe),
      sizeof(((struct run_state *)NULL)->recipe), NULL },
};

/* The parts of a run's state, each under its own prefix. */
static const struct {
    const char *prefix;
    const struct field *rows;
    const size_t *shared; /* the count, where the table is another file's */
    size_t count, offset;
} parts[] = {
    { RUN "learning.", learning_fields, &learning_field_count, 0,
      offsetof(struct run_state, options.learning) },
    { RUN "schedule.", schedule_fields, NULL, COUNT_OF(schedule_fields),
      offsetof(struct run_state, options.schedule) },
    { RUN "options.", option_fields, NULL, COUNT_OF(option_fields),
      offsetof(struct run_state, options) },
    { RUN "rules.", rule_fields, NULL, COUNT_OF(rule_fields), offsetof(struct run_state, rules) },
    { RUN "progress.", progress_fields, NULL, COUNT_OF(progress_fields),
      offsetof(struct run_state, progress) },
    { RUN, state_fields, NULL, COUNT_OF(state_fields), 0 },
};

static size_t part_count(size_t i)
{
    return parts[i].shared ? *parts[i].shared : parts[i].count;
}

/* ---- Writing ---- */

static void add_settings(struct safetensors *file, const struct settings *settings)
{
    struct text name = TEXT_INIT, value = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(setting_names); i++) {
        const struct setting *row = setting_find(setting_names[i]);
        text_clear(&name);
        text_clear(&value);
        text_printf(&name, SETTING "%s", row->name);
        number_add_exact(&value, row->get(settings));
        safetensors_add_text(file, name.bytes, value.bytes);
    }
    text_release(&name);
    text_release(&value);
    fields_add(file, SETTING "schedule.", schedule_fields, COUNT_OF(schedule_fields),
               &settings->schedule);
}

static void add_count(struct safetensors *file, const char *name, uint64_t value)
{
    struct text text = TEXT_INIT;
    text_printf(&text, "%llu", (unsigned long long)value);
    safetensors_add_text(file, name, text.bytes);
    text_release(&text);
}

/* Epochs that are behind: those before the run, and its own whole ones. */
static uint64_t epochs_behind(const struct session *session, const struct run_record *record)
{
    if (!record)
        return session->epochs;
    const struct nb_progress *progress = &record->state.progress;
    bool within = progress->epoch && progress->batch < progress->batches;
    return record->state.options.first_epoch + progress->epoch - within;
}

/* The best weights show themselves in a copy, and go back to where they were. */
static enum nb_status add_best(struct safetensors *file, const struct nb_net *net,
                               struct weights *best, struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = nb_net_clone(net, NB_AUTO, &copy, error);
    if (status)
        return status;
    status = weights_swap(copy, best, error);
    if (!status)
        status = checkpoint_add_numbers(file, BEST, copy, error);
    if (!status)
        status = weights_swap(copy, best, error);
    nb_net_free(&copy);
    return status;
}

static enum nb_status add_run(struct safetensors *file, const struct session *session,
                              const struct run_record *record, struct weights *best,
                              struct nb_error *error)
{
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        fields_add(file, parts[i].prefix, parts[i].rows, part_count(i),
                   (const char *)&record->state + parts[i].offset);
    safetensors_add_text(file, RUN "data", record->data);
    return best ? add_best(file, session->net, best, error) : NB_OK;
}

enum nb_status runfile_write(const struct session *session, const char *path,
                             const struct run_record *record, struct weights *best,
                             struct nb_error *error)
{
    struct safetensors file;
    struct text bytes = TEXT_INIT;
    safetensors_init(&file);
    enum nb_status status = checkpoint_add(&file, session->net, error);
    add_settings(&file, &session->settings);
    add_count(&file, "epochs", epochs_behind(session, record));
    if (!status && record)
        status = add_run(&file, session, record, best, error);
    if (!status)
        status = safetensors_write(&file, &bytes, error);
    if (!status)
        status = file_write(path, bytes.bytes, bytes.length, error);
    safetensors_release(&file);
    text_release(&bytes);
    return status;
}

/* ---- Reading ---- */

/* A value within the range of its row. */
static bool read_setting(const struct setting *row, const char *text, struct settings *settings)
{
    double value, least = row->least, most = row->most;
    size_t count = 0;
    if (row->kind == SETTING_CHOICE) {
        row->choices(&count);
        most = (double)count - 1;
    }
    if (!text || !number_parse(text, strlen(text), &value) || !(value >= least && value <= most))
        return false;
    if (row->kind != SETTING_NUMBER && value != (double)(uint64_t)value)
        return false;
    row->set(settings, value);
    return true;
}

static enum nb_status read_settings(const struct safetensors *from, const char *path,
                                    struct settings *settings, struct nb_error *error)
{
    struct text name = TEXT_INIT;
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < COUNT_OF(setting_names) && !status; i++) {
        text_clear(&name);
        text_printf(&name, SETTING "%s", setting_names[i]);
        if (!read_setting(setting_find(setting_names[i]), safetensors_text(from, name.bytes),
                          settings))
            status = error_set(error, NB_SYSTEM, "%s is damaged: it has no %s that can be", path,
                               name.bytes);
    }
    text_release(&name);
    return status ? status
                  : fields_read(from, path, SETTING "schedule.", schedule_fields,
                                COUNT_OF(schedule_fields), &settings->schedule, error);
}

static enum nb_status read_best(const struct safetensors *from, const char *path,
                                struct runfile *file, struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = nb_net_clone(file->net, NB_AUTO, &copy, error);
    if (status)
        return status;
    status = checkpoint_put_numbers(from, path, BEST, copy, error);
    if (!status)
        status = weights_keep(copy, &file->best, error);
    nb_net_free(&copy);
    return status;
}

static bool can_be_share(double value)
{
    return value >= 0 && value <= UINT32_MAX;
}

static bool is_possible(const struct run_state *state)
{
    const struct nb_progress *progress = &state->progress;
    return can_be_share(state->rules.train) && can_be_share(state->rules.validation) &&
           state->options.epochs >= 1 && progress->batch <= progress->batches &&
           progress->epoch <= state->options.epochs;
}

static enum nb_status read_run(const struct safetensors *from, const char *path,
                               struct runfile *file, struct nb_error *error)
{
    const char *data = safetensors_text(from, RUN "data");
    enum nb_status status = NB_OK;
    file->has_run = true;
    for (size_t i = 0; i < COUNT_OF(parts) && !status; i++)
        status = fields_read(from, path, parts[i].prefix, parts[i].rows, part_count(i),
                             (char *)&file->state + parts[i].offset, error);
    if (status)
        return status;
    if (!data || strlen(data) >= sizeof file->data ||
        strlen(path) >= sizeof file->state.options.checkpoint || !is_possible(&file->state))
        return error_set(error, NB_SYSTEM, "%s is damaged: its run cannot be", path);
    strcpy(file->data, data);
    strcpy(file->state.options.checkpoint, path);
    return safetensors_text(from, BEST "updates") ? read_best(from, path, file, error) : NB_OK;
}

static enum nb_status read_parts(const struct safetensors *from, const char *path,
                                 struct runfile *file, struct nb_error *error)
{
    const char *epochs = safetensors_text(from, "epochs");
    enum nb_status status = checkpoint_net(from, path, &file->net, error);
    if (!status)
        status = read_settings(from, path, &file->settings, error);
    if (!status &&
        (!epochs || !number_parse_whole(epochs, strlen(epochs), UINT64_MAX / 2, &file->epochs)))
        status = error_set(error, NB_SYSTEM, "%s is damaged: it does not say epochs", path);
    if (!status && safetensors_text(from, RUN "data"))
        status = read_run(from, path, file, error);
    return status;
}

enum nb_status runfile_read(const struct session *session, const char *path, struct runfile *file,
                            struct nb_error *error)
{
    struct safetensors from;
    struct text bytes = TEXT_INIT;
    *file = (struct runfile){ .settings = session->settings };
    safetensors_init(&from);
    enum nb_status status =
        file_read(path, SIZE_MAX / 2 < FILE_MOST ? SIZE_MAX / 2 : FILE_MOST, &bytes, error);
    if (!status)
        status = safetensors_parse(&from, path, bytes.bytes, bytes.length, error);
    text_release(&bytes);
    if (!status)
        status = read_parts(&from, path, file, error);
    safetensors_release(&from);
    if (status)
        runfile_release(file);
    return status;
}

void runfile_release(struct runfile *file)
{
    nb_net_free(&file->net);
    weights_free(&file->best);
}

/* ---- Which rows ---- */

static uint64_t mark_bytes(uint64_t mark, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        mark = (mark ^ at[i]) * FNV_PRIME;
    return mark;
}

static uint64_t mark_quantity(uint64_t mark, const struct nb_net *net, enum nb_quantity_kind kind)
{
    size_t id = nb_quantity_id(net, kind, 0);
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    for (size_t i = 0; quantity.state != NB_UNSET && i < quantity.rows; i++)
        for (size_t j = 0; j < quantity.cols; j++) {
            double value = nb_value(net, id, i, j);
            mark = mark_bytes(mark, &value, sizeof value);
        }
    return mark_bytes(mark, &quantity.rows, sizeof quantity.rows);
}

/* A few rows of the part that trains, evenly over it. */
static uint64_t mark_source(uint64_t mark, const struct nb_source *source)
{
    size_t count = source->rows < MARK_ROWS ? source->rows : MARK_ROWS;
    double *x = memory_new(source->inputs, sizeof *x), *y = memory_new(source->outputs, sizeof *y);
    for (size_t i = 0; x && y && i < count; i++) {
        uint32_t row = (uint32_t)(count > 1 ? i * (source->rows - 1) / (count - 1) : 0);
        source->fill(source->context, &row, 1, NB_DOUBLE, x, y);
        mark = mark_bytes(mark, x, source->inputs * sizeof *x);
        mark = mark_bytes(mark, y, source->outputs * sizeof *y);
    }
    free(x);
    free(y);
    return mark;
}

uint64_t runfile_rows_mark(const struct session *session)
{
    struct nb_source source;
    struct dataset_info info;
    if (!session->data)
        return mark_quantity(mark_quantity(FNV_BASIS, session->net, NB_X), session->net, NB_Y);
    dataset_describe(session->data, &info);
    dataset_source(session->data, DATASET_TRAIN, &source);
    uint64_t mark = mark_bytes(FNV_BASIS, info.name, strlen(info.name));
    mark = mark_bytes(mark, info.rows, sizeof info.rows);
    return mark_source(mark, &source);
}

/* ---- Checkpoints ---- */

bool keeper_due(const struct keeper *keeper, bool epoch_ends)
{
    if (!keeper->path[0])
        return false;
    double since = clock_seconds() - keeper->last, pause = keeper->took / KEEP_SHARE;
    return since >= pause && (epoch_ends || since >= KEEP_SECONDS);
}

enum nb_status keeper_write(struct keeper *keeper, const struct session *session,
                            const struct run_record *record, struct weights *best,
                            struct nb_error *error)
{
    double start = clock_seconds();
    enum nb_status status = runfile_write(session, keeper->path, record, best, error);
    keeper->last = clock_seconds();
    keeper->took = keeper->last - start;
    keeper->failed = status != NB_OK;
    return status;
}
