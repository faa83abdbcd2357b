/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest word, and the place of an error in its line. */
#include <string.h>

#include "lang/lang.h"

#define WORD_MOST 63
#define WINDOW    100 /* columns of a long line that are shown */
#define TAB       8

/* ---- The nearest word ---- */

static char small_letter(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein: insertions, deletions, substitutions and swapped
 * neighbours (each pair once), letters in either case being equal. */
static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][WORD_MOST + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            char p = small_letter(a[i - 1]), q = small_letter(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (p != q));
            if (i > 1 && j > 1 && p == small_letter(b[j - 2]) && q == small_letter(a[i - 2]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[nb];
}

/* How far a word of this length may be off. */
static size_t threshold(size_t length)
{
    return length < 2 ? 0 : length < 5 ? 1 : length < 9 ? 2 : 3;
}

const char *lang_nearest(const char *word, const void *rows, size_t stride, size_t count)
{
    size_t length = strlen(word), best = SIZE_MAX;
    const char *nearest = "";
    if (!length || length > WORD_MOST)
        return nearest;
    for (size_t i = 0; i < count; i++) {
        const char *candidate;
        memcpy(&candidate, (const char *)rows + i * stride, sizeof candidate);
        size_t other = candidate ? strlen(candidate) : 0;
        if (!other || other > WORD_MOST)
            continue;
        size_t distance = edit_distance(word, length, candidate, other);
        if (length > 2 && other > length && memcmp(word, candidate, length) == 0)
            distance = 1; /* the beginning of a word is near it */
        if (distance <= threshold(length) && distance < best &&
            (length > 2 || small_letter(word[0]) == small_letter(candidate[0]))) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

/* ---- Places ---- */

/* The line that byte `at` stands in: source[*first..*last); an `at` at the very
 * end belongs to the last line that has something. */
static void find_line(const char *source, size_t length, size_t *at, size_t *first, size_t *last)
{
    if (*at >= length) {
        *at = length;
        while (*at && (source[*at - 1] == '\n' || source[*at - 1] == '\r'))
            --*at;
    }
    *first = *at;
    while (*first && source[*first - 1] != '\n')
        --*first;
    const char *newline = memchr(source + *at, '\n', length - *at);
    *last = newline ? (size_t)(newline - source) : length;
    if (*last > *first && source[*last - 1] == '\r')
        --*last;
}

void lang_position(const char *source, size_t length, size_t at, size_t *line, size_t *column)
{
    size_t first, last;
    find_line(source, length, &at, &first, &last);
    *line = *column = 1;
    for (size_t i = 0; i < first; i++)
        *line += source[i] == '\n';
    for (size_t i = first; i < at; i++)
        *column += ((unsigned char)source[i] & 0xc0) != 0x80;
}

/* One character as it is shown; its bytes. */
static size_t show_character(const char *bytes, size_t length, size_t column, char shown[TAB + 1])
{
    unsigned c;
    size_t size = utf8_decode(bytes, length, &c);
    strcpy(shown, "?");
    if (size && c == '\t') {
        memset(shown, ' ', TAB);
        shown[TAB - column % TAB] = '\0';
    } else if (size && c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)) {
        memcpy(shown, bytes, size);
        shown[size] = '\0';
    }
    return size ? size : 1;
}

/* Adds what stands in columns [from, to) of the line; returns the column of byte `at`. */
static size_t add_window(struct text *text, const char *line, size_t length, size_t at, size_t from,
                         size_t to)
{
    size_t column = 0, place = SIZE_MAX;
    for (size_t i = 0; i < length && column < to;) {
        char shown[TAB + 1];
        if (place == SIZE_MAX && i >= at)
            place = column;
        i += show_character(line + i, length - i, column, shown);
        if (column >= from && text)
            text_add(text, shown);
        column += utf8_width(shown, strlen(shown));
    }
    return place == SIZE_MAX ? column : place;
}

void lang_add_caret(struct text *text, const char *source, size_t length, size_t at)
{
    size_t first, last;
    find_line(source, length, &at, &first, &last);
    const char *line = source + first;
    length = last - first;
    at = at > last ? length : at - first;
    size_t column = add_window(NULL, line, length, at, 0, SIZE_MAX);
    size_t from = column > WINDOW * 3 / 4 ? column - WINDOW / 2 : 0;
    size_t width = add_window(NULL, line, length, length, 0, from + WINDOW + 1);
    text_add(text, from ? "..." : "");
    add_window(text, line, length, at, from, from + WINDOW);
    text_add(text, width > from + WINDOW ? "...\n" : "\n");
    text_repeat(text, " ", column - from + (from ? 3 : 0));
    text_add(text, "^\n");
}
