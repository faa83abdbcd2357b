/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data set of a session, for `data`, `scale`, `train`, `evaluate`, `worst`. */
#ifndef NABLA_COMMAND_DATA_H
#define NABLA_COMMAND_DATA_H

#include "command/command.h"
#include "data/dataset.h"

/* NB_FAILED: no data set is loaded, and what to type. */
enum nb_status data_missing(struct nb_error *error);

/* The data set's rows and scale become those of `view` (taken, also on failure);
 * the next batch is the first of their order. */
enum nb_status data_take_view(struct session *session, struct dataset_view *view,
                              struct nb_error *error);

/* Adds the commands that make these rules: "split 0.8 0.2, scale standard". */
void data_add_rules(struct text *text, const struct dataset_rules *rules);

/* "xor has no validation part; split makes one", NB_FAILED. */
enum nb_status data_no_part(const struct dataset_info *info, enum dataset_part part, size_t at,
                            struct nb_error *error);

/* `data show`, of whose call it takes the row and the part. */
enum nb_status data_show(struct session *session, const struct call *call, struct nb_error *error);

/* The parts as choices, for argument rows. */
const struct nb_choice *data_part_choices(size_t *count);

/* Draws a row of a data set of images. */
enum nb_status data_draw(const struct session *session, enum dataset_part part, size_t row,
                         struct nb_error *error);

/* "50,000" */
void add_grouped(struct text *text, size_t number);

#endif
