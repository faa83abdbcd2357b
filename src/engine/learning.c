/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How parameters learn: optimiser, rate, penalties. */
#include "engine/net.h"

static const struct {
    bool m, v;
} optimizer_state[] = {
    [NB_SGD] = { false, false },     [NB_MOMENTUM] = { false, true },
    [NB_NESTEROV] = { false, true }, [NB_RMSPROP] = { false, true },
    [NB_ADAM] = { true, true },      [NB_ADAMW] = { true, true },
};

struct nb_learning nb_learning_default(void)
{
    return (struct nb_learning){ .optimizer = NB_SGD,
                                 .lr = 0.1,
                                 .momentum = 0.9,
                                 .rho = 0.99,
                                 .epsilon = 1e-8,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999 };
}

bool learning_has_m(const struct nb_learning *learning)
{
    return optimizer_state[learning->optimizer].m;
}

bool learning_has_v(const struct nb_learning *learning)
{
    return optimizer_state[learning->optimizer].v;
}

/* adamw shrinks the weights itself: its l2 is no part of the gradient. */
bool learning_has_penalty(const struct nb_learning *learning)
{
    return learning->l1 != 0 || (learning->l2 != 0 && learning->optimizer != NB_ADAMW);
}

bool learning_penalizes(const struct nb_learning *learning, enum nb_quantity_kind kind)
{
    return learning_has_penalty(learning) && (kind == NB_GW || learning->regularize_bias);
}

double learning_l2_share(const struct nb_net *net)
{
    const struct nb_learning *learning = &net->learning;
    size_t samples = learning->samples ? learning->samples : net_find(net, NB_X, 0)->rows;
    const double shares[] = {
        [NB_L2_HALF] = learning->l2 / 2,
        [NB_L2_FULL] = learning->l2,
        [NB_L2_PER_SAMPLE] = learning->l2 / (2 * (double)(samples ? samples : 1)),
    };
    return learning->optimizer == NB_ADAMW ? 0 : shares[learning->l2_form];
}

static bool same_penalty(const struct nb_learning *a, const struct nb_learning *b)
{
    if (!learning_has_penalty(a) && !learning_has_penalty(b))
        return true;
    return learning_has_penalty(a) == learning_has_penalty(b) && a->l1 == b->l1 && a->l2 == b->l2 &&
           a->l2_form == b->l2_form && a->regularize_bias == b->regularize_bias &&
           a->samples == b->samples;
}

static bool same_plan(const struct nb_learning *a, const struct nb_learning *b)
{
    return learning_has_penalty(a) == learning_has_penalty(b) &&
           learning_penalizes(a, NB_GB) == learning_penalizes(b, NB_GB) &&
           (a->clip != 0) == (b->clip != 0) && a->optimizer == b->optimizer;
}

/* Within the update there is no way back: w is no longer what dw was taken at.
 * The layers that still wait take the new penalty. */
static void regularize_again(struct nb_net *net)
{
    for (size_t i = net->start[NB_BACKWARD]; i < net->start[NB_UPDATE]; i++)
        if (net->plan[i].kind == NB_OP_REGULARIZE)
            op_step(net, &net->plan[i], NULL); /* no update: it cannot fail */
}

/* What was computed by the rules before is unset: the penalty and its
 * gradients, and gradients that were clipped, or should have been. */
static void unset_results(struct nb_net *net, const struct nb_learning *before)
{
    bool penalty = !same_penalty(before, &net->learning), clip = before->clip != net->learning.clip;
    if (!penalty && !clip)
        return;
    if (net->state.cursor > net->start[NB_UPDATE]) {
        regularize_again(net);
        return;
    }
    for (size_t id = 0; id < net->count; id++) {
        struct cell *cell = net_cell(net, id);
        enum block block = kind_row(cell->kind)->block;
        if ((penalty && (block == BLOCK_PENALIZED || cell->kind == NB_PENALTY)) ||
            (clip && block == BLOCK_GRADIENT))
            cell->stamp = 0;
    }
    cursor_to_stale(net);
}

static enum nb_status reserve_rooms(struct nb_net *net, const struct nb_learning *learning,
                                    struct nb_error *error)
{
    const struct {
        enum block block;
        bool wanted;
    } rooms[] = { { BLOCK_PENALIZED, learning_has_penalty(learning) },
                  { BLOCK_M, learning_has_m(learning) },
                  { BLOCK_V, learning_has_v(learning) } };
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0] && !status; i++)
        if (rooms[i].wanted)
            status = net_reserve(net, rooms[i].block, 1, error);
    return status;
}

enum nb_status nb_net_set_learning(struct nb_net *net, const struct nb_learning *learning,
                                   struct nb_error *error)
{
    struct nb_learning before = net->learning;
    enum nb_status status = reserve_rooms(net, learning, error);
    if (status)
        return status;
    net->learning = *learning;
    if (!same_plan(&before, learning))
        status = plan_build(net, error);
    if (status)
        net->learning = before;
    else
        unset_results(net, &before);
    return status;
}

const struct nb_learning *nb_net_learning(const struct nb_net *net)
{
    return &net->learning;
}

void nb_net_set_lr(struct nb_net *net, double lr)
{
    net->learning.lr = lr;
}

double nb_net_lr(const struct nb_net *net)
{
    return net->learning.lr;
}

uint64_t nb_net_updates(const struct nb_net *net)
{
    return net->state.optimizer == net->learning.optimizer ? net->state.updates : 0;
}
