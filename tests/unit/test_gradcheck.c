/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gradcheck's judgement: right derivatives pass or are left out, wrong ones fail. */
#include <math.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "nets.h"

#define LONG 2000 /* updates */

struct outputs {
    enum nb_activation activation;
    enum nb_loss loss;
};

static const struct outputs outputs[] = {
    { NB_SOFTMAX, NB_CROSS_ENTROPY }, { NB_SIGMOID, NB_BINARY_CROSS_ENTROPY },
    { NB_SIGMOID, NB_HALF_SSE },      { NB_LINEAR, NB_MSE },
    { NB_SOFTMAX, NB_SSE },           { NB_SIGMOID, NB_CROSS_ENTROPY },
};
static const enum nb_activation hidden[] = { NB_SIGMOID, NB_TANH, NB_RELU, NB_LEAKYRELU };

struct tally {
    size_t found[NB_FINDINGS], elements;
};

static enum nb_finding finding_of(struct nb_nudger *nudger, size_t id, size_t row, size_t col,
                                  double value, struct nb_nudge *nudge)
{
    const struct nb_judging judging = { .tolerance = 1e-6 };
    enum nb_finding finding;
    assert_int_equal(nb_judge(nudger, id, row, col, value, &judging, nudge, &finding, NULL), NB_OK);
    return finding;
}

/* The right value of one element, and it by a hundredth too large. */
static void judge_element(struct nb_nudger *nudger, size_t id, size_t row, size_t col,
                          struct tally *tally)
{
    double value = nb_value(nb_nudger_net(nudger), id, row, col);
    struct nb_nudge nudge;
    enum nb_finding right = finding_of(nudger, id, row, col, value, &nudge);
    tally->elements++;
    tally->found[right]++;
    if (right == NB_DIFFERS)
        fail_msg("value %.17g, quotient %.17g by %g: called wrong", value, nudge.quotient, nudge.h);
    if (right != NB_AGREES || fabs(value) < 1e-8)
        return;
    if (finding_of(nudger, id, row, col, 1.01 * value, &nudge) != NB_DIFFERS)
        fail_msg("value %.17g, 1.01 of the right one: not called wrong", 1.01 * value);
}

static void judge_all(const struct nb_net *net, struct tally *tally)
{
    struct nb_nudger *nudger = NULL;
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        for (size_t i = 0; quantity.kind >= NB_DELTA && quantity.kind <= NB_DH; i++) {
            if (i == quantity.rows * quantity.cols)
                break;
            judge_element(nudger, id, i / quantity.cols, i % quantity.cols, tally);
        }
    }
    nb_nudger_free(&nudger);
}

static void scale_rows(struct nb_net *net, double factor)
{
    struct nb_quantity x = net_quantity(net, NB_X, 0);
    double *values = malloc(x.rows * x.cols * sizeof *values);
    assert_non_null(values);
    nb_values(net, net_id(net, NB_X, 0), values);
    for (size_t i = 0; i < x.rows * x.cols; i++)
        values[i] *= factor;
    net_assign(net, NB_X, 0, x.rows, x.cols, values);
    free(values);
}

static void judge_trained(struct net_shape shape, size_t norms, double lr, double inputs)
{
    struct tally tally = { { 0 }, 0 };
    struct nb_net *net = net_with(&shape, norms, 0);
    net_give_rows(net, 5, shape.seed);
    scale_rows(net, inputs);
    nb_net_set_lr(net, lr);
    net_iterate(net, LONG);
    judge_all(net, &tally);
    assert_true(tally.found[NB_AGREES] > 0);
    nb_net_free(&net);
}

/* Long training makes gradients small and logits large. */
static void trained_networks_are_judged_rightly(void **state)
{
    (void)state;
    static const double rates[] = { 0.01, 0.3 };
    for (size_t i = 0; i < COUNT_OF(outputs) * COUNT_OF(hidden); i++)
        for (size_t r = 0; r < COUNT_OF(rates); r++) {
            struct net_shape shape = {
                4, 2, { 4, 3 }, hidden[i % COUNT_OF(hidden)], .seed = i + 1
            };
            shape.output = outputs[i / COUNT_OF(hidden)].activation;
            shape.loss = outputs[i / COUNT_OF(hidden)].loss;
            shape.precision = r ? NB_SINGLE : NB_DOUBLE;
            judge_trained(shape, i % 2, rates[r], r ? 1 : 3);
        }
}

/* Over a thousand inputs the sums lose more than the loss itself does. */
static void long_sums_are_judged_rightly(void **state)
{
    (void)state;
    const struct net_shape shape = { 1000,       2,           { 300, 100 }, NB_SIGMOID,
                                     NB_SIGMOID, NB_HALF_SSE, NB_DOUBLE,    3 };
    struct nb_net *net = net_make(&shape);
    struct nb_nudger *nudger = NULL;
    struct nb_gradcheck check;
    const struct nb_judging judging = { .tolerance = 1e-6 };
    net_give_rows(net, 1, 3);
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    assert_int_equal(nb_gradcheck(nudger, net_id(net, NB_DW, 1), &judging, &check, NULL), NB_OK);
    assert_int_equal(check.found[NB_DIFFERS], 0);
    assert_true(check.found[NB_AGREES] >= 190);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

/* 1-1 tanh, sse, x = 1e6 at w = 1e-7: a nudge of 1e-5 is ten times as wide as the slope. */
static void bent_losses_are_judged_by_narrower_nudges(void **state)
{
    (void)state;
    const struct net_shape shape = { 1, 1, { 1 }, NB_TANH, NB_TANH, NB_SSE, NB_DOUBLE, 1 };
    struct nb_net *net = net_make(&shape);
    struct nb_nudger *nudger = NULL;
    struct nb_nudge nudge;
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 1e-7 });
    net_assign(net, NB_X, 0, 1, 1, (const double[]){ 1e6 });
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 1 });
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    double a = tanh(0.1), right = 2 * (a - 1) * (1 - a * a) * 1e6;
    size_t id = net_id(net, NB_DW, 1);
    assert_int_not_equal(finding_of(nudger, id, 0, 0, right, &nudge), NB_DIFFERS);
    assert_int_equal(finding_of(nudger, id, 0, 0, 1.01 * right, &nudge), NB_DIFFERS);
    assert_true(nudge.h < 1e-5);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

static void a_check_can_be_interrupted(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct nb_nudger *nudger = NULL;
    struct nb_gradcheck check;
    volatile sig_atomic_t raised = 1;
    const struct nb_judging judging = { .tolerance = 1e-6, .interrupt = &raised };
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    assert_int_equal(nb_gradcheck(nudger, net_id(net, NB_DW, 1), &judging, &check, NULL),
                     NB_INTERRUPTED);
    assert_int_equal(check.checked, 0);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trained_networks_are_judged_rightly),
        cmocka_unit_test(long_sums_are_judged_rightly),
        cmocka_unit_test(bent_losses_are_judged_by_narrower_nudges),
        cmocka_unit_test(a_check_can_be_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
