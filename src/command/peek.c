/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/peek.h"

#include <string.h>

#include "base/compiler.h"
#include "base/error.h"

bool peek_epoch(const struct peek *peek, const char *name, double *value)
{
    if (!peek || !peek->epoch)
        return false;
    const struct {
        const char *name;
        double value;
    } rows[] = { { "loss", peek->epoch->loss },
                 { "accuracy", peek->epoch->accuracy },
                 { "epoch", (double)peek->epoch->epoch } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0) {
            *value = rows[i].value;
            return true;
        }
    return false;
}

static bool op_writes(const struct nb_op *op, size_t id)
{
    for (size_t i = 0; op && i < op->nwrites; i++)
        if (op->writes[i] == id)
            return true;
    return false;
}

bool peek_admits(struct peek *peek, const struct session *session, const struct nb_net *net,
                 size_t id, struct nb_quantity *quantity)
{
    bool present = net == session->net;
    bool gradient = quantity->kind == NB_DW || quantity->kind == NB_GW;
    peek->reads = true;
    peek->written |= present && op_writes(peek->op, id);
    peek->gradient |= gradient;
    if (peek->dry) {
        peek->unfresh |= quantity->state != NB_FRESH;
        quantity->rows += quantity->rows == 0;
        return true;
    }
    bool computed = peek->batch && present && quantity->role == NB_COMPUTED && quantity->rows;
    if (computed ? !(gradient && peek->fused) : quantity->state == NB_FRESH)
        return true;
    peek->unfresh = true;
    return false;
}

enum nb_status peek_evaluate(struct session *session, struct peek *peek,
                             const struct lang_tree *tree, struct value *value,
                             struct nb_error *error)
{
    struct lang_names names = session_names(session);
    peek->unfresh = peek->reads = peek->written = peek->gradient = false;
    session->peek = peek;
    enum nb_status status = lang_evaluate(tree, &names, value, error);
    session->peek = NULL;
    return status;
}

enum nb_status peek_true(struct session *session, struct peek *peek, const struct lang_tree *tree,
                         bool *result, struct nb_error *error)
{
    struct value value = { 0 };
    enum nb_status status = peek_evaluate(session, peek, tree, &value, error);
    *result = false;
    if (peek->unfresh && !peek->dry) {
        value_release(&value);
        return NB_OK;
    }
    if (status)
        return status;
    bool single = value.rows * value.cols == 1;
    if (single)
        *result = value.data[0] != 0;
    else
        status = error_set(error, NB_FAILED,
                           "a condition is one number, as loss < 0.005 is; this one is %zu: sum, "
                           "max or min makes one of them",
                           value.rows * value.cols);
    value_release(&value);
    return status;
}

enum nb_status peek_parse(struct session *session, const char *source, size_t at, size_t end,
                          bool condition, struct lang_tree **tree, struct peek *peek,
                          struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct value value = { 0 };
    bool ignored;
    enum nb_status status = lang_parse(source, at, end, &names, tree, error);
    peek->dry = true;
    if (!status)
        error->at = NB_NOWHERE;
    if (!status && condition)
        status = peek_true(session, peek, *tree, &ignored, error);
    else if (!status)
        status = peek_evaluate(session, peek, *tree, &value, error);
    if (status && error->at == NB_NOWHERE)
        error->at = at;
    peek->dry = false;
    value_release(&value);
    if (status)
        lang_tree_free(tree);
    return status;
}
