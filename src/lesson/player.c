/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/player.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "lesson/render.h"

struct lesson_player {
    struct lesson lesson;
    struct lesson_host host;
    size_t part;    /* the next to play */
    size_t section; /* sections shown so far */
    bool running;
};

enum nb_status player_new(const char *path, const struct lesson_host *host,
                          struct lesson_player **player, struct nb_error *error)
{
    struct lesson_player *made = memory_new(1, sizeof *made);
    *player = NULL;
    if (!made)
        return error_memory(error);
    made->host = *host;
    enum nb_status status = lesson_read(path, &made->lesson, error);
    if (!status) {
        *player = made;
        return NB_OK;
    }
    if (error && error->at != NB_NOWHERE) {
        host->report(host->context, &made->lesson, NULL, NULL, error);
        error->text[0] = '\0';
    }
    player_free(&made);
    return status;
}

void player_free(struct lesson_player **player)
{
    if (!*player)
        return;
    lesson_release(&(*player)->lesson);
    free(*player);
    *player = NULL;
}

const struct lesson *player_lesson(const struct lesson_player *player)
{
    return &player->lesson;
}

size_t player_section(const struct lesson_player *player)
{
    return player->section;
}

bool player_running(const struct lesson_player *player)
{
    return player->running;
}

enum nb_status lesson_run_block(const struct lesson *lesson, const struct lesson_part *part,
                                const struct lesson_host *host, struct text *captured)
{
    struct nb_error error = { .at = NB_NOWHERE };
    struct text unseen = TEXT_INIT;
    struct text *to = !captured && part->silent ? &unseen : captured;
    enum nb_status status = host->run(host->context, lesson, part, to, &error);
    text_release(&unseen);
    bool expected = part->fails && status && status != NB_INTERRUPTED;
    if (expected && (captured || !part->silent))
        host->report(host->context, lesson, part, captured, &error);
    if (expected)
        return NB_OK;
    if (part->fails && !status)
        status =
            error_at(&error, NB_WRONG, part->fence, "this block was expected to fail, and did not");
    if (status)
        host->report(host->context, lesson, NULL, NULL, &error);
    return status;
}

static enum nb_status play_commands(struct lesson_player *player, const struct lesson_part *part)
{
    const struct lesson_host *host = &player->host;
    if (part->needs && !host->has_data(host->context, part->needs)) {
        sink_style(host->out, STYLE_FAINT);
        sink_printf(host->out, "(skipped, for want of the data %s:)\n", part->needs);
        sink_write(host->out, player->lesson.source.bytes + part->at, part->length);
        sink_style(host->out, STYLE_PLAIN);
        sink_puts(host->out, "\n");
        return NB_OK;
    }
    player->running = true;
    enum nb_status status = lesson_run_block(&player->lesson, part, host, NULL);
    player->running = false;
    if (!part->silent)
        sink_puts(host->out, "\n");
    return status;
}

enum nb_status player_next(struct lesson_player *player)
{
    const struct lesson *lesson = &player->lesson;
    enum nb_status status = NB_OK;
    if (player->section == lesson->sections)
        return NB_OK;
    for (; player->part < lesson->count && !status; player->part++) {
        const struct lesson_part *part = &lesson->parts[player->part];
        if (part->section != player->section)
            break;
        if (part->kind == LESSON_PROSE)
            lesson_render(lesson, part, player->host.out);
        else if (part->kind == LESSON_COMMANDS)
            status = play_commands(player, part);
    }
    while (player->part < lesson->count && lesson->parts[player->part].section == player->section)
        player->part++;
    player->section++;
    return status;
}

void player_back(struct lesson_player *player)
{
    if (player->section)
        player->section--;
    while (player->part && player->lesson.parts[player->part - 1].section >= player->section)
        player->part--;
}
