/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print, history, source, quit, version, and the rows of the groups look and session. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "command/history.h"
#include "command/inform.h"
#include "command/lesson.h"
#include "command/session.h"
#include "command/transcript.h"
#define SCRIPT_MOST  ((size_t)64 << 20)
#define NESTING_MOST 16

/* ---- print ---- */

static enum nb_status add_printed(struct session *session, const char *source, size_t at,
                                  size_t end, struct text *text, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    enum nb_status status = lang_parse(source, at, end, &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, &value, error);
    if (!status) {
        value_print(text, &value, session->settings.digits);
        text_add_char(text, '\n');
    }
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

static enum nb_status print_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct lang_span all = call_argument(call, "EXPR")->span;
    struct text text = TEXT_INIT;
    struct lang_span item;
    size_t at = all.at, end = all.at + all.length;
    enum nb_status status = NB_OK;
    while (!status && lang_next_item(call->source, end, &at, &item))
        status = add_printed(session, call->source, item.at, item.at + item.length, &text, error);
    if (!status)
        status = text_status(&text, error);
    if (!status)
        sink_text(session->out, &text);
    text_release(&text);
    return status;
}

/* ---- history ---- */

static enum nb_status history_command(struct session *session, const struct call *call,
                                      struct nb_error *error)
{
    const char *line = session->typed.bytes;
    size_t lines = 0, number = 0;
    (void)error;
    for (const char *at = line; (at = strchr(at, '\n')); at++)
        lines++;
    double wanted = call_number(call, "N", (double)lines);
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        number++;
        if ((double)(lines - number) < wanted)
            sink_printf(session->out, "%5zu  %.*s\n", number, (int)(end - line), line);
    }
    return NB_OK;
}

/* ---- source ---- */

/* The path as it stands; else beside the file that names it. */
static void find_file(const struct session *session, const char *path, struct text *found)
{
    const char *slash = session->origin ? strrchr(session->origin, '/') : NULL;
    if (slash && path[0] != '/' && !file_exists(path)) {
        text_add_part(found, session->origin, (size_t)(slash - session->origin) + 1);
        text_add(found, path);
        if (file_exists(found->bytes))
            return;
        text_clear(found);
    }
    text_add(found, path);
}

static bool is_lesson(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".md") == 0;
}

static enum nb_status source_command(struct session *session, const struct call *call,
                                     struct nb_error *error)
{
    struct text path = TEXT_INIT, script = TEXT_INIT;
    if (session->nesting > NESTING_MOST)
        return error_set(error, NB_FAILED, "files source one another more than %d deep",
                         NESTING_MOST);
    find_file(session, call_text(call, "FILE"), &path);
    enum nb_status status = text_status(&path, error);
    if (!status && is_lesson(path.bytes)) {
        status = session_begin_lesson(session, path.bytes, error);
    } else if (!status) {
        status = file_read(path.bytes, SCRIPT_MOST, &script, error);
        if (!status)
            status = session_run(session, path.bytes, script.bytes, script.length);
    }
    text_release(&path);
    text_release(&script);
    return status;
}

/* ---- quit, version ---- */

static enum nb_status quit_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    (void)call;
    enum nb_status status = session_check_outside(session, error);
    session->quitting = !status;
    return status;
}

static enum nb_status version_command(struct session *session, const struct call *call,
                                      struct nb_error *error)
{
    (void)call;
    (void)error;
    sink_printf(session->out, "nabla %s\n", nb_version());
    return NB_OK;
}

const struct command look_commands[] = {
    { .name = "print",
      .group = GROUP_LOOK,
      .usage = "print EXPR, ...",
      .summary = "print values exactly, one line for each",
      .help = "A number, a vector [a, b] or a matrix [[a, b], [c, d]], to the digits of the "
              "setting digits; with 17 every number is exact. The lines are valid JSON.  An "
              "expression alone prints the same value for reading.",
      .example = "print w1, w1[1,1] * 2, 1/3",
      .run = print_command,
      .arguments = { { .name = "EXPR",
                       .kind = ARG_REST,
                       .required = true,
                       .help = "expressions, separated by commas" } } },
    { .name = "help",
      .group = GROUP_LOOK,
      .usage = "help [COMMAND|TOPIC]",
      .summary = "the card of commands; what one does; a topic",
      .help = "help commands lists all commands, help topics the topics. Settings, functions, "
              "activations and quantities have help, too: help digits, help relu, help delta2.",
      .example = "help; help step; help expressions",
      .run = help_command,
      .arguments = { { .name = "ABOUT", .kind = ARG_WORD, .help = "any name" } } },
    { .name = "apropos",
      .group = GROUP_LOOK,
      .usage = "apropos WORD",
      .summary = "everything whose help speaks of a word",
      .help = "Looks through commands, topics, settings, functions and choices.",
      .example = "apropos weight",
      .run = apropos_command,
      .arguments = { { .name = "WORD",
                       .kind = ARG_REST,
                       .required = true,
                       .help = "what to look for" } } },
    { .name = NULL },
};

const struct command shell_commands[] = {
    { .name = "history",
      .group = GROUP_SHELL,
      .usage = "history [N]",
      .summary = "list the statements run so far",
      .help = "With N the last N.",
      .example = "history 3",
      .run = history_command,
      .arguments = { { .name = "N",
                       .kind = ARG_COUNT,
                       .least = 1,
                       .most = 1e9,
                       .fallback = "all",
                       .help = "how many" } } },
    { .name = "source",
      .group = GROUP_SHELL,
      .usage = "source FILE",
      .summary = "run the commands in a file",
      .help = "The path is taken from the working folder, else from beside the file that names "
              "it. A file ending in .md is played as a lesson.",
      .example = "source /dev/null",
      .run = source_command,
      .arguments = { { .name = "FILE", .kind = ARG_FILE, .required = true, .help = "a script" } } },
    { .name = "transcript",
      .group = GROUP_SHELL,
      .usage = "transcript FILE|off   or   transcript last FILE",
      .summary = "write the session as a lesson that replays",
      .help = "From here on, or with last the session so far. A statement becomes a block of "
              "commands with what it printed, one that failed a block that fails; what was "
              "before is run silently, times and absolute paths become `...`. nabla FILE.md "
              "plays it, nabla --test FILE.md tests it, --grade reads the answers in it. The "
              "file is whole at any time, and ends with off or the session.",
      .example = "transcript last session.md; transcript session.md; print 1; transcript off",
      .run = transcript_command,
      .arguments = { { .name = "FILE", .kind = ARG_OUTPUT, .help = "the lesson to write, or off" },
                     { .name = "last",
                       .kind = ARG_OUTPUT,
                       .led = true,
                       .help = "the lesson to write at once" } } },
    { .name = "version",
      .group = GROUP_SHELL,
      .usage = "version",
      .summary = "which nabla this is",
      .help = "As nabla --version.",
      .example = "version",
      .run = version_command },
    { .name = "quit",
      .group = GROUP_SHELL,
      .usage = "quit",
      .summary = "leave",
      .help = "So does Ctrl-D at the prompt, or the end of the input.",
      .example = "quit",
      .run = quit_command },
    { .name = NULL },
};
