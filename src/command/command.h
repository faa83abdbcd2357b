/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command table.  One row holds everything about a command: dispatch,
 * argument parsing, help, completion, error messages, the manual page and the
 * tests all walk it.  The rows of a group stand in the file of its handlers
 * (define.c, step.c, ...), beside them; commands.c strings the groups together.
 */
#ifndef NABLA_COMMAND_COMMAND_H
#define NABLA_COMMAND_COMMAND_H

#include "lang/lang.h"
#include "nabla.h"

struct session;
struct call;

enum argument_kind {
    ARG_WORD,       /* one word as written, quotes taken off */
    ARG_COUNT,      /* a whole number in [least, most] */
    ARG_NUMBER,     /* a number or expression, in [least, most] */
    ARG_CHOICE,     /* one of choices() */
    ARG_FLAG,       /* a bare word, the argument's own name */
    ARG_FILE,       /* a path, quotes taken off; completes file names */
    ARG_OUTPUT,     /* likewise, of a file to write */
    ARG_PLACE,      /* a quantity, or an element of one: w1, delta1[2] */
    ARG_EXPRESSION, /* one expression without blanks, or in brackets or quotes */
    ARG_REST,       /* all that remains, unparsed; the handler parses it */
};

/* Given by position, as name=value where `keyed`, as `name VALUE` where `led`: to FILE. */
struct command_argument {
    const char *name; /* NULL ends the row */
    enum argument_kind kind;
    bool keyed, led, required;
    bool moves;           /* with it the command moves numbers, as MOVES_NUMBERS says of all */
    double least, most;   /* ARG_COUNT, ARG_NUMBER; both 0: no limits */
    const char *fallback; /* the default as people read it: "10" */
    const char *setting;  /* whose range and default it has in place of its own; NULL: none */
    const struct nb_choice *(*choices)(size_t *count);
    const char *help;
};

enum command_group {
    GROUP_DEFINE,
    GROUP_STEP,
    GROUP_TRAIN,
    GROUP_LOOK,
    GROUP_LESSON,
    GROUP_SHELL,
    COMMAND_GROUPS
};
extern const char *const command_group_names[COMMAND_GROUPS];

/* What must be there before the handler runs, else status 3 and what to type; and what a
 * command does. */
enum command_needs {
    NEEDS_NET = 1,
    NEEDS_X = 2,
    NEEDS_Y = 4,
    NEEDS_DATA = 8,
    CHANGES_STATE = 16, /* undo can revert it */
    TAKES_LISTS = 32,   /* 0,5 is two values here, not one with a comma for its point */
    MOVES_NUMBERS = 64  /* network, data or runs: not while a lesson's question asks about them */
};

/* The range of its number, or of its setting's; false: it has none. */
bool argument_range(const struct command_argument *row, double *least, double *most);

/* Adds "1 to 17", "0 to below 1". */
void range_add(struct text *text, double least, double most);

struct command {
    const char *name;
    enum command_group group;
    unsigned needs;
    const char *usage;   /* "step [N] [unit|op|layer|pass|iteration]" */
    const char *summary; /* one line, no full stop */
    const char *help;    /* paragraphs */
    const char *example; /* commands that the tests run, after the 3-2-2 exercise is set up */
    enum nb_status (*run)(struct session *session, const struct call *call, struct nb_error *error);
    struct command_argument arguments[32];
};

/* One parsed argument. */
struct argument {
    const struct command_argument *row;
    struct lang_span span; /* of the value in call->source */
    double number;         /* ARG_COUNT, ARG_NUMBER */
    size_t choice;         /* ARG_CHOICE: index of the row */
    char *text;            /* ARG_WORD, ARG_FILE, ARG_EXPRESSION, ARG_PLACE: owned by the call */
};

struct call {
    const struct command *command;
    const char *source;         /* the whole input; offsets in errors refer to it */
    struct lang_span statement; /* with the command's name */
    struct lang_span rest;      /* all behind the name */
    struct argument arguments[40];
    size_t count;
};

/* Arguments by name; NULL, or `fallback`, where it was not given. */
const struct argument *call_argument(const struct call *call, const char *name);
bool call_has(const struct call *call, const char *name);
double call_number(const struct call *call, const char *name, double fallback);
size_t call_choice(const struct call *call, const char *name, size_t fallback);
const char *call_text(const struct call *call, const char *name);

/* The groups, each beside its handlers, ended by a row whose name is NULL. */
extern const struct command define_commands[]; /* define.c */
extern const struct command step_commands[];   /* step.c */
extern const struct command break_commands[];  /* break.c */
extern const struct command check_commands[];  /* check.c */
extern const struct command data_commands[];   /* data.c */
extern const struct command train_commands[];  /* training.c */
extern const struct command runs_commands[];   /* runlist.c */
extern const struct command sweep_commands[];  /* sweep.c */
extern const struct command judge_commands[];  /* judge.c */
extern const struct command keep_commands[];   /* keep.c */
extern const struct command look_commands[];   /* inform.c */
extern const struct command lesson_commands[]; /* lesson.c */
extern const struct command shell_commands[];  /* inform.c */

/* All commands in the order of help; the groups are strung together in commands.c. */
size_t command_count(void);
const struct command *command_at(size_t index);
const struct command *command_find(const char *name, size_t length);
/* At the prompt: exact, alias, then unambiguous prefix; NULL where none or several. */
const struct command *command_find_short(const char *word, size_t length);
/* How many commands begin so; adds their names to `names` (may be NULL), ", " between. */
size_t command_candidates(const char *word, size_t length, struct text *names);

/* Parses the arguments after the rows.  NB_USAGE with a place. */
enum nb_status call_parse(struct session *session, const struct command *command,
                          const char *source, struct lang_span statement, struct call *call,
                          struct nb_error *error);
void call_release(struct call *call);

/* "unknown WHAT WORD: one of ..." with the nearest and all the choices: NB_USAGE
 * at byte `at`. */
enum nb_status choice_error(const char *what, const struct nb_choice *(*choices)(size_t *count),
                            const char *word, size_t length, size_t at, struct nb_error *error);

#endif
