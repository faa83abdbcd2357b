/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plan, cursor, stamps, assignments, snapshots and copies. */
#include "nets.h"

#include <math.h>
#include <string.h>

static const enum nb_precision precisions[] = { NB_DOUBLE, NB_SINGLE };

static struct nb_net *three_layers(enum nb_precision precision)
{
    const struct net_shape shape = { 5,          3,           { 4, 6, 3 }, NB_TANH,
                                     NB_SIGMOID, NB_HALF_SSE, precision,   11 };
    struct nb_net *net = net_make(&shape);
    net_give_rows(net, 7, 3);
    return net;
}

/* ---- Plan -------------------------------------------------------------- */

/* The fifteen operations of 3-2-2 in the order of the sheet. */
static const struct plan_row {
    enum nb_op_kind kind;
    enum nb_phase phase;
    const char *writes, *also;
} exercise_plan[] = {
    { NB_OP_AFFINE, NB_FORWARD, "z1", NULL },     { NB_OP_ACTIVATION, NB_FORWARD, "a1", NULL },
    { NB_OP_AFFINE, NB_FORWARD, "z2", NULL },     { NB_OP_ACTIVATION, NB_FORWARD, "a2", NULL },
    { NB_OP_LOSS, NB_FORWARD, "loss", NULL },     { NB_OP_LOSS_GRAD, NB_BACKWARD, "da2", NULL },
    { NB_OP_DELTA, NB_BACKWARD, "delta2", NULL }, { NB_OP_GRAD_W, NB_BACKWARD, "dw2", NULL },
    { NB_OP_GRAD_B, NB_BACKWARD, "db2", NULL },   { NB_OP_GRAD_A, NB_BACKWARD, "da1", NULL },
    { NB_OP_DELTA, NB_BACKWARD, "delta1", NULL }, { NB_OP_GRAD_W, NB_BACKWARD, "dw1", NULL },
    { NB_OP_GRAD_B, NB_BACKWARD, "db1", NULL },   { NB_OP_UPDATE, NB_UPDATE, "w1", "b1" },
    { NB_OP_UPDATE, NB_UPDATE, "w2", "b2" },
};

static void plan_is_that_of_the_sheet(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_int_equal(nb_plan_length(net), 15);
    assert_int_equal(nb_plan_start(net, NB_FORWARD), 0);
    assert_int_equal(nb_plan_start(net, NB_BACKWARD), 5);
    assert_int_equal(nb_plan_start(net, NB_UPDATE), 13);
    for (size_t i = 0; i < 15; i++) {
        const struct nb_op *op = nb_plan_op(net, i);
        const char *names[2] = { exercise_plan[i].writes, exercise_plan[i].also };
        assert_int_equal(op->kind, exercise_plan[i].kind);
        assert_int_equal(op->phase, exercise_plan[i].phase);
        assert_int_equal(op->nwrites, names[1] ? 2 : 1);
        for (size_t w = 0; w < op->nwrites; w++) {
            struct nb_quantity quantity;
            nb_quantity_get(net, op->writes[w], &quantity);
            assert_string_equal(quantity.name, names[w]);
        }
    }
    nb_net_free(&net);
}

/* A cross-entropy takes delta straight from yhat and y: no da of the output. */
static void cross_entropy_has_no_output_da(void **state)
{
    (void)state;
    const struct net_shape shape = { 4,         2, { 3, 3 }, NB_RELU, NB_SOFTMAX, NB_CROSS_ENTROPY,
                                     NB_DOUBLE, 1 };
    struct nb_net *net = net_make(&shape);
    assert_int_equal(nb_plan_length(net), 14);
    assert_int_equal(nb_quantity_id(net, NB_DA, 2), NB_NOWHERE);
    assert_int_equal(nb_plan_op(net, 5)->kind, NB_OP_DELTA_DIRECT);
    assert_true(nb_quantity_id(net, NB_DA, 1) != NB_NOWHERE);
    nb_net_free(&net);
}

static void quantities_have_names_shapes_and_roles(void **state)
{
    (void)state;
    static const struct {
        enum nb_quantity_kind kind;
        size_t layer;
        const char *name;
        size_t rows, cols;
        enum nb_role role;
    } rows[] = {
        { NB_X, 0, "x", 7, 5, NB_GIVEN },
        { NB_Y, 0, "y", 7, 3, NB_GIVEN },
        { NB_LOSS_VALUE, 0, "loss", 1, 1, NB_COMPUTED },
        { NB_W, 2, "w2", 4, 6, NB_PARAMETER },
        { NB_B, 2, "b2", 1, 6, NB_PARAMETER },
        { NB_Z, 1, "z1", 7, 4, NB_COMPUTED },
        { NB_A, 3, "a3", 7, 3, NB_COMPUTED },
        { NB_DELTA, 2, "delta2", 7, 6, NB_COMPUTED },
        { NB_DW, 1, "dw1", 5, 4, NB_COMPUTED },
        { NB_DB, 3, "db3", 1, 3, NB_COMPUTED },
        { NB_DA, 1, "da1", 7, 4, NB_COMPUTED },
    };
    struct nb_net *net = three_layers(NB_DOUBLE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nb_quantity quantity = net_quantity(net, rows[i].kind, rows[i].layer);
        const struct nb_quantity_row *row = &nb_quantity_rows()[rows[i].kind];
        assert_string_equal(quantity.name, rows[i].name);
        assert_int_equal(quantity.rows, rows[i].rows);
        assert_int_equal(quantity.cols, rows[i].cols);
        assert_int_equal(quantity.role, rows[i].role);
        assert_int_equal(row->role, rows[i].role);
        assert_int_equal(strncmp(row->stem, rows[i].name, strlen(row->stem)), 0);
        assert_int_equal(row->layered, rows[i].layer > 0);
    }
    assert_int_equal(nb_quantity_id(net, NB_W, 4), NB_NOWHERE);
    assert_int_equal(nb_quantity_id(net, NB_W, 0), NB_NOWHERE);
    assert_int_equal(nb_net_parameters(net), 5 * 4 + 4 + 4 * 6 + 6 + 6 * 3 + 3);
    assert_int_equal(nb_net_spec(net)->layer[1].units, 6);
    nb_net_free(&net);
}

/* ---- Executor ---------------------------------------------------------- */

static void one_by_one_is_all_at_once(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct nb_net *once = three_layers(precisions[p]), *stepped = three_layers(precisions[p]);
        size_t count = 2 * nb_plan_length(once) + 4;
        net_run(once, count);
        for (size_t i = 0; i < count; i++)
            net_run(stepped, 1);
        assert_int_equal(nb_iteration(once), 2);
        assert_int_equal(nb_cursor(once), 4);
        assert_pictures_same(picture_new(once), picture_new(stepped));
        nb_net_free(&once);
        nb_net_free(&stepped);
    }
}

static void asking_twice_gives_the_same(void **state)
{
    (void)state;
    struct nb_net *net = three_layers(NB_DOUBLE);
    size_t backward_end = nb_plan_start(net, NB_UPDATE);
    net_run(net, backward_end);
    struct picture *first = picture_new(net);
    nb_seek(net, 0);
    assert_int_equal(nb_cursor(net), 0);
    net_run(net, backward_end);
    assert_pictures_same(first, picture_new(net));
    nb_net_free(&net);
}

/* The numbers of the exercise, from examples and reference.py. */
static void exercise_has_its_numbers(void **state)
{
    (void)state;
    static const struct {
        enum nb_quantity_kind kind;
        size_t layer, row, col;
        double value;
    } rows[] = {
        { NB_Z, 1, 0, 0, 0.585 },
        { NB_Z, 1, 0, 1, 0.59 },
        { NB_LOSS_VALUE, 0, 0, 0, 0.24351272608023004403 },
        { NB_DELTA, 2, 0, 0, -0.024347452324903047158 },
        { NB_DELTA, 2, 0, 1, 0.11569295680080443946 },
        { NB_DELTA, 1, 0, 0, 0.0097247030831077674663 },
        { NB_DELTA, 1, 0, 1, 0.011806717002264919478 },
        { NB_DW, 1, 0, 0, 0.0048623515415538837332 },
        { NB_DW, 1, 2, 1, 0.0011806717002264919478 },
        { NB_DW, 2, 0, 0, -0.015636350053019042411 },
        { NB_DW, 2, 1, 1, 0.074432816007965676578 },
        { NB_DB, 2, 0, 1, 0.11569295680080443946 },
        { NB_W, 1, 0, 0, 0.15 - 0.1 * 0.0048623515415538837332 },
        { NB_B, 2, 0, 0, 0.6 + 0.1 * 0.024347452324903047158 },
    };
    struct nb_net *net = net_exercise(NB_DOUBLE);
    net_run(net, nb_plan_length(net));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_near(net_value(net, rows[i].kind, rows[i].layer, rows[i].row, rows[i].col),
                    rows[i].value, 2e-16);
    nb_net_free(&net);
}

static void rows_must_be_there_and_agree(void **state)
{
    (void)state;
    struct nb_error error;
    const struct net_shape shape = { 2, 1, { 1 }, NB_TANH, NB_TANH, NB_MSE, NB_DOUBLE, 1 };
    struct nb_net *net = net_make(&shape);
    assert_int_equal(net_quantity(net, NB_X, 0).rows, 0);
    assert_int_equal(nb_exec(net, 1, &error), NB_FAILED); /* x unset */
    assert_true(error.text[0] != '\0');
    assert_int_equal(error.status, NB_FAILED);
    net_assign(net, NB_X, 0, 2, 2, (const double[]){ 1, 2, 3, 4 });
    net_run(net, 2);
    assert_int_equal(nb_exec(net, 1, &error), NB_FAILED); /* y unset */
    assert_int_equal(nb_cursor(net), 2);
    net_assign(net, NB_Y, 0, 1, 1, (const double[]){ 0 });
    assert_int_equal(nb_exec(net, 1, &error), NB_FAILED); /* 2 rows, 1 row */
    assert_int_equal(nb_cursor(net), 2);
    net_assign(net, NB_Y, 0, 2, 1, (const double[]){ 0, 1 });
    net_run(net, 1);
    nb_unset(net, net_id(net, NB_Y, 0));
    assert_int_equal(net_quantity(net, NB_Y, 0).state, NB_UNSET);
    nb_net_free(&net);
}

/* ---- Freshness ---------------------------------------------------------- */

static enum nb_state state_of(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer)
{
    return net_quantity(net, kind, layer).state;
}

static void what_an_update_leaves_is_stale(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_int_equal(state_of(net, NB_W, 1), NB_FRESH);
    assert_int_equal(state_of(net, NB_Z, 1), NB_UNSET);
    net_run(net, 13);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        assert_int_equal(quantity.state, quantity.active ? NB_FRESH : NB_UNSET);
    }
    net_run(net, 2);
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.active)
            assert_int_equal(quantity.state, quantity.role == NB_COMPUTED ? NB_STALE : NB_FRESH);
    }
    nb_net_free(&net);
}

/* After a whole backward pass each assignment makes just these stale, and puts
 * the cursor on the first operation that computes one of them. */
static const struct assignment_case {
    enum nb_quantity_kind kind;
    size_t layer, rows, cols, cursor;
    const char *fresh; /* computed ones that stay fresh */
} assignment_cases[] = {
    { NB_X, 0, 1, 3, 0, "" },        { NB_W, 1, 3, 2, 0, "" },
    { NB_B, 1, 1, 2, 0, "" },        { NB_W, 2, 2, 2, 2, " z1 a1 " },
    { NB_B, 2, 1, 2, 2, " z1 a1 " }, { NB_Y, 0, 1, 2, 4, " z1 a1 z2 a2 " },
};

static void an_assignment_makes_its_results_stale(void **state)
{
    (void)state;
    const double zeros[6] = { 0 };
    for (size_t i = 0; i < sizeof assignment_cases / sizeof assignment_cases[0]; i++) {
        const struct assignment_case *row = &assignment_cases[i];
        struct nb_net *net = net_exercise(NB_DOUBLE);
        net_run(net, 13);
        net_assign(net, row->kind, row->layer, row->rows, row->cols, zeros);
        assert_int_equal(nb_cursor(net), row->cursor);
        for (size_t id = 0; id < nb_quantity_count(net); id++) {
            struct nb_quantity quantity;
            char padded[32] = " ";
            nb_quantity_get(net, id, &quantity);
            strcat(strcat(padded, quantity.name), " ");
            bool fresh = quantity.role != NB_COMPUTED || strstr(row->fresh, padded);
            if (quantity.active && fresh != (quantity.state == NB_FRESH))
                fail_msg("after case %zu, %s is in state %d", i, quantity.name, quantity.state);
        }
        net_run(net, 13 - row->cursor);
        assert_int_equal(state_of(net, NB_DW, 1), NB_FRESH);
        nb_net_free(&net);
    }
}

static void an_assignment_never_moves_forward(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    net_run(net, 1);
    net_assign(net, NB_Y, 0, 1, 2, (const double[]){ 1, 0 });
    assert_int_equal(nb_cursor(net), 1);
    nb_net_free(&net);
}

static void only_what_is_given_can_be_assigned(void **state)
{
    (void)state;
    static const struct {
        enum nb_quantity_kind kind;
        size_t layer, rows, cols;
    } rows[] = {
        { NB_Z, 1, 1, 2 },  { NB_A, 2, 1, 2 },          { NB_DELTA, 1, 1, 2 }, { NB_DW, 1, 3, 2 },
        { NB_DB, 2, 1, 2 }, { NB_LOSS_VALUE, 0, 1, 1 }, { NB_W, 1, 2, 3 },     { NB_W, 2, 2, 3 },
        { NB_B, 1, 2, 1 },  { NB_X, 0, 1, 2 },          { NB_Y, 0, 1, 3 },     { NB_DA, 1, 1, 2 },
    };
    const double numbers[6] = { 1, 2, 3, 4, 5, 6 };
    struct nb_net *net = net_exercise(NB_DOUBLE);
    net_run(net, 13);
    struct picture *before = picture_new(net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nb_error error = { .text = "" };
        size_t id = net_id(net, rows[i].kind, rows[i].layer);
        assert_int_equal(nb_assign(net, id, rows[i].rows, rows[i].cols, numbers, &error),
                         NB_FAILED);
        assert_true(error.text[0] != '\0');
    }
    assert_pictures_same(before, picture_new(net));
    nb_net_free(&net);
}

/* One row, many rows, one row: what was computed before never shows. */
static void rows_can_change(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    net_run(net, 13);
    struct picture *first = picture_new(net);
    net_give_rows(net, 50, 1);
    assert_int_equal(net_quantity(net, NB_Z, 1).rows, 50);
    assert_int_not_equal(state_of(net, NB_Z, 1), NB_FRESH);
    net_run(net, 13);
    assert_int_equal(net_quantity(net, NB_DELTA, 2).rows, 50);
    net_assign(net, NB_X, 0, 1, 3, (const double[]){ .5, .5, .1 });
    net_assign(net, NB_Y, 0, 1, 2, (const double[]){ .9, .1 });
    net_run(net, 13);
    assert_pictures_same(first, picture_new(net));
    nb_net_free(&net);
}

static void frozen_parameters_stay(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    size_t w1 = net_id(net, NB_W, 1), b2 = net_id(net, NB_B, 2);
    nb_freeze(net, w1, true);
    nb_freeze(net, b2, true);
    assert_true(nb_frozen(net, w1));
    assert_false(nb_frozen(net, net_id(net, NB_B, 1)));
    struct picture *before = picture_new(net);
    net_run(net, 15);
    struct picture *after = picture_new(net);
    assert_true(picture_same(before, after, w1));
    assert_true(picture_same(before, after, b2));
    assert_false(picture_same(before, after, net_id(net, NB_B, 1)));
    assert_false(picture_same(before, after, net_id(net, NB_W, 2)));
    picture_free(before);
    nb_freeze(net, w1, false);
    net_run(net, 15);
    before = picture_new(net);
    assert_false(picture_same(before, after, w1));
    assert_true(picture_same(before, after, b2));
    picture_free(before);
    picture_free(after);
    nb_net_free(&net);
}

static void the_learning_rate_scales_the_update(void **state)
{
    (void)state;
    struct nb_net *net = net_exercise(NB_DOUBLE);
    assert_near(nb_net_lr(net), 0.1, 0);
    nb_net_set_lr(net, 2);
    assert_near(nb_net_lr(net), 2, 0);
    net_run(net, 13);
    double dw = net_value(net, NB_DW, 1, 0, 0);
    net_run(net, 2);
    assert_near(net_value(net, NB_W, 1, 0, 0), 0.15 - 2 * dw, 1e-16);
    nb_net_free(&net);
}

/* ---- Snapshots and copies ------------------------------------------------ */

/* Before each operation a snapshot of what it writes: swapping them backwards
 * leads to the beginning, forwards to the end, bit for bit. */
static void stepping_back_is_exact(enum nb_precision precision)
{
    enum { STEPS = 60 };
    struct nb_snapshot *journal[STEPS];
    struct picture *pictures[STEPS + 1];
    struct nb_net *net = three_layers(precision);
    for (size_t i = 0; i < STEPS; i++) {
        const struct nb_op *op = nb_plan_op(net, nb_cursor(net));
        pictures[i] = picture_new(net);
        assert_int_equal(nb_snapshot_new(net, op->writes, op->nwrites, &journal[i], NULL), NB_OK);
        net_run(net, 1);
    }
    pictures[STEPS] = picture_new(net);
    for (size_t i = STEPS; i-- > 0;) {
        nb_snapshot_swap(net, journal[i]);
        struct picture *now = picture_new(net);
        assert_true(picture_all_same(now, pictures[i]));
        picture_free(now);
    }
    for (size_t i = 0; i < STEPS; i++) {
        nb_snapshot_swap(net, journal[i]);
        struct picture *now = picture_new(net);
        assert_true(picture_all_same(now, pictures[i + 1]));
        picture_free(now);
    }
    for (size_t i = 0; i < STEPS; i++) {
        assert_true(nb_snapshot_bytes(journal[i]) > 0);
        nb_snapshot_free(&journal[i]);
        assert_null(journal[i]);
        picture_free(pictures[i]);
    }
    picture_free(pictures[STEPS]);
    nb_net_free(&net);
}

static void a_journal_goes_back_and_forth(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++)
        stepping_back_is_exact(precisions[p]);
}

/* A whole snapshot restores after anything: more rows, new weights, training. */
static void a_whole_snapshot_restores_everything(void **state)
{
    (void)state;
    struct nb_net *net = three_layers(NB_DOUBLE);
    net_run(net, 9);
    struct picture *before = picture_new(net);
    struct nb_snapshot *snapshot = NULL;
    assert_int_equal(nb_snapshot_new(net, NULL, 0, &snapshot, NULL), NB_OK);
    net_give_rows(net, 40, 9);
    nb_net_init(net, (struct nb_init){ NB_INIT_UNIFORM, -1, 1 }, 99);
    nb_freeze(net, net_id(net, NB_W, 1), true);
    net_run(net, 2 * nb_plan_length(net) + 3);
    struct picture *after = picture_new(net);
    nb_snapshot_swap(net, snapshot);
    assert_pictures_same(before, picture_new(net));
    assert_int_equal(nb_net_spec(net)->seed, 11);
    assert_false(nb_frozen(net, net_id(net, NB_W, 1)));
    nb_snapshot_swap(net, snapshot);
    assert_pictures_same(after, picture_new(net));
    assert_int_equal(nb_net_spec(net)->seed, 99);
    assert_true(nb_frozen(net, net_id(net, NB_W, 1)));
    nb_snapshot_free(&snapshot);
    nb_net_free(&net);
}

static void a_clone_is_the_same_and_apart(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct nb_net *net = three_layers(precisions[p]), *copy = NULL, *wide = NULL;
        nb_net_set_lr(net, 0.3);
        nb_freeze(net, net_id(net, NB_B, 3), true);
        net_run(net, 12);
        assert_int_equal(nb_net_clone(net, NB_AUTO, &copy, NULL), NB_OK);
        assert_int_equal(nb_net_spec(copy)->precision, precisions[p]);
        assert_pictures_same(picture_new(net), picture_new(copy));
        struct picture *before = picture_new(net);
        net_run(copy, 25);
        assert_pictures_same(before, picture_new(net));
        net_run(net, 25);
        assert_pictures_same(picture_new(copy), picture_new(net));
        assert_int_equal(nb_net_clone(net, NB_DOUBLE, &wide, NULL), NB_OK);
        assert_int_equal(nb_net_spec(wide)->precision, NB_DOUBLE);
        assert_pictures_same(picture_new(wide), picture_new(net));
        nb_net_free(&net);
        nb_net_free(&copy);
        nb_net_free(&wide);
    }
}

static void sizes_and_choices_are_checked(void **state)
{
    (void)state;
    static const struct net_shape shapes[] = {
        { 0, 1, { 1 }, NB_TANH, NB_TANH, NB_MSE, NB_DOUBLE, 1 },
        { 1, 1, { 0 }, NB_TANH, NB_TANH, NB_MSE, NB_DOUBLE, 1 },
        { 1000001, 1, { 1 }, NB_TANH, NB_TANH, NB_MSE, NB_DOUBLE, 1 },
        { 1, 1, { 1000001 }, NB_TANH, NB_TANH, NB_MSE, NB_DOUBLE, 1 },
        { 1, 2, { 2, 2 }, NB_SOFTMAX, NB_TANH, NB_MSE, NB_DOUBLE, 1 },
        { 1, 1, { 2 }, NB_TANH, NB_RELU, NB_CROSS_ENTROPY, NB_DOUBLE, 1 },
        { 1, 1, { 2 }, NB_TANH, NB_SOFTMAX, NB_BINARY_CROSS_ENTROPY, NB_DOUBLE, 1 },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct nb_net *net = NULL;
        assert_int_equal(net_try(&shapes[i], &net), NB_USAGE);
        assert_null(net);
    }
}

static void making_a_network_can_be_interrupted(void **state)
{
    (void)state;
    volatile sig_atomic_t raised = 1;
    const struct nb_layer layer = { 2, NB_TANH, false, 0 };
    struct nb_spec spec = { .inputs = 3, .layers = 1, .layer = &layer, .interrupt = &raised };
    struct nb_net *net = NULL;
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_INTERRUPTED);
    assert_null(net);
    raised = 0;
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    assert_null(nb_net_spec(net)->interrupt);
    nb_net_free(&net);
}

/* auto: double under 20,000 parameters, single from there on. */
static void precision_follows_the_size(void **state)
{
    (void)state;
    static const struct {
        size_t inputs;
        enum nb_precision precision;
    } rows[] = { { 19998, NB_DOUBLE }, { 19999, NB_SINGLE } };
    for (size_t i = 0; i < 2; i++) {
        const struct net_shape shape = { rows[i].inputs, 1,      { 1 },   NB_TANH,
                                         NB_TANH,        NB_MSE, NB_AUTO, 1 };
        struct nb_net *net = net_make(&shape);
        assert_int_equal(nb_net_parameters(net), rows[i].inputs + 1);
        assert_int_equal(nb_net_spec(net)->precision, rows[i].precision);
        nb_net_free(&net);
    }
}

static void tables_are_complete(void **state)
{
    (void)state;
    const struct {
        const struct nb_choice *(*table)(size_t *count);
        const char *const names[8];
    } tables[] = {
        { nb_activations,
          { "linear", "sigmoid", "tanh", "lecun", "relu", "leakyrelu", "softmax", NULL } },
        { nb_losses, { "half-sse", "sse", "mse", "cross-entropy", "binary-cross-entropy", NULL } },
        { nb_initializers,
          { "fan-in", "glorot", "he", "normal", "uniform", "zeros", "constant", NULL } },
        { nb_optimizers, { "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", NULL } },
        { nb_l2_forms, { "half", "full", "per-sample", NULL } },
        { nb_precisions, { "double", "single", "auto", NULL } },
    };
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        size_t count;
        const struct nb_choice *rows = tables[t].table(&count);
        assert_true(count < 8 && !tables[t].names[count]);
        for (size_t i = 0; i < count; i++) {
            assert_string_equal(rows[i].name, tables[t].names[i]);
            assert_true(rows[i].summary && rows[i].summary[0]);
        }
    }
    for (size_t i = 0; i < NB_QUANTITY_KINDS; i++)
        assert_true(nb_quantity_rows()[i].summary[0] && nb_quantity_rows()[i].stem[0]);
    for (size_t i = 0; i < NB_OP_KINDS; i++)
        assert_true(nb_op_rows()[i].name[0] && nb_op_rows()[i].summary[0]);
    assert_string_equal(nb_version(), NB_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_is_that_of_the_sheet),
        cmocka_unit_test(cross_entropy_has_no_output_da),
        cmocka_unit_test(quantities_have_names_shapes_and_roles),
        cmocka_unit_test(one_by_one_is_all_at_once),
        cmocka_unit_test(asking_twice_gives_the_same),
        cmocka_unit_test(exercise_has_its_numbers),
        cmocka_unit_test(rows_must_be_there_and_agree),
        cmocka_unit_test(what_an_update_leaves_is_stale),
        cmocka_unit_test(an_assignment_makes_its_results_stale),
        cmocka_unit_test(an_assignment_never_moves_forward),
        cmocka_unit_test(only_what_is_given_can_be_assigned),
        cmocka_unit_test(rows_can_change),
        cmocka_unit_test(frozen_parameters_stay),
        cmocka_unit_test(the_learning_rate_scales_the_update),
        cmocka_unit_test(a_journal_goes_back_and_forth),
        cmocka_unit_test(a_whole_snapshot_restores_everything),
        cmocka_unit_test(a_clone_is_the_same_and_apart),
        cmocka_unit_test(sizes_and_choices_are_checked),
        cmocka_unit_test(making_a_network_can_be_interrupted),
        cmocka_unit_test(precision_follows_the_size),
        cmocka_unit_test(tables_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
