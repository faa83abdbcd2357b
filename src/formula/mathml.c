/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pen of MathML Core, within HTML.  A minus that begins what is said belongs to a
 * number, one behind a blank joins two. */
#include <string.h>

#include "formula/linear.h"
#include "formula/medium.h"

#define QUAD_SPACES 3 /* so many and more stand for a gap between formulas */

static void add_escaped(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        switch (bytes[i]) {
        case '&':
            text_add(text, "&amp;");
            break;
        case '<':
            text_add(text, "&lt;");
            break;
        case '>':
            text_add(text, "&gt;");
            break;
        case '"':
            text_add(text, "&quot;");
            break;
        default:
            text_add_char(text, bytes[i]);
            break;
        }
}

static void add_element(struct text *text, const char *tag, const char *bytes, size_t length)
{
    text_printf(text, "<%s>", tag);
    add_escaped(text, bytes, length);
    text_printf(text, "</%s>", tag);
}

/* ŷ, x̂ */
static void say_hat(struct text *text, char letter)
{
    text_printf(text, "<mover accent=\"true\"><mi>%c</mi><mo stretchy=\"false\">^</mo></mover>",
                letter);
}

static void say_name(struct text *text, const struct lexeme *lexeme, bool first)
{
    (void)first;
    if (lexeme->hat)
        say_hat(text, lexeme->at[0]);
    else
        add_element(text, "mi", lexeme->at, lexeme->length);
}

static void say_sign(struct text *text, const struct lexeme *lexeme, bool first)
{
    if (first && lexeme_is(lexeme, "−")) {
        text_add(text, "<mo form=\"prefix\">−</mo>");
        return;
    }
    if (lexeme_is_relation(lexeme))
        text_add(text, MARK_ALIGN);
    if (lexeme_is(lexeme, "ŷ"))
        say_hat(text, 'y');
    else if (lexeme_is(lexeme, "½"))
        text_add(text, "<mfrac><mn>1</mn><mn>2</mn></mfrac>");
    else if (lexeme_is(lexeme, "Σ"))
        text_add(text, "<mo>∑</mo>");
    else if (lexeme_is(lexeme, "…"))
        text_add(text, "<mo>⋯</mo>");
    else if (lexeme_is(lexeme, "'"))
        text_add(text, "<mo>′</mo>");
    else if (lexeme_is(lexeme, "*"))
        text_add(text, "<mo>⊙</mo>");
    else if (lexeme_is(lexeme, "-"))
        text_add(text, "<mo>−</mo>");
    else if (lexeme_is(lexeme, "(") || lexeme_is(lexeme, ")"))
        text_printf(text, "<mo stretchy=\"false\">%c</mo>", lexeme->at[0]);
    else
        add_element(text, lexeme->sign && lexeme->sign->letter ? "mi" : "mo", lexeme->at,
                    lexeme->length);
}

static void say_script(struct text *text, const struct lexeme *lexeme, bool first)
{
    struct text plain = TEXT_INIT;
    (void)first;
    lexeme_plain(&plain, lexeme);
    add_element(text, "mn", plain.bytes, plain.length);
    text_release(&plain);
}

static void say_space(struct text *text, const struct lexeme *lexeme, bool first)
{
    (void)first;
    text_add(text, lexeme->length >= QUAD_SPACES ? "<mspace width=\"2em\"/>" : "");
}

static void say_number(struct text *text, const struct lexeme *lexeme, bool first)
{
    (void)first;
    add_element(text, "mn", lexeme->at, lexeme->length);
}

static void say(struct text *text, const char *formula)
{
    static void (*const writers[LEXEME_KINDS])(struct text *, const struct lexeme *, bool) = {
        [LEXEME_SPACE] = say_space, [LEXEME_NAME] = say_name,     [LEXEME_NUMBER] = say_number,
        [LEXEME_SIGN] = say_sign,   [LEXEME_RAISED] = say_script, [LEXEME_LOWERED] = say_script,
        [LEXEME_QUOTED] = say_sign,
    };
    lexemes_write(text, formula, writers);
}

static void add_prose(struct text *text, const char *words)
{
    add_escaped(text, words, strlen(words));
}

/* Blanks at the ends of <mtext> would be dropped. */
static void add_words(struct text *text, const char *words)
{
    text_add(text, "<mtext>");
    for (const char *at = words; *at; at++)
        if (*at == ' ')
            text_add(text, "\xc2\xa0");
        else
            add_escaped(text, at, 1);
    text_add(text, "</mtext>");
}

static void add_inset(struct text *text, const char *formula)
{
    text_printf(text, "<math>%s</math>", formula);
}

static void add_code(struct text *text, const char *typed)
{
    add_element(text, "code", typed, strlen(typed));
}

/* One child of an element that counts them. */
static void add_child(struct text *text, const char *math)
{
    const char *end = strstr(math, "</");
    bool single = end && *math == '<' && !strchr(end + 2, '<') && strchr(math + 1, '<') == end;
    text_printf(text, single ? "%s" : "<mrow>%s</mrow>", math);
}

static void add_scripts(struct text *text, const char *base, const char *raised,
                        const char *lowered)
{
    bool sum = strcmp(base, "<mo>∑</mo>") == 0 && !*raised;
    const char *tag = sum ? "munder" : *raised && *lowered ? "msubsup" : *raised ? "msup" : "msub";
    if (!*raised && !*lowered) {
        text_add(text, base);
        return;
    }
    text_printf(text, "<%s>", tag);
    add_child(text, base);
    if (*lowered)
        add_child(text, lowered);
    if (*raised)
        add_child(text, raised);
    text_printf(text, "</%s>", tag);
}

static void add_bracket(struct text *text, char bracket, bool closes)
{
    text_printf(text, "%s%c", closes ? MARK_CLOSE : MARK_OPEN, bracket);
}

static void grow_bracket(struct text *text, char bracket, bool closes, bool tall)
{
    text_printf(text, "%s<mo form=\"%s\"%s>%c</mo>%s", closes ? "" : "<mrow>",
                closes ? "postfix" : "prefix", tall ? "" : " stretchy=\"false\"", bracket,
                closes ? "</mrow>" : "");
}

const struct medium medium_mathml = {
    .built_up = true,
    .marks = true,
    .structures = { [STRUCTURE_FRACTION] = { "<mfrac><mrow>", "</mrow><mrow>", "</mrow></mfrac>" },
                    [STRUCTURE_ROOT] = { "<msqrt>", "", "</msqrt>" },
                    [STRUCTURE_RAISED] = { "<msup><mrow>", "</mrow><mrow>", "</mrow></msup>" },
                    [STRUCTURE_ARROW] = { "<mover><mo stretchy=\"true\">→</mo><mrow>"
                                          "<mspace width=\"0.6em\"/>",
                                          "", "<mspace width=\"0.8em\"/></mrow></mover>" },
                    [STRUCTURE_CASES] = { "<mrow><mo>{</mo><mtable><mtr><mtd>",
                                          "</mtd></mtr><mtr><mtd>",
                                          "</mtd></mtr></mtable><mo>}</mo></mrow>" } },
    .say = say,
    .scripts = add_scripts,
    .bracket = add_bracket,
    .grow = grow_bracket,
    .words = add_words,
    .prose = add_prose,
    .inset = add_inset,
    .code = add_code,
};

const struct medium *medium_of(enum formula_medium medium, bool unicode)
{
    static const struct medium *const media[] = { [FORMULA_LATEX] = &medium_latex,
                                                  [FORMULA_MATHML] = &medium_mathml,
                                                  [FORMULA_MEASURE] = &medium_measure };
    if (medium == FORMULA_TEXT)
        return unicode ? &medium_unicode : &medium_ascii;
    return media[medium];
}
