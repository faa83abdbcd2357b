/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define EXACT_DIGITS 17 /* they bring any double back */

static size_t scan_digits(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && bytes[i] >= '0' && bytes[i] <= '9')
        i++;
    return i;
}

size_t number_scan(const char *bytes, size_t length)
{
    size_t whole = scan_digits(bytes, length), end = whole, fraction = 0;
    if (end < length && bytes[end] == '.') {
        fraction = scan_digits(bytes + end + 1, length - end - 1);
        end += 1 + fraction;
    }
    if (!whole && !fraction)
        return 0;
    if (end < length && (bytes[end] == 'e' || bytes[end] == 'E')) {
        size_t mark = end + 1;
        if (mark < length && (bytes[mark] == '+' || bytes[mark] == '-'))
            mark++;
        size_t exponent = scan_digits(bytes + mark, length - mark);
        if (exponent)
            end = mark + exponent;
    }
    return end;
}

bool number_parse(const char *bytes, size_t length, double *value)
{
    size_t sign = length && (bytes[0] == '-' || bytes[0] == '+');
    if (length == sign || number_scan(bytes + sign, length - sign) != length - sign)
        return false;
    char *copy = string_copy_part(bytes, length); /* strtod wants an end */
    if (!copy)
        return false;
    *value = strtod(copy, NULL);
    free(copy);
    return isfinite(*value);
}

double number_half_unit(const char *bytes, size_t length)
{
    size_t at = scan_digits(bytes, length), decimals = 0;
    if (at < length && bytes[at] == '.') {
        decimals = scan_digits(bytes + at + 1, length - at - 1);
        at += 1 + decimals;
    }
    char *exponent = at < length ? string_copy_part(bytes + at + 1, length - at - 1) : NULL;
    double raised = exponent ? (double)strtol(exponent, NULL, 10) : 0;
    free(exponent);
    return 0.5 * pow(10, raised - (double)decimals);
}

bool number_parse_whole(const char *bytes, size_t length, uint64_t most, uint64_t *value)
{
    uint64_t result = 0;
    if (!length || scan_digits(bytes, length) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint64_t digit = (uint64_t)(bytes[i] - '0');
        if (result > (most - digit) / 10 || digit > most)
            return false;
        result = result * 10 + digit;
    }
    *value = result;
    return true;
}

void number_add(struct text *text, double value, int digits)
{
    if (isnan(value))
        text_add(text, "NaN");
    else if (isinf(value))
        text_add(text, value < 0 ? "-Infinity" : "Infinity");
    else
        text_printf(text, "%.*g", digits, value == 0 ? 0.0 : value);
}

void number_add_exact(struct text *text, double value)
{
    char bytes[40];
    int digits = 1;
    do
        snprintf(bytes, sizeof bytes, "%.*g", digits, value);
    while (isfinite(value) && strtod(bytes, NULL) != value && ++digits < EXACT_DIGITS);
    number_add(text, value, digits);
}
