/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/shelf.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/folders.h"
#include "lang/lang.h"
#include "lesson/lesson.h"

/* ---- Reading the folder --------------------------------------------------- */

static bool is_lesson_name(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && name[0] != '.' && !strcmp(name + length - 3, ".md");
}

/* A file that is no lesson is left out; `lesson FILE` says what is wrong with it. */
static enum nb_status add_entry(struct shelf *shelf, const char *folder, const char *name,
                                struct nb_error *error)
{
    struct text path = TEXT_INIT;
    struct lesson lesson;
    path_join(&path, folder, name);
    enum nb_status status = text_status(&path, error);
    if (status) {
        text_release(&path);
        return status;
    }
    if (!lesson_read_front(path.bytes, &lesson, NULL)) {
        struct shelf_entry *entries =
            array_grow(shelf->entries, shelf->count, &shelf->capacity, sizeof *entries);
        if (entries) {
            shelf->entries = entries;
            entries[shelf->count++] =
                (struct shelf_entry){ string_copy(path.bytes),
                                      string_copy_part(name, strlen(name) - 3),
                                      string_copy(lesson.title), lesson.order };
        }
    }
    lesson_release(&lesson);
    text_release(&path);
    return NB_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct shelf_entry *left = a, *right = b;
    size_t none = SIZE_MAX; /* without an order: behind the others */
    size_t x = left->order ? left->order : none, y = right->order ? right->order : none;
    return x != y ? (x < y ? -1 : 1) : strcmp(left->name, right->name);
}

static bool is_complete(const struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        if (!shelf->entries[i].path || !shelf->entries[i].name || !shelf->entries[i].title)
            return false;
    return true;
}

/* The lessons of the folder, or of the one in it that is called `within`, if it is there. */
static enum nb_status add_entries(struct shelf *shelf, const char *folder, const char *within,
                                  struct nb_error *error)
{
    struct text path = TEXT_INIT, name = TEXT_INIT;
    path_join(&path, folder, within);
    DIR *directory = path.failed ? NULL : opendir(within[0] ? path.bytes : folder);
    enum nb_status status = text_status(&path, error);
    if (!status && !directory && !within[0])
        status = error_file(error, "open", folder);
    for (struct dirent *file; !status && directory && (file = readdir(directory));) {
        text_clear(&name);
        text_printf(&name, "%s%s%s", within, within[0] ? "/" : "", file->d_name);
        status = text_status(&name, error);
        if (!status && is_lesson_name(file->d_name))
            status = add_entry(shelf, folder, name.bytes, error);
    }
    if (directory)
        closedir(directory);
    text_release(&path);
    text_release(&name);
    return status;
}

enum nb_status shelf_read(struct shelf *shelf, struct nb_error *error)
{
    struct text folder = TEXT_INIT;
    *shelf = (struct shelf){ NULL, 0, 0 };
    enum nb_status status = folder_lessons(&folder, error);
    if (!status)
        status = add_entries(shelf, folder.bytes, "", error);
    if (!status)
        status = add_entries(shelf, folder.bytes, SHELF_REPORTS, error);
    if (!status && !is_complete(shelf))
        status = error_memory(error);
    if (!status && shelf->count)
        qsort(shelf->entries, shelf->count, sizeof *shelf->entries, compare_entries);
    text_release(&folder);
    return status;
}

void shelf_release(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->entries[i].path);
        free(shelf->entries[i].name);
        free(shelf->entries[i].title);
    }
    free(shelf->entries);
    *shelf = (struct shelf){ NULL, 0, 0 };
}

bool shelf_is_report(const struct shelf_entry *entry)
{
    return strchr(entry->name, '/') != NULL;
}

/* ---- Finding ---------------------------------------------------------------- */

/* 01-pen-and-paper → pen-and-paper */
static const char *plain_name(const struct shelf_entry *entry)
{
    const char *name = entry->name + strspn(entry->name, "0123456789");
    return name[0] == '-' && name[1] ? name + 1 : entry->name;
}

static bool is_called(const struct shelf_entry *entry, const char *word)
{
    uint64_t number;
    return !strcmp(entry->name, word) || !strcmp(plain_name(entry), word) ||
           (number_parse_whole(word, strlen(word), SIZE_MAX, &number) && number == entry->order);
}

static bool begins_so(const struct shelf_entry *entry, const char *word)
{
    size_t length = strlen(word);
    return !strncmp(entry->name, word, length) || !strncmp(plain_name(entry), word, length);
}

static enum nb_status unknown_lesson(const struct shelf *shelf, const char *word,
                                     struct nb_error *error)
{
    const char *names[64];
    size_t count = 0;
    for (; count < shelf->count && count < COUNT_OF(names); count++)
        names[count] = plain_name(&shelf->entries[count]);
    const char *near = lang_nearest(word, names, sizeof *names, count);
    if (near[0])
        return error_set(error, NB_USAGE, "unknown lesson %.60s: did you mean %s?", word, near);
    return error_set(error, NB_USAGE, "unknown lesson %.60s: lessons lists them", word);
}

enum nb_status shelf_find(const struct shelf *shelf, const char *word,
                          const struct shelf_entry **entry, struct nb_error *error)
{
    const struct shelf_entry *found = NULL;
    size_t several = 0;
    for (size_t i = 0; i < shelf->count; i++) {
        *entry = &shelf->entries[i];
        if (is_called(*entry, word))
            return NB_OK;
        if (begins_so(*entry, word)) {
            found = *entry;
            several++;
        }
    }
    *entry = found;
    if (several > 1)
        return error_set(error, NB_USAGE, "several lessons begin with %.60s: lessons lists them",
                         word);
    return found ? NB_OK : unknown_lesson(shelf, word, error);
}
