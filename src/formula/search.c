/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define COMPARED_MOST 400 /* numbers of a whole quantity */
#define RANGE         1.5 /* from half of a number to twice it, in itself */

/* ---- Trials ---- */

struct element search_place(const struct subject *subject, size_t index)
{
    struct element place = { subject->id, subject->row, subject->col };
    if (!subject->element) {
        place.row = index / subject->cols;
        place.col = index % subject->cols;
    }
    return place;
}

double search_number(const struct search *search, const struct trial *trial, struct element place)
{
    const struct subject *subject = search->subject;
    struct sheet *sheet = trial->sheet;
    if (subject->kind == SUBJECT_LOCAL)
        return search->local ? sheet_evaluate(sheet, search->local) : NAN;
    if (subject->kind == SUBJECT_UPDATE)
        return trial->unrounded ? sheet_updated_unrounded(sheet, place.id, place.row, place.col)
                                : sheet_updated(sheet, place.id, place.row, place.col);
    if (trial->unrounded)
        return sheet_unrounded(sheet, place.id, place.row, place.col);
    if (subject->unclipped)
        return nb_rounded(subject->net, sheet_unrounded(sheet, place.id, place.row, place.col));
    return sheet_value(sheet, place.id, place.row, place.col);
}

double search_multiplied(const struct subject *subject, const struct factor *factor,
                         struct element place, double value)
{
    if (!factor)
        return value;
    if (subject->kind != SUBJECT_UPDATE || factor->of_all)
        return factor->by * value;
    double before = nb_value(subject->net, place.id, place.row, place.col);
    return before + factor->by * (value - before);
}

double search_value(const struct search *search, const struct trial *trial, size_t index)
{
    const struct subject *subject = search->subject;
    struct element place = search_place(subject, index);
    double value = trial->sheet ? search_number(search, trial, place) : subject->right[index];
    return search_multiplied(subject, trial->factor, place, value);
}

bool search_meets(const struct search *search, size_t index, double value)
{
    const struct given *given = search->given;
    double number = given->numbers[index], half = given->half[index];
    if (number == 0 || !isfinite(value))
        return fabs(value) <= search->subject->nothing;
    return fabs(number - value) <= answer_tolerance(search->subject, half, value);
}

/* Do those that are wrong, or right, come out so?  Of many, some that lie spread out. */
static bool fits_those(const struct search *search, const struct trial *trial, bool wrong)
{
    const struct judgement *judgement = search->judgement;
    size_t total = wrong ? judgement->wrong_count : judgement->count - judgement->wrong_count;
    size_t stride = total / COMPARED_MOST + 1, seen = 0;
    for (size_t i = 0; i < judgement->count; i++)
        if (judgement->wrong[i] == wrong && seen++ % stride == 0 &&
            !search_meets(search, i, search_value(search, trial, i)))
            return false;
    return true;
}

bool search_fits(const struct search *search, const struct trial *trial, bool partly)
{
    return fits_those(search, trial, true) && (partly || fits_those(search, trial, false));
}

enum nb_status search_sheet(struct search *search, const struct cause *causes, size_t count,
                            struct sheet **sheet, struct nb_error *error)
{
    struct sheet_plan plan = { .base = &search->base, .causes = causes, .count = count };
    return sheet_new(&plan, sheet, error);
}

/* ---- Findings ---- */

/* Each mistake is named once. */
void search_found(struct search *search, const struct cause *causes, size_t count, bool partly)
{
    struct judgement *judgement = search->judgement;
    judgement->doubtful = judgement->doubtful || search->chance > CHANCE_DOUBTFUL;
    for (size_t i = 0; i < judgement->findings_count; i++)
        if (judgement->findings[i].cause[0].mistake == causes[0].mistake)
            return;
    if (judgement->findings_count == FINDINGS_MOST)
        return;
    struct finding *finding = &judgement->findings[judgement->findings_count++];
    *finding = (struct finding){ .count = count, .partly = partly, .index = NB_NOWHERE };
    memcpy(finding->cause, causes, count * sizeof *causes);
}

double search_share(const struct search *search, size_t index)
{
    double number = fabs(search->given->numbers[index]), half = search->given->half[index];
    double width = 2 * answer_tolerance(search->subject, half, number);
    return number > 0 ? fmin(1, width / (RANGE * number)) : 1;
}

/* All of the wrong ones at once. */
static double share_of_all(const struct search *search)
{
    const struct judgement *judgement = search->judgement;
    double share = 1;
    for (size_t i = search->first; i < judgement->count && share > 0; i++)
        share *= judgement->wrong[i] ? search_share(search, i) : 1;
    return share;
}

void search_count(struct search *search, double value)
{
    double number = search->given->numbers[search->first];
    double half = answer_tolerance(search->subject, search->given->half[search->first], number);
    if (!(value / number >= 0.5 && value / number <= 2))
        return;
    for (size_t i = 0; i < search->tried_count; i++)
        if (fabs(search->tried[i] - value) <= half)
            return;
    if (search->tried_count < SUSPECTS_MOST)
        search->tried[search->tried_count++] = value;
    search->chance += search->share;
}

static void try_trial(struct search *search, const struct trial *trial, const struct cause *cause)
{
    bool whole = search->judgement->count > 1;
    if (search_fits(search, trial, false))
        search_found(search, cause, 1, false);
    else if (whole && search_fits(search, trial, true))
        search_found(search, cause, 1, true);
}

/* ---- Single mistakes ---- */

static enum nb_status try_suspects(struct search *search, size_t from, size_t to, double chance,
                                   struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = from; i < to && !status && search->chance <= chance; i++) {
        struct trial trial = { .sheet = NULL };
        status = search_sheet(search, &search->suspects[i], 1, &trial.sheet, error);
        if (status)
            break;
        search_count(search, search_value(search, &trial, search->first));
        if (search->chance <= chance)
            try_trial(search, &trial, &search->suspects[i]);
        sheet_free(&trial.sheet);
    }
    return status;
}

static void try_factors(struct search *search, bool unlikely, double chance)
{
    for (size_t i = 0; i < search->factor_count; i++) {
        struct trial trial = { .factor = &search->factors[i] };
        if (search->factors[i].unlikely != unlikely)
            continue;
        search_count(search, search_value(search, &trial, search->first));
        if (search->chance <= chance)
            try_trial(search, &trial, &search->factors[i].cause);
    }
}

/* ---- Rounding ---- */

static enum nb_status try_sheet(struct search *search, const struct sheet_plan *plan,
                                struct cause cause, struct nb_error *error)
{
    struct trial trial = { .sheet = NULL };
    enum nb_status status = sheet_new(plan, &trial.sheet, error);
    for (int unrounded = 1; unrounded >= 0 && !status; unrounded--) {
        trial.unrounded = unrounded;
        search_count(search, search_value(search, &trial, search->first));
        if (search->chance <= CHANCE_MOST)
            try_trial(search, &trial, &cause);
    }
    sheet_free(&trial.sheet);
    return status;
}

static enum nb_status try_decimals(struct search *search, int decimals, struct nb_error *error)
{
    struct cause cause = { MISTAKE_ROUNDED_EARLY, (size_t)decimals, search->subject->id };
    struct nb_net *rounded;
    enum nb_status status = nb_net_clone(search->subject->net, NB_AUTO, &rounded, error);
    if (status)
        return status;
    nb_net_set_round(rounded, decimals);
    for (int slope = 0; slope < SHEET_SLOPES; slope++)
        for (int within = 0; within < 2 && !status; within++) {
            struct sheet_plan plan = { .base = &search->base,
                                       .rounded = rounded,
                                       .within = within,
                                       .slope = (enum sheet_slope)slope };
            status = try_sheet(search, &plan, cause, error);
        }
    nb_net_free(&rounded);
    return status;
}

/* With 4, 3, 2 and 1 decimals, but no more than the network itself rounds to. */
static enum nb_status try_rounding(struct search *search, struct nb_error *error)
{
    int own = nb_net_round(search->subject->net);
    int decimals = own == NB_EXACT || own > ROUNDED_MOST ? ROUNDED_MOST : own - 1;
    enum nb_status status = NB_OK;
    for (; decimals >= 1 && !status; decimals--)
        status = try_decimals(search, decimals, error);
    return status;
}

/* ---- All of it ---- */

static enum nb_status search_open(struct search *search, double looks, struct nb_error *error)
{
    const struct subject *subject = search->subject;
    enum nb_status status = sheet_base_init(&search->base, subject->net, error);
    if (status)
        return status;
    search->upstream = memory_new(search->base.count, sizeof *search->upstream);
    if (!search->upstream)
        return error_memory(error);
    if (subject->kind == SUBJECT_LOCAL)
        search->local = local_term(subject->net, &subject->local);
    while (!search->judgement->wrong[search->first])
        search->first++;
    search->share = looks * share_of_all(search);
    suspects_list(search);
    return search_sheet(search, NULL, 0, &search->plain, error);
}

static void search_release(struct search *search)
{
    sheet_free(&search->plain);
    sheet_base_release(&search->base);
    term_free(&search->local);
    free(search->upstream);
}

/* Numbers that are given are made of nothing. */
static bool is_made(const struct subject *subject)
{
    struct nb_quantity quantity;
    nb_quantity_get(subject->net, subject->id, &quantity);
    return subject->kind != SUBJECT_QUANTITY || quantity.op != NB_NOWHERE;
}

/* The first `count` findings come last from now on. */
static void move_behind(struct judgement *judgement, size_t count)
{
    size_t others = judgement->findings_count - count;
    struct finding first[FINDINGS_MOST];
    memcpy(first, judgement->findings, sizeof first);
    memcpy(judgement->findings, first + count, others * sizeof *first);
    memcpy(judgement->findings + others, first, count * sizeof *first);
}

/* What is likelier is tried first; of what fits, the formula's own mistakes are told first. */
static enum nb_status try_likely(struct search *search, struct nb_error *error)
{
    struct judgement *judgement = search->judgement;
    try_factors(search, false, CHANCE_LIKELY);
    size_t factors = judgement->findings_count;
    locals_try(search);
    enum nb_status status = try_suspects(search, 0, search->own, CHANCE_LIKELY, error);
    neighbours_try(search);
    move_behind(judgement, factors);
    return status;
}

static enum nb_status search_all(struct search *search, struct nb_error *error)
{
    const struct judgement *judgement = search->judgement;
    enum nb_status status = try_likely(search, error);
    if (!status)
        status = try_rounding(search, error);
    if (!status)
        status = try_suspects(search, search->own, search->every, CHANCE_MOST, error);
    if (!judgement->findings_count)
        try_factors(search, true, CHANCE_MOST);
    double carried = judgement->findings_count ? CHANCE_DOUBTFUL : CHANCE_MOST;
    if (!status)
        status = try_suspects(search, search->every, search->suspect_count, carried, error);
    if (!status && !judgement->findings_count)
        status = pairs_try(search, error);
    return status;
}

enum nb_status search_run(const struct subject *subject, const struct given *given, double looks,
                          struct judgement *judgement, struct nb_error *error)
{
    struct search *search = memory_new(1, sizeof *search);
    if (!search)
        return error_memory(error);
    *search = (struct search){ .subject = subject, .given = given, .judgement = judgement };
    enum nb_status status = search_open(search, looks, error);
    if (!status && is_made(subject))
        status = search_all(search, error);
    else if (!status)
        neighbours_try(search);
    search_release(search);
    free(search);
    return status;
}
