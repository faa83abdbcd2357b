/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/folders.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "command/session.h"
#include "lesson/player.h"

/* The build passes both; without them only the other places are looked at. */
#ifndef NB_LESSONS_SOURCE
#define NB_LESSONS_SOURCE ""
#endif
#ifndef NB_LESSONS_INSTALLED
#define NB_LESSONS_INSTALLED ""
#endif

/* The folder that holds the executable, without a final slash. */
static bool executable_folder(struct text *path)
{
    char link[4096];
    ssize_t length = readlink("/proc/self/exe", link, sizeof link - 1);
    if (length <= 0)
        return false;
    link[length] = '\0';
    char *slash = strrchr(link, '/');
    if (!slash)
        return false;
    text_add_part(path, link, (size_t)(slash - link));
    return true;
}

/* `candidate` becomes the path where it is a folder. */
static bool take_folder(struct text *path, const char *candidate)
{
    if (!candidate[0] || !folder_exists(candidate))
        return false;
    text_clear(path);
    text_add(path, candidate);
    return true;
}

static bool find_beside_executable(struct text *path)
{
    struct text beside = TEXT_INIT;
    bool found = false;
    if (executable_folder(&beside)) {
        text_add(&beside, "/../share/nabla/lessons");
        found = take_folder(path, beside.bytes);
    }
    text_release(&beside);
    return found;
}

enum nb_status folder_lessons(struct text *path, struct nb_error *error)
{
    const char *given = getenv("NABLA_LESSONS");
    if (given && given[0]) {
        if (take_folder(path, given))
            return text_status(path, error);
        return error_set(error, NB_SYSTEM, "NABLA_LESSONS is %s, which is no folder", given);
    }
    if (find_beside_executable(path) || take_folder(path, NB_LESSONS_SOURCE) ||
        take_folder(path, NB_LESSONS_INSTALLED))
        return text_status(path, error);
    return error_set(error, NB_SYSTEM,
                     "the lessons are not installed: set NABLA_LESSONS to their folder");
}

enum nb_status folder_check_write(const struct session *session, const char *path,
                                  struct nb_error *error)
{
    bool below = true;
    enum nb_status status = NB_OK;
    if (!session->settings.unsafe_paths && session->lesson && player_running(session->lesson))
        status = path_stays_below(path, &below, error);
    if (status || below)
        return status;
    return error_set(error, NB_FAILED,
                     "a lesson may write only below the working folder, and %s is outside: to "
                     "allow it, type set unsafe-paths on at the prompt first",
                     path);
}
