/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/wrap.h"

#include <stdarg.h>
#include <string.h>

#include "base/ascii.h"

static void new_line(struct text *text, size_t lines, size_t indent)
{
    text_repeat(text, "\n", lines);
    text_repeat(text, " ", indent);
}

void text_wrap(struct text *text, const char *string, size_t indent, size_t width)
{
    const char *newline = strrchr(text->bytes, '\n');
    const char *line = newline ? newline + 1 : text->bytes;
    size_t column = utf8_width(line, strlen(line)), blanks = 0;
    for (bool first = true; *string; first = false) {
        size_t length = strcspn(string, " \n"), wide = utf8_width(string, length);
        if (!first && column + blanks + wide > width) {
            new_line(text, 1, indent);
            column = indent;
        } else {
            text_repeat(text, " ", first ? 0 : blanks);
            column += first ? 0 : blanks;
        }
        text_add_part(text, string, length);
        column += wide;
        string += length;
        blanks = *string == '\n' ? 1 : strspn(string, " ");
        if (string[0] == '\n' && string[1] == '\n') {
            new_line(text, 2, indent);
            column = indent;
            blanks = 0;
        }
        string += strspn(string, " \n");
    }
}

void text_wrap_items(struct text *text, const char *items, const char *between, size_t width)
{
    size_t column = 0, gap = utf8_width(between, strlen(between));
    while (*items) {
        const char *end = strstr(items, between);
        size_t length = end ? (size_t)(end - items) : strlen(items);
        size_t wide = utf8_width(items, length);
        if (column && column + gap + wide + (end ? gap - 1 : 0) > width) {
            text_add_part(text, between, strlen(between) - 1);
            text_add(text, "\n");
            column = 0;
        } else if (column) {
            text_add(text, between);
            column += gap;
        }
        text_add_part(text, items, length);
        column += wide;
        items = end ? end + strlen(between) : items + length;
    }
    text_add(text, "\n");
}

/* ---- Pages ---- */

#define HANG         4  /* of what goes on below a line of prose that is indented */
#define BESIDE_LEAST 16 /* columns that the second column must have left */

/* Columns of bytes[0..length); escapes of styles take none. */
static size_t shown_width(const char *bytes, size_t length)
{
    size_t width = 0, start = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\033')
            continue;
        width += utf8_width(bytes + start, i - start);
        while (i < length && bytes[i] != 'm')
            i++;
        start = i + 1;
    }
    return start < length ? width + utf8_width(bytes + start, length - start) : width;
}

/* Where the second column of a line begins, in bytes; `length`: it has none. */
static size_t second_column(const char *line, size_t length)
{
    size_t at = strspn(line, " ");
    for (; at + 1 < length; at++)
        if (line[at] == ' ' && line[at + 1] == ' ') {
            at += strspn(line + at, " ");
            return at < length ? at : length;
        }
    return length;
}

static bool is_prose(const char *line, size_t length)
{
    return length && line[0] != ' ' && second_column(line, length) == length;
}

static size_t hanging(const char *line, size_t length, size_t width)
{
    size_t second = second_column(line, length), blanks = strspn(line, " ");
    size_t column = shown_width(line, second);
    if (second < length && column + BESIDE_LEAST <= width)
        return column;
    if (blanks + BESIDE_LEAST > width)
        return HANG;
    return blanks || second < length ? blanks + HANG : 0;
}

/* Adds the words of a line behind `column`, and returns where they end.  Blanks at
 * its beginning stay where they leave room for words. */
static size_t flow(struct text *text, const char *line, size_t length, size_t column, size_t hang,
                   size_t width)
{
    const char *end = line + length;
    bool any = column > 0;
    while (line < end) {
        size_t blanks = strspn(line, " "), word = strcspn(line + blanks, " \n");
        size_t wide = shown_width(line + blanks, word), before = any ? blanks : 0;
        if (any && column + before + wide > width) {
            text_add_char(text, '\n');
            text_repeat(text, " ", hang);
            column = hang;
        } else {
            if (!any)
                before = blanks + BESIDE_LEAST <= width ? blanks : HANG;
            text_repeat(text, " ", before);
            column += before;
        }
        text_add_part(text, line + blanks, word);
        column += wide;
        line += blanks + word;
        any = true;
    }
    return column;
}

void wrap_print(struct sink *sink, const struct text *page)
{
    struct text text = TEXT_INIT, shown = TEXT_INIT;
    size_t width = (size_t)sink->width, column = 0;
    bool flowing = false;
    (sink->unicode ? text_add_part : ascii_add)(&shown, page->bytes, page->length);
    for (const char *line = shown.bytes; *line;) {
        size_t length = strcspn(line, "\n");
        bool prose = is_prose(line, length), joins = flowing && prose;
        bool fits = !joins && shown_width(line, length) <= width;
        if (joins && column + 1 + shown_width(line, strcspn(line, " \n")) <= width) {
            text_cut(&text, text.length - 1);
            text_add_char(&text, ' ');
            column++;
        } else {
            column = 0;
        }
        column = flow(&text, line, length, column, hanging(line, length, width),
                      fits ? SIZE_MAX / 2 : width);
        flowing = prose && !fits;
        text_add_char(&text, '\n');
        line += length + (line[length] == '\n');
    }
    if (page->length && page->bytes[page->length - 1] != '\n')
        text_cut(&text, text.length - 1);
    text.failed |= shown.failed;
    sink_text(sink, &text);
    text_release(&text);
    text_release(&shown);
}

void wrap_note(struct sink *sink, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    (sink->terminal ? wrap_print : sink_text)(sink, &text);
    text_release(&text);
}
