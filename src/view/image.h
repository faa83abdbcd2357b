/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small pictures as text: half blocks in 24-bit or 256 colours, or characters of
 * rising brightness where the sink takes no colours or no Unicode. */
#ifndef NABLA_VIEW_IMAGE_H
#define NABLA_VIEW_IMAGE_H

#include "base/sink.h"

struct image {
    const double *pixels;           /* (channels, height, width) */
    size_t channels, height, width; /* 3 channels: red, green, blue; else the first as grey */
    double black, white;            /* the values that are drawn so; beyond them it is cut off */
};

/* Draws at most sink->width columns, a line of text for two lines of pixels
 * (of averages, where the picture is too wide), each after `indent` blanks. */
void image_draw(struct sink *sink, const struct image *image, size_t indent);

#endif
