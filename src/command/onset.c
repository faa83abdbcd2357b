/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/onset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/confirm.h"
#include "command/history.h"
#include "command/runs.h"
#include "command/settings.h"
#include "command/stops.h"
#include "command/variables.h"
#include "lesson/player.h"

/* The session as a section left it. */
struct left {
    bool known;
    uint64_t mark; /* of the history */
    struct settings settings;
    struct variables *variables; /* NULL: for want of memory */
    uint64_t data_epoch, epochs;
    size_t data_row;
    unsigned last_stop;
};

struct onset {
    struct settings settings; /* the person's own, */
    struct stops *stops;      /* as these are */
    bool varies;
    size_t lists;   /* of runs that are set aside */
    size_t section; /* whose beginning is marked; NB_NOWHERE: none */
    uint64_t mark;  /* of the history */
    struct left left;
    struct text written; /* files of the lesson, a line each */
};

static enum nb_status take_settings(struct session *session, bool varies, struct nb_error *error)
{
    struct settings settings;
    memcpy(&settings, &session->initial, sizeof settings);
    if (varies)
        settings.seed = session->settings.seed;
    return settings_take(session, &settings, "set the settings of the lesson", error);
}

/* Without showing it; as statements, so that a transcript has them. */
static enum nb_status repeat(struct session *session, const char *command, size_t times,
                             struct nb_error *error)
{
    struct text unseen = TEXT_INIT;
    struct sink *out = session->out, hidden = sink_to_text(&unseen, false, out->width);
    struct lang_span all = { 0, strlen(command) };
    enum nb_status status = NB_OK;
    session->out = &hidden;
    for (size_t i = 0; i < times && !status; i++)
        status = session_run_statement(session, command, all, error);
    session->out = out;
    text_release(&unseen);
    return status;
}

/* What was trained before is no matter of the lesson's tables. */
static enum nb_status set_runs_aside(struct session *session, struct onset *onset,
                                     struct nb_error *error)
{
    if (!runs_count(session))
        return NB_OK;
    enum nb_status status = repeat(session, "runs anew", 1, error);
    onset->lists += !status;
    return status;
}

enum nb_status onset_begin(struct session *session, const struct lesson *lesson,
                           struct nb_error *error)
{
    struct onset *onset = memory_new(1, sizeof *onset);
    if (!onset)
        return error_memory(error);
    memcpy(&onset->settings, &session->settings, sizeof onset->settings);
    enum nb_status status = take_settings(session, lesson->varies, error);
    if (!status)
        status = set_runs_aside(session, onset, error);
    if (status) {
        free(onset);
        return status;
    }
    onset->stops = session->stops;
    onset->varies = lesson->varies;
    onset->section = NB_NOWHERE;
    text_init(&onset->written);
    session->stops = NULL;
    session->onset = onset;
    return NB_OK;
}

void onset_mark(struct session *session)
{
    struct onset *onset = session->onset;
    size_t section = player_section(session->lesson);
    if (!onset || onset->section == section)
        return;
    onset->section = section;
    onset->mark = history_mark(session);
}

static enum nb_status run_up_to(struct session *session, size_t section, struct nb_error *error)
{
    enum nb_status status = take_settings(session, session->onset->varies, error);
    if (!status)
        status = set_runs_aside(session, session->onset, error);
    if (status)
        return status;
    sink_styled(session->out, STYLE_FAINT, "(set up from the beginning of the lesson)");
    sink_puts(session->out, "\n\n");
    error_clear(error);
    return player_resume(session->lesson, section);
}

/* By undo or redo to a mark of the history, with `said` (or NULL) before; the lesson is set up anew
 * where history leads there no more. */
static enum nb_status walk_to(struct session *session, uint64_t mark, const char *said,
                              struct nb_error *error)
{
    size_t undos, redos;
    if (!history_way(session, mark, &undos, &redos))
        return run_up_to(session, player_section(session->lesson), error);
    if (said) {
        sink_styled(session->out, STYLE_FAINT, said);
        sink_puts(session->out, "\n\n");
    }
    enum nb_status status = repeat(session, "undo", undos, error);
    return status ? status : repeat(session, "redo", redos, error);
}

enum nb_status onset_return(struct session *session, struct nb_error *error)
{
    struct onset *onset = session->onset;
    size_t section = player_section(session->lesson);
    if (!onset)
        return NB_OK;
    onset->left.known = false;
    if (onset->section != section)
        return run_up_to(session, section, error);
    return walk_to(session, onset->mark, NULL, error);
}

/* ---- Between sections ------------------------------------------------------------ */

void onset_leave_off(struct session *session)
{
    struct left *left = session->onset ? &session->onset->left : NULL;
    if (!left)
        return;
    variables_free(&left->variables);
    *left = (struct left){ .known = true,
                           .mark = history_mark(session),
                           .data_epoch = session->data_epoch,
                           .epochs = session->epochs,
                           .data_row = session->data_row,
                           .last_stop = session->stops ? session->stops->last_stop : 0 };
    memcpy(&left->settings, &session->settings, sizeof left->settings);
    if (variables_copy(session->variables, &left->variables, NULL))
        left->variables = NULL;
}

/* Has a name that there was another value now?  Those that came since are the person's. */
static bool names_taken(const struct session *session, const struct left *left)
{
    size_t count = left->variables ? variables_count(left->variables) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = variables_name(left->variables, i);
        const struct value *now = variables_find(session->variables, name);
        if (name[0] != ' ' && (!now || !value_equal(now, variables_find(left->variables, name))))
            return true;
    }
    return false;
}

static bool has_moved(const struct session *session, const struct left *left)
{
    return history_touched(session, left->mark) ||
           !settings_same_numbers(&session->settings, &left->settings) ||
           session->data_epoch != left->data_epoch || session->epochs != left->epochs ||
           session->data_row != left->data_row || names_taken(session, left);
}

static enum nb_status delete_stops(struct session *session, unsigned last, struct nb_error *error)
{
    char command[32];
    enum nb_status status = NB_OK;
    const struct stops *stops = session->stops;
    for (size_t i = stops ? stops->count : 0; i-- > 0 && !status;)
        if (stops->stops[i].number > last) {
            snprintf(command, sizeof command, "delete %u", stops->stops[i].number);
            status = repeat(session, command, 1, error);
        }
    return status;
}

enum nb_status onset_resume(struct session *session, struct nb_error *error)
{
    const struct onset *onset = session->onset;
    if (!onset || !onset->left.known)
        return NB_OK;
    enum nb_status status = delete_stops(session, onset->left.last_stop, error);
    if (!status && has_moved(session, &onset->left))
        status = walk_to(
            session, onset->left.mark,
            "(the lesson goes on with its own numbers: what you changed since is undone)", error);
    return status;
}

/* ---- Files ----------------------------------------------------------------------- */

static bool has_line(const struct text *lines, const char *line)
{
    size_t length = strlen(line);
    for (size_t at = 0; at < lines->length; at += strcspn(lines->bytes + at, "\n") + 1)
        if (!strncmp(lines->bytes + at, line, length) && lines->bytes[at + length] == '\n')
            return true;
    return false;
}

enum nb_status onset_check_write(struct session *session, const char *path, struct nb_error *error)
{
    struct onset *onset = session->onset;
    struct text question = TEXT_INIT;
    if (!onset || !player_running(session->lesson) || has_line(&onset->written, path))
        return NB_OK;
    text_printf(&question, "%s is there already: may the lesson write over it?", path);
    bool yes = !file_exists(path) || session_confirm_lesson(session, question.bytes);
    text_release(&question);
    if (!yes)
        return error_set(error, NB_FAILED,
                         "%s stays as it is: rename it, then again plays this section with a file "
                         "of its own",
                         path);
    text_printf(&onset->written, "%s\n", path);
    return NB_OK;
}

void onset_end(struct session *session)
{
    struct onset *onset = session->onset;
    struct nb_error error;
    error_clear(&error);
    if (!onset)
        return;
    session->onset = NULL;
    if (onset->varies) /* answers are handed in by it */
        onset->settings.seed = session->settings.seed;
    if (settings_take(session, &onset->settings, "set your own settings", &error))
        session_report(session, NULL, "", 0, &error);
    bool ends = !session->transcript; /* the session, and its runs with it */
    if (!ends && repeat(session, "runs back", onset->lists, &error))
        session_report(session, NULL, "", 0, &error);
    stops_free(&session->stops);
    session->stops = onset->stops;
    variables_free(&onset->left.variables);
    text_release(&onset->written);
    free(onset);
}
