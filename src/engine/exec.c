/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The executor: a row a kind of operation, and the loop that runs them. */
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "engine/net.h"

static void *data_of(const struct nb_net *net, size_t id)
{
    return net->state.cells[id].data;
}

static const struct activation_kernel *activation_of(const struct nb_net *net, size_t layer)
{
    return &net->kernels->activation[net->layers[layer - 1].activation];
}

static bool has_softmax(const struct nb_net *net)
{
    return net->layers[net->spec.layers - 1].activation == NB_SOFTMAX;
}

static const struct loss_kernel *loss_of(const struct nb_net *net)
{
    return &net->kernels->loss[net->spec.loss];
}

static void run_affine(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]], *w = &net->state.cells[op->reads[1]];
    net->kernels->matrix->affine(data_of(net, op->writes[0]), a->data, w->data,
                                 data_of(net, op->reads[2]), a->rows, w->rows, w->cols);
}

static void run_activation(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *z = &net->state.cells[op->reads[0]];
    activation_of(net, op->layer)->forward(data_of(net, op->writes[0]), z->data, z->rows, z->cols);
}

static void run_batchnorm(struct nb_net *net, const struct nb_op *op)
{
    const struct batchnorm_kernels *batchnorm = net->kernels->batchnorm;
    const struct cell *z = &net->state.cells[op->reads[0]];
    void *mu = data_of(net, op->writes[0]), *var = data_of(net, op->writes[1]);
    void *xhat = data_of(net, op->writes[2]), *u = data_of(net, op->writes[3]);
    const void *gamma = data_of(net, op->reads[1]), *beta = data_of(net, op->reads[2]);
    if (net->evaluating)
        batchnorm->evaluate(u, xhat, net_find(net, NB_RMEAN, op->layer)->data,
                            net_find(net, NB_RVAR, op->layer)->data, z->data, gamma, beta, z->rows,
                            z->cols);
    else
        batchnorm->forward(u, xhat, mu, var, z->data, gamma, beta, z->rows, z->cols);
}

static void run_dropout(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    const struct vector_kernels *vector = net->kernels->vector;
    double p = net->evaluating ? 0 : net->layers[op->layer - 1].dropout;
    void *mask = data_of(net, op->writes[0]);
    vector->mask(mask, p, net->state.seed, net->state.iteration, op->layer, a->rows * a->cols);
    vector->multiply(data_of(net, op->writes[1]), a->data, mask, a->rows * a->cols);
}

static void run_loss(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    double loss =
        loss_of(net)->value(a->data, data_of(net, op->reads[1]), data_of(net, op->reads[2]),
                            a->rows, a->cols, has_softmax(net));
    net->kernels->vector->set(data_of(net, op->writes[0]), 0, loss);
}

/* c·Σw² + l1·Σ|w| over what is penalised */
static void run_penalty(struct nb_net *net, const struct nb_op *op)
{
    double absolute = 0, squares = 0;
    for (size_t i = 0; i < op->nreads; i++) {
        const struct cell *w = &net->state.cells[op->reads[i]];
        net->kernels->vector->sums(w->data, w->rows * w->cols, &absolute, &squares);
    }
    net->kernels->vector->set(data_of(net, op->writes[0]), 0,
                              learning_l2_share(net) * squares + net->learning.l1 * absolute);
}

static void run_loss_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    loss_of(net)->grad(data_of(net, op->writes[0]), a->data, data_of(net, op->reads[1]),
                       data_of(net, op->reads[2]), a->rows, a->cols);
}

static void run_dropout_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *dh = &net->state.cells[op->reads[0]];
    net->kernels->vector->multiply(data_of(net, op->writes[0]), dh->data,
                                   data_of(net, op->reads[1]), dh->rows * dh->cols);
}

static void run_batchnorm_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *du = &net->state.cells[op->reads[0]];
    net->kernels->batchnorm->backward(data_of(net, op->writes[0]), data_of(net, op->writes[1]),
                                      data_of(net, op->writes[2]), du->data,
                                      data_of(net, op->reads[1]), data_of(net, op->reads[2]),
                                      data_of(net, op->reads[3]), du->rows, du->cols);
}

static void run_delta(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *da = &net->state.cells[op->reads[0]];
    activation_of(net, op->layer)
        ->backward(data_of(net, op->writes[0]), da->data, data_of(net, op->reads[1]),
                   data_of(net, op->reads[2]), da->rows, da->cols);
}

static void run_delta_softmax(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *da = &net->state.cells[op->reads[0]];
    net->kernels->activation[NB_SOFTMAX].backward(data_of(net, op->writes[0]), da->data, NULL,
                                                  data_of(net, op->reads[1]), da->rows, da->cols);
}

static void run_delta_direct(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    loss_of(net)->delta(data_of(net, op->writes[0]), a->data, data_of(net, op->reads[1]), a->rows,
                        a->cols, has_softmax(net));
}

static void run_grad_w(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    const struct cell *delta = &net->state.cells[op->reads[1]];
    net->kernels->matrix->grad_w(data_of(net, op->writes[0]), a->data, delta->data, a->rows,
                                 a->cols, delta->cols);
}

static void run_grad_b(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *delta = &net->state.cells[op->reads[0]];
    net->kernels->matrix->grad_b(data_of(net, op->writes[0]), delta->data, delta->rows,
                                 delta->cols);
}

static void run_grad_a(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *delta = &net->state.cells[op->reads[0]];
    const struct cell *w = &net->state.cells[op->reads[1]];
    net->kernels->matrix->grad_a(data_of(net, op->writes[0]), delta->data, w->data, delta->rows,
                                 w->rows, w->cols);
}

#define CLIP_EPSILON 1e-6

/* All gradients · min(1, c/(‖all‖ + 1e-6)) */
static void run_clip(struct nb_net *net, const struct nb_op *op)
{
    const struct vector_kernels *vector = net->kernels->vector;
    double absolute = 0, squares = 0;
    for (size_t i = 0; i < op->nwrites; i++) {
        const struct cell *g = &net->state.cells[op->writes[i]];
        vector->sums(g->data, g->rows * g->cols, &absolute, &squares);
    }
    double factor = net->learning.clip / (sqrt(squares) + CLIP_EPSILON);
    for (size_t i = 0; i < op->nwrites && factor < 1; i++) {
        const struct cell *g = &net->state.cells[op->writes[i]];
        vector->scale(g->data, factor, g->rows * g->cols);
    }
}

/* reads dw w db b, writes gw and, where biases are penalised, gb */
static void run_regularize(struct nb_net *net, const struct nb_op *op)
{
    double l2 = 2 * learning_l2_share(net);
    for (size_t i = 0; i < op->nwrites; i++) {
        const struct cell *w = &net->state.cells[op->reads[2 * i + 1]];
        net->kernels->vector->regularize(data_of(net, op->writes[i]),
                                         data_of(net, op->reads[2 * i]), w->data, l2,
                                         net->learning.l1, w->rows * w->cols);
    }
}

static void run_statistics(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *mu = &net->state.cells[op->reads[0]];
    net->kernels->batchnorm->follow(data_of(net, op->writes[0]), data_of(net, op->writes[1]),
                                    mu->data, data_of(net, op->reads[1]),
                                    net_find(net, NB_X, 0)->rows, mu->cols);
}

static struct step_rule step_rule(const struct nb_net *net)
{
    const struct nb_learning *learning = &net->learning;
    double t = (double)(net->state.updates + 1);
    return (struct step_rule){ .eta = learning->lr,
                               .mu = learning->momentum,
                               .rho = learning->rho,
                               .beta1 = learning->beta1,
                               .beta2 = learning->beta2,
                               .epsilon = learning->epsilon,
                               .correction1 = 1 - pow(learning->beta1, t),
                               .correction2 = 1 - pow(learning->beta2, t) };
}

/* m or v of a part of a parameter; at its first update it begins at 0. */
static void *moment(struct nb_net *net, size_t id, size_t offset, size_t count)
{
    size_t size = net->kernels->vector->size;
    char *part = (char *)data_of(net, id) + offset * size;
    if (!net->state.updates)
        memset(part, 0, count * size);
    return part;
}

void update_begin(struct nb_net *net)
{
    if (net->state.optimizer == net->learning.optimizer)
        return;
    net->state.optimizer = net->learning.optimizer;
    forget_optimizer(net);
}

/* An UPDATE reads the n parameters of its layer, then their gradients; it
 * writes the parameters, then the m and the v of each where there are any. */
static void moments(struct nb_net *net, const struct nb_op *op, size_t index, size_t offset,
                    size_t count, void **m, void **v)
{
    size_t n = op->nreads / 2, v_at = learning_has_m(&net->learning) ? 2 * n : n;
    *m = v_at == n ? NULL : moment(net, op->writes[n + index], offset, count);
    *v = op->nwrites == n ? NULL : moment(net, op->writes[v_at + index], offset, count);
}

void update_slice(struct nb_net *net, const struct nb_op *op, size_t index, const void *g,
                  size_t offset, size_t count)
{
    const struct nb_learning *learning = &net->learning;
    const struct cell *w = &net->state.cells[op->writes[index]];
    struct step_rule rule = { .eta = learning->lr };
    void *m, *v;
    moments(net, op, index, offset, count, &m, &v);
    if (w->frozen)
        return;
    if (learning->optimizer != NB_SGD)
        rule = step_rule(net);
    rule.decay = w->kind == NB_W ? learning->l2 : 0;
    net->kernels->step[learning->optimizer]((char *)w->data + offset * net->kernels->vector->size,
                                            m, v, g, &rule, count);
}

static void update_from(struct nb_net *net, const struct nb_op *op, size_t first)
{
    size_t n = op->nreads / 2;
    for (size_t i = first; i < n; i++) {
        const struct cell *w = &net->state.cells[op->writes[i]];
        update_slice(net, op, i, data_of(net, op->reads[n + i]), 0, w->rows * w->cols);
    }
}

static void run_update(struct nb_net *net, const struct nb_op *op)
{
    update_begin(net);
    update_from(net, op, 0);
}

static void stamp_writes(struct nb_net *net, const struct nb_op *op)
{
    for (size_t i = 0; i < op->nwrites; i++) {
        struct cell *cell = &net->state.cells[op->writes[i]];
        if (!cell->frozen)
            net_stamp(net, cell);
    }
}

/* Weights that are frozen have no step of their own, but moments that begin. */
void update_but_weights(struct nb_net *net, const struct nb_op *op)
{
    update_from(net, op, net->state.cells[op->writes[0]].frozen ? 0 : 1);
    stamp_writes(net, op);
}

static void (*const op_runs[NB_OP_KINDS])(struct nb_net *, const struct nb_op *) = {
    [NB_OP_AFFINE] = run_affine,
    [NB_OP_BATCHNORM] = run_batchnorm,
    [NB_OP_ACTIVATION] = run_activation,
    [NB_OP_DROPOUT] = run_dropout,
    [NB_OP_LOSS] = run_loss,
    [NB_OP_PENALTY] = run_penalty,
    [NB_OP_LOSS_GRAD] = run_loss_grad,
    [NB_OP_DROPOUT_GRAD] = run_dropout_grad,
    [NB_OP_DELTA] = run_delta,
    [NB_OP_DELTA_SOFTMAX] = run_delta_softmax,
    [NB_OP_DELTA_DIRECT] = run_delta_direct,
    [NB_OP_BATCHNORM_GRAD] = run_batchnorm_grad,
    [NB_OP_GRAD_W] = run_grad_w,
    [NB_OP_GRAD_B] = run_grad_b,
    [NB_OP_GRAD_A] = run_grad_a,
    [NB_OP_CLIP] = run_clip,
    [NB_OP_REGULARIZE] = run_regularize,
    [NB_OP_STATISTICS] = run_statistics,
    [NB_OP_UPDATE] = run_update,
};

void op_run(struct nb_net *net, const struct nb_op *op)
{
    op_runs[op->kind](net, op);
    stamp_writes(net, op);
}

void iteration_end(struct nb_net *net)
{
    net->state.iteration++;
    net->state.updates++;
}

bool net_has_batchnorm(const struct nb_net *net)
{
    for (size_t l = 0; l < net->spec.layers; l++)
        if (net->layers[l].batchnorm)
            return true;
    return false;
}

enum nb_status exec_check(const struct nb_net *net, size_t last, struct nb_error *error)
{
    const struct cell *x = net_find(net, NB_X, 0), *y = net_find(net, NB_Y, 0);
    if (!x->stamp)
        return error_set(error, NB_FAILED, "no input yet: give x its %zu numbers", x->cols);
    if (x->rows == 1 && !net->evaluating && net_has_batchnorm(net))
        return error_set(error, NB_FAILED,
                         "batch norm: one row has no variance; take several, as sample 1:32 does");
    if (last < net->start[NB_BACKWARD])
        return NB_OK;
    if (!y->stamp)
        return error_set(error, NB_FAILED, "no target yet: give y its %zu numbers", y->cols);
    if (x->rows != y->rows)
        return error_set(error, NB_FAILED, "x has %zu rows and y has %zu: give both as many",
                         x->rows, y->rows);
    return NB_OK;
}

static size_t loss_op(const struct nb_net *net)
{
    size_t id = nb_quantity_id(net, NB_LOSS_VALUE, 0);
    return net->computed_by[id];
}

enum nb_status op_step(struct nb_net *net, const struct nb_op *op, struct nb_error *error)
{
    if (net->decimals != NB_EXACT)
        return op_run_rounded(net, op, error);
    op_run(net, op);
    return NB_OK;
}

static enum nb_status exec_one(struct nb_net *net, struct nb_error *error)
{
    enum nb_status status = op_step(net, &net->plan[net->state.cursor], error);
    if (status)
        return status;
    if (++net->state.cursor == net->length) {
        net->state.cursor = 0;
        iteration_end(net);
    }
    return NB_OK;
}

enum nb_status nb_exec(struct nb_net *net, size_t count, struct nb_error *error)
{
    size_t cursor = net->state.cursor;
    if (!count)
        return NB_OK;
    bool to_loss = count > net->length - cursor || cursor + count > loss_op(net);
    size_t last = to_loss ? net->length : 0;
    enum nb_status status = exec_check(net, last, error);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = exec_one(net, error);
    return status;
}

size_t nb_cursor(const struct nb_net *net)
{
    return net->state.cursor;
}

uint64_t nb_iteration(const struct nb_net *net)
{
    return net->state.iteration;
}

void nb_seek(struct nb_net *net, size_t index)
{
    net->state.cursor = index < net->length ? index : 0;
}
