/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reading and faithful writing of numbers, the same in every locale. */
#ifndef NABLA_BASE_NUMBER_H
#define NABLA_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* How much of bytes[0..length) is an unsigned decimal literal: 12, .5, 1e-3,
 * 1.5e+10; 0 where it does not begin with one. */
size_t number_scan(const char *bytes, size_t length);

/* Reads the whole of bytes[0..length): an optional sign and a literal.
 * False for anything else, and on overflow. */
bool number_parse(const char *bytes, size_t length, double *value);

/* Half a unit of the last digit that an unsigned literal is written with:
 * 0.2435 → 0.00005, 1.5e-9 → 0.05e-9. */
double number_half_unit(const char *bytes, size_t length);

/* Reads the whole as decimal digits; false on anything else or above `most`. */
bool number_parse_whole(const char *bytes, size_t length, uint64_t most, uint64_t *value);

/* Adds %.{digits}g, or NaN, Infinity, -Infinity.  Minus zero prints as 0. */
void number_add(struct text *text, double value, int digits);

/* Likewise with as few digits as bring the same value back. */
void number_add_exact(struct text *text, double value);

#endif
