/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress bars: one line of a terminal that is drawn over itself. */
#ifndef NABLA_COMMAND_BAR_H
#define NABLA_COMMAND_BAR_H

#include "base/sink.h"

#define BAR_SECONDS 0.1 /* at most 10 times a second */

/* Draws HEAD ━━━── TAIL, `part` (0..1) of the bar full, within the sink's width. */
void bar_draw(struct sink *sink, const char *head, double part, const char *tail);
void bar_clear(struct sink *sink); /* the line is empty again */

/* "1:05:09", "0:07" */
void duration_add(struct text *text, double seconds);

double clock_seconds(void); /* that goes on evenly */

#endif
