/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lessons that come with nabla, in their order, and the reports: lessons of their own
 * folder, which train for long. */
#ifndef NABLA_COMMAND_SHELF_H
#define NABLA_COMMAND_SHELF_H

#include "nabla.h"

#define SHELF_REPORTS "report"

struct shelf_entry {
    char *path; /* FOLDER/01-pen-and-paper.md */
    char *name; /* 01-pen-and-paper, report/aml-cifar */
    char *title;
    size_t order;
};

struct shelf {
    struct shelf_entry *entries; /* by order, then by name */
    size_t count, capacity;
};

/* *shelf is overwritten and needs shelf_release either way.  NB_SYSTEM: no folder. */
enum nb_status shelf_read(struct shelf *shelf, struct nb_error *error);
void shelf_release(struct shelf *shelf);

bool shelf_is_report(const struct shelf_entry *entry);

/* A number, a name (pen-and-paper, with or without its number), or a beginning of
 * one.  NB_USAGE: none such, naming the nearest, or several. */
enum nb_status shelf_find(const struct shelf *shelf, const char *word,
                          const struct shelf_entry **entry, struct nb_error *error);

#endif
