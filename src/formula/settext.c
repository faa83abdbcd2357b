/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents as text: one block below the other. */
#include <math.h>
#include <string.h>

#include "formula/layout.h"
#include "formula/set.h"

#define PARAGRAPH_INDENT 3
#define BESIDE           10 /* columns between a formula and words beside it */
#define NUDGE_DIGITS     10 /* of θ ± h */
#define LOSS_DIGITS      12

/* One setting of a document. */
struct setting {
    const struct notation *notation;
    struct sink *sink;
    size_t section; /* the last one's number */
    bool spaced;    /* a blank line was the last */
};

static void set_gap(struct setting *setting)
{
    if (!setting->spaced)
        sink_puts(setting->sink, "\n");
    setting->spaced = true;
}

static void text_of(struct text *text, const struct setting *setting, const struct phrase *phrase)
{
    phrase_text(text, setting->notation, phrase);
}

/* ---- Words ---- */

/* "z1   weighted sum, layer 1              z¹ₖ = Σⱼ xⱼ·w¹ⱼₖ + b¹ₖ" */
static void set_title(struct setting *setting, const struct block *block)
{
    struct text left = TEXT_INIT, right = TEXT_INIT;
    text_of(&left, setting, &block->first);
    size_t titled = left.length;
    text_of(&left, setting, &block->second);
    size_t taken = symbol_width(&left), columns = layout_columns(setting->sink);
    for (size_t i = 0; i < TITLE_FORMS; i++) {
        if (i && phrase_is_empty(&block->right[i]))
            break;
        text_clear(&right);
        text_of(&right, setting, &block->right[i]);
        if (taken + 2 + symbol_width(&right) <= columns)
            break;
    }
    bool several = strchr(right.bytes, '\n') != NULL;
    layout_head(setting->sink, &left, titled, several ? "" : right.bytes);
    if (several)
        sink_puts(setting->sink, "\n");
    if (several)
        layout_lines(setting->sink, &right);
    text_release(&left);
    text_release(&right);
}

/* A title with blank lines around it; that of a section is numbered. */
static void set_heading(struct setting *setting, const struct block *block)
{
    struct text line = TEXT_INIT;
    set_gap(setting);
    if (block->kind == BLOCK_SECTION)
        text_printf(&line, "%zu  ", ++setting->section);
    size_t column = line.length;
    sink_puts(setting->sink, line.bytes);
    text_clear(&line);
    text_of(&line, setting, &block->first);
    sink_style(setting->sink, STYLE_TITLE);
    layout_words(setting->sink, column, column, line.bytes);
    sink_style(setting->sink, STYLE_PLAIN);
    setting->spaced = false;
    set_gap(setting);
    text_release(&line);
}

static void set_wrapped(struct setting *setting, const struct block *block)
{
    struct text text = TEXT_INIT;
    text_of(&text, setting, &block->first);
    layout_paragraph(setting->sink, block->kind == BLOCK_PARAGRAPH ? PARAGRAPH_INDENT : 0,
                     text.bytes);
    text_release(&text);
}

static void set_note(struct setting *setting, const struct block *block)
{
    struct text text = TEXT_INIT;
    text_of(&text, setting, &block->first);
    layout_lines(setting->sink, &text);
    text_release(&text);
}

/* Set off as what stands before it is. */
static void set_elided(struct setting *setting, const struct block *block)
{
    struct text line = TEXT_INIT;
    bool spaced = setting->spaced;
    text_pad(&line, LAYOUT_INDENT);
    text_of(&line, setting, &block->first);
    text_add_char(&line, '\n');
    sink_text(setting->sink, &line);
    setting->spaced = false;
    if (spaced)
        set_gap(setting);
    text_release(&line);
}

/* ---- Formulas ---- */

static void set_formula(struct setting *setting, const struct block *block)
{
    struct text line = TEXT_INIT, aside = TEXT_INIT;
    text_of(&line, setting, &block->first);
    text_of(&aside, setting, &block->second);
    size_t columns = layout_columns(setting->sink);
    if (block->beside && aside.length && !strchr(line.bytes, '\n') && !strchr(aside.bytes, '\n') &&
        LAYOUT_INDENT + symbol_width(&line) + BESIDE + symbol_width(&aside) <= columns) {
        text_repeat(&line, " ", BESIDE);
        text_add(&line, aside.bytes);
        text_clear(&aside);
    }
    layout_lines(setting->sink, &line);
    if (aside.length)
        layout_lines(setting->sink, &aside);
    text_release(&line);
    text_release(&aside);
}

static void set_equation(struct setting *setting, const struct block *block)
{
    struct text left = TEXT_INIT, sign = TEXT_INIT, right = TEXT_INIT;
    text_of(&left, setting, &block->first);
    text_of(&right, setting, &block->second);
    symbol_words(&sign, setting->notation->unicode, block->sign);
    layout_equation(setting->sink, block->indent, left.bytes, sign.bytes, right.bytes);
    text_release(&left);
    text_release(&sign);
    text_release(&right);
}

static void add_number(struct text *text, const struct setting *setting, double value, int least)
{
    struct notation notation = *setting->notation;
    struct formula_style style = *notation.style;
    style.digits = style.digits > least ? style.digits : least;
    notation.style = &style;
    symbol_number(text, &notation, value);
}

/* In brackets where it has a sign of its own. */
static void add_subtrahend(struct text *text, const struct setting *setting, double value,
                           int least)
{
    bool bracket = signbit(value);
    text_add(text, bracket ? "(" : "");
    add_number(text, setting, value, least);
    text_add(text, bracket ? ")" : "");
}

/* [L(0.1501) − L(0.1499)] / 0.0002 = [… − …] / 0.0002  = 0.00486235 */
static void set_quotient(struct setting *setting, const struct block *block)
{
    const struct notation *notation = setting->notation;
    const struct nb_nudge *nudge = &block->nudge;
    int digits = notation->style->digits;
    struct text line = TEXT_INIT, of = TEXT_INIT;
    text_of(&of, setting, &block->first);
    text_printf(&line, "[%s(", of.length ? of.bytes : "L");
    add_number(&line, setting, nudge->theta + nudge->h, NUDGE_DIGITS);
    symbol_words(&line, notation->unicode, ") − ");
    text_printf(&line, "%s(", of.length ? of.bytes : "L");
    add_number(&line, setting, nudge->theta - nudge->h, NUDGE_DIGITS);
    text_printf(&line, ")] / %.*g\n= [", digits, 2 * nudge->h);
    add_number(&line, setting, nudge->plus, LOSS_DIGITS);
    symbol_words(&line, notation->unicode, " − ");
    add_subtrahend(&line, setting, nudge->minus, LOSS_DIGITS);
    text_printf(&line, "] / %.*g  = ", digits, 2 * nudge->h);
    symbol_number(&line, notation, nudge->quotient);
    layout_lines(setting->sink, &line);
    text_release(&line);
    text_release(&of);
}

static size_t grid_width(const struct setting *setting, const struct grid *grid, size_t col)
{
    size_t widest = 0;
    for (size_t r = 0; r < grid->rows; r++) {
        size_t width = phrase_width(setting->notation, &grid->cells[r * grid->cols + col]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void set_grid(struct setting *setting, const struct block *block)
{
    const struct grid *grid = &block->grid;
    struct text name = TEXT_INIT;
    text_of(&name, setting, &block->first);
    if (name.length)
        sink_printf(setting->sink, "%*s%s =\n", LAYOUT_INDENT, "", name.bytes);
    text_release(&name);
    for (size_t r = 0; r < grid->rows; r++) {
        struct text line = TEXT_INIT, last = TEXT_INIT;
        size_t column = LAYOUT_INDENT, begins = LAYOUT_INDENT;
        for (size_t c = 0; c < grid->cols; c++) {
            const struct phrase *cell = &grid->cells[r * grid->cols + c];
            if (!phrase_is_empty(cell)) {
                text_add(&line, last.bytes);
                text_clear(&last);
                text_pad(&line, begins = column);
                text_of(&last, setting, cell);
            }
            column += grid_width(setting, grid, c) + LAYOUT_GAP;
        }
        sink_text(setting->sink, &line);
        layout_rest(setting->sink, begins, last.bytes);
        text_release(&line);
        text_release(&last);
    }
}

static void set_closing(struct setting *setting, const struct closing *closing)
{
    struct text line = TEXT_INIT;
    set_gap(setting);
    closing_print(&line, closing, setting->notation->style->digits);
    text_add_char(&line, '\n');
    sink_text(setting->sink, &line);
    text_release(&line);
}

/* ---- Blocks ---- */

static void set_block(struct setting *setting, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_TITLE:
        set_title(setting, block);
        break;
    case BLOCK_SENTENCE:
    case BLOCK_PARAGRAPH:
        set_wrapped(setting, block);
        break;
    case BLOCK_NOTE:
        set_note(setting, block);
        break;
    case BLOCK_EQUATION:
        set_equation(setting, block);
        break;
    case BLOCK_FORMULA:
        set_formula(setting, block);
        break;
    case BLOCK_DIAGRAM:
        set_diagram(block->chain, setting->notation, setting->sink);
        break;
    case BLOCK_RULE:
        set_rule(block->chain, setting->notation, setting->sink);
        break;
    case BLOCK_FRACTIONS:
        set_fractions(block, setting->notation, setting->sink);
        break;
    case BLOCK_PATHS:
        set_paths(block, setting->notation, setting->sink);
        break;
    case BLOCK_GRID:
        set_grid(setting, block);
        break;
    case BLOCK_QUOTIENT:
        set_quotient(setting, block);
        break;
    case BLOCK_CLOSING:
        set_closing(setting, &block->closing);
        break;
    default:
        break;
    }
    setting->spaced = false;
}

void set_text(const struct document *document, struct sink *sink)
{
    struct setting setting = { &document->notation, sink, 0, true };
    for (size_t i = 0; i < document->count; i++) {
        const struct block *block = &document->blocks[i];
        if (block->kind == BLOCK_GAP)
            set_gap(&setting);
        else if (block->kind == BLOCK_NAME || block->kind == BLOCK_CHAPTER ||
                 block->kind == BLOCK_SECTION)
            set_heading(&setting, block);
        else if (block->kind == BLOCK_ELIDED)
            set_elided(&setting, block);
        else if (block->kind == BLOCK_ENTRIES)
            setting.spaced = set_entries(block, setting.notation, sink);
        else
            set_block(&setting, block);
    }
}
