/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/course.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define PATH_MOST     4096
#define PROGRESS_MOST ((size_t)16 << 20) /* bytes */

struct course {
    char *key;      /* the lesson's path, from the root; and ?seed=N of a variant */
    json_t *lesson; /* an object, or NULL: nothing is kept */
    bool failed;    /* memory ran out */
};

static const char *const state_names[] = {
    [COURSE_OPEN] = "open",
    [COURSE_RIGHT] = "right",
    [COURSE_REVEALED] = "revealed",
    [COURSE_SKIPPED] = "skipped",
};

/* ---- The file ------------------------------------------------------------------- */

static enum nb_status find_file(struct text *folder, struct text *path, struct nb_error *error)
{
    if (!path_xdg(folder, "XDG_STATE_HOME", ".local/state"))
        return error_set(error, NB_SYSTEM,
                         "progress is not kept: neither XDG_STATE_HOME nor HOME is set");
    path_join(path, folder->bytes, "progress.json");
    return text_status(path, error);
}

/* All lessons; a file that is not there holds none. */
static enum nb_status read_all(const char *path, json_t **all, struct nb_error *error)
{
    struct text bytes = TEXT_INIT;
    enum nb_status status = NB_OK;
    *all = NULL;
    if (!file_exists(path)) {
        *all = json_object();
        return *all ? NB_OK : error_memory(error);
    }
    status = file_read(path, PROGRESS_MOST, &bytes, error);
    if (!status)
        *all = json_loadb(bytes.bytes, bytes.length, JSON_REJECT_DUPLICATES, NULL);
    text_release(&bytes);
    if (!status && !json_is_object(*all)) {
        json_decref(*all);
        *all = NULL;
        return error_set(error, NB_SYSTEM, "%s is damaged: expected a JSON object; remove it",
                         path);
    }
    return status;
}

/* From the root; NULL: memory. */
static char *make_key(const char *path, const uint64_t *seed)
{
    char folder[PATH_MOST];
    struct text key = TEXT_INIT;
    if (path[0] == '/' || !getcwd(folder, sizeof folder))
        text_add(&key, path);
    else
        path_join(&key, folder, path);
    if (seed)
        text_printf(&key, "?seed=%" PRIu64, *seed);
    return text_take(&key);
}

enum nb_status course_open(const char *path, const uint64_t *seed, struct course **course,
                           struct nb_error *error)
{
    struct text folder = TEXT_INIT, file = TEXT_INIT;
    json_t *all = NULL;
    *course = memory_new(1, sizeof **course);
    if (!*course)
        return error_memory(error);
    (*course)->key = make_key(path, seed);
    if (!(*course)->key) {
        course_free(course);
        return error_memory(error);
    }
    enum nb_status status = find_file(&folder, &file, error);
    if (!status)
        status = read_all(file.bytes, &all, error);
    json_t *lesson = json_object_get(all, (*course)->key);
    if (json_is_object(lesson))
        (*course)->lesson = json_incref(lesson);
    json_decref(all);
    text_release(&folder);
    text_release(&file);
    return status;
}

void course_free(struct course **course)
{
    if (!*course)
        return;
    json_decref((*course)->lesson);
    free((*course)->key);
    free(*course);
    *course = NULL;
}

static enum nb_status write_all(const char *folder, const char *path, json_t *all,
                                struct nb_error *error)
{
    enum nb_status status = folder_make(folder, error);
    char *bytes = status ? NULL : json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (!status)
        status = bytes ? file_write(path, bytes, strlen(bytes), error) : error_memory(error);
    free(bytes);
    return status;
}

enum nb_status course_save(struct course *course, struct nb_error *error)
{
    struct text folder = TEXT_INIT, file = TEXT_INIT;
    json_t *all = NULL;
    enum nb_status status = course->failed ? error_memory(error) : find_file(&folder, &file, error);
    if (!status)
        status = read_all(file.bytes, &all, error);
    if (!status && course->lesson && json_object_set(all, course->key, course->lesson))
        status = error_memory(error);
    if (!status)
        status = write_all(folder.bytes, file.bytes, all, error);
    json_decref(all);
    text_release(&folder);
    text_release(&file);
    return status;
}

/* ---- One lesson ------------------------------------------------------------------- */

static void set(struct course *course, json_t *object, const char *key, json_t *value)
{
    course->failed |= json_object_set_new(object, key, value) != 0;
}

/* What other hands may have written is taken for nothing where it makes no sense. */
static size_t get_count(const json_t *object, const char *key)
{
    json_int_t count = json_integer_value(json_object_get(object, key));
    return count > 0 ? (size_t)count : 0;
}

void course_begin(struct course *course, uint64_t seed)
{
    json_decref(course->lesson);
    course->lesson = json_object();
    course->failed |= !course->lesson;
    set(course, course->lesson, "section", json_integer(0));
    set(course, course->lesson, "done", json_false());
    set(course, course->lesson, "seed", json_integer((json_int_t)seed));
    set(course, course->lesson, "answers", json_object());
}

void course_measure(struct course *course, size_t sections, double of)
{
    set(course, course->lesson, "sections", json_integer((json_int_t)sections));
    set(course, course->lesson, "of", json_real(of));
}

bool course_get(const struct course *course, struct course_lesson *lesson)
{
    const char *key;
    json_t *answer;
    *lesson = (struct course_lesson){
        .section = get_count(course->lesson, "section"),
        .sections = get_count(course->lesson, "sections"),
        .seed = (uint64_t)json_integer_value(json_object_get(course->lesson, "seed")),
        .of = json_number_value(json_object_get(course->lesson, "of"))
    };
    lesson->done = json_is_true(json_object_get(course->lesson, "done"));
    json_object_foreach(json_object_get(course->lesson, "answers"), key, answer)
    {
        lesson->points += json_number_value(json_object_get(answer, "points"));
        lesson->assisted += json_is_true(json_object_get(answer, "assisted"));
    }
    return course->lesson != NULL;
}

void course_reach(struct course *course, size_t section, bool done)
{
    set(course, course->lesson, "section", json_integer((json_int_t)section));
    if (done)
        set(course, course->lesson, "done", json_true());
}

struct course_answer course_answer(const struct course *course, const char *id)
{
    json_t *kept = json_object_get(json_object_get(course->lesson, "answers"), id);
    const char *state = json_string_value(json_object_get(kept, "state"));
    struct course_answer answer = { COURSE_OPEN, get_count(kept, "tries"), get_count(kept, "hints"),
                                    json_is_true(json_object_get(kept, "assisted")),
                                    json_number_value(json_object_get(kept, "points")) };
    for (size_t i = 0; state && i < COUNT_OF(state_names); i++)
        if (!strcmp(state, state_names[i]))
            answer.state = (enum course_state)i;
    return answer;
}

void course_set_answer(struct course *course, const char *id, const struct course_answer *answer)
{
    json_t *kept = json_object();
    set(course, kept, "state", json_string(state_names[answer->state]));
    set(course, kept, "tries", json_integer((json_int_t)answer->tries));
    set(course, kept, "hints", json_integer((json_int_t)answer->hints));
    set(course, kept, "assisted", json_boolean(answer->assisted));
    set(course, kept, "points", json_real(answer->points));
    set(course, json_object_get(course->lesson, "answers"), id, kept);
}

const char *course_given(const struct course *course, const char *id)
{
    return json_string_value(json_object_get(json_object_get(course->lesson, "given"), id));
}

void course_give(struct course *course, const char *id, const char *answer)
{
    json_t *given = json_object_get(course->lesson, "given");
    if (!given)
        set(course, course->lesson, "given", json_object());
    given = json_object_get(course->lesson, "given");
    set(course, given, id, json_string(answer));
}
