/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comma-separated values after RFC 4180, field by field: lines end with LF or
 * CRLF, a field in double quotes may hold commas, line ends and "" for a quote.
 * Blanks around a field without quotes do not belong to it, and a byte order
 * mark at the beginning is skipped.
 *
 *     struct csv csv;
 *     csv_begin(&csv, bytes, length, "iris.csv");
 *     while (!(status = csv_next(&csv, error)) && csv.field)
 *         use(csv.line, csv.column, csv.field, csv.length, csv.last);
 *     csv_end(&csv);
 */
#ifndef NABLA_FORMAT_CSV_H
#define NABLA_FORMAT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct csv {
    const char *name; /* what errors call it */
    const char *bytes, *end, *at;
    size_t next_line;
    struct text unquoted; /* holds a field that stood in quotes */

    /* The field that was read: bytes of the input or of `unquoted`, not terminated. */
    const char *field; /* NULL: the end */
    size_t length;
    size_t line, column; /* where it begins; the first is 1, 1; columns count fields */
    bool last;           /* of its record */
};

void csv_begin(struct csv *csv, const char *bytes, size_t length, const char *name);
void csv_end(struct csv *csv);

/* The next field.  NB_SYSTEM, with line and column: a quote that is not closed or
 * stands within a field, text behind a closing quote, a control character. */
enum nb_status csv_next(struct csv *csv, struct nb_error *error);

#endif
