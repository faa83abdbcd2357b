/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/cifar.h"

#include "base/error.h"

enum nb_status cifar_check(const uint8_t *bytes, size_t length, const char *name, size_t *rows,
                           struct nb_error *error)
{
    size_t whole = length / CIFAR_RECORD, over = length % CIFAR_RECORD;
    for (size_t i = 0; i < whole; i++)
        if (bytes[i * CIFAR_RECORD] >= CIFAR_CLASSES)
            return error_set(error, NB_SYSTEM, "%s: byte %zu: label %d, expected 0..%d", name,
                             i * CIFAR_RECORD, bytes[i * CIFAR_RECORD], CIFAR_CLASSES - 1);
    if (over || !whole)
        return error_set(error, NB_SYSTEM,
                         "%s: byte %zu: the file ends after %zu bytes of a record, expected %d",
                         name, length, over, CIFAR_RECORD);
    *rows = whole;
    return NB_OK;
}
