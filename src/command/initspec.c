/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How weights are drawn: fan-in, normal(0.1), uniform(-1,1). */
#include "base/number.h"
#include "command/netspec.h"
#include "command/wordspec.h"

static bool is_positive(const double numbers[2])
{
    return numbers[0] > 0;
}

static bool is_rising(const double numbers[2])
{
    return numbers[0] < numbers[1];
}

static const struct word_shape shapes[] = {
    [NB_INIT_FAN_IN] = { 0, 0, "fan-in", NULL },
    [NB_INIT_GLOROT] = { 0, 0, "glorot", NULL },
    [NB_INIT_HE] = { 0, 0, "he", NULL },
    [NB_INIT_NORMAL] = { 1, 1, "normal(0.1)", is_positive },
    [NB_INIT_UNIFORM] = { 2, 2, "uniform(-1,1)", is_rising },
    [NB_INIT_ZEROS] = { 0, 0, "zeros", NULL },
    [NB_INIT_CONSTANT] = { 1, 1, "constant(0.5)", NULL },
};
static const struct word_kind kinds = { "initializer", nb_initializers, nb_initializers, shapes };

enum nb_status init_parse(const char *source, struct lang_span span, struct nb_init *init,
                          struct nb_error *error)
{
    size_t row;
    double numbers[2] = { 0, 0 };
    enum nb_status status = word_parse(&kinds, source, span, &row, numbers, error);
    if (!status)
        *init = (struct nb_init){ (enum nb_initializer)row, numbers[0], numbers[1] };
    return status;
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
    if (shapes[init.kind].most) {
        text_add_char(text, '(');
        number_add_exact(text, init.a);
        if (shapes[init.kind].most == 2) {
            text_add_char(text, ',');
            number_add_exact(text, init.b);
        }
        text_add_char(text, ')');
    }
}
