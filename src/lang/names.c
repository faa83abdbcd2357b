/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lang/lang.h"

/* How letters beyond ASCII are folded; other letters stay as they are. */
static const struct letter {
    unsigned codepoint;
    const char *ascii;
} letters[] = {
    { 0x3b1, "alpha" },   { 0x3b2, "beta" },    { 0x3b3, "gamma" }, { 0x3b4, "delta" },
    { 0x3b5, "epsilon" }, { 0x3f5, "epsilon" }, { 0x3b7, "eta" },   { 0x3b8, "theta" },
    { 0x3bb, "lambda" },  { 0x3bc, "mu" },      { 0xb5, "mu" },     { 0x3c0, "pi" },
    { 0x3c1, "rho" },     { 0x3c3, "sigma" },   { 0x3c4, "tau" },   { 0x3c6, "phi" },
    { 0x177, "yhat" },    { 0x176, "yhat" },    { 0x302, "hat" },
};

enum { PARTIAL = 0x2202, NABLA = 0x2207 };

/* What may follow d in the numerator of a derivative of the loss. */
static const char *const loss_names[] = { "L", "C", "J", "E", "loss", "Loss" };

/* The stems of §3; a layered one takes the number of its layer. */
static const struct stem {
    const char *name;
    bool layered;
    int axes; /* indices that an element has, for one sample */
} stems[] = {
    { "x", false, 1 },       { "y", false, 1 },    { "yhat", false, 1 },  { "loss", false, 0 },
    { "penalty", false, 0 }, { "w", true, 2 },     { "b", true, 1 },      { "z", true, 1 },
    { "a", true, 1 },        { "delta", true, 1 }, { "dw", true, 2 },     { "db", true, 1 },
    { "da", true, 1 },       { "gw", true, 2 },    { "gb", true, 1 },     { "mu", true, 1 },
    { "var", true, 1 },      { "xhat", true, 1 },  { "gamma", true, 1 },  { "beta", true, 1 },
    { "u", true, 1 },        { "du", true, 1 },    { "dgamma", true, 1 }, { "dbeta", true, 1 },
    { "rmean", true, 1 },    { "rvar", true, 1 },  { "mask", true, 1 },   { "h", true, 1 },
    { "dh", true, 1 },       { "mw", true, 2 },    { "vw", true, 2 },     { "mb", true, 1 },
    { "vb", true, 1 },
};

/* Other spellings of whole names. */
static const struct {
    const char *spelling, *name;
} aliases[] = {
    { "eta", "lr" },     { "alpha", "lr" }, { "y_hat", "yhat" },
    { "Y_hat", "yhat" }, { "a0", "x" },     { "A0", "x" },
};

static const struct {
    const char *name;
    double value;
} constants[] = {
    { "pi", 3.14159265358979323846 },
    { "e", 2.71828182845904523536 },
    { "inf", INFINITY },
    { "Inf", INFINITY },
    { "Infinity", INFINITY },
    { "nan", NAN },
    { "NaN", NAN },
};

bool name_constant(const char *name, double *value)
{
    for (size_t i = 0; i < COUNT_OF(constants); i++)
        if (strcmp(constants[i].name, name) == 0) {
            *value = constants[i].value;
            return true;
        }
    return false;
}

static bool is_ascii_letter(unsigned c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(unsigned c)
{
    return c >= '0' && c <= '9';
}

/* The digit that a raised or lowered one stands for, or -1. */
static int script_digit(unsigned c, bool *lowered)
{
    *lowered = c >= 0x2080 && c <= 0x2089;
    if (*lowered)
        return (int)(c - 0x2080);
    if (c == 0xb9)
        return 1;
    if (c == 0xb2 || c == 0xb3)
        return (int)(c - 0xb0);
    if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079))
        return (int)(c - 0x2070);
    return -1;
}

/* Letters of the scripts that people write names in. */
static bool is_letter(unsigned c)
{
    static const struct {
        unsigned first, last;
    } ranges[] = {
        { 0xc0, 0xd6 },     { 0xd8, 0xf6 },     { 0xf8, 0x24f },    { 0x370, 0x373 },
        { 0x376, 0x377 },   { 0x386, 0x386 },   { 0x388, 0x52f },   { 0x5d0, 0x5ea },
        { 0x620, 0x64a },   { 0x904, 0x939 },   { 0x1e00, 0x1fff }, { 0x3041, 0x30ff },
        { 0x3400, 0x9fff }, { 0xac00, 0xd7a3 }, { 0xb5, 0xb5 },
    };
    if (c < 0x80)
        return is_ascii_letter(c);
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

static bool continues_name(unsigned c)
{
    bool lowered;
    return is_letter(c) || is_digit(c) || (c >= 0x300 && c < 0x370) ||
           script_digit(c, &lowered) >= 0;
}

/* One name without a quotient. */
static size_t scan_plain(const char *bytes, size_t length)
{
    unsigned c;
    size_t at = utf8_decode(bytes, length, &c);
    if (!at || !(is_letter(c) || c == PARTIAL || c == NABLA))
        return 0;
    size_t letters_from = is_letter(c) ? 0 : at;
    for (;;) {
        size_t size = utf8_decode(bytes + at, length - at, &c);
        if (!size || !(at == letters_from ? is_letter(c) : continues_name(c)))
            break;
        at += size;
    }
    return at > letters_from ? at : 0;
}

/* The length of the d or ∂ that a differential begins with, or 0. */
static size_t differential_sign(const char *bytes, size_t length)
{
    unsigned c;
    size_t size = utf8_decode(bytes, length, &c);
    return size && (c == 'd' || c == PARTIAL) ? size : 0;
}

static bool is_loss_differential(const char *bytes, size_t length)
{
    size_t sign = differential_sign(bytes, length);
    for (size_t i = 0; sign && i < COUNT_OF(loss_names); i++)
        if (length - sign == strlen(loss_names[i]) &&
            memcmp(bytes + sign, loss_names[i], length - sign) == 0)
            return true;
    return false;
}

size_t name_scan(const char *bytes, size_t length)
{
    size_t first = scan_plain(bytes, length);
    if (first >= length || bytes[first] != '/' || !is_loss_differential(bytes, first))
        return first;
    size_t second = scan_plain(bytes + first + 1, length - first - 1);
    size_t sign = differential_sign(bytes + first + 1, second);
    return sign && second > sign ? first + 1 + second : first;
}

static const struct stem *find_stem(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(stems); i++)
        if (strlen(stems[i].name) == length && memcmp(stems[i].name, name, length) == 0)
            return &stems[i];
    return NULL;
}

/* The length of the name without its final digits. */
static size_t stem_length(const char *name)
{
    size_t length = strlen(name);
    while (length && is_digit((unsigned char)name[length - 1]))
        length--;
    return length;
}

bool name_is_quantity(const char *name)
{
    size_t length = stem_length(name);
    const struct stem *stem = find_stem(name, length);
    return stem && stem->layered == (name[length] != '\0');
}

/* Appends to name[64]; false where it does not fit. */
static bool append(char name[64], const char *bytes, size_t length)
{
    size_t used = strlen(name);
    if (used + length > 63)
        return false;
    memcpy(name + used, bytes, length);
    name[used + length] = '\0';
    return true;
}

static const char *folded_letter(unsigned codepoint)
{
    if (codepoint == PARTIAL || codepoint == NABLA)
        return "d";
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].codepoint == codepoint)
            return letters[i].ascii;
    return NULL;
}

/* Letters beyond ASCII to ASCII; w¹₁₂ becomes w1_12. */
static bool fold_letters(const char *word, size_t length, char folded[64])
{
    bool lowered_before = false;
    folded[0] = '\0';
    for (size_t i = 0; i < length;) {
        unsigned c;
        size_t size = utf8_decode(word + i, length - i, &c);
        if (!size || !c)
            return false;
        bool lowered;
        int digit = script_digit(c, &lowered);
        const char *ascii = folded_letter(c);
        char number[3] = { '_', (char)('0' + digit), '\0' };
        size_t used = strlen(folded);
        bool gap = lowered && !lowered_before && used && is_digit((unsigned char)folded[used - 1]);
        if (digit >= 0 ? !append(folded, number + !gap, 1 + (size_t)gap)
                       : !append(folded, ascii ? ascii : word + i, ascii ? strlen(ascii) : size))
            return false;
        lowered_before = lowered;
        i += size;
    }
    return true;
}

static void lower(const char *name, char lowered[64])
{
    size_t i = 0;
    for (; name[i]; i++)
        lowered[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    lowered[i] = '\0';
}

/* dz2 is delta2, dx is da0. */
static bool derivative_name(const char *quantity, char name[64])
{
    name[0] = '\0';
    if (strcmp(quantity, "x") == 0)
        return append(name, "da0", 3);
    if (quantity[0] == 'z' && name_is_quantity(quantity))
        return append(name, "delta", 5) && append(name, quantity + 1, strlen(quantity + 1));
    return append(name, "d", 1) && append(name, quantity, strlen(quantity));
}

/* The canonical form of a folded name without a quotient. */
static bool canonical_plain(const char *folded, char name[64])
{
    char small[64];
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (strcmp(aliases[i].spelling, folded) == 0)
            folded = aliases[i].name;
    lower(folded, small);
    name[0] = '\0';
    if (name_is_quantity(small))
        return append(name, small, strlen(small));
    if (small[0] == 'd' && small[1] == 'z' && name_is_quantity(small + 1))
        return derivative_name(small + 1, name);
    return append(name, folded, strlen(folded));
}

bool lang_canonical_name(const char *word, size_t length, char name[64])
{
    char folded[64], quantity[64];
    if (!length || name_scan(word, length) != length || !fold_letters(word, length, folded))
        return false;
    const char *slash = strchr(folded, '/');
    if (!slash)
        return canonical_plain(folded, name);
    return canonical_plain(slash + 2, quantity) && derivative_name(quantity, name);
}

bool name_of_differential(const char *bytes, size_t length, char name[64])
{
    size_t sign = differential_sign(bytes, length);
    return sign && sign < length && scan_plain(bytes, length) == length &&
           lang_canonical_name(bytes + sign, length - sign, name) && name_is_quantity(name);
}

/* The digits of w11, w_11, w1_11, w_1_1: in groups, at most four of each. */
struct groups {
    size_t count, most;
    char digits[4][5];
};

static bool split_groups(const char *tail, struct groups *groups)
{
    *groups = (struct groups){ .count = 1 };
    for (; *tail; tail++) {
        char *digits = groups->digits[groups->count - 1];
        size_t used = strlen(digits);
        if (*tail == '_' && groups->count < 4)
            groups->count++;
        else if (is_digit((unsigned char)*tail) && used < 4)
            digits[used] = *tail;
        else
            return false;
    }
    return true;
}

/* layer and indices out of the groups: (layer_)indices, indices digit by digit. */
static size_t spread_groups(const struct stem *stem, const struct groups *groups, char part[4][5])
{
    size_t count = 0, wanted = (size_t)stem->axes + stem->layered;
    const char *first = groups->digits[0];
    bool joined = groups->count == 1 || (groups->count == 2 && !first[0]) ||
                  (groups->count == 2 && stem->axes == 2);
    if (stem->layered && stem->axes == 2 &&
        ((groups->count == 1 && strlen(first) == 2) ||
         (groups->count == 2 && !first[0] && strlen(groups->digits[1]) == 2) ||
         (groups->count == 3 && !first[0])))
        strcpy(part[count++], "1"); /* w11 and w_11 name no layer */
    for (size_t g = 0; g < groups->count; g++) {
        const char *digits = groups->digits[g];
        if (!joined || (g == 0 && groups->count == 2)) {
            if (digits[0] && count < 4)
                strcpy(part[count++], digits);
            continue;
        }
        for (; *digits; digits++) {
            if (count == 4 || *digits == '0')
                return 0;
            part[count][0] = *digits;
            part[count++][1] = '\0';
        }
    }
    return count <= wanted ? count : 0;
}

bool lang_suggest_indexed(const char *name, struct text *suggestion)
{
    char small[64], part[4][5] = { "" };
    struct groups groups;
    if (strlen(name) > 63)
        return false;
    lower(name, small);
    size_t length = strcspn(small, "0123456789_");
    const struct stem *stem = find_stem(small, length);
    if (!stem || !small[length] || !split_groups(small + length, &groups))
        return false;
    size_t count = spread_groups(stem, &groups, part);
    size_t indices = count - stem->layered;
    if (!count || (!indices && groups.count == 1))
        return false;
    text_printf(suggestion, "%s%s", stem->name, stem->layered ? part[0] : "");
    for (size_t i = 0; i < indices; i++)
        text_printf(suggestion, "%s%s", i ? "," : "[", part[stem->layered + i]);
    text_add(suggestion, indices ? "]" : "");
    return true;
}
