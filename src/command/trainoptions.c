/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/trainoptions.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/data.h"
#include "command/progress.h"
#include "command/schedulespec.h"
#include "command/settings.h"

#define UNTIL_EPOCHS   100000 /* the limit where until= stands without epochs= */
#define DEFAULT_EPOCHS 10

#define BIT(optimizer) (1u << (optimizer))
#define ALL_OPTIMIZERS (~0u)

/* The numbers of how it learns, and which optimisers use each. */
static const struct {
    const char *name;
    size_t offset; /* in struct nb_learning */
    unsigned users;
    const char *instead;
} numbers[] = {
    { "lr", offsetof(struct nb_learning, lr), ALL_OPTIMIZERS, NULL },
    { "momentum", offsetof(struct nb_learning, momentum), BIT(NB_MOMENTUM) | BIT(NB_NESTEROV),
      "optimizer=momentum or nesterov" },
    { "rho", offsetof(struct nb_learning, rho), BIT(NB_RMSPROP), "optimizer=rmsprop" },
    { "beta1", offsetof(struct nb_learning, beta1), BIT(NB_ADAM) | BIT(NB_ADAMW),
      "optimizer=adam or adamw" },
    { "beta2", offsetof(struct nb_learning, beta2), BIT(NB_ADAM) | BIT(NB_ADAMW),
      "optimizer=adam or adamw" },
    { "epsilon", offsetof(struct nb_learning, epsilon),
      BIT(NB_RMSPROP) | BIT(NB_ADAM) | BIT(NB_ADAMW), "optimizer=rmsprop, adam or adamw" },
    { "l2", offsetof(struct nb_learning, l2), ALL_OPTIMIZERS, NULL },
    { "l1", offsetof(struct nb_learning, l1), ALL_OPTIMIZERS, NULL },
    { "clip", offsetof(struct nb_learning, clip), ALL_OPTIMIZERS, NULL },
};

static double *number_of(struct nb_learning *learning, size_t row)
{
    return (double *)(void *)((char *)learning + numbers[row].offset);
}

bool train_learning_same(const struct nb_learning *a, const struct nb_learning *b)
{
    struct nb_learning left = *a, right = *b;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (*number_of(&left, i) != *number_of(&right, i))
            return false;
    return a->optimizer == b->optimizer && a->l2_form == b->l2_form &&
           a->regularize_bias == b->regularize_bias;
}

static bool is_used(const struct nb_learning *learning, size_t row)
{
    return numbers[row].users & BIT(learning->optimizer);
}

/* ---- Reading one option ---- */

static enum nb_status read_learning(const struct call *call, struct nb_learning *learning,
                                    struct nb_error *error)
{
    size_t count;
    learning->optimizer =
        (enum nb_optimizer)call_choice(call, "optimizer", (size_t)learning->optimizer);
    const char *optimizer = nb_optimizers(&count)[learning->optimizer].name;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct argument *given = call_argument(call, numbers[i].name);
        if (!given)
            continue;
        if (!is_used(learning, i))
            return error_at(error, NB_USAGE, given->span.at,
                            "%s does not use %s=: add %s, or leave %s= out", optimizer,
                            numbers[i].name, numbers[i].instead, numbers[i].name);
        *number_of(learning, i) = given->number;
    }
    return NB_OK;
}

static enum nb_status read_schedule(const struct call *call, struct nb_schedule *schedule,
                                    struct nb_error *error)
{
    const struct argument *given = call_argument(call, "schedule");
    const struct argument *per = call_argument(call, "per");
    enum nb_status status =
        given ? schedule_parse(call->source, given->span, schedule, error) : NB_OK;
    if (status || !per)
        return status;
    if (schedule->kind == NB_SCHEDULE_NONE)
        return error_at(error, NB_USAGE, per->span.at,
                        "per= says what a schedule counts: add schedule=exp(1e-4) or another");
    schedule->per_step = per->choice == 1;
    return NB_OK;
}

static enum nb_status read_batch(const struct call *call, uint64_t *batch, struct nb_error *error)
{
    const struct argument *given = call_argument(call, "batch");
    uint64_t value, most = (uint64_t)setting_find("batch")->most;
    if (!given)
        return NB_OK;
    if (strcmp(given->text, "full") == 0)
        *batch = 0;
    else if (number_parse_whole(given->text, strlen(given->text), most, &value) && value)
        *batch = value;
    else
        return error_at(error, NB_USAGE, given->span.at,
                        "batch= wants a number of rows from 1, or full, not %.40s", given->text);
    return NB_OK;
}

/* 5, 40steps, 1step */
static enum nb_status read_every(const struct call *call, struct train_options *options,
                                 struct nb_error *error)
{
    const struct argument *given = call_argument(call, "every");
    if (!given) {
        if (!options->every_steps)
            options->every = progress_every(options->epochs);
        return NB_OK;
    }
    size_t digits = strspn(given->text, "0123456789");
    const char *unit = given->text + digits;
    bool steps = strcmp(unit, "steps") == 0 || strcmp(unit, "step") == 0;
    bool epochs = !*unit || strcmp(unit, "epochs") == 0 || strcmp(unit, "epoch") == 0;
    if (!number_parse_whole(given->text, digits, 1000000000000, &options->every) ||
        !options->every || (!steps && !epochs))
        return error_at(error, NB_USAGE, given->span.at,
                        "every= wants a number of epochs from 1, or of updates as 40steps, not "
                        "%.40s",
                        given->text);
    options->every_steps = steps;
    return NB_OK;
}

static enum nb_status read_texts(const struct call *call, struct train_options *options,
                                 struct nb_error *error)
{
    const struct {
        const char *name;
        char *room;
        size_t size;
    } rows[] = { { "name", options->name, sizeof options->name },
                 { "until", options->until, sizeof options->until },
                 { "log", options->log, sizeof options->log },
                 { "checkpoint", options->checkpoint, sizeof options->checkpoint } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct argument *given = call_argument(call, rows[i].name);
        if (!given)
            continue;
        if (strlen(given->text) >= rows[i].size)
            return error_at(error, NB_USAGE, given->span.at, "%s= is at most %zu bytes long",
                            rows[i].name, rows[i].size - 1);
        strcpy(rows[i].room, given->text);
    }
    return NB_OK;
}

/* ---- Limits ---- */

static size_t rows_of(const struct session *session)
{
    struct dataset_info info;
    struct nb_quantity x;
    if (session->data) {
        dataset_describe(session->data, &info);
        return info.rows[DATASET_TRAIN];
    }
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_X, 0), &x);
    return x.rows;
}

/* Epochs that `steps` updates take. */
static uint64_t epochs_of(const struct session *session, uint64_t steps, uint64_t batch)
{
    uint64_t rows = rows_of(session);
    if (!session->data || !batch || batch > rows)
        batch = rows;
    uint64_t batches = batch ? (rows + batch - 1) / batch : 1;
    return (steps + batches - 1) / (batches ? batches : 1);
}

static enum nb_status read_limits(const struct session *session, const struct call *call,
                                  struct train_options *options, struct nb_error *error)
{
    const struct argument *epochs = call_argument(call, "epochs");
    const struct argument *steps = call_argument(call, "steps");
    if (epochs && steps)
        return error_at(error, NB_USAGE, steps->span.at,
                        "epochs= and steps= are both limits: give one of them");
    if (epochs) {
        options->epochs = (uint64_t)epochs->number;
        options->steps = 0;
    } else if (steps) {
        options->steps = (uint64_t)steps->number;
    } else if (call_has(call, "until")) {
        options->epochs = UNTIL_EPOCHS;
        options->steps = 0;
    }
    if (options->steps)
        options->epochs = epochs_of(session, options->steps, options->batch);
    return NB_OK;
}

/* ---- Validation ---- */

static const enum dataset_part judged[] = {
    [VALIDATE_VALIDATION] = DATASET_VALIDATION, [VALIDATE_TEST] = DATASET_TEST
};

static bool has_part(const struct session *session, enum train_validate validate)
{
    struct dataset_info info;
    if (!session->data || validate == VALIDATE_OFF)
        return false;
    dataset_describe(session->data, &info);
    return info.rows[judged[validate]] > 0;
}

static enum nb_status read_validation(const struct session *session, const struct call *call,
                                      struct train_options *options, struct nb_error *error)
{
    const struct argument *given = call_argument(call, "validate");
    const struct argument *patience = call_argument(call, "patience");
    if (given)
        options->validate = (enum train_validate)given->choice;
    if (patience)
        options->patience = (uint64_t)patience->number;
    if (patience && !given && options->validate == VALIDATE_OFF) /* as like="..." had it */
        options->validate = VALIDATE_VALIDATION;
    if (options->patience &&
        (options->validate != VALIDATE_VALIDATION || !has_part(session, VALIDATE_VALIDATION)))
        return error_at(error, NB_FAILED, patience ? patience->span.at : NB_NOWHERE,
                        "patience= needs a validation part, which is not the test set: split 0.8 "
                        "0.2 holds rows back for it");
    bool there = has_part(session, options->validate);
    if (given && !there && options->validate != VALIDATE_OFF)
        return error_at(
            error, NB_FAILED, given->span.at, "there is no %s part%s",
            dataset_part_names[judged[options->validate]],
            options->validate == VALIDATE_TEST ? "" : ": split 0.8 0.2 holds rows back for it");
    if (!there)
        options->validate = VALIDATE_OFF;
    return NB_OK;
}

/* ---- All of them ---- */

static struct train_options options_default(const struct session *session)
{
    return (struct train_options){ .learning = session_learning(session),
                                   .schedule = session->settings.schedule,
                                   .epochs = DEFAULT_EPOCHS,
                                   .batch = session->settings.batch,
                                   .seed = session->settings.seed,
                                   .first_epoch = session->epochs,
                                   .shuffle = true };
}

static enum nb_status check_flip(const struct session *session, const struct call *call,
                                 struct train_options *options, struct nb_error *error)
{
    struct dataset_info info = { 0 };
    options->flip = call_choice(call, "augment", options->flip) == 1;
    if (session->data)
        dataset_describe(session->data, &info);
    if (options->flip && !info.height)
        return error_at(error, NB_FAILED,
                        call_has(call, "augment") ? call_argument(call, "augment")->span.at
                                                  : NB_NOWHERE,
                        "augment=flip mirrors images, and these rows are none");
    return NB_OK;
}

enum nb_status train_options_read(struct session *session, const struct call *call,
                                  const struct train_options *like, struct train_options *options,
                                  struct nb_error *error)
{
    *options = like ? *like : options_default(session);
    if (like) { /* these are that run's alone */
        options->name[0] = options->log[0] = options->checkpoint[0] = '\0';
        options->quiet = false;
    }
    options->quiet = call_has(call, "quiet");
    options->seed = (uint64_t)call_number(call, "seed", (double)options->seed);
    options->shuffle = call_choice(call, "shuffle", !options->shuffle) == 0;
    if (!session->data)
        options->batch = 0;
    enum nb_status status = read_learning(call, &options->learning, error);
    if (!status)
        status = read_schedule(call, &options->schedule, error);
    if (!status)
        status = read_batch(call, &options->batch, error);
    if (!status)
        status = read_limits(session, call, options, error);
    if (!status)
        status = read_every(call, options, error);
    if (!status)
        status = read_texts(call, options, error);
    if (!status)
        status = read_validation(session, call, options, error);
    return status ? status : check_flip(session, call, options, error);
}

/* ---- Telling ---- */

static void add_learning(struct text *text, const struct nb_learning *learning, const char *dot)
{
    struct nb_learning values = *learning;
    size_t count;
    text_add(text, nb_optimizers(&count)[learning->optimizer].name);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        double value = *number_of(&values, i);
        bool off = numbers[i].users == ALL_OPTIMIZERS && i > 0 && value == 0;
        if (!is_used(learning, i) || off)
            continue;
        text_printf(text, " %s %s ", dot, numbers[i].name);
        number_add(text, value, 6);
        if (strcmp(numbers[i].name, "l2") == 0 && learning->optimizer != NB_ADAMW)
            text_printf(text, " (%s)", nb_l2_forms(&count)[learning->l2_form].name);
    }
    bool penalty = learning->l1 != 0 || (learning->l2 != 0 && learning->optimizer != NB_ADAMW);
    if (penalty && learning->regularize_bias)
        text_add(text, ", biases too");
}

static void add_limit(struct text *text, const struct train_options *options, const char *dot)
{
    text_printf(text, " %s ", dot);
    if (options->until[0])
        text_printf(text, "until %s, at most ", options->until);
    size_t limit = (size_t)(options->steps ? options->steps : options->epochs);
    add_grouped(text, limit);
    text_printf(text, " %s%s", options->steps ? "update" : "epoch", limit == 1 ? "" : "s");
}

static void add_validation(struct text *text, const struct session *session,
                           const struct train_options *options, const char *dot)
{
    struct dataset_info info;
    if (options->validate == VALIDATE_OFF || !session->data)
        return;
    dataset_describe(session->data, &info);
    enum dataset_part part = judged[options->validate];
    text_printf(text, " %s validated by the ", dot);
    add_grouped(text, info.rows[part]);
    text_printf(text, " %s rows", dataset_part_names[part]);
    if (options->patience)
        text_printf(text, " %s patience %llu", dot, (unsigned long long)options->patience);
}

void train_options_add(struct text *text, const struct session *session,
                       const struct train_options *options, bool unicode)
{
    const char *dot = unicode ? "·" : "-";
    bool data = session->data != NULL;
    add_learning(text, &options->learning, dot);
    if (options->schedule.kind != NB_SCHEDULE_NONE) {
        text_printf(text, " %s schedule ", dot);
        schedule_add(text, &options->schedule);
        text_printf(text, " per %s", options->schedule.per_step ? "step" : "epoch");
    }
    if (!data || !options->batch)
        text_printf(text, " %s batch full", dot);
    else
        text_printf(text, " %s batch %llu", dot, (unsigned long long)options->batch);
    add_limit(text, options, dot);
    if (data && options->shuffle)
        text_printf(text, " %s shuffled by seed %llu", dot, (unsigned long long)options->seed);
    else if (data)
        text_printf(text, " %s not shuffled", dot);
    if (options->flip)
        text_printf(text, " %s augment flip", dot);
    add_validation(text, session, options, dot);
    if (options->name[0] && strncmp(options->name, "Exp. ", 5) != 0)
        text_printf(text, " %s name %s", dot, options->name);
    if (options->log[0])
        text_printf(text, " %s log %s", dot, options->log);
    if (options->checkpoint[0])
        text_printf(text, " %s checkpoint %s", dot, options->checkpoint);
}
