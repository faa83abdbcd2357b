/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/mistake.h"

#include "base/compiler.h"

static size_t layers_of(const struct nb_net *net)
{
    return nb_net_spec(net)->layers;
}

static enum nb_activation activation_of(const struct site *site)
{
    return nb_net_spec(site->net)->layer[site->op->layer - 1].activation;
}

static size_t outputs_of(const struct nb_net *net)
{
    return build_units(net, layers_of(net));
}

static struct nb_quantity quantity_of(const struct site *site)
{
    struct nb_quantity quantity;
    nb_quantity_get(site->net, site->id, &quantity);
    return quantity;
}

static size_t id_of(const struct site *site, enum nb_quantity_kind kind)
{
    return nb_quantity_id(site->net, kind, site->op->layer);
}

static bool is_delta(enum nb_op_kind kind)
{
    return kind == NB_OP_DELTA || kind == NB_OP_DELTA_SOFTMAX || kind == NB_OP_DELTA_DIRECT;
}

static size_t one_variant(const struct nb_net *net)
{
    (void)net;
    return 1;
}

/* ---- Factors ---- */

static double factor_of_2(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    (void)net, (void)kind, (void)variant;
    return 2;
}

static double factor_of_half(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    (void)net, (void)kind, (void)variant;
    return 0.5;
}

static double factor_of_sign(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    (void)net, (void)kind, (void)variant;
    return -1;
}

static size_t shared_variants(const struct nb_net *net)
{
    (void)net;
    return SHARED_VARIANTS;
}

/* The loss, and what is proportional to it. */
static bool is_of_loss(enum nb_quantity_kind kind)
{
    return kind == NB_LOSS_VALUE || (kind >= NB_DELTA && kind <= NB_DH);
}

/* The rows and outputs that a sum goes over, by variant; 0 where there is one only.  Of batch
 * norm's means there are the rows. */
static double shared_by(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    bool statistic = kind == NB_MU || kind == NB_VAR;
    double rows = (double)build_rows(net), units = statistic ? 1 : (double)outputs_of(net);
    double by[SHARED_VARIANTS] = { [SHARED_ROWS] = rows,
                                   [SHARED_OUTPUTS] = units,
                                   [SHARED_BOTH] = rows > 1 && units > 1 ? rows * units : 0 };
    return (is_of_loss(kind) || statistic) && by[variant] > 1 ? by[variant] : 0;
}

static double sum_for_mean(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    return shared_by(net, kind, variant);
}

static double mean_for_sum(const struct nb_net *net, enum nb_quantity_kind kind, size_t variant)
{
    double by = shared_by(net, kind, variant);
    return by > 0 ? 1 / by : 0;
}

/* ---- f' ---- */

static bool has_slope(const struct site *site, size_t variant, bool loose)
{
    (void)variant;
    (void)loose;
    return is_delta(site->op->kind) && activation_of(site) != NB_LINEAR;
}

/* ∂L/∂a, from which delta is made, also where the plan has none. */
static struct term *loss_by_output(const struct site *site)
{
    if (site->op->kind == NB_OP_DELTA_DIRECT)
        return build_loss_gradient(site->net, site->row, site->col);
    return build_element(site, NB_DA);
}

static struct term *drop_slope(const struct site *site, struct term *term, size_t variant)
{
    (void)variant;
    term_free(&term);
    return loss_by_output(site);
}

/* relu and leaky relu have the same derivative at a as at z. */
static bool has_slope_elsewhere(const struct site *site, size_t variant, bool loose)
{
    enum nb_activation activation = activation_of(site);
    return has_slope(site, variant, loose) && activation != NB_RELU && activation != NB_LEAKYRELU;
}

/* Puts f(a) for every a in f'(z), which is written by a. */
static struct term *put_function(struct term *term, size_t a, enum term_function function)
{
    if (!term)
        return NULL;
    if (term->kind == TERM_ELEMENT && term->id == a)
        return term_apply(function, term);
    for (size_t i = 0; i < term->children; i++) {
        term->child[i] = put_function(term->child[i], a, function);
        if (!term->child[i]) {
            term_free(&term);
            return NULL;
        }
    }
    return term;
}

/* Element `col` of the softmax of a. */
static struct term *softmax_of(const struct site *site, size_t a, size_t col)
{
    struct term *sum = term_series(TERM_M, build_units(site->net, site->op->layer),
                                   term_apply(TERM_EXP, term_element(a, site->row, TERM_M)));
    return term_quotient(term_apply(TERM_EXP, term_element(a, site->row, col)), sum);
}

/* s_k·(g_k − Σ_m g_m·s_m), with s the softmax of a. */
static struct term *softmax_slope_elsewhere(const struct site *site)
{
    size_t a = id_of(site, NB_A);
    bool direct = site->op->kind == NB_OP_DELTA_DIRECT;
    struct term *each = direct ? build_loss_gradient(site->net, site->row, TERM_M)
                               : term_element(id_of(site, NB_DA), site->row, TERM_M);
    struct term *sum = term_series(TERM_M, build_units(site->net, site->op->layer),
                                   term_product(each, softmax_of(site, a, TERM_M)));
    return term_product(softmax_of(site, a, site->col), term_difference(loss_by_output(site), sum));
}

struct term *mistake_slope_elsewhere(const struct site *site)
{
    static const enum term_function functions[] = {
        [NB_SIGMOID] = TERM_SIGMOID, [NB_TANH] = TERM_TANH, [NB_LECUN] = TERM_LECUN
    };
    struct term *slope = build_slope(site->net, site->op->layer, site->row, site->col);
    return put_function(slope, id_of(site, NB_A), functions[activation_of(site)]);
}

static struct term *slope_elsewhere(const struct site *site, struct term *term, size_t variant)
{
    (void)variant;
    term_free(&term);
    if (activation_of(site) == NB_SOFTMAX)
        return softmax_slope_elsewhere(site);
    return term_shaped(term_product(loss_by_output(site), mistake_slope_elsewhere(site)),
                       TERM_WIDE);
}

/* ---- Weights ---- */

static size_t transposed_variants(const struct nb_net *net)
{
    (void)net;
    return TRANSPOSED_UPDATE + 1;
}

static bool can_transpose(const struct site *site, size_t variant, bool loose)
{
    enum nb_op_kind kind = site->op->kind;
    size_t units = build_units(site->net, site->op->layer);
    bool square = units > 1 && units == build_units(site->net, site->op->layer - 1);
    bool forward = kind == NB_OP_AFFINE, backward = kind == NB_OP_GRAD_A;
    bool here[] = { [TRANSPOSED_FORWARD] = forward,
                    [TRANSPOSED_BACKWARD] = backward,
                    [TRANSPOSED_BOTH] = loose && (forward || backward),
                    [TRANSPOSED_UPDATE] =
                        !loose && kind == NB_OP_UPDATE && quantity_of(site).kind == NB_W };
    return square && here[variant];
}

/* Exchanges the indices of every weight of the layer. */
static void swap_indices(const struct nb_net *net, struct term *term, size_t w)
{
    if (term->kind == TERM_ELEMENT && term->id == w) {
        size_t row = term->row;
        term->row = term->col;
        term->col = row;
        if (term->shape & TERM_FIXED)
            term->number = nb_value(net, w, term->row, term->col);
    }
    for (size_t i = 0; i < term->children; i++)
        swap_indices(net, term->child[i], w);
}

static struct term *transpose(const struct site *site, struct term *term, size_t variant)
{
    (void)variant;
    swap_indices(site->net, term, id_of(site, NB_W));
    return term;
}

/* Unit by unit, and the unit of the same number. */
static size_t path_variants(const struct nb_net *net)
{
    size_t most = 0;
    for (size_t layer = 2; layer <= layers_of(net); layer++)
        if (build_units(net, layer) > most)
            most = build_units(net, layer);
    return (most < PATH_MOST ? most : PATH_MOST) + 1;
}

size_t mistake_path(const struct site *site, size_t variant)
{
    size_t last = build_units(site->net, site->op->layer) - 1;
    size_t path = variant + 1 == path_variants(site->net) ? site->col : variant;
    return path < last ? path : last;
}

static bool has_paths(const struct site *site, size_t variant, bool loose)
{
    size_t units = build_units(site->net, site->op->layer);
    bool own = variant + 1 == path_variants(site->net);
    if (units < 2)
        return false;
    if (site->op->kind == NB_OP_GRAD_A)
        return loose || (own ? site->col < units : variant < units);
    bool jacobian = is_delta(site->op->kind) && activation_of(site) == NB_SOFTMAX;
    return jacobian && own;
}

/* w[j,k]·δ[k] of one k; of the paths through a softmax a_k·(1 − a_k) alone */
static struct term *one_path(const struct site *site, struct term *term, size_t variant)
{
    struct term *path;
    if (site->op->kind == NB_OP_GRAD_A) {
        path = term_clone(term->child[0]);
        if (path)
            term_substitute(path, TERM_K, mistake_path(site, variant));
    } else {
        struct term *slope = build_activation_slope(site->net, site->op->layer, site->row,
                                                    site->col, site->row, site->col);
        path = term_shaped(term_product(loss_by_output(site), slope), TERM_WIDE);
    }
    term_free(&term);
    return path;
}

static bool goes_back(const struct site *site, size_t variant, bool loose)
{
    (void)variant;
    (void)loose;
    return site->op->kind == NB_OP_GRAD_A && site->op->layer > 1;
}

/* The formula stays as it is: the sheet reads other weights. */
static struct term *keep(const struct site *site, struct term *term, size_t variant)
{
    (void)site;
    (void)variant;
    return term;
}

/* ---- Left out ---- */

static bool has_bias(const struct site *site, size_t variant, bool loose)
{
    (void)variant;
    (void)loose;
    return site->op->kind == NB_OP_AFFINE;
}

static struct term *take_child(struct term *term, size_t index)
{
    struct term *child = term_clone(term->child[index]);
    term_free(&term);
    return child;
}

static struct term *drop_bias(const struct site *site, struct term *term, size_t variant)
{
    (void)site;
    (void)variant;
    return take_child(term, 0);
}

static bool has_input(const struct site *site, size_t variant, bool loose)
{
    (void)variant;
    (void)loose;
    return site->op->kind == NB_OP_GRAD_W;
}

static struct term *drop_input(const struct site *site, struct term *term, size_t variant)
{
    (void)site;
    (void)variant;
    if (term->kind == TERM_PRODUCT)
        return take_child(term, 1);
    struct term *product = term->child[0];
    term->child[0] = term_clone(product->child[1]);
    term_free(&product);
    if (!term->child[0])
        term_free(&term);
    return term;
}

/* adamw takes the penalty's share off in the update. */
static bool has_penalty(const struct site *site, size_t variant, bool loose)
{
    const struct nb_learning *learning = nb_net_learning(site->net);
    (void)variant;
    (void)loose;
    if (site->op->kind == NB_OP_REGULARIZE)
        return true;
    return site->op->kind == NB_OP_UPDATE && quantity_of(site).kind == NB_W &&
           learning->optimizer == NB_ADAMW && learning->l2 != 0 && !nb_frozen(site->net, site->id);
}

/* gw = dw + …: the first summand; w − decay − step: without the second. */
static struct term *drop_penalty(const struct site *site, struct term *term, size_t variant)
{
    (void)variant;
    if (site->op->kind == NB_OP_REGULARIZE) {
        term_free(&term);
        return build_element(site, quantity_of(site).kind == NB_GW ? NB_DW : NB_DB);
    }
    struct term *kept = term->child[0];
    term->child[0] = term_clone(kept->child[0]);
    term_free(&kept);
    if (!term->child[0])
        term_free(&term);
    return term;
}

/* ---- Another loss ---- */

static size_t losses_count(void)
{
    size_t count;
    nb_losses(&count);
    return count;
}

enum nb_loss mistake_loss(size_t variant)
{
    return (enum nb_loss)(variant % losses_count());
}

static size_t loss_variants(const struct nb_net *net)
{
    (void)net;
    return 2 * losses_count();
}

static bool has_logarithm(enum nb_loss loss)
{
    return loss == NB_CROSS_ENTROPY || loss == NB_BINARY_CROSS_ENTROPY;
}

/* Of a softmax (ŷ − y)·ŷ·(1 − ŷ), too: each output as if it were by itself. */
static bool has_loss(const struct site *site, size_t variant, bool loose)
{
    enum nb_op_kind kind = site->op->kind;
    enum nb_loss loss = mistake_loss(variant);
    enum nb_activation output = nb_net_spec(site->net)->layer[layers_of(site->net) - 1].activation;
    (void)loose;
    if (variant >= losses_count())
        return kind == NB_OP_DELTA_DIRECT && output == NB_SOFTMAX && !has_logarithm(loss);
    bool fits = !has_logarithm(loss) || output == NB_SOFTMAX || output == NB_SIGMOID;
    return (kind == NB_OP_LOSS || kind == NB_OP_LOSS_GRAD || kind == NB_OP_DELTA_DIRECT) &&
           loss != nb_net_spec(site->net)->loss && fits;
}

/* Σ_m ∂L/∂a_m·∂a_m/∂z_k, or only that of m = k */
static struct term *delta_of_loss(const struct site *site, enum nb_loss loss, bool alone)
{
    const struct nb_net *net = site->net;
    size_t layer = site->op->layer, a = id_of(site, NB_A);
    struct term *slope =
        build_activation_slope(net, layer, site->row, site->col, site->row, site->col);
    struct term *gradient = build_loss_gradient_of(net, loss, site->row, site->col);
    if (activation_of(site) != NB_SOFTMAX || alone)
        return term_product(gradient, slope);
    term_free(&slope);
    struct term *each = term_product(build_loss_gradient_of(net, loss, site->row, TERM_M),
                                     term_element(a, site->row, TERM_M));
    struct term *rest =
        term_difference(gradient, term_series(TERM_M, build_units(net, layer), each));
    return term_product(term_element(a, site->row, site->col), rest);
}

static struct term *other_loss(const struct site *site, struct term *term, size_t variant)
{
    enum nb_loss loss = mistake_loss(variant);
    term_free(&term);
    if (site->op->kind == NB_OP_LOSS)
        return build_loss_of(site->net, loss);
    if (site->op->kind == NB_OP_LOSS_GRAD)
        return build_loss_gradient_of(site->net, loss, site->row, site->col);
    return delta_of_loss(site, loss, variant >= losses_count());
}

/* ---- The table ---- */

static const struct nb_choice choices[MISTAKES] = {
    [MISTAKE_FACTOR_2] = { "factor-2", "twice the right value" },
    [MISTAKE_FACTOR_HALF] = { "factor-half", "half the right value" },
    [MISTAKE_MISSING_DERIVATIVE] = { "missing-derivative", "f' left out" },
    [MISTAKE_WRONG_SIGN] = { "wrong-sign", "the negative" },
    [MISTAKE_DERIVATIVE_AT_ACTIVATION] = { "derivative-at-activation", "f'(a) in place of f'(z)" },
    [MISTAKE_TRANSPOSED_WEIGHTS] = { "transposed-weights", "w[k,j] in place of w[j,k]" },
    [MISTAKE_ONE_PATH] = { "one-path", "a single term of the sum over the next layer" },
    [MISTAKE_UPDATED_WEIGHTS] = { "updated-weights", "weights as the pending update would write "
                                                     "them" },
    [MISTAKE_MISSING_BIAS] = { "missing-bias", "z without b" },
    [MISTAKE_MISSING_INPUT] = { "missing-input", "dw without its input factor" },
    [MISTAKE_SUM_NOT_MEAN] = { "sum-not-mean", "times the rows of the batch, or the outputs" },
    [MISTAKE_MEAN_NOT_SUM] = { "mean-not-sum", "divided by the rows, or by the outputs" },
    [MISTAKE_ROUNDED_EARLY] = { "rounded-early", "intermediates rounded to 1 to 4 decimals" },
    [MISTAKE_NEIGHBOUR] = { "neighbour", "another element of the same quantity" },
    [MISTAKE_WRONG_LOSS] = { "wrong-loss", "another loss of the table" },
    [MISTAKE_MISSING_REGULARIZATION] = { "missing-regularization",
                                         "the penalty's gradient left out of gw or the update" },
};

const struct nb_choice *mistake_choices(size_t *count)
{
    *count = MISTAKES;
    return choices;
}

const char *mistake_slug(enum mistake_id id)
{
    return choices[id].name;
}

/* Of rounded-early and neighbour there is no formula: sheets round, and neighbours are read. */
const struct mistake mistakes[MISTAKES] = {
    [MISTAKE_FACTOR_2] = { one_variant, .factor = factor_of_2 },
    [MISTAKE_FACTOR_HALF] = { one_variant, .factor = factor_of_half },
    [MISTAKE_MISSING_DERIVATIVE] = { one_variant, has_slope, drop_slope, NULL },
    [MISTAKE_WRONG_SIGN] = { one_variant, .factor = factor_of_sign },
    [MISTAKE_DERIVATIVE_AT_ACTIVATION] = { one_variant, has_slope_elsewhere, slope_elsewhere,
                                           NULL },
    [MISTAKE_TRANSPOSED_WEIGHTS] = { transposed_variants, can_transpose, transpose, NULL },
    [MISTAKE_ONE_PATH] = { path_variants, has_paths, one_path, NULL },
    [MISTAKE_UPDATED_WEIGHTS] = { one_variant, goes_back, keep, NULL },
    [MISTAKE_MISSING_BIAS] = { one_variant, has_bias, drop_bias, NULL },
    [MISTAKE_MISSING_INPUT] = { one_variant, has_input, drop_input, NULL },
    [MISTAKE_SUM_NOT_MEAN] = { shared_variants, .factor = sum_for_mean },
    [MISTAKE_MEAN_NOT_SUM] = { shared_variants, .factor = mean_for_sum },
    [MISTAKE_WRONG_LOSS] = { loss_variants, has_loss, other_loss, NULL },
    [MISTAKE_MISSING_REGULARIZATION] = { one_variant, has_penalty, drop_penalty, NULL },
};

static bool is_in_place_meant(const struct cause *cause, const struct site *site)
{
    if (cause->place == PLACE_EVERYWHERE)
        return true;
    if (cause->place == PLACE_HIDDEN)
        return site->op->layer < layers_of(site->net);
    return cause->place == site->id;
}

bool mistake_is_made(const struct cause *cause, const struct site *site)
{
    const struct mistake *mistake = &mistakes[cause->mistake];
    if (!is_in_place_meant(cause, site))
        return false;
    if (mistake->factor)
        return mistake->factor(site->net, quantity_of(site).kind, cause->variant) != 0;
    return mistake->applies && mistake->applies(site, cause->variant, cause->place >= PLACE_HIDDEN);
}

bool mistake_is_factor(enum mistake_id id)
{
    return mistakes[id].factor != NULL;
}
