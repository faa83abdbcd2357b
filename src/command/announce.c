/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run says before it begins. */
#include "command/data.h"
#include "command/train.h"
#include "command/wrap.h"
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

void train_announce(const struct session *session, const struct train_options *options,
                    bool resumed)
{
    struct sink *out = session->out;
    const char *dot = out->unicode ? " · " : " - ";
    struct text title = TEXT_INIT, text = TEXT_INIT, line = TEXT_INIT;
    size_t count, width = (size_t)out->width;
    if (options->quiet)
        return;
    text_add(&line, resumed ? "Going on with " : "Training on ");
    if (resumed)
        text_printf(&line, "%s on ", options->name);
    add_rows(session, &line);
    text_add(&line, dot);
    formula_net_title(session->net, &line);
    text_printf(&line, ", %s precision",
                nb_precisions(&count)[nb_net_spec(session->net)->precision].name);
    text_wrap_items(&title, line.bytes, dot, width);
    wrap_print(out, &title);
    text_clear(&line);
    train_options_add(&line, session, options, out->unicode);
    text_wrap_items(&text, line.bytes, dot, width);
    if (options->validate == VALIDATE_TEST)
        text_add(&text,
                 "The test set judges here: in the end it is no independent judge any more.\n");
    sink_text(out, &text);
    text_release(&line);
    text_release(&title);
    text_release(&text);
}
