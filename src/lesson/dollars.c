/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/math.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"

#define DISPLAY_INDENT 4

/* ---- Markdown -------------------------------------------------------------- */

/* Where the copying stands: fences and displays span lines. */
struct replacer {
    struct text *text;
    char fence; /* '`' or '~' within a fenced block, else 0 */
    size_t fence_width;
    bool display; /* within $$ ... $$ */
    const char *markdown;
    enum nb_status status; /* the first fault */
    struct nb_error *error;
};

static void add_escaped(struct replacer *replacer, const char *tex, size_t length, bool plain)
{
    struct text math = TEXT_INIT;
    struct nb_error error = { .at = NB_NOWHERE };
    enum nb_status status = math_add(&math, tex, length, &error);
    if (status && !replacer->status) {
        size_t at = (size_t)(tex - replacer->markdown);
        replacer->status = status == NB_USAGE
                               ? error_at(replacer->error, status, at + error.at, "%s", error.text)
                               : error_memory(replacer->error);
    }
    for (const char *c = math.bytes; *c; c++) {
        if (!plain && ispunct((unsigned char)*c))
            text_add_char(replacer->text, '\\');
        text_add_char(replacer->text, *c);
    }
    text_release(&math);
}

/* Is line[0..length) a fence that opens or closes a block of code? */
static bool is_fence(struct replacer *replacer, const char *line, size_t length)
{
    size_t indent = 0, width = 0;
    while (indent < length && line[indent] == ' ')
        indent++;
    char c = indent < length ? line[indent] : '\0';
    while (indent + width < length && line[indent + width] == c)
        width++;
    if (indent > 3 || (c != '`' && c != '~') || width < 3)
        return false;
    if (!replacer->fence) {
        replacer->fence = c;
        replacer->fence_width = width;
    } else if (c == replacer->fence && width >= replacer->fence_width) {
        replacer->fence = 0;
    }
    return true;
}

/* Where the $ that ends the mathematics at `at` stands, or `length`.  As Pandoc
 * has it: no blank inside the dollars, no digit behind. */
static size_t find_dollar(const char *line, size_t length, size_t at)
{
    if (at >= length || line[at] == ' ' || line[at] == '$')
        return length;
    for (size_t i = at + 1; i < length; i++)
        if (line[i] == '$' && line[i - 1] != ' ' && line[i - 1] != '\\')
            return i + 1 < length && isdigit((unsigned char)line[i + 1]) ? length : i;
    return length;
}

/* The length of the code span at line[at], which is a backquote. */
static size_t code_span(const char *line, size_t length, size_t at)
{
    size_t width = 0;
    while (at + width < length && line[at + width] == '`')
        width++;
    for (size_t i = at + width; i < length;) {
        size_t run = 0;
        while (i + run < length && line[i + run] == '`')
            run++;
        if (run == width)
            return i + run - at;
        i += run ? run : 1;
    }
    return width;
}

static void replace_in_line(struct replacer *replacer, const char *line, size_t length)
{
    size_t begins = strspn(line, " >");
    bool plain = begins < length && line[begins] == '|'; /* a table is shown as it stands */
    for (size_t at = 0; at < length;) {
        size_t step = 1;
        if (line[at] == '`')
            step = code_span(line, length, at);
        else if (line[at] == '\\' && at + 1 < length)
            step = 2;
        size_t end = line[at] == '$' ? find_dollar(line, length, at + 1) : length;
        if (end < length) {
            add_escaped(replacer, line + at + 1, end - at - 1, plain);
            step = end + 1 - at;
        } else {
            text_add_part(replacer->text, line + at, step);
        }
        at += step;
    }
}

/* A line of a display stands in from the words, and as far in as it does in the source:
 * by blanks that Markdown does not take away. */
static void add_display(struct replacer *replacer, const char *line, size_t length)
{
    size_t blanks = 0;
    while (blanks < length && line[blanks] == ' ')
        blanks++;
    text_repeat(replacer->text, "\u00a0", DISPLAY_INDENT + blanks);
    add_escaped(replacer, line + blanks, length - blanks, false);
}

/* $$ alone on a line begins or ends a display; $$...$$ is one of a single line. */
static bool replace_display(struct replacer *replacer, const char *line, size_t length, bool last)
{
    while (length && line[length - 1] == ' ')
        length--;
    bool opens = length >= 2 && line[0] == '$' && line[1] == '$';
    bool closes = length >= 2 && line[length - 1] == '$' && line[length - 2] == '$';
    if (opens && closes && length > 4) {
        add_display(replacer, line + 2, length - 4);
        return true;
    }
    if (opens && length == 2) {
        replacer->display = !replacer->display;
        return true;
    }
    if (!replacer->display)
        return false;
    add_display(replacer, line, length);
    if (!last)
        text_add(replacer->text, "\\"); /* each line of a display is a line of its own */
    return true;
}

enum nb_status math_replace(struct text *text, const char *markdown, size_t length,
                            struct nb_error *error)
{
    struct replacer replacer = { text, 0, 0, false, markdown, NB_OK, error };
    for (size_t at = 0; at < length;) {
        const char *line = markdown + at, *newline = memchr(line, '\n', length - at);
        size_t width = newline ? (size_t)(newline - line) : length - at;
        if (is_fence(&replacer, line, width) || replacer.fence)
            text_add_part(text, line, width);
        else if (!replace_display(&replacer, line, width, !newline || newline[1] == '$'))
            replace_in_line(&replacer, line, width);
        if (newline)
            text_add_char(text, '\n');
        at += width + (newline != NULL);
    }
    return replacer.status;
}
