/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/solution.h"

#include "base/file.h"
#include "command/place.h"

/* Do the parameters, x and y of both networks hold the same numbers? */
static bool holds_same(const struct nb_net *a, const struct nb_net *b, enum nb_role role)
{
    for (size_t id = 0; id < nb_quantity_count(a); id++) {
        struct nb_quantity left, right;
        nb_quantity_get(a, id, &left);
        nb_quantity_get(b, id, &right);
        if (left.role != role)
            continue;
        if (left.state != right.state || left.rows != right.rows || left.cols != right.cols)
            return false;
        for (size_t i = 0; left.state != NB_UNSET && i < left.rows * left.cols; i++)
            if (nb_value(a, id, i / left.cols, i % left.cols) !=
                nb_value(b, id, i / left.cols, i % left.cols))
                return false;
    }
    return true;
}

/* Is the present network what the last update made of `old`, and nothing has been
 * computed or changed since? */
static enum nb_status is_just_updated(const struct nb_net *net, const struct nb_net *old,
                                      bool *just, struct nb_error *error)
{
    struct nb_net *copy = NULL;
    *just = false;
    if (!old || nb_cursor(net) != 0 || !holds_same(net, old, NB_GIVEN))
        return NB_OK;
    enum nb_status status = nb_net_clone(old, NB_AUTO, &copy, error);
    if (!status) {
        nb_seek(copy, 0);
        status = nb_exec(copy, nb_plan_length(copy), error);
    }
    if (!status)
        *just = holds_same(net, copy, NB_PARAMETER);
    nb_net_free(&copy);
    return status;
}

enum nb_status solution_write(struct session *session, const char *path, struct nb_error *error)
{
    struct formula_style style = place_style(session);
    struct text file = TEXT_INIT;
    bool just;
    style.medium = formula_medium_of_file(path);
    enum nb_status status = is_just_updated(session->net, session->old, &just, error);
    if (!status)
        status = formula_exercise(just ? session->old : session->net, &style, &file, error);
    if (!status)
        status = file_write(path, file.bytes, file.length, error);
    if (!status)
        sink_printf(session->out, "%s, worked out, to %s\n",
                    just ? "the iteration just made" : "one iteration from the present weights on",
                    path);
    text_release(&file);
    return status;
}
