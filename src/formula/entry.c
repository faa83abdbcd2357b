/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formula/build.h"

static void entry_init(struct entry *entry)
{
    *entry = (struct entry){ .term = NULL };
}

static void entry_release(struct entry *entry)
{
    phrase_release(&entry->heading);
    phrase_release(&entry->name);
    term_free(&entry->term);
    term_free(&entry->in_full);
    entry_init(entry);
}

void entry_list_init(struct entry_list *list)
{
    *list = (struct entry_list){ .items = NULL };
    entry_init(&list->spare);
}

struct entry *entry_list_add(struct entry_list *list)
{
    struct entry *grown =
        array_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    if (!grown) {
        entry_release(&list->spare);
        return &list->spare;
    }
    list->items = grown;
    entry_init(&grown[list->count]);
    return &grown[list->count++];
}

void entry_list_release(struct entry_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_release(&list->items[i]);
    free(list->items);
    entry_release(&list->spare);
    entry_list_init(list);
}

bool entry_is_short(enum nb_op_kind kind)
{
    static const bool is_short[NB_OP_KINDS] = {
        [NB_OP_DROPOUT] = true,      [NB_OP_LOSS_GRAD] = true,  [NB_OP_DROPOUT_GRAD] = true,
        [NB_OP_DELTA_DIRECT] = true, [NB_OP_GRAD_W] = true,     [NB_OP_GRAD_B] = true,
        [NB_OP_CLIP] = true,         [NB_OP_REGULARIZE] = true, [NB_OP_STATISTICS] = true,
        [NB_OP_UPDATE] = true,
    };
    return is_short[kind];
}

const char *entry_sign(enum nb_op_kind kind)
{
    return build_is_in_place(kind) ? "←" : "=";
}

/* ---- What stands between the name and the result ---- */

#define ADAM_HEIGHT 6 /* of terms whose numbers in full are hard to read */
#define ADAM_ROUND  3

void rounds_init(struct rounds *rounds, const struct notation *notation, double result)
{
    *rounds = (struct rounds){ .result = TEXT_INIT };
    for (size_t i = 0; i < ROUNDS_MOST; i++)
        text_init(&rounds->round[i].text);
    symbol_number(&rounds->result, notation, result);
}

void rounds_release(struct rounds *rounds)
{
    for (size_t i = 0; i < ROUNDS_MOST; i++)
        text_release(&rounds->round[i].text);
    text_release(&rounds->result);
}

static bool same(const struct text *a, const struct text *b)
{
    return strcmp(a->bytes, b->bytes) == 0;
}

void rounds_add(struct rounds *rounds, const struct notation *notation, const struct term *term,
                int fold)
{
    if (rounds->count == ROUNDS_MOST)
        return;
    struct round *round = &rounds->round[rounds->count];
    struct render render = { notation, fold, false };
    round->term = term;
    round->fold = fold;
    render_term(&round->text, &render, term);
    bool repeats = rounds->count && same(&round->text, &rounds->round[rounds->count - 1].text);
    if (repeats || same(&round->text, &rounds->result))
        text_release(&round->text);
    else
        rounds->count++;
}

/* The rounds from 0 on of what stands behind the entry. */
static void add_rounds(struct rounds *rounds, const struct notation *notation,
                       const struct entry *entry)
{
    const struct term *term = entry->in_full ? entry->in_full : entry->term;
    size_t height = term_height(term);
    for (size_t round = 0; round < height || round == 0; round++)
        rounds_add(rounds, notation, term, (int)round);
}

static int last_round(const struct term *term)
{
    size_t height = term_height(term);
    return height ? (int)height - 1 : 0;
}

void rounds_add_all(struct rounds *rounds, const struct notation *notation,
                    const struct entry *entry)
{
    if (entry->last_round) {
        rounds_add(rounds, notation, entry->term, last_round(entry->term));
        return;
    }
    rounds_add(rounds, notation, entry->term, RENDER_SYMBOLS);
    add_rounds(rounds, notation, entry);
}

/* Numbers put in; the step of adam with what t stands for worked out. */
static int first_round(const struct term *term)
{
    size_t height = term_height(term);
    return height > ADAM_HEIGHT ? ADAM_ROUND : height ? 0 : RENDER_SYMBOLS;
}

void rounds_add_compact(struct rounds *rounds, const struct notation *notation,
                        const struct entry *entry, bool every)
{
    if (entry->last_round)
        rounds_add(rounds, notation, entry->term, last_round(entry->term));
    else if (every)
        add_rounds(rounds, notation, entry);
    else
        rounds_add(rounds, notation, entry->term, first_round(entry->term));
    if (entry->in_full)
        rounds_add(rounds, notation, entry->in_full, last_round(entry->in_full));
}
