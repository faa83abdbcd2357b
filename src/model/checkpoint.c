/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"

#define FORM        "1"
#define LAYERS_MOST 1000u

/* ---- The tables ---- */

static const struct field spec_fields[] = {
    { "inputs", FIELD_SIZE, offsetof(struct nb_spec, inputs), 0, NULL },
    { "layers", FIELD_SIZE, offsetof(struct nb_spec, layers), 0, NULL },
    { "loss", FIELD_CHOICE, offsetof(struct nb_spec, loss), 0, nb_losses },
    { "init", FIELD_CODE, offsetof(struct nb_spec, init.kind), NB_INIT_DEFAULT, NULL },
    { "init_a", FIELD_NUMBER, offsetof(struct nb_spec, init.a), 0, NULL },
    { "init_b", FIELD_NUMBER, offsetof(struct nb_spec, init.b), 0, NULL },
    { "precision", FIELD_CHOICE, offsetof(struct nb_spec, precision), 0, nb_precisions },
    { "seed", FIELD_WHOLE, offsetof(struct nb_spec, seed), 0, NULL },
};

static const struct field layer_fields[] = {
    { "units", FIELD_SIZE, offsetof(struct nb_layer, units), 0, NULL },
    { "activation", FIELD_CHOICE, offsetof(struct nb_layer, activation), 0, nb_activations },
    { "batchnorm", FIELD_FLAG, offsetof(struct nb_layer, batchnorm), 0, NULL },
    { "dropout", FIELD_NUMBER, offsetof(struct nb_layer, dropout), 0, NULL },
};

const struct field learning_fields[] = {
    { "optimizer", FIELD_CHOICE, offsetof(struct nb_learning, optimizer), 0, nb_optimizers },
    { "lr", FIELD_NUMBER, offsetof(struct nb_learning, lr), 0, NULL },
    { "momentum", FIELD_NUMBER, offsetof(struct nb_learning, momentum), 0, NULL },
    { "rho", FIELD_NUMBER, offsetof(struct nb_learning, rho), 0, NULL },
    { "epsilon", FIELD_NUMBER, offsetof(struct nb_learning, epsilon), 0, NULL },
    { "beta1", FIELD_NUMBER, offsetof(struct nb_learning, beta1), 0, NULL },
    { "beta2", FIELD_NUMBER, offsetof(struct nb_learning, beta2), 0, NULL },
    { "l1", FIELD_NUMBER, offsetof(struct nb_learning, l1), 0, NULL },
    { "l2", FIELD_NUMBER, offsetof(struct nb_learning, l2), 0, NULL },
    { "l2_form", FIELD_CHOICE, offsetof(struct nb_learning, l2_form), 0, nb_l2_forms },
    { "regularize_bias", FIELD_FLAG, offsetof(struct nb_learning, regularize_bias), 0, NULL },
    { "clip", FIELD_NUMBER, offsetof(struct nb_learning, clip), 0, NULL },
    { "samples", FIELD_SIZE, offsetof(struct nb_learning, samples), 0, NULL },
};
const size_t learning_field_count = COUNT_OF(learning_fields);

static const struct field counter_fields[] = {
    { "iteration", FIELD_WHOLE, offsetof(struct nb_counters, iteration), 0, NULL },
    { "updates", FIELD_WHOLE, offsetof(struct nb_counters, updates), 0, NULL },
    { "optimizer", FIELD_CHOICE, offsetof(struct nb_counters, optimizer), 0, nb_optimizers },
};

/* ---- Both ways ---- */

/* Numbers that a file holds: parameters and what is carried along, where there are any. */
static bool is_kept(const struct nb_quantity *quantity)
{
    return quantity->role == NB_PARAMETER || (quantity->role == NB_STATE && quantity->active);
}

/* Calls `visit` for every number kept of a network.  The moments belong to the
 * optimiser of the last update, which its learning need not be any more. */
struct visit {
    struct safetensors *file;
    const struct safetensors *from;
    const char *name, *prefix;
    enum nb_status (*one)(const struct visit *visit, struct nb_net *net, size_t id,
                          const struct nb_quantity *quantity, double *values,
                          struct nb_error *error);
};

static enum nb_status visit_numbers(const struct visit *visit, struct nb_net *net,
                                    struct nb_error *error)
{
    enum nb_status status = NB_OK;
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net) && !status; id++) {
        size_t count;
        nb_quantity_get(net, id, &quantity);
        if (!is_kept(&quantity) || !size_multiply(quantity.rows, quantity.cols, &count))
            continue;
        double *values = memory_new(count, sizeof *values);
        status =
            values ? visit->one(visit, net, id, &quantity, values, error) : error_memory(error);
        free(values);
    }
    return status;
}

/* ---- Writing ---- */

static void array_name(char name[TENSOR_NAME], const char *prefix, const char *quantity)
{
    snprintf(name, TENSOR_NAME, "%s%s", prefix, quantity);
}

static enum nb_status add_one(const struct visit *visit, struct nb_net *net, size_t id,
                              const struct nb_quantity *quantity, double *values,
                              struct nb_error *error)
{
    char name[TENSOR_NAME];
    (void)error;
    if (quantity->state == NB_UNSET)
        return NB_OK;
    array_name(name, visit->prefix, quantity->name);
    nb_values(net, id, values);
    safetensors_add(visit->file, name,
                    nb_net_spec(net)->precision == NB_SINGLE ? TENSOR_F32 : TENSOR_F64,
                    quantity->rows, quantity->cols, values);
    return NB_OK;
}

/* On a copy that learns as the moments were made: else they are out of sight. */
enum nb_status checkpoint_add_numbers(struct safetensors *file, const char *prefix,
                                      const struct nb_net *net, struct nb_error *error)
{
    struct visit visit = { .file = file, .prefix = prefix, .one = add_one };
    struct nb_counters counters = nb_net_counters(net);
    struct nb_learning learning = *nb_net_learning(net);
    struct nb_net *copy;
    fields_add(file, prefix, counter_fields, COUNT_OF(counter_fields), &counters);
    enum nb_status status = nb_net_clone(net, NB_AUTO, &copy, error);
    if (status)
        return status;
    learning.optimizer = counters.optimizer;
    status = nb_net_set_learning(copy, &learning, error);
    if (!status)
        status = visit_numbers(&visit, copy, error);
    nb_net_free(&copy);
    return status;
}

static void add_layers(struct safetensors *file, const struct nb_spec *spec)
{
    struct text prefix = TEXT_INIT;
    for (size_t l = 0; l < spec->layers; l++) {
        text_clear(&prefix);
        text_printf(&prefix, "layer%zu.", l + 1);
        fields_add(file, prefix.bytes, layer_fields, COUNT_OF(layer_fields), &spec->layer[l]);
    }
    text_release(&prefix);
}

static void add_frozen(struct safetensors *file, const struct nb_net *net)
{
    struct text frozen = TEXT_INIT;
    struct nb_quantity quantity;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        if (quantity.role == NB_PARAMETER && nb_frozen(net, id))
            text_printf(&frozen, "%s%s", frozen.length ? " " : "", quantity.name);
    }
    safetensors_add_text(file, "frozen", frozen.bytes);
    file->failed = file->failed || frozen.failed;
    text_release(&frozen);
}

enum nb_status checkpoint_add(struct safetensors *file, const struct nb_net *net,
                              struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(net);
    safetensors_add_text(file, "nabla", FORM);
    fields_add(file, "net.", spec_fields, COUNT_OF(spec_fields), spec);
    add_layers(file, spec);
    fields_add(file, "learning.", learning_fields, COUNT_OF(learning_fields), nb_net_learning(net));
    add_frozen(file, net);
    return checkpoint_add_numbers(file, "", net, error);
}

/* ---- Reading ---- */

static enum nb_status lacks(const char *file, const char *array, struct nb_error *error)
{
    return error_set(error, NB_SYSTEM, "%s is damaged: it has no array %s", file, array);
}

static enum nb_status check_shape(const struct visit *visit, const struct tensor *tensor,
                                  size_t rows, size_t cols, struct nb_error *error)
{
    if (tensor->rank != 2 || tensor->shape[0] != rows || tensor->shape[1] != cols)
        return error_set(error, NB_SYSTEM, "%s is damaged: its %s is not %zu×%zu", visit->name,
                         tensor->name, rows, cols);
    if (tensor->type != TENSOR_F64 && tensor->type != TENSOR_F32)
        return error_set(error, NB_SYSTEM, "%s is damaged: its %s is not of type F64 or F32",
                         visit->name, tensor->name);
    return NB_OK;
}

/* Moments may be missing: they begin at 0. */
static enum nb_status put_one(const struct visit *visit, struct nb_net *net, size_t id,
                              const struct nb_quantity *quantity, double *values,
                              struct nb_error *error)
{
    char name[TENSOR_NAME];
    bool parameter = quantity->role == NB_PARAMETER;
    array_name(name, visit->prefix, quantity->name);
    const struct tensor *tensor = safetensors_find(visit->from, name);
    if (!tensor && (parameter || quantity->kind == NB_RMEAN || quantity->kind == NB_RVAR))
        return lacks(visit->name, name, error);
    if (!tensor)
        return NB_OK;
    enum nb_status status = check_shape(visit, tensor, quantity->rows, quantity->cols, error);
    if (status)
        return status;
    safetensors_values(visit->from, tensor, values);
    return (parameter ? nb_assign : nb_restore)(net, id, quantity->rows, quantity->cols, values,
                                                error);
}

enum nb_status checkpoint_put_numbers(const struct safetensors *file, const char *name,
                                      const char *prefix, struct nb_net *net,
                                      struct nb_error *error)
{
    struct visit visit = { .from = file, .name = name, .prefix = prefix, .one = put_one };
    const struct nb_learning before = *nb_net_learning(net);
    struct nb_learning learning = before;
    struct nb_counters counters;
    enum nb_status status =
        fields_read(file, name, prefix, counter_fields, COUNT_OF(counter_fields), &counters, error);
    if (status)
        return status;
    learning.optimizer = counters.optimizer;
    status = nb_net_set_learning(net, &learning, error);
    if (!status)
        status = visit_numbers(&visit, net, error);
    if (!status)
        nb_net_set_counters(net, &counters);
    if (!status)
        status = nb_net_set_learning(net, &before, error);
    nb_seek(net, 0);
    return status;
}

/* The weights must be there: so no file makes a network larger than itself. */
static enum nb_status check_weights(const struct safetensors *file, const char *name,
                                    const struct nb_spec *spec, struct nb_error *error)
{
    struct visit visit = { .name = name };
    enum nb_status status = NB_OK;
    for (size_t l = 0; l < spec->layers && !status; l++) {
        char array[TENSOR_NAME];
        snprintf(array, sizeof array, "w%zu", l + 1);
        const struct tensor *tensor = safetensors_find(file, array);
        status = tensor ? check_shape(&visit, tensor, l ? spec->layer[l - 1].units : spec->inputs,
                                      spec->layer[l].units, error)
                        : lacks(name, array, error);
    }
    return status;
}

static enum nb_status read_layers(const struct safetensors *file, const char *name,
                                  struct nb_layer *layers, size_t count, struct nb_error *error)
{
    struct text prefix = TEXT_INIT;
    enum nb_status status = NB_OK;
    for (size_t l = 0; l < count && !status; l++) {
        text_clear(&prefix);
        text_printf(&prefix, "layer%zu.", l + 1);
        status = fields_read(file, name, prefix.bytes, layer_fields, COUNT_OF(layer_fields),
                             &layers[l], error);
    }
    text_release(&prefix);
    return status;
}

static enum nb_status read_spec(const struct safetensors *file, const char *name,
                                struct nb_spec *spec, struct nb_layer **layers,
                                struct nb_error *error)
{
    const char *form = safetensors_text(file, "nabla");
    *spec = (struct nb_spec){ 0 };
    *layers = NULL;
    if (!form)
        return error_set(error, NB_SYSTEM,
                         "%s is a safetensors file, but not one that nabla's save wrote", name);
    if (strcmp(form, FORM) != 0)
        return error_set(error, NB_SYSTEM,
                         "%s is of the form %.20s, and this nabla reads form %s: take a newer one",
                         name, form, FORM);
    enum nb_status status =
        fields_read(file, name, "net.", spec_fields, COUNT_OF(spec_fields), spec, error);
    if (status)
        return status;
    if (spec->layers < 1 || spec->layers > LAYERS_MOST || spec->precision == NB_AUTO)
        return error_set(error, NB_SYSTEM, "%s is damaged: its net.%s cannot be", name,
                         spec->precision == NB_AUTO ? "precision" : "layers");
    *layers = memory_new(spec->layers, sizeof **layers);
    spec->layer = *layers;
    return *layers ? read_layers(file, name, *layers, spec->layers, error) : error_memory(error);
}

static enum nb_status make_net(const struct safetensors *file, const char *name,
                               const struct nb_spec *spec, struct nb_net **net,
                               struct nb_error *error)
{
    struct nb_error problem;
    enum nb_status status = check_weights(file, name, spec, error);
    if (status)
        return status;
    status = nb_net_new(spec, net, &problem);
    if (status == NB_USAGE)
        return error_set(error, NB_SYSTEM, "%s is damaged: %.300s", name, problem.text);
    if (status && error)
        *error = problem;
    return status;
}

static void freeze_named(struct nb_net *net, const char *names)
{
    struct nb_quantity quantity;
    for (size_t id = 0; names && id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantity);
        size_t length = strlen(quantity.name);
        for (const char *at = names; quantity.role == NB_PARAMETER && *at;) {
            size_t word = strcspn(at, " ");
            if (word == length && strncmp(at, quantity.name, word) == 0)
                nb_freeze(net, id, true);
            at += word + (at[word] == ' ');
        }
    }
}

enum nb_status checkpoint_net(const struct safetensors *file, const char *name, struct nb_net **net,
                              struct nb_error *error)
{
    struct nb_spec spec;
    struct nb_layer *layers;
    struct nb_learning learning;
    *net = NULL;
    enum nb_status status = read_spec(file, name, &spec, &layers, error);
    if (!status)
        status = fields_read(file, name, "learning.", learning_fields, COUNT_OF(learning_fields),
                             &learning, error);
    if (!status)
        status = make_net(file, name, &spec, net, error);
    if (!status)
        status = nb_net_set_learning(*net, &learning, error);
    if (!status)
        status = checkpoint_put_numbers(file, name, "", *net, error);
    if (status)
        nb_net_free(net);
    else
        freeze_named(*net, safetensors_text(file, "frozen"));
    free(layers);
    return status;
}
