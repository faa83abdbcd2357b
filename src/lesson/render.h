/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prose set for the terminal, wrapped to the sink's width. */
#ifndef NABLA_LESSON_RENDER_H
#define NABLA_LESSON_RENDER_H

#include "base/sink.h"
#include "lesson/lesson.h"

/* One block of prose, and a blank line behind it. */
void lesson_render(const struct lesson *lesson, const struct lesson_part *part, struct sink *sink);

#endif
