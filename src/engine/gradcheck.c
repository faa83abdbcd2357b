/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What difference quotients say of a derivative.  A quotient of width h is
 *
 *     Q(h) = L' + c·h² + O(h⁴) + noise/h
 *
 * so the one at h and the one at 2h give L' without c·h², and c·h² itself: the
 * bend.  A value that differs from that by more than noise and bend is wrong.
 * Where rounding hides the difference at h, wider nudges are less noisy; where
 * the bend does, narrower ones are less bent.
 */
#include <math.h>

#include "base/error.h"
#include "base/rng.h"
#include "engine/nudge.h"

#define SAMPLED        200 /* elements judged in a larger tensor */
#define EPS            1e-5
#define GRADCHECK_SEED 1
#define RUNGS          6     /* widths that are tried */
#define RUNG           4.0   /* one by the next */
#define SMOOTH         0.01  /* a larger bend, relative to the quotient, is no power series */
#define TURNED         0.75  /* nor a turn that is more than that of twice the width */
#define SEEN           0.002 /* a quotient that is less certain confirms nothing */

/* One element that is judged. */
struct trial {
    struct nb_nudger *nudger;
    size_t id, row, col;
    double value, tolerance;
    struct nb_error *error;
};

static enum nb_status nudge_by(const struct trial *trial, double eps, struct nb_nudge *nudge)
{
    enum nb_status status =
        nb_nudge(trial->nudger, trial->id, trial->row, trial->col, eps, nudge, trial->error);
    nudge->value = trial->value;
    nudge->error = nudge_error(trial->value, nudge->quotient);
    return status;
}

/* The slope above θ less the slope below. */
static double turn(const struct trial *trial, const struct nb_nudge *nudge)
{
    const struct cell *loss = net_find(nb_nudger_net(trial->nudger), NB_LOSS_VALUE, 0);
    return (nudge->plus + nudge->minus - 2 * *(const double *)loss->data) / nudge->h;
}

/* What the nudges of h and 2h say together. */
struct estimate {
    struct nb_nudge nudge; /* that of h, its quotient without the bend */
    double bend;
    bool sound; /* the loss is like a power series over them */
};

/* With half the width the turn is about half as large, and the quotient hardly another. */
static void extrapolate(const struct trial *trial, const struct nb_nudge *wide,
                        const struct nb_nudge *half, struct estimate *estimate)
{
    double ratio = half->h / wide->h, part = ratio * ratio / (1 - ratio * ratio);
    struct nb_nudge *nudge = &estimate->nudge;
    *nudge = *half;
    estimate->bend = (half->quotient - wide->quotient) * part;
    nudge->quotient += estimate->bend;
    nudge->noise = half->noise * (1 + part) + wide->noise * part;
    nudge->error = nudge_error(nudge->value, nudge->quotient);
    double turned = TURNED * fabs(turn(trial, wide)) + 2 * (half->noise + wide->noise);
    estimate->sound = !wide->kink && !half->kink && ratio < TURNED && isfinite(nudge->error) &&
                      fabs(estimate->bend) <= SMOOTH * fabs(nudge->quotient) + nudge->noise &&
                      fabs(turn(trial, half)) <= turned;
}

static enum nb_status estimate_by(const struct trial *trial, double eps, struct estimate *estimate)
{
    struct nb_nudge wide, half;
    enum nb_status status = nudge_by(trial, 2 * eps, &wide);
    if (!status)
        status = nudge_by(trial, eps, &half);
    if (!status)
        extrapolate(trial, &wide, &half, estimate);
    return status;
}

static double allowed(const struct trial *trial, const struct nb_nudge *nudge)
{
    return trial->tolerance * nudge_scale(nudge->value, nudge->quotient);
}

static bool differs(const struct trial *trial, const struct estimate *estimate)
{
    const struct nb_nudge *nudge = &estimate->nudge;
    return estimate->sound && fabs(nudge->value - nudge->quotient) >
                                  allowed(trial, nudge) + fabs(estimate->bend) + nudge->noise;
}

/* Does half the width say the same as what differs? */
static enum nb_status confirm(const struct trial *trial, double eps,
                              const struct estimate *estimate, bool *confirmed)
{
    struct estimate half;
    enum nb_status status = estimate_by(trial, eps / 2, &half);
    *confirmed = !status && differs(trial, &half) &&
                 fabs(half.nudge.quotient - estimate->nudge.quotient) <=
                     half.nudge.noise + estimate->nudge.noise + fabs(estimate->bend);
    return status;
}

/* Would a value that is off by 1 % be seen? */
static bool resolves(const struct nb_nudge *nudge)
{
    return nudge->noise <= SEEN * nudge_scale(nudge->value, nudge->quotient);
}

/* By the nudges of eps and 2·eps; leaves *finding where they cannot tell. */
static enum nb_status try_width(const struct trial *trial, double eps, struct nb_nudge *nudge,
                                enum nb_finding *finding)
{
    struct estimate estimate;
    bool wrong = false;
    enum nb_status status = estimate_by(trial, eps, &estimate);
    if (!status && differs(trial, &estimate))
        status = confirm(trial, eps, &estimate, &wrong);
    const struct nb_nudge *by = &estimate.nudge;
    if (wrong)
        *finding = NB_DIFFERS;
    else if (!status && estimate.sound && resolves(by) &&
             fabs(by->value - by->quotient) <= allowed(trial, by))
        *finding = NB_AGREES;
    else
        return status;
    *nudge = *by;
    return NB_OK;
}

/* From eps on by `factor`, until one decides. */
static enum nb_status try_widths(const struct trial *trial, double eps, double factor,
                                 struct nb_nudge *nudge, enum nb_finding *finding)
{
    enum nb_finding undecided = *finding;
    enum nb_status status = NB_OK;
    for (int i = 0; i < RUNGS && !status && *finding == undecided; i++, eps *= factor)
        status = try_width(trial, eps, nudge, finding);
    return status;
}

static enum nb_finding first_finding(const struct trial *trial, const struct nb_nudge *nudge)
{
    if (nudge->kink)
        return NB_KINKED;
    if (!isfinite(nudge->error))
        return NB_DIFFERS;
    if (nudge->error <= trial->tolerance)
        return resolves(nudge) ? NB_AGREES : NB_BLURRED;
    return fabs(nudge->value - nudge->quotient) <= nudge->noise ? NB_BLURRED : NB_BENT;
}

static enum nb_status judge(const struct trial *trial, double eps, struct nb_nudge *nudge,
                            enum nb_finding *finding)
{
    double first = eps > 0 ? eps : EPS;
    enum nb_status status = nudge_by(trial, first, nudge);
    if (status)
        return status;
    *finding = first_finding(trial, nudge);
    bool bent = *finding == NB_BENT;
    if (bent)
        status = try_widths(trial, first, 1 / RUNG, nudge, finding);
    if (!status && *finding >= NB_BLURRED && eps == 0)
        status = try_widths(trial, first * RUNG, RUNG, nudge, finding);
    if (bent && *finding == NB_AGREES && eps > 0)
        *finding = NB_BENT; /* by no other width than the one that was asked for */
    return status;
}

enum nb_status nb_judge(struct nb_nudger *nudger, size_t id, size_t row, size_t col, double value,
                        const struct nb_judging *judging, struct nb_nudge *nudge,
                        enum nb_finding *finding, struct nb_error *error)
{
    const struct trial trial = { nudger, id, row, col, value, judging->tolerance, error };
    return judge(&trial, judging->eps, nudge, finding);
}

static bool is_worse(const struct nb_nudge *nudge, double worst)
{
    return !(nudge->error <= worst); /* a NaN is the worst */
}

static enum nb_status check_element(struct nb_nudger *nudger, const struct nb_judging *judging,
                                    size_t row, size_t col, struct nb_gradcheck *result,
                                    struct nb_error *error)
{
    struct nb_nudge nudge;
    enum nb_finding finding;
    double value = nb_value(nb_nudger_net(nudger), result->id, row, col);
    enum nb_status status =
        nb_judge(nudger, result->id, row, col, value, judging, &nudge, &finding, error);
    if (status)
        return status;
    result->checked++;
    result->found[finding]++;
    if (finding <= NB_DIFFERS && is_worse(&nudge, result->worst.error)) {
        result->worst = nudge;
        result->row = row;
        result->col = col;
    }
    return NB_OK;
}

enum nb_status nb_gradcheck(struct nb_nudger *nudger, size_t id, const struct nb_judging *judging,
                            struct nb_gradcheck *result, struct nb_error *error)
{
    const struct cell *cell = net_cell(nb_nudger_net(nudger), id);
    enum nb_status status = NB_OK;
    struct rng rng;
    rng_init(&rng, GRADCHECK_SEED, RNG_GRADCHECK, id, 0);
    *result = (struct nb_gradcheck){ .id = id, .elements = cell->rows * cell->cols };
    result->worst.error = -1;
    bool all = result->elements <= SAMPLED;
    for (size_t i = 0; i < (all ? result->elements : SAMPLED) && !status; i++) {
        size_t at = all ? i : (size_t)rng_below(&rng, result->elements);
        if (judging->interrupt && *judging->interrupt)
            status = error_set(error, NB_INTERRUPTED, "interrupted after %zu elements", i);
        else
            status =
                check_element(nudger, judging, at / cell->cols, at % cell->cols, result, error);
        if (isnan(result->worst.error))
            break;
    }
    if (result->worst.error < 0)
        result->worst.error = 0; /* nothing was judged */
    return status;
}
