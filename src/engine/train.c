/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trainer: the whole plan for every batch, and means over the epoch. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "engine/net.h"
#include "engine/team.h"

#define EVALUATION_ROWS 256

void nb_shuffle(uint64_t seed, uint64_t epoch, size_t rows, uint32_t *order)
{
    struct rng rng;
    for (size_t i = 0; i < rows; i++)
        order[i] = (uint32_t)i;
    rng_init(&rng, seed, RNG_SHUFFLE, epoch, 0);
    rng_shuffle(&rng, order, rows);
}

struct trainer {
    struct nb_net *net;
    const struct nb_train *run;
    const struct nb_source *source; /* NULL: x and y as they stand */
    struct team *team;              /* NULL: the plain plan */
    uint32_t *order;                /* (rows) */
    size_t rows, batch;
    bool filled;      /* x and y hold every row, which stays as it is */
    size_t rows_used; /* of an epoch: without a last batch of one row under batch norm */
    bool classes;
    double lr;            /* that the run began with */
    double moment;        /* seconds: when the clock was last read */
    double started, away; /* when the epoch began, and how long callbacks took */
    struct nb_progress progress;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double net_loss(const struct nb_net *net)
{
    return net->kernels->vector->get(net_find(net, NB_LOSS_VALUE, 0)->data, 0);
}

/* ---- Rows ---- */

/* Targets are classes: one-hot rows, or 0 and 1 in one column. */
static bool is_classes(const struct nb_net *net, const struct cell *y)
{
    for (size_t i = 0; i < y->rows; i++) {
        size_t ones = 0;
        for (size_t k = 0; k < y->cols; k++) {
            double value = net->kernels->vector->get(y->data, i * y->cols + k);
            if (value != 0 && value != 1)
                return false;
            ones += value == 1;
        }
        if (y->cols > 1 && ones != 1)
            return false;
    }
    return true;
}

static enum nb_status source_check(const struct nb_net *net, const struct nb_source *source,
                                   struct nb_error *error)
{
    size_t outputs = layer_units(net, net->spec.layers);
    if (!source->rows)
        return error_set(error, NB_FAILED, "there are no rows in this part of the data set");
    if (source->rows > UINT32_MAX)
        return error_set(error, NB_FAILED, "a data set has at most %u rows", UINT32_MAX);
    if (source->inputs != net->spec.inputs || source->outputs != outputs)
        return error_set(error, NB_FAILED,
                         "the data set has %zu inputs and %zu outputs a row, the network %zu and "
                         "%zu: define it as net %zu-…-%zu",
                         source->inputs, source->outputs, net->spec.inputs, outputs, source->inputs,
                         source->outputs);
    return NB_OK;
}

/* Room for a whole batch, so that no batch allocates. */
static enum nb_status reserve_rows(struct nb_net *net, size_t rows, struct nb_error *error)
{
    enum nb_status status = net_set_rows(net, NB_X, rows, error);
    return status ? status : net_set_rows(net, NB_Y, rows, error);
}

/* x and y have n rows, which will be filled. */
static enum nb_status take_rows(struct nb_net *net, size_t n, struct nb_error *error)
{
    struct cell *x = net_find(net, NB_X, 0), *y = net_find(net, NB_Y, 0);
    if (x->rows != n || y->rows != n) {
        enum nb_status status = reserve_rows(net, n, error);
        if (status)
            return status;
    }
    net_stamp(net, x);
    net_stamp(net, y);
    return NB_OK;
}

static enum nb_status load_rows(struct nb_net *net, const struct nb_source *source,
                                const uint32_t *index, size_t n, struct nb_error *error)
{
    enum nb_status status = take_rows(net, n, error);
    if (!status)
        source->fill(source->context, index, n, net->spec.precision, net_find(net, NB_X, 0)->data,
                     net_find(net, NB_Y, 0)->data);
    return status;
}

static void forget_rows(struct nb_net *net)
{
    nb_unset(net, nb_quantity_id(net, NB_X, 0));
    nb_unset(net, nb_quantity_id(net, NB_Y, 0));
}

/* ---- One batch, one epoch ---- */

/* The first quantity of the forward pass that is not finite. */
static enum nb_status overflow(const struct nb_net *net, struct nb_error *error)
{
    struct nb_quantity quantity = { .name = "loss" };
    for (size_t i = 0; i < net->start[NB_BACKWARD]; i++) {
        size_t id = net->plan[i].writes[0];
        const struct cell *cell = net_cell(net, id);
        for (size_t k = 0; k < cell->rows * cell->cols; k++)
            if (!isfinite(net->kernels->vector->get(cell->data, k))) {
                nb_quantity_get(net, id, &quantity);
                return error_set(error, NB_FAILED, "the loss is not finite: %s overflowed",
                                 quantity.name);
            }
    }
    return error_set(error, NB_FAILED, "the loss is not finite");
}

static void run_ops(struct nb_net *net, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        op_run(net, &net->plan[i]);
}

/* index: the rows of the batch; of no source, those of x and y */
static enum nb_status train_batch(struct trainer *trainer, const uint32_t *index, size_t n,
                                  struct nb_error *error)
{
    struct nb_net *net = trainer->net;
    struct nb_progress *progress = &trainer->progress;
    const struct vector_kernels *vector = net->kernels->vector;
    if (trainer->team)
        team_forward(trainer->team, trainer->source, index, n);
    else
        run_ops(net, 0, net->start[NB_BACKWARD]);
    double loss = net_loss(net);
    if (!isfinite(loss))
        return overflow(net, error);
    if (trainer->team)
        team_backward(trainer->team);
    else
        run_ops(net, net->start[NB_BACKWARD], net->length);
    iteration_end(net);
    progress->loss_sum += loss * (double)n;
    if (trainer->classes) {
        const struct cell *a = net_find(net, NB_A, net->spec.layers);
        progress->right_sum +=
            (double)vector->correct(a->data, net_find(net, NB_Y, 0)->data, n, a->cols);
    }
    progress->step++;
    progress->batch++;
    progress->samples += n;
    return NB_OK;
}

static void note_progress(struct trainer *trainer)
{
    struct nb_progress *progress = &trainer->progress;
    double samples = (double)progress->samples;
    progress->loss = progress->loss_sum / samples;
    progress->accuracy = trainer->classes ? progress->right_sum / samples : NAN;
    trainer->moment = now();
    progress->seconds = trainer->moment - trainer->started - trainer->away;
}

/* Asks a callback whether to go on; its time does not count as training. */
static bool callback(struct trainer *trainer, bool (*ask)(void *, const struct nb_progress *))
{
    note_progress(trainer);
    if (!ask)
        return true;
    double left = trainer->moment;
    bool more = ask(trainer->run->context, &trainer->progress);
    trainer->moment = now();
    trainer->away += trainer->moment - left;
    return more;
}

/* The rate of the next update. */
static void follow_schedule(struct trainer *trainer)
{
    const struct nb_train *run = trainer->run;
    struct nb_progress *progress = &trainer->progress;
    uint64_t t = progress->epoch - 1, total = run->epochs;
    if (run->schedule.per_step) {
        t = progress->step;
        total = run->steps ? run->steps : run->epochs * progress->batches;
    }
    progress->lr = nb_schedule_lr(&run->schedule, trainer->lr, t, total);
    nb_net_set_lr(trainer->net, progress->lr);
}

/* Begins the next epoch, or goes on with one that was interrupted. */
static void epoch_begin(struct trainer *trainer)
{
    struct nb_progress *progress = &trainer->progress;
    const struct nb_train *run = trainer->run;
    trainer->away = 0;
    trainer->started = trainer->moment;
    if (!progress->batch || progress->batch == progress->batches) {
        progress->epoch++;
        progress->batch = progress->samples = 0;
        progress->loss_sum = progress->right_sum = 0;
    } else {
        trainer->started -= progress->seconds;
    }
    if (run->shuffle && trainer->order && trainer->batch < trainer->rows)
        nb_shuffle(run->seed, run->first_epoch + progress->epoch - 1, trainer->rows,
                   trainer->order);
}

static enum nb_status next_batch(struct trainer *trainer, struct nb_error *error)
{
    size_t first = (size_t)trainer->progress.batch * trainer->batch;
    size_t left = trainer->rows_used - first, n = left < trainer->batch ? left : trainer->batch;
    enum nb_status status = NB_OK;
    if (trainer->run->schedule.kind != NB_SCHEDULE_NONE)
        follow_schedule(trainer);
    const uint32_t *index = trainer->source ? trainer->order + first : NULL;
    if (trainer->team)
        status = take_rows(trainer->net, n, error);
    else if (trainer->source && !trainer->filled)
        status = load_rows(trainer->net, trainer->source, index, n, error);
    trainer->filled = trainer->batch == trainer->rows && !trainer->team && trainer->source &&
                      !trainer->source->varies;
    return status ? status : train_batch(trainer, index, n, error);
}

static enum nb_status train_epoch(struct trainer *trainer, bool *more, struct nb_error *error)
{
    const struct nb_train *run = trainer->run;
    struct nb_progress *progress = &trainer->progress;
    enum nb_status status = NB_OK;
    epoch_begin(trainer);
    while (progress->batch < progress->batches && *more && !status) {
        status = next_batch(trainer, error);
        if (status)
            break;
        if (run->interrupt && *run->interrupt)
            status = error_set(error, NB_INTERRUPTED, "interrupted after this batch");
        else if (run->on_batch)
            *more = callback(trainer, run->on_batch);
        if (run->steps && progress->step >= run->steps)
            *more = false;
    }
    if (progress->batch == progress->batches)
        *more = callback(trainer, run->on_epoch) && *more;
    else
        note_progress(trainer);
    return status;
}

static enum nb_status trainer_init(struct trainer *trainer, struct nb_error *error)
{
    struct nb_net *net = trainer->net;
    const struct nb_source *source = trainer->source;
    enum nb_status status =
        source ? source_check(net, source, error) : exec_check(net, net->length, error);
    if (status)
        return status;
    trainer->rows = source ? source->rows : net_find(net, NB_X, 0)->rows;
    size_t batch = source ? trainer->run->batch : 0;
    trainer->batch = batch && batch < trainer->rows ? batch : trainer->rows;
    if (net_has_batchnorm(net) && trainer->batch == 1)
        return error_set(error, NB_FAILED,
                         "batch norm: one row has no variance; take batches of "
                         "at least two");
    if (net_has_batchnorm(net) && trainer->rows % trainer->batch == 1)
        trainer->progress.left_out = 1;
    trainer->classes = source ? source->classes : is_classes(net, net_find(net, NB_Y, 0));
    trainer->rows_used = trainer->rows - trainer->progress.left_out;
    if (trainer->run->resume)
        trainer->progress = *trainer->run->resume;
    trainer->progress.batches = (trainer->rows_used + trainer->batch - 1) / trainer->batch;
    trainer->progress.lr = trainer->lr = net->learning.lr;
    if (!source)
        return NB_OK;
    trainer->order = memory_new(trainer->rows, sizeof *trainer->order);
    if (!trainer->order)
        return error_memory(error);
    for (size_t i = 0; i < trainer->rows; i++)
        trainer->order[i] = (uint32_t)i;
    status = reserve_rows(net, trainer->batch, error);
    return status || trainer->run->plain ? status : team_new(net, &trainer->team, error);
}

static bool run_ended(const struct trainer *trainer)
{
    const struct nb_progress *progress = &trainer->progress;
    return progress->epoch >= trainer->run->epochs && progress->batch == progress->batches;
}

enum nb_status nb_train(struct nb_net *net, const struct nb_train *run, struct nb_progress *last,
                        struct nb_error *error)
{
    struct trainer trainer = { .net = net, .run = run, .source = run->source };
    enum nb_status status = trainer_init(&trainer, error);
    bool more = true;
    trainer.moment = now();
    if (!status)
        net->state.cursor = 0;
    while (!status && more && !run_ended(&trainer))
        status = train_epoch(&trainer, &more, error);
    team_free(&trainer.team);
    if (trainer.lr > 0)
        nb_net_set_lr(net, trainer.lr);
    if (run->source && trainer.order)
        forget_rows(net);
    free(trainer.order);
    *last = trainer.progress;
    return status;
}

/* ---- Evaluation ---- */

/* Forward over every row, `batch` at a time; sums of loss and right rows. */
static enum nb_status evaluate_rows(struct nb_net *net, const struct nb_source *source,
                                    uint32_t *order, double *loss, double *right,
                                    struct nb_error *error)
{
    const struct vector_kernels *vector = net->kernels->vector;
    for (size_t first = 0; first < source->rows; first += EVALUATION_ROWS) {
        size_t left = source->rows - first, n = left < EVALUATION_ROWS ? left : EVALUATION_ROWS;
        for (size_t i = 0; i < n; i++)
            order[i] = (uint32_t)(first + i);
        enum nb_status status = load_rows(net, source, order, n, error);
        if (status)
            return status;
        run_ops(net, 0, net->start[NB_BACKWARD]);
        const struct cell *a = net_find(net, NB_A, net->spec.layers);
        *loss += net_loss(net) * (double)n;
        *right += (double)vector->correct(a->data, net_find(net, NB_Y, 0)->data, n, a->cols);
    }
    return NB_OK;
}

static enum nb_status evaluate_source(struct nb_net *copy, const struct nb_source *source,
                                      double *loss, double *accuracy, struct nb_error *error)
{
    uint32_t order[EVALUATION_ROWS];
    double right = 0;
    enum nb_status status = source_check(copy, source, error);
    *loss = 0;
    if (!status)
        status = evaluate_rows(copy, source, order, loss, &right, error);
    *loss /= (double)source->rows;
    *accuracy = source->classes ? right / (double)source->rows : NAN;
    return status;
}

static enum nb_status evaluate_given(struct nb_net *copy, double *loss, double *accuracy,
                                     struct nb_error *error)
{
    enum nb_status status = exec_check(copy, copy->length, error);
    if (status)
        return status;
    run_ops(copy, 0, copy->start[NB_BACKWARD]);
    const struct cell *a = net_find(copy, NB_A, copy->spec.layers), *y = net_find(copy, NB_Y, 0);
    *loss = net_loss(copy);
    *accuracy = is_classes(copy, y)
                    ? (double)copy->kernels->vector->correct(a->data, y->data, a->rows, a->cols) /
                          (double)a->rows
                    : NAN;
    return NB_OK;
}

enum nb_status nb_evaluate(const struct nb_net *net, const struct nb_source *source, double *loss,
                           double *accuracy, struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = nb_net_clone(net, NB_AUTO, &copy, error);
    if (status)
        return status;
    copy->evaluating = true;
    status = source ? evaluate_source(copy, source, loss, accuracy, error)
                    : evaluate_given(copy, loss, accuracy, error);
    nb_net_free(&copy);
    return status;
}

/* ---- Prediction ---- */

/* The loss of each row of the batch. */
static void row_losses(const struct nb_net *net, double *losses)
{
    const struct cell *a = net_find(net, NB_A, net->spec.layers);
    const struct cell *z = net_before_activation(net, net->spec.layers);
    size_t row = a->cols * net->kernels->vector->size;
    bool softmax = net->layers[net->spec.layers - 1].activation == NB_SOFTMAX;
    const char *y = net_find(net, NB_Y, 0)->data;
    for (size_t i = 0; i < a->rows; i++)
        losses[i] = net->kernels->loss[net->spec.loss].value((const char *)a->data + i * row,
                                                             (const char *)z->data + i * row,
                                                             y + i * row, 1, a->cols, softmax);
}

static enum nb_status predict_rows(struct nb_net *net, const struct nb_source *source,
                                   const uint32_t *index, size_t n,
                                   const struct nb_prediction *result, struct nb_error *error)
{
    const struct vector_kernels *vector = net->kernels->vector;
    size_t outputs = source->outputs;
    for (size_t first = 0; first < n; first += EVALUATION_ROWS) {
        size_t left = n - first, count = left < EVALUATION_ROWS ? left : EVALUATION_ROWS;
        enum nb_status status = load_rows(net, source, index + first, count, error);
        if (status)
            return status;
        run_ops(net, 0, net->start[NB_BACKWARD]);
        if (result->outputs)
            vector->read(result->outputs + first * outputs,
                         net_find(net, NB_A, net->spec.layers)->data, count * outputs);
        if (result->targets)
            vector->read(result->targets + first * outputs, net_find(net, NB_Y, 0)->data,
                         count * outputs);
        if (result->losses)
            row_losses(net, result->losses + first);
    }
    return NB_OK;
}

enum nb_status nb_predict(const struct nb_net *net, const struct nb_source *source,
                          const uint32_t *index, size_t n, const struct nb_prediction *result,
                          struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = source_check(net, source, error);
    if (!status)
        status = nb_net_clone(net, NB_AUTO, &copy, error);
    if (status)
        return status;
    copy->evaluating = true;
    status = predict_rows(copy, source, index, n, result, error);
    nb_net_free(&copy);
    return status;
}

void nb_set_threads(int threads)
{
    kernels_set_threads(threads);
}

int nb_threads(void)
{
    return kernels_threads();
}
