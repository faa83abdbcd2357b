/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/gift.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "command/offstage.h"
#include "formula/formula.h"
#include "lesson/answers.h"

#define DIGITS       6  /* of the numbers in a question's words */
#define DIGITS_RIGHT 12 /* of the answer itself */
#define DIGITS_ASKED 3  /* significant ones, where the lesson leaves it to who answers */
#define GIVEN_MOST   40 /* numbers that are told beside a question */

/* A lesson while it is written. */
struct gift {
    struct offstage stage;
    struct text text;
};

/* ---- Words ------------------------------------------------------------------------ */

static void add_escaped(struct text *text, const char *words)
{
    for (const char *c = words; *c; c++) {
        if (strchr("\\~=#{}:", *c))
            text_add_char(text, '\\');
        if (*c == '\n')
            text_add(text, "\\n");
        else
            text_add_char(text, *c);
    }
}

static void add_words(struct gift *gift, const char *words)
{
    struct text plain = TEXT_INIT;
    lesson_plain_words(words, &gift->stage.host.values, &plain);
    add_escaped(&gift->text, plain.bytes);
    gift->text.failed |= plain.failed;
    text_release(&plain);
}

/* ---- What is given ------------------------------------------------------------------ */

static bool is_given(const struct nb_quantity *quantity)
{
    static const enum nb_quantity_kind kinds[] = { NB_X, NB_Y, NB_W, NB_B, NB_GAMMA, NB_BETA };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (quantity->kind == kinds[i])
            return true;
    return false;
}

static void add_quantity(struct gift *gift, size_t id, struct text *words, size_t *numbers)
{
    struct nb_quantity quantity;
    struct value value = { 0 };
    struct text name = TEXT_INIT;
    nb_quantity_get(gift->stage.session->net, id, &quantity);
    if (is_given(&quantity) &&
        !session_read(gift->stage.session, gift->stage.session->net, id, &value, NULL)) {
        *numbers += value.rows * value.cols;
        if (*numbers <= GIVEN_MOST) {
            text_printf(words, "\n%s = ", quantity.name);
            value_print(words, &value, DIGITS);
        }
    }
    value_release(&value);
    text_release(&name);
}

/* The network and its numbers, where they are few: the question is read alone. */
static void add_given(struct gift *gift)
{
    struct text words = TEXT_INIT;
    size_t numbers = 0;
    if (!gift->stage.session->net)
        return;
    formula_net_title(gift->stage.session->net, &words);
    for (size_t id = 0; id < nb_quantity_count(gift->stage.session->net); id++)
        add_quantity(gift, id, &words, &numbers);
    text_add_char(&words, '\n');
    if (numbers <= GIVEN_MOST)
        add_escaped(&gift->text, words.bytes);
    gift->text.failed |= words.failed;
    text_release(&words);
}

/* ---- Answers ------------------------------------------------------------------------- */

static double tolerance_of(const struct ask *ask, double number)
{
    size_t digits = ask->exactness == ASK_DIGITS ? ask->digits : DIGITS_ASKED;
    if (ask->exactness == ASK_TOLERANCE)
        return ask->tolerance;
    return number == 0 ? 0 : 0.5 * pow(10, floor(log10(fabs(number))) - (double)digits + 1);
}

static void add_number(struct gift *gift, const struct ask *ask, double number)
{
    number_add(&gift->text, number, DIGITS_RIGHT);
    text_add_char(&gift->text, ':');
    number_add(&gift->text, tolerance_of(ask, number), DIGITS);
}

static void add_exactness(struct gift *gift, const struct ask *ask)
{
    struct text words = TEXT_INIT;
    if (ask->exactness == ASK_TOLERANCE) {
        text_add(&words, " (to within ");
        number_add(&words, ask->tolerance, DIGITS);
        text_add_char(&words, ')');
    } else {
        size_t digits = ask->exactness == ASK_DIGITS ? ask->digits : DIGITS_ASKED;
        text_printf(&words, " (to %zu significant digit%s)", digits, digits == 1 ? "" : "s");
    }
    add_escaped(&gift->text, words.bytes);
    text_release(&words);
}

static void add_hints(struct gift *gift, const struct ask *ask)
{
    for (size_t i = 0; i < ask->hint_count; i++) {
        text_add(&gift->text, i ? "\\n" : "  ####");
        add_words(gift, ask->hints[i].text);
    }
    if (ask->hint_count)
        text_add_char(&gift->text, '\n');
}

static void begin_question(struct gift *gift, const struct ask *ask, const char *part)
{
    struct text name = TEXT_INIT;
    answers_add_lesson(&name, player_lesson(gift->stage.player));
    text_printf(&name, " %s%s", ask->id.text, part);
    text_add(&gift->text, "::");
    add_escaped(&gift->text, name.bytes);
    text_add(&gift->text, "::[plain]");
    if (!ask->choice_count)
        add_given(gift);
    add_words(gift, ask->question.text);
    if (part[0]) {
        text_add_char(&gift->text, ' ');
        add_escaped(&gift->text, part);
    }
    text_release(&name);
}

/* Element `at` of what is asked for; an answer of one number has no part. */
static void add_element(struct gift *gift, const struct asking *asking, size_t at, const char *part)
{
    const struct ask *ask = asking->ask;
    begin_question(gift, ask, part);
    add_exactness(gift, ask);
    text_add(&gift->text, " {#\n  =");
    add_number(gift, ask, asking->right.data[at]);
    text_add_char(&gift->text, '\n');
    for (size_t i = 0; i < ask->wrong_count; i++) {
        double number = asking->wrong[i].data[at], right = asking->right.data[at];
        if (!isfinite(number) || fabs(number - right) <= tolerance_of(ask, right))
            continue;
        text_add(&gift->text, "  =%0%");
        add_number(gift, ask, number);
        text_add_char(&gift->text, '#');
        add_words(gift, ask->wrong[i].advice.text);
        text_add_char(&gift->text, '\n');
    }
    add_hints(gift, ask);
    text_add(&gift->text, "}\n\n");
}

static void add_numerical(struct gift *gift, const struct asking *asking)
{
    const struct value *right = &asking->right;
    struct text part = TEXT_INIT;
    for (size_t i = 0; i < right->rows; i++)
        for (size_t j = 0; j < right->cols; j++) {
            text_clear(&part);
            if (right->rows > 1)
                text_printf(&part, "[%zu,%zu]", i + 1, j + 1);
            else if (right->cols > 1)
                text_printf(&part, "[%zu]", j + 1);
            add_element(gift, asking, i * right->cols + j, part.bytes);
        }
    text_release(&part);
}

static void add_choices(struct gift *gift, const struct ask *ask)
{
    begin_question(gift, ask, "");
    text_add(&gift->text, " {\n");
    for (size_t i = 0; i < ask->choice_count; i++) {
        text_add(&gift->text, i == ask->choice ? "  =" : "  ~");
        add_words(gift, ask->choices[i].text);
        for (size_t k = 0; k < ask->wrong_count; k++)
            if (ask->wrong[k].choice == i && i != ask->choice) {
                text_add_char(&gift->text, '#');
                add_words(gift, ask->wrong[k].advice.text);
                break;
            }
        text_add_char(&gift->text, '\n');
    }
    add_hints(gift, ask);
    text_add(&gift->text, "}\n\n");
}

static enum nb_status add_question(struct gift *gift, const struct ask *ask, struct nb_error *error)
{
    struct asking asking;
    enum nb_status status = offstage_ask(&gift->stage, ask, &asking, error);
    if (status)
        return status;
    if (ask->choice_count)
        add_choices(gift, ask);
    else
        add_numerical(gift, &asking);
    asking_close(&asking);
    return NB_OK;
}

/* ---- Playing --------------------------------------------------------------------------- */

static void add_head(struct gift *gift)
{
    const struct lesson *lesson = player_lesson(gift->stage.player);
    struct text name = TEXT_INIT;
    answers_add_lesson(&name, lesson);
    if (lesson->varies)
        text_printf(&name, ", seed %llu", (unsigned long long)gift->stage.session->settings.seed);
    text_printf(&gift->text, "// %s, by nabla\n$CATEGORY: nabla/%s\n\n", lesson->title, name.bytes);
    text_release(&name);
}

static enum nb_status play(struct gift *gift, struct nb_error *error)
{
    const struct lesson *lesson = player_lesson(gift->stage.player);
    enum nb_status status = NB_OK;
    if (!lesson->asks)
        return error_set(error, NB_FAILED, "%.200s asks nothing: there is nothing to export",
                         lesson->path);
    add_head(gift);
    for (size_t i = 0; i < lesson->count && !status; i++)
        status = lesson->parts[i].kind == LESSON_ASK
                     ? add_question(gift, lesson->parts[i].ask, error)
                     : offstage_run(&gift->stage, &lesson->parts[i], error);
    return status ? status : text_status(&gift->text, error);
}

enum nb_status gift_write(struct session *session, const char *path, struct nb_error *error)
{
    struct gift gift = { .text = TEXT_INIT };
    size_t asks = 0;
    if (!session->lesson_path)
        return error_set(error, NB_FAILED,
                         "no lesson was played here: lesson NAME first, then export FILE.gift");
    enum nb_status status =
        offstage_open(session, session->lesson_path, session->settings.seed, &gift.stage, error);
    if (status)
        return status;
    status = play(&gift, error);
    if (!status)
        asks = player_lesson(gift.stage.player)->asks;
    offstage_close(&gift.stage);
    if (!status)
        status = file_write(path, gift.text.bytes, gift.text.length, error);
    if (!status)
        sink_printf(session->out, "%zu question%s to %s\n", asks, asks == 1 ? "" : "s", path);
    text_release(&gift.text);
    return status;
}
