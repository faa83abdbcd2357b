/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/general.h"

#include <string.h>

#include "formula/build.h"
#include "formula/layout.h"
#include "formula/render.h"
#include "formula/words.h"

/* Derivatives of a hidden layer are by what its units hand on: unit j. */
static bool is_of_source(const struct nb_net *net, const struct nb_op *op)
{
    bool hidden = op->layer < nb_net_spec(net)->layers;
    return op->kind == NB_OP_GRAD_A ||
           (hidden && (op->kind == NB_OP_DELTA || op->kind == NB_OP_DROPOUT_GRAD ||
                       op->kind == NB_OP_BATCHNORM_GRAD));
}

/* The indices that stand for the element in general. */
static struct site general_site(const struct nb_net *net, size_t op, size_t id)
{
    const struct nb_op *row = nb_plan_op(net, op);
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    struct site site = { net, row, id, 0, is_of_source(net, row) ? TERM_J : TERM_K, NULL };
    if (nb_quantity_rows()[quantity.kind].per_sample)
        site.row = TERM_I;
    if (symbol_is_matrix(quantity.kind))
        site.row = TERM_J;
    if (quantity.kind == NB_LOSS_VALUE || quantity.kind == NB_PENALTY)
        site.col = 0;
    return site;
}

static void add_site(struct text *text, const struct notation *notation, size_t id,
                     const struct site *site)
{
    symbol_element(text, notation, id, site->row, site->col);
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
    add_site(text, notation, site->id, site);
    text_add(text, " = ");
    if (named && site->id == nb_quantity_id(site->net, NB_DELTA, site->op->layer)) {
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
    add_site(text, notation, build_before(site->net, site->op->layer), site);
    text_add(text, ")");
}

/* "w¹ⱼₖ ← w¹ⱼₖ − η·∂L/∂w¹ⱼₖ" */
static void add_write(struct text *text, const struct notation *notation, const struct site *site,
                      bool collapse)
{
    bool in_place = build_is_in_place(site->op->kind);
    add_site(text, notation, site->id, site);
    symbol_words(text, notation->unicode, in_place ? " ← " : " = ");
    add_term(text, notation, build_term(site), collapse);
}

/* Is the formula of this write left out: drawn, frozen, or as that of the
 * weights? */
static bool is_left_out(const struct nb_net *net, const struct nb_op *op, size_t write)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, op->writes[write], &quantity);
    if (op->kind != NB_OP_UPDATE)
        return quantity.kind == NB_MASK || (op->kind == NB_OP_CLIP && write > 0);
    size_t parameters = op->nreads / 2, parameter = write % parameters, first = 0;
    while (first + 1 < parameters && nb_frozen(net, op->reads[first]))
        first++;
    bool all = nb_net_learning(net)->optimizer == NB_SGD;
    return nb_frozen(net, op->reads[parameter]) || (!all && parameter != first);
}

/* "rmean¹ₖ ← 0.9·rmean¹ₖ + 0.1·μ¹ₖ     rvar¹ₖ ← …" */
static void add_writes(struct text *text, const struct notation *notation, size_t op, bool collapse,
                       const char *between)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    for (size_t i = 0; i < row->nwrites; i++) {
        size_t write = build_order(row, i);
        if (is_left_out(notation->net, row, write))
            continue;
        struct site site = general_site(notation->net, op, row->writes[write]);
        text_add(text, text->length ? between : "");
        add_write(text, notation, &site, collapse);
    }
}

static void add_general(struct text *text, const struct notation *notation, size_t op,
                        bool collapse, bool in_full)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    struct site site = general_site(notation->net, op, row->writes[0]);
    bool sgd = nb_net_learning(notation->net)->optimizer == NB_SGD;
    switch (row->kind) {
    case NB_OP_ACTIVATION:
        add_activation(text, notation, &site, collapse, in_full);
        return;
    case NB_OP_DELTA:
        add_delta(text, notation, &site, collapse);
        return;
    case NB_OP_UPDATE:
        add_writes(text, notation, op, true, sgd ? "     " : "\n");
        return;
    case NB_OP_BATCHNORM:
    case NB_OP_BATCHNORM_GRAD:
    case NB_OP_STATISTICS:
        add_writes(text, notation, op, true, "\n");
        return;
    case NB_OP_PENALTY:
        add_writes(text, notation, op, true, "");
        return;
    default:
        add_writes(text, notation, op, collapse, "     ");
        return;
    }
}

void general_write(struct text *text, const struct notation *notation, size_t op, size_t id)
{
    struct site site = general_site(notation->net, op, id);
    if (site.op->kind == NB_OP_ACTIVATION)
        add_activation(text, notation, &site, true, false);
    else if (site.op->kind == NB_OP_DELTA)
        add_delta(text, notation, &site, true);
    else
        add_write(text, notation, &site, true);
}

void general_print(struct sink *sink, const struct text *text)
{
    struct text line = TEXT_INIT;
    for (const char *at = text->bytes; *at;) {
        size_t length = strcspn(at, "\n");
        text_clear(&line);
        text_add_part(&line, at, length);
        layout_equation(sink, LAYOUT_INDENT, "", "", line.bytes);
        at += length + (at[length] == '\n');
    }
    text_release(&line);
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

/* "η = 0.1   μ = 0.9" */
static void add_setting(struct text *text, const struct notation *notation,
                        enum term_setting setting, double value)
{
    text_add(text, text->length ? "   " : "");
    symbol_setting(text, notation->unicode, setting);
    text_add(text, " = ");
    symbol_number(text, notation, value);
}

static void aside_of_update(struct text *text, const struct notation *notation)
{
    const struct nb_learning *learning = nb_net_learning(notation->net);
    enum nb_optimizer optimizer = learning->optimizer;
    bool adam = optimizer == NB_ADAM || optimizer == NB_ADAMW;
    add_setting(text, notation, TERM_RATE, learning->lr);
    if (optimizer == NB_MOMENTUM || optimizer == NB_NESTEROV)
        add_setting(text, notation, TERM_MOMENTUM, learning->momentum);
    if (optimizer == NB_RMSPROP)
        add_setting(text, notation, TERM_RHO, learning->rho);
    if (adam)
        add_setting(text, notation, TERM_BETA1, learning->beta1);
    if (adam)
        add_setting(text, notation, TERM_BETA2, learning->beta2);
    if (optimizer == NB_RMSPROP || adam)
        add_setting(text, notation, TERM_EPSILON, learning->epsilon);
    if (optimizer == NB_ADAMW && learning->l2 != 0)
        add_setting(text, notation, TERM_L2, learning->l2);
    if (adam)
        text_add(text, "\nt counts the updates");
}

static void aside_of_penalty(struct text *text, const struct notation *notation)
{
    const struct nb_learning *learning = nb_net_learning(notation->net);
    size_t samples = learning->samples ? learning->samples : build_rows(notation->net);
    bool l2 = learning->l2 != 0 && learning->optimizer != NB_ADAMW;
    if (l2)
        add_setting(text, notation, TERM_L2, learning->l2);
    if (l2 && learning->l2_form == NB_L2_PER_SAMPLE)
        add_setting(text, notation, TERM_SAMPLES, (double)samples);
    if (learning->l1 != 0)
        add_setting(text, notation, TERM_L1, learning->l1);
}

/* "mask: 0 where the unit is left out, else 1/(1 − p) = 1.66667" */
static void aside_of_dropout(struct text *text, const struct notation *notation, size_t layer)
{
    double p = nb_net_spec(notation->net)->layer[layer - 1].dropout;
    text_add(text, "mask: 0 with p = ");
    symbol_number(text, notation, p);
    symbol_words(text, notation->unicode, ", else 1/(1 − p) = ");
    symbol_number(text, notation, 1 / (1 - p));
}

static void aside_of_grad_a(struct text *text, const struct notation *notation, size_t layer)
{
    struct notation one = *notation;
    struct formula_style style = *notation->style;
    style.batch = false;
    one.style = &style;
    text_add(text, "one term for each unit that ");
    symbol_element(text, &one, build_output(notation->net, layer - 1), 0, TERM_J);
    text_add(text, " feeds");
}

void general_aside(struct text *text, const struct notation *notation, size_t op)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    const char *definition;
    switch (row->kind) {
    case NB_OP_BATCHNORM:
        symbol_words(text, notation->unicode, "ε = 1e-05");
        break;
    case NB_OP_ACTIVATION:
        definition = words_of_activation(notation->net, row->layer)->definition;
        symbol_words(text, notation->unicode, definition ? definition : "");
        break;
    case NB_OP_DROPOUT:
        aside_of_dropout(text, notation, row->layer);
        break;
    case NB_OP_PENALTY:
    case NB_OP_REGULARIZE:
        aside_of_penalty(text, notation);
        break;
    case NB_OP_DELTA:
        aside_of_delta(text, notation, row->layer);
        break;
    case NB_OP_DELTA_DIRECT:
        aside_of_direct(text, notation);
        break;
    case NB_OP_GRAD_A:
        aside_of_grad_a(text, notation, row->layer);
        break;
    case NB_OP_GRAD_W:
    case NB_OP_GRAD_B:
        if (build_rows(notation->net) > 1)
            text_add(text, "one term for each sample");
        break;
    case NB_OP_STATISTICS:
        symbol_words(text, notation->unicode,
                     "n/(n − 1) makes the variance unbiased; evaluation uses both");
        break;
    case NB_OP_UPDATE:
        aside_of_update(text, notation);
        break;
    default:
        break;
    }
}
