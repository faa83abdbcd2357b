/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/pager.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_D '\004'

static const char question[] = "-- more --";
static const char erased[] = "\r          \r";

void pager_begin(struct pager *pager, bool on)
{
    pager->on = on;
    pager->stopped = false;
    pager->row = pager->column = 0;
    pager->escape = false;
}

/* Does the byte take a column?  An escape ends with a letter. */
static bool takes_column(struct pager *pager, char byte)
{
    bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    if (byte == '\033')
        pager->escape = true;
    else if (pager->escape)
        pager->escape = !letter;
    else
        return ((unsigned char)byte & 0xc0) != 0x80;
    return false;
}

size_t pager_fits(struct pager *pager, const char *bytes, size_t length)
{
    if (!pager->on || pager->rows < 2)
        return length;
    for (size_t i = 0; i < length; i++) {
        bool takes = takes_column(pager, bytes[i]);
        if (takes && bytes[i] != '\n' && pager->column == pager->columns) {
            pager->row++;
            pager->column = 0;
        }
        if (takes && pager->row >= pager->rows - 1)
            return i;
        if (bytes[i] == '\n')
            pager->row++;
        pager->column = bytes[i] == '\n' ? 0 : pager->column + takes;
    }
    return length;
}

/* Keys come as they are pressed and are not shown. */
static bool begin_keys(struct termios *before)
{
    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios now = *before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &now) == 0;
}

static void end_keys(const struct termios *before)
{
    (void)tcsetattr(STDIN_FILENO, TCSANOW, before);
}

/* q where none can come. */
static char read_key(const volatile sig_atomic_t *interrupt)
{
    for (;;) {
        char key;
        ssize_t got = read(STDIN_FILENO, &key, 1);
        if (got == 0 || *interrupt || (got < 0 && errno != EINTR))
            return 'q';
        if (got == 1)
            return key;
    }
}

char pager_key(const volatile sig_atomic_t *interrupt)
{
    struct termios before;
    if (!begin_keys(&before))
        return 'q';
    char key = read_key(interrupt);
    end_keys(&before);
    return key;
}

/* Is the next screenful wanted? */
static bool wants_more(const volatile sig_atomic_t *interrupt)
{
    for (;;) {
        char key = read_key(interrupt);
        if (key == 'q' || key == 'Q' || key == CTRL_D)
            return false;
        if (key == ' ' || key == '\r' || key == '\n')
            return true;
    }
}

static bool say(const char *bytes, size_t length)
{
    return write(STDOUT_FILENO, bytes, length) == (ssize_t)length;
}

void pager_ask(struct pager *pager, const volatile sig_atomic_t *interrupt)
{
    struct termios before;
    bool is_terminal = begin_keys(&before);
    bool asked = is_terminal && say(question, sizeof question - 1);
    bool stopped = !asked || !wants_more(interrupt);
    if (asked && !say(erased, sizeof erased - 1))
        stopped = true;
    if (is_terminal)
        end_keys(&before);
    pager_begin(pager, true);
    pager->stopped = stopped;
}
