/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivations for a general index, in symbols:
 *
 *     δ¹ⱼ   = ∂L/∂z¹ⱼ                     the definition
 *           = Σₖ ∂L/∂z²ₖ · ∂z²ₖ/∂z¹ⱼ      z¹ⱼ acts through every z²ₖ
 *           ...
 *
 * Each kind of derivative has a table of lines, which hold places for symbols:
 *
 *     {z}      an element, by the names of element_of()
 *     <L/z>    a quotient ∂L/∂z of two of them
 *     ^k       the sign of a sum, and $k its letter: k over the next layer, m over a
 *              dummy, i over the samples, s over a second sample; $u the unit's letter
 *     $f       the activation; $slope its derivative by a; $loss ∂L/∂a; $self the element's
 *              term; $root √(var + ε); $slopewords and $losswords: how they are defined
 *     $n       1/n in a batch, $( and $) brackets there
 */
#include <string.h>

#include "formula/build.h"
#include "formula/explain.h"
#include "formula/general.h"
#include "formula/layout.h"
#include "formula/words.h"

enum when {
    ALWAYS = 0,
    DROPOUT = 1,    /* the layer has dropout */
    NO_DROPOUT = 2, /* it has not */
    CURVED = 4,     /* its activation is not linear */
    LINEAR = 8,
    SMOOTH = 16,  /* its derivative is written by a */
    UNIT_SUM = 32 /* targets sum to 1 */
};

struct line {
    unsigned when;
    const char *formula, *reason;
};

/* What comes back to a z or u of a hidden layer. */
static const struct line hidden_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "^k<L/Z> · <Z/z>", "{z} acts through every {Z}" },
    { ALWAYS, "^k{D} · <Z/z>", "{D} = <L/Z>" },
    { NO_DROPOUT, "^k{D} · <Z/a> · <a/z>", "and there through {a}" },
    { DROPOUT, "^k{D} · <Z/h> · <h/a> · <a/z>", "through {a} and {h}" },
    { NO_DROPOUT, "^k{D} · {W} · <a/z>", "{Z} = ^m{hm}·{Wm} + {B}" },
    { DROPOUT, "^k{D} · {W} · <h/a> · <a/z>", "{Z} = ^m{hm}·{Wm} + {B}" },
    { DROPOUT, "^k{D} · {W} · {mask} · <a/z>", "{h} = {a}·{mask}" },
    { CURVED | NO_DROPOUT, "^k{D} · {W} · $f'({z})", "{a} = $f({z})" },
    { CURVED | DROPOUT, "^k{D} · {W} · {mask} · $f'({z})", "{a} = $f({z})" },
    { CURVED | NO_DROPOUT, "$f'({z}) · ^k{W}·{D}", "the same for every $k" },
    { CURVED | DROPOUT, "$f'({z}) · {mask} · ^k{W}·{D}", "the same for every $k" },
    { SMOOTH | NO_DROPOUT, "$slope · ^k{W}·{D}", "$slopewords" },
    { SMOOTH | DROPOUT, "$slope · {mask} · ^k{W}·{D}", "$slopewords" },
    { LINEAR | NO_DROPOUT, "^k{W}·{D}", "{a} = {z}" },
    { LINEAR | DROPOUT, "{mask} · ^k{W}·{D}", "{a} = {z}, the same for every $k" },
    { 0, NULL, NULL },
};

/* Of the output, where its units stand alone. */
static const struct line output_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "<L/a> · <a/z>", "{z} acts through {a} alone" },
    { ALWAYS, "$loss · <a/z>", "$losswords" },
    { CURVED, "$loss · $f'({z})", "{a} = $f({z})" },
    { SMOOTH, "$loss · $slope", "$slopewords" },
    { LINEAR, "$loss", "{a} = {z}" },
    { 0, NULL, NULL },
};

static const struct line softmax_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "^m<L/om> · <om/z>", "every output reads {z}" },
    { ALWAYS, "^m<L/om> · {om}·((1 \"where\" $m = $u) − {a})", "the softmax" },
    { ALWAYS, "{a}·(<L/a> − ^m<L/om>·{om})", "summed up" },
    { 0, NULL, NULL },
};

static const struct line cross_entropy_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "^m<L/om> · <om/z>", "every output reads {z}" },
    { ALWAYS, "−$n^m{ym}/{om} · <om/z>", "$losswords" },
    { ALWAYS, "−$n^m{ym}/{om} · {om}·((1 \"where\" $m = $u) − {a})", "the softmax" },
    { ALWAYS, "−$n^m{ym}·((1 \"where\" $m = $u) − {a})", "{om} cancels" },
    { ALWAYS, "$n$({a}·^m{ym} − {y}$)", "summed up" },
    { UNIT_SUM, "$n$({a} − {y}$)", "^m{ym} = 1" },
    { 0, NULL, NULL },
};

static const struct line sigmoid_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "<L/a> · <a/z>", "{z} acts through {a} alone" },
    { ALWAYS, "−$n{y}/{a} · <a/z>", "$losswords" },
    { ALWAYS, "−$n{y}/{a} · {a}·(1 − {a})", "$slopewords" },
    { ALWAYS, "−$n{y}·(1 − {a})", "{a} cancels" },
    { 0, NULL, NULL },
};

static const struct line binary_lines[] = {
    { ALWAYS, "<L/z>", "the definition" },
    { ALWAYS, "<L/a> · <a/z>", "{z} acts through {a} alone" },
    { ALWAYS, "$n((1 − {y})/(1 − {a}) − {y}/{a}) · <a/z>", "the loss" },
    { ALWAYS, "$n({a} − {y})/({a}·(1 − {a})) · <a/z>", "as one fraction" },
    { ALWAYS, "$n({a} − {y})/({a}·(1 − {a})) · {a}·(1 − {a})", "$slopewords" },
    { ALWAYS, "$n$({a} − {y}$)", "which cancels" },
    { 0, NULL, NULL },
};

static const struct line batchnorm_lines[] = {
    { ALWAYS, "<L/z0>", "the definition" },
    { ALWAYS, "^s<L/us> · <us/z0>", "it moves every {us}" },
    { ALWAYS, "^s{dus} · {gamma} · <xs/z0>", "{us} = {gamma}·{xs} + {beta}" },
    { ALWAYS, "^s{dus}·{gamma}·((1 \"where\" $s = $i) − 1/n − {xh}·{xs}/n)/$root",
      "mean and variance move too" },
    { ALWAYS, "$self", "^s{dus} = {dbeta}, ^s{dus}·{xs} = {dgamma}" },
    { 0, NULL, NULL },
};

static const struct line handed_lines[] = {
    { ALWAYS, "^k<L/Z> · <Z/h>", "{h} acts through every {Z}" },
    { ALWAYS, "^k{D} · <Z/h>", "{D} = <L/Z>" },
    { ALWAYS, "^k{D} · {W}", "{Z} = ^m{hm}·{Wm} + {B}" },
    { 0, NULL, NULL },
};

static const struct line dropped_lines[] = {
    { ALWAYS, "<L/h> · <h/a>", "{a} acts through {h} alone" },
    { ALWAYS, "<L/h> · {mask}", "{h} = {a}·{mask}" },
    { 0, NULL, NULL },
};

static const struct line loss_lines[] = {
    { ALWAYS, "$loss", "$losswords" },
    { 0, NULL, NULL },
};

static const struct line weight_lines[] = {
    { ALWAYS, "^i<L/z0> · <z0/w>", "{w} acts through {z0} alone" },
    { ALWAYS, "^i{delta} · <z0/w>", "{delta} = <L/z0>" },
    { ALWAYS, "^i{delta} · {x}", "{z0} = ^m{xm}·{wm} + {b}" },
    { 0, NULL, NULL },
};

static const struct line bias_lines[] = {
    { ALWAYS, "^i<L/z0> · <z0/b>", "{b} acts through {z0} alone" },
    { ALWAYS, "^i{delta} · <z0/b>", "{delta} = <L/z0>" },
    { ALWAYS, "^i{delta}", "{z0} = ^m{xm}·{wm} + {b}" },
    { 0, NULL, NULL },
};

static const struct line gamma_lines[] = {
    { ALWAYS, "^i<L/z> · <z/gamma>", "it acts through every {z}" },
    { ALWAYS, "^i<L/z> · {xh}", "{z} = {gamma}·{xh} + {beta}" },
    { 0, NULL, NULL },
};

static const struct line beta_lines[] = {
    { ALWAYS, "^i<L/z> · <z/beta>", "it acts through every {z}" },
    { ALWAYS, "^i<L/z>", "{z} = {gamma}·{xh} + {beta}" },
    { 0, NULL, NULL },
};

/* A derivation on its way: where it is, and the letters that are free. */
struct general {
    struct explanation *explanation;
    const struct nb_net *net;
    struct nb_quantity quantity;
    struct element element;
    size_t row, unit, source;  /* letters or places; source of a weight */
    size_t next, dummy, other; /* letters of sums */
    unsigned holds;            /* of enum when */
    bool single;               /* of one sample, which is left out */
};

/* ---- Elements by name ---- */

/* At which indices a named element stands. */
enum at { AT_UNIT, AT_NEXT, AT_DUMMY, AT_OTHER, AT_SOURCE, AT_SHARED };

static size_t before_of(const struct nb_net *net, size_t layer)
{
    return build_before(net, layer);
}

static size_t output_of(const struct nb_net *net, size_t layer)
{
    return build_output(net, layer);
}

static size_t below_of(const struct nb_net *net, size_t layer)
{
    return build_below(net, layer);
}

/* Of the layer, or `above` it; a quantity of a kind, or one that depends on the layer. */
static const struct name {
    const char *name;
    enum nb_quantity_kind kind;
    size_t (*find)(const struct nb_net *net, size_t layer);
    enum at at;
    bool above;
} names[] = {
    { "z", NB_Z, before_of, AT_UNIT, false },
    { "z0", NB_Z, NULL, AT_UNIT, false },
    { "a", NB_A, NULL, AT_UNIT, false },
    { "h", NB_A, output_of, AT_UNIT, false },
    { "hm", NB_A, output_of, AT_DUMMY, false },
    { "om", NB_A, NULL, AT_DUMMY, false },
    { "mask", NB_MASK, NULL, AT_UNIT, false },
    { "delta", NB_DELTA, NULL, AT_UNIT, false },
    { "y", NB_Y, NULL, AT_UNIT, false },
    { "ym", NB_Y, NULL, AT_DUMMY, false },
    { "x", NB_X, below_of, AT_SOURCE, false },
    { "xm", NB_X, below_of, AT_DUMMY, false },
    { "xh", NB_XHAT, NULL, AT_UNIT, false },
    { "xs", NB_XHAT, NULL, AT_OTHER, false },
    { "us", NB_U, NULL, AT_OTHER, false },
    { "dus", NB_DU, NULL, AT_OTHER, false },
    { "b", NB_B, NULL, AT_SHARED, false },
    { "gamma", NB_GAMMA, NULL, AT_SHARED, false },
    { "beta", NB_BETA, NULL, AT_SHARED, false },
    { "dgamma", NB_DGAMMA, NULL, AT_SHARED, false },
    { "dbeta", NB_DBETA, NULL, AT_SHARED, false },
    { "var", NB_VAR, NULL, AT_SHARED, false },
    { "da", NB_DA, NULL, AT_UNIT, false },
    { "dh", NB_DH, NULL, AT_UNIT, false },
    { "du", NB_DU, NULL, AT_UNIT, false },
    { "dw", NB_DW, NULL, AT_SOURCE, false },
    { "db", NB_DB, NULL, AT_SHARED, false },
    { "mu", NB_MU, NULL, AT_SHARED, false },
    { "Z", NB_Z, NULL, AT_NEXT, true },
    { "D", NB_DELTA, NULL, AT_NEXT, true },
};

static struct element place_named(const struct general *general, const struct name *name)
{
    size_t layer = general->quantity.layer + name->above;
    bool layered = nb_quantity_rows()[name->kind].layered;
    struct element at = { name->find
                              ? name->find(general->net, layer)
                              : nb_quantity_id(general->net, name->kind, layered ? layer : 0),
                          general->row, general->unit };
    if (name->at == AT_NEXT)
        at.col = general->next;
    if (name->at == AT_DUMMY)
        at.col = general->dummy;
    if (name->at == AT_SOURCE)
        at.col = general->source;
    if (name->at == AT_OTHER)
        at.row = general->other;
    if (name->at == AT_SHARED)
        at.row = 0;
    return at;
}

/* Weights have indices of their own: w to the unit, W from it, wm and Wm of a dummy. */
static struct element weight_named(const struct general *general, const char *name)
{
    bool above = name[0] == 'W', dummy = name[1] == 'm', bias = name[0] == 'B';
    size_t layer = general->quantity.layer + (above || bias);
    struct element at = { nb_quantity_id(general->net, bias ? NB_B : NB_W, layer),
                          bias    ? 0
                          : dummy ? general->dummy
                          : above ? general->unit
                                  : general->source,
                          above || bias ? general->next : general->unit };
    return at;
}

static struct element element_of(const struct general *general, const char *name)
{
    if (strcmp(name, "L") == 0)
        return (struct element){ nb_quantity_id(general->net, NB_LOSS_VALUE, 0), 0, 0 };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return place_named(general, &names[i]);
    return weight_named(general, name);
}

size_t explain_named_id(const struct nb_net *net, size_t layer, const char *name)
{
    const struct general general = { .net = net, .quantity = { .layer = layer } };
    return element_of(&general, name).id;
}

/* ---- Lines ---- */

static void add_words(struct phrase *phrase, const char *words, size_t length, bool formula)
{
    struct text text = TEXT_INIT;
    text_add_part(&text, words, length);
    (formula ? phrase_formula : phrase_words)(phrase, text.bytes);
    text_release(&text);
}

/* Brackets may hold symbols, so each is a part of its own. */
static void add_formula(struct phrase *phrase, const char *formula, size_t length)
{
    while (length) {
        size_t part = 0;
        while (part < length && formula[part] != '(' && formula[part] != ')')
            part++;
        add_words(phrase, formula, part, true);
        if (part < length)
            phrase_bracket(phrase, formula[part], formula[part] == ')');
        part += part < length;
        formula += part;
        length -= part;
    }
}

/* The name between `at` and `end`. */
static struct element element_between(const struct general *general, const char *at,
                                      const char *end)
{
    char name[16] = "";
    memcpy(name, at, (size_t)(end - at) < sizeof name ? (size_t)(end - at) : sizeof name - 1);
    return element_of(general, name);
}

static size_t letter_of(const struct general *general, char which)
{
    switch (which) {
    case 'k':
        return general->next;
    case 'm':
        return general->dummy;
    case 's':
        return general->other;
    case 'i':
        return general->row;
    default:
        return general->unit;
    }
}

static void add_sum(const struct general *general, struct phrase *phrase, char which)
{
    size_t letter = letter_of(general, which);
    if (term_is_letter(letter))
        explain_sum_sign(phrase, letter);
}

/* Words of a loss or an activation begin a reason. */
static void add_loss_words(const struct general *general, struct phrase *phrase)
{
    phrase_formula(phrase, "L = ");
    phrase_formula(phrase, words_of_loss(general->net)->formula);
}

/* ŷ − y, in brackets where more follows. */
static void add_loss_slope(const struct general *general, struct phrase *phrase, bool factor)
{
    struct term *term = build_loss_gradient(general->net, general->row, general->unit);
    bool bracket = term && factor && term->kind == TERM_SUM;
    if (bracket)
        phrase_bracket(phrase, '(', false);
    phrase_term(phrase, term, RENDER_SYMBOLS, true);
    if (bracket)
        phrase_bracket(phrase, ')', true);
}

static void add_special(const struct general *general, struct phrase *phrase, const char *word,
                        size_t length)
{
    size_t layer = general->quantity.layer;
    const struct activation_words *words = words_of_activation(general->net, layer);
    bool batch = build_rows(general->net) > 1;
    if (strncmp(word, "slopewords", length) == 0 && length > 5)
        phrase_words(phrase, words->slope);
    else if (strncmp(word, "losswords", length) == 0 && length > 5)
        add_loss_words(general, phrase);
    else if (strncmp(word, "slope", length) == 0 && length > 1)
        phrase_factor(phrase, build_slope(general->net, layer, general->row, general->unit),
                      RENDER_SYMBOLS);
    else if (strncmp(word, "loss", length) == 0 && length > 1)
        add_loss_slope(general, phrase, word[length] != '\0');
    else if (strncmp(word, "self", length) == 0 && length > 1)
        phrase_term(phrase, general_term(general->net, general->quantity.op, general->element),
                    RENDER_SYMBOLS, true);
    else if (strncmp(word, "root", length) == 0 && length > 1)
        phrase_term(phrase, build_deviation(general->net, layer, general->unit), RENDER_SYMBOLS,
                    true);
    else if (*word == 'f')
        phrase_formula(phrase, words->sign);
    else if (*word == 'n')
        phrase_formula(phrase, batch ? "1/n · " : "");
    else if ((*word == '(' || *word == ')') && batch)
        phrase_bracket(phrase, *word, *word == ')');
    else if (*word == '(' || *word == ')')
        return;
    else
        explain_letter(phrase, letter_of(general, *word));
}

static size_t special_length(const char *word)
{
    static const char *const specials[] = { "slopewords", "losswords", "slope",
                                            "loss",       "self",      "root" };
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
        if (strncmp(word, specials[i], strlen(specials[i])) == 0)
            return strlen(specials[i]);
    return 1;
}

/* One place for a symbol; receives how long it is. */
static size_t add_place(const struct general *general, struct phrase *phrase, const char *at)
{
    const char *end = strchr(at, *at == '<' ? '>' : '}'), *slash = strchr(at, '/');
    if (*at == '{') {
        phrase_element(phrase, element_between(general, at + 1, end));
        return (size_t)(end - at) + 1;
    }
    if (*at == '<') {
        phrase_partial(phrase, element_between(general, at + 1, slash),
                       element_between(general, slash + 1, end));
        return (size_t)(end - at) + 1;
    }
    if (*at == '^') {
        add_sum(general, phrase, at[1]);
        return 2;
    }
    size_t length = special_length(at + 1);
    add_special(general, phrase, at + 1, length);
    return length + 1;
}

static void expand(const struct general *general, struct phrase *phrase, const char *pattern,
                   bool formula)
{
    while (*pattern) {
        size_t length = strcspn(pattern, "{<^$");
        if (formula)
            add_formula(phrase, pattern, length);
        else
            add_words(phrase, pattern, length, false);
        pattern += length;
        if (*pattern)
            pattern += add_place(general, phrase, pattern);
    }
}

/* ---- Which lines ---- */

static bool is_output(const struct general *general)
{
    return general->quantity.layer == nb_net_spec(general->net)->layers;
}

static const struct line *lines_of_output(const struct general *general)
{
    const struct nb_spec *spec = nb_net_spec(general->net);
    bool softmax = spec->layer[spec->layers - 1].activation == NB_SOFTMAX;
    if (spec->loss == NB_BINARY_CROSS_ENTROPY)
        return binary_lines;
    if (spec->loss == NB_CROSS_ENTROPY)
        return softmax ? cross_entropy_lines : sigmoid_lines;
    return softmax ? softmax_lines : output_lines;
}

/* NULL: it is no derivative of the loss. */
static const struct line *lines_of(const struct general *general)
{
    size_t layer = general->quantity.layer;
    bool batchnorm = nb_quantity_id(general->net, NB_U, layer) != NB_NOWHERE;
    bool dropout = nb_quantity_id(general->net, NB_H, layer) != NB_NOWHERE;
    switch (general->quantity.kind) {
    case NB_DELTA:
        if (batchnorm)
            return batchnorm_lines;
        return is_output(general) ? lines_of_output(general) : hidden_lines;
    case NB_DU:
        return is_output(general) ? lines_of_output(general) : hidden_lines;
    case NB_DA:
        return is_output(general) ? loss_lines : dropout ? dropped_lines : handed_lines;
    case NB_DH:
        return handed_lines;
    case NB_DW:
        return weight_lines;
    case NB_DB:
        return bias_lines;
    case NB_DGAMMA:
        return gamma_lines;
    case NB_DBETA:
        return beta_lines;
    default:
        return NULL;
    }
}

static unsigned what_holds(const struct general *general)
{
    static const bool smooth[] = {
        [NB_SIGMOID] = true, [NB_TANH] = true, [NB_LECUN] = true, [NB_SOFTMAX] = false
    };
    size_t layer = general->quantity.layer;
    enum nb_activation activation = nb_net_spec(general->net)->layer[layer - 1].activation;
    bool dropout = nb_quantity_id(general->net, NB_H, layer) != NB_NOWHERE;
    return (dropout ? DROPOUT : NO_DROPOUT) | (activation == NB_LINEAR ? LINEAR : CURVED) |
           (smooth[activation] ? SMOOTH : 0) |
           (build_targets_sum_to_one(general->net, general->row) ? UNIT_SUM : 0);
}

/* A letter for a sum that is not taken yet. */
static size_t free_letter(const struct general *general, const size_t letters[])
{
    while (*letters == general->row || *letters == general->unit || *letters == general->source ||
           *letters == general->next || *letters == general->dummy || *letters == general->other)
        letters++;
    return *letters;
}

/* Of the samples that a derivative by a parameter is summed over. */
static size_t sample_letter(const struct general *general)
{
    static const size_t samples[] = { TERM_I, TERM_S, TERM_R };
    return build_rows(general->net) > 1 ? free_letter(general, samples) : 0;
}

/* Sums over the next layer have the first letter, where there are any. */
static void take_letters(struct general *general, const struct line *lines)
{
    static const size_t next[] = { TERM_K, TERM_M, TERM_P, TERM_R, TERM_S };
    static const size_t others[] = { TERM_M, TERM_P, TERM_R, TERM_S, TERM_K };
    if (lines == hidden_lines || lines == handed_lines)
        general->next = free_letter(general, next);
    if (lines == batchnorm_lines)
        general->other = free_letter(general, others);
    general->dummy = free_letter(general, others);
}

static void general_init(struct general *general, struct explanation *explanation,
                         struct element element)
{
    *general = (struct general){ .explanation = explanation,
                                 .net = explanation->notation.net,
                                 .element = element };
    nb_quantity_get(general->net, element.id, &general->quantity);
    bool weights = symbol_is_matrix(explanation->quantity.kind); /* whose delta this may be */
    bool per_sample = nb_quantity_rows()[general->quantity.kind].per_sample;
    general->unit = element.col;
    general->source = weights ? explanation->element.row : 0;
    general->row = per_sample ? element.row : sample_letter(general);
    const struct line *lines = lines_of(general);
    take_letters(general, lines);
    general->single = per_sample && lines != batchnorm_lines;
    if (lines)
        general->holds = what_holds(general);
}

/* ---- A section ---- */

#define LINES_MOST 20

/* The lines that hold here, each with its reason. */
struct derivation {
    struct phrase formula[LINES_MOST], reason[LINES_MOST];
    size_t count;
};

static void gather(struct derivation *derivation, const struct general *general,
                   const struct line *lines)
{
    derivation->count = 0;
    if (symbol_is_partial(general->quantity.kind) && lines->reason &&
        strcmp(lines->reason, "the definition") == 0)
        lines++; /* it is written as what it is */
    for (; lines->formula; lines++) {
        if ((lines->when & general->holds) != lines->when)
            continue;
        derivation->formula[derivation->count] = (struct phrase)PHRASE_INIT;
        derivation->reason[derivation->count] = (struct phrase)PHRASE_INIT;
        derivation->formula[derivation->count].single = general->single;
        derivation->reason[derivation->count].single = general->single;
        phrase_formula(&derivation->formula[derivation->count], "= ");
        expand(general, &derivation->formula[derivation->count], lines->formula, true);
        expand(general, &derivation->reason[derivation->count++], lines->reason, false);
    }
}

#define COLUMN_GAP 3

static size_t widest(const struct document *document, const struct phrase *phrases, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        size_t wide = phrase_width(&document->notation, &phrases[i]);
        width = wide > width ? wide : width;
    }
    return width;
}

/* In columns where they are not too wide; else each reason below its line. */
static void add_derivation(const struct general *general, struct phrase *name,
                           struct derivation *derivation)
{
    struct document *document = general->explanation->document;
    struct grid *grid;
    size_t width = LAYOUT_INDENT + phrase_width(&document->notation, name) + COLUMN_GAP +
                   widest(document, derivation->formula, derivation->count) + COLUMN_GAP +
                   widest(document, derivation->reason, derivation->count);
    bool below = width > document->columns;
    size_t lines = below ? 2 : 1;
    if (!document_grid(document, lines * derivation->count, below ? 2 : 3, &grid))
        return;
    phrase_append(grid_at(grid, 0, 0), name);
    for (size_t i = 0; i < derivation->count; i++) {
        struct phrase *reason = below ? grid_at(grid, 2 * i + 1, 1) : grid_at(grid, i, 2);
        phrase_append(grid_at(grid, lines * i, 1), &derivation->formula[i]);
        phrase_words(reason, below ? "    " : "");
        phrase_append(reason, &derivation->reason[i]);
    }
}

static void derivation_release(struct derivation *derivation)
{
    for (size_t i = 0; i < derivation->count; i++) {
        phrase_release(&derivation->formula[i]);
        phrase_release(&derivation->reason[i]);
    }
}

static void derive(struct explanation *explanation, struct element element)
{
    struct general general;
    struct derivation derivation;
    general_init(&general, explanation, element);
    const struct line *lines = lines_of(&general);
    struct phrase name = { .single = general.single };
    gather(&derivation, &general, lines);
    phrase_element(&name, element);
    add_derivation(&general, &name, &derivation);
    derivation_release(&derivation);
}

/* A quantity of the forward pass, or what updates carry on: as it is defined, or drawn. */
static void define(struct explanation *explanation, struct element element)
{
    const struct notation *notation = &explanation->notation;
    bool mask = explanation->quantity.kind == NB_MASK;
    bool state = explanation->quantity.role == NB_STATE;
    size_t op = state ? explain_writer(notation->net, element.id) : explanation->quantity.op;
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT, aside = PHRASE_INIT;
    if (op == NB_NOWHERE)
        return;
    document_section(explanation->document, "The definition");
    if (!mask) {
        phrase_element(&left, element);
        phrase_term(&right, general_term(notation->net, op, element), RENDER_SYMBOLS, true);
        document_equation(explanation->document, &left, state ? "←" : "=", &right);
    }
    if (!mask && !state)
        return;
    general_aside(&aside, notation, op);
    document_phrase(explanation->document, BLOCK_NOTE, &aside);
}

/* What a derivation has used without deriving it: the δ of a dw. */
static void add_delta(struct explanation *explanation, struct element element)
{
    struct general general;
    general_init(&general, explanation, element);
    struct element delta = element_of(&general, "delta");
    struct phrase title = PHRASE_INIT;
    if (general.quantity.kind != NB_DW && general.quantity.kind != NB_DB)
        return;
    phrase_words(&title, "And there ");
    phrase_element(&title, delta);
    document_section_of(explanation->document, &title);
    derive(explanation, delta);
}

/* w ← w − η·δ·x, where nothing else takes part. */
static void add_update(struct explanation *explanation, struct element element)
{
    const struct nb_net *net = explanation->notation.net;
    struct element nudged = explain_nudged(net, element);
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT;
    struct general general;
    if (explanation->quantity.kind != NB_DW || !explain_is_plain_update(explanation))
        return;
    general_init(&general, explanation, element);
    document_section(explanation->document, "So the update");
    phrase_element(&left, nudged);
    phrase_element(&right, nudged);
    phrase_formula(&right, " − η·");
    phrase_element(&right, element);
    phrase_formula(&right, " = ");
    phrase_element(&right, nudged);
    phrase_formula(&right, " − η·");
    expand(&general, &right, "^i{delta}·{x}", true);
    document_equation(explanation->document, &left, "←", &right);
}

void explain_general(struct explanation *explanation, struct element element)
{
    bool derivative = explain_is_derivative(explanation->quantity.kind);
    struct general general;
    general_init(&general, explanation, element);
    bool batch = derivative && explanation->notation.style->batch && general.single;
    if (!derivative) {
        define(explanation, element);
        return;
    }
    document_section(explanation->document, "The derivation");
    if (batch)
        document_paragraph(explanation->document,
                           "It is the same for every sample: which one is left out here.");
    if (batch)
        document_gap(explanation->document);
    derive(explanation, element);
    add_delta(explanation, element);
    add_update(explanation, element);
}
