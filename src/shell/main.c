/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/blessing.h"
#include "command/grading.h"
#include "command/lesson.h"
#include "command/present.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/transcript.h"
#include "shell/options.h"
#include "shell/prompt.h"
#include "shell/terminal.h"

#define SCRIPT_MOST   ((size_t)64 << 20)
#define CTRL_C_TO_END 3

/* How often Ctrl-C was typed since the last prompt. */
static volatile sig_atomic_t interrupts;

/* The first asks whatever runs to stop; where nothing listens, more of them end
 * the program. */
static void on_interrupt(int number)
{
    if (++interrupts < CTRL_C_TO_END)
        return;
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_interrupt };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
#ifdef SIGXFSZ
    sigaction(SIGXFSZ, &action, NULL); /* write fails with EFBIG then */
#endif
}

static void report(struct terminal *terminal, const struct nb_error *error)
{
    if (error->text[0])
        sink_printf(&terminal->err, "error: %s\n", error->text);
}

/* One run of the program. */
struct shell {
    struct terminal *terminal;
    const struct invocation *invocation;
    struct session *session;
};

/* A failure with an empty text has been reported already. */
static enum nb_status fail(struct session *session, const struct nb_error *error)
{
    if (error->text[0])
        session_report(session, NULL, "", 0, error);
    if (!session->first_failure)
        session->first_failure = error->status;
    return error->status;
}

/* ---- Standard input ------------------------------------------------------- */

/* Reads at least one more line; false where that fails. */
static bool read_more(struct text *input, bool *ended)
{
    char chunk[65536];
    size_t before = input->length;
    while (!memchr(input->bytes + before, '\n', input->length - before)) {
        ssize_t got = read(STDIN_FILENO, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR && !interrupts)
            continue;
        if (got <= 0) {
            *ended = true;
            return got == 0;
        }
        text_add_part(input, chunk, (size_t)got);
    }
    return true;
}

/* How much of the input can run: whole lines, and no open bracket behind them. */
static size_t runnable(const struct text *input, bool ended)
{
    size_t length = input->length;
    if (ended)
        return length;
    while (length && input->bytes[length - 1] != '\n')
        length--;
    return lang_line_state(input->bytes, length) == LANG_LINE_OPEN ? 0 : length;
}

static void drop_beginning(struct text *text, size_t length)
{
    struct text rest = TEXT_INIT;
    text_add_part(&rest, text->bytes + length, text->length - length);
    rest.failed |= text->failed;
    text_release(text);
    *text = rest;
}

/* Editors elsewhere begin a file with this mark. */
static size_t mark_length(const struct text *input)
{
    static const char mark[] = "\xef\xbb\xbf";
    return strncmp(input->bytes, mark, strlen(mark)) ? 0 : strlen(mark);
}

/* Runs commands as they come, so that a slow producer sees each answer. */
static enum nb_status run_standard_input(struct shell *shell)
{
    struct session *session = shell->session;
    struct text input = TEXT_INIT;
    struct nb_error error = { .at = NB_NOWHERE };
    enum nb_status status = NB_OK;
    bool ended = false, begun = false;
    while (!ended && !session->quitting && !interrupts && (!status || session->keep_going)) {
        terminal_flush(shell->terminal);
        if (!read_more(&input, &ended)) {
            error_file(&error, "read", "standard input");
            status = fail(session, &error);
        }
        if (!begun)
            drop_beginning(&input, mark_length(&input));
        begun = true;
        size_t length = runnable(&input, ended);
        if (length)
            status = session_run(session, "<stdin>", input.bytes, length);
        session->lines_before += text_lines(input.bytes, length);
        drop_beginning(&input, length);
        if (text_status(&input, &error))
            status = fail(session, &error);
    }
    session->lines_before = 0;
    text_release(&input);
    return status;
}

/* ---- Jobs ------------------------------------------------------------------ */

static bool is_lesson(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && !strcmp(path + length - 3, ".md");
}

static enum nb_status run_script(struct session *session, const char *path,
                                 const struct text *script)
{
    size_t mark = mark_length(script);
    return session_run(session, path, script->bytes + mark, script->length - mark);
}

static enum nb_status run_file(struct shell *shell, const char *path)
{
    struct session *session = shell->session;
    struct text script = TEXT_INIT;
    struct nb_error error = { .at = NB_NOWHERE };
    enum nb_status status;
    if (!strcmp(path, "-"))
        return run_standard_input(shell);
    if (is_lesson(path))
        status = session_begin_lesson(session, path, &error);
    else
        status = file_read(path, SCRIPT_MOST, &script, &error);
    if (status)
        status = fail(session, &error);
    else if (!is_lesson(path))
        status = run_script(session, path, &script);
    text_release(&script);
    return status;
}

static void run_jobs(struct shell *shell)
{
    const struct invocation *invocation = shell->invocation;
    struct session *session = shell->session;
    for (size_t i = 0; i < invocation->job_count && !session->quitting; i++) {
        const struct job *job = &invocation->jobs[i];
        enum nb_status status = job->commands
                                    ? session_run(session, NULL, job->text, strlen(job->text))
                                    : run_file(shell, job->text);
        if (status && (!session->keep_going || status == NB_INTERRUPTED))
            return;
    }
}

/* A lesson played at a terminal goes on section by section, so it needs the prompt. */
static bool wants_more(const struct shell *shell)
{
    return !shell->session->quitting &&
           (shell->invocation->prompt || !shell->invocation->job_count || shell->session->lesson);
}

/* One key of a person who watches a screen that never scrolls by. */
static char next_key(void *context)
{
    struct terminal *terminal = context;
    terminal_page(terminal, false);
    terminal_flush(terminal);
    return pager_key(terminal->interrupt);
}

static int screen_rows(void *context)
{
    struct terminal *terminal = context;
    terminal_measure(terminal);
    return terminal->pager.rows;
}

static enum nb_status run(struct shell *shell)
{
    struct session *session = shell->session;
    struct keyboard keyboard = { shell->terminal, next_key, screen_rows };
    bool person = shell->terminal->input && shell->terminal->output;
    session->interactive = person || shell->invocation->prompt;
    if (person && shell->terminal->smart)
        session->keyboard = &keyboard;
    if (!shell->invocation->job_count && shell->terminal->input && !shell->invocation->quiet)
        session_greet(session);
    run_jobs(shell);
    if (!wants_more(shell))
        return session->first_failure;
    if (!shell->terminal->input) {
        run_standard_input(shell);
        return session->first_failure;
    }
    enum nb_status before = session->first_failure;
    session->interactive = true;
    prompt_loop(session, shell->terminal, &interrupts);
    return before; /* what was mistyped at the prompt is no failure of the program */
}

/* ---- Sessions ----------------------------------------------------------------- */

static enum nb_status apply_presets(struct shell *shell, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < shell->invocation->preset_count && !status; i++) {
        const struct preset *preset = &shell->invocation->presets[i];
        status = setting_set(shell->session, preset->name, preset->value, error);
    }
    memcpy(&shell->session->initial, &shell->session->settings, sizeof shell->session->initial);
    terminal_set_color(shell->terminal, shell->session->settings.color);
    return status;
}

static enum nb_status make_session(struct shell *shell, struct nb_error *error)
{
    struct terminal *terminal = shell->terminal;
    enum nb_status status = session_new(&terminal->out, &terminal->err, &shell->session, error);
    if (status)
        return status;
    shell->session->keep_going = shell->invocation->keep_going;
    shell->session->echo = shell->invocation->echo;
    shell->session->interrupt = &interrupts;
    shell->session->terminal = terminal->errors && terminal->smart;
    shell->session->student = shell->invocation->student;
    status = apply_presets(shell, error);
    if (status)
        session_free(&shell->session);
    return status;
}

static enum nb_status run_session(struct shell *shell, struct nb_error *error)
{
    enum nb_status status = make_session(shell, error);
    if (status)
        return status;
    status = run(shell);
    enum nb_status written = transcript_close(shell->session);
    status = status ? status : written;
    session_free(&shell->session);
    return status;
}

/* A session of its own for every lesson; `seed`: of this variant, or NULL. */
static enum nb_status test_lesson(struct shell *shell, const char *path, const char *seed,
                                  struct lesson_tally *tally)
{
    struct nb_error wrong = { .at = NB_NOWHERE };
    enum nb_status status = make_session(shell, &wrong);
    if (!status && seed)
        status = setting_set(shell->session, "seed", seed, &wrong);
    if (!status)
        status = session_test_lesson(shell->session, path, tally, &wrong);
    if (status)
        report(shell->terminal, &wrong);
    if (status && seed)
        sink_printf(&shell->terminal->err, "%s: the above with --seed %s\n", path, seed);
    session_free(&shell->session);
    return status;
}

static enum nb_status test_variants(struct shell *shell, const char *path,
                                    struct lesson_tally *tally)
{
    const struct seeds *seeds = &shell->invocation->seeds;
    enum nb_status first = NB_OK;
    if (!seeds->given || !session_lesson_varies(path))
        return test_lesson(shell, path, NULL, tally);
    for (uint64_t seed = seeds->first; seed <= seeds->last && !interrupts; seed++) {
        char word[24];
        snprintf(word, sizeof word, "%" PRIu64, seed);
        enum nb_status status = test_lesson(shell, path, word, tally);
        first = first ? first : status;
    }
    return first;
}

static enum nb_status test_lessons(struct shell *shell)
{
    struct lesson_tally tally = { 0 };
    enum nb_status first = NB_OK;
    for (size_t i = 0; i < shell->invocation->job_count && !interrupts; i++) {
        enum nb_status status = test_variants(shell, shell->invocation->jobs[i].text, &tally);
        first = first ? first : status;
    }
    sink_printf(&shell->terminal->out, "%zu passed, %zu failed\n", tally.passed, tally.failed);
    return interrupts ? NB_INTERRUPTED : first;
}

static enum nb_status bless_lessons(struct shell *shell, struct nb_error *error)
{
    enum nb_status first = NB_OK;
    for (size_t i = 0; i < shell->invocation->job_count && !interrupts; i++) {
        struct nb_error wrong = { .at = NB_NOWHERE };
        enum nb_status status = make_session(shell, error);
        if (status)
            return status;
        status = session_bless_lesson(shell->session, shell->invocation->jobs[i].text, &wrong);
        if (status && wrong.text[0])
            session_report(shell->session, NULL, "", 0, &wrong);
        first = first ? first : status;
        session_free(&shell->session);
    }
    return interrupts ? NB_INTERRUPTED : first;
}

static bool is_seeded(const struct invocation *invocation)
{
    for (size_t i = 0; i < invocation->preset_count; i++)
        if (!strcmp(invocation->presets[i].name, "seed"))
            return true;
    return false;
}

static enum nb_status grade(struct shell *shell, struct nb_error *error)
{
    const struct invocation *invocation = shell->invocation;
    struct grading_request request = { .lesson = invocation->lesson,
                                       .count = invocation->job_count,
                                       .student = invocation->student,
                                       .seeded = is_seeded(invocation),
                                       .json = invocation->json,
                                       .junit = invocation->junit,
                                       .csv = invocation->csv };
    const char **files = memory_new(request.count, sizeof *files);
    if (!files)
        return error_memory(error);
    for (size_t i = 0; i < request.count; i++)
        files[i] = invocation->jobs[i].text;
    request.files = files;
    enum nb_status status = make_session(shell, error);
    if (!status)
        status = session_grade(shell->session, &request, error);
    session_free(&shell->session);
    free(files);
    return status;
}

static enum nb_status start(int argc, char *const argv[], struct terminal *terminal,
                            struct nb_error *error)
{
    struct invocation invocation;
    struct shell shell = { terminal, &invocation, NULL };
    enum nb_status status = options_parse(argc, argv, &invocation, error);
    if (!status && invocation.student)
        status = student_check(invocation.student, error);
    if (!status && invocation.help)
        options_help(&terminal->out);
    else if (!status && invocation.version)
        sink_printf(&terminal->out, "nabla %s\n", nb_version());
    else if (!status && invocation.test)
        status = test_lessons(&shell);
    else if (!status && invocation.lesson)
        status = grade(&shell, error);
    else if (!status && invocation.bless)
        status = bless_lessons(&shell, error);
    else if (!status)
        status = run_session(&shell, error);
    invocation_release(&invocation);
    return status;
}

int main(int argc, char *argv[])
{
    struct terminal terminal;
    struct nb_error error = { 0 };
    catch_signals();
    terminal_init(&terminal, &interrupts);
    enum nb_status status = start(argc, argv, &terminal, &error);
    report(&terminal, &error);
    error_clear(&error);
    if (terminal_finish(&terminal, &error)) {
        report(&terminal, &error);
        status = NB_SYSTEM;
    }
    return (int)status;
}
