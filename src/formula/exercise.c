/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole iteration, worked out as a file: network, given numbers, every operation,
 * the chain rule of a weight of the first and of the last layer, new weights. */
#include "formula/build.h"
#include "formula/formula.h"
#include "formula/values.h"
#include "formula/words.h"

#define EXERCISE_COLUMNS 80

/* One writing of an exercise. */
struct exercise {
    struct nb_net *net; /* a copy, on its way through the plan */
    struct formula_style style;
    struct text body;
    struct sink sink; /* into it */
};

static enum nb_status finish(struct exercise *exercise, struct document *document,
                             struct nb_error *error)
{
    enum nb_status status = document_finish(document, &exercise->sink, error);
    document_release(document);
    return status;
}

static void begin(struct exercise *exercise, struct document *document, const char *chapter)
{
    document_init(document, exercise->net, &exercise->style, &exercise->sink);
    if (chapter)
        phrase_words(&document_add(document, BLOCK_CHAPTER)->first, chapter);
}

/* ---- The network ---- */

static void add_layer_row(const struct nb_net *net, struct grid *grid, size_t layer)
{
    const struct nb_layer *row = &nb_net_spec(net)->layer[layer - 1];
    size_t count, below = build_units(net, layer - 1);
    phrase_printf(grid_at(grid, layer, 0), "%zu", layer);
    phrase_printf(grid_at(grid, layer, 1), "%zu", row->units);
    phrase_words(grid_at(grid, layer, 2), nb_activations(&count)[row->activation].name);
    phrase_printf(grid_at(grid, layer, 3), "$%zu×%zu$", below, row->units);
    phrase_printf(grid_at(grid, layer, 4), "%zu", row->units);
    if (row->batchnorm)
        phrase_words(grid_at(grid, layer, 5), row->dropout > 0 ? "batch norm, " : "batch norm");
    if (row->dropout > 0) {
        phrase_words(grid_at(grid, layer, 5), "dropout $p = $");
        phrase_number(grid_at(grid, layer, 5), row->dropout);
    }
}

static bool has_features(const struct nb_spec *spec)
{
    for (size_t l = 0; l < spec->layers; l++)
        if (spec->layer[l].batchnorm || spec->layer[l].dropout > 0)
            return true;
    return false;
}

static void add_layers(struct document *document)
{
    static const char *const heads[] = { "layer",   "units",  "activation",
                                         "weights", "biases", "besides" };
    const struct nb_net *net = document->notation.net;
    const struct nb_spec *spec = nb_net_spec(net);
    size_t cols = COUNT_OF(heads) - !has_features(spec);
    struct grid *grid;
    if (!document_grid(document, spec->layers + 1, cols, &grid))
        return;
    grid->heads = true;
    for (size_t c = 0; c < cols; c++)
        phrase_words(grid_at(grid, 0, c), heads[c]);
    for (size_t l = 1; l <= spec->layers; l++)
        add_layer_row(net, grid, l);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static enum nb_status write_network(struct exercise *exercise, struct nb_error *error)
{
    const struct nb_net *net = exercise->net;
    const struct nb_spec *spec = nb_net_spec(net);
    struct document document;
    struct phrase words = PHRASE_INIT;
    size_t rows = build_rows(net);
    begin(exercise, &document, "The network");
    phrase_printf(&words, "%zu input%s, %zu layer%s, %zu parameters. The loss is %s", spec->inputs,
                  plural(spec->inputs), spec->layers, plural(spec->layers), nb_net_parameters(net),
                  words_of_loss(net)->name);
    if (rows > 1)
        phrase_printf(&words, ", the mean over %zu samples", rows);
    phrase_words(&words, ".");
    document_phrase(&document, BLOCK_SENTENCE, &words);
    add_layers(&document);
    return finish(exercise, &document, error);
}

/* ---- Matrices ---- */

static const enum nb_quantity_kind parameters[] = { NB_W, NB_B, NB_GAMMA, NB_BETA };

static void add_parameters(struct document *document)
{
    const struct nb_net *net = document->notation.net;
    for (size_t l = 1; l <= nb_net_spec(net)->layers; l++)
        for (size_t i = 0; i < COUNT_OF(parameters); i++) {
            size_t id = nb_quantity_id(net, parameters[i], l);
            if (id != NB_NOWHERE)
                values_add_quantity(document, id);
        }
}

static enum nb_status write_given(struct exercise *exercise, struct nb_error *error)
{
    const struct nb_net *net = exercise->net;
    struct document document;
    begin(exercise, &document, "Given");
    values_add_quantity(&document, nb_quantity_id(net, NB_X, 0));
    values_add_quantity(&document, nb_quantity_id(net, NB_Y, 0));
    add_parameters(&document);
    return finish(exercise, &document, error);
}

static enum nb_status write_outcome(struct exercise *exercise, struct nb_error *error)
{
    struct document document;
    begin(exercise, &document, "After the update");
    add_parameters(&document);
    return finish(exercise, &document, error);
}

/* ---- Operations ---- */

static enum nb_status write_op(struct exercise *exercise, struct nb_error *error)
{
    struct formula_page *page = NULL;
    enum nb_status status = formula_page_new(exercise->net, nb_cursor(exercise->net), &page, error);
    if (!status)
        status = nb_exec(exercise->net, 1, error);
    if (!status)
        formula_page_print(page, exercise->net, true, &exercise->style, &exercise->sink);
    formula_page_free(&page);
    return status;
}

static enum nb_status write_chapter(struct exercise *exercise, const char *title,
                                    struct nb_error *error)
{
    struct document document;
    begin(exercise, &document, title);
    return finish(exercise, &document, error);
}

static enum nb_status write_phase(struct exercise *exercise, enum nb_phase phase, const char *title,
                                  struct nb_error *error)
{
    enum nb_status status = write_chapter(exercise, title, error);
    size_t op = nb_cursor(exercise->net), length = nb_plan_length(exercise->net);
    for (; !status && op < length && nb_plan_op(exercise->net, op)->phase == phase; op++)
        status = write_op(exercise, error);
    return status;
}

/* ---- The chain rule ---- */

static enum nb_status explain_weight(struct exercise *exercise, size_t layer,
                                     struct nb_error *error)
{
    struct formula_request request = { .id = nb_quantity_id(exercise->net, NB_DW, layer),
                                       .element = true };
    return formula_explain(exercise->net, &request, &exercise->style, &exercise->sink, error);
}

static enum nb_status write_chains(struct exercise *exercise, struct nb_error *error)
{
    size_t layers = nb_net_spec(exercise->net)->layers;
    enum nb_status status = write_chapter(exercise, "The chain rule", error);
    if (!status)
        status = explain_weight(exercise, 1, error);
    if (!status && layers > 1)
        status = explain_weight(exercise, layers, error);
    return status;
}

/* ---- All ---- */

static enum nb_status write_all(struct exercise *exercise, const char *title,
                                struct nb_error *error)
{
    struct document document;
    begin(exercise, &document, NULL);
    phrase_words(&document_add(&document, BLOCK_NAME)->first, title);
    document_sentence(&document, "One iteration of backpropagation, worked out.");
    enum nb_status status = finish(exercise, &document, error);
    if (!status)
        status = write_network(exercise, error);
    if (!status)
        status = write_given(exercise, error);
    if (!status)
        status = write_phase(exercise, NB_FORWARD, "Forward pass", error);
    if (!status)
        status = write_phase(exercise, NB_BACKWARD, "Backward pass", error);
    if (!status)
        status = write_chains(exercise, error);
    if (!status)
        status = write_phase(exercise, NB_UPDATE, "Update", error);
    return status ? status : write_outcome(exercise, error);
}

enum nb_status formula_exercise(const struct nb_net *net, const struct formula_style *style,
                                struct text *file, struct nb_error *error)
{
    struct exercise exercise = { .style = *style, .body = TEXT_INIT };
    struct text title = TEXT_INIT;
    exercise.sink = sink_to_text(&exercise.body, true, EXERCISE_COLUMNS);
    enum nb_status status = nb_net_clone(net, NB_AUTO, &exercise.net, error);
    if (!status) {
        nb_seek(exercise.net, 0);
        formula_net_title(net, &title);
        status = write_all(&exercise, title.bytes, error);
    }
    if (!status) {
        formula_begin_file(file, style->medium, title.bytes);
        text_add(file, exercise.body.bytes);
        formula_end_file(file, style->medium);
        file->failed = file->failed || exercise.body.failed;
    }
    nb_net_free(&exercise.net);
    text_release(&exercise.body);
    text_release(&title);
    return status ? status : text_status(file, error);
}
