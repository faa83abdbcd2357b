/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/lex.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "lang/names.h"

/* Longer symbols before those that they begin with. */
static const struct symbol {
    const char *text;
    enum token_kind kind;
} symbols[] = {
    { "==", TOKEN_EQUAL },         { "!=", TOKEN_UNEQUAL },  { "<=", TOKEN_LESS_EQUAL },
    { ">=", TOKEN_GREATER_EQUAL }, { "≠", TOKEN_UNEQUAL },   { "≤", TOKEN_LESS_EQUAL },
    { "≥", TOKEN_GREATER_EQUAL },  { "−", TOKEN_MINUS },     { "(", TOKEN_OPEN },
    { ")", TOKEN_CLOSE },          { "[", TOKEN_OPEN_LIST }, { "]", TOKEN_CLOSE_LIST },
    { ",", TOKEN_COMMA },          { ";", TOKEN_SEMICOLON }, { ":", TOKEN_COLON },
    { "'", TOKEN_QUOTE },          { "=", TOKEN_ASSIGN },    { "+", TOKEN_PLUS },
    { "-", TOKEN_MINUS },          { "*", TOKEN_TIMES },     { "/", TOKEN_DIVIDE },
    { "@", TOKEN_PRODUCT },        { "^", TOKEN_POWER },     { "<", TOKEN_LESS },
    { ">", TOKEN_GREATER },
};

static const struct symbol keywords[] = {
    { "and", TOKEN_AND },
    { "or", TOKEN_OR },
    { "not", TOKEN_NOT },
};

/* What people type from elsewhere.  Looked at before the symbols. */
static const struct {
    const char *text, *advice;
} strangers[] = {
    { "**", "the power is written ^: 2^3" },
    { ".*", "* works element by element already: write x * y, and @ for the matrix product" },
    { "./", "/ works element by element already: write x / y" },
    { ".^", "^ works element by element already: write x ^ y" },
    { "~=", "write != for unequal" },
    { "&&", "write and" },
    { "||", "write or" },
    { "//", "one / divides; a comment begins with #" },
    { "&", "write and" },
    { "|", "write or" },
    { "~", "write not" },
    { "%", "there is no %; a comment begins with #" },
    { "·", "write * for element by element, @ for the matrix product" },
    { "×", "write * for element by element, @ for the matrix product" },
    { "∘", "write *, which works element by element" },
    { "²", "a square is written x^2" },
    { "ᵀ", "the transpose is written x'" },
    { "{", "write [ and ] for vectors and matrices" },
    { "}", "write [ and ] for vectors and matrices" },
    { "\"", "a text in quotes stands only in commands, not in an expression" },
    { "“", "a text in quotes stands only in commands, not in an expression" },
    { "’", "the transpose is written with a straight '" },
    { "$", "write names without $" },
    { "`", "the transpose is written x'" },
    { "?", "help is a command of its own: help NAME" },
    { "\\", "a \\ continues a line and must be its last character" },
};

static bool begins_with(const char *bytes, size_t length, const char *text)
{
    size_t wanted = strlen(text);
    return wanted <= length && memcmp(bytes, text, wanted) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

size_t lex_continuation(const char *source, size_t at, size_t end)
{
    if (at >= end || source[at] != '\\')
        return 0;
    size_t i = at + 1;
    while (i < end && source[i] != '\n' && is_blank(source[i]))
        i++;
    if (i == end)
        return end - at;
    return source[i] == '\n' ? i + 1 - at : 0;
}

size_t lex_skip(const char *source, size_t at, size_t end)
{
    while (at < end) {
        size_t joined = lex_continuation(source, at, end);
        if (joined) {
            at += joined;
        } else if (source[at] == '#') {
            const char *newline = memchr(source + at, '\n', end - at);
            at = newline ? (size_t)(newline - source) : end;
        } else if (is_blank(source[at])) {
            at++;
        } else {
            break;
        }
    }
    return at;
}

static enum nb_status lex_number(struct lexer *lexer, struct token *token, struct nb_error *error)
{
    const char *digits = lexer->source + token->at;
    token->kind = TOKEN_NUMBER;
    if (!number_parse(digits, token->length, &token->number))
        return error_at(error, NB_USAGE, token->at,
                        "this number is too large; the largest is about 1.8e308");
    lexer->at += token->length;
    return NB_OK;
}

static void lex_name(struct lexer *lexer, struct token *token)
{
    token->kind = TOKEN_NAME;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (token->length == strlen(keywords[i].text) &&
            memcmp(lexer->source + token->at, keywords[i].text, token->length) == 0)
            token->kind = keywords[i].kind;
    lexer->at += token->length;
}

static enum nb_status lex_stranger(const char *bytes, size_t length, size_t at,
                                   struct nb_error *error)
{
    unsigned c;
    size_t size = utf8_decode(bytes, length, &c);
    if (!size)
        return error_at(error, NB_USAGE, at, "this byte is not UTF-8");
    if (c < 0x20 || c == 0x7f)
        return error_at(error, NB_USAGE, at, "the control character %u cannot stand here", c);
    return error_at(error, NB_USAGE, at, "the character %.*s has no meaning here", (int)size,
                    bytes);
}

enum nb_status lex_next(struct lexer *lexer, struct token *token, struct nb_error *error)
{
    lexer->at = lex_skip(lexer->source, lexer->at, lexer->end);
    const char *bytes = lexer->source + lexer->at;
    size_t length = lexer->end - lexer->at;
    *token = (struct token){ .kind = TOKEN_END, .at = lexer->at };
    if (!length)
        return NB_OK;
    token->length = number_scan(bytes, length);
    if (token->length)
        return lex_number(lexer, token, error);
    token->length = name_scan(bytes, length);
    if (token->length) {
        lex_name(lexer, token);
        return NB_OK;
    }
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        if (begins_with(bytes, length, strangers[i].text))
            return error_at(error, NB_USAGE, lexer->at, "%s", strangers[i].advice);
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (begins_with(bytes, length, symbols[i].text)) {
            token->kind = symbols[i].kind;
            token->length = strlen(symbols[i].text);
            lexer->at += token->length;
            return NB_OK;
        }
    return lex_stranger(bytes, length, lexer->at, error);
}
