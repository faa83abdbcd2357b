/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where text for people goes, and what it may look like there.  Handlers,
 * views and formulas write to a sink and never look at the terminal.
 */
#ifndef NABLA_BASE_SINK_H
#define NABLA_BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/text.h"

enum sink_style {
    STYLE_PLAIN,
    STYLE_TITLE,
    STYLE_NAME,
    STYLE_RESULT,
    STYLE_FAINT,
    STYLE_GOOD,
    STYLE_BAD
};

struct sink {
    void (*write)(void *context, const char *bytes, size_t length);
    void *context;
    bool unicode;   /* else ASCII only */
    bool color;     /* ANSI escapes are welcome */
    int width;      /* columns; 80 where nothing else is known */
    bool truecolor; /* and those of 24 bits; else 256 colours */
    bool terminal;  /* a person looks at it: not a file or another program */
};

void sink_write(struct sink *sink, const char *bytes, size_t length);
void sink_puts(struct sink *sink, const char *string); /* adds no newline */
void sink_printf(struct sink *sink, const char *format, ...) PRINTF_LIKE(2, 3);
void sink_text(struct sink *sink, const struct text *text);

/* Begins a style, and STYLE_PLAIN ends it; nothing where color is off. */
void sink_style(struct sink *sink, enum sink_style style);
void sink_styled(struct sink *sink, enum sink_style style, const char *string);

/* The escape that begins a style, "" where `color` is off: for building lines. */
const char *style_escape(bool color, enum sink_style style);

/* A sink that collects into `text`, which outlives it. */
struct sink sink_to_text(struct text *text, bool unicode, int width);

#endif
