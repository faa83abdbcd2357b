/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operations, activations and losses are called, in words and in short
 * formulas.  Texts are in Unicode, for symbol_words(); those with $…$ around
 * formulas for phrase_words(). */
#ifndef NABLA_FORMULA_WORDS_H
#define NABLA_FORMULA_WORDS_H

#include "formula/symbol.h"

struct activation_words {
    const char *sign;       /* σ, for σ(z) and on arrows */
    const char *definition; /* $σ(z) = 1 / (1 + e^−z)$; NULL: the formula says it */
    const char *slope;      /* $σ'(z) = σ(z)·(1 − σ(z))$ */
};
const struct activation_words *words_of_activation(const struct nb_net *net, size_t layer);

struct loss_words {
    const char *name;    /* half the squared error */
    const char *formula; /* ½Σ(ŷ − y)² */
    const char *slope;   /* ŷ − y: of the loss by ŷ */
    const char *direct;  /* by z, where the plan takes it at once; NULL */
};
const struct loss_words *words_of_loss(const struct nb_net *net);
const struct loss_words *words_of_any_loss(enum nb_loss loss);

/* Lines, with $…$, that show why δ of the output is what it is, where the activation is a
 * softmax or the loss takes it at once; NULL-terminated, or NULL. */
const char *const *words_of_output_delta(const struct nb_net *net);

/* Likewise of δ behind batch norm. */
extern const char *const words_of_batchnorm_delta[];

extern const char *const words_of_phase[3]; /* forward, backward, update */

/* "weighted sum, layer 1" */
void words_op_summary(struct text *text, const struct nb_net *net, size_t op,
                      const struct formula_style *style);

/* What the operation writes, as typed: "z1", "w1, b1". */
void words_op_name(struct text *text, const struct nb_net *net, size_t op);

#endif
