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

enum nb_status nb_net_set_learning(struct nb_net *net, const struct nb_learning *learning,
                                   struct nb_error *error)
{
    struct nb_learning before = net->learning;
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
    if (status)
        return status;
    net->learning = *learning;
    bool same = learning_has_penalty(&before) == learning_has_penalty(learning) &&
                learning_penalizes(&before, NB_GB) == learning_penalizes(learning, NB_GB) &&
                (before.clip != 0) == (learning->clip != 0) &&
                before.optimizer == learning->optimizer;
    if (!same)
        status = plan_build(net, error);
    if (status)
        net->learning = before;
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
