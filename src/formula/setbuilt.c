/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/setbuilt.h"

#include <math.h>
#include <string.h>

#define NUDGE_DIGITS 10 /* of θ ± h */
#define LOSS_DIGITS  12

const struct markup markup_latex = {
    .name = { "{\\LARGE\\bfseries ", "\\par}\n\n" },
    .chapter = { "\\section*{", "}\n\n" },
    .title = { "\\subsection*{", " \\hfill{\\normalsize ", "}}\n\n" },
    .page = { "\\subsection*{", "\\quad ", "}\n\n" },
    .section = { "\\subsubsection*{", "\\quad ", "}\n\n" },
    .paragraph = { "", "\n\n" },
    .note = { "\\par\\hspace*{1.5em}", "\\par\n" },
    .table = { "\\begin{center}\\begin{tabular}{llllllll}\n", " & ", " \\\\\n",
               "\n\\end{tabular}\\end{center}\n" },
    .grid = { "\\par\\medskip\\hspace*{1.5em}\\begin{tabular}{@{}llllllll}\n", " & ",
              " \\\\[9pt]\n", "\n\\end{tabular}\\par\\medskip\n" },
    .cell = { "$\\displaystyle ", "$" },
    .matrix = { "\\begin{bmatrix}", " & ", " \\\\ ", "\\end{bmatrix}" },
    .comment = { "% ", "\n" },
};

const struct markup markup_html = {
    .name = { "<h1>", "</h1>\n" },
    .chapter = { "<h2>", "</h2>\n" },
    .title = { "<h3>", " <span class=\"typed\">", "</span></h3>\n" },
    .page = { "<h3>", " ", "</h3>\n" },
    .section = { "<h4>", " ", "</h4>\n" },
    .paragraph = { "<p>", "</p>\n" },
    .note = { "<p class=\"note\">", "</p>\n" },
    .table = { "<table class=\"heads\">\n<tr><td>", "</td><td>", "</td></tr>\n<tr><td>",
               "</td></tr>\n</table>\n" },
    .grid = { "<table class=\"grid\">\n<tr><td>", "</td><td>", "</td></tr>\n<tr><td>",
              "</td></tr>\n</table>\n" },
    .cell = { "<math displaystyle=\"true\">", "</math>" },
    .matrix = { "<mrow><mo form=\"prefix\">[</mo><mtable class=\"cells\"><mtr><mtd>", "</mtd><mtd>",
                "</mtd></mtr><mtr><mtd>",
                "</mtd></mtr></mtable><mo form=\"postfix\">]</mo></mrow>" },
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

/* Without blanks around it. */
static void add_trimmed(struct building *building, const struct phrase *phrase)
{
    struct text prose = TEXT_INIT;
    phrase_prose(&prose, &building->notation, phrase);
    size_t first = strspn(prose.bytes, " "), last = prose.length;
    while (last > first && prose.bytes[last - 1] == ' ')
        last--;
    text_add_part(building->text, prose.bytes + first, last - first);
    text_release(&prose);
}

static void set_title(struct building *building, const struct block *block)
{
    const struct markup *markup = building->markup;
    end_display(building);
    bool forms = !phrase_is_empty(&block->right[1]), page = !phrase_is_empty(&block->second);
    const char *const *pieces = page ? markup->page : markup->title;
    add(building, pieces[0]);
    add_trimmed(building, &block->first);
    add(building, pieces[1]);
    add_trimmed(building, page ? &block->second : &block->right[0]);
    add(building, pieces[2]);
    if (!forms)
        return;
    add_lines(building, &block->right[1]);
}

static void set_section(struct building *building, const struct block *block)
{
    end_display(building);
    add(building, building->markup->section[0]);
    text_printf(building->text, "%zu", ++building->section);
    add(building, building->markup->section[1]);
    add_prose(building, &block->first);
    add(building, building->markup->section[2]);
}

static void set_words(struct building *building, const char *const pieces[2],
                      const struct phrase *phrase)
{
    end_display(building);
    set_around(building, pieces, phrase);
}

/* Lines of words and formulas. */
static void set_note(struct building *building, const struct phrase *phrase)
{
    for (size_t at = 0; at < phrase->count;) {
        struct phrase line = phrase_line(phrase, &at);
        if (has_words(&line))
            set_words(building, building->markup->note, &line);
        else
            add_lines(building, &line);
    }
}

/* ---- Formulas ---- */

static bool is_line(const struct phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++)
        if (phrase->parts[i].kind == PART_BREAK)
            return false;
    return !phrase_is_empty(phrase);
}

static struct phrase beside(const struct block *block)
{
    struct phrase line = PHRASE_INIT, second = PHRASE_INIT;
    phrase_copy(&line, &block->first);
    phrase_formula(&line, "     ");
    phrase_copy(&second, &block->second);
    phrase_append(&line, &second);
    return line;
}

static bool fits_beside(const struct building *building, const struct block *block)
{
    if (!is_line(&block->first) || !is_line(&block->second))
        return false;
    struct phrase line = beside(block);
    bool fits = display_phrase_width(&building->notation, &line) <= building->document->columns;
    phrase_release(&line);
    return fits;
}

static void set_formula(struct building *building, const struct block *block)
{
    if (block->beside && fits_beside(building, block)) {
        struct phrase line = beside(block);
        add_line(building, &line, building->display.count > 0);
        return;
    }
    add_lines(building, &block->first);
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
    add_line(building, &line, building->display.count > 0);
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
    text_add(&formula, signbit(nudge->minus) ? " − (" : " − ");
    symbol_number(&formula, &flat, nudge->minus);
    text_printf(&formula, signbit(nudge->minus) ? "))/%.*g" : ")/%.*g", digits, 2 * nudge->h);
    phrase_formula(&line, formula.bytes);
    phrase_formula(&line, " = ");
    phrase_number(&line, nudge->quotient);
    add_line(building, &line, false);
    text_release(&formula);
}

static void add_cell(struct building *building, struct text *text, const struct grid *grid,
                     const struct phrase *cell)
{
    const char *const *around = building->markup->cell;
    bool alone = !grid->brackets; /* a formula of its own, not part of one */
    struct text math = TEXT_INIT;
    if (alone && (grid->heads || has_words(cell))) {
        phrase_prose(text, &building->notation, cell);
        return;
    }
    phrase_math(&math, &building->notation, cell);
    text_add(text, alone && math.length ? around[0] : "");
    display_finish(text, building->medium, math.bytes);
    text_add(text, alone && math.length ? around[1] : "");
    text_release(&math);
}

static void add_cells(struct building *building, struct text *text, const struct grid *grid,
                      const char *const pieces[4])
{
    text_add(text, pieces[0]);
    for (size_t i = 0; i < grid->rows * grid->cols; i++) {
        text_add(text, i == 0 ? "" : i % grid->cols ? pieces[1] : pieces[2]);
        add_cell(building, text, grid, &grid->cells[i]);
    }
    text_add(text, pieces[3]);
}

/* A table, or a matrix in a formula. */
static void set_grid(struct building *building, const struct block *block)
{
    struct text math = TEXT_INIT;
    if (!block->grid.brackets) {
        end_display(building);
        add_cells(building, building->text, &block->grid,
                  block->grid.heads ? building->markup->table : building->markup->grid);
        return;
    }
    phrase_math(&math, &building->notation, &block->first);
    if (math.length)
        building->medium->say(&math, " = ");
    add_cells(building, &math, &block->grid, building->markup->matrix);
    display_add_math(&building->display, math.bytes, building->display.count > 0);
    text_release(&math);
}

/* ---- Entries ---- */

static void add_result(struct phrase *line, const char *sign, double result)
{
    phrase_formula(line, sign);
    phrase_number(line, result);
}

/* The sign behind the name, then = */
static void add_relation(struct phrase *line, enum nb_op_kind kind, bool first)
{
    struct text sign = TEXT_INIT;
    text_printf(&sign, " %s ", first ? entry_sign(kind) : "=");
    phrase_formula(line, sign.bytes);
    text_release(&sign);
}

static void add_round(struct phrase *line, const struct rounds *rounds, size_t index,
                      enum nb_op_kind kind, bool yhat)
{
    const struct round *round = &rounds->round[index];
    line->yhat = yhat;
    add_relation(line, kind, index == 0);
    phrase_term(line, term_clone(round->term), round->fold, false);
}

/* name = round = round = result */
static struct phrase joined_rounds(const struct entry *entry, const struct rounds *rounds,
                                   enum nb_op_kind kind, bool yhat)
{
    struct phrase line = PHRASE_INIT;
    phrase_copy(&line, &entry->name);
    for (size_t i = 0; i < rounds->count; i++)
        add_round(&line, rounds, i, kind, yhat);
    add_relation(&line, kind, rounds->count == 0);
    phrase_number(&line, entry->result);
    return line;
}

/* A round a line, the result behind the last. */
static void add_rounds(struct building *building, const struct entry *entry,
                       const struct rounds *rounds, enum nb_op_kind kind)
{
    struct phrase line = PHRASE_INIT;
    bool apart = building->display.count > 0;
    phrase_copy(&line, &entry->name);
    for (size_t i = 0; i < rounds->count; i++) {
        if (i) {
            add_line(building, &line, apart);
            apart = false;
        }
        add_round(&line, rounds, i, kind, building->notation.yhat);
    }
    add_relation(&line, kind, rounds->count == 0);
    phrase_number(&line, entry->result);
    add_line(building, &line, apart);
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

static void gather_entry(struct building *building, struct rounds *rounds,
                         const struct block *block, const struct entry *entry)
{
    struct notation notation = building->document->notation;
    notation.yhat = building->notation.yhat;
    rounds_init(rounds, &notation, entry->result);
    gather(rounds, &notation, block, entry);
}

/* Does every entry of the block fit on a line? */
static bool fit_on_lines(struct building *building, const struct block *block)
{
    bool fit = block->layout != DOCUMENT_BLOCKS && block->op_kind != NB_OP_LOSS;
    for (size_t i = 0; i < block->list.count && fit; i++) {
        const struct entry *entry = &block->list.items[i];
        struct rounds rounds;
        if (!entry->term)
            continue;
        gather_entry(building, &rounds, block, entry);
        struct phrase line = joined_rounds(entry, &rounds, block->op_kind, building->notation.yhat);
        fit = display_phrase_width(&building->notation, &line) <= building->document->columns;
        phrase_release(&line);
        rounds_release(&rounds);
    }
    return fit;
}

static void set_entry(struct building *building, const struct block *block,
                      const struct entry *entry, bool joined)
{
    struct rounds rounds;
    gather_entry(building, &rounds, block, entry);
    if (joined) {
        struct phrase line = joined_rounds(entry, &rounds, block->op_kind, building->notation.yhat);
        add_line(building, &line, building->display.count > 0);
    } else {
        add_rounds(building, entry, &rounds, block->op_kind);
    }
    rounds_release(&rounds);
}

static void set_entries(struct building *building, const struct block *block)
{
    building->notation.yhat = block_writes_yhat(block);
    bool joined = fit_on_lines(building, block);
    for (size_t i = 0; i < block->list.count; i++) {
        const struct entry *entry = &block->list.items[i];
        if (!phrase_is_empty(&entry->heading))
            set_words(building, building->markup->note, &entry->heading);
        if (entry->term)
            set_entry(building, block, entry, joined);
    }
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
    if (!phrase_is_empty(&phrase))
        set_words(building, building->markup->paragraph, &phrase);
    end_display(building);
    phrase_release(&phrase);
    add(building, building->markup->comment[0]);
    closing_print(building->text, closing, building->notation.style->digits);
    add(building, building->markup->comment[1]);
}

/* ---- Blocks ---- */

static void set_block(struct building *building, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_NAME:
        set_words(building, building->markup->name, &block->first);
        break;
    case BLOCK_CHAPTER:
        set_words(building, building->markup->chapter, &block->first);
        break;
    case BLOCK_TITLE:
        set_title(building, block);
        break;
    case BLOCK_SECTION:
        set_section(building, block);
        break;
    case BLOCK_SENTENCE:
    case BLOCK_PARAGRAPH:
        set_words(building, building->markup->paragraph, &block->first);
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
        break;
    case BLOCK_RULE:
        built_rule(&building->display, block->chain, &building->notation);
        break;
    case BLOCK_PATHS:
        set_paths(building, block);
        break;
    case BLOCK_GRID:
        set_grid(building, block);
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
    end_display(&building);
}
