/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only compiler extensions of the project. */
#ifndef NABLA_BASE_COMPILER_H
#define NABLA_BASE_COMPILER_H

#if defined(__GNUC__)
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))
#else
#define PRINTF_LIKE(string, first)
#endif

/* Does the processor have what code compiled for x86-64-v3, or v4, may use? */
#if defined(__GNUC__) && defined(__x86_64__)
#define CPU_HAS_V3() (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#define CPU_HAS_V4()                                                                               \
    (CPU_HAS_V3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&    \
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
#endif

/* Types of several numbers that one instruction works on, and the same wherever they lie. */
#define VECTOR_OF(type, count) type __attribute__((vector_size((count) * sizeof(type))))
#define UNALIGNED_VECTOR_OF(type, count)                                                           \
    type __attribute__((vector_size((count) * sizeof(type)), aligned(sizeof(type)), may_alias))
#define PREFETCH_WRITE(address) __builtin_prefetch(address, 1)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
