/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of runs, and what is kept of each. */
#include "command/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/wrap.h"
#include "formula/formula.h"

struct runs {
    struct run_record **items;
    size_t count, capacity;
    struct runs *aside; /* the list before this one, or NULL */
};

static void record_free(struct run_record *record)
{
    weights_free(&record->start);
    weights_free(&record->end);
    weights_free(&record->own);
    free(record);
}

void runs_free(struct runs **runs)
{
    if (!*runs)
        return;
    for (size_t i = 0; i < (*runs)->count; i++)
        record_free((*runs)->items[i]);
    runs_free(&(*runs)->aside);
    free((*runs)->items);
    free(*runs);
    *runs = NULL;
}

size_t runs_count(const struct session *session)
{
    return session->runs ? session->runs->count : 0;
}

struct run_record *runs_at(const struct session *session, size_t index)
{
    return session->runs->items[index];
}

struct run_record *runs_last(const struct session *session)
{
    size_t count = runs_count(session);
    return count ? runs_at(session, count - 1) : NULL;
}

/* ---- The memory limit ---- */

static size_t record_bytes(const struct run_record *record)
{
    struct weights *const held[] = { record->start, record->end, record->own };
    size_t bytes = 0;
    for (size_t i = 0; i < COUNT_OF(held); i++)
        bytes += held[i] ? weights_bytes(held[i]) : 0;
    return bytes;
}

/* The newest keeps its own, however large. */
static void keep_limit(struct session *session)
{
    size_t bytes = 0, count = runs_count(session);
    for (size_t i = 0; i < count; i++)
        bytes += record_bytes(runs_at(session, i));
    for (size_t i = 0; i + 1 < count && bytes > RUNS_BYTES; i++) {
        struct run_record *record = runs_at(session, i);
        if (!record_bytes(record))
            continue;
        bytes -= record_bytes(record);
        weights_free(&record->start);
        weights_free(&record->end);
        weights_free(&record->own);
        wrap_note(session->err,
                  "The weights of run %zu were let go: all runs together keep %zu MB.\n",
                  record->number, RUNS_BYTES >> 20);
    }
}

/* ---- Beginning and ending ---- */

static void describe(const struct session *session, struct run_record *record)
{
    struct text title = TEXT_INIT;
    struct dataset_info info;
    formula_net_title(session->net, &title);
    snprintf(record->network, sizeof record->network, "%s", title.bytes);
    text_release(&title);
    if (session->data) {
        dataset_describe(session->data, &info);
        snprintf(record->data, sizeof record->data, "%s", info.name);
    }
    if (!record->state.options.name[0])
        snprintf(record->state.options.name, sizeof record->state.options.name, "Exp. %zu",
                 record->number);
}

/* The list, made where there is none yet; NULL: memory. */
static struct runs *runs_of(struct session *session)
{
    if (!session->runs)
        session->runs = memory_new(1, sizeof *session->runs);
    return session->runs;
}

enum nb_status runs_begin(struct session *session, const struct train_options *options,
                          struct run_record **result, struct nb_error *error)
{
    struct runs *runs = runs_of(session);
    struct run_record *record = memory_new(1, sizeof *record);
    void *items =
        runs ? array_grow(runs->items, runs->count, &runs->capacity, sizeof *runs->items) : NULL;
    if (items)
        runs->items = items;
    if (!record || !items) {
        free(record);
        return error_memory(error);
    }
    *record = (struct run_record){ .number = runs->count + 1, .state.options = *options };
    record->state.validation_loss = record->state.validation_accuracy = NAN;
    enum nb_status status = weights_keep(session->net, &record->start, error);
    if (status) {
        free(record);
        return status;
    }
    describe(session, record);
    runs->items[runs->count++] = record;
    *result = record;
    return NB_OK;
}

enum nb_status runs_end(struct session *session, struct run_record *record, struct nb_error *error)
{
    weights_free(&record->end);
    if (record->state.ending != RUN_INTERRUPTED)
        weights_free(&record->own);
    enum nb_status status = weights_keep(session->net, &record->end, error);
    record->mark = weights_mark(session->net);
    keep_limit(session);
    return status;
}

/* ---- Lists set aside ---- */

enum nb_status runs_set_aside(struct session *session, struct nb_error *error)
{
    struct runs *begun = memory_new(1, sizeof *begun);
    if (!begun || !runs_of(session)) {
        free(begun);
        return error_memory(error);
    }
    begun->aside = session->runs;
    session->runs = begun;
    return NB_OK;
}

/* Takes the record; a name that was its number becomes the new one. */
static void append(struct runs *runs, struct run_record *record)
{
    char usual[32], *name = record->state.options.name;
    snprintf(usual, sizeof usual, "Exp. %zu", record->number);
    runs->items[runs->count++] = record;
    record->number = runs->count;
    if (strcmp(name, usual) == 0)
        snprintf(name, sizeof record->state.options.name, "Exp. %zu", record->number);
}

enum nb_status runs_bring_back(struct session *session, struct nb_error *error)
{
    struct runs *runs = session->runs, *aside = runs ? runs->aside : NULL;
    if (!aside)
        return error_set(error, NB_FAILED, "no runs are set aside: runs anew sets them aside");
    for (size_t i = 0; i < runs->count; i++) {
        void *items =
            array_grow(aside->items, aside->count, &aside->capacity, sizeof *aside->items);
        if (!items) {
            memmove(runs->items, runs->items + i, (runs->count - i) * sizeof *runs->items);
            runs->count -= i;
            return error_memory(error);
        }
        aside->items = items;
        append(aside, runs->items[i]);
    }
    runs->count = 0;
    runs->aside = NULL;
    runs_free(&session->runs);
    session->runs = aside;
    keep_limit(session);
    return NB_OK;
}

/* ---- Finding ---- */

struct run_record *runs_present(const struct session *session)
{
    struct run_record *record = runs_last(session);
    const struct nb_learning usual = session_learning(session);
    bool same = record && train_learning_same(&usual, &record->usual) &&
                weights_mark(session->net) == record->mark;
    return same ? record : NULL;
}

static bool number_of(const char *name, uint64_t *number)
{
    if (strncmp(name, "Exp. ", 5) == 0)
        name += 5;
    return number_parse_whole(name, strlen(name), 1000000000, number);
}

enum nb_status runs_find(const struct session *session, const char *name,
                         struct run_record **record, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    uint64_t number;
    size_t count = runs_count(session);
    for (size_t i = count; i-- > 0;)
        if (strcmp(runs_at(session, i)->state.options.name, name) == 0) {
            *record = runs_at(session, i);
            return NB_OK;
        }
    if (number_of(name, &number) && number >= 1 && number <= count) {
        *record = runs_at(session, (size_t)number - 1);
        return NB_OK;
    }
    if (!count)
        return error_set(error, NB_FAILED, "there is no run yet: train makes the first");
    text_printf(&text, "no run is called %.80s; there %s ", name, count == 1 ? "is" : "are");
    for (size_t i = 0; i < count && i < 10; i++)
        text_printf(&text, "%s%s", i ? ", " : "", runs_at(session, i)->state.options.name);
    if (count > 10)
        text_printf(&text, " ... (runs lists all %zu)", count);
    enum nb_status status = error_set(error, NB_FAILED, "%s", text.bytes);
    text_release(&text);
    return status;
}
