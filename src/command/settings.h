/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of settings: `set`, `show settings`, completion and the options
 * of the command line walk it. */
#ifndef NABLA_COMMAND_SETTINGS_H
#define NABLA_COMMAND_SETTINGS_H

#include "base/text.h"
#include "command/command.h"

struct settings;

enum setting_kind { SETTING_COUNT, SETTING_NUMBER, SETTING_CHOICE };

struct setting {
    const char *name;
    enum setting_kind kind;
    double least, most;   /* SETTING_COUNT, SETTING_NUMBER */
    const char *fallback; /* the value it has at first, as people write it */
    const struct nb_choice *(*choices)(size_t *count); /* SETTING_CHOICE */
    const char *help;
    double (*get)(const struct settings *settings); /* a choice: its index */
    void (*set)(struct settings *settings, double value);
};

const struct setting *settings_table(size_t *count);
const struct setting *setting_find(const char *name); /* NULL where there is none */

/* All settings as they are at first. */
void settings_init(struct settings *settings);

/* Sets one by its name, value as written.  NB_USAGE: no such setting, a value
 * that cannot be read or is out of range.  Applies it to the session. */
enum nb_status setting_set(struct session *session, const char *name, const char *value,
                           struct nb_error *error);

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
