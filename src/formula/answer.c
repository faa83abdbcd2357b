/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "formula/search.h"

#define APART_MOST  3    /* wrong numbers of a whole quantity that are looked at by themselves */
#define SHARE_MOST  0.05 /* of the right number that a right one may be away from it */
#define HALF_SLACK  1e-9 /* a half that is one in decimals */
#define SERIES_MOST 16   /* summands that are looked at: more are named by the whole */

/* ---- Right and wrong ---- */

/* With rounded numbers nobody can tell more than the sheet. */
static double half_of(const struct subject *subject, double half)
{
    int decimals = nb_net_round(subject->net);
    return decimals == NB_EXACT ? half : fmax(half, 0.5 * pow(10, -decimals));
}

double answer_tolerance(const struct subject *subject, double half, double other)
{
    double noise = subject->precision * fabs(other) + subject->nothing;
    return half_of(subject, half) * (1 + HALF_SLACK) + noise;
}

bool answer_agrees(const struct subject *subject, double number, double half, double other)
{
    double away = fabs(number - other);
    if (number == other || !isfinite(other))
        return number == other;
    return away <= answer_tolerance(subject, half, other) &&
           away <= SHARE_MOST * fabs(other) + subject->nothing;
}

static void compare(const struct subject *subject, const struct given *given,
                    struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->count; i++) {
        judgement->wrong[i] =
            !answer_agrees(subject, given->numbers[i], given->half[i], subject->right[i]);
        judgement->wrong_count += judgement->wrong[i];
    }
    judgement->right = judgement->wrong_count == 0;
}

/* ---- What to check next ---- */

/* Everything that the number is made of, in the order in which it was found. */
struct operands {
    const struct subject *subject;
    struct element *items;
    size_t count, capacity;
    bool failed;
    bool within; /* also what stands in a slope, written by a: a·(1 − a) */
};

static struct nb_quantity quantity_of(const struct subject *subject, size_t id)
{
    struct nb_quantity quantity;
    nb_quantity_get(subject->net, id, &quantity);
    return quantity;
}

static void add_operand(struct operands *operands, struct element element)
{
    struct nb_quantity quantity = quantity_of(operands->subject, element.id);
    if (quantity.role != NB_COMPUTED || quantity.kind == NB_MASK)
        return;
    for (size_t i = 0; i < operands->count; i++)
        if (memcmp(&operands->items[i], &element, sizeof element) == 0)
            return;
    struct element *grown =
        array_grow(operands->items, operands->count, &operands->capacity, sizeof *operands->items);
    operands->failed = operands->failed || !grown;
    if (!grown)
        return;
    operands->items = grown;
    operands->items[operands->count++] = element;
}

static void add_below(struct operands *operands, const struct term *term,
                      const struct term_binding *binding)
{
    struct term_binding inner = *binding;
    if ((term->shape & TERM_UNIT) && !operands->within)
        return;
    if (term->kind == TERM_ELEMENT)
        add_operand(operands, (struct element){ term->id, term_bound(binding, term->row),
                                                term_bound(binding, term->col) });
    size_t times = term->kind != TERM_SERIES   ? 1
                   : term->count < SERIES_MOST ? term->count
                                               : SERIES_MOST;
    for (size_t i = 0; i < times; i++) {
        if (term->kind == TERM_SERIES)
            inner.at[term->index - TERM_I] = i;
        for (size_t child = 0; child < term->children; child++)
            add_below(operands, term->child[child], &inner);
    }
}

static void add_term(struct operands *operands, struct term *term)
{
    if (term)
        add_below(operands, term, &term_unbound);
    operands->failed = operands->failed || !term;
    term_free(&term);
}

/* Of a delta also what its da is made of: one goes through both in one line. */
static void add_element(struct operands *operands, struct element element)
{
    const struct nb_net *net = operands->subject->net;
    struct nb_quantity quantity = quantity_of(operands->subject, element.id);
    struct site site = { net, nb_plan_op(net, quantity.op), element.id, element.row, element.col,
                         NULL };
    size_t from = operands->count;
    add_term(operands, build_term(&site));
    for (size_t i = from, end = operands->count; i < end; i++) {
        struct element operand = operands->items[i];
        if (search_is_own(operands->subject, operand.id) && operand.id != operands->subject->id)
            add_element(operands, operand);
    }
}

static size_t op_of(const struct operands *operands, size_t index)
{
    return quantity_of(operands->subject, operands->items[index].id).op;
}

/* In the order of computation; a few numbers, so by insertion. */
static void sort_operands(struct operands *operands)
{
    for (size_t i = 1; i < operands->count; i++)
        for (size_t j = i; j > 0 && op_of(operands, j) < op_of(operands, j - 1); j--) {
            struct element swap = operands->items[j];
            operands->items[j] = operands->items[j - 1];
            operands->items[j - 1] = swap;
        }
}

/* One of each quantity. */
static void keep_wholes(struct operands *operands)
{
    size_t kept = 0;
    for (size_t i = 0; i < operands->count; i++) {
        bool known = false;
        for (size_t k = 0; k < kept; k++)
            known = known || operands->items[k].id == operands->items[i].id;
        if (!known)
            operands->items[kept++] = operands->items[i];
    }
    operands->count = kept;
}

static void gather(struct operands *operands, struct element element)
{
    const struct subject *subject = operands->subject;
    struct nb_quantity quantity = quantity_of(subject, subject->id);
    if (subject->kind == SUBJECT_UPDATE) {
        element.id = build_gradient(subject->net, quantity.kind, quantity.layer);
        add_operand(operands, element);
    } else if (subject->kind == SUBJECT_LOCAL) {
        operands->within = true;
        struct term *term = local_term(subject->net, &subject->local);
        if (term)
            add_term(operands, term);
    } else if (quantity.op != NB_NOWHERE) {
        add_element(operands, element);
    }
}

static enum nb_status find_next(const struct subject *subject, struct judgement *judgement,
                                struct nb_error *error)
{
    struct operands operands = { .subject = subject };
    size_t first = 0;
    while (!judgement->wrong[first])
        first++;
    gather(&operands, search_place(subject, first));
    judgement->next_whole = !subject->element || operands.count > NEXT_MOST;
    if (judgement->next_whole)
        keep_wholes(&operands);
    sort_operands(&operands);
    for (size_t i = 0; i < operands.count && i < NEXT_MOST; i++)
        judgement->next[judgement->next_count++] = operands.items[i];
    free(operands.items);
    return operands.failed ? error_memory(error) : NB_OK;
}

/* ---- Judging ---- */

/* Where nothing explains a whole quantity: what explains single numbers of it. */
static enum nb_status search_apart(const struct subject *subject, const struct given *given,
                                   struct judgement *judgement, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    size_t looks = judgement->wrong_count < APART_MOST ? judgement->wrong_count : APART_MOST;
    size_t looked = 0;
    for (size_t i = 0; i < judgement->count && looked < APART_MOST && !status; i++) {
        struct element place = search_place(subject, i);
        struct subject one = *subject;
        struct given number = { &given->numbers[i], &given->half[i] };
        struct judgement apart = { .count = 1, .wrong_count = 1, .wrong = &judgement->wrong[i] };
        if (!judgement->wrong[i])
            continue;
        looked++;
        one.element = true;
        one.row = place.row;
        one.col = place.col;
        one.rows = one.cols = 1;
        one.right = &subject->right[i];
        status = search_run(&one, &number, (double)looks, &apart, error);
        if (status || apart.findings_count == 0)
            continue;
        apart.findings[0].index = i;
        judgement->findings[judgement->findings_count++] = apart.findings[0];
        judgement->doubtful = judgement->doubtful || apart.doubtful;
    }
    return status;
}

enum nb_status answer_judge(const struct subject *subject, const struct given *given,
                            struct judgement *judgement, struct nb_error *error)
{
    size_t count;
    *judgement = (struct judgement){ .right = false };
    if (!size_multiply(subject->rows, subject->cols, &count))
        return error_memory(error);
    judgement->count = count;
    judgement->wrong = memory_new(count, sizeof *judgement->wrong);
    if (!judgement->wrong)
        return error_memory(error);
    compare(subject, given, judgement);
    if (judgement->right)
        return NB_OK;
    enum nb_status status = search_run(subject, given, 1, judgement, error);
    if (!status && !judgement->findings_count && judgement->count > 1 &&
        judgement->wrong_count <= APART_MOST)
        status = search_apart(subject, given, judgement, error);
    if (!status && !judgement->findings_count)
        status = find_next(subject, judgement, error);
    if (status)
        judgement_release(judgement);
    return status;
}

void judgement_release(struct judgement *judgement)
{
    free(judgement->wrong);
    *judgement = (struct judgement){ .right = false };
}
