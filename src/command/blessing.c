/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/blessing.h"

#include "command/lesson.h"
#include "command/offstage.h"
#include "command/session.h"
#include "lesson/bless.h"

/* Of a lesson that varies, what was written are the numbers of one seed: how many blocks
 * are others with the next. */
static size_t count_varying(struct session *session, const char *path)
{
    struct offstage stage;
    struct nb_error unseen = { .at = NB_NOWHERE };
    size_t changed = 0, blocks;
    if (offstage_open(session, path, session->settings.seed + 1, &stage, &unseen))
        return 0;
    (void)lesson_bless(stage.player, false, &changed, &blocks, &unseen);
    offstage_close(&stage);
    return changed;
}

static void note_varying(struct session *session, const char *path)
{
    size_t varying = count_varying(session, path);
    if (varying)
        sink_printf(session->out,
                    "%zu of them %s for seed %llu only: write ... for what varies, as --test %s "
                    "--seeds 1..5 finds it\n",
                    varying, varying == 1 ? "is" : "are",
                    (unsigned long long)session->settings.seed, path);
}

enum nb_status session_bless_lesson(struct session *session, const char *path,
                                    struct nb_error *error)
{
    struct lesson_host host = session_lesson_host(session);
    struct lesson_player *player;
    size_t changed, blocks;
    enum nb_status status = player_new(path, &host, &player, error);
    if (status)
        return status;
    session->lesson = player;
    status = lesson_bless(player, true, &changed, &blocks, error);
    if (status && error->text[0] && error->at != NB_NOWHERE) {
        host.report(host.context, player_lesson(player), NULL, NULL, error);
        error->text[0] = '\0';
    }
    bool varies = player_lesson(player)->varies;
    session_leave_lesson(session);
    if (!status)
        sink_printf(session->out, "%s: %zu of %zu output block%s rewritten\n", path, changed,
                    blocks, blocks == 1 ? "" : "s");
    if (!status && varies && changed)
        note_varying(session, path);
    return status;
}
