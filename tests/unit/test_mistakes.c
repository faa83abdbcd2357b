/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue of mistakes and the sheets that are worked out with them.  Numbers of the
 * pen-and-paper exercise were computed apart from nabla. */
#include "nets.h"

#include <string.h>

#include "formula/answer.h"
#include "formula/sheet.h"
#include "sessions.h"

/* ---- Sheets ------------------------------------------------------------ */

/* Everything worked out anew, by a cause that changes nothing: each number is the kernel's. */
static void sheet_compare(struct sheet *sheet, const struct nb_net *net)
{
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        for (size_t i = 0; quantity.op != NB_NOWHERE && i < quantity.rows * quantity.cols; i++) {
            size_t row = i / quantity.cols, col = i % quantity.cols;
            assert_near(sheet_value(sheet, id, row, col), nb_value(net, id, row, col), 1e-12);
        }
    }
}

static void updates_compare(struct sheet *sheet, const struct nb_net *net)
{
    struct nb_net *after = NULL;
    assert_int_equal(nb_net_clone(net, NB_AUTO, &after, NULL), NB_OK);
    net_run(after, nb_plan_length(after) - nb_cursor(after));
    for (size_t layer = 1; layer <= nb_net_spec(net)->layers; layer++) {
        size_t w = net_id(net, NB_W, layer);
        for (size_t col = 0; col < net_quantity(net, NB_W, layer).cols; col++)
            assert_near(sheet_updated(sheet, w, 0, col), nb_value(after, w, 0, col), 1e-12);
    }
    nb_net_free(&after);
}

static void test_a_sheet_is_the_iteration(void **state)
{
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++) {
        struct net_shape shape = { 3,          3,           { 4, 3, 3 }, NB_LEAKYRELU,
                                   NB_SOFTMAX, NB_HALF_SSE, NB_DOUBLE,   7 };
        struct nb_learning learning = nb_learning_default();
        struct nb_net *net = net_make(&shape);
        struct sheet_base base;
        struct sheet *sheet;
        learning.optimizer = (enum nb_optimizer)optimizer;
        learning.l2 = 0.1;
        learning.clip = optimizer % 2 ? 0.01 : 0;
        net_learn(net, &learning);
        net_give_rows(net, 3, 5);
        net_iterate(net, 1);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        assert_int_equal(sheet_base_init(&base, net, NULL), NB_OK);
        struct cause cause = { MISTAKE_UPDATED_WEIGHTS, 0, net_id(net, NB_Z, 1) };
        struct sheet_plan plan = { .base = &base, .causes = &cause, .count = 1 };
        assert_int_equal(sheet_new(&plan, &sheet, NULL), NB_OK);
        assert_true(sheet_touches(sheet, net_id(net, NB_DW, 1)));
        sheet_compare(sheet, net);
        updates_compare(sheet, net);
        sheet_free(&sheet);
        sheet_base_release(&base);
        nb_net_free(&net);
    }
}

/* ---- Every mistake, by hand -------------------------------------------- */

/* What gives such a number in the exercise; slugs with blanks between, in any order. */
static const struct sheet_row {
    const char *check, *slugs;
} rows[] = {
    { "delta1[1] = 0.0194494", "factor-2 wrong-loss" },
    { "delta1[1] = 0.00486235", "factor-half mean-not-sum" },
    { "delta1[1] = 0.0423228", "missing-derivative" },
    { "delta1[1] = -0.0097247", "wrong-sign" },
    { "delta1[1] = 0.00956056", "derivative-at-activation" },
    { "delta1[2] = 0.0149831", "derivative-at-activation" }, /* in both layers */
    { "da1[1] = 0.0481075", "transposed-weights" },
    { "delta1[1] = -0.00223777", "one-path" },
    { "delta1[1] = 0.0119625", "one-path" },
    { "delta1[1] = 0.00951844", "updated-weights" },
    { "z1[1] = 0.235", "missing-bias" },
    { "dw1[3,1] = 0.0097247", "missing-input" },
    { "delta2[1] = -0.0120", "" },
    { "delta1[1] = 0.0118067", "neighbour" },
    { "loss = 0.487025", "factor-2 wrong-loss" },
    { "dw1[1,1] = 0.0211614", "missing-derivative" },
    { "delta1[1] = 0.0113", "" },
    { "z2[1] = 0.7771", "" },
};

static void assert_slugs(const char *check, const char *slugs, const char *out)
{
    size_t named = 0, wanted = 0;
    for (const char *at = strstr(out, "mistake: "); at; at = strstr(at + 1, "mistake: "))
        named++;
    for (const char *at = slugs; *at; wanted++) {
        struct text line = TEXT_INIT;
        size_t length = strcspn(at, " ");
        text_printf(&line, "\nmistake: %.*s ", (int)length, at);
        if (!strstr(out, line.bytes))
            fail_msg("check %s: no %s in\n%s", check, line.bytes, out);
        text_release(&line);
        at += length + (at[length] == ' ');
    }
    if (named != wanted)
        fail_msg("check %s: %zu mistakes, not %zu, in\n%s", check, named, wanted, out);
}

static void test_mistakes_of_the_exercise(void **state)
{
    struct fixture *fixture = fixture_new(exercise);
    (void)state;
    must_run(fixture, "forward quiet; backward quiet");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text command = TEXT_INIT;
        text_printf(&command, "check %s", rows[i].check);
        must_run(fixture, command.bytes);
        if (strncmp(fixture->out_text.bytes, "wrong\n", 6) != 0)
            fail_msg("%s: %s", command.bytes, fixture->out_text.bytes);
        assert_slugs(rows[i].check, rows[i].slugs, fixture->out_text.bytes);
        text_release(&command);
    }
    assert_int_equal(fixture->session->first_failure, NB_WRONG);
    fixture_free(fixture);
}

/* A right number is right however it is spelled, and never shown where another was given. */
static void test_right_numbers(void **state)
{
    static const struct {
        const char *commands, *first;
    } cases[] = {
        { "check delta1[1] = 0.0097", "right\n" },
        { "check ∂L/∂z1[1] = 9.7247e-3", "right\n" },
        { "check delta1 = [0.00972, 0.01181]", "right\n" },
        { "check delta1[1] = (0.4*(-0.02435) + 0.45*0.1157)*0.2298", "right\n" },
        { "check delta1[1] = da1[1]*a1[1]*(1 - a1[1])", "right\n" },
        { "check delta1[1] = 0.5 * 0.0097", "wrong\n" },
        { "check dw1[1,1] = 0.5 * 0.0097", "right\n" },
        { "check dw1[1,1] = 0.00486", "right\n" },
        { "check dw1[1,1] = 0.00487", "wrong\n" },
        { "check dw1[1,1] = 0", "wrong\n" },
        { "check dw1[1,1] = 0.01", "wrong\n" }, /* to the digits, but not within 5 % */
        { "check db2 = delta2", "right\n" },
        { "check yhat[2] = 0.7846", "right\n" },
        { "check da2[1]/dz2[2] = 0", "right\n" },
        { "check update w1[1,1] = 0.1495", "right\n" },
        { "set round 4; forward quiet; backward quiet; check delta1[1] = 0.0097", "right\n" },
        { "check delta1[1] = 0.00972", "right\n" },
        { "set round off; forward quiet; backward quiet; update quiet; check w1[1,1] = 0.149514",
          "right\n" },
        { "check old(delta1[1]) = 0.0097", "right\n" },
    };
    struct fixture *fixture = fixture_new(exercise);
    (void)state;
    must_run(fixture, "forward quiet; backward quiet");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        must_run(fixture, cases[i].commands);
        if (!strstr(fixture->out_text.bytes, cases[i].first))
            fail_msg("%s: %s", cases[i].commands, fixture->out_text.bytes);
    }
    fixture_free(fixture);
}

/* ---- quiz ---------------------------------------------------------------- */

static void test_a_question_waits(void **state)
{
    struct fixture *fixture = fixture_new(exercise);
    (void)state;
    must_run(fixture, "quiz delta1[1]");
    assert_non_null(strstr(fixture->out_text.bytes, "delta1[1] = ?"));
    assert_null(strstr(fixture->out_text.bytes, "0.0097"));
    must_run(fixture, "print x[1]");
    must_run(fixture, "0.0097247");
    assert_non_null(strstr(fixture->out_text.bytes, "right\n"));
    assert_non_null(strstr(fixture->out_text.bytes, "= 0.0097247"));
    assert_int_equal(nb_cursor(net_of(fixture)), 0); /* nothing has changed */
    must_run(fixture, "quiz delta1[1]; w1[1,1] = 0.15; 0.0097");
    assert_null(strstr(fixture->out_text.bytes, "right"));
    must_run(fixture, "quiz; 0.235");
    assert_non_null(strstr(fixture->out_text.bytes, "mistake: missing-bias "));
    assert_int_equal(nb_cursor(net_of(fixture)), 1); /* stepped over */
    must_run(fixture, "undo");
    assert_int_equal(nb_cursor(net_of(fixture)), 0);
    fixture_free(fixture);
}

/* ---- The catalogue ------------------------------------------------------ */

static void test_every_mistake_is_whole(void **state)
{
    size_t count;
    const struct nb_choice *choices = mistake_choices(&count);
    (void)state;
    assert_int_equal(count, MISTAKES);
    for (size_t id = 0; id < count; id++) {
        const struct mistake *mistake = &mistakes[id];
        assert_string_equal(choices[id].name, mistake_slug((enum mistake_id)id));
        assert_true(strlen(choices[id].summary) > 0);
        assert_true((mistake->applies != NULL) == (mistake->rewrite != NULL));
        assert_false(mistake->rewrite && mistake->factor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sheet_is_the_iteration),
        cmocka_unit_test(test_mistakes_of_the_exercise),
        cmocka_unit_test(test_right_numbers),
        cmocka_unit_test(test_a_question_waits),
        cmocka_unit_test(test_every_mistake_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
