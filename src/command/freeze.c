/* SPDX-License-Identifier: GPL-3.0-or-later */
/* freeze, thaw. */
#include <string.h>

#include "base/error.h"
#include "command/define.h"
#include "command/history.h"
#include "command/names.h"
#include "command/wrap.h"

static void print_frozen(struct session *session)
{
    struct text text = TEXT_INIT;
    for (size_t id = 0; id < nb_quantity_count(session->net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(session->net, id, &quantity);
        if (quantity.role == NB_PARAMETER && nb_frozen(session->net, id))
            text_printf(&text, "%s%s", text.length ? ", " : "", quantity.name);
    }
    wrap_note(session->out, "frozen: %s\n", text.length ? text.bytes : "nothing");
    text_release(&text);
}

/* The weights or biases that a word of the line names. */
static enum nb_status parameter_named(struct session *session, const struct call *call,
                                      struct lang_span word, size_t *id, struct nb_error *error)
{
    char name[64];
    struct nb_quantity quantity;
    size_t length = word.length;
    while (length && call->source[word.at + length - 1] == ',')
        length--;
    if (!lang_canonical_name(call->source + word.at, length, name) || !names_reserved(name))
        return error_at(
            error, NB_USAGE, word.at, "%s takes names of weights and biases, w1 b1, found %.*s",
            call->command->name, length > 40 ? 40 : (int)length, call->source + word.at);
    enum nb_status status = session_quantity(session, name, id, error);
    if (status)
        return status;
    nb_quantity_get(session->net, *id, &quantity);
    if (quantity.role != NB_PARAMETER)
        return error_at(error, NB_FAILED, word.at,
                        "%s is not updated anyway: weights and biases can be frozen", name);
    return NB_OK;
}

/* Checks all names; with `apply` freezes or thaws them. */
static enum nb_status freeze_names(struct session *session, const struct call *call,
                                   struct lang_span names, bool frozen, bool apply,
                                   struct nb_error *error)
{
    struct lang_span word;
    size_t at = names.at, end = names.at + names.length, id;
    while (lang_next_word(call->source, end, &at, &word)) {
        enum nb_status status = parameter_named(session, call, word, &id, error);
        if (status)
            return status;
        if (apply)
            nb_freeze(session->net, id, frozen);
    }
    return NB_OK;
}

static void thaw_all(struct session *session)
{
    for (size_t id = 0; id < nb_quantity_count(session->net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(session->net, id, &quantity);
        if (quantity.role == NB_PARAMETER)
            nb_freeze(session->net, id, false);
    }
}

enum nb_status freeze_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    bool frozen = strcmp(call->command->name, "freeze") == 0;
    const struct argument *names = call_argument(call, "NAMES");
    enum nb_status status = NB_OK;
    if (names)
        status = freeze_names(session, call, names->span, frozen, false, error);
    if (!status && (names || !frozen))
        status = history_save_net(session, call->command->name, error);
    if (status)
        return status;
    if (names)
        freeze_names(session, call, names->span, frozen, true, error);
    else if (!frozen)
        thaw_all(session);
    print_frozen(session);
    return NB_OK;
}
