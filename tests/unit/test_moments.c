/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optimiser's state: when it goes on and when it begins anew, that it goes
 * back, and what a change of settings leaves of an iteration. */
#include "nets.h"

#include <math.h>

static const enum nb_precision precisions[] = { NB_DOUBLE, NB_SINGLE };

/* ---- The optimiser's state --------------------------------------------- */

static void state_goes_on_with_the_same_optimizer(void **state)
{
    (void)state;
    struct nb_learning learning = { .optimizer = NB_MOMENTUM, .lr = 0.1, .momentum = 0.9 };
    const struct nb_learning sgd = nb_learning_default();
    struct nb_net *net = net_scalar(NB_DOUBLE);
    net_learn(net, &learning);
    net_iterate(net, 2); /* w = 1.34, b = 0.67: the next gradient is 2·(2.68 + 0.67 - 3) = 0.7 */
    learning.lr = 0.01;
    learning.momentum = 0.5;
    net_learn(net, &learning);
    net_learn(net, &sgd); /* no update under sgd: as if it had not been */
    assert_int_equal(nb_net_updates(net), 0);
    net_learn(net, &learning);
    assert_int_equal(nb_net_updates(net), 2);
    net_iterate(net, 1);
    assert_int_equal(nb_net_updates(net), 3);
    assert_near(net_value(net, NB_VW, 1, 0, 0), 0.5 * -4.9 + 0.7, 1e-14);
    assert_near(net_value(net, NB_W, 1, 0, 0), 1.34 - 0.01 * -1.75, 1e-14);
    nb_net_free(&net);
}

static void state_begins_anew_with_another_optimizer(void **state)
{
    (void)state;
    const struct nb_learning momentum = { .optimizer = NB_MOMENTUM, .lr = 0.1, .momentum = 0.9 };
    struct nb_learning rmsprop = { .optimizer = NB_RMSPROP, .lr = 0.1, .rho = 0.5, .epsilon = 1 };
    struct nb_net *net = net_scalar(NB_DOUBLE);
    net_learn(net, &momentum);
    net_iterate(net, 2);
    net_learn(net, &rmsprop);
    assert_int_equal(nb_net_updates(net), 0);
    net_iterate(net, 1); /* v = 0.5·0.7², w = 1.34 - 0.1·0.7/(√v + 1) */
    assert_int_equal(nb_net_updates(net), 1);
    assert_near(net_value(net, NB_VW, 1, 0, 0), 0.245, 1e-14);
    assert_near(net_value(net, NB_W, 1, 0, 0), 1.34 - 0.07 / (sqrt(0.245) + 1), 1e-14);
    net_learn(net, &momentum);
    net_iterate(net, 1); /* v is the gradient alone again */
    assert_int_equal(nb_net_updates(net), 1);
    assert_near(net_value(net, NB_VW, 1, 0, 0), net_value(net, NB_DW, 1, 0, 0), 0);
    nb_net_free(&net);
}

/* Every parameter and every state of `from`, and how far it came, in another network. */
static void put_back(const struct nb_net *from, struct nb_net *to)
{
    struct nb_quantity quantity;
    double values[64];
    for (size_t id = 0; id < nb_quantity_count(from); id++) {
        nb_quantity_get(from, id, &quantity);
        if (!quantity.active || quantity.state == NB_UNSET)
            continue;
        assert_true(quantity.rows * quantity.cols <= 64);
        if (quantity.role == NB_PARAMETER || quantity.role == NB_STATE)
            nb_values(from, id, values);
        if (quantity.role == NB_PARAMETER)
            assert_int_equal(nb_assign(to, id, quantity.rows, quantity.cols, values, NULL), NB_OK);
        if (quantity.role == NB_STATE)
            assert_int_equal(nb_restore(to, id, quantity.rows, quantity.cols, values, NULL), NB_OK);
    }
    const struct nb_counters counters = nb_net_counters(from);
    nb_net_set_counters(to, &counters);
}

/* With dropout, whose masks go by the iteration, and batch norm. */
static void state_that_is_put_back_goes_on(void **state)
{
    (void)state;
    const struct net_shape shape = { 3, 2, { 4, 2 }, NB_RELU, NB_SIGMOID, NB_MSE, NB_DOUBLE, 5 };
    size_t optimizers;
    nb_optimizers(&optimizers);
    for (size_t i = 0; i < 2 * optimizers; i++) {
        struct net_shape own = shape;
        own.precision = precisions[i % 2];
        struct nb_net *net = net_with(&own, 1, 0.25), *other = net_with(&own, 1, 0.25);
        struct nb_learning learning = nb_learning_default();
        learning.optimizer = (enum nb_optimizer)(i / 2);
        net_learn(net, &learning);
        net_learn(other, &learning);
        net_give_rows(net, 6, 3);
        net_give_rows(other, 6, 3);
        net_iterate(net, 3);
        put_back(net, other);
        assert_int_equal(nb_iteration(other), 3);
        assert_int_equal(nb_net_updates(other), 3);
        net_iterate(net, 2);
        net_iterate(other, 2);
        struct picture *a = picture_new(net), *b = picture_new(other);
        assert_pictures_same(a, b);
        nb_net_free(&net);
        nb_net_free(&other);
    }
}

static void only_state_is_put_back(void **state)
{
    (void)state;
    const double value = 1;
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_scalar(NB_DOUBLE);
    learning.optimizer = NB_MOMENTUM;
    net_learn(net, &learning);
    size_t vw = net_id(net, NB_VW, 1);
    assert_int_equal(nb_restore(net, vw, 2, 1, &value, NULL), NB_FAILED);
    assert_int_equal(nb_restore(net, net_id(net, NB_W, 1), 1, 1, &value, NULL), NB_FAILED);
    assert_int_equal(nb_restore(net, vw, 1, 1, &value, NULL), NB_OK);
    assert_near(net_value(net, NB_VW, 1, 0, 0), 1, 0);
    learning.optimizer = NB_SGD; /* which has no vw */
    net_learn(net, &learning);
    assert_int_equal(nb_restore(net, vw, 1, 1, &value, NULL), NB_FAILED);
    nb_net_free(&net);
}

static void drawing_weights_clears_the_state(void **state)
{
    (void)state;
    const struct nb_learning adam = { NB_ADAM, 0.1, 0,          0,     1e-8, 0.9, 0.999,
                                      0,       0,   NB_L2_HALF, false, 0,    0 };
    const struct nb_init init = { NB_INIT_CONSTANT, 0.5, 0 };
    struct nb_net *net = net_scalar(NB_DOUBLE), *fresh = net_scalar(NB_DOUBLE);
    net_learn(net, &adam);
    net_learn(fresh, &adam);
    net_iterate(net, 3);
    nb_net_init(net, init, 1);
    nb_net_init(fresh, init, 1);
    assert_int_equal(nb_net_updates(net), 0);
    assert_int_equal(net_quantity(net, NB_VW, 1).state, NB_UNSET);
    net_iterate(net, 2);
    net_iterate(fresh, 2);
    assert_near(net_value(net, NB_W, 1, 0, 0), net_value(fresh, NB_W, 1, 0, 0), 0);
    assert_near(net_value(net, NB_MB, 1, 0, 0), net_value(fresh, NB_MB, 1, 0, 0), 0);
    nb_net_free(&net);
    nb_net_free(&fresh);
}

/* A parameter that is thawed after a change of optimiser starts from 0 too. */
static void a_thawed_parameter_starts_from_nothing(void **state)
{
    (void)state;
    const struct nb_learning momentum = { .optimizer = NB_MOMENTUM, .lr = 0.1, .momentum = 0.9 };
    const struct nb_learning rmsprop = {
        .optimizer = NB_RMSPROP, .lr = 0.1, .rho = 0.5, .epsilon = 1
    };
    struct nb_net *net = net_scalar(NB_DOUBLE);
    net_learn(net, &momentum);
    net_iterate(net, 2);
    net_learn(net, &rmsprop);
    nb_freeze(net, net_id(net, NB_W, 1), true);
    net_iterate(net, 1);
    assert_near(net_value(net, NB_W, 1, 0, 0), 1.34, 1e-14);
    nb_freeze(net, net_id(net, NB_W, 1), false);
    net_iterate(net, 1);
    double g = net_value(net, NB_DW, 1, 0, 0);
    assert_near(net_value(net, NB_VW, 1, 0, 0), 0.5 * g * g, 1e-14);
    nb_net_free(&net);
}

/* ---- Going back -------------------------------------------------------- */

static const enum nb_optimizer optimizers[] = { NB_SGD,     NB_MOMENTUM, NB_NESTEROV,
                                                NB_RMSPROP, NB_ADAM,     NB_ADAMW };

static struct nb_net *learner(enum nb_optimizer optimizer, enum nb_precision precision)
{
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_exercise(precision);
    learning.optimizer = optimizer;
    learning.lr = learning.l1 = learning.l2 = 0.01;
    learning.clip = 0.05;
    learning.regularize_bias = true;
    net_learn(net, &learning);
    return net;
}

/* Back over `count` operations by a journal of what each wrote. */
static void check_unstepping(struct nb_net *net, size_t count)
{
    struct nb_snapshot *journal[128];
    struct picture *before[128];
    assert_true(count <= 128);
    for (size_t i = 0; i < count; i++) {
        const struct nb_op *op = nb_plan_op(net, nb_cursor(net));
        before[i] = picture_new(net);
        assert_int_equal(nb_snapshot_new(net, op->writes, op->nwrites, &journal[i], NULL), NB_OK);
        net_run(net, 1);
    }
    uint64_t updates = nb_net_updates(net);
    struct picture *end = picture_new(net);
    for (size_t i = count; i-- > 0;) {
        nb_snapshot_swap(net, journal[i]);
        assert_pictures_same(before[i], picture_new(net));
    }
    for (size_t i = 0; i < count; i++) {
        nb_snapshot_swap(net, journal[i]);
        nb_snapshot_free(&journal[i]);
    }
    assert_pictures_same(end, picture_new(net));
    assert_int_equal(nb_net_updates(net), updates);
}

static void snapshots_bring_the_moments_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++)
        for (size_t p = 0; p < 2; p++) {
            struct nb_net *net = learner(optimizers[i], precisions[p]);
            check_unstepping(net, 3 * nb_plan_length(net));
            nb_net_free(&net);
        }
}

/* The whole state comes back with t: the same three updates give the same bits. */
static void a_whole_snapshot_brings_t_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++) {
        struct nb_net *net = learner(optimizers[i], NB_SINGLE);
        struct nb_snapshot *snapshot;
        net_iterate(net, 2);
        assert_int_equal(nb_snapshot_new(net, NULL, 0, &snapshot, NULL), NB_OK);
        net_iterate(net, 3);
        struct picture *first = picture_new(net);
        nb_snapshot_swap(net, snapshot);
        assert_int_equal(nb_net_updates(net), 2);
        net_iterate(net, 3);
        assert_pictures_same(first, picture_new(net));
        nb_snapshot_free(&snapshot);
        nb_net_free(&net);
    }
}

/* A snapshot from before the optimiser had moments, swapped in under it. */
static void a_snapshot_from_another_optimizer_fits(void **state)
{
    (void)state;
    struct nb_learning adam = nb_learning_default();
    struct nb_net *net = net_exercise(NB_DOUBLE), *fresh = net_exercise(NB_DOUBLE);
    struct nb_snapshot *snapshot;
    assert_int_equal(nb_snapshot_new(net, NULL, 0, &snapshot, NULL), NB_OK);
    adam.optimizer = NB_ADAM;
    adam.l2 = 0.1;
    net_learn(net, &adam);
    net_learn(fresh, &adam);
    net_iterate(net, 2);
    nb_snapshot_swap(net, snapshot);
    assert_int_equal(nb_net_updates(net), 0);
    net_learn(net, &adam);
    net_iterate(net, 2);
    net_iterate(fresh, 2);
    assert_pictures_same(picture_new(net), picture_new(fresh));
    nb_snapshot_free(&snapshot);
    nb_net_free(&net);
    nb_net_free(&fresh);
}

/* ---- Freezing, copying ------------------------------------------------- */

static void frozen_parameters_stay_under_every_optimizer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++) {
        struct nb_net *net = learner(optimizers[i], NB_DOUBLE);
        nb_freeze(net, net_id(net, NB_W, 1), true);
        nb_freeze(net, net_id(net, NB_B, 2), true);
        net_iterate(net, 3);
        for (size_t k = 0; k < 6; k++)
            assert_near(net_value(net, NB_W, 1, k / 2, k % 2), exercise_weights[k], 0);
        assert_near(net_value(net, NB_B, 2, 0, 1), 0.65, 0);
        assert_true(net_value(net, NB_B, 1, 0, 0) != 0.35);
        assert_true(net_value(net, NB_W, 2, 0, 0) != 0.4);
        nb_net_free(&net);
    }
}

static void a_clone_learns_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; i++) {
        struct nb_net *net = learner(optimizers[i], NB_DOUBLE), *copy, *wide;
        net_iterate(net, 2);
        assert_int_equal(nb_net_clone(net, NB_AUTO, &copy, NULL), NB_OK);
        assert_int_equal(nb_net_clone(net, NB_SINGLE, &wide, NULL), NB_OK);
        assert_int_equal(nb_net_updates(wide), 2);
        assert_int_equal(nb_net_learning(copy)->optimizer, optimizers[i]);
        net_iterate(net, 2);
        net_iterate(copy, 2);
        net_iterate(wide, 2);
        struct picture *a = picture_new(net), *b = picture_new(wide);
        assert_true(picture_distance(a, b) < 1e-4);
        picture_free(b);
        assert_pictures_same(a, picture_new(copy));
        nb_net_free(&net);
        nb_net_free(&copy);
        nb_net_free(&wide);
    }
}

/* ---- Settings in the middle of an iteration ----------------------------- */

static const enum nb_quantity_kind brought[] = { NB_GW, NB_GB, NB_MW, NB_MB, NB_VW, NB_VB };

/* Ids of what only some settings bring; taken while they are there. */
static void brought_ids(const struct nb_net *net, size_t ids[6])
{
    for (size_t i = 0; i < 6; i++)
        ids[i] = net_id(net, brought[i], 1);
}

static void assert_states(const struct nb_net *net, const size_t ids[6], enum nb_state penalized,
                          enum nb_state moments)
{
    for (size_t i = 0; i < 6; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, ids[i], &quantity);
        assert_int_equal(quantity.state, i < 2 ? penalized : moments);
    }
}

/* What the settings no longer have is not there, nor another optimiser's state. */
static void what_settings_take_away_is_unset(void **state)
{
    (void)state;
    size_t ids[6];
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = learner(NB_ADAM, NB_DOUBLE);
    brought_ids(net, ids);
    assert_states(net, ids, NB_UNSET, NB_UNSET);
    net_iterate(net, 1);
    assert_states(net, ids, NB_STALE, NB_FRESH);
    net_learn(net, &learning);
    assert_states(net, ids, NB_UNSET, NB_UNSET);
    learning.optimizer = NB_ADAM;
    net_learn(net, &learning);
    assert_states(net, ids, NB_UNSET, NB_FRESH);
    learning.optimizer = NB_MOMENTUM;
    net_learn(net, &learning);
    assert_states(net, ids, NB_UNSET, NB_UNSET);
    net_run(net, nb_plan_start(net, NB_UPDATE) + 1);
    assert_int_equal(net_quantity(net, NB_VW, 1).state, NB_FRESH);
    assert_int_equal(net_quantity(net, NB_VW, 2).state, NB_UNSET); /* its turn is to come */
    nb_net_free(&net);
}

/* Settings changed before the update hold for it: the same as from the start. */
static void settings_hold_for_the_pending_update(void **state)
{
    (void)state;
    static const struct {
        struct nb_learning before, after;
    } cases[] = {
        { { .lr = 0.1 }, { .lr = 0.1, .l2 = 0.5 } },
        { { .lr = 0.1, .l2 = 0.5 }, { .lr = 0.1, .l2 = 0.25 } },
        { { .lr = 0.1, .l2 = 0.5 }, { .lr = 0.1, .l2 = 0.5, .l2_form = NB_L2_FULL } },
        { { .lr = 0.1, .l2 = 0.5 }, { .lr = 0.1, .l2 = 0.5, .regularize_bias = true } },
        { { .lr = 0.1, .l2 = 0.5 }, { .lr = 0.1 } },
        { { .lr = 0.1 }, { .lr = 0.1, .clip = 0.01 } },
        { { .lr = 0.1, .clip = 0.01 }, { .lr = 0.1, .clip = 0.02 } },
        { { .lr = 0.1, .clip = 0.01 }, { .lr = 0.1 } },
        { { .lr = 0.1 }, { .lr = 0.2, .optimizer = NB_MOMENTUM, .momentum = 0.9 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nb_net *net = net_exercise(NB_DOUBLE), *fresh = net_exercise(NB_DOUBLE);
        net_learn(net, &cases[i].before);
        net_learn(fresh, &cases[i].after);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        net_learn(net, &cases[i].after);
        net_run(net, nb_plan_length(net) - nb_cursor(net));
        net_iterate(fresh, 1);
        assert_pictures_same(picture_new(net), picture_new(fresh));
        nb_net_free(&net);
        nb_net_free(&fresh);
    }
}

/* Once a layer is updated there is no way back, but the next has the new penalty. */
static void the_rest_of_an_update_takes_the_new_penalty(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_exercise(NB_DOUBLE), *plain = net_exercise(NB_DOUBLE);
    net_run(net, nb_plan_length(net) - 1);
    learning.l2 = 0.5;
    net_learn(net, &learning);
    assert_int_equal(nb_plan_length(net) - nb_cursor(net), 1);
    net_run(net, 1);
    net_iterate(plain, 1);
    assert_int_equal(nb_iteration(net), 1);
    assert_near(net_value(net, NB_W, 1, 0, 0), net_value(plain, NB_W, 1, 0, 0), 0);
    assert_near(net_value(net, NB_W, 2, 0, 1),
                net_value(plain, NB_W, 2, 0, 1) - 0.1 * 0.5 * exercise_weights[9], 1e-15);
    nb_net_free(&net);
    nb_net_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_goes_on_with_the_same_optimizer),
        cmocka_unit_test(state_begins_anew_with_another_optimizer),
        cmocka_unit_test(state_that_is_put_back_goes_on),
        cmocka_unit_test(only_state_is_put_back),
        cmocka_unit_test(drawing_weights_clears_the_state),
        cmocka_unit_test(a_thawed_parameter_starts_from_nothing),
        cmocka_unit_test(snapshots_bring_the_moments_back),
        cmocka_unit_test(a_whole_snapshot_brings_t_back),
        cmocka_unit_test(a_snapshot_from_another_optimizer_fits),
        cmocka_unit_test(frozen_parameters_stay_under_every_optimizer),
        cmocka_unit_test(a_clone_learns_alike),
        cmocka_unit_test(what_settings_take_away_is_unset),
        cmocka_unit_test(settings_hold_for_the_pending_update),
        cmocka_unit_test(the_rest_of_an_update_takes_the_new_penalty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
