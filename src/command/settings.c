/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/settings.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/asked.h"
#include "command/history.h"
#include "command/schedulespec.h"
#include "command/session.h"
#include "command/transcript.h"

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

static const struct nb_choice *off_choices(size_t *count)
{
    static const struct nb_choice rows[] = { { "off", "no" } };
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
ACCESS(momentum, double)
ACCESS(rho, double)
ACCESS(epsilon, double)
ACCESS(beta1, double)
ACCESS(beta2, double)
ACCESS(l1, double)
ACCESS(l2, double)
ACCESS(l2_form, enum nb_l2_form)
ACCESS(regularize_bias, bool)
ACCESS(optimizer, enum nb_optimizer)
ACCESS(batch, size_t)
ACCESS(to_from, bool)
ACCESS(round, int)
ACCESS(color, enum color_choice)
ACCESS(threads, int)
ACCESS(seed, uint64_t)
ACCESS(pager, bool)
ACCESS(unsafe_paths, bool)

#define BIT(optimizer) (1u << (optimizer))

static const struct setting rows[] = {
    { "digits", SETTING_COUNT, 1, 17, "6", NULL, "significant digits of numbers shown; 17 is exact",
      get_digits, set_digits, 0, false, SETTING_OF_DISPLAY },
    { "lr", SETTING_NUMBER, 0, 1e30, "0.1", NULL, "learning rate η, the step width of an update",
      get_lr, set_lr, 0, true, SETTING_OF_NUMBERS },
    { "momentum", SETTING_NUMBER, 0, BELOW_1, "0.9", NULL,
      "μ, the share of its velocity that a parameter keeps", get_momentum, set_momentum,
      BIT(NB_MOMENTUM) | BIT(NB_NESTEROV), true, SETTING_OF_NUMBERS },
    { "rho", SETTING_NUMBER, 0, BELOW_1, "0.99", NULL, "ρ of rmsprop, of the running mean of g²",
      get_rho, set_rho, BIT(NB_RMSPROP), true, SETTING_OF_NUMBERS },
    { "epsilon", SETTING_NUMBER, 0, 1e30, "1e-08", NULL,
      "ε of rmsprop, adam and adamw, which keeps a denominator above 0", get_epsilon, set_epsilon,
      BIT(NB_RMSPROP) | BIT(NB_ADAM) | BIT(NB_ADAMW), true, SETTING_OF_NUMBERS },
    { "adam-beta1", SETTING_NUMBER, 0, BELOW_1, "0.9", NULL,
      "β1 of adam and adamw, of the running mean of g", get_beta1, set_beta1,
      BIT(NB_ADAM) | BIT(NB_ADAMW), false, SETTING_OF_NUMBERS },
    { "adam-beta2", SETTING_NUMBER, 0, BELOW_1, "0.999", NULL,
      "β2 of adam and adamw, of the running mean of g²", get_beta2, set_beta2,
      BIT(NB_ADAM) | BIT(NB_ADAMW), false, SETTING_OF_NUMBERS },
    { "l1", SETTING_NUMBER, 0, 1e30, "0", NULL, "λ of the penalty λ·Σ|w|; 0: none", get_l1, set_l1,
      0, true, SETTING_OF_NUMBERS },
    { "l2", SETTING_NUMBER, 0, 1e30, "0", NULL,
      "λ of the penalty on Σw² (of adamw: of its decay); 0: none", get_l2, set_l2, 0, true,
      SETTING_OF_NUMBERS },
    { "l2-form", SETTING_CHOICE, 0, 0, "half", nb_l2_forms,
      "what l2 multiplies: λ/2·Σw², λ·Σw², λ/(2N)·Σw²", get_l2_form, set_l2_form, 0, false,
      SETTING_OF_NUMBERS },
    { "regularize-bias", SETTING_CHOICE, 0, 0, "off", switch_choices,
      "do l1 and l2 penalise biases as well?", get_regularize_bias, set_regularize_bias, 0, false,
      SETTING_OF_NUMBERS },
    { "optimizer", SETTING_CHOICE, 0, 0, "sgd", nb_optimizers,
      "how an update uses the gradient: help optimizers", get_optimizer, set_optimizer, 0, false,
      SETTING_OF_NUMBERS },
    { "schedule", SETTING_SCHEDULE, 0, 0, "none", schedule_forms,
      "how train lowers the rate: help schedules", NULL, NULL, 0, false, SETTING_OF_NUMBERS },
    { "batch", SETTING_COUNT, 1, 1e9, "64", NULL, "rows that an iteration takes from the data set",
      get_batch, set_batch, 0, false, SETTING_OF_NUMBERS },
    { "index", SETTING_CHOICE, 0, 0, "from-to", index_choices, "order of the indices of weights",
      get_to_from, set_to_from, 0, false, SETTING_OF_DISPLAY },
    { "round", SETTING_COUNT_OR_OFF, 0, NB_ROUND_MOST, "off", off_choices,
      "decimals that a step rounds what it writes to, as on paper", get_round, set_round, 0, false,
      SETTING_OF_NUMBERS },
    { "seed", SETTING_COUNT, 0, WHOLE_MOST, "1", NULL,
      "of new networks, shuffles and rand: the same seed, the same numbers", get_seed, set_seed, 0,
      false, SETTING_OF_NUMBERS },
    { "threads", SETTING_COUNT, 0, 1024, "0", NULL, "threads for products; 0: one per core",
      get_threads, set_threads, 0, false, SETTING_OF_PERSON },
    { "color", SETTING_CHOICE, 0, 0, "auto", color_choices, "colours in the output", get_color,
      set_color, 0, false, SETTING_OF_PERSON },
    { "pager", SETTING_CHOICE, 0, 0, "off", switch_choices,
      "long output a page at a time, at the prompt", get_pager, set_pager, 0, false,
      SETTING_OF_PERSON },
    { "unsafe-paths", SETTING_CHOICE, 0, 0, "off", switch_choices,
      "may lessons write outside of the working folder? Typed at the prompt only", get_unsafe_paths,
      set_unsafe_paths, 0, false, SETTING_OF_PERSON },
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

void settings_learn(struct settings *settings, const struct nb_learning *learning)
{
    settings->lr = learning->lr;
    settings->momentum = learning->momentum;
    settings->rho = learning->rho;
    settings->epsilon = learning->epsilon;
    settings->beta1 = learning->beta1;
    settings->beta2 = learning->beta2;
    settings->l1 = learning->l1;
    settings->l2 = learning->l2;
}

const struct setting *setting_named(const char *name)
{
    const struct setting *setting = setting_find(name);
    return setting && setting->named ? setting : NULL;
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
    if (setting->kind == SETTING_COUNT_OR_OFF && strcmp(word, "off") == 0) {
        *value = -1;
        return true;
    }
    switch (setting->kind) {
    case SETTING_CHOICE:
        return choice_index(setting, word, value);
    case SETTING_COUNT:
    case SETTING_COUNT_OR_OFF:
        if (!number_parse_whole(word, strlen(word), (uint64_t)setting->most, &whole))
            return false;
        *value = (double)whole;
        return *value >= setting->least;
    case SETTING_NUMBER:
        return number_parse(word, strlen(word), value) && *value >= setting->least &&
               *value <= setting->most;
    case SETTING_SCHEDULE:
        return false;
    }
    return false;
}

/* Puts the value, as written, into `settings`. */
static bool set_value(const struct setting *setting, struct settings *settings, const char *word)
{
    double value = 0;
    if (setting->kind == SETTING_SCHEDULE)
        return !schedule_parse(word, (struct lang_span){ 0, strlen(word) }, &settings->schedule,
                               NULL);
    if (!read_value(setting, word, &value))
        return false;
    setting->set(settings, value);
    return true;
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){ 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        set_value(&rows[i], settings, rows[i].fallback);
}

/* The nearest name, or the one that ends so: adam-beta1 for beta1. */
static const char *near_setting(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *dash = strchr(rows[i].name, '-');
        if (dash && strcmp(dash + 1, name) == 0)
            return rows[i].name;
    }
    return lang_nearest(name, rows, sizeof *rows, COUNT_OF(rows));
}

static enum nb_status unknown_setting(const char *name, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    const char *near = near_setting(name);
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
                                         [SETTING_COUNT_OR_OFF] = "a whole number in ",
                                         [SETTING_NUMBER] = "a number in ",
                                         [SETTING_CHOICE] = "one of " };
    struct text range = TEXT_INIT;
    struct nb_schedule schedule;
    if (setting->kind == SETTING_SCHEDULE)
        return schedule_parse(value, (struct lang_span){ 0, strlen(value) }, &schedule, error);
    setting_add_range(setting, &range);
    enum nb_status status = error_set(error, NB_USAGE, "%s is %s%s, found %.40s", setting->name,
                                      kinds[setting->kind], range.bytes, value);
    text_release(&range);
    return status;
}

/* Will the network have another plan, or other numbers in it? */
static bool changes_plan(const struct session *session)
{
    const struct nb_learning *now = session->net ? nb_net_learning(session->net) : NULL;
    const struct nb_learning then = session_learning(session);
    return now && (now->optimizer != then.optimizer || now->l1 != then.l1 || now->l2 != then.l2 ||
                   now->l2_form != then.l2_form || now->regularize_bias != then.regularize_bias ||
                   nb_net_round(session->net) != session->settings.round);
}

/* Only a person, at the prompt, may let lessons write everywhere. */
static enum nb_status check_typed(const struct session *session, struct nb_error *error)
{
    const struct settings *settings = &session->settings;
    if (!settings->unsafe_paths || (session->prompting && !session->origin))
        return NB_OK;
    return error_set(error, NB_FAILED,
                     "unsafe-paths is for you to turn on: type set unsafe-paths on at the prompt");
}

enum nb_status setting_set(struct session *session, const char *name, const char *value,
                           struct nb_error *error)
{
    const struct setting *setting = setting_find(name);
    struct settings before;
    enum nb_status status = NB_OK;
    if (!setting)
        return unknown_setting(name, error);
    if (setting->of == SETTING_OF_NUMBERS)
        status = asked_check_change(session, name, error);
    if (status)
        return status;
    memcpy(&before, &session->settings, sizeof before);
    if (!set_value(setting, &session->settings, value))
        return bad_value(setting, value, error);
    if (setting->set == set_unsafe_paths)
        status = check_typed(session, error);
    if (setting->of == SETTING_OF_PERSON && !status)
        transcript_leave_out(session);
    if (!status && changes_plan(session))
        status = history_save_learning(session, error);
    if (!status)
        status = session_apply_settings(session, error);
    if (status)
        memcpy(&session->settings, &before, sizeof before);
    else if (setting->set == set_seed)
        session->draws = session->block_draws = 0; /* also the same seed begins anew */
    return status;
}

enum nb_status settings_take(struct session *session, const struct settings *settings,
                             const char *label, struct nb_error *error)
{
    struct settings before, *now = &session->settings;
    memcpy(&before, now, sizeof before);
    history_begin(session, label, strlen(label));
    enum nb_status status = history_save_session(session, error);
    memcpy(now, settings, sizeof *now);
    now->color = before.color;
    now->pager = before.pager;
    now->threads = before.threads;
    now->unsafe_paths = before.unsafe_paths;
    if (!status && changes_plan(session))
        status = history_save_learning(session, error);
    if (!status)
        status = session_apply_settings(session, error);
    if (status)
        memcpy(now, &before, sizeof before);
    history_end(session);
    transcript_settings(session, &before);
    return status;
}

bool settings_same_numbers(const struct settings *a, const struct settings *b)
{
    struct text one = TEXT_INIT, other = TEXT_INIT;
    size_t count;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].of == SETTING_OF_NUMBERS) {
            setting_add_value(&table[i], a, &one);
            setting_add_value(&table[i], b, &other);
            text_add_char(&one, '\n');
            text_add_char(&other, '\n');
        }
    bool same = one.length == other.length && !memcmp(one.bytes, other.bytes, one.length);
    text_release(&one);
    text_release(&other);
    return same;
}

/* "momentum and nesterov" */
static void add_optimizers(unsigned optimizers, struct text *text)
{
    size_t count, found = 0;
    const struct nb_choice *choices = nb_optimizers(&count);
    for (size_t i = 0; i < count; i++)
        if (optimizers & BIT(i))
            text_printf(text, "%s%s", found++ ? " and " : "", choices[i].name);
}

void setting_add_note(const struct setting *setting, const struct session *session,
                      struct text *text)
{
    const struct settings *settings = &session->settings;
    size_t count;
    const char *optimizer = nb_optimizers(&count)[settings->optimizer].name;
    bool form = setting->set == set_l2_form, bias = setting->set == set_regularize_bias;
    if (setting->optimizers && !(setting->optimizers & BIT(settings->optimizer))) {
        text_printf(text, "%s is used by ", setting->name);
        add_optimizers(setting->optimizers, text);
        text_printf(text, "; the optimizer is %s", optimizer);
    } else if (form && settings->optimizer == NB_ADAMW) {
        text_add(text, "adamw shrinks weights by η·λ·w; l2-form does not apply to it");
    } else if ((form && settings->l2 == 0) || (bias && settings->l1 == 0 && settings->l2 == 0)) {
        text_add(text, "there is no penalty yet: set l2 1e-4");
    } else if (setting->kind == SETTING_SCHEDULE && settings->schedule.kind != NB_SCHEDULE_NONE) {
        text_add(text, "train follows it; stepping keeps lr as it is");
    }
}

void setting_add_value(const struct setting *setting, const struct settings *settings,
                       struct text *text)
{
    size_t count;
    if (setting->kind == SETTING_SCHEDULE)
        schedule_add(text, &settings->schedule);
    else if (setting->kind == SETTING_COUNT_OR_OFF && setting->get(settings) < 0)
        text_add(text, "off");
    else if (setting->kind == SETTING_CHOICE)
        text_add(text, setting->choices(&count)[(size_t)setting->get(settings)].name);
    else
        number_add(text, setting->get(settings),
                   setting->kind == SETTING_NUMBER ? settings->digits : 17);
}

void setting_add_range(const struct setting *setting, struct text *text)
{
    size_t count = 0;
    if (setting->most == BELOW_1) {
        text_add(text, "[0,1)");
        return;
    }
    if (setting->kind == SETTING_COUNT_OR_OFF)
        text_printf(text, "%.16g..%.16g|", setting->least, setting->most);
    if (!setting->choices) {
        text_printf(text, "%.16g..%.16g", setting->least, setting->most);
        return;
    }
    const struct nb_choice *choices = setting->choices(&count);
    for (size_t i = 0; i < count; i++)
        text_printf(text, "%s%s", i ? "|" : "", choices[i].name);
}
