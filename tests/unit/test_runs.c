/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of train: options, early stopping, the last good weights, the list, sweeps.
 * Numbers of training are PyTorch's (torch.optim, float64, weights and rows as here). */
#include "sessions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "command/early.h"
#include "command/runs.h"
#include "command/sweep.h"

static const char lab[] = "net 2-3-1 sigmoid; w1 = [.1, -.2, .3; .4, .5, -.6]; b1 = [.01, .02, "
                          ".03]; w2 = [.7; -.8; .9]; b2 = [.05]; data xor; set digits 17\n";

static const struct nb_net *net;

static double value(enum nb_quantity_kind kind, size_t layer, size_t row, size_t col)
{
    return nb_value(net, nb_quantity_id(net, kind, layer), row, col);
}

/* ---- Options against PyTorch ---- */

static void options_train_as_pytorch_does(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        double loss, w1[6], b2;
    } rows[] = {
        { "optimizer=adam lr=0.05 l2=1e-3 schedule=exp(0.02)",
          0.12494050870510762,
          { 0.047580790178423676, -0.2664684040694209, 0.2842873244441827, -0.07705735986018078,
            0.6907545487393525, -0.7319899054557333 },
          -0.053174872194207704 },
        { "optimizer=nesterov momentum=0.8 lr=0.05 l2=1e-3 schedule=exp(0.02) per=step clip=0.05",
          0.12643095903869805,
          { 0.0877950080938103, -0.18287142942381712, 0.28053497221714363, 0.3798526429266454,
            0.5176866805547856, -0.6179027002717696 },
          -0.098356998894436914 },
    };
    char command[300];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture *fixture = fixture_new(lab);
        snprintf(command, sizeof command, "train epochs=30 batch=8 shuffle=off quiet %s",
                 rows[i].options);
        must_run(fixture, command);
        net = net_of(fixture);
        for (size_t k = 0; k < 6; k++)
            assert_true(fabs(value(NB_W, 1, k / 3, k % 3) - rows[i].w1[k]) < 1e-12);
        assert_true(fabs(value(NB_B, 2, 0, 0) - rows[i].b2) < 1e-12);
        const struct run_record *record = runs_last(fixture->session);
        assert_true(fabs(record->state.progress.loss - rows[i].loss) < 1e-12);
        assert_int_equal(record->state.progress.step, 90);
        assert_int_equal(record->state.ending, RUN_FINISHED);
        fixture_free(fixture);
    }
}

static void options_hold_for_one_run(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    const struct nb_learning before = *nb_net_learning(net_of(fixture));
    must_run(fixture, "train epochs=2 quiet optimizer=adam lr=0.5 l2=0.1 clip=1");
    const struct nb_learning *after = nb_net_learning(net_of(fixture));
    assert_int_equal(after->optimizer, before.optimizer);
    assert_true(after->lr == before.lr && after->l2 == 0 && after->clip == 0);
    fixture_free(fixture);
}

/* Two runs of one optimiser are one, where the shuffles go on: its state does. */
static void state_of_the_optimizer_goes_on(void **state)
{
    (void)state;
    struct fixture *once = fixture_new(lab), *twice = fixture_new(lab);
    must_run(once, "train epochs=7 batch=5 optimizer=adam lr=0.01 quiet");
    must_run(twice, "train epochs=3 batch=5 optimizer=adam lr=0.01 quiet\n"
                    "train epochs=4 batch=5 optimizer=adam lr=0.01 quiet");
    net = net_of(once);
    double expected = value(NB_W, 1, 1, 2);
    net = net_of(twice);
    assert_true(value(NB_W, 1, 1, 2) == expected);
    fixture_free(once);
    fixture_free(twice);
}

static void options_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        enum nb_status status;
        const char *shown;
    } rows[] = {
        { "momentum=0.5", NB_USAGE, "optimizer=momentum" },
        { "beta1=0.5", NB_USAGE, "optimizer=adam" },
        { "optimizer=adam rho=0.5", NB_USAGE, "optimizer=rmsprop" },
        { "optimizer=momentum epsilon=1e-3", NB_USAGE, "rmsprop, adam or adamw" },
        { "per=step", NB_USAGE, "schedule=" },
        { "schedule=exp", NB_USAGE, "exp(" },
        { "every=3x", NB_USAGE, "40steps" },
        { "every=0", NB_USAGE, "every=" },
        { "batch=0", NB_USAGE, "full" },
        { "epochs=2 steps=3", NB_USAGE, "one of them" },
        { "optimizer=adm", NB_USAGE, "adam" },
        { "augment=turn", NB_USAGE, "flip" },
        { "patience=2", NB_FAILED, "split" },
        { "patience=2 validate=off", NB_FAILED, "split" },
        { "validate=test", NB_FAILED, "no test part" },
        { "augment=flip", NB_FAILED, "mirrors images" },
        { "like=\"Exp. 3\"", NB_FAILED, "no run yet" },
        { "until=\"lss < 1\"", NB_FAILED, "lss" },
    };
    struct fixture *fixture = fixture_new(lab);
    char command[200];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(command, sizeof command, "train %s", rows[i].options);
        enum nb_status status = run(fixture, command);
        if (status != rows[i].status || !strstr(fixture->err_text.bytes, rows[i].shown))
            fail_msg("%s: status %d\n%s", command, status, fixture->err_text.bytes);
        assert_int_equal(runs_count(fixture->session), 0);
    }
    fixture_free(fixture);
}

static void updates_are_counted(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train steps=7 batch=8 quiet");
    assert_int_equal(runs_last(fixture->session)->state.progress.step, 7);
    must_run(fixture, "train steps=9 batch=8 every=2steps");
    assert_non_null(strstr(fixture->out_text.bytes, "9 updates"));
    assert_non_null(strstr(fixture->out_text.bytes, "step"));
    fixture_free(fixture);
}

/* ---- Early stopping ---- */

static void patience_is_counted_from_the_best(void **state)
{
    (void)state;
    static const double losses[] = { 0.9, 0.5, 0.6, 0.45, NAN, 0.45, 0.5 };
    static const enum early_verdict verdicts[] = { EARLY_BETTER, EARLY_BETTER, EARLY_WORSE,
                                                   EARLY_BETTER, EARLY_WORSE,  EARLY_WORSE,
                                                   EARLY_STOP };
    struct early_state early = { 0 };
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        assert_int_equal(early_judge(&early, 3, i + 1, losses[i]), verdicts[i]);
    assert_int_equal(early.best_epoch, 4);
    assert_true(early.best_loss == 0.45);
}

/* After each epoch w1[1,1] is its number, so that the weights say where they are from. */
static void set_epoch(struct fixture *fixture, double epoch)
{
    char command[60];
    snprintf(command, sizeof command, "w1[1,1] = %g", epoch);
    must_run(fixture, command);
}

static void the_last_good_weights_come_back(void **state)
{
    (void)state;
    static const struct {
        double losses[6]; /* of epochs 1, 2, ...; 0 ends */
        double partial;   /* of the epoch that failed; NaN: in its first batch */
        double expected;  /* the epoch whose weights come back */
    } rows[] = {
        { { 0 }, NAN, 0 },
        { { 1, 0.9, 0.8 }, 0.8, 3 },
        { { 1, 0.9, 0.8 }, NAN, 2 },
        { { 1, 0.9, 1e5 }, NAN, 1 },
        { { 1, 0.9, 1e5, 1e9 }, 1e12, 1 },
        { { 1, 50, 0.9, 0.8, 0.7 }, NAN, 4 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture *fixture = fixture_new(lab);
        struct nb_net *trained = fixture->session->net;
        struct good good;
        uint64_t epoch;
        set_epoch(fixture, 0);
        assert_int_equal(good_begin(&good, trained, 0, NULL), NB_OK);
        for (size_t k = 0; rows[i].losses[k] > 0; k++) {
            set_epoch(fixture, (double)k + 1);
            assert_int_equal(good_epoch(&good, trained, k + 1, rows[i].losses[k], NULL), NB_OK);
        }
        set_epoch(fixture, 99);
        assert_int_equal(good_restore(&good, trained, rows[i].partial, &epoch, NULL), NB_OK);
        net = trained;
        if (value(NB_W, 1, 0, 0) != rows[i].expected || epoch != (uint64_t)rows[i].expected)
            fail_msg("row %zu: epoch %u, expected %g", i, (unsigned)epoch, rows[i].expected);
        good_release(&good);
        fixture_free(fixture);
    }
}

static void what_diverges_is_taken_back(void **state)
{
    (void)state;
    struct fixture *fixture =
        fixture_new("data linear n=300; net 2-4-1 relu linear; print w1[1,1]\n");
    net = net_of(fixture);
    double before = value(NB_W, 1, 0, 0);
    assert_int_equal(run(fixture, "train epochs=40 lr=50 quiet"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "overflowed"));
    assert_non_null(strstr(fixture->err_text.bytes, "smaller lr"));
    assert_true(value(NB_W, 1, 0, 0) == before);
    assert_int_equal(runs_last(fixture->session)->state.ending, RUN_DIVERGED);
    fixture_free(fixture);
    fixture = fixture_new("net 1-1 linear; x = [1000; 2000]; y = [1; 2]\n");
    assert_int_equal(run(fixture, "train epochs=200 lr=0.1 quiet"), NB_FAILED);
    assert_non_null(strstr(fixture->err_text.bytes, "The inputs are about as large as 1.6e+03"));
    must_run(fixture, "forward quiet; print loss");
    fixture_free(fixture);
}

/* ---- Judging rows ---- */

static size_t filled_cells(const char *line)
{
    size_t filled = 0;
    for (const char *cell = line; *cell && *cell != '\n'; cell++)
        filled += *cell != ',' && (cell == line || cell[-1] == ',');
    return filled;
}

static void the_table_says_what_judges(void **state)
{
    (void)state;
    static const struct {
        const char *before, *options, *title, *announced;
        size_t cells; /* of a line of the log that are filled */
    } rows[] = {
        { "", "", NULL, NULL, 6 },
        { "", "validate=test", "test loss", "validated by the 50 test rows", 8 },
        { "split 0.75 0.25", "", "val loss", "validated by the 50 validation rows", 8 },
        { "split 0.75 0.25", "validate=off", NULL, NULL, 6 },
        { "split 0.75 0.25", "validate=test", "no independent judge", "50 test rows", 8 },
    };
    char log[] = "/tmp/nabla-log-XXXXXX", command[200];
    int descriptor = mkstemp(log);
    assert_true(descriptor >= 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text file = TEXT_INIT;
        struct fixture *fixture =
            fixture_new("data mnist-mini; limit 200 50; net 784-10 softmax\n");
        must_run(fixture, rows[i].before);
        snprintf(command, sizeof command, "train epochs=2 log=%s %s", log, rows[i].options);
        must_run(fixture, command);
        const char *shown = fixture->out_text.bytes;
        assert_int_equal(rows[i].title != NULL,
                         strstr(shown, " judge") || strstr(shown, "val loss"));
        assert_true(!rows[i].title || strstr(shown, rows[i].title));
        assert_true(!rows[i].announced || strstr(shown, rows[i].announced));
        assert_int_equal(file_read(log, 10000, &file, NULL), NB_OK);
        assert_int_equal(filled_cells(strchr(file.bytes, '\n') + 1), rows[i].cells);
        text_release(&file);
        fixture_free(fixture);
    }
    close(descriptor);
    remove(log);
}

static size_t words_of(const char *line)
{
    size_t words = 0;
    for (; *line && *line != '\n'; line++)
        words += *line != ' ' && (line[1] == ' ' || line[1] == '\n');
    return words;
}

/* Also that of the epoch that ended it, with and without a checkpoint. */
static void every_line_says_what_was_judged(void **state)
{
    (void)state;
    char folder[] = "/tmp/nabla-runs-XXXXXX", path[60];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/run.safetensors", folder);
    for (int kept = 0; kept < 2; kept++) {
        struct fixture *fixture = fixture_new("data xor; net 2-4-4-1 sigmoid; split 15 6\n");
        char command[200];
        snprintf(command, sizeof command, "train epochs=30 patience=2 lr=10 %s%s",
                 kept ? "checkpoint=" : "", kept ? path : "");
        must_run(fixture, command);
        const char *line = strstr(fixture->out_text.bytes, "samples/s\n");
        assert_non_null(line);
        line = strchr(line, '\n') + 1;
        assert_non_null(strstr(line, "stopped after 3 epochs"));
        for (int epoch = 1; epoch <= 3; epoch++, line = strchr(line, '\n') + 1)
            if (words_of(line) != 8)
                fail_msg("%s", fixture->out_text.bytes);
        const struct run_state *last = &runs_last(fixture->session)->state;
        assert_true(last->validation_loss == last->early.best_loss);
        fixture_free(fixture);
    }
    assert_int_equal(remove(path) | rmdir(folder), 0);
}

static void patience_brings_the_best_back(void **state)
{
    (void)state;
    struct fixture *fixture =
        fixture_new("data linear n=200 seed=5; split 0.8 0.2; net 2-16-1 tanh sigmoid seed=2\n");
    must_run(fixture, "train epochs=200 batch=16 optimizer=adam lr=0.02 patience=3 quiet");
    const struct run_state *last = &runs_last(fixture->session)->state;
    assert_int_equal(last->ending, RUN_STOPPED);
    assert_int_equal(last->progress.epoch, last->early.best_epoch + 3);
    must_run(fixture, "evaluate validation");
    char line[80];
    snprintf(line, sizeof line, "loss %.6g ", last->early.best_loss);
    assert_non_null(strstr(fixture->out_text.bytes, line));
    /* The table says which epoch the validation loss is of. */
    must_run(fixture, "runs columns=epochs,status");
    char said[40];
    snprintf(said, sizeof said, "  stopped, best %u\n", (unsigned)last->early.best_epoch);
    assert_non_null(strstr(fixture->out_text.bytes, said));
    /* The same weights come of as many epochs without patience. */
    snprintf(line, sizeof line, "train like=1 epochs=%u quiet", (unsigned)last->early.best_epoch);
    double expected = nb_value(net_of(fixture), nb_quantity_id(net_of(fixture), NB_W, 1), 1, 3);
    must_run(fixture, line);
    net = net_of(fixture);
    assert_true(value(NB_W, 1, 1, 3) == expected);
    fixture_free(fixture);
}

/* ---- Stopping by a condition ---- */

static void a_condition_ends_the_run(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train until=\"epoch == 12\" quiet");
    assert_non_null(strstr(fixture->out_text.bytes, "\nstopped after 12 epochs: epoch == 12\n"));
    assert_int_equal(runs_last(fixture->session)->state.ending, RUN_STOPPED);
    fixture_free(fixture);
}

/* ---- The list ---- */

static void runs_begin_again(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train epochs=4 batch=6 optimizer=adam lr=0.02 name=first quiet");
    net = net_of(fixture);
    double expected = value(NB_W, 1, 0, 1);
    must_run(fixture, "train epochs=3 quiet; net 2-5-1 tanh; train epochs=1 quiet");
    must_run(fixture, "train like=first quiet");
    net = net_of(fixture);
    assert_true(value(NB_W, 1, 0, 1) == expected);
    const struct train_options *options = &runs_last(fixture->session)->state.options;
    assert_int_equal(options->learning.optimizer, NB_ADAM);
    assert_int_equal(options->batch, 6);
    assert_string_equal(options->name, "Exp. 4");
    must_run(fixture, "train like=\"Exp. 1\" epochs=5 lr=0.03 quiet");
    options = &runs_last(fixture->session)->state.options;
    assert_true(options->learning.lr == 0.03 && options->epochs == 5 && options->batch == 6);
    must_run(fixture, "runs restore 3");
    assert_int_equal(nb_net_spec(net_of(fixture))->layer[0].units, 5);
    must_run(fixture, "runs restore 1; forward quiet");
    net = net_of(fixture);
    assert_true(value(NB_W, 1, 0, 1) == expected);
    assert_int_equal(run(fixture, "runs restore 9"), NB_FAILED);
    fixture_free(fixture);
}

static void lists_are_set_aside(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train epochs=1 quiet; train epochs=1 name=own quiet; runs anew");
    assert_int_equal(runs_count(fixture->session), 0);
    must_run(fixture, "train epochs=1 quiet; runs anew; train epochs=1 name=\"Exp. 7\" quiet");
    must_run(fixture, "train epochs=1 quiet; runs back; runs back");
    static const char *const names[] = { "Exp. 1", "own", "Exp. 3", "Exp. 7", "Exp. 5" };
    assert_int_equal(runs_count(fixture->session), COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(runs_at(fixture->session, i)->number, i + 1);
        assert_string_equal(runs_at(fixture->session, i)->state.options.name, names[i]);
    }
    must_run(fixture, "runs restore 4; runs anew; runs anew"); /* let go with the session */
    assert_int_equal(run(fixture, "runs anew columns=name"), NB_USAGE);
    fixture_free(fixture);
    fixture = fixture_new(lab);
    assert_int_equal(run(fixture, "runs back"), NB_FAILED);
    fixture_free(fixture);
}

static void training_is_undone(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    struct text before = TEXT_INIT, after = TEXT_INIT;
    must_run(fixture, "train epochs=2 quiet name=a");
    image_make(fixture->session, &before);
    must_run(fixture, "train epochs=4 optimizer=adam l2=0.01 quiet");
    image_make(fixture->session, &after);
    must_run(fixture, "undo");
    assert_image(fixture, &before, "undo of train");
    must_run(fixture, "redo");
    assert_image(fixture, &after, "redo of train");
    must_run(fixture, "undo; train like=a epochs=1 quiet; undo");
    assert_image(fixture, &before, "undo of train like=");
    text_release(&before);
    text_release(&after);
    fixture_free(fixture);
}

/* An interrupt that comes when a run announces itself: it ends after its first batch. */
static volatile sig_atomic_t interrupt;

static void raise_interrupt(void *context, const char *bytes, size_t length)
{
    (void)context, (void)bytes, (void)length;
    interrupt = 1;
}

static void run_cut(struct fixture *fixture, const char *train)
{
    struct sink *out = fixture->session->out, raising = *out;
    raising.write = raise_interrupt;
    interrupt = 0;
    fixture->session->out = &raising;
    fixture->session->interrupt = &interrupt;
    assert_int_equal(run(fixture, train), NB_INTERRUPTED);
    interrupt = 0;
    fixture->session->out = out;
}

/* What was typed since a run was cut does not matter to it, and comes back by undo. */
static void resuming_takes_the_rows_back(void **state)
{
    (void)state;
    static const struct {
        const char *view, *since, *says; /* NULL: nothing is to be said */
    } rows[] = {
        { "split 15 6", "lr = 3", NULL },
        { "split 15 6", "scale mean", "again: split 15 6, scale none\n" },
        { "split 0.7 0.3; limit 10", "split 0.5 0.5",
          "again: split 0.7 0.3, limit 10, scale none\n" },
        { "limit 12; split 8 4; scale standard", "data xor",
          "again: limit 12, split 8 4, scale standard\n" },
        { "scale unit", "limit 5; set seed 9; split 2 3", "again: scale unit\n" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static const char train[] = "train epochs=5 batch=4";
        struct fixture *whole = fixture_new(lab), *pieces = fixture_new(lab);
        struct text before, w1 = TEXT_INIT;
        must_run(whole, rows[i].view);
        must_run(whole, train);
        must_run(whole, "print w1");
        text_add(&w1, whole->out_text.bytes);
        must_run(pieces, rows[i].view);
        run_cut(pieces, train);
        must_run(pieces, rows[i].since);
        image_make(pieces->session, &before);
        must_run(pieces, "train resume");
        bool said = strstr(pieces->out_text.bytes, "the rows are those of Exp. 1 ") != NULL;
        if (said != (rows[i].says != NULL) ||
            !strstr(pieces->out_text.bytes, said ? rows[i].says : ""))
            fail_msg("%s; %s: %s", rows[i].view, rows[i].since, pieces->out_text.bytes);
        must_run(pieces, "print w1");
        assert_string_equal(pieces->out_text.bytes, w1.bytes);
        must_run(pieces, "undo");
        assert_image(pieces, &before, rows[i].since);
        text_release(&before);
        text_release(&w1);
        fixture_free(whole);
        fixture_free(pieces);
    }
}

static void the_table_is_sorted_and_chosen(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train epochs=2 quiet lr=0.3; train epochs=1 quiet lr=0.1 name=b; "
                      "train epochs=3 quiet lr=0.2 l2=0.1");
    must_run(fixture, "runs columns=name,lr,epochs,l2 sort=-epochs");
    assert_string_equal(fixture->out_text.bytes, "name     lr  epochs   l2\n"
                                                 "Exp. 3  0.2       3  0.1\n"
                                                 "Exp. 1  0.3       2\n"
                                                 "b       0.1       1\n");
    assert_int_equal(run(fixture, "runs columns=name,los"), NB_USAGE);
    assert_non_null(strstr(fixture->err_text.bytes, "did you mean loss?"));
    assert_int_equal(run(fixture, "runs sort=speed"), NB_USAGE);
    assert_int_equal(run(fixture, "runs to table.txt"), NB_USAGE);
    fixture_free(fixture);
}

/* A page of LaTeX is narrow; what is sorted by stays. */
static void the_table_fits_a_page(void **state)
{
    (void)state;
    struct text file = TEXT_INIT;
    char folder[] = "/tmp/nabla-test-XXXXXX", path[64], command[200];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/runs.tex", folder);
    struct fixture *fixture = fixture_new(lab);
    must_run(fixture, "train epochs=2 quiet lr=0.3 name=\"^~\\ 5%\"; "
                      "train epochs=1 quiet l2=0.1 optimizer=adam l1=1e-5 batch=3");
    snprintf(command, sizeof command, "runs to %s sort=seconds", path);
    must_run(fixture, command);
    assert_non_null(strstr(fixture->out_text.bytes, "left out: "));
    assert_int_equal(file_read(path, 10000, &file, NULL), NB_OK);
    assert_non_null(strstr(file.bytes, "seconds"));
    assert_null(strstr(file.bytes, "network"));
    assert_non_null(strstr(file.bytes, "& \\^{}\\~{}\\textbackslash{} 5\\% &"));
    text_clear(&file);
    snprintf(command, sizeof command, "runs to %s columns=run,network,seconds,optimizer,l1,l2,loss",
             path);
    must_run(fixture, command);
    assert_int_equal(file_read(path, 10000, &file, NULL), NB_OK);
    assert_non_null(strstr(file.bytes, "run & network & seconds & optimizer & l1 & l2 & loss"));
    text_release(&file);
    fixture_free(fixture);
    assert_int_equal(remove(path) | rmdir(folder), 0);
}

static void the_table_goes_to_files(void **state)
{
    (void)state;
    static const struct {
        const char *ending, *expected;
    } rows[] = {
        { "csv", "name,lr,l2\n\"a,b|c_d\",0.1,\nExp. 2,0.2,0.1\n" },
        { "md", "| name | lr | l2 |\n| --- | ---: | ---: |\n| a,b\\|c_d | 0.1 |  |\n"
                "| Exp. 2 | 0.2 | 0.1 |\n" },
        { "tex", "\\begin{tabular}{lrr}\n  \\hline\n  name & lr & l2 \\\\\n  \\hline\n"
                 "  a,b|c\\_d & 0.1 &  \\\\\n  Exp. 2 & 0.2 & 0.1 \\\\\n  \\hline\n"
                 "\\end{tabular}\n" },
    };
    struct fixture *fixture = fixture_new(lab);
    char folder[] = "/tmp/nabla-runs-XXXXXX", path[64], command[120];
    assert_non_null(mkdtemp(folder));
    must_run(fixture, "train epochs=1 quiet name=\"a,b|c_d\"; train epochs=1 quiet lr=0.2 l2=0.1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text file = TEXT_INIT;
        snprintf(path, sizeof path, "%s/runs.%s", folder, rows[i].ending);
        snprintf(command, sizeof command, "runs to %s columns=name,lr,l2", path);
        must_run(fixture, command);
        assert_int_equal(file_read(path, 10000, &file, NULL), NB_OK);
        assert_string_equal(file.bytes, rows[i].expected);
        text_release(&file);
        remove(path);
    }
    remove(folder);
    fixture_free(fixture);
}

/* ---- Sweeps ---- */

static void a_sweep_is_a_product(void **state)
{
    (void)state;
    static const char source[] =
        "lr=0.1,1 (optimizer=adam beta1=0.8) (optimizer=sgd) hidden=4-4,3 epochs=5 "
        "schedule=step(0.5,2) seeds=7..8";
    static const struct {
        size_t index;
        const char *options, *name, *without_seed;
    } rows[] = {
        { 0, "lr=0.1 optimizer=adam beta1=0.8 epochs=5 schedule=step(0.5,2) seed=7",
          "lr=0.1 optimizer=adam beta1=0.8 hidden=4-4 seed=7",
          "lr=0.1 optimizer=adam beta1=0.8 hidden=4-4" },
        { 1, "lr=0.1 optimizer=adam beta1=0.8 epochs=5 schedule=step(0.5,2) seed=8",
          "lr=0.1 optimizer=adam beta1=0.8 hidden=4-4 seed=8",
          "lr=0.1 optimizer=adam beta1=0.8 hidden=4-4" },
        { 14, "lr=1 optimizer=sgd epochs=5 schedule=step(0.5,2) seed=7",
          "lr=1 optimizer=sgd hidden=3 seed=7", "lr=1 optimizer=sgd hidden=3" },
    };
    struct sweep_axes *axes = calloc(1, sizeof *axes);
    assert_non_null(axes);
    assert_int_equal(sweep_parse(source, (struct lang_span){ 0, strlen(source) }, axes, NULL),
                     NB_OK);
    assert_int_equal(axes->runs, 16);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const expected[] = { rows[i].options, rows[i].name, rows[i].without_seed };
        for (size_t words = 0; words < 3; words++) {
            struct text text = TEXT_INIT;
            sweep_add(axes, rows[i].index, (enum sweep_words)words, &text);
            assert_string_equal(text.bytes, expected[words]);
            text_release(&text);
        }
    }
    sweep_release(axes);
    free(axes);
}

static void hidden_sizes_are_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *hidden;
        size_t layers, units[5];
    } rows[] = {
        { "10-20", 3, { 10, 20, 2 } },
        { "8", 3, { 8, 8, 2 } },
        { "7x3", 4, { 7, 7, 7, 2 } },
        { "5-6-7", 4, { 5, 6, 7, 2 } },
        { "", 0, { 0 } },
        { "4-", 0, { 0 } },
        { "0", 0, { 0 } },
        { "4,4", 0, { 0 } },
    };
    struct fixture *fixture = fixture_new("net 3-4-4-2 tanh sigmoid\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nb_layer *layer = NULL;
        size_t layers = 0;
        enum nb_status status =
            sweep_hidden(nb_net_spec(net_of(fixture)), rows[i].hidden, &layer, &layers, NULL);
        assert_int_equal(status, rows[i].layers ? NB_OK : NB_USAGE);
        for (size_t l = 0; l < rows[i].layers; l++) {
            assert_int_equal(layer[l].units, rows[i].units[l]);
            assert_int_equal(layer[l].activation, l + 1 < layers ? NB_TANH : NB_SIGMOID);
        }
        assert_true(!rows[i].layers || layers == rows[i].layers);
        free(layer);
    }
    fixture_free(fixture);
}

static void a_sweep_leaves_the_session_alone(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new("data linear n=300; net 2-4-1 relu linear; w1 = 0.25\n");
    struct text before = TEXT_INIT;
    must_run(fixture, "train epochs=1 quiet");
    image_make(fixture->session, &before);
    must_run(fixture, "sweep lr=0.01,50 hidden=3,5 epochs=40");
    assert_image(fixture, &before, "sweep");
    assert_int_equal(runs_count(fixture->session), 5);
    static const enum run_ending endings[] = { RUN_FINISHED, RUN_FINISHED, RUN_DIVERGED,
                                               RUN_DIVERGED };
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(runs_at(fixture->session, i + 1)->state.ending, endings[i]);
    assert_string_equal(runs_at(fixture->session, 2)->network, "2-5-1 relu linear");
    /* A run of a sweep is the run that train makes of a network drawn anew. */
    must_run(fixture, "net 2-3-1 relu linear; train lr=0.01 epochs=40 quiet");
    assert_true(runs_last(fixture->session)->state.progress.loss ==
                runs_at(fixture->session, 1)->state.progress.loss);
    text_release(&before);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_train_as_pytorch_does),
        cmocka_unit_test(options_hold_for_one_run),
        cmocka_unit_test(state_of_the_optimizer_goes_on),
        cmocka_unit_test(options_are_refused),
        cmocka_unit_test(updates_are_counted),
        cmocka_unit_test(patience_is_counted_from_the_best),
        cmocka_unit_test(the_last_good_weights_come_back),
        cmocka_unit_test(what_diverges_is_taken_back),
        cmocka_unit_test(the_table_says_what_judges),
        cmocka_unit_test(every_line_says_what_was_judged),
        cmocka_unit_test(patience_brings_the_best_back),
        cmocka_unit_test(a_condition_ends_the_run),
        cmocka_unit_test(runs_begin_again),
        cmocka_unit_test(lists_are_set_aside),
        cmocka_unit_test(training_is_undone),
        cmocka_unit_test(resuming_takes_the_rows_back),
        cmocka_unit_test(the_table_is_sorted_and_chosen),
        cmocka_unit_test(the_table_fits_a_page),
        cmocka_unit_test(the_table_goes_to_files),
        cmocka_unit_test(a_sweep_is_a_product),
        cmocka_unit_test(hidden_sizes_are_replaced),
        cmocka_unit_test(a_sweep_leaves_the_session_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
