/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "lang/lang.h"

#define SEED_MOST ((uint64_t)1 << 53)

/* Where an option's effect goes. */
enum option_effect { EFFECT_FLAG, EFFECT_TEXT, EFFECT_COMMANDS, EFFECT_PRESET, EFFECT_SEEDS };

/* `spelling` comes first: lang_nearest reads it. */
struct option {
    const char *spelling; /* -k or --seed */
    const char *value;    /* what people read for it; NULL: takes none */
    enum option_effect effect;
    size_t flag; /* EFFECT_FLAG, EFFECT_TEXT: offset of the bool or text in struct invocation */
    const char *help;
};

#define FLAG(member) EFFECT_FLAG, offsetof(struct invocation, member)
#define TEXT(member) EFFECT_TEXT, offsetof(struct invocation, member)

static const struct option options[] = {
    { "-c", "'COMMANDS'", EFFECT_COMMANDS, 0,
      "run the commands; may be repeated, and mixed with files" },
    { "-i", NULL, FLAG(prompt), "prompt afterwards" },
    { "-k", NULL, FLAG(keep_going), "keep going after an error" },
    { "-q", NULL, FLAG(quiet), "no banner" },
    { "--echo", NULL, FLAG(echo), "print each command before its output" },
    { "--seed", "N", EFFECT_PRESET, 0, "the seed of everything drawn" },
    { "--digits", "N", EFFECT_PRESET, 0, "digits of printed numbers, 1 to 17" },
    { "--threads", "N", EFFECT_PRESET, 0, "threads for training" },
    { "--color", "auto|always|never", EFFECT_PRESET, 0, "colours; auto: on a terminal only" },
    { "--test", "FILE...", FLAG(test), "play lessons as tests and count what passed" },
    { "--seeds", "A..B", EFFECT_SEEDS, 0,
      "with --test: every variant of lessons that vary, from seed A to B" },
    { "--bless", "FILE...", FLAG(bless), "rewrite the output blocks of lessons" },
    { "--grade", "LESSON", TEXT(lesson), "score the answers to a lesson: help grading" },
    { "--answers", "FILE...", FLAG(answers), "with --grade: lines id: value, or saved sessions" },
    { "--json", "FILE", TEXT(json), "with --grade: write results.json as Gradescope reads it" },
    { "--junit", "FILE", TEXT(junit), "with --grade: write JUnit XML" },
    { "--csv", "FILE", TEXT(csv), "with --grade: write a table of scores, a line a student" },
    { "--student", "ID", TEXT(student), "draw the numbers of this student's variant" },
    { "--version", NULL, FLAG(version), "print the version" },
    { "--help", NULL, FLAG(help), "print this" },
};

/* --test and its like stand before files but take no value of their own. */
static bool takes_value(const struct option *option)
{
    return option->effect != EFFECT_FLAG;
}

static const struct option *option_find(const char *word, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (strlen(options[i].spelling) == length && !memcmp(options[i].spelling, word, length))
            return &options[i];
    return NULL;
}

static enum nb_status unknown_option(const char *word, struct nb_error *error)
{
    const char *near = lang_nearest(word, options, sizeof options[0], COUNT_OF(options));
    if (near[0] && word[1] == '-')
        return error_set(error, NB_USAGE, "unknown option %s: did you mean %s?", word, near);
    return error_set(error, NB_USAGE, "unknown option %s: nabla --help lists them", word);
}

static enum nb_status add_job(struct invocation *invocation, bool commands, const char *text,
                              struct nb_error *error)
{
    struct job *jobs = array_grow(invocation->jobs, invocation->job_count,
                                  &invocation->job_capacity, sizeof *jobs);
    if (!jobs)
        return error_memory(error);
    jobs[invocation->job_count++] = (struct job){ commands, text };
    invocation->jobs = jobs;
    return NB_OK;
}

static enum nb_status add_preset(struct invocation *invocation, const char *name, const char *value,
                                 struct nb_error *error)
{
    for (size_t i = 0; i < invocation->preset_count; i++)
        if (!strcmp(invocation->presets[i].name, name))
            return error_set(error, NB_USAGE, "--%s is given twice", name);
    invocation->presets[invocation->preset_count++] = (struct preset){ name, value };
    return NB_OK;
}

static enum nb_status take_seeds(struct invocation *invocation, const char *value,
                                 struct nb_error *error)
{
    struct seeds *seeds = &invocation->seeds;
    const char *dots = strstr(value, "..");
    if (seeds->given)
        return error_set(error, NB_USAGE, "--seeds is given twice");
    if (!dots || !number_parse_whole(value, (size_t)(dots - value), SEED_MOST, &seeds->first) ||
        !number_parse_whole(dots + 2, strlen(dots + 2), SEED_MOST, &seeds->last) ||
        seeds->last < seeds->first)
        return error_set(error, NB_USAGE, "expected --seeds A..B, such as 1..50, found %s", value);
    seeds->given = true;
    return NB_OK;
}

static enum nb_status take_text(struct invocation *invocation, const struct option *option,
                                const char *value, struct nb_error *error)
{
    const char **text = (const char **)((char *)invocation + option->flag);
    if (*text)
        return error_set(error, NB_USAGE, "%s is given twice", option->spelling);
    *text = value;
    return NB_OK;
}

static enum nb_status apply(struct invocation *invocation, const struct option *option,
                            const char *value, struct nb_error *error)
{
    switch (option->effect) {
    case EFFECT_COMMANDS:
        return add_job(invocation, true, value, error);
    case EFFECT_PRESET:
        return add_preset(invocation, option->spelling + 2, value, error);
    case EFFECT_SEEDS:
        return take_seeds(invocation, value, error);
    case EFFECT_TEXT:
        return take_text(invocation, option, value, error);
    case EFFECT_FLAG:
        break;
    }
    *(bool *)((char *)invocation + option->flag) = true;
    return NB_OK;
}

/* An option and its value, which is `attached`, or the next word. */
static enum nb_status apply_with_value(struct invocation *invocation, const struct option *option,
                                       const char *attached, char *const argv[], int *next,
                                       struct nb_error *error)
{
    if (!takes_value(option)) {
        if (attached)
            return error_set(error, NB_USAGE, "%s takes no value", option->spelling);
        return apply(invocation, option, NULL, error);
    }
    if (!attached && !argv[*next])
        return error_set(error, NB_USAGE, "%s needs a value: %s %s", option->spelling,
                         option->spelling, option->value);
    return apply(invocation, option, attached ? attached : argv[(*next)++], error);
}

static enum nb_status parse_long(struct invocation *invocation, const char *word,
                                 char *const argv[], int *next, struct nb_error *error)
{
    const char *equals = strchr(word, '=');
    const struct option *option =
        option_find(word, equals ? (size_t)(equals - word) : strlen(word));
    if (!option)
        return unknown_option(word, error);
    return apply_with_value(invocation, option, equals ? equals + 1 : NULL, argv, next, error);
}

/* -kq is -k -q; the rest behind -c is its value. */
static enum nb_status parse_cluster(struct invocation *invocation, const char *word,
                                    char *const argv[], int *next, struct nb_error *error)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const char spelling[] = { '-', *letter, '\0' };
        const struct option *option = option_find(spelling, 2);
        if (!option)
            return unknown_option(letter == word + 1 ? word : spelling, error);
        if (takes_value(option))
            return apply_with_value(invocation, option, letter[1] ? letter + 1 : NULL, argv, next,
                                    error);
        enum nb_status status = apply(invocation, option, NULL, error);
        if (status)
            return status;
    }
    return NB_OK;
}

/* What makes no sense without --grade, or beside another. */
static enum nb_status check_grading(const struct invocation *invocation, struct nb_error *error)
{
    const struct {
        bool given;
        const char *option;
    } rows[] = {
        { invocation->answers, "--answers" },
        { invocation->json, "--json" },
        { invocation->junit, "--junit" },
        { invocation->csv, "--csv" },
    };
    for (size_t i = 0; i < COUNT_OF(rows) && !invocation->lesson; i++)
        if (rows[i].given)
            return error_set(error, NB_USAGE,
                             "%s goes with --grade: nabla --grade LESSON --answers FILE...",
                             rows[i].option);
    if (invocation->lesson && !invocation->answers)
        return error_set(error, NB_USAGE,
                         "--grade needs answers: nabla --grade LESSON --answers FILE...");
    if (invocation->student && (invocation->test || invocation->bless))
        return error_set(error, NB_USAGE,
                         "--student plays or grades: with --test it is --seeds A..B, or --seed N");
    for (size_t i = 0; invocation->student && i < invocation->preset_count; i++)
        if (!strcmp(invocation->presets[i].name, "seed"))
            return error_set(error, NB_USAGE,
                             "--student and --seed: one of them, the ID makes the seed");
    return NB_OK;
}

/* What is done with files instead of running them. */
static enum nb_status check(const struct invocation *invocation, struct nb_error *error)
{
    const struct {
        bool given;
        const char *option, *files, *usage;
    } rows[] = {
        { invocation->test, "--test", "lessons", "--test FILE..." },
        { invocation->bless, "--bless", "lessons", "--bless FILE..." },
        { invocation->lesson, "--grade", "answers", "--grade LESSON --answers FILE..." },
    };
    const char *mode = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!rows[i].given)
            continue;
        if (mode)
            return error_set(error, NB_USAGE, "%s and %s: one at a time", mode, rows[i].option);
        mode = rows[i].option;
        if (!invocation->job_count)
            return error_set(error, NB_USAGE, "%s needs %s: nabla %s", mode, rows[i].files,
                             rows[i].usage);
    }
    if (invocation->seeds.given && !invocation->test)
        return error_set(error, NB_USAGE,
                         "--seeds goes with --test: nabla --test FILE... --seeds A..B");
    for (size_t i = 0; mode && i < invocation->job_count; i++)
        if (invocation->jobs[i].commands)
            return error_set(error, NB_USAGE, "%s takes files: leave out -c", mode);
    return NB_OK;
}

enum nb_status options_parse(int argc, char *const argv[], struct invocation *invocation,
                             struct nb_error *error)
{
    *invocation = (struct invocation){ 0 };
    enum nb_status status = NB_OK;
    bool only_files = false;
    for (int next = 1; next < argc && !status;) {
        const char *word = argv[next++];
        if (only_files || word[0] != '-' || !word[1])
            status = add_job(invocation, false, word, error);
        else if (!strcmp(word, "--"))
            only_files = true;
        else if (word[1] == '-')
            status = parse_long(invocation, word, argv, &next, error);
        else
            status = parse_cluster(invocation, word, argv, &next, error);
    }
    if (!status)
        status = check(invocation, error);
    return status ? status : check_grading(invocation, error);
}

void invocation_release(struct invocation *invocation)
{
    free(invocation->jobs);
    *invocation = (struct invocation){ 0 };
}

void options_help(struct sink *sink)
{
    sink_puts(sink, "usage: nabla [OPTION...] [FILE...]\n\n"
                    "Learn backpropagation by stepping, and train with the same engine.\n"
                    "Without FILE or -c: a prompt, or the commands on standard input.\n"
                    "FILE.md is a lesson, any other FILE a script, - standard input.\n\n");
    struct text line = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        text_clear(&line);
        text_printf(&line, "  %s %s", options[i].spelling,
                    options[i].value ? options[i].value : "");
        text_pad(&line, 29);
        text_printf(&line, "%s\n", options[i].help);
        sink_text(sink, &line);
    }
    text_release(&line);
    sink_puts(sink,
              "\nStatus: 0 all went well, 1 an expectation failed, 2 could not be parsed or\n"
              "called, 3 a command failed, 4 a file or the system failed, 130 interrupted.\n");
}
