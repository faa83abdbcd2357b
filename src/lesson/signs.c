/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/signs.h"

#include <string.h>

#include "base/compiler.h"

static const struct math_sign symbols[] = {
    { "alpha", "α", MATH_OPERAND },
    { "beta", "β", MATH_OPERAND },
    { "gamma", "γ", MATH_OPERAND },
    { "Gamma", "Γ", MATH_OPERAND },
    { "delta", "δ", MATH_OPERAND },
    { "Delta", "Δ", MATH_OPERAND },
    { "epsilon", "ε", MATH_OPERAND },
    { "varepsilon", "ε", MATH_OPERAND },
    { "zeta", "ζ", MATH_OPERAND },
    { "eta", "η", MATH_OPERAND },
    { "theta", "θ", MATH_OPERAND },
    { "Theta", "Θ", MATH_OPERAND },
    { "kappa", "κ", MATH_OPERAND },
    { "lambda", "λ", MATH_OPERAND },
    { "Lambda", "Λ", MATH_OPERAND },
    { "mu", "μ", MATH_OPERAND },
    { "nu", "ν", MATH_OPERAND },
    { "xi", "ξ", MATH_OPERAND },
    { "pi", "π", MATH_OPERAND },
    { "rho", "ρ", MATH_OPERAND },
    { "sigma", "σ", MATH_OPERAND },
    { "Sigma", "Σ", MATH_OPERAND },
    { "tau", "τ", MATH_OPERAND },
    { "phi", "φ", MATH_OPERAND },
    { "varphi", "φ", MATH_OPERAND },
    { "Phi", "Φ", MATH_OPERAND },
    { "chi", "χ", MATH_OPERAND },
    { "psi", "ψ", MATH_OPERAND },
    { "Psi", "Ψ", MATH_OPERAND },
    { "omega", "ω", MATH_OPERAND },
    { "Omega", "Ω", MATH_OPERAND },
    { "nabla", "∇", MATH_OPERAND },
    { "infty", "∞", MATH_OPERAND },
    { "top", "ᵀ", MATH_OPERAND },
    { "prime", "'", MATH_OPERAND },
    { "ldots", "…", MATH_OPERAND },
    { "cdots", "…", MATH_OPERAND },
    { "dots", "…", MATH_OPERAND },
    { "partial", "∂", MATH_PARTIAL },
    { "sum", "Σ", MATH_BIG },
    { "prod", "Π", MATH_BIG },
    { "pm", "±", MATH_SIGN },
    { "cdot", "·", MATH_TIMES },
    { "times", "×", MATH_TIMES },
    { "circ", "∘", MATH_OPERATOR },
    { "odot", "∘", MATH_OPERATOR },
    { "div", "÷", MATH_OPERATOR },
    { "le", "≤", MATH_RELATION },
    { "leq", "≤", MATH_RELATION },
    { "ge", "≥", MATH_RELATION },
    { "geq", "≥", MATH_RELATION },
    { "ne", "≠", MATH_RELATION },
    { "neq", "≠", MATH_RELATION },
    { "approx", "≈", MATH_RELATION },
    { "to", "→", MATH_RELATION },
    { "rightarrow", "→", MATH_RELATION },
    { "leftarrow", "←", MATH_RELATION },
    { "gets", "←", MATH_RELATION },
    { "in", "∈", MATH_RELATION },
    { "mid", "|", MATH_RELATION },
    { "exp", "exp", MATH_WORD },
    { "ln", "ln", MATH_WORD },
    { "log", "log", MATH_WORD },
    { "max", "max", MATH_WORD },
    { "min", "min", MATH_WORD },
    { "sin", "sin", MATH_WORD },
    { "cos", "cos", MATH_WORD },
    { "tanh", "tanh", MATH_WORD },
    { "quad", "\u00a0\u00a0 ", MATH_PART }, /* the wide blank stays with what is before it */
    { "qquad", "\u00a0\u00a0 ", MATH_PART },
    { "{", "{", MATH_OPEN },
    { "}", "}", MATH_CLOSE },
    { "|", "‖", MATH_BAR },
    { "%", "%", MATH_OPERAND },
    { "_", "_", MATH_OPERAND },
    { "#", "#", MATH_OPERAND },
    { "&", "&", MATH_OPERAND },
    { "$", "$", MATH_OPERAND },
    { ",", " ", MATH_BLANK },
    { ";", " ", MATH_BLANK },
    { ":", " ", MATH_BLANK },
    { " ", " ", MATH_BLANK },
    { "!", "", MATH_BLANK },
};

/* What stands for itself, or nearly; everything else is an MATH_OPERAND. */
static const struct math_sign characters[] = {
    { "-", "−", MATH_SIGN },     { "+", "+", MATH_SIGN },     { "−", "−", MATH_SIGN },
    { "±", "±", MATH_SIGN },     { "·", "·", MATH_TIMES },    { "×", "×", MATH_TIMES },
    { "*", "*", MATH_TIMES },    { "/", "/", MATH_OPERATOR }, { "!", "!", MATH_OPERATOR },
    { "∘", "∘", MATH_OPERATOR }, { "=", "=", MATH_RELATION }, { "<", "<", MATH_RELATION },
    { ">", ">", MATH_RELATION }, { "≤", "≤", MATH_RELATION }, { "≥", "≥", MATH_RELATION },
    { "≈", "≈", MATH_RELATION }, { "≠", "≠", MATH_RELATION }, { "→", "→", MATH_RELATION },
    { "←", "←", MATH_RELATION }, { ",", ",", MATH_RELATION }, { ";", ";", MATH_RELATION },
    { ":", ":", MATH_RELATION }, { ".", ".", MATH_RELATION }, { "(", "(", MATH_OPEN },
    { "[", "[", MATH_OPEN },     { ")", ")", MATH_CLOSE },    { "]", "]", MATH_CLOSE },
    { "|", "|", MATH_BAR },      { "‖", "‖", MATH_BAR },      { "∂", "∂", MATH_PARTIAL },
    { "~", " ", MATH_BLANK },    { " ", " ", MATH_BLANK },    { "\t", " ", MATH_BLANK },
    { "Σ", "Σ", MATH_BIG },      { "½", "½", MATH_HALF },
};

static const struct math_sign *find(const struct math_sign *rows, size_t count, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length))
            return &rows[i];
    return NULL;
}

const struct math_sign *math_symbol(const char *name, size_t length)
{
    return find(symbols, COUNT_OF(symbols), name, length);
}

const struct math_sign *math_character(const char *bytes, size_t length)
{
    return find(characters, COUNT_OF(characters), bytes, length);
}

/* Characters with a raised and a lowered form; "" where there is none. */
struct script_row {
    const char *plain, *raised, *lowered;
};

static const struct script_row scripts[] = {
    { "0", "⁰", "₀" }, { "1", "¹", "₁" }, { "2", "²", "₂" }, { "3", "³", "₃" }, { "4", "⁴", "₄" },
    { "5", "⁵", "₅" }, { "6", "⁶", "₆" }, { "7", "⁷", "₇" }, { "8", "⁸", "₈" }, { "9", "⁹", "₉" },
    { "+", "⁺", "₊" }, { "-", "⁻", "₋" }, { "−", "⁻", "₋" }, { "=", "⁼", "₌" }, { "(", "⁽", "₍" },
    { ")", "⁾", "₎" }, { "a", "ᵃ", "ₐ" }, { "b", "ᵇ", "" },  { "e", "ᵉ", "ₑ" }, { "h", "ʰ", "ₕ" },
    { "i", "ⁱ", "ᵢ" }, { "j", "ʲ", "ⱼ" }, { "k", "ᵏ", "ₖ" }, { "l", "ˡ", "ₗ" }, { "m", "ᵐ", "ₘ" },
    { "n", "ⁿ", "ₙ" }, { "o", "ᵒ", "ₒ" }, { "p", "ᵖ", "ₚ" }, { "r", "ʳ", "ᵣ" }, { "s", "ˢ", "ₛ" },
    { "t", "ᵗ", "ₜ" }, { "u", "ᵘ", "ᵤ" }, { "v", "ᵛ", "ᵥ" }, { "w", "ʷ", "" },  { "x", "ˣ", "ₓ" },
    { "y", "ʸ", "" },  { "z", "ᶻ", "" },  { "T", "ᵀ", "" },  { "L", "ᴸ", "" },  { "'", "'", "" },
    { "ᵀ", "ᵀ", "" },
};

const char *math_script(const char *bytes, size_t length, bool raised)
{
    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        if (strlen(scripts[i].plain) == length && !memcmp(scripts[i].plain, bytes, length))
            return raised ? scripts[i].raised : scripts[i].lowered;
    return "";
}
