/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/functions.h"
#include "lang/names.h"

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

#define BRACKET_SCAN 1000 /* how far a local derivative's index is looked through */

static enum nb_status parse_level(struct parser *parser, enum level least);
static enum nb_status parse_unary(struct parser *parser);
static enum nb_status parse_indices(struct parser *parser, struct place *place);

/* ---- The tree ---- */

/* Room for one more in an array of the tree; counts it.  The arrays grow apart
 * from the tree's own pointer, so that a failure leaves the old one in place. */
static void *tree_add(void *items, size_t *count, size_t *capacity, size_t size)
{
    void *grown = array_grow(items, *count, capacity, size);
    if (grown)
        ++*count;
    return grown;
}

static enum nb_status emit(struct parser *parser, struct step step)
{
    struct lang_tree *tree = parser->tree;
    if (tree->count >= TREE_MOST)
        return error_at(parser->error, NB_USAGE, step.at,
                        "this expression is too long: more than %u operands and operators",
                        TREE_MOST);
    void *steps = tree_add(tree->steps, &tree->count, &tree->capacity, sizeof step);
    if (!steps)
        return error_memory(parser->error);
    tree->steps = steps;
    tree->steps[tree->count - 1] = step;
    return NB_OK;
}

static enum nb_status add_name(struct parser *parser, const struct lang_name *name, uint32_t *index)
{
    struct lang_tree *tree = parser->tree;
    void *names = tree_add(tree->names, &tree->name_count, &tree->name_capacity, sizeof *name);
    if (!names)
        return error_memory(parser->error);
    tree->names = names;
    *index = (uint32_t)tree->name_count - 1;
    tree->names[*index] = *name;
    return NB_OK;
}

static enum nb_status add_place(struct parser *parser, const struct place *place, uint32_t *index)
{
    struct lang_tree *tree = parser->tree;
    void *places = tree_add(tree->places, &tree->place_count, &tree->place_capacity, sizeof *place);
    if (!places)
        return error_memory(parser->error);
    tree->places = places;
    *index = (uint32_t)tree->place_count - 1;
    tree->places[*index] = *place;
    return NB_OK;
}

static enum nb_status emit_binary(struct parser *parser, const struct token *symbol, size_t left,
                                  size_t left_end, size_t right)
{
    struct lang_tree *tree = parser->tree;
    void *operands = tree_add(tree->operands, &tree->operand_count, &tree->operand_capacity,
                              sizeof *tree->operands);
    if (!operands)
        return error_memory(parser->error);
    tree->operands = operands;
    tree->operands[tree->operand_count - 1] =
        (struct operands){ { left, left_end - left }, { right, parser->last - right } };
    return emit(parser, (struct step){ .kind = STEP_BINARY,
                                       .symbol = (uint8_t)symbol->kind,
                                       .at = symbol->at,
                                       .of.use.first = (uint32_t)tree->operand_count - 1 });
}

void lang_tree_free(struct lang_tree **tree)
{
    if (!*tree)
        return;
    free((*tree)->steps);
    free((*tree)->names);
    free((*tree)->places);
    free((*tree)->operands);
    free((*tree)->source);
    free(*tree);
    *tree = NULL;
}

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

static const char *shown(const struct parser *parser)
{
    return parser->lexer.source + parser->token.at;
}

static enum nb_status expected(struct parser *parser, const char *what)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        return error_at(parser->error, NB_USAGE, token->at, "expected %s here, found the end",
                        what);
    return error_at(parser->error, NB_USAGE, token->at, "expected %s, found %.*s", what,
                    shown_length(token), shown(parser));
}

static enum nb_status too_deep(struct parser *parser, size_t at)
{
    return error_at(parser->error, NB_USAGE, at, "nested deeper than %d: use a variable for a part",
                    LANG_DEPTH_MOST);
}

static enum nb_status go_deeper(struct parser *parser)
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
                        shown_length(token), shown(parser));
    return expected(parser, "an operator such as + or *");
}

/* Takes the closing bracket of the one opened at `open`. */
static enum nb_status close_bracket(struct parser *parser, enum token_kind kind, size_t open)
{
    if (parser->token.kind == TOKEN_END)
        return error_at(parser->error, NB_USAGE, open, "this bracket is never closed: add %s",
                        kind == TOKEN_CLOSE ? ")" : "]");
    if (parser->token.kind != kind)
        return expected(parser, kind == TOKEN_CLOSE ? "an operator or )" : "an operator or ]");
    parser->depth--;
    return parser_advance(parser);
}

/* ---- Names, calls, places ---- */

enum nb_status parse_name(struct parser *parser, struct lang_name *name)
{
    const struct token *token = &parser->token;
    if (token->kind != TOKEN_NAME)
        return expected(parser, "a name");
    if (!lang_canonical_name(shown(parser), token->length, name->text))
        return error_at(parser->error, NB_USAGE, token->at, "this name is longer than 63 letters");
    name->at = token->at;
    name->length = token->length;
    return NB_OK;
}

size_t place_depth(const struct place *place)
{
    static const size_t taken[] = { [PLACE_WHOLE] = 0, [PLACE_SINGLE] = 1, [PLACE_RANGE] = 2 };
    size_t depth = 0;
    for (size_t i = 0; i < place->count; i++)
        depth += taken[place->index[i].kind];
    return depth;
}

static enum nb_status parse_index(struct parser *parser, struct place_index *index)
{
    index->at = parser->token.at;
    index->kind = PLACE_WHOLE;
    if (parser->token.kind == TOKEN_COLON)
        return parser_advance(parser);
    index->kind = PLACE_SINGLE;
    enum nb_status status = parse_level(parser, LEVEL_OR);
    if (status != NB_OK || parser->token.kind != TOKEN_COLON)
        return status;
    index->kind = PLACE_RANGE;
    status = parser_advance(parser);
    return status != NB_OK ? status : parse_level(parser, LEVEL_OR);
}

/* The bracket looked at, and all in it. */
static enum nb_status parse_indices(struct parser *parser, struct place *place)
{
    size_t open = parser->token.at;
    enum nb_status status = go_deeper(parser);
    place->count = 0;
    do {
        if (status == NB_OK)
            status = parser_advance(parser);
        if (status == NB_OK && place->count == COUNT_OF(place->index))
            status = error_at(parser->error, NB_FAILED, parser->token.at,
                              "too many indices: a matrix has two, row and column");
        if (status == NB_OK && parser->token.kind == TOKEN_CLOSE_LIST)
            status = expected(parser, "an index, such as 1, 2:4 or :");
        if (status == NB_OK)
            status = parse_index(parser, &place->index[place->count++]);
    } while (status == NB_OK && parser->token.kind == TOKEN_COMMA);
    return status != NB_OK ? status : close_bracket(parser, TOKEN_CLOSE_LIST, open);
}

enum nb_status parse_place_indices(struct parser *parser, struct place *place)
{
    struct place second;
    *place = (struct place){ 0 };
    if (parser->token.kind != TOKEN_OPEN_LIST)
        return NB_OK;
    enum nb_status status = parse_indices(parser, place);
    if (status != NB_OK || place->count != 1 || place->index[0].kind != PLACE_SINGLE ||
        parser->token.kind != TOKEN_OPEN_LIST)
        return status;
    status = parse_indices(parser, &second);
    if (status == NB_OK && second.count != 1)
        return error_at(parser->error, NB_FAILED, second.index[1].at,
                        "too many indices: a matrix has two, row and column");
    place->index[place->count++] = second.index[0];
    return status;
}

static enum nb_status unknown_function(struct parser *parser, const struct lang_name *name)
{
    size_t count;
    const struct nb_choice *rows = lang_functions(&count);
    if (name_is_quantity(name->text))
        return error_at(parser->error, NB_USAGE, name->at,
                        "%s is no function: indices stand in square brackets, %s[1]", name->text,
                        name->text);
    const char *near = lang_nearest(name->text, rows, sizeof *rows, count);
    return error_at(parser->error, NB_USAGE, name->at, "unknown function %s%s%s%s", name->text,
                    *near ? ": did you mean " : "; help functions lists all", near,
                    *near ? "?" : "");
}

static enum nb_status wrong_count(struct parser *parser, const struct lang_name *name,
                                  const struct function *function, size_t count)
{
    const char *plural = function->most == 1 ? "" : "s";
    if (function->least == function->most)
        return error_at(parser->error, NB_USAGE, name->at, "%s takes %d argument%s, found %zu",
                        name->text, function->least, plural, count);
    return error_at(parser->error, NB_USAGE, name->at, "%s takes %d %s %d arguments, found %zu",
                    name->text, function->least, function->most - function->least > 1 ? "to" : "or",
                    function->most, count);
}

/* The arguments in the bracket looked at. */
static enum nb_status parse_arguments(struct parser *parser, size_t *count)
{
    size_t open = parser->token.at;
    enum nb_status status = go_deeper(parser);
    *count = 0;
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK && parser->token.kind == TOKEN_CLOSE)
        return close_bracket(parser, TOKEN_CLOSE, open);
    while (status == NB_OK) {
        status = parse_level(parser, LEVEL_OR);
        ++*count;
        if (status != NB_OK || parser->token.kind != TOKEN_COMMA)
            break;
        status = parser_advance(parser);
    }
    return status != NB_OK ? status : close_bracket(parser, TOKEN_CLOSE, open);
}

static enum nb_status parse_call(struct parser *parser, const struct lang_name *name, bool slope)
{
    size_t index, count;
    if (!function_find(name->text, &index))
        return unknown_function(parser, name);
    const struct function *function = function_at(index);
    if (slope && !function->slope)
        return error_at(parser->error, NB_USAGE, name->at,
                        "%s' is not there: only an activation that works element by element has a "
                        "derivative, such as sigmoid'(z)",
                        name->text);
    enum nb_status status = parse_arguments(parser, &count);
    if (status != NB_OK)
        return status;
    if (count < (size_t)function->least || count > (size_t)function->most)
        return wrong_count(parser, name, function, count);
    return emit(parser, (struct step){ .kind = slope ? STEP_SLOPE : STEP_CALL,
                                       .at = name->at,
                                       .count = (uint32_t)count,
                                       .of.use.first = (uint32_t)index });
}

/* old(EXPR) */
static enum nb_status parse_old(struct parser *parser)
{
    size_t open = parser->token.at;
    bool before = parser->old;
    enum nb_status status = go_deeper(parser);
    parser->old = true;
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK)
        status = parse_level(parser, LEVEL_OR);
    parser->old = before;
    return status != NB_OK ? status : close_bracket(parser, TOKEN_CLOSE, open);
}

static bool is_quantity(const struct parser *parser, const char *name)
{
    const struct lang_names *names = parser->names;
    return names->is_quantity ? names->is_quantity(names->context, name) : name_is_quantity(name);
}

/* Is the name looked at the top of a quotient of differentials, written
 * without blanks: da2[1]/dz2[1]? */
static bool begins_local(const struct parser *parser)
{
    const char *source = parser->lexer.source;
    size_t at = parser->token.at + parser->token.length, end = parser->lexer.end;
    char quantity[64];
    if (!name_of_differential(shown(parser), parser->token.length, quantity) ||
        !is_quantity(parser, quantity))
        return false;
    size_t limit = end - at > BRACKET_SCAN ? at + BRACKET_SCAN : end;
    size_t depth = 0;
    for (; at < limit && (depth || source[at] == '['); at++)
        depth += (source[at] == '[') - (size_t)(source[at] == ']');
    if (depth || at >= end || source[at] != '/')
        return false;
    size_t length = name_scan(source + at + 1, end - at - 1);
    return name_of_differential(source + at + 1, length, quantity) && is_quantity(parser, quantity);
}

/* One differential with its indices; the name without its d. */
static enum nb_status parse_differential(struct parser *parser, struct lang_name *name,
                                         struct place *place)
{
    name->at = parser->token.at;
    name->length = parser->token.length;
    name_of_differential(shown(parser), name->length, name->text);
    enum nb_status status = parser_advance(parser);
    if (status == NB_OK)
        status = parse_place_indices(parser, place);
    for (size_t i = 0; status == NB_OK && i < place->count; i++)
        if (place->index[i].kind != PLACE_SINGLE)
            status = error_at(parser->error, NB_USAGE, place->index[i].at,
                              "a local derivative is of one element by one element: da2[1]/dz2[1]");
    return status;
}

static enum nb_status parse_local(struct parser *parser)
{
    struct step step = { .kind = STEP_LOCAL, .at = parser->token.at };
    struct lang_name name[2];
    struct place place[2];
    uint32_t unused;
    enum nb_status status = parse_differential(parser, &name[0], &place[0]);
    if (status == NB_OK)
        status = parser_advance(parser); /* the slash */
    if (status == NB_OK)
        status = parse_differential(parser, &name[1], &place[1]);
    if (status == NB_OK)
        status = add_name(parser, &name[0], &step.of.use.first);
    if (status == NB_OK)
        status = add_name(parser, &name[1], &unused);
    if (status == NB_OK)
        status = add_place(parser, &place[0], &step.of.use.second);
    if (status == NB_OK)
        status = add_place(parser, &place[1], &unused);
    return status != NB_OK ? status : emit(parser, step);
}

/* A name that is read, with the indices behind it. */
static enum nb_status parse_reading(struct parser *parser, const struct lang_name *name)
{
    struct step step = { .kind = STEP_NAME, .old = parser->old, .at = name->at };
    struct place place;
    enum nb_status status = NB_OK;
    if (parser->token.kind == TOKEN_OPEN_LIST) {
        step.kind = STEP_ELEMENT;
        status = parse_place_indices(parser, &place);
        if (status == NB_OK)
            status = add_place(parser, &place, &step.of.use.second);
    }
    if (status == NB_OK)
        status = add_name(parser, name, &step.of.use.first);
    return status != NB_OK ? status : emit(parser, step);
}

/* Is the next thing, with nothing between, '( ? */
static bool is_slope(const struct parser *parser)
{
    size_t at = parser->token.at + parser->token.length;
    const char *source = parser->lexer.source;
    return at + 1 < parser->lexer.end && source[at] == '\'' && source[at + 1] == '(';
}

static enum nb_status parse_named(struct parser *parser)
{
    struct lang_name name;
    double number;
    if (begins_local(parser))
        return parse_local(parser);
    enum nb_status status = parse_name(parser, &name);
    bool slope = status == NB_OK && is_slope(parser);
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK && slope)
        status = parser_advance(parser);
    if (status != NB_OK)
        return status;
    if (parser->token.kind == TOKEN_OPEN && !slope && strcmp(name.text, "old") == 0)
        return parse_old(parser);
    if (parser->token.kind == TOKEN_OPEN)
        return parse_call(parser, &name, slope);
    if (name_constant(name.text, &number))
        return emit(parser,
                    (struct step){ .kind = STEP_NUMBER, .at = name.at, .of.number = number });
    return parse_reading(parser, &name);
}

/* ---- Lists ---- */

/* The items of one row. */
static enum nb_status parse_row(struct parser *parser, struct step *row)
{
    *row = (struct step){ .kind = STEP_ROW, .at = parser->token.at };
    for (;;) {
        bool bracket = parser->token.kind == TOKEN_OPEN_LIST;
        enum nb_status status = parse_level(parser, LEVEL_OR);
        row->count++;
        if (status != NB_OK)
            return status;
        uint8_t ends = parser->tree->steps[parser->tree->count - 1].kind;
        row->nested |= bracket && (ends == STEP_ROW || ends == STEP_STACK);
        if (begins_operand(parser->token.kind))
            return expected(parser, "a comma between two elements");
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
    enum nb_status status = go_deeper(parser);
    parser->list_depth = parser->depth;
    do {
        struct step row;
        if (status == NB_OK)
            status = parser_advance(parser);
        if (status == NB_OK && parser->token.kind == TOKEN_CLOSE_LIST)
            status = expected(parser, stack.count ? "another row" : "at least one element");
        if (status == NB_OK)
            status = parse_row(parser, &row);
        if (status == NB_OK) {
            if (stack.count || parser->token.kind == TOKEN_SEMICOLON)
                row.symbol = TOKEN_SEMICOLON;
            status = emit(parser, row);
        }
        stack.count++;
    } while (status == NB_OK && parser->token.kind == TOKEN_SEMICOLON);
    if (status == NB_OK && stack.count > 1)
        status = emit(parser, stack);
    parser->list_depth = outer;
    return status != NB_OK ? status : close_bracket(parser, TOKEN_CLOSE_LIST, open);
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
                        shown_length(&parser->token), shown(parser));
    return status != NB_OK ? status
                           : emit(parser, (struct step){ .kind = STEP_NUMBER,
                                                         .at = number.at,
                                                         .of.number = number.number });
}

static enum nb_status parse_bracket(struct parser *parser)
{
    size_t open = parser->token.at;
    enum nb_status status = go_deeper(parser);
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK)
        status = parse_level(parser, LEVEL_OR);
    if (status == NB_OK && parser->token.kind == TOKEN_COMMA)
        return error_at(parser->error, NB_USAGE, parser->token.at,
                        "expected an operator or ), found a comma: vectors stand in [ ]");
    return status != NB_OK ? status : close_bracket(parser, TOKEN_CLOSE, open);
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
        return expected(parser, "a number or a name");
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
                status = add_place(parser, &place, &step.of.use.second);
        } else {
            break;
        }
        if (status == NB_OK)
            status = emit(parser, step);
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
    status = go_deeper(parser);
    if (status == NB_OK)
        status = parser_advance(parser);
    size_t right = parser->token.at;
    if (status == NB_OK)
        status = parse_unary(parser);
    parser->depth--;
    return status != NB_OK ? status : emit_binary(parser, &symbol, left, left_end, right);
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
    return emit(parser, (struct step){ .kind = STEP_UNARY, .symbol = TOKEN_MINUS, .at = at });
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
        status = emit(parser, (struct step){ .kind = STEP_UNARY, .symbol = TOKEN_NOT, .at = at });
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
                            "write it out, w1 = w1 - ...");
        if (status == NB_OK)
            status = parse_level(parser, level + 1);
        if (status == NB_OK && level == LEVEL_COMPARE &&
            levels[parser->token.kind] == LEVEL_COMPARE)
            return error_at(parser->error, NB_USAGE, parser->token.at,
                            "comparisons do not chain: write a < b and b < c");
        if (status == NB_OK)
            status = emit_binary(parser, &symbol, left, left_end, right);
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

bool lang_tree_name(const struct lang_tree *tree, struct lang_name *name)
{
    if (tree->count != 1 || tree->steps[0].kind != STEP_NAME || tree->steps[0].old)
        return false;
    *name = tree->names[tree->steps[0].of.use.first];
    return true;
}
