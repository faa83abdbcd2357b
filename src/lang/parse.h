/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parser's parts that statements share with expressions. */
#ifndef NABLA_LANG_PARSE_H
#define NABLA_LANG_PARSE_H

#include "lang/tree.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the one looked at */
    size_t last;        /* where the one before it ended */
    const struct lang_names *names;
    struct lang_tree *tree;
    unsigned depth;      /* brackets, unary operators and exponents around this place */
    unsigned list_depth; /* depth right inside the innermost [ ] list, 0: none */
    bool old;            /* inside old(...) */
    bool letters;        /* an index may be a letter: delta1[j] */
    struct nb_error *error;
};

/* A parser of source[at..end) that looks at the first token, and its empty
 * tree, which the caller frees, also on failure. */
enum nb_status parser_begin(struct parser *parser, const char *source, size_t at, size_t end,
                            const struct lang_names *names, struct lang_tree **tree,
                            struct nb_error *error);
enum nb_status parser_advance(struct parser *parser);

/* The token's text, for messages: parser_shown(parser) of token.length bytes. */
const char *parser_shown(const struct parser *parser);

/* One level of brackets further in, and out of the bracket opened at `open`.
 * NB_USAGE: deeper than LANG_DEPTH_MOST; another token than `kind`. */
enum nb_status parser_go_deeper(struct parser *parser);
enum nb_status parser_close(struct parser *parser, enum token_kind kind, size_t open);

/* "expected WHAT, found TOKEN", NB_USAGE at the token. */
enum nb_status parse_expected(struct parser *parser, const char *what);

/* ---- The grammar's parts: each leaves its steps in the tree ---- */

/* One whole expression, up to a token that cannot continue it. */
enum nb_status parse_expression(struct parser *parser);

/* What begins with the name looked at: a value read, a call, a derivative. */
enum nb_status parse_named(struct parser *parser);

/* [1,2] looked at: steps for its bounds. */
enum nb_status parse_indices(struct parser *parser, struct place *place);

/* The same behind a name, also [1][2], or nothing. */
enum nb_status parse_place_indices(struct parser *parser, struct place *place);

/* Is the name looked at the top of a quotient of differentials, written without
 * blanks: da2[1]/dz2[1]?  Then all of it, as one step. */
bool parse_begins_local(const struct parser *parser);
enum nb_status parse_local(struct parser *parser);

/* old( looked at: what stands in the brackets, by `parse`. */
enum nb_status parse_old(struct parser *parser, enum nb_status (*parse)(struct parser *parser));

/* The canonical spelling of the name looked at; NB_USAGE where it is too long. */
enum nb_status parse_name(struct parser *parser, struct lang_name *name);

/* NB_USAGE unless all has been read; says what is wrong with what follows. */
enum nb_status parse_end(struct parser *parser);

/* ---- Adding to the tree.  NB_USAGE: more than TREE_MOST steps ---- */

enum nb_status tree_emit(struct parser *parser, struct step step);
enum nb_status tree_emit_binary(struct parser *parser, const struct token *symbol, size_t left,
                                size_t left_end, size_t right);
enum nb_status tree_add_name(struct parser *parser, const struct lang_name *name, uint32_t *index);
enum nb_status tree_add_place(struct parser *parser, const struct place *place, uint32_t *index);

#endif
