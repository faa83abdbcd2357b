/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/written.h"

#include "base/number.h"
#include "command/sides.h"
#include "lang/lex.h"
#include "lang/names.h"
#include "lesson/answers.h"

#define WRITTEN_MOST (ANSWER_LINE_MOST - 100) /* bytes, with room for the id */
#define DIGITS_MOST  17

/* ---- Numbers --------------------------------------------------------------------------- */

static bool comes_back(double number, int digits)
{
    struct text text = TEXT_INIT;
    double read = 0;
    number_add(&text, number, digits);
    bool same = !number_parse(text.bytes, text.length, &read) || read == number;
    text_release(&text);
    return same;
}

/* With as few digits as bring all of its numbers back. */
static void add_value(struct text *text, const struct value *value)
{
    int digits = 1;
    for (size_t i = 0; i < value->rows * value->cols; i++)
        while (digits < DIGITS_MOST && !comes_back(value->data[i], digits))
            digits++;
    value_print(text, value, digits);
}

static enum nb_status add_evaluated(struct session *session, const char *source,
                                    struct lang_span span, bool part, struct text *text)
{
    struct value value = { 0 };
    enum nb_status status = sides_evaluate(session, source, span, &value, NULL);
    if (!status) {
        bool enclosed = part && value.rank == 0 && value.data[0] < 0;
        text_add(text, enclosed ? "(" : "");
        add_value(text, &value);
        text_add(text, enclosed ? ")" : "");
    }
    value_release(&value);
    return status;
}

/* ---- Names -------------------------------------------------------------------------------- */

/* The token behind one, where the lexer stands. */
static struct token peek(struct lexer lexer)
{
    struct token token = { .kind = TOKEN_END };
    (void)lex_next(&lexer, &token, NULL);
    return token;
}

/* Does the name stand for a value: neither a function, sigmoid'(z), nor a constant? */
static bool is_value(const struct lexer *lexer, const struct token *name)
{
    char canonical[64];
    double constant;
    struct lexer behind = *lexer;
    struct token next = peek(behind);
    if (next.kind == TOKEN_QUOTE) {
        behind.at = next.at + next.length;
        next = peek(behind);
    }
    return next.kind != TOKEN_OPEN &&
           lang_canonical_name(lexer->source + name->at, name->length, canonical) &&
           !name_constant(canonical, &constant);
}

/* Moves the lexer behind the indices of a name, if there are any. */
static void skip_indices(struct lexer *lexer)
{
    struct token token;
    size_t open = 0;
    if (peek(*lexer).kind != TOKEN_OPEN_LIST)
        return;
    do {
        if (lex_next(lexer, &token, NULL) || token.kind == TOKEN_END)
            return;
        open += token.kind == TOKEN_OPEN_LIST;
        open -= token.kind == TOKEN_CLOSE_LIST;
    } while (open);
}

/* The same with numbers in the place of names. */
static enum nb_status add_in_numbers(struct session *session, const char *source,
                                     struct lang_span span, struct text *text)
{
    struct lexer lexer = { source, span.at, span.at + span.length };
    struct token token;
    size_t copied = span.at;
    enum nb_status status = lex_next(&lexer, &token, NULL);
    while (!status && token.kind != TOKEN_END) {
        if (token.kind == TOKEN_NAME && is_value(&lexer, &token)) {
            skip_indices(&lexer);
            text_add_part(text, source + copied, token.at - copied);
            copied = lexer.at;
            status = add_evaluated(session, source,
                                   (struct lang_span){ token.at, copied - token.at }, true, text);
        }
        if (!status)
            status = lex_next(&lexer, &token, NULL);
    }
    text_add_part(text, source + copied, span.at + span.length - copied);
    return status;
}

/* ---- Choosing ------------------------------------------------------------------------------ */

static bool is_graded_alike(struct asking *asking, const struct text *text,
                            const struct asking_answer *answer)
{
    struct asking_answer graded;
    struct lang_span all = { 0, text->length };
    if (text->failed || text->length > WRITTEN_MOST)
        return false;
    bool alike = !asking_judge(asking, text->bytes, all, true, &graded, NULL) &&
                 graded.verdict == answer->verdict && graded.share == answer->share;
    asking_answer_release(&graded);
    return alike;
}

static void add_line(struct text *text, const char *source, struct lang_span span)
{
    for (size_t i = 0; i < span.length; i++)
        text_add_char(text, source[span.at + i] == '\n' ? ' ' : source[span.at + i]);
}

void written_answer(struct asking *asking, const char *source, struct lang_span span,
                    const struct asking_answer *answer, struct text *text)
{
    struct session *session = asking->session;
    struct text typed = TEXT_INIT, other = TEXT_INIT;
    const struct text *chosen = &typed;
    add_line(&typed, source, span);
    struct lang_span all = { 0, typed.length };
    if (!is_graded_alike(asking, &typed, answer)) {
        if (!add_in_numbers(session, typed.bytes, all, &other) &&
            is_graded_alike(asking, &other, answer)) {
            chosen = &other;
        } else {
            text_clear(&other);
            if (!add_evaluated(session, typed.bytes, all, false, &other) &&
                is_graded_alike(asking, &other, answer))
                chosen = &other;
        }
    }
    text_add_part(text, chosen->bytes, chosen->length);
    text->failed |= typed.failed;
    text_release(&typed);
    text_release(&other);
}
