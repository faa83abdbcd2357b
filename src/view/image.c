/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/image.h"

#include <math.h>

#include "base/compiler.h"

#define RGB      3
#define NO_COLOR (-1)

/* Of the 256 colours: a cube of 6×6×6, whose levels are 0, 95, 135, ... 255, and
 * between its black and its white the greys 8, 18, ... 238. */
#define CUBE       6
#define CUBE_BLACK 16
#define CUBE_WHITE 231
#define GREYS      24
#define GREY_FIRST 232

/* From 0 to 1; present is false below the last line of pixels. */
struct color {
    double part[RGB];
    bool present;
};

/* The mean over the square of `side` pixels at (row, col) of the drawn grid. */
static struct color color_at(const struct image *image, size_t side, size_t row, size_t col)
{
    struct color color = { { 0 }, row * side < image->height };
    double range = image->white - image->black;
    for (size_t c = 0; c < RGB && color.present; c++) {
        const double *plane =
            image->pixels + (image->channels >= RGB ? c : 0) * image->height * image->width;
        double sum = 0, count = 0;
        for (size_t y = row * side; y < (row + 1) * side && y < image->height; y++)
            for (size_t x = col * side; x < (col + 1) * side && x < image->width; x++) {
                sum += plane[y * image->width + x];
                count++;
            }
        double part = range > 0 ? (sum / count - image->black) / range : 0;
        color.part[c] = fmin(1, fmax(0, part));
    }
    return color;
}

static bool is_grey(const struct color *color)
{
    return color->part[0] == color->part[1] && color->part[1] == color->part[2];
}

static int level(double part, int most)
{
    return (int)(part * most + 0.5);
}

/* The nearest level of the cube. */
static int cube_level(double part)
{
    int value = level(part, 255);
    return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
}

static int nearest_grey(double part)
{
    int value = level(part, 255);
    if (value < 4)
        return CUBE_BLACK;
    if (value > 246)
        return CUBE_WHITE;
    int grey = (value - 3) / 10;
    return GREY_FIRST + (grey < GREYS ? grey : GREYS - 1);
}

/* The color as one number: 24 bits, or one of the 256. */
static int color_code(const struct color *color, bool truecolor)
{
    int code = 0;
    if (!color->present)
        return NO_COLOR;
    if (!truecolor && is_grey(color))
        return nearest_grey(color->part[0]);
    for (size_t c = 0; c < RGB; c++)
        code = truecolor ? code << 8 | level(color->part[c], 255)
                         : code * CUBE + cube_level(color->part[c]);
    return truecolor ? code : CUBE_BLACK + code;
}

/* The escape of a foreground (3) or background (4); without a color the
 * terminal's own. */
static void add_color(struct text *text, int ground, int code, bool truecolor)
{
    if (code == NO_COLOR)
        text_printf(text, "\033[%d9m", ground);
    else if (truecolor)
        text_printf(text, "\033[%d8;2;%d;%d;%dm", ground, code >> 16, code >> 8 & 255, code & 255);
    else
        text_printf(text, "\033[%d8;5;%dm", ground, code);
}

static void add_blocks(struct text *text, const struct image *image, size_t side, size_t row,
                       size_t columns, bool truecolor)
{
    int upper = NO_COLOR, lower = NO_COLOR;
    for (size_t col = 0; col < columns; col++) {
        struct color above = color_at(image, side, row, col);
        struct color below = color_at(image, side, row + 1, col);
        int top = color_code(&above, truecolor), bottom = color_code(&below, truecolor);
        if (top != upper)
            add_color(text, 3, top, truecolor);
        if (bottom != lower)
            add_color(text, 4, bottom, truecolor);
        text_add(text, "▀");
        upper = top;
        lower = bottom;
    }
    text_add(text, "\033[0m");
}

static double brightness(const struct color *color)
{
    if (is_grey(color))
        return color->part[0];
    return 0.299 * color->part[0] + 0.587 * color->part[1] + 0.114 * color->part[2];
}

static void add_characters(struct text *text, const struct image *image, size_t side, size_t row,
                           size_t columns)
{
    static const char ramp[] = " .:-=+*#%@";
    for (size_t col = 0; col < columns; col++) {
        struct color above = color_at(image, side, row, col);
        struct color below = color_at(image, side, row + 1, col);
        double mean = brightness(&above);
        if (below.present)
            mean = (mean + brightness(&below)) / 2;
        text_add_char(text, ramp[level(mean, (int)sizeof ramp - 2)]);
    }
}

void image_draw(struct sink *sink, const struct image *image, size_t indent)
{
    size_t width = sink->width > (int)indent ? (size_t)sink->width - indent : 1;
    size_t side = (image->width + width - 1) / width;
    size_t columns = (image->width + side - 1) / side, rows = (image->height + side - 1) / side;
    for (size_t row = 0; row < rows; row += 2) {
        struct text line = TEXT_INIT;
        text_repeat(&line, " ", indent);
        if (sink->color && sink->unicode)
            add_blocks(&line, image, side, row, columns, sink->truecolor);
        else
            add_characters(&line, image, side, row, columns);
        while (line.length && line.bytes[line.length - 1] == ' ')
            text_cut(&line, line.length - 1);
        text_add(&line, "\n");
        sink_text(sink, &line);
        text_release(&line);
    }
}
