/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of an operation: its heading, its formula, and its elements with
 * numbers put in. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "formula/build.h"
#include "formula/entry.h"
#include "formula/general.h"
#include "formula/layout.h"
#include "formula/words.h"

#define LINES_MOST  12 /* elements of a line each; of more, the first SHOWN_FIRST and the last */
#define BLOCKS_MOST 8  /* likewise, of several lines each */
#define SHOWN_FIRST 3

struct formula_page {
    size_t op, units;
    struct before *before; /* of an operation in place; else NULL */
};

/* One printing of a page. */
struct printing {
    const struct formula_page *page;
    const struct nb_op *op;
    struct notation notation;
    struct sink *sink;
    bool full;
    bool spaced; /* a blank line was the last */
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

static struct printing printing_of(const struct formula_page *page, const struct nb_net *net,
                                   bool full, const struct formula_style *style, struct sink *sink)
{
    const struct nb_op *op = nb_plan_op(net, page->op);
    bool yhat = op->kind == NB_OP_LOSS || op->kind == NB_OP_DELTA_DIRECT;
    return (struct printing){ page, op, { net, style, sink->unicode, yhat }, sink, full, true };
}

/* ---- Heading ---- */

static size_t number_width(size_t number)
{
    return number < 10 ? 1 : 1 + number_width(number / 10);
}

/* " 1/15  z1   weighted sum, layer 1                            forward" */
static void print_full_head(const struct printing *printing, const char *right)
{
    const struct nb_net *net = printing->notation.net;
    struct text left = TEXT_INIT, words = TEXT_INIT;
    size_t length = nb_plan_length(net), width = number_width(length);
    text_printf(&left, "%*zu/%zu  ", (int)(width > 2 ? width : 2), printing->page->op + 1, length);
    words_op_name(&left, net, printing->page->op);
    size_t titled = left.length;
    text_add(&left, "   ");
    words_op_summary(&words, net, printing->page->op, printing->notation.style);
    symbol_words(&left, printing->notation.unicode, words.bytes);
    layout_head(printing->sink, &left, titled, right);
    text_release(&left);
    text_release(&words);
}

/* "  z1   weighted sum, layer 1          z¹ₖ = x₁·w¹₁ₖ + x₂·w¹₂ₖ + b¹ₖ" */
static void print_compact_head(const struct printing *printing)
{
    const struct nb_net *net = printing->notation.net;
    struct text left = TEXT_INIT, words = TEXT_INIT, formula = TEXT_INIT;
    words_op_name(&words, net, printing->page->op);
    text_printf(&left, "%4s", words.bytes);
    size_t titled = left.length;
    text_add(&left, left.length < LAYOUT_INDENT ? " " : "   ");
    text_pad(&left, LAYOUT_INDENT);
    text_clear(&words);
    words_op_summary(&words, net, printing->page->op, printing->notation.style);
    symbol_words(&left, printing->notation.unicode, words.bytes);
    size_t taken = symbol_width(&left), columns = layout_columns(printing->sink);
    general_compact(&formula, &printing->notation, printing->page->op,
                    columns > taken + 2 ? columns - taken - 2 : 0);
    bool several = strchr(formula.bytes, '\n') != NULL;
    layout_head(printing->sink, &left, titled, several ? "" : formula.bytes);
    if (several) {
        sink_puts(printing->sink, "\n");
        general_print(printing->sink, &formula);
    }
    text_release(&left);
    text_release(&words);
    text_release(&formula);
}

static void print_general(const struct printing *printing)
{
    struct text line = TEXT_INIT, aside = TEXT_INIT;
    general_full(&line, &printing->notation, printing->page->op);
    general_aside(&aside, &printing->notation, printing->page->op);
    size_t columns = layout_columns(printing->sink);
    if (aside.length && !strchr(line.bytes, '\n') && !strchr(aside.bytes, '\n') &&
        LAYOUT_INDENT + symbol_width(&line) + 10 + symbol_width(&aside) <= columns) {
        text_add(&line, "          ");
        text_add(&line, aside.bytes);
        text_clear(&aside);
    }
    general_print(printing->sink, &line);
    if (aside.length)
        general_print(printing->sink, &aside);
    sink_puts(printing->sink, "\n");
    text_release(&line);
    text_release(&aside);
}

/* ---- Elements ---- */

static size_t shown_most(const struct printing *printing)
{
    return printing->full && !entry_is_short(printing->op->kind) ? BLOCKS_MOST : LINES_MOST;
}

static void print_blank(struct printing *printing)
{
    if (!printing->spaced)
        sink_puts(printing->sink, "\n");
    printing->spaced = true;
}

static void print_entries(struct printing *printing, struct entry_list *list)
{
    enum nb_op_kind kind = printing->op->kind;
    printing->spaced = false;
    if (printing->full)
        printing->spaced = entry_list_print_full(list, &printing->notation, kind, printing->sink);
    else
        entry_list_print_compact(list, &printing->notation, kind, printing->sink);
    entry_list_release(list);
}

static void print_elided(struct printing *printing, size_t count, const char *name)
{
    struct text line = TEXT_INIT;
    text_repeat(&line, " ", LAYOUT_INDENT);
    symbol_words(&line, printing->notation.unicode, "… ");
    text_printf(&line, "%zu more", count);
    if (name)
        text_printf(&line, "; print %s shows all", name);
    text_add_char(&line, '\n');
    sink_text(printing->sink, &line);
    if (printing->spaced)
        sink_puts(printing->sink, "\n");
    text_release(&line);
}

static void add_element(const struct printing *printing, struct entry_list *list, size_t write,
                        size_t row, size_t col)
{
    const struct nb_net *net = printing->notation.net;
    struct site site = { net, printing->op, printing->op->writes[write],
                         row, col,          printing->page->before };
    struct entry *entry = entry_list_add(list);
    symbol_element(&entry->name, &printing->notation, site.id, row, col);
    entry->term = build_term(&site);
    if (printing->op->kind == NB_OP_ACTIVATION)
        entry->in_full = build_activation_in_full(&site);
    entry->result = nb_value(net, site.id, row, col);
}

/* The elements of one write, in order: all of a few, else the first and the
 * last.  `column` NB_NOWHERE, or the only column to show. */
static void print_write(struct printing *printing, size_t write, size_t column)
{
    struct nb_quantity quantity;
    nb_quantity_get(printing->notation.net, printing->op->writes[write], &quantity);
    bool all = column == NB_NOWHERE;
    size_t count = all ? quantity.rows * quantity.cols : quantity.rows;
    bool elide = count > shown_most(printing);
    struct entry_list list;
    entry_list_init(&list);
    for (size_t i = 0; i < count; i++) {
        if (elide && i == SHOWN_FIRST) {
            print_entries(printing, &list);
            print_elided(printing, count - SHOWN_FIRST - 1, quantity.name);
            i = count - 1;
        }
        add_element(printing, &list, write, all ? i / quantity.cols : i,
                    all ? i % quantity.cols : column);
    }
    print_entries(printing, &list);
}

static void print_frozen(struct printing *printing, const char *name)
{
    sink_printf(printing->sink, "%*s%s is frozen and stays as it is\n", LAYOUT_INDENT, "", name);
    printing->spaced = false;
}

/* The samples of a batch, then their mean. */
static void print_batch_loss(struct printing *printing)
{
    const struct nb_net *net = printing->notation.net;
    size_t rows = build_rows(net);
    struct entry_list list;
    entry_list_init(&list);
    for (size_t i = 0; i < rows; i++) {
        if (rows > shown_most(printing) && i == SHOWN_FIRST) {
            print_entries(printing, &list);
            print_elided(printing, rows - SHOWN_FIRST - 1, NULL);
            i = rows - 1;
        }
        struct entry *entry = entry_list_add(&list);
        text_add_char(&entry->name, 'L');
        symbol_sample(&entry->name, &printing->notation, i);
        entry->term = build_sample_loss(net, i);
        entry->result = entry->term ? term_value(net, entry->term) : 0;
    }
    struct entry *mean = entry_list_add(&list);
    struct site site = { net, printing->op, printing->op->writes[0], 0, 0, NULL };
    text_add_char(&mean->name, 'L');
    mean->term = build_term(&site);
    mean->result = nb_value(net, site.id, 0, 0);
    mean->last_round = true;
    print_entries(printing, &list);
}

/* A write that stays as it is (of a frozen parameter, which is said once) or
 * that needs no line of its own. */
static bool passes_over(struct printing *printing, size_t write)
{
    const struct nb_net *net = printing->notation.net;
    struct nb_quantity quantity;
    nb_quantity_get(net, printing->op->writes[write], &quantity);
    if (printing->op->kind != NB_OP_UPDATE)
        return quantity.kind == NB_MASK;
    size_t parameter = printing->op->reads[write % (printing->op->nreads / 2)];
    if (nb_frozen(net, parameter) && parameter == printing->op->writes[write])
        print_frozen(printing, quantity.name);
    return nb_frozen(net, parameter);
}

/* "‖g‖ = 0.53 is more than clip = 0.1: every gradient times 0.188679" */
static void print_clip(struct printing *printing)
{
    const struct notation *notation = &printing->notation;
    const struct before *before = printing->page->before;
    struct site site = { notation->net, printing->op, printing->op->writes[0], 0, 0, before };
    struct text line = TEXT_INIT;
    if (printing->op->kind != NB_OP_CLIP)
        return;
    double factor = build_clip_factor(&site);
    symbol_words(&line, notation->unicode, "‖g‖ = ");
    symbol_number(&line, notation, before->norm);
    text_add(&line, factor < 1 ? " is more than clip = " : " is within clip = ");
    symbol_number(&line, notation, before->learning.clip);
    text_add(&line, factor < 1 ? ": every gradient times " : ": nothing changes");
    if (factor < 1)
        symbol_number(&line, notation, factor);
    layout_equation(printing->sink, LAYOUT_INDENT, "", "", line.bytes);
    printing->spaced = false;
    if (factor < 1)
        print_blank(printing);
    text_release(&line);
}

/* Gradients that were short enough are not printed again. */
static bool is_unclipped(struct printing *printing)
{
    struct site site = { printing->notation.net, printing->op, printing->op->writes[0], 0, 0,
                         printing->page->before };
    return printing->op->kind == NB_OP_CLIP && build_clip_factor(&site) >= 1;
}

static void print_body(struct printing *printing, size_t column)
{
    if (printing->op->kind == NB_OP_LOSS && build_rows(printing->notation.net) > 1) {
        print_batch_loss(printing);
        return;
    }
    print_clip(printing);
    for (size_t i = 0; i < printing->op->nwrites && !is_unclipped(printing); i++) {
        size_t write = build_order(printing->op, i);
        if (i && printing->full)
            print_blank(printing);
        if (!passes_over(printing, write))
            print_write(printing, write, column);
    }
}

void formula_page_print(const struct formula_page *page, const struct nb_net *net, bool full,
                        const struct formula_style *style, struct sink *sink)
{
    struct printing printing = printing_of(page, net, full, style, sink);
    if (full)
        print_full_head(&printing, words_of_phase[printing.op->phase]);
    else
        print_compact_head(&printing);
    sink_puts(sink, "\n");
    if (full)
        print_general(&printing);
    print_body(&printing, NB_NOWHERE);
    print_blank(&printing);
}

/* ---- Units ---- */

size_t formula_page_units(const struct formula_page *page)
{
    return page->units;
}

/* One element of all that the operation writes. */
static void print_elements_of(struct printing *printing, size_t row, size_t col)
{
    struct entry_list list;
    entry_list_init(&list);
    for (size_t i = 0; i < printing->op->nwrites; i++)
        if (!passes_over(printing, i))
            add_element(printing, &list, i, row, col);
    print_entries(printing, &list);
}

void formula_page_print_unit(const struct formula_page *page, const struct nb_net *net, size_t unit,
                             const struct formula_style *style, struct sink *sink)
{
    struct printing printing = printing_of(page, net, true, style, sink);
    struct nb_quantity quantity;
    struct text which = TEXT_INIT;
    text_printf(&which, "unit %zu of %zu", unit + 1, page->units);
    print_full_head(&printing, which.bytes);
    sink_puts(sink, "\n");
    if (unit == 0)
        print_general(&printing);
    if (printing.op->kind == NB_OP_CLIP)
        print_body(&printing, NB_NOWHERE);
    else if (page->units > 0 && is_per_sample(net, printing.op->writes[0], &quantity) &&
             printing.op->kind != NB_OP_BATCHNORM_GRAD)
        print_elements_of(&printing, unit / quantity.cols, unit % quantity.cols);
    else
        print_body(&printing, unit);
    print_blank(&printing);
    text_release(&which);
}
