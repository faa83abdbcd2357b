/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pen of LaTeX, with amsmath. */
#include <string.h>

#include "formula/linear.h"
#include "formula/medium.h"

#define QUAD_SPACES 3 /* so many and more stand for a gap between formulas */

/* ASCII that LaTeX reads as something else. */
static const struct escape {
    char c;
    const char *prose, *formula;
} escapes[] = {
    { '%', "\\%", "\\%" },        { '&', "\\&", "\\&" },
    { '#', "\\#", "\\#" },        { '_', "\\_", "\\_" },
    { '{', "\\{", "\\{" },        { '}', "\\}", "\\}" },
    { '$', "\\$", "\\$" },        { '\\', "\\textbackslash{}", "\\backslash " },
    { '^', "\\^{}", "\\hat{}" },  { '~', "\\~{}", "\\sim " },
    { '<', "\\textless{}", "<" }, { '>', "\\textgreater{}", ">" },
    { '|', "\\textbar{}", "|" },  { '"', "''", "''" },
};

static const struct escape *escape_of(char c)
{
    for (size_t i = 0; i < COUNT_OF(escapes); i++)
        if (escapes[i].c == c)
            return &escapes[i];
    return NULL;
}

static void say_name(struct text *text, const struct lexeme *lexeme, bool first)
{
    static const char *const commands[] = { "tanh", "max", "min", "ln", "cos", "exp" };
    bool command = false;
    (void)first;
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        command = command || lexeme_is(lexeme, commands[i]);
    if (lexeme->hat)
        text_printf(text, "\\hat{%c}", lexeme->at[0]);
    else if (lexeme->length == 1)
        text_add_part(text, lexeme->at, 1);
    else
        text_printf(text,
                    command                      ? "\\%.*s "
                    : lexeme_is_function(lexeme) ? "\\operatorname{%.*s}"
                                                 : "\\mathrm{%.*s}",
                    (int)lexeme->length, lexeme->at);
}

static void say_sign(struct text *text, const struct lexeme *lexeme, bool first)
{
    const struct escape *escape = escape_of(lexeme->at[0]);
    (void)first;
    if (lexeme_is_relation(lexeme))
        text_add(text, MARK_ALIGN);
    if (lexeme->sign)
        text_add(text, lexeme->sign->latex);
    else if (*lexeme->at == '*')
        text_add(text, "\\odot ");
    else if (escape)
        text_add(text, escape->formula);
    else
        text_add_part(text, lexeme->at, lexeme->length);
}

static void say_script(struct text *text, const struct lexeme *lexeme, bool first)
{
    struct text plain = TEXT_INIT;
    (void)first;
    lexeme_plain(&plain, lexeme);
    text_printf(text, "%c{%s}", lexeme->kind == LEXEME_RAISED ? '^' : '_', plain.bytes);
    text_release(&plain);
}

/* A command ends with a blank already. */
static void say_space(struct text *text, const struct lexeme *lexeme, bool first)
{
    bool spaced = !text->length || text->bytes[text->length - 1] == ' ';
    (void)first;
    text_add(text, lexeme->length >= QUAD_SPACES ? "\\qquad " : spaced ? "" : " ");
}

static void say_plain(struct text *text, const struct lexeme *lexeme, bool first)
{
    (void)first;
    text_add_part(text, lexeme->at, lexeme->length);
}

static void say(struct text *text, const char *formula)
{
    static void (*const writers[LEXEME_KINDS])(struct text *, const struct lexeme *, bool) = {
        [LEXEME_SPACE] = say_space,  [LEXEME_NAME] = say_name,     [LEXEME_NUMBER] = say_plain,
        [LEXEME_SIGN] = say_sign,    [LEXEME_RAISED] = say_script, [LEXEME_LOWERED] = say_script,
        [LEXEME_QUOTED] = say_plain,
    };
    lexemes_write(text, formula, writers);
}

static void add_prose(struct text *text, const char *words)
{
    size_t length = strlen(words), size;
    for (size_t i = 0; i < length; i += size) {
        const struct sign *sign = sign_at(words + i, length - i, &size);
        const struct escape *escape = escape_of(words[i]);
        size += !size;
        if (sign && strcmp(sign->sign, "…") == 0)
            text_add(text, "\\dots{}");
        else if (sign)
            text_printf(text, "$%s$", sign->latex);
        else if (escape)
            text_add(text, escape->prose);
        else
            text_add_part(text, words + i, size);
    }
}

static void add_words(struct text *text, const char *words)
{
    text_add(text, "\\text{");
    add_prose(text, words);
    text_add(text, "}");
}

static void add_inset(struct text *text, const char *formula)
{
    text_printf(text, "$%s$", formula);
}

static void add_code(struct text *text, const char *typed)
{
    text_add(text, "\\texttt{");
    add_prose(text, typed);
    text_add(text, "}");
}

static void add_scripts(struct text *text, const char *base, const char *raised,
                        const char *lowered)
{
    bool indexed = strchr(base, '^') || strchr(base, '_');
    text_printf(text, indexed ? "{%s}" : "%s", base);
    while (text->length && text->bytes[text->length - 1] == ' ')
        text_cut(text, text->length - 1);
    if (*raised)
        text_printf(text, "^{%s}", raised);
    if (*lowered)
        text_printf(text, "_{%s}", lowered);
}

static void add_bracket(struct text *text, char bracket, bool closes)
{
    text_printf(text, "%s%c", closes ? MARK_CLOSE : MARK_OPEN, bracket);
}

static void grow_bracket(struct text *text, char bracket, bool closes, bool tall)
{
    const char *grown = closes ? "\\right" : "\\left";
    text_printf(text, "%s%c", tall ? grown : "", bracket);
}

const struct medium medium_latex = {
    .built_up = true,
    .marks = true,
    .structures = { [STRUCTURE_FRACTION] = { "\\frac{", "}{", "}" },
                    [STRUCTURE_ROOT] = { "\\sqrt{", "", "}" },
                    [STRUCTURE_RAISED] = { "{", "}^{", "}" },
                    [STRUCTURE_ARROW] = { "\\xrightarrow{\\;", "", "\\;}" },
                    [STRUCTURE_CASES] = { "\\left\\{\\begin{array}{c}", "\\\\[4pt]",
                                          "\\end{array}\\right\\}" } },
    .say = say,
    .scripts = add_scripts,
    .bracket = add_bracket,
    .grow = grow_bracket,
    .words = add_words,
    .prose = add_prose,
    .inset = add_inset,
    .code = add_code,
};
