/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text → tokens of expressions.  Blanks, newlines, backslash-newline and
 * comments separate; what may end a statement is not decided here. */
#ifndef NABLA_LANG_LEX_H
#define NABLA_LANG_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "nabla.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_NAME,
    TOKEN_OPEN,       /* ( */
    TOKEN_CLOSE,      /* ) */
    TOKEN_OPEN_LIST,  /* [ */
    TOKEN_CLOSE_LIST, /* ] */
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
    TOKEN_COLON,
    TOKEN_QUOTE, /* ' */
    TOKEN_ASSIGN,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIVIDE,
    TOKEN_PRODUCT, /* @ */
    TOKEN_POWER,
    TOKEN_EQUAL,
    TOKEN_UNEQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_KINDS
};

struct token {
    enum token_kind kind;
    size_t at, length;
    double number; /* TOKEN_NUMBER */
};

struct lexer {
    const char *source;
    size_t at, end; /* what is left: source[at..end) */
};

/* Reads one token; TOKEN_END at the end.  NB_USAGE with the place of a
 * character that belongs to no token, and what to write instead. */
enum nb_status lex_next(struct lexer *lexer, struct token *token, struct nb_error *error);

/* The next byte that is no blank, comment or continued line; `end` where there is none. */
size_t lex_skip(const char *source, size_t at, size_t end);

/* The length of the backslash, blanks and newline at source[at], or of a final
 * backslash; 0 for any other backslash or byte. */
size_t lex_continuation(const char *source, size_t at, size_t end);

#endif
