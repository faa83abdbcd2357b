/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/general.h"

#include "formula/build.h"
#include "formula/render.h"
#include "formula/words.h"

/* The indices that stand for the element in general. */
static struct site general_site(const struct nb_net *net, size_t op, size_t write)
{
    const struct nb_op *row = nb_plan_op(net, op);
    struct nb_quantity quantity;
    nb_quantity_get(net, row->writes[write], &quantity);
    bool source = row->kind == NB_OP_GRAD_A ||
                  (row->kind == NB_OP_DELTA && row->layer < nb_net_spec(net)->layers);
    struct site site = { net, row, row->writes[write], 0, source ? TERM_J : TERM_K };
    if (nb_quantity_rows()[quantity.kind].per_sample)
        site.row = TERM_I;
    if (quantity.kind == NB_W || quantity.kind == NB_DW)
        site.row = TERM_J;
    if (quantity.kind == NB_LOSS_VALUE)
        site.col = 0;
    return site;
}

static void add_here(struct text *text, const struct notation *notation, const struct site *site,
                     enum nb_quantity_kind kind)
{
    symbol_element(text, notation, nb_quantity_id(site->net, kind, site->op->layer), site->row,
                   site->col);
}

static void add_term(struct text *text, const struct notation *notation, struct term *term,
                     bool collapse)
{
    struct render render = { notation, RENDER_SYMBOLS, collapse };
    if (term)
        render_term(text, &render, term);
    term_free(&term);
}

/* ŷₖ = a²ₖ = σ(z²ₖ) */
static void add_activation(struct text *text, const struct notation *notation,
                           const struct site *site, bool collapse, bool in_full)
{
    if (site->op->layer == nb_net_spec(site->net)->layers) {
        struct notation output = *notation;
        output.yhat = true;
        add_here(text, &output, site, NB_A);
        text_add(text, " = ");
    }
    add_here(text, notation, site, NB_A);
    text_add(text, " = ");
    add_term(text, notation, build_term(site), collapse);
    struct term *full = in_full ? build_activation_in_full(site) : NULL;
    if (full)
        text_add(text, " = ");
    add_term(text, notation, full, collapse);
}

/* δ¹ⱼ = ∂L/∂a¹ⱼ · σ'(z¹ⱼ) */
static void add_delta(struct text *text, const struct notation *notation, const struct site *site,
                      bool named)
{
    const struct activation_words *words = words_of_activation(site->net, site->op->layer);
    bool linear = nb_net_spec(site->net)->layer[site->op->layer - 1].activation == NB_LINEAR;
    add_here(text, notation, site, NB_DELTA);
    text_add(text, " = ");
    if (named) {
        symbol_words(text, notation->unicode, "∂L/");
        symbol_words(text, notation->unicode, "∂");
        add_here(text, notation, site, NB_Z);
        text_add(text, " = ");
    }
    add_here(text, notation, site, NB_DA);
    if (linear)
        return;
    symbol_words(text, notation->unicode, " · ");
    symbol_words(text, notation->unicode, words->sign);
    text_add(text, "'(");
    add_here(text, notation, site, NB_Z);
    text_add(text, ")");
}

static void add_update(struct text *text, const struct notation *notation, size_t op)
{
    for (size_t i = 0; i < nb_plan_op(notation->net, op)->nwrites; i++) {
        struct site site = general_site(notation->net, op, i);
        if (nb_frozen(notation->net, site.id))
            continue;
        if (text->length)
            text_add(text, "     ");
        symbol_element(text, notation, site.id, site.row, site.col);
        symbol_words(text, notation->unicode, " ← ");
        add_term(text, notation, build_term(&site), false);
    }
}

static void add_general(struct text *text, const struct notation *notation, size_t op,
                        bool collapse, bool in_full)
{
    struct site site = general_site(notation->net, op, 0);
    switch (site.op->kind) {
    case NB_OP_ACTIVATION:
        add_activation(text, notation, &site, collapse, in_full);
        return;
    case NB_OP_DELTA:
        add_delta(text, notation, &site, collapse);
        return;
    case NB_OP_UPDATE:
        add_update(text, notation, op);
        return;
    default:
        symbol_element(text, notation, site.id, site.row, site.col);
        text_add(text, " = ");
        add_term(text, notation, build_term(&site), collapse);
        return;
    }
}

void general_full(struct text *text, const struct notation *notation, size_t op)
{
    add_general(text, notation, op, true, false);
}

void general_compact(struct text *text, const struct notation *notation, size_t op, size_t columns)
{
    const struct {
        bool collapse, in_full;
    } forms[] = { { false, true }, { true, true }, { true, false } };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        text_clear(text);
        add_general(text, notation, op, forms[i].collapse, forms[i].in_full);
        if (symbol_width(text) <= columns)
            return;
    }
}

static void aside_of_delta(struct text *text, const struct notation *notation, size_t layer)
{
    const char *slope = words_of_activation(notation->net, layer)->slope;
    if (slope)
        symbol_words(text, notation->unicode, slope);
}

static void aside_of_direct(struct text *text, const struct notation *notation)
{
    bool softmax =
        words_of_activation(notation->net, nb_net_spec(notation->net)->layers)->slope == NULL;
    symbol_words(text, notation->unicode,
                 softmax ? "the derivatives of softmax and logarithm cancel"
                         : "ŷ·(1 − ŷ), the derivative of σ, cancels");
}

void general_aside(struct text *text, const struct notation *notation, size_t op)
{
    struct site site = general_site(notation->net, op, 0);
    size_t layer = site.op->layer;
    const char *definition;
    switch (site.op->kind) {
    case NB_OP_ACTIVATION:
        definition = words_of_activation(notation->net, layer)->definition;
        symbol_words(text, notation->unicode, definition ? definition : "");
        break;
    case NB_OP_DELTA:
        aside_of_delta(text, notation, layer);
        break;
    case NB_OP_DELTA_DIRECT:
        aside_of_direct(text, notation);
        break;
    case NB_OP_GRAD_A: {
        struct notation one = *notation;
        struct formula_style style = *notation->style;
        style.batch = false;
        one.style = &style;
        text_add(text, "one term for each unit that ");
        symbol_element(text, &one, nb_quantity_id(site.net, NB_A, layer - 1), 0, TERM_J);
        text_add(text, " feeds");
        break;
    }
    case NB_OP_GRAD_W:
    case NB_OP_GRAD_B:
        if (build_rows(notation->net) > 1)
            text_add(text, "one term for each sample");
        break;
    case NB_OP_UPDATE:
        symbol_words(text, notation->unicode, "η = ");
        symbol_number(text, notation, nb_net_lr(notation->net));
        break;
    default:
        break;
    }
}
