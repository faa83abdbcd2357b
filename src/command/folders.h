/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nabla's own files are: the lessons, and below them in data/ the small
 * data sets; and where lessons may write. */
#ifndef NABLA_COMMAND_FOLDERS_H
#define NABLA_COMMAND_FOLDERS_H

#include "base/text.h"

struct session;

/* The folder of the lessons, into an empty text; the first of these that exists:
 * $NABLA_LESSONS, EXECUTABLE/../share/nabla/lessons, the lessons of the source
 * tree that the program was built in, the folder it was configured for.
 * NB_SYSTEM where none exists, or $NABLA_LESSONS is set and is no folder. */
enum nb_status folder_lessons(struct text *path, struct nb_error *error);

/* May the file be written now?  NB_FAILED: a lesson's block would write it outside of the
 * working folder, which only the setting unsafe-paths allows. */
enum nb_status folder_check_write(const struct session *session, const char *path,
                                  struct nb_error *error);

#endif
