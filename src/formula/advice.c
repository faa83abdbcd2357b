/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What to do instead of a mistake.  The remedies are one table of sentences
 * with {things} in braces, which a second table puts into this network's
 * symbols.
 */
#include "formula/advice.h"

#include <string.h>

#include "base/compiler.h"
#include "formula/build.h"
#include "formula/general.h"
#include "formula/layout.h"
#include "formula/render.h"
#include "formula/search.h"
#include "formula/words.h"

/* ---- The formula in which a mistake was made ---- */

static struct nb_quantity quantity_of(const struct nb_net *net, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    return quantity;
}

/* The operation that makes a quantity; of a parameter that which updates it; of what is given
 * the first. */
static const struct nb_op *op_making(const struct nb_net *net, size_t id)
{
    struct nb_quantity quantity = quantity_of(net, id);
    if (quantity.op != NB_NOWHERE)
        return nb_plan_op(net, quantity.op);
    for (size_t i = nb_plan_start(net, NB_UPDATE); i < nb_plan_length(net); i++) {
        const struct nb_op *op = nb_plan_op(net, i);
        if (op->kind == NB_OP_UPDATE && op->layer == quantity.layer)
            return op;
    }
    return nb_plan_op(net, 0);
}

/* The last formula before the subject's, or this, in which a mistake of every layer is made. */
static size_t nearest(const struct subject *subject, const struct cause *cause)
{
    const struct nb_net *net = subject->net;
    size_t op = quantity_of(net, subject->id).op;
    for (size_t i = op == NB_NOWHERE ? nb_plan_start(net, NB_UPDATE) : op + 1; i-- > 0;) {
        const struct nb_op *row = nb_plan_op(net, i);
        struct site site = { net, row, row->writes[0], 0, 0, NULL };
        if (mistake_is_made(cause, &site))
            return row->writes[0];
    }
    return subject->id;
}

/* In another quantity the unit of the same layer, or the first; the same row of a batch. */
static struct element element_in(const struct subject *subject, struct element asked, size_t id)
{
    const struct nb_quantity_row *rows = nb_quantity_rows();
    struct nb_quantity from = quantity_of(subject->net, subject->id);
    struct nb_quantity to = quantity_of(subject->net, id);
    struct element element = { id, 0, 0 };
    if (symbol_is_matrix(to.kind) == symbol_is_matrix(from.kind) || rows[to.kind].per_sample)
        element.row = symbol_is_matrix(from.kind) == symbol_is_matrix(to.kind) ? asked.row : 0;
    if (to.layer == from.layer)
        element.col = asked.col;
    element.row = element.row < to.rows ? element.row : 0;
    element.col = element.col < to.cols ? element.col : 0;
    return element;
}

size_t advice_index(const struct judgement *judgement, const struct finding *finding)
{
    size_t first = 0;
    while (first + 1 < judgement->count && !judgement->wrong[first])
        first++;
    return finding && finding->index != NB_NOWHERE ? finding->index : first;
}

struct advice advice_of(const struct subject *subject, const struct judgement *judgement,
                        const struct notation *notation, const struct finding *finding,
                        size_t index)
{
    struct cause cause = finding->cause[index];
    size_t id = cause.place;
    if (cause.place >= PLACE_HIDDEN)
        id = nearest(subject, &cause);
    struct element asked = search_place(subject, advice_index(judgement, finding));
    struct element element = id == subject->id ? asked : element_in(subject, asked, id);
    bool local = subject->kind == SUBJECT_LOCAL;
    if (local && id == subject->local.top.id)
        element = subject->local.top;
    struct site site = { subject->net, op_making(subject->net, id),
                         element.id,   element.row,
                         element.col,  NULL };
    bool own = cause.place == subject->id ||
               (cause.place < PLACE_HIDDEN && search_is_own(subject, cause.place));
    struct advice advice = { subject, notation, cause, site, site, own };
    if (own && subject->kind == SUBJECT_QUANTITY)
        advice.told = (struct site){ subject->net, op_making(subject->net, asked.id),
                                     asked.id,     asked.row,
                                     asked.col,    NULL };
    return advice;
}

/* ---- Pieces of formulas ---- */

static void render(const struct advice *advice, struct text *text, const struct term *term,
                   int fold, bool factor)
{
    const struct render how = { advice->notation, fold, false };
    if (term)
        (factor ? render_factor : render_term)(text, &how, term);
}

void advice_symbols(const struct advice *advice, struct text *text, const struct term *term,
                    bool factor)
{
    render(advice, text, term, RENDER_SYMBOLS, factor);
}

void advice_numbers(const struct advice *advice, struct text *text, const struct term *term,
                    bool factor)
{
    render(advice, text, term, 0, factor);
}

static void add_term(const struct advice *advice, struct text *text, struct term *term)
{
    advice_symbols(advice, text, term, false);
    term_free(&term);
}

static size_t id_of(const struct advice *advice, enum nb_quantity_kind kind)
{
    return nb_quantity_id(advice->told.net, kind, advice->told.op->layer);
}

static void add_element(const struct advice *advice, struct text *text, size_t id, size_t row,
                        size_t col)
{
    symbol_element(text, advice->notation, id, row, col);
}

static void add_words(const struct advice *advice, struct text *text, const char *words)
{
    struct text plain = TEXT_INIT; /* without the marks around formulas */
    for (const char *at = words; *at; at++)
        if (*at != '$')
            text_add_char(&plain, *at);
    symbol_words(text, advice->notation->unicode, plain.bytes);
    text_release(&plain);
}

static enum nb_activation activation_of(const struct advice *advice)
{
    return nb_net_spec(advice->told.net)->layer[advice->told.op->layer - 1].activation;
}

bool advice_has_slope(const struct advice *advice)
{
    return advice->told.op->kind == NB_OP_DELTA && activation_of(advice) != NB_LINEAR;
}

/* The formula of ∂L/∂a, which a delta is made of: w²₁₁·δ²₁ + w²₁₂·δ²₂, ŷ₁ − y₁. */
static struct term *build_backward(const struct site *site)
{
    size_t da = build_output_slope(site->net, site->op->layer);
    if (site->op->layer == nb_net_spec(site->net)->layers)
        return build_loss_gradient(site->net, site->row, site->col);
    struct site above = { site->net, op_making(site->net, da), da, site->row, site->col, NULL };
    return build_term(&above);
}

/* Between a weight and a delta no dot is needed. */
static void tighten(struct text *text, size_t from)
{
    struct text tight = TEXT_INIT;
    text_add_part(&tight, text->bytes, from);
    for (const char *at = text->bytes + from; *at;) {
        bool dot = strncmp(at, "·δ", strlen("·δ")) == 0;
        at += dot ? strlen("·") : 0;
        text_add_char(&tight, *at++);
    }
    tight.failed = tight.failed || text->failed;
    text_release(text);
    *text = tight;
}

/* ---- Things ---- */

static void thing_slope(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->told;
    add_words(advice, text, words_of_activation(site->net, site->op->layer)->sign);
    text_add(text, "'(");
    add_element(advice, text, build_before(site->net, site->op->layer), site->row, site->col);
    text_add(text, ")");
}

static void thing_slope_full(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->told;
    add_term(advice, text, build_slope(site->net, site->op->layer, site->row, site->col));
}

static void thing_slope_rule(const struct advice *advice, struct text *text)
{
    add_words(advice, text, words_of_activation(advice->told.net, advice->told.op->layer)->slope);
}

static void thing_function(const struct advice *advice, struct text *text)
{
    add_words(advice, text, words_of_activation(advice->told.net, advice->told.op->layer)->sign);
}

static void thing_name(const struct advice *advice, struct text *text)
{
    size_t count;
    text_add(text, nb_activations(&count)[activation_of(advice)].name);
}

static void thing_asked(const struct advice *advice, struct text *text)
{
    const struct subject *subject = advice->subject;
    const struct local *local = &subject->local;
    if (subject->kind == SUBJECT_LOCAL)
        symbol_partial(text, advice->notation, local->top.id, local->top.row, local->top.col,
                       local->bottom.id, local->bottom.row, local->bottom.col);
    else
        add_element(advice, text, advice->told.id, advice->told.row, advice->told.col);
}

static void thing_whole(const struct advice *advice, struct text *text)
{
    symbol_whole(text, advice->notation, advice->subject->id);
}

/* The formula of the site's element; of a delta with its da worked out. */
static void thing_formula(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->told;
    size_t from = text->length;
    bool delta = site->op->kind == NB_OP_DELTA, factor = advice_has_slope(advice);
    struct term *term = delta ? build_backward(site) : build_term(site);
    add_element(advice, text, site->id, site->row, site->col);
    add_words(advice, text, site->op->kind == NB_OP_UPDATE ? " ← " : " = ");
    advice_symbols(advice, text, term, factor);
    term_free(&term);
    if (factor) {
        add_words(advice, text, "·");
        thing_slope(advice, text);
    }
    tighten(text, from);
}

void answer_formula(struct text *text, const struct subject *subject,
                    const struct notation *notation)
{
    struct advice advice = { .subject = subject, .notation = notation };
    struct nb_quantity quantity = quantity_of(subject->net, subject->id);
    if (subject->kind == SUBJECT_LOCAL)
        return;
    if (!subject->element && quantity.op != NB_NOWHERE) {
        struct phrase formula = PHRASE_INIT;
        general_write(&formula, notation, quantity.op, subject->id);
        phrase_text(text, notation, &formula);
        phrase_release(&formula);
        return;
    }
    advice.told = (struct site){ subject->net, op_making(subject->net, subject->id),
                                 subject->id,  subject->row,
                                 subject->col, NULL };
    advice.site = advice.told;
    thing_formula(&advice, text);
}

static void thing_loss(const struct advice *advice, struct text *text)
{
    text_add(text, "L = ");
    add_words(advice, text, words_of_loss(advice->site.net)->formula);
}

static void thing_loss_slope(const struct advice *advice, struct text *text)
{
    add_words(advice, text, "∂L/∂ŷ = ");
    add_words(advice, text, words_of_loss(advice->site.net)->slope);
}

static void thing_other_loss(const struct advice *advice, struct text *text)
{
    const struct loss_words *words = words_of_any_loss(mistake_loss(advice->cause.variant));
    add_words(advice, text, words->formula);
    text_printf(text, " (%s)", words->name);
}

static void thing_before(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->told;
    add_element(advice, text, build_before(site->net, site->op->layer), site->row, site->col);
}

static void thing_after(const struct advice *advice, struct text *text)
{
    add_element(advice, text, id_of(advice, NB_A), advice->told.row, advice->told.col);
}

static void thing_bias(const struct advice *advice, struct text *text)
{
    add_element(advice, text, id_of(advice, NB_B), 0, advice->told.col);
}

static void thing_weights(const struct advice *advice, struct text *text)
{
    symbol_whole(text, advice->notation,
                 nb_quantity_id(advice->site.net, NB_W, advice->site.op->layer));
}

static void thing_input(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->site;
    size_t rows = build_rows(site->net);
    add_element(advice, text, build_below(site->net, site->op->layer), rows > 1 ? TERM_I : 0,
                site->row);
}

/* What stands for the unit that a path begins at. */
static void thing_unit(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->site;
    add_element(advice, text, build_output(site->net, site->op->layer - 1), site->row, site->col);
}

#define PATHS_NAMED 3

/* z²₂ and z²₃: the units of the next layer that were left out */
static void thing_paths(const struct advice *advice, struct text *text)
{
    const struct site *site = &advice->site;
    size_t layer = site->op->layer, units = build_units(site->net, layer);
    size_t taken = mistake_path(site, advice->cause.variant), named = 0;
    if (units - 1 > PATHS_NAMED) {
        text_printf(text, "s through the other %zu units of layer %zu", units - 1, layer);
        return;
    }
    text_add(text, units > 2 ? "s through " : " through ");
    for (size_t k = 0; k < units; k++) {
        if (k == taken)
            continue;
        text_add(text, named == 0 ? "" : named + 2 == units ? " and " : ", ");
        add_element(advice, text, nb_quantity_id(site->net, NB_Z, layer), site->row, k);
        named++;
    }
}

static void thing_rows(const struct advice *advice, struct text *text)
{
    text_printf(text, "n = %zu", build_rows(advice->site.net));
}

static void thing_outputs(const struct advice *advice, struct text *text)
{
    const struct nb_net *net = advice->site.net;
    text_printf(text, "C = %zu", build_units(net, nb_net_spec(net)->layers));
}

static void thing_decimals(const struct advice *advice, struct text *text)
{
    size_t decimals = advice->cause.variant;
    text_printf(text, "%zu decimal%s", decimals, decimals == 1 ? "" : "s");
}

/* The element that a neighbour's number belongs to. */
static void thing_neighbour(const struct advice *advice, struct text *text)
{
    const struct subject *subject = advice->subject;
    size_t cols = quantity_of(subject->net, subject->id).cols;
    struct local local = subject->local;
    if (subject->kind != SUBJECT_LOCAL) {
        add_element(advice, text, subject->id, advice->cause.variant / cols,
                    advice->cause.variant % cols);
        return;
    }
    struct nb_quantity bottom = quantity_of(subject->net, local.bottom.id);
    size_t places = bottom.rows * bottom.cols, place = advice->cause.variant % places;
    local.top.col = advice->cause.variant / places;
    symbol_partial(text, advice->notation, local.top.id, local.top.row, local.top.col,
                   local.bottom.id, place / bottom.cols, place % bottom.cols);
}

static const struct thing {
    const char *name;
    void (*add)(const struct advice *advice, struct text *text);
} things[] = {
    { "formula", thing_formula },
    { "asked", thing_asked },
    { "whole", thing_whole },
    { "slope", thing_slope },
    { "slope in full", thing_slope_full },
    { "slope rule", thing_slope_rule },
    { "f", thing_function },
    { "name", thing_name },
    { "z", thing_before },
    { "a", thing_after },
    { "b", thing_bias },
    { "w", thing_weights },
    { "input", thing_input },
    { "unit", thing_unit },
    { "paths", thing_paths },
    { "loss", thing_loss },
    { "loss slope", thing_loss_slope },
    { "other loss", thing_other_loss },
    { "n", thing_rows },
    { "C", thing_outputs },
    { "decimals", thing_decimals },
    { "neighbour", thing_neighbour },
};

static void add_thing(const struct advice *advice, struct text *text, const char *name,
                      size_t length)
{
    for (size_t i = 0; i < COUNT_OF(things); i++)
        if (strlen(things[i].name) == length && memcmp(things[i].name, name, length) == 0)
            things[i].add(advice, text);
}

void advice_say(const struct advice *advice, struct text *text, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, "{");
        struct text part = TEXT_INIT;
        text_add_part(&part, words, length);
        add_words(advice, text, part.bytes);
        text_release(&part);
        words += length;
        if (*words != '{')
            continue;
        length = strcspn(words, "}");
        add_thing(advice, text, words + 1, length - 1);
        words += length + 1;
    }
}

/* ---- Remedies ---- */

/* What a remedy is for. */
enum topic {
    ANYTHING,
    OF_LOSS,
    OF_HALF_LOSS,
    OF_LOGARITHMS, /* a loss of them */
    OF_UPDATE,
    OF_LOCAL,
    OF_SLOPE,     /* a derivative of a squared error */
    OF_HALF,      /* of half the squared error */
    OF_SQUARE,    /* of another */
    WHERE_CURVED, /* f' is written by a */
    WHERE_BROKEN, /* f' is that of relu */
    WHERE_FORWARD,
    WHERE_BACKWARD,
    WHERE_BOTH,
    WHERE_STATISTIC,
    BY_ROWS,
    BY_ROWS_OF_LOSS,
    BY_OUTPUTS_OF_MEAN, /* where the loss is a mean over them */
    BY_OUTPUTS,
    AS_TRANSPOSE,
    AS_OTHERS
};

static enum nb_quantity_kind kind_told(const struct advice *advice)
{
    return quantity_of(advice->told.net, advice->told.id).kind;
}

/* Of the loss, by what is asked. */
static bool is_about_loss(const struct advice *advice, enum topic topic)
{
    enum nb_loss loss = nb_net_spec(advice->told.net)->loss;
    enum nb_quantity_kind kind = kind_told(advice);
    bool value = kind == NB_LOSS_VALUE, slope = kind >= NB_DELTA && kind <= NB_DH;
    bool half = loss == NB_HALF_SSE, square = loss == NB_SSE || loss == NB_MSE;
    bool about[] = { [OF_LOSS] = value,
                     [OF_HALF_LOSS] = value && half,
                     [OF_LOGARITHMS] = value && !half && !square,
                     [OF_UPDATE] = false,
                     [OF_LOCAL] = false,
                     [OF_SLOPE] = slope && (half || square),
                     [OF_HALF] = slope && half,
                     [OF_SQUARE] = slope && square };
    return about[topic];
}

/* By where it was made, or by its variant. */
static bool is_made_where(const struct advice *advice, enum topic topic)
{
    enum nb_op_kind op = advice->site.op->kind;
    enum nb_activation f = activation_of(advice);
    enum nb_quantity_kind kind = kind_told(advice);
    size_t variant = advice->cause.variant;
    bool broken = f == NB_RELU || f == NB_LEAKYRELU;
    bool mean = nb_net_spec(advice->told.net)->loss == NB_MSE;
    bool slope = advice_has_slope(advice) || advice->subject->kind == SUBJECT_LOCAL;
    bool where[] = { [WHERE_CURVED] = slope && !broken,
                     [WHERE_BROKEN] = slope && broken,
                     [WHERE_FORWARD] = op == NB_OP_AFFINE,
                     [WHERE_BACKWARD] = op == NB_OP_GRAD_A,
                     [WHERE_BOTH] = variant == TRANSPOSED_BOTH,
                     [WHERE_STATISTIC] = kind == NB_MU || kind == NB_VAR,
                     [BY_ROWS] = variant == SHARED_ROWS,
                     [BY_ROWS_OF_LOSS] = variant == SHARED_ROWS && kind == NB_LOSS_VALUE,
                     [BY_OUTPUTS_OF_MEAN] = variant == SHARED_OUTPUTS && mean,
                     [BY_OUTPUTS] = variant == SHARED_OUTPUTS,
                     [AS_TRANSPOSE] = variant == NEIGHBOUR_TRANSPOSED,
                     [AS_OTHERS] = variant == NEIGHBOURS_MIXED };
    return where[topic];
}

static bool is_about(const struct advice *advice, enum topic topic)
{
    bool local = advice->subject->kind == SUBJECT_LOCAL;
    bool parameter = quantity_of(advice->told.net, advice->told.id).role == NB_PARAMETER;
    if (topic == OF_LOCAL || topic == ANYTHING)
        return local || topic == ANYTHING;
    if (topic == OF_UPDATE)
        return parameter && !local && advice->cause.variant != FACTOR_OF_ALL;
    return topic < WHERE_CURVED ? !local && is_about_loss(advice, topic)
                                : is_made_where(advice, topic);
}

/* Of each mistake the first that fits; the last fits always. */
static const struct remedy {
    enum mistake_id mistake;
    enum topic topic;
    const char *words;
} remedies[] = {
    { MISTAKE_FACTOR_2, OF_LOCAL, "take the 2 away from {asked}" },
    { MISTAKE_FACTOR_2, OF_HALF_LOSS, "put the ½ in front: {loss}" },
    { MISTAKE_FACTOR_2, OF_LOSS, "take the 2 away: {loss}" },
    { MISTAKE_FACTOR_2, OF_HALF, "take the 2 away: it cancels with the ½ of {loss}" },
    { MISTAKE_FACTOR_2, OF_SQUARE, "take a 2 away: the square gives only one, {loss slope}" },
    { MISTAKE_FACTOR_2, OF_UPDATE, "take the step once, not twice: {formula}" },
    { MISTAKE_FACTOR_2, ANYTHING, "take the 2 away: {formula}" },

    { MISTAKE_FACTOR_HALF, OF_LOCAL, "multiply {asked} by 2" },
    { MISTAKE_FACTOR_HALF, OF_LOSS, "multiply by 2: {loss}" },
    { MISTAKE_FACTOR_HALF, OF_HALF,
      "multiply by 2: that of the square takes the ½ away, {loss slope}" },
    { MISTAKE_FACTOR_HALF, OF_SQUARE, "multiply by 2: it comes from the square, {loss slope}" },
    { MISTAKE_FACTOR_HALF, OF_UPDATE, "take the whole step, not half of it: {formula}" },
    { MISTAKE_FACTOR_HALF, ANYTHING, "multiply by 2: {formula}" },

    { MISTAKE_MISSING_DERIVATIVE, WHERE_CURVED, "multiply by {slope} = {slope in full}" },
    { MISTAKE_MISSING_DERIVATIVE, WHERE_BROKEN, "multiply by {slope}: {slope rule}" },
    { MISTAKE_MISSING_DERIVATIVE, ANYTHING, "go on, from ŷ back through the {name}: {formula}" },

    { MISTAKE_WRONG_SIGN, OF_LOCAL, "turn the sign of {asked}" },
    { MISTAKE_WRONG_SIGN, OF_LOGARITHMS, "turn the sign: logarithms are negative here, {loss}" },
    { MISTAKE_WRONG_SIGN, OF_LOSS, "turn the sign: {loss}" },
    { MISTAKE_WRONG_SIGN, OF_SLOPE, "turn the sign: the difference is ŷ − y, not y − ŷ" },
    { MISTAKE_WRONG_SIGN, OF_UPDATE, "go down, not up: the step is taken off, {formula}" },
    { MISTAKE_WRONG_SIGN, ANYTHING, "turn the sign: {formula}" },

    { MISTAKE_DERIVATIVE_AT_ACTIVATION, WHERE_CURVED,
      "put {z} into {f}', not {a}: {slope} = {slope in full}" },
    { MISTAKE_DERIVATIVE_AT_ACTIVATION, ANYTHING,
      "take the derivative of the {name} at {z}, not at {a}: {formula}" },

    { MISTAKE_TRANSPOSED_WEIGHTS, OF_LOCAL, "exchange the indices of the weight" },
    { MISTAKE_TRANSPOSED_WEIGHTS, WHERE_BOTH,
      "exchange the indices of {w}, forward and back: {formula}" },
    { MISTAKE_TRANSPOSED_WEIGHTS, WHERE_FORWARD, "take the weights that lead into {z}: {formula}" },
    { MISTAKE_TRANSPOSED_WEIGHTS, WHERE_BACKWARD, "take the weights that leave {unit}: {formula}" },
    { MISTAKE_TRANSPOSED_WEIGHTS, ANYTHING, "exchange the indices of the weight: {formula}" },

    { MISTAKE_ONE_PATH, WHERE_BACKWARD, "add the path{paths}: {formula}" },
    { MISTAKE_ONE_PATH, ANYTHING, "add the paths through the other outputs: {formula}" },

    { MISTAKE_UPDATED_WEIGHTS, ANYTHING,
      "go back along {w} as it is: weights change when all gradients are done" },
    { MISTAKE_MISSING_BIAS, ANYTHING, "add {b}: {formula}" },
    { MISTAKE_MISSING_INPUT, ANYTHING, "multiply by {input}: {formula}" },

    { MISTAKE_SUM_NOT_MEAN, WHERE_STATISTIC, "divide by {n}: it is a mean over the rows" },
    { MISTAKE_SUM_NOT_MEAN, BY_ROWS, "divide by {n}: L is the mean over the rows" },
    { MISTAKE_SUM_NOT_MEAN, BY_OUTPUTS_OF_MEAN,
      "divide by {C}: {loss} is a mean over the outputs" },
    { MISTAKE_SUM_NOT_MEAN, BY_OUTPUTS, "take {C} away: {loss} has no such factor" },
    { MISTAKE_SUM_NOT_MEAN, ANYTHING, "divide by {n} and by {C}: {loss}, the mean over rows" },

    { MISTAKE_MEAN_NOT_SUM, BY_ROWS_OF_LOSS, "divide by {n} once, not twice" },
    { MISTAKE_MEAN_NOT_SUM, WHERE_STATISTIC, "divide by {n} once, not twice" },
    { MISTAKE_MEAN_NOT_SUM, BY_ROWS, "do not divide by {n} again: the 1/n of L is in every δ" },
    { MISTAKE_MEAN_NOT_SUM, BY_OUTPUTS_OF_MEAN, "divide by {C} once, not twice: {loss}" },
    { MISTAKE_MEAN_NOT_SUM, BY_OUTPUTS, "do not divide by {C}: {loss} is a sum over the outputs" },
    { MISTAKE_MEAN_NOT_SUM, ANYTHING,
      "divide by {n} and by {C} once less: {loss}, the mean over rows" },

    { MISTAKE_ROUNDED_EARLY, ANYTHING,
      "keep more than {decimals} on the way, and round only the result" },

    { MISTAKE_NEIGHBOUR, AS_TRANSPOSE,
      "exchange rows and columns: that is the transpose of {whole}" },
    { MISTAKE_NEIGHBOUR, AS_OTHERS,
      "put each number in its own place: these belong to others of {whole}" },
    { MISTAKE_NEIGHBOUR, ANYTHING, "that is {neighbour}, and {asked} was asked" },

    { MISTAKE_WRONG_LOSS, ANYTHING, "begin with {loss}: yours comes from {other loss}" },

    { MISTAKE_MISSING_REGULARIZATION, ANYTHING, "add the gradient of the penalty: {formula}" },
};

/* In which formula, where it is not the one that was asked. */
static void add_where(const struct advice *advice, const struct finding *finding, struct text *text)
{
    struct nb_quantity quantity =
        quantity_of(advice->site.net,
                    advice->cause.place < PLACE_HIDDEN ? advice->cause.place : advice->site.id);
    bool transposed = advice->cause.mistake == MISTAKE_TRANSPOSED_WEIGHTS;
    if (finding->index != NB_NOWHERE) {
        text_add(text, "in ");
        symbol_typed(text, advice->notation, advice->told.id, advice->told.row, advice->told.col);
        text_add(text, ": ");
    }
    if (finding->partly)
        text_add(text, "in the wrong ones: ");
    else if (advice->cause.place == PLACE_HIDDEN)
        text_add(text, "in every hidden layer: ");
    else if (advice->cause.place == PLACE_EVERYWHERE)
        text_add(text, transposed ? "in every square layer: " : "in every layer: ");
    else if (!advice->own)
        text_printf(text, "carried on from %s: ", quantity.name);
}

static const char *remedy_for(const struct advice *advice)
{
    size_t i = 0;
    while (remedies[i].mistake != advice->cause.mistake || !is_about(advice, remedies[i].topic))
        i++;
    return remedies[i].words;
}

void answer_line(struct sink *sink, const struct subject *subject,
                 const struct judgement *judgement, const struct finding *finding, size_t index,
                 const char *within, const struct notation *notation)
{
    struct advice advice = advice_of(subject, judgement, notation, finding, index);
    struct text text = TEXT_INIT;
    text_printf(&text, "mistake: %s", mistake_slug(advice.cause.mistake));
    symbol_words(&text, notation->unicode, " — ");
    if (within && finding->index == NB_NOWHERE)
        text_printf(&text, "in %s: ", within);
    add_where(&advice, finding, &text);
    advice_say(&advice, &text, remedy_for(&advice));
    layout_record(sink, LAYOUT_INDENT, text.bytes);
    text_release(&text);
}
