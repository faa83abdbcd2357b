/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST  17 /* they bring any double back */
#define GUARD_DIGITS 3  /* so that what is shown as a five is near one */

/* The digits of |x| without the point; the exponent of the first is returned. */
static int show(char shown[40], double x, int seen)
{
    snprintf(shown, 40, "%.*e", seen - 1, fabs(x));
    const char *mark = strchr(shown, 'e');
    int exponent = 0;
    for (const char *at = mark + 2; *at; at++)
        exponent = exponent * 10 + (*at - '0');
    if (mark[1] == '-')
        exponent = -exponent;
    if (seen > 1)
        memmove(shown + 1, shown + 2, (size_t)seen - 1);
    return exponent;
}

double decimal_round(double x, int decimals, int seen)
{
    char shown[40];
    unsigned long long digits = 0;
    if (!isfinite(x) || x == 0)
        return x;
    int exponent = show(shown, x, seen), kept = exponent + 1 + decimals; /* of the digits */
    if (kept >= DIGITS_MOST)
        return x;
    if (kept < 0)
        return 0;
    if (kept + GUARD_DIGITS > seen) {
        seen = kept + GUARD_DIGITS < DIGITS_MOST ? kept + GUARD_DIGITS : DIGITS_MOST;
        exponent = show(shown, x, seen);
        kept = exponent + 1 + decimals;
    }
    for (int i = 0; i < kept; i++)
        digits = digits * 10 + (unsigned long long)(shown[i] - '0');
    digits += shown[kept] >= '5';
    snprintf(shown, sizeof shown, "%llue%d", digits, -decimals);
    double result = strtod(shown, NULL);
    return x < 0 && result != 0 ? -result : result;
}
