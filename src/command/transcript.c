/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "command/bar.h"
#include "command/lesson.h"
#include "command/settings.h"
#include "command/wrap.h"
#include "lesson/recording.h"

#define COLUMNS      80 /* for which lessons are set when they are tested */
#define OUTPUT_MOST  ((size_t)1 << 18)
#define GROWTH_SHARE 16 /* a script's file is written again when it has grown by this share, */
#define TIME_SHARE   20 /* or so many times longer ago than writing it took */

struct transcript {
    struct recording recording;
    bool prepared;                  /* the settings of the beginning are in the recording */
    bool busy;                      /* a statement is being kept */
    struct transcript_scope *scope; /* of that statement */
    char *path;                     /* where the session is written to, or NULL */
    size_t from;                    /* the first record that was asked for */
    size_t written;                 /* bytes of the recording at the last writing */
    double when, took;              /* seconds: when that ended, and how long it took */
};

enum nb_status transcript_new(struct transcript **transcript, struct nb_error *error)
{
    *transcript = memory_new(1, sizeof **transcript);
    if (!*transcript)
        return error_memory(error);
    recording_init(&(*transcript)->recording);
    return NB_OK;
}

/* What cannot be written is said once; it stays in memory, for transcript last. */
static void give_up(struct session *session, enum nb_status status, const struct nb_error *error)
{
    struct nb_error report;
    if (!status)
        return;
    error_set(&report, status, "the transcript ends here: %.200s", error->text);
    session_report(session, NULL, "", 0, &report);
    free(session->transcript->path);
    session->transcript->path = NULL;
    if (!session->first_failure)
        session->first_failure = status;
}

/* ---- What is kept ------------------------------------------------------------- */

enum treatment { KEEP, KEEP_INNER, LEAVE_OUT, KEEP_VAGUE };

/* Commands that would mean something else in a lesson, or print something else. */
static enum treatment treatment_of(const struct command *command)
{
    static const struct {
        const char *name;
        enum treatment treatment;
    } rows[] = {
        { "source", KEEP_INNER }, { "lesson", KEEP_INNER },    { "next", KEEP_INNER },
        { "again", KEEP_INNER },  { "leave", LEAVE_OUT },      { "hint", LEAVE_OUT },
        { "skip", LEAVE_OUT },    { "reveal", LEAVE_OUT },     { "quit", LEAVE_OUT },
        { "answers", LEAVE_OUT }, { "transcript", LEAVE_OUT }, { "history", LEAVE_OUT },
        { "lessons", LEAVE_OUT }, { "version", KEEP_VAGUE },
    };
    for (size_t i = 0; command && i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, command->name) == 0)
            return rows[i].treatment;
    return KEEP;
}

/* Those of the command line.  How the screen looks and how many threads work is no
 * matter of the numbers. */
static void prepare(struct session *session, struct transcript *transcript)
{
    size_t count;
    const struct setting *rows = settings_table(&count);
    struct text value = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        text_clear(&value);
        setting_add_value(&rows[i], &session->settings, &value);
        if (rows[i].of != SETTING_OF_PERSON && strcmp(value.bytes, rows[i].fallback) != 0)
            text_printf(&transcript->recording.setup, "set %s %s\n", rows[i].name, value.bytes);
    }
    text_release(&value);
    transcript->prepared = true;
}

void transcript_settings(struct session *session, const struct settings *before)
{
    if (!session->transcript) /* the session ends, and with it a lesson */
        return;
    size_t count;
    const struct setting *rows = settings_table(&count);
    struct text then = TEXT_INIT, now = TEXT_INIT, line = TEXT_INIT, any = TEXT_INIT;
    text_add(&any, "...\n"); /* set may have a note */
    for (size_t i = 0; i < count; i++) {
        text_clear(&then);
        text_clear(&now);
        text_clear(&line);
        setting_add_value(&rows[i], before, &then);
        setting_add_value(&rows[i], &session->settings, &now);
        text_printf(&line, "set %s %s", rows[i].name, now.bytes);
        if (strcmp(then.bytes, now.bytes) != 0)
            recording_add(&session->transcript->recording, RECORD_RUN, NULL, line.bytes,
                          line.length, &any, true, NULL);
    }
    text_release(&then);
    text_release(&now);
    text_release(&line);
    text_release(&any);
}

static void write_both(void *context, const char *bytes, size_t length)
{
    struct transcript_scope *scope = context;
    sink_write(scope->out, bytes, length);
    if (scope->output.length <= OUTPUT_MOST)
        text_add_part(&scope->output, bytes, length);
}

void transcript_begin(struct session *session, struct lang_span statement, struct lang_span word,
                      const struct command *command, struct transcript_scope *scope)
{
    struct transcript *transcript = session->transcript;
    enum treatment treatment = treatment_of(command);
    *scope = (struct transcript_scope){ .statement = statement,
                                        .word = word,
                                        .command = command,
                                        .out = session->out,
                                        .output = TEXT_INIT };
    if (!transcript->prepared)
        prepare(session, transcript);
    scope->kept = !transcript->busy && (treatment == KEEP || treatment == KEEP_VAGUE);
    if (!scope->kept)
        return;
    transcript->busy = true;
    transcript->scope = scope;
    scope->tee = *session->out;
    scope->tee.write = write_both;
    scope->tee.context = scope;
    session->out = &scope->tee;
}

void transcript_answered(struct session *session, const char *lead, const char *answer,
                         size_t length)
{
    struct transcript *transcript = session->transcript;
    struct text nothing = TEXT_INIT;
    struct nb_error error;
    if (!transcript->busy)
        return;
    transcript->scope->answered = true;
    transcript->busy = false;
    enum nb_status status = recording_add(&transcript->recording, RECORD_ANSWER, lead, answer,
                                          length, &nothing, true, &error);
    give_up(session, status, &error);
}

/* Of the statement that is kept; NULL: of none. */
static struct transcript_scope *scope_of(const struct session *session)
{
    return session->transcript->busy ? session->transcript->scope : NULL;
}

void transcript_leave_out(const struct session *session)
{
    struct transcript_scope *scope = scope_of(session);
    if (scope)
        scope->left_out = true;
}

void transcript_leave_output(const struct session *session)
{
    struct transcript_scope *scope = scope_of(session);
    if (scope)
        text_clear(&scope->output);
}

void transcript_vary(const struct session *session)
{
    struct transcript_scope *scope = scope_of(session);
    if (scope)
        scope->varies = true;
}

void transcript_outside(const struct session *session)
{
    struct transcript_scope *scope = scope_of(session);
    if (scope)
        scope->outside = true;
}

struct sink *transcript_aside(const struct session *session)
{
    const struct transcript_scope *scope = scope_of(session);
    return scope ? scope->out : session->out;
}

bool transcript_hush(struct session *session, bool hushed)
{
    bool before = session->transcript->busy;
    session->transcript->busy = hushed;
    return before;
}

/* ---- What it printed ------------------------------------------------------------ */

static bool is_style(const char *escape, size_t length)
{
    for (enum sink_style style = STYLE_PLAIN; style <= STYLE_BAD; style++) {
        const char *known = style_escape(true, style);
        if (strlen(known) == length && memcmp(known, escape, length) == 0)
            return true;
    }
    return false;
}

/* Takes the styles out; false where there are other colours, which stand for numbers. */
static bool take_styles(struct text *output)
{
    struct text plain = TEXT_INIT;
    bool only_styles = true;
    for (size_t at = 0; at < output->length;) {
        const char *escape = memchr(output->bytes + at, '\033', output->length - at);
        size_t before = escape ? (size_t)(escape - output->bytes) - at : output->length - at;
        text_add_part(&plain, output->bytes + at, before);
        at += before;
        if (!escape)
            break;
        size_t length = strcspn(escape, "m") + 1;
        only_styles &= is_style(escape, length);
        at += length;
    }
    only_styles &= !plain.failed;
    text_release(output);
    *output = plain;
    return only_styles;
}

static size_t widest_line(const struct text *text)
{
    size_t most = 0;
    for (size_t at = 0; at < text->length;) {
        size_t length = strcspn(text->bytes + at, "\n"),
               width = utf8_width(text->bytes + at, length);
        most = width > most ? width : most;
        at += length + 1;
    }
    return most;
}

/* Would a test of the lesson print the same?  Lines that a wider screen left whole
 * are the same there unless they are too long. */
static bool is_exact(const struct transcript_scope *scope)
{
    return !scope->varies && scope->out->unicode && scope->output.length <= OUTPUT_MOST &&
           treatment_of(scope->command) == KEEP &&
           (scope->out->width == COLUMNS ||
            (scope->out->width > COLUMNS && widest_line(&scope->output) <= COLUMNS));
}

/* ---- A statement ---------------------------------------------------------------- */

/* As it is typed in a file, where commands may not be shortened. */
static void spell_out(const struct transcript_scope *scope, const char *source,
                      struct text *statement)
{
    size_t word = scope->word.at - scope->statement.at;
    if (scope->command) {
        text_add_part(statement, source + scope->statement.at, word);
        text_add(statement, scope->command->name);
        word += scope->word.length;
    } else {
        word = 0;
    }
    text_add_part(statement, source + scope->statement.at + word, scope->statement.length - word);
}

/* The message as a block that fails prints it. */
static void add_report(struct session *session, const struct transcript_scope *scope,
                       const struct text *statement, const struct nb_error *error,
                       struct text *output)
{
    struct sink capture = sink_to_text(output, true, COLUMNS), *err = session->err;
    struct nb_error report = *error;
    size_t end = scope->word.at + scope->word.length;
    if (!error->text[0])
        return;
    if (error->at == NB_NOWHERE || error->at < scope->statement.at)
        report.at = 0;
    else if (scope->command && error->at >= end)
        report.at =
            error->at - end + scope->word.at - scope->statement.at + strlen(scope->command->name);
    else
        report.at = error->at - scope->statement.at;
    session->err = &capture;
    session_report(session, NULL, statement->bytes, statement->length, &report);
    session->err = err;
}

static enum record_kind kind_of(const struct session *session, const struct transcript_scope *scope,
                                enum nb_status status)
{
    if (status == NB_INTERRUPTED)
        return RECORD_LEFT;
    if (scope->outside)
        return RECORD_OUTSIDE;
    return !status || (status == NB_WRONG && session->wrong_answer) ? RECORD_RUN : RECORD_FAILED;
}

static enum nb_status keep(struct session *session, struct transcript_scope *scope,
                           const char *source, enum nb_status status, const struct nb_error *failed,
                           struct nb_error *error)
{
    struct transcript *transcript = session->transcript;
    struct text statement = TEXT_INIT;
    enum record_kind kind = kind_of(session, scope, status);
    bool exact = take_styles(&scope->output) && is_exact(scope);
    spell_out(scope, source, &statement);
    if (kind == RECORD_FAILED)
        add_report(session, scope, &statement, failed, &scope->output);
    bool changes = scope->command && scope->command->needs & CHANGES_STATE;
    transcript->recording.loose |= kind == RECORD_OUTSIDE && changes;
    enum nb_status added = recording_add(&transcript->recording, kind, NULL, statement.bytes,
                                         statement.length, &scope->output, exact, error);
    text_release(&statement);
    return added;
}

/* ---- The file ------------------------------------------------------------------- */

static enum nb_status write_lesson(struct session *session, const char *path, size_t from,
                                   struct nb_error *error)
{
    struct transcript *transcript = session->transcript;
    struct text text = TEXT_INIT;
    double began = clock_seconds();
    enum nb_status status = recording_write(&transcript->recording, from, &text, error);
    if (!status)
        status = file_write(path, text.bytes, text.length, error);
    text_release(&text);
    transcript->written = transcript->recording.bytes;
    transcript->when = clock_seconds();
    transcript->took = transcript->when - began;
    return status;
}

static enum nb_status stop(struct session *session, struct nb_error *error)
{
    struct transcript *transcript = session->transcript;
    enum nb_status status = NB_OK;
    if (transcript->path)
        status = write_lesson(session, transcript->path, transcript->from, error);
    free(transcript->path);
    transcript->path = NULL;
    return status;
}

/* After each line of a person; a script's, when there is enough of it. */
static bool is_due(const struct session *session)
{
    const struct transcript *transcript = session->transcript;
    if (!transcript->path)
        return false;
    return session->prompting ||
           transcript->recording.bytes - transcript->written > transcript->written / GROWTH_SHARE ||
           clock_seconds() - transcript->when > TIME_SHARE * transcript->took;
}

void transcript_end(struct session *session, struct transcript_scope *scope, const char *source,
                    enum nb_status status, const struct nb_error *error)
{
    struct transcript *transcript = session->transcript;
    struct nb_error failure;
    if (!scope->kept)
        return;
    session->out = scope->out;
    transcript->scope = NULL;
    enum nb_status kept = scope->answered || scope->left_out
                              ? NB_OK
                              : keep(session, scope, source, status, error, &failure);
    if (!kept && is_due(session))
        kept = write_lesson(session, transcript->path, transcript->from, &failure);
    give_up(session, kept, &failure);
    if (!scope->answered)
        transcript->busy = false;
    text_release(&scope->output);
}

enum nb_status transcript_close(struct session *session)
{
    struct nb_error error;
    if (!session->transcript)
        return NB_OK;
    enum nb_status status = stop(session, &error);
    give_up(session, status, &error);
    recording_release(&session->transcript->recording);
    free(session->transcript);
    session->transcript = NULL;
    return status;
}

/* ---- The command ------------------------------------------------------------------ */

static enum nb_status begin(struct session *session, const char *path, struct nb_error *error)
{
    struct transcript *transcript = session->transcript;
    enum nb_status status = stop(session, error);
    if (!status)
        status = write_lesson(session, path, transcript->recording.count, error);
    if (status)
        return status;
    transcript->path = string_copy(path);
    transcript->from = transcript->recording.count;
    return transcript->path ? NB_OK : error_memory(error);
}

static enum nb_status end(struct session *session, struct nb_error *error)
{
    char *path = session->transcript->path;
    if (!path)
        return error_set(error, NB_FAILED,
                         "no transcript is being written: transcript FILE.md begins one");
    session->transcript->path = NULL;
    enum nb_status status = write_lesson(session, path, session->transcript->from, error);
    if (!status)
        wrap_note(session->out, "the transcript is %s; nabla --test plays it\n", path);
    free(path);
    return status;
}

enum nb_status transcript_command(struct session *session, const struct call *call,
                                  struct nb_error *error)
{
    const char *file = call_text(call, "FILE"), *last = call_text(call, "last");
    enum nb_status status = session_check_outside(session, error);
    if (status)
        return status;
    if (file && last)
        return error_set(error, NB_USAGE,
                         "one at a time: transcript last FILE, or transcript FILE");
    if (last)
        return write_lesson(session, last, 0, error);
    if (file)
        return strcmp(file, "off") == 0 ? end(session, error) : begin(session, file, error);
    if (session->transcript->path)
        wrap_note(session->out, "the session is written to %s\n", session->transcript->path);
    else
        sink_puts(session->out, "no transcript is being written: transcript FILE.md begins one\n");
    return NB_OK;
}
