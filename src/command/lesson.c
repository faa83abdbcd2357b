/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands about lessons, and the host that runs a lesson's blocks. */
#include "command/lesson.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "command/asked.h"
#include "command/command.h"
#include "command/course.h"
#include "command/expect.h"
#include "command/handin.h"
#include "command/onset.h"
#include "command/present.h"
#include "command/quiz.h"
#include "command/session.h"
#include "command/shelf.h"
#include "command/wrap.h"
#include "data/dataset.h"

/* ---- Running a block -------------------------------------------------------- */

/* A line that was typed, or what is like one: it goes on while a bracket is open. */
static size_t typed_length(const char *source, size_t at, size_t end)
{
    size_t length = 0;
    while (at + length < end) {
        length += strcspn(source + at + length, "\n");
        if (lang_line_state(source + at, length) == LANG_LINE_COMPLETE)
            break;
        length++;
    }
    return at + length < end ? length : end - at;
}

static void show_typed(struct sink *out, const char *line, size_t length)
{
    const char *prompt = out->unicode ? "∇ " : "> ";
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(line + at, '\n', length - at);
        size_t width = newline ? (size_t)(newline - line) - at : length - at;
        sink_styled(out, STYLE_NAME, prompt);
        sink_write(out, line + at, width);
        sink_puts(out, "\n");
        prompt = out->unicode ? "… " : "... ";
        at += width + 1;
    }
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\n", line[i]))
            return false;
    return true;
}

static enum nb_status run_typed(struct session *session, const char *source, size_t at, size_t end,
                                struct nb_error *error)
{
    struct lang_span statement;
    enum nb_status status = NB_OK;
    while (!status && !session->quitting && lang_next_statement(source, end, &at, &statement)) {
        if (session->interrupt && *session->interrupt)
            return error_set(error, NB_INTERRUPTED, "interrupted");
        status = session_run_statement(session, source, statement, error);
        if (status == NB_WRONG && session->wrong_answer)
            status = NB_OK;
        if (status && error->at == NB_NOWHERE)
            error->at = statement.at;
    }
    return status;
}

static enum nb_status run_lines(struct session *session, const struct lesson *lesson,
                                const struct lesson_part *part, bool shown, struct nb_error *error)
{
    const char *source = lesson->source.bytes;
    size_t at = part->at, end = part->at + part->length;
    enum nb_status status = NB_OK;
    while (at < end && !status) {
        size_t length = typed_length(source, at, end);
        if (shown && !is_blank(source + at, length))
            show_typed(session->out, source + at, length);
        status = run_typed(session, source, at, at + length, error);
        at += length + 1;
    }
    return status;
}

/* Blocks of commands before this one. */
static uint64_t block_number(const struct lesson *lesson, const struct lesson_part *part)
{
    uint64_t number = 0;
    for (const struct lesson_part *before = lesson->parts; before < part; before++)
        number += before->kind == LESSON_COMMANDS;
    return number;
}

/* Captured output looks the same everywhere: it is compared with a file. */
static enum nb_status host_run(void *context, const struct lesson *lesson,
                               const struct lesson_part *part, struct text *captured,
                               struct nb_error *error)
{
    struct session *session = context;
    struct sink *out = session->out;
    struct sink capture = captured ? sink_to_text(captured, true, 80) : *out;
    const char *origin = session->origin;
    if (captured)
        session->out = &capture;
    session->origin = lesson->path;
    session->varying = lesson->varies;
    session->block = block_number(lesson, part);
    session->block_draws = 0;
    session->nesting++;
    enum nb_status status = run_lines(session, lesson, part, !captured, error);
    session->nesting--;
    session->varying = false;
    session->origin = origin;
    session->out = out;
    return status;
}

static void host_report(void *context, const struct lesson *lesson, const struct lesson_part *part,
                        struct text *captured, const struct nb_error *error)
{
    struct session *session = context;
    struct sink *err = session->err;
    struct sink capture = captured ? sink_to_text(captured, true, 80) : *err;
    if (!error->text[0])
        return;
    if (captured)
        session->err = &capture;
    session_report(session, part ? NULL : lesson->path, lesson->source.bytes, lesson->source.length,
                   error);
    session->err = err;
}

/* ---- Data that a block needs --------------------------------------------------- */

static bool is_loaded(const struct session *session, const char *name)
{
    struct dataset_info info;
    if (!session->data)
        return false;
    dataset_describe(session->data, &info);
    return !strcmp(info.name, name);
}

/* Loads it in a session of its own, which is the sure way to know. */
static bool can_load(const char *name)
{
    struct text command = TEXT_INIT, unseen = TEXT_INIT;
    struct sink hidden = sink_to_text(&unseen, true, 80);
    struct session *session = NULL;
    struct nb_error error;
    bool loaded = false;
    text_printf(&command, "data %s", name);
    if (!session_new(&hidden, &hidden, &session, NULL)) {
        struct lang_span all = { 0, command.length };
        loaded = !session_run_statement(session, command.bytes, all, &error);
    }
    session_free(&session);
    text_release(&command);
    text_release(&unseen);
    return loaded;
}

static bool host_has_data(void *context, const char *name)
{
    return is_loaded(context, name) || can_load(name);
}

struct lesson_host session_lesson_host(struct session *session)
{
    return (struct lesson_host){ session,
                                 session->out,
                                 host_run,
                                 host_report,
                                 host_has_data,
                                 asked_show,
                                 { session, asked_value },
                                 asked_prove };
}

/* ---- Playing --------------------------------------------------------------------- */

/* "7 of 9 points", of a lesson that gives some. */
static void add_score(struct text *text, const struct course_lesson *lesson)
{
    if (lesson->of > 0)
        text_printf(text, "%g of %g points", lesson->points, lesson->of);
    if (lesson->assisted)
        text_printf(text, ", %zu answer%s assisted", lesson->assisted,
                    lesson->assisted == 1 ? "" : "s");
}

static void show_score(struct session *session)
{
    struct course_lesson lesson;
    struct text text = TEXT_INIT;
    if (session->course && course_get(session->course, &lesson))
        add_score(&text, &lesson);
    if (text.length)
        sink_printf(session->out, "%s\n", text.bytes);
    text_release(&text);
}

static void show_where(struct session *session, bool failed)
{
    const struct lesson *lesson = player_lesson(session->lesson);
    size_t shown = player_section(session->lesson) + player_within(session->lesson);
    sink_style(session->out, STYLE_FAINT);
    if (player_section(session->lesson) < lesson->sections || failed)
        sink_printf(session->out, "(%zu of %zu) Enter goes on; again, leave; or try things\n",
                    shown, lesson->sections);
    else
        sink_puts(session->out, "That was the lesson. lessons lists the others.\n");
    sink_style(session->out, STYLE_PLAIN);
}

/* What was reported already counts for the exit status, but has no more to say. */
static enum nb_status note_failure(struct session *session, enum nb_status status)
{
    if (status && !session->first_failure)
        session->first_failure = status;
    return status;
}

static enum nb_status play_rest(struct session *session)
{
    const struct lesson *lesson = player_lesson(session->lesson);
    enum nb_status status = NB_OK;
    while (!session->quitting && !status && player_section(session->lesson) < lesson->sections)
        status = player_next(session->lesson);
    session_leave_lesson(session);
    return note_failure(session, status);
}

static enum nb_status resume_state(struct session *session)
{
    struct nb_error error;
    error_clear(&error);
    enum nb_status status = onset_resume(session, &error);
    if (status && error.text[0])
        session_report(session, NULL, "", 0, &error);
    return note_failure(session, status);
}

enum nb_status session_next_section(struct session *session)
{
    if (!session->interactive)
        return play_rest(session);
    if (session->asked) {
        asked_remind(session);
        return NB_OK;
    }
    const struct lesson *lesson = player_lesson(session->lesson);
    enum nb_status status = resume_state(session);
    onset_mark(session);
    if (!status)
        status = note_failure(session, player_next(session->lesson));
    onset_leave_off(session);
    bool held = player_held(session->lesson),
         over = player_section(session->lesson) == lesson->sections;
    if (session->course)
        course_reach(session->course, player_section(session->lesson), over && !status);
    session_keep_progress(session);
    if (!held)
        show_where(session, status != NB_OK);
    if (!held && over)
        show_score(session);
    if (!status && !held && over)
        session_leave_lesson(session);
    return status;
}

void session_leave_lesson(struct session *session)
{
    asked_drop(session);
    course_free(&session->course);
    player_free(&session->lesson);
    session->presenting = false;
    onset_end(session);
}

enum nb_status session_check_outside(const struct session *session, struct nb_error *error)
{
    if (session->lesson && player_running(session->lesson))
        return error_set(error, NB_FAILED,
                         "a block of a lesson cannot begin or end lessons, or quit");
    return NB_OK;
}

/* Said once: it is the same of every lesson. */
static void report_unkept(struct session *session, const struct nb_error *error)
{
    if (!session->unkept)
        session_report(session, NULL, "", 0, error);
    session->unkept = true;
    course_free(&session->course);
}

void session_keep_progress(struct session *session)
{
    struct nb_error error;
    error_clear(&error);
    if (session->course && course_save(session->course, &error))
        report_unkept(session, &error);
}

static double points_of(const struct lesson *lesson)
{
    double points = 0;
    for (size_t i = 0; i < lesson->count; i++)
        points += lesson->parts[i].ask ? lesson->parts[i].ask->points : 0;
    return points;
}

static void say_kept(struct session *session, const char *words)
{
    sink_style(session->out, STYLE_FAINT);
    sink_printf(session->out, "(%s; lesson NAME anew begins anew)\n\n", words);
    sink_style(session->out, STYLE_PLAIN);
}

/* Goes on where the lesson was left; one that is done is shown with its answers. */
static enum nb_status resume(struct session *session)
{
    const struct lesson *lesson = player_lesson(session->lesson);
    struct course_lesson kept;
    struct text words = TEXT_INIT;
    course_get(session->course, &kept);
    bool other = kept.sections != lesson->sections;
    course_measure(session->course, lesson->sections, points_of(lesson));
    if (kept.done)
        say_kept(session, "done before: your answers are kept");
    if (kept.done || other || !kept.section || kept.section >= lesson->sections)
        return NB_OK;
    text_printf(&words, "going on with section %zu of %zu", kept.section + 1, kept.sections);
    say_kept(session, words.bytes);
    text_release(&words);
    return player_resume(session->lesson, kept.section);
}

/* A person can tell it to a teacher, and draw the same numbers again. */
static void show_seed(struct session *session)
{
    if (!session->interactive || session->presenting || !player_lesson(session->lesson)->varies)
        return;
    sink_style(session->out, STYLE_FAINT);
    sink_printf(session->out, "(the numbers of this lesson are drawn by seed %llu)\n\n",
                (unsigned long long)session->settings.seed);
    sink_style(session->out, STYLE_PLAIN);
}

/* Only what a person plays is kept. */
static enum nb_status open_course(struct session *session, const char *path, bool anew)
{
    const struct lesson *lesson = player_lesson(session->lesson);
    const uint64_t *seed = lesson->varies ? &session->settings.seed : NULL;
    struct course_lesson kept;
    struct nb_error unkept;
    error_clear(&unkept);
    if (!session->interactive || session->presenting)
        return NB_OK;
    if (course_open(path, seed, &session->course, &unkept)) {
        report_unkept(session, &unkept);
        return NB_OK;
    }
    if (!anew && course_get(session->course, &kept))
        return resume(session);
    course_begin(session->course, session->settings.seed);
    course_measure(session->course, lesson->sections, points_of(lesson));
    return NB_OK;
}

/* What was not presented stays to be played. */
static enum nb_status present(struct session *session)
{
    enum nb_status status = note_failure(session, session_present(session));
    onset_leave_off(session);
    if (!status && player_section(session->lesson) == player_lesson(session->lesson)->sections)
        session_leave_lesson(session);
    else
        show_where(session, status != NB_OK);
    return status;
}

static enum nb_status begin(struct session *session, const char *path, bool presented, bool anew,
                            struct nb_error *error)
{
    struct lesson_host host = session_lesson_host(session);
    struct lesson_player *player;
    enum nb_status status = session_check_outside(session, error);
    if (status)
        return status;
    status = player_new(path, &host, &player, error);
    if (status)
        return note_failure(session, status);
    session_leave_lesson(session);
    session->lesson = player;
    session->presenting = presented && session->interactive && session->keyboard;
    status = onset_begin(session, player_lesson(player), error);
    if (!status)
        status = handin_begin(session, player_lesson(player), error);
    if (!status)
        show_seed(session);
    if (!status)
        status = open_course(session, path, anew);
    if (!status)
        status = session->presenting ? present(session) : session_next_section(session);
    if (status)
        error->status = status;
    return status;
}

enum nb_status session_begin_lesson(struct session *session, const char *path,
                                    struct nb_error *error)
{
    return begin(session, path, false, false, error);
}

bool session_lesson_varies(const char *path)
{
    struct lesson lesson;
    bool varies = !lesson_read_front(path, &lesson, NULL) && lesson.varies;
    lesson_release(&lesson);
    return varies;
}

enum nb_status session_test_lesson(struct session *session, const char *path,
                                   struct lesson_tally *tally, struct nb_error *error)
{
    struct lesson_host host = session_lesson_host(session);
    struct lesson_player *player;
    enum nb_status status = player_new(path, &host, &player, error);
    if (status) {
        tally->failed++;
        return status;
    }
    session->lesson = player;
    status = lesson_test(player, session->err, tally);
    session_leave_lesson(session);
    return status;
}

/* ---- Commands ----------------------------------------------------------------------- */

static enum nb_status check_playing(const struct session *session, struct nb_error *error)
{
    if (!session->lesson)
        return error_set(error, NB_FAILED, "no lesson is being played: lesson begins one");
    return session_check_outside(session, error);
}

/* What has been done of a lesson; nothing of one that was not begun. */
static void add_progress(struct text *text, const struct session *session,
                         const struct shelf_entry *entry)
{
    bool varies = session_lesson_varies(entry->path);
    struct course *course;
    struct course_lesson lesson;
    struct text score = TEXT_INIT;
    bool begun =
        !course_open(entry->path, varies ? &session->settings.seed : NULL, &course, NULL) &&
        course_get(course, &lesson);
    if (begun)
        add_score(&score, &lesson);
    if (begun && lesson.done)
        text_add(text, "done");
    else if (begun)
        text_printf(text, "%zu of %zu", lesson.section, lesson.sections);
    if (score.length)
        text_printf(text, ", %s", score.bytes);
    course_free(&course);
    text_release(&score);
}

#define NAME_COLUMN 50

/* A lesson's name behind its title, and what has been done of it: each whole, in a line
 * of its own where it has no room. */
static void add_name(struct text *text, const char *name, const struct text *progress, size_t width)
{
    size_t end = NAME_COLUMN + strlen(name), beside = end <= width ? NAME_COLUMN : 5;
    if (end <= width)
        text_pad(text, NAME_COLUMN);
    else
        text_printf(text, "\n%*s", (int)beside, "");
    text_add(text, name);
    if (progress->length && end + 2 + progress->length <= width)
        text_printf(text, "  %s", progress->bytes);
    else if (progress->length)
        text_printf(text, "\n%*s%s", (int)beside, "", progress->bytes);
    text_add_char(text, '\n');
}

static enum nb_status run_lessons(struct session *session, const struct call *call,
                                  struct nb_error *error)
{
    struct shelf shelf;
    struct text text = TEXT_INIT, progress = TEXT_INIT;
    size_t reports = 0;
    (void)call;
    enum nb_status status = shelf_read(&shelf, error);
    for (size_t i = 0; i < shelf.count && !status; i++) {
        const struct shelf_entry *entry = &shelf.entries[i];
        if (shelf_is_report(entry) && !reports++)
            text_add(&text, "\nReports, which train for long:\n");
        if (entry->order)
            text_printf(&text, "%3zu  ", entry->order);
        text_pad(&text, 5);
        text_printf(&text, "%s  ", entry->title);
        add_progress(&progress, session, entry);
        add_name(&text, entry->name, &progress, (size_t)session->out->width);
        sink_text(session->out, &text);
        text_clear(&text);
        text_clear(&progress);
    }
    if (!status && !shelf.count)
        sink_puts(session->out, "no lessons here\n");
    shelf_release(&shelf);
    text_release(&text);
    text_release(&progress);
    return status;
}

static bool is_path(const char *word)
{
    size_t length = strlen(word);
    return strchr(word, '/') || (length > 3 && !strcmp(word + length - 3, ".md"));
}

/* A file where it looks like one and is none of the lessons that came with nabla. */
static enum nb_status find_lesson(const char *word, struct text *path, struct nb_error *error)
{
    struct shelf shelf;
    const struct shelf_entry *entry = NULL;
    bool as_path = is_path(word);
    enum nb_status status = NB_FAILED;
    if (!as_path || !file_exists(word)) {
        status = shelf_read(&shelf, error);
        if (!status)
            status = shelf_find(&shelf, word, &entry, error);
        if (!status)
            text_add(path, entry->path);
        shelf_release(&shelf);
    }
    if (status && as_path) {
        error_clear(error);
        text_add(path, word);
        status = NB_OK;
    }
    return status ? status : text_status(path, error);
}

static enum nb_status run_lesson(struct session *session, const struct call *call,
                                 struct nb_error *error)
{
    struct text path = TEXT_INIT;
    const char *word = call_text(call, "name");
    enum nb_status status = session_check_outside(session, error);
    if (!status)
        status = find_lesson(word ? word : "1", &path, error);
    if (!status)
        status =
            begin(session, path.bytes, call_has(call, "present"), call_has(call, "anew"), error);
    text_release(&path);
    return status;
}

static enum nb_status run_next(struct session *session, const struct call *call,
                               struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_playing(session, error);
    if (!status && session->asked)
        return error_set(error, NB_FAILED, "a question is open: answer it, or %s",
                         player_lesson(session->lesson)->skip_never ? "type hint"
                                                                    : "hint, skip, reveal");
    return status ? status : session_next_section(session);
}

static enum nb_status run_again(struct session *session, const struct call *call,
                                struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_playing(session, error);
    if (status)
        return status;
    asked_drop(session);
    quiz_drop(session);
    player_back(session->lesson);
    status = onset_return(session, error);
    return status ? note_failure(session, status) : session_next_section(session);
}

static enum nb_status run_leave(struct session *session, const struct call *call,
                                struct nb_error *error)
{
    (void)call;
    enum nb_status status = check_playing(session, error);
    if (!status)
        session_leave_lesson(session);
    return status;
}

const struct command lesson_commands[] = {
    { .name = "lessons",
      .group = GROUP_LESSON,
      .usage = "lessons",
      .summary = "list the lessons that come with nabla",
      .help = "Each with its number, its title and its name, and, where you have played it, with "
              "how far you came and your points; lesson plays one. help playing tells how, help "
              "authoring how to write one.",
      .example = "lessons",
      .run = run_lessons },
    { .name = "lesson",
      .group = GROUP_LESSON,
      .usage = "lesson [NAME|NUMBER|FILE] [present|anew]",
      .summary = "play a lesson, a section at a time",
      .help =
          "Without a name, the first. Its commands are run as if you had typed them, in this "
          "very session, so you can look at everything and try things of your own in between. It "
          "begins with the settings that nabla begins with, without breaks and runs; yours come "
          "back when it is over. Files of yours are not written over unasked. Each section begins "
          "where the one before ended: numbers that "
          "you have changed since are undone (save keeps them, leave stays with them). "
          "Enter on an empty line goes on; next, again and leave do what they say. A question "
          "waits for a number or arithmetic: hint helps, skip and reveal let it go. What you "
          "have done is kept, and a lesson goes on where you left it; anew begins it anew. In "
          "a script all of it is played at once.\n\n"
          "present shows it to an audience: Space reveals a line, b takes one back, q ends "
          "it.\n\n"
          "A lesson is a Markdown file (help authoring); nabla --test FILE plays it as a test.",
      .example = "lesson 1",
      .run = run_lesson,
      .arguments = { { .name = "name",
                       .kind = ARG_FILE,
                       .fallback = "1",
                       .help = "a name or number of lessons, or a Markdown file" },
                     { .name = "present",
                       .kind = ARG_FLAG,
                       .help = "line by line, with large spacing" },
                     { .name = "anew",
                       .kind = ARG_FLAG,
                       .help = "from the beginning, forgetting what was answered" } } },
    { .name = "next",
      .group = GROUP_LESSON,
      .usage = "next",
      .summary = "go on to the next section of the lesson",
      .help = "Enter on an empty line does the same.",
      .example = "expect fails 3 \"next\"",
      .run = run_next },
    { .name = "again",
      .group = GROUP_LESSON,
      .usage = "again",
      .summary = "play the section shown last once more",
      .help = "Its commands run again, too, from where the session stood when the section began: "
              "what you changed since is undone.",
      .example = "expect fails 3 \"again\"",
      .run = run_again },
    { .name = "leave",
      .group = GROUP_LESSON,
      .usage = "leave",
      .summary = "end the lesson and keep everything it has set up",
      .help = "The network, the data and your variables stay as they are; your own settings and "
              "breaks from before the lesson come back.",
      .example = "expect fails 3 \"leave\"",
      .run = run_leave },
    { .name = "hint",
      .group = GROUP_LESSON,
      .usage = "hint",
      .summary = "show the next hint of the question that is open",
      .help = "A wrong answer that no mistake explains brings one, too.",
      .example = "expect fails 3 \"hint\"",
      .run = hint_command },
    { .name = "skip",
      .group = GROUP_LESSON,
      .usage = "skip",
      .summary = "leave the question that is open unanswered, and go on",
      .help = "again asks it once more. Not in lessons that say skip: never.",
      .example = "expect fails 3 \"skip\"",
      .run = skip_command },
    { .name = "reveal",
      .group = GROUP_LESSON,
      .usage = "reveal",
      .summary = "show the answer to the question that is open, and where it comes from",
      .help = "It earns no points then. After the last try the answer is shown by itself. Not in "
              "lessons that say skip: never.",
      .example = "expect fails 3 \"reveal\"",
      .run = reveal_command },
    { .name = "answers",
      .group = GROUP_LESSON,
      .usage = "answers to FILE",
      .summary = "write what was answered in the lesson, to hand it in",
      .help = "The last answer to each question of the lesson played last, a line id: value each, "
              "below comment lines that say which lesson it is, whose answers they are (nabla "
              "--student ID) and by which seed its numbers were drawn. nabla --grade reads the "
              "file.",
      .example = "expect fails 3 \"answers to answers.txt\"",
      .run = answers_command,
      .arguments = { { .name = "to",
                       .kind = ARG_OUTPUT,
                       .led = true,
                       .required = true,
                       .help = "the file to write" } } },
    { .name = "expect",
      .group = GROUP_LESSON,
      .usage = "expect EXPR [~ EXPR] [within TOL]   or   expect fails STATUS \"COMMAND\"",
      .summary = "fail with status 1 unless something holds",
      .help = "expect loss < 0.3 holds where every element is true, that is not 0. expect A ~ B "
              "holds where they agree to about five digits, or within TOL, an absolute "
              "difference. expect fails 3 \"update\" holds where the command ends with that "
              "status. What fails is shown with its values.",
      .example = "forward quiet; expect loss ~ 0.243513; expect loss ~ 0.2435 within 1e-4",
      .run = expect_command,
      .arguments = { { .name = "what",
                       .kind = ARG_REST,
                       .required = true,
                       .help = "what is to hold" } } },
    { .name = NULL },
};
