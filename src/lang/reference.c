/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing what a name can be: a quantity with its indices, a call, a derivative. */
#include <string.h>

#include "base/error.h"
#include "lang/functions.h"
#include "lang/names.h"
#include "lang/parse.h"

#define BRACKET_SCAN 1000 /* how far a local derivative's index is looked through */

enum nb_status parse_name(struct parser *parser, struct lang_name *name)
{
    const struct token *token = &parser->token;
    if (token->kind != TOKEN_NAME)
        return parse_expected(parser, "a name");
    if (!lang_canonical_name(parser_shown(parser), token->length, name->text))
        return error_at(parser->error, NB_USAGE, token->at, "this name is longer than 63 letters");
    name->at = token->at;
    name->length = token->length;
    return NB_OK;
}

#define LETTERS "ijkmprs" /* that may stand for an index */

/* Is the name looked at a letter, and no variable? */
static bool is_letter(const struct parser *parser)
{
    const struct lang_names *names = parser->names;
    const char *shown = parser_shown(parser);
    struct value value = { 0 };
    double number;
    if (!parser->letters || parser->token.kind != TOKEN_NAME || parser->token.length != 1)
        return false;
    const char name[] = { *shown, '\0' };
    bool known = name_constant(name, &number) ||
                 names->read(names->context, name, false, &value, NULL) == NB_OK;
    value_release(&value);
    return !known;
}

static enum nb_status parse_index(struct parser *parser, struct place_index *index)
{
    index->at = parser->token.at;
    index->letter = '\0';
    if (is_letter(parser) && !strchr(LETTERS, *parser_shown(parser)))
        return error_at(parser->error, NB_FAILED, index->at,
                        "an index that stands for every element is one of the letters i, j, k, m, "
                        "p, r and s, or a variable of yours; found %c",
                        *parser_shown(parser));
    if (is_letter(parser)) {
        index->kind = PLACE_LETTER;
        index->letter = *parser_shown(parser);
        return parser_advance(parser);
    }
    index->kind = PLACE_WHOLE;
    if (parser->token.kind == TOKEN_COLON)
        return parser_advance(parser);
    index->kind = PLACE_SINGLE;
    enum nb_status status = parse_expression(parser);
    if (status != NB_OK || parser->token.kind != TOKEN_COLON)
        return status;
    index->kind = PLACE_RANGE;
    status = parser_advance(parser);
    return status != NB_OK ? status : parse_expression(parser);
}

/* The bracket looked at, and all in it. */
enum nb_status parse_indices(struct parser *parser, struct place *place)
{
    size_t open = parser->token.at;
    enum nb_status status = parser_go_deeper(parser);
    place->count = 0;
    do {
        if (status == NB_OK)
            status = parser_advance(parser);
        if (status == NB_OK && place->count == COUNT_OF(place->index))
            status = error_at(parser->error, NB_FAILED, parser->token.at,
                              "too many indices: a matrix has two, row and column");
        if (status == NB_OK && parser->token.kind == TOKEN_CLOSE_LIST)
            status = parse_expected(parser, "an index, such as 1, 2:4 or :");
        if (status == NB_OK)
            status = parse_index(parser, &place->index[place->count++]);
    } while (status == NB_OK && parser->token.kind == TOKEN_COMMA);
    return status != NB_OK ? status : parser_close(parser, TOKEN_CLOSE_LIST, open);
}

enum nb_status parse_place_indices(struct parser *parser, struct place *place)
{
    struct place second;
    *place = (struct place){ 0 };
    if (parser->token.kind != TOKEN_OPEN_LIST)
        return NB_OK;
    enum nb_status status = parse_indices(parser, place);
    bool one = place->index[0].kind == PLACE_SINGLE || place->index[0].kind == PLACE_LETTER;
    if (status != NB_OK || place->count != 1 || !one || parser->token.kind != TOKEN_OPEN_LIST)
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
    enum nb_status status = parser_go_deeper(parser);
    *count = 0;
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK && parser->token.kind == TOKEN_CLOSE)
        return parser_close(parser, TOKEN_CLOSE, open);
    while (status == NB_OK) {
        status = parse_expression(parser);
        ++*count;
        if (status != NB_OK || parser->token.kind != TOKEN_COMMA)
            break;
        status = parser_advance(parser);
    }
    return status != NB_OK ? status : parser_close(parser, TOKEN_CLOSE, open);
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
    return tree_emit(parser, (struct step){ .kind = slope ? STEP_SLOPE : STEP_CALL,
                                            .at = name->at,
                                            .count = (uint32_t)count,
                                            .of.use.first = (uint32_t)index });
}

enum nb_status parse_old(struct parser *parser, enum nb_status (*parse)(struct parser *parser))
{
    size_t open = parser->token.at;
    if (parser->old)
        return error_at(parser->error, NB_USAGE, open,
                        "old goes back over one update, not two: unstep 1 iteration goes on back");
    enum nb_status status = parser_go_deeper(parser);
    parser->old = true;
    if (status == NB_OK)
        status = parser_advance(parser);
    if (status == NB_OK)
        status = parse(parser);
    parser->old = false;
    return status != NB_OK ? status : parser_close(parser, TOKEN_CLOSE, open);
}

static bool is_quantity(const struct parser *parser, const char *name)
{
    const struct lang_names *names = parser->names;
    return names->is_quantity ? names->is_quantity(names->context, name) : name_is_quantity(name);
}

bool parse_begins_local(const struct parser *parser)
{
    const char *source = parser->lexer.source;
    size_t at = parser->token.at + parser->token.length, end = parser->lexer.end;
    char quantity[64];
    if (!name_of_differential(parser_shown(parser), parser->token.length, quantity) ||
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
    name_of_differential(parser_shown(parser), name->length, name->text);
    enum nb_status status = parser_advance(parser);
    if (status == NB_OK)
        status = parse_place_indices(parser, place);
    for (size_t i = 0; status == NB_OK && i < place->count; i++)
        if (place->index[i].kind != PLACE_SINGLE)
            status = error_at(parser->error, NB_USAGE, place->index[i].at,
                              "a local derivative is of one element by one element: da2[1]/dz2[1]");
    return status;
}

enum nb_status parse_local(struct parser *parser)
{
    struct step step = { .kind = STEP_LOCAL, .old = parser->old, .at = parser->token.at };
    struct lang_name name[2];
    struct place place[2];
    uint32_t unused;
    enum nb_status status = parse_differential(parser, &name[0], &place[0]);
    if (status == NB_OK)
        status = parser_advance(parser); /* the slash */
    if (status == NB_OK)
        status = parse_differential(parser, &name[1], &place[1]);
    if (status == NB_OK)
        status = tree_add_name(parser, &name[0], &step.of.use.first);
    if (status == NB_OK)
        status = tree_add_name(parser, &name[1], &unused);
    if (status == NB_OK)
        status = tree_add_place(parser, &place[0], &step.of.use.second);
    if (status == NB_OK)
        status = tree_add_place(parser, &place[1], &unused);
    return status != NB_OK ? status : tree_emit(parser, step);
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
            status = tree_add_place(parser, &place, &step.of.use.second);
    }
    if (status == NB_OK)
        status = tree_add_name(parser, name, &step.of.use.first);
    return status != NB_OK ? status : tree_emit(parser, step);
}

/* Is the next thing, with nothing between, '( ? */
static bool is_slope(const struct parser *parser)
{
    size_t at = parser->token.at + parser->token.length;
    const char *source = parser->lexer.source;
    return at + 1 < parser->lexer.end && source[at] == '\'' && source[at + 1] == '(';
}

enum nb_status parse_named(struct parser *parser)
{
    struct lang_name name;
    double number;
    if (parse_begins_local(parser))
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
        return parse_old(parser, parse_expression);
    if (parser->token.kind == TOKEN_OPEN)
        return parse_call(parser, &name, slope);
    if (name_constant(name.text, &number))
        return tree_emit(parser,
                         (struct step){ .kind = STEP_NUMBER, .at = name.at, .of.number = number });
    return parse_reading(parser, &name);
}
