/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "command/command.h"
#include "command/inform.h"
#include "command/netspec.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/shelf.h"
#include "command/variables.h"

struct search {
    struct session *session;
    const char *line;
    size_t start, point; /* the word under completion */
    size_t statement;    /* where its statement begins */
    struct completion *found;
    bool failed;
};

static bool matches(const struct search *search, const char *word)
{
    return strncmp(word, search->line + search->start, search->point - search->start) == 0;
}

static void add(struct search *search, const char *word)
{
    struct completion *found = search->found;
    if (!matches(search, word))
        return;
    char **words = array_grow(found->words, found->count, &found->capacity, sizeof *words);
    if (words)
        found->words = words;
    char *copy = words ? string_copy(word) : NULL;
    if (copy)
        found->words[found->count++] = copy;
    else
        search->failed = true;
}

static void add_with(struct search *search, const char *word, const char *tail)
{
    struct text text = TEXT_INIT;
    text_printf(&text, "%s%s", word, tail);
    search->failed |= text.failed;
    add(search, text.bytes);
    text_release(&text);
}

static void add_choices(struct search *search, const struct nb_choice *(*choices)(size_t *count))
{
    size_t count;
    const struct nb_choice *rows = choices(&count);
    for (size_t i = 0; i < count; i++)
        add(search, rows[i].name);
}

/* ---- What there is to add ---- */

static bool is_typed_whole(const struct search *search, const char *word)
{
    return strlen(word) == search->point - search->start && matches(search, word);
}

static void add_quantities(struct search *search)
{
    const struct nb_net *net = search->session->net;
    static const char *const always[] = { "x", "y", "yhat" };
    for (size_t i = 0; i < COUNT_OF(always); i++)
        add(search, always[i]);
    for (size_t id = 0; net && id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.kind == NB_X || quantity.kind == NB_Y || !quantity.active)
            continue;
        bool whole = quantity.kind != NB_LOSS_VALUE && is_typed_whole(search, quantity.name);
        add_with(search, quantity.name, whole ? "[" : "");
    }
}

static void add_names(struct search *search)
{
    const struct variables *variables = search->session->variables;
    size_t count;
    const struct setting *settings = settings_table(&count);
    add_quantities(search);
    for (size_t i = 0; i < count; i++)
        if (settings[i].named)
            add(search, settings[i].name);
    for (size_t i = 0; i < variables_count(variables); i++)
        if (variables_name(variables, i)[0] != ' ')
            add(search, variables_name(variables, i));
}

static void add_expression(struct search *search)
{
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    add_names(search);
    for (size_t i = 0; i < count; i++)
        add_with(search, rows[i].name, "(");
    add(search, "old(");
}

static void add_parameters(struct search *search, const struct command *command)
{
    const struct nb_net *net = search->session->net;
    (void)command;
    for (size_t id = 0; net && id < nb_quantity_count(net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, id, &quantity);
        if (quantity.role == NB_PARAMETER)
            add(search, quantity.name);
    }
}

static void add_commands(struct search *search)
{
    for (size_t i = 0; i < command_count(); i++)
        add(search, command_at(i)->name);
}

static void add_settings(struct search *search)
{
    size_t count;
    const struct setting *rows = settings_table(&count);
    for (size_t i = 0; i < count; i++)
        add(search, rows[i].name);
}

static void add_help(struct search *search, const struct command *command)
{
    (void)command;
    size_t count;
    const struct topic *rows = topics(&count);
    add_commands(search);
    add_settings(search);
    for (size_t i = 0; i < count; i++)
        add(search, rows[i].name);
    add(search, "commands");
    add(search, "topics");
}

/* `set index |`: the choices of the setting named before. */
static void add_set(struct search *search, const struct command *command)
{
    (void)command;
    size_t at = search->statement, count;
    struct lang_span word, name = { 0, 0 };
    for (int i = 0; i < 2 && lang_next_word(search->line, search->start, &at, &word); i++)
        name = i == 1 ? word : name;
    const struct setting *rows = settings_table(&count);
    for (size_t i = 0; i < count && name.length; i++)
        if (strlen(rows[i].name) == name.length && rows[i].choices &&
            memcmp(rows[i].name, search->line + name.at, name.length) == 0)
            add_choices(search, rows[i].choices);
    if (!name.length)
        add_settings(search);
}

/* Is `key=` given in the statement already? */
static bool is_given(const struct search *search, const char *key)
{
    size_t length = strlen(key);
    for (size_t at = search->statement + 1; at + length < search->start; at++)
        if (search->line[at - 1] == ' ' && memcmp(search->line + at, key, length) == 0 &&
            search->line[at + length + strspn(search->line + at + length, " ")] == '=')
            return true;
    return false;
}

static void add_option(struct search *search, const struct command_argument *row)
{
    if (row->keyed && !is_given(search, row->name))
        add_with(search, row->name, "=");
}

/* ---- Arguments of a command ---- */

/* The rest of the line where it names a quantity: until, explain, gradcheck. */
static bool names_quantity(const struct command_argument *row)
{
    return row->kind == ARG_REST && strcmp(row->name, "quantity") == 0;
}

static void add_argument(struct search *search, const struct command_argument *row)
{
    add_option(search, row);
    if (row->keyed)
        return;
    if (row->led) {
        add(search, row->name);
        return;
    }
    switch (row->kind) {
    case ARG_FLAG:
        add(search, row->name);
        break;
    case ARG_FILE:
    case ARG_OUTPUT:
        search->found->files = true;
        break;
    case ARG_NUMBER:
    case ARG_PLACE:
    case ARG_EXPRESSION:
        add_names(search);
        break;
    case ARG_REST:
        if (names_quantity(row))
            add_quantities(search);
        else if (!row->choices)
            add_expression(search);
        break;
    default:
        break;
    }
    if (row->choices)
        add_choices(search, row->choices);
}

/* `net 784 - 64 |`: what the sizes before leave open, and options behind them. */
static void add_net(struct search *search, const struct command *command)
{
    size_t at = search->statement + strcspn(search->line + search->statement, " \t");
    bool options = memchr(search->line + at, '=', search->start - at) != NULL;
    unsigned next = options
                        ? NEXT_OPTION
                        : netspec_next(search->line, (struct lang_span){ at, search->start - at });
    size_t count;
    const struct nb_choice *rows = nb_activations(&count);
    if (next & NEXT_BATCHNORM)
        add(search, "batchnorm");
    if (next & NEXT_DROPOUT)
        add(search, "dropout(");
    for (size_t i = 0; i < count; i++)
        if (next & (i == NB_SOFTMAX ? NEXT_SOFTMAX : NEXT_ACTIVATION))
            add(search, rows[i].name);
    for (const struct command_argument *row = command->arguments; row->name; row++)
        if (next & NEXT_OPTION)
            add_option(search, row);
}

/* `explain update |`, `check update |`: of a parameter. */
static bool follows_update(const struct search *search, const struct command *command)
{
    static const char word[] = " update ";
    size_t end = search->start, length = sizeof word - 1;
    bool takes = false;
    for (const struct command_argument *row = command->arguments; row->name; row++)
        takes |= row->kind == ARG_FLAG && strcmp(row->name, "update") == 0;
    while (end > search->statement + length && search->line[end - 2] == ' ')
        end--;
    return takes && end > search->statement + length &&
           memcmp(search->line + end - length, word, length) == 0;
}

/* `break if |`, `break delta1 if |`: an expression; before it a quantity, or `nan`. */
static void add_break(struct search *search, const struct command *command)
{
    static const char word[] = " if ";
    size_t length = sizeof word - 1;
    (void)command;
    for (size_t at = search->statement; at + length <= search->start; at++)
        if (memcmp(search->line + at, word, length) == 0) {
            add_expression(search);
            return;
        }
    add_quantities(search);
    add(search, "if");
    add(search, "nan");
}

/* The values of `key=` or of `to `, where the word stands behind one. */
static bool add_values(struct search *search, const struct command *command)
{
    size_t end = search->start;
    if (!end || (search->line[end - 1] != '=' && search->line[end - 1] != ' '))
        return false;
    bool led = search->line[end - 1] == ' ';
    for (const struct command_argument *row = command->arguments; row->name; row++) {
        size_t length = strlen(row->name);
        if (!(led ? row->led : row->keyed) || end - 1 < length + led ||
            memcmp(search->line + end - 1 - length, row->name, length) != 0 ||
            (led && search->line[end - 2 - length] != ' '))
            continue;
        search->found->files = row->kind == ARG_FILE || row->kind == ARG_OUTPUT;
        if (row->choices)
            add_choices(search, row->choices);
        return true;
    }
    return false;
}

/* Commands whose own grammar says what may stand where. */
static const struct {
    const char *command;
    void (*add)(struct search *search, const struct command *command);
} special[] = {
    { "help", add_help },         { "set", add_set },         { "net", add_net },
    { "freeze", add_parameters }, { "thaw", add_parameters }, { "break", add_break },
};

static void add_arguments(struct search *search, const struct command *command)
{
    if (add_values(search, command))
        return;
    if (follows_update(search, command)) {
        add_parameters(search, command);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(special); i++)
        if (strcmp(special[i].command, command->name) == 0) {
            special[i].add(search, command);
            return;
        }
    for (const struct command_argument *row = command->arguments; row->name; row++)
        add_argument(search, row);
}

/* ---- Finding the word ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Names of commands' choices have hyphens: half-sse; those of files anything. */
static size_t word_start(const char *line, size_t from, size_t point, bool hyphen)
{
    size_t start = point;
    while (start > from &&
           (is_word_byte(line[start - 1]) || (hyphen && strchr("-./~", line[start - 1]))))
        start--;
    return start;
}

/* Where the statement under `point` begins: behind the last `;` outside
 * brackets and quotes. */
static size_t statement_start(const char *line, size_t point)
{
    size_t start = 0;
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < point; i++) {
        quoted ^= line[i] == '"';
        if (quoted)
            continue;
        depth += line[i] == '(' || line[i] == '[';
        depth -= line[i] == ')' || line[i] == ']';
        if (line[i] == ';' && depth <= 0)
            start = i + 1;
    }
    while (start < point && (line[start] == ' ' || line[start] == '\t'))
        start++;
    return start;
}

static void search_line(struct search *search)
{
    size_t at = search->statement;
    struct lang_span first = { 0, 0 };
    lang_next_word(search->line, search->point, &at, &first);
    size_t end = first.at;
    while (end < first.at + first.length && is_word_byte(search->line[end]))
        end++;
    bool begins = end >= search->point || !first.length;
    const struct command *command =
        begins ? NULL : command_find_short(search->line + first.at, end - first.at);
    bool assigns = !begins && end < search->point &&
                   search->line[end + strspn(search->line + end, " ")] == '=';
    if (assigns)
        command = NULL;
    search->start = word_start(search->line, search->statement, search->point, command != NULL);
    if (begins)
        add_commands(search);
    if (!command)
        add_expression(search);
    else
        add_arguments(search, command);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_words(struct completion *found)
{
    size_t kept = 0;
    if (found->count)
        qsort(found->words, found->count, sizeof *found->words, compare);
    for (size_t i = 0; i < found->count; i++) {
        if (kept && strcmp(found->words[kept - 1], found->words[i]) == 0)
            free(found->words[i]);
        else
            found->words[kept++] = found->words[i];
    }
    found->count = kept;
}

enum nb_status session_complete(struct session *session, const char *line, size_t length,
                                size_t point, struct completion *completion, struct nb_error *error)
{
    *completion = (struct completion){ .start = point, .append = ' ' };
    char *copy = string_copy_part(line, point < length ? point : length);
    if (!copy)
        return error_memory(error);
    struct search search = {
        .session = session, .line = copy, .point = strlen(copy), .found = completion
    };
    search.statement = statement_start(copy, search.point);
    search_line(&search);
    completion->start = search.start;
    sort_words(completion);
    if (completion->count == 1) {
        const char *only = completion->words[0];
        if (strchr("[(=", only[strlen(only) - 1]))
            completion->append = '\0';
    }
    free(copy);
    if (!search.failed)
        return NB_OK;
    completion_release(completion);
    return error_memory(error);
}

void completion_release(struct completion *completion)
{
    for (size_t i = 0; i < completion->count; i++)
        free(completion->words[i]);
    free(completion->words);
    *completion = (struct completion){ 0 };
}
