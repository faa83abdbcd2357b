/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of one run of `train`: plain data that can be copied, compared,
 * written to a file and read again.
 *
 *     settings ──▶ defaults ──▶ like="…" ──▶ as given ──▶ struct train_options
 */
#ifndef NABLA_COMMAND_TRAINOPTIONS_H
#define NABLA_COMMAND_TRAINOPTIONS_H

#include "command/command.h"
#include "command/session.h"

enum train_validate { VALIDATE_VALIDATION, VALIDATE_TEST, VALIDATE_OFF };

struct train_options {
    struct nb_learning learning; /* lr is the rate that the schedule begins with */
    struct nb_schedule schedule;
    uint64_t epochs;      /* the limit, at least 1; with steps: as many as they take */
    uint64_t steps;       /* 0: no limit */
    uint64_t batch;       /* 0: full */
    uint64_t seed;        /* of the shuffles */
    uint64_t first_epoch; /* epochs trained before: shuffles go on from there */
    bool shuffle, flip, quiet;
    enum train_validate validate; /* of no effect without that part */
    uint64_t patience;            /* 0: no early stopping */
    uint64_t every;               /* epochs, or updates, between lines of the table */
    bool every_steps;
    char name[80];
    char until[400]; /* a condition, or "" */
    char log[1024];  /* paths, or "" */
    char checkpoint[1024];
};

/* The options of `call` (a row with the arguments of train), on top of `like`,
 * or of the session's settings where it is NULL.  NB_USAGE, with a place: an
 * option that the optimiser does not use, a schedule that cannot be read;
 * NB_FAILED: patience without a validation part.  Needs a network and rows. */
enum nb_status train_options_read(struct session *session, const struct call *call,
                                  const struct train_options *like, struct train_options *options,
                                  struct nb_error *error);

/* Do they learn alike, whichever rows N counts? */
bool train_learning_same(const struct nb_learning *a, const struct nb_learning *b);

/* Adds every option in force, as the line at the beginning of a run has it. */
void train_options_add(struct text *text, const struct session *session,
                       const struct train_options *options, bool unicode);

#endif
