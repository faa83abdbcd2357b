/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/fields.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

_Static_assert(sizeof(enum nb_optimizer) == sizeof(int), "enums are read and written as int");

static const struct {
    const char *name;
    double value;
} special[] = { { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY } };

/* ---- Writing ---- */

static void add_value(struct text *text, const struct field *row, const char *member)
{
    uint64_t whole;
    double number;
    size_t size, count;
    bool flag;
    int code;
    switch (row->kind) {
    case FIELD_WHOLE:
        memcpy(&whole, member, sizeof whole);
        text_printf(text, "%llu", (unsigned long long)whole);
        break;
    case FIELD_SIZE:
        memcpy(&size, member, sizeof size);
        text_printf(text, "%zu", size);
        break;
    case FIELD_FLAG:
        memcpy(&flag, member, sizeof flag);
        text_add(text, flag ? "1" : "0");
        break;
    case FIELD_NUMBER:
        memcpy(&number, member, sizeof number);
        number_add_exact(text, number);
        break;
    case FIELD_CODE:
        memcpy(&code, member, sizeof code);
        text_printf(text, "%d", code);
        break;
    case FIELD_CHOICE:
        memcpy(&code, member, sizeof code);
        text_add(text, row->choices(&count)[code].name);
        break;
    case FIELD_TEXT:
        text_add(text, member);
        break;
    }
}

void fields_add(struct safetensors *file, const char *prefix, const struct field *rows,
                size_t count, const void *object)
{
    struct text name = TEXT_INIT, value = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        text_clear(&name);
        text_clear(&value);
        text_printf(&name, "%s%s", prefix, rows[i].name);
        add_value(&value, &rows[i], (const char *)object + rows[i].offset);
        safetensors_add_text(file, name.bytes, value.bytes);
    }
    file->failed = file->failed || name.failed || value.failed;
    text_release(&name);
    text_release(&value);
}

/* ---- Reading ---- */

static bool read_whole(const char *text, uint64_t most, uint64_t *value)
{
    return number_parse_whole(text, strlen(text), most, value);
}

static bool read_number(const char *text, double *value)
{
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (strcmp(special[i].name, text) == 0) {
            *value = special[i].value;
            return true;
        }
    return number_parse(text, strlen(text), value);
}

static bool read_code(const struct field *row, const char *text, int *code)
{
    uint64_t whole = 0;
    size_t count, i = 0;
    if (row->kind == FIELD_CODE) {
        bool ok = read_whole(text, row->most, &whole);
        *code = (int)whole;
        return ok;
    }
    const struct nb_choice *rows = row->choices(&count);
    while (i < count && strcmp(rows[i].name, text) != 0)
        i++;
    *code = (int)i;
    return i < count;
}

static bool read_value(const struct field *row, const char *text, char *member)
{
    uint64_t whole = 0;
    double number = 0;
    size_t size;
    bool ok = false, flag;
    int code;
    switch (row->kind) {
    case FIELD_WHOLE:
        ok = read_whole(text, UINT64_MAX, &whole);
        memcpy(member, &whole, sizeof whole);
        break;
    case FIELD_SIZE:
        ok = read_whole(text, SIZE_MAX, &whole);
        size = (size_t)whole;
        memcpy(member, &size, sizeof size);
        break;
    case FIELD_FLAG:
        ok = read_whole(text, 1, &whole);
        flag = whole == 1;
        memcpy(member, &flag, sizeof flag);
        break;
    case FIELD_NUMBER:
        ok = read_number(text, &number);
        memcpy(member, &number, sizeof number);
        break;
    case FIELD_CODE:
    case FIELD_CHOICE:
        ok = read_code(row, text, &code);
        memcpy(member, &code, sizeof code);
        break;
    case FIELD_TEXT:
        ok = strlen(text) < row->most;
        if (ok)
            memcpy(member, text, strlen(text) + 1);
        break;
    }
    return ok;
}

enum nb_status fields_read(const struct safetensors *file, const char *name, const char *prefix,
                           const struct field *rows, size_t count, void *object,
                           struct nb_error *error)
{
    struct text key = TEXT_INIT;
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < count && !status; i++) {
        text_clear(&key);
        text_printf(&key, "%s%s", prefix, rows[i].name);
        const char *text = safetensors_text(file, key.bytes);
        if (!text)
            status =
                error_set(error, NB_SYSTEM, "%s is damaged: it does not say %s", name, key.bytes);
        else if (!read_value(&rows[i], text, (char *)object + rows[i].offset))
            status = error_set(error, NB_SYSTEM, "%s is damaged: its %s is %.40s", name, key.bytes,
                               text);
    }
    text_release(&key);
    return status;
}
