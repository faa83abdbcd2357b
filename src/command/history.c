/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/change.h"
#include "command/pile.h"
#include "command/session.h"
#include "command/wrap.h"

struct record {
    struct change *change;
    bool popped;  /* from the timeline; else pushed */
    size_t above; /* popped: changes that stayed above it */
};

struct entry {
    char *label;
    struct record *records;
    size_t count, capacity;
    uint64_t serial;
    struct change *pending[CHANGE_KINDS]; /* the session's own parts, looked at in the end */
    bool setting;                         /* the statement is `set` */
    bool lost;                            /* part of it was dropped: it cannot be undone */
};

struct history {
    struct pile timeline;   /* struct change */
    struct pile undo, redo; /* struct entry */
    struct entry *open;
    size_t bytes;
    uint64_t serial;
    bool cut; /* something was dropped */
};

static const size_t no_ids[1];

/* ---- Counting ---- */

static void change_drop(struct history *history, struct change *change)
{
    if (change->references == 1)
        history->bytes -= change->bytes;
    change_release(change);
}

static void change_exchange(struct session *session, struct change *change)
{
    session->history->bytes -= change->bytes;
    change_swap(session, change);
    session->history->bytes += change->bytes;
}

static void entry_clear(struct history *history, struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        change_drop(history, entry->records[i].change);
    entry->count = 0;
}

static void entry_free(struct history *history, struct entry *entry)
{
    entry_clear(history, entry);
    for (size_t i = 0; i < CHANGE_KINDS; i++)
        if (entry->pending[i] != NULL)
            change_release(entry->pending[i]);
    free(entry->records);
    free(entry->label);
    free(entry);
}

static void entries_clear(struct history *history, struct pile *entries)
{
    while (entries->count > 0)
        entry_free(history, pile_remove(entries, 0));
}

enum nb_status history_new(struct history **history, struct nb_error *error)
{
    *history = memory_new(1, sizeof **history);
    return *history == NULL ? error_memory(error) : NB_OK;
}

static void history_empty(struct history *history)
{
    if (history->open != NULL)
        entry_free(history, history->open);
    history->open = NULL;
    entries_clear(history, &history->undo);
    entries_clear(history, &history->redo);
    while (history->timeline.count > 0)
        change_drop(history, pile_remove(&history->timeline, 0));
}

void history_free(struct history **history)
{
    if (*history == NULL)
        return;
    history_empty(*history);
    pile_release(&(*history)->timeline);
    pile_release(&(*history)->undo);
    pile_release(&(*history)->redo);
    free(*history);
    *history = NULL;
}

size_t history_bytes(const struct history *history)
{
    return history->bytes;
}

size_t history_entries(const struct history *history)
{
    return history->undo.count;
}

bool history_cut(const struct session *session)
{
    return session->history->cut;
}

/* ---- The limit ---- */

static bool entry_has(const struct entry *entry, const struct change *change)
{
    for (size_t i = 0; i < entry->count; i++)
        if (entry->records[i].change == change)
            return true;
    return false;
}

/* False where there is nothing left but the change that is being made. */
static bool drop_oldest(struct history *history)
{
    struct entry *entry = history->undo.count == 0 ? NULL : pile_at(&history->undo, 0);
    struct change *change = history->timeline.count == 0 ? NULL : pile_at(&history->timeline, 0);
    if (entry == NULL && change == NULL)
        return false;
    history->cut = true;
    if (entry != NULL && (change == NULL || entry->serial < change->serial)) {
        entry_free(history, pile_remove_oldest(&history->undo));
        return true;
    }
    pile_remove_oldest(&history->timeline);
    if (history->open != NULL && entry_has(history->open, change)) {
        history->open->lost = true;
        entry_clear(history, history->open);
    }
    change_drop(history, change);
    return true;
}

static void keep_limit(struct history *history)
{
    while (history->bytes > HISTORY_BYTES && drop_oldest(history))
        continue;
}

/* ---- Entries ---- */

static bool begins_with_word(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    return length >= size && memcmp(text, word, size) == 0 &&
           (length == size || text[size] == ' ' || text[size] == '\t');
}

static struct entry *entry_open(struct history *history, const char *label, size_t length)
{
    struct entry *entry = memory_new(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->label = string_copy_part(label, length);
    if (entry->label == NULL) {
        free(entry);
        return NULL;
    }
    entry->serial = ++history->serial;
    entry->setting = begins_with_word(label, length, "set");
    history->open = entry;
    return entry;
}

void history_begin(struct session *session, const char *label, size_t length)
{
    history_end(session);
    /* Without memory for it, the first change to come tries again. */
    entry_open(session->history, label, length);
}

static bool entry_reserve(struct entry *entry)
{
    struct record *records =
        array_grow(entry->records, entry->count, &entry->capacity, sizeof *records);
    if (records != NULL)
        entry->records = records;
    return records != NULL;
}

static struct entry *entry_present(struct history *history)
{
    return history->open != NULL ? history->open : entry_open(history, "the last change", 15);
}

static void entry_add(struct history *history, struct change *change, bool popped, size_t above)
{
    struct entry *entry = history->open;
    entries_clear(history, &history->redo);
    if (entry->lost)
        return;
    entry->records[entry->count++] =
        (struct record){ .change = change, .popped = popped, .above = above };
    change->references++;
}

/* Takes the change, also on failure. */
static enum nb_status history_push(struct session *session, struct change *change,
                                   enum change_class class, const char *why, struct nb_error *error)
{
    struct history *history = session->history;
    struct entry *entry = entry_present(history);
    bool barrier = class == CHANGE_BARRIER;
    if (entry == NULL || !entry_reserve(entry) || !pile_reserve(&history->timeline, 1) ||
        (barrier && (change->why = string_copy(why != NULL ? why : entry->label)) == NULL)) {
        change_release(change);
        return error_memory(error);
    }
    change->class = class;
    change->serial = ++history->serial;
    pile_insert(&history->timeline, 0, change);
    history->bytes += change->bytes;
    entry_add(history, change, false, 0);
    keep_limit(history);
    return NB_OK;
}

static bool entry_has_kind(const struct entry *entry, enum change_kind kind)
{
    for (size_t i = 0; i < entry->count; i++)
        if (entry->records[i].change->kind == kind)
            return true;
    return false;
}

/* Not what stayed as it was, nor what the statement journalled step by step
 * itself; and drawn numbers alone are no change to speak of. */
static bool worth_keeping(const struct session *session, const struct entry *entry,
                          const struct change *change)
{
    if (entry->lost || entry_has_kind(entry, change->kind) || change_same(session, change))
        return false;
    if (change->kind != CHANGE_COUNTERS || entry->count > 0)
        return true;
    struct change drawn = *change;
    drawn.held.counters.draws = session->draws;
    return !change_same(session, &drawn);
}

/* What unstep calls the statement: a name given to one of its changes, if any. */
static const char *entry_why(const struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        if (entry->records[i].change->why != NULL)
            return entry->records[i].change->why;
    return NULL;
}

static void keep_pending(struct session *session, struct entry *entry)
{
    for (size_t kind = 0; kind < CHANGE_KINDS; kind++) {
        struct change *change = entry->pending[kind];
        entry->pending[kind] = NULL;
        if (change == NULL)
            continue;
        if (!worth_keeping(session, entry, change)) {
            change_release(change);
            continue;
        }
        bool aside = entry->setting && (kind == CHANGE_SETTINGS || kind == CHANGE_COUNTERS);
        enum change_class class = aside ? CHANGE_ASIDE : CHANGE_BARRIER;
        change_measure(session, change);
        /* Without memory it is not kept: the statement itself has succeeded. */
        history_push(session, change, class, entry_why(entry), NULL);
    }
}

void history_end(struct session *session)
{
    struct history *history = session->history;
    struct entry *entry = history->open;
    if (entry == NULL)
        return;
    keep_pending(session, entry);
    history->open = NULL;
    if (entry->count == 0 || !pile_reserve(&history->undo, 1))
        entry_free(history, entry);
    else
        pile_insert(&history->undo, 0, entry);
}

/* ---- Saving ---- */

enum nb_status history_save_session(struct session *session, struct nb_error *error)
{
    static const enum change_kind kinds[] = { CHANGE_SETTINGS, CHANGE_VARIABLES, CHANGE_ROWS,
                                              CHANGE_COUNTERS };
    struct entry *entry = entry_present(session->history);
    if (entry == NULL)
        return error_memory(error);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct change **pending = &entry->pending[kinds[i]];
        if (*pending != NULL)
            continue;
        enum nb_status status = change_new(session, kinds[i], NULL, 0, pending, error);
        if (status != NB_OK)
            return status;
    }
    return NB_OK;
}

static enum nb_status save_numbers(struct session *session, const size_t *ids, size_t count,
                                   enum change_class class, const char *why, struct nb_error *error)
{
    struct change *change;
    enum nb_status status = change_new(session, CHANGE_NUMBERS, ids, count, &change, error);
    return status != NB_OK ? status : history_push(session, change, class, why, error);
}

enum nb_status history_save_op(struct session *session, size_t op, struct nb_error *error)
{
    const struct nb_op *row = nb_plan_op(session->net, op);
    struct change *change;
    enum nb_status status =
        change_new(session, CHANGE_NUMBERS, row->writes, row->nwrites, &change, error);
    if (status != NB_OK)
        return status;
    change->op = change_op_at(session->net, op);
    return history_push(session, change, CHANGE_OPERATION, NULL, error);
}

enum nb_status history_save_learning(struct session *session, struct nb_error *error)
{
    struct change *change;
    if (session->net == NULL)
        return NB_OK;
    enum nb_status status = change_new(session, CHANGE_NUMBERS, NULL, 0, &change, error);
    if (status != NB_OK)
        return status;
    change->held.numbers.learns = true;
    bool updating = nb_cursor(session->net) > nb_plan_start(session->net, NB_UPDATE);
    return history_push(session, change, updating ? CHANGE_BARRIER : CHANGE_ASIDE, NULL, error);
}

enum nb_status history_save_net(struct session *session, const char *why, struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    if (status != NB_OK || session->net == NULL)
        return status;
    return save_numbers(session, NULL, 0, CHANGE_BARRIER, why, error);
}

enum nb_status history_save_quantities(struct session *session, const size_t *ids, size_t count,
                                       const char *why, struct nb_error *error)
{
    enum nb_status status = history_save_session(session, error);
    return status != NB_OK ? status : save_numbers(session, ids, count, CHANGE_BARRIER, why, error);
}

enum nb_status history_save_cursor(struct session *session, struct nb_error *error)
{
    return save_numbers(session, no_ids, 0, CHANGE_LOOSE, NULL, error);
}

enum nb_status history_save_unit(struct session *session, struct nb_error *error)
{
    return save_numbers(session, no_ids, 0, CHANGE_UNIT, NULL, error);
}

enum nb_status history_save_rows(struct session *session, bool all, struct nb_error *error)
{
    size_t ids[2] = { nb_quantity_id(session->net, NB_X, 0),
                      nb_quantity_id(session->net, NB_Y, 0) };
    struct change *counters;
    enum nb_status status = change_new(session, CHANGE_COUNTERS, NULL, 0, &counters, error);
    if (status == NB_OK)
        status = history_push(session, counters, CHANGE_PRELUDE, NULL, error);
    if (status != NB_OK)
        return status;
    return save_numbers(session, all ? NULL : ids, all ? 0 : 2, CHANGE_PRELUDE, NULL, error);
}

/* Pushes a change that holds `held` and makes that the present. */
static enum nb_status history_replace(struct session *session, enum change_kind kind,
                                      struct change *held, enum change_class class,
                                      struct nb_error *error)
{
    if (held == NULL)
        return error_memory(error);
    held->kind = kind;
    held->references = 1;
    enum nb_status status = class == CHANGE_BARRIER ? history_save_session(session, error) : NB_OK;
    if (status != NB_OK) {
        change_release(held);
        return status;
    }
    change_swap(session, held);
    held->references++;
    status = history_push(session, held, class, NULL, error);
    if (status != NB_OK) {
        change_swap(session, held);
        change_release(held);
    } else {
        change_drop(session->history, held);
    }
    return status;
}

enum nb_status history_replace_net(struct session *session, struct nb_net *net,
                                   struct nb_error *error)
{
    struct change *change = memory_new(1, sizeof *change);
    if (change != NULL)
        change->held.net.net = net;
    else
        nb_net_free(&net);
    return history_replace(session, CHANGE_NET, change, CHANGE_BARRIER, error);
}

enum nb_status history_replace_data(struct session *session, struct dataset *data,
                                    struct nb_error *error)
{
    bool counts = session_counts_rows(session);
    enum nb_status status = counts ? history_save_learning(session, error) : NB_OK;
    struct change *change = status == NB_OK ? memory_new(1, sizeof *change) : NULL;
    if (change != NULL) {
        change->held.data.set = data;
        change->held.data.place = session->place;
        change->held.data.place.batched = false;
    } else {
        dataset_free(&data);
    }
    if (status == NB_OK)
        status = history_replace(session, CHANGE_DATA, change, CHANGE_BARRIER, error);
    return status == NB_OK && counts ? session_apply_settings(session, error) : status;
}

enum nb_status history_replace_view(struct session *session, struct dataset_view *view,
                                    struct nb_error *error)
{
    bool counts = session_counts_rows(session);
    enum nb_status status = counts ? history_save_learning(session, error) : NB_OK;
    struct change *change = status == NB_OK ? memory_new(1, sizeof *change) : NULL;
    if (change != NULL)
        change->held.view = view;
    else
        dataset_view_free(&view);
    if (status == NB_OK)
        status = history_replace(session, CHANGE_VIEW, change, CHANGE_BARRIER, error);
    return status == NB_OK && counts ? session_apply_settings(session, error) : status;
}

enum nb_status history_replace_old(struct session *session, struct nb_net *old,
                                   struct nb_error *error)
{
    struct change *change = memory_new(1, sizeof *change);
    if (change != NULL)
        change->held.old = old;
    else
        nb_net_free(&old);
    enum change_class class = old != NULL ? CHANGE_PRELUDE : CHANGE_BARRIER;
    return history_replace(session, CHANGE_OLD, change, class, error);
}

/* ---- Undo, redo ---- */

static void timeline_push(struct session *session, struct change *change, size_t above)
{
    change_exchange(session, change);
    pile_insert(&session->history->timeline, above, change);
    change->references++;
}

static void timeline_pop(struct session *session, struct change *change, size_t above)
{
    change_exchange(session, change);
    const struct change *removed = pile_remove(&session->history->timeline, above);
    assert(removed == change);
    (void)removed;
    change_drop(session->history, change);
}

static void entry_undo(struct session *session, const struct entry *entry)
{
    for (size_t i = entry->count; i-- > 0;) {
        const struct record *record = &entry->records[i];
        (record->popped ? timeline_push : timeline_pop)(session, record->change, record->above);
    }
}

static void entry_redo(struct session *session, const struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        const struct record *record = &entry->records[i];
        (record->popped ? timeline_pop : timeline_push)(session, record->change, record->above);
    }
}

/* Going back and forth is no change of its own. */
static void forget_pending(struct history *history)
{
    for (size_t i = 0; history->open != NULL && i < CHANGE_KINDS; i++) {
        if (history->open->pending[i] != NULL)
            change_release(history->open->pending[i]);
        history->open->pending[i] = NULL;
    }
}

static enum nb_status entry_move(struct session *session, struct pile *from, struct pile *to,
                                 void (*run)(struct session *, const struct entry *),
                                 const char *done, const char *none, struct nb_error *error)
{
    struct history *history = session->history;
    struct entry *entry = pile_top(from);
    if (entry == NULL) {
        wrap_note(session->out, "%s%s\n", none,
                  history->cut ? ": what came before went beyond the 256 MB that are kept" : "");
        return NB_OK;
    }
    if (!pile_reserve(to, 1) || !pile_reserve(&history->timeline, entry->count))
        return error_memory(error);
    forget_pending(history);
    run(session, entry);
    pile_insert(to, 0, pile_remove(from, 0));
    sink_printf(session->out, "%s: %s\n", done, entry->label);
    return NB_OK;
}

enum nb_status history_undo(struct session *session, struct nb_error *error)
{
    struct history *history = session->history;
    return entry_move(session, &history->undo, &history->redo, entry_undo, "undone",
                      "nothing to undo", error);
}

enum nb_status history_redo(struct session *session, struct nb_error *error)
{
    struct history *history = session->history;
    return entry_move(session, &history->redo, &history->undo, entry_redo, "redone",
                      "nothing to redo", error);
}

/* ---- Marks ---- */

uint64_t history_mark(const struct session *session)
{
    const struct entry *entry = pile_top(&session->history->undo);
    return entry == NULL ? 0 : entry->serial;
}

/* How far below the top the entry lies; the pile's count where it is not there. */
static size_t depth_of(const struct pile *entries, uint64_t serial)
{
    size_t depth = 0;
    while (depth < entries->count &&
           ((struct entry *)pile_at(entries, entries->count - 1 - depth))->serial != serial)
        depth++;
    return depth;
}

bool history_way(const struct session *session, uint64_t mark, size_t *undos, size_t *redos)
{
    const struct history *history = session->history;
    size_t done = depth_of(&history->undo, mark), undone = depth_of(&history->redo, mark);
    bool found = done < history->undo.count, again = undone < history->redo.count;
    *redos = again ? undone + 1 : 0;
    *undos = again ? 0 : done;
    return found || again || (mark == 0 && !history->cut);
}

static bool entry_touches(const struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        enum change_kind kind = entry->records[i].change->kind;
        if (kind != CHANGE_SETTINGS && kind != CHANGE_VARIABLES && kind != CHANGE_COUNTERS)
            return true;
    }
    return false;
}

bool history_touched(const struct session *session, uint64_t mark)
{
    const struct pile *undo = &session->history->undo;
    size_t depth = depth_of(undo, mark);
    if (depth == undo->count && (mark != 0 || session->history->cut))
        return true;
    for (size_t i = 0; i < depth; i++)
        if (entry_touches(pile_at(undo, undo->count - 1 - i)))
            return true;
    return false;
}

/* ---- Unstep ---- */

static const struct change *change_at(const struct session *session, size_t above)
{
    const struct pile *timeline = &session->history->timeline;
    return above < timeline->count ? pile_at(timeline, timeline->count - 1 - above) : NULL;
}

size_t history_last_op(const struct session *session, const char **barrier)
{
    const struct change *change;
    *barrier = NULL;
    for (size_t above = 0; (change = change_at(session, above)) != NULL; above++) {
        if (change->class == CHANGE_OPERATION) {
            size_t op = change_op_find(session->net, &change->op);
            return op != NB_NOWHERE ? op : nb_plan_length(session->net);
        }
        if (change->class == CHANGE_BARRIER) {
            *barrier = change->why;
            return NB_NOWHERE;
        }
    }
    return NB_NOWHERE;
}

static enum nb_status unstep_one(struct session *session, size_t above, struct nb_error *error)
{
    struct history *history = session->history;
    struct entry *entry = entry_present(history);
    if (entry == NULL || !entry_reserve(entry))
        return error_memory(error);
    struct pile *timeline = &history->timeline;
    struct change *change = pile_at(timeline, timeline->count - 1 - above);
    entry_add(history, change, true, above);
    timeline_pop(session, change, above);
    return NB_OK;
}

/* Skips what stays; the class of the topmost change that does not, else aside. */
static enum change_class class_below(const struct session *session, size_t *above)
{
    const struct change *change;
    while ((change = change_at(session, *above)) != NULL && change->class == CHANGE_ASIDE)
        (*above)++;
    return change == NULL ? CHANGE_ASIDE : change->class;
}

enum nb_status history_unstep(struct session *session, bool unit, struct nb_error *error)
{
    size_t above = 0;
    enum nb_status status = NB_OK;
    enum change_class class = class_below(session, &above);
    if (unit && class == CHANGE_UNIT)
        return unstep_one(session, above, error);
    /* A prelude on top is one whose operation then failed. */
    while (status == NB_OK && class != CHANGE_OPERATION) {
        status = unstep_one(session, above, error);
        class = class_below(session, &above);
    }
    if (status == NB_OK)
        status = unstep_one(session, above, error);
    while (status == NB_OK && class_below(session, &above) == CHANGE_PRELUDE)
        status = unstep_one(session, above, error);
    return status;
}
