/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/test.h"

#include "lesson/check.h"

/* A run of one lesson as a test. */
struct run {
    struct lesson_player *player;
    const struct lesson *lesson;
    struct sink *report;
    struct lesson_tally *tally;
    struct text output; /* of the last block of commands */
    bool skipped;       /* that block was; so is what it would print */
    bool partial;       /* some block was: what has no value may be owed to that */
    bool stopped;       /* it failed; the rest would only follow from that */
};

static void test_commands(struct run *run, const struct lesson_part *part)
{
    text_clear(&run->output);
    run->skipped = !player_can_run(run->player, part);
    if (run->skipped) {
        run->partial = true;
        run->tally->skipped++;
        sink_printf(run->report, "%s:%zu: skipped, for want of the data %s\n", run->lesson->path,
                    part->line - 1, part->needs);
        return;
    }
    run->stopped = player_run(run->player, part, &run->output) != NB_OK;
    if (run->stopped)
        run->tally->failed++;
    else
        run->tally->passed++;
}

static void test_output(struct run *run, const struct lesson_part *part)
{
    struct output_difference difference;
    if (run->skipped)
        return;
    if (!output_check(run->lesson->source.bytes + part->at, part->length, run->output.bytes,
                      run->output.length, &difference)) {
        run->tally->passed++;
    } else {
        run->tally->failed++;
        sink_printf(run->report, "%s:%zu:1: error: wrong output\n  expected: %s\n  got:      %s\n",
                    run->lesson->path, part->line + difference.line - 1, difference.expected.bytes,
                    difference.got.bytes);
    }
    output_difference_release(&difference);
}

/* Prose passes unmentioned. */
static void test_words(struct run *run, const struct lesson_part *part)
{
    enum nb_status status = player_prove(run->player, part, run->partial);
    if (status == NB_FAILED && run->partial) {
        run->tally->skipped++;
        sink_printf(run->report, "%s:%zu: skipped, for what was skipped before\n",
                    run->lesson->path, part->line - 1);
    } else if (status) {
        run->tally->failed++;
    } else {
        run->tally->passed += part->kind == LESSON_ASK;
    }
}

static void test_part(struct run *run, const struct lesson_part *part)
{
    static void (*const test[])(struct run *, const struct lesson_part *) = {
        [LESSON_PROSE] = test_words,
        [LESSON_COMMANDS] = test_commands,
        [LESSON_OUTPUT] = test_output,
        [LESSON_ASK] = test_words,
    };
    test[part->kind](run, part);
}

static bool has_blocks(const struct lesson *lesson)
{
    for (size_t i = 0; i < lesson->count; i++)
        if (lesson->parts[i].kind != LESSON_PROSE)
            return true;
    return false;
}

enum nb_status lesson_test(struct lesson_player *player, struct sink *report,
                           struct lesson_tally *tally)
{
    const struct lesson *lesson = player_lesson(player);
    struct run run = { player, lesson, report, tally, TEXT_INIT, false, false, false };
    size_t before = tally->failed;
    if (!has_blocks(lesson)) {
        tally->failed++;
        sink_printf(report,
                    "%s: error: nothing to test: a lesson has ```nabla blocks or questions\n",
                    lesson->path);
        return NB_FAILED;
    }
    for (size_t i = 0; i < lesson->count && !run.stopped; i++)
        test_part(&run, &lesson->parts[i]);
    if (run.stopped)
        sink_printf(report, "%s: the rest was left out\n", lesson->path);
    text_release(&run.output);
    return tally->failed > before ? NB_WRONG : NB_OK;
}
