/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paths of a chain in media that build formulas up. */
#include "formula/build.h"
#include "formula/linear.h"
#include "formula/setbuilt.h"
#include "formula/words.h"

/* ---- The drawing ---- */

static void add_element(struct text *text, const struct notation *notation, struct element element)
{
    symbol_element(text, notation, element.id, element.row, element.col);
}

/* What a link carries on its arrow: a weight, the activation, nothing. */
static void add_label(struct text *text, const struct notation *notation, const struct link *link)
{
    struct nb_quantity from, to;
    nb_quantity_get(notation->net, link->from.id, &from);
    nb_quantity_get(notation->net, link->to.id, &to);
    if (from.kind == NB_W)
        add_element(text, notation, link->from);
    else if ((from.kind == NB_Z || from.kind == NB_U) && to.kind == NB_A)
        linear_add(text, notation, words_of_activation(notation->net, to.layer)->sign);
    else if ((from.kind == NB_A || from.kind == NB_H) && to.kind == NB_Z)
        symbol_element(text, notation, nb_quantity_id(notation->net, NB_W, to.layer),
                       link->from.col, link->to.col);
}

static void add_arrow(struct text *text, const struct notation *notation, const struct link *link)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    text_add(text, medium->structures[STRUCTURE_ARROW][EDGE_OPEN]);
    add_label(text, notation, link);
    text_add(text, medium->structures[STRUCTURE_ARROW][EDGE_CLOSE]);
}

/* Arrows, and what they point at; the last `open` points at what is written later. */
static void add_links(struct text *text, const struct notation *notation, const struct links *links,
                      bool open)
{
    for (size_t i = 0; i < links->count; i++) {
        add_arrow(text, notation, &links->items[i]);
        if (!open || i + 1 < links->count)
            add_element(text, notation, links->items[i].to);
    }
}

static void add_start(struct text *text, const struct notation *notation, const struct chain *chain)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, chain->start.id, &quantity);
    if (quantity.kind == NB_W)
        symbol_element(text, notation, build_below(notation->net, quantity.layer), 0,
                       chain->start.row);
    else
        add_element(text, notation, chain->start);
}

void built_diagram(struct display *display, const struct chain *chain,
                   const struct notation *notation)
{
    const struct medium *medium = medium_of(notation->style->medium, true);
    const char *const *cases = medium->structures[STRUCTURE_CASES];
    struct text text = TEXT_INIT;
    add_start(&text, notation, chain);
    add_links(&text, notation, &chain->stem, false);
    for (size_t i = 0; i < chain->branches; i++) {
        text_add(&text, cases[i ? EDGE_BETWEEN : EDGE_OPEN]);
        add_links(&text, notation, &chain->branch[i], true);
    }
    if (chain->branches) {
        const struct links *last = &chain->branch[0];
        text_add(&text, cases[EDGE_CLOSE]);
        medium->say(&text, " → ");
        add_element(&text, notation, last->items[last->count - 1].to);
        add_links(&text, notation, &chain->tail, false);
    }
    display_add_math(display, text.bytes, false);
    text_release(&text);
}

/* ---- The rule ---- */

static void add_fractions(struct phrase *phrase, const struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        if (i)
            phrase_formula(phrase, "·");
        phrase_partial(phrase, links->items[i].to, links->items[i].from);
    }
}

static void add_branches(struct phrase *phrase, const struct chain *chain)
{
    phrase_bracket(phrase, '(', false);
    for (size_t i = 0; i < chain->branches; i++) {
        if (i)
            phrase_formula(phrase, " + ");
        add_fractions(phrase, &chain->branch[i]);
    }
    phrase_bracket(phrase, ')', true);
}

void built_rule(struct display *display, const struct chain *chain, const struct notation *notation)
{
    struct element loss = { nb_quantity_id(notation->net, NB_LOSS_VALUE, 0), 0, 0 };
    struct phrase phrase = PHRASE_INIT;
    phrase_partial(&phrase, loss, chain->start);
    phrase_formula(&phrase, " = ");
    add_fractions(&phrase, &chain->stem);
    if (chain->branches) {
        if (chain->stem.count)
            phrase_formula(&phrase, "·");
        add_branches(&phrase, chain);
        if (chain->tail.count)
            phrase_formula(&phrase, "·");
        add_fractions(&phrase, &chain->tail);
    }
    display_add(display, &phrase, false);
}
