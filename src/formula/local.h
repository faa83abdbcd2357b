/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ∂top/∂bottom of neighbours in the forward pass. */
#ifndef NABLA_FORMULA_LOCAL_H
#define NABLA_FORMULA_LOCAL_H

#include "formula/term.h"

/* One element. */
struct element {
    size_t id, row, col;
};

struct local {
    struct element top, bottom;
};

/* The term of ∂top/∂bottom; NULL where no operation makes one from the other. */
struct term *local_term(const struct nb_net *net, const struct local *local);

#endif
