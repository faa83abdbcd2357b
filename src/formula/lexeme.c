/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "formula/linear.h"

struct script_row {
    const char *script;
    char plain;
};

static const struct script_row raised[] = {
    { "⁰", '0' }, { "¹", '1' }, { "²", '2' }, { "³", '3' }, { "⁴", '4' }, { "⁵", '5' },
    { "⁶", '6' }, { "⁷", '7' }, { "⁸", '8' }, { "⁹", '9' }, { "ⁱ", 'i' }, { "ʲ", 'j' },
    { "ᵏ", 'k' }, { "ᵐ", 'm' }, { "ᵖ", 'p' }, { "ʳ", 'r' }, { "ˢ", 's' }, { "ᵗ", 't' },
    { "⁽", '(' }, { "⁾", ')' }, { "ᵀ", 'T' },
};

static const struct script_row lowered[] = {
    { "₀", '0' }, { "₁", '1' }, { "₂", '2' }, { "₃", '3' }, { "₄", '4' }, { "₅", '5' },
    { "₆", '6' }, { "₇", '7' }, { "₈", '8' }, { "₉", '9' }, { "ᵢ", 'i' }, { "ⱼ", 'j' },
    { "ₖ", 'k' }, { "ₘ", 'm' }, { "ₚ", 'p' }, { "ᵣ", 'r' }, { "ₛ", 's' },
};

static const char *const functions[] = { "tanh", "max", "min",  "ln",    "cos",      "exp",
                                         "sign", "id",  "relu", "lecun", "leakyrelu" };

static const char *const relations[] = { "=", "←", "≤", "≈" };

static const struct script_row *script_at(const struct script_row *rows, size_t count,
                                          const char *at)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(at, rows[i].script, strlen(rows[i].script)) == 0)
            return &rows[i];
    return NULL;
}

static const struct script_row *raised_at(const char *at)
{
    return script_at(raised, COUNT_OF(raised), at);
}

static const struct script_row *lowered_at(const char *at)
{
    return script_at(lowered, COUNT_OF(lowered), at);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_hat(const char *at)
{
    return strncmp(at, "\xcc\x82", 2) == 0;
}

static size_t name_length(const char *at)
{
    size_t length = 0;
    while (is_letter(at[length]))
        length++;
    while (is_digit(at[length]))
        length++;
    return length;
}

/* 0.5, 1e-05 */
static size_t number_length(const char *at)
{
    size_t length = 0;
    while (is_digit(at[length]) || (at[length] == '.' && is_digit(at[length + 1])))
        length++;
    bool exponent = at[length] == 'e' && (at[length + 1] == '-' || at[length + 1] == '+') &&
                    is_digit(at[length + 2]);
    if (exponent)
        for (length += 2; is_digit(at[length]);)
            length++;
    return length;
}

static size_t scripts_length(const char *at, const struct script_row *(*row_at)(const char *))
{
    size_t length = 0;
    const struct script_row *row;
    while ((row = row_at(at + length)) ||
           (length && at[length] == ',' && row_at == lowered_at && lowered_at(at + length + 1)))
        length += row ? strlen(row->script) : 1;
    return length;
}

static size_t quoted_length(const char *at)
{
    const char *end = strchr(at + 1, '"');
    return end ? (size_t)(end - at) + 1 : strlen(at);
}

struct lexeme lexeme_next(const char *at)
{
    struct lexeme lexeme = { .at = at };
    if (!*at)
        return lexeme;
    if (*at == ' ') {
        lexeme.kind = LEXEME_SPACE;
        lexeme.length = strspn(at, " ");
    } else if (is_letter(*at)) {
        lexeme.kind = LEXEME_NAME;
        lexeme.hat = has_hat(at + 1);
        lexeme.length = lexeme.hat ? 3 : name_length(at);
    } else if (is_digit(*at)) {
        lexeme.kind = LEXEME_NUMBER;
        lexeme.length = number_length(at);
    } else if (*at == '"') {
        lexeme.kind = LEXEME_QUOTED;
        lexeme.length = quoted_length(at);
    } else if (raised_at(at)) {
        lexeme.kind = LEXEME_RAISED;
        lexeme.length = scripts_length(at, raised_at);
    } else if (lowered_at(at)) {
        lexeme.kind = LEXEME_LOWERED;
        lexeme.length = scripts_length(at, lowered_at);
    } else {
        lexeme.kind = LEXEME_SIGN;
        lexeme.sign = sign_at(at, strlen(at), &lexeme.length);
        lexeme.length += !lexeme.length;
    }
    return lexeme;
}

void lexeme_plain(struct text *text, const struct lexeme *lexeme)
{
    for (size_t i = 0; i < lexeme->length;) {
        const char *at = lexeme->at + i;
        const struct script_row *row = raised_at(at) ? raised_at(at) : lowered_at(at);
        text_add_char(text, row ? row->plain : *at);
        i += row ? strlen(row->script) : 1;
    }
}

bool lexeme_is(const struct lexeme *lexeme, const char *string)
{
    return strlen(string) == lexeme->length && memcmp(lexeme->at, string, lexeme->length) == 0;
}

static bool is_one_of(const struct lexeme *lexeme, const char *const *strings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lexeme_is(lexeme, strings[i]))
            return true;
    return false;
}

bool lexeme_is_function(const struct lexeme *lexeme)
{
    return is_one_of(lexeme, functions, COUNT_OF(functions));
}

bool lexeme_is_relation(const struct lexeme *lexeme)
{
    return is_one_of(lexeme, relations, COUNT_OF(relations));
}

void lexemes_write(struct text *text, const char *formula,
                   void (*const writers[LEXEME_KINDS])(struct text *text,
                                                       const struct lexeme *lexeme, bool first))
{
    for (struct lexeme at = lexeme_next(formula); at.kind; at = lexeme_next(at.at + at.length))
        writers[at.kind](text, &at, at.at == formula);
}
