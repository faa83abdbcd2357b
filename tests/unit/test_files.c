/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of data sets: every form, the places where they are sought, and
 * what is said of each kind of damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/compiler.h"
#include "base/file.h"
#include "data/dataset.h"
#include "format/cifar.h"
#include "format/idx.h"

#define PATH_LENGTH 512

static void path_of(char path[PATH_LENGTH], const char *folder, const char *name)
{
    assert_true(snprintf(path, PATH_LENGTH, "%s/%s", folder, name) < PATH_LENGTH);
}

/* ---- Files that are made here ----------------------------------------- */

#define ROWS       3
#define IDX_HEADER 16
#define IDX_PIXELS 784
#define FILE_MOST  (ROWS * 3073)

enum form { PLAIN, GZIP };

static const char *const mnist_files[] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                           "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" };
static const char *const cifar_files[] = { "data_batch_1.bin", "data_batch_2.bin",
                                           "data_batch_3.bin", "data_batch_4.bin",
                                           "data_batch_5.bin", "test_batch.bin" };

/* Three images whose pixels are their own number and three labels. */
static size_t make_idx(uint8_t bytes[FILE_MOST], bool images)
{
    static const uint8_t header[IDX_HEADER] = {
        0, 0, 8, 3, 0, 0, 0, ROWS, 0, 0, 0, 28, 0, 0, 0, 28
    };
    size_t start = images ? IDX_HEADER : 8, width = images ? IDX_PIXELS : 1;
    memcpy(bytes, header, start);
    bytes[3] = images ? 3 : 1;
    for (size_t i = 0; i < ROWS * width; i++)
        bytes[start + i] = (uint8_t)(i / width + (images ? 0 : 4));
    return start + ROWS * width;
}

/* Three records of which the first pixel is `number`. */
static size_t make_records(uint8_t bytes[FILE_MOST], size_t number)
{
    memset(bytes, 0, FILE_MOST);
    for (size_t i = 0; i < ROWS; i++) {
        bytes[i * CIFAR_RECORD] = (uint8_t)(i + number);
        bytes[i * CIFAR_RECORD + 1] = (uint8_t)number;
    }
    return FILE_MOST;
}

static void write_file(const char *folder, const char *name, enum form form, const uint8_t *bytes,
                       size_t length)
{
    char path[PATH_LENGTH], packed[PATH_LENGTH + 3];
    path_of(path, folder, name);
    if (form == PLAIN) {
        assert_int_equal(file_write(path, (const char *)bytes, length, NULL), NB_OK);
        return;
    }
    snprintf(packed, sizeof packed, "%s.gz", path);
    gzFile file = gzopen(packed, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)length), (int)length);
    assert_int_equal(gzclose(file), Z_OK);
}

static void write_mnist(const char *folder, enum form form)
{
    uint8_t bytes[FILE_MOST];
    for (size_t i = 0; i < COUNT_OF(mnist_files); i++) {
        size_t length = make_idx(bytes, i % 2 == 0);
        write_file(folder, mnist_files[i], form, bytes, length);
    }
}

static void write_cifar(const char *folder, enum form form)
{
    uint8_t bytes[FILE_MOST];
    for (size_t i = 0; i < COUNT_OF(cifar_files); i++)
        write_file(folder, cifar_files[i], form, bytes, make_records(bytes, i));
}

/* A .tar.gz with its members packed backwards, `count` of them. */
static void write_archive(const char *folder, size_t count)
{
    char path[PATH_LENGTH], inside[PATH_LENGTH];
    uint8_t bytes[FILE_MOST];
    path_of(path, folder, "cifar-10-binary.tar.gz");
    struct archive *archive = archive_write_new();
    archive_write_add_filter_gzip(archive);
    archive_write_set_format_ustar(archive);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = count; i-- > 0;) {
        struct archive_entry *entry = archive_entry_new();
        path_of(inside, "cifar-10-batches-bin", cifar_files[i]);
        archive_entry_set_pathname(entry, inside);
        archive_entry_set_size(entry, (la_int64_t)make_records(bytes, i));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, bytes, FILE_MOST), FILE_MOST);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

static int make_folder(void **state)
{
    static char path[PATH_LENGTH];
    strcpy(path, "/tmp/nabla-data-XXXXXX");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

/* Everything that the tests may have put there, known by name. */
static void empty_folder(const char *folder)
{
    static const char *const others[] = { "cifar-10-binary.tar.gz", "mnist" };
    static const struct {
        const char *const *names;
        size_t count;
    } lists[] = { { mnist_files, COUNT_OF(mnist_files) },
                  { cifar_files, COUNT_OF(cifar_files) },
                  { others, COUNT_OF(others) } };
    char path[PATH_LENGTH];
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; k < lists[i].count; k++) {
            path_of(path, folder, lists[i].names[k]);
            remove(path);
            strcat(path, ".gz");
            remove(path);
        }
}

static int remove_folder(void **state)
{
    empty_folder(*state);
    return rmdir(*state);
}

/* Loads, and the first pixels of the training rows must be these. */
static void expect_pixels(const char *name, const char *folder, const double *pixels, size_t rows)
{
    static double x[CIFAR_PIXELS], y[CIFAR_CLASSES];
    struct dataset *set;
    struct nb_source source;
    struct nb_error error = { 0 };
    struct dataset_options options = { .folder = folder, .any_rows = true };
    if (dataset_load(name, &options, &set, &error))
        fail_msg("%s", error.text);
    dataset_source(set, DATASET_TEST, &source);
    assert_int_equal(source.rows, ROWS);
    dataset_source(set, DATASET_TRAIN, &source);
    assert_int_equal(source.rows, rows);
    assert_int_equal(dataset_set_scale(set, SCALE_NONE, NULL), NB_OK);
    for (uint32_t i = 0; i < rows; i++) {
        source.fill(source.context, &i, 1, NB_DOUBLE, x, y);
        assert_true(x[0] == pixels[i]);
    }
    dataset_free(&set);
}

static const double mnist_pixels[] = { 0, 1, 2 };
static const double cifar_pixels[] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4 };

static void test_forms(void **state)
{
    const char *folder = *state;
    write_mnist(folder, GZIP);
    expect_pixels("mnist", folder, mnist_pixels, ROWS);
    write_mnist(folder, PLAIN);
    expect_pixels("mnist", folder, mnist_pixels, ROWS);
    write_archive(folder, COUNT_OF(cifar_files));
    expect_pixels("cifar10", folder, cifar_pixels, COUNT_OF(cifar_pixels));
    write_cifar(folder, GZIP);
    expect_pixels("cifar10", folder, cifar_pixels, COUNT_OF(cifar_pixels));
    write_cifar(folder, PLAIN);
    expect_pixels("cifar10", folder, cifar_pixels, COUNT_OF(cifar_pixels));
}

/* Plain files are taken before packed ones, and a set in the folder itself
 * before one below it. */
static void test_plain_first(void **state)
{
    const char *folder = *state;
    uint8_t bytes[FILE_MOST];
    size_t length = make_idx(bytes, true);
    write_mnist(folder, GZIP);
    bytes[IDX_HEADER] = 77;
    write_file(folder, mnist_files[0], PLAIN, bytes, length);
    expect_pixels("mnist", folder, (const double[]){ 77, 1, 2 }, ROWS);
}

/* Files that end between two rows are files of another set. */
static void test_rows_of_known_sets(void **state)
{
    static const struct {
        const char *set, *file, *says;
    } rows[] = {
        { "mnist", "train-images-idx3-ubyte", ": byte 4: 3 images, expected the 60000 of mnist" },
        { "cifar10", "data_batch_1.bin", ": byte 9219: 3 records, expected the 10000 of cifar10" },
    };
    write_mnist(*state, PLAIN);
    write_cifar(*state, PLAIN);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        const struct dataset_options options = { .folder = *state };
        assert_int_equal(dataset_load(rows[i].set, &options, &set, &error), NB_SYSTEM);
        if (!strstr(error.text, rows[i].file) || !strstr(error.text, rows[i].says))
            fail_msg("'%s' does not say '%s'", error.text, rows[i].says);
    }
}

static void test_below_folders(void **state)
{
    char below[PATH_LENGTH];
    const char *folders[] = { "/nowhere", *state, NULL };
    struct dataset *set;
    path_of(below, *state, "mnist");
    assert_int_equal(mkdir(below, 0700), 0);
    write_mnist(below, PLAIN);
    expect_pixels("mnist", *state, mnist_pixels, ROWS);
    expect_pixels("mnist", below, mnist_pixels, ROWS);
    struct dataset_options options = { .folders = folders, .any_rows = true };
    assert_int_equal(dataset_load("mnist", &options, &set, NULL), NB_OK);
    dataset_free(&set);
    folders[0] = below; /* a folder of the real set is no folder of the small one */
    assert_int_equal(dataset_load("mnist-mini", &options, &set, NULL), NB_SYSTEM);
    empty_folder(below);
}

/* ---- Damage ----------------------------------------------------------- */

#define KEEP SIZE_MAX

static const struct damage {
    const char *title, *set, *file;
    enum form form;
    size_t length; /* cut or extended with zeros to this; KEEP */
    size_t at;     /* this byte becomes `byte`; KEEP: none */
    uint8_t byte;
    const char *says; /* after the file's name */
} damages[] = {
    { "empty images", "mnist", "train-images-idx3-ubyte", PLAIN, 0, KEEP, 0,
      ": byte 0: the file ends, expected a header of 16 bytes" },
    { "half a header", "mnist", "train-images-idx3-ubyte", PLAIN, 11, KEEP, 0,
      ": byte 11: the file ends, expected a header of 16 bytes" },
    { "cut images", "mnist", "train-images-idx3-ubyte", PLAIN, 2367, KEEP, 0,
      ": byte 2367: the file ends, expected 2352 bytes" },
    { "long images", "mnist", "t10k-images-idx3-ubyte", PLAIN, 2370, KEEP, 0,
      ": byte 2368: expected the end, found 2 more bytes" },
    { "magic of labels", "mnist", "train-images-idx3-ubyte", PLAIN, KEEP, 3, 1,
      ": byte 0: magic 00000801, expected 00000803" },
    { "magic of floats", "mnist", "train-labels-idx1-ubyte", PLAIN, KEEP, 2, 13,
      ": byte 0: magic 00000d01, expected 00000801" },
    { "no rows", "mnist", "train-images-idx3-ubyte", PLAIN, KEEP, 7, 0,
      ": byte 4: size 0, expected at least 1" },
    { "more rows", "mnist", "train-images-idx3-ubyte", PLAIN, KEEP, 4, 255,
      ": byte 2368: the file ends, expected " },
    { "another width", "mnist", "train-images-idx3-ubyte", PLAIN, 1024, 15, 12,
      ": byte 12: size 12, expected 28" },
    { "wrong label", "mnist", "t10k-labels-idx1-ubyte", PLAIN, KEEP, 10, 10,
      ": byte 10: label 10, expected 0..9" },
    { "cut labels", "mnist", "t10k-labels-idx1-ubyte", PLAIN, 10, KEEP, 0,
      ": byte 10: the file ends, expected 3 bytes" },
    { "fewer labels", "mnist", "train-labels-idx1-ubyte", PLAIN, 10, 7, 2,
      ": byte 4: 2 labels, expected 3, one for each image of " },
    { "wrong label, packed", "mnist", "t10k-labels-idx1-ubyte", GZIP, KEEP, 9, 200,
      ".gz: byte 9: label 200, expected 0..9" },
    { "empty batch", "cifar10", "data_batch_1.bin", PLAIN, 0, KEEP, 0,
      ": byte 0: the file ends after 0 bytes of a record, expected 3073" },
    { "cut batch", "cifar10", "data_batch_2.bin", PLAIN, 9000, KEEP, 0,
      ": byte 9000: the file ends after 2854 bytes of a record, expected 3073" },
    { "long batch", "cifar10", "test_batch.bin", PLAIN, 9220, KEEP, 0,
      ": byte 9220: the file ends after 1 bytes of a record, expected 3073" },
    { "wrong label", "cifar10", "data_batch_3.bin", PLAIN, KEEP, 6146, 17,
      ": byte 6146: label 17, expected 0..9" },
    { "wrong label, packed", "cifar10", "data_batch_5.bin", GZIP, KEEP, 3073, 10,
      ".gz: byte 3073: label 10, expected 0..9" },
};

static void expect_refusal(const char *title, const char *name, const char *folder,
                           const char *file, const char *says)
{
    struct dataset *set;
    struct nb_error error = { 0 };
    char wanted[2 * PATH_LENGTH];
    snprintf(wanted, sizeof wanted, "%s/%s%s", folder, file, says);
    enum nb_status status = dataset_load(
        name, &(struct dataset_options){ .folder = folder, .any_rows = true }, &set, &error);
    if (status != NB_SYSTEM || !strstr(error.text, wanted))
        fail_msg("%s: status %d, '%s' does not say '%s'", title, (int)status, error.text, wanted);
    assert_null(set);
}

static void write_damaged(const char *folder, const struct damage *damage)
{
    uint8_t bytes[FILE_MOST + 1] = { 0 };
    bool cifar = strcmp(damage->set, "cifar10") == 0;
    (cifar ? write_cifar : write_mnist)(folder, damage->form);
    size_t length =
        cifar ? make_records(bytes, 0) : make_idx(bytes, strstr(damage->file, "images"));
    if (damage->at != KEEP)
        bytes[damage->at] = damage->byte;
    write_file(folder, damage->file, damage->form, bytes,
               damage->length == KEEP ? length : damage->length);
}

static void test_damage(void **state)
{
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        const struct damage *damage = &damages[i];
        write_damaged(*state, damage);
        expect_refusal(damage->title, damage->set, *state, damage->file, damage->says);
        empty_folder(*state);
    }
}

static void test_folder_for_file(void **state)
{
    char path[PATH_LENGTH];
    write_cifar(*state, PLAIN);
    path_of(path, *state, "data_batch_4.bin");
    remove(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refusal("folder", "cifar10", *state, "data_batch_4.bin", " is a folder, not a file");
    remove(path);
    expect_refusal("missing", "cifar10", *state, "data_batch_4.bin", " is missing");
    path_of(path, *state, "cifar-10-binary.tar.gz");
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refusal("folder", "cifar10", *state, "cifar-10-binary.tar.gz",
                   " is a folder, not a file");
}

static void test_damaged_gzip(void **state)
{
    static const char name[] = "train-images-idx3-ubyte.gz";
    char path[PATH_LENGTH], byte[64];
    struct text file = TEXT_INIT;
    write_mnist(*state, GZIP);
    path_of(path, *state, name);
    assert_int_equal(file_read(path, 1 << 20, &file, NULL), NB_OK);
    for (size_t cut = 1; cut < file.length; cut++) {
        assert_int_equal(file_write(path, file.bytes, cut, NULL), NB_OK);
        snprintf(byte, sizeof byte, ": byte %zu: the file ends inside", cut);
        expect_refusal("cut", "mnist", *state, name, cut > 17 ? byte : ": byte ");
    }
    file.bytes[file.length / 2] ^= 0x55;
    assert_int_equal(file_write(path, file.bytes, file.length, NULL), NB_OK);
    expect_refusal("changed", "mnist", *state, name, ": byte ");
    write_file(*state, name, PLAIN, (const uint8_t *)"not gzip at all", 15);
    expect_refusal("plain", "mnist", *state, name, ": byte 0: expected gzip, which begins 1f 8b");
    write_file(*state, name, PLAIN, NULL, 0);
    expect_refusal("empty", "mnist", *state, name, ": byte 0: expected gzip");
    text_release(&file);
}

static void test_damaged_archive(void **state)
{
    static const char name[] = "cifar-10-binary.tar.gz";
    char path[PATH_LENGTH];
    struct text file = TEXT_INIT;
    path_of(path, *state, name);
    write_archive(*state, COUNT_OF(cifar_files) - 1);
    expect_refusal("missing", "cifar10", *state, name, ": test_batch.bin is missing");
    write_archive(*state, COUNT_OF(cifar_files));
    assert_int_equal(file_read(path, 1 << 20, &file, NULL), NB_OK);
    for (size_t cut = 0; cut < file.length; cut++) {
        assert_int_equal(file_write(path, file.bytes, cut, NULL), NB_OK);
        expect_refusal("cut", "cifar10", *state, name, ": ");
    }
    file.bytes[file.length - 6] ^= 1; /* of the checksum */
    assert_int_equal(file_write(path, file.bytes, file.length, NULL), NB_OK);
    expect_refusal("changed", "cifar10", *state, name, ": byte ");
    assert_int_equal(file_write(path, "not an archive", 14, NULL), NB_OK);
    expect_refusal("text", "cifar10", *state, name, ": byte ");
    text_release(&file);
}

/* Parsers stay inside what they are given, whatever its length. */
static void test_parsers_at_every_length(void **state)
{
    uint8_t bytes[FILE_MOST];
    struct idx idx;
    size_t rows;
    (void)state;
    for (int images = 0; images < 2; images++) {
        size_t length = make_idx(bytes, images);
        for (size_t cut = 0; cut < length; cut++) {
            uint8_t *part = malloc(cut + !cut);
            assert_non_null(part);
            memcpy(part, bytes, cut);
            assert_int_equal(idx_parse(part, cut, "cut", images ? 3 : 1, &idx, NULL), NB_SYSTEM);
            free(part);
        }
        assert_int_equal(idx_parse(bytes, length, "whole", images ? 3 : 1, &idx, NULL), NB_OK);
    }
    make_records(bytes, 0);
    for (size_t cut = 0; cut <= FILE_MOST; cut++)
        assert_int_equal(cifar_check(bytes, cut, "cut", &rows, NULL),
                         cut && cut % CIFAR_RECORD == 0 ? NB_OK : NB_SYSTEM);
    assert_int_equal(rows, ROWS);
}

static void test_sizes_that_overflow(void **state)
{
    uint8_t bytes[IDX_HEADER] = { 0, 0, 8, 3 };
    struct idx idx;
    (void)state;
    memset(bytes + 4, 0xff, sizeof bytes - 4);
    assert_int_equal(idx_parse(bytes, sizeof bytes, "huge", 3, &idx, NULL), NB_SYSTEM);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_forms),
        IN_FOLDER(test_plain_first),
        IN_FOLDER(test_rows_of_known_sets),
        IN_FOLDER(test_below_folders),
        IN_FOLDER(test_damage),
        IN_FOLDER(test_folder_for_file),
        IN_FOLDER(test_damaged_gzip),
        IN_FOLDER(test_damaged_archive),
        cmocka_unit_test(test_parsers_at_every_length),
        cmocka_unit_test(test_sizes_that_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
