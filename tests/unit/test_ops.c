/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every activation and loss of the tables against numbers computed apart from
 * nabla (reference.py), and against central differences. */
#include "nets.h"

#include <math.h>

static const enum nb_precision precisions[] = { NB_DOUBLE, NB_SINGLE };
static const double tolerances[] = { [NB_DOUBLE] = 1e-15, [NB_SINGLE] = 3e-7 };
enum { ACTIVATIONS = NB_SOFTMAX + 1, LOSSES = NB_BINARY_CROSS_ENTROPY + 1 };

/* ---- Values ----------------------------------------------------------- */

static const struct activation_case {
    enum nb_activation activation;
    double z, value, derivative;
} activation_cases[] = {
    { NB_LINEAR, -8.0, -8.0, 1.0 },
    { NB_LINEAR, -2.5, -2.5, 1.0 },
    { NB_LINEAR, -1.0, -1.0, 1.0 },
    { NB_LINEAR, -0.125, -0.125, 1.0 },
    { NB_LINEAR, 0.0, 0.0, 1.0 },
    { NB_LINEAR, 0.125, 0.125, 1.0 },
    { NB_LINEAR, 0.75, 0.75, 1.0 },
    { NB_LINEAR, 1.0, 1.0, 1.0 },
    { NB_LINEAR, 2.5, 2.5, 1.0 },
    { NB_LINEAR, 8.0, 8.0, 1.0 },
    { NB_SIGMOID, -8.0, 0.00033535013046647810388, 0.00033523767075647421999 },
    { NB_SIGMOID, -2.5, 0.075858180021243551193, 0.070103716545108156932 },
    { NB_SIGMOID, -1.0, 0.26894142136999512075, 0.19661193324148185254 },
    { NB_SIGMOID, -0.125, 0.46879062662624374275, 0.24902597501361747397 },
    { NB_SIGMOID, 0.0, 0.5, 0.25 },
    { NB_SIGMOID, 0.125, 0.53120937337375625725, 0.24902597501361747397 },
    { NB_SIGMOID, 0.75, 0.67917869917539297316, 0.21789499376181402948 },
    { NB_SIGMOID, 1.0, 0.73105857863000487925, 0.19661193324148185254 },
    { NB_SIGMOID, 2.5, 0.92414181997875644881, 0.070103716545108156932 },
    { NB_SIGMOID, 8.0, 0.9996646498695335219, 0.00033523767075647421999 },
    { NB_TANH, -8.0, -0.99999977492967588981, 4.5014059756372916727e-7 },
    { NB_TANH, -2.5, -0.98661429815143028888, 0.026592226683160619656 },
    { NB_TANH, -1.0, -0.76159415595576488812, 0.41997434161402606939 },
    { NB_TANH, -0.125, -0.12435300177159620805, 0.98453633095039339034 },
    { NB_TANH, 0.0, 0.0, 1.0 },
    { NB_TANH, 0.125, 0.12435300177159620805, 0.98453633095039339034 },
    { NB_TANH, 0.75, 0.63514895238728731921, 0.59658580828133142601 },
    { NB_TANH, 1.0, 0.76159415595576488812, 0.41997434161402606939 },
    { NB_TANH, 2.5, 0.98661429815143028888, 0.026592226683160619656 },
    { NB_TANH, 8.0, 0.99999977492967588981, 4.5014059756372916727e-7 },
    { NB_LECUN, -8.0, -1.7158200096911998671, 0.00010665125912185801113 },
    { NB_LECUN, -2.5, -1.5976909775126964962, 0.15218305277095570411 },
    { NB_LECUN, -1.0, -0.99999725592247897502, 0.75541243590244656391 },
    { NB_LECUN, -0.125, -0.1426615843034138233, 1.1360259853387104729 },
    { NB_LECUN, 0.0, 0.0, 1.1439333333333333333 },
    { NB_LECUN, 0.125, 0.1426615843034138233, 1.1360259853387104729 },
    { NB_LECUN, 0.75, 0.79294683014245074461, 0.89964377666415656205 },
    { NB_LECUN, 1.0, 0.99999725592247897502, 0.75541243590244656391 },
    { NB_LECUN, 2.5, 1.5976909775126964962, 0.15218305277095570411 },
    { NB_LECUN, 8.0, 1.7158200096911998671, 0.00010665125912185801113 },
    { NB_RELU, -8.0, 0.0, 0.0 },
    { NB_RELU, -2.5, 0.0, 0.0 },
    { NB_RELU, -1.0, 0.0, 0.0 },
    { NB_RELU, -0.125, 0.0, 0.0 },
    { NB_RELU, 0.0, 0.0, 0.0 },
    { NB_RELU, 0.125, 0.125, 1.0 },
    { NB_RELU, 0.75, 0.75, 1.0 },
    { NB_RELU, 1.0, 1.0, 1.0 },
    { NB_RELU, 2.5, 2.5, 1.0 },
    { NB_RELU, 8.0, 8.0, 1.0 },
    { NB_LEAKYRELU, -8.0, -0.08, 0.01 },
    { NB_LEAKYRELU, -2.5, -0.025, 0.01 },
    { NB_LEAKYRELU, -1.0, -0.01, 0.01 },
    { NB_LEAKYRELU, -0.125, -0.00125, 0.01 },
    { NB_LEAKYRELU, 0.0, 0.0, 0.01 },
    { NB_LEAKYRELU, 0.125, 0.125, 1.0 },
    { NB_LEAKYRELU, 0.75, 0.75, 1.0 },
    { NB_LEAKYRELU, 1.0, 1.0, 1.0 },
    { NB_LEAKYRELU, 2.5, 2.5, 1.0 },
    { NB_LEAKYRELU, 8.0, 8.0, 1.0 },
};

/* With x = z, w = 1, b = 0 and y = f(z) - 1, da is 1 and delta is f'(z). */
static void check_activation(const struct activation_case *row, enum nb_precision precision)
{
    const struct net_shape shape = {
        1, 1, { 1 }, row->activation, row->activation, NB_HALF_SSE, precision, 1
    };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 1 });
    net_assign(net, NB_X, 0, 1, 1, &row->z);
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ row->value - 1 });
    net_run(net, nb_plan_start(net, NB_UPDATE));
    double tolerance = 2 * tolerances[precision];
    assert_near(net_value(net, NB_Z, 1, 0, 0), row->z, 0);
    assert_near(net_value(net, NB_A, 1, 0, 0), row->value, tolerance);
    assert_near(net_value(net, NB_DA, 1, 0, 0), 1, 4 * tolerance);
    assert_near(net_value(net, NB_DELTA, 1, 0, 0), row->derivative, 4 * tolerance);
    nb_net_free(&net);
    assert_null(net);
}

static void activations_have_their_values(void **state)
{
    (void)state;
    size_t covered = 0, rows;
    for (size_t i = 0; i < sizeof activation_cases / sizeof activation_cases[0]; i++) {
        covered |= (size_t)1 << activation_cases[i].activation;
        for (size_t p = 0; p < 2; p++)
            check_activation(&activation_cases[i], precisions[p]);
    }
    nb_activations(&rows);
    assert_int_equal(rows, ACTIVATIONS);
    assert_int_equal(covered, ((size_t)1 << NB_SOFTMAX) - 1); /* softmax has its own test */
}

static const struct softmax_case {
    double z[3], a[3], delta[3]; /* delta of half the squared error with y = 0 */
} softmax_cases[] = {
    { { 1.0, 2.0, 3.0 },
      { 0.090030573170380457998, 0.24472847105479765247, 0.66524095577482188953 },
      { -0.037858980024644636377, -0.065052397420340855239, 0.10291137744498549162 } },
    { { 0.0, 0.0, 0.0 },
      { 0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333 },
      { 0.0, 0.0, 0.0 } },
    { { -4.0, 0.5, 2.0 },
      { 0.0020224658549226202792, 0.1820565744133916111, 0.81592095973168576862 },
      { -0.001409361870301998111, -0.09409031944720042539, 0.095499681317502423501 } },
    { { 30.0, -30.0, 0.0 },
      { 0.99999999999990642377, 8.7565107626957009372e-27, 9.3576229688392989538e-14 },
      { 9.3576229688375476517e-14, -8.7565107626940621347e-27, -9.3576229688366720006e-14 } },
};

static void softmax_has_its_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof softmax_cases / sizeof softmax_cases[0]; i++) {
        const struct softmax_case *row = &softmax_cases[i];
        const struct net_shape shape = { 1,          1,           { 3 },     NB_LINEAR,
                                         NB_SOFTMAX, NB_HALF_SSE, NB_DOUBLE, 1 };
        struct nb_net *net = net_make(&shape);
        net_assign(net, NB_W, 1, 1, 3, row->z);
        net_assign(net, NB_X, 0, 1, 1, (const double[]){ 1 });
        net_assign(net, NB_Y, 0, 1, 3, (const double[]){ 0, 0, 0 });
        net_run(net, nb_plan_start(net, NB_UPDATE));
        for (size_t k = 0; k < 3; k++) {
            assert_near(net_value(net, NB_A, 1, 0, k), row->a[k], 1e-15);
            assert_near(net_value(net, NB_DELTA, 1, 0, k), row->delta[k], 1e-15);
        }
        nb_net_free(&net);
    }
}

/* Two rows of two outputs: z and y of every case. */
static const double loss_z[4] = { 0.5, -1.25, 2, 0.75 };
static const double loss_y[4] = { 1, 0, 0.25, 0.5 };

static const struct loss_case {
    enum nb_loss loss;
    enum nb_activation output;
    double value, delta[4];
} loss_cases[] = {
    { NB_HALF_SSE, NB_LINEAR, 1.234375, { -0.25, -0.625, 0.875, 0.125 } },
    { NB_HALF_SSE,
      NB_SIGMOID,
      0.15553556706324586427,
      { -0.044361729337318437127, 0.019275230047277301971, 0.033114823439476580299,
        0.019521070769536102237 } },
    { NB_HALF_SSE,
      NB_SOFTMAX,
      0.099694075573105023868,
      { -0.018673078378792296327, 0.018673078378792296327, 0.069640031775756031937,
        -0.069640031775756031937 } },
    { NB_SSE, NB_LINEAR, 2.46875, { -0.5, -1.25, 1.75, 0.25 } },
    { NB_SSE,
      NB_SIGMOID,
      0.31107113412649172854,
      { -0.088723458674636874255, 0.038550460094554603943, 0.066229646878953160599,
        0.039042141539072204475 } },
    { NB_SSE,
      NB_SOFTMAX,
      0.19938815114621004774,
      { -0.037346156757584592653, 0.037346156757584592653, 0.13928006355151206387,
        -0.13928006355151206387 } },
    { NB_MSE, NB_LINEAR, 1.234375, { -0.25, -0.625, 0.875, 0.125 } },
    { NB_MSE,
      NB_SIGMOID,
      0.15553556706324586427,
      { -0.044361729337318437127, 0.019275230047277301971, 0.033114823439476580299,
        0.019521070769536102237 } },
    { NB_MSE,
      NB_SOFTMAX,
      0.099694075573105023868,
      { -0.018673078378792296327, 0.018673078378792296327, 0.069640031775756031937,
        -0.069640031775756031937 } },
    { NB_CROSS_ENTROPY,
      NB_SIGMOID,
      0.34962224499914988841,
      { -0.18877033439907271768, 0.0, -0.014900365252764694493, -0.08020532520615175671 } },
    { NB_CROSS_ENTROPY,
      NB_SOFTMAX,
      0.4870854807235584468,
      { -0.074023599015844734853, 0.074023599015844734853, 0.16648744794050918012,
        -0.16648744794050918012 } },
    { NB_BINARY_CROSS_ENTROPY,
      NB_SIGMOID,
      1.557402541341676005,
      { -0.18877033439907271768, 0.1113500694126544265, 0.31539853898894122203,
        0.08958934958769648658 } },
};

static void check_loss(const struct loss_case *row, enum nb_precision precision)
{
    const struct net_shape shape = { 2, 1, { 2 }, NB_LINEAR, row->output, row->loss, precision, 1 };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 2, 2, (const double[]){ 1, 0, 0, 1 });
    net_assign(net, NB_X, 0, 2, 2, loss_z);
    net_assign(net, NB_Y, 0, 2, 2, loss_y);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    double tolerance = 4 * tolerances[precision];
    assert_near(net_value(net, NB_LOSS_VALUE, 0, 0, 0), row->value, tolerance);
    for (size_t i = 0; i < 4; i++)
        assert_near(net_value(net, NB_DELTA, 1, i / 2, i % 2), row->delta[i], tolerance);
    nb_net_free(&net);
}

static void losses_have_their_values(void **state)
{
    (void)state;
    size_t covered = 0, rows;
    for (size_t i = 0; i < sizeof loss_cases / sizeof loss_cases[0]; i++) {
        covered |= (size_t)1 << loss_cases[i].loss;
        for (size_t p = 0; p < 2; p++)
            check_loss(&loss_cases[i], precisions[p]);
    }
    nb_losses(&rows);
    assert_int_equal(rows, LOSSES);
    assert_int_equal(covered, ((size_t)1 << LOSSES) - 1);
}

/* 0·ln 0 = 0: a target of 0 costs nothing, however small its probability. */
static const struct extreme_case {
    enum nb_loss loss;
    enum nb_activation output;
    double z, y[2], value;
} extreme_cases[] = {
    /* the outputs' z are z and -z */
    { NB_CROSS_ENTROPY, NB_SOFTMAX, 1e4, { 1, 0 }, 0 },
    { NB_CROSS_ENTROPY, NB_SOFTMAX, 1e4, { 0, 1 }, 2e4 },
    { NB_CROSS_ENTROPY, NB_SOFTMAX, -1e4, { 0.5, 0.5 }, 1e4 },
    { NB_CROSS_ENTROPY, NB_SIGMOID, 1e4, { 1, 0 }, 0 },
    { NB_CROSS_ENTROPY, NB_SIGMOID, 1e4, { 0, 1 }, 1e4 },
    { NB_BINARY_CROSS_ENTROPY, NB_SIGMOID, 1e4, { 1, 0 }, 0 },
    { NB_BINARY_CROSS_ENTROPY, NB_SIGMOID, 1e4, { 0, 1 }, 2e4 },
    { NB_BINARY_CROSS_ENTROPY, NB_SIGMOID, -1e4, { 0, 0.5 }, 5e3 },
    { NB_HALF_SSE, NB_SOFTMAX, 1e4, { 0, 1 }, 1 },
    { NB_SSE, NB_SIGMOID, -1e4, { 1, 1 }, 1 },
    { NB_MSE, NB_TANH, 1e4, { 1, 1 }, 2 },
    { NB_MSE, NB_LECUN, 1e4, { 1.7159, -1.7159 }, 0 },
};

/* The da of a cross-entropy's sigmoid, -y/a, is left out: it has no bound. */
static void assert_all_finite(const struct nb_net *net)
{
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.state == NB_UNSET || quantity.kind == NB_DA)
            continue;
        for (size_t i = 0; i < quantity.rows * quantity.cols; i++)
            if (!isfinite(nb_value(net, id, i / quantity.cols, i % quantity.cols)))
                fail_msg("%s is not finite", quantity.name);
    }
}

static void nothing_overflows(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof extreme_cases / sizeof extreme_cases[0]; i++) {
        const struct extreme_case *row = &extreme_cases[i / 2];
        const struct net_shape shape = {
            1, 1, { 2 }, NB_LINEAR, row->output, row->loss, precisions[i % 2], 1
        };
        struct nb_net *net = net_make(&shape);
        net_assign(net, NB_W, 1, 1, 2, (const double[]){ row->z, -row->z });
        net_assign(net, NB_X, 0, 1, 1, (const double[]){ 1 });
        net_assign(net, NB_Y, 0, 1, 2, row->y);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        assert_near(net_value(net, NB_LOSS_VALUE, 0, 0, 0), row->value, 3e-7);
        assert_all_finite(net);
        nb_net_free(&net);
    }
}

/* ---- Derivatives ------------------------------------------------------- */

/* Runs `check` on a network of every activation before every output and loss;
 * combinations that have no meaning must be refused. */
static void each_network(void (*check)(const struct net_shape *shape))
{
    for (size_t i = 0; i < (size_t)ACTIVATIONS * ACTIVATIONS * LOSSES; i++) {
        struct net_shape shape = { .inputs = 3, .layers = 3, .units = { 4, 3, 3 }, .seed = i };
        shape.hidden = (enum nb_activation)(i % ACTIVATIONS);
        shape.output = (enum nb_activation)(i / ACTIVATIONS % ACTIVATIONS);
        shape.loss = (enum nb_loss)(i / ACTIVATIONS / ACTIVATIONS);
        shape.precision = NB_DOUBLE;
        if (shape.hidden != NB_SOFTMAX && loss_allows(shape.loss, shape.output)) {
            check(&shape);
            continue;
        }
        struct nb_net *net = NULL;
        assert_int_equal(net_try(&shape, &net), NB_USAGE);
        assert_null(net);
    }
}

static void fail_gradient(const struct net_shape *shape, size_t layer, size_t id, double error)
{
    size_t rows;
    fail_msg("%s, %s, %s: quantity %zu of layer %zu: relative error %g",
             nb_activations(&rows)[shape->hidden].name, nb_activations(&rows)[shape->output].name,
             nb_losses(&rows)[shape->loss].name, id, layer, error);
}

static const struct nb_judging judging = { .tolerance = 1e-6 };

static void check_gradient(const struct net_shape *shape)
{
    static const enum nb_quantity_kind kinds[] = { NB_DW, NB_DB, NB_DELTA, NB_DA };
    struct nb_net *net = net_make(shape);
    struct nb_nudger *nudger = NULL;
    net_give_rows(net, 3, shape->seed);
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    for (size_t i = 0; i < 4 * shape->layers; i++) {
        struct nb_gradcheck result;
        size_t id = nb_quantity_id(net, kinds[i % 4], i / 4 + 1);
        if (id == NB_NOWHERE)
            continue;
        assert_int_equal(nb_gradcheck(nudger, id, &judging, &result, NULL), NB_OK);
        assert_int_equal(result.id, id);
        assert_int_equal(result.checked, result.elements);
        assert_true(result.found[NB_KINKED] < result.elements || shape->hidden == NB_RELU);
        if (!(result.worst.error <= 1e-6) || result.found[NB_DIFFERS] > 0)
            fail_gradient(shape, i / 4 + 1, result.id, result.worst.error);
    }
    nb_nudger_free(&nudger);
    assert_null(nudger);
    nb_net_free(&net);
}

static void derivatives_agree_with_differences(void **state)
{
    (void)state;
    each_network(check_gradient);
}

/* The nudger's own numbers: dw of 1-1 linear under sse is 2·(w·x - y)·x. */
static void a_nudge_tells_what_it_did(void **state)
{
    (void)state;
    const struct net_shape shape = { 1, 1, { 1 }, NB_LINEAR, NB_LINEAR, NB_SSE, NB_SINGLE, 1 };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 4 });
    net_assign(net, NB_X, 0, 1, 1, (const double[]){ 0.5 });
    struct nb_nudger *nudger = NULL;
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_FAILED); /* no y */
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 1 });
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    struct nb_nudge nudge;
    assert_int_equal(nb_nudge(nudger, net_id(net, NB_DW, 1), 0, 0, 1e-3, &nudge, NULL), NB_OK);
    assert_near(nudge.value, 1, 0);
    assert_near(nudge.theta, 4, 0);
    assert_near(nudge.h, 4e-3, 1e-15);
    assert_near(nudge.plus, 1.002 * 1.002, 1e-14);
    assert_near(nudge.minus, 0.998 * 0.998, 1e-14);
    assert_near(nudge.quotient, 1, 1e-12);
    assert_false(nudge.kink);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

/* relu at z = 0: the two sides differ, and the nudge says so. */
static void a_kink_is_named(void **state)
{
    (void)state;
    const struct net_shape shape = { 1, 1, { 1 }, NB_RELU, NB_RELU, NB_SSE, NB_DOUBLE, 1 };
    struct nb_net *net = net_make(&shape);
    net_assign(net, NB_W, 1, 1, 1, (const double[]){ 0 });
    net_assign(net, NB_X, 0, 1, 1, (const double[]){ 1 });
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 1 });
    struct nb_nudger *nudger = NULL;
    struct nb_nudge nudge;
    struct nb_gradcheck check;
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    size_t id = net_id(net, NB_DW, 1);
    assert_int_equal(nb_nudge(nudger, id, 0, 0, 1e-5, &nudge, NULL), NB_OK);
    assert_true(nudge.kink);
    assert_int_equal(nb_gradcheck(nudger, id, &judging, &check, NULL), NB_OK);
    assert_int_equal(check.found[NB_KINKED], 1);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

static void a_large_tensor_is_sampled(void **state)
{
    (void)state;
    const struct net_shape shape = { 30,         2,           { 20, 3 }, NB_TANH,
                                     NB_SIGMOID, NB_HALF_SSE, NB_DOUBLE, 5 };
    struct nb_net *net = net_make(&shape);
    net_give_rows(net, 4, 5);
    struct nb_nudger *nudger = NULL;
    struct nb_gradcheck check, again;
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    assert_int_equal(nb_gradcheck(nudger, net_id(net, NB_DW, 1), &judging, &check, NULL), NB_OK);
    assert_int_equal(check.elements, 600);
    assert_int_equal(check.checked, 200);
    assert_true(check.worst.error <= 1e-6);
    assert_int_equal(nb_gradcheck(nudger, net_id(net, NB_DW, 1), &judging, &again, NULL), NB_OK);
    assert_true(check.row == again.row && check.col == again.col);
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

/* ---- Operations -------------------------------------------------------- */

static bool op_writes(const struct nb_op *op, size_t id)
{
    for (size_t i = 0; i < op->nwrites; i++)
        if (op->writes[i] == id)
            return true;
    return false;
}

/* Every operation changes what its row says and nothing else.  The second
 * iteration has other rows, so that each result differs from the first. */
static void check_writes(const struct net_shape *shape)
{
    struct nb_net *net = net_make(shape);
    net_give_rows(net, 2, 1);
    net_run(net, nb_plan_length(net));
    net_give_rows(net, 2, 2);
    for (size_t i = 0; i < nb_plan_length(net); i++) {
        const struct nb_op *op = nb_plan_op(net, i);
        assert_int_equal(nb_cursor(net), i);
        struct picture *before = picture_new(net);
        net_run(net, 1);
        struct picture *after = picture_new(net);
        for (size_t id = 0; id < nb_quantity_count(net); id++)
            if (!op_writes(op, id) && !picture_same(before, after, id))
                fail_msg("operation %zu (%s) changes quantity %zu", i, nb_op_rows()[op->kind].name,
                         id);
        for (size_t w = 0; w < op->nwrites; w++) {
            struct nb_quantity quantity;
            nb_quantity_get(net, op->writes[w], &quantity);
            assert_int_equal(quantity.state, NB_FRESH);
            assert_true(op->kind == NB_OP_UPDATE || quantity.op == i);
        }
        picture_free(before);
        picture_free(after);
    }
    assert_int_equal(nb_iteration(net), 2);
    nb_net_free(&net);
}

static void operations_write_what_their_rows_say(void **state)
{
    (void)state;
    each_network(check_writes);
}

static void check_single(const struct net_shape *shape)
{
    struct net_shape narrow = *shape;
    narrow.precision = NB_SINGLE;
    struct nb_net *wide = net_make(shape), *single = net_make(&narrow);
    net_give_rows(wide, 3, shape->seed);
    net_give_rows(single, 3, shape->seed);
    net_run(wide, nb_plan_start(wide, NB_UPDATE));
    net_run(single, nb_plan_start(single, NB_UPDATE));
    struct picture *a = picture_new(wide), *b = picture_new(single);
    double distance = picture_distance(a, b);
    picture_free(a);
    picture_free(b);
    nb_net_free(&wide);
    nb_net_free(&single);
    assert_true(distance <= 2e-6);
}

static void single_precision_is_near_double(void **state)
{
    (void)state;
    each_network(check_single);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_have_their_values),
        cmocka_unit_test(softmax_has_its_values),
        cmocka_unit_test(losses_have_their_values),
        cmocka_unit_test(nothing_overflows),
        cmocka_unit_test(derivatives_agree_with_differences),
        cmocka_unit_test(a_nudge_tells_what_it_did),
        cmocka_unit_test(a_kink_is_named),
        cmocka_unit_test(a_large_tensor_is_sampled),
        cmocka_unit_test(operations_write_what_their_rows_say),
        cmocka_unit_test(single_precision_is_near_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
