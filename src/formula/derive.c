/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/derive.h"

#include <string.h>

#include "formula/build.h"
#include "formula/render.h"

#define ALL_FOLDED   1000 /* higher than any term */
#define DELTAS_MOST  8    /* of all layers above; else only the layer's own */
#define SAMPLES_MOST 3

static size_t find(const struct notation *notation, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(notation->net, kind, layer);
}

static size_t layers_of(const struct notation *notation)
{
    return nb_net_spec(notation->net)->layers;
}

static struct term *built(const struct notation *notation, struct element element)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, element.id, &quantity);
    struct site site = { notation->net, nb_plan_op(notation->net, quantity.op),
                         element.id,    element.row,
                         element.col,   NULL };
    return build_term(&site);
}

/* δ with what da is put in for it. */
static struct term *delta_in_one(const struct notation *notation, struct element element,
                                 size_t layer)
{
    const struct nb_net *net = notation->net;
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    if (nb_plan_op(net, quantity.op)->kind != NB_OP_DELTA)
        return built(notation, element);
    struct element output = { build_output_slope(net, layer), element.row, element.col };
    struct term *back = built(notation, output);
    size_t mask = find(notation, NB_MASK, layer);
    if (mask != NB_NOWHERE)
        back = term_product(back, term_element(mask, element.row, element.col));
    if (nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR)
        return back;
    return term_shaped(term_product(back, build_slope(net, layer, element.row, element.col)),
                       TERM_WIDE);
}

/* Factors worked out, but a sum of products left to see. */
static void render_numbers(struct text *text, const struct notation *notation,
                           const struct term *term)
{
    struct render open = { notation, 0, false }, closed = { notation, ALL_FOLDED, false };
    if (term->kind != TERM_PRODUCT) {
        render_term(text, &open, term);
        return;
    }
    for (size_t i = 0; i < term->children; i++) {
        const struct term *child = term->child[i];
        if (i)
            symbol_words(text, notation->unicode, " · ");
        render_factor(text, child->kind == TERM_SERIES ? &open : &closed, child);
    }
}

void derive_add(struct layout_table *table, const struct notation *notation, struct element element)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, element.id, &quantity);
    struct layout_row *row = layout_table_add(table);
    bool delta = element.id == build_before_slope(notation->net, quantity.layer);
    struct term *term =
        delta ? delta_in_one(notation, element, quantity.layer) : built(notation, element);
    if (!term)
        return;
    struct render symbols = { notation, RENDER_SYMBOLS, false };
    symbol_element(&row->cell[DERIVE_NAME], notation, element.id, element.row, element.col);
    term->shape &= ~(unsigned)TERM_WIDE;
    render_term(&row->cell[DERIVE_SYMBOLS], &symbols, term);
    render_numbers(&row->cell[DERIVE_NUMBERS], notation, term);
    symbol_number(&row->cell[DERIVE_RESULT], notation,
                  nb_value(notation->net, element.id, element.row, element.col));
    if (strcmp(row->cell[DERIVE_NUMBERS].bytes, row->cell[DERIVE_RESULT].bytes) == 0)
        text_clear(&row->cell[DERIVE_NUMBERS]);
    term_free(&term);
}

static void print_lines(struct text *line, const char *words, size_t margin, struct sink *sink)
{
    for (const char *rest = words;;) {
        size_t part = layout_break(rest, layout_columns(sink) - margin);
        text_add_part(line, rest, part);
        rest += part;
        if (!*rest)
            return;
        text_add_char(line, '\n');
        sink_text(sink, line);
        text_clear(line);
        rest += *rest == ' ';
        text_pad(line, margin);
    }
}

static void print_row(const struct layout_row *row, size_t margin, size_t column, struct sink *sink)
{
    struct text line = TEXT_INIT;
    text_pad(&line, LAYOUT_INDENT);
    text_add(&line, row->cell[DERIVE_NAME].bytes);
    text_pad(&line, margin);
    text_add(&line, "= ");
    print_lines(&line, row->cell[DERIVE_SYMBOLS].bytes, margin + 2, sink);
    if (row->cell[DERIVE_NUMBERS].length) {
        text_add_char(&line, '\n');
        sink_text(sink, &line);
        text_clear(&line);
        text_pad(&line, margin);
        text_add(&line, "= ");
        print_lines(&line, row->cell[DERIVE_NUMBERS].bytes, margin + 2, sink);
    }
    layout_result(sink, &line, column, row->cell[DERIVE_RESULT].bytes);
    text_release(&line);
}

void derive_print_table(const struct layout_table *table, const struct notation *notation,
                        struct sink *sink)
{
    size_t margin = LAYOUT_INDENT + layout_table_width(table, DERIVE_NAME) + 1;
    size_t most = layout_result_column(sink, notation->style->digits);
    size_t wide = layout_table_width(table, DERIVE_NUMBERS), column = margin + 2 + wide + 1;
    for (size_t i = 0; i < table->count; i++) {
        const struct text *symbols = &table->rows[i].cell[DERIVE_SYMBOLS];
        bool alone = !table->rows[i].cell[DERIVE_NUMBERS].length;
        if (alone && margin + 3 + symbol_width(symbols) > column)
            column = margin + 3 + symbol_width(symbols);
    }
    column = column < most ? column : most;
    for (size_t i = 0; i < table->count; i++)
        print_row(&table->rows[i], margin, column, sink);
}

/* Deltas above `layer` in all, for one sample. */
static size_t deltas_above(const struct notation *notation, size_t layer)
{
    size_t count = 0;
    for (size_t l = layer + 1; l <= layers_of(notation); l++)
        count += build_units(notation->net, l);
    return count;
}

static void add_layer(struct layout_table *table, const struct notation *notation, size_t layer,
                      size_t sample)
{
    for (size_t k = 0; k < build_units(notation->net, layer); k++)
        derive_add(table, notation, (struct element){ find(notation, NB_DELTA, layer), sample, k });
}

/* How many samples have lines of their own: of a sum over the batch the first. */
static size_t samples_of(const struct notation *notation, const struct nb_quantity *quantity)
{
    size_t rows = build_rows(notation->net);
    bool one = nb_quantity_rows()[quantity->kind].per_sample;
    return one ? 1 : rows < SAMPLES_MOST ? rows : SAMPLES_MOST;
}

/* What comes back to a unit, for the samples that are shown. */
static void add_samples(struct layout_table *table, const struct notation *notation, size_t id,
                        size_t first, size_t count, size_t col)
{
    for (size_t i = first; i < first + count; i++)
        derive_add(table, notation, (struct element){ id, i, col });
}

/* The lines that a dw, db or delta behind batch norm is made of, or a dgamma or dbeta. */
static void add_batchnorm(struct layout_table *table, const struct notation *notation,
                          const struct nb_quantity *quantity, size_t first, size_t count,
                          size_t col)
{
    size_t layer = quantity->layer;
    bool sums = quantity->kind == NB_DGAMMA || quantity->kind == NB_DBETA;
    add_samples(table, notation, find(notation, NB_DU, layer), first, count, col);
    if (sums)
        return;
    derive_add(table, notation, (struct element){ find(notation, NB_DBETA, layer), 0, col });
    derive_add(table, notation, (struct element){ find(notation, NB_DGAMMA, layer), 0, col });
}

/* The lines before that of the element itself. */
static void add_lines(struct layout_table *table, const struct notation *notation,
                      const struct nb_quantity *quantity, struct element element)
{
    size_t layer = quantity->layer, count = samples_of(notation, quantity);
    bool one = nb_quantity_rows()[quantity->kind].per_sample;
    bool batchnorm = find(notation, NB_DU, layer) != NB_NOWHERE;
    bool of_z = quantity->kind == NB_DW || quantity->kind == NB_DB;
    bool sums = quantity->kind == NB_DGAMMA || quantity->kind == NB_DBETA;
    size_t first = one ? element.row : 0, dh = find(notation, NB_DH, layer);
    if (deltas_above(notation, layer) <= DELTAS_MOST && build_rows(notation->net) == 1)
        for (size_t l = layers_of(notation); l > layer; l--)
            add_layer(table, notation, l, first);
    if (batchnorm && (of_z || sums || quantity->kind == NB_DELTA))
        add_batchnorm(table, notation, quantity, first, count, element.col);
    if (of_z)
        add_samples(table, notation, find(notation, NB_DELTA, layer), first, count, element.col);
    if (quantity->kind == NB_DA && dh != NB_NOWHERE)
        derive_add(table, notation, (struct element){ dh, element.row, element.col });
}

void derive_print(const struct notation *notation, struct element element, struct sink *sink)
{
    struct nb_quantity quantity;
    struct layout_table table;
    nb_quantity_get(notation->net, element.id, &quantity);
    layout_table_init(&table);
    size_t rows = nb_quantity_rows()[quantity.kind].per_sample ? 1 : build_rows(notation->net);
    add_lines(&table, notation, &quantity, element);
    derive_add(&table, notation, element);
    derive_print_table(&table, notation, sink);
    if (rows > SAMPLES_MOST) {
        struct text line = TEXT_INIT;
        symbol_words(&line, notation->unicode, "… ");
        sink_printf(sink, "\n%*s%sand in the same way for %zu more sample%s\n", LAYOUT_INDENT, "",
                    line.bytes, rows - SAMPLES_MOST, rows - SAMPLES_MOST == 1 ? "" : "s");
        text_release(&line);
    }
    layout_table_release(&table);
}
