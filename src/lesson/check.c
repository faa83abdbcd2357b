/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/check.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

#define LINES_SHOWN 12 /* of those that might have been meant */

struct span {
    const char *bytes;
    size_t length;
};

/* ---- Numbers -------------------------------------------------------------- */

/* The length of a number at `at`; none within a name (w1) or a number. */
static size_t number_at(struct span line, size_t at)
{
    if (at && (isalnum((unsigned char)line.bytes[at - 1]) || line.bytes[at - 1] == '.' ||
               line.bytes[at - 1] == '_'))
        return 0;
    size_t length = number_scan(line.bytes + at, line.length - at);
    return length && line.bytes[at + length - 1] == '.' ? length - 1 : length;
}

/* A number with the sign before it. */
struct numeral {
    struct span digits;
    bool negative;
    size_t length; /* of both; 0: there is none */
};

/* The bytes of a minus at `at`, ASCII or typeset, that is no dash within 3-2-2 or a-1. */
static size_t minus_at(struct span line, size_t at)
{
    static const char typeset[] = "\xe2\x88\x92";
    if (at && !strchr(" \t([,;=:", line.bytes[at - 1]))
        return 0;
    if (line.bytes[at] == '-')
        return 1;
    bool found = line.length - at > 3 && !memcmp(line.bytes + at, typeset, 3);
    return found ? 3 : 0;
}

static struct numeral numeral_at(struct span line, size_t at)
{
    size_t minus = minus_at(line, at);
    size_t from = at + minus;
    size_t digits = minus ? number_scan(line.bytes + from, line.length - from) : 0;
    if (digits && line.bytes[from + digits - 1] == '.')
        digits--;
    if (!digits) {
        minus = 0;
        from = at;
        digits = number_at(line, at);
    }
    return (
        struct numeral){ { line.bytes + from, digits }, minus > 0, digits ? minus + digits : 0 };
}

/* To the digits that are expected: 0.000 is also -0.0001. */
static bool numbers_match(const struct numeral *expected, const struct numeral *got)
{
    double wanted, found;
    if (!number_parse(expected->digits.bytes, expected->digits.length, &wanted) ||
        !number_parse(got->digits.bytes, got->digits.length, &found))
        return false;
    wanted = expected->negative ? -wanted : wanted;
    found = got->negative ? -found : found;
    return fabs(wanted - found) <=
           number_half_unit(expected->digits.bytes, expected->digits.length) * (1 + 1e-9) +
               1e-14 * fabs(wanted);
}

/* ---- Lines ------------------------------------------------------------------ */

static bool is_dots(struct span line, size_t at)
{
    return line.length - at >= 3 && !memcmp(line.bytes + at, "...", 3);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span line)
{
    while (line.length && is_blank(line.bytes[0]))
        line.bytes++, line.length--;
    while (line.length && is_blank(line.bytes[line.length - 1]))
        line.length--;
    return line;
}

/* Steps both over one blank run, one number or one character that agree. */
static bool step_both(struct span expected, size_t *e, struct span got, size_t *g)
{
    if (*e >= expected.length || *g >= got.length)
        return false;
    if (is_blank(expected.bytes[*e]) && is_blank(got.bytes[*g])) {
        while (*e < expected.length && is_blank(expected.bytes[*e]))
            ++*e;
        while (*g < got.length && is_blank(got.bytes[*g]))
            ++*g;
        return true;
    }
    struct numeral wanted = numeral_at(expected, *e), found = numeral_at(got, *g);
    if (wanted.length && found.length && numbers_match(&wanted, &found)) {
        *e += wanted.length;
        *g += found.length;
        return true;
    }
    return expected.bytes[(*e)++] == got.bytes[(*g)++];
}

/* As a glob with one wildcard: on failure the last `...` takes one more. */
static bool lines_match(struct span expected, struct span got)
{
    size_t e = 0, g = 0, after_dots = 0, taken = 0;
    bool dots = false;
    while (g < got.length || e < expected.length) {
        if (e < expected.length && is_dots(expected, e)) {
            dots = true;
            after_dots = e + 3;
            taken = g;
            e = after_dots;
        } else if (!step_both(expected, &e, got, &g)) {
            if (!dots || taken >= got.length)
                return false;
            e = after_dots;
            g = ++taken;
        }
    }
    return true;
}

/* ---- Blocks ------------------------------------------------------------------ */

struct line {
    struct span span;
    size_t number; /* from 1 */
};

struct lines {
    struct line *line;
    size_t count, capacity;
};

/* The lines that are not empty. */
static bool split(const char *bytes, size_t length, struct lines *lines)
{
    *lines = (struct lines){ NULL, 0, 0 };
    size_t number = 1;
    for (size_t at = 0; at < length; number++) {
        const char *newline = memchr(bytes + at, '\n', length - at);
        size_t width = newline ? (size_t)(newline - bytes) - at : length - at;
        struct span span = trim((struct span){ bytes + at, width });
        at += width + 1;
        if (!span.length)
            continue;
        struct line *line = array_grow(lines->line, lines->count, &lines->capacity, sizeof *line);
        if (!line)
            return false;
        lines->line = line;
        lines->line[lines->count++] = (struct line){ span, number };
    }
    return true;
}

static bool is_dots_line(struct span span)
{
    return span.length == 3 && is_dots(span, 0);
}

/* Where the two part, as far as they could be laid side by side. */
struct parting {
    size_t expected, got; /* lines, or behind the last */
    bool any;             /* behind `...`: any line from `got` on might have been meant */
};

/* The same game with lines. */
static bool blocks_match(const struct lines *expected, const struct lines *got,
                         struct parting *parting)
{
    size_t e = 0, g = 0, after_dots = 0, taken = 0;
    bool dots = false;
    *parting = (struct parting){ 0, 0, false };
    while (g < got->count || e < expected->count) {
        if (e < expected->count && is_dots_line(expected->line[e].span)) {
            dots = true;
            after_dots = ++e;
            taken = g;
        } else if (e < expected->count && g < got->count &&
                   lines_match(expected->line[e].span, got->line[g].span)) {
            e++;
            g++;
        } else {
            if (e > parting->expected || !parting->expected)
                *parting = (struct parting){ e, g, dots && e == after_dots && e };
            if (!dots || taken >= got->count)
                return false;
            e = after_dots;
            g = ++taken;
        }
    }
    return true;
}

static void describe(const struct lines *lines, size_t at, struct text *text)
{
    if (at < lines->count)
        text_add_part(text, lines->line[at].span.bytes, lines->line[at].span.length);
    else
        text_add(text, "(nothing more)");
}

/* The lines that might have been meant; the last expected line means the last. */
static void describe_any(const struct lines *lines, size_t from, bool last, struct text *text)
{
    size_t most = from + LINES_SHOWN < lines->count ? from + LINES_SHOWN : lines->count;
    if (from >= lines->count || last) {
        describe(lines, last && lines->count ? lines->count - 1 : from, text);
        return;
    }
    text_add(text, "(no such line among these)");
    for (size_t i = from; i < most; i++) {
        text_add(text, "\n    ");
        describe(lines, i, text);
    }
    if (most < lines->count)
        text_printf(text, "\n    (and %zu more)", lines->count - most);
}

static size_t line_number(const struct lines *lines, size_t at)
{
    if (at < lines->count)
        return lines->line[at].number;
    return lines->count ? lines->line[lines->count - 1].number : 1;
}

enum nb_status output_check(const char *expected, size_t expected_length, const char *got,
                            size_t got_length, struct output_difference *difference)
{
    struct lines wanted, found = { NULL, 0, 0 };
    struct parting parting = { 0, 0, false };
    bool same = split(expected, expected_length, &wanted) && split(got, got_length, &found) &&
                blocks_match(&wanted, &found, &parting);
    *difference = (struct output_difference){ 0, TEXT_INIT, TEXT_INIT };
    if (!same) {
        bool last = parting.expected + 1 == wanted.count;
        difference->line = line_number(&wanted, parting.expected);
        describe(&wanted, parting.expected, &difference->expected);
        if (parting.any)
            describe_any(&found, parting.got, last, &difference->got);
        else
            describe(&found, parting.got, &difference->got);
    }
    free(wanted.line);
    free(found.line);
    return same ? NB_OK : NB_WRONG;
}

void output_difference_release(struct output_difference *difference)
{
    text_release(&difference->expected);
    text_release(&difference->got);
}
