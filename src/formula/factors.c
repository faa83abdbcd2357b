/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/factors.h"

static void add_links(struct document *document, const struct links *links, struct phrase *heading)
{
    for (size_t i = 0; i < links->count; i++) {
        const struct link *link = &links->items[i];
        struct entry *entry = document_entry(document, DOCUMENT_FACTORS, NB_OP_AFFINE);
        phrase_append(&entry->heading, heading);
        phrase_partial(&entry->name, link->to, link->from);
        entry->term = term_clone(link->factor);
        entry->result = term_value(document->notation.net, link->factor);
    }
}

void factors_add(struct document *document, const struct chain *chain)
{
    struct phrase heading = PHRASE_INIT;
    add_links(document, &chain->stem, &heading);
    for (size_t i = 0; i < chain->branches; i++) {
        phrase_printf(&heading, "path %zu, through unit %zu of layer %zu", i + 1, i + 1,
                      chain->layer);
        add_links(document, &chain->branch[i], &heading);
    }
    phrase_words(&heading, "then, on every path");
    add_links(document, &chain->tail, &heading);
    phrase_release(&heading);
}

static void add_factors(struct document *document, struct path *path, const struct links *links)
{
    for (size_t i = 0; i < links->count; i++)
        path_add(document, path, term_clone(links->items[i].factor));
}

void factors_add_paths(struct document *document, const struct chain *chain, struct element element,
                       double value)
{
    struct block *block = document_add(document, BLOCK_PATHS);
    phrase_element(&block->first, element);
    block->value = value;
    for (size_t i = 0; i < chain->branches || i == 0; i++) {
        struct path path = { .number = (double)i + 1 };
        add_factors(document, &path, &chain->stem);
        if (chain->branches)
            add_factors(document, &path, &chain->branch[i]);
        add_factors(document, &path, &chain->tail);
        block_add_path(document, block, &path);
    }
}
