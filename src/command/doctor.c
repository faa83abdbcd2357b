/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `doctor`: one iteration on a copy, and what its numbers suggest. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "command/data.h"
#include "command/judge.h"
#include "command/rows.h"
#include "command/runs.h"
#include "command/vitals.h"
#include "command/wrap.h"
#include "formula/formula.h"
#include "formula/layout.h"

#define ROWS_MOST 256
#define DIGITS    3

/* ---- The table ---- */

enum column { LAYER, UNITS, ACTIVATION, NORM_W, NORM_DW, UPDATE, MEAN, DEVIATION, OFF, COLUMNS };
static const struct {
    const char *name;
    size_t end; /* its last column */
} columns[COLUMNS] = {
    [LAYER] = { "layer", 5 },    [UNITS] = { "units", 11 },     [ACTIVATION] = { "", 22 },
    [NORM_W] = { "norm w", 31 }, [NORM_DW] = { "norm dw", 40 }, [UPDATE] = { "update/w", 49 },
    [MEAN] = { "mean a", 59 },   [DEVIATION] = { "sd a", 68 },  [OFF] = { "dead/flat", 79 },
};

static void add_number(struct text *line, enum column column, double value)
{
    struct text cell = TEXT_INIT;
    if (isnan(value))
        text_add(&cell, "-");
    else
        number_add(&cell, value, DIGITS);
    text_add_right(line, columns[column].end, cell.bytes);
    text_release(&cell);
}

static void add_count(struct text *line, enum column column, size_t count)
{
    struct text cell = TEXT_INIT;
    text_printf(&cell, "%zu", count);
    text_add_right(line, columns[column].end, cell.bytes);
    text_release(&cell);
}

static void add_off(const struct layer_vitals *layer, struct text *line)
{
    struct text cell = TEXT_INIT;
    double percent = 100 * layer->off;
    text_printf(&cell, "%.*f%% %s", percent < 9.95 ? 1 : 0, percent,
                layer->activation == NB_RELU ? "dead" : "flat");
    if (percent >= 0.05)
        text_add_right(line, columns[OFF].end, cell.bytes);
    text_release(&cell);
}

static void add_layer(const struct vitals *vitals, size_t l, struct text *text)
{
    const struct layer_vitals *layer = &vitals->layer[l];
    size_t count;
    add_count(text, LAYER, l + 1);
    add_count(text, UNITS, layer->units);
    text_printf(text, "  %s", nb_activations(&count)[layer->activation].name);
    add_number(text, NORM_W, layer->w);
    add_number(text, NORM_DW, layer->dw);
    if (layer->frozen)
        text_add_right(text, columns[UPDATE].end, "frozen");
    else
        add_number(text, UPDATE, layer->ratio);
    add_number(text, MEAN, layer->mean);
    add_number(text, DEVIATION, layer->deviation);
    add_off(layer, text);
    text_add(text, "\n");
}

static void add_table(const struct vitals *vitals, struct text *text)
{
    for (size_t i = 0; i < COLUMNS; i++)
        text_add_right(text, columns[i].end, columns[i].name);
    text_add(text, "\n");
    text_add_right(text, columns[LAYER].end, "x");
    add_count(text, UNITS, vitals->inputs);
    add_number(text, MEAN, vitals->x_mean);
    add_number(text, DEVIATION, vitals->x_deviation);
    text_add(text, "\n");
    for (size_t l = 0; l < vitals->layers; l++)
        add_layer(vitals, l, text);
}

static void add_loss(const struct vitals *vitals, struct text *text)
{
    text_add(text, "loss ");
    number_add(text, vitals->loss, 6);
    if (!isnan(vitals->guess)) {
        text_printf(text, "; %s ", vitals->guess_name);
        number_add(text, vitals->guess, 6);
    }
    text_add(text, "\n");
}

static void print(struct session *session, const struct call *call, const struct vitals *vitals,
                  const struct nb_learning *learning)
{
    const char *dot = session->out->unicode ? "·" : "-";
    struct text text = TEXT_INIT;
    size_t count, width = layout_columns(session->out);
    const struct run_record *run = runs_present(session);
    formula_net_title(session->net, &text);
    text_add(&text, "\n");
    add_grouped(&text, vitals->rows);
    if (session->data)
        text_printf(&text, " rows of the %s part",
                    dataset_part_names[call_choice(call, "part", DATASET_TRAIN)]);
    else
        text_printf(&text, " row%s of x and y", vitals->rows == 1 ? "" : "s");
    text_printf(&text, " %s %s lr ", dot, nb_optimizers(&count)[learning->optimizer].name);
    number_add(&text, learning->lr, 6);
    if (run && !train_learning_same(learning, &run->usual))
        text_printf(&text, ", as in %s", run->state.options.name);
    text_add(&text, "\n");
    add_table(vitals, &text);
    add_loss(vitals, &text);
    text_add(&text, "\n");
    for (size_t i = 0; i < vitals_checks(); i++) {
        struct text finding = TEXT_INIT;
        if (vitals_check(vitals, i, &finding)) {
            text_add(&text, "* ");
            text_wrap(&text, finding.bytes, 2, width);
            text_add(&text, "\n");
        }
        text_release(&finding);
    }
    sink_text(session->out, &text);
    text_release(&text);
}

/* ---- Rows ---- */

/* The next update would be by the settings; of a network fresh from a run one asks how
 * that went. */
static enum nb_status learn_as_trained(const struct session *session, struct nb_net *copy,
                                       struct nb_error *error)
{
    const struct run_record *run = runs_present(session);
    if (!run)
        return NB_OK;
    struct nb_learning learning = run->state.options.learning;
    learning.lr = run->state.progress.lr;
    return nb_net_set_learning(copy, &learning, error);
}

/* A copy with the rows to look at. */
static enum nb_status copy_with_rows(const struct session *session, const struct call *call,
                                     struct nb_net **copy, struct nb_error *error)
{
    struct rows rows = { 0 };
    struct dataset_info info;
    enum dataset_part part = (enum dataset_part)call_choice(call, "part", DATASET_TRAIN);
    *copy = NULL;
    if (!session->data && call_has(call, "part"))
        return error_at(error, NB_FAILED, call_argument(call, "part")->span.at,
                        "no data set is loaded; without one, doctor alone looks at x and y");
    if (session->data)
        dataset_describe(session->data, &info);
    if (session->data && !info.rows[part])
        return data_no_part(&info, part, NB_NOWHERE, error);
    enum nb_status status =
        session->data ? rows_drawn(session, part, ROWS_MOST, &rows, error) : NB_OK;
    if (!status && session->data)
        status = rows_check(&rows, session->net, error);
    if (!status)
        status = nb_net_clone(session->net, NB_AUTO, copy, error);
    if (!status)
        status = learn_as_trained(session, *copy, error);
    if (!status && session->data)
        status = rows_put(&rows, *copy, error);
    rows_release(&rows);
    return status;
}

enum nb_status doctor_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    struct nb_net *copy;
    struct vitals vitals = { 0 };
    enum nb_status status = copy_with_rows(session, call, &copy, error);
    if (!status)
        nb_net_set_round(copy, NB_EXACT);
    if (!status)
        status = vitals_take(copy, &vitals, error);
    if (!status) {
        vitals.data = session->data;
        vitals.trained = nb_iteration(session->net) > 0;
        print(session, call, &vitals, nb_net_learning(copy));
    }
    vitals_release(&vitals);
    nb_net_free(&copy);
    return status;
}
