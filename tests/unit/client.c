/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of one's own looks like: XOR, with nabla.h and libnabla alone. */
#include <nabla.h>
#include <stdio.h>

static const double corners[4][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };
static const double answers[4] = { 0, 1, 1, 0 };

static enum nb_status learn(struct nb_net *net, struct nb_error *error)
{
    enum nb_status status =
        nb_assign(net, nb_quantity_id(net, NB_X, 0), 4, 2, &corners[0][0], error);
    if (!status)
        status = nb_assign(net, nb_quantity_id(net, NB_Y, 0), 4, 1, answers, error);
    if (status)
        return status;
    nb_net_set_lr(net, 1);
    struct nb_progress last;
    return nb_train(net, &(struct nb_train){ .epochs = 5000 }, &last, error);
}

static enum nb_status show(struct nb_net *net, struct nb_error *error)
{
    enum nb_status status = nb_exec(net, nb_plan_start(net, NB_BACKWARD), error);
    if (status)
        return status;
    size_t yhat = nb_quantity_id(net, NB_A, 2);
    for (size_t i = 0; i < 4; i++)
        printf("%g xor %g = %.3f\n", corners[i][0], corners[i][1], nb_value(net, yhat, i, 0));
    double loss = nb_value(net, nb_quantity_id(net, NB_LOSS_VALUE, 0), 0, 0);
    printf("loss %.6f\n", loss);
    return loss < 0.01 ? NB_OK : NB_FAILED;
}

int main(void)
{
    const struct nb_layer layers[] = { { .units = 4, .activation = NB_TANH },
                                       { .units = 1, .activation = NB_SIGMOID } };
    const struct nb_spec spec = { .inputs = 2,
                                  .layers = 2,
                                  .layer = layers,
                                  .loss = NB_BINARY_CROSS_ENTROPY,
                                  .init = { NB_INIT_DEFAULT, 0, 0 },
                                  .seed = 1 };
    struct nb_net *net = NULL;
    struct nb_error error = { .text = "the loss stayed high" };
    enum nb_status status = nb_net_new(&spec, &net, &error);
    if (!status)
        status = learn(net, &error);
    if (!status)
        status = show(net, &error);
    nb_net_free(&net);
    if (status)
        fprintf(stderr, "client: %s\n", error.text);
    return status;
}
