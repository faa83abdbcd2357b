/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input that means harm, or nothing: an error with a place, never a crash, and
 * never long.  The mutations are seeded, so a failure can be repeated. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "lang/lang.h"

/* Names of one letter are numbers, w1 a matrix, all others unknown. */
static enum nb_status read_some(void *context, const char *name, bool old, struct value *value,
                                struct nb_error *error)
{
    (void)context, (void)old;
    if (strcmp(name, "w1") == 0)
        return value_init(value, 2, 3, 2, error);
    if (strcmp(name, "x") == 0)
        return value_init(value, 1, 1, 3, error);
    if (name[1] == '\0')
        return value_scalar(value, 2, error);
    return error_set(error, NB_FAILED, "unknown name %s", name);
}

static enum nb_status some_local(void *context, const struct lang_local *local, double *value,
                                 struct nb_error *error)
{
    (void)context, (void)local, (void)error;
    *value = 1;
    return NB_OK;
}

static void no_random(void *context, bool normal, double *data, size_t count)
{
    (void)context, (void)normal;
    for (size_t i = 0; i < count; i++)
        data[i] = 0.5;
}

static const struct lang_names names = { .read = read_some,
                                         .local = some_local,
                                         .random = no_random };

static enum nb_status evaluate(const char *source, size_t length, struct nb_error *error)
{
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    error_clear(error);
    enum nb_status status = lang_parse(source, 0, length, &names, &tree, error);
    if (status == NB_OK)
        status = lang_evaluate(tree, &names, &value, error);
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

/* `times` copies of `part`, `between` once, `times` copies of `after`. */
static char *repeated(const char *part, const char *between, const char *after, size_t times)
{
    struct text text = TEXT_INIT;
    text_repeat(&text, part, times);
    text_add(&text, between);
    text_repeat(&text, after, times);
    assert_false(text.failed);
    char *taken = text_take(&text);
    assert_non_null(taken);
    return taken;
}

/* ---- Depth and length ---- */

static void test_depth(void **state)
{
    (void)state;
    static const struct {
        const char *part, *between, *after;
        size_t most; /* copies that are still well */
    } rows[] = {
        { "(", "1", ")", 200 },     { "-", "1", "", 200 }, { "not ", "1", "", 200 },
        { "exp(", "0", ")", 200 },  { "+", "1", "", 200 }, { "2^", "1", "", 200 },
        { "-(", "1", ")", 100 },    { "x[", "1", "]", 1 }, { "[", "1", "]", 2 },
        { "not (", "1", ")", 100 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct nb_error error;
        char *well = repeated(rows[i].part, rows[i].between, rows[i].after, rows[i].most);
        char *deep = repeated(rows[i].part, rows[i].between, rows[i].after, 201);
        if (evaluate(well, strlen(well), &error) != NB_OK)
            fail_msg("%zu of %s: %s", rows[i].most, rows[i].part, error.text);
        assert_int_equal(evaluate(deep, strlen(deep), &error), NB_USAGE);
        if (!strstr(error.text, "deeper than 200"))
            fail_msg("201 of %s: %s", rows[i].part, error.text);
        free(well);
        free(deep);
    }
}

static void test_masses(void **state)
{
    (void)state;
    static const struct {
        const char *part, *between, *after;
        size_t times;
        enum nb_status status;
    } rows[] = {
        { "(", "", "", 100000, NB_USAGE },       { "-", "", "", 1000000, NB_USAGE },
        { "[", "", "", 10000000, NB_USAGE },     { "x[", "", "", 1000000, NB_USAGE },
        { "dw1[", "", "", 1000000, NB_USAGE },   { "da1/", "", "", 1000000, NB_USAGE },
        { "not ", "", "", 1000000, NB_USAGE },   { "2^", "", "", 1000000, NB_USAGE },
        { "1", "", "", 2000000, NB_USAGE },      { "a", "", "", 2000000, NB_USAGE },
        { "1+", "1", "", 2000000, NB_USAGE },    { "1+", "1", "", 100000, NB_OK },
        { "x + ", "1", "", 50000, NB_OK },       { "x", "", "'", 1, NB_OK },
        { "", "x", "'", 100001, NB_OK },         { "", "[1", ",2", 100000, NB_USAGE },
        { " ", "", "", 2000000, NB_USAGE },      { "#", "", "", 2000000, NB_USAGE },
        { "\\\n", "", "", 1000000, NB_USAGE },   { "\xff", "", "", 1000000, NB_USAGE },
        { "ŷ", "", "", 1000000, NB_USAGE },      { "0", "1", "", 1000000, NB_OK },
        { "1 == ", "1", "", 100000, NB_USAGE },  { "f(", "", "", 1000000, NB_USAGE },
        { "max(1,", "", "", 1000000, NB_USAGE }, { "\\ ", "", "", 1000000, NB_USAGE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct nb_error error;
        char *source = repeated(rows[i].part, rows[i].between, rows[i].after, rows[i].times);
        enum nb_status status = evaluate(source, strlen(source), &error);
        if (status != rows[i].status)
            fail_msg("%zu of %s%s: %d %s", rows[i].times, rows[i].part, rows[i].after, status,
                     error.text);
        if (status != NB_OK) {
            struct text caret = TEXT_INIT;
            assert_true(error.at <= strlen(source));
            lang_add_caret(&caret, source, strlen(source), error.at);
            assert_true(caret.length < 1000);
            text_release(&caret);
        }
        free(source);
    }
}

static void test_statement_masses(void **state)
{
    (void)state;
    static const char *const parts[] = {
        ";", "(;", "\"", "[\n", "a;", "\\\n", "# \n", "\\ ", "a["
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        char *source = repeated(parts[i], "", "", 1000000);
        size_t length = strlen(source), at = 0, count = 0;
        struct lang_span span;
        while (lang_next_statement(source, length, &at, &span))
            count += span.length > 0;
        assert_true(count <= length);
        for (at = 0; lang_next_word(source, length, &at, &span);)
            assert_true(span.length > 0);
        for (at = 0; lang_next_item(source, length, &at, &span);)
            assert_true(span.at + span.length <= length);
        lang_line_state(source, length);
        span = (struct lang_span){ 0, length };
        assert_false(lang_reads_as_command(source, span, (struct lang_span){ 0, 0 }));
        free(source);
    }
}

static void test_zero_bytes(void **state)
{
    (void)state;
    static const char source[] = "1 + \0 2";
    struct nb_error error;
    assert_int_equal(evaluate(source, sizeof source - 1, &error), NB_USAGE);
    assert_int_equal(error.at, 4);
    char name[64];
    assert_false(lang_canonical_name("a\0b", 3, name));
}

/* ---- Mutations ---- */

static const char *const seeds[] = {
    "x @ w1 + b",
    "w1[1,2] = [1, 2; 3, 4]' * -2^2",
    "da2[1]/dz2[1] + dL/dw1[1,1]",
    "[[1, 2], [3, 4]][1][2]",
    "sigmoid'(x) and not (1 <= 2) or 3 != 4",
    "round(2.675, 2)",
    "old(w1[1,1]) - σ(ŷ) # comment",
    "∂z1[1]/∂w1[1,1] \\\n + ∇w1",
    "onehot(2, 3) @ ones(3, 2)",
    "net 3,2,2; w1(1,1); \"text\"",
    "max(x, 1):2:3 '[0] 1e999",
    "w1[:,2:3]'; x[2:1]",
};

static const char *const pieces[] = {
    "(", ")",    "[",    "]",      ",",    ";",    ":", "'",   "\"",   "#",     "\n", "\\\n", "-",
    "^", "@",    "=",    "==",     "dL/d", "∂",    "ŷ", "w1",  "x",    "1",     "0",  "1e9",  ".",
    "/", "exp(", "old(", "zeros(", "nan",  "\xff", "²", "and", "not ", "rand(", "e",  " ",
};

/* A few random cuts, copies and pieces in one of the seeds. */
static void mutate(struct rng *rng, struct text *text)
{
    text_clear(text);
    text_add(text, seeds[rng_below(rng, COUNT_OF(seeds))]);
    for (uint64_t changes = rng_below(rng, 6); changes; changes--) {
        size_t at = (size_t)rng_below(rng, text->length + 1);
        size_t skipped = (size_t)rng_below(rng, 4);
        char *tail = string_copy(text->bytes + at);
        assert_non_null(tail);
        text_cut(text, at);
        text_add(text, pieces[rng_below(rng, COUNT_OF(pieces))]);
        text_add(text, strlen(tail) > skipped ? tail + skipped : "");
        free(tail);
    }
}

/* Everything that takes a text takes this one. */
static void try_all(const char *source, size_t length)
{
    struct nb_error error;
    struct lang_span all = { 0, length }, span, word;
    struct lang_assignment assignment;
    struct lang_name name;
    struct lang_index index[2];
    struct text text = TEXT_INIT;
    size_t indices, at = 0, line, column;
    enum nb_status status = evaluate(source, length, &error);
    if (status != NB_OK) {
        assert_true(status == NB_USAGE || status == NB_FAILED);
        assert_true(error.at <= length && error.text[0]);
        lang_add_caret(&text, source, length, error.at);
        lang_position(source, length, error.at, &line, &column);
        lang_habit(source, all, &error);
    }
    if (lang_parse_assignment(source, all, &names, &assignment, &error) != NB_OK)
        assert_true(error.at <= length);
    lang_assignment_release(&assignment);
    if (lang_parse_place(source, 0, length, &names, &name, index, &indices, &error) != NB_OK)
        assert_true(error.at <= length);
    while (lang_next_statement(source, length, &at, &span))
        lang_reads_as_command(source, span, (struct lang_span){ span.at, 1 });
    for (at = 0; lang_next_word(source, length, &at, &word);)
        lang_canonical_name(source + word.at, word.length, name.text);
    text_release(&text);
}

static void test_mutations(void **state)
{
    (void)state;
    struct text text = TEXT_INIT;
    clock_t start = clock();
    for (uint64_t i = 0; i < 6000 && clock() - start < 2 * CLOCKS_PER_SEC; i++) {
        struct rng rng;
        rng_init(&rng, 1, RNG_USER, i, 0);
        mutate(&rng, &text);
        try_all(text.bytes, text.length);
    }
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_masses),
        cmocka_unit_test(test_statement_masses),
        cmocka_unit_test(test_zero_bytes),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
