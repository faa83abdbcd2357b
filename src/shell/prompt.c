/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/memory.h"
#include "command/command.h"
#include "command/complete.h"
#include "command/lesson.h"
#include "shell/remember.h"

#define POLL_MILLISECONDS 200 /* a signal between two polls waits no longer than this */

enum reading { READ_LINE, READ_END, READ_DROPPED };

struct prompt {
    struct session *session;
    struct terminal *terminal;
    volatile sig_atomic_t *interrupts;
    struct text pasted; /* lines pasted together, waiting to run */
    struct text input;  /* lines of a statement that is still open */
    struct text typed;  /* this session's lines, for the history file */
    char *repeated;     /* what Enter runs again: the last line with such a command, or NULL */

    char *line; /* from Readline */
    bool got_line;
    struct completion completion;
    size_t completed; /* words handed to Readline so far */
};

/* Readline's callbacks carry no context. */
static struct prompt *active;

/* ---- Completion --------------------------------------------------------- */

/* Readline replaces line[start..point), the session line[completion.start..point). */
static char *fit_word(const char *word, int start)
{
    const struct completion *completion = &active->completion;
    size_t from = (size_t)start;
    struct text fitted = TEXT_INIT;
    if (completion->start <= from) {
        size_t skip = from - completion->start;
        if (strlen(word) < skip)
            return NULL;
        text_add(&fitted, word + skip);
    } else {
        text_add_part(&fitted, rl_line_buffer + from, completion->start - from);
        text_add(&fitted, word);
    }
    return text_take(&fitted);
}

static int word_start; /* as `active`: for next_word */

static char *next_word(const char *text, int state)
{
    struct completion *completion = &active->completion;
    (void)text;
    if (!state)
        active->completed = 0;
    while (active->completed < completion->count) {
        char *word = fit_word(completion->words[active->completed++], word_start);
        if (word)
            return word;
    }
    return NULL;
}

static char **complete_line(const char *text, int start, int end)
{
    completion_release(&active->completion);
    rl_attempted_completion_over = 1;
    if (session_complete(active->session, rl_line_buffer, strlen(rl_line_buffer), (size_t)end,
                         &active->completion, NULL))
        return NULL;
    word_start = start;
    char **matches = rl_completion_matches(text, next_word);
    rl_completion_append_character = active->completion.append;
    if (!matches && active->completion.files)
        rl_attempted_completion_over = 0;
    return matches;
}

/* ---- Reading ------------------------------------------------------------ */

static void take_line(char *line)
{
    active->line = line;
    active->got_line = true;
    rl_callback_handler_remove();
}

static enum reading drop_line(void)
{
    rl_callback_handler_remove();
    sink_puts(&active->terminal->out, "\n");
    return READ_DROPPED;
}

static enum reading read_line(struct prompt *prompt, const char *shown)
{
    struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
    *prompt->interrupts = 0;
    prompt->got_line = false;
    terminal_flush(prompt->terminal);
    rl_callback_handler_install(shown, take_line);
    while (!prompt->got_line) {
        int ready = poll(&input, 1, POLL_MILLISECONDS);
        rl_check_signals();
        if (*prompt->interrupts)
            return drop_line();
        if (ready > 0)
            rl_callback_read_char();
    }
    return prompt->line ? READ_LINE : READ_END;
}

/* The next of the lines pasted together; false where none waits. */
static bool next_pasted(struct prompt *prompt, struct text *line)
{
    struct text *pasted = &prompt->pasted;
    if (!pasted->length)
        return false;
    size_t length = strcspn(pasted->bytes, "\r\n");
    text_add_part(line, pasted->bytes, length);
    length += pasted->bytes[length] == '\r' && pasted->bytes[length + 1] == '\n';
    length += pasted->bytes[length] != '\0';
    struct text rest = TEXT_INIT;
    text_add_part(&rest, pasted->bytes + length, pasted->length - length);
    text_release(pasted);
    *pasted = rest;
    return true;
}

static const char *prompt_text(const struct prompt *prompt, bool plain)
{
    const struct sink *out = &prompt->terminal->out;
    if (prompt->input.length)
        return out->unicode ? "… " : "... ";
    if (plain || !out->color)
        return out->unicode ? "∇ " : "nabla> ";
    return out->unicode ? "\001\033[1;36m\002∇ \001\033[0m\002"
                        : "\001\033[1;36m\002nabla> \001\033[0m\002";
}

/* One line into an empty text, from a paste or from the keyboard.  A pasted
 * block comes from Readline as one line with newlines in it. */
static enum reading next_line(struct prompt *prompt, struct text *line)
{
    if (next_pasted(prompt, line)) {
        sink_printf(&prompt->terminal->out, "%s%s\n", prompt_text(prompt, true), line->bytes);
        return READ_LINE;
    }
    enum reading reading = read_line(prompt, prompt_text(prompt, false));
    if (reading != READ_LINE)
        return reading;
    text_add(&prompt->pasted, prompt->line);
    free(prompt->line);
    prompt->line = NULL;
    next_pasted(prompt, line);
    return READ_LINE;
}

/* ---- Running ------------------------------------------------------------ */

/* Enter on an empty line runs the last line that began with one of these. */
static const char *const repeatable[] = { "step", "unstep", "continue" };

static bool is_repeatable(const char *input, size_t length)
{
    size_t at = 0;
    struct lang_span word;
    if (!lang_next_word(input, length, &at, &word))
        return false;
    const char *end = memchr(input + word.at, ';', word.length); /* s;s */
    word.length = end ? (size_t)(end - input) - word.at : word.length;
    const struct command *command = command_find_short(input + word.at, word.length);
    for (size_t i = 0; command && i < COUNT_OF(repeatable); i++)
        if (!strcmp(command->name, repeatable[i]))
            return true;
    return false;
}

static bool is_blank(const char *line)
{
    return !line[strspn(line, " \t\r\n")];
}

/* Lines of one statement become one entry, unless a comment would swallow the rest. */
static void remember(struct prompt *prompt)
{
    struct text entry = TEXT_INIT;
    bool joined = !strchr(prompt->input.bytes, '#');
    for (const char *c = prompt->input.bytes; *c; c++)
        if (joined && *c == '\\' && c[1] == '\n')
            c++;
        else
            text_add_char(&entry, *c == '\n' && joined ? ' ' : *c);
    HIST_ENTRY *last = history_get(history_base + history_length - 1);
    if (!text_status(&entry, NULL) && (!last || strcmp(last->line, entry.bytes) != 0)) {
        add_history(entry.bytes);
        text_printf(&prompt->typed, "%s\n", entry.bytes);
    }
    text_release(&entry);
}

static void run_input(struct prompt *prompt, const char *input, size_t length)
{
    *prompt->interrupts = 0;
    terminal_page(prompt->terminal, prompt->session->settings.pager);
    (void)session_run(prompt->session, NULL, input, length);
    terminal_page(prompt->terminal, false);
    terminal_set_color(prompt->terminal, prompt->session->settings.color);
    terminal_measure(prompt->terminal);
}

static void next_section(struct prompt *prompt)
{
    terminal_page(prompt->terminal, prompt->session->settings.pager);
    (void)session_next_section(prompt->session);
    terminal_page(prompt->terminal, false);
}

static void press_enter(struct prompt *prompt)
{
    *prompt->interrupts = 0;
    if (prompt->session->lesson)
        next_section(prompt);
    else if (prompt->repeated)
        run_input(prompt, prompt->repeated, strlen(prompt->repeated));
}

static void take_input(struct prompt *prompt, const struct text *line)
{
    struct text *input = &prompt->input;
    if (!input->length && is_blank(line->bytes)) {
        press_enter(prompt);
        return;
    }
    if (input->length)
        text_add_char(input, '\n');
    text_add(input, line->bytes);
    if (lang_line_state(input->bytes, input->length) == LANG_LINE_OPEN)
        return;
    remember(prompt);
    if (is_repeatable(input->bytes, input->length)) {
        free(prompt->repeated);
        prompt->repeated = string_copy(input->bytes);
    }
    run_input(prompt, input->bytes, input->length);
    text_clear(input);
}

/* ---- The loop ----------------------------------------------------------- */

static void load_history(void)
{
    struct text lines = TEXT_INIT;
    remember_read(&lines);
    for (char *at = lines.bytes; *at;) {
        char *end = strchr(at, '\n');
        if (end)
            *end = '\0';
        if (*at)
            add_history(at);
        at = end ? end + 1 : at + strlen(at);
    }
    text_release(&lines);
}

static void set_up_readline(void)
{
    rl_readline_name = "nabla";
    rl_catch_signals = 1;
    rl_persistent_signal_handlers = 1;
    rl_attempted_completion_function = complete_line;
    rl_completer_word_break_characters = " \t\n\"=,;:()[]{}+*@<>!^'";
    rl_variable_bind("enable-bracketed-paste", "on");
    using_history();
    load_history();
}

static void release(struct prompt *prompt)
{
    remember_append(&prompt->typed);
    rl_clear_history();
    completion_release(&prompt->completion);
    text_release(&prompt->pasted);
    text_release(&prompt->input);
    text_release(&prompt->typed);
    free(prompt->repeated);
    active = NULL;
}

void prompt_loop(struct session *session, struct terminal *terminal,
                 volatile sig_atomic_t *interrupts)
{
    struct prompt prompt = { .session = session,
                             .terminal = terminal,
                             .interrupts = interrupts,
                             .pasted = TEXT_INIT,
                             .input = TEXT_INIT,
                             .typed = TEXT_INIT };
    struct text line = TEXT_INIT;
    active = &prompt;
    session->prompting = true;
    set_up_readline();
    enum reading reading = READ_LINE;
    while (!session->quitting && reading != READ_END && !terminal->failure) {
        text_clear(&line);
        reading = next_line(&prompt, &line);
        if (reading == READ_LINE) {
            take_input(&prompt, &line);
        } else {
            text_clear(&prompt.pasted);
            text_clear(&prompt.input);
        }
    }
    if (reading == READ_END)
        sink_puts(&terminal->out, "\n");
    text_release(&line);
    release(&prompt);
}
