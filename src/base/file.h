/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read at once, written beside and renamed, so that a failed
 * write leaves the old file as it was. */
#ifndef NABLA_BASE_FILE_H
#define NABLA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

/* The file's bytes into an empty text.  NB_SYSTEM: cannot be read, a folder,
 * larger than `most` bytes. */
enum nb_status file_read(const char *path, size_t most, struct text *bytes, struct nb_error *error);

/* Writes bytes[0..length) as the file `path`, or leaves the old one whole.  A
 * symbolic link stays and what it names is replaced; a device or pipe is
 * written to. */
enum nb_status file_write(const char *path, const char *bytes, size_t length,
                          struct nb_error *error);

/* Writes behind what the file has, which it keeps alone where there is no room for all. */
enum nb_status file_append(const char *path, const char *bytes, size_t length,
                           struct nb_error *error);

/* All of the bytes, also where write() takes them in parts or is interrupted;
 * false leaves errno. */
bool descriptor_write(int fd, const char *bytes, size_t length);

bool file_exists(const char *path);
bool folder_exists(const char *path);

/* Does file_write of `path` stay below the working folder, all links followed?
 * NB_SYSTEM: its folder does not exist. */
enum nb_status path_stays_below(const char *path, bool *below, struct nb_error *error);

/* Makes the folder and those above it; one that exists is fine. */
enum nb_status folder_make(const char *path, struct nb_error *error);

/* "FOLDER/NAME" into an empty text. */
void path_join(struct text *path, const char *folder, const char *name);

/* "$VARIABLE/nabla", else "$HOME/FALLBACK/nabla", the XDG way; false where
 * neither is set. */
bool path_xdg(struct text *path, const char *variable, const char *fallback);

#endif
