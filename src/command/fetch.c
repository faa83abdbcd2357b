/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/fetch.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "command/bar.h"
#include "command/folders.h"
#include "command/session.h"
#include "command/wrap.h"
#include "data/fetch.h"

#define MEGABYTE 1e6

/* What is seen of a download. */
struct fetching {
    struct session *session;
    const char *file; /* whose bar is shown, or NULL */
    double drawn;     /* when */
    double begun;     /* this file, with so many bytes there */
    uint64_t first;
};

static void add_size(struct text *text, uint64_t bytes)
{
    if (bytes < 100000)
        text_printf(text, "%llu bytes", (unsigned long long)bytes);
    else
        text_printf(text, "%.1f MB", (double)bytes / MEGABYTE);
}

static void show_progress(void *context, const char *file, uint64_t done, uint64_t total)
{
    struct fetching *fetching = context;
    double now = clock_seconds();
    if (!fetching->session->terminal)
        return;
    if (fetching->file != file) {
        *fetching = (struct fetching){ fetching->session, file, 0, now, done };
    } else if (now - fetching->drawn < BAR_SECONDS)
        return;
    struct text head = TEXT_INIT, tail = TEXT_INIT;
    double rate = (double)(done - fetching->first) / (now - fetching->begun + 1e-9);
    text_printf(&head, "%s ", file);
    text_printf(&tail, "  %.1f/%.1f MB", (double)done / MEGABYTE, (double)total / MEGABYTE);
    if (total && done > fetching->first) {
        text_add(&tail, "  ETA ");
        duration_add(&tail, (double)(total - done) / rate);
    }
    bar_draw(fetching->session->err, head.bytes, total ? (double)done / (double)total : 0,
             tail.bytes);
    fetching->drawn = now;
    text_release(&head);
    text_release(&tail);
}

static void clear(struct fetching *fetching)
{
    if (fetching->file)
        bar_clear(fetching->session->err);
    fetching->file = NULL;
}

static void tell_file(void *context, const char *file, uint64_t bytes, bool before)
{
    struct fetching *fetching = context;
    struct text text = TEXT_INIT;
    clear(fetching);
    text_printf(&text, "%s  ", file);
    text_pad(&text, 28);
    add_size(&text, bytes);
    text_printf(&text, ", %sSHA-256 as published\n", before ? "is there already, " : "");
    sink_text(fetching->session->out, &text);
    text_release(&text);
}

/* Which set, and nothing that fetching does not take. */
static enum nb_status check_call(const struct call *call, const struct fetch_set **set,
                                 struct nb_error *error)
{
    const struct argument *name = call_argument(call, "name"), *dir = call_argument(call, "dir");
    const struct argument *word = name ? name : dir;
    *set = word ? fetch_find(word->text) : NULL;
    if (!word)
        return error_at(error, NB_USAGE, call->rest.at,
                        "data fetch wants a set: data fetch mnist, or data fetch cifar10");
    if (!*set && name)
        return error_at(error, NB_USAGE, name->span.at,
                        "%s needs no fetching; data fetch brings mnist or cifar10", name->text);
    if (!*set)
        return choice_error("set", fetch_names, word->text, strlen(word->text), word->span.at,
                            error);
    for (size_t i = 0; i < call->count; i++)
        if (call->arguments[i].row->kind != ARG_FLAG && &call->arguments[i] != word &&
            strcmp(call->arguments[i].row->name, "from") != 0)
            return error_at(error, NB_USAGE, call->arguments[i].span.at,
                            "data fetch %s takes from=URL and nothing else; the files come to "
                            "$NABLA_DATA, or $XDG_DATA_HOME/nabla",
                            word->text);
    return NB_OK;
}

static enum nb_status check_folder(const struct session *session, const char *folder,
                                   const char *name, struct nb_error *error)
{
    struct text path = TEXT_INIT;
    path_join(&path, folder, name);
    enum nb_status status = text_status(&path, error);
    if (!status)
        status = folder_check_write(session, path.bytes, error);
    text_release(&path);
    return status;
}

/* At the prompt an interrupt is no failure. */
static enum nb_status interrupted(const struct session *session, struct nb_error *error)
{
    if (!session->prompting)
        return NB_INTERRUPTED;
    sink_printf(session->out, "%s\n", error->text);
    error_clear(error);
    return NB_OK;
}

enum nb_status data_fetch(struct session *session, const struct call *call, const char *folder,
                          struct nb_error *error)
{
    const struct fetch_set *set;
    struct fetching fetching = { .session = session };
    const struct fetch_watch watch = { session->interrupt, show_progress, tell_file, &fetching };
    enum nb_status status = check_call(call, &set, error);
    if (status)
        return status;
    if (!folder[0])
        return error_set(error, NB_SYSTEM,
                         "no folder for data: set NABLA_DATA to one before nabla begins");
    status = check_folder(session, folder, set->name, error);
    if (status)
        return status;
    status = fetch_run(set, call_text(call, "from"), folder, &watch, error);
    clear(&fetching);
    if (status == NB_INTERRUPTED)
        return interrupted(session, error);
    if (status == NB_USAGE)
        error->at = call_argument(call, "from")->span.at;
    if (!status)
        wrap_note(session->out, "%s is in %s: data %s loads it\n", set->name, folder, set->name);
    return status;
}
