/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trainer against stepping, and against numbers computed apart from nabla
 * (reference.py). */
#include "nets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Counting allocations: the linker sends these calls here ----------- */

static size_t allocations;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    allocations++;
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    allocations++;
    return __real_posix_memalign(block, alignment, size);
}

/* ---- A source of rows --------------------------------------------------- */

struct rows {
    size_t inputs, outputs;
    const double *x, *y;
    size_t fills, seen[16]; /* how often each row was asked for */
};

static void fill(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                 void *x, void *y)
{
    struct rows *rows = context;
    rows->fills++;
    for (size_t i = 0; i < n; i++) {
        rows->seen[index[i]]++;
        for (size_t k = 0; k < rows->inputs + rows->outputs; k++) {
            bool input = k < rows->inputs;
            size_t at = input ? k : k - rows->inputs, width = input ? rows->inputs : rows->outputs;
            double value = (input ? rows->x : rows->y)[index[i] * width + at];
            if (precision == NB_SINGLE)
                ((float *)(input ? x : y))[i * width + at] = (float)value;
            else
                ((double *)(input ? x : y))[i * width + at] = value;
        }
    }
}

static const double five_x[15] = { .5, .5, .1, .5, .1, .3, -1, .25, 2, .75, -.5, 0, 0, 1, -1 };
static const double five_y[10] = { .9, .1, .9, .1, 0, 1, .5, .5, 1, 0 };
static struct rows five_rows(void)
{
    return (struct rows){ 3, 2, five_x, five_y, 0, { 0 } };
}

static struct nb_source five_source(struct rows *rows)
{
    return (struct nb_source){ rows, 5, 3, 2, false, fill, false };
}

static double progress_loss(const struct nb_train *run, struct nb_net *net)
{
    struct nb_progress last;
    assert_int_equal(nb_train(net, run, &last, NULL), NB_OK);
    return last.loss;
}

/* ---- Numbers ------------------------------------------------------------- */

/* The exercise's network on five rows, lr 0.5, in their own order. */
static const struct training_case {
    size_t batch, epochs;
    double loss, parameters[14], loss_after;
} training_cases[] = {
    /* the last batch has one row: it is averaged over its own size */
    { 2,
      3,
      0.20515063031104847845,
      { 0.14488561040527994698, 0.19310707113659654031, 0.23695369312988516937,
        0.2828767680524013633, 0.34748614120208811816, 0.39803400685164188658,
        0.31511299811729486627, 0.25522537749476597611, 0.37442794655558930796,
        0.22326803889065758671, 0.47350898174320932025, 0.32683944485116406615,
        0.57973196252493491923, 0.25802678963643718953 },
      0.18956114259239911754 },
    { 5,
      2,
      0.23570257447943937519,
      { 0.14818561160494476904, 0.19779547746975450216, 0.24738079454262551154,
        0.29680592019771876804, 0.34819933779126986607, 0.39770295468114815184,
        0.34065570711765442364, 0.28847483425182786327, 0.38669293998550740422,
        0.40403251222537678532, 0.48659698708185565525, 0.5044886781127590963,
        0.58306004472276288819, 0.57291848190581486915 },
      0.23015545326595799571 },
};

static void check_training(const struct training_case *row, enum nb_precision precision)
{
    static const enum nb_quantity_kind kinds[] = { NB_W, NB_B, NB_W, NB_B };
    static const size_t layers[] = { 1, 1, 2, 2 }, sizes[] = { 6, 2, 4, 2 };
    double tolerance = precision == NB_DOUBLE ? 1e-14 : 1e-6, loss, accuracy;
    struct rows rows = five_rows();
    struct nb_source source = five_source(&rows);
    struct nb_train run = { .source = &source, .batch = row->batch, .epochs = row->epochs };
    struct nb_net *net = net_exercise(precision);
    nb_net_set_lr(net, 0.5);
    assert_near(progress_loss(&run, net), row->loss, tolerance);
    size_t at = 0;
    for (size_t q = 0; q < 4; q++)
        for (size_t i = 0; i < sizes[q]; i++)
            assert_near(net_value(net, kinds[q], layers[q], kinds[q] == NB_W ? i / 2 : 0,
                                  kinds[q] == NB_W ? i % 2 : i),
                        row->parameters[at++], tolerance);
    assert_int_equal(nb_evaluate(net, &source, &loss, &accuracy, NULL), NB_OK);
    assert_near(loss, row->loss_after, tolerance);
    assert_true(isnan(accuracy));
    assert_int_equal(nb_cursor(net), 0);
    assert_int_equal(nb_iteration(net), row->epochs * ((5 + row->batch - 1) / row->batch));
    assert_int_equal(net_quantity(net, NB_X, 0).state, NB_UNSET);
    assert_int_equal(net_quantity(net, NB_Y, 0).state, NB_UNSET);
    nb_net_free(&net);
}

static void training_gives_the_reference_weights(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof training_cases / sizeof training_cases[0]; i++) {
        check_training(&training_cases[i], NB_DOUBLE);
        check_training(&training_cases[i], NB_SINGLE);
    }
}

/* ---- The same engine ------------------------------------------------------ */

static struct nb_net *larger(enum nb_precision precision, size_t rows)
{
    const struct net_shape shape = { 17,        3,          { 33, 20, 9 },
                                     NB_TANH,   NB_SOFTMAX, NB_CROSS_ENTROPY,
                                     precision, 4 };
    struct nb_net *net = net_make(&shape);
    net_give_rows(net, rows, 6);
    return net;
}

static void stepping_then_training_is_training(void **state)
{
    (void)state;
    static const size_t rows[] = { 1, 4, 21 };
    for (size_t i = 0; i < 3; i++) {
        struct nb_net *a = larger(NB_DOUBLE, rows[i]), *b = larger(NB_DOUBLE, rows[i]);
        struct nb_train run = { .epochs = 9 };
        progress_loss(&run, a);
        for (size_t op = 0; op < 4 * nb_plan_length(b); op++)
            net_run(b, 1);
        run.epochs = 5;
        progress_loss(&run, b);
        assert_pictures_same(picture_new(a), picture_new(b));
        nb_net_free(&a);
        nb_net_free(&b);
    }
}

static void single_precision_trains_alike(void **state)
{
    (void)state;
    struct nb_net *a = larger(NB_SINGLE, 21), *b = larger(NB_SINGLE, 21);
    struct nb_train run = { .epochs = 9 };
    progress_loss(&run, a);
    net_run(b, 9 * nb_plan_length(b));
    size_t w = net_id(a, NB_W, 2);
    for (size_t i = 0; i < 33 * 20; i++)
        assert_near(nb_value(a, w, i / 20, i % 20), nb_value(b, w, i / 20, i % 20), 1e-5);
    nb_net_free(&a);
    nb_net_free(&b);
}

/* ---- Rows and their order -------------------------------------------------- */

static void every_epoch_takes_each_row_once(void **state)
{
    (void)state;
    struct rows rows = five_rows();
    struct nb_source source = five_source(&rows);
    struct nb_train run = {
        .source = &source, .batch = 2, .epochs = 4, .shuffle = true, .seed = 3
    };
    struct nb_net *net = net_exercise(NB_DOUBLE);
    progress_loss(&run, net);
    assert_int_equal(rows.fills, 12);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rows.seen[i], 4);
    nb_net_free(&net);
}

/* Two epochs, then two more with first_epoch = 2, are four. */
static void shuffles_go_on_from_first_epoch(void **state)
{
    (void)state;
    struct rows rows = five_rows();
    struct nb_source source = five_source(&rows);
    struct nb_train run = {
        .source = &source, .batch = 2, .epochs = 4, .shuffle = true, .seed = 3
    };
    struct nb_net *a = net_exercise(NB_DOUBLE), *b = net_exercise(NB_DOUBLE);
    progress_loss(&run, a);
    run.epochs = 2;
    progress_loss(&run, b);
    run.first_epoch = 2;
    progress_loss(&run, b);
    assert_pictures_same(picture_new(a), picture_new(b));
    nb_net_free(&a);
    nb_net_free(&b);
}

static void steps_limit_the_run(void **state)
{
    (void)state;
    struct rows rows = five_rows();
    struct nb_source source = five_source(&rows);
    struct nb_train run = { .source = &source, .batch = 2, .epochs = 100, .steps = 7 };
    struct nb_progress last;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_int_equal(nb_train(net, &run, &last, NULL), NB_OK);
    assert_int_equal(last.step, 7);
    assert_int_equal(last.epoch, 3);
    assert_int_equal(nb_iteration(net), 7);
    nb_net_free(&net);
}

/* ---- Callbacks ------------------------------------------------------------- */

struct watch {
    size_t batches, epochs, stop_batch, stop_epoch, counted, at_first;
    uint64_t samples;
    double loss, accuracy;
};

static bool on_batch(void *context, const struct nb_progress *progress)
{
    struct watch *watch = context;
    if (watch->batches++ == 0)
        watch->at_first = allocations;
    watch->counted = allocations - watch->at_first;
    assert_true(progress->seconds >= 0 && progress->lr == 0.1);
    return watch->batches != watch->stop_batch;
}

static bool on_epoch(void *context, const struct nb_progress *progress)
{
    struct watch *watch = context;
    watch->epochs++;
    assert_int_equal(progress->epoch, watch->epochs);
    assert_int_equal(progress->batch, progress->batches);
    watch->samples = progress->samples;
    watch->loss = progress->loss;
    watch->accuracy = progress->accuracy;
    return watch->epochs != watch->stop_epoch;
}

static void callbacks_see_and_stop_the_run(void **state)
{
    (void)state;
    static const struct {
        size_t stop_batch, stop_epoch, batches, epochs;
    } rows[] = { { 0, 0, 12, 4 }, { 5, 0, 5, 1 }, { 0, 2, 6, 2 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rows five = five_rows();
        struct nb_source source = five_source(&five);
        struct watch watch = { .stop_batch = rows[i].stop_batch, .stop_epoch = rows[i].stop_epoch };
        struct nb_train run = { .source = &source,
                                .batch = 2,
                                .epochs = 4,
                                .on_batch = on_batch,
                                .on_epoch = on_epoch,
                                .context = &watch };
        struct nb_net *net = net_exercise(NB_DOUBLE);
        progress_loss(&run, net);
        assert_int_equal(watch.batches, rows[i].batches);
        assert_int_equal(watch.epochs, rows[i].epochs);
        assert_int_equal(watch.samples, 5);
        nb_net_free(&net);
    }
}

static void an_interrupt_ends_after_the_batch(void **state)
{
    (void)state;
    volatile sig_atomic_t interrupt = 1;
    struct rows five = five_rows();
    struct nb_source source = five_source(&five);
    struct nb_train run = { .source = &source, .batch = 2, .epochs = 4, .interrupt = &interrupt };
    struct nb_progress last;
    struct nb_error error;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_int_equal(nb_train(net, &run, &last, &error), NB_INTERRUPTED);
    assert_int_equal(last.step, 1);
    assert_int_equal(nb_iteration(net), 1);
    nb_net_free(&net);
}

/* Ten thousand stepped operations and thirty epochs allocate nothing. */
static void a_training_step_allocates_nothing(void **state)
{
    (void)state;
    struct watch watch = { 0 };
    struct rows five = five_rows();
    struct nb_source source = five_source(&five);
    struct nb_train run = { .source = &source,
                            .batch = 2,
                            .epochs = 30,
                            .shuffle = true,
                            .on_batch = on_batch,
                            .on_epoch = on_epoch,
                            .context = &watch };
    struct nb_net *net = larger(NB_DOUBLE, 8);
    size_t before = allocations;
    assert_true(before > 0);
    net_run(net, 10000);
    assert_int_equal(allocations, before);
    nb_net_free(&net);
    net = net_exercise(NB_SINGLE);
    progress_loss(&run, net);
    assert_int_equal(watch.batches, 90);
    assert_int_equal(watch.counted, 0);
    nb_net_free(&net);
}

/* Nor with batch norm, dropout, penalties and clipping, under any optimiser. */
static void no_feature_allocates_in_a_step(void **state)
{
    (void)state;
    const struct net_shape shape = {
        3, 2, { 4, 2 }, NB_RELU, NB_SIGMOID, NB_HALF_SSE, NB_DOUBLE, 1
    };
    struct rows five = five_rows();
    struct nb_source source = five_source(&five);
    struct nb_learning learning = nb_learning_default();
    learning.l1 = learning.l2 = learning.clip = 0.1;
    learning.regularize_bias = true;
    for (size_t i = 0; i < 2 * (NB_ADAMW + 1); i++) {
        struct watch watch = { 0 };
        struct net_shape own = shape;
        struct nb_train run = { .source = &source,
                                .batch = 2,
                                .epochs = 5,
                                .on_batch = on_batch,
                                .on_epoch = on_epoch,
                                .context = &watch };
        own.precision = i % 2 ? NB_SINGLE : NB_DOUBLE;
        struct nb_net *net = net_with(&own, 1, 0.25);
        learning.optimizer = (enum nb_optimizer)(i / 2);
        net_learn(net, &learning);
        progress_loss(&run, net);
        assert_int_equal(watch.batches, 10); /* the fifth row is left out */
        assert_int_equal(watch.counted, 0);
        nb_net_free(&net);
    }
}

/* ---- Means and accuracy ------------------------------------------------------ */

/* Outputs equal to inputs; which rows are right is plain to see. */
static const struct accuracy_case {
    size_t units, rows;
    double a[8], y[8];
    double loss, accuracy; /* half the squared error */
} accuracy_cases[] = {
    { 1, 4, { 0.2, 0.7, 0.6, 0.4 }, { 0, 1, 0, 1 }, 0.5 * (0.04 + 0.09 + 0.36 + 0.36) / 4, 0.5 },
    { 2,
      3,
      { 1, 0, 0.5, 0.25, 0, 3 },
      { 1, 0, 0, 1, 0, 1 },
      0.5 * (0.25 + 0.5625 + 4) / 3,
      2.0 / 3 },
    { 2, 2, { 1, 0, 0, 1 }, { 0.5, 0.5, 0, 1 }, 0.125, -1 }, /* no classes */
};

static void evaluation_means_over_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accuracy_cases / sizeof accuracy_cases[0]; i++) {
        const struct accuracy_case *row = &accuracy_cases[i];
        const struct net_shape shape = { row->units, 1,           { row->units }, NB_LINEAR,
                                         NB_LINEAR,  NB_HALF_SSE, NB_DOUBLE,      1 };
        struct nb_net *net = net_make(&shape);
        net_assign(net, NB_W, 1, row->units, row->units,
                   row->units == 1 ? (const double[]){ 1 } : (const double[]){ 1, 0, 0, 1 });
        net_assign(net, NB_X, 0, row->rows, row->units, row->a);
        net_assign(net, NB_Y, 0, row->rows, row->units, row->y);
        net_run(net, 1);
        struct picture *before = picture_new(net);
        double loss, accuracy;
        assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_OK);
        assert_near(loss, row->loss, 1e-15);
        if (row->accuracy < 0)
            assert_true(isnan(accuracy));
        else
            assert_near(accuracy, row->accuracy, 1e-15);
        assert_pictures_same(before, picture_new(net));
        nb_net_free(&net);
    }
}

static void a_source_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct rows five = five_rows();
    const struct nb_source sources[] = {
        { &five, 0, 3, 2, false, fill, false },
        { &five, 5, 2, 2, false, fill, false },
        { &five, 5, 3, 1, false, fill, false },
    };
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct picture *before = picture_new(net);
    for (size_t i = 0; i < 3; i++) {
        struct nb_train run = { .source = &sources[i], .batch = 2, .epochs = 1 };
        struct nb_progress last;
        struct nb_error error = { .text = "" };
        double loss, accuracy;
        assert_int_equal(nb_train(net, &run, &last, &error), NB_FAILED);
        assert_true(error.text[0] != '\0');
        assert_int_equal(nb_evaluate(net, &sources[i], &loss, &accuracy, &error), NB_FAILED);
    }
    assert_pictures_same(before, picture_new(net));
    nb_net_free(&net);
}

static void training_needs_rows(void **state)
{
    (void)state;
    struct nb_train run = { .epochs = 1 };
    struct nb_progress last;
    double loss, accuracy;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    nb_unset(net, net_id(net, NB_Y, 0));
    assert_int_equal(nb_train(net, &run, &last, NULL), NB_FAILED);
    assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_FAILED);
    nb_net_free(&net);
}

/* w ← w - 10·w from 1: -9, 81, ... until the square overflows; the weights of
 * the last update that was finite stay. */
static void a_loss_that_is_not_finite_stops(void **state)
{
    (void)state;
    const struct net_shape shape = { 1, 1, { 1 }, NB_LINEAR, NB_LINEAR, NB_SSE, NB_DOUBLE, 1 };
    struct nb_train run = { .epochs = 100000 };
    struct nb_progress last;
    struct nb_error error = { .text = "" };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 1 });
    nb_freeze(net, net_id(net, NB_B, 1), true);
    net_assign(net, NB_X, 0, 1, 1, (const double[]){ 1 });
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 0 });
    nb_net_set_lr(net, 5);
    assert_int_equal(nb_train(net, &run, &last, &error), NB_FAILED);
    assert_non_null(strstr(error.text, "loss"));
    assert_near(fabs(net_value(net, NB_W, 1, 0, 0)), pow(9, (double)last.step), 1e-9);
    assert_int_equal(last.step, 162); /* 9^162 squared is above 1.8e308 */
    nb_net_free(&net);
}

static void threads_can_be_set(void **state)
{
    (void)state;
    nb_set_threads(1);
    assert_int_equal(nb_threads(), 1);
    nb_set_threads(0);
    assert_true(nb_threads() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_gives_the_reference_weights),
        cmocka_unit_test(stepping_then_training_is_training),
        cmocka_unit_test(single_precision_trains_alike),
        cmocka_unit_test(every_epoch_takes_each_row_once),
        cmocka_unit_test(shuffles_go_on_from_first_epoch),
        cmocka_unit_test(steps_limit_the_run),
        cmocka_unit_test(callbacks_see_and_stop_the_run),
        cmocka_unit_test(an_interrupt_ends_after_the_batch),
        cmocka_unit_test(a_training_step_allocates_nothing),
        cmocka_unit_test(no_feature_allocates_in_a_step),
        cmocka_unit_test(evaluation_means_over_rows),
        cmocka_unit_test(a_source_that_does_not_fit_is_refused),
        cmocka_unit_test(training_needs_rows),
        cmocka_unit_test(a_loss_that_is_not_finite_stops),
        cmocka_unit_test(threads_can_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
