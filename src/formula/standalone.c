/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around documents that are files of their own. */
#include <string.h>

#include "formula/medium.h"

static const struct nb_choice media[] = {
    [FORMULA_TEXT] = { "text", "for the terminal" },
    [FORMULA_LATEX] = { "latex", "LaTeX with amsmath, to paste or to compile" },
    [FORMULA_MATHML] = { "mathml", "HTML with MathML, as browsers lay it out" },
};

const struct nb_choice *formula_media(size_t *count)
{
    *count = COUNT_OF(media);
    return media;
}

enum formula_medium formula_medium_of_file(const char *path)
{
    static const struct {
        const char *ending;
        enum formula_medium medium;
    } endings[] = { { ".tex", FORMULA_LATEX },
                    { ".html", FORMULA_MATHML },
                    { ".htm", FORMULA_MATHML } };
    size_t length = strlen(path);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t size = strlen(endings[i].ending);
        if (length >= size && strcmp(path + length - size, endings[i].ending) == 0)
            return endings[i].medium;
    }
    return FORMULA_TEXT;
}

static const char latex_head[] =
    "\\documentclass[10pt,a4paper,fleqn]{article}\n"
    "\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amsmath}\n"
    "\\usepackage[margin=20mm]{geometry}\n"
    "\\setlength{\\parindent}{0pt}\n"
    "\\setlength{\\parskip}{4pt}\n"
    "\\setlength{\\mathindent}{1.5em}\n"
    "\\allowdisplaybreaks\n"
    "\\AtBeginDocument{\\setlength{\\abovedisplayskip}{4pt plus 2pt}%\n"
    "  \\setlength{\\belowdisplayskip}{6pt plus 2pt}}\n"
    "\\begin{document}\n";

static const char html_style[] =
    ":root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fdfdfb; --faint: #6a6a6a;\n"
    "  --rule: #d9d6ce; --name: #0b5394; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e3; --paper: #17181a;\n"
    "  --faint: #a0a0a0; --rule: #3a3b3e; --name: #8ab4f8; } }\n"
    "body { margin: 0 auto; max-width: 52rem; padding: 2rem 1.25rem 4rem; background: "
    "var(--paper);\n"
    "  color: var(--ink); font: 1.0625rem/1.55 Georgia, \"Times New Roman\", serif; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }\n"
    "h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem;\n"
    "  border-bottom: 1px solid var(--rule); }\n"
    "h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }\n"
    "h4 { font-size: 1rem; margin: 1.5rem 0 .5rem; }\n"
    "code, .typed { font: .9em ui-monospace, Menlo, Consolas, monospace; color: var(--name); }\n"
    "h3 .typed { float: right; font-weight: normal; }\n"
    ".note { color: var(--faint); margin: .5rem 0 .5rem 1.5rem; }\n"
    "math { font-family: \"STIX Two Math\", \"Latin Modern Math\", \"Cambria Math\", math; }\n"
    "math[display=block] { width: max-content; max-width: calc(100% - 1.5rem);\n"
    "  margin: .75rem 0 .75rem 1.5rem; overflow-x: auto; overflow-y: hidden; }\n"
    "mtd { padding: .2em 0; }\n"
    "mtable.cells mtd { padding: .15em .5em; }\n"
    "table { border-collapse: collapse; margin: .75rem 0; }\n"
    "td { text-align: left; padding: .2rem 1.25rem .2rem 0; }\n"
    ".heads td { border-bottom: 1px solid var(--rule); }\n"
    ".heads tr:first-child td { color: var(--faint); }\n"
    ".grid { margin-left: 1.5rem; }\n"
    ".grid td { padding-right: .4rem; }\n"
    ".grid td:nth-child(n+3) { padding-left: 2rem; color: var(--faint); }\n"
    "@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --name: #000; }\n"
    "  body { max-width: none; padding: 0; font-size: 10pt; } h2, h3, h4 { break-after: avoid; }\n"
    "  math[display=block] { break-inside: avoid; overflow: visible; } @page { margin: 20mm; } }\n";

void formula_begin_file(struct text *text, enum formula_medium medium, const char *title)
{
    struct text plain = TEXT_INIT;
    if (medium == FORMULA_LATEX)
        text_add(text, latex_head);
    if (medium != FORMULA_MATHML)
        return;
    medium_mathml.prose(&plain, title);
    text_printf(text,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n",
                plain.bytes, html_style);
    text_release(&plain);
}

void formula_end_file(struct text *text, enum formula_medium medium)
{
    if (medium == FORMULA_LATEX)
        text_add(text, "\\end{document}\n");
    if (medium == FORMULA_MATHML)
        text_add(text, "</body>\n</html>\n");
}
