/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running input: statement after statement, dispatched by its form. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/asked.h"
#include "command/assign.h"
#include "command/command.h"
#include "command/display.h"
#include "command/folders.h"
#include "command/history.h"
#include "command/names.h"
#include "command/onset.h"
#include "command/quiz.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/transcript.h"
#include "command/wrap.h"
#include "lang/names.h"

#define TYPED_MOST ((size_t)1 << 20) /* bytes that `history` keeps */

/* ---- Finding the command ---- */

static bool is_function(const char *name)
{
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

/* A word that an expression can begin with. */
static bool is_name(const struct session *session, const char *word, size_t length)
{
    char name[64], indexed[64];
    double number;
    if (!lang_canonical_name(word, length, name))
        return false;
    return strcmp(name, "not") == 0 || names_known(session, name) || is_function(name) ||
           name_constant(name, &number) || names_suggest(name, indexed);
}

/* Only what is typed at the prompt may be shortened. */
static bool may_shorten(const struct session *session)
{
    return session->prompting && !session->origin;
}

static const struct command *find_command(const struct session *session, const char *word,
                                          size_t length)
{
    const struct command *command = command_find(word, length);
    if (command || !may_shorten(session) || is_name(session, word, length))
        return command;
    return command_find_short(word, length);
}

static bool is_ambiguous(const struct session *session, const char *word, size_t length)
{
    return may_shorten(session) && !is_name(session, word, length) &&
           !command_find_short(word, length) && command_candidates(word, length, NULL) > 1;
}

static bool is_command_word(void *context, const char *word, size_t length)
{
    return find_command(context, word, length) || is_ambiguous(context, word, length);
}

/* ---- Commands ---- */

enum nb_status session_check_needs(const struct session *session, unsigned needs,
                                   struct nb_error *error)
{
    if (needs & NEEDS_NET && !session->net)
        return names_no_network(error);
    if (needs & NEEDS_DATA && !session->data)
        return error_set(error, NB_FAILED, "no data set yet: type data xor, or data cifar10-mini");
    if (needs & NEEDS_X && !session->x.data && !session->data)
        return error_set(error, NB_FAILED, "x is not set: type input 0.5 0.5 0.1, or x = [...]");
    if (needs & NEEDS_Y && !session->y.data && !session->data)
        return error_set(error, NB_FAILED, "y is not set: type target 0.9 0.1, or y = [...]");
    return NB_OK;
}

static enum nb_status check_outputs(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    enum nb_status status = NB_OK;
    bool below;
    for (size_t i = 0; i < call->count && !status; i++) {
        const struct argument *argument = &call->arguments[i];
        if (argument->row->kind != ARG_OUTPUT)
            continue;
        if (!path_stays_below(argument->text, &below, NULL) && !below)
            transcript_outside(session);
        status = folder_check_write(session, argument->text, error);
        if (!status)
            status = onset_check_write(session, argument->text, error);
        if (status)
            error->at = argument->span.at;
    }
    return status;
}

static bool moves_numbers(const struct call *call)
{
    bool moves = call->command->needs & MOVES_NUMBERS;
    for (size_t i = 0; i < call->count && !moves; i++)
        moves = call->arguments[i].row->moves;
    return moves;
}

/* A short word is written out: undo says the same wherever it is typed. */
static void begin_change(struct session *session, const struct call *call)
{
    const char *typed = call->source + call->statement.at, *name = call->command->name;
    struct text label = TEXT_INIT;
    text_printf(&label, "%s%s%.*s", name, call->rest.length ? " " : "", (int)call->rest.length,
                call->source + call->rest.at);
    if (strncmp(typed, name, strlen(name)) && !label.failed)
        history_begin(session, label.bytes, label.length);
    else
        history_begin(session, typed, call->statement.length);
    text_release(&label);
}

static enum nb_status run_command(struct session *session, const struct command *command,
                                  const char *source, struct lang_span statement,
                                  struct nb_error *error)
{
    struct call *call = memory_new(1, sizeof *call);
    if (!call)
        return error_memory(error);
    enum nb_status status = call_parse(session, command, source, statement, call, error);
    if (!status && moves_numbers(call))
        status = asked_check_change(session, command->name, error);
    if (!status)
        status = session_check_needs(session, command->needs, error);
    if (!status)
        status = check_outputs(session, call, error);
    if (!status) {
        bool changes = command->needs & CHANGES_STATE;
        if (changes)
            quiz_drop(session);
        if (changes)
            begin_change(session, call);
        status = command->run(session, call, error);
        if (!status || (status == NB_WRONG && session->wrong_answer))
            asked_note(session, command, source, statement);
        if (changes)
            history_end(session);
    }
    call_release(call);
    free(call);
    return status;
}

static enum nb_status ambiguous_command(const char *word, size_t length, size_t at,
                                        struct nb_error *error)
{
    struct text names = TEXT_INIT;
    command_candidates(word, length, &names);
    error_at(error, NB_USAGE, at, "%.*s could be %s", (int)length, word, names.bytes);
    text_release(&names);
    return NB_USAGE;
}

static enum nb_status run_command_word(struct session *session, const char *source,
                                       struct lang_span statement, struct lang_span word,
                                       struct nb_error *error)
{
    const struct command *command = find_command(session, source + word.at, word.length);
    if (!command)
        return ambiguous_command(source + word.at, word.length, word.at, error);
    return run_command(session, command, source, statement, error);
}

/* ---- Assignments ---- */

/* `step = 3`: a command's name can't be a variable's. */
static enum nb_status assigned_command(const struct command *command, size_t at,
                                       struct nb_error *error)
{
    static const struct {
        const char *name, *instead, *numbers;
    } rows[] = { { "target", "y", "0.9 0.1" }, { "input", "x", "0.5 0.5 0.1" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, command->name) == 0)
            return error_at(error, NB_USAGE, at,
                            "%s is a command, not a name: write %s = ..., or %s %s", command->name,
                            rows[i].instead, command->name, rows[i].numbers);
    return error_at(error, NB_USAGE, at,
                    "%s is a command, not a name: write my_%s = ... for a variable; usage: %s",
                    command->name, command->name, command->usage);
}

static enum nb_status run_assignment(struct session *session, const char *source,
                                     struct lang_span statement, struct lang_span word,
                                     struct nb_error *error)
{
    const struct command *command = command_find(source + word.at, word.length);
    if (command)
        return assigned_command(command, word.at, error);
    quiz_drop(session);
    history_begin(session, source + statement.at, statement.length);
    enum nb_status status = session_assign(session, source, statement, error);
    history_end(session);
    if (!status)
        asked_note(session, NULL, source, statement);
    return status;
}

/* ---- Expressions ---- */

static void unknown_word(const struct session *session, const struct text *typed, size_t at,
                         struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const char *names[256];
    char room[64];
    size_t count = 0;
    for (; count < COUNT_OF(names) && count < command_count(); count++)
        names[count] = command_at(count)->name;
    const char *command = lang_nearest(typed->bytes, names, sizeof *names, count);
    const char *name = names_nearest(session, typed->bytes, room);
    text_printf(&text, "unknown command %s", typed->bytes);
    if (command[0] || name[0])
        text_printf(&text, ": did you mean %s%s%s?", command, command[0] && name[0] ? ", or " : "",
                    name);
    else
        text_add(&text, ": help lists the commands");
    error_at(error, NB_USAGE, at, "%s", text.bytes);
    text_release(&text);
}

static enum nb_status unknown_command(const struct session *session, const char *word,
                                      size_t length, size_t at, struct nb_error *error)
{
    struct text typed = TEXT_INIT;
    const struct command *meant = may_shorten(session) ? NULL : command_find_short(word, length);
    text_add_part(&typed, word, length > 40 ? 40 : length);
    if (meant)
        error_at(error, NB_USAGE, at, "unknown command %s: only at the prompt is it short for %s",
                 typed.bytes, meant->name);
    else if (setting_find(typed.bytes))
        error_at(error, NB_USAGE, at, "%s is a setting: set %s shows it, set %s VALUE changes it",
                 typed.bytes, typed.bytes, typed.bytes);
    else
        unknown_word(session, &typed, at, error);
    text_release(&typed);
    return NB_USAGE;
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_unknown_word(const struct session *session, const char *source,
                            struct lang_span statement, struct lang_span word)
{
    return word.length && begins_name(source[word.at]) &&
           !is_name(session, source + word.at, word.length) &&
           lang_reads_as_command(source, statement, word);
}

static enum nb_status run_expression(struct session *session, const char *source,
                                     struct lang_span statement, struct lang_span word,
                                     struct nb_error *error)
{
    size_t end = statement.at + statement.length;
    if (is_unknown_word(session, source, statement, word))
        return unknown_command(session, source + word.at, word.length, word.at, error);
    struct lang_names names = session_names(session);
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    enum nb_status status = lang_parse(source, statement.at, end, &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, &value, error);
    if (!status)
        status = display_value(session, tree, &value, error);
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

/* An expression answers the question that is open. */
static enum nb_status run_answer(struct session *session, const char *source,
                                 struct lang_span statement, struct lang_span word,
                                 struct nb_error *error)
{
    if (is_unknown_word(session, source, statement, word))
        return run_expression(session, source, statement, word, error);
    if (session->quiz)
        return quiz_answer(session, source, statement, error);
    if (asked_wants_number(session))
        return asked_answer(session, source, statement, error);
    enum nb_status status = run_expression(session, source, statement, word, error);
    if (!status)
        asked_note(session, NULL, source, statement);
    return status;
}

/* ---- Statements ---- */

static bool takes_lists(const struct session *session, const char *source, struct lang_span word)
{
    const struct command *command = find_command(session, source + word.at, word.length);
    return command && command->needs & TAKES_LISTS;
}

static enum nb_status run_form(struct session *session, enum lang_form form, const char *source,
                               struct lang_span statement, struct lang_span word,
                               struct nb_error *error)
{
    struct lang_span value;
    if (asked_spells(session, source, statement, &value))
        return asked_answer(session, source, value, error);
    switch (form) {
    case LANG_COMMAND:
        return run_command_word(session, source, statement, word, error);
    case LANG_ASSIGNMENT:
        return run_assignment(session, source, statement, word, error);
    case LANG_EXPRESSION:
        return run_answer(session, source, statement, word, error);
    }
    return NB_OK;
}

enum nb_status session_run_statement(struct session *session, const char *source,
                                     struct lang_span statement, struct nb_error *error)
{
    struct lang_span word = { statement.at, 0 };
    enum nb_status status;
    session->wrong_answer = false;
    error_clear(error);
    enum lang_form form = lang_statement_form(source, statement, is_command_word, session, &word);
    const struct command *command =
        form == LANG_COMMAND ? find_command(session, source + word.at, word.length) : NULL;
    struct transcript_scope scope;
    transcript_begin(session, statement, word, command, &scope);
    if (asked_chooses(session, source, statement))
        status = asked_answer(session, source, statement, error);
    else
        status = run_form(session, form, source, statement, word, error);
    if (status && error->text[0] && !takes_lists(session, source, word))
        lang_habit(source, statement, error);
    transcript_end(session, &scope, source, status, error);
    return status;
}

void session_report(struct session *session, const char *origin, const char *source, size_t length,
                    const struct nb_error *error)
{
    static const char word[] = "error:";
    const struct sink *err = session->err;
    struct text text = TEXT_INIT, message = TEXT_INIT;
    size_t line, column, at = error->at < length ? error->at : length;
    lang_position(source, length, at, &line, &column);
    if (origin)
        text_printf(&message, "%s:%zu:%zu: ", origin, session->lines_before + line, column);
    size_t place = message.length;
    text_add(&message, word);
    text_add(&message, " ");
    text_wrap(&message, error->text, strlen(word) + 1,
              err->terminal ? (size_t)err->width : SIZE_MAX);
    text_add_part(&text, message.bytes, place);
    text_add(&text, style_escape(err->color, STYLE_BAD));
    text_add(&text, word);
    text_add(&text, style_escape(err->color, STYLE_PLAIN));
    text_printf(&text, "%s\n", message.bytes + place + strlen(word));
    text_release(&message);
    if (error->at != NB_NOWHERE)
        lang_add_caret(&text, source, length, at);
    sink_text(session->err, &text);
    text_release(&text);
}

/* Remembers what was typed or read, for `history`; the older half goes first. */
static void note_typed(struct session *session, const char *statement, size_t length)
{
    struct text *typed = &session->typed;
    if (session->nesting > 1)
        return;
    if (typed->length > TYPED_MOST) {
        char *half = strchr(typed->bytes + typed->length / 2, '\n');
        struct text kept = TEXT_INIT;
        text_add(&kept, half ? half + 1 : "");
        text_release(typed);
        *typed = kept;
    }
    for (size_t i = 0; i < length; i++)
        text_add_char(typed, statement[i] == '\n' ? ' ' : statement[i]);
    text_add_char(typed, '\n');
}

static void echo_statement(struct session *session, const char *statement, size_t length)
{
    sink_puts(session->out, session->out->unicode ? "∇ " : "> ");
    sink_write(session->out, statement, length);
    sink_puts(session->out, "\n");
}

static enum nb_status run_one(struct session *session, const char *source, size_t length,
                              struct lang_span statement)
{
    struct nb_error error;
    enum nb_status status = NB_OK;
    error_clear(&error);
    note_typed(session, source + statement.at, statement.length);
    if (session->echo)
        echo_statement(session, source + statement.at, statement.length);
    if (session->interrupt && *session->interrupt)
        status = error_set(&error, NB_INTERRUPTED, "interrupted");
    else
        status = session_run_statement(session, source, statement, &error);
    if (status && error.text[0]) {
        if (error.at == NB_NOWHERE)
            error.at = statement.at;
        session_report(session, session->origin, source, length, &error);
        if (session->nesting == 1 && asked_waits(session))
            asked_remind(session);
    }
    if (status && !session->first_failure)
        session->first_failure = status;
    return status == NB_WRONG && session->wrong_answer ? NB_OK : status;
}

enum nb_status session_run(struct session *session, const char *origin, const char *source,
                           size_t length)
{
    struct lang_span statement;
    enum nb_status first = NB_OK;
    const char *outer = session->origin;
    size_t at = 0, outer_lines = session->lines_before;
    session->origin = origin;
    session->lines_before = session->nesting ? 0 : outer_lines;
    session->nesting++;
    while (!session->quitting && lang_next_statement(source, length, &at, &statement)) {
        enum nb_status status = run_one(session, source, length, statement);
        if (status && !first)
            first = status;
        if (status && (!session->keep_going || status == NB_INTERRUPTED))
            break;
    }
    session->nesting--;
    session->origin = outer;
    session->lines_before = outer_lines;
    return first;
}
