/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: what one training iteration does, as a flat list.
 *
 *     forward    AFFINE ACTIVATION for each layer, LOSS
 *     backward   LOSS_GRAD, then from the top DELTA GRAD_W GRAD_B GRAD_A
 *     update     UPDATE for each layer
 */
#include <stdlib.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/net.h"

/* A quantity of the operation's own layer, or of the one below it. */
struct operand {
    enum nb_quantity_kind kind;
    bool below;
};

struct op_row {
    enum nb_phase phase;
    size_t nreads, nwrites;
    struct operand reads[4], writes[2];
};

static const struct op_row op_rows[NB_OP_KINDS] = {
    [NB_OP_AFFINE] = { NB_FORWARD,
                       3,
                       1,
                       { { NB_A, true }, { NB_W, 0 }, { NB_B, 0 } },
                       { { NB_Z, 0 } } },
    [NB_OP_ACTIVATION] = { NB_FORWARD, 1, 1, { { NB_Z, 0 } }, { { NB_A, 0 } } },
    [NB_OP_LOSS] = { NB_FORWARD,
                     3,
                     1,
                     { { NB_A, 0 }, { NB_Z, 0 }, { NB_Y, 0 } },
                     { { NB_LOSS_VALUE, 0 } } },
    [NB_OP_LOSS_GRAD] = { NB_BACKWARD,
                          3,
                          1,
                          { { NB_A, 0 }, { NB_Z, 0 }, { NB_Y, 0 } },
                          { { NB_DA, 0 } } },
    [NB_OP_DELTA] = { NB_BACKWARD,
                      3,
                      1,
                      { { NB_DA, 0 }, { NB_Z, 0 }, { NB_A, 0 } },
                      { { NB_DELTA, 0 } } },
    [NB_OP_DELTA_SOFTMAX] = { NB_BACKWARD,
                              2,
                              1,
                              { { NB_DA, 0 }, { NB_A, 0 } },
                              { { NB_DELTA, 0 } } },
    [NB_OP_DELTA_DIRECT] = { NB_BACKWARD, 2, 1, { { NB_A, 0 }, { NB_Y, 0 } }, { { NB_DELTA, 0 } } },
    [NB_OP_GRAD_W] = { NB_BACKWARD, 2, 1, { { NB_A, true }, { NB_DELTA, 0 } }, { { NB_DW, 0 } } },
    [NB_OP_GRAD_B] = { NB_BACKWARD, 1, 1, { { NB_DELTA, 0 } }, { { NB_DB, 0 } } },
    [NB_OP_GRAD_A] = { NB_BACKWARD, 2, 1, { { NB_DELTA, 0 }, { NB_W, 0 } }, { { NB_DA, true } } },
    [NB_OP_UPDATE] = { NB_UPDATE,
                       4,
                       2,
                       { { NB_W, 0 }, { NB_B, 0 }, { NB_DW, 0 }, { NB_DB, 0 } },
                       { { NB_W, 0 }, { NB_B, 0 } } },
};

const struct nb_choice *nb_op_rows(void)
{
    static const struct nb_choice rows[NB_OP_KINDS] = {
        [NB_OP_AFFINE] = { "affine", "z = a·w + b" },
        [NB_OP_ACTIVATION] = { "activation", "a = f(z)" },
        [NB_OP_LOSS] = { "loss", "L(ŷ, y)" },
        [NB_OP_LOSS_GRAD] = { "loss gradient", "da = ∂L/∂ŷ" },
        [NB_OP_DELTA] = { "delta", "delta = da ∘ f'(z)" },
        [NB_OP_DELTA_SOFTMAX] = { "softmax delta", "delta = a ∘ (da − Σ da·a)" },
        [NB_OP_DELTA_DIRECT] = { "direct delta", "delta = ∂L/∂z from ŷ and y" },
        [NB_OP_GRAD_W] = { "weight gradient", "dw = aᵀ·delta" },
        [NB_OP_GRAD_B] = { "bias gradient", "db = Σ delta" },
        [NB_OP_GRAD_A] = { "activation gradient", "da = delta·wᵀ" },
        [NB_OP_UPDATE] = { "update", "w ← w − η·dw, b ← b − η·db" },
    };
    return rows;
}

static size_t operand_id(const struct nb_net *net, struct operand operand, size_t layer)
{
    layer -= operand.below;
    if (operand.kind == NB_A && layer == 0)
        return nb_quantity_id(net, NB_X, 0);
    bool layered = quantity_row(operand.kind)->layered;
    return nb_quantity_id(net, operand.kind, layered ? layer : 0);
}

static void plan_add(struct nb_net *net, enum nb_op_kind kind, size_t layer)
{
    const struct op_row *row = &op_rows[kind];
    size_t index = net->length++;
    struct nb_op *op = &net->plan[index];
    *op = (struct nb_op){ .kind = kind,
                          .phase = row->phase,
                          .layer = layer,
                          .nreads = row->nreads,
                          .nwrites = row->nwrites };
    for (size_t i = 0; i < row->nreads; i++)
        op->reads[i] = operand_id(net, row->reads[i], layer);
    for (size_t i = 0; i < row->nwrites; i++) {
        op->writes[i] = operand_id(net, row->writes[i], layer);
        if (kind != NB_OP_UPDATE)
            net_cell(net, op->writes[i])->op = index;
    }
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

enum nb_status plan_build(struct nb_net *net, struct nb_error *error)
{
    const struct nb_spec *spec = &net->spec;
    size_t layers = spec->layers;
    net->plan = memory_new(layers * 7 + 2, sizeof *net->plan);
    if (!net->plan)
        return error_memory(error);
    for (size_t l = 1; l <= layers; l++) {
        plan_add(net, NB_OP_AFFINE, l);
        plan_add(net, NB_OP_ACTIVATION, l);
    }
    plan_add(net, NB_OP_LOSS, layers);
    net->start[NB_BACKWARD] = net->length;
    if (nb_quantity_id(net, NB_DA, layers) != NB_NOWHERE)
        plan_add(net, NB_OP_LOSS_GRAD, layers);
    for (size_t l = layers; l >= 1; l--) {
        plan_add(net, delta_kind(spec, l), l);
        plan_add(net, NB_OP_GRAD_W, l);
        plan_add(net, NB_OP_GRAD_B, l);
        if (l > 1)
            plan_add(net, NB_OP_GRAD_A, l);
    }
    net->start[NB_UPDATE] = net->length;
    for (size_t l = 1; l <= layers; l++)
        plan_add(net, NB_OP_UPDATE, l);
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
