/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set, show. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "command/history.h"
#include "command/inform.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/transcript.h"
#include "command/wrap.h"

const struct nb_choice *show_choices(size_t *count)
{
    static const struct nb_choice rows[] = { { "settings", "value, default, range, meaning" } };
    *count = COUNT_OF(rows);
    return rows;
}

#define MEANING_COLUMN 35
#define MEANING_LEAST  16 /* columns for it there; else it stands below */

static void add_setting(const struct setting *setting, const struct settings *settings,
                        struct text *text, size_t width)
{
    struct text meaning = TEXT_INIT;
    text_printf(text, "%s ", setting->name);
    text_pad(text, 16);
    setting_add_value(setting, settings, text);
    text_add(text, " ");
    text_pad(text, 26);
    text_printf(text, "%s ", setting->fallback);
    text_pad(text, MEANING_COLUMN);
    setting_add_range(setting, &meaning);
    text_printf(&meaning, ": %s", setting->help);
    bool beside = MEANING_COLUMN + MEANING_LEAST <= width;
    if (!beside)
        text_add(text, "\n    ");
    text_wrap(text, meaning.bytes, beside ? MEANING_COLUMN : 4, width);
    text_add_char(text, '\n');
    text_release(&meaning);
}

static enum nb_status print_settings(struct session *session, struct nb_error *error)
{
    size_t count;
    const struct setting *rows = settings_table(&count);
    struct text text = TEXT_INIT;
    transcript_vary(session);
    text_add(&text, "setting         value     default  range: meaning\n");
    for (size_t i = 0; i < count; i++)
        add_setting(&rows[i], &session->settings, &text, (size_t)session->out->width);
    enum nb_status status = text_status(&text, error);
    wrap_print(session->out, &text);
    text_release(&text);
    return status;
}

enum nb_status show_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    (void)call;
    return print_settings(session, error);
}

static void print_setting(struct session *session, const struct setting *setting)
{
    struct text text = TEXT_INIT;
    if (setting->of == SETTING_OF_PERSON)
        transcript_vary(session);
    text_printf(&text, "%s ", setting->name);
    setting_add_value(setting, &session->settings, &text);
    text_add_char(&text, '\n');
    sink_text(session->out, &text);
    text_release(&text);
}

/* Splits "NAME VALUE", "NAME=VALUE", "NAME = VALUE"; the value may be missing. */
static void split(const struct call *call, struct lang_span all, struct lang_span *name,
                  struct lang_span *value)
{
    const char *source = call->source;
    size_t at = all.at, end = all.at + all.length;
    while (at < end && source[at] != '=' && source[at] != ' ' && source[at] != '\t')
        at++;
    *name = (struct lang_span){ all.at, at - all.at };
    while (at < end && (source[at] == ' ' || source[at] == '\t'))
        at++;
    if (at < end && source[at] == '=')
        at++;
    while (at < end && (source[at] == ' ' || source[at] == '\t'))
        at++;
    *value = (struct lang_span){ at, end - at };
    if (value->length >= 2 && source[at] == '"' && source[end - 1] == '"')
        *value = (struct lang_span){ at + 1, value->length - 2 };
}

/* Is the first number of an iteration computed, and as it would be now? */
static bool has_begun(const struct nb_net *net)
{
    struct nb_quantity z;
    nb_quantity_get(net, nb_plan_op(net, 0)->writes[0], &z);
    return z.state == NB_FRESH;
}

/* What is to be known about a new value, and about a new plan; `begun`: there
 * were numbers before. */
static void print_notes(struct session *session, const struct setting *setting, size_t operations,
                        bool begun)
{
    struct text text = TEXT_INIT;
    setting_add_note(setting, session, &text);
    if (text.length)
        text_add_char(&text, '\n');
    if (begun && !has_begun(session->net))
        text_printf(&text, "computed numbers are stale now: forward computes them %s\n",
                    session->settings.round < 0 ? "exactly" : "anew, rounded");
    if (session->net && nb_plan_length(session->net) != operations)
        text_printf(&text, "an iteration has %zu operations now: plan lists them\n",
                    nb_plan_length(session->net));
    sink_text(session->out, &text);
    text_release(&text);
}

static enum nb_status set_one(struct session *session, const char *name, const char *value,
                              struct lang_span value_span, struct nb_error *error)
{
    const struct setting *setting = setting_find(name);
    if (setting && !value[0]) {
        print_setting(session, setting);
        return NB_OK;
    }
    size_t operations = session->net ? nb_plan_length(session->net) : 0;
    bool begun = session->net && has_begun(session->net);
    enum nb_status status = history_save_session(session, error);
    if (!status)
        status = setting_set(session, name, value, error);
    if (!status)
        print_notes(session, setting, operations, begun);
    if (status == NB_USAGE && setting)
        error->at = value_span.at;
    return status;
}

enum nb_status set_command(struct session *session, const struct call *call, struct nb_error *error)
{
    const struct argument *argument = call_argument(call, "NAME");
    struct lang_span name, value;
    char canonical[64];
    if (!argument)
        return print_settings(session, error);
    split(call, argument->span, &name, &value);
    char *typed = string_copy_part(call->source + name.at, name.length);
    char *wanted = string_copy_part(call->source + value.at, value.length);
    enum nb_status status = typed && wanted ? NB_OK : error_memory(error);
    if (!status) {
        bool spelled = !setting_find(typed) &&
                       lang_canonical_name(call->source + name.at, name.length, canonical);
        error->at = NB_NOWHERE;
        status = set_one(session, spelled ? canonical : typed, wanted, value, error);
        if (status == NB_USAGE && error->at == NB_NOWHERE)
            error->at = name.at;
    }
    free(typed);
    free(wanted);
    return status;
}
