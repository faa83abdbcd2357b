/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of networks: what is read goes on as what was written, bit for bit, and
 * no damage does more than fail. */
#include "model/checkpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nets.h"

static const struct net_shape plain = { 3, 2, { 4, 2 }, NB_RELU, NB_SIGMOID, NB_MSE, NB_DOUBLE, 5 };
static const struct net_shape deep = { 5,         3,          { 4, 3, 3 },
                                       NB_TANH,   NB_SOFTMAX, NB_CROSS_ENTROPY,
                                       NB_DOUBLE, 9 };

static struct text written(const struct nb_net *net)
{
    struct safetensors file;
    struct text bytes = TEXT_INIT;
    safetensors_init(&file);
    assert_int_equal(checkpoint_add(&file, net, NULL), NB_OK);
    assert_int_equal(safetensors_write(&file, &bytes, NULL), NB_OK);
    safetensors_release(&file);
    return bytes;
}

static enum nb_status read_back(const char *bytes, size_t length, struct nb_net **net,
                                struct nb_error *error)
{
    struct safetensors file;
    safetensors_init(&file);
    *net = NULL;
    enum nb_status status = safetensors_parse(&file, "file", bytes, length, error);
    if (!status)
        status = checkpoint_net(&file, "file", net, error);
    safetensors_release(&file);
    return status;
}

/* ---- Round trips ------------------------------------------------------- */

static struct nb_net *trained(const struct net_shape *shape, const struct nb_learning *learning,
                              size_t norms, double dropout)
{
    struct nb_net *net = net_with(shape, norms, dropout);
    net_learn(net, learning);
    net_give_rows(net, 6, 3);
    nb_freeze(net, net_id(net, NB_B, 2), true);
    net_iterate(net, 3);
    return net;
}

static void assert_goes_on(struct nb_net *net)
{
    struct nb_net *other;
    struct text bytes = written(net), again;
    assert_int_equal(read_back(bytes.bytes, bytes.length, &other, NULL), NB_OK);
    again = written(other);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
    assert_true(nb_frozen(other, net_id(other, NB_B, 2)));
    assert_false(nb_frozen(other, net_id(other, NB_W, 2)));
    assert_int_equal(nb_iteration(other), 3);
    assert_int_equal(nb_net_updates(other), nb_net_updates(net));
    net_give_rows(net, 6, 4);
    net_give_rows(other, 6, 4);
    net_iterate(net, 2);
    net_iterate(other, 2);
    assert_pictures_same(picture_new(net), picture_new(other));
    nb_net_free(&other);
    text_release(&bytes);
    text_release(&again);
}

static void every_network_goes_on_bit_for_bit(void **state)
{
    (void)state;
    const struct net_shape *const shapes[] = { &plain, &deep };
    size_t optimizers;
    nb_optimizers(&optimizers);
    for (size_t i = 0; i < 8 * optimizers; i++) {
        struct net_shape shape = *shapes[i % 2];
        struct nb_learning learning = nb_learning_default();
        shape.precision = i / 2 % 2 ? NB_SINGLE : NB_DOUBLE;
        learning.optimizer = (enum nb_optimizer)(i / 8);
        learning.lr = 1.0 / 3;
        learning.l2 = i / 4 % 2 ? 0.01 : 0;
        learning.clip = i / 4 % 2 ? 0.5 : 0;
        learning.regularize_bias = i / 4 % 2;
        struct nb_net *net = trained(&shape, &learning, i / 4 % 2 ? 1 : 0, i / 4 % 2 ? 0.25 : 0);
        assert_goes_on(net);
        nb_net_free(&net);
    }
}

/* A run may use adam where the settings say sgd: its moments stay with the network. */
static void moments_of_another_optimizer_are_kept(void **state)
{
    (void)state;
    struct nb_learning adam = nb_learning_default(), sgd = nb_learning_default();
    adam.optimizer = NB_ADAM;
    struct nb_net *net = trained(&plain, &adam, 0, 0), *other;
    net_learn(net, &sgd);
    struct text bytes = written(net);
    assert_int_equal(read_back(bytes.bytes, bytes.length, &other, NULL), NB_OK);
    assert_int_equal(nb_net_learning(other)->optimizer, NB_SGD);
    assert_int_equal(nb_net_updates(other), 0);
    net_learn(net, &adam);
    net_learn(other, &adam);
    assert_int_equal(nb_net_updates(other), 3);
    net_give_rows(net, 6, 4);
    net_give_rows(other, 6, 4);
    net_iterate(net, 1);
    net_iterate(other, 1);
    assert_pictures_same(picture_new(net), picture_new(other));
    nb_net_free(&net);
    nb_net_free(&other);
    text_release(&bytes);
}

static void numbers_that_are_none_are_kept(void **state)
{
    (void)state;
    const double values[] = { NAN, -INFINITY, -0.0, 5e-324 };
    struct net_shape shape = plain;
    shape.units[0] = 4;
    struct nb_net *net = net_make(&shape), *other;
    net_assign(net, NB_B, 1, 1, 4, values);
    struct text bytes = written(net);
    assert_int_equal(read_back(bytes.bytes, bytes.length, &other, NULL), NB_OK);
    for (size_t k = 0; k < 4; k++) {
        double value = net_value(other, NB_B, 1, 0, k);
        assert_memory_equal(&value, &values[k], sizeof value);
    }
    nb_net_free(&net);
    nb_net_free(&other);
    text_release(&bytes);
}

/* ---- Damage ------------------------------------------------------------ */

/* Is it refused with a message of its own? */
static void assert_refused(const char *header, const char *numbers, size_t size, const char *why)
{
    struct text bytes = TEXT_INIT;
    struct nb_net *net;
    struct nb_error error = { 0 };
    size_t length = strlen(header);
    for (size_t i = 0; i < 8; i++)
        text_add_char(&bytes, (char)(length >> (8 * i) & 255));
    text_add(&bytes, header);
    text_add_part(&bytes, numbers, size);
    assert_int_equal(read_back(bytes.bytes, bytes.length, &net, &error), NB_SYSTEM);
    assert_null(net);
    if (!strstr(error.text, why))
        fail_msg("%s\n  says: %s\n  not: %s", header, error.text, why);
    text_release(&bytes);
}

#define ARRAY(shape, from, to)                                                                     \
    "{\"dtype\":\"F64\",\"shape\":[" shape "],\"data_offsets\":[" from "," to "]}"

static void what_cannot_be_is_named(void **state)
{
    (void)state;
    static const char numbers[64];
    static const struct {
        const char *header, *why;
        size_t size;
    } rows[] = {
        { "[1]", "no safetensors file", 0 },
        { "{,}", "damaged at byte", 0 },
        { "{\"w1\":3}", "w1 is of a type", 0 },
        { "{\"w1\":{\"dtype\":\"F16\"}}", "w1 is of a type", 0 },
        { "{\"w1\":" ARRAY("2", "0", "16") ",\"w1\":" ARRAY("2", "0", "16") "}", "duplicate", 16 },
        { "{\"w1\":" ARRAY("2", "0", "17") "}", "beyond the end", 16 },
        { "{\"w1\":" ARRAY("2", "16", "0") "}", "beyond the end", 16 },
        { "{\"w1\":" ARRAY("3", "0", "16") "}", "does not fit", 16 },
        { "{\"w1\":" ARRAY("-2", "0", "16") "}", "no shape", 16 },
        { "{\"w1\":" ARRAY("2.0", "0", "16") "}", "no shape", 16 },
        { "{\"w1\":" ARRAY("4294967296,4294967296", "0", "0") "}", "no shape", 0 },
        { "{\"w1\":" ARRAY("2305843009213693954", "0", "16") "}", "does not fit", 16 },
        { "{\"w1\":" ARRAY("2", "0", "16") ",\"b1\":" ARRAY("2", "8", "24") "}", "overlaps", 24 },
        { "{\"w1\":" ARRAY("1", "0", "8") ",\"b1\":" ARRAY("1", "16", "24") "}", "a gap", 24 },
        { "{\"w1\":" ARRAY("1", "0", "8") "}", "its arrays are 8", 9 },
        { "{\"__metadata__\":[]}", "metadata is no object", 0 },
        { "{\"__metadata__\":{\"nabla\":1}}", "nabla is no text", 0 },
        { "{\"w1\":" ARRAY("1", "0", "8") "}", "not one that nabla's save wrote", 8 },
        { "{\"__metadata__\":{\"nabla\":\"99\"}}", "form 99", 0 },
        { "{\"__metadata__\":{\"nabla\":\"1\"}}", "does not say net.inputs", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].header, numbers, rows[i].size, rows[i].why);
}

static void no_cut_file_is_read(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    learning.optimizer = NB_ADAM;
    struct nb_net *net = trained(&plain, &learning, 1, 0.25), *other;
    struct text bytes = written(net);
    for (size_t length = 0; length < bytes.length; length++) {
        struct nb_error error = { 0 };
        char *copy = malloc(length ? length : 1); /* so that a byte too far is seen */
        assert_non_null(copy);
        memcpy(copy, bytes.bytes, length);
        assert_int_equal(read_back(copy, length, &other, &error), NB_SYSTEM);
        assert_null(other);
        assert_true(strlen(error.text) > 0);
        free(copy);
    }
    nb_net_free(&net);
    text_release(&bytes);
}

static void no_garbled_file_does_more_than_fail(void **state)
{
    (void)state;
    struct nb_learning learning = nb_learning_default();
    learning.optimizer = NB_MOMENTUM;
    struct nb_net *net = trained(&plain, &learning, 1, 0.25), *other;
    struct text bytes = written(net);
    struct rng rng;
    rng_init(&rng, 7, RNG_INIT, 0, 0);
    for (size_t i = 0; i < 3000; i++) {
        struct nb_error error = { 0 };
        char *copy = malloc(bytes.length);
        assert_non_null(copy);
        memcpy(copy, bytes.bytes, bytes.length);
        for (size_t changes = 0; changes <= i % 4; changes++)
            copy[(size_t)(rng_uniform(&rng) * (double)bytes.length)] =
                (char)(int)(rng_uniform(&rng) * 256 - 128);
        enum nb_status status = read_back(copy, bytes.length, &other, &error);
        assert_true(status == NB_OK || status == NB_SYSTEM);
        assert_true((status == NB_OK) == (other != NULL));
        nb_net_free(&other);
        free(copy);
    }
    nb_net_free(&net);
    text_release(&bytes);
}

/* What a text says is exchanged for another, as long; the header stays whole. */
static void texts_that_cannot_be_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
        { "\"net.layers\":\"2\"", "\"net.layers\":\"0\"", "net.layers" },
        { "\"net.layers\":\"2\"", "\"net.layers\":\"9\"", "layer3.units" },
        { "\"layer1.units\":\"4\"", "\"layer1.units\":\"5\"", "w1 is not 3×5" },
        { "\"layer1.units\":\"4\"", "\"layer1.units\":\"x\"", "layer1.units is x" },
        { "\"layer1.activation\":\"relu\"", "\"layer1.activation\":\"rolu\"", "is rolu" },
        { "\"net.precision\":\"double\"", "\"net.precision\":\"auto\"  ", "net.precision" },
        { "\"layer2.dropout\":\"0\"", "\"layer2.dropout\":\"2\"", "dropout" },
        { "\"frozen\":\"b2\"", "\"frozen\":\"zz\"", NULL },
    };
    struct nb_learning learning = nb_learning_default();
    struct nb_net *net = trained(&plain, &learning, 0, 0), *other;
    struct text bytes = written(net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nb_error error = { 0 };
        struct text copy = TEXT_INIT;
        text_add_part(&copy, bytes.bytes, bytes.length);
        char *at = strstr(copy.bytes + 8, rows[i].from);
        assert_non_null(at);
        assert_int_equal(strlen(rows[i].from), strlen(rows[i].to));
        memcpy(at, rows[i].to, strlen(rows[i].to));
        enum nb_status status = read_back(copy.bytes, copy.length, &other, &error);
        assert_int_equal(status, rows[i].why ? NB_SYSTEM : NB_OK);
        if (rows[i].why && !strstr(error.text, rows[i].why))
            fail_msg("%s says: %s", rows[i].to, error.text);
        nb_net_free(&other);
        text_release(&copy);
    }
    nb_net_free(&net);
    text_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_goes_on_bit_for_bit),
        cmocka_unit_test(moments_of_another_optimizer_are_kept),
        cmocka_unit_test(numbers_that_are_none_are_kept),
        cmocka_unit_test(what_cannot_be_is_named),
        cmocka_unit_test(no_cut_file_is_read),
        cmocka_unit_test(no_garbled_file_does_more_than_fail),
        cmocka_unit_test(texts_that_cannot_be_are_named),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
