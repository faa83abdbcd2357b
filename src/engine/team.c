/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"

#define TEAM_WEIGHTS 20000  /* a network with a smaller matrix at most is quicker alone */
#define SHARED_WORK  500000 /* multiplications that are worth a second thread */
#define SOURCES_MORE 4      /* times as many sources as units are worth adding up twice */
#define SPINS        20000  /* looks at what others do before the processor is given away */
#define YIELDS       2000   /* times that it is, before sleeping */
#define CHUNK_ROWS   96     /* rows of w whose dw, m and v stay in cache */

/* One step: an operation, a part of one, or a product with the update that uses it. */
struct team_step {
    const struct nb_op *op, *update;
    void *const *partial; /* (threads - 1): sums of sources, beside those in z */
    void (*run)(struct nb_net *net, const struct team_step *step, size_t part, size_t parts);
    bool shared; /* else the first thread runs the whole of it */
    bool meet;   /* all wait for each other behind it */
};

/* Threads 1.. wait in team_work() for the steps [from, to) that thread 0 sets.
 *
 *     thread 0   set from, to | meet | steps | meet |      ... ending | meet | join
 *     others                  | meet | steps | meet | meet ...
 */
struct team {
    struct nb_net *net;
    struct team_step *steps;
    size_t length, backward; /* steps; the first of the backward pass */
    size_t from, to;
    const struct nb_source *source; /* NULL: x and y stay */
    const uint32_t *index;          /* (n) */
    size_t n;
    bool ending;
    void **partial;        /* (threads - 1), each as large as the widest z */
    int threads;           /* as they are set */
    atomic_size_t started; /* those that run besides the first */
    pthread_t *others;     /* (started) */
    atomic_size_t arrived; /* at the meeting of this round */
    atomic_uint round;
    atomic_uint asleep;
    pthread_mutex_t mutex; /* of awake */
    pthread_cond_t awake;
};

static struct cell *cell_of(const struct nb_net *net, size_t id)
{
    return &net->state.cells[id];
}

/* Part `part` of `parts` of count items, in whole sixteens. */
static void share(size_t count, size_t part, size_t parts, size_t *first, size_t *last)
{
    size_t blocks = (count + 15) / 16;
    *first = blocks * part / parts * 16;
    *last = blocks * (part + 1) / parts * 16;
    if (*last > count)
        *last = count;
}

/* ---- Parts of operations ---- */

static void run_whole(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    (void)parts;
    if (part == 0)
        op_run(net, step->op);
}

/* UPDATE as a step of its own leaves w to the fused one. */
static void run_but_weights(struct nb_net *net, const struct team_step *step, size_t part,
                            size_t parts)
{
    (void)parts;
    if (part == 0)
        update_but_weights(net, step->op);
}

static void affine_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct nb_op *op = step->op;
    const struct cell *a = cell_of(net, op->reads[0]), *w = cell_of(net, op->reads[1]);
    size_t first, last;
    share(w->cols, part, parts, &first, &last);
    if (first < last)
        net->kernels->slice->affine(cell_of(net, op->writes[0])->data, a->data, w->data,
                                    cell_of(net, op->reads[2])->data, a->rows, w->rows, w->cols,
                                    first, last);
}

/* Each part takes the sources whose rows of w it will update: they are in its
 * cache.  Behind a meeting gather_part adds up. */
static void affine_sources(struct nb_net *net, const struct team_step *step, size_t part,
                           size_t parts)
{
    const struct nb_op *op = step->op;
    const struct cell *a = cell_of(net, op->reads[0]), *w = cell_of(net, op->reads[1]);
    void *z = part ? step->partial[part - 1] : cell_of(net, op->writes[0])->data;
    const void *b = part ? NULL : cell_of(net, op->reads[2])->data;
    size_t first, last;
    share(w->rows, part, parts, &first, &last);
    net->kernels->slice->partial(z, a->data, w->data, b, a->rows, w->rows, w->cols, first, last);
}

static void gather_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct cell *z = cell_of(net, step->op->writes[0]);
    size_t size = net->kernels->vector->size;
    size_t first = z->rows * z->cols * part / parts, last = z->rows * z->cols * (part + 1) / parts;
    for (size_t i = 0; i + 1 < parts; i++)
        net->kernels->vector->add((char *)z->data + first * size,
                                  (const char *)step->partial[i] + first * size, last - first);
}

static void grad_a_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct nb_op *op = step->op;
    const struct cell *delta = cell_of(net, op->reads[0]), *w = cell_of(net, op->reads[1]);
    size_t first, last;
    share(w->rows, part, parts, &first, &last);
    if (first < last)
        net->kernels->slice->grad_a(cell_of(net, op->writes[0])->data, delta->data, w->data,
                                    delta->rows, w->rows, w->cols, first, last);
}

/* Rows [first, last) of a cell that has one row a sample. */
static char *rows_at(const struct nb_net *net, size_t id, size_t first)
{
    const struct cell *cell = cell_of(net, id);
    return (char *)cell->data + first * cell->cols * net->kernels->vector->size;
}

static void activation_part(struct nb_net *net, const struct team_step *step, size_t part,
                            size_t parts)
{
    const struct nb_op *op = step->op;
    const struct cell *z = cell_of(net, op->reads[0]);
    size_t first = z->rows * part / parts, last = z->rows * (part + 1) / parts;
    if (first < last)
        net->kernels->activation[net->layers[op->layer - 1].activation].forward(
            rows_at(net, op->writes[0], first), rows_at(net, op->reads[0], first), last - first,
            z->cols);
}

static void delta_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct nb_op *op = step->op;
    const struct cell *da = cell_of(net, op->reads[0]);
    size_t first = da->rows * part / parts, last = da->rows * (part + 1) / parts;
    if (first < last)
        net->kernels->activation[net->layers[op->layer - 1].activation].backward(
            rows_at(net, op->writes[0], first), rows_at(net, op->reads[0], first),
            rows_at(net, op->reads[1], first), rows_at(net, op->reads[2], first), last - first,
            da->cols);
}

/* w ← (1 - η·2c)·w - η·aᵀ·δ for rows of w */
static void sgd_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct cell *a = cell_of(net, step->op->reads[0]);
    const struct cell *delta = cell_of(net, step->op->reads[1]);
    const struct cell *w = cell_of(net, step->update->writes[0]);
    double eta = net->learning.lr, keep = 1 - eta * 2 * learning_l2_share(net);
    size_t first, last;
    share(w->rows, part, parts, &first, &last);
    if (part == 0)
        net_stamp(net, cell_of(net, step->update->writes[0]));
    if (first < last)
        net->kernels->slice->sgd(w->data, a->data, delta->data, keep, eta, a->rows, w->rows,
                                 w->cols, first, last);
}

/* dw, penalty and the optimiser's step, a chunk of rows after the other */
static void step_part(struct nb_net *net, const struct team_step *step, size_t part, size_t parts)
{
    const struct cell *a = cell_of(net, step->op->reads[0]);
    const struct cell *delta = cell_of(net, step->op->reads[1]);
    const struct cell *w = cell_of(net, step->update->writes[0]);
    const struct cell *dw = cell_of(net, step->op->writes[0]);
    bool penalty = learning_has_penalty(&net->learning);
    size_t first, last;
    if (part == 0)
        net_stamp(net, cell_of(net, step->update->writes[0]));
    share(w->rows, part, parts, &first, &last);
    for (size_t chunk = first; chunk < last; chunk += CHUNK_ROWS) {
        size_t end = chunk + CHUNK_ROWS < last ? chunk + CHUNK_ROWS : last;
        size_t offset = chunk * w->cols, count = (end - chunk) * w->cols;
        size_t bytes = offset * net->kernels->vector->size;
        net->kernels->slice->grad_w(dw->data, a->data, delta->data, a->rows, w->rows, w->cols,
                                    chunk, end);
        char *g = (char *)dw->data + bytes, *at = (char *)w->data + bytes;
        if (penalty)
            net->kernels->vector->regularize(g, g, at, 2 * learning_l2_share(net), net->learning.l1,
                                             count);
        update_slice(net, step->update, 0, g, offset, count);
    }
}

/* ---- Building ---- */

typedef void (*part_runner)(struct nb_net *, const struct team_step *, size_t, size_t);

static const part_runner parts_of[NB_OP_KINDS] = {
    [NB_OP_AFFINE] = affine_part,
    [NB_OP_ACTIVATION] = activation_part,
    [NB_OP_DELTA] = delta_part,
    [NB_OP_GRAD_A] = grad_a_part,
};

static void add_step(struct team *team, const struct nb_op *op, bool worth)
{
    bool shared = parts_of[op->kind] && worth;
    part_runner alone = op->kind == NB_OP_UPDATE ? run_but_weights : run_whole;
    team->steps[team->length++] = (struct team_step){ .op = op,
                                                      .run = shared ? parts_of[op->kind] : alone,
                                                      .shared = shared };
}

/* An AFFINE with many more sources than units is shared by its sources. */
static void add_affine(struct team *team, const struct nb_op *op, bool worth)
{
    const struct cell *w = cell_of(team->net, op->reads[1]);
    bool by_sources = worth && team->threads > 1 && w->rows >= SOURCES_MORE * w->cols;
    add_step(team, op, worth);
    if (!by_sources)
        return;
    struct team_step *sums = &team->steps[team->length - 1], *gather = &team->steps[team->length++];
    sums->run = affine_sources;
    sums->partial = team->partial;
    *gather = *sums;
    gather->run = gather_part;
}

static const struct nb_op *find_op(const struct nb_net *net, enum nb_op_kind kind, size_t layer)
{
    for (size_t i = 0; i < net->length; i++)
        if (net->plan[i].kind == kind && net->plan[i].layer == layer)
            return &net->plan[i];
    return NULL;
}

static bool is_worth(const struct nb_net *net, size_t layer, size_t rows)
{
    const struct cell *w = net_find(net, NB_W, layer);
    return rows * w->rows * w->cols >= SHARED_WORK;
}

/* GRAD_W and UPDATE of a layer in one, behind whatever still reads its w. */
static void add_fused(struct team *team, size_t layer, bool worth)
{
    const struct nb_net *net = team->net;
    bool direct = net->learning.optimizer == NB_SGD && net->learning.l1 == 0;
    if (net_find(net, NB_W, layer)->frozen)
        return;
    team->steps[team->length++] = (struct team_step){
        .op = find_op(net, NB_OP_GRAD_W, layer),
        .update = find_op(net, NB_OP_UPDATE, layer),
        .run = direct ? sgd_part : step_part,
        .shared = worth,
    };
}

static void build_steps(struct team *team, size_t rows)
{
    const struct nb_net *net = team->net;
    size_t i = 0;
    for (; i < net->start[NB_BACKWARD]; i++) /* nobody looks at the penalty's value */
        if (net->plan[i].kind == NB_OP_AFFINE)
            add_affine(team, &net->plan[i], is_worth(net, net->plan[i].layer, rows));
        else if (net->plan[i].kind != NB_OP_PENALTY)
            add_step(team, &net->plan[i], is_worth(net, net->plan[i].layer, rows));
    team->backward = team->length;
    for (; i < net->start[NB_UPDATE]; i++) {
        const struct nb_op *op = &net->plan[i];
        if (op->kind == NB_OP_GRAD_W || op->kind == NB_OP_REGULARIZE)
            continue;
        add_step(team, op, is_worth(net, op->layer, rows));
        if (op->kind == NB_OP_GRAD_A || (op->kind == NB_OP_GRAD_B && op->layer == 1))
            add_fused(team, op->layer, is_worth(net, op->layer, rows));
    }
    for (; i < net->length; i++)
        add_step(team, &net->plan[i], false);
}

/* Whoever reads what others wrote waits for them: behind a shared step, and
 * before one where the first thread has computed alone.  What a fused step and
 * GRAD_B write is read in the next pass only. */
static void build_meetings(struct team *team)
{
    bool alone = false;
    for (size_t i = 0; i < team->length; i++) {
        struct team_step *step = &team->steps[i];
        if (step->shared && alone && i > 0) {
            team->steps[i - 1].meet = true;
            alone = false;
        }
        if (step->update || step->op->kind == NB_OP_GRAD_B)
            continue;
        step->meet = step->shared;
        alone = !step->shared || alone;
    }
}

static bool is_wanted(const struct nb_net *net)
{
    size_t most = 0;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        const struct cell *w = net_find(net, NB_W, l);
        if (w->rows * w->cols > most)
            most = w->rows * w->cols;
    }
    return net->spec.precision == NB_SINGLE && most >= TEAM_WEIGHTS && net->learning.clip == 0 &&
           !learning_penalizes(&net->learning, NB_GB);
}

/* ---- Meeting ---- */

static void sleep_until(struct team *team, unsigned round)
{
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->asleep, 1);
    while (atomic_load(&team->round) == round)
        pthread_cond_wait(&team->awake, &team->mutex);
    atomic_fetch_sub(&team->asleep, 1);
    pthread_mutex_unlock(&team->mutex);
}

static void wake_all(struct team *team)
{
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->awake);
    pthread_mutex_unlock(&team->mutex);
}

/* Nobody goes on before all have come.  On a busy machine one that is not
 * running may be waited for: so the processor is soon given away.  Returns
 * whether the thread has slept. */
static bool meet(struct team *team)
{
    unsigned round = atomic_load(&team->round);
    if (atomic_fetch_add(&team->arrived, 1) == team->started) {
        atomic_store(&team->arrived, 0);
        atomic_store(&team->round, round + 1);
        if (atomic_load(&team->asleep))
            wake_all(team);
        return false;
    }
    for (int i = 0; i < SPINS; i++)
        if (atomic_load(&team->round) != round)
            return false;
    for (int i = 0; i < YIELDS; i++) {
        if (atomic_load(&team->round) != round)
            return false;
        sched_yield();
    }
    sleep_until(team, round);
    return true;
}

/* ---- Running ---- */

static void fill_part(struct team *team, size_t part, size_t parts)
{
    struct nb_net *net = team->net;
    size_t first = team->n * part / parts, last = team->n * (part + 1) / parts;
    team->source->fill(team->source->context, team->index + first, last - first,
                       net->spec.precision, rows_at(net, nb_quantity_id(net, NB_X, 0), first),
                       rows_at(net, nb_quantity_id(net, NB_Y, 0), first));
}

static void run_part(struct team *team, size_t part)
{
    size_t parts = team->started + 1;
    FLUSH_TINY(arithmetic);
    if (team->source) {
        fill_part(team, part, parts);
        if (team->started)
            meet(team);
    }
    for (size_t i = team->from; i < team->to; i++) {
        const struct team_step *step = &team->steps[i];
        if (step->shared)
            step->run(team->net, step, part, parts);
        else if (part == 0)
            step->run(team->net, step, 0, 1);
        if (step->meet && team->started)
            meet(team);
    }
    FLUSH_END(arithmetic);
}

struct member {
    struct team *team;
    size_t part;
};

static void *team_work(void *member_)
{
    struct member member = *(struct member *)member_;
    free(member_);
    thread_place(member.part);
    for (;;) {
        if (meet(member.team))
            thread_place(member.part);
        if (member.team->ending)
            return NULL;
        run_part(member.team, member.part);
        meet(member.team);
    }
}

static void run_steps(struct team *team, size_t from, size_t to)
{
    team->from = from;
    team->to = to;
    if (team->started)
        meet(team);
    run_part(team, 0);
    if (team->started)
        meet(team);
}

void team_forward(struct team *team, const struct nb_source *source, const uint32_t *index,
                  size_t n)
{
    team->source = source;
    team->index = index;
    team->n = n;
    run_steps(team, 0, team->backward);
    team->source = NULL;
}

void team_backward(struct team *team)
{
    update_begin(team->net);
    run_steps(team, team->backward, team->length);
}

/* ---- The handle ---- */

/* As many of the others as there are to be had.  Those that came wait until
 * the first thread meets them, which is after `started` is right. */
static enum nb_status start_others(struct team *team, size_t wanted, struct nb_error *error)
{
    team->others = memory_new(wanted, sizeof *team->others);
    if (!team->others)
        return error_memory(error);
    size_t count = 0;
    thread_place(0);
    atomic_store(&team->started, wanted);
    for (; count < wanted; count++) {
        struct member *member = memory_new(1, sizeof *member);
        if (!member)
            break;
        *member = (struct member){ team, count + 1 };
        if (pthread_create(&team->others[count], NULL, team_work, member)) {
            free(member);
            break;
        }
    }
    atomic_store(&team->started, count);
    return NB_OK;
}

/* Room for the sums of the sources that the others take. */
static bool reserve_partial(struct team *team)
{
    const struct nb_net *net = team->net;
    size_t others = (size_t)team->threads - 1, most = 0;
    for (size_t l = 1; l <= net->spec.layers; l++) {
        const struct cell *w = net_find(net, NB_W, l);
        if (w->rows >= SOURCES_MORE * w->cols && w->cols > most)
            most = w->cols;
    }
    team->partial = memory_new(others + 1, sizeof *team->partial);
    for (size_t i = 0; i < others && team->partial && most; i++) {
        team->partial[i] =
            memory_new(net->state.capacity[BLOCK_SAMPLE] * most, net->kernels->vector->size);
        if (!team->partial[i])
            return false;
    }
    return team->partial;
}

static enum nb_status team_start(struct team *team, struct nb_error *error)
{
    size_t most = team->net->length + 2 * team->net->spec.layers; /* steps */
    team->steps = memory_new(most, sizeof *team->steps);
    if (!team->steps || !reserve_partial(team))
        return error_memory(error);
    build_steps(team, team->net->state.capacity[BLOCK_SAMPLE]);
    build_meetings(team);
    kernels_set_threads(1); /* the team's threads are the ones */
    return team->threads > 1 ? start_others(team, (size_t)team->threads - 1, error) : NB_OK;
}

enum nb_status team_new(struct nb_net *net, struct team **team, struct nb_error *error)
{
    *team = NULL;
    if (!is_wanted(net))
        return NB_OK;
    *team = memory_new(1, sizeof **team);
    if (!*team)
        return error_memory(error);
    (*team)->net = net;
    (*team)->threads = kernels_threads();
    pthread_mutex_init(&(*team)->mutex, NULL);
    pthread_cond_init(&(*team)->awake, NULL);
    enum nb_status status = team_start(*team, error);
    if (status)
        team_free(team);
    return status;
}

void team_free(struct team **team)
{
    struct team *old = *team;
    if (!old)
        return;
    old->ending = true;
    if (old->started)
        meet(old);
    for (size_t i = 0; i < old->started; i++)
        pthread_join(old->others[i], NULL);
    pthread_cond_destroy(&old->awake);
    pthread_mutex_destroy(&old->mutex);
    kernels_set_threads(old->threads);
    for (int i = 0; old->partial && i + 1 < old->threads; i++)
        free(old->partial[i]);
    free(old->partial);
    free(old->others);
    free(old->steps);
    free(old);
    *team = NULL;
}
