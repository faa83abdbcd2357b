/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/ask.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "lang/lex.h"
#include "lang/names.h"

#define POINTS_MOST 1e6
#define TRIES_MOST  1000
#define DIGITS_MOST 17

/* ---- Words ------------------------------------------------------------------- */

static struct lang_span trim(const char *source, size_t at, size_t end)
{
    while (at < end && strchr(" \t\n", source[at]))
        at++;
    while (end > at && strchr(" \t\n", source[end - 1]))
        end--;
    return (struct lang_span){ at, end - at };
}

/* Lines that go on become one, with a blank between them. */
static enum nb_status words_copy(const char *source, struct lang_span span, struct ask_words *words,
                                 struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const char *at = source + span.at, *end = at + span.length;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        text_add_part(&text, at, (size_t)((newline ? newline : end) - at));
        at = newline ? newline : end;
        at += strspn(at, " \t\n");
        if (at < end)
            text_add_char(&text, ' ');
    }
    *words = (struct ask_words){ text_take(&text), span };
    return words->text ? NB_OK : error_memory(error);
}

static enum nb_status words_add(struct ask_words **array, size_t *count, size_t *capacity,
                                const char *source, struct lang_span span, struct nb_error *error)
{
    struct ask_words *grown = array_grow(*array, *count, capacity, sizeof *grown);
    if (!grown)
        return error_memory(error);
    *array = grown;
    enum nb_status status = words_copy(source, span, &grown[*count], error);
    *count += !status;
    return status;
}

/* ---- Choices ------------------------------------------------------------------- */

static bool words_are(const char *known, const char *words, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!known[i] || tolower((unsigned char)known[i]) != tolower((unsigned char)words[i]))
            return false;
    return !known[length];
}

bool ask_choice(const struct ask *ask, const char *words, size_t length, size_t *choice)
{
    struct lang_span span = trim(words, 0, length);
    if (span.length > 1 && words[span.at] == '"' && words[span.at + span.length - 1] == '"')
        span = trim(words, span.at + 1, span.at + span.length - 1);
    for (size_t i = 0; i < ask->choice_count; i++)
        if (words_are(ask->choices[i].text, words + span.at, span.length)) {
            *choice = i;
            return true;
        }
    uint64_t number;
    if (!number_parse_whole(words + span.at, span.length, ask->choice_count, &number) || !number)
        return false;
    *choice = (size_t)number - 1;
    return true;
}

static enum nb_status resolve_choice(const struct ask *ask, const struct ask_words *words,
                                     size_t *choice, struct nb_error *error)
{
    if (ask_choice(ask, words->text, strlen(words->text), choice))
        return NB_OK;
    return error_at(error, NB_USAGE, words->span.at,
                    "%s is none of the choices: write one of them, or its number", words->text);
}

/* ---- The lines of a block -------------------------------------------------------- */

static enum nb_status take_question(struct ask *ask, const char *source, struct lang_span value,
                                    struct nb_error *error)
{
    return words_copy(source, value, &ask->question, error);
}

static enum nb_status take_answer(struct ask *ask, const char *source, struct lang_span value,
                                  struct nb_error *error)
{
    return words_copy(source, value, &ask->answer, error);
}

static enum nb_status check_exactness(struct ask *ask, struct lang_span value,
                                      struct nb_error *error)
{
    if (ask->exactness != ASK_AS_WRITTEN)
        return error_at(error, NB_USAGE, value.at, "give digits or tolerance, not both");
    ask->exactness_span = value;
    return NB_OK;
}

static enum nb_status take_digits(struct ask *ask, const char *source, struct lang_span value,
                                  struct nb_error *error)
{
    uint64_t digits;
    if (!number_parse_whole(source + value.at, value.length, DIGITS_MOST, &digits) || !digits)
        return error_at(error, NB_USAGE, value.at, "expected a number of digits from 1 to %d",
                        DIGITS_MOST);
    enum nb_status status = check_exactness(ask, value, error);
    ask->digits = (size_t)digits;
    ask->exactness = ASK_DIGITS;
    return status;
}

static enum nb_status take_tolerance(struct ask *ask, const char *source, struct lang_span value,
                                     struct nb_error *error)
{
    if (!number_parse(source + value.at, value.length, &ask->tolerance) || !(ask->tolerance > 0))
        return error_at(error, NB_USAGE, value.at,
                        "expected a difference above 0, such as tolerance: 1e-3");
    enum nb_status status = check_exactness(ask, value, error);
    ask->exactness = ASK_TOLERANCE;
    return status;
}

static enum nb_status take_wrong(struct ask *ask, const char *source, struct lang_span value,
                                 struct nb_error *error)
{
    struct ask_wrong *grown =
        array_grow(ask->wrong, ask->wrong_count, &ask->wrong_capacity, sizeof *grown);
    if (!grown)
        return error_memory(error);
    ask->wrong = grown;
    size_t end = value.at + value.length, arrow = value.at;
    while (arrow + 1 < end && (source[arrow] != '=' || source[arrow + 1] != '>'))
        arrow++;
    struct lang_span number = trim(source, value.at, arrow);
    struct lang_span advice = trim(source, arrow + 2 < end ? arrow + 2 : end, end);
    if (!number.length || !advice.length)
        return error_at(error, NB_USAGE, value.at, "expected wrong: EXPRESSION => ADVICE");
    struct ask_wrong *wrong = &grown[ask->wrong_count++];
    *wrong = (struct ask_wrong){ .choice = 0 };
    enum nb_status status = words_copy(source, number, &wrong->number, error);
    return status ? status : words_copy(source, advice, &wrong->advice, error);
}

static enum nb_status take_hint(struct ask *ask, const char *source, struct lang_span value,
                                struct nb_error *error)
{
    return words_add(&ask->hints, &ask->hint_count, &ask->hint_capacity, source, value, error);
}

static enum nb_status add_choice(struct ask *ask, const char *source, struct lang_span choice,
                                 struct nb_error *error)
{
    for (size_t i = 0; i < ask->choice_count; i++)
        if (words_are(ask->choices[i].text, source + choice.at, choice.length))
            return error_at(error, NB_USAGE, choice.at, "the choice %s is there twice",
                            ask->choices[i].text);
    return words_add(&ask->choices, &ask->choice_count, &ask->choice_capacity, source, choice,
                     error);
}

static enum nb_status take_choices(struct ask *ask, const char *source, struct lang_span value,
                                   struct nb_error *error)
{
    enum nb_status status = NB_OK;
    size_t end = value.at + value.length;
    for (size_t at = value.at; at <= end && !status;) {
        const char *bar = memchr(source + at, '|', end - at);
        size_t behind = bar ? (size_t)(bar - source) : end;
        struct lang_span choice = trim(source, at, behind);
        status = choice.length
                     ? add_choice(ask, source, choice, error)
                     : error_at(error, NB_USAGE, at, "an empty choice: write choices: a | b | c");
        at = behind + 1;
    }
    ask->choices_span = value;
    if (!status && ask->choice_count < 2)
        return error_at(error, NB_USAGE, value.at,
                        "expected two choices or more: choices: a | b | c");
    return status;
}

struct line_row {
    const char *key;
    bool several;
    enum nb_status (*take)(struct ask *ask, const char *source, struct lang_span value,
                           struct nb_error *error);
};

static const struct line_row line_rows[] = {
    { "question", false, take_question }, { "answer", false, take_answer },
    { "digits", false, take_digits },     { "tolerance", false, take_tolerance },
    { "wrong", true, take_wrong },        { "hint", true, take_hint },
    { "choices", false, take_choices },
};

static enum nb_status take_line(struct ask *ask, const char *source, struct lang_span line,
                                unsigned *seen, struct nb_error *error)
{
    const char *colon = memchr(source + line.at, ':', line.length);
    size_t key = colon ? (size_t)(colon - source) - line.at : 0;
    for (size_t i = 0; key && i < COUNT_OF(line_rows); i++) {
        const struct line_row *row = &line_rows[i];
        if (strlen(row->key) != key || memcmp(row->key, source + line.at, key) != 0)
            continue;
        struct lang_span value = trim(source, line.at + key + 1, line.at + line.length);
        if (*seen & 1u << i && !row->several)
            return error_at(error, NB_USAGE, line.at, "%s: is said twice", row->key);
        *seen |= 1u << i;
        if (!value.length)
            return error_at(error, NB_USAGE, line.at + key, "nothing stands behind %s:", row->key);
        return row->take(ask, source, value, error);
    }
    return error_at(error, NB_USAGE, line.at,
                    "expected one of question: answer: digits: tolerance: wrong: hint: choices:");
}

/* A line, and those behind it that begin with a blank. */
static size_t logical_line(const char *source, size_t at, size_t end)
{
    size_t length = 0;
    do {
        const char *newline = memchr(source + at + length, '\n', end - at - length);
        length = newline ? (size_t)(newline - source) + 1 - at : end - at;
    } while (at + length < end && strchr(" \t", source[at + length]));
    return length;
}

static enum nb_status take_lines(struct ask *ask, const char *source, size_t at, size_t length,
                                 struct nb_error *error)
{
    enum nb_status status = NB_OK;
    unsigned seen = 0;
    for (size_t end = at + length; at < end && !status;) {
        size_t taken = logical_line(source, at, end);
        struct lang_span line = trim(source, at, at + taken);
        if (line.length)
            status = take_line(ask, source, line, &seen, error);
        at += taken;
    }
    return status;
}

/* ---- The words behind ```ask ------------------------------------------------------- */

static enum nb_status take_id(struct ask *ask, const char *source, struct lang_span word,
                              struct nb_error *error)
{
    for (size_t i = 0; i < word.length; i++) {
        unsigned char c = (unsigned char)source[word.at + i];
        if (!isalpha(c) && !(i && (isdigit(c) || c == '_' || c == '-')))
            return error_at(error, NB_USAGE, word.at,
                            "expected the question's id, letters and digits, behind ask: ask d21 "
                            "points=2 tries=3");
    }
    return words_copy(source, word, &ask->id, error);
}

static enum nb_status take_points(struct ask *ask, const char *source, struct lang_span value,
                                  struct nb_error *error)
{
    if (!number_parse(source + value.at, value.length, &ask->points) || ask->points < 0 ||
        ask->points > POINTS_MOST)
        return error_at(error, NB_USAGE, value.at, "expected points from 0 to %g", POINTS_MOST);
    return NB_OK;
}

static enum nb_status take_tries(struct ask *ask, const char *source, struct lang_span value,
                                 struct nb_error *error)
{
    uint64_t tries;
    if (!number_parse_whole(source + value.at, value.length, TRIES_MOST, &tries) || !tries)
        return error_at(error, NB_USAGE, value.at, "expected a number of tries from 1 to %d",
                        TRIES_MOST);
    ask->tries = (size_t)tries;
    return NB_OK;
}

static enum nb_status take_info(struct ask *ask, const char *source, struct lang_span word,
                                struct nb_error *error)
{
    static const struct line_row rows[] = {
        { "points=", false, take_points },
        { "tries=", false, take_tries },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t key = strlen(rows[i].key);
        if (word.length > key && !memcmp(rows[i].key, source + word.at, key))
            return rows[i].take(ask, source, (struct lang_span){ word.at + key, word.length - key },
                                error);
    }
    return error_at(error, NB_USAGE, word.at,
                    "unknown word %.*s behind ask: expected points=N or tries=N",
                    (int)(word.length < 60 ? word.length : 60), source + word.at);
}

static enum nb_status take_infos(struct ask *ask, const char *source, size_t at,
                                 struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (bool first = true; !status; first = false) {
        at += strspn(source + at, " \t");
        struct lang_span word = { at, strcspn(source + at, " \t\n") };
        if (!word.length)
            return first ? error_at(error, NB_USAGE, at,
                                    "expected the question's id behind ask: ask d21 points=2")
                         : NB_OK;
        status = first ? take_id(ask, source, word, error) : take_info(ask, source, word, error);
        at += word.length;
    }
    return status;
}

/* ---- The whole ----------------------------------------------------------------------- */

/* Is the token a name that something is kept under?  Functions, sigmoid'(0), constants and
 * the word of `update PLACE` are not. */
static bool is_kept(const char *source, size_t length, struct token token)
{
    char name[64];
    double constant;
    size_t behind = lex_skip(source, token.at + token.length, length);
    bool quoted = behind < length && source[behind] == '\'';
    bool called = behind + quoted < length && source[behind + quoted] == '(';
    return token.kind == TOKEN_NAME && !called &&
           lang_canonical_name(source + token.at, token.length, name) && strcmp(name, "update") &&
           !name_constant(name, &constant);
}

/* 42, 2 * sqrt(3): typed once, and wrong with the next change of a number.  What cannot be
 * read is left to whoever works it out. */
static bool is_constant(const struct ask_words *answer)
{
    const size_t length = strlen(answer->text);
    struct lexer lexer = { answer->text, 0, length };
    struct token token;
    do {
        if (lex_next(&lexer, &token, NULL) || is_kept(answer->text, length, token))
            return false;
    } while (token.kind != TOKEN_END);
    return true;
}

static enum nb_status check_choices(struct ask *ask, struct nb_error *error)
{
    if (ask->exactness != ASK_AS_WRITTEN)
        return error_at(error, NB_USAGE, ask->exactness_span.at,
                        "digits and tolerance are for numbers, not for choices");
    enum nb_status status = resolve_choice(ask, &ask->answer, &ask->choice, error);
    for (size_t i = 0; i < ask->wrong_count && !status; i++) {
        status = resolve_choice(ask, &ask->wrong[i].number, &ask->wrong[i].choice, error);
        if (!status && ask->wrong[i].choice == ask->choice)
            status = error_at(error, NB_USAGE, ask->wrong[i].number.span.at,
                              "this wrong choice is the answer");
    }
    return status;
}

static enum nb_status check_whole(struct ask *ask, struct nb_error *error)
{
    if (!ask->question.text || !ask->answer.text)
        return error_at(error, NB_USAGE, ask->id.span.at, "the question %s has no line %s",
                        ask->id.text, ask->question.text ? "answer:" : "question:");
    if (ask->choice_count)
        return check_choices(ask, error);
    if (is_constant(&ask->answer))
        return error_at(error, NB_USAGE, ask->answer.span.at,
                        "%.60s is made of typed numbers: name what they are, a quantity such as "
                        "delta2[1], or what a block before has set, a = 0.98",
                        ask->answer.text);
    return NB_OK;
}

enum nb_status ask_parse(const char *source, size_t info, size_t at, size_t length,
                         struct ask **ask, struct nb_error *error)
{
    struct ask *made = memory_new(1, sizeof *made);
    *ask = NULL;
    if (!made)
        return error_memory(error);
    made->points = ASK_POINTS;
    made->tries = ASK_TRIES;
    enum nb_status status = take_infos(made, source, info, error);
    if (!status)
        status = take_lines(made, source, at, length, error);
    if (!status)
        status = check_whole(made, error);
    if (status)
        ask_free(&made);
    *ask = made;
    return status;
}

static void words_free(struct ask_words *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(words[i].text);
    free(words);
}

void ask_free(struct ask **ask)
{
    if (!*ask)
        return;
    for (size_t i = 0; i < (*ask)->wrong_count; i++) {
        free((*ask)->wrong[i].number.text);
        free((*ask)->wrong[i].advice.text);
    }
    free((*ask)->wrong);
    words_free((*ask)->hints, (*ask)->hint_count);
    words_free((*ask)->choices, (*ask)->choice_count);
    free((*ask)->id.text);
    free((*ask)->question.text);
    free((*ask)->answer.text);
    free(*ask);
    *ask = NULL;
}
