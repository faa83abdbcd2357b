/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/early.h"

#include <math.h>

#define BLOWN_UP 10 /* times the least mean loss */
#define EVERY    64 /* so many epochs are kept one by one, then their doubles */

enum early_verdict early_judge(struct early_state *state, uint64_t patience, uint64_t epoch,
                               double loss)
{
    bool first = state->best_epoch == 0;
    if (!isnan(loss) && (first || loss < state->best_loss)) {
        *state = (struct early_state){ .best_epoch = epoch, .best_loss = loss };
        return EARLY_BETTER;
    }
    state->waited++;
    return state->waited >= patience ? EARLY_STOP : EARLY_WORSE;
}

enum nb_status previous_epoch(struct previous *previous, const struct nb_net *net, bool begins,
                              bool may_be_last, struct nb_error *error)
{
    weights_free(&previous->before);
    if (!begins)
        previous->before = previous->latest;
    previous->latest = NULL;
    return may_be_last ? weights_keep(net, &previous->latest, error) : NB_OK;
}

enum nb_status previous_net(struct previous *previous, const struct nb_net *net, double lr,
                            struct nb_net **old, struct nb_error *error)
{
    *old = NULL;
    if (!previous->before)
        return NB_OK;
    enum nb_status status = nb_net_clone(net, NB_AUTO, old, error);
    if (!status)
        status = weights_swap(*old, previous->before, error);
    if (!status) {
        nb_net_set_lr(*old, lr);
        status = nb_exec(*old, nb_plan_start(*old, NB_UPDATE), error);
    }
    if (status)
        nb_net_free(old);
    return status;
}

void previous_release(struct previous *previous)
{
    weights_free(&previous->before);
    weights_free(&previous->latest);
}

enum nb_status good_begin(struct good *good, const struct nb_net *net, uint64_t epoch,
                          struct nb_error *error)
{
    *good = (struct good){ .good_epoch = epoch, .next_epoch = epoch };
    return weights_keep(net, &good->good, error);
}

/* 1 up to 2·EVERY epochs, then 2, 4, 8 ... */
static uint64_t interval(uint64_t epoch)
{
    uint64_t result = 1;
    while (epoch >= 2 * EVERY * result && result <= UINT64_MAX / 8 / EVERY)
        result *= 2;
    return result;
}

static bool blown_up(const struct good *good, double loss)
{
    return !isfinite(loss) || (good->least > 0 && loss > BLOWN_UP * good->least);
}

static void promote(struct good *good)
{
    if (!good->next)
        return;
    weights_free(&good->good);
    good->good = good->next;
    good->good_epoch = good->next_epoch;
    good->next = NULL;
}

enum nb_status good_epoch(struct good *good, const struct nb_net *net, uint64_t epoch, double loss,
                          struct nb_error *error)
{
    if (epoch == good->next_epoch + 1)
        good->next_good = !blown_up(good, loss);
    if (isfinite(loss) && (good->least == 0 || loss < good->least))
        good->least = loss;
    if (epoch % interval(epoch) != 0)
        return NB_OK;
    if (good->next_good)
        promote(good);
    weights_free(&good->next);
    good->next_epoch = epoch;
    good->next_good = false;
    return weights_keep(net, &good->next, error);
}

enum nb_status good_restore(struct good *good, struct nb_net *net, double loss, uint64_t *epoch,
                            struct nb_error *error)
{
    if (good->next_good || !blown_up(good, loss))
        promote(good);
    *epoch = good->good_epoch;
    return weights_swap(net, good->good, error);
}

void good_release(struct good *good)
{
    weights_free(&good->good);
    weights_free(&good->next);
}
