/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/term.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/memory.h"

const struct term_binding term_unbound = { { SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX,
                                             SIZE_MAX, SIZE_MAX } };

/* Takes `count` children; one that is NULL means that memory ran out below. */
static struct term *term_make(enum term_kind kind, size_t count, ...)
{
    struct term *term = memory_new(1, sizeof *term);
    bool whole = term != NULL;
    va_list children;
    va_start(children, count);
    for (size_t i = 0; i < count; i++) {
        struct term *child = va_arg(children, struct term *);
        whole = whole && child;
        if (term)
            term->child[i] = child;
        else
            term_free(&child);
    }
    va_end(children);
    if (!term)
        return NULL;
    term->kind = kind;
    term->children = count;
    if (!whole)
        term_free(&term);
    return term;
}

struct term *term_number(double number)
{
    struct term *term = term_make(TERM_NUMBER, 0);
    if (term)
        term->number = number;
    return term;
}

struct term *term_named(double number, const char *name)
{
    struct term *term = term_number(number);
    if (term)
        term->name = name;
    return term;
}

struct term *term_setting(enum term_setting setting, double number)
{
    struct term *term = term_make(TERM_SETTING, 0);
    if (term) {
        term->setting = setting;
        term->number = number;
    }
    return term;
}

struct term *term_element(size_t id, size_t row, size_t col)
{
    struct term *term = term_make(TERM_ELEMENT, 0);
    if (term) {
        term->id = id;
        term->row = row;
        term->col = col;
    }
    return term;
}

struct term *term_fixed(struct term *element, double number)
{
    if (element) {
        element->number = number;
        element->shape |= TERM_FIXED;
    }
    return element;
}

struct term *term_sum(struct term *a, struct term *b)
{
    return term_make(TERM_SUM, 2, a, b);
}

struct term *term_difference(struct term *a, struct term *b)
{
    return term_sum(a, term_negation(b));
}

struct term *term_product(struct term *a, struct term *b)
{
    return term_make(TERM_PRODUCT, 2, a, b);
}

struct term *term_product3(struct term *a, struct term *b, struct term *c)
{
    return term_make(TERM_PRODUCT, 3, a, b, c);
}

struct term *term_quotient(struct term *a, struct term *b)
{
    return term_make(TERM_QUOTIENT, 2, a, b);
}

struct term *term_square(struct term *a)
{
    return term_make(TERM_SQUARE, 1, a);
}

struct term *term_power(struct term *a, size_t exponent)
{
    struct term *term = term_make(TERM_POWER, 1, a);
    if (term)
        term->count = exponent;
    return term;
}

struct term *term_negation(struct term *a)
{
    return term_make(TERM_NEGATION, 1, a);
}

struct term *term_apply(enum term_function function, struct term *a)
{
    struct term *term = term_make(TERM_FUNCTION, 1, a);
    if (term)
        term->function = function;
    return term;
}

struct term *term_series(size_t index, size_t count, struct term *body)
{
    struct term *term = term_make(TERM_SERIES, 1, body);
    if (term) {
        term->index = index;
        term->count = count;
    }
    return term;
}

struct term *term_shaped(struct term *term, unsigned shape)
{
    if (term)
        term->shape |= shape;
    return term;
}

struct term *term_clone(const struct term *term)
{
    struct term *copy = term ? memory_copy(term, 1, sizeof *term) : NULL;
    if (!copy)
        return NULL;
    bool whole = true;
    for (size_t i = 0; i < term->children; i++)
        whole = (copy->child[i] = term_clone(term->child[i])) && whole;
    if (!whole)
        term_free(&copy);
    return copy;
}

void term_free(struct term **term)
{
    if (!*term)
        return;
    for (size_t i = 0; i < (*term)->children; i++)
        term_free(&(*term)->child[i]);
    free(*term);
    *term = NULL;
}

bool term_is_letter(size_t index)
{
    return index >= TERM_I && index <= TERM_S;
}

size_t term_bound(const struct term_binding *binding, size_t index)
{
    if (!term_is_letter(index) || binding->at[index - TERM_I] == SIZE_MAX)
        return index;
    return binding->at[index - TERM_I];
}

static size_t swapped(size_t letter, size_t one, size_t other)
{
    return letter == one ? other : letter == other ? one : letter;
}

void term_swap_letters(struct term *term, size_t one, size_t other)
{
    if (term->kind == TERM_ELEMENT) {
        term->row = swapped(term->row, one, other);
        term->col = swapped(term->col, one, other);
    }
    if (term->kind == TERM_SERIES)
        term->index = swapped(term->index, one, other);
    for (size_t i = 0; i < term->children; i++)
        term_swap_letters(term->child[i], one, other);
}

void term_substitute(struct term *term, size_t letter, size_t index)
{
    if (term->row == letter)
        term->row = index;
    if (term->col == letter)
        term->col = index;
    for (size_t i = 0; i < term->children; i++)
        term_substitute(term->child[i], letter, index);
}

static bool is_number(const struct term *term)
{
    return term->kind == TERM_NUMBER;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A sum within a sum: its terms are those of the sum around it. */
static bool is_part(const struct term *term, const struct term *child)
{
    bool sum = term->kind == TERM_SUM || term->kind == TERM_SERIES;
    bool inner = child->kind == TERM_SERIES || (child->kind == TERM_SUM && term->kind == TERM_SUM);
    return sum && inner && !(child->shape & (TERM_UNIT | TERM_CLOSED));
}

size_t term_height(const struct term *term)
{
    size_t most = 0, others = 0;
    if (term->shape & TERM_CLOSED)
        return 0;
    if (term->shape & TERM_UNIT)
        return 1;
    for (size_t i = 0; i < term->children; i++) {
        most = larger(most, term_height(term->child[i]) - is_part(term, term->child[i]));
        others += !is_number(term->child[i]);
    }
    switch (term->kind) {
    case TERM_NUMBER:
    case TERM_SETTING:
    case TERM_ELEMENT:
        return 0;
    case TERM_NEGATION:
        return most;
    case TERM_PRODUCT:
    case TERM_QUOTIENT: /* scaling by a number is no round of its own */
        return others <= 1 ? larger(most, 1) : most + 1;
    default:
        return most + 1;
    }
}
