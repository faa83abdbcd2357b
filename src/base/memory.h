/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation with checked sizes.  Everything returns NULL where memory or the
 * size fails; zero items give a valid, empty block.  free() ends a block. */
#ifndef NABLA_BASE_MEMORY_H
#define NABLA_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* *product = a·b; false on overflow. */
bool size_multiply(size_t a, size_t b, size_t *product);

void *memory_new(size_t count, size_t size); /* zeroed */
void *memory_copy(const void *source, size_t count, size_t size);
void *memory_resize(void *block, size_t count, size_t size); /* the block stays on failure */
void *memory_aligned(size_t count, size_t size); /* not zeroed, on 64 bytes, for free() */
char *string_copy(const char *text);
char *string_copy_part(const char *text, size_t length);

/* Room for one more item in an array that doubles: items has `count` of
 * `*capacity` items of `size` bytes.  NULL on failure, the array stays. */
void *array_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
