/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks and pictures of them for the tests of the engine, made through
 * nabla.h alone.  Everything fails the running test where it cannot be done. */
#ifndef NABLA_TESTS_NETS_H
#define NABLA_TESTS_NETS_H

#include "nabla.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* A network of `layers` layers; every hidden one is `hidden`, the last `output`. */
struct net_shape {
    size_t inputs, layers, units[4];
    enum nb_activation hidden, output;
    enum nb_loss loss;
    enum nb_precision precision;
    uint64_t seed;
};

/* Is `output` allowed under `loss`?  From the table of losses in the manual. */
bool loss_allows(enum nb_loss loss, enum nb_activation output);

enum nb_status net_try(const struct net_shape *shape, struct nb_net **net);
struct nb_net *net_make(const struct net_shape *shape);
/* Bit l of `norms`: batch norm in layer l + 1; `dropout` in every hidden layer. */
struct nb_net *net_with(const struct net_shape *shape, size_t norms, double dropout);

/* Row `row` of 3-4-3-2 networks with everything that a layer can have, and a batch. */
enum { NET_FEATURES = 6 };
struct nb_net *net_featured(size_t row, size_t rows);

/* An optimiser with row `regularizer` of penalties, clipped and not. */
enum { NET_REGULARIZERS = 6 };
struct nb_learning net_learning_row(int optimizer, size_t regularizer);

/* The pen-and-paper exercise: 3-2-2 sigmoid, its weights, x, y and lr 0.1.
 * exercise_weights holds w1, b1, w2, b2 one after the other. */
extern const double exercise_weights[14];
struct nb_net *net_exercise(enum nb_precision precision);

/* 1-1 linear, half-sse: L = (2w + b - 3)²/2 at w = 0.5, b = 0.25. */
struct nb_net *net_scalar(enum nb_precision precision);

size_t net_id(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer);
struct nb_quantity net_quantity(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer);
double net_value(const struct nb_net *net, enum nb_quantity_kind kind, size_t layer, size_t row,
                 size_t col);
void net_assign(struct nb_net *net, enum nb_quantity_kind kind, size_t layer, size_t rows,
                size_t cols, const double *values);

/* x and y of `rows` rows, fixed by `seed`; y fits every loss: rows of numbers
 * in (0, 1) that sum to 1. */
void net_give_rows(struct nb_net *net, size_t rows, uint64_t seed);
void net_run(struct nb_net *net, size_t operations);
void net_iterate(struct nb_net *net, size_t count); /* whole iterations, from the start of one */
void net_learn(struct nb_net *net, const struct nb_learning *learning);

/* Every value and state of a network, and its cursor and iteration. */
struct picture;
struct picture *picture_new(const struct nb_net *net);
void picture_free(struct picture *picture);
/* Are the numbers of quantity `id` the same bits?  Unset ones have none. */
bool picture_same(const struct picture *a, const struct picture *b, size_t id);
bool picture_all_same(const struct picture *a, const struct picture *b); /* states too */
/* The largest difference of any number, relative to max(1, |a|). */
double picture_distance(const struct picture *a, const struct picture *b);
/* Frees both; fails where they are not the same in everything. */
void assert_pictures_same(struct picture *a, struct picture *b);

/* |value - expected| <= tolerance * max(1, |expected|) */
#define assert_near(value, expected, tolerance)                                                    \
    assert_near_at((value), (expected), (tolerance), #value, __FILE__, __LINE__)
void assert_near_at(double value, double expected, double tolerance, const char *what,
                    const char *file, int line);

#endif
