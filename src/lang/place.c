/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places: names with indices that are assigned to, explained, looked for. */
#include <string.h>

#include "base/error.h"
#include "lang/eval.h"
#include "lang/names.h"
#include "lang/parse.h"

static enum nb_status parse_named_place(struct parser *parser, struct lang_name *name,
                                        struct place *place)
{
    enum nb_status status = parse_name(parser, name);
    if (status == NB_OK)
        status = parser_advance(parser);
    return status != NB_OK ? status : parse_place_indices(parser, place);
}

enum nb_status lang_parse_place(const char *source, size_t at, size_t end,
                                const struct lang_names *names, struct lang_name *name,
                                struct lang_index index[2], size_t *indices, struct nb_error *error)
{
    struct parser parser;
    struct lang_tree *tree;
    struct place place = { 0 };
    enum nb_status status = parser_begin(&parser, source, at, end, names, &tree, error);
    if (status == NB_OK)
        status = parse_named_place(&parser, name, &place);
    if (status == NB_OK && parser.token.kind != TOKEN_END)
        status = error_at(error, NB_USAGE, parser.token.at,
                          "expected one quantity or an element of it, such as w1 or delta1[2]");
    if (status == NB_OK)
        status = evaluate_with_place(tree, names, &place, index, NULL, error);
    *indices = place.count;
    lang_tree_free(&tree);
    return status;
}

/* A target on its way: what parse_old and the end need of it. */
struct targeting {
    struct parser parser; /* the first member: parse_old hands it on */
    struct lang_target *target;
    struct place place;
};

/* Is `old` looked at, and a bracket behind it? */
static bool begins_old(const struct parser *parser)
{
    size_t at = parser->token.at + parser->token.length;
    while (at < parser->lexer.end && parser->lexer.source[at] == ' ')
        at++;
    return parser->token.kind == TOKEN_NAME && parser->token.length == 3 &&
           memcmp(parser_shown(parser), "old", 3) == 0 && at < parser->lexer.end &&
           parser->lexer.source[at] == '(';
}

static enum nb_status parse_target(struct parser *parser)
{
    struct targeting *targeting = (struct targeting *)parser;
    struct lang_target *target = targeting->target;
    if (begins_old(parser)) {
        enum nb_status status = parser_advance(parser);
        target->old = true;
        return status != NB_OK ? status : parse_old(parser, parse_target);
    }
    target->local = parser->token.kind == TOKEN_NAME && parse_begins_local(parser);
    return target->local ? parse_local(parser)
                         : parse_named_place(parser, &target->name, &targeting->place);
}

enum nb_status lang_parse_target(const char *source, size_t at, size_t end,
                                 const struct lang_names *names, struct lang_target *target,
                                 struct nb_error *error)
{
    struct targeting targeting = { .target = target };
    struct parser *parser = &targeting.parser;
    struct lang_tree *tree;
    *target = (struct lang_target){ .old = false };
    enum nb_status status = parser_begin(parser, source, at, end, names, &tree, error);
    parser->letters = true;
    target->at = parser->token.at;
    if (status == NB_OK)
        status = parse_target(parser);
    target->length = parser->last - target->at;
    if (status == NB_OK && parser->token.kind != TOKEN_END)
        status = error_at(error, NB_USAGE, parser->token.at,
                          "expected one quantity, an element of it, or a local derivative, such "
                          "as w1, delta1[2] or da2[1]/dz2[1]");
    if (status == NB_OK)
        status = target->local ? evaluate_local(tree, names, &target->quotient, error)
                               : evaluate_with_place(tree, names, &targeting.place, target->index,
                                                     NULL, error);
    target->indices = targeting.place.count;
    for (size_t i = 0; i < target->indices; i++)
        target->letter[i] = targeting.place.index[i].letter;
    lang_tree_free(&tree);
    return status;
}

static enum nb_status check_assignable(const struct lang_name *name, struct nb_error *error)
{
    double number;
    if (name_constant(name->text, &number) || strcmp(name->text, "old") == 0)
        return error_at(error, NB_FAILED, name->at,
                        "%s is reserved and cannot be assigned; take another name", name->text);
    return NB_OK;
}

enum nb_status lang_parse_assignment(const char *source, struct lang_span statement,
                                     const struct lang_names *names,
                                     struct lang_assignment *assignment, struct nb_error *error)
{
    struct parser parser;
    struct lang_tree *tree;
    struct place place = { 0 };
    *assignment = (struct lang_assignment){ 0 };
    enum nb_status status = parser_begin(&parser, source, statement.at,
                                         statement.at + statement.length, names, &tree, error);
    if (status == NB_OK)
        status = parse_named_place(&parser, &assignment->name, &place);
    if (status == NB_OK && parser.token.kind != TOKEN_ASSIGN)
        status = error_at(error, NB_USAGE, parser.token.at,
                          "expected = after the name, as in w1[1,2] = 0.5");
    if (status == NB_OK)
        status = parser_advance(&parser);
    if (status == NB_OK)
        status = parse_expression(&parser);
    if (status == NB_OK)
        status = parse_end(&parser);
    if (status == NB_OK)
        status = check_assignable(&assignment->name, error);
    if (status == NB_OK)
        status =
            evaluate_with_place(tree, names, &place, assignment->index, &assignment->value, error);
    assignment->indices = place.count;
    lang_tree_free(&tree);
    return status;
}

void lang_assignment_release(struct lang_assignment *assignment)
{
    value_release(&assignment->value);
}
