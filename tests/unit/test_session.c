/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a person meets it: names, assignments, definitions, the prompt. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/command.h"
#include "command/complete.h"
#include "command/session.h"
#include "command/variables.h"
#include "nets.h"

static const char exercise[] =
    "net 3-2-2 sigmoid; w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]\n"
    "w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]; input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1";

/* A session that writes into texts. */
struct desk {
    struct text out_text, err_text;
    struct sink out, err;
    struct session *session;
};

static void desk_init(struct desk *desk, const char *first)
{
    text_init(&desk->out_text);
    text_init(&desk->err_text);
    desk->out = sink_to_text(&desk->out_text, true, 80);
    desk->err = sink_to_text(&desk->err_text, true, 80);
    assert_int_equal(session_new(&desk->out, &desk->err, &desk->session, NULL), NB_OK);
    if (session_run(desk->session, NULL, first, strlen(first)))
        fail_msg("%s\n%s", first, desk->err_text.bytes);
    text_clear(&desk->out_text);
}

static void desk_release(struct desk *desk)
{
    session_free(&desk->session);
    text_release(&desk->out_text);
    text_release(&desk->err_text);
}

struct line {
    const char *source;
    enum nb_status status;
    const char *shown; /* part of what it prints, or of its message */
};

static void check_line(const char *first, const struct line *line, bool prompting)
{
    struct desk desk;
    desk_init(&desk, first);
    desk.session->prompting = prompting;
    enum nb_status status = session_run(desk.session, NULL, line->source, strlen(line->source));
    const char *text = line->status ? desk.err_text.bytes : desk.out_text.bytes;
    if (status != line->status || !strstr(text, line->shown))
        fail_msg("%s\nstatus %d, expected %d and \"%s\"\n%s%s", line->source, status, line->status,
                 line->shown, desk.out_text.bytes, desk.err_text.bytes);
    assert_int_equal(desk.session->first_failure, line->status);
    desk_release(&desk);
}

static void check_lines(const char *first, const struct line *lines, size_t count, bool prompting)
{
    for (size_t i = 0; i < count; i++)
        check_line(first, &lines[i], prompting);
}

static void habits_get_the_right_spelling(void **state)
{
    (void)state;
    size_t count;
    const struct lang_habit *rows = lang_habits(&count);
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        struct line line = { rows[i].example, rows[i].status, rows[i].expected };
        check_line(exercise, &line, false);
        check_line(exercise, &line, true);
    }
}

static void assignments_echo_and_judge_shapes(void **state)
{
    (void)state;
    static const struct line lines[] = {
        { "w1 = zeros(3, 2)", NB_OK, "w1  3 inputs → 2 units" },
        { "b2 = [1, 2]; print b2", NB_OK, "[1, 2]" },
        { "w1 = 0.5; print w1", NB_OK, "[[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]" },
        { "w1[2,1] = 7; print w1[2,1], w1[1,1]", NB_OK, "7\n0.15" },
        { "w1[1] = [8, 9]; print w1", NB_OK, "[[8, 9], [0.25, 0.3], [0.35, 0.4]]" },
        { "x[2] = 4; print x", NB_OK, "[0.5, 4, 0.1]" },
        { "x = [1, 2, 3; 4, 5, 6]; print x[2, 3], rows(x)", NB_OK, "6\n2" },
        { "x = [[1, 2, 3]]; forward quiet; print z1[1, 2]", NB_OK, "" },
        { "t = [1, 2]; t[2] = 5; print t, T", NB_FAILED, "unknown name T" },
        { "set index to-from; w1 = [1, 2, 3; 4, 5, 6]; print w1[2, 3]; set index from-to; "
          "print w1[3, 2]",
          NB_OK, "6\n6" },
        { "set index to-from; w1[2, 3] = 9; set index from-to; print w1", NB_OK,
          "[[0.15, 0.2], [0.25, 0.3], [0.35, 9]]" },
        { "set index to-from; w1 = zeros(3, 2)", NB_FAILED, "set index from-to" },
        { "w1 = zeros(2, 3)", NB_FAILED, "set index to-from" },
        { "w1 = zeros(2, 2)", NB_FAILED, "w1 is 3×2" },
        { "eta = 0.5; print lr, η", NB_OK, "0.5\n0.5" },
        { "lr = [1, 2]", NB_FAILED, "one number" },
        { "lr = -1", NB_USAGE, "0..1e+30" },
        { "z1 = [1, 2]", NB_FAILED, "computed by forward" },
        { "delta1 = [1, 2]", NB_FAILED, "computed by backward" },
        { "ŷ = [1, 2]", NB_FAILED, "y = ..." },
        { "mu1 = 3", NB_FAILED, "no batch norm" },
        { "momentum = 0.5; print momentum, ρ, ε", NB_OK, "0.5\n0.99\n1e-08" },
        { "momentum = 0.5", NB_OK, "used by momentum and nesterov; the optimizer is sgd" },
        { "l2 = 0.001; print l2, l1", NB_OK, "0.001\n0" },
        { "net 2 - 2 batchnorm relu - 1 sigmoid; γ1 = [3, 4]; gamma1[1] = 5; print gamma1, beta1",
          NB_OK, "[5, 4]\n[0, 0]" },
        { "net 2 - 2 batchnorm relu - 1 sigmoid; beta1 = 1; gamma1 = 3; init; print gamma1, beta1",
          NB_OK, "[1, 1]\n[0, 0]" },
        { "net 2 - 2 batchnorm relu - 1 sigmoid; freeze gamma1 beta1", NB_OK,
          "frozen: gamma1, beta1" },
        { "net 2 - 2 batchnorm relu - 1 sigmoid; gamma1 = 3; init; init again; print gamma1", NB_OK,
          "[1, 1]" },
        { "x1 = 3", NB_FAILED, "x[1]" },
        { "w_1_2 = 3", NB_FAILED, "w1[" },
        { "target = [1, 2]", NB_USAGE, "y = ..." },
        { "input = [1, 2, 3]", NB_USAGE, "x = ..." },
        { "step = 3", NB_USAGE, "step is a command" },
        { "digits = 3; print 1/3", NB_OK, "set digits" },
    };
    check_lines(exercise, lines, COUNT_OF(lines), false);
}

static void stale_numbers_are_never_shown(void **state)
{
    (void)state;
    static const struct line lines[] = {
        { "z1", NB_FAILED, "not computed yet: forward" },
        { "delta2", NB_FAILED, "not computed yet: backward" },
        { "forward quiet; w2[1,1] = 1; print z1; print z2", NB_FAILED, "forward computes it anew" },
        { "forward quiet; backward quiet; y = [0, 0]; print z2; print delta2", NB_FAILED,
          "backward computes it anew" },
        { "forward quiet; backward quiet; update quiet; z1", NB_FAILED, "old(z1) and unstep" },
        { "forward quiet; backward quiet; update quiet; forward quiet; input 1 2 3; z1", NB_FAILED,
          "something it depends on has changed" },
        { "forward quiet; backward quiet; update quiet; print old(z1)", NB_OK, "[0.585, 0.59]" },
        { "print old(w1)", NB_FAILED, "no update was stepped yet" },
        { "forward quiet; print loss", NB_OK, "0.243513" },
        { "forward quiet; print old(loss)", NB_FAILED, "no update was stepped yet" },
        { "net 3-2-2; z1", NB_FAILED, "forward" },
    };
    check_lines(exercise, lines, COUNT_OF(lines), false);
}

static void networks_are_defined(void **state)
{
    (void)state;
    static const struct line lines[] = {
        { "net 3-2-2", NB_OK, "3-2-2 sigmoid · loss half-sse · 14 parameters · double" },
        { "net 3 - 2 - 2 tanh", NB_OK, "3-2-2 tanh · loss half-sse" },
        { "net 784-64x10-10 lecun softmax", NB_OK, "loss cross-entropy · 88,330 parameters" },
        { "net 3072-250-150-10 relu softmax; net", NB_OK, "768,250" },
        { "net 3072 - 20 relu - 10 softmax init=he seed=3 precision=single", NB_OK,
          "single ·\nhe weights, seed 3" },
        { "net 3–2−2 relu", NB_OK, "3-2-2 relu" },
        { "net 2-2 init=uniform(-1, 1); net 2-2 init = constant(0.5); print w1", NB_OK,
          "[[0.5, 0.5], [0.5, 0.5]]" },
        { "net 2-2 seed=1; a = w1; net 2-2 seed=2; net 2-2 seed=1; print norm(a - w1)", NB_OK,
          "\n0\n" },
        { "input 1 2; net 2-1; print x; net 3-1", NB_OK, "x is dropped: it is 2 wide" },
        { "lr = 0.3; net 2-1; print lr", NB_OK, "0.3" },
        { "net 3,2", NB_USAGE, "net 3-2" },
        { "net 3-2 softmax tanh", NB_USAGE, "last layer" },
        { "net 3 - 2 - 2 relu - 1", NB_USAGE, "layer 1 has no activation" },
        { "net 3-2 batchnorm", NB_USAGE, "no activation" },
        { "net 3 - 2 batchnorm tanh dropout(0.25) - 2 softmax seed=4", NB_OK,
          "3 - 2 batchnorm tanh dropout(0.25) - 2 softmax\n" },
        { "net 3 - 2 batchnorm tanh - 2 sigmoid; net", NB_OK, "18 parameters" },
        { "net 3 - 2 batchnorm tanh - 2 sigmoid; net", NB_OK,
          "batchnorm   gamma1 2          beta1 2                  4\n" },
        { "net 3 - 2x2 tanh dropout(.5) - 2 sigmoid", NB_OK, "3 - 2x2 tanh dropout(0.5) - 2 sigm" },
        { "net 3-2 batchnorm sigmoid", NB_OK, "3 - 2 batchnorm sigmoid\n" },
        { "set optimizer adam; net 3-2 sigmoid; set optimizer", NB_OK, "optimizer adam\n" },
        { "net 784-64-10 relu softmax", NB_OK, "784-64-10 relu softmax · " },
        { "net 3-2 init=normal", NB_USAGE, "normal(0.1)" },
        { "net 3-2 loss=mse loss=sse", NB_USAGE, "twice" },
        { "net 1x2000-3", NB_USAGE, "1000 layers" },
        { "init", NB_FAILED, "net 3-2-2 sigmoid" },
        { "net 2-1 seed=5; init; init", NB_OK, "seed 7" },
        { "net 2-1; w1[1,1] = 5; input 1 1; y = 0; forward quiet; backward quiet; update quiet; "
          "init again; print w1[1,1]",
          NB_OK, "\n5\n" },
        { "net 2-1; freeze w1; freeze", NB_OK, "frozen: w1" },
        { "net 2-1; freeze w1 z1", NB_FAILED, "z1" },
        { "set digits 3; print 1/3; set digits=17; print 1/3", NB_OK, "0.333\n0.333333333333333" },
        { "set digits", NB_OK, "digits 6" },
        { "show settings", NB_OK, "1..17" },
    };
    check_lines("", lines, COUNT_OF(lines), false);
}

static void values_are_shown_for_reading(void **state)
{
    (void)state;
    static const struct line lines[] = {
        { "x", NB_OK, "x = [0.5, 0.5, 0.1]\n" },
        { "1/3", NB_OK, "0.333333\n" },
        { "w1", NB_OK,
          "w1 =          unit 1  unit 2\n"
          "     input 1    0.15     0.2\n"
          "     input 2    0.25     0.3\n"
          "     input 3    0.35     0.4\n" },
        { "w2'", NB_OK, "       [:,1]  [:,2]\n[1,:]    0.4    0.5\n[2,:]   0.45   0.55\n" },
        { "linspace(1, 40, 40)", NB_OK, "[1, 2, 3, 4, 5, 6, 7, 8, …, 40]  (40 numbers" },
        { "zeros(50, 60)", NB_OK, "(50×60; print" },
    };
    check_lines(exercise, lines, COUNT_OF(lines), false);
}

static void words_are_short_only_at_the_prompt(void **state)
{
    (void)state;
    static const struct line typed[] = {
        { "f quiet; p z1", NB_OK, "[0.585, 0.59]" },
        { "pri z1; for quiet; print z1", NB_FAILED, "forward" },
        { "fo quiet; p z1", NB_OK, "[0.585, 0.59]" },
        { "un", NB_USAGE, "unstep, until" },
        { "b = 3; b", NB_OK, "b = 3" },
        { "e", NB_OK, "2.71828" },
        { "exp(0)", NB_OK, "1" },
        { "h digits", NB_OK, "digits" },
        { "? step", NB_OK, "step [N]" },
    };
    static const struct line read[] = {
        { "f quiet", NB_USAGE, "unknown command f" },
        { "forw", NB_USAGE, "forward" },
        { "q", NB_USAGE, "unknown command q" },
    };
    check_lines(exercise, typed, COUNT_OF(typed), true);
    check_lines(exercise, read, COUNT_OF(read), false);
}

static void errors_have_their_place(void **state)
{
    (void)state;
    static const char script[] = "a = 1\n  print a + bcd\n";
    struct desk desk;
    desk_init(&desk, exercise);
    assert_int_equal(session_run(desk.session, "try.nb", script, strlen(script)), NB_FAILED);
    assert_int_equal(strncmp(desk.err_text.bytes, "try.nb:2:13: error: ", 20), 0);
    assert_non_null(strstr(desk.err_text.bytes, "\n  print a + bcd\n            ^\n"));
    desk_release(&desk);
}

static void keep_going_reports_the_first_status(void **state)
{
    (void)state;
    static const char script[] = "print zzz\nfrobnicate\nprint 42\n";
    struct desk desk;
    desk_init(&desk, "");
    desk.session->keep_going = true;
    assert_int_equal(session_run(desk.session, NULL, script, strlen(script)), NB_FAILED);
    assert_int_equal(desk.session->first_failure, NB_FAILED);
    assert_string_equal(desk.out_text.bytes, "42\n");
    assert_non_null(strstr(desk.err_text.bytes, "unknown command frobnicate"));
    desk_release(&desk);
}

/* ---- Completion ---- */

static bool offers(const struct completion *completion, const char *word)
{
    for (size_t i = 0; i < completion->count; i++)
        if (strcmp(completion->words[i], word) == 0)
            return true;
    return false;
}

struct tab_row {
    const char *line;
    size_t start;
    const char *offered, *absent; /* "": nothing to look for */
    char append;
};

static void check_tab(struct session *session, const struct tab_row *row)
{
    struct completion completion;
    size_t length = strlen(row->line);
    assert_int_equal(session_complete(session, row->line, length, length, &completion, NULL),
                     NB_OK);
    bool offered = !row->offered[0] || offers(&completion, row->offered);
    if (completion.start != row->start || !offered || offers(&completion, row->absent) ||
        (completion.count == 1 && completion.append != row->append))
        fail_msg("%s: start %zu, %zu words, first %s", row->line, completion.start,
                 completion.count, completion.count ? completion.words[0] : "none");
    completion_release(&completion);
}

static void tab_offers_what_can_stand_there(void **state)
{
    (void)state;
    static const struct tab_row rows[] = {
        { "forw", 0, "forward", "backward", ' ' },
        { "x; back", 3, "backward", "", ' ' },
        { "net 3-2-2 si", 10, "sigmoid", "sin(", ' ' },
        { "net 3-2 tanh lo", 13, "loss=", "", '\0' },
        { "net 3-2 loss=half", 13, "half-sse", "sse", ' ' },
        { "print w2", 6, "w2[", "w2", '\0' },
        { "print w", 6, "w1", "w3", 0 },
        { "print x @ w1 + b", 15, "b2", "backward", 0 },
        { "print sig", 6, "sigmoid(", "", '\0' },
        { "speed = w1 * del", 13, "delta1", "", 0 },
        { "set ind", 4, "index", "", ' ' },
        { "set index ", 10, "to-from", "digits", 0 },
        { "help expr", 5, "expressions", "", ' ' },
        { "freeze w", 7, "w1", "dw1", 0 },
        { "step 3 la", 7, "layer", "", ' ' },
        { "print m", 6, "max(", "mw1", 0 },
        { "print g", 6, "", "gw1", 0 },
        { "print p", 6, "", "penalty", 0 },
        { "train lr=3 l", 11, "l2=", "lr=", 0 },
        { "explain up", 8, "update", "", ' ' },
        { "explain update ", 15, "w1", "delta1", 0 },
        { "check update b", 13, "b2", "backward", 0 },
        { "explain  update  b", 17, "b2", "beta1", 0 },
        { "explain ", 8, "delta1", "mw1", 0 },
    };
    struct desk desk;
    desk_init(&desk, exercise);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_tab(desk.session, &rows[i]);
    struct completion completion;
    assert_int_equal(session_complete(desk.session, "source les", 10, 10, &completion, NULL),
                     NB_OK);
    assert_true(completion.files);
    completion_release(&completion);
    desk_release(&desk);
}

static void tab_follows_the_sizes_of_net(void **state)
{
    (void)state;
    static const struct tab_row rows[] = {
        { "net ", 4, "", "sigmoid", 0 },
        { "net 784", 4, "", "sigmoid", 0 },
        { "net 784 - ", 10, "", "sigmoid", 0 },
        { "net 784 - 64 ", 13, "batchnorm", "dropout(", 0 },
        { "net 784 - 64 ", 13, "relu", "sin(", 0 },
        { "net 784 - 64 ", 13, "loss=", "update", 0 },
        { "net 784 - 64 batchnorm ", 23, "relu", "batchnorm", 0 },
        { "net 784 - 64 batchnorm ", 23, "relu", "seed=", 0 },
        { "net 784 - 64 batchnorm relu ", 28, "dropout(", "tanh", 0 },
        { "net 784 - 64 relu d", 18, "dropout(", "", '\0' },
        { "net 784 - 64 relu dropout(0.4) ", 31, "init=", "dropout(", 0 },
        { "net 784 - 64 relu dropout(0", 26, "", "batchnorm", 0 },
        { "net 784 - 64 relu - 10 ", 23, "softmax", "dropout(", 0 },
        { "net 784 - 64 relu - 10 so", 23, "softmax", "", ' ' },
        { "net 784 - 64 relu - 10 softmax ", 31, "precision=", "relu", 0 },
        { "net 784-64-10 ", 14, "lecun", "softmax", 0 },
        { "net 784-64-10 ", 14, "lecun", "batchnorm", 0 },
        { "net 784-64-10 lecun ", 20, "softmax", "dropout(", 0 },
        { "net 784-64-10 lecun softmax ", 28, "init=", "relu", 0 },
        { "net 784-64-10 lecun seed=3 ", 27, "init=", "seed=", 0 },
        { "net 784-64-10 lecun seed=3 ", 27, "loss=", "softmax", 0 },
        { "net 784-64x10-10 ", 17, "relu", "softmax", 0 },
    };
    struct desk desk;
    desk_init(&desk, exercise);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_tab(desk.session, &rows[i]);
    desk_release(&desk);
}

static void variables_share_their_numbers(void **state)
{
    (void)state;
    struct variables *variables, *copy;
    struct value one, two;
    assert_int_equal(variables_new(&variables, NULL), NB_OK);
    assert_int_equal(value_scalar(&one, 1, NULL), NB_OK);
    assert_int_equal(value_scalar(&two, 2, NULL), NB_OK);
    assert_int_equal(variables_set(variables, "a", &one, NULL), NB_OK);
    assert_int_equal(variables_copy(variables, &copy, NULL), NB_OK);
    assert_ptr_equal(variables_find(variables, "a"), variables_find(copy, "a"));
    assert_int_equal(variables_set(variables, "a", &two, NULL), NB_OK);
    assert_true(variables_find(copy, "a")->data[0] == 1);
    assert_true(variables_find(variables, "a")->data[0] == 2);
    variables_drop(copy, "a");
    assert_int_equal(variables_count(copy), 0);
    variables_free(&variables);
    variables_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(habits_get_the_right_spelling),
        cmocka_unit_test(assignments_echo_and_judge_shapes),
        cmocka_unit_test(stale_numbers_are_never_shown),
        cmocka_unit_test(networks_are_defined),
        cmocka_unit_test(values_are_shown_for_reading),
        cmocka_unit_test(words_are_short_only_at_the_prompt),
        cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(keep_going_reports_the_first_status),
        cmocka_unit_test(tab_offers_what_can_stand_there),
        cmocka_unit_test(tab_follows_the_sizes_of_net),
        cmocka_unit_test(variables_share_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
