/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can stand at a place of a line: commands, argument names, choices,
 * quantities of the present network, settings, variables, help topics.
 *
 *     line  net 3-2-2 si|        start 10, words { "sigmoid" }, append ' '
 *     line  print w2|            start 6,  words { "w2[" }, append '\0'
 *     line  source les|          start 7,  files: file names are welcome
 */
#ifndef NABLA_COMMAND_COMPLETE_H
#define NABLA_COMMAND_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "nabla.h"

struct session;

struct completion {
    char **words; /* (count) whole replacements of line[start..point), sorted, without doubles */
    size_t count, capacity;
    size_t start; /* byte in the line where the word under completion begins */
    bool files;   /* file names may stand here, too */
    char append;  /* what follows a single match: ' ', or '\0' for nothing */
};

/* Fills *completion, which is overwritten.  `point` is where the cursor stands,
 * at most `length`.  NB_SYSTEM: memory. */
enum nb_status session_complete(struct session *session, const char *line, size_t length,
                                size_t point, struct completion *completion,
                                struct nb_error *error);
void completion_release(struct completion *completion);

#endif
