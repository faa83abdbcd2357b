/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pile of pointers: put on and taken off at the top, the oldest dropped from
 * below.  `above` is how many items stay above the place.
 *
 *     items[first] oldest ... items[first + count - 1] top
 */
#ifndef NABLA_COMMAND_PILE_H
#define NABLA_COMMAND_PILE_H

#include <stdbool.h>
#include <stddef.h>

struct pile {
    void **items;
    size_t first, count, capacity;
};

/* Room for `more` items, so that as many pile_insert cannot fail. */
bool pile_reserve(struct pile *pile, size_t more);
void pile_insert(struct pile *pile, size_t above, void *item);

void *pile_at(const struct pile *pile, size_t index); /* 0 is the oldest */
void *pile_top(const struct pile *pile);              /* NULL where it is empty */
void *pile_remove(struct pile *pile, size_t above);
void *pile_remove_oldest(struct pile *pile);
void pile_release(struct pile *pile); /* not what the items point to */

#endif
