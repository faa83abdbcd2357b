/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/symbol.h"

#include <string.h>

#include "base/number.h"
#include "formula/linear.h"

static const struct medium *medium_for(const struct notation *notation)
{
    return medium_of(notation->style->medium, notation->unicode);
}

/* "1.2e-05" as 1.2·10⁻⁵ with the exponent raised; not finite: a sign. */
static void add_built_up(struct text *text, const struct medium *medium, const char *number)
{
    struct text mantissa = TEXT_INIT, exponent = TEXT_INIT;
    const char *e = strchr(number, 'e');
    bool finite = *number >= '0' && *number <= '9';
    text_add_part(&mantissa, number, e && finite ? (size_t)(e - number) : strlen(number));
    medium->say(text, strcmp(mantissa.bytes, "Infinity") == 0 ? "∞" : mantissa.bytes);
    if (e && finite) {
        const char *digits = e + 1 + (e[1] == '-' || e[1] == '+');
        struct text ten = TEXT_INIT;
        if (e[1] == '-')
            medium->say(&exponent, "−");
        medium->say(&exponent, digits + strspn(digits, "0"));
        medium->say(&ten, "10");
        medium->say(text, " × ");
        medium->scripts(text, ten.bytes, exponent.bytes, "");
        text_release(&ten);
    }
    text_release(&mantissa);
    text_release(&exponent);
}

static void add_signed(struct text *text, const struct notation *notation, double value, int digits)
{
    const struct medium *medium = medium_for(notation);
    struct text number = TEXT_INIT;
    number_add(&number, value, digits);
    bool minus = number.bytes[0] == '-';
    if (minus)
        medium->say(text, "−");
    if (medium->built_up)
        add_built_up(text, medium, number.bytes + minus);
    else
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
    [SCRIPT_PLAIN] = { "i", "j", "k", "m", "p", "r", "s" },
    [SCRIPT_SUPER] = { "ⁱ", "ʲ", "ᵏ", "ᵐ", "ᵖ", "ʳ", "ˢ" },
    [SCRIPT_SUB] = { "ᵢ", "ⱼ", "ₖ", "ₘ", "ₚ", "ᵣ", "ₛ" },
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

/* Letters apart: jk are two indices. */
static void say_indices(struct text *text, const struct medium *medium, const char *indices)
{
    for (const char *at = indices; *at;) {
        struct text index = TEXT_INIT;
        size_t length = strspn(at, "0123456789");
        length += !length;
        text_add_part(&index, at, length);
        medium->say(text, index.bytes);
        text_release(&index);
        at += length;
    }
}

static void add_letter(struct text *text, const struct notation *notation, size_t letter)
{
    if (!notation->unicode)
        text_add_char(text, '_');
    add_index(text, notation->unicode ? SCRIPT_SUB : SCRIPT_PLAIN, letter);
}

void symbol_sum(struct text *text, const struct notation *notation, size_t letter)
{
    const struct medium *medium = medium_for(notation);
    struct text sum = TEXT_INIT, index = TEXT_INIT, below = TEXT_INIT;
    if (medium->built_up) {
        medium->say(&sum, "Σ");
        add_index(&index, SCRIPT_PLAIN, letter);
        say_indices(&below, medium, index.bytes);
        medium->scripts(text, sum.bytes, "", below.bytes);
    } else {
        medium->say(text, "Σ");
        add_letter(text, notation, letter);
    }
    medium->say(text, " ");
    text_release(&sum);
    text_release(&index);
    text_release(&below);
}

/* ⁽³⁾, [3] in ASCII */
static void add_sample(struct text *text, const struct notation *notation, size_t row)
{
    text_add(text, notation->unicode ? "⁽" : "[");
    add_index(text, notation->unicode ? SCRIPT_SUPER : SCRIPT_PLAIN, row);
    text_add(text, notation->unicode ? "⁾" : "]");
}

void symbol_sample_loss(struct text *text, const struct notation *notation, size_t row)
{
    struct text loss = TEXT_INIT;
    text_add_char(&loss, 'L');
    add_sample(&loss, notation, row);
    if (medium_for(notation)->built_up)
        linear_add(text, notation, loss.bytes);
    else
        text_add(text, loss.bytes);
    text_release(&loss);
}

/* ---- Elements ---- */

/* What stands before the indices. */
static const struct spelling {
    const char *sign, *ascii;
} stems[NB_QUANTITY_KINDS] = {
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

void symbol_setting(struct text *text, const struct notation *notation, enum term_setting setting)
{
    if (medium_for(notation)->built_up)
        linear_add(text, notation, settings[setting].sign);
    else
        text_add(text, notation->unicode ? settings[setting].sign : settings[setting].ascii);
}

void symbol_exponent(struct text *text, const struct notation *notation, size_t exponent)
{
    bool unicode = notation->unicode;
    if (medium_for(notation)->built_up) {
        struct text number = TEXT_INIT;
        text_printf(&number, "%zu", exponent);
        medium_for(notation)->say(text, exponent ? number.bytes : "t");
        text_release(&number);
        return;
    }
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
    if (kind == NB_LOSS_VALUE || kind == NB_PENALTY || col == NB_NOWHERE)
        indices.count = 0;
    else if (symbol_is_matrix(kind)) {
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
        add_sample(text, notation, indices->sample);
}

/* ---- Elements, built up ---- */

static bool is_yhat(const struct notation *notation, const struct nb_quantity *quantity)
{
    return notation->yhat && quantity->kind == NB_A &&
           quantity->layer == nb_net_spec(notation->net)->layers;
}

/* Layer and sample above, indices below. */
static void add_built_symbol(struct text *text, const struct notation *notation,
                             const struct nb_quantity *quantity, const struct indices *indices)
{
    const struct medium *medium = medium_for(notation);
    struct text base = TEXT_INIT, plain = TEXT_INIT, raised = TEXT_INIT, lowered = TEXT_INIT;
    bool yhat = is_yhat(notation, quantity);
    const char *stem = stems[quantity->kind].sign;
    medium->say(&base, yhat                                ? "ŷ"
                       : symbol_is_partial(quantity->kind) ? stem + strlen("∂L/∂")
                                                           : stem);
    if (quantity->layer && !yhat)
        add_whole(&plain, SCRIPT_PLAIN, quantity->layer);
    if (indices->sample != NB_NOWHERE) {
        text_add_char(&plain, '(');
        add_index(&plain, SCRIPT_PLAIN, indices->sample);
        text_add_char(&plain, ')');
    }
    say_indices(&raised, medium, plain.bytes);
    text_clear(&plain);
    bool comma = indices->count == 2 && (is_long(indices->at[0]) || is_long(indices->at[1]));
    for (size_t i = 0; i < indices->count; i++) {
        text_add(&plain, i && comma ? "," : "");
        add_index(&plain, SCRIPT_PLAIN, indices->at[i]);
    }
    say_indices(&lowered, medium, plain.bytes);
    medium->scripts(text, base.bytes, raised.bytes, lowered.bytes);
    text_release(&base);
    text_release(&plain);
    text_release(&raised);
    text_release(&lowered);
}

/* ∂L/∂w¹₁₁ is a fraction. */
static void add_built_element(struct text *text, const struct notation *notation,
                              const struct nb_quantity *quantity, const struct indices *indices)
{
    const struct medium *medium = medium_for(notation);
    const char *const *fraction = medium->structures[STRUCTURE_FRACTION];
    bool partial = symbol_is_partial(quantity->kind);
    if (partial) {
        text_add(text, fraction[EDGE_OPEN]);
        medium->say(text, "∂L");
        text_add(text, fraction[EDGE_BETWEEN]);
        medium->say(text, "∂");
    }
    add_built_symbol(text, notation, quantity, indices);
    if (partial)
        text_add(text, fraction[EDGE_CLOSE]);
}

/* What stands before the indices: ∂L/∂w¹. */
static void add_stem(struct text *text, const struct notation *notation,
                     const struct nb_quantity *quantity)
{
    const struct spelling *stem = &stems[quantity->kind];
    if (is_yhat(notation, quantity)) {
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
    struct indices none = { .sample = NB_NOWHERE };
    if (medium_for(notation)->built_up)
        add_built_element(text, notation, &quantity, &none);
    else
        add_stem(text, notation, &quantity);
}

void symbol_element(struct text *text, const struct notation *notation, size_t id, size_t row,
                    size_t col)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, id, &quantity);
    struct indices indices = indices_of(notation, quantity.kind, row, col);
    if (medium_for(notation)->built_up) {
        add_built_element(text, notation, &quantity, &indices);
        return;
    }
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
    medium_for(notation)->say(text, "∂");
    symbol_element(text, notation, id, row, col);
}

void symbol_partial(struct text *text, const struct notation *notation, size_t top, size_t top_row,
                    size_t top_col, size_t bottom, size_t bottom_row, size_t bottom_col)
{
    const char *const *fraction = medium_for(notation)->structures[STRUCTURE_FRACTION];
    text_add(text, fraction[EDGE_OPEN]);
    symbol_d(text, notation, top, top_row, top_col);
    text_add(text, fraction[EDGE_BETWEEN]);
    symbol_d(text, notation, bottom, bottom_row, bottom_col);
    text_add(text, fraction[EDGE_CLOSE]);
}

size_t symbol_width(const struct text *text)
{
    return utf8_width(text->bytes, text->length);
}
