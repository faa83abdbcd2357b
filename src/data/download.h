/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file from an http://, https:// or file:// address, gone on with where it was cut. */
#ifndef NABLA_DATA_DOWNLOAD_H
#define NABLA_DATA_DOWNLOAD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "nabla.h"

struct download {
    const char *url;
    const char *path; /* bytes that are there already are taken for its beginning */
    uint64_t most;    /* bytes that it may have */
    const volatile sig_atomic_t *interrupt; /* NULL, or nonzero: stop */
    /* Called now and then; total is 0 while it is not known.  May be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
    bool resumed; /* receives: did it go on with bytes that were there? */
};

/* Fetches into `path`, where on failure the bytes stay that came.  NB_SYSTEM: no
 * such address, no connection, cut before the end, cannot write; or the program
 * was built without libcurl.  NB_INTERRUPTED. */
enum nb_status download_run(struct download *download, struct nb_error *error);

#endif
