/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language around expressions: statements, words, names, help for the hand. */
#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/error.h"
#include "lang/lang.h"

/* ---- Statements, words, items ---- */

/* All parts that `next` finds, joined by |. */
static void check_parts(const char *source, const char *expected,
                        bool (*next)(const char *source, size_t length, size_t *at,
                                     struct lang_span *span))
{
    struct text joined = TEXT_INIT;
    struct lang_span span;
    size_t at = 0, length = strlen(source);
    while (next(source, length, &at, &span)) {
        assert_true(span.at + span.length <= length);
        text_add_part(&joined, source + span.at, span.length);
        text_add(&joined, "|");
    }
    if (strcmp(joined.bytes, expected) != 0)
        fail_msg("%s gave %s", source, joined.bytes);
    text_release(&joined);
}

struct pair {
    const char *source, *expected;
};

static void test_statements(void **state)
{
    (void)state;
    static const struct pair rows[] = {
        { "", "" },
        { "  # only a comment", "" },
        { " a ; b;;c ", "a|b|c|" },
        { "a\nb\r\n\r\nc\n", "a|b|c|" },
        { "w1 = [1, 2; 3, 4]; b", "w1 = [1, 2; 3, 4]|b|" },
        { "w1 = [1,\n 2]\nb", "w1 = [1,\n 2]|b|" },
        { "a # one; two\nb", "a|b|" },
        { "f(1 # one\n)\nb", "f(1 # one\n)|b|" },
        { "train until=\"a; b # c\"; d", "train until=\"a; b # c\"|d|" },
        { "a \"open\nb", "a \"open|b|" },
        { "net 3-2 \\\n sigmoid\nb", "net 3-2 \\\n sigmoid|b|" },
        { "a \\ \r\n b", "a \\ \r\n b|" },
        { "a \\", "a|" },
        { "x'; y'", "x'|y'|" },
        { "a); b", "a)|b|" },
        { "(a; b\nc", "(a; b\nc|" },
        { "# [\nb", "b|" },
        { "ŷ = 1;δ2", "ŷ = 1|δ2|" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_parts(rows[i].source, rows[i].expected, lang_next_statement);
}

static void test_words(void **state)
{
    (void)state;
    static const struct pair rows[] = {
        { "net 3-2-2  sigmoid", "net|3-2-2|sigmoid|" },
        { "lr = 3", "lr|=|3|" },
        { "a key=\"a b\" c", "a|key=\"a b\"|c|" },
        { "f(1, 2) [3, 4]\t5", "f(1, 2)|[3, 4]|5|" },
        { "a \\\n b", "a|b|" },
        { "schedule=exp(1e-4) [1,\n2]", "schedule=exp(1e-4)|[1,\n2]|" },
        { "C:\\data x", "C:\\data|x|" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_parts(rows[i].source, rows[i].expected, lang_next_word);
}

static void test_items(void **state)
{
    (void)state;
    static const struct pair rows[] = {
        { "a", "a|" },
        { "a, b", "a|b|" },
        { " f(1, 2) , [3, 4]", "f(1, 2)|[3, 4]|" },
        { "a,,b", "a||b|" },
        { "a,", "a||" },
        { "", "|" },
        { ",", "||" },
        { "\"x, y\", z", "\"x, y\"|z|" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_parts(rows[i].source, rows[i].expected, lang_next_item);
}

static void test_line_states(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum lang_line line;
    } rows[] = {
        { "", LANG_LINE_COMPLETE },         { "a = [1, 2]", LANG_LINE_COMPLETE },
        { "a = [1, 2", LANG_LINE_OPEN },    { "a = [1, 2,\n", LANG_LINE_OPEN },
        { "f(1", LANG_LINE_OPEN },          { "f(1 # )", LANG_LINE_OPEN },
        { "a \\", LANG_LINE_OPEN },         { "a \\\n", LANG_LINE_OPEN },
        { "a \\ \r\n", LANG_LINE_OPEN },    { "a \\\nb", LANG_LINE_COMPLETE },
        { "# [ \\", LANG_LINE_COMPLETE },   { "\"[\"", LANG_LINE_COMPLETE },
        { "\"open [", LANG_LINE_COMPLETE }, { ")) (", LANG_LINE_OPEN },
        { "x'", LANG_LINE_COMPLETE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (lang_line_state(rows[i].source, strlen(rows[i].source)) != rows[i].line)
            fail_msg("%s", rows[i].source);
}

/* ---- Forms ---- */

static bool is_command(void *context, const char *word, size_t length)
{
    static const char *const commands[] = { "print", "net", "step", "target", "?" };
    (void)context;
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strlen(commands[i]) == length && memcmp(commands[i], word, length) == 0)
            return true;
    return false;
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *source, *word;
        enum lang_form form;
        bool command; /* an unknown first word is an unknown command */
    } rows[] = {
        { "print x", "print", LANG_COMMAND, true },
        { "print(z1)", "print", LANG_COMMAND, false },
        { "step", "step", LANG_COMMAND, true },
        { "net 3-2 seed=3", "net", LANG_COMMAND, true },
        { "? net", "?", LANG_COMMAND, true },
        { "target = [1]", "target", LANG_ASSIGNMENT, false },
        { "target == 1", "target", LANG_COMMAND, false },
        { "w1 = 3", "w1", LANG_ASSIGNMENT, false },
        { "w1=3", "w1", LANG_ASSIGNMENT, false },
        { "w1[1,2] = 3", "w1", LANG_ASSIGNMENT, false },
        { "w1[1][2] = 3", "w1", LANG_ASSIGNMENT, false },
        { "w1[x[1]] = 3", "w1", LANG_ASSIGNMENT, false },
        { "dL/dw1[1,1] = 3", "dL/dw1", LANG_ASSIGNMENT, false },
        { "ŷ = 1", "ŷ", LANG_ASSIGNMENT, false },
        { "w1 == 3", "w1", LANG_EXPRESSION, false },
        { "w1[1] == 3", "w1", LANG_EXPRESSION, false },
        { "w1", "w1", LANG_EXPRESSION, true },
        { "w1 + 3", "w1", LANG_EXPRESSION, false },
        { "w1'", "w1", LANG_EXPRESSION, false },
        { "x @ w1", "x", LANG_EXPRESSION, false },
        { "a and b", "a", LANG_EXPRESSION, false },
        { "trian epochs=3", "trian", LANG_EXPRESSION, true },
        { "foo 3", "foo", LANG_EXPRESSION, true },
        { "foo -3", "foo", LANG_EXPRESSION, false },
        { "foo \"a\"", "foo", LANG_EXPRESSION, true },
        { "np.exp(1)", "np", LANG_EXPRESSION, true },
        { "3 + 4", "", LANG_EXPRESSION, false },
        { "(x)", "", LANG_EXPRESSION, false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lang_span all = { 0, strlen(rows[i].source) }, word;
        if (lang_statement_form(rows[i].source, all, is_command, NULL, &word) != rows[i].form)
            fail_msg("the form of %s", rows[i].source);
        assert_int_equal(word.length, strlen(rows[i].word));
        assert_memory_equal(rows[i].source + word.at, rows[i].word, word.length);
        if (lang_reads_as_command(rows[i].source, all, word) != rows[i].command)
            fail_msg("does %s read as a command?", rows[i].source);
    }
}

/* ---- Names ---- */

static void test_canonical_names(void **state)
{
    (void)state;
    static const struct pair rows[] = {
        { "w1", "w1" },         { "W1", "w1" },          { "X", "x" },
        { "dW1", "dw1" },       { "Z1", "z1" },          { "YHAT", "yhat" },
        { "B12", "b12" },       { "Foo", "Foo" },        { "foo1", "foo1" },
        { "E", "E" },           { "Wide", "Wide" },      { "x1", "x1" },
        { "ŷ", "yhat" },        { "y\xcc\x82", "yhat" }, { "y_hat", "yhat" },
        { "δ2", "delta2" },     { "Delta2", "delta2" },  { "η", "lr" },
        { "eta", "lr" },        { "α", "lr" },           { "alpha", "lr" },
        { "Eta", "Eta" },       { "lr", "lr" },          { "dz2", "delta2" },
        { "dL/dz2", "delta2" }, { "∂L/∂z2", "delta2" },  { "∂L/∂w1", "dw1" },
        { "dC/dw1", "dw1" },    { "dJ/dW1", "dw1" },     { "dE/db2", "db2" },
        { "dloss/da1", "da1" }, { "∂L/∂x", "da0" },      { "∇w1", "dw1" },
        { "∇z1", "delta1" },    { "a0", "x" },           { "dL/dyhat", "dyhat" },
        { "w¹", "w1" },         { "δ²", "delta2" },      { "w¹₁₂", "w1_12" },
        { "z₁", "z1" },         { "θ", "theta" },        { "_a", "_a" },
        { "größe", "größe" },   { "мера", "мера" },      { "γ2", "gamma2" },
        { "x̂2", "xhat2" },      { "dx", "dx" },          { "data", "data" },
    };
    static const char *const none[] = { "",  "1a",  "a b", "a-b",  "a/b", "dL/w1", "dL/d",
                                        "∂", "a.b", "w1'", "\xff", "x/",  "²" };
    char name[64];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!lang_canonical_name(rows[i].source, strlen(rows[i].source), name))
            fail_msg("%s is no name", rows[i].source);
        if (strcmp(name, rows[i].expected) != 0)
            fail_msg("%s became %s", rows[i].source, name);
    }
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (lang_canonical_name(none[i], strlen(none[i]), name))
            fail_msg("%s became %s", none[i], name);
    char longest[65];
    memset(longest, 'a', sizeof longest);
    assert_true(lang_canonical_name(longest, 63, name));
    assert_false(lang_canonical_name(longest, 64, name));
}

static void test_indexed_suggestions(void **state)
{
    (void)state;
    static const struct pair rows[] = {
        { "w11", "w1[1,1]" },       { "w_11", "w1[1,1]" },   { "w1_11", "w1[1,1]" },
        { "W11", "w1[1,1]" },       { "w12", "w1[1,2]" },    { "w212", "w2[1,2]" },
        { "w2_12", "w2[1,2]" },     { "w_1_2", "w1[1,2]" },  { "w2_1_2", "w2[1,2]" },
        { "w1_1", "w1[1]" },        { "w_1", "w1" },         { "b12", "b1[2]" },
        { "b1_2", "b1[2]" },        { "b1_12", "b1[12]" },   { "z21", "z2[1]" },
        { "delta21", "delta2[1]" }, { "dw111", "dw1[1,1]" }, { "dw1_12", "dw1[1,2]" },
        { "x1", "x[1]" },           { "x_2", "x[2]" },       { "yhat1", "yhat[1]" },
        { "Y2", "y[2]" },           { "a_1", "a1" },
    };
    static const char *const none[] = { "w1",  "b2",  "x",        "foo11", "loss1", "w",  "w_",
                                        "w10", "w1a", "w1234567", "",      "_11",   "lr1" };
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_clear(&text);
        if (!lang_suggest_indexed(rows[i].source, &text))
            fail_msg("nothing suggested for %s", rows[i].source);
        if (strcmp(text.bytes, rows[i].expected) != 0)
            fail_msg("%s suggested %s", rows[i].source, text.bytes);
    }
    text_clear(&text);
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (lang_suggest_indexed(none[i], &text))
            fail_msg("%s suggested %s", none[i], text.bytes);
    assert_string_equal(text.bytes, "");
    text_release(&text);
}

/* ---- The nearest word ---- */

static void test_nearest(void **state)
{
    (void)state;
    static const struct nb_choice words[] = {
        { "forward", "" }, { "backward", "" }, { "sigmoid", "" }, { "net", "" },
        { "w1", "" },      { "lr", "" },       { "print", "" },
    };
    static const struct pair rows[] = {
        { "foward", "forward" },
        { "backwrad", "backward" },
        { "sigmiod", "sigmoid" },
        { "Sigmoid", "sigmoid" },
        { "sig", "sigmoid" },
        { "nte", "net" },
        { "rpint", "print" },
        { "pritn", "print" },
        { "w2", "w1" },
        { "W1", "w1" },
        { "rl", "" },
        { "xyz", "" },
        { "a", "" },
        { "", "" },
        { "completely", "" },
        { "b1", "" },
        { "forwards", "forward" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *near = lang_nearest(rows[i].source, words, sizeof words[0], COUNT_OF(words));
        if (strcmp(near, rows[i].expected) != 0)
            fail_msg("%s is near %s", rows[i].source, near);
    }
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(lang_nearest(longest, words, sizeof words[0], COUNT_OF(words)), "");
}

/* ---- Places in a text ---- */

static void test_carets(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        size_t at;
        const char *expected;
    } rows[] = {
        { "1 + * 2", 4, "1 + * 2\n    ^\n" },
        { "a\nb + c\nd", 6, "b + c\n    ^\n" },
        { "a\r\nb +\r\nd", 5, "b +\n  ^\n" },
        { "δ2 + ŷ *", 9, "δ2 + ŷ *\n       ^\n" },
        { "\tx y", 3, "        x y\n          ^\n" },
        { "a\tb", 2, "a       b\n        ^\n" },
        { "1 +", 3, "1 +\n   ^\n" },
        { "1 +\n\n", 5, "1 +\n   ^\n" },
        { "1 +", 99, "1 +\n   ^\n" },
        { "", 0, "\n^\n" },
        { "a\x1b[2J\xff z", 6, "a?[2J? z\n      ^\n" },
        { "你 x", 4, "你 x\n   ^\n" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = TEXT_INIT;
        lang_add_caret(&text, rows[i].source, strlen(rows[i].source), rows[i].at);
        if (strcmp(text.bytes, rows[i].expected) != 0)
            fail_msg("%s gave\n%s", rows[i].source, text.bytes);
        text_release(&text);
    }
}

static void test_long_lines(void **state)
{
    (void)state;
    enum { LENGTH = 5000 };
    char source[LENGTH];
    static const size_t places[] = { 0, 50, 99, 100, 2500, LENGTH - 1, LENGTH };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct text text = TEXT_INIT;
        memset(source, '1', sizeof source);
        if (places[i] < LENGTH)
            source[places[i]] = '*';
        lang_add_caret(&text, source, sizeof source, places[i]);
        const char *newline = strchr(text.bytes, '\n');
        assert_non_null(newline);
        size_t shown = (size_t)(newline - text.bytes), caret = strspn(newline + 1, " ");
        assert_true(shown <= 106 && caret <= shown);
        if (places[i] < LENGTH)
            assert_int_equal(text.bytes[caret], '*');
        assert_string_equal(newline + 1 + caret, "^\n");
        text_release(&text);
    }
}

static void test_positions(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        size_t at, line, column;
    } rows[] = {
        { "abc", 0, 1, 1 },   { "abc", 2, 1, 3 },    { "abc", 3, 1, 4 },
        { "a\nbc", 3, 2, 2 }, { "δ2 + x", 6, 1, 6 }, { "a\r\n\r\nb", 5, 3, 1 },
        { "ab\n", 3, 1, 3 },  { "", 0, 1, 1 },       { "ab", 70, 1, 3 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t line, column;
        lang_position(rows[i].source, strlen(rows[i].source), rows[i].at, &line, &column);
        if (line != rows[i].line || column != rows[i].column)
            fail_msg("%s: %zu:%zu", rows[i].source, line, column);
    }
}

/* ---- Habits ---- */

/* The advice for a statement that failed with `status`, "" for none. */
static void check_habit(const char *source, enum nb_status status, const char *expected)
{
    struct nb_error error;
    struct lang_span all = { 0, strlen(source) };
    const char *before = status == NB_FAILED ? "indices start at 1, found 0" : "before";
    error_at(&error, status, 3, "%s", before);
    bool found = lang_habit(source, all, &error);
    assert_int_equal(error.status, status);
    assert_int_equal(error.at, 3);
    if (found != (expected[0] != '\0') || !strstr(error.text, found ? expected : before))
        fail_msg("%s: %s", source, error.text);
}

static void test_habits(void **state)
{
    (void)state;
    size_t count;
    const struct lang_habit *rows = lang_habits(&count);
    assert_true(count >= 13);
    for (size_t i = 0; i < count; i++)
        check_habit(rows[i].example, rows[i].status, rows[i].expected);
}

static void test_habits_in_other_words(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum nb_status status;
        const char *expected;
    } rows[] = {
        { "net 784, 30, 10 relu", NB_USAGE, "write net 784-30-10" },
        { "net(4)", NB_USAGE, "write net 4" },
        { "net([2, 3])", NB_USAGE, "write net 2-3" },
        { "w1 = [1 2; 3 4]", NB_USAGE, "write [1, 2; 3, 4]" },
        { "x = [ 0.5  -0.5 ]", NB_USAGE, "write [0.5, -0.5]" },
        { "lr = 0,5", NB_USAGE, "write 0.5" },
        { "input 0,5 0,1", NB_USAGE, "write 0.5" },
        { "print delta2(1)", NB_USAGE, "write delta2[1]" },
        { "b1[0]", NB_FAILED, "indices start at 1" },
        { "w1[1,0]", NB_FAILED, "indices start at 1" },
        { "y = x**2", NB_USAGE, "write x^2" },
        { "2 * ln(x[1])", NB_USAGE, "write log(x[1])" },
        { "A./B", NB_USAGE, "write A / B" },
        { "math.sqrt(2)", NB_USAGE, "write sqrt(2)" },
        { "eta .5", NB_USAGE, "write eta = .5" },
        { "from numpy import exp", NB_USAGE, "nothing needs importing" },
        /* not these */
        { "net 3-2-2 sigmoid", NB_USAGE, "" },
        { "w1[0,1]", NB_USAGE, "" },
        { "exp(1) +", NB_USAGE, "" },
        { "w1[10,20]", NB_FAILED, "" },
        { "print w1, 0.5", NB_USAGE, "" },
        { "back", NB_SYSTEM, "" },
        { "", NB_USAGE, "" },
    };
    struct nb_error error;
    error_set(&error, NB_FAILED, "unknown name foo");
    assert_false(lang_habit("foo + w1[0,1]", (struct lang_span){ 0, 13 }, &error));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_habit(rows[i].source, rows[i].status, rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_line_states),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_canonical_names),
        cmocka_unit_test(test_indexed_suggestions),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_carets),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_habits),
        cmocka_unit_test(test_habits_in_other_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
