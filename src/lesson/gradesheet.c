/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/gradesheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "lesson/answers.h"

#define DIGITS 6
#define UNIT   1e-4 /* to which points are rounded */

enum nb_status gradesheet_init(struct gradesheet *sheet, const struct lesson *lesson,
                               struct nb_error *error)
{
    *sheet = (struct gradesheet){ .faults = TEXT_INIT };
    sheet->grades = memory_new(lesson->count, sizeof *sheet->grades);
    if (!sheet->grades)
        return error_memory(error);
    for (size_t i = 0; i < lesson->count; i++)
        if (lesson->parts[i].ask)
            sheet->grades[sheet->count++] = (struct grade){ .ask = lesson->parts[i].ask,
                                                            .question = TEXT_INIT,
                                                            .given = TEXT_INIT,
                                                            .feedback = TEXT_INIT };
    return NB_OK;
}

void gradesheet_release(struct gradesheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        text_release(&sheet->grades[i].question);
        text_release(&sheet->grades[i].given);
        text_release(&sheet->grades[i].feedback);
    }
    free(sheet->grades);
    free(sheet->student);
    text_release(&sheet->faults);
    *sheet = (struct gradesheet){ .faults = TEXT_INIT };
}

static double score_of(const struct grade *grade)
{
    return round(grade->ask->points * grade->share / UNIT) * UNIT;
}

double gradesheet_score(const struct gradesheet *sheet)
{
    double sum = 0;
    for (size_t i = 0; i < sheet->count; i++)
        sum += score_of(&sheet->grades[i]);
    return round(sum / UNIT) * UNIT;
}

double gradesheet_most(const struct gradesheet *sheet)
{
    double sum = 0;
    for (size_t i = 0; i < sheet->count; i++)
        sum += sheet->grades[i].ask->points;
    return sum;
}

static const char *standing_name(const struct grade *grade)
{
    static const char *const names[] = { [GRADE_MISSING] = "not answered",
                                         [GRADE_REFUSED] = "not counted",
                                         [GRADE_WRONG] = "wrong",
                                         [GRADE_ASSISTED] = "assisted",
                                         [GRADE_RIGHT] = "right" };
    bool partly = grade->standing == GRADE_WRONG && grade->share > 0;
    return partly ? "partly right" : names[grade->standing];
}

/* ---- For people --------------------------------------------------------------- */

static void add_points(struct text *text, double score, double most)
{
    number_add(text, score, DIGITS);
    text_add(text, " of ");
    number_add(text, most, DIGITS);
}

static void add_head(struct text *text, const struct gradesheet *sheet)
{
    text_add(text, sheet->student);
    if (sheet->varies)
        text_printf(text, ", seed %llu", (unsigned long long)sheet->seed);
}

/* The first line of a text, no longer than `most` bytes. */
static size_t first_line(const struct text *text, size_t most)
{
    size_t length = strcspn(text->bytes, "\n");
    if (length <= most)
        return length;
    while (most && ((unsigned char)text->bytes[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* What does not count, a line each. */
static void add_faults(struct text *text, const struct gradesheet *sheet)
{
    const char *at = sheet->faults.bytes;
    text_add(text, *at ? "\n" : "");
    while (*at) {
        size_t length = strcspn(at, "\n") + 1;
        text_add(text, "  ");
        text_add_part(text, at, length);
        at += length;
    }
}

void gradesheet_print(const struct gradesheet *sheet, const struct lesson *lesson,
                      struct sink *sink)
{
    struct text text = TEXT_INIT;
    text_printf(&text, "%s\n", lesson->title);
    add_head(&text, sheet);
    text_add(&text, "\n\n");
    for (size_t i = 0; i < sheet->count; i++) {
        const struct grade *grade = &sheet->grades[i];
        text_printf(&text, "  %s", grade->ask->id.text);
        text_pad(&text, 16);
        add_points(&text, score_of(grade), grade->ask->points);
        text_pad(&text, 30);
        text_printf(&text, "%s", standing_name(grade));
        text_pad(&text, 46);
        text_add_part(&text, grade->given.bytes, first_line(&grade->given, 40));
        if (grade->tries > 1)
            text_printf(&text, "   (try %zu)", grade->tries);
        text_add_char(&text, '\n');
    }
    add_faults(&text, sheet);
    text_add(&text, "\nscore ");
    add_points(&text, gradesheet_score(sheet), gradesheet_most(sheet));
    text_add_char(&text, '\n');
    sink_text(sink, &text);
    text_release(&text);
}

void gradesheets_print(const struct gradesheet *sheets, size_t count, struct sink *sink)
{
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        size_t faults = text_lines(sheets[i].faults.bytes, sheets[i].faults.length);
        text_add(&text, sheets[i].student);
        text_pad(&text, 24);
        add_points(&text, gradesheet_score(&sheets[i]), gradesheet_most(&sheets[i]));
        text_pad(&text, 40);
        if (sheets[i].varies)
            text_printf(&text, "seed %llu", (unsigned long long)sheets[i].seed);
        if (faults)
            text_printf(&text, "%s%zu fault%s", sheets[i].varies ? ", " : "", faults,
                        faults == 1 ? "" : "s");
        text_add_char(&text, '\n');
    }
    sink_text(sink, &text);
    text_release(&text);
}

/* Behind the standing, which is not said again, what there is to say; at the margin. */
static void add_feedback(struct text *text, const struct grade *grade)
{
    static const char wrong[] = "wrong\n", goes_on[] = "and ";
    const char *at = grade->feedback.bytes;
    at += strncmp(at, wrong, strlen(wrong)) ? 0 : strlen(wrong);
    size_t margin = strspn(at, " ");
    if (!at[margin])
        return;
    if (grade->standing == GRADE_REFUSED)
        text_add(text, ": ");
    else
        text_add(text, strncmp(at + margin, goes_on, strlen(goes_on)) ? "\n" : ", ");
    while (*at) {
        size_t length = strcspn(at, "\n"), blank = strspn(at, " ");
        size_t skipped = blank < margin ? blank : margin;
        text_add_part(text, at + skipped, length - skipped);
        at += length;
        if (*at)
            text_add_part(text, at++, 1);
    }
}

/* What a student reads about one question. */
static void add_words(struct text *text, const struct grade *grade)
{
    text_add(text, grade->question.length ? grade->question.bytes : grade->ask->question.text);
    if (grade->given.length)
        text_printf(text, "\nanswer: %s", grade->given.bytes);
    text_printf(text, "\n%s", standing_name(grade));
    if (grade->feedback.length)
        add_feedback(text, grade);
    while (text->length && text->bytes[text->length - 1] == '\n')
        text_cut(text, text->length - 1);
}

/* ---- Gradescope ------------------------------------------------------------------ */

static json_t *test_json(const struct grade *grade, size_t number)
{
    struct text words = TEXT_INIT, place = TEXT_INIT;
    add_words(&words, grade);
    text_printf(&place, "%zu", number);
    json_t *test =
        json_pack("{s:f, s:f, s:s, s:s, s:s, s:s, s:s, s:s}", "score", score_of(grade), "max_score",
                  grade->ask->points, "name", grade->ask->id.text, "number", place.bytes, "status",
                  grade->share >= 1 ? "passed" : "failed", "output", words.bytes, "output_format",
                  "text", "visibility", "visible");
    text_release(&words);
    text_release(&place);
    return test;
}

enum nb_status gradesheet_json(const struct gradesheet *sheet, const struct lesson *lesson,
                               struct text *text, struct nb_error *error)
{
    struct text output = TEXT_INIT;
    text_printf(&output, "%s\n", lesson->title);
    add_head(&output, sheet);
    text_printf(&output, "%s%s", sheet->faults.length ? "\n\n" : "", sheet->faults.bytes);
    json_t *tests = json_array();
    for (size_t i = 0; i < sheet->count; i++)
        if (json_array_append_new(tests, test_json(&sheet->grades[i], i + 1)))
            text->failed = true;
    json_t *results = json_pack("{s:f, s:s, s:s, s:s, s:s, s:o}", "score", gradesheet_score(sheet),
                                "output", output.bytes, "output_format", "text", "visibility",
                                "visible", "stdout_visibility", "hidden", "tests", tests);
    char *bytes = results ? json_dumps(results, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    text->failed |= !bytes;
    text_printf(text, "%s\n", bytes ? bytes : "");
    free(bytes);
    json_decref(results);
    text_release(&output);
    return text_status(text, error);
}

/* ---- JUnit ------------------------------------------------------------------------- */

static void add_xml(struct text *text, const char *string)
{
    static const char special[] = "<>&\"";
    static const char *const names[] = { "&lt;", "&gt;", "&amp;", "&quot;" };
    for (const char *c = string; *c; c++) {
        const char *found = strchr(special, *c);
        if (found)
            text_add(text, names[found - special]);
        else if ((unsigned char)*c >= ' ' || *c == '\n' || *c == '\t')
            text_add_char(text, *c);
    }
}

static void add_case(struct text *text, const struct grade *grade, const char *lesson)
{
    struct text words = TEXT_INIT;
    add_words(&words, grade);
    text_add(text, "    <testcase classname=\"");
    add_xml(text, lesson);
    text_add(text, "\" name=\"");
    add_xml(text, grade->ask->id.text);
    text_add(text, "\" time=\"0\"");
    if (grade->share >= 1) {
        text_add(text, "/>\n");
    } else {
        text_printf(text, ">\n      <failure message=\"%s\" type=\"answer\">",
                    standing_name(grade));
        add_xml(text, words.bytes);
        text_add(text, "</failure>\n    </testcase>\n");
    }
    text_release(&words);
}

static size_t count_failed(const struct gradesheet *sheet)
{
    size_t failed = 0;
    for (size_t i = 0; i < sheet->count; i++)
        failed += sheet->grades[i].share < 1;
    return failed;
}

void gradesheets_junit(const struct gradesheet *sheets, size_t count, const struct lesson *lesson,
                       struct text *text)
{
    struct text name = TEXT_INIT;
    size_t tests = 0, failed = 0;
    answers_add_lesson(&name, lesson);
    for (size_t i = 0; i < count; i++) {
        tests += sheets[i].count;
        failed += count_failed(&sheets[i]);
    }
    text_add(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
    add_xml(text, name.bytes);
    text_printf(text, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", tests, failed);
    for (size_t i = 0; i < count; i++) {
        text_add(text, "  <testsuite name=\"");
        add_xml(text, sheets[i].student);
        text_printf(text,
                    "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
                    sheets[i].count, count_failed(&sheets[i]));
        for (size_t k = 0; k < sheets[i].count; k++)
            add_case(text, &sheets[i].grades[k], name.bytes);
        text_add(text, "  </testsuite>\n");
    }
    text_add(text, "</testsuites>\n");
    text_release(&name);
}

/* ---- CSV ----------------------------------------------------------------------------- */

/* RFC 4180.  What a spreadsheet would take for a formula is no formula. */
static void add_field(struct text *text, const char *field)
{
    bool formula = field[0] && strchr("=+-@", field[0]);
    if (!formula && !strpbrk(field, ",\"\n\r")) {
        text_add(text, field);
        return;
    }
    text_add(text, formula ? "\"'" : "\"");
    for (const char *c = field; *c; c++) {
        if (*c == '"')
            text_add_char(text, '"');
        text_add_char(text, *c);
    }
    text_add_char(text, '"');
}

void gradesheets_csv(const struct gradesheet *sheets, size_t count, struct text *text)
{
    text_add(text, "student,file,seed,score,max_score");
    for (size_t k = 0; count && k < sheets[0].count; k++) {
        text_add_char(text, ',');
        add_field(text, sheets[0].grades[k].ask->id.text);
    }
    text_add_char(text, '\n');
    for (size_t i = 0; i < count; i++) {
        add_field(text, sheets[i].student);
        text_add_char(text, ',');
        add_field(text, sheets[i].file);
        text_add_char(text, ',');
        if (sheets[i].varies)
            text_printf(text, "%llu", (unsigned long long)sheets[i].seed);
        text_add_char(text, ',');
        number_add(text, gradesheet_score(&sheets[i]), DIGITS);
        text_add_char(text, ',');
        number_add(text, gradesheet_most(&sheets[i]), DIGITS);
        for (size_t k = 0; k < sheets[i].count; k++) {
            text_add_char(text, ',');
            number_add(text, score_of(&sheets[i].grades[k]), DIGITS);
        }
        text_add_char(text, '\n');
    }
}
