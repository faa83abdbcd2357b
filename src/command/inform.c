/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help, apropos: everything they say comes from the tables. */
#include "command/inform.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/transcript.h"
#include "command/wrap.h"

#define SUMMARY_LEAST  16 /* columns beside a name; else it stands below */
#define SUMMARY_INDENT 6

/* "  name      summary", the name in its style. */
static void add_row(const struct session *session, struct text *text, const char *name,
                    const char *summary, size_t column)
{
    bool color = session->out->color;
    text_printf(text, "  %s%s%s", style_escape(color, STYLE_NAME), name,
                style_escape(color, STYLE_PLAIN));
    size_t width = 2 + utf8_width(name, strlen(name));
    if (column + SUMMARY_LEAST > (size_t)session->out->width) {
        column = SUMMARY_INDENT;
        width = 0;
        text_add_char(text, '\n');
    }
    text_repeat(text, " ", width + 2 < column ? column - width : 2);
    struct text wrapped = TEXT_INIT;
    text_repeat(&wrapped, " ", column);
    text_wrap(&wrapped, summary, column, (size_t)session->out->width);
    text_add(text, wrapped.length > column ? wrapped.bytes + column : "");
    text_add_char(text, '\n');
    text_release(&wrapped);
}

/* ---- help alone ---- */

static enum nb_status help_card(struct session *session)
{
    static const struct {
        const char *command, *form;
    } rows[] = {
        { "lesson", "lesson" },
        { "net", "net 3-2-2 sigmoid" },
        { "input", "input 0.5 0.5 0.1" },
        { "target", "target 0.9 0.1" },
        { "step", "step" },
        { "forward", "forward" },
        { "backward", "backward" },
        { "explain", "explain dL/dw1[1,1]" },
        { "update", "update" },
        { "print", "print w1, loss" },
        { "data", "data xor" },
        { "train", "train epochs=100" },
    };
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct command *command = command_find(rows[i].command, strlen(rows[i].command));
        if (command)
            add_row(session, &text, rows[i].form, command->summary, 26);
    }
    text_add(&text, "\nhelp COMMAND, help TOPIC and apropos WORD say more; help commands lists all,"
                    "\nhelp start shows the first five minutes. quit, or Ctrl-D, leaves.\n");
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

static enum nb_status help_commands(struct session *session)
{
    struct text text = TEXT_INIT;
    for (size_t group = 0; group < COMMAND_GROUPS; group++) {
        text_printf(&text, "%s%s%s%s\n", group ? "\n" : "",
                    style_escape(session->out->color, STYLE_TITLE), command_group_names[group],
                    style_escape(session->out->color, STYLE_PLAIN));
        for (size_t i = 0; i < command_count(); i++)
            if (command_at(i)->group == group)
                add_row(session, &text, command_at(i)->name, command_at(i)->summary, 15);
    }
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

#define TOPIC_COLUMN 18 /* behind regularization */

static enum nb_status help_topics(struct session *session)
{
    size_t count;
    const struct topic *rows = topics(&count);
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        add_row(session, &text, rows[i].name, rows[i].summary, TOPIC_COLUMN);
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

/* ---- help COMMAND ---- */

static void add_choices(struct text *text, const struct nb_choice *(*choices)(size_t *count))
{
    size_t count;
    const struct nb_choice *rows = choices(&count);
    for (size_t i = 0; i < count; i++)
        text_printf(text, "%s%s", i ? ", " : "", rows[i].name);
}

static void add_argument(const struct session *session, const struct command_argument *row,
                         struct text *text)
{
    struct text name = TEXT_INIT, summary = TEXT_INIT;
    double least, most;
    text_printf(&name, "%s%s", row->name, row->keyed ? "=" : row->led ? " ..." : "");
    text_add(&summary, row->help);
    if (row->choices) {
        text_add(&summary, "; one of ");
        add_choices(&summary, row->choices);
    }
    if (argument_range(row, &least, &most)) {
        text_add(&summary, "; ");
        range_add(&summary, least, most);
    }
    if (row->fallback)
        text_printf(&summary, "; default %s", row->fallback);
    else if (row->setting)
        text_printf(&summary, "; default the setting %s, %s", row->setting,
                    setting_find(row->setting)->fallback);
    add_row(session, text, name.bytes, summary.bytes, 15);
    text_release(&name);
    text_release(&summary);
}

static enum nb_status describe_command(struct session *session, const struct command *command)
{
    struct text text = TEXT_INIT;
    bool color = session->out->color;
    text_printf(&text, "%s%s%s\n  ", style_escape(color, STYLE_TITLE), command->usage,
                style_escape(color, STYLE_PLAIN));
    text_wrap(&text, command->summary, 2, (size_t)session->out->width);
    text_add(&text, "\n\n  ");
    text_wrap(&text, command->help, 2, (size_t)session->out->width);
    text_add(&text, command->arguments[0].name ? "\n\n" : "\n");
    for (const struct command_argument *row = command->arguments; row->name; row++)
        add_argument(session, row, &text);
    text_printf(&text, "\n  example  %s\n", command->example);
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

/* ---- help TOPIC, and every other name of a table ---- */

static enum nb_status describe_topic(struct session *session, const struct topic *topic)
{
    struct text text = TEXT_INIT;
    size_t count = 0;
    text_printf(&text, "%s%s%s\n", style_escape(session->out->color, STYLE_TITLE), topic->summary,
                style_escape(session->out->color, STYLE_PLAIN));
    if (topic->text[0])
        text_printf(&text, "\n%s", topic->text);
    text_add_char(&text, '\n');
    const struct nb_choice *rows = topic->table ? topic->table(&count) : NULL;
    for (size_t i = 0; i < count; i++)
        add_row(session, &text, rows[i].name, rows[i].summary, 24);
    text_cut(&text, rows ? text.length : text.length - 1);
    wrap_print(session->out, &text);
    text_release(&text);
    return NB_OK;
}

static void describe_setting(struct session *session, const struct setting *setting)
{
    struct text text = TEXT_INIT;
    if (setting->of == SETTING_OF_PERSON)
        transcript_vary(session);
    text_printf(&text, "%s, a setting: %s\n  ", setting->name, setting->help);
    setting_add_range(setting, &text);
    text_printf(&text, "; default %s; now ", setting->fallback);
    setting_add_value(setting, &session->settings, &text);
    text_printf(&text, "; set %s VALUE changes it\n", setting->name);
    wrap_print(session->out, &text);
    text_release(&text);
}

static bool describe_choice(struct session *session, const char *word)
{
    static const struct nb_choice *(*const tables[])(size_t * count) = {
        lang_functions, nb_activations, nb_losses,    nb_initializers,
        nb_optimizers,  nb_l2_forms,    nb_schedules,
    };
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        size_t count;
        const struct nb_choice *rows = tables[i](&count);
        for (size_t j = 0; j < count; j++)
            if (strcmp(rows[j].name, word) == 0) {
                struct text text = TEXT_INIT;
                text_printf(&text, "%s: %s\n", rows[j].name, rows[j].summary);
                wrap_print(session->out, &text);
                text_release(&text);
                return true;
            }
    }
    return false;
}

static bool describe_quantity(struct session *session, const char *word)
{
    char name[64];
    enum nb_quantity_kind kind;
    size_t layer;
    if (!lang_canonical_name(word, strlen(word), name) || !quantity_parse(name, &kind, &layer))
        return false;
    struct text text = TEXT_INIT;
    text_printf(&text, "%s: %s", name, nb_quantity_rows()[kind].summary);
    if (layer)
        text_printf(&text, ", layer %zu", layer);
    text_add_char(&text, '\n');
    wrap_print(session->out, &text);
    text_release(&text);
    return true;
}

static enum nb_status unknown_help(const char *word, size_t at, struct nb_error *error)
{
    const char *names[512];
    size_t used = 0, count;
    for (size_t i = 0; i < command_count() && used < COUNT_OF(names); i++)
        names[used++] = command_at(i)->name;
    const struct topic *rows = topics(&count);
    for (size_t i = 0; i < count && used < COUNT_OF(names); i++)
        names[used++] = rows[i].name;
    const struct setting *settings = settings_table(&count);
    for (size_t i = 0; i < count && used < COUNT_OF(names); i++)
        names[used++] = settings[i].name;
    const struct nb_choice *functions = lang_functions(&count);
    for (size_t i = 0; i < count && used < COUNT_OF(names); i++)
        names[used++] = functions[i].name;
    const char *near = lang_nearest(word, names, sizeof *names, used);
    if (near[0])
        return error_at(error, NB_USAGE, at, "no help about %.40s: did you mean help %s?", word,
                        near);
    return error_at(error, NB_USAGE, at,
                    "no help about %.40s: help commands and help topics list what there is", word);
}

enum nb_status help_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    const struct argument *about = call_argument(call, "ABOUT");
    if (!about)
        return help_card(session);
    const char *word = about->text;
    if (strcmp(word, "commands") == 0)
        return help_commands(session);
    if (strcmp(word, "topics") == 0)
        return help_topics(session);
    if (strcmp(word, "conventions") == 0)
        return conventions_command(session, call, error);
    const struct command *command = session->prompting ? command_find_short(word, strlen(word))
                                                       : command_find(word, strlen(word));
    if (command)
        return describe_command(session, command);
    if (topic_find(word))
        return describe_topic(session, topic_find(word));
    const struct setting *setting = setting_find(word);
    if (setting)
        describe_setting(session, setting);
    if (!describe_choice(session, word) && !setting && !describe_quantity(session, word))
        return unknown_help(word, about->span.at, error);
    return NB_OK;
}

/* ---- apropos ---- */

static bool contains(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (; text && *text; text++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)text[i]) == tolower((unsigned char)word[i]))
            i++;
        if (i == length)
            return true;
    }
    return false;
}

static void find_row(const struct session *session, struct text *text, const char *word,
                     const char *name, const char *summary, const char *more)
{
    if (contains(name, word) || contains(summary, word) || contains(more, word))
        add_row(session, text, name, summary, 24);
}

enum nb_status apropos_command(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    const char *word = call_text(call, "WORD");
    struct text text = TEXT_INIT;
    size_t count;
    for (size_t i = 0; i < command_count(); i++)
        find_row(session, &text, word, command_at(i)->name, command_at(i)->summary,
                 command_at(i)->help);
    const struct topic *rows = topics(&count);
    for (size_t i = 0; i < count; i++)
        find_row(session, &text, word, rows[i].name, rows[i].summary, rows[i].text);
    const struct setting *settings = settings_table(&count);
    for (size_t i = 0; i < count; i++)
        find_row(session, &text, word, settings[i].name, settings[i].help, NULL);
    static const struct nb_choice *(*const tables[])(size_t * count) = {
        lang_functions,
        nb_activations,
        nb_losses,
        nb_initializers,
    };
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const struct nb_choice *choices = tables[i](&count);
        for (size_t j = 0; j < count; j++)
            find_row(session, &text, word, choices[j].name, choices[j].summary, NULL);
    }
    if (!text.length)
        text_printf(&text, "nothing about %.60s; help lists what there is\n", word);
    enum nb_status status = text_status(&text, error);
    wrap_print(session->out, &text);
    text_release(&text);
    return status;
}
