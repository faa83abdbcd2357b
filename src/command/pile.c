/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/pile.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Moves down only where that frees much, so that a full pile stays cheap. */
bool pile_reserve(struct pile *pile, size_t more)
{
    if (pile->first > pile->count && pile->first + pile->count + more > pile->capacity) {
        memmove(pile->items, pile->items + pile->first, pile->count * sizeof *pile->items);
        pile->first = 0;
    }
    while (pile->first + pile->count + more > pile->capacity) {
        void **items = array_grow(pile->items, pile->capacity, &pile->capacity, sizeof *items);
        if (items == NULL)
            return false;
        pile->items = items;
    }
    return true;
}

void *pile_at(const struct pile *pile, size_t index)
{
    return pile->items[pile->first + index];
}

void *pile_top(const struct pile *pile)
{
    return pile->count == 0 ? NULL : pile_at(pile, pile->count - 1);
}

void pile_insert(struct pile *pile, size_t above, void *item)
{
    void **place = pile->items + pile->first + pile->count - above;
    memmove(place + 1, place, above * sizeof *place);
    *place = item;
    pile->count++;
}

void *pile_remove(struct pile *pile, size_t above)
{
    void **place = pile->items + pile->first + pile->count - 1 - above, *item = *place;
    memmove(place, place + 1, above * sizeof *place);
    pile->count--;
    return item;
}

void *pile_remove_oldest(struct pile *pile)
{
    void *item = pile_at(pile, 0);
    pile->first++;
    if (--pile->count == 0)
        pile->first = 0;
    return item;
}

void pile_release(struct pile *pile)
{
    free(pile->items);
    *pile = (struct pile){ 0 };
}
