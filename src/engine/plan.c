/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: what one training iteration does, as a flat list.
 *
 *     forward    AFFINE BATCHNORM ACTIVATION DROPOUT for each layer, LOSS, PENALTY
 *     backward   LOSS_GRAD, then from the top DROPOUT_GRAD DELTA BATCHNORM_GRAD
 *                GRAD_W GRAD_B GRAD_A; CLIP; REGULARIZE for each layer
 *     update     STATISTICS and UPDATE for each layer
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

/* Operands that are another quantity where a layer has batch norm or dropout. */
enum {
    OPERAND_IN = NB_QUANTITY_KINDS, /* what the layer below hands up: h, a, or x */
    OPERAND_U,                      /* before the activation: u, or z */
    OPERAND_DU,                     /* its derivative: du, or delta */
    OPERAND_DIN,                    /* of the layer below's output */
    OPERAND_GW,                     /* what the optimiser uses: gw, or dw */
    OPERAND_GB,
    OPERAND_END = -1
};

#define OPERANDS_MOST 12
#define END           OPERAND_END

/* Quantities of the operation's own layer that the network has; the others of
 * a row are passed over. */
struct op_row {
    enum nb_phase phase;
    int reads[OPERANDS_MOST + 1], writes[OPERANDS_MOST + 1];
};

static const struct op_row op_rows[NB_OP_KINDS] = {
    [NB_OP_AFFINE] = { NB_FORWARD, { OPERAND_IN, NB_W, NB_B, END }, { NB_Z, END } },
    [NB_OP_BATCHNORM] = { NB_FORWARD,
                          { NB_Z, NB_GAMMA, NB_BETA, END },
                          { NB_MU, NB_VAR, NB_XHAT, NB_U, END } },
    [NB_OP_ACTIVATION] = { NB_FORWARD, { OPERAND_U, END }, { NB_A, END } },
    [NB_OP_DROPOUT] = { NB_FORWARD, { NB_A, END }, { NB_MASK, NB_H, END } },
    [NB_OP_LOSS] = { NB_FORWARD, { NB_A, OPERAND_U, NB_Y, END }, { NB_LOSS_VALUE, END } },
    [NB_OP_PENALTY] = { NB_FORWARD, { NB_W, NB_B, END }, { NB_PENALTY, END } },
    [NB_OP_LOSS_GRAD] = { NB_BACKWARD, { NB_A, OPERAND_U, NB_Y, END }, { NB_DA, END } },
    [NB_OP_DROPOUT_GRAD] = { NB_BACKWARD, { NB_DH, NB_MASK, END }, { NB_DA, END } },
    [NB_OP_DELTA] = { NB_BACKWARD, { NB_DA, OPERAND_U, NB_A, END }, { OPERAND_DU, END } },
    [NB_OP_DELTA_SOFTMAX] = { NB_BACKWARD, { NB_DA, NB_A, END }, { OPERAND_DU, END } },
    [NB_OP_DELTA_DIRECT] = { NB_BACKWARD, { NB_A, NB_Y, END }, { OPERAND_DU, END } },
    [NB_OP_BATCHNORM_GRAD] = { NB_BACKWARD,
                               { NB_DU, NB_XHAT, NB_VAR, NB_GAMMA, END },
                               { NB_DELTA, NB_DGAMMA, NB_DBETA, END } },
    [NB_OP_GRAD_W] = { NB_BACKWARD, { OPERAND_IN, NB_DELTA, END }, { NB_DW, END } },
    [NB_OP_GRAD_B] = { NB_BACKWARD, { NB_DELTA, END }, { NB_DB, END } },
    [NB_OP_GRAD_A] = { NB_BACKWARD, { NB_DELTA, NB_W, END }, { OPERAND_DIN, END } },
    [NB_OP_CLIP] = { NB_BACKWARD, { END }, { END } }, /* every gradient: plan_add_clip */
    [NB_OP_REGULARIZE] = { NB_BACKWARD, { NB_DW, NB_W, NB_DB, NB_B, END }, { NB_GW, NB_GB, END } },
    [NB_OP_STATISTICS] = { NB_UPDATE,
                           { NB_MU, NB_VAR, NB_RMEAN, NB_RVAR, END },
                           { NB_RMEAN, NB_RVAR, END } },
    [NB_OP_UPDATE] = { NB_UPDATE,
                       { NB_W, NB_B, NB_GAMMA, NB_BETA, OPERAND_GW, OPERAND_GB, NB_DGAMMA, NB_DBETA,
                         END },
                       { NB_W, NB_B, NB_GAMMA, NB_BETA, NB_MW, NB_MB, NB_MGAMMA, NB_MBETA, NB_VW,
                         NB_VB, NB_VGAMMA, NB_VBETA, END } },
};

const struct nb_choice *nb_op_rows(void)
{
    static const struct nb_choice rows[NB_OP_KINDS] = {
        [NB_OP_AFFINE] = { "affine", "z = a·w + b" },
        [NB_OP_BATCHNORM] = { "batch norm", "u = gamma ∘ xhat + beta, xhat = (z − mu)/√(var + ε)" },
        [NB_OP_ACTIVATION] = { "activation", "a = f(z)" },
        [NB_OP_DROPOUT] = { "dropout", "h = a ∘ mask" },
        [NB_OP_LOSS] = { "loss", "L(ŷ, y)" },
        [NB_OP_PENALTY] = { "penalty", "l2·Σw² + l1·Σ|w|" },
        [NB_OP_LOSS_GRAD] = { "loss gradient", "da = ∂L/∂ŷ" },
        [NB_OP_DROPOUT_GRAD] = { "dropout gradient", "da = dh ∘ mask" },
        [NB_OP_DELTA] = { "delta", "delta = da ∘ f'(z)" },
        [NB_OP_DELTA_SOFTMAX] = { "softmax delta", "delta = a ∘ (da − Σ da·a)" },
        [NB_OP_DELTA_DIRECT] = { "direct delta", "delta = ∂L/∂z from ŷ and y" },
        [NB_OP_BATCHNORM_GRAD] = { "batch norm gradient", "delta, dgamma, dbeta from du" },
        [NB_OP_GRAD_W] = { "weight gradient", "dw = aᵀ·delta" },
        [NB_OP_GRAD_B] = { "bias gradient", "db = Σ delta" },
        [NB_OP_GRAD_A] = { "activation gradient", "da = delta·wᵀ" },
        [NB_OP_CLIP] = { "clip", "every gradient · min(1, clip/‖all‖)" },
        [NB_OP_REGULARIZE] = { "penalty gradient", "gw = dw + ∂penalty/∂w" },
        [NB_OP_STATISTICS] = { "running statistics", "rmean ← 0.9·rmean + 0.1·mu, rvar likewise" },
        [NB_OP_UPDATE] = { "update", "w ← w − η·dw, b ← b − η·db" },
    };
    return rows;
}

/* ---- Operands ---- */

/* The first of two quantities that the network has. */
static size_t either_id(const struct nb_net *net, enum nb_quantity_kind first,
                        enum nb_quantity_kind second, size_t layer)
{
    size_t id = nb_quantity_id(net, first, layer);
    return id != NB_NOWHERE ? id : nb_quantity_id(net, second, layer);
}

/* What a layer hands up, or what comes back to that: x has no derivative. */
static size_t output_id(const struct nb_net *net, size_t layer, enum nb_quantity_kind plain,
                        enum nb_quantity_kind dropped)
{
    return layer ? either_id(net, dropped, plain, layer) : nb_quantity_id(net, NB_X, 0);
}

static size_t operand_id(const struct nb_net *net, int operand, size_t layer)
{
    switch (operand) {
    case OPERAND_IN:
        return output_id(net, layer - 1, NB_A, NB_H);
    case OPERAND_U:
        return either_id(net, NB_U, NB_Z, layer);
    case OPERAND_DU:
        return either_id(net, NB_DU, NB_DELTA, layer);
    case OPERAND_DIN:
        return output_id(net, layer - 1, NB_DA, NB_DH);
    case OPERAND_GW:
        return either_id(net, NB_GW, NB_DW, layer);
    case OPERAND_GB:
        return either_id(net, NB_GB, NB_DB, layer);
    default: {
        enum nb_quantity_kind kind = (enum nb_quantity_kind)operand;
        return nb_quantity_id(net, kind, quantity_row(kind)->layered ? layer : 0);
    }
    }
}

/* ---- Building ---- */

struct builder {
    struct nb_net *net;
    struct nb_op *plan;
    size_t *operands, *computed_by;
    size_t length, used;
};

static void add_operand(struct builder *builder, size_t *count, size_t id)
{
    if (id == NB_NOWHERE)
        return;
    builder->operands[builder->used++] = id;
    ++*count;
}

static void add_row(struct builder *builder, const int *row, size_t layer, const size_t **ids,
                    size_t *count)
{
    *ids = builder->operands + builder->used;
    for (; *row != END; row++)
        add_operand(builder, count, operand_id(builder->net, *row, layer));
}

static struct nb_op *op_begin(struct builder *builder, enum nb_op_kind kind, size_t layer)
{
    struct nb_op *op = &builder->plan[builder->length++];
    *op = (struct nb_op){ .kind = kind, .phase = op_rows[kind].phase, .layer = layer };
    return op;
}

static void op_end(struct builder *builder, const struct nb_op *op)
{
    if (op->phase == NB_UPDATE || op->kind == NB_OP_CLIP)
        return;
    for (size_t i = 0; i < op->nwrites; i++)
        builder->computed_by[op->writes[i]] = builder->length - 1;
}

static void add_op(struct builder *builder, enum nb_op_kind kind, size_t layer)
{
    struct nb_op *op = op_begin(builder, kind, layer);
    add_row(builder, op_rows[kind].reads, layer, &op->reads, &op->nreads);
    add_row(builder, op_rows[kind].writes, layer, &op->writes, &op->nwrites);
    op_end(builder, op);
}

/* PENALTY reads what is penalised in every layer. */
static void add_penalty(struct builder *builder)
{
    struct nb_net *net = builder->net;
    struct nb_op *op = op_begin(builder, NB_OP_PENALTY, net->spec.layers);
    op->reads = builder->operands + builder->used;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        add_operand(builder, &op->nreads, nb_quantity_id(net, NB_W, l));
        if (learning_penalizes(&net->learning, NB_GB))
            add_operand(builder, &op->nreads, nb_quantity_id(net, NB_B, l));
    }
    op->writes = builder->operands + builder->used;
    add_operand(builder, &op->nwrites, nb_quantity_id(net, NB_PENALTY, 0));
    op_end(builder, op);
}

/* CLIP works in place on every gradient. */
static void add_clip(struct builder *builder)
{
    struct nb_net *net = builder->net;
    struct nb_op *op = op_begin(builder, NB_OP_CLIP, net->spec.layers);
    op->reads = op->writes = builder->operands + builder->used;
    for (size_t l = 1; l <= net->spec.layers; l++)
        for (enum nb_quantity_kind kind = NB_DW; kind <= NB_DBETA; kind++)
            add_operand(builder, &op->nwrites, nb_quantity_id(net, kind, l));
    op->nreads = op->nwrites;
}

bool net_delta_direct(const struct nb_spec *spec)
{
    return spec->loss == NB_CROSS_ENTROPY || spec->loss == NB_BINARY_CROSS_ENTROPY;
}

static enum nb_op_kind delta_kind(const struct nb_spec *spec, size_t layer)
{
    if (layer == spec->layers && net_delta_direct(spec))
        return NB_OP_DELTA_DIRECT;
    return spec->layer[layer - 1].activation == NB_SOFTMAX ? NB_OP_DELTA_SOFTMAX : NB_OP_DELTA;
}

static void add_forward(struct builder *builder)
{
    struct nb_net *net = builder->net;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        add_op(builder, NB_OP_AFFINE, l);
        if (net->layers[l - 1].batchnorm)
            add_op(builder, NB_OP_BATCHNORM, l);
        add_op(builder, NB_OP_ACTIVATION, l);
        if (net->layers[l - 1].dropout > 0)
            add_op(builder, NB_OP_DROPOUT, l);
    }
    add_op(builder, NB_OP_LOSS, net->spec.layers);
    if (learning_has_penalty(&net->learning))
        add_penalty(builder);
}

static void add_backward(struct builder *builder)
{
    struct nb_net *net = builder->net;
    if (nb_quantity_id(net, NB_DA, net->spec.layers) != NB_NOWHERE)
        add_op(builder, NB_OP_LOSS_GRAD, net->spec.layers);
    for (size_t l = net->spec.layers; l >= 1; l--) {
        if (net->layers[l - 1].dropout > 0)
            add_op(builder, NB_OP_DROPOUT_GRAD, l);
        add_op(builder, delta_kind(&net->spec, l), l);
        if (net->layers[l - 1].batchnorm)
            add_op(builder, NB_OP_BATCHNORM_GRAD, l);
        add_op(builder, NB_OP_GRAD_W, l);
        add_op(builder, NB_OP_GRAD_B, l);
        if (l > 1)
            add_op(builder, NB_OP_GRAD_A, l);
    }
    if (net->learning.clip != 0)
        add_clip(builder);
    for (size_t l = 1; learning_has_penalty(&net->learning) && l <= net->spec.layers; l++)
        add_op(builder, NB_OP_REGULARIZE, l);
}

static void add_update(struct builder *builder)
{
    struct nb_net *net = builder->net;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        if (net->layers[l - 1].batchnorm)
            add_op(builder, NB_OP_STATISTICS, l);
        add_op(builder, NB_OP_UPDATE, l);
    }
}

/* Where an operation of the old plan stands in the new one; 0 where nowhere. */
static size_t same_place(const struct builder *builder)
{
    const struct nb_net *net = builder->net;
    if (!net->plan)
        return 0;
    const struct nb_op *at = &net->plan[net->state.cursor];
    for (size_t i = 0; i < builder->length; i++)
        if (builder->plan[i].kind == at->kind && builder->plan[i].layer == at->layer)
            return i;
    return 0;
}

enum nb_status plan_build(struct nb_net *net, struct nb_error *error)
{
    size_t ops = net->spec.layers * 13 + 4;
    struct builder builder = {
        .net = net,
        .plan = memory_new(ops, sizeof *net->plan),
        .operands = memory_new(ops * 2 * OPERANDS_MOST, sizeof *net->operands),
        .computed_by = memory_new(net->count, sizeof *net->computed_by),
    };
    if (!builder.plan || !builder.operands || !builder.computed_by) {
        free(builder.plan);
        free(builder.operands);
        free(builder.computed_by);
        return error_memory(error);
    }
    for (size_t id = 0; id < net->count; id++)
        builder.computed_by[id] = NB_NOWHERE;
    add_forward(&builder);
    net->start[NB_BACKWARD] = builder.length;
    add_backward(&builder);
    net->start[NB_UPDATE] = builder.length;
    add_update(&builder);
    net->state.cursor = same_place(&builder);
    free(net->plan);
    free(net->operands);
    free(net->computed_by);
    net->plan = builder.plan;
    net->operands = builder.operands;
    net->computed_by = builder.computed_by;
    net->length = builder.length;
    return NB_OK;
}

size_t nb_plan_length(const struct nb_net *net)
{
    return net->length;
}

const struct nb_op *nb_plan_op(const struct nb_net *net, size_t index)
{
    return &net->plan[index];
}

size_t nb_plan_start(const struct nb_net *net, enum nb_phase phase)
{
    return net->start[phase];
}
