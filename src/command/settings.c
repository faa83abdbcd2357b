/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/settings.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/command.h"
#include "command/session.h"

#define WHOLE_MOST 9007199254740992.0 /* 2^53 */

static const struct nb_choice *index_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "from-to", "w[j,k] joins source j to destination k" },
        { "to-from", "w[k,j] joins source j to destination k" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static const struct nb_choice *color_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        [COLOR_AUTO] = { "auto", "on a terminal" },
        [COLOR_ALWAYS] = { "always", "everywhere" },
        [COLOR_NEVER] = { "never", "nowhere" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static const struct nb_choice *switch_choices(size_t *count)
{
    static const struct nb_choice rows[] = { { "off", "no" }, { "on", "yes" } };
    *count = COUNT_OF(rows);
    return rows;
}

/* A getter and a setter for one member. */
#define ACCESS(member, type)                                                                       \
    static double get_##member(const struct settings *settings)                                    \
    {                                                                                              \
        return (double)settings->member;                                                           \
    }                                                                                              \
    static void set_##member(struct settings *settings, double value)                              \
    {                                                                                              \
        settings->member = (type)value;                                                            \
    }

ACCESS(digits, int)
ACCESS(lr, double)
ACCESS(batch, size_t)
ACCESS(to_from, bool)
ACCESS(color, enum color_choice)
ACCESS(threads, int)
ACCESS(seed, uint64_t)
ACCESS(pager, bool)

static const struct setting rows[] = {
    { "digits", SETTING_COUNT, 1, 17, "6", NULL, "significant digits of numbers shown; 17 is exact",
      get_digits, set_digits },
    { "lr", SETTING_NUMBER, 0, 1e30, "0.1", NULL, "learning rate, the step width of an update",
      get_lr, set_lr },
    { "batch", SETTING_COUNT, 1, 1e9, "64", NULL, "rows that an iteration takes from the data set",
      get_batch, set_batch },
    { "index", SETTING_CHOICE, 0, 0, "from-to", index_choices, "order of the indices of weights",
      get_to_from, set_to_from },
    { "seed", SETTING_COUNT, 0, WHOLE_MOST, "1", NULL,
      "of new networks, shuffles and rand: the same seed, the same numbers", get_seed, set_seed },
    { "threads", SETTING_COUNT, 0, 1024, "0", NULL, "threads for products; 0: one per core",
      get_threads, set_threads },
    { "color", SETTING_CHOICE, 0, 0, "auto", color_choices, "colours in the output", get_color,
      set_color },
    { "pager", SETTING_CHOICE, 0, 0, "off", switch_choices,
      "long output a page at a time, at the prompt", get_pager, set_pager },
};

const struct setting *settings_table(size_t *count)
{
    *count = COUNT_OF(rows);
    return rows;
}

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static bool choice_index(const struct setting *setting, const char *word, double *value)
{
    size_t count;
    const struct nb_choice *choices = setting->choices(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(choices[i].name, word) == 0) {
            *value = (double)i;
            return true;
        }
    return false;
}

static bool read_value(const struct setting *setting, const char *word, double *value)
{
    uint64_t whole;
    switch (setting->kind) {
    case SETTING_CHOICE:
        return choice_index(setting, word, value);
    case SETTING_COUNT:
        if (!number_parse_whole(word, strlen(word), (uint64_t)setting->most, &whole))
            return false;
        *value = (double)whole;
        return *value >= setting->least;
    case SETTING_NUMBER:
        return number_parse(word, strlen(word), value) && *value >= setting->least &&
               *value <= setting->most;
    }
    return false;
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){ .scale = SCALE_NONE };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double value = 0;
        if (read_value(&rows[i], rows[i].fallback, &value))
            rows[i].set(settings, value);
    }
}

static enum nb_status unknown_setting(const char *name, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const char *near = lang_nearest(name, rows, sizeof *rows, COUNT_OF(rows));
    text_printf(&text, "unknown setting %.40s", name);
    if (near[0])
        text_printf(&text, ", did you mean %s?", near);
    text_add(&text, near[0] ? " One of " : ": one of ");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        text_printf(&text, "%s%s", i ? ", " : "", rows[i].name);
    enum nb_status status = error_set(error, NB_USAGE, "%s", text.bytes);
    text_release(&text);
    return status;
}

static enum nb_status bad_value(const struct setting *setting, const char *value,
                                struct nb_error *error)
{
    static const char *const kinds[] = { [SETTING_COUNT] = "a whole number in ",
                                         [SETTING_NUMBER] = "a number in ",
                                         [SETTING_CHOICE] = "one of " };
    struct text range = TEXT_INIT;
    setting_add_range(setting, &range);
    enum nb_status status = error_set(error, NB_USAGE, "%s is %s%s, found %.40s", setting->name,
                                      kinds[setting->kind], range.bytes, value);
    text_release(&range);
    return status;
}

enum nb_status setting_set(struct session *session, const char *name, const char *value,
                           struct nb_error *error)
{
    const struct setting *setting = setting_find(name);
    double number;
    if (!setting)
        return unknown_setting(name, error);
    if (!read_value(setting, value, &number))
        return bad_value(setting, value, error);
    setting->set(&session->settings, number);
    session_apply_settings(session);
    return NB_OK;
}

void setting_add_value(const struct setting *setting, const struct settings *settings,
                       struct text *text)
{
    size_t count;
    double value = setting->get(settings);
    if (setting->kind == SETTING_CHOICE)
        text_add(text, setting->choices(&count)[(size_t)value].name);
    else
        number_add(text, value, setting->kind == SETTING_COUNT ? 17 : settings->digits);
}

void setting_add_range(const struct setting *setting, struct text *text)
{
    size_t count = 0;
    if (setting->kind != SETTING_CHOICE) {
        text_printf(text, "%.16g..%.16g", setting->least, setting->most);
        return;
    }
    const struct nb_choice *choices = setting->choices(&count);
    for (size_t i = 0; i < count; i++)
        text_printf(text, "%s%s", i ? "|" : "", choices[i].name);
}
