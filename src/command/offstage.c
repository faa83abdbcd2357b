/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/offstage.h"

#include <string.h>

#include "base/error.h"
#include "command/lesson.h"

static void discard(void *context, const char *bytes, size_t length)
{
    (void)context, (void)bytes, (void)length;
}

enum nb_status offstage_open(struct session *watching, const char *path, uint64_t seed,
                             struct offstage *stage, struct nb_error *error)
{
    *stage = (struct offstage){ .unseen = { .write = discard, .unicode = true, .width = 80 } };
    enum nb_status status = session_new(&stage->unseen, watching->err, &stage->session, error);
    if (status)
        return status;
    stage->session->interrupt = watching->interrupt;
    stage->session->settings.threads = watching->settings.threads;
    stage->session->settings.seed = seed;
    stage->host = session_lesson_host(stage->session);
    status = player_new(path, &stage->host, &stage->player, error);
    stage->session->lesson = stage->player;
    if (status)
        offstage_close(stage);
    return status;
}

void offstage_close(struct offstage *stage)
{
    session_free(&stage->session);
}

enum nb_status offstage_run(struct offstage *stage, const struct lesson_part *part,
                            struct nb_error *error)
{
    struct text unseen = TEXT_INIT;
    if (part->kind != LESSON_COMMANDS)
        return NB_OK;
    if (!player_can_run(stage->player, part)) {
        stage->missing = part->needs;
        return NB_OK;
    }
    enum nb_status status = player_run(stage->player, part, &unseen);
    error->text[0] = '\0'; /* a failure has been reported */
    text_release(&unseen);
    return status;
}

/* It may be owed to the block that was left out. */
static void blame(const char *data, struct nb_error *error)
{
    char text[sizeof error->text];
    memcpy(text, error->text, sizeof text);
    error_at(error, error->status, error->at, "%.300s (without the data %.40s)", text, data);
}

enum nb_status offstage_ask(struct offstage *stage, const struct ask *ask, struct asking *asking,
                            struct nb_error *error)
{
    const struct lesson *lesson = player_lesson(stage->player);
    enum nb_status status = asking_open(stage->session, lesson, ask, asking, error);
    if (!status)
        return NB_OK;
    if (stage->missing)
        blame(stage->missing, error);
    stage->host.report(stage->host.context, lesson, NULL, NULL, error);
    error->text[0] = '\0';
    return status;
}
