/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A long random walk back and forth ends where it ought to, to the bit: a model
 * that knows only what each command means keeps the list of operations and runs
 * that make up the present, and another session replays that list alone.
 *
 *     step 3 · train · step 2 · unstep 1 · undo · redo ...     walked
 *     S S S T S                                                replayed
 */
#include "sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/rng.h"

enum { MOVES = 5000, UNDO_MOST = MOVES, STEPS_MOST = 5 };

/* One that makes a change: an operation, or a run of so many epochs. */
struct act {
    unsigned epochs; /* 0: an operation */
    size_t op;
};

/* What makes up the present; never changed, so that undo can go back to it. */
struct acts {
    struct act *acts;
    size_t count;
};

struct model {
    const struct nb_net *net; /* for its plan alone */
    struct acts past[UNDO_MOST + 1];
    size_t at, top; /* past[at] is the present, past[top] what redo can reach */
};

enum piece { OP, LAYER, PASS, ITERATION, PIECES };
static const char *const piece_names[PIECES] = { "op", "layer", "pass", "iteration" };

/* ---- The model ---- */

static size_t cursor_of(const struct model *model, const struct acts *acts)
{
    const struct act *last = acts->count ? &acts->acts[acts->count - 1] : NULL;
    return !last || last->epochs ? 0 : (last->op + 1) % nb_plan_length(model->net);
}

static bool same_piece(const struct model *model, enum piece piece, size_t first, size_t second)
{
    const struct nb_op *a = nb_plan_op(model->net, first), *b = nb_plan_op(model->net, second);
    if (piece == ITERATION)
        return second != 0;
    return piece != OP && second == first + 1 && a->phase == b->phase &&
           (piece == PASS || a->layer == b->layer);
}

static struct acts acts_copy(const struct acts *acts, size_t count, size_t room)
{
    struct acts copy = { calloc(count + room + 1, sizeof *copy.acts), count };
    assert_non_null(copy.acts);
    if (count)
        memcpy(copy.acts, acts->acts, count * sizeof *copy.acts);
    return copy;
}

/* A change: what could be done again is forgotten. */
static void model_push(struct model *model, struct acts acts)
{
    for (size_t i = model->at + 1; i <= model->top; i++)
        free(model->past[i].acts);
    model->top = ++model->at;
    model->past[model->at] = acts;
}

static void model_step(struct model *model, size_t count, enum piece piece)
{
    const struct acts *now = &model->past[model->at];
    struct acts next = acts_copy(now, now->count, count * nb_plan_length(model->net));
    for (size_t i = 0; i < count; i++) {
        size_t op;
        do {
            op = cursor_of(model, &next);
            next.acts[next.count++] = (struct act){ 0, op };
        } while (same_piece(model, piece, op, cursor_of(model, &next)));
    }
    model_push(model, next);
}

static void model_train(struct model *model, unsigned epochs)
{
    const struct acts *now = &model->past[model->at];
    struct acts next = acts_copy(now, now->count, 1);
    next.acts[next.count++] = (struct act){ epochs, 0 };
    model_push(model, next);
}

/* Back over operations, to a run at the most. */
static void model_unstep(struct model *model, size_t count, enum piece piece)
{
    const struct acts *now = &model->past[model->at];
    size_t left = now->count;
    for (size_t i = 0; i < count && left && !now->acts[left - 1].epochs; i++) {
        size_t op;
        do
            op = now->acts[--left].op;
        while (left && !now->acts[left - 1].epochs &&
               same_piece(model, piece, now->acts[left - 1].op, op));
    }
    if (left < now->count)
        model_push(model, acts_copy(now, left, 0));
}

/* ---- Walking ---- */

static void walk_on(struct fixture *fixture, struct model *model, struct rng *rng)
{
    size_t count = 1 + (size_t)rng_below(rng, STEPS_MOST);
    static const enum piece pieces[] = { OP, OP, OP, OP, OP, LAYER, PASS, ITERATION };
    enum piece piece = pieces[rng_below(rng, COUNT_OF(pieces))];
    char line[64];
    switch (rng_below(rng, 16)) {
    case 0:
        snprintf(line, sizeof line, "train epochs=%zu quiet", count);
        model_train(model, (unsigned)count);
        break;
    case 1:
    case 2:
    case 3:
        if (model->at == 0)
            return; /* what comes before is the network itself */
        snprintf(line, sizeof line, "undo");
        model->at--;
        break;
    case 4:
    case 5:
        snprintf(line, sizeof line, "redo");
        model->at += model->at < model->top;
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        snprintf(line, sizeof line, "unstep %zu %s", count, piece_names[piece]);
        model_unstep(model, count, piece);
        break;
    default:
        count = piece == OP ? count : 1;
        snprintf(line, sizeof line, "step %zu %s", count, piece_names[piece]);
        model_step(model, count, piece);
    }
    must_run(fixture, line);
}

static struct fixture *replay(const char *network, const struct acts *acts)
{
    struct fixture *fixture = fixture_new(network);
    char line[64];
    for (size_t i = 0; i < acts->count; i++) {
        snprintf(line, sizeof line, "train epochs=%u quiet", acts->acts[i].epochs);
        must_run(fixture, acts->acts[i].epochs ? line : "step");
    }
    return fixture;
}

static const char *const networks[] = {
    "set optimizer adam; set l2 0.1; net 3-4-2 tanh sigmoid seed=2\n"
    "x = randn(3,3); y = rand(3,2)",
    "set optimizer nesterov; net 2 - 4 batchnorm relu dropout(0.3) - 1 sigmoid\n"
    "data xor; set batch 6",
    "net 3-5-3 lecun softmax precision=single; x = randn(2,3); y = onehot([1,3],3); "
    "set round 4",
};

/* Then all the way back, and all the way on. */
static void there_and_back(struct fixture *fixture, const struct model *model, const char *network,
                           const struct fixture *replayed)
{
    struct fixture *fresh = fixture_new(network);
    for (size_t i = 0; i < model->at; i++)
        must_run(fixture, "undo");
    assert_twins(fixture, fresh, "the beginning");
    for (size_t i = 0; i < model->at; i++)
        must_run(fixture, "redo");
    assert_twins(fixture, replayed, "the end again");
    fixture_free(fresh);
}

static void random_walk(const char *network, uint64_t seed)
{
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    struct fixture *fixture = fixture_new(network), *plan = fixture_new(network);
    struct rng rng;
    rng_init(&rng, seed, RNG_USER, 0, 0);
    model->net = net_of(plan);
    model->past[0] = acts_copy(NULL, 0, 0);
    for (size_t i = 0; i < MOVES; i++)
        walk_on(fixture, model, &rng);
    struct fixture *replayed = replay(network, &model->past[model->at]);
    assert_true(model->past[model->at].count > 100);
    assert_twins(fixture, replayed, network);
    there_and_back(fixture, model, network, replayed);
    for (size_t i = 0; i <= model->top; i++)
        free(model->past[i].acts);
    fixture_free(replayed);
    fixture_free(plan);
    fixture_free(fixture);
    free(model);
}

static void test_random_walk(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(networks); n++)
        random_walk(networks[n], 10 + n);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_walk) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
