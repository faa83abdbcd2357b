/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operators do to values.  Results are empty values to be filled;
 * operands stay the caller's.  Shapes that do not fit are NB_FAILED. */
#ifndef NABLA_LANG_OPS_H
#define NABLA_LANG_OPS_H

#include "lang/lang.h"
#include "lang/lex.h"

/* A value's text for messages: where it is short, else "the left side". */
struct op_names {
    const char *left, *right;
};

/* Any binary operator's token.  A product looks at `interrupt` (or NULL) now and then:
 * NB_INTERRUPTED. */
enum nb_status op_binary(enum token_kind symbol, const struct value *a, const struct value *b,
                         const struct op_names *names, const volatile sig_atomic_t *interrupt,
                         struct value *result, struct nb_error *error);

/* f of all pairs, a single row, column or number repeated to fit; the message
 * about shapes calls it `symbol`. */
enum nb_status op_broadcast(double (*f)(double, double), const struct value *a,
                            const struct value *b, const char *symbol, const struct op_names *names,
                            struct value *result, struct nb_error *error);

/* TOKEN_MINUS, TOKEN_NOT, TOKEN_QUOTE; in place where it can. */
enum nb_status op_unary(enum token_kind symbol, struct value *value, struct nb_error *error);

/* value[index]: `name` is for messages, "" where it has none. */
enum nb_status op_index(const struct value *value, const struct lang_index index[2], size_t indices,
                        const char *name, struct value *result, struct nb_error *error);

/* One row of a list: numbers and vectors join, vectors alone stand below each
 * other, matrices stand side by side.  `inner`: the list has other rows, too;
 * `nested`: an item is itself a bracket.  NB_USAGE where it is ragged. */
enum nb_status op_row(const struct value *items, size_t count, bool inner, bool nested,
                      struct value *result, struct nb_error *error);
/* Rows below each other, as a matrix. */
enum nb_status op_stack(const struct value *rows, size_t count, struct value *result,
                        struct nb_error *error);

#endif
