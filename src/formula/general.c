/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/general.h"

#include "formula/build.h"
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

static void add_site(struct phrase *phrase, size_t id, const struct site *site)
{
    phrase_element(phrase, (struct element){ id, site->row, site->col });
}

static struct element element_here(const struct site *site, enum nb_quantity_kind kind)
{
    return (struct element){ nb_quantity_id(site->net, kind, site->op->layer), site->row,
                             site->col };
}

static void add_term(struct phrase *phrase, struct term *term, bool collapse)
{
    phrase_term(phrase, term, RENDER_SYMBOLS, collapse);
}

/* ŷₖ = a²ₖ = σ(z²ₖ) */
static void add_activation(struct phrase *phrase, const struct site *site, bool collapse,
                           bool in_full)
{
    if (site->op->layer == nb_net_spec(site->net)->layers) {
        bool yhat = phrase->yhat;
        phrase->yhat = true;
        phrase_element(phrase, element_here(site, NB_A));
        phrase->yhat = yhat;
        phrase_formula(phrase, " = ");
    }
    phrase_element(phrase, element_here(site, NB_A));
    phrase_formula(phrase, " = ");
    add_term(phrase, build_term(site), collapse);
    struct term *full = in_full ? build_activation_in_full(site) : NULL;
    if (!full)
        return;
    phrase_formula(phrase, " = ");
    add_term(phrase, full, collapse);
}

/* δ¹ⱼ = ∂L/∂a¹ⱼ · σ'(z¹ⱼ) */
static void add_delta(struct phrase *phrase, const struct site *site, bool named)
{
    const struct activation_words *words = words_of_activation(site->net, site->op->layer);
    bool linear = nb_net_spec(site->net)->layer[site->op->layer - 1].activation == NB_LINEAR;
    struct element loss = { nb_quantity_id(site->net, NB_LOSS_VALUE, 0), 0, 0 };
    add_site(phrase, site->id, site);
    phrase_formula(phrase, " = ");
    if (named && site->id == nb_quantity_id(site->net, NB_DELTA, site->op->layer)) {
        phrase_partial(phrase, loss, element_here(site, NB_Z));
        phrase_formula(phrase, " = ");
    }
    phrase_element(phrase, element_here(site, NB_DA));
    if (linear)
        return;
    phrase_formula(phrase, " · ");
    phrase_formula(phrase, words->sign);
    phrase_formula(phrase, "'");
    phrase_bracket(phrase, '(', false);
    add_site(phrase, build_before(site->net, site->op->layer), site);
    phrase_bracket(phrase, ')', true);
}

/* "w¹ⱼₖ ← w¹ⱼₖ − η·∂L/∂w¹ⱼₖ" */
static void add_write(struct phrase *phrase, const struct site *site, bool collapse)
{
    bool in_place = build_is_in_place(site->op->kind);
    add_site(phrase, site->id, site);
    phrase_formula(phrase, in_place ? " ← " : " = ");
    add_term(phrase, build_term(site), collapse);
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

/* Between the formulas of several writes. */
enum between { BETWEEN_LINES, BETWEEN_COLUMNS };

/* "rmean¹ₖ ← 0.9·rmean¹ₖ + 0.1·μ¹ₖ     rvar¹ₖ ← …" */
static void add_writes(struct phrase *phrase, const struct notation *notation, size_t op,
                       bool collapse, enum between between)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    bool first = true;
    for (size_t i = 0; i < row->nwrites; i++) {
        size_t write = build_order(row, i);
        if (is_left_out(notation->net, row, write))
            continue;
        struct site site = general_site(notation->net, op, row->writes[write]);
        if (!first && between == BETWEEN_LINES)
            phrase_break(phrase);
        else if (!first)
            phrase_formula(phrase, "     ");
        add_write(phrase, &site, collapse);
        first = false;
    }
}

static void add_general(struct phrase *phrase, const struct notation *notation, size_t op,
                        bool collapse, bool in_full)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    struct site site = general_site(notation->net, op, row->writes[0]);
    bool sgd = nb_net_learning(notation->net)->optimizer == NB_SGD;
    phrase->yhat = notation->yhat;
    switch (row->kind) {
    case NB_OP_ACTIVATION:
        add_activation(phrase, &site, collapse, in_full);
        return;
    case NB_OP_DELTA:
        add_delta(phrase, &site, collapse);
        return;
    case NB_OP_UPDATE:
        add_writes(phrase, notation, op, true, sgd ? BETWEEN_COLUMNS : BETWEEN_LINES);
        return;
    case NB_OP_BATCHNORM:
    case NB_OP_BATCHNORM_GRAD:
    case NB_OP_STATISTICS:
    case NB_OP_PENALTY:
        add_writes(phrase, notation, op, true, BETWEEN_LINES);
        return;
    default:
        add_writes(phrase, notation, op, collapse, BETWEEN_COLUMNS);
        return;
    }
}

void general_write(struct phrase *phrase, const struct notation *notation, size_t op, size_t id)
{
    struct site site = general_site(notation->net, op, id);
    phrase->yhat = notation->yhat;
    if (site.op->kind == NB_OP_ACTIVATION)
        add_activation(phrase, &site, true, false);
    else if (site.op->kind == NB_OP_DELTA)
        add_delta(phrase, &site, true);
    else
        add_write(phrase, &site, true);
}

void general_full(struct phrase *phrase, const struct notation *notation, size_t op)
{
    add_general(phrase, notation, op, true, false);
}

void general_forms(struct phrase forms[TITLE_FORMS], const struct notation *notation, size_t op)
{
    static const struct {
        bool collapse, in_full;
    } shapes[TITLE_FORMS] = { { false, true }, { true, true }, { true, false } };
    for (size_t i = 0; i < TITLE_FORMS; i++) {
        add_general(&forms[i], notation, op, shapes[i].collapse, shapes[i].in_full);
    }
}

static void aside_of_direct(struct phrase *phrase, const struct notation *notation)
{
    bool softmax =
        words_of_activation(notation->net, nb_net_spec(notation->net)->layers)->slope == NULL;
    phrase_words(phrase, softmax ? "the derivatives of softmax and logarithm cancel"
                                 : "$ŷ·(1 − ŷ)$, the derivative of $σ$, cancels");
}

/* "η = 0.1   μ = 0.9" */
static void add_setting(struct phrase *phrase, enum term_setting setting, double value)
{
    if (!phrase_is_empty(phrase))
        phrase_formula(phrase, "   ");
    phrase_setting(phrase, setting);
    phrase_formula(phrase, " = ");
    phrase_number(phrase, value);
}

static void aside_of_update(struct phrase *phrase, const struct notation *notation)
{
    const struct nb_learning *learning = nb_net_learning(notation->net);
    enum nb_optimizer optimizer = learning->optimizer;
    bool adam = optimizer == NB_ADAM || optimizer == NB_ADAMW;
    add_setting(phrase, TERM_RATE, learning->lr);
    if (optimizer == NB_MOMENTUM || optimizer == NB_NESTEROV)
        add_setting(phrase, TERM_MOMENTUM, learning->momentum);
    if (optimizer == NB_RMSPROP)
        add_setting(phrase, TERM_RHO, learning->rho);
    if (adam)
        add_setting(phrase, TERM_BETA1, learning->beta1);
    if (adam)
        add_setting(phrase, TERM_BETA2, learning->beta2);
    if (optimizer == NB_RMSPROP || adam)
        add_setting(phrase, TERM_EPSILON, learning->epsilon);
    if (optimizer == NB_ADAMW && learning->l2 != 0)
        add_setting(phrase, TERM_L2, learning->l2);
    if (adam)
        phrase_break(phrase);
    if (adam)
        phrase_words(phrase, "$t$ counts the updates");
}

static void aside_of_penalty(struct phrase *phrase, const struct notation *notation)
{
    const struct nb_learning *learning = nb_net_learning(notation->net);
    size_t samples = learning->samples ? learning->samples : build_rows(notation->net);
    bool l2 = learning->l2 != 0 && learning->optimizer != NB_ADAMW;
    if (l2)
        add_setting(phrase, TERM_L2, learning->l2);
    if (l2 && learning->l2_form == NB_L2_PER_SAMPLE)
        add_setting(phrase, TERM_SAMPLES, (double)samples);
    if (learning->l1 != 0)
        add_setting(phrase, TERM_L1, learning->l1);
}

/* "mask: 0 where the unit is left out, else 1/(1 − p) = 1.66667" */
static void aside_of_dropout(struct phrase *phrase, const struct notation *notation, size_t layer)
{
    double p = nb_net_spec(notation->net)->layer[layer - 1].dropout;
    phrase_words(phrase, "mask: 0 with $p = $");
    phrase_number(phrase, p);
    phrase_words(phrase, ", else $1/(1 − p) = $");
    phrase_number(phrase, 1 / (1 - p));
}

static void aside_of_grad_a(struct phrase *phrase, const struct notation *notation, size_t layer)
{
    bool single = phrase->single;
    phrase_words(phrase, "one term for each unit that ");
    phrase->single = true;
    phrase_element(phrase, (struct element){ build_output(notation->net, layer - 1), 0, TERM_J });
    phrase->single = single;
    phrase_words(phrase, " feeds");
}

/* A formula of words.c, or none. */
static void add_formula(struct phrase *phrase, const char *formula)
{
    if (formula)
        phrase_words(phrase, formula);
}

void general_aside(struct phrase *phrase, const struct notation *notation, size_t op)
{
    const struct nb_op *row = nb_plan_op(notation->net, op);
    switch (row->kind) {
    case NB_OP_BATCHNORM:
        phrase_formula(phrase, "ε = 1e-05");
        break;
    case NB_OP_ACTIVATION:
        add_formula(phrase, words_of_activation(notation->net, row->layer)->definition);
        break;
    case NB_OP_DROPOUT:
        aside_of_dropout(phrase, notation, row->layer);
        break;
    case NB_OP_PENALTY:
    case NB_OP_REGULARIZE:
        aside_of_penalty(phrase, notation);
        break;
    case NB_OP_DELTA:
        add_formula(phrase, words_of_activation(notation->net, row->layer)->slope);
        break;
    case NB_OP_DELTA_DIRECT:
        aside_of_direct(phrase, notation);
        break;
    case NB_OP_GRAD_A:
        aside_of_grad_a(phrase, notation, row->layer);
        break;
    case NB_OP_GRAD_W:
    case NB_OP_GRAD_B:
        if (build_rows(notation->net) > 1)
            phrase_words(phrase, "one term for each sample");
        break;
    case NB_OP_STATISTICS:
        phrase_words(phrase, "$n/(n − 1)$ makes the variance unbiased; evaluation uses both");
        break;
    case NB_OP_UPDATE:
        aside_of_update(phrase, notation);
        break;
    default:
        break;
    }
}

/* One index of a general term becomes another; *also is where a swap has put the letter
 * that it was. */
static void rename_index(struct term *term, size_t from, size_t to, size_t *also)
{
    if (from == to || !term_is_letter(from))
        return;
    if (!term_is_letter(to)) {
        term_substitute(term, from, to);
        return;
    }
    term_swap_letters(term, from, to);
    if (*also == to)
        *also = from;
}

struct term *general_term(const struct nb_net *net, size_t op, struct element element)
{
    struct site site = general_site(net, op, element.id);
    struct term *term = build_term(&site);
    if (!term)
        return NULL;
    rename_index(term, site.row, element.row, &site.col);
    rename_index(term, site.col, element.col, &site.row);
    return term;
}
