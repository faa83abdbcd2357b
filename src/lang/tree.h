/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A parsed expression as code for a stack machine, operands before operators,
 * so that neither evaluating nor freeing it recurses, however long a chain is.
 *
 *     x @ w1 + b1      NAME x · NAME w1 · BINARY @ · NAME b1 · BINARY +
 *     w1[1,2]          NUMBER 1 · NUMBER 2 · ELEMENT w1
 *     [1,2;3,4]        NUMBER.. · ROW 2 · NUMBER.. · ROW 2 · STACK 2
 */
#ifndef NABLA_LANG_TREE_H
#define NABLA_LANG_TREE_H

#include <stdint.h>

#include "lang/lang.h"
#include "lang/lex.h"

#define TREE_MOST 2000000u /* steps of one expression at the most */

enum step_kind {
    STEP_NUMBER,  /* pushes number */
    STEP_NAME,    /* pushes names[first] */
    STEP_UNARY,   /* symbol: TOKEN_MINUS, TOKEN_NOT, TOKEN_QUOTE */
    STEP_BINARY,  /* symbol; operands[first] */
    STEP_INDEX,   /* pops the indices of places[second], then the value */
    STEP_ELEMENT, /* pops the indices of places[second], reads names[first] */
    STEP_ROW,     /* pops count items of a row; symbol: TOKEN_SEMICOLON where it is not the only */
    STEP_STACK,   /* pops count rows */
    STEP_CALL,    /* pops count arguments of function number first */
    STEP_SLOPE,   /* the derivative of function number first */
    STEP_LOCAL,   /* names[first] by names[first + 1], likewise places[second]: pops the indices */
};

struct step {
    uint8_t kind;   /* enum step_kind */
    uint8_t symbol; /* enum token_kind */
    uint8_t old;    /* STEP_NAME, STEP_ELEMENT, STEP_LOCAL: inside old(...) */
    uint8_t nested; /* STEP_ROW: an item is itself a bracket */
    uint32_t count;
    size_t at; /* in the source, for errors */
    union {
        double number;
        struct {
            uint32_t first, second;
        } use;
    } of;
};

/* Indices in brackets; a bound that is an expression lies on the stack. */
struct place {
    size_t count;
    struct place_index {
        enum { PLACE_WHOLE, PLACE_SINGLE, PLACE_RANGE, PLACE_LETTER } kind;
        size_t at;
        char letter;
    } index[2];
};

/* Where the operands of a binary operator stand, for errors. */
struct operands {
    struct lang_span left, right;
};

struct lang_tree {
    struct step *steps;
    size_t count, capacity;
    struct lang_name *names;
    size_t name_count, name_capacity;
    struct place *places;
    size_t place_count, place_capacity;
    struct operands *operands;
    size_t operand_count, operand_capacity;
    char *source; /* a copy of source[from..from + length) */
    size_t from, length;
};

/* The numbers of indices on the stack: SINGLE takes one, RANGE two. */
size_t place_depth(const struct place *place);

/* Bounds out of numbers[0..place_depth); NB_FAILED: below 1, no whole number. */
enum nb_status place_bounds(const struct place *place, const double *numbers,
                            struct lang_index index[2], struct nb_error *error);

#endif
