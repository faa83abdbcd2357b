/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/history.h"
#include "command/lesson.h"
#include "command/quiz.h"
#include "command/runs.h"
#include "command/settings.h"
#include "command/stops.h"
#include "command/transcript.h"
#include "command/variables.h"
#include "command/wrap.h"

enum nb_status session_new(struct sink *out, struct sink *err, struct session **session,
                           struct nb_error *error)
{
    *session = memory_new(1, sizeof **session);
    if (!*session)
        return error_memory(error);
    (*session)->out = out;
    (*session)->err = err;
    settings_init(&(*session)->settings);
    memcpy(&(*session)->initial, &(*session)->settings, sizeof(*session)->initial);
    text_init(&(*session)->typed);
    enum nb_status status = variables_new(&(*session)->variables, error);
    if (!status)
        status = history_new(&(*session)->history, error);
    if (!status)
        status = transcript_new(&(*session)->transcript, error);
    if (status)
        session_free(session);
    return status;
}

void session_free(struct session **session)
{
    struct session *self = *session;
    if (!self)
        return;
    session_leave_lesson(self);
    transcript_close(self);
    quiz_drop(self);
    if (self->history)
        history_free(&self->history);
    runs_free(&self->runs);
    stops_free(&self->stops);
    variables_free(&self->variables);
    nb_net_free(&self->net);
    nb_net_free(&self->old);
    dataset_free(&self->data);
    value_release(&self->x);
    value_release(&self->y);
    text_release(&self->typed);
    free(self->lesson_path);
    free(self);
    *session = NULL;
}

bool session_counts_rows(const struct session *session)
{
    return session->settings.l2 != 0 && session->settings.l2_form == NB_L2_PER_SAMPLE;
}

struct nb_learning session_learning(const struct session *session)
{
    const struct settings *settings = &session->settings;
    struct dataset_info info = { 0 };
    if (session->data && session_counts_rows(session))
        dataset_describe(session->data, &info);
    return (struct nb_learning){ .optimizer = settings->optimizer,
                                 .lr = settings->lr,
                                 .momentum = settings->momentum,
                                 .rho = settings->rho,
                                 .epsilon = settings->epsilon,
                                 .beta1 = settings->beta1,
                                 .beta2 = settings->beta2,
                                 .l1 = settings->l1,
                                 .l2 = settings->l2,
                                 .l2_form = settings->l2_form,
                                 .regularize_bias = settings->regularize_bias,
                                 .samples = info.rows[DATASET_TRAIN] };
}

enum nb_status session_apply_settings(struct session *session, struct nb_error *error)
{
    nb_set_threads(session->settings.threads);
    if (!session->net)
        return NB_OK;
    const struct nb_learning learning = session_learning(session);
    size_t length = nb_plan_length(session->net), cursor = nb_cursor(session->net);
    enum nb_status status = nb_net_set_learning(session->net, &learning, error);
    if (status)
        return status;
    nb_net_set_round(session->net, session->settings.round);
    if (nb_plan_length(session->net) != length || nb_cursor(session->net) != cursor)
        session->place.units = 0;
    return NB_OK;
}

void session_restore_settings(struct session *session)
{
    nb_set_threads(session->settings.threads);
    if (!session->net)
        return;
    const struct nb_learning *now = nb_net_learning(session->net);
    struct nb_learning learning = session_learning(session);
    learning.optimizer = now->optimizer;
    learning.l1 = now->l1;
    learning.l2 = now->l2;
    learning.l2_form = now->l2_form;
    learning.regularize_bias = now->regularize_bias;
    learning.samples = now->samples;
    nb_net_set_learning(session->net, &learning, NULL); /* the same plan: it cannot fail */
}

void session_greet(struct session *session)
{
    static const char *const rows[][2] = {
        { "lesson", "to begin: backpropagation, step by step" },
        { "net 3-2-2 sigmoid", "to build a network of your own" },
        { "help", "for the commands in the order of use" },
    };
    bool color = session->out->color;
    struct text text = TEXT_INIT;
    char name[32];
    snprintf(name, sizeof name, "nabla %s", nb_version());
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        text_printf(&text, "%-14s%s%s%s%*s%s\n", i == 0 ? name : "",
                    style_escape(color, STYLE_NAME), rows[i][0], style_escape(color, STYLE_PLAIN),
                    20 - (int)strlen(rows[i][0]), "", rows[i][1]);
    wrap_print(session->out, &text);
    text_release(&text);
}
