/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/recording.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "lesson/lesson.h"

#define OUTPUT_LINES_MOST ((size_t)400)
#define LINE_LONG         ((size_t)5000) /* bytes; a lesson takes lines of LESSON_LINE_MOST */
#define RECORDS_MOST      (4 * LESSON_MOST)

void recording_init(struct recording *recording)
{
    *recording = (struct recording){ .setup = TEXT_INIT };
}

static void record_release(struct record *record)
{
    free(record->statement);
    free(record->output);
    free(record->lead);
}

void recording_release(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        record_release(&recording->records[i]);
    free(recording->records);
    text_release(&recording->setup);
    recording_init(recording);
}

/* ---- What holds elsewhere, too ---------------------------------------------- */

#define TIMES_MOST 4

/* Where the columns of times end, counted in columns of the screen; they are set flush
 * right below these titles. */
struct times {
    size_t ends[TIMES_MOST], count;
};

static bool ends_word(char c)
{
    return c == ' ' || c == '\n' || c == '\0' || c == '\t';
}

static void find_times(const char *line, size_t length, struct times *times)
{
    static const char *const titles[] = { "seconds", "samples/s" };
    for (size_t at = 0; at < length; at++)
        for (size_t i = 0; i < COUNT_OF(titles); i++) {
            size_t width = strlen(titles[i]);
            if ((at && line[at - 1] != ' ') || length - at < width ||
                strncmp(line + at, titles[i], width) != 0 || !ends_word(line[at + width]))
                continue;
            if (times->count < TIMES_MOST)
                times->ends[times->count++] = utf8_width(line, at + width);
        }
}

static bool is_time(const struct times *times, const char *line, size_t end)
{
    for (size_t i = 0; i < times->count; i++)
        if (utf8_width(line, end) == times->ends[i])
            return true;
    return false;
}

static bool is_path(const char *word, size_t length)
{
    return length > 2 && word[0] == '/' && (isalpha((unsigned char)word[1]) || word[1] == '.');
}

/* Copies a line word by word. */
static void add_line(struct text *text, const char *line, size_t length, const struct times *times)
{
    for (size_t at = 0; at < length;) {
        size_t blanks = strspn(line + at, " \t");
        text_add_part(text, line + at, blanks);
        at += blanks;
        size_t word = strcspn(line + at, " \t\n\"'");
        size_t quote = at + word < length && !ends_word(line[at + word]);
        bool path = is_path(line + at, word);
        size_t colon = path && line[at + word - 1] == ':';
        if (path || (word && isdigit((unsigned char)line[at]) && is_time(times, line, at + word)))
            text_add(text, "...");
        else
            text_add_part(text, line + at, word);
        text_add_part(text, line + at + word - colon, quote + colon);
        at += word + quote;
    }
    text_add_char(text, '\n');
}

/* The lines of a table have as many columns as its titles. */
static void add_general(struct text *text, const char *output, size_t length)
{
    struct times times = { .count = 0 };
    size_t lines = 0;
    for (size_t at = 0; at < length; lines++) {
        size_t width = strcspn(output + at, "\n");
        if (lines == OUTPUT_LINES_MOST) {
            text_add(text, "...\n");
            return;
        }
        struct times titles = { .count = 0 };
        find_times(output + at, width, &titles);
        if (titles.count || !width)
            times = titles;
        if (width > LINE_LONG)
            text_add(text, "...\n");
        else
            add_line(text, output + at, width, &times);
        at += width + 1;
    }
}

static bool is_text(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)bytes[i] < ' ' && !strchr("\n\t", bytes[i])) || bytes[i] == 0x7f)
            return false;
    return !memchr(bytes, '\0', length) && utf8_valid(bytes, length);
}

enum nb_status recording_add(struct recording *recording, enum record_kind kind, const char *lead,
                             const char *statement, size_t length, const struct text *output,
                             bool exact, struct nb_error *error)
{
    struct text kept = TEXT_INIT;
    bool readable = is_text(statement, length);
    if (!readable && kind == RECORD_FAILED)
        return NB_OK;
    recording->loose |= kind == RECORD_LEFT;
    exact &= !recording->loose;
    if (output->length && exact && is_text(output->bytes, output->length))
        add_general(&kept, output->bytes, output->length);
    else if (output->length)
        text_add(&kept, "...\n");
    recording->bytes += length + kept.length;
    recording->overflow |= recording->bytes > RECORDS_MOST || !readable;
    if (recording->overflow) {
        text_release(&kept);
        return NB_OK;
    }
    struct record *records =
        array_grow(recording->records, recording->count, &recording->capacity, sizeof *records);
    struct record record = { kind, string_copy_part(statement, length), text_take(&kept),
                             lead ? string_copy(lead) : NULL };
    if (records)
        recording->records = records;
    if (!records || !record.statement || !record.output || (lead && !record.lead)) {
        record_release(&record);
        return error_memory(error);
    }
    recording->records[recording->count++] = record;
    return NB_OK;
}

/* ---- The lesson ------------------------------------------------------------- */

/* The longest run of ` in the texts, and one more: at least three. */
static size_t fence_length(const struct record *records, size_t count, bool outputs)
{
    size_t most = 2;
    for (size_t i = 0; i < count; i++) {
        const char *text = outputs ? records[i].output : records[i].statement;
        for (size_t run; *(text += strcspn(text, "`")); text += run) {
            run = strspn(text, "`");
            most = run > most ? run : most;
        }
    }
    return most + 1;
}

/* Blanks where a line may end: within brackets as it is, else with a \ before. */
static void add_statement(struct text *text, const char *statement)
{
    size_t depth = 0, width = 0;
    bool quoted = false;
    for (const char *c = statement; *c; c++) {
        quoted ^= *c == '"';
        if (!quoted && strchr("([", *c))
            depth++;
        else if (!quoted && strchr(")]", *c) && depth)
            depth--;
        width = *c == '\n' ? 0 : width + 1;
        if (*c == ' ' && !quoted && width > LINE_LONG) {
            text_add(text, depth ? "\n" : " \\\n");
            width = 0;
        } else {
            text_add_char(text, *c);
        }
    }
    text_add_char(text, '\n');
}

static void add_fence(struct text *text, size_t length, const char *words)
{
    text_repeat(text, "`", length);
    text_printf(text, "%s\n", words);
}

static void add_block(struct text *text, const struct record *records, size_t count,
                      const char *words)
{
    size_t length = fence_length(records, count, false);
    add_fence(text, length, words);
    for (size_t i = 0; i < count; i++)
        add_statement(text, records[i].statement);
    add_fence(text, length, "");
    text_add_char(text, '\n');
}

static void add_output(struct text *text, const struct record *record)
{
    size_t length = fence_length(record, 1, true);
    if (!record->output[0])
        return;
    add_fence(text, length, "output");
    text_add(text, record->output);
    add_fence(text, length, "");
    text_add_char(text, '\n');
}

static void add_answer(struct text *text, const struct record *record)
{
    add_fence(text, 3, "answers");
    text_add(text, record->lead);
    for (const char *c = record->statement; *c; c++)
        text_add_char(text, *c == '\n' ? ' ' : *c);
    text_add_char(text, '\n');
    add_fence(text, 3, "");
    text_add_char(text, '\n');
}

/* Statements that print nothing stand in one block with the next that does. */
static size_t block_count(const struct record *records, size_t count)
{
    size_t block = 0;
    while (block < count && records[block].kind == RECORD_RUN)
        if (records[block++].output[0])
            break;
    return block;
}

static size_t add_records(struct text *text, const struct record *records, size_t count)
{
    size_t taken = 1;
    switch (records->kind) {
    case RECORD_RUN:
        taken = block_count(records, count);
        add_block(text, records, taken, "nabla");
        break;
    case RECORD_FAILED:
        add_block(text, records, 1, "nabla fails");
        break;
    case RECORD_ANSWER:
        add_answer(text, records);
        return 1;
    case RECORD_LEFT:
        text_add(text, "Interrupted, and left out here:\n\n");
        add_block(text, records, 1, "text");
        return 1;
    case RECORD_OUTSIDE:
        text_add(text, "Writes outside of the working folder, and is left out here:\n\n");
        add_block(text, records, 1, "text");
        return 1;
    }
    add_output(text, &records[taken - 1]);
    return taken;
}

static void add_setup(const struct recording *recording, size_t from, struct text *text)
{
    bool any = recording->setup.length;
    for (size_t i = 0; i < from; i++)
        any |= recording->records[i].kind == RECORD_RUN;
    if (!any)
        return;
    size_t length = fence_length(recording->records, from, false);
    add_fence(text, length, "nabla silent");
    text_add(text, recording->setup.bytes);
    for (size_t i = 0; i < from; i++)
        if (recording->records[i].kind == RECORD_RUN)
            add_statement(text, recording->records[i].statement);
    add_fence(text, length, "");
    text_add_char(text, '\n');
}

enum nb_status recording_write(const struct recording *recording, size_t from, struct text *text,
                               struct nb_error *error)
{
    if (recording->overflow)
        return error_set(error, NB_FAILED,
                         "the session is longer than a lesson may be, or not all of it was text");
    text_add(text, "---\ntitle: A session\n---\n\n# A session\n\n");
    add_setup(recording, from, text);
    for (size_t i = from; i < recording->count;)
        i += add_records(text, recording->records + i, recording->count - i);
    while (text->length > 1 && text->bytes[text->length - 2] == '\n')
        text_cut(text, text->length - 1);
    if (text->length > LESSON_MOST)
        return error_set(error, NB_FAILED, "the session makes %zu kB, and a lesson has at most %zu",
                         text->length >> 10, LESSON_MOST >> 10);
    return text_status(text, error);
}
