/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/derive.h"

#include "formula/build.h"

#define DELTAS_MOST  8 /* of all layers above; else only the layer's own */
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
    struct term *kept = mask != NB_NOWHERE ? term_element(mask, element.row, element.col) : NULL;
    if (nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR)
        return kept ? term_product(back, kept) : back;
    struct term *slope = build_slope(net, layer, element.row, element.col);
    return kept ? term_product3(back, kept, slope) : term_product(back, slope);
}

void derive_add(struct document *document, struct element element)
{
    const struct notation *notation = &document->notation;
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, element.id, &quantity);
    struct entry *entry = document_entry(document, DOCUMENT_DERIVED, NB_OP_AFFINE);
    bool delta = element.id == build_before_slope(notation->net, quantity.layer);
    phrase_element(&entry->name, element);
    entry->term =
        delta ? delta_in_one(notation, element, quantity.layer) : built(notation, element);
    if (entry->term)
        entry->term->shape &= ~(unsigned)TERM_WIDE;
    entry->result = nb_value(notation->net, element.id, element.row, element.col);
}

/* Deltas above `layer` in all, for one sample. */
static size_t deltas_above(const struct notation *notation, size_t layer)
{
    size_t count = 0;
    for (size_t l = layer + 1; l <= layers_of(notation); l++)
        count += build_units(notation->net, l);
    return count;
}

static void add_layer(struct document *document, size_t layer, size_t sample)
{
    const struct notation *notation = &document->notation;
    for (size_t k = 0; k < build_units(notation->net, layer); k++)
        derive_add(document, (struct element){ find(notation, NB_DELTA, layer), sample, k });
}

/* How many samples have lines of their own: of a sum over the batch the first. */
static size_t samples_of(const struct notation *notation, const struct nb_quantity *quantity)
{
    size_t rows = build_rows(notation->net);
    bool one = nb_quantity_rows()[quantity->kind].per_sample;
    return one ? 1 : rows < SAMPLES_MOST ? rows : SAMPLES_MOST;
}

/* What comes back to a unit, for the samples that are shown. */
static void add_samples(struct document *document, size_t id, size_t first, size_t count,
                        size_t col)
{
    for (size_t i = first; i < first + count; i++)
        derive_add(document, (struct element){ id, i, col });
}

/* The lines that a dw, db or delta behind batch norm is made of, or a dgamma or dbeta. */
static void add_batchnorm(struct document *document, const struct nb_quantity *quantity,
                          size_t first, size_t count, size_t col)
{
    const struct notation *notation = &document->notation;
    size_t layer = quantity->layer;
    bool sums = quantity->kind == NB_DGAMMA || quantity->kind == NB_DBETA;
    add_samples(document, find(notation, NB_DU, layer), first, count, col);
    if (sums)
        return;
    derive_add(document, (struct element){ find(notation, NB_DBETA, layer), 0, col });
    derive_add(document, (struct element){ find(notation, NB_DGAMMA, layer), 0, col });
}

/* The lines before that of the element itself. */
static void add_lines(struct document *document, const struct nb_quantity *quantity,
                      struct element element)
{
    const struct notation *notation = &document->notation;
    size_t layer = quantity->layer, count = samples_of(notation, quantity);
    bool one = nb_quantity_rows()[quantity->kind].per_sample;
    bool batchnorm = find(notation, NB_DU, layer) != NB_NOWHERE;
    bool of_z = quantity->kind == NB_DW || quantity->kind == NB_DB;
    bool sums = quantity->kind == NB_DGAMMA || quantity->kind == NB_DBETA;
    size_t first = one ? element.row : 0, dh = find(notation, NB_DH, layer);
    if (deltas_above(notation, layer) <= DELTAS_MOST && build_rows(notation->net) == 1)
        for (size_t l = layers_of(notation); l > layer; l--)
            add_layer(document, l, first);
    if (batchnorm && (of_z || sums || quantity->kind == NB_DELTA))
        add_batchnorm(document, quantity, first, count, element.col);
    if (of_z)
        add_samples(document, find(notation, NB_DELTA, layer), first, count, element.col);
    if (quantity->kind == NB_DA && dh != NB_NOWHERE)
        derive_add(document, (struct element){ dh, element.row, element.col });
}

void derive_element(struct document *document, struct element element)
{
    const struct nb_net *net = document->notation.net;
    struct nb_quantity quantity;
    nb_quantity_get(net, element.id, &quantity);
    size_t rows = nb_quantity_rows()[quantity.kind].per_sample ? 1 : build_rows(net);
    add_lines(document, &quantity, element);
    derive_add(document, element);
    if (rows > SAMPLES_MOST) {
        struct phrase more = PHRASE_INIT;
        document_gap(document);
        phrase_printf(&more, "… and in the same way for %zu more sample%s", rows - SAMPLES_MOST,
                      rows - SAMPLES_MOST == 1 ? "" : "s");
        document_phrase(document, BLOCK_NOTE, &more);
    }
}
