/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets from tables of text: `data csv`. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/set.h"
#include "format/csv.h"

#define COLUMNS_MOST ((size_t)1000000)

/* A table while it is read. */
struct table {
    const char *name; /* what errors call it */
    struct block block;
    struct names first; /* the fields of the first line */
    bool header;        /* they are names */
    bool *is_target;    /* (columns) */
    size_t *place;      /* (columns): among the targets, or among the other columns */
    size_t targets;
    size_t rows;       /* without the header */
    bool words;        /* the only target is a word in the first row */
    struct names kind; /* the different words, in the order in which they came */
};

static void table_release(struct table *table)
{
    block_release(&table->block);
    names_release(&table->first);
    names_release(&table->kind);
    free(table->is_target);
    free(table->place);
}

static const char *table_bytes(const struct table *table)
{
    return (const char *)table->block.bytes;
}

/* ---- The first line ---- */

static enum nb_status read_first(struct table *table, struct nb_error *error)
{
    struct csv csv;
    enum nb_status status;
    csv_begin(&csv, table_bytes(table), table->block.length, table->name);
    while (!(status = csv_next(&csv, error)) && csv.field) {
        if (table->first.count == COLUMNS_MOST)
            status = error_set(error, NB_SYSTEM, "%s: line 1: more than %zu columns", table->name,
                               COLUMNS_MOST);
        else if (!utf8_valid(csv.field, csv.length) || memchr(csv.field, '\n', csv.length))
            status = error_set(error, NB_SYSTEM,
                               "%s: line 1, column %zu: expected a name or a number in UTF-8",
                               table->name, csv.column);
        else
            status = names_add(&table->first, csv.field, csv.length, error);
        if (status || csv.last)
            break;
    }
    csv_end(&csv);
    if (!status && !table->first.count)
        status = error_set(error, NB_SYSTEM, "%s: line 1: the file is empty, expected a table",
                           table->name);
    if (!status && table->first.count == 1)
        status = error_set(error, NB_SYSTEM,
                           "%s: line 1: a single column, expected several, separated by commas",
                           table->name);
    return status;
}

static bool is_number(const char *word)
{
    double value;
    return number_parse(word, strlen(word), &value);
}

static bool any_number(const struct names *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (is_number(fields->items[i]))
            return true;
    return false;
}

/* ---- target= ---- */

/* A comma list of names, numbers and ranges of numbers, item by item. */
struct item {
    const char *at;
    size_t length;
    size_t first, last; /* from 1; 0: it is a name */
};

static bool item_next(const char **spec, struct item *item)
{
    uint64_t first, last;
    if (!*spec)
        return false;
    const char *comma = strchr(*spec, ','), *colon;
    *item = (struct item){ .at = *spec, .length = comma ? (size_t)(comma - *spec) : strlen(*spec) };
    *spec = comma ? comma + 1 : NULL;
    colon = memchr(item->at, ':', item->length);
    size_t before = colon ? (size_t)(colon - item->at) : item->length;
    if (!number_parse_whole(item->at, before, COLUMNS_MOST, &first) || !first)
        return true;
    last = first;
    if (colon && !number_parse_whole(colon + 1, item->length - before - 1, COLUMNS_MOST, &last))
        return true;
    item->first = (size_t)first;
    item->last = (size_t)last;
    return true;
}

static bool names_any(const char *spec)
{
    struct item item;
    bool named = false;
    while (item_next(&spec, &item))
        named |= item.first == 0;
    return named;
}

static enum nb_status no_column(const struct table *table, const struct item *item,
                                struct nb_error *error)
{
    int length = item->length > 40 ? 40 : (int)item->length;
    struct text list = TEXT_INIT;
    for (size_t i = 0; i < table->first.count && i < 12 && table->header; i++)
        text_printf(&list, "%s%.30s", i ? ", " : ": ", table->first.items[i]);
    if (table->first.count > 12 && table->header)
        text_add(&list, ", ...");
    enum nb_status status = text_status(&list, error);
    if (!status)
        status = error_set(error, NB_FAILED, "%s has no column %.*s; it has %zu%s", table->name,
                           length, item->at, table->first.count, list.bytes);
    text_release(&list);
    return status;
}

static enum nb_status find_column(const struct table *table, struct item *item,
                                  struct nb_error *error)
{
    size_t columns = table->first.count;
    for (size_t i = 0; i < columns && !item->first && table->header; i++)
        if (strlen(table->first.items[i]) == item->length &&
            memcmp(table->first.items[i], item->at, item->length) == 0)
            item->first = item->last = i + 1;
    if (item->first == 0 || item->last > columns)
        return no_column(table, item, error);
    if (item->last < item->first)
        return error_set(error, NB_USAGE,
                         "target=%zu:%zu is an empty range: write the smaller column first",
                         item->first, item->last);
    return NB_OK;
}

static enum nb_status find_targets(struct table *table, const char *spec, struct nb_error *error)
{
    struct item item;
    enum nb_status status = NB_OK;
    size_t columns = table->first.count, others = 0;
    table->is_target = memory_new(columns, sizeof *table->is_target);
    table->place = memory_new(columns, sizeof *table->place);
    if (!table->is_target || !table->place)
        return error_memory(error);
    while (!status && item_next(&spec, &item)) {
        status = find_column(table, &item, error);
        for (size_t i = item.first; i <= item.last && !status; i++) {
            if (table->is_target[i - 1])
                status = error_set(error, NB_USAGE, "target= names column %zu twice", i);
            table->is_target[i - 1] = true;
            table->place[i - 1] = table->targets++;
        }
    }
    for (size_t i = 0; i < columns; i++)
        if (!table->is_target[i])
            table->place[i] = others++;
    if (!status && !others)
        status = error_set(error, NB_FAILED,
                           "all columns of %s are targets: no column is left for x", table->name);
    return status;
}

/* ---- All lines ---- */

static enum nb_status expected_number(const struct csv *csv, struct nb_error *error)
{
    int length = csv->length > 40 ? 40 : (int)csv->length;
    if (csv->length == 0)
        return error_set(error, NB_SYSTEM, "%s: line %zu, column %zu: empty, expected a number",
                         csv->name, csv->line, csv->column);
    return error_set(error, NB_SYSTEM, "%s: line %zu, column %zu: %.*s, expected a number",
                     csv->name, csv->line, csv->column, length, csv->field);
}

static enum nb_status ragged(const struct table *table, const struct csv *csv,
                             struct nb_error *error)
{
    size_t found = csv->last ? csv->column : table->first.count;
    return error_set(error, NB_SYSTEM, "%s: line %zu: %s%zu field%s, expected %zu as in line 1",
                     csv->name, csv->line, csv->last ? "" : "more than ", found,
                     found == 1 ? "" : "s", table->first.count);
}

/* Calls `use` for each field behind the header, and counts the rows. */
static enum nb_status each_field(struct table *table, struct dataset *set,
                                 enum nb_status (*use)(struct table *table, struct dataset *set,
                                                       const struct csv *csv, size_t row,
                                                       struct nb_error *error),
                                 struct nb_error *error)
{
    struct csv csv;
    enum nb_status status;
    size_t columns = table->first.count, row = 0, skip = table->header;
    csv_begin(&csv, table_bytes(table), table->block.length, table->name);
    while (!(status = csv_next(&csv, error)) && csv.field) {
        if (csv.column > columns || (csv.last && csv.column < columns))
            status = ragged(table, &csv, error);
        else if (!skip)
            status = use(table, set, &csv, row, error);
        if (status)
            break;
        if (csv.last && skip)
            skip = 0;
        else if (csv.last)
            row++;
    }
    csv_end(&csv);
    table->rows = row;
    return status;
}

static bool is_missing(const char *word, size_t length)
{
    static const char *const rows[] = { "nan", "inf", "infinity" };
    if (length && strchr("+-", word[0])) {
        word++;
        length--;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strlen(rows[i]) == length && strncasecmp(word, rows[i], length) == 0)
            return true;
    return length == 0;
}

/* In the first row the only target says what it is: words or numbers. */
static enum nb_status look_at_field(struct table *table, struct dataset *set, const struct csv *csv,
                                    size_t row, struct nb_error *error)
{
    double value;
    (void)set;
    (void)error;
    if (row == 0 && table->targets == 1 && table->is_target[csv->column - 1])
        table->words =
            !number_parse(csv->field, csv->length, &value) && !is_missing(csv->field, csv->length);
    return NB_OK;
}

/* A word among those that came before; the label is the order of its coming. */
static enum nb_status use_word(struct table *table, struct part *part, const struct csv *csv,
                               size_t row, struct nb_error *error)
{
    struct names *kind = &table->kind;
    size_t i = 0;
    while (i < kind->count && (strlen(kind->items[i]) != csv->length ||
                               memcmp(kind->items[i], csv->field, csv->length) != 0))
        i++;
    part->labels[row] = (uint16_t)i;
    if (i < kind->count)
        return NB_OK;
    if (is_missing(csv->field, csv->length) || !utf8_valid(csv->field, csv->length) ||
        memchr(csv->field, '\n', csv->length))
        return error_set(error, NB_SYSTEM,
                         "%s: line %zu, column %zu: expected the word of a class, as in the first "
                         "row",
                         csv->name, csv->line, csv->column);
    if (i == CLASSES_MOST)
        return error_set(error, NB_FAILED,
                         "%s: line %zu, column %zu: more than %d different words; is it the right "
                         "target?",
                         csv->name, csv->line, csv->column, CLASSES_MOST);
    return names_add(kind, csv->field, csv->length, error);
}

static enum nb_status use_field(struct table *table, struct dataset *set, const struct csv *csv,
                                size_t row, struct nb_error *error)
{
    struct part *part = &set->parts[DATASET_TRAIN];
    size_t place = table->place[csv->column - 1];
    bool target = table->is_target[csv->column - 1];
    if (target && table->words)
        return use_word(table, part, csv, row, error);
    double *number = target ? &part->targets[row * set->outputs + place]
                            : &part->values[row * set->features + place];
    return number_parse(csv->field, csv->length, number) ? NB_OK : expected_number(csv, error);
}

/* ---- Making the set ---- */

static enum nb_status make_room(const struct table *table, struct dataset *set,
                                struct nb_error *error)
{
    struct part *part = &set->parts[DATASET_TRAIN];
    size_t values, targets;
    if (!table->rows)
        return error_set(error, NB_SYSTEM,
                         "%s: the file ends after line 1, expected rows of numbers", table->name);
    set->features = table->first.count - table->targets;
    set->outputs = table->targets;
    if (table->rows > ROWS_MOST || !size_multiply(table->rows, set->features, &values) ||
        !size_multiply(table->rows, set->outputs, &targets))
        return error_memory(error);
    part->rows = table->rows;
    part->values = memory_new(values, sizeof *part->values);
    if (table->words)
        part->labels = memory_new(table->rows, sizeof *part->labels);
    else
        part->targets = memory_new(targets, sizeof *part->targets);
    return part->values && (part->labels || part->targets) ? NB_OK : error_memory(error);
}

/* The columns' names, those of targets behind the others. */
static enum nb_status name_columns(const struct table *table, struct dataset *set,
                                   struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t place = 0; place < set->features + set->outputs && !status; place++) {
        bool target = place >= set->features;
        size_t i = 0, at = target ? place - set->features : place;
        while (table->is_target[i] != target || table->place[i] != at)
            i++;
        status = names_add(&set->columns_own, table->first.items[i], strlen(table->first.items[i]),
                           error);
    }
    return status;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The classes are the words in alphabetical order. */
static enum nb_status classify_words(struct table *table, struct dataset *set,
                                     struct nb_error *error)
{
    struct part *part = &set->parts[DATASET_TRAIN];
    size_t count = table->kind.count;
    if (count < 2)
        return error_set(error, NB_FAILED,
                         "every row of %s has the target %.40s: expected two "
                         "classes or more",
                         table->name, table->kind.items[0]);
    char **sorted = memory_copy(table->kind.items, count, sizeof *sorted);
    uint16_t *label = memory_new(count, sizeof *label);
    enum nb_status status = sorted && label ? NB_OK : error_memory(error);
    if (!status)
        qsort(sorted, count, sizeof *sorted, compare_words);
    for (size_t i = 0; i < count && !status; i++) {
        size_t k = 0;
        while (table->kind.items[k] != sorted[i])
            k++;
        label[k] = (uint16_t)i;
        status = names_add(&set->classes_own, sorted[i], strlen(sorted[i]), error);
    }
    for (size_t i = 0; i < part->rows && !status; i++)
        part->labels[i] = label[part->labels[i]];
    free(sorted);
    free(label);
    set->classes = set->outputs = count;
    set->class_names = (const char *const *)set->classes_own.items;
    return status;
}

static enum nb_status table_make(struct table *table, struct dataset *set, const char *target,
                                 struct nb_error *error)
{
    enum nb_status status = read_first(table, error);
    if (status)
        return status;
    table->header = names_any(target) || !any_number(&table->first);
    status = find_targets(table, target, error);
    if (!status)
        status = each_field(table, set, look_at_field, error);
    if (!status)
        status = make_room(table, set, error);
    if (!status && table->header)
        status = name_columns(table, set, error);
    if (!status)
        status = each_field(table, set, use_field, error);
    if (status)
        return status;
    return table->words ? classify_words(table, set, error) : target_classify(set, error);
}

enum nb_status table_csv(const struct dataset_loader *loader, struct dataset *set,
                         const struct dataset_options *options, struct nb_error *error)
{
    struct table table = { .name = options->file };
    (void)loader;
    enum nb_status status = set_name(set, options->file, error);
    if (!status)
        status = stream_read(options->file, &table.block, error);
    if (!status)
        status = table_make(&table, set, options->target, error);
    table_release(&table);
    return status;
}
