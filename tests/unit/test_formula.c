/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas against the kernels' numbers, and pages against texts worked out by hand. */
#include "nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formula/formula.h"
#include "formula_pages.h"

enum { ACTIVATIONS = NB_SOFTMAX + 1, LOSSES = NB_BINARY_CROSS_ENTROPY + 1 };

/* ---- Every term is its kernel's number -------------------------------- */

/* Values of what operation `op` will write, by its terms, before it runs. */
static void terms_evaluate(const struct nb_net *net, size_t op, size_t id, double *values)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    for (size_t i = 0; i < quantity.rows * quantity.cols; i++) {
        struct term *term = NULL;
        assert_int_equal(
            formula_term(net, op, id, i / quantity.cols, i % quantity.cols, &term, NULL), NB_OK);
        values[i] = term_value(net, term);
        term_free(&term);
    }
}

enum { WRITES_MOST = 16, ELEMENTS_MOST = 64, ITERATIONS = 3 };

/* Operations in place are written with what they find; the others with what
 * there is when they are done. */
static bool is_in_place(enum nb_op_kind kind)
{
    return kind == NB_OP_CLIP || kind == NB_OP_STATISTICS || kind == NB_OP_UPDATE;
}

static void write_compare(const struct nb_net *net, size_t id, const double *expected)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    for (size_t at = 0; at < quantity.rows * quantity.cols; at++) {
        double value = nb_value(net, id, at / quantity.cols, at % quantity.cols);
        double term = expected[at];
        if (!nb_frozen(net, id))
            term = nb_rounded(net, term);
        if (!(value == term || fabs(value - term) <= 1e-12 * fmax(0.1, fabs(value))))
            fail_msg("%s[%zu]: the term is %.17g, the kernel's number %.17g", quantity.name, at,
                     term, value);
    }
}

static void op_compare(struct nb_net *net, size_t index)
{
    const struct nb_op *op = nb_plan_op(net, index);
    double expected[WRITES_MOST][ELEMENTS_MOST];
    assert_true(op->nwrites <= WRITES_MOST);
    for (size_t i = 0; is_in_place(op->kind) && i < op->nwrites; i++)
        terms_evaluate(net, index, op->writes[i], expected[i]);
    net_run(net, 1);
    for (size_t i = 0; i < op->nwrites; i++) {
        if (!is_in_place(op->kind))
            terms_evaluate(net, index, op->writes[i], expected[i]);
        write_compare(net, op->writes[i], expected[i]);
    }
}

static void iterations_compare(struct nb_net *net)
{
    for (size_t iteration = 0; iteration < ITERATIONS; iteration++)
        for (size_t op = 0; op < nb_plan_length(net); op++)
            op_compare(net, op);
}

static void net_compare(enum nb_activation hidden, enum nb_activation output, enum nb_loss loss,
                        size_t rows, bool freeze)
{
    struct net_shape shape = { 3, 3, { 4, 3, 3 }, hidden, output, loss, NB_DOUBLE, 7 };
    struct nb_net *net = net_make(&shape);
    net_give_rows(net, rows, 11 + rows);
    nb_freeze(net, net_id(net, NB_W, 2), freeze);
    iterations_compare(net);
    nb_net_free(&net);
}

static void test_terms_are_the_kernels_numbers(void **state)
{
    (void)state;
    for (int hidden = 0; hidden < NB_SOFTMAX; hidden++)
        for (int output = 0; output < ACTIVATIONS; output++)
            for (int loss = 0; loss < LOSSES; loss++)
                for (size_t rows = 1; rows <= 3; rows += 2)
                    if (loss_allows((enum nb_loss)loss, (enum nb_activation)output))
                        net_compare((enum nb_activation)hidden, (enum nb_activation)output,
                                    (enum nb_loss)loss, rows, hidden % 2);
}

/* Layers with everything that a layer can have. */
struct features {
    enum nb_activation hidden, output;
    enum nb_loss loss;
    bool batchnorm, last_too;
    double dropout;
};

static struct nb_net *net_of(const struct features *features, size_t rows)
{
    struct nb_layer layer[3] = { { 4, features->hidden, features->batchnorm, features->dropout },
                                 { 3, features->hidden, features->batchnorm, 0 },
                                 { 2, features->output, features->last_too, 0 } };
    struct nb_spec spec = {
        3, 3, layer, features->loss, { .kind = NB_INIT_DEFAULT }, NB_DOUBLE, 5
    };
    struct nb_net *net = NULL;
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    net_give_rows(net, rows, 21);
    return net;
}

static const struct features feature_rows[] = {
    { NB_SIGMOID, NB_SIGMOID, NB_HALF_SSE, true, true, 0 },
    { NB_LEAKYRELU, NB_SOFTMAX, NB_CROSS_ENTROPY, true, true, 0.3 },
    { NB_RELU, NB_LINEAR, NB_MSE, false, false, 0.5 },
    { NB_LECUN, NB_SOFTMAX, NB_SSE, true, true, 0.4 },
    { NB_TANH, NB_SIGMOID, NB_BINARY_CROSS_ENTROPY, true, true, 0.2 },
    { NB_LINEAR, NB_SIGMOID, NB_CROSS_ENTROPY, true, false, 0.25 },
};
enum { FEATURES = sizeof feature_rows / sizeof feature_rows[0] };

static void learn(struct nb_net *net, const struct nb_learning *learning)
{
    assert_int_equal(nb_net_set_learning(net, learning, NULL), NB_OK);
}

static void test_terms_of_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < FEATURES; i++) {
        struct nb_net *net = net_of(&feature_rows[i], 5);
        iterations_compare(net);
        nb_net_free(&net);
    }
}

/* Every optimiser with every form of penalty, clipped and not. */
static const struct {
    double l1, l2, clip;
    enum nb_l2_form form;
    bool biases;
    size_t samples;
} regularizers[] = {
    { 0, 0, 0, NB_L2_HALF, false, 0 },     { 0, 0.1, 0, NB_L2_HALF, false, 0 },
    { 0, 0.1, 0.01, NB_L2_FULL, true, 0 }, { 0, 0.1, 100, NB_L2_PER_SAMPLE, false, 0 },
    { 0.05, 0, 0, NB_L2_HALF, true, 0 },   { 0.05, 0.1, 0.02, NB_L2_PER_SAMPLE, true, 50 },
};
enum { REGULARIZERS = sizeof regularizers / sizeof regularizers[0] };

static struct nb_learning learning_of(int optimizer, size_t regularizer)
{
    struct nb_learning learning = nb_learning_default();
    learning.optimizer = (enum nb_optimizer)optimizer;
    learning.l1 = regularizers[regularizer].l1;
    learning.l2 = regularizers[regularizer].l2;
    learning.clip = regularizers[regularizer].clip;
    learning.l2_form = regularizers[regularizer].form;
    learning.regularize_bias = regularizers[regularizer].biases;
    learning.samples = regularizers[regularizer].samples;
    return learning;
}

static void test_terms_of_learning(void **state)
{
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t i = 0; i < REGULARIZERS; i++) {
            struct nb_learning learning = learning_of(optimizer, i);
            struct nb_net *net = net_of(&feature_rows[i % FEATURES], 4);
            learn(net, &learning);
            nb_freeze(net, net_id(net, NB_B, 2), true);
            iterations_compare(net);
            nb_net_free(&net);
        }
}

/* Rounded after each operation, terms are of the rounded numbers. */
static void test_terms_of_rounded_numbers(void **state)
{
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t i = 0; i < FEATURES; i++)
            for (int decimals = 2; decimals <= 5; decimals++) {
                struct nb_learning learning = learning_of(optimizer, i);
                struct nb_net *net = net_of(&feature_rows[i], 4);
                learn(net, &learning);
                nb_net_set_round(net, decimals);
                nb_freeze(net, net_id(net, NB_B, 2), true);
                iterations_compare(net);
                nb_net_free(&net);
            }
}

/* A new optimiser begins with t = 1 and moments of 0. */
static void test_terms_of_another_optimizer(void **state)
{
    struct nb_net *net = net_of(&feature_rows[0], 4);
    (void)state;
    for (int optimizer = NB_ADAM; optimizer >= NB_SGD; optimizer--) {
        struct nb_learning learning = learning_of(optimizer, 0);
        learn(net, &learning);
        iterations_compare(net);
    }
    nb_net_free(&net);
}

/* ---- Pages of the exercise -------------------------------------------- */

static const struct formula_style plain_style = { .digits = 6 };

/* Pages end with a blank line, the goldens with their last line. */
static void assert_page(struct text *text, const char *golden)
{
    while (text->length > 1 && text->bytes[text->length - 2] == '\n')
        text_cut(text, text->length - 1);
    assert_string_equal(text->bytes, golden);
    text_release(text);
}

static void test_forward_is_the_sheet(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, true, 80);
    (void)state;
    formula_pass_heading(net, NB_FORWARD, &plain_style, &sink);
    for (size_t op = 0; op < nb_plan_start(net, NB_BACKWARD); op++) {
        struct formula_page *page = NULL;
        assert_int_equal(formula_page_new(net, op, &page, NULL), NB_OK);
        net_run(net, 1);
        formula_page_print(page, net, false, &plain_style, &sink);
        formula_page_free(&page);
    }
    formula_pass_closing(net, NB_FORWARD, &plain_style, &sink);
    formula_next(net, false, &plain_style, &sink);
    assert_page(&text, page_forward);
    nb_net_free(&net);
}

static void test_steps_are_the_sheet(void **state)
{
    static const struct {
        size_t op;
        const char *golden;
    } cases[] = { { 0, page_z1 }, { 9, page_da1 }, { 10, page_delta1 } };
    struct nb_net *net = net_exercise(NB_DOUBLE);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = TEXT_INIT;
        struct sink sink = sink_to_text(&text, true, 80);
        struct formula_page *page = NULL;
        net_run(net, cases[i].op - nb_cursor(net));
        assert_int_equal(formula_page_new(net, cases[i].op, &page, NULL), NB_OK);
        net_run(net, 1);
        formula_page_print(page, net, true, &plain_style, &sink);
        formula_page_free(&page);
        assert_page(&text, cases[i].golden);
    }
    nb_net_free(&net);
}

static void test_explain_is_the_sheet(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, true, 80);
    (void)state;
    net_run(net, nb_plan_start(net, NB_UPDATE));
    struct formula_request request = { net_id(net, NB_DW, 1), 0, 0, .element = true };
    assert_int_equal(formula_explain(net, &request, &plain_style, &sink, NULL), NB_OK);
    assert_page(&text, page_explain);
    nb_net_free(&net);
}

/* An update is explained with the weights that it began with. */
static void test_update_shows_the_old_weights(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, true, 80);
    struct formula_page *page = NULL;
    (void)state;
    nb_freeze(net, net_id(net, NB_B, 1), true);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    assert_int_equal(formula_page_new(net, nb_cursor(net), &page, NULL), NB_OK);
    net_run(net, 1);
    formula_page_print(page, net, true, &plain_style, &sink);
    formula_page_free(&page);
    assert_non_null(
        strstr(text.bytes, "w¹₁₁ ← w¹₁₁ − η·∂L/∂w¹₁₁ = 0.15 − 0.1·0.00486235 = 0.149514"));
    assert_non_null(strstr(text.bytes, "b1 is frozen and stays as it is"));
    text_release(&text);
    nb_net_free(&net);
}

/* ---- Whatever the network --------------------------------------------- */

enum { COLUMNS = 80, ROWS_OF_BATCH = 3 };

static void check_text(const struct text *text, bool unicode, const char *what)
{
    assert_false(text->failed);
    assert_true(utf8_valid(text->bytes, text->length));
    assert_null(strstr(text->bytes, "nan"));
    assert_null(strstr(text->bytes, "?"));
    for (size_t i = 0; i < text->length; i++)
        if (!unicode && (unsigned char)text->bytes[i] > 127)
            fail_msg("%s: a byte above 127 in\n%s", what, text->bytes);
    for (const char *line = text->bytes; *line;) {
        size_t length = strcspn(line, "\n");
        bool exact = strncmp(line, "value ", 6) == 0; /* as long as its numbers */
        if (unicode && !exact && utf8_width(line, length) > COLUMNS)
            fail_msg("%s: wider than %d: %.*s", what, COLUMNS, (int)length, line);
        if (length && line[length - 1] == ' ')
            fail_msg("%s: ends in a blank: %.*s|", what, (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void print_pages(struct nb_net *net, const struct formula_style *style, bool unicode)
{
    for (size_t op = 0; op < nb_plan_length(net); op++) {
        struct text text = TEXT_INIT;
        struct sink sink = sink_to_text(&text, unicode, COLUMNS);
        struct formula_page *page = NULL;
        assert_int_equal(formula_page_new(net, op, &page, NULL), NB_OK);
        net_run(net, 1);
        formula_page_print(page, net, op % 2, style, &sink);
        formula_page_print(page, net, !(op % 2), style, &sink);
        for (size_t unit = 0; unit < formula_page_units(page); unit++)
            formula_page_print_unit(page, net, unit, style, &sink);
        formula_next(net, op % 2, style, &sink);
        formula_page_free(&page);
        check_text(&text, unicode, "page");
        text_release(&text);
    }
}

/* "value V; difference quotient Q; relative error E": of one number the two agree. */
static void check_last_line(const char *text, const char *name)
{
    const char *line = strstr(text, "\nvalue ");
    double value, quotient, error;
    assert_non_null(line);
    assert_null(strstr(line + 1, "\nvalue "));
    if (sscanf(line, "\nvalue %lg; difference quotient %lg; relative error %lg", &value, &quotient,
               &error) == 3 &&
        !strstr(text, "turned its corner") &&
        fabs(value - quotient) > 1e-5 * fmax(0.1, fabs(value)))
        fail_msg("%s: %s", name, line);
}

static void explain_everything(struct nb_net *net, const struct formula_style *style, bool unicode)
{
    net_run(net, nb_plan_start(net, NB_UPDATE));
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        for (size_t at = 0; quantity.active && at <= quantity.rows * quantity.cols; at++) {
            struct text text = TEXT_INIT;
            struct sink sink = sink_to_text(&text, unicode, COLUMNS);
            struct nb_error error = { .text = "" };
            bool element = at < quantity.rows * quantity.cols;
            struct formula_request request = { id, element ? at / quantity.cols : 0,
                                               element ? at % quantity.cols : 0, .element = element,
                                               .old = at % 2 };
            if (formula_explain(net, &request, style, &sink, &error))
                fail_msg("explain %s: %s", quantity.name, error.text);
            check_text(&text, unicode, quantity.name);
            check_last_line(text.bytes, quantity.name);
            text_release(&text);
        }
    }
}

static void test_pages_fit(void **state)
{
    static const struct net_shape shapes[] = {
        { 3, 2, { 2, 2 }, NB_TANH, NB_SIGMOID, NB_SSE, NB_DOUBLE, 1 },
        { 2, 3, { 2, 3, 1 }, NB_RELU, NB_LINEAR, NB_MSE, NB_DOUBLE, 2 },
        { 3, 2, { 4, 3 }, NB_LECUN, NB_SOFTMAX, NB_CROSS_ENTROPY, NB_DOUBLE, 3 },
        { 2, 2, { 3, 3 }, NB_LEAKYRELU, NB_SOFTMAX, NB_HALF_SSE, NB_SINGLE, 4 },
        { 2, 3, { 1, 2, 2 }, NB_LINEAR, NB_SIGMOID, NB_BINARY_CROSS_ENTROPY, NB_DOUBLE, 5 },
        { 1, 1, { 2 }, NB_SIGMOID, NB_SIGMOID, NB_CROSS_ENTROPY, NB_DOUBLE, 6 },
        { 40, 2, { 30, 12 }, NB_RELU, NB_SOFTMAX, NB_CROSS_ENTROPY, NB_SINGLE, 7 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t form = 0; form < 4; form++) {
            size_t rows = form & 1 ? ROWS_OF_BATCH : 1;
            bool unicode = form<2, wide = shapes[i].inputs> 10;
            struct formula_style style = { form & 2, rows > 1, 6 };
            struct nb_net *net = net_make(&shapes[i]);
            net_give_rows(net, rows, 3);
            print_pages(net, &style, unicode);
            if (!wide)
                explain_everything(net, &style, unicode);
            nb_net_free(&net);
        }
}

/* Every page of every optimiser, with penalties and without, two iterations
 * so that t is 2. */
static void test_pages_of_learning(void **state)
{
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t i = 0; i < REGULARIZERS; i++) {
            bool unicode = (i + (size_t)optimizer) % 2;
            struct formula_style style = { i % 3 == 0, true, 6 };
            struct nb_learning learning = learning_of(optimizer, i);
            struct nb_net *net = net_of(&feature_rows[(i + (size_t)optimizer) % FEATURES], 4);
            learn(net, &learning);
            nb_freeze(net, net_id(net, i % 2 ? NB_W : NB_B, 2), true);
            print_pages(net, &style, unicode);
            print_pages(net, &style, !unicode);
            explain_everything(net, &style, unicode);
            nb_net_free(&net);
        }
}

/* Layers of which a page shows a part. */
static void test_pages_of_wide_layers(void **state)
{
    static const struct net_shape shape = { 40,           3,          { 30, 12, 11 },
                                            NB_LEAKYRELU, NB_SOFTMAX, NB_CROSS_ENTROPY,
                                            NB_SINGLE,    3 };
    static const struct formula_style style = { true, true, 6 };
    static const enum nb_quantity_kind kinds[] = { NB_DW, NB_GW, NB_VW, NB_DGAMMA, NB_DELTA,
                                                   NB_MU, NB_U,  NB_H,  NB_MASK,   NB_RVAR };
    struct nb_learning learning = learning_of(NB_ADAM, REGULARIZERS - 1);
    struct nb_net *net = net_with(&shape, 3, 0.3);
    (void)state;
    net_give_rows(net, 20, 2);
    learn(net, &learning);
    for (int unicode = 0; unicode < 2; unicode++)
        print_pages(net, &style, unicode);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
        struct text text = TEXT_INIT;
        struct sink sink = sink_to_text(&text, true, COLUMNS);
        struct formula_request request = { net_id(net, kinds[i / 2], 1), 0, 11, .element = i % 2 };
        assert_int_equal(formula_explain(net, &request, &style, &sink, NULL), NB_OK);
        check_text(&text, true, "explain");
        text_release(&text);
    }
    nb_net_free(&net);
}

/* The value that an update is explained to write is the one that it writes, for
 * a first update and a later one. */
static void update_explained(struct nb_net *net, enum nb_quantity_kind kind, size_t layer,
                             bool unicode)
{
    static const struct formula_style style = { false, true, 17 };
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, unicode, COLUMNS);
    double value = NAN;
    size_t id = net_id(net, kind, layer);
    assert_int_equal(formula_explain_update(net, id, 0, 1, &style, &sink, NULL), NB_OK);
    const char *line = strstr(text.bytes, "\nvalue ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "\nvalue %lg;", &value), 1);
    assert_non_null(strstr(line, "; difference quotient none; relative error none\n"));
    assert_null(strstr(text.bytes, "nan"));
    text_release(&text);
    net_run(net, nb_plan_length(net) - nb_cursor(net));
    assert_true(value == nb_value(net, id, 0, 1));
}

static void test_updates_are_explained(void **state)
{
    static const struct {
        enum nb_quantity_kind kind;
        size_t layer;
    } parameters[] = { { NB_W, 1 }, { NB_B, 2 }, { NB_GAMMA, 1 }, { NB_BETA, 2 }, { NB_W, 3 } };
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t i = 0; i < REGULARIZERS; i++) {
            struct nb_learning learning = learning_of(optimizer, i);
            struct nb_net *net = net_of(&feature_rows[1], 4);
            learn(net, &learning);
            nb_freeze(net, net_id(net, NB_W, 3), true);
            for (size_t p = 0; p < sizeof parameters / sizeof *parameters; p++) {
                net_run(net, nb_plan_start(net, NB_UPDATE));
                update_explained(net, parameters[p].kind, parameters[p].layer, i % 2);
            }
            nb_net_free(&net);
        }
}

static void test_update_needs_the_gradient(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, true, COLUMNS);
    struct nb_error error = { .text = "" };
    (void)state;
    assert_int_equal(
        formula_explain_update(net, net_id(net, NB_W, 1), 0, 0, &plain_style, &sink, &error),
        NB_FAILED);
    assert_non_null(strstr(error.text, "dw1: type backward"));
    assert_int_equal(
        formula_explain_update(net, net_id(net, NB_X, 0), 0, 0, &plain_style, &sink, &error),
        NB_FAILED);
    assert_non_null(strstr(error.text, "x is no parameter"));
    assert_int_equal(text.length, 0);
    text_release(&text);
    nb_net_free(&net);
}

/* ---- Local derivatives ------------------------------------------------ */

static double local_of(const struct nb_net *net, enum nb_quantity_kind top, size_t top_layer,
                       size_t top_col, enum nb_quantity_kind bottom, size_t layer, size_t row,
                       size_t col)
{
    double value = NAN;
    assert_int_equal(formula_local(net, net_id(net, top, top_layer), 0, top_col,
                                   net_id(net, bottom, layer), row, col, &value, NULL),
                     NB_OK);
    return value;
}

/* What comes back to z, gamma and a is what comes back to u and h times the
 * local derivatives, summed over all that they reach. */
static void test_local_derivatives_of_layers(void **state)
{
    enum { ROWS = 4, UNITS = 4 };
    struct nb_net *net = net_of(&feature_rows[4], ROWS);
    (void)state;
    net_run(net, nb_plan_start(net, NB_UPDATE));
    for (size_t k = 0; k < UNITS; k++) {
        double gamma = 0, beta = 0;
        for (size_t i = 0; i < ROWS; i++) {
            double delta = 0, value;
            for (size_t m = 0; m < ROWS; m++) {
                assert_int_equal(formula_local(net, net_id(net, NB_U, 1), m, k,
                                               net_id(net, NB_Z, 1), i, k, &value, NULL),
                                 NB_OK);
                delta += value * net_value(net, NB_DU, 1, m, k);
            }
            assert_near(delta, net_value(net, NB_DELTA, 1, i, k), 1e-13);
            assert_int_equal(formula_local(net, net_id(net, NB_U, 1), i, k,
                                           net_id(net, NB_GAMMA, 1), 0, k, &value, NULL),
                             NB_OK);
            gamma += value * net_value(net, NB_DU, 1, i, k);
            beta += net_value(net, NB_DU, 1, i, k);
            assert_int_equal(formula_local(net, net_id(net, NB_H, 1), i, k, net_id(net, NB_A, 1), i,
                                           k, &value, NULL),
                             NB_OK);
            assert_near(value * net_value(net, NB_DH, 1, i, k), net_value(net, NB_DA, 1, i, k),
                        1e-15);
        }
        assert_near(gamma, net_value(net, NB_DGAMMA, 1, 0, k), 1e-13);
        assert_near(beta, net_value(net, NB_DBETA, 1, 0, k), 1e-13);
    }
    nb_net_free(&net);
}

static void test_local_derivatives(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    (void)state;
    net_run(net, nb_plan_start(net, NB_UPDATE));
    assert_near(local_of(net, NB_Z, 1, 0, NB_W, 1, 2, 0), 0.1, 1e-15);
    assert_near(local_of(net, NB_Z, 1, 0, NB_W, 1, 2, 1), 0, 0);
    assert_near(local_of(net, NB_Z, 1, 0, NB_B, 1, 0, 0), 1, 0);
    assert_near(local_of(net, NB_Z, 1, 1, NB_X, 0, 0, 2), 0.4, 1e-15);
    assert_near(local_of(net, NB_Z, 2, 1, NB_A, 1, 0, 0), 0.45, 1e-15);
    assert_near(local_of(net, NB_A, 2, 0, NB_Z, 2, 0, 0), 0.179939, 1e-6);
    assert_near(local_of(net, NB_LOSS_VALUE, 0, 0, NB_A, 2, 0, 1), 0.684629, 1e-6);
    nb_net_free(&net);
}

/* Every pair of the forward pass, first and last elements: where one depends on
 * the other the derivative is the quotient of a nudge, else nothing is there. */
static void pairs_compare(const struct nb_net *net, const struct nb_quantity *top, size_t top_id,
                          size_t bottom_id)
{
    struct nb_quantity bottom;
    nb_quantity_get(net, bottom_id, &bottom);
    bool loss = top->kind == NB_LOSS_VALUE; /* by a: that is da */
    if (loss || (bottom.op != NB_NOWHERE && bottom.op == top->op))
        return;
    for (size_t at = 0; at < 4; at++) {
        struct nb_element above = { top_id, at & 1 ? top->rows - 1 : 0, top->cols - 1 };
        struct nb_element below = { bottom_id, at & 2 ? bottom.rows - 1 : 0, at & 1 };
        struct nb_nudge nudge;
        double value = NAN;
        below.col = below.col < bottom.cols ? below.col : 0;
        assert_int_equal(formula_local(net, top_id, above.row, above.col, bottom_id, below.row,
                                       below.col, &value, NULL),
                         NB_OK);
        if (nb_partial_exists(net, top_id, bottom_id)) {
            double through;
            assert_int_equal(nb_partial(net, above, below, &through, NULL), NB_OK);
            assert_near(through, value, 1e-13);
        }
        assert_int_equal(nb_partial_nudge(net, above, below, value, 1e-5, &nudge, NULL), NB_OK);
        if (!nudge.kink && !(fabs(value - nudge.quotient) <= 1e-7 * fmax(1, fabs(value))))
            fail_msg("d%s/d%s: %.12g, the quotient %.12g", top->name, bottom.name, value,
                     nudge.quotient);
    }
}

static void test_derivatives_through_layers(void **state)
{
    size_t pairs = 0;
    (void)state;
    for (size_t i = 0; i < FEATURES; i++) {
        struct nb_net *net = net_of(&feature_rows[i], 4);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        for (size_t top = 0; top < nb_quantity_count(net); top++)
            for (size_t bottom = 0; bottom < nb_quantity_count(net); bottom++) {
                struct nb_quantity quantity;
                nb_quantity_get(net, top, &quantity);
                if (formula_local_exists(net, top, bottom, NULL))
                    continue;
                pairs_compare(net, &quantity, top, bottom);
                pairs++;
            }
        nb_net_free(&net);
    }
    assert_true(pairs > 300);
}

static void test_what_depends_on_what(void **state)
{
    struct nb_net *net = net_exercise(NB_DOUBLE);
    struct nb_error error;
    (void)state;
    static const struct {
        enum nb_quantity_kind top, bottom;
        size_t top_layer, bottom_layer;
        enum nb_status status;
    } rows[] = {
        { NB_Z, NB_Z, 2, 1, NB_OK },     { NB_A, NB_W, 2, 1, NB_OK },
        { NB_A, NB_X, 2, 0, NB_OK },     { NB_Z, NB_A, 1, 1, NB_FAILED },
        { NB_A, NB_A, 1, 1, NB_FAILED }, { NB_A, NB_W, 1, 2, NB_FAILED },
        { NB_W, NB_W, 1, 2, NB_FAILED }, { NB_A, NB_Y, 2, 0, NB_FAILED },
        { NB_X, NB_A, 0, 1, NB_FAILED }, { NB_DELTA, NB_Z, 1, 1, NB_FAILED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(formula_local_exists(net, net_id(net, rows[i].top, rows[i].top_layer),
                                              net_id(net, rows[i].bottom, rows[i].bottom_layer),
                                              &error),
                         rows[i].status);
    nb_net_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms_are_the_kernels_numbers),
        cmocka_unit_test(test_terms_of_layers),
        cmocka_unit_test(test_terms_of_learning),
        cmocka_unit_test(test_terms_of_rounded_numbers),
        cmocka_unit_test(test_terms_of_another_optimizer),
        cmocka_unit_test(test_forward_is_the_sheet),
        cmocka_unit_test(test_steps_are_the_sheet),
        cmocka_unit_test(test_explain_is_the_sheet),
        cmocka_unit_test(test_update_shows_the_old_weights),
        cmocka_unit_test(test_pages_fit),
        cmocka_unit_test(test_pages_of_learning),
        cmocka_unit_test(test_pages_of_wide_layers),
        cmocka_unit_test(test_updates_are_explained),
        cmocka_unit_test(test_update_needs_the_gradient),
        cmocka_unit_test(test_local_derivatives),
        cmocka_unit_test(test_local_derivatives_of_layers),
        cmocka_unit_test(test_derivatives_through_layers),
        cmocka_unit_test(test_what_depends_on_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
