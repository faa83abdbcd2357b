/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/expect.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "command/session.h"
#include "command/sides.h"

/* `~` without `within`: what six written digits can tell. */
#define EXPECT_RELATIVE 1e-5
#define EXPECT_ABSOLUTE 1e-12
#define SHOWN_MOST      160 /* bytes of a value in a message */

/* The marks that part two sides, longest first where one begins another. */
static const struct mark marks_near[] = { { "~", false } };
static const struct mark marks_within[] = { { "within", true } };
static const struct mark marks_compare[] = { { "==", false }, { "!=", false }, { "<=", false },
                                             { ">=", false }, { "<", false },  { ">", false } };

/* "loss is 0.243513"; a number that stands there as such says nothing new. */
static void show(struct text *text, const struct session *session, const char *source,
                 struct lang_span span, const struct value *value)
{
    double number;
    if (number_parse(source + span.at, span.length, &number))
        return;
    struct text shown = TEXT_INIT;
    value_print(&shown, value, session->settings.digits);
    text_printf(text, "%s%.*s is %.*s%s", text->length ? ", " : "", (int)span.length,
                source + span.at, SHOWN_MOST, shown.bytes, shown.length > SHOWN_MOST ? "..." : "");
    text_release(&shown);
}

/* ---- Judging ---------------------------------------------------------------- */

static bool all_true(const struct value *value)
{
    for (size_t i = 0; i < value->rows * value->cols; i++)
        if (!(value->data[i] != 0.0) || isnan(value->data[i]))
            return false;
    return true;
}

static bool numbers_near(double a, double b, double tolerance)
{
    if (tolerance < 0)
        tolerance = EXPECT_RELATIVE * fmax(fabs(a), fabs(b)) + EXPECT_ABSOLUTE;
    return a == b || fabs(a - b) <= tolerance;
}

/* Shapes are equal, or one side is a single number. */
static bool values_near(const struct value *a, const struct value *b, double tolerance)
{
    bool one_a = a->rows * a->cols == 1, one_b = b->rows * b->cols == 1;
    if (!one_a && !one_b && (a->rows != b->rows || a->cols != b->cols))
        return false;
    const struct value *larger = one_a ? b : a;
    for (size_t i = 0; i < larger->rows * larger->cols; i++)
        if (!numbers_near(a->data[one_a ? 0 : i], b->data[one_b ? 0 : i], tolerance))
            return false;
    return true;
}

/* What was said of the sides, nothing where both are written as numbers. */
static enum nb_status wrong(const char *source, size_t at, size_t end, const struct text *said,
                            struct nb_error *error)
{
    if (said->length)
        return error_at(error, NB_WRONG, at, "not as expected: %s", said->bytes);
    return error_at(error, NB_WRONG, at, "not as expected: %.*s does not hold", (int)(end - at),
                    source + at);
}

static enum nb_status expect_near(struct session *session, const char *source,
                                  struct lang_span left, struct lang_span right, double tolerance,
                                  struct nb_error *error)
{
    struct value a = { 0 }, b = { 0 };
    struct text said = TEXT_INIT;
    enum nb_status status = sides_evaluate(session, source, left, &a, error);
    if (!status)
        status = sides_evaluate(session, source, right, &b, error);
    if (!status && !values_near(&a, &b, tolerance)) {
        show(&said, session, source, left, &a);
        show(&said, session, source, right, &b);
        status = wrong(source, left.at, right.at + right.length, &said, error);
    }
    value_release(&a);
    value_release(&b);
    text_release(&said);
    return status;
}

/* Adds the values on both sides of a comparison, else that of the whole. */
static void show_sides(struct text *said, struct session *session, const char *source,
                       struct lang_span span, const struct value *whole)
{
    size_t end = span.at + span.length, length = 0;
    size_t at = sides_find(source, span.at, end, marks_compare, COUNT_OF(marks_compare), &length);
    struct lang_span sides[] = { span, { end, 0 } };
    struct value value = { 0 };
    if (at != NB_NOWHERE) {
        sides[0] = sides_trim(source, span.at, at);
        sides[1] = sides_trim(source, at + length, end);
    }
    for (size_t i = 0; i < COUNT_OF(sides) && at != NB_NOWHERE; i++) {
        if (!sides_evaluate(session, source, sides[i], &value, NULL))
            show(said, session, source, sides[i], &value);
        value_release(&value);
    }
    if (!said->length)
        show(said, session, source, span, whole);
}

static enum nb_status expect_true(struct session *session, const char *source,
                                  struct lang_span span, struct nb_error *error)
{
    struct value value = { 0 };
    struct text said = TEXT_INIT;
    enum nb_status status = sides_evaluate(session, source, span, &value, error);
    if (!status && !all_true(&value)) {
        show_sides(&said, session, source, span, &value);
        status = wrong(source, span.at, span.at + span.length, &said, error);
    }
    value_release(&value);
    text_release(&said);
    return status;
}

/* within TOL at the end; without it *tolerance is -1. */
static enum nb_status take_tolerance(struct session *session, const char *source,
                                     struct lang_span *rest, double *tolerance,
                                     struct nb_error *error)
{
    size_t end = rest->at + rest->length, length = 0;
    size_t at = sides_find(source, rest->at, end, marks_within, 1, &length);
    struct value value = { 0 };
    *tolerance = -1;
    if (at == NB_NOWHERE)
        return NB_OK;
    struct lang_span span = sides_trim(source, at + length, end);
    enum nb_status status = sides_evaluate(session, source, span, &value, error);
    if (!status && (value.rows * value.cols != 1 || !(value.data[0] >= 0)))
        status = error_at(error, NB_USAGE, span.at, "expected a tolerance: within 1e-4");
    if (!status)
        *tolerance = value.data[0];
    value_release(&value);
    *rest = sides_trim(source, rest->at, at);
    return status;
}

/* ---- expect fails ------------------------------------------------------------- */

/* Runs the statements of the quoted text, saying nothing; how the first failure ended. */
static enum nb_status try_commands(struct session *session, struct lang_span quoted,
                                   const char *source)
{
    struct text unseen = TEXT_INIT;
    struct sink hidden = sink_to_text(&unseen, true, session->out->width);
    struct sink *out = session->out, *err = session->err;
    struct lang_span statement;
    struct nb_error error;
    enum nb_status status = NB_OK;
    size_t at = quoted.at;
    session->out = session->err = &hidden;
    while (!status && lang_next_statement(source, quoted.at + quoted.length, &at, &statement))
        status = session_run_statement(session, source, statement, &error);
    session->out = out;
    session->err = err;
    text_release(&unseen);
    return status;
}

static enum nb_status expect_fails(struct session *session, const char *source,
                                   struct lang_span rest, struct nb_error *error)
{
    size_t at = rest.at + strlen("fails"), end = rest.at + rest.length;
    struct lang_span word;
    uint64_t wanted;
    if (!lang_next_word(source, end, &at, &word) ||
        !number_parse_whole(source + word.at, word.length, 255, &wanted))
        return error_at(error, NB_USAGE, rest.at,
                        "expected a status and a command: expect fails 3 \"forward\"");
    struct lang_span quoted = sides_trim(source, at, end);
    if (quoted.length < 2 || source[quoted.at] != '"' ||
        source[quoted.at + quoted.length - 1] != '"')
        return error_at(error, NB_USAGE, quoted.at,
                        "expected a command in double quotes: expect fails 3 \"forward\"");
    quoted = (struct lang_span){ quoted.at + 1, quoted.length - 2 };
    enum nb_status got = try_commands(session, quoted, source);
    if (got == NB_INTERRUPTED)
        return error_set(error, NB_INTERRUPTED, "interrupted");
    if ((uint64_t)got == wanted)
        return NB_OK;
    return error_at(error, NB_WRONG, quoted.at,
                    "not as expected: the command ended with status %d, not %d", (int)got,
                    (int)wanted);
}

/* ---- The command ---------------------------------------------------------------- */

static bool begins_with_fails(const char *source, struct lang_span rest)
{
    return rest.length > 6 && !memcmp(source + rest.at, "fails", 5) &&
           sides_is_blank(source[rest.at + 5]);
}

enum nb_status expect_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    const char *source = call->source;
    struct lang_span rest = sides_trim(source, call->rest.at, call->rest.at + call->rest.length);
    double tolerance;
    size_t length = 0;
    if (begins_with_fails(source, rest))
        return expect_fails(session, source, rest, error);
    enum nb_status status = take_tolerance(session, source, &rest, &tolerance, error);
    if (status)
        return status;
    size_t end = rest.at + rest.length;
    size_t at = sides_find(source, rest.at, end, marks_near, 1, &length);
    if (at != NB_NOWHERE)
        return expect_near(session, source, sides_trim(source, rest.at, at),
                           sides_trim(source, at + length, end), tolerance, error);
    if (tolerance >= 0)
        return error_at(error, NB_USAGE, rest.at,
                        "within wants two sides: expect loss ~ 0.2435 within 1e-4");
    return expect_true(session, source, rest, error);
}
