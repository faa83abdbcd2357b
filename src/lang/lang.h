/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The expression language: text → tree → value.  Knows no command and no
 * network; names are resolved through struct lang_names.
 *
 * All error offsets (nb_error.at) are byte offsets in the text handed in.
 */
#ifndef NABLA_LANG_LANG_H
#define NABLA_LANG_LANG_H

#include <signal.h>

#include "lang/value.h"

#define LANG_DEPTH_MOST 200 /* nesting, and chained unary operators */

/* ---- Lines and statements --------------------------------------------- */

/* What a chunk of input is: complete, or to be continued on the next line
 * (an open bracket, a final backslash). */
enum lang_line { LANG_LINE_COMPLETE, LANG_LINE_OPEN };
enum lang_line lang_line_state(const char *source, size_t length);

/* One statement of source[0..length): its trimmed part, without comment.
 * Steps over `;` outside brackets and quotes, comments, blank lines, newlines
 * outside brackets, and backslash-newline.  *at is where to look and is moved
 * behind the statement; false at the end. */
struct lang_span {
    size_t at, length;
};
bool lang_next_statement(const char *source, size_t length, size_t *at, struct lang_span *span);

/* One blank-separated word of source from *at (below `end`); brackets and
 * quotes hold it together (`lr = 3` is three words, `key="a b"` one). */
bool lang_next_word(const char *source, size_t end, size_t *at, struct lang_span *span);

/* One comma-separated item of source from *at (below `end`), trimmed, brackets
 * and quotes kept together; false when there is no further one.  An empty item
 * (`a,,b`, a final comma, nothing at all) has length 0. */
bool lang_next_item(const char *source, size_t end, size_t *at, struct lang_span *span);

/* Does what follows the statement's first word rule out an expression: nothing,
 * another word, a number, a quote, a dot?  Then an unknown word is an unknown
 * command.  `foo`, `foo bar`, `foo 3`, `np.exp(1)` do; `foo + 1`, `foo[1]`,
 * `foo(1)`, `foo'` do not. */
bool lang_reads_as_command(const char *source, struct lang_span statement, struct lang_span word);

/* What a statement is, by its form. */
enum lang_form {
    LANG_COMMAND,    /* begins with a word that is_command accepts, not used as a name */
    LANG_ASSIGNMENT, /* name = EXPR, name[...] = EXPR; not == */
    LANG_EXPRESSION,
};
/* is_command gets the first word exactly as written.  `word` receives the first word. */
enum lang_form lang_statement_form(const char *source, struct lang_span statement,
                                   bool (*is_command)(void *context, const char *word,
                                                      size_t length),
                                   void *context, struct lang_span *word);

/* ---- Names ------------------------------------------------------------- */

/* How a name is spelled canonically: Unicode, capitals and derivative
 * spellings folded away: ∂L/∂w1, dW1, dC/dw1, ∇w1 → "dw1"; δ2, dL/dz2, dz2 →
 * "delta2"; ŷ → "yhat"; η, eta, alpha, α → "lr"; W1 → "w1". */
struct lang_name {
    char text[64];
    size_t at, length; /* where it stands in the source */
};

/* The subject asked for one element or a part: every bound is 0-based,
 * half-open; `whole` for `:`; single for one index (which drops the axis). */
struct lang_index {
    bool whole, single;
    size_t first, last;
    size_t at; /* in the source, for errors */
};

/* A local derivative da2[1]/dz2[1]: names without their d, 0-based elements. */
struct lang_local {
    bool old; /* inside old(...) */
    char top[64], bottom[64];
    size_t top_indices, bottom_indices;
    size_t top_index[2], bottom_index[2];
};

/* Callbacks that resolve names.  They fill `error` without a place; the
 * evaluator adds the name's. */
struct lang_names {
    void *context;
    /* The value of a name: quantity, setting or variable; `old` inside old(...).
     * NB_FAILED for an unknown, reserved, unset or stale one. */
    enum nb_status (*read)(void *context, const char *name, bool old, struct value *value,
                           struct nb_error *error);
    /* Optional: one element without reading the whole; NULL falls back on read. */
    enum nb_status (*read_element)(void *context, const char *name, bool old, size_t indices,
                                   const size_t index[2], double *value, struct nb_error *error);
    /* Is it the name of a quantity of any network (w1, delta7, x, loss)? */
    bool (*is_quantity)(void *context, const char *name);
    enum nb_status (*local)(void *context, const struct lang_local *local, double *value,
                            struct nb_error *error);
    /* Numbers for rand and randn: fills data[0..count). */
    void (*random)(void *context, bool normal, double *data, size_t count);
    const volatile sig_atomic_t *interrupt; /* NULL, or nonzero: NB_INTERRUPTED */
};

/* ---- Expressions ------------------------------------------------------- */

struct lang_tree;

/* Parses exactly source[at..end).  NB_USAGE with a place. */
enum nb_status lang_parse(const char *source, size_t at, size_t end, const struct lang_names *names,
                          struct lang_tree **tree, struct nb_error *error);
void lang_tree_free(struct lang_tree **tree);
enum nb_status lang_evaluate(const struct lang_tree *tree, const struct lang_names *names,
                             struct value *value, struct nb_error *error);

/* Is the tree a plain name (canonical spelling into *name)?  Then what it
 * prints can be labelled. */
bool lang_tree_name(const struct lang_tree *tree, struct lang_name *name);

/* Is it a name, or a name with indices (whole or single, evaluated)?
 * For assignments, explain, until, gradcheck.  NB_USAGE where it is another
 * expression; an index out of range is the caller's to find. */
enum nb_status lang_parse_place(const char *source, size_t at, size_t end,
                                const struct lang_names *names, struct lang_name *name,
                                struct lang_index index[2], size_t *indices,
                                struct nb_error *error);

/* What explain and check are about: a place, or a local derivative; in old(...) as it was
 * before the last update.  An index may be one of the letters i j k m p r s that are no
 * variables: delta1[j] is about every one of them. */
struct lang_target {
    bool old, local;
    size_t at, length; /* where all of it stands in the source */
    struct lang_name name;
    struct lang_index index[2]; /* whole where it is a letter */
    size_t indices;
    char letter[2]; /* of each index, or '\0' */
    struct lang_local quotient;
};
enum nb_status lang_parse_target(const char *source, size_t at, size_t end,
                                 const struct lang_names *names, struct lang_target *target,
                                 struct nb_error *error);

/* name [index] = EXPR */
struct lang_assignment {
    struct lang_name name;
    struct lang_index index[2];
    size_t indices;
    struct value value;
};
enum nb_status lang_parse_assignment(const char *source, struct lang_span statement,
                                     const struct lang_names *names,
                                     struct lang_assignment *assignment, struct nb_error *error);
void lang_assignment_release(struct lang_assignment *assignment);

/* target[index] = source, with the rules of assignment (a scalar fills);
 * NB_FAILED where shapes differ or an index is out of range. */
enum nb_status lang_assign_part(struct value *target, const struct lang_assignment *assignment,
                                const struct value *source, struct nb_error *error);

/* Reduces a spelling to its canonical name; false where it is no name. */
bool lang_canonical_name(const char *word, size_t length, char name[64]);

/* Recognises w11, w_11, w1_11, W11, b12, x_1 and adds what was probably meant:
 * "w1[1,1]", "b1[2]", "x[1]".  For names that are unknown otherwise. */
bool lang_suggest_indexed(const char *name, struct text *suggestion);

/* The functions of the language, for help and completion. */
const struct nb_choice *lang_functions(size_t *count);

/* ---- Help for the hand ------------------------------------------------- */

/* The nearest of `count` words (stride bytes apart, first member const char *)
 * by edit distance, "" where none is near.  Ready for ": did you mean w1?". */
const char *lang_nearest(const char *word, const void *rows, size_t stride, size_t count);

/* What fingers bring along from other programs: `2**3`, `net 3,2,2`. */
struct lang_habit {
    const char *pattern;   /* POSIX extended, found in the statement */
    const char *advice;    /* what to type instead; $1 is what group 1 matched, $-1 the same
                              with - for blanks and commas, $,1 with commas for blanks */
    const char *example;   /* a statement that fails, and matches */
    const char *expected;  /* part of the advice that it gets */
    enum nb_status status; /* the status it fails with */
};
const struct lang_habit *lang_habits(size_t *count);

/* After `statement` failed: where a row matches and has the error's status
 * (NB_FAILED: and the text says what the row expects), the advice takes the
 * place of the error's text. */
bool lang_habit(const char *source, struct lang_span statement, struct nb_error *error);

/* Adds "LINE\n" and a caret line ("   ^\n") under byte `at` of the source to
 * `text`.  Tabs become blanks, a long line is shown around the place only, what
 * a terminal would obey or cannot show becomes "?". */
void lang_add_caret(struct text *text, const char *source, size_t length, size_t at);
/* Line and column (in characters), from 1, of byte `at`. */
void lang_position(const char *source, size_t length, size_t at, size_t *line, size_t *column);

#endif
