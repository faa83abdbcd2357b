/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/ways.h"

#include "base/error.h"
#include "formula/build.h"

static size_t find(const struct ways *ways, enum nb_quantity_kind kind, size_t layer)
{
    return nb_quantity_id(ways->net, kind, layer);
}

static size_t layers_of(const struct ways *ways)
{
    return nb_net_spec(ways->net)->layers;
}

static struct nb_quantity quantity_of(const struct ways *ways, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(ways->net, id, &quantity);
    return quantity;
}

/* ---- The next stage ---- */

static struct ways_stage stage_of(size_t id, enum ways_spread spread, size_t count)
{
    return (struct ways_stage){ .id = id, .spread = spread, .count = count };
}

/* Does the plan take δ of the output from ŷ and y at once? */
static bool is_direct(const struct ways *ways, size_t layer)
{
    struct nb_quantity before = quantity_of(ways, build_before_slope(ways->net, layer));
    return nb_plan_op(ways->net, before.op)->kind == NB_OP_DELTA_DIRECT;
}

static bool is_softmax(const struct ways *ways, size_t layer)
{
    return nb_net_spec(ways->net)->layer[layer - 1].activation == NB_SOFTMAX;
}

static struct ways_stage behind_activation(const struct ways *ways, size_t layer, bool softmax)
{
    bool to_loss = quantity_of(ways, ways->top.id).kind == NB_LOSS_VALUE;
    if (to_loss && is_direct(ways, layer) && !(softmax && is_softmax(ways, layer)))
        return stage_of(find(ways, NB_LOSS_VALUE, 0), WAYS_ONE, 1);
    if (is_softmax(ways, layer))
        return stage_of(find(ways, NB_A, layer), WAYS_UNITS, build_units(ways->net, layer));
    return stage_of(find(ways, NB_A, layer), WAYS_ONE, 1);
}

static struct ways_stage behind_layer(const struct ways *ways, size_t layer)
{
    if (layer == layers_of(ways))
        return stage_of(find(ways, NB_LOSS_VALUE, 0), WAYS_ONE, 1);
    return stage_of(find(ways, NB_Z, layer + 1), WAYS_UNITS, build_units(ways->net, layer + 1));
}

/* What an element of `id` leads to. */
static struct ways_stage stage_behind(const struct ways *ways, size_t id, bool softmax)
{
    struct nb_quantity from = quantity_of(ways, id);
    size_t rows = build_rows(ways->net), u = find(ways, NB_U, from.layer);
    size_t h = find(ways, NB_H, from.layer);
    switch (from.kind) {
    case NB_X:
        return stage_of(find(ways, NB_Z, 1), WAYS_UNITS, build_units(ways->net, 1));
    case NB_W:
    case NB_B:
        return stage_of(find(ways, NB_Z, from.layer), WAYS_SAMPLES, rows);
    case NB_GAMMA:
    case NB_BETA:
        return stage_of(u, WAYS_SAMPLES, rows);
    case NB_Z:
        return u != NB_NOWHERE ? stage_of(u, WAYS_SAMPLES, rows)
                               : behind_activation(ways, from.layer, softmax);
    case NB_U:
        return behind_activation(ways, from.layer, softmax);
    case NB_A:
        return h != NB_NOWHERE ? stage_of(h, WAYS_ONE, 1) : behind_layer(ways, from.layer);
    default:
        return behind_layer(ways, from.layer);
    }
}

/* ---- All stages ---- */

static bool is_taken(const struct ways *ways, size_t letter)
{
    for (size_t i = 0; i < ways->count; i++)
        if (ways->stages[i].count > 1 && ways->stages[i].letter == letter)
            return true;
    return false;
}

/* A letter of its own for each spread; false where there are no more.  Batch norm's
 * samples are m, as in the words about it. */
static bool take_letter(const struct ways *ways, struct ways_stage *stage)
{
    static const size_t samples[] = { TERM_I, TERM_J, TERM_S, TERM_R, 0 },
                        mixed[] = { TERM_M, TERM_J, TERM_S, TERM_R, 0 },
                        units[] = { TERM_K, TERM_M, TERM_P, TERM_R, TERM_S, 0 };
    bool first = ways->count == 0 && quantity_of(ways, ways->start.id).kind != NB_Z;
    const size_t *letter = stage->spread == WAYS_UNITS ? units : first ? samples : mixed;
    stage->letter = 0;
    while (*letter && is_taken(ways, *letter))
        letter++;
    if (stage->count > 1)
        stage->letter = *letter;
    return stage->count == 1 || *letter;
}

static bool add_stage(struct ways *ways, struct ways_stage stage)
{
    if (ways->count == WAYS_STAGES_MOST || !take_letter(ways, &stage))
        return false;
    ways->stages[ways->count++] = stage;
    return true;
}

static void count_paths(struct ways *ways)
{
    ways->paths = 1;
    for (size_t i = 0; i < ways->count; i++)
        ways->paths *= (double)ways->stages[i].count;
}

/* What comes back to an element of the forward pass. */
static size_t derivative_by(const struct ways *ways, size_t id)
{
    static const enum nb_quantity_kind derivatives[NB_QUANTITY_KINDS] = {
        [NB_Z] = NB_DELTA, [NB_U] = NB_DU, [NB_A] = NB_DA, [NB_H] = NB_DH
    };
    struct nb_quantity quantity = quantity_of(ways, id);
    enum nb_quantity_kind kind = derivatives[quantity.kind];
    return kind ? find(ways, kind, quantity.layer) : NB_NOWHERE;
}

/* Deep enough, at a place where something comes back? */
static bool is_end(const struct ways *ways, size_t depth)
{
    struct nb_quantity last = quantity_of(ways, ways->stages[ways->count - 1].id);
    struct nb_quantity first = quantity_of(ways, ways->start.id);
    if (last.kind == NB_LOSS_VALUE)
        return true;
    if (depth == WAYS_ALL || last.layer - first.layer < depth)
        return false;
    return derivative_by(ways, ways->stages[ways->count - 1].id) != NB_NOWHERE;
}

void ways_to_loss(struct ways *ways, const struct nb_net *net, struct element start, size_t depth,
                  bool softmax)
{
    size_t id = start.id;
    *ways = (struct ways){ .net = net,
                           .start = start,
                           .top = { nb_quantity_id(net, NB_LOSS_VALUE, 0), 0, 0 },
                           .rest = NB_NOWHERE };
    do {
        if (!add_stage(ways, stage_behind(ways, id, softmax)))
            break;
        id = ways->stages[ways->count - 1].id;
    } while (!is_end(ways, depth));
    while (ways->count > 1 && id != ways->top.id && derivative_by(ways, id) == NB_NOWHERE)
        id = ways->stages[--ways->count - 1].id;
    if (id != ways->top.id)
        ways->rest = derivative_by(ways, id);
    count_paths(ways);
}

/* Only one row leads to that of `top`, unless batch norm has mixed them. */
static void fix_row(struct ways *ways, bool mixed)
{
    for (size_t i = ways->count - 1; i-- > 0 && !mixed;)
        if (ways->stages[i].spread == WAYS_SAMPLES) {
            ways->stages[i] = stage_of(ways->stages[i].id, WAYS_ONE, 1);
            ways->stages[i].fixed_row = true;
            return;
        }
}

/* Only one unit leads to `top`, where it is of the top's own layer; all do through a softmax. */
static bool is_of_top(const struct ways *ways, const struct ways_stage *stage)
{
    struct nb_quantity top = quantity_of(ways, ways->top.id);
    bool through = (top.kind == NB_A || top.kind == NB_H) && is_softmax(ways, top.layer);
    return stage->spread == WAYS_UNITS && quantity_of(ways, stage->id).layer == top.layer &&
           !through;
}

bool ways_to_element(struct ways *ways, const struct nb_net *net, struct element start,
                     struct element top)
{
    size_t id = start.id;
    bool mixed = false;
    *ways = (struct ways){ .net = net, .start = start, .top = top, .rest = NB_NOWHERE };
    while (id != top.id) {
        struct ways_stage stage = stage_behind(ways, id, true);
        if (stage.id == top.id) {
            mixed = stage.spread == WAYS_SAMPLES;
            stage = stage_of(top.id, WAYS_ONE, 1);
            stage.fixed_row = stage.fixed_col = true;
        } else if (is_of_top(ways, &stage)) {
            stage = stage_of(stage.id, WAYS_ONE, 1);
            stage.fixed_col = true;
        }
        bool past = quantity_of(ways, stage.id).kind == NB_LOSS_VALUE;
        if (past || !add_stage(ways, stage))
            return false;
        id = stage.id;
    }
    fix_row(ways, mixed);
    count_paths(ways);
    return true;
}

/* ---- One way ---- */

void way_first(const struct ways *ways, struct way *way)
{
    for (size_t i = 0; i < ways->count; i++)
        way->at[i] = 0;
}

void way_last(const struct ways *ways, struct way *way)
{
    for (size_t i = 0; i < ways->count; i++)
        way->at[i] = ways->stages[i].count - 1;
}

void way_next(const struct ways *ways, struct way *way)
{
    for (size_t i = ways->count; i-- > 0;) {
        if (++way->at[i] < ways->stages[i].count)
            return;
        way->at[i] = 0;
    }
}

/* The source of a bias or weight is no place of the batch. */
static struct element begin(const struct ways *ways)
{
    struct element at = ways->start;
    if (!nb_quantity_rows()[quantity_of(ways, at.id).kind].per_sample)
        at.row = 0;
    return at;
}

static struct element step(const struct ways *ways, struct element at, size_t stage, size_t place)
{
    const struct ways_stage *to = &ways->stages[stage];
    at.id = to->id;
    if (to->spread == WAYS_SAMPLES || to->fixed_row)
        at.row = to->fixed_row ? ways->top.row : place;
    if (to->spread == WAYS_UNITS || to->fixed_col)
        at.col = to->fixed_col ? ways->top.col : place;
    if (to->id == nb_quantity_id(ways->net, NB_LOSS_VALUE, 0))
        at.row = at.col = 0;
    return at;
}

bool ways_part(const struct ways *ways, size_t stage)
{
    return ways->stages[stage - 1].count > 1;
}

struct element way_element(const struct ways *ways, const struct way *way, size_t stage)
{
    if (stage == 0)
        return ways->start;
    struct element at = begin(ways);
    for (size_t i = 0; i < stage; i++)
        at = step(ways, at, i, way->at[i]);
    return at;
}

struct element ways_element(const struct ways *ways, size_t stage)
{
    struct way letters;
    for (size_t i = 0; i < ways->count; i++)
        letters.at[i] = ways->stages[i].letter;
    return way_element(ways, &letters, stage);
}

/* δ of an output as the plan has it. */
static struct term *delta_at_once(const struct ways *ways, struct element from)
{
    struct nb_quantity before = quantity_of(ways, from.id), quantity;
    size_t id = build_before_slope(ways->net, before.layer);
    nb_quantity_get(ways->net, id, &quantity);
    struct site site = {
        ways->net, nb_plan_op(ways->net, quantity.op), id, from.row, from.col, NULL
    };
    return build_term(&site);
}

struct term *way_factor(const struct ways *ways, const struct way *way, size_t stage)
{
    struct element from = way_element(ways, way, stage - 1);
    if (stage > ways->count)
        return term_element(ways->rest, from.row, from.col);
    struct local local = { way_element(ways, way, stage), from };
    bool before = quantity_of(ways, from.id).kind != NB_A;
    if (before && local.top.id == nb_quantity_id(ways->net, NB_LOSS_VALUE, 0))
        return delta_at_once(ways, from);
    return local_term(ways->net, &local);
}

size_t ways_factors(const struct ways *ways)
{
    return ways->count + (ways->rest != NB_NOWHERE);
}
