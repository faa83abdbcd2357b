/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages and explanations, against texts worked out by hand and in their form. */
#include "nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formula/formula.h"
#include "formula_pages.h"

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
    struct formula_request request = { net_id(net, NB_DW, 1), 0, 0, .element = true,
                                       .depth = FORMULA_DEPTH };
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

static const size_t depths[4] = { FORMULA_DEPTH, 0, 1, 2 };

static void explain_everything(struct nb_net *net, const struct formula_style *style, bool unicode)
{
    const struct nb_spec *spec = nb_net_spec(net);
    bool softmax = spec->layer[spec->layers - 1].activation == NB_SOFTMAX;
    net_run(net, nb_plan_start(net, NB_UPDATE));
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        for (size_t at = 0; quantity.active && at <= quantity.rows * quantity.cols; at++) {
            struct text text = TEXT_INIT;
            struct sink sink = sink_to_text(&text, unicode, COLUMNS);
            struct nb_error error = { .text = "" };
            bool element = at < quantity.rows * quantity.cols;
            struct formula_request request = { id,
                                               element ? at / quantity.cols : 0,
                                               element ? at % quantity.cols : 0,
                                               .element = element,
                                               .old = at % 2,
                                               .jacobian = at % 3 == 0 && softmax && element &&
                                                           *quantity.name == 'd',
                                               .depth = depths[at % 4] };
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
            struct formula_style style = { form & 2, rows > 1, 6, FORMULA_TEXT };
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
        for (size_t i = 0; i < NET_REGULARIZERS; i++) {
            bool unicode = (i + (size_t)optimizer) % 2;
            struct formula_style style = { i % 3 == 0, true, 6, FORMULA_TEXT };
            struct nb_learning learning = net_learning_row(optimizer, i);
            struct nb_net *net = net_featured((i + (size_t)optimizer) % NET_FEATURES, 4);
            net_learn(net, &learning);
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
    static const struct formula_style style = { true, true, 6, FORMULA_TEXT };
    static const enum nb_quantity_kind kinds[] = { NB_DW, NB_GW, NB_VW, NB_DGAMMA, NB_DELTA,
                                                   NB_MU, NB_U,  NB_H,  NB_MASK,   NB_RVAR };
    struct nb_learning learning = net_learning_row(NB_ADAM, NET_REGULARIZERS - 1);
    struct nb_net *net = net_with(&shape, 3, 0.3);
    (void)state;
    net_give_rows(net, 20, 2);
    net_learn(net, &learning);
    for (int unicode = 0; unicode < 2; unicode++)
        print_pages(net, &style, unicode);
    net_run(net, nb_plan_start(net, NB_UPDATE));
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
        struct text text = TEXT_INIT;
        struct sink sink = sink_to_text(&text, true, COLUMNS);
        struct formula_request request = { net_id(net, kinds[i / 2], 1), 0, 11, .element = i % 2,
                                           .depth = FORMULA_DEPTH };
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
    static const struct formula_style style = { false, true, 17, FORMULA_TEXT };
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, unicode, COLUMNS);
    double value = NAN;
    size_t id = net_id(net, kind, layer);
    struct formula_update update = { .id = id, .col = 1 };
    assert_int_equal(formula_explain_update(net, &update, &style, &sink, NULL), NB_OK);
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
        for (size_t i = 0; i < NET_REGULARIZERS; i++) {
            struct nb_learning learning = net_learning_row(optimizer, i);
            struct nb_net *net = net_featured(1, 4);
            net_learn(net, &learning);
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
    struct formula_update weight = { .id = net_id(net, NB_W, 1) },
                          input = { .id = net_id(net, NB_X, 0) };
    assert_int_equal(formula_explain_update(net, &weight, &plain_style, &sink, &error), NB_FAILED);
    assert_non_null(strstr(error.text, "dw1: type backward"));
    assert_int_equal(formula_explain_update(net, &input, &plain_style, &sink, &error), NB_FAILED);
    assert_non_null(strstr(error.text, "x is no parameter"));
    assert_int_equal(text.length, 0);
    text_release(&text);
    nb_net_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_sheet),
        cmocka_unit_test(test_steps_are_the_sheet),
        cmocka_unit_test(test_explain_is_the_sheet),
        cmocka_unit_test(test_update_shows_the_old_weights),
        cmocka_unit_test(test_pages_fit),
        cmocka_unit_test(test_pages_of_learning),
        cmocka_unit_test(test_pages_of_wide_layers),
        cmocka_unit_test(test_updates_are_explained),
        cmocka_unit_test(test_update_needs_the_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
