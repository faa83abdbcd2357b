/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole quantities in matrices: the formula in symbols and as one would type it, and
 * the shapes that have to meet.
 *
 *     δ¹ = (δ²·(w²)ᵀ) ∘ σ'(z¹)          (delta2 @ w2') * sigmoid'(z1)
 *
 * Both are patterns with places: {name} a quantity by the names of explain_named_id(),
 * {w'} one transposed, {z⁽ⁱ⁾} a row of one; @ the product of matrices, $f the activation,
 * $( $) brackets and $n "/n" in a batch, $C the number of outputs, $l what the penalty
 * for squares multiplies by.
 */
#include <string.h>

#include "formula/build.h"
#include "formula/explain.h"
#include "formula/words.h"

/* Operands are names with blanks between: w' is transposed, f is f'(z), a@b a product. */
struct matrix_rule {
    const char *symbols, *typed, *operands;
};

static const struct matrix_rule affine_rule = { "{x}@{w} + {b}", "{x} @ {w} + {b}", "x w x@w b" };
static const struct matrix_rule activation_rule = { "$f({z})", "$f({z})", "z" };
static const struct matrix_rule linear_rule = { "{z}", "{z}", "z" };
static const struct matrix_rule dropout_rule = { "{a} ∘ {mask}", "{a} * {mask}", "a mask" };
static const struct matrix_rule mean_rule = { "1/n · Σᵢ {z0⁽ⁱ⁾}", "mean({z0}, 1)", "z0" };
static const struct matrix_rule variance_rule = { "1/n · Σᵢ ({z0⁽ⁱ⁾} − {mu})²",
                                                  "mean(({z0} - {mu})^2, 1)", "z0 mu" };
static const struct matrix_rule normal_rule = { "({z0} − {mu}) / √({var} + ε)",
                                                "({z0} - {mu}) / sqrt({var} + 1e-5)", "z0 mu var" };
static const struct matrix_rule scale_rule = { "{gamma} ∘ {xh} + {beta}", "{gamma} * {xh} + {beta}",
                                               "gamma xh beta" };
static const struct matrix_rule handed_rule = { "{D}@{W'}", "{D} @ {W'}", "D W' D@W'" };
static const struct matrix_rule masked_rule = { "{dh} ∘ {mask}", "{dh} * {mask}", "dh mask" };

/* Of hidden units: curved or linear, with dropout or without. */
static const struct matrix_rule back_rules[2][2] = {
    { { "({D}@{W'}) ∘ $f'({z})", "({D} @ {W'}) * $f'({z})", "D W' D@W' f" },
      { "({D}@{W'}) ∘ {mask} ∘ $f'({z})", "({D} @ {W'}) * {mask} * $f'({z})",
        "D W' D@W' mask f" } },
    { { "{D}@{W'}", "{D} @ {W'}", "D W' D@W'" },
      { "({D}@{W'}) ∘ {mask}", "({D} @ {W'}) * {mask}", "D W' D@W' mask" } },
};

/* ∂L/∂a of the output, by loss. */
static const struct matrix_rule loss_rules[] = {
    [NB_HALF_SSE] = { "$({a} − {y}$)$n", "$({a} - {y}$)$n", "a y" },
    [NB_SSE] = { "2·({a} − {y})$n", "2 * ({a} - {y})$n", "a y" },
    [NB_MSE] = { "2·({a} − {y})/$C$n", "2 * ({a} - {y}) / $C$n", "a y" },
    [NB_CROSS_ENTROPY] = { "−{y}/{a}$n", "-{y} / {a}$n", "a y" },
    [NB_BINARY_CROSS_ENTROPY] = { "$((1 − {y})/(1 − {a}) − {y}/{a}$)$n",
                                  "$((1 - {y}) / (1 - {a}) - {y} / {a}$)$n", "a y" },
};
static const struct matrix_rule output_rule = { "{da} ∘ $f'({z})", "{da} * $f'({z})", "da f" };
static const struct matrix_rule linear_output_rule = { "{da}", "{da}", "da" };
static const struct matrix_rule difference_rule = { "$({a} − {y}$)$n", "$({a} - {y}$)$n", "a y" };
static const struct matrix_rule summed_rule = { "$({a} ∘ Σₖ {y} − {y}$)$n",
                                                "$({a} * sum({y}, 2) - {y}$)$n", "a y" };
static const struct matrix_rule sigmoid_rule = { "−{y} ∘ (1 − {a})$n", "-{y} * (1 - {a})$n",
                                                 "a y" };
static const struct matrix_rule softmax_rule = { "{a} ∘ ({da} − Σₖ {da} ∘ {a})",
                                                 "{a} * ({da} - sum({da} * {a}, 2))", "a da" };
static const struct matrix_rule batchnorm_rule = {
    "{gamma} ∘ ({du} − ({dbeta} + {xh} ∘ {dgamma})/n) / √({var} + ε)",
    "{gamma} * ({du} - ({dbeta} + {xh} * {dgamma}) / rows(x)) / sqrt({var} + 1e-5)",
    "gamma du dbeta xh dgamma var"
};
static const struct matrix_rule weight_rule = { "{x'}@{delta}", "{x'} @ {delta}",
                                                "x' delta x'@delta" };
static const struct matrix_rule turned_rule = { "{delta'}@{x}", "{delta'} @ {x}",
                                                "delta' x delta'@x" };
static const struct matrix_rule bias_rule = { "{delta}", "{delta}", "delta" };
static const struct matrix_rule biases_rule = { "Σᵢ {delta⁽ⁱ⁾}", "sum({delta}, 1)", "delta" };
static const struct matrix_rule gamma_rule = { "Σᵢ {du⁽ⁱ⁾} ∘ {xh⁽ⁱ⁾}", "sum({du} * {xh}, 1)",
                                               "du xh" };
static const struct matrix_rule beta_rule = { "Σᵢ {du⁽ⁱ⁾}", "sum({du}, 1)", "du" };

/* The gradient of the penalty, of weights and of biases: squares, absolute values, both. */
static const struct matrix_rule penalty_rules[2][3] = {
    { { "{dw} + $l·{w}", "{dw} + $l * {w}", "dw w" },
      { "{dw} + λ₁·sign({w})", "{dw} + l1 * sign({w})", "dw w" },
      { "{dw} + $l·{w} + λ₁·sign({w})", "{dw} + $l * {w} + l1 * sign({w})", "dw w" } },
    { { "{db} + $l·{b}", "{db} + $l * {b}", "db b" },
      { "{db} + λ₁·sign({b})", "{db} + l1 * sign({b})", "db b" },
      { "{db} + $l·{b} + λ₁·sign({b})", "{db} + $l * {b} + l1 * sign({b})", "db b" } },
};

/* ---- Which rule ---- */

static bool is_linear(const struct nb_net *net, size_t layer)
{
    return layer && nb_net_spec(net)->layer[layer - 1].activation == NB_LINEAR;
}

static const struct matrix_rule *rule_of_output(const struct nb_net *net)
{
    const struct nb_spec *spec = nb_net_spec(net);
    enum nb_activation activation = spec->layer[spec->layers - 1].activation;
    bool softmax = activation == NB_SOFTMAX;
    if (spec->loss == NB_BINARY_CROSS_ENTROPY)
        return &difference_rule;
    if (spec->loss == NB_CROSS_ENTROPY && !softmax)
        return &sigmoid_rule;
    if (spec->loss == NB_CROSS_ENTROPY)
        return build_targets_sum_to_one(net, TERM_I) ? &difference_rule : &summed_rule;
    if (softmax)
        return &softmax_rule;
    return activation == NB_LINEAR ? &linear_output_rule : &output_rule;
}

static const struct matrix_rule *rule_back(const struct nb_net *net, size_t layer)
{
    bool dropout = nb_quantity_id(net, NB_H, layer) != NB_NOWHERE;
    return layer == nb_net_spec(net)->layers ? rule_of_output(net)
                                             : &back_rules[is_linear(net, layer)][dropout];
}

static const struct matrix_rule *rule_forward(enum nb_quantity_kind kind, bool linear)
{
    static const struct matrix_rule *const rules[NB_QUANTITY_KINDS] = {
        [NB_MU] = &mean_rule,    [NB_VAR] = &variance_rule, [NB_XHAT] = &normal_rule,
        [NB_U] = &scale_rule,    [NB_H] = &dropout_rule,    [NB_DGAMMA] = &gamma_rule,
        [NB_DBETA] = &beta_rule, [NB_Z] = &affine_rule,     [NB_A] = &activation_rule,
    };
    return kind == NB_A && linear ? &linear_rule : rules[kind];
}

/* NULL: the gradients are clipped, and no more. */
static const struct matrix_rule *rule_of_gradient(const struct nb_net *net, bool biases)
{
    const struct nb_learning *learning = nb_net_learning(net);
    bool squares = learning->l2 != 0 && learning->optimizer != NB_ADAMW;
    bool absolute = learning->l1 != 0;
    if (!squares && !absolute)
        return NULL;
    return &penalty_rules[biases][squares && absolute ? 2 : absolute];
}

/* NULL: there is no formula but the operation's own. */
static const struct matrix_rule *rule_of(const struct explanation *explanation)
{
    const struct nb_net *net = explanation->notation.net;
    size_t layer = explanation->quantity.layer;
    bool batchnorm = nb_quantity_id(net, NB_U, layer) != NB_NOWHERE;
    bool output = layer == nb_net_spec(net)->layers,
         dropout = nb_quantity_id(net, NB_H, layer) != NB_NOWHERE;
    switch (explanation->quantity.kind) {
    case NB_DELTA:
        return batchnorm ? &batchnorm_rule : rule_back(net, layer);
    case NB_DU:
        return rule_back(net, layer);
    case NB_DA:
        return output ? &loss_rules[nb_net_spec(net)->loss] : dropout ? &masked_rule : &handed_rule;
    case NB_DH:
        return &handed_rule;
    case NB_DW:
        return explanation->notation.style->to_from ? &turned_rule : &weight_rule;
    case NB_GW:
    case NB_GB:
        return rule_of_gradient(net, explanation->quantity.kind == NB_GB);
    case NB_DB:
        return build_rows(net) > 1 ? &biases_rule : &bias_rule;
    default:
        return rule_forward(explanation->quantity.kind, is_linear(net, layer));
    }
}

/* ---- Patterns ---- */

/* A name with or without ', between `at` and the bracket behind it. */
struct operand {
    size_t id;
    bool turned; /* as it is shown, where weights may be turned already */
    bool row;    /* its row i */
};

static struct operand operand_of(const struct explanation *explanation, const char *at,
                                 size_t length)
{
    char name[16] = "";
    struct nb_quantity quantity;
    size_t stem = strcspn(at, "'⁽}");
    stem = stem < length ? stem : length;
    bool turned = stem < length && at[stem] == '\'', row = stem < length && !turned;
    memcpy(name, at, stem < sizeof name ? stem : sizeof name - 1);
    size_t id = explain_named_id(explanation->notation.net, explanation->quantity.layer, name);
    nb_quantity_get(explanation->notation.net, id, &quantity);
    bool shown_turned = explanation->notation.style->to_from && symbol_is_matrix(quantity.kind);
    return (struct operand){ id, turned != shown_turned, row };
}

/* w², (w²)ᵀ, xᵀ */
static void add_symbol(struct phrase *phrase, const struct explanation *explanation,
                       struct operand operand)
{
    struct nb_quantity quantity;
    nb_quantity_get(explanation->notation.net, operand.id, &quantity);
    bool bracket = operand.turned && quantity.layer;
    if (bracket)
        phrase_bracket(phrase, '(', false);
    if (operand.row)
        phrase_element(phrase, (struct element){ operand.id, TERM_I, NB_NOWHERE });
    else
        phrase_whole(phrase, operand.id);
    if (bracket)
        phrase_bracket(phrase, ')', true);
    phrase_formula(phrase, operand.turned ? "ᵀ" : "");
}

static void add_typed(struct phrase *phrase, const struct explanation *explanation,
                      struct operand operand)
{
    struct nb_quantity quantity;
    nb_quantity_get(explanation->notation.net, operand.id, &quantity);
    phrase_code(phrase, quantity.name);
    phrase_code(phrase, operand.turned ? "'" : "");
}

static const char *activation_name(const struct explanation *explanation)
{
    size_t count;
    const struct nb_spec *spec = nb_net_spec(explanation->notation.net);
    return nb_activations(&count)[spec->layer[explanation->quantity.layer - 1].activation].name;
}

/* λ, 2·λ, λ/N */
static void add_share(struct text *text, const struct nb_net *net, bool typed)
{
    const struct nb_learning *learning = nb_net_learning(net);
    size_t samples = learning->samples ? learning->samples : build_rows(net);
    if (learning->l2_form == NB_L2_FULL)
        text_add(text, typed ? "2 * " : "2·");
    text_add(text, typed ? "l2" : "λ");
    if (learning->l2_form == NB_L2_PER_SAMPLE && typed)
        text_printf(text, " / %zu", samples);
    else if (learning->l2_form == NB_L2_PER_SAMPLE)
        text_add(text, "/N");
}

static void add_bracket(struct phrase *phrase, char bracket, bool typed)
{
    const char string[] = { bracket, '\0' };
    if (typed)
        phrase_code(phrase, string);
    else
        phrase_bracket(phrase, bracket, bracket == ')');
}

/* In ASCII * is what multiplies element by element. */
static void add_product(struct phrase *phrase, const struct explanation *explanation)
{
    phrase_formula(phrase, explanation->notation.unicode ? "·" : " @ ");
}

static void add_special(struct phrase *phrase, const struct explanation *explanation, char which,
                        bool typed)
{
    const struct nb_net *net = explanation->notation.net;
    const struct nb_spec *spec = nb_net_spec(net);
    struct text text = TEXT_INIT;
    const char *sign = words_of_activation(net, explanation->quantity.layer)->sign;
    bool bracket = which == '(' || which == ')', batch = build_rows(net) > 1;
    if (bracket && batch)
        add_bracket(phrase, which, typed);
    if (bracket)
        return;
    if (which == 'f')
        text_add(&text, typed ? activation_name(explanation) : sign);
    else if (which == 'l')
        add_share(&text, net, typed);
    else if (which == 'C')
        text_printf(&text, "%zu", spec->layer[spec->layers - 1].units);
    else if (batch)
        text_add(&text, typed ? " / rows(x)" : "/n");
    (typed ? phrase_code : phrase_formula)(phrase, text.bytes);
    text_release(&text);
}

static void add_plain(struct phrase *phrase, const struct explanation *explanation, const char *at,
                      size_t length, bool typed)
{
    for (size_t i = 0; i < length;) {
        struct text text = TEXT_INIT;
        size_t part = strcspn(at + i, typed ? "" : "()@");
        part = part < length - i ? part : length - i;
        text_add_part(&text, at + i, part);
        (typed ? phrase_code : phrase_formula)(phrase, text.bytes);
        text_release(&text);
        i += part;
        if (i < length && at[i] == '@')
            add_product(phrase, explanation);
        else if (i < length)
            add_bracket(phrase, at[i], false);
        i += i < length;
    }
}

static void expand(struct phrase *phrase, const struct explanation *explanation,
                   const char *pattern, bool typed)
{
    while (*pattern) {
        size_t length = strcspn(pattern, "{$");
        add_plain(phrase, explanation, pattern, length, typed);
        pattern += length;
        if (*pattern == '{') {
            length = strcspn(++pattern, "}");
            (typed ? add_typed : add_symbol)(phrase, explanation,
                                             operand_of(explanation, pattern, length));
            pattern += length + 1;
        } else if (*pattern) {
            add_special(phrase, explanation, pattern[1], typed);
            pattern += 2;
        }
    }
}

/* ---- Shapes ---- */

struct shape {
    size_t rows, cols;
    const char *row_words, *col_words;
    size_t row_layer, col_layer; /* 0: the inputs, or no matter */
};

static struct shape shape_of(const struct explanation *explanation, struct operand operand)
{
    struct nb_quantity quantity;
    nb_quantity_get(explanation->notation.net, operand.id, &quantity);
    bool matrix = symbol_is_matrix(quantity.kind);
    bool per_sample = nb_quantity_rows()[quantity.kind].per_sample;
    struct shape shape = { .rows = quantity.rows, .cols = quantity.cols };
    shape.row_words = matrix ? quantity.layer > 1 ? "unit" : "input" : per_sample ? "sample" : NULL;
    shape.row_layer = matrix ? quantity.layer - 1 : 0;
    shape.col_words = quantity.kind == NB_X ? "input" : quantity.kind == NB_Y ? "output" : "unit";
    shape.col_layer = quantity.layer;
    bool swap = operand.turned != (matrix && explanation->notation.style->to_from);
    if (!swap)
        return shape;
    return (struct shape){ shape.cols,      shape.rows,      shape.col_words,
                           shape.row_words, shape.col_layer, shape.row_layer };
}

/* "3 units of layer 2" */
static void add_count(struct phrase *phrase, size_t count, const char *words, size_t layer)
{
    phrase_printf(phrase, "%zu ", count);
    phrase_printf(phrase, count == 1 ? "%s" : "%ss", words);
    if (layer && strcmp(words, "unit") == 0)
        phrase_printf(phrase, " of layer %zu", layer);
}

/* "1 sample × 3 units of layer 2" */
static void add_shape_words(struct phrase *phrase, const struct shape *shape)
{
    if (!shape->row_words) {
        phrase_printf(phrase, "one for each unit of layer %zu", shape->col_layer);
        return;
    }
    add_count(phrase, shape->rows, shape->row_words, shape->row_layer);
    phrase_words(phrase, " × ");
    add_count(phrase, shape->cols, shape->col_words, shape->col_layer);
}

static void add_shape(struct phrase *phrase, size_t rows, size_t cols)
{
    phrase_printf(phrase, "$%zu×%zu$", rows, cols);
}

/* A product of two operands, what they have in common being summed over. */
static void add_product_row(struct grid *grid, size_t row, const struct explanation *explanation,
                            struct operand left, struct operand right)
{
    struct shape first = shape_of(explanation, left), second = shape_of(explanation, right);
    struct phrase *symbols = grid_at(grid, row, 0), *words = grid_at(grid, row, 2);
    add_symbol(symbols, explanation, left);
    add_product(symbols, explanation);
    add_symbol(symbols, explanation, right);
    add_shape(grid_at(grid, row, 1), first.rows, second.cols);
    phrase_words(words, "summed over ");
    add_count(words, first.cols, first.col_words, first.col_layer);
}

static void add_operand_row(struct grid *grid, size_t row, const struct explanation *explanation,
                            struct operand operand)
{
    struct shape shape = shape_of(explanation, operand);
    add_symbol(grid_at(grid, row, 0), explanation, operand);
    add_shape(grid_at(grid, row, 1), shape.rows, shape.cols);
    add_shape_words(grid_at(grid, row, 2), &shape);
}

/* f'(z): as z. */
static void add_slope_row(struct grid *grid, size_t row, const struct explanation *explanation)
{
    struct operand z = operand_of(explanation, "z", 1);
    struct shape shape = shape_of(explanation, z);
    expand(grid_at(grid, row, 0), explanation, "$f'({z})", false);
    add_shape(grid_at(grid, row, 1), shape.rows, shape.cols);
    phrase_words(grid_at(grid, row, 2), "element by element");
}

static size_t count_words(const char *words)
{
    size_t count = 1;
    for (; *words; words++)
        count += *words == ' ';
    return count;
}

static void add_shapes(struct explanation *explanation, const char *operands)
{
    struct grid *grid;
    size_t rows = count_words(operands), row = 0;
    document_section(explanation->document, "The shapes");
    if (!document_grid(explanation->document, rows + 1, 3, &grid))
        return;
    for (const char *at = operands; *at; row++) {
        size_t length = strcspn(at, " "), first = strcspn(at, "@ ");
        if (length == 1 && *at == 'f')
            add_slope_row(grid, row, explanation);
        else if (first < length)
            add_product_row(grid, row, explanation, operand_of(explanation, at, first),
                            operand_of(explanation, at + first + 1, length - first - 1));
        else
            add_operand_row(grid, row, explanation, operand_of(explanation, at, length));
        at += length + (at[length] == ' ');
    }
    struct operand plain = { explanation->element.id, false, false };
    struct shape shape = shape_of(explanation, plain);
    add_symbol(grid_at(grid, row, 0), explanation, plain);
    add_shape(grid_at(grid, row, 1), shape.rows, shape.cols);
    add_shape_words(grid_at(grid, row, 2), &shape);
}

/* ---- The section ---- */

static void say_typed(struct explanation *explanation, struct phrase *typed)
{
    struct phrase words = PHRASE_INIT;
    bool old = explanation->request->old;
    phrase_words(&words, "As typed: ");
    phrase_code(&words, old ? "old(" : "");
    phrase_append(&words, typed);
    phrase_code(&words, old ? ")" : "");
    document_gap(explanation->document);
    document_phrase(explanation->document, BLOCK_PARAGRAPH, &words);
}

/* w ← w − η·xᵀ·δ, where nothing else takes part. */
static void add_update(struct explanation *explanation, const struct matrix_rule *rule)
{
    struct document *document = explanation->document;
    struct operand w = operand_of(explanation, "w", 1);
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT, typed = PHRASE_INIT;
    if (explanation->quantity.kind != NB_DW || !explain_is_plain_update(explanation))
        return;
    document_section(document, "So the update");
    w.turned = false;
    add_symbol(&left, explanation, w);
    add_symbol(&right, explanation, w);
    phrase_formula(&right, " − η·");
    phrase_whole(&right, explanation->element.id);
    phrase_formula(&right, " = ");
    add_symbol(&right, explanation, w);
    phrase_formula(&right, " − η·");
    expand(&right, explanation, rule->symbols, false);
    document_equation(document, &left, "←", &right);
    add_typed(&typed, explanation, w);
    phrase_code(&typed, " - lr * (");
    expand(&typed, explanation, rule->typed, true);
    phrase_code(&typed, ")");
    say_typed(explanation, &typed);
}

bool explain_in_matrices(struct explanation *explanation)
{
    const struct matrix_rule *rule = rule_of(explanation);
    struct document *document = explanation->document;
    struct phrase left = PHRASE_INIT, right = PHRASE_INIT, typed = PHRASE_INIT;
    if (!rule)
        return false;
    document_section(document, "In matrices");
    phrase_whole(&left, explanation->element.id);
    expand(&right, explanation, rule->symbols, false);
    document_equation(document, &left, "=", &right);
    expand(&typed, explanation, rule->typed, true);
    say_typed(explanation, &typed);
    if (strstr(rule->symbols, "∘"))
        document_paragraph(document, "$∘$ multiplies element by element.");
    add_shapes(explanation, rule->operands);
    add_update(explanation, rule);
    return true;
}
