/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other elements of the same quantity, taken for the one that was asked. */
#include <math.h>

#include "formula/search.h"

#define ALL_MOST 36 /* elements of a quantity that are all tried */

static size_t apart(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* All elements of a small quantity; of a larger one those of the same row or column; of a
 * large one those next to it, and that with the indices exchanged. */
static bool is_neighbour(const struct nb_quantity *quantity, const struct subject *subject,
                         size_t row, size_t col)
{
    size_t down = apart(row, subject->row), across = apart(col, subject->col);
    if (down + across == 0)
        return false;
    if (quantity->rows * quantity->cols <= ALL_MOST || down + across == 1 ||
        (row == subject->col && col == subject->row))
        return true;
    return quantity->rows + quantity->cols <= ALL_MOST && (down == 0 || across == 0);
}

void neighbours_each(struct search *search, void *context,
                     void (*use)(struct search *search, void *context, struct element other,
                                 double value))
{
    const struct subject *subject = search->subject;
    const struct trial trial = { .sheet = search->plain };
    struct nb_quantity quantity;
    nb_quantity_get(subject->net, subject->id, &quantity);
    if (!subject->element || subject->kind == SUBJECT_LOCAL)
        return;
    for (size_t row = 0; row < quantity.rows; row++)
        for (size_t col = 0; col < quantity.cols; col++)
            if (is_neighbour(&quantity, subject, row, col)) {
                struct element other = { subject->id, row, col };
                use(search, context, other, search_number(search, &trial, other));
            }
}

struct cause neighbour_cause(const struct search *search, struct element other)
{
    struct nb_quantity quantity;
    nb_quantity_get(search->subject->net, other.id, &quantity);
    return (struct cause){ MISTAKE_NEIGHBOUR, other.row * quantity.cols + other.col, other.id };
}

static void try_element(struct search *search, void *context, struct element other, double value)
{
    (void)context;
    struct cause cause = neighbour_cause(search, other);
    search_count(search, value);
    if (search->chance <= CHANCE_MOST && search_meets(search, 0, value))
        search_found(search, &cause, 1, false);
}

static bool is_transpose(const struct search *search)
{
    const struct subject *subject = search->subject;
    bool square = subject->rows == subject->cols && subject->rows > 1;
    for (size_t i = 0; square && i < search->judgement->count; i++) {
        size_t row = i / subject->cols, col = i % subject->cols;
        square = search_meets(search, i, subject->right[col * subject->cols + row]);
    }
    return square;
}

static bool is_elsewhere(const struct search *search, size_t index)
{
    for (size_t i = 0; i < search->judgement->count; i++)
        if (search_meets(search, index, search->subject->right[i]))
            return true;
    return false;
}

/* Is every wrong number that of some other element? */
static bool is_mixed(const struct search *search)
{
    const struct judgement *judgement = search->judgement;
    bool mixed = judgement->count <= ALL_MOST;
    double chance = 1, others = (double)judgement->count - 1;
    for (size_t i = 0; mixed && i < judgement->count; i++) {
        mixed = !judgement->wrong[i] || is_elsewhere(search, i);
        chance *= judgement->wrong[i] ? fmin(1, others * search_share(search, i)) : 1;
    }
    return mixed && chance <= CHANCE_MOST;
}

void neighbours_try(struct search *search)
{
    struct cause cause = { MISTAKE_NEIGHBOUR, NEIGHBOUR_TRANSPOSED, search->subject->id };
    bool whole = !search->subject->element && search->judgement->count > 1;
    bool transpose = whole && is_transpose(search);
    cause.variant = transpose ? NEIGHBOUR_TRANSPOSED : NEIGHBOURS_MIXED;
    if (transpose || (whole && is_mixed(search)))
        search_found(search, &cause, 1, !transpose);
    neighbours_each(search, NULL, try_element);
}
