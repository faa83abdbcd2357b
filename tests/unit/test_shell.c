/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line, and text for terminals without Unicode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "base/compiler.h"
#include "shell/options.h"

/* ---- ASCII ---- */

static const struct {
    const char *unicode, *ascii;
} signs[] = {
    { "plain text\n", "plain text\n" },
    { "δ²₁ = w¹₁₂·x₁²", "delta2[1] = w1[1,2]*x[1]^2" },
    { "w¹₁₂,₃", "w1[12,3]" },
    { "a¹ⱼ, zₖ,", "a1[j], z[k]," },
    { "(ŷₖ − yₖ)²", "(yhat[k] - y[k])^2" },
    { "e⁻ᶻ ½ ∂L/∂w → ∇", "e^-z 1/2 dL/dw -> nabla" },
    { "½Σₖ ½x ½·x √2 √σ √(x)", "(1/2)sum[k] (1/2)x 1/2*x sqrt 2 sqrt sigma sqrt(x)" },
    { "2λw ηλ xᵀδ xλ γx̂ ŷₖŷₘ σ²x", "2lambda w eta lambda x^T delta x lambda gamma xhat "
                                   "yhat[k] yhat[m] sigma^2 x" },
    { "δ²₁ σ(z) σ'(z) ∂δ w¹₁₂·x₁² λ·w", "delta2[1] sigma(z) sigma'(z) ddelta w1[1,2]*x[1]^2 "
                                        "lambda*w" },
    { "x̂⁽ⁱ⁾ ± aₚ⁽ᵐ⁾ ▸ ⌊t/2⌋", "xhat^(i) +- a[p]^(m) > floor(t/2)" },
    { "Σy Σₖ √v √(2) λw", "sum y sum[k] sqrt v sqrt(2) lambda w" },
    { "€", "?" },
    { "\xff\xe2\x88", "???" },
    { "", "" },
};

static void test_ascii(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        struct text text = TEXT_INIT;
        ascii_add(&text, signs[i].unicode, strlen(signs[i].unicode));
        assert_string_equal(text.bytes, signs[i].ascii);
        text_release(&text);
    }
}

/* ---- Options ---- */

#define WORDS_MOST 6

static const struct {
    char *words[WORDS_MOST]; /* behind the program's name */
    enum nb_status status;
    size_t jobs, presets;
    const char *flags;   /* the letters of those that are set: i k q e t v h */
    const char *message; /* is in the error */
} lines[] = {
    { { "-c", "print 1", "file", "-c", "print 2" }, NB_OK, 3, 0, "", "" },
    { { "-cprint 1" }, NB_OK, 1, 0, "", "" },
    { { "-kqi" }, NB_OK, 0, 0, "ikq", "" },
    { { "-kc", "print 1" }, NB_OK, 1, 0, "k", "" },
    { { "--echo", "--seed", "3", "--digits=4" }, NB_OK, 0, 2, "e", "" },
    { { "-", "--", "-k", "--echo" }, NB_OK, 3, 0, "", "" },
    { { "--test", "a.md", "b.md" }, NB_OK, 2, 0, "t", "" },
    { { "--bless", "a.md" }, NB_OK, 1, 0, "", "" },
    { { "--grade", "a.md", "--answers", "b", "c", "--csv=d" }, NB_OK, 2, 0, "", "" },
    { { "--student", "4711", "a.md" }, NB_OK, 1, 0, "", "" },
    { { "--version" }, NB_OK, 0, 0, "v", "" },
    { { "--help" }, NB_OK, 0, 0, "h", "" },
    { { "--color", "never", "--threads", "2" }, NB_OK, 0, 2, "", "" },
    { { "--sed", "3" }, NB_USAGE, 0, 0, "", "did you mean --seed?" },
    { { "-x" }, NB_USAGE, 0, 0, "", "unknown option -x" },
    { { "-kx" }, NB_USAGE, 0, 0, "k", "unknown option -x" },
    { { "-c" }, NB_USAGE, 0, 0, "", "-c needs a value" },
    { { "--digits" }, NB_USAGE, 0, 0, "", "--digits needs a value" },
    { { "--echo=yes" }, NB_USAGE, 0, 0, "", "--echo takes no value" },
    { { "--seed", "1", "--seed=2" }, NB_USAGE, 0, 1, "", "given twice" },
    { { "--test" }, NB_USAGE, 0, 0, "t", "needs lessons" },
    { { "--test", "-c", "quit" }, NB_USAGE, 1, 0, "t", "leave out -c" },
    { { "--bless" }, NB_USAGE, 0, 0, "", "--bless FILE" },
    { { "--bless", "--test", "a.md" }, NB_USAGE, 1, 0, "t", "one at a time" },
    { { "--grade" }, NB_USAGE, 0, 0, "", "--grade needs a value" },
    { { "--grade", "a.md" }, NB_USAGE, 0, 0, "", "--answers FILE" },
    { { "--grade", "a.md", "b" }, NB_USAGE, 1, 0, "", "--answers FILE" },
    { { "--answers", "b" }, NB_USAGE, 1, 0, "", "goes with --grade" },
    { { "--json", "r", "b" }, NB_USAGE, 1, 0, "", "goes with --grade" },
    { { "--csv", "a", "--csv", "b" }, NB_USAGE, 0, 0, "", "given twice" },
    { { "--student", "1", "--seed", "2", "a.md" }, NB_USAGE, 1, 1, "", "one of them" },
    { { "--student", "1", "--test", "a.md" }, NB_USAGE, 1, 0, "t", "--seeds A..B" },
};

static bool has_flags(const struct invocation *got, const char *letters)
{
    const struct {
        char letter;
        bool set;
    } flags[] = {
        { 'i', got->prompt }, { 'k', got->keep_going }, { 'q', got->quiet }, { 'e', got->echo },
        { 't', got->test },   { 'v', got->version },    { 'h', got->help },
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (flags[i].set != (strchr(letters, flags[i].letter) != NULL))
            return false;
    return true;
}

static void test_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char *argv[WORDS_MOST + 2] = { "nabla" };
        int argc = 1;
        while (argc <= WORDS_MOST && lines[i].words[argc - 1]) {
            argv[argc] = lines[i].words[argc - 1];
            argc++;
        }
        struct invocation invocation;
        struct nb_error error = { NB_OK, NB_NOWHERE, "" };
        enum nb_status status = options_parse(argc, argv, &invocation, &error);
        if (status != lines[i].status || !strstr(error.text, lines[i].message) ||
            !has_flags(&invocation, lines[i].flags))
            fail_msg("row %zu: status %d, %s", i, (int)status, error.text);
        assert_int_equal(invocation.job_count, lines[i].jobs);
        assert_int_equal(invocation.preset_count, lines[i].presets);
        invocation_release(&invocation);
    }
}

static void test_order(void **state)
{
    (void)state;
    char *argv[] = { "nabla", "a", "-c", "b", "-", NULL };
    struct invocation invocation;
    assert_int_equal(options_parse(5, argv, &invocation, NULL), NB_OK);
    assert_false(invocation.jobs[0].commands);
    assert_true(invocation.jobs[1].commands);
    assert_string_equal(invocation.jobs[1].text, "b");
    assert_string_equal(invocation.jobs[2].text, "-");
    invocation_release(&invocation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
