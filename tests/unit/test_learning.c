/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How parameters learn: the optimisers' steps against PyTorch's (learning.py),
 * penalties and clipping against sums done by hand, what the plan holds. */
#include "nets.h"

#include <math.h>
#include <string.h>

static const enum nb_precision precisions[] = { NB_DOUBLE, NB_SINGLE };

/* ---- Settings ---------------------------------------------------------- */

static void settings_begin_with_their_defaults(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    assert_int_equal(learning.optimizer, NB_SGD);
    assert_int_equal(learning.l2_form, NB_L2_HALF);
    assert_near(learning.lr, 0.1, 0);
    assert_near(learning.momentum, 0.9, 0);
    assert_near(learning.rho, 0.99, 0);
    assert_near(learning.epsilon, 1e-8, 0);
    assert_near(learning.beta1, 0.9, 0);
    assert_near(learning.beta2, 0.999, 0);
    assert_true(learning.l1 == 0 && learning.l2 == 0 && learning.clip == 0 && !learning.samples);
    assert_false(learning.regularize_bias);

    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_int_equal(nb_net_learning(net)->optimizer, NB_SGD);
    assert_near(nb_net_lr(net), 0.1, 0);
    learning.l1 = 3;
    net_learn(net, &learning);
    nb_net_set_lr(net, 0.25);
    assert_near(nb_net_learning(net)->lr, 0.25, 0);
    assert_near(nb_net_learning(net)->l1, 3, 0);
    assert_int_equal(nb_net_updates(net), 0);
    nb_net_free(&net);
}

static void choices_have_their_names(void **state)
{
    (void)state;
    static const char *const optimizers[] = { "sgd",     "momentum", "nesterov",
                                              "rmsprop", "adam",     "adamw" };
    static const char *const forms[] = { "half", "full", "per-sample" };
    size_t count;
    const struct nb_choice *rows = nb_optimizers(&count);
    assert_int_equal(count, NB_ADAMW + 1);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(rows[i].name, optimizers[i]);
    rows = nb_l2_forms(&count);
    assert_int_equal(count, NB_L2_PER_SAMPLE + 1);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(rows[i].name, forms[i]);
}

/* ---- Steps ------------------------------------------------------------- */

/* L = (2w + b - 3)²/2 from w = 0.5, b = 0.25: what each of three updates leaves. */
static const struct step_case {
    struct nb_learning learning;
    struct {
        double w, b, mw, vw, mb, vb; /* moments: 0 where the optimiser has none */
    } after[3];
} step_cases[] = {
    { { .optimizer = NB_SGD, .lr = 0.1 },
      { { 0.85, 0.425, 0, 0, 0, 0 },
        { 1.025, 0.5125, 0, 0, 0, 0 },
        { 1.1124999999999998, 0.5562499999999999, 0, 0, 0, 0 } } },
    { { .optimizer = NB_MOMENTUM, .lr = 0.1, .momentum = 0.9 },
      { { 0.85, 0.425, 0, -3.5, 0, -1.75 },
        { 1.34, 0.67, 0, -4.9, 0, -2.45 },
        { 1.711, 0.8555, 0, -3.71, 0, -1.855 } } },
    { { .optimizer = NB_NESTEROV, .lr = 0.1, .momentum = 0.9 },
      { { 1.165, 0.5825, 0, -3.5, 0, -1.75 },
        { 1.48175, 0.740875, 0, -3.3249999999999997, 0, -1.6624999999999999 },
        { 1.4834125, 0.74170625, 0, -1.5837500000000002, 0, -0.7918750000000001 } } },
    { { .optimizer = NB_NESTEROV, .lr = 0.1, .momentum = 0.5 },
      { { 1.0250000000000001, 0.5125000000000001, 0, -3.5, 0, -1.75 },
        { 1.24375, 0.621875, 0, -2.624999999999999, 0, -1.3124999999999996 },
        { 1.2765624999999998, 0.6382812499999999, 0, -1.0937499999999996, 0,
          -0.5468749999999998 } } },
    { { .optimizer = NB_RMSPROP, .lr = 0.1, .rho = 0.99, .epsilon = 1e-8 },
      { { 1.4999999714285719, 1.249999942857146, 0, 0.12250000000000011, 0, 0.030625000000000027 },
        { 0.9168278469249797, 0.6668278319571437, 0, 0.1837749885714297, 0, 0.04594374714285743 },
        { 1.1448736334043486, 0.8948736132309907, 0, 0.19191790700531955, 0,
          0.04797947675132989 } } },
    { { .optimizer = NB_RMSPROP, .lr = 0.1, .rho = 0.5, .epsilon = 0.01 },
      { { 0.6408522272940816, 0.39028766073760257, 0, 6.125, 0, 1.53125 },
        { 0.7439166986795527, 0.492953744966552, 0, 6.589709883513868, 0, 1.647427470878467 },
        { 0.8314834529658288, 0.5801459387597925, 0, 5.372444640254334, 0, 1.3431111600635834 } } },
    { { .optimizer = NB_ADAM, .lr = 0.1, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 },
      { { 0.5999999997142857, 0.3499999994285714, -0.3499999999999999, 0.012250000000000011,
          -0.17499999999999996, 0.0030625000000000027 },
        { 0.6990767613002823, 0.4490767607062905, -0.6050000002285713, 0.02064775001325716,
          -0.3025000001142856, 0.00516193750331429 },
        { 0.7962841355358551, 0.5462841346114665, -0.7750539435443431, 0.02594261434214308,
          -0.38752697177217155, 0.00648565358553577 } } },
    { { .optimizer = NB_ADAM, .lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.01 },
      { { 0.5997150997150997, 0.3494318181818182, -1.75, 3.0625, -0.875, 0.765625 },
        { 0.6971776946029438, 0.4465891044003524, -2.3261379823879826, 4.402676443929065,
          -1.1630689911939913, 1.1006691109822662 },
        { 0.7904701623095601, 0.5395547648492729, -2.3221244975877515, 4.645416999848495,
          -1.1610622487938758, 1.1613542499621237 } } },
    { { .optimizer = NB_ADAMW, .lr = 0.1, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 },
      { { 0.5999999997142857, 0.3499999994285714, -0.3499999999999999, 0.012250000000000011,
          -0.17499999999999996, 0.0030625000000000027 },
        { 0.6990767613002823, 0.4490767607062905, -0.6050000002285713, 0.02064775001325716,
          -0.3025000001142856, 0.00516193750331429 },
        { 0.7962841355358551, 0.5462841346114665, -0.7750539435443431, 0.02594261434214308,
          -0.38752697177217155, 0.00648565358553577 } } },
    { { .optimizer = NB_ADAMW,
        .lr = 0.1,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
        .l2 = 0.25 },
      { { 0.5874999997142857, 0.3499999994285714, -0.3499999999999999, 0.012250000000000011,
          -0.17499999999999996, 0.0030625000000000027 },
        { 0.6720079375493169, 0.4491954369499762, -0.6100000002285714, 0.020940250013485734,
          -0.3050000001142857, 0.0052350625033714335 },
        { 0.7528368368623578, 0.5468245343749334, -0.7903577377959923, 0.026744665512942002,
          -0.39517886889799614, 0.0066861663782355005 } } },
    { { .optimizer = NB_ADAMW,
        .lr = 0.1,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
        .l2 = 0.25,
        .l2_form = NB_L2_FULL,
        .regularize_bias = true },
      { { 0.5874999997142857, 0.3499999994285714, -0.3499999999999999, 0.012250000000000011,
          -0.17499999999999996, 0.0030625000000000027 },
        { 0.6720079375493169, 0.4491954369499762, -0.6100000002285714, 0.020940250013485734,
          -0.3050000001142857, 0.0052350625033714335 },
        { 0.7528368368623578, 0.5468245343749334, -0.7903577377959923, 0.026744665512942002,
          -0.39517886889799614, 0.0066861663782355005 } } },
    { { .optimizer = NB_ADAM,
        .lr = 0.1,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
        .l2 = 0.25 },
      { { 0.5999999997037037, 0.3499999994285714, -0.3374999999999999, 0.01139062500000001,
          -0.17499999999999996, 0.0030625000000000027 },
        { 0.6989541303526546, 0.4490767607063947, -0.5787500002402115, 0.01894173438821166,
          -0.30250000011640205, 0.005161937503375666 },
        { 0.7957508347802887, 0.5462860487441257, -0.7340041426750331, 0.023465195790347622,
          -0.38755149796359145, 0.00648621910672126 } } },
    { { .optimizer = NB_NESTEROV, .lr = 0.1, .momentum = 0.9, .l2 = 0.25 },
      { { 1.14125, 0.5825, 0, -3.375, 0, -1.75 },
        { 1.411715625, 0.7499, 0, -3.0221875, 0, -1.7099999999999997 },
        { 1.3715904453125, 0.7794770625, 0, -1.2203773437500003, 0, -0.9656687499999999 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.25 },
      { { 0.8375, 0.425, 0, 0, 0, 0 },
        { 0.9965625, 0.515, 0, 0, 0, 0 },
        { 1.0700234375, 0.5641875, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.25, .l2_form = NB_L2_FULL },
      { { 0.8250000000000001, 0.425, 0, 0, 0, 0 },
        { 0.96875, 0.5175, 0, 0, 0, 0 },
        { 1.0293125, 0.572, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.25, .l2_form = NB_L2_PER_SAMPLE },
      { { 0.8375, 0.425, 0, 0, 0, 0 },
        { 0.9965625, 0.515, 0, 0, 0, 0 },
        { 1.0700234375, 0.5641875, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.25, .l2_form = NB_L2_PER_SAMPLE, .samples = 10 },
      { { 0.84875, 0.425, 0, 0, 0, 0 },
        { 1.022128125, 0.51275, 0, 0, 0, 0 },
        { 1.1081715546875, 0.5570493750000001, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l2 = 0.25, .regularize_bias = true },
      { { 0.8375, 0.41875, 0, 0, 0, 0 },
        { 0.9978125, 0.49890625, 0, 0, 0, 0 },
        { 1.0739609374999999, 0.5369804687499999, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .l1 = 0.125 },
      { { 0.8375, 0.425, 0, 0, 0, 0 },
        { 1.0050000000000001, 0.515, 0, 0, 0, 0 },
        { 1.0875000000000001, 0.5625, 0, 0, 0, 0 } } },
    { { .optimizer = NB_MOMENTUM, .lr = 0.1, .momentum = 0.9, .l1 = 0.125, .l2 = 0.25 },
      { { 0.8250000000000001, 0.425, 0, -3.25, 0, -1.75 },
        { 1.2693750000000001, 0.675, 0, -4.44375, 0, -2.5 },
        { 1.582328125, 0.8786250000000001, 0, -3.1295312499999994, 0, -2.03625 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .clip = 1 },
      { { 0.5894426962428546, 0.2947213481214273, 0, 0, 0, 0 },
        { 0.6788853891372875, 0.33944269456864373, 0, 0, 0, 0 },
        { 0.7683280775338711, 0.38416403876693556, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .clip = 100 },
      { { 0.85, 0.425, 0, 0, 0, 0 },
        { 1.025, 0.5125, 0, 0, 0, 0 },
        { 1.1124999999999998, 0.5562499999999999, 0, 0, 0, 0 } } },
    { { .optimizer = NB_SGD, .lr = 0.1, .clip = 1, .l2 = 0.25 },
      { { 0.5769426962428545, 0.2947213481214273, 0, 0, 0, 0 },
        { 0.6519618221535066, 0.339442694779789, 0, 0, 0, 0 },
        { 0.7251054662149234, 0.38416403958741624, 0, 0, 0, 0 } } },

};

/* A moment, 0 where the learning has none. */
static double moment(const struct nb_net *net, enum nb_quantity_kind kind)
{
    return nb_quantity_id(net, kind, 1) == NB_NOWHERE ? 0 : net_value(net, kind, 1, 0, 0);
}

static void check_steps(const struct step_case *row, enum nb_precision precision)
{
    double tolerance = precision == NB_DOUBLE ? 1e-13 : 2e-6;
    struct nb_net *net = net_scalar(precision);
    net_learn(net, &row->learning);
    for (size_t i = 0; i < 3; i++) {
        net_iterate(net, 1);
        assert_int_equal(nb_net_updates(net), i + 1);
        assert_near(net_value(net, NB_W, 1, 0, 0), row->after[i].w, tolerance);
        assert_near(net_value(net, NB_B, 1, 0, 0), row->after[i].b, tolerance);
        assert_near(moment(net, NB_MW), row->after[i].mw, tolerance);
        assert_near(moment(net, NB_VW), row->after[i].vw, tolerance);
        assert_near(moment(net, NB_MB), row->after[i].mb, tolerance);
        assert_near(moment(net, NB_VB), row->after[i].vb, tolerance);
    }
    nb_net_free(&net);
}

static void steps_are_those_of_torch(void **state)
{
    (void)state;
    size_t covered = 0;
    for (size_t i = 0; i < sizeof step_cases / sizeof step_cases[0]; i++) {
        covered |= (size_t)1 << step_cases[i].learning.optimizer;
        for (size_t p = 0; p < 2; p++)
            check_steps(&step_cases[i], precisions[p]);
    }
    assert_int_equal(covered, ((size_t)1 << (NB_ADAMW + 1)) - 1);
}

/* ---- Schedules --------------------------------------------------------- */

/* By hand: 0.5·e^-0.7, 0.5·0.92^7, 0.5/2.5, (1 + cos 54°)/4 ... */
static const struct schedule_case {
    struct nb_schedule schedule;
    double lr;
    uint64_t t, total;
    double expected;
} schedule_cases[] = {
    { { NB_SCHEDULE_NONE, 0, 0, false }, 0.5, 7, 10, 0.5 },
    { { NB_SCHEDULE_EXP, 0.1, 0, false }, 0.5, 0, 10, 0.5 },
    { { NB_SCHEDULE_EXP, 0.1, 0, false }, 0.5, 7, 10, 0.24829265189570474 },
    { { NB_SCHEDULE_EXP, 0.0001, 0, false }, 0.1, 100, 100, 0.09900498337491681 },
    { { NB_SCHEDULE_STEP, 0.92, 1, false }, 0.5, 7, 10, 0.2789233006182401 },
    { { NB_SCHEDULE_STEP, 0.5, 3, false }, 0.5, 2, 10, 0.5 },
    { { NB_SCHEDULE_STEP, 0.5, 3, false }, 0.5, 3, 10, 0.25 },
    { { NB_SCHEDULE_STEP, 0.5, 3, false }, 0.5, 8, 10, 0.125 },
    { { NB_SCHEDULE_INVERSE, 0.25, 0, false }, 0.5, 0, 10, 0.5 },
    { { NB_SCHEDULE_INVERSE, 0.25, 0, false }, 0.5, 6, 10, 0.2 },
    { { NB_SCHEDULE_COSINE, 0, 0, false }, 0.5, 0, 10, 0.5 },
    { { NB_SCHEDULE_COSINE, 0, 0, false }, 0.5, 3, 10, 0.3969463130731183 },
    { { NB_SCHEDULE_COSINE, 0, 0, false }, 0.5, 5, 10, 0.25 },
    { { NB_SCHEDULE_COSINE, 0, 0, false }, 0.5, 9, 10, 0.012235870926211617 },
};

static void schedules_have_their_rates(void **state)
{
    (void)state;
    static const char *const names[] = { "none", "exp", "step", "inverse", "cosine" };
    size_t count, covered = 0;
    const struct nb_choice *rows = nb_schedules(&count);
    assert_int_equal(count, NB_SCHEDULE_COSINE + 1);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(rows[i].name, names[i]);
    for (size_t i = 0; i < sizeof schedule_cases / sizeof schedule_cases[0]; i++) {
        const struct schedule_case *row = &schedule_cases[i];
        covered |= (size_t)1 << row->schedule.kind;
        assert_near(nb_schedule_lr(&row->schedule, row->lr, row->t, row->total), row->expected,
                    1e-16);
    }
    assert_int_equal(covered, ((size_t)1 << count) - 1);
}

/* ---- Penalties --------------------------------------------------------- */

/* 2-2 linear, w = [1, -2; 3, 0], b = [0.5, -1.5], four rows: ‖w‖² = 14, Σ|w| = 6,
 * ‖b‖² = 2.5, Σ|b| = 2. */
static const double penalized_w[4] = { 1, -2, 3, 0 }, penalized_b[2] = { 0.5, -1.5 };

static const struct penalty_case {
    double l1, l2;
    enum nb_l2_form form;
    bool bias;
    size_t samples;
    double penalty; /* by hand */
    double scale;   /* of w in the gradient; sign(w) has l1 */
} penalty_cases[] = {
    { 0, 0.5, NB_L2_HALF, false, 0, 0.25 * 14, 0.5 },
    { 0, 0.5, NB_L2_FULL, false, 0, 0.5 * 14, 1 },
    { 0, 0.5, NB_L2_PER_SAMPLE, false, 0, 0.5 / 8 * 14, 0.125 },
    { 0, 0.5, NB_L2_PER_SAMPLE, false, 50, 0.5 / 100 * 14, 0.01 },
    { 0.25, 0, NB_L2_HALF, false, 0, 0.25 * 6, 0 },
    { 0.25, 0.5, NB_L2_FULL, false, 0, 0.5 * 14 + 0.25 * 6, 1 },
    { 0, 0.5, NB_L2_HALF, true, 0, 0.25 * 16.5, 0.5 },
    { 0.25, 0.5, NB_L2_FULL, true, 0, 0.5 * 16.5 + 0.25 * 8, 1 },
};

static double sign(double x)
{
    return (x > 0) - (x < 0);
}

static void check_gradients(const struct nb_net *net, const struct penalty_case *row,
                            double tolerance)
{
    for (size_t i = 0; i < 4; i++)
        assert_near(net_value(net, NB_GW, 1, i / 2, i % 2),
                    net_value(net, NB_DW, 1, i / 2, i % 2) + row->scale * penalized_w[i] +
                        row->l1 * sign(penalized_w[i]),
                    tolerance);
    if (!row->bias) {
        assert_int_equal(nb_quantity_id(net, NB_GB, 1), NB_NOWHERE);
        return;
    }
    for (size_t k = 0; k < 2; k++)
        assert_near(net_value(net, NB_GB, 1, 0, k),
                    net_value(net, NB_DB, 1, 0, k) + row->scale * penalized_b[k] +
                        row->l1 * sign(penalized_b[k]),
                    tolerance);
}

static void check_penalty(const struct penalty_case *row, enum nb_precision precision)
{
    const struct net_shape shape = { 2, 1, { 2 }, NB_LINEAR, NB_LINEAR, NB_HALF_SSE, precision, 1 };
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_make(&shape);
    double tolerance = precision == NB_DOUBLE ? 1e-14 : 1e-6, loss;
    net_assign(net, NB_W, 1, 2, 2, penalized_w);
    net_assign(net, NB_B, 1, 1, 2, penalized_b);
    net_give_rows(net, 4, 1);
    net_run(net, nb_plan_start(net, NB_BACKWARD));
    loss = net_value(net, NB_LOSS_VALUE, 0, 0, 0);
    nb_seek(net, 0);
    learning.l1 = row->l1;
    learning.l2 = row->l2;
    learning.l2_form = row->form;
    learning.regularize_bias = row->bias;
    learning.samples = row->samples;
    net_learn(net, &learning);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    assert_near(net_value(net, NB_PENALTY, 0, 0, 0), row->penalty, tolerance);
    assert_near(net_value(net, NB_LOSS_VALUE, 0, 0, 0), loss, 0); /* has no penalty in it */
    check_gradients(net, row, tolerance);
    nb_net_free(&net);
}

static void penalties_have_their_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof penalty_cases / sizeof penalty_cases[0]; i++)
        for (size_t p = 0; p < 2; p++)
            check_penalty(&penalty_cases[i], precisions[p]);
}

/* ---- Clipping ---------------------------------------------------------- */

/* The norm of every gradient of the exercise, without clipping. */
static double gradient_norm(const struct nb_net *net)
{
    double squares = 0;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.kind < NB_DW || quantity.kind > NB_DBETA)
            continue;
        for (size_t i = 0; i < quantity.rows * quantity.cols; i++)
            squares += pow(nb_value(net, id, i / quantity.cols, i % quantity.cols), 2);
    }
    return sqrt(squares);
}

static void clipping_scales_all_gradients_together(void **state)
{
    (void)state;
    static const double shares[] = { 0.25, 0.999, 1.5, 1000 }; /* of the norm */
    struct nb_learning learning = nb_learning_default();
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct nb_net *net = net_exercise(NB_DOUBLE), *clipped = net_exercise(NB_DOUBLE);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        double norm = gradient_norm(net);
        learning.clip = shares[i] * norm;
        net_learn(clipped, &learning);
        net_run(clipped, nb_plan_start(clipped, NB_UPDATE));
        double factor = fmin(1, learning.clip / (norm + 1e-6));
        for (size_t k = 0; k < 6; k++)
            assert_near(net_value(clipped, NB_DW, 1, k / 2, k % 2),
                        factor * net_value(net, NB_DW, 1, k / 2, k % 2), 1e-16);
        assert_near(net_value(clipped, NB_DB, 2, 0, 1), factor * net_value(net, NB_DB, 2, 0, 1),
                    1e-16);
        assert_near(gradient_norm(clipped), factor * norm, 1e-15);
        nb_net_free(&net);
        nb_net_free(&clipped);
    }
}

/* ---- The plan ---------------------------------------------------------- */

/* What settings add to the plan of two layers, and which quantities they bring. */
static const struct plan_case {
    struct nb_learning learning;
    size_t penalties, clips, regularizes; /* operations */
    bool gb, m, v;
} plan_cases[] = {
    { { .optimizer = NB_SGD }, 0, 0, 0, false, false, false },
    { { .optimizer = NB_SGD, .l1 = 1 }, 1, 0, 2, false, false, false },
    { { .optimizer = NB_SGD, .l2 = 1 }, 1, 0, 2, false, false, false },
    { { .optimizer = NB_SGD, .l2 = 1, .regularize_bias = true }, 1, 0, 2, true, false, false },
    { { .optimizer = NB_SGD, .regularize_bias = true }, 0, 0, 0, false, false, false },
    { { .optimizer = NB_SGD, .clip = 1 }, 0, 1, 0, false, false, false },
    { { .optimizer = NB_MOMENTUM, .clip = 1, .l1 = 1 }, 1, 1, 2, false, false, true },
    { { .optimizer = NB_NESTEROV }, 0, 0, 0, false, false, true },
    { { .optimizer = NB_RMSPROP }, 0, 0, 0, false, false, true },
    { { .optimizer = NB_ADAM, .l2 = 1 }, 1, 0, 2, false, true, true },
    { { .optimizer = NB_ADAMW, .l2 = 1 }, 0, 0, 0, false, true, true },
    { { .optimizer = NB_ADAMW, .l2 = 1, .l1 = 1 }, 1, 0, 2, false, true, true },
};

static size_t count_ops(const struct nb_net *net, enum nb_op_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < nb_plan_length(net); i++)
        count += nb_plan_op(net, i)->kind == kind;
    return count;
}

static void check_presence(const struct nb_net *net, enum nb_quantity_kind kind, bool there)
{
    assert_int_equal(nb_quantity_id(net, kind, 1) != NB_NOWHERE, there);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.kind == kind)
            assert_int_equal(quantity.active, there);
    }
}

static void the_plan_has_what_the_settings_ask_for(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    size_t plain = nb_plan_length(net);
    for (size_t i = 0; i < sizeof plan_cases / sizeof plan_cases[0]; i++) {
        const struct plan_case *row = &plan_cases[i];
        net_learn(net, &row->learning);
        assert_int_equal(count_ops(net, NB_OP_PENALTY), row->penalties);
        assert_int_equal(count_ops(net, NB_OP_CLIP), row->clips);
        assert_int_equal(count_ops(net, NB_OP_REGULARIZE), row->regularizes);
        assert_int_equal(count_ops(net, NB_OP_UPDATE), 2);
        assert_int_equal(nb_plan_length(net),
                         plain + row->penalties + row->clips + row->regularizes);
        check_presence(net, NB_GW, row->regularizes > 0);
        check_presence(net, NB_GB, row->gb);
        check_presence(net, NB_MW, row->m);
        check_presence(net, NB_VB, row->v);
        assert_int_equal(nb_quantity_id(net, NB_VGAMMA, 1), NB_NOWHERE);
    }
    nb_net_free(&net);
}

/* Clipping comes after every gradient and before the penalty, the penalty's
 * value after the loss. */
static void operations_stand_in_order(void **state)
{
    (void)state;
    static const enum nb_op_kind tail[] = { NB_OP_GRAD_B,     NB_OP_CLIP,   NB_OP_REGULARIZE,
                                            NB_OP_REGULARIZE, NB_OP_UPDATE, NB_OP_UPDATE };
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = net_exercise(NB_DOUBLE);
    learning.l2 = learning.clip = 1;
    net_learn(net, &learning);
    size_t backward = nb_plan_start(net, NB_BACKWARD), length = nb_plan_length(net);
    assert_int_equal(nb_plan_op(net, backward - 1)->kind, NB_OP_PENALTY);
    assert_int_equal(nb_plan_op(net, backward - 2)->kind, NB_OP_LOSS);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(nb_plan_op(net, length - 6 + i)->kind, tail[i]);
    assert_int_equal(nb_plan_op(net, length - 3)->layer, 2); /* the later REGULARIZE */
    assert_int_equal(nb_plan_op(net, length - 5)->nwrites, 4);
    nb_net_free(&net);
}

static void the_cursor_stays_at_its_operation(void **state)
{
    (void)state;
    const struct nb_learning plain = nb_learning_default();
    struct nb_learning other = plain, more = plain;
    other.optimizer = NB_ADAM;
    more.l2 = more.clip = 1;
    for (size_t at = 0; at < 15; at++) {
        struct nb_net *net = net_exercise(NB_DOUBLE);
        size_t backward = nb_plan_start(net, NB_BACKWARD);
        assert_true(at < nb_plan_length(net));
        net_run(net, at);
        struct nb_op before = *nb_plan_op(net, at);
        net_learn(net, &other);
        assert_int_equal(nb_cursor(net), at);
        net_learn(net, &more); /* behind the loss it goes back to the penalty */
        bool stays = at < backward || at == 14;
        const struct nb_op *now = nb_plan_op(net, nb_cursor(net));
        assert_int_equal(now->kind, stays ? before.kind : NB_OP_PENALTY);
        assert_int_equal(now->layer, stays ? before.layer : 2);
        nb_net_free(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_begin_with_their_defaults),
        cmocka_unit_test(choices_have_their_names),
        cmocka_unit_test(steps_are_those_of_torch),
        cmocka_unit_test(schedules_have_their_rates),
        cmocka_unit_test(penalties_have_their_forms),
        cmocka_unit_test(clipping_scales_all_gradients_together),
        cmocka_unit_test(the_plan_has_what_the_settings_ask_for),
        cmocka_unit_test(operations_stand_in_order),
        cmocka_unit_test(the_cursor_stays_at_its_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
