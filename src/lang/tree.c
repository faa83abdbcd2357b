/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/parse.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

/* Room for one more in an array of the tree; counts it.  The arrays grow apart
 * from the tree's own pointer, so that a failure leaves the old one in place. */
static void *tree_add(void *items, size_t *count, size_t *capacity, size_t size)
{
    void *grown = array_grow(items, *count, capacity, size);
    if (grown)
        ++*count;
    return grown;
}

enum nb_status tree_emit(struct parser *parser, struct step step)
{
    struct lang_tree *tree = parser->tree;
    if (tree->count >= TREE_MOST)
        return error_at(parser->error, NB_USAGE, step.at,
                        "this expression is too long: more than %u operands and operators",
                        TREE_MOST);
    void *steps = tree_add(tree->steps, &tree->count, &tree->capacity, sizeof step);
    if (!steps)
        return error_memory(parser->error);
    tree->steps = steps;
    tree->steps[tree->count - 1] = step;
    return NB_OK;
}

enum nb_status tree_add_name(struct parser *parser, const struct lang_name *name, uint32_t *index)
{
    struct lang_tree *tree = parser->tree;
    void *names = tree_add(tree->names, &tree->name_count, &tree->name_capacity, sizeof *name);
    if (!names)
        return error_memory(parser->error);
    tree->names = names;
    *index = (uint32_t)tree->name_count - 1;
    tree->names[*index] = *name;
    return NB_OK;
}

enum nb_status tree_add_place(struct parser *parser, const struct place *place, uint32_t *index)
{
    struct lang_tree *tree = parser->tree;
    void *places = tree_add(tree->places, &tree->place_count, &tree->place_capacity, sizeof *place);
    if (!places)
        return error_memory(parser->error);
    tree->places = places;
    *index = (uint32_t)tree->place_count - 1;
    tree->places[*index] = *place;
    return NB_OK;
}

enum nb_status tree_emit_binary(struct parser *parser, const struct token *symbol, size_t left,
                                size_t left_end, size_t right)
{
    struct lang_tree *tree = parser->tree;
    void *operands = tree_add(tree->operands, &tree->operand_count, &tree->operand_capacity,
                              sizeof *tree->operands);
    if (!operands)
        return error_memory(parser->error);
    tree->operands = operands;
    tree->operands[tree->operand_count - 1] =
        (struct operands){ { left, left_end - left }, { right, parser->last - right } };
    return tree_emit(parser, (struct step){ .kind = STEP_BINARY,
                                            .symbol = (uint8_t)symbol->kind,
                                            .at = symbol->at,
                                            .of.use.first = (uint32_t)tree->operand_count - 1 });
}

void lang_tree_free(struct lang_tree **tree)
{
    if (!*tree)
        return;
    free((*tree)->steps);
    free((*tree)->names);
    free((*tree)->places);
    free((*tree)->operands);
    free((*tree)->source);
    free(*tree);
    *tree = NULL;
}

size_t place_depth(const struct place *place)
{
    static const size_t taken[] = {
        [PLACE_WHOLE] = 0, [PLACE_SINGLE] = 1, [PLACE_RANGE] = 2, [PLACE_LETTER] = 0
    };
    size_t depth = 0;
    for (size_t i = 0; i < place->count; i++)
        depth += taken[place->index[i].kind];
    return depth;
}

bool lang_tree_name(const struct lang_tree *tree, struct lang_name *name)
{
    if (tree->count != 1 || tree->steps[0].kind != STEP_NAME || tree->steps[0].old)
        return false;
    *name = tree->names[tree->steps[0].of.use.first];
    return true;
}
