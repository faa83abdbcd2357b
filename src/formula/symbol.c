/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/symbol.h"

#include <string.h>

#include "base/number.h"

struct spelling {
    const char *sign, *ascii;
};

/* Everything that formulas and pages use above ASCII. */
static const struct spelling spellings[] = {
    { "−", "-" },    { "·", "*" },          { "½", "1/2" },   { "Σ", "sum" },
    { "…", "..." },  { "ŷ", "yhat" },       { "δ", "delta" }, { "∂", "d" },
    { "η", "lr" },   { "σ", "s" },          { "←", "<-" },    { "→", "->" },
    { "ᵀ", "'" },    { "²", "^2" },         { "×", "x" },     { "ⱼ", "_j" },
    { "ₖ", "_k" },   { "ᵢ", "_i" },         { "ₘ", "_m" },    { "▶", ">" },
    { "─", "-" },    { "│", "|" },          { "┌", "+" },     { "┐", "+" },
    { "└", "+" },    { "┘", "+" },          { "├", "+" },     { "┤", "+" },
    { "⎛", "/" },    { "⎜", "|" },          { "⎝", "\\" },    { "⎞", "\\" },
    { "⎟", "|" },    { "⎠", "/" },          { "±", "+-" },    { "∘", "*" },
    { "—", "--" },   { "┼", "+" },          { "∇", "grad " }, { "√", "sqrt" },
    { "λ", "l2" },   { "μ", "mu" },         { "ρ", "rho" },   { "ε", "epsilon" },
    { "β", "beta" }, { "γ", "gamma" },      { "‖", "||" },    { "₁", "1" },
    { "₂", "2" },    { "\xcc\x82", "hat" }, /* on the x of x̂ */
    { "⁽", "[" },    { "⁾", "]" },          { "ⁱ", "i" },     { "ᵐ", "m" },
    { "≤", "<=" },
};

static const char *spelled_out(const char *bytes, size_t size)
{
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        if (strlen(spellings[i].sign) == size && memcmp(spellings[i].sign, bytes, size) == 0)
            return spellings[i].ascii;
    return "?";
}

static bool is_wordlike(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* A word for a sign stands apart from the number before it: 1/2 sum. */
static void add_spelling(struct text *text, const char *spelling)
{
    char before = text->length ? text->bytes[text->length - 1] : ' ';
    if (is_wordlike(before) && is_wordlike(spelling[0]) && spelling[1])
        text_add_char(text, ' ');
    text_add(text, spelling);
}

void symbol_words(struct text *text, bool unicode, const char *words)
{
    if (unicode) {
        text_add(text, words);
        return;
    }
    size_t length = strlen(words), size;
    for (size_t i = 0; i < length; i += size) {
        unsigned codepoint;
        size = utf8_decode(words + i, length - i, &codepoint);
        if (size <= 1)
            text_add_char(text, words[i]);
        else
            add_spelling(text, spelled_out(words + i, size));
        size += !size;
    }
}

static void add_signed(struct text *text, const struct notation *notation, double value, int digits)
{
    struct text number = TEXT_INIT;
    number_add(&number, value, digits);
    bool minus = number.bytes[0] == '-';
    if (minus)
        symbol_words(text, notation->unicode, "−");
    text_add(text, number.bytes + minus);
    text_release(&number);
}

void symbol_number(struct text *text, const struct notation *notation, double value)
{
    add_signed(text, notation, value, notation->style->digits);
}

void symbol_constant(struct text *text, const struct notation *notation, double value)
{
    add_signed(text, notation, value, 15);
}

/* ---- Indices: digits and letters, raised and lowered ---- */

enum script { SCRIPT_PLAIN, SCRIPT_SUPER, SCRIPT_SUB, SCRIPTS };

static const char *const script_digits[SCRIPTS][10] = {
    [SCRIPT_PLAIN] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
    [SCRIPT_SUPER] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" },
    [SCRIPT_SUB] = { "₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉" },
};

static const char *const script_letters[SCRIPTS][TERM_LETTERS] = {
    [SCRIPT_PLAIN] = { "i", "j", "k", "m" },
    [SCRIPT_SUPER] = { "ⁱ", "ʲ", "ᵏ", "ᵐ" },
    [SCRIPT_SUB] = { "ᵢ", "ⱼ", "ₖ", "ₘ" },
};

static void add_whole(struct text *text, enum script script, size_t number)
{
    if (number >= 10)
        add_whole(text, script, number / 10);
    text_add(text, script_digits[script][number % 10]);
}

/* Indices count from 1 for people. */
static void add_index(struct text *text, enum script script, size_t index)
{
    if (term_is_letter(index))
        text_add(text, script_letters[script][index - TERM_I]);
    else
        add_whole(text, script, index + 1);
}

static bool is_long(size_t index)
{
    return !term_is_letter(index) && index >= 9;
}

void symbol_letter(struct text *text, const struct notation *notation, size_t letter)
{
    if (!notation->unicode)
        text_add_char(text, '_');
    add_index(text, notation->unicode ? SCRIPT_SUB : SCRIPT_PLAIN, letter);
}

void symbol_sample(struct text *text, const struct notation *notation, size_t row)
{
    text_add(text, notation->unicode ? "⁽" : "[");
    add_index(text, notation->unicode ? SCRIPT_SUPER : SCRIPT_PLAIN, row);
    text_add(text, notation->unicode ? "⁾" : "]");
}

/* ---- Elements ---- */

/* What stands before the indices. */
static const struct spelling stems[NB_QUANTITY_KINDS] = {
    [NB_X] = { "x", "x" },
    [NB_Y] = { "y", "y" },
    [NB_LOSS_VALUE] = { "L", "L" },
    [NB_W] = { "w", "w" },
    [NB_B] = { "b", "b" },
    [NB_Z] = { "z", "z" },
    [NB_A] = { "a", "a" },
    [NB_DELTA] = { "δ", "delta" },
    [NB_DW] = { "∂L/∂w", "dL/dw" },
    [NB_DB] = { "∂L/∂b", "dL/db" },
    [NB_DA] = { "∂L/∂a", "dL/da" },
    [NB_PENALTY] = { "penalty", "penalty" },
    [NB_GAMMA] = { "γ", "gamma" },
    [NB_BETA] = { "β", "beta" },
    [NB_MU] = { "μ", "mu" },
    [NB_VAR] = { "var", "var" },
    [NB_XHAT] = { "x̂", "xhat" },
    [NB_U] = { "u", "u" },
    [NB_MASK] = { "mask", "mask" },
    [NB_H] = { "h", "h" },
    [NB_DU] = { "∂L/∂u", "dL/du" },
    [NB_DGAMMA] = { "∂L/∂γ", "dL/dgamma" },
    [NB_DBETA] = { "∂L/∂β", "dL/dbeta" },
    [NB_DH] = { "∂L/∂h", "dL/dh" },
    [NB_GW] = { "gw", "gw" },
    [NB_GB] = { "gb", "gb" },
    [NB_MW] = { "mw", "mw" },
    [NB_MB] = { "mb", "mb" },
    [NB_MGAMMA] = { "mγ", "mgamma" },
    [NB_MBETA] = { "mβ", "mbeta" },
    [NB_VW] = { "vw", "vw" },
    [NB_VB] = { "vb", "vb" },
    [NB_VGAMMA] = { "vγ", "vgamma" },
    [NB_VBETA] = { "vβ", "vbeta" },
    [NB_RMEAN] = { "rmean", "rmean" },
    [NB_RVAR] = { "rvar", "rvar" },
};

static const struct spelling settings[TERM_SETTINGS] = {
    [TERM_RATE] = { "η", "lr" },      [TERM_MOMENTUM] = { "μ", "momentum" },
    [TERM_RHO] = { "ρ", "rho" },      [TERM_EPSILON] = { "ε", "epsilon" },
    [TERM_BETA1] = { "β₁", "beta1" }, [TERM_BETA2] = { "β₂", "beta2" },
    [TERM_L1] = { "λ₁", "l1" },       [TERM_L2] = { "λ", "l2" },
    [TERM_SAMPLES] = { "N", "N" },    [TERM_CLIP] = { "clip", "clip" },
    [TERM_NORM] = { "‖g‖", "norm" },
};

void symbol_setting(struct text *text, bool unicode, enum term_setting setting)
{
    text_add(text, unicode ? settings[setting].sign : settings[setting].ascii);
}

void symbol_exponent(struct text *text, bool unicode, size_t exponent)
{
    text_add(text, unicode ? "" : "^");
    if (exponent)
        add_whole(text, unicode ? SCRIPT_SUPER : SCRIPT_PLAIN, exponent);
    else
        text_add(text, unicode ? "ᵗ" : "t");
}

bool symbol_is_matrix(enum nb_quantity_kind kind)
{
    return kind == NB_W || kind == NB_DW || kind == NB_GW || kind == NB_MW || kind == NB_VW;
}

bool symbol_is_partial(enum nb_quantity_kind kind)
{
    return strchr(stems[kind].ascii, '/') != NULL;
}

/* Which indices an element has, in the order of writing. */
struct indices {
    size_t count, at[2];
    size_t sample; /* NB_NOWHERE: none */
};

static struct indices indices_of(const struct notation *notation, enum nb_quantity_kind kind,
                                 size_t row, size_t col)
{
    struct indices indices = { 1, { col, 0 }, NB_NOWHERE };
    if (kind == NB_LOSS_VALUE || kind == NB_PENALTY)
        indices.count = 0;
    if (symbol_is_matrix(kind)) {
        bool swap = notation->style->to_from;
        indices = (struct indices){ 2, { swap ? col : row, swap ? row : col }, NB_NOWHERE };
    }
    if (nb_quantity_rows()[kind].per_sample && notation->style->batch)
        indices.sample = row;
    return indices;
}

static void add_brackets(struct text *text, const struct indices *indices)
{
    const char *between = "[";
    if (indices->sample != NB_NOWHERE) {
        text_add(text, between);
        add_index(text, SCRIPT_PLAIN, indices->sample);
        between = ",";
    }
    for (size_t i = 0; i < indices->count; i++, between = ",") {
        text_add(text, between);
        add_index(text, SCRIPT_PLAIN, indices->at[i]);
    }
    if (*between == ',')
        text_add_char(text, ']');
}

static void add_scripts(struct text *text, const struct notation *notation,
                        const struct indices *indices)
{
    bool comma = indices->count == 2 && (is_long(indices->at[0]) || is_long(indices->at[1]));
    for (size_t i = 0; i < indices->count; i++) {
        if (i && comma)
            text_add_char(text, ',');
        add_index(text, SCRIPT_SUB, indices->at[i]);
    }
    if (indices->sample != NB_NOWHERE)
        symbol_sample(text, notation, indices->sample);
}

/* What stands before the indices: ∂L/∂w¹. */
static void add_stem(struct text *text, const struct notation *notation,
                     const struct nb_quantity *quantity)
{
    const struct spelling *stem = &stems[quantity->kind];
    bool yhat = notation->yhat && quantity->kind == NB_A &&
                quantity->layer == nb_net_spec(notation->net)->layers;
    if (yhat) {
        symbol_words(text, notation->unicode, "ŷ");
        return;
    }
    text_add(text, notation->unicode ? stem->sign : stem->ascii);
    if (quantity->layer)
        add_whole(text, notation->unicode ? SCRIPT_SUPER : SCRIPT_PLAIN, quantity->layer);
}

void symbol_whole(struct text *text, const struct notation *notation, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, id, &quantity);
    add_stem(text, notation, &quantity);
}

void symbol_element(struct text *text, const struct notation *notation, size_t id, size_t row,
                    size_t col)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, id, &quantity);
    struct indices indices = indices_of(notation, quantity.kind, row, col);
    add_stem(text, notation, &quantity);
    if (notation->unicode)
        add_scripts(text, notation, &indices);
    else
        add_brackets(text, &indices);
}

void symbol_typed(struct text *text, const struct notation *notation, size_t id, size_t row,
                  size_t col)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, id, &quantity);
    struct indices indices = indices_of(notation, quantity.kind, row, col);
    text_add(text, quantity.name);
    add_brackets(text, &indices);
}

void symbol_d(struct text *text, const struct notation *notation, size_t id, size_t row, size_t col)
{
    symbol_words(text, notation->unicode, "∂");
    symbol_element(text, notation, id, row, col);
}

void symbol_partial(struct text *text, const struct notation *notation, size_t top, size_t top_row,
                    size_t top_col, size_t bottom, size_t bottom_row, size_t bottom_col)
{
    symbol_d(text, notation, top, top_row, top_col);
    text_add_char(text, '/');
    symbol_d(text, notation, bottom, bottom_row, bottom_col);
}

size_t symbol_width(const struct text *text)
{
    return utf8_width(text->bytes, text->length);
}
