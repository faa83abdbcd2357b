/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of values: bounds, reading, assigning, and putting rows together. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "lang/ops.h"
#include "lang/tree.h"

#define INDEX_MOST 1e15 /* every whole number below is exact, also in 32 bits' SIZE_MAX checks */

/* Rows and columns of a part, half open. */
struct part {
    size_t row, rows, col, cols;
};

/* ---- Bounds ---- */

static enum nb_status whole_index(double number, size_t at, size_t *index, struct nb_error *error)
{
    if (!(number == floor(number)) || isinf(number))
        return error_at(error, NB_FAILED, at, "an index is a whole number, not %g", number);
    if (number < 1)
        return error_at(error, NB_FAILED, at, "indices start at 1, found %g", number);
    *index = number > INDEX_MOST || number > (double)(SIZE_MAX / 2) ? SIZE_MAX / 2 : (size_t)number;
    return NB_OK;
}

enum nb_status place_bounds(const struct place *place, const double *numbers,
                            struct lang_index index[2], struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < place->count && status == NB_OK; i++) {
        const struct place_index *from = &place->index[i];
        struct lang_index *to = &index[i];
        bool whole = from->kind == PLACE_WHOLE || from->kind == PLACE_LETTER;
        *to = (struct lang_index){ .at = from->at, .whole = whole };
        if (to->whole)
            continue;
        to->single = from->kind == PLACE_SINGLE;
        status = whole_index(*numbers++, from->at, &to->last, error);
        to->first = to->last - 1;
        if (status == NB_OK && !to->single)
            status = whole_index(*numbers++, from->at, &to->last, error);
        if (status == NB_OK && to->last <= to->first)
            status = error_at(error, NB_FAILED, from->at, "this range runs backwards: %zu:%zu",
                              to->first + 1, to->last);
    }
    return status;
}

/* One axis of a part: of `extent` rows or columns. */
static enum nb_status bound(const struct lang_index *index, size_t extent, const char *name,
                            const char *axis, size_t *first, size_t *count, struct nb_error *error)
{
    *first = index->whole ? 0 : index->first;
    *count = index->whole ? extent : index->last - index->first;
    if (index->whole || index->last <= extent)
        return NB_OK;
    if (extent == 0)
        return error_at(error, NB_FAILED, index->at, "%s has no %ss yet", name, axis);
    return error_at(error, NB_FAILED, index->at, "%s has %zu %s%s, found index %zu", name, extent,
                    axis, extent == 1 ? "" : "s",
                    index->first >= extent ? index->first + 1 : index->last);
}

/* One index on a matrix is a row; of a single row, an element may be meant. */
static bool means_element(const struct value *value, const struct lang_index *index)
{
    return value->rows == 1 && index->single && index->last > 1 && index->last <= value->cols;
}

static enum nb_status find_part(const struct value *value, const struct lang_index index[2],
                                size_t indices, const char *name, struct part *part,
                                struct nb_error *error)
{
    *part = (struct part){ 0, value->rows, 0, value->cols };
    const char *shown = name[0] ? name : "this";
    if (!indices)
        return NB_OK;
    if (value->rank == 0)
        return error_at(error, NB_FAILED, index[0].at, "%s is a number and has no indices", shown);
    if (value->rank == 1 && indices == 2)
        return error_at(error, NB_FAILED, index[1].at, "%s is a vector and has one index, not two",
                        shown);
    if (value->rank == 1)
        return bound(&index[0], value->cols, shown, "element", &part->col, &part->cols, error);
    if (indices == 1 && means_element(value, &index[0]))
        return error_at(error, NB_FAILED, index[0].at,
                        "%s has 1 row, found index %zu: of a matrix one index is a row, write "
                        "%s[1,%zu]",
                        shown, index->last, name, index->last);
    enum nb_status status =
        bound(&index[0], value->rows, shown, "row", &part->row, &part->rows, error);
    if (status == NB_OK && indices == 2)
        status = bound(&index[1], value->cols, shown, "column", &part->col, &part->cols, error);
    return status;
}

/* A single row drops its axis, a single element both; a single column stays
 * a column. */
static int part_rank(const struct value *value, const struct lang_index index[2], size_t indices)
{
    if (!indices)
        return value->rank;
    if (value->rank == 1)
        return index[0].single ? 0 : 1;
    if (!index[0].single)
        return 2;
    return indices == 2 && index[1].single ? 0 : 1;
}

enum nb_status op_index(const struct value *value, const struct lang_index index[2], size_t indices,
                        const char *name, struct value *result, struct nb_error *error)
{
    struct part part;
    enum nb_status status = find_part(value, index, indices, name, &part, error);
    if (status == NB_OK)
        status = value_init(result, part_rank(value, index, indices), part.rows, part.cols, error);
    for (size_t i = 0; status == NB_OK && i < part.rows && part.cols; i++)
        memcpy(result->data + i * part.cols, value->data + (part.row + i) * value->cols + part.col,
               part.cols * sizeof *result->data);
    return status;
}

enum nb_status lang_assign_part(struct value *target, const struct lang_assignment *assignment,
                                const struct value *source, struct nb_error *error)
{
    struct part part;
    enum nb_status status = find_part(target, assignment->index, assignment->indices,
                                      assignment->name.text, &part, error);
    if (status != NB_OK)
        return status;
    bool fills = source->rank == 0;
    bool turned = source->rank == 1 && part.cols == 1 && part.rows == source->cols;
    if (!fills && !turned && (source->rows != part.rows || source->cols != part.cols))
        return error_set(error, NB_FAILED,
                         "the part is %zu×%zu, the value %zu×%zu%s: give one of its shape, or a "
                         "number",
                         part.rows, part.cols, source->rows, source->cols,
                         source->rows == part.cols && source->cols == part.rows
                             ? " (transposed with ' it would fit)"
                             : "");
    for (size_t i = 0; i < part.rows; i++)
        for (size_t j = 0; j < part.cols; j++)
            target->data[(part.row + i) * target->cols + part.col + j] =
                source->data[fills    ? 0
                             : turned ? i
                                      : i * part.cols + j];
    return NB_OK;
}

/* ---- Lists ---- */

static enum nb_status ragged(size_t row, size_t found, size_t expected, struct nb_error *error)
{
    return error_set(
        error, NB_USAGE,
        "the rows of a matrix are equally long: row 1 has %zu numbers, row %zu has %zu", expected,
        row, found);
}

enum nb_status op_stack(const struct value *rows, size_t count, struct value *result,
                        struct nb_error *error)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].cols != rows[0].cols)
            return ragged(i + 1, rows[i].cols, rows[0].cols, error);
        total += rows[i].rows; /* each is at most VALUE_MOST, and count at most TREE_MOST */
        if (total > VALUE_MOST)
            break;
    }
    enum nb_status status = value_init(result, 2, total, rows[0].cols, error);
    double *to = result->data;
    for (size_t i = 0; status == NB_OK && i < count; i++) {
        size_t numbers = rows[i].rows * rows[i].cols;
        if (numbers)
            memcpy(to, rows[i].data, numbers * sizeof *to);
        to += numbers;
    }
    return status;
}

/* Side by side: all of the same number of rows. */
static enum nb_status join(const struct value *items, size_t count, int rank, struct value *result,
                           struct nb_error *error)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].rows != items[0].rows)
            return error_set(error, NB_FAILED,
                             "side by side stand only values of equally many rows: "
                             "the first has %zu, number %zu has %zu",
                             items[0].rows, i + 1, items[i].rows);
        total += items[i].cols;
        if (total > VALUE_MOST)
            break;
    }
    enum nb_status status = value_init(result, rank, items[0].rows, total, error);
    size_t col = 0;
    for (size_t i = 0; status == NB_OK && i < count; i++) {
        for (size_t row = 0; row < items[i].rows; row++)
            for (size_t j = 0; j < items[i].cols; j++)
                result->data[row * total + col + j] = items[i].data[row * items[i].cols + j];
        col += items[i].cols;
    }
    return status;
}

enum nb_status op_row(const struct value *items, size_t count, bool inner, bool nested,
                      struct value *result, struct nb_error *error)
{
    size_t of_rank[3] = { 0 };
    for (size_t i = 0; i < count; i++)
        of_rank[items[i].rank]++;
    if (nested && of_rank[2])
        return error_set(error, NB_USAGE,
                         "a matrix has rows and columns only: brackets stand two deep at the most");
    if (nested && of_rank[0])
        return error_set(error, NB_USAGE,
                         "the rows of a matrix are equally long: here numbers stand beside rows");
    if (of_rank[1] == count && !(inner && count == 1))
        return op_stack(items, count, result, error);
    return join(items, count, of_rank[2] ? 2 : 1, result, error);
}
