/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking the text of an argument apart: A ~ B within C, NAME = VALUE. */
#ifndef NABLA_COMMAND_SIDES_H
#define NABLA_COMMAND_SIDES_H

#include "command/session.h"

struct mark {
    const char *text;
    bool word; /* stands between blanks */
};

bool sides_is_blank(char c);

/* source[at..end) without blanks around it. */
struct lang_span sides_trim(const char *source, size_t at, size_t end);

/* The first of some marks outside brackets and quotes, and its length; NB_NOWHERE: none. */
size_t sides_find(const char *source, size_t at, size_t end, const struct mark *marks, size_t count,
                  size_t *length);

/* The value of an expression. */
enum nb_status sides_evaluate(struct session *session, const char *source, struct lang_span span,
                              struct value *value, struct nb_error *error);

#endif
