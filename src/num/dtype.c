/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include <cblas.h>

#include "num/kernels.h"

const struct kernels *kernels_of(enum nb_precision precision)
{
    static const struct kernels single = { &matrix_kernels_32,    &slice_kernels_32,
                                           activation_kernels_32, loss_kernels_32,
                                           &vector_kernels_32,    &batchnorm_kernels_32,
                                           step_kernels_32 };
    static const struct kernels twice = { &matrix_kernels_64,    &slice_kernels_64,
                                          activation_kernels_64, loss_kernels_64,
                                          &vector_kernels_64,    &batchnorm_kernels_64,
                                          step_kernels_64 };
    return precision == NB_SINGLE ? &single : &twice;
}

/* Other BLAS libraries take the number from their own environment variables. */
#ifdef OPENBLAS_VERSION
#define HAVE_OPENBLAS 1
#else
#define HAVE_OPENBLAS 0
#endif

void kernels_set_threads(int threads)
{
#if HAVE_OPENBLAS
    openblas_set_num_threads(threads > 0 ? threads : (int)sysconf(_SC_NPROCESSORS_ONLN));
#else
    (void)threads;
#endif
}

int kernels_threads(void)
{
#if HAVE_OPENBLAS
    return openblas_get_num_threads();
#else
    return 1;
#endif
}
