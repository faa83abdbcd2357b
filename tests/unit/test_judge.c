/* SPDX-License-Identifier: GPL-3.0-or-later */
/* predict, confusion, worst, doctor: what they say, and that they change nothing.
 * tests/peers/judge.py holds their numbers against numpy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "command/vitals.h"
#include "sessions.h"

/* ---- nb_predict ---------------------------------------------------------- */

static const double two_x[6] = { .5, .5, .1, -1, .25, 2 };
static const double two_y[4] = { .9, .1, 1, 0 };

static void fill(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                 void *x, void *y)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 3; j++)
            if (precision == NB_SINGLE)
                ((float *)x)[i * 3 + j] = (float)two_x[index[i] * 3 + j];
            else
                ((double *)x)[i * 3 + j] = two_x[index[i] * 3 + j];
        for (size_t k = 0; k < 2; k++)
            if (precision == NB_SINGLE)
                ((float *)y)[i * 2 + k] = (float)two_y[index[i] * 2 + k];
            else
                ((double *)y)[i * 2 + k] = two_y[index[i] * 2 + k];
    }
}

static const struct nb_source two_rows = { NULL, 2, 3, 2, false, fill, false };

/* The loss of one row by its definition. */
static double loss_of_row(enum nb_loss loss, const double *output, const double *target)
{
    double sum = 0;
    for (size_t k = 0; k < 2; k++) {
        double difference = output[k] - target[k];
        if (loss == NB_CROSS_ENTROPY)
            sum -= target[k] * log(output[k]);
        else if (loss == NB_BINARY_CROSS_ENTROPY)
            sum -= target[k] * log(output[k]) + (1 - target[k]) * log(1 - output[k]);
        else
            sum += difference * difference;
    }
    return loss == NB_HALF_SSE || loss == NB_MSE ? sum / 2 : sum;
}

/* The sheet of the exercise, for its row and for others around it. */
static void rows_are_predicted_one_by_one(void **state)
{
    (void)state;
    const uint32_t index[3] = { 1, 0, 1 };
    for (enum nb_precision precision = NB_DOUBLE; precision <= NB_SINGLE; precision++) {
        struct nb_net *net = net_exercise(precision);
        double outputs[6], targets[6], losses[3];
        const struct nb_prediction result = { outputs, targets, losses };
        assert_int_equal(nb_predict(net, &two_rows, index, 3, &result, NULL), NB_OK);
        assert_near(outputs[2], 0.764690, 1e-6);
        assert_near(outputs[3], 0.784629, 1e-6);
        assert_near(losses[1], 0.243513, 1e-6);
        for (size_t i = 0; i < 3; i++) {
            assert_near(losses[i], loss_of_row(NB_HALF_SSE, outputs + 2 * i, targets + 2 * i),
                        1e-6);
            assert_near(targets[2 * i], two_y[2 * index[i]], 1e-6);
        }
        assert_true(outputs[0] == outputs[4] && outputs[1] == outputs[5]);
        nb_net_free(&net);
    }
}

static void every_loss_is_given_by_row(void **state)
{
    (void)state;
    const uint32_t index[2] = { 0, 1 };
    for (enum nb_loss loss = NB_HALF_SSE; loss <= NB_BINARY_CROSS_ENTROPY; loss++)
        for (int softmax = 0; softmax < 2; softmax++) {
            enum nb_activation output = softmax ? NB_SOFTMAX : NB_SIGMOID;
            struct net_shape shape = { 3, 2, { 4, 2 }, NB_TANH, output, loss, NB_DOUBLE, 3 };
            struct nb_net *net;
            double outputs[4], losses[2], loss_sum, accuracy;
            const struct nb_prediction result = { outputs, NULL, losses };
            if (!loss_allows(loss, output))
                continue;
            net = net_make(&shape);
            assert_int_equal(nb_predict(net, &two_rows, index, 2, &result, NULL), NB_OK);
            for (size_t i = 0; i < 2; i++)
                assert_near(losses[i], loss_of_row(loss, outputs + 2 * i, two_y + 2 * i), 1e-12);
            assert_int_equal(nb_evaluate(net, &two_rows, &loss_sum, &accuracy, NULL), NB_OK);
            assert_near(loss_sum, (losses[0] + losses[1]) / 2, 1e-12);
            nb_net_free(&net);
        }
}

/* Rows after x of as many rows, but no y: there must be room for both. */
static void targets_need_not_have_been_given(void **state)
{
    (void)state;
    struct net_shape shape = { 3, 1, { 2 }, NB_SIGMOID, NB_SIGMOID, NB_HALF_SSE, NB_DOUBLE, 1 };
    struct nb_net *net = net_make(&shape);
    double outputs[4];
    const uint32_t index[2] = { 0, 1 };
    const struct nb_prediction result = { outputs, NULL, NULL };
    net_assign(net, NB_X, 0, 2, 3, two_x);
    assert_int_equal(nb_predict(net, &two_rows, index, 2, &result, NULL), NB_OK);
    nb_net_free(&net);
}

/* Running statistics and no dropout, and the network as it was. */
static void evaluation_mode_changes_nothing(void **state)
{
    (void)state;
    const struct nb_layer layers[2] = { { 4, NB_RELU, true, 0.5 }, { 2, NB_SOFTMAX, false, 0 } };
    const struct nb_spec spec = { .inputs = 3,
                                  .layers = 2,
                                  .layer = layers,
                                  .loss = NB_CROSS_ENTROPY,
                                  .init = { .kind = NB_INIT_DEFAULT },
                                  .precision = NB_DOUBLE,
                                  .seed = 5 };
    struct nb_net *net;
    double outputs[4], losses[2], again[4], loss, accuracy;
    const uint32_t index[2] = { 0, 1 };
    const struct nb_prediction result = { outputs, NULL, losses };
    const struct nb_prediction second = { again + 2, NULL, NULL };
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    net_assign(net, NB_X, 0, 2, 3, two_x);
    net_assign(net, NB_Y, 0, 2, 2, two_y);
    net_run(net, nb_plan_length(net));
    struct picture *before = picture_new(net);
    assert_int_equal(nb_predict(net, &two_rows, index, 2, &result, NULL), NB_OK);
    assert_pictures_same(before, picture_new(net));
    assert_int_equal(nb_evaluate(net, &two_rows, &loss, &accuracy, NULL), NB_OK);
    assert_near(loss, (losses[0] + losses[1]) / 2, 1e-12);
    /* statistics of the batch would tell a row alone from a row among others */
    assert_int_equal(nb_predict(net, &two_rows, index + 1, 1, &second, NULL), NB_OK);
    assert_near(again[2], outputs[2], 1e-14);
    nb_net_free(&net);
}

/* ---- Nothing changes ----------------------------------------------------- */

static const char *const setups[] = {
    "net 3-2-2 sigmoid; input 0.5 0.5 0.1; target 1 0",
    "net 3-2-2 sigmoid; input 0.5 0.5 0.1; target 0 1; forward quiet",
    "net 3-2-2 sigmoid; input 0.5 0.5 0.1; target 0 1; step 12; w1[1,1] = 3",
    "data xor; net 2-4-1 sigmoid",
    "data xor; net 2-4-1 sigmoid; train epochs=3 quiet; step 3",
    "data xor; net 2-4-1 sigmoid; sample 1:5; forward quiet; backward quiet; freeze w1",
    "net 2 - 6 batchnorm relu dropout(0.5) - 2 softmax; x = [1,2;3,4;5,7]; y = [1,0;0,1;1,0]; set "
    "optimizer adam; "
    "set l2 0.1; set l1 0.2; forward quiet; backward quiet; update quiet",
};

static const char *const judges[] = {
    "predict", "predict 1", "confusion", "worst", "worst 2", "doctor",
};

static void judging_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof setups / sizeof setups[0]; i++)
        for (size_t k = 0; k < sizeof judges / sizeof judges[0]; k++) {
            struct fixture *fixture = fixture_new(setups[i]);
            struct text image;
            image_make(fixture->session, &image);
            must_run(fixture, judges[k]);
            assert_true(fixture->out_text.length > 0);
            assert_image(fixture, &image, judges[k]);
            text_release(&image);
            fixture_free(fixture);
        }
}

/* ---- What they say ------------------------------------------------------- */

/* identity outputs: yhat = x, so that rows can be set at will */
#define LOOKUP "net 2-2 linear; w1 = [1,0;0,1]; b1 = [0,0];"
#define FOUR   LOOKUP "x = [0.9,0.2; 0.3,0.6; 0.4,0.1; 0.6,0.8]; y = [1,0; 1,0; 0,1; 0,1];"
#define GAP    "net 1-1 sigmoid; w1 = 1; b1 = -1; x = [[0], [0/0], [2]]; y = [[0], [0], [0]];"

static const struct saying {
    const char *first, *command, *says;
} sayings[] = {
    { FOUR, "predict",
      "  row  target  predicted\n"
      "    1  1       1\n"
      "    2  1       2          wrong\n"
      "    3  2       1          wrong\n"
      "    4  2       2\n"
      "2 of 4 right\n" },
    { FOUR, "predict 2:3",
      "  row  target  predicted\n"
      "    2  1       2          wrong\n"
      "    3  2       1          wrong\n"
      "0 of 2 right\n" },
    { FOUR, "confusion",
      "x and y: a line for each target, a column for each prediction\n"
      "             1      2  rows  right\n"
      "  1          1      1     2 0.5000\n"
      "  2          1      1     2 0.5000\n"
      "  total      2      2     4 0.5000\n" },
    /* half-sse by hand: 0.025, 0.425, 0.485, 0.2 */
    { FOUR, "worst 3",
      "x and y: the largest losses of 4 rows\n"
      "  row   loss  target  predicted\n"
      "    3  0.485  2       1          wrong\n"
      "    2  0.425  1       2          wrong\n"
      "    4    0.2  2       2\n" },
    { LOOKUP, "predict x=[0.25, 4]",
      "  row  predicted\n"
      "    1  [0.25, 4]\n" },
    { LOOKUP "x = [0.25, 4]; y = [1, 2]", "predict",
      "  row  target  predicted\n"
      "    1  [1, 2]  [0.25, 4]\n" },
    { "net 1-1 linear; w1 = [[1]]; b1 = [0]; x = [[0.2],[0.7],[0.5]]; y = [[0],[1],[1]]",
      "confusion",
      "x and y: a line for each target, a column for each prediction\n"
      "             0      1  rows  right\n"
      "  0          1      0     1 1.0000\n"
      "  1          1      1     2 0.5000\n"
      "  total      2      1     3 0.6667\n" },
    { "data xor; net 2-1 sigmoid; w1 = [[0],[0]]; b1 = [log(3)]", "predict x=[0.1, 0.2]",
      "  row  predicted  probability\n"
      "    1  1               0.7500\n" },
    /* A row with an output that is not a number has no class, and is wrong. */
    { GAP, "evaluate", "loss NaN accuracy 0.333333\n" },
    { GAP "net 1-1 sigmoid precision=single; w1 = 1; b1 = -1", "evaluate",
      "loss NaN accuracy 0.333333\n" },
    { GAP, "predict",
      "  row  target  predicted  probability\n"
      "    1  0       0               0.7311\n"
      "    2  0       NaN                     wrong\n"
      "    3  0       1               0.7311  wrong\n"
      "1 of 3 right\n" },
    { GAP, "confusion",
      "x and y: a line for each target, a column for each prediction\n"
      "             0      1    NaN  rows  right\n"
      "  0          1      1      1     3 0.3333\n"
      "  1          0      0      0     0      -\n"
      "  total      1      1      1     3 0.3333\n" },
    { GAP "net 1-2 softmax; w1 = [1, 0]; b1 = [-1, 0]; y = [[0, 1], [1, 0], [1, 0]]", "evaluate",
      "loss NaN accuracy 0.666667\n" },
    { GAP "net 1-2 softmax; w1 = [1, 0]; b1 = [-1, 0]; y = [[0, 1], [1, 0], [1, 0]]", "worst 2",
      "x and y: the largest losses of 3 rows\n"
      "  row    loss  target  predicted  probability\n"
      "    2     NaN  1       NaN                     wrong\n"
      "    1  0.3133  2       2               0.7311\n" },
};

static void rows_come_out_as_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        struct fixture *fixture = fixture_new(sayings[i].first);
        must_run(fixture, sayings[i].command);
        assert_string_equal(fixture->out_text.bytes, sayings[i].says);
        fixture_free(fixture);
    }
}

static double number_behind(const char *text, const char *word)
{
    const char *at = NULL;
    for (const char *next = strstr(text, word); next; next = strstr(next + 1, word))
        at = next;
    assert_non_null(at);
    return strtod(at + strlen(word), NULL);
}

/* 5,000 rows are judged in parts: the parts must fit together. */
static void many_rows_agree_with_evaluate(void **state)
{
    (void)state;
    struct fixture *fixture =
        fixture_new("data mnist-mini; net 784-10 softmax; train epochs=1 quiet");
    struct text all = TEXT_INIT;
    must_run(fixture, "evaluate train");
    double accuracy = number_behind(fixture->out_text.bytes, " accuracy ");
    must_run(fixture, "confusion train");
    assert_near(number_behind(fixture->out_text.bytes, " 5000 "), accuracy, 5.1e-5);
    must_run(fixture, "predict train");
    text_add(&all, fixture->out_text.bytes);
    must_run(fixture, "predict 4095:4100 train");
    size_t lines = 0;
    for (char *line = strtok(fixture->out_text.bytes, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, "  4,", 4) == 0) {
            assert_non_null(strstr(all.bytes, line));
            lines++;
        }
    assert_int_equal(lines, 6);
    text_release(&all);
    fixture_free(fixture);
}

/* No line is wider than the screen, whatever the number of classes. */
static void confusions_fit_the_screen(void **state)
{
    (void)state;
    for (size_t classes = 2; classes < 60; classes++) {
        char commands[200];
        snprintf(commands, sizeof commands,
                 "net 1-%zu softmax; x = [[1],[2]]; y = zeros(2, %zu); y[1,1] = 1; y[2,%zu] = 1",
                 classes, classes, classes);
        struct fixture *fixture = fixture_new(commands);
        must_run(fixture, "confusion");
        for (char *line = strtok(fixture->out_text.bytes, "\n"); line; line = strtok(NULL, "\n"))
            assert_true(utf8_width(line, strlen(line)) <= 80);
        fixture_free(fixture);
    }
}

static void predictions_are_written_as_csv(void **state)
{
    (void)state;
    char path[] = "/tmp/nabla-judge-XXXXXX", commands[100];
    int file = mkstemp(path);
    assert_true(file >= 0);
    struct fixture *fixture = fixture_new(FOUR);
    struct text bytes = TEXT_INIT;
    snprintf(commands, sizeof commands, "predict 1:2 to %s", path);
    must_run(fixture, commands);
    assert_int_equal(file_read(path, 1000, &bytes, NULL), NB_OK);
    assert_string_equal(bytes.bytes, "row,target,predicted,output_1,output_2\n"
                                     "1,1,1,0.90000000000000002,0.20000000000000001\n"
                                     "2,1,2,0.29999999999999999,0.59999999999999998\n");
    text_release(&bytes);
    fixture_free(fixture);
    assert_int_equal(remove(path), 0);
}

/* ---- doctor --------------------------------------------------------------- */

static const struct finding {
    const char *commands, *says; /* a part of the findings */
} findings[] = {
    { "data mnist-mini; net 784-64x10-10 sigmoid softmax", "The gradient vanishes" },
    { "data mnist-mini; scale none; net 784-20-10 tanh softmax", "The input is not scaled" },
    { "data mnist-mini; scale none; net 784-20-10 tanh softmax", "are saturated" },
    { "data mnist-mini; net 784-10 softmax; lr = 10", "lr is rather high" },
    { "data mnist-mini; net 784-10 softmax; lr = 1e-6", "lr is rather low" },
    { "data mnist-mini; net 784-20-10 relu softmax; b1 = -1000 + zeros(20)",
      "100 % of the relu units in layer 1 are 0" },
    { "data mnist-mini; net 784-20-10 relu softmax; b1 = -1000 + zeros(20)",
      "No gradient reaches layer 1" },
    { "data mnist-mini; net 784-20-10 relu softmax init=constant(0.01)",
      "All units of layer 1 have the same weights" },
    { "data mnist-mini; net 784-20-10 relu softmax init=normal(5)", "far above guessing" },
    { "data mnist-mini; net 784-10 softmax init=zeros; train lr=0 epochs=1 quiet",
      "still what guessing gives" },
    { "data mnist-mini; net 784-32-10 relu softmax; lr = 0.01", "Nothing stands out" },
    { "net 1-1 linear; x = [[1],[2]]; y = [[10],[12]]; lr = 1e-4", "Nothing stands out" },
    { "net 1-1 linear; x = [[1],[2]]; y = [[10],[12]]; train lr=1e-9 epochs=1 quiet",
      "no better than that of the mean target" },
    { "data mnist-mini; net 784-64-10 relu softmax; w1 = 1e308 + zeros(784, 64)",
      "not a finite number" },
    { "net 2-2 linear; x = [0, 0; 1, 1]; w1 = [1,0;0,1]; b1 = [0,0]; y = [0, 0; 1, 1]",
      "The loss is 0" },
};

static void doctor_finds_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++) {
        struct fixture *fixture = fixture_new(findings[i].commands);
        must_run(fixture, "doctor");
        struct text joined = TEXT_INIT;
        for (char *line = strtok(fixture->out_text.bytes, "\n"); line; line = strtok(NULL, "\n"))
            text_printf(&joined, "%s ", line + strspn(line, " "));
        if (!strstr(joined.bytes, findings[i].says))
            fail_msg("%s\n%s", findings[i].commands, joined.bytes);
        text_release(&joined);
        fixture_free(fixture);
    }
}

/* Of a network fresh from a run doctor tells by that run's options, else by the settings. */
static void doctor_goes_by_the_last_run(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool run;
    } rows[] = { { "lr = 0.1", true },
                 { "evaluate", true },
                 { "lr = 0.2", false },
                 { "lr = 0.1", true },
                 { "w1[1,1] = 0", false } };
    struct fixture *fixture = fixture_new(exercise);
    struct text expected = TEXT_INIT;
    must_run(fixture, "train epochs=5 optimizer=adam lr=0.01 quiet");
    must_run(fixture, "set optimizer adam; lr = 0.01");
    must_run(fixture, "doctor");
    text_add(&expected, strstr(fixture->out_text.bytes, "layer"));
    must_run(fixture, "set optimizer sgd");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_run(fixture, rows[i].line);
        must_run(fixture, "doctor");
        const char *said = fixture->out_text.bytes;
        if (rows[i].run != (strstr(said, "adam lr 0.01, as in Exp. 1\n") != NULL) ||
            rows[i].run != (strcmp(strstr(said, "layer"), expected.bytes) == 0) ||
            rows[i].run == (strstr(said, "sgd lr ") != NULL))
            fail_msg("after %s:\n%s", rows[i].line, said);
    }
    text_release(&expected);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_predicted_one_by_one),
        cmocka_unit_test(every_loss_is_given_by_row),
        cmocka_unit_test(targets_need_not_have_been_given),
        cmocka_unit_test(evaluation_mode_changes_nothing),
        cmocka_unit_test(judging_changes_nothing),
        cmocka_unit_test(rows_come_out_as_by_hand),
        cmocka_unit_test(many_rows_agree_with_evaluate),
        cmocka_unit_test(confusions_fit_the_screen),
        cmocka_unit_test(predictions_are_written_as_csv),
        cmocka_unit_test(doctor_finds_what_is_wrong),
        cmocka_unit_test(doctor_goes_by_the_last_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
