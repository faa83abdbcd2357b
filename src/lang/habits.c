/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fingers bring along from other programs, and what to type instead. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "lang/lang.h"

#define STATEMENT_MOST 1000 /* longer ones are no slips */
#define GROUPS         7

#define NUMBER  "-?[0-9.]+"
#define OPERAND "[A-Za-z0-9_.]+'?"
#define OF_ONE  "(sigmoid|relu|tanh|lecun|exp|log|sqrt|abs|sin|cos|sign)"
#define QUANTITY                                                                                   \
    "(([wbzauhWBZAUH]|d?gamma|d?beta|mu|var|xhat|mask|delta|yhat|loss|d[wbauhWBAUH]|[gmv][wb])"    \
    "[0-9]+|[xyXY]|yhat)"

/* The first row that matches counts. */
static const struct lang_habit habits[] = {
    { "^net *[([]+ *([0-9]+( *[, ] *[0-9]+)*)", "sizes are joined by hyphens: write net $-1",
      "net(3,2,2)", "write net 3-2-2", NB_USAGE },
    { "^net +([0-9]+( *, *[0-9]+)+)", "sizes are joined by hyphens: write net $-1", "net 3,2,2",
      "write net 3-2-2", NB_USAGE },
    { "^net +([0-9]+( +[0-9]+)+)", "sizes are joined by hyphens: write net $-1", "net 3 2 2",
      "write net 3-2-2", NB_USAGE },
    { "^net +([0-9]+)x([0-9]+)x([0-9]+)", "sizes are joined by hyphens: write net $1-$2-$3",
      "net 3x2x2", "write net 3-2-2", NB_USAGE },
    { "(\\[ *" NUMBER "( +" NUMBER ")+[^][]*\\])", "elements are separated by commas: write $,1",
      "[1 2 3]", "write [1, 2, 3]", NB_USAGE },
    { "(^|[^A-Za-z0-9_])" QUANTITY " *\\(([0-9: ,]+)\\)",
      "indices stand in square brackets: write $2[$4]", "w1(1,1)", "write w1[1,1]", NB_USAGE },
    { "(^|[^A-Za-z0-9_])" OF_ONE "\\((-?[0-9]+),([0-9]+)\\)",
      "$2 takes one argument: write $2($3.$4), decimals having a point, or $2([$3, $4])",
      "sigmoid(1,2)", "write sigmoid(1.2), decimals having a point, or sigmoid([1, 2])", NB_USAGE },
    { "(^\\(?|[ =]|[^A-Za-z0-9_]\\(|" OF_ONE "\\()(-?[0-9]+),([0-9]+)($|[ )])",
      "decimals have a point, not a comma: write $3.$4", "0,5", "write 0.5", NB_USAGE },
    { "([A-Za-z0-9_]+)\\[( *0 *[],]|[^],]*, *0 *\\])",
      "indices start at 1: what other languages call 0 is 1 here", "w1[0,1]", "indices start at 1",
      NB_FAILED },
    { "(" OPERAND ") *\\*\\* *(" OPERAND ")", "the power is written ^: write $1^$2", "2**3",
      "write 2^3", NB_USAGE },
    { "(^|[^A-Za-z0-9_])ln *(\\([^)]*\\))?", "the natural logarithm is log: write log$2", "ln(2)",
      "write log(2)", NB_USAGE },
    { "(" OPERAND ") *\\.([*/^]) *(" OPERAND ")",
      "* / ^ work element by element already: write $1 $2 $3 (@ is the matrix product)", "X.*Y",
      "write X * Y", NB_USAGE },
    { "(^|[^A-Za-z0-9_.])((np|numpy|torch|tf)\\.)?(dot|matmul|mm) *\\(([^,()]+), *([^,()]+)\\)",
      "the matrix product is written @: write $5 @ $6", "np.dot(x, w1)", "write x @ w1", NB_USAGE },
    { "([A-Za-z0-9_]+)\\.T($|[^A-Za-z0-9_])", "the transpose is written ': write $1'", "w1.T",
      "write w1'", NB_USAGE },
    { "(^|[^A-Za-z0-9_])(np|numpy|math|torch|tf)\\.([A-Za-z0-9_.]+(\\([^)]*\\))?)",
      "functions have no prefix: write $3", "np.exp(1)", "write exp(1)", NB_USAGE },
    { "^(lr|eta|alpha|η|α|momentum|rho|epsilon|l1|l2) +(" NUMBER "(e-?[0-9]+)?)$",
      "a value is assigned with =: write $1 = $2", "lr 0.1", "write lr = 0.1", NB_USAGE },
    { "^(adam-beta[12]|l2-form|regularize-bias) *=? *([a-z0-9.-]+)$",
      "this is a setting: write set $1 $2", "adam-beta1 = 0.8", "write set adam-beta1 0.8",
      NB_USAGE },
    { "^(digits|seed|batch|threads) +([0-9]+)$", "this is a setting: write set $1 $2", "digits 4",
      "write set digits 4", NB_USAGE },
    { "^(import|from|using|pip) ",
      "nothing needs importing: exp, log, sum and the others are there, write exp(1)",
      "import numpy", "nothing needs importing", NB_USAGE },
    { "^(for|while)( |\\()", "there are no loops: step 10 iteration and train epochs=10 repeat",
      "for i in range(10)", "step 10 iteration", NB_USAGE },
    { "(" OPERAND ") *&& *(" OPERAND ")", "write $1 and $2", "x && y", "write x and y", NB_USAGE },
    { "(" OPERAND ") *\\|\\| *(" OPERAND ")", "write $1 or $2", "x || y", "write x or y",
      NB_USAGE },
    { "^back$", "write backward, or unstep to take the last step back", "back",
      "backward, or unstep", NB_USAGE },
};

const struct lang_habit *lang_habits(size_t *count)
{
    *count = COUNT_OF(habits);
    return habits;
}

static bool separates(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* The group with one separator between its items, none beside `;`. */
static void add_group(struct text *text, const char *part, size_t length, const char *separator)
{
    for (size_t i = 0; i < length;) {
        size_t from = i;
        while (i < length && separator[0] && separates(part[i]))
            i++;
        if (i > from) {
            bool edge =
                from == 0 || i == length || strchr(";[", part[from - 1]) || strchr(";]", part[i]);
            text_add(text, edge ? "" : separator);
            if (from && i < length && part[from - 1] == ';')
                text_add(text, " ");
        } else {
            text_add_char(text, part[i++]);
        }
    }
}

/* The advice with its groups put in. */
static void add_advice(struct text *text, const char *advice, const char *statement,
                       const regmatch_t *match)
{
    for (const char *at = advice; *at; at++) {
        const char *separator = at[0] == '$' && at[1] == '-'   ? "-"
                                : at[0] == '$' && at[1] == ',' ? ", "
                                                               : "";
        const char *digit = at + 1 + (separator[0] != '\0');
        if (*at != '$' || *digit < '1' || *digit >= '0' + GROUPS) {
            text_add_char(text, *at);
            continue;
        }
        const regmatch_t *group = &match[*digit - '0'];
        if (group->rm_so >= 0)
            add_group(text, statement + group->rm_so, (size_t)(group->rm_eo - group->rm_so),
                      separator);
        at = digit;
    }
}

static bool try_habit(const struct lang_habit *habit, const char *statement, struct nb_error *error)
{
    regex_t regex;
    regmatch_t match[GROUPS];
    struct text advice = TEXT_INIT;
    if (habit->status != error->status ||
        (habit->status == NB_FAILED && !strstr(error->text, habit->expected)) ||
        regcomp(&regex, habit->pattern, REG_EXTENDED) != 0)
        return false;
    bool found = regexec(&regex, statement, GROUPS, match, 0) == 0;
    regfree(&regex);
    if (found) {
        size_t at = error->at;
        add_advice(&advice, habit->advice, statement, match);
        error_set(error, habit->status, "%s", advice.bytes);
        error->at = at;
    }
    text_release(&advice);
    return found;
}

bool lang_habit(const char *source, struct lang_span statement, struct nb_error *error)
{
    if (statement.length > STATEMENT_MOST ||
        (error->status != NB_USAGE && error->status != NB_FAILED))
        return false;
    char *copy = string_copy_part(source + statement.at, statement.length);
    bool found = false;
    for (size_t i = 0; copy && i < COUNT_OF(habits) && !found; i++)
        found = try_habit(&habits[i], copy, error);
    free(copy);
    return found;
}
