/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * e^x by arithmetic alone: the same bits on every machine and with every C
 * library, and a loop over it becomes vector instructions.  Kernels, formulas
 * and the language share it, so that a1 and sigmoid(z1) agree to the last bit.
 */
#ifndef NABLA_BASE_EXPONENTIAL_H
#define NABLA_BASE_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* 2^n, -1022 ≤ n ≤ 1023, of the sum n + 1.5·2^52, whose last bits are n */
static inline double power_of_two(double shifted)
{
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&shifted, &bits, sizeof shifted);
    return shifted;
}

/* x = n·ln 2 + r, |r| ≤ ln 2/2: e^x = 2^n·e^r, and e^r by its series up to r^13
 * (what is left out is below 5e-18), even and odd powers apart.  ln 2 comes in
 * two parts, the first with so few digits that n times it is exact; 2^n in two,
 * since n may lie beyond the exponents.  The error is below 0.55 of the last place; e^-∞ is 0,
 * e^NaN NaN. */
static inline double exponential(double x)
{
    const double shift = 0x1.8p52, ln2 = 0x1.62e42fefa38p-1, ln2_rest = 0x1.ef35793c7673p-45;
    x = x > 710 ? 710 : x;
    x = x < -746 ? -746 : x;
    double n = (x * 0x1.71547652b82fep0 + shift) - shift;
    double high = x - n * ln2, low = n * ln2_rest, r = high - low, s = r * r;
    double top = 1 + r, lost = ((high - r) - low) + (r - (top - 1)); /* by rounding both */
    double even =
        1.0 / 2 +
        s * (1.0 / 24 +
             s * (1.0 / 720 + s * (1.0 / 40320 + s * (1.0 / 3628800 + s * (1.0 / 479001600)))));
    double odd =
        1.0 / 6 +
        s * (1.0 / 120 +
             s * (1.0 / 5040 + s * (1.0 / 362880 + s * (1.0 / 39916800 + s * (1.0 / 6227020800)))));
    double series = top + (lost + s * (even + r * odd));
    double shifted = n * 0.5 + shift, half = shifted - shift;
    return series * power_of_two(shifted) * power_of_two(n - half + shift);
}

#endif
