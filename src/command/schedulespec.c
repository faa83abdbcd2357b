/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/schedulespec.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/command.h"
#include "command/netspec.h"

#define EVERY_MOST 9007199254740992.0 /* 2^53 */

/* The numbers that a schedule takes, and what to write. */
static const struct {
    size_t least, most;
    const char *example;
} shapes[] = {
    [NB_SCHEDULE_NONE] = { 0, 0, "none" },
    [NB_SCHEDULE_EXP] = { 1, 1, "exp(1e-4), k from 0" },
    [NB_SCHEDULE_STEP] = { 1, 2, "step(0.5,10), c above 0, every from 1" },
    [NB_SCHEDULE_INVERSE] = { 1, 1, "inverse(0.01), k from 0" },
    [NB_SCHEDULE_COSINE] = { 0, 0, "cosine" },
};

static bool numbers_valid(enum nb_schedule_kind kind, const double numbers[2])
{
    if (kind != NB_SCHEDULE_STEP)
        return numbers[0] >= 0;
    return numbers[0] > 0 && numbers[1] >= 1 && numbers[1] <= EVERY_MOST &&
           numbers[1] == floor(numbers[1]);
}

enum nb_status schedule_parse(const char *source, struct lang_span span,
                              struct nb_schedule *schedule, struct nb_error *error)
{
    const char *word = source + span.at, *bracket = memchr(word, '(', span.length);
    size_t length = bracket ? (size_t)(bracket - word) : span.length, count;
    const struct nb_choice *rows = nb_schedules(&count);
    double numbers[2] = { 0, 1 };
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) != length || memcmp(rows[i].name, word, length) != 0)
            continue;
        size_t found = spec_numbers(word + length, span.length - length, numbers);
        if (found < shapes[i].least || found > shapes[i].most ||
            !numbers_valid((enum nb_schedule_kind)i, numbers))
            return error_at(error, NB_USAGE, span.at, "write %s; %s is %s", shapes[i].example,
                            rows[i].name, rows[i].summary);
        schedule->kind = (enum nb_schedule_kind)i;
        schedule->a = numbers[0];
        schedule->every = (uint64_t)numbers[1];
        return NB_OK;
    }
    return choice_error("schedule", schedule_forms, word, length, span.at, error);
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
