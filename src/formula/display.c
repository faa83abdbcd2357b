/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/display.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What is written around lines, by medium. */
struct frame {
    const char *open, *close;
    const char *line, *align, *end; /* before a line, at its relation, behind it */
    const char *next;               /* between lines */
    const char *apart;              /* likewise, with a little space */
    const char *go_on;              /* at the beginning of what is broken off */
    const char *group[2];           /* opens and closes what may stand across lines */
    const char *mend[2];            /* begins a line within such, and ends one */
};

static const struct frame latex_frame = {
    .open = "\\begin{align*}\n",
    .close = "\n\\end{align*}\n",
    .line = "  ",
    .align = "&",
    .end = "",
    .next = " \\\\\n",
    .apart = " \\\\[4pt]\n",
    .go_on = "\\quad{} ",
    .group = { "\\left", "\\right" },
    .mend = { "\\left.", "\\right." },
};

static const struct frame mathml_frame = {
    .open = "<math display=\"block\"><mtable displaystyle=\"true\" columnalign=\"right left\">\n",
    .close = "\n</mtable></math>\n",
    .line = "<mtr><mtd style=\"text-align:-webkit-right\">",
    .align = "</mtd><mtd style=\"text-align:-webkit-left\">",
    .end = "</mtd></mtr>",
    .next = "\n",
    .apart = "\n<mtr><mtd><mspace height=\"0.5em\"/></mtd></mtr>\n",
    .go_on = "<mspace width=\"1.5em\"/>",
    .group = { "<mrow>", "</mrow>" },
    .mend = { "<mrow>", "</mrow>" },
};

/* ---- Lines ---- */

static struct display_line *add_line(struct display *display)
{
    struct display_line *grown =
        array_grow(display->lines, display->count, &display->capacity, sizeof *grown);
    if (!grown) {
        display->failed = true;
        return NULL;
    }
    display->lines = grown;
    grown[display->count] = (struct display_line){ .math = TEXT_INIT };
    return &grown[display->count++];
}

void display_add(struct display *display, struct phrase *phrase, bool apart)
{
    struct display_line *line = add_line(display);
    if (!line) {
        phrase_release(phrase);
        return;
    }
    phrase_append(&line->phrase, phrase);
    line->apart = apart;
}

void display_add_math(struct display *display, const char *math, bool apart)
{
    struct display_line *line = add_line(display);
    if (!line)
        return;
    text_add(&line->math, math);
    line->apart = apart;
}

void display_release(struct display *display)
{
    for (size_t i = 0; i < display->count; i++) {
        phrase_release(&display->lines[i].phrase);
        text_release(&display->lines[i].math);
    }
    free(display->lines);
    *display = (struct display)DISPLAY_INIT;
}

/* ---- Marks ---- */

static bool is_tall(const char *math)
{
    static const char *const tall[] = { "frac", "sqrt", "\\sum", "munder" };
    for (size_t i = 0; i < COUNT_OF(tall); i++)
        if (strstr(math, tall[i]))
            return true;
    return false;
}

/* Copies as far as the bracket that closes, or the end; around what is tall
 * brackets grow. */
static const char *grow_brackets(struct text *text, const struct medium *medium, const char *at)
{
    while (*at && *at != MARK_CLOSE[0]) {
        if (*at != MARK_OPEN[0]) {
            text_add_char(text, *at++);
            continue;
        }
        struct text inside = TEXT_INIT;
        char open = at[1];
        at = grow_brackets(&inside, medium, at + 2);
        bool tall = is_tall(inside.bytes);
        medium->grow(text, open, false, tall);
        text_add(text, inside.bytes);
        if (*at)
            medium->grow(text, at[1], true, tall);
        at += *at ? 2 : 0;
        text_release(&inside);
    }
    return at;
}

static void add_unmarked(struct text *text, const char *math, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!IS_MARK(math[i]))
            text_add_char(text, math[i]);
}

void display_finish(struct text *text, const struct medium *medium, const char *math)
{
    struct text grown = TEXT_INIT;
    grow_brackets(&grown, medium, math);
    add_unmarked(text, grown.bytes, grown.length);
    text_release(&grown);
}

/* ---- Broken lines ---- */

/* Does a name go on behind the word, as in \leftarrow? */
static bool goes_on(const char *at)
{
    return (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
}

static size_t count_of(const char *bytes, size_t length, const char *word)
{
    size_t count = 0, size = strlen(word);
    for (size_t i = 0; i + size <= length; i++)
        count += memcmp(bytes + i, word, size) == 0 &&
                 (word[size - 1] == '>' || !goes_on(bytes + i + size));
    return count;
}

/* Of measure[0..length), as far as a mark in `ends`; *at is set there. */
static size_t width_until(const char *measure, size_t length, size_t *at, const char *ends)
{
    size_t width = 0;
    while (*at < length && !(IS_MARK(measure[*at]) && strchr(ends, measure[*at]))) {
        unsigned codepoint;
        size_t size = utf8_decode(measure + *at, length - *at, &codepoint);
        size += !size;
        if (measure[*at] == MARK_OVER[0]) {
            ++*at;
            size_t over = width_until(measure, length, at, MARK_UNDER);
            *at += *at < length;
            size_t under = width_until(measure, length, at, MARK_DONE);
            width += over > under ? over : under;
        } else if (!IS_MARK(measure[*at])) {
            width += utf8_width(measure + *at, size);
        }
        *at += *at < length ? size : 0;
    }
    return width;
}

static size_t width_of(const char *measure, size_t length)
{
    size_t at = 0;
    return width_until(measure, length, &at, "");
}

size_t display_width(const struct text *measure)
{
    return width_of(measure->bytes, measure->length);
}

/* As `notation`, but that it measures; `style` is to hold its style. */
static struct notation measuring(const struct notation *notation, struct formula_style *style)
{
    struct notation flat = *notation;
    *style = *notation->style;
    style->medium = FORMULA_MEASURE;
    flat.style = style;
    return flat;
}

size_t display_phrase_width(const struct notation *notation, const struct phrase *phrase)
{
    struct formula_style style;
    struct notation flat = measuring(notation, &style);
    struct text measure = TEXT_INIT;
    phrase_math(&measure, &flat, phrase);
    size_t width = display_width(&measure);
    text_release(&measure);
    return width;
}

/* One line on its way. */
struct breaking {
    struct text *text;
    const struct frame *frame;
    size_t open; /* groups that a break stands in */
};

static bool begins_with_relation(const char *math)
{
    return math[strspn(math, " ")] == MARK_ALIGN[0];
}

/* A part of a line without its marks, but for the first relation. */
static void set_part(struct breaking *breaking, const char *math, size_t length, bool first)
{
    const struct frame *frame = breaking->frame;
    const char *relation = first ? memchr(math, MARK_ALIGN[0], length) : NULL;
    size_t before = relation ? (size_t)(relation - math) : 0;
    if (relation &&
        count_of(math, before, frame->group[0]) != count_of(math, before, frame->group[1]))
        before = 0;
    text_add(breaking->text, frame->line);
    add_unmarked(breaking->text, math, before);
    text_add(breaking->text, frame->align);
    text_add(breaking->text, first || begins_with_relation(math) ? "" : frame->go_on);
    for (size_t i = 0; i < breaking->open; i++)
        text_add(breaking->text, frame->mend[0]);
    add_unmarked(breaking->text, math + before, length - before);
    breaking->open += count_of(math, length, frame->group[0]);
    breaking->open -= count_of(math, length, frame->group[1]);
    for (size_t i = 0; i < breaking->open; i++)
        text_add(breaking->text, frame->mend[1]);
    text_add(breaking->text, frame->end);
}

static size_t part_length(const char *at)
{
    const char *mark = strchr(at, MARK_BREAK[0]);
    return mark ? (size_t)(mark - at) + 1 : strlen(at);
}

/* `measure` has the marks of `math`, at the same places among what is seen. */
static void set_line(struct text *text, const struct frame *frame, const char *math,
                     const char *measure, size_t columns)
{
    struct breaking breaking = { text, frame, 0 };
    bool first = true;
    math += *math == MARK_BREAK[0];
    measure += *measure == MARK_BREAK[0];
    while (*math) {
        size_t length = part_length(math), wide = part_length(measure);
        size_t width = width_of(measure, wide);
        while (math[length]) {
            size_t more = part_length(measure + wide);
            width += width_of(measure + wide, more);
            if (width > columns)
                break;
            length += part_length(math + length);
            wide += more;
        }
        text_add(text, first ? "" : frame->next);
        set_part(&breaking, math, length, first);
        math += length;
        measure += wide;
        first = false;
    }
}

/* ---- All ---- */

static void set_lines(struct text *text, const struct notation *notation, const struct frame *frame,
                      const struct display *display, size_t columns)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    struct formula_style style;
    struct notation flat = measuring(notation, &style);
    for (size_t i = 0; i < display->count; i++) {
        const struct display_line *line = &display->lines[i];
        struct text raw = TEXT_INIT, math = TEXT_INIT, measure = TEXT_INIT;
        text_add(text, i == 0 ? "" : line->apart ? frame->apart : frame->next);
        phrase_math(&raw, notation, &line->phrase);
        phrase_math(&measure, &flat, &line->phrase);
        text_add(&raw, line->math.bytes);
        text_add(&measure, line->math.bytes);
        grow_brackets(&math, medium, raw.bytes);
        set_line(text, frame, math.bytes, measure.bytes, columns);
        text_release(&raw);
        text_release(&math);
        text_release(&measure);
    }
}

void display_set(struct text *text, const struct notation *notation, struct display *display,
                 size_t columns)
{
    const struct frame *frame =
        notation->style->medium == FORMULA_LATEX ? &latex_frame : &mathml_frame;
    if (display->count) {
        text_add(text, frame->open);
        set_lines(text, notation, frame, display, columns);
        text_add(text, frame->close);
    }
    text->failed = text->failed || display->failed;
    display_release(display);
}
