/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/onset.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/history.h"
#include "command/settings.h"
#include "command/stops.h"
#include "lesson/player.h"

/* The person's own. */
struct onset {
    struct settings settings;
    struct stops *stops;
    bool varies;
    size_t section; /* whose beginning is marked; NB_NOWHERE: none */
    uint64_t mark;  /* of the history */
};

static enum nb_status take_settings(struct session *session, bool varies, struct nb_error *error)
{
    struct settings settings;
    memcpy(&settings, &session->initial, sizeof settings);
    if (varies)
        settings.seed = session->settings.seed;
    return settings_take(session, &settings, "set the settings of the lesson", error);
}

enum nb_status onset_begin(struct session *session, const struct lesson *lesson,
                           struct nb_error *error)
{
    struct onset *onset = memory_new(1, sizeof *onset);
    if (!onset)
        return error_memory(error);
    memcpy(&onset->settings, &session->settings, sizeof onset->settings);
    enum nb_status status = take_settings(session, lesson->varies, error);
    if (status) {
        free(onset);
        return status;
    }
    onset->stops = session->stops;
    onset->varies = lesson->varies;
    onset->section = NB_NOWHERE;
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

static enum nb_status run_up_to(struct session *session, size_t section, struct nb_error *error)
{
    enum nb_status status = take_settings(session, session->onset->varies, error);
    if (status)
        return status;
    sink_styled(session->out, STYLE_FAINT, "(set up from the beginning of the lesson)");
    sink_puts(session->out, "\n\n");
    error_clear(error);
    return player_resume(session->lesson, section);
}

enum nb_status onset_return(struct session *session, struct nb_error *error)
{
    const struct onset *onset = session->onset;
    size_t section = player_section(session->lesson), undos, redos;
    if (!onset)
        return NB_OK;
    if (onset->section != section || !history_way(session, onset->mark, &undos, &redos))
        return run_up_to(session, section, error);
    enum nb_status status = repeat(session, "undo", undos, error);
    return status ? status : repeat(session, "redo", redos, error);
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
    stops_free(&session->stops);
    session->stops = onset->stops;
    free(onset);
}
