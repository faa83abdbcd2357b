/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How weights are drawn: fan-in, normal(0.1), uniform(-1,1). */
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/command.h"
#include "command/netspec.h"

/* The numbers that an initialiser takes, and how it is written with them. */
static const struct {
    size_t numbers;
    const char *example;
} shapes[] = {
    [NB_INIT_FAN_IN] = { 0, "fan-in" },
    [NB_INIT_GLOROT] = { 0, "glorot" },
    [NB_INIT_HE] = { 0, "he" },
    [NB_INIT_NORMAL] = { 1, "normal(0.1)" },
    [NB_INIT_UNIFORM] = { 2, "uniform(-1,1)" },
    [NB_INIT_ZEROS] = { 0, "zeros" },
    [NB_INIT_CONSTANT] = { 1, "constant(0.5)" },
};

size_t spec_numbers(const char *text, size_t length, double numbers[2])
{
    size_t count = 0;
    if (length == 0)
        return 0;
    if (length < 2 || text[0] != '(' || text[length - 1] != ')')
        return SIZE_MAX;
    const char *at = text + 1, *end = text + length - 1;
    while (count < 2) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        while (at < stop && *at == ' ')
            at++;
        size_t size = (size_t)(stop - at);
        while (size && at[size - 1] == ' ')
            size--;
        if (!number_parse(at, size, &numbers[count++]))
            return SIZE_MAX;
        if (!comma)
            return count;
        at = comma + 1;
    }
    return SIZE_MAX;
}

static bool numbers_valid(enum nb_initializer kind, const double numbers[2])
{
    return (kind != NB_INIT_NORMAL || numbers[0] > 0) &&
           (kind != NB_INIT_UNIFORM || numbers[0] < numbers[1]);
}

enum nb_status init_parse(const char *source, struct lang_span span, struct nb_init *init,
                          struct nb_error *error)
{
    const char *word = source + span.at, *bracket = memchr(word, '(', span.length);
    size_t length = bracket ? (size_t)(bracket - word) : span.length, count;
    const struct nb_choice *rows = nb_initializers(&count);
    double numbers[2] = { 0, 0 };
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) != length || memcmp(rows[i].name, word, length) != 0)
            continue;
        size_t found = spec_numbers(word + length, span.length - length, numbers);
        if (found != shapes[i].numbers || !numbers_valid((enum nb_initializer)i, numbers))
            return error_at(error, NB_USAGE, span.at, "write %s; %s is %s", shapes[i].example,
                            rows[i].name, rows[i].summary);
        *init = (struct nb_init){ (enum nb_initializer)i, numbers[0], numbers[1] };
        return NB_OK;
    }
    return choice_error("initializer", nb_initializers, word, length, span.at, error);
}

/* The default goes by what stands behind the weights. */
static void add_default(struct text *text, const struct nb_spec *spec)
{
    size_t he = 0;
    for (size_t l = 0; l < spec->layers; l++)
        he += spec->layer[l].activation == NB_RELU || spec->layer[l].activation == NB_LEAKYRELU;
    text_add(text, he == spec->layers ? "he" : he ? "he and fan-in" : "fan-in");
}

void init_add(struct text *text, const struct nb_spec *spec, struct nb_init init)
{
    size_t count;
    if (init.kind == NB_INIT_DEFAULT) {
        add_default(text, spec);
        return;
    }
    text_add(text, nb_initializers(&count)[init.kind].name);
    if (shapes[init.kind].numbers) {
        text_add_char(text, '(');
        number_add_exact(text, init.a);
        if (shapes[init.kind].numbers == 2) {
            text_add_char(text, ',');
            number_add_exact(text, init.b);
        }
        text_add_char(text, ')');
    }
}
