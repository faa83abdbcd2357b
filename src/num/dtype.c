/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include <cblas.h>

#include "base/compiler.h"
#include "num/kernels.h"

/* Doubles are computed alike on every machine; floats as fast as it can. */
static const struct kernels *doubles(void)
{
#ifdef NB_HAVE_V4
    if (CPU_HAS_V4())
        return &kernels_64_v4;
#endif
#ifdef NB_HAVE_V3
    if (CPU_HAS_V3())
        return &kernels_64_v3;
#endif
    return &kernels_64;
}

const struct kernels *kernels_of(enum nb_precision precision)
{
    if (precision == NB_DOUBLE)
        return doubles();
#ifdef NB_HAVE_V4
    if (CPU_HAS_V4())
        return &kernels_32_v4;
#endif
#ifdef NB_HAVE_V3
    if (CPU_HAS_V3())
        return &kernels_32_v3;
#endif
    return &kernels_32;
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
