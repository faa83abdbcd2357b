/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The executor: a row a kind of operation, and the loop that runs them. */
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

static void run_loss(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    double loss =
        loss_of(net)->value(a->data, data_of(net, op->reads[1]), data_of(net, op->reads[2]),
                            a->rows, a->cols, has_softmax(net));
    net->kernels->vector->set(data_of(net, op->writes[0]), 0, loss);
}

static void run_loss_grad(struct nb_net *net, const struct nb_op *op)
{
    const struct cell *a = &net->state.cells[op->reads[0]];
    loss_of(net)->grad(data_of(net, op->writes[0]), a->data, data_of(net, op->reads[1]),
                       data_of(net, op->reads[2]), a->rows, a->cols);
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

static void run_update(struct nb_net *net, const struct nb_op *op)
{
    for (size_t i = 0; i < 2; i++) {
        struct cell *parameter = &net->state.cells[op->writes[i]];
        if (!parameter->frozen)
            net->kernels->vector->sgd(parameter->data, data_of(net, op->reads[2 + i]), net->lr,
                                      parameter->rows * parameter->cols);
    }
}

static void (*const op_runs[NB_OP_KINDS])(struct nb_net *, const struct nb_op *) = {
    [NB_OP_AFFINE] = run_affine,
    [NB_OP_ACTIVATION] = run_activation,
    [NB_OP_LOSS] = run_loss,
    [NB_OP_LOSS_GRAD] = run_loss_grad,
    [NB_OP_DELTA] = run_delta,
    [NB_OP_DELTA_SOFTMAX] = run_delta_softmax,
    [NB_OP_DELTA_DIRECT] = run_delta_direct,
    [NB_OP_GRAD_W] = run_grad_w,
    [NB_OP_GRAD_B] = run_grad_b,
    [NB_OP_GRAD_A] = run_grad_a,
    [NB_OP_UPDATE] = run_update,
};

void op_run(struct nb_net *net, const struct nb_op *op)
{
    op_runs[op->kind](net, op);
    for (size_t i = 0; i < op->nwrites; i++) {
        struct cell *cell = &net->state.cells[op->writes[i]];
        if (!cell->frozen)
            cell->stamp = ++net->clock;
    }
}

enum nb_status exec_check(const struct nb_net *net, size_t last, struct nb_error *error)
{
    const struct cell *x = net_find(net, NB_X, 0), *y = net_find(net, NB_Y, 0);
    if (!x->stamp)
        return error_set(error, NB_FAILED, "no input yet: give x its %zu numbers", x->cols);
    if (last < net->start[NB_BACKWARD])
        return NB_OK;
    if (!y->stamp)
        return error_set(error, NB_FAILED, "no target yet: give y its %zu numbers", y->cols);
    if (x->rows != y->rows)
        return error_set(error, NB_FAILED, "x has %zu rows and y has %zu: give both as many",
                         x->rows, y->rows);
    return NB_OK;
}

enum nb_status nb_exec(struct nb_net *net, size_t count, struct nb_error *error)
{
    size_t cursor = net->state.cursor;
    if (!count)
        return NB_OK;
    /* LOSS is the operation just before the backward phase */
    bool wraps = count > net->length - cursor;
    size_t last = wraps || cursor + count >= net->start[NB_BACKWARD] ? net->length : 0;
    enum nb_status status = exec_check(net, last, error);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        op_run(net, &net->plan[cursor]);
        if (++cursor == net->length) {
            cursor = 0;
            net->state.iteration++;
        }
    }
    net->state.cursor = cursor;
    return NB_OK;
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
