/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/bless.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "lesson/check.h"

/* ---- Pieces: lines of a block, words of a line -------------------------------- */

struct piece {
    const char *before; /* the blanks before a word */
    size_t blanks;
    const char *bytes;
    size_t length;
};

struct pieces {
    struct piece *piece;
    size_t count, capacity;
    bool failed;
};

static void add_piece(struct pieces *pieces, struct piece piece)
{
    struct piece *grown =
        array_grow(pieces->piece, pieces->count, &pieces->capacity, sizeof *grown);
    pieces->failed |= !grown;
    if (!grown)
        return;
    pieces->piece = grown;
    pieces->piece[pieces->count++] = piece;
}

static void split_lines(const char *bytes, size_t length, struct pieces *lines)
{
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(bytes + at, '\n', length - at);
        size_t width = newline ? (size_t)(newline - bytes) - at : length - at;
        add_piece(lines, (struct piece){ bytes + at, 0, bytes + at, width });
        at += width + 1;
    }
}

static void split_words(const struct piece *line, struct pieces *words)
{
    const char *at = line->bytes, *end = at + line->length;
    while (at < end) {
        struct piece word = { .before = at };
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        word.blanks = (size_t)(at - word.before);
        word.bytes = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        word.length = (size_t)(at - word.bytes);
        if (word.length)
            add_piece(words, word);
    }
}

static bool is_dots(const struct piece *piece)
{
    size_t blanks = 0, length = piece->length;
    while (blanks < length && piece->bytes[blanks] == ' ')
        blanks++;
    while (length > blanks && piece->bytes[length - 1] == ' ')
        length--;
    return length - blanks == 3 && memcmp(piece->bytes + blanks, "...", 3) == 0;
}

static bool matches(const struct piece *expected, const struct piece *got)
{
    struct output_difference difference;
    enum nb_status status =
        output_check(expected->bytes, expected->length, got->bytes, got->length, &difference);
    output_difference_release(&difference);
    return !status;
}

/* ---- What `...` stands for ------------------------------------------------------ */

/* A run of pieces without dots. */
struct run {
    const struct piece *piece;
    size_t count;
};

/* The run that begins at `at`, up to the next dots. */
static struct run run_at(const struct pieces *pieces, size_t at)
{
    struct run run = { pieces->piece + at, 0 };
    while (at + run.count < pieces->count && !is_dots(&pieces->piece[at + run.count]))
        run.count++;
    return run;
}

/* The next thing of a line, blanks before it skipped: a number with its sign, or a byte. */
static struct piece next_token(const struct piece *line, size_t *at, bool *number)
{
    static const char minus[] = "\xe2\x88\x92";
    const char *bytes = line->bytes;
    while (*at < line->length && (bytes[*at] == ' ' || bytes[*at] == '\t'))
        ++*at;
    size_t begin = *at, sign = 0, rest = line->length - begin;
    if (rest && bytes[begin] == '-')
        sign = 1;
    else if (rest > strlen(minus) && memcmp(bytes + begin, minus, strlen(minus)) == 0)
        sign = strlen(minus);
    size_t length = number_scan(bytes + begin + sign, rest - sign);
    *number = length > 0;
    *at += length ? sign + length : rest > 0;
    return (struct piece){ .bytes = bytes + begin, .length = *at - begin };
}

/* The same but for its numbers. */
static bool resembles(const struct piece *expected, const struct piece *got)
{
    size_t e = 0, g = 0;
    for (;;) {
        bool e_number, g_number;
        struct piece a = next_token(expected, &e, &e_number), b = next_token(got, &g, &g_number);
        if (!a.length && !b.length)
            return true;
        bool same = a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
        if (!same && !(e_number && g_number))
            return false;
    }
}

static bool run_fits(struct run expected, const struct piece *got,
                     bool (*fits)(const struct piece *, const struct piece *))
{
    for (size_t i = 0; i < expected.count; i++)
        if (!fits(&expected.piece[i], &got[i]))
            return false;
    return true;
}

/* Where a run stands in got[from..to), if need be with other numbers; NB_NOWHERE: not
 * there. */
static size_t run_find(struct run expected, const struct pieces *got, size_t from, size_t to)
{
    static bool (*const fits[])(const struct piece *, const struct piece *) = { matches,
                                                                                resembles };
    for (size_t i = 0; i < COUNT_OF(fits); i++)
        for (size_t at = from; at + expected.count <= to; at++)
            if (run_fits(expected, got->piece + at, fits[i]))
                return at;
    return NB_NOWHERE;
}

/* What becomes of a piece that is printed. */
struct fate {
    size_t model; /* the expected piece in whose place it stands; NB_NOWHERE: none */
    bool kept;    /* that one matches, and stays as it is written */
    bool hidden;  /* behind dots */
    bool same;    /* behind the same as the one before it */
};

static void align(struct run expected, const struct pieces *all, const struct pieces *got,
                  size_t at, struct fate *fates)
{
    size_t first = (size_t)(expected.piece - all->piece);
    for (size_t i = 0; i < expected.count; i++)
        fates[at + i] =
            (struct fate){ first + i, matches(&expected.piece[i], &got->piece[at + i]), 0, 0 };
}

/* Without dots: what is there goes with the next that matches.  Another stands for the
 * one that would be next, or for the last: a table that has grown. */
static void align_plain(const struct pieces *expected, const struct pieces *got, struct fate *fates)
{
    size_t next = 0, count = expected->count;
    for (size_t g = 0; g < got->count; g++) {
        size_t e = next;
        while (e < count &&
               (is_dots(&expected->piece[e]) || !matches(&expected->piece[e], &got->piece[g])))
            e++;
        fates[g] = (struct fate){ e, e < count, false, false };
        if (e < count)
            next = e + 1;
        else
            fates[g].model = next < count ? next : count ? count - 1 : NB_NOWHERE;
    }
}

/* With dots: what is before the first and behind the last keeps its number of pieces;
 * what is between two must still be there, or those two become one. */
static bool align_dots(const struct pieces *expected, const struct pieces *got, struct fate *fates)
{
    struct run head = run_at(expected, 0);
    size_t last = expected->count;
    while (last && !is_dots(&expected->piece[last - 1]))
        last--;
    struct run tail = run_at(expected, last);
    if (!last || head.count + tail.count > got->count)
        return false;
    size_t from = head.count, to = got->count - tail.count;
    bool each = to - from == last - head.count; /* dots for every piece, and nothing else */
    for (size_t e = head.count; e < last; e++)
        each &= is_dots(&expected->piece[e]);
    for (size_t g = from; g < to; g++)
        fates[g] = (struct fate){ NB_NOWHERE, false, true, g > from && !each };
    align(head, expected, got, 0, fates);
    align(tail, expected, got, to, fates);
    for (size_t at = head.count + 1; at < last; at++) {
        struct run run = run_at(expected, at);
        size_t found = run.count ? run_find(run, got, from, to) : NB_NOWHERE;
        if (found != NB_NOWHERE) {
            align(run, expected, got, found, fates);
            from = found + run.count;
            fates[from].same = false;
        }
        at += run.count;
    }
    return true;
}

/* NULL: memory. */
static struct fate *align_all(const struct pieces *expected, const struct pieces *got)
{
    struct fate *fates = memory_new(got->count + 1, sizeof *fates);
    if (fates && !align_dots(expected, got, fates)) {
        if (expected->count == got->count)
            align((struct run){ expected->piece, expected->count }, expected, got, 0, fates);
        else
            align_plain(expected, got, fates);
    }
    return fates;
}

/* ---- A line ------------------------------------------------------------------------ */

static bool has_dots(const struct pieces *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (is_dots(&words->piece[i]))
            return true;
    return false;
}

/* A line that differs: its dots stay, and numbers that still match keep their digits. */
static void add_words(struct text *text, const struct pieces *expected, const struct pieces *got)
{
    struct fate *fates = align_all(expected, got);
    for (size_t g = 0; fates && g < got->count; g++) {
        const struct piece *word = &got->piece[g], *model = expected->piece + fates[g].model;
        if (fates[g].hidden && fates[g].same)
            continue;
        text_add_part(text, word->before, word->blanks);
        if (fates[g].hidden)
            text_add(text, "...");
        else if (fates[g].kept)
            text_add_part(text, model->bytes, model->length);
        else
            text_add_part(text, word->bytes, word->length);
    }
    text->failed |= !fates;
    free(fates);
}

static bool is_number(const struct piece *word)
{
    return word->length && strchr("0123456789-+.", word->bytes[0]);
}

/* Are the words around the dots the old ones, or numbers in the place of numbers? */
static bool is_alike(const struct pieces *expected, const struct pieces *got)
{
    struct fate *fates = align_all(expected, got);
    bool alike = fates != NULL;
    for (size_t g = 0; fates && g < got->count; g++) {
        bool known = fates[g].model < expected->count;
        if (!fates[g].hidden && !fates[g].kept)
            alike &=
                known && is_number(&expected->piece[fates[g].model]) && is_number(&got->piece[g]);
    }
    free(fates);
    return alike;
}

static void add_line(struct text *text, const struct piece *expected, const struct piece *got)
{
    struct pieces old = { NULL, 0, 0, false }, new = { NULL, 0, 0, false };
    size_t length = got->length;
    while (length && (got->bytes[length - 1] == ' ' || got->bytes[length - 1] == '\t'))
        length--;
    if (expected)
        split_words(expected, &old);
    if (expected && has_dots(&old))
        split_words(got, &new);
    if (new.count && is_alike(&old, &new)) {
        add_words(text, &old, &new);
    } else {
        text_add_part(text, got->bytes, length);
    }
    text->failed |= old.failed || new.failed;
    free(old.piece);
    free(new.piece);
    text_add_char(text, '\n');
}

/* ---- A block ------------------------------------------------------------------------ */

static void add_lines(struct text *text, const struct pieces *expected, const struct pieces *got,
                      const struct fate *fates)
{
    for (size_t g = 0; g < got->count; g++) {
        size_t at = fates[g].model;
        const struct piece *model = at < expected->count ? &expected->piece[at] : NULL;
        if (fates[g].hidden && fates[g].same)
            continue;
        if (fates[g].hidden) {
            text_add(text, "...\n");
        } else if (fates[g].kept) {
            text_add_part(text, model->bytes, model->length);
            text_add_char(text, '\n');
        } else {
            add_line(text, model && !is_dots(model) ? model : NULL, &got->piece[g]);
        }
    }
}

void bless_output(struct text *text, const char *expected, size_t expected_length, const char *got,
                  size_t got_length)
{
    struct pieces old = { NULL, 0, 0, false }, new = { NULL, 0, 0, false };
    split_lines(expected, expected_length, &old);
    split_lines(got, got_length, &new);
    struct fate *fates = align_all(&old, &new);
    if (fates)
        add_lines(text, &old, &new, fates);
    text->failed |= !fates || old.failed || new.failed;
    free(fates);
    free(old.piece);
    free(new.piece);
}

/* ---- A file ------------------------------------------------------------------------- */

struct blessing {
    struct lesson_player *player;
    const struct lesson *lesson;
    struct text output; /* of the last block of commands */
    bool skipped;
    struct text bytes, file; /* the file as it was, and as it will be */
    size_t at, line;         /* bytes copied so far, and the line there */
    size_t changed, blocks;
};

static void copy_line(struct blessing *blessing, bool keep)
{
    const char *start = blessing->bytes.bytes + blessing->at;
    size_t rest = blessing->bytes.length - blessing->at;
    const char *newline = memchr(start, '\n', rest);
    size_t length = newline ? (size_t)(newline - start) + 1 : rest;
    if (keep)
        text_add_part(&blessing->file, start, length);
    blessing->at += length;
    blessing->line++;
}

/* With the line ends of the fence before it. */
static void add_contents(struct blessing *blessing, const struct text *contents)
{
    size_t before = blessing->at;
    bool returns = before > 1 && blessing->bytes.bytes[before - 2] == '\r';
    for (size_t i = 0; i < contents->length; i++) {
        if (returns && contents->bytes[i] == '\n')
            text_add_char(&blessing->file, '\r');
        text_add_char(&blessing->file, contents->bytes[i]);
    }
}

static enum nb_status bless_block(struct blessing *blessing, const struct lesson_part *part,
                                  struct nb_error *error)
{
    const char *expected = blessing->lesson->source.bytes + part->at;
    struct output_difference difference;
    struct text contents = TEXT_INIT;
    blessing->blocks++;
    bool same = !output_check(expected, part->length, blessing->output.bytes,
                              blessing->output.length, &difference);
    output_difference_release(&difference);
    if (same)
        return NB_OK;
    if (strstr(blessing->output.bytes, "```"))
        return error_at(error, NB_FAILED, part->fence,
                        "what is printed here holds a fence ```, and cannot stand in a block");
    bless_output(&contents, expected, part->length, blessing->output.bytes,
                 blessing->output.length);
    while (blessing->line < part->line)
        copy_line(blessing, true);
    add_contents(blessing, &contents);
    for (size_t lines = text_lines(expected, part->length); lines; lines--)
        copy_line(blessing, false);
    blessing->changed++;
    enum nb_status status = text_status(&contents, error);
    text_release(&contents);
    return status;
}

static enum nb_status bless_part(struct blessing *blessing, const struct lesson_part *part,
                                 struct nb_error *error)
{
    if (part->kind == LESSON_OUTPUT)
        return blessing->skipped ? NB_OK : bless_block(blessing, part, error);
    if (part->kind != LESSON_COMMANDS)
        return NB_OK;
    text_clear(&blessing->output);
    blessing->skipped = !player_can_run(blessing->player, part);
    if (blessing->skipped)
        return NB_OK;
    enum nb_status status = player_run(blessing->player, part, &blessing->output);
    if (status && error)
        error->text[0] = '\0'; /* it has been reported */
    return status;
}

/* The file as it is now, which must be the one that was read. */
static enum nb_status read_again(struct blessing *blessing, struct nb_error *error)
{
    const struct text *source = &blessing->lesson->source, *bytes = &blessing->bytes;
    enum nb_status status = file_read(blessing->lesson->path, LESSON_MOST, &blessing->bytes, error);
    size_t at = 0;
    for (size_t i = 0; i < bytes->length && !status; i++)
        if (bytes->bytes[i] != '\r' || bytes->bytes[i + 1] != '\n')
            if (at >= source->length || bytes->bytes[i] != source->bytes[at++])
                status = error_set(error, NB_SYSTEM, "%s was changed while it was played",
                                   blessing->lesson->path);
    return status;
}

enum nb_status lesson_bless(struct lesson_player *player, bool writes, size_t *changed,
                            size_t *blocks, struct nb_error *error)
{
    struct blessing blessing = { .player = player,
                                 .lesson = player_lesson(player),
                                 .line = 1,
                                 .output = TEXT_INIT,
                                 .bytes = TEXT_INIT,
                                 .file = TEXT_INIT };
    const struct lesson *lesson = blessing.lesson;
    enum nb_status status = read_again(&blessing, error);
    for (size_t i = 0; i < lesson->count && !status; i++)
        status = bless_part(&blessing, &lesson->parts[i], error);
    while (!status && blessing.at < blessing.bytes.length)
        copy_line(&blessing, true);
    if (!status)
        status = text_status(&blessing.file, error);
    if (!status && blessing.changed && writes)
        status = file_write(lesson->path, blessing.file.bytes, blessing.file.length, error);
    *changed = blessing.changed;
    *blocks = blessing.blocks;
    text_release(&blessing.output);
    text_release(&blessing.bytes);
    text_release(&blessing.file);
    return status;
}
