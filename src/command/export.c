/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/export.h"

#include <string.h>

#include "base/error.h"
#include "command/gift.h"
#include "command/solution.h"

/* Writes the whole file, says so on session->out, and leaves the old one where it fails. */
struct export_kind {
    const char *ending;
    unsigned needs; /* of enum command_needs */
    enum nb_status (*write)(struct session *session, const char *path, struct nb_error *error);
};

static const struct export_kind kinds[] = {
    { ".tex", NEEDS_NET | NEEDS_X | NEEDS_Y, solution_write },
    { ".html", NEEDS_NET | NEEDS_X | NEEDS_Y, solution_write },
    { ".gift", 0, gift_write },
};

static const struct export_kind *kind_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t least = strlen(kinds[i].ending);
        if (length > least && strcmp(path + length - least, kinds[i].ending) == 0)
            return &kinds[i];
    }
    return NULL;
}

static enum nb_status unknown_kind(const struct argument *file, struct nb_error *error)
{
    struct text endings = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        text_printf(&endings, "%s%s", i ? ", " : "", kinds[i].ending);
    error_at(error, NB_USAGE, file->span.at,
             "the kind of file goes by its name, which ends in %s: found %.200s", endings.bytes,
             file->text);
    text_release(&endings);
    return NB_USAGE;
}

enum nb_status export_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    const struct argument *file = call_argument(call, "FILE");
    const struct export_kind *kind = kind_of(file->text);
    if (!kind)
        return unknown_kind(file, error);
    enum nb_status status = session_check_needs(session, kind->needs, error);
    return status ? status : kind->write(session, file->text, error);
}
