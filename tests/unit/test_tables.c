/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of one's own: what becomes of their columns, and what is said of damage. */
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
#include <unistd.h>

#include "base/compiler.h"
#include "base/file.h"
#include "base/text.h"
#include "data/dataset.h"
#include "format/csv.h"
#include "format/npy.h"
#include "format/npz.h"

#define PATH_LENGTH 512

static int make_folder(void **state)
{
    static char path[PATH_LENGTH];
    strcpy(path, "/tmp/nabla-tables-XXXXXX");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

static void path_in(char path[PATH_LENGTH], void **state, const char *name)
{
    assert_true(snprintf(path, PATH_LENGTH, "%s/%s", (const char *)*state, name) < PATH_LENGTH);
}

static int remove_folder(void **state)
{
    static const char *const names[] = { "t.csv", "t.npz" };
    char path[PATH_LENGTH];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        path_in(path, state, names[i]);
        remove(path);
    }
    return rmdir(*state);
}

static enum nb_status load_table(void **state, const char *text, const char *target,
                                 struct dataset **set, struct nb_error *error)
{
    char path[PATH_LENGTH];
    path_in(path, state, "t.csv");
    assert_int_equal(file_write(path, text, strlen(text), NULL), NB_OK);
    const struct dataset_options options = { .file = path, .target = target };
    return dataset_load("csv", &options, set, error);
}

/* ---- Fields ----------------------------------------------------------- */

/* All fields with their places: "line.column=field" and ; between records. */
static void fields_of(const char *text, struct text *list)
{
    struct csv csv;
    struct nb_error error = { 0 };
    csv_begin(&csv, text, strlen(text), "t");
    while (csv_next(&csv, &error) == NB_OK && csv.field) {
        text_printf(list, "%zu.%zu=", csv.line, csv.column);
        text_add_part(list, csv.field, csv.length);
        text_add(list, csv.last ? ";" : " ");
    }
    text_add(list, error.text);
    csv_end(&csv);
}

static void test_fields(void **state)
{
    static const struct {
        const char *text, *fields;
    } rows[] = {
        { "", "" },
        { "a,b\n1,2\n", "1.1=a 1.2=b;2.1=1 2.2=2;" },
        { "a,b\r\n1,2", "1.1=a 1.2=b;2.1=1 2.2=2;" },
        { "\xef\xbb\xbf"
          "a\n",
          "1.1=a;" },
        { " a ,\tb\t\n", "1.1=a 1.2=b;" },
        { "a,\n", "1.1=a 1.2=;" },
        { "a,", "1.1=a 1.2=;" },
        { ",\n,", "1.1= 1.2=;2.1= 2.2=;" },
        { "\n\n", "1.1=;2.1=;" },
        { "\"a,b\",\"c\"\"d\"\n", "1.1=a,b 1.2=c\"d;" },
        { "\"a\nb\",c\nd\n", "1.1=a\nb 1.2=c;3.1=d;" },
        { " \" a \" , b\n", "1.1= a  1.2=b;" },
        { "\"\"", "1.1=;" },
        { "a\"b\n", "t: line 1, column 1: a quote within a field, expected it around the whole "
                    "field" },
        { "x,\"a\"b\n", "1.1=x t: line 1, column 2: text behind the closing quote, expected a "
                        "comma" },
        { "x\n\"ab", "1.1=x;t: line 2, column 1: the file ends within quotes" },
        { "x,\x1b[31m", "1.1=x t: line 1, column 2: a control character, expected text" },
        { "\"\x01\"", "t: line 1, column 1: a control character, expected text" },
        { "a\rb", "t: line 1, column 1: a control character, expected text" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text list = TEXT_INIT;
        fields_of(rows[i].text, &list);
        assert_string_equal(list.bytes, rows[i].fields);
        text_release(&list);
    }
}

/* The reader stays inside what it is given, wherever that ends. */
static void test_fields_at_every_length(void **state)
{
    static const char text[] = "\xef\xbb\xbf"
                               "a,\"b\"\"c\",d\r\n1 , 2,\"x\ny\"\r\n,,\n";
    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        char *part = malloc(cut + !cut);
        struct csv csv;
        assert_non_null(part);
        memcpy(part, text, cut);
        csv_begin(&csv, part, cut, "cut");
        while (csv_next(&csv, NULL) == NB_OK && csv.field)
            assert_true(csv.line >= 1 && csv.column >= 1);
        csv_end(&csv);
        free(part);
    }
}

/* ---- Columns ---------------------------------------------------------- */

static const struct table {
    const char *text, *target;
    size_t rows, features, outputs, classes;
    const char *classes_named; /* with , between; NULL: no names */
    double x[2], y[3];         /* of the last row: the first features, the first outputs */
} tables[] = {
    /* 0 and 1 */
    { "a,b,t\n1,2,0\n3,4,1\n", "t", 2, 2, 1, 2, NULL, { 3, 4 }, { 1 } },
    { "1,2,0\n3,4,1\n", "3", 2, 2, 1, 2, NULL, { 3, 4 }, { 1 } },
    { "a,t\n1,1\n3,1\n", "t", 2, 1, 1, 2, NULL, { 3 }, { 1 } },
    /* whole numbers */
    { "a,t\n1,3\n2,1\n5,7\n", "t", 3, 1, 3, 3, "1,3,7", { 5 }, { 0, 0, 1 } },
    { "a,t\n1,1000\n2,1\n5,7\n", "t", 3, 1, 3, 3, "1,7,1000", { 5 }, { 0, 1, 0 } },
    /* numbers */
    { "a,t\n1,3\n2,1\n", "t", 2, 1, 1, 0, NULL, { 2 }, { 1 } },
    { "a,t\n1,3\n2,1\n4,2.5\n", "t", 3, 1, 1, 0, NULL, { 4 }, { 2.5 } },
    { "a,t\n1,3\n2,1\n4,1001\n", "t", 3, 1, 1, 0, NULL, { 4 }, { 1001 } },
    { "a,t\n1,-1\n2,0\n4,1\n", "t", 3, 1, 1, 0, NULL, { 4 }, { 1 } },
    /* words */
    { "1,no\n2,yes\n3,no\n", "2", 3, 1, 2, 2, "no,yes", { 3 }, { 1, 0 } },
    { "5.1,3.5,setosa\n7,3,virginica\n6,2,versicolor\n",
      "3",
      3,
      2,
      3,
      3,
      "setosa,versicolor,virginica",
      { 6, 2 },
      { 0, 1, 0 } },
    { "t,a\n\"x, y\",1\nb,2\n", "t", 2, 1, 2, 2, "b,x, y", { 2 }, { 1, 0 } },
    /* several */
    { "p,q,a\n1,0,5\n0,1,6\n", "p,q", 2, 1, 2, 2, "p,q", { 6 }, { 0, 1 } },
    { "1,0,5\n0,1,6\n", "1:2", 2, 1, 2, 2, NULL, { 6 }, { 0, 1 } },
    { "p,q,a\n1,0,5\n0,1,6\n", "q,p", 2, 1, 2, 2, "q,p", { 6 }, { 1, 0 } },
    { "p,q,a\n1,0,5\n1,1,6\n", "1:2", 2, 1, 2, 0, NULL, { 6 }, { 1, 1 } },
    { "1,2,3,4\n5,6,7,8\n", "2:3", 2, 2, 2, 0, NULL, { 5, 8 }, { 6, 7 } },
    { "1,2,3,4\n5,6,7,8\n", "4,1", 2, 2, 2, 0, NULL, { 6, 7 }, { 8, 5 } },
    /* a name of the target makes the first line a header, whatever else stands there */
    { "t,1,2\n0,3,4\n1,5,6\n", "t", 2, 2, 1, 2, NULL, { 5, 6 }, { 1 } },
    { "a, b , t\r\n 1 , 2 , 0\r\n3,-4e1,1", "b", 2, 2, 1, 0, NULL, { 3, 1 }, { -40 } },
};

static void assert_table(const struct table *table, const struct dataset *set)
{
    struct dataset_info info;
    struct text names = TEXT_INIT;
    double x[4], y[4];
    dataset_describe(set, &info);
    assert_string_equal(info.name, "t.csv");
    assert_int_equal(info.rows[DATASET_TRAIN], table->rows);
    assert_int_equal(info.features, table->features);
    assert_int_equal(info.outputs, table->outputs);
    assert_int_equal(info.classes, table->classes);
    assert_int_equal(info.scale, SCALE_NONE);
    assert_true((info.class_names != NULL) == (table->classes_named != NULL));
    for (size_t i = 0; i < info.classes && info.class_names; i++)
        text_printf(&names, "%s%s", i ? "," : "", info.class_names[i]);
    if (table->classes_named)
        assert_string_equal(names.bytes, table->classes_named);
    dataset_inputs(set, DATASET_TRAIN, table->rows - 1, x);
    dataset_targets(set, DATASET_TRAIN, table->rows - 1, y);
    for (size_t i = 0; i < table->features; i++)
        assert_true(x[i] == table->x[i]);
    for (size_t i = 0; i < table->outputs; i++)
        assert_true(y[i] == table->y[i]);
    assert_true((dataset_label(set, DATASET_TRAIN, 0) == DATASET_NO_CLASS) == !table->classes);
    text_release(&names);
}

static void test_tables(void **state)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        if (load_table(state, tables[i].text, tables[i].target, &set, &error))
            fail_msg("table %zu: %s", i, error.text);
        assert_table(&tables[i], set);
        dataset_free(&set);
    }
}

static void test_column_names(void **state)
{
    static const char *const names[] = { "a", "c", "t", "b" };
    struct dataset *set;
    struct dataset_info info;
    assert_int_equal(load_table(state, "a,b,c,t\n1,2,3,4\n", "t,b", &set, NULL), NB_OK);
    dataset_describe(set, &info);
    assert_int_equal(info.columns, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(info.column_names[i], names[i]);
    dataset_free(&set);
}

static void test_refused_tables(void **state)
{
    static const struct {
        const char *text, *target;
        enum nb_status status;
        const char *says;
    } rows[] = {
        { "", "1", NB_SYSTEM, "line 1: the file is empty" },
        { "a,t\n", "t", NB_SYSTEM, "the file ends after line 1" },
        { "a,b,t\n1,2,0\n1,0\n", "t", NB_SYSTEM, "line 3: 2 fields, expected 3 as in line 1" },
        { "a,t\n1,2\n1,2,3\n", "t", NB_SYSTEM, "line 3: 3 fields, expected 2" },
        { "a,t\n1,2\n1,2,3,4\n", "t", NB_SYSTEM, "line 3: more than 2 fields, expected 2" },
        { "a,t\n1,2\n\n", "t", NB_SYSTEM, "line 3: 1 field, expected 2" },
        { "a,t\n1,2\nx,2\n", "t", NB_SYSTEM, "line 3, column 1: x, expected a number" },
        { "a,t\n1,2\n,2\n", "t", NB_SYSTEM, "line 3, column 1: empty, expected a number" },
        { "a,t\n1,2\nnan,2\n", "t", NB_SYSTEM, "line 3, column 1: nan, expected a number" },
        { "a,t\n1,2\n1e999,2\n", "t", NB_SYSTEM, "line 3, column 1: 1e999, expected a number" },
        { "a,t\n1,2\n1,x\n", "t", NB_SYSTEM, "line 3, column 2: x, expected a number" },
        { "a,t\n1,nan\n1,2\n", "t", NB_SYSTEM, "line 2, column 2: nan, expected a number" },
        { "a,t\n1,\n1,2\n", "t", NB_SYSTEM, "line 2, column 2: empty, expected a number" },
        { "a,t\n1,x\n1,\n", "t", NB_SYSTEM, "line 3, column 2: expected the word of a class" },
        { "a,t\n1,x\n1,NaN\n", "t", NB_SYSTEM, "line 3, column 2: expected the word of a class" },
        { "a,t\n1,x\n1,\xff\n", "t", NB_SYSTEM, "line 3, column 2: expected the word of a class" },
        { "a,t\n1,x\n1,x\n", "t", NB_FAILED, "the target x: expected two classes" },
        { "a,\xff\n1,2\n", "1", NB_SYSTEM, "line 1, column 2: expected a name" },
        { "a,t\n\"1,2\n", "t", NB_SYSTEM, "line 2, column 1: the file ends within quotes" },
        { "a,t\n1,2\n", "u", NB_FAILED, "has no column u; it has 2: a, t" },
        { "a,t\n1,2\n", "3", NB_FAILED, "has no column 3; it has 2: a, t" },
        { "1,2\n3,4\n", "2:3", NB_FAILED, "has no column 2:3; it has 2" },
        { "1,2\n3,4\n", "0", NB_FAILED, "has no column 0; it has 2" },
        { "1,2\n3,4\n", "", NB_FAILED, "has no column ; it has 2" },
        { "a,t\n1,2\n", "a,t", NB_FAILED, "no column is left for x" },
        { "a,t\n1,2\n", "t,2", NB_USAGE, "target= names column 2 twice" },
        { "a,b,t\n1,2,3\n", "3:2", NB_USAGE, "write the smaller column first" },
        { "a;t\n1;2\n", "1", NB_SYSTEM, "line 1: a single column" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        enum nb_status status = load_table(state, rows[i].text, rows[i].target, &set, &error);
        if (status != rows[i].status || !strstr(error.text, rows[i].says))
            fail_msg("table %zu: status %d, '%s' does not say '%s'", i, (int)status, error.text,
                     rows[i].says);
        assert_null(set);
    }
}

/* ---- Arrays of numpy -------------------------------------------------- */

/* A whole .npy file: version 1.0 with this header. */
static size_t make_npy(const char *header, const void *values, size_t bytes, uint8_t out[512])
{
    size_t length = strlen(header);
    assert_true(10 + length + bytes <= 512);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (uint8_t)length;
    out[9] = (uint8_t)(length >> 8);
    memcpy(out + 10, header, length);
    memcpy(out + 10 + length, values, bytes);
    return 10 + length + bytes;
}

static const uint8_t six[] = { 1, 2, 3, 4, 5, 6 };

static void test_arrays(void **state)
{
    static const uint8_t words[] = { 0xfe, 0xff, 0xff, 0xff, 7, 0, 0, 0 };
    static const uint8_t floats[] = { 0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80 };
    static const uint8_t longs[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };
    static const uint8_t doubles[] = { 0, 0, 0, 0, 0, 0, 0xf4, 0xbf };
    static const struct {
        const char *header;
        const void *bytes;
        size_t length, dimensions, count;
        double values[6];
    } rows[] = {
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n",
          six,
          6,
          2,
          6,
          { 1, 2, 3, 4, 5, 6 } },
        { "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
          six,
          6,
          2,
          6,
          { 1, 3, 5, 2, 4, 6 } },
        { "{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2, 3)}",
          six,
          6,
          3,
          6,
          { 1, 3, 5, 2, 4, 6 } },
        { "{'shape': (6,), 'fortran_order': True, 'descr': '<u1'}  \n",
          six,
          6,
          1,
          6,
          { 1, 2, 3, 4, 5, 6 } },
        { "{'descr':'<i4','fortran_order':False,'shape':(2,)}", words, 8, 1, 2, { -2, 7 } },
        { "{'descr':'<f4','fortran_order':False,'shape':(2,)}", floats, 8, 1, 2, { 1.5, 0 } },
        { "{'descr':'<i8','fortran_order':False,'shape':(1,)}", longs, 8, 1, 1, { 0x1p63 } },
        { "{'descr':'<f8','fortran_order':False,'shape':(1,)}", doubles, 8, 1, 1, { -1.25 } },
        { "{'descr':'|b1','fortran_order':False,'shape':()}", six, 1, 0, 1, { 1 } },
        { "{'descr':'<f8','fortran_order':False,'shape':(0, 4)}", six, 0, 2, 0, { 0 } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t bytes[512];
        struct npy npy;
        struct nb_error error = { 0 };
        double values[6];
        size_t length = make_npy(rows[i].header, rows[i].bytes, rows[i].length, bytes);
        if (npy_parse(bytes, length, "a", &npy, &error))
            fail_msg("array %zu: %s", i, error.text);
        assert_int_equal(npy.dimensions, rows[i].dimensions);
        assert_int_equal(npy.count, rows[i].count);
        npy_read(&npy, values);
        for (size_t k = 0; k < npy.count; k++)
            assert_true(values[k] == rows[i].values[k]);
        assert_true(npy_is_bytes(&npy) == (i == 0 || i == 3));
    }
}

static void test_refused_arrays(void **state)
{
    static const struct {
        const char *header;
        size_t bytes;
        const char *says;
    } rows[] = {
        { "{'descr': '>u1', 'fortran_order': False, 'shape': (6,)}", 6, "big endian" },
        { "{'descr': '<u2', 'fortran_order': False, 'shape': (3,)}", 6, "f4, f8, u1, i4, i8 or" },
        { "{'descr': [('a', '<u1')], 'fortran_order': False, 'shape': (6,)}", 6, "f4, f8" },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (6,)}", 6, "f4, f8" },
        { "{'descr': '|u1', 'fortran_order': 1, 'shape': (6,)}", 6, "True or False" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': 6}", 6, "expected a shape" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (6}", 6, "expected , or )" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (-6,)}", 6, "expected a size" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (6,1,1,1,1,1,1,1,1)}", 6,
          "more dimensions than 8" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (7,)}", 6,
          "expected 7 bytes of numbers, found 6" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (5,)}", 6,
          "expected 5 bytes of numbers, found 6" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551615,)}", 6,
          "bytes of numbers" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616,)}", 6,
          "beyond what memory holds" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296,4294967296)}", 6,
          "memory holds" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", 6,
          "memory holds" },
        { "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (6,)}", 6, "once" },
        { "{'descr': '|u1', 'shape': (6,)}", 6, "once" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (6,), 'x': 1}", 6, "once" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (6,)} x", 6, "end of the header" },
        { "[]", 6, "expected {'descr'" },
        { "", 6, "expected {'descr'" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t bytes[512];
        struct npy npy;
        struct nb_error error = { 0 };
        size_t length = make_npy(rows[i].header, six, rows[i].bytes, bytes);
        enum nb_status status = npy_parse(bytes, length, "a", &npy, &error);
        if (status != NB_SYSTEM || !strstr(error.text, rows[i].says))
            fail_msg("array %zu: status %d, '%s' does not say '%s'", i, (int)status, error.text,
                     rows[i].says);
    }
}

/* Every length, and every byte changed: never outside, never a wrong answer
 * where the file is too short. */
static void test_arrays_at_every_length(void **state)
{
    uint8_t bytes[512];
    struct npy npy;
    (void)state;
    size_t length =
        make_npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", six, 6, bytes);
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *part = malloc(cut + !cut);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        assert_int_equal(npy_parse(part, cut, "cut", &npy, NULL), NB_SYSTEM);
        free(part);
    }
    for (size_t i = 0; i < length - 6; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t *copy = malloc(length);
            double values[64];
            assert_non_null(copy);
            memcpy(copy, bytes, length);
            copy[i] = (uint8_t)byte;
            if (npy_parse(copy, length, "changed", &npy, NULL) == NB_OK && npy.count <= 64)
                npy_read(&npy, values);
            free(copy);
        }
}

struct member {
    const char *name, *header;
    const void *bytes;
    size_t length;
};

static void write_npz(const char *path, const struct member *members, size_t count)
{
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[512];
        size_t length = make_npy(members[i].header, members[i].bytes, members[i].length, bytes);
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, members[i].name);
        archive_entry_set_size(entry, (la_int64_t)length);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, bytes, length), (la_ssize_t)length);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

#define BYTES(shape) "{'descr': '|u1', 'fortran_order': False, 'shape': (" shape ")}"

static const uint8_t not_a_number[] = { 0, 0, 0xc0, 0x7f };

static const struct file {
    struct member members[4];
    const char *says; /* NULL: it is read */
} files[] = {
    { { { "x.npy", BYTES("3, 2"), six, 6 }, { "y.npy", BYTES("3,"), six, 3 } }, NULL },
    { { { "X.npy", BYTES("2, 1, 3"), six, 6 }, { "Y.npy", BYTES("2, 1"), six, 2 } }, NULL },
    { { { "x_train.npy", BYTES("3, 2"), six, 6 },
        { "y_train.npy", BYTES("3,"), six, 3 },
        { "x_test.npy", BYTES("2, 2"), six, 4 },
        { "y_test.npy", BYTES("2,"), six + 4, 2 } },
      NULL },
    { { { "x.npy", BYTES("3, 2"), six, 6 }, { "z.npy", BYTES("3,"), six, 3 } }, "has no y" },
    { { { "y.npy", BYTES("3,"), six, 3 } }, "has no x" },
    { { { "x.npy", BYTES("3, 2"), six, 6 }, { "y.npy", BYTES("2,"), six, 2 } },
      "x has 3 rows, but y has 2" },
    { { { "x.npy", BYTES(""), six, 1 }, { "y.npy", BYTES("1,"), six, 1 } }, "x has no rows" },
    { { { "x.npy", BYTES("0, 2"), six, 0 }, { "y.npy", BYTES("0,"), six, 0 } }, "x has no rows" },
    { { { "x.npy", BYTES("3, 2"), six, 6 },
        { "y.npy", BYTES("3,"), six, 3 },
        { "x_test.npy", BYTES("2, 1"), six, 2 },
        { "y_test.npy", BYTES("2,"), six, 2 } },
      "x_test has 1 numbers a row, but the training part has 2" },
    { { { "x.npy", BYTES("3, 2"), six, 6 },
        { "x.npy", BYTES("3, 2"), six, 6 },
        { "y.npy", BYTES("3,"), six, 3 } },
      "x is there twice" },
    { { { "x.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", not_a_number, 4 },
        { "y.npy", BYTES("1,"), six, 1 } },
      "x, row 1: number 1 of it is not finite" },
    { { { "x.npy", "{", six, 6 }, { "y.npy", BYTES("3,"), six, 3 } }, ": x: byte 11" },
};

static void test_files_of_arrays(void **state)
{
    char path[PATH_LENGTH];
    path_in(path, state, "t.npz");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct dataset *set;
        struct nb_error error = { 0 };
        size_t count = 0;
        while (count < 4 && files[i].members[count].name)
            count++;
        write_npz(path, files[i].members, count);
        const struct dataset_options options = { .file = path };
        enum nb_status status = dataset_load("npz", &options, &set, &error);
        if ((files[i].says ? NB_SYSTEM : NB_OK) != status ||
            !strstr(error.text, files[i].says ? files[i].says : ""))
            fail_msg("file %zu: status %d, '%s' does not say '%s'", i, (int)status, error.text,
                     files[i].says ? files[i].says : "nothing");
        dataset_free(&set);
    }
}

/* Which shapes are images, and a row of two by two pixels mirrored. */
static void test_images_in_arrays(void **state)
{
    static const uint8_t twelve[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const struct {
        const char *header;
        size_t channels, height, width;
        bool interleaved;
        uint8_t mirrored[12];
    } rows[] = {
        { BYTES("1, 12"), 0, 0, 0, false, { 0 } },
        { BYTES("1, 2, 6"), 1, 2, 6, false, { 6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7 } },
        { BYTES("1, 1, 2, 6"), 1, 2, 6, false, { 6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7 } },
        { BYTES("1, 2, 6, 1"), 1, 2, 6, true, { 6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7 } },
        { BYTES("1, 3, 2, 2"), 3, 2, 2, false, { 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11 } },
        { BYTES("1, 2, 2, 3"), 3, 2, 2, true, { 4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9 } },
        { BYTES("1, 2, 3, 2"), 0, 0, 0, false, { 0 } },
    };
    char path[PATH_LENGTH];
    path_in(path, state, "t.npz");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct member members[] = { { "x.npy", rows[i].header, twelve, 12 },
                                          { "y.npy", BYTES("1,"), six, 1 } };
        const struct dataset_options options = { .file = path };
        struct dataset_augmented augmented = { .seed = 1 };
        struct dataset *set;
        struct dataset_info info;
        struct nb_source source;
        double x[12], y[2];
        const uint32_t row = 0;
        write_npz(path, members, 2);
        assert_int_equal(dataset_load("npz", &options, &set, NULL), NB_OK);
        dataset_describe(set, &info);
        assert_int_equal(info.channels, rows[i].channels);
        assert_int_equal(info.height, rows[i].height);
        assert_int_equal(info.width, rows[i].width);
        assert_true(info.interleaved == rows[i].interleaved);
        assert_int_equal(info.scale, info.height ? SCALE_STANDARD : SCALE_NONE);
        assert_int_equal(dataset_set_scale(set, SCALE_NONE, NULL), NB_OK);
        for (size_t epoch = 0, turned = 0; info.channels && !turned; epoch++) {
            augmented.epoch = epoch;
            dataset_source_augmented(set, DATASET_TRAIN, &augmented, &source);
            source.fill(source.context, &row, 1, NB_DOUBLE, x, y);
            turned = x[0] != 1;
            for (size_t k = 0; k < 12; k++)
                assert_true(x[k] == (turned ? rows[i].mirrored[k] : twelve[k]));
            assert_true(epoch < 50);
        }
        dataset_free(&set);
    }
}

/* A good file cut anywhere, or with any byte changed: refused or read, never
 * more than that; and text is no zip. */
static void test_damaged_files_of_arrays(void **state)
{
    static const char *const names[] = { "x", "y" };
    char path[PATH_LENGTH];
    struct text file = TEXT_INIT;
    struct block blocks[COUNT_OF(names)];
    path_in(path, state, "t.npz");
    write_npz(path, files[0].members, 2);
    assert_int_equal(file_read(path, 1 << 20, &file, NULL), NB_OK);
    for (size_t i = 0; i < file.length; i++) {
        uint8_t *copy = malloc(file.length);
        assert_non_null(copy);
        memcpy(copy, file.bytes, file.length);
        copy[i] ^= 0x55;
        if (npz_unpack(copy, file.length, "changed", names, COUNT_OF(names), blocks, NULL) == NB_OK)
            for (size_t k = 0; k < COUNT_OF(names); k++)
                block_release(&blocks[k]);
        if (npz_unpack(copy, i, "cut", names, COUNT_OF(names), blocks, NULL) == NB_OK)
            for (size_t k = 0; k < COUNT_OF(names); k++)
                block_release(&blocks[k]);
        free(copy);
    }
    text_release(&file);
    struct nb_error error = { 0 };
    assert_int_equal(npz_unpack((const uint8_t *)"x,y\n1,2\n", 8, "t", names, 2, blocks, &error),
                     NB_SYSTEM);
    assert_non_null(strstr(error.text, "expected .npz"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_fields_at_every_length),
        IN_FOLDER(test_tables),
        IN_FOLDER(test_column_names),
        IN_FOLDER(test_refused_tables),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_refused_arrays),
        cmocka_unit_test(test_arrays_at_every_length),
        IN_FOLDER(test_files_of_arrays),
        IN_FOLDER(test_images_in_arrays),
        IN_FOLDER(test_damaged_files_of_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
