/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/schedulespec.h"

#include <math.h>

#include "base/number.h"
#include "command/wordspec.h"

#define EVERY_MOST 9007199254740992.0 /* 2^53 */

static bool is_rate(const double numbers[2])
{
    return numbers[0] >= 0;
}

static bool is_step(const double numbers[2])
{
    return numbers[0] > 0 && numbers[1] >= 1 && numbers[1] <= EVERY_MOST &&
           numbers[1] == floor(numbers[1]);
}

static const struct word_shape shapes[] = {
    [NB_SCHEDULE_NONE] = { 0, 0, "none", NULL },
    [NB_SCHEDULE_EXP] = { 1, 1, "exp(1e-4), k from 0", is_rate },
    [NB_SCHEDULE_STEP] = { 1, 2, "step(0.5,10), c above 0, every from 1", is_step },
    [NB_SCHEDULE_INVERSE] = { 1, 1, "inverse(0.01), k from 0", is_rate },
    [NB_SCHEDULE_COSINE] = { 0, 0, "cosine", NULL },
};
static const struct word_kind kinds = { "schedule", nb_schedules, schedule_forms, shapes };

enum nb_status schedule_parse(const char *source, struct lang_span span,
                              struct nb_schedule *schedule, struct nb_error *error)
{
    size_t row;
    double numbers[2] = { 0, 1 };
    enum nb_status status = word_parse(&kinds, source, span, &row, numbers, error);
    if (status)
        return status;
    schedule->kind = (enum nb_schedule_kind)row;
    schedule->a = numbers[0];
    schedule->every = (uint64_t)numbers[1];
    return NB_OK;
}

void schedule_add(struct text *text, const struct nb_schedule *schedule)
{
    size_t count;
    text_add(text, nb_schedules(&count)[schedule->kind].name);
    if (shapes[schedule->kind].most == 0)
        return;
    text_add_char(text, '(');
    number_add_exact(text, schedule->a);
    if (shapes[schedule->kind].most == 2)
        text_printf(text, ",%llu", (unsigned long long)schedule->every);
    text_add_char(text, ')');
}

const struct nb_choice *schedule_forms(size_t *count)
{
    static const struct nb_choice rows[] = {
        { "none", "the rate stays" },
        { "exp(k)", "η·e^(−k·t)" },
        { "step(c,every)", "η·c^⌊t/every⌋; step(c): every epoch" },
        { "inverse(k)", "η/(1 + k·t)" },
        { "cosine", "η·(1 + cos(π·t/T))/2, T the epochs of the run" },
    };
    *count = COUNT_OF(rows);
    return rows;
}
