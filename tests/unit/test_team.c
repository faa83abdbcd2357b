/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Training in single precision, where a team of threads may share and fuse
 * operations, against the plain plan run one operation after the other. */
#include "nets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 400, HIDDEN = 96, OUTPUTS = 10, ROWS = 96, BATCH = 32, STEPS = 6 };

static double x_at(size_t row, size_t col)
{
    return sin(1 + 0.7 * (double)row + 1.3 * (double)col * (double)(row % 7 + 1));
}

static size_t class_of(size_t row)
{
    return row * 7 % OUTPUTS;
}

static void fill(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                 void *x_, void *y_)
{
    float *x = x_, *y = y_;
    (void)context;
    assert_int_equal(precision, NB_SINGLE);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < INPUTS; k++)
            x[i * INPUTS + k] = (float)x_at(index[i], k);
        for (size_t k = 0; k < OUTPUTS; k++)
            y[i * OUTPUTS + k] = k == class_of(index[i]);
    }
}

/* ---- Both ways ---------------------------------------------------------- */

static const struct team_case {
    struct nb_learning learning;
    bool batchnorm;
    double dropout;
    enum nb_activation hidden;
    bool frozen;
} cases[] = {
    { .learning = { .optimizer = NB_SGD, .lr = 0.1 }, .hidden = NB_SIGMOID },
    { .learning = { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.01 }, .hidden = NB_SIGMOID },
    { .learning = { .optimizer = NB_SGD, .lr = 0.1, .l1 = 0.001 }, .hidden = NB_RELU },
    { .learning = { .optimizer = NB_MOMENTUM, .lr = 0.05, .momentum = 0.9 }, .hidden = NB_LECUN },
    { .learning = { .optimizer = NB_NESTEROV, .lr = 0.05, .momentum = 0.9 }, .hidden = NB_TANH },
    { .learning = { .optimizer = NB_RMSPROP, .lr = 2e-5, .rho = 0.99, .epsilon = 1e-8 },
      .hidden = NB_RELU },
    { .learning = { .optimizer = NB_ADAM,
                    .lr = 1e-4,
                    .beta1 = 0.9,
                    .beta2 = 0.999,
                    .epsilon = 1e-8,
                    .l2 = 0.01,
                    .regularize_bias = true },
      .hidden = NB_SIGMOID },
    { .learning = { .optimizer = NB_ADAMW,
                    .lr = 1e-4,
                    .beta1 = 0.9,
                    .beta2 = 0.999,
                    .epsilon = 1e-8,
                    .l2 = 0.01 },
      .hidden = NB_RELU,
      .batchnorm = true,
      .dropout = 0.3 },
    { .learning = { .optimizer = NB_ADAM,
                    .lr = 1e-4,
                    .beta1 = 0.9,
                    .beta2 = 0.999,
                    .epsilon = 1e-8,
                    .l2 = 0.01 },
      .hidden = NB_SIGMOID },
    { .learning = { .optimizer = NB_SGD, .lr = 0.1, .clip = 0.5 }, .hidden = NB_RELU },
    { .learning = { .optimizer = NB_SGD, .lr = 0.1 }, .hidden = NB_RELU, .frozen = true },
};

static struct nb_net *case_net(const struct team_case *row)
{
    const struct nb_layer layers[] = {
        { .units = HIDDEN, .activation = row->hidden, .dropout = row->dropout },
        { .units = HIDDEN, .activation = row->hidden, .batchnorm = row->batchnorm },
        { .units = OUTPUTS, .activation = NB_SOFTMAX },
    };
    const struct nb_spec spec = { .inputs = INPUTS,
                                  .layers = 3,
                                  .layer = layers,
                                  .loss = NB_CROSS_ENTROPY,
                                  .init = { NB_INIT_DEFAULT, 0, 0 },
                                  .precision = NB_SINGLE,
                                  .seed = 5 };
    struct nb_net *net;
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    assert_int_equal(nb_net_set_learning(net, &row->learning, NULL), NB_OK);
    if (row->frozen)
        nb_freeze(net, nb_quantity_id(net, NB_W, 1), true);
    return net;
}

static void train_by_plan(struct nb_net *net)
{
    double *x = malloc(sizeof *x * BATCH * INPUTS), *y = malloc(sizeof *y * BATCH * OUTPUTS);
    assert_true(x && y);
    for (size_t step = 0; step < STEPS; step++) {
        for (size_t i = 0; i < BATCH; i++) {
            size_t row = step * BATCH % ROWS + i;
            for (size_t k = 0; k < INPUTS; k++)
                x[i * INPUTS + k] = x_at(row, k);
            for (size_t k = 0; k < OUTPUTS; k++)
                y[i * OUTPUTS + k] = k == class_of(row);
        }
        assert_int_equal(nb_assign(net, nb_quantity_id(net, NB_X, 0), BATCH, INPUTS, x, NULL),
                         NB_OK);
        assert_int_equal(nb_assign(net, nb_quantity_id(net, NB_Y, 0), BATCH, OUTPUTS, y, NULL),
                         NB_OK);
        assert_int_equal(nb_exec(net, nb_plan_length(net), NULL), NB_OK);
    }
    free(x);
    free(y);
}

static void train_by_team(struct nb_net *net)
{
    const struct nb_source source = { NULL, ROWS, INPUTS, OUTPUTS, true, fill, false };
    const struct nb_train run = {
        .source = &source, .batch = BATCH, .epochs = 100, .steps = STEPS
    };
    struct nb_progress last;
    struct nb_error error;
    if (nb_train(net, &run, &last, &error))
        fail_msg("%s", error.text);
    assert_int_equal(last.step, STEPS);
}

static double furthest(const struct nb_net *a, const struct nb_net *b, size_t id)
{
    struct nb_quantity quantity;
    double most = 0;
    nb_quantity_get(a, id, &quantity);
    for (size_t i = 0; i < quantity.rows; i++)
        for (size_t k = 0; k < quantity.cols; k++)
            most = fmax(most, fabs(nb_value(a, id, i, k) - nb_value(b, id, i, k)));
    return most;
}

static void a_team_trains_as_the_plan_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nb_net *plan = case_net(&cases[i]), *team = case_net(&cases[i]);
        train_by_plan(plan);
        train_by_team(team);
        assert_int_equal(nb_iteration(plan), nb_iteration(team));
        assert_int_equal(nb_net_updates(plan), nb_net_updates(team));
        for (size_t id = 0; id < nb_quantity_count(plan); id++) {
            struct nb_quantity quantity;
            nb_quantity_get(plan, id, &quantity);
            bool kept = quantity.role == NB_PARAMETER || quantity.role == NB_STATE;
            /* Batch norm takes out what b adds: its derivative is rounding, and
             * adam makes whole steps of that. */
            if (cases[i].batchnorm && quantity.layer == 2 && quantity.name[0] != 'w')
                continue;
            if (kept && quantity.active && furthest(plan, team, id) > 1e-5)
                fail_msg("case %zu: %s differs by %g", i, quantity.name, furthest(plan, team, id));
        }
        nb_net_free(&plan);
        nb_net_free(&team);
    }
}

static void one_and_two_threads_agree(void **state)
{
    int threads = nb_threads();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nb_net *nets[3];
        for (size_t k = 0; k < 3; k++) {
            nb_set_threads(k ? 2 : 1);
            nets[k] = case_net(&cases[i]);
            train_by_team(nets[k]);
            assert_int_equal(nb_threads(), k ? 2 : 1);
        }
        size_t w = nb_quantity_id(nets[0], NB_W, 1);
        assert_true(furthest(nets[0], nets[1], w) <= 1e-5);
        assert_true(furthest(nets[1], nets[2], w) == 0); /* the same bits each time */
        for (size_t k = 0; k < 3; k++)
            nb_net_free(&nets[k]);
    }
    nb_set_threads(threads);
}

static void gradients_of_a_team_run_are_not_shown(void **state)
{
    (void)state;
    struct nb_net *net = case_net(&cases[0]);
    struct nb_quantity quantity;
    train_by_team(net);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        if (quantity.role == NB_COMPUTED)
            assert_int_not_equal(quantity.state, NB_FRESH);
    }
    nb_net_free(&net);
}

/* Parameters and moments that a run wrote are there to be looked at and copied. */
static void what_a_team_run_leaves_is_fresh(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nb_net *net = case_net(&cases[i]), *copy;
        struct nb_quantity quantity;
        train_by_team(net);
        assert_int_equal(nb_net_clone(net, NB_DOUBLE, &copy, NULL), NB_OK);
        for (size_t id = 0; id < nb_quantity_count(net); id++) {
            nb_quantity_get(net, id, &quantity);
            if ((quantity.role != NB_PARAMETER && quantity.role != NB_STATE) || !quantity.active)
                continue;
            if (quantity.state != NB_FRESH)
                fail_msg("case %zu: %s is not fresh", i, quantity.name);
            assert_true(furthest(net, copy, id) == 0);
        }
        nb_net_free(&net);
        nb_net_free(&copy);
    }
}

/* Under another optimiser the moments begin anew, also those of frozen weights. */
static void frozen_weights_have_moments_that_begin(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = case_net(&cases[0]);
    size_t w = nb_quantity_id(net, NB_W, 1);
    learning.lr = 1e-4;
    learning.optimizer = NB_MOMENTUM;
    assert_int_equal(nb_net_set_learning(net, &learning, NULL), NB_OK);
    train_by_team(net);
    size_t v = nb_quantity_id(net, NB_VW, 1);
    assert_true(nb_value(net, v, 0, 0) != 0);
    learning.optimizer = NB_RMSPROP;
    assert_int_equal(nb_net_set_learning(net, &learning, NULL), NB_OK);
    nb_freeze(net, w, true);
    train_by_team(net);
    for (size_t k = 0; k < HIDDEN; k++)
        assert_true(nb_value(net, v, 1, k) == 0);
    nb_net_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_team_trains_as_the_plan_does),
        cmocka_unit_test(one_and_two_threads_agree),
        cmocka_unit_test(gradients_of_a_team_run_are_not_shown),
        cmocka_unit_test(what_a_team_run_leaves_is_fresh),
        cmocka_unit_test(frozen_weights_have_moments_that_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
