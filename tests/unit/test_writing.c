/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every command that writes a file, where there is no room for it: an error that names
 * the file, nothing half written, and what was there before is whole. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/file.h"
#include "command/command.h"
#include "command/lesson.h"
#include "sessions.h"

#define ROOM 16 /* bytes of a file: some are written before it fails */

static char folder[] = "/tmp/nabla-writing-XXXXXX";

static const char lesson[] = "# One\n"
                             "```nabla silent\n"
                             "x = [0.5, 0.5, 0.1]\n"
                             "```\n"
                             "```ask first\n"
                             "question: What is x₁ + x₂?\n"
                             "answer: x[1] + x[2]\n"
                             "```\n";

/* `command` has the argument, to which the file is given. */
static const struct row {
    const char *command, *argument;
    const char *before, *line, *file;
    bool asked; /* in a lesson whose question has been answered */
} rows[] = {
    { "save", "FILE", "", "save w.safetensors", "w.safetensors", false },
    { "save", "FILE", "", "save w.npz", "w.npz", false },
    { "export", "FILE", "", "export e.tex", "e.tex", false },
    { "export", "FILE", "", "export e.html", "e.html", false },
    { "export", "FILE", "", "export q.gift", "q.gift", true },
    { "explain", "to", "forward quiet; backward quiet", "explain dw1[1,1] to d.tex", "d.tex",
      false },
    { "explain", "to", "forward quiet; backward quiet", "explain delta1[j] to d.html", "d.html",
      false },
    { "explain", "to", "forward quiet; backward quiet", "explain delta1 to d.txt", "d.txt", false },
    { "explain", "to", "backward quiet; update quiet", "explain update w1[1,1] to u.tex", "u.tex",
      false },
    { "train", "log", "", "train epochs=2 quiet log=l.csv", "l.csv", false },
    { "train", "checkpoint", "", "train epochs=2 quiet checkpoint=c.safetensors", "c.safetensors",
      false },
    { "runs", "to", "train epochs=2 quiet", "runs to r.md", "r.md", false },
    { "runs", "to", "train epochs=2 quiet", "runs to r.csv", "r.csv", false },
    { "runs", "to", "train epochs=2 quiet", "runs to r.tex", "r.tex", false },
    { "predict", "to", "", "predict to p.csv", "p.csv", false },
    { "transcript", "FILE", "print 1", "transcript t.md", "t.md", false },
    { "transcript", "last", "print 1", "transcript last t.md", "t.md", false },
    { "answers", "to", "", "answers to a.txt", "a.txt", true },
};

static int begin_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR); /* as the program does */
    return chdir(folder) || setenv("XDG_STATE_HOME", folder, 1) || setenv("HOME", folder, 1);
}

static int end_folder(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static void set_room(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static enum nb_status run_narrow(struct fixture *fixture, const char *line)
{
    set_room(ROOM);
    enum nb_status status = run(fixture, line);
    set_room(RLIM_INFINITY);
    return status;
}

/* Names in the working folder but for folders, `lesson.md` and `but`. */
static void must_be_alone(const char *line, const char *but)
{
    DIR *here = opendir(".");
    assert_non_null(here);
    for (const struct dirent *entry; (entry = readdir(here)) != NULL;)
        if (!folder_exists(entry->d_name) && strcmp(entry->d_name, "lesson.md") != 0 &&
            strcmp(entry->d_name, but) != 0)
            fail_msg("%s leaves %s behind", line, entry->d_name);
    closedir(here);
}

static struct fixture *begin(const struct row *row)
{
    struct fixture *fixture = fixture_new(exercise);
    must_run(fixture, row->before);
    if (!row->asked)
        return fixture;
    assert_int_equal(file_write("lesson.md", lesson, sizeof lesson - 1, NULL), NB_OK);
    fixture->session->interactive = true;
    assert_int_equal(session_begin_lesson(fixture->session, "lesson.md", NULL), NB_OK);
    must_run(fixture, "1");
    return fixture;
}

static void must_fail(const struct row *row, const char *old)
{
    struct fixture *fixture = begin(row);
    struct text said = TEXT_INIT, left = TEXT_INIT;
    if (old)
        assert_int_equal(file_write(row->file, old, strlen(old), NULL), NB_OK);
    enum nb_status status = run_narrow(fixture, row->line);
    text_printf(&said, "cannot write %s: File too large", row->file);
    if (status != NB_SYSTEM || !strstr(fixture->err_text.bytes, said.bytes))
        fail_msg("%s: status %d\n%s%s", row->line, (int)status, fixture->out_text.bytes,
                 fixture->err_text.bytes);
    must_be_alone(row->line, old ? row->file : "");
    if (old) {
        assert_int_equal(file_read(row->file, 1000, &left, NULL), NB_OK);
        assert_string_equal(left.bytes, old);
    }
    must_run(fixture, row->line); /* nothing is broken: with room it works */
    assert_true(file_exists(row->file));
    fixture_free(fixture);
    assert_int_equal(remove(row->file), 0);
    text_release(&said);
    text_release(&left);
}

static void test_no_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        must_fail(&rows[i], NULL);
        must_fail(&rows[i], "what was here before\n");
    }
}

/* No argument that names a file to write is without a row. */
static void test_all_are_here(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        for (const struct command_argument *a = command->arguments; a->name; a++) {
            size_t row = 0;
            while (row < COUNT_OF(rows) && (strcmp(rows[row].command, command->name) != 0 ||
                                            strcmp(rows[row].argument, a->name) != 0))
                row++;
            if (a->kind == ARG_OUTPUT && row == COUNT_OF(rows))
                fail_msg("%s %s writes a file, and no row tries it", command->name, a->name);
        }
    }
}

/* A transcript that no longer fits says so, once, and the session goes on. */
static void test_transcript_grows(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("transcript t.md");
    fixture->session->prompting = true; /* it is written after every line */
    run_narrow(fixture, "print 1");
    assert_non_null(strstr(fixture->err_text.bytes, "cannot write t.md: File too large"));
    run_narrow(fixture, "print 2");
    assert_string_equal(fixture->err_text.bytes, "");
    must_be_alone("transcript", "t.md");
    fixture_free(fixture);
    assert_int_equal(remove("t.md"), 0);
}

/* A log that no longer fits ends the run, and has whole lines. */
static void test_log_grows(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(exercise);
    struct text log = TEXT_INIT;
    set_room(200);
    enum nb_status status = run(fixture, "train epochs=20 quiet log=l.csv");
    set_room(RLIM_INFINITY);
    assert_int_equal(status, NB_SYSTEM);
    assert_non_null(strstr(fixture->err_text.bytes, "cannot write l.csv: File too large"));
    assert_int_equal(file_read("l.csv", 200, &log, NULL), NB_OK);
    assert_true(log.length > 0 && log.bytes[log.length - 1] == '\n');
    fixture_free(fixture);
    text_release(&log);
    assert_int_equal(remove("l.csv"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_no_room),
                                        cmocka_unit_test(test_all_are_here),
                                        cmocka_unit_test(test_transcript_grows),
                                        cmocka_unit_test(test_log_grows) };
    return cmocka_run_group_tests(tests, begin_folder, end_folder);
}
