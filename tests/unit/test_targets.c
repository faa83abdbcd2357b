/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What explain and check are told: elements, letters, local derivatives, old(...). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
#include <cmocka.h>
/* clang-format on */

#include "base/error.h"
#include "lang/lang.h"

/* c is a matrix of 2, s a number; nothing else has a value. */
static enum nb_status read_some(void *context, const char *name, bool old, struct value *value,
                                struct nb_error *error)
{
    (void)context, (void)old;
    if (strcmp(name, "c") != 0 && strcmp(name, "s") != 0)
        return error_set(error, NB_FAILED, "unknown name %s", name);
    enum nb_status status = value_init(value, *name == 'c' ? 2 : 0, 1, 1, error);
    if (status == NB_OK)
        value->data[0] = 2;
    return status;
}

static const struct lang_names names = { .read = read_some };

static void test_targets(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        bool old, local;
        const char *name; /* of a place; the top of a quotient */
        size_t indices;
        char letters[3];
    } rows[] = {
        { "loss", false, false, "loss", 0, "" },
        { "dL/dw1[3,1]", false, false, "dw1", 2, "" },
        { "∂L/∂z2[1]", false, false, "delta2", 1, "" },
        { "delta2[j]", false, false, "delta2", 1, "j" },
        { "dw1[j,k]", false, false, "dw1", 2, "jk" },
        { "dw1[s,m]", false, false, "dw1", 2, "\0m" }, /* s is a variable */
        { "dw1[ j ][2]", false, false, "dw1", 2, "j" },
        { "delta2[c[1,1]]", false, false, "delta2", 1, "" },
        { "old(loss)", true, false, "loss", 0, "" },
        { "old ( w1[3,1] )", true, false, "w1", 2, "" },
        { "da2[1]/dz2[1]", false, true, "a2", 1, "" },
        { "old(∂a2[1]/∂w1[3,2])", true, true, "a2", 2, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lang_target target;
        struct nb_error error;
        const char *source = rows[i].source;
        if (lang_parse_target(source, 0, strlen(source), &names, &target, &error) != NB_OK)
            fail_msg("%s: %s", source, error.text);
        assert_int_equal(target.old, rows[i].old);
        assert_int_equal(target.local, rows[i].local);
        assert_string_equal(target.local ? target.quotient.top : target.name.text, rows[i].name);
        assert_int_equal(target.local ? target.quotient.bottom_indices : target.indices,
                         rows[i].indices);
        assert_int_equal(target.letter[0], rows[i].letters[0]);
        assert_int_equal(target.letter[1], rows[i].letters[1]);
        assert_int_equal(target.quotient.old, target.local && target.old);
        assert_int_equal(target.at + target.length, strlen(source));
    }
}

static void test_what_is_no_target(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum nb_status status;
        const char *says;
    } rows[] = {
        { "w1 + 1", NB_USAGE, "expected one quantity" },
        { "old(loss", NB_USAGE, ")" },
        { "old(loss) + 1", NB_USAGE, "expected one quantity" },
        { "old(old(loss))", NB_USAGE, "over one update" },
        { "delta2[n]", NB_FAILED, "one of the letters i, j, k, m, p, r and s" },
        { "delta2[j+1]", NB_USAGE, "]" },
        { "da2[1]/dz2[1] * 2", NB_USAGE, "expected one quantity" },
        { "3", NB_USAGE, "expected a name" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lang_target target;
        struct nb_error error;
        const char *source = rows[i].source;
        assert_int_equal(lang_parse_target(source, 0, strlen(source), &names, &target, &error),
                         rows[i].status);
        if (!strstr(error.text, rows[i].says))
            fail_msg("%s: %s", source, error.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_what_is_no_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
