/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of an operation: its heading, its formula, and its elements with
 * numbers put in. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "formula/build.h"
#include "formula/document.h"
#include "formula/general.h"
#include "formula/layout.h"
#include "formula/words.h"

#define LINES_MOST  12 /* elements of a line each; of more, the first SHOWN_FIRST and the last */
#define BLOCKS_MOST 8  /* likewise, of several lines each */
#define SHOWN_FIRST 3
#define NAME_COLUMN 4 /* where the name of a quantity ends in a compact heading */

struct formula_page {
    size_t op, units;
    struct before *before; /* of an operation in place; else NULL */
};

/* One writing of a page. */
struct writing {
    const struct formula_page *page;
    const struct nb_op *op;
    struct notation notation;
    struct document *document;
    bool full;
};

static bool is_per_sample(const struct nb_net *net, size_t id, struct nb_quantity *quantity)
{
    nb_quantity_get(net, id, quantity);
    return nb_quantity_rows()[quantity->kind].per_sample;
}

/* Those of batch norm are columns: mean and variance are of a unit, for all rows. */
static size_t units_of(const struct nb_net *net, const struct nb_op *op)
{
    struct nb_quantity quantity;
    bool per_sample = is_per_sample(net, op->writes[0], &quantity);
    if (op->kind == NB_OP_CLIP)
        return 1;
    return per_sample && op->kind != NB_OP_BATCHNORM_GRAD ? quantity.rows * quantity.cols
                                                          : quantity.cols;
}

enum nb_status formula_page_new(const struct nb_net *net, size_t op, struct formula_page **page,
                                struct nb_error *error)
{
    const struct nb_op *row = nb_plan_op(net, op);
    bool in_place = build_is_in_place(row->kind);
    *page = memory_new(1, sizeof **page);
    if (!*page)
        return error_memory(error);
    (*page)->op = op;
    (*page)->units = units_of(net, row);
    (*page)->before = in_place ? before_new(net, row) : NULL;
    if (!in_place || (*page)->before)
        return NB_OK;
    formula_page_free(page);
    return error_memory(error);
}

void formula_page_free(struct formula_page **page)
{
    if (!*page)
        return;
    before_free(&(*page)->before);
    free(*page);
    *page = NULL;
}

static struct writing writing_of(const struct formula_page *page, struct document *document,
                                 bool full)
{
    const struct nb_op *op = nb_plan_op(document->notation.net, page->op);
    struct writing writing = { page, op, document->notation, document, full };
    writing.notation.yhat = op->kind == NB_OP_LOSS || op->kind == NB_OP_DELTA_DIRECT;
    return writing;
}

/* ---- Heading ---- */

static size_t number_width(size_t number)
{
    return number < 10 ? 1 : 1 + number_width(number / 10);
}

static void add_name(struct phrase *phrase, const struct writing *writing)
{
    struct text name = TEXT_INIT;
    words_op_name(&name, writing->notation.net, writing->page->op);
    phrase_code(phrase, name.bytes);
    text_release(&name);
}

static void add_summary(struct phrase *phrase, const struct writing *writing)
{
    struct text words = TEXT_INIT;
    words_op_summary(&words, writing->notation.net, writing->page->op, writing->notation.style);
    phrase_words(phrase, words.bytes);
    text_release(&words);
}

/* " 1/15  z1   weighted sum, layer 1                            forward" */
static void add_full_head(const struct writing *writing, const char *right)
{
    struct block *block = document_add(writing->document, BLOCK_TITLE);
    size_t length = nb_plan_length(writing->notation.net), width = number_width(length);
    phrase_printf(&block->first, "%*zu/%zu  ", (int)(width > 2 ? width : 2), writing->page->op + 1,
                  length);
    add_name(&block->first, writing);
    phrase_words(&block->second, "   ");
    add_summary(&block->second, writing);
    phrase_words(&block->right[0], right);
}

/* "  z1   weighted sum, layer 1          z¹ₖ = x₁·w¹₁ₖ + x₂·w¹₂ₖ + b¹ₖ" */
static void add_compact_head(const struct writing *writing)
{
    struct block *block = document_add(writing->document, BLOCK_TITLE);
    struct text name = TEXT_INIT;
    words_op_name(&name, writing->notation.net, writing->page->op);
    size_t end = name.length < NAME_COLUMN ? NAME_COLUMN : name.length;
    size_t gap = end < LAYOUT_INDENT ? LAYOUT_INDENT - end : 3;
    phrase_printf(&block->first, "%*s", (int)(end - name.length), "");
    add_name(&block->first, writing);
    phrase_printf(&block->second, "%*s", (int)gap, "");
    add_summary(&block->second, writing);
    general_forms(block->right, &writing->notation, writing->page->op);
    text_release(&name);
}

static void add_general(const struct writing *writing)
{
    struct block *block = document_add(writing->document, BLOCK_FORMULA);
    block->beside = true;
    general_full(&block->first, &writing->notation, writing->page->op);
    general_aside(&block->second, &writing->notation, writing->page->op);
    document_gap(writing->document);
}

/* ---- Elements ---- */

static size_t shown_most(const struct writing *writing)
{
    return writing->full && !entry_is_short(writing->op->kind) ? BLOCKS_MOST : LINES_MOST;
}

static struct entry *new_entry(const struct writing *writing)
{
    return document_entry(writing->document, writing->full ? DOCUMENT_FULL : DOCUMENT_COMPACT,
                          writing->op->kind);
}

static void add_elided(const struct writing *writing, size_t count, const char *name)
{
    struct phrase line = PHRASE_INIT;
    phrase_printf(&line, "… %zu more", count);
    if (name) {
        phrase_words(&line, "; ");
        phrase_code(&line, "print ");
        phrase_code(&line, name);
        phrase_words(&line, " shows all");
    }
    document_phrase(writing->document, BLOCK_ELIDED, &line);
}

static void add_element(const struct writing *writing, size_t write, size_t row, size_t col)
{
    const struct nb_net *net = writing->notation.net;
    struct site site = { net, writing->op, writing->op->writes[write],
                         row, col,         writing->page->before };
    struct entry *entry = new_entry(writing);
    phrase_element(&entry->name, (struct element){ site.id, row, col });
    entry->term = build_term(&site);
    if (writing->op->kind == NB_OP_ACTIVATION)
        entry->in_full = build_activation_in_full(&site);
    entry->result = nb_value(net, site.id, row, col);
}

/* The elements of one write, in order: all of a few, else the first and the
 * last.  `column` NB_NOWHERE, or the only column to show. */
static void add_write(const struct writing *writing, size_t write, size_t column)
{
    struct nb_quantity quantity;
    nb_quantity_get(writing->notation.net, writing->op->writes[write], &quantity);
    bool all = column == NB_NOWHERE;
    size_t count = all ? quantity.rows * quantity.cols : quantity.rows;
    bool elide = count > shown_most(writing);
    for (size_t i = 0; i < count; i++) {
        if (elide && i == SHOWN_FIRST) {
            add_elided(writing, count - SHOWN_FIRST - 1, quantity.name);
            i = count - 1;
        }
        add_element(writing, write, all ? i / quantity.cols : i, all ? i % quantity.cols : column);
    }
}

static void add_frozen(const struct writing *writing, const char *name)
{
    struct phrase line = PHRASE_INIT;
    phrase_code(&line, name);
    phrase_words(&line, " is frozen and stays as it is");
    document_phrase(writing->document, BLOCK_NOTE, &line);
}

/* The samples of a batch, then their mean. */
static void add_batch_loss(const struct writing *writing)
{
    const struct nb_net *net = writing->notation.net;
    size_t rows = build_rows(net);
    for (size_t i = 0; i < rows; i++) {
        if (rows > shown_most(writing) && i == SHOWN_FIRST) {
            add_elided(writing, rows - SHOWN_FIRST - 1, NULL);
            i = rows - 1;
        }
        struct entry *entry = new_entry(writing);
        phrase_sample_loss(&entry->name, i);
        entry->term = build_sample_loss(net, i);
        entry->result = entry->term ? term_value(net, entry->term) : 0;
    }
    struct entry *mean = new_entry(writing);
    struct site site = { net, writing->op, writing->op->writes[0], 0, 0, NULL };
    phrase_formula(&mean->name, "L");
    mean->term = build_term(&site);
    mean->result = nb_value(net, site.id, 0, 0);
    mean->last_round = true;
}

/* A write that stays as it is (of a frozen parameter, which is said once) or
 * that needs no line of its own. */
static bool passes_over(const struct writing *writing, size_t write)
{
    const struct nb_net *net = writing->notation.net;
    struct nb_quantity quantity;
    nb_quantity_get(net, writing->op->writes[write], &quantity);
    if (writing->op->kind != NB_OP_UPDATE)
        return quantity.kind == NB_MASK;
    size_t parameter = writing->op->reads[write % (writing->op->nreads / 2)];
    if (nb_frozen(net, parameter) && parameter == writing->op->writes[write])
        add_frozen(writing, quantity.name);
    return nb_frozen(net, parameter);
}

static struct site clip_site(const struct writing *writing)
{
    return (struct site){ writing->notation.net, writing->op, writing->op->writes[0], 0, 0,
                          writing->page->before };
}

/* "‖g‖ = 0.53 is more than clip = 0.1: every gradient times 0.188679" */
static void add_clip(const struct writing *writing)
{
    const struct before *before = writing->page->before;
    struct site site = clip_site(writing);
    struct phrase line = PHRASE_INIT;
    if (writing->op->kind != NB_OP_CLIP)
        return;
    double factor = build_clip_factor(&site);
    phrase_formula(&line, "‖g‖ = ");
    phrase_number(&line, before->norm);
    phrase_words(&line, factor < 1 ? " is more than $clip = $" : " is within $clip = $");
    phrase_number(&line, before->learning.clip);
    phrase_words(&line, factor < 1 ? ": every gradient times " : ": nothing changes");
    if (factor < 1)
        phrase_number(&line, factor);
    document_phrase(writing->document, BLOCK_NOTE, &line);
    if (factor < 1)
        document_gap(writing->document);
}

/* Gradients that were short enough are not printed again. */
static bool is_unclipped(const struct writing *writing)
{
    struct site site = clip_site(writing);
    return writing->op->kind == NB_OP_CLIP && build_clip_factor(&site) >= 1;
}

static void add_body(const struct writing *writing, size_t column)
{
    if (writing->op->kind == NB_OP_LOSS && build_rows(writing->notation.net) > 1) {
        add_batch_loss(writing);
        return;
    }
    add_clip(writing);
    for (size_t i = 0; i < writing->op->nwrites && !is_unclipped(writing); i++) {
        size_t write = build_order(writing->op, i);
        if (i && writing->full)
            document_gap(writing->document);
        if (!passes_over(writing, write))
            add_write(writing, write, column);
    }
}

static void add_page(const struct formula_page *page, struct document *document, bool full)
{
    struct writing writing = writing_of(page, document, full);
    if (full)
        add_full_head(&writing, words_of_phase[writing.op->phase]);
    else
        add_compact_head(&writing);
    document_gap(document);
    if (full)
        add_general(&writing);
    add_body(&writing, NB_NOWHERE);
    document_gap(document);
}

void formula_page_print(const struct formula_page *page, const struct nb_net *net, bool full,
                        const struct formula_style *style, struct sink *sink)
{
    struct document document;
    document_init(&document, net, style, sink);
    add_page(page, &document, full);
    document_finish(&document, sink, NULL);
    document_release(&document);
}

/* ---- Units ---- */

size_t formula_page_units(const struct formula_page *page)
{
    return page->units;
}

/* One element of all that the operation writes. */
static void add_elements_of(const struct writing *writing, size_t row, size_t col)
{
    for (size_t i = 0; i < writing->op->nwrites; i++)
        if (!passes_over(writing, i))
            add_element(writing, i, row, col);
}

static void add_unit_page(const struct formula_page *page, struct document *document, size_t unit)
{
    const struct nb_net *net = document->notation.net;
    struct writing writing = writing_of(page, document, true);
    struct nb_quantity quantity;
    struct text which = TEXT_INIT;
    text_printf(&which, "unit %zu of %zu", unit + 1, page->units);
    add_full_head(&writing, which.bytes);
    document_gap(document);
    if (unit == 0)
        add_general(&writing);
    if (writing.op->kind == NB_OP_CLIP)
        add_body(&writing, NB_NOWHERE);
    else if (page->units > 0 && is_per_sample(net, writing.op->writes[0], &quantity) &&
             writing.op->kind != NB_OP_BATCHNORM_GRAD)
        add_elements_of(&writing, unit / quantity.cols, unit % quantity.cols);
    else
        add_body(&writing, unit);
    document_gap(document);
    text_release(&which);
}

void formula_page_print_unit(const struct formula_page *page, const struct nb_net *net, size_t unit,
                             const struct formula_style *style, struct sink *sink)
{
    struct document document;
    document_init(&document, net, style, sink);
    add_unit_page(page, &document, unit);
    document_finish(&document, sink, NULL);
    document_release(&document);
}
