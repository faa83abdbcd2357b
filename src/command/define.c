/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net, init, and the rows of the group. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/assign.h"
#include "command/define.h"
#include "command/display.h"
#include "command/history.h"
#include "command/inform.h"
#include "command/names.h"
#include "command/netspec.h"
#include "command/settings.h"
#include "command/wrap.h"

/* ---- net ---- */

static const char *choice_name(const struct nb_choice *(*choices)(size_t *count), size_t index)
{
    size_t count;
    return choices(&count)[index].name;
}

/* "sigmoid", or "lecun softmax" where the output differs; "mixed" otherwise. */
static void add_activations(struct text *text, const struct nb_spec *spec)
{
    enum nb_activation first = spec->layer[0].activation;
    size_t last = spec->layers - 1;
    for (size_t l = 1; l < last; l++)
        if (spec->layer[l].activation != first) {
            text_add(text, "mixed");
            return;
        }
    text_add(text, choice_name(nb_activations, first));
    if (spec->layer[last].activation != first)
        text_printf(text, " %s", choice_name(nb_activations, spec->layer[last].activation));
}

/* "3-2-2 sigmoid · loss half-sse · 14 parameters · double · fan-in, seed 1" */
static void print_headline(struct sink *sink, const struct nb_net *net)
{
    struct text items = TEXT_INIT, text = TEXT_INIT;
    const struct nb_spec *spec = nb_net_spec(net);
    const char *dot = sink->unicode ? " · " : ", ";
    if (netspec_modified(spec)) {
        netspec_add_long(&text, spec);
        text_add(&text, "\n");
        wrap_print(sink, &text);
        text_clear(&text);
    } else {
        netspec_add_sizes(&items, spec);
        text_add_char(&items, ' ');
        add_activations(&items, spec);
        text_add(&items, dot);
    }
    text_printf(&items, "loss %s%s", choice_name(nb_losses, spec->loss), dot);
    display_count(&items, nb_net_parameters(net));
    text_printf(&items, " parameters%s%s%s", dot, choice_name(nb_precisions, spec->precision), dot);
    init_add(&items, spec, spec->init);
    text_printf(&items, " weights, seed %llu", (unsigned long long)spec->seed);
    text_wrap_items(&text, items.bytes, dot, (size_t)sink->width);
    wrap_print(sink, &text);
    text_release(&items);
    text_release(&text);
}

/* A line each for batch norm and dropout, below their layer. */
static void add_modifiers(struct text *text, const struct nb_layer *layer, size_t number)
{
    struct text cell = TEXT_INIT;
    if (layer->batchnorm) {
        text_printf(&cell, "gamma%zu %zu", number, layer->units);
        text_pad(&cell, 17);
        text_printf(&cell, " beta%zu %zu", number, layer->units);
        text_pad(&cell, 30);
        text_printf(text, "%20s%-10s  %s", "", "batchnorm", cell.bytes);
        text_clear(&cell);
        display_count(&cell, 2 * layer->units);
        text_printf(text, "%14s\n", cell.bytes);
        text_clear(&cell);
    }
    if (layer->dropout > 0) {
        number_add(&cell, layer->dropout, 6);
        text_printf(text, "%20s%-10s  %s of the units are left out\n", "", "dropout", cell.bytes);
    }
    text_release(&cell);
}

static void add_layer(struct text *text, const struct nb_spec *spec, size_t l, const char *times)
{
    size_t from = l ? spec->layer[l - 1].units : spec->inputs, to = spec->layer[l].units;
    struct text cell = TEXT_INIT;
    text_printf(text, "  %5zu  ", l + 1);
    display_count(&cell, to);
    text_printf(text, "%9s  %-10s  ", cell.bytes,
                choice_name(nb_activations, spec->layer[l].activation));
    text_clear(&cell);
    text_printf(&cell, "w%zu %zu%s%zu", l + 1, from, times, to);
    text_pad(&cell, 17);
    text_printf(&cell, " b%zu %zu", l + 1, to);
    text_pad(&cell, 30);
    text_add(text, cell.bytes);
    text_clear(&cell);
    display_count(&cell, (from + 1) * to);
    text_printf(text, "%14s\n", cell.bytes);
    text_release(&cell);
    add_modifiers(text, &spec->layer[l], l + 1);
}

static void print_summary(struct session *session)
{
    const struct nb_spec *spec = nb_net_spec(session->net);
    const char *times = session->out->unicode ? "×" : "x";
    struct text text = TEXT_INIT, total = TEXT_INIT;
    print_headline(session->out, session->net);
    text_add(&text, "\n  layer      units  activation  weights and biases                 "
                    "parameters\n");
    display_count(&total, spec->inputs);
    text_printf(&text, "      x  %9s\n", total.bytes);
    for (size_t l = 0; l < spec->layers; l++)
        add_layer(&text, spec, l, times);
    text_clear(&total);
    display_count(&total, nb_net_parameters(session->net));
    text_printf(&text, "    all%69s\n", total.bytes);
    sink_text(session->out, &text);
    text_release(&text);
    text_release(&total);
}

/* Hands rows that were given before on to the new network, where they fit. */
static enum nb_status keep_rows(struct session *session, enum nb_quantity_kind kind,
                                struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(session->net);
    struct value *given = kind == NB_X ? &session->x : &session->y;
    size_t wide = kind == NB_X ? spec->inputs : spec->layer[spec->layers - 1].units;
    if (!given->data)
        return NB_OK;
    if (given->cols == wide)
        return nb_assign(session->net, nb_quantity_id(session->net, kind, 0), given->rows,
                         given->cols, given->data, error);
    wrap_note(session->out, "%s is dropped: it is %zu wide, and this network has %zu %s%s\n",
              nb_quantity_rows()[kind].stem, given->cols, wide, kind == NB_X ? "input" : "output",
              wide == 1 ? "" : "s");
    value_release(given);
    if (kind == NB_X)
        session->pinned = false;
    return NB_OK;
}

enum nb_status define_adopt(struct session *session, struct nb_net *net, struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    if (status)
        nb_net_free(&net);
    else
        status = history_replace_net(session, net, error);
    if (status)
        return status;
    session->epochs = 0;
    start_forget(session);
    status = session_apply_settings(session, error);
    if (!status)
        status = keep_rows(session, NB_X, error);
    if (!status)
        status = keep_rows(session, NB_Y, error);
    return status;
}

static enum nb_status read_spec(const struct session *session, const struct call *call,
                                struct netspec *sizes, struct nb_spec *spec, struct nb_error *error)
{
    enum nb_status status =
        netspec_parse(call->source, call_argument(call, "SIZES")->span, sizes, error);
    if (status)
        return status;
    bool softmax = sizes->layers[sizes->count - 1].activation == NB_SOFTMAX;
    *spec = (struct nb_spec){
        .inputs = sizes->inputs,
        .layers = sizes->count,
        .layer = sizes->layers,
        .loss = call_choice(call, "loss", softmax ? NB_CROSS_ENTROPY : NB_HALF_SSE),
        .init = { .kind = NB_INIT_DEFAULT },
        .precision = call_choice(call, "precision", NB_AUTO),
        .seed = (uint64_t)call_number(call, "seed", (double)session->settings.seed),
        .interrupt = session->interrupt,
    };
    const struct argument *init = call_argument(call, "init");
    return init ? init_parse(call->source, init->span, &spec->init, error) : NB_OK;
}

static enum nb_status net_command(struct session *session, const struct call *call,
                                  struct nb_error *error)
{
    struct nb_spec spec;
    struct nb_net *net = NULL;
    if (!call_has(call, "SIZES")) {
        if (call->count)
            return error_at(error, NB_USAGE, call->rest.at,
                            "options stand behind the sizes: "
                            "net 3-2-2 sigmoid seed=3");
        if (!session->net)
            return names_no_network(error);
        print_summary(session);
        return NB_OK;
    }
    struct netspec *sizes = memory_new(1, sizeof *sizes);
    if (!sizes)
        return error_memory(error);
    enum nb_status status = read_spec(session, call, sizes, &spec, error);
    if (!status)
        status = nb_net_new(&spec, &net, error);
    if (!status)
        status = define_adopt(session, net, error);
    if (!status)
        print_headline(session->out, session->net);
    free(sizes);
    return status;
}

/* ---- init ---- */

static enum nb_status draw(struct session *session, struct nb_init init, uint64_t seed, bool again,
                           struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    if (!status)
        status = history_save_net(session, "init", error);
    if (!status && session->old)
        status = history_replace_old(session, NULL, error);
    if (status)
        return status;
    session->epochs = 0;
    nb_net_init(session->net, init, seed);
    if (again)
        return start_restore(session, error);
    start_forget(session);
    return NB_OK;
}

static enum nb_status init_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct nb_spec *spec = nb_net_spec(session->net);
    const struct argument *kind = call_argument(call, "KIND");
    bool again = kind && strcmp(kind->text, "again") == 0;
    struct nb_init init = spec->init;
    double next = again ? (double)spec->seed : (double)spec->seed + 1;
    uint64_t seed = (uint64_t)call_number(call, "seed", next);
    enum nb_status status = NB_OK;
    if (again && call_has(call, "seed"))
        return error_at(error, NB_USAGE, call->rest.at,
                        "init again restores the weights that the run began with; for others, "
                        "init seed=%llu",
                        (unsigned long long)seed);
    if (kind && !again)
        status = init_parse(call->source, kind->span, &init, error);
    if (!status)
        status = draw(session, init, seed, again, error);
    if (status)
        return status;
    struct text text = TEXT_INIT, given = TEXT_INIT;
    if (again)
        start_add_names(session, &given);
    text_add(&text, again ? "the weights that the run began with: " : "new weights: ");
    init_add(&text, spec, init);
    text_printf(&text, ", seed %llu%s%s\n", (unsigned long long)seed,
                given.length ? "; by hand: " : "", given.bytes);
    text_release(&given);
    sink_text(session->out, &text);
    text_release(&text);
    return NB_OK;
}

/* ---- The rows ---- */

const struct command define_commands[] = {
    { .name = "net",
      .group = GROUP_DEFINE,
      .needs = CHANGES_STATE,
      .usage = "net [SIZES [ACT [OUTPUT]] [loss=] [init=] [seed=] [precision=]]",
      .summary = "define a network; alone: what it is",
      .help = "SIZES are joined by dashes: inputs, the units of each layer, outputs. Behind "
              "them stand the activation of all layers, or of the hidden layers and of the "
              "output; without one it is sigmoid.  784-64x10-10 has ten layers of 64.\n\n"
              "The long form has behind each size, in this order, batchnorm where it is wanted, "
              "the activation, and dropout(p), which leaves out a share p of the units while "
              "training: net 784 - 64 batchnorm relu dropout(0.4) - 10 softmax.\n\n"
              "x, y and settings stay where they fit. Alone it prints layers, shapes, "
              "parameters, loss, precision and seed.",
      .example = "net 3-4-2 tanh sigmoid init=glorot seed=3; net 3 - 4 batchnorm relu dropout(0.4) - 2 "
                 "softmax; net",
      .run = net_command,
      .arguments = {
          { .name = "SIZES", .kind = ARG_REST, .moves = true, .choices = nb_activations,
            .help = "sizes and activations: 3-2-2 sigmoid" },
          { .name = "loss", .kind = ARG_CHOICE, .keyed = true, .choices = nb_losses,
            .fallback = "half-sse; cross-entropy with softmax",
            .help = "what training makes small" },
          { .name = "init", .kind = ARG_WORD, .keyed = true, .choices = nb_initializers,
            .fallback = "he before relu and leakyrelu, else fan-in",
            .help = "how weights are drawn: he, normal(0.1), uniform(-1,1)" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .setting = "seed", .help = "the same seed draws the same weights" },
          { .name = "precision", .kind = ARG_CHOICE, .keyed = true, .choices = nb_precisions,
            .fallback = "auto",
            .help = "auto: double under 20,000 parameters, single from there on" },
      } },
    { .name = "init",
      .group = GROUP_DEFINE,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "init [KIND|again] [seed=N]",
      .summary = "draw new weights",
      .help = "Without seed= it takes the next one and prints it.  init again restores the very "
              "weights that the run began with, those set by hand included. Biases become 0.",
      .example = "init he seed=4; init; init again",
      .run = init_command,
      .arguments = {
          { .name = "KIND", .kind = ARG_WORD, .choices = nb_initializers,
            .fallback = "as before", .help = "he, glorot, normal(0.1), uniform(-1,1); or again" },
          { .name = "seed", .kind = ARG_COUNT, .keyed = true, .setting = "seed", .fallback = "the next", .help = "the same seed draws the same weights" },
      } },
    { .name = "input",
      .group = GROUP_DEFINE,
      .needs = CHANGES_STATE | MOVES_NUMBERS,
      .usage = "input NUMBERS",
      .summary = "set x from bare numbers",
      .help = "input 0.5 -0.5 is two numbers.  x = [0.5, -0.5] does the same; a matrix is a "
              "batch, one row a sample.",
      .example = "input 0.5 0.1 0.3",
      .run = input_command,
      .arguments = { { .name = "NUMBERS", .kind = ARG_REST, .required = true,
                       .help = "one for each input, or a matrix" } } },
    { .name = "target",
      .group = GROUP_DEFINE,
      .needs = CHANGES_STATE | MOVES_NUMBERS,
      .usage = "target NUMBERS",
      .summary = "set y, what the output should be, from bare numbers",
      .help = "target 0.9 0.1, or y = [0.9, 0.1]; a matrix is a batch, one row a sample.",
      .example = "target 0.2 0.8",
      .run = target_command,
      .arguments = { { .name = "NUMBERS", .kind = ARG_REST, .required = true,
                       .help = "one for each output, or a matrix" } } },
    { .name = "set",
      .group = GROUP_DEFINE,
      .needs = CHANGES_STATE,
      .usage = "set [NAME [VALUE]]",
      .summary = "change a setting; with a name alone: print it",
      .help = "set digits 17 and set digits=17 are the same.  show settings lists all of them. "
              "optimizer, lr, l1, l2 and what belongs to them hold for step and train; another "
              "optimizer or penalty makes another plan.  unstep passes a setting, undo reverts "
              "it.  The blocks of a lesson write files only below the working folder; set "
              "unsafe-paths on, typed at the prompt, allows them every path.",
      .example = "set digits 4; set lr=0.5; set optimizer adam; set l2 1e-4; set optimizer",
      .run = set_command,
      .arguments = { { .name = "NAME", .kind = ARG_REST,
                       .help = "the setting, and its new value" } } },
    { .name = "show",
      .group = GROUP_DEFINE,
      .usage = "show [settings]",
      .summary = "list the settings: value, default, range, meaning",
      .help = "set NAME VALUE changes one.",
      .example = "show settings",
      .run = show_command,
      .arguments = { { .name = "list", .kind = ARG_CHOICE, .choices = show_choices,
                       .fallback = "settings", .help = "what to list" } } },
    { .name = "freeze",
      .group = GROUP_DEFINE,
      .needs = NEEDS_NET | CHANGES_STATE,
      .usage = "freeze [NAMES]",
      .summary = "keep weights or biases out of updates; alone: list them",
      .help = "Their derivatives are computed all the same.  thaw lets them learn again.",
      .example = "freeze w1 b1; freeze; thaw w1",
      .run = freeze_command,
      .arguments = { { .name = "NAMES", .kind = ARG_REST, .moves = true, .help = "w1 b1" } } },
    { .name = "thaw",
      .group = GROUP_DEFINE,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "thaw [NAMES]",
      .summary = "let frozen weights and biases learn again; alone: all",
      .help = "The opposite of freeze.",
      .example = "freeze w1 b1; thaw",
      .run = freeze_command,
      .arguments = { { .name = "NAMES", .kind = ARG_REST, .help = "w1 b1" } } },
    { .name = "conventions",
      .group = GROUP_DEFINE,
      .usage = "conventions",
      .summary = "every convention in force, on one card",
      .help = "Shapes, formulas, losses, initial weights and the order of indices, with what "
              "this network uses marked.",
      .example = "conventions",
      .run = conventions_command },
    { .name = NULL },
};
