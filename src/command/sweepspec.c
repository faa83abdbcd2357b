/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/sweep.h"

#define HIDDEN_MOST 1000
#define UNITS_MOST  1000000

/* What a sweep cannot hand to its runs. */
static const struct {
    const char *key, *why;
} refused[] = {
    { "like", "each run begins with the present network, drawn anew" },
    { "name", "a run is named after what tells it from the others" },
    { "log", "the runs would write over each other" },
    { "checkpoint", "the runs would write over each other" },
};

void sweep_release(struct sweep_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++)
        for (size_t k = 0; k < axes->axes[i].count; k++)
            free(axes->axes[i].items[k]);
    axes->count = 0;
}

/* ---- Reading ---- */

static struct sweep_axis *axis_new(struct sweep_axes *axes, size_t at, struct nb_error *error)
{
    if (axes->count == SWEEP_AXES_MOST) {
        error_at(error, NB_USAGE, at, "a sweep has at most %d options", SWEEP_AXES_MOST);
        return NULL;
    }
    struct sweep_axis *axis = &axes->axes[axes->count++];
    *axis = (struct sweep_axis){ .at = at };
    return axis;
}

static enum nb_status item_add(struct sweep_axis *axis, struct text *item, struct nb_error *error)
{
    if (axis->count == SWEEP_ITEMS_MOST) {
        text_release(item);
        return error_at(error, NB_USAGE, axis->at, "a list has at most %d values",
                        SWEEP_ITEMS_MOST);
    }
    axis->items[axis->count] = text_take(item);
    if (!axis->items[axis->count])
        return error_memory(error);
    axis->count++;
    return NB_OK;
}

static bool is_key(const char *source, struct lang_span word, const char *key)
{
    return strlen(key) == word.length && memcmp(source + word.at, key, word.length) == 0;
}

static enum nb_status check_key(const char *source, struct lang_span key, struct nb_error *error)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (is_key(source, key, refused[i].key))
            return error_at(error, NB_USAGE, key.at, "sweep has no option %s=: %s", refused[i].key,
                            refused[i].why);
    return NB_OK;
}

/* seeds=1..5 */
static enum nb_status read_range(const char *source, struct lang_span value,
                                 struct sweep_axis *axis, struct nb_error *error)
{
    const char *text = source + value.at;
    uint64_t first, last;
    size_t dots = 0;
    while (dots + 1 < value.length && (text[dots] != '.' || text[dots + 1] != '.'))
        dots++;
    if (dots + 2 >= value.length || !number_parse_whole(text, dots, 9007199254740992, &first) ||
        !number_parse_whole(text + dots + 2, value.length - dots - 2, 9007199254740992, &last) ||
        last < first)
        return error_at(error, NB_USAGE, value.at, "seeds= wants a range, as in seeds=1..5");
    enum nb_status status = NB_OK;
    for (uint64_t seed = first; seed <= last && !status; seed++) {
        struct text item = TEXT_INIT;
        text_printf(&item, "seed=%llu", (unsigned long long)seed);
        status = item_add(axis, &item, error);
    }
    return status;
}

/* lr=0.1,1: an item each */
static enum nb_status read_list(const char *source, struct lang_span key, struct lang_span value,
                                struct sweep_axis *axis, struct nb_error *error)
{
    struct lang_span piece;
    size_t at = value.at, end = value.at + value.length;
    enum nb_status status = NB_OK;
    while (!status && lang_next_item(source, end, &at, &piece)) {
        struct text item = TEXT_INIT;
        if (!piece.length)
            return error_at(error, NB_USAGE, value.at,
                            "a value is missing in %.*s=", (int)key.length, source + key.at);
        text_add_part(&item, source + key.at, key.length);
        text_add_char(&item, '=');
        text_add_part(&item, source + piece.at, piece.length);
        status = item_add(axis, &item, error);
    }
    return status;
}

static enum nb_status read_option(const char *source, struct lang_span word,
                                  struct sweep_axes *axes, struct nb_error *error)
{
    const char *sign = memchr(source + word.at, '=', word.length);
    struct lang_span key = { word.at, sign ? (size_t)(sign - source) - word.at : word.length };
    struct sweep_axis *axis = axis_new(axes, word.at, error);
    struct text item = TEXT_INIT;
    if (!axis)
        return NB_USAGE;
    if (!sign) { /* a flag, for train to judge */
        text_add_part(&item, source + word.at, word.length);
        return item_add(axis, &item, error);
    }
    struct lang_span value = { key.at + key.length + 1, word.length - key.length - 1 };
    enum nb_status status = check_key(source, key, error);
    if (status)
        return status;
    axis->hidden = is_key(source, key, "hidden");
    axis->seeds = is_key(source, key, "seeds");
    return axis->seeds ? read_range(source, value, axis, error)
                       : read_list(source, key, value, axis, error);
}

/* All groups are the values of one axis. */
static enum nb_status read_group(const char *source, struct lang_span word, struct sweep_axes *axes,
                                 struct nb_error *error)
{
    struct sweep_axis *axis = NULL;
    struct text item = TEXT_INIT;
    struct lang_span inner, key;
    size_t at = word.at + 1, end = word.at + word.length - 1;
    for (size_t i = 0; i < axes->count; i++)
        if (axes->axes[i].groups)
            axis = &axes->axes[i];
    if (!axis && !(axis = axis_new(axes, word.at, error)))
        return NB_USAGE;
    axis->groups = true;
    while (lang_next_word(source, end, &at, &inner)) {
        key = (struct lang_span){ inner.at, 0 };
        while (key.length < inner.length && source[key.at + key.length] != '=')
            key.length++;
        enum nb_status status = check_key(source, key, error);
        if (!status && (is_key(source, key, "hidden") || is_key(source, key, "seeds")))
            status = error_at(error, NB_USAGE, key.at, "%.*s= stands outside the groups",
                              (int)key.length, source + key.at);
        if (status) {
            text_release(&item);
            return status;
        }
        text_add(&item, item.length ? " " : "");
        text_add_part(&item, source + inner.at, inner.length);
    }
    return item_add(axis, &item, error);
}

enum nb_status sweep_parse(const char *source, struct lang_span span, struct sweep_axes *axes,
                           struct nb_error *error)
{
    struct lang_span word;
    size_t at = span.at, end = span.at + span.length;
    enum nb_status status = NB_OK;
    *axes = (struct sweep_axes){ .runs = 1 };
    while (!status && lang_next_word(source, end, &at, &word)) {
        bool group = source[word.at] == '(' && source[word.at + word.length - 1] == ')';
        status =
            group ? read_group(source, word, axes, error) : read_option(source, word, axes, error);
    }
    for (size_t i = 0; i < axes->count && !status; i++) {
        axes->runs *= axes->axes[i].count;
        if (axes->runs > SWEEP_RUNS_MOST)
            status = error_at(error, NB_USAGE, axes->axes[i].at, "a sweep is at most %d runs",
                              SWEEP_RUNS_MOST);
    }
    if (status)
        sweep_release(axes);
    return status;
}

/* ---- The runs ---- */

const char *sweep_item(const struct sweep_axes *axes, const struct sweep_axis *axis, size_t index)
{
    for (size_t i = axes->count; i-- > 0; index /= axes->axes[i].count)
        if (&axes->axes[i] == axis)
            return axis->items[index % axis->count];
    return NULL;
}

void sweep_add(const struct sweep_axes *axes, size_t index, enum sweep_words words,
               struct text *text)
{
    size_t start = text->length;
    for (size_t i = 0; i < axes->count; i++) {
        const struct sweep_axis *axis = &axes->axes[i];
        bool wanted = words == SWEEP_OPTIONS
                          ? !axis->hidden
                          : axis->count > 1 && (words == SWEEP_NAME || !axis->seeds);
        if (!wanted)
            continue;
        text_add(text, text->length > start ? " " : "");
        text_add(text, sweep_item(axes, axis, index));
    }
}

/* ---- Hidden sizes ---- */

/* Reads "4-4", "64x3" into sizes[0..*count); false where it is none. */
static bool read_sizes(const char *text, uint64_t sizes[HIDDEN_MOST], size_t *count)
{
    *count = 0;
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        uint64_t units, repeat = 1;
        if (!number_parse_whole(text, digits, UNITS_MOST, &units) || !units)
            return false;
        text += digits;
        if (*text == 'x') {
            digits = strspn(++text, "0123456789");
            if (!number_parse_whole(text, digits, HIDDEN_MOST, &repeat) || !repeat)
                return false;
            text += digits;
        }
        if (*count + repeat > HIDDEN_MOST)
            return false;
        while (repeat-- > 0)
            sizes[(*count)++] = units;
        if (!*text)
            return true;
        if (*text++ != '-')
            return false;
    }
}

enum nb_status sweep_hidden(const struct nb_spec *spec, const char *hidden, struct nb_layer **layer,
                            size_t *layers, struct nb_error *error)
{
    uint64_t sizes[HIDDEN_MOST];
    size_t count, before = spec->layers - 1;
    if (!read_sizes(hidden, sizes, &count))
        return error_set(error, NB_USAGE,
                         "hidden= wants sizes with dashes, as in hidden=4-4,10-10, or one number "
                         "for every hidden layer, not %.80s",
                         hidden);
    bool all = count == 1 && before > 1;
    *layers = (all ? before : count) + 1;
    *layer = memory_new(*layers, sizeof **layer);
    if (!*layer)
        return error_memory(error);
    struct nb_layer plain = { .activation = NB_SIGMOID };
    for (size_t i = 0; i + 1 < *layers; i++) {
        size_t like = i < before ? i : before - 1;
        (*layer)[i] = before ? spec->layer[like] : plain;
        (*layer)[i].units = (size_t)sizes[all ? 0 : i];
    }
    (*layer)[*layers - 1] = spec->layer[before];
    return NB_OK;
}
