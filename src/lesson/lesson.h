/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lesson: a CommonMark file whose fenced blocks do the work.
 *
 *     ---                          front matter: key: value
 *     title: From pen and paper
 *     order: 1
 *     ---
 *     # Forward                    a heading begins a section
 *     Prose, lists, $\sigma(z)$.
 *     ```nabla                     commands: silent, fails, needs=DATA
 *     ```output                    what the block before must print
 *     ```ask d21 points=2          a question (ask.h)
 *
 * Blocks stand at the left margin, outside lists and quotes; any other fence is
 * shown as code.
 */
#ifndef NABLA_LESSON_LESSON_H
#define NABLA_LESSON_LESSON_H

#include "base/text.h"
#include "lesson/ask.h"

#define LESSON_MOST       ((size_t)1 << 20) /* bytes */
#define LESSON_LINE_MOST  ((size_t)10000)   /* bytes of one line */
#define LESSON_DEPTH_MOST 40                /* lists and quotes within each other */
#define LESSON_ASKS_MOST  500

struct cmark_node;

enum lesson_part_kind { LESSON_PROSE, LESSON_COMMANDS, LESSON_OUTPUT, LESSON_ASK };

/* A part lasts from one heading or fence to the next. */
struct lesson_part {
    enum lesson_part_kind kind;
    size_t section;          /* from 0 */
    size_t line;             /* of its first line in the file, from 1 */
    size_t fence;            /* where the opening fence stands in the source */
    size_t at, length;       /* a block's contents in the source */
    struct cmark_node *node; /* prose: one block of it */
    bool silent, fails;
    char *needs;     /* the data set it needs, or NULL */
    struct ask *ask; /* LESSON_ASK */
};

struct lesson {
    char *path;
    char *title;        /* of the front matter, else the first heading, else the path */
    size_t order;       /* 0: none given */
    bool skip_never;    /* skip: never: a question is answered before the lesson goes on */
    bool varies;        /* vary: seed: the numbers are drawn, another seed gives others */
    struct text source; /* the file, with plain newlines */
    struct text
        prose; /* as Markdown sees it: no front matter, mathematics set; line by line the same */
    size_t *lines; /* where each line of the source begins */
    size_t line_count, line_capacity;
    struct lesson_part *parts;
    size_t count, capacity, sections, asks;
    struct cmark_node *document;
};

/* Reads a lesson; *lesson is overwritten and needs lesson_release either way.
 * NB_SYSTEM: cannot be read, too large.  NB_USAGE: no text, nested too deep, a
 * bad front matter or block; error->at is a place in lesson->source. */
enum nb_status lesson_read(const char *path, struct lesson *lesson, struct nb_error *error);
void lesson_release(struct lesson *lesson);

/* The question with this id; NULL: there is none. */
const struct ask *lesson_ask(const struct lesson *lesson, const char *id, size_t length);

/* Only what a list of lessons shows; a cheaper lesson_read. */
enum nb_status lesson_read_front(const char *path, struct lesson *lesson, struct nb_error *error);

#endif
