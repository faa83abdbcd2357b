/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How formulas, elements and numbers are written in LaTeX and MathML. */
#include "nets.h"

#include <string.h>

#include "formula/display.h"
#include "formula/linear.h"
#include "formula/phrase.h"

static struct nb_net *net;

static int make_net(void **state)
{
    (void)state;
    net = net_exercise(NB_DOUBLE);
    return 0;
}

static int free_net(void **state)
{
    (void)state;
    nb_net_free(&net);
    return 0;
}

static struct notation notation_for(struct formula_style *style, enum formula_medium medium)
{
    *style = (struct formula_style){ .digits = 6, .medium = medium };
    return (struct notation){ net, style, true, false };
}

/* The phrase as a formula of the medium is `expected`. */
static void check_phrase(enum formula_medium medium, struct phrase *phrase, const char *expected)
{
    struct formula_style style;
    struct notation notation = notation_for(&style, medium);
    struct text marked = TEXT_INIT, math = TEXT_INIT;
    phrase_math(&marked, &notation, phrase);
    display_finish(&math, medium_of(medium, true), marked.bytes);
    assert_string_equal(math.bytes, expected);
    phrase_release(phrase);
    text_release(&marked);
    text_release(&math);
}

/* ---- Formulas in a line ---- */

static const struct {
    const char *formula, *latex;
} formulas[] = {
    { "σ(z) = 1 / (1 + e^−z)", "\\sigma (z) = \\frac{1}{1 + {e}^{-z}}" },
    { "∂L/∂ŷₖ = −yₖ/ŷₖ",
      "\\frac{\\partial L}{\\partial \\hat{y}_{k}} = -\\frac{y_{k}}{\\hat{y}_{k}}" },
    { "1.7159·2/3·(1 − tanh(2·z/3)²)", "1.7159\\cdot \\frac{2}{3}\\cdot \\left(1 - \\tanh "
                                       "\\left(2\\cdot \\frac{z}{3}\\right)^{2}\\right)" },
    { "x̂⁽ᵐ⁾·√(var + ε)", "\\hat{x}^{(m)}\\cdot \\sqrt{\\mathrm{var} + \\varepsilon }" },
    { "((1 \"where\" m = i) − 1/n) / 2", "\\frac{(1 \\text{ where } m = i) - \\frac{1}{n}}{2}" },
    { "dw1 = xᵀ·delta1", "\\frac{\\partial L}{\\partial w^{1}} = x^{T}\\cdot \\delta^{1}" },
    { "a1 * (da1 − Σ da1)", "a^{1} \\odot \\left(\\frac{\\partial L}{\\partial a^{1}} - \\sum "
                            "\\frac{\\partial L}{\\partial "
                            "a^{1}}\\right)" },
    { "w1 ← w1 − η·dw1, b1 likewise",
      "w^{1} \\leftarrow w^{1} - \\eta \\cdot \\frac{\\partial L}{\\partial w^{1}}, b^{1} \\text{ "
      "likewise}" },
    { "ε = 1e-05", "\\varepsilon = 1 \\times 10^{-5}" },
    { "½·|w|", "\\tfrac{1}{2}\\cdot |w|" },
    { "L(0.5", "L(0.5" },
    { "", "" },
};

static void test_linear(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formulas); i++) {
        struct phrase phrase = PHRASE_INIT;
        phrase_formula(&phrase, formulas[i].formula);
        check_phrase(FORMULA_LATEX, &phrase, formulas[i].latex);
    }
}

static void test_mathml(void **state)
{
    static const struct {
        const char *formula, *mathml;
    } rows[] = {
        { "a − 1", "<mi>a</mi><mo>−</mo><mn>1</mn>" },
        { "−1", "<mo form=\"prefix\">−</mo><mn>1</mn>" },
        { "1/n", "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>" },
        { "Σₖ yₖ", "<munder><mo>∑</mo><mi>k</mi></munder><msub><mi>y</mi><mi>k</mi></msub>" },
        { "a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct phrase phrase = PHRASE_INIT;
        phrase_formula(&phrase, rows[i].formula);
        check_phrase(FORMULA_MATHML, &phrase, rows[i].mathml);
    }
}

/* ---- Elements and numbers ---- */

static void test_elements(void **state)
{
    static const struct {
        enum nb_quantity_kind kind;
        size_t layer, row, col;
        const char *latex;
    } rows[] = {
        { NB_X, 0, 0, 1, "x_{2}" },
        { NB_W, 2, 0, 1, "w^{2}_{12}" },
        { NB_W, 1, TERM_J, TERM_K, "w^{1}_{jk}" },
        { NB_DELTA, 1, 0, 0, "\\delta^{1}_{1}" },
        { NB_DW, 1, 2, 1, "\\frac{\\partial L}{\\partial w^{1}_{32}}" },
        { NB_LOSS_VALUE, 0, 0, 0, "L" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct phrase phrase = PHRASE_INIT;
        size_t id = net_id(net, rows[i].kind, rows[i].layer);
        phrase_element(&phrase, (struct element){ id, rows[i].row, rows[i].col });
        check_phrase(FORMULA_LATEX, &phrase, rows[i].latex);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        double value;
        const char *latex;
    } rows[] = {
        { 0, "0" },
        { -0.5, "-0.5" },
        { 1.5e-10, "1.5 \\times 10^{-10}" },
        { -2e20, "-2 \\times 10^{20}" },
        { 1e300 * 1e300, "\\infty " },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct phrase phrase = PHRASE_INIT;
        phrase_number(&phrase, rows[i].value);
        check_phrase(FORMULA_LATEX, &phrase, rows[i].latex);
    }
}

/* A square of what has an index above, of a number below 0, of one with an exponent. */
static void test_powers(void **state)
{
    struct phrase phrase = PHRASE_INIT;
    size_t w = net_id(net, NB_W, 1), x = net_id(net, NB_X, 0);
    (void)state;
    phrase_term(&phrase, term_square(term_element(w, 0, 0)), RENDER_SYMBOLS, false);
    check_phrase(FORMULA_LATEX, &phrase, "{(w^{1}_{11})}^{2}");
    phrase_term(&phrase, term_square(term_element(x, 0, 0)), RENDER_SYMBOLS, false);
    check_phrase(FORMULA_LATEX, &phrase, "{x_{1}}^{2}");
    phrase_term(&phrase, term_square(term_element(x, 0, 0)), 0, false);
    check_phrase(FORMULA_LATEX, &phrase, "{0.5}^{2}");
    phrase_term(&phrase, term_square(term_setting(TERM_EPSILON, 1e-8)), 0, false);
    check_phrase(FORMULA_LATEX, &phrase, "{(1 \\times 10^{-8})}^{2}");
    phrase_term(&phrase, term_square(term_setting(TERM_EPSILON, -3)), 0, false);
    check_phrase(FORMULA_LATEX, &phrase, "{(-3)}^{2}");
}

static void test_prose(void **state)
{
    struct formula_style style;
    struct notation notation = notation_for(&style, FORMULA_LATEX);
    struct phrase phrase = PHRASE_INIT;
    struct text text = TEXT_INIT;
    (void)state;
    phrase_words(&phrase, "100 % of $η$ & more — ");
    phrase_code(&phrase, "w_1");
    phrase_prose(&text, &notation, &phrase);
    assert_string_equal(text.bytes, "100 \\% of $\\eta $ \\& more $\\text{---}$ \\texttt{w\\_1}");
    phrase_release(&phrase);
    text_release(&text);
}

/* ---- Lines ---- */

/* A line that is too wide is broken before a summand; brackets end and begin anew. */
static void test_broken_lines(void **state)
{
    struct formula_style style;
    struct notation notation = notation_for(&style, FORMULA_LATEX);
    struct display display = DISPLAY_INIT;
    struct phrase phrase = PHRASE_INIT;
    struct text text = TEXT_INIT;
    (void)state;
    phrase_formula(&phrase, "L");
    phrase_formula(&phrase, " = ");
    phrase_bracket(&phrase, '(', false);
    phrase_partial(&phrase, (struct element){ net_id(net, NB_LOSS_VALUE, 0), 0, 0 },
                   (struct element){ net_id(net, NB_X, 0), 0, 0 });
    phrase_formula(&phrase, " + 3333333333");
    phrase_bracket(&phrase, ')', true);
    display_add(&display, &phrase, false);
    display_set(&text, &notation, &display, 12);
    assert_string_equal(text.bytes,
                        "\\begin{align*}\n"
                        "  L &= \\left(\\frac{\\partial L}{\\partial x_{1}}\\right. \\\\\n"
                        "  &\\quad{} \\left. + 3333333333\\right)\n"
                        "\\end{align*}\n");
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),       cmocka_unit_test(test_mathml),
        cmocka_unit_test(test_elements),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_powers),       cmocka_unit_test(test_prose),
        cmocka_unit_test(test_broken_lines),
    };
    return cmocka_run_group_tests(tests, make_net, free_net);
}
