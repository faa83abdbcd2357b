/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/sides.h"

#include <string.h>

bool sides_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct lang_span sides_trim(const char *source, size_t at, size_t end)
{
    while (at < end && sides_is_blank(source[at]))
        at++;
    while (end > at && sides_is_blank(source[end - 1]))
        end--;
    return (struct lang_span){ at, end - at };
}

static bool mark_stands(const char *source, size_t at, size_t end, const struct mark *mark)
{
    size_t length = strlen(mark->text);
    if (end - at < length || memcmp(source + at, mark->text, length) != 0)
        return false;
    return !mark->word || (at && sides_is_blank(source[at - 1]) && at + length < end &&
                           sides_is_blank(source[at + length]));
}

size_t sides_find(const char *source, size_t at, size_t end, const struct mark *marks, size_t count,
                  size_t *length)
{
    int depth = 0;
    bool quoted = false;
    for (; at < end; at++) {
        if (source[at] == '"')
            quoted = !quoted;
        depth +=
            (source[at] == '(' || source[at] == '[') - (source[at] == ')' || source[at] == ']');
        for (size_t i = 0; i < count && !quoted && !depth; i++)
            if (mark_stands(source, at, end, &marks[i])) {
                *length = strlen(marks[i].text);
                return at;
            }
    }
    return NB_NOWHERE;
}

enum nb_status sides_evaluate(struct session *session, const char *source, struct lang_span span,
                              struct value *value, struct nb_error *error)
{
    struct lang_names names = session_names(session);
    struct lang_tree *tree = NULL;
    enum nb_status status =
        lang_parse(source, span.at, span.at + span.length, &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, value, error);
    lang_tree_free(&tree);
    return status;
}
