/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lang/functions.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/exponential.h"
#include "lang/ops.h"

#define SIZE_LARGEST 1000000.0 /* of an argument that is a size */

/* ---- One number ---- */

static double sigmoid(double x)
{
    double small = exponential(-fabs(x));
    return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

static double sigmoid_slope(double x)
{
    double small = exponential(-fabs(x));
    return small / ((1 + small) * (1 + small));
}

static double tanh_slope(double x)
{
    return 1 - tanh(x) * tanh(x);
}

static double lecun(double x)
{
    return 1.7159 * tanh(2 * x / 3);
}

static double lecun_slope(double x)
{
    return 1.7159 * 2 / 3 * tanh_slope(2 * x / 3);
}

static double relu(double x)
{
    return x <= 0 ? 0 : x;
}

static double relu_slope(double x)
{
    return isnan(x) ? x : x > 0;
}

static double leakyrelu(double x)
{
    return x <= 0 ? 0.01 * x : x;
}

static double leakyrelu_slope(double x)
{
    return isnan(x) ? x : x > 0 ? 1 : 0.01;
}

static double sign(double x)
{
    return isnan(x) ? x : (x > 0) - (x < 0);
}

/* ---- Many numbers ---- */

static double larger(double a, double b)
{
    return a > b || isnan(a) ? a : b;
}

static double smaller(double a, double b)
{
    return a < b || isnan(a) ? a : b;
}

static double reduce_sum(const double *data, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += data[i * stride];
    return sum;
}

static double reduce_mean(const double *data, size_t count, size_t stride)
{
    return reduce_sum(data, count, stride) / (double)count;
}

static double reduce_min(const double *data, size_t count, size_t stride)
{
    double best = data[0];
    for (size_t i = 1; i < count; i++)
        best = smaller(best, data[i * stride]);
    return best;
}

static double reduce_max(const double *data, size_t count, size_t stride)
{
    double best = data[0];
    for (size_t i = 1; i < count; i++)
        best = larger(best, data[i * stride]);
    return best;
}

static double reduce_argmax(const double *data, size_t count, size_t stride)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (data[i * stride] > data[best * stride])
            best = i;
    return (double)(best + 1);
}

/* Scaled by the largest, so that no square overflows. */
static double reduce_norm(const double *data, size_t count, size_t stride)
{
    double scale = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        scale = larger(fabs(data[i * stride]), scale);
    if (scale == 0 || !isfinite(scale))
        return scale;
    for (size_t i = 0; i < count; i++)
        sum += (data[i * stride] / scale) * (data[i * stride] / scale);
    return scale * sqrt(sum);
}

/* ---- Arguments ---- */

static enum nb_status whole_argument(const struct call_frame *frame, size_t index, double least,
                                     double most, const char *what, int *whole)
{
    const struct value *value = &frame->argument[index];
    double number = value->rank == 0 ? value->data[0] : NAN;
    if (!(number >= least && number <= most && number == floor(number)))
        return error_set(frame->error, NB_USAGE, "%s of %s is a whole number from %.0f to %.0f",
                         what, frame->function->name, least, most);
    *whole = (int)number;
    return NB_OK;
}

static enum nb_status number_argument(const struct call_frame *frame, size_t index, double *number)
{
    const struct value *value = &frame->argument[index];
    if (value->rank != 0)
        return error_set(frame->error, NB_FAILED, "argument %zu of %s is a number", index + 1,
                         frame->function->name);
    *number = value->data[0];
    return NB_OK;
}

/* () a number, (n) a vector, (n, m) a matrix. */
static enum nb_status shaped_result(const struct call_frame *frame)
{
    int rows = 1, cols = 1;
    enum nb_status status = NB_OK;
    if (frame->count == 2)
        status = whole_argument(frame, 0, 1, SIZE_LARGEST, "a size", &rows);
    if (status == NB_OK && frame->count)
        status = whole_argument(frame, frame->count - 1, 1, SIZE_LARGEST, "a size", &cols);
    if (status == NB_OK)
        status =
            value_init(frame->result, (int)frame->count, (size_t)rows, (size_t)cols, frame->error);
    return status;
}

/* ---- Kinds of functions ---- */

static enum nb_status map(const struct call_frame *frame, double (*f)(double))
{
    enum nb_status status = value_copy(frame->result, &frame->argument[0], frame->error);
    struct value *result = frame->result;
    for (size_t i = 0; status == NB_OK && i < result->rows * result->cols; i++)
        result->data[i] = f(result->data[i]);
    return status;
}

static enum nb_status run_map(const struct call_frame *frame)
{
    return map(frame, frame->function->map);
}

static enum nb_status run_softmax(const struct call_frame *frame)
{
    struct value *result = frame->result;
    enum nb_status status = value_copy(result, &frame->argument[0], frame->error);
    for (size_t i = 0; status == NB_OK && result->cols && i < result->rows; i++) {
        double *row = result->data + i * result->cols;
        double most = reduce_max(row, result->cols, 1);
        for (size_t j = 0; j < result->cols; j++)
            row[j] = exponential(row[j] - most);
        double sum = reduce_sum(row, result->cols, 1);
        for (size_t j = 0; j < result->cols; j++)
            row[j] /= sum;
    }
    return status;
}

/* Axis 1: a vector, one number a column; axis 2: a column, one number a row. */
static enum nb_status reduce_axis(const struct call_frame *frame, int axis)
{
    const struct value *value = &frame->argument[0];
    size_t rows = value->rows, cols = value->cols;
    bool number = axis == 2 && rows == 1;
    enum nb_status status = value_init(frame->result, number ? 0 : axis, axis == 1 ? 1 : rows,
                                       axis == 1 ? cols : 1, frame->error);
    for (size_t i = 0; status == NB_OK && i < (axis == 1 ? cols : rows); i++)
        frame->result->data[i] = axis == 1
                                     ? frame->function->reduce(value->data + i, rows, cols)
                                     : frame->function->reduce(value->data + i * cols, cols, 1);
    return status;
}

static enum nb_status run_reduce(const struct call_frame *frame)
{
    const struct value *value = &frame->argument[0];
    int axis = 0;
    enum nb_status status = NB_OK;
    if (value->rows == 0 || value->cols == 0)
        return error_set(frame->error, NB_FAILED, "%s of no numbers at all", frame->function->name);
    if (frame->count == 2)
        status = whole_argument(frame, 1, 1, 2, "the axis", &axis);
    if (status != NB_OK || axis)
        return status != NB_OK ? status : reduce_axis(frame, axis);
    return value_scalar(frame->result,
                        frame->function->reduce(value->data, value->rows * value->cols, 1),
                        frame->error);
}

/* min and max: a second argument 1 or 2 beside more than one number is an axis. */
static enum nb_status run_extreme(const struct call_frame *frame)
{
    static const struct op_names names = { "the first argument", "the second" };
    const struct value *a = &frame->argument[0], *b = a + 1;
    if (frame->count == 1 || (a->rank && b->rank == 0 && (b->data[0] == 1 || b->data[0] == 2)))
        return run_reduce(frame);
    return op_broadcast(frame->function->pair, a, b, frame->function->name, &names, frame->result,
                        frame->error);
}

static enum nb_status run_round(const struct call_frame *frame)
{
    int decimals = 0;
    enum nb_status status = NB_OK;
    struct value *result = frame->result;
    if (frame->count == 2)
        status = whole_argument(frame, 1, -300, 300, "the number of decimals", &decimals);
    if (status == NB_OK)
        status = value_copy(result, &frame->argument[0], frame->error);
    for (size_t i = 0; status == NB_OK && i < result->rows * result->cols; i++)
        result->data[i] = decimal_round(result->data[i], decimals, DECIMAL_DIGITS);
    return status;
}

static bool is_line(const struct value *value)
{
    return value->rows == 1 || value->cols == 1;
}

static enum nb_status run_outer(const struct call_frame *frame)
{
    const struct value *u = &frame->argument[0], *v = &frame->argument[1];
    if (!is_line(u) || !is_line(v))
        return error_set(frame->error, NB_FAILED, "outer takes two vectors; for matrices write @");
    size_t rows = u->rows * u->cols, cols = v->rows * v->cols;
    enum nb_status status = value_init(frame->result, 2, rows, cols, frame->error);
    for (size_t i = 0; status == NB_OK && i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            frame->result->data[i * cols + j] = u->data[i] * v->data[j];
    return status;
}

static enum nb_status run_onehot(const struct call_frame *frame)
{
    const struct value *labels = &frame->argument[0];
    int classes;
    enum nb_status status =
        whole_argument(frame, 1, 1, SIZE_LARGEST, "the number of classes", &classes);
    if (status != NB_OK)
        return status;
    if (!is_line(labels))
        return error_set(frame->error, NB_FAILED, "onehot takes a number or a vector of classes");
    size_t count = labels->rows * labels->cols;
    status = value_init(frame->result, labels->rank ? 2 : 1, count, (size_t)classes, frame->error);
    for (size_t i = 0; status == NB_OK && i < count; i++) {
        double label = labels->data[i];
        if (!(label >= 1 && label <= classes && label == floor(label)))
            return error_set(frame->error, NB_FAILED,
                             "onehot: there is no class %g; classes go from 1 to %d", label,
                             classes);
        frame->result->data[i * (size_t)classes + (size_t)label - 1] = 1;
    }
    return status;
}

static enum nb_status run_zeros(const struct call_frame *frame)
{
    return shaped_result(frame);
}

static enum nb_status run_ones(const struct call_frame *frame)
{
    enum nb_status status = shaped_result(frame);
    for (size_t i = 0; status == NB_OK && i < frame->result->rows * frame->result->cols; i++)
        frame->result->data[i] = 1;
    return status;
}

static enum nb_status draw(const struct call_frame *frame, bool normal)
{
    const struct lang_names *names = frame->names;
    if (!names->random)
        return error_set(frame->error, NB_FAILED, "there are no random numbers here");
    enum nb_status status = shaped_result(frame);
    if (status == NB_OK)
        names->random(names->context, normal, frame->result->data,
                      frame->result->rows * frame->result->cols);
    return status;
}

static enum nb_status run_rand(const struct call_frame *frame)
{
    return draw(frame, false);
}

static enum nb_status run_randn(const struct call_frame *frame)
{
    return draw(frame, true);
}

static enum nb_status run_linspace(const struct call_frame *frame)
{
    double from = 0, to = 0;
    int count = 100;
    enum nb_status status = number_argument(frame, 0, &from);
    if (status == NB_OK)
        status = number_argument(frame, 1, &to);
    if (status == NB_OK && frame->count == 3)
        status = whole_argument(frame, 2, 1, SIZE_LARGEST, "the count", &count);
    if (status == NB_OK)
        status = value_init(frame->result, 1, 1, (size_t)count, frame->error);
    for (int i = 0; status == NB_OK && i < count; i++)
        frame->result->data[i] =
            i == count - 1 ? to : from + (to - from) * ((double)i / (count - 1));
    return status;
}

static enum nb_status run_rows(const struct call_frame *frame)
{
    return value_scalar(frame->result, (double)frame->argument[0].rows, frame->error);
}

static enum nb_status run_cols(const struct call_frame *frame)
{
    return value_scalar(frame->result, (double)frame->argument[0].cols, frame->error);
}

/* ---- The table ---- */

/* name, summary, fewest and most arguments, and what it does */
#define FUNCTIONS(ROW)                                                                             \
    ROW("sigmoid", "1/(1 + e^-x); sigmoid'(x) is its derivative", 1, 1, run_map, .map = sigmoid,   \
        .slope = sigmoid_slope)                                                                    \
    ROW("tanh", "hyperbolic tangent; tanh'(x) is its derivative", 1, 1, run_map, .map = tanh,      \
        .slope = tanh_slope)                                                                       \
    ROW("lecun", "1.7159 tanh(2x/3), the improved sigmoid; lecun'(x) is its derivative", 1, 1,     \
        run_map, .map = lecun, .slope = lecun_slope)                                               \
    ROW("relu", "the larger of x and 0; relu'(x) is its derivative", 1, 1, run_map, .map = relu,   \
        .slope = relu_slope)                                                                       \
    ROW("leakyrelu", "x above 0, else 0.01 x; leakyrelu'(x) is its derivative", 1, 1, run_map,     \
        .map = leakyrelu, .slope = leakyrelu_slope)                                                \
    ROW("softmax", "e^x divided by the sum of e^x, row by row", 1, 1, run_softmax, .map = NULL)    \
    ROW("exp", "e^x", 1, 1, run_map, .map = exponential)                                           \
    ROW("log", "natural logarithm", 1, 1, run_map, .map = log)                                     \
    ROW("sqrt", "square root", 1, 1, run_map, .map = sqrt)                                         \
    ROW("abs", "without its sign", 1, 1, run_map, .map = fabs)                                     \
    ROW("sin", "sine of an angle in radians", 1, 1, run_map, .map = sin)                           \
    ROW("cos", "cosine of an angle in radians", 1, 1, run_map, .map = cos)                         \
    ROW("sign", "-1, 0 or 1", 1, 1, run_map, .map = sign)                                          \
    ROW("round", "round(x, d): to d decimals (0), half away from zero", 1, 2, run_round,           \
        .map = NULL)                                                                               \
    ROW("min",                                                                                     \
        "the smallest; min(m, 1) of each column, min(m, 2) of each row; min(a, b) of "             \
        "each pair",                                                                               \
        1, 2, run_extreme, .reduce = reduce_min, .pair = smaller)                                  \
    ROW("max",                                                                                     \
        "the largest; max(m, 1) of each column, max(m, 2) of each row; max(a, b) of "              \
        "each pair",                                                                               \
        1, 2, run_extreme, .reduce = reduce_max, .pair = larger)                                   \
    ROW("sum", "of all; sum(m, 1) down the columns, sum(m, 2) along the rows", 1, 2, run_reduce,   \
        .reduce = reduce_sum)                                                                      \
    ROW("mean", "of all; mean(m, 1) down the columns, mean(m, 2) along the rows", 1, 2,            \
        run_reduce, .reduce = reduce_mean)                                                         \
    ROW("argmax", "place of the largest, from 1; argmax(m, 2) for each row", 1, 2, run_reduce,     \
        .reduce = reduce_argmax)                                                                   \
    ROW("norm", "root of the sum of all squares", 1, 1, run_reduce, .reduce = reduce_norm)         \
    ROW("outer", "outer(u, v): the matrix of all products u[i]*v[j]", 2, 2, run_outer,             \
        .map = NULL)                                                                               \
    ROW("onehot", "onehot(k, C): C zeros with a 1 at place k", 2, 2, run_onehot, .map = NULL)      \
    ROW("zeros", "zeros(n) a vector, zeros(n, m) a matrix", 1, 2, run_zeros, .map = NULL)          \
    ROW("ones", "ones(n) a vector, ones(n, m) a matrix", 1, 2, run_ones, .map = NULL)              \
    ROW("rand", "from 0 to 1: rand() a number, rand(n), rand(n, m)", 0, 2, run_rand, .map = NULL)  \
    ROW("randn", "normally distributed: randn() a number, randn(n), randn(n, m)", 0, 2, run_randn, \
        .map = NULL)                                                                               \
    ROW("linspace", "linspace(a, b, n): n numbers (100) from a to b", 2, 3, run_linspace,          \
        .map = NULL)                                                                               \
    ROW("rows", "number of rows", 1, 1, run_rows, .map = NULL)                                     \
    ROW("cols", "number of columns", 1, 1, run_cols, .map = NULL)

#define CHOICE(NAME, SUMMARY, ...) { NAME, SUMMARY },
#define FUNCTION(NAME, SUMMARY, LEAST, MOST, RUN, ...)                                             \
    { .name = NAME, .least = LEAST, .most = MOST, .run = RUN, __VA_ARGS__ },

static const struct nb_choice choices[] = { FUNCTIONS(CHOICE) };
static const struct function functions[] = { FUNCTIONS(FUNCTION) };

const struct nb_choice *lang_functions(size_t *count)
{
    *count = COUNT_OF(choices);
    return choices;
}

bool function_find(const char *name, size_t *index)
{
    if (strcmp(name, "sigma") == 0)
        name = "sigmoid";
    for (*index = 0; *index < COUNT_OF(functions); ++*index)
        if (strcmp(functions[*index].name, name) == 0)
            return true;
    return false;
}

const struct function *function_at(size_t index)
{
    return &functions[index];
}

enum nb_status function_call(const struct call_frame *frame, bool slope)
{
    return slope ? map(frame, frame->function->slope) : frame->function->run(frame);
}
