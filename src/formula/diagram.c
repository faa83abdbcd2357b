/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paths of a chain as a drawing, and as a product of built-up fractions. */
#include <string.h>

#include "formula/build.h"
#include "formula/layout.h"
#include "formula/set.h"
#include "formula/words.h"

/* ---- The drawing ---- */

static void add_words(struct text *text, const struct notation *notation, const char *words)
{
    symbol_words(text, notation->unicode, words);
}

static void add_element(struct text *text, const struct notation *notation, struct element element)
{
    symbol_element(text, notation, element.id, element.row, element.col);
}

static void add_name(struct text *text, const struct notation *notation, enum nb_quantity_kind kind,
                     size_t layer, size_t row, size_t col)
{
    symbol_element(text, notation, nb_quantity_id(notation->net, kind, layer), row, col);
}

/* What a link carries on its arrow: a weight, the activation, nothing. */
static void add_arrow(struct text *text, const struct notation *notation, const struct link *link,
                      bool open)
{
    struct nb_quantity from, to;
    nb_quantity_get(notation->net, link->from.id, &from);
    nb_quantity_get(notation->net, link->to.id, &to);
    if (from.kind == NB_Z && to.kind == NB_A) {
        add_words(text, notation, " ──");
        add_words(text, notation, words_of_activation(notation->net, to.layer)->sign);
        add_words(text, notation, "──");
    } else if ((from.kind == NB_A || from.kind == NB_H) && to.kind == NB_Z) {
        add_words(text, notation, " ── ");
        add_name(text, notation, NB_W, to.layer, link->from.col, link->to.col);
        add_words(text, notation, " ──");
    } else {
        add_words(text, notation, " ──");
    }
    if (!open)
        add_words(text, notation, "▶ ");
}

/* Links as "a ── w ──▶ z ──σ──▶ a"; the first `from` is written already. */
static void add_links(struct text *text, const struct notation *notation, const struct links *links,
                      bool open)
{
    for (size_t i = 0; i < links->count; i++) {
        bool last = open && i + 1 == links->count;
        add_arrow(text, notation, &links->items[i], last);
        if (!last)
            add_element(text, notation, links->items[i].to);
    }
}

static void add_start(struct text *text, const struct notation *notation, const struct chain *chain)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, chain->start.id, &quantity);
    if (quantity.kind != NB_W) {
        add_element(text, notation, chain->start);
        return;
    }
    symbol_element(text, notation, build_below(notation->net, quantity.layer), 0, chain->start.row);
    add_words(text, notation, " ── ");
    add_element(text, notation, chain->start);
}

/* A branch: "── w²₁₁ ──▶ z²₁ ──σ──▶ a²₁ ──" */
static void add_branch(struct text *text, const struct notation *notation,
                       const struct chain *chain, size_t branch)
{
    const struct link *first = &chain->branch[branch].items[0];
    const struct links rest = { chain->branch[branch].items + 1, chain->branch[branch].count - 1,
                                0 };
    add_words(text, notation, "── ");
    add_name(text, notation, NB_W, chain->layer, first->from.col, first->to.col);
    add_words(text, notation, " ──▶ ");
    add_element(text, notation, first->to);
    add_links(text, notation, &rest, true);
}

/* Lines above, on and below the stem. */
struct drawing {
    struct text line[3];
};

static void draw_branches(struct drawing *drawing, const struct notation *notation,
                          const struct chain *chain)
{
    static const char *const corners[] = { "┌", "┼", "└" }, *const ends[] = { "┐", "┼", "┘" };
    bool three = chain->branches == 3;
    size_t column, widest = 0;
    add_words(&drawing->line[1], notation, " ─");
    column = symbol_width(&drawing->line[1]);
    if (!three)
        add_words(&drawing->line[1], notation, "┤");
    for (size_t i = 0, branch = 0; i < 3; i += three ? 1 : 2, branch++) {
        text_pad(&drawing->line[i], column);
        add_words(&drawing->line[i], notation, corners[i]);
        add_branch(&drawing->line[i], notation, chain, branch);
        size_t width = symbol_width(&drawing->line[i]);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < 3; i++) {
        if (i == 1 && !three)
            text_pad(&drawing->line[i], widest);
        while (symbol_width(&drawing->line[i]) < widest && !drawing->line[i].failed)
            add_words(&drawing->line[i], notation, "─");
        add_words(&drawing->line[i], notation, i == 1 && !three ? "├" : ends[i]);
    }
}

static void draw(struct drawing *drawing, const struct notation *notation,
                 const struct chain *chain)
{
    for (size_t i = 0; i < 3; i++)
        text_init(&drawing->line[i]);
    text_pad(&drawing->line[1], LAYOUT_INDENT);
    add_start(&drawing->line[1], notation, chain);
    add_links(&drawing->line[1], notation, &chain->stem, false);
    if (!chain->branches)
        return;
    draw_branches(drawing, notation, chain);
    const struct links *last = &chain->branch[0];
    add_words(&drawing->line[1], notation, "──▶ ");
    add_element(&drawing->line[1], notation, last->items[last->count - 1].to);
    add_links(&drawing->line[1], notation, &chain->tail, false);
}

static void drawing_release(struct drawing *drawing)
{
    for (size_t i = 0; i < 3; i++)
        text_release(&drawing->line[i]);
}

void set_diagram(const struct chain *chain, const struct notation *notation, struct sink *sink)
{
    struct drawing drawing;
    draw(&drawing, notation, chain);
    for (size_t i = 0; i < 3; i++)
        if (drawing.line[i].length) {
            sink_text(sink, &drawing.line[i]);
            sink_puts(sink, "\n");
        }
    drawing_release(&drawing);
}

/* ---- Fractions, built up over three lines ---- */

static void add_sign(struct drawing *drawing, const struct notation *notation, const char *sign)
{
    add_words(&drawing->line[1], notation, sign);
    text_pad(&drawing->line[0], symbol_width(&drawing->line[1]));
    text_pad(&drawing->line[2], symbol_width(&drawing->line[1]));
}

/* Centred, towards the right where that does not come out even. */
static void add_centred(struct text *line, const struct text *text, size_t width)
{
    size_t column = symbol_width(line), spare = width - symbol_width(text);
    text_pad(line, column + (spare + 1) / 2);
    text_add(line, text->bytes);
    text_pad(line, column + width);
}

static void add_fraction(struct drawing *drawing, const struct notation *notation,
                         struct element top, struct element bottom)
{
    struct text over = TEXT_INIT, under = TEXT_INIT;
    symbol_d(&over, notation, top.id, top.row, top.col);
    symbol_d(&under, notation, bottom.id, bottom.row, bottom.col);
    size_t width = symbol_width(&over);
    if (symbol_width(&under) > width)
        width = symbol_width(&under);
    add_centred(&drawing->line[0], &over, width);
    for (size_t i = 0; i < width; i++)
        add_words(&drawing->line[1], notation, "─");
    add_centred(&drawing->line[2], &under, width);
    text_release(&over);
    text_release(&under);
}

static void add_fractions(struct drawing *drawing, const struct notation *notation,
                          const struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        if (i)
            add_sign(drawing, notation, " · ");
        add_fraction(drawing, notation, links->items[i].to, links->items[i].from);
    }
}

static void add_bracket(struct drawing *drawing, const struct notation *notation,
                        const char *const pieces[3])
{
    for (size_t i = 0; i < 3; i++)
        add_words(&drawing->line[i], notation, pieces[i]);
}

static void add_branch_fractions(struct drawing *drawing, const struct notation *notation,
                                 const struct chain *chain)
{
    static const char *const open[] = { "⎛ ", "⎜ ", "⎝ " }, *const close[] = { " ⎞", " ⎟", " ⎠" };
    add_bracket(drawing, notation, open);
    for (size_t i = 0; i < chain->branches; i++) {
        if (i)
            add_sign(drawing, notation, "  +  ");
        add_fractions(drawing, notation, &chain->branch[i]);
    }
    add_bracket(drawing, notation, close);
}

static void draw_rule(struct drawing *drawing, const struct notation *notation,
                      const struct chain *chain)
{
    struct element loss = { nb_quantity_id(notation->net, NB_LOSS_VALUE, 0), 0, 0 };
    for (size_t i = 0; i < 3; i++) {
        text_init(&drawing->line[i]);
        text_pad(&drawing->line[i], LAYOUT_INDENT - 2);
    }
    add_fraction(drawing, notation, loss, chain->start);
    add_sign(drawing, notation, " = ");
    add_fractions(drawing, notation, &chain->stem);
    if (!chain->branches)
        return;
    if (chain->stem.count)
        add_sign(drawing, notation, " · ");
    add_branch_fractions(drawing, notation, chain);
    if (chain->tail.count)
        add_sign(drawing, notation, " · ");
    add_fractions(drawing, notation, &chain->tail);
}

/* Writes the lines, without the blanks at their ends; they are empty then. */
static void flush(struct drawing *drawing, struct sink *sink)
{
    for (size_t i = 0; i < 3; i++) {
        struct text *line = &drawing->line[i];
        while (line->length && line->bytes[line->length - 1] == ' ')
            text_cut(line, line->length - 1);
        sink_text(sink, line);
        sink_puts(sink, "\n");
        text_clear(line);
    }
}

void set_rule(const struct chain *chain, const struct notation *notation, struct sink *sink)
{
    struct drawing drawing;
    draw_rule(&drawing, notation, chain);
    flush(&drawing, sink);
    drawing_release(&drawing);
}

/* A part of a phrase, a quotient of elements as a fraction. */
static void add_part(struct drawing *drawing, const struct notation *notation, struct part *part)
{
    const struct phrase one = { .parts = part, .count = 1 };
    struct text text = TEXT_INIT;
    if (part->kind == PART_PARTIAL) {
        add_fraction(drawing, notation, part->top, part->bottom);
        return;
    }
    phrase_text(&text, notation, &one);
    text_add(&drawing->line[1], text.bytes);
    for (size_t i = 0; i < 3; i += 2)
        text_pad(&drawing->line[i], symbol_width(&drawing->line[1]));
    text_release(&text);
}

static size_t part_width(const struct notation *notation, struct part *part)
{
    const struct phrase one = { .parts = part, .count = 1 };
    return phrase_width(notation, &one);
}

/* A fraction is as wide as the wider of its two. */
static size_t fraction_width(const struct notation *notation, const struct part *part)
{
    struct text over = TEXT_INIT, under = TEXT_INIT;
    symbol_d(&over, notation, part->top.id, part->top.row, part->top.col);
    symbol_d(&under, notation, part->bottom.id, part->bottom.row, part->bottom.col);
    size_t width = symbol_width(&over);
    width = symbol_width(&under) > width ? symbol_width(&under) : width;
    text_release(&over);
    text_release(&under);
    return width;
}

/* A new line that begins where the sign of the first one stands. */
static void go_on_below(struct drawing *drawing, size_t margin, struct sink *sink)
{
    flush(drawing, sink);
    sink_puts(sink, "\n");
    for (size_t i = 0; i < 3; i++)
        text_pad(&drawing->line[i], margin);
}

/* What is too wide goes on below: a sign, and the fraction behind it. */
static void add_parts(struct drawing *drawing, const struct notation *notation,
                      const struct phrase *phrase, size_t columns, struct sink *sink)
{
    size_t margin = symbol_width(&drawing->line[1]);
    for (size_t i = 0; i < phrase->count; i++) {
        struct part *part = &phrase->parts[i];
        bool sign = part->kind == PART_FORMULA && i + 1 < phrase->count && i;
        size_t column = symbol_width(&drawing->line[1]);
        if (sign &&
            column + part_width(notation, part) + fraction_width(notation, &phrase->parts[i + 1]) >
                columns)
            go_on_below(drawing, margin - 3, sink);
        add_part(drawing, notation, part);
    }
}

void set_fractions(const struct block *block, const struct notation *notation, struct sink *sink)
{
    struct drawing drawing;
    for (size_t i = 0; i < 3; i++) {
        text_init(&drawing.line[i]);
        text_pad(&drawing.line[i], LAYOUT_INDENT - 2);
    }
    add_parts(&drawing, notation, &block->first, layout_columns(sink), sink);
    add_sign(&drawing, notation, " = ");
    add_parts(&drawing, notation, &block->second, layout_columns(sink), sink);
    flush(&drawing, sink);
    drawing_release(&drawing);
}

bool chain_is_printable(const struct chain *chain, const struct notation *notation, size_t columns)
{
    struct drawing drawing;
    draw(&drawing, notation, chain);
    bool fits = symbol_width(&drawing.line[1]) <= columns;
    drawing_release(&drawing);
    draw_rule(&drawing, notation, chain);
    fits = fits && symbol_width(&drawing.line[1]) <= columns;
    drawing_release(&drawing);
    return fits;
}
