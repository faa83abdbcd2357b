/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the data set for people: `data show`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/data.h"
#include "command/session.h"
#include "data/dataset.h"
#include "view/image.h"

#define NUMBERS_MOST 100 /* of a row that are written out */

enum nb_status data_draw(const struct session *session, enum dataset_part part, size_t row,
                         struct nb_error *error)
{
    struct dataset_info info;
    dataset_describe(session->data, &info);
    struct image image = { NULL, info.channels, info.height, info.width, 0, UINT8_MAX };
    double *pixels = memory_new(info.features, sizeof *pixels);
    double *planes = memory_new(info.features, sizeof *planes);
    if (!pixels || !planes) {
        free(pixels);
        free(planes);
        return error_memory(error);
    }
    dataset_inputs(session->data, part, row, pixels);
    if (!dataset_pixels(session->data, part, row)) {
        image.black = image.white = pixels[0];
        for (size_t i = 0; i < info.features; i++) {
            image.black = fmin(image.black, pixels[i]);
            image.white = fmax(image.white, pixels[i]);
        }
    }
    size_t plane = info.height * info.width;
    for (size_t i = 0; i < info.features && info.interleaved; i++)
        planes[i % info.channels * plane + i / info.channels] = pixels[i];
    image.pixels = info.interleaved ? planes : pixels;
    image_draw(session->out, &image, 2);
    free(planes);
    free(pixels);
    return NB_OK;
}

/* Numbers from left to right, on as many lines as they need. */
static void add_numbers(struct text *text, const double *numbers, size_t count, int digits,
                        size_t width)
{
    size_t column = 5;
    struct text number = TEXT_INIT;
    for (size_t i = 0; i < count && i < NUMBERS_MOST; i++) {
        text_clear(&number);
        number_add(&number, numbers[i], digits);
        if (i + 1 < count)
            text_add(&number, ",");
        if (i && column + 1 + number.length > width) {
            text_add(text, "\n     ");
            column = 5;
        } else if (i) {
            text_add(text, " ");
            column++;
        }
        text_add(text, number.bytes);
        column += number.length;
    }
    if (count > NUMBERS_MOST)
        text_printf(text, " ... (%zu numbers)", count);
    text_add(text, "\n");
    text_release(&number);
}

static enum nb_status write_row(struct session *session, const struct dataset_info *info,
                                enum dataset_part part, size_t row, struct nb_error *error)
{
    struct text text = TEXT_INIT;
    double *numbers = memory_new(info->features + info->outputs, sizeof *numbers);
    if (!numbers)
        return error_memory(error);
    size_t width = (size_t)session->out->width;
    dataset_inputs(session->data, part, row, numbers);
    dataset_targets(session->data, part, row, numbers + info->features);
    text_add(&text, "  x  ");
    add_numbers(&text, numbers, info->features, session->settings.digits, width);
    text_add(&text, "  y  ");
    add_numbers(&text, numbers + info->features, info->outputs, session->settings.digits, width);
    sink_text(session->out, &text);
    text_release(&text);
    free(numbers);
    return NB_OK;
}

static enum nb_status read_row(const struct dataset_info *info, const struct call *call,
                               enum dataset_part part, size_t *row, struct nb_error *error)
{
    const struct argument *given = call_argument(call, "dir");
    uint64_t number;
    if (!given || call_has(call, "name"))
        return error_at(error, NB_USAGE, call->rest.at,
                        "data show wants a row: data show 7, or data show 7 test");
    if (!number_parse_whole(given->text, strlen(given->text), UINT32_MAX, &number))
        return error_at(error, NB_USAGE, given->span.at,
                        "expected the number of a row, found %.40s", given->text);
    if (!info->rows[part])
        return data_no_part(info, part, given->span.at, error);
    if (!number || number > info->rows[part])
        return error_at(error, NB_FAILED, given->span.at,
                        "the %s part of %s has rows 1 to %zu, found %.40s",
                        dataset_part_names[part], info->name, info->rows[part], given->text);
    *row = (size_t)number - 1;
    return NB_OK;
}

enum nb_status data_show(struct session *session, const struct call *call, struct nb_error *error)
{
    struct dataset_info info;
    enum dataset_part part = (enum dataset_part)call_choice(call, "part", DATASET_TRAIN);
    size_t row = 0;
    if (!session->data)
        return data_missing(error);
    dataset_describe(session->data, &info);
    enum nb_status status = read_row(&info, call, part, &row, error);
    if (!status)
        status = info.channels ? data_draw(session, part, row, error)
                               : write_row(session, &info, part, row, error);
    if (status)
        return status;
    sink_printf(session->out, "  row %zu of the %s part of %s", row + 1, dataset_part_names[part],
                info.name);
    size_t label = dataset_label(session->data, part, row);
    if (label != DATASET_NO_CLASS && info.class_names)
        sink_printf(session->out, ": %s", info.class_names[label]);
    else if (label != DATASET_NO_CLASS)
        sink_printf(session->out, ": class %zu", label);
    sink_puts(session->out, "\n");
    return NB_OK;
}
