/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that formulas and pages use above ASCII, and how each medium writes it. */
#include <string.h>

#include "formula/linear.h"
#include "formula/medium.h"
#include "formula/symbol.h"

static const struct sign signs[] = {
    { "−", "-", "-", false },
    { "·", "*", "\\cdot ", false },
    { "½", "1/2", "\\tfrac{1}{2}", true },
    { "Σ", "sum", "\\sum ", false },
    { "…", "...", "\\cdots ", false },
    { "ŷ", "yhat", "\\hat{y}", true },
    { "δ", "delta", "\\delta ", true },
    { "∂", "d", "\\partial ", true },
    { "η", "lr", "\\eta ", true },
    { "σ", "s", "\\sigma ", true },
    { "←", "<-", "\\leftarrow ", false },
    { "→", "->", "\\rightarrow ", false },
    { "ᵀ", "'", "^{\\mathsf{T}}", false },
    { "²", "^2", "^{2}", false },
    { "×", "x", "\\times ", false },
    { "ⱼ", "_j", "_{j}", false },
    { "ₖ", "_k", "_{k}", false },
    { "ᵢ", "_i", "_{i}", false },
    { "ₘ", "_m", "_{m}", false },
    { "ₚ", "_p", "_{p}", false },
    { "ᵣ", "_r", "_{r}", false },
    { "ₛ", "_s", "_{s}", false },
    { "▶", ">", "\\rightarrow ", false },
    { "─", "-", "-", false },
    { "│", "|", "|", false },
    { "┌", "+", "", false },
    { "┐", "+", "", false },
    { "└", "+", "", false },
    { "┘", "+", "", false },
    { "├", "+", "", false },
    { "┤", "+", "", false },
    { "⎛", "/", "", false },
    { "⎜", "|", "", false },
    { "⎝", "\\", "", false },
    { "⎞", "\\", "", false },
    { "⎟", "|", "", false },
    { "⎠", "/", "", false },
    { "±", "+-", "\\pm ", false },
    { "∘", "*", "\\circ ", false },
    { "—", "--", "\\text{---}", false },
    { "┼", "+", "", false },
    { "∇", "grad ", "\\nabla ", true },
    { "√", "sqrt", "\\surd ", false },
    { "λ", "l2", "\\lambda ", true },
    { "μ", "mu", "\\mu ", true },
    { "ρ", "rho", "\\rho ", true },
    { "ε", "epsilon", "\\varepsilon ", true },
    { "β", "beta", "\\beta ", true },
    { "γ", "gamma", "\\gamma ", true },
    { "‖", "||", "\\Vert ", false },
    { "₁", "1", "_{1}", false },
    { "₂", "2", "_{2}", false },
    { "\xcc\x82", "hat", "", false }, /* on the x of x̂ */
    { "⁽", "[", "", false },
    { "⁾", "]", "", false },
    { "ⁱ", "i", "^{i}", false },
    { "ᵐ", "m", "^{m}", false },
    { "ʲ", "j", "^{j}", false },
    { "ᵖ", "p", "^{p}", false },
    { "ʳ", "r", "^{r}", false },
    { "ˢ", "s", "^{s}", false },
    { "≤", "<=", "\\le ", false },
    { "∞", "inf", "\\infty ", false },
    { "π", "pi", "\\pi ", true },
};

const struct sign *sign_at(const char *bytes, size_t length, size_t *size)
{
    unsigned codepoint;
    *size = utf8_decode(bytes, length, &codepoint);
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (strlen(signs[i].sign) == *size && memcmp(signs[i].sign, bytes, *size) == 0)
            return &signs[i];
    return NULL;
}

static bool is_wordlike(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* A word for a sign stands apart from the number before it, 1/2 sum, but not from the d
 * that it belongs to, dyhat, nor the hat from what it is on. */
static void add_spelling(struct text *text, const char *spelling, bool joined)
{
    char before = text->length ? text->bytes[text->length - 1] : ' ';
    if (!joined && is_wordlike(before) && is_wordlike(spelling[0]) && spelling[1])
        text_add_char(text, ' ');
    text_add(text, spelling);
}

static void say_ascii(struct text *text, const char *words)
{
    size_t length = strlen(words), size;
    bool joined = false;
    for (size_t i = 0; i < length; i += size) {
        const struct sign *sign = sign_at(words + i, length - i, &size);
        bool hat = sign && strcmp(sign->ascii, "hat") == 0;
        if (size <= 1)
            text_add_char(text, words[i]);
        else
            add_spelling(text, sign ? sign->ascii : "?", joined || hat);
        joined = sign && strcmp(sign->ascii, "d") == 0;
        size += !size;
    }
}

void symbol_words(struct text *text, bool unicode, const char *words)
{
    (unicode ? text_add : say_ascii)(text, words);
}

/* ---- The media of text ---- */

static void scripts_of_text(struct text *text, const char *base, const char *raised,
                            const char *lowered)
{
    text_printf(text, "%s%s%s", base, raised, lowered);
}

static void bracket_of_text(struct text *text, char bracket, bool closes)
{
    (void)closes;
    text_add_char(text, bracket);
}

#define STRUCTURES_OF_TEXT                                                                         \
    {                                                                                              \
        [STRUCTURE_FRACTION] = { "", "/", "" }, [STRUCTURE_ROOT] = { "", "", "" },                 \
        [STRUCTURE_RAISED] = { "", "", "" }, [STRUCTURE_ARROW] = { "", "", "" },                   \
        [STRUCTURE_CASES] = { "", "", "" },                                                        \
    }

const struct medium medium_unicode = {
    .structures = STRUCTURES_OF_TEXT,
    .say = text_add,
    .scripts = scripts_of_text,
    .bracket = bracket_of_text,
    .words = text_add,
    .prose = text_add,
    .inset = text_add,
    .code = text_add,
};

const struct medium medium_ascii = {
    .structures = STRUCTURES_OF_TEXT,
    .say = say_ascii,
    .scripts = scripts_of_text,
    .bracket = bracket_of_text,
    .words = say_ascii,
    .prose = say_ascii,
    .inset = text_add,
    .code = text_add,
};

/* What media put around signs, in columns of digits. */
static void say_measure(struct text *text, const char *formula)
{
    for (struct lexeme at = lexeme_next(formula); at.kind; at = lexeme_next(at.at + at.length)) {
        bool joins = at.at > formula && (lexeme_is(&at, "+") || lexeme_is(&at, "−"));
        if (at.kind != LEXEME_SPACE)
            text_add_part(text, at.at, at.length);
        else if (at.length > 2)
            text_add(text, "    ");
        if (lexeme_is(&at, "·"))
            text_add(text, " ");
        else if (joins || lexeme_is_relation(&at))
            text_add(text, "  ");
    }
}

/* Indices above each other take the room of the wider. */
static void scripts_of_measure(struct text *text, const char *base, const char *raised,
                               const char *lowered)
{
    bool wider = utf8_width(raised, strlen(raised)) > utf8_width(lowered, strlen(lowered));
    text_printf(text, "%s%s", base, wider ? raised : lowered);
}

const struct medium medium_measure = {
    .built_up = true,
    .marks = true,
    .structures = { [STRUCTURE_FRACTION] = { MARK_OVER, MARK_UNDER, MARK_DONE },
                    [STRUCTURE_ROOT] = { "√", "", "" },
                    [STRUCTURE_RAISED] = { "", "", "" },
                    [STRUCTURE_ARROW] = { "", "", "" },
                    [STRUCTURE_CASES] = { "", "", "" } },
    .say = say_measure,
    .scripts = scripts_of_measure,
    .bracket = bracket_of_text,
    .words = text_add,
    .prose = text_add,
    .inset = text_add,
    .code = text_add,
};
