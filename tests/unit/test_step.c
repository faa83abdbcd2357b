/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stepping, driven as a person drives it: its numbers, its rules, its rows. */
#include "sessions.h"

#include <string.h>

#include "base/compiler.h"
#include "command/history.h"

/* ---- Numbers ---- */

/* By numpy, in double. */
static const struct {
    enum nb_quantity_kind kind;
    size_t layer, row, col;
    double value;
} exercise_numbers[] = {
    { NB_Z, 1, 0, 0, 0.585 },
    { NB_Z, 1, 0, 1, 0.59 },
    { NB_A, 1, 0, 0, 0.6422170929574377 },
    { NB_A, 1, 0, 1, 0.6433651456944018 },
    { NB_Z, 2, 0, 0, 1.178569410030176 },
    { NB_Z, 2, 0, 1, 1.292848521962768 },
    { NB_A, 2, 0, 0, 0.7646904823909249 },
    { NB_A, 2, 0, 1, 0.7846289408174764 },
    { NB_LOSS_VALUE, 0, 0, 0, 0.2435127260802301 },
    { NB_DELTA, 2, 0, 0, -0.02434745232490305 },
    { NB_DELTA, 2, 0, 1, 0.11569295680080442 },
    { NB_DW, 2, 0, 0, -0.01563635005301904 },
    { NB_DW, 2, 1, 1, 0.07443281600796567 },
    { NB_DA, 1, 0, 0, 0.04232284963040077 },
    { NB_DA, 1, 0, 1, 0.05145740007799091 },
    { NB_DELTA, 1, 0, 0, 0.00972470308310777 },
    { NB_DELTA, 1, 0, 1, 0.01180671700226492 },
    { NB_DW, 1, 0, 0, 0.00486235154155388 },
    { NB_DW, 1, 2, 1, 0.00118067170022649 },
};

static void assert_exercise_numbers(const struct nb_net *net)
{
    for (size_t i = 0; i < COUNT_OF(exercise_numbers); i++)
        assert_near(net_value(net, exercise_numbers[i].kind, exercise_numbers[i].layer,
                              exercise_numbers[i].row, exercise_numbers[i].col),
                    exercise_numbers[i].value, 1e-14);
}

static void test_numbers_of_the_exercise(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, "forward; backward");
    assert_exercise_numbers(net_of(fixture));
    must_run(fixture, "update");
    assert_near(net_value(net_of(fixture), NB_W, 1, 0, 0), 0.1495137648458446, 1e-15);
    assert_near(net_value(net_of(fixture), NB_W, 2, 1, 1), 0.5425567183992035, 1e-15);
    assert_near(net_value(net_of(fixture), NB_B, 2, 0, 1), 0.6384307043199196, 1e-15);
    must_run(fixture, "forward quiet");
    assert_near(net_value(net_of(fixture), NB_LOSS_VALUE, 0, 0, 0), 0.24091707646405344, 1e-14);
    must_run(fixture, "print old(loss)");
    assert_string_equal(fixture->out_text.bytes, "0.243513\n");
    fixture_free(fixture);
}

/* ---- Rules ---- */

/* After the exercise and `before`, `command` ends so, its cursor there, and
 * says that (out of what it prints, or its error). */
static const struct {
    const char *before, *command;
    enum nb_status status;
    size_t cursor;
    const char *says;
} rules[] = {
    { "", "step", NB_OK, 1, "0.5·0.15 + 0.5·0.25 + 0.1·0.35 + 0.35" },
    { "", "step 3", NB_OK, 3, "z2" },
    { "", "step 0", NB_USAGE, 0, "1" },
    { "", "step -1", NB_USAGE, 0, "1" },
    { "", "step 1.5", NB_USAGE, 0, "1.5" },
    { "", "step forever", NB_USAGE, 0, "unit" },
    { "", "step layer", NB_OK, 2, "a1" },
    { "", "step 2 layer", NB_OK, 5, "loss" },
    { "", "step pass", NB_OK, 5, "loss" },
    { "", "step 2 pass", NB_OK, 13, "dw1" },
    { "", "step iteration", NB_OK, 0, "w1" },
    { "step 14", "step", NB_OK, 0, "next" },
    { "step 7", "step layer", NB_OK, 10, "da1" },
    { "", "step unit", NB_OK, 1, "0.585" },
    { "step unit", "step unit", NB_OK, 1, "0.59" },
    { "step 2 unit", "step unit", NB_OK, 2, "a" },
    { "", "forward", NB_OK, 5, "0.243513" },
    { "", "forward quiet", NB_OK, 5, "0.243513" },
    { "forward", "forward", NB_OK, 5, "0.243513" },
    { "forward; backward", "forward", NB_OK, 5, "0.243513" },
    { "y = [[0.9, 0.1], [0.1, 0.9]]", "forward", NB_FAILED, 0, "x has 1 row and y has 2" },
    { "y = [[0.9, 0.1], [0.1, 0.9]]", "backward", NB_FAILED, 0, "x has 1 row and y has 2" },
    { "forward", "backward", NB_OK, 13, "0.00486235" },
    { "", "backward", NB_OK, 13, "forward" },
    { "backward", "backward", NB_OK, 13, "0.00486235" },
    { "", "update", NB_FAILED, 0, "backward" },
    { "forward", "update", NB_FAILED, 5, "backward" },
    { "backward", "update", NB_OK, 0, "0.149514" },
    { "backward", "update quiet", NB_OK, 0, "0.1" },
    { "backward; update", "update", NB_FAILED, 0, "has been made" },
    { "backward; step", "backward", NB_OK, 13, "forward" },
    { "", "until delta1", NB_OK, 11, "0.0097247" },
    { "backward", "until delta1", NB_OK, 13, "fresh already" },
    { "backward; update", "until z1", NB_OK, 1, "z1" },
    { "", "until w1", NB_OK, 0, "set already" },
    { "", "until q", NB_FAILED, 0, "q" },
    { "step 3", "reset", NB_OK, 0, "z1" },
    { "step 3", "where", NB_OK, 3, "operation 4 of 15" },
    { "step 3", "plan", NB_OK, 3, "15 operations" },
    { "", "unstep", NB_OK, 0, "the assignment of" },
    { "step 3", "unstep 2", NB_OK, 1, "next" },
    { "step 3", "unstep 5", NB_OK, 0, "the assignment of" },
    { "step 20", "unstep 1 iteration", NB_OK, 0, "next" },
    { "step 15", "unstep 1 iteration", NB_OK, 0, "next" },
    { "step 7", "unstep pass", NB_OK, 5, "next" },
    { "step 8", "unstep layer", NB_OK, 5, "next" },
    { "step 2 unit", "unstep unit", NB_OK, 1, "next" },
    { "step 2 unit", "unstep", NB_OK, 0, "next" },
    { "step 3; w1[1,1] = 0.2", "unstep", NB_OK, 0, "the assignment of w1" },
    { "step 3; init", "unstep", NB_OK, 0, "init" },
    { "step 3; set digits 9", "unstep", NB_OK, 2, "next" },
    { "step 3; train epochs=2 quiet", "unstep", NB_OK, 0, "train" },
    { "step 3; w2[1,1] = 0.2", "where", NB_OK, 2, "z2" },
    { "backward; w2[1,1] = 0.2", "where", NB_OK, 2, "z2" },
    { "backward; target 0.8 0.1", "where", NB_OK, 4, "loss" },
    { "w1[1,1] = 0.2", "undo", NB_OK, 0, "undone: w1[1,1] = 0.2\n" },
    { "step 2", "undo", NB_OK, 0, "undone: step 2\n" },
    { "step 2; undo", "redo", NB_OK, 2, "redone: step 2\n" },
    { "step 2", "redo", NB_OK, 2, "nothing to redo" },
    { "step; undo; step", "redo", NB_OK, 1, "nothing to redo" },
    { "", "sheet", NB_OK, 0, "0.149514" },
    { "step 7", "sheet", NB_OK, 7, "0.149514" },
    { "", "try w1[1,1] = 0.2", NB_OK, 0, "0.243755" },
    { "", "try w1 = 3", NB_FAILED, 0, "w1" },
    { "", "try a1 = 3", NB_FAILED, 0, "computed" },
    { "", "try w1[4,1] = 3", NB_FAILED, 0, "3" },
    { "", "explain delta1", NB_OK, 0, "\nvalue none; difference quotient none; " },
    { "step 13", "explain dw1[1,1] depth=2", NB_OK, 13, "1  The way from the weight to the loss" },
    { "", "gradcheck", NB_OK, 0, "\ngradcheck: ok, worst relative error " },
    { "step 7", "gradcheck dw1", NB_OK, 7, " at dw1[" },
    { "", "gradcheck delta2[2]", NB_OK, 0, " at delta2[2]\n" },
    { "", "gradcheck dL/dw1[2,1] eps=1e-4", NB_OK, 0, " at dw1[2,1]\n" },
    { "", "gradcheck dw1 eps=0.1", NB_FAILED, 0, "6 too bent for a quotient, left out\n" },
    { "", "gradcheck dw1 eps=1e-12", NB_FAILED, 0, "6 too small for a quotient, left out\n" },
    { "net 3-2-2 relu linear; w1 = zeros(3,2)", "gradcheck", NB_OK, 0, "6 past a relu kink" },
    { "net 3-2-2 relu linear; w1 = zeros(3,2)", "gradcheck dw1", NB_FAILED, 0,
      "gradcheck: FAILED, nothing could be judged\n" },
    { "", "gradcheck z1", NB_FAILED, 0, "no derivative" },
    { "", "gradcheck depth=3", NB_USAGE, 0, "depth" },
    { "backward", "explain dL/dw1[1,1]", NB_OK, 13, "value 0.00486235; difference quotient " },
    { "backward", "explain loss", NB_OK, 13, "value 0.243513; " },
    { "", "explain dw1[1,1]", NB_FAILED, 0, "dw1 is not computed yet" },
    { "backward; update", "explain dw1[1,1]", NB_FAILED, 0, "stale" },
    { "backward", "explain dw1[4,1]", NB_FAILED, 13, "3" },
    { "backward", "explain delta1[1,1]", NB_FAILED, 13, "1 index" },
    { "backward", "explain w3[1,1]", NB_FAILED, 13, "w3" },
    { "", "sample 1", NB_FAILED, 0, "data" },
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct fixture *fixture = fixture_new(exercise);
        must_run(fixture, rules[i].before);
        enum nb_status status = run(fixture, rules[i].command);
        if (status != rules[i].status || nb_cursor(net_of(fixture)) != rules[i].cursor)
            fail_msg("%s; %s: status %d, cursor %zu\n%s", rules[i].before, rules[i].command, status,
                     nb_cursor(net_of(fixture)), fixture->err_text.bytes);
        if (strstr(fixture->out_text.bytes, rules[i].says) == NULL &&
            strstr(fixture->err_text.bytes, rules[i].says) == NULL)
            fail_msg("%s; %s does not say `%s`:\n%s%s", rules[i].before, rules[i].command,
                     rules[i].says, fixture->out_text.bytes, fixture->err_text.bytes);
        fixture_free(fixture);
    }
}

static void test_what_is_missing(void **state)
{
    (void)state;
    static const char *const steppers[] = { "step",      "forward",  "backward",       "sheet",
                                            "gradcheck", "until z1", "try w1[1,1] = 2" };
    for (size_t i = 0; i < COUNT_OF(steppers); i++) {
        struct fixture *fixture = fixture_new("");
        assert_int_equal(run(fixture, steppers[i]), NB_FAILED);
        assert_non_null(strstr(fixture->err_text.bytes, "net 3-2-2"));
        must_run(fixture, "net 3-2-2");
        assert_int_equal(run(fixture, steppers[i]), NB_FAILED);
        assert_non_null(strstr(fixture->err_text.bytes, "input 0.1 0.2 0.3"));
        fixture_free(fixture);
    }
}

static void test_forward_without_target(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("net 3-2-2; input 0.5 0.5 0.1");
    for (int time = 0; time < 2; time++) {
        must_run(fixture, "forward");
        assert_int_equal(nb_cursor(net_of(fixture)), 4);
        assert_non_null(strstr(fixture->out_text.bytes, "no target"));
    }
    assert_int_equal(run(fixture, "step"), NB_FAILED);
    assert_int_equal(run(fixture, "backward"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "target 0.1 0.2"));
    must_run(fixture, "target 0.9 0.1; backward");
    assert_int_equal(nb_cursor(net_of(fixture)), 13);
    fixture_free(fixture);
}

/* Nothing accumulates: however often it is asked, in whatever order. */
static void test_asking_twice(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, "forward; forward; backward; backward; forward; backward; backward");
    assert_exercise_numbers(net_of(fixture));
    assert_int_equal(nb_iteration(net_of(fixture)), 0);
    must_run(fixture, "step 1; backward; update");
    assert_int_equal(nb_iteration(net_of(fixture)), 1);
    fixture_free(fixture);
}

static void test_quiet_is_one_line(void **state)
{
    (void)state;
    static const char *const passes[] = { "forward quiet", "backward quiet", "update quiet" };
    struct fixture *fixture = fixture_new(exercise);
    for (size_t i = 0; i < COUNT_OF(passes); i++) {
        must_run(fixture, passes[i]);
        const char *newline = strchr(fixture->out_text.bytes, '\n');
        assert_non_null(newline);
        assert_string_equal(newline, "\n");
    }
    must_run(fixture, "backward quiet"); /* forward runs first */
    assert_non_null(strstr(fixture->out_text.bytes, "forward"));
    assert_string_equal(strchr(fixture->out_text.bytes, '\n'), "\n");
    fixture_free(fixture);
}

/* ---- What leaves nothing behind ---- */

static void test_nothing_left_behind(void **state)
{
    (void)state;
    static const char *const looks[] = { "sheet",
                                         "try w1[1,1] = 0.2",
                                         "try x = [1, 2, 3]",
                                         "try lr = 3",
                                         "gradcheck",
                                         "gradcheck dw2",
                                         "plan",
                                         "where",
                                         "explain dw1[1,1]" };
    static const char *const places[] = { "", "step 3; reset", "backward", "backward; step",
                                          "backward; update; data xor" };
    for (size_t place = 0; place < COUNT_OF(places); place++) {
        struct fixture *fixture = fixture_new(exercise);
        must_run(fixture, places[place]);
        struct text before;
        image_make(fixture->session, &before);
        size_t bytes = history_bytes(fixture->session->history);
        for (size_t i = 0; i < COUNT_OF(looks); i++) {
            run(fixture, looks[i]);
            assert_image(fixture, &before, looks[i]);
        }
        assert_int_equal(history_bytes(fixture->session->history), bytes);
        text_release(&before);
        fixture_free(fixture);
    }
}

/* A command that fails, or changes nothing, is none that undo could revert. */
static void test_no_entry_without_change(void **state)
{
    (void)state;
    static const char *const nothing[] = { "update",        "step 0",    "w1[9,9] = 1",
                                           "set digits 6",  "forward 3", "until w1",
                                           "unstep",        "reset",     "plan",
                                           "print rand(2)", "z1 = 3",    "set lr" };
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, "b2[1] = 0.7");
    for (size_t i = 0; i < COUNT_OF(nothing); i++) {
        run(fixture, nothing[i]);
        must_run(fixture, "undo");
        assert_string_equal(fixture->out_text.bytes, "undone: b2[1] = 0.7\n");
        must_run(fixture, "redo");
    }
    fixture_free(fixture);
}

/* ---- The plan as it is listed ---- */

static void assert_within(const char *text, size_t width, const char *what)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        if (utf8_width(line, length) > width)
            fail_msg("%s: %.*s", what, (int)length, line);
    }
}

static void test_plan_keeps_within_the_width(void **state)
{
    (void)state;
    static const char *const nets[] = { "net 3-2-2 sigmoid", "net 3 - 2 batchnorm relu - 2 softmax",
                                        "net 3 - 2x9 relu - 2 batchnorm tanh dropout(0.5) - 2 tanh",
                                        "net 3 - 9x120 batchnorm leakyrelu dropout(0.2) - 2 tanh" };
    static const char *const more[] = { "l2 = 0", "l2 = 0.1; l1 = 0.1", "freeze gamma1 b1" };
    size_t count;
    const struct nb_choice *optimizers = nb_optimizers(&count);
    for (size_t i = 0; i < COUNT_OF(nets) * count * COUNT_OF(more); i++) {
        struct fixture *fixture = fixture_new(nets[i / COUNT_OF(more) / count]);
        run(fixture, more[i % COUNT_OF(more)]); /* without batch norm there is no gamma1 */
        run(fixture, "set regularize-bias on");
        struct text set = TEXT_INIT;
        text_printf(&set, "set optimizer %s", optimizers[i / COUNT_OF(more) % count].name);
        must_run(fixture, set.bytes);
        must_run(fixture, "plan");
        assert_within(fixture->out_text.bytes, 80, set.bytes);
        assert_null(strstr(fixture->out_text.bytes, "\n\n\n"));
        text_release(&set);
        fixture_free(fixture);
    }
}

/* ---- One row under batch norm ---- */

static void test_error_comes_before_headings(void **state)
{
    (void)state;
    static const char normalized[] = "net 2 - 4 batchnorm relu - 1 sigmoid";
    static const char *const rows[][2] = {
        { "input 1 2; target 1", "forward" },
        { "input 1 2; target 1", "forward quiet" },
        { "input 1 2; target 1", "backward" },
        { "input 1 2; target 1", "step 1 iteration" },
        { "input 1 2; target 1", "sheet" },
        { "input 1 2; target 1", "train" },
        { "input 1 2; target 1", "sweep lr=0.1,1" },
        { "data xor; set batch 1", "forward" },
        { "data xor", "train batch=1" },
        { "data xor", "sweep batch=4,1" },
        { "data xor; limit 1", "train" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_new(normalized);
        must_run(fixture, rows[i][0]);
        assert_int_equal(run(fixture, rows[i][1]), NB_FAILED);
        assert_string_equal(fixture->out_text.bytes, "");
        assert_int_equal(strncmp(fixture->err_text.bytes, "error: batch norm: one row", 26), 0);
        must_run(fixture, "runs"); /* nor is it a run */
        assert_non_null(strstr(fixture->out_text.bytes, "no run yet"));
        fixture_free(fixture);
    }
}

/* ---- Rows of a data set ---- */

static double given(const struct fixture *fixture, enum nb_quantity_kind kind, size_t row,
                    size_t col)
{
    return net_value(net_of(fixture), kind, 0, row, col);
}

static void assert_batch(const struct fixture *fixture, uint64_t epoch, size_t first, size_t count)
{
    struct nb_source source;
    uint32_t order[64];
    double x[128], y[64];
    dataset_source(fixture->session->data, DATASET_TRAIN, &source);
    assert_true(source.rows <= COUNT_OF(order));
    nb_shuffle(fixture->session->settings.seed, epoch, source.rows, order);
    source.fill(source.context, order + first, count, NB_DOUBLE, x, y);
    assert_int_equal(net_quantity(net_of(fixture), NB_X, 0).rows, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(given(fixture, NB_X, i, 0) == x[2 * i]);
        assert_true(given(fixture, NB_X, i, 1) == x[2 * i + 1]);
        assert_true(given(fixture, NB_Y, i, 0) == y[i]);
    }
}

static void test_batches_of_the_training_order(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("data xor; net 2-3-1; set batch 8"); /* 21 rows */
    must_run(fixture, "step");
    assert_batch(fixture, 0, 0, 8);
    must_run(fixture, "forward; forward; backward");
    assert_batch(fixture, 0, 0, 8);
    must_run(fixture, "update; forward");
    assert_batch(fixture, 0, 8, 8);
    must_run(fixture, "reset; step");
    assert_batch(fixture, 0, 8, 8);
    must_run(fixture, "backward; update; step");
    assert_batch(fixture, 0, 16, 5);
    must_run(fixture, "step 2 iteration");
    must_run(fixture, "unstep 1 iteration; unstep 1 iteration; step");
    assert_batch(fixture, 0, 16, 5);
    must_run(fixture, "backward quiet; update quiet; forward quiet");
    assert_batch(fixture, 1, 0, 8);
    must_run(fixture, "sample 2:4; forward; backward; update; forward");
    assert_int_equal(net_quantity(net_of(fixture), NB_X, 0).rows, 3);
    must_run(fixture, "reset; forward quiet");
    assert_batch(fixture, 1, 8, 8);
    fixture_free(fixture);
}

static void test_sample(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("data xor; net 2-3-1; scale none; sample 3");
    /* the lab's points: (0.1i, 0.1i) labelled 0, then (0.1i, 1 - 0.1i) labelled 1 */
    struct nb_source source;
    double x[2], y[1];
    uint32_t third = 2;
    dataset_source(fixture->session->data, DATASET_TRAIN, &source);
    source.fill(source.context, &third, 1, NB_DOUBLE, x, y);
    assert_true(given(fixture, NB_X, 0, 0) == x[0] && given(fixture, NB_X, 0, 1) == x[1]);
    assert_true(given(fixture, NB_Y, 0, 0) == y[0]);
    assert_int_equal(fixture->session->x.rank, 1);
    must_run(fixture, "sample 2:2 train");
    assert_int_equal(fixture->session->x.rank, 2);
    assert_int_equal(run(fixture, "sample 22"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "rows 1 to 21"));
    assert_int_equal(run(fixture, "sample 0"), NB_FAILED);
    assert_int_equal(run(fixture, "sample 4:2"), NB_FAILED);
    assert_int_equal(run(fixture, "sample two"), NB_USAGE);
    assert_int_equal(run(fixture, "sample 1 nowhere"), NB_USAGE);
    must_run(fixture, "undo; undo");
    assert_false(fixture->session->pinned);
    must_run(fixture, "net 3-2-2");
    assert_int_equal(run(fixture, "forward"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "2 inputs"));
    assert_int_equal(run(fixture, "sample 1"), NB_FAILED);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_the_exercise),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_forward_without_target),
        cmocka_unit_test(test_asking_twice),
        cmocka_unit_test(test_quiet_is_one_line),
        cmocka_unit_test(test_nothing_left_behind),
        cmocka_unit_test(test_error_comes_before_headings),
        cmocka_unit_test(test_plan_keeps_within_the_width),
        cmocka_unit_test(test_no_entry_without_change),
        cmocka_unit_test(test_batches_of_the_training_order),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
