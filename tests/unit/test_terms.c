/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas against the kernels' numbers, and local derivatives against quotients. */
#include "nets.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "formula/formula.h"
#include "formula/ways.h"

enum { ACTIVATIONS = NB_SOFTMAX + 1, LOSSES = NB_BINARY_CROSS_ENTROPY + 1 };

/* ---- Every term is its kernel's number -------------------------------- */

/* What a term comes to, and how much of it rounding may touch: the error of its value
 * is some units in the last place of `size`, which is larger than the value where
 * numbers cancel on the way. */
struct worth {
    double value, size;
};

static struct worth worth_of(const struct nb_net *net, const struct term *term,
                             const struct term_binding *binding);

static double slope_most(const struct term *term, double value)
{
    if (term->function == TERM_EXP)
        return fabs(value);
    if (term->function == TERM_ROOT)
        return value > 0 ? 1 / (2 * value) : 0;
    return 1.2;
}

static struct worth worth_of_parts(const struct nb_net *net, const struct term *term,
                                   const struct term_binding *binding, double value)
{
    struct worth all = { value, term->kind == TERM_PRODUCT ? fabs(value) : 0 };
    for (size_t i = 0; i < term->children; i++) {
        struct worth part = worth_of(net, term->child[i], binding);
        double rest = part.value != 0 ? value / part.value : 0;
        all.size += term->kind == TERM_PRODUCT ? part.size * fabs(rest) : part.size;
    }
    return all;
}

static struct worth worth_of_series(const struct nb_net *net, const struct term *term,
                                    const struct term_binding *binding, double value)
{
    struct worth all = { value, 0 };
    struct term_binding inner = *binding;
    for (size_t i = 0; i < term->count; i++) {
        inner.at[term->index - TERM_I] = i;
        all.size += worth_of(net, term->child[0], &inner).size;
    }
    return all;
}

static struct worth worth_of_quotient(const struct nb_net *net, const struct term *term,
                                      const struct term_binding *binding, double value)
{
    struct worth above = worth_of(net, term->child[0], binding);
    struct worth below = worth_of(net, term->child[1], binding);
    return (struct worth){ value, (above.size + fabs(value) * below.size) / fabs(below.value) };
}

static struct worth worth_of(const struct nb_net *net, const struct term *term,
                             const struct term_binding *binding)
{
    double value = term_value_bound(net, term, binding);
    struct worth inner = { value, fabs(value) };
    switch (term->kind) {
    case TERM_SUM:
    case TERM_NEGATION:
    case TERM_PRODUCT:
        return worth_of_parts(net, term, binding, value);
    case TERM_SERIES:
        return worth_of_series(net, term, binding, value);
    case TERM_QUOTIENT:
        return worth_of_quotient(net, term, binding, value);
    case TERM_SQUARE:
        inner = worth_of(net, term->child[0], binding);
        return (struct worth){ value, 2 * fabs(inner.value) * inner.size };
    case TERM_FUNCTION:
        inner = worth_of(net, term->child[0], binding);
        return (struct worth){ value, fabs(value) + slope_most(term, value) * inner.size };
    default:
        return inner;
    }
}

/* What operation `op` will write, by its terms, before it runs. */
static void terms_evaluate(const struct nb_net *net, size_t op, size_t id, struct worth *worths)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    for (size_t i = 0; i < quantity.rows * quantity.cols; i++) {
        struct term *term = NULL;
        assert_int_equal(
            formula_term(net, op, id, i / quantity.cols, i % quantity.cols, &term, NULL), NB_OK);
        worths[i] = worth_of(net, term, &term_unbound);
        term_free(&term);
    }
}

enum { WRITES_MOST = 16, ELEMENTS_MOST = 64, ITERATIONS = 3, LAST_PLACES = 64 };

/* Operations in place are written with what they find; the others with what
 * there is when they are done. */
static bool is_in_place(enum nb_op_kind kind)
{
    return kind == NB_OP_CLIP || kind == NB_OP_STATISTICS || kind == NB_OP_UPDATE;
}

/* Of numbers rounded for people the last place may fall either way where they are
 * large, and the logarithm of an output of 0.00 overflows. */
static bool agrees(const struct nb_net *net, double value, const struct worth *worth)
{
    bool rounds = nb_net_round(net) != NB_EXACT;
    double unit = nb_net_spec(net)->precision == NB_SINGLE ? FLT_EPSILON : DBL_EPSILON;
    if (value == worth->value || (rounds && isinf(value)))
        return true;
    return fabs(value - worth->value) <= (rounds ? 1e-12 : LAST_PLACES * unit) * worth->size;
}

static void write_compare(const struct nb_net *net, size_t id, struct worth *expected)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    for (size_t at = 0; at < quantity.rows * quantity.cols; at++) {
        double value = nb_value(net, id, at / quantity.cols, at % quantity.cols);
        if (!nb_frozen(net, id))
            expected[at].value = nb_rounded(net, expected[at].value);
        if (!agrees(net, value, &expected[at]))
            fail_msg("%s[%zu]: the term is %.17g, the kernel's number %.17g", quantity.name, at,
                     expected[at].value, value);
    }
}

static void op_compare(struct nb_net *net, size_t index)
{
    const struct nb_op *op = nb_plan_op(net, index);
    struct worth expected[WRITES_MOST][ELEMENTS_MOST];
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

static void test_terms_of_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < NET_FEATURES; i++) {
        struct nb_net *net = net_featured(i, 5);
        iterations_compare(net);
        nb_net_free(&net);
    }
}

static void test_terms_of_learning(void **state)
{
    (void)state;
    for (int optimizer = NB_SGD; optimizer <= NB_ADAMW; optimizer++)
        for (size_t i = 0; i < NET_REGULARIZERS; i++) {
            struct nb_learning learning = net_learning_row(optimizer, i);
            struct nb_net *net = net_featured(i % NET_FEATURES, 4);
            net_learn(net, &learning);
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
        for (size_t i = 0; i < NET_FEATURES; i++)
            for (int decimals = 2; decimals <= 5; decimals++) {
                struct nb_learning learning = net_learning_row(optimizer, i);
                struct nb_net *net = net_featured(i, 4);
                net_learn(net, &learning);
                nb_net_set_round(net, decimals);
                nb_freeze(net, net_id(net, NB_B, 2), true);
                iterations_compare(net);
                nb_net_free(&net);
            }
}

/* A new optimiser begins with t = 1 and moments of 0. */
static void test_terms_of_another_optimizer(void **state)
{
    struct nb_net *net = net_featured(0, 4);
    (void)state;
    for (int optimizer = NB_ADAM; optimizer >= NB_SGD; optimizer--) {
        struct nb_learning learning = net_learning_row(optimizer, 0);
        net_learn(net, &learning);
        iterations_compare(net);
    }
    nb_net_free(&net);
}

/* ---- Random networks --------------------------------------------------- */

enum { SEEDS = 1000, UNITS_MOST = 4, LAYERS_MOST = 4 };

/* A number below `most` that the seed and the question alone decide. */
static size_t draw(uint64_t seed, uint64_t question, size_t most)
{
    uint64_t x = seed * 0x9e3779b97f4a7c15u + question * 0xbf58476d1ce4e5b9u;
    x ^= x >> 31;
    x *= 0x94d049bb133111ebu;
    x ^= x >> 29;
    return (size_t)(x % most);
}

static struct nb_net *random_net(uint64_t seed, enum nb_precision precision)
{
    struct nb_layer layer[LAYERS_MOST];
    struct nb_spec spec = { .inputs = 1 + draw(seed, 0, UNITS_MOST),
                            .layers = 1 + draw(seed, 1, LAYERS_MOST),
                            .layer = layer,
                            .loss = (enum nb_loss)draw(seed, 2, LOSSES),
                            .init = { .kind = NB_INIT_DEFAULT },
                            .precision = precision,
                            .seed = seed };
    struct nb_net *net = NULL;
    for (size_t l = 0; l < spec.layers; l++)
        layer[l] =
            (struct nb_layer){ .units = 1 + draw(seed, 10 + l, UNITS_MOST),
                               .activation = (enum nb_activation)draw(seed, 20 + l, NB_SOFTMAX),
                               .batchnorm = draw(seed, 30 + l, 3) == 0,
                               .dropout = draw(seed, 40 + l, 3) ? 0 : 0.3 };
    layer[spec.layers - 1].dropout = 0;
    for (uint64_t i = 0;; i++) {
        layer[spec.layers - 1].activation = (enum nb_activation)draw(seed, 50 + i, ACTIVATIONS);
        if (loss_allows(spec.loss, layer[spec.layers - 1].activation))
            break;
    }
    assert_int_equal(nb_net_new(&spec, &net, NULL), NB_OK);
    return net;
}

/* Rows, penalties, an optimiser and what is frozen. */
static void random_setting(struct nb_net *net, uint64_t seed)
{
    bool several = false;
    const struct nb_spec *spec = nb_net_spec(net);
    for (size_t l = 0; l < spec->layers; l++)
        several = several || spec->layer[l].batchnorm;
    struct nb_learning learning =
        net_learning_row((int)draw(seed, 60, NB_ADAMW + 1), draw(seed, 61, NET_REGULARIZERS));
    net_give_rows(net, several ? 2 + draw(seed, 62, 4) : 1 + draw(seed, 62, 5), seed);
    net_learn(net, &learning);
    nb_freeze(net, net_id(net, NB_W, 1 + draw(seed, 63, spec->layers)), draw(seed, 64, 4) == 0);
}

static void test_terms_of_random_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (int precision = NB_DOUBLE; precision <= NB_SINGLE; precision++) {
            struct nb_net *net = random_net(seed, (enum nb_precision)precision);
            random_setting(net, seed);
            iterations_compare(net);
            nb_net_free(&net);
        }
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
    struct nb_net *net = net_featured(4, ROWS);
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
    for (size_t i = 0; i < NET_FEATURES; i++) {
        struct nb_net *net = net_featured(i, 4);
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

/* ---- Ways to the loss --------------------------------------------------- */

enum { WAYS_MOST = 3000 };

static double sum_of_ways(const struct ways *ways)
{
    struct way way;
    double sum = 0;
    way_first(ways, &way);
    for (double i = 0; i < ways->paths; i++, way_next(ways, &way)) {
        double product = 1;
        for (size_t stage = 1; stage <= ways_factors(ways); stage++) {
            struct term *factor = way_factor(ways, &way, stage);
            product *= term_value(ways->net, factor);
            term_free(&factor);
        }
        sum += product;
    }
    return sum;
}

/* However deep they go, the shares of all ways add up to the derivative. */
static size_t ways_compare(const struct nb_net *net, enum nb_quantity_kind by,
                           enum nb_quantity_kind derivative, size_t layer)
{
    static const size_t depths[] = { 0, 1, 2, WAYS_ALL };
    struct nb_quantity quantity = net_quantity(net, derivative, layer);
    size_t id = net_id(net, derivative, layer), compared = 0;
    for (size_t at = 0; at < quantity.rows * quantity.cols; at++)
        for (size_t i = 0; i < 8; i++) {
            struct ways ways;
            struct element start = { net_id(net, by, layer), at / quantity.cols,
                                     at % quantity.cols };
            ways_to_loss(&ways, net, start, depths[i / 2], i % 2);
            if (ways.paths > WAYS_MOST)
                continue;
            assert_near(sum_of_ways(&ways), nb_value(net, id, start.row, start.col), 1e-12);
            compared++;
        }
    return compared;
}

static void test_ways_add_up(void **state)
{
    static const enum nb_quantity_kind pairs[][2] = {
        { NB_W, NB_DW },    { NB_B, NB_DB }, { NB_GAMMA, NB_DGAMMA }, { NB_BETA, NB_DBETA },
        { NB_Z, NB_DELTA }, { NB_U, NB_DU }, { NB_A, NB_DA },         { NB_H, NB_DH },
    };
    size_t compared = 0;
    (void)state;
    for (size_t row = 0; row < NET_FEATURES; row++)
        for (size_t rows = 2; rows <= 3; rows++) {
            struct nb_net *net = net_featured(row, rows);
            net_run(net, nb_plan_start(net, NB_UPDATE));
            for (size_t layer = 1; layer <= 3; layer++)
                for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
                    if (nb_quantity_id(net, pairs[i][1], layer) != NB_NOWHERE)
                        compared += ways_compare(net, pairs[i][0], pairs[i][1], layer);
            nb_net_free(&net);
        }
    assert_true(compared > 5000);
}

/* Between two elements of the forward pass likewise. */
static void test_ways_between_layers_add_up(void **state)
{
    (void)state;
    for (size_t row = 0; row < NET_FEATURES; row++) {
        struct nb_net *net = net_featured(row, 3);
        net_run(net, nb_plan_start(net, NB_UPDATE));
        for (size_t top = 0; top < nb_quantity_count(net); top++)
            for (size_t bottom = 0; bottom < nb_quantity_count(net); bottom++) {
                struct element above = { top, 1, 0 }, below = { bottom, 0, 1 };
                struct ways ways;
                double value;
                if (!nb_partial_exists(net, top, bottom) ||
                    !ways_to_element(&ways, net, below, above) || ways.paths > WAYS_MOST)
                    continue;
                assert_int_equal(formula_local(net, top, 1, 0, bottom, 0, 1, &value, NULL), NB_OK);
                assert_near(sum_of_ways(&ways), value, 1e-12);
            }
        nb_net_free(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms_are_the_kernels_numbers),
        cmocka_unit_test(test_terms_of_layers),
        cmocka_unit_test(test_terms_of_learning),
        cmocka_unit_test(test_terms_of_rounded_numbers),
        cmocka_unit_test(test_terms_of_another_optimizer),
        cmocka_unit_test(test_terms_of_random_networks),
        cmocka_unit_test(test_local_derivatives_of_layers),
        cmocka_unit_test(test_local_derivatives),
        cmocka_unit_test(test_derivatives_through_layers),
        cmocka_unit_test(test_what_depends_on_what),
        cmocka_unit_test(test_ways_add_up),
        cmocka_unit_test(test_ways_between_layers_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
