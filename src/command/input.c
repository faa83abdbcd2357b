/* SPDX-License-Identifier: GPL-3.0-or-later */
/* input, target: rows from bare numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/assign.h"
#include "command/define.h"

/* One word: a number, or brackets whose numbers are appended. */
static enum nb_status read_row_word(struct session *session, const struct call *call,
                                    struct lang_span word, struct value *value,
                                    struct nb_error *error)
{
    double number;
    if (number_parse(call->source + word.at, word.length, &number))
        return value_scalar(value, number, error);
    size_t scanned = number_scan(call->source + word.at, word.length);
    if (scanned && scanned < word.length && strchr(",;", call->source[word.at + scanned]))
        return error_at(error, NB_USAGE, word.at + scanned,
                        "numbers are separated by blanks: %s 0.5 0.5 0.1", call->command->name);
    if (!strchr("[(", call->source[word.at]))
        return error_at(error, NB_USAGE, word.at,
                        "expected a number, found %.*s; write %s = ... "
                        "for an expression",
                        word.length > 40 ? 40 : (int)word.length, call->source + word.at,
                        strcmp(call->command->name, "input") == 0 ? "x" : "y");
    struct lang_names names = session_names(session);
    struct lang_tree *tree = NULL;
    enum nb_status status =
        lang_parse(call->source, word.at, word.at + word.length, &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, value, error);
    lang_tree_free(&tree);
    return status;
}

static enum nb_status append(struct value *row, const struct value *more, struct nb_error *error)
{
    double *data = memory_resize(row->data, row->cols + more->cols, sizeof *data);
    if (!data)
        return error_memory(error);
    memcpy(data + row->cols, more->data, more->cols * sizeof *data);
    *row = (struct value){ 1, 1, row->cols + more->cols, data };
    return NB_OK;
}

/* The numbers of a line as one row; a matrix stands alone and is a batch. */
static enum nb_status read_row(struct session *session, const struct call *call, struct value *row,
                               struct nb_error *error)
{
    struct lang_span all = call_argument(call, "NUMBERS")->span, word;
    size_t at = all.at, end = all.at + all.length;
    enum nb_status status = NB_OK;
    while (!status && lang_next_word(call->source, end, &at, &word)) {
        struct value more = { 0 };
        status = read_row_word(session, call, word, &more, error);
        if (!status && more.rank == 2 && !row->data && word.length == all.length) {
            *row = more;
            return NB_OK;
        }
        if (!status && more.rank == 2)
            status = error_at(error, NB_USAGE, word.at, "a matrix stands alone: it is a batch");
        if (!status)
            status = append(row, &more, error);
        value_release(&more);
    }
    return status;
}

static enum nb_status give(struct session *session, const struct call *call,
                           enum nb_quantity_kind kind, struct nb_error *error)
{
    struct value row = { 0 };
    enum nb_status status = read_row(session, call, &row, error);
    if (!status)
        status = assign_rows(session, kind, &row, error);
    value_release(&row);
    return status;
}

enum nb_status input_command(struct session *session, const struct call *call,
                             struct nb_error *error)
{
    return give(session, call, NB_X, error);
}

enum nb_status target_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    return give(session, call, NB_Y, error);
}
