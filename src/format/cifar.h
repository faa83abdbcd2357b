/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The binary version of CIFAR-10: nothing but records,
 *
 *     label   1 byte, 0..9
 *     pixels  3072 bytes: 32 rows of 32 red values, then green, then blue
 */
#ifndef NABLA_FORMAT_CIFAR_H
#define NABLA_FORMAT_CIFAR_H

#include <stddef.h>
#include <stdint.h>

#include "nabla.h"

enum {
    CIFAR_CLASSES = 10,
    CIFAR_CHANNELS = 3,
    CIFAR_SIDE = 32,
    CIFAR_PIXELS = 3072,
    CIFAR_RECORD = 3073
};

/* Checks a whole file: *rows records, at least one.  `name` is what errors
 * call it.  NB_SYSTEM: damaged. */
enum nb_status cifar_check(const uint8_t *bytes, size_t length, const char *name, size_t *rows,
                           struct nb_error *error);

#endif
