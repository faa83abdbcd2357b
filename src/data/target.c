/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the numbers of a table's targets are: classes or numbers. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set.h"

#define CLASSES_LEAST 3 /* fewer different whole numbers are numbers */

/* Which whole numbers from 0 to CLASSES_MOST there are in the first column. */
struct wholes {
    bool seen[CLASSES_MOST + 1];
    bool all; /* there is nothing else */
    size_t count;
    size_t most;
};

static void look_for_wholes(const struct dataset *set, struct wholes *wholes)
{
    *wholes = (struct wholes){ .all = true };
    for (size_t p = 0; p < DATASET_PARTS; p++)
        for (size_t i = 0; i < set->parts[p].rows && wholes->all; i++) {
            double value = set->parts[p].targets[i];
            wholes->all = value >= 0 && value <= CLASSES_MOST && value == floor(value);
            size_t whole = wholes->all ? (size_t)value : 0;
            wholes->count += wholes->all && !wholes->seen[whole];
            wholes->seen[whole] |= wholes->all;
            if (whole > wholes->most)
                wholes->most = whole;
        }
}

/* Does every row have a single 1 and else 0? */
static bool is_one_hot(const struct dataset *set)
{
    for (size_t p = 0; p < DATASET_PARTS; p++)
        for (size_t i = 0; i < set->parts[p].rows; i++) {
            const double *row = set->parts[p].targets + i * set->outputs;
            size_t ones = 0, zeros = 0;
            for (size_t k = 0; k < set->outputs; k++) {
                ones += row[k] == 1;
                zeros += row[k] == 0;
            }
            if (ones != 1 || ones + zeros != set->outputs)
                return false;
        }
    return true;
}

/* Labels in place of the targets: the place in `class_of` of the number, or
 * (class_of NULL) the column of the 1. */
static enum nb_status make_labels(struct dataset *set, const size_t *class_of,
                                  struct nb_error *error)
{
    for (size_t p = 0; p < DATASET_PARTS; p++) {
        struct part *part = &set->parts[p];
        if (!part->targets)
            continue;
        part->labels = memory_new(part->rows, sizeof *part->labels);
        if (!part->labels)
            return error_memory(error);
        for (size_t i = 0; i < part->rows; i++) {
            const double *row = part->targets + i * set->outputs;
            size_t label = 0;
            while (!class_of && row[label] == 0)
                label++;
            part->labels[i] = (uint16_t)(class_of ? class_of[(size_t)row[0]] : label);
        }
        free(part->targets);
        part->targets = NULL;
    }
    return NB_OK;
}

static enum nb_status name_wholes(struct dataset *set, const struct wholes *wholes,
                                  size_t *class_of, struct nb_error *error)
{
    enum nb_status status = NB_OK;
    for (size_t value = 0; value <= wholes->most && !status; value++) {
        struct text name = TEXT_INIT;
        if (!wholes->seen[value])
            continue;
        class_of[value] = set->classes_own.count;
        text_printf(&name, "%zu", value);
        status = text_status(&name, error);
        if (!status)
            status = names_add(&set->classes_own, name.bytes, name.length, error);
        text_release(&name);
    }
    set->class_names = (const char *const *)set->classes_own.items;
    set->classes = set->classes_own.count;
    return status;
}

static enum nb_status classify_column(struct dataset *set, struct nb_error *error)
{
    struct wholes wholes;
    size_t class_of[CLASSES_MOST + 1] = { 0 };
    enum nb_status status = NB_OK;
    look_for_wholes(set, &wholes);
    if (wholes.all && wholes.most <= 1) {
        class_of[1] = 1;
        set->classes = 2;
        return make_labels(set, class_of, error);
    }
    if (!wholes.all || wholes.count < CLASSES_LEAST)
        return NB_OK;
    status = name_wholes(set, &wholes, class_of, error);
    if (!status)
        status = make_labels(set, class_of, error);
    set->outputs = set->classes;
    return status;
}

enum nb_status target_classify(struct dataset *set, struct nb_error *error)
{
    if (set->outputs == 1)
        return classify_column(set, error);
    if (set->outputs > CLASSES_MOST || !is_one_hot(set))
        return NB_OK;
    set->classes = set->outputs;
    if (set->columns_own.count)
        set->class_names = (const char *const *)set->columns_own.items + set->features;
    return make_labels(set, NULL, error);
}
