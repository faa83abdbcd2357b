/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/fetch.h"
#include "data/set.h"

struct search {
    const struct image_set *images;
    struct found *found;
    struct text looked;  /* the folders looked in, for the message */
    struct text missing; /* a file whose neighbours are there */
    bool memory_failed;
};

void found_release(struct found *found)
{
    for (size_t i = 0; i < FILES_MOST; i++)
        free(found->files[i]);
    free(found->archive);
    *found = (struct found){ 0 };
}

/* A folder in the place of a file counts, so that reading it says what is wrong. */
static bool anything_exists(const char *path)
{
    return file_exists(path) || folder_exists(path);
}

/* The path of folder/name in either form, or NULL. */
static char *find_file(struct search *search, const char *folder, const char *name)
{
    static const char *const forms[] = { "", ".gz" };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct text path = TEXT_INIT;
        path_join(&path, folder, name);
        text_add(&path, forms[i]);
        search->memory_failed |= path.failed;
        if (anything_exists(path.bytes)) {
            char *taken = text_take(&path);
            search->memory_failed |= !taken;
            return taken;
        }
        text_release(&path);
    }
    return NULL;
}

static bool find_files(struct search *search, const char *folder)
{
    const char *absent = NULL;
    size_t present = 0;
    found_release(search->found);
    for (size_t i = 0; search->images->files[i]; i++) {
        search->found->files[i] = find_file(search, folder, search->images->files[i]);
        if (search->found->files[i])
            present++;
        else if (!absent)
            absent = search->images->files[i];
    }
    if (present && absent && !search->missing.length)
        path_join(&search->missing, folder, absent);
    return !absent;
}

static bool find_archive(struct search *search, const char *folder)
{
    struct text path = TEXT_INIT;
    if (!search->images->archive)
        return false;
    found_release(search->found);
    path_join(&path, folder, search->images->archive);
    bool there = anything_exists(path.bytes);
    search->memory_failed |= path.failed;
    if (there)
        search->found->archive = text_take(&path);
    search->memory_failed |= there && !search->found->archive;
    text_release(&path);
    return there;
}

/* Both places, first for the files, then for the archive. */
static bool find_in(struct search *search, const char *folder, bool itself)
{
    struct text below = TEXT_INIT;
    path_join(&below, folder, search->images->folder);
    text_printf(&search->looked, "%s%s", search->looked.length ? ", " : "",
                itself ? folder : below.bytes);
    bool found = (itself && find_files(search, folder)) || find_files(search, below.bytes) ||
                 (itself && find_archive(search, folder)) || find_archive(search, below.bytes);
    search->memory_failed |= below.failed || search->looked.failed || search->missing.failed;
    text_release(&below);
    return found;
}

static enum nb_status not_found(struct search *search, const char *name, struct nb_error *error)
{
    const struct image_set *images = search->images;
    struct text why = TEXT_INIT;
    text_printf(&why, "cannot find %s: ", name);
    if (search->missing.length)
        text_printf(&why, "%s is missing; ", search->missing.bytes);
    text_add(&why, "expected ");
    for (size_t i = 0; images->files[i]; i++)
        text_printf(&why, "%s%s", i ? ", " : "", images->files[i]);
    text_add(&why, " (plain or .gz)");
    if (images->archive)
        text_printf(&why, " or %s", images->archive);
    text_printf(&why, "; type data %s DIR, or set NABLA_DATA", name);
    if (fetch_find(name))
        text_printf(&why, ", or download them with data fetch %s", name);
    if (search->looked.length)
        text_printf(&why, "; looked in %s", search->looked.bytes);
    enum nb_status status = text_status(&why, error);
    if (!status)
        status = error_set(error, NB_SYSTEM, "%s", why.bytes);
    text_release(&why);
    return status;
}

enum nb_status search_images(const char *name, const struct image_set *images,
                             const struct dataset_options *options, struct found *found,
                             struct nb_error *error)
{
    struct search search = { images, found, TEXT_INIT, TEXT_INIT, false };
    const char *const given[] = { options->folder, NULL }, *const none[] = { NULL };
    const char *const *folders = options->folder    ? given
                                 : options->folders ? options->folders
                                                    : none;
    bool there = false;
    for (size_t i = 0; folders[i] && !there; i++)
        there = find_in(&search, folders[i], options->folder || images->own_folder);
    enum nb_status status = NB_OK;
    if (search.memory_failed)
        status = error_memory(error);
    else if (!there)
        status = not_found(&search, name, error);
    if (status)
        found_release(found);
    text_release(&search.looked);
    text_release(&search.missing);
    return status;
}
