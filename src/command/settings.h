/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of settings: `set`, `show settings`, completion and the options
 * of the command line walk it. */
#ifndef NABLA_COMMAND_SETTINGS_H
#define NABLA_COMMAND_SETTINGS_H

#include "base/text.h"
#include "command/command.h"

struct settings;

#define BELOW_1 0.99999999999999989 /* ends a range that 1 is not in: the largest number below */

enum setting_kind {
    SETTING_COUNT,
    SETTING_COUNT_OR_OFF, /* off is -1 */
    SETTING_NUMBER,
    SETTING_CHOICE,
    SETTING_SCHEDULE
};

/* What another value of it changes. */
enum setting_of {
    SETTING_OF_NUMBERS, /* what is computed */
    SETTING_OF_DISPLAY, /* only how numbers are written */
    SETTING_OF_PERSON   /* only what suits the person and the machine; a lesson leaves it alone */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    double least, most;   /* SETTING_COUNT, SETTING_COUNT_OR_OFF, SETTING_NUMBER */
    const char *fallback; /* the value it has at first, as people write it */
    const struct nb_choice *(*choices)(
        size_t *count); /* SETTING_CHOICE; the forms of a schedule; `off` */
    const char *help;
    double (*get)(const struct settings *settings); /* a choice: its index; NULL: no number */
    void (*set)(struct settings *settings, double value);
    unsigned optimizers; /* bit 1 << NB_ADAM: used by adam; 0: by all, or no matter of theirs */
    bool named;          /* its name is a number in expressions: lr, l2 */
    enum setting_of of;
};

const struct setting *settings_table(size_t *count);
const struct setting *setting_find(const char *name);  /* NULL where there is none */
const struct setting *setting_named(const char *name); /* likewise, those that are names */

/* All settings as they are at first. */
void settings_init(struct settings *settings);

/* Takes over how a network learns: what of it is numbers with names. */
void settings_learn(struct settings *settings, const struct nb_learning *learning);

/* Sets one by its name, value as written.  NB_USAGE: no such setting, a value
 * that cannot be read or is out of range.  Applies it to the session; another
 * plan of the network is saved for undo. */
enum nb_status setting_set(struct session *session, const char *name, const char *value,
                           struct nb_error *error);

/* All of them at once, as one change for undo that it calls `label`; those of the person
 * and the machine (color, pager, threads, unsafe-paths) stay. */
enum nb_status settings_take(struct session *session, const struct settings *settings,
                             const char *label, struct nb_error *error);

/* Are those that are of the numbers the same? */
bool settings_same_numbers(const struct settings *a, const struct settings *b);

/* Adds what is to be known about a value just set: "momentum and nesterov use it,
 * this is sgd".  Nothing where it works as it stands. */
void setting_add_note(const struct setting *setting, const struct session *session,
                      struct text *text);

/* Adds the present value, or the range ("1..17", "auto|always|never"). */
void setting_add_value(const struct setting *setting, const struct settings *settings,
                       struct text *text);
void setting_add_range(const struct setting *setting, struct text *text);

enum nb_status set_command(struct session *session, const struct call *call,
                           struct nb_error *error);
enum nb_status show_command(struct session *session, const struct call *call,
                            struct nb_error *error);
const struct nb_choice *show_choices(size_t *count);

#endif
