/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions for tests: commands go in, text comes out, and images of the whole
 * session are compared bit by bit.  All fail the running test where they must. */
#ifndef NABLA_TESTS_SESSIONS_H
#define NABLA_TESTS_SESSIONS_H

#include "nets.h"

#include "base/text.h"
#include "command/session.h"

/* Sets up the pen-and-paper exercise: 3-2-2 sigmoid, x, y and lr 0.1. */
extern const char exercise[];

struct fixture {
    struct text out_text, err_text; /* of the last run */
    struct sink out, err;
    struct session *session;
};

/* A session in which `commands` have run. */
struct fixture *fixture_new(const char *commands);
void fixture_free(struct fixture *fixture);

enum nb_status run(struct fixture *fixture, const char *commands);
void must_run(struct fixture *fixture, const char *commands); /* NB_OK */
const struct nb_net *net_of(const struct fixture *fixture);

/* Removes a folder that a test made, and all in it; 0, or another number. */
int folder_remove(const char *path);

/* Everything that going back must restore, into a text that is overwritten. */
void image_make(const struct session *session, struct text *image);
/* Likewise, but for what only one session can have: the very data set. */
void image_twin(const struct session *session, struct text *image);
void assert_twins(const struct fixture *a, const struct fixture *b, const char *what);
bool image_equal(const struct text *a, const struct text *b);
void assert_image(const struct fixture *fixture, const struct text *expected, const char *what);

#endif
