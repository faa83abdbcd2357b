/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/data.h"

#define ROWS_AT_ONCE 4096 /* between looks at the interrupt flag */

/* ---- The given rows as a source ---- */

static void put(void *to, size_t at, double value, enum nb_precision precision)
{
    if (precision == NB_SINGLE)
        ((float *)to)[at] = (float)value;
    else
        ((double *)to)[at] = value;
}

static void fill_given(void *context, const uint32_t *index, size_t n, enum nb_precision precision,
                       void *x, void *y)
{
    const struct verdict *verdict = context;
    size_t inputs = verdict->source.inputs, outputs = verdict->source.outputs;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < inputs; j++)
            put(x, i * inputs + j, verdict->x[index[i] * inputs + j], precision);
        for (size_t k = 0; k < outputs; k++)
            put(y, i * outputs + k, verdict->y[index[i] * outputs + k], precision);
    }
}

/* Targets are classes: one-hot rows, or 0 and 1 in one column. */
static bool are_classes(const double *y, size_t rows, size_t cols)
{
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t k = 0; k < cols; k++) {
            if (y[i * cols + k] != 0 && y[i * cols + k] != 1)
                return false;
            sum += y[i * cols + k];
        }
        if (cols > 1 && sum != 1)
            return false;
    }
    return true;
}

static const struct nb_layer *top_layer(const struct session *session)
{
    const struct nb_spec *spec = nb_net_spec(session->net);
    return &spec->layer[spec->layers - 1];
}

/* Room for `rows` rows of x and y, y all 0. */
static enum nb_status given_init(struct verdict *verdict, size_t rows, struct nb_error *error)
{
    size_t inputs = nb_net_spec(verdict->session->net)->inputs, x, y;
    verdict->outputs = top_layer(verdict->session)->units;
    verdict->source = (struct nb_source){ .context = verdict,
                                          .rows = rows,
                                          .inputs = inputs,
                                          .outputs = verdict->outputs,
                                          .fill = fill_given };
    if (!size_multiply(rows, inputs, &x) || !size_multiply(rows, verdict->outputs, &y))
        return error_memory(error);
    verdict->x = memory_new(x, sizeof *verdict->x);
    verdict->y = memory_new(y, sizeof *verdict->y);
    return verdict->x && verdict->y ? NB_OK : error_memory(error);
}

static void note_classes(struct verdict *verdict, bool classes)
{
    verdict->classes = verdict->source.classes = classes;
    verdict->class_count = verdict->outputs == 1 ? 2 : verdict->outputs;
}

/* ---- Choosing rows ---- */

static enum nb_status open_given(struct verdict *verdict, struct nb_error *error)
{
    const struct nb_net *net = verdict->session->net;
    struct nb_quantity x, y;
    size_t x_id = nb_quantity_id(net, NB_X, 0), y_id = nb_quantity_id(net, NB_Y, 0);
    nb_quantity_get(net, x_id, &x);
    nb_quantity_get(net, y_id, &y);
    if (x.state == NB_UNSET)
        return error_set(error, NB_FAILED,
                         "nothing to judge: load a data set (data xor, data mnist-mini) or give x "
                         "its %zu numbers",
                         x.cols);
    if (y.state != NB_UNSET && y.rows != x.rows)
        return error_set(error, NB_FAILED, "x has %zu rows and y has %zu: give both as many",
                         x.rows, y.rows);
    enum nb_status status = given_init(verdict, x.rows, error);
    if (status)
        return status;
    nb_values(net, x_id, verdict->x);
    verdict->targets = y.state != NB_UNSET;
    if (verdict->targets)
        nb_values(net, y_id, verdict->y);
    note_classes(verdict, verdict->targets ? are_classes(verdict->y, x.rows, verdict->outputs)
                                           : top_layer(verdict->session)->activation == NB_SOFTMAX);
    return NB_OK;
}

enum nb_status verdict_open(struct session *session, const struct call *call,
                            struct verdict *verdict, struct nb_error *error)
{
    *verdict = (struct verdict){ .session = session };
    if (!session->data && call_has(call, "part"))
        return error_at(error, NB_FAILED, call_argument(call, "part")->span.at,
                        "no data set is loaded; without one, %s alone judges x and y",
                        call->command->name);
    if (!session->data)
        return open_given(verdict, error);
    dataset_describe(session->data, &verdict->info);
    const struct dataset_info *info = &verdict->info;
    verdict->part = (enum dataset_part)call_choice(
        call, "part", info->rows[DATASET_TEST] ? DATASET_TEST : DATASET_TRAIN);
    if (!info->rows[verdict->part])
        return data_no_part(info, verdict->part, NB_NOWHERE, error);
    dataset_source(session->data, verdict->part, &verdict->source);
    verdict->targets = true;
    verdict->outputs = info->outputs;
    note_classes(verdict, verdict->source.classes);
    return NB_OK;
}

enum nb_status verdict_open_value(struct session *session, const struct value *x,
                                  struct verdict *verdict, struct nb_error *error)
{
    *verdict = (struct verdict){ .session = session };
    size_t inputs = nb_net_spec(session->net)->inputs;
    if (x->cols != inputs) {
        struct text found = TEXT_INIT;
        value_describe(&found, x);
        enum nb_status status = error_set(
            error, NB_FAILED, "x= wants %zu number%s a row, found %s%s", inputs,
            inputs == 1 ? "" : "s", found.bytes, x->rows == inputs ? "; transpose it with '" : "");
        text_release(&found);
        return status;
    }
    enum nb_status status = given_init(verdict, x->rows, error);
    if (status)
        return status;
    memcpy(verdict->x, x->data, x->rows * x->cols * sizeof *x->data);
    struct dataset_info info = { 0 };
    if (session->data)
        dataset_describe(session->data, &info);
    bool known = info.classes && info.features == inputs && info.outputs == verdict->outputs;
    if (known)
        verdict->info.class_names = info.class_names;
    note_classes(verdict, known || top_layer(session)->activation == NB_SOFTMAX);
    return NB_OK;
}

enum nb_status verdict_need(const struct verdict *verdict, bool classes, struct nb_error *error)
{
    if (!verdict->targets)
        return error_set(error, NB_FAILED,
                         "no target yet: give y its %zu number%s, or load a data set",
                         verdict->outputs, verdict->outputs == 1 ? "" : "s");
    if (classes && !verdict->classes)
        return error_set(error, NB_FAILED,
                         "the targets are no classes: rows with a single 1 and else 0, or 0 and 1 "
                         "in one column; predict shows outputs beside targets");
    return NB_OK;
}

/* ---- Judging ---- */

static enum nb_status take_room(struct verdict *verdict, struct nb_error *error)
{
    size_t count;
    if (!size_multiply(verdict->rows, verdict->outputs, &count))
        return error_memory(error);
    verdict->output = memory_new(count, sizeof(double));
    if (!verdict->output)
        return error_memory(error);
    if (!verdict->targets)
        return NB_OK;
    verdict->target = memory_new(count, sizeof(double));
    verdict->loss = memory_new(verdict->rows, sizeof(double));
    return verdict->target && verdict->loss ? NB_OK : error_memory(error);
}

static enum nb_status take_some(const struct verdict *verdict, const uint32_t *index, size_t from,
                                struct nb_error *error)
{
    const struct session *session = verdict->session;
    size_t left = verdict->rows - from, count = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
    const struct nb_prediction result = {
        verdict->output + from * verdict->outputs,
        verdict->target ? verdict->target + from * verdict->outputs : NULL,
        verdict->loss ? verdict->loss + from : NULL,
    };
    if (session->interrupt && *session->interrupt)
        return error_set(error, NB_INTERRUPTED, "interrupted after %zu of %zu rows", from,
                         verdict->rows);
    return nb_predict(session->net, &verdict->source, index + from, count, &result, error);
}

enum nb_status verdict_take(struct verdict *verdict, size_t first, size_t rows,
                            struct nb_error *error)
{
    verdict->first = first;
    verdict->rows = rows;
    uint32_t *index = memory_new(rows, sizeof *index);
    enum nb_status status = index ? take_room(verdict, error) : error_memory(error);
    for (size_t i = 0; i < rows && !status; i++)
        index[i] = (uint32_t)(first + i);
    for (size_t i = 0; i < rows && !status; i += ROWS_AT_ONCE)
        status = take_some(verdict, index, i, error);
    free(index);
    return status;
}

void verdict_release(struct verdict *verdict)
{
    double *const blocks[] = { verdict->output, verdict->target, verdict->loss, verdict->x,
                               verdict->y };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        free(blocks[i]);
    *verdict = (struct verdict){ 0 };
}

/* ---- Reading it ---- */

size_t verdict_class(const struct verdict *verdict, const double *numbers)
{
    size_t best = 0;
    for (size_t k = 0; k < verdict->outputs; k++)
        if (isnan(numbers[k]))
            return verdict->class_count;
    if (verdict->outputs == 1)
        return numbers[0] > 0.5;
    for (size_t k = 1; k < verdict->outputs; k++)
        if (numbers[k] > numbers[best])
            best = k;
    return best;
}

bool verdict_right(const struct verdict *verdict, size_t row)
{
    return verdict_class(verdict, verdict->output + row * verdict->outputs) ==
           verdict_class(verdict, verdict->target + row * verdict->outputs);
}

bool verdict_probability(const struct verdict *verdict, size_t row, double *probability)
{
    enum nb_activation activation = top_layer(verdict->session)->activation;
    const double *output = verdict->output + row * verdict->outputs;
    size_t class = verdict_class(verdict, output);
    if (class == verdict->class_count)
        return false;
    *probability = output[0];
    if (verdict->outputs == 1) {
        if (output[0] <= 0.5)
            *probability = 1 - output[0];
        return activation == NB_SIGMOID;
    }
    *probability = output[class];
    return activation == NB_SOFTMAX || activation == NB_SIGMOID;
}

void verdict_add_class(const struct verdict *verdict, size_t class, struct text *text)
{
    if (class == verdict->class_count)
        text_add(text, "NaN");
    else if (verdict->info.class_names)
        text_add(text, verdict->info.class_names[class]);
    else if (verdict->outputs == 1 || verdict->info.name)
        text_printf(text, "%zu", class);
    else
        text_printf(text, "%zu", class + 1);
}

void verdict_add_name(const struct verdict *verdict, struct text *text)
{
    if (verdict->info.name)
        text_printf(text, "%s, %s part", verdict->info.name, dataset_part_names[verdict->part]);
    else
        text_add(text, verdict->targets ? "x and y" : "x");
}
