/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/until.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "command/peek.h"

bool until_true(struct until *until, const struct nb_progress *now)
{
    struct peek peek = { .epoch = now };
    struct value value = { 0 };
    if (!until->tree || peek_evaluate(until->session, &peek, until->tree, &value, &until->error))
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
