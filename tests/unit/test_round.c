/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stepping with numbers rounded as on paper. */
#include "nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

/* ---- Rounding a number ------------------------------------------------ */

/* Worked out by hand on the decimal as it is written here. */
static const struct {
    double x;
    int decimals, seen;
    double expected;
} rounded[] = {
    { 0.00485, 4, 12, 0.0049 },
    { 0.5 * 0.0097, 4, 12, 0.0049 },
    { -0.00485, 4, 12, -0.0049 },
    { 2.675, 2, 15, 2.68 }, /* the double is 2.67499999999999982 */
    { 1.005, 2, 15, 1.01 },
    { 0.5, 0, 12, 1 },
    { -2.5, 0, 12, -3 },
    { 0.49999, 0, 12, 0 },
    { 0.00004999, 4, 12, 0 },
    { 0.00005, 4, 12, 0.0001 },
    { 0.99995, 4, 12, 1 },
    { 0.15 - 0.14515, 4, 12, 0.0049 }, /* the double is 0.0048499999999999932 */
    { 0.15 - 0.14515, 4, 15, 0.0048 },
    { 1234.56785, 4, 6, 1234.5679 }, /* as many digits as the decimals need */
    { 25920555379.322548, 4, 12, 25920555379.3225 },
    { 1234567890.123446, 4, 15, 1234567890.1234 }, /* not of a five that is shown for .46 */
    { 1e300, 4, 12, 1e300 },
    { 1e-300, 4, 12, 0 },
    { 9.99999999999999, 4, 12, 10 },
    { 12345, -2, 12, 12300 },
    { 0, 4, 12, 0 },
};

static void test_decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rounded / sizeof rounded[0]; i++) {
        double result = decimal_round(rounded[i].x, rounded[i].decimals, rounded[i].seen);
        if (result != rounded[i].expected)
            fail_msg("%.17g to %d decimals is %.17g, not %.17g", rounded[i].x, rounded[i].decimals,
                     rounded[i].expected, result);
    }
    assert_true(isnan(decimal_round(NAN, 4, 12)));
    assert_true(isinf(decimal_round(-INFINITY, 4, 12)));
    assert_false(signbit(decimal_round(-0.00001, 4, 12)));
}

/* ---- The sheet --------------------------------------------------------- */

/* The exercise to four decimals, as the course's solution has it; what follows
 * delta1 worked out from these numbers with a pocket calculator. */
static const struct {
    enum nb_quantity_kind kind;
    size_t layer, row, col;
    double value;
} sheet[] = {
    { NB_Z, 1, 0, 0, 0.585 },           { NB_Z, 1, 0, 1, 0.59 },
    { NB_A, 1, 0, 0, 0.6422 },          { NB_A, 1, 0, 1, 0.6434 },
    { NB_Z, 2, 0, 0, 1.1786 },          { NB_Z, 2, 0, 1, 1.2929 },
    { NB_A, 2, 0, 0, 0.7647 },          { NB_A, 2, 0, 1, 0.7846 },
    { NB_LOSS_VALUE, 0, 0, 0, 0.2435 }, { NB_DA, 2, 0, 0, -0.1353 },
    { NB_DA, 2, 0, 1, 0.6846 },         { NB_DELTA, 2, 0, 0, -0.0243 },
    { NB_DELTA, 2, 0, 1, 0.1157 },      { NB_DW, 2, 0, 0, -0.0156 },
    { NB_DW, 2, 1, 1, 0.0744 },         { NB_DB, 2, 0, 1, 0.1157 },
    { NB_DA, 1, 0, 0, 0.0423 },         { NB_DA, 1, 0, 1, 0.0515 },
    { NB_DELTA, 1, 0, 0, 0.0097 },      { NB_DELTA, 1, 0, 1, 0.0118 },
    { NB_DW, 1, 0, 0, 0.0049 },         { NB_DW, 1, 2, 1, 0.0012 },
    { NB_DB, 1, 0, 0, 0.0097 },         { NB_W, 1, 0, 0, 0.1495 },
    { NB_W, 2, 0, 0, 0.4016 },          { NB_B, 2, 0, 1, 0.6384 },
};

static void test_sheet(void **state)
{
    (void)state;
    for (enum nb_precision precision = NB_DOUBLE; precision <= NB_SINGLE; precision++) {
        struct nb_net *net = net_exercise(precision);
        nb_net_set_round(net, 4);
        net_iterate(net, 1);
        for (size_t i = 0; i < sizeof sheet / sizeof sheet[0]; i++) {
            double value =
                net_value(net, sheet[i].kind, sheet[i].layer, sheet[i].row, sheet[i].col);
            if (value != (precision == NB_DOUBLE ? sheet[i].value : (float)sheet[i].value))
                fail_msg("row %zu of the sheet: %.17g, not %.17g", i, sheet[i].value, value);
        }
        nb_net_free(&net);
    }
}

/* ---- All kinds of networks ---------------------------------------------- */

static const struct {
    enum nb_activation hidden, output;
    enum nb_loss loss;
    size_t norms;
    double dropout;
} kinds[] = {
    { NB_SIGMOID, NB_SIGMOID, NB_HALF_SSE, 0, 0 },
    { NB_LEAKYRELU, NB_SOFTMAX, NB_CROSS_ENTROPY, 7, 0.3 },
    { NB_LECUN, NB_SOFTMAX, NB_SSE, 3, 0.4 },
    { NB_TANH, NB_SIGMOID, NB_BINARY_CROSS_ENTROPY, 2, 0.2 },
    { NB_RELU, NB_SIGMOID, NB_CROSS_ENTROPY, 0, 0.5 },
    { NB_LINEAR, NB_LINEAR, NB_MSE, 4, 0 },
};

static struct nb_net *net_of(size_t kind, enum nb_optimizer optimizer, enum nb_precision precision)
{
    const struct net_shape shape = {
        3,         3,       { 4, 3, 3 }, kinds[kind].hidden, kinds[kind].output, kinds[kind].loss,
        precision, 7 + kind
    };
    struct nb_net *net = net_with(&shape, kinds[kind].norms, kinds[kind].dropout);
    struct nb_learning learning = nb_learning_default();
    learning.optimizer = optimizer;
    learning.l2 = 0.01 * (double)(kind % 2);
    learning.clip = kind % 3 == 2 ? 0.1 : 0;
    net_learn(net, &learning);
    net_give_rows(net, 5, 11 + kind);
    nb_freeze(net, net_id(net, NB_B, 2), true);
    return net;
}

typedef void check_net(size_t kind, enum nb_optimizer optimizer);

static void for_each_net(check_net *check)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
            check(kind, (enum nb_optimizer)optimizer);
}

/* Fifteen decimals are as good as none, so all numbers are the kernels'. */
static void check_kernels(size_t kind, enum nb_optimizer optimizer)
{
    struct nb_net *net = net_of(kind, optimizer, NB_DOUBLE), *exact;
    assert_int_equal(nb_net_clone(net, NB_AUTO, &exact, NULL), NB_OK);
    nb_net_set_round(net, NB_ROUND_MOST);
    net_iterate(net, 3);
    net_iterate(exact, 3);
    struct picture *a = picture_new(net), *b = picture_new(exact);
    double distance = picture_distance(a, b);
    if (!(distance <= (optimizer < NB_RMSPROP ? 1e-11 : 1e-3))) /* √v of a tiny v */
        fail_msg("kind %zu, optimiser %d: %g from the kernels", kind, (int)optimizer, distance);
    picture_free(a);
    picture_free(b);
    nb_net_free(&net);
    nb_net_free(&exact);
}

static void test_kernels(void **state)
{
    (void)state;
    for_each_net(check_kernels);
}

/* Everything that is computed has four decimals; what is frozen stays as it was. */
static void check_decimals(size_t kind, enum nb_optimizer optimizer)
{
    struct nb_net *net = net_of(kind, optimizer, NB_DOUBLE);
    size_t frozen = net_id(net, NB_B, 2);
    net_assign(net, NB_B, 2, 1, 3, (const double[]){ 0.123456, 0.1, -0.7654321 });
    nb_net_set_round(net, 4);
    net_iterate(net, 2);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        bool computed = quantity.role == NB_COMPUTED || quantity.role == NB_PARAMETER;
        for (size_t i = 0; computed && quantity.state != NB_UNSET && id != frozen &&
                           i < quantity.rows * quantity.cols;
             i++) {
            double value = nb_value(net, id, i / quantity.cols, i % quantity.cols);
            char text[40];
            snprintf(text, sizeof text, "%.4f", value);
            if (strtod(text, NULL) != value)
                fail_msg("kind %zu: %s has %.17g", kind, quantity.name, value);
        }
    }
    assert_true(nb_value(net, frozen, 0, 0) == 0.123456);
    nb_net_free(&net);
}

static void test_four_decimals(void **state)
{
    (void)state;
    for_each_net(check_decimals);
}

/* ---- What rounding leaves alone ---------------------------------------- */

static void train(struct nb_net *net)
{
    const struct nb_train run = { .epochs = 3 };
    struct nb_progress last;
    assert_int_equal(nb_train(net, &run, &last, NULL), NB_OK);
}

static void test_training_never_rounds(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE), *exact = net_exercise(NB_DOUBLE);
    (void)state;
    nb_net_set_round(net, 2);
    train(net);
    train(exact);
    for (size_t i = 0; i < 6; i++)
        assert_true(net_value(net, NB_W, 1, i / 2, i % 2) ==
                    net_value(exact, NB_W, 1, i / 2, i % 2));
    nb_net_free(&net);
    nb_net_free(&exact);
}

static void test_nudging_never_rounds(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct nb_nudger *nudger;
    struct nb_nudge nudge;
    (void)state;
    nb_net_set_round(net, 2);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    assert_int_equal(nb_nudge(nudger, net_id(net, NB_DW, 1), 0, 0, 1e-5, &nudge, NULL), NB_OK);
    assert_near(nudge.value, 0.00486235, 1e-8);
    assert_true(nudge.error < 1e-6);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

/* ---- Changing it --------------------------------------------------------- */

static void test_changing_makes_stale(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    (void)state;
    net_run(net, 5);
    nb_net_set_round(net, 4);
    assert_int_equal(nb_net_round(net), 4);
    assert_int_equal(nb_cursor(net), 0);
    assert_int_equal(net_quantity(net, NB_Z, 1).state, NB_STALE);
    assert_int_equal(net_quantity(net, NB_LOSS_VALUE, 0).state, NB_STALE);
    assert_int_equal(net_quantity(net, NB_W, 1).state, NB_FRESH);
    net_run(net, 2);
    assert_int_equal(net_quantity(net, NB_A, 1).state, NB_FRESH);
    assert_int_equal(net_quantity(net, NB_Z, 2).state, NB_STALE);
    nb_net_set_round(net, 4); /* no change */
    assert_int_equal(nb_cursor(net), 2);
    nb_net_set_round(net, NB_EXACT);
    assert_int_equal(nb_cursor(net), 0);
    assert_int_equal(net_quantity(net, NB_A, 1).state, NB_STALE);
    nb_net_free(&net);
}

/* A step and the way back is no step, also with rounding. */
static void test_snapshots_know_it(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct nb_snapshot *snapshot;
    (void)state;
    net_run(net, 1);
    struct picture *before = picture_new(net);
    const struct nb_op *op = nb_plan_op(net, 0);
    assert_int_equal(nb_snapshot_new(net, op->writes, op->nwrites, &snapshot, NULL), NB_OK);
    nb_net_set_round(net, 3);
    net_run(net, 1);
    nb_snapshot_swap(net, snapshot);
    nb_net_set_round(net, NB_EXACT);
    nb_seek(net, 1);
    assert_pictures_same(before, picture_new(net));
    nb_snapshot_free(&snapshot);
    nb_net_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_sheet),
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_four_decimals),
        cmocka_unit_test(test_training_never_rounds),
        cmocka_unit_test(test_nudging_never_rounds),
        cmocka_unit_test(test_changing_makes_stale),
        cmocka_unit_test(test_snapshots_know_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
