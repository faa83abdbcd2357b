/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nabla's own files are: the lessons, and below them in data/ the small
 * data sets. */
#ifndef NABLA_COMMAND_FOLDERS_H
#define NABLA_COMMAND_FOLDERS_H

#include "base/text.h"

/* The folder of the lessons, into an empty text; the first of these that exists:
 * $NABLA_LESSONS, EXECUTABLE/../share/nabla/lessons, the lessons of the source
 * tree that the program was built in, the folder it was configured for.
 * NB_SYSTEM where none exists, or $NABLA_LESSONS is set and is no folder. */
enum nb_status folder_lessons(struct text *path, struct nb_error *error);

#endif
