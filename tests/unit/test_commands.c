/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of the command table: complete, and its example runs. */
#include <dirent.h>
#include <string.h>

#include "base/ascii.h"
#include "base/compiler.h"
#include "base/file.h"
#include "command/command.h"
#include "command/inform.h"
#include "command/settings.h"
#include "sessions.h"

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
            if (a->setting) { /* the range is the setting's alone */
                assert_non_null(setting_find(a->setting));
                assert_true(a->least == 0 && a->most == 0);
            }
            for (const struct command_argument *b = a + 1; b->name; b++)
                assert_string_not_equal(a->name, b->name);
        }
    }
}

static void examples_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        struct fixture *fixture = fixture_new(exercise);
        must_run(fixture, command_at(i)->example);
        fixture_free(fixture);
    }
}

static void help_shows_every_row(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("");
    fixture->out.width = 200; /* so that a usage stands on one line */
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        struct text line = TEXT_INIT;
        text_printf(&line, "help %s", row->name);
        must_run(fixture, line.bytes);
        if (!strstr(fixture->out_text.bytes, row->usage))
            fail_msg("%s does not show its usage:\n%s", line.bytes, fixture->out_text.bytes);
        text_clear(&line);
        text_printf(&line, "apropos %s", row->name);
        must_run(fixture, line.bytes);
        if (!strstr(fixture->out_text.bytes, row->name))
            fail_msg("%s does not find it", line.bytes);
        text_release(&line);
    }
    fixture_free(fixture);
}

static size_t question_marks(const char *bytes)
{
    size_t count = 0;
    for (; *bytes; bytes++)
        count += *bytes == '?';
    return count;
}

/* Nothing that terminals without Unicode would show as a question mark. */
static void assert_ascii(const char *what, const struct text *page)
{
    struct text ascii = TEXT_INIT;
    ascii_add(&ascii, page->bytes, page->length);
    if (question_marks(ascii.bytes) > question_marks(page->bytes))
        fail_msg("%s has signs that ASCII has no name for:\n%s", what, ascii.bytes);
    text_release(&ascii);
}

static void pages_have_ascii(void **state)
{
    (void)state;
    static const char *const more[] = { "conventions", "show settings", "help names", "plan",
                                        "sheet" };
    struct fixture *fixture = fixture_new(exercise);
    for (size_t i = 0; i < command_count() + COUNT_OF(more); i++) {
        struct text line = TEXT_INIT;
        text_printf(&line, i < command_count() ? "help %s" : "%s",
                    i < command_count() ? command_at(i)->name : more[i - command_count()]);
        must_run(fixture, line.bytes);
        assert_ascii(line.bytes, &fixture->out_text);
        text_release(&line);
    }
    fixture_free(fixture);
}

static void lessons_have_ascii(void **state)
{
    (void)state;
    DIR *folder = opendir(NB_LESSONS_SOURCE);
    size_t count = 0;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct text path = TEXT_INIT, page = TEXT_INIT;
        path_join(&path, NB_LESSONS_SOURCE, entry->d_name);
        if (strstr(entry->d_name, ".md")) {
            assert_int_equal(file_read(path.bytes, 1000000, &page, NULL), NB_OK);
            assert_ascii(path.bytes, &page);
            count++;
        }
        text_release(&path);
        text_release(&page);
    }
    closedir(folder);
    assert_true(count > 0);
}

/* Each setting can be printed, and set to the value it has at first. */
static void settings_have_their_defaults(void **state)
{
    (void)state;
    size_t count;
    const struct setting *settings = settings_table(&count);
    struct fixture *fixture = fixture_new("");
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct text line = TEXT_INIT;
        assert_sentence(settings[i].name, settings[i].help, true);
        text_printf(&line, "set %s %s; set %s=%s; set %s", settings[i].name, settings[i].fallback,
                    settings[i].name, settings[i].fallback, settings[i].name);
        must_run(fixture, line.bytes);
        if (!strstr(fixture->out_text.bytes, settings[i].fallback))
            fail_msg("%s prints %s", line.bytes, fixture->out_text.bytes);
        text_release(&line);
    }
    must_run(fixture, "show settings");
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(fixture->out_text.bytes, settings[i].name));
    fixture_free(fixture);
}

static void must_refuse(struct fixture *fixture, const char *line)
{
    struct text before;
    image_make(fixture->session, &before);
    if (run(fixture, line) != NB_USAGE)
        fail_msg("%s is taken:\n%s%s", line, fixture->out_text.bytes, fixture->err_text.bytes);
    assert_image(fixture, &before, line);
    text_release(&before);
}

/* Values outside the range are refused, and change nothing; those with a name
 * are read and assigned as one. */
static void settings_keep_their_ranges(void **state)
{
    (void)state;
    size_t count;
    const struct setting *settings = settings_table(&count);
    struct fixture *fixture = fixture_new(exercise);
    for (size_t i = 0; i < count; i++) {
        const struct setting *row = &settings[i];
        struct text line = TEXT_INIT;
        text_printf(&line, "set %s bogus", row->name);
        must_refuse(fixture, line.bytes);
        if (row->kind != SETTING_CHOICE && row->kind != SETTING_SCHEDULE) {
            text_clear(&line);
            text_printf(&line, "set %s %.17g", row->name, row->least - 1);
            must_refuse(fixture, line.bytes);
            text_clear(&line);
            text_printf(&line, "set %s %.17g", row->name, row->most * 2 + 1);
            must_refuse(fixture, line.bytes);
        }
        if (row->named) {
            text_clear(&line);
            text_printf(&line, "%s = 0.25; print %s, 4*%s; undo", row->name, row->name, row->name);
            must_run(fixture, line.bytes);
            assert_non_null(strstr(fixture->out_text.bytes, "0.25\n1\n"));
        }
        text_release(&line);
    }
    fixture_free(fixture);
}

/* What each optimizer keeps is readable after an update, and only that. */
static void moments_are_those_of_the_optimizer(void **state)
{
    (void)state;
    size_t count;
    const struct nb_choice *optimizers = nb_optimizers(&count);
    for (size_t i = 0; i < count; i++) {
        struct fixture *fixture = fixture_new(exercise);
        struct text line = TEXT_INIT;
        bool m = i == NB_ADAM || i == NB_ADAMW, v = i != NB_SGD;
        text_printf(&line, "set optimizer %s; set digits 17", optimizers[i].name);
        must_run(fixture, line.bytes);
        assert_int_equal(run(fixture, "print vw1"), NB_FAILED);
        must_run(fixture, "forward quiet; backward quiet; update quiet");
        assert_int_equal(run(fixture, "print mw1, mb2"), m ? NB_OK : NB_FAILED);
        assert_int_equal(run(fixture, "print vw1, vb2"), v ? NB_OK : NB_FAILED);
        must_run(fixture, "init again");
        assert_int_equal(run(fixture, "print vw1"), NB_FAILED);
        text_release(&line);
        fixture_free(fixture);
    }
}

/* No line is wider, but for a word that is. */
static void assert_within(const char *page, size_t width, const char *what)
{
    for (const char *line = page; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n"), blanks = strspn(line, " ");
        size_t word = blanks + strcspn(line + blanks, " \n");
        if (utf8_width(line, length) > width && word < length)
            fail_msg("%s, %zu columns: %.*s", what, width, (int)length, line);
    }
}

static void help_keeps_within_the_width(void **state)
{
    (void)state;
    static const int widths[] = { 32, 40, 60, 80, 120 };
    size_t topic_count;
    const struct topic *rows = topics(&topic_count);
    struct fixture *fixture = fixture_new(exercise);
    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        static const char *const pages[] = { "help",        "help commands", "help topics",
                                             "conventions", "show settings", "apropos the",
                                             "help dw1",    "help lr",       "help sigmoid",
                                             "help mean" };
        fixture->out.width = widths[i];
        for (size_t k = 0; k < command_count() + topic_count + COUNT_OF(pages); k++) {
            struct text line = TEXT_INIT;
            size_t page = k - command_count() - topic_count;
            if (k < command_count())
                text_printf(&line, "help %s", command_at(k)->name);
            else if (k < command_count() + topic_count)
                text_printf(&line, "help %s", rows[k - command_count()].name);
            else
                text_add(&line, pages[page]);
            must_run(fixture, line.bytes);
            assert_within(fixture->out_text.bytes, (size_t)widths[i], line.bytes);
            text_release(&line);
        }
    }
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(arguments_are_complete),
        cmocka_unit_test(examples_run),
        cmocka_unit_test(help_shows_every_row),
        cmocka_unit_test(pages_have_ascii),
        cmocka_unit_test(lessons_have_ascii),
        cmocka_unit_test(help_keeps_within_the_width),
        cmocka_unit_test(settings_have_their_defaults),
        cmocka_unit_test(settings_keep_their_ranges),
        cmocka_unit_test(moments_are_those_of_the_optimizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
