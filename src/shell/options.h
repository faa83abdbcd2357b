/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: one table of options, from which --help is written too. */
#ifndef NABLA_SHELL_OPTIONS_H
#define NABLA_SHELL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sink.h"
#include "nabla.h"

/* One thing to run, in the order given. */
struct job {
    bool commands; /* -c: `text` holds commands; else it is a path */
    const char *text;
};

/* A setting given as an option; it goes through the table of settings. */
struct preset {
    const char *name, *value;
};

#define PRESETS_MOST 8

/* --seeds A..B */
struct seeds {
    bool given;
    uint64_t first, last;
};

/* What the command line asks for.  Texts belong to argv, the jobs to this. */
struct invocation {
    struct job *jobs;
    size_t job_count, job_capacity;
    struct preset presets[PRESETS_MOST];
    size_t preset_count;
    struct seeds seeds;
    bool prompt;     /* -i */
    bool keep_going; /* -k */
    bool quiet;      /* -q */
    bool echo;
    bool test;
    bool bless;
    bool answers;       /* --answers: the jobs are such files */
    const char *lesson; /* --grade; the others are NULL likewise where they are not given */
    const char *json, *junit, *csv, *student;
    bool version;
    bool help;
};

/* NB_USAGE: an unknown option (with the nearest), a value missing or one too
 * many, an option with a value given twice. */
enum nb_status options_parse(int argc, char *const argv[], struct invocation *invocation,
                             struct nb_error *error);
void invocation_release(struct invocation *invocation);

void options_help(struct sink *sink);

#endif
