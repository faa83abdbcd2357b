/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/eval.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "lang/functions.h"
#include "lang/ops.h"

struct machine {
    const struct lang_tree *tree;
    const struct lang_names *names;
    struct value *stack; /* (depth) */
    size_t depth, capacity;
    struct nb_error *error;
};

static enum nb_status push(struct machine *machine, struct value *value)
{
    struct value *stack =
        array_grow(machine->stack, machine->depth, &machine->capacity, sizeof *stack);
    if (!stack) {
        value_release(value);
        return error_memory(machine->error);
    }
    machine->stack = stack;
    stack[machine->depth++] = *value;
    return NB_OK;
}

/* NULL where nothing was pushed: the arguments of a call that has none. */
static struct value *top(struct machine *machine, size_t count)
{
    return machine->stack ? &machine->stack[machine->depth - count] : NULL;
}

/* Ends the topmost `count` values; pushes `result`, which is empty after a failure. */
static enum nb_status replace(struct machine *machine, size_t count, struct value *result,
                              enum nb_status status)
{
    while (count--)
        value_release(&machine->stack[--machine->depth]);
    if (status == NB_OK)
        return push(machine, result);
    value_release(result);
    return status;
}

static enum nb_status push_number(struct machine *machine, const struct step *step)
{
    struct value value;
    enum nb_status status = value_scalar(&value, step->of.number, machine->error);
    return status != NB_OK ? status : push(machine, &value);
}

/* An operand as it was typed where that is short, else `otherwise`. */
static const char *operand_text(const struct machine *machine, struct lang_span span,
                                const char *otherwise, char shown[24])
{
    const struct lang_tree *tree = machine->tree;
    if (span.length >= 24 || span.length == 0)
        return otherwise;
    memcpy(shown, tree->source + (span.at - tree->from), span.length);
    shown[span.length] = '\0';
    return shown[strcspn(shown, " +-*/@\n\t")] ? otherwise : shown;
}

static enum nb_status run_binary(struct machine *machine, const struct step *step)
{
    const struct operands *operands = &machine->tree->operands[step->of.use.first];
    char left[24], right[24];
    struct op_names names = { operand_text(machine, operands->left, "left", left),
                              operand_text(machine, operands->right, "right", right) };
    const struct value *pair = top(machine, 2);
    struct value result = { 0 };
    enum nb_status status = op_binary((enum token_kind)step->symbol, &pair[0], &pair[1], &names,
                                      machine->names->interrupt, &result, machine->error);
    return replace(machine, 2, &result, status);
}

/* Takes the bounds of a place off the stack. */
static enum nb_status pop_bounds(struct machine *machine, const struct place *place,
                                 struct lang_index index[2])
{
    double numbers[4] = { 0 };
    size_t depth = place_depth(place);
    const struct value *values = top(machine, depth);
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < depth; i++) {
        if (values[i].rank != 0)
            status = error_at(machine->error, NB_FAILED, place->index[0].at,
                              "an index is a number, or a range such as 2:4");
        else
            numbers[i] = values[i].data[0];
    }
    if (status == NB_OK)
        status = place_bounds(place, numbers, index, machine->error);
    while (depth--)
        value_release(&machine->stack[--machine->depth]);
    return status;
}

static enum nb_status run_index(struct machine *machine, const struct step *step)
{
    const struct place *place = &machine->tree->places[step->of.use.second];
    struct lang_index index[2];
    struct value result = { 0 };
    enum nb_status status = pop_bounds(machine, place, index);
    if (status == NB_OK)
        status = op_index(top(machine, 1), index, place->count, "", &result, machine->error);
    return replace(machine, 1, &result, status);
}

static enum nb_status read_name(struct machine *machine, const struct step *step,
                                struct value *value)
{
    const struct lang_names *names = machine->names;
    return names->read(names->context, machine->tree->names[step->of.use.first].text, step->old,
                       value, machine->error);
}

static enum nb_status push_name(struct machine *machine, const struct step *step)
{
    struct value value = { 0 };
    return replace(machine, 0, &value, read_name(machine, step, &value));
}

static enum nb_status push_element(struct machine *machine, const struct step *step)
{
    const struct place *place = &machine->tree->places[step->of.use.second];
    const struct lang_names *names = machine->names;
    const char *name = machine->tree->names[step->of.use.first].text;
    struct lang_index index[2];
    struct value value = { 0 }, part = { 0 };
    enum nb_status status = pop_bounds(machine, place, index);
    if (status != NB_OK)
        return status;
    if (names->read_element && place->count == 2 && index[0].single && index[1].single) {
        const size_t element[2] = { index[0].first, index[1].first };
        double number = 0;
        status = names->read_element(names->context, name, step->old, 2, element, &number,
                                     machine->error);
        return status != NB_OK ? status
                               : push_number(machine, &(struct step){ .of.number = number });
    }
    status = read_name(machine, step, &value);
    if (status == NB_OK)
        status = op_index(&value, index, place->count, name, &part, machine->error);
    value_release(&value);
    return replace(machine, 0, &part, status);
}

static enum nb_status run_list(struct machine *machine, const struct step *step)
{
    struct value result = { 0 };
    const struct value *items = top(machine, step->count);
    enum nb_status status = step->kind == STEP_STACK
                                ? op_stack(items, step->count, &result, machine->error)
                                : op_row(items, step->count, step->symbol == TOKEN_SEMICOLON,
                                         step->nested, &result, machine->error);
    return replace(machine, step->count, &result, status);
}

static enum nb_status run_call(struct machine *machine, const struct step *step)
{
    struct value result = { 0 };
    struct call_frame frame = {
        .function = function_at(step->of.use.first),
        .argument = top(machine, step->count),
        .count = step->count,
        .names = machine->names,
        .result = &result,
        .error = machine->error,
    };
    return replace(machine, step->count, &result, function_call(&frame, step->kind == STEP_SLOPE));
}

/* The two elements of a local derivative; their indices lie on the stack. */
static enum nb_status pop_local(struct machine *machine, const struct step *step,
                                struct lang_local *local)
{
    const struct lang_tree *tree = machine->tree;
    const struct lang_name *name = &tree->names[step->of.use.first];
    const struct place *place = &tree->places[step->of.use.second];
    struct lang_index index[2][2] = { { { 0 } } };
    *local = (struct lang_local){ .old = step->old,
                                  .top_indices = place[0].count,
                                  .bottom_indices = place[1].count };
    memcpy(local->top, name[0].text, sizeof local->top);
    memcpy(local->bottom, name[1].text, sizeof local->bottom);
    enum nb_status status = pop_bounds(machine, &place[1], index[1]);
    if (status == NB_OK)
        status = pop_bounds(machine, &place[0], index[0]);
    for (size_t i = 0; i < 2; i++) {
        local->top_index[i] = index[0][i].first;
        local->bottom_index[i] = index[1][i].first;
    }
    return status;
}

static enum nb_status run_local(struct machine *machine, const struct step *step)
{
    const struct lang_names *names = machine->names;
    struct lang_local local;
    double number = 0;
    enum nb_status status = pop_local(machine, step, &local);
    if (status == NB_OK && !names->local)
        status = error_set(machine->error, NB_FAILED, "there are no local derivatives here");
    if (status == NB_OK)
        status = names->local(names->context, &local, &number, machine->error);
    return status != NB_OK ? status : push_number(machine, &(struct step){ .of.number = number });
}

/* ---- Running ---- */

static enum nb_status run_step(struct machine *machine, const struct step *step)
{
    switch ((enum step_kind)step->kind) {
    case STEP_NUMBER:
        return push_number(machine, step);
    case STEP_NAME:
        return push_name(machine, step);
    case STEP_ELEMENT:
        return push_element(machine, step);
    case STEP_UNARY:
        return op_unary((enum token_kind)step->symbol, top(machine, 1), machine->error);
    case STEP_BINARY:
        return run_binary(machine, step);
    case STEP_INDEX:
        return run_index(machine, step);
    case STEP_ROW:
    case STEP_STACK:
        return run_list(machine, step);
    case STEP_CALL:
    case STEP_SLOPE:
        return run_call(machine, step);
    case STEP_LOCAL:
        return run_local(machine, step);
    }
    return NB_OK;
}

/* The first `count` steps.  An error without a place gets its step's. */
static enum nb_status run(struct machine *machine, size_t count)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < count && status == NB_OK; i++) {
        const struct step *step = &machine->tree->steps[i];
        status = run_step(machine, step);
        if (status == NB_OK && machine->names->interrupt && *machine->names->interrupt)
            status = error_set(machine->error, NB_INTERRUPTED, "interrupted");
        if (status != NB_OK && machine->error && machine->error->at == NB_NOWHERE)
            machine->error->at = step->at;
    }
    return status;
}

static void machine_release(struct machine *machine)
{
    while (machine->depth)
        value_release(&machine->stack[--machine->depth]);
    free(machine->stack);
}

enum nb_status evaluate_with_place(const struct lang_tree *tree, const struct lang_names *names,
                                   const struct place *place, struct lang_index index[2],
                                   struct value *value, struct nb_error *error)
{
    struct machine machine = { .tree = tree, .names = names, .error = error };
    struct value result = { 0 };
    enum nb_status status = run(&machine, tree->count);
    if (status == NB_OK && value)
        result = machine.stack[--machine.depth];
    if (status == NB_OK && place && place->count)
        status = pop_bounds(&machine, place, index);
    machine_release(&machine);
    if (status != NB_OK)
        value_release(&result);
    if (value)
        *value = result;
    return status;
}

enum nb_status evaluate_local(const struct lang_tree *tree, const struct lang_names *names,
                              struct lang_local *local, struct nb_error *error)
{
    struct machine machine = { .tree = tree, .names = names, .error = error };
    enum nb_status status = run(&machine, tree->count - 1);
    if (status == NB_OK)
        status = pop_local(&machine, &tree->steps[tree->count - 1], local);
    machine_release(&machine);
    return status;
}

enum nb_status lang_evaluate(const struct lang_tree *tree, const struct lang_names *names,
                             struct value *value, struct nb_error *error)
{
    return evaluate_with_place(tree, names, NULL, NULL, value, error);
}
