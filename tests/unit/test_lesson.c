/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lessons without a session: reading, mathematics, comparing output, playing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "base/compiler.h"
#include "base/error.h"
#include "lesson/check.h"
#include "lesson/lesson.h"
#include "lesson/math.h"
#include "lesson/player.h"
#include "lesson/render.h"
#include "lesson/table.h"
#include "lesson/test.h"

/* ---- Mathematics ---- */

static const struct {
    const char *tex, *unicode;
} formulas[] = {
    { "x", "x" },
    { "\\sigma(z)", "σ(z)" },
    { "\\frac{\\partial L}{\\partial w^1_{1,1}}", "∂L/∂w¹₁₁" },
    { "w_{12,3}", "w₁₂,₃" },
    { "w^1_{1,k}", "w¹₁ₖ" },
    { "x_1\\cdot w_1", "x₁·w₁" },
    { "\\ln x", "ln x" },
    { "\\frac{1}{2}\\sum_k (\\hat{y}_k - y_k)^2", "½Σₖ (ŷₖ − yₖ)²" },
    { "\\frac{1}{1+e^{-z}}", "1/(1+e⁻ᶻ)" },
    { "\\delta^1 = \\delta^2 \\cdot w^T", "δ¹ = δ² · wᵀ" },
    { "\\mathbf{x} \\in R^n", "x ∈ Rⁿ" },
    { "a^{Q}", "a^(Q)" },
    { "a_{Qz}^{2}", "a²_(Qz)" },
    { "a_{2}^{Q}", "a₂^(Q)" },
    { "", "" },
    /* brackets */
    { "\\sqrt{a+b}", "√(a+b)" },
    { "\\sqrt{\\frac{a}{b}}", "√(a/b)" },
    { "\\sqrt{x}^2", "(√x)²" },
    { "\\sqrt{x^2}", "√(x²)" },
    { "\\sqrt{x}y", "√(x)y" },
    { "\\frac{a+b}{c}d", "((a+b)/c)d" },
    { "\\frac{a}{b}c", "(a/b)c" },
    { "\\frac{a}{bc}", "a/(bc)" },
    { "\\frac{a}{b}^2", "(a/b)²" },
    { "\\frac{\\frac{a}{b}}{c}", "(a/b)/c" },
    { "\\frac{a}{\\frac{b}{c}}", "a/(b/c)" },
    { "\\frac{a}{b\\cdot c}", "a/(b·c)" },
    { "\\frac{a}{b}\\odot c", "(a/b)∘c" },
    { "a/\\frac{b}{c}", "a/(b/c)" },
    { "\\eta\\frac{a}{b}", "η·a/b" },
    { "2\\frac{1}{2}", "2·½" },
    { "\\ln\\frac{a}{b}", "ln(a/b)" },
    { "\\frac{\\ln a}{b}", "(ln a)/b" },
    { "\\frac{\\sqrt{2}}{2}", "(√2)/2" },
    { "\\frac{|a|}{\\max(|a|,|b|)}", "|a|/max(|a|,|b|)" },
    { "\\frac{a}{|b||c|}", "a/(|b||c|)" },
    { "\\frac{\\partial^2 L}{\\partial x\\,\\partial y}", "∂² L/(∂x ∂y)" },
    { "\\frac{dL}{dw}", "dL/dw" },
    { "\\frac{a}{dw}", "a/(dw)" },
    { "{a+b}^2", "(a+b)²" },
    { "{w^2}^T", "(w²)ᵀ" },
    { "6{5}^{-1}", "6·5⁻¹" },
    { "\\frac{\\ln |a|}{b}", "(ln |a|)/b" },
    { "\\sigma + z", "σ + z" },
    { "x^{y^z}", "x^(yᶻ)" },
    { "x^{1,2}", "x^(1,2)" },
    { "a\\ln b", "a ln b" },
    { "2\\mathrm{lr}", "2 lr" },
    { "a=b\\qquad c=d", "a=b\u00a0\u00a0 c=d" },
    { "\\left.f\\right|_{x=0}", "f|ₓ₌₀" },
    { "\\|w\\|^2", "‖w‖²" },
};

static void test_math(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formulas); i++) {
        struct text text = TEXT_INIT;
        assert_int_equal(math_add(&text, formulas[i].tex, strlen(formulas[i].tex), NULL), NB_OK);
        assert_string_equal(text.bytes, formulas[i].unicode);
        text_release(&text);
    }
}

/* What is no TeX, or none that is known: where, and a part of what is said. */
static const struct {
    const char *tex;
    size_t at;
    const char *said;
} faulty_formulas[] = {
    { "a+\\unknown{a}", 2, "unknown command \\unknown" },
    { "a\\\\b", 1, "unknown command \\\\" },
    { "\\frac{a}", 8, "missing" },
    { "\\frac{}{a}", 5, "a fraction of nothing" },
    { "\\sqrt[3]{a}", 5, "only square roots" },
    { "\\hat{ab}", 4, "one letter" },
    { "\\text a", 6, "followed by {" },
    { "\\text{a", 5, "{ without }" },
    { "{{{", 2, "{ without }" },
    { "a}", 1, "} without {" },
    { "^", 0, "nothing stands before ^" },
    { "a^", 2, "missing" },
    { "a^b^c", 3, "a second ^" },
    { "\\", 0, "unknown command" },
    { "x = `=x[1]`", 4, "code within $...$" },
    { "a&b", 1, "write \\&" },
};

static void test_faulty_math(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faulty_formulas); i++) {
        struct text text = TEXT_INIT;
        struct nb_error error = { .at = NB_NOWHERE };
        const char *tex = faulty_formulas[i].tex;
        assert_int_equal(math_add(&text, tex, strlen(tex), &error), NB_USAGE);
        assert_string_equal(text.bytes, tex);
        assert_int_equal(error.at, faulty_formulas[i].at);
        assert_non_null(strstr(error.text, faulty_formulas[i].said));
        text_release(&text);
    }
}

#define INDENT "\u00a0\u00a0\u00a0\u00a0" /* of a display */

static const struct {
    const char *markdown, *replaced;
} lines[] = {
    { "costs $5 or $6", "costs $5 or $6" },
    { "the $\\eta$ here", "the η here" },
    { "a `$\\eta$` b", "a `$\\eta$` b" },
    { "a ``$`\\eta$`` b", "a ``$`\\eta$`` b" },
    { "\\$x$ y", "\\$x$ y" },
    { "```\n$\\eta$\n```\n$\\eta$", "```\n$\\eta$\n```\nη" },
    { "$$\n\\eta\n\\mu\n$$", "\n" INDENT "η\\\n" INDENT "μ\n" },
    { "$$\n\\eta\n  \\mu\n$$", "\n" INDENT "η\\\n" INDENT "\u00a0\u00a0μ\n" },
    { "$$\\eta$$", INDENT "η" },
    { "$a*b*c$", "a\\*b\\*c" },
    { "| $a*b$ |", "| a*b |" },
};

static void test_replace(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct text text = TEXT_INIT;
        math_replace(&text, lines[i].markdown, strlen(lines[i].markdown), NULL);
        assert_string_equal(text.bytes, lines[i].replaced);
        text_release(&text);
    }
}

/* ---- Comparing ---- */

static const struct {
    const char *expected, *got;
    size_t line; /* that differs; 0: none */
} outputs[] = {
    { "0.2435", "0.243513", 0 },
    { "0.2435", "0.24346", 0 },
    { "0.2435", "0.24356", 1 },
    { "0.243513", "0.2435", 1 },
    { "0.50", "0.5", 0 },
    { "1.5e-10", "1.45512e-10", 0 },
    { "1.5e-10", "1.65e-10", 1 },
    { "1e3", "1000.4", 0 },
    { "-0.5", "0.5", 1 },
    { "0.000", "-0.0001", 0 },
    { "-0.000", "0.0001", 0 },
    { "0.000", "-0.001", 1 },
    { "[0.5, 0.000]", "[0.5, -0.0002]", 0 },
    { "-0.024", "\u22120.0243475", 0 },
    { "a - 0.0", "a - -0.01", 0 },
    { "3-2", "3--2", 1 },
    { "5-0", "5", 1 },
    { "3", "4", 1 },
    { "w1", "w2", 1 },
    { "z1 0.58", "z1 0.585", 0 },
    { "z1 0.59", "z1 0.585", 0 },
    { "z1 0.57", "z1 0.585", 1 },
    { "[0.64, 0.643]", "[0.642217, 0.643365]", 0 },
    { "[0.64, 0.644]", "[0.642217, 0.643365]", 1 },
    { "3-2-2", "3-2-2", 0 },
    { "3-2-2", "3-2-3", 1 },
    { "a  b", "  a b ", 0 },
    { "ab", "a b", 1 },
    { "a\n\nb", "a\nb\n", 0 },
    { "a\nb", "a\nc", 2 },
    { "a\nb", "a", 2 },
    { "a", "a\nb", 1 },
    { "...", "", 0 },
    { "...", "x\ny\nz", 0 },
    { "...\nz", "x\ny\nz", 0 },
    { "...\nz", "x\ny", 2 },
    { "x\n...", "x", 0 },
    { "a\n...\nc\n...\ne", "a\nb\nc\nd\nc\ne", 0 },
    { "a\n...\nc\n...\nf", "a\nb\nc\nd\nc\ne", 5 },
    { "loss ... accuracy ...", "loss 0.3 accuracy 1", 0 },
    { "loss ... accuracy 0", "loss 0.3 accuracy 1", 1 },
    { "0.24...", "0.243513", 0 },
    { "0.243...", "0.243913", 0 },
    { "value 1.0; ...", "value 1; error 2", 0 },
    { "∂L/∂w", "∂L/∂w", 0 },
    { "", "", 0 },
    { "", "x", 1 },
    { "NaN", "NaN", 0 },
};

/* What stands against a line behind `...`. */
static void test_check_tells(void **state)
{
    static const struct {
        const char *expected, *got, *told;
    } rows[] = {
        { "...\n0.4\n...", "loss 1\n0.25\n", "(no such line among these)\n    loss 1\n    0.25" },
        { "loss 1\n...\n0.4\n...", "loss 1\n0.25\n", "(no such line among these)\n    0.25" },
        { "...\n0.4", "loss 1\n0.25\n", "0.25" },
        { "0.4\n...", "0.25\n", "0.25" },
        { "a\n...\nb\n...", "a\n", "(nothing more)" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct output_difference difference;
        output_check(rows[i].expected, strlen(rows[i].expected), rows[i].got, strlen(rows[i].got),
                     &difference);
        assert_string_equal(difference.got.bytes, rows[i].told);
        output_difference_release(&difference);
    }
}

static void test_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        struct output_difference difference;
        enum nb_status status = output_check(outputs[i].expected, strlen(outputs[i].expected),
                                             outputs[i].got, strlen(outputs[i].got), &difference);
        if ((status != NB_OK) != (outputs[i].line != 0) || difference.line != outputs[i].line)
            fail_msg("row %zu: %s against %s: line %zu", i, outputs[i].expected, outputs[i].got,
                     difference.line);
        output_difference_release(&difference);
    }
}

/* ---- Reading ---- */

static char path[] = "/tmp/nabla-lesson-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_lesson(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

#define ASKED(words, lines) "```ask " words "\n" lines "```\n"

static const struct {
    const char *text;
    enum nb_status status;
    const char *message; /* is in the error */
    size_t at;           /* its place, or NB_NOWHERE */
} faults[] = {
    { "", NB_OK, "", 0 },
    { "---\ntitle: A\norder: 2\n---\n# B\n", NB_OK, "", 0 },
    { "---\ntitle: A\n", NB_USAGE, "has no end", 0 },
    { "---\norder: first\n---\n", NB_USAGE, "whole number", 11 },
    { "---\nnothing\n---\n", NB_USAGE, "key: value", 4 },
    { "---\ntitle: A\norder: 1\nskip: never\nvary: seed\n---\n# B\n", NB_OK, "", 0 },
    { "---\ntitle: A\nauthor: B\n---\n", NB_USAGE,
      "unknown key author in the front matter; the keys are title, order, skip, vary", 13 },
    { "---\ntitle: A\norder: 1\ntitle: B\n---\n", NB_USAGE, "title: is said twice", 22 },
    { "---\nTitle: A\n---\n", NB_USAGE, "unknown key Title", 4 },
    { "---\nskip: always\n---\n", NB_USAGE, "expected allow or never, found always", 10 },
    { "---\nvary: x\n---\n", NB_USAGE, "expected seed, found x", 10 },
    { "```nabla quiet\n1\n```\n", NB_USAGE, "unknown word quiet", 9 },
    { ASKED("a", "question: q\nanswer: x\n"), NB_OK, "", 0 },
    { ASKED("a points=2 tries=3", "question: q\n  more\nanswer: x\ndigits: 4\nhint: a\nhint: b\n"),
      NB_OK, "", 0 },
    { ASKED("a", "question: q\nchoices: a | b c\nanswer: B C\nwrong: 1 => no\n"), NB_OK, "", 0 },
    { ASKED("", "question: q\nanswer: x\n"), NB_USAGE, "id behind ask", 7 },
    { ASKED("3a", "question: q\nanswer: x\n"), NB_USAGE, "id, letters", 7 },
    { ASKED("a points=-1", "question: q\nanswer: x\n"), NB_USAGE, "points from 0", 16 },
    { ASKED("a tries=0", "question: q\nanswer: x\n"), NB_USAGE, "tries from 1", 15 },
    { ASKED("a trys=3", "question: q\nanswer: x\n"), NB_USAGE, "unknown word trys=3", 9 },
    { ASKED("a", "question: q\n"), NB_USAGE, "no line answer:", 7 },
    { ASKED("a", "answer: x\n"), NB_USAGE, "no line question:", 7 },
    { ASKED("a", "question: q\nanswer: 0.5\n"), NB_USAGE, "0.5 is made of typed numbers", 29 },
    { ASKED("a", "question: q\nanswer: 0.98 * (1 - 0.98)\n"), NB_USAGE, "typed numbers", 29 },
    { ASKED("a", "question: q\nanswer: -[sqrt(3), 2]\n"), NB_USAGE, "typed numbers", 29 },
    { ASKED("a", "question: q\nanswer: 2*pi + sigmoid'(0)\n"), NB_USAGE, "typed numbers", 29 },
    { ASKED("a", "question: q\nanswer: update 3\n"), NB_USAGE, "typed numbers", 29 },
    { ASKED("a", "question: q\nanswer: n * sqrt(3)\n"), NB_OK, "", 0 },
    { ASKED("a", "question: q\nanswer: x'\n"), NB_OK, "", 0 },
    { ASKED("a", "question: q\nanswer: update w1[1,1]\n"), NB_OK, "", 0 },
    { ASKED("a", "question: q\nanswer: da2[1]/dz2[1]\n"), NB_OK, "", 0 },
    { ASKED("a", "question: q\nanswer: x\nanswer: y\n"), NB_USAGE, "said twice", 31 },
    { ASKED("a", "question:\nanswer: x\n"), NB_USAGE, "nothing stands behind", 17 },
    { ASKED("a", "what: q\n"), NB_USAGE, "expected one of question:", 9 },
    { ASKED("a", "digits: 0\n"), NB_USAGE, "digits from 1 to 17", 17 },
    { ASKED("a", "tolerance: -1\n"), NB_USAGE, "above 0", 20 },
    { ASKED("a", "digits: 3\ntolerance: 1\n"), NB_USAGE, "not both", 30 },
    { ASKED("a", "wrong: x\n"), NB_USAGE, "EXPRESSION => ADVICE", 16 },
    { ASKED("a", "choices: a\n"), NB_USAGE, "two choices", 18 },
    { ASKED("a", "choices: a | b | A\n"), NB_USAGE, "a is there twice", 26 },
    { ASKED("a", "choices: a | | b\n"), NB_USAGE, "an empty choice", 21 },
    { ASKED("a", "question: q\nchoices: a | b\nanswer: c\n"), NB_USAGE, "none of the choices", 44 },
    { ASKED("a", "question: q\nchoices: a | b\nanswer: a\nwrong: 1 => no\n"), NB_USAGE,
      "is the answer", 53 },
    { ASKED("a", "question: q\nanswer: x\n") ASKED("a", "question: q\nanswer: x\n"), NB_USAGE,
      "asked before", 42 },
    { "```ask a\nquestion: q\nanswer: x\n", NB_USAGE, "no end", 0 },
    { "text\n\n```nabla silent failing\n1\n```\n", NB_USAGE, "unknown word failing", 22 },
    { "```nabla needs=\n1\n```\n", NB_USAGE, "unknown word needs=", 9 },
    { "```nabla\n1\n", NB_USAGE, "has no end", 0 },
    { "```output\n1\n```\n", NB_USAGE, "without a nabla block", 0 },
    { "```nabla\n1\n```\n```output\n1\n```\n```output\n1\n```\n", NB_USAGE, "without a nabla block",
      31 },
    { "- item\n\n  ```nabla\n  1\n  ```\n", NB_USAGE, "left margin", 8 },
    { "```python\nprint(1)\n```\n", NB_OK, "", 0 },
    { "```nablaish\n1\n```\n", NB_OK, "", 0 },
    { "~~~~nabla\n1\n~~~~\n", NB_OK, "", 0 },
    { "\033[31mred", NB_USAGE, "control character", NB_NOWHERE },
    { "\xff\xfe", NB_USAGE, "UTF-8", NB_NOWHERE },
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct lesson lesson;
        struct nb_error error = { .at = 0 };
        write_lesson(faults[i].text, strlen(faults[i].text));
        enum nb_status status = lesson_read(path, &lesson, &error);
        if (status != faults[i].status || (status && !strstr(error.text, faults[i].message)))
            fail_msg("row %zu: status %d, %s", i, (int)status, error.text);
        if (status)
            assert_int_equal(error.at, faults[i].at);
        lesson_release(&lesson);
    }
}

/* `repeat` copies of `unit`, then `tail`. */
static void write_repeated(const char *unit, size_t repeat, const char *tail)
{
    struct text text = TEXT_INIT;
    text_repeat(&text, unit, repeat);
    text_add(&text, tail);
    assert_false(text.failed);
    write_lesson(text.bytes, text.length);
    text_release(&text);
}

/* What would take long, or much of the stack, is refused or read at once. */
static void test_hostile(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t repeat;
        const char *tail;
    } rows[] = {
        { ">", 5000, "x\n" },
        { "- ", 4000, "x\n" },
        { "a", 20000, "" },
        { "[", 9000, "\n" },
        { "![a](<b", 1200, "\n" },
        { "*a_ ", 2000, "\n" },
        { "x\n", 600000, "" },
        { "$a ", 3000, "\n" },
        { "`", 9000, "\n" },
        { "```nabla\n\n```\n", 70000, "" },
        { "```ask a\nquestion: q\nanswer: x\n```\n", 20000, "" },
        { "\n> ", 300000, "" },
        { "# a\n", 250000, "" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lesson lesson;
        write_repeated(rows[i].unit, rows[i].repeat, rows[i].tail);
        (void)lesson_read(path, &lesson, NULL);
        lesson_release(&lesson);
    }
}

static void test_parts(void **state)
{
    (void)state;
    static const char text[] =
        "---\r\ntitle: My lesson\r\norder: 7\r\n---\r\n# One\r\n\r\nProse.\r\n"
        "\r\n```nabla silent needs=cifar10\r\na = 1\r\nb = 2\r\n```\r\n"
        "## Two\r\n```nabla fails\r\nc\r\n```\r\n```output\r\nd\r\n```\r\n";
    struct lesson lesson;
    write_lesson(text, sizeof text - 1);
    assert_int_equal(lesson_read(path, &lesson, NULL), NB_OK);
    assert_string_equal(lesson.title, "My lesson");
    assert_int_equal(lesson.order, 7);
    assert_int_equal(lesson.sections, 2);
    assert_int_equal(lesson.count, 6);
    const struct lesson_part *silent = &lesson.parts[2], *fails = &lesson.parts[4],
                             *output = &lesson.parts[5];
    assert_true(silent->silent && !silent->fails && silent->kind == LESSON_COMMANDS);
    assert_string_equal(silent->needs, "cifar10");
    assert_int_equal(silent->line, 10);
    assert_int_equal(silent->section, 0);
    assert_int_equal(silent->length, strlen("a = 1\nb = 2\n"));
    assert_memory_equal(lesson.source.bytes + silent->at, "a = 1\nb = 2\n", silent->length);
    assert_true(fails->fails && fails->section == 1 && !fails->needs);
    assert_true(output->kind == LESSON_OUTPUT && output->line == 18);
    lesson_release(&lesson);
}

/* ---- Setting prose ---- */

/* The value of a word is the word, loudly. */
static enum nb_status shout(void *context, const char *expression, struct text *text)
{
    (void)context;
    if (!strcmp(expression, "none"))
        return NB_FAILED;
    text_printf(text, "%s!", expression);
    return NB_OK;
}

static void test_render(void **state)
{
    (void)state;
    static const char text[] =
        "# A *title*\n\nSome `code`, **strong** and $\\sigma$ that goes on and on until it no "
        "longer "
        "fits.\n\n- one\n- two [link](http://a.b)\n\n1. first\n\n| a | b |\n|---|--:|\n| σ | 10 "
        "|\n\n"
        "```c\nint  x;\n```\n\n> quoted\n>\n> | a | b |\n> |---|--:|\n> | σ | $\\eta$ |\n\n<!-- "
        "hidden -->\n\n`=x` and `=none`\n";
    static const char set[] =
        "A title\n───────\n\nSome `code`, strong and σ that goes on\nand on until it no longer "
        "fits.\n\n  • one\n  • two link (http://a.b)\n\n 1. first\n\na   b\n─  ──\nσ  10\n\n"
        "    int  x;\n\n│ quoted\n│ \n│ a  b\n│ ─  ─\n│ σ  η\n\nx! and `=none`\n\n";
    struct lesson lesson;
    struct text shown = TEXT_INIT;
    struct sink sink = sink_to_text(&shown, true, 40);
    struct lesson_values values = { NULL, shout };
    write_lesson(text, sizeof text - 1);
    assert_int_equal(lesson_read(path, &lesson, NULL), NB_OK);
    for (size_t i = 0; i < lesson.count; i++)
        lesson_render(&lesson, &lesson.parts[i], &values, &sink);
    assert_string_equal(shown.bytes, set);
    lesson_release(&lesson);
    text_release(&shown);
}

static const struct {
    const char *markdown, *set; /* NULL: no table */
    size_t width;
    bool ascii;
} tables[] = {
    { "| a | b |\n|---|:-:|\n| one | x |", "a    b\n───  ─\none  x\n", 40, false },
    { "a | b\n--|--:\n\\| | 12\n", "a    b\n──  ──\n\\|  12\n", 40, false },
    { "| long words here | b |\n|---|---|\n| 1 |\n", "long      b\nwords\nhere\n────────  ─\n1\n",
      11, false },
    { "| a | b |\n", NULL, 40, false },
    { "| a | b |\n|---|\n", NULL, 40, false },
    { "| a |\n| b |\n", NULL, 40, false },
    { "|", NULL, 40, false },
    { "| a | b |\n|---|--:|\n| δ² | σ |\n", "a   b\n──  ─\nδ²  σ\n", 40, false },
    { "| a | b |\n|---|--:|\n| δ² | σ |\n", "a            b\n-------  -----\ndelta^2  sigma\n", 40,
      true },
    { "| η λ | b |\n|---|---|\n", "eta lambda  b\n----------  -\n", 40, true },
    { "| η λ | b |\n|---|---|\n", "eta       b\nlambda\n--------  -\n", 11, true },
};

static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct text text = TEXT_INIT, shown = TEXT_INIT;
        bool unicode = !tables[i].ascii,
             set = table_set(tables[i].markdown, strlen(tables[i].markdown), tables[i].width,
                             unicode, &text);
        (unicode ? text_add_part : ascii_add)(&shown, text.bytes, text.length);
        assert_int_equal(set, tables[i].set != NULL);
        assert_string_equal(shown.bytes, set ? tables[i].set : "");
        text_release(&text);
        text_release(&shown);
    }
}

/* ---- Playing and testing, with a host that echoes ---- */

/* A block that holds `bad` fails. */
static enum nb_status echo_run(void *context, const struct lesson *lesson,
                               const struct lesson_part *part, struct text *captured,
                               struct nb_error *error)
{
    const char *block = lesson->source.bytes + part->at;
    if (captured)
        text_add_part(captured, block, part->length);
    else
        text_add_part(context, block, part->length);
    return strncmp(block, "bad", 3) ? NB_OK : error_at(error, NB_FAILED, part->at, "was bad");
}

static void echo_report(void *context, const struct lesson *lesson, const struct lesson_part *part,
                        struct text *captured, const struct nb_error *error)
{
    (void)lesson, (void)part;
    text_printf(captured ? captured : context, "error: %s\n", error->text);
}

static bool echo_has_data(void *context, const char *name)
{
    (void)context;
    return !strcmp(name, "xor");
}

/* Questions wait. */
static enum nb_status echo_ask(void *context, const struct lesson *lesson,
                               const struct lesson_part *part, bool *holds, struct nb_error *error)
{
    (void)lesson, (void)error;
    text_printf(context, "ask %s\n", part->ask->id.text);
    *holds = true;
    return NB_OK;
}

/* An answer that is `bad` can't be given, prose always is all right. */
static enum nb_status echo_prove(void *context, const struct lesson *lesson,
                                 const struct lesson_part *part, struct nb_error *error)
{
    (void)context, (void)lesson;
    return part->ask && !strcmp(part->ask->answer.text, "bad")
               ? error_at(error, NB_FAILED, part->ask->answer.span.at, "was bad")
               : NB_OK;
}

static struct lesson_host echo_host(struct text *shown, struct sink *out)
{
    return (struct lesson_host){ shown,         out,      echo_run,        echo_report,
                                 echo_has_data, echo_ask, { NULL, shout }, echo_prove };
}

static const struct {
    const char *text;
    size_t passed, failed, skipped;
    const char *said; /* in the report */
} tests[] = {
    { "# A\n", 0, 1, 0, "nothing to test" },
    { "```nabla\na 1.25\n```\n```output\na 1.2\n```\n", 2, 0, 0, "" },
    { "```nabla\na 1.25\n```\n\nProse\n\n```output\na 1.3\n```\n", 2, 0, 0, "" },
    { "```nabla\na 1\nb 2\n```\n```output\na 1\nb 3\n```\n", 1, 1, 0,
      ":7:1: error: wrong output\n  "
      "expected: b 3\n  got:      b 2\n" },
    { "```nabla\nbad\n```\n```nabla\na\n```\n", 0, 1, 0, "the rest was left out" },
    { "```nabla fails\nbad\n```\n```output\n...\nerror: was bad\n```\n", 2, 0, 0, "" },
    { "```nabla fails\ngood\n```\n", 0, 1, 0, "" },
    { "```nabla needs=cifar10\nbad\n```\n```output\nx\n```\n```nabla needs=xor\na\n```\n", 1, 0, 1,
      ":1: skipped, for want of the data cifar10" },
    { "```ask a\nquestion: x\nanswer: y\n```\n```ask b\nquestion: x\nanswer: bad\n```\n", 1, 1, 0,
      "" },
    { "```nabla needs=cifar10\nx\n```\n```ask b\nquestion: x\nanswer: bad\n```\n", 0, 0, 2,
      ":4: skipped, for what was skipped before" },
};

static void test_tests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        struct text shown = TEXT_INIT, said = TEXT_INIT;
        struct sink out = sink_to_text(&shown, true, 80), report = sink_to_text(&said, true, 80);
        struct lesson_host host = echo_host(&shown, &out);
        struct lesson_tally tally = { 0, 0, 0 };
        struct lesson_player *player;
        write_lesson(tests[i].text, strlen(tests[i].text));
        assert_int_equal(player_new(path, &host, &player, NULL), NB_OK);
        enum nb_status status = lesson_test(player, &report, &tally);
        if (tally.passed != tests[i].passed || tally.failed != tests[i].failed ||
            tally.skipped != tests[i].skipped || !strstr(said.bytes, tests[i].said))
            fail_msg("row %zu: %zu passed, %zu failed, %zu skipped, %s", i, tally.passed,
                     tally.failed, tally.skipped, said.bytes);
        assert_int_equal(status != NB_OK, tests[i].failed > 0);
        player_free(&player);
        text_release(&shown);
        text_release(&said);
    }
}

static void test_player(void **state)
{
    (void)state;
    static const char text[] = "# One\n```nabla\na\n```\n# Two\n```nabla silent\nb\n```\n# Three\n"
                               "```nabla\nbad\n```\nnot shown\n";
    struct text shown = TEXT_INIT;
    struct sink out = sink_to_text(&shown, false, 80);
    struct lesson_host host = echo_host(&shown, &out);
    struct lesson_player *player;
    write_lesson(text, sizeof text - 1);
    assert_int_equal(player_new(path, &host, &player, NULL), NB_OK);
    assert_int_equal(player_next(player), NB_OK);
    assert_string_equal(shown.bytes, "One\n---\n\na\n\n");
    text_clear(&shown);
    assert_int_equal(player_next(player), NB_OK);
    assert_string_equal(shown.bytes, "Two\n---\n\n");
    player_back(player);
    assert_int_equal(player_section(player), 1);
    text_clear(&shown);
    assert_int_equal(player_next(player), NB_OK);
    assert_string_equal(shown.bytes, "Two\n---\n\n");
    text_clear(&shown);
    assert_int_equal(player_next(player), NB_FAILED);
    assert_string_equal(shown.bytes, "Three\n-----\n\nbad\nerror: was bad\n\n");
    assert_int_equal(player_section(player), 3);
    assert_int_equal(player_next(player), NB_OK);
    player_free(&player);
    text_release(&shown);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_math),        cmocka_unit_test(test_faulty_math),
        cmocka_unit_test(test_replace),     cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_tells), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_hostile),     cmocka_unit_test(test_parts),
        cmocka_unit_test(test_render),      cmocka_unit_test(test_tables),
        cmocka_unit_test(test_tests),       cmocka_unit_test(test_player),
    };
    return cmocka_run_group_tests(all, make_file, remove_file);
}
