/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/sheet.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

#define CLIP_EPSILON 1e-6
#define CAUSES_MOST  2

struct sheet {
    struct sheet_base *base;
    const struct nb_net *net; /* the base's, or the one that rounds */
    struct cause causes[CAUSES_MOST];
    size_t count;
    bool within; /* da, dh, gw and gb stay as they are */
    enum sheet_slope slope;
    const double *held;
    size_t held_id;
    bool *touched; /* by id */
    double **memo; /* by id, NaN: not worked out yet; NULL: no room yet */
    double clip;   /* what CLIP multiplies with; NaN: not worked out yet */
};

/* ---- The numbers without mistakes ---- */

void sheet_base_release(struct sheet_base *base)
{
    for (size_t id = 0; base->values && id < base->count; id++)
        free(base->values[id]);
    free(base->values);
    free(base->quantities);
    *base = (struct sheet_base){ .net = NULL };
}

static bool copy_values(struct sheet_base *base, size_t id)
{
    struct nb_quantity *quantity = &base->quantities[id];
    size_t count;
    nb_quantity_get(base->net, id, quantity);
    if (quantity->state == NB_UNSET || !quantity->active)
        return true;
    if (!size_multiply(quantity->rows, quantity->cols, &count))
        return false;
    base->values[id] = memory_new(count, sizeof *base->values[id]);
    if (base->values[id])
        nb_values(base->net, id, base->values[id]);
    return base->values[id] != NULL;
}

enum nb_status sheet_base_init(struct sheet_base *base, const struct nb_net *net,
                               struct nb_error *error)
{
    *base = (struct sheet_base){ .net = net, .count = nb_quantity_count(net) };
    base->values = memory_new(base->count, sizeof *base->values);
    base->quantities = memory_new(base->count, sizeof *base->quantities);
    bool whole = base->values && base->quantities;
    for (size_t id = 0; whole && id < base->count; id++)
        whole = copy_values(base, id);
    if (whole)
        return NB_OK;
    sheet_base_release(base);
    return error_memory(error);
}

/* ---- What the causes reach ---- */

static const struct nb_quantity *quantity_of(const struct sheet *sheet, size_t id)
{
    return &sheet->base->quantities[id];
}

static struct site site_of(const struct sheet *sheet, const struct nb_op *op, size_t id)
{
    return (struct site){ .net = sheet->net, .op = op, .id = id };
}

static bool is_made_here(const struct sheet *sheet, const struct site *site)
{
    for (size_t i = 0; i < sheet->count; i++)
        if (mistake_is_made(&sheet->causes[i], site))
            return true;
    return false;
}

/* A variant that only some elements have reaches the whole quantity all the same. */
static bool is_broken(const struct sheet *sheet, const struct nb_op *op, size_t id)
{
    struct site site = site_of(sheet, op, id);
    if (is_made_here(sheet, &site))
        return true;
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->causes[i].place == id)
            return true;
    return false;
}

static bool reads_touched(const struct sheet *sheet, const struct nb_op *op)
{
    for (size_t i = 0; i < op->nreads; i++)
        if (sheet->touched[op->reads[i]])
            return true;
    return false;
}

/* Masks are drawn, not worked out. */
static void touch(struct sheet *sheet, const struct nb_op *op)
{
    bool touched = sheet->net != sheet->base->net || reads_touched(sheet, op);
    for (size_t i = 0; i < op->nwrites && !touched; i++)
        touched =
            (sheet->held && op->writes[i] == sheet->held_id) || is_broken(sheet, op, op->writes[i]);
    for (size_t i = 0; i < op->nwrites && touched; i++)
        if (op->writes[i] != nb_quantity_id(sheet->net, NB_MASK, op->layer))
            sheet->touched[op->writes[i]] = true;
}

bool sheet_touches(const struct sheet *sheet, size_t id)
{
    return sheet->touched[id];
}

enum nb_status sheet_new(const struct sheet_plan *plan, struct sheet **sheet,
                         struct nb_error *error)
{
    struct sheet *made = memory_new(1, sizeof *made);
    *sheet = made;
    if (!made)
        return error_memory(error);
    *made = (struct sheet){ .base = plan->base,
                            .net = plan->rounded ? plan->rounded : plan->base->net,
                            .count = plan->count,
                            .within = plan->within,
                            .slope = plan->slope,
                            .held = plan->held,
                            .held_id = plan->held_id,
                            .clip = NAN };
    for (size_t i = 0; i < plan->count; i++)
        made->causes[i] = plan->causes[i];
    made->touched = memory_new(plan->base->count, sizeof *made->touched);
    made->memo = memory_new(plan->base->count, sizeof *made->memo);
    if (!made->touched || !made->memo) {
        sheet_free(sheet);
        return error_memory(error);
    }
    for (size_t op = 0; op < nb_plan_start(made->net, NB_UPDATE); op++)
        touch(made, nb_plan_op(made->net, op));
    return NB_OK;
}

void sheet_free(struct sheet **sheet)
{
    if (!*sheet)
        return;
    for (size_t id = 0; (*sheet)->memo && id < (*sheet)->base->count; id++)
        free((*sheet)->memo[id]);
    free((*sheet)->memo);
    free((*sheet)->touched);
    free(*sheet);
    *sheet = NULL;
}

/* ---- Formulas ---- */

static struct term *broken(const struct sheet *sheet, const struct site *site, struct term *term)
{
    for (size_t i = 0; i < sheet->count && term; i++) {
        const struct cause *cause = &sheet->causes[i];
        const struct mistake *mistake = &mistakes[cause->mistake];
        if (mistake->rewrite && mistake_is_made(cause, site))
            term = mistake->rewrite(site, term, cause->variant);
    }
    return term;
}

static double factor_of(const struct sheet *sheet, const struct site *site)
{
    double factor = 1;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct cause *cause = &sheet->causes[i];
        const struct mistake *mistake = &mistakes[cause->mistake];
        if (mistake->factor && mistake_is_made(cause, site))
            factor *=
                mistake->factor(sheet->net, quantity_of(sheet, site->id)->kind, cause->variant);
    }
    return factor;
}

static bool is_moment(const struct sheet *sheet, size_t id)
{
    enum nb_quantity_kind kind = quantity_of(sheet, id)->kind;
    return kind >= NB_MW && kind <= NB_VBETA;
}

/* The step uses m and v as they have just become. */
static void move_moments(struct sheet *sheet, struct term *term)
{
    if (term->kind == TERM_ELEMENT && (term->shape & TERM_FIXED) && is_moment(sheet, term->id))
        term->number = sheet_updated(sheet, term->id, term->row, term->col);
    for (size_t i = 0; i < term->children; i++)
        move_moments(sheet, term->child[i]);
}

static const struct nb_op *update_of(const struct nb_net *net, size_t layer)
{
    size_t op = nb_plan_start(net, NB_UPDATE);
    while (nb_plan_op(net, op)->kind != NB_OP_UPDATE || nb_plan_op(net, op)->layer != layer)
        op++;
    return nb_plan_op(net, op);
}

/* ---- Numbers ---- */

/* Who reads: GRAD_A under updated-weights sees what the update makes of them, f' by z the
 * f(z) that is not rounded. */
struct reading {
    struct sheet *sheet;
    size_t updated, unrounded; /* ids, or NB_NOWHERE */
};

static double read_element(void *context, size_t id, size_t row, size_t col)
{
    struct reading *reading = context;
    if (id == reading->updated)
        return sheet_updated(reading->sheet, id, row, col);
    if (id == reading->unrounded)
        return sheet_unrounded(reading->sheet, id, row, col);
    return sheet_value(reading->sheet, id, row, col);
}

static size_t updated_weights(const struct sheet *sheet, const struct site *site)
{
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->causes[i].mistake == MISTAKE_UPDATED_WEIGHTS &&
            mistake_is_made(&sheet->causes[i], site))
            return nb_quantity_id(sheet->net, NB_W, site->op->layer);
    return NB_NOWHERE;
}

/* The formula of leaky relu goes by the side of 0 that z lies on, which may be another here. */
static bool needs_letters(const struct site *site)
{
    return site->op->kind == NB_OP_ACTIVATION &&
           nb_net_spec(site->net)->layer[site->op->layer - 1].activation == NB_LEAKYRELU;
}

static double worked_out(struct sheet *sheet, const struct site *site)
{
    struct site general = *site;
    struct term_binding binding = term_unbound;
    struct reading reading = { sheet, updated_weights(sheet, site), NB_NOWHERE };
    struct term_numbers numbers = { sheet->net, read_element, &reading };
    if (needs_letters(site)) {
        general.row = TERM_I;
        general.col = TERM_K;
        binding.at[0] = site->row;
        binding.at[TERM_K - TERM_I] = site->col;
    }
    struct term *term = broken(sheet, site, build_term(&general));
    if (term && site->op->kind == NB_OP_UPDATE && !is_moment(sheet, site->id))
        move_moments(sheet, term);
    double value = term ? term_value_with(&numbers, term, &binding) : NAN;
    term_free(&term);
    return value * factor_of(sheet, site);
}

/* A number that is rounded on the way, unless it stays within a formula. */
static double evaluate_part(struct sheet *sheet, struct reading *reading, struct term *term,
                            bool rounds)
{
    struct term_numbers numbers = { sheet->net, read_element, reading };
    double value = term ? term_value_with(&numbers, term, &term_unbound) : NAN;
    term_free(&term);
    return rounds ? nb_rounded(sheet->net, value) : value;
}

static bool is_delta(enum nb_op_kind kind)
{
    return kind == NB_OP_DELTA || kind == NB_OP_DELTA_SOFTMAX || kind == NB_OP_DELTA_DIRECT;
}

/* ∂L/∂a · f', with an f' that is not that of the formula. */
static double delta_by_slope(struct sheet *sheet, const struct site *site)
{
    const struct nb_net *net = sheet->net;
    size_t layer = site->op->layer, a = nb_quantity_id(net, NB_A, layer);
    bool by_z = sheet->slope == SHEET_SLOPE_BY_Z;
    struct reading plain = { sheet, NB_NOWHERE, NB_NOWHERE };
    struct reading reading = { sheet, NB_NOWHERE, by_z ? a : NB_NOWHERE };
    if (nb_net_spec(net)->layer[layer - 1].activation == NB_SOFTMAX)
        return evaluate_part(sheet, &reading, build_term(site), false);
    double slope = evaluate_part(sheet, &reading, build_slope(net, layer, site->row, site->col),
                                 sheet->slope == SHEET_SLOPE_ROUNDED);
    if (site->op->kind == NB_OP_DELTA)
        return slope * sheet_value(sheet, nb_quantity_id(net, NB_DA, layer), site->row, site->col);
    struct term *gradient = build_loss_gradient(net, site->row, site->col);
    return slope * evaluate_part(sheet, &plain, gradient, !sheet->within);
}

double sheet_unrounded(struct sheet *sheet, size_t id, size_t row, size_t col)
{
    size_t op = quantity_of(sheet, id)->op;
    if (op == NB_NOWHERE)
        return sheet_value(sheet, id, row, col);
    struct site site = { sheet->net, nb_plan_op(sheet->net, op), id, row, col, NULL };
    if (sheet->slope != SHEET_SLOPE_BY_A && is_delta(site.op->kind))
        return delta_by_slope(sheet, &site);
    return worked_out(sheet, &site);
}

double sheet_updated_unrounded(struct sheet *sheet, size_t id, size_t row, size_t col)
{
    const struct nb_op *op = update_of(sheet->net, quantity_of(sheet, id)->layer);
    struct site site = { sheet->net, op, id, row, col, NULL };
    return worked_out(sheet, &site);
}

double sheet_updated(struct sheet *sheet, size_t id, size_t row, size_t col)
{
    return nb_rounded(sheet->net, sheet_updated_unrounded(sheet, id, row, col));
}

double sheet_evaluate(struct sheet *sheet, const struct term *term)
{
    struct reading reading = { sheet, NB_NOWHERE, NB_NOWHERE };
    struct term_numbers numbers = { sheet->net, read_element, &reading };
    return term_value_with(&numbers, term, &term_unbound);
}

/* What an operation writes, before CLIP. */
static double written(struct sheet *sheet, const struct nb_quantity *quantity, size_t id,
                      size_t row, size_t col)
{
    double value = sheet_unrounded(sheet, id, row, col);
    bool part = quantity->kind == NB_DA || quantity->kind == NB_DH || quantity->kind == NB_GW ||
                quantity->kind == NB_GB;
    return sheet->within && part ? value : nb_rounded(sheet->net, value);
}

static const struct nb_op *clip_op(const struct nb_net *net)
{
    for (size_t op = nb_plan_start(net, NB_BACKWARD); op < nb_plan_start(net, NB_UPDATE); op++)
        if (nb_plan_op(net, op)->kind == NB_OP_CLIP)
            return nb_plan_op(net, op);
    return NULL;
}

/* CLIP multiplies all gradients by what their norm asks for. */
static double clip_factor(struct sheet *sheet)
{
    const struct nb_op *op = clip_op(sheet->net);
    double squares = 0;
    for (size_t i = 0; op && i < op->nwrites; i++) {
        const struct nb_quantity *quantity = quantity_of(sheet, op->writes[i]);
        for (size_t row = 0; row < quantity->rows; row++)
            for (size_t col = 0; col < quantity->cols; col++)
                squares += pow(written(sheet, quantity, op->writes[i], row, col), 2);
    }
    return fmin(1, nb_net_learning(sheet->net)->clip / (sqrt(squares) + CLIP_EPSILON));
}

static bool is_clipped(const struct sheet *sheet, enum nb_quantity_kind kind)
{
    return kind >= NB_DW && kind <= NB_DBETA && nb_net_learning(sheet->net)->clip != 0;
}

static double *room_for(struct sheet *sheet, const struct nb_quantity *quantity, size_t id)
{
    size_t count;
    if (sheet->memo[id] || !size_multiply(quantity->rows, quantity->cols, &count))
        return sheet->memo[id];
    sheet->memo[id] = memory_new(count, sizeof **sheet->memo);
    for (size_t i = 0; sheet->memo[id] && i < count; i++)
        sheet->memo[id][i] = NAN;
    return sheet->memo[id];
}

double sheet_value(struct sheet *sheet, size_t id, size_t row, size_t col)
{
    const struct nb_quantity *quantity = quantity_of(sheet, id);
    size_t at = row * quantity->cols + col;
    if (++sheet->base->work > SHEET_WORK_MOST)
        return NAN;
    if (sheet->held && id == sheet->held_id)
        return sheet->held[at];
    if (!sheet->touched[id])
        return sheet->base->values[id] ? sheet->base->values[id][at] : NAN;
    double *memo = room_for(sheet, quantity, id);
    if (!memo || !isnan(memo[at]))
        return memo ? memo[at] : NAN;
    double value = written(sheet, quantity, id, row, col);
    if (is_clipped(sheet, quantity->kind)) {
        if (isnan(sheet->clip))
            sheet->clip = clip_factor(sheet);
        value = nb_rounded(sheet->net, value * sheet->clip);
    }
    memo[at] = value;
    return value;
}
