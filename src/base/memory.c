/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64

bool size_multiply(size_t a, size_t b, size_t *product)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

void *memory_new(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *memory_copy(const void *source, size_t count, size_t size)
{
    void *copy = memory_new(count, size);
    if (copy && count && size)
        memcpy(copy, source, count * size);
    return copy;
}

void *memory_resize(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!size_multiply(count, size, &bytes))
        return NULL;
    return realloc(block, bytes ? bytes : 1);
}

void *memory_aligned(size_t count, size_t size)
{
    size_t bytes;
    if (!size_multiply(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes / ALIGNMENT + 1) * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes);
}

char *string_copy(const char *text)
{
    return string_copy_part(text, strlen(text));
}

char *string_copy_part(const char *text, size_t length)
{
    char *copy = memory_new(length + 1, 1);
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *grown = memory_resize(items, wanted, size);
    if (grown)
        *capacity = wanted;
    return grown;
}
