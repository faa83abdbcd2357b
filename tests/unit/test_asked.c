/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question of a lesson that waits: what may run meanwhile, and what may not. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/file.h"
#include "command/asked.h"
#include "command/command.h"
#include "command/lesson.h"
#include "command/settings.h"
#include "sessions.h"

static char folder[] = "/tmp/nabla-asked-XXXXXX";

static int begin_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    return setenv("XDG_STATE_HOME", folder, 1) || setenv("HOME", folder, 1);
}

static int end_folder(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static const char blocks[] = "# One\n"
                             "```nabla silent\n"
                             "net 3-2-2 sigmoid\n"
                             "w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]\n"
                             "w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]\n"
                             "input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1\n"
                             "c = 4; spare = 5\n"
                             "forward quiet; backward quiet; unstep 3\n"
                             "```\n"
                             "```ask z11 tries=1000\n"
                             "question: What is z1[1]?\n"
                             "answer: z1[1]\n"
                             "wrong: c*z1[1] => Too much.\n"
                             "```\n"
                             "# Two\n"
                             "```nabla silent\n"
                             "forward quiet; lr = lr / 2; c = c + 1; backward quiet; update quiet\n"
                             "```\n"
                             "# Three\n";

/* A session that a person reads, in which the lesson waits for z1[1]. */
static struct fixture *fixture_asked(const char *front, const char *before)
{
    struct fixture *fixture = fixture_new(before);
    struct text path = TEXT_INIT, lesson = TEXT_INIT;
    static unsigned number;
    text_printf(&path, "%s/lesson%u.md", folder, number++);
    text_printf(&lesson, "%s%s", front, blocks);
    assert_int_equal(file_write(path.bytes, lesson.bytes, lesson.length, NULL), NB_OK);
    fixture->session->interactive = true;
    assert_int_equal(session_begin_lesson(fixture->session, path.bytes, NULL), NB_OK);
    assert_true(asked_waits(fixture->session));
    text_release(&path);
    text_release(&lesson);
    return fixture;
}

/* Runs a line; it must leave the numbers, and the question, as they are. */
static enum nb_status run_still(struct fixture *fixture, const char *line)
{
    struct text before;
    image_make(fixture->session, &before);
    enum nb_status status = run(fixture, line);
    assert_image(fixture, &before, line);
    text_release(&before);
    if (!asked_waits(fixture->session))
        fail_msg("%s: the question is gone", line);
    return status;
}

static bool was_refused(const struct fixture *fixture)
{
    return strstr(fixture->err_text.bytes, "a question is open, and") != NULL;
}

static void must_refuse(struct fixture *fixture, const char *line)
{
    if (run_still(fixture, line) != NB_FAILED || !was_refused(fixture) ||
        !strstr(fixture->err_text.bytes, "answer it, or type hint, skip or leave first"))
        fail_msg("%s: %s%s", line, fixture->out_text.bytes, fixture->err_text.bytes);
}

/* Each row in a form that would run without the question, or the row's example. */
static const struct {
    const char *name, *line;
} forms[] = {
    { "undo", "undo" },
    { "redo", "redo" },
    { "continue", "continue" },
    { "sweep", "sweep lr=0.1,0.2 epochs=1" },
    { "train", "train steps=1" },
    { "unstep", "unstep" },
    { "split", "split 15 6" },
    { "limit", "limit 5" },
    { "sample", "sample 1" },
    { "load", "load net.npz" },
    { "thaw", "thaw" },
    { "quiz", "quiz" },
    { "until", "until delta2" },
    { "input", "input 1 2 3" },
    { "target", "target 0 1" },
    { "init", "init seed=3" },
    { "reset", "reset" },
    { "step", "step" },
    { "forward", "forward" },
    { "backward", "backward" },
    { "update", "update" },
    /* These end the question, or the program. */
    { "lesson", "" },
    { "again", "" },
    { "leave", "" },
    { "skip", "" },
    { "reveal", "" },
    { "quit", "" },
    /* These change numbers only with some of their arguments: see below. */
    { "net", "net" },
    { "data", "data show 1" },
    { "set", "set" },
    { "scale", "scale" },
    { "freeze", "freeze" },
    { "runs", "runs" },
    /* These would write files, download or read a script. */
    { "save", "" },
    { "export", "" },
    { "transcript", "transcript" },
    { "source", "" },
    { "answers", "" },
    { "expect", "expect lr ~ 0.1" },
    { "next", "next" },
    { "hint", "hint" },
    /* The examples of others set something up first. */
    { "break", "break delta1" },
    { "watch", "watch w1" },
    { "delete", "delete" },
    { "info", "info breaks" },
    { "display", "display loss" },
    { "undisplay", "undisplay" },
    { "predict", "predict" },
    { "evaluate", "evaluate" },
    { "confusion", "confusion" },
    { "worst", "worst" },
    { "doctor", "doctor" },
    { "check", "check delta1[1] = 0.1" },
    { "explain", "explain z1[1]" },
    { "gradcheck", "gradcheck" },
    { "print", "print z1" },
    { "where", "where" },
    { "try", "try w1[1,1] = 0.5" },
    { "sheet", "sheet" },
};

static const char *form_of(const struct command *row)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (!strcmp(forms[i].name, row->name))
            return forms[i].line;
    return row->example;
}

static void rows_run_or_wait(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_asked("", "data xor");
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        const char *line = form_of(row);
        if (row->needs & MOVES_NUMBERS) {
            must_refuse(fixture, line);
            continue;
        }
        if (line[0])
            (void)run_still(fixture, line);
        if (was_refused(fixture))
            fail_msg("%s is refused: %s", line, fixture->err_text.bytes);
    }
    fixture_free(fixture);
}

/* What undo can revert has to wait, all of it or with some argument. */
static void changes_are_marked(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *row = command_at(i);
        bool marked = row->needs & MOVES_NUMBERS || !strcmp(row->name, "set");
        for (const struct command_argument *a = row->arguments; a->name; a++)
            marked |= a->moves;
        if (row->needs & CHANGES_STATE && !marked)
            fail_msg("%s changes the state while a question is open", row->name);
    }
}

static void some_arguments_wait(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "data xor",          "data linear n=5", "scale standard", "freeze w1",   "runs restore 1",
        "w1[1,1] = 3",       "w2 = 1",          "b1[2] = 0",      "x = [1,2,3]", "x[1] = 2",
        "y = [0,1]",         "lr = 0.2",        "l2 = 1",         "eta = 0.2",   "c = 1",
        "forward; backward", "net 3-2-2"
    };
    struct fixture *fixture = fixture_asked("", "data xor");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        (void)run_still(fixture, lines[i]);
        if (!was_refused(fixture))
            fail_msg("%s runs: %s%s", lines[i], fixture->out_text.bytes, fixture->err_text.bytes);
    }
    must_run(fixture, "s = 0.5*0.15; v = [s, 1]; v[2] = 3; spare = s + 1; s = 0.075");
    assert_int_equal(run_still(fixture, "expect fails 3 \"step\""), NB_OK);
    assert_int_equal(run_still(fixture, "print s + 0.35"), NB_OK);
    assert_string_equal(fixture->out_text.bytes, "0.425\n");
    assert_int_equal(run_still(fixture, "delta1[1] = 3"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "can't be assigned"));
    fixture_free(fixture);
}

static void settings_run_or_wait(void **state)
{
    (void)state;
    size_t count;
    const struct setting *settings = settings_table(&count);
    struct fixture *fixture = fixture_asked("", "");
    for (size_t i = 0; i < count; i++) {
        struct text line = TEXT_INIT;
        text_printf(&line, "set %s", settings[i].name);
        assert_int_equal(run_still(fixture, line.bytes), NB_OK);
        text_printf(&line, " %s", settings[i].fallback);
        if (settings[i].of == SETTING_OF_NUMBERS)
            must_refuse(fixture, line.bytes);
        else
            assert_int_equal(run_still(fixture, line.bytes), NB_OK);
        text_release(&line);
    }
    must_run(fixture, "set digits 9");
    fixture_free(fixture);
}

static void all_runs_once_it_is_answered(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_asked("---\ntitle: A\nskip: never\n---\n", "data xor");
    assert_int_equal(run_still(fixture, "step"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "type hint or leave first"));
    must_run(fixture, "0.585");
    assert_false(asked_waits(fixture->session));
    must_run(fixture, "step; undo; set lr 1; w1[1,1] = 2; c = 3");
    fixture_free(fixture);
    fixture = fixture_asked("", "");
    must_run(fixture, "leave; step");
    fixture_free(fixture);
}

/* One question at a time: a number answers the lesson's. */
static void a_quiz_gives_way(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, "quiz");
    assert_non_null(fixture->session->quiz);
    fixture_free(fixture);
    fixture = fixture_asked("", "net 2-2; input 1 2; quiz");
    assert_null(fixture->session->quiz);
    fixture_free(fixture);
}

/* What a person may do before `again`, and whether undo leads back from there. */
static const struct {
    const char *done;
    bool undone;
} detours[] = {
    { "net 2-4-1 tanh sigmoid; data xor; scale standard; train epochs=3 quiet", true },
    { "step; step; w1[1,1] = 3; lr = 2; c = 9; x = [1,2,3]", true },
    { "set optimizer adam; set l2 0.1; set round 2; freeze w1; set digits 9", true },
    { "undo", true },
    { "undo; undo; redo", true },
    { "unstep; step; undo; undo", true },
    { "undo; w1[1,1] = 3; step", true },
    { "undo; undo; undo; undo; undo; undo", true },
    { "undo; undo; undo; undo; undo; undo; w1[1,1] = 3; step", false },
    { "undo; undo; undo; undo; undo; undo; undo; undo; undo; net 2-2; lr = 5", false },
    { "", true },
};

/* The section to be played again begins, and ends, as it did at first. */
static void again_begins_where_it_began(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(detours); i++) {
        struct fixture *fixture = fixture_asked("", "net 7-7; lr = 4"),
                       *twin = fixture_asked("", "");
        must_run(fixture, "0.585");
        must_run(fixture, "next");
        must_run(fixture, detours[i].done);
        must_run(fixture, "again");
        if ((strstr(fixture->out_text.bytes, "set up from the beginning") == NULL) !=
            detours[i].undone)
            fail_msg("%s: %s", detours[i].done, fixture->out_text.bytes);
        assert_null(strstr(fixture->out_text.bytes, "undone"));
        must_run(twin, "0.585");
        must_run(twin, "next");
        if (detours[i].undone)
            assert_twins(fixture, twin, detours[i].done);
        must_run(fixture, "print lr, c, x, w1, b2, old(w1), old(z1); where");
        must_run(twin, "print lr, c, x, w1, b2, old(w1), old(z1); where");
        assert_string_equal(fixture->out_text.bytes, twin->out_text.bytes);
        fixture_free(fixture);
        fixture_free(twin);
    }
}

/* What a person may do before the lesson goes on: is it undone? */
static const struct {
    const char *done;
    bool undone;
} trials[] = {
    { "net 2-4-1 tanh sigmoid; data xor; scale standard; train epochs=3 quiet", true },
    { "w1[1,1] = 3", true },
    { "x = [1,2,3]; mine = 4", true },
    { "set optimizer adam", true },
    { "lr = 2", true },
    { "c = 9", true },
    { "undo", true },
    { "undo; w1[1,1] = 3; step", true },
    { "unstep", true },
    { "break delta1; w1[1,1] = 3", true },
    { "undo; redo", false },
    { "mine = 4", false },
    { "break delta1", false },
    { "set digits 9", false },
    { "print 2*w1; where; info nets", false },
    { "undo; undo; undo; undo; undo; undo; net 2-2; lr = 5", true },
    { "", false },
};

static void goes_on_where_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        struct fixture *fixture = fixture_asked("", "net 7-7; lr = 4"),
                       *twin = fixture_asked("", "");
        must_run(fixture, "0.585");
        must_run(twin, "0.585");
        run(fixture, trials[i].done);
        must_run(fixture, "next");
        const char *shown = fixture->out_text.bytes;
        bool told = strstr(shown, "what you changed since is undone") != NULL ||
                    strstr(shown, "set up from the beginning of the lesson") != NULL;
        if (told != trials[i].undone)
            fail_msg("%s: %s", trials[i].done, shown);
        must_run(twin, "next");
        must_run(fixture, "set digits 5; print lr, c, x, w1, b2, old(w1), old(z1); where");
        must_run(twin, "set digits 5; print lr, c, x, w1, b2, old(w1), old(z1); where");
        assert_string_equal(fixture->out_text.bytes, twin->out_text.bytes);
        fixture_free(fixture);
        fixture_free(twin);
    }
}

/* With its question open, too; and the first section, before which there was something else. */
static void again_asks_again(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_asked("", "net 7-7; lr = 4");
    struct text before;
    image_make(fixture->session, &before);
    must_run(fixture, "s = 3; again");
    assert_true(asked_waits(fixture->session));
    assert_image(fixture, &before, "again");
    must_run(fixture, "leave; print lr; undo; redo");
    text_release(&before);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(again_begins_where_it_began),  cmocka_unit_test(again_asks_again),
        cmocka_unit_test(goes_on_where_it_was),         cmocka_unit_test(rows_run_or_wait),
        cmocka_unit_test(changes_are_marked),           cmocka_unit_test(some_arguments_wait),
        cmocka_unit_test(settings_run_or_wait),         cmocka_unit_test(a_quiz_gives_way),
        cmocka_unit_test(all_runs_once_it_is_answered),
    };
    return cmocka_run_group_tests(tests, begin_folder, end_folder);
}
