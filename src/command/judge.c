/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `confusion`, and the rows of the commands that judge. */
#include "command/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "command/data.h"
#include "command/verdict.h"
#include "formula/layout.h"

#define RIGHT_COLUMNS 7 /* of the share that is right */

static const size_t label_most[] = { 14, 8, 5 }; /* columns of a class's name: what fits */

/* counts[target * (classes + 1) + predicted], the last one for rows that have no class */
struct confusion {
    const struct verdict *verdict;
    size_t classes, *counts;
    size_t columns; /* the classes, and one more where rows have none */
};

static size_t count_of(const struct confusion *confusion, size_t target, size_t predicted)
{
    return confusion->counts[target * (confusion->classes + 1) + predicted];
}

static size_t target_rows(const struct confusion *confusion, size_t target)
{
    size_t sum = 0;
    for (size_t k = 0; k <= confusion->classes; k++)
        sum += count_of(confusion, target, k);
    return sum;
}

static size_t predicted_rows(const struct confusion *confusion, size_t predicted)
{
    size_t sum = 0;
    for (size_t k = 0; k < confusion->classes; k++)
        sum += count_of(confusion, k, predicted);
    return sum;
}

static size_t right_rows(const struct confusion *confusion)
{
    size_t sum = 0;
    for (size_t k = 0; k < confusion->classes; k++)
        sum += count_of(confusion, k, k);
    return sum;
}

static enum nb_status confusion_count(struct confusion *confusion, struct nb_error *error)
{
    const struct verdict *verdict = confusion->verdict;
    size_t cells, outputs = verdict->outputs;
    confusion->classes = verdict->class_count;
    if (!size_multiply(confusion->classes, confusion->classes + 1, &cells))
        return error_memory(error);
    confusion->counts = memory_new(cells, sizeof *confusion->counts);
    if (!confusion->counts)
        return error_memory(error);
    for (size_t i = 0; i < verdict->rows; i++) {
        size_t target = verdict_class(verdict, verdict->target + i * outputs);
        size_t predicted = verdict_class(verdict, verdict->output + i * outputs);
        confusion->counts[target * (confusion->classes + 1) + predicted]++;
    }
    confusion->columns = confusion->classes + (predicted_rows(confusion, confusion->classes) > 0);
    return NB_OK;
}

/* ---- Printing ---- */

/* The first `columns` columns of a class's name. */
static void add_label(const struct confusion *confusion, size_t class, size_t columns,
                      struct text *text)
{
    struct text name = TEXT_INIT;
    verdict_add_class(confusion->verdict, class, &name);
    while (utf8_width(name.bytes, name.length) > columns) {
        size_t cut = name.length - 1;
        while (cut && ((unsigned char)name.bytes[cut] & 0xc0) == 0x80)
            cut--;
        text_cut(&name, cut);
    }
    text_add_part(text, name.bytes, name.length);
    text_release(&name);
}

static size_t label_width(const struct confusion *confusion, size_t most)
{
    size_t longest = 5; /* total */
    for (size_t k = 0; k < confusion->classes; k++) {
        struct text label = TEXT_INIT;
        add_label(confusion, k, most, &label);
        size_t width = utf8_width(label.bytes, label.length);
        longest = width > longest ? width : longest;
        text_release(&label);
    }
    return longest;
}

static void add_count(struct text *line, size_t column, size_t count)
{
    struct text cell = TEXT_INIT;
    text_printf(&cell, "%zu", count);
    text_add_right(line, column, cell.bytes);
    text_release(&cell);
}

/* The rows and the share of them that is right, up to column `end`. */
static void add_sums(struct text *line, size_t end, size_t rows, size_t right)
{
    struct text cell = TEXT_INIT;
    add_count(line, end - RIGHT_COLUMNS, rows);
    if (rows)
        text_printf(&cell, "%.4f", (double)right / (double)rows);
    else
        text_add(&cell, "-");
    text_add_right(line, end, cell.bytes);
    text_release(&cell);
}

/* Columns of the rows and of the share that is right. */
static size_t sums_width(const struct confusion *confusion)
{
    size_t width = RIGHT_COLUMNS + 2;
    for (size_t rows = confusion->verdict->rows; rows >= 10; rows /= 10)
        width++;
    return width > RIGHT_COLUMNS + 6 ? width : RIGHT_COLUMNS + 6;
}

/* Columns of one class, a blank included; 0 where the matrix does not fit. */
static size_t class_width(const struct confusion *confusion, size_t labels)
{
    size_t room = layout_columns(confusion->verdict->session->out), least = 2, largest = 0;
    size_t taken = 2 + labels + sums_width(confusion), wanted = labels + 2;
    for (size_t k = 0; k < confusion->columns; k++) {
        size_t sum = predicted_rows(confusion, k);
        largest = sum > largest ? sum : largest;
    }
    for (; largest >= 10; largest /= 10)
        least++;
    wanted = wanted > least ? wanted : least;
    size_t width = room > taken ? (room - taken) / confusion->columns : 0;
    return width < least ? 0 : width < wanted ? width : wanted;
}

struct grid {
    size_t labels, width; /* columns of a class's name, and of a count */
    size_t end;
    struct text *text;
};

static void end_line(const struct grid *grid, struct text *line)
{
    text_printf(grid->text, "%s\n", line->bytes);
    text_release(line);
}

static void add_heading(const struct confusion *confusion, const struct grid *grid)
{
    struct text line = TEXT_INIT;
    for (size_t k = 0; k < confusion->columns; k++) {
        struct text label = TEXT_INIT;
        add_label(confusion, k, grid->width - 1, &label);
        text_add_right(&line, 2 + grid->labels + (k + 1) * grid->width, label.bytes);
        text_release(&label);
    }
    text_add_right(&line, grid->end - RIGHT_COLUMNS, "rows");
    text_add_right(&line, grid->end, "right");
    end_line(grid, &line);
}

static void add_class(const struct confusion *confusion, const struct grid *grid, size_t target)
{
    struct text line = TEXT_INIT;
    text_add(&line, "  ");
    add_label(confusion, target, grid->labels, &line);
    for (size_t k = 0; k < confusion->columns; k++)
        add_count(&line, 2 + grid->labels + (k + 1) * grid->width, count_of(confusion, target, k));
    add_sums(&line, grid->end, target_rows(confusion, target), count_of(confusion, target, target));
    end_line(grid, &line);
}

static void add_total(const struct confusion *confusion, const struct grid *grid)
{
    struct text line = TEXT_INIT;
    text_add(&line, "  total");
    for (size_t k = 0; k < confusion->columns && grid->width; k++)
        add_count(&line, 2 + grid->labels + (k + 1) * grid->width, predicted_rows(confusion, k));
    add_sums(&line, grid->end, confusion->verdict->rows, right_rows(confusion));
    end_line(grid, &line);
}

/* Where there are too many classes for a matrix: what each is mistaken for. */
static void add_mistaken(const struct confusion *confusion, const struct grid *grid, size_t target)
{
    struct text line = TEXT_INIT;
    size_t most = target ? 0 : 1;
    for (size_t k = 0; k < confusion->columns; k++)
        if (k != target && count_of(confusion, target, k) > count_of(confusion, target, most))
            most = k;
    text_add(&line, "  ");
    add_label(confusion, target, grid->labels, &line);
    add_sums(&line, grid->end, target_rows(confusion, target), count_of(confusion, target, target));
    if (count_of(confusion, target, most)) {
        text_add(&line, "  ");
        verdict_add_class(confusion->verdict, most, &line);
        text_printf(&line, " %zu", count_of(confusion, target, most));
    }
    end_line(grid, &line);
}

static void add_list(const struct confusion *confusion, const struct grid *grid)
{
    struct text line = TEXT_INIT;
    text_add_right(&line, grid->end - RIGHT_COLUMNS, "rows");
    text_add_right(&line, grid->end, "right");
    text_add(&line, "  most often taken for");
    end_line(grid, &line);
    for (size_t k = 0; k < confusion->classes; k++)
        add_mistaken(confusion, grid, k);
}

static void confusion_print(const struct confusion *confusion)
{
    struct text text = TEXT_INIT;
    struct grid grid = { .text = &text };
    for (size_t i = 0; i < COUNT_OF(label_most) && !grid.width; i++) {
        grid.labels = label_width(confusion, label_most[i]);
        grid.width = class_width(confusion, grid.labels);
    }
    if (!grid.width)
        grid.labels = label_width(confusion, label_most[0]);
    grid.end = 2 + grid.labels + confusion->columns * grid.width + sums_width(confusion);
    verdict_add_name(confusion->verdict, &text);
    text_add(&text, grid.width ? ": a line for each target, a column for each prediction\n" : "\n");
    if (grid.width) {
        add_heading(confusion, &grid);
        for (size_t k = 0; k < confusion->classes; k++)
            add_class(confusion, &grid, k);
    } else {
        add_list(confusion, &grid);
    }
    add_total(confusion, &grid);
    sink_text(confusion->verdict->session->out, &text);
    text_release(&text);
}

enum nb_status confusion_command(struct session *session, const struct call *call,
                                 struct nb_error *error)
{
    struct verdict verdict = { 0 };
    struct confusion confusion = { .verdict = &verdict };
    enum nb_status status = verdict_open(session, call, &verdict, error);
    if (!status)
        status = verdict_need(&verdict, true, error);
    if (!status)
        status = verdict_take(&verdict, 0, verdict.source.rows, error);
    if (!status)
        status = confusion_count(&confusion, error);
    if (!status)
        confusion_print(&confusion);
    free(confusion.counts);
    verdict_release(&verdict);
    return status;
}

/* ---- The rows ---- */

#define PART_ARGUMENT                                                                              \
    {                                                                                              \
        .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices,                          \
        .fallback = "test, else train", .help = "the part of the data set"                         \
    }

const struct command judge_commands[] = {
    { .name = "predict",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "predict [N|A:B|x=EXPR] [train|validation|test] [to FILE.csv]",
      .summary = "what the network says of rows",
      .help = "Row N, or rows A to B, of the test part of the data set, else of the training part; "
              "with no data set of x; every row where none are named, but at a "
              "terminal the first 20 of more. x= takes numbers of your "
              "own, a row a sample. Prints row, target, prediction and its probability, or the "
              "outputs where targets are no classes. to writes a CSV file with the columns row, "
              "target, predicted, output_1 and so on. Changes nothing.",
      .example = "predict; predict x=[0.2, 0.4, 0.1]",
      .run = predict_command,
      .arguments = {
          PART_ARGUMENT,
          { .name = "rows", .kind = ARG_WORD, .fallback = "every row",
            .help = "one row (7) or a range of rows (1:32)" },
          { .name = "x", .kind = ARG_EXPRESSION, .keyed = true, .help = "rows of your own" },
          { .name = "to", .kind = ARG_OUTPUT, .led = true, .help = "the CSV file to write" },
      } },
    { .name = "confusion",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "confusion [train|validation|test]",
      .summary = "which classes are taken for which",
      .help = "Counts the rows of the test part, else of the training part, with no data set of x "
              "and y, by target and prediction. Right is the share of a target's rows that is "
              "right, its recall. With too many classes for a matrix each has a line with the "
              "class it is most often taken for. Changes nothing.",
      .example = "data xor; net 2-4-1 sigmoid; confusion",
      .run = confusion_command,
      .arguments = { PART_ARGUMENT } },
    { .name = "worst",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "worst [N] [train|validation|test]",
      .summary = "the rows with the largest losses",
      .help = "The N rows of the test part, else of the training part, with no data set of x and "
              "y, that the network does worst on: loss, target, prediction, its probability and, of "
              "images, the picture. "
              "Wrong labels and odd rows come up here. Changes nothing.",
      .example = "data xor; net 2-4-1 sigmoid; worst 3",
      .run = worst_command,
      .arguments = { { .name = "N", .kind = ARG_COUNT, .least = 1, .most = 1000000,
                       .fallback = "5", .help = "how many rows" },
                     PART_ARGUMENT } },
    { .name = "doctor",
      .group = GROUP_TRAIN,
      .needs = NEEDS_NET,
      .usage = "doctor [train|validation|test]",
      .summary = "whether the network can learn as it is, layer by layer",
      .help = "Runs one iteration on a copy, with at most 256 rows of the training part, else with "
              "x and y. For each layer: the norms of w and dw, how far the next update moves w "
              "(update/w, as in the last run, else by the settings; about 0.001 is usual), mean and deviation of "
              "the activations, and the share of relu units that are 0 for every row (dead) or of "
              "activations where the slope is below 5 % of its largest (flat: saturated). Then the "
              "loss against guessing, and what all this suggests. Changes nothing.",
      .example = "doctor",
      .run = doctor_command,
      .arguments = { { .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices,
                       .fallback = "train", .help = "the part of the data set" } } },
    { .name = NULL },
};
