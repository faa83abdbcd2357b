/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mistakes can have been made where, the likeliest first. */
#include "base/compiler.h"
#include "formula/search.h"

bool search_is_own(const struct subject *subject, size_t id)
{
    struct nb_quantity asked, quantity;
    nb_quantity_get(subject->net, subject->id, &asked);
    nb_quantity_get(subject->net, id, &quantity);
    if (id == subject->id || subject->kind == SUBJECT_LOCAL)
        return id == subject->id && subject->kind != SUBJECT_LOCAL;
    if (quantity.layer != asked.layer)
        return false;
    if (subject->kind == SUBJECT_UPDATE)
        return quantity.kind == NB_GW || quantity.kind == NB_GB;
    bool delta = asked.kind == NB_DELTA || asked.kind == NB_DU;
    bool within = quantity.kind == NB_DA || quantity.kind == NB_DH || quantity.kind == NB_DU;
    return within && (delta || (asked.kind == NB_DA && quantity.kind == NB_DH));
}

/* ---- What the subject is made of ---- */

static void mark_start(struct search *search)
{
    const struct subject *subject = search->subject;
    struct nb_quantity quantity;
    nb_quantity_get(subject->net, subject->id, &quantity);
    search->upstream[subject->id] = true;
    if (subject->kind == SUBJECT_UPDATE)
        search->upstream[build_gradient(subject->net, quantity.kind, quantity.layer)] = true;
    if (subject->kind == SUBJECT_LOCAL)
        search->upstream[subject->local.top.id] = search->upstream[subject->local.bottom.id] = true;
}

static void mark_upstream(struct search *search)
{
    const struct nb_net *net = search->subject->net;
    mark_start(search);
    for (size_t i = nb_plan_start(net, NB_UPDATE); i-- > 0;) {
        const struct nb_op *op = nb_plan_op(net, i);
        bool wanted = false;
        for (size_t w = 0; w < op->nwrites; w++)
            wanted = wanted || search->upstream[op->writes[w]];
        for (size_t r = 0; wanted && op->kind != NB_OP_CLIP && r < op->nreads; r++)
            search->upstream[op->reads[r]] = true;
    }
}

/* ---- Rewritings ---- */

static void add_suspect(struct search *search, struct cause cause)
{
    for (size_t i = 0; i < search->suspect_count; i++) {
        const struct cause *known = &search->suspects[i];
        if (known->mistake == cause.mistake && known->variant == cause.variant &&
            known->place == cause.place)
            return;
    }
    if (search->suspect_count < SUSPECTS_MOST)
        search->suspects[search->suspect_count++] = cause;
}

/* Can it be made in the formula of the subject's element, or of the first of a quantity that
 * this is made of? */
static bool can_be_made(const struct search *search, const struct cause *cause,
                        const struct nb_op *op)
{
    const struct subject *subject = search->subject;
    struct site site = { subject->net, op, cause->place, 0, 0, NULL };
    if (search_is_own(subject, cause->place) && subject->element) {
        site.row = subject->row;
        site.col = subject->col;
    }
    bool here = op->phase != NB_UPDATE || cause->place == subject->id;
    return here && search->upstream[cause->place] && mistake_is_made(cause, &site);
}

/* From the last operation to the first: what is made last comes first. */
static void add_places(struct search *search, struct cause cause, bool own)
{
    const struct nb_net *net = search->subject->net;
    bool update = search->subject->kind == SUBJECT_UPDATE;
    for (size_t i = update ? nb_plan_length(net) : nb_plan_start(net, NB_UPDATE); i-- > 0;) {
        const struct nb_op *op = nb_plan_op(net, i);
        for (size_t w = 0; w < op->nwrites; w++) {
            cause.place = op->writes[w];
            if (search_is_own(search->subject, cause.place) == own &&
                can_be_made(search, &cause, op))
                add_suspect(search, cause);
        }
    }
}

static size_t count_places(const struct search *search, struct cause cause, size_t *hidden,
                           size_t *place)
{
    const struct nb_net *net = search->subject->net;
    size_t count = 0;
    *hidden = 0;
    cause.place = PLACE_EVERYWHERE;
    for (size_t i = 0; i < nb_plan_start(net, NB_UPDATE); i++) {
        const struct nb_op *op = nb_plan_op(net, i);
        struct site site = { net, op, op->writes[0], 0, 0, NULL };
        if (!search->upstream[op->writes[0]] || !mistake_is_made(&cause, &site))
            continue;
        count++;
        *place = op->writes[0];
        *hidden += op->layer < nb_net_spec(net)->layers;
    }
    return count;
}

/* Wherever it can be made, be it in one place; also in all hidden layers, which people often
 * treat by another rule than the last. */
static void add_everywhere(struct search *search, struct cause cause)
{
    size_t hidden, place = 0, places = count_places(search, cause, &hidden, &place);
    bool slope = cause.mistake == MISTAKE_MISSING_DERIVATIVE ||
                 cause.mistake == MISTAKE_DERIVATIVE_AT_ACTIVATION;
    if (places == 0)
        return;
    cause.place = places == 1 ? place : PLACE_EVERYWHERE;
    add_suspect(search, cause);
    cause.place = PLACE_HIDDEN;
    if (slope && hidden > 1 && places > hidden)
        add_suspect(search, cause);
}

enum group { GROUP_OWN, GROUP_EVERY, GROUP_CARRIED };

static void add_group(struct search *search, enum group group)
{
    const struct nb_net *net = search->subject->net;
    for (int id = 0; id < MISTAKES; id++) {
        size_t variants = mistakes[id].rewrite ? mistakes[id].variants(net) : 0;
        for (size_t variant = 0; variant < variants; variant++) {
            struct cause cause = { (enum mistake_id)id, variant, 0 };
            if (group == GROUP_EVERY)
                add_everywhere(search, cause);
            else
                add_places(search, cause, group == GROUP_OWN);
        }
    }
}

/* A factor of a z goes through the activation: behind it, it is none. */
static void add_factors_of_sums(struct search *search)
{
    static const enum mistake_id ids[] = { MISTAKE_WRONG_SIGN, MISTAKE_FACTOR_2,
                                           MISTAKE_FACTOR_HALF };
    const struct nb_net *net = search->subject->net;
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        for (size_t layer = nb_net_spec(net)->layers; layer >= 1; layer--) {
            size_t z = nb_quantity_id(net, NB_Z, layer);
            if (search->upstream[z] && z != search->subject->id)
                add_suspect(search, (struct cause){ ids[i], 0, z });
        }
}

/* ---- Factors ---- */

/* What a factor is of: an update has those of its gradient. */
static enum nb_quantity_kind factor_kind(const struct subject *subject)
{
    struct nb_quantity quantity;
    nb_quantity_get(subject->net, subject->id, &quantity);
    if (subject->kind == SUBJECT_LOCAL)
        return NB_Z;
    return subject->kind == SUBJECT_UPDATE ? NB_DW : quantity.kind;
}

/* A sum over the outputs where the loss is one, or a second mean over them. */
static bool is_unlikely(const struct search *search, const struct cause *cause)
{
    bool mean = nb_net_spec(search->subject->net)->loss == NB_MSE;
    bool shared = cause->mistake == MISTAKE_SUM_NOT_MEAN || cause->mistake == MISTAKE_MEAN_NOT_SUM;
    return shared && cause->variant != SHARED_ROWS &&
           mean == (cause->mistake == MISTAKE_MEAN_NOT_SUM);
}

static void add_factor(struct search *search, struct cause cause, double by, bool of_all)
{
    struct factor factor = { cause, by, of_all, is_unlikely(search, &cause) };
    if (by != 0 && search->factor_count < FACTORS_MOST)
        search->factors[search->factor_count++] = factor;
}

static void add_factors(struct search *search)
{
    const struct subject *subject = search->subject;
    enum nb_quantity_kind kind = factor_kind(subject);
    for (int id = 0; id < MISTAKES; id++) {
        size_t variants = mistakes[id].factor ? mistakes[id].variants(subject->net) : 0;
        for (size_t variant = 0; variant < variants; variant++) {
            struct cause cause = { (enum mistake_id)id, variant, subject->id };
            double by = mistakes[id].factor(subject->net, kind, variant);
            add_factor(search, cause, by, false);
            cause.variant = FACTOR_OF_ALL;
            if (subject->kind == SUBJECT_UPDATE && variants == 1)
                add_factor(search, cause, by, true);
        }
    }
}

void suspects_list(struct search *search)
{
    mark_upstream(search);
    add_factors(search);
    add_group(search, GROUP_OWN);
    search->own = search->suspect_count;
    add_group(search, GROUP_EVERY);
    search->every = search->suspect_count;
    add_group(search, GROUP_CARRIED);
    add_factors_of_sums(search);
}
