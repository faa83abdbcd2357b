/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Playing a lesson, a section at a time or all at once.  The player shows the
 * prose and has its host run the blocks, as a person would type them.
 */
#ifndef NABLA_LESSON_PLAYER_H
#define NABLA_LESSON_PLAYER_H

#include "base/sink.h"
#include "lesson/lesson.h"

/* Whoever runs commands for a lesson. */
struct lesson_host {
    void *context;
    struct sink *out; /* prose */

    /* Runs the commands of a block up to the first failure, whose place is one
     * in lesson->source.  With `captured` what they print is added to it,
     * else each is shown after a prompt, with its output. */
    enum nb_status (*run)(void *context, const struct lesson *lesson,
                          const struct lesson_part *part, struct text *captured,
                          struct nb_error *error);

    /* Says what failed: to the reader, as a fault of the lesson's file, or, in
     * a block that is to fail, as if it had been typed (into `captured`, if given). */
    void (*report)(void *context, const struct lesson *lesson, const struct lesson_part *part,
                   struct text *captured, const struct nb_error *error);

    bool (*has_data)(void *context, const char *name);
};

struct lesson_player;

/* Reads the lesson; nothing is shown yet.  Where it is faulty the error has been
 * reported through the host, and `error` is left empty. */
enum nb_status player_new(const char *path, const struct lesson_host *host,
                          struct lesson_player **player, struct nb_error *error);
void player_free(struct lesson_player **player);

const struct lesson *player_lesson(const struct lesson_player *player);

/* Where it stands: sections shown so far. */
size_t player_section(const struct lesson_player *player);
bool player_running(const struct lesson_player *player); /* within a block right now */

/* Plays the next section; nothing where player_section is lesson->sections.
 * A failing block has been reported, and ends it. */
enum nb_status player_next(struct lesson_player *player);
/* Goes back to before the section shown last. */
void player_back(struct lesson_player *player);

/* Runs a block's commands out of turn, for tests.  A block that was to fail and
 * did is NB_OK; a failure has been reported. */
enum nb_status player_run(struct lesson_player *player, const struct lesson_part *part,
                          struct text *captured);

/* Is the data there that the block needs? */
bool player_can_run(const struct lesson_player *player, const struct lesson_part *part);

#endif
