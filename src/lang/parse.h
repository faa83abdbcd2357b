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
    struct nb_error *error;
};

/* A parser of source[at..end) that looks at the first token, and its empty
 * tree, which the caller frees, also on failure. */
enum nb_status parser_begin(struct parser *parser, const char *source, size_t at, size_t end,
                            const struct lang_names *names, struct lang_tree **tree,
                            struct nb_error *error);
enum nb_status parser_advance(struct parser *parser);

/* One whole expression, up to a token that cannot continue it. */
enum nb_status parse_expression(struct parser *parser);

/* [1,2], [1][2]: steps for the bounds; behind the last bracket then. */
enum nb_status parse_place_indices(struct parser *parser, struct place *place);

/* The canonical spelling of the name looked at; NB_USAGE where it is too long. */
enum nb_status parse_name(struct parser *parser, struct lang_name *name);

/* NB_USAGE unless all has been read; says what is wrong with what follows. */
enum nb_status parse_end(struct parser *parser);

#endif
