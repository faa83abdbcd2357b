/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents in media that build formulas up, LaTeX and HTML: the parts of set_built(). */
#ifndef NABLA_FORMULA_SETBUILT_H
#define NABLA_FORMULA_SETBUILT_H

#include "formula/display.h"
#include "formula/document.h"

/* What is written around the blocks of a document. */
struct markup {
    const char *name[2];
    const char *chapter[2];
    const char *title[3];   /* before a title, before what stands at its right, behind */
    const char *page[3];    /* before the name of an operation, before its words, behind */
    const char *section[3]; /* before its number, before its words, behind */
    const char *paragraph[2];
    const char *note[2];
    const char *table[4];  /* before, between cells, between rows, behind */
    const char *grid[4];   /* likewise, of formulas as large as those set off */
    const char *cell[2];   /* around such a formula */
    const char *matrix[4]; /* with brackets, within a formula */
    const char *comment[2];
};
extern const struct markup markup_latex, markup_html;

void set_built(const struct document *document, struct text *text);

/* The drawing of a chain, and its rule, as formulas. */
void built_diagram(struct display *display, const struct chain *chain,
                   const struct notation *notation);
void built_rule(struct display *display, const struct chain *chain,
                const struct notation *notation);

#endif
