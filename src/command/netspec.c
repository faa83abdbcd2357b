/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/netspec.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/command.h"
#include "command/wordspec.h"

#define ITEM_WORDS 8

/* A size as written, with what stands behind it. */
struct item {
    size_t units, repeat;
    struct lang_span words[ITEM_WORDS];
    size_t word_count;
};

struct reader {
    const char *source;
    size_t start, at, end;
    struct item items[NETSPEC_LAYERS_MOST + 1];
    size_t count, layers;
    struct nb_error *error;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\n\r\\", reader->source[reader->at]))
        reader->at++;
}

/* A hyphen, or one of the dashes that texts are full of. */
static size_t dash_length(const struct reader *reader)
{
    static const char *const dashes[] = { "-", "‐", "‑", "‒", "–", "—", "−" };
    for (size_t i = 0; i < COUNT_OF(dashes); i++) {
        size_t length = strlen(dashes[i]);
        if (reader->end - reader->at >= length &&
            memcmp(reader->source + reader->at, dashes[i], length) == 0)
            return length;
    }
    return 0;
}

/* "sizes are joined by dashes: net 3-2-2", from the numbers that were written. */
static enum nb_status expected_dashes(const struct reader *reader, size_t at)
{
    struct text text = TEXT_INIT;
    bool between = false;
    for (size_t i = reader->start; i < reader->end && text.length < 200; i++) {
        char c = reader->source[i];
        if (is_letter(c))
            break;
        if (is_digit(c) && between && text.length)
            text_add_char(&text, '-');
        if (is_digit(c))
            text_add_char(&text, c);
        between = !is_digit(c);
    }
    enum nb_status status =
        error_at(reader->error, NB_USAGE, at, "sizes are joined by dashes: net %s sigmoid",
                 strchr(text.bytes, '-') ? text.bytes : "3-2-2");
    text_release(&text);
    return status;
}

/* Has an activation been named before? */
static bool is_behind_word(const struct reader *reader, size_t at)
{
    for (size_t i = reader->start; i < at; i++)
        if (is_letter(reader->source[i]))
            return true;
    return false;
}

static enum nb_status read_size(struct reader *reader, size_t *size)
{
    size_t first = reader->at, last = first;
    uint64_t whole;
    while (last < reader->end && (is_digit(reader->source[last]) || reader->source[last] == '.'))
        last++;
    bool word = last == first && first < reader->end && is_letter(reader->source[first]);
    if (word && first > reader->start && strchr("- ", reader->source[first - 1]) &&
        is_behind_word(reader, first))
        return error_at(reader->error, NB_USAGE, first,
                        "expected the number of units before the activation, as in 3 - 4 relu - 2 "
                        "softmax, or two activations behind the sizes: net 3-4-2 relu softmax");
    if (last == first)
        return expected_dashes(reader, first);
    if (!number_parse_whole(reader->source + first, last - first, NETSPEC_SIZE_MOST, &whole) ||
        whole == 0)
        return error_at(reader->error, NB_USAGE, first,
                        "a size is a whole number from 1 to 1,000,000, found %.*s",
                        last - first > 40 ? 40 : (int)(last - first), reader->source + first);
    *size = (size_t)whole;
    reader->at = last;
    return NB_OK;
}

/* Is an `x` or `×` and a digit next: 64x10? */
static size_t times_length(const struct reader *reader)
{
    static const char *const times[] = { "x", "×" };
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        size_t length = strlen(times[i]);
        if (reader->end - reader->at > length &&
            memcmp(reader->source + reader->at, times[i], length) == 0 &&
            is_digit(reader->source[reader->at + length]))
            return length;
    }
    return 0;
}

/* A word with its brackets: relu, dropout(0.4), also dropout (0.4). */
static struct lang_span read_word(struct reader *reader)
{
    size_t first = reader->at, depth = 0;
    while (reader->at < reader->end) {
        char c = reader->source[reader->at];
        size_t word_end = reader->at;
        if (!depth && c == ' ')
            skip_blanks(reader);
        if (reader->at < reader->end)
            c = reader->source[reader->at];
        depth += c == '(';
        if (!depth && (word_end != reader->at || (!is_letter(c) && !is_digit(c) && c != '_'))) {
            reader->at = word_end;
            break;
        }
        depth -= c == ')';
        reader->at++;
    }
    return (struct lang_span){ first, reader->at - first };
}

static enum nb_status too_many_layers(const struct reader *reader, size_t at)
{
    return error_at(reader->error, NB_USAGE, at, "a network has at most %d layers",
                    NETSPEC_LAYERS_MOST);
}

static enum nb_status read_item(struct reader *reader)
{
    size_t at = reader->at;
    if (reader->count == COUNT_OF(reader->items))
        return too_many_layers(reader, at);
    struct item *item = &reader->items[reader->count];
    *item = (struct item){ .repeat = 1 };
    enum nb_status status = read_size(reader, &item->units);
    if (!status && times_length(reader)) {
        reader->at += times_length(reader);
        status = read_size(reader, &item->repeat);
    }
    if (status)
        return status;
    reader->layers += item->repeat;
    if (item->repeat > NETSPEC_LAYERS_MOST || reader->layers > NETSPEC_LAYERS_MOST + 1)
        return too_many_layers(reader, at);
    reader->count++;
    skip_blanks(reader);
    while (reader->at < reader->end && is_letter(reader->source[reader->at])) {
        if (item->word_count == ITEM_WORDS)
            return error_at(reader->error, NB_USAGE, reader->at, "too many words behind a size");
        item->words[item->word_count++] = read_word(reader);
        skip_blanks(reader);
    }
    return NB_OK;
}

/* Something else than a dash stands behind a size and its words. */
static enum nb_status no_dash(const struct reader *reader)
{
    if (reader->items[reader->count - 1].word_count == 0)
        return expected_dashes(reader, reader->at);
    return error_at(reader->error, NB_USAGE, reader->at,
                    "expected an option such as seed=3, or the end, found %.20s",
                    reader->source + reader->at);
}

static enum nb_status read_items(struct reader *reader)
{
    enum nb_status status;
    do {
        skip_blanks(reader);
        status = read_item(reader);
        if (status || reader->at >= reader->end)
            break;
        size_t dash = dash_length(reader);
        if (!dash)
            return no_dash(reader);
        reader->at += dash;
    } while (true);
    if (!status && reader->layers < 2)
        return error_at(reader->error, NB_USAGE, reader->start,
                        "a network has inputs and at least one layer: net 3-2-2 sigmoid");
    return status;
}

/* ---- From items to layers ---- */

static enum nb_status find_activation(const struct reader *reader, struct lang_span word,
                                      enum nb_activation *activation)
{
    size_t count;
    const struct nb_choice *rows = nb_activations(&count);
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].name) == word.length &&
            memcmp(rows[i].name, reader->source + word.at, word.length) == 0) {
            *activation = (enum nb_activation)i;
            return NB_OK;
        }
    return choice_error("activation", nb_activations, reader->source + word.at, word.length,
                        word.at, reader->error);
}

static enum nb_status add_layers(struct netspec *spec, const struct item *item, size_t repeat,
                                 enum nb_activation activation)
{
    for (size_t i = 0; i < repeat; i++)
        spec->layers[spec->count++] =
            (struct nb_layer){ .units = item->units, .activation = activation };
    return NB_OK;
}

enum modifier { MODIFIER_BATCHNORM, MODIFIER_ACTIVATION, MODIFIER_DROPOUT };

static enum modifier modifier_of(const struct reader *reader, struct lang_span word)
{
    static const char *const names[] = {
        [MODIFIER_BATCHNORM] = "batchnorm", [MODIFIER_DROPOUT] = "dropout"
    };
    const char *text = reader->source + word.at, *bracket = memchr(text, '(', word.length);
    size_t length = bracket ? (size_t)(bracket - text) : word.length;
    while (length && text[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] && strlen(names[i]) == length && memcmp(text, names[i], length) == 0)
            return (enum modifier)i;
    return MODIFIER_ACTIVATION;
}

/* Behind the last size alone, a word is meant for all layers, which only activations can. */
static enum nb_status check_short(const struct reader *reader, const struct item *last)
{
    for (size_t i = 0; i < last->word_count; i++)
        if (modifier_of(reader, last->words[i]) != MODIFIER_ACTIVATION)
            return error_at(reader->error, NB_USAGE, last->words[i].at,
                            "%.*s stands behind the size that it is for, and then each size has "
                            "an activation: net 784 - 64 batchnorm relu dropout(0.4) - 10 softmax",
                            (int)strcspn(reader->source + last->words[i].at, " ("),
                            reader->source + last->words[i].at);
    return NB_OK;
}

/* 3-2-2 [ACT [OUTPUT]] */
static enum nb_status short_form(const struct reader *reader, struct netspec *spec)
{
    const struct item *last = &reader->items[reader->count - 1];
    enum nb_activation hidden = NB_SIGMOID, output;
    enum nb_status status = check_short(reader, last);
    if (status)
        return status;
    if (last->word_count > 2)
        return error_at(reader->error, NB_USAGE, last->words[2].at,
                        "%.*s is one too many: behind the sizes stands one activation for all "
                        "layers, or two: of the hidden layers and of the output",
                        (int)last->words[2].length, reader->source + last->words[2].at);
    if (last->word_count)
        status = find_activation(reader, last->words[0], &hidden);
    output = hidden;
    if (!status && last->word_count == 2)
        status = find_activation(reader, last->words[1], &output);
    for (size_t i = 0; i < reader->count && !status; i++) {
        const struct item *item = &reader->items[i];
        status = add_layers(spec, item, i == 0 ? item->repeat - 1 : item->repeat, hidden);
    }
    if (!status)
        spec->layers[spec->count - 1].activation = output;
    if (!status && hidden == NB_SOFTMAX && (spec->count > 1 || last->word_count == 2))
        return error_at(reader->error, NB_USAGE, last->words[0].at,
                        "softmax stands in the last layer only: write sigmoid softmax, for the "
                        "hidden layers and the output");
    return status;
}

/* ---- The long form: behind each size batchnorm, activation, dropout(p) ---- */

/* The words of a size in the order in which they should stand. */
static enum nb_status wrong_order(const struct reader *reader, const struct item *item,
                                  struct lang_span word)
{
    struct text text = TEXT_INIT;
    for (enum modifier kind = MODIFIER_BATCHNORM; kind <= MODIFIER_DROPOUT; kind++)
        for (size_t i = 0; i < item->word_count; i++)
            if (modifier_of(reader, item->words[i]) == kind)
                text_printf(&text, " %.*s", (int)item->words[i].length,
                            reader->source + item->words[i].at);
    enum nb_status status =
        error_at(reader->error, NB_USAGE, word.at,
                 "the order behind a size is batchnorm, activation, dropout(p): write %zu%.200s",
                 item->units, text.bytes);
    text_release(&text);
    return status;
}

static enum nb_status read_dropout(const struct reader *reader, struct lang_span word, double *p)
{
    double numbers[2] = { 0, 0 };
    const char *bracket = memchr(reader->source + word.at, '(', word.length);
    size_t before = bracket ? (size_t)(bracket - reader->source) - word.at : word.length;
    size_t found = word_numbers(reader->source + word.at + before, word.length - before, numbers);
    if (found != 1)
        return error_at(reader->error, NB_USAGE, word.at,
                        "dropout takes the share of units that it leaves out: dropout(0.4)");
    if (!(numbers[0] >= 0 && numbers[0] < 1))
        return error_at(reader->error, NB_USAGE, word.at,
                        "dropout(p) leaves out a share p of the units, 0 <= p < 1: dropout(0.4), "
                        "found %.*s",
                        word.length > 40 ? 40 : (int)word.length, reader->source + word.at);
    *p = numbers[0];
    return NB_OK;
}

static enum nb_status read_modifier(const struct reader *reader, struct lang_span word,
                                    enum modifier kind, bool last, struct nb_layer *layer)
{
    switch (kind) {
    case MODIFIER_BATCHNORM:
        if (word.length > strlen("batchnorm"))
            return error_at(reader->error, NB_USAGE, word.at,
                            "batchnorm takes no number: write batchnorm alone");
        layer->batchnorm = true;
        return NB_OK;
    case MODIFIER_DROPOUT:
        if (last)
            return error_at(reader->error, NB_USAGE, word.at,
                            "dropout is for hidden layers: the last layer is the output, leave "
                            "it out there");
        return read_dropout(reader, word, &layer->dropout);
    default:
        break;
    }
    static const char *const modifiers[] = { "batchnorm", "dropout" };
    char name[16] = "";
    if (word.length < sizeof name)
        memcpy(name, reader->source + word.at, word.length);
    name[word.length < sizeof name ? word.length : 0] = '\0';
    const char *near = lang_nearest(name, modifiers, sizeof *modifiers, COUNT_OF(modifiers));
    if (near[0])
        return error_at(reader->error, NB_USAGE, word.at, "unknown word %s, did you mean %s?", name,
                        near);
    enum nb_status status = find_activation(reader, word, &layer->activation);
    if (!status && layer->activation == NB_SOFTMAX && !last)
        return error_at(reader->error, NB_USAGE, word.at, "softmax stands in the last layer only");
    return status;
}

/* The words behind one size; `number` is the layer's, for the message. */
static enum nb_status read_layer(const struct reader *reader, const struct item *item,
                                 size_t number, bool last, struct nb_layer *layer)
{
    bool seen[MODIFIER_DROPOUT + 1] = { false };
    enum nb_status status = NB_OK;
    *layer = (struct nb_layer){ .units = item->units };
    for (size_t i = 0; i < item->word_count && !status; i++) {
        struct lang_span word = item->words[i];
        enum modifier kind = modifier_of(reader, word);
        if (seen[kind])
            return error_at(reader->error, NB_USAGE, word.at, "%s stands behind a size",
                            kind == MODIFIER_ACTIVATION  ? "one activation"
                            : kind == MODIFIER_BATCHNORM ? "one batchnorm"
                                                         : "one dropout");
        status = read_modifier(reader, word, kind, last, layer);
        for (size_t later = kind + 1; later <= MODIFIER_DROPOUT && !status; later++)
            if (seen[later])
                status = wrong_order(reader, item, word);
        seen[kind] = true;
    }
    if (!status && !seen[MODIFIER_ACTIVATION])
        return error_at(
            reader->error, NB_USAGE, item->word_count ? item->words[0].at : reader->start,
            "layer %zu has no activation: behind every size one, or only at the end", number);
    return status;
}

static enum nb_status long_form(const struct reader *reader, struct netspec *spec)
{
    enum nb_status status = NB_OK;
    const struct item *first = &reader->items[0];
    if (first->word_count || first->repeat > 1)
        return error_at(reader->error, NB_USAGE, reader->start,
                        "the first size is the inputs, which have no activation");
    for (size_t i = 1; i < reader->count && !status; i++) {
        struct nb_layer layer;
        const struct item *item = &reader->items[i];
        status = read_layer(reader, item, i, i + 1 == reader->count, &layer);
        for (size_t repeat = 0; repeat < item->repeat && !status; repeat++)
            spec->layers[spec->count++] = layer;
    }
    return status;
}

/* Words behind a size that is not the last, or batchnorm or dropout in a single layer. */
static bool is_long(const struct reader *reader)
{
    const struct item *last = &reader->items[reader->count - 1];
    for (size_t i = 0; i + 1 < reader->count; i++)
        if (reader->items[i].word_count)
            return true;
    for (size_t i = 0; i < last->word_count; i++)
        if (reader->count == 2 && last->repeat == 1 &&
            modifier_of(reader, last->words[i]) != MODIFIER_ACTIVATION)
            return true;
    return false;
}

/* ---- What may stand next ---- */

static unsigned next_of(const struct reader *reader)
{
    const struct item *last = &reader->items[reader->count - 1];
    bool seen[MODIFIER_DROPOUT + 1] = { false }, is_only = reader->layers == 2;
    for (size_t i = 0; i < last->word_count; i++)
        seen[modifier_of(reader, last->words[i])] = true;
    if (!is_long(reader) && !is_only) /* behind the sizes: activations of all, of the output */
        return NEXT_OPTION | (last->word_count < 2 ? NEXT_ACTIVATION : 0) |
               (last->word_count == 1 ? NEXT_SOFTMAX : 0);
    if (seen[MODIFIER_DROPOUT])
        return NEXT_OPTION;
    if (seen[MODIFIER_ACTIVATION])
        return NEXT_OPTION | NEXT_DROPOUT;
    return NEXT_ACTIVATION | NEXT_SOFTMAX | (seen[MODIFIER_BATCHNORM] ? 0 : NEXT_BATCHNORM) |
           (last->word_count || is_long(reader) ? 0 : NEXT_OPTION);
}

unsigned netspec_next(const char *source, struct lang_span span)
{
    struct reader *reader = memory_new(1, sizeof *reader);
    unsigned next = 0;
    if (!reader)
        return 0;
    reader->source = source;
    reader->start = reader->at = span.at;
    reader->end = span.at + span.length;
    if (read_items(reader) == NB_OK)
        next = next_of(reader);
    free(reader);
    return next;
}

enum nb_status netspec_parse(const char *source, struct lang_span span, struct netspec *spec,
                             struct nb_error *error)
{
    struct reader *reader = memory_new(1, sizeof *reader);
    if (!reader)
        return error_memory(error);
    reader->source = source;
    reader->start = reader->at = span.at;
    reader->end = span.at + span.length;
    reader->error = error;
    spec->count = 0;
    enum nb_status status = read_items(reader);
    if (!status) {
        spec->inputs = reader->items[0].units;
        status = is_long(reader) ? long_form(reader, spec) : short_form(reader, spec);
    }
    free(reader);
    return status;
}

void netspec_add_sizes(struct text *text, const struct nb_spec *spec)
{
    text_printf(text, "%zu", spec->inputs);
    for (size_t l = 0; l < spec->layers;) {
        size_t repeat = 1;
        while (l + repeat < spec->layers && spec->layer[l + repeat].units == spec->layer[l].units)
            repeat++;
        if (repeat > 3) {
            text_printf(text, "-%zux%zu", spec->layer[l].units, repeat);
            l += repeat;
        } else {
            text_printf(text, "-%zu", spec->layer[l++].units);
        }
    }
}

bool netspec_modified(const struct nb_spec *spec)
{
    for (size_t l = 0; l < spec->layers; l++)
        if (spec->layer[l].batchnorm || spec->layer[l].dropout > 0)
            return true;
    return false;
}

static bool same_layer(const struct nb_layer *a, const struct nb_layer *b)
{
    return a->units == b->units && a->activation == b->activation && a->batchnorm == b->batchnorm &&
           a->dropout == b->dropout;
}

void netspec_add_long(struct text *text, const struct nb_spec *spec)
{
    size_t count;
    text_printf(text, "%zu", spec->inputs);
    for (size_t l = 0, repeat; l < spec->layers; l += repeat) {
        const struct nb_layer *layer = &spec->layer[l];
        for (repeat = 1; l + repeat < spec->layers && same_layer(layer, layer + repeat);)
            repeat++;
        text_printf(text, " - %zu", layer->units);
        if (repeat > 1)
            text_printf(text, "x%zu", repeat);
        text_add(text, layer->batchnorm ? " batchnorm " : " ");
        text_add(text, nb_activations(&count)[layer->activation].name);
        if (layer->dropout > 0) {
            text_add(text, " dropout(");
            number_add_exact(text, layer->dropout);
            text_add_char(text, ')');
        }
    }
}
