/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/shown.h"

#include <string.h>

#include "base/error.h"
#include "command/sides.h"
#include "lang/lex.h"

/* ---- Code in words ------------------------------------------------------------------ */

/* What stands between the next backticks of a text; *at is moved behind them. */
static bool next_code(const char *text, size_t *at, struct lang_span *code)
{
    for (const char *open = strchr(text + *at, '`'); open; open = strchr(open, '`')) {
        size_t ticks = strspn(open, "`");
        const char *close = strchr(open + ticks, '`');
        while (close && strspn(close, "`") != ticks)
            close = strchr(close + strspn(close, "`"), '`');
        if (close) {
            *code =
                (struct lang_span){ (size_t)(open - text) + ticks, (size_t)(close - open) - ticks };
            *at = (size_t)(close - text) + ticks;
            return true;
        }
        open += ticks;
    }
    return false;
}

/* Its expressions, where it shows or prints some. */
static bool take_expressions(const char *text, struct lang_span code, bool prints,
                             struct lang_span *expressions)
{
    static const char print[] = "print ", value[] = "=";
    const char *lead = prints ? print : value;
    size_t skipped = strlen(lead);
    if (code.length <= skipped || memcmp(text + code.at, lead, skipped) != 0)
        return false;
    *expressions = sides_trim(text, code.at + skipped, code.at + code.length);
    return true;
}

/* ---- Names ---------------------------------------------------------------------------- */

bool shown_same(struct session *session, const char *a, const char *b)
{
    size_t first, second;
    return !strcmp(a, b) || (session->net && !session_quantity(session, a, &first, NULL) &&
                             !session_quantity(session, b, &second, NULL) && first == second);
}

bool shown_in(struct session *session, const char *source, struct lang_span span, const char *name)
{
    struct lexer lexer = { source, span.at, span.at + span.length };
    struct token token;
    char found[64];
    while (!lex_next(&lexer, &token, NULL) && token.kind != TOKEN_END)
        if (token.kind == TOKEN_NAME &&
            lang_canonical_name(source + token.at, token.length, found) &&
            shown_same(session, found, name))
            return true;
    return false;
}

static bool words_name(struct session *session, const struct ask_words *words, const char *name)
{
    struct lang_span code, expressions;
    for (size_t at = 0; next_code(words->text, &at, &code);)
        for (int prints = 0; prints < 2; prints++)
            if (take_expressions(words->text, code, prints, &expressions) &&
                shown_in(session, words->text, expressions, name))
                return true;
    return false;
}

bool shown_names(struct session *session, const struct ask *ask, size_t hints, const char *name)
{
    bool found = words_name(session, &ask->question, name);
    for (size_t i = 0; i < hints && i < ask->hint_count && !found; i++)
        found = words_name(session, &ask->hints[i], name);
    return found;
}

/* ---- Proving ---------------------------------------------------------------------------- */

static enum nb_status prove_list(struct session *session, const char *text, struct lang_span list,
                                 struct nb_error *error)
{
    enum nb_status status = NB_OK;
    struct lang_span item;
    size_t at = list.at;
    while (!status && lang_next_item(text, list.at + list.length, &at, &item)) {
        struct value value = { 0 };
        status = sides_evaluate(session, text, item, &value, error);
        value_release(&value);
    }
    return status;
}

static enum nb_status prove_words(struct session *session, const struct lesson *lesson,
                                  const struct ask_words *words, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    struct lang_span code, list;
    for (size_t at = 0; !status && next_code(words->text, &at, &code);) {
        if (!take_expressions(words->text, code, true, &list))
            continue;
        status = prove_list(session, words->text, list, error);
        if (!status)
            continue;
        struct text command = TEXT_INIT;
        text_add_part(&command, words->text + code.at, code.length);
        const char *from = lesson->source.bytes + words->span.at;
        const char *found = strstr(from, command.bytes);
        size_t within = error->at - code.at < code.length ? error->at - code.at : 0;
        error->at = words->span.at + (found ? (size_t)(found - from) + within : 0);
        text_release(&command);
    }
    return status;
}

enum nb_status shown_prove(struct session *session, const struct lesson *lesson,
                           const struct ask *ask, struct nb_error *error)
{
    enum nb_status status = prove_words(session, lesson, &ask->question, error);
    for (size_t i = 0; i < ask->hint_count && !status; i++)
        status = prove_words(session, lesson, &ask->hints[i], error);
    return status;
}
