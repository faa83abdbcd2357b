/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/blessing.h"

#include "command/lesson.h"
#include "command/session.h"
#include "lesson/bless.h"

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
    status = lesson_bless(player, &changed, &blocks, error);
    if (status && error->text[0] && error->at != NB_NOWHERE) {
        host.report(host.context, player_lesson(player), NULL, NULL, error);
        error->text[0] = '\0';
    }
    session_leave_lesson(session);
    if (!status)
        sink_printf(session->out, "%s: %zu of %zu output block%s rewritten\n", path, changed,
                    blocks, blocks == 1 ? "" : "s");
    return status;
}
