/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as text, cell by cell; the escapes were written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "view/image.h"

#define RED_GREEN                                                                                  \
    {                                                                                              \
        255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 95                                                    \
    }

static const struct {
    const char *title;
    bool unicode, color, truecolor;
    int width;
    size_t channels, height, image_width, indent;
    double pixels[16];
    const char *text;
} rows[] = {
    /* red green over black and a dark blue; an unchanged colour is not said again */
    { "24 bits", true, true, true, 80, 3, 2, 2, 2, RED_GREEN,
      "  \033[38;2;255;0;0m\033[48;2;0;0;0m▀\033[38;2;0;255;0m\033[48;2;0;0;95m▀\033[0m\n" },
    { "256 colours", true, true, false, 80, 3, 2, 2, 0, RED_GREEN,
      "\033[38;5;196m\033[48;5;16m▀\033[38;5;46m\033[48;5;17m▀\033[0m\n" },
    { "greys",
      true,
      true,
      false,
      80,
      1,
      2,
      3,
      0,
      { 0, 128, 255, 8, 128, 242 },
      "\033[38;5;16m\033[48;5;232m▀\033[38;5;244m\033[48;5;244m▀\033[38;5;231m\033[48;5;255m▀"
      "\033[0m\n" },
    { "an odd line",
      true,
      true,
      true,
      80,
      1,
      3,
      1,
      0,
      { 0, 255, 0 },
      "\033[38;2;0;0;0m\033[48;2;255;255;255m▀\033[0m\n"
      "\033[38;2;0;0;0m▀\033[0m\n" },
    { "no colours", true, false, false, 80, 1, 2, 3, 1, { 255, 0, 255, 255, 0, 0 }, " @ +\n" },
    { "ASCII", false, true, true, 80, 1, 2, 2, 0, { 0, 255, 0, 255 }, " @\n" },
    { "beyond black and white", true, false, false, 80, 1, 2, 2, 0, { -9, 999, -9, 999 }, " @\n" },
    { "red is darker than green",
      true,
      false,
      false,
      80,
      3,
      1,
      2,
      0,
      { 255, 0, 0, 255, 0, 0 },
      "-+\n" },
    /* two columns for four pixels: means of squares */
    { "too wide",
      true,
      false,
      false,
      3,
      1,
      4,
      4,
      1,
      { 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 },
      " +@\n" },
};

static void test_pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = TEXT_INIT;
        struct sink sink = sink_to_text(&text, rows[i].unicode, rows[i].width);
        const struct image image = {
            rows[i].pixels, rows[i].channels, rows[i].height, rows[i].image_width, 0, 255
        };
        sink.color = rows[i].color;
        sink.truecolor = rows[i].truecolor;
        image_draw(&sink, &image, rows[i].indent);
        print_message("%s\n", rows[i].title);
        assert_string_equal(text.bytes, rows[i].text);
        text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_pictures) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
