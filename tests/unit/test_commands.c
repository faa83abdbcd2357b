/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of the command table: complete, and its example runs. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/command.h"
#include "command/session.h"
#include "command/settings.h"
#include "nets.h"

static const char exercise[] =
    "net 3-2-2 sigmoid; w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]\n"
    "w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]; input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1";

/* A session that writes into texts. */
struct desk {
    struct text out_text, err_text;
    struct sink out, err;
    struct session *session;
};

static void desk_init(struct desk *desk)
{
    text_init(&desk->out_text);
    text_init(&desk->err_text);
    desk->out = sink_to_text(&desk->out_text, true, 80);
    desk->err = sink_to_text(&desk->err_text, true, 80);
    assert_int_equal(session_new(&desk->out, &desk->err, &desk->session, NULL), NB_OK);
}

static void desk_release(struct desk *desk)
{
    session_free(&desk->session);
    assert_null(desk->session);
    text_release(&desk->out_text);
    text_release(&desk->err_text);
}

/* Runs lines that must succeed; what they print is in out_text. */
static void desk_run(struct desk *desk, const char *lines)
{
    text_clear(&desk->out_text);
    if (session_run(desk->session, NULL, lines, strlen(lines)) != NB_OK)
        fail_msg("%s\n%s", lines, desk->err_text.bytes);
}

static void assert_sentence(const char *name, const char *text, bool stops)
{
    if (!text || !text[0])
        fail_msg("%s lacks a text", name);
    if (!stops && text[strlen(text) - 1] == '.')
        fail_msg("%s: the summary ends with a full stop", name);
}

static void rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        assert_ptr_equal(command_find(row->name, strlen(row->name)), row);
        assert_sentence(row->name, row->summary, false);
        assert_sentence(row->name, row->help, true);
        assert_sentence(row->name, row->example, true);
        assert_non_null(row->run);
        assert_int_equal(strncmp(row->usage, row->name, strlen(row->name)), 0);
        assert_true(row->group < COMMAND_GROUPS && command_group_names[row->group][0]);
        if (!strstr(row->example, row->name))
            fail_msg("the example of %s does not use it: %s", row->name, row->example);
    }
    assert_null(command_at(command_count()));
}

static void arguments_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        for (const struct command_argument *a = row->arguments; a->name; a++) {
            assert_sentence(row->name, a->help, true);
            assert_true(a->least <= a->most);
            assert_true(a->kind != ARG_CHOICE || a->choices != NULL);
            for (const struct command_argument *b = a + 1; b->name; b++)
                assert_string_not_equal(a->name, b->name);
        }
    }
}

static void examples_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        struct desk desk;
        desk_init(&desk);
        desk_run(&desk, exercise);
        desk_run(&desk, command_at(i)->example);
        desk_release(&desk);
    }
}

static void help_shows_every_row(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        struct text line = TEXT_INIT;
        text_printf(&line, "help %s", row->name);
        desk_run(&desk, line.bytes);
        if (!strstr(desk.out_text.bytes, row->usage))
            fail_msg("%s does not show its usage:\n%s", line.bytes, desk.out_text.bytes);
        text_clear(&line);
        text_printf(&line, "apropos %s", row->name);
        desk_run(&desk, line.bytes);
        if (!strstr(desk.out_text.bytes, row->name))
            fail_msg("%s does not find it", line.bytes);
        text_release(&line);
    }
    desk_release(&desk);
}

/* Each setting can be printed, and set to the value it has at first. */
static void settings_have_their_defaults(void **state)
{
    (void)state;
    size_t count;
    const struct setting *settings = settings_table(&count);
    struct desk desk;
    desk_init(&desk);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct text line = TEXT_INIT;
        assert_sentence(settings[i].name, settings[i].help, true);
        text_printf(&line, "set %s %s; set %s=%s; set %s", settings[i].name, settings[i].fallback,
                    settings[i].name, settings[i].fallback, settings[i].name);
        desk_run(&desk, line.bytes);
        if (!strstr(desk.out_text.bytes, settings[i].fallback))
            fail_msg("%s prints %s", line.bytes, desk.out_text.bytes);
        text_release(&line);
    }
    desk_run(&desk, "show settings");
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(desk.out_text.bytes, settings[i].name));
    desk_release(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(arguments_are_complete),
        cmocka_unit_test(examples_run),
        cmocka_unit_test(help_shows_every_row),
        cmocka_unit_test(settings_have_their_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
