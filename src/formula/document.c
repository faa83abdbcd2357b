/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/document.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "formula/layout.h"
#include "formula/set.h"
#include "formula/setbuilt.h"

#define BUILT_COLUMNS 90 /* of text, for lines on a page of LaTeX or HTML */

void document_init(struct document *document, const struct nb_net *net,
                   const struct formula_style *style, const struct sink *sink)
{
    bool text = style->medium == FORMULA_TEXT;
    *document = (struct document){ .style = *style, .medium = style->medium };
    document->style.medium = FORMULA_TEXT;
    document->columns = text ? layout_columns(sink) : BUILT_COLUMNS;
    document->notation = (struct notation){ net, &document->style, sink->unicode || !text, false };
}

static void grid_release(struct grid *grid)
{
    for (size_t i = 0; grid->cells && i < grid->rows * grid->cols; i++)
        phrase_release(&grid->cells[i]);
    free(grid->cells);
}

static void path_release(struct path *path)
{
    for (size_t i = 0; i < path->count; i++)
        term_free(&path->factors[i]);
    free(path->factors);
    *path = (struct path){ .factors = NULL };
}

static void block_release(struct block *block)
{
    phrase_release(&block->first);
    phrase_release(&block->second);
    for (size_t i = 0; i < TITLE_FORMS; i++)
        phrase_release(&block->right[i]);
    entry_list_release(&block->list);
    for (size_t i = 0; i < block->count; i++)
        path_release(&block->paths[i]);
    free(block->paths);
    grid_release(&block->grid);
    text_release(&block->closing.value);
    text_release(&block->closing.quotient);
}

void document_release(struct document *document)
{
    for (size_t i = 0; i < document->count; i++)
        block_release(&document->blocks[i]);
    free(document->blocks);
    if (document->failed)
        block_release(&document->spare);
    chain_release(&document->chain);
    nb_net_free(&document->copy);
    *document = (struct document){ .blocks = NULL };
}

static bool block_failed(const struct block *block)
{
    bool failed = block->first.failed || block->second.failed;
    for (size_t i = 0; i < TITLE_FORMS; i++)
        failed = failed || block->right[i].failed;
    for (size_t i = 0; i < block->list.count; i++)
        failed = failed || !block->list.items[i].term || block->list.items[i].name.failed;
    return failed;
}

void closing_print(struct text *text, const struct closing *closing, int digits)
{
    text_printf(text, "value %s; difference quotient %s; relative error ", closing->value.bytes,
                closing->quotient.bytes);
    if (closing->tested)
        number_add(text, closing->error, digits);
    else
        text_add(text, "none");
}

/* Characters above ASCII as HTML can write them: &#x3c3; for σ. */
static void add_references(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned codepoint = 0;
        size_t size = utf8_decode(bytes + i, length - i, &codepoint);
        if (size > 1)
            text_printf(text, "&#x%x;", codepoint);
        else
            text_add_char(text, bytes[i]);
        i += size ? size : 1;
    }
}

enum nb_status document_finish(const struct document *document, struct sink *sink,
                               struct nb_error *error)
{
    bool failed = document->failed;
    for (size_t i = 0; i < document->count; i++)
        failed = failed || block_failed(&document->blocks[i]);
    if (failed)
        return error_memory(error);
    if (document->medium == FORMULA_TEXT) {
        set_text(document, sink);
        return NB_OK;
    }
    struct text text = TEXT_INIT, ascii = TEXT_INIT;
    set_built(document, &text);
    bool references = document->medium == FORMULA_MATHML && !sink->unicode;
    if (references)
        add_references(&ascii, text.bytes, text.length);
    ascii.failed = ascii.failed || text.failed;
    enum nb_status status = text_status(&ascii, error);
    if (!status)
        sink_text(sink, references ? &ascii : &text);
    text_release(&text);
    text_release(&ascii);
    return status;
}

void document_keep(struct document *document, struct nb_net *copy)
{
    document->copy = copy;
    document->notation.net = copy;
}

static void block_init(struct block *block, enum block_kind kind)
{
    *block = (struct block){ .kind = kind, .sign = "" };
    entry_list_init(&block->list);
    text_init(&block->closing.value);
    text_init(&block->closing.quotient);
}

struct block *document_add(struct document *document, enum block_kind kind)
{
    struct block *grown = array_grow(document->blocks, document->count, &document->capacity,
                                     sizeof *document->blocks);
    if (!grown) {
        if (document->failed)
            block_release(&document->spare);
        document->failed = true;
        block_init(&document->spare, kind);
        return &document->spare;
    }
    document->blocks = grown;
    block_init(&grown[document->count], kind);
    return &grown[document->count++];
}

static void take(struct phrase *to, struct phrase *from)
{
    *to = *from;
    *from = (struct phrase)PHRASE_INIT;
}

void document_title(struct document *document, struct phrase *left, struct phrase *right)
{
    struct block *block = document_add(document, BLOCK_TITLE);
    take(&block->first, left);
    take(&block->right[0], right);
}

void document_phrase(struct document *document, enum block_kind kind, struct phrase *phrase)
{
    take(&document_add(document, kind)->first, phrase);
}

static void add_words(struct document *document, enum block_kind kind, const char *words)
{
    phrase_words(&document_add(document, kind)->first, words);
}

void document_section(struct document *document, const char *title)
{
    add_words(document, BLOCK_SECTION, title);
}

void document_section_of(struct document *document, struct phrase *title)
{
    document_phrase(document, BLOCK_SECTION, title);
}

void document_sentence(struct document *document, const char *words)
{
    add_words(document, BLOCK_SENTENCE, words);
}

void document_paragraph(struct document *document, const char *words)
{
    add_words(document, BLOCK_PARAGRAPH, words);
}

void document_formula(struct document *document, struct phrase *formula)
{
    document_phrase(document, BLOCK_FORMULA, formula);
}

void document_equation(struct document *document, struct phrase *left, const char *sign,
                       struct phrase *right)
{
    struct block *block = document_add(document, BLOCK_EQUATION);
    block->indent = LAYOUT_INDENT;
    block->sign = sign;
    take(&block->first, left);
    take(&block->second, right);
}

void document_gap(struct document *document)
{
    document_add(document, BLOCK_GAP);
}

struct entry *document_entry(struct document *document, enum document_layout layout,
                             enum nb_op_kind kind)
{
    struct block *last = document->count ? &document->blocks[document->count - 1] : NULL;
    if (!last || last->kind != BLOCK_ENTRIES || last->layout != layout || last->op_kind != kind) {
        last = document_add(document, BLOCK_ENTRIES);
        last->layout = layout;
        last->op_kind = kind;
    }
    return entry_list_add(&last->list);
}

bool block_writes_yhat(const struct block *block)
{
    return block->op_kind == NB_OP_LOSS || block->op_kind == NB_OP_DELTA_DIRECT;
}

/* ---- Paths ---- */

void path_add(struct document *document, struct path *path, struct term *factor)
{
    struct term **grown =
        factor ? array_grow(path->factors, path->count, &path->capacity, sizeof *grown) : NULL;
    if (!grown) {
        document->failed = true;
        term_free(&factor);
        return;
    }
    path->factors = grown;
    path->factors[path->count++] = factor;
}

void block_add_path(struct document *document, struct block *block, struct path *path)
{
    struct path *grown = memory_resize(block->paths, block->count + 1, sizeof *grown);
    if (!grown) {
        document->failed = true;
        path_release(path);
        return;
    }
    block->paths = grown;
    block->paths[block->count++] = *path;
    *path = (struct path){ .factors = NULL };
}

double block_left_out(const struct block *block, size_t index)
{
    return block->paths[index].number - (index ? block->paths[index - 1].number : 0) - 1;
}

double path_value(const struct nb_net *net, const struct path *path)
{
    double value = 1;
    for (size_t i = 0; i < path->count; i++)
        value *= term_value(net, path->factors[i]);
    return value;
}

/* ---- Grids ---- */

bool document_grid(struct document *document, size_t rows, size_t cols, struct grid **grid)
{
    struct block *block = document_add(document, BLOCK_GRID);
    size_t count;
    if (size_multiply(rows, cols, &count))
        block->grid.cells = memory_new(count, sizeof *block->grid.cells);
    *grid = &block->grid;
    if (!block->grid.cells) {
        document->failed = true;
        return false;
    }
    block->grid.rows = rows;
    block->grid.cols = cols;
    return true;
}

void document_name_grid(struct document *document, struct phrase *name)
{
    struct block *last = document->count ? &document->blocks[document->count - 1] : NULL;
    if (last && last->kind == BLOCK_GRID)
        take(&last->first, name);
    phrase_release(name);
}

struct phrase *grid_at(struct grid *grid, size_t row, size_t col)
{
    return &grid->cells[row * grid->cols + col];
}

/* ---- The end ---- */

void document_closing(struct document *document, const char *value, const char *quotient,
                      const double *error)
{
    struct closing *closing = &document_add(document, BLOCK_CLOSING)->closing;
    text_add(&closing->value, value);
    text_add(&closing->quotient, quotient ? quotient : "none");
    closing->tested = error != NULL;
    closing->error = error ? *error : 0;
}
