/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "command/lesson.h"
#include "command/session.h"
#include "command/settings.h"
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
}

/* A failure with an empty text has been reported already. */
static enum nb_status fail(struct session *session, const struct nb_error *error)
{
    if (error->text[0])
        session_report(session, NULL, "", 0, error);
    if (!session->first_failure)
        session->first_failure = error->status;
    return error->status;
}

/* Reads at least one more line from standard input; false at its end. */
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

/* Runs commands as they come, so that a slow producer sees each answer. */
static enum nb_status run_standard_input(struct session *session)
{
    struct text input = TEXT_INIT, rest = TEXT_INIT;
    enum nb_status status = NB_OK;
    struct nb_error error = { 0 };
    bool ended = false;
    while (!ended && !session->quitting && (!status || session->keep_going)) {
        if (!read_more(&input, &ended)) {
            error_file(&error, "read", "standard input");
            status = fail(session, &error);
        }
        size_t length = runnable(&input, ended);
        if (length)
            status = session_run(session, NULL, input.bytes, length);
        text_clear(&rest);
        text_add_part(&rest, input.bytes + length, input.length - length);
        text_clear(&input);
        text_add_part(&input, rest.bytes, rest.length);
    }
    if (text_status(&input, &error) || text_status(&rest, &error))
        status = fail(session, &error);
    text_release(&input);
    text_release(&rest);
    return status;
}

static bool is_lesson(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && !strcmp(path + length - 3, ".md");
}

static enum nb_status run_file(struct session *session, const char *path)
{
    struct text script = TEXT_INIT;
    struct nb_error error = { 0 };
    enum nb_status status;
    if (!strcmp(path, "-"))
        return run_standard_input(session);
    if (is_lesson(path))
        status = session_begin_lesson(session, path, &error);
    else
        status = file_read(path, SCRIPT_MOST, &script, &error);
    if (status)
        status = fail(session, &error);
    else if (!is_lesson(path))
        status = session_run(session, path, script.bytes, script.length);
    text_release(&script);
    return status;
}

static void run_jobs(struct session *session, const struct invocation *invocation)
{
    for (size_t i = 0; i < invocation->job_count && !session->quitting; i++) {
        const struct job *job = &invocation->jobs[i];
        enum nb_status status = job->commands
                                    ? session_run(session, NULL, job->text, strlen(job->text))
                                    : run_file(session, job->text);
        if (status && (!session->keep_going || status == NB_INTERRUPTED))
            return;
    }
}

/* A lesson played at a terminal goes on section by section, so it needs the prompt. */
static bool wants_prompt(const struct session *session, const struct invocation *invocation)
{
    return !session->quitting &&
           (invocation->prompt || !invocation->job_count || session->lesson != NULL);
}

static enum nb_status run(struct session *session, const struct invocation *invocation,
                          struct terminal *terminal)
{
    session->interactive = terminal->input && terminal->output;
    if (!invocation->job_count && terminal->input && !invocation->quiet)
        session_greet(session);
    run_jobs(session, invocation);
    if (!wants_prompt(session, invocation))
        return session->first_failure;
    enum nb_status before = session->first_failure;
    if (!terminal->input) {
        run_standard_input(session);
        return session->first_failure;
    }
    session->interactive = true;
    prompt_loop(session, terminal, &interrupts);
    return before; /* what was mistyped at the prompt is no failure of the program */
}

static enum nb_status apply_presets(struct session *session, const struct invocation *invocation,
                                    struct terminal *terminal, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < invocation->preset_count && !status; i++)
        status =
            setting_set(session, invocation->presets[i].name, invocation->presets[i].value, error);
    terminal_set_color(terminal, session->settings.color);
    return status;
}

static enum nb_status make_session(const struct invocation *invocation, struct terminal *terminal,
                                   struct session **session, struct nb_error *error)
{
    enum nb_status status = session_new(&terminal->out, &terminal->err, session, error);
    if (status)
        return status;
    (*session)->keep_going = invocation->keep_going;
    (*session)->echo = invocation->echo;
    (*session)->interrupt = &interrupts;
    status = apply_presets(*session, invocation, terminal, error);
    if (status)
        session_free(session);
    return status;
}

/* A session of its own for every lesson. */
static enum nb_status test_lessons(const struct invocation *invocation, struct terminal *terminal,
                                   struct nb_error *error)
{
    struct lesson_tally tally = { 0 };
    enum nb_status first = NB_OK;
    for (size_t i = 0; i < invocation->job_count && !interrupts; i++) {
        struct session *session = NULL;
        enum nb_status status = make_session(invocation, terminal, &session, error);
        if (status)
            return status;
        struct nb_error wrong = { 0 };
        status = session_test_lesson(session, invocation->jobs[i].text, &tally, &wrong);
        if (status && wrong.text[0])
            session_report(session, NULL, "", 0, &wrong);
        first = first ? first : status;
        session_free(&session);
    }
    sink_printf(&terminal->out, "%zu passed, %zu failed\n", tally.passed, tally.failed);
    return first;
}

static enum nb_status run_session(const struct invocation *invocation, struct terminal *terminal,
                                  struct nb_error *error)
{
    struct session *session = NULL;
    enum nb_status status = make_session(invocation, terminal, &session, error);
    if (status)
        return status;
    status = run(session, invocation, terminal);
    session_free(&session);
    return status;
}

static enum nb_status start(int argc, char *const argv[], struct terminal *terminal,
                            struct nb_error *error)
{
    struct invocation invocation;
    enum nb_status status = options_parse(argc, argv, &invocation, error);
    if (!status && invocation.help)
        options_help(&terminal->out);
    else if (!status && invocation.version)
        sink_printf(&terminal->out, "nabla %s\n", nb_version());
    else if (!status && invocation.test)
        status = test_lessons(&invocation, terminal, error);
    else if (!status)
        status = run_session(&invocation, terminal, error);
    invocation_release(&invocation);
    return status;
}

static void report(struct terminal *terminal, const struct nb_error *error)
{
    if (error->text[0])
        sink_printf(&terminal->err, "error: %s\n", error->text);
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
