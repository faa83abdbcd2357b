/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the loaded rows are in which part. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/set.h"

#define SHARES_SUM 1e-9 /* how far the shares 0.9 and 0.1 may be off 1 */

/* The training rows while the rules act on them. */
struct rows {
    uint32_t *order; /* (count) and more behind them */
    size_t count;
};

const struct part *part_home(const struct part *part)
{
    const struct dataset *set = part->set;
    bool moved = part == &set->parts[DATASET_VALIDATION] && set->view->index[DATASET_VALIDATION];
    return moved ? &set->parts[DATASET_TRAIN] : part;
}

static enum nb_status view_limit(struct dataset_view *view, const struct dataset *set,
                                 struct rows *rows, struct nb_error *error)
{
    size_t most = view->rules.limit_train;
    if (most > rows->count)
        return error_set(error, NB_FAILED,
                         "limit asks for %zu training rows, but %s has %zu of them", most,
                         set->name, rows->count);
    if (most)
        rows->count = most;
    return NB_OK;
}

/* A count, or a share of `rows`. */
static size_t rows_of(double asked, size_t rows)
{
    return asked < 1 ? (size_t)floor(asked * (double)rows + 0.5) : (size_t)asked;
}

static enum nb_status split_counts(const struct dataset_rules *rules, const struct dataset *set,
                                   size_t rows, size_t *train, size_t *validation,
                                   struct nb_error *error)
{
    bool shares = rules->train < 1 && rules->validation < 1;
    if ((shares && rules->train + rules->validation > 1 + SHARES_SUM) ||
        rules->train > (double)rows || rules->validation > (double)rows)
        return error_set(
            error, NB_FAILED,
            "split asks for %g + %g of the %zu training rows of %s: more than there are",
            rules->train, rules->validation, rows, set->name);
    *train = rows_of(rules->train, rows);
    *validation = rows_of(rules->validation, rows);
    if (shares && *train + *validation > rows) /* both were rounded up */
        *train = rows - *validation;
    if (*train + *validation > rows)
        return error_set(error, NB_FAILED,
                         "split asks for %zu + %zu rows, but the training part of %s has %zu",
                         *train, *validation, set->name, rows);
    if (*train == 0 || (rules->validation > 0 && *validation == 0))
        return error_set(error, NB_FAILED,
                         "split would leave a part without rows: %zu + %zu of the %zu training "
                         "rows of %s",
                         *train, *validation, rows, set->name);
    return NB_OK;
}

static enum nb_status view_split(struct dataset_view *view, const struct dataset *set,
                                 struct rows *rows, struct nb_error *error)
{
    const struct dataset_rules *rules = &view->rules;
    size_t train = 0, validation = 0;
    if (rules->train == 0)
        return NB_OK;
    enum nb_status status = split_counts(rules, set, rows->count, &train, &validation, error);
    if (status)
        return status;
    struct rng rng;
    rng_init(&rng, rules->seed, RNG_SPLIT, 0, 0);
    rng_shuffle(&rng, rows->order, rows->count);
    view->index[DATASET_VALIDATION] =
        memory_copy(rows->order + rows->count - validation, validation, sizeof *rows->order);
    if (!view->index[DATASET_VALIDATION])
        return error_memory(error);
    view->rows[DATASET_VALIDATION] = validation;
    rows->count = train;
    return NB_OK;
}

static enum nb_status view_train(struct dataset_view *view, const struct dataset *set,
                                 struct nb_error *error)
{
    static enum nb_status (*const steps[])(struct dataset_view *, const struct dataset *,
                                           struct rows *,
                                           struct nb_error *) = { view_limit, view_split };
    const struct dataset_rules *rules = &view->rules;
    struct rows rows = { NULL, set->parts[DATASET_TRAIN].rows };
    if (rules->train == 0 && rules->limit_train == 0) {
        view->rows[DATASET_TRAIN] = rows.count;
        return NB_OK;
    }
    rows.order = memory_new(rows.count, sizeof *rows.order);
    if (!rows.order)
        return error_memory(error);
    for (size_t i = 0; i < rows.count; i++)
        rows.order[i] = (uint32_t)i;
    view->index[DATASET_TRAIN] = rows.order;
    enum nb_status status = steps[rules->limit_first ? 0 : 1](view, set, &rows, error);
    if (!status)
        status = steps[rules->limit_first ? 1 : 0](view, set, &rows, error);
    view->rows[DATASET_TRAIN] = rows.count;
    return status;
}

static enum nb_status view_test(struct dataset_view *view, const struct dataset *set,
                                struct nb_error *error)
{
    size_t most = view->rules.limit_test, rows = set->parts[DATASET_TEST].rows;
    if (most > rows)
        return error_set(error, NB_FAILED, "limit asks for %zu test rows, but %s has %zu of them",
                         most, set->name, rows);
    view->rows[DATASET_TEST] = most ? most : rows;
    return NB_OK;
}

static enum nb_status view_fill(struct dataset_view *view, const struct dataset *set,
                                const struct dataset_rules *rules, struct nb_error *error)
{
    view->rules = *rules;
    view->shift = memory_new(set->features, sizeof *view->shift);
    view->factor = memory_new(set->features, sizeof *view->factor);
    view->single_shift = memory_new(set->features, sizeof *view->single_shift);
    view->single_factor = memory_new(set->features, sizeof *view->single_factor);
    if (!view->shift || !view->factor || !view->single_shift || !view->single_factor)
        return error_memory(error);
    enum nb_status status = view_train(view, set, error);
    if (!status)
        status = view_test(view, set, error);
    return status ? status : scale_measure(set, view, error);
}

enum nb_status dataset_view_new(const struct dataset *set, const struct dataset_rules *rules,
                                struct dataset_view **view, struct nb_error *error)
{
    *view = memory_new(1, sizeof **view);
    if (!*view)
        return error_memory(error);
    enum nb_status status = view_fill(*view, set, rules, error);
    if (status)
        dataset_view_free(view);
    return status;
}

void dataset_view_free(struct dataset_view **view)
{
    struct dataset_view *old = *view;
    if (!old)
        return;
    for (size_t i = 0; i < DATASET_PARTS; i++)
        free(old->index[i]);
    free(old->shift);
    free(old->factor);
    free(old->single_shift);
    free(old->single_factor);
    free(old);
    *view = NULL;
}

size_t dataset_view_bytes(const struct dataset *set, const struct dataset_view *view)
{
    size_t numbers = 0;
    if (view->index[DATASET_TRAIN])
        numbers = set->parts[DATASET_TRAIN].rows + view->rows[DATASET_VALIDATION];
    return sizeof *view + numbers * sizeof(uint32_t) +
           2 * set->features * (sizeof(double) + sizeof(float));
}

void dataset_view_swap(struct dataset *set, struct dataset_view **view)
{
    struct dataset_view *present = set->view;
    set->view = *view;
    *view = present;
}

enum nb_status dataset_set_scale(struct dataset *set, enum dataset_scale scale,
                                 struct nb_error *error)
{
    struct dataset_rules rules = set->view->rules;
    struct dataset_view *view;
    rules.scale = scale;
    enum nb_status status = dataset_view_new(set, &rules, &view, error);
    if (status)
        return status;
    dataset_view_swap(set, &view);
    dataset_view_free(&view);
    return NB_OK;
}
