/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of explanations. */
#ifndef NABLA_FORMULA_EXPLAIN_H
#define NABLA_FORMULA_EXPLAIN_H

#include "formula/document.h"
#include "formula/formula.h"
#include "formula/ways.h"

/* One explanation on its way. */
struct explanation {
    struct notation notation;
    struct document *document;
    const struct formula_request *request;
    struct element element;
    struct nb_quantity quantity;
    const struct nb_net *held; /* whose numbers are asked for: those of notation.net, but
                                  that CLIP has multiplied its gradients by `clipped` */
    double clipped;            /* 1: it has not */
};

/* What the element means, in a sentence. */
void explain_meaning(struct explanation *explanation);
/* "the bias of unit 1 of layer 1": the w, b, gamma or beta of the element. */
void explain_parameter(struct phrase *phrase, const struct explanation *explanation,
                       enum nb_quantity_kind parameter);
/* "a²₁, the output of unit 1 of layer 2," and "the weight from x₁ to unit 1 of layer 1". */
void explain_named(struct phrase *phrase, const struct explanation *explanation,
                   struct element element);
/* What the whole quantity is. */
void explain_meaning_of_all(struct explanation *explanation);

/* The sections of a given number, of one that updates carry on, of one that an
 * operation makes, of a derivative. */
void explain_given(struct explanation *explanation);
void explain_state(struct explanation *explanation);
void explain_forward(struct explanation *explanation);
enum nb_status explain_derivative(struct explanation *explanation, struct nb_error *error);

/* The ways from what a derivative is taken by, as deep as the request says; their sections:
 * the rule in symbols; factors, and paths with the derivative's name (taken) and value. */
void explain_ways_find(const struct explanation *explanation, struct element start,
                       struct ways *ways);
void explain_ways_rule(struct explanation *explanation, const struct ways *ways);
void explain_ways_numbers(struct explanation *explanation, const struct ways *ways,
                          struct phrase *name, double value);

/* "Σₖ "; and a letter or a place alone: k, 3 */
void explain_sum_sign(struct phrase *phrase, size_t letter);
void explain_letter(struct phrase *phrase, size_t index);

/* The Jacobian of the softmax, and how it cancels. */
void explain_jacobian(struct explanation *explanation);

/* The derivation of an element whose indices may be letters, in symbols. */
void explain_general(struct explanation *explanation, struct element element);

/* A quantity by the names that patterns have: z (or u), a, h, D of the next layer ... */
size_t explain_named_id(const struct nb_net *net, size_t layer, const char *name);

/* The formula of a whole quantity in matrices, and their shapes; false: it has none. */
bool explain_in_matrices(struct explanation *explanation);

/* Is the update η times this derivative, and no more? */
bool explain_is_plain_update(const struct explanation *explanation);

/* The operation of the update phase that writes a quantity. */
size_t explain_writer(const struct nb_net *net, size_t id);

/* "explain dw1[1,1]", what shows more of it, in the moment that is explained. */
void explain_see(struct phrase *phrase, const struct explanation *explanation,
                 struct element element);

/* Nudges one element both ways.  On a sheet of rounded numbers it is the sheet's value that
 * is compared, with a quotient that is not rounded. */
enum nb_status explain_test(const struct explanation *explanation, struct nb_nudger *nudger,
                            struct element element, struct nb_nudge *nudge, struct nb_error *error);

/* Paragraphs about what CLIP did; nothing where it did nothing. */
void explain_clip(struct explanation *explanation);

/* h, as a title has room for. */
void explain_nudge_size(struct phrase *title, const struct explanation *explanation,
                        const struct nb_nudge *nudge);

/* Says where a relu makes a quotient useless. */
void explain_kink(struct explanation *explanation, const struct nb_nudge *nudge);

/* A local derivative. */
enum nb_status explain_local(struct explanation *explanation, struct nb_error *error);

/* The last line about all elements, or the largest of many. */
enum nb_status explain_end_of_all(struct explanation *explanation, struct nb_error *error);

/* A whole quantity. */
enum nb_status explain_all(struct explanation *explanation, struct nb_error *error);

/* Is this a derivative of the loss: dw, delta, da ...? */
bool explain_is_derivative(enum nb_quantity_kind kind);

/* What a derivative is taken by: w for dw, z for delta. */
struct element explain_nudged(const struct nb_net *net, struct element element);

#endif
