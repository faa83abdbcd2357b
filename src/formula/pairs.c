/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two mistakes at once, named only where no other two give the numbers. */
#include <math.h>
#include <string.h>

#include "formula/search.h"

#define COMBINED_MOST 40 /* rewritings that are combined with one another */
#define SAME          1e-9

struct pairs {
    struct cause cause[FINDING_CAUSES]; /* the first that fit */
    double value;                       /* and their number */
    bool found, ambiguous;
};

/* The same number by another way is no other explanation. */
static void note_pair(struct pairs *pairs, struct cause first, struct cause second, double value)
{
    if (pairs->found) {
        bool same = fabs(value - pairs->value) <= SAME * fabs(value);
        pairs->ambiguous = pairs->ambiguous || !same;
        return;
    }
    *pairs = (struct pairs){ { first, second }, value, true, false };
}

static void try_pair(struct search *search, struct pairs *pairs, const struct trial *trial,
                     struct cause first, struct cause second)
{
    double value = search_value(search, trial, search->first);
    search_count(search, value);
    if (search_fits(search, trial, false))
        note_pair(pairs, first, second, value);
}

static void try_factors(struct search *search, struct pairs *pairs, struct sheet *sheet,
                        struct cause cause)
{
    for (size_t i = 0; i < search->factor_count; i++) {
        struct trial trial = { .sheet = sheet, .factor = &search->factors[i] };
        if (!search->factors[i].unlikely)
            try_pair(search, pairs, &trial, search->factors[i].cause, cause);
    }
}

static void try_neighbour(struct search *search, void *context, struct element other, double value)
{
    struct pairs *pairs = context;
    for (size_t i = 0; i < search->factor_count; i++) {
        const struct factor *factor = &search->factors[i];
        if (factor->unlikely)
            continue;
        double number = search_multiplied(search->subject, factor, other, value);
        search_count(search, number);
        if (search_meets(search, 0, number))
            note_pair(pairs, factor->cause, neighbour_cause(search, other), number);
    }
}

/* A rewriting and a factor; an element's neighbour and a factor. */
static enum nb_status pair_factors(struct search *search, struct pairs *pairs,
                                   struct nb_error *error)
{
    for (size_t i = 0; i < search->suspect_count && search->chance <= CHANCE_PAIRS; i++) {
        struct sheet *sheet;
        enum nb_status status = search_sheet(search, &search->suspects[i], 1, &sheet, error);
        if (status)
            return status;
        if (!mistake_is_factor(search->suspects[i].mistake))
            try_factors(search, pairs, sheet, search->suspects[i]);
        sheet_free(&sheet);
    }
    neighbours_each(search, pairs, try_neighbour);
    return NB_OK;
}

static enum nb_status pair_rewritings(struct search *search, struct pairs *pairs, size_t i,
                                      size_t j, struct nb_error *error)
{
    struct cause both[] = { search->suspects[i], search->suspects[j] };
    struct trial trial = { .sheet = NULL };
    bool places = both[0].place != both[1].place && both[0].place < PLACE_HIDDEN &&
                  both[1].place < PLACE_HIDDEN;
    if (both[0].mistake == both[1].mistake && !places)
        return NB_OK;
    enum nb_status status = search_sheet(search, both, 2, &trial.sheet, error);
    if (status)
        return status;
    try_pair(search, pairs, &trial, both[0], both[1]);
    sheet_free(&trial.sheet);
    return NB_OK;
}

enum nb_status pairs_try(struct search *search, struct nb_error *error)
{
    struct pairs pairs = { .found = false };
    size_t most = search->suspect_count < COMBINED_MOST ? search->suspect_count : COMBINED_MOST;
    enum nb_status status = pair_factors(search, &pairs, error);
    bool likely = search->chance <= CHANCE_PAIRS;
    for (size_t i = 0; i < most && !status; i++)
        for (size_t j = i + 1; j < most && !status && search->chance <= CHANCE_PAIRS; j++)
            status = pair_rewritings(search, &pairs, i, j, error);
    if (!status && likely && pairs.found && !pairs.ambiguous)
        search_found(search, pairs.cause, FINDING_CAUSES, false);
    return status;
}
