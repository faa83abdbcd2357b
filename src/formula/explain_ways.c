/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A derivative along all the ways that lead to the loss: in symbols, factor by
 * factor, and way by way with its share of the sum. */
#include <math.h>

#include "formula/explain.h"

#define PATHS_MOST   8    /* that are shown one by one */
#define COMPARE_MOST 5000 /* of which the largest is found */

/* ---- How deep ---- */

static double paths_of(const struct explanation *explanation, struct element start, size_t depth,
                       struct ways *ways)
{
    ways_to_loss(ways, explanation->notation.net, start, depth, explanation->request->jacobian);
    return ways->paths;
}

/* As deep as the paths can all be shown; past the next layer also where they cannot,
 * unless they fan out over the samples first. */
void explain_ways_find(const struct explanation *explanation, struct element start,
                       struct ways *ways)
{
    const struct nb_net *net = explanation->notation.net;
    size_t depth = nb_net_spec(net)->layers - explanation->quantity.layer + 1;
    if (explanation->request->depth != FORMULA_DEPTH) {
        paths_of(explanation, start, explanation->request->depth, ways);
        return;
    }
    while (depth && paths_of(explanation, start, depth, ways) > PATHS_MOST)
        depth--;
    bool samples = ways->stages[0].spread == WAYS_SAMPLES && ways_part(ways, 1);
    if (depth == 0)
        paths_of(explanation, start, samples ? 0 : 1, ways);
}

/* ---- In symbols ---- */

void explain_sum_sign(struct phrase *phrase, size_t letter)
{
    static const char *const signs[TERM_LETTERS] = {
        "Σᵢ ", "Σⱼ ", "Σₖ ", "Σₘ ", "Σₚ ", "Σᵣ ", "Σₛ "
    };
    phrase_formula(phrase, signs[letter - TERM_I]);
}

void explain_letter(struct phrase *phrase, size_t index)
{
    static const char *const letters[TERM_LETTERS] = { "i", "j", "k", "m", "p", "r", "s" };
    struct text number = TEXT_INIT;
    text_printf(&number, "%zu", index + 1);
    phrase_formula(phrase, term_is_letter(index) ? letters[index - TERM_I] : number.bytes);
    text_release(&number);
}

static void add_rule(struct explanation *explanation, const struct ways *ways)
{
    struct block *block = document_add(explanation->document, BLOCK_FRACTIONS);
    block->sign = "=";
    phrase_partial(&block->first, ways->top, ways->start);
    for (size_t i = 1; i <= ways_factors(ways); i++) {
        if (i > 1)
            phrase_formula(&block->second, " · ");
        if (i <= ways->count && ways_part(ways, i))
            explain_sum_sign(&block->second, ways->stages[i - 1].letter);
        struct element from = ways_element(ways, i - 1);
        phrase_partial(&block->second, i < ways_factors(ways) ? ways_element(ways, i) : ways->top,
                       from);
    }
}

/* "each of the 3 units of layer 2 (k)" */
static void add_spread(struct phrase *phrase, const struct ways *ways, size_t stage)
{
    const struct ways_stage *of = &ways->stages[stage];
    struct nb_quantity quantity;
    nb_quantity_get(ways->net, of->id, &quantity);
    phrase_printf(phrase, "each of the %zu ", of->count);
    if (of->spread == WAYS_SAMPLES)
        phrase_words(phrase, "samples");
    else
        phrase_printf(phrase, "%s of layer %zu", quantity.kind == NB_A ? "outputs" : "units",
                      quantity.layer);
    phrase_words(phrase, " (");
    explain_letter(phrase, of->letter);
    phrase_words(phrase, ")");
}

static void add_spreads(struct explanation *explanation, const struct ways *ways)
{
    struct phrase words = PHRASE_INIT;
    size_t spreads = 0;
    for (size_t i = 0; i < ways->count; i++) {
        if (!ways_part(ways, i + 1))
            continue;
        phrase_words(&words, spreads++ ? ", then " : "Paths go through ");
        add_spread(&words, ways, i);
    }
    if (spreads > 1)
        phrase_printf(&words, ": %.0f in all", ways->paths);
    phrase_words(&words, spreads ? ". Along a path the factors multiply; where paths meet again, "
                                   "they add."
                                 : "Along a path the factors multiply.");
    document_gap(explanation->document);
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
}

/* "What comes back to z²ₖ stands for all that lies beyond: explain delta2[1]" */
static void add_rest(struct explanation *explanation, const struct ways *ways)
{
    struct phrase words = PHRASE_INIT;
    struct way first;
    if (ways->rest == NB_NOWHERE)
        return;
    way_first(ways, &first);
    struct element last = way_element(ways, &first, ways->count);
    phrase_words(&words, "The last factor stands for all that lies beyond, and came there in the "
                         "same way: ");
    explain_see(&words, explanation, (struct element){ ways->rest, last.row, last.col });
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
}

/* ---- With numbers ---- */

/* The ways that are shown: all, or the first two, the largest, and the last. */
struct choice {
    struct way way[PATHS_MOST];
    double number[PATHS_MOST], before[PATHS_MOST]; /* what those left out before come to */
    size_t count;
};

static double product_of(const struct ways *ways, const struct way *way)
{
    double value = 1;
    for (size_t stage = 1; stage <= ways_factors(ways); stage++) {
        struct term *factor = way_factor(ways, way, stage);
        value *= factor ? term_value(ways->net, factor) : 0;
        term_free(&factor);
    }
    return value;
}

static void choose(struct choice *choice, const struct way *way, double number, double before)
{
    choice->way[choice->count] = *way;
    choice->number[choice->count] = number;
    choice->before[choice->count++] = before;
}

/* The largest but for the first two and the last, 0 where all are 0 or too many to look
 * through. */
static double largest_of(const struct ways *ways)
{
    struct way way;
    double best = 0, number = 0;
    if (ways->paths > COMPARE_MOST)
        return 0;
    way_first(ways, &way);
    for (double i = 1; i < ways->paths; i++, way_next(ways, &way)) {
        double size = i > 2 ? fabs(product_of(ways, &way)) : 0;
        number = size > best ? i : number;
        best = size > best ? size : best;
    }
    return number;
}

/* Of many ways, those left out are told of by what they come to; of too many to add up,
 * by what is missing from the total. */
static void choose_some(struct choice *choice, const struct ways *ways, double total)
{
    struct way way;
    double before = 0, largest = largest_of(ways);
    bool added = ways->paths <= COMPARE_MOST;
    way_first(ways, &way);
    for (double i = 1; i < (added ? ways->paths : 3); i++, way_next(ways, &way)) {
        double value = product_of(ways, &way);
        bool chosen = i <= 2 || i == largest;
        if (chosen)
            choose(choice, &way, i, before);
        total -= value;
        before = chosen ? 0 : before + value;
    }
    way_last(ways, &way);
    choose(choice, &way, ways->paths, added ? before : total - product_of(ways, &way));
}

static void choose_ways(struct choice *choice, const struct ways *ways, double total)
{
    struct way way;
    choice->count = 0;
    if (ways->paths > PATHS_MOST) {
        choose_some(choice, ways, total);
        return;
    }
    way_first(ways, &way);
    for (size_t i = 0; i < (size_t)ways->paths; i++, way_next(ways, &way))
        choose(choice, &way, (double)i + 1, 0);
}

static bool same_element(struct element a, struct element b)
{
    return a.id == b.id && a.row == b.row && a.col == b.col;
}

/* Has an earlier way passed here from the same element? */
static bool is_known(const struct ways *ways, const struct choice *choice, size_t index,
                     size_t stage)
{
    const struct way *way = &choice->way[index];
    for (size_t i = 0; i < index; i++) {
        bool rest = stage > ways->count;
        if (same_element(way_element(ways, way, stage - 1),
                         way_element(ways, &choice->way[i], stage - 1)) &&
            (rest || same_element(way_element(ways, way, stage),
                                  way_element(ways, &choice->way[i], stage))))
            return true;
    }
    return false;
}

static void add_place(struct phrase *heading, const struct ways *ways, const struct way *way,
                      size_t stage, bool in_words)
{
    struct nb_quantity quantity;
    nb_quantity_get(ways->net, ways->stages[stage - 1].id, &quantity);
    if (!in_words)
        phrase_element(heading, way_element(ways, way, stage));
    else if (ways->stages[stage - 1].spread == WAYS_SAMPLES)
        phrase_printf(heading, "sample %zu", way->at[stage - 1] + 1);
    else
        phrase_printf(heading, "unit %zu of layer %zu", way->at[stage - 1] + 1, quantity.layer);
}

/* "path 2, through unit 1 of layer 2 and unit 2 of layer 3"; with more places in symbols */
static void add_heading(struct phrase *heading, const struct ways *ways,
                        const struct choice *choice, size_t index)
{
    size_t places = 0, added = 0;
    for (size_t stage = 1; stage <= ways->count; stage++)
        places += ways_part(ways, stage);
    phrase_printf(heading, "path %.0f", choice->number[index]);
    for (size_t stage = 1; stage <= ways->count; stage++) {
        if (!ways_part(ways, stage))
            continue;
        added++;
        phrase_words(heading, added == 1 ? ", through " : added == places ? " and " : ", ");
        add_place(heading, ways, &choice->way[index], stage, places <= 2);
    }
}

static void add_factor(struct explanation *explanation, const struct ways *ways,
                       const struct way *way, size_t stage, struct phrase *heading)
{
    struct entry *entry = document_entry(explanation->document, DOCUMENT_FACTORS, NB_OP_AFFINE);
    bool rest = stage > ways->count;
    phrase_append(&entry->heading, heading);
    phrase_partial(&entry->name, rest ? ways->top : way_element(ways, way, stage),
                   way_element(ways, way, stage - 1));
    entry->term = way_factor(ways, way, stage);
    entry->result = entry->term ? term_value(ways->net, entry->term) : 0;
}

/* Where ways part: what comes before is the same for all. */
static size_t common_stages(const struct ways *ways)
{
    size_t stage = 0;
    while (stage < ways->count && !ways_part(ways, stage + 1))
        stage++;
    return stage;
}

static void add_all_factors(struct explanation *explanation, const struct ways *ways,
                            const struct choice *choice)
{
    struct phrase heading = PHRASE_INIT;
    size_t common = common_stages(ways);
    for (size_t i = 0; i < choice->count; i++)
        for (size_t stage = 1; stage <= ways_factors(ways); stage++) {
            if (stage > common && stage == common + 1) {
                phrase_release(&heading);
                add_heading(&heading, ways, choice, i);
            }
            if (!is_known(ways, choice, i, stage))
                add_factor(explanation, ways, &choice->way[i], stage, &heading);
        }
    phrase_release(&heading);
}

static void add_paths(struct explanation *explanation, const struct ways *ways,
                      const struct choice *choice, struct phrase *name, double value)
{
    struct document *document = explanation->document;
    struct block *block = document_add(document, BLOCK_PATHS);
    phrase_append(&block->first, name);
    block->value = value;
    for (size_t i = 0; i < choice->count; i++) {
        struct path path = { .number = choice->number[i], .before = choice->before[i] };
        for (size_t stage = 1; stage <= ways_factors(ways); stage++)
            path_add(document, &path, way_factor(ways, &choice->way[i], stage));
        block_add_path(document, block, &path);
    }
}

void explain_ways_rule(struct explanation *explanation, const struct ways *ways)
{
    document_section(explanation->document, "The chain rule");
    add_rule(explanation, ways);
    add_spreads(explanation, ways);
    add_rest(explanation, ways);
}

void explain_ways_numbers(struct explanation *explanation, const struct ways *ways,
                          struct phrase *name, double value)
{
    struct choice choice;
    bool single = ways->paths == 1;
    choose_ways(&choice, ways, value);
    document_section(explanation->document, "Each factor");
    add_all_factors(explanation, ways, &choice);
    document_section(explanation->document, single ? "Multiplied" : "Path by path");
    add_paths(explanation, ways, &choice, name, value);
}
