/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/variables.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Numbers that several copies of the variables share. */
struct shared {
    struct value value;
    size_t holders;
};

struct variable {
    char *name;
    struct shared *shared;
};

struct variables {
    struct variable *rows; /* (count), in the order of first assignment */
    size_t count, capacity;
};

static void shared_drop(struct shared *shared)
{
    if (--shared->holders)
        return;
    value_release(&shared->value);
    free(shared);
}

enum nb_status variables_new(struct variables **variables, struct nb_error *error)
{
    *variables = memory_new(1, sizeof **variables);
    return *variables ? NB_OK : error_memory(error);
}

void variables_free(struct variables **variables)
{
    if (!*variables)
        return;
    for (size_t i = 0; i < (*variables)->count; i++) {
        free((*variables)->rows[i].name);
        shared_drop((*variables)->rows[i].shared);
    }
    free((*variables)->rows);
    free(*variables);
    *variables = NULL;
}

/* Adds a row that holds `shared`. */
static enum nb_status row_add(struct variables *variables, const char *name, struct shared *shared,
                              struct nb_error *error)
{
    struct variable *rows =
        array_grow(variables->rows, variables->count, &variables->capacity, sizeof *rows);
    if (rows)
        variables->rows = rows;
    char *copy = rows ? string_copy(name) : NULL;
    if (!copy)
        return error_memory(error);
    variables->rows[variables->count++] = (struct variable){ copy, shared };
    shared->holders++;
    return NB_OK;
}

enum nb_status variables_copy(const struct variables *variables, struct variables **copy,
                              struct nb_error *error)
{
    enum nb_status status = variables_new(copy, error);
    for (size_t i = 0; i < variables->count && !status; i++)
        status = row_add(*copy, variables->rows[i].name, variables->rows[i].shared, error);
    if (status)
        variables_free(copy);
    return status;
}

static struct variable *row_find(const struct variables *variables, const char *name)
{
    for (size_t i = 0; i < variables->count; i++)
        if (strcmp(variables->rows[i].name, name) == 0)
            return &variables->rows[i];
    return NULL;
}

const struct value *variables_find(const struct variables *variables, const char *name)
{
    const struct variable *row = row_find(variables, name);
    return row ? &row->shared->value : NULL;
}

enum nb_status variables_set(struct variables *variables, const char *name, struct value *value,
                             struct nb_error *error)
{
    enum nb_status status = NB_OK;
    struct shared *shared = memory_new(1, sizeof *shared);
    if (!shared) {
        value_release(value);
        return error_memory(error);
    }
    shared->value = *value;
    shared->holders = 1;
    *value = (struct value){ 0 };
    struct variable *row = row_find(variables, name);
    if (row) {
        shared_drop(row->shared);
        row->shared = shared;
        return NB_OK;
    }
    status = row_add(variables, name, shared, error);
    shared_drop(shared);
    return status;
}

void variables_drop(struct variables *variables, const char *name)
{
    struct variable *row = row_find(variables, name);
    if (!row)
        return;
    free(row->name);
    shared_drop(row->shared);
    size_t index = (size_t)(row - variables->rows);
    memmove(row, row + 1, (--variables->count - index) * sizeof *row);
}

size_t variables_count(const struct variables *variables)
{
    return variables->count;
}

const char *variables_name(const struct variables *variables, size_t index)
{
    assert(index < variables->count);
    return variables->rows[index].name;
}
