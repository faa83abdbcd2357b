/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/setbuilt.h"

#include <string.h>

#define NUDGE_DIGITS 10 /* of θ ± h */
#define LOSS_DIGITS  12

const struct markup markup_latex = {
    .title = { "\\section*{", " \\hfill{\\normalsize ", "}}\n\n" },
    .page = { "\\subsection*{", "\\quad ", "}\n\n" },
    .section = { "\\subsection*{", "\\quad ", "}\n\n" },
    .paragraph = { "", "\n\n" },
    .note = { "\\par\\hspace*{1.5em}", "\\par\n" },
    .grid = { "\\[\\begin{array}{llllllllll}\n", " & ", " \\\\\n", "\n\\end{array}\\]\n" },
    .matrix = { "\\[\\begin{bmatrix}\n", " & ", " \\\\\n", "\n\\end{bmatrix}\\]\n" },
    .comment = { "% ", "\n" },
};

const struct markup markup_html = {
    .title = { "<h2>", " <span class=\"typed\">", "</span></h2>\n" },
    .page = { "<h3>", " ", "</h3>\n" },
    .section = { "<h3>", " ", "</h3>\n" },
    .paragraph = { "<p>", "</p>\n" },
    .note = { "<p class=\"note\">", "</p>\n" },
    .grid = { "<math display=\"block\"><mtable displaystyle=\"true\"><mtr><mtd>", "</mtd><mtd>",
              "</mtd></mtr>\n<mtr><mtd>", "</mtd></mtr></mtable></math>\n" },
    .matrix = { "<math display=\"block\"><mrow><mo>[</mo><mtable displaystyle=\"true\"><mtr><mtd>",
                "</mtd><mtd>", "</mtd></mtr>\n<mtr><mtd>",
                "</mtd></mtr></mtable><mo>]</mo></mrow></math>\n" },
    .comment = { "<!-- ", " -->\n" },
};

/* One setting of a document. */
struct building {
    const struct document *document;
    const struct markup *markup;
    const struct medium *medium;
    struct notation notation;
    struct text *text;
    size_t section;         /* the last one's number */
    struct display display; /* what is gathered for one */
};

static void add(struct building *building, const char *string)
{
    text_add(building->text, string);
}

static void add_prose(struct building *building, const struct phrase *phrase)
{
    phrase_prose(building->text, &building->notation, phrase);
}

static void set_around(struct building *building, const char *const pieces[2],
                       const struct phrase *phrase)
{
    add(building, pieces[0]);
    add_prose(building, phrase);
    add(building, pieces[1]);
}

/* ---- Displays ---- */

static void add_line(struct building *building, struct phrase *phrase, bool apart)
{
    display_add(&building->display, phrase, apart);
}

static void end_display(struct building *building)
{
    display_set(building->text, &building->notation, &building->display,
                building->document->columns);
}

/* The lines of a phrase, all of which is a formula. */
static void add_lines(struct building *building, const struct phrase *phrase)
{
    for (size_t at = 0; at < phrase->count;) {
        struct phrase line = phrase_line(phrase, &at), copy = PHRASE_INIT;
        phrase_copy(&copy, &line);
        add_line(building, &copy, false);
    }
}

static bool has_words(const struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++)
        if (phrase->parts[i].kind == PART_WORDS || phrase->parts[i].kind == PART_CODE)
            return true;
    return false;
}

/* ---- Words ---- */

static void set_title(struct building *building, const struct block *block)
{
    const struct markup *markup = building->markup;
    bool forms = !phrase_is_empty(&block->right[1]), page = !phrase_is_empty(&block->second);
    const char *const *pieces = page ? markup->page : markup->title;
    add(building, pieces[0]);
    add_prose(building, &block->first);
    add(building, pieces[1]);
    add_prose(building, page ? &block->second : &block->right[0]);
    add(building, pieces[2]);
    if (!forms)
        return;
    add_lines(building, &block->right[1]);
    end_display(building);
}

static void set_section(struct building *building, const struct block *block)
{
    add(building, building->markup->section[0]);
    text_printf(building->text, "%zu", ++building->section);
    add(building, building->markup->section[1]);
    add_prose(building, &block->first);
    add(building, building->markup->section[2]);
}

/* Lines of words and formulas. */
static void set_note(struct building *building, const struct phrase *phrase)
{
    for (size_t at = 0; at < phrase->count;) {
        struct phrase line = phrase_line(phrase, &at);
        if (has_words(&line)) {
            set_around(building, building->markup->note, &line);
        } else {
            add_lines(building, &line);
            end_display(building);
        }
    }
}

/* ---- Formulas ---- */

static void set_formula(struct building *building, const struct block *block)
{
    add_lines(building, &block->first);
    end_display(building);
    set_note(building, &block->second);
}

static void set_equation(struct building *building, const struct block *block)
{
    struct phrase line = PHRASE_INIT;
    phrase_copy(&line, &block->first);
    phrase_formula(&line, " ");
    phrase_formula(&line, block->sign);
    phrase_formula(&line, " ");
    struct phrase right = PHRASE_INIT;
    phrase_copy(&right, &block->second);
    phrase_append(&line, &right);
    add_line(building, &line, false);
    end_display(building);
}

/* What is looked at is f, where it is not the loss. */
static void set_quotient(struct building *building, const struct block *block)
{
    const struct nb_nudge *nudge = &block->nudge;
    const char *f = phrase_is_empty(&block->first) ? "L" : "f";
    struct formula_style style = *building->notation.style;
    struct notation flat = building->notation;
    struct phrase line = PHRASE_INIT;
    struct text formula = TEXT_INIT;
    int digits = style.digits;
    style.medium = FORMULA_TEXT;
    flat.style = &style;
    style.digits = digits > NUDGE_DIGITS ? digits : NUDGE_DIGITS;
    text_printf(&formula, "(%s(", f);
    symbol_number(&formula, &flat, nudge->theta + nudge->h);
    text_printf(&formula, ") − %s(", f);
    symbol_number(&formula, &flat, nudge->theta - nudge->h);
    text_printf(&formula, "))/%.*g = (", digits, 2 * nudge->h);
    style.digits = digits > LOSS_DIGITS ? digits : LOSS_DIGITS;
    symbol_number(&formula, &flat, nudge->plus);
    text_add(&formula, " − ");
    symbol_number(&formula, &flat, nudge->minus);
    text_printf(&formula, ")/%.*g", digits, 2 * nudge->h);
    phrase_formula(&line, formula.bytes);
    phrase_formula(&line, " = ");
    phrase_number(&line, nudge->quotient);
    add_line(building, &line, false);
    end_display(building);
    text_release(&formula);
}

static void set_grid(struct building *building, const struct grid *grid)
{
    const struct markup *markup = building->markup;
    const char *const *pieces = grid->brackets ? markup->matrix : markup->grid;
    add(building, pieces[0]);
    for (size_t i = 0; i < grid->rows * grid->cols; i++) {
        struct text math = TEXT_INIT;
        add(building, i == 0 ? "" : i % grid->cols ? pieces[1] : pieces[2]);
        phrase_math(&math, &building->notation, &grid->cells[i]);
        display_finish(building->text, building->medium, math.bytes);
        text_release(&math);
    }
    add(building, pieces[3]);
}

/* ---- Entries ---- */

static void add_result(struct phrase *line, const char *sign, double result)
{
    phrase_formula(line, sign);
    phrase_number(line, result);
}

/* How wide the entry is on a single line. */
static size_t width_of(const struct building *building, const struct entry *entry,
                       const struct rounds *rounds)
{
    size_t width = phrase_width(&building->document->notation, &entry->name) +
                   symbol_width(&rounds->result) + 3;
    for (size_t i = 0; i < rounds->count; i++)
        width += symbol_width(&rounds->round[i].text) + 3;
    return width;
}

/* name = round = round = result, on a line where that fits; else a round a line, the
 * result behind the last. */
static void add_rounds(struct building *building, const struct entry *entry,
                       const struct rounds *rounds, enum nb_op_kind kind, bool together)
{
    struct phrase line = PHRASE_INIT;
    struct text first = TEXT_INIT;
    bool apart = building->display.count > 0;
    bool joined = together && width_of(building, entry, rounds) <= building->document->columns;
    text_printf(&first, " %s ", entry_sign(kind));
    phrase_copy(&line, &entry->name);
    line.yhat = building->notation.yhat;
    for (size_t i = 0; i < rounds->count; i++) {
        phrase_formula(&line, i ? " = " : first.bytes);
        phrase_term(&line, term_clone(rounds->round[i].term), rounds->round[i].fold, false);
        if (joined || i + 1 == rounds->count)
            continue;
        add_line(building, &line, apart);
        line.yhat = building->notation.yhat;
        apart = false;
    }
    add_result(&line, rounds->count ? " = " : first.bytes, entry->result);
    add_line(building, &line, apart);
    text_release(&first);
}

/* Symbols and numbers, of a loss and of what has a formula behind its name the rest. */
static void gather_worked(struct rounds *rounds, const struct notation *notation,
                          const struct entry *entry, enum nb_op_kind kind)
{
    if (kind == NB_OP_LOSS || entry->in_full || entry->last_round) {
        rounds_add_all(rounds, notation, entry);
        return;
    }
    rounds_add(rounds, notation, entry->term, RENDER_SYMBOLS);
    rounds_add(rounds, notation, entry->term, 0);
}

static void gather(struct rounds *rounds, const struct notation *notation,
                   const struct block *block, const struct entry *entry)
{
    switch (block->layout) {
    case DOCUMENT_FULL:
    case DOCUMENT_FACTORS:
        gather_worked(rounds, notation, entry, block->op_kind);
        break;
    case DOCUMENT_BLOCKS:
        rounds_add_all(rounds, notation, entry);
        break;
    case DOCUMENT_COMPACT:
        rounds_add_compact(rounds, notation, entry, block->op_kind == NB_OP_LOSS);
        break;
    case DOCUMENT_DERIVED:
        rounds_add(rounds, notation, entry->term, RENDER_SYMBOLS);
        rounds_add(rounds, notation, entry->term, RENDER_FACTORS);
        break;
    }
}

static void set_heading(struct building *building, const struct phrase *heading)
{
    if (phrase_is_empty(heading))
        return;
    end_display(building);
    set_around(building, building->markup->note, heading);
}

static void set_entries(struct building *building, const struct block *block)
{
    struct notation notation = building->document->notation;
    notation.yhat = building->notation.yhat = block_writes_yhat(block);
    for (size_t i = 0; i < block->list.count; i++) {
        const struct entry *entry = &block->list.items[i];
        struct rounds rounds;
        if (!entry->term)
            continue;
        set_heading(building, &entry->heading);
        rounds_init(&rounds, &notation, entry->result);
        gather(&rounds, &notation, block, entry);
        add_rounds(building, entry, &rounds, block->op_kind, block->layout != DOCUMENT_BLOCKS);
        rounds_release(&rounds);
    }
    end_display(building);
    building->notation.yhat = false;
}

/* ---- Paths ---- */

static void add_path(struct building *building, struct phrase *line, const struct path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        if (i)
            phrase_formula(line, " · ");
        phrase_factor(line, term_clone(path->factors[i]), RENDER_VALUES);
    }
    add_result(line, " = ", path_value(building->notation.net, path));
    add_line(building, line, false);
}

static void add_summand(struct phrase *line, double value, bool first)
{
    bool bracket = !first && value < 0;
    phrase_formula(line, first ? " = " : " + ");
    if (bracket)
        phrase_bracket(line, '(', false);
    phrase_number(line, value);
    if (bracket)
        phrase_bracket(line, ')', true);
}

static void add_total(struct building *building, const struct block *block)
{
    struct phrase line = PHRASE_INIT;
    phrase_copy(&line, &block->first);
    for (size_t i = 0; i < block->count; i++) {
        if (block_left_out(block, i) > 0)
            add_summand(&line, block->paths[i].before, false);
        add_summand(&line, path_value(building->notation.net, &block->paths[i]), i == 0);
    }
    add_result(&line, " = ", block->value);
    add_line(building, &line, true);
}

/* "and 7 more paths:   0.0012" */
static void add_left_out(struct building *building, double count, double value)
{
    struct phrase line = PHRASE_INIT;
    phrase_printf(&line, count == 1 ? "and one more path:" : "and %.0f more paths:", count);
    phrase_align(&line);
    phrase_formula(&line, "   ");
    phrase_number(&line, value);
    add_line(building, &line, false);
}

static void set_paths(struct building *building, const struct block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        struct phrase line = PHRASE_INIT;
        if (block_left_out(block, i) > 0)
            add_left_out(building, block_left_out(block, i), block->paths[i].before);
        if (block->count > 1)
            phrase_printf(&line, "path %.0f:", block->paths[i].number);
        else
            phrase_copy(&line, &block->first);
        if (block->count > 1)
            phrase_align(&line);
        if (block->count > 1)
            phrase_formula(&line, "   ");
        else
            phrase_formula(&line, " = ");
        add_path(building, &line, &block->paths[i]);
    }
    if (block->count > 1)
        add_total(building, block);
    end_display(building);
}

/* ---- The last line ---- */

/* A number as it was printed; false where it is no single one. */
static bool add_printed(struct phrase *phrase, const char *printed)
{
    struct text number = TEXT_INIT;
    bool minus = *printed == '-', single = *printed != '[' && strcmp(printed, "none") != 0;
    text_add(&number, minus ? "−" : "");
    text_add(&number, printed + minus);
    if (single)
        phrase_formula(phrase, number.bytes);
    text_release(&number);
    return single;
}

static void set_closing(struct building *building, const struct closing *closing)
{
    struct phrase phrase = PHRASE_INIT;
    phrase_words(&phrase, "Value ");
    bool single = add_printed(&phrase, closing->value.bytes);
    if (!single)
        phrase_release(&phrase);
    if (single && closing->tested)
        phrase_words(&phrase, "; difference quotient ");
    if (single && closing->tested)
        add_printed(&phrase, closing->quotient.bytes);
    if (closing->tested) {
        phrase_words(&phrase, single ? "; relative error "
                                     : "Worst relative error of the difference quotients: ");
        phrase_number(&phrase, closing->error);
    }
    if (single || closing->tested)
        phrase_words(&phrase, ".");
    set_around(building, building->markup->paragraph, &phrase);
    phrase_release(&phrase);
    add(building, building->markup->comment[0]);
    closing_print(building->text, closing, building->notation.style->digits);
    add(building, building->markup->comment[1]);
}

/* ---- Blocks ---- */

static void set_block(struct building *building, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_TITLE:
        set_title(building, block);
        break;
    case BLOCK_SECTION:
        set_section(building, block);
        break;
    case BLOCK_SENTENCE:
    case BLOCK_PARAGRAPH:
        set_around(building, building->markup->paragraph, &block->first);
        break;
    case BLOCK_NOTE:
    case BLOCK_ELIDED:
        set_note(building, &block->first);
        break;
    case BLOCK_FORMULA:
        set_formula(building, block);
        break;
    case BLOCK_EQUATION:
    case BLOCK_FRACTIONS:
        set_equation(building, block);
        break;
    case BLOCK_ENTRIES:
        set_entries(building, block);
        break;
    case BLOCK_DIAGRAM:
        built_diagram(&building->display, block->chain, &building->notation);
        end_display(building);
        break;
    case BLOCK_RULE:
        built_rule(&building->display, block->chain, &building->notation);
        end_display(building);
        break;
    case BLOCK_PATHS:
        set_paths(building, block);
        break;
    case BLOCK_GRID:
        set_grid(building, &block->grid);
        break;
    case BLOCK_QUOTIENT:
        set_quotient(building, block);
        break;
    case BLOCK_GAP:
        break;
    case BLOCK_CLOSING:
        set_closing(building, &block->closing);
        break;
    }
}

void set_built(const struct document *document, struct text *text)
{
    struct formula_style style = document->style;
    style.medium = document->medium;
    struct building building = { .document = document,
                                 .markup =
                                     style.medium == FORMULA_LATEX ? &markup_latex : &markup_html,
                                 .medium = medium_of(style.medium, true),
                                 .notation = { document->notation.net, &style, true, false },
                                 .text = text };
    for (size_t i = 0; i < document->count; i++)
        set_block(&building, &document->blocks[i]);
}
