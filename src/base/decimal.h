/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounding as people do it: on the decimal number that they see. */
#ifndef NABLA_BASE_DECIMAL_H
#define NABLA_BASE_DECIMAL_H

#define DECIMAL_DIGITS 15 /* significant digits that a double holds for sure */

/* x to `decimals` decimals, half away from zero, of the number that `seen`
 * significant digits show (more where the decimals need them): 2.675 to two is
 * 2.68, though the nearest double lies below it.  Fewer digits look past the
 * errors that x has from being computed. */
double decimal_round(double x, int decimals, int seen);

#endif
