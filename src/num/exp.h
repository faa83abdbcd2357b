/* SPDX-License-Identifier: GPL-3.0-or-later */
/* e^x for a *_tmpl.c file, from which the compiler can make vector instructions. */
#ifndef NABLA_NUM_EXP_H
#define NABLA_NUM_EXP_H

#include "base/exponential.h"
#include "num/real.h"

#if NB_REAL == 32

/* 2^n for n from -126 to 127 */
static inline float two_to(int32_t n)
{
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x = n·ln 2 + r with |r| ≤ ln 2/2; e^x = 2^n·e^r, and e^r to the seventh power
 * of its series: the rest is below 6e-9.  ln 2 in two parts, so that n·ln 2 is
 * exact enough; 2^n in two, since n goes beyond the exponents. */
static inline float real_exp(float x)
{
    const float most = 89.0F, least = -104.0F, per_ln2 = 1.44269504F;
    const float ln2 = 0.693359375F, ln2_rest = -2.12194440e-4F, to_integer = 12582912.0F;
    x = x > most ? most : x;
    x = x < least ? least : x;
    float n = (x * per_ln2 + to_integer) - to_integer;
    float r = (x - n * ln2) - n * ln2_rest;
    float series = 1.0F / 5040;
    series = series * r + 1.0F / 720;
    series = series * r + 1.0F / 120;
    series = series * r + 1.0F / 24;
    series = series * r + 1.0F / 6;
    series = series * r + 1.0F / 2;
    series = series * r + 1.0F;
    series = series * r + 1.0F;
    int32_t power = x == x ? (int32_t)n : 0, half = power / 2;
    return series * two_to(half) * two_to(power - half);
}

#else

static inline double real_exp(double x)
{
    return exponential(x);
}

#endif

#endif
