/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/handin.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/course.h"
#include "command/lesson.h"
#include "command/settings.h"
#include "command/transcript.h"
#include "command/wrap.h"
#include "lesson/answers.h"
#include "lesson/ask.h"

static void add_head(const struct session *session, const struct lesson *lesson, uint64_t seed,
                     struct text *text)
{
    answers_add_head(text, lesson, session->student, lesson->varies ? &seed : NULL);
}

static void add_assisted(const char *id, struct text *text)
{
    text_printf(text, "# assisted: %s\n", id);
}

void handin_note(struct session *session, const char *id, const struct text *answer, bool assisted)
{
    struct text lead = TEXT_INIT;
    if (!session->lesson)
        return;
    if (session->course && !answer->failed)
        course_give(session->course, id, answer->bytes);
    add_head(session, player_lesson(session->lesson), session->settings.seed, &lead);
    if (assisted)
        add_assisted(id, &lead);
    text_printf(&lead, "%s: ", id);
    transcript_answered(session, lead.bytes, answer->bytes, answer->length);
    text_release(&lead);
}

enum nb_status handin_begin(struct session *session, const struct lesson *lesson,
                            struct nb_error *error)
{
    char seed[32];
    char *path = string_copy(lesson->path);
    if (!path)
        return error_memory(error);
    free(session->lesson_path);
    session->lesson_path = path;
    if (!lesson->varies || !session->student)
        return NB_OK;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)answers_student_seed(session->student));
    return setting_set(session, "seed", seed, error);
}

/* ---- answers to FILE ---------------------------------------------------------------- */

static size_t add_answers(const struct course *course, const struct lesson *lesson,
                          struct text *text)
{
    size_t count = 0;
    for (size_t i = 0; i < lesson->count; i++) {
        const struct ask *ask = lesson->parts[i].ask;
        const char *given = ask ? course_given(course, ask->id.text) : NULL;
        if (!given)
            continue;
        if (course_answer(course, ask->id.text).assisted)
            add_assisted(ask->id.text, text);
        text_printf(text, "%s: %s\n", ask->id.text, given);
        count++;
    }
    return count;
}

static enum nb_status write_answers(struct session *session, const struct course *course,
                                    const struct lesson *lesson, const char *path,
                                    struct nb_error *error)
{
    struct course_lesson kept;
    struct text text = TEXT_INIT;
    bool any = course_get(course, &kept);
    add_head(session, lesson, any ? kept.seed : session->settings.seed, &text);
    size_t count = add_answers(course, lesson, &text);
    enum nb_status status = text_status(&text, error);
    if (!status && !count)
        status = error_set(error, NB_FAILED, "nothing is answered yet in %s", lesson->title);
    if (!status)
        status = file_write(path, text.bytes, text.length, error);
    text_release(&text);
    if (!status)
        wrap_note(session->out, "%zu of %zu answers to %s\n", count, lesson->asks, path);
    return status;
}

enum nb_status answers_command(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    struct course *own = NULL;
    struct lesson lesson = { .source = TEXT_INIT, .prose = TEXT_INIT };
    if (!session->lesson_path)
        return error_set(error, NB_FAILED, "no lesson was played here: lesson begins one");
    enum nb_status status = session_check_outside(session, error);
    if (!status)
        status = lesson_read(session->lesson_path, &lesson, error);
    if (status && error->at != NB_NOWHERE)
        error->at = NB_NOWHERE; /* a place in the lesson, not in what was typed */
    if (!status && !session->course)
        status = course_open(session->lesson_path, lesson.varies ? &session->settings.seed : NULL,
                             &own, error);
    if (!status)
        status = write_answers(session, own ? own : session->course, &lesson, call_text(call, "to"),
                               error);
    course_free(&own);
    lesson_release(&lesson);
    return status;
}
