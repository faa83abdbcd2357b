/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going back: unstep, undo and redo, bit by bit, within the limit of memory. */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/compiler.h"
#include "base/rng.h"
#include "command/history.h"

/* ---- Back and forth ---- */

static const char *const networks[] = {
    "net 3-2-2 sigmoid; x = rand(3); y = rand(2)",
    "net 4-3-5-2 tanh linear loss=mse seed=3; x = randn(6,4); y = randn(6,2)",
    "net 2-4-3 relu softmax seed=5; x = randn(5,2); y = onehot([1,2,3,1,2],3)",
    "net 3-4-1 lecun sigmoid loss=binary-cross-entropy; x = randn(3,3); y = [[1],[0],[1]]",
    "net 3-6-4-2 leakyrelu sigmoid precision=single; x = rand(2,3); y = rand(2,2)",
    "net 2-3-1 sigmoid; data xor; set batch 4",
    "set optimizer adam; set l2 0.1; net 3 - 4 batchnorm tanh dropout(0.3) - 2 softmax\n"
    "x = randn(5,3); y = onehot([1,2,1,2,2],2)",
    "set optimizer nesterov; set l1 0.1; set regularize-bias on; net 2-3-2 relu sigmoid\n"
    "x = randn(2,2); y = rand(2,2)",
    "set optimizer adamw; set l2 0.1; set l2-form per-sample; net 2-3-1 sigmoid; data xor; "
    "set batch 4",
};

static void test_unstep_is_the_inverse(void **state)
{
    (void)state;
    enum { STEPS = 70 };
    static const char *const moves[] = { "step", "step unit", "forward quiet", "step layer" };
    for (size_t n = 0; n < COUNT_OF(networks) * COUNT_OF(moves); n++) {
        const char *move = moves[n % COUNT_OF(moves)];
        struct fixture *fixture = fixture_new(networks[n / COUNT_OF(moves)]);
        struct text images[STEPS + 1];
        for (size_t i = 0; i < STEPS; i++) {
            image_make(fixture->session, &images[i]);
            must_run(fixture, i % 7 == 0 ? move : "step");
        }
        image_make(fixture->session, &images[STEPS]);
        for (size_t i = STEPS; i-- > 0;) {
            must_run(fixture, "undo");
            assert_image(fixture, &images[i], "undo");
        }
        for (size_t i = 1; i <= STEPS; i++) {
            must_run(fixture, "redo");
            assert_image(fixture, &images[i], "redo");
        }
        must_run(fixture, "unstep 100000");
        assert_image(fixture, &images[0], "unstep to the beginning");
        for (size_t i = 0; i < STEPS + 1; i++)
            text_release(&images[i]);
        fixture_free(fixture);
    }
}

/* step, unstep: one operation there and back, at every place of three iterations. */
static void test_each_step_back(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(networks); n++) {
        struct fixture *fixture = fixture_new(networks[n]);
        size_t length = nb_plan_length(net_of(fixture));
        for (size_t i = 0; i < 3 * length; i++) {
            struct text before, after;
            image_make(fixture->session, &before);
            must_run(fixture, "step");
            image_make(fixture->session, &after);
            must_run(fixture, "unstep");
            assert_image(fixture, &before, "unstep");
            must_run(fixture, "step");
            assert_image(fixture, &after, "step again");
            text_release(&before);
            text_release(&after);
        }
        fixture_free(fixture);
    }
}

/* ---- Other plans ---- */

/* At every place of an iteration, another optimiser and penalty: undo and redo
 * of `set` keep every bit, and step on to the same numbers. */
static void test_set_amid_an_iteration(void **state)
{
    (void)state;
    static const char *const settings[] = { "set optimizer sgd",
                                            "set optimizer rmsprop",
                                            "set optimizer adamw",
                                            "set l2 0.3",
                                            "set l2 0",
                                            "l1 = 0.01",
                                            "set l2-form per-sample",
                                            "set round 2" };
    static const char *const network =
        "set optimizer adam; set l2 0.1; net 3 - 4 batchnorm tanh dropout(0.3) - 2 sigmoid\n"
        "x = randn(5,3); y = rand(5,2); step 1 iteration";
    for (size_t s = 0; s < COUNT_OF(settings); s++) {
        struct fixture *fixture = fixture_new(network);
        for (size_t place = 0; place < nb_plan_length(net_of(fixture)); place++) {
            struct text before, after, on;
            image_make(fixture->session, &before);
            must_run(fixture, settings[s]);
            image_make(fixture->session, &after);
            must_run(fixture, "step 30");
            image_make(fixture->session, &on);
            must_run(fixture, "undo; undo");
            assert_image(fixture, &before, "undo");
            must_run(fixture, "redo");
            assert_image(fixture, &after, "redo");
            must_run(fixture, "step 30");
            assert_image(fixture, &on, "step again");
            must_run(fixture, "undo; undo");
            assert_image(fixture, &before, "undo again");
            must_run(fixture, "step");
            text_release(&before);
            text_release(&after);
            text_release(&on);
        }
        fixture_free(fixture);
    }
}

/* unstep passes over `set`: what is stepped from there is what the new settings
 * make of the old numbers. */
static void test_unstep_passes_set(void **state)
{
    (void)state;
    static const char *const network =
        "net 3-4-2 tanh sigmoid seed=2; x = randn(5,3); y = rand(5,2)";
    struct fixture *plain = fixture_new(network), *back = fixture_new(network);
    must_run(plain, "set optimizer adam; set l2 0.1; set round 5; step 2 iteration");
    must_run(back, "step 1 iteration; step 7; set optimizer adam; set l2 0.1; step 4; "
                   "set round 5; step 3; unstep 3 iteration");
    assert_int_equal(nb_cursor(net_of(back)), 0);
    assert_int_equal(nb_iteration(net_of(back)), 0);
    must_run(back, "step 2 iteration");
    must_run(plain, "print w1, w2, b1, b2, mw1, vw2, mb1");
    must_run(back, "print w1, w2, b1, b2, mw1, vw2, mb1");
    assert_string_equal(plain->out_text.bytes, back->out_text.bytes);
    fixture_free(plain);
    fixture_free(back);
}

/* The same seed, the same numbers; undo goes on with those before, unstep does not mind. */
static void test_set_seed_begins_anew(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, "set seed 5; a = rand(3); b = randn(3); set seed 5; a = a - rand(3); "
                      "b = b - randn(3)");
    must_run(fixture, "print a, b");
    assert_string_equal(fixture->out_text.bytes, "[0, 0, 0]\n[0, 0, 0]\n");
    must_run(fixture, "set seed 5; a = rand(); b = rand(); c = rand()");
    must_run(fixture, "set seed 5; a = rand(); b = rand()");
    must_run(fixture, "set seed 6");
    must_run(fixture, "undo");
    must_run(fixture, "print c - rand()");
    assert_string_equal(fixture->out_text.bytes, "0\n");
    must_run(fixture, "step; print rand()");
    must_run(fixture, "set seed 7");
    must_run(fixture, "unstep");
    assert_null(strstr(fixture->out_text.bytes, "set seed 7"));
    fixture_free(fixture);
}

/* ---- A random walk ---- */

enum { MOVES = 2000 };

struct walk {
    struct fixture *fixture;
    struct text images[MOVES + 1]; /* of states that undo leads back to, then redo's */
    size_t at, top;
    size_t made; /* entries for undo */
};

static void walk_forget(struct walk *walk, size_t above)
{
    while (walk->top > above)
        text_release(&walk->images[walk->top--]);
}

static const char *const walk_moves[] = {
    "step",
    "step",
    "step",
    "step 3",
    "step layer",
    "step unit",
    "step pass",
    "step iteration",
    "forward quiet",
    "backward quiet",
    "backward quiet; update quiet",
    "until delta1",
    "unstep",
    "unstep 2",
    "unstep unit",
    "unstep 1 iteration",
    "reset",
    "w1[1,1] = rand()",
    "b2 = rand(2)",
    "x = rand(3)",
    "x = rand(4,3); y = rand(4,2)",
    "x = rand(2,3); y = rand(2,2)",
    "lr = rand()",
    "set round 3",
    "set round off",
    "set optimizer adam",
    "set optimizer momentum",
    "set optimizer rmsprop",
    "set optimizer adamw",
    "set optimizer sgd",
    "set l2 0.1",
    "set l2 0",
    "l1 = 0.2",
    "set l1 0",
    "set l2-form per-sample",
    "set l2-form full",
    "set regularize-bias on",
    "set regularize-bias off",
    "momentum = 0.5",
    "set schedule exp(0.1)",
    "try l2 = 0.3",
    "net 3 - 4 batchnorm tanh dropout(0.3) - 2 sigmoid; x = rand(4,3); y = rand(4,2)",
    "gamma1 = rand(4)",
    "freeze gamma1",
    "set digits 7",
    "set digits 5",
    "v = rand(3)",
    "freeze w1",
    "thaw w1",
    "init",
    "init again",
    "train epochs=2 quiet",
    "net 3-2-2 tanh; x = rand(3); target 0.1 0.2",
    "data xor; net 2-2-1 tanh; set batch 8",
    "data xor",
    "data linear n=20",
    "scale unit",
    "scale standard",
    "split 12 5",
    "split 0.5 0.5",
    "limit 5",
    "limit 9",
    "sample 2:5",
    "undo",
    "undo",
    "undo",
    "redo",
    "redo",
};

static void walk_back(struct walk *walk)
{
    must_run(walk->fixture, "undo");
    if (strncmp(walk->fixture->out_text.bytes, "undone", 6) == 0)
        walk->at--;
    else
        fail_msg("nothing to undo, but %zu entries were made", walk->at);
    assert_image(walk->fixture, &walk->images[walk->at], "undo");
}

static void walk_again(struct walk *walk)
{
    must_run(walk->fixture, "redo");
    if (strncmp(walk->fixture->out_text.bytes, "redone", 6) == 0)
        walk->at++;
    else
        assert_int_equal(walk->at, walk->top);
    assert_image(walk->fixture, &walk->images[walk->at], "redo");
}

static void walk_change(struct walk *walk, const char *statement, size_t length)
{
    struct fixture *fixture = walk->fixture;
    struct text after;
    size_t entries = history_entries(fixture->session->history);
    session_run(fixture->session, NULL, statement, length);
    image_make(fixture->session, &after);
    if (history_entries(fixture->session->history) == entries) {
        assert_image(fixture, &walk->images[walk->at], "no entry for undo");
        text_release(&after);
        return;
    }
    walk_forget(walk, walk->at);
    walk->images[++walk->at] = after;
    walk->top = walk->at;
    walk->made++;
}

static void walk_move(struct walk *walk, const char *commands)
{
    struct lang_span statement;
    size_t at = 0;
    while (lang_next_statement(commands, strlen(commands), &at, &statement) && walk->at < MOVES)
        walk_change(walk, commands + statement.at, statement.length);
}

static void random_walk(uint64_t seed)
{
    struct walk *walk = calloc(1, sizeof *walk);
    assert_non_null(walk);
    struct rng rng;
    rng_init(&rng, seed, RNG_USER, 0, 0);
    walk->fixture = fixture_new(exercise);
    image_make(walk->fixture->session, &walk->images[0]);
    for (size_t i = 0; i < MOVES; i++) {
        const char *move = walk_moves[rng_below(&rng, COUNT_OF(walk_moves))];
        if (strcmp(move, "undo") == 0 && walk->at > 0)
            walk_back(walk);
        else if (strcmp(move, "redo") == 0)
            walk_again(walk);
        else if (strcmp(move, "undo") != 0)
            walk_move(walk, move);
    }
    while (walk->at > 0)
        walk_back(walk);
    while (walk->at < walk->top)
        walk_again(walk);
    assert_true(walk->made > MOVES / 4);
    walk_forget(walk, 0);
    text_release(&walk->images[0]);
    fixture_free(walk->fixture);
    free(walk);
}

static void test_random_walk(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        random_walk(seed);
}

/* ---- Limits ---- */

static void test_memory_limit(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("net 3072-2000-10 relu softmax init=constant(0.01)\n"
                                          "x = rand(3072); y = onehot(1,10)");
    size_t most = 0;
    for (int i = 0; i < 4; i++) {
        must_run(fixture, "forward quiet; backward quiet; update quiet; b1 = zeros(2000)");
        size_t bytes = history_bytes(fixture->session->history);
        most = bytes > most ? bytes : most;
    }
    assert_true(most <= HISTORY_BYTES);
    assert_true(most > HISTORY_BYTES / 4);
    must_run(fixture, "undo; undo; undo; redo; redo; redo");
    must_run(fixture, "step 5 iteration; unstep 1000");
    assert_non_null(strstr(fixture->out_text.bytes, "256 MB"));
    assert_true(history_bytes(fixture->session->history) <= HISTORY_BYTES);
    while (strstr(fixture->out_text.bytes, "nothing to undo") == NULL)
        must_run(fixture, "undo");
    assert_non_null(strstr(fixture->out_text.bytes, "256 MB"));
    fixture_free(fixture);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Printed, not judged: how long a person waits for the slowest step. */
static void test_step_is_quick(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("net 3072-250-150-10 relu softmax\n"
                                          "x = rand(3072); y = onehot(1,10)");
    double slowest = 0;
    for (size_t i = 0; i < nb_plan_length(net_of(fixture)); i++) {
        double begin = seconds_now();
        must_run(fixture, "step");
        double seconds = seconds_now() - begin;
        slowest = seconds > slowest ? seconds : slowest;
        assert_true(fixture->out_text.length < 20000);
    }
    print_message("slowest step of 3072-250-150-10: %.1f ms\n", 1e3 * slowest);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_step_back),        cmocka_unit_test(test_unstep_is_the_inverse),
        cmocka_unit_test(test_set_amid_an_iteration), cmocka_unit_test(test_unstep_passes_set),
        cmocka_unit_test(test_set_seed_begins_anew),  cmocka_unit_test(test_random_walk),
        cmocka_unit_test(test_memory_limit),          cmocka_unit_test(test_step_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
