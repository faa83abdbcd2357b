/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batch norm against PyTorch's numbers (norm.py); dropout's masks; and what all
 * features together must keep: every operation writes what its row says, one by
 * one is all at once, derivatives agree with differences. */
#include "nets.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

static const enum nb_precision precisions[] = { NB_DOUBLE, NB_SINGLE };

/* ---- Batch norm -------------------------------------------------------- */

static const struct norm_case {
    enum nb_quantity_kind kind;
    double values[12];
} norm_cases[] = {
    { NB_Z,
      { -0.4, -0.425, 1.7, 1.0375, -0.04999999999999999, 0.825, 1.225, 1.3875, -4.05, 0.5375,
        0.41875, -0.925 } },
    { NB_MU, { 0.6000000000000001, 0.3328125, -0.6125 } },
    { NB_VAR, { 0.39648437500000006, 0.46014404296874994, 4.832031249999999 } },
    { NB_XHAT,
      { -1.5881133070410192, -1.1171465368511198, 1.0520016593966668, 0.6947995718304459,
        -0.5643317557289161, 0.6539469774627928, 0.9925708169006371, 1.5547915719061975,
        -1.5637862504545048, -0.09925708169006388, 0.12668672067383832, -0.142162386404955 } },
    { NB_U,
      { -1.5881133070410194, -0.3085732684255597, 1.6040033187933336, 0.6947995718304459,
        -0.03216587786445801, 0.8078939549255858, 0.992570816900637, 1.0273957859530987,
        -3.627572500909009, -0.09925708169006385, 0.3133433603369191, -0.78432477280991 } },
    { NB_A,
      { -0.9198595517803899, -0.2991385901446837, 0.9222689437940479, 0.6010564820185832,
        -0.03215478904600967, 0.6684268232603169, 0.7584563938736721, 0.7728617715415999,
        -0.9985879378166868, -0.09893240191767295, 0.3034756141723646, -0.655182010178987 } },
    { NB_DELTA,
      { -0.07961798363854362, -0.0787395230473451, 0.11982027683239131, -0.10974305319444223,
        -0.0003086527624302076, -0.018930927836502683, -0.02875065614071865, -0.06872483278425738,
        0.09004760019376423, 0.21811169297370453, 0.1477730085940327, -0.19093694918965284 } },
    { NB_DU,
      { -0.03887125074191924, -0.23513758285155345, 0.08685271940538516, 0.038490791089593725,
        -0.07821372499923507, -0.07411989110535999, 0.10205485179765489, 0.0226159247411217,
        -0.0015422740326348273, 0.21142722788769072, 0.18583418991591144, -0.28011453589183344 } },
    { NB_DA,
      { -0.2526430112305433, -0.25824648443662096, 0.5812657082704521, 0.06026133808541606,
        -0.07829467624975539, -0.13398254378528454, 0.24027385004452237, 0.05616286327000299,
        -0.5464928222099175, 0.2135170516849602, 0.20468517198003383, -0.49079482288524423 } },
    { NB_DW,
      { -0.1555966178836831, 0.030182509995129257, -0.05988907213258815, 0.10373675454534803,
        0.015099198585239143, -0.03992628299881494 } },
    { NB_DB, { 2.7755575615628914e-17, 0.0, 2.7755575615628914e-17 } },
    { NB_DGAMMA, { 0.16878635372055437, 0.36552739840496, 0.08513226399512358 } },
    { NB_DBETA, { 0.3131016200330201, -0.1049011931937554, -0.2689239816244431 } },
};

static const struct running_case {
    double loss, evaluated, rmean[3], rvar[3], gamma[3], beta[3]; /* after each iteration */
} running_cases[] = {
    { 1.6496762966880065,
      1.485065521919516,
      { 0.06000000000000001, 0.033281250000000005, -0.061250000000000006 },
      { 0.9528645833333333, 0.9613525390625001, 1.5442708333333335 },
      { 0.9831213646279445, 0.463447260159504, 1.9914867736004875 },
      { -0.031310162003302014, 0.26049011931937555, -0.4731076018375557 } },
    { 1.333261322969326,
      1.2119904493693254,
      { 0.11408101507283927, 0.06306456362808133, -0.11599445382642443 },
      { 0.908560987243553, 0.9266357856453032, 2.0340615443521552 },
      { 0.9701867387945452, 0.43542494667535575, 1.9848852064769589 },
      { -0.054992856386006296, 0.2711159822217385, -0.45053267416995546 } },
    { 1.1007654499084327,
      1.0055281845239061,
      { 0.16280241794178607, 0.08977520921681521, -0.16495257911526023 },
      { 0.867207957279993, 0.8954251552665254, 2.4748160597248576 },
      { 0.9604219571778005, 0.41414770834091946, 1.9797821299028502 },
      { -0.07274904009521886, 0.2812434833196922, -0.4315311567699704 } },
};

/* 2-3-2, batch norm and tanh, then linear, with the numbers of norm.py. */
static struct nb_net *norm_net(enum nb_precision precision)
{
    const struct net_shape shape = {
        2, 2, { 3, 2 }, NB_TANH, NB_LINEAR, NB_HALF_SSE, precision, 1
    };
    struct nb_net *net = net_with(&shape, 1, 0);
    net_assign(net, NB_W, 1, 2, 3, (const double[]){ 0.5, -0.25, 1, 0.75, 0.5, -1.5 });
    net_assign(net, NB_B, 1, 1, 3, (const double[]){ 0.1, 0.2, -0.3 });
    net_assign(net, NB_GAMMA, 1, 1, 3, (const double[]){ 1, 0.5, 2 });
    net_assign(net, NB_BETA, 1, 1, 3, (const double[]){ 0, 0.25, -0.5 });
    net_assign(net, NB_W, 2, 3, 2, (const double[]){ 0.3, -0.4, 0.6, 0.2, -0.7, 0.9 });
    net_assign(net, NB_B, 2, 1, 2, (const double[]){ 0.05, -0.15 });
    net_assign(net, NB_X, 0, 4, 2, (const double[]){ 0.5, -1, 1.5, 0.25, -0.75, 2, 0.125, 0.5 });
    net_assign(net, NB_Y, 0, 4, 2, (const double[]){ 1, 0, 0, 1, 0.5, 0.5, -1, 0.25 });
    return net;
}

static void batch_norm_is_that_of_torch(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct nb_net *net = norm_net(precisions[p]);
        double tolerance = precisions[p] == NB_DOUBLE ? 1e-14 : 3e-6;
        net_run(net, nb_plan_start(net, NB_UPDATE));
        for (size_t i = 0; i < sizeof norm_cases / sizeof norm_cases[0]; i++) {
            struct nb_quantity quantity = net_quantity(net, norm_cases[i].kind, 1);
            for (size_t k = 0; k < quantity.rows * quantity.cols; k++)
                assert_near(net_value(net, quantity.kind, 1, k / quantity.cols, k % quantity.cols),
                            norm_cases[i].values[k], tolerance);
        }
        nb_net_free(&net);
    }
}

static void assert_row(const struct nb_net *net, enum nb_quantity_kind kind, const double *values,
                       double tolerance)
{
    for (size_t k = 0; k < 3; k++)
        assert_near(net_value(net, kind, 1, 0, k), values[k], tolerance);
}

static void running_statistics_are_those_of_torch(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct nb_net *net = norm_net(precisions[p]);
        double tolerance = precisions[p] == NB_DOUBLE ? 1e-13 : 1e-5, loss, accuracy;
        assert_row(net, NB_RMEAN, (const double[]){ 0, 0, 0 }, 0);
        assert_row(net, NB_RVAR, (const double[]){ 1, 1, 1 }, 0);
        for (size_t i = 0; i < 3; i++) {
            const struct running_case *row = &running_cases[i];
            net_run(net, nb_plan_start(net, NB_UPDATE));
            assert_near(net_value(net, NB_LOSS_VALUE, 0, 0, 0), row->loss, tolerance);
            net_run(net, nb_plan_length(net) - nb_cursor(net));
            assert_row(net, NB_RMEAN, row->rmean, tolerance);
            assert_row(net, NB_RVAR, row->rvar, tolerance);
            assert_row(net, NB_GAMMA, row->gamma, tolerance);
            assert_row(net, NB_BETA, row->beta, tolerance);
            assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_OK);
            assert_near(loss, row->evaluated, tolerance);
        }
        nb_net_free(&net);
    }
}

/* Looking changes nothing: neither values nor running statistics. */
static void evaluation_leaves_everything(void **state)
{
    (void)state;
    struct nb_net *net = norm_net(NB_DOUBLE);
    double loss, accuracy;
    net_run(net, 2 * nb_plan_length(net) + 5);
    struct picture *before = picture_new(net);
    assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_OK);
    assert_pictures_same(before, picture_new(net));
    nb_net_free(&net);
}

static void one_row_has_no_variance(void **state)
{
    (void)state;
    struct nb_error error = { .text = "" };
    struct nb_net *net = norm_net(NB_DOUBLE);
    double loss, accuracy;
    net_assign(net, NB_X, 0, 1, 2, (const double[]){ 1, 2 });
    net_assign(net, NB_Y, 0, 1, 2, (const double[]){ 0, 1 });
    assert_int_equal(nb_exec(net, 1, &error), NB_FAILED);
    assert_non_null(strstr(error.text, "one row"));
    assert_int_equal(nb_cursor(net), 0);
    assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_OK);
    nb_net_free(&net);
}

/* gamma and beta learn unpenalised, and can be frozen. */
static void scales_and_shifts_can_be_frozen(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = norm_net(NB_DOUBLE), *free_net = norm_net(NB_DOUBLE);
    learning.optimizer = NB_ADAM;
    learning.l1 = learning.l2 = 0.5;
    learning.regularize_bias = true;
    net_learn(net, &learning);
    nb_freeze(net, net_id(net, NB_GAMMA, 1), true);
    net_iterate(net, 2);
    assert_row(net, NB_GAMMA, (const double[]){ 1, 0.5, 2 }, 0);
    assert_true(net_value(net, NB_BETA, 1, 0, 0) != 0);
    nb_freeze(net, net_id(net, NB_BETA, 1), true);
    assert_true(nb_frozen(net, net_id(net, NB_BETA, 1)));
    learning.optimizer = NB_SGD;
    net_learn(free_net, &learning);
    net_iterate(free_net, 1);
    for (size_t k = 0; k < 3; k++)
        assert_near(net_value(free_net, NB_GAMMA, 1, 0, k),
                    ((const double[]){ 1, 0.5, 2 })[k] -
                        0.1 * net_value(free_net, NB_DGAMMA, 1, 0, k),
                    1e-15);
    nb_net_free(&net);
    nb_net_free(&free_net);
}

/* ---- Dropout ----------------------------------------------------------- */

static struct nb_net *dropped(double dropout, uint64_t seed, size_t rows)
{
    const struct net_shape shape = { 3,         3,           { 101, 50, 2 }, NB_TANH,
                                     NB_LINEAR, NB_HALF_SSE, NB_DOUBLE,      seed };
    struct nb_net *net = net_with(&shape, 0, dropout);
    net_give_rows(net, rows, 1);
    return net;
}

/* A draw decides for two units, its lower half for the first: kept where that
 * is at least p·2^32. */
static void check_mask(const struct nb_net *net, double p, uint64_t seed, uint64_t iteration,
                       size_t layer)
{
    struct nb_quantity mask = net_quantity(net, NB_MASK, layer);
    struct rng rng;
    uint64_t draw = 0;
    rng_init(&rng, seed, RNG_MASK, iteration, layer);
    for (size_t i = 0; i < mask.rows * mask.cols; i++) {
        draw = i % 2 ? draw >> 32 : rng_next(&rng);
        bool kept = (double)(draw & 0xffffffffu) >= p * 4294967296.0;
        size_t row = i / mask.cols, col = i % mask.cols;
        assert_near(net_value(net, NB_MASK, layer, row, col), kept ? 1 / (1 - p) : 0, 0);
        assert_near(net_value(net, NB_H, layer, row, col),
                    net_value(net, NB_A, layer, row, col) * (kept ? 1 / (1 - p) : 0), 0);
        assert_near(net_value(net, NB_DA, layer, row, col),
                    net_value(net, NB_DH, layer, row, col) * (kept ? 1 / (1 - p) : 0), 0);
    }
}

static void masks_are_functions_of_their_key(void **state)
{
    (void)state;
    static const double shares[] = { 0.1, 0.5, 0.75 };
    for (size_t i = 0; i < 3; i++) {
        struct nb_net *net = dropped(shares[i], 7, 3);
        for (uint64_t iteration = 0; iteration < 2; iteration++) {
            net_run(net, nb_plan_start(net, NB_UPDATE));
            check_mask(net, shares[i], 7, iteration, 1);
            check_mask(net, shares[i], 7, iteration, 2);
            net_run(net, nb_plan_length(net) - nb_cursor(net));
        }
        nb_net_free(&net);
    }
}

static void asking_twice_drops_the_same(void **state)
{
    (void)state;
    struct nb_net *net = dropped(0.5, 3, 5);
    net_run(net, nb_plan_start(net, NB_BACKWARD));
    struct picture *first = picture_new(net);
    nb_seek(net, 0);
    net_run(net, nb_plan_start(net, NB_BACKWARD));
    assert_pictures_same(first, picture_new(net));
    nb_net_free(&net);
}

/* The share that is left out, within four standard deviations. */
static void as_many_are_dropped_as_asked_for(void **state)
{
    (void)state;
    static const double shares[] = { 0.001, 0.2, 0.4, 0.5, 0.9, 0.999 };
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        double p = shares[i], count = 101.0 * 400, gone = 0;
        struct nb_net *net = dropped(p, 11 + i, 400);
        net_run(net, nb_plan_start(net, NB_BACKWARD));
        for (size_t k = 0; k < 101 * 400; k++)
            gone += net_value(net, NB_MASK, 1, k / 101, k % 101) == 0;
        assert_true(fabs(gone - p * count) < 4 * sqrt(count * p * (1 - p)));
        nb_net_free(&net);
    }
}

static void evaluation_drops_nothing(void **state)
{
    (void)state;
    struct nb_net *net = dropped(0.5, 3, 5), *whole = dropped(0, 3, 5);
    double loss, expected, accuracy;
    assert_int_equal(nb_quantity_id(whole, NB_MASK, 1), NB_NOWHERE);
    assert_int_equal(nb_evaluate(net, NULL, &loss, &accuracy, NULL), NB_OK);
    assert_int_equal(nb_evaluate(whole, NULL, &expected, &accuracy, NULL), NB_OK);
    assert_near(loss, expected, 0);
    net_run(net, nb_plan_start(net, NB_BACKWARD));
    assert_true(fabs(net_value(net, NB_LOSS_VALUE, 0, 0, 0) - expected) > 1e-6);
    nb_net_free(&net);
    nb_net_free(&whole);
}

/* ---- Everything together ----------------------------------------------- */

/* Batch norm in every layer, dropout in the hidden ones, all of learning. */
static struct nb_net *everything(enum nb_optimizer optimizer, enum nb_precision precision)
{
    const struct net_shape shape = { 3,         3,          { 5, 4, 3 },
                                     NB_LECUN,  NB_SOFTMAX, NB_CROSS_ENTROPY,
                                     precision, 4 };
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_with(&shape, 7, 0.25);
    learning.optimizer = optimizer;
    learning.lr = learning.l1 = learning.l2 = 0.01;
    learning.clip = 0.5;
    learning.regularize_bias = true;
    learning.l2_form = NB_L2_PER_SAMPLE;
    net_learn(net, &learning);
    net_give_rows(net, 6, 2);
    return net;
}

static void each_everything(void (*check)(enum nb_optimizer, enum nb_precision))
{
    for (enum nb_optimizer optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t p = 0; p < 2; p++)
            check(optimizer, precisions[p]);
}

static bool writes(const struct nb_op *op, size_t id)
{
    for (size_t i = 0; i < op->nwrites; i++)
        if (op->writes[i] == id)
            return true;
    return false;
}

static void check_writes(enum nb_optimizer optimizer, enum nb_precision precision)
{
    struct nb_net *net = everything(optimizer, precision);
    struct picture *before = picture_new(net);
    for (size_t i = 0; i < 2 * nb_plan_length(net); i++) {
        const struct nb_op *op = nb_plan_op(net, nb_cursor(net));
        net_run(net, 1);
        struct picture *after = picture_new(net);
        for (size_t id = 0; id < nb_quantity_count(net); id++)
            if (!picture_same(before, after, id) && !writes(op, id))
                fail_msg("%s of layer %zu writes quantity %zu", nb_op_rows()[op->kind].name,
                         op->layer, id);
        for (size_t k = 0; k < op->nwrites; k++) {
            struct nb_quantity quantity;
            nb_quantity_get(net, op->writes[k], &quantity);
            assert_true(quantity.state != NB_UNSET);
        }
        picture_free(before);
        before = after;
    }
    picture_free(before);
    nb_net_free(&net);
}

static void operations_write_what_they_say(void **state)
{
    (void)state;
    each_everything(check_writes);
}

static void check_one_by_one(enum nb_optimizer optimizer, enum nb_precision precision)
{
    struct nb_net *net = everything(optimizer, precision);
    struct nb_net *stepped = everything(optimizer, precision);
    size_t count = 5 * nb_plan_length(net);
    net_run(net, count);
    for (size_t i = 0; i < count; i++)
        net_run(stepped, 1);
    assert_pictures_same(picture_new(net), picture_new(stepped));
    nb_net_free(&net);
    nb_net_free(&stepped);
}

static void one_by_one_is_all_at_once(void **state)
{
    (void)state;
    each_everything(check_one_by_one);
}

/* Going back over every operation, with batch norm's running statistics. */
static void check_going_back(enum nb_optimizer optimizer, enum nb_precision precision)
{
    enum { MOST = 128 };
    struct nb_net *net = everything(optimizer, precision);
    struct nb_snapshot *journal[MOST];
    struct picture *before[MOST];
    size_t count = 2 * nb_plan_length(net) + 7;
    assert_true(count <= MOST);
    for (size_t i = 0; i < count; i++) {
        const struct nb_op *op = nb_plan_op(net, nb_cursor(net));
        before[i] = picture_new(net);
        assert_int_equal(nb_snapshot_new(net, op->writes, op->nwrites, &journal[i], NULL), NB_OK);
        net_run(net, 1);
    }
    while (count-- > 0) {
        nb_snapshot_swap(net, journal[count]);
        assert_pictures_same(before[count], picture_new(net));
        nb_snapshot_free(&journal[count]);
    }
    nb_net_free(&net);
}

static void going_back_is_exact(void **state)
{
    (void)state;
    each_everything(check_going_back);
}

/* Three updates of a network in double and of its copy in single.  Biases under
 * batch norm have no effect: their gradients are rounding, and so is what they learn. */
static void single_precision_follows_double(void **state)
{
    (void)state;
    for (enum nb_optimizer optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++) {
        struct nb_net *net = everything(optimizer, NB_DOUBLE), *single;
        for (size_t l = 1; l <= 3; l++)
            nb_freeze(net, net_id(net, NB_B, l), true);
        assert_int_equal(nb_net_clone(net, NB_SINGLE, &single, NULL), NB_OK);
        net_iterate(net, 3);
        net_iterate(single, 3);
        struct picture *a = picture_new(net), *b = picture_new(single);
        if (!(picture_distance(a, b) < 1e-3))
            fail_msg("optimizer %d: off by %g", (int)optimizer, picture_distance(a, b));
        picture_free(a);
        picture_free(b);
        nb_net_free(&net);
        nb_net_free(&single);
    }
}

/* ---- Derivatives ------------------------------------------------------- */

static void check_derivatives(const struct net_shape *shape, size_t norms, double dropout)
{
    struct nb_net *net = net_with(shape, norms, dropout);
    const struct nb_judging judging = { .tolerance = 1e-6 };
    struct nb_nudger *nudger = NULL;
    net_give_rows(net, 5, shape->seed);
    assert_int_equal(nb_nudger_new(net, &nudger, NULL), NB_OK);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_gradcheck result;
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.kind < NB_DELTA || quantity.kind > NB_DH)
            continue;
        assert_int_equal(nb_gradcheck(nudger, id, &judging, &result, NULL), NB_OK);
        if (!(result.worst.error <= 1e-6) || result.found[NB_DIFFERS] > 0)
            fail_msg("hidden %d, output %d, loss %d, norms %zu, dropout %g: %s: value %g, "
                     "quotient %g",
                     (int)shape->hidden, (int)shape->output, (int)shape->loss, norms, dropout,
                     quantity.name, result.worst.value, result.worst.quotient);
    }
    nb_nudger_free(&nudger);
    nb_net_free(&net);
}

/* Batch norm in no layer, the hidden ones, or all; with dropout and without. */
static void every_layer_kind_has_its_derivatives(void **state)
{
    (void)state;
    static const size_t norms[] = { 0, 3, 7 };
    struct net_shape shape = { .inputs = 3, .layers = 3, .units = { 4, 4, 3 } };
    shape.precision = NB_DOUBLE;
    for (size_t i = 0; i < 7 * 7 * 5; i++) {
        shape.hidden = (enum nb_activation)(i % 7);
        shape.output = (enum nb_activation)(i / 7 % 7);
        shape.loss = (enum nb_loss)(i / 49);
        shape.seed = i;
        if (shape.hidden == NB_SOFTMAX || !loss_allows(shape.loss, shape.output))
            continue;
        for (size_t k = 0; k < 6; k++)
            check_derivatives(&shape, norms[k / 2], k % 2 ? 0.4 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_norm_is_that_of_torch),
        cmocka_unit_test(running_statistics_are_those_of_torch),
        cmocka_unit_test(evaluation_leaves_everything),
        cmocka_unit_test(one_row_has_no_variance),
        cmocka_unit_test(scales_and_shifts_can_be_frozen),
        cmocka_unit_test(masks_are_functions_of_their_key),
        cmocka_unit_test(asking_twice_drops_the_same),
        cmocka_unit_test(as_many_are_dropped_as_asked_for),
        cmocka_unit_test(evaluation_drops_nothing),
        cmocka_unit_test(operations_write_what_they_say),
        cmocka_unit_test(one_by_one_is_all_at_once),
        cmocka_unit_test(going_back_is_exact),
        cmocka_unit_test(single_precision_follows_double),
        cmocka_unit_test(every_layer_kind_has_its_derivatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
