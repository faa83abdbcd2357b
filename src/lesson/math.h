/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mathematics of a lesson's prose, as Unicode on one line. */
#ifndef NABLA_LESSON_MATH_H
#define NABLA_LESSON_MATH_H

#include "base/text.h"

/* Adds what stands between dollars: \frac{\partial L}{\partial w^1_{1,1}}
 * becomes ∂L/∂w¹₁₁.  What has no simple form stays as it was written. */
void math_add(struct text *text, const char *tex, size_t length);

/* Copies Markdown line by line, with $...$ and $$...$$ outside of code set by
 * math_add, escaped so that Markdown leaves it alone.  Line numbers stay. */
void math_replace(struct text *text, const char *markdown, size_t length);

#endif
