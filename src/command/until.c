/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/until.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* What a condition reads besides the session's names. */
static bool epoch_value(const struct nb_progress *now, const char *name, double *value)
{
    const struct {
        const char *name;
        double value;
    } rows[] = { { "loss", now->loss },
                 { "accuracy", now->accuracy },
                 { "epoch", (double)now->epoch } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0) {
            *value = rows[i].value;
            return true;
        }
    return false;
}

static enum nb_status until_read(void *context, const char *name, bool old, struct value *value,
                                 struct nb_error *error)
{
    struct until *until = context;
    double number;
    if (!old && epoch_value(until->now, name, &number))
        return value_scalar(value, number, error);
    struct lang_names names = session_names(until->session);
    return names.read(names.context, name, old, value, error);
}

bool until_true(struct until *until, const struct nb_progress *now)
{
    struct lang_names names = session_names(until->session);
    struct value value = { 0 };
    if (!until->tree)
        return false;
    names.context = until;
    names.read = until_read;
    names.read_element = NULL;
    until->now = now;
    if (lang_evaluate(until->tree, &names, &value, &until->error))
        return false;
    bool single = value.rows * value.cols == 1;
    bool reached = single && value.data[0] != 0;
    if (!single)
        error_set(&until->error, NB_FAILED,
                  "until= wants a condition that is one number, as in until=\"loss < 0.005\"");
    value_release(&value);
    return reached;
}

enum nb_status until_init(struct until *until, struct session *session, const char *condition,
                          struct nb_error *error)
{
    const struct nb_progress none = { .loss = NAN, .accuracy = NAN };
    struct lang_names names = session_names(session);
    *until = (struct until){ .session = session };
    if (!condition[0])
        return NB_OK;
    enum nb_status status =
        lang_parse(condition, 0, strlen(condition), &names, &until->tree, error);
    if (status)
        return status;
    until_true(until, &none);
    if (until->error.status)
        *error = until->error;
    return until->error.status;
}

void until_release(struct until *until)
{
    lang_tree_free(&until->tree);
}
