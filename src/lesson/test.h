/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson as a test: every block is played without a person. */
#ifndef NABLA_LESSON_TEST_H
#define NABLA_LESSON_TEST_H

#include "lesson/player.h"

struct lesson_tally {
    size_t passed, failed, skipped; /* blocks */
};

/* Plays all blocks of the lesson; what is wrong, and what is skipped, is said on
 * `report` as FILE:LINE.  After a block of commands fails the rest of the
 * lesson is left out.  NB_WRONG: something failed; NB_FAILED: it has no blocks. */
enum nb_status lesson_test(struct lesson_player *player, struct sink *report,
                           struct lesson_tally *tally);

#endif
