/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of one element type, and of one processor, as one table. */
#include "num/kernels.h"
#include "num/real.h"

const struct kernels REAL_NAME(kernels) = {
    &REAL_NAME(matrix_kernels), &REAL_NAME(slice_kernels),  REAL_NAME(activation_kernels),
    REAL_NAME(loss_kernels),    &REAL_NAME(vector_kernels), &REAL_NAME(batchnorm_kernels),
    REAL_NAME(step_kernels),
};
