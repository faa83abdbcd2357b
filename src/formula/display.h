/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formulas set off from the text, in media that build them up: lines below each
 * other, aligned at their first relation, and broken where they are too wide.
 *
 *     z^{1}_{1} &= x_{1} \cdot w^{1}_{11} + x_{2} \cdot w^{1}_{21} \\
 *               &\quad{} + x_{3} \cdot w^{1}_{31} \\
 *               &= 0.585
 */
#ifndef NABLA_FORMULA_DISPLAY_H
#define NABLA_FORMULA_DISPLAY_H

#include "formula/medium.h"
#include "formula/phrase.h"

struct display_line {
    struct phrase phrase;
    struct text math; /* in place of a phrase: in the medium already */
    bool apart;       /* a little space above it */
};

struct display {
    struct display_line *lines;
    size_t count, capacity;
    bool failed;
};
#define DISPLAY_INIT                                                                               \
    {                                                                                              \
        NULL, 0, 0, false                                                                          \
    }

/* Takes the phrase. */
void display_add(struct display *display, struct phrase *phrase, bool apart);
void display_add_math(struct display *display, const char *math, bool apart);
void display_release(struct display *display);

/* Writes the lines, at most `columns` wide, and leaves the display empty. */
void display_set(struct text *text, const struct notation *notation, struct display *display,
                 size_t columns);

/* Columns that the measure of a formula takes, that a phrase takes on one line. */
size_t display_width(const struct text *measure);
size_t display_phrase_width(const struct notation *notation, const struct phrase *phrase);

/* A formula without its marks. */
void display_finish(struct text *text, const struct medium *medium, const char *math);

#endif
