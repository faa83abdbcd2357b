/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/remember.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define REMEMBER_MOST ((size_t)1 << 20)

static bool find_file(struct text *folder, struct text *path)
{
    if (!path_xdg(folder, "XDG_STATE_HOME", ".local/state"))
        return false;
    path_join(path, folder->bytes, "history");
    return !text_status(path, NULL);
}

void remember_read(struct text *lines)
{
    struct text folder = TEXT_INIT, path = TEXT_INIT;
    if (find_file(&folder, &path) && file_read(path.bytes, 2 * REMEMBER_MOST, lines, NULL))
        text_clear(lines);
    text_release(&folder);
    text_release(&path);
}

static void append(const char *path, const struct text *lines)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    ssize_t written = write(fd, lines->bytes, lines->length);
    (void)written;
    close(fd);
}

static void shorten(const char *path)
{
    struct text old = TEXT_INIT;
    if (!file_read(path, 4 * REMEMBER_MOST, &old, NULL) && old.length > REMEMBER_MOST) {
        const char *middle = strchr(old.bytes + old.length / 2, '\n');
        if (middle)
            (void)file_write(path, middle + 1, strlen(middle + 1), NULL);
    }
    text_release(&old);
}

void remember_append(const struct text *lines)
{
    struct text folder = TEXT_INIT, path = TEXT_INIT;
    if (lines->length && find_file(&folder, &path) && !folder_make(folder.bytes, NULL)) {
        append(path.bytes, lines);
        shorten(path.bytes);
    }
    text_release(&folder);
    text_release(&path);
}
