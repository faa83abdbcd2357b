/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/wordspec.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/command.h"

size_t word_numbers(const char *text, size_t length, double numbers[2])
{
    size_t count = 0;
    if (length == 0)
        return 0;
    if (length < 2 || text[0] != '(' || text[length - 1] != ')')
        return SIZE_MAX;
    const char *at = text + 1, *end = text + length - 1;
    while (count < 2) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        while (at < stop && *at == ' ')
            at++;
        size_t size = (size_t)(stop - at);
        while (size && at[size - 1] == ' ')
            size--;
        if (!number_parse(at, size, &numbers[count++]))
            return SIZE_MAX;
        if (!comma)
            return count;
        at = comma + 1;
    }
    return SIZE_MAX;
}

enum nb_status word_parse(const struct word_kind *kind, const char *source, struct lang_span span,
                          size_t *row, double numbers[2], struct nb_error *error)
{
    const char *word = source + span.at, *bracket = memchr(word, '(', span.length);
    size_t length = bracket ? (size_t)(bracket - word) : span.length, count;
    const struct nb_choice *rows = kind->rows(&count);
    for (*row = 0; *row < count; (*row)++)
        if (strlen(rows[*row].name) == length && memcmp(rows[*row].name, word, length) == 0)
            break;
    if (*row == count)
        return choice_error(kind->name, kind->forms, word, length, span.at, error);
    const struct word_shape *shape = &kind->shapes[*row];
    size_t found = word_numbers(word + length, span.length - length, numbers);
    if (found < shape->least || found > shape->most || (shape->valid && !shape->valid(numbers)))
        return error_at(error, NB_USAGE, span.at, "write %s; %s is %s", shape->example,
                        rows[*row].name, rows[*row].summary);
    return NB_OK;
}
