/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/check.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

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

static bool numbers_match(struct span expected, struct span got)
{
    double wanted, found;
    if (!number_parse(expected.bytes, expected.length, &wanted) ||
        !number_parse(got.bytes, got.length, &found))
        return false;
    return fabs(wanted - found) <=
           number_half_unit(expected.bytes, expected.length) * (1 + 1e-9) + 1e-14 * fabs(wanted);
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
    size_t wanted = number_at(expected, *e), found = number_at(got, *g);
    if (wanted && found &&
        numbers_match((struct span){ expected.bytes + *e, wanted },
                      (struct span){ got.bytes + *g, found })) {
        *e += wanted;
        *g += found;
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

/* What to show against expected line `e`, which `...` stands before or not: behind
 * dots any line might be meant, but the last one means the last. */
static size_t opposite(const struct lines *expected, const struct lines *got, size_t e, size_t g,
                       bool behind_dots)
{
    if (!behind_dots)
        return g;
    return e + 1 == expected->count && got->count ? got->count - 1 : NB_NOWHERE;
}

/* The same game with lines.  *e_far, *g_far: the furthest pair that differed. */
static bool blocks_match(const struct lines *expected, const struct lines *got, size_t *e_far,
                         size_t *g_far)
{
    size_t e = 0, g = 0, after_dots = 0, taken = 0;
    bool dots = false;
    *e_far = *g_far = 0;
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
            if (e > *e_far || !*e_far) {
                *e_far = e;
                *g_far = opposite(expected, got, e, g, dots && e == after_dots);
            }
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
    text_init(text);
    if (at < lines->count)
        text_add_part(text, lines->line[at].span.bytes, lines->line[at].span.length);
    else
        text_add(text, at == NB_NOWHERE ? "(no such line)" : "(nothing more)");
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
    size_t e = 0, g = 0;
    bool same = split(expected, expected_length, &wanted) && split(got, got_length, &found) &&
                blocks_match(&wanted, &found, &e, &g);
    *difference = (struct output_difference){ 0, TEXT_INIT, TEXT_INIT };
    if (!same) {
        difference->line = line_number(&wanted, e);
        describe(&wanted, e, &difference->expected);
        describe(&found, g, &difference->got);
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
