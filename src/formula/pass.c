/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around the pages of a pass. */
#include <string.h>

#include "formula/build.h"
#include "formula/formula.h"
#include "formula/layout.h"
#include "formula/words.h"

#define VALUES_MOST 6  /* of a row, before the rest is left out */
#define HINT_COLUMN 53 /* behind "next" */

/* Its formula; the name where that says more. */
static const char *loss_in_short(const struct nb_net *net)
{
    size_t count;
    const struct loss_words *words = words_of_loss(net);
    return words->direct ? nb_losses(&count)[nb_net_spec(net)->loss].name : words->formula;
}

void formula_pass_heading(const struct nb_net *net, enum nb_phase phase,
                          const struct formula_style *style, struct sink *sink)
{
    static const char *const titles[] = {
        [NB_FORWARD] = "Forward pass", [NB_BACKWARD] = "Backward pass", [NB_UPDATE] = "Update"
    };
    struct text title = TEXT_INIT, words = TEXT_INIT, right = TEXT_INIT;
    text_add(&title, titles[phase]);
    formula_net_title(net, &words);
    text_printf(&words, " · loss %s · ", loss_in_short(net));
    if (phase == NB_UPDATE)
        text_printf(&words, "η = %.*g", style->digits, nb_net_lr(net));
    else if (build_rows(net) > 1)
        text_printf(&words, "%zu samples", build_rows(net));
    else
        text_add(&words, "one sample");
    symbol_words(&right, sink->unicode, words.bytes);
    layout_head(sink, &title, title.length, right.bytes);
    sink_puts(sink, "\n");
    text_release(&title);
    text_release(&words);
    text_release(&right);
}

/* "[0.76469, 0.784629]", of a long row the beginning */
static void add_row(struct text *text, const struct notation *notation, size_t id, size_t row)
{
    struct nb_quantity quantity;
    nb_quantity_get(notation->net, id, &quantity);
    text_add_char(text, '[');
    for (size_t k = 0; k < quantity.cols && k < VALUES_MOST; k++) {
        text_add(text, k ? ", " : "");
        symbol_number(text, notation, nb_value(notation->net, id, row, k));
    }
    if (quantity.cols > VALUES_MOST)
        symbol_words(text, notation->unicode, ", …");
    text_add_char(text, ']');
}

/* One line where it fits, else one for each part. */
static void print_parts(struct sink *sink, const struct text *parts, size_t count)
{
    size_t total = LAYOUT_INDENT;
    for (size_t i = 0; i < count; i++)
        total += symbol_width(&parts[i]) + 3;
    bool one_line = total <= layout_columns(sink) + 3;
    for (size_t i = 0; i < count; i++) {
        if (!one_line) {
            layout_paragraph(sink, LAYOUT_INDENT, parts[i].bytes);
            continue;
        }
        sink_printf(sink, "%*s%s", i ? 3 : LAYOUT_INDENT, "", parts[i].bytes);
        sink_puts(sink, i + 1 < count ? "" : "\n");
    }
}

static void print_outcome(const struct nb_net *net, const struct formula_style *style,
                          struct sink *sink)
{
    struct notation notation = { net, style, sink->unicode, false };
    struct text parts[3] = { TEXT_INIT, TEXT_INIT, TEXT_INIT };
    size_t count = 0, rows = build_rows(net);
    size_t a = nb_quantity_id(net, NB_A, nb_net_spec(net)->layers);
    size_t y = nb_quantity_id(net, NB_Y, 0), loss = nb_quantity_id(net, NB_LOSS_VALUE, 0);
    struct nb_quantity quantity;
    nb_quantity_get(net, y, &quantity);
    if (rows == 1) {
        symbol_words(&parts[count], sink->unicode, "output ŷ = ");
        add_row(&parts[count++], &notation, a, 0);
    }
    if (rows == 1 && quantity.state != NB_UNSET) {
        text_add(&parts[count], "target y = ");
        add_row(&parts[count++], &notation, y, 0);
    }
    nb_quantity_get(net, loss, &quantity);
    if (quantity.state == NB_FRESH) {
        text_add(&parts[count], "loss ");
        symbol_number(&parts[count++], &notation, nb_value(net, loss, 0, 0));
    }
    print_parts(sink, parts, count);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        text_release(&parts[i]);
}

void formula_pass_closing(const struct nb_net *net, enum nb_phase phase,
                          const struct formula_style *style, struct sink *sink)
{
    if (phase == NB_FORWARD)
        print_outcome(net, style, sink);
}

void formula_next(const struct nb_net *net, bool full, const struct formula_style *style,
                  struct sink *sink)
{
    static const char *const hints[] = { [NB_FORWARD] = "(step, or forward)",
                                         [NB_BACKWARD] = "(step, or backward)",
                                         [NB_UPDATE] = "(step, or update)" };
    size_t op = nb_cursor(net);
    struct text line = TEXT_INIT;
    if (full) {
        text_add(&line, "  ");
        formula_op_short(net, op, style, sink->unicode, &line);
        sink_puts(sink, " ");
    } else {
        text_add(&line, "   ");
        formula_op_summary(net, op, style, sink->unicode, &line);
        const char *hint = hints[nb_plan_op(net, op)->phase];
        size_t column =
            symbol_width(&line) + 2 > HINT_COLUMN ? symbol_width(&line) + 2 : HINT_COLUMN;
        if (strlen("next") + column + strlen(hint) <= layout_columns(sink)) {
            text_pad(&line, column);
            text_add(&line, hint);
        }
    }
    sink_styled(sink, STYLE_FAINT, "next");
    sink_text(sink, &line);
    sink_puts(sink, "\n");
    text_release(&line);
}
