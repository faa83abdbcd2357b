/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/math.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "lesson/signs.h"

#define NEST_MOST 32 /* braces within braces */

/* ---- Items -------------------------------------------------------------- */

struct item {
    enum math_kind kind;
    struct text text, raised, lowered;
    bool has_raised, has_lowered;
    bool wide;    /* a name of several letters */
    size_t depth; /* brackets of its list that it is within */
};

struct list {
    struct item *items;
    size_t count, capacity;
};

static void list_release(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_release(&list->items[i].text);
        text_release(&list->items[i].raised);
        text_release(&list->items[i].lowered);
    }
    free(list->items);
    *list = (struct list){ NULL, 0, 0 };
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
        const char *form = math_script(inner->bytes + at, step, raised);
        bool comma = inner->bytes[at] == ',' && !raised;
        if (!step)
            return false;
        if (comma && !comma_is_needless(inner->length, at))
            text_add_char(text, ',');
        else if (form[0])
            text_add(text, form);
        else if (inner->bytes[at] != ' ' && !comma)
            return false;
        at += step;
    }
    return true;
}

/* True: every character had its form. */
static bool add_script(struct text *text, const struct text *inner, bool raised)
{
    size_t before = text->length;
    if (add_script_characters(text, inner, raised))
        return true;
    text_cut(text, before);
    text_printf(text, "%c(%s)", raised ? '^' : '_', inner->bytes);
    return false;
}

/* The exponent that has no form of its own stands behind the index. */
static void item_add(struct text *text, const struct item *item)
{
    struct text raised = TEXT_INIT;
    bool simple = add_script(&raised, &item->raised, true);
    text_add(text, item->text.bytes);
    if (simple)
        text_add(text, raised.bytes);
    add_script(text, &item->lowered, false);
    if (!simple)
        text_add(text, raised.bytes);
    text_release(&raised);
}

/* ---- Lists as text ------------------------------------------------------- */

/* Tells the bars that open from those that close, and what is within brackets. */
static void list_nest(struct list *list)
{
    const char *open[NEST_MOST];
    size_t depth = 0;
    enum math_kind before = MATH_NOTHING;
    for (size_t i = 0; i < list->count; i++) {
        struct item *item = &list->items[i];
        if (item->kind == MATH_BAR) {
            bool ends = before == MATH_OPERAND || before == MATH_NUMBER || before == MATH_HALF ||
                        before == MATH_FRACTION || before == MATH_ROOT || before == MATH_CLOSE;
            bool same = depth && depth <= NEST_MOST && !strcmp(open[depth - 1], item->text.bytes);
            item->kind = same && ends ? MATH_CLOSE : MATH_OPEN;
        }
        depth -= item->kind == MATH_CLOSE && depth;
        item->depth = depth;
        if (item->kind == MATH_OPEN && depth++ < NEST_MOST)
            open[depth - 1] = item->text.bytes;
        if (item->kind != MATH_BLANK)
            before = item->kind;
    }
}

/* The kind of the item `step` before or behind, blanks aside. */
static enum math_kind neighbour(const struct list *list, size_t at, bool behind)
{
    while (behind ? ++at < list->count : at-- > 0)
        if (list->items[at].kind != MATH_BLANK)
            return list->items[at].kind;
    return MATH_NOTHING;
}

static bool begins_factor(enum math_kind kind)
{
    return kind == MATH_OPERAND || kind == MATH_NUMBER || kind == MATH_WORD || kind == MATH_BIG ||
           kind == MATH_PARTIAL || kind == MATH_ROOT || kind == MATH_OPEN;
}

static bool ends_factor(enum math_kind kind)
{
    return kind == MATH_OPERAND || kind == MATH_NUMBER || kind == MATH_HALF ||
           kind == MATH_FRACTION || kind == MATH_ROOT || kind == MATH_CLOSE;
}

/* What has to stand between two items so that they are not read as something else. */
static const char *between(const struct list *list, size_t at)
{
    const struct item *item = &list->items[at];
    enum math_kind before = neighbour(list, at, false);
    bool apart = at && list->items[at - 1].kind == MATH_BLANK;
    bool wide = item->wide || (at && list->items[at - 1].wide);
    if ((item->kind == MATH_FRACTION || item->kind == MATH_HALF) && ends_factor(before))
        return "·";
    if (item->kind == MATH_NUMBER && (before == MATH_HALF || (before == MATH_NUMBER && !apart)))
        return "·";
    if (apart || before == MATH_NOTHING)
        return apart ? " " : "";
    if (before == MATH_WORD && item->kind != MATH_OPEN && begins_factor(item->kind))
        return " ";
    if (before == MATH_WORD && item->kind == MATH_HALF)
        return " ";
    if (item->kind == MATH_WORD && (ends_factor(before) || before == MATH_BIG))
        return " ";
    if ((item->kind == MATH_FRACTION || item->kind == MATH_HALF) && before == MATH_BIG)
        return " ";
    return wide && ends_factor(before) && begins_factor(item->kind) && item->kind != MATH_OPEN ? " "
                                                                                               : "";
}

static bool needs_brackets(const struct list *list, size_t at)
{
    enum math_kind before = neighbour(list, at, false), behind = neighbour(list, at, true);
    enum math_kind kind = list->items[at].kind;
    bool tied = begins_factor(behind) || behind == MATH_OPERATOR;
    if (kind == MATH_ROOT)
        return tied;
    return kind == MATH_FRACTION &&
           (tied || before == MATH_OPERATOR || before == MATH_WORD || before == MATH_PARTIAL);
}

static void list_add(struct text *text, const struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct item *item = &list->items[i];
        bool last = neighbour(list, i, true) == MATH_NOTHING;
        if (item->kind == MATH_BLANK ||
            (last && item->kind == MATH_PART && item->text.bytes[0] == '\xc2'))
            continue;
        const char *parts = between(list, i);
        bool blank = text->length && text->bytes[text->length - 1] == ' ';
        text_add(text, blank && parts[0] == ' ' ? "" : parts);
        if (!needs_brackets(list, i)) {
            item_add(text, item);
        } else if (item->kind == MATH_ROOT) {
            const char *under = item->text.bytes + strlen("√");
            text_printf(text, "√(%s)", under);
        } else {
            text_add_char(text, '(');
            item_add(text, item);
            text_add_char(text, ')');
        }
    }
}

/* What a list is outside of its own brackets. */
struct shape {
    bool sum;      /* or anything looser */
    bool quotient; /* has a / */
    bool loose;    /* what follows might be taken into it: ln x, Σ x */
    bool root;     /* likewise: √x */
    size_t factors;
};

/* Does a word have its argument in round brackets? */
static bool is_call(const struct list *list, size_t at)
{
    while (++at < list->count && list->items[at].kind == MATH_BLANK)
        continue;
    return at < list->count && !strcmp(list->items[at].text.bytes, "(");
}

static struct shape list_shape(const struct list *list)
{
    struct shape shape = { .sum = false };
    size_t open = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum math_kind kind = list->items[i].kind, before = neighbour(list, i, false);
        bool outer = kind != MATH_BLANK && !list->items[i].depth;
        shape.sum |= kind == MATH_CLOSE && !open;
        open += kind == MATH_OPEN;
        open -= kind == MATH_CLOSE && open;
        if (!outer || kind == MATH_CLOSE)
            continue;
        shape.sum |= kind == MATH_SIGN || kind == MATH_RELATION || kind == MATH_PART;
        shape.quotient |= kind == MATH_FRACTION || kind == MATH_OPERATOR;
        shape.loose |= kind == MATH_BIG || (kind == MATH_WORD && !is_call(list, i));
        shape.root |= kind == MATH_ROOT;
        shape.factors += before != MATH_PARTIAL && !(kind == MATH_OPEN && before == MATH_WORD);
    }
    shape.sum |= open > 0;
    return shape;
}

/* ---- The reader ----------------------------------------------------------- */

struct reader {
    const char *tex;
    size_t at, end;
    int depth;
    enum nb_status status; /* once it is not NB_OK reading ends */
    struct nb_error *error;
};

static void fail(struct reader *reader, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

static void fail(struct reader *reader, size_t at, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    if (!reader->status)
        reader->status = error_at(reader->error, NB_USAGE, at, "%s", text.bytes);
    reader->at = reader->end;
    text_release(&text);
}

static struct item *list_append(struct reader *reader, struct list *list, enum math_kind kind,
                                const char *bytes, size_t length)
{
    struct item *items = array_grow(list->items, list->count, &list->capacity, sizeof *items);
    if (!items) {
        if (!reader->status)
            reader->status = error_memory(reader->error);
        reader->at = reader->end;
        return NULL;
    }
    list->items = items;
    items += list->count++;
    *items = (struct item){ kind, TEXT_INIT, TEXT_INIT, TEXT_INIT, false, false, false, 0 };
    text_add_part(&items->text, bytes, length);
    return items;
}

/* Moves the items of `from`, which is empty afterwards. */
static void list_join(struct reader *reader, struct list *list, struct list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct item *item = list_append(reader, list, MATH_NOTHING, "", 0);
        if (!item)
            return;
        *item = from->items[i];
        text_init(&from->items[i].text);
        text_init(&from->items[i].raised);
        text_init(&from->items[i].lowered);
    }
    list_release(from);
}

/* A single item that a script may be set to. */
static void list_join_as_one(struct reader *reader, struct list *list, struct list *from)
{
    struct text text = TEXT_INIT;
    const struct item *only = from->count == 1 ? from->items : NULL;
    if (!from->count ||
        (only && only->kind != MATH_FRACTION && only->kind != MATH_ROOT &&
         only->kind != MATH_HALF && !only->raised.length && !only->lowered.length)) {
        list_join(reader, list, from);
        if (!from->count && !list->count)
            list_append(reader, list, MATH_OPERAND, "", 0);
        return;
    }
    list_nest(from);
    text_add_char(&text, '(');
    list_add(&text, from);
    text_add_char(&text, ')');
    list_append(reader, list, MATH_OPERAND, text.bytes, text.length);
    text_release(&text);
    list_release(from);
}

static void read_item(struct reader *reader, struct list *list);

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && reader->tex[reader->at] == ' ')
        reader->at++;
}

/* What is within the braces that begin here. */
static void read_braces(struct reader *reader, struct list *list)
{
    size_t begins = reader->at++;
    if (reader->depth++ == NEST_MOST)
        fail(reader, begins, "braces within braces, deeper than %d", NEST_MOST);
    while (reader->at < reader->end && reader->tex[reader->at] != '}')
        read_item(reader, list);
    if (reader->at >= reader->end)
        fail(reader, begins, "{ without }");
    reader->at += reader->at < reader->end;
    reader->depth--;
}

/* {...} without its braces, or one item, into an empty list. */
static void read_argument(struct reader *reader, struct list *list)
{
    skip_blanks(reader);
    char c = reader->at < reader->end ? reader->tex[reader->at] : '}';
    if (c == '{')
        read_braces(reader, list);
    else if (is_digit(c))
        list_append(reader, list, MATH_NUMBER, reader->tex + reader->at++, 1);
    else if (c == '}' || c == '^' || c == '_')
        fail(reader, reader->at, "something in braces is missing here");
    else
        read_item(reader, list);
    if (!list->count && !reader->status && c != '{')
        fail(reader, reader->at, "something in braces is missing here");
}

static void read_flat_argument(struct reader *reader, struct text *text)
{
    struct list list = { NULL, 0, 0 };
    read_argument(reader, &list);
    list_nest(&list);
    list_add(text, &list);
    list_release(&list);
}

/* The item that a script at `at` belongs to; what has to have brackets gets them. */
static struct item *find_base(struct reader *reader, struct list *list, size_t at)
{
    while (list->count && list->items[list->count - 1].kind == MATH_BLANK)
        text_release(&list->items[--list->count].text);
    struct item *base = list->count ? &list->items[list->count - 1] : NULL;
    if (!base) {
        fail(reader, at, "nothing stands before %c", reader->tex[at]);
        return NULL;
    }
    if (base->kind != MATH_FRACTION && base->kind != MATH_ROOT && base->kind != MATH_HALF)
        return base;
    struct text text = TEXT_INIT;
    text_printf(&text, "(%s)", base->text.bytes);
    text_release(&base->text);
    base->text = text;
    base->kind = MATH_OPERAND;
    return base;
}

static void read_script(struct reader *reader, struct list *list, bool raised)
{
    size_t at = reader->at - 1;
    struct item *base = find_base(reader, list, at);
    if (!base)
        return;
    bool *has = raised ? &base->has_raised : &base->has_lowered;
    if (*has)
        fail(reader, at, "a second %c: set braces", reader->tex[at]);
    else
        read_flat_argument(reader, raised ? &base->raised : &base->lowered);
    *has = true;
}

static void read_prime(struct reader *reader, struct list *list)
{
    struct item *base = find_base(reader, list, reader->at - 1);
    if (base)
        text_add_char(&base->raised, '\'');
}

/* ---- Commands ---------------------------------------------------------------- */

struct command {
    const char *name;
    void (*read)(struct reader *reader, struct list *list, const struct command *command);
    const char *mark;
};

static bool is_number(const struct list *list, const char *digits)
{
    return list->count == 1 && list->items[0].kind == MATH_NUMBER &&
           !list->items[0].raised.length && !strcmp(list->items[0].text.bytes, digits);
}

static bool begins_with_d(const struct list *list)
{
    return list->count && list->items[0].kind == MATH_OPERAND &&
           !strcmp(list->items[0].text.bytes, "d");
}

static void add_operand(struct text *text, struct list *list, bool brackets)
{
    text_add(text, brackets ? "(" : "");
    list_add(text, list);
    text_add(text, brackets ? ")" : "");
}

static void read_fraction(struct reader *reader, struct list *list, const struct command *command)
{
    struct list top = { NULL, 0, 0 }, bottom = { NULL, 0, 0 };
    struct text text = TEXT_INIT;
    size_t at = reader->at;
    (void)command;
    read_argument(reader, &top);
    read_argument(reader, &bottom);
    list_nest(&top);
    list_nest(&bottom);
    struct shape above = list_shape(&top), below = list_shape(&bottom);
    bool derivative = begins_with_d(&top) && begins_with_d(&bottom) && bottom.count == 2;
    if (!reader->status && (!above.factors || !below.factors))
        fail(reader, at, "a fraction of nothing: write \\frac{a}{b}");
    if (is_number(&top, "1") && is_number(&bottom, "2")) {
        list_append(reader, list, MATH_HALF, "½", strlen("½"));
    } else {
        add_operand(&text, &top, above.sum || above.quotient || above.loose || above.root);
        text_add_char(&text, '/');
        add_operand(&text, &bottom,
                    below.sum || below.quotient || below.loose ||
                        (below.factors > 1 && !derivative));
        list_append(reader, list, MATH_FRACTION, text.bytes, text.length);
    }
    list_release(&top);
    list_release(&bottom);
    text_release(&text);
}

static void read_root(struct reader *reader, struct list *list, const struct command *command)
{
    struct list inner = { NULL, 0, 0 };
    struct text text = TEXT_INIT;
    (void)command;
    skip_blanks(reader);
    if (reader->at < reader->end && reader->tex[reader->at] == '[')
        fail(reader, reader->at, "only square roots are known: write {x}^{1/3}");
    read_argument(reader, &inner);
    const struct item *only = inner.count == 1 ? inner.items : NULL;
    bool simple =
        only && (only->kind == MATH_OPERAND || only->kind == MATH_NUMBER) && !only->raised.length;
    list_nest(&inner);
    text_add(&text, "√");
    add_operand(&text, &inner, !simple);
    list_append(reader, list, simple ? MATH_ROOT : MATH_OPERAND, text.bytes, text.length);
    list_release(&inner);
    text_release(&text);
}

/* A mark over one letter, whose scripts stay. */
static void read_accent(struct reader *reader, struct list *list, const struct command *command)
{
    struct list inner = { NULL, 0, 0 };
    size_t at = reader->at;
    read_argument(reader, &inner);
    struct item *only = inner.count == 1 ? inner.items : NULL;
    if (!reader->status && (!only || utf8_width(only->text.bytes, only->text.length) != 1))
        fail(reader, at, "\\%s goes over one letter", command->name);
    if (only && !strcmp(command->name, "hat") && !strcmp(only->text.bytes, "y")) {
        text_clear(&only->text);
        text_add(&only->text, "ŷ");
    } else if (only) {
        text_add(&only->text, command->mark);
    }
    list_join(reader, list, &inner);
}

/* Letters in another type: several of them are one name. */
static void read_wrapper(struct reader *reader, struct list *list, const struct command *command)
{
    struct list inner = { NULL, 0, 0 };
    struct text name = TEXT_INIT;
    (void)command;
    read_argument(reader, &inner);
    bool letters = inner.count > 1;
    for (size_t i = 0; i < inner.count; i++) {
        const struct item *item = &inner.items[i];
        letters &= item->kind == MATH_OPERAND && !item->raised.length && !item->lowered.length;
        text_add(&name, item->text.bytes);
    }
    struct item *item =
        letters ? list_append(reader, list, MATH_OPERAND, name.bytes, name.length) : NULL;
    if (item)
        item->wide = true;
    else if (!letters)
        list_join(reader, list, &inner);
    list_release(&inner);
    text_release(&name);
}

/* Words as they stand. */
static void read_words(struct reader *reader, struct list *list, const struct command *command)
{
    skip_blanks(reader);
    size_t begins = reader->at + 1, length = 0;
    if (reader->at >= reader->end || reader->tex[reader->at] != '{') {
        fail(reader, reader->at, "\\%s is followed by {", command->name);
        return;
    }
    while (begins + length < reader->end && !strchr("{}", reader->tex[begins + length]))
        length++;
    if (begins + length >= reader->end || reader->tex[begins + length] != '}') {
        fail(reader, reader->at, "{ without }");
        return;
    }
    reader->at = begins + length + 1;
    bool blank = memchr(reader->tex + begins, ' ', length) != NULL;
    enum math_kind kind = blank                            ? MATH_PART
                          : !strcmp(command->name, "text") ? MATH_OPERAND
                                                           : MATH_WORD;
    struct item *item = list_append(reader, list, kind, reader->tex + begins, length);
    if (item)
        item->wide = length > 1;
}

/* The sizes of brackets, and \left. for none. */
static void read_size(struct reader *reader, struct list *list, const struct command *command)
{
    (void)list;
    skip_blanks(reader);
    bool pairs = !strcmp(command->name, "left") || !strcmp(command->name, "right");
    reader->at += pairs && reader->at < reader->end && reader->tex[reader->at] == '.';
}

static const struct command commands[] = {
    { "frac", read_fraction, "" },      { "tfrac", read_fraction, "" },
    { "dfrac", read_fraction, "" },     { "sqrt", read_root, "" },
    { "hat", read_accent, "\u0302" },   { "bar", read_accent, "\u0304" },
    { "tilde", read_accent, "\u0303" }, { "mathbf", read_wrapper, "" },
    { "mathrm", read_wrapper, "" },     { "mathit", read_wrapper, "" },
    { "mathcal", read_wrapper, "" },    { "boldsymbol", read_wrapper, "" },
    { "text", read_words, "" },         { "operatorname", read_words, "" },
    { "left", read_size, "" },          { "right", read_size, "" },
    { "big", read_size, "" },           { "Big", read_size, "" },
    { "displaystyle", read_size, "" },
};

static const struct command *command_find(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strlen(commands[i].name) == length && !memcmp(commands[i].name, name, length))
            return &commands[i];
    return NULL;
}

/* Skips the blank that only ends a command's name. */
static void skip_blank(struct reader *reader, const struct list *list, enum math_kind kind)
{
    char next = reader->at + 1 < reader->end ? reader->tex[reader->at + 1] : ' ';
    bool goes = kind == MATH_OPERAND || kind == MATH_BIG || kind == MATH_PARTIAL;
    bool even = !list->count || list->items[list->count - 1].kind != MATH_BLANK;
    bool operates =
        kind == MATH_SIGN || kind == MATH_TIMES || kind == MATH_OPERATOR || kind == MATH_RELATION;
    if ((goes && !strchr("+-=<>/", next)) || (even && operates) || kind == MATH_PART)
        reader->at += reader->at < reader->end && reader->tex[reader->at] == ' ';
}

/* What is behind the backslash. */
static void read_command(struct reader *reader, struct list *list)
{
    const char *name = reader->tex + reader->at;
    size_t begins = reader->at - 1, length = 0;
    while (reader->at + length < reader->end && isalpha((unsigned char)name[length]))
        length++;
    bool letters = length > 0;
    length += !letters && reader->at < reader->end;
    reader->at += length;
    const struct math_sign *symbol = math_symbol(name, length);
    const struct command *command = command_find(name, length);
    if (symbol && symbol->unicode[0]) {
        if (letters)
            skip_blank(reader, list, symbol->kind);
        list_append(reader, list, symbol->kind, symbol->unicode, strlen(symbol->unicode));
    } else if (command) {
        command->read(reader, list, command);
    } else if (!symbol) {
        fail(reader, begins, "unknown command \\%.*s%s", (int)(length < 40 ? length : 40), name,
             length == 1 && *name == '\\' ? ": begin another line of the lesson" : "");
    }
}

/* A group of braces shows nothing of them, but where a script is set to it. */
static void read_group(struct reader *reader, struct list *list)
{
    struct list inner = { NULL, 0, 0 };
    read_braces(reader, &inner);
    char next = reader->at < reader->end ? reader->tex[reader->at] : ' ';
    if (next == '^' || next == '_' || next == '\'')
        list_join_as_one(reader, list, &inner);
    else
        list_join(reader, list, &inner);
    list_release(&inner);
}

static void read_number(struct reader *reader, struct list *list)
{
    size_t begins = --reader->at;
    while (reader->at < reader->end &&
           (is_digit(reader->tex[reader->at]) ||
            (reader->tex[reader->at] == '.' && reader->at + 1 < reader->end &&
             is_digit(reader->tex[reader->at + 1]))))
        reader->at++;
    list_append(reader, list, MATH_NUMBER, reader->tex + begins, reader->at - begins);
}

static void read_character(struct reader *reader, struct list *list)
{
    const char *bytes = reader->tex + --reader->at;
    unsigned codepoint;
    size_t step = utf8_decode(bytes, reader->end - reader->at, &codepoint);
    step += !step;
    const struct math_sign *row = math_character(bytes, step);
    if (strchr("&#%", *bytes))
        fail(reader, reader->at, "%c means nothing here: write \\%c", *bytes, *bytes);
    else if (*bytes == '`')
        fail(reader, reader->at, "code within $...$ is no mathematics: end it with $ before");
    else if (row)
        list_append(reader, list, row->kind, row->unicode, strlen(row->unicode));
    else
        list_append(reader, list, MATH_OPERAND, bytes, step);
    reader->at += reader->at < reader->end ? step : 0;
}

static void read_item(struct reader *reader, struct list *list)
{
    char c = reader->tex[reader->at++];
    if (c == '\\')
        read_command(reader, list);
    else if (c == '^' || c == '_')
        read_script(reader, list, c == '^');
    else if (c == '\'')
        read_prime(reader, list);
    else if (c == '{') {
        reader->at--;
        read_group(reader, list);
    } else if (c == '}')
        fail(reader, reader->at - 1, "} without {");
    else if (is_digit(c))
        read_number(reader, list);
    else
        read_character(reader, list);
}

enum nb_status math_add(struct text *text, const char *tex, size_t length, struct nb_error *error)
{
    struct reader reader = { tex, 0, length, 0, NB_OK, error };
    struct list list = { NULL, 0, 0 };
    while (reader.at < reader.end)
        read_item(&reader, &list);
    if (reader.status) {
        text_add_part(text, tex, length);
    } else {
        list_nest(&list);
        list_add(text, &list);
    }
    list_release(&list);
    return reader.status;
}
