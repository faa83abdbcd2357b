/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fetching from a folder: what is there before, what is published, what is there then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/compiler.h"
#include "base/file.h"
#include "data/fetch.h"
#include "nets.h"

#define RIGHT "the published file\n"
#define SUM   "16fd670afcef9f12b1686f635421bfe6c2d6ddda3a90b836a193fdb3de09f106"
#define LIMIT 40

struct folders {
    char base[40];
    struct text from, into, source, target, part; /* of files: at both ends */
};

static int make_folders(void **state)
{
    struct folders *folders = calloc(1, sizeof *folders);
    assert_non_null(folders);
    strcpy(folders->base, "/tmp/nabla-fetch-XXXXXX");
    assert_non_null(mkdtemp(folders->base));
    text_init(&folders->from);
    text_init(&folders->into);
    text_init(&folders->source);
    text_init(&folders->target);
    text_init(&folders->part);
    text_printf(&folders->from, "%s/from", folders->base);
    text_printf(&folders->into, "%s/into", folders->base);
    text_printf(&folders->source, "%s/file", folders->from.bytes);
    text_printf(&folders->target, "%s/below/file", folders->into.bytes);
    text_printf(&folders->part, "%s.part", folders->target.bytes);
    assert_int_equal(folder_make(folders->from.bytes, NULL), NB_OK);
    *state = folders;
    return 0;
}

static int remove_folders(void **state)
{
    struct folders *folders = *state;
    struct text below = TEXT_INIT;
    text_printf(&below, "%s/below", folders->into.bytes);
    const char *const names[] = { folders->source.bytes, folders->target.bytes, folders->part.bytes,
                                  below.bytes,           folders->into.bytes,   folders->from.bytes,
                                  folders->base };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove(names[i]);
    text_release(&below);
    text_release(&folders->from);
    text_release(&folders->into);
    text_release(&folders->source);
    text_release(&folders->target);
    text_release(&folders->part);
    free(folders);
    return 0;
}

/* NULL: there is no such file; @: gzip of what follows. */
static void write_as(const char *path, const char *content)
{
    remove(path);
    if (!content)
        return;
    if (content[0] != '@') {
        assert_int_equal(file_write(path, content, strlen(content), NULL), NB_OK);
        return;
    }
    gzFile file = gzopen(path, "wb9");
    assert_non_null(file);
    assert_int_equal(gzputs(file, content + 1), (int)strlen(content + 1));
    assert_int_equal(gzclose(file), Z_OK);
}

static void assert_content(const char *path, const char *content, size_t row)
{
    struct text found = TEXT_INIT;
    bool there = file_read(path, 1000, &found, NULL) == NB_OK;
    if (there != (content != NULL) ||
        (there && content[0] != '@' && strcmp(found.bytes, content) != 0))
        fail_msg("row %zu: %s is %s", row, path, there ? found.bytes : "not there");
    text_release(&found);
}

struct seen {
    size_t files, before;
    uint64_t bytes;
};

static void see(void *context, const char *file, uint64_t bytes, bool before)
{
    struct seen *seen = context;
    assert_string_equal(file, "file");
    seen->files++;
    seen->before += before;
    seen->bytes += bytes;
}

static const struct {
    const char *published, *target, *part; /* before */
    const char *then, *then_part;          /* after */
    const char *says;                      /* NULL: all is well */
    bool unpacked, before;
} rows[] = {
    { RIGHT, NULL, NULL, RIGHT, NULL, NULL, false, false },
    { RIGHT, RIGHT, NULL, RIGHT, NULL, NULL, false, true },
    { NULL, RIGHT, NULL, RIGHT, NULL, NULL, false, true },
    { RIGHT, "damaged", NULL, RIGHT, NULL, NULL, false, false },
    { RIGHT, NULL, "the publ", RIGHT, NULL, NULL, false, false },
    { RIGHT, NULL, "something", RIGHT, NULL, NULL, false, false }, /* begun once more */
    { RIGHT, NULL, "something longer than that", RIGHT, NULL, NULL, false, false },
    { NULL, NULL, RIGHT, RIGHT, NULL, NULL, false, false }, /* only the name was missing */
    { NULL, NULL, "the publ", NULL, "the publ", "the same again goes on from there", false, false },
    { NULL, NULL, NULL, NULL, NULL, "cannot fetch", false, false },
    { "another file\n", NULL, NULL, NULL, NULL,
      "is not the published file and was not kept: its "
      "SHA-256 is",
      false, false },
    { "another file\n", "damaged", NULL, "damaged", NULL, "not the published file", false, false },
    { RIGHT RIGHT RIGHT, NULL, NULL, NULL, NULL, "is larger than 40 bytes", false, false },
    { "@" RIGHT, NULL, NULL, "@", NULL, NULL, true, false },
    { "@another file\n", NULL, NULL, NULL, NULL, "its SHA-256, unpacked, is", true, false },
    { RIGHT, NULL, NULL, NULL, NULL, "it is no gzip", true, false },
};

static void test_what_is_there_then(void **state)
{
    const struct folders *folders = *state;
    struct text url = TEXT_INIT;
    text_printf(&url, "file://%s", folders->from.bytes);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct fetch_set set = {
            "small", url.bytes, "below", { { "file", SUM, rows[i].unpacked, LIMIT } }
        };
        struct seen seen = { 0 };
        const struct fetch_watch watch = { .file = see, .context = &seen };
        struct nb_error error = { 0 };
        struct text below = TEXT_INIT;
        text_printf(&below, "%s/below", folders->into.bytes);
        assert_int_equal(folder_make(below.bytes, NULL), NB_OK);
        text_release(&below);
        write_as(folders->source.bytes, rows[i].published);
        write_as(folders->target.bytes, rows[i].target);
        write_as(folders->part.bytes, rows[i].part);
        /* the address of the set, of a folder, and of the file itself */
        struct text from = TEXT_INIT;
        text_printf(&from, "%s/%s", url.bytes, i % 3 == 2 ? "file" : "");
        enum nb_status status =
            fetch_run(&set, i % 3 ? from.bytes : NULL, folders->into.bytes, &watch, &error);
        if (status != (rows[i].says ? NB_SYSTEM : NB_OK) ||
            (rows[i].says && !strstr(error.text, rows[i].says)))
            fail_msg("row %zu: status %d, %s", i, (int)status, error.text);
        assert_content(folders->target.bytes, rows[i].then, i);
        assert_content(folders->part.bytes, rows[i].then_part, i);
        assert_int_equal(seen.files, !rows[i].says);
        assert_int_equal(seen.before, rows[i].before);
        if (!rows[i].says && !rows[i].unpacked)
            assert_int_equal(seen.bytes, strlen(RIGHT));
        text_release(&from);
    }
    text_release(&url);
}

static void test_interrupts(void **state)
{
    const struct folders *folders = *state;
    struct text url = TEXT_INIT;
    text_printf(&url, "file://%s", folders->from.bytes);
    static const volatile sig_atomic_t raised = 1;
    const struct fetch_set set = { "small", url.bytes, "", { { "file", SUM, false, LIMIT } } };
    const struct fetch_watch watch = { .interrupt = &raised };
    struct nb_error error;
    write_as(folders->source.bytes, RIGHT);
    assert_int_equal(fetch_run(&set, NULL, folders->into.bytes, &watch, &error), NB_INTERRUPTED);
    assert_non_null(strstr(error.text, "interrupted after"));
    text_release(&url);
}

/* The names that can be typed are those of sets, which can be loaded then. */
static void test_tables_agree(void **state)
{
    (void)state;
    size_t count;
    const struct nb_choice *names = fetch_names(&count);
    for (size_t i = 0; i < count; i++) {
        const struct fetch_set *set = fetch_find(names[i].name);
        assert_non_null(set);
        assert_string_equal(set->name, names[i].name);
        assert_int_equal(strncmp(set->url, "https://", 8), 0);
        for (size_t k = 0; set->files[k].name; k++) {
            assert_true(k < FETCH_FILES_MOST);
            assert_int_equal(strlen(set->files[k].sha256), 64);
            assert_int_equal(strspn(set->files[k].sha256, "0123456789abcdef"), 64);
        }
    }
    assert_null(fetch_find("xor"));
}

#define IN_FOLDERS(test) cmocka_unit_test_setup_teardown(test, make_folders, remove_folders)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDERS(test_what_is_there_then),
        IN_FOLDERS(test_interrupts),
        cmocka_unit_test(test_tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
