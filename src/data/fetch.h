/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bringing published data sets: each file comes into NAME.part, and takes its name
 * when its SHA-256 is the published one.
 *
 *     URL/train-labels-idx1-ubyte.gz ─▶ FOLDER/mnist/train-labels-idx1-ubyte.gz.part
 *                                                     │ the same bytes?
 *                                       FOLDER/mnist/train-labels-idx1-ubyte.gz
 */
#ifndef NABLA_DATA_FETCH_H
#define NABLA_DATA_FETCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "nabla.h"

#define FETCH_FILES_MOST 4

struct fetch_file {
    const char *name;
    const char *sha256; /* of the file, or, where `unpacked`, of what it is gzip of */
    bool unpacked;      /* so that a mirror may have packed it anew */
    uint64_t most;      /* bytes; more are another file */
};

struct fetch_set {
    const char *name;
    const char *url;                               /* where the files are */
    const char *folder;                            /* below the data folder, or "" */
    struct fetch_file files[FETCH_FILES_MOST + 1]; /* ended by a NULL name */
};

/* The sets that can be fetched; their names as choices. */
const struct fetch_set *fetch_find(const char *name); /* NULL: none */
const struct nb_choice *fetch_names(size_t *count);

/* Who looks on; all may be NULL. */
struct fetch_watch {
    const volatile sig_atomic_t *interrupt;
    /* Now and then; total is 0 while it is not known. */
    void (*progress)(void *context, const char *file, uint64_t done, uint64_t total);
    /* A file is there with the right sum, of so many bytes; was it before? */
    void (*file)(void *context, const char *file, uint64_t bytes, bool before);
    void *context;
};

/* Brings all files below `folder` from the set's own address or from `from`
 * (NULL), which is the folder of the files or, where there is one, the file.
 * Files that are there with the right sum stay.  NB_USAGE: no such kind of
 * address; NB_SYSTEM: it cannot be reached or written, a sum differs;
 * NB_INTERRUPTED.  What has come of a file stays to be gone on with. */
enum nb_status fetch_run(const struct fetch_set *set, const char *from, const char *folder,
                         const struct fetch_watch *watch, struct nb_error *error);

#endif
