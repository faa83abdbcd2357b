/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/present.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/onset.h"
#include "lesson/player.h"

#define MARGIN     6
#define WIDTH_MOST 72
#define ROWS_LEAST 6
#define BACKSPACE  '\177'
#define CTRL_H     '\b'
#define CTRL_D     '\004'

static const char cleared[] = "\033[H\033[2J";

struct line {
    char *text;
    bool begins; /* a slide: a section */
    bool apart;  /* from the line before */
    bool joined; /* to the line before: the rule under a heading */
};

/* All lines so far, of which the first `shown` have been revealed. */
struct deck {
    struct session *session;
    struct line *lines;
    size_t count, capacity, shown;
    bool apart, begins; /* the next line */
    enum nb_status status;
};

/* ---- Lines -------------------------------------------------------------------- */

/* The bytes behind blanks and escapes. */
static const char *skip_unseen(const char *at)
{
    for (;;) {
        at += strspn(at, " ");
        if (*at != '\033')
            return at;
        at += strcspn(at, "m\n");
        at += *at == 'm';
    }
}

/* Nothing but a rule: what stands under a heading. */
static bool is_rule(const char *line)
{
    static const char rule[] = "─";
    const char *at = skip_unseen(line);
    const char *drawn = *at == '-' ? "-" : rule;
    size_t count = 0, width = strlen(drawn);
    for (; !strncmp(at, drawn, width); at += width)
        count++;
    at = skip_unseen(at);
    return count > 2 && (*at == '\n' || !*at);
}

static enum nb_status add_line(struct deck *deck, const char *text, size_t length)
{
    struct line *lines = array_grow(deck->lines, deck->count, &deck->capacity, sizeof *lines);
    char *copy = string_copy_part(text, length);
    if (lines)
        deck->lines = lines;
    if (!lines || !copy) {
        free(copy);
        return NB_SYSTEM;
    }
    bool joined = deck->count && !deck->apart && is_rule(copy);
    lines[deck->count++] = (struct line){ copy, deck->begins, deck->apart, joined };
    deck->begins = deck->apart = false;
    return NB_OK;
}

static void add_lines(struct deck *deck, const struct text *text)
{
    for (size_t at = 0; at < text->length && !deck->status;) {
        size_t length = strcspn(text->bytes + at, "\n");
        const char *seen = skip_unseen(text->bytes + at);
        if (*seen == '\n' || !*seen)
            deck->apart = true;
        else
            deck->status = add_line(deck, text->bytes + at, length);
        at += length + 1;
    }
}

/* Plays parts until one has shown something; false at the end. */
static bool play_more(struct deck *deck)
{
    struct session *session = deck->session;
    struct lesson_player *player = session->lesson;
    struct sink *out = session->out;
    struct text text = TEXT_INIT;
    size_t before = deck->count;
    int width = out->width - 2 * MARGIN;
    struct sink slide = sink_to_text(&text, out->unicode, width < WIDTH_MOST ? width : WIDTH_MOST);
    slide.color = out->color;
    slide.truecolor = out->truecolor;
    session->out = &slide;
    player_write_to(player, &slide);
    while (!deck->status && deck->count == before &&
           player_section(player) < player_lesson(player)->sections) {
        size_t section = player_section(player);
        onset_mark(session);
        deck->status = player_next_part(player);
        add_lines(deck, &text);
        text_clear(&text);
        deck->begins |= player_section(player) > section;
    }
    session->out = out;
    player_write_to(player, out);
    text_release(&text);
    return deck->count > before;
}

/* ---- The screen ----------------------------------------------------------------- */

/* Rows that a line takes, with those that are blank before it. */
static size_t rows_of(const struct line *line)
{
    return line->joined ? 1 : 2 + line->apart;
}

/* The first line of the present slide that fits together with those behind it. */
static size_t first_shown(const struct deck *deck)
{
    int screen = deck->session->keyboard->rows(deck->session->keyboard->context);
    size_t rows = screen > ROWS_LEAST ? (size_t)screen - 2 : SIZE_MAX, first = deck->shown;
    while (first && (first == deck->shown || !deck->lines[first].begins)) {
        size_t taken = rows_of(&deck->lines[first - 1]);
        if (taken > rows)
            break;
        rows -= taken;
        first--;
    }
    return first;
}

static void draw(const struct deck *deck)
{
    struct sink *out = deck->session->out;
    const char *plain = style_escape(out->color, STYLE_PLAIN);
    sink_puts(out, cleared);
    for (size_t i = first_shown(deck); i < deck->shown; i++) {
        const struct line *line = &deck->lines[i];
        sink_printf(out, "%.*s%*s%s%s\n", (int)rows_of(line) - 1, "\n\n", MARGIN, "", line->text,
                    plain);
    }
}

static void step_on(struct deck *deck, bool *over)
{
    *over = deck->shown == deck->count && !play_more(deck);
    deck->shown += !*over;
    while (deck->shown < deck->count && deck->lines[deck->shown].joined)
        deck->shown++;
}

static void step_back(struct deck *deck)
{
    size_t shown = deck->shown - 1;
    while (shown && deck->lines[shown].joined)
        shown--;
    if (shown)
        deck->shown = shown;
}

enum nb_status session_present(struct session *session)
{
    const struct keyboard *keyboard = session->keyboard;
    struct deck deck = { .session = session, .begins = true };
    bool over = false;
    step_on(&deck, &over);
    while (!over && !deck.status) {
        draw(&deck);
        char key = keyboard->next(keyboard->context);
        if (key == 'q' || key == CTRL_D)
            break;
        if (key == 'b' || key == BACKSPACE || key == CTRL_H)
            step_back(&deck);
        else if (key == ' ' || key == '\r' || key == '\n')
            step_on(&deck, &over);
    }
    for (size_t i = 0; i < deck.count; i++)
        free(deck.lines[i].text);
    free(deck.lines);
    sink_puts(session->out, "\n");
    session->presenting = false;
    return deck.status;
}
