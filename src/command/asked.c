/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/asking.h"
#include "command/check.h"
#include "command/course.h"
#include "command/handin.h"
#include "command/lesson.h"
#include "command/quiz.h"
#include "command/shown.h"
#include "command/sides.h"
#include "command/transcript.h"
#include "command/written.h"
#include "lang/lex.h"

struct asked {
    struct asking asking;
    struct course_answer mark; /* as it is kept */
};

static const struct ask *ask_of(const struct session *session)
{
    return session->asked->asking.ask;
}

/* ---- Values in words ---------------------------------------------------------------- */

enum nb_status asked_value(void *context, const char *expression, struct text *text)
{
    struct session *session = context;
    struct value value = { 0 };
    struct lang_span all = { 0, strlen(expression) };
    enum nb_status status = sides_evaluate(session, expression, all, &value, NULL);
    if (!status)
        value_print(text, &value, session->settings.digits);
    value_release(&value);
    return status;
}

static struct lesson_values values_of(struct session *session)
{
    return (struct lesson_values){ session, asked_value };
}

/* Words that are proved: the place of the first value that there is not. */
struct proof {
    struct session *session;
    const struct lesson *lesson;
    size_t at; /* where its words begin in the source */
    enum nb_status status;
    struct nb_error *error;
};

static enum nb_status prove_value(void *context, const char *expression, struct text *text)
{
    struct proof *proof = context;
    struct text written = TEXT_INIT;
    struct value value = { 0 };
    struct lang_span all = { 0, strlen(expression) };
    (void)text;
    if (proof->status)
        return proof->status;
    text_printf(&written, "`=%s", expression);
    const char *from = proof->lesson->source.bytes + proof->at,
               *found = strstr(from, written.bytes);
    proof->at += found ? (size_t)(found - from) + 2 : 0;
    proof->status = sides_evaluate(proof->session, expression, all, &value, proof->error);
    if (proof->status)
        proof->error->at = proof->at + (proof->error->at < all.length ? proof->error->at : 0);
    value_release(&value);
    text_release(&written);
    return NB_FAILED;
}

static void prove_words(struct proof *proof, const struct ask_words *words)
{
    struct text unseen = TEXT_INIT;
    struct sink sink = sink_to_text(&unseen, true, 80);
    struct lesson_values values = { proof, prove_value };
    if (proof->status)
        return;
    proof->at = words->span.at;
    lesson_render_words(words->text, 0, &values, &sink);
    text_release(&unseen);
}

static enum nb_status prove_prose(struct session *session, const struct lesson *lesson,
                                  const struct lesson_part *part, struct nb_error *error)
{
    struct proof proof = { session, lesson, lesson->lines[part->line - 1], NB_OK, error };
    struct text unseen = TEXT_INIT;
    struct sink sink = sink_to_text(&unseen, true, 80);
    struct lesson_values values = { &proof, prove_value };
    lesson_render(lesson, part, &values, &sink);
    text_release(&unseen);
    return proof.status;
}

static enum nb_status prove_all_words(struct session *session, const struct lesson *lesson,
                                      const struct ask *ask, struct nb_error *error)
{
    struct proof proof = { session, lesson, 0, NB_OK, error };
    prove_words(&proof, &ask->question);
    for (size_t i = 0; i < ask->wrong_count; i++)
        prove_words(&proof, &ask->wrong[i].advice);
    for (size_t i = 0; i < ask->hint_count; i++)
        prove_words(&proof, &ask->hints[i]);
    return proof.status;
}

/* ---- Proving a question ----------------------------------------------------------------- */

/* The answer, as exactly as it can be written, is right. */
static enum nb_status prove_answer(struct asking *asking, struct nb_error *error)
{
    struct asking_answer answer;
    struct text text = TEXT_INIT;
    if (asking->ask->choice_count)
        return NB_OK;
    value_print(&text, &asking->right, 17);
    enum nb_status status = asking_judge(asking, text.bytes, (struct lang_span){ 0, text.length },
                                         true, &answer, error);
    if (!status && answer.verdict != ASKING_RIGHT)
        status = error_set(error, NB_WRONG, "the answer %s is not judged right", text.bytes);
    if (status)
        error->at = asking->ask->answer.span.at;
    asking_answer_release(&answer);
    text_release(&text);
    return status;
}

static enum nb_status prove_wrong(const struct asking *asking, struct nb_error *error)
{
    size_t wrong = asking_collision(asking);
    struct text right = TEXT_INIT;
    if (wrong == NB_NOWHERE)
        return NB_OK;
    const struct ask_words *words = &asking->ask->wrong[wrong].number;
    value_print(&right, &asking->right, asking->session->settings.digits);
    error_at(error, NB_WRONG, words->span.at,
             "%s is no mistake here: to the digits asked it is "
             "the answer, %s",
             words->text, right.bytes);
    text_release(&right);
    return NB_WRONG;
}

enum nb_status asked_prove(void *context, const struct lesson *lesson,
                           const struct lesson_part *part, struct nb_error *error)
{
    struct asking asking;
    if (part->kind == LESSON_PROSE)
        return prove_prose(context, lesson, part, error);
    enum nb_status status = asking_open(context, lesson, part->ask, &asking, error);
    if (status)
        return status;
    status = prove_answer(&asking, error);
    if (!status)
        status = prove_wrong(&asking, error);
    if (!status)
        status = prove_all_words(context, lesson, part->ask, error);
    if (!status)
        status = shown_prove(context, lesson, part->ask, error);
    asking_close(&asking);
    return status;
}

/* ---- Showing ------------------------------------------------------------------------------ */

static size_t number_of(const struct lesson *lesson, const struct ask *ask)
{
    size_t number = 1;
    for (size_t i = 0; i < lesson->count && lesson->parts[i].ask != ask; i++)
        number += lesson->parts[i].kind == LESSON_ASK;
    return number;
}

static void print_question(struct session *session, const struct lesson *lesson,
                           const struct ask *ask)
{
    struct sink *out = session->out;
    struct lesson_values values = values_of(session);
    sink_style(out, STYLE_TITLE);
    sink_printf(out, "Question %zu of %zu", number_of(lesson, ask), lesson->asks);
    sink_style(out, STYLE_PLAIN);
    sink_printf(out, "   %g point%s\n\n", ask->points, ask->points == 1 ? "" : "s");
    lesson_render_words(ask->question.text, 0, &values, out);
    if (ask->choice_count)
        sink_puts(out, "\n");
    for (size_t i = 0; i < ask->choice_count; i++)
        lesson_render_words(ask->choices[i].text, i + 1, &values, out);
    sink_puts(out, "\n");
}

void asked_remind(struct session *session)
{
    const struct ask *ask = ask_of(session);
    struct sink *out = session->out;
    size_t left = ask->tries - session->asked->mark.tries;
    sink_style(out, STYLE_FAINT);
    if (ask->choice_count)
        sink_printf(out, "(answer: its number, 1 to %zu", ask->choice_count);
    else
        sink_puts(out, "(answer: a number or arithmetic");
    if (ask->exactness == ASK_DIGITS)
        sink_printf(out, ", %zu digit%s", ask->digits, ask->digits == 1 ? "" : "s");
    sink_printf(out, "; hint%s; %zu tr%s left)\n",
                session->asked->asking.lesson->skip_never ? "" : ", skip, reveal", left,
                left == 1 ? "y" : "ies");
    sink_style(out, STYLE_PLAIN);
}

/* What was done about it before: nothing is asked then. */
static void print_settled(struct asking *asking, struct sink *out)
{
    struct text right = TEXT_INIT;
    asking_right(asking, &right);
    sink_style(out, STYLE_FAINT);
    sink_printf(out, "      answer: %s\n\n", right.bytes);
    sink_style(out, STYLE_PLAIN);
    text_release(&right);
}

static bool is_settled(const struct course_answer *mark)
{
    return mark->state == COURSE_RIGHT || mark->state == COURSE_REVEALED;
}

static enum nb_status hold(struct session *session, struct asking *asking,
                           const struct course_answer *mark, struct nb_error *error)
{
    struct asked *asked = memory_new(1, sizeof *asked);
    if (!asked)
        return error_memory(error);
    quiz_drop(session); /* one question at a time */
    *asked = (struct asked){ *asking, *mark };
    asked->mark.state = COURSE_OPEN;
    session->asked = asked;
    asked_remind(session);
    return NB_OK;
}

enum nb_status asked_show(void *context, const struct lesson *lesson,
                          const struct lesson_part *part, bool *holds, struct nb_error *error)
{
    struct session *session = context;
    struct course_answer mark = { .state = COURSE_OPEN };
    struct asking asking;
    *holds = false;
    asked_drop(session);
    enum nb_status status = asking_open(session, lesson, part->ask, &asking, error);
    if (status)
        return status;
    if (session->course)
        mark = course_answer(session->course, part->ask->id.text);
    print_question(session, lesson, part->ask);
    *holds = session->interactive && !session->presenting && !is_settled(&mark);
    if (*holds)
        status = hold(session, &asking, &mark, error);
    else if (is_settled(&mark) || !lesson->skip_never)
        print_settled(&asking, session->out);
    if (!*holds || status)
        asking_close(&asking);
    return status;
}

void asked_drop(struct session *session)
{
    if (!session->asked)
        return;
    asking_close(&session->asked->asking);
    free(session->asked);
    session->asked = NULL;
}

/* ---- Answering ------------------------------------------------------------------------------- */

bool asked_waits(const struct session *session)
{
    return session->asked && session->lesson && !player_running(session->lesson);
}

bool asked_chooses(const struct session *session, const char *source, struct lang_span statement)
{
    size_t choice;
    uint64_t number;
    const char *words = source + statement.at;
    return asked_waits(session) && ask_of(session)->choice_count &&
           (ask_choice(ask_of(session), words, statement.length, &choice) ||
            number_parse_whole(words, statement.length, UINT64_MAX, &number));
}

bool asked_wants_number(const struct session *session)
{
    return asked_waits(session) && !ask_of(session)->choice_count;
}

/* The same but for blanks? */
static bool same_words(const char *a, size_t length, const char *b)
{
    for (size_t i = 0; i < length; i++) {
        if (sides_is_blank(a[i]))
            continue;
        b += strspn(b, " ");
        if (*b++ != a[i])
            return false;
    }
    return !b[strspn(b, " ")];
}

bool asked_spells(const struct session *session, const char *source, struct lang_span statement,
                  struct lang_span *value)
{
    static const char update[] = "update ";
    const char *begin = source + statement.at;
    const char *equals = memchr(begin, '=', statement.length);
    if (!equals || !asked_wants_number(session))
        return false;
    const char *asked = ask_of(session)->answer.text;
    asked += strncmp(asked, update, strlen(update)) ? 0 : strlen(update);
    if (!same_words(begin, (size_t)(equals - begin), asked))
        return false;
    size_t behind = (size_t)(equals - source) + 1;
    *value = sides_trim(source, behind, statement.at + statement.length);
    return value->length > 0;
}

/* ---- What has to wait ------------------------------------------------------------------------ */

enum nb_status asked_check_change(const struct session *session, const char *what,
                                  struct nb_error *error)
{
    if (!asked_waits(session))
        return NB_OK;
    transcript_leave_out(session);
    return error_set(
        error, NB_FAILED,
        "a question is open, and %s would change what it asks about: answer it, or "
        "type %s first",
        what, session->asked->asking.lesson->skip_never ? "hint or leave" : "hint, skip or leave");
}

static bool names_variable(const char *source, struct lang_span expression, const char *name)
{
    struct lexer lexer = { source, expression.at, expression.at + expression.length };
    struct token token;
    char found[64];
    while (!lex_next(&lexer, &token, NULL) && token.kind != TOKEN_END)
        if (token.kind == TOKEN_NAME &&
            lang_canonical_name(source + token.at, token.length, found) && !strcmp(found, name))
            return true;
    return false;
}

/* Does a question of the lesson, this one or another, reckon with the name? */
static bool lesson_reckons(const struct lesson *lesson, const char *name)
{
    for (size_t i = 0; i < lesson->count; i++) {
        const struct ask *ask = lesson->parts[i].ask;
        if (!ask || ask->choice_count)
            continue;
        if (names_variable(lesson->source.bytes, ask->answer.span, name))
            return true;
        for (size_t k = 0; k < ask->wrong_count; k++)
            if (names_variable(lesson->source.bytes, ask->wrong[k].number.span, name))
                return true;
    }
    return false;
}

enum nb_status asked_check_variable(const struct session *session, const char *name,
                                    struct nb_error *error)
{
    if (!asked_waits(session) || !lesson_reckons(session->asked->asking.lesson, name))
        return NB_OK;
    transcript_leave_out(session);
    return error_set(error, NB_FAILED,
                     "a question is open, and the lesson reckons with %s: take another name, "
                     "my_%s = ...",
                     name, name);
}

/* ---- Settling -------------------------------------------------------------------------------- */

static void keep_mark(struct session *session)
{
    if (session->course)
        course_set_answer(session->course, ask_of(session)->id.text, &session->asked->mark);
    session_keep_progress(session);
}

/* The question is dealt with, and the lesson goes on. */
static enum nb_status settle(struct session *session, enum course_state state)
{
    session->asked->mark.state = state;
    keep_mark(session);
    asked_drop(session);
    player_release(session->lesson);
    sink_puts(session->out, "\n");
    return session_next_section(session);
}

static enum nb_status take_right(struct session *session, bool named)
{
    struct course_answer *mark = &session->asked->mark;
    mark->points = mark->assisted ? 0 : ask_of(session)->points;
    if (mark->assisted)
        sink_puts(session->out,
                  named ? "      It names what is computed, not its number: it earns no points.\n"
                        : "      With computed numbers before you: it earns no points.\n");
    return settle(session, COURSE_RIGHT);
}

static enum nb_status reveal(struct session *session)
{
    struct asked *asked = session->asked;
    session->asked = NULL; /* explain is no look of the person's */
    asking_reveal(&asked->asking, session->out);
    session->asked = asked;
    return settle(session, COURSE_REVEALED);
}

/* The next hint, or the last once more; false: there is none. */
static bool show_hint(struct session *session)
{
    struct course_answer *mark = &session->asked->mark;
    const struct ask *ask = ask_of(session);
    struct lesson_values values = values_of(session);
    if (!ask->hint_count)
        return false;
    mark->hints += mark->hints < ask->hint_count;
    lesson_render_words(ask->hints[mark->hints - 1].text, 0, &values, session->out);
    return true;
}

/* Was there nothing to say about it? */
static bool is_unexplained(const struct asking_answer *answer)
{
    return answer->wrong == NB_NOWHERE && !answer->slip &&
           !(answer->judged && answer->catalogue.judgement.findings_count);
}

static enum nb_status take_wrong(struct session *session, const struct asking_answer *answer)
{
    struct course_answer *mark = &session->asked->mark;
    enum nb_status status = NB_OK;
    mark->tries++;
    if (mark->tries >= ask_of(session)->tries) {
        sink_puts(session->out, "\nThat was the last try.\n");
        status = reveal(session);
    } else {
        bool hinted = is_unexplained(answer) && show_hint(session);
        if (is_unexplained(answer) && !hinted && !answer->judged && !ask_of(session)->choice_count)
            sink_puts(session->out, "      No common mistake gives this number.\n");
        keep_mark(session);
        sink_puts(session->out, "\n");
        asked_remind(session);
    }
    return status ? status : check_wrong(session);
}

static void hand_in(struct session *session, const char *source, struct lang_span statement,
                    const struct asking_answer *answer)
{
    struct asked *asked = session->asked;
    struct text written = TEXT_INIT;
    written_answer(&asked->asking, source, statement, answer, &written);
    handin_note(session, ask_of(session)->id.text, &written, asked->mark.assisted);
    text_release(&written);
}

enum nb_status asked_answer(struct session *session, const char *source, struct lang_span statement,
                            struct nb_error *error)
{
    struct asked *asked = session->asked;
    struct lesson_values values = values_of(session);
    struct asking_answer answer;
    enum nb_status status = asking_judge(&asked->asking, source, statement, false, &answer, error);
    if (status)
        return status;
    if (answer.assisted) {
        asked->mark.assisted = true;
        keep_mark(session);
    }
    hand_in(session, source, statement, &answer);
    asking_print(&asked->asking, &answer, &values, session->out);
    if (answer.verdict == ASKING_RIGHT)
        status = take_right(session, answer.assisted);
    else if (answer.verdict == ASKING_WRONG)
        status = take_wrong(session, &answer);
    asking_answer_release(&answer);
    if (status && status != NB_WRONG)
        error->status = status;
    return status;
}

/* ---- Looking ------------------------------------------------------------------------------------
 */

/* Does the command show what the network computes? */
static bool shows_numbers(const struct command *command)
{
    static const char *const blind[] = { "plan", "where", "freeze", "save", "break", "watch" };
    for (size_t i = 0; i < COUNT_OF(blind); i++)
        if (!strcmp(blind[i], command->name))
            return false;
    return command->needs & NEEDS_NET;
}

static bool expressions_look(const struct session *session, const char *source, size_t at,
                             size_t end)
{
    const struct asked *asked = session->asked;
    return asking_looks(&asked->asking, asked->mark.hints, source,
                        (struct lang_span){ at, end - at });
}

/* Said and kept at once: leaving the lesson does not undo it. */
static void note_assisted(struct session *session)
{
    struct sink *out = transcript_aside(session);
    session->asked->mark.assisted = true;
    keep_mark(session);
    sink_style(out, STYLE_FAINT);
    sink_puts(out, "(computed numbers: an answer now earns no points)\n");
    sink_style(out, STYLE_PLAIN);
}

void asked_note(struct session *session, const struct command *command, const char *source,
                struct lang_span statement)
{
    struct lang_span word;
    size_t at = statement.at, end = statement.at + statement.length;
    bool looks;
    if (!asked_waits(session) || (command && command->group == GROUP_LESSON))
        return;
    if (command && !lang_next_word(source, end, &at, &word))
        return;
    const char *equals = command ? NULL : memchr(source + at, '=', end - at);
    if (command && !strcmp(command->name, "check"))
        looks = asking_checks(&session->asked->asking, source, (struct lang_span){ at, end - at });
    else if (command && strcmp(command->name, "print") != 0)
        looks = shows_numbers(command);
    else if (equals)
        looks = expressions_look(session, source, (size_t)(equals - source) + 1, end);
    else
        looks = expressions_look(session, source, at, end);
    if (looks && !session->asked->mark.assisted)
        note_assisted(session);
}

/* ---- Commands
 * ------------------------------------------------------------------------------------- */

static enum nb_status check_open(const struct session *session, struct nb_error *error)
{
    if (asked_waits(session))
        return NB_OK;
    return error_set(error, NB_FAILED,
                     session->lesson ? "no question is open here: Enter goes on"
                                     : "no question is open: lesson plays one that asks questions");
}

static enum nb_status check_skip(const struct session *session, const char *what,
                                 struct nb_error *error)
{
    enum nb_status status = check_open(session, error);
    if (status || !session->asked->asking.lesson->skip_never)
        return status;
    return error_set(error, NB_FAILED,
                     "this lesson lets no question go: %s is off, the answer is shown after %zu "
                     "tries",
                     what, ask_of(session)->tries);
}

enum nb_status hint_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_open(session, error);
    if (status)
        return status;
    size_t shown = session->asked->mark.hints;
    if (!show_hint(session))
        sink_printf(session->out, "no hint%s\n",
                    session->asked->asking.lesson->skip_never ? "" : "; reveal shows the answer");
    else if (session->asked->mark.hints == shown)
        sink_puts(session->out, "      (the last hint)\n");
    keep_mark(session);
    return NB_OK;
}

enum nb_status skip_command(struct session *session, const struct call *call,
                            struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_skip(session, "skip", error);
    return status ? status : settle(session, COURSE_SKIPPED);
}

enum nb_status reveal_command(struct session *session, const struct call *call,
                              struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_skip(session, "reveal", error);
    return status ? status : reveal(session);
}
