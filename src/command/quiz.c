/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/quiz.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/check.h"
#include "command/history.h"
#include "command/place.h"
#include "command/question.h"
#include "command/walk.h"
#include "formula/layout.h"

struct quiz {
    struct question question;
    bool steps; /* answered, the operation under the cursor is stepped over */
};

void quiz_drop(struct session *session)
{
    if (!session->quiz)
        return;
    question_close(&session->quiz->question);
    free(session->quiz);
    session->quiz = NULL;
}

/* ---- Asking ---- */

static struct notation notation_of(const struct question *question,
                                   const struct formula_style *style)
{
    return (struct notation){ question->net, style, question->session->out->unicode, false };
}

static void print_question(const struct question *question)
{
    const struct subject *subject = &question->subject;
    struct sink *out = question->session->out;
    struct formula_style style = place_style(question->session);
    struct notation notation = notation_of(question, &style);
    struct text formula = TEXT_INIT;
    answer_formula(&formula, subject, &notation);
    if (formula.length > 0) {
        layout_equation(out, LAYOUT_INDENT, "", "", formula.bytes);
        sink_puts(out, "\n");
    }
    sink_printf(out, "%s = ?", question->name.bytes);
    if (!subject->element)
        sink_printf(out, "   (all %zu numbers, or the first of them alone)",
                    subject->rows * subject->cols);
    sink_puts(out, "\n");
    text_release(&formula);
}

static enum nb_status ask(struct session *session, const char *source, struct lang_span span,
                          enum question_mode mode, bool steps, struct nb_error *error)
{
    struct quiz *quiz = memory_new(1, sizeof *quiz);
    if (!quiz)
        return error_memory(error);
    enum nb_status status = question_open(session, source, span, mode, &quiz->question, error);
    const struct nb_quantity *asked = &quiz->question.asked;
    if (!status && mode != QUESTION_UPDATE && asked->op == NB_NOWHERE) {
        status =
            error_at(error, NB_FAILED, span.at,
                     "%s is not computed by any operation: quiz asks for numbers such as z1[1]",
                     asked->name);
        question_close(&quiz->question);
    }
    if (status) {
        free(quiz);
        return status;
    }
    quiz->steps = steps;
    quiz_drop(session);
    session->quiz = quiz;
    print_question(&quiz->question);
    return NB_OK;
}

/* What to ask of an operation: the first element of what it writes, but of no drawn mask. */
static bool choose_write(const struct nb_net *net, const struct nb_op *op,
                         struct nb_quantity *write, size_t *id)
{
    for (size_t i = 0; i < op->nwrites; i++) {
        nb_quantity_get(net, op->writes[i], write);
        *id = op->writes[i];
        bool parameter = op->kind == NB_OP_UPDATE;
        if (write->kind != NB_MASK && op->kind != NB_OP_CLIP && op->kind != NB_OP_STATISTICS &&
            !(parameter && nb_frozen(net, *id)))
            return true;
    }
    return false;
}

static enum nb_status step_over(struct session *session, struct nb_error *error)
{
    enum nb_status status = walk_one(session, WALK_FULL, error);
    if (!status)
        place_print_next(session, true);
    return status;
}

/* Asks for the operation under the cursor; one without numbers to work out is stepped over. */
static enum nb_status ask_next(struct session *session, struct nb_error *error)
{
    enum nb_status status = walk_ready(session, error);
    const struct nb_op *op = nb_plan_op(session->net, nb_cursor(session->net));
    struct nb_quantity write;
    size_t id;
    if (status)
        return status;
    if (!choose_write(session->net, op, &write, &id))
        return step_over(session, error);
    struct text name = TEXT_INIT;
    place_add_element(session, &write, 0, 0, &name);
    struct lang_span all = { 0, name.length };
    enum question_mode mode = op->kind == NB_OP_UPDATE ? QUESTION_UPDATE : QUESTION_AHEAD;
    status = ask(session, name.bytes, all, mode, true, error);
    if (status)
        error->at = NB_NOWHERE;
    text_release(&name);
    return status;
}

enum nb_status quiz_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    const struct argument *what = call_argument(call, "quantity");
    return what ? ask(session, call->source, what->span, QUESTION_AHEAD, false, error)
                : ask_next(session, error);
}

/* ---- Showing ---- */

/* The operation's units are destination neurons, times the rows of a batch. */
static size_t unit_of(const struct subject *subject, const struct nb_quantity *asked)
{
    bool rows = nb_quantity_rows()[asked->kind].per_sample;
    return rows ? subject->row * asked->cols + subject->col : subject->col;
}

/* The page of the operation, of an element its unit; worked out once more on the copy. */
static enum nb_status show_page(struct question *question, struct nb_error *error)
{
    const struct subject *subject = &question->subject;
    struct formula_style style = place_style(question->session);
    struct formula_page *page;
    nb_seek(question->net, question->asked.op);
    enum nb_status status = formula_page_new(question->net, question->asked.op, &page, error);
    if (!status)
        status = nb_exec(question->net, 1, error);
    size_t unit = unit_of(subject, &question->asked);
    if (!status && subject->element && unit < formula_page_units(page))
        formula_page_print_unit(page, question->net, unit, &style, question->session->out);
    else if (!status)
        formula_page_print(page, question->net, true, &style, question->session->out);
    formula_page_free(&page);
    return status;
}

static enum nb_status show_number(struct question *question)
{
    struct text number = TEXT_INIT;
    number_add(&number, question->right[0], question->session->settings.digits);
    sink_printf(question->session->out, "       %s = %s\n", question->name.bytes, number.bytes);
    text_release(&number);
    return NB_OK;
}

static enum nb_status show(struct session *session, struct quiz *quiz, const char *source,
                           struct lang_span statement, struct nb_error *error)
{
    sink_puts(session->out, "\n");
    if (quiz->question.subject.kind == SUBJECT_LOCAL)
        return show_number(&quiz->question);
    if (!quiz->steps)
        return show_page(&quiz->question, error);
    history_begin(session, source + statement.at, statement.length);
    enum nb_status status = step_over(session, error);
    history_end(session);
    return status;
}

/* ---- Answers ---- */

/* A lone number answers the question about a whole quantity for its first element. */
static enum nb_status narrow(struct question *question, struct nb_error *error)
{
    struct question first;
    struct text name = TEXT_INIT;
    place_add_element(question->session, &question->asked, 0, 0, &name);
    struct lang_span all = { 0, name.length };
    enum nb_status status =
        question_open(question->session, name.bytes, all, QUESTION_AHEAD, &first, error);
    text_release(&name);
    if (status)
        return status;
    question_close(question);
    *question = first;
    return NB_OK;
}

static enum nb_status judge(struct question *question, const char *source, struct lang_span span,
                            struct answer *answer, struct nb_error *error)
{
    struct given_value given;
    enum nb_status status = given_parse(question->session, source, span, &given, error);
    if (status)
        return status;
    bool lone = given.value.rank == 0 && !question->subject.element;
    given_release(&given);
    if (lone)
        status = narrow(question, error);
    return status ? status : question_judge(question, source, span, answer, error);
}

enum nb_status quiz_answer(struct session *session, const char *source, struct lang_span statement,
                           struct nb_error *error)
{
    struct quiz *quiz = session->quiz;
    struct answer answer;
    enum nb_status status = judge(&quiz->question, source, statement, &answer, error);
    if (status)
        return status;
    bool right = answer.judgement.right;
    question_print(&quiz->question, &answer, session->out);
    answer_release(&answer);
    session->quiz = NULL;
    status = show(session, quiz, source, statement, error);
    question_close(&quiz->question);
    free(quiz);
    return status || right ? status : check_wrong(session);
}
