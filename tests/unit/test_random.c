/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams, weights and shuffles: a seed means the same numbers everywhere, those
 * of an implementation apart from nabla (reference.py). */
#include "nets.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

static void streams_are_xoshiro_of_the_key(void **state)
{
    (void)state;
    static const uint64_t words[] = { 0x9a9b03498edd319eu, 0x43ca94ef1441bb7bu, 0x5acaf2e07b9a21b8u,
                                      0x6357db1d79947b3eu };
    struct rng rng;
    rng_init(&rng, 1, RNG_INIT, 0, 1);
    for (size_t i = 0; i < 4; i++)
        assert_true(rng_next(&rng) == words[i]);
}

static void normals_have_their_moments(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    double sum = 0, squares = 0, fourth = 0;
    struct rng rng;
    rng_init(&rng, 5, RNG_USER, 0, 0);
    for (size_t i = 0; i < COUNT; i++) {
        double x = rng_normal(&rng);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / COUNT) < 0.01);
    assert_true(fabs(squares / COUNT - 1) < 0.02);
    assert_true(fabs(fourth / COUNT - 3) < 0.1);
}

static const struct init_case {
    enum nb_initializer kind;
    double a, b;
    size_t layer;
    double first[3];
} init_cases[] = {
    { NB_INIT_FAN_IN,
      0,
      0,
      1,
      { 0.88977275397443188929, 0.4866049144422401361, -0.10729243747173081518 } },
    { NB_INIT_FAN_IN,
      0,
      0,
      2,
      { -0.36142745954768020764, -0.75256456342715864969, 1.0815704094177700541 } },
    { NB_INIT_GLOROT,
      0,
      0,
      1,
      { 0.97469721681058158202, 0.53304897646577261914, -0.1175329765059590419 } },
    { NB_INIT_GLOROT,
      0,
      0,
      2,
      { -0.36142745954768020764, -0.75256456342715864969, 1.0815704094177700541 } },
    { NB_INIT_HE,
      0,
      0,
      1,
      { 1.2583286961007007881, 0.68816326952161555044, -0.15173442021258898764 } },
    { NB_INIT_HE,
      0,
      0,
      2,
      { -0.51113561510638253094, -1.064287012160075074, 1.529571541660031499 } },
    { NB_INIT_NORMAL,
      0.5,
      0,
      1,
      { 0.77056580853709936367, 0.42141221751333323469, -0.092917976484472314784 } },
    { NB_INIT_NORMAL,
      0.5,
      0,
      2,
      { -0.25556780755319126547, -0.53214350608003753702, 0.76478577083001574952 } },
    { NB_INIT_UNIFORM,
      -0.25,
      0.5,
      1,
      { 0.4537682163917339806, 0.35025251000884902175, 0.069715028453250282858 } },
    { NB_INIT_UNIFORM,
      -0.25,
      0.5,
      2,
      { -0.021528962945126822737, -0.14230048757756660893, 0.45270394321530457726 } },
    { NB_INIT_ZEROS, 0, 0, 1, { 0, 0, 0 } },
    { NB_INIT_CONSTANT, 0.25, 0, 2, { 0.25, 0.25, 0.25 } },
};

static const struct net_shape sheet = { 3,          2,           { 2, 2 },  NB_SIGMOID,
                                        NB_SIGMOID, NB_HALF_SSE, NB_DOUBLE, 7 };

static void a_seed_means_these_weights(void **state)
{
    (void)state;
    struct nb_net *net = net_make(&sheet);
    for (size_t i = 0; i < sizeof init_cases / sizeof init_cases[0]; i++) {
        const struct init_case *row = &init_cases[i];
        net_assign(net, NB_B, 1, 1, 2, (const double[]){ 3, 4 });
        nb_net_init(net, (struct nb_init){ row->kind, row->a, row->b }, 7);
        for (size_t k = 0; k < 3; k++)
            assert_near(net_value(net, NB_W, row->layer, k / 2, k % 2), row->first[k], 4e-16);
        assert_near(net_value(net, NB_B, 1, 0, 1), 0, 0);
        assert_int_equal(nb_net_spec(net)->seed, 7);
        assert_int_equal(nb_net_spec(net)->init.kind, row->kind);
    }
    nb_net_free(&net);
}

/* The default is he before relu and leakyrelu, fan-in before all others. */
static void the_default_follows_the_activation(void **state)
{
    (void)state;
    for (size_t f = NB_LINEAR; f < NB_SOFTMAX; f++) {
        struct net_shape shape = sheet;
        shape.hidden = (enum nb_activation)f;
        struct nb_net *net = net_make(&shape);
        bool he = f == NB_RELU || f == NB_LEAKYRELU;
        assert_near(net_value(net, NB_W, 1, 0, 0), init_cases[he ? 4 : 0].first[0], 4e-16);
        assert_near(net_value(net, NB_W, 2, 0, 0), init_cases[1].first[0], 4e-16);
        nb_net_free(&net);
    }
}

static void new_weights_begin_anew(void **state)
{
    (void)state;
    struct nb_net *net = net_make(&sheet);
    net_give_rows(net, 2, 1);
    struct picture *first = picture_new(net);
    net_run(net, 20);
    nb_net_init(net, nb_net_spec(net)->init, 8);
    assert_int_equal(nb_iteration(net), 0);
    assert_int_equal(nb_cursor(net), 0);
    assert_int_equal(net_quantity(net, NB_Z, 1).state == NB_FRESH, 0);
    struct picture *other = picture_new(net);
    assert_false(picture_same(first, other, net_id(net, NB_W, 1)));
    picture_free(other);
    nb_net_init(net, nb_net_spec(net)->init, 7);
    other = picture_new(net);
    assert_true(picture_same(first, other, net_id(net, NB_W, 1)));
    assert_true(picture_same(first, other, net_id(net, NB_W, 2)));
    picture_free(first);
    picture_free(other);
    nb_net_free(&net);
}

static void shuffles_are_keyed_permutations(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, epoch;
        uint32_t order[12];
    } rows[] = {
        { 1, 0, { 1, 11, 2, 6, 4, 8, 9, 0, 5, 7, 10, 3 } },
        { 1, 1, { 6, 5, 10, 2, 11, 7, 0, 8, 4, 3, 9, 1 } },
        { 2, 0, { 10, 3, 0, 7, 4, 6, 2, 5, 1, 11, 8, 9 } },
    };
    for (size_t i = 0; i < 3; i++) {
        uint32_t order[12];
        nb_shuffle(rows[i].seed, rows[i].epoch, 12, order);
        assert_memory_equal(order, rows[i].order, sizeof order);
    }
    static uint32_t large[50000];
    static bool seen[50000];
    nb_shuffle(9, 4, 50000, large);
    for (size_t i = 0; i < 50000; i++) {
        assert_true(large[i] < 50000 && !seen[large[i]]);
        seen[large[i]] = true;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_xoshiro_of_the_key),
        cmocka_unit_test(normals_have_their_moments),
        cmocka_unit_test(a_seed_means_these_weights),
        cmocka_unit_test(the_default_follows_the_activation),
        cmocka_unit_test(new_weights_begin_anew),
        cmocka_unit_test(shuffles_are_keyed_permutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
