/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations of whole quantities: in matrices, with shapes and values. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "formula/build.h"
#include "formula/explain.h"
#include "formula/general.h"
#include "formula/values.h"

#define ELEMENTS_MOST 200     /* that are nudged one by one */
#define WORK_MOST     5000000 /* multiplications for all of them, roughly */

/* The values of a quantity as people see it: turned where w[k,j] is asked for; of one row
 * or column where only that is. */
struct shown {
    size_t rows, cols;
    size_t first_row, first_col; /* as they are stored */
    bool turned, vector;
    double *value, *quotient; /* (rows, cols) */
    double worst;
};

static size_t shown_row(const struct shown *shown, size_t row, size_t col)
{
    return shown->first_row + (shown->turned ? col : row);
}

static size_t shown_col(const struct shown *shown, size_t row, size_t col)
{
    return shown->first_col + (shown->turned ? row : col);
}

/* Of dw1[1,k] the first row: an index that is no letter. */
static void keep_slice(struct shown *shown, const struct formula_request *request)
{
    bool row = term_is_letter(request->col) && !term_is_letter(request->row);
    bool col = term_is_letter(request->row) && !term_is_letter(request->col);
    shown->first_row = row ? request->row : 0;
    shown->first_col = col ? request->col : 0;
    bool one_row = shown->turned ? col : row, one_col = shown->turned ? row : col;
    shown->rows = one_row ? 1 : shown->rows;
    shown->cols = one_col ? 1 : shown->cols;
    shown->vector = shown->vector || one_row;
}

static enum nb_status shown_init(struct shown *shown, const struct explanation *explanation,
                                 struct nb_error *error)
{
    const struct nb_quantity *quantity = &explanation->quantity;
    bool matrix = symbol_is_matrix(quantity->kind);
    bool samples = nb_quantity_rows()[quantity->kind].per_sample;
    *shown = (struct shown){ .turned = matrix && explanation->notation.style->to_from };
    shown->rows = shown->turned ? quantity->cols : quantity->rows;
    shown->cols = shown->turned ? quantity->rows : quantity->cols;
    shown->vector = !matrix && !(samples && explanation->notation.style->batch);
    keep_slice(shown, explanation->request);
    size_t count;
    if (size_multiply(shown->rows, shown->cols, &count))
        shown->value = memory_new(count, sizeof *shown->value);
    if (!shown->value)
        return error_memory(error);
    for (size_t r = 0; r < shown->rows; r++)
        for (size_t c = 0; c < shown->cols; c++)
            shown->value[r * shown->cols + c] =
                nb_value(explanation->held, explanation->element.id, shown_row(shown, r, c),
                         shown_col(shown, r, c));
    return NB_OK;
}

static void shown_release(struct shown *shown)
{
    free(shown->value);
    free(shown->quotient);
}

/* As print writes it: [[a, b], [c, d]]. */
static void add_values(struct text *text, const struct shown *shown, const double *values,
                       int digits)
{
    text_add(text, shown->vector ? "" : "[");
    for (size_t r = 0; r < shown->rows; r++) {
        text_add(text, r ? ", [" : "[");
        for (size_t c = 0; c < shown->cols; c++) {
            text_add(text, c ? ", " : "");
            number_add(text, values[r * shown->cols + c], digits);
        }
        text_add(text, "]");
    }
    text_add(text, shown->vector ? "" : "]");
}

/* ---- The formula ---- */

/* As the plan has it, where there is none in matrices. */
static void add_short(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    struct text line = TEXT_INIT;
    document_section(explanation->document, "In matrices");
    struct block *block = document_add(explanation->document, BLOCK_FORMULA);
    formula_op_short(notation->net, explanation->quantity.op, notation->style, true, &line);
    phrase_formula(&block->first, line.bytes);
    phrase_printf(&block->second, "$%zu×%zu$", explanation->quantity.rows,
                  explanation->quantity.cols);
    block->beside = true;
    text_release(&line);
}

/* Of batch norm, which writes several quantities, the line of this one. */
static void add_elements(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    size_t op = explanation->quantity.op;
    enum nb_op_kind kind = nb_plan_op(notation->net, op)->kind;
    document_section(explanation->document, "Element by element");
    struct block *block = document_add(explanation->document, BLOCK_FORMULA);
    if (kind == NB_OP_BATCHNORM || kind == NB_OP_BATCHNORM_GRAD) {
        general_write(&block->first, notation, op, explanation->element.id);
        return;
    }
    general_full(&block->first, notation, op);
    general_aside(&block->second, notation, op);
}

/* What updates carry on: how. */
static void add_carried(struct explanation *explanation)
{
    const struct notation *notation = &explanation->notation;
    size_t op = explain_writer(notation->net, explanation->element.id);
    if (op == NB_NOWHERE)
        return;
    document_section(explanation->document, "Element by element");
    struct block *block = document_add(explanation->document, BLOCK_FORMULA);
    general_write(&block->first, notation, op, explanation->element.id);
    general_aside(&block->second, notation, op);
}

static void add_formula(struct explanation *explanation)
{
    if (explanation->quantity.role == NB_STATE) {
        add_carried(explanation);
        return;
    }
    if (!explain_in_matrices(explanation) && explanation->quantity.kind != NB_MASK)
        add_short(explanation);
    add_elements(explanation);
}

/* ---- The values ---- */

static void add_grid(struct explanation *explanation, const struct shown *shown)
{
    struct phrase none = PHRASE_INIT;
    document_section(explanation->document, "The values");
    values_add(explanation->document, &none, shown->rows, shown->cols, shown->value);
}

/* ---- The test ---- */

static enum nb_status nudge_all(struct explanation *explanation, struct shown *shown,
                                struct nb_error *error)
{
    struct nb_nudger *nudger = NULL;
    shown->quotient = memory_new(shown->rows * shown->cols, sizeof *shown->quotient);
    enum nb_status status = shown->quotient
                                ? nb_nudger_new(explanation->notation.net, &nudger, error)
                                : error_memory(error);
    for (size_t at = 0; !status && at < shown->rows * shown->cols; at++) {
        struct nb_nudge nudge;
        size_t r = at / shown->cols, c = at % shown->cols;
        struct element element = { explanation->element.id, shown_row(shown, r, c),
                                   shown_col(shown, r, c) };
        status = explain_test(explanation, nudger, element, &nudge, error);
        if (status)
            break;
        shown->quotient[at] = nudge.quotient * explanation->clipped;
        if (!nudge.kink && !isnan(shown->worst) && !(nudge.error <= shown->worst))
            shown->worst = nudge.error;
    }
    nb_nudger_free(&nudger);
    return status;
}

/* Too many elements to nudge, or to read: the largest stands for all. */
static bool is_large(const struct explanation *explanation, const struct shown *shown)
{
    const struct nb_net *net = explanation->notation.net;
    double elements = (double)shown->rows * (double)shown->cols;
    return elements > ELEMENTS_MOST ||
           elements * (double)nb_net_parameters(net) * (double)build_rows(net) > WORK_MOST;
}

static void find_largest(struct explanation *explanation, const struct shown *shown)
{
    size_t best = 0;
    for (size_t at = 1; at < shown->rows * shown->cols; at++)
        if (fabs(shown->value[at]) > fabs(shown->value[best]))
            best = at;
    size_t r = best / shown->cols, c = best % shown->cols;
    explanation->element.row = shown_row(shown, r, c);
    explanation->element.col = shown_col(shown, r, c);
}

static enum nb_status conclude_large(struct explanation *explanation, const struct shown *shown,
                                     struct nb_error *error)
{
    bool derivative = explain_is_derivative(explanation->quantity.kind);
    int digits = explanation->notation.style->digits;
    struct phrase words = PHRASE_INIT;
    struct text value = TEXT_INIT, quotient = TEXT_INIT;
    struct nb_nudger *nudger = NULL;
    struct nb_nudge nudge = { 0 };
    enum nb_status status = NB_OK;
    find_largest(explanation, shown);
    struct element element = explanation->element;
    if (derivative)
        status = nb_nudger_new(explanation->notation.net, &nudger, error);
    if (derivative && !status)
        status = explain_test(explanation, nudger, element, &nudge, error);
    nb_nudger_free(&nudger);
    if (status)
        return status;
    phrase_words(&words, "The last line is about the largest of them, ");
    phrase_typed(&words, &explanation->notation, element);
    phrase_words(&words, ".");
    document_gap(explanation->document);
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
    number_add(&value, nb_value(explanation->held, element.id, element.row, element.col), digits);
    number_add(&quotient, nudge.quotient * explanation->clipped, digits);
    document_closing(explanation->document, value.bytes, derivative ? quotient.bytes : NULL,
                     derivative ? &nudge.error : NULL);
    text_release(&value);
    text_release(&quotient);
    return NB_OK;
}

static enum nb_status conclude(struct explanation *explanation, struct shown *shown,
                               struct nb_error *error)
{
    struct text value = TEXT_INIT, quotient = TEXT_INIT;
    int digits = explanation->notation.style->digits;
    bool derivative = explain_is_derivative(explanation->quantity.kind);
    if (is_large(explanation, shown))
        return conclude_large(explanation, shown, error);
    enum nb_status status = derivative ? nudge_all(explanation, shown, error) : NB_OK;
    if (status)
        return status;
    add_values(&value, shown, shown->value, digits);
    if (derivative)
        add_values(&quotient, shown, shown->quotient, digits);
    document_closing(explanation->document, value.bytes, derivative ? quotient.bytes : NULL,
                     derivative ? &shown->worst : NULL);
    text_release(&value);
    text_release(&quotient);
    return NB_OK;
}

enum nb_status explain_all(struct explanation *explanation, struct nb_error *error)
{
    struct shown shown;
    struct phrase words = PHRASE_INIT;
    if (explanation->quantity.role == NB_COMPUTED || explanation->quantity.role == NB_STATE)
        add_formula(explanation);
    if (explanation->quantity.state != NB_FRESH) {
        document_closing(explanation->document, "none", NULL, NULL);
        return NB_OK;
    }
    enum nb_status status = shown_init(&shown, explanation, error);
    if (status)
        return status;
    add_grid(explanation, &shown);
    explain_clip(explanation);
    phrase_words(&words, "One of them worked out: ");
    explain_see(&words, explanation, (struct element){ explanation->element.id, 0, 0 });
    document_gap(explanation->document);
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
    status = conclude(explanation, &shown, error);
    shown_release(&shown);
    return status;
}

enum nb_status explain_end_of_all(struct explanation *explanation, struct nb_error *error)
{
    struct shown shown;
    enum nb_status status = shown_init(&shown, explanation, error);
    if (status)
        return status;
    explain_clip(explanation);
    status = conclude(explanation, &shown, error);
    shown_release(&shown);
    return status;
}
