/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sink.h"

#include <stdarg.h>
#include <string.h>

void sink_write(struct sink *sink, const char *bytes, size_t length)
{
    if (length)
        sink->write(sink->context, bytes, length);
}

void sink_puts(struct sink *sink, const char *string)
{
    sink_write(sink, string, strlen(string));
}

void sink_printf(struct sink *sink, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    sink_text(sink, &text);
    text_release(&text);
}

void sink_text(struct sink *sink, const struct text *text)
{
    sink_write(sink, text->bytes, text->length);
}

const char *style_escape(bool color, enum sink_style style)
{
    static const char *const escapes[] = {
        [STYLE_PLAIN] = "\033[0m",     [STYLE_TITLE] = "\033[1m", [STYLE_NAME] = "\033[36m",
        [STYLE_RESULT] = "\033[1;33m", [STYLE_FAINT] = "\033[2m", [STYLE_GOOD] = "\033[32m",
        [STYLE_BAD] = "\033[1;31m",
    };
    return color ? escapes[style] : "";
}

void sink_style(struct sink *sink, enum sink_style style)
{
    sink_puts(sink, style_escape(sink->color, style));
}

void sink_styled(struct sink *sink, enum sink_style style, const char *string)
{
    sink_style(sink, style);
    sink_puts(sink, string);
    sink_style(sink, STYLE_PLAIN);
}

static void write_to_text(void *context, const char *bytes, size_t length)
{
    text_add_part(context, bytes, length);
}

struct sink sink_to_text(struct text *text, bool unicode, int width)
{
    return (
        struct sink){ .write = write_to_text, .context = text, .unicode = unicode, .width = width };
}
