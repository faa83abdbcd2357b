/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check, and the rows of the commands that judge numbers. */
#include "command/check.h"

#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "command/question.h"
#include "command/sides.h"

enum nb_status check_wrong(struct session *session)
{
    session->wrong_answer = true;
    return NB_WRONG;
}

/* ---- check NAME = VALUE ---- */

static enum nb_status check_number(struct session *session, const char *source,
                                   struct lang_span name, struct lang_span number, bool update,
                                   struct nb_error *error)
{
    struct question question;
    struct answer answer;
    enum question_mode mode = update ? QUESTION_UPDATE : QUESTION_PRESENT;
    enum nb_status status = question_open(session, source, name, mode, &question, error);
    if (status)
        return status;
    status = question_judge(&question, source, number, &answer, error);
    if (!status) {
        question_print(&question, &answer, session->out);
        if (!answer.judgement.right)
            status = check_wrong(session);
        answer_release(&answer);
    }
    question_close(&question);
    return status;
}

static bool ends_with(const char *source, struct lang_span span, const char *tail)
{
    size_t length = strlen(tail);
    return span.length > length &&
           memcmp(source + span.at + span.length - length, tail, length) == 0;
}

/* A file, quotes taken off. */
static enum nb_status check_path(struct session *session, const char *source, struct lang_span span,
                                 struct nb_error *error)
{
    bool quoted = source[span.at] == '"' && ends_with(source, span, "\"");
    struct text path = TEXT_INIT;
    text_add_part(&path, source + span.at + quoted, span.length - 2 * quoted);
    bool npz = path.length > 4 && strcmp(path.bytes + path.length - 4, ".npz") == 0;
    enum nb_status status = text_status(&path, error);
    if (!status && !npz)
        status =
            error_at(error, NB_USAGE, span.at,
                     "expected a number to judge, as in check delta1[1] = 0.0097, or a file of "
                     "arrays, check FILE.npz");
    if (!status)
        status = check_file(session, path.bytes, error);
    text_release(&path);
    return status;
}

static enum nb_status check_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    static const struct mark equals[] = { { "=", false } };
    const char *source = call->source;
    const struct argument *what = call_argument(call, "quantity");
    bool update = call_has(call, "update");
    size_t end = what->span.at + what->span.length, length = 0;
    size_t at = sides_find(source, what->span.at, end, equals, COUNT_OF(equals), &length);
    if (at == NB_NOWHERE && !update)
        return check_path(session, source, sides_trim(source, what->span.at, end), error);
    struct lang_span name = sides_trim(source, what->span.at, at == NB_NOWHERE ? end : at);
    struct lang_span number =
        at == NB_NOWHERE ? (struct lang_span){ end, 0 } : sides_trim(source, at + 1, end);
    if (number.length == 0 || source[number.at] == '=')
        return error_at(error, NB_USAGE, number.at,
                        "expected the number to judge behind =, as in check %s = 0.15",
                        update ? "update w1[1,1]" : "delta1[1]");
    return check_number(session, source, name, number, update, error);
}

/* ---- The rows ---- */

/* clang-format off */
const struct command check_commands[] = {
    { .name = "check",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "check [update] NAME = VALUE   or   check FILE.npz",
      .summary = "judge a number that you worked out, and name the mistake in it",
      .help = "Says right or wrong: right is what agrees to the digits written, and within 5 %. Of a wrong "
              "number\nit names the mistakes that give it, and what to do instead; where none does, which "
              "number to check\nnext. The right number is never shown. NAME is an element, a whole quantity "
              "(check delta1 =\n[0.0097, 0.0118]) or a local derivative (check da2[1]/dz2[1] = 0.18); VALUE may be "
              "arithmetic.\n`check update w1[1,1] = 0.1495` judges the weight that the pending update would "
              "write.\n\ncheck FILE.npz judges a program of yours: arrays named as quantities (z1, delta2, dw1), "
              "in the order\nof computation; the first wrong one is named with its mistake. Numbers count as "
              "equal to 1e-6, those of\nsingle precision to 1e-4.",
      .example = "forward quiet; backward quiet; check delta1[1] = 0.0097; check update w1[1,1] = 0.1495",
      .run = check_command,
      .arguments = { { .name = "update", .kind = ARG_FLAG,
                       .help = "what the update makes of a weight or bias" },
                     { .name = "quantity", .kind = ARG_REST, .required = true,
                       .help = "what was worked out, =, and the number; or a file" } } },
    { .name = "quiz",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "quiz [QUANTITY]",
      .summary = "ask for a number before showing it",
      .help = "Shows the formula and waits: what is typed next is the answer, a number or arithmetic. It is "
              "judged\nas check does, and then the number is worked out. Without a name it asks for the operation "
              "under the\ncursor, and steps over it. Commands that look (print, show, explain) leave the question "
              "open.",
      .example = "quiz z1[1]; 0.585; quiz; 0.585",
      .run = quiz_command,
      .arguments = { { .name = "quantity", .kind = ARG_REST,
                       .help = "what to ask: delta1[1], z1" } } },
    { .name = NULL },
};
/* clang-format on */
