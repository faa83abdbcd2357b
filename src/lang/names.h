/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spellings of names: which bytes make one, and what they stand for. */
#ifndef NABLA_LANG_NAMES_H
#define NABLA_LANG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes of bytes[0..length) make one name (dL/dw1 is one); 0: none. */
size_t name_scan(const char *bytes, size_t length);

/* Is it spelled as a quantity of some network: w3, dw12, x, loss? */
bool name_is_quantity(const char *name);

/* The quantity that the d-name da2, ∂a2 is of: "a2".  False where it is none. */
bool name_of_differential(const char *bytes, size_t length, char name[64]);

/* pi, e, inf, nan and their spellings. */
bool name_constant(const char *name, double *value);

#endif
