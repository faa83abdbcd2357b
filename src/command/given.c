/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/given.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/number.h"
#include "command/sides.h"

#define LITERALS_MOST 40     /* of arithmetic; with more their digits are not followed */
#define COARSE        1e-6   /* how exact such arithmetic is held to be, relatively */
#define SAME          1e-12  /* relative: a literal that is a number of the network */
#define NUMBERS_MOST  100000 /* of a network that literals are compared with */

void given_release(struct given_value *given)
{
    value_release(&given->value);
    value_release(&given->half);
}

/* ---- Literals ---- */

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

/* The next literal of source[*at..end) that is no part of a name; *at is moved behind it. */
static bool next_literal(const char *source, size_t *at, size_t end, struct lang_span *literal)
{
    for (size_t i = *at; i < end;) {
        size_t length = number_scan(source + i, end - i);
        if (length > 0) {
            *literal = (struct lang_span){ i, length };
            *at = i + length;
            return true;
        }
        size_t word = 0;
        while (i + word < end && is_word_byte(source[i + word]))
            word++;
        i += word > 0 ? word : 1;
    }
    return false;
}

/* Nothing but signed numbers, brackets and what separates them? */
static bool is_plain(const char *source, struct lang_span span)
{
    size_t end = span.at + span.length;
    bool open = true; /* a number may begin here */
    for (size_t i = span.at; i < end;) {
        size_t length = open ? number_scan(source + i, end - i) : 0;
        char c = source[i];
        if (length == 0 && !sides_is_blank(c) && !strchr("[](),;", c) && !(open && strchr("+-", c)))
            return false;
        if (length > 0 || c == ']' || c == ')')
            open = false;
        else if (strchr("[(,;", c))
            open = true;
        i += length > 0 ? length : 1;
    }
    return true;
}

/* ---- Lists of numbers ---- */

static void halves_of_list(struct given_value *given, const char *source, struct lang_span span)
{
    struct lang_span literal;
    size_t at = span.at, count = given->value.rows * given->value.cols;
    for (size_t i = 0; i < count && next_literal(source, &at, span.at + span.length, &literal); i++)
        given->half.data[i] = number_half_unit(source + literal.at, literal.length);
}

/* ---- Arithmetic ---- */

static bool is_near(double a, double b)
{
    return fabs(a - b) <= SAME * fabs(b);
}

static bool is_in_quantity(const struct nb_net *net, size_t id, double number)
{
    struct nb_quantity quantity;
    nb_quantity_get(net, id, &quantity);
    if (quantity.state == NB_UNSET || quantity.rows * quantity.cols > NUMBERS_MOST)
        return false;
    for (size_t row = 0; row < quantity.rows; row++)
        for (size_t col = 0; col < quantity.cols; col++)
            if (is_near(fabs(nb_value(net, id, row, col)), number))
                return true;
    return false;
}

static bool is_exact(const struct session *session, double number)
{
    if (number == floor(number) || is_near(session->settings.lr, number))
        return true;
    for (size_t id = 0; session->net && id < nb_quantity_count(session->net); id++)
        if (is_in_quantity(session->net, id, number))
            return true;
    return false;
}

/* Adds what the result changes by where a literal is larger by half a unit. */
static enum nb_status add_half_of(struct session *session, const char *source,
                                  struct lang_span span, struct lang_span literal,
                                  struct given_value *given)
{
    struct text text = TEXT_INIT;
    struct value moved = { 0 };
    double number = 0;
    (void)number_parse(source + literal.at, literal.length, &number);
    text_add_part(&text, source + span.at, literal.at - span.at);
    text_printf(&text, "(%.17g)", number + number_half_unit(source + literal.at, literal.length));
    size_t behind = literal.at + literal.length;
    text_add_part(&text, source + behind, span.at + span.length - behind);
    struct lang_span all = { 0, text.length };
    enum nb_status status = sides_evaluate(session, text.bytes, all, &moved, NULL);
    for (size_t i = 0; !status && i < moved.rows * moved.cols; i++)
        given->half.data[i] += fabs(moved.data[i] - given->value.data[i]);
    value_release(&moved);
    text_release(&text);
    return status;
}

static void halves_of_arithmetic(struct session *session, struct given_value *given,
                                 const char *source, struct lang_span span)
{
    struct lang_span literal;
    size_t at = span.at, count = given->value.rows * given->value.cols, taken = 0;
    bool followed = true;
    while (followed && next_literal(source, &at, span.at + span.length, &literal)) {
        double number = 0;
        (void)number_parse(source + literal.at, literal.length, &number);
        if (is_exact(session, number))
            continue;
        followed = taken++ < LITERALS_MOST && !add_half_of(session, source, span, literal, given);
    }
    for (size_t i = 0; i < count && !followed; i++)
        given->half.data[i] = COARSE * fabs(given->value.data[i]);
}

enum nb_status given_parse(struct session *session, const char *source, struct lang_span span,
                           struct given_value *given, struct nb_error *error)
{
    *given = (struct given_value){ .value = { 0 } };
    enum nb_status status = sides_evaluate(session, source, span, &given->value, error);
    if (!status)
        status = value_init(&given->half, given->value.rank, given->value.rows, given->value.cols,
                            error);
    if (status) {
        given_release(given);
        return status;
    }
    if (is_plain(source, span))
        halves_of_list(given, source, span);
    else
        halves_of_arithmetic(session, given, source, span);
    return NB_OK;
}
