/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/bar.h"

#include <string.h>
#include <time.h>

#define BAR_WIDTH 30 /* at most */

void bar_draw(struct sink *sink, const char *head, double part, const char *tail)
{
    const char *full = sink->unicode ? "━" : "#", *rest = sink->unicode ? "─" : ".";
    size_t words = utf8_width(head, strlen(head)) + utf8_width(tail, strlen(tail)) + 1;
    size_t width = (size_t)sink->width, bar = width > words ? width - words : 0;
    struct text text = TEXT_INIT;
    bar = bar < BAR_WIDTH ? bar : BAR_WIDTH;
    size_t filled = part > 0 ? (size_t)((part < 1 ? part : 1) * (double)bar) : 0;
    text_printf(&text, "\r%s", head);
    text_repeat(&text, full, filled);
    text_repeat(&text, rest, bar - filled);
    text_printf(&text, "%s\033[K", tail);
    sink_text(sink, &text);
    text_release(&text);
}

void bar_clear(struct sink *sink)
{
    sink_puts(sink, "\r\033[K");
}

void duration_add(struct text *text, double seconds)
{
    unsigned long long whole = seconds < 1e9 ? (unsigned long long)(seconds + 0.5) : 999999999;
    if (whole >= 3600)
        text_printf(text, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        text_printf(text, "%llu:%02llu", whole / 60, whole % 60);
}

double clock_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
