/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mistakes in ∂top/∂bottom itself. */
#include <math.h>

#include "formula/search.h"

#define PLACES_MOST 64 /* other elements that are tried */

static void try_term(struct search *search, struct term *term, struct cause cause)
{
    double value = term ? sheet_evaluate(search->plain, term) : NAN;
    search_count(search, value);
    if (search->chance <= CHANCE_LIKELY && search_meets(search, 0, value))
        search_found(search, &cause, 1, false);
    term_free(&term);
}

/* f'(a) in place of f'(z) */
static void try_slope(struct search *search, const struct nb_quantity *top)
{
    const struct nb_net *net = search->subject->net;
    const struct local *local = &search->subject->local;
    struct cause cause = { MISTAKE_DERIVATIVE_AT_ACTIVATION, 0, local->top.id };
    enum nb_activation activation = nb_net_spec(net)->layer[top->layer - 1].activation;
    bool curved = activation == NB_SIGMOID || activation == NB_TANH || activation == NB_LECUN;
    if (!curved || local->bottom.id != build_before(net, top->layer))
        return;
    struct site site = {
        net, nb_plan_op(net, top->op), local->top.id, local->top.row, local->top.col, NULL
    };
    try_term(search, mistake_slope_elsewhere(&site), cause);
}

/* w[k,j] in place of w[j,k] */
static void try_transposed(struct search *search, const struct nb_quantity *top)
{
    const struct nb_net *net = search->subject->net;
    const struct local *local = &search->subject->local;
    struct cause cause = { MISTAKE_TRANSPOSED_WEIGHTS, TRANSPOSED_FORWARD, local->top.id };
    size_t row = local->top.col, col = local->bottom.col;
    if (top->kind == NB_Z && local->bottom.id == build_below(net, top->layer) &&
        row < build_units(net, top->layer - 1) && col < build_units(net, top->layer))
        try_term(search, term_element(nb_quantity_id(net, NB_W, top->layer), row, col), cause);
}

/* The same of other units: of each pair of elements that has a derivative. */
static void try_others(struct search *search)
{
    const struct nb_net *net = search->subject->net;
    struct nb_quantity top, bottom;
    struct local other = search->subject->local;
    nb_quantity_get(net, other.top.id, &top);
    nb_quantity_get(net, other.bottom.id, &bottom);
    size_t places = bottom.rows * bottom.cols;
    if (top.cols * places > PLACES_MOST)
        return;
    for (size_t i = 0; i < top.cols * places; i++) {
        struct cause cause = { MISTAKE_NEIGHBOUR, i, other.top.id };
        other.top.col = i / places;
        other.bottom.row = i % places / bottom.cols;
        other.bottom.col = i % places % bottom.cols;
        struct term *term = local_term(net, &other);
        bool none = term && term->kind == TERM_NUMBER && term->number == 0;
        try_term(search, none ? NULL : term, cause);
        if (none)
            term_free(&term);
    }
}

void locals_try(struct search *search)
{
    struct nb_quantity top;
    if (!search->local)
        return;
    nb_quantity_get(search->subject->net, search->subject->local.top.id, &top);
    if (top.kind == NB_A)
        try_slope(search, &top);
    try_transposed(search, &top);
    try_others(search);
}
