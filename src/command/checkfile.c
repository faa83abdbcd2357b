/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check FILE.npz: the arrays of a person's own program, in the order of computation. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "command/check.h"
#include "command/names.h"
#include "command/place.h"
#include "command/walk.h"
#include "format/npy.h"
#include "format/npz.h"
#include "formula/answer.h"
#include "formula/layout.h"
#include "formula/sheet.h"

#define PRECISION_DOUBLE 1e-6 /* to which a program's numbers are to agree, relatively */
#define PRECISION_SINGLE 1e-4
#define ROUNDED_DIGITS   3   /* numbers that agree to so many were probably rounded */
#define NOTHING          0.1 /* of that, relative to the largest number: what is as good as 0 */

enum verdict_kind { ARRAY_RIGHT, ARRAY_WRONG, ARRAY_FOLLOWS, ARRAY_WRONG_TOO };

/* One array of the file. */
struct array {
    size_t id;
    struct nb_quantity quantity;
    struct subject subject;
    double *numbers, *right, *half; /* (rows, cols), as stored */
    bool single;
    enum verdict_kind kind;
};

struct file_check {
    struct session *session;
    const char *path;
    struct nb_net *net;   /* at the start of its update phase */
    struct nb_net *after; /* and behind it; NULL: there is no target */
    struct array *arrays; /* in the order of computation */
    size_t count;
};

/* ---- The network ---- */

static enum nb_status open_nets(struct file_check *check, struct nb_error *error)
{
    struct nb_net *copy;
    enum nb_status status = walk_copy(check->session, &copy, error);
    if (status)
        return status;
    status = nb_net_clone(copy, NB_DOUBLE, &check->net, error);
    nb_net_free(&copy);
    if (status)
        return status;
    struct nb_net *net = check->net;
    bool target = !walk_check_target(net, NULL);
    status = nb_exec(net, target ? nb_plan_start(net, NB_UPDATE) : walk_loss_op(net), error);
    if (!status && target)
        status = nb_net_clone(net, NB_AUTO, &check->after, error);
    if (!status && target)
        status = nb_exec(check->after, nb_plan_length(net) - nb_cursor(net), error);
    return status;
}

/* ---- Reading ---- */

/* A vector may be (n,), (1, n) or (n, 1); a number (), (1,) or (1, 1). */
static bool has_shape(const struct npy *npy, size_t rows, size_t cols)
{
    if (npy->dimensions == 2)
        return npy->size[0] == rows && npy->size[1] == cols;
    if (npy->dimensions == 1)
        return npy->size[0] == rows * cols && (rows == 1 || cols == 1);
    return npy->dimensions == 0 && rows * cols == 1;
}

static enum nb_status other_shape(const struct file_check *check, const struct npy *npy,
                                  const struct nb_quantity *quantity, size_t rows, size_t cols,
                                  struct nb_error *error)
{
    struct text found = TEXT_INIT;
    for (size_t i = 0; i < npy->dimensions; i++)
        text_printf(&found, "%s%zu", i > 0 ? "×" : "", npy->size[i]);
    const char *numpy = quantity->name;
    error_set(error, NB_FAILED, "%s of %s is %zu×%zu here, found %s%s%s%s", quantity->name,
              check->path, rows, cols, found.length > 0 ? found.bytes : "one number",
              has_shape(npy, cols, rows) ? ": its transpose would fit, save " : "",
              has_shape(npy, cols, rows) ? numpy : "", has_shape(npy, cols, rows) ? ".T" : "");
    text_release(&found);
    return NB_FAILED;
}

static void turn(double *to, const double *from, size_t rows, size_t cols)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t col = 0; col < cols; col++)
            to[row * cols + col] = from[col * rows + row];
}

static enum nb_status read_numbers(const struct file_check *check, const struct npy *npy,
                                   struct array *array, struct nb_error *error)
{
    const struct nb_quantity *quantity = &array->quantity;
    bool turned = quantity_transposed(check->session, quantity);
    size_t rows = turned ? quantity->cols : quantity->rows;
    size_t cols = turned ? quantity->rows : quantity->cols, count = npy->count;
    if (!has_shape(npy, rows, cols))
        return other_shape(check, npy, quantity, rows, cols, error);
    array->numbers = memory_new(count, sizeof *array->numbers);
    array->right = memory_new(count, sizeof *array->right);
    array->half = memory_new(count, sizeof *array->half);
    if (!array->numbers || !array->right || !array->half)
        return error_memory(error);
    npy_read(npy, turned ? array->right : array->numbers);
    if (turned)
        turn(array->numbers, array->right, quantity->rows, quantity->cols);
    nb_values(check->net, array->id, array->right);
    array->single = npy_is_single(npy) || nb_net_spec(check->session->net)->precision == NB_SINGLE;
    return NB_OK;
}

/* The names that arrays may have: those of the quantities, and yhat. */
static size_t list_names(const struct file_check *check, const char **names,
                         struct nb_quantity *quantities, size_t *ids)
{
    const struct nb_net *net = check->net;
    size_t count = 0;
    for (size_t id = 0; id < nb_quantity_count(net); id++) {
        nb_quantity_get(net, id, &quantities[count]);
        if (!quantities[count].active || quantities[count].state == NB_UNSET)
            continue;
        ids[count] = id;
        names[count] = quantities[count].name;
        count++;
    }
    ids[count] = nb_quantity_id(net, NB_A, nb_net_spec(net)->layers);
    nb_quantity_get(net, ids[count], &quantities[count]);
    names[count] = "yhat";
    return count + 1;
}

static enum nb_status take_blocks(struct file_check *check, size_t names, const size_t *ids,
                                  const struct nb_quantity *quantities, const struct block *blocks,
                                  struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < names && !status; i++) {
        struct npy npy;
        if (!blocks[i].bytes)
            continue;
        struct array *array = &check->arrays[check->count++];
        *array = (struct array){ .id = ids[i], .quantity = quantities[i] };
        status = npy_parse(blocks[i].bytes, blocks[i].length, check->path, &npy, error);
        if (!status)
            status = read_numbers(check, &npy, array, error);
    }
    if (!status && check->count == 0)
        return error_set(error, NB_FAILED,
                         "%s has no array that is named as a number of the network: save z1, a1, "
                         "delta1, dw1 or others with numpy.savez",
                         check->path);
    return status;
}

static enum nb_status read_file(struct file_check *check, struct nb_error *error)
{
    size_t most = nb_quantity_count(check->net) + 1, names_count = 0;
    const char **names = memory_new(most, sizeof *names);
    struct nb_quantity *quantities = memory_new(most, sizeof *quantities);
    size_t *ids = memory_new(most, sizeof *ids);
    struct block *blocks = memory_new(most, sizeof *blocks), file = { NULL, 0 };
    check->arrays = memory_new(most, sizeof *check->arrays);
    bool room = names && quantities && ids && blocks && check->arrays;
    enum nb_status status = room ? stream_read(check->path, &file, error) : error_memory(error);
    if (!status)
        names_count = list_names(check, names, quantities, ids);
    if (!status)
        status =
            npz_unpack(file.bytes, file.length, check->path, names, names_count, blocks, error);
    if (!status)
        status = take_blocks(check, names_count, ids, quantities, blocks, error);
    for (size_t i = 0; i < names_count && blocks; i++)
        block_release(&blocks[i]);
    block_release(&file);
    free(names);
    free(quantities);
    free(ids);
    free(blocks);
    return status;
}

/* ---- Judging ---- */

static void set_subject(const struct file_check *check, struct array *array)
{
    struct subject *subject = &array->subject;
    size_t count = array->quantity.rows * array->quantity.cols;
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(array->right[i]));
    *subject = (struct subject){ .net = check->net,
                                 .id = array->id,
                                 .element = count == 1,
                                 .rows = array->quantity.rows,
                                 .cols = array->quantity.cols,
                                 .right = array->right };
    subject->precision = array->single ? PRECISION_SINGLE : PRECISION_DOUBLE;
    subject->nothing = subject->precision * NOTHING * largest;
}

static bool is_right(const struct array *array, const double *right)
{
    for (size_t i = 0; i < array->quantity.rows * array->quantity.cols; i++)
        if (!answer_agrees(&array->subject, array->numbers[i], 0, right[i]))
            return false;
    return true;
}

/* A parameter may be as it was, or as the update writes it: what it is not is judged as that. */
static void choose_update(const struct file_check *check, struct array *array)
{
    if (array->quantity.role != NB_PARAMETER || !check->after || is_right(array, array->right))
        return;
    array->subject.kind = SUBJECT_UPDATE;
    nb_values(check->after, array->id, array->right);
}

/* What is given first, then by operation, updated parameters last. */
static size_t order_of(const struct array *array)
{
    if (array->quantity.op != NB_NOWHERE)
        return array->quantity.op + 1;
    return array->subject.kind == SUBJECT_UPDATE ? SIZE_MAX : 0;
}

static int compare_arrays(const void *a, const void *b)
{
    const struct array *first = a, *second = b;
    size_t x = order_of(first), y = order_of(second);
    if (x == y)
        return (first->id > second->id) - (first->id < second->id);
    return x > y ? 1 : -1;
}

static void judge_arrays(struct file_check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        struct array *array = &check->arrays[i];
        set_subject(check, array);
        choose_update(check, array);
        array->kind = is_right(array, array->right) ? ARRAY_RIGHT : ARRAY_WRONG_TOO;
    }
    qsort(check->arrays, check->count, sizeof *check->arrays, compare_arrays);
}

static double number_from(struct sheet *sheet, const struct array *array, size_t index)
{
    size_t row = index / array->quantity.cols, col = index % array->quantity.cols;
    return array->subject.kind == SUBJECT_UPDATE ? sheet_updated(sheet, array->id, row, col)
                                                 : sheet_value(sheet, array->id, row, col);
}

static bool follows(struct sheet *sheet, const struct array *array)
{
    for (size_t i = 0; i < array->quantity.rows * array->quantity.cols; i++)
        if (!answer_agrees(&array->subject, array->numbers[i], 0, number_from(sheet, array, i)))
            return false;
    return true;
}

/* Which of the others come out with the first wrong one as it is. */
static enum nb_status find_followers(struct file_check *check, struct array *first,
                                     struct nb_error *error)
{
    struct sheet_base base;
    struct sheet *sheet = NULL;
    enum nb_status status = sheet_base_init(&base, check->net, error);
    struct sheet_plan plan = { .base = &base, .held = first->numbers, .held_id = first->id };
    if (!status)
        status = sheet_new(&plan, &sheet, error);
    for (struct array *array = first + 1; !status && array < check->arrays + check->count; array++)
        if (array->kind == ARRAY_WRONG_TOO && follows(sheet, array))
            array->kind = ARRAY_FOLLOWS;
    sheet_free(&sheet);
    if (base.values)
        sheet_base_release(&base);
    return status;
}

/* ---- Printing ---- */

static void print_table(const struct file_check *check)
{
    static const char *const words[] = { [ARRAY_RIGHT] = "right",
                                         [ARRAY_WRONG] = "wrong, the first",
                                         [ARRAY_FOLLOWS] = "wrong, but follows from that",
                                         [ARRAY_WRONG_TOO] = "wrong, too" };
    static const enum sink_style styles[] = { [ARRAY_RIGHT] = STYLE_GOOD,
                                              [ARRAY_WRONG] = STYLE_BAD,
                                              [ARRAY_FOLLOWS] = STYLE_FAINT,
                                              [ARRAY_WRONG_TOO] = STYLE_BAD };
    struct sink *out = check->session->out;
    for (size_t i = 0; i < check->count; i++) {
        const struct array *array = &check->arrays[i];
        sink_printf(out, "%*s%-9s", LAYOUT_INDENT, "", array->quantity.name);
        sink_styled(out, styles[array->kind], words[array->kind]);
        if (array->kind == ARRAY_RIGHT && array->subject.kind == SUBJECT_UPDATE)
            sink_puts(out, ", as the update writes it");
        sink_puts(out, "\n");
    }
}

/* The digits to which all numbers of an array agree with the right ones. */
static int digits_right(const struct array *array)
{
    double worst = DBL_EPSILON;
    for (size_t i = 0; i < array->quantity.rows * array->quantity.cols; i++)
        worst = fmax(worst, fabs(array->numbers[i] - array->right[i]) /
                                fmax(fabs(array->right[i]), array->subject.nothing));
    return worst < 1 ? (int)-log10(worst) : 0;
}

static void print_no_mistake(const struct file_check *check, const struct array *first)
{
    struct sink *out = check->session->out;
    int digits = digits_right(first);
    sink_printf(out, "\n%*sNo common mistake gives them.", LAYOUT_INDENT, "");
    if (digits >= ROUNDED_DIGITS)
        sink_printf(out, " They agree to %d digits: were they rounded?", digits);
}

static void print_wrong(const struct file_check *check, const struct array *first,
                        const struct judgement *judgement)
{
    struct sink *out = check->session->out;
    struct formula_style style = place_style(check->session);
    struct notation notation = { check->net, &style, out->unicode, false };
    sink_styled(out, STYLE_BAD, "wrong");
    sink_puts(out, "\n");
    for (size_t i = 0; i < judgement->findings_count; i++)
        for (size_t cause = 0; cause < judgement->findings[i].count; cause++)
            answer_line(out, &first->subject, judgement, &judgement->findings[i], cause,
                        first->quantity.name, &notation);
    sink_printf(out, "\n%*sThe first that is wrong is %s, in %zu of %zu numbers.", LAYOUT_INDENT,
                "", first->quantity.name, judgement->wrong_count, judgement->count);
    if (judgement->findings_count == 0)
        print_no_mistake(check, first);
    sink_puts(out, "\n\n");
    print_table(check);
}

static void print_right(const struct file_check *check)
{
    struct sink *out = check->session->out;
    sink_styled(out, STYLE_GOOD, "right");
    sink_puts(out, "\n\n");
    print_table(check);
}

static enum nb_status judge_first(struct file_check *check, struct array *first,
                                  struct nb_error *error)
{
    struct judgement judgement;
    struct given given = { first->numbers, first->half };
    first->kind = ARRAY_WRONG;
    enum nb_status status = answer_judge(&first->subject, &given, &judgement, error);
    if (!status)
        status = find_followers(check, first, error);
    if (!status)
        print_wrong(check, first, &judgement);
    judgement_release(&judgement);
    return status ? status : check_wrong(check->session);
}

static void file_release(struct file_check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        free(check->arrays[i].numbers);
        free(check->arrays[i].right);
        free(check->arrays[i].half);
    }
    free(check->arrays);
    nb_net_free(&check->net);
    nb_net_free(&check->after);
}

enum nb_status check_file(struct session *session, const char *path, struct nb_error *error)
{
    struct file_check check = { .session = session, .path = path };
    size_t first = 0;
    enum nb_status status = open_nets(&check, error);
    if (!status)
        status = read_file(&check, error);
    if (!status) {
        judge_arrays(&check);
        while (first < check.count && check.arrays[first].kind == ARRAY_RIGHT)
            first++;
        if (first < check.count)
            status = judge_first(&check, &check.arrays[first], error);
        else
            print_right(&check);
    }
    file_release(&check);
    return status;
}
