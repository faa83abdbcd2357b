/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning-rate schedules: a row each. */
#include <math.h>

#include "base/compiler.h"
#include "nabla.h"

#define PI 3.14159265358979323846

/* The share of the rate at t of `total`. */
static double constant(const struct nb_schedule *schedule, double t, double total)
{
    (void)schedule, (void)t, (void)total;
    return 1;
}

static double exponential(const struct nb_schedule *schedule, double t, double total)
{
    (void)total;
    return exp(-schedule->a * t);
}

static double steps(const struct nb_schedule *schedule, double t, double total)
{
    (void)total;
    return pow(schedule->a, floor(t / (double)(schedule->every ? schedule->every : 1)));
}

static double inverse(const struct nb_schedule *schedule, double t, double total)
{
    (void)total;
    return 1 / (1 + schedule->a * t);
}

static double cosine(const struct nb_schedule *schedule, double t, double total)
{
    (void)schedule;
    return (1 + cos(PI * t / total)) / 2;
}

const struct nb_choice *nb_schedules(size_t *count)
{
    static const struct nb_choice rows[] = {
        [NB_SCHEDULE_NONE] = { "none", "the rate stays" },
        [NB_SCHEDULE_EXP] = { "exp", "exp(k): η·e^(−k·t)" },
        [NB_SCHEDULE_STEP] = { "step", "step(c,every): η·c^⌊t/every⌋" },
        [NB_SCHEDULE_INVERSE] = { "inverse", "inverse(k): η/(1 + k·t)" },
        [NB_SCHEDULE_COSINE] = { "cosine", "η·(1 + cos(π·t/T))/2, T the epochs of the run" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

double nb_schedule_lr(const struct nb_schedule *schedule, double lr, uint64_t t, uint64_t total)
{
    static double (*const shares[])(const struct nb_schedule *, double, double) = {
        [NB_SCHEDULE_NONE] = constant, [NB_SCHEDULE_EXP] = exponential,
        [NB_SCHEDULE_STEP] = steps,    [NB_SCHEDULE_INVERSE] = inverse,
        [NB_SCHEDULE_COSINE] = cosine,
    };
    return lr * shares[schedule->kind](schedule, (double)t, total ? (double)total : 1);
}
