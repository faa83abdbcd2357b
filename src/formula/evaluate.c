/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of a term. */
#include <math.h>

#include "base/exponential.h"
#include "formula/build.h"

static double sigmoid(double z)
{
    double e = exponential(-fabs(z));
    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

static double lecun(double z)
{
    return 1.7159 * tanh(2 * z / 3);
}

static double relu(double z)
{
    return z > 0 ? z : 0;
}

static double leakyrelu(double z)
{
    return z > 0 ? z : 0.01 * z;
}

static double relu_slope(double z)
{
    return z > 0 ? 1 : 0;
}

static double leakyrelu_slope(double z)
{
    return z > 0 ? 1 : 0.01;
}

static double complement_ln(double a)
{
    return log1p(-a);
}

static double sign(double x)
{
    return (double)((x > 0) - (x < 0));
}

static double (*const functions[TERM_FUNCTIONS])(double) = {
    [TERM_SIGMOID] = sigmoid,
    [TERM_TANH] = tanh,
    [TERM_LECUN] = lecun,
    [TERM_RELU] = relu,
    [TERM_LEAKYRELU] = leakyrelu,
    [TERM_RELU_SLOPE] = relu_slope,
    [TERM_LEAKYRELU_SLOPE] = leakyrelu_slope,
    [TERM_EXP] = exponential,
    [TERM_LN] = log,
    [TERM_LN_REST] = complement_ln,
    [TERM_ROOT] = sqrt,
    [TERM_ABSOLUTE] = fabs,
    [TERM_SIGN] = sign,
};

static double read_number(const struct term_numbers *numbers, size_t id, size_t row, size_t col)
{
    return numbers->read ? numbers->read(numbers->context, id, row, col)
                         : nb_value(numbers->net, id, row, col);
}

/* ln softmax(z)[col] = z - ln Σ e^z, without overflow */
static double log_softmax(const struct term_numbers *numbers, size_t z, size_t row, size_t col,
                          size_t units)
{
    double most = read_number(numbers, z, row, 0), sum = 0;
    for (size_t k = 1; k < units; k++)
        most = fmax(most, read_number(numbers, z, row, k));
    for (size_t k = 0; k < units; k++)
        sum += exponential(read_number(numbers, z, row, k) - most);
    return read_number(numbers, z, row, col) - most - log(sum);
}

/* ln a and ln(1 - a) of an output from its z, as the engine computes them:
 * near 0 and 1 the logarithm of the output's double would be another number.
 * On a sheet of rounded numbers it is that of the output itself. */
static double ln_of_output(const struct term_numbers *numbers, enum term_function function,
                           const struct term *element, const struct term_binding *binding)
{
    const struct nb_net *net = numbers->net;
    struct nb_quantity quantity;
    nb_quantity_get(net, element->id, &quantity);
    size_t row = term_bound(binding, element->row), col = term_bound(binding, element->col);
    size_t z = build_before(net, quantity.layer);
    enum nb_activation activation = nb_net_spec(net)->layer[quantity.layer - 1].activation;
    double output = read_number(numbers, element->id, row, col), ln = functions[function](output);
    bool on_paper = nb_net_round(net) != NB_EXACT && isfinite(ln);
    if (on_paper || (activation != NB_SIGMOID && activation != NB_SOFTMAX))
        return ln;
    if (activation == NB_SOFTMAX)
        return function == TERM_LN ? log_softmax(numbers, z, row, col, quantity.cols) : ln;
    double at = read_number(numbers, z, row, col) * (function == TERM_LN ? 1 : -1);
    return -(fmax(-at, 0) + log1p(exponential(-fabs(at))));
}

static double function_value(const struct term_numbers *numbers, const struct term *term,
                             const struct term_binding *binding)
{
    const struct term *argument = term->child[0];
    bool is_ln = term->function == TERM_LN || term->function == TERM_LN_REST;
    if (is_ln && argument->kind == TERM_ELEMENT)
        return ln_of_output(numbers, term->function, argument, binding);
    return functions[term->function](term_value_with(numbers, argument, binding));
}

static double series_value(const struct term_numbers *numbers, const struct term *term,
                           const struct term_binding *binding)
{
    struct term_binding inner = *binding;
    double sum = 0;
    for (size_t i = 0; i < term->count; i++) {
        inner.at[term->index - TERM_I] = i;
        sum += term_value_with(numbers, term->child[0], &inner);
    }
    return sum;
}

static double combine(enum term_kind kind, double a, double b)
{
    return kind == TERM_SUM ? a + b : kind == TERM_PRODUCT ? a * b : a / b;
}

double term_value_with(const struct term_numbers *numbers, const struct term *term,
                       const struct term_binding *binding)
{
    if (term->shape & TERM_FIXED)
        return term->number;
    switch (term->kind) {
    case TERM_NUMBER:
    case TERM_SETTING:
        return term->number;
    case TERM_ELEMENT:
        return read_number(numbers, term->id, term_bound(binding, term->row),
                           term_bound(binding, term->col));
    case TERM_SERIES:
        return series_value(numbers, term, binding);
    case TERM_FUNCTION:
        return function_value(numbers, term, binding);
    default:
        break;
    }
    double value = term_value_with(numbers, term->child[0], binding);
    if (term->kind == TERM_NEGATION)
        return -value;
    if (term->kind == TERM_SQUARE)
        return value * value;
    if (term->kind == TERM_POWER)
        return pow(value, (double)term->count);
    for (size_t i = 1; i < term->children; i++)
        value = combine(term->kind, value, term_value_with(numbers, term->child[i], binding));
    return value;
}

double term_value_bound(const struct nb_net *net, const struct term *term,
                        const struct term_binding *binding)
{
    const struct term_numbers numbers = { .net = net };
    return term_value_with(&numbers, term, binding);
}

double term_value(const struct nb_net *net, const struct term *term)
{
    return term_value_bound(net, term, &term_unbound);
}
