/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terms: the small trees that formulas are made of.
 *
 *     z¹₁ = x₁·w¹₁₁ + … + b¹₁        SUM
 *                                   /   \
 *                            SERIES j    ELEMENT b1[1]
 *                               |
 *                            PRODUCT
 *                            /     \
 *                  ELEMENT x[j]   ELEMENT w1[j,1]
 *
 * A SERIES stands for a sum over an index without holding its summands, so the
 * term of a unit with 3072 inputs is no larger than that of one with three.
 *
 * Ownership: a constructor takes the children it is given, also when it fails;
 * it returns NULL where memory runs out or a child is NULL, so constructors
 * nest and only the last result needs a look.
 */
#ifndef NABLA_FORMULA_TERM_H
#define NABLA_FORMULA_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

enum term_kind {
    TERM_NUMBER,
    TERM_SETTING, /* η, β₁ ...: a number with a name */
    TERM_ELEMENT, /* of a quantity */
    TERM_SUM,     /* a NEGATION in it is a difference */
    TERM_PRODUCT,
    TERM_QUOTIENT, /* child[0] / child[1] */
    TERM_SQUARE,   /* child[0]² */
    TERM_POWER,    /* child[0]ᵗ, t in `count` */
    TERM_NEGATION,
    TERM_FUNCTION,
    TERM_SERIES, /* Σ child[0] over `index` = 0..count-1 */
};

enum term_function {
    TERM_SIGMOID,
    TERM_TANH,
    TERM_LECUN,
    TERM_RELU,
    TERM_LEAKYRELU,
    TERM_RELU_SLOPE,
    TERM_LEAKYRELU_SLOPE,
    TERM_EXP,
    TERM_LN,      /* of an output of a sigmoid or softmax, computed from its z as the engine does */
    TERM_LN_REST, /* ln(1 - output), likewise */
    TERM_ROOT,
    TERM_ABSOLUTE,
    TERM_SIGN,
    TERM_FUNCTIONS
};

/* Numbers that have a name, and the value that they have where the term is made. */
enum term_setting {
    TERM_RATE,     /* η */
    TERM_MOMENTUM, /* μ */
    TERM_RHO,      /* ρ */
    TERM_EPSILON,  /* ε */
    TERM_BETA1,
    TERM_BETA2,
    TERM_L1,      /* λ₁ */
    TERM_L2,      /* λ */
    TERM_SAMPLES, /* N */
    TERM_CLIP,
    TERM_NORM, /* ‖g‖, of all gradients */
    TERM_SETTINGS
};

/* Indices that stand for themselves: the sample i, the source j, the
 * destination k, m where a second unit of k's layer is needed, and p, r, s for
 * layers further on. */
#define TERM_I       (SIZE_MAX - 7)
#define TERM_J       (SIZE_MAX - 6)
#define TERM_K       (SIZE_MAX - 5)
#define TERM_M       (SIZE_MAX - 4)
#define TERM_P       (SIZE_MAX - 3)
#define TERM_R       (SIZE_MAX - 2)
#define TERM_S       (SIZE_MAX - 1)
#define TERM_LETTERS 7

enum term_shape {
    TERM_WIDE = 1,     /* a product whose factors stand apart: a · b */
    TERM_UNIT = 2,     /* is worked out in one go when numbers are put in */
    TERM_BRACKETS = 4, /* a sum in square brackets, also one of a single summand */
    TERM_FIXED = 8,    /* an element that keeps the value in `number` */
    TERM_CLOSED = 16,  /* a series that stays a Σ, and is one number once numbers are put in */
};

struct term {
    enum term_kind kind;
    enum term_function function;
    enum term_setting setting;
    unsigned shape; /* of enum term_shape */
    double number;
    const char *name; /* of a number below 1, or of a count in general formulas: "½", "n"; static */
    size_t id, row, col; /* an element; row and col may be letters */
    size_t index, count; /* a series: its letter and length; a power: its exponent */
    size_t children;
    struct term *child[4];
};

struct term *term_number(double number);
struct term *term_named(double number, const char *name);
struct term *term_setting(enum term_setting setting, double number);
struct term *term_element(size_t id, size_t row, size_t col);
struct term *term_fixed(struct term *element, double number); /* that keeps this value */
struct term *term_sum(struct term *a, struct term *b);
struct term *term_difference(struct term *a, struct term *b);
struct term *term_product(struct term *a, struct term *b);
struct term *term_product3(struct term *a, struct term *b, struct term *c);
struct term *term_quotient(struct term *a, struct term *b);
struct term *term_square(struct term *a);
struct term *term_power(struct term *a, size_t exponent);
struct term *term_negation(struct term *a);
struct term *term_apply(enum term_function function, struct term *a);
struct term *term_series(size_t index, size_t count, struct term *body);
struct term *term_shaped(struct term *term, unsigned shape); /* adds to its shape */

struct term *term_clone(const struct term *term);
void term_free(struct term **term);

/* Values of the letters, by (letter - TERM_I); SIZE_MAX where unbound. */
struct term_binding {
    size_t at[TERM_LETTERS];
};
extern const struct term_binding term_unbound;
bool term_is_letter(size_t index);
size_t term_bound(const struct term_binding *binding, size_t index);

/* The value with the network's present numbers; all letters must be bound. */
double term_value(const struct nb_net *net, const struct term *term);
double term_value_bound(const struct nb_net *net, const struct term *term,
                        const struct term_binding *binding);

/* Where the numbers of elements come from: NULL, from the network. */
struct term_numbers {
    const struct nb_net *net;
    double (*read)(void *context, size_t id, size_t row, size_t col);
    void *context;
};
double term_value_with(const struct term_numbers *numbers, const struct term *term,
                       const struct term_binding *binding);

/* Replaces a letter by an index everywhere below. */
void term_substitute(struct term *term, size_t letter, size_t index);

/* Each letter takes the place of the other, in sums too. */
void term_swap_letters(struct term *term, size_t one, size_t other);

/* In how many rounds a term is worked out: 0 for numbers and elements. */
size_t term_height(const struct term *term);

#endif
