/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#include "command/variables.h"

const char exercise[] =
    "net 3-2-2 sigmoid\n"
    "w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]\n"
    "input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1\n";

enum nb_status run(struct fixture *fixture, const char *commands)
{
    text_clear(&fixture->out_text);
    text_clear(&fixture->err_text);
    return session_run(fixture->session, NULL, commands, strlen(commands));
}

void must_run(struct fixture *fixture, const char *commands)
{
    enum nb_status status = run(fixture, commands);
    if (status != NB_OK)
        fail_msg("%s\n%s", commands, fixture->err_text.bytes);
}

struct fixture *fixture_new(const char *commands)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    text_init(&fixture->out_text);
    text_init(&fixture->err_text);
    fixture->out = sink_to_text(&fixture->out_text, true, 80);
    fixture->err = sink_to_text(&fixture->err_text, true, 80);
    assert_int_equal(session_new(&fixture->out, &fixture->err, &fixture->session, NULL), NB_OK);
    must_run(fixture, commands);
    return fixture;
}

void fixture_free(struct fixture *fixture)
{
    session_free(&fixture->session);
    text_release(&fixture->out_text);
    text_release(&fixture->err_text);
    free(fixture);
}

const struct nb_net *net_of(const struct fixture *fixture)
{
    return fixture->session->net;
}

int folder_remove(const char *path)
{
    struct text line = TEXT_INIT;
    text_printf(&line, "rm -rf '%s'", path);
    int status = system(line.bytes);
    text_release(&line);
    return status;
}

/* ---- Images ---- */

static void add_bytes(struct text *image, const void *bytes, size_t length)
{
    if (length > 0)
        text_add_part(image, bytes, length);
}

static void add_quantity(struct text *image, const struct nb_net *net, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    bool frozen = quantity.role == NB_PARAMETER && nb_frozen(net, id);
    add_bytes(image, &quantity.state, sizeof quantity.state);
    add_bytes(image, &frozen, sizeof frozen);
    if (quantity.state == NB_UNSET)
        return;
    size_t count = quantity.rows * quantity.cols;
    double *values = calloc(count, sizeof *values);
    assert_non_null(values);
    nb_values(net, id, values);
    add_bytes(image, values, count * sizeof *values);
    free(values);
}

static void add_net(struct text *image, const struct nb_net *net)
{
    text_add_char(image, net != NULL ? '1' : '0');
    if (net == NULL)
        return;
    size_t cursor = nb_cursor(net);
    uint64_t iteration = nb_iteration(net), updates = nb_net_updates(net);
    const struct nb_counters counters = nb_net_counters(net);
    const struct nb_learning *learning = nb_net_learning(net);
    const double numbers[] = { learning->optimizer,
                               learning->lr,
                               learning->momentum,
                               learning->l1,
                               learning->l2,
                               learning->l2_form,
                               learning->beta1,
                               learning->regularize_bias,
                               (double)learning->samples,
                               (double)nb_plan_length(net),
                               nb_net_round(net) };
    add_bytes(image, &cursor, sizeof cursor);
    add_bytes(image, &iteration, sizeof iteration);
    add_bytes(image, &updates, sizeof updates);
    add_bytes(image, &counters.updates, sizeof counters.updates);
    add_bytes(image, &counters.optimizer, sizeof counters.optimizer);
    add_bytes(image, numbers, sizeof numbers);
    for (size_t id = 0; id < nb_quantity_count(net); id++)
        add_quantity(image, net, id);
}

static void add_value(struct text *image, const struct value *value)
{
    add_bytes(image, &value->rank, sizeof value->rank);
    add_bytes(image, value->data, value->rows * value->cols * sizeof(double));
}

/* The first and the last row of a part, as training sees them. */
static void add_part(struct text *image, const struct dataset *data, enum dataset_part part)
{
    struct nb_source source;
    dataset_source(data, part, &source);
    double *x = calloc(source.inputs, sizeof *x), *y = calloc(source.outputs, sizeof *y);
    assert_true(x && y);
    for (uint32_t i = 0; i < 2 && source.rows; i++) {
        uint32_t row = i ? (uint32_t)source.rows - 1 : 0;
        source.fill(source.context, &row, 1, NB_DOUBLE, x, y);
        add_bytes(image, x, source.inputs * sizeof *x);
        add_bytes(image, y, source.outputs * sizeof *y);
    }
    free(x);
    free(y);
}

static void add_data(struct text *image, const struct dataset *data)
{
    struct dataset_info info;
    if (data == NULL)
        return;
    dataset_describe(data, &info);
    add_bytes(image, &info.rows, sizeof info.rows);
    add_bytes(image, &info.scale, sizeof info.scale);
    add_bytes(image, &info.rules.train, sizeof info.rules.train);
    add_bytes(image, &info.rules.limit_train, sizeof info.rules.limit_train);
    for (size_t part = 0; part < DATASET_PARTS; part++)
        add_part(image, data, (enum dataset_part)part);
}

void image_twin(const struct session *session, struct text *image)
{
    text_init(image);
    add_net(image, session->net);
    add_net(image, session->old);
    add_value(image, &session->x);
    add_value(image, &session->y);
    for (size_t i = 0; i < variables_count(session->variables); i++) {
        const char *name = variables_name(session->variables, i);
        text_add(image, name);
        add_value(image, variables_find(session->variables, name));
    }
    add_bytes(image, &session->settings.lr, sizeof(double));
    add_bytes(image, &session->settings.l2, sizeof(double));
    add_bytes(image, &session->settings.optimizer, sizeof session->settings.optimizer);
    add_bytes(image, &session->settings.schedule.kind, sizeof session->settings.schedule.kind);
    add_bytes(image, &session->settings.digits, sizeof(int));
    add_bytes(image, &session->settings.round, sizeof(int));
    add_bytes(image, &session->settings.batch, sizeof(size_t));
    add_bytes(image, &session->pinned, sizeof session->pinned);
    add_bytes(image, &session->data_epoch, sizeof session->data_epoch);
    add_bytes(image, &session->data_row, sizeof session->data_row);
    add_bytes(image, &session->epochs, sizeof session->epochs);
    add_data(image, session->data);
    add_bytes(image, &session->place.units, sizeof session->place.units);
    assert_false(image->failed);
}

void image_make(const struct session *session, struct text *image)
{
    image_twin(session, image);
    add_bytes(image, &session->data, sizeof session->data);
    assert_false(image->failed);
}

void assert_twins(const struct fixture *a, const struct fixture *b, const char *what)
{
    struct text images[2];
    image_twin(a->session, &images[0]);
    image_twin(b->session, &images[1]);
    if (!image_equal(&images[0], &images[1]))
        fail_msg("%s: the sessions are not alike", what);
    text_release(&images[0]);
    text_release(&images[1]);
}

bool image_equal(const struct text *a, const struct text *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void assert_image(const struct fixture *fixture, const struct text *expected, const char *what)
{
    struct text image;
    image_make(fixture->session, &image);
    if (!image_equal(&image, expected))
        fail_msg("%s: the session is not as it was", what);
    text_release(&image);
}
