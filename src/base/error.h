/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Filling a struct nb_error.  A message says what was expected, what was
 * found and what to type instead; it has no final full stop or newline.
 *
 *     return error_set(error, NB_FAILED, "w1 is %zu×%zu", rows, cols);
 *     return error_at(error, NB_USAGE, token.at, "expected a number");
 */
#ifndef NABLA_BASE_ERROR_H
#define NABLA_BASE_ERROR_H

#include "base/compiler.h"
#include "nabla.h"

/* Fills `error` (which may be NULL) and returns `status`; no place. */
enum nb_status error_set(struct nb_error *error, enum nb_status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same with the byte offset `at` in the text that was parsed. */
enum nb_status error_at(struct nb_error *error, enum nb_status status, size_t at,
                        const char *format, ...) PRINTF_LIKE(4, 5);

/* "out of memory", NB_SYSTEM. */
enum nb_status error_memory(struct nb_error *error);

/* "cannot VERB PATH: <strerror(errno)>", NB_SYSTEM. */
enum nb_status error_file(struct nb_error *error, const char *verb, const char *path);

/* Empties an error: NB_OK, nowhere, no text. */
void error_clear(struct nb_error *error);

#endif
