/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ascii.h"

#include <string.h>

struct row {
    const char *character, *ascii;
};

/* Words that stand apart from a letter behind them: sum y, sqrt v. */
static const char *const parting[] = { "sum", "sqrt" };

static const struct row signs[] = {
    { "∇", "nabla" },      { "∂", "d" },          { "δ", "delta" },
    { "Δ", "Delta" },      { "η", "eta" },        { "σ", "sigma" },
    { "Σ", "sum" },        { "∑", "sum" },        { "ŷ", "yhat" },
    { "ε", "eps" },        { "α", "alpha" },      { "β", "beta" },
    { "γ", "gamma" },      { "λ", "lambda" },     { "μ", "mu" },
    { "θ", "theta" },      { "ρ", "rho" },        { "π", "pi" },
    { "·", "*" },          { "×", "x" },          { "−", "-" },
    { "–", "-" },          { "—", "--" },         { "…", "..." },
    { "→", "->" },         { "←", "<-" },         { "≈", "~" },
    { "≤", "<=" },         { "≥", ">=" },         { "≠", "!=" },
    { "½", "1/2" },        { "∘", "o" },          { "‖", "||" },
    { "√", "sqrt" },       { "∞", "inf" },        { "∈", "in" },
    { "‘", "'" },          { "’", "'" },          { "“", "\"" },
    { "”", "\"" },         { "•", "-" },          { "─", "-" },
    { "│", "|" },          { "┌", "+" },          { "┐", "+" },
    { "└", "+" },          { "┘", "+" },          { "├", "+" },
    { "┤", "+" },          { "┬", "+" },          { "┴", "+" },
    { "┼", "+" },          { "▶", ">" },          { "▼", "v" },
    { "\u00a0", " " },     { "▸", ">" },          { "±", "+-" },
    { "′", "'" },          { "⌊", "floor(" },     { "⌋", ")" },
    { "ν", "nu" },         { "τ", "tau" },        { "φ", "phi" },
    { "ψ", "psi" },        { "ω", "omega" },      { "Π", "Pi" },
    { "⊙", "o" },          { "⋯", "..." },        { "━", "=" },
    { "‑", "-" },          { "‐", "-" },          { "‒", "-" },
    { "⎛", "/" },          { "⎜", "|" },          { "⎝", "\\" },
    { "⎞", "\\" },         { "⎟", "|" },          { "⎠", "/" },
    { "÷", "/" },          { "\xcc\x82", "hat" }, { "ζ", "zeta" },
    { "κ", "kappa" },      { "ξ", "xi" },         { "χ", "chi" },
    { "\xcc\x84", "bar" }, { "Γ", "Gamma" },      { "Θ", "Theta" },
    { "Φ", "Phi" },        { "Λ", "Lambda" },     { "\xcc\x83", "tilde" },
    { "Ψ", "Psi" },        { "Ω", "Omega" },
};

static const struct row raised[] = {
    { "⁰", "0" }, { "¹", "1" }, { "²", "2" }, { "³", "3" }, { "⁴", "4" }, { "⁵", "5" },
    { "⁶", "6" }, { "⁷", "7" }, { "⁸", "8" }, { "⁹", "9" }, { "⁻", "-" }, { "⁺", "+" },
    { "ᵀ", "T" }, { "ᶻ", "z" }, { "ˣ", "x" }, { "ⁿ", "n" }, { "ˡ", "l" }, { "ʲ", "j" },
    { "ᵏ", "k" }, { "ⁱ", "i" }, { "ᵃ", "a" }, { "ᵇ", "b" }, { "ᵐ", "m" }, { "ᵖ", "p" },
    { "ʳ", "r" }, { "ˢ", "s" }, { "ᵗ", "t" }, { "ʰ", "h" }, { "ʷ", "w" }, { "ʸ", "y" },
    { "ᴸ", "L" }, { "ᵉ", "e" }, { "ᵒ", "o" }, { "ᵘ", "u" }, { "ᵛ", "v" }, { "⁼", "=" },
    { "⁽", "(" }, { "⁾", ")" },
};

static const struct row lowered[] = {
    { "₀", "0" }, { "₁", "1" }, { "₂", "2" }, { "₃", "3" }, { "₄", "4" }, { "₅", "5" },
    { "₆", "6" }, { "₇", "7" }, { "₈", "8" }, { "₉", "9" }, { "ⱼ", "j" }, { "ₖ", "k" },
    { "ᵢ", "i" }, { "ₗ", "l" }, { "ₘ", "m" }, { "ₙ", "n" }, { "ₓ", "x" }, { "ₐ", "a" },
    { "₊", "+" }, { "₋", "-" }, { "ₚ", "p" }, { "ᵣ", "r" }, { "ₛ", "s" }, { "ₜ", "t" },
    { "ₑ", "e" }, { "ₒ", "o" }, { "ₕ", "h" }, { "ᵤ", "u" }, { "ᵥ", "v" }, { "₌", "=" },
    { "₍", "(" }, { "₎", ")" },
};

/* The row whose character begins bytes[0..length), or NULL. */
static const struct row *row_at(const struct row *rows, size_t count, const char *bytes,
                                size_t length)
{
    for (size_t i = 0; i < count; i++) {
        size_t width = strlen(rows[i].character);
        if (width <= length && !memcmp(rows[i].character, bytes, width))
            return &rows[i];
    }
    return NULL;
}

static const struct row *lowered_at(const char *bytes, size_t length)
{
    return row_at(lowered, COUNT_OF(lowered), bytes, length);
}

/* The layer of a name that has an index, too; else an exponent.  Bytes read. */
static size_t add_raised(struct text *text, const char *bytes, size_t length)
{
    struct text run = TEXT_INIT;
    const struct row *row;
    size_t at = 0;
    while ((row = row_at(raised, COUNT_OF(raised), bytes + at, length - at))) {
        text_add(&run, row->ascii);
        at += strlen(row->character);
    }
    if (at)
        text_printf(text, "%s%s", lowered_at(bytes + at, length - at) ? "" : "^", run.bytes);
    text_release(&run);
    return at;
}

/* ₁₂ is [1,2], but ₁₂,₃ is [12,3].  Bytes read. */
static size_t add_lowered(struct text *text, const char *bytes, size_t length)
{
    struct text apart = TEXT_INIT, together = TEXT_INIT;
    const struct row *row;
    bool comma = false;
    size_t at = 0;
    for (; at < length; at += row ? strlen(row->character) : 1) {
        row = lowered_at(bytes + at, length - at);
        bool between = at && bytes[at] == ',' && lowered_at(bytes + at + 1, length - at - 1);
        if (!row && !between)
            break;
        comma |= between;
        text_add(&together, row ? row->ascii : ",");
        text_printf(&apart, "%s%s", at ? "," : "", row ? row->ascii : "");
    }
    if (at)
        text_printf(text, "[%s]", comma ? together.bytes : apart.bytes);
    text_release(&apart);
    text_release(&together);
    return at;
}

static size_t add_sign(struct text *text, const char *bytes, size_t length)
{
    const struct row *row = row_at(signs, COUNT_OF(signs), bytes, length);
    unsigned codepoint;
    size_t step = utf8_decode(bytes, length, &codepoint);
    text_add(text, row ? row->ascii : "?");
    step += !step;
    bool letter = step < length && (bytes[step] | 0x20) >= 'a' && (bytes[step] | 0x20) <= 'z';
    for (size_t i = 0; row && letter && i < COUNT_OF(parting); i++)
        if (strcmp(row->ascii, parting[i]) == 0)
            text_add_char(text, ' ');
    return step;
}

void ascii_add(struct text *text, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t plain = at;
        while (plain < length && (unsigned char)bytes[plain] < 0x80)
            plain++;
        text_add_part(text, bytes + at, plain - at);
        at = plain;
        if (at == length)
            break;
        size_t step = add_raised(text, bytes + at, length - at);
        if (!step)
            step = add_lowered(text, bytes + at, length - at);
        if (!step)
            step = add_sign(text, bytes + at, length - at);
        at += step;
    }
}

size_t ascii_width(const char *bytes, size_t length, bool unicode)
{
    struct text text = TEXT_INIT;
    if (unicode)
        return utf8_width(bytes, length);
    ascii_add(&text, bytes, length);
    size_t width = text.length;
    text_release(&text);
    return width;
}
