/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one person's session holds, and how input runs in it.  All handlers
 * share it; they write to session->out and return a status, never print.
 */
#ifndef NABLA_COMMAND_SESSION_H
#define NABLA_COMMAND_SESSION_H

#include <signal.h>

#include "base/sink.h"
#include "data/dataset.h"
#include "lang/lang.h"
#include "nabla.h"

struct history;       /* history.h: undo, redo, unstep */
struct peek;          /* peek.h: an expression that is looked at again and again */
struct runs;          /* runs.h: what was trained */
struct stops;         /* stops.h: break, watch, display */
struct variables;     /* variables.h: the user's own names */
struct lesson_player; /* lesson/player.h */
struct asked;         /* asked.h: the question that holds the lesson */
struct course;        /* course.h: what is kept of the lesson */
struct onset;         /* onset.h: what the lesson begins without */
struct keyboard;      /* present.h */
struct transcript;    /* transcript.h: the session as a lesson */
struct quiz;          /* quiz.h: the question that is open */

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* The values of the settings table (settings.c); copied whole by undo. */
struct settings {
    int digits;
    double lr, momentum, rho, epsilon, beta1, beta2, l1, l2;
    enum nb_l2_form l2_form;
    bool regularize_bias;
    enum nb_optimizer optimizer;
    struct nb_schedule schedule; /* of train; stepping keeps the rate */
    size_t batch;
    bool to_from; /* index to-from: weights shown as w[k,j] */
    int round;    /* decimals that stepping rounds to, or NB_EXACT */
    enum color_choice color;
    int threads;
    uint64_t seed;
    bool pager;
    bool unsafe_paths; /* lessons write anywhere; neither undo nor files change it */
};

/* Where stepping stands beyond the network's cursor; goes back with it. */
struct step_place {
    size_t op, units; /* step unit: the operation shown so far, and how many units of it */
    bool batched;     /* the data set's rows of `batched_iteration` are in the network */
    uint64_t batched_iteration;
};

struct session {
    struct sink *out; /* where handlers write; a lesson puts a capturing one here */
    struct sink *err; /* messages and progress */
    bool interactive; /* a person reads along: lessons pause, a pager */
    bool prompting;   /* statements come from the prompt: commands may be shortened */
    bool terminal;    /* err is a terminal: progress bars */
    bool keep_going;  /* -k */
    bool echo;        /* --echo */
    const volatile sig_atomic_t *interrupt;
    /* Before the progress bar: "run 2/6 " of a sweep, else "". */
    char run_label[40];

    struct settings settings;
    struct settings initial; /* as the program began: the table's, and its options' */
    struct variables *variables;
    struct nb_net *net; /* NULL before `net` */
    struct value x, y;  /* as given (rank 2: a batch); kept when there is no net yet */
    bool pinned;        /* x is the user's own, not the data set's next batch */
    struct nb_net *old; /* as it was before the last stepped update, or NULL */
    struct step_place place;
    struct dataset *data; /* NULL: none loaded */
    uint64_t data_epoch;  /* where the next batch of the training order begins */
    size_t data_row;
    uint64_t epochs; /* epochs trained since init: shuffles go on from here */
    uint64_t draws;  /* calls of rand and randn since the seed was set */
    /* While a block of a lesson that varies runs: its number, from 0, and its calls so
     * far.  Each has numbers of its own, whatever a person draws in between. */
    bool varying;
    uint64_t block, block_draws;

    struct history *history;
    struct peek *peek;               /* NULL: names are read as a person reads them */
    struct stops *stops;             /* NULL: none yet */
    struct runs *runs;               /* NULL: none yet */
    struct lesson_player *lesson;    /* NULL: none is being played */
    struct asked *asked;             /* NULL: no question of it waits for its answer */
    struct onset *onset;             /* NULL: no lesson has put its settings in place */
    struct course *course;           /* NULL: nothing of it is kept */
    bool unkept;                     /* progress cannot be kept, and that has been said */
    bool presenting;                 /* it is shown to an audience: questions do not wait */
    const struct keyboard *keyboard; /* NULL: nobody presses keys */
    struct quiz *quiz;               /* NULL: no question waits for its answer */
    enum nb_status first_failure;    /* what the program exits with */
    bool wrong_answer; /* the last statement ended with NB_WRONG, which stops no script */
    bool quitting;
    const char *origin;  /* the file whose statements are running, NULL: typed, or -c */
    size_t lines_before; /* of it, that have run and are gone: standard input */
    size_t nesting;      /* session_run within session_run */
    struct text typed;   /* what `history` lists: the statements run, a line each */
    struct transcript *transcript;
    const char *student; /* whose answers are handed in, or NULL; the owner's */
    char *lesson_path;   /* of the lesson begun last, or NULL */
};

enum nb_status session_new(struct sink *out, struct sink *err, struct session **session,
                           struct nb_error *error);
void session_free(struct session **session);

/* Runs every statement of source.  Errors go to session->err as
 * `ORIGIN:LINE:COL: error: MESSAGE`, the line and a caret (origin NULL: no
 * place before `error:`).  Stops at the first error unless keep_going; returns
 * its status, and notes it in first_failure. */
enum nb_status session_run(struct session *session, const char *origin, const char *source,
                           size_t length);

/* The three lines that greet at the prompt. */
void session_greet(struct session *session);

/* Is the penalty one per training row, so that other rows make it another? */
bool session_counts_rows(const struct session *session);

/* How the network learns by the settings; N of a penalty per sample is the
 * training part of the data set. */
struct nb_learning session_learning(const struct session *session);

/* Hands the settings that others hold (learning, threads) on to them: after
 * `set`, a new network or data set.  Another optimiser or penalty makes
 * another plan: save with history_save_learning first.  NB_SYSTEM: memory; the
 * network then learns as before. */
enum nb_status session_apply_settings(struct session *session, struct nb_error *error);

/* Likewise after undo, but for what makes the plan, which goes back by itself. */
void session_restore_settings(struct session *session);

/* Runs one statement of `source`; does not report.  A failure with an empty
 * error text has been reported already (by a nested session_run). */
enum nb_status session_run_statement(struct session *session, const char *source,
                                     struct lang_span statement, struct nb_error *error);

/* Is there what a command needs (of enum command_needs)?  NB_FAILED: no, and what to type. */
enum nb_status session_check_needs(const struct session *session, unsigned needs,
                                   struct nb_error *error);

/* Reports as session_run does. */
void session_report(struct session *session, const char *origin, const char *source, size_t length,
                    const struct nb_error *error);

/* Names of the session for the evaluator: quantities, settings, variables. */
struct lang_names session_names(struct session *session);

/* The name's quantity in this network.  NB_FAILED: no network, a reserved name
 * that this network has not (says which it has). */
enum nb_status session_quantity(struct session *session, const char *name, size_t *id,
                                struct nb_error *error);

/* The network's own name of a quantity, resolved from what people write:
 * yhat is the last a.  False where `name` is no quantity of any network. */
bool quantity_parse(const char *name, enum nb_quantity_kind *kind, size_t *layer);

/* A quantity as a value: rank by what it is and by whether x is a batch.
 * NB_FAILED where unset or stale: names the command that computes it. */
enum nb_status session_read(struct session *session, const struct nb_net *net, size_t id,
                            struct value *value, struct nb_error *error);

/* Indices as typed (0-based, `set index` applied) to the place in the stored
 * matrix of quantity `id`.  NB_FAILED: too many, too few, out of range. */
enum nb_status session_element(struct session *session, const struct nb_net *net, size_t id,
                               const char *name, size_t indices, const size_t index[2], size_t *row,
                               size_t *col, struct nb_error *error);

/* Gives x or y (kind NB_X, NB_Y), before or after `net`; pins x. */
enum nb_status session_give(struct session *session, enum nb_quantity_kind kind,
                            const struct value *value, struct nb_error *error);

#endif
