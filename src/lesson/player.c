/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/player.h"

#include <stdlib.h>
#include <string.h>

#include <cmark.h>

#include "base/error.h"
#include "base/memory.h"
#include "lesson/math.h"
#include "lesson/render.h"

struct lesson_player {
    struct lesson lesson;
    struct lesson_host host;
    size_t part;    /* the next to play */
    size_t section; /* sections shown so far */
    bool running;
    bool held; /* by the question of the next part */
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

void player_write_to(struct lesson_player *player, struct sink *out)
{
    player->host.out = out;
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

bool player_can_run(const struct lesson_player *player, const struct lesson_part *part)
{
    return !part->needs || player->host.has_data(player->host.context, part->needs);
}

/* The host's run, after which `part` may have been expected to fail. */
static enum nb_status judge_run(struct lesson_player *player, const struct lesson_part *part,
                                struct text *captured, enum nb_status status,
                                struct nb_error *error)
{
    const struct lesson_host *host = &player->host;
    bool expected = part->fails && status && status != NB_INTERRUPTED;
    if (expected && (captured || !part->silent))
        host->report(host->context, &player->lesson, part, captured, error);
    if (expected)
        return NB_OK;
    if (part->fails && !status)
        status =
            error_at(error, NB_WRONG, part->fence, "this block was expected to fail, and did not");
    if (status)
        host->report(host->context, &player->lesson, NULL, NULL, error);
    return status;
}

enum nb_status player_run(struct lesson_player *player, const struct lesson_part *part,
                          struct text *captured)
{
    struct nb_error error = { .at = NB_NOWHERE };
    struct text unseen = TEXT_INIT;
    struct text *to = !captured && part->silent ? &unseen : captured;
    player->running = true;
    enum nb_status status =
        player->host.run(player->host.context, &player->lesson, part, to, &error);
    player->running = false;
    text_release(&unseen);
    return judge_run(player, part, captured, status, &error);
}

/* Is the mathematics of these words some that can be shown? */
static enum nb_status prove_math(const char *words, size_t length, size_t at,
                                 struct nb_error *error)
{
    struct text unseen = TEXT_INIT;
    enum nb_status status = math_replace(&unseen, words, length, error);
    if (status && error->at != NB_NOWHERE)
        error->at += at;
    text_release(&unseen);
    return status;
}

static enum nb_status prove_prose(const struct lesson *lesson, const struct lesson_part *part,
                                  struct nb_error *error)
{
    size_t first = (size_t)cmark_node_get_start_line(part->node);
    size_t last = (size_t)cmark_node_get_end_line(part->node);
    size_t begins = lesson->lines[first - 1];
    size_t ends = last < lesson->line_count ? lesson->lines[last] : lesson->source.length;
    return prove_math(lesson->source.bytes + begins, ends - begins, begins, error);
}

static enum nb_status prove_ask(const struct ask *ask, struct nb_error *error)
{
    enum nb_status status =
        prove_math(ask->question.text, strlen(ask->question.text), ask->question.span.at, error);
    for (size_t i = 0; i < ask->choice_count && !status; i++)
        status = prove_math(ask->choices[i].text, strlen(ask->choices[i].text),
                            ask->choices[i].span.at, error);
    for (size_t i = 0; i < ask->wrong_count && !status; i++)
        status = prove_math(ask->wrong[i].advice.text, strlen(ask->wrong[i].advice.text),
                            ask->wrong[i].advice.span.at, error);
    for (size_t i = 0; i < ask->hint_count && !status; i++)
        status = prove_math(ask->hints[i].text, strlen(ask->hints[i].text), ask->hints[i].span.at,
                            error);
    return status;
}

enum nb_status player_prove(struct lesson_player *player, const struct lesson_part *part,
                            bool lenient)
{
    const struct lesson_host *host = &player->host;
    struct nb_error error = { .at = NB_NOWHERE };
    enum nb_status status =
        part->ask ? prove_ask(part->ask, &error) : prove_prose(&player->lesson, part, &error);
    if (!status)
        status = host->prove(host->context, &player->lesson, part, &error);
    if (status && !(lenient && status == NB_FAILED))
        host->report(host->context, &player->lesson, NULL, NULL, &error);
    return status;
}

static void show_skipped(struct lesson_player *player, const struct lesson_part *part)
{
    struct sink *out = player->host.out;
    sink_style(out, STYLE_FAINT);
    sink_printf(out, "(skipped, for want of the data %s:)\n", part->needs);
    sink_write(out, player->lesson.source.bytes + part->at, part->length);
    sink_style(out, STYLE_PLAIN);
}

static enum nb_status play_commands(struct lesson_player *player, const struct lesson_part *part)
{
    enum nb_status status = NB_OK;
    if (player_can_run(player, part))
        status = player_run(player, part, NULL);
    else
        show_skipped(player, part);
    if (!part->silent)
        sink_puts(player->host.out, "\n");
    return status;
}

const struct lesson_part *player_held(const struct lesson_player *player)
{
    return player->held ? &player->lesson.parts[player->part] : NULL;
}

void player_release(struct lesson_player *player)
{
    player->part += player->held;
    player->held = false;
}

static enum nb_status play_ask(struct lesson_player *player, const struct lesson_part *part)
{
    const struct lesson_host *host = &player->host;
    struct nb_error error = { .at = NB_NOWHERE };
    enum nb_status status = host->ask(host->context, &player->lesson, part, &player->held, &error);
    if (status)
        host->report(host->context, &player->lesson, NULL, NULL, &error);
    return status;
}

static enum nb_status play_part(struct lesson_player *player, const struct lesson_part *part)
{
    switch (part->kind) {
    case LESSON_PROSE:
        lesson_render(&player->lesson, part, &player->host.values, player->host.out);
        break;
    case LESSON_COMMANDS:
        return play_commands(player, part);
    case LESSON_OUTPUT:
        break;
    case LESSON_ASK:
        return play_ask(player, part);
    }
    return NB_OK;
}

/* Is there more of the present section? */
static bool has_part(const struct lesson_player *player)
{
    return player->part < player->lesson.count &&
           player->lesson.parts[player->part].section == player->section;
}

enum nb_status player_next_part(struct lesson_player *player)
{
    enum nb_status status = NB_OK;
    if (player->held || player->section == player->lesson.sections)
        return NB_OK;
    if (has_part(player))
        status = play_part(player, &player->lesson.parts[player->part]);
    if (has_part(player) && !player->held)
        player->part++;
    while (status && has_part(player))
        player->part++;
    player->section += !has_part(player);
    return status;
}

enum nb_status player_next(struct lesson_player *player)
{
    enum nb_status status = NB_OK;
    size_t section = player->section;
    while (!status && !player->held && player->section == section &&
           section < player->lesson.sections)
        status = player_next_part(player);
    return status;
}

bool player_within(const struct lesson_player *player)
{
    return player->part && player->lesson.parts[player->part - 1].section == player->section;
}

void player_back(struct lesson_player *player)
{
    if (player->section && !player->held && !player_within(player))
        player->section--;
    player->held = false;
    while (player->part && player->lesson.parts[player->part - 1].section >= player->section)
        player->part--;
}

enum nb_status player_resume(struct lesson_player *player, size_t section)
{
    const struct lesson *lesson = &player->lesson;
    struct text unseen = TEXT_INIT;
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < lesson->count && lesson->parts[i].section < section && !status; i++) {
        const struct lesson_part *part = &lesson->parts[i];
        if (part->kind == LESSON_COMMANDS && player_can_run(player, part))
            status = player_run(player, part, &unseen);
        player->part = i + 1;
        text_clear(&unseen);
    }
    player->section = section;
    text_release(&unseen);
    return status;
}
