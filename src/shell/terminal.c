/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

#define PENDING_MOST 65536 /* bytes kept back at the most */
#define WIDTH_LEAST  20
#define WIDTH_MOST   500

void terminal_flush(struct terminal *terminal)
{
    struct text *pending = &terminal->pending;
    if (pending->failed && !terminal->failure)
        terminal->failure = ENOMEM;
    if (!terminal->failure && !descriptor_write(STDOUT_FILENO, pending->bytes, pending->length)) {
        terminal->failure = errno;
        *terminal->interrupt = 1;
    }
    text_clear(pending);
    clock_gettime(CLOCK_MONOTONIC, &terminal->flushed);
}

static bool flush_is_due(const struct terminal *terminal)
{
    if (terminal->output)
        return true;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - terminal->flushed.tv_sec) +
                     1e-9 * (double)(now.tv_nsec - terminal->flushed.tv_nsec);
    return seconds > 0.1;
}

/* To the pending bytes, asking at the end of each screenful. */
static void add_pages(struct terminal *terminal, const char *bytes, size_t length)
{
    struct pager *pager = &terminal->pager;
    while (length && !pager->stopped) {
        size_t fits = pager_fits(pager, bytes, length);
        text_add_part(&terminal->pending, bytes, fits);
        bytes += fits;
        length -= fits;
        if (length) {
            terminal_flush(terminal);
            pager_ask(pager, terminal->interrupt);
        }
    }
}

/* Whole lines go out at once on a terminal, and ten times a second elsewhere,
 * so that a long training can be followed through a pipe. */
static void write_out(void *context, const char *bytes, size_t length)
{
    struct terminal *terminal = context;
    if (terminal->out.unicode) {
        add_pages(terminal, bytes, length);
    } else {
        struct text ascii = TEXT_INIT;
        ascii_add(&ascii, bytes, length);
        terminal->pending.failed |= ascii.failed;
        add_pages(terminal, ascii.bytes, ascii.length);
        text_release(&ascii);
    }
    bool line = memchr(bytes, '\n', length) != NULL;
    if (terminal->pending.length > PENDING_MOST || (line && flush_is_due(terminal)))
        terminal_flush(terminal);
}

/* Once output is lost, what follows from that is not worth saying; terminal_finish
 * says what was lost.  About a standard error that can't be written to nothing
 * can be said at all. */
static void write_err(void *context, const char *bytes, size_t length)
{
    struct terminal *terminal = context;
    terminal_flush(terminal);
    if (terminal->failure)
        return;
    if (terminal->err.unicode) {
        (void)descriptor_write(STDERR_FILENO, bytes, length);
        return;
    }
    struct text ascii = TEXT_INIT;
    ascii_add(&ascii, bytes, length);
    (void)descriptor_write(STDERR_FILENO, ascii.bytes, ascii.length);
    text_release(&ascii);
}

static bool width_from_environment(int *width)
{
    const char *columns = getenv("COLUMNS");
    uint64_t value;
    if (!columns || !number_parse_whole(columns, strlen(columns), WIDTH_MOST, &value))
        return false;
    *width = (int)value;
    return true;
}

void terminal_measure(struct terminal *terminal)
{
    struct winsize window;
    int width = 80;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col;
    if (known)
        width = window.ws_col;
    else
        width_from_environment(&width);
    if (width < WIDTH_LEAST)
        width = WIDTH_LEAST;
    terminal->out.width = terminal->err.width = width < WIDTH_MOST ? width : WIDTH_MOST;
    terminal->pager.columns = width;
    terminal->pager.rows = known ? window.ws_row : 0;
}

void terminal_page(struct terminal *terminal, bool wanted)
{
    pager_begin(&terminal->pager, wanted && terminal->input && terminal->output);
}

void terminal_set_color(struct terminal *terminal, enum color_choice choice)
{
    const char *no_color = getenv("NO_COLOR");
    bool welcome = choice == COLOR_AUTO && terminal->smart && !(no_color && no_color[0]);
    terminal->out.color = choice == COLOR_ALWAYS || (welcome && terminal->output);
    terminal->err.color = choice == COLOR_ALWAYS || (welcome && terminal->errors);
}

/* What terminals that have it say of themselves. */
static bool truecolor(void)
{
    const char *given = getenv("COLORTERM");
    return given && (!strcmp(given, "truecolor") || !strcmp(given, "24bit"));
}

void terminal_init(struct terminal *terminal, volatile sig_atomic_t *interrupt)
{
    setlocale(LC_CTYPE, "");
    bool unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
    const char *term = getenv("TERM");
    *terminal = (struct terminal){
        .out = { write_out, terminal, unicode, false, 80, truecolor(), isatty(STDOUT_FILENO) },
        .err = { write_err, terminal, unicode, false, 80, truecolor(), isatty(STDERR_FILENO) },
        .input = isatty(STDIN_FILENO),
        .output = isatty(STDOUT_FILENO),
        .errors = isatty(STDERR_FILENO),
        .smart = term && term[0] && strcmp(term, "dumb") != 0,
        .pending = TEXT_INIT,
        .interrupt = interrupt,
    };
    clock_gettime(CLOCK_MONOTONIC, &terminal->flushed);
    terminal_measure(terminal);
    terminal_set_color(terminal, COLOR_AUTO);
}

enum nb_status terminal_finish(struct terminal *terminal, struct nb_error *error)
{
    terminal_flush(terminal);
    text_release(&terminal->pending);
    int failure = terminal->failure;
    terminal->failure = 0;
    if (!failure)
        return NB_OK;
    if (failure == EPIPE)
        return error_set(error, NB_SYSTEM, "%s", "");
    return error_set(error, NB_SYSTEM, "cannot write to standard output: %s", strerror(failure));
}
