/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Playing a lesson, a section at a time or all at once.  The player shows the
 * prose and has its host run the blocks, as a person would type them, and ask
 * the questions; one that waits for its answer holds the lesson.
 */
#ifndef NABLA_LESSON_PLAYER_H
#define NABLA_LESSON_PLAYER_H

#include "base/sink.h"
#include "lesson/lesson.h"
#include "lesson/render.h"

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

    /* Shows the question of a part; *holds: it waits for its answer.  A failure is
     * one of the block, at a place in lesson->source. */
    enum nb_status (*ask)(void *context, const struct lesson *lesson,
                          const struct lesson_part *part, bool *holds, struct nb_error *error);

    struct lesson_values values; /* that stand in the prose */

    /* For tests: has every value in the prose a number?  Can the question be answered, by
     * its own answer, and differs what is wrong from that?  error->at is a place. */
    enum nb_status (*prove)(void *context, const struct lesson *lesson,
                            const struct lesson_part *part, struct nb_error *error);
};

struct lesson_player;

/* Reads the lesson; nothing is shown yet.  Where it is faulty the error has been
 * reported through the host, and `error` is left empty. */
enum nb_status player_new(const char *path, const struct lesson_host *host,
                          struct lesson_player **player, struct nb_error *error);
void player_free(struct lesson_player **player);

/* Prose goes to another sink from here on. */
void player_write_to(struct lesson_player *player, struct sink *out);

const struct lesson *player_lesson(const struct lesson_player *player);

/* Where it stands: sections shown so far. */
size_t player_section(const struct lesson_player *player);
bool player_running(const struct lesson_player *player); /* within a block right now */

/* Has some of the section after those been played? */
bool player_within(const struct lesson_player *player);

/* Plays the next section, or what is left of it, up to a question that holds;
 * nothing where one does, or where player_section is lesson->sections.  A failing
 * block has been reported, and ends the section. */
enum nb_status player_next(struct lesson_player *player);
/* Likewise only the next part of it. */
enum nb_status player_next_part(struct lesson_player *player);
/* Goes back to before the section shown last, also where a question holds it. */
void player_back(struct lesson_player *player);

/* The part whose question holds the lesson, or NULL. */
const struct lesson_part *player_held(const struct lesson_player *player);
/* Its question has been dealt with. */
void player_release(struct lesson_player *player);

/* From the beginning to before `section` without showing anything: what was set up
 * before is there again.  A failing block has been reported. */
enum nb_status player_resume(struct lesson_player *player, size_t section);

/* Runs a block's commands out of turn, for tests.  A block that was to fail and
 * did is NB_OK; a failure has been reported. */
enum nb_status player_run(struct lesson_player *player, const struct lesson_part *part,
                          struct text *captured);

/* Proves a part of prose or a question, its mathematics too, for tests; what is wrong has been
 * reported, but where `lenient` not NB_FAILED, that something has no value. */
enum nb_status player_prove(struct lesson_player *player, const struct lesson_part *part,
                            bool lenient);

/* Is the data there that the block needs? */
bool player_can_run(const struct lesson_player *player, const struct lesson_part *part);

#endif
