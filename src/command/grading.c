/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/grading.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/offstage.h"
#include "command/session.h"
#include "lesson/answers.h"
#include "lesson/gradesheet.h"

#define STUDENT_MOST 200

/* One file that was handed in. */
struct submission {
    struct answers answers;
    struct gradesheet sheet;
    uint64_t seed;
    bool played; /* it is judged, or cannot be */
};

struct grading {
    struct session *session; /* who asked */
    const struct grading_request *request;
    struct lesson lesson;
    struct submission *submissions; /* (count) */
    size_t count;
    enum nb_status status; /* of the first file that could not be graded */
};

/* ---- Whose, and which variant ------------------------------------------------------ */

static bool is_line(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return utf8_valid(text, strlen(text));
}

enum nb_status student_check(const char *student, struct nb_error *error)
{
    size_t length = strlen(student);
    if (!length || length > STUDENT_MOST || !is_line(student) || student[0] == ' ' ||
        student[length - 1] == ' ')
        return error_set(error, NB_USAGE,
                         "--student wants an ID of one line: --student 4711, or an address");
    return NB_OK;
}

/* The file's name without folder and ending, where nothing else says whose it is. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    char *copy = string_copy_part(name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
    for (char *c = copy; c && *c && !is_line(copy); c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            *c = '?';
    return copy;
}

static enum nb_status add_foreign(struct answers *answers, size_t at, const struct text *text,
                                  struct nb_error *error)
{
    answers->foreign = true;
    return answers_fault(answers, at, text->bytes, error);
}

static enum nb_status check_student(const struct grading *grading, struct answers *answers,
                                    struct nb_error *error)
{
    const char *wanted = grading->request->student;
    struct text text = TEXT_INIT;
    if (!wanted || !answers->student || strcmp(wanted, answers->student) == 0)
        return NB_OK;
    text_printf(&text, "these are answers of %.80s, not of %.80s", answers->student, wanted);
    enum nb_status status = add_foreign(answers, answers->student_at, &text, error);
    text_release(&text);
    return status;
}

/* The seed that the numbers were drawn by, which the file's own must be. */
static enum nb_status choose_seed(const struct grading *grading, struct submission *submission,
                                  struct nb_error *error)
{
    const struct grading_request *request = grading->request;
    struct answers *answers = &submission->answers;
    const char *student = request->student ? request->student : answers->student;
    struct text text = TEXT_INIT;
    enum nb_status status = NB_OK;
    submission->seed = grading->session->settings.seed;
    if (!grading->lesson.varies)
        return NB_OK;
    if (student)
        submission->seed = answers_student_seed(student);
    else if (answers->has_seed && !request->seeded)
        submission->seed = answers->seed;
    if (answers->has_seed && answers->seed != submission->seed) {
        text_printf(&text, "these are answers with seed %llu, and %.80s%s is %llu",
                    (unsigned long long)answers->seed, student ? "that of " : "--seed",
                    student ? student : "", (unsigned long long)submission->seed);
        status = add_foreign(answers, answers->seed_at, &text, error);
    }
    text_release(&text);
    return status;
}

/* ---- Reading ------------------------------------------------------------------------- */

/* Says it on the error sink as FILE:LINE:COL, and keeps it for the student. */
static void tell(struct grading *grading, struct submission *submission, enum nb_status status,
                 const struct nb_error *error)
{
    const struct text *source = &submission->answers.source;
    size_t line, column;
    bool placed = error->at != NB_NOWHERE;
    session_report(grading->session, placed ? submission->answers.path : NULL, source->bytes,
                   source->length, error);
    if (placed) {
        lang_position(source->bytes, source->length, error->at, &line, &column);
        text_printf(&submission->sheet.faults, "line %zu: ", line);
    }
    text_printf(&submission->sheet.faults, "%s\n", error->text);
    if (!grading->status)
        grading->status = status;
}

/* Said of the later of two; both are graded, and whoever reads the scores chooses. */
static void tell_twice(struct grading *grading, struct submission *submission)
{
    const struct gradesheet *sheet = &submission->sheet;
    struct nb_error wrong;
    for (const struct submission *other = grading->submissions; other < submission; other++) {
        if (!other->sheet.student || strcmp(other->sheet.student, sheet->student) != 0)
            continue;
        error_at(&wrong, NB_USAGE, submission->answers.student_at,
                 "%.80s has answers in %.200s, too: both are graded", sheet->student,
                 other->sheet.file);
        tell(grading, submission, NB_OK, &wrong);
        return;
    }
}

static enum nb_status read_submission(struct grading *grading, const char *path,
                                      struct submission *submission, struct nb_error *error)
{
    struct answers *answers = &submission->answers;
    struct nb_error wrong = { .at = NB_NOWHERE };
    enum nb_status status = gradesheet_init(&submission->sheet, &grading->lesson, error);
    if (status)
        return status;
    enum nb_status read = answers_read(path, &grading->lesson, answers, &wrong);
    if (read)
        tell(grading, submission, read, &wrong);
    if (!read)
        status = check_student(grading, answers, error);
    if (!read && !status)
        status = choose_seed(grading, submission, error);
    for (size_t i = 0; i < answers->fault_count && !status; i++) {
        error_at(&wrong, NB_USAGE, answers->faults[i].at, "%s", answers->faults[i].text);
        tell(grading, submission, answers->foreign ? NB_USAGE : NB_OK, &wrong);
    }
    submission->played = read || answers->foreign;
    const char *student = grading->request->student ? grading->request->student : answers->student;
    submission->sheet.student = student ? string_copy(student) : name_of(path);
    submission->sheet.file = path;
    submission->sheet.varies = grading->lesson.varies && !submission->played;
    submission->sheet.seed = submission->seed;
    if (!submission->sheet.student)
        return status ? status : error_memory(error);
    if (!read)
        tell_twice(grading, submission);
    return status;
}

/* ---- Judging ---------------------------------------------------------------------------- */

/* One variant while it is played. */
struct variant {
    struct grading *grading;
    struct offstage stage;
    uint64_t seed;
};

static enum nb_status judge_one(struct variant *variant, struct asking *asking,
                                struct submission *submission, const struct answer_given *given,
                                struct grade *grade)
{
    struct asking_answer answer = { .verdict = ASKING_UNPARSABLE };
    struct nb_error wrong = { .at = NB_NOWHERE };
    const char *source = submission->answers.source.bytes;
    struct sink feedback = sink_to_text(&grade->feedback, true, 80);
    text_clear(&grade->given);
    text_clear(&grade->feedback);
    text_add_part(&grade->given, source + given->value.at, given->value.length);
    grade->line = given->line;
    grade->tries++;
    enum nb_status status = asking_judge(asking, source, given->value, true, &answer, &wrong);
    if (status == NB_SYSTEM || status == NB_INTERRUPTED)
        return status;
    if (status) {
        grade->standing = GRADE_REFUSED;
        lang_habit(source, given->value, &wrong);
        text_add(&grade->feedback, wrong.text);
        wrong.at = wrong.at == NB_NOWHERE ? given->value.at : wrong.at;
        session_report(variant->grading->session, submission->answers.path, source,
                       submission->answers.source.length, &wrong);
        return NB_OK;
    }
    grade->tries -= answer.verdict == ASKING_COARSE; /* as at the prompt */
    grade->standing = answer.verdict != ASKING_RIGHT ? GRADE_WRONG
                      : given->assisted              ? GRADE_ASSISTED
                                                     : GRADE_RIGHT;
    grade->share = given->assisted ? 0 : answer.verdict == ASKING_RIGHT ? 1 : answer.share;
    if (grade->standing == GRADE_ASSISTED)
        text_add(&grade->feedback, "Right, with computed numbers in view: it earns no points.");
    else if (grade->standing == GRADE_WRONG)
        asking_print(asking, &answer, &variant->stage.host.values, &feedback);
    asking_answer_release(&answer);
    return NB_OK;
}

static enum nb_status judge_all(struct variant *variant, struct asking *asking,
                                struct submission *submission, struct grade *grade)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < submission->answers.count && !status; i++) {
        const struct answer_given *given = &submission->answers.given[i];
        if (given->ask != grade->ask || grade->standing >= GRADE_ASSISTED ||
            grade->tries == grade->ask->tries)
            continue;
        status = judge_one(variant, asking, submission, given, grade);
    }
    return status;
}

/* Question `number` of the lesson, from 0. */
static enum nb_status grade_question(struct variant *variant, const struct lesson_part *part,
                                     size_t number, struct nb_error *error)
{
    struct grading *grading = variant->grading;
    struct asking asking;
    enum nb_status status = offstage_ask(&variant->stage, part->ask, &asking, error);
    if (status)
        return status;
    for (size_t i = 0; i < grading->count && !status; i++) {
        struct submission *submission = &grading->submissions[i];
        if (submission->played || submission->seed != variant->seed)
            continue;
        lesson_plain_words(part->ask->question.text, &variant->stage.host.values,
                           &submission->sheet.grades[number].question);
        status = judge_all(variant, &asking, submission, &submission->sheet.grades[number]);
    }
    asking_close(&asking);
    return status && !error->text[0] ? error_set(error, status, "the grading was cut short")
                                     : status;
}

/* ---- Playing ---------------------------------------------------------------------------- */

static enum nb_status play_parts(struct variant *variant, struct nb_error *error)
{
    const struct lesson *lesson = player_lesson(variant->stage.player);
    size_t number = 0;
    enum nb_status status = NB_OK;
    if (lesson->asks != variant->grading->lesson.asks)
        return error_set(error, NB_SYSTEM, "%s was changed while it was graded", lesson->path);
    for (size_t i = 0; i < lesson->count && !status; i++)
        status = lesson->parts[i].kind == LESSON_ASK
                     ? grade_question(variant, &lesson->parts[i], number++, error)
                     : offstage_run(&variant->stage, &lesson->parts[i], error);
    return status;
}

static enum nb_status play_variant(struct grading *grading, uint64_t seed, struct nb_error *error)
{
    struct variant variant = { .grading = grading, .seed = seed };
    enum nb_status status =
        offstage_open(grading->session, grading->request->lesson, seed, &variant.stage, error);
    if (status)
        return status;
    status = play_parts(&variant, error);
    offstage_close(&variant.stage);
    return status;
}

/* One playing for each seed. */
static enum nb_status play(struct grading *grading, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t i = 0; i < grading->count && !status; i++) {
        uint64_t seed = grading->submissions[i].seed;
        if (grading->submissions[i].played)
            continue;
        status = play_variant(grading, seed, error);
        for (size_t k = i; k < grading->count; k++)
            grading->submissions[k].played |= grading->submissions[k].seed == seed;
    }
    return status;
}

/* ---- Reports ---------------------------------------------------------------------------- */

enum report { REPORT_JSON, REPORT_JUNIT, REPORT_CSV };

static enum nb_status write_report(const struct grading *grading, enum report report,
                                   const char *path, const struct gradesheet *sheets,
                                   struct nb_error *error)
{
    struct text text = TEXT_INIT;
    enum nb_status status = NB_OK;
    if (!path)
        return NB_OK;
    switch (report) {
    case REPORT_JSON:
        status = gradesheet_json(sheets, &grading->lesson, &text, error);
        break;
    case REPORT_JUNIT:
        gradesheets_junit(sheets, grading->count, &grading->lesson, &text);
        break;
    case REPORT_CSV:
        gradesheets_csv(sheets, grading->count, &text);
        break;
    }
    if (!status)
        status = text_status(&text, error);
    if (!status)
        status = file_write(path, text.bytes, text.length, error);
    text_release(&text);
    return status;
}

static enum nb_status report_all(const struct grading *grading, struct nb_error *error)
{
    const struct grading_request *request = grading->request;
    const char *const paths[] = {
        [REPORT_JSON] = request->json, [REPORT_JUNIT] = request->junit, [REPORT_CSV] = request->csv
    };
    struct gradesheet *sheets = memory_new(grading->count, sizeof *sheets);
    enum nb_status status = sheets ? NB_OK : error_memory(error);
    for (size_t i = 0; i < grading->count && sheets; i++)
        sheets[i] = grading->submissions[i].sheet;
    for (enum report report = REPORT_JSON; report <= REPORT_CSV && !status; report++)
        status = write_report(grading, report, paths[report], sheets, error);
    if (sheets && grading->count == 1)
        gradesheet_print(sheets, &grading->lesson, grading->session->out);
    else if (sheets)
        gradesheets_print(sheets, grading->count, grading->session->out);
    free(sheets);
    return status;
}

/* ---- All of it ----------------------------------------------------------------------------- */

static enum nb_status read_lesson(struct grading *grading, struct nb_error *error)
{
    struct lesson *lesson = &grading->lesson;
    struct session *session = grading->session;
    enum nb_status status = lesson_read(grading->request->lesson, lesson, error);
    if (status && error->at != NB_NOWHERE) {
        session_report(session, lesson->path, lesson->source.bytes, lesson->source.length, error);
        error->text[0] = '\0';
    }
    if (!status && !lesson->asks)
        return error_set(error, NB_FAILED, "%.200s asks nothing: there is nothing to grade",
                         lesson->path);
    return status;
}

static enum nb_status grade_all(struct grading *grading, struct nb_error *error)
{
    enum nb_status status = read_lesson(grading, error);
    for (; grading->count < grading->request->count && !status; grading->count++)
        status = read_submission(grading, grading->request->files[grading->count],
                                 &grading->submissions[grading->count], error);
    if (!status)
        status = play(grading, error);
    if (!status)
        status = report_all(grading, error);
    return status;
}

enum nb_status session_grade(struct session *session, const struct grading_request *request,
                             struct nb_error *error)
{
    struct grading grading = { .session = session, .request = request };
    if (request->json && request->count > 1)
        return error_set(error, NB_USAGE,
                         "--json holds the results of one: give one answers file, or --csv FILE");
    grading.submissions = memory_new(request->count, sizeof *grading.submissions);
    enum nb_status status = grading.submissions ? grade_all(&grading, error) : error_memory(error);
    for (size_t i = 0; i < request->count && grading.submissions; i++) {
        gradesheet_release(&grading.submissions[i].sheet);
        answers_release(&grading.submissions[i].answers);
    }
    free(grading.submissions);
    lesson_release(&grading.lesson);
    if (!status && grading.status)
        error->text[0] = '\0';
    return status ? status : grading.status;
}
