/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a quantity of other networks is not in this one, and what to type. */
#include <string.h>

#include "base/error.h"
#include "command/names.h"
#include "command/netspec.h"

#define LAYERS_SHOWN 4 /* of a network that is written out */

enum lack { LACKS_NONE, LACKS_BATCHNORM, LACKS_DROPOUT, LACKS_M, LACKS_V };

/* What has to be there, and what a quantity is without it. */
static const struct {
    enum lack lack;
    const char *otherwise; /* stem, or NULL */
} needs[NB_QUANTITY_KINDS] = {
    [NB_MU] = { LACKS_BATCHNORM, NULL },
    [NB_VAR] = { LACKS_BATCHNORM, NULL },
    [NB_XHAT] = { LACKS_BATCHNORM, NULL },
    [NB_U] = { LACKS_BATCHNORM, "z" },
    [NB_GAMMA] = { LACKS_BATCHNORM, NULL },
    [NB_BETA] = { LACKS_BATCHNORM, NULL },
    [NB_DU] = { LACKS_BATCHNORM, "delta" },
    [NB_DGAMMA] = { LACKS_BATCHNORM, NULL },
    [NB_DBETA] = { LACKS_BATCHNORM, NULL },
    [NB_RMEAN] = { LACKS_BATCHNORM, NULL },
    [NB_RVAR] = { LACKS_BATCHNORM, NULL },
    [NB_MASK] = { LACKS_DROPOUT, NULL },
    [NB_H] = { LACKS_DROPOUT, "a" },
    [NB_DH] = { LACKS_DROPOUT, "da" },
    [NB_MW] = { LACKS_M, NULL },
    [NB_MB] = { LACKS_M, NULL },
    [NB_MGAMMA] = { LACKS_M, NULL },
    [NB_MBETA] = { LACKS_M, NULL },
    [NB_VW] = { LACKS_V, NULL },
    [NB_VB] = { LACKS_V, NULL },
    [NB_VGAMMA] = { LACKS_V, NULL },
    [NB_VBETA] = { LACKS_V, NULL },
};

/* "net 3 - 2 batchnorm sigmoid - 2 sigmoid": this network with the part. */
static void add_network(struct text *text, const struct nb_net *net, size_t layer, enum lack lack)
{
    struct nb_spec spec = *nb_net_spec(net);
    struct nb_layer layers[LAYERS_SHOWN];
    if (spec.layers > LAYERS_SHOWN) {
        text_printf(text, "net 784 - 64 %s - 10 softmax",
                    lack == LACKS_DROPOUT ? "relu dropout(0.4)" : "batchnorm relu");
        return;
    }
    memcpy(layers, spec.layer, spec.layers * sizeof *layers);
    layers[layer - 1].batchnorm = layers[layer - 1].batchnorm || lack == LACKS_BATCHNORM;
    layers[layer - 1].dropout = lack == LACKS_DROPOUT ? 0.4 : layers[layer - 1].dropout;
    spec.layer = layers;
    text_add(text, "net ");
    netspec_add_long(text, &spec);
}

static bool keeps(enum nb_optimizer optimizer, enum lack lack)
{
    return lack == LACKS_M ? optimizer == NB_ADAM || optimizer == NB_ADAMW : optimizer != NB_SGD;
}

static void add_state(struct text *text, const struct nb_net *net, const char *name, enum lack lack)
{
    size_t count;
    enum nb_optimizer optimizer = nb_net_learning(net)->optimizer;
    struct nb_counters last = nb_net_counters(net);
    if (last.updates && keeps(last.optimizer, lack)) {
        const char *keeper = nb_optimizers(&count)[last.optimizer].name;
        text_printf(text,
                    "%s is of %s, by which the last update was made, and the setting optimizer is "
                    "%s: set optimizer %s shows it",
                    name, keeper, nb_optimizers(&count)[optimizer].name, keeper);
        return;
    }
    text_printf(text, "%s: %s keeps none", name, nb_optimizers(&count)[optimizer].name);
    if (lack == LACKS_M && optimizer != NB_SGD)
        text_printf(text, ", only v%s", name + 1);
    text_printf(text, "; %s", lack == LACKS_M ? "set optimizer adam" : "set optimizer momentum");
}

/* The slope of the cross-entropy along a softmax's outputs: no operation makes it, but it
 * can be had. */
static void add_output_gradient(struct text *text, const struct nb_net *net, const char *name)
{
    size_t layers = nb_net_spec(net)->layers;
    struct nb_quantity y;
    nb_quantity_get(net, nb_quantity_id(net, NB_Y, 0), &y);
    text_printf(text,
                "%s is not part of this network: with its loss, delta%zu comes straight from yhat "
                "and y; after forward, -y / yhat%s is it, and explain delta%zu[1] jacobian goes by "
                "way of it",
                name, layers, y.rows > 1 ? " / rows(y)" : "", layers);
}

/* A layer that this network has, but without the quantity. */
static void add_reason(struct text *text, const struct nb_net *net, const char *name,
                       enum nb_quantity_kind kind, size_t layer)
{
    enum lack lack = needs[kind].lack;
    size_t layers = nb_net_spec(net)->layers;
    bool state = lack == LACKS_M || lack == LACKS_V;
    bool scale = kind == NB_MGAMMA || kind == NB_MBETA || kind == NB_VGAMMA || kind == NB_VBETA;
    if (scale && !nb_net_spec(net)->layer[layer - 1].batchnorm)
        lack = LACKS_BATCHNORM;
    else if (state) {
        add_state(text, net, name, lack);
        return;
    }
    if (lack == LACKS_NONE) {
        add_output_gradient(text, net, name);
        return;
    }
    text_printf(text, "%s: layer %zu has no %s", name, layer,
                lack == LACKS_DROPOUT ? "dropout" : "batch norm");
    if (needs[kind].otherwise)
        text_printf(text, ", so it is %s%zu", needs[kind].otherwise, layer);
    if (lack == LACKS_DROPOUT && layer == layers) {
        text_add(text, "; the output has none, hidden layers can");
        return;
    }
    text_add(text, "; type ");
    add_network(text, net, layer, lack);
}

/* Adds "w1, w2" or, for many layers, "w1 to w12". */
static void add_layers(struct text *text, const struct nb_net *net, enum nb_quantity_kind kind)
{
    const char *stem = nb_quantity_rows()[kind].stem;
    size_t layers = nb_net_spec(net)->layers, found = 0;
    for (size_t l = 1; l <= layers && layers <= 6; l++)
        if (nb_quantity_id(net, kind, l) != NB_NOWHERE)
            text_printf(text, "%s%s%zu", found++ ? ", " : ": ", stem, l);
    if (layers > 6 && needs[kind].lack == LACKS_NONE)
        text_printf(text, ": %s1 to %s%zu", stem, stem, layers);
}

/* The derivative with respect to x: training needs none, but it can be had. */
static void add_input_gradient(struct text *text, const struct session *session, const char *name)
{
    text_printf(text,
                "%s, the derivative with respect to x, is not computed, as no weight is learnt "
                "from it: after backward, delta1 @ w1%s is it",
                name, session->settings.to_from ? "" : "'");
}

enum nb_status names_missing(const struct session *session, const char *name,
                             enum nb_quantity_kind kind, size_t layer, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const struct nb_net *net = session->net;
    size_t layers = nb_net_spec(net)->layers;
    char indexed[64];
    if (kind == NB_PENALTY) {
        bool decays = nb_net_learning(net)->optimizer == NB_ADAMW && nb_net_learning(net)->l2 != 0;
        text_add(&text, decays ? "penalty is 0: adamw takes l2 off the weights by itself; set "
                                 "optimizer adam makes a penalty of it"
                               : "penalty is 0, no operation computes it: set l2 1e-4");
    } else if (kind == NB_DA && layer == 0) {
        add_input_gradient(&text, session, name);
    } else if (layer >= 1 && layer <= layers) {
        add_reason(&text, net, name, kind, layer);
    } else {
        text_printf(&text, "%s: this network has %zu layer%s", name, layers,
                    layers == 1 ? "" : "s");
        add_layers(&text, net, kind);
        if (layer > layers && names_suggest(name, indexed))
            text_printf(&text, "; did you mean %s?", indexed);
    }
    enum nb_status status = error_set(error, NB_FAILED, "%s", text.bytes);
    text_release(&text);
    return status;
}
