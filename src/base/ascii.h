/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for terminals that know nothing but ASCII. */
#ifndef NABLA_BASE_ASCII_H
#define NABLA_BASE_ASCII_H

#include "base/text.h"

/* Adds bytes[0..length) with names and signs in place of what is not ASCII:
 * δ²₁ = w¹₁₂·x₁² becomes delta2[1] = w1[1,2]*x[1]^2.  The unknown becomes `?`. */
void ascii_add(struct text *text, const char *bytes, size_t length);

/* Columns that it takes, shown as it is or as that. */
size_t ascii_width(const char *bytes, size_t length, bool unicode);

#endif
