/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ground: numbers, growing texts, UTF-8, checked sizes, whole files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "base/sink.h"
#include "nets.h"

/* ---- Numbers ------------------------------------------------------------ */

static void only_whole_literals_are_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        double value;
    } rows[] = {
        { "0", true, 0 },         { "12", true, 12 },         { ".5", true, 0.5 },
        { "5.", true, 5 },        { "-1.5e+3", true, -1500 }, { "+2E-2", true, 0.02 },
        { "1e308", true, 1e308 }, { "1e-400", true, 0 },      { "1e309", false, 0 },
        { "", false, 0 },         { "-", false, 0 },          { ".", false, 0 },
        { "1e", false, 0 },       { "e5", false, 0 },         { "0x10", false, 0 },
        { "1_000", false, 0 },    { "1,5", false, 0 },        { " 1", false, 0 },
        { "1 ", false, 0 },       { "nan", false, 0 },        { "inf", false, 0 },
        { "--1", false, 0 },      { "1.2.3", false, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double value = -7;
        bool valid = number_parse(rows[i].text, strlen(rows[i].text), &value);
        if (valid != rows[i].valid || (valid && value != rows[i].value))
            fail_msg("%s: %d, %g", rows[i].text, valid, value);
    }
}

static void whole_numbers_have_their_limit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t most, value;
        bool valid;
    } rows[] = {
        { "0", 0, 0, true },
        { "007", 7, 7, true },
        { "1000000", 1000000, 1000000, true },
        { "1000001", 1000000, 0, false },
        { "18446744073709551615", UINT64_MAX, UINT64_MAX, true },
        { "18446744073709551616", UINT64_MAX, 0, false },
        { "99999999999999999999999", UINT64_MAX, 0, false },
        { "9", 5, 0, false },
        { "", 5, 0, false },
        { "-1", 5, 0, false },
        { "1.0", 5, 0, false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t value = 0;
        bool valid = number_parse_whole(rows[i].text, strlen(rows[i].text), rows[i].most, &value);
        if (valid != rows[i].valid || (valid && value != rows[i].value))
            fail_msg("%s within %llu", rows[i].text, (unsigned long long)rows[i].most);
    }
}

static void numbers_are_written_faithfully(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } rows[] = {
        { 0.1, 17, "0.10000000000000001" },
        { 1.0 / 3, 6, "0.333333" },
        { -0.0, 6, "0" },
        { 1e10, 6, "1e+10" },
        { INFINITY, 6, "Infinity" },
        { -INFINITY, 6, "-Infinity" },
        { NAN, 6, "NaN" },
        { -NAN, 6, "NaN" },
        { 123456, 1, "1e+05" },
        { 5e-324, 17, "4.9406564584124654e-324" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = TEXT_INIT;
        number_add(&text, rows[i].value, rows[i].digits);
        assert_string_equal(text.bytes, rows[i].text);
        text_release(&text);
    }
}

static void numbers_are_written_as_short_as_they_come_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.1, "0.1" },
        { 64, "64" },
        { -0.0, "0" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3, "0.3333333333333333" },
        { 1e300, "1e+300" },
        { 5e-324, "5e-324" },
        { -INFINITY, "-Infinity" },
        { NAN, "NaN" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = TEXT_INIT;
        number_add_exact(&text, rows[i].value);
        assert_string_equal(text.bytes, rows[i].text);
        text_release(&text);
    }
}

/* The sums are those of Python's hashlib; the first is also that of the standard. */
static void checksums_are_those_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        size_t times;
        const char *sum;
    } rows[] = {
        { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
        { "a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
        { "a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
        { "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
        { "a", 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
        { "abcdefghij", 13, "d8e6fe9eca52119e95a00d1104a3a81a001595e448556a9c9bca5065e2d86be6" },
        { "0123456789", 100000,
          "ec21d64624228af3ecd4bdaa8239e32ed943b01e26934cd5610fddb361426dc6" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text whole = TEXT_INIT;
        struct sha256 pieces, once;
        char sum[SHA256_TEXT];
        sha256_init(&pieces);
        sha256_init(&once);
        for (size_t k = 0; k < rows[i].times; k++)
            sha256_add(&pieces, rows[i].piece, strlen(rows[i].piece));
        sha256_end(&pieces, sum);
        assert_string_equal(sum, rows[i].sum);
        text_repeat(&whole, rows[i].piece, rows[i].times);
        sha256_add(&once, whole.bytes, whole.length);
        sha256_end(&once, sum);
        assert_string_equal(sum, rows[i].sum);
        text_release(&whole);
    }
}

static void sizes_are_multiplied_within_range(void **state)
{
    (void)state;
    size_t product = 0;
    assert_true(size_multiply(3, 7, &product) && product == 21);
    assert_true(size_multiply(0, SIZE_MAX, &product) && product == 0);
    assert_true(size_multiply(SIZE_MAX, 1, &product) && product == SIZE_MAX);
    assert_false(size_multiply(SIZE_MAX / 2 + 1, 2, &product));
    assert_false(size_multiply(SIZE_MAX, SIZE_MAX, &product));
    assert_null(memory_resize(NULL, SIZE_MAX / 2, 4));
    assert_null(memory_aligned(SIZE_MAX / 4, 8));
    void *empty = memory_new(0, 8);
    assert_non_null(empty);
    free(empty);
}

static void an_even_draw_stays_below_its_bound(void **state)
{
    (void)state;
    struct rng rng;
    size_t counts[7] = { 0 };
    rng_init(&rng, 3, RNG_USER, 1, 2);
    for (size_t i = 0; i < 70000; i++)
        counts[rng_below(&rng, 7)]++;
    for (size_t i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400);
    for (size_t i = 0; i < 1000; i++) {
        double uniform = rng_uniform(&rng);
        assert_true(uniform >= 0 && uniform < 1);
        assert_int_equal(rng_below(&rng, 1), 0);
    }
}

/* ---- Texts --------------------------------------------------------------- */

static void a_text_grows_and_empties(void **state)
{
    (void)state;
    struct text text = TEXT_INIT;
    assert_string_equal(text.bytes, "");
    for (size_t i = 0; i < 1000; i++)
        text_printf(&text, "%zu,", i);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(text.bytes), text.length);
    text_cut(&text, 4);
    assert_string_equal(text.bytes, "0,1,");
    text_cut(&text, 100);
    text_add_part(&text, "abcdef", 2);
    text_repeat(&text, "=-", 3);
    text_add_char(&text, '.');
    assert_string_equal(text.bytes, "0,1,ab=-=-=-.");
    assert_int_equal(text_status(&text, NULL), NB_OK);
    char *taken = text_take(&text);
    assert_string_equal(taken, "0,1,ab=-=-=-.");
    assert_string_equal(text.bytes, "");
    free(taken);
    text_release(&text);
    text_add(&text, "again");
    assert_string_equal(text.bytes, "again");
    text_release(&text);
}

static void padding_counts_columns(void **state)
{
    (void)state;
    struct text text = TEXT_INIT;
    text_add(&text, "first line is long\nδ²₁");
    text_pad(&text, 6);
    text_add_char(&text, '|');
    assert_string_equal(text.bytes, "first line is long\nδ²₁   |");
    text_pad(&text, 3); /* past it already */
    assert_string_equal(text.bytes, "first line is long\nδ²₁   |");
    text_release(&text);
}

static void malformed_utf8_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length, width;
        unsigned codepoint;
    } rows[] = {
        { "A", 1, 1, 'A' },
        { "∂", 3, 1, 0x2202 },
        { "ŷ", 2, 1, 0x177 },
        { "\xf0\x9d\x9b\x81", 4, 1, 0x1d6c1 },
        { "\xff", 0, 0, 0 },
        { "\x80", 0, 0, 0 },
        { "\xc3", 0, 0, 0 },
        { "\xc0\xaf", 0, 0, 0 },
        { "\xe0\x80\x80", 0, 0, 0 },
        { "\xed\xa0\x80", 0, 0, 0 },
        { "\xf4\x90\x80\x80", 0, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned codepoint = 0;
        size_t given = strlen(rows[i].bytes);
        assert_int_equal(utf8_decode(rows[i].bytes, given, &codepoint), rows[i].length);
        assert_int_equal(utf8_valid(rows[i].bytes, given), rows[i].length > 0);
        if (!rows[i].length)
            continue;
        assert_int_equal(codepoint, rows[i].codepoint);
        assert_int_equal(utf8_width(rows[i].bytes, given), rows[i].width);
    }
    assert_int_equal(utf8_width("y\xcc\x82x", 4), 2); /* a combining mark takes no column */
}

static void styles_are_escapes_only_where_welcome(void **state)
{
    (void)state;
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, true, 80);
    sink_styled(&sink, STYLE_TITLE, "plain");
    assert_string_equal(text.bytes, "plain");
    sink.color = true;
    text_clear(&text);
    sink_styled(&sink, STYLE_TITLE, "bold");
    assert_non_null(strstr(text.bytes, "bold"));
    assert_int_equal(text.bytes[0], '\x1b');
    text_release(&text);
}

/* ---- Files ----------------------------------------------------------------- */

static bool is_regular(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* What a link names is replaced, beside it or elsewhere; the link stays. */
static void links_are_followed(const char *folder, const char *file)
{
    struct text link = TEXT_INIT, bytes = TEXT_INIT;
    struct nb_error error;
    path_join(&link, folder, "link");
    assert_int_equal(symlink("a/b/file", link.bytes), 0);
    assert_int_equal(file_write(link.bytes, "by link", 7, &error), NB_OK);
    assert_false(is_regular(link.bytes));
    assert_true(is_regular(file));
    assert_int_equal(file_read(file, 7, &bytes, &error), NB_OK);
    assert_string_equal(bytes.bytes, "by link");
    assert_int_equal(unlink(link.bytes), 0);
    assert_int_equal(symlink("link", link.bytes), 0); /* to itself */
    assert_int_equal(file_write(link.bytes, "x", 1, &error), NB_SYSTEM);
    assert_int_equal(unlink(link.bytes), 0);
    text_release(&link);
    text_release(&bytes);
}

static void files_are_written_whole_or_not(void **state)
{
    (void)state;
    char folder[] = "/tmp/nabla-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct text path = TEXT_INIT, bytes = TEXT_INIT;
    struct nb_error error;
    path_join(&path, folder, "a/b");
    assert_int_equal(folder_make(path.bytes, &error), NB_OK);
    assert_int_equal(folder_make(path.bytes, &error), NB_OK);
    assert_true(folder_exists(path.bytes) && !file_exists(path.bytes));
    text_add(&path, "/file");
    assert_int_equal(file_write(path.bytes, "one\0two", 7, &error), NB_OK);
    assert_true(file_exists(path.bytes) && !folder_exists(path.bytes));
    assert_int_equal(file_read(path.bytes, 7, &bytes, &error), NB_OK);
    assert_int_equal(bytes.length, 7);
    assert_memory_equal(bytes.bytes, "one\0two", 8);
    text_clear(&bytes);
    assert_int_equal(file_read(path.bytes, 6, &bytes, &error), NB_SYSTEM); /* too large */
    text_clear(&bytes);
    assert_int_equal(file_read(folder, 100, &bytes, &error), NB_SYSTEM);
    assert_int_equal(file_read("/nonexistent", 100, &bytes, &error), NB_SYSTEM);
    assert_non_null(strstr(error.text, "/nonexistent"));
    assert_int_equal(file_write("/nonexistent/file", "x", 1, &error), NB_SYSTEM);
    assert_int_equal(file_write("/dev/full", "x", 1, &error), NB_SYSTEM);
    assert_int_equal(file_write("/dev/null", "x", 1, &error), NB_OK);
    assert_int_equal(file_append(path.bytes, "+", 1, &error), NB_OK);
    assert_int_equal(file_read(path.bytes, 8, &bytes, &error), NB_OK);
    assert_memory_equal(bytes.bytes, "one\0two+", 9);
    text_clear(&bytes);
    assert_int_equal(file_append("/nonexistent/file", "x", 1, &error), NB_SYSTEM);
    assert_int_equal(file_append("/dev/full", "x", 1, &error), NB_SYSTEM);
    assert_false(is_regular("/dev/full") || is_regular("/dev/null"));
    assert_int_equal(file_write(folder, "x", 1, &error), NB_SYSTEM); /* a folder in its place */
    links_are_followed(folder, path.bytes);
    assert_int_equal(unlink(path.bytes), 0);
    text_cut(&path, path.length - strlen("/file"));
    assert_int_equal(rmdir(path.bytes), 0); /* nothing was left beside */
    text_cut(&path, path.length - strlen("/b"));
    assert_int_equal(rmdir(path.bytes), 0);
    assert_int_equal(rmdir(folder), 0);
    text_release(&path);
    text_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_whole_literals_are_numbers),
        cmocka_unit_test(whole_numbers_have_their_limit),
        cmocka_unit_test(numbers_are_written_faithfully),
        cmocka_unit_test(checksums_are_those_of_the_standard),
        cmocka_unit_test(numbers_are_written_as_short_as_they_come_back),
        cmocka_unit_test(sizes_are_multiplied_within_range),
        cmocka_unit_test(an_even_draw_stays_below_its_bound),
        cmocka_unit_test(a_text_grows_and_empties),
        cmocka_unit_test(padding_counts_columns),
        cmocka_unit_test(malformed_utf8_is_seen),
        cmocka_unit_test(styles_are_escapes_only_where_welcome),
        cmocka_unit_test(files_are_written_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
