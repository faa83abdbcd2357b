/* SPDX-License-Identifier: GPL-3.0-or-later */
/* freeze, thaw. */
#include "base/error.h"
#include "command/define.h"
#include "command/history.h"
#include "command/names.h"

static void print_frozen(struct session *session)
{
    struct text text = TEXT_INIT;
    for (size_t id = 0; id < nb_quantity_count(session->net); id++) {
        struct nb_quantity quantity;
        nb_quantity_get(session->net, id, &quantity);
        if (quantity.role == NB_PARAMETER && nb_frozen(session->net, id))
            text_printf(&text, "%s%s", text.length ? ", " : "", quantity.name);
    }
    sink_printf(session->out, "frozen: %s\n", text.length ? text.bytes : "nothing");
    text_release(&text);
}

static enum nb_status freeze_one(struct session *session, const struct call *call,
                                 struct lang_span word, bool frozen, struct nb_error *error)
{
    char name[64];
    size_t id;
    struct nb_quantity quantity;
    size_t length = word.length;
    while (length && call->source[word.at + length - 1] == ',')
        length--;
    if (!lang_canonical_name(call->source + word.at, length, name) || !names_reserved(name))
        return error_at(
            error, NB_USAGE, word.at, "%s takes names of weights and biases, w1 b1, found %.*s",
            call->command->name, length > 40 ? 40 : (int)length, call->source + word.at);
    enum nb_status status = session_quantity(session, name, &id, error);
    if (status)
        return status;
    nb_quantity_get(session->net, id, &quantity);
    if (quantity.role != NB_PARAMETER)
        return error_at(error, NB_FAILED, word.at,
                        "%s is not updated anyway: weights and biases can be frozen", name);
    nb_freeze(session->net, id, frozen);
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

static enum nb_status freeze_named(struct session *session, const struct call *call, bool frozen,
                                   struct nb_error *error)
{
    const struct argument *names = call_argument(call, "NAMES");
    struct lang_span word;
    enum nb_status status = NB_OK;
    if (names) {
        status = history_save_net(session, frozen ? "freeze" : "thaw", error);
        size_t at = names->span.at;
        while (!status &&
               lang_next_word(call->source, names->span.at + names->span.length, &at, &word))
            status = freeze_one(session, call, word, frozen, error);
    } else if (!frozen) {
        status = history_save_net(session, "thaw", error);
        if (!status)
            thaw_all(session);
    }
    if (!status)
        print_frozen(session);
    return status;
}

enum nb_status freeze_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    return freeze_named(session, call, true, error);
}

enum nb_status thaw_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    return freeze_named(session, call, false, error);
}
