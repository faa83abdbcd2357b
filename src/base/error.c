/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_fill(struct nb_error *error, enum nb_status status, size_t at, const char *format,
                       va_list arguments)
{
    if (!error)
        return;
    error->status = status;
    error->at = at;
    vsnprintf(error->text, sizeof error->text, format, arguments);
}

enum nb_status error_set(struct nb_error *error, enum nb_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_fill(error, status, NB_NOWHERE, format, arguments);
    va_end(arguments);
    return status;
}

enum nb_status error_at(struct nb_error *error, enum nb_status status, size_t at,
                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_fill(error, status, at, format, arguments);
    va_end(arguments);
    return status;
}

enum nb_status error_memory(struct nb_error *error)
{
    return error_set(error, NB_SYSTEM, "out of memory");
}

enum nb_status error_file(struct nb_error *error, const char *verb, const char *path)
{
    return error_set(error, NB_SYSTEM, "cannot %s %s: %s", verb, path, strerror(errno));
}

void error_clear(struct nb_error *error)
{
    error->status = NB_OK;
    error->at = NB_NOWHERE;
    error->text[0] = '\0';
}
