/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson's output blocks, written anew from what its commands print. */
#ifndef NABLA_LESSON_BLESS_H
#define NABLA_LESSON_BLESS_H

#include "lesson/player.h"

/* Adds what an output block should say where it says `expected` and `got` is printed.
 * Lines that match stay as they are written; `...` stays, and stands for what it stood
 * for, where the lines around it can still be told apart. */
void bless_output(struct text *text, const char *expected, size_t expected_length, const char *got,
                  size_t got_length);

/* Plays the lesson and, with `writes`, its file with the output blocks that differed; nothing
 * else in it changes, byte for byte.  *changed of *blocks are others now.  A block that cannot
 * be run is left as it is.  NB_WRONG: commands failed, which has been reported; the file
 * is as it was. */
enum nb_status lesson_bless(struct lesson_player *player, bool writes, size_t *changed,
                            size_t *blocks, struct nb_error *error);

#endif
