/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command table: the groups strung together, and finding in it. */
#include <string.h>

#include "base/compiler.h"
#include "command/command.h"

const char *const command_group_names[COMMAND_GROUPS] = {
    [GROUP_DEFINE] = "define", [GROUP_STEP] = "step",     [GROUP_TRAIN] = "train",
    [GROUP_LOOK] = "look",     [GROUP_LESSON] = "lesson", [GROUP_SHELL] = "session",
};

static const struct command *const groups[] = {
    define_commands, step_commands,   break_commands, check_commands, data_commands,
    train_commands,  runs_commands,   sweep_commands, judge_commands, keep_commands,
    look_commands,   lesson_commands, shell_commands,
};

static const struct {
    const char *alias, *name;
} aliases[] = {
    { "f", "forward" },  { "b", "backward" }, { "s", "step" }, { "u", "update" }, { "p", "print" },
    { "c", "continue" }, { "n", "next" },     { "h", "help" }, { "?", "help" },   { "q", "quit" },
    { "exit", "quit" },  { "back", NULL }, /* of backward, but meant for unstep as often */
};

size_t command_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (const struct command *row = groups[i]; row->name; row++)
            count++;
    return count;
}

const struct command *command_at(size_t index)
{
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (const struct command *row = groups[i]; row->name; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

const struct command *command_find(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (const struct command *row = groups[i]; row->name; row++)
            if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
                return row;
    return NULL;
}

size_t command_candidates(const char *word, size_t length, struct text *names)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (const struct command *row = groups[i]; row->name; row++)
            if (length && strncmp(row->name, word, length) == 0) {
                if (names)
                    text_printf(names, "%s%s", count ? ", " : "", row->name);
                count++;
            }
    return count;
}

const struct command *command_find_short(const char *word, size_t length)
{
    const struct command *exact = command_find(word, length);
    if (exact)
        return exact;
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (strlen(aliases[i].alias) == length && memcmp(aliases[i].alias, word, length) == 0)
            return aliases[i].name ? command_find(aliases[i].name, strlen(aliases[i].name)) : NULL;
    if (command_candidates(word, length, NULL) != 1)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        for (const struct command *row = groups[i]; row->name; row++)
            if (strncmp(row->name, word, length) == 0)
                return row;
    return NULL;
}
