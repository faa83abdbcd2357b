/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the manual page while building: copies nabla.1.in to standard output
 * and puts the tables of commands and settings in place of the lines
 * @COMMANDS@ and @SETTINGS@, the version in place of @VERSION@.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "command/command.h"
#include "command/settings.h"

#define TEMPLATE_MOST (1u << 20)

/* Text as roff shows it: no character of its own, a blank line is a paragraph. */
static void add_escaped(struct text *page, const char *string)
{
    bool begins = true;
    for (const char *c = string; *c; c++) {
        if (*c == '\n' && c[1] == '\n') {
            text_add(page, "\n.IP");
            continue;
        }
        if (begins && (*c == '.' || *c == '\''))
            text_add(page, "\\&");
        if (*c == '\\')
            text_add(page, "\\e");
        else if (*c == '-')
            text_add(page, "\\-");
        else
            text_add_char(page, *c);
        begins = *c == '\n';
    }
}

static void add_commands(struct text *page)
{
    size_t count = command_count();
    for (size_t group = 0; group < COMMAND_GROUPS; group++) {
        text_printf(page, ".SS %s\n", command_group_names[group]);
        for (size_t i = 0; i < count; i++) {
            const struct command *command = command_at(i);
            if (command->group != group)
                continue;
            text_add(page, ".TP\n\\fB");
            add_escaped(page, command->usage);
            text_add(page, "\\fR\n");
            add_escaped(page, command->summary);
            text_add(page, ".\n");
            if (command->help && command->help[0]) {
                text_add(page, ".IP\n");
                add_escaped(page, command->help);
                text_add_char(page, '\n');
            }
        }
    }
}

static void add_settings(struct text *page)
{
    size_t count;
    const struct setting *settings = settings_table(&count);
    struct text range = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        text_add(page, ".TP\n\\fB");
        add_escaped(page, settings[i].name);
        text_add(page, "\\fR\n");
        add_escaped(page, settings[i].help);
        text_clear(&range);
        setting_add_range(&settings[i], &range);
        text_add(page, " (");
        add_escaped(page, range.bytes);
        text_add(page, "; at first ");
        add_escaped(page, settings[i].fallback);
        text_add(page, ")\n");
    }
    text_release(&range);
}

static void add_version(struct text *page)
{
    text_add(page, NB_VERSION);
}

static const struct {
    const char *mark;
    void (*add)(struct text *page);
} parts[] = {
    { "@COMMANDS@\n", add_commands },
    { "@SETTINGS@\n", add_settings },
    { "@VERSION@", add_version },
};

static void fill_template(struct text *page, const char *template)
{
    while (*template) {
        size_t part = 0;
        while (part < COUNT_OF(parts) &&
               strncmp(template, parts[part].mark, strlen(parts[part].mark)) != 0)
            part++;
        if (part == COUNT_OF(parts)) {
            text_add_char(page, *template ++);
            continue;
        }
        parts[part].add(page);
        template += strlen(parts[part].mark);
    }
}

int main(int argc, char *argv[])
{
    struct text template = TEXT_INIT, page = TEXT_INIT;
    struct nb_error error = { .text = "usage: manual TEMPLATE" };
    enum nb_status status = NB_USAGE;
    if (argc == 2)
        status = file_read(argv[1], TEMPLATE_MOST, &template, &error);
    if (!status) {
        fill_template(&page, template.bytes);
        status = text_status(&page, &error);
    }
    if (!status && fwrite(page.bytes, 1, page.length, stdout) != page.length)
        status = NB_SYSTEM;
    if (fclose(stdout) != 0)
        status = NB_SYSTEM;
    if (status)
        fprintf(stderr, "manual: %s\n", error.text);
    text_release(&template);
    text_release(&page);
    return (int)status;
}
