/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing a command's arguments after its rows. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/command.h"
#include "command/session.h"
#include "command/settings.h"

#define COUNT_MOST 9007199254740992.0 /* 2^53: every whole number below is a double */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name_byte(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

static size_t skip_blanks(const char *source, size_t at, size_t end)
{
    while (at < end && (source[at] == ' ' || source[at] == '\t' || source[at] == '\n' ||
                        source[at] == '\r' || source[at] == '\\'))
        at++;
    return at;
}

/* Is there a `key =` at `at`?  Receives the key and where its value begins. */
static bool option_scan(const char *source, size_t at, size_t end, struct lang_span *key,
                        size_t *value)
{
    size_t i = at;
    if (at >= end || !is_name_start(source[at]))
        return false;
    while (i < end && is_name_byte(source[i]))
        i++;
    *key = (struct lang_span){ at, i - at };
    i = skip_blanks(source, i, end);
    if (i >= end || source[i] != '=' || (i + 1 < end && source[i + 1] == '='))
        return false;
    *value = skip_blanks(source, i + 1, end);
    return true;
}

static bool row_ends(const struct command_argument *row)
{
    return row->name == NULL;
}

static bool has_options(const struct command *command)
{
    for (const struct command_argument *row = command->arguments; !row_ends(row); row++)
        if (row->keyed)
            return true;
    return false;
}

static const struct command_argument *row_named(const struct command *command, const char *name,
                                                size_t length, bool flag)
{
    for (const struct command_argument *row = command->arguments; !row_ends(row); row++)
        if ((flag ? row->kind == ARG_FLAG : row->keyed) && strlen(row->name) == length &&
            memcmp(row->name, name, length) == 0)
            return row;
    return NULL;
}

/* A keyed row by its name, or by another spelling of it: eta, α for lr. */
static const struct command_argument *row_keyed(const struct command *command, const char *name,
                                                size_t length)
{
    char canonical[64];
    const struct command_argument *row = row_named(command, name, length, false);
    if (!row && lang_canonical_name(name, length, canonical))
        row = row_named(command, canonical, strlen(canonical), false);
    return row;
}

/* ---- Reading one value ---- */

struct parse {
    struct session *session;
    struct call *call;
    struct nb_error *error;
};

static struct lang_span quotes_off(const char *source, struct lang_span span)
{
    if (span.length >= 2 && source[span.at] == '"' && source[span.at + span.length - 1] == '"')
        return (struct lang_span){ span.at + 1, span.length - 2 };
    return span;
}

static enum nb_status read_text(struct parse *parse, struct argument *argument)
{
    struct lang_span inner = quotes_off(parse->call->source, argument->span);
    argument->text = string_copy_part(parse->call->source + inner.at, inner.length);
    return argument->text ? NB_OK : error_memory(parse->error);
}

bool argument_range(const struct command_argument *row, double *least, double *most)
{
    const struct setting *setting = row->setting ? setting_find(row->setting) : NULL;
    *least = setting ? setting->least : row->least;
    *most = setting ? setting->most : row->most;
    return *least != 0 || *most != 0;
}

void range_add(struct text *text, double least, double most)
{
    if (most == BELOW_1)
        text_printf(text, "%.16g to below 1", least);
    else
        text_printf(text, "%.16g to %.16g", least, most);
}

static enum nb_status out_of_range(struct parse *parse, const struct argument *argument)
{
    const struct command_argument *row = argument->row;
    const char *found = parse->call->source + argument->span.at;
    int length = argument->span.length > 40 ? 40 : (int)argument->span.length;
    double least, most;
    struct text range = TEXT_INIT;
    if (argument_range(row, &least, &most)) {
        text_add(&range, " from ");
        range_add(&range, least, most);
    }
    enum nb_status status =
        error_at(parse->error, NB_USAGE, argument->span.at, "%s is a %s%s, found %.*s", row->name,
                 row->kind == ARG_COUNT ? "whole number" : "number", range.bytes, length, found);
    text_release(&range);
    return status;
}

static enum nb_status read_count(struct parse *parse, struct argument *argument)
{
    double least, most;
    uint64_t whole;
    struct lang_span span = argument->span;
    if (!argument_range(argument->row, &least, &most))
        most = COUNT_MOST;
    if (!number_parse_whole(parse->call->source + span.at, span.length, (uint64_t)most, &whole) ||
        (double)whole < least)
        return out_of_range(parse, argument);
    argument->number = (double)whole;
    return NB_OK;
}

static enum nb_status evaluate_number(struct parse *parse, struct argument *argument)
{
    struct lang_names names = session_names(parse->session);
    struct lang_span inner = quotes_off(parse->call->source, argument->span);
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    enum nb_status status = lang_parse(parse->call->source, inner.at, inner.at + inner.length,
                                       &names, &tree, parse->error);
    if (!status)
        status = lang_evaluate(tree, &names, &value, parse->error);
    if (!status && value.rank != 0)
        status = out_of_range(parse, argument);
    if (!status)
        argument->number = value.data[0];
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

static enum nb_status read_number(struct parse *parse, struct argument *argument)
{
    double least, most;
    if (!number_parse(parse->call->source + argument->span.at, argument->span.length,
                      &argument->number)) {
        enum nb_status status = evaluate_number(parse, argument);
        if (status)
            return status;
    }
    if (argument_range(argument->row, &least, &most) &&
        !(argument->number >= least && argument->number <= most))
        return out_of_range(parse, argument);
    return NB_OK;
}

static bool choice_find(const struct command_argument *row, const char *word, size_t length,
                        size_t *index)
{
    size_t count;
    const struct nb_choice *choices = row->choices(&count);
    for (size_t i = 0; i < count; i++)
        if (strlen(choices[i].name) == length && memcmp(choices[i].name, word, length) == 0) {
            *index = i;
            return true;
        }
    return false;
}

static enum nb_status read_choice(struct parse *parse, struct argument *argument)
{
    struct lang_span inner = quotes_off(parse->call->source, argument->span);
    const char *word = parse->call->source + inner.at;
    if (choice_find(argument->row, word, inner.length, &argument->choice))
        return read_text(parse, argument);
    return choice_error(argument->row->name, argument->row->choices, word, inner.length, inner.at,
                        parse->error);
}

enum nb_status choice_error(const char *what, const struct nb_choice *(*choices)(size_t *count),
                            const char *word, size_t length, size_t at, struct nb_error *error)
{
    size_t count;
    const struct nb_choice *rows = choices(&count);
    struct text text = TEXT_INIT, typed = TEXT_INIT;
    text_add_part(&typed, word, length > 40 ? 40 : length);
    const char *near = lang_nearest(typed.bytes, rows, sizeof *rows, count);
    text_printf(&text, "unknown %s %s", what, typed.bytes);
    if (near[0])
        text_printf(&text, ", did you mean %s?", near);
    text_add(&text, near[0] ? " One of " : ": one of ");
    for (size_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", rows[i].name);
    enum nb_status status = error_at(error, NB_USAGE, at, "%s", text.bytes);
    text_release(&typed);
    text_release(&text);
    return status;
}

static enum nb_status read_flag(struct parse *parse, struct argument *argument)
{
    (void)parse;
    argument->number = 1;
    return NB_OK;
}

static enum nb_status (*const readers[])(struct parse *parse, struct argument *argument) = {
    [ARG_WORD] = read_text,     [ARG_COUNT] = read_count, [ARG_NUMBER] = read_number,
    [ARG_CHOICE] = read_choice, [ARG_FLAG] = read_flag,   [ARG_FILE] = read_text,
    [ARG_OUTPUT] = read_text,   [ARG_PLACE] = read_text,  [ARG_EXPRESSION] = read_text,
    [ARG_REST] = read_text,
};

static const struct command_argument *row_led(const struct command *command, const char *word,
                                              size_t length)
{
    for (const struct command_argument *row = command->arguments; !row_ends(row); row++)
        if (row->led && strlen(row->name) == length && memcmp(row->name, word, length) == 0)
            return row;
    return NULL;
}

static bool row_filled(const struct call *call, const struct command_argument *row)
{
    for (size_t i = 0; i < call->count; i++)
        if (call->arguments[i].row == row)
            return true;
    return false;
}

static enum nb_status argument_add(struct parse *parse, const struct command_argument *row,
                                   struct lang_span span, size_t at)
{
    struct call *call = parse->call;
    if (row_filled(call, row))
        return error_at(parse->error, NB_USAGE, at, "%s is given twice", row->name);
    struct argument *argument = &call->arguments[call->count++];
    *argument = (struct argument){ .row = row, .span = span };
    return readers[row->kind](parse, argument);
}

/* ---- The arguments one after another ---- */

static enum nb_status unknown_option(struct parse *parse, struct lang_span key)
{
    const char *names[COUNT_OF(parse->call->command->arguments)];
    size_t count = 0;
    struct text text = TEXT_INIT, typed = TEXT_INIT;
    text_add_part(&typed, parse->call->source + key.at, key.length > 40 ? 40 : key.length);
    text_printf(&text, "%s has no option %s=", parse->call->command->name, typed.bytes);
    for (const struct command_argument *row = parse->call->command->arguments; row->name; row++)
        if (row->keyed)
            names[count++] = row->name;
    const char *near = lang_nearest(typed.bytes, names, sizeof *names, count);
    if (near[0])
        text_printf(&text, ", did you mean %s=?", near);
    text_add(&text, near[0] ? " It has" : "; it has");
    for (size_t i = 0; i < count; i++)
        text_printf(&text, " %s=", names[i]);
    enum nb_status status = error_at(parse->error, NB_USAGE, key.at, "%s", text.bytes);
    text_release(&typed);
    text_release(&text);
    return status;
}

static enum nb_status parse_option(struct parse *parse, struct lang_span key, size_t value,
                                   size_t end, size_t *at)
{
    struct call *call = parse->call;
    struct lang_span span;
    const struct command_argument *row =
        row_keyed(call->command, call->source + key.at, key.length);
    if (!row)
        return unknown_option(parse, key);
    if (!lang_next_word(call->source, end, &value, &span))
        return error_at(parse->error, NB_USAGE, key.at, "%s= has no value: %s", row->name,
                        row->help);
    *at = value;
    return argument_add(parse, row, span, key.at);
}

/* Could a positional row take this word? */
static bool row_takes(const struct command_argument *row, const char *word, size_t length)
{
    size_t index;
    switch (row->kind) {
    case ARG_COUNT:
        return length && strchr("0123456789.+-", word[0]);
    case ARG_CHOICE:
        return choice_find(row, word, length, &index);
    default:
        return true;
    }
}

/* The first open positional row that takes the word, else the first open one
 * (whose reader then says what is wrong), else NULL. */
static const struct command_argument *row_for_word(const struct call *call, struct lang_span word)
{
    const struct command_argument *open = NULL;
    for (const struct command_argument *row = call->command->arguments; row->name; row++) {
        if (row->keyed || row->led || row->kind == ARG_FLAG || row_filled(call, row))
            continue;
        if (row_takes(row, call->source + word.at, word.length))
            return row;
        if (!open || row->kind == ARG_CHOICE)
            open = row;
    }
    return open;
}

static enum nb_status too_many(struct parse *parse, struct lang_span word)
{
    int length = word.length > 40 ? 40 : (int)word.length;
    return error_at(parse->error, NB_USAGE, word.at, "%s does not take %.*s: %s",
                    parse->call->command->name, length, parse->call->source + word.at,
                    parse->call->command->usage);
}

/* How far an ARG_REST reaches: to the first option or flag. */
static size_t rest_end(const struct call *call, size_t at, size_t end)
{
    struct lang_span word, key;
    size_t value, last = at;
    bool options = has_options(call->command);
    while (lang_next_word(call->source, end, &at, &word)) {
        if ((options && option_scan(call->source, word.at, end, &key, &value)) ||
            row_named(call->command, call->source + word.at, word.length, true) ||
            row_led(call->command, call->source + word.at, word.length))
            break;
        last = word.at + word.length;
    }
    return last;
}

/* The value behind the word that leads it. */
static enum nb_status parse_led(struct parse *parse, const struct command_argument *row,
                                struct lang_span word, size_t end, size_t *at)
{
    struct lang_span value;
    if (!lang_next_word(parse->call->source, end, at, &value))
        return error_at(parse->error, NB_USAGE, word.at, "nothing stands behind %s: %s", row->name,
                        parse->call->command->usage);
    return argument_add(parse, row, value, word.at);
}

static enum nb_status parse_word(struct parse *parse, size_t end, size_t *at)
{
    struct call *call = parse->call;
    struct lang_span word;
    if (!lang_next_word(call->source, end, at, &word))
        return NB_OK;
    const struct command_argument *row =
        row_led(call->command, call->source + word.at, word.length);
    if (row)
        return parse_led(parse, row, word, end, at);
    row = row_named(call->command, call->source + word.at, word.length, true);
    if (!row)
        row = row_for_word(call, word);
    if (!row)
        return too_many(parse, word);
    if (row->kind == ARG_REST) {
        *at = rest_end(call, word.at, end);
        word.length = *at - word.at;
    }
    return argument_add(parse, row, word, word.at);
}

static enum nb_status missing_arguments(const struct call *call, struct nb_error *error)
{
    for (const struct command_argument *row = call->command->arguments; row->name; row++)
        if (row->required && !row_filled(call, row))
            return error_at(error, NB_USAGE, call->rest.at, "expected %s: %s", row->name,
                            call->command->usage);
    return NB_OK;
}

/* Where the command's name ends: `print(z1)` has no blank behind it. */
static size_t name_end(const char *source, struct lang_span statement)
{
    size_t at = statement.at, end = statement.at + statement.length;
    if (at < end && source[at] == '?')
        return at + 1;
    while (at < end && is_name_byte(source[at]) && source[at] != '-')
        at++;
    return at;
}

enum nb_status call_parse(struct session *session, const struct command *command,
                          const char *source, struct lang_span statement, struct call *call,
                          struct nb_error *error)
{
    size_t end = statement.at + statement.length;
    size_t at = skip_blanks(source, name_end(source, statement), end);
    *call = (struct call){
        .command = command, .source = source, .statement = statement, .rest = { at, end - at }
    };
    struct parse parse = { session, call, error };
    bool options = has_options(command);
    enum nb_status status = NB_OK;
    while (!status && (at = skip_blanks(source, at, end)) < end) {
        struct lang_span key;
        size_t value;
        if (options && option_scan(source, at, end, &key, &value))
            status = parse_option(&parse, key, value, end, &at);
        else
            status = parse_word(&parse, end, &at);
    }
    return status ? status : missing_arguments(call, error);
}

void call_release(struct call *call)
{
    for (size_t i = 0; i < call->count; i++)
        free(call->arguments[i].text);
    call->count = 0;
}

const struct argument *call_argument(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->count; i++)
        if (strcmp(call->arguments[i].row->name, name) == 0)
            return &call->arguments[i];
    return NULL;
}

bool call_has(const struct call *call, const char *name)
{
    return call_argument(call, name) != NULL;
}

double call_number(const struct call *call, const char *name, double fallback)
{
    const struct argument *argument = call_argument(call, name);
    return argument ? argument->number : fallback;
}

size_t call_choice(const struct call *call, const char *name, size_t fallback)
{
    const struct argument *argument = call_argument(call, name);
    return argument ? argument->choice : fallback;
}

const char *call_text(const struct call *call, const char *name)
{
    const struct argument *argument = call_argument(call, name);
    return argument ? argument->text : NULL;
}
