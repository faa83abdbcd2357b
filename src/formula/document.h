/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents: what an explanation or a page of an operation says, block by block,
 * before it is known how it will be set.  Content code (explain_*.c, chain.c,
 * page.c …) adds blocks and never writes to a sink; document_finish() then sets them.
 *
 *     document_section(document, "With numbers");
 *     struct entry *entry = document_entry(document, DOCUMENT_BLOCKS, kind);
 *     phrase_element(&entry->name, element);
 *     entry->term = build_term(&site);
 *     entry->result = nb_value(net, id, row, col);
 *
 * sets as
 *
 *     2  With numbers                          \paragraph{2 With numbers}
 *
 *            z¹₁ = x₁·w¹₁₁ + b¹₁               \begin{aligned} z^{1}_{1} &= x_1 \cdot …
 *                = 0.5·0.15 + 0.35
 *                = 0.425
 *
 * Ownership: the document takes what it is given.  Phrases passed in are left empty.
 * Numbers inside terms are read when the document is set: the network must not have
 * changed since.  Where memory runs out `failed` is set, and document_finish() tells.
 */
#ifndef NABLA_FORMULA_DOCUMENT_H
#define NABLA_FORMULA_DOCUMENT_H

#include "base/sink.h"
#include "formula/chain.h"
#include "formula/entry.h"
#include "formula/phrase.h"

enum block_kind {
    BLOCK_NAME,      /* `first`, of a whole file */
    BLOCK_CHAPTER,   /* `first`, of several pages */
    BLOCK_TITLE,     /* `first` stands out, `second`; at the right margin one of `right` */
    BLOCK_SECTION,   /* `first`, numbered */
    BLOCK_SENTENCE,  /* `first`, from the left margin on */
    BLOCK_PARAGRAPH, /* `first`, indented a little */
    BLOCK_NOTE,      /* `first`, a line of words among formulas */
    BLOCK_ELIDED,    /* likewise: what has been left out between two blocks of entries */
    BLOCK_FORMULA,   /* `first`, a formula on lines of its own; `second`, words beside or below */
    BLOCK_EQUATION,  /* `first` `sign` `second`, on a line of its own */
    BLOCK_ENTRIES,   /* `list`, laid out as `layout` says */
    BLOCK_DIAGRAM,   /* the ways of `chain`, drawn */
    BLOCK_RULE,      /* the chain rule of `chain`, in fractions */
    BLOCK_FRACTIONS, /* `first` = `second`, quotients of elements built up */
    BLOCK_PATHS,     /* `paths` multiplied out, and their sum `first` = `value` */
    BLOCK_GRID,      /* `grid`, a matrix or table; before it the name `first`, where there is one */
    BLOCK_QUOTIENT,  /* `nudge` worked out, of L or of `first` */
    BLOCK_GAP,       /* a blank line, unless there is one */
    BLOCK_CLOSING,   /* the exact last line */
};

/* How entries stand. */
enum document_layout {
    DOCUMENT_FULL,    /* those of short operations in columns, where they fit; else blocks */
    DOCUMENT_BLOCKS,  /* symbols, every round, result below each other */
    DOCUMENT_COMPACT, /* a line each where it fits: numbers and result */
    DOCUMENT_FACTORS, /* symbols, numbers, result in columns, under headings */
    DOCUMENT_DERIVED, /* symbols; below them factors worked out, and the result */
};

/* One path from what is nudged to the loss: local derivatives to be multiplied. */
struct path {
    struct term **factors; /* (count), owned */
    size_t count, capacity;
    double number; /* among all paths, from 1; those between two that are shown are told of
                      together */
    double before; /* what they come to, of those left out before this one */
};

/* Cells row by row; an empty one says nothing. */
struct grid {
    size_t rows, cols;
    struct phrase *cells; /* (rows, cols) */
    bool brackets;        /* a matrix, where the medium draws its brackets */
    bool heads;           /* a table whose first row says what stands below */
};

struct closing {
    struct text value, quotient; /* as printed */
    bool tested;
    double error;
};

#define TITLE_FORMS 3 /* of which the first that fits stands at the right */

struct block {
    enum block_kind kind;
    struct phrase first, second, right[TITLE_FORMS];
    const char *sign; /* "=", "←", "" */
    size_t indent;    /* of an equation */
    bool beside;      /* `second` may stand on the line of `first` */
    enum nb_op_kind op_kind;
    enum document_layout layout;
    struct entry_list list;
    const struct chain *chain;
    struct path *paths; /* (count) */
    size_t count;
    double value;
    struct grid grid;
    struct nb_nudge nudge;
    struct closing closing;
};

struct document {
    struct notation notation; /* of text, whatever it will be set in */
    struct formula_style style;
    enum formula_medium medium;
    size_t columns; /* that a line may take */
    struct block *blocks;
    size_t count, capacity;
    struct chain chain;
    struct nb_net *copy; /* of a network that terms refer to, or NULL */
    bool failed;
    struct block spare; /* stands in where memory ran out */
};

/* For what the style says, written to `sink`.  The document must stay where it is. */
void document_init(struct document *document, const struct nb_net *net,
                   const struct formula_style *style, const struct sink *sink);
void document_release(struct document *document);

/* Takes a network that must live as long as the document. */
void document_keep(struct document *document, struct nb_net *copy);

/* An empty block at the end, for those that have no function below; never NULL. */
struct block *document_add(struct document *document, enum block_kind kind);

void document_title(struct document *document, struct phrase *left, struct phrase *right);
void document_section(struct document *document, const char *title);
void document_section_of(struct document *document, struct phrase *title);
void document_sentence(struct document *document, const char *words);
void document_paragraph(struct document *document, const char *words);
void document_phrase(struct document *document, enum block_kind kind, struct phrase *phrase);
void document_formula(struct document *document, struct phrase *formula);
void document_equation(struct document *document, struct phrase *left, const char *sign,
                       struct phrase *right);
void document_gap(struct document *document);

/* A new entry, in a block with others of the same layout and kind where that is
 * the last block; never NULL. */
struct entry *document_entry(struct document *document, enum document_layout layout,
                             enum nb_op_kind kind);

/* Do entries write the last layer's activations as ŷ? */
bool block_writes_yhat(const struct block *block);

/* Adds a factor to a path, and a path to a block; take what they get. */
void path_add(struct document *document, struct path *path, struct term *factor);
void block_add_path(struct document *document, struct block *block, struct path *path);

/* How many paths are left out before one that is shown. */
double block_left_out(const struct block *block, size_t index);

/* The product of its factors. */
double path_value(const struct nb_net *net, const struct path *path);

/* A grid of empty cells; false where memory ran out. */
bool document_grid(struct document *document, size_t rows, size_t cols, struct grid **grid);
void document_name_grid(struct document *document, struct phrase *name); /* of the last */
struct phrase *grid_at(struct grid *grid, size_t row, size_t col);

/* The exact last line; `quotient` and `error` NULL: none. */
void document_closing(struct document *document, const char *value, const char *quotient,
                      const double *error);

/* "value V; difference quotient Q; relative error E" */
void closing_print(struct text *text, const struct closing *closing, int digits);

/* Writes all of it, unless memory ran out. */
enum nb_status document_finish(const struct document *document, struct sink *sink,
                               struct nb_error *error);

#endif
