/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a run while it goes on: the bar with the time left, the log. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/file.h"
#include "command/progress.h"
#include "nets.h"

#define BATCHES    20
#define PAUSE_MOST 100 /* times what a pause was asked to take, on a busy machine */

static void pause_for(double seconds)
{
    struct timespec time = { (time_t)seconds, (long)((seconds - floor(seconds)) * 1e9) };
    assert_int_equal(nanosleep(&time, NULL), 0);
}

static struct nb_progress moment(uint64_t epoch, uint64_t batch)
{
    return (struct nb_progress){ .epoch = epoch,
                                 .step = (epoch - 1) * BATCHES + batch,
                                 .batch = batch,
                                 .batches = BATCHES,
                                 .samples = batch,
                                 .loss = 0.5,
                                 .lr = 0.1,
                                 .accuracy = NAN };
}

/* The seconds behind ETA: 1:02:03 */
static double seconds_left(const char *bar)
{
    const char *at = strstr(bar, "ETA ");
    double seconds = 0;
    assert_non_null(at);
    for (at += strlen("ETA"); *at == ' ' || *at == ':';) {
        char *end;
        seconds = seconds * 60 + (double)strtoul(at + 1, &end, 10);
        at = end;
    }
    return seconds;
}

/* How fast a run goes is what was seen of it since it went on. */
static void the_time_left_is_the_run_s(void **state)
{
    (void)state;
    static const struct {
        uint64_t epochs, steps, epoch, first_step, updates; /* of the run, updates to be made */
    } rows[] = {
        { 1000, 0, 1, 0, 1000 * BATCHES - 1 },              /* from the start */
        { 1000, 0, 901, 900 * BATCHES, 100 * BATCHES - 1 }, /* gone on with */
        { 1000, 19001, 901, 900 * BATCHES, 1000 },          /* steps= */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct nb_error error;
        struct text shown = TEXT_INIT;
        struct sink err = sink_to_text(&shown, false, 80);
        struct progress progress = { .err = &err,
                                     .bar = true,
                                     .label = "",
                                     .epochs = rows[i].epochs,
                                     .steps = rows[i].steps,
                                     .first_step = rows[i].first_step };
        struct nb_progress now = moment(rows[i].epoch, 1);
        now.seconds = 1e-6; /* the rest of the time went into judging */
        assert_int_equal(progress_init(&progress, &error), NB_OK);
        pause_for(0.2);
        progress_batch(&progress, &now);
        double left = seconds_left(shown.bytes), least = 0.2 * (double)rows[i].updates;
        if (left < least - 1 || left > PAUSE_MOST * least)
            fail_msg("row %zu: %g s, of at least %g: %s", i, left, least, shown.bytes);
        progress_release(&progress);
        text_release(&shown);
    }
}

static size_t lines_of(const char *path)
{
    struct text file = TEXT_INIT;
    size_t lines = 0;
    assert_int_equal(file_read(path, 10000, &file, NULL), NB_OK);
    for (const char *at = file.bytes; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    text_release(&file);
    return lines;
}

/* A checkpoint that has an epoch finds it in the log, also where that was just written. */
static void the_log_is_not_behind(void **state)
{
    (void)state;
    char log[] = "/tmp/nabla-log-XXXXXX";
    struct progress progress = { .log = log, .epochs = 9 };
    struct nb_error error;
    int descriptor = mkstemp(log);
    assert_true(descriptor >= 0);
    assert_int_equal(progress_init(&progress, &error), NB_OK);
    for (uint64_t epoch = 1; epoch <= progress.epochs; epoch++) {
        struct nb_progress now = moment(epoch, BATCHES);
        progress_line(&progress, &now, true, (struct held_out){ NAN, NAN });
        assert_int_equal(progress_keep(&progress, &error), NB_OK);
        assert_int_equal(lines_of(log), 1 + epoch);
    }
    progress_release(&progress);
    assert_int_equal(close(descriptor) | remove(log), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_time_left_is_the_run_s),
                                        cmocka_unit_test(the_log_is_not_behind) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
