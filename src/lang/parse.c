/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/parse.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

/* By rising precedence.  `not` stands between LEVEL_AND and LEVEL_COMPARE,
 * unary minus, ^ and the postfixes above LEVEL_TIMES. */
enum level { LEVEL_NONE, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_PLUS, LEVEL_TIMES };

static const uint8_t levels[TOKEN_KINDS] = {
    [TOKEN_OR] = LEVEL_OR,           [TOKEN_AND] = LEVEL_AND,
    [TOKEN_EQUAL] = LEVEL_COMPARE,   [TOKEN_UNEQUAL] = LEVEL_COMPARE,
    [TOKEN_LESS] = LEVEL_COMPARE,    [TOKEN_LESS_EQUAL] = LEVEL_COMPARE,
    [TOKEN_GREATER] = LEVEL_COMPARE, [TOKEN_GREATER_EQUAL] = LEVEL_COMPARE,
    [TOKEN_PLUS] = LEVEL_PLUS,       [TOKEN_MINUS] = LEVEL_PLUS,
    [TOKEN_TIMES] = LEVEL_TIMES,     [TOKEN_DIVIDE] = LEVEL_TIMES,
    [TOKEN_PRODUCT] = LEVEL_TIMES,
};

static enum nb_status parse_level(struct parser *parser, enum level least);
static enum nb_status parse_unary(struct parser *parser);

/* ---- Tokens ---- */

enum nb_status parser_advance(struct parser *parser)
{
    parser->last = parser->token.at + parser->token.length;
    return lex_next(&parser->lexer, &parser->token, parser->error);
}

enum nb_status parser_begin(struct parser *parser, const char *source, size_t at, size_t end,
                            const struct lang_names *names, struct lang_tree **tree,
                            struct nb_error *error)
{
    *parser = (struct parser){ .lexer = { source, at, end }, .names = names, .error = error };
    *tree = memory_new(1, sizeof **tree);
    if (!*tree)
        return error_memory(error);
    parser->tree = *tree;
    (*tree)->from = at;
    (*tree)->length = end - at;
    (*tree)->source = string_copy_part(source + at, end - at);
    if (!(*tree)->source)
        return error_memory(error);
    return parser_advance(parser);
}

/* The token's text for messages, cut where it is long. */
static int shown_length(const struct token *token)
{
    return token->length > 40 ? 40 : (int)token->length;
}

const char *parser_shown(const struct parser *parser)
{
    return parser->lexer.source + parser->token.at;
}

enum nb_status parse_expected(struct parser *parser, const char *what)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        return error_at(parser->error, NB_USAGE, token->at, "expected %s here, found the end",
                        what);
    return error_at(parser->error, NB_USAGE, token->at, "expected %s, found %.*s", what,
                    shown_length(token), parser_shown(parser));
}

static enum nb_status too_deep(struct parser *parser, size_t at)
{
    return error_at(parser->error, NB_USAGE, at, "nested deeper than %d: use a variable for a part",
                    LANG_DEPTH_MOST);
}

enum nb_status parser_go_deeper(struct parser *parser)
{
    return ++parser->depth > LANG_DEPTH_MOST ? too_deep(parser, parser->token.at) : NB_OK;
}

static bool begins_operand(enum token_kind kind)
{
    return kind == TOKEN_NUMBER || kind == TOKEN_NAME || kind == TOKEN_OPEN;
}

enum nb_status parse_end(struct parser *parser)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        return NB_OK;
    if (token->kind == TOKEN_ASSIGN)
        return error_at(parser->error, NB_USAGE, token->at,
                        "= assigns to a name on its left (w1 = ...); == compares");
    if (token->kind == TOKEN_CLOSE || token->kind == TOKEN_CLOSE_LIST)
        return error_at(parser->error, NB_USAGE, token->at, "this %.*s closes nothing",
                        shown_length(token), parser_shown(parser));
    return parse_expected(parser, "an operator such as + or *");
}

/* Takes the closing bracket of the one opened at `open`. */
enum nb_status parser_close(struct parser *parser, enum token_kind kind, size_t open)
{
    if (parser->token.kind == TOKEN_END)
        return error_at(parser->error, NB_USAGE, open, "this bracket is never closed: add %s",
                        kind == TOKEN_CLOSE ? ")" : "]");
    if (parser->token.kind != kind)
        return parse_expected(parser,
                              kind == TOKEN_CLOSE ? "an operator or )" : "an operator or ]");
    parser->depth--;
    return parser_advance(parser);
}

/* ---- Lists ---- */

/* The items of one row. */
static enum nb_status parse_row(struct parser *parser, struct step *row)
{
    *row = (struct step){ .kind = STEP_ROW, .at = parser->token.at };
    for (;;) {
        bool bracket = parser->token.kind == TOKEN_OPEN_LIST;
        enum nb_status status = parse_expression(parser);
        row->count++;
        if (status != NB_OK)
            return status;
        uint8_t ends = parser->tree->steps[parser->tree->count - 1].kind;
        row->nested |= bracket && (ends == STEP_ROW || ends == STEP_STACK);
        if (begins_operand(parser->token.kind))
            return parse_expected(parser, "a comma between two elements");
        if (parser->token.kind != TOKEN_COMMA)
            return NB_OK;
        status = parser_advance(parser);
        if (status != NB_OK)
            return status;
    }
}

static enum nb_status parse_list(struct parser *parser)
{
    size_t open = parser->token.at;
    struct step stack = { .kind = STEP_STACK, .at = open };
    unsigned outer = parser->list_depth;
    enum nb_status status = parser_go_deeper(parser);
    parser->list_depth = parser->depth;
    do {
        struct step row;
        if (status == NB_OK)
            status = parser_advance(parser);
        if (status == NB_OK && parser->token.kind == TOKEN_CLOSE_LIST)
            status = parse_expected(parser, stack.count ? "another row" : "at least one element");
        if (status == NB_OK)
            status = parse_row(parser, &row);
        if (status == NB_OK) {
            if (stack.count || parser->token.kind == TOKEN_SEMICOLON)
                row.symbol = TOKEN_SEMICOLON;
            status = tree_emit(parser, row);
        }
        stack.count++;
    } while (status == NB_OK && parser->token.kind == TOKEN_SEMICOLON);
    if (status == NB_OK && stack.count > 1)
        status = tree_emit(parser, stack);
    parser->list_depth = outer;
    return status != NB_OK ? status : parser_close(parser, TOKEN_CLOSE_LIST, open);
}

/* ---- Operators ---- */

static enum nb_status parse_number(struct parser *parser)
{
    struct token number = parser->token;
    enum nb_status status = parser_advance(parser);
    if (status == NB_OK && parser->token.at == parser->last && begins_operand(parser->token.kind))
        return error_at(parser->error, NB_USAGE, parser->token.at,
                        "expected an operator between %.*s and %.*s: a product is written with *",
                        shown_length(&number), parser->lexer.source + number.at,
                        shown_length(&parser->token), parser_shown(parser));
    return status != NB_OK ? status
                           : tree_emit(parser, (struct step){ .kind = STEP_NUMBER,
                                                              .at = number.at,
                                                              .of.number = number.number });
}

static enum nb_status parse_bracket(struct parser *parser)
{
    size_t open = parser->token.at;
    enum nb_status status = parser_go_deeper(parser);
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK)
        status = parse_expression(parser);
    if (status == NB_OK && parser->token.kind == TOKEN_COMMA)
        return error_at(parser->error, NB_USAGE, parser->token.at,
                        "expected an operator or ), found a comma: vectors stand in [ ]");
    return status != NB_OK ? status : parser_close(parser, TOKEN_CLOSE, open);
}

static enum nb_status parse_primary(struct parser *parser)
{
    switch (parser->token.kind) {
    case TOKEN_NUMBER:
        return parse_number(parser);
    case TOKEN_NAME:
        return parse_named(parser);
    case TOKEN_OPEN:
        return parse_bracket(parser);
    case TOKEN_OPEN_LIST:
        return parse_list(parser);
    case TOKEN_NOT:
        return error_at(parser->error, NB_USAGE, parser->token.at,
                        "not binds more loosely than the operator before it: write (not ...)");
    case TOKEN_COLON:
        return error_at(parser->error, NB_USAGE, parser->token.at,
                        "expected a number or a name, found : (a range 2:4 has both ends)");
    default:
        return parse_expected(parser, "a number or a name");
    }
}

static enum nb_status parse_postfix(struct parser *parser)
{
    enum nb_status status = parse_primary(parser);
    while (status == NB_OK) {
        struct step step = { .kind = STEP_UNARY, .symbol = TOKEN_QUOTE, .at = parser->token.at };
        if (parser->token.kind == TOKEN_QUOTE) {
            status = parser_advance(parser);
        } else if (parser->token.kind == TOKEN_OPEN_LIST) {
            struct place place;
            step.kind = STEP_INDEX;
            status = parse_indices(parser, &place);
            if (status == NB_OK)
                status = tree_add_place(parser, &place, &step.of.use.second);
        } else {
            break;
        }
        if (status == NB_OK)
            status = tree_emit(parser, step);
    }
    return status;
}

static enum nb_status parse_power(struct parser *parser)
{
    size_t left = parser->token.at;
    enum nb_status status = parse_postfix(parser);
    if (status != NB_OK || parser->token.kind != TOKEN_POWER)
        return status;
    struct token symbol = parser->token;
    size_t left_end = parser->last;
    status = parser_go_deeper(parser);
    if (status == NB_OK)
        status = parser_advance(parser);
    size_t right = parser->token.at;
    if (status == NB_OK)
        status = parse_unary(parser);
    parser->depth--;
    return status != NB_OK ? status : tree_emit_binary(parser, &symbol, left, left_end, right);
}

/* A chain of signs is counted, not recursed into; pairs of - do matter only
 * for their number, as -(-x) is x. */
static enum nb_status parse_unary(struct parser *parser)
{
    unsigned signs = 0, minus = 0;
    size_t at = parser->token.at;
    enum nb_status status = NB_OK;
    while (status == NB_OK &&
           (parser->token.kind == TOKEN_MINUS || parser->token.kind == TOKEN_PLUS)) {
        minus += parser->token.kind == TOKEN_MINUS;
        if (parser->depth + ++signs > LANG_DEPTH_MOST)
            return too_deep(parser, parser->token.at);
        status = parser_advance(parser);
    }
    parser->depth += signs;
    if (status == NB_OK)
        status = parse_power(parser);
    parser->depth -= signs;
    if (status != NB_OK || minus % 2 == 0)
        return status;
    return tree_emit(parser, (struct step){ .kind = STEP_UNARY, .symbol = TOKEN_MINUS, .at = at });
}

static enum nb_status parse_not(struct parser *parser)
{
    unsigned count = 0;
    size_t at = parser->token.at;
    enum nb_status status = NB_OK;
    while (status == NB_OK && parser->token.kind == TOKEN_NOT) {
        if (parser->depth + ++count > LANG_DEPTH_MOST)
            return too_deep(parser, parser->token.at);
        status = parser_advance(parser);
    }
    parser->depth += count;
    if (status == NB_OK)
        status = parse_level(parser, LEVEL_COMPARE);
    parser->depth -= count;
    while (status == NB_OK && count--)
        status =
            tree_emit(parser, (struct step){ .kind = STEP_UNARY, .symbol = TOKEN_NOT, .at = at });
    return status;
}

/* [1 -2]: two elements to some, one to others. */
static bool is_sign_of_next(const struct parser *parser)
{
    const struct token *token = &parser->token;
    const char *source = parser->lexer.source;
    size_t next = token->at + token->length;
    return (token->kind == TOKEN_MINUS || token->kind == TOKEN_PLUS) && token->at > parser->last &&
           next < parser->lexer.end && lex_skip(source, next, parser->lexer.end) == next;
}

/* Everything of at least this precedence: an operand, then operators that
 * bind to the left. */
static enum nb_status parse_level(struct parser *parser, enum level least)
{
    size_t left = parser->token.at;
    bool negated = parser->token.kind == TOKEN_NOT && least <= LEVEL_NOT;
    enum nb_status status = negated ? parse_not(parser) : parse_unary(parser);
    while (status == NB_OK) {
        struct token symbol = parser->token;
        enum level level = levels[symbol.kind];
        size_t left_end = parser->last;
        if (level == LEVEL_NONE || level < least)
            break;
        if (parser->list_depth && parser->depth == parser->list_depth && is_sign_of_next(parser))
            return error_at(parser->error, NB_USAGE, symbol.at,
                            "expected a comma between two elements, or blanks on both sides");
        status = parser_advance(parser);
        size_t right = parser->token.at;
        if (status == NB_OK && parser->token.kind == TOKEN_ASSIGN)
            return error_at(parser->error, NB_USAGE, symbol.at,
                            "expected a number or a name after the operator, found =: "
                            "write it out, w1 = w1 - lr * dw1");
        if (status == NB_OK)
            status = parse_level(parser, level + 1);
        if (status == NB_OK && level == LEVEL_COMPARE &&
            levels[parser->token.kind] == LEVEL_COMPARE)
            return error_at(parser->error, NB_USAGE, parser->token.at,
                            "comparisons do not chain: write a < b and b < c");
        if (status == NB_OK)
            status = tree_emit_binary(parser, &symbol, left, left_end, right);
    }
    return status;
}

enum nb_status parse_expression(struct parser *parser)
{
    return parse_level(parser, LEVEL_OR);
}

enum nb_status lang_parse(const char *source, size_t at, size_t end, const struct lang_names *names,
                          struct lang_tree **tree, struct nb_error *error)
{
    struct parser parser;
    enum nb_status status = parser_begin(&parser, source, at, end, names, tree, error);
    if (status == NB_OK)
        status = parse_expression(&parser);
    if (status == NB_OK)
        status = parse_end(&parser);
    if (status != NB_OK)
        lang_tree_free(tree);
    return status;
}
