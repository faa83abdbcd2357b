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

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_greek(const char *bytes, size_t length)
{
    unsigned codepoint;
    return utf8_decode(bytes, length, &codepoint) && codepoint >= 0x391 && codepoint <= 0x3c9;
}

/* A letter that would run on from a name: sigma x, yhat. */
static bool begins_name(const char *bytes, size_t length)
{
    const struct row *row = row_at(signs, COUNT_OF(signs), bytes, length);
    return length && (is_letter(bytes[0]) || is_greek(bytes, length) ||
                      (row && strcmp(row->ascii, "yhat") == 0));
}

/* ½x is no 1/(2x). */
static bool needs_brackets(const struct row *row, const char *next, size_t length)
{
    unsigned codepoint;
    size_t step = utf8_decode(next, length, &codepoint);
    return row && !strcmp(row->ascii, "1/2") && step &&
           (begins_name(next, length) || *next == '(' || *next == '|' || codepoint == 0x2211 ||
            codepoint == 0x221a || codepoint == 0x2202 || codepoint == 0x2016);
}

static size_t add_sign(struct text *text, const char *bytes, size_t length)
{
    const struct row *row = row_at(signs, COUNT_OF(signs), bytes, length);
    unsigned codepoint;
    size_t step = utf8_decode(bytes, length, &codepoint);
    step += !step;
    const char *ascii = row ? row->ascii : "?";
    bool brackets = needs_brackets(row, bytes + step, length - step);
    text_printf(text, brackets ? "(%s)" : "%s", ascii);
    bool digit = step < length && bytes[step] >= '0' && bytes[step] <= '9';
    for (size_t i = 0; row && i < COUNT_OF(parting); i++)
        if (strcmp(ascii, parting[i]) == 0 && (digit || begins_name(bytes + step, length - step)))
            text_add_char(text, ' ');
    return step;
}

/* Do the piece that ends at `at`, which began at `from`, and what follows run together? */
static bool runs_together(const char *bytes, size_t length, size_t from, size_t at)
{
    unsigned codepoint;
    const char *piece = bytes + from;
    utf8_decode(piece, at - from, &codepoint);
    bool name = is_greek(piece, at - from) || codepoint == 0x177 || codepoint == 0x302;
    bool script =
        row_at(raised, COUNT_OF(raised), piece, at - from) || lowered_at(piece, at - from);
    if (codepoint == 0x3a3) /* its own parting */
        return false;
    return (name || script) && begins_name(bytes + at, length - at);
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
        if (at && is_letter(bytes[at - 1]) && is_greek(bytes + at, length - at))
            text_add_char(text, ' ');
        size_t step = add_raised(text, bytes + at, length - at);
        if (!step)
            step = add_lowered(text, bytes + at, length - at);
        if (!step)
            step = add_sign(text, bytes + at, length - at);
        if (runs_together(bytes, length, at, at + step))
            text_add_char(text, ' ');
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
