/* SPDX-License-Identifier: GPL-3.0-or-later */
/* break, watch, display: they stop, and change nothing. */
#include "sessions.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "command/stops.h"

static const char *const networks[] = {
    "net 3-2-2 sigmoid; x = rand(3); y = rand(2)",
    "net 2-4-3 relu softmax seed=5; x = randn(5,2); y = onehot([1,2,3,1,2],3)",
    "net 3-6-4-2 leakyrelu sigmoid precision=single; x = rand(2,3); y = rand(2,2)",
    "net 2-3-1 sigmoid; data xor; set batch 4",
    ("set optimizer adam; set l2 0.1; net 3 - 4 batchnorm tanh dropout(0.3) - 2 softmax\n"
     "x = randn(5,3); y = onehot([1,2,1,2,2],2)"),
    "set round 3; net 3-2-2 sigmoid; x = rand(3); y = rand(2)",
};

static const char stops[] =
    "break delta1; break z2 if max(max(z2)) > 100; break if loss > 0; break nan; watch w1[1,1]; "
    "watch "
    "dw2\n"
    "break if sum(sum(w1)) > old(sum(sum(w1))); display loss; display w1 - old(w1); display da1\n";

static void run_ops(struct fixture *fixture, size_t count)
{
    char line[64];
    snprintf(line, sizeof line, "step %zu", count);
    must_run(fixture, line);
}

static size_t ops_made(const struct fixture *fixture)
{
    const struct nb_net *net = net_of(fixture);
    return (size_t)nb_iteration(net) * nb_plan_length(net) + nb_cursor(net);
}

/* However often it stops, the numbers are those of stepping without. */
static void test_stops_change_nothing(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(networks); n++) {
        struct fixture *plain = fixture_new(networks[n]), *stopped = fixture_new(networks[n]);
        must_run(stopped, stops);
        for (int i = 0; i < 12; i++) {
            size_t before = ops_made(stopped);
            must_run(stopped, i % 4 == 3 ? "step 4 pass" : "continue");
            assert_true(ops_made(stopped) > before);
            assert_non_null(strstr(stopped->out_text.bytes, "point "));
            assert_non_null(strstr(stopped->out_text.bytes, "1: loss = "));
        }
        run_ops(plain, ops_made(stopped));
        assert_twins(plain, stopped, networks[n]);
        fixture_free(plain);
        fixture_free(stopped);
    }
}

/* Stopped behind batch after batch and gone on with, a run is the same to the bit. */
static void test_stopped_runs(void **state)
{
    (void)state;
    static const char *const runs[] = {
        "data xor; net 2-4-1 tanh sigmoid; set batch 4",
        ("data xor; net 2 - 5 batchnorm relu dropout(0.2) - 1 sigmoid; set batch 6; "
         "set optimizer adam"),
        "net 3-2-2 sigmoid; x = rand(4,3); y = rand(4,2)",
    };
    for (size_t n = 0; n < COUNT_OF(runs); n++) {
        struct fixture *plain = fixture_new(runs[n]), *stopped = fixture_new(runs[n]);
        int times = 0;
        must_run(plain, "train epochs=4 quiet");
        must_run(stopped, "break if loss > 0.1; watch w2[1,1]; break dw1; display delta1");
        must_run(stopped, "train epochs=4 quiet");
        while (strstr(stopped->out_text.bytes, "train resume goes on") && ++times < 100)
            must_run(stopped, "train resume");
        assert_true(times >= 3);
        assert_non_null(strstr(stopped->out_text.bytes, "trained 4 epochs"));
        assert_non_null(strstr(stopped->out_text.bytes, "Watchpoint 2, w2[1,1]: "));
        must_run(plain, "forward quiet; backward quiet");
        must_run(stopped, "delete; forward quiet; backward quiet");
        nb_net_free(&plain->session->old); /* kept of a run that was not stopped only */
        nb_net_free(&stopped->session->old);
        assert_twins(plain, stopped, runs[n]);
        fixture_free(plain);
        fixture_free(stopped);
    }
}

/* ---- When ---- */

/* After `commands` on the exercise the last one has printed `shown`, and not `hidden`. */
static const struct {
    const char *commands, *last, *shown, *hidden;
} cases[] = {
    { "break z2", "forward quiet", "Breakpoint 1, z2, operation 3 of 15, iteration 1", "loss" },
    { "break z2; forward quiet", "forward quiet", "forward: loss 0.243513", "Breakpoint" },
    { "break loss", "forward", "Breakpoint 1, loss, operation 5 of 15", NULL },
    { "break loss", "backward quiet", "Breakpoint 1, loss, operation 5 of 15", "backward:" },
    { "break loss; backward quiet", "backward quiet", "backward: 8 operations", "Breakpoint" },
    { "break a1[2]", "continue", "Breakpoint 1, a1[2], operation 2 of 15", NULL },
    { "break yhat", "continue", "Breakpoint 1, yhat, operation 4 of 15", NULL },
    { "break dL/dz2", "continue", "Breakpoint 1, dL/dz2, operation 7 of 15", NULL },
    { "break w2", "continue", "Breakpoint 1, w2, operation 15 of 15, iteration 1", NULL },
    { "break b1", "update", "error", NULL },
    { "forward; backward; break b1", "update quiet", "Breakpoint 1, b1, operation 14", "15 of 15" },
    { "break da1", "step 12", "10/15  da1", "11/15" },
    { "break da1", "step 2 iteration", "10/15  da1", "11/15" },
    { "break da1", "until dw1", "Breakpoint 1, da1", "12/15" },
    { "break da1 if da1[1] > 1", "step 2 iteration", "next  z1", "Breakpoint" },
    { "break da1 if da1[1] > 0.04", "continue", "Breakpoint 1, da1 if da1[1] > 0.04", NULL },
    { "break da1 if(da1[1] > 0.04)", "continue", "Breakpoint 1, da1 if(da1[1] > 0.04)", NULL },
    { "break if(loss < 1)", "info breaks", "when (loss < 1)", NULL },
    /* A condition is asked where something of it was written, and then only. */
    { "break if loss < 1; continue", "continue", "operation 5 of 15, iteration 2", NULL },
    { "break if loss < old(loss)", "continue", "operation 5 of 15, iteration 2", NULL },
    { "break if w1[1,1] < 0.1495", "continue", "operation 14 of 15, iteration 2", NULL },
    { "n = 0; break if n == 0", "continue", "operation 1 of 15, iteration 1", NULL },
    { "break if lr > 0.2; lr = 0.3", "continue", "operation 1 of 15, iteration 1", NULL },
    { "v = 2; break if loss < v; v = [1, 2]", "continue", "cannot be told (a condition is", NULL },
    /* Watching. */
    { "watch w1[1,1]", "continue", "w1[1,1]: 0.15 → 0.149514, operation 14", NULL },
    { "watch w1", "continue", "w1: w1[1,1] 0.15 → 0.149514 and 5 more", NULL },
    { "set index to-from; watch w1[2,1]", "continue", "w1[2,1]: 0.2 → 0.19941", NULL },
    { "watch loss", "continue", "loss: — → 0.243513", NULL },
    { "step 5; watch loss", "continue", "loss: 0.243513 → 0.240917", NULL },
    { "freeze w1; watch w1; watch b1[2]", "continue", "b1[2]: 0.3 →", "Watchpoint 1" },
    { "watch dw1[1,1]; lr = 0; continue", "continue", "no break was reached", "Watchpoint" },
    { "watch w1[1,1]; w1[1,1] = 0.5", "continue", "w1[1,1]: 0.5 →", NULL },
    /* Behind the last update of a run, which is over. */
    { "break loss", "train steps=1 quiet", "trained 1 epoch: loss 0.243513\nBreakpoint 1, loss",
      "resume" },
    { "watch w1[1,1]", "train steps=1 quiet", "1, w1[1,1]: 0.15 → 0.149514", "resume" },
    { "break loss", "train epochs=1 quiet", "Breakpoint 1, loss", "resume" },
    { "break loss; train steps=2 quiet", "train resume", "Breakpoint 1, loss", "goes on" },
    { "break if loss > 1", "train steps=1 quiet", "trained 1 epoch", "Breakpoint" },
    /* Not finite. */
    { "break nan; x = [1e308, 1e308, 1]", "step 2 iteration", "next  z1", "Breakpoint" },
    { "break nan; w1 = 1e300 * ones(3, 2); x = [1e10, 1, 1]", "continue",
      "nan: z1[1] is Infinity, operation 1", NULL },
    /* Numbers and lists. */
    { "break z1; break z2; delete 1; break a1", "info breaks", "3  breakpoint  when a1", "1  " },
    { "break z1; watch w1; delete", "info breaks", "no breaks are set", NULL },
    { "break z1; continue; continue", "info breaks", "reached 2 times", NULL },
    { "break z1; display loss; delete 1", "info display", "1  loss", NULL },
    { "display loss; display lr; undisplay 1", "display", "2: lr = 0.1", "loss" },
    { "break delta1; net 2-1", "info breaks", "when delta1 is computed, by operation 5 of 8",
      NULL },
    /* What is displayed. */
    { "display loss; forward quiet", "update", "error", NULL },
    { "display loss", "step", "1: loss = —", NULL },
    { "display loss", "forward quiet", "1: loss = 0.243513", NULL },
    { "display loss; forward quiet; backward quiet", "update quiet", "1: loss = —", NULL },
    { "display loss; forward quiet", "unstep", "1: loss = —", NULL },
    { "display da2[1]/dz2[1]; forward quiet", "backward quiet", "da2[1]/dz2[1] = 0.179939", NULL },
    { "display w2", "step", "1: w2 =", NULL },
    { "display w2[2,1]; net 3-1", "display", "1: w2[2,1] = —  (w2: this network has 1 layer",
      NULL },
    { "set round 4; display delta1", "until delta1", "delta1 = [0.0097, 0.0118]", NULL },
    { "set round 4; display loss; forward quiet; set round off", "display", "loss = —", NULL },
    /* What failed reaches nothing. */
    { "y = [1, 0]; break loss", "continue", "Breakpoint 1, loss", NULL },
};

static void test_when(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *fixture = fixture_new(exercise);
        must_run(fixture, cases[i].commands);
        enum nb_status status = run(fixture, cases[i].last);
        bool failed = strcmp(cases[i].shown, "error") == 0;
        const char *out = fixture->out_text.bytes;
        if ((status != NB_OK) != failed || (!failed && !strstr(out, cases[i].shown)) ||
            (cases[i].hidden && strstr(out, cases[i].hidden)))
            fail_msg("%s; %s prints\n%s%s", cases[i].commands, cases[i].last, out,
                     fixture->err_text.bytes);
        fixture_free(fixture);
    }
}

/* What an update reached before it failed is not told of later. */
static void test_failure_forgets(void **state)
{
    struct fixture *fixture = fixture_new("net 3-2-2 sigmoid; break z1; x = [1, 2, 3]");
    (void)state;
    assert_int_equal(run(fixture, "backward"), NB_FAILED);
    must_run(fixture, "forward quiet");
    assert_non_null(strstr(fixture->out_text.bytes, "Breakpoint 1, z1"));
    assert_false(stops_reached(fixture->session));
    assert_int_equal(run(fixture, "continue"), NB_FAILED);
    assert_false(stops_reached(fixture->session));
    fixture_free(fixture);
}

/* undo is of the network's numbers: breaks stay, and so do their counts. */
static void test_undo_leaves_them(void **state)
{
    struct fixture *fixture = fixture_new(exercise);
    (void)state;
    must_run(fixture, "break z1; continue; undo; redo; undo; info breaks");
    assert_non_null(strstr(fixture->out_text.bytes, "undone: continue"));
    assert_non_null(strstr(fixture->out_text.bytes, "reached 1 time\n"));
    assert_int_equal(nb_cursor(net_of(fixture)), 0);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops_change_nothing),
        cmocka_unit_test(test_stopped_runs),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_failure_forgets),
        cmocka_unit_test(test_undo_leaves_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
