/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step, unstep, until; and the rows of all stepping commands. */
#include "command/step.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/data.h"
#include "command/history.h"
#include "command/place.h"
#include "command/stops.h"
#include "command/walk.h"
#include "command/wrap.h"
#include "formula/formula.h"

#define STEPS_MOST 1000000000.0
#define NAMED_MOST 6 /* operations that unstep names */

/* ---- Pieces ---- */

enum piece { PIECE_UNIT, PIECE_OP, PIECE_LAYER, PIECE_PASS, PIECE_ITERATION, PIECES };

static const struct nb_choice piece_rows[PIECES] = {
    [PIECE_UNIT] = { "unit", "one neuron of an operation" },
    [PIECE_OP] = { "op", "one operation" },
    [PIECE_LAYER] = { "layer", "all operations of a layer in this phase" },
    [PIECE_PASS] = { "pass", "to the end of the phase" },
    [PIECE_ITERATION] = { "iteration", "to the end of the iteration" },
};

static const struct nb_choice *piece_choices(size_t *count)
{
    *count = PIECES;
    return piece_rows;
}

/* Do two operations, the second following the first, belong to one piece? */
static bool same_piece(const struct nb_net *net, enum piece piece, size_t first, size_t second)
{
    if (piece == PIECE_ITERATION)
        return second != 0;
    if (first >= nb_plan_length(net) || second >= nb_plan_length(net))
        return false;
    const struct nb_op *a = nb_plan_op(net, first), *b = nb_plan_op(net, second);
    bool same[PIECES] = { [PIECE_LAYER] = a->phase == b->phase && a->layer == b->layer,
                          [PIECE_PASS] = a->phase == b->phase };
    return second == first + 1 && same[piece];
}

/* ---- step ---- */

static size_t op_after(const struct nb_net *net, size_t op)
{
    return op + 1 < nb_plan_length(net) ? op + 1 : 0;
}

/* Shows unit `unit` of an operation that has run; of an update with the
 * weights that it began with. */
static enum nb_status show_unit(struct session *session, size_t op, size_t unit, size_t *units,
                                struct nb_error *error)
{
    bool update = nb_plan_op(session->net, op)->phase == NB_UPDATE;
    struct formula_page *page;
    struct formula_style style = place_style(session);
    enum nb_status status =
        formula_page_new(update ? session->old : session->net, op, &page, error);
    if (status != NB_OK)
        return status;
    *units = formula_page_units(page);
    if (unit < *units)
        formula_page_print_unit(page, session->net, unit, &style, session->out);
    formula_page_free(&page);
    return NB_OK;
}

/* How many units of the operation just run have been shown one by one, where
 * more are to come; else 0. */
static size_t units_shown(const struct session *session)
{
    const struct step_place *place = &session->place;
    bool at = place->units > 0 && place->op < nb_plan_length(session->net) &&
              nb_cursor(session->net) == op_after(session->net, place->op);
    return at ? place->units : 0;
}

static enum nb_status step_unit(struct session *session, struct nb_error *error)
{
    size_t units = 0, shown = units_shown(session);
    enum nb_status status =
        shown > 0 ? history_save_unit(session, error) : walk_one(session, WALK_SILENT, error);
    if (status == NB_OK)
        status = show_unit(session, session->place.op, shown, &units, error);
    if (status == NB_OK)
        session->place.units = shown + 1 < units ? shown + 1 : 0;
    return status;
}

static enum nb_status step_piece(struct session *session, enum piece piece, struct nb_error *error)
{
    if (piece == PIECE_UNIT)
        return step_unit(session, error);
    enum nb_status status;
    size_t op;
    do {
        op = nb_cursor(session->net);
        status = walk_one(session, WALK_FULL, error);
    } while (status == NB_OK && !stops_reached(session) &&
             same_piece(session->net, piece, op, nb_cursor(session->net)));
    return status;
}

static void print_next(struct session *session)
{
    if (units_shown(session) > 0)
        sink_puts(session->out, " next  the next unit of the same operation (step unit)\n");
    else
        place_print_next(session, true);
}

/* Below the pages: what was reached, what comes next, what is displayed. */
static void print_end(struct session *session)
{
    stops_say(session);
    print_next(session);
    displays_print(session, DISPLAY_STEPPED);
}

static enum nb_status step_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    enum piece piece = (enum piece)call_choice(call, "piece", PIECE_OP);
    uint64_t count = (uint64_t)call_number(call, "count", 1);
    enum nb_status status = NB_OK;
    for (uint64_t i = 0; i < count && status == NB_OK && !stops_reached(session); i++)
        status = step_piece(session, piece, error);
    if (status == NB_OK)
        print_end(session);
    return status;
}

/* ---- unstep ---- */

static void add_names(const struct nb_net *net, size_t op, struct text *names)
{
    if (op == nb_plan_length(net)) {
        text_printf(names, "%san operation of an earlier plan", names->length > 0 ? ", " : "");
        return;
    }
    const struct nb_op *row = nb_plan_op(net, op);
    for (size_t i = 0; i < row->nwrites; i++) {
        struct nb_quantity quantity;
        nb_quantity_get(net, row->writes[i], &quantity);
        text_printf(names, "%s%s", names->length > 0 ? ", " : "", quantity.name);
    }
}

static enum nb_status unstep_piece(struct session *session, enum piece piece, struct text *names,
                                   size_t *ops, struct nb_error *error)
{
    const char *barrier;
    enum nb_status status;
    size_t op = history_last_op(session, &barrier), before, cursor = nb_cursor(session->net);
    for (;;) {
        status = history_unstep(session, piece == PIECE_UNIT, error);
        if (status == NB_OK && piece == PIECE_UNIT && nb_cursor(session->net) == cursor) {
            sink_puts(session->out, " back  over one unit\n");
            return NB_OK;
        }
        before = history_last_op(session, &barrier);
        if (++*ops <= NAMED_MOST)
            add_names(session->net, op, names);
        if (status != NB_OK || before == NB_NOWHERE || !same_piece(session->net, piece, before, op))
            return status;
        op = before;
    }
}

static void say_barrier(struct session *session, const char *barrier)
{
    if (barrier != NULL)
        wrap_note(session->out, "unstep stops at %s; undo reverts it\n", barrier);
    else if (history_cut(session))
        sink_puts(session->out, "unstep stops here: what came before is no longer kept (256 MB)\n");
    else
        sink_puts(session->out, "this is the beginning: there is nothing to step back over\n");
}

/* "over a2, z2", or of many only their number. */
static void say_back(struct session *session, const struct text *names, size_t ops)
{
    if (ops > NAMED_MOST)
        sink_printf(session->out, " back  over %zu operations\n", ops);
    else
        sink_printf(session->out, " back  over %s\n", names->bytes);
}

static enum nb_status unstep_command(struct session *session, const struct call *call,
                                     struct nb_error *error)
{
    enum piece piece = (enum piece)call_choice(call, "piece", PIECE_OP);
    uint64_t count = (uint64_t)call_number(call, "count", 1);
    const char *barrier = NULL;
    enum nb_status status = NB_OK;
    size_t ops = 0;
    bool stopped = false;
    struct text names = TEXT_INIT;
    for (uint64_t i = 0; i < count && status == NB_OK && !stopped; i++) {
        stopped = history_last_op(session, &barrier) == NB_NOWHERE;
        if (!stopped)
            status = unstep_piece(session, piece, &names, &ops, error);
    }
    if (status == NB_OK) {
        if (ops > 0)
            say_back(session, &names, ops);
        if (stopped)
            say_barrier(session, barrier);
        print_end(session);
    }
    text_release(&names);
    return status;
}

/* ---- until ---- */

static enum nb_status until_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct place place;
    enum nb_status status = place_parse(session, call, NULL, &place, error);
    if (status != NB_OK)
        return status;
    const struct nb_quantity *quantity = &place.quantity;
    if (quantity->state == NB_FRESH) {
        sink_printf(session->out, "%s is %s already\n", quantity->name,
                    quantity->role == NB_COMPUTED ? "fresh" : "set");
        return NB_OK;
    }
    if (quantity->role == NB_STATE || quantity->role == NB_PARAMETER)
        return error_at(error, NB_FAILED, place.name.at, "%s changes with each update: type update",
                        quantity->name);
    if (quantity->op == NB_NOWHERE)
        return error_at(error, NB_FAILED, place.name.at,
                        "%s is given, not computed: type %s and its numbers", quantity->name,
                        quantity->kind == NB_X ? "input" : "target");
    while (status == NB_OK && !stops_reached(session) && nb_cursor(session->net) != quantity->op)
        status = walk_one(session, WALK_REACHED, error);
    if (status == NB_OK && !stops_reached(session))
        status = walk_one(session, WALK_FULL, error);
    if (status == NB_OK)
        print_end(session);
    return status;
}

/* ---- undo, redo ---- */

static enum nb_status undo_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    (void)call;
    return history_undo(session, error);
}

static enum nb_status redo_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    (void)call;
    return history_redo(session, error);
}

/* ---- The rows ---- */

#define QUIET_ARGUMENT                                                                             \
    {                                                                                              \
        { .name = "quiet", .kind = ARG_FLAG, .help = "one line instead of the pages" },            \
    }

#define PIECE_ARGUMENTS                                                                            \
    {                                                                                              \
        { .name = "count",                                                                         \
          .kind = ARG_COUNT,                                                                       \
          .least = 1,                                                                              \
          .most = STEPS_MOST,                                                                      \
          .fallback = "1",                                                                         \
          .help = "how many pieces" },                                                             \
            { .name = "piece",                                                                     \
              .kind = ARG_CHOICE,                                                                  \
              .choices = piece_choices,                                                            \
              .fallback = "op",                                                                    \
              .help = "how large a piece is" },                                                    \
    }

#define PLACE_ARGUMENT(is_required, text)                                                          \
    {                                                                                              \
        .name = "quantity", .kind = ARG_REST, .required = (is_required), .help = (text),           \
    }

/* clang-format off */
const struct command step_commands[] = {
    { .name = "plan",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "plan",
      .summary = "list the operations of one iteration, with the cursor",
      .help = "One iteration is a fixed list of operations: forward, backward, update. Each line has "
              "its\nnumber, what it computes, and the formula in matrices. The arrow marks what step "
              "runs next.",
      .example = "plan",
      .run = plan_command },
    { .name = "step",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "step [N] [unit|op|layer|pass|iteration]",
      .summary = "do the next operation and print it as on a sheet",
      .help = "Runs the next piece of the plan (one operation unless said otherwise) and prints each "
              "operation:\nthe formula in symbols, with the numbers put in, and the result. After the "
              "last operation the\nnext iteration begins on the same rows. `step unit` shows one neuron "
              "at a time; the operation\nitself runs whole when its first unit is shown.",
      .example = "step; step 2 layer; step unit; step pass",
      .run = step_command,
      .arguments = PIECE_ARGUMENTS },
    { .name = "unstep",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "unstep [N] [unit|op|layer|pass|iteration]",
      .summary = "walk back over operations, bit by bit",
      .help = "Goes back over what was stepped, also across updates, and restores every number as it "
              "was.\nIt stops at an assignment, init or train (undo reverts those), and at the "
              "beginning.\n`unstep 1 iteration` goes to the previous start of an iteration.",
      .example = "step 3; unstep 2",
      .run = unstep_command,
      .arguments = PIECE_ARGUMENTS },
    { .name = "forward",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "forward [quiet]",
      .summary = "run the forward pass to the loss, printing every operation",
      .help = "Runs to the end of the forward pass. Where it has been run already, the same iteration "
              "begins\nagain, without an update. Without y it stops before the loss. x and y must have "
              "the same\nnumber of rows.",
      .example = "forward",
      .run = forward_command,
      .arguments = QUIET_ARGUMENT },
    { .name = "backward",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "backward [quiet]",
      .summary = "run the backward pass, printing every operation",
      .help = "Computes the derivatives of the loss, from the output back to the first layer. Forward "
              "is run\nfirst where it has not been. Asking twice gives the same numbers: nothing adds "
              "up.",
      .example = "forward; backward",
      .run = backward_command,
      .arguments = QUIET_ARGUMENT },
    { .name = "update",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "update [quiet]",
      .summary = "move weights and biases against their gradients",
      .help = "Runs the update phase, which ends the iteration. It comes once after each backward. "
              "Afterwards\nwhat depends on the weights is stale; old(loss) and unstep show how it was.",
      .example = "backward quiet; update",
      .run = update_command,
      .arguments = QUIET_ARGUMENT },
    { .name = "until",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "until QUANTITY",
      .summary = "run to the operation that computes a quantity, and print that one",
      .help = "Runs operations from the cursor up to and with the one that computes the quantity. Where "
              "it is\nfresh already it says so and runs nothing.",
      .example = "until delta1",
      .run = until_command,
      .arguments = { PLACE_ARGUMENT(true, "the quantity to stop at: delta1, dL/dw2") } },
    { .name = "where",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "where",
      .summary = "say where in the iteration the cursor stands",
      .help = "Prints the iteration, the phase and the operation that step would run next.",
      .example = "where",
      .run = where_command },
    { .name = "reset",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "reset",
      .summary = "put the cursor at the start of the iteration",
      .help = "The numbers stay as they are. With a data set loaded, rows given by input, x = or "
              "sample\ngive way to those of the data set again.",
      .example = "step 3; reset",
      .run = reset_command },
    { .name = "sheet",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "sheet",
      .summary = "print the whole iteration as one page",
      .help = "Forward, backward and update, worked out on a copy: nothing changes, the cursor stays.",
      .example = "sheet",
      .run = sheet_command },
    { .name = "try",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "try NAME = EXPR",
      .summary = "run an assignment on a copy and show what would change",
      .help = "Forward and backward run on a copy, once as things are and once with the assignment; a "
              "table\nshows loss, output and gradients before and after. Nothing of it is kept.",
      .example = "try w1[1,1] = 0.2",
      .run = try_command,
      .arguments = { { .name = "assignment", .kind = ARG_REST, .required = true,
                       .help = "an assignment to x, y, a weight, a bias or lr" } } },
    { .name = "explain",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "explain [update] QUANTITY [jacobian] [depth=N] [as latex|mathml|text] [to FILE]",
      .summary = "derive any number: meaning, chain rule, numbers put in, a test by nudging",
      .help = "Says what an element means (dL/dw1[1,1], delta1[2], z2[1], loss), defines it, follows "
              "the chain rule along every path to the loss, puts the numbers in, and compares the "
              "value with a difference quotient. A whole quantity (delta1) is explained in matrices "
              "with their shapes, a local derivative as da2[1]/dz2[1], and with a letter for an "
              "index (delta1[j]; i j k m p r s, where it is no variable) in symbols for all at "
              "once.\n\n"
              "depth= says through how many layers above its own the paths are followed; beyond "
              "that, what comes back stands for the rest. Of many paths the first two, the largest "
              "and the last are shown. Of z2[1], a2[1] or loss it is how many layers below are "
              "worked out. jacobian goes through every output of a softmax, to where most of it "
              "cancels.\n\n"
              "explain old(dw1[1,1]) is about the number from before the last update; explain "
              "update w1[1,1] takes the pending update of a weight apart, or the one made last: "
              "gradient, penalty, what the optimiser carries on, the rate, the step.\n\n"
              "as latex and as mathml write the same for a paper or a page, to FILE as a file of its "
              "own; without as the ending of its name, .tex or .html, decides.",
      .example = "forward; backward; explain dL/dw1[1,1]; explain dw1[1,1] depth=1; "
                 "explain update w1[1,1]; explain delta1; explain delta1[j]; "
                 "explain da2[1]/dz2[1]; explain z2[1] depth=0; explain delta1[2] as latex",
      .run = explain_command,
      .arguments = { { .name = "quantity", .kind = ARG_REST, .required = true,
                       .help = "what to explain: dL/dw1[1,1], delta1[2], old(loss)" },
                     { .name = "update", .kind = ARG_FLAG,
                       .help = "what the update makes of it, or the last one has made" },
                     { .name = "jacobian", .kind = ARG_FLAG,
                       .help = "through each output of a softmax" },
                     { .name = "depth", .kind = ARG_COUNT, .keyed = true, .least = 0, .most = 1e6,
                       .fallback = "as many as eight paths can show",
                       .help = "layers that the chain rule goes through, or forward numbers back" },
                     { .name = "as", .kind = ARG_CHOICE, .led = true, .choices = formula_media,
                       .fallback = "text", .help = "what it is written in" },
                     { .name = "to", .kind = ARG_OUTPUT, .led = true, .help = "the file to write" } } },
    { .name = "gradcheck",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "gradcheck [QUANTITY] [eps=H] [tol=T]",
      .summary = "compare every derivative with a central difference",
      .help = "Nudges every weight, bias, z and a both ways on a copy and compares the difference "
              "quotient of\nthe loss with what backward computes. Per tensor the worst relative error, "
              "its place and a\nverdict. Larger tensors are sampled; a relu kink between the two nudges "
              "is named. Where rounding or the\nbend of the loss hides a difference, wider and "
              "narrower nudges are tried, unless eps= asks for\none; what none of them can judge "
              "is left out and counted.",
      .example = "gradcheck; gradcheck dw1",
      .run = gradcheck_command,
      .arguments = { PLACE_ARGUMENT(false, "only this derivative: dw1, delta2[1]"),
                     { .name = "eps", .kind = ARG_NUMBER, .keyed = true, .least = 1e-12, .most = 1,
                       .fallback = "1e-5", .help = "the nudge, times the larger of 1 and the number" },
                     { .name = "tol", .kind = ARG_NUMBER, .keyed = true, .least = 1e-15, .most = 1,
                       .fallback = "1e-6", .help = "the largest relative error that passes" } } },
    { .name = "sample",
      .group = GROUP_STEP,
      .needs = NEEDS_DATA | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "sample N|A:B [train|validation|test]",
      .summary = "take x and y from the data set",
      .help = "Row N, or rows A to B, become x and y and stay so until reset. Rows count from 1.",
      .example = "data xor; net 2-4-1; sample 3; sample 1:5",
      .run = sample_command,
      .arguments = { { .name = "rows", .kind = ARG_WORD, .required = true,
                       .help = "one row (7) or a range of rows (1:32)" },
                     { .name = "part", .kind = ARG_CHOICE, .choices = data_part_choices,
                       .fallback = "train", .help = "which part of the data set" } } },
    { .name = "undo",
      .group = GROUP_STEP,
      .needs = MOVES_NUMBERS,
      .usage = "undo",
      .summary = "revert the last command that changed anything",
      .help = "Assignment, set, step, forward, net, init, data, train and all others that change "
              "something,\nback to the bit. Up to 256 MB of the past are kept.",
      .example = "w1[1,1] = 0.2; undo",
      .run = undo_command },
    { .name = "redo",
      .group = GROUP_STEP,
      .needs = MOVES_NUMBERS,
      .usage = "redo",
      .summary = "do again what undo reverted",
      .help = "A new change ends what can be done again.",
      .example = "w1[1,1] = 0.2; undo; redo",
      .run = redo_command },
    { .name = NULL },
};
/* clang-format on */
