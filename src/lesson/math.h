/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mathematics of a lesson's prose, as Unicode on one line. */
#ifndef NABLA_LESSON_MATH_H
#define NABLA_LESSON_MATH_H

#include "base/text.h"

/* Adds what stands between dollars: \frac{\partial L}{\partial w^1_{1,1}}
 * becomes ∂L/∂w¹₁₁, with brackets wherever it would be read as something else.
 * NB_USAGE: it is no TeX that is known here, error->at is a place in `tex`; it was
 * added as it is written. */
enum nb_status math_add(struct text *text, const char *tex, size_t length, struct nb_error *error);

/* Copies Markdown line by line, with $...$ and $$...$$ outside of code set by
 * math_add, escaped so that Markdown leaves it alone.  Line numbers stay.  The first
 * fault is what math_add says, at a place in `markdown`; the rest is copied all the same. */
enum nb_status math_replace(struct text *text, const char *markdown, size_t length,
                            struct nb_error *error);

#endif
