/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rounding does to the loss of a network in double. */
#ifndef NABLA_ENGINE_NOISE_H
#define NABLA_ENGINE_NOISE_H

#include "engine/net.h"

/* The typical error of the loss from rounding in the forward pass.  Forward and
 * backward must have run; the numbers must be doubles. */
double net_loss_noise(const struct nb_net *net);

#endif
