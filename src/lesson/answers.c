/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "lesson/ask.h"

#define MARK        "\xef\xbb\xbf" /* with which editors elsewhere begin a file */
#define FAULTS_MOST 50             /* of a file; who has more need not know all */

/* ---- Names and seeds ---------------------------------------------------------- */

uint64_t answers_student_seed(const char *student)
{
    uint64_t hash = 2166136261u;
    for (const char *c = student; *c; c++)
        hash = ((hash ^ (unsigned char)*c) * 16777619u) & 0xffffffffu;
    return hash;
}

void answers_add_lesson(struct text *text, const struct lesson *lesson)
{
    const char *slash = strrchr(lesson->path, '/'), *name = slash ? slash + 1 : lesson->path;
    size_t length = strlen(name);
    bool ending = length > 3 && strcmp(name + length - 3, ".md") == 0;
    text_add_part(text, name, length - (ending ? 3 : 0));
}

void answers_add_head(struct text *text, const struct lesson *lesson, const char *student,
                      const uint64_t *seed)
{
    text_add(text, "# lesson: ");
    answers_add_lesson(text, lesson);
    text_add_char(text, '\n');
    if (student)
        text_printf(text, "# student: %s\n", student);
    if (seed)
        text_printf(text, "# seed: %llu\n", (unsigned long long)*seed);
}

/* ---- Faults ---------------------------------------------------------------------- */

enum nb_status answers_fault(struct answers *answers, size_t at, const char *text,
                             struct nb_error *error)
{
    struct answers_fault *faults =
        array_grow(answers->faults, answers->fault_count, &answers->fault_capacity, sizeof *faults);
    if (!faults)
        return error_memory(error);
    answers->faults = faults;
    faults[answers->fault_count] = (struct answers_fault){ at, string_copy(text) };
    if (!faults[answers->fault_count].text)
        return error_memory(error);
    answers->fault_count++;
    return NB_OK;
}

static enum nb_status fault(struct answers *answers, size_t at, struct nb_error *error,
                            const char *format, ...) PRINTF_LIKE(4, 5);

static enum nb_status fault(struct answers *answers, size_t at, struct nb_error *error,
                            const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    enum nb_status status = answers_fault(answers, at, text.bytes, error);
    text_release(&text);
    return status;
}

/* ---- Lines ------------------------------------------------------------------------- */

/* A file as it is read. */
struct reading {
    struct answers *answers;
    const struct lesson *lesson;
    struct text name; /* of the lesson */
    bool *twice;      /* (lesson->count) by part: answered more than once */
    bool *assisted;   /* (lesson->count) by part */
    bool other;       /* this block is of another lesson */
    size_t line;
};

static struct lang_span trim(const char *source, size_t at, size_t end)
{
    while (at < end && (source[at] == ' ' || source[at] == '\t'))
        at++;
    while (end > at && strchr(" \t\r", source[end - 1]))
        end--;
    return (struct lang_span){ at, end - at };
}

static enum nb_status take_lesson(struct reading *reading, struct lang_span value,
                                  struct nb_error *error)
{
    struct answers *answers = reading->answers;
    const char *name = answers->source.bytes + value.at;
    bool same = reading->name.length == value.length &&
                memcmp(reading->name.bytes, name, value.length) == 0;
    if (answers->session) {
        reading->other = !same;
        return NB_OK;
    }
    answers->foreign |= !same;
    return same ? NB_OK
                : fault(answers, value.at, error, "these are answers to %.*s, not to %.80s",
                        value.length > 80 ? 80 : (int)value.length, name, reading->name.bytes);
}

static enum nb_status take_student(struct reading *reading, struct lang_span value,
                                   struct nb_error *error)
{
    struct answers *answers = reading->answers;
    const char *name = answers->source.bytes + value.at;
    bool same = answers->student && strlen(answers->student) == value.length &&
                memcmp(answers->student, name, value.length) == 0;
    if (reading->other || same)
        return NB_OK;
    answers->foreign |= answers->student != NULL;
    if (answers->student)
        return fault(answers, value.at, error, "these are answers of %.80s, too", answers->student);
    answers->student = string_copy_part(name, value.length);
    answers->student_at = value.at;
    return answers->student ? NB_OK : error_memory(error);
}

static enum nb_status take_seed(struct reading *reading, struct lang_span value,
                                struct nb_error *error)
{
    struct answers *answers = reading->answers;
    uint64_t seed;
    if (reading->other)
        return NB_OK;
    if (!number_parse_whole(answers->source.bytes + value.at, value.length, UINT64_MAX, &seed))
        return fault(answers, value.at, error, "expected a whole number: # seed: 7");
    answers->foreign |= answers->has_seed && seed != answers->seed;
    if (answers->has_seed && seed != answers->seed)
        return fault(answers, value.at, error, "another seed than before: %llu",
                     (unsigned long long)answers->seed);
    answers->has_seed = true;
    answers->seed = seed;
    answers->seed_at = value.at;
    return NB_OK;
}

static size_t part_of(const struct lesson *lesson, const struct ask *ask)
{
    size_t part = 0;
    while (lesson->parts[part].ask != ask)
        part++;
    return part;
}

static enum nb_status take_assisted(struct reading *reading, struct lang_span value,
                                    struct nb_error *error)
{
    const struct ask *ask =
        lesson_ask(reading->lesson, reading->answers->source.bytes + value.at, value.length);
    (void)error;
    if (ask && !reading->other)
        reading->assisted[part_of(reading->lesson, ask)] = true;
    return NB_OK;
}

/* Other comments are the student's own. */
static enum nb_status take_comment(struct reading *reading, struct lang_span line,
                                   struct nb_error *error)
{
    static const struct {
        const char *key;
        enum nb_status (*take)(struct reading *, struct lang_span, struct nb_error *);
    } rows[] = { { "lesson:", take_lesson },
                 { "student:", take_student },
                 { "seed:", take_seed },
                 { "assisted:", take_assisted } };
    const char *source = reading->answers->source.bytes;
    struct lang_span words = trim(source, line.at + 1, line.at + line.length);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t length = strlen(rows[i].key);
        if (words.length > length && memcmp(source + words.at, rows[i].key, length) == 0)
            return rows[i].take(reading, trim(source, words.at + length, words.at + words.length),
                                error);
    }
    return NB_OK;
}

static const struct answer_given *given_before(const struct answers *answers, const struct ask *ask)
{
    for (size_t i = 0; i < answers->count; i++)
        if (answers->given[i].ask == ask)
            return &answers->given[i];
    return NULL;
}

static enum nb_status add_given(struct reading *reading, const struct ask *ask,
                                struct lang_span line, struct lang_span value,
                                struct nb_error *error)
{
    struct answers *answers = reading->answers;
    const struct answer_given *before = given_before(answers, ask);
    if (before && !answers->session) {
        reading->twice[part_of(reading->lesson, ask)] = true;
        return fault(answers, line.at, error,
                     "%s is answered twice, first in line %zu: neither counts", ask->id.text,
                     before->line);
    }
    struct answer_given *given =
        array_grow(answers->given, answers->count, &answers->capacity, sizeof *given);
    if (!given)
        return error_memory(error);
    answers->given = given;
    given[answers->count++] =
        (struct answer_given){ .ask = ask, .value = value, .line = reading->line };
    return NB_OK;
}

static enum nb_status unknown_id(struct reading *reading, struct lang_span id,
                                 struct nb_error *error)
{
    const char *word = reading->answers->source.bytes + id.at;
    const char *ids[LESSON_ASKS_MOST];
    if (reading->answers->fault_count == FAULTS_MOST)
        return NB_OK;
    size_t count = 0;
    for (size_t i = 0; i < reading->lesson->count && count < COUNT_OF(ids); i++)
        if (reading->lesson->parts[i].ask)
            ids[count++] = reading->lesson->parts[i].ask->id.text;
    struct text typed = TEXT_INIT;
    text_add_part(&typed, word, id.length > 40 ? 40 : id.length);
    const char *near = lang_nearest(typed.bytes, ids, sizeof *ids, count);
    enum nb_status status =
        fault(reading->answers, id.at, error, "%s has no question %s%s%s", reading->name.bytes,
              typed.bytes, near[0] ? ": did you mean " : "", near);
    text_release(&typed);
    return status;
}

static enum nb_status take_answer(struct reading *reading, struct lang_span line,
                                  struct nb_error *error)
{
    struct answers *answers = reading->answers;
    const char *source = answers->source.bytes, *start = source + line.at;
    const char *colon = memchr(start, ':', line.length);
    if (line.length > ANSWER_LINE_MOST)
        return fault(answers, line.at, error, "a line longer than %zu bytes", ANSWER_LINE_MOST);
    if (!colon)
        return fault(answers, line.at, error, "expected id: value, as in d21: 0.0243");
    size_t middle = (size_t)(colon - source);
    struct lang_span id = trim(source, line.at, middle),
                     value = trim(source, middle + 1, line.at + line.length);
    const struct ask *ask = lesson_ask(reading->lesson, source + id.at, id.length);
    if (!ask)
        return unknown_id(reading, id, error);
    return value.length ? add_given(reading, ask, line, value, error) : NB_OK;
}

static enum nb_status take_line(struct reading *reading, struct lang_span line,
                                struct nb_error *error)
{
    if (!line.length)
        return NB_OK;
    if (reading->answers->source.bytes[line.at] == '#')
        return take_comment(reading, line, error);
    return reading->other ? NB_OK : take_answer(reading, line, error);
}

/* ---- Files --------------------------------------------------------------------------- */

static enum nb_status check_text(const struct answers *answers, struct nb_error *error)
{
    const struct text *source = &answers->source;
    if (!utf8_valid(source->bytes, source->length))
        return error_set(error, NB_USAGE, "%.200s: expected text in UTF-8, lines of id: value",
                         answers->path);
    for (size_t at = 0; at < source->length; at++)
        if (((unsigned char)source->bytes[at] < ' ' && !strchr("\n\t\r", source->bytes[at])) ||
            !source->bytes[at] || source->bytes[at] == 0x7f)
            return error_at(error, NB_USAGE, at,
                            "a control character: expected text, lines of id: value");
    return NB_OK;
}

/* The fence that begins a block of answers in a recorded session, or ends one. */
static bool is_fence(const char *source, struct lang_span line, const char *words)
{
    size_t ticks = 0, length = strlen(words);
    while (ticks < line.length && source[line.at + ticks] == '`')
        ticks++;
    return ticks >= 3 && line.length - ticks == length &&
           memcmp(source + line.at + ticks, words, length) == 0;
}

/* Whether the line belongs to the answers; fences themselves do not. */
static bool is_inside(struct reading *reading, struct lang_span line, bool *inside)
{
    const char *source = reading->answers->source.bytes;
    if (!reading->answers->session)
        return true;
    if (*inside && is_fence(source, line, "")) {
        *inside = false;
    } else if (!*inside && is_fence(source, line, "answers")) {
        *inside = true;
        reading->other = false;
        return false;
    }
    return *inside;
}

static enum nb_status take_lines(struct reading *reading, struct nb_error *error)
{
    const struct text *source = &reading->answers->source;
    enum nb_status status = NB_OK;
    bool inside = false;
    size_t at = strncmp(source->bytes, MARK, strlen(MARK)) ? 0 : strlen(MARK);
    for (; at < source->length && !status; at++) {
        size_t length = strcspn(source->bytes + at, "\n");
        struct lang_span line = trim(source->bytes, at, at + length);
        reading->line++;
        if (is_inside(reading, line, &inside))
            status = take_line(reading, line, error);
        at += length;
    }
    return status;
}

/* Neither of two answers counts: nobody hands in both of two choices. */
static void drop_twice(struct reading *reading)
{
    struct answers *answers = reading->answers;
    size_t kept = 0;
    for (size_t i = 0; i < answers->count; i++)
        if (!reading->twice[part_of(reading->lesson, answers->given[i].ask)])
            answers->given[kept++] = answers->given[i];
    answers->count = kept;
}

static void mark_assisted(const struct reading *reading)
{
    struct answers *answers = reading->answers;
    for (size_t i = 0; i < answers->count; i++)
        answers->given[i].assisted =
            reading->assisted[part_of(reading->lesson, answers->given[i].ask)];
}

static bool ends_as(const char *path, const char *ending)
{
    size_t length = strlen(path), least = strlen(ending);
    return length > least && strcmp(path + length - least, ending) == 0;
}

enum nb_status answers_read(const char *path, const struct lesson *lesson, struct answers *answers,
                            struct nb_error *error)
{
    *answers = (struct answers){ .path = string_copy(path),
                                 .source = TEXT_INIT,
                                 .session = ends_as(path, ".md") };
    struct reading reading = { .answers = answers,
                               .lesson = lesson,
                               .name = TEXT_INIT,
                               .twice = memory_new(lesson->count, sizeof *reading.twice),
                               .assisted = memory_new(lesson->count, sizeof *reading.assisted) };
    bool all = answers->path && reading.twice && reading.assisted;
    enum nb_status status = all ? NB_OK : error_memory(error);
    answers_add_lesson(&reading.name, lesson);
    if (!status)
        status = file_read(path, ANSWERS_MOST, &answers->source, error);
    if (!status)
        status = check_text(answers, error);
    if (!status)
        status = take_lines(&reading, error);
    if (!status)
        drop_twice(&reading);
    if (!status)
        mark_assisted(&reading);
    text_release(&reading.name);
    free(reading.twice);
    free(reading.assisted);
    return status;
}

void answers_release(struct answers *answers)
{
    for (size_t i = 0; i < answers->fault_count; i++)
        free(answers->faults[i].text);
    free(answers->faults);
    free(answers->given);
    free(answers->path);
    free(answers->student);
    text_release(&answers->source);
    *answers = (struct answers){ .source = TEXT_INIT };
}
