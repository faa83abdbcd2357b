/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/lesson.h"

#include <stdlib.h>
#include <string.h>

#include <cmark.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "lang/lang.h"
#include "lesson/math.h"

/* ---- The file as text ---------------------------------------------------- */

static void drop_carriage_returns(struct text *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < source->length; i++)
        if (source->bytes[i] != '\r' || source->bytes[i + 1] != '\n')
            source->bytes[kept++] = source->bytes[i];
    text_cut(source, kept);
}

/* No control character may reach a terminal from a file of someone else's. */
static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

static enum nb_status check_text(const struct lesson *lesson, struct nb_error *error)
{
    const struct text *source = &lesson->source;
    size_t width = 0;
    if (!utf8_valid(source->bytes, source->length))
        return error_set(error, NB_USAGE, "%s is no lesson: expected text in UTF-8", lesson->path);
    for (size_t at = 0; at < source->length; at++) {
        if (is_control(source->bytes[at]))
            return error_set(error, NB_USAGE, "%s is no lesson: byte %zu is a control character",
                             lesson->path, at);
        width = source->bytes[at] == '\n' ? 0 : width + 1;
        if (width > LESSON_LINE_MOST)
            return error_at(error, NB_USAGE, at - LESSON_LINE_MOST, "a line longer than %zu bytes",
                            LESSON_LINE_MOST);
    }
    return NB_OK;
}

/* Where each line begins. */
static enum nb_status find_lines(struct lesson *lesson, struct nb_error *error)
{
    const struct text *source = &lesson->source;
    for (size_t at = 0; at <= source->length;) {
        size_t *lines =
            array_grow(lesson->lines, lesson->line_count, &lesson->line_capacity, sizeof *lines);
        if (!lines)
            return error_memory(error);
        lesson->lines = lines;
        lesson->lines[lesson->line_count++] = at;
        at += strcspn(source->bytes + at, "\n") + 1;
    }
    return NB_OK;
}

/* Where line `number` (from 1) begins. */
static size_t line_start(const struct lesson *lesson, size_t number)
{
    return number && number <= lesson->line_count ? lesson->lines[number - 1]
                                                  : lesson->source.length;
}

/* ---- Front matter -------------------------------------------------------- */

static bool line_is(const char *line, const char *word)
{
    size_t length = strlen(word);
    return !strncmp(line, word, length) &&
           line[length + strspn(line + length, " \t")] == (line[length] ? '\n' : '\0');
}

static enum nb_status take_title(struct lesson *lesson, const char *value, size_t length, size_t at,
                                 struct nb_error *error)
{
    (void)at;
    free(lesson->title);
    lesson->title = string_copy_part(value, length);
    return lesson->title ? NB_OK : error_memory(error);
}

static enum nb_status take_order(struct lesson *lesson, const char *value, size_t length, size_t at,
                                 struct nb_error *error)
{
    uint64_t order;
    if (!number_parse_whole(value, length, 1000000, &order))
        return error_at(error, NB_USAGE, at, "expected a whole number: order: 1");
    lesson->order = (size_t)order;
    return NB_OK;
}

/* A value that is one of a few words, the first being usual. */
static enum nb_status take_choice(const char *value, size_t length, const char *const *words,
                                  size_t at, size_t *choice, struct nb_error *error)
{
    for (*choice = 0; words[*choice]; ++*choice)
        if (strlen(words[*choice]) == length && !strncmp(words[*choice], value, length))
            return NB_OK;
    return error_at(error, NB_USAGE, at, "expected %s%s%s, found %.*s", words[0],
                    words[1] ? " or " : "", words[1] ? words[1] : "",
                    length > 40 ? 40 : (int)length, value);
}

static enum nb_status take_skip(struct lesson *lesson, const char *value, size_t length, size_t at,
                                struct nb_error *error)
{
    static const char *const words[] = { "allow", "never", NULL };
    size_t choice;
    enum nb_status status = take_choice(value, length, words, at, &choice, error);
    lesson->skip_never = !status && choice == 1;
    return status;
}

static enum nb_status take_vary(struct lesson *lesson, const char *value, size_t length, size_t at,
                                struct nb_error *error)
{
    static const char *const words[] = { "seed", NULL };
    size_t choice;
    enum nb_status status = take_choice(value, length, words, at, &choice, error);
    lesson->varies = !status;
    return status;
}

struct front_row {
    const char *key;
    enum nb_status (*take)(struct lesson *lesson, const char *value, size_t length, size_t at,
                           struct nb_error *error);
};

static const struct front_row front_rows[] = {
    { "title", take_title },
    { "order", take_order },
    { "skip", take_skip },
    { "vary", take_vary },
};

static enum nb_status unknown_key(const char *key, size_t length, size_t at, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    text_printf(&text, "unknown key %.*s in the front matter; the keys are",
                length > 40 ? 40 : (int)length, key);
    for (size_t i = 0; i < COUNT_OF(front_rows); i++)
        text_printf(&text, "%s %s", i ? "," : "", front_rows[i].key);
    enum nb_status status = error_at(error, NB_USAGE, at, "%s", text.bytes);
    text_release(&text);
    return status;
}

static enum nb_status take_front_line(struct lesson *lesson, size_t at, size_t length,
                                      unsigned *seen, struct nb_error *error)
{
    const char *line = lesson->source.bytes + at, *colon = memchr(line, ':', length);
    if (!line[strspn(line, " \t")] || line[strspn(line, " \t")] == '\n' || line[0] == '#')
        return NB_OK;
    if (!colon)
        return error_at(error, NB_USAGE, at, "expected key: value in the front matter");
    size_t value = (size_t)(colon - line) + 1;
    while (value < length && line[value] == ' ')
        value++;
    while (length > value && line[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < COUNT_OF(front_rows); i++)
        if (strlen(front_rows[i].key) == (size_t)(colon - line) &&
            !strncmp(front_rows[i].key, line, (size_t)(colon - line))) {
            if (*seen & 1u << i)
                return error_at(error, NB_USAGE, at, "%s: is said twice", front_rows[i].key);
            *seen |= 1u << i;
            return front_rows[i].take(lesson, line + value, length - value, at + value, error);
        }
    return unknown_key(line, (size_t)(colon - line), at, error);
}

/* *end: where the text behind the front matter begins. */
static enum nb_status take_front(struct lesson *lesson, size_t *end, struct nb_error *error)
{
    const struct text *source = &lesson->source;
    unsigned seen = 0;
    *end = 0;
    if (!line_is(source->bytes, "---"))
        return NB_OK;
    for (size_t at = strcspn(source->bytes, "\n") + 1; at < source->length;) {
        size_t length = strcspn(source->bytes + at, "\n");
        if (line_is(source->bytes + at, "---")) {
            *end = at + length;
            return NB_OK;
        }
        enum nb_status status = take_front_line(lesson, at, length, &seen, error);
        if (status)
            return status;
        at += length + 1;
    }
    return error_at(error, NB_USAGE, 0, "the front matter has no end: expected a line ---");
}

/* ---- Blocks ---------------------------------------------------------------- */

static enum nb_status take_silent(struct lesson_part *part, const char *value, size_t length,
                                  struct nb_error *error)
{
    (void)value, (void)length, (void)error;
    part->silent = true;
    return NB_OK;
}

static enum nb_status take_fails(struct lesson_part *part, const char *value, size_t length,
                                 struct nb_error *error)
{
    (void)value, (void)length, (void)error;
    part->fails = true;
    return NB_OK;
}

static enum nb_status take_needs(struct lesson_part *part, const char *value, size_t length,
                                 struct nb_error *error)
{
    free(part->needs);
    part->needs = string_copy_part(value, length);
    return part->needs ? NB_OK : error_memory(error);
}

struct block_word {
    const char *word; /* ends in = where a value follows */
    enum nb_status (*take)(struct lesson_part *part, const char *value, size_t length,
                           struct nb_error *error);
};

static const struct block_word block_words[] = {
    { "silent", take_silent },
    { "fails", take_fails },
    { "needs=", take_needs },
};

static enum nb_status take_word(struct lesson_part *part, const char *word, size_t length,
                                size_t at, struct nb_error *error)
{
    for (size_t i = 0; i < COUNT_OF(block_words); i++) {
        size_t known = strlen(block_words[i].word);
        bool valued = block_words[i].word[known - 1] == '=';
        if (length >= known + valued && !memcmp(word, block_words[i].word, known) &&
            (valued || length == known))
            return block_words[i].take(part, word + known, length - known, error);
    }
    return error_at(error, NB_USAGE, at,
                    "unknown word %.*s behind nabla: expected silent, fails or needs=DATA",
                    (int)(length < 60 ? length : 60), word);
}

/* Where the words behind ```nabla begin in the source. */
static size_t find_info(const struct lesson *lesson, const struct lesson_part *part)
{
    const char *source = lesson->source.bytes;
    size_t at = part->fence + strspn(source + part->fence, " `~");
    return at + strcspn(source + at, " \t\n");
}

static enum nb_status take_info(const struct lesson *lesson, struct lesson_part *part,
                                struct nb_error *error)
{
    const char *source = lesson->source.bytes;
    for (size_t at = find_info(lesson, part);;) {
        at += strspn(source + at, " \t");
        size_t length = strcspn(source + at, " \t\n");
        if (!length)
            return NB_OK;
        enum nb_status status = take_word(part, source + at, length, at, error);
        if (status)
            return status;
        at += length;
    }
}

static bool info_is(const char *info, const char *word)
{
    size_t length = strlen(word);
    return !strncmp(info, word, length) && (!info[length] || info[length] == ' ');
}

static const struct {
    const char *word;
    enum lesson_part_kind kind;
} block_rows[] = {
    { "nabla", LESSON_COMMANDS },
    { "output", LESSON_OUTPUT },
    { "ask", LESSON_ASK },
};

static bool block_kind(cmark_node *node, enum lesson_part_kind *kind)
{
    if (cmark_node_get_type(node) != CMARK_NODE_CODE_BLOCK)
        return false;
    const char *info = cmark_node_get_fence_info(node);
    for (size_t i = 0; info && i < COUNT_OF(block_rows); i++)
        if (info_is(info, block_rows[i].word)) {
            *kind = block_rows[i].kind;
            return true;
        }
    return false;
}

/* Other languages are free; one that is spelt like a block of ours is meant for it. */
static enum nb_status check_language(const struct lesson *lesson, const struct lesson_part *part,
                                     struct nb_error *error)
{
    const char *info = cmark_node_get_type(part->node) == CMARK_NODE_CODE_BLOCK
                           ? cmark_node_get_fence_info(part->node)
                           : NULL;
    size_t length = info ? strcspn(info, " \t") : 0;
    if (length < 4)
        return NB_OK;
    struct text word = TEXT_INIT;
    text_add_part(&word, info, length);
    enum nb_status status = text_status(&word, error);
    const char *near =
        status ? ""
               : lang_nearest(word.bytes, block_rows, sizeof *block_rows, COUNT_OF(block_rows));
    if (near[0] && (near[0] | ' ') == (word.bytes[0] | ' '))
        status = error_at(error, NB_USAGE, line_start(lesson, part->line),
                          "unknown kind of block %s: did you mean %s?", word.bytes, near);
    text_release(&word);
    return status;
}

static enum nb_status check_closed(const struct lesson *lesson, const struct lesson_part *part,
                                   struct nb_error *error)
{
    const char *end = lesson->source.bytes + part->at + part->length;
    end += strspn(end, " ");
    if (strncmp(end, "```", 3) != 0 && strncmp(end, "~~~", 3) != 0)
        return error_at(error, NB_USAGE, part->fence, "the block has no end: expected a line ```");
    return NB_OK;
}

const struct ask *lesson_ask(const struct lesson *lesson, const char *id, size_t length)
{
    for (size_t i = 0; i < lesson->count; i++) {
        const struct ask *ask = lesson->parts[i].ask;
        if (ask && strlen(ask->id.text) == length && !memcmp(ask->id.text, id, length))
            return ask;
    }
    return NULL;
}

static enum nb_status take_ask(struct lesson *lesson, struct lesson_part *part,
                               struct nb_error *error)
{
    struct ask *ask;
    if (lesson->asks++ == LESSON_ASKS_MOST)
        return error_at(error, NB_USAGE, part->fence, "more than %d questions", LESSON_ASKS_MOST);
    enum nb_status status = ask_parse(lesson->source.bytes, find_info(lesson, part), part->at,
                                      part->length, &ask, error);
    if (!status && lesson_ask(lesson, ask->id.text, ask->id.span.length)) {
        status = error_at(error, NB_USAGE, ask->id.span.at,
                          "a question %s has been asked before: every id is its own", ask->id.text);
        ask_free(&ask);
    }
    part->ask = ask;
    return status;
}

static enum nb_status take_output(const struct lesson *lesson, const struct lesson_part *part,
                                  struct nb_error *error)
{
    for (size_t i = lesson->count; i-- > 0;)
        if (lesson->parts[i].kind == LESSON_COMMANDS)
            return NB_OK;
        else if (lesson->parts[i].kind == LESSON_OUTPUT)
            break;
    return error_at(error, NB_USAGE, part->fence,
                    "an output block without a nabla block before it");
}

static enum nb_status take_block(struct lesson *lesson, cmark_node *node, struct lesson_part *part,
                                 struct nb_error *error)
{
    const char *literal = cmark_node_get_literal(node);
    size_t lines = text_lines(literal, strlen(literal));
    part->line++;
    part->fence = line_start(lesson, part->line - 1);
    part->at = line_start(lesson, part->line);
    part->length = line_start(lesson, part->line + lines) - part->at;
    enum nb_status status = check_closed(lesson, part, error);
    if (status)
        return status;
    if (part->kind == LESSON_COMMANDS)
        return take_info(lesson, part, error);
    return part->kind == LESSON_ASK ? take_ask(lesson, part, error)
                                    : take_output(lesson, part, error);
}

/* ---- Sections --------------------------------------------------------------- */

static bool is_heading(const struct lesson_part *part)
{
    return part->kind == LESSON_PROSE && cmark_node_get_type(part->node) == CMARK_NODE_HEADING;
}

/* A heading begins a section, unless only headings stand before it in this one. */
static void take_section(struct lesson *lesson, struct lesson_part *part)
{
    const struct lesson_part *last = lesson->count ? &lesson->parts[lesson->count - 1] : NULL;
    part->section = last ? last->section : 0;
    if (last && is_heading(part) && !is_heading(last))
        part->section++;
    lesson->sections = part->section + 1;
}

static enum nb_status add_part(struct lesson *lesson, cmark_node *node, struct nb_error *error)
{
    struct lesson_part part = { .node = node, .line = (size_t)cmark_node_get_start_line(node) };
    enum nb_status status = NB_OK;
    if (block_kind(node, &part.kind))
        status = take_block(lesson, node, &part, error);
    else
        status = check_language(lesson, &part, error);
    take_section(lesson, &part);
    struct lesson_part *parts =
        array_grow(lesson->parts, lesson->count, &lesson->capacity, sizeof *parts);
    if (!parts) {
        free(part.needs);
        ask_free(&part.ask);
        return error_memory(error);
    }
    lesson->parts = parts;
    lesson->parts[lesson->count++] = part;
    return status;
}

/* Lists and quotes may not nest without end, nor hide a block. */
static enum nb_status check_tree(const struct lesson *lesson, struct nb_error *error)
{
    cmark_iter *iter = cmark_iter_new(lesson->document);
    cmark_event_type event;
    enum nb_status status = NB_OK;
    int depth = 0;
    while (!status && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        enum lesson_part_kind kind;
        size_t at = line_start(lesson, (size_t)cmark_node_get_start_line(node));
        bool leaf = !cmark_node_first_child(node);
        if (event == CMARK_EVENT_ENTER && block_kind(node, &kind) &&
            cmark_node_parent(node) != lesson->document)
            status =
                error_at(error, NB_USAGE, at,
                         "a block of nabla stands at the left margin, outside lists and quotes");
        if (!leaf)
            depth += event == CMARK_EVENT_ENTER ? 1 : -1;
        if (depth > LESSON_DEPTH_MOST)
            status = error_at(error, NB_USAGE, at, "nested deeper than %d", LESSON_DEPTH_MOST);
    }
    cmark_iter_free(iter);
    return status;
}

/* ---- Reading ------------------------------------------------------------------ */

static enum nb_status set_prose(struct lesson *lesson, size_t front, struct nb_error *error)
{
    for (size_t i = 0; i < front; i++)
        if (lesson->source.bytes[i] == '\n')
            text_add_char(&lesson->prose, '\n');
    /* what is faulty is shown as it is written, and found when the lesson is tested */
    math_replace(&lesson->prose, lesson->source.bytes + front, lesson->source.length - front, NULL);
    return text_status(&lesson->prose, error);
}

static enum nb_status parse(struct lesson *lesson, struct nb_error *error)
{
    lesson->document =
        cmark_parse_document(lesson->prose.bytes, lesson->prose.length, CMARK_OPT_DEFAULT);
    if (!lesson->document)
        return error_memory(error);
    enum nb_status status = check_tree(lesson, error);
    for (cmark_node *node = cmark_node_first_child(lesson->document); node && !status;
         node = cmark_node_next(node))
        status = add_part(lesson, node, error);
    return status;
}

/* The front matter's title, else the first heading, else the path. */
static enum nb_status complete_title(struct lesson *lesson, size_t front, struct nb_error *error)
{
    if (lesson->title)
        return NB_OK;
    const char *line = lesson->source.bytes + front;
    line += strspn(line, " \n");
    const char *title = line + strspn(line, "# ");
    if (line[0] != '#')
        title = lesson->path;
    lesson->title = string_copy_part(title, strcspn(title, "\n"));
    return lesson->title ? NB_OK : error_memory(error);
}

enum nb_status lesson_read_front(const char *path, struct lesson *lesson, struct nb_error *error)
{
    *lesson = (struct lesson){ .path = string_copy(path), .source = TEXT_INIT, .prose = TEXT_INIT };
    if (!lesson->path)
        return error_memory(error);
    size_t front;
    enum nb_status status = file_read(path, LESSON_MOST, &lesson->source, error);
    if (!status)
        drop_carriage_returns(&lesson->source);
    if (!status)
        status = check_text(lesson, error);
    if (!status)
        status = find_lines(lesson, error);
    if (!status)
        status = take_front(lesson, &front, error);
    if (!status)
        status = set_prose(lesson, front, error);
    return status ? status : complete_title(lesson, front, error);
}

enum nb_status lesson_read(const char *path, struct lesson *lesson, struct nb_error *error)
{
    enum nb_status status = lesson_read_front(path, lesson, error);
    return status ? status : parse(lesson, error);
}

void lesson_release(struct lesson *lesson)
{
    for (size_t i = 0; i < lesson->count; i++) {
        free(lesson->parts[i].needs);
        ask_free(&lesson->parts[i].ask);
    }
    free(lesson->parts);
    free(lesson->lines);
    free(lesson->path);
    free(lesson->title);
    text_release(&lesson->source);
    text_release(&lesson->prose);
    if (lesson->document)
        cmark_node_free(lesson->document);
    *lesson = (struct lesson){ .source = TEXT_INIT, .prose = TEXT_INIT };
}
