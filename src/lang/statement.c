/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, statements, words: where they begin and end. */
#include <string.h>

#include "lang/lang.h"
#include "lang/lex.h"
#include "lang/names.h"

/* Looks at source[at..end) byte by byte, knowing brackets, quotes and comments. */
struct scanner {
    const char *source;
    size_t at, end;
    size_t brackets; /* open ones */
    bool quoted;     /* within " " */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

/* Steps over one byte; a quote ends with its line. */
static void scan_byte(struct scanner *scanner)
{
    char c = scanner->source[scanner->at++];
    if (c == '"')
        scanner->quoted = !scanner->quoted;
    else if (c == '\n')
        scanner->quoted = false;
    else if (!scanner->quoted && (c == '(' || c == '['))
        scanner->brackets++;
    else if (!scanner->quoted && (c == ')' || c == ']') && scanner->brackets)
        scanner->brackets--;
}

/* Steps over a comment, up to its newline. */
static void scan_comment(struct scanner *scanner)
{
    const char *from = scanner->source + scanner->at;
    const char *newline = memchr(from, '\n', scanner->end - scanner->at);
    scanner->at = newline ? (size_t)(newline - scanner->source) : scanner->end;
}

/* Steps over a comment, a continued line, or one byte. */
static void scan(struct scanner *scanner)
{
    size_t joined =
        scanner->quoted ? 0 : lex_continuation(scanner->source, scanner->at, scanner->end);
    if (joined)
        scanner->at += joined;
    else if (!scanner->quoted && scanner->source[scanner->at] == '#')
        scan_comment(scanner);
    else
        scan_byte(scanner);
}

static bool ends_statement(const struct scanner *scanner)
{
    char c = scanner->source[scanner->at];
    return (c == '\n' && !scanner->brackets) ||
           (c == ';' && !scanner->brackets && !scanner->quoted);
}

enum lang_line lang_line_state(const char *source, size_t length)
{
    struct scanner scanner = { .source = source, .end = length };
    bool joined = false;
    while (scanner.at < scanner.end) {
        size_t size = scanner.quoted ? 0 : lex_continuation(source, scanner.at, scanner.end);
        joined = size && scanner.at + size == length;
        scan(&scanner);
    }
    return scanner.brackets || joined ? LANG_LINE_OPEN : LANG_LINE_COMPLETE;
}

/* Without blanks, continued lines and comments around it. */
static struct lang_span trim(const char *source, size_t at, size_t last)
{
    at = lex_skip(source, at, last);
    while (last > at && is_blank(source[last - 1]))
        last--;
    return (struct lang_span){ at, last - at };
}

bool lang_next_statement(const char *source, size_t length, size_t *at, struct lang_span *span)
{
    while (*at < length) {
        struct scanner scanner = { .source = source, .at = *at, .end = length };
        size_t last = *at; /* behind what is neither blank nor comment */
        while (scanner.at < length && !ends_statement(&scanner)) {
            bool idle =
                !scanner.quoted && lex_skip(source, scanner.at, scanner.at + 1) > scanner.at;
            scan(&scanner);
            if (!idle)
                last = scanner.at;
        }
        *span = trim(source, *at, last);
        *at = scanner.at < length ? scanner.at + 1 : length;
        if (span->length)
            return true;
    }
    return false;
}

/* The next part of source[*at..end) that `ends` ends, brackets and quotes kept together. */
static struct lang_span next_part(const char *source, size_t end, size_t *at,
                                  bool (*ends)(const struct scanner *scanner))
{
    struct scanner scanner = { .source = source, .at = *at, .end = end };
    while (scanner.at < end && (scanner.brackets || scanner.quoted || !ends(&scanner)))
        scan(&scanner);
    struct lang_span part = { *at, scanner.at - *at };
    *at = scanner.at;
    return part;
}

static bool ends_word(const struct scanner *scanner)
{
    return lex_skip(scanner->source, scanner->at, scanner->end) > scanner->at;
}

bool lang_next_word(const char *source, size_t end, size_t *at, struct lang_span *span)
{
    *at = lex_skip(source, *at, end);
    if (*at >= end)
        return false;
    *span = next_part(source, end, at, ends_word);
    return true;
}

static bool ends_item(const struct scanner *scanner)
{
    return scanner->source[scanner->at] == ',';
}

bool lang_next_item(const char *source, size_t end, size_t *at, struct lang_span *span)
{
    if (*at > end)
        return false;
    struct lang_span part = next_part(source, end, at, ends_item);
    *span = trim(source, part.at, part.at + part.length);
    ++*at;
    return true;
}

/* ---- Forms ---- */

/* A name, or a ? alone. */
static size_t scan_word(const char *source, size_t at, size_t end)
{
    return at < end && source[at] == '?' ? 1 : name_scan(source + at, end - at);
}

static bool is_assigning(const char *source, size_t at, size_t end)
{
    return at < end && source[at] == '=' && !(at + 1 < end && source[at + 1] == '=');
}

/* name =, name[...] = */
static bool is_assignment(const char *source, size_t at, size_t end)
{
    size_t length = name_scan(source + at, end - at);
    if (!length)
        return false;
    at = lex_skip(source, at + length, end);
    while (at < end && source[at] == '[') {
        struct scanner scanner = { .source = source, .at = at, .end = end };
        do
            scan(&scanner);
        while (scanner.at < end && scanner.brackets);
        at = lex_skip(source, scanner.at, end);
    }
    return is_assigning(source, at, end);
}

enum lang_form lang_statement_form(const char *source, struct lang_span statement,
                                   bool (*is_command)(void *context, const char *word,
                                                      size_t length),
                                   void *context, struct lang_span *word)
{
    size_t end = statement.at + statement.length;
    *word = (struct lang_span){ statement.at, scan_word(source, statement.at, end) };
    size_t next = lex_skip(source, word->at + word->length, end);
    if (word->length && is_command(context, source + word->at, word->length))
        return is_assigning(source, next, end) ? LANG_ASSIGNMENT : LANG_COMMAND;
    return is_assignment(source, statement.at, end) ? LANG_ASSIGNMENT : LANG_EXPRESSION;
}

bool lang_reads_as_command(const char *source, struct lang_span statement, struct lang_span word)
{
    static const char *const operators[] = { "and", "or" };
    size_t end = statement.at + statement.length;
    size_t next = lex_skip(source, word.at + word.length, end);
    size_t length = scan_word(source, next, end);
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (length == strlen(operators[i]) && memcmp(source + next, operators[i], length) == 0)
            return false;
    return word.length && (next >= end || length || strchr("0123456789.,:\"", source[next]));
}
