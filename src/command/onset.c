/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/onset.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/settings.h"
#include "command/stops.h"

/* The person's own. */
struct onset {
    struct settings settings;
    struct stops *stops;
    bool varies;
};

enum nb_status onset_begin(struct session *session, const struct lesson *lesson,
                           struct nb_error *error)
{
    struct settings settings;
    struct onset *onset = memory_new(1, sizeof *onset);
    if (!onset)
        return error_memory(error);
    memcpy(&onset->settings, &session->settings, sizeof onset->settings);
    memcpy(&settings, &session->initial, sizeof settings);
    if (lesson->varies)
        settings.seed = session->settings.seed;
    enum nb_status status =
        settings_take(session, &settings, "set the settings of the lesson", error);
    if (status) {
        free(onset);
        return status;
    }
    onset->stops = session->stops;
    onset->varies = lesson->varies;
    session->stops = NULL;
    session->onset = onset;
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
    stops_free(&session->stops);
    session->stops = onset->stops;
    free(onset);
}
