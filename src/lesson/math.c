/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/math.h"

#include <ctype.h>
#include <string.h>

#define NEST_MOST 32 /* braces within braces; deeper ones stay as written */

/* ---- Tables ------------------------------------------------------------- */

/* What becomes of the blank that ends a command's name. */
enum blank {
    BLANK_GOES,  /* \sigma (z) */
    BLANK_EVEN,  /* operators: stays where one stands before them, too */
    BLANK_STAYS, /* \ln x */
};

struct math_row {
    const char *name, *unicode;
    enum blank blank;
};

static const struct math_row symbols[] = {
    { "alpha", "α", BLANK_GOES },       { "beta", "β", BLANK_GOES },
    { "gamma", "γ", BLANK_GOES },       { "delta", "δ", BLANK_GOES },
    { "Delta", "Δ", BLANK_GOES },       { "epsilon", "ε", BLANK_GOES },
    { "eta", "η", BLANK_GOES },         { "theta", "θ", BLANK_GOES },
    { "lambda", "λ", BLANK_GOES },      { "mu", "μ", BLANK_GOES },
    { "nu", "ν", BLANK_GOES },          { "pi", "π", BLANK_GOES },
    { "rho", "ρ", BLANK_GOES },         { "sigma", "σ", BLANK_GOES },
    { "Sigma", "Σ", BLANK_GOES },       { "tau", "τ", BLANK_GOES },
    { "phi", "φ", BLANK_GOES },         { "psi", "ψ", BLANK_GOES },
    { "omega", "ω", BLANK_GOES },       { "nabla", "∇", BLANK_GOES },
    { "partial", "∂", BLANK_GOES },     { "sum", "Σ", BLANK_GOES },
    { "prod", "Π", BLANK_GOES },        { "cdot", "·", BLANK_EVEN },
    { "times", "×", BLANK_EVEN },       { "circ", "∘", BLANK_EVEN },
    { "odot", "∘", BLANK_EVEN },        { "pm", "±", BLANK_EVEN },
    { "le", "≤", BLANK_EVEN },          { "leq", "≤", BLANK_EVEN },
    { "ge", "≥", BLANK_EVEN },          { "geq", "≥", BLANK_EVEN },
    { "ne", "≠", BLANK_EVEN },          { "neq", "≠", BLANK_EVEN },
    { "approx", "≈", BLANK_EVEN },      { "infty", "∞", BLANK_GOES },
    { "to", "→", BLANK_EVEN },          { "rightarrow", "→", BLANK_EVEN },
    { "leftarrow", "←", BLANK_EVEN },   { "gets", "←", BLANK_EVEN },
    { "in", "∈", BLANK_EVEN },          { "ldots", "…", BLANK_GOES },
    { "cdots", "…", BLANK_GOES },       { "dots", "…", BLANK_GOES },
    { "quad", "  ", BLANK_GOES },       { "top", "ᵀ", BLANK_GOES },
    { "prime", "'", BLANK_GOES },       { "sqrt", "√", BLANK_GOES },
    { "exp", "exp", BLANK_STAYS },      { "ln", "ln", BLANK_STAYS },
    { "log", "log", BLANK_STAYS },      { "max", "max", BLANK_STAYS },
    { "min", "min", BLANK_STAYS },      { "tanh", "tanh", BLANK_STAYS },
    { "left", "", BLANK_GOES },         { "right", "", BLANK_GOES },
    { "big", "", BLANK_GOES },          { "Big", "", BLANK_GOES },
    { "displaystyle", "", BLANK_GOES }, { "qquad", "  ", BLANK_GOES },
};

/* Commands that show their argument as it is. */
static const char *const wrappers[] = { "mathbf",     "mathrm",       "mathit", "text",
                                        "boldsymbol", "operatorname", "mathcal" };

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

static const char *script_for(const char *bytes, size_t length, bool raised)
{
    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        if (strlen(scripts[i].plain) == length && !memcmp(scripts[i].plain, bytes, length))
            return raised ? scripts[i].raised : scripts[i].lowered;
    return "";
}

/* ---- Indices and exponents ---------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The comma of 1,1 between single characters goes, as on a sheet; else it stays. */
static bool comma_is_needless(size_t length, size_t at)
{
    return length == 3 && at == 1;
}

static bool add_script_characters(struct text *text, const struct text *inner, bool raised)
{
    for (size_t at = 0; at < inner->length;) {
        unsigned codepoint;
        size_t step = utf8_decode(inner->bytes + at, inner->length - at, &codepoint);
        const char *form = script_for(inner->bytes + at, step, raised);
        if (!step)
            return false;
        if (inner->bytes[at] == ',' && !comma_is_needless(inner->length, at))
            text_add_char(text, ',');
        else if (form[0])
            text_add(text, form);
        else if (inner->bytes[at] != ' ' && inner->bytes[at] != ',')
            return false;
        at += step;
    }
    return true;
}

static void add_script(struct text *text, const struct text *inner, bool raised)
{
    size_t before = text->length;
    if (add_script_characters(text, inner, raised))
        return;
    text_cut(text, before);
    text_add_char(text, raised ? '^' : '_');
    bool one = utf8_width(inner->bytes, inner->length) == 1;
    text_printf(text, one ? "%s" : "(%s)", inner->bytes);
}

/* ---- The reader ----------------------------------------------------------- */

struct reader {
    const char *tex;
    size_t at, end;
    int depth;
};

static void read_item(struct reader *reader, struct text *text);

/* {...} without its braces, or one item, into an empty text. */
static void read_argument(struct reader *reader, struct text *text)
{
    while (reader->at < reader->end && reader->tex[reader->at] == ' ')
        reader->at++;
    if (reader->at >= reader->end)
        return;
    if (reader->tex[reader->at] != '{' || reader->depth >= NEST_MOST) {
        read_item(reader, text);
        return;
    }
    reader->at++;
    reader->depth++;
    while (reader->at < reader->end && reader->tex[reader->at] != '}')
        read_item(reader, text);
    reader->at += reader->at < reader->end;
    reader->depth--;
}

static void read_script(struct reader *reader, struct text *text, bool raised)
{
    struct text inner = TEXT_INIT;
    read_argument(reader, &inner);
    add_script(text, &inner, raised);
    text_release(&inner);
}

static void add_operand(struct text *text, const struct text *operand)
{
    bool compound = strpbrk(operand->bytes, " +-/=") || strstr(operand->bytes, "−");
    text_printf(text, compound ? "(%s)" : "%s", operand->bytes);
}

static void read_fraction(struct reader *reader, struct text *text)
{
    struct text top = TEXT_INIT, bottom = TEXT_INIT;
    read_argument(reader, &top);
    read_argument(reader, &bottom);
    if (!strcmp(top.bytes, "1") && !strcmp(bottom.bytes, "2")) {
        text_add(text, "½");
    } else {
        add_operand(text, &top);
        text_add_char(text, '/');
        add_operand(text, &bottom);
    }
    text_release(&top);
    text_release(&bottom);
}

static void read_hat(struct reader *reader, struct text *text)
{
    struct text inner = TEXT_INIT;
    read_argument(reader, &inner);
    if (!strcmp(inner.bytes, "y"))
        text_add(text, "ŷ");
    else
        text_printf(text, "%s\u0302", inner.bytes);
    text_release(&inner);
}

static const struct math_row *symbol_find(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (strlen(symbols[i].name) == length && !memcmp(symbols[i].name, name, length))
            return &symbols[i];
    return NULL;
}

static bool is_wrapper(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(wrappers); i++)
        if (strlen(wrappers[i]) == length && !memcmp(wrappers[i], name, length))
            return true;
    return false;
}

static bool name_is(const char *name, size_t length, const char *word)
{
    return strlen(word) == length && !memcmp(name, word, length);
}

/* Skips the blank behind a symbol's name, unless it is to be shown. */
static void skip_blank(struct reader *reader, const struct text *text, enum blank blank)
{
    bool even = text->length && text->bytes[text->length - 1] == ' ';
    if (blank == BLANK_GOES || (blank == BLANK_EVEN && !even))
        reader->at += reader->at < reader->end && reader->tex[reader->at] == ' ';
}

/* The part of a command behind the backslash. */
static void read_command(struct reader *reader, struct text *text)
{
    const char *name = reader->tex + reader->at;
    size_t length = 0;
    while (reader->at + length < reader->end && isalpha((unsigned char)name[length]))
        length++;
    if (!length) {
        bool space = reader->at < reader->end && strchr(",;: \\!", *name);
        if (reader->at < reader->end)
            text_add_char(text, space ? ' ' : *name);
        reader->at += reader->at < reader->end;
        return;
    }
    reader->at += length;
    const struct math_row *symbol = symbol_find(name, length);
    if (symbol)
        skip_blank(reader, text, symbol->blank);
    if (symbol)
        text_add(text, symbol->unicode);
    else if (name_is(name, length, "frac") || name_is(name, length, "tfrac"))
        read_fraction(reader, text);
    else if (name_is(name, length, "hat"))
        read_hat(reader, text);
    else if (is_wrapper(name, length))
        read_argument(reader, text);
    else
        text_printf(text, "\\%.*s", (int)length, name);
}

static void read_item(struct reader *reader, struct text *text)
{
    char c = reader->tex[reader->at++];
    if (c == '\\')
        read_command(reader, text);
    else if (c == '^' || c == '_')
        read_script(reader, text, c == '^');
    else if (c == '-')
        text_add(text, "−");
    else if (c != '{' && c != '}')
        text_add_char(text, c);
    else if (c == '{' && reader->depth < NEST_MOST) {
        reader->at--;
        read_argument(reader, text);
    }
}

void math_add(struct text *text, const char *tex, size_t length)
{
    struct reader reader = { tex, 0, length, 0 };
    while (reader.at < reader.end)
        read_item(&reader, text);
}

/* ---- Markdown -------------------------------------------------------------- */

/* Where the copying stands: fences and displays span lines. */
struct replacer {
    struct text *text;
    char fence; /* '`' or '~' within a fenced block, else 0 */
    size_t fence_width;
    bool display; /* within $$ ... $$ */
};

static void add_escaped(struct replacer *replacer, const char *tex, size_t length, bool plain)
{
    struct text math = TEXT_INIT;
    math_add(&math, tex, length);
    for (const char *c = math.bytes; *c; c++) {
        if (!plain && ispunct((unsigned char)*c))
            text_add_char(replacer->text, '\\');
        text_add_char(replacer->text, *c);
    }
    text_release(&math);
}

/* Is line[0..length) a fence that opens or closes a block of code? */
static bool is_fence(struct replacer *replacer, const char *line, size_t length)
{
    size_t indent = 0, width = 0;
    while (indent < length && line[indent] == ' ')
        indent++;
    char c = indent < length ? line[indent] : '\0';
    while (indent + width < length && line[indent + width] == c)
        width++;
    if (indent > 3 || (c != '`' && c != '~') || width < 3)
        return false;
    if (!replacer->fence) {
        replacer->fence = c;
        replacer->fence_width = width;
    } else if (c == replacer->fence && width >= replacer->fence_width) {
        replacer->fence = 0;
    }
    return true;
}

/* Where the $ that ends the mathematics at `at` stands, or `length`.  As Pandoc
 * has it: no blank inside the dollars, no digit behind. */
static size_t find_dollar(const char *line, size_t length, size_t at)
{
    if (at >= length || line[at] == ' ' || line[at] == '$')
        return length;
    for (size_t i = at + 1; i < length; i++)
        if (line[i] == '$' && line[i - 1] != ' ' && line[i - 1] != '\\')
            return i + 1 < length && is_digit(line[i + 1]) ? length : i;
    return length;
}

/* The length of the code span at line[at], which is a backquote. */
static size_t code_span(const char *line, size_t length, size_t at)
{
    size_t width = 0;
    while (at + width < length && line[at + width] == '`')
        width++;
    for (size_t i = at + width; i < length;) {
        size_t run = 0;
        while (i + run < length && line[i + run] == '`')
            run++;
        if (run == width)
            return i + run - at;
        i += run ? run : 1;
    }
    return width;
}

static void replace_in_line(struct replacer *replacer, const char *line, size_t length)
{
    size_t begins = strspn(line, " >");
    bool plain = begins < length && line[begins] == '|'; /* a table is shown as it stands */
    for (size_t at = 0; at < length;) {
        size_t step = 1;
        if (line[at] == '`')
            step = code_span(line, length, at);
        else if (line[at] == '\\' && at + 1 < length)
            step = 2;
        size_t end = line[at] == '$' ? find_dollar(line, length, at + 1) : length;
        if (end < length) {
            add_escaped(replacer, line + at + 1, end - at - 1, plain);
            step = end + 1 - at;
        } else {
            text_add_part(replacer->text, line + at, step);
        }
        at += step;
    }
}

/* $$ alone on a line begins or ends a display; $$...$$ is one of a single line. */
static bool replace_display(struct replacer *replacer, const char *line, size_t length, bool last)
{
    while (length && line[length - 1] == ' ')
        length--;
    bool opens = length >= 2 && line[0] == '$' && line[1] == '$';
    bool closes = length >= 2 && line[length - 1] == '$' && line[length - 2] == '$';
    if (opens && closes && length > 4) {
        add_escaped(replacer, line + 2, length - 4, false);
        return true;
    }
    if (opens && length == 2) {
        replacer->display = !replacer->display;
        return true;
    }
    if (!replacer->display)
        return false;
    add_escaped(replacer, line, length, false);
    if (!last)
        text_add(replacer->text, "\\"); /* each line of a display is a line of its own */
    return true;
}

void math_replace(struct text *text, const char *markdown, size_t length)
{
    struct replacer replacer = { text, 0, 0, false };
    for (size_t at = 0; at < length;) {
        const char *line = markdown + at, *newline = memchr(line, '\n', length - at);
        size_t width = newline ? (size_t)(newline - line) : length - at;
        if (is_fence(&replacer, line, width) || replacer.fence)
            text_add_part(text, line, width);
        else if (!replace_display(&replacer, line, width, !newline || newline[1] == '$'))
            replace_in_line(&replacer, line, width);
        if (newline)
            text_add_char(text, '\n');
        at += width + (newline != NULL);
    }
}
