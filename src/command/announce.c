/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run says before it begins. */
#include <stdio.h>
#include <string.h>

#include "command/data.h"
#include "command/train.h"
#include "formula/formula.h"

static void add_rows(const struct session *session, struct text *text)
{
    struct nb_quantity x;
    struct dataset_info info;
    if (session->data) {
        dataset_describe(session->data, &info);
        add_grouped(text, info.rows[DATASET_TRAIN]);
        text_printf(text, " rows of %s", info.name);
        return;
    }
    nb_quantity_get(session->net, nb_quantity_id(session->net, NB_X, 0), &x);
    text_add(text, "the ");
    add_grouped(text, x.rows);
    text_printf(text, " row%s of x and y", x.rows == 1 ? "" : "s");
}

/* Breaks the options into lines at the dots between them. */
static void add_lines(struct text *text, const char *options, const char *dot, size_t width)
{
    char between[8];
    size_t column = 0;
    snprintf(between, sizeof between, " %s ", dot);
    while (*options) {
        const char *end = strstr(options, between);
        size_t length = end ? (size_t)(end - options) : strlen(options);
        size_t wide = utf8_width(options, length);
        if (column && column + 3 + wide + 2 > width) {
            text_printf(text, " %s\n", dot);
            column = 0;
        } else if (column) {
            text_add(text, between);
            column += 3;
        }
        text_add_part(text, options, length);
        column += wide;
        options = end ? end + strlen(between) : options + length;
    }
    text_add(text, "\n");
}

void train_announce(const struct session *session, const struct train_options *options,
                    bool resumed)
{
    struct sink *out = session->out;
    const char *dot = out->unicode ? "·" : "-";
    struct text text = TEXT_INIT, line = TEXT_INIT;
    size_t count;
    if (options->quiet)
        return;
    text_add(&text, resumed ? "Going on with " : "Training on ");
    if (resumed)
        text_printf(&text, "%s on ", options->name);
    add_rows(session, &text);
    text_printf(&text, " %s ", dot);
    formula_net_title(session->net, &text);
    text_printf(&text, ", %s precision\n",
                nb_precisions(&count)[nb_net_spec(session->net)->precision].name);
    train_options_add(&line, session, options, out->unicode);
    add_lines(&text, line.bytes, dot, (size_t)out->width);
    if (options->validate == VALIDATE_TEST)
        text_add(&text,
                 "The test set judges here: in the end it is no independent judge any more.\n");
    sink_text(out, &text);
    text_release(&line);
    text_release(&text);
}
