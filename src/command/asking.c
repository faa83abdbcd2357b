/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/asking.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/names.h"
#include "command/settings.h"
#include "command/shown.h"
#include "command/sides.h"
#include "command/transcript.h"
#include "command/walk.h"
#include "formula/layout.h"

#define SLACK       1e-6 /* relative: of half a unit */
#define NOISE       1e-9 /* relative: to which numbers are right */
#define SHARE_MOST  0.05 /* relative: however few digits are written */
#define DIGITS_LIKE 3    /* that a sheet asks for where the block does not say */

/* ---- Names ------------------------------------------------------------------------ */

/* The session's names, watched. */
struct watch {
    struct session *session;
    struct lang_names names;
    const char *asked; /* the quantity that is asked for, or NULL */
    bool grading, computed;
    const struct ask *ask; /* whose words show names that are no help; NULL: all are */
    size_t hints;          /* of which so many are shown */
};

static bool is_computed(const char *name, bool old)
{
    static const enum nb_quantity_kind given[] = { NB_X, NB_Y, NB_W, NB_B, NB_GAMMA, NB_BETA };
    enum nb_quantity_kind kind;
    size_t layer;
    if (!quantity_parse(name, &kind, &layer))
        return false;
    for (size_t i = 0; i < COUNT_OF(given); i++)
        if (kind == given[i])
            return old;
    return true;
}

static enum nb_status watch_name(struct watch *watch, const char *name, bool old,
                                 struct nb_error *error)
{
    bool asked = watch->asked && shown_same(watch->session, name, watch->asked);
    if (asked || (is_computed(name, old) &&
                  !(watch->ask && shown_names(watch->session, watch->ask, watch->hints, name))))
        watch->computed = true;
    return watch->grading
               ? error_set(error, NB_FAILED,
                           "%s may not be named here: an answer is a number, or arithmetic with "
                           "numbers",
                           name)
               : NB_OK;
}

static enum nb_status watch_read(void *context, const char *name, bool old, struct value *value,
                                 struct nb_error *error)
{
    struct watch *watch = context;
    enum nb_status status = watch_name(watch, name, old, error);
    return status ? status : watch->names.read(watch->names.context, name, old, value, error);
}

static enum nb_status watch_element(void *context, const char *name, bool old, size_t indices,
                                    const size_t index[2], double *value, struct nb_error *error)
{
    struct watch *watch = context;
    enum nb_status status = watch_name(watch, name, old, error);
    return status ? status
                  : watch->names.read_element(watch->names.context, name, old, indices, index,
                                              value, error);
}

static enum nb_status watch_local(void *context, const struct lang_local *local, double *value,
                                  struct nb_error *error)
{
    struct watch *watch = context;
    watch->computed = true;
    if (watch->grading)
        return error_set(error, NB_FAILED, "a derivative may not be named here: write its number");
    return watch->names.local(watch->names.context, local, value, error);
}

static bool watch_quantity(void *context, const char *name)
{
    const struct watch *watch = context;
    return watch->names.is_quantity(watch->names.context, name);
}

static void watch_random(void *context, bool normal, double *data, size_t count)
{
    (void)context, (void)normal;
    memset(data, 0, count * sizeof *data);
}

/* Reads all names of an expression through the watch. */
static enum nb_status watch_expression(struct watch *watch, const char *source,
                                       struct lang_span span, struct nb_error *error)
{
    struct lang_names names = { .context = watch,
                                .read = watch_read,
                                .read_element = watch->names.read_element ? watch_element : NULL,
                                .is_quantity = watch_quantity,
                                .local = watch_local,
                                .random = watch_random,
                                .interrupt = watch->names.interrupt };
    struct lang_tree *tree = NULL;
    struct value value = { 0 };
    enum nb_status status =
        lang_parse(source, span.at, span.at + span.length, &names, &tree, error);
    if (!status)
        status = lang_evaluate(tree, &names, &value, error);
    value_release(&value);
    lang_tree_free(&tree);
    return status;
}

/* ---- Arithmetic for grading ----------------------------------------------------------- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A function of numbers, not one that makes or draws them. */
static bool is_arithmetic(const char *word, size_t length)
{
    static const char *const known[] = { "sigmoid", "relu", "tanh", "lecun", "softmax", "exp",
                                         "log",     "sqrt", "abs",  "sin",   "cos",     "min",
                                         "max",     "sum",  "mean", "norm",  "round",   "sign",
                                         "and",     "or",   "not" };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strlen(known[i]) == length && !memcmp(known[i], word, length))
            return true;
    return false;
}

static enum nb_status check_functions(const char *source, struct lang_span span,
                                      struct nb_error *error)
{
    for (size_t at = span.at, end = span.at + span.length; at < end;) {
        size_t word = 0;
        while (at + word < end && is_word(source[at + word]))
            word++;
        size_t behind = at + word;
        while (behind < end && source[behind] == ' ')
            behind++;
        if (word && !isdigit((unsigned char)source[at]) && behind < end && source[behind] == '(' &&
            !is_arithmetic(source + at, word))
            return error_at(error, NB_FAILED, at, "%.*s is no arithmetic: an answer is a number",
                            word > 40 ? 40 : (int)word, source + at);
        at += word ? word : 1;
    }
    return NB_OK;
}

/* ---- Opening ---------------------------------------------------------------------------- */

/* Evaluates with a copy, its backward pass done, in the place of the network. */
static enum nb_status evaluate_ahead(struct session *session, const char *source,
                                     struct lang_span span, struct value *value)
{
    struct nb_net *copy, *present = session->net;
    if (walk_copy(session, &copy, NULL))
        return NB_FAILED;
    (void)nb_exec(copy, nb_plan_start(copy, NB_UPDATE) - nb_cursor(copy), NULL);
    session->net = copy;
    enum nb_status status = sides_evaluate(session, source, span, value, NULL);
    session->net = present;
    nb_net_free(&copy);
    return status;
}

/* The value of an expression of the block: what is asked for may not be computed yet. */
static enum nb_status evaluate(struct session *session, const char *source, struct lang_span span,
                               struct value *value, struct nb_error *error)
{
    enum nb_status status = sides_evaluate(session, source, span, value, error);
    if (status == NB_FAILED && session->net && !evaluate_ahead(session, source, span, value)) {
        error_clear(error);
        return NB_OK;
    }
    if (status && error->at == NB_NOWHERE)
        error->at = span.at;
    return status;
}

static bool is_update(const struct ask_words *words, struct lang_span *place)
{
    static const char update[] = "update ";
    size_t skipped = sizeof update - 1;
    if (strncmp(words->text, update, skipped) != 0)
        return false;
    *place = (struct lang_span){ words->span.at + skipped, words->span.length - skipped };
    return true;
}

static enum nb_status open_update(struct asking *asking, struct lang_span place,
                                  struct nb_error *error)
{
    const char *source = asking->lesson->source.bytes;
    enum nb_status status =
        question_open(asking->session, source, place, QUESTION_UPDATE, &asking->question, error);
    if (status && error->at == NB_NOWHERE)
        error->at = place.at;
    asking->named = !status;
    if (!status && !asking->question.subject.element)
        return error_at(error, NB_FAILED, place.at,
                        "one element is wanted here, as in update w1[1,1]");
    return status ? status : value_scalar(&asking->right, asking->question.right[0], error);
}

static void open_question(struct asking *asking, struct lang_span span)
{
    const char *source = asking->lesson->source.bytes;
    static const enum question_mode modes[] = { QUESTION_PRESENT, QUESTION_AHEAD };
    for (size_t i = 0; i < COUNT_OF(modes) && asking->session->net && !asking->named; i++) {
        struct nb_error unseen;
        asking->named =
            !question_open(asking->session, source, span, modes[i], &asking->question, &unseen);
        if (!asking->named)
            asking->question = (struct question){ 0 };
    }
}

static enum nb_status open_answer(struct asking *asking, struct nb_error *error)
{
    struct lang_span place, span = asking->ask->answer.span;
    if (is_update(&asking->ask->answer, &place))
        return open_update(asking, place, error);
    enum nb_status status =
        evaluate(asking->session, asking->lesson->source.bytes, span, &asking->right, error);
    if (status)
        return status;
    for (size_t i = 0; i < asking->right.rows * asking->right.cols; i++)
        if (!isfinite(asking->right.data[i]))
            return error_at(error, NB_FAILED, span.at, "the answer is not finite");
    open_question(asking, span);
    return NB_OK;
}

static bool same_shape(const struct value *a, const struct value *b)
{
    return a->rows == b->rows && a->cols == b->cols;
}

static enum nb_status other_shape(const struct value *wanted, const struct value *found, size_t at,
                                  struct nb_error *error)
{
    struct text expected = TEXT_INIT, text = TEXT_INIT;
    value_describe(&expected, wanted);
    value_describe(&text, found);
    error_at(error, NB_FAILED, at, "expected %s, found %s", expected.bytes, text.bytes);
    text_release(&expected);
    text_release(&text);
    return NB_FAILED;
}

static enum nb_status open_wrong(struct asking *asking, struct nb_error *error)
{
    const struct ask *ask = asking->ask;
    enum nb_status status = NB_OK;
    asking->wrong = memory_new(ask->wrong_count, sizeof *asking->wrong);
    if (!asking->wrong)
        return error_memory(error);
    for (size_t i = 0; i < ask->wrong_count && !status; i++) {
        struct lang_span span = ask->wrong[i].number.span;
        status =
            evaluate(asking->session, asking->lesson->source.bytes, span, &asking->wrong[i], error);
        if (!status && !same_shape(&asking->wrong[i], &asking->right))
            status = other_shape(&asking->right, &asking->wrong[i], span.at, error);
    }
    return status;
}

enum nb_status asking_open(struct session *session, const struct lesson *lesson,
                           const struct ask *ask, struct asking *asking, struct nb_error *error)
{
    struct nb_error unseen;
    enum nb_status status = NB_OK;
    *asking = (struct asking){ .session = session, .lesson = lesson, .ask = ask };
    error = error ? error : &unseen;
    error_clear(error);
    if (!ask->choice_count)
        status = open_answer(asking, error);
    if (!status && !ask->choice_count)
        status = open_wrong(asking, error);
    if (status)
        asking_close(asking);
    return status;
}

void asking_close(struct asking *asking)
{
    for (size_t i = 0; asking->wrong && i < asking->ask->wrong_count; i++)
        value_release(&asking->wrong[i]);
    free(asking->wrong);
    asking->wrong = NULL;
    value_release(&asking->right);
    if (asking->named)
        question_close(&asking->question);
    asking->named = false;
}

/* ---- Comparing ----------------------------------------------------------------------------- */

/* Half a unit of the last of some significant digits of a number. */
static double half_of_digits(double number, size_t digits)
{
    return 0.5 * pow(10, floor(log10(fabs(number))) - (double)digits + 1);
}

/* No farther off than half a unit of the last digit asked for, or the same once both are
 * rounded to it. */
static bool agrees_in_digits(double number, size_t digits, double other)
{
    double half = half_of_digits(other, digits);
    return other != 0 && (fabs(number - other) <= half * (1 + SLACK) + NOISE * fabs(other) ||
                          round(number / (2 * half)) == round(other / (2 * half)));
}

static bool agrees_as_written(double number, double half, double other)
{
    double away = fabs(number - other);
    return away <= half * (1 + SLACK) + NOISE * fabs(other) && away <= SHARE_MOST * fabs(other);
}

/* `half` is what the number as written may be off by. */
static bool agrees(const struct ask *ask, double number, double half, double other)
{
    double away = fabs(number - other);
    if (number == other)
        return true;
    if (ask->exactness == ASK_TOLERANCE)
        return away <= ask->tolerance * (1 + SLACK);
    if (ask->exactness == ASK_DIGITS)
        return agrees_in_digits(number, ask->digits, other);
    return agrees_as_written(number, half, other);
}

/* The share of the elements that agree. */
static double share_agreeing(const struct ask *ask, const struct given_value *given,
                             const struct value *other)
{
    size_t count = other->rows * other->cols, agreeing = 0;
    for (size_t i = 0; i < count; i++)
        agreeing += agrees(ask, given->value.data[i], given->half.data[i], other->data[i]);
    return count ? (double)agreeing / (double)count : 0;
}

static bool all_agree(const struct ask *ask, const struct given_value *given,
                      const struct value *other)
{
    return share_agreeing(ask, given, other) == 1;
}

static bool all_agree_as_written(const struct given_value *given, const struct value *other)
{
    for (size_t i = 0; i < other->rows * other->cols; i++)
        if (given->value.data[i] != other->data[i] &&
            !agrees_as_written(given->value.data[i], given->half.data[i], other->data[i]))
            return false;
    return true;
}

static bool collides(const struct ask *ask, const struct value *wrong, const struct value *right)
{
    bool digits = ask->exactness != ASK_AS_WRITTEN;
    for (size_t i = 0; i < right->rows * right->cols; i++) {
        double half = digits ? 0 : half_of_digits(right->data[i], DIGITS_LIKE);
        if (!agrees(ask, wrong->data[i], half, right->data[i]))
            return false;
    }
    return true;
}

size_t asking_collision(const struct asking *asking)
{
    const struct ask *ask = asking->ask;
    for (size_t i = 0; i < ask->wrong_count && !ask->choice_count; i++)
        if (collides(ask, &asking->wrong[i], &asking->right))
            return i;
    return NB_NOWHERE;
}

/* ---- Judging -------------------------------------------------------------------------------- */

static enum nb_status judge_choice(const struct asking *asking, const char *source,
                                   struct lang_span span, struct asking_answer *answer,
                                   struct nb_error *error)
{
    const struct ask *ask = asking->ask;
    if (!ask_choice(ask, source + span.at, span.length, &answer->choice))
        return error_at(error, NB_USAGE, span.at,
                        "expected one of the choices, its number from 1 to %zu or its words",
                        ask->choice_count);
    answer->verdict = answer->choice == ask->choice ? ASKING_RIGHT : ASKING_WRONG;
    answer->share = answer->verdict == ASKING_RIGHT;
    for (size_t i = ask->wrong_count; i-- > 0;)
        if (ask->wrong[i].choice == answer->choice)
            answer->wrong = i;
    return NB_OK;
}

/* An update is worked out of the parameter: there its name is arithmetic. */
static const char *name_asked(const struct asking *asking)
{
    struct lang_span place;
    return asking->named && !is_update(&asking->ask->answer, &place) ? asking->question.asked.name
                                                                     : NULL;
}

/* Is it nothing but the name that the block itself has for the answer? */
static bool repeats(const struct ask *ask, const char *source, struct lang_span span)
{
    struct lang_span words = sides_trim(source, span.at, span.at + span.length);
    return !strpbrk(ask->answer.text, "+-*/^@(") && words.length == strlen(ask->answer.text) &&
           !memcmp(source + words.at, ask->answer.text, words.length);
}

static enum nb_status check_finite(const struct value *value, size_t at, struct nb_error *error)
{
    for (size_t i = 0; i < value->rows * value->cols; i++)
        if (!isfinite(value->data[i]))
            return error_at(error, NB_USAGE, at, "not a number: expected one such as 0.0243");
    return NB_OK;
}

static enum nb_status check_answer(struct asking *asking, const char *source, struct lang_span span,
                                   bool grading, bool *assisted, struct nb_error *error)
{
    struct session *session = asking->session;
    struct watch watch = { .session = session,
                           .names = session_names(session),
                           .asked = name_asked(asking),
                           .grading = grading };
    if (span.length > ANSWER_MOST)
        return error_at(error, NB_USAGE, span.at, "an answer of more than %zu bytes", ANSWER_MOST);
    enum nb_status status = grading ? check_functions(source, span, error) : NB_OK;
    if (!status)
        status = watch_expression(&watch, source, span, error);
    *assisted = watch.computed || repeats(asking->ask, source, span);
    return status;
}

bool asking_looks(const struct asking *asking, size_t hints, const char *source,
                  struct lang_span span)
{
    struct session *session = asking->session;
    struct watch watch = { .session = session,
                           .names = session_names(session),
                           .asked = name_asked(asking),
                           .ask = asking->ask,
                           .hints = hints };
    struct lang_span item;
    size_t at = span.at;
    while (lang_next_item(source, span.at + span.length, &at, &item) && item.length)
        (void)watch_expression(&watch, source, item, NULL);
    return watch.computed;
}

bool asking_checks(const struct asking *asking, const char *source, struct lang_span span)
{
    const struct question *question = &asking->question;
    return !asking->named || question->subject.kind == SUBJECT_LOCAL ||
           shown_in(asking->session, source, span, question->asked.name);
}

static void find_wrong(const struct asking *asking, const struct given_value *given,
                       struct asking_answer *answer)
{
    for (size_t i = asking->ask->wrong_count; i-- > 0;)
        if (all_agree(asking->ask, given, &asking->wrong[i]) ||
            all_agree_as_written(given, &asking->wrong[i]))
            answer->wrong = i;
}

/* The right digits, of which the last would have to go up? */
static bool is_cut_off(double number, double half, double right)
{
    double unit = 2 * half, digits = number / unit;
    return half > 0 && fabs(digits) >= 10 && fabs(trunc(right / unit) - digits) < SLACK;
}

static bool is_zero(const struct value *value)
{
    for (size_t i = 0; i < value->rows * value->cols; i++)
        if (value->data[i] != 0)
            return false;
    return true;
}

static const char *find_slip(const struct asking *asking, const struct given_value *given)
{
    const struct value *right = &asking->right;
    size_t count = right->rows * right->cols, cut = 0;
    if (is_zero(&given->value))
        return "It is not 0. Small numbers may be written as 3.1e-5.";
    for (size_t i = 0; i < count; i++) {
        double number = given->value.data[i], half = given->half.data[i];
        if (is_cut_off(number, half, right->data[i]))
            cut++;
        else if (!agrees(asking->ask, number, half, right->data[i]))
            return NULL;
    }
    return cut ? "The digits are right but cut off: the next one is 5 or more, so the last one "
                 "goes up."
               : NULL;
}

/* With 0 nearly anything can be rounded to it: that says nothing. */
static bool is_rounding_only(const struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->findings_count; i++)
        if (judgement->findings[i].cause[0].mistake != MISTAKE_ROUNDED_EARLY)
            return false;
    return true;
}

static void ask_catalogue(struct asking *asking, const char *source, struct lang_span span,
                          struct asking_answer *answer)
{
    if (asking->named)
        answer->judged = !question_judge(&asking->question, source, span, &answer->catalogue, NULL);
    if (!answer->judged)
        return;
    if (answer->catalogue.judgement.right)
        answer->verdict = ASKING_COARSE;
    else if (answer->slip && is_rounding_only(&answer->catalogue.judgement))
        asking_answer_release(answer);
    else
        answer->slip = NULL;
}

static void judge_number(struct asking *asking, const char *source, struct lang_span span,
                         const struct given_value *given, struct asking_answer *answer)
{
    answer->share = share_agreeing(asking->ask, given, &asking->right);
    if (answer->share == 1) {
        answer->verdict = ASKING_RIGHT;
        return;
    }
    if (all_agree_as_written(given, &asking->right)) {
        answer->verdict = ASKING_COARSE;
        return;
    }
    answer->verdict = ASKING_WRONG;
    find_wrong(asking, given, answer);
    if (answer->wrong != NB_NOWHERE)
        return;
    answer->slip = find_slip(asking, given);
    ask_catalogue(asking, source, span, answer);
}

/* 50,890 for a whole number, as the program itself prints it?  With one comma it may be a
 * decimal, 3,141, unless the answer is whole. */
static bool is_grouped(const struct asking *asking, const char *source, struct lang_span span)
{
    const char *at = source + span.at, *end = at + span.length;
    size_t groups = 0;
    if (asking->right.rank || !span.length)
        return false;
    at += *at == '-';
    if (at == end || *at == '0')
        return false;
    for (size_t digits = 0; at <= end; at++) {
        bool ends = at == end || *at == ',';
        if (ends ? !digits || digits > 3 || (groups && digits < 3) : !isdigit((unsigned char)*at))
            return false;
        groups += ends;
        digits = ends ? 0 : digits + 1;
    }
    return groups > 2 || (groups == 2 && asking->right.data[0] == floor(asking->right.data[0]));
}

static void add_ungrouped(struct text *text, const char *source, struct lang_span span)
{
    for (size_t i = 0; i < span.length; i++)
        if (source[span.at + i] != ',')
            text_add_char(text, source[span.at + i]);
}

static enum nb_status judge_expression(struct asking *asking, const char *source,
                                       struct lang_span span, bool grading,
                                       struct asking_answer *answer, struct nb_error *error)
{
    struct given_value given = { .value = { 0 } };
    enum nb_status status = check_answer(asking, source, span, grading, &answer->assisted, error);
    if (status == NB_FAILED && grading)
        answer->verdict = ASKING_REFUSED;
    if (!status)
        status = given_parse(asking->session, source, span, &given, error);
    if (!status)
        status = check_finite(&given.value, span.at, error);
    if (!status && !same_shape(&given.value, &asking->right))
        status = other_shape(&asking->right, &given.value, span.at, error);
    if (!status)
        judge_number(asking, source, span, &given, answer);
    given_release(&given);
    return status;
}

enum nb_status asking_judge(struct asking *asking, const char *source, struct lang_span span,
                            bool grading, struct asking_answer *answer, struct nb_error *error)
{
    struct text whole = TEXT_INIT;
    struct nb_error unseen;
    *answer = (struct asking_answer){ .verdict = ASKING_UNPARSABLE, .wrong = NB_NOWHERE };
    error = error ? error : &unseen;
    error_clear(error);
    if (asking->ask->choice_count)
        return judge_choice(asking, source, span, answer, error);
    if (is_grouped(asking, source, span)) {
        add_ungrouped(&whole, source, span);
        source = whole.bytes;
        span = (struct lang_span){ 0, whole.length };
    }
    enum nb_status status = judge_expression(asking, source, span, grading, answer, error);
    text_release(&whole);
    return status;
}

void asking_answer_release(struct asking_answer *answer)
{
    if (answer->judged)
        answer_release(&answer->catalogue);
    answer->judged = false;
}

/* ---- Printing ---------------------------------------------------------------------------------
 */

static void print_word(struct sink *sink, enum sink_style style, const char *word)
{
    sink_styled(sink, style, word);
    sink_puts(sink, "\n");
}

static void print_coarse(const struct asking *asking, struct sink *sink)
{
    const struct ask *ask = asking->ask;
    sink_puts(sink, "Right as far as it goes, but ");
    if (ask->exactness == ASK_DIGITS)
        sink_printf(sink, "%zu digits are asked for.\n", ask->digits);
    else
        sink_puts(sink, "more digits are asked for.\n");
}

/* As check says it, and below it in the column of the lesson's words. */
static void print_catalogue(const struct asking *asking, const struct asking_answer *answer,
                            struct sink *sink)
{
    struct text text = TEXT_INIT;
    struct sink said = sink_to_text(&text, sink->unicode, sink->width);
    said.color = sink->color;
    said.terminal = sink->terminal;
    said.truecolor = sink->truecolor;
    question_print(&asking->question, &answer->catalogue, &said);
    for (size_t at = 0; at < text.length;) {
        size_t length = strcspn(text.bytes + at, "\n") + 1;
        size_t skipped = strncmp(text.bytes + at, "       ", LAYOUT_INDENT) ? 0 : 1;
        sink_write(sink, text.bytes + at + skipped, length - skipped);
        at += length;
    }
    text_release(&text);
}

void asking_print(const struct asking *asking, const struct asking_answer *answer,
                  const struct lesson_values *values, struct sink *sink)
{
    const struct ask *ask = asking->ask;
    if (answer->verdict == ASKING_RIGHT) {
        print_word(sink, STYLE_GOOD, "right");
    } else if (answer->verdict == ASKING_COARSE) {
        print_coarse(asking, sink);
    } else if (answer->judged) {
        print_catalogue(asking, answer, sink);
    } else {
        print_word(sink, STYLE_BAD, "wrong");
        if (answer->wrong != NB_NOWHERE)
            lesson_render_words(ask->wrong[answer->wrong].advice.text, 0, values, sink);
        else if (answer->slip)
            lesson_render_words(answer->slip, 0, values, sink);
    }
}

void asking_right(const struct asking *asking, struct text *text)
{
    const struct ask *ask = asking->ask;
    int digits = asking->session->settings.digits;
    if (ask->choice_count)
        text_add(text, ask->choices[ask->choice].text);
    else
        value_print(text, &asking->right,
                    ask->exactness == ASK_DIGITS && (int)ask->digits > digits ? (int)ask->digits
                                                                              : digits);
}

/* explain, of the network as it is or, where that has not come so far, as it will be. */
static enum nb_status explain(struct session *session, const char *name)
{
    struct text command = TEXT_INIT;
    struct nb_error error;
    text_printf(&command, "explain %s", name);
    struct lang_span all = { 0, command.length };
    enum nb_status status = session_run_statement(session, command.bytes, all, &error);
    struct nb_net *copy, *present = session->net;
    if (status == NB_FAILED && !walk_copy(session, &copy, NULL)) {
        (void)nb_exec(copy, nb_plan_start(copy, NB_UPDATE) - nb_cursor(copy), NULL);
        session->net = copy;
        status = session_run_statement(session, command.bytes, all, &error);
        session->net = present;
        nb_net_free(&copy);
    }
    text_release(&command);
    return status;
}

void asking_reveal(const struct asking *asking, struct sink *sink)
{
    struct session *session = asking->session;
    struct sink *out = session->out;
    struct text right = TEXT_INIT;
    asking_right(asking, &right);
    sink_printf(sink, "answer: %s\n", right.bytes);
    text_release(&right);
    if (!asking->named)
        return;
    sink_puts(sink, "\n");
    session->out = sink;
    bool hushed = transcript_hush(session, true);
    (void)explain(session, asking->ask->answer.text);
    transcript_hush(session, hushed);
    session->out = out;
}
