/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Difference quotients, for those that judge by them. */
#ifndef NABLA_ENGINE_NUDGE_H
#define NABLA_ENGINE_NUDGE_H

#include "engine/net.h"

#define SMALLEST 1e-8 /* derivatives below it are compared as if they were so large */

double nudge_scale(double value, double quotient); /* max(|value|, |quotient|, SMALLEST) */
double nudge_error(double value, double quotient); /* |value - quotient| / scale */

#endif
