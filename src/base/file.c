/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define LINK_MOST  4095
#define LINKS_MOST 40

static enum nb_status read_all(FILE *file, const char *path, size_t most, struct text *bytes,
                               struct nb_error *error)
{
    char chunk[65536];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        if (bytes->length + got > most)
            return error_set(error, NB_SYSTEM, "%s is larger than %zu bytes", path, most);
        text_add_part(bytes, chunk, got);
    }
    if (ferror(file))
        return error_file(error, "read", path);
    return text_status(bytes, error);
}

enum nb_status file_read(const char *path, size_t most, struct text *bytes, struct nb_error *error)
{
    if (folder_exists(path))
        return error_set(error, NB_SYSTEM, "%s is a folder, not a file", path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_file(error, "open", path);
    enum nb_status status = read_all(file, path, most, bytes, error);
    fclose(file);
    return status;
}

bool descriptor_write(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* mkstemp gives 0600; a new file gets what the umask says, an old one keeps its own. */
static mode_t wanted_mode(const char *path)
{
    struct stat old;
    if (stat(path, &old) == 0)
        return old.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Takes the place of `target`, whose name it is given. */
static enum nb_status write_beside(const char *target, const char *bytes, size_t length,
                                   struct nb_error *error)
{
    struct text beside = TEXT_INIT;
    text_printf(&beside, "%s.XXXXXX", target);
    enum nb_status status = text_status(&beside, error);
    int fd = -1;
    if (status)
        goto done;
    fd = mkstemp(beside.bytes);
    if (fd < 0) {
        status = error_file(error, "write", target);
        goto done;
    }
    bool ok = descriptor_write(fd, bytes, length) && fchmod(fd, wanted_mode(target)) == 0 &&
              fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok || rename(beside.bytes, target) != 0) {
        status = error_file(error, "write", target);
        unlink(beside.bytes);
    }
done:
    text_release(&beside);
    return status;
}

/* A device or a pipe is written to, never replaced. */
static enum nb_status write_into(const char *path, const char *bytes, size_t length,
                                 struct nb_error *error)
{
    int fd = open(path, O_WRONLY | O_NOCTTY);
    if (fd < 0)
        return error_file(error, "write", path);
    bool ok = descriptor_write(fd, bytes, length);
    ok = close(fd) == 0 && ok;
    return ok ? NB_OK : error_file(error, "write", path);
}

/* The name behind symbolic links: a link stays, what it names is replaced. */
static enum nb_status follow_links(const char *path, struct text *target, struct nb_error *error)
{
    char next[LINK_MOST + 1];
    text_add(target, path);
    for (int links = 0; !target->failed && links < LINKS_MOST; links++) {
        ssize_t length = readlink(target->bytes, next, LINK_MOST);
        if (length < 0)
            return text_status(target, error);
        next[length] = '\0';
        const char *slash = strrchr(target->bytes, '/');
        text_cut(target, next[0] == '/' || !slash ? 0 : (size_t)(slash - target->bytes) + 1);
        text_add(target, next);
    }
    return target->failed ? error_memory(error)
                          : error_set(error, NB_SYSTEM, "%s: too many symbolic links", path);
}

enum nb_status file_write(const char *path, const char *bytes, size_t length,
                          struct nb_error *error)
{
    struct text target = TEXT_INIT;
    struct stat info;
    enum nb_status status = follow_links(path, &target, error);
    if (!status && stat(target.bytes, &info) == 0 && !S_ISREG(info.st_mode) &&
        !S_ISDIR(info.st_mode))
        status = write_into(target.bytes, bytes, length, error);
    else if (!status)
        status = write_beside(target.bytes, bytes, length, error);
    text_release(&target);
    return status;
}

enum nb_status file_append(const char *path, const char *bytes, size_t length,
                           struct nb_error *error)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0666);
    if (fd < 0)
        return error_file(error, "write", path);
    off_t end = lseek(fd, 0, SEEK_END); /* -1: a pipe */
    enum nb_status status = NB_OK;
    if (!descriptor_write(fd, bytes, length)) {
        status = error_file(error, "write", path);
        if (end >= 0 && ftruncate(fd, end) != 0)
            error_file(error, "shorten", path);
    }
    if (close(fd) != 0 && !status)
        status = error_file(error, "write", path);
    return status;
}

bool file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool folder_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Up from the folder, by its real parents, to the working folder, or to the root. */
static bool climb(struct text *folder, bool *below)
{
    struct stat here, now, last;
    if (folder->failed || stat(".", &here) != 0 || stat(folder->bytes, &now) != 0)
        return false;
    do {
        *below = same_file(&now, &here);
        last = now;
        text_add(folder, "/..");
        if (folder->failed || stat(folder->bytes, &now) != 0)
            return *below;
    } while (!*below && !same_file(&now, &last));
    return true;
}

enum nb_status path_stays_below(const char *path, bool *below, struct nb_error *error)
{
    struct text folder = TEXT_INIT;
    *below = false;
    enum nb_status status = follow_links(path, &folder, error);
    if (!status) {
        const char *slash = strrchr(folder.bytes, '/');
        text_cut(&folder, slash ? (size_t)(slash - folder.bytes) + 1 : 0);
        if (!slash)
            text_add_char(&folder, '.');
        if (!climb(&folder, below))
            status = error_file(error, "write", path);
    }
    text_release(&folder);
    return status;
}

enum nb_status folder_make(const char *path, struct nb_error *error)
{
    struct text part = TEXT_INIT;
    enum nb_status status = NB_OK;
    for (const char *slash = path; *slash && !status;) {
        slash += strspn(slash, "/");
        slash += strcspn(slash, "/");
        text_clear(&part);
        text_add_part(&part, path, (size_t)(slash - path));
        status = text_status(&part, error);
        if (!status && mkdir(part.bytes, 0777) != 0 && errno != EEXIST)
            status = error_file(error, "make the folder", part.bytes);
    }
    text_release(&part);
    return status;
}

void path_join(struct text *path, const char *folder, const char *name)
{
    text_add(path, folder);
    if (path->length && path->bytes[path->length - 1] != '/')
        text_add_char(path, '/');
    text_add(path, name);
}

bool path_xdg(struct text *path, const char *variable, const char *fallback)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    if (base && base[0] == '/')
        path_join(path, base, "nabla");
    else if (home && home[0])
        text_printf(path, "%s/%s/nabla", home, fallback);
    else
        return false;
    return true;
}
