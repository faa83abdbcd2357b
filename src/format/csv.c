/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/csv.h"

#include <string.h>

#include "base/error.h"

void csv_begin(struct csv *csv, const char *bytes, size_t length, const char *name)
{
    *csv = (struct csv){ .name = name,
                         .bytes = bytes,
                         .end = bytes + length,
                         .at = bytes,
                         .next_line = 1,
                         .unquoted = TEXT_INIT,
                         .last = true };
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        csv->at += 3;
}

void csv_end(struct csv *csv)
{
    text_release(&csv->unquoted);
}

static enum nb_status damaged(const struct csv *csv, const char *what, struct nb_error *error)
{
    return error_set(error, NB_SYSTEM, "%s: line %zu, column %zu: %s", csv->name, csv->line,
                     csv->column, what);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Does a line end at `at`?  Its bytes, else 0. */
static size_t line_end(const struct csv *csv, const char *at)
{
    if (*at == '\n')
        return 1;
    return *at == '\r' && csv->end - at > 1 && at[1] == '\n' ? 2 : 0;
}

/* Behind the field: a comma, the end of the line or of everything. */
static void end_field(struct csv *csv)
{
    size_t ends = csv->at < csv->end ? line_end(csv, csv->at) : 0;
    csv->last = csv->at == csv->end || ends > 0;
    if (ends)
        csv->next_line++;
    csv->at += csv->at == csv->end ? 0 : ends ? ends : 1;
}

static enum nb_status read_plain(struct csv *csv, struct nb_error *error)
{
    const char *at = csv->at;
    for (; at < csv->end && *at != ',' && !line_end(csv, at); at++) {
        if (*at == '"')
            return damaged(csv, "a quote within a field, expected it around the whole field",
                           error);
        if ((unsigned char)*at < ' ' && *at != '\t')
            return damaged(csv, "a control character, expected text", error);
    }
    csv->field = csv->at;
    csv->length = (size_t)(at - csv->at);
    csv->at = at;
    while (csv->length && is_blank(csv->field[csv->length - 1]))
        csv->length--;
    return NB_OK;
}

/* From behind the opening quote to behind the closing one. */
static enum nb_status read_quoted(struct csv *csv, struct nb_error *error)
{
    text_clear(&csv->unquoted);
    for (;; csv->at++) {
        if (csv->at == csv->end)
            return damaged(csv, "the file ends within quotes", error);
        if (*csv->at == '"') {
            csv->at++;
            if (csv->at == csv->end || *csv->at != '"')
                break;
        } else if (*csv->at == '\n') {
            csv->next_line++;
        } else if ((unsigned char)*csv->at < ' ' && !is_blank(*csv->at) &&
                   !line_end(csv, csv->at)) {
            return damaged(csv, "a control character, expected text", error);
        }
        text_add_char(&csv->unquoted, *csv->at);
    }
    csv->field = csv->unquoted.bytes;
    csv->length = csv->unquoted.length;
    while (csv->at < csv->end && is_blank(*csv->at))
        csv->at++;
    if (csv->at < csv->end && *csv->at != ',' && !line_end(csv, csv->at))
        return damaged(csv, "text behind the closing quote, expected a comma", error);
    return text_status(&csv->unquoted, error);
}

enum nb_status csv_next(struct csv *csv, struct nb_error *error)
{
    csv->field = NULL;
    csv->column = csv->last ? 1 : csv->column + 1;
    if (csv->last) {
        if (csv->at == csv->end)
            return NB_OK;
        csv->line = csv->next_line;
    }
    while (csv->at < csv->end && is_blank(*csv->at))
        csv->at++;
    enum nb_status status;
    if (csv->at < csv->end && *csv->at == '"') {
        csv->at++;
        status = read_quoted(csv, error);
    } else {
        status = read_plain(csv, error);
    }
    if (!status)
        end_field(csv);
    return status;
}
